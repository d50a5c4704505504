"""What was asked of whom, and what was said to it: letters, referrals and requests in one form.

Source: process specification, section 2.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Set
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Literal

from growthwatch.protocol.child.ledger import Ledger, Topic
from growthwatch.protocol.file.settings import Settings
from growthwatch.record import (
    Acknowledged,
    Answered,
    Chased,
    Declined,
    DisagreementRaised,
    DisagreementSettled,
    LetterAcknowledged,
    LetterFound,
    LetterRead,
    LetterSent,
    ReferralClosed,
    ReferralMade,
    RequestMade,
    RequestSent,
)

__all__ = ["Party", "Request", "Requests", "Word"]

Form = Literal["letter", "referral", "request"]


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody who was asked, or had a copy: what is expected of them, and whether anything says what."""

    name: str
    role: str | None
    expects: str | None
    expectation: bool
    copied: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """Something said to a request: who said it, on whose behalf, and what."""

    what: Literal["acknowledged", "answered", "declined", "chased", "read", "found"]
    day: int
    known_day: int
    recorded_at: dt.datetime
    id: str
    by: str
    actor: str
    role: str
    on_behalf_of: str | None = None
    will_do: str | None = None
    by_when: int | None = None
    needs: str | None = None
    final: bool = True
    text: str = ""
    action_taken: bool | None = None
    by_family: bool = False

    @property
    def takes_on(self) -> bool:
        """Whether it says who will do what by when: less than that acknowledges nothing."""
        return self.what == "acknowledged" and self.will_do is not None and self.by_when is not None


@dataclass(slots=True)
class Request:
    """A request: who asked whom for what, and all that was said to it, in order of recording.

    Attributes
    ----------
    id, form, kind
        Id of the founding event, its form, and the name of its limits in the protocol file.
    day, known_day
        The day on which it was sent, and on which that is known; of a draft, on which it was written [ordinal day].
    asker, actor, role
        Who asked: by name as far as the record has one, and who wrote it down.
    parties
        Who was asked, then who had a copy.
    drafted, sent_by
        Whether it still waits to be sent; of a draft that was sent, by which event.
    lacks
        Of a letter, what it should say and does not.
    completed_by, completed_on
        The letter that makes an unclear one clear.
    """

    id: str
    form: Form
    kind: str
    day: int
    known_day: int
    asker: str
    actor: str
    role: str
    parties: tuple[Party, ...]
    ask: str
    findings: tuple[str, ...]
    respond_by: int | None
    urgent: bool
    drafted: bool = False
    asks: bool = True
    lacks: tuple[str, ...] = ()
    request: str | None = None
    service: str | None = None
    about: str | None = None
    family_told: str | None = None
    not_told_because: str | None = None
    completes: str | None = None
    completed_by: str | None = None
    completed_on: int | None = None
    action_owner: str | None = None
    sent_by: str | None = None
    words: list[Word] = field(default_factory=list[Word])


