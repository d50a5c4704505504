"""Which measures, sexes and ages a reference covers, and which other references would."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from growthwatch.core.errors import GrowthwatchError, nearest
from growthwatch.core.sex import MISSING_SEX, SEXES, sex_codes
from growthwatch.core.status import MEANINGS, Status
from growthwatch.core.units import TERM_DAYS
from growthwatch.core.words import limit_words
from growthwatch.references.metadata import MeasureInfo, ReferenceInfo, corrections
from growthwatch.references.reference import Reference, check_measure, check_number

__all__ = ["Coverage", "Covers", "coverage", "covers", "elsewhere", "fits", "measure_elsewhere"]


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


def coverage(reference: Reference, measure: str | None = None) -> tuple[Coverage, ...]:
    """List what a reference covers, measure by measure and sex by sex."""

    def found() -> Iterator[Coverage]:
        for name in reference.measures if measure is None else (measure,):
            info = _info(reference, name)
            for s, sex in enumerate(SEXES):
                span = reference.covered(name, s)
                if span is not None:
                    yield Coverage(name, sex, info.x, *span, info.latest_age_days == 0)

    return tuple(found())


def _info(reference: Reference, measure: str) -> MeasureInfo:
    found = reference.info.measures.get(measure)
    return reference.curves(measure).info if found is None else found  # the latter says what it has instead


def _status(
    reference: Reference,
    measure: str,
    sex: int | None,
    age_days: float | None,
    gestation_days: float | None,
    length_cm: float | None,
) -> Status:
    info = reference.info.measures[measure]
    spans = [reference.covered(measure, s) for s in ((0, 1) if sex is None else (sex,))]
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
        x = reference.corrected_age(x, gestation_days)
        if info.interpolation == "nearest-day":
            x = float(int(x + 0.5))
    if x < least:
        return Status.LENGTH_BELOW_REFERENCE if by_length else Status.AGE_BELOW_REFERENCE
    if x > most:
        return Status.LENGTH_ABOVE_REFERENCE if by_length else Status.AGE_ABOVE_REFERENCE
    return Status.GESTATION_NOT_COVERED if late else Status.OK


def _sex(sex: str | None) -> int | None:
    if sex is None:
        return None
    code = int(sex_codes(sex))
    if code >= MISSING_SEX:
        raise GrowthwatchError.of("sex", sex, "male, female, m or f")
    return code


def fits(
    info: ReferenceInfo,
    measure: str | None,
    *,
    sex: str | None = None,
    age_days: float | None = None,
    gestation_days: float | None = None,
    length_cm: float | None = None,
) -> bool:
    """Whether a packaged reference covers a child, for one measure or, if None, for any by that axis."""
    from growthwatch.references.catalogue import reference

    if info.of_increments:
        return measure in info.measures and sex is None and age_days is None and length_cm is None
    asked = _sex(sex)
    names = [m for m in info.measures if measure is None or m == measure]
    if age_days is not None or length_cm is not None:
        axis = "length_cm" if age_days is None else "age_days"
        names = [m for m in names if info.measures[m].x == axis or measure is not None]
    if sex is None and age_days is None and length_cm is None:
        return bool(names)
    made = reference(info.id)
    return any(_status(made, m, asked, age_days, gestation_days, length_cm) is Status.OK for m in names)


def elsewhere(
    measure: str = "weight",
    *,
    sex: str | None = None,
    age_days: float | None = None,
    gestation_days: float | None = None,
    length_cm: float | None = None,
    besides: str = "",
    condition: str = "",
) -> tuple[str, ...]:
    """Ids of the packaged references that cover a child: first those of the condition, then the general ones.

    References of other conditions are left out.

    Parameters
    ----------
    besides
        Id of a reference to leave out.
    condition
        The child's condition, as the catalogue has it; empty for none.
    """
    from growthwatch.references.catalogue import references

    def near(info: ReferenceInfo) -> bool:
        return not info.condition or (bool(condition) and _same(info.condition, condition))

    found = [
        i
        for i in references()
        if i.id != besides
        and near(i)
        and fits(i, measure, sex=sex, age_days=age_days, gestation_days=gestation_days, length_cm=length_cm)
    ]
    return tuple(i.id for i in sorted(found, key=lambda i: not i.condition))


def _same(a: str, b: str) -> bool:
    """Whether two conditions are one: the words before the first comma."""
    return a.split(",")[0].strip().lower() == b.split(",")[0].strip().lower()


def covers(
    reference: Reference,
    measure: str,
    *,
    sex: str | None = None,
    age_days: float | None = None,
    gestation_days: float | None = None,
    length_cm: float | None = None,
) -> Covers:
    """Answer `Reference.covers`."""
    check_measure(measure)
    for name, number in (("age_days", age_days), ("gestation_days", gestation_days), ("length_cm", length_cm)):
        check_number(name, number)
    has = measure in reference.measures
    if has:
        status = _status(reference, measure, _sex(sex), age_days, gestation_days, length_cm)
        if status is Status.OK:
            return Covers(str(status), coverage(reference, measure), (), reference.id, f"{reference.id} covers this")
        word, why = str(status), MEANINGS[status]
        ours = coverage(reference, measure)
    else:
        if not known_measure(measure):
            raise GrowthwatchError.of(
                "measure",
                measure,
                f"one of {list(reference.measures)}, which {reference.id} has{measure_elsewhere(measure)}",
            )
        word, why, ours = "measure_not_covered", f"the reference has no measure {measure!r}", coverage(reference)
    others = elsewhere(
        measure,
        sex=sex,
        age_days=age_days,
        gestation_days=gestation_days,
        length_cm=length_cm,
        besides=reference.info.id,
        condition=reference.info.condition,
    )
    there = f"Packaged references that do: {', '.join(others)}" if others else "No other packaged reference does"
    listed = "; ".join(map(str, ours))
    return Covers(word, ours, others, reference.id, f"{reference.id}: {why}. It covers {listed}. {there}.")


def known_measure(measure: str) -> bool:
    """Whether any packaged reference has the measure."""
    from growthwatch.references.catalogue import references

    return any(measure in e.measures for e in references())


def measure_elsewhere(measure: str) -> str:
    """End of the sentence that refuses a measure: who else has it, or which is most like it."""
    from growthwatch.references.catalogue import references

    every = references()
    ids = [e.id for e in every if measure in e.measures]
    return f"; {', '.join(ids)} have {measure!r}" if ids else nearest(measure, {m for e in every for m in e.measures})
