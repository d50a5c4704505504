"""What people get: reviews, findings and what must be done; plain and frozen."""

from growthwatch.protocol.answers.admit import Admitted, Refused, admit
from growthwatch.protocol.answers.compare import compare
from growthwatch.protocol.answers.compared import Comparison
from growthwatch.protocol.answers.many import review_many
from growthwatch.protocol.answers.parts import Finding, NextWeighing, Obligation, TraceLine
from growthwatch.protocol.answers.replay import Change, replay
from growthwatch.protocol.answers.review import Review, review
from growthwatch.protocol.answers.start_plan import StartPlan, start_plan
from growthwatch.protocol.answers.to_do import Deed, ToDo

__all__ = [
    "Admitted",
    "Change",
    "Comparison",
    "Deed",
    "Finding",
    "NextWeighing",
    "Obligation",
    "Refused",
    "Review",
    "StartPlan",
    "ToDo",
    "TraceLine",
    "admit",
    "compare",
    "replay",
    "review",
    "review_many",
    "start_plan",
]
