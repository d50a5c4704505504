"""The story of one finding: what was seen, what was asked of whom and what came of it, in order of day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.words import days_words, list_words, long_date, name_words, role_words
from growthwatch.protocol.answers.parts import Finding, Obligation
from growthwatch.protocol.answers.people import RequestLine, Rung, dropped

__all__ = ["chosen", "course"]

_TAGS = {"N": "national", "G": "guideline", "L": "local"}
_Line = tuple[dt.date, int, str]


def chosen(given: object, every: Sequence[Finding]) -> Finding:
    """The finding that is meant: itself, or by its key, or by its rule where that has one alone.

    Raises
    ------
    GrowthwatchError
        Where there is none, or more than one; the keys that there are are named.
    """
    key = given.key if isinstance(given, Finding) else given
    found = [f for f in every if f.key == key] or [f for f in every if f.rule == key]
    if len(found) != 1:
        keys = [f.key for f in (found or every)]
        raise GrowthwatchError.of("finding", given, f"one of {list_words(keys)}" if keys else "none: nothing was found")
    return found[0]


def course(f: Finding, ladder: Sequence[Rung], requests: Sequence[RequestLine], on: dt.date) -> str:
    """Tell the story of a finding.

    Parameters
    ----------
    f
        The finding, open or closed.
    ladder
        How far open findings have climbed.
    requests
        What was asked of whom.
    on
        The day on which it is told.
    """
    level = f" ({f.level})" if f.says_level else ""
    state = "open" if f.closed_on is None else f"closed on {long_date(f.closed_on)}"
    out = [f"{f.rule} {f.title}{level}: {state}.", f.says, *f.notes]
    if f.false_alarm is not None:
        out.append(f.false_alarm)
    out += [f"It rests on {list_words(list(f.witness))}.", ""] if f.witness else [""]
    nobody = dropped(requests)
    lines = [*_levels(f), *(line for o in f.obligations for line in _deed(o, on, nobody)), *_asked(f, requests)]
    lines += [(h.on, 5, h.says) for h in f.heard]
    if f.closed_on is not None:
        lines.append((f.closed_on, 9, f"closed by {f.closed_by}"))
    out += [f"- {long_date(day)}: {text}." for day, _, text in sorted(lines)]
    rung = next((r for r in ladder if r.key == f.key), None)
    if f.closed_on is None:
        out += ["", *([] if rung is None else _climbed(rung)), f"Closes when {f.closes}."]
    source = " ".join(f.source.split()).removesuffix(".")
    out.append(f"Source: {source} ({_TAGS[f.tag]}); to be looked at again by {long_date(f.review_by)}.")
    return "\n".join(out)


def _levels(f: Finding) -> list[_Line]:
    """On which days it opened and grew graver."""
    out: list[_Line] = [(f.opened_on, 0, "opened")]
    for n, (day, level) in enumerate(f.raised):
        last = n == len(f.raised) - 1
        so = "judged anew" if last and f.anew else "grew graver"
        out.append((day, 0, f"{so}: {level}"))
    return out


def _deed(o: Obligation, on: dt.date, nobody: Mapping[str, str]) -> list[_Line]:
    """What was asked of whom by when, and what came of it."""
    who = role_words(o.owner) if o.owner_name is None else name_words(o.owner_name)
    do = o.do if o.do[:1].isdigit() or o.do[1:2].isupper() else o.do[:1].lower() + o.do[1:]
    rung = "" if o.rung is None else f"{o.rung}, "
    out: list[_Line] = [(o.set_on, 2, f"{rung}asked of {who}: {do}, by {long_date(o.deadline)}")]
    if o.done_on is not None:
        late = f", {days_words(o.done_late_by)} late" if o.done_late_by else ""
        out.append((max(o.done_on, o.set_on), 3, f"done: {do} ({o.done_by}){late}{nobody.get(o.done_by or '', '')}"))
    elif o.replaced_on is not None:
        out.append((o.replaced_on, 3, f"asked for anew: {do}"))
    elif o.overdue:
        late = days_words((on - o.deadline).days)
        # Before what is asked on that day because of it.
        out.append((o.deadline + dt.timedelta(days=1), 1, f"nothing is recorded as done: {do} ({late} late by now)"))
    return out


def _asked(f: Finding, requests: Sequence[RequestLine]) -> list[_Line]:
    """Requests that name it."""
    out: list[_Line] = []
    for r in requests:
        if f.key in r.findings:
            whom = list_words([name_words(name) for name in r.asked_of])
            out.append((r.asked_on, 4, f"{r.asked_by} asked {whom}: {name_words(r.ask)} ({r.state})"))
    return out


def _climbed(r: Rung) -> list[str]:
    """How far it has climbed, who has taken it on, and up to when its next step waits."""
    taken = "nobody has taken that on"
    if r.acknowledged_by is not None and r.acknowledged_on is not None:
        taken = f"{name_words(r.acknowledged_by)} took that on on {long_date(r.acknowledged_on)}"
    out = [f"It has reached {r.rung}; {taken}."]
    if r.snoozed_until is not None:
        out.append(f"Snoozed until {long_date(r.snoozed_until)}: {name_words(r.snoozed_because or '')}.")
    return out
