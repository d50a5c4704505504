"""A kind of rule: one class that says what it reads, how it judges, what closes it and what is said.

A rule looks at what is known of one child on one day (`At`) and gives an `Outcome`: met or
not, how gravely, on which events, with which numbers.  It keeps no state.  What opens, stays
open and closes is the business of the fold.

Comparisons use unrounded numbers.  Percentages of weights are decimal arithmetic, so that
3.50 to 3.15 kg is exactly 10 %.  z is compared with a tolerance of 1e-9, far below any
figure in the tables, so that "equal" means equal.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal, cast, get_args

from pydantic import Field

from growthwatch.core.said import Said
from growthwatch.growth.false_alarm_table import World
from growthwatch.growth.rules import GrowthRule
from growthwatch.protocol.child import UNCERTAIN, Child, Topic, Weight
from growthwatch.protocol.child.columns import Flags, Followed
from growthwatch.protocol.child.requests import Request
from growthwatch.protocol.child.standing import Stand, stand
from growthwatch.protocol.file.action import Action
from growthwatch.protocol.file.values import TIERS, Closes, Loudness, Sourced, Text, TierName
from growthwatch.protocol.kinds.on_weights import NOT_KNOWN, Judged
from growthwatch.protocol.schedule import Due, Wanted
from growthwatch.record import DecisionSigned

__all__ = [
    "NOT_MET",
    "TOPICS",
    "At",
    "Climbs",
    "Cm",
    "Count",
    "Day",
    "Given",
    "GrowthKind",
    "Kg",
    "Kind",
    "Outcome",
    "Ratio",
    "Reason",
    "Reminder",
    "Seen",
    "Share",
    "Spaces",
    "Topic",
    "Value",
    "Values",
    "Z",
]

NOT_MET = -1

TOPICS: frozenset[Topic] = frozenset(get_args(Topic))


class Day(int):
    """A day, as an ordinal; people see a date."""


class Count(int):
    """A count of days, weights or contacts."""


class Given(int):
    """A number of the protocol that only the sentence needs: it is not shown among what was seen."""


class Kg(float):
    """A weight [kg]."""


class Cm(float):
    """A length [cm]."""


class Z(float):
    """A z, or a difference of two [SD]."""


class Spaces(float):
    """A distance on the chart [centile spaces]."""


class Ratio(float):
    """How many times better one explanation fits than another."""


class Share(float):
    """A share of children, from 0 to 1."""


Value = Day | Count | Given | Kg | Cm | Z | Spaces | Ratio | Share | Decimal | bool | str | tuple[str, ...] | None
"""What an outcome may say: what a number means is its type.  Per cents are decimals."""

Matter = Literal["growth", "people", "schedule"]
"""What a kind of rule is about: growth or illness, what people owe each other, or the schedule alone."""

Climbs = Literal["clinical", "process", "managers", "own"]
"""How silence leads on.

