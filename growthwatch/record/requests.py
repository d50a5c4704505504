"""Letters, referrals and hand-overs: what somebody waits for, and what became of it."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator

from growthwatch.record.forms import Event, Form
from growthwatch.record.values import Day, Identifier, Text, Texts, listing, not_empty

__all__ = [
    "HandoverAccepted",
    "HandoverSent",
    "LetterAcknowledged",
    "LetterFound",
    "LetterSent",
    "Recipient",
    "ReferralClosed",
    "ReferralMade",
]


class Recipient(Form, frozen=True):
    """Somebody a letter goes to, and what is expected of them."""

    name: Text
    expectation: Text | None = None


class LetterSent(Event, frozen=True):
    """A letter was sent."""

    type: Literal["letter_sent"] = "letter_sent"
    sender: Text
    to: Annotated[tuple[Recipient, ...], BeforeValidator(listing), AfterValidator(not_empty)]
    copies: Annotated[tuple[Recipient, ...], BeforeValidator(listing)] = ()
    summary: Text | None = None
    purpose: Text | None = None
    requested_action: Text | None = None
    action_owner: Text | None = None
    respond_by: Day | None = None


class LetterAcknowledged(Event, frozen=True):
    """Somebody acknowledged a letter, and said what they will do by when."""

    refers: ClassVar[tuple[str, ...]] = ("letter",)

    type: Literal["letter_acknowledged"] = "letter_acknowledged"
    letter: Identifier
    by: Text
    will_do: Text | None = None
    by_when: Day | None = None


class LetterFound(Event, frozen=True):
    """A letter was found unread or unfiled."""

    refers: ClassVar[tuple[str, ...]] = ("letter",)

    type: Literal["letter_found"] = "letter_found"
    letter: Identifier
    by: Text


class ReferralMade(Event, frozen=True):
    """The child was referred."""

    type: Literal["referral_made"] = "referral_made"
    to: Text
    kind: Literal["safeguarding", "social_care_support", "clinical"]
    about: Text


class ReferralClosed(Event, frozen=True):
    """A referral was closed, with or without action."""

    refers: ClassVar[tuple[str, ...]] = ("referral",)

    type: Literal["referral_closed"] = "referral_closed"
    referral: Identifier
    outcome: Text
    action_taken: bool


class HandoverSent(Event, frozen=True):
    """One team handed the child over to another."""

    type: Literal["handover_sent"] = "handover_sent"
    sender: Text
    recipient: Text
    contains: Texts = ()
    missing: Texts = ()


class HandoverAccepted(Event, frozen=True):
    """A team accepted a hand-over."""

    refers: ClassVar[tuple[str, ...]] = ("handover",)

    type: Literal["handover_accepted"] = "handover_accepted"
    handover: Identifier | None = None
    by: Text
