"""How every rule was judged on the day: its verdict, the numbers it read, and where they come from."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from weakref import WeakKeyDictionary

from growthwatch.core.frozen import FrozenDict
from growthwatch.core.said import said_by_dates
from growthwatch.protocol.answers.parts import Reminder, TraceLine
from growthwatch.protocol.answers.plain import date_of, frozen, plain
from growthwatch.protocol.document import Protocol
from growthwatch.protocol.engine.findings import look
from growthwatch.protocol.engine.fold import Fold
from growthwatch.protocol.engine.state import rule_of
from growthwatch.protocol.kinds.kind import NOT_MET, Kind, Outcome

__all__ = ["level_source", "reminders", "trace"]

_Source = tuple[str, str, dt.date]


@dataclass(frozen=True, slots=True)
class _Said:
    """What a protocol says of one rule: its parameters, and the provenance of the numbers of each level.

    ``not_met`` is the line of a rule that saw nothing.
    """

    parameters: FrozenDict
    sources: tuple[_Source, ...]
    not_met: TraceLine


# Dumped once for each protocol, and shared by all its reviews.
_SAID: WeakKeyDictionary[Protocol, dict[str, _Said]] = WeakKeyDictionary()
_NOT_PARAMETERS = {"source", "tag", "review_by", "id", "kind", "kind_version", "title"}


def level_source(protocol: Protocol | None, rule: Kind, level: int) -> _Source:
    """Provenance of a level's numbers: its own, or what the protocol that holds the rule says around it."""
    around = ("", "L", dt.date.min) if protocol is None else protocol.sources[rule.id]
    own = rule.levels[level]
    source, tag, review_by = own.source or around[0], own.tag or around[1], own.review_by or around[2]
    for g in () if protocol is None else protocol.given_for(rule, level):
        source, review_by = f"{source}; {g.steps[-1]}: {g.source} ({g.tag})", min(review_by, g.review_by)
    return source, tag, review_by


def _said(protocol: Protocol) -> dict[str, _Said]:
    found = _SAID.get(protocol)
    if found is None:
        found = _SAID[protocol] = {rule.id: _said_of(protocol, rule) for rule in protocol.rules}
    return found


def _said_of(protocol: Protocol, rule: Kind) -> _Said:
    parameters = frozen(rule.model_dump(mode="json", exclude=_NOT_PARAMETERS, exclude_none=True, by_alias=True))
    sources = tuple(level_source(protocol, rule, n) for n in range(len(rule.levels)))
    nothing = TraceLine(rule.id, rule.KIND, "not met", None, FrozenDict(), None, parameters, *sources[0])
    return _Said(parameters, sources, nothing)


def reminders(fold: Fold) -> tuple[Reminder, ...]:
    """What the rules that only remind say, and on which days, if nothing more is recorded.

    They read the state of the next weighing, and nothing else that time changes.
    """
    if fold.state.child.dead_on(fold.until):
        return ()
    out: list[Reminder] = []
    days: list[int | None] = [*sorted({1, *fold.state.due.wakes()}), None]
    at = look(fold.state)
    for rule in fold.state.protocol.order.reminders:
        for day, after in pairwise(days):
            assert day is not None
            at.day, at.noted = day, {}
            outcome = rule.judge(at)
            if outcome.level != NOT_MET:
                says = said_by_dates(rule.say(outcome.values, outcome.level))
                out.append(Reminder(says, date_of(day), None if after is None else date_of(after - 1)))
    return tuple(out)


def trace(fold: Fold) -> tuple[TraceLine, ...]:
    """A line for each rule, and each of its subjects, that was judged on the last day, in the order of the protocol.

    In which order subjects were first judged hangs on the days that the fold visited, which no answer may show.
    """
    said, state = _said(fold.state.protocol), fold.state
    outcomes, opened = state.outcomes, state.open
    slots: dict[str, list[str]] = {}
    for slot in outcomes:
        if slot not in said:
            slots.setdefault(rule_of(slot), []).append(slot)
    out: list[TraceLine] = []
    for rule in state.protocol.rules:
        id = rule.id
        outcome, finding = outcomes.get(id), opened.get(id)
        if outcome is not None:
            if finding is None and outcome.level == NOT_MET and not outcome.values and outcome.not_judged is None:
                out.append(said[id].not_met)
            else:
                out.append(_line(said[id], rule, id, outcome, None if finding is None else finding.level))
        for slot in sorted(slots[id]) if id in slots else ():
            finding = opened.get(slot)
            out.append(_line(said[id], rule, slot, outcomes[slot], None if finding is None else finding.level))
    return tuple(out)


def _line(said: _Said, rule: Any, slot: str, outcome: Outcome, open_level: int | None) -> TraceLine:
    met = outcome.level != NOT_MET
    verdict = "not judged" if outcome.not_judged else "met" if met else "not met"
    if open_level is not None:
        verdict = f"open, {verdict}"
    level = rule.levels[max(outcome.level, NOT_MET if open_level is None else open_level, 0)]
    return TraceLine(
        slot,
        rule.KIND,
        verdict,
        level.name if met or open_level is not None else None,
        plain(outcome.values),
        outcome.not_judged,
        said.parameters,
        *said.sources[max(outcome.level, 0)],
    )
