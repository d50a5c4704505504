"""The kinds of rule: the one closed list, and what a kind of one's own is made of."""

from growthwatch.protocol.kinds.advice import AdviceNotWritten
from growthwatch.protocol.kinds.comes_first import ComesFirst
from growthwatch.protocol.kinds.conferences import ConferenceLate
from growthwatch.protocol.kinds.counted import Counted
from growthwatch.protocol.kinds.cp_chart import CpChart
from growthwatch.protocol.kinds.danger import DangerSign
from growthwatch.protocol.kinds.doubts import Doubt
from growthwatch.protocol.kinds.explained_away import ExplainedAway
from growthwatch.protocol.kinds.fall_from_birth import FallFromBirth
from growthwatch.protocol.kinds.first_day import ReadOnce
from growthwatch.protocol.kinds.fluid import FastGain, FluidGain
from growthwatch.protocol.kinds.gain import ConditionalGain, RunningEvidence
from growthwatch.protocol.kinds.handover import HandOver
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
from growthwatch.protocol.kinds.lacking import Lacking
from growthwatch.protocol.kinds.length_due import LengthDue
from growthwatch.protocol.kinds.letters import NotAcknowledged, UnclearLetter
from growthwatch.protocol.kinds.lines import BelowLine, FallOnCondition
from growthwatch.protocol.kinds.missed import NotBrought
from growthwatch.protocol.kinds.newborn import BelowPrevious, BirthWeightNotRegained, NewbornLoss
from growthwatch.protocol.kinds.no_lead import NoLead
from growthwatch.protocol.kinds.not_allocated import NotAllocated
from growthwatch.protocol.kinds.not_for_long import NotForLong
from growthwatch.protocol.kinds.overridden import ReadOverride
from growthwatch.protocol.kinds.plan_kept import PlanKept
from growthwatch.protocol.kinds.points import Points
from growthwatch.protocol.kinds.process import ProcessKind
from growthwatch.protocol.kinds.protection import LegalAdvice, SiblingsSeen, SummaryRead
from growthwatch.protocol.kinds.recovery import NoRecovery
from growthwatch.protocol.kinds.schedule import SeenNotWeighed, WeighingDue, WeighingOverdue
from growthwatch.protocol.kinds.signs import Unwell
from growthwatch.protocol.kinds.thin_or_short import ThinOrShort
from growthwatch.protocol.kinds.vacant import NobodyBeside
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
    "ProcessKind",
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
        NotBrought,
        UnclearLetter,
        NotAcknowledged,
        AdviceNotWritten,
        NoLead,
        HandOver,
        Points,
        NoRecovery,
        ReadOnce,
        ReadOverride,
        Wasting,
        ThinOrShort,
        CpChart,
        Counted,
        NotForLong,
        NotAllocated,
        ComesFirst,
        Lacking,
        ExplainedAway,
        PlanKept,
        SiblingsSeen,
        SummaryRead,
        LegalAdvice,
        NobodyBeside,
        ConferenceLate,
        LengthDue,
    )
}
"""The packaged kinds of rule, by name."""
