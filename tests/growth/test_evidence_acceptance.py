"""What the evidence promises, with fewer children than ``benchmarks/evidence_acceptance.py`` takes.

Bounds are those of the benchmark; where so few children leave a rate open, its interval must not lie beyond.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from growthwatch.core.units import DAYS_PER_MONTH
from growthwatch.growth.detector import detector
from growthwatch.growth.model import weight_model

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def bench() -> Iterator[Any]:
    known = set(sys.modules)
    sys.path.insert(0, str(BENCHMARKS))
    try:
        spec = importlib.util.spec_from_file_location("evidence_acceptance", BENCHMARKS / "evidence_acceptance.py")
        assert spec is not None and spec.loader is not None
        made: ModuleType = importlib.util.module_from_spec(spec)
        sys.modules["evidence_acceptance"] = made
        spec.loader.exec_module(made)
        yield made
    finally:
        sys.path.remove(str(BENCHMARKS))
        for name in set(sys.modules) - known:
            if name in ("worlds", "evidence_acceptance"):
                del sys.modules[name]


def within(bench: Any, hits: np.ndarray, percent: float) -> bool:
    """Whether a rate may be as little as promised: the low end of its interval is not beyond."""
    _, low, _ = bench.w.share(int(hits.sum()), hits.size)
    return 100 * low <= percent


def test_as_real_children_it_holds_and_what_was_before_did_not(bench: Any) -> None:
    mine = bench.as_real(8000, 7)
    assert 100 * mine.reached(5.0).mean() <= 3.5 and 100 * mine.reached(20.0).mean() <= 1.2
    for found, model in ((detector("1"), weight_model("2")), (detector("1"), None), (None, weight_model("2"))):
        before = bench.as_real(8000, 7, found, model)
        assert 100 * before.reached(5.0).mean() > 3.5 and 100 * before.reached(20.0).mean() > 1.2


@pytest.mark.parametrize(
    ("schedule", "n", "amber"), [("monthly", 4000, 1.0), ("weekly", 2000, 1.5), ("routine", 4000, 0.5)]
)
def test_false_alarms_in_the_worlds_of_the_model(bench: Any, schedule: str, n: int, amber: float) -> None:
    best = bench.simulate(schedule, n, 1)
    assert 100 * best.reached(5.0).mean() <= amber
    # The bound of Doob's inequality is far above
    assert best.reached(20.0).mean() <= detector().bound(20)


@pytest.mark.parametrize("name", ["SD of z 1.2", "the same, over 60 days", "drift faster (length x 0.8)"])
@pytest.mark.parametrize(("schedule", "n"), [("monthly", 2000), ("weekly", 1000)])
def test_false_alarms_in_wrong_worlds(bench: Any, schedule: str, n: int, name: str) -> None:
    best = bench.simulate(schedule, n, 31, **bench.WRONG[name])
    assert within(bench, best.reached(5.0), 5.0) and within(bench, best.reached(20.0), 1.5)


def test_its_mean_is_what_the_bound_rests_on(bench: Any) -> None:
    account = detector().slow.accounts[1]  # type: ignore[union-attr]
    worlds = (({}, 0.68), ({"base": account.model(weight_model()), "sd": account.scale}, 1.36 * 1.25))
    for world, most in worlds:
        got = bench.simulate("monthly", 4000, 12, **world)
        assert got.slow[got.offsets[1:] - 1].mean() <= most


def test_an_offset_changes_nothing(bench: Any) -> None:
    right = bench.simulate("monthly", 2000, 3)
    off = bench.simulate("monthly", 2000, 3, bench.added(lambda age: np.full(age.shape, -2.0)))
    np.testing.assert_array_equal(right.reached(5.0), off.reached(5.0))


@pytest.mark.parametrize(("schedule", "onset", "days"), [("monthly", 3, 153), ("monthly", 6, 244), ("weekly", 3, 133)])
def test_infants_who_stop_gaining_are_found(bench: Any, schedule: str, onset: int, days: int) -> None:
    got = bench.simulate(schedule, 400, 5, bench.no_gain(onset))
    late = got.first(5.0, onset * DAYS_PER_MONTH)
    assert np.isfinite(late).mean() > 0.97
    assert np.median(late) <= days + bench.VISIT
    # As it was before, the first of them were found after more than a year
    if schedule == "monthly" and onset == 3:
        before = bench.simulate(schedule, 400, 5, bench.no_gain(onset), found=detector("1"), model=weight_model("2"))
        assert np.median(before.first(5.0, onset * DAYS_PER_MONTH)) > 300


def test_slow_falls_are_found(bench: Any) -> None:
    got = bench.simulate("monthly", 1000, 5, bench.falling(0.2, 9))
    assert np.median(got.first(5.0, 9 * DAYS_PER_MONTH)) <= 274 + bench.VISIT
    own = bench.simulate("monthly", 6000, 6)
    level = float(np.quantile(bench.w.ever(np.nan_to_num(own.ratio), own.offsets), 0.99))
    slow = bench.simulate("monthly", 1000, 5, bench.falling(0.1, 9)).first(level, 9 * DAYS_PER_MONTH)
    assert np.isfinite(slow).mean() >= 0.28


def test_on_routine_visits_the_faster_the_fall_the_more_are_found(bench: Any) -> None:
    onset = 12 * DAYS_PER_MONTH
    shares = [
        float(np.isfinite(bench.simulate("routine", 600, 5, bench.falling(rate, 12)).first(5.0, onset)).mean())
        for rate in (0.2, 0.3, 0.4, 0.6)
    ]
    assert shares[2] >= 0.95 and shares[3] >= 0.95
    assert (np.diff(shares) >= -0.005).all()
    before = bench.simulate("routine", 600, 5, bench.falling(0.6, 12), found=detector("1"), model=weight_model("2"))
    assert np.isfinite(before.first(5.0, onset)).mean() < 0.2, "which was taken for a wrong weight"


def test_the_boy_and_the_infant(bench: Any) -> None:
    him, her = bench.boy(), bench.infant()
    at = {int(age): k for k, age in enumerate(him.age)}
    assert him.fit[at[182]] >= 10
    assert him.ratio[at[238]] >= 5
    assert her.ratio[-1] >= 20


def test_it_ranks_a_caseload(bench: Any) -> None:
    figures = {line.name: line for line in bench.ranking(2500)}
    best = figures["ranking, routine: since best"]
    assert float(best.text.split("area ")[1].split(",")[0]) >= 0.79, best.text
    assert figures.keys() >= {"ranking, monthly: since best", "ranking, routine: fit"}
