"""The parts of an answer, plain and frozen: findings, what must be done, the next weighing, the trace."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from growthwatch.core.said import Said, said_by_dates, said_on
from growthwatch.core.words import kg_words, long_date
from growthwatch.protocol.answers.asked import Asked
from growthwatch.protocol.answers.false_alarms import Healthy
from growthwatch.protocol.answers.plain import thawed
from growthwatch.protocol.schedule import NO_BIRTH, Due

__all__ = ["Finding", "Heard", "NextWeighing", "Obligation", "Reminder", "TraceLine"]


@dataclass(frozen=True, slots=True)
class Obligation:
    """What somebody must do: for which finding, who, by when, and what happens if not.

    Attributes
    ----------
    key
        The finding that asks for it, or ``request@`` and the id of a request.
    rule
        Its rule, or ``request``.
    level
        The level at which the finding asked for it.
    do
        What is to be done.
    owner
        The role of who must do it.
    set_on
        The day on which it was asked for.
    deadline
        The last day in time.
    overdue
        Whether that has passed, and it is not done.
    if_not
        What happens if it is not done.
    done_on
        The day of the event that shows it done; None if none does.
    done_by
        Id of that event.
    confirms
        Whether it makes sure a weight that is not.
    waits
        Whether it is for when that weight has been made sure.
    about
        What it is about, in a few words, where the same is asked of several findings; empty where the rule tells.
    owner_name
        Who the owner is, where the record says so.
    id
        By it somebody acknowledges, answers or declines it.
    rung
        The rung of the ladder that asks for it.
    replaced_on
        The day on which it was asked for anew, so that nobody waits for this one.
    weighs
        Whether one weighing meets it, as it meets all else that asks for a weight.
    not_before
        The day from which a weight counts for it; None where any does.
    clinical
        Whether it is of a rule about the body: growth, or illness.
    """

    key: str
    rule: str
    level: str
    do: str
    owner: str
    set_on: dt.date
    deadline: dt.date
    overdue: bool
    if_not: str | None
    done_on: dt.date | None = None
    done_by: str | None = None
    confirms: bool = field(default=False, repr=False)
    waits: bool = field(default=False, repr=False)
    about: str = field(default="", repr=False)
    owner_name: str | None = None
    id: str = ""
    rung: str | None = None
    replaced_on: dt.date | None = None
    weighs: bool = field(default=False, repr=False)
    not_before: dt.date | None = field(default=None, repr=False)
    clinical: bool = field(default=False, repr=False)

    @property
    def pending(self) -> bool:
        """Whether it is still to be done."""
        return self.done_on is None and self.replaced_on is None

    @property
    def done_late_by(self) -> int:
        """How many days after its last day it was done; 0 where it was in time, or is not done [days]."""
        return 0 if self.done_on is None else max(0, (self.done_on - self.deadline).days)

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "key": self.key,
            "rule": self.rule,
            "level": self.level,
            "do": self.do,
            "owner": self.owner,
            "set_on": self.set_on.isoformat(),
            "deadline": self.deadline.isoformat(),
            "overdue": self.overdue,
            "if_not": self.if_not,
            "done_on": None if self.done_on is None else self.done_on.isoformat(),
            "done_by": self.done_by,
            "owner_name": self.owner_name,
            "id": self.id,
            "rung": self.rung,
            "replaced_on": None if self.replaced_on is None else self.replaced_on.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class Heard:
    """Something that was said to a finding: on which day, and a sentence of who said what."""

    on: dt.date
    says: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What fired.

    Attributes
    ----------
    key
        Rule id, of a rule with subjects ``:`` and the subject, then ``@`` and the id of the event that last
        closed it (or ``start``): stable under late entries.
    rule, title, level
        Which rule, in words, and how gravely.
    loudness
        ``interrupt``, ``daily`` or ``weekly``.
    stage
        Rung of the ladder that the level asks for, or None.
    opened_on
        Day it became known.
    raised
        The days on which it grew graver, with the level.
    still_met
        Whether the condition holds on the day of the review (it may be open without).
    said
        What was seen, against what, as it is kept: see `says`.
    values
        The numbers.
    witness
        Ids of the events on which it rests.
    remarks
        Further sentences, as they are kept: see `notes`.
    closes
        What closes it, in words.
    unconfirmed
        It rests on a weight that is an upper bound or suspected: confirm now.
    obligations
        What somebody must do or has done for it.
    source
        Where the rule's numbers come from.
    tag
        N national, G guideline, L local.
    review_by
        The day by which somebody looks at them again.
    on
        The day on which it is read: up to it, sentences count days.
    closed_on
        The day on which it closed; None while it is open.
    closed_by
        Id of the event that closed it.
    anew
        Whether the last day of `raised` is that on which it was judged anew, as what it had rested on was an error.
    asked
        What `false_alarm` asks: a rule on weights, and how the child was weighed; None: nothing.
    doubts
        Those of `notes` that doubt the weight: `Review.explain` tells each once, whatever rests on that weight.
    heard
        What people said to it: who took it on by when and whether that was kept, who declined, how long it was to wait.
    """

    key: str
    rule: str
    title: str
    level: str
    loudness: str
    stage: str | None
    opened_on: dt.date
    raised: tuple[tuple[dt.date, str], ...]
    still_met: bool
    said: Said
    values: Mapping[str, Any]
    witness: tuple[str, ...]
    remarks: tuple[Said, ...]
    closes: str
    unconfirmed: bool
    source: str
    tag: str
    review_by: dt.date
    obligations: tuple[Obligation, ...]
    on: dt.date = field(compare=False, repr=False)
    closed_on: dt.date | None = None
    closed_by: str | None = None
    anew: bool = False
    asked: Asked | None = field(default=None, repr=False)
    doubts: tuple[str, ...] = field(default=(), repr=False)
    heard: tuple[Heard, ...] = field(default=(), repr=False)

    @property
    def says(self) -> str:
        """What was seen, against what, in plain English."""
        return said_on(self.said, self.on)

    @property
    def notes(self) -> tuple[str, ...]:
        """Further sentences."""
        return tuple(said_on(x, self.on) for x in self.remarks)

    @property
    def healthy(self) -> Healthy | None:
        """What `false_alarm` asks, with the rule on weights."""
        return None if self.asked is None else self.asked.healthy

    @property
    def false_alarm(self) -> str | None:
        """How often healthy children weighed as this one meet the rule, or why that is not known.

        None beside a finding that is not about growth.  Worked out when it is asked for.
        """
        return None if self.asked is None else self.asked.healthy.sentence

    @property
    def says_level(self) -> bool:
        """Whether the level says more than that the finding is open."""
        return self.level not in ("open", "below", "fall", "not back", "steady")

    def to_dict(self) -> dict[str, Any]:
        """Plain data, the same on every day of reading: sentences name dates and count no days."""
        return {
            "key": self.key,
            "rule": self.rule,
            "title": self.title,
            "level": self.level,
            "loudness": self.loudness,
            "stage": self.stage,
            "opened_on": self.opened_on.isoformat(),
            "raised": [[d.isoformat(), level] for d, level in self.raised],
            "still_met": self.still_met,
            "says": said_by_dates(self.said),
            "values": thawed(self.values),
            "witness": list(self.witness),
            "notes": [said_by_dates(x) for x in self.remarks],
            "closes": self.closes,
            "unconfirmed": self.unconfirmed,
            "source": self.source,
            "tag": self.tag,
            "review_by": self.review_by.isoformat(),
            "obligations": [o.to_dict() for o in self.obligations],
            "closed_on": None if self.closed_on is None else self.closed_on.isoformat(),
            "closed_by": self.closed_by,
            "false_alarm": self.false_alarm,
        }


