"""References made of a user's own figures: from memory, or from a plain CSV of L, M and S."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from inspect import signature
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError

from growthwatch.core.errors import GrowthwatchError, Problem, nearest
from growthwatch.core.plain import check_plain
from growthwatch.core.units import DAYS_PER_MONTH, DAYS_PER_YEAR, TERM_DAYS
from growthwatch.core.wrong import Wrong
from growthwatch.references.catalogue import packaged
from growthwatch.references.metadata import ReferenceInfo, check_metadata, explain_validation
from growthwatch.references.parsing import check_figure
from growthwatch.references.paths import PathLike, figure_text, read_number, read_text
from growthwatch.references.reference import Reference
from growthwatch.references.source import Population

__all__ = ["check_arguments", "check_row", "import_lms_csv", "make_reference"]

_ID = re.compile(r"[a-z0-9][a-z0-9-]*")
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
    interpolation: str | Mapping[str, str] = "linear",
    tail: str | Mapping[str, str] = "none",
    corrections: Sequence[str] = ("none",),
    needs_gestation: bool = False,
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
        How the figures are read: see the layout.  One for all measures, or one by measure.
    corrections
        Corrections for gestation that may be asked for; the first is the default: ``none`` if not
        given, so that the age of a child born early is taken as it is.
    needs_gestation
        Whether a missing gestation is never read as term: so where ages are postmenstrual.

    Raises
    ------
    GrowthwatchError
        Naming the key, or the measure and the line.
    """
    if not isinstance(id, str) or _ID.fullmatch(id) is None:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise GrowthwatchError.of("id", id, "small letters, digits and hyphens, no hyphen first")
    if id in packaged():
        raise GrowthwatchError.of("id", id, "an id of its own: a packaged reference has this one")
    if isinstance(corrections, str) or not isinstance(corrections, Sequence):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise GrowthwatchError.of("corrections", corrections, "a list, such as ('none',)")
    measures: dict[str, Any] = {}
    files: dict[str, bytes] = {}
    for measure, rows in figures.items():
        check_measure(measure)
        name = f"{measure}.csv"
        measures[measure] = {
            "file": name,
            "unit": UNITS[measure],
            "x": "age_days",
            "distribution": "lms",
            "interpolation": _of("interpolation", interpolation, measure),
            "tail": _of("tail", tail, measure),
            "advisory_z": ADVISORY,
            "implausible_z": IMPLAUSIBLE_BMI if measure == "bmi" else IMPLAUSIBLE,
            "tables": [{"id": id}],
        }
        if needs_gestation:
            measures[measure]["needs_gestation"] = True
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
    check_plain(metadata, f"reference {id!r}")
    try:
        info = check_metadata(ReferenceInfo.model_validate(metadata), f"reference {id!r}")
    except ValidationError as e:
        raise explain_validation(e, f"reference {id!r}", metadata) from None
    made = Reference(Population(info, metadata, files, None, str(id)))
    for measure in made.measures:
        made.curves(measure)
    return made


def _of(name: str, given: str | Mapping[str, str], measure: str) -> str:
    """What is given of one measure: one word for all, or one by measure."""
    if isinstance(given, str):
        return given
    if not isinstance(given, Mapping) or measure not in given:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise GrowthwatchError.of(name, given, f"a word, or one for each measure, {measure!r} among them")
    return given[measure]


def check_measure(measure: object) -> None:
    """Refuse what is none of the measures that a reference may have."""
    if not isinstance(measure, str) or measure not in UNITS:
        raise GrowthwatchError.of("measure", measure, f"one of {sorted(UNITS)}")


_NEEDED = ("id", "title", "kind", "citation", "terms", "population")
_KNOWN = frozenset(signature(make_reference).parameters) - {"figures"}


def check_arguments(id: object, metadata: Mapping[str, Any]) -> str:
    """Return the id; refuse metadata in which something is missing, or that has what `make_reference` does not know.

    Raises
    ------
    GrowthwatchError
        Naming all that is missing or unknown.
    """
    found: list[Problem] = []
    told: list[str] = []
    lacking = [name for name in _NEEDED if name not in metadata and (name != "id" or id is None)]
    if lacking:
        sentence = f"{', '.join(lacking)}: not given; a reference says what it is, whose, of whom, and on which terms"
        found += [Problem(name, None, f"all of {', '.join(_NEEDED)}", sentence) for name in lacking]
        told.append(sentence)
    for name in metadata:
        if name not in _KNOWN:
            expected = f"one of {sorted(_KNOWN)}{nearest(name, _KNOWN)}"
            found += GrowthwatchError.of(name, metadata[name], expected).problems
            told.append(found[-1].sentence)
    if found:
        raise GrowthwatchError.of_all(found, "; ".join(told))
    return cast("str", id)


# --- a plain CSV ----------------------------------------------------------------------------------

_AGES = {"age_days": 1.0, "age_months": DAYS_PER_MONTH, "age_years": DAYS_PER_YEAR}
_POSTMENSTRUAL = {"postmenstrual_days": 1.0, "postmenstrual_weeks": 7.0}
_ALL_AGES = {**_AGES, **_POSTMENSTRUAL}
_SEX_WORDS = {"male": "male", "m": "male", "boy": "male", "female": "female", "f": "female", "girl": "female"}


