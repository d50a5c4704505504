"""G6: thin by the body mass index, or short for the heights of the parents."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from pydantic import Field

from growthwatch.core.centiles import UK_NINE
from growthwatch.core.words import long_date, spaces_words, z_words
from growthwatch.growth.steps import fall as below
from growthwatch.protocol.child import Child, Weight
from growthwatch.protocol.child.columns import Flags, Followed
from growthwatch.protocol.child.measures import Taken
from growthwatch.protocol.file.settings import RuleLevel
from growthwatch.protocol.file.values import Days, Months, Number, Sourced, Whole, rising
from growthwatch.protocol.kinds.heights import bmi_z, height_z
from growthwatch.protocol.kinds.kind import (
    NOT_MET,
    At,
    Cm,
    Day,
    GrowthKind,
    Kg,
    Outcome,
    Seen,
    Spaces,
    Topic,
    Values,
    Z,
)
from growthwatch.protocol.kinds.weights import SPACE, TINY, day_notes, inside_whichever, no_birth, whichever_sex

__all__ = ["ThinOrShort"]

_THIN, _SHORT = "BMI", "height"
_Z = float | None


class ShortBand(Sourced):
    """From an age on, how many centile spaces below what the parents suggest is short."""

    from_months: Months
    spaces: Whole = Field(gt=0)


class ThinLevel(RuleLevel):
    """A level of being thin: the line below which the body mass index is (in centile spaces from the median)."""

    line: Whole = Field(lt=0)


class _Thin(NamedTuple):
    """The body mass index of a weight and the height nearest to it, as a z."""

    weight: Weight
    taken: Taken
    z: float


class _Short(NamedTuple):
    """A height as a z, what the heights of the parents suggest, by how many spaces below is short, and the events."""

    taken: Taken
    z: float
    expected: float
    limit: int
    ids: tuple[str, ...]
    reported: bool

    @property
    def below(self) -> float:
        """How far the height is below what is suggested [centile spaces]."""
        return below(self.expected, self.z) / SPACE


class ThinOrShort(GrowthKind):
    """G6: from an age on, a low body mass index, or a height far below what the heights of the parents suggest.

    The body mass index is that of the latest valid weight with a height near it.  The parents suggest a quarter of
    the sum of their z as adults: their mean, half of the way to the median; with the height of one of them alone
    nothing is judged.  A height is the latest from the age on.  All on the protocol's reference.  Source:
    specification of the process, section 3, G6.
    """

    KIND = "thin_or_short"
    READS: ClassVar[frozenset[Topic]] = frozenset({"weights", "measures"})
    from_months: Months
    height_within_days: Days
    adult_age_days: Days
    beyond_z: Number = Field(gt=0)
    short: tuple[ShortBand, ...] = Field(min_length=1)
    levels: tuple[ThinLevel, ...] = Field(min_length=1)

    def faults(self) -> list[str]:
        """Bands must rise, and levels grow graver."""
        ages, lines = [b.from_months for b in self.short], [-n.line for n in self.levels]
        return rising("short: from_months", ages) + rising("lines of the levels, from the median down", lines)

    # --- what there is ----------------------------------------------------------------

    def _thin(self, child: Child) -> _Thin | None:
        """The latest valid weight with a height near it."""
        start = child.ages.mark(self.from_months)
        for of_day in reversed(child.growth.days):
            if of_day.day < start:
                break
            found = self._thin_by(child, of_day.lowest, of_day.kg)
            if found is not None:
                return found
        return None

    def _thin_by(self, child: Child, w: Weight, kg: float) -> _Thin | None:
        taken = child.measures.length_near(w.day, self.height_within_days)
        if taken is None or self._height_z(child, taken) is None:
            return None
        z = bmi_z(child, kg, taken.cm, w.age_days)
        return None if z is None else _Thin(w, taken, z)

    def _height_z(
        self, child: Child, taken: Taken, sex: str | None = None, age_days: int | None = None
    ) -> float | None:
        """Z of a height; None where it has none, or is so far out that it is probably a slip of the pen."""
        z = height_z(child, taken, sex, age_days)
        return None if z is None or abs(z) > self.beyond_z else z

    def _short(self, child: Child, day: int) -> _Short | str | None:
        """The latest height up to a day against the parents; in words why it is not judged; None without a height."""
        taken = child.measures.latest("height", day)
        if taken is None or taken.day < child.ages.mark(self.short[0].from_months):
            return None
        z = self._height_z(child, taken)
        if z is None:
            return f"the height of {long_date(taken.day)} has no z, or one so far out that it may be a slip of the pen"
        parents = child.measures.parents()
        mother, father = parents
        if mother is None or father is None:
            return "the height of one parent alone is known" if parents != (None, None) else None
        adults = [
            self._height_z(child, Taken(0, p.cm, None, p.id), sex, self.adult_age_days)
            for p, sex in ((mother, "female"), (father, "male"))
        ]
        if adults[0] is None or adults[1] is None:
            return "the height of a parent has no z, or one so far out that it may be a slip of the pen"
        limit = next(b.spaces for b in reversed(self.short) if taken.day >= child.ages.mark(b.from_months))
        ids, reported = (taken.id, mother.id, father.id), mother.reported or father.reported
        return _Short(taken, z, (adults[0] + adults[1]) / 4, limit, ids, reported)

    # --- judging ----------------------------------------------------------------------

    def judge(self, at: At) -> Outcome:
        """Judge the latest weight with a height near it, and the latest height."""
        child = at.child
        if child.ages.birth is None:
            return Outcome(not_judged=no_birth(child))
        if child.measures.lengths.last is None:
            return Outcome()
        return whichever_sex(self._judge, at) if child.as_either else self._judge(at)

    def _judge(self, at: At) -> Outcome:
        child = at.child
        assert child.ages.birth is not None
        thin, short = self._thin(child), self._short(child, at.day)
        values: Values = {}
        witness, met, level = [child.ages.birth.event], list[str](), NOT_MET
        weight, notes = None, tuple[str, ...]()
        if thin is not None and (by := self._by_bmi(thin.z)) != NOT_MET:
            level, weight, of_day = by, thin.weight, child.growth.reading(thin.weight)
            met.append(_THIN)
            notes = day_notes(child, thin.weight)
            values |= {
                "kg": Kg(of_day.kg),
                "on": Day(thin.weight.day),
                "cm": Cm(thin.taken.cm),
                "measured_on": Day(thin.taken.day),
                "bmi_z": Z(thin.z),
                "bmi_limit_z": Z(self.levels[by].line * SPACE),
            }
            witness += [*of_day.ids, thin.taken.id]
        if isinstance(short, _Short) and self._is_short(short):
            level = max(level, 0)
            met.append(_SHORT)
            values |= {
                "height_on": Day(short.taken.day),
                "height_cm": Cm(short.taken.cm),
                "height_z": Z(short.z),
                "parents_z": Z(short.expected),
                "short_spaces": Spaces(short.below),
                "limit_spaces": Spaces(short.limit),
            }
            notes += ("The height of a parent was told, not measured.",) if short.reported else ()
            witness += short.ids
        if not met:
            return Outcome(not_judged=short if isinstance(short, str) else None)
        values["measures"] = tuple(met)
        return Outcome(level, values, tuple(dict.fromkeys(witness)), weight=weight, notes=notes)

    def _by_bmi(self, z: float) -> int:
        return max((i for i, n in enumerate(self.levels) if z < n.line * SPACE - TINY), default=NOT_MET)

    def _is_short(self, short: _Short) -> bool:
        return short.below > short.limit + TINY

    def inside(self, child: Child, weight: Weight, opened: Outcome) -> bool | None:
        """Whether at a weight neither is so; None where what opened it cannot be told then.

        A height holds until the next one.
        """
        if child.ages.birth is None:
            return None
        if child.as_either:
            return inside_whichever(self.inside, child, weight, opened)
        thin = None
        if weight.day >= child.ages.mark(self.from_months):
            thin = self._thin_by(child, weight, weight.kg)
        short = self._short(child, weight.day)
        told = {
            _THIN: None if thin is None else self._by_bmi(thin.z) == NOT_MET,
            _SHORT: None if not isinstance(short, _Short) else not self._is_short(short),
        }
        if False in told.values():
            return False
        if any(told[m] is None for m in opened.values.get("measures", ())):
            return None
        return True if True in told.values() else None

    def may_meet(self, followed: Followed) -> Flags:
        """Never by a weight alone."""
        return followed.none()

    def say(self, seen: Seen, level: int) -> str:
        """Say below which line the body mass index is, or how far the height is below what the parents suggest."""
        said: list[str] = []
        if _THIN in seen["measures"]:
            limit = seen["bmi_limit_z"]
            line = next((n.ordinal for n in UK_NINE.lines if abs(n.z - limit) < TINY), f"z {z_words(limit)}")
            said.append(f"BMI on {long_date(seen['on'])} is below the {line} line (z {z_words(seen['bmi_z'], limit)}).")
        if _SHORT in seen["measures"]:
            cm, day = f"{seen['height_cm']:g} cm", long_date(seen["height_on"])
            spaces = spaces_words(seen["short_spaces"])
            said.append(f"{cm} on {day} is {spaces} shorter than the heights of the parents suggest.")
        return f"{' '.join(said)} Assess."
