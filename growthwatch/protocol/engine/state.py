"""The state of the fold: a value from which it can go on, and what changes on one day."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

from growthwatch.protocol.child import Child
from growthwatch.protocol.child.tasks import Task
from growthwatch.protocol.document import Protocol
from growthwatch.protocol.file.values import TierName
from growthwatch.protocol.kinds.kind import Kind, Outcome
from growthwatch.protocol.schedule import Due

__all__ = [
    "PASSING",
    "DayChange",
    "First",
    "OpenFinding",
    "Refusal",
    "Snooze",
    "Standing",
    "State",
    "rule_of",
    "slot_of",
]


PASSING = frozenset({"due"})
"""Who names days on which only the state of the next weighing changes."""


def slot_of(rule_id: str, subject: str) -> str:
    """Under which name the finding of a rule, about a subject if it has one, is kept."""
    return f"{rule_id}:{subject}" if subject else rule_id


def rule_of(slot: str) -> str:
    """Id of the rule whose finding is kept under a name: an id has no colon."""
    return slot.partition(":")[0]


@dataclass(slots=True)
class OpenFinding:
    """A finding while the fold runs.

    ``outcome`` is what it rests on at its gravest, ``latest`` what its rule found the last time it was met,
    ``raised`` the days on which it opened and grew graver, each with the level, and ``rests`` what each of
    these levels rests on.  ``anew``: the last of these days is that on which it was judged anew, as what it
    had rested on was an error.  ``subject`` is what it is about, empty where that is the child.
    ``climbed``: rungs that it reached at a level from which it has fallen back since: they stay reached.
    ``climbs_on``: the next day on which one of its deeds is late if nothing is new; ``led_on``: the deeds of which
    that has set those of the next rung.  ``under``: the
    protocols, or stretches of their days, under whose values it opened and grew graver.  ``led_to``: the last day on
    which the ladder looked at all its deeds.
    """

    rule: Kind
    key: str
    opened_on: int
    level: int
    outcome: Outcome
    latest: Outcome
    raised: list[tuple[int, int]]
    tasks: list[Task]
    rests: dict[int, Outcome]
    anew: bool = False
    closed_on: int | None = None
    closed_by: str | None = None
    subject: str = ""
    climbed: frozenset[str] = frozenset()
    climbs_on: int = 0
    led_on: frozenset[str] = frozenset()
    under: tuple[Protocol, ...] = ()
    led_to: int = 0
    _known: list[Task] | None = field(default=None, init=False, repr=False, compare=False)
    _count: int = field(default=0, init=False, repr=False, compare=False)
    _waited: list[Task] = field(default_factory=list[Task], init=False, repr=False, compare=False)
    _places: list[int] = field(default_factory=list[int], init=False, repr=False, compare=False)
    _times: dict[int, int] = field(default_factory=dict[int, int], init=False, repr=False, compare=False)

    @property
    def waited(self) -> list[Task]:
        """Its deeds, without those that were set anew, in order of setting."""
        self._look_on()
        return self._waited

    def times_set(self, level: int) -> int:
        """How often what a level asks for was set."""
        self._look_on()
        return self._times.get(level, 0)

    def set_anew(self, new: list[Task], day: int, done: Callable[[Task], bool]) -> None:
        """Set what it asks for anew on a day: nobody waits any longer for what is not done."""
        self._look_on()
        kept: list[int] = []
        for at in self._places:
            if done(self.tasks[at]):
                kept.append(at)
            else:
                self.tasks[at] = replace(self.tasks[at], replaced_on=day)
        self._waited, self._places = [self.tasks[at] for at in kept], kept
        self.tasks += new

    def _look_on(self) -> None:
        """Look through what was added: a finding that asks anew and anew keeps all that it ever asked for."""
        if self._known is self.tasks and self._count == len(self.tasks):
            return
        if self._known is not self.tasks or self._count > len(self.tasks):
            self._known, self._count, self._waited, self._places, self._times = self.tasks, 0, [], [], {}
        for at in range(self._count, len(self.tasks)):
            task = self.tasks[at]
            if task.replaced_on is None:
                self._waited.append(task)
                self._places.append(at)
            self._times[task.level] = max(self._times.get(task.level, 0), task.times + 1)
        self._count = len(self.tasks)

    @property
    def slot(self) -> str:
        """Under which name it is kept."""
        return slot_of(self.rule.id, self.subject)

    def since_level(self, level: int, otherwise: int) -> int:
        """First day on which it reached a level or a graver one."""
        return min((day for day, n in self.raised if n >= level), default=otherwise)

    @property
    def uncertain(self) -> bool:
        """Whether it rests on weights alone that may be wrong either way: it asks for another, and for nothing else."""
        return bool(getattr(self.rule.levels[self.level], "uncertain", False))

    def fork(self) -> OpenFinding:
        """A finding that can go on from here without touching this one."""
        return OpenFinding(
            self.rule,
            self.key,
            self.opened_on,
            self.level,
            self.outcome,
            self.latest,
            self.raised.copy(),
            self.tasks.copy(),
            self.rests.copy(),
            self.anew,
            self.closed_on,
            self.closed_by,
            self.subject,
            self.climbed,
            self.climbs_on,
            self.led_on,
            self.under,
            self.led_to,
        )


@dataclass(frozen=True, slots=True)
class Refusal:
    """A decision that was not admitted, why, and what would make it acceptable."""

    event: str
    on: int
    reasons: tuple[str, ...]
    helps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Override:
    """An override that was admitted: of which decision, from which day to which, signed in which role.

    ``standing`` is how closely the child was watched before it, ``slot`` names the finding that it suspends;
    ``lapsed`` says that its time is over.
    """

    event: str
    refused: str
    day: int
    until: int
    role: str
    standing: Standing | None = None
    slot: str | None = None
    lapsed: bool = False


def _nothing_void() -> dict[int, str]:
    return {}


@dataclass(frozen=True, slots=True)
class First:
    """The first day, and what was found on it.

    ``older`` and ``unmet`` are keys: of findings that wait for one reading, and of those that two weights no longer
    meet.  ``read_by`` is the last day of the reading, ``urgent`` says that it presses, ``resumed`` from which day on
    the older ones have their own time; 0 until then.  ``void``: by the day of the weight, why an entry of the start
    plan does not count.
    """

    day: int
    older: tuple[str, ...]
    unmet: tuple[str, ...]
    read_by: int
    urgent: bool
    resumed: int = 0
    void: Mapping[int, str] = field(default_factory=_nothing_void)


@dataclass(frozen=True, slots=True)
class Snooze:
    """The next step of a finding waits, at a level, from one day to another.

    ``ended`` is the day on which something ended it before its time, or None.
    """

    event: str
    key: str
    level: int
    since: int
    until: int
    why: str
    reason: str
    ended: int | None = None

    def holds(self, day: int) -> bool:
        """Whether it holds on a day."""
        return self.since <= day <= self.until and (self.ended is None or day < self.ended)


@dataclass(frozen=True, slots=True)
class Standing:
    """How closely a child is watched, and what holds it there.

    Attributes
    ----------
    tier, since, rose
        The tier, the day from which it holds, and the day on which it last rose.
    cap
        The next weighing as it would be had the tier not risen: a rise makes nothing due later.
    witness
        Events on which the tier rests.
    steady_from
        Weight from which steadiness counts.
    released
        Findings that hold the tier no longer, and at which level.
    rests_on
        Events that the finding itself named which raised it.
    by_age
        Whether it rests on having been born early or light alone, and so ends by itself.
    began
        Of each tier: the day on which it or a higher one was last reached from below, and the events that did it.
    """

    tier: TierName = "T0"
    since: int = 0
    rose: int = 0
    cap: Due | None = None
    witness: tuple[str, ...] = ()
    steady_from: str | None = None
    released: Mapping[str, int] = field(default_factory=dict[str, int])
    rests_on: tuple[str, ...] = ()
    by_age: bool = False
    began: Mapping[TierName, tuple[int, tuple[str, ...]]] = field(
        default_factory=dict[TierName, tuple[int, tuple[str, ...]]]
    )


@dataclass(slots=True)
class State:
    """Where the fold stands at the end of a day.

    Attributes
    ----------
    day
        The day, as an ordinal.
    child
        What is known of the child.
    protocol
        The one in force.
    standing
        The tier and what holds it.
    due
        The next weighing.
    open, closed
        Findings: by rule and subject (`slot_of`), and in order of closing.
    outcomes, slots
        What each rule found when it was last judged, by rule and subject; and, of a rule with subjects, under which
        of these names.
    refused, decided
        Decisions that were not admitted, and ids of all that were judged.
    wakes
        Days to look at again, by who named any (`wake`).
    given
        The protocols among which an adoption chooses, by hash; None where one judges, whatever was adopted.
    withdrawn
        For each request that its asker withdrew, by which decision.
    snoozes
        Snoozes that were admitted, in order of recording.
    ended_plans
        Plans that a signature ended, each on which day and by which decision.
    first_on, first
        The day on which the protocol came into force for the child, or None where it is judged as if it always had
        been; and, from that day on, what was found on it.
    overrides, suspended
        Overrides that were admitted, and findings that one of them suspends, as in `open`.
    lowered
        For each decision that lowered the tier, how closely the child was watched before it.
    past
        The child as protocols other than the one in force read it (`Past`), where there are any.
    """

    child: Child
    protocol: Protocol
    day: int = 0
    standing: Standing = field(default_factory=Standing)
    due: Due = field(default_factory=lambda: Due(None))
    open: dict[str, OpenFinding] = field(default_factory=dict[str, OpenFinding])
    closed: list[OpenFinding] = field(default_factory=list[OpenFinding])
    outcomes: dict[str, Outcome] = field(default_factory=dict[str, Outcome])
    slots: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    refused: list[Refusal] = field(default_factory=list[Refusal])
    decided: set[str] = field(default_factory=set[str])
    wakes: dict[str, tuple[int, ...]] = field(default_factory=dict[str, tuple[int, ...]])
    given: Mapping[str, str] | None = None
    withdrawn: dict[str, str] = field(default_factory=dict[str, str])
    snoozes: list[Snooze] = field(default_factory=list[Snooze])
    ended_plans: dict[str, tuple[int, str]] = field(default_factory=dict[str, tuple[int, str]])
    first_on: int | None = None
    first: First | None = None
    overrides: list[Override] = field(default_factory=list[Override])
    suspended: dict[str, OpenFinding] = field(default_factory=dict[str, OpenFinding])
    lowered: dict[str, Standing] = field(default_factory=dict[str, Standing])
    past: Any = None

    @property
    def tier(self) -> TierName:
        """How closely the child is watched."""
        return self.standing.tier

    def holds_none(self, key: str) -> bool:
        """Whether a finding holds no tier: two weights no longer met it on the first day, and none has since."""
        return self.first is not None and key in self.first.unmet

    def open_of(self, rule: Kind) -> list[OpenFinding]:
        """Open findings of a rule, in order of opening."""
        if not rule.has_subjects():
            found = self.open.get(rule.id)
            return [] if found is None else [found]
        return [f for f in self.open.values() if f.rule.id == rule.id]

    def fork(self, child: Child | None = None) -> State:
        """A state that can go on from here without touching this one; with the same child, if nothing is read."""
        return State(
            child or self.child.fork(),
            self.protocol,
            self.day,
            self.standing,
            self.due,
            {id: f.fork() for id, f in self.open.items()},
            self.closed.copy(),
            self.outcomes.copy(),
            self.slots.copy(),
            self.refused.copy(),
            self.decided.copy(),
            self.wakes.copy(),
            self.given,
            self.withdrawn.copy(),
            self.snoozes.copy(),
            self.ended_plans.copy(),
            self.first_on,
            self.first,
            self.overrides.copy(),
            {id: f.fork() for id, f in self.suspended.items()} if self.suspended else {},
            self.lowered.copy(),
            self.past,
        )

    def wake(self, who: str, days: tuple[int, ...]) -> None:
        """Look again on days that somebody names, instead of those that he named before."""
        if days:
            self.wakes[who] = days
        else:
            self.wakes.pop(who, None)

    def named(self) -> set[str]:
        """Who has named the day."""
        return {who for who, days in self.wakes.items() if self.day in days}

    def next_wake(self, passing: frozenset[str] = frozenset()) -> int | None:
        """First later day that the schedule or a rule has named, apart from those that `passing` named."""
        day = self.day
        named = [w for id, wakes in self.wakes.items() if id not in passing for w in wakes if w > day]
        return min(named, default=None)


# The plain types, for a generic alias takes far longer to call.
_none = cast("Callable[[], list[Any]]", list)
_nothing = cast("Callable[[], dict[str, Any]]", dict)


@dataclass(slots=True)
class DayChange:
    """What changed on one day."""

    day: int
    opened: list[tuple[OpenFinding, int]] = field(default_factory=_none)
    raised: list[tuple[OpenFinding, int, int]] = field(default_factory=_none)
    eased: list[tuple[OpenFinding, int]] = field(default_factory=_none)
    outcomes: dict[str, Outcome] = field(default_factory=_nothing)
    closed: list[OpenFinding] = field(default_factory=_none)
    tier: tuple[TierName, TierName] | None = None
    protocol: str | None = None
    due: int | None = None
    due_state: str = "none"
    due_changed: bool = False
    deadline: int | None = None
    refused: list[Refusal] = field(default_factory=_none)
    climbed: list[tuple[OpenFinding, int, str]] = field(default_factory=_none)
    """Findings that reached another rung of the ladder, at which of their levels, and which rung."""

    def most_urgent(self) -> int | None:
        """The most urgent deadline newly set on the day, before later days put any of them off."""
        days = [t.deadline for f, level in self.opened for t in f.tasks if t.set_on == self.day and t.level <= level]
        days += [
            t.deadline for f, _, level in self.raised for t in f.tasks if t.set_on == self.day and t.level == level
        ]
        days += [t.deadline for f, level in self.eased for t in f.tasks if t.set_on == self.day and t.level == level]
        days += [t.deadline for f, level, rung in self.climbed for t in self.asked(f, level, rung)]
        return min(days, default=None)

    @property
    def answer(self) -> bool:
        """Whether anything changed that somebody must know or do."""
        return bool(
            self.opened or self.raised or self.eased or self.closed or self.tier or self.refused or self.protocol
        )

    @property
    def anything(self) -> bool:
        """Whether anything changed, the state of the next weighing and the ladder included."""
        return self.answer or self.due_changed or bool(self.climbed)

    def asked(self, finding: OpenFinding, level: int, rung: str) -> list[Task]:
        """What a rung that was reached on the day asks for."""
        return [t for t in finding.tasks if t.set_on == self.day and t.level == level and t.rung == rung]

    def rise(self, before: TierName, to: TierName) -> None:
        """Keep that the tier changed: from what it was at the beginning of the day."""
        self.tier = (self.tier[0] if self.tier else before, to)
