"""One short reason a weighing: whether the weights so far ask for something, or why that cannot be told.

Nothing is judged here.  The gravest of what rules and evidence have found is said, in this order: a danger, a concern,
something to watch, a weight in doubt, one that cannot be told, and only then that nothing was found.  Which rule is
which follows from the packaged figures: a danger is a rule from the level on that ``growth-rules.toml`` names so; a
concern is a rule that is met at a national level, or evidence that is red, which asks for the same; any other rule
that is met, and evidence that is amber, are to be watched.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from growthwatch.core.status import Status
from growthwatch.growth.detector import detector
from growthwatch.growth.evidence import Evidence
from growthwatch.growth.published import GrowthRules
from growthwatch.growth.rules import GrowthRule, packaged_dangers
from growthwatch.references.distributions import Floats

__all__ = ["KINDS", "NOTHING", "Faltering", "faltering", "latest_rows"]

Flags = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int16]
Places = npt.NDArray[np.intp]

KINDS = ("danger", "concern", "watch")
"""What asks for something, the gravest first: how the words begin."""
NOTHING = "nothing found"
DOUBT = "in doubt, weigh again"
UNUSED = "cannot tell: does not count"
_RED, _AMBER = "evidence of slowing is red", "evidence of slowing is amber"


@dataclass(frozen=True)
class Faltering:
    """Whether the weights up to each weighing ask for something, in the order given.

    Attributes
    ----------
    code
        Place of the words of each row in `words`.
    words
        All that may be said, the gravest first: a closed list, which depends on the rules and on no weight.
    """

    code: Codes
    words: tuple[str, ...]

    @cached_property
    def text(self) -> npt.NDArray[Any]:
        """The words of each row."""
        return np.array(self.words, object)[self.code]


def _cannot_tell(status: Status) -> str:
    return f"cannot tell: {str(status).replace('_', ' ')}"


def _levels(rule: GrowthRule) -> Iterator[tuple[str, str, int]]:
    """Each level of a rule, gravest first: what it is, its words, its number from 1."""
    dangers = {d.rule: d.level for d in packaged_dangers()}
    names = [level.name for level in rule.levels]
    from_level = names.index(dangers[rule.id]) if dangers.get(rule.id) in names else len(names)
    for k in range(len(names) - 1, -1, -1):
        level = rule.levels[k]
        national = (level.tag or rule.tag) == "N" or any((m.tag or rule.tag) == "N" for m in rule.levels[:k])
        kind = "danger" if k >= from_level else "concern" if national else "watch"
        name = rule.name if len(names) == 1 else f"{rule.name}, {level.name}"
        yield kind, name[0].lower() + name[1:], k + 1


def faltering(
    evidence: Evidence,
    *,
    status_code: npt.NDArray[np.uint8],
    age_days: Floats,
    high_need: Flags,
    numbers: Places,
    rules: GrowthRules | None = None,
    counts: Flags | None = None,
    doubted: Flags | None = None,
) -> Faltering:
    """Say the gravest of what was found at each weighing; never that nothing was where it could not be judged.

    Parameters
    ----------
    evidence
        Running evidence, one row a weighing.
    status_code
        Why each weighing has, or has not, a z.
    age_days
        Age by which growth is followed, by which a row is put after another [days].
    high_need
        Whether the child of each row has high need: its evidence is amber sooner.
    numbers
        Number of the child of each row.
    rules
        Growth rules, judged at each weighing; None: evidence alone.
    counts, doubted
        Whether each weight may enter trends, and whether it is suspected of being wrong; None: all may, and none is.

    Notes
    -----
    A weight that settles nothing (in doubt, left out, without a z) says beside that what the last one that did had
    found: ``in doubt, weigh again (before: concern)``.  It never takes a concern back.
    """
    n = status_code.size
    used = np.ones(n, np.bool_) if counts is None else counts
    unsure = np.zeros(n, np.bool_) if doubted is None else doubted
    sure = used & ~unsure
    words, found = _found(evidence, high_need, rules, sure, unsure)
    code = np.full(n, -1, np.int16)
    for place in range(len(words) - 1, -1, -1):
        code[found[place]] = place
    untold = code < 0
    # What settles nothing, with what stood before it.
    statuses = [s for s in Status if s is not Status.OK]
    young = f"cannot tell: before {detector().ages.from_days:.0f} days of age"
    plain = [DOUBT, UNUSED, young, *(_cannot_tell(s) for s in statuses)]
    reason = np.full(n, -1, np.int16)
    why = _why(evidence, rules, status_code, age_days, numbers, sure)
    reason[why > 0] = 2 + why[why > 0]  # the first status is that of a row with a number, which is no reason
    reason[why == _YOUNG] = 2
    reason[~used] = 1
    reason[used & unsure] = 0
    kinds = np.array([KINDS.index(w.split(":")[0].split(",")[0]) for w in words] or [0], np.int16)
    last = _last_kind(np.where(untold, np.where(reason < 0, len(KINDS), -1), kinds[code]), age_days, numbers)
    every = [*words, *(f"{p} (before: {k})" for p in plain for k in KINDS), *plain, NOTHING]
    start, alone = len(words), len(words) + len(plain) * len(KINDS)
    settled = untold & (reason < 0)
    code[settled] = len(every) - 1
    rest = untold & ~settled
    before = last[rest]
    code[rest] = np.where(before < len(KINDS), start + reason[rest] * len(KINDS) + before, alone + reason[rest])
    return Faltering(code, tuple(every))


def latest_rows(age_days: Floats, numbers: Places) -> Flags:
    """The row of the latest weighing of each child, one a child: of one age, or without any, the last given."""
    order = _in_time(age_days, numbers)
    ends = np.ones(order.size, np.bool_)
    ends[:-1] = numbers[order][1:] != numbers[order][:-1]
    out = np.zeros(order.size, np.bool_)
    out[order[ends]] = True
    return out


_YOUNG = 255


def _found(
    evidence: Evidence, high_need: Flags, rules: GrowthRules | None, sure: Flags, unsure: Flags
) -> tuple[list[str], list[Flags]]:
    """What may be found, gravest first, and which rows it is found in."""
    limits = detector().thresholds
    with np.errstate(invalid="ignore"):
        red = sure & (evidence.ratio >= limits.red)
        amber = sure & (evidence.ratio >= np.where(high_need, limits.high_need_amber, limits.amber))
    by_kind: dict[str, list[tuple[str, Flags]]] = {kind: [] for kind in KINDS}
    by_kind["concern"].append((f"concern: {_RED}", red))
    by_kind["watch"].append((f"watch: {_AMBER}", amber))
    order = [d.rule for d in packaged_dangers()]
    judged = [] if rules is None else list(rules.judged.values())
    for one in sorted(judged, key=lambda j: order.index(j.rule.id) if j.rule.id in order else len(order)):
        for kind, name, level in _levels(one.rule):
            met = one.level >= level
            by_kind[kind].append((f"{kind}: {name}", met & sure))
            if kind == "danger":
                # One that is too low, or not to be trusted, is confirmed now and reassures nobody.
                by_kind[kind].append((f"danger, confirm now: {name}", met & unsure))
    rows = [x for kind in KINDS for x in by_kind[kind]]
    return [text for text, _ in rows], [flags for _, flags in rows]


def _why(
    evidence: Evidence,
    rules: GrowthRules | None,
    status_code: npt.NDArray[np.uint8],
    age_days: Floats,
    numbers: Places,
    sure: Flags,
) -> npt.NDArray[np.uint8]:
    """Why nothing can be told of a row: a status, `_YOUNG`, or 0 where it can."""
    out = np.zeros(status_code.size, np.uint8)
    numbered = status_code <= Status.IMPLAUSIBLE
    first = numbered & sure & _first(age_days, numbers, numbered & sure)
    compared = np.zeros(status_code.size, np.bool_)
    judged = () if rules is None else tuple(rules.judged.values())
    for one in judged:
        if one.rule.kind != "below_line":  # a place says nothing about a change
            compared |= one.status_code == Status.OK
    compared &= ~first
    young = numbered & (age_days < detector().ages.from_days)
    watched = ~np.isnan(evidence.ratio) & ~young & ~first
    unread = numbered & ~compared & ~watched
    out[unread] = np.where(
        evidence.status_code[unread] > Status.IMPLAUSIBLE, evidence.status_code[unread], Status.NO_PREVIOUS
    )
    out[unread & young] = _YOUNG
    out[unread & first] = Status.NO_PREVIOUS
    out[~numbered] = status_code[~numbered]
    return out


def _in_time(age_days: Floats, numbers: Places) -> Places:
    """Rows of each child in order of age, those without one first; of one age as they were given."""
    return np.lexsort((np.where(np.isnan(age_days), -np.inf, age_days), numbers)).astype(np.intp)


def _first(age_days: Floats, numbers: Places, read: Flags) -> Flags:
    """Whether no earlier day of the child has a weighing that is read."""
    earliest = np.full(int(numbers.max(initial=-1)) + 1, np.inf)
    np.minimum.at(earliest, numbers[read], age_days[read])
    return age_days <= earliest[numbers]


def _last_kind(kind: npt.NDArray[np.int16], age_days: Floats, numbers: Places) -> npt.NDArray[np.intp]:
    """What the last weighing up to each that settled anything had found; the number of kinds where nothing was."""
    order = _in_time(age_days, numbers)
    settled = kind[order] >= 0
    place = np.maximum.accumulate(np.where(settled, np.arange(order.size), -1)) if order.size else order
    same = (place >= 0) & (numbers[order][np.maximum(place, 0)] == numbers[order])
    out = np.full(order.size, len(KINDS), np.intp)
    out[order] = np.where(same, kind[order][np.maximum(place, 0)], len(KINDS))
    return out