class Requests(Ledger):
    """Letters, referrals and requests by id, with what was said to each.

    What is said to an id that is not known yet counts from when it is.
    """

    TAKES: ClassVar[dict[str, frozenset[Topic]]] = dict.fromkeys(
        (
            "letter_sent", "letter_acknowledged", "letter_found", "letter_read", "referral_made", "referral_closed",
            "request_made", "request_sent", "acknowledged", "answered", "declined", "chased", "disagreement_raised",
            "disagreement_settled",
        ),
        frozenset({"requests"}),
    )  # fmt: skip

    def __init__(self, settings: Settings) -> None:
        self.all: dict[str, Request] = {}
        self.words: dict[str, list[Word]] = {}
        """What was said, by the id or key that it was said to."""
        self.disagreements: list[tuple[int, str, DisagreementRaised]] = []
        self.settlements: list[tuple[int, str, DisagreementSettled]] = []
        self.withdrawn: dict[str, str] = {}
        """For each request that was withdrawn, by which decision that was admitted."""
        self._sent: dict[str, tuple[int, int, str]] = {}
        self._alias: dict[str, str] = {}

    def fork(self) -> Requests:
        """A ledger that can go on from here without touching this one."""
        other = super().fork()
        other.words = {id: words.copy() for id, words in self.words.items()}
        other.all = {id: _with(r, other.words[id]) for id, r in self.all.items()}
        return other

    def take(self, day: int, e: Any) -> None:
        """Take what founds a request, or what is said to one."""
        if isinstance(e, LetterSent):
            self._found(_letter(day, e), e)
            self._complete()
        elif isinstance(e, ReferralMade):
            self._found(_referral(day, e), e)
        elif isinstance(e, RequestMade):
            made = _request(day, e)
            sent = self._sent.get(e.id) or self._sent.get(e.corrects or "")
            if sent is not None:
                made.drafted, (made.day, made.known_day, made.sent_by) = False, sent
            self._found(made, e)
        elif isinstance(e, RequestSent):
            sent = self._sent[e.request] = (e.on.toordinal(), day, e.id)
            made = self.of(e.request)
            if made is not None and made.drafted:
                made.drafted, (made.day, made.known_day, made.sent_by) = False, sent
        elif isinstance(e, DisagreementRaised):
            self.disagreements.append((e.on.toordinal(), e.id, e))
        elif isinstance(e, DisagreementSettled):
            self.settlements.append((e.on.toordinal(), e.id, e))
        else:
            id, word = _word(day, e)
            self.words.setdefault(self._alias.get(id, id), []).append(word)

    def _found(self, made: Request, e: Any) -> None:
        if e.corrects is not None:
            self._alias[e.corrects] = e.id
            if e.corrects in self.words:
                self.words[e.id] = self.words.pop(e.corrects)
        made.words = self.words.setdefault(e.id, made.words)
        self.all[e.id] = made

    def _complete(self) -> None:
        """An unclear letter ends with the one that makes it clear, whichever is read first."""
        for x in self.all.values():
            r = None if x.completes is None or x.lacks else self.of(x.completes)
            if r is not None and r.completed_by is None:
                r.completed_by, r.completed_on = x.id, x.day

    def link(self, right: Mapping[str, str]) -> None:
        """Follow what was put right, more than once perhaps: for each event the last that stands for it."""
        for old, new in right.items():
            made = self.all.get(new)
            if made is None:
                continue
            self._alias[old] = new
            if self.words.get(old):
                made.words[:] = sorted([*made.words, *self.words.pop(old)], key=_recorded)
            if made.drafted and old in self._sent:
                made.drafted, (made.day, made.known_day, made.sent_by) = False, self._sent[old]
        self._complete()

    def of(self, id: str) -> Request | None:
        """The request of an id, or of the id that it put right."""
        return self.all.get(self._alias.get(id, id))

    def said_to(self, id: str) -> list[Word]:
        """What was said to a request, a duty, a finding or an event."""
        return self.words.get(self._alias.get(id, id), []) if self.words else []

    @property
    def letters(self) -> list[Request]:
        """Letters in order of reading."""
        return [r for r in self.all.values() if r.form == "letter"]

    # --- what shows a deed done -----------------------------------------------------------

    def asked(self, since: int, kinds: tuple[str, ...], but: Set[str] = frozenset()) -> tuple[int, str] | None:
        """The first request of some kinds, sent on a day or later: day and id, or None; some are passed over."""
        found = ((r.day, r.id) for r in self.all.values() if r.request in kinds and not r.drafted and r.day >= since)
        return min((f for f in found if f[1] not in but), default=None)

    def asked_for(self, key: str, since: int, but: Set[str] = frozenset()) -> tuple[int, str] | None:
        """The first referral or request to a clinician, for a finding or for none; day and id, or None."""
        found = (
            (r.day, r.id)
            for r in self.all.values()
            if (r.kind == "referral" or r.request in _TO_CLINICIANS)
            and not r.drafted
            and r.day >= since
            and (key in r.findings or not r.findings)
        )
        return min((f for f in found if f[1] not in but), default=None)

    def social_care(self, since: int, but: Set[str] = frozenset()) -> tuple[int, str] | None:
        """The first referral to social care, on a day or later: day and id, or None."""
        found = ((r.day, r.id) for r in self.all.values() if r.kind == "social_care" and r.day >= since)
        return min((f for f in found if f[1] not in but), default=None)

    def rung(self, since: int, but: Set[str] = frozenset()) -> tuple[int, str] | None:
        """The first time that a referral to paediatrics was chased, or made by the team lead, from a day on."""
        found = [
            (w.day, w.id)
            for r in self.all.values()
            if r.service == "paediatrics" or r.request == "paediatric_review"
            for w in r.words
            if w.what == "chased" and w.day >= since
        ]
        found += [(r.day, r.id) for r in self.all.values() if r.service == "paediatrics" and r.day >= since]
        return min((f for f in found if f[1] not in but), default=None)

    def chased(self, id: str, since: int) -> tuple[int, str] | None:
        """The first time that a request was chased, from a day on: day and id, or None."""
        return min(((w.day, w.id) for w in self.said_to(id) if w.what == "chased" and w.day >= since), default=None)

    def disagreements_about(self, key: str) -> list[tuple[int, str, DisagreementRaised]]:
        """Disagreements about a finding, or one of its duties: day, id and event, in order of reading."""
        return [(on, id, e) for on, id, e in self.disagreements if _about(e.about, key)]

    def disagreed(self, key: str, since: int) -> tuple[int, str] | None:
        """The first disagreement about a finding, or one of its duties, from a day on: day and id, or None."""
        found = ((on, id) for on, id, e in self.disagreements if on >= since and _about(e.about, key))
        return min(found, default=None)

    def settled(self, key: str, since: int) -> tuple[int, str] | None:
        """The first settlement of a disagreement about a finding, from a day on: day and id, or None."""
        if not self.settlements:
            return None
        raised = {id for _, id, e in self.disagreements if _about(e.about, key)}
        return min(
            ((on, id) for on, id, e in self.settlements if on >= since and e.disagreement in raised), default=None
        )


