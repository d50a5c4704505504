"""Which weights count on which day: validity, doubts, repeats."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import takewhile
from operator import attrgetter
from typing import Any, ClassVar

import numpy as np

from growthwatch.core.status import STATUS_WORDS
from growthwatch.core.units import TERM_DAYS
from growthwatch.core.words import long_date
from growthwatch.growth import GrowthFacts
from growthwatch.protocol.child.ages import UNBORN, Ages, Birth
from growthwatch.protocol.child.ledger import Ledger, Topic
from growthwatch.protocol.child.scorer import Facts, Scorer
from growthwatch.protocol.child.slips import is_low, least_z, rise_words
from growthwatch.protocol.child.weight import (
    ASSUMED,
    NO_WEIGHT,
    SUSPECTED,
    UNCERTAIN,
    UNDATED,
    VALID,
    Order,
    Weight,
    in_order,
    minutes_between,
    on_class_iii,
    validity,
    worse,
)
from growthwatch.protocol.file.settings import Settings
from growthwatch.record import Weighed
from growthwatch.references import Reference

__all__ = ["Weights"]


@dataclass(frozen=True, slots=True, eq=False)
class _Entry:
    """A weighing as it was recorded, with the day from which it counts."""

    order: Order
    day: int
    e: Weighed
    validity: str
    reason: str
    times: tuple[dt.time | None, ...] = ()
    """Of further entries of the same weighing."""


def _order(entry: _Entry) -> Order:
    return entry.order


class Weights(Ledger):
    """The child's weighings in order of date, and those that count.

    One weighing that was entered twice (of one day and as many kilograms, at times that are equal or missing) is
    one: it confirms nothing, and the account that may reassure less is believed.
    """

    TAKES: ClassVar[dict[str, frozenset[Topic]]] = {"weighed": frozenset({"weights"})}

    def __init__(self, settings: Settings, reference: Reference, scorer: Scorer) -> None:
        self._rules = settings.weights
        self._reference = reference
        self._scorer = scorer
        self.all: list[Weight] = []
        self.valid: list[Weight] = []
        self.unsure: list[Weight] = []
        """Those that do not count, of days without one that does, unless a good repeat replaced them."""
        self._late: list[Weight] = []
        self.by_id: dict[str, Weight] = {}
        self._waiting: list[tuple[int, Weighed]] = []
        self._signed: set[str] = set()
        self._birth: Birth | None = None
        # Entries of weighings that were entered before, and of which each is one.
        self.gestation_doubted_by: tuple[str, float] | None = None
        """Birth weight that the gestation recorded does not allow, and its z there; None: they agree."""
        self._again: list[tuple[int, Weighed]] = []
        self.copy_of: dict[str, str] = {}
        """For each entry of a weighing that was entered before, the id of that."""
        # In order of date, as `all`: what was recorded, and what its neighbours say of it.  A doubt says why a
        # weight looks like an entry error; a weight shortly afterwards that agrees (its place) takes it away.
        self._entries: list[_Entry] = []
        self._low: list[bool] = []
        self._doubt: list[str] = []
        self._agreed: list[int | None] = []
        # Before each weight, and after the last: place of the last one that was not doubted.
        self._lasts: list[int | None] = [None]
        # And the greatest of those that were not doubted.
        self._mosts: list[Decimal] = [Decimal(0)]
        # References beside the protocol's on which a weight may fit: those of signed plans.
        self._also: tuple[Reference, ...] = ()
        self._doubts: list[int] = []
        self._repeats: dict[str, tuple[str, ...]] = {}
        self.danger: list[Weight] = []
        """The latest weight that counts, and doubtful ones of its day or later, unless a good repeat replaced them."""
        self.judged: list[Weight] = []
        """The latest weight that counts, and later ones that are doubted."""
        self.kept: dict[object, Any] = {}
        """What rules worked out from the weights of `danger` so far; empty where these are others."""

    def take(self, day: int, e: Any) -> None:
        """Keep a weighing until it is settled what it is."""
        self._waiting.append((day, e))

    def go_on(self, scorer: Scorer) -> None:
        """Take growth facts of further weighings."""
        self._scorer = scorer

    # --- questions --------------------------------------------------------------------

    @property
    def last(self) -> Weight | None:
        """The latest weight that counts."""
        return self.valid[-1] if self.valid else None

    @property
    def birth_weight(self) -> Weight | None:
        """The birth weight: of more than one valid weight on the day of birth the greatest, so that no loss is hid."""
        # No weight dated before birth is valid: those of the day come first or not at all.
        if self.valid and self.valid[0].age_days == 0 and (len(self.valid) == 1 or self.valid[1].age_days > 0):
            return self.valid[0]
        return max(takewhile(_at_birth, self.valid), key=_kg, default=None)

    def is_signed(self, id: str) -> bool:
        """Whether a signature has confirmed a weighing."""
        return id in self._signed

    def on_class_iii_from(self, day: int) -> Weight | None:
        """The latest valid weight of a day or later that a professional took on a class III scale, or None."""
        for w in reversed(self.valid):
            if w.day < day:
                return None
            if w.class_iii:
                return w
        return None

    def valid_place(self, weight: Weight) -> int | None:
        """Index of a weight among the valid ones, or None."""
        at = bisect_left(self.valid, weight.place, key=_place)
        return at if at < len(self.valid) and self.valid[at] is weight else None

    def weighed_from(self, day: int, but: Set[str] = frozenset()) -> tuple[int, str] | None:
        """Day and id of the first valid weight on a day or later; some are passed over."""
        if not self.valid or self.valid[-1].day < day:
            return None
        for at in range(bisect_left(self.valid, day, key=_weighed_on), len(self.valid)):
            w = self.valid[at]
            if w.id not in but:
                return w.day, w.id
        return None

    def since(self, day: int) -> list[str]:
        """Ids of all weighings of a day or later."""
        if not self.all or self.all[-1].day < day:
            return []
        return [w.id for w in self.all[bisect_left(self.all, day, key=_weighed_on) :]]

    def known_on(self, day: int) -> list[Weight]:
        """Weighings that became known on a day, in order of date."""
        late = [w for w in self._late if w.known_day == day]
        of_day = self.all[bisect_left(self.all, day, key=_weighed_on) : bisect_left(self.all, day + 1, key=_weighed_on)]
        return late + [w for w in of_day if w.known_day == day]

    def unsure_since(self, day: int) -> list[Weight]:
        """Of those that are `unsure` the ones that became known on a day or later, in order of date."""
        if not self.unsure:
            return []
        first = bisect_left(self.unsure, day, key=_weighed_on)
        late = [w for w in self._late if w.day < day <= w.known_day and self._is_gap(w)]
        return late + self.unsure[first:]

    def unsure_on(self, day: int) -> list[Weight]:
        """Of those that are `unsure` the ones that became known on a day, in order of date."""
        return [w for w in self.known_on(day) if self._is_gap(w)] if self.unsure else []

    def _is_gap(self, w: Weight) -> bool:
        if w.counts or w.replaced_by is not None:
            return False
        at = bisect_left(self.valid, w.day, key=_weighed_on)
        return at == len(self.valid) or self.valid[at].day != w.day

    # --- reading ----------------------------------------------------------------------

    def settle(
        self,
        ages: Ages,
        signed: Sequence[str],
        elsewhere: Sequence[Weights] = (),
        sure: bool = False,
        also: tuple[Reference, ...] = (),
    ) -> int:
        """Read the new weighings, and again those that come after them: each is compared with those before it.

        A birth date that becomes known, or other, changes what all of them are.

        Parameters
        ----------
        ages
            Of the child; without a birth only kilograms are looked at.
        signed
            Weighings that a signature has confirmed since the last time.
        elsewhere
            While the sex is not recorded, the same weights were the child a boy, and were it a girl: one is doubted
            that is doubted in both.
        sure
            Whether somebody confirmed the gestation.
        also
            References of signed plans: what fits one of them is no slip of the pen.

        Returns
        -------
        The first place of a weight that is new, or has become something else.
        """
        birth = ages.birth or UNBORN
        facts = self._scorer.facts(birth)
        start = len(self._entries)
        waiting, self._waiting = self._waiting, []
        if birth != self._birth:
            self._birth, start = birth, 0
            waiting = [(n.day, n.e) for n in self._entries] + self._again + waiting
            self._entries, self._repeats, self.by_id, self.all = [], {}, {}, []
            self._again, self.copy_of = [], {}
            self._low, self._doubt, self._agreed, self._lasts, self._doubts = [], [], [], [None], []
            self._mosts = [Decimal(0)]
        # Of a child whose age is not known the stricter clothing is asked for.
        naked_until = ages.mark(self._rules.naked_below_months) if birth is not UNBORN else 10**7
        for day, e in sorted(waiting, key=_as_told):
            entry = self._entry(day, e, birth, naked_until, facts, elsewhere)
            if (same := self._same_weighing(entry)) is not None:
                start = min(start, self._take_again(entry, same))
                continue
            place = bisect_right(self._entries, entry.order, key=_order)
            self._entries.insert(place, entry)
            w = self._weight(entry, birth, facts)
            self.all.insert(place, w)
            self.by_id[e.id] = w
            for held, blank in ((self._low, False), (self._doubt, ""), (self._agreed, None)):
                held.insert(place, blank)  # pyright: ignore[reportArgumentType]
            start = min(start, place)
            if e.repeats is not None:
                self._repeats[e.repeats] = (*self._repeats.get(e.repeats, ()), e.id)
        for place in range(start, len(self.all)):
            w = self.all[place]
            if w.place == -1:
                w.place = place
            elif w.place != place:
                # A weighing that is read late shifts those after it.
                self.all[place] = self.by_id[w.id] = replace(w, place=place)
        doubted = None if sure else self._gestation_doubted(birth, facts)
        if doubted != self.gestation_doubted_by:
            self.gestation_doubted_by, start = doubted, 0
        # While the gestation is in doubt, weights are held against each other as of a child born at term.
        as_if = facts if doubted is None else self._scorer.facts(replace(birth, gestation_days=None))
        signed = [self.copy_of.get(id, id) for id in signed]
        self._signed.update(signed)
        start = 0 if elsewhere else start
        if [r.hash for r in also] != [r.hash for r in self._also]:
            self._also, start = also, 0
        start = min([start, *(self.by_id[id].place for id in signed if id in self.by_id)])
        changed = self._doubt_both(elsewhere) if elsewhere else self._suspect(start, as_if)
        places = sorted(self._near(changed, start))
        first = min([start, *(place for place in places if self._mark(place))])
        last = self.last
        del self.valid[bisect_left(self.valid, first, key=_place) :]
        self.valid += [w for w in self.all[first:] if w.counts]
        # Whether another weight of its day counts decides, too.
        of_day = bisect_left(self.all, self.all[first].day, key=_weighed_on) if first < len(self.all) else first
        del self.unsure[bisect_left(self.unsure, of_day, key=_place) :]
        self.unsure += [w for w in self.all[of_day:] if self._is_gap(w)]
        del self._late[bisect_left(self._late, first, key=_place) :]
        self._late += [w for w in self.all[first:] if w.known_day > w.day]
        self._look(first, last)
        for id, same in self.copy_of.items():
            self.by_id[id] = self.by_id[same]
        return first

    def _same_weighing(self, entry: _Entry) -> int | None:
        """Place of an entry of the same weighing: of one day, as many kilograms, at times equal or missing.

        Where one says that it repeats the other they are two.
        """
        e = entry.e
        if entry.validity in (UNDATED, NO_WEIGHT):
            return None
        first = bisect_left(self._entries, e.on, key=_entered_on)
        for place in range(first, len(self._entries)):
            other = self._entries[place]
            if other.e.on != e.on:
                break
            alike = other.e.weight_kg == e.weight_kg and e.repeats != other.e.id
            if alike and other.validity not in (UNDATED, NO_WEIGHT):
                times = {t for t in (other.e.time, *other.times) if t is not None}
                if e.time is None or not times or e.time in times:
                    return place
        return None

    def _take_again(self, entry: _Entry, place: int) -> int:
        """Take a weighing that was entered before: it adds no weight, and may make what there is worth less."""
        there, e = self._entries[place], entry.e
        what, reason = worse((there.validity, there.reason), (entry.validity, entry.reason))
        self._entries[place] = replace(there, validity=what, reason=reason, times=(*there.times, e.time))
        self._again.append((entry.day, e))
        self.copy_of[e.id] = there.e.id
        if e.id in self._signed:
            self._signed.add(there.e.id)
        if e.repeats is not None and self.copy_of.get(e.repeats, e.repeats) != there.e.id:
            self._repeats[e.repeats] = (*self._repeats.get(e.repeats, ()), there.e.id)
        return place

    def _look(self, first: int, before: Weight | None) -> None:
        """Bring what rules look at up to date: `before` was the latest weight that counted."""
        last = self.last
        anew = last is not before or (self.danger and self.danger[-1].place >= first) or not self.all
        if anew:
            self.danger, self.judged, self.kept = [], [], {}
            first = 0 if last is None else bisect_left(self.all, last.day, key=_weighed_on)
            if last is not None:
                self.danger.append(last)
                self.judged.append(last)
        for w in self.all[first:]:
            if w.counts or w.replaced_by is not None:
                continue
            # An uncertain weight of the day of a sure one has nothing to add.
            if not w.unused and not (w.validity == UNCERTAIN and self.on_class_iii_from(w.day)):
                self.danger.append(w)
            if w.validity == SUSPECTED and (last is None or w.place > last.place):
                self.judged.append(w)

    def _entry(
        self, day: int, e: Weighed, birth: Birth, naked_until: int, facts: Facts, elsewhere: Sequence[Weights]
    ) -> _Entry:
        on, rules = e.on.toordinal(), self._rules
        what, reason = validity(e, on < naked_until, rules)
        if on < birth.day:
            what, reason = UNDATED, "dated before birth"
        elif what != UNDATED and not rules.least_kg <= e.weight_kg <= rules.most_kg:
            what, reason = NO_WEIGHT, "no child weighs that"
            z = facts.z[self._scorer.rows[e.id]]
            grams = [other.by_id[e.id].validity == SUSPECTED for other in elsewhere]
            known = validity(e, on < naked_until, rules)[0] != UNCERTAIN
            if known and e.weight_kg > rules.most_kg and (abs(z) <= rules.suspected.beyond_z or (grams and all(grams))):
                what, reason = SUSPECTED, f"unit in doubt: {e.weight_kg:g} is read as grams"
        if what not in (UNDATED, UNCERTAIN) and e.id in self._scorer.in_doubt:
            what = what if what == NO_WEIGHT else SUSPECTED
            reason = f"its date is after {long_date(day)}, when it was written down"
        return _Entry(in_order(e), day, e, what, reason)

    def _weight(self, entry: _Entry, birth: Birth, facts: Facts) -> Weight:
        """A weight as recorded, before it is compared with others."""
        e = entry.e
        on, row = e.on.toordinal(), self._scorer.rows[e.id]
        z = facts.z[row]
        scored = z if z == z else None
        exact, word = Decimal(repr(e.weight_kg)), STATUS_WORDS[facts.status[row]]
        what, why = entry.validity, entry.reason
        kg = e.weight_kg
        if what == SUSPECTED and kg > self._rules.most_kg:
            kg, exact = kg / 1000, exact / 1000
        elif what == NO_WEIGHT:
            scored = None
        return Weight(
            e.id, on, entry.day, e.recorded_at, on - birth.day, kg, exact, what, why, scored, word, row,
            class_iii=on_class_iii(e, self._rules),
        )  # fmt: skip

    def _counted(self, place: int) -> bool:
        return self._entries[place].validity in (VALID, ASSUMED) and not self._doubted(place)

    def _doubted(self, place: int) -> bool:
        return self._doubt[place] != "" and self._agreed[place] is None

    def _gestation_doubted(self, birth: Birth, facts: Facts) -> tuple[str, float] | None:
        """A weight on the day of birth that the gestation does not allow, and its z; None for none."""
        if birth.gestation_days is None:
            return None
        first = bisect_left(self._entries, birth.date, key=_entered_on)
        for entry in self._entries[first:]:
            if entry.e.on != birth.date:
                break
            z = float(facts.growth.birth_z[self._scorer.rows[entry.e.id]])
            z = self._nearest_birth_z(entry.e.weight_kg, birth) if z != z else z
            if entry.validity in (VALID, ASSUMED) and abs(z) > self._rules.suspected.birth_beyond_z:
                return entry.e.id, z
        return None

    def _nearest_birth_z(self, kg: float, birth: Birth) -> float:
        """Z of a birth weight at the gestation nearest to the one recorded at which the reference has any."""
        if birth.sex is None or birth.gestation_days is None:
            return np.nan
        step = 1 if birth.gestation_days < TERM_DAYS else -1
        days = np.arange(birth.gestation_days, TERM_DAYS + step, step).astype(np.float64)
        z = self._reference.z(np.full(days.size, kg), corrected_age_days=days - TERM_DAYS, sex=birth.sex)
        known = np.flatnonzero(~np.isnan(z))
        return float(z[known[0]]) if known.size else np.nan

    def _suspect(self, start: int, as_if: Facts) -> list[int]:
        """Look for entry errors among otherwise valid weights, in order of date, from a place on.

        A weight nearby that agrees confirms a suspected one, and both count from then on.  Whether a
        suspected weight is doubted for being low is kept: such a one may alarm, never reassure.

        Returns
        -------
        Places before `start` of weights whose doubt came or went.
        """
        rules, facts = self._rules.suspected, as_if.growth
        changed: list[int] = []
        if start < len(self._lasts) - 1:
            while self._doubts and self._doubts[-1] >= start:
                self._doubts.pop()
            for place in self._doubts:
                agreed = self._agreed[place]
                if agreed is not None and agreed >= start:
                    self._agreed[place] = None
                    changed.append(place)
            del self._lasts[start + 1 :], self._mosts[start + 1 :]
        at = self._lasts[-1]
        last, most = None if at is None else self.all[at], self._mosts[-1]
        fits = [facts, *(self._scorer.facts_on(r, self._birth) for r in self._also if self._birth is not None)]
        for place in range(start, len(self._entries)):
            w = self.all[place]
            self._low[place], self._doubt[place], self._agreed[place] = False, "", None
            if self._entries[place].validity not in (VALID, ASSUMED):
                self._lasts.append(self._lasts[-1])
                self._mosts.append(most)
                continue
            change = facts.scores.difference(last.row, w.row) if last is not None else None
            agrees = change is not None and abs(change) <= rules.confirmed_within_z
            why = ""
            signed = w.id in self._signed and w.status != "implausible"
            if signed:
                pass
            elif not agrees and least_z(fits, w.row) > rules.beyond_z:
                why = f"z is beyond {rules.beyond_z:g}"
            elif last is not None and change is not None and abs(change) > rules.jump_z:
                if w.day - last.day <= rules.jump_within_days:
                    why = f"a jump of {abs(change):.1f} SD since the last valid weight"
                else:
                    why = self._converted(last, w)
            if not why and not signed:
                why = self._rise(w, facts)
            if why:
                # Two weights with one fault (both in grams, both in pounds) agree: too high a weight is
                # confirmed by a signature, never by another like it.
                absurd = not is_low(change, last, w) and (
                    w.z is None or w.z > rules.beyond_z or (last is not None and self._converted(last, w) != "")
                )
                friend = None if absurd else self._agreeing(w, facts)
                if friend is None:
                    self._low[place], self._doubt[place] = is_low(change, last, w), why
                    self._doubts.append(place)
                    self._lasts.append(self._lasts[-1])
                    self._mosts.append(most)
                    continue
                self._agreed[friend] = place
                changed.append(friend)
                most = max(most, self.all[friend].exact)
            last, most = w, max(most, w.exact)
            self._lasts.append(place)
            self._mosts.append(most)
        return [place for place in changed if place < start]

    def _doubt_both(self, elsewhere: Sequence[Weights]) -> list[int]:
        """Doubt what is doubted were the child a boy, and were it a girl."""
        self._lasts, self._doubts, self._mosts = [None], [], [Decimal(0)]
        for place, entry in enumerate(self._entries):
            others, most = [weights.by_id[entry.e.id] for weights in elsewhere], self._mosts[-1]
            self._low[place], self._doubt[place], self._agreed[place] = False, "", None
            if entry.validity in (VALID, ASSUMED) and all(w.validity == SUSPECTED for w in others):
                self._low[place] = all(w.low for w in others)
                self._doubt[place] = f"{others[0].reason}, for a boy and for a girl"
                self._doubts.append(place)
                self._lasts.append(self._lasts[-1])
            else:
                self._lasts.append(place)
                most = max(most, self.all[place].exact)
            self._mosts.append(most)
        return []

    def _rise(self, w: Weight, facts: GrowthFacts) -> str:
        """Whether a weight is more than the last valid one of the days before by too much too soon.

        One that only returns to an earlier one is not.  Source: specification of the protocol, section 0, Weights.
        """
        first = w.place
        while first > 0 and self.all[first - 1].day == w.day:
            first -= 1
        at = self._lasts[first]
        if at is None or w.exact <= self._mosts[first]:
            return ""
        last = self.all[at]
        change = facts.scores.difference(last.row, w.row)
        if change is None:
            return ""  # where no table covers both weights there is no doubt from a jump or a ratio
        gestation = None if self._birth is None else self._birth.gestation_days
        return rise_words(self._rules.suspected.rise, gestation, last, w, change)

    def _agreeing(self, w: Weight, facts: GrowthFacts) -> int | None:
        """Place of a doubtful weight shortly before that agrees with this one."""
        rules = self._rules.suspected
        for place in reversed(self._doubts):
            other = self.all[place]
            if w.day - other.day > rules.confirmed_within_days:
                return None
            if self._agreed[place] is not None:
                continue
            change = facts.scores.difference(other.row, w.row)
            if change is not None and abs(change) <= rules.confirmed_within_z:
                return place
        return None

    def _near(self, changed: list[int], start: int) -> set[int]:
        """Places whose weights may have become something else: changed ones, and those that they may replace."""
        sure = {*changed, *range(start, len(self.all))}
        out = set(sure)
        for place in sure:
            repeats = self._entries[place].e.repeats
            repeats = self.copy_of.get(repeats or "", repeats)
            if repeats in self.by_id:
                out.add(self.by_id[repeats].place)
        for place in {*changed, start}:
            out.update(self._same_day(place))
        return out

    def _same_day(self, place: int) -> range:
        """Places of the weights of the day of one."""
        weights = self.all
        first, after = place, place + 1
        if place >= len(weights):
            return range(0)
        while first > 0 and weights[first - 1].day == weights[place].day:
            first -= 1
        while after < len(weights) and weights[after].day == weights[place].day:
            after += 1
        return range(first, after)

    def _mark(self, place: int) -> bool:
        """Write down what a weight is, now that its neighbours are known; return whether that changed.

        A weight that changes becomes another: what was judged on the one before keeps what it saw.
        """
        entry, w = self._entries[place], self.all[place]
        what, reason = (SUSPECTED, self._doubt[place]) if self._doubted(place) else (entry.validity, entry.reason)
        low = self._low[place]
        replaced_by = None if self._counted(place) else self._replacement(place)
        if (w.validity, w.reason, w.low, w.replaced_by) == (what, reason, low, replaced_by):
            return False
        w = replace(w, validity=what, reason=reason, low=low, replaced_by=replaced_by)
        self.all[place] = self.by_id[w.id] = w
        return True

    def _replacement(self, place: int) -> str | None:
        """Id of the good repeat within the hour to which an upper bound or suspected weight gives way."""
        w, e = self.all[place], self._entries[place].e
        named = (w.id, *(id for id, same in self.copy_of.items() if same == w.id))
        ids = [self.copy_of.get(id, id) for name in named for id in self._repeats.get(name, ())]
        repeats = [self.by_id[id] for id in ids if id in self.by_id and id != w.id]
        best = min((r.place for r in repeats if r.day >= w.day and self._counted(r.place)), default=None)
        for other in () if e.time is None else self._same_day(place):
            gap = minutes_between(e, self._entries[other].e)
            if self._counted(other) and gap is not None and 0 <= gap <= self._rules.repeat_within_minutes:
                best = other if best is None else min(best, other)
        if best is not None and self._entries[place].validity == UNCERTAIN and not self.all[best].class_iii:
            return None
        return None if best is None else self.all[best].id

    def _converted(self, last: Weight, w: Weight) -> str:
        """Whether a weight fits the trend once read in pounds or with the decimal point moved."""
        rules, birth = self._rules.suspected, self._birth
        if birth is None or birth.sex is None or last.z is None:
            return ""
        kgs = [k for f in rules.factors for k in (w.kg * f, w.kg / f)]
        z = self._reference.z(np.array(kgs), age_days=w.age_days, sex=birth.sex, gestation_days=birth.gestation_days)
        if bool((np.abs(z - last.z) <= rules.fits_within_z).any()):
            return "it fits the trend in pounds or with the decimal point moved"
        return ""


def _entered_on(entry: _Entry) -> dt.date:
    return entry.e.on


def _as_told(entry: tuple[int, Weighed]) -> tuple[dt.datetime, Order]:
    return entry[1].recorded_at, in_order(entry[1])


def _at_birth(w: Weight) -> bool:
    return w.age_days == 0


def _kg(w: Weight) -> Decimal:
    return w.exact


def _place(w: Weight) -> int:
    return w.place


_weighed_on = attrgetter("day")
