"""What a review leaves of one child for a list: small, frozen, and readable on any day up to the next change.

A review holds all that was judged; of a hundred thousand children nobody can keep that.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from growthwatch.caseload.words import words
from growthwatch.core.said import Said
from growthwatch.core.words import kg_words, long_date, name_words
from growthwatch.protocol import Finding, NextWeighing, Obligation, Protocol, Review
from growthwatch.protocol.file.values import LOUDNESS
from growthwatch.protocol.kinds.kind import Reminder
from growthwatch.record import AnyEvent

__all__ = ["Asked", "Card", "ChildState", "Deed", "Rules", "card_of", "state_of"]

MATTERS = ("growth", "people", "schedule")
_NINES = re.compile(r"\b999\b")
_VACANT = frozenset({"hand_over", "no_lead", "not_allocated", "nobody_beside"})
"""Kinds of rule that say that a child stands between teams, or has no lead."""

_LOWEST = ("team_lead", "both_team_leads", "named_nurse", "designated_nurse")
"""Offices, the highest last: of a deed that several owe the highest is named."""

_OF_WEIGHTS = ("the weight of", "nothing has been weighed")
"""How what is not settled begins where it is about weights: the schedule asks for those."""

WEIGH_AGAIN = "Weigh again NOW. If you cannot, or if it is right: ring 999"


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody must do for a child, for one finding or several.

    Attributes
    ----------
    do, owner, owner_name, if_not
        What, who (role, and name where the record says it), and what happens if not.
    deadline, set_on, opened_on
        Last day in time, the day on which it was asked for, and since when what asks for it is open.
    rules
        Which rules ask.
    emergency
        Whether it is a deed of the level of 999.
    danger
        Whether a loud rule about growth or illness asks.
    loudness
        ``interrupt``, ``daily`` or ``weekly``: of the loudest that asks.
    rung
        How far the ladder has been climbed: 3 is E3.
    matter
        ``growth``, ``people`` or ``schedule``.
    limit_days
        How long the rule gives for it [days].
    why
        What was seen: sentences, as they are kept.
    about
        What it is about, where the same is asked of several things.
    """

    do: str
    owner: str
    owner_name: str | None
    if_not: str | None
    deadline: dt.date
    set_on: dt.date
    opened_on: dt.date
    rules: tuple[str, ...]
    emergency: bool
    danger: bool
    loudness: str
    rung: float
    matter: str
    limit_days: int
    why: tuple[Said, ...]
    about: tuple[str, ...] = ()
    lasts_until: dt.date | None = None
    """Of a weight that is due: the last day on which it is not yet late."""

    def late_days(self, on: dt.date) -> int:
        """How many days it is late on a day; 0: it is not [days]."""
        last = self.deadline if self.lasts_until is None else max(self.deadline, self.lasts_until)
        return max(0, (on - last).days)

    def order(self) -> tuple[object, ...]:
        """By what deeds of one child are ordered."""
        return (
            not self.emergency, not self.danger, LOUDNESS[::-1].index(self.loudness), self.limit_days, -self.rung,
            self.deadline, self.opened_on, self.do,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """An answer that somebody waits for: of whom, what, since when, by when."""

    id: str
    of: tuple[str, ...]
    what: str
    asked_on: dt.date
    by: dt.date | None
    late: tuple[str, ...]
    next: str


@dataclass(frozen=True, slots=True)
class Card:
    """Who a child is, as a row of a list says it."""

    child_id: str
    sex: str | None
    birth: dt.date | None
    gestation_days: int | None
    conditions: tuple[str, ...]
    disabled: bool | None
    worker: str | None = None
    team: str | None = None


@dataclass(frozen=True, slots=True)
class ChildState:
    """What is open of a child, and until when that holds if nothing more is written down.

    Attributes
    ----------
    card
        Who it is.
    deeds
        What is to be done, in order.
    tier, tier_since, owner, standing
        How closely the child is watched, and who owns it.
    due
        The next weighing.
    only_missed
        Whether a routine weight that was missed is all that is open.
    asked
        What others were asked for.
    between
        Why the child stands between teams or without a lead; empty: it does not.
    doubt
        ``weight in doubt`` or ``no weight``, where nothing may be said of the latest; empty: something may.
    unreadable
        Why the child could not be reviewed; empty: it was.
    died_on, changes_on
        As in a review.
    stamp
        A hash of what it was judged on.
    last_kg, last_on
        The last valid weight [kg] and its day.
    notes
        What the table could not tell of the child.
    doubted
        Weights that may be entry errors and clear nothing: day, weight as it was judged [kg], and why.
    """

    card: Card
    deeds: tuple[Deed, ...]
    tier: str
    tier_since: dt.date | None
    owner: str
    standing: str
    due: NextWeighing
    only_missed: bool
    asked: tuple[Asked, ...]
    between: tuple[Said, ...]
    doubt: str
    unreadable: str
    died_on: dt.date | None
    changes_on: dt.date | None
    stamp: str
    older: bool
    notes: tuple[str, ...] = ()
    doubted: tuple[tuple[dt.date, float, str], ...] = ()


class Rules:
    """What the list reads of a protocol."""

    def __init__(self, protocol: Protocol):
        self.matter: dict[str, str] = {r.id: r.ABOUT for r in protocol.rules}
        self.kinds: dict[str, str] = {r.id: r.kind for r in protocol.rules}
        reminder = next((r for r in protocol.rules if isinstance(r, Reminder)), None)
        self.weigh = None if reminder is None else (reminder.id, reminder.levels[0])
        self.first_day = protocol.settings.first_day.rule


def card_of(events: Sequence[AnyEvent], child_id: str, worker: str | None, team: str | None) -> Card:
    """Who a child is, from its events; worker and team from the source, where it says them."""
    conditions: dict[str, tuple[str, bool]] = {}
    birth: dt.date | None = None
    sex: str | None = None
    gestation: int | None = None
    lead: str | None = None
    for e in events:
        if e.type == "born":
            birth, sex, gestation = e.on, e.sex, e.gestation_days
        elif e.type == "condition_diagnosed":
            said = e.condition.replace("_", " ").replace("congenital heart disease", "heart disease")
            if e.condition == "other":
                said = e.description or "other condition"
            if e.gmfcs is not None:
                said += f", GMFCS {('I', 'II', 'III', 'IV', 'V')[e.gmfcs - 1]}"
            key = said if e.condition == "other" else e.condition
            conditions[key] = name_words(said), e.condition in words().disabling
        elif e.type == "condition_ended":
            conditions.pop(e.condition, None)
        elif e.type == "lead_named":
            lead = e.name
        elif e.type == "lead_left":
            lead = None
    told = tuple(said for said, _ in conditions.values())
    disabled = any(d for _, d in conditions.values()) if conditions else None
    return Card(child_id, sex, birth, gestation, told, disabled, worker if worker is not None else lead, team)


def state_of(review: Review, card: Card, rules: Rules, stamp: str, notes: tuple[str, ...] = ()) -> ChildState:
    """What a review leaves of a child."""
    unreadable = "" if card.birth is not None or review.died_on is not None else "No birth date is recorded"
    deeds = _deeds(review, rules)
    if unreadable:
        deeds = [_enter(review), *deeds]
    weights = [u for u in review.unsettled if u.startswith(_OF_WEIGHTS)]
    if len(weights) < len(review.unsettled) or (weights and not deeds):
        # It may not be said that nothing is open: so somebody looks.
        deeds.append(_look(review))
    routine = [f for f in review.findings if rules.matter.get(f.rule) != "schedule" or f.rule == "S5"]
    only = (
        review.tier == "T0"
        and not routine
        and not unreadable
        and not review.unsettled
        and bool(deeds)
        and all(d.matter == "schedule" for d in deeds)
    )
    asked = tuple(
        Asked(
            r.id,
            r.asked_of,
            r.ask,
            r.asked_on,
            min((d for d in (r.acknowledge_by, r.promised, r.answer_by) if d), default=None),
            r.late,
            r.next,
        )
        for r in review.requests
        if r.state in ("sent", "acknowledged")
    )
    between = tuple(f.said for f in review.findings if rules.kinds.get(f.rule) in _VACANT)
    return ChildState(
        card=card,
        deeds=tuple(sorted(deeds, key=Deed.order)),
        tier=review.tier,
        tier_since=review.tier_since,
        owner=review.owner.words,
        standing=review.owner.standing,
        due=review.due,
        only_missed=only,
        asked=asked,
        between=between,
        doubt=""
        if not weights
        else "no weight"
        if review.due.last_valid_on is None and not _doubted(weights)
        else "weight in doubt",
        unreadable=unreadable,
        died_on=review.died_on,
        changes_on=review.changes_on,
        stamp=stamp,
        older=any(f.rule == rules.first_day for f in review.findings),
        notes=notes,
        doubted=review.doubted,
    )


def _doubted(said: Sequence[str]) -> bool:
    """Whether a weight is there, and nothing is sure of it."""
    return any(u.startswith(_OF_WEIGHTS[0]) for u in said)


def _look(review: Review) -> Deed:
    """Something is not settled that no finding speaks of: it is never left among those with nothing to do."""
    return Deed(
        do=f"Look at this child: {'; '.join(review.unsettled)}", owner="team_lead", owner_name=None, if_not=None,
        deadline=review.on, set_on=review.on, opened_on=review.on, rules=("record",), emergency=False, danger=False,
        loudness="daily", rung=0.0, matter="people", limit_days=0, why=("It may not be said that nothing is open.",),
    )  # fmt: skip


def _enter(review: Review) -> Deed:
    """A child without a birth date may be in danger, and nobody can say."""
    return Deed(
        do="Enter the birth date: without it this child cannot be judged", owner="team_lead", owner_name=None,
        if_not="nothing can be said of this child", deadline=review.on, set_on=review.on, opened_on=review.on,
        rules=("record",), emergency=False, danger=False, loudness=LOUDNESS[-1], rung=1.0, matter="people",
        limit_days=0, why=("No birth date is recorded, so that nothing can be said about this child.",),
    )  # fmt: skip


def _deeds(review: Review, rules: Rules) -> list[Deed]:
    """Every deed that is open, the same for several findings taken together."""
    findings = {f.key: f for f in review.findings}
    newest: dict[tuple[str, str], Obligation] = {}
    for o in sorted(review.obligations, key=lambda o: o.set_on):
        newest[o.key, o.do] = o
    first_on = min((f.opened_on for f in review.findings if f.rule == rules.first_day), default=None)
    groups: dict[str, list[Deed]] = {}
    nines = {o.key for o in review.obligations if o.waits and _NINES.search(o.do)}
    confirmed = {o.key for o in review.obligations if o.confirms} & nines
    for o in review.obligations:
        finding = findings.get(o.key)
        if o.key in confirmed and o.waits and _NINES.search(o.do):
            continue
        deed = _deed(o, finding, newest[o.key, o.do], review, rules, first_on)
        if o.key in confirmed and o.confirms:
            other = next(x for x in review.obligations if x.key == o.key and x.waits and _NINES.search(x.do))
            deed = _with(deed, do=WEIGH_AGAIN, emergency=True, if_not=other.if_not)
        groups.setdefault(deed.do, []).append(deed)
    # A doubted weight that an emergency rests on is one deed, whoever else asks for it again.
    if WEIGH_AGAIN in groups:
        for name in [n for n in groups if n.startswith("Weigh again now")]:
            groups[WEIGH_AGAIN] += groups.pop(name)
    made = [_together(same) for same in groups.values()]
    if review.due.due is not None and review.died_on is None and not any(o.weighs for o in review.obligations):
        made += _due(review, rules)
    return made


def _deed(
    o: Obligation, f: Finding | None, newest: Obligation, review: Review, rules: Rules, first_on: dt.date | None
) -> Deed:
    loudness = LOUDNESS[0] if f is None else f.loudness
    matter = "growth" if o.rule == "weight" else rules.matter.get(o.rule, "people")
    if o.rule == "weight":
        loudness = "daily"
    why: tuple[Said, ...] = () if f is None else (f.said,)
    if o.rule == "weight":
        why = tuple(n for n in review.notes if n.startswith("The weight of"))[:1]
    if f is not None and f.rule == rules.first_day:
        older = [x for x in review.findings if first_on is not None and x.opened_on < first_on and x.rule != f.rule]
        why = (*(x.said for x in older[:1]), *why)
    return Deed(
        do=o.do,
        owner=o.owner,
        owner_name=o.owner_name,
        if_not=newest.if_not,
        deadline=o.deadline,
        set_on=o.set_on,
        opened_on=o.set_on if f is None else f.opened_on,
        rules=(o.rule,),
        emergency=bool(_NINES.search(o.do)),
        danger=loudness == LOUDNESS[-1] and matter == "growth",
        loudness=loudness,
        rung=_rung(o, f),
        matter=matter,
        limit_days=max(0, (o.deadline - o.set_on).days),
        why=why,
        about=(o.about,) if o.about else (),
    )


def _rung(o: Obligation, f: Finding | None) -> float:
    name = o.rung or (f.stage if f is not None else None) or "E1"
    return float(name[1:].rstrip("+") or 1)


def _with(d: Deed, **changes: object) -> Deed:
    fields = {name: getattr(d, name) for name in Deed.__dataclass_fields__}
    return Deed(**(fields | changes))  # pyright: ignore[reportArgumentType]


def _together(same: list[Deed]) -> Deed:
    """One deed of several: the worst of each, the highest owner, and the reasons of the gravest."""
    if len(same) == 1:
        return same[0]
    gravest = sorted(same, key=Deed.order)[0]
    owner = max(same, key=lambda d: _LOWEST.index(d.owner) if d.owner in _LOWEST else -1)
    first = min(same, key=lambda d: d.deadline)
    return _with(
        gravest,
        owner=owner.owner,
        owner_name=owner.owner_name,
        if_not=next((d.if_not for d in (gravest, first, *same) if d.if_not), None),
        deadline=first.deadline,
        set_on=min(d.set_on for d in same),
        opened_on=min(d.opened_on for d in same),
        rules=tuple(sorted({r for d in same for r in d.rules})),
        emergency=any(d.emergency for d in same),
        danger=any(d.danger for d in same),
        loudness=max((d.loudness for d in same), key=LOUDNESS.index),
        rung=max(d.rung for d in same),
        matter=min((d.matter for d in same), key=MATTERS.index),
        limit_days=min(d.limit_days for d in same),
        about=tuple(dict.fromkeys(a for d in same for a in d.about)),
        why=gravest.why or next((d.why for d in same if d.why), ()),
    )


def _due(review: Review, rules: Rules) -> list[Deed]:
    """The routine weight, where no finding asks for one."""
    due = review.due
    if rules.weigh is None or due.due is None:
        return []
    rule, level = rules.weigh
    action = level.actions[0]
    last = None if due.overdue_from is None else due.overdue_from - dt.timedelta(days=1)
    if due.last_valid_kg is not None and due.last_valid_on is not None:
        last_said = f"Last valid weight {kg_words(due.last_valid_kg)} on {long_date(due.last_valid_on)}."
    else:
        last_said = "No valid weight is recorded."
    why = f"The weight that is due: {due.why}. {last_said}"
    return [
        Deed(
            do=action.do, owner=str(action.owner), owner_name=None, if_not=action.if_not or "it becomes overdue",
            deadline=due.due, set_on=due.due, opened_on=due.due, rules=(rule,), emergency=False, danger=False,
            loudness=level.loudness, rung=0.0, matter="schedule", limit_days=action.within_days, why=(why,),
            lasts_until=last,
        )
    ]  # fmt: skip
