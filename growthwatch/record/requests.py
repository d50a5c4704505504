"""Letters, referrals, hand-overs and other requests: what somebody waits for, and what became of it."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from growthwatch.record.forms import Added, Event, Form
from growthwatch.record.values import (
    AnyRole,
    Day,
    Identifier,
    Key,
    Keys,
    Text,
    Texts,
    listing,
    not_empty,
    unique,
    whole,
)
from growthwatch.record.words import FamilyTold

__all__ = [
    "Acknowledged",
    "Answered",
    "Chased",
    "Declined",
    "DisagreementRaised",
    "DisagreementSettled",
    "HandoverAccepted",
    "HandoverSent",
    "LetterAcknowledged",
    "LetterFound",
    "LetterRead",
    "LetterSent",
    "Recipient",
    "ReferralClosed",
    "ReferralMade",
    "RequestMade",
    "RequestSent",
]


class Recipient(Form, frozen=True):
    """Somebody a letter or request goes to, and what is expected of them."""

    added: ClassVar[Added] = dict.fromkeys(("role", "expects"))

    name: Text
    expectation: Text | None = None
    role: AnyRole | None = None
    expects: Literal["act", "answer", "know"] | None = None


class LetterSent(Event, frozen=True):
    """A letter was sent; `completes` is the unclear letter that it makes clear."""

    refers: ClassVar[tuple[str, ...]] = ("completes",)
    added: ClassVar[Added] = dict.fromkeys(("asks", "findings", "urgent", "completes"))

    type: Literal["letter_sent"] = "letter_sent"
    sender: Text
    to: Annotated[tuple[Recipient, ...], BeforeValidator(listing), AfterValidator(not_empty)]
    copies: Annotated[tuple[Recipient, ...], BeforeValidator(listing)] = ()
    summary: Text | None = None
    purpose: Text | None = None
    requested_action: Text | None = None
    action_owner: Text | None = None
    respond_by: Day | None = None
    asks: bool | None = None
    findings: Keys = ()
    urgent: bool = False
    completes: Identifier | None = None


class LetterAcknowledged(Event, frozen=True):
    """Somebody acknowledged a letter, and said what they will do by when.

    `needs` is what is missing before they can act.
    """

    refers: ClassVar[tuple[str, ...]] = ("letter",)
    added: ClassVar[Added] = dict.fromkeys(("on_behalf_of", "needs"))

    type: Literal["letter_acknowledged"] = "letter_acknowledged"
    letter: Identifier
    by: Text
    will_do: Text | None = None
    by_when: Day | None = None
    on_behalf_of: Text | None = None
    needs: Text | None = None


class LetterRead(Event, frozen=True):
    """Somebody read a letter, and wrote down what it asks of us; "nothing" is an answer."""

    refers: ClassVar[tuple[str, ...]] = ("letter",)
    since: ClassVar[int] = 2

    type: Literal["letter_read"] = "letter_read"
    letter: Identifier
    by: Text
    asks_of_us: Text


class LetterFound(Event, frozen=True):
    """A letter was found unread or unfiled."""

    refers: ClassVar[tuple[str, ...]] = ("letter",)

    type: Literal["letter_found"] = "letter_found"
    letter: Identifier
    by: Text


class ReferralMade(Event, frozen=True):
    """The child was referred; `not_told_because` is the danger to the child if the family knew."""

    added: ClassVar[Added] = dict.fromkeys(
        ("service", "findings", "urgent", "respond_by", "family_told", "not_told_because")
    )

    type: Literal["referral_made"] = "referral_made"
    to: Text
    kind: Literal["safeguarding", "social_care_support", "clinical"]
    about: Text
    service: (
        Literal[
            "social_care",
            "disability_service",
            "paediatrics",
            "dietetics",
            "speech_and_language",
            "gp",
            "emergency",
            "other",
        ]
        | None
    ) = None
    findings: Keys = ()
    urgent: bool = False
    respond_by: Day | None = None
    family_told: FamilyTold | None = None
    not_told_because: Text | None = None


class ReferralClosed(Event, frozen=True):
    """A referral was closed, with or without action."""

    refers: ClassVar[tuple[str, ...]] = ("referral",)

    type: Literal["referral_closed"] = "referral_closed"
    referral: Identifier
    outcome: Text
    action_taken: bool


class HandoverSent(Event, frozen=True):
    """One team handed the child over to another; `completes` is the incomplete hand-over that it makes whole."""

    is_arrangement: ClassVar[bool] = True
    refers: ClassVar[tuple[str, ...]] = ("completes",)
    added: ClassVar[Added] = dict.fromkeys(("items", "schooling", "completes"))

    type: Literal["handover_sent"] = "handover_sent"
    sender: Text
    recipient: Text
    contains: Texts = ()
    missing: Texts = ()
    items: Annotated[
        tuple[Literal["schedule", "open_findings", "risks", "lead", "plan", "chronology"], ...],
        BeforeValidator(listing),
        AfterValidator(unique),
    ] = ()
    schooling: Literal["school", "home_educated", "not_at_school"] | None = None
    completes: Identifier | None = None


class HandoverAccepted(Event, frozen=True):
    """A team accepted a hand-over, and named its lead."""

    is_arrangement: ClassVar[bool] = True
    refers: ClassVar[tuple[str, ...]] = ("handover",)
    added: ClassVar[Added] = dict.fromkeys(("lead", "lead_role"))

    type: Literal["handover_accepted"] = "handover_accepted"
    handover: Identifier | None = None
    by: Text
    lead: Text | None = None
    lead_role: AnyRole | None = None


class RequestMade(Event, frozen=True):
    """Somebody asked somebody for something, other than by letter, referral or hand-over.

    `findings` are the keys of the findings that it is about; `about` a sibling; `drafted` says that it was
    written and not yet sent.
    """

    since: ClassVar[int] = 2

    type: Literal["request_made"] = "request_made"
    kind: Literal[
        "paediatric_review",
        "dietetic_review",
        "specialist_opinion",
        "legal_advice",
        "supervision",
        "second_review",
        "managers_talk",
        "carer_assessment",
        "sibling_review",
        "growth_summary",
        "other",
    ]
    to: Annotated[tuple[Recipient, ...], BeforeValidator(listing), AfterValidator(not_empty)]
    ask: Text
    findings: Keys = ()
    respond_by: Day | None = None
    urgent: bool = False
    drafted: bool = False
    about: Text | None = None
    family_told: FamilyTold | None = None
    not_told_because: Text | None = None


class RequestSent(Event, frozen=True):
    """A drafted request was sent."""

    since: ClassVar[int] = 2

    type: Literal["request_sent"] = "request_sent"
    request: Key


class Acknowledged(Event, frozen=True):
    """Somebody acknowledged a request: what they will do, by when, and what they need first."""

    since: ClassVar[int] = 2

    type: Literal["acknowledged"] = "acknowledged"
    request: Key
    by: Text
    on_behalf_of: Text | None = None
    will_do: Text | None = None
    by_when: Day | None = None
    needs: Text | None = None


class Answered(Event, frozen=True):
    """A request was answered; an answer that is not final meets the decision limit only."""

    since: ClassVar[int] = 2

    type: Literal["answered"] = "answered"
    request: Key
    by: Text
    outcome: Text
    action_taken: bool | None = None
    final: bool = True


class Declined(Event, frozen=True):
    """A request was declined."""

    since: ClassVar[int] = 2

    type: Literal["declined"] = "declined"
    request: Key
    by: Text
    reason: Text
    by_family: bool = False


class Chased(Event, frozen=True):
    """Somebody asked again."""

    since: ClassVar[int] = 2

    type: Literal["chased"] = "chased"
    request: Key
    recipient: Text | None = None
    how: Literal["telephone", "visit", "message"]
    spoke_to: Text | None = None


class DisagreementRaised(Event, frozen=True):
    """Somebody disagrees, and says what is at risk now.  The key of `with_` is ``with`` when written."""

    since: ClassVar[int] = 2

    type: Literal["disagreement_raised"] = "disagreement_raised"
    about: Key
    with_: Text = Field(validation_alias="with", serialization_alias="with")
    risk_now: Text
    decision_wanted: Text
    stage: Annotated[int, BeforeValidator(whole(1, 4, "a stage, a whole number from 1 to 4"))]


class DisagreementSettled(Event, frozen=True):
    """A disagreement was settled."""

    refers: ClassVar[tuple[str, ...]] = ("disagreement",)
    since: ClassVar[int] = 2

    type: Literal["disagreement_settled"] = "disagreement_settled"
    disagreement: Identifier
    how: Literal["agreed", "changed", "upheld"]
    by: Text
