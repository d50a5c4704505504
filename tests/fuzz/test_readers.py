"""Whatever a reader is given, it reads it or says in words what is wrong, within a second."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from fuzzing import MOST_SECONDS, TARGETS, Fault, Op, Target, drawn, hold, place, spoilt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import growthwatch as gw

numbers = st.integers(0, (1 << 16) - 1)
changes: st.SearchStrategy[list[Op]] = st.lists(st.tuples(numbers, numbers, numbers), min_size=1, max_size=4)


@pytest.mark.parametrize("name", TARGETS)
def test_files_that_are_right_are_read(name: str, tmp_path: Path) -> None:
    for seed in TARGETS[name].seeds:
        assert hold(TARGETS[name], seed, tmp_path)


@pytest.mark.parametrize("name", TARGETS)
def test_spoilt_files_are_read_or_refused_in_words(name: str) -> None:
    target = TARGETS[name]

    @settings(max_examples=target.examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(target.seeds), changes)
    def spoil(seed: bytes, ops: list[Op]) -> None:
        with place() as folder:
            hold(target, spoilt(seed, ops, target.seeds), folder)

    spoil()


@pytest.mark.parametrize("name", TARGETS)
def test_bytes_that_were_never_a_file_are_refused_in_words(name: str) -> None:
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.binary(max_size=200) | st.text(max_size=60).map(lambda t: t.encode("utf-8", "surrogatepass")))
    def give(data: bytes) -> None:
        with place() as folder:
            hold(TARGETS[name], data, folder)

    give()


@pytest.mark.slow
@pytest.mark.parametrize("name", TARGETS)
def test_many_spoilt_files(name: str) -> None:
    """GROWTHWATCH_FUZZ_COUNT files a reader, drawn from GROWTHWATCH_FUZZ_SEED: each number of them is one file."""
    seed, count = (
        int(os.environ.get(f"GROWTHWATCH_FUZZ_{k}", d)) for k, d in (("SEED", "20261128"), ("COUNT", "10000"))
    )
    with place() as folder:
        for n in range(count):
            hold(TARGETS[name], drawn(TARGETS[name], Random(f"{seed}/{name}/{n}")), folder)


@pytest.mark.parametrize(
    ("planted", "said"),
    [
        (lambda: {}["x"], "KeyError"),
        (lambda: sum(range(10**8)), "it took"),
        (lambda: (_ for _ in ()).throw(gw.GrowthwatchError(" ")), "without a word"),
    ],
)
def test_a_reader_that_does_what_it_must_not_is_seen(planted: Callable[[], object], said: str, tmp_path: Path) -> None:
    def reads(data: bytes, folder: Path) -> None:
        result = planted()
        if hasattr(result, "__next__"):
            next(result)  # pyright: ignore

    with pytest.raises(Fault, match=said):
        hold(Target("planted", [b"x"], reads), b"x", tmp_path)
    assert MOST_SECONDS == 1.0


def test_one_seed_and_number_is_one_file() -> None:
    for target in TARGETS.values():
        assert drawn(target, Random("1/x/2")) == drawn(target, Random("1/x/2"))
    many = {drawn(TARGETS["record"], Random(f"1/x/{n}")) for n in range(200)}
    assert len(many) > 180
