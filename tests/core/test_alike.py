"""Ids that are probably one id in two spellings are named, and never read as one."""

from __future__ import annotations

import itertools
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest

import growthwatch as gw
from growthwatch.core.alike import alike
from growthwatch.record import Record


@pytest.mark.parametrize(
    ("a", "b"),
    [("943 476 5919", "9434765919"), ("A-12", "A12"), ("Anna", "ANNA"), ("0042", "42"), ("a_1", "a 1"), (" 7", "7")],
)
def test_spellings_of_one_id(a: str, b: str) -> None:
    assert alike([a, b]) == (tuple(sorted([a, b])),)
    assert alike([b, a, a]) == alike([a, b])


@pytest.mark.parametrize(
    ("a", "b"), [("12-3", "1-23"), ("a1", "a2"), ("1", "10"), ("a", "b"), ("-", "_"), ("100", "1"), ("a1", "a01")]
)
def test_two_ids(a: str, b: str) -> None:
    assert alike([a, b]) == ()


def test_all_that_are_alike_are_named_together() -> None:
    found = ["AB 1", "ab-1", "ab1", "x"]
    for order in itertools.permutations(found):
        assert alike(order) == (("AB 1", "ab-1", "ab1"),)


def weighed(id: str) -> dict[str, object]:
    shared = {"on": "2024-01-09", "recorded_at": "2024-01-09T12:00:00Z", "actor": "a", "role": "gp"}
    return {"id": id, "type": "weighed", "weight_kg": 6.0, **shared}


def test_a_record_names_event_ids_that_differ_in_spelling_only() -> None:
    with pytest.warns(gw.GrowthwatchWarning, match="'W 1' and 'w1' differ only in spaces"):
        one = Record("c", [weighed("W 1"), weighed("w1")])
    assert len(one) == 2
    with pytest.warns(gw.GrowthwatchWarning, match="'W 1' and 'w1'"):
        Record("c", [weighed("W 1")]).merge(Record("c", [weighed("w1")]))
    with pytest.raises(gw.GrowthwatchError, match="differ only in spelling"):
        Record("943 476", [weighed("a")]).merge(Record("943476", [weighed("b")]))


IDS = ["943 476 5919", "9434765919", "943 476 5919", "9434765919"]
KG, AGES = [6.0, 6.3, 6.6, 6.7], [100, 130, 160, 190]


@pytest.mark.parametrize("make", [list, np.array, pd.Series, pl.Series, lambda x: np.array(x, object)])
def test_columns_name_ids_that_differ_in_spelling_only(make: object) -> None:
    ids = make(IDS)  # pyright: ignore[reportCallIssue]
    with pytest.warns(gw.GrowthwatchWarning, match="'943 476 5919' and '9434765919'"):
        found = gw.evidence(KG, age_days=AGES, sex="female", child=ids)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        apart = gw.evidence(KG, age_days=AGES, sex="female", child=["a", "b", "a", "b"])
    np.testing.assert_array_equal(np.asarray(found), np.asarray(apart))