@dataclass(frozen=True, slots=True)
class NextWeighing:
    """The next weighing.

    Attributes
    ----------
    state
        ``none``, ``not_yet``, ``may_weigh``, ``due``, ``overdue`` or ``lapsed``.
    earliest
        From which day it may be done; None, as the three dates below, where the schedule asks for none.
    due
        When it should be done.
    overdue_from
        First day on which it is overdue.
    lapsed_from
        First day on which it has lapsed.
    floor_days
        Days between weights that apply.
    why
        Which rule of the schedule says so.
    last_valid_on
        The day of the weight from which it runs.
    last_valid_kg
        That weight [kg].
    notes
        Further sentences.
    conflict
        A floor shorter than the usual ceiling, in words, or None.
    asked_by
        Day by which an open finding wants a weight, whatever the schedule says; None if none does.
    urgent
        Whether a finding that cannot wait is open.
    because
        Who wants it by then: an open finding, or a weight that is doubted.
    missed
        The day on which it was due before the protocol came into force for the child, and was missed; else None.
    """

    state: str
    earliest: dt.date | None
    due: dt.date | None
    overdue_from: dt.date | None
    lapsed_from: dt.date | None
    floor_days: int | None
    why: str
    last_valid_on: dt.date | None
    last_valid_kg: float | None
    conflict: str | None
    notes: tuple[str, ...]
    asked_by: dt.date | None = None
    urgent: bool = False
    because: str = field(default="an open finding asks for it", repr=False)
    missed: dt.date | None = field(default=None, repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""

        def iso(d: dt.date | None) -> str | None:
            return None if d is None else d.isoformat()

        return {
            "state": self.state,
            "earliest": iso(self.earliest),
            "due": iso(self.due),
            "overdue_from": iso(self.overdue_from),
            "lapsed_from": iso(self.lapsed_from),
            "floor_days": self.floor_days,
            "why": self.why,
            "last_valid_on": iso(self.last_valid_on),
            "last_valid_kg": self.last_valid_kg,
            "conflict": self.conflict,
            "notes": list(self.notes),
            "asked_by": iso(self.asked_by),
            "urgent": self.urgent,
            "missed": iso(self.missed),
        }

    def on(self, day: dt.date) -> NextWeighing:
        """The same, with the state of a day."""

        def ordinal(d: dt.date | None) -> int | None:
            return None if d is None else d.toordinal()

        due = Due(
            None,
            earliest=ordinal(self.earliest),
            due=ordinal(self.due),
            overdue_from=ordinal(self.overdue_from),
            lapsed_from=ordinal(self.lapsed_from),
        )
        return replace(self, state=due.state(day.toordinal()))

    def explain(self) -> str:
        """Say when the next weight is due; while something cannot wait, nothing here says to wait."""
        words = self._schedule_words()
        if self.asked_by is not None and (self.due is None or self.asked_by < self.due):
            words = f"Weigh by {long_date(self.asked_by)}: {self.because}. By the schedule alone: {words}"
        return words

    def _schedule_words(self) -> str:
        if self.due is None and self.why == NO_BIRTH:
            return f"It cannot be worked out when a weight is due: {self.why}."
        if self.due is None:
            return f"No weight is due: {self.why}." if self.why else "No weight is due."
        text = f"Next weight due {long_date(self.due)} ({self.why})"
        if self.state in ("overdue", "lapsed"):
            text = f"The weight due {long_date(self.due)} ({self.why}) is overdue"
            text += (
                f" and lapsed on {long_date(self.lapsed_from)}" if self.state == "lapsed" and self.lapsed_from else ""
            )
        elif self.overdue_from is not None:
            text += f"; overdue from {long_date(self.overdue_from)}"
            if self.earliest is not None and self.state == "not_yet" and not self.urgent and self.asked_by is None:
                text += f"; not needed before {long_date(self.earliest)}"
        if self.last_valid_on is not None and self.last_valid_kg is not None:
            text += f". Last valid weight {kg_words(self.last_valid_kg)} on {long_date(self.last_valid_on)}"
        else:
            text += ". No valid weight is recorded"
        conflict = [self.conflict] if self.conflict and not self.urgent else []
        return " ".join([f"{text}.", *conflict, *self.notes])


@dataclass(frozen=True, slots=True)
class TraceLine:
    """How one rule was judged on the day: verdict, numbers read, and where they come from.

    Attributes
    ----------
    rule
        Its id; where a rule has subjects, with ``:`` and the subject.
    kind
        The kind of rule.
    verdict
        What was judged, in a word.
    level
        The level that is met; None for none.
    values
        The numbers read.
    why
        Why it could not be judged; None if it was.
    parameters
        The rule's own numbers.
    source
        Where they come from.
    tag
        N national, G guideline, L local.
    review_by
        The day by which somebody looks at them again.
    """

    rule: str
    kind: str
    verdict: str
    level: str | None
    values: Mapping[str, Any]
    why: str | None
    parameters: Mapping[str, Any]
    source: str
    tag: str
    review_by: dt.date

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "rule": self.rule,
            "kind": self.kind,
            "verdict": self.verdict,
            "level": self.level,
            "values": thawed(self.values),
            "why": self.why,
            "parameters": thawed(self.parameters),
            "source": self.source,
            "tag": self.tag,
            "review_by": self.review_by.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class Reminder:
    """What a rule that only reminds says from a day on, and until when.

    Attributes
    ----------
    says
        What it reminds of.
    since, until
        First and last day on which it does; None: no last day.
    """

    says: str
    since: dt.date
    until: dt.date | None
