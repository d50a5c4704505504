"""What must happen: schedule, triggers and obligations; a pure fold over one child's events."""

from growthwatch.core.modules import callable_module
from growthwatch.protocol.answers import (
    Admitted,
    Change,
    Comparison,
    Finding,
    NextWeighing,
    Obligation,
    Refused,
    Review,
    StartPlan,
    TraceLine,
    admit,
    compare,
    replay,
    review,
    review_many,
    start_plan,
)
from growthwatch.protocol.answers.json_schema import review_schema
from growthwatch.protocol.document import Protocol, protocol, protocols
from growthwatch.protocol.file.signing import Signature
from growthwatch.protocol.kinds import KINDS, Outcome
from growthwatch.protocol.kinds import At as Context
from growthwatch.protocol.kinds import Kind as Rule

__all__ = [
    "KINDS",
    "Admitted",
    "Change",
    "Comparison",
    "Context",
    "Finding",
    "NextWeighing",
    "Obligation",
    "Outcome",
    "Protocol",
    "Refused",
    "Review",
    "Rule",
    "Signature",
    "StartPlan",
    "TraceLine",
    "admit",
    "compare",
    "protocol",
    "protocols",
    "replay",
    "review",
    "review_many",
    "review_schema",
    "start_plan",
]

callable_module(__name__, protocol)
