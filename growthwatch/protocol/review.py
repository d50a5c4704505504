"""The review of one child: what is due, what has fired, who must do what by when.

`review` is a pure function of a record, a protocol and a moment.  It stores nothing, reads
no clock, and gives for a past day what it gave on that day.  It computes and reminds; it
does not diagnose.
"""

from __future__ import annotations

import datetime as dt
import html
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any, cast

from growthwatch.core.calendar import as_instant
from growthwatch.core.canonical import canonical_json, short_hash
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.frozen import FrozenDict
from growthwatch.core.words import days_words, kg_words, list_words, long_date, one_line, role_words
from growthwatch.protocol.answers.false_alarms import Healthy, healthy
from growthwatch.protocol.child import SUSPECTED, UNDATED, condition_reference
from growthwatch.protocol.document import Protocol, protocol, protocols
from growthwatch.protocol.file.values import LOUDNESS
from growthwatch.protocol.fold import DayChange, Fold, OpenFinding, Task, choose_protocols, closing_words
from growthwatch.protocol.kinds.kind import NOT_MET, Day, GrowthKind, Kind
from growthwatch.protocol.schedule import ASKED
from growthwatch.record import Weighed
from growthwatch.record.record import Record
from growthwatch.references import ReferenceLabel

__all__ = ["Change", "Finding", "NextWeighing", "Obligation", "Review", "ToDo", "TraceLine", "replay", "review"]

REVIEW_SCHEMA = "growthwatch.review"
REVIEW_VERSION = 1

GROUPS = ("now", "today", "late", "next")


def _day(ordinal: int | None) -> dt.date | None:
    return None if ordinal is None else _date(ordinal)


def _date(ordinal: int) -> dt.date:
    return dt.date.fromordinal(min(max(ordinal, 1), dt.date.max.toordinal()))


def _plain(values: Mapping[str, Any]) -> FrozenDict:
    """Values of an outcome for people and JSON, frozen: dates as text, numbers rounded to 4 decimals."""
    out: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, Day):
            out[key] = _date(value).isoformat()
        elif isinstance(value, Decimal | float):
            # A number beyond all measure (a slip of many zeros) is kept as text: JSON has no infinity.
            out[key] = round(float(value), 4) if math.isfinite(float(value)) else str(value)
        else:
            out[key] = tuple(cast("list[Any]", value)) if isinstance(value, list) else value
    return FrozenDict(out)


def _thawed(value: Any) -> Any:
    """Plain data of frozen data, to any depth."""
    if isinstance(value, dict):
        return {k: _thawed(v) for k, v in cast("dict[str, Any]", value).items()}
    return list(map(_thawed, cast("tuple[Any, ...]", value))) if isinstance(value, tuple) else value


def _frozen(value: Any) -> Any:
    """The same data, such that nothing in it can be changed."""
    if isinstance(value, dict):
        return FrozenDict({k: _frozen(v) for k, v in cast("dict[str, Any]", value).items()})
    return tuple(map(_frozen, cast("list[Any]", value))) if isinstance(value, list) else value


