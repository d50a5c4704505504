"""Letters, referrals, hand-overs and other requests: what somebody waits for, and what became of it."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from growthwatch.record.forms import Added, Event, Form
from growthwatch.record.values import (
    NO_ROLE,
    AnyRoleOrNone,
    Day,
    Identifier,
    Key,
    Keys,
    Name,
    Text,
    listing,
    not_empty,
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
    """Somebody a letter or request goes to, and what is expected of them.

    Parameters
    ----------
    name : str, required
        Who it is, by name or as a service.
    expectation : str, optional
        What is expected of them, in words.
    role : Role, optional, since version 2
        Their role.
    expects : {'act', 'answer', 'know'}, optional, since version 2
        What is expected of them; ``know`` owes nothing.
    """

    added: ClassVar[Added] = dict.fromkeys(("role", "expects"))

    name: Name
    expectation: Text | None = None
    role: AnyRoleOrNone = NO_ROLE
    expects: Literal["act", "answer", "know"] | None = None


class LetterSent(Event, frozen=True):
    """A letter was sent; `completes` is the unclear letter that it makes clear.

    Parameters
    ----------
    sender : str, required
        Who sent it.
    to : sequence of Recipient, required
        Who it goes to, at least one.
    copies : sequence of Recipient, optional
        Who has a copy.
    summary : str, optional
        What it says.
    purpose : str, optional
        Why it was sent.
    requested_action : str, optional
        What it asks for.
    action_owner : str, optional
        Who is to do it.
    respond_by : date, optional
        The day by which an answer is expected.
    asks : bool, optional, since version 2
        Whether it asks for anything; not said, what the letter says decides.
    findings : sequence of str, optional, since version 2
        Keys of the findings that it is about.
    urgent : bool, optional, default False, since version 2
        Whether it is urgent.
    completes : str, optional, since version 2
        The id of the unclear letter that it makes clear.
    """

    refers: ClassVar[tuple[str, ...]] = ("completes",)
    added: ClassVar[Added] = dict.fromkeys(("asks", "findings", "urgent", "completes"))

    type: Literal["letter_sent"] = "letter_sent"
    sender: Name
    to: Annotated[tuple[Recipient, ...], BeforeValidator(listing), AfterValidator(not_empty)]
    copies: Annotated[tuple[Recipient, ...], BeforeValidator(listing)] = ()
    summary: Text | None = None
    purpose: Text | None = None
    requested_action: Text | None = None
    action_owner: Name | None = None
    respond_by: Day | None = None
    asks: bool | None = None
    findings: Keys = ()
    urgent: bool = False
    completes: Identifier | None = None


class LetterAcknowledged(Event, frozen=True):
    """Somebody acknowledged a letter, and said what they will do by when.

    `needs` is what is missing before they can act.

    Parameters
    ----------
    letter : str, required
        The id of the letter.
    by : str, required
        Who acknowledged it.
    will_do : str, optional
        What they will do.
    by_when : date, optional
        By which day.
    on_behalf_of : str, optional, since version 2
        For which recipient they speak.
    needs : str, optional, since version 2
        What is missing before they can act.
    """

    refers: ClassVar[tuple[str, ...]] = ("letter",)
    added: ClassVar[Added] = dict.fromkeys(("on_behalf_of", "needs"))

    type: Literal["letter_acknowledged"] = "letter_acknowledged"
    letter: Identifier
    by: Name
    will_do: Text | None = None
    by_when: Day | None = None
    on_behalf_of: Name | None = None
    needs: Text | None = None


class LetterRead(Event, frozen=True):
    """Somebody read a letter, and wrote down what it asks of us; "nothing" is an answer.

    Since version 2 of the format.

    Parameters
    ----------
    letter : str, required
        The id of the letter.
    by : str, required
        Who read it.
    asks_of_us : str, required
        What it asks of us; "nothing" is an answer.
    """

    refers: ClassVar[tuple[str, ...]] = ("letter",)
    since: ClassVar[int] = 2

    type: Literal["letter_read"] = "letter_read"
    letter: Identifier
    by: Name
    asks_of_us: Text


class LetterFound(Event, frozen=True):
    """A letter was found unread or unfiled.

    Parameters
    ----------
    letter : str, required
        The id of the letter.
    by : str, required
        Who found it.
    """

    refers: ClassVar[tuple[str, ...]] = ("letter",)

    type: Literal["letter_found"] = "letter_found"
    letter: Identifier
    by: Name


class ReferralMade(Event, frozen=True):
    """The child was referred; `not_told_because` is the danger to the child if the family knew.

    Parameters
    ----------
    to : str, required
        To whom.
    kind : {'safeguarding', 'social_care_support', 'clinical'}, required
        What sort of referral.
    about : str, required
        What it is about.
    service : word, optional, since version 2
        Which service. One of ``social_care``, ``disability_service``, ``paediatrics``, ``dietetics``,
        ``speech_and_language``, ``gp``, ``emergency``, ``other``.
    findings : sequence of str, optional, since version 2
        Keys of the findings that it is about.
    urgent : bool, optional, default False, since version 2
        Whether it is urgent.
    respond_by : date, optional, since version 2
        The day by which an answer is expected.
    family_told : {'agreed', 'disagreed', 'not_told'}, optional, since version 2
        Whether the family knows, and what they said to it.
    not_told_because : str, optional, since version 2
        The danger to the child if the family knew.
    """

    added: ClassVar[Added] = dict.fromkeys(
        ("service", "findings", "urgent", "respond_by", "family_told", "not_told_because")
    )

    type: Literal["referral_made"] = "referral_made"
    to: Name
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
    """A referral was closed, with or without action.

    Parameters
    ----------
    referral : str, required
        The id of the referral.
    outcome : str, required
        What came of it.
    action_taken : bool, required
        Whether anything was done.
    """

    refers: ClassVar[tuple[str, ...]] = ("referral",)

    type: Literal["referral_closed"] = "referral_closed"
    referral: Identifier
    outcome: Text
    action_taken: bool


class RequestMade(Event, frozen=True):
    """Somebody asked somebody for something, other than by letter, referral or hand-over.

    `findings` are the keys of the findings that it is about; `about` a sibling; `drafted` says that it was
    written and not yet sent.

    Since version 2 of the format.

    Parameters
    ----------
    kind : word, required
        What sort of request. One of ``paediatric_review``, ``dietetic_review``, ``specialist_opinion``,
        ``legal_advice``, ``supervision``, ``second_review``, ``managers_talk``, ``carer_assessment``,
        ``sibling_review``, ``growth_summary``, ``other``.
    to : sequence of Recipient, required
        Who is asked, at least one.
    ask : str, required
        What is asked for.
    findings : sequence of str, optional
        Keys of the findings that it is about.
    respond_by : date, optional
        The day by which an answer is expected.
    urgent : bool, optional, default False
        Whether it is urgent.
    drafted : bool, optional, default False
        Whether it is written and not yet sent.
    about : str, optional
        The sibling that it is about, by pseudonym.
    family_told : {'agreed', 'disagreed', 'not_told'}, optional
        Whether the family knows, and what they said to it.
    not_told_because : str, optional
        The danger to the child if the family knew.
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
    """A drafted request was sent.

    Since version 2 of the format.

    Parameters
    ----------
    request : str, required
        The id of the draft.
    """

    since: ClassVar[int] = 2

    type: Literal["request_sent"] = "request_sent"
    request: Key


