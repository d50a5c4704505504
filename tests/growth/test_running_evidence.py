"""Evidence as a state that steps: what it gives does not depend on where it was stopped in between."""

from __future__ import annotations

import pickle
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import growthwatch as gw
from growthwatch.growth.detector import detector, reference_error
from growthwatch.growth.evidence import channels, running_evidence
from growthwatch.growth.model import weight_model
from growthwatch.growth.readings import readings
from growthwatch.growth.running import ChildEvidence
from growthwatch.growth.series import weight_series
from growthwatch.growth.watch import Row, State, Watch

UK = gw.reference("uk-who")
REFERENCES = {
    "uk-who": UK,
    "condition": gw.reference("trisomy-21-uk-2002"),
    "published": gw.reference("who-2006"),
}
FIGURES = np.array(UK.value(np.zeros(1901), age_days=np.arange(1901.0), sex="female"))

series = st.tuples(
    st.lists(  # days since the weight before (0: the same day), and z
        st.tuples(st.one_of(st.integers(0, 3), st.integers(5, 9), st.integers(20, 120)), st.floats(-4, 4)),
        min_size=1,
        max_size=40,
    ),
    st.integers(0, 1400),
    st.sampled_from([None, 170, 200, 258, 259, 280]),
    st.sampled_from(["male", "female"]),
    st.sampled_from(sorted(REFERENCES)),
    st.lists(st.integers(1, 5), min_size=1),
)


@given(series)
@settings(max_examples=150, deadline=None)
def test_stopped_anywhere_and_gone_on_it_gives_what_one_pass_gives(
    drawn: tuple[list[tuple[int, float]], int, int | None, str, str, list[int]],
) -> None:
    steps, first, gestation, sex, name, cuts = drawn
    days = first + np.cumsum([gap for gap, _ in steps])
    days = np.minimum(days, 1900)
    kg = np.round(FIGURES[days] * np.exp(0.12 * np.array([z for _, z in steps])), 2)
    reference = REFERENCES[name]
    whole = running_evidence(
        weight_series(reference, kg, days.astype(float), sex, None if gestation is None else float(gestation)),
        reference_error(reference),
    ).ratio
    child = ChildEvidence(reference, sex, gestation)
    weights = child.weighed(kg, days)
    at, taken = child.start(), 0
    while taken < len(weights):
        more = cuts[taken % len(cuts)]
        at, ratio = child.step(pickle.loads(pickle.dumps(at)), *(w for w in weights[taken : taken + more] if w))
        taken = min(taken + more, len(weights))
        last = taken - 1
        if weights[last] is not None and (taken == len(weights) or days[taken] != days[last]):
            assert ratio == whole[last] or (np.isnan(ratio) and np.isnan(whole[last]))


@given(st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.15]))
@settings(max_examples=25, deadline=None)
def test_one_child_alone_is_one_of_many_to_the_last_bit(seed: int, error: float) -> None:
    rng = np.random.default_rng(seed)
    rows: list[list[Row]] = []
    for _ in range(6):
        gaps = rng.integers(1, rng.choice([3, 12, 60]), rng.integers(1, 40))
        age = np.minimum(14.0 + rng.integers(0, 900) + np.cumsum(gaps), 1826.25)
        age = np.unique(age)
        z = np.cumsum(rng.normal(-0.05, 0.2, age.size)) + rng.normal(0, 3, age.size) * (rng.random(age.size) < 0.04)
        noise, fresh = rng.uniform(0.02, 0.3, age.size), rng.random(age.size) < 0.05
        rows.append(list(map(Row, age.tolist(), z.tolist(), noise.tolist(), fresh.tolist())))
    by = Watch(detector(), weight_model(), error)
    offsets = np.concatenate(([0], np.cumsum([len(r) for r in rows])))
    columns = [np.array(c) for c in zip(*(row for child in rows for row in child), strict=True)]
    side_by_side = (columns[0], columns[1], columns[2], columns[3].astype(bool))
    found = channels(side_by_side, offsets, error, by.found, by.model)
    alone = [state for child in rows for state in by.run(State(), child)]
    np.testing.assert_array_equal(found.slow, [s.slow_ratio for s in alone])
    np.testing.assert_array_equal(found.acute, [s.acute_ratio for s in alone])
    np.testing.assert_array_equal(found.fit, [s.fit for s in alone])


def test_a_state_is_small() -> None:
    child = ChildEvidence(UK, "female")
    days = np.arange(20, 600, 7)
    at, _ = child.step(child.start(), *(w for w in child.weighed(FIGURES[days], days) if w))
    assert len(pickle.dumps(at)) < 10_000


def test_the_order_of_days_is_kept() -> None:
    child = ChildEvidence(UK, "female")
    later, earlier = child.weighed([6.1, 5.8], [90, 80])
    assert later is not None and earlier is not None
    at, _ = child.step(child.start(), later)
    with pytest.raises(ValueError, match="day 80 after day 90"):
        child.step(at, earlier)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_readings_of_one_child_are_those_of_a_block(seed: int) -> None:
    rng = np.random.default_rng(seed)
    counts = rng.integers(0, 30, 5)
    offsets = np.concatenate(([0], np.cumsum(counts)))
    age = np.concatenate([np.sort(rng.integers(0, 1900, n)) for n in counts]).astype(np.int64)
    kg = np.round(FIGURES[age] * np.exp(rng.normal(0, 0.15, age.size)), 2)
    sex = np.repeat(rng.integers(0, 3, 5), counts).astype(np.uint8)
    gestation = np.repeat(rng.choice([np.nan, 200.0, 280.0], 5), counts)
    whole = readings(UK, kg, age, sex, gestation, offsets)
    for first, last in pairwise(offsets.tolist()):
        rows = slice(first, last)
        n = np.array([0, last - first])
        alone = readings(UK, kg[rows], age[rows], sex[rows], gestation[rows], n)
        for name in ("change", "ratio", "gain", "noise"):
            np.testing.assert_array_equal(getattr(alone, name), getattr(whole, name)[rows])
        np.testing.assert_array_equal(alone.facts.z, whole.facts.z[rows])
        np.testing.assert_array_equal(alone.facts.status_code, whole.facts.status_code[rows])
        known = (alone.facts.status_code <= 2) & (sex[rows] < 2)
        if known.any():
            series = weight_series(
                UK, kg[rows], age[rows].astype(float), ["male", "female"][sex[first]], gestation[rows]
            )
            np.testing.assert_array_equal(running_evidence(series).ratio, alone.ratio)
