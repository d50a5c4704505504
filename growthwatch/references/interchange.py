"""Doors for references: out to a folder, and in from plain files.

Three ways in: a folder in this library's layout (`Reference.load`), a plain CSV of L, M and
S (`import_lms_csv`), and TNO's Reference Interchange Format (`import_rif`).  What comes in is
checked line by line; what goes out (`export`, `export_rif`) comes back exactly, with the same
hash.

Reference Interchange Format, as its specification and its reader say (package ``centile``
of TNO, ``growthcharts/centile``, article "Reference Interchange Format"): UTF-8 text; at most
24 header lines ``key = value``; a line ``[data]`` in any case; a line of column names; then
rows of numbers, all separated by tabs.  One file holds one sex of one outcome.  Required keys:
``name``, ``year`` (may be blank), ``yname`` (``wgt``, ``hgt``, ``hdc``, ``bmi``, ``wfh``, …),
``distribution``.  Others: ``sex`` (may be blank), ``sub``, ``citation``, ``publication``,
``remark``, and ``tx``, ``xt``, ``ty``, ``yt``: transformations, written in R.  ``x`` is age in
years, or cm for ``wfh``; between rows the parameters are linear.
"""

from __future__ import annotations

import csv
import io
import json
import math
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from growthwatch.core.canonical import canonical_json, loads_strict
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.sex import SEXES
from growthwatch.core.units import DAYS_PER_YEAR
from growthwatch.references.catalogue import references
from growthwatch.references.curves import as_text, check_figure, parse_figures
from growthwatch.references.metadata import CorrectionName, ReferenceInfo, explain_validation
from growthwatch.references.reference import Reference, check_measure

__all__ = ["RifFile", "export", "export_rif", "import_lms_csv", "import_rif", "make_reference", "read_rif"]

UNITS = {"weight": "kg", "height": "cm", "head": "cm", "bmi": "kg/m2"}
ADVISORY, IMPLAUSIBLE, IMPLAUSIBLE_BMI = 4, 8, 15
LIMITS_SOURCE = (
    "RCPCH Digital Growth Charts: advisory beyond 4 SD, error beyond 8 SD (BMI 15); "
    "measurements are flagged, never dropped"
)
SIZE_LIMIT = 20_000_000
"""Longest file that is read [bytes]."""

Path_ = str | os.PathLike[str]
Rows = Iterable[tuple[str, float, float, float, float]]


# --- making a reference from figures ------------------------------------------------------------


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
    if id in references().ids:
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
        lines += [",".join([id, str(row[0]), *map(_figure, row[1:])]) for row in rows]
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
    made = Reference(info, metadata, files, None, str(id))
    for measure in made.measures:
        made.curves(measure)
    return made


def _figure(value: Any) -> str:
    """A number so that it reads back as the same number."""
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise GrowthwatchError.of("figures", value, "a number") from None
    return repr(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)


def _path(name: str, path: Any) -> Path:
    """Check that an argument can be a path."""
    if not isinstance(path, str | os.PathLike) or "\0" in str(path):  # pyright: ignore[reportUnknownArgumentType]
        raise GrowthwatchError.of(name, path, "the path of a file or folder")  # pyright: ignore[reportUnknownArgumentType]
    return Path(path)  # pyright: ignore[reportUnknownArgumentType]


def _cannot_be_written(place: Path, e: OSError, expected: str) -> GrowthwatchError:
    return GrowthwatchError(
        f"{place}: cannot be written ({e.strerror})", field="folder", value=str(place), expected=expected
    )


def _read_text(path: Path_) -> tuple[str, str]:
    file = _path("path", path)
    try:
        data = file.read_bytes()
    except OSError as e:
        raise GrowthwatchError(
            f"{file}: cannot be read ({e.strerror})", field="path", value=str(path), expected="a readable file"
        ) from None
    if len(data) > SIZE_LIMIT:
        raise GrowthwatchError.of(str(file), f"{len(data)} bytes", f"at most {SIZE_LIMIT}")
    return as_text(data, str(file)), str(file)


def _number(text: str, at: str, what: str) -> float:
    try:
        if "_" in text:
            raise ValueError(text)
        number = float(text)
    except ValueError:
        raise GrowthwatchError.of(f"{at}, {what}", text, "a number") from None
    if not math.isfinite(number):
        raise GrowthwatchError.of(f"{at}, {what}", text, "a finite number")
    return number