class Acknowledged(Event, frozen=True):
    """Somebody acknowledged a request: what they will do, by when, and what they need first.

    Since version 2 of the format.

    Parameters
    ----------
    request : str, required
        The id of the request or of one obligation, or the key of a finding: all that it asks for.
    by : str, required
        Who acknowledges it.
    on_behalf_of : str, optional
        For which recipient they speak.
    will_do : str, optional
        What they will do.
    by_when : date, optional
        By which day.
    needs : str, optional
        What is missing before they can act.
    """

    since: ClassVar[int] = 2

    type: Literal["acknowledged"] = "acknowledged"
    request: Key
    by: Name
    on_behalf_of: Name | None = None
    will_do: Text | None = None
    by_when: Day | None = None
    needs: Text | None = None


class Answered(Event, frozen=True):
    """A request was answered; an answer that is not final meets the decision limit only.

    Since version 2 of the format.

    Parameters
    ----------
    request : str, required
        The id of the request or of one obligation, or the key of a finding: all that it asks for.
    by : str, required
        Who answers.
    outcome : str, required
        What came of it.
    action_taken : bool, optional
        Whether anything was done.
    final : bool, optional, default True
        Whether it is the last word; one that is not meets the limit of the decision only.
    """

    since: ClassVar[int] = 2

    type: Literal["answered"] = "answered"
    request: Key
    by: Name
    outcome: Text
    action_taken: bool | None = None
    final: bool = True


class Declined(Event, frozen=True):
    """A request was declined.

    Since version 2 of the format.

    Parameters
    ----------
    request : str, required
        The id of the request or of one obligation, or the key of a finding: all that it asks for.
    by : str, required
        Who declines.
    reason : str, required
        Why.
    by_family : bool, optional, default False
        Whether the family declined.
    """

    since: ClassVar[int] = 2

    type: Literal["declined"] = "declined"
    request: Key
    by: Name
    reason: Text
    by_family: bool = False


class Chased(Event, frozen=True):
    """Somebody asked again.

    Since version 2 of the format.

    Parameters
    ----------
    request : str, required
        The id of the request or of one obligation, or the key of a finding: all that it asks for.
    recipient : str, optional
        Who was asked again; not said, all who owe something.
    how : {'telephone', 'visit', 'message'}, required
        How they were asked.
    spoke_to : str, optional
        With whom they spoke.
    """

    since: ClassVar[int] = 2

    type: Literal["chased"] = "chased"
    request: Key
    recipient: Name | None = None
    how: Literal["telephone", "visit", "message"]
    spoke_to: Name | None = None


class DisagreementRaised(Event, frozen=True):
    """Somebody disagrees, and says what is at risk now.  The key of `with_` is ``with`` when written.

    Since version 2 of the format.

    Parameters
    ----------
    about : str, required
        The id of an event or the key of a finding.
    with_ : str, required
        With whom.
    risk_now : str, required
        What is at risk now.
    decision_wanted : str, required
        Which decision is wanted.
    stage : int from 1 to 4, required
        The stage at which it is raised.
    """

    since: ClassVar[int] = 2

    type: Literal["disagreement_raised"] = "disagreement_raised"
    about: Key
    with_: Name = Field(validation_alias="with", serialization_alias="with")
    risk_now: Text
    decision_wanted: Text
    stage: Annotated[int, BeforeValidator(whole(1, 4, "a stage, a whole number from 1 to 4"))]


class DisagreementSettled(Event, frozen=True):
    """A disagreement was settled.

    Since version 2 of the format.

    Parameters
    ----------
    disagreement : str, required
        The id of the disagreement.
    how : {'agreed', 'changed', 'upheld'}, required
        How it was settled.
    by : str, required
        Who settled it.
    """

    refers: ClassVar[tuple[str, ...]] = ("disagreement",)
    since: ClassVar[int] = 2

    type: Literal["disagreement_settled"] = "disagreement_settled"
    disagreement: Identifier
    how: Literal["agreed", "changed", "upheld"]
    by: Name
