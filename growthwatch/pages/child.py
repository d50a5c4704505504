"""The page of one child: what to do first, then the pictures, then why; what was refused or put off stays on it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from growthwatch.caseload.row import Line, Row, short_day
from growthwatch.caseload.states import Rules, card_of, state_of
from growthwatch.core.calendar import end_of_day, time_zone
from growthwatch.core.canonical import short_hash
from growthwatch.core.words import age_words, count_words, kg_words, list_words, long_date, name_words, role_words
from growthwatch.pages.pictures import Picture, picture
from growthwatch.pages.render import render
from growthwatch.protocol import Finding, Obligation, Protocol, Review
from growthwatch.protocol.answers.review import known_by
from growthwatch.record import AnyEvent, Record
from growthwatch.references import Reference

__all__ = ["child_page"]

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_TAGS = {"N": "national", "G": "guideline", "L": "local"}
_NEWBORN_DAYS = 28
"""Up to which age the chart of the first weeks stands before the others [days]."""

_POINTS = {
    "sign": "a sign of growth or illness",
    "worry": "a worry",
    "missed": "was not brought, or missed us",
    "gap": "a gap of our own",
    "closure": "a referral closed without action",
}
_CAPTIONS = {
    "newborn": "The first weeks in per cent of birth weight.",
    "growth": "The standard stays in the picture when a chart for a condition begins: a child is judged on both.",
    "trajectory": (
        "What is hatched is likely next, and is no target. The evidence ranks whom to look at first; it is not the "
        "odds of an illness, and does not say why."
    ),
    "events": (
        "Weights above, all else below on one line of time, whoever wrote it down. An empty lane says that nothing "
        "was written down, not that nothing happened."
    ),
}
_TITLES = {
    "newborn": "The first weeks",
    "growth": "Weight on centile lines",
    "trajectory": "Trajectory",
    "events": "What happened around the weight",
}


@dataclass(frozen=True)
class _Reason:
    """A finding as the page tells it: its name, its sentences, and what stands beside them."""

    title: str
    rule: str
    loud: bool
    says: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]


def child_page(
    record: Record,
    review: Review,
    protocol: Protocol,
    *,
    called: str | None = None,
    you: str | None = None,
    reference: str | Reference = "uk-who",
    pictures: bool = True,
) -> str:
    """The page of a child, for staff.

    Parameters
    ----------
    record
        The child's record.
    review
        Of the record, on the day.
    protocol
        The protocol that judged.
    called
        How the child is called; None: the record number alone.
    you
        Who reads it.
    reference
        The curves of the centile chart.
    pictures
        Whether charts are drawn.
    """
    known = known_by(record, protocol, review.as_of, review.known_at)
    events = [e for _, e in known.effective()]
    card = card_of(events, record.child_id, None, None)
    row = Row(state_of(review, card, Rules(protocol.on(review.on)), ""), review.on, you)
    named = {e.id: _event(e) for e in record.events}
    drawn = list[Picture]()
    if pictures and card.birth is not None:
        young = (review.on - card.birth).days <= _NEWBORN_DAYS
        for kind in (*(["newborn"] if young else []), "growth", "trajectory", "events"):
            made = picture(record, kind, protocol, review.as_of, review.known_at, reference)
            drawn += [made] if made is not None else []
    moment = _moment(review)
    return render(
        "child.html",
        title=record.child_id if called is None else f"{record.child_id} ({name_words(called)})",
        child_id=record.child_id,
        called=None if called is None else name_words(called),
        moment=moment,
        sheet=f"\\2068 {_plain(record.child_id)}\\2069 , {moment}. Old tomorrow.",  # within isolates, as CSS names them
        row=row,
        review=review,
        above=_above(review, row),
        facts=_facts(review, row, events),
        danger=_danger(review, row),
        deeds=list(zip(row.every, (d.rules for d in row.deeds), strict=True)),
        counts=_counts(row.every, review),
        pictures=[(p, _TITLES[p.kind], _CAPTIONS[p.kind]) for p in drawn],
        weights=_weights(drawn, card.birth),
        reasons=[_reason(f, review, named) for f in review.findings],
        closed=[(f"{f.rule} {f.title}", _closed(f, named)) for f in review.closed],
        requests=_requests(review, events),
        points=_points(review, named),
        refused=[(named.get(r.event, r.event), r) for r in review.refused],
        overrides=[o.explain(review.on) for o in review.overrides],
        also=_also(review),
        foot=_foot(record, review, len(known.events)),
    )


def _moment(review: Review) -> str:
    words = f"{_WEEKDAYS[review.on.weekday()]} {long_date(review.on)}"
    if review.as_of >= end_of_day(review.on, review.zone):
        return words
    return f"{words}, {review.as_of.astimezone(time_zone(review.zone)):%H:%M}"


def _plain(text: str) -> str:
    """Text for the head of each printed sheet, a string within a style: letters, figures, spaces and dashes."""
    return "".join(c if c.isalnum() or c in " -_/." else "·" for c in text)


def _above(review: Review, row: Row) -> list[str]:
    """What must not be read past: who signed, whose knowledge answers, what cannot be judged, a death."""
    out: list[str] = []
    if review.died_on is not None:
        out.append(review.headline())
    if row.state.unreadable:
        out.append(f"{row.state.unreadable}: nothing can be said of this child until it is entered.")
    if review.known_at > review.as_of:
        day = long_date(review.known_at.astimezone(time_zone(review.zone)).date())
        out.append(f"Seen in hindsight: with what was written down up to {day}.")
    if review.protocol_signed is None:
        name = f"{review.protocol_id} {review.protocol_version} ({short_hash(review.protocol_hash)})"
        out.append(f"Not validated: a named clinician must sign {name} before it is used for a child.")
    return out


def _facts(review: Review, row: Row, events: Sequence[AnyEvent]) -> list[tuple[str, bool]]:
    """Who it is, in a line; whether each is to be seen at once."""
    out = [(row.who, False)]
    if review.died_on is not None:
        return out
    if row.tier:
        since = "" if review.tier_since is None else f", since {short_day(review.tier_since, review.on)}"
        out.append((f"{row.tier}{since}", True))
    level = [e for e in events if e.type == "level_changed"]
    if level and level[-1].to != "universal":
        out.append((f"{_said(level[-1].to)} since {short_day(level[-1].on, review.on)}", False))
    out.append((f"owner: {review.owner.words}", False))
    out += [(tag, False) for tag in row.tags]
    return out


def _danger(review: Review, row: Row) -> tuple[Line, str] | None:
    """What cannot wait, and why; None where nothing is, and after a death."""
    if review.died_on is not None or row.section != "cannot_wait" or not row.lines:
        return None
    return row.lines[0], row.why


def _counts(lines: Sequence[Line], review: Review) -> str:
    """How much is to be done, and how much of it is late."""
    late = sum(x.late for x in lines)
    if not lines:
        return "nothing is due" if review.died_on is not None or not review.findings else "nothing is left to do"
    return count_words(len(lines), "thing") + (f", {late} late" if late else "")


def _event(e: AnyEvent) -> str:
    """An event in words, for what rests on it."""
    what = _said(e.type)
    if e.type == "weighed":
        what = f"weighed, {kg_words(e.weight_kg)}"
    elif e.type == "concern":
        away = "" if e.explained_as is None else f", answered “{name_words(e.explained_as)}”"
        what = f"{name_words(e.raised_by)}: “{name_words(e.about)}”{away}"
    elif e.type == "condition_diagnosed":
        what = name_words(e.description) if e.description else _said(e.condition)
    elif e.type == "level_changed":
        what = f"level: {_said(e.to)}"
    return f"{what}, {long_date(e.on)}"


def _said(key: str) -> str:
    return key.replace("_", " ")


def _reason(f: Finding, review: Review, named: Mapping[str, str]) -> _Reason:
    """Why, since when, until what, how often in health, from which source, and on what it rests."""
    level = f" ({f.level})" if f.says_level else ""
    says = [f"Confirm now. {f.says}" if f.unconfirmed else f.says, *f.notes]
    so = "judged anew" if f.anew else "graver since"
    since = "".join(f"; {so} {long_date(day)} ({name})" for day, name in f.raised[-1:])
    facts = [("Open since", f"{long_date(f.opened_on)}{since}")]
    if not f.still_met:
        facts.append(("Now", "It is no longer met, and stays open until what closes it."))
    facts.append(("Closes when", f.closes))
    if f.false_alarm is not None:
        facts.append(("How often in health", f.false_alarm))
    facts.append(("Source", f.source))
    facts.append(("Tag", f"{f.tag}, {_TAGS[f.tag]}; to be looked at again by {long_date(f.review_by)}"))
    facts.append(("Rests on", "; ".join(named.get(id, id) for id in f.witness)))
    facts += _climbed(f, review)
    done = dict.fromkeys(_done(o, o.done_on) for o in f.obligations if o.done_on is not None)
    facts += [("Done", "; ".join(done))] if done else []
    loud = f.key in {x.key for x in review.cannot_wait()}
    return _Reason(f"{f.title}{level}", f.rule, loud, tuple(says), tuple((k, v) for k, v in facts if v))


def _done(o: Obligation, on: dt.date) -> str:
    late = f", {count_words(o.done_late_by, 'day')} late" if o.done_late_by else ""
    return f"{o.do}: {long_date(on)}{late}"


def _climbed(f: Finding, review: Review) -> list[tuple[str, str]]:
    """How far it has climbed, who took it on, and until when its next step waits: a finding put off stays here."""
    out: list[tuple[str, str]] = []
    for r in review.ladder:
        if r.key != f.key:
            continue
        asked = list_words([role_words(x) for x in r.asked_of])
        out.append(("Rung", f"{r.rung}{f', asked of: {asked}' if asked else ''}"))
        if r.acknowledged_by is not None and r.acknowledged_on is not None:
            out.append(("Taken on", f"by {name_words(r.acknowledged_by)}, {long_date(r.acknowledged_on)}"))
        if r.snoozed_until is not None:
            because = name_words(r.snoozed_because or "no reason is written")
            out.append(("Put off", f"until {long_date(r.snoozed_until)}: {because}"))
    return out


def _closed(f: Finding, named: Mapping[str, str]) -> str:
    closed = "" if f.closed_on is None else f", closed {long_date(f.closed_on)}"
    by = "" if f.closed_by is None else f" by: {named.get(f.closed_by, f.closed_by)}"
    return f"open since {long_date(f.opened_on)}{closed}{by}"


def _requests(review: Review, events: Sequence[AnyEvent]) -> list[dict[str, Any]]:
    """What was asked of whom, and where it stands; what has ended, too."""
    closed = {e.referral: e.action_taken for e in events if e.type == "referral_closed"}
    return [
        {
            "what": f"{r.form[:1].upper()}{r.form[1:]}, {short_day(r.asked_on, review.on)}: {name_words(r.ask)}",
            "by": name_words(r.asked_by),
            "of": list_words([name_words(x) for x in r.asked_of]),
            "state": f"{_state(r.state, r.id, closed)} {short_day(r.since, review.on)}",
            "days": (review.on - r.asked_on).days if r.state in ("sent", "acknowledged") else None,
            "late": bool(r.late),
            "next": r.next,
        }
        for r in review.requests
    ]


def _state(state: str, id: str, closed: Mapping[str, bool]) -> str:
    """Where a request stands; of a closed referral whether anything was done."""
    if state != "answered" or id not in closed:
        return state
    return "closed" if closed[id] else "closed without action"


def _points(review: Review, named: Mapping[str, str]) -> list[tuple[str, str, int, int]]:
    """The points that count, with their sum up to each."""
    out: list[tuple[str, str, int, int]] = []
    total = 0
    for p in review.points:
        total += p.number
        what = f"{_POINTS.get(p.what, p.what)}: {named.get(p.event, p.event)}"
        out.append((long_date(p.on), what, p.number, total))
    return out


def _weights(drawn: Sequence[Picture], birth: dt.date | None) -> list[tuple[str, str, str, str, str]]:
    """The table of the centile chart: day, age, weight, SDS, whether it counts."""
    rows = next((p.table for p in drawn if p.kind == "growth"), ())
    out: list[tuple[str, str, str, str, str]] = []
    for r in rows:
        day = "" if birth is None else long_date(birth + dt.timedelta(days=int(r["age_days"])))
        sds = "–" if r["z"] is None else f"{r['z']:.2f}".replace("-", "−")
        out.append((day, age_words(r["age_days"]), kg_words(r["weight_kg"]), sds, _said(str(r["validity"]))))
    return out


def _also(review: Review) -> list[str]:
    """What else must be known."""
    out = [n for n in (*review.beyond, *review.notes) if n not in review.retold]
    reasons: dict[str, list[str]] = {}
    for rule, why in review.not_judged:
        reasons.setdefault(why, []).append(rule)
    out += [f"{list_words(rules)} could not be judged: {why}." for why, rules in reasons.items()]
    return out


def _foot(record: Record, review: Review, events: int) -> str:
    changes = ""
    if review.changes_on is not None:
        changes = f" If nothing more is recorded, it changes on {long_date(review.changes_on)}."
    return (
        f"Record of {count_words(events, 'event')} known by then ({short_hash(record.content_hash)}).{changes} "
        "A print of this page is old tomorrow: it says so at the top of each sheet."
    )
