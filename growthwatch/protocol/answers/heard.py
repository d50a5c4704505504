"""What people said to a finding: who took it on, and whether they kept that; who declined; how long it was to wait."""

from __future__ import annotations

from collections.abc import Iterator

from growthwatch.core.words import days_words, long_date, name_words, one_line
from growthwatch.protocol.answers.parts import Heard
from growthwatch.protocol.answers.plain import date_of
from growthwatch.protocol.answers.to_do import small
from growthwatch.protocol.child.requests import Request, Word
from growthwatch.protocol.child.tasks import Task
from growthwatch.protocol.engine.fold import Fold
from growthwatch.protocol.engine.ladder import rung_of
from growthwatch.protocol.engine.state import OpenFinding, Snooze

__all__ = ["heard"]


def heard(fold: Fold, f: OpenFinding) -> tuple[Heard, ...]:
    """What was said to a finding, to its duties and to the requests that name it, in order of day."""
    requests = fold.state.child.requests
    out: list[Heard] = []
    if requests.words:
        # What was said to the finding itself is said to what it asked for by then, at that level and rung.
        for word in requests.said_to(f.key):
            out += _said(fold, f, word, "", _kept(fold, _covered(f, word), word))
        for task in f.tasks:
            for word in requests.said_to(task.id):
                out += _said(fold, f, word, f" ({small(task.action.do)})", _kept(fold, [task], word))
        for request in requests.all.values():
            if f.key in request.findings:
                for word in request.words:
                    out += _said(fold, f, word, f" ({one_line(request.ask)})", _answered(request, word))
    for snooze in fold.state.snoozes:
        if snooze.key == f.key:
            out += _waits(fold, snooze)
    return tuple(sorted(dict.fromkeys(out), key=lambda h: (h.on, h.says)))


def _covered(f: OpenFinding, word: Word) -> list[Task]:
    """The duties that a finding had set by the day of a word, of the highest rung reached then."""
    there = [
        t for t in f.tasks if t.set_on <= word.known_day and (t.replaced_on or word.known_day + 1) > word.known_day
    ]
    highest = max((rung_of(f, t).rstrip("+") for t in there), default="")
    return [t for t in there if rung_of(f, t).rstrip("+") == highest]


def _kept(fold: Fold, tasks: list[Task], word: Word) -> int | None:
    """The day on which all that somebody took on was done; None where something is not."""
    days = [done[0] if (done := t.done(fold.state.child)) is not None else None for t in tasks]
    known = [day for day in days if day is not None]
    return max(known) if known and len(known) == len(days) else None


def _answered(request: Request, word: Word) -> int | None:
    """The day on which whoever took a request on, or somebody else, said the last word on it."""
    return min((w.day for w in request.words if w.what == "answered" and w.final and w.day >= word.day), default=None)


def _said(fold: Fold, f: OpenFinding, w: Word, what: str, kept: int | None) -> Iterator[Heard]:
    """One word in a sentence; of a promise that was not kept, another of the day after it."""
    day, by = date_of(w.day), name_words(w.by)
    if w.on_behalf_of is not None:
        by += f", for {name_words(w.on_behalf_of)},"
    needs = "" if w.needs is None else f"; needed first: {one_line(w.needs)}"
    match w.what:
        case "acknowledged" if w.takes_on and w.by_when is not None:
            promise = f"{one_line(w.will_do or '')}, by {long_date(w.by_when)}"
            over = w.by_when < (fold.until if f.closed_on is None else f.closed_on)
            done = kept is not None and kept <= w.by_when
            yield Heard(day, f"{by} took it on{what}: {promise}{' (kept)' if done else ''}{needs}")
            if over and not done:
                late = "nothing is recorded as done" if kept is None else f"done {days_words(kept - w.by_when)} late"
                yield Heard(date_of(w.by_when + 1), f"{by} had said {promise}{what}: not kept, {late}")
        case "acknowledged":
            yield Heard(day, f"{by} acknowledged it{what}, and did not say who does what by when{needs}")
        case "answered":
            word = "answered" if w.final else "answered, and not for the last time"
            yield Heard(day, f"{by} {word}{what}{_text(w)}")
        case "declined":
            yield Heard(day, f"{by}{', of the family,' if w.by_family else ''} declined{what}{_text(w)}")
        case "chased":
            spoke = f", and spoke to {one_line(w.text)}" if w.text else ""
            yield Heard(day, f"{name_words(w.actor)} asked again{what}{spoke}")
        case _:
            yield Heard(day, f"{by} {'read it' if w.what == 'read' else 'found it'}{what}{_text(w)}")


def _text(w: Word) -> str:
    return f": {one_line(w.text)}" if w.text else ""


def _waits(fold: Fold, s: Snooze) -> Iterator[Heard]:
    """A snooze, by whom and why; and when it ended before its time."""
    signed = next((e for e in fold.state.child.signed.events if e.id == s.event), None)
    by = "" if signed is None else f" by {name_words(signed.actor)}"
    yield Heard(date_of(s.since), f"snoozed until {long_date(s.until)}{by}: {one_line(s.reason)}")
    if s.ended is not None and s.ended <= s.until:
        yield Heard(date_of(s.ended), f"the snooze until {long_date(s.until)} ended before its time")