# --- a plain CSV ----------------------------------------------------------------------------------

_AGES = {"age_days": 1.0, "age_months": 30.4375, "age_years": DAYS_PER_YEAR}
_SEX_WORDS = {"male": "male", "m": "male", "female": "female", "f": "female"}


def import_lms_csv(
    path: Path_, *, id: str, measure: str = "weight", sex: str | None = None, **metadata: Any
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
    text, where = _read_text(path)
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
            age = _number(row[place[ages[0]]], at, ages[0]) * _AGES[ages[0]]
            figures = [_number(row[place[c]], at, c) for c in ("L", "M", "S")]
            _check_row(at, word, age, figures, last, ages[0])
            rows.append((word, age, figures[0], figures[1], figures[2]))
    except csv.Error as e:
        raise GrowthwatchError.of(f"{where}: line {reader.line_num}", str(e), "a CSV file") from None
    if not rows:
        raise GrowthwatchError.of(f"{where}: rows", 0, "at least one")
    metadata.setdefault("origin", f"Imported from {Path(path).name}")
    return make_reference({measure: rows}, id=id, **metadata)


def _check_row(at: str, sex: str, age: float, figures: Sequence[float], last: dict[str, float], x_name: str) -> None:
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


# --- TNO's Reference Interchange Format ---------------------------------------------------------------

_YNAMES = {"wgt": "weight", "hgt": "height", "hdc": "head", "bmi": "bmi"}
_REQUIRED = ("name", "year", "yname", "distribution")
_COLUMNS: dict[str, tuple[str, ...]] = {
    "NO": ("mean", "sd"),
    "LMS": ("L", "M", "S"),
    "BCCG": ("nu", "mu", "sigma"),
    "BCPE": ("mu", "sigma", "nu", "tau"),
    "BCT": ("mu", "sigma", "nu", "tau"),
}
HEADER_LINES = 24
PLACES = 9
"""Decimals of an age in days that are kept."""


@dataclass(frozen=True)
class RifFile:
    """One file of the Reference Interchange Format, as it stands.

    Attributes
    ----------
    study
        Keys and values of the header, in order; blank values are left out.
    columns
        Names of the columns; one of them is ``x``.
    rows
        Their numbers.
    """

    study: tuple[tuple[str, str], ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[float, ...], ...]
    lines: tuple[int, ...] = ()

    def get(self, key: str) -> str | None:
        """Value of a key; None where it is absent or blank."""
        return dict(self.study).get(key)


def read_rif(path: Path_) -> RifFile:
    """Read one file of TNO's Reference Interchange Format (this module's docstring), unconverted.

    Raises
    ------
    GrowthwatchError
        Naming the file and the line.
    """
    text, where = _read_text(path)
    lines = text.split("\n")
    start = next((k for k, line in enumerate(lines[: HEADER_LINES + 1]) if line.strip().lower() == "[data]"), None)
    if start is None:
        raise GrowthwatchError.of(
            f"{where}: header", "no [data]", f"a line [data] within the first {HEADER_LINES + 1} lines"
        )
    study: dict[str, str] = {}
    blank: set[str] = set()
    for k, line in enumerate(lines[:start], start=1):
        if not line.strip():
            continue
        key, equals, value = (part.strip() for part in line.partition("="))
        if not equals or not key:
            raise GrowthwatchError.of(f"{where}: line {k}", line, "key = value")
        if key in study or key in blank:
            raise GrowthwatchError.of(f"{where}: line {k}", key, "each key once")
        if value and value != "NA":
            study[key] = value
        else:
            blank.add(key)
    for key in _REQUIRED:
        if key not in study and not (key == "year" and key in blank):
            raise GrowthwatchError.of(f"{where}: header", sorted(study), f"the key {key}")
    if start + 1 >= len(lines):
        raise GrowthwatchError.of(f"{where}: line {start + 2}", "", "the names of the columns")
    columns = [c.strip() for c in lines[start + 1].split("\t")]
    if "x" not in columns or len(set(columns)) != len(columns):
        raise GrowthwatchError.of(f"{where}: line {start + 2}", columns, "names of columns, each once, one of them x")
    rows: list[tuple[float, ...]] = []
    numbers: list[int] = []
    for k, line in enumerate(lines[start + 2 :], start=start + 3):
        if not line.strip():
            continue
        cells = line.split("\t")
        if len(cells) != len(columns):
            raise GrowthwatchError.of(f"{where}: line {k}", line, f"{len(columns)} numbers, separated by tabs")
        rows.append(tuple(_number(c.strip(), f"{where}: line {k}", n) for c, n in zip(cells, columns, strict=True)))
        numbers.append(k)
    return RifFile(tuple(study.items()), tuple(columns), tuple(rows), tuple(numbers))


def import_rif(paths: Path_ | Iterable[Path_], *, id: str, **metadata: Any) -> Reference:
    """Make a reference from files of TNO's Reference Interchange Format.

    Parameters
    ----------
    paths
        One file, or several: one for each sex and outcome.  ``wgt``, ``hgt``, ``hdc`` and
        ``bmi`` by age in years (of 365.25 days) are read, with the distributions ``LMS``,
        ``BCCG`` (the same under other names) and ``NO`` (L is 1, M the mean, S the sd over the
        mean).  A file that says a transformation, and the distributions ``BCPE`` and ``BCT``,
        are refused: they cannot be read exactly.
    id
        Id of the new reference.
    **metadata
        As for `make_reference`; ``title``, ``citation``, ``edition`` and ``population`` are taken
        from the files where they are not given, ``kind`` and ``terms`` must be given.

    Raises
    ------
    GrowthwatchError
        Naming the file, the line, what was found and what was expected.
    """
    if not isinstance(paths, str | os.PathLike | Iterable):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise GrowthwatchError.of("paths", paths, "the path of a file, or of several")
    chosen: list[Path_] = [paths] if isinstance(paths, str | os.PathLike) else list(paths)
    figures: dict[str, list[tuple[str, float, float, float, float]]] = {}
    seen: set[tuple[str, str]] = set()
    first: RifFile | None = None
    for path in chosen:
        file, where = read_rif(path), str(Path(path))
        first = file if first is None else first
        measure, sex = _rif_what(file, where)
        if (measure, sex) in seen:
            raise GrowthwatchError.of(where, f"{measure}, {sex}", "each measure and sex once")
        seen.add((measure, sex))
        last: dict[str, float] = {}
        for k, row in zip(file.lines, file.rows, strict=True):
            named = dict(zip(file.columns, row, strict=True))
            age = _days(named["x"])
            lms = _rif_lms(file, named, f"{where}: line {k}")
            _check_row(f"{where}: line {k}", sex, age, lms, last, "x")
            figures.setdefault(measure, []).append((sex, age, *lms))
        if (measure not in figures) or not file.rows:
            raise GrowthwatchError.of(f"{where}: rows", 0, "at least one")
    if first is None:
        raise GrowthwatchError.of("paths", chosen, "at least one file")
    words = " ".join(v for k in ("name", "year", "sub") if (v := first.get(k)) is not None)
    metadata.setdefault("title", f"{words} (Reference Interchange Format)")
    metadata.setdefault("short_title", words)
    metadata.setdefault("citation", first.get("publication") or first.get("citation") or words)
    metadata.setdefault("edition", first.get("year") or "1")
    metadata.setdefault("population", first.get("remark") or words)
    metadata.setdefault("origin", "Imported from " + ", ".join(Path(p).name for p in chosen))
    return make_reference(figures, id=id, **metadata)


def _rif_what(file: RifFile, where: str) -> tuple[str, str]:
    yname, sex, kind = file.get("yname"), file.get("sex"), (file.get("distribution") or "").upper()
    if yname not in _YNAMES:
        raise GrowthwatchError.of(f"{where}: yname", yname, f"one of {list(_YNAMES)}")
    if sex not in SEXES:
        raise GrowthwatchError.of(f"{where}: sex", sex, "male or female")
    if kind not in ("LMS", "BCCG", "NO"):
        raise GrowthwatchError.of(f"{where}: distribution", kind, "LMS, BCCG or NO, which can be read exactly")
    for key in ("tx", "xt", "ty", "yt"):
        if file.get(key) is not None:
            raise GrowthwatchError.of(f"{where}: {key}", file.get(key), "no transformation")
    lacking = [c for c in _COLUMNS[kind] if c not in file.columns]
    if lacking:
        raise GrowthwatchError.of(f"{where}: columns", list(file.columns), f"columns {', '.join(_COLUMNS[kind])}")
    return _YNAMES[yname], sex


def _rif_lms(file: RifFile, row: Mapping[str, float], at: str) -> tuple[float, float, float]:
    kind = (file.get("distribution") or "").upper()
    if kind == "NO":
        if row["mean"] <= 0:
            raise GrowthwatchError.of(f"{at}, mean", row["mean"], "a positive number")
        return 1.0, row["mean"], row["sd"] / row["mean"]
    names = ("L", "M", "S") if kind == "LMS" else ("nu", "mu", "sigma")
    return row[names[0]], row[names[1]], row[names[2]]


def export_rif(reference: Reference, measure: str, sex: str, path: Path_, *, name: str | None = None) -> None:
    """Write one measure and sex as a file of TNO's Reference Interchange Format.

    Only a reference of one table, by age, with L, M and S, linear between rows and without a
    tail rule is the same to a reader of that format; any other is refused.  Ages are written
    so that `import_rif` finds the same days.
    """
    if not isinstance(reference, Reference):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise GrowthwatchError.of("reference", reference, "a Reference, as growthwatch.reference returns")
    check_measure(measure)
    file = _path("path", path)
    info = reference.info.measures.get(measure)
    ynames = {v: k for k, v in _YNAMES.items()}
    if info is None or measure not in ynames:
        raise GrowthwatchError.of("measure", measure, f"one of {[m for m in reference.measures if m in ynames]}")
    plain = info.x == "age_days" and info.distribution == "lms" and info.interpolation == "linear"
    if reference.links or not plain or info.tail != "none" or len(info.tables) != 1:
        raise GrowthwatchError.of(
            "reference", reference.id, "one table of L, M and S by age, linear between rows, without a tail rule"
        )
    figures = parse_figures(as_text(reference.files[info.file], info.file), info, f"{reference.id}/{info.file}")
    key = (info.tables[0].id, sex)
    if key not in figures:
        raise GrowthwatchError.of("sex", sex, f"a sex that {reference.id} has")
    knots, parameters = figures[key]

    def one(text: str) -> str:
        return " ".join(text.split())

    lines = [
        f"name = {one(name or reference.info.id)}",
        f"year = {one(reference.info.edition)}",
        f"yname = {ynames[measure]}",
        f"sex = {sex}",
        "distribution = LMS",
        f"citation = {one(reference.info.short_title)}",
        f"publication = {one(reference.info.citation)}",
        f"remark = {one(reference.info.population)}",
        "[data]",
        "x\tL\tM\tS",
    ]
    lines += [
        "\t".join([_years(float(x)), *(_figure(v) for v in row)])
        for x, row in zip(knots.tolist(), parameters.tolist(), strict=True)
    ]
    try:
        file.write_bytes(("\n".join(lines) + "\n").encode())
    except OSError as e:
        raise _cannot_be_written(file, e, "a file in a folder that there is") from None


def _years(days: float) -> str:
    """An age in years that comes back as the same number of days."""
    years = days / DAYS_PER_YEAR
    if _days(years) != days:
        raise GrowthwatchError.of("age_days", days, f"an age of at most {PLACES} decimals, which comes back exactly")
    return _figure(years)


def _days(years: float) -> float:
    """Days of an age in years; what is beyond the last place is the noise of the division."""
    return round(years * DAYS_PER_YEAR, PLACES)


# --- out to a folder ------------------------------------------------------------------------------------

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def _toml_value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, list):
        return "[" + ", ".join(_toml_value(v) for v in cast("list[Any]", value)) + "]"
    if isinstance(value, dict):
        inside = ", ".join(f"{_toml_key(k)} = {_toml_value(v)}" for k, v in cast("dict[str, Any]", value).items())
        return "{" + inside + "}"
    raise GrowthwatchError.of("metadata", value, "text, numbers, lists and tables")


