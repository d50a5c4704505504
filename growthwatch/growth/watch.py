"""Running evidence as a state that steps: the arithmetic behind `growthwatch.growth.evidence`.

A `State` is all that the weights of a child so far have to say of the next one: a plain, small
value that can be kept, copied and pickled.  `Watch.run` goes on from it, and what it gives does
not depend on where it was stopped in between.  For many children side by side the same steps
are taken on columns (`growthwatch.growth.channel`), and give the same to the last bit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple, cast

import numpy as np

from growthwatch.growth.acute import Acute, AcuteWatch
from growthwatch.growth.channel import ONE, Figures, Look, Seen
from growthwatch.growth.detector import Detector, SlowChannel, detector
from growthwatch.growth.model import FREE_LEVEL_SD, LEAST_DRIFT, WeightModel, turns, weight_model
from growthwatch.growth.monthly import Monthly, MonthlyWatch
from growthwatch.growth.slow import Slow, SlowWatch

__all__ = ["Acute", "Row", "Slow", "State", "Watch", "first_of", "watch"]

_MOST_KEPT = 20_000  # steps between two ages of which the figures are kept


class Row(NamedTuple):
    """One child's weight of a day.

    Attributes
    ----------
    age_days
        Age by which growth is followed [days].
    z
        Z, carried across changes of table [SD].
    noise
        SD of one weighing [SD of z].
    fresh
        Whether it has no table in common with the row before.
    """

    age_days: float
    z: float
    noise: float
    fresh: bool


class State(NamedTuple):
    """Running evidence of one child after a row.

    Attributes
    ----------
    slow_ratio, acute_ratio
        Evidence of the two channels.
    opened
        Prior weight of the slow channel's hypotheses that was opened by its last look.
    slow, acute
        The channels; None before the first row.
    looked
        Age at which the slow channel looked last [days].
    recent
        Age, z and fresh start of the last rows, as far back as the slow channel's median reaches.
    """

    slow_ratio: float = 0.0
    acute_ratio: float = 0.0
    slow: Slow | Monthly | None = None
    acute: Acute | None = None
    looked: float = -math.inf
    recent: tuple[tuple[float, float, bool], ...] = ()
    moved: bool = False
    """Whether there was a fresh start since the last look."""
    opened: float = 0.0

    @property
    def ratio(self) -> float:
        """The evidence: the greater of both channels."""
        return max(self.slow_ratio, self.acute_ratio)

    @property
    def fit(self) -> float:
        """How many times better slowing that has begun by now fits than healthy growth; NaN before the first look."""
        return self.slow_ratio / self.opened if self.opened > 0 else math.nan

    @property
    def said(self) -> float:
        """What words go by: `fit`, or the evidence itself where it is the greater and as true."""
        return max(self.fit, self.ratio) if self.opened > 0 else math.nan


def first_of(value: Any, m: int) -> Any:
    """What is of the first children, from figures of more."""
    if isinstance(value, tuple):
        parts = [first_of(part, m) for part in cast("tuple[Any, ...]", value)]
        make: Any = getattr(cast("Any", value), "_make", tuple)
        return make(parts)
    return value[..., :m] if hasattr(value, "shape") else value


class Watch:
    """The detector on a model of healthy growth, ready to watch children.

    Parameters
    ----------
    found, model
        Detector and covariance.
    error
        SD of the reference's own error [SD of z], from `reference_error`.
    """

    def __init__(self, found: Detector, model: WeightModel, error: float = 0.0):
        self.found, self.model, self.error = found, model, error
        self.error_days = (found.reference_error.days,) if error > 0 else ()
        self.slow: SlowWatch | MonthlyWatch = (
            SlowWatch(found, found.slow, model, error)
            if isinstance(found.slow, SlowChannel)
            else MonthlyWatch(found, found.slow, model, error)
        )
        self.acute = AcuteWatch(found, found.acute, model, error)
        self._back = math.ceil(found.slow.window_days) - 1  # rows beside a look that its median may reach
        both = (*self.slow.models, *self.acute.models)
        self._fade_days = np.array([*(m.transient_days for m in both), found.reference_error.days])[:, None]
        self._drift_most = [1.0 - m.permanent - m.transient for m in both]
        self._turns: dict[tuple[float, float], tuple[float, ...]] = {}

    # --- one child --------------------------------------------------------------------

    def run(self, state: State, rows: Sequence[Row]) -> list[State]:
        """Go on from a state by further rows, in order of age; the state after each."""
        weights, seen = self.prepare(state, rows)
        first_look, first_weight = state.slow is None, state.acute is None
        slow, slow_ratio, opened = state.slow, state.slow_ratio, state.opened
        by_slow, by_acute = cast("Any", self.slow), self.acute
        slow_after: list[tuple[Slow | Monthly | None, float, float]] = []
        at_acute = by_acute.channel.begins if state.acute is None else state.acute.at
        looks: list[Look] = []
        shown: list[Seen] = []
        for row, pair, at in zip(rows, weights, seen, strict=True):
            if at.pair is not None:
                look = self._look(by_slow, at.pair, at.z, at.fresh, first_look, 0)
                slow, slow_ratio, opened = by_slow.look(ONE, slow, look)
                first_look = False
            slow_after.append((slow, slow_ratio, opened))
            look = self._look(by_acute, pair, row.z, row.fresh, first_weight, 2)
            showed = by_acute.channel.look(ONE, at_acute, look)
            at_acute, first_weight = showed.at, False
            looks.append(look)
            shown.append(showed)
        if not rows:
            return []
        ages, gaps = (np.array([look[k] for look in looks]) for k in (0, 2))
        side_by_side = by_acute.shown(ages, gaps, [look.usual for look in looks], shown)
        before = None if state.acute is None else state.acute.falls
        acute, falls = by_acute.look(side_by_side, np.array([0, len(rows)]), before)
        return [
            State(ratio, acute_ratio, now, Acute(showed.at, alive), at.looked, at.recent, at.moved, weight)
            for (now, ratio, weight), acute_ratio, showed, alive, at in zip(
                slow_after, acute.tolist(), shown, falls, seen, strict=True
            )
        ]

    def prepare(self, state: State, rows: Sequence[Row]) -> tuple[list[_Pair], list[_Sight]]:
        """Work out how the filter moves along rows, all at once: what `run` does first."""
        seen = self._slow_sees(state, rows)
        before = state.acute.at.age if state.acute else None
        weights: list[_Pair] = []
        for row in rows:
            weights.append(_Pair(row.age_days if before is None else before, row.age_days, row.noise))
            before = row.age_days
        self._learn([*weights, *(at.pair for at in seen if at.pair is not None)])
        return weights, seen

    def _slow_sees(self, state: State, rows: Sequence[Row]) -> list[_Sight]:
        """At which rows the slow channel looks, and the medians that it sees there."""
        slow = self.found.slow
        looked, recent, moved = state.looked, state.recent, state.moved
        before = self.slow.age(cast("Any", state.slow)) if state.slow else None
        out: list[_Sight] = []
        for age, z, noise, fresh in rows:
            recent = (*(r for r in recent if age - r[0] < slow.window_days), (age, z, fresh))[-1 - self._back :]
            moved = moved or fresh
            if age - looked < slow.every_days:
                out.append(_Sight(None, z, False, looked, recent, moved))
                continue
            ages, zs = [age], [z]
            for (earlier, its, _), (_, _, begins) in zip(recent[-2::-1], recent[:0:-1], strict=True):
                if begins:
                    break  # a window never reaches past a change of table that has no common ground
                ages.append(earlier)
                zs.append(its)
            middle = _median(ages)
            pair = _Pair(middle if before is None else before, middle, noise)
            looked, before, fresh, moved = age, middle, moved and before is not None, False
            out.append(_Sight(pair, _median(zs), fresh, looked, recent, moved))
        return out

    def _learn(self, pairs: Sequence[_Pair]) -> None:
        """Work out how the filter moves between two ages, where that is not known yet."""
        known = self._turns
        new = list({(p.before, p.age) for p in pairs if (p.before, p.age) not in known})
        if new:
            if len(known) > _MOST_KEPT:
                known.clear()
                new = list({(p.before, p.age) for p in pairs})
            before, age = np.array(new).T
            figures = np.concatenate((turns(self.model, before, age), np.exp((before - age) / self._fade_days)))
            rows: list[list[float]] = figures.T.tolist()
            for ages, row in zip(new, rows, strict=True):
                known[ages] = tuple(row)

    def _look(
        self, channel: SlowWatch | MonthlyWatch | AcuteWatch, pair: _Pair, z: float, fresh: bool, first: bool, own: int
    ) -> Look:
        figures = self._turns[pair.before, pair.age]
        turn = figures[:7]
        square = pair.noise * pair.noise
        steps: list[Figures] = []
        for most, fade in zip(self._drift_most[own : own + 2], figures[7 + own : 9 + own], strict=True):
            drift, lost = math.sqrt(max(most - square, LEAST_DRIFT)), 1.0 - fade * fade
            if self.error > 0:
                changes = figures[11]
                steps.append((*turn, drift, square, fade, changes, lost, 1.0 - changes * changes))
            else:
                steps.append((*turn, drift, square, fade, lost))
        gap = math.inf if first else pair.age - pair.before
        counted, free = 0.0 if fresh or first else 1.0, FREE_LEVEL_SD**2 if fresh else 0.0
        return Look(pair.age, z, gap, channel.short(gap), counted, free, steps[0], steps[1])


class _Pair(NamedTuple):
    """Ages of the look before and of a look [days], and its weighing noise [SD of z]."""

    before: float
    age: float
    noise: float


class _Sight(NamedTuple):
    """What the slow channel sees at a row: nothing, or a look; and what it keeps in mind."""

    pair: _Pair | None
    z: float
    fresh: bool
    looked: float
    recent: tuple[tuple[float, float, bool], ...]
    moved: bool


def _median(figures: list[float]) -> float:
    figures.sort()
    return (figures[(len(figures) - 1) // 2] + figures[len(figures) // 2]) / 2.0


@lru_cache(maxsize=16)
def watch(error: float = 0.0, found: str | None = None, model: str | None = None) -> Watch:
    """The packaged detector on the packaged model, for an error of the reference.

    Parameters
    ----------
    error
        SD of the reference's own error [SD of z].
    found, model
        Versions of the figures of the detector and of the model; None: the latest.
    """
    return Watch(detector(found), weight_model(model), error)