def import_lms_csv(
    path: PathLike | Mapping[str, PathLike] | None = None,
    *,
    id: str | None = None,
    measure: str = "weight",
    sex: str | None = None,
    **metadata: Any,
) -> Reference:
    """Read plain CSVs of L, M and S as a reference.

    Parameters
    ----------
    path
        A CSV file in UTF-8 with a header: one of ``age_days``, ``age_months`` (of 30.4375 days)
        or ``age_years`` (of 365.25 days), or ``postmenstrual_days`` or ``postmenstrual_weeks``;
        ``L``, ``M`` and ``S``; and ``sex``, unless the argument says it.  Other columns are refused.
        Or several files, by measure.
    id
        Id of the new reference: small letters, digits, hyphens.
    measure
        What M is: ``weight`` [kg], ``height`` [cm], ``head`` [cm] or ``bmi`` [kg/m²]; of one file.
    sex
        The sex of all rows, where there is no such column.
    **metadata
        As for `make_reference`: ``title``, ``kind``, ``citation``, ``terms`` and ``population``
        must be given.  ``interpolation="row-below"`` reads the row at or below the age.

    Returns
    -------
    Reference
        With postmenstrual ages, age is counted from 40 weeks and corrected for gestation at every
        age (``lifelong``), and a missing gestation is never read as term.

    Raises
    ------
    GrowthwatchError
        Naming the file, the line, what was found and what was expected; or the arguments that are missing.
    """
    if path is None:
        raise GrowthwatchError.of("path", None, "the path of a CSV file, or of several by measure")
    id = check_arguments(id, metadata)
    check_measure(measure)
    paths = path if isinstance(path, Mapping) else {measure: path}
    if not paths:
        raise GrowthwatchError.of("path", dict(paths), "at least one file")
    figures: dict[str, list[tuple[str, float, float, float, float]]] = {}
    axes: set[bool] = set()
    for name, file in paths.items():
        figures[name], postmenstrual = _lms_rows(file, sex)
        axes.add(postmenstrual)
    if len(axes) > 1:
        raise GrowthwatchError.of("path", sorted(paths), "ages of one kind in all files: postmenstrual, or since birth")
    if axes == {True}:
        corrections: Any = metadata.setdefault("corrections", ("lifelong",))
        if corrections not in (("lifelong",), ["lifelong"]):
            raise GrowthwatchError.of("corrections", corrections, "('lifelong',), which postmenstrual ages mean")
        metadata["needs_gestation"] = True
    metadata.setdefault("origin", f"Imported from {', '.join(Path(p).name for p in paths.values())}")
    return make_reference(figures, id=id, **metadata)


def _lms_rows(path: PathLike, sex: str | None) -> tuple[list[tuple[str, float, float, float, float]], bool]:
    """Rows of one CSV, ages in days, and whether they are postmenstrual: then they are counted from 40 weeks."""
    text, where = read_text(path)
    reader = csv.reader(io.StringIO(text), strict=True)
    rows: list[tuple[str, float, float, float, float]] = []
    given = None if sex is None else _SEX_WORDS.get(str(sex).strip().lower())
    if sex is not None and given is None:
        raise GrowthwatchError.of("sex", sex, f"one of {list(_SEX_WORDS)}, in any case")
    try:
        header = [h.strip() for h in next(reader, list[str]())]
        ages = [h for h in header if h in _ALL_AGES]
        wanted = {"L", "M", "S", *([] if given else ["sex"])}
        if len(ages) != 1 or set(header) != {*wanted, *ages} or len(header) != len(set(header)):
            names = f"{', '.join(sorted(wanted))} and one of {', '.join(_ALL_AGES)}, each once"
            raise GrowthwatchError.of(f"{where}: line 1", header, names)
        place = {h: k for k, h in enumerate(header)}
        start = TERM_DAYS if ages[0] in _POSTMENSTRUAL else 0
        last: dict[str, float] = {}
        wrong = Wrong(where)
        for row in reader:
            at = f"{where}: line {reader.line_num}"
            if not any(cell.strip() for cell in row):
                continue
            with wrong.here():
                if len(row) != len(header):
                    raise GrowthwatchError.of(at, row, f"{len(header)} columns")
                word = given or _SEX_WORDS.get(row[place["sex"]].strip().lower())
                if word is None:
                    raise GrowthwatchError.of(
                        f"{at}, sex", row[place["sex"]], f"one of {list(_SEX_WORDS)}, in any case"
                    )
                age = read_number(row[place[ages[0]]], at, ages[0]) * _ALL_AGES[ages[0]] - start
                figures = [read_number(row[place[c]], at, c) for c in ("L", "M", "S")]
                check_row(at, word, age, figures, last, ages[0])
                rows.append((word, age, figures[0], figures[1], figures[2]))
    except csv.Error as e:
        raise GrowthwatchError.of(f"{where}: line {reader.line_num}", str(e), "a CSV file") from None
    wrong.raise_all()
    if not rows:
        raise GrowthwatchError.of(f"{where}: rows", 0, "at least one")
    return rows, start > 0


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
