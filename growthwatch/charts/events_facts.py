"""What an event chart shows: weights above, and below them, lane by lane, what was done and what was not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from growthwatch.charts.facts import ChartFacts, Point, lowest_of_days
from growthwatch.charts.quoting import quoted, tidied
from growthwatch.charts.sources import Source
from growthwatch.core.canonical import short_hash
from growthwatch.core.words import count_words, days_words, list_words, role_words, same_name
from growthwatch.protocol.answers.people import RequestLine
from growthwatch.protocol.child.stays import Stay
from growthwatch.record import (
    Concern,
    Contact,
    Examined,
    HandoverAccepted,
    HandoverSent,
    IllnessRecorded,
    LeadLeft,
    LeadNamed,
    LevelChanged,
    SignRecorded,
    WasNotBrought,
    Weighed,
)

__all__ = ["LANES", "Counts", "EventFacts", "Lane", "Mark", "Span", "read_events"]

LANES = (
    "Seen", "Not brought", "Concerns", "Ill, in hospital", "Letters, requests", "Referrals", "Plan and lead", "Watched",
)  # fmt: skip
"""Lanes from above; each is always drawn: silence is information."""

LEAST_DAYS = 182
"""Least stretch of time that is shown [days]; a younger child's whole life."""

_DRAWN = frozenset(
    {
        "born", "weighed", "contact", "examined", "was_not_brought", "concern", "sign_recorded", "illness_recorded",
        "admission", "discharged", "letter_sent", "letter_acknowledged", "letter_read", "letter_found", "request_made",
        "request_sent", "acknowledged", "answered", "declined", "chased", "withdrawn", "referral_made",
        "referral_closed", "lead_named", "lead_left", "level_changed", "plan_signed", "handover_sent",
        "handover_accepted", "protection_plan", "strategy_discussion", "conference_held", "explained", "died",
        "condition_diagnosed", "condition_ended", "entered_in_error",
    }
)  # fmt: skip
"""Types of events that are drawn, or said in the title; all others are counted in the small print."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened on a day.

    Attributes
    ----------
    age_days
        Age of the child.
    shape
        Name of the shape: ``weighed``, ``not counted``, ``not weighed``, ``missed``, ``moved``, ``concern``, ``sign``,
        ``sent``, ``no action``, ``done``, ``signed``, ``step``.
    says
        Words beside it, in order of weight; empty where the shape says all.
    """

    age_days: int
    shape: str
    says: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """Something that lasted.

    Attributes
    ----------
    start, end
        Ages of the child; of what goes on, the day of the chart.
    style
        ``answered``, ``open`` (nobody has answered), ``led``, ``gap``, ``stay``, or ``T0`` to ``T3``.
    says
        Words on it.
    goes_on
        Whether it is open to the right.
    """

    start: int
    end: int
    style: str
    says: str = ""
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class Lane:
    """One lane: its marks and stretches in order of time."""

    name: str
    marks: tuple[Mark, ...] = ()
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Counts:
    """What happened after a day: how often."""

    seen: int = 0
    weighed: int = 0
    concerns: int = 0
    missed: int = 0
    unanswered: int = 0
    closed: int = 0


@dataclass(frozen=True)
class EventFacts:
    """All that an event chart shows of one child.

    Attributes
    ----------
    chart
        The weights and their lines.
    conditions
        In words, as the record has them.
    lanes
        One for each of `LANES`.
    since
        Age from which time is shown [days].
    best
        The best weight that counts; None where none counts.
    counts
        What happened since the best weight, or since `since` where that is the latest weight.
    before, others
        Events before the time that is shown, by lane, and events of types that are not drawn, by type.
    tier, protocol
        How closely the child is watched on the day, and by which protocol.
    """

    chart: ChartFacts
    conditions: str
    lanes: tuple[Lane, ...]
    since: int
    best: Point | None
    counts: Counts
    before: dict[str, int]
    others: dict[str, int]
    tier: str
    protocol: str

    @property
    def until(self) -> int:
        """Age on the day of the chart, or at death [days]."""
        return self.chart.age_days

    @property
    def falls(self) -> bool:
        """Whether the best weight is not the latest that counts."""
        last = self.chart.last
        return self.best is not None and last is not None and last.counts and last.value < self.best.value

    @property
    def counted_from(self) -> int:
        """Age after which `counts` count [days]."""
        return self.best.age_days if self.falls and self.best is not None else self.since


