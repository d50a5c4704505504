"""Facts about those around a child: who leads, who hands over, which service, protection, family, moves."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from growthwatch.record.forms import Added, Event
from growthwatch.record.values import (
    NO_ROLE,
    AnyRole,
    AnyRoleOrNone,
    Day,
    Identifier,
    Key,
    Name,
    Text,
    Texts,
    listing,
    unique,
    wrong,
)
from growthwatch.record.words import Asked, Level

__all__ = [
    "AdviceReported",
    "CarerAsked",
    "ConferenceHeld",
    "Explained",
    "HandoverAccepted",
    "HandoverSent",
    "LeadAway",
    "LeadLeft",
    "LeadNamed",
    "LevelChanged",
    "ListRead",
    "MovedAway",
    "MovedIn",
    "ProtectionPlan",
    "ServiceAllocated",
    "SiblingKnown",
    "StrategyDiscussion",
]


class LeadNamed(Event, frozen=True):
    """A lead professional was named; `replaces` is the event that named the one before.

    Parameters
    ----------
    name : str, required
        The lead professional.
    lead_role : Role, required
        Their role.
    level : str, optional
        The level of service they lead, in words.
    replaces : str, optional, since version 2
        The id of the event that named the lead before.
    deputy : str, optional, since version 2
        Who stands in while the lead is away.
    deputy_role : Role, optional, since version 2
        The deputy's role.
    supervisor : str, optional, since version 2
        Who supervises the lead.
    """

    is_arrangement: ClassVar[bool] = True
    refers: ClassVar[tuple[str, ...]] = ("replaces",)
    added: ClassVar[Added] = dict.fromkeys(("replaces", "deputy", "deputy_role", "supervisor"))

    type: Literal["lead_named"] = "lead_named"
    name: Name
    lead_role: AnyRole
    level: Text | None = None
    replaces: Identifier | None = None
    deputy: Name | None = None
    deputy_role: AnyRoleOrNone = NO_ROLE
    supervisor: Name | None = None


class LeadLeft(Event, frozen=True):
    """The lead professional left; `name` says who, where two stood.

    Parameters
    ----------
    reason : str, optional
        Why.
    name : str, optional, since version 2
        Who left, where two stood.
    """

    is_arrangement: ClassVar[bool] = True
    added: ClassVar[Added] = {"name": None}

    type: Literal["lead_left"] = "lead_left"
    reason: Text | None = None
    name: Name | None = None


class LeadAway(Event, frozen=True):
    """The lead professional is away for a time.  The key of `from_` is ``from`` when written.

    Since version 2 of the format.

    Parameters
    ----------
    from_ : date, required
        The first day away.
    until : date, optional
        The last day away; not said, it is not known.
    cover : str, optional
        Who stands in.
    cover_role : Role, optional
        The role of who stands in.
    """

    is_arrangement: ClassVar[bool] = True
    since: ClassVar[int] = 2

    type: Literal["lead_away"] = "lead_away"
    from_: Day = Field(validation_alias="from", serialization_alias="from")
    until: Day | None = None
    cover: Name | None = None
    cover_role: AnyRoleOrNone = NO_ROLE

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.until is not None and self.until < self.from_:
            raise wrong("a day that is not before the first day away", field="until", value=self.until)
        return self


class HandoverSent(Event, frozen=True):
    """One team handed the child over to another; `completes` is the incomplete hand-over that it makes whole.

    Parameters
    ----------
    sender : str, required
        Which team hands over.
    recipient : str, required
        To which team.
    contains : sequence of str, optional
        What was handed over, in words.
    missing : sequence of str, optional
        What was missing, in words.
    items : sequence of {'schedule', 'open_findings', 'risks', 'lead', 'plan', 'chronology'}, optional, since version 2
        What it holds.
    schooling : {'school', 'home_educated', 'not_at_school'}, optional, since version 2
        Where the child will learn, at school age.
    completes : str, optional, since version 2
        The id of the incomplete hand-over that it makes whole.
    """

    is_arrangement: ClassVar[bool] = True
    refers: ClassVar[tuple[str, ...]] = ("completes",)
    added: ClassVar[Added] = dict.fromkeys(("items", "schooling", "completes"))

    type: Literal["handover_sent"] = "handover_sent"
    sender: Name
    recipient: Name
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
    """A team accepted a hand-over, and named its lead.

    Parameters
    ----------
    handover : str, optional
        The id of the hand-over.
    by : str, required
        Who accepted it.
    lead : str, optional, since version 2
        The new lead professional.
    lead_role : Role, optional, since version 2
        The new lead's role.
    """

    is_arrangement: ClassVar[bool] = True
    refers: ClassVar[tuple[str, ...]] = ("handover",)
    added: ClassVar[Added] = dict.fromkeys(("lead", "lead_role"))

    type: Literal["handover_accepted"] = "handover_accepted"
    handover: Identifier | None = None
    by: Name
    lead: Name | None = None
    lead_role: AnyRoleOrNone = NO_ROLE


class LevelChanged(Event, frozen=True):
    """The level of service changed.  The key of `from_` is ``from`` when written.

    Parameters
    ----------
    from_ : {'universal', 'early_help', 'early_support', 'child_in_need', 'child_protection', 'looked_after'}, optional
        The level before.
    to : {'universal', 'early_help', 'early_support', 'child_in_need', 'child_protection', 'looked_after'}, required
        The new level.
    plan_transferred : bool, optional
        Whether the plan went with the child.
    accepted_by : str, optional
        Who accepted the child at the new level.
    """

    is_arrangement: ClassVar[bool] = True

    type: Literal["level_changed"] = "level_changed"
    from_: Level | None = Field(default=None, validation_alias="from", serialization_alias="from")
    to: Level
    plan_transferred: bool | None = None
    accepted_by: Name | None = None


class ServiceAllocated(Event, frozen=True):
    """A service named the worker who looks after the child.

    Since version 2 of the format.

    Parameters
    ----------
    service : str, required
        Which service.
    worker : str, required
        Who looks after the child.
    """

    is_arrangement: ClassVar[bool] = True
    since: ClassVar[int] = 2

    type: Literal["service_allocated"] = "service_allocated"
    service: Name
    worker: Name


class ListRead(Event, frozen=True):
    """Somebody read a list, named by its hash, and this child's row in it.

    Since version 2 of the format.

    Parameters
    ----------
    list : str, required
        The content hash of the list.
    by : str, required
        Who read it.
    """

    since: ClassVar[int] = 2

    type: Literal["list_read"] = "list_read"
    list: Text
    by: Name


class ProtectionPlan(Event, frozen=True):
    """A child protection plan began or ended.

    Parameters
    ----------
    state : {'began', 'ended'}, required
        What became of it.
    category : str, optional
        Of which kind of harm, such as neglect.
    """

    is_arrangement: ClassVar[bool] = True

    type: Literal["protection_plan"] = "protection_plan"
    state: Literal["began", "ended"]
    category: Text | None = None


class StrategyDiscussion(Event, frozen=True):
    """A strategy discussion was held; who of health and of the disability service was there.

    Parameters
    ----------
    outcome : str, optional
        What was agreed.
    section_47 : bool, optional, since version 2
        Whether enquiries under section 47 were agreed.
    health_present : bool, optional, since version 2
        Whether somebody of health was there.
    disability_present : bool, optional, since version 2
        Whether somebody of the disability service was there.
    """

    added: ClassVar[Added] = dict.fromkeys(("section_47", "health_present", "disability_present"))

    type: Literal["strategy_discussion"] = "strategy_discussion"
    outcome: Text | None = None
    section_47: bool | None = None
    health_present: bool | None = None
    disability_present: bool | None = None


class ConferenceHeld(Event, frozen=True):
    """A child protection conference or core group was held.

    Since version 2 of the format.

    Parameters
    ----------
    kind : {'initial', 'core_group', 'review'}, required
        Which meeting it was.
    weight_trend_shown : bool, optional
        Whether the trend of weights was shown.
    """

    since: ClassVar[int] = 2

    type: Literal["conference_held"] = "conference_held"
    kind: Literal["initial", "core_group", "review"]
    weight_trend_shown: bool | None = None


class Explained(Event, frozen=True):
    """Somebody explained a finding or a worry by something.  The key of `as_` is ``as`` when written.

    Since version 2 of the format.

    Parameters
    ----------
    target : str, required
        The key of the finding, or the id of the event.
    as_ : word, required
        By what it was explained. One of ``condition``, ``family_size``, ``illness``, ``feeding``, ``equipment``,
        ``entry_error``, ``other``.
    words : str, required
        How it was said.
    """

    since: ClassVar[int] = 2

    type: Literal["explained"] = "explained"
    target: Key
    as_: Literal["condition", "family_size", "illness", "feeding", "equipment", "entry_error", "other"] = Field(
        validation_alias="as", serialization_alias="as"
    )
    words: Text


class AdviceReported(Event, frozen=True):
    """Somebody says that advice was given, which nobody may have written down.

    Since version 2 of the format.

    Parameters
    ----------
    advice_on : date, required
        The day of the advice.
    given_by : str, required
        Who gave it.
    reported_by : str, required
        Who says so.
    about : str, required
        What it was about.
    """

    since: ClassVar[int] = 2

    type: Literal["advice_reported"] = "advice_reported"
    advice_on: Day
    given_by: Name
    reported_by: Name
    about: Text


class CarerAsked(Event, frozen=True):
    """The carer was asked how he or she is; what was not asked about is left out.

    Since version 2 of the format.

    Parameters
    ----------
    history : {'asked', 'declined'}, optional
        Their own history.
    sleep : {'asked', 'declined'}, optional
        Their sleep.
    support : {'asked', 'declined'}, optional
        The support they have.
    safety : {'asked', 'declined'}, optional
        Their safety.
    exhausted : bool, optional
        Whether the carer is exhausted.
    """

    since: ClassVar[int] = 2

    type: Literal["carer_asked"] = "carer_asked"
    history: Asked | None = None
    sleep: Asked | None = None
    support: Asked | None = None
    safety: Asked | None = None
    exhausted: bool | None = None


class SiblingKnown(Event, frozen=True):
    """There is a brother or sister, by pseudonym; or there is none.

    Since version 2 of the format.

    Parameters
    ----------
    sibling : str, optional
        The brother or sister, by pseudonym.
    none : True, optional
        That there is none.
    """

    since: ClassVar[int] = 2

    type: Literal["sibling_known"] = "sibling_known"
    sibling: Name | None = None
    none: Literal[True] | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.sibling is None) == (self.none is None):
            raise wrong("either a sibling or none: true", field="sibling", value=self.sibling)
        return self


class MovedAway(Event, frozen=True):
    """The family moved out of the area.

    Parameters
    ----------
    to_area : str, optional
        To where.
    """

    is_arrangement: ClassVar[bool] = True

    type: Literal["moved_away"] = "moved_away"
    to_area: Text | None = None


class MovedIn(Event, frozen=True):
    """The family moved into the area.

    Since version 2 of the format.

    Parameters
    ----------
    from_area : str, optional
        From where.
    """

    is_arrangement: ClassVar[bool] = True
    since: ClassVar[int] = 2

    type: Literal["moved_in"] = "moved_in"
    from_area: Text | None = None