def _recorded(word: Word) -> tuple[dt.datetime, str]:
    return word.recorded_at, word.id


_TO_CLINICIANS = ("paediatric_review", "dietetic_review", "specialist_opinion", "second_review")


def _about(about: str, key: str) -> bool:
    return about == key or about.startswith(f"{key}#")


def _with(r: Request, words: list[Word]) -> Request:
    out = Request(**{name: getattr(r, name) for name in Request.__slots__})
    out.words = words
    return out


def _parties(e: LetterSent | RequestMade) -> tuple[Party, ...]:
    copies = e.copies if isinstance(e, LetterSent) else ()
    return tuple(
        Party(p.name, None if p.role is None else str(p.role), p.expects, p.expectation is not None, copied)
        for copied, people in ((False, e.to), (True, copies))
        for p in people
    )


def _letter(day: int, e: LetterSent) -> Request:
    needed = {
        "its purpose": e.purpose,
        "what is asked for": e.requested_action,
        "who is to do it": e.action_owner,
        "by when": e.respond_by,
    }
    lacks = [name for name, value in needed.items() if value is None]
    expecting = any(p.expects in ("act", "answer") or p.expectation is not None for p in (*e.to, *e.copies))
    # A letter asks unless it says that it does not, or has a purpose and nothing else that asks.
    asks = not (e.purpose is not None and len(lacks) == 3 and not expecting) if e.asks is None else e.asks
    if any(p.expects is None and p.expectation is None for p in e.copies):
        lacks.append("what is expected of each copy")
    return Request(
        e.id, "letter", "letter", e.on.toordinal(), day, e.sender, e.actor, str(e.role), _parties(e),
        e.requested_action or e.purpose or e.summary or "the letter", tuple(e.findings), _ordinal(e.respond_by),
        e.urgent, asks=asks, lacks=tuple(lacks) if asks else (), completes=e.completes, action_owner=e.action_owner,
    )  # fmt: skip


def _referral(day: int, e: ReferralMade) -> Request:
    social = e.kind != "clinical" or e.service == "social_care"
    return Request(
        e.id, "referral", "social_care" if social else "referral", e.on.toordinal(), day, e.actor, e.actor,
        str(e.role), (Party(e.to, None, "act", True),), e.about, tuple(e.findings), _ordinal(e.respond_by), e.urgent,
        service=e.service, family_told=e.family_told, not_told_because=e.not_told_because,
    )  # fmt: skip


def _request(day: int, e: RequestMade) -> Request:
    return Request(
        e.id, "request", e.kind, e.on.toordinal(), day, e.actor, e.actor, str(e.role), _parties(e), e.ask,
        tuple(e.findings), _ordinal(e.respond_by), e.urgent, drafted=e.drafted, request=e.kind, about=e.about,
        family_told=e.family_told, not_told_because=e.not_told_because,
    )  # fmt: skip


def _ordinal(day: dt.date | None) -> int | None:
    return None if day is None else day.toordinal()


def _word(day: int, e: Any) -> tuple[str, Word]:
    """To what an event says something, and what."""
    by = getattr(e, "by", None) or getattr(e, "recipient", None) or e.actor
    word = Word("found", e.on.toordinal(), day, e.recorded_at, e.id, by, e.actor, str(e.role))
    if isinstance(e, Acknowledged | LetterAcknowledged):
        taken = replace(
            word,
            what="acknowledged",
            on_behalf_of=e.on_behalf_of,
            will_do=e.will_do,
            by_when=_ordinal(e.by_when),
            needs=e.needs,
        )
        return (e.request if isinstance(e, Acknowledged) else e.letter), taken
    if isinstance(e, Answered):
        return e.request, replace(word, what="answered", final=e.final, text=e.outcome, action_taken=e.action_taken)
    if isinstance(e, ReferralClosed):
        return e.referral, replace(word, what="answered", text=e.outcome, action_taken=e.action_taken)
    if isinstance(e, Declined):
        return e.request, replace(word, what="declined", text=e.reason, by_family=e.by_family)
    if isinstance(e, Chased):
        return e.request, replace(word, what="chased", text=e.spoke_to or "")
    if isinstance(e, LetterRead):
        return e.letter, replace(word, what="read", text=e.asks_of_us)
    assert isinstance(e, LetterFound)
    return e.letter, word
