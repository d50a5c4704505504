"""Gains over fixed intervals: how much weight or length a child put on between two ages.

Increments are a type of their own.  Their tables cannot score a weight, and a reference of
sizes cannot score a gain.  Intervals are fixed: each published one has its own figures, and
nothing is interpolated between them.

WHO Child Growth Standards: growth velocity (2009): a constant delta is added to the gain, so
that losses have a place: ``z = (((gain + delta) / M)**L - 1) / (L S)``.

These standards are conditional on age alone, not on the size from which the child started.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from growthwatch.core.canonical import content_hash
from growthwatch.core.columns import as_array, broadcast_shape, numeric
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.sex import MISSING_SEX, SEXES, SexCoding, sex_codes
from growthwatch.core.wrong import Wrong
from growthwatch.references.catalogue import packaged
from growthwatch.references.checks import check_number
from growthwatch.references.distributions import Floats, distribution
from growthwatch.references.metadata import MeasureInfo, ReferenceInfo, as_folder, data_folder, read_metadata
from growthwatch.references.parsing import as_text, csv_rows
from growthwatch.references.scoring import ReferenceLabel
from growthwatch.references.source import read_figures

__all__ = ["Increments", "Interval", "increments", "intervals", "published", "value", "z"]

_TABLE_UNITS = {"g": 1000.0, "kg": 1.0, "cm": 1.0}
"""Units of the tables in one of ours (kg, cm)."""


class Interval(NamedTuple):
    """One published interval: its name as published, and its ends [days]."""

    name: str
    start_days: float
    end_days: float

    @property
    def days(self) -> float:
        """Length [days]."""
        return self.end_days - self.start_days


class _Rows(NamedTuple):
    intervals: tuple[Interval, ...]
    place: dict[str, int]
    prepared: tuple[Floats, ...]


class Increments:
    """Standards for gains over published intervals; immutable.

    Attributes
    ----------
    info
        The metadata, whole.
    id, hash
        Name in the catalogue and content hash, as of a `Reference`.
    """

    def __init__(self, info: ReferenceInfo, metadata: dict[str, Any], files: dict[str, str], where: str):
        if not all(m.x == "interval" for m in info.measures.values()):
            raise GrowthwatchError.of("increments", info.id, "a folder whose measures all have x = 'interval'")
        self.info = info
        self.id = info.id
        self.hash = content_hash(
            {
                "layout": info.layout,
                "metadata": metadata,
                "tables": {k: hashlib.sha256(v.encode()).hexdigest() for k, v in files.items()},
            }
        )
        self._rows = {name: _read(m, files[m.file], f"{where}/{m.file}") for name, m in info.measures.items()}

    @classmethod
    def load(cls, folder: str | Path | Traversable) -> Increments:
        """Read increments from a folder of ``reference.toml`` and figures.

        Raises
        ------
        GrowthwatchError
            Naming the file, the key or line, and the reason.
        """
        place: Traversable = as_folder(folder) if isinstance(folder, str | Path) else folder
        info, metadata = read_metadata(place)
        files = {name: as_text(data, f"{place}/{name}") for name, data in read_figures(place, info).items()}
        return cls(info, metadata, files, str(place))

    @property
    def label(self) -> ReferenceLabel:
        """Id and hash together, as every result carries them."""
        return ReferenceLabel(self.id, self.hash)

    @property
    def measures(self) -> tuple[str, ...]:
        """Measures that it has: ``weight-gain`` [kg], ``length-gain`` [cm]."""
        return tuple(self.info.measures)

    def __repr__(self) -> str:
        return f"<Increments {self.label}: {self.info.title}>"

    def intervals(self, measure: str = "weight-gain") -> tuple[Interval, ...]:
        """List the published intervals, by start and then by length."""
        return tuple(sorted(self._of(measure).intervals, key=lambda i: (i.start_days, i.end_days)))

    def interval(self, start_days: float, end_days: float, measure: str = "weight-gain") -> Interval:
        """Return the published interval between two ages, each within half a day.

        Raises
        ------
        GrowthwatchError
            If none is published, naming the nearest.
        """
        every = self._of(measure).intervals
        for name, given in (("start_days", start_days), ("end_days", end_days)):
            if given is None:  # pyright: ignore[reportUnnecessaryComparison]
                raise GrowthwatchError.of(name, given, "a finite number of days")
            check_number(name, given)

        def off(i: Interval) -> float:
            return max(abs(i.start_days - start_days), abs(i.end_days - end_days))

        best = min(every, key=off)
        if not off(best) <= 0.5:
            raise GrowthwatchError.of(
                "interval", (start_days, end_days), f"a published interval; the nearest is {best.name!r}"
            )
        return best

    def z(
        self,
        gain: Any,
        *,
        interval: Any,
        sex: Any,
        measure: str = "weight-gain",
        sex_coding: SexCoding | None = None,
    ) -> Any:
        """Return the z of a gain; NaN where a gain or a sex is missing, or the loss is beyond the distribution.

        Parameters
        ----------
        gain
            Weight or length at the end less that at the start [kg, cm]; negative for a loss.
        interval
            Name of a published interval (``"1-2m"``), an `Interval`, or an array of names.
        sex
            As for `Reference.score`.
        measure
            ``weight-gain`` or ``length-gain``.
        """
        return self._run("gain", gain, interval, sex, measure, sex_coding, back=False)

    def value(
        self,
        z: Any,
        *,
        interval: Any,
        sex: Any,
        measure: str = "weight-gain",
        sex_coding: SexCoding | None = None,
    ) -> Any:
        """Return the gain at a z [kg, cm]: the way back from `z`."""
        return self._run("z", z, interval, sex, measure, sex_coding, back=True)

    def _of(self, measure: str) -> _Rows:
        found = self._rows.get(measure)
        if found is None:
            raise GrowthwatchError.of("measure", measure, f"one of {list(self._rows)}, which {self.id} has")
        return found

    def _run(
        self, name: str, number: Any, interval: Any, sex: Any, measure: str, coding: SexCoding | None, *, back: bool
    ) -> Any:
        rows = self._of(measure)
        info = self.info.measures[measure]
        given = interval.name if isinstance(interval, Interval) else interval
        names = as_array("interval", given)
        value, sexes = numeric(name, number), sex_codes(sex, coding)
        shape = broadcast_shape(**{name: value, "interval": names, "sex": sexes})
        words = [str(w) for w in np.broadcast_to(names, shape).ravel().tolist()]
        unknown = next((w for w in words if w not in rows.place), None)
        if unknown is not None:
            raise GrowthwatchError.of("interval", unknown, f"one of {[i.name for i in self.intervals(measure)]}")
        which = np.array([rows.place[w] for w in words], np.intp)
        codes = np.broadcast_to(sexes, shape).ravel()
        flat = np.broadcast_to(value, shape).ravel().astype(np.float64)
        known = codes < MISSING_SEX
        at = np.where(known, codes, 0) * len(rows.intervals) + which
        kind, scale = distribution(info.distribution, info.tail), _TABLE_UNITS[info.unit]
        with np.errstate(invalid="ignore", over="ignore"):
            made = kind.value(flat, rows.prepared, at) / scale if back else kind.z(flat * scale, rows.prepared, at)
        made = np.where(known & np.isfinite(made), made, np.nan)
        return float(made[0]) if shape == () else made.reshape(shape)


def _read(info: MeasureInfo, text: str, where: str) -> _Rows:
    kind = distribution(info.distribution, info.tail)
    header = ["table", "sex", "interval", "start_days", "end_days", *kind.columns]
    reader = csv_rows(text, where)
    found = next(reader, None)
    if found != header:
        raise GrowthwatchError.of(f"{where}: line 1", found, f"the header {','.join(header)}")
    if info.unit not in _TABLE_UNITS:
        raise GrowthwatchError.of(f"{where}: unit", info.unit, f"one of {list(_TABLE_UNITS)}")
    figures: dict[tuple[str, str], list[float]] = {}
    ends: dict[str, Interval] = {}
    wrong = Wrong(where)
    for line, row in enumerate(reader, start=2):
        at = f"{where}: line {line}"
        with wrong.here():
            try:
                sex, name, numbers = row[1], row[2], [float(v) for v in row[3:]]
            except (ValueError, IndexError):
                raise GrowthwatchError.of(at, row, "numbers after the name of the interval") from None
            if len(row) != len(header) or sex not in SEXES or not np.isfinite(numbers).all():
                raise GrowthwatchError.of(at, row, f"{len(header)} columns, a sex, and finite numbers")
            if not numbers[0] < numbers[1] or min(numbers[3], numbers[4]) <= 0:
                raise GrowthwatchError.of(at, row, "a start before the end, and a positive M and S")
            interval = Interval(name, numbers[0], numbers[1])
            if (sex, name) in figures or ends.setdefault(name, interval) != interval:
                raise GrowthwatchError.of(f"{at}, interval", name, "one line for each sex, with the same ends")
            figures[sex, name] = numbers[2:]
    wrong.raise_all()
    names = list(ends)
    lacking = next(((s, n) for s in SEXES for n in names if (s, n) not in figures), None)
    if lacking is not None or not names:
        raise GrowthwatchError.of(f"{where}: interval", lacking, "a line for each sex")
    table = np.array([figures[s, n] for s in SEXES for n in names], np.float64)
    prepared = kind.prepare([np.ascontiguousarray(table[:, k]) for k in range(table.shape[1])])
    for column in prepared:
        column.flags.writeable = False
    return _Rows(tuple(ends.values()), {n: k for k, n in enumerate(names)}, prepared)


def published() -> tuple[str, ...]:
    """Ids of the packaged increments."""
    return tuple(i.id for i in packaged().values() if i.of_increments)


@cache
def increments(id: str | None = None) -> Increments:
    """Return packaged increments; without an id, the only ones there are.

    Raises
    ------
    GrowthwatchError
        If there are none of that id, naming those that there are.
    """
    ids = published()
    if id is None and len(ids) == 1:
        return increments(ids[0])
    if id not in ids:
        raise GrowthwatchError.of("increments", id, f"one of {list(ids)}")
    return Increments.load(data_folder() / id)


def intervals(measure: str = "weight-gain", *, reference: str | None = None) -> tuple[Interval, ...]:
    """`Increments.intervals` of the packaged increments."""
    return increments(reference).intervals(measure)


def z(
    gain: Any,
    *,
    interval: Any,
    sex: Any,
    measure: str = "weight-gain",
    sex_coding: SexCoding | None = None,
    reference: str | None = None,
) -> Any:
    """`Increments.z` of the packaged increments."""
    return increments(reference).z(gain, interval=interval, sex=sex, measure=measure, sex_coding=sex_coding)


def value(
    z: Any,
    *,
    interval: Any,
    sex: Any,
    measure: str = "weight-gain",
    sex_coding: SexCoding | None = None,
    reference: str | None = None,
) -> Any:
    """`Increments.value` of the packaged increments."""
    return increments(reference).value(z, interval=interval, sex=sex, measure=measure, sex_coding=sex_coding)
