"""Children of whom nothing is known but birth, weights and visits: on which days anything could be said of them.

A fold visits every day with news.  Of most children no kind of rule could be met on most weights; what
follows from the weights of many children together tells on which it could.  Between those days, and days on
which a routine weight is late, the fold need only read.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import chain
from typing import Any, NamedTuple

import numpy as np

from growthwatch.protocol.child import Scorer
from growthwatch.protocol.child.ages import Ages
from growthwatch.protocol.child.columns import Flags, Followed, follow_together
from growthwatch.protocol.child.scorer import BirthFacts
from growthwatch.protocol.document import Protocol
from growthwatch.protocol.engine.state import State
from growthwatch.protocol.schedule import Due, next_routine, next_weighing
from growthwatch.record.effective import link
from growthwatch.record.known import Known
from growthwatch.references.distributions import Floats

__all__ = ["Quiet", "is_plain", "prepare"]

_MOST_KG = 1000.0
_NEVER = 10**9
_SAYS_NOTHING = frozenset({"born", "weighed", "contact", "protocol_adopted"})
"""Events by which no rule is met while no weight is late, and none could be met on the weights."""
_CONDITIONS = frozenset({"condition_diagnosed"})
"""Events that are judged on their day; from then on the same holds for rules that do not read conditions."""


_PUT_RIGHT = frozenset({"weighed", "contact"})
"""Events that may be taken back or put right: on the days between, all is judged."""


class Anchor(NamedTuple):
    """A weight that counts, as the schedule looks at it: its day, and how much it is."""

    day: int
    exact: float
    id: str = ""


@dataclass(frozen=True, slots=True)
class Quiet:
    """Where nothing could be said of a child by its weights.

    Attributes
    ----------
    loud
        Spans of days in which a rule could be met, in order: from each day up to the one beside it.
    meets
        For each rule that could be met at all, the spans in which it could be, in order, none touching the next.
    anchors
        The weights that count, in order of date.
    contacts
        How many contacts there are.
    ages
        Birth of the child.
    """

    loud: tuple[tuple[int, float], ...]
    meets: Mapping[str, tuple[tuple[int, float], ...]]
    anchors: tuple[Anchor, ...]
    contacts: int
    ages: Ages

    def may_meet(self, rule_id: str, day: int) -> bool:
        """Whether a rule could be met on a day."""
        spans = self.meets.get(rule_id, ())
        at = bisect_right(spans, day, key=_start) - 1
        return at >= 0 and day < spans[at][1]

    def starts_at(self, day: int, protocol: Protocol) -> bool:
        """Whether a fold that begins on a day need not judge it: the birth, of a child of no known risk."""
        birth = self.ages.birth
        if birth is None or birth.day != day:
            return False
        lightest = min((a.exact for a in self.anchors if a.day == day), default=np.inf)
        return not any(
            (risk.born_before_days is not None and (birth.gestation_days or np.inf) < risk.born_before_days)
            or (risk.lighter_than_kg is not None and lightest < float(risk.lighter_than_kg))
            for risk in protocol.settings.tiers.risk_ages
        )

    def next_loud(self, day: int) -> float:
        """First day from one on, itself included, on which a rule could be met by the weights."""
        at = bisect_right(self.loud, day, key=_start) - 1
        if at >= 0 and self.loud[at][1] > day:
            return day
        return self.loud[at + 1][0] if at + 1 < len(self.loud) else np.inf

    def until(self, state: State, day: int) -> float:
        """First day from one on, itself included, on which anything could be said, by the weights or for one late.

        The day is the first later one that has news, or that a rule has named.
        """
        loud, routine = self.next_loud(day), state.tier == "T0"
        due = state.due if state.day else self._due(state, 0, state.day)
        late, point = self._late(state, due), None if state.day else due.earliest
        for at in range(bisect_right(self.anchors, state.day, key=_day), len(self.anchors)):
            on = self.anchors[at].day
            if on >= loud or on > late:
                break
            if routine and point is not None and on < point:
                continue  # the routine weight that it does not meet is still the next
            due = self._due(state, at + 1, on)
            late, point = self._late(state, due), due.earliest if due.earliest is not None else _NEVER
        return max(day, min(loud, late))

    def _due(self, state: State, weights: int, day: int) -> Due:
        """The next weighing after so many of the weights."""
        valid: Any = self.anchors[:weights]
        if state.tier == "T0":
            return next_routine(self.ages, state.protocol.settings.schedule, valid[-1] if valid else None)
        return next_weighing(state.child, state.tier, state.standing.rose, day, valid=valid)

    def _late(self, state: State, due: Due) -> float:
        """First day on which a rule could be met because the weight is late."""
        late = np.inf
        for rule in state.protocol.order.settled:
            day = rule.speaks_from(due, self.contacts)
            if day is not None and day < late:
                late = day
        return late


def _day(anchor: Anchor) -> int:
    return anchor.day


def _start(span: tuple[int, float]) -> int:
    return span[0]


def prepare(known: Sequence[Known], protocol: Protocol) -> list[tuple[Scorer, Quiet | None]]:
    """Growth facts of many children, worked out together, and on which days anything could be said of each.

    Parameters
    ----------
    known
        Their records as they are known.
    protocol
        The one that judges them.
    """
    settings, reference = protocol.settings, protocol.reference
    scorers = [Scorer(settings, reference, k.read, k.in_doubt) for k in known]
    ages = [_born(k, Ages(settings)) for k in known]
    # A child with a figure beyond all measure is worked out alone: sums over many would lose the others beside it.
    there = [i for i, a in enumerate(ages) if a.birth is not None and 0 < scorers[i].kg.max(initial=0.0) < _MOST_KG]
    births: list[BirthFacts] = []
    for i in there:
        birth = ages[i].birth
        assert birth is not None
        births.append((birth.day, birth.sex, birth.gestation_days))
    followed, sound = follow_together(settings, reference, [scorers[i] for i in there], births)
    meets = {r.id: r.may_meet(followed) for r in protocol.rules}
    asking = [r.id for r in protocol.rules if "conditions" in r.READS]
    seen = protocol.order.looked_at
    quiet: list[Quiet | None] = [None] * len(known)
    offsets = followed.offsets.tolist()
    # How many rows of each child could meet each rule.
    counts = {id: np.diff(np.append(0, np.cumsum(flags))[followed.offsets]).tolist() for id, flags in meets.items()}
    for at, i in enumerate(there):
        if sound[at] and is_plain(known[i], seen):
            rows = slice(offsets[at], offsets[at + 1])
            diagnosed = [e.on.toordinal() for e in known[i].events if e.type in _CONDITIONS]
            right = _put_right(known[i]) or _PutRight([], [])
            doubtful = _doubtful(scorers[i], followed.day[rows]) + right.weights
            met = {id: count[at] for id, count in counts.items()}
            spans = _spans(followed, meets, met, rows, [*doubtful, *((day, day + 1) for day in diagnosed)])
            # What the columns say of rules that read conditions holds of children without one.
            for id in asking if diagnosed else ():
                spans[id] = (*spans.get(id, ()), (min(diagnosed), np.inf))
            each = {id: _merged(own) for id, own in spans.items()}
            loud = _merged(chain(right.contacts, *each.values()))
            anchors = map(Anchor, followed.day[rows].astype(int).tolist(), followed.kg[rows].tolist())
            contacts = sum(e.type == "contact" for e in known[i].events)
            quiet[i] = Quiet(loud, each, tuple(anchors), contacts, ages[i])
    return list(zip(scorers, quiet, strict=True))


def _born(known: Known, ages: Ages) -> Ages:
    births = [e for e in known.read if e.type == "born"]
    if len(births) == 1 and not any(link(e) for e in known.events):
        ages.take(known.day(births[0]), births[0])
        return ages
    for day, e in known.effective():
        if e.type == "born":
            ages.take(day, e)
    return ages


def is_plain(known: Known, looked_at: Set[str]) -> bool:
    """Whether all was written down on its day, and none of it is of another sort that is judged.

    Of weights and contacts some may have been taken back or put right since, each of them once.
    """
    births, right = 0, _put_right(known)
    if known.notices() or known.in_doubt or right is None:
        return False
    for e in known.events:
        late = known.day(e) != e.on.toordinal() and link(e) is None
        if e.type in looked_at and ((e.type not in _SAYS_NOTHING and e.type not in _CONDITIONS) or late):
            return False
        if e.type == "contact" and e.danger_signs == "present":
            return False
        births += e.type == "born"
    return births == 1 and known.events[0].type == "born" and not known.hindsight


class _PutRight(NamedTuple):
    """Where a record that was put right is not, or is read as not, the beginning of what counts in the end.

    Attributes
    ----------
    weights
        Days on which a weight counted that was taken back or put right later, up to the day of that, included.
    contacts
        Days on which a contact was: by one more, or another, nothing is met, but the record is read anew.
    """

    weights: list[tuple[int, float]]
    contacts: list[tuple[int, float]]


def _put_right(known: Known) -> _PutRight | None:
    """Where what counted is not what counts in the end; None where that cannot be told.

    That is where something else than a weight or a contact is put right, or what puts right is in its turn.
    """
    out = _PutRight([], [])
    links = [(e, target) for e in known.events if (target := link(e)) is not None]
    if not links:
        return out
    events, sources = {e.id: e for e in known.events}, {e.id for e, _ in links}
    if len({target for _, target in links}) < len(links):
        return None
    for e, target in links:
        was, day = events.get(target), known.day(e)
        if was is None or target in sources or was.type not in _PUT_RIGHT:
            return None
        if e.type not in (was.type, "entered_in_error"):
            return None
        if was.recorded_at >= e.recorded_at or day < max(e.on.toordinal(), known.day(was)):
            return None
        if was.type == "contact":
            out.contacts.append((day, day + 1))
        else:
            first = min(was.on, e.on) if e.type == "weighed" else was.on
            out.weights.append((first.toordinal(), day + 1))
    return out


def _doubtful(scorer: Scorer, valid: Floats) -> list[tuple[int, float]]:
    """From each weight that does not look valid, such as a clothed one, up to the next that does."""
    if valid.size == len(scorer.weighings):
        return []
    days, there = valid.tolist(), set(valid.tolist())
    others = sorted({e.on.toordinal() for e in scorer.weighings} - there)
    # Two weights of one day, of which one does not look valid: that day too.
    twice = [day for day, n in Counter(e.on.toordinal() for e in scorer.weighings).items() if n > 1]
    return [(d, days[at] if (at := bisect_right(days, d)) < len(days) else np.inf) for d in (*others, *twice)]


def _spans(
    followed: Followed,
    meets: Mapping[str, Flags],
    met: Mapping[str, int],
    rows: slice,
    doubtful: Sequence[tuple[int, float]],
) -> dict[str, tuple[tuple[int, float], ...]]:
    """For each rule that could be met on a weight of a child: from that weight up to the next.

    ``met`` tells on how many of the child's rows each rule could be.
    """
    out: dict[str, tuple[tuple[int, float], ...]] = {}
    day, until = followed.day[rows], followed.until[rows] + 1
    for id, count in met.items():
        if count == day.size:
            out[id] = ((0, np.inf),)
        elif count:
            own = meets[id][rows]
            out[id] = (*zip(day[own].astype(int).tolist(), until[own].tolist(), strict=True), *doubtful)
        elif doubtful:
            out[id] = tuple(doubtful)
    return out


def _merged(spans: Iterable[tuple[int, float]]) -> tuple[tuple[int, float], ...]:
    """Spans together, in order, none touching the next."""
    out: list[tuple[int, float]] = []
    for start, end in sorted(spans):
        if out and start <= out[-1][1]:
            out[-1] = out[-1][0], max(end, out[-1][1])
        else:
            out.append((start, end))
    return tuple(out)