@dataclass(frozen=True, slots=True)
class Obligation:
    """What somebody must do: for which finding, who, by when, and what happens if not.

    ``done_on`` and ``done_by`` name the event in the record that shows it done, if one does.
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
        }


@dataclass(frozen=True, slots=True)
class Finding:
    """What fired.

    Attributes
    ----------
    key
        Rule id, ``@``, and the id of the event that last closed that rule (or ``start``):
        stable under late entries.
    rule, title, level
        Which rule, in words, and how gravely.
    loudness
        ``interrupt``, ``daily`` or ``weekly``.
    stage
        Rung of the ladder that the level asks for, or None.
    opened_on, raised
        Day it became known, and the days on which it grew graver, with the level.
    still_met
        Whether the condition holds on the day of the review (it may be open without).
    says
        What was seen, against what, in plain English.
    values, witness
        The numbers, and the ids of the events on which it rests.
    closes
        What closes it, in words.
    unconfirmed
        It rests on a weight that is an upper bound or suspected: confirm now.
    source, tag, review_by
        Where the rule's numbers come from; N national, G guideline, L local.
    healthy
        What `false_alarm` asks: a rule on weights, and how the child was weighed.
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
    says: str
    values: Mapping[str, Any]
    witness: tuple[str, ...]
    notes: tuple[str, ...]
    closes: str
    unconfirmed: bool
    source: str
    tag: str
    review_by: dt.date
    obligations: tuple[Obligation, ...]
    closed_on: dt.date | None = None
    closed_by: str | None = None
    healthy: Healthy | None = field(default=None, repr=False)

    @property
    def false_alarm(self) -> str | None:
        """How often healthy children weighed as this one meet the rule, or why that is not known.

        None beside a finding that is not about growth.  Worked out when it is asked for.
        """
        return None if self.healthy is None else self.healthy.sentence

    @property
    def says_level(self) -> bool:
        """Whether the level says more than that the finding is open."""
        return self.level not in ("open", "below", "fall", "not back")

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
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
            "says": self.says,
            "values": _thawed(self.values),
            "witness": list(self.witness),
            "notes": list(self.notes),
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
    earliest, due, overdue_from, lapsed_from
        The four dates; None where the schedule asks for none.
    floor_days, why
        Days between weights that apply, and which rule of the schedule says so.
    last_valid_on, last_valid_kg
        The weight from which it runs.
    conflict
        A floor shorter than the usual ceiling, in words, or None.
    asked_by
        Day by which an open finding wants a weight, whatever the schedule says; None if none does.
    urgent
        Whether a finding that cannot wait is open.
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
        }

    def explain(self) -> str:
        """Say when the next weight is due; while something cannot wait, nothing here says to wait."""
        words = self._schedule_words()
        if self.asked_by is not None and (self.due is None or self.asked_by < self.due):
            words = f"Weigh by {long_date(self.asked_by)}: an open finding asks for it. By the schedule alone: {words}"
        return words

    def _schedule_words(self) -> str:
        if self.due is None:
            return f"No weight is due: {self.why}." if self.why else "No weight is due."
        text = f"Next weight due {long_date(self.due)} ({self.why})"
        if self.state in ("overdue", "lapsed"):
            text = f"The weight due {long_date(self.due)} ({self.why}) is overdue"
            text += (
                f" and lapsed on {long_date(self.lapsed_from)}" if self.state == "lapsed" and self.lapsed_from else ""
            )
        elif self.overdue_from is not None:
            # What a finding asks for has a task with a day of its own; the schedule may wait for a routine visit.
            asked = self.why == ASKED
            late = "the routine schedule alone would call it overdue only from" if asked else "overdue from"
            text += f"; {late} {long_date(self.overdue_from)}"
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
    """How one rule was judged on the day: verdict, numbers read, and where they come from."""

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
            "values": _thawed(self.values),
            "why": self.why,
            "parameters": _thawed(self.parameters),
            "source": self.source,
            "tag": self.tag,
            "review_by": self.review_by.isoformat(),
        }


def _level_source(protocols: Sequence[Protocol], rule: Kind, level: int) -> tuple[str, str, dt.date]:
    """Provenance of a level's numbers: its own, or what the protocol that holds the rule says around it."""
    around = next((p.sources[rule.id] for p in protocols if any(r is rule for r in p.rules)), ("", "L", dt.date.min))
    own = rule.levels[level]
    return own.source or around[0], own.tag or around[1], own.review_by or around[2]


def _finding(fold: Fold, f: OpenFinding) -> Finding:
    rule: Kind = f.rule
    child = fold.child
    level = rule.levels[f.level]
    now = fold.outcomes.get(rule.id) if f.closed_on is None else None
    if now is not None and now.level == NOT_MET:
        now = None
    last = f.latest if f.latest.level >= f.level else f.outcome
    shown = now if now is not None and now.level >= f.level else last
    notes = list(shown.notes)
    if f.closed_on is None and now is None and not child.dead_on(fold.until):
        notes.append("No longer met, and open all the same.")
    elif now is not None and now.level < f.level:
        notes.append(f"Now: {rule.say(now.values, now.level)} It keeps the graver level until it closes.")
    wrong = [id for id in f.outcome.witness if id in child.in_error]
    if wrong:
        notes.append(f"It rests on {list_words(wrong)}, since marked as an error or corrected.")
    source, tag, review_by = _level_source(fold.protocols, rule, f.level)
    obligations = tuple(_obligation(fold, f, t) for t in f.tasks)
    return Finding(
        f.key,
        rule.id,
        rule.title,
        level.name,
        level.loudness,
        _top_stage(rule, f.level),
        _date(f.opened_on),
        tuple((_date(d), rule.levels[n].name) for d, n in f.raised[1:]),
        now is not None,
        rule.say(shown.values, f.level),
        _plain(shown.values),
        f.outcome.witness,
        tuple(notes),
        closing_words(rule),
        f.latest.unconfirmed,
        source,
        tag,
        review_by,
        obligations,
        _day(f.closed_on),
        f.closed_by,
        healthy(rule, f.level, f.outcome.values, child, f.raised[-1][0]),
    )


