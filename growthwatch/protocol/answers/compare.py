"""What a change of protocol would have changed: for which children, on which days, and how much work it is.

Both protocols judge the same records as if each had always been in force.  What differs is told
by finding, and counted by rule: findings, interrupts, and duties a week.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, cast

from growthwatch.core.errors import GrowthwatchError
from growthwatch.protocol.answers.compared import (
    Comparison,
    Difference,
    DueDifference,
    Duty,
    RuleDifference,
    Spell,
    TierDifference,
)
from growthwatch.protocol.answers.plain import date_of, day_of
from growthwatch.protocol.answers.review import checked, known_by
from growthwatch.protocol.answers.untold import no_evidence, reads_of_change
from growthwatch.protocol.document import Protocol
from growthwatch.protocol.engine.fold import Fold
from growthwatch.protocol.engine.state import OpenFinding
from growthwatch.protocol.file.values import LOUDNESS
from growthwatch.record.record import Record

__all__ = ["compare", "each_once", "finding_differences", "findings_of", "tiers_apart", "weights_apart"]


@dataclass
class _Counts:
    """What one rule did, under the old protocol and under the new one."""

    title: str = ""
    findings: list[int] = field(default_factory=lambda: [0, 0])
    interrupts: list[int] = field(default_factory=lambda: [0, 0])
    duties: list[int] = field(default_factory=lambda: [0, 0])
    children: set[int] = field(default_factory=set[int])


def compare(
    records: Iterable[Record],
    old: Protocol,
    new: Protocol,
    *,
    until: dt.date | dt.datetime,
    progress: Callable[[int], None] | None = None,
) -> Comparison:
    """Say what a change of protocol would have changed.

    Parameters
    ----------
    records
        Records of one child each: they are taken as they come, one at a time.
    old, new
        Each judged as if it had always been in force.
    until
        Last day, judged at its end.
    progress
        Called with the number of children done, after each; None: nobody wants to know.

    Returns
    -------
    Comparison

    Raises
    ------
    GrowthwatchError
        For a wrong argument, or a record that is none, with its place.

    Notes
    -----
    A finding under one protocol is held against that of the same rule and subject under the other which was open at
    the same time.  Duties are all that its findings set, those that recur each time.
    """
    both = (_protocol("old", old), _protocol("new", new))
    by_rule: dict[str, _Counts] = defaultdict(_Counts)
    differences: list[Difference] = []
    tiers: list[TierDifference] = []
    due: list[DueDifference] = []
    starts: list[dt.date] = []
    held: set[str] = set()
    last: dt.date | None = None
    place = 0
    for place, record in enumerate(each_once(records), start=1):
        folds = [Fold(known_by(record, p, until, None, "until"), (p,), finely=False) for p in both]
        for fold in folds:
            fold.run()
        last = date_of(folds[0].until)
        starts += [e.on for e in record.events if e.on <= last]
        starts = [min(starts)] if starts else []
        held |= {str(e.type) for e in record.events if e.on <= last}
        told = [findings_of(fold) for fold in folds]
        for which, findings in enumerate(told):
            for f in findings:
                _count(by_rule[f.rule.id], f, which)
        mine = finding_differences(record.child_id, *told)
        differences += mine
        for d in mine:
            by_rule[d.rule].children.add(place)
        tiers += _tier_difference(record.child_id, *folds)
        due += _due_difference(record.child_id, *folds)
        if progress is not None:
            progress(place)
    if last is None:
        raise GrowthwatchError.of("records", [], "at least one record")
    ids = dict.fromkeys(rule.id for p in both[::-1] for rule in p.rules)
    rules = [
        RuleDifference(id, c.title, _pair(c.findings), _pair(c.interrupts), _pair(c.duties), len(c.children))
        for id in ids
        if (c := by_rule.get(id)) is not None
    ]
    named = [(p.id, p.version, p.hash) for p in both]
    since = starts[0] if starts else last
    return Comparison(
        named[0], named[1], since, last, place, tuple(rules), tuple(differences), tuple(tiers), tuple(due),
        no_evidence(reads_of_change(*both), held),
    )  # fmt: skip


def each_once(records: Iterable[Record]) -> Iterator[Record]:
    """Records of one child each, as they come: what is none is refused with its place, and so is a child twice."""
    given: object = records
    if isinstance(given, Record | Mapping | str | bytes) or not isinstance(given, Iterable):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise GrowthwatchError.of("records", cast("object", given), "Records, of one child each, such as a list")
    places = dict[str, int]()
    for place, one in enumerate(cast("Iterable[object]", given), start=1):
        record = checked(one, f"records {place}")
        if (first := places.setdefault(record.child_id, place)) != place:
            each = f"each child once; records {first} is of this child, too (merge them, if both are its own)"
            raise GrowthwatchError.of(f"records {place}", record.child_id, each)
        yield record


def _protocol(field: str, given: object) -> Protocol:
    if not isinstance(given, Protocol):
        raise GrowthwatchError.of(field, given, "a Protocol, such as growthwatch.protocol('uk-hv')")
    return given


def _pair(counts: Sequence[int]) -> tuple[int, int]:
    return counts[0], counts[1]


def findings_of(fold: Fold) -> list[OpenFinding]:
    """Every finding that ever opened, in order of opening."""
    return sorted([*fold.state.closed, *fold.state.open.values()], key=lambda f: (f.opened_on, f.slot))


def _count(counts: _Counts, f: OpenFinding, which: int) -> None:
    counts.title = f.rule.title
    counts.findings[which] += 1
    counts.interrupts[which] += sum(f.rule.levels[level].loudness == LOUDNESS[-1] for _, level in f.raised)
    counts.duties[which] += len(f.tasks)


def _spell(f: OpenFinding) -> Spell:
    levels = tuple((date_of(day), f.rule.levels[level].name) for day, level in f.raised)
    duties = tuple(Duty(date_of(t.set_on), date_of(t.deadline), str(t.action.owner), t.action.do) for t in f.tasks)
    loudness = tuple(str(f.rule.levels[level].loudness) for _, level in f.raised)
    return Spell(f.key, date_of(f.opened_on), day_of(f.closed_on), levels, duties, loudness)


def finding_differences(child_id: str, old: Sequence[OpenFinding], new: Sequence[OpenFinding]) -> list[Difference]:
    """Findings of one child that are not the same, each held against the one that was open at the same time."""
    waiting: dict[str, list[Spell]] = defaultdict(list)
    for f in new:
        waiting[f.slot].append(_spell(f))
    out: list[Difference] = []
    for f in old:
        mine = _spell(f)
        others = waiting[f.slot]
        theirs = next((s for s in others if s.same(mine)), None) or next((s for s in others if _meet(mine, s)), None)
        if theirs is not None:
            others.remove(theirs)
        if theirs is None or not theirs.same(mine):
            out.append(Difference(child_id, f.rule.id, f.subject, mine, theirs))
    subjects = {f.slot: (f.rule.id, f.subject) for f in new}
    out += [Difference(child_id, *subjects[slot], None, s) for slot, spells in waiting.items() for s in spells]
    return sorted(out, key=lambda d: (d.days, d.rule, d.subject))


def _meet(a: Spell, b: Spell) -> bool:
    """Whether two were open on one day."""
    return (a.closed_on is None or b.opened_on <= a.closed_on) and (b.closed_on is None or a.opened_on <= b.closed_on)


_Course = Sequence[tuple[int, Any]]
"""What holds from which day on."""


def _apart(old: _Course, new: _Course, start: Any, end: int) -> list[tuple[int, int, Any, Any]]:
    """Stretches of days on which two courses differ: first day, how many days, and the value of each."""
    out: list[tuple[int, int, Any, Any]] = []
    days = sorted({day for day, _ in (*old, *new)})
    for day, following in pairwise([*days, end]):
        before, after = (next((value for on, value in reversed(told) if on <= day), start) for told in (old, new))
        if before != after:
            out.append((day, following - day, before, after))
    return out


def tiers_apart(old: Fold, new: Fold) -> list[tuple[int, int, Any, Any]]:
    """Stretches of days on which the tier is not the same."""
    told = [[(c.day, c.tier[1]) for c in f.changes if c.tier] for f in (old, new)]
    return _apart(told[0], told[1], "T0", old.until + 1)


def weights_apart(old: Fold, new: Fold) -> list[tuple[int, int, Any, Any]]:
    """Stretches of days on which the next weight is due otherwise."""
    told = [[(c.day, c.due) for c in f.changes] for f in (old, new)]
    return _apart(told[0], told[1], None, old.until + 1)


def _tier_difference(child_id: str, old: Fold, new: Fold) -> list[TierDifference]:
    """On how many days the tier is not the same."""
    apart = tiers_apart(old, new)
    if not apart:
        return []
    day, _, before, after = apart[0]
    closer = sum(days for _, days, was, now in apart if now > was)
    less = sum(days for _, days, was, now in apart if now < was)
    return [TierDifference(child_id, (date_of(day), before, after), closer, less)]


def _due_difference(child_id: str, old: Fold, new: Fold) -> list[DueDifference]:
    """On how many days the next weight is due otherwise."""
    apart = weights_apart(old, new)
    if not apart:
        return []
    day, _, before, after = apart[0]
    return [DueDifference(child_id, (date_of(day), day_of(before), day_of(after)), sum(days for _, days, *_ in apart))]
