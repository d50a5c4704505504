"""The page for the family: how the child grows, what happens next, when to ring and whom; in short everyday words.

What is told of which finding stands in `family_words`.  A named nurse may hold the page back, by a dated decision; when
to ring 999 stays for the family even then.

Source: design of the views, section 2 (Family) and 4; protocol specification, section 3; process specification,
sections 3 and 4.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast

from growthwatch.core.canonical import short_hash
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.words import ago_words, kg_words, list_words, long_date, name_words, role_words, the_role_words
from growthwatch.protocol.answers.family_words import (
    EVENINGS,
    FULLER,
    HELP,
    NO_PAGE,
    NUMBER,
    RING,
    STRONGER,
    TELL_US,
    TOLD,
    UNHAPPY,
    WEIGH,
    WEIGH_AGAIN,
    WRONG_WEIGHT,
    Told,
)
from growthwatch.protocol.answers.parts import Finding, NextWeighing, Obligation
from growthwatch.protocol.answers.people import Owner
from growthwatch.protocol.answers.plain import date_of
from growthwatch.protocol.engine.findings import look
from growthwatch.protocol.engine.fold import Fold
from growthwatch.protocol.file.signing import Signature
from growthwatch.references import ReferenceLabel

__all__ = ["STAFF", "FamilyFacts", "FamilySheet", "Held", "Shared", "family", "family_page", "family_sheet"]

_KINDS = ("paediatric_review", "dietetic_review", "carer_assessment")
_SERVICES = ("paediatrics", "dietetics", "speech_and_language", "gp", "disability_service", "emergency")
_KNOWS = ("agreed", "disagreed")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_NO_ROLE = ("other", "system", "family")
"""Roles by which nobody is called: "your other" is no word for a person."""
_NEAR_DAYS = 7
"""Up to how far from today a day is named with its weekday [days]."""

STAFF = "For staff: "
"""How the foot of the page begins, before the id of the child."""


@dataclass(frozen=True, slots=True)
class Held:
    """From which day to which a named nurse holds the page back."""

    since: dt.date
    until: dt.date


@dataclass(frozen=True, slots=True)
class Shared:
    """Somebody outside the team whom we asked: who, when, up to when we wait, who knows, and whether they declined."""

    to: tuple[str, ...]
    on: dt.date
    waits_until: dt.date | None
    family_knows: bool
    declined: bool


@dataclass(frozen=True, slots=True)
class FamilyFacts:
    """What the page for the family needs beside a review: when it is held back, whom we asked, of which kind rules are.

    Attributes
    ----------
    held
        When it is held back.
    shared
        Whom we asked outside the team, as far as the family may read it.
    kinds
        By rule of an open finding its kind.
    """

    held: tuple[Held, ...]
    shared: tuple[Shared, ...]
    kinds: tuple[tuple[str, str], ...]

    def held_on(self, day: dt.date) -> bool:
        """Whether the page is held back on a day."""
        return any(h.since <= day <= h.until for h in self.held)


class Answer(Protocol):
    """What the page reads of a review."""

    @property
    def child_id(self) -> str: ...
    @property
    def on(self) -> dt.date: ...
    @property
    def died_on(self) -> dt.date | None: ...
    @property
    def findings(self) -> tuple[Finding, ...]: ...
    @property
    def obligations(self) -> tuple[Obligation, ...]: ...
    @property
    def due(self) -> NextWeighing: ...
    @property
    def owner(self) -> Owner: ...
    @property
    def family(self) -> FamilyFacts: ...
    @property
    def protocol_id(self) -> str: ...
    @property
    def protocol_version(self) -> str: ...
    @property
    def protocol_hash(self) -> str: ...
    @property
    def protocol_signed(self) -> Signature | None: ...
    @property
    def reference(self) -> ReferenceLabel: ...


def family(fold: Fold) -> FamilyFacts:
    """What the page for the family needs of a fold."""
    kinds = {f.rule.id: f.rule.KIND for f in fold.state.open.values()}
    return FamilyFacts(_held(fold), _shared(fold), tuple(sorted(kinds.items())))


def _held(fold: Fold) -> tuple[Held, ...]:
    """Stretches of days for which a named nurse holds the page back: a release ends those before it."""
    refused = {r.event for r in fold.state.refused}
    out: list[Held] = []
    decisions = [d for d in fold.state.child.signed.decisions if d.id not in refused]
    for d in sorted(decisions, key=lambda d: (d.recorded_at, d.id)):
        if d.decision == "hold_family_page" and d.target is not None:
            out.append(Held(d.on, dt.date.fromisoformat(d.target)))
        elif d.decision == "release_family_page":
            out = [Held(h.since, min(h.until, d.on - dt.timedelta(days=1))) for h in out]
    return tuple(h for h in out if h.since <= h.until)


def _shared(fold: Fold) -> tuple[Shared, ...]:
    """Whom we asked, where it is about the child's body or help for the carer; all else only where the family knows."""
    at, out = look(fold.state), list[Shared]()
    for r in sorted(fold.state.child.requests.all.values(), key=lambda r: (r.day, r.id)):
        stands = at.stand(r)
        knows = r.family_told in _KNOWS
        usual = r.form != "letter" and r.kind != "social_care" and (r.kind in _KINDS or r.service in _SERVICES)
        to = tuple(name_words(p.name) for p in r.parties if not p.copied)
        if stands.state in ("drafted", "withdrawn") or r.family_told == "not_told" or not (knows or usual) or not to:
            continue
        if knows or not stands.ended:
            waits = None if stands.ended or stands.answer_by is None else date_of(stands.answer_by)
            out.append(Shared(to, date_of(r.day), waits, knows, stands.state == "declined"))
    return tuple(out)


