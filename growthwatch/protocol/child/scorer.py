"""Growth facts of a child's weighings, worked out in columns: once for all of them, or of many children together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from growthwatch.growth import GrowthFacts, growth_facts
from growthwatch.protocol.child.ages import Birth, months_after
from growthwatch.protocol.child.trail import Gains, Likely, Trail
from growthwatch.protocol.child.weight import ASSUMED, VALID, in_order, validity
from growthwatch.protocol.file.figures import USUAL, Figures
from growthwatch.protocol.file.settings import Settings
from growthwatch.record import AnyEvent, Weighed
from growthwatch.record.effective import link
from growthwatch.references import Reference

__all__ = ["BirthFacts", "Facts", "Scorer", "facts_of"]

BirthFacts = tuple[int, str | None, int | None]
"""Day of birth, sex, and gestation at birth: all of a birth on which growth facts rest."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Growth facts of a child's weighings, by row; z and status as lists too, for code that walks over them."""

    growth: GrowthFacts
    z: list[float]
    status: list[int]

    @classmethod
    def of(cls, growth: GrowthFacts) -> Facts:
        """Facts with their lists."""
        return cls(growth, growth.z.tolist(), growth.status_code.tolist())


def _born(birth: Birth) -> BirthFacts:
    return birth.day, birth.sex, birth.gestation_days


def facts_of(
    reference: Reference, kg: npt.NDArray[np.float64], days: npt.NDArray[np.int64], birth: BirthFacts
) -> GrowthFacts:
    """Growth facts of one child's weighings: weights [kg], on days [ordinals]."""
    born, sex, gestation = birth
    code = {"male": 0, "female": 1}.get(sex or "", 2)
    sexes = np.full(kg.size, code, np.uint8)
    gestations = np.full(kg.size, np.nan if gestation is None else float(gestation))
    return growth_facts(reference, kg, days - born, sexes, gestations)


