"""The kinds of rule: the one closed list, and what a kind of one's own is made of."""

from growthwatch.protocol.kinds.cp_chart import CpChart
from growthwatch.protocol.kinds.danger import DangerSign
from growthwatch.protocol.kinds.doubts import Doubt
from growthwatch.protocol.kinds.fluid import FastGain, FluidGain
from growthwatch.protocol.kinds.gain import ConditionalGain, RunningEvidence
from growthwatch.protocol.kinds.held import HeldByNothing
from growthwatch.protocol.kinds.kilograms import LossFromBest, NoNetGain
from growthwatch.protocol.kinds.kind import (
    NOT_MET,
    At,
    Cm,
    Count,
    Day,
    Given,
    GrowthKind,
    Kg,
    Kind,
    Outcome,
    Ratio,
    Reminder,
    Seen,
    Share,
    Spaces,
    Topic,
    Values,
    Z,
)
from growthwatch.protocol.kinds.length_due import LengthDue
from growthwatch.protocol.kinds.lines import BelowLine, FallFromBirth, FallOnCondition
from growthwatch.protocol.kinds.newborn import BelowPrevious, BirthWeightNotRegained, NewbornLoss
from growthwatch.protocol.kinds.schedule import SeenNotWeighed, WeighingDue, WeighingOverdue
from growthwatch.protocol.kinds.signs import Unwell
from growthwatch.protocol.kinds.thin_or_short import ThinOrShort
from growthwatch.protocol.kinds.very_low import VeryLow
from growthwatch.protocol.kinds.wasting import Wasting
from growthwatch.protocol.kinds.worry import WorryNoWeight

__all__ = [
    "KINDS",
    "NOT_MET",
    "At",
    "Cm",
    "Count",
    "Day",
    "Given",
    "GrowthKind",
    "Kg",
    "Kind",
    "Outcome",
    "Ratio",
    "Reminder",
    "Seen",
    "Share",
    "Spaces",
    "Topic",
    "Values",
    "Z",
]

KINDS: dict[str, type[Kind]] = {
    kind.KIND: kind
    for kind in (
        WeighingDue,
        WeighingOverdue,
        SeenNotWeighed,
        NewbornLoss,
        BelowPrevious,
        BirthWeightNotRegained,
        FallFromBirth,
        BelowLine,
        LossFromBest,
        NoNetGain,
        ConditionalGain,
        RunningEvidence,
        FallOnCondition,
        VeryLow,
        FluidGain,
        FastGain,
        DangerSign,
        Unwell,
        Doubt,
        HeldByNothing,
        WorryNoWeight,
        Wasting,
        ThinOrShort,
        CpChart,
        LengthDue,
    )
}
"""The packaged kinds of rule, by name."""
