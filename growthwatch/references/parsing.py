"""Figures files, read: tables of parameters, and sums of terms."""

from __future__ import annotations

import csv
import io
import math
import warnings
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.sex import SEXES
from growthwatch.core.units import DAYS_PER_YEAR, TERM_DAYS
from growthwatch.core.wrong import Wrong
from growthwatch.references.distributions import Floats, distribution
from growthwatch.references.metadata import MeasureInfo

__all__ = ["SENSIBLE", "Figures", "Terms", "as_text", "check_figure", "constant", "parse_figures", "parse_formulas"]

Terms = tuple[bool, tuple[tuple[float, float, float], ...]]
"""One parameter: whether the sum is its logarithm, and coefficient, power and log-power of each term."""

Figures = Mapping[tuple[str, str], tuple[Floats, Floats]]
"""Knots and parameters by table and sex."""


def _check_row(row: list[str], columns: int, known: set[str], at: str) -> None:
    """Refuse a row that does not fit under its header, or is of no table or sex that there is."""
    if len(row) != columns:
        raise GrowthwatchError.of(at, row, f"{columns} columns")
    if row[0] not in known:
        raise GrowthwatchError.of(f"{at}, table", row[0], f"one of {sorted(known)}")
    if row[1] not in SEXES:
        raise GrowthwatchError.of(f"{at}, sex", row[1], "male or female")


def _number(text: str) -> float:
    if "_" in text:  # 1_0 is 10 to Python, and a slip of the pen to us
        raise ValueError(text)
    return float(text)


SENSIBLE: Mapping[str, tuple[float, float]] = {
    "age_days": (-float(TERM_DAYS), 130 * DAYS_PER_YEAR),
    "length_cm": (1.0, 300.0),
    "L": (-25.0, 25.0),
    "M": (1e-3, 1e5),
    "S": (1e-3, 2.0),
    "mu": (-1e5, 1e5),
    "sigma": (1e-6, 1e5),
    "nu": (1e-2, 1e2),
    "tau": (0.1, math.inf),
}
"""Widest range in which a figure can be meant; beyond, arithmetic would give out before a reader did.

No clinical limits: the packaged figures lie far inside (L from -4.3 to 4.5, S from 0.02 to 0.34).
"""


def check_figure(at: str, name: str, value: float) -> None:
    """Refuse a figure that cannot be meant.

    Raises
    ------
    GrowthwatchError
        Naming the place, the figure and its range.
    """
    least, most = SENSIBLE.get(name, (-math.inf, math.inf))
    if not least <= value <= most:
        raise GrowthwatchError.of(f"{at}, {name}", value, f"{least:g} to {most:g}")


def constant(array: Floats) -> Floats:
    """Close an array to writing: figures are shared by all who ask for them."""
    array.flags.writeable = False
    return array


def parse_figures(text: str, info: MeasureInfo, where: str) -> dict[tuple[str, str], tuple[Floats, Floats]]:
    """Read a figures file into knots and parameters by table and sex.

    Raises
    ------
    GrowthwatchError
        Naming the file, the line and the reason: wrong header, a table that the metadata
        does not name, a sex other than male or female, a figure that is not a number,
        ages that do not rise, a median or spread that is not positive.
    """
    raw = _figures_at_once(text, info)
    if raw is None:
        raw = _figures_by_line(text, info, where)
    for table in info.tables:
        if not any((table.id, sex) in raw for sex in SEXES):
            raise GrowthwatchError.of(f"{where}: table", table.id, "at least one line with figures")
    out: dict[tuple[str, str], tuple[Floats, Floats]] = {}
    daily = {t.id for t in info.tables if (t.interpolation or info.interpolation) == "nearest-day"}
    for key, array in raw.items():
        days = array[0, 0] + np.arange(len(array))
        if key[0] in daily and not (np.array_equal(array[:, 0], days) and float(array[0, 0]).is_integer()):
            raise GrowthwatchError.of(f"{where}: table {key[0]}, {key[1]}", "gaps", "one line for every whole day")
        out[key] = (constant(array[:, 0].copy()), constant(array[:, 1:].copy()))
    return out


def _figures_at_once(text: str, info: MeasureInfo) -> dict[tuple[str, str], Floats] | None:
    """Figures by table and sex, each table at once; None where any is amiss, so that each line has to be looked at."""
    kind = distribution(info.distribution, info.tail)
    names = [info.x, *kind.columns]
    head, _, body = text.partition("\n")
    if head != ",".join(["table", "sex", *names]) or "\r" in text or not body.isascii():
        return None
    body = body.removesuffix("\n") + "\n"
    letters = np.frombuffer(body.encode(), np.uint8)
    marks = letters[(letters == ord(",")) | (letters == ord("\n"))]
    line = np.array([ord(",")] * (len(names) + 1) + [ord("\n")], np.uint8)
    if marks.size % line.size or (marks.reshape(-1, line.size) != line).any():
        return None
    ends = np.flatnonzero(letters == ord("\n")) + 1
    known = {t.id for t in info.tables}
    out: dict[tuple[str, str], Floats] = {}
    first = start = 0
    while first < ends.size:
        table, sex = body[start : int(ends[first])].split(",", 2)[:2]
        prefix = f"{table},{sex},"
        count = body.count("\n" + prefix) + (first == 0)
        stop = int(ends[first + count - 1])
        lines = body[start : stop - 1]
        if (table, sex) in out or table not in known or sex not in SEXES or lines.count("\n" + prefix) != count - 1:
            return None
        figures = _numbers(lines.removeprefix(prefix).replace("\n" + prefix, ","))
        if figures is None or figures.size != count * len(names):
            return None
        out[table, sex] = figures = figures.reshape(count, -1)
        if not _sound(figures, names, kind.positive):
            return None
        first, start = first + count, stop
    return out