``clinical``: to a clinician, urgent paediatrics, social care; ``process``: to the team lead, then to the managers;
``managers``: to them at once; ``own``: by the rule's own next level.
"""

Values = dict[str, Value]
Seen = Mapping[str, Any]
"""Values of an outcome by name, as a sentence reads them."""


class Reason(str):
    """Why a decision is not admitted; ``helps`` says what would make it acceptable."""

    __slots__ = ("helps",)
    helps: str

    def __new__(cls, says: str, helps: str) -> Reason:
        """Make a reason of what it says, and of what would help."""
        made = super().__new__(cls, says)
        made.helps = helps
        return made


# Nothing by name: the plain type, for a generic alias takes far longer to call.
_nothing = cast("Callable[[], dict[str, Any]]", dict)
_never = cast("Callable[[], dict[TierName, tuple[int, tuple[str, ...]]]]", dict)


@dataclass(slots=True)
class Outcome:
    """What a rule finds on a day.

    Attributes
    ----------
    level
        Index of the level met, -1 for none.
    values
        Numbers that a person needs to see, by name.
    witness
        Ids of the events on which it rests; from those alone it comes out again.
    not_judged
        Why the rule could not be judged, or None.
    hurdle
        What a later weight must reach for the finding to count as recovered.
    weight
        The weight that was judged.
    urgent
        Whether the level's urgent deadline applies.
    notes
        Further sentences.
    wakes
        Days on which the outcome may change by time alone.
    known
        When the last of the weights looked at was written down.
    waits
        Whether the tier waits until the weight that was judged is confirmed.
    best_doubted
        Whether the weight with which it is compared stands alone, so that the tier waits until that is confirmed.
    own
        Of a finding's outcome: the events whose error would undo it, those that the rule itself named; None: the
        witness, as long as nothing that these lean on is added to it.
    today
        Whether every deadline of the level is the day itself.
    deadline
        The last day of every deed of the level, where the file's own days do not tell it.
    """

    level: int = NOT_MET
    values: Seen = field(default_factory=_nothing)
    witness: tuple[str, ...] = ()
    not_judged: str | None = None
    hurdle: Decimal | None = None
    weight: Weight | None = None
    urgent: bool = False
    notes: tuple[str, ...] = ()
    wakes: tuple[int, ...] = ()
    known: dt.datetime | None = None
    waits: bool = False
    best_doubted: bool = False
    own: tuple[str, ...] | None = None
    today: bool = False
    deadline: int | None = None

    def again(self) -> Outcome:
        """The same once more, so that what the fold adds to it stays with one day."""
        return Outcome(
            self.level, self.values, self.witness, self.not_judged, self.hurdle, self.weight, self.urgent, self.notes,
            self.wakes, self.known, self.waits, self.best_doubted, self.own, self.today, self.deadline,
        )  # fmt: skip

    @property
    def unconfirmed(self) -> bool:
        """Whether it rests on a weight that is an upper bound or suspected."""
        w = self.weight
        return w is not None and not w.counts and w.validity != UNCERTAIN


@dataclass(slots=True)
class At:
    """What a rule may look at: a child on a day.

    Attributes
    ----------
    child, day
        What is known of the child, and the day as an ordinal.
    tier, due, high_need
        Tier of the day so far, the next weighing, and whether the child has high need.
    open_since, open_level, reached
        What this rule's own open finding rests on, its level, and all that it has reached; None, -1 and none
        if none is open.
    open, closed
        Open findings by rule id (of a rule with subjects by ``id:subject``), and those that are closed, in order of
        closing.
    since, rose, released
        Day since which the tier stands, day on which it last rose, and open findings that hold it no longer, each at
        which level.
    first
        What was found on the first day; None before it, and where the protocol is judged as if always in force.
    overrides
        Overrides that were admitted, in order.
    withdrawn
        For each request that its asker withdrew, by which decision.
    began
        Of each tier up to the present one: since when the child has been in it or a higher one, and by which events.
    subject
        What this finding of the rule is about; empty where a rule is about the child.
    noted
        By rule id, what a rule worked out for all its subjects: each moment begins with nothing.
    """

    child: Child
    day: int
    tier: TierName
    due: Due
    high_need: bool
    open_since: Outcome | None = None
    open_level: int = NOT_MET
    reached: tuple[int, ...] = ()
    open: Mapping[str, Any] = field(default_factory=_nothing)
    subject: str = ""
    closed: Sequence[Any] = ()
    since: int = 0
    rose: int = 0
    released: Mapping[str, int] = field(default_factory=_nothing)
    noted: dict[str, Any] = field(default_factory=_nothing)
    withdrawn: Mapping[str, str] = field(default_factory=_nothing)
    first: Any = None
    overrides: Sequence[Any] = ()
    began: Mapping[TierName, tuple[int, tuple[str, ...]]] = field(default_factory=_never)

    @property
    def concern(self) -> int:
        """Day from which the child has been in a tier of concern (T2 or T3) without a break; 0 outside."""
        return self.began["T2"][0] if self.tier in ("T2", "T3") and "T2" in self.began else 0

    def was_answered(self, rule: str, ids: Sequence[str], no_longer: Collection[str] = ()) -> bool:
        """Whether a finding that rested on events was closed by something that counts no longer.

        Parameters
        ----------
        rule, ids
            The rule, and the events.
        no_longer
            What counts no longer beside what was marked or corrected.
        """
        gone = self.child.in_error
        closed = [f for f in self.of(rule) if f.closed_on is not None]
        return any(
            (f.closed_by in gone or f.closed_by in no_longer) and not set(ids).isdisjoint(o.own or o.witness)
            for f in closed
            for o in (*f.rests.values(), f.latest)
        )

    def answer_lost(self, types: Collection[str], day: int, since: int) -> bool:
        """Whether something that could have answered an event was taken back since a day, until today.

        It is of the day of the event or later: it may have answered before any finding opened.

        Parameters
        ----------
        types
            Types of the events that answer, or that make an answer count.
        day, since
            Day of the event, and the first day on which it counts that something is taken back [ordinal day].
        """
        return any(type in types and on >= day and since <= lost <= self.day for type, on, lost in self.child.lost)

    def watched_since(self, tier: TierName, day: int) -> bool:
        """Whether the child has been in a tier or a graver one from a day on; the first day counts as before it."""
        if tier not in self.began or TIERS.index(self.tier) < TIERS.index(tier):
            return tier == TIERS[0]
        began = self.began[tier][0]
        return began <= day or (self.first is not None and began == self.first.day)

    @property
    def open_keys(self) -> frozenset[str]:
        """Keys of the findings that are open."""
        return frozenset(f.key for f in self.open.values())

    def stand(self, request: Request) -> Stand:
        """Where a request stands on the day."""
        return stand(self.child, request, self.day, self.tier, self.open_keys, self.withdrawn)

    def of(self, rule_id: str) -> list[Any]:
        """Findings of a rule and of this subject: those closed, in order, and then the one that is open."""
        slot = f"{rule_id}:{self.subject}" if self.subject else rule_id
        found = [f for f in self.closed if f.slot == slot]
        return found + ([self.open[slot]] if slot in self.open else [])


class Kind(Sourced):
    """A kind of rule.

    Most rules are about the child, and have one open finding at most.  A rule about letters, appointments or
    doubts has one for each of them: it names what there is to judge (``subjects``), and judges one at a time.

    A subclass names itself (``KIND``), says what it reads (``READS``), declares its numbers as
    fields, and knows how to judge, what closes it and what to say.  ``VERSION`` counts up when the
    same numbers come to mean something else.  A rule of a file says which version it means (``kind_version``);
    a class that files may still mean stays, in the ``EARLIER`` of the one that came after it.
    What it is about (``ABOUT``) is one of the things by which a list of children is ordered.
    """

    KIND: ClassVar[str]
    VERSION: ClassVar[int] = 1
    EARLIER: ClassVar[tuple[type[Kind], ...]] = ()
    READS: ClassVar[frozenset[Topic]]
    CLIMBS: ClassVar[Climbs] = "process"
    ABOUT: ClassVar[Matter] = "people"

    id: Annotated[str, Field(pattern=r"^[A-Z][A-Za-z0-9]*$")]
    kind: str
    kind_version: Annotated[int, Field(strict=True, ge=1)] = 1
    title: Text
    closes: Closes
    also_closes: Closes | None = None
    closes_words: Text | None = None
    levels: tuple[Any, ...]

    @classmethod
    def of_version(cls, version: object) -> type[Kind] | None:
        """The class that was this kind in a version, or None if it is not kept."""
        return next((kind for kind in (cls, *cls.EARLIER) if version == kind.VERSION), None)

    @classmethod
    def figures(cls) -> dict[str, str]:
        """Content hashes of packaged figures, outside the protocol file, that this kind judges by."""
        return {}

    def faults(self) -> list[str]:
        """Faults that span keys, such as bands that do not rise; none for most kinds."""
        return []

    def leans_on(self) -> tuple[str, ...]:
        """Ids of the rules whose open findings it reads; they are judged before it."""
        return ()

    def subjects(self, at: At) -> Sequence[str]:
        """What there is to judge, one finding each: words of one's own, such as the id of a letter.

        Asked before the rule is judged; what has an open finding is judged in any case.  A subject stays the same
        for as long as anybody may ask for it: it is part of the finding's key.  Most kinds are about the child
        alone, and do not say this.
        """
        return ("",)

    @property
    def selects(self) -> frozenset[str]:
        """Types of event that it looks at as the file says, whatever ledgers take; none for most kinds."""
        return frozenset()

    def after_death(self, at: At) -> Sequence[str]:
        """Subjects that are judged on even after the child has died; none for most kinds."""
        return ()

    @classmethod
    def has_subjects(cls) -> bool:
        """Whether its findings are about one subject each, and not about the child alone."""
        return cls.subjects is not Kind.subjects

    def judge(self, at: At) -> Outcome:
        """Judge one day; where the rule has subjects, the one that `At.subject` names."""
        raise NotImplementedError

    def closed_by(self, at: At, opened: Outcome) -> str | None:
        """Id of the event that closes an open finding without a signature, or None."""
        return None

    def hears_open(self, at: At) -> bool:
        """Whether findings that open, rise or close could change what it finds just now; yes for most kinds.

        Asked of a kind that reads open findings where nothing else that it reads is news.  It may say yes too often,
        never too seldom.
        """
        return True

    def falls_to(self, at: At, outcome: Outcome) -> int | None:
        """Level to which an open finding falls back by what was found today; None where it keeps its own."""
        return None

    def renews(self, at: At, before: Outcome, now: Outcome) -> bool:
        """Whether what it asked for is asked for anew, with its time in full, by an event that was not there before.

        Asked on each day on which an open finding is judged and met; no for most kinds.  What was late stays so.
        """
        return False

    def hastens(self, at: At) -> int | None:
        """Within how many days of today its open duties are due, if that is sooner; None where nothing hastens them."""
        return None

    def signed_off(self, at: At, finding: Any, e: DecisionSigned) -> list[Reason] | None:
        """Why a signature does not close an open finding, as the rule itself has it; None where weights decide that.

        Empty where nothing speaks against it.  Most kinds leave it to two consecutive valid weights.
        """
        return None

    def bars_lowering(self, level: int) -> bool:
        """Whether the tier is not signed down while a finding of a level is open; no for most kinds."""
        return False

    @property
    def held(self) -> bool:
        """Whether its duties wait while the child is in hospital, and are due on the day on which the stay ends."""
        return False

    def climbs(self, level: int) -> Climbs:
        """How silence about a level leads on."""
        return self.CLIMBS

    def rests(self, at: At) -> bool:
        """Whether nothing of an open finding rises, is late or climbs just now; no for most kinds."""
        return False

    def counts_from(self, at: At, level: int) -> int | None:
        """Day from which what shows the deeds of a level done counts, if that is before they are set; mostly None."""
        return None

    def loudness_at(self, level: int, seen: Seen) -> Loudness:
        """How loud a finding of a level is, by what is seen now."""
        return self.levels[level].loudness

    def say(self, seen: Seen, level: int) -> Said:
        """Say what was seen, against what; a count of days up to the day of reading is `Counted`."""
        raise NotImplementedError

    def goes_on(self, now: Outcome) -> bool:
        """Whether a finding that is open is told by what is seen now, though that is less grave than its level."""
        return False

    def about(self, seen: Seen) -> str:
        """What a finding is about, in a few words, where its rule alone does not tell; empty where it does."""
        return ""

    def answer_words(self) -> str:
        """What answers it, in words, where an answer closes it and its file has no words for that."""
        return "an examination is recorded"

    def inside(self, child: Child, weight: Weight, opened: Outcome) -> bool | None:
        """Whether a weight is inside the threshold; None if it cannot be told."""
        return None

    def weighs(self, level: int) -> bool:
        """Whether what a level asks for, where its action names no event, is one weighing; no for most kinds."""
        return False

    def steps_below(self, level: int) -> tuple[int, ...]:
        """Levels whose deeds are asked for, too, where a finding opens at this one: steps add up, none is skipped."""
        return ()

    def asks(self, outcome: Outcome) -> tuple[Action, ...]:
        """What it asks for besides the actions of its level."""
        return ()

    def weighing(self, at: At) -> Wanted | None:
        """A weight that the rule asks for by itself, whatever the schedule says; None for most kinds."""
        return None

    def may_meet(self, followed: Followed) -> Flags:
        """On which weights the rule could be met at all, until the next one.

        Asked of children of whom nothing is known but birth and weights, all of which count; of a child with a
        condition only a kind that does not read conditions is asked.  It may say too much, never too little; a
        kind that does not say so could be met on any.
        """
        return followed.all()

    def speaks_from(self, due: Due, contacts: int) -> int | None:
        """First day on which the rule could be met by the next weighing alone; None where it does not read that.

        Asked of the same children.  It may say too early, never too late; a kind that reads the next weighing and
        does not say so could be met at once.

        Parameters
        ----------
        due
            The next weighing; while only the routine weights are due, its anchor may be an earlier weight than the
            last.
        contacts
            The most contacts there could have been since the last weight.
        """
        return 0 if "due" in self.READS else None


class Reminder(Kind):
    """A kind that reminds on the day, and opens no finding."""


class GrowthKind(Kind):
    """A kind about growth.

    Its findings say how often healthy children meet the rule, bar a lower tier while it is met, and
    may ask for a weight that the schedule would not ask for yet.
    """

    CLIMBS: ClassVar[Climbs] = "clinical"
    ABOUT: ClassVar[Matter] = "growth"

    def on_weights(self, level: int, seen: Seen, child: Child, ages: tuple[int, ...]) -> Judged | str:
        """Put a level as a rule on weights alone, with the protocol's thresholds; or say why that cannot be.

        Parameters
        ----------
        level, seen
            How gravely the rule is met, and on which numbers.
        child, ages
            The child, and the ages at which it was weighed [days].
        """
        return NOT_KNOWN

    def world(self, child: Child, day: int) -> World:
        """Among which healthy children the rate is to be told."""
        return "condition-on-standard" if child.grows_otherwise(day) else "own"

    def dangers(self, child: Child) -> list[GrowthRule]:
        """Levels that a trajectory must show whatever the trend: those reached by falling alone."""
        return []

    @property
    def birth_loss_percent(self) -> float | None:
        """Least loss of birth weight that the rule wants assessed [percent]; None if it is not about that."""
        return None

    def centile_read(self, reference: str, measure: str) -> float | None:
        """Which centile of a reference it reads a measure against, where the lines of charts have none; else None."""
        return None

    @property
    def on_plan(self) -> bool:
        """Whether it judges on the reference that a signed plan names."""
        return False

    def has_fallen(self, level: int, seen: Seen) -> bool | None:
        """Whether the child falls as a level asks, by what is seen now; None where the level does not ask for it."""
        return None

    def eases(self, level: int) -> bool:
        """Whether a finding of a level lets the child be weighed, and its tier be signed down, as the level asks.

        So it does where a finding has fallen back to it from a graver one (`falls_to`); no for most kinds.
        """
        return False

    @property
    def moves_with_plan(self) -> bool:
        """Whether a signed plan may move it to the reference that the plan names."""
        return False