def _obligation(fold: Fold, f: OpenFinding, t: Task) -> Obligation:
    done = t.done(fold.child)
    return Obligation(
        f.key,
        f.rule.id,
        f.rule.levels[t.level].name,
        t.action.do,
        str(t.action.owner),
        _date(t.set_on),
        _date(t.deadline),
        done is None and fold.until > t.deadline,
        t.action.if_not,
        _day(done[0]) if done else None,
        done[1] if done else None,
    )


def _asked_by(fold: Fold) -> dt.date | None:
    """Earliest day by which an open finding, or a doubted weight, asks for a weight."""
    days = [
        t.deadline
        for f in fold.open.values()
        for t in f.tasks
        if t.action.met_by == "valid_weight" and t.done(fold.child) is None
    ]
    days += [o.deadline.toordinal() for o in _repeat_today(fold)]
    return None if not days or fold.child.dead_on(fold.until) else _date(min(days))


def _repeat_today(fold: Fold) -> list[Obligation]:
    """A suspected weight asks for a repeat on its day, whether or not a rule fires on it."""
    child = fold.child
    last = child.weights[-1] if child.weights else None
    if last is None or last.validity != SUSPECTED or last.replaced_by is not None or child.died is not None:
        return []
    action = fold.protocol.settings.weights.confirm
    deadline = last.known_day + action.within_days
    return [
        Obligation(
            f"weight@{last.id}", "weight", "suspected", action.do, str(action.owner), _date(last.known_day),
            _date(deadline), fold.until > deadline, action.if_not,
        )
    ]  # fmt: skip


def _top_stage(rule: Kind, level: int) -> str | None:
    stages = [s for i in range(level + 1) if (s := rule.levels[i].stage) is not None]
    return max(stages, default=None)


@dataclass(frozen=True, slots=True)
class ToDo:
    """One task, for one finding or several, as a person would list it.

    ``group`` is ``now`` (cannot wait, due today or late), ``today``, ``late`` or ``next``.
    """

    group: str
    do: str
    owner: str
    deadline: dt.date
    late: bool
    if_not: str | None
    rules: tuple[str, ...]

    def explain(self, on: dt.date) -> str:
        """Who does what, by when, and what if not."""
        who = role_words(self.owner)
        do = self.do if self.do[:1].isdigit() or self.do[1:2].isupper() else self.do[:1].lower() + self.do[1:]
        if self.deadline == on:
            by = "Today"
        elif self.late:
            by = f"Was due by {long_date(self.deadline)}, {days_words((on - self.deadline).days)} ago"
        else:
            by = f"By {long_date(self.deadline)}"
        text = f"{who[:1].upper()}{who[1:]}: {do} ({', '.join(self.rules)}). {by}."
        return text + (f" If not: {self.if_not}." if self.if_not else "")


