"""Decisions: what somebody resolved and signed; unlike a fact, one may be refused."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import BeforeValidator, model_validator

from growthwatch.record.forms import Event
from growthwatch.record.values import Day, Key, Text, whole, wrong
from growthwatch.record.words import Tier

__all__ = [
    "DecisionSigned",
    "PlanSigned",
    "ProtocolAdopted",
]


class PlanSigned(Event, frozen=True):
    """Somebody signed a plan for the child."""

    is_decision: ClassVar[bool] = True

    type: Literal["plan_signed"] = "plan_signed"
    plan: Literal["care", "condition", "sick_day"]
    floor_days: Annotated[int, BeforeValidator(whole(1, None, "a whole number of days, 1 or more"))] | None = None
    reference: Text | None = None
    review_by: Day | None = None
    outcome_for_child: Text | None = None
    reason: Text


class DecisionSigned(Event, frozen=True):
    """Somebody signed a decision about a finding, a tier or a weight."""

    is_decision: ClassVar[bool] = True

    type: Literal["decision_signed"] = "decision_signed"
    decision: Literal["close_finding", "lower_tier", "confirm_weight", "other"]
    target: Key | None = None
    tier: Tier | None = None
    reason: Text

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.decision == "close_finding" and self.target is None:
            raise wrong("the key of the finding to close", field="target")
        if self.decision == "confirm_weight":
            if self.target is None:
                raise wrong("the id of the weighing to confirm", field="target")
            if self.target == self.id:
                raise wrong("the id of another event", field="target", value=self.id)
        if self.decision == "lower_tier" and self.tier is None:
            raise wrong("the tier to lower to: T0, T1 or T2", field="tier")
        return self


class ProtocolAdopted(Event, frozen=True):
    """A protocol came into force for the child, named by its id and content hash."""

    is_decision: ClassVar[bool] = True

    type: Literal["protocol_adopted"] = "protocol_adopted"
    protocol: Text
    hash: Text