def _toml_key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _toml_value(key)


def to_toml(data: Mapping[str, Any], at: str = "") -> str:
    """Write plain data as TOML that reads back as the same data."""
    plain = [f"{_toml_key(k)} = {_toml_value(v)}" for k, v in data.items() if not _is_table(v) and not _is_tables(v)]
    out = "\n".join(plain) + "\n" if plain else ""
    for key, value in data.items():
        name = f"{at}.{_toml_key(key)}" if at else _toml_key(key)
        if _is_table(value):
            out += f"\n[{name}]\n" + to_toml(value, name)
        elif _is_tables(value):
            for row in value:
                out += f"\n[[{name}]]\n" + to_toml(row, name)
    return out


def _is_table(value: Any) -> bool:
    return isinstance(value, dict)


def _is_tables(value: Any) -> bool:
    if not isinstance(value, list):
        return False
    rows = cast("list[Any]", value)
    return bool(rows) and all(isinstance(v, dict) for v in rows)


ADJUSTMENT_FILE = "adjustment.json"


def export(reference: Reference, folder: Path_) -> None:
    """Write a reference to a new folder, in the layout that `Reference.load` reads.

    The folder gives back the same reference, with the same hash, when it is loaded with the
    same correction.  An adjusted one becomes ``adjustment.json`` (what was signed, by whom and
    until when) beside a folder for each reference that it stands on.

    Raises
    ------
    GrowthwatchError
        If the folder exists and is not empty, or cannot be written.
    """
    from growthwatch.references.adjusted import AdjustedReference

    place = _path("folder", folder)
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise GrowthwatchError.of("folder", str(folder), "a new or empty folder: nothing is overwritten")
    try:
        place.mkdir(parents=True, exist_ok=True)
        if isinstance(reference, AdjustedReference):
            content: dict[str, Any] = {
                "layout": 1,
                "id": reference.id,
                "hash": reference.hash,
                "adjusts": {"folder": "base", "correction": reference.parent.correction},
                "adjustment": reference.node.plain(),
                "link": reference.link.plain(),
            }
            export(reference.parent, place / "base")
            for other in reference.node.others():
                content["other"] = {"folder": "other", "correction": other.correction}
                export(other, place / "other")
            text = json.dumps(json.loads(canonical_json(content)), ensure_ascii=False, indent=2, sort_keys=True)
            (place / ADJUSTMENT_FILE).write_bytes((text + "\n").encode())
            return
        (place / "reference.toml").write_bytes(to_toml(reference.metadata).encode())
        for name, data in reference.files.items():
            (place / name).write_bytes(data)
    except OSError as e:
        raise _cannot_be_written(place, e, "a writable folder") from None


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class _Part(_Closed):
    folder: Literal["base", "other"]
    correction: CorrectionName