@dataclass(frozen=True)
class Review:
    """What one protocol says of one child at one moment.

    Attributes
    ----------
    child_id
        As in the record.
    as_of, known_at
        The moment asked about, and whose knowledge answers [UTC].
    on
        The local day of `as_of`.
    protocol_id, protocol_version, protocol_hash
        Which protocol judged.
    reference
        Id and content hash of the reference.
    record_hash
        Content hash of the record that was read.
    tier, tier_since
        How closely the child is watched, and since when (None: never raised).
    stage
        Highest rung of the ladder that an open finding asks for, or None.
    due
        The next weighing.
    findings
        Open findings, the loudest first.
    obligations
        Everything that somebody must still do, the earliest deadline first.
    reminders
        What is due today but is no finding.
    not_judged
        Rules that could not be judged, with the reason.
    refused
        Decisions that were not admitted, with the reasons.
    notes
        Further sentences: doubtful weights, how the protocol was chosen.
    died_on
        Day of death, if one is recorded that nothing contradicts.
    changes_on
        First later day on which this answer changes if nothing more is recorded; None: not within ten years.
    """

    child_id: str
    as_of: dt.datetime
    known_at: dt.datetime
    on: dt.date
    protocol_id: str
    protocol_version: str
    protocol_hash: str
    protocol_status: str
    reference: ReferenceLabel
    record_hash: str
    tier: str
    tier_since: dt.date | None
    stage: str | None
    due: NextWeighing
    findings: tuple[Finding, ...]
    obligations: tuple[Obligation, ...]
    reminders: tuple[str, ...]
    not_judged: tuple[tuple[str, str], ...]
    refused: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    changes_on: dt.date | None
    died_on: dt.date | None
    _fold: Fold = field(compare=False, repr=False)

    @property
    def anything_open(self) -> bool:
        """Whether a finding is open, or something is left to do."""
        return bool(self.findings or self.obligations)

    @cached_property
    def closed(self) -> tuple[Finding, ...]:
        """Findings that have been open and are closed, in order of closing."""
        return tuple(_finding(self._fold, f) for f in self._fold.closed)

    @cached_property
    def trace(self) -> tuple[TraceLine, ...]:
        """How every rule was judged on the day, with its numbers and sources."""
        lines: list[TraceLine] = []
        fold = self._fold
        for rule in fold.protocol.rules:
            if rule.id not in fold.outcomes:
                continue
            outcome, finding = fold.outcomes[rule.id], fold.open.get(rule.id)
            met = outcome.level != NOT_MET
            verdict = "not judged" if outcome.not_judged else "met" if met else "not met"
            if finding is not None:
                verdict = f"open, {verdict}"
            level = rule.levels[max(outcome.level, finding.level if finding else NOT_MET, 0)]
            skip = {"source", "tag", "review_by", "id", "kind", "title"}
            parameters = _frozen(rule.model_dump(mode="json", exclude=skip, exclude_none=True, by_alias=True))
            source, tag, review_by = _level_source(fold.protocols, rule, max(outcome.level, 0))
            lines.append(
                TraceLine(
                    rule.id,
                    rule.KIND,
                    verdict,
                    level.name if met or finding else None,
                    _plain(outcome.values),
                    outcome.not_judged,
                    parameters,
                    source,
                    tag,
                    review_by,
                )
            )
        return tuple(lines)

    def to_dict(self) -> dict[str, Any]:
        """Plain data, as in `to_json`."""
        return {
            "schema": REVIEW_SCHEMA,
            "schema_version": REVIEW_VERSION,
            "child_id": self.child_id,
            "as_of": self.as_of.isoformat().replace("+00:00", "Z"),
            "known_at": self.known_at.isoformat().replace("+00:00", "Z"),
            "on": self.on.isoformat(),
            "protocol": {"id": self.protocol_id, "version": self.protocol_version, "hash": self.protocol_hash},
            "reference": {"id": self.reference.id, "hash": self.reference.hash},
            "record_hash": self.record_hash,
            "tier": self.tier,
            "tier_since": None if self.tier_since is None else self.tier_since.isoformat(),
            "stage": self.stage,
            "due": self.due.to_dict(),
            "findings": [f.to_dict() for f in self.findings],
            "closed": [f.to_dict() for f in self.closed],
            "obligations": [o.to_dict() for o in self.obligations],
            "reminders": list(self.reminders),
            "not_judged": [list(n) for n in self.not_judged],
            "refused": [list(n) for n in self.refused],
            "notes": list(self.notes),
            "changes_on": None if self.changes_on is None else self.changes_on.isoformat(),
            "trace": [t.to_dict() for t in self.trace],
        }

    def to_json(self) -> str:
        """Canonical JSON: keys sorted, numbers rounded to 4 decimals; the same bytes for the same answer."""
        return canonical_json(self.to_dict())

    # --- words ------------------------------------------------------------------------

    def headline(self) -> str:
        """One line: who, when, tier, how much is open."""
        if self.died_on is not None:
            return f"{self.child_id} died on {long_date(self.died_on)}. Nothing further is due."
        since = f" since {long_date(self.tier_since)}" if self.tier_since is not None else ""
        n = len(self.findings)
        loud = [f for f in self.findings if f.loudness == LOUDNESS[-1]]
        waiting = [f for f in loud if any(o.done_on is None for o in f.obligations)]
        nothing = "a weight must be repeated" if self.obligations else "nothing is open"
        what = nothing if n == 0 else "one finding is open" if n == 1 else f"{n} findings are open"
        if waiting:
            what += " and cannot wait" if n == 1 else f", of which {len(waiting)} cannot wait"
        elif loud:
            what += "; what could not wait is recorded as done"
        return f"{self.child_id} on {long_date(self.on)}: tier {self.tier}{since}; {what}."

    def to_do(self) -> tuple[ToDo, ...]:
        """What must still be done, the same task for several findings taken together, the most pressing first.

        First what cannot wait and is due today or late, then what else is due today, then what
        else is late, then the rest.
        """
        by_key = {f.key: f for f in self.findings}
        groups: dict[tuple[str, str, str | None], list[Obligation]] = {}
        for o in self.obligations:
            groups.setdefault((o.do, o.owner, o.if_not), []).append(o)
        out: list[tuple[tuple[Any, ...], ToDo]] = []
        for (do, owner, if_not), members in groups.items():
            day = min(o.deadline for o in members)
            rules = tuple(sorted({o.rule for o in members}))
            current = [by_key[o.key] for o in members if o.key in by_key and by_key[o.key].level == o.level]
            now = day <= self.on and any(f.loudness == LOUDNESS[-1] for f in current)
            stage = max((f.stage or "" for f in current), default="")
            late = day < self.on
            group = "now" if now else "today" if day == self.on else "late" if late else "next"
            rank = (GROUPS.index(group), -int(stage[1:] or 0) if now else 0, day != self.on, day, do)
            out.append((rank, ToDo(group, do, owner, day, late, if_not, rules)))
        return tuple(t for _, t in sorted(out, key=lambda pair: pair[0]))

    @property
    def _changed(self) -> str:
        """Say so if a file keeps the name and version of a packaged protocol but not its content."""
        if self.protocol_id not in protocols():
            return ""
        packaged = protocol(self.protocol_id)
        same = packaged.hash == self.protocol_hash or packaged.version != self.protocol_version
        return "" if same else ", CHANGED from the packaged file of that name"

    @property
    def provenance(self) -> str:
        """Which protocol and reference judged, and what this is not."""
        return (
            f"Judged by {self.protocol_id} {self.protocol_version}{self._changed} ({short_hash(self.protocol_hash)}) "
            f"on {self.reference}. {self.protocol_status} growthwatch computes and reminds; it does not diagnose."
        )

    def explain(self) -> str:
        """Plain English: who does what by when, and what if not; then why; then what is next."""
        out = [self.headline()]
        titles = {"now": "Now", "today": "Today", "late": "Late", "next": "To do"}
        group = ""
        for t in self.to_do():
            if t.group != group:
                group = t.group
                out += ["", titles[group]]
            out.append(f"- {t.explain(self.on)}")
        done = [o for f in self.findings for o in f.obligations if o.done_on is not None and o.level == f.level]
        if done:
            out += ["", "Done"]
            lines = [
                f"- {o.do} ({o.rule}): {long_date(o.done_on)} ({o.done_by})." for o in done if o.done_on is not None
            ]
            out += dict.fromkeys(lines)
        if self.findings:
            out += ["", "Why"]
            for f in self.findings:
                raised = f", graver since {long_date(f.raised[-1][0])}" if f.raised else ""
                level = f" ({f.level})" if f.says_level else ""
                out.append(f"- {f.rule} {f.title}{level}, open since {long_date(f.opened_on)}{raised}.")
                out.append(f"  {'CONFIRM NOW. ' if f.unconfirmed else ''}{f.says}")
                out += [f"  {note}" for note in f.notes]
                if f.false_alarm is not None:
                    out.append(f"  {f.false_alarm}")
                out.append(f"  Closes when {f.closes}.")
        out += ["", "Next weight", f"- {self.due.explain()}"]
        out += [f"- {r}" for r in self.reminders]
        extra = [f"- {n}" for n in self.notes]
        extra += [f"- {rule} could not be judged: {why}." for rule, why in self.not_judged]
        extra += [f"- Decision {event} was not accepted: {why}." for event, why in self.refused]
        if self.changes_on is not None:
            extra.append(f"- If nothing more is recorded, this changes on {long_date(self.changes_on)}.")
        if extra:
            out += ["", "Also", *extra]
        out += [
            "",
            self.provenance,
        ]
        return "\n".join(out)

    def __str__(self) -> str:
        return self.explain()

    def __repr__(self) -> str:
        rules = ", ".join(f"{f.rule} {f.level}" for f in self.findings) or "nothing open"
        return f"<Review of {self.child_id!r} on {self.on}: {self.tier}; {rules}>"

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(self.explain())}</pre>"


