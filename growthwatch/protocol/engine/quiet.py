"""Children of whom nothing is known but birth, weights and visits: on which days anything could be said of them.

A fold visits every day with news.  Of most children no kind of rule could be met on most weights; what
follows from the weights of many children together tells on which it could.  Between those days, and days on
which a routine weight is late, the fold need only read.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from growthwatch.protocol.child import TAKEN, Scorer
from growthwatch.protocol.child.ages import Ages
from growthwatch.protocol.child.columns import Flags, Followed, follow_together
from growthwatch.protocol.child.scorer import BirthFacts
from growthwatch.protocol.document import Protocol
from growthwatch.protocol.kinds.kind import GrowthKind
from growthwatch.protocol.schedule import routine_points
from growthwatch.record.effective import link
from growthwatch.record.known import Known
from growthwatch.references.distributions import Floats

__all__ = ["Quiet", "prepare"]

_SAYS_NOTHING = frozenset({"born", "weighed", "contact"})
"""Events by which no rule is met while no weight is late, and none could be met on the weights."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """On which days anything could be said of a child: from each of these days up to the one beside it, in order.

    Attributes
    ----------
    loud
        Those spans; they hold while the child is in T0 and nothing is open.
    meets
        For each rule about growth that could be met at all, the spans in which it could be.
    """

    loud: tuple[tuple[int, float], ...]
    meets: Mapping[str, tuple[tuple[int, float], ...]]

    def may_meet(self, rule_id: str, day: int) -> bool:
        """Whether a rule about growth could be met on a day."""
        return any(start <= day < end for start, end in self.meets.get(rule_id, ()))

    def next_loud(self, day: int) -> float:
        """First day after another on which anything could be said."""
        at = bisect_right(self.loud, day, key=_start) - 1
        if at >= 0 and self.loud[at][1] > day:
            return day + 1
        return self.loud[at + 1][0] if at + 1 < len(self.loud) else np.inf


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
    scorers = [Scorer(settings, reference, k.events) for k in known]
    ages = [_born(k, Ages(settings)) for k in known]
    there = [i for i, a in enumerate(ages) if a.birth is not None and scorers[i].weighings]
    births: list[BirthFacts] = []
    for i in there:
        birth = ages[i].birth
        assert birth is not None
        births.append((birth.day, birth.sex, birth.gestation_days))
    followed, sound = follow_together(settings, reference, [scorers[i] for i in there], births)
    meets = {r.id: r.may_meet(followed) for r in protocol.rules if isinstance(r, GrowthKind)}
    quiet: list[Quiet | None] = [None] * len(known)
    offsets = followed.offsets.tolist()
    for at, i in enumerate(there):
        if sound[at] and _plain(known[i]):
            rows = slice(offsets[at], offsets[at + 1])
            spans = _spans(followed, meets, rows, _doubtful(scorers[i], followed.day[rows]))
            quiet[i] = Quiet(_loud(ages[i], protocol, followed, spans, rows), spans)
    return list(zip(scorers, quiet, strict=True))


def _born(known: Known, ages: Ages) -> Ages:
    births = [e for e in known.events if e.type == "born"]
    if len(births) == 1 and not any(link(e) for e in known.events):
        ages.take(known.day(births[0]), births[0])
        return ages
    for day, e in known.effective():
        if e.type == "born":
            ages.take(day, e)
    return ages


def _plain(known: Known) -> bool:
    """Whether all was written down on its day, none of it taken back, and none of it of another sort."""
    births = 0
    for e in known.events:
        if link(e) is not None or (
            e.type in TAKEN and (e.type not in _SAYS_NOTHING or known.day(e) != e.on.toordinal())
        ):
            return False
        births += e.type == "born"
    return births == 1 and known.events[0].type == "born" and not known.hindsight


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
    followed: Followed, meets: Mapping[str, Flags], rows: slice, doubtful: Sequence[tuple[int, float]]
) -> dict[str, tuple[tuple[int, float], ...]]:
    """For each rule that could be met on a weight of a child: from that weight up to the next."""
    out: dict[str, tuple[tuple[int, float], ...]] = {}
    day, until = followed.day[rows], followed.until[rows] + 1
    for id, flags in meets.items():
        own = flags[rows]
        if doubtful or own.any():
            out[id] = (*zip(day[own].astype(int).tolist(), until[own].tolist(), strict=True), *doubtful)
    return out


def _loud(
    ages: Ages,
    protocol: Protocol,
    followed: Followed,
    meets: Mapping[str, tuple[tuple[int, float], ...]],
    rows: slice,
) -> tuple[tuple[int, float], ...]:
    """Spans of days: from a weight on which a rule could be met up to the next, and while a routine weight is late."""
    days: list[int] = followed.day[rows].astype(int).tolist()
    spans = [span for own in meets.values() for span in own]
    points = routine_points(ages, protocol.settings.schedule)
    birth = ages.birth
    assert birth is not None
    for anchor, after in zip([None, *days], [*days, np.inf], strict=True):
        due = next((p.end for p in points if anchor is None or anchor < p.start), None)
        if due is not None and after > due:
            spans.append((due + 1, after))
    out: list[tuple[int, float]] = []
    for start, end in sorted(spans):
        if out and start <= out[-1][1]:
            out[-1] = out[-1][0], max(end, out[-1][1])
        else:
            out.append((start, end))
    return tuple(out)