def read_events(source: Source, chart: ChartFacts) -> EventFacts:
    """Read what an event chart shows."""
    hide = source.record.child_id
    until = chart.age_days
    counted = lowest_of_days(p for p in chart.points if p.counts and not p.repeated)
    best = max(counted, key=lambda p: (p.value, p.age_days), default=None)
    since = max(0, min(until - LEAST_DAYS, until if best is None else best.age_days))
    lines = source.review.requests
    made = {
        "Seen": _seen(source, chart),
        "Not brought": (_missed(source, hide), ()),
        "Concerns": (_concerns(source, hide), ()),
        "Ill, in hospital": _ill(source, hide, until),
        "Letters, requests": _asked(source, [q for q in lines if q.form != "referral"], hide, until),
        "Referrals": _asked(source, [q for q in lines if q.form == "referral"], hide, until),
        "Plan and lead": _led(source, hide, until),
        "Watched": ((), _tiers(source, until)),
    }
    lanes = tuple(Lane(name, *(_in_order(found) for found in made[name])) for name in LANES)
    falls = best is not None and counted[-1].value < best.value
    # Since birth includes the day of birth, on which the child was weighed.
    from_age = best.age_days if falls and best is not None else since if since else -1
    return EventFacts(
        chart=chart,
        conditions=_conditions(source),
        lanes=lanes,
        since=since,
        best=best,
        counts=_counts(source, chart, lines, from_age),
        before={lane.name: n for lane in lanes if (n := _before(lane, since)) and lane.name != "Watched"},
        others=dict(Counter(e.type.replace("_", " ") for e in source.events if e.type not in _DRAWN)),
        tier=source.review.tier,
        protocol=f"{source.rules.id} {source.rules.version} ({short_hash(source.protocol.hash)})",
    )