def _notes(fold: Fold, protocols: Protocol | Sequence[Protocol]) -> tuple[str, ...]:
    child, protocol = fold.child, fold.protocol
    out: list[str] = []
    if child.birth is None:
        out.append("No birth date is recorded yet: ages, centiles and the schedule cannot be worked out.")
    elif child.birth.sex is None:
        out.append("The sex is not recorded: there is no centile; loss and gain in kilograms are judged all the same.")
    if child.birth is not None and child.birth.gestation_days is None:
        out.append("Gestation at birth is not recorded: term is taken, and no age is corrected.")
    if child.births_differ and child.birth is not None:
        births = [child.birth.event, *child.births_differ]
        out.append(
            f"Births are recorded that differ ({list_words(births)}): "
            "the first is used. Mark the wrong one as an error now: every age and centile hangs on it."
        )
    if child.seen_after_death:
        out.append(
            f"A death is recorded on {long_date(child.died or 0)}, and later {list_words(child.seen_after_death[:3])}: "
            "one of them is wrong. Judged as if the child lives; mark the wrong one as an error now."
        )
    elif child.died is not None:
        out.append(f"The child died on {long_date(child.died)}: nothing further is due. Findings open then are kept.")
    unused = [w for w in child.weights if w.validity == UNDATED]
    for w in unused[:5]:
        out.append(f"The weight of {kg_words(w.kg)} dated {long_date(w.day)} is not used: {w.reason}.")
    if len(unused) > 5:
        out.append(f"{len(unused) - 5} further weights are not used: their dates are not certain, or before birth.")
    for e in fold.coming[:5]:
        what = e.type.replace("_", " ").capitalize()
        out.append(f"{what} {e.id} is dated {long_date(e.on)}: it does not count before that day.")
    if fold.unknown_adoption is not None:
        out.append(
            f"The record adopted {one_line(fold.unknown_adoption)}, which is not among the protocols given: "
            f"{protocol.id} {protocol.version} goes on judging."
        )
    last = child.weights[-1] if child.weights else None
    if last is not None and not last.counts and last.replaced_by is None:
        if last.validity == "upper_bound":
            out.append(
                f"The weight of {long_date(last.day)} was taken {last.reason}: at most {kg_words(last.kg)}. "
                "It clears nothing; repeat undressed."
            )
        elif last.validity == SUSPECTED:
            out.append(
                f"The weight of {long_date(last.day)}, {kg_words(last.kg)}, may be an entry error ({last.reason}): "
                "repeat today."
            )
    judged_too = [r.id for r in protocol.rules if isinstance(r, GrowthKind) and r.on_plan]
    followed = child.condition_plan(fold.until)
    for plan in child.plans:
        if plan.reference is not None and plan.day <= fold.until <= plan.until:
            ref, why = condition_reference(plan.reference)
            if plan is followed and judged_too and ref is not None:
                told = f"falls are judged on it ({', '.join(judged_too)}) beside {protocol.reference.id}"
            else:
                told = f"{protocol.id} {protocol.version} judges on {protocol.reference.id}"
                told += f": {why}" if judged_too and ref is None else ""
            out.append(f"A signed plan names the reference {one_line(plan.reference)}; {told}.")
    unjudged = fold.unjudged()
    if unjudged:
        out.append(f"Recorded, and not judged by this protocol: {list_words(unjudged)}. Read them.")
    window = protocol.settings.terms.ill_within_days
    for seen in child.unanswered(frozenset(x for s in child.signs for x in s.signs))[-3:]:
        if fold.until - seen.day <= window and not any(seen.id in f.outcome.witness for f in fold.open.values()):
            signs = list_words([x.replace("_", " ") for x in seen.signs])
            out.append(f"Recorded on {long_date(seen.day)}: {signs}. No examination is recorded since.")
    if not isinstance(protocols, Protocol):
        idle = [p for p in fold.protocols if not any(a.hash == p.hash for a in child.adoptions) and p is not protocol]
        out += [
            f"{p.id} {p.version} ({short_hash(p.hash)}) was not adopted in this record: it judged no day." for p in idle
        ]
    if isinstance(protocols, Protocol):
        if child.adoptions:
            adopted = child.adoptions[-1]
            if adopted.hash != protocol.hash:
                out.append(
                    f"The record adopted {one_line(adopted.protocol)} ({one_line(short_hash(adopted.hash))}); "
                    f"it is judged here by {protocol.id} {protocol.version}, as asked."
                )
        else:
            out.append(f"Judged as if {protocol.id} {protocol.version} had always been in force.")
    return tuple(out)