class _Link(_Closed):
    because: str
    by: str
    review_by: str
    signed_on: str | None
    specialist: str | None
    measures: list[str] = Field(min_length=1)


_Knots = Annotated[list[Annotated[list[float], Field(min_length=2, max_length=2)]], Field(min_length=1)]


class _ShiftScale(_Closed):
    node: Literal["shift-scale"]
    shift: _Knots
    scale: _Knots


class _AgeShift(_Closed):
    node: Literal["age-shift"]
    days: float


class _Blend(_Closed):
    node: Literal["blend"]
    other: Annotated[list[str], Field(min_length=2, max_length=2)]
    weight: _Knots


class _AdjustmentFile(_Closed):
    """``adjustment.json``: what was signed, and the folders of the references that it stands on."""

    layout: Literal[1]
    id: str
    hash: str
    adjusts: _Part
    other: _Part | None = None
    adjustment: Annotated[_ShiftScale | _AgeShift | _Blend, Field(discriminator="node")]
    link: _Link


def load_adjusted(folder: Path) -> Reference:
    """Read a folder written by `export` from an adjusted reference; its hash must be the one it says."""
    from growthwatch.references.adjusted import restored

    text, where = _read_text(folder / ADJUSTMENT_FILE)
    try:
        content = _AdjustmentFile.model_validate(loads_strict(text))
        blended = isinstance(content.adjustment, _Blend)
        if content.adjusts.folder != "base" or (content.other is None) == blended:
            raise GrowthwatchError.of("adjusts, other", text, "the folder base; and other, of a blend alone")
        parts = [Reference.load(folder / p.folder, p.correction) for p in (content.adjusts, content.other) if p]
        made = restored(parts, content.adjustment.model_dump(), content.link.model_dump())
    except ValidationError as e:
        raise explain_validation(e, where) from None
    except GrowthwatchError as e:
        raise GrowthwatchError(f"{where}: {e}", field=e.field, value=e.value, expected=e.expected) from None
    for name, said, found in (("hash", content.hash, made.hash), ("id", content.id, made.id)):
        if said != found:
            raise GrowthwatchError.of(f"{where}: {name}", said, f"{found}, that of its content: the file was changed")
    return made