class Scorer:
    """Growth facts of all weighings ever recorded of a child, for each reading of the birth facts.

    A weighing has a row, and keeps it when more are recorded.

    Parameters
    ----------
    settings
        Of the protocol: which weights will probably count.
    reference
        On which weights are judged.
    events
        Of which the weighings are taken, in order.  One that is marked in error or corrected by another of them
        is scored, and is none that will probably count.
    in_doubt
        Ids of events whose own date cannot be right: such a weight may alarm, and never counts.
    """

    def __init__(
        self,
        settings: Settings,
        reference: Reference,
        events: Sequence[AnyEvent],
        in_doubt: frozenset[str] = frozenset(),
    ):
        self.in_doubt = in_doubt
        self._settings, self._reference = settings, reference
        self.weighings = [e for e in events if isinstance(e, Weighed)]
        self.rows = {e.id: i for i, e in enumerate(self.weighings)}
        self._undone = frozenset(target for e in events if (target := link(e)) is not None)
        self.days = np.array([e.on.toordinal() for e in self.weighings], np.int64)
        most = settings.weights.most_kg
        # What no child weighs is scored as if it were grams: whether it may be, says its z.
        self.kg = np.array([e.weight_kg if e.weight_kg <= most else e.weight_kg / 1000 for e in self.weighings])
        self._facts: dict[BirthFacts, Facts] = {}
        self._trails: dict[BirthFacts, Trail] = {}
        self._gains: dict[BirthFacts, Gains] = {}
        self._others: dict[tuple[str, BirthFacts], GrowthFacts] = {}
        self._between: dict[tuple[str, BirthFacts, int, float], GrowthFacts] = {}
        self._likely_rows: dict[BirthFacts, tuple[int, ...]] = {}

    def then(self, events: Sequence[AnyEvent], in_doubt: frozenset[str] = frozenset()) -> Scorer:
        """A scorer for further weighings too; what is known of those so far is kept, and this one is left as it is."""
        more = [e for e in events if isinstance(e, Weighed) and e.id not in self.rows]
        if not more:
            return self
        out = Scorer(self._settings, self._reference, [*self.weighings, *more], self.in_doubt | in_doubt)
        out._undone = self._undone | {target for e in events if (target := link(e)) is not None}
        kg, days = out.kg[-len(more) :], out.days[-len(more) :]
        out._between = self._between
        if (out.in_doubt - self.in_doubt).isdisjoint(self.rows):
            stands = {birth: self._standing(rows, out._undone) for birth, rows in self._likely_rows.items()}
            out._likely_rows = {birth: out._looked_on(birth, rows, more) for birth, rows in stands.items()}
        for birth, known in self._facts.items():
            out._facts[birth] = Facts.of(known.growth.joined(facts_of(self._reference, kg, days, birth)))
        for birth, trail in self._trails.items():
            out._trails[birth] = trail.then(out.kg, (out.days - birth[0]).tolist(), out._likely(birth))
        for birth, gains in self._gains.items():
            out._gains[birth] = gains.then((days - birth[0]).tolist())
        return out

    def learn(
        self,
        birth: BirthFacts,
        facts: GrowthFacts,
        ratio: Sequence[float],
        noise: npt.NDArray[np.float64],
        said: Sequence[float],
    ) -> None:
        """Take what was worked out for many children together.

        Parameters
        ----------
        birth
            For which it holds.
        facts
            Growth facts of every row.
        ratio
            Evidence after each of the weighings that look valid, in order.
        noise
            SD of one weighing, by row [SD of z].
        said
            What words say of the evidence after each of the weighings that look valid, in order.
        """
        self._facts[birth] = Facts.of(facts)
        self._trail(birth).learn(ratio, said)
        ages = (self.days - birth[0]).tolist()
        self._gains[birth] = Gains(self._reference, ages, birth[1], birth[2], noise, self._figures)

    @property
    def _figures(self) -> Figures:
        return self._settings.figures or USUAL

    def facts(self, birth: Birth) -> Facts:
        """Growth facts by row, for these birth facts."""
        key = _born(birth)
        found = self._facts.get(key)
        if found is None:
            found = self._facts[key] = Facts.of(facts_of(self._reference, self.kg, self.days, key))
        return found

    def facts_on(self, ref: Reference, birth: Birth) -> GrowthFacts:
        """Growth facts on another reference."""
        key = ref.hash, _born(birth)
        found = self._others.get(key)
        if found is None:
            found = self._others[key] = facts_of(ref, self.kg, self.days, key[1])
        return found

    def between(self, ref: Reference, birth: Birth, day: int, kg: float) -> GrowthFacts:
        """Growth facts of a median of two weights of a day, which nobody weighed [kg]: one row."""
        key = ref.hash, _born(birth), day, kg
        found = self._between.get(key)
        if found is None:
            found = self._between[key] = facts_of(ref, np.array([kg]), np.array([day], np.int64), key[1])
        return found

    def gains(self, birth: Birth) -> Gains:
        """Conditional gains, for these birth facts."""
        key = _born(birth)
        found = self._gains.get(key)
        if found is None:
            ages = (self.days - birth.day).tolist()
            found = self._gains[key] = Gains(
                self._reference, ages, birth.sex, birth.gestation_days, figures=self._figures
            )
        return found

    def trail(self, birth: Birth) -> Trail:
        """Evidence along the weights, for these birth facts."""
        self.facts(birth)
        return self._trail(_born(birth))

    def _trail(self, birth: BirthFacts) -> Trail:
        found = self._trails.get(birth)
        if found is None:
            day, sex, gestation = birth
            ages = (self.days - day).tolist()
            found = Trail(self._reference, self.kg, ages, sex, gestation, self._likely(birth), self._figures)
            self._trails[birth] = found
        return found

    def all_dated(self, birth: BirthFacts) -> bool:
        """Whether every weighing has a certain date, not before birth."""
        return all(e.date_certain and e.on.toordinal() >= birth[0] for e in self.weighings)

    def each_once(self) -> bool:
        """Whether no two weighings may be entries of one: of the same day and kilograms."""
        return len({(e.on, e.weight_kg) for e in self.weighings}) == len(self.weighings)

    def likely_rows(self, birth: BirthFacts) -> tuple[int, ...]:
        """Rows of weighings that look valid, in order of date."""
        found = self._likely_rows.get(birth)
        if found is None:
            found = self._likely_rows[birth] = self._looked_on(birth, (), self.weighings)
        return found

    def _standing(self, rows: tuple[int, ...], undone: frozenset[str]) -> tuple[int, ...]:
        """Those rows that nobody has taken back or put right since."""
        return rows if undone == self._undone else tuple(r for r in rows if self.weighings[r].id not in undone)

    def _looked_on(self, birth: BirthFacts, rows: tuple[int, ...], weighings: Sequence[Weighed]) -> tuple[int, ...]:
        """Rows that look valid, in order of date: those of which that is known, and those of further weighings."""
        rules = self._settings.weights
        naked_until = months_after(birth[0], rules.naked_below_months)
        out = [
            e
            for e in weighings
            if e.on.toordinal() >= birth[0]
            and e.id not in self.in_doubt
            and e.id not in self._undone
            and rules.least_kg <= e.weight_kg <= rules.most_kg
            and validity(e, e.on.toordinal() < naked_until, rules)[0] in (VALID, ASSUMED)
        ]
        out.sort(key=in_order)
        if rows and out and in_order(out[0]) < in_order(self.weighings[rows[-1]]):
            out = sorted([*(self.weighings[row] for row in rows), *out], key=in_order)
            rows = ()
        return (*rows, *(self.rows[e.id] for e in out))

    def _likely(self, birth: BirthFacts) -> Likely:
        jumps = self._settings.weights.suspected
        return Likely(
            self._facts[birth].growth,
            self.likely_rows(birth),
            self.days.tolist(),
            jumps.jump_z,
            jumps.jump_within_days,
            [e.recorded_at.timestamp() for e in self.weighings],
        )