def _numbers(text: str) -> Floats | None:
    """Numbers with commas between; None if anything else is among them."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # of text that could be read in part
        try:
            return np.fromstring(text, np.float64, sep=",")
        except (ValueError, DeprecationWarning):
            return None


def _sound(figures: Floats, names: Sequence[str], positive: Sequence[str]) -> bool:
    """Whether the figures of a table can be meant, and its x rise."""
    for name, column in zip(names, figures.T, strict=True):
        least, most = SENSIBLE.get(name, (-math.inf, math.inf))
        if not (column.min() >= least and column.max() <= most and (name == "tau" or np.isfinite(column).all())):
            return False
        if name in positive and not column.min() > 0:
            return False
    return not (figures[1:, 0] <= figures[:-1, 0]).any()


def _figures_by_line(text: str, info: MeasureInfo, where: str) -> dict[tuple[str, str], Floats]:
    """Figures by table and sex, line by line: says which is amiss, and why."""
    kind = distribution(info.distribution, info.tail)
    columns = kind.columns
    positive = [1 + columns.index(c) for c in kind.positive]
    header = ["table", "sex", info.x, *columns]
    if "\r" in text:
        raise GrowthwatchError.of(f"{where}", "a lone carriage return", "lines that end in a line feed")
    endless = 1 + columns.index("tau") if "tau" in columns else None
    reader = csv_rows(text, where)
    found = next(reader, None)
    if found != header:
        raise GrowthwatchError.of(f"{where}: line 1", found, f"the header {','.join(header)}")
    known = {t.id for t in info.tables}
    raw: dict[tuple[str, str], list[list[float]]] = {}
    wrong = Wrong(where)
    for line, row in enumerate(reader, start=2):
        at = f"{where}: line {line}"
        with wrong.here():
            _check_row(row, len(header), known, at)
            try:
                figures = [_number(v) for v in row[2:]]
            except ValueError:
                raise GrowthwatchError.of(at, row[2:], "numbers") from None
            if not all(math.isfinite(v) or (k == endless and v == math.inf) for k, v in enumerate(figures)):
                raise GrowthwatchError.of(at, row[2:], "finite numbers")
            if any(figures[k] <= 0 for k in positive):
                raise GrowthwatchError.of(at, row[2:], f"a positive {' and '.join(kind.positive)}")
            for name, figure in zip(header[2:], figures, strict=True):
                check_figure(at, name, figure)
            rows = raw.setdefault((row[0], row[1]), [])
            if rows and figures[0] <= rows[-1][0]:
                raise GrowthwatchError.of(f"{at}, {info.x}", row[2], f"a greater {info.x} than in the line before")
            rows.append(figures)
    wrong.raise_all()
    return {key: np.array(rows, np.float64) for key, rows in raw.items()}


def parse_formulas(text: str, info: MeasureInfo, where: str) -> dict[tuple[str, str], tuple[Terms, ...]]:
    """Read a file of formulas: for each table and sex, the terms of each parameter.

    A parameter named ``log sigma`` is the natural logarithm of sigma.

    Raises
    ------
    GrowthwatchError
        Naming the file, the line and the reason.
    """
    columns = distribution(info.distribution, info.tail).columns
    header = ["table", "sex", "parameter", "coefficient", "power", "log_power"]
    reader = csv_rows(text, where)
    found = next(reader, None)
    if found != header:
        raise GrowthwatchError.of(f"{where}: line 1", found, f"the header {','.join(header)}")
    known = {t.id for t in info.tables}
    raw: dict[tuple[str, str], dict[str, list[tuple[float, float, float]]]] = {}
    wrong = Wrong(where)
    for line, row in enumerate(reader, start=2):
        at = f"{where}: line {line}"
        with wrong.here():
            _check_row(row, len(header), known, at)
            if row[2].removeprefix("log ") not in columns:
                raise GrowthwatchError.of(
                    f"{at}, parameter", row[2], f"one of {list(columns)}, or 'log' and one of them"
                )
            try:
                term = (_number(row[3]), _number(row[4]), _number(row[5]))
            except ValueError:
                raise GrowthwatchError.of(at, row[3:], "numbers") from None
            if not all(map(math.isfinite, term)):
                raise GrowthwatchError.of(at, row[3:], "finite numbers")
            raw.setdefault((row[0], row[1]), {}).setdefault(row[2], []).append(term)
    wrong.raise_all()
    for table in info.tables:
        if not any((table.id, sex) in raw for sex in SEXES):
            raise GrowthwatchError.of(f"{where}: table", table.id, "at least one line with figures")
    out: dict[tuple[str, str], tuple[Terms, ...]] = {}
    for key, parameters in raw.items():
        given = [next((p for p in (c, f"log {c}") if p in parameters), None) for c in columns]
        if None in given or len(parameters) != len(columns):
            raise GrowthwatchError.of(f"{where}: table {key[0]}, {key[1]}", sorted(parameters), f"{list(columns)} once")
        out[key] = tuple((str(p).startswith("log "), tuple(parameters[str(p)])) for p in given)
    return out


def csv_rows(text: str, where: str) -> Iterator[list[str]]:
    """Rows of a CSV file; a cell beyond all measure is refused in words."""
    reader = csv.reader(io.StringIO(text))
    try:
        yield from reader
    except csv.Error as e:
        raise GrowthwatchError.of(f"{where}: line {reader.line_num}", str(e), "a CSV file") from None


def as_text(data: bytes, where: str) -> str:
    r"""Decode a figures file; line ends are made ``\n``, and a byte order mark is left out: neither changes a hash."""
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise GrowthwatchError.of(where, "bytes", "UTF-8 text") from None
