"""Whom each change of a file that extends another would have affected: change by change, and all together.

Each change is put alone into the file at the root, and both judge the same records as if each had always been in
force.  What is told is of the last twelve months: what happens under one of the two only, findings that are open under
one of the two only, and days on which the tier or the next weight are not the same.

Source: design of the views, section 2 (Protocol).
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from growthwatch.core.canonical import content_hash
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.words import count_words, list_words, long_date, name_words
from growthwatch.protocol.answers.compare import each_once, finding_differences, findings_of, tiers_apart, weights_apart
from growthwatch.protocol.answers.compared import Difference
from growthwatch.protocol.answers.review import known_by
from growthwatch.protocol.answers.untold import NO_EVIDENCE, no_evidence, reads_of_change
from growthwatch.protocol.document import Protocol
from growthwatch.protocol.engine.fold import Fold
from growthwatch.protocol.engine.state import OpenFinding
from growthwatch.protocol.file.dated import Given
from growthwatch.protocol.file.paths import Step
from growthwatch.protocol.file.sources import as_list, as_table
from growthwatch.record.record import Record

__all__ = ["NOT_ASKED", "STAYS_OPEN", "Affected", "Whom", "check_asked", "whom_affected"]

NOT_ASKED = (
    "Whom each change would have affected is not said here: no records were given. With them (--records FOLDER --until "
    "DAY; in Python records= and until=) it is said beside each."
)
STAYS_OPEN = "A finding that is open on the day of the change stays open: no change of protocol closes one."

_DAYS = 365
_MOST_NAMED = 12
_DAYS_A_YEAR = 365.25


@dataclass(frozen=True, slots=True)
class Affected:
    """Whom one change would have affected.

    Attributes
    ----------
    steps
        How the value that it sets is found in the file; of a rule that the file adds, ``rules`` and its place; empty
        for all changes together.
    children
        Ids of those who would have been answered otherwise, in order.
    more, fewer, sooner, later, otherwise
        How many findings there are that the file at the root does not have, that it alone has, that open on an earlier
        or a later day, and that differ in something else (how grave, until when, what they ask for).
    closer, less_closely
        How many children are watched more, and less, closely on some day.
    weights
        For how many children the next weight is due on another day.
    deeds
        How many deeds are set more (below 0: fewer) in these days.
    days
        How many days these are.
    holds_from
        The first day on which it holds, where that is after them; else None.
    alone
        Whether it can stand without the other changes.
    caveat
        What it does not say that nobody would have been answered otherwise.
    """

    steps: tuple[Step, ...]
    children: tuple[str, ...] = ()
    more: int = 0
    fewer: int = 0
    sooner: int = 0
    later: int = 0
    otherwise: int = 0
    closer: int = 0
    less_closely: int = 0
    weights: int = 0
    deeds: int = 0
    days: int = 1
    holds_from: dt.date | None = None
    alone: bool = True
    caveat: str = NO_EVIDENCE

    @property
    def says(self) -> str:
        """In plain English: who, and what would have been otherwise."""
        if not self.alone:
            return "It fits with the other changes only, and is not judged alone: see all together."
        if self.holds_from is not None:
            return f"Nobody yet: it holds from {long_date(self.holds_from)}, after the last of these days."
        if not self.children:
            return f"0 children. {self.caveat}"
        n = len(self.children)
        named = [name_words(id) for id in self.children[:_MOST_NAMED]]
        left = [f"{n - len(named)} more"] if n > len(named) else []
        return f"{_children(n)} ({list_words([*named, *left])}): {'; '.join(self._told())}."

    def _told(self) -> Iterator[str]:
        findings = [
            (self.more, "more"), (self.fewer, "fewer"), (self.sooner, "sooner"), (self.later, "later"),
            (self.otherwise, "otherwise (how grave, until when, or what must be done)"),
        ]  # fmt: skip
        there = [(count, how) for count, how in findings if count]
        if there:
            (count, how), *others = there
            yield ", ".join([f"{count_words(count, 'finding')} {how}", *(f"{c} {h}" for c, h in others)])
        if self.closer:
            yield f"{_children(self.closer)} watched more closely"
        if self.less_closely:
            yield f"{_children(self.less_closely)} watched LESS closely"
        if self.weights:
            yield f"the next weight of {_children(self.weights)} due on another day"
        a_year = self.deeds * _DAYS_A_YEAR / self.days
        side = "more" if a_year > 0 else "fewer"
        if not self.deeds:
            yield "as many deeds as before"
        elif abs(a_year) < 1:
            yield f"less than one deed a year {side}"
        else:
            yield f"about {count_words(round(abs(a_year)), 'deed')} a year {side}"


def _children(n: int) -> str:
    return "1 child" if n == 1 else f"{n} children"


@dataclass(frozen=True, slots=True)
class Whom:
    """Whom the changes of a file would have affected.

    Attributes
    ----------
    since, until
        The days of which it is told.
    count
        How many children were judged.
    changes
        Each change alone, in the order of the file.
    together
        All of them.
    """

    since: dt.date
    until: dt.date
    count: int
    changes: tuple[Affected, ...]
    together: Affected

    def of(self, steps: Sequence[Step]) -> Affected:
        """Whom the change of one value, or a rule that the file adds, would have affected."""
        for one in self.changes:
            if one.steps == tuple(steps):
                return one
        raise GrowthwatchError.of("steps", tuple(steps), "a value that the file sets, or a rule that it adds")

    @property
    def heading(self) -> str:
        """Which children and days."""
        return f"{_children(self.count)}, {long_date(self.since)} to {long_date(self.until)}"


@dataclass
class _Counted:
    """What is counted of one change, child by child."""

    children: list[str] = field(default_factory=list[str])
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))


def whom_affected(
    records: Iterable[Record],
    found: Protocol,
    *,
    until: dt.date,
    progress: Callable[[int], None] | None = None,
) -> Whom:
    """Say whom each change of a file that extends another would have affected in the twelve months up to a day.

    Parameters
    ----------
    records
        Records of one child each: they are taken as they come, one at a time.
    found
        The file.
    until
        Last day, judged at its end.
    progress
        Called with the number of children done, after each; None: nobody wants to know.

    Raises
    ------
    GrowthwatchError
        For a protocol that extends none, a wrong argument, or a record that is none, with its place.
    """
    check_asked(found, until)
    whole = found.whole
    since = dt.date.fromordinal(max(1, until.toordinal() - _DAYS + 1))
    root = _variant(whole, (), None)
    assert root is not None
    changes = list(_changes(whole))
    variants = [_variant(whole, given, rule) for _, given, rule in changes]
    counted = [_Counted() for _ in (*changes, None)]
    n = 0
    held: set[str] = set()
    for n, record in enumerate(each_once(records), start=1):
        before = _judged(record, root, until)
        held |= {str(e.type) for e in record.events if e.on <= until}
        for protocol, mine in zip((*variants, whole), counted, strict=True):
            if protocol is not None:
                _count(mine, record.child_id, before, _judged(record, protocol, until), since, until)
        if progress is not None:
            progress(n)
    if not n:
        raise GrowthwatchError.of("records", [], "at least one record")
    days = (until - since).days + 1
    told: list[Affected] = []
    for (steps, given, _), protocol, mine in zip(changes, variants, counted[:-1], strict=True):
        starts = [min(start or dt.date.min for start, _ in g.values) for g in given if g.steps == steps]
        later = min(starts) if starts and min(starts) > until else None
        told.append(_affected(steps, mine, days, later, root, protocol, held))
    return Whom(since, until, n, tuple(told), _affected((), counted[-1], days, None, root, whole, held))


def check_asked(found: Protocol, until: dt.date) -> None:
    """Refuse a protocol that extends none, and a last day that is none."""
    if found.extends is None:
        raise GrowthwatchError.of(
            "records", f"{found.id} {found.version}", "none beside a protocol that extends no other"
        )
    if not isinstance(until, dt.date) or isinstance(until, dt.datetime):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise GrowthwatchError.of("until", until, "a day, such as datetime.date(2026, 11, 28)")


def _affected(
    steps: tuple[Step, ...],
    mine: _Counted,
    days: int,
    later: dt.date | None,
    root: Protocol,
    protocol: Protocol | None,
    held: set[str],
) -> Affected:
    caveat = NO_EVIDENCE if protocol is None else no_evidence(reads_of_change(root, protocol), held) or NO_EVIDENCE
    return Affected(
        steps,
        tuple(mine.children),
        **mine.counts,
        days=days,
        holds_from=later,
        alone=protocol is not None,
        caveat=caveat,
    )


def _changes(whole: Protocol) -> Iterator[tuple[tuple[Step, ...], tuple[Given, ...], int | None]]:
    """Each change: how its value is found, what sets it, and the place of the rule that the file adds, or None.

    What files set of a rule that one of them has added belongs to that rule.
    """
    rules = as_list(whole.read.plain.get("rules")) or ()
    own = {place for place, rule in enumerate(rules) if (as_table(rule) or {}).get("id") in whole.read.own_rules}
    by_steps: dict[tuple[Step, ...], list[Given]] = {}
    for g in whole.read.given:
        if not (g.steps[0] == "rules" and g.steps[1] in own):
            by_steps.setdefault(g.steps, []).append(g)
    for steps, given in by_steps.items():
        yield steps, tuple(given), None
    for place in sorted(own):
        yield ("rules", place), tuple(g for g in whole.read.given if g.steps[:2] == ("rules", place)), place


def _variant(whole: Protocol, given: tuple[Given, ...], rule: int | None) -> Protocol | None:
    """The file at the root with one change alone; None where it does not hold without the others."""
    read = whole.read
    rules = [
        table
        for place, table in enumerate(as_list(read.plain.get("rules")) or ())
        if place == rule or (as_table(table) or {}).get("id") not in read.own_rules
    ]
    if rule is not None:
        last = len(rules) - 1
        given = tuple(replace(g, steps=("rules", last, *g.steps[2:])) for g in given)
    # A hash of its own: what is kept by hash must not be mixed up with that of the whole file.
    of = content_hash([read.hash, [[list(g.steps), g.file] for g in given], rule])
    alone = replace(read, hash=of, plain={**read.plain, "rules": rules}, given=given)
    kinds = {type(r).KIND: type(r) for r in whole.rules}
    try:
        return Protocol(alone, kinds, str(whole.id))
    except GrowthwatchError:
        return None


def _judged(record: Record, protocol: Protocol, until: dt.date) -> Fold:
    fold = Fold(known_by(record, protocol, until, None, "until"), (protocol,), finely=False)
    fold.run()
    return fold


def _count(mine: _Counted, child_id: str, before: Fold, after: Fold, since: dt.date, until: dt.date) -> None:
    """Count what of one child is not the same in these days; nothing of one who had died before them."""
    if after.state.child.dead_on(since.toordinal() - 1):
        return
    old, new = findings_of(before), findings_of(after)
    apart = [d for d in finding_differences(child_id, old, new) if _within(d, since, until)]
    for d in apart:
        mine.counts[_how(d)] += 1
    first = since.toordinal()
    tiers = [(was, now) for day, days, was, now in tiers_apart(before, after) if day + days > first]
    weights = [day for day, days, *_ in weights_apart(before, after) if day + days > first]
    mine.counts["closer"] += any(now > was for was, now in tiers)
    mine.counts["less_closely"] += any(now < was for was, now in tiers)
    mine.counts["weights"] += bool(weights)
    mine.counts["deeds"] += sum(_set(f, since) for f in new) - sum(_set(f, since) for f in old)
    if apart or tiers or weights:
        mine.children.append(child_id)


def _within(d: Difference, since: dt.date, until: dt.date) -> bool:
    """Whether something of it is in these days: a happening, or that it is open at all."""
    only = d.old or d.new if d.old is None or d.new is None else None
    if only is not None:
        return only.opened_on <= until and (only.closed_on is None or only.closed_on >= since)
    return any(since <= day <= until for day in d.days)


def _how(d: Difference) -> str:
    if d.old is None or d.new is None:
        return "more" if d.old is None else "fewer"
    old, new = d.old.opened_on, d.new.opened_on
    return "sooner" if new < old else "later" if new > old else "otherwise"


def _set(f: OpenFinding, since: dt.date) -> int:
    """How many deeds a finding set in these days."""
    return sum(t.set_on >= since.toordinal() for t in f.tasks)
