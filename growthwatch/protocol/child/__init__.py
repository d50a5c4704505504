"""The record as the protocol reads it: one ledger a matter."""

from growthwatch.protocol.child.ages import Birth, months_after
from growthwatch.protocol.child.child import TAKEN, Child, read_child
from growthwatch.protocol.child.ledger import Topic
from growthwatch.protocol.child.reading import Reading
from growthwatch.protocol.child.scorer import Scorer
from growthwatch.protocol.child.signed import Plan, condition_reference
from growthwatch.protocol.child.stays import Stay
from growthwatch.protocol.child.weight import (
    ASSUMED,
    NO_WEIGHT,
    SUSPECTED,
    UNCERTAIN,
    UNDATED,
    UPPER_BOUND,
    VALID,
    Weight,
)

__all__ = [
    "ASSUMED",
    "NO_WEIGHT",
    "SUSPECTED",
    "TAKEN",
    "UNCERTAIN",
    "UNDATED",
    "UPPER_BOUND",
    "VALID",
    "Birth",
    "Child",
    "Plan",
    "Reading",
    "Scorer",
    "Stay",
    "Topic",
    "Weight",
    "condition_reference",
    "months_after",
    "read_child",
]
