"""Decisions: what somebody resolved and signed; unlike a fact, one may be refused."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, TypeAdapter, ValidationError, model_validator

from growthwatch.record.forms import Added, Event, Form
from growthwatch.record.values import (
    MAX_KEY_1,
    Day,
    Identifier,
    Key,
    Name,
    Positive,
    Text,
    listing,
    whole,
    wrong,
)
from growthwatch.record.words import Tier

__all__ = [
    "DecisionSigned",
    "Outcome",
    "Overridden",
    "PlanSigned",
    "ProtocolAdopted",
    "Snoozed",
    "Start",
    "Withdrawn",
]


class Outcome(Form, frozen=True):
    """What a plan is to reach for the child: what, how much of it in which unit, and by when.

    Parameters
    ----------
    what : {'weight_kg', 'weight_centile', 'length_cm', 'feed_minutes', 'wet_nappies', 'other'}, required
        What is measured.
    target : float, required
        How much of it, in that unit.
    unit : str, required
        The unit.
    by : date, required
        The day by which it is reached.
    """

    what: Literal["weight_kg", "weight_centile", "length_cm", "feed_minutes", "wet_nappies", "other"]
    target: Positive
    unit: Text
    by: Day


class PlanSigned(Event, frozen=True):
    """Somebody signed a plan for the child.

    `limit_kg` and `dietitian` are of a watch plan: below which weight the child is referred, and who watches.

    Parameters
    ----------
    plan : {'care', 'condition', 'sick_day', 'watch'}, required
        What sort of plan. Since version 2: ``watch``.
    floor_days : int from 1, optional
        The longest time between two weighings that the plan sets [days].
    reference : str, optional
        The id of a condition reference.
    review_by : date, optional
        The day by which the plan is reviewed.
    outcome_for_child : str, optional
        What will be better for the child, so that it can be measured.
    outcome : Outcome, optional, since version 2
        What it is to reach for the child, by when.
    limit_kg : float, optional, since version 2
        Of a watch plan: the weight below which the child is referred [kg].
    dietitian : str, optional, since version 2
        Of a watch plan: who watches.
    reason : str, required
        Why.
    """

    is_arrangement: ClassVar[bool] = True
    is_decision: ClassVar[bool] = True
    added: ClassVar[Added] = {"plan": frozenset({"watch"}), "outcome": None, "limit_kg": None, "dietitian": None}

    type: Literal["plan_signed"] = "plan_signed"
    plan: Literal["care", "condition", "sick_day", "watch"]
    floor_days: Annotated[int, BeforeValidator(whole(1, None, "a whole number of days, 1 or more"))] | None = None
    reference: Text | None = None
    review_by: Day | None = None
    outcome_for_child: Text | None = None
    outcome: Outcome | None = None
    limit_kg: Positive | None = None
    dietitian: Name | None = None
    reason: Text

    @model_validator(mode="after")
    def _of_its_kind(self) -> Self:
        for name in ("limit_kg", "dietitian"):
            if self.plan != "watch" and getattr(self, name) is not None:
                raise wrong("nothing: it is for a watch plan only", field=name, value=getattr(self, name))
        return self


class DecisionSigned(Event, frozen=True):
    """Somebody signed a decision about a finding, a tier, a weight or a doubted fact.

    Parameters
    ----------
    decision : word, required
        What was decided. One of ``close_finding``, ``lower_tier``, ``confirm_weight``, ``other``, ``end_plan``,
        ``choose_reference``, ``accept_conflict``, ``hold_family_page``, ``release_family_page``, ``confirm_fact``.
        Since version 2: ``end_plan``, ``choose_reference``, ``accept_conflict``, ``hold_family_page``,
        ``release_family_page``, ``confirm_fact``.
    target : str, optional
        The key of a finding (``close_finding``), the id of the event (``confirm_weight``, ``confirm_fact``) or plan
        (``end_plan``), a reference (``choose_reference``), or the last day (``hold_family_page``). The first three need
        it.
    tier : {'T0', 'T1', 'T2'}, optional
        The tier to lower to; ``lower_tier`` needs it.
    reason : str, required
        Why.
    """

    is_decision: ClassVar[bool] = True
    added: ClassVar[Added] = {
        "decision": frozenset(
            {
                "end_plan",
                "choose_reference",
                "accept_conflict",
                "hold_family_page",
                "release_family_page",
                "confirm_fact",
            }
        )
    }

    type: Literal["decision_signed"] = "decision_signed"
    decision: Literal[
        "close_finding",
        "lower_tier",
        "confirm_weight",
        "other",
        "end_plan",
        "choose_reference",
        "accept_conflict",
        "hold_family_page",
        "release_family_page",
        "confirm_fact",
    ]
    target: Key | None = None
    tier: Tier | None = None
    reason: Text

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.decision == "close_finding" and self.target is None:
            raise wrong("the key of the finding to close", field="target")
        if self.decision in ("confirm_weight", "confirm_fact"):
            if self.target is None:
                doubted = "weighing" if self.decision == "confirm_weight" else "event"
                raise wrong(f"the id of the {doubted} to confirm", field="target")
            if self.target == self.id:
                raise wrong("the id of another event", field="target", value=self.id)
        if self.decision == "lower_tier" and self.tier is None:
            raise wrong("the tier to lower to: T0, T1 or T2", field="tier")
        return self

    @property
    def version(self) -> int:
        """The lowest version of the format that can hold this."""
        return 2 if self.target is not None and len(self.target) > MAX_KEY_1 else super().version


def _due(value: Any) -> dt.date | Literal["FD"]:
    if value == "FD":
        return "FD"
    try:
        return TypeAdapter(Day).validate_python(value)
    except ValidationError:
        raise wrong('a day written "YYYY-MM-DD", or "FD"') from None


class Start(Form, frozen=True):
    """One entry of a start plan: the day on which something was due before the first day, and its new day.

    Parameters
    ----------
    due : date or 'FD', required
        The day on which a routine weight was due before the first day, or "FD": the one reading.
    set_to : date, required
        Its new day.
    """

    due: Annotated[dt.date | Literal["FD"], BeforeValidator(_due)]
    set_to: Day


class ProtocolAdopted(Event, frozen=True):
    """A protocol came into force for the child, named by its id and content hash; `starts` is the start plan.

    Parameters
    ----------
    protocol : str, required
        The id of the protocol.
    hash : str, required
        Its content hash.
    starts : sequence of Start, optional, since version 2
        The start plan.
    """

    is_arrangement: ClassVar[bool] = True
    is_decision: ClassVar[bool] = True
    added: ClassVar[Added] = {"starts": None}

    type: Literal["protocol_adopted"] = "protocol_adopted"
    protocol: Text
    hash: Text
    starts: Annotated[tuple[Start, ...], BeforeValidator(listing)] = ()


class Snoozed(Event, frozen=True):
    """The next step of a finding waits until a day, for a reason.

    Since version 2 of the format.

    Parameters
    ----------
    target : str, required
        The key of the finding.
    until : date, required
        The last day on which it waits.
    why : {'family_away', 'in_hospital', 'appointment_booked', 'equipment', 'other'}, required
        For which sort of reason.
    reason : str, required
        The reason, in words.
    """

    is_decision: ClassVar[bool] = True
    since: ClassVar[int] = 2

    type: Literal["snoozed"] = "snoozed"
    target: Key
    until: Day
    why: Literal["family_away", "in_hospital", "appointment_booked", "equipment", "other"]
    reason: Text


class Withdrawn(Event, frozen=True):
    """Who asked no longer asks.

    Since version 2 of the format.

    Parameters
    ----------
    request : str, required
        The id of the request or hand-over.
    reason : str, required
        Why.
    """

    is_decision: ClassVar[bool] = True
    since: ClassVar[int] = 2

    type: Literal["withdrawn"] = "withdrawn"
    request: Key
    reason: Text


class Overridden(Event, frozen=True):
    """A refused decision was carried out all the same: why, what the risk is, and what guards against it.

    Since version 2 of the format.

    Parameters
    ----------
    refused : str, required
        The id of the decision that was refused.
    because : str, required
        Why it is carried out all the same.
    risk_now : str, required
        What is at risk now.
    safeguards : str, required
        What guards against it.
    review_by : date, required
        The day by which it is looked at again.
    training_on : date, optional
        The day on which who signed was last trained.
    """

    is_decision: ClassVar[bool] = True
    refers: ClassVar[tuple[str, ...]] = ("refused",)
    since: ClassVar[int] = 2

    type: Literal["overridden"] = "overridden"
    refused: Identifier
    because: Text
    risk_now: Text
    safeguards: Text
    review_by: Day
    training_on: Day | None = None