# --- the page ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FamilySheet:
    """The page for the family, part by part: each face of it says the same words in the same order.

    Attributes
    ----------
    title
        What it is about.
    held
        Whether a named nurse holds it back: then only what cannot wait, and when to ring and whom, is there.
    now
        What cannot wait for anybody.
    how
        How the child is growing.
    then
        What happens next.
    helps
        How the family can help.
    ring
        When to ring.
    whom
        Whom to ring.
    unhappy
        Whom to ask for if the family is not happy with us.
    tell_us
        How to put right what is wrong here.
    foot
        For whoever checks it before it is given.
    """

    title: str
    held: bool
    now: tuple[str, ...]
    how: tuple[str, ...]
    then: tuple[str, ...]
    helps: str
    ring: tuple[str, ...]
    whom: tuple[str, ...]
    unhappy: str
    tell_us: str
    foot: str

    def __str__(self) -> str:
        ring = ["When to ring", *(f"- {x}" for x in self.ring), "", "Whom to ring", *(f"- {x}" for x in self.whom)]
        if self.held:
            return "\n".join([*self.now, *([""] if self.now else []), *ring, "", self.foot])
        out = [self.title, "", *(f"{words}\n" for words in self.now), *self.how]
        out += ["", "What happens next", *(f"- {words}" for words in self.then)] if self.then else []
        out += ["", "How you can help", f"- {self.helps}", "", *ring, f"- {self.unhappy}", "", self.tell_us]
        return "\n".join([*out, "", self.foot])


def family_sheet(review: Answer, called: str | None, ring: str | None) -> FamilySheet | None:
    """The page, part by part; None after a death: then none is made.

    Parameters
    ----------
    review
        Of the day.
    called
        How the child is called; None: "your child".
    ring
        The number to ring; None: "us", and a line on which it is written by hand.

    Raises
    ------
    GrowthwatchError
        For a name or a number that is no text, or blank: every sentence would have a hole.
    """
    for field, given in (("called", called), ("ring", ring)):
        if given is not None and not (isinstance(cast("object", given), str) and given.strip()):
            raise GrowthwatchError.of(field, given, "text with something in it, or None")
    if review.died_on is not None:
        return None
    return _Page(review, "your child" if called is None else name_words(called), "us" if ring is None else ring).sheet()


def family_page(review: Answer, called: str | None, ring: str | None) -> str:
    """The page, in words; arguments as for `family_sheet`."""
    sheet = family_sheet(review, called, ring)
    return NO_PAGE if sheet is None else str(sheet)


