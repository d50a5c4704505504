"""The review of one child: what is due, what has fired, who must do what by when.

`review` is a pure function of a record, a protocol and a moment.  It stores nothing, reads
no clock, and gives for a past day what it gave on that day.  It computes and reminds; it
does not diagnose.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from growthwatch.core.calendar import as_day, as_instant, local_day
from growthwatch.core.canonical import canonical_json, short_hash
from growthwatch.core.columns import one_flag
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.words import days_words, list_words, long_date, name_words
from growthwatch.protocol.answers.course import chosen, course
from growthwatch.protocol.answers.family import FamilyFacts, family, family_page
from growthwatch.protocol.answers.found import asked_by, finding, repeat_today
from growthwatch.protocol.answers.notes import beyond, in_doubt, notes, unsettled
from growthwatch.protocol.answers.parts import Finding, NextWeighing, Obligation, Reminder, TraceLine
from growthwatch.protocol.answers.people import (
    Owner,
    Point,
    RequestLine,
    Rung,
    dropped,
    ladder,
    owner,
    paper,
    points,
    requests,
)
from growthwatch.protocol.answers.plain import date_of, day_of, thawed
from growthwatch.protocol.answers.refusals import OverrideLine, RefusedDecision, overrides, refusal_words, refused
from growthwatch.protocol.answers.shown import review_html
from growthwatch.protocol.answers.to_do import ToDo, to_do
from growthwatch.protocol.answers.traced import reminders, trace
from growthwatch.protocol.document import Protocol, packaged_hash
from growthwatch.protocol.engine.ahead import next_change
from growthwatch.protocol.engine.fold import Fold, choose_protocols
from growthwatch.protocol.engine.quiet import is_plain, prepare
from growthwatch.protocol.engine.resume import Kept
from growthwatch.protocol.file.signing import Signature
from growthwatch.protocol.file.values import LOUDNESS
from growthwatch.record.known import Known
from growthwatch.record.record import Record
from growthwatch.references import ReferenceLabel

__all__ = ["Review", "answer", "checked", "known_by", "review", "reviewed"]

REVIEW_SCHEMA = "growthwatch.review"
REVIEW_VERSION = 1

_IN_COLUMNS = 10
"""From so many weighings on, what follows from all of them at once costs less than the days that it spares."""


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
        Which protocol judged: its file, with what that extends.
    protocol_signed
        Who signed that very file, or None: then it is not validated, whatever it says of itself.
    judged_by
        Content hashes of what judged besides the file: the kinds of rule, the figures, the calendar, the reference.
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
    reminding
        What is due but is no finding, with the days on which that is said: see `reminders`.
    not_judged
        Rules that could not be judged, with the reason.
    refused
        Decisions that were not admitted: each with its reasons, and what would help.
    overrides
        Refused decisions that were carried out all the same: who signed, why, what guards the child, until when.
    notes
        Further sentences: doubtful weights, how the protocol was chosen.
    died_on
        Day of death, if one is recorded that nothing contradicts.
    changes_on
        First later day on which the answer changes if nothing more is recorded; None: not within
        ten years.  See `answer`; until then `shown` tells what a review of a later moment says.
    unsettled
        Why it may not be said that nothing is open, though no finding is: signs that no examination has answered,
        an adopted protocol that is not among those given, no weight ever, a last weight that tells nothing for sure.
    closed
        Findings that have been open and are closed, in order of closing.
    trace
        How every rule was judged on the day, with its numbers and sources.
    owner
        Who owns the child on the day.
    requests
        Letters, referrals and requests, in order of asking: where each stands, and what happens next.
    points
        What adds up on the day: signs, worries, missed visits, closures without action, and gaps of our own.
    ladder
        How far each open finding has climbed, the highest first.
    family
        What the page for the family needs besides: see `explain`.
    beyond
        What the record holds that is not known at the moment asked about, and so is no part of the answer: how much
        was written down later, a birth after the day.  `explain` says it.
    doubted
        Weights that may be entry errors and clear nothing: day, weight as it was judged [kg], and why.  `notes`
        says it; this is no part of the answer.
    zone
        Time zone of the protocol's days.
    retold
        Those of `notes` that doubt what a finding doubts already, and asks about: `explain` tells each doubt once.
    state
        Of a resumable review, what a later one can go on from: opaque, and picklable; else None.
    """

    child_id: str
    as_of: dt.datetime
    known_at: dt.datetime
    on: dt.date
    protocol_id: str
    protocol_version: str
    protocol_hash: str
    protocol_status: str
    protocol_signed: Signature | None
    judged_by: Mapping[str, Any]
    reference: ReferenceLabel
    record_hash: str
    tier: str
    tier_since: dt.date | None
    stage: str | None
    due: NextWeighing
    findings: tuple[Finding, ...]
    obligations: tuple[Obligation, ...]
    reminding: tuple[Reminder, ...]
    not_judged: tuple[tuple[str, str], ...]
    refused: tuple[RefusedDecision, ...]
    overrides: tuple[OverrideLine, ...]
    notes: tuple[str, ...]
    changes_on: dt.date | None
    died_on: dt.date | None
    unsettled: tuple[str, ...]
    closed: tuple[Finding, ...]
    trace: tuple[TraceLine, ...]
    owner: Owner
    requests: tuple[RequestLine, ...]
    points: tuple[Point, ...]
    ladder: tuple[Rung, ...]
    zone: str = field(repr=False)
    family: FamilyFacts = field(repr=False)
    retold: tuple[str, ...] = field(default=(), repr=False)
    beyond: tuple[str, ...] = field(default=(), repr=False, compare=False)
    doubted: tuple[tuple[dt.date, float, str], ...] = field(default=(), repr=False, compare=False)
    state: Kept | None = field(default=None, repr=False, compare=False)

    @property
    def anything_open(self) -> bool:
        """Whether a finding is open, something is left to do, or it may not be said that nothing is."""
        return bool(self.findings or self.obligations or self.unsettled)

    @property
    def reminders(self) -> tuple[str, ...]:
        """What is due on the day but is no finding."""
        return tuple(r.says for r in self.reminding if r.since <= self.on and (r.until is None or self.on <= r.until))

    def shown(self, as_of: dt.date | dt.datetime) -> Review:
        """The same answer read at a later moment, before `changes_on`, if nothing was recorded meanwhile.

        It equals a new review of that moment, and costs next to nothing.

        Parameters
        ----------
        as_of
            As for `review`.

        Raises
        ------
        GrowthwatchError
            For an earlier moment, one from `changes_on` on, or a review in hindsight.
        """
        moment = as_instant(as_of, self.zone, "as_of")
        on = local_day(moment, self.zone)
        if self.known_at != self.as_of:
            expected = "the moment of the review itself: neither hindsight nor the knowledge of an earlier day"
            raise GrowthwatchError.of("known_at", self.known_at, expected)
        if moment < self.as_of or (self.changes_on is not None and on >= self.changes_on):
            before = "" if self.changes_on is None else f" and before {self.changes_on}, when the answer changes"
            raise GrowthwatchError.of("as_of", as_of, f"a moment not before {self.as_of.isoformat()}{before}")
        findings = tuple(replace(f, on=on) for f in self.findings)
        points = tuple(p for p in self.points if p.counts(on))
        return replace(
            self, as_of=moment, known_at=moment, on=on, due=self.due.on(on), findings=findings, points=points
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain data, as in `to_json`."""
        return {
            "schema": REVIEW_SCHEMA,
            "schema_version": REVIEW_VERSION,
            "child_id": self.child_id,
            "as_of": self.as_of.isoformat().replace("+00:00", "Z"),
            "known_at": self.known_at.isoformat().replace("+00:00", "Z"),
            "on": self.on.isoformat(),
            "protocol": {
                "id": self.protocol_id,
                "version": self.protocol_version,
                "hash": self.protocol_hash,
                "signed": None if self.protocol_signed is None else self.protocol_signed.to_dict(),
            },
            "judged_by": thawed(self.judged_by),
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
            "refused": [r.to_dict() for r in self.refused],
            "overrides": [o.to_dict() for o in self.overrides],
            "notes": list(self.notes),
            "changes_on": None if self.changes_on is None else self.changes_on.isoformat(),
            "owner": self.owner.to_dict(),
            "requests": [r.to_dict() for r in self.requests],
            "points": [p.to_dict() for p in self.points],
            "ladder": [r.to_dict() for r in self.ladder],
            "trace": [t.to_dict() for t in self.trace],
        }

    def to_json(self) -> str:
        """Canonical JSON: keys sorted, numbers rounded to 4 decimals; the same bytes for the same answer.

        It counts no days: between two moments with the same answer only the moment, the state of
        the next weighing and reminders differ.
        """
        return canonical_json(self.to_dict())

    # --- words ------------------------------------------------------------------------

    def headline(self) -> str:
        """One line: who, when, tier, how much is open."""
        if self.died_on is not None:
            asked = "; whether that is right is asked" if self.obligations else ""
            return f"{self.child_id} died on {long_date(self.died_on)}. Nothing further is due{asked}."
        since = f" since {long_date(self.tier_since)}" if self.tier_since is not None else ""
        return f"{self.child_id} on {long_date(self.on)}: tier {self.tier}{since}; {self._how_much()}."

    def _how_much(self) -> str:
        """How much is open, as the list of what must be done shows it; never that nothing is while something may be."""
        n = len(self.findings)
        if n == 0 and self.obligations:
            return "a weight must be repeated"
        if n == 0:
            what = "; ".join(self.unsettled) or "nothing is open"
            rules = [rule for rule, _ in self.not_judged]
            if rules:
                what += f"; {len(rules)} rule{'s' if len(rules) > 1 else ''} could not be judged: {list_words(rules)}"
            return what
        what = "one finding is open" if n == 1 else f"{n} findings are open"
        loud, gone = [f for f in self.findings if f.loudness == LOUDNESS[-1]], dropped(self.requests)
        if waiting := self.cannot_wait():
            what += " and cannot wait" if n == 1 else f", of which {len(waiting)} cannot wait"
        elif loud and all(
            # Of a finding from before the first day nothing was asked, so that nothing of it is done.
            f.obligations and all(o.done_on is not None and o.done_by not in gone for o in f.obligations)
            for f in loud
        ):
            what += "; what could not wait is recorded as done"
        return what

    def cannot_wait(self) -> tuple[Finding, ...]:
        """The findings that cannot wait: they interrupt, and ask for something that is due today or late.

        It is these that the headline counts, and that a table marks.
        """
        now = {rule for t in self.to_do() if t.group == "now" for rule in t.rules}
        return tuple(f for f in self.findings if f.loudness == LOUDNESS[-1] and f.rule in now)

    def to_do(self) -> tuple[ToDo, ...]:
        """What must still be done: a line a person and day, the most pressing first.

        What several findings ask for alike is one deed.  Deeds are in order of: 999, danger to the body, loudness,
        the limit that the rule gives, rung, deadline, how long it has been asked for, words.
        """
        return to_do(self.findings, self.obligations, self.on)

    @property
    def _changed(self) -> str:
        """Say so if a file keeps the name and version of a packaged protocol but not its content."""
        there = packaged_hash(self.protocol_id, self.protocol_version)
        return "" if there in (None, self.protocol_hash) else ", CHANGED from the packaged file of that name"

    @property
    def _signed(self) -> str:
        """Who signed the file, or that nobody did; what it says of itself counts only where somebody did."""
        if self.protocol_signed is None:
            return "not validated: a named clinician must sign this very file before it is used for a child."
        return f"{self.protocol_signed}."

    @property
    def provenance(self) -> str:
        """Which protocol and reference judged, and what this is not."""
        return (
            f"Judged by {self.protocol_id} {self.protocol_version}{self._changed} ({short_hash(self.protocol_hash)}) "
            f"on {self.reference}; {self._signed} "
            "growthwatch computes and reminds; it does not diagnose."
        )

    def explain(
        self,
        finding: Finding | str | None = None,
        *,
        audience: Literal["staff", "family"] = "staff",
        called: str | None = None,
        ring: str | None = None,
    ) -> str:
        """Plain English: who does what by when, and what if not; then why; then what is next.

        Parameters
        ----------
        finding
            A finding, its key, or its rule where that has one alone: the story of it is told, open or closed.
        audience
            ``family``: the page for the family, in short everyday words.  A named person checks it before it is
            given.  Where a named nurse holds it back, only when to ring and whom is left.
        called
            How the family's page calls the child; None: "your child".
        ring
            The number that the family rings; None: none is written.

        Raises
        ------
        GrowthwatchError
            For an audience that is none, or a finding that is not there or is meant for the family.
        """
        if audience not in ("staff", "family"):
            raise GrowthwatchError.of("audience", audience, "'staff' or 'family'")
        if audience == "family":
            if finding is not None:
                raise GrowthwatchError.of("finding", finding, "none: the page for the family is about the child")
            return family_page(self, called, ring)
        if finding is not None:
            one = chosen(finding, (*self.findings, *self.closed))
            return course(one, self.ladder, self.requests, self.on)
        return self._explained()

    def _explained(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> list[str]:
        """Lines of the plain text: an empty one before the title of each part."""
        out = [self.headline()]
        if self.died_on is None:
            out.append(f"Owner: {self.owner.words}.")
        group = ""
        for n, t in enumerate(self.to_do()):
            # What cannot wait stands first; after it each line says itself whether it is late, or due today.
            title = "Now" if t.group == "now" and (n == 0 or group == "Now") else "To do"
            if title != group:
                group = title
                out += ["", title]
            out.append(f"- {t.explain(self.on)}")
        done = [o for f in self.findings for o in f.obligations if o.done_on is not None and o.level == f.level]
        if done:
            out += ["", "Done"]
            nobody = dropped(self.requests)
            lines = [
                f"- {o.do} ({o.rule}): {long_date(o.done_on)}{_late_words(o)} ({o.done_by})"
                f"{nobody.get(o.done_by or '', '')}."
                for o in done
                if o.done_on is not None
            ]
            out += dict.fromkeys(lines)
        if self.findings:
            out += ["", "Why"]
            doubts: set[str] = set()
            for f in self.findings:
                so = "judged anew on" if f.anew else "graver since"
                raised = f", {so} {long_date(f.raised[-1][0])}" if f.raised else ""
                level = f" ({f.level})" if f.says_level else ""
                out.append(f"- {f.rule} {f.title}{level}, open since {long_date(f.opened_on)}{raised}.")
                out.append(f"  {'CONFIRM NOW. ' if f.unconfirmed else ''}{f.says}")
                # A weight is doubted once, whatever rests on it.
                out += [f"  {note}" for note in f.notes if note not in doubts]
                doubts.update(f.doubts)
                if f.false_alarm is not None:
                    out.append(f"  {f.false_alarm}")
                out.append(f"  Closes when {f.closes}.")
        waiting = [r for r in self.requests if r.next]
        if waiting:
            out += ["", "Asked"]
            out += [f"- {name_words(r.ask)}, asked on {long_date(r.asked_on)} ({r.state}): {r.next}." for r in waiting]
        snoozed = [r for r in self.ladder if r.snoozed_until is not None]
        if snoozed:
            out += ["", "Snoozed"]
            out += [
                f"- {r.key} until {long_date(r.snoozed_until)}: {name_words(r.snoozed_because or '')}."
                for r in snoozed
                if r.snoozed_until is not None
            ]
        if self.overrides:
            out += ["", "Carried out though refused", *(f"- {o.explain(self.on)}" for o in self.overrides)]
        out += ["", "Next weight", f"- {self.due.explain()}"]
        out += [f"- {r}" for r in self.reminders]
        extra = [f"- {n}" for n in (*self.beyond, *self.notes) if n not in self.retold]
        reasons: dict[str, list[str]] = {}
        for rule, why in self.not_judged:
            reasons.setdefault(why, []).append(rule)
        extra += [f"- {list_words(rules)} could not be judged: {why}." for why, rules in reasons.items()]
        extra += [f"- {words}" for words in refusal_words(self.refused, "was")]
        if self.changes_on is not None:
            extra.append(f"- If nothing more is recorded, this changes on {long_date(self.changes_on)}.")
        if extra:
            out += ["", "Also", *extra]
        out += [
            "",
            self.provenance,
        ]
        return out

    def __str__(self) -> str:
        return self.explain()

    def __repr__(self) -> str:
        rules = ", ".join(f"{f.rule} {f.level}" for f in self.findings) or "nothing open"
        return f"<Review of {self.child_id!r} on {self.on}: {self.tier}; {rules}>"

    def _repr_html_(self) -> str:
        return review_html(self._lines(), self.to_do(), self.on, self.provenance)


def _late_words(o: Obligation) -> str:
    """That something was done late, which is said for ever."""
    return f", {days_words(o.done_late_by)} late" if o.done_late_by else ""


def review(
    record: Record,
    *,
    protocol: Protocol | Sequence[Protocol],
    as_of: dt.date | dt.datetime,
    known_at: dt.date | dt.datetime | None = None,
    after: Review | None = None,
    resumable: bool = False,
    in_force_from: dt.date | None = None,
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
    after
        An earlier resumable review of the child, to go on from where that is exact: where the record only
        gained what happened, and was written down, on its day or later, and the same protocols judge.  Where
        it is not, the record is judged from its beginning.  The answer is the same to the byte.
    resumable
        Whether the review keeps in ``state`` what a later one can go on from.
    in_force_from
        The day on which the protocol comes into force for the child: growth is judged from birth, and what people owe
        from that day, with its time in full.  None: the day of the first adoption in the record; without one it is
        judged as if it had always been in force.

    Returns
    -------
    Review

    Raises
    ------
    GrowthwatchError
        For a wrong argument.  Nothing in a record that has loaded makes a review fail.
    """
    checked(record)
    used = choose_protocols(protocol)
    moment = as_instant(as_of, used[0].zone, "as_of")
    then = moment if known_at is None else as_instant(known_at, used[0].zone, "known_at")
    if after is not None and not isinstance(after, Review):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise GrowthwatchError.of("after", after, "an earlier Review of the child, or None")
    given = None if after is None else after.state
    if after is not None and given is None:
        raise GrowthwatchError.of("after", after, "a review that was made with resumable=True")
    keeps, several = one_flag("resumable", resumable), not isinstance(protocol, Protocol)
    first = None if in_force_from is None else as_day(in_force_from, "in_force_from").toordinal()
    known = (
        Known.of(record, as_of=moment, known_at=then, zone=used[0].zone)
        if given is None
        else given.known(record, used, moment, then)
    )
    prepared = None
    # One child is a block of one; what goes on, or is gone on from, steps from weight to weight.
    if not keeps and not several and given is None and first is None:
        weighings = sum(e.type == "weighed" for e in known.events)
        plain = weighings >= _IN_COLUMNS and is_plain(known, used[0].order.looked_at)
        prepared = prepare([known], used[0])[0] if plain else None
    fold = Fold(
        known,
        used,
        keeps=keeps,
        after=given,
        prepared=prepared,
        finely=False,
        in_force_from=first,
        choosing=several,
        tells=False,
    )
    fold.run()
    return reviewed(fold, several)


def reviewed(fold: Fold, several: bool = False) -> Review:
    """What a fold that has run says, in words and dates; `several` says that it may choose among protocols."""
    record = fold.known.record
    used, child = fold.state.protocol, fold.state.child
    order = {name: i for i, name in enumerate(LOUDNESS)}
    findings = sorted(
        (finding(fold, f) for f in fold.state.open.values()), key=lambda f: (-order[f.loudness], f.opened_on, f.rule)
    )
    obligations = sorted(
        (o for f in findings for o in f.obligations if o.pending), key=lambda o: (o.deadline, o.rule, o.do)
    )
    doubt = repeat_today(fold) + paper(fold)
    if child.dead_on(fold.until):
        # Nothing is due any more but what is asked about the death itself.
        asked = {f.key for slot, f in fold.state.open.items() if slot in fold.state.outcomes}
        obligations, doubt = [o for o in obligations if o.key in asked], []
    obligations = sorted([*obligations, *doubt], key=lambda o: (o.deadline, o.rule, o.do))
    due, (asked, because) = fold.state.due, asked_by(fold)
    anchor = due.anchor
    said, retold = notes(fold, several)
    traced = trace(fold)
    return Review(
        child_id=record.child_id,
        as_of=fold.known.as_of,
        known_at=fold.known.known_at,
        on=date_of(fold.until),
        protocol_id=used.id,
        protocol_version=used.version,
        protocol_hash=used.hash,
        protocol_status=used.settings.status,
        protocol_signed=used.signed,
        judged_by=used.judged_by,
        reference=used.reference.label,
        record_hash=record.content_hash,
        tier=fold.state.tier,
        tier_since=date_of(fold.state.standing.since) if fold.state.standing.since else None,
        stage=max((f.stage for f in findings if f.stage is not None), default=None),
        owner=owner(fold),
        requests=requests(fold),
        points=points(fold),
        ladder=ladder(fold),
        due=NextWeighing(
            due.state(fold.until),
            day_of(due.earliest),
            day_of(due.due),
            day_of(due.overdue_from),
            day_of(due.lapsed_from),
            due.floor_days,
            due.why,
            day_of(anchor.day) if anchor else None,
            anchor.kg if anchor else None,
            due.conflict,
            due.notes,
            asked_by=asked,
            because=because,
            urgent=any(f.loudness == LOUDNESS[-1] for f in findings),
            missed=day_of(due.missed),
        ),
        findings=tuple(findings),
        obligations=tuple(obligations),
        reminding=reminders(fold),
        not_judged=tuple((line.rule, line.why) for line in traced if line.why),
        refused=refused(fold.state.refused),
        overrides=overrides(fold),
        notes=said,
        retold=retold,
        family=family(fold),
        beyond=beyond(fold),
        doubted=tuple((w.date, w.kg, w.reason) for w in in_doubt(fold)),
        changes_on=day_of(next_change(fold)),
        died_on=day_of(child.ages.died) if child.dead_on(fold.until) else None,
        unsettled=unsettled(fold),
        closed=tuple(finding(fold, f) for f in fold.state.closed),
        trace=traced,
        zone=used.zone,
        state=fold.kept,
    )


def answer(review: Review) -> dict[str, Any]:
    """What a review answers, as plain data: all that it says, apart from how that stands to the day of reading.

    These are its tier, stage, notes, decisions refused and rules that could not be judged; the
    dates of the next weighing; for each finding its level, loudness, whether it is still met,
    what was seen, and its duties with owner, deadline and whether that has passed; and the
    trace.  It is without the moment, points, the state of the next weighing and reminders (which
    follow from the dates), and the day on which it changes.
    """
    plain = review.to_dict()
    for key in ("as_of", "known_at", "on", "changes_on", "reminders", "points"):
        del plain[key]
    del plain["due"]["state"]
    return plain


def known_by(
    record: Record,
    protocol: Protocol | Sequence[Protocol],
    as_of: dt.date | dt.datetime,
    known_at: dt.date | dt.datetime | None,
    field: str = "as_of",
) -> Known:
    """The record as it was known at a moment; or say which argument is wrong."""
    checked(record)
    zone = choose_protocols(protocol)[0].zone
    moment = as_instant(as_of, zone, field)
    known = None if known_at is None else as_instant(known_at, zone, "known_at")
    return Known.of(record, as_of=moment, known_at=known, zone=zone)


def checked(record: object, field: str = "record") -> Record:
    """The record, or say that it is none."""
    if not isinstance(record, Record):
        raise GrowthwatchError.of(field, record, "a Record, such as Record.load('child.json')")
    return record