def review(
    record: Record,
    *,
    protocol: Protocol | Sequence[Protocol],
    as_of: dt.date | dt.datetime,
    known_at: dt.date | dt.datetime | None = None,
) -> Review:
    """Review one child.

    Parameters
    ----------
    record
        The child's record.
    protocol
        One protocol, judged as if it had always been in force (and the review says so); or
        several, of which each day is judged by the one last adopted in the record.
    as_of
        The moment asked about: a date means the end of that day in the protocol's zone, a
        datetime must be aware.
    known_at
        Whose knowledge answers; `as_of` if None.

    Returns
    -------
    Review

    Raises
    ------
    GrowthwatchError
        For a wrong argument.  Nothing in a record that has loaded makes a review fail.
    """
    fold = _fold(record, protocol, as_of, known_at).run()
    used, child = fold.protocol, fold.child
    order = {name: i for i, name in enumerate(LOUDNESS)}
    findings = sorted(
        (_finding(fold, f) for f in fold.open.values()), key=lambda f: (-order[f.loudness], f.opened_on, f.rule)
    )
    obligations = sorted(
        (o for f in findings for o in f.obligations if o.done_on is None), key=lambda o: (o.deadline, o.rule, o.do)
    )
    doubt = _repeat_today(fold)
    if child.dead_on(fold.until):
        obligations, doubt = [], []
    obligations = sorted([*obligations, *doubt], key=lambda o: (o.deadline, o.rule, o.do))
    due = fold.due
    anchor = due.anchor
    return Review(
        child_id=record.child_id,
        as_of=fold.as_of,
        known_at=fold.known_at,
        on=_date(fold.until),
        protocol_id=used.id,
        protocol_version=used.version,
        protocol_hash=used.hash,
        protocol_status=used.settings.status,
        reference=used.reference.label,
        record_hash=record.content_hash,
        tier=fold.tier,
        tier_since=_date(fold.tier_since) if fold.tier_since else None,
        stage=max((f.stage for f in findings if f.stage is not None), default=None),
        due=NextWeighing(
            due.state(fold.until),
            _day(due.earliest),
            _day(due.due),
            _day(due.overdue_from),
            _day(due.lapsed_from),
            due.floor_days,
            due.why,
            _day(anchor.day) if anchor else None,
            anchor.kg if anchor else None,
            due.conflict,
            due.notes,
            asked_by=_asked_by(fold),
            urgent=any(f.loudness == LOUDNESS[-1] for f in findings),
        ),
        findings=tuple(findings),
        obligations=tuple(obligations),
        reminders=tuple(rule.say(outcome.values, 0) for rule, outcome in fold.reminders),
        not_judged=tuple(
            (id, o.not_judged)
            for id, o in fold.outcomes.items()
            if o.not_judged is not None and child.birth is not None
        ),
        refused=tuple((r.event, "; ".join(r.reasons)) for r in fold.refusals),
        notes=_notes(fold, protocol),
        changes_on=_day(fold.next_change()),
        died_on=_day(child.died) if child.dead_on(fold.until) else None,
        _fold=fold,
    )


