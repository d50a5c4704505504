"""Which measures, sexes and ages one source covers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from growthwatch.core.sex import SEXES
from growthwatch.core.status import Status
from growthwatch.core.units import TERM_DAYS
from growthwatch.core.words import limit_words
from growthwatch.references.births import bound, classes, missing, not_covered
from growthwatch.references.metadata import MeasureInfo, corrections
from growthwatch.references.source import Population, Source

__all__ = ["Coverage", "Covers", "coverage", "status_of"]


class Coverage(NamedTuple):
    """The stretch of one measure for one sex.

    Attributes
    ----------
    least, most
        Ends of it, both covered [days after term or birth, or cm where `x` is ``length_cm``].
    at_birth_only
        Whether it is only for the day of birth: `least` and `most` are then gestations, from term.
    """

    measure: str
    sex: str
    x: str
    least: float
    most: float
    at_birth_only: bool = False

    def __str__(self) -> str:
        if self.x == "length_cm":
            return f"{self.measure}, {self.sex}: {self.least:g} to {self.most:g} cm"
        if self.at_birth_only:
            weeks = [_weeks(x) for x in (self.least, self.most)]
            return f"{self.measure}, {self.sex}: on the day of birth, at {weeks[0]} to {weeks[1]} weeks of gestation"
        return f"{self.measure}, {self.sex}: {limit_words(self.least)} to {limit_words(self.most)}"


@dataclass(frozen=True)
class Covers:
    """Whether a reference covers a child, and what else is to be said.

    Attributes
    ----------
    status
        ``ok``; a status word of scoring; or ``measure_not_covered``.
    coverage
        What the reference does cover for the measure (every measure, if it lacks this one).
    elsewhere
        Ids of the packaged references that do cover the child, those of the same condition first.
    reference
        Id of the reference that was asked.
    """

    status: str
    coverage: tuple[Coverage, ...]
    elsewhere: tuple[str, ...]
    reference: str
    says: str

    def __bool__(self) -> bool:
        return self.status == str(Status.OK)

    def __str__(self) -> str:
        return self.says


def _weeks(days_from_term: float) -> str:
    weeks, days = divmod(round(days_from_term + TERM_DAYS), 7)
    return f"{weeks}+{days}"


def coverage(source: Source, measure: str | None = None) -> tuple[Coverage, ...]:
    """List what a source covers, measure by measure and sex by sex."""

    def found() -> Iterator[Coverage]:
        for name in source.measures if measure is None else (measure,):
            info = _info(source, name)
            for s, sex in enumerate(SEXES):
                span = source.covered(name, s)
                if span is not None:
                    yield Coverage(name, sex, info.x, *span, info.latest_age_days == 0)

    return tuple(found())


def _info(source: Source, measure: str) -> MeasureInfo:
    found = source.info.measures.get(measure)
    return source.curves(measure).info if found is None else found  # the latter says what it has instead


def status_of(
    source: Source,
    measure: str,
    sex: int | None,
    age_days: float | None,
    gestation_days: float | None,
    length_cm: float | None,
    birth_weight_kg: float | None = None,
) -> Status:
    """Why a source does not cover a child for one of its measures; ``ok`` where it does."""
    if source.info.table_by is not None and isinstance(source, Population):
        fact = gestation_days if source.info.table_by == "gestation_days" else birth_weight_kg
        possible = corrections().gestation
        if gestation_days is not None and not possible.least_days <= gestation_days <= possible.most_days:
            return Status.INVALID_GESTATION
        if fact is not None:
            number = int(classes(source.info, np.array([fact]))[0])
            if number < 0:
                return not_covered(source.info)
            source = bound(source, number)
        elif age_days is not None or length_cm is not None:
            return missing(source.info)
    info = source.info.measures[measure]
    spans = [source.covered(measure, s) for s in ((0, 1) if sex is None else (sex,))]
    stretches = [s for s in spans if s is not None]
    if not stretches:
        return Status.SEX_NOT_COVERED
    least, most = min(s[0] for s in stretches), max(s[1] for s in stretches)
    by_length = info.x == "length_cm"
    x = length_cm if by_length else age_days
    possible = corrections().gestation
    if gestation_days is not None and not possible.least_days <= gestation_days <= possible.most_days:
        return Status.INVALID_GESTATION
    if info.needs_gestation and gestation_days is None and age_days is not None and not by_length:
        return Status.MISSING_GESTATION
    late = gestation_days is not None and info.born_before_days is not None and gestation_days >= info.born_before_days
    if x is None:
        return Status.GESTATION_NOT_COVERED if late else Status.OK
    if not by_length:
        if x < 0:
            return Status.BEFORE_BIRTH
        if info.latest_age_days is not None and x > info.latest_age_days:
            return Status.AGE_ABOVE_REFERENCE
        x = source.used_age(x, gestation_days)
        if info.interpolation == "nearest-day":
            x = float(int(x + 0.5))
    if x < least:
        return Status.LENGTH_BELOW_REFERENCE if by_length else Status.AGE_BELOW_REFERENCE
    if x > most:
        return Status.LENGTH_ABOVE_REFERENCE if by_length else Status.AGE_ABOVE_REFERENCE
    return Status.GESTATION_NOT_COVERED if late else Status.OK
