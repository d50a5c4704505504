"""References made of a user's own figures: from memory, or from a plain CSV of L, M and S."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.units import DAYS_PER_YEAR
from growthwatch.references.catalogue import packaged
from growthwatch.references.metadata import ReferenceInfo, explain_validation
from growthwatch.references.parsing import check_figure
from growthwatch.references.paths import PathLike, figure_text, read_number, read_text
from growthwatch.references.reference import Reference
from growthwatch.references.source import Population

__all__ = ["check_row", "import_lms_csv", "make_reference"]

UNITS = {"weight": "kg", "height": "cm", "head": "cm", "bmi": "kg/m2"}
ADVISORY, IMPLAUSIBLE, IMPLAUSIBLE_BMI = 4, 8, 15
LIMITS_SOURCE = (
    "RCPCH Digital Growth Charts: advisory beyond 4 SD, error beyond 8 SD (BMI 15); "
    "measurements are flagged, never dropped"
)
Rows = Iterable[tuple[str, float, float, float, float]]


def make_reference(
    figures: Mapping[str, Rows],
    *,
    id: str,
    title: str,
    kind: str,
    citation: str,
    terms: str,
    population: str,
    condition: str = "",
    edition: str = "1",
    short_title: str | None = None,
    origin: str = "Figures given by the user",
    interpolation: str = "linear",
    tail: str = "none",
    corrections: Sequence[str] = ("none",),
    notes: str = "",
) -> Reference:
    """Make a reference of one table a measure from figures in memory.

    Parameters
    ----------
    figures
        By measure (``weight``, ``height``, ``head``, ``bmi``): rows of sex (``male`` or
        ``female``), age [days], L, M and S; ages rise within each sex.
    id, title, kind, citation, terms, population, condition, edition, short_title, origin, notes
        What it is, whose, of whom, and on which terms: see the layout of ``reference.toml``.
    interpolation, tail
        How the figures are read: see the layout.
    corrections
        Corrections for gestation that may be asked for; the first is the default: ``none`` if not
        given, so that the age of a child born early is taken as it is.

    Raises
    ------
    GrowthwatchError
        Naming the key, or the measure and the line.
    """
    if not isinstance(id, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise GrowthwatchError.of("id", id, "small letters, digits and hyphens")
    if id in packaged():
        raise GrowthwatchError.of("id", id, "an id of its own: a packaged reference has this one")
    if isinstance(corrections, str) or not isinstance(corrections, Sequence):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise GrowthwatchError.of("corrections", corrections, "a list, such as ('none',)")
    measures: dict[str, Any] = {}
    files: dict[str, bytes] = {}
    for measure, rows in figures.items():
        if measure not in UNITS:
            raise GrowthwatchError.of("measure", measure, f"one of {sorted(UNITS)}")
        name = f"{measure}.csv"
        measures[measure] = {
            "file": name,
            "unit": UNITS[measure],
            "x": "age_days",
            "distribution": "lms",
            "interpolation": interpolation,
            "tail": tail,
            "advisory_z": ADVISORY,
            "implausible_z": IMPLAUSIBLE_BMI if measure == "bmi" else IMPLAUSIBLE,
            "tables": [{"id": id}],
        }
        lines = ["table,sex,age_days,L,M,S"]
        lines += [",".join([id, str(row[0]), *map(figure_text, row[1:])]) for row in rows]
        files[name] = ("\n".join(lines) + "\n").encode()
    metadata: dict[str, Any] = {
        "layout": 1,
        "id": id,
        "edition": edition,
        "kind": kind,
        "condition": condition,
        "title": title,
        "short_title": title if short_title is None else short_title,
        "population": population,
        "citation": citation,
        "origin": origin,
        "terms": terms,
        "corrections": list(corrections),
        "default_correction": corrections[0] if corrections else "",
        "limits_source": LIMITS_SOURCE,
        "notes": notes,
        "measures": measures,
    }
    try:
        info = ReferenceInfo.model_validate(metadata)
    except ValidationError as e:
        raise explain_validation(e, f"reference {id!r}") from None
    made = Reference(Population(info, metadata, files, None, str(id)))
    for measure in made.measures:
        made.curves(measure)
    return made


# --- a plain CSV ----------------------------------------------------------------------------------

_AGES = {"age_days": 1.0, "age_months": 30.4375, "age_years": DAYS_PER_YEAR}
_NEEDED = ("title", "kind", "citation", "terms", "population")
_SEX_WORDS = {"male": "male", "m": "male", "female": "female", "f": "female"}


def import_lms_csv(
    path: PathLike, *, id: str, measure: str = "weight", sex: str | None = None, **metadata: Any
) -> Reference:
    """Read a plain CSV of L, M and S as a reference.

    Parameters
    ----------
    path
        A CSV file in UTF-8 with a header: one of ``age_days``, ``age_months`` (of 30.4375 days)
        or ``age_years`` (of 365.25 days); ``L``, ``M`` and ``S``; and ``sex``, unless the
        argument says it.  Other columns are refused.
    id
        Id of the new reference: small letters, digits, hyphens.
    measure
        What M is: ``weight`` [kg], ``height`` [cm], ``head`` [cm] or ``bmi`` [kg/m²].
    sex
        The sex of all rows, where there is no such column.
    **metadata
        As for `make_reference`: ``title``, ``kind``, ``citation``, ``terms`` and ``population``
        must be given.

    Raises
    ------
    GrowthwatchError
        Naming the file, the line, what was found and what was expected.
    """
    lacking = [name for name in _NEEDED if metadata.get(name) is None]
    if lacking:
        raise GrowthwatchError(
            f"{', '.join(lacking)}: missing, expected text that says whose figures these are",
            field=lacking[0],
            expected="text that says whose figures these are",
        )
    text, where = read_text(path)
    reader = csv.reader(io.StringIO(text), strict=True)
    rows: list[tuple[str, float, float, float, float]] = []
    given = None if sex is None else _SEX_WORDS.get(str(sex).strip().lower())
    if sex is not None and given is None:
        raise GrowthwatchError.of("sex", sex, "'male' or 'female'")
    try:
        header = [h.strip() for h in next(reader, list[str]())]
        ages = [h for h in header if h in _AGES]
        wanted = {"L", "M", "S", *([] if given else ["sex"])}
        if len(ages) != 1 or set(header) != {*wanted, *ages} or len(header) != len(set(header)):
            names = f"{', '.join(sorted(wanted))} and one of {', '.join(_AGES)}, each once"
            raise GrowthwatchError.of(f"{where}: line 1", header, names)
        place = {h: k for k, h in enumerate(header)}
        last: dict[str, float] = {}
        for row in reader:
            at = f"{where}: line {reader.line_num}"
            if not any(cell.strip() for cell in row):
                continue
            if len(row) != len(header):
                raise GrowthwatchError.of(at, row, f"{len(header)} columns")
            word = given or _SEX_WORDS.get(row[place["sex"]].strip().lower())
            if word is None:
                raise GrowthwatchError.of(f"{at}, sex", row[place["sex"]], "male or female")
            age = read_number(row[place[ages[0]]], at, ages[0]) * _AGES[ages[0]]
            figures = [read_number(row[place[c]], at, c) for c in ("L", "M", "S")]
            check_row(at, word, age, figures, last, ages[0])
            rows.append((word, age, figures[0], figures[1], figures[2]))
    except csv.Error as e:
        raise GrowthwatchError.of(f"{where}: line {reader.line_num}", str(e), "a CSV file") from None
    if not rows:
        raise GrowthwatchError.of(f"{where}: rows", 0, "at least one")
    metadata.setdefault("origin", f"Imported from {Path(path).name}")
    return make_reference({measure: rows}, id=id, **metadata)


def check_row(at: str, sex: str, age: float, figures: Sequence[float], last: dict[str, float], x_name: str) -> None:
    """Refuse figures that cannot be meant, and an age that does not rise; remember the age by sex in `last`."""
    for name, value in (("M", figures[1]), ("S", figures[2])):
        if value <= 0:
            raise GrowthwatchError.of(f"{at}, {name}", value, "a positive number")
    for name, value in zip(("L", "M", "S"), figures, strict=True):
        check_figure(at, name, value)
    check_figure(f"{at}, {x_name}", "age_days", age)
    if sex in last and age <= last[sex]:
        raise GrowthwatchError.of(
            f"{at}, {x_name}", age, f"a greater age than in the line of that sex before, {last[sex]:g}"
        )
    last[sex] = age