def _fold(
    record: Record,
    protocol: Protocol | Sequence[Protocol],
    as_of: dt.date | dt.datetime,
    known_at: dt.date | dt.datetime | None,
    field: str = "as_of",
) -> Fold:
    if not isinstance(record, Record):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise GrowthwatchError.of("record", record, "a Record, such as Record.load('child.json')")
    zone = choose_protocols(protocol)[0].zone
    moment = as_instant(as_of, zone, field)
    return Fold(record, protocol, moment, None if known_at is None else as_instant(known_at, zone, "known_at"))


@dataclass(frozen=True, slots=True)
class Change:
    """One dated change of state.

    Attributes
    ----------
    on
        The day, judged at its end.
    opened, raised
        Key, rule and level of findings that opened, or grew graver.
    closed
        Key, rule and the id of the event that closed them.
    tier
        Tier before and after, or None.
    due, due_state
        The next due date after that day, and where the day stands against it.
    deadline
        The most urgent deadline newly set, or None.
    refused
        Ids of decisions that were not admitted.
    protocol
        Protocol that came into force, or None.
    says
        What changed, in plain English.
    """

    on: dt.date
    opened: tuple[tuple[str, str, str], ...]
    raised: tuple[tuple[str, str, str], ...]
    closed: tuple[tuple[str, str, str], ...]
    tier: tuple[str, str] | None
    due: dt.date | None
    due_state: str
    deadline: dt.date | None
    refused: tuple[str, ...]
    protocol: str | None
    says: str

    def __str__(self) -> str:
        return f"{self.on.isoformat()}  {self.says}"