def _in_order(found: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(sorted(found, key=lambda m: m.age_days if isinstance(m, Mark) else m.start))


def _before(lane: Lane, since: int) -> int:
    return sum(m.age_days < since for m in lane.marks) + sum(s.end < since for s in lane.spans)


def _age(source: Source, e: Any) -> int:
    return e.on.toordinal() - source.birth.day


def _of(source: Source, *types: type) -> Iterable[Any]:
    return (e for e in source.events if isinstance(e, types))


def _conditions(source: Source) -> str:
    out: list[str] = []
    for name, c in source.child.conditions.known.items():
        words = name.replace("_", " ")
        out.append(f"{words} GMFCS {('I', 'II', 'III', 'IV', 'V')[c.gmfcs - 1]}" if c.gmfcs is not None else words)
    return list_words(out)


# --- lanes --------------------------------------------------------------------------------------


def _seen(source: Source, chart: ChartFacts) -> tuple[list[Mark], list[Span]]:
    """Days on which somebody saw the child: weighed so that it counts, weighed, or not weighed."""
    counts = {p.age_days for p in chart.points if p.counts}
    weighed = {_age(source, e) for e in _of(source, Weighed)}
    met = {_age(source, e) for e in _of(source, Contact, Examined) if not isinstance(e, Contact) or e.face_to_face}
    shapes = {
        day: "weighed" if day in counts else "not counted" if day in weighed else "not weighed"
        for day in weighed | met
        if day >= 0
    }
    return [Mark(day, shape) for day, shape in shapes.items()], []


_MISSED = {
    "cancelled": ", cancelled",
    "refused": ", turned down",
    "no_access": ", nobody came to the door",
    "cancelled_by_service": ", cancelled by the service",
}


def _missed(source: Source, hide: str) -> list[Mark]:
    out: list[Mark] = []
    for e in _of(source, WasNotBrought):
        shape = "moved" if e.kind == "cancelled_by_service" else "missed"
        out.append(Mark(_age(source, e), shape, (f"{tidied(e.service, hide)}{_MISSED.get(e.kind, '')}",)))
    return out


def _concerns(source: Source, hide: str) -> list[Mark]:
    answers = {e.target: e for e in source.events if e.type == "explained"}
    out: list[Mark] = []
    for e in _of(source, Concern):
        says = [f"{_named(e.raised_by, hide)}: {quoted(tidied(e.about, hide))}"]
        if e.explained_as:
            says.append(f"answered {quoted(tidied(e.explained_as, hide))}")
        elif (told := answers.get(e.id)) is not None:
            on = _age(source, told) - _age(source, e)
            after = "the same day" if on == 0 else f"after {days_words(on)}"
            says.append(f"answered {quoted(tidied(told.words, hide))} {after}")
        out.append(Mark(_age(source, e), "concern", tuple(says)))
    return out


def _named(text: str, hide: str) -> str:
    words = tidied(text, hide)
    return words[:1].upper() + words[1:]


def _ill(source: Source, hide: str, until: int) -> tuple[list[Mark], list[Span]]:
    marks: list[Mark] = []
    for e in _of(source, SignRecorded, IllnessRecorded):
        signs = list_words([str(s).replace("_", " ") for s in e.signs])
        words = signs if isinstance(e, SignRecorded) else tidied(e.illness, hide) + (f": {signs}" if signs else "")
        marks.append(Mark(_age(source, e), "sign", (words,)))
    spans: list[Span] = []
    for stay in _stays(source):
        start = stay.since - source.birth.day
        end = until if stay.until is None else stay.until - source.birth.day
        words = f"in hospital {days_words(max(end - start, 0))}" + ("" if stay.until is not None else ", not home yet")
        spans.append(Span(start, end, "stay", words, stay.until is None and not source.died))
    return marks, spans


def _stays(source: Source) -> list[Stay]:
    """Stays in hospital, each once."""
    admitted = sorted({e.on.toordinal() for e in source.events if e.type == "admission" and e.on <= source.today})
    found = (
        source.child.stays.latest(following - 1, source.child.weights.valid)
        for following in (*admitted[1:], source.day + 1)
        if admitted
    )
    return list({stay.admission: stay for stay in found if stay is not None}.values())


def _asked(source: Source, lines: Sequence[RequestLine], hide: str, until: int) -> tuple[list[Mark], list[Span]]:
    """Letters, requests or referrals: how long each was open, and what came of it."""
    marks: list[Mark] = []
    spans: list[Span] = []
    for q in lines:
        start = q.asked_on.toordinal() - source.birth.day
        end = q.since.toordinal() - source.birth.day
        kept = source.child.requests.all.get(q.id)
        who = _who(q, hide, source)
        if q.state == "drafted":
            marks.append(Mark(start, "step", (f"{who}: drafted, not sent",)))
            continue
        marks.append(Mark(start, "sent"))
        if kept is not None and not kept.asks:
            marks[-1] = Mark(start, "sent", (f"{who}: for information",))
        elif q.state in ("answered", "withdrawn", "declined"):
            said = [w for w in (kept.words if kept is not None else ()) if w.what == "answered"]
            nothing = bool(said) and said[-1].action_taken is False
            what = {"answered": "closed" if q.form == "referral" else "answered"}.get(q.state, q.state)
            after = "the same day" if end == start else f"in {days_words(end - start)}"
            spans.append(Span(start, end, "answered"))
            marks.append(
                Mark(end, "no action" if nothing or q.state != "answered" else "done",
                     (f"{who}: {what} {after}{', no action' if nothing else ''}",))
            )  # fmt: skip
        else:
            asks = "asks nothing clear" if kept is not None and kept.lacks else quoted(tidied(q.ask, hide), 48)
            days = days_words(until - start)
            state = f"acknowledged, no answer in {days}" if q.state == "acknowledged" else f"no answer in {days}"
            spans.append(Span(start, until, "open", f"{who}: {asks}; {state}", goes_on=not source.died))
    return marks, spans


def _who(q: RequestLine, hide: str, source: Source) -> str:
    to = [tidied(name, hide) for name in q.asked_of]
    first = to[0] if to else "nobody named"
    more = f" and {count_words(len(to) - 1, 'other')}" if len(to) > 1 and q.form != "letter" else ""
    if q.form == "referral":
        return _named(first, hide)
    return f"{_named(q.asked_by, hide)} to {first}{more}"


def _led(source: Source, hide: str, until: int) -> tuple[list[Mark], list[Span]]:
    """Who leads at which level, whether the plan moved with the child, and hand-overs that nobody has accepted."""
    level, role, moved = "", "", True
    marks: list[Mark] = []
    turns: list[tuple[int, str, str]] = []
    accepted = {e.handover for e in _of(source, HandoverAccepted)}
    spans: list[Span] = []
    for e in sorted(source.events, key=lambda e: (e.on, e.recorded_at)):
        age = _age(source, e)
        if isinstance(e, LeadNamed):
            role = role_words(str(e.lead_role))
            level = level or (tidied(e.level, hide).lower() if e.level else "")
            moved = True
        elif isinstance(e, LeadLeft):
            role = ""
        elif isinstance(e, HandoverAccepted) and e.lead_role is not None:
            role, moved = role_words(str(e.lead_role)), True
        elif isinstance(e, LevelChanged):
            level = str(e.to).replace("_", " ")
            moved = e.plan_transferred is not False
        elif isinstance(e, HandoverSent):
            if e.id not in accepted and None not in accepted:
                spans.append(
                    Span(age, until, "open", f"hand-over not accepted in {days_words(until - age)}", not source.died)
                )
            continue
        else:
            if e.type == "plan_signed":
                marks.append(Mark(age, "signed", (f"{e.plan.replace('_', ' ')} plan signed",)))
            elif e.type == "protection_plan":
                marks.append(Mark(age, "step", (f"protection plan {e.state}",)))
            elif e.type == "strategy_discussion":
                marks.append(Mark(age, "step", ("strategy discussion",)))
            elif e.type == "conference_held":
                marks.append(Mark(age, "step", (f"{e.kind.replace('_', ' ')} conference",)))
            continue
        leads = f"{role} leads" if role else "nobody leads"
        words = f"{level}: {leads if moved else 'plan NOT moved'}" if level else leads
        turns.append((age, "led" if role and moved else "gap", words))
    # Of several on one day the last holds.
    turns = list({age: (age, style, words) for age, style, words in turns}.values())
    ends = [*(age for age, _, _ in turns[1:]), until]
    for k, ((age, style, words), end) in enumerate(zip(turns, ends, strict=False)):
        spans.append(Span(age, end, style, words, k + 1 == len(turns) and not source.died))
    return marks, spans


def _tiers(source: Source, until: int) -> list[Span]:
    """How closely the child was watched, and what raised it."""
    titles = {r.id: r.title for r in source.rules.rules}
    turns = [(0, "T0", "")]
    for c in source.changes:
        if c.tier is not None:
            age = c.on.toordinal() - source.birth.day
            why = [titles.get(rule, rule) for _, rule, _ in (*c.opened, *c.raised)]
            turns.append((age, c.tier[1], why[0] if why and c.tier[1] > c.tier[0] else ""))
    spans: list[Span] = []
    ends = [*(age for age, _, _ in turns[1:]), until]
    for (age, tier, why), end in zip(turns, ends, strict=True):
        if end > age or end == until:
            spans.append(Span(age, end, tier, f"{tier}: {why}" if why else tier))
    return spans


# --- counts -------------------------------------------------------------------------------------


def _counts(source: Source, chart: ChartFacts, lines: Sequence[RequestLine], since: int) -> Counts:
    def after(age: int) -> bool:
        return age > since

    met = {_age(source, e) for e in _of(source, Contact, Examined) if not isinstance(e, Contact) or e.face_to_face}
    met |= {_age(source, e) for e in _of(source, Weighed)}
    told = [e for e in _of(source, WasNotBrought) if e.kind != "cancelled_by_service"]
    missed = {(_age(source, e), same_name(e.service), e.time) for e in told}  # entered twice, it is one
    asked = [q for q in lines if q.state in ("sent", "acknowledged", "declined")]
    asked = [q for q in asked if (r := source.child.requests.all.get(q.id)) is None or r.asks]
    ends = [q.since.toordinal() - source.birth.day for q in lines if q.form == "referral" and q.state == "answered"]
    return Counts(
        seen=sum(map(after, met)),
        weighed=len({p.age_days for p in chart.points if p.counts and after(p.age_days)}),
        concerns=sum(after(_age(source, e)) for e in _of(source, Concern)),
        missed=sum(after(age) for age, _, _ in missed),
        unanswered=len(asked),
        closed=sum(map(after, ends)),
    )