@dataclass(frozen=True, slots=True)
class _Page:
    review: Answer
    child: str
    number: str

    @property
    def owner(self) -> str:
        """Whom the family rings: by name where one is known."""
        o = self.review.owner
        if o.name is None:
            return the_role_words(o.role)
        role = role_words(o.role)
        if o.role in _NO_ROLE:
            return name_words(o.name)
        # Some records name the role in place of a person.
        return f"your {role}" if o.name == role else f"{name_words(o.name)}, your {role}"

    def told(self) -> list[tuple[Finding, Told]]:
        """What is told of each open finding, those that can wait least first."""
        kinds = dict(self.review.family.kinds)
        found = [(f, _told(f, kinds.get(f.rule, ""))) for f in self.review.findings]
        return [(f, told) for f, told in found if told != Told()]

    def fill(self, words: str, f: Finding | None = None, by: dt.date | None = None) -> str:
        """A sentence with its values, each sentence of it begun with a capital."""
        on = self.review.on
        values: Mapping[str, Any] = {} if f is None else f.values
        missed = values.get("last")
        day = missed if isinstance(missed, str) and len(missed) == 10 else None
        thin, very_thin = _thin(values)
        filled = words.format(
            child=self.child,
            by="today" if by is None else _by(by, on),
            until="we name somebody" if by is None or by <= on else day_words(by, on),
            owner=self.owner,
            number=self.number,
            missed="that day" if day is None else day_words(dt.date.fromisoformat(day), on),
            thin=thin,
            very_thin=very_thin,
        )
        return _capitals(filled)

    def now(self) -> list[str]:
        """What cannot wait for anybody: that 999 is rung."""
        out: list[str] = []
        for f, told in self.told():
            if told.now and any(o.pending for o in f.obligations):
                doubt = f"{WRONG_WEIGHT} We would like to weigh {{child}} again now. If we cannot, or if it is right: "
                words = doubt + told.now[:1].lower() + told.now[1:] if f.unconfirmed else told.now
                out.append(self.fill(words, f))
        return list(dict.fromkeys(out))

    def how(self) -> list[str]:
        """How the child grows: when it was weighed last, and what was seen."""
        due, on, out = self.review.due, self.review.on, list[str]()
        asked = any(o.confirms for o in self.review.obligations)
        if due.last_valid_on is None or due.last_valid_kg is None:
            out.append("We have no weight of {child} that we can be sure of.")
        else:
            ago = (on - due.last_valid_on).days
            weighed = f"{kg_words(due.last_valid_kg)} {_on(due.last_valid_on, on)}"
            out.append(f"{{child}} weighed {weighed}{f'; that is {ago_words(ago)}' if ago else ''}.")
            if due.state in ("overdue", "lapsed"):
                out.append("We have not weighed {child} since, so we cannot say how {child} is growing now.")
        out += [WRONG_WEIGHT] if asked else []
        lines = [self.fill(words) for words in out]
        lines += [self.fill(told.how, f) for f, told in self.told() if told.how]
        said = " ".join(lines)
        weaker = {self.fill(less) for less, more in STRONGER.items() if self.fill(more) in said}
        return _once(lines, weaker)

    def then(self) -> list[str]:
        """What happens next, by whom and when: each deed once, by its earliest day."""
        days: dict[str, tuple[dt.date, Finding | None]] = {}
        opens: dict[str, dt.date] = {}  # by sentence from which day on a weight does for it
        for f, told in self.told():
            waiting = [o for o in _own(f) if o.pending]
            if not told.then or not waiting:
                continue
            by = min(o.deadline for o in waiting)
            if told.then not in days or by < days[told.then][0]:
                days[told.then] = (by, f)
                opens[told.then] = max((o.not_before for o in waiting if o.not_before is not None), default=dt.date.min)
        weigh = min((d for d in (self.review.due.asked_by, self.review.due.due) if d is not None), default=None)
        if weigh is not None and weigh <= days.get(WEIGH, (weigh,))[0]:
            days[WEIGH] = (weigh, None)
            opens[WEIGH] = dt.date.min
        days = self.once(days, opens)
        ordered = sorted(days.items(), key=lambda item: item[1][0])
        out = [self.fill(words, f, by) for words, (by, f) in ordered]
        return [*dict.fromkeys(out), *(self.fill(words) for words in map(self.asked, self.review.family.shared))]

    def once(
        self, days: Mapping[str, tuple[dt.date, Finding | None]], opens: Mapping[str, dt.date]
    ) -> dict[str, tuple[dt.date, Finding | None]]:
        """What happens next without what a fuller sentence says for that day or sooner: one weighing does for both."""
        out = dict(days)
        first, again = (max(out[w][0], self.review.on) if w in out else None for w in (WEIGH, WEIGH_AGAIN))
        if first is not None and again is not None and opens[WEIGH_AGAIN] <= first < again:
            out[WEIGH_AGAIN] = out[WEIGH]  # weighed by the earlier day, nothing is left for the later
        for fuller, lesser in FULLER.items():
            if fuller not in out:
                continue
            by = max(out[fuller][0], self.review.on)
            for words in lesser:
                if words in out and by <= max(out[words][0], self.review.on) and opens[words] <= by:
                    del out[words]
        return out

    def asked(self, s: Shared) -> str:
        """Whom we asked, and what if nothing is heard."""
        on, to = self.review.on, list_words(list(s.to)).replace("{", "(").replace("}", ")")
        told = " We talked with you about it." if s.family_knows else ""
        first = f"We asked {to} {_on(s.on, on)}.{told}"
        if s.declined:  # nobody may wait for those who have said no
            who = "They cannot" if len(s.to) == 1 else "Not all of them can"
            return f"{first} {who} help with this. We will find out who can, and tell you."
        if s.waits_until is None:
            return first
        if s.waits_until < on:
            return f"{first} We should have had an answer by {day_words(s.waits_until, on)}: we will ask again."
        return f"{first} If you hear nothing by {day_words(s.waits_until, on)}, ring us: we will chase it, not you."

    def foot(self) -> str:
        """For whoever checks the page before it is given."""
        r = self.review
        judged = f"{r.protocol_id} {r.protocol_version} {short_hash(r.protocol_hash)}, {r.reference}"
        signed = "not signed" if r.protocol_signed is None else "signed"
        return (
            f"{STAFF}{r.child_id}, {long_date(r.on)}, {judged}, {signed}. "
            "The page was written by a computer and checked by: ____________________"
        )

    def sheet(self) -> FamilySheet:
        """The page, part by part; held back, when to ring and whom stay for the family."""
        held = self.review.family.held_on(self.review.on)
        return FamilySheet(
            title="When to ring, and whom" if held else _capitals(f"how {self.child} is growing"),
            held=held,
            now=tuple(self.now()),
            how=() if held else tuple(self.how()),
            then=() if held else tuple(self.then()),
            helps="" if held else self.fill(HELP),
            ring=tuple(self.fill(words) for words in RING),
            whom=(
                f"{_capitals(self.owner)}. {NUMBER}"
                if self.number == "us"
                else f"{_capitals(self.owner)}: {self.number}.",
                EVENINGS,
            ),
            unhappy="" if held else UNHAPPY,
            tell_us="" if held else TELL_US,
            foot=self.foot(),
        )