def _closing_event(record: Record, id: str | None) -> str:
    """The event that closed a finding, in words."""
    if id is None:
        return "by its rule"
    e = record.event(id)
    if isinstance(e, Weighed):
        return f"{kg_words(e.weight_kg)} on {long_date(e.on)}"
    what = {"examined": "examined", "decision_signed": "signed"}.get(e.type, e.type.replace("_", " "))
    return f"{what} on {long_date(e.on)} ({id})"


def _change(c: DayChange, record: Record) -> Change:
    says: list[str] = []
    if c.protocol:
        says.append(f"{c.protocol} comes into force.")
    for f, level in c.opened:
        says.append(
            f"{f.rule.id} opens ({f.rule.levels[level].name}): {f.rule.say(c.outcomes[f.rule.id].values, level)}"
        )
    for f, _, level in c.raised:
        says.append(
            f"{f.rule.id} grows graver ({f.rule.levels[level].name}): {f.rule.say(c.outcomes[f.rule.id].values, level)}"
        )
    for f in c.closed:
        says.append(f"{f.rule.id} closes: {_closing_event(record, f.closed_by)}.")
    if c.tier:
        says.append(f"Tier {c.tier[0]} to {c.tier[1]}.")
    if c.refused:
        says += [f"Decision {r.event} is not accepted: {'; '.join(r.reasons)}." for r in c.refused]
    if c.due is not None and c.due_changed:
        word = {
            "not_yet": "Next weight due",
            "may_weigh": "May be weighed; due",
            "due": "Weight due",
        }
        if c.due_state in word:  # overdue and lapsed are said by their finding
            says.append(f"{word[c.due_state]} {long_date(c.due)}.")
        elif not says:
            says.append(f"The weight due {long_date(c.due)} is {c.due_state}.")
    elif c.due_changed:
        says.append("No weight is due.")
    return Change(
        _date(c.day),
        tuple((f.key, f.rule.id, f.rule.levels[n].name) for f, n in c.opened),
        tuple((f.key, f.rule.id, f.rule.levels[n].name) for f, _, n in c.raised),
        tuple((f.key, f.rule.id, f.closed_by or "") for f in c.closed),
        c.tier,
        _day(c.due),
        c.due_state,
        _day(c.deadline),
        tuple(r.event for r in c.refused),
        c.protocol,
        " ".join(says),
    )


def replay(
    record: Record,
    *,
    protocol: Protocol | Sequence[Protocol],
    until: dt.date | dt.datetime,
    known_at: dt.date | dt.datetime | None = None,
) -> Iterator[Change]:
    """Every dated change of state, oldest first: jumps from change to change.

    Parameters
    ----------
    record, protocol
        As for `review`.
    until
        Last day, judged at its end.
    known_at
        Whose knowledge answers; each day's own, up to `until`, if None.
    """
    fold = _fold(record, protocol, until, known_at, "until").run()
    return iter([_change(c, record) for c in fold.changes])
