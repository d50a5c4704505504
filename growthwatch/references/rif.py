"""TNO's Reference Interchange Format: in and out.

Reference Interchange Format, as its specification and its reader say (package ``centile``
of TNO, ``growthcharts/centile``, article "Reference Interchange Format"): UTF-8 text; at most
24 header lines ``key = value``; a line ``[data]`` in any case; a line of column names; then
rows of numbers, all separated by tabs.  One file holds one sex of one outcome.  Required keys:
``name``, ``year`` (may be blank), ``yname`` (``wgt``, ``hgt``, ``hdc``, ``bmi``, ``wfh``, …),
``distribution``.  Others: ``sex`` (may be blank), ``sub``, ``citation``, ``publication``,
``remark``, and ``tx``, ``xt``, ``ty``, ``yt``: transformations, written in R.  ``x`` is age in
years, or cm for ``wfh``; between rows the parameters are linear.
What comes in is checked line by line; what goes out comes back exactly.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.sex import SEXES
from growthwatch.core.units import DAYS_PER_YEAR
from growthwatch.references.checks import check_measure
from growthwatch.references.making import check_arguments, check_row, make_reference
from growthwatch.references.parsing import as_text, parse_figures
from growthwatch.references.paths import PathLike, cannot_be_written, figure_text, read_number, read_text, user_path
from growthwatch.references.reference import Reference

__all__ = ["RifFile", "export_rif", "import_rif", "read_rif"]

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


def read_rif(path: PathLike) -> RifFile:
    """Read one file of TNO's Reference Interchange Format (this module's docstring), unconverted.

    Raises
    ------
    GrowthwatchError
        Naming the file and the line.
    """
    text, where = read_text(path)
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
        rows.append(tuple(read_number(c.strip(), f"{where}: line {k}", n) for c, n in zip(cells, columns, strict=True)))
        numbers.append(k)
    return RifFile(tuple(study.items()), tuple(columns), tuple(rows), tuple(numbers))


def import_rif(
    paths: PathLike | Iterable[PathLike] | None = None, *, id: str | None = None, **metadata: Any
) -> Reference:
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
        Naming the file, the line, what was found and what was expected; or the arguments that are missing.
    """
    if not isinstance(paths, str | os.PathLike | Iterable):
        raise GrowthwatchError.of("paths", paths, "the path of a file, or of several")
    chosen: list[PathLike] = [paths] if isinstance(paths, str | os.PathLike) else list(paths)
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
            check_row(f"{where}: line {k}", sex, age, lms, last, "x")
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
    id = check_arguments(id, metadata)
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


def export_rif(reference: Reference, measure: str, sex: str, path: PathLike, *, name: str | None = None) -> None:
    """Write one measure and sex as a file of TNO's Reference Interchange Format.

    Only a reference of one table, by age, with L, M and S, linear between rows and without a
    tail rule is the same to a reader of that format; any other is refused.  Ages are written
    so that `import_rif` finds the same days.
    """
    if not isinstance(reference, Reference):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise GrowthwatchError.of("reference", reference, "a Reference, as growthwatch.reference returns")
    check_measure(measure)
    file = user_path("path", path)
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
        "\t".join([_years(float(x)), *(figure_text(v) for v in row)])
        for x, row in zip(knots.tolist(), parameters.tolist(), strict=True)
    ]
    try:
        file.write_bytes(("\n".join(lines) + "\n").encode())
    except OSError as e:
        raise cannot_be_written(file, e, "a file in a folder that there is") from None


def _years(days: float) -> str:
    """An age in years that comes back as the same number of days."""
    years = days / DAYS_PER_YEAR
    if _days(years) != days:
        raise GrowthwatchError.of("age_days", days, f"an age of at most {PLACES} decimals, which comes back exactly")
    return figure_text(years)


def _days(years: float) -> float:
    """Days of an age in years; what is beyond the last place is the noise of the division."""
    return round(years * DAYS_PER_YEAR, PLACES)