def _told(f: Finding, kind: str) -> Told:
    """What the family is told of a finding: by rule where that has words of its own, else by kind; mostly by level."""
    levels = TOLD.get(f.rule) or TOLD.get(kind) or {}
    level = str(f.values.get("question", f.level))
    return levels.get(level, levels.get("", Told()))


def _own(f: Finding) -> list[Obligation]:
    """Deeds of the level itself, without those of higher rungs and those that wait for a sure weight."""
    above = f"{f.key}#{f.level}.E"
    return [o for o in f.obligations if o.level == f.level and not o.waits and not o.id.startswith(above)]


def _thin(values: Mapping[str, Any]) -> tuple[str, str]:
    """How a child is thin, in words: for its length, by its arm, or swollen."""
    gravest = tuple(values.get("gravest", ()))
    if gravest == ("oedema",):
        return "swollen", "swollen"
    if "weight for length" not in gravest:
        return "thin", "very thin"
    how = "height" if values.get("standing") else "length"
    return f"thin for their {how}", f"very thin for their {how}"


def _once(lines: Sequence[str], weaker: Collection[str] = ()) -> list[str]:
    """Lines without the sentences that stand in one before, and without those of which a stronger is said."""
    out: list[str] = []
    said = set(weaker)
    for line in lines:
        new = [s for s in _sentences(line) if s not in said]
        said.update(new)
        if new:
            out.append(" ".join(new))
    return out


def _sentences(text: str) -> list[str]:
    found = text.split(". ")
    return [s if s.endswith((".", "?", "!")) else f"{s}." for s in found]


def _capitals(text: str) -> str:
    """Each sentence begins with a capital."""
    out = text[:1].upper() + text[1:]
    for end in (". ", "? "):
        out = end.join(part[:1].upper() + part[1:] for part in out.split(end))
    return out


def day_words(day: dt.date, on: dt.date) -> str:
    """A day for people: with its weekday up to a week from today, with its year if that is not this one."""
    words = long_date(day)
    words = words.removesuffix(f" {on.year}")
    return f"{_DAYS[day.weekday()]} {words}" if abs((day - on).days) <= _NEAR_DAYS else words


def _by(day: dt.date, on: dt.date) -> str:
    """By which day; what should have been done before is for today."""
    return "today" if day <= on else f"by {day_words(day, on)}"


def _on(day: dt.date, on: dt.date) -> str:
    return "today" if day == on else f"on {day_words(day, on)}"
