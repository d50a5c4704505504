"""Words of ordinary offices in the columns of a frame: read where they can be, refused by row, value and count."""

from __future__ import annotations

import tracemalloc
import warnings
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import growthwatch as gw
from growthwatch.core.columns import numeric
from growthwatch.core.sex import sex_codes
from growthwatch.references import reference

FRAMES: list[Any] = [pd.DataFrame, pl.DataFrame, pa.table]
WORDS = {"weight_kg": ["5.1", "not weighed", "6.2", "refused", None], "age_days": [60, 70, 80, 90, 95]}


def words(frame: Any, name: str) -> list[Any]:
    column = frame[name]
    return column.to_pylist() if hasattr(column, "to_pylist") else list(column)


@pytest.mark.parametrize("make", FRAMES)
def test_words_among_weights_are_refused_with_rows_and_number(make: Any) -> None:
    with pytest.raises(gw.GrowthwatchError) as e:
        gw.score(make(WORDS), "uk-who", sex="=male")
    said = str(e.value)
    assert "'not weighed', 'refused' in 2 of 5 rows, the first in row 1 (counted from 0)" in said
    assert "not_numbers='missing'" in said and e.value.value == "not weighed"


def test_words_among_python_objects_are_refused_with_rows_and_number() -> None:
    held = pd.DataFrame({"weight_kg": pd.Series([5.1, "not weighed", 6.2], dtype=object), "age_days": [60, 70, 80]})
    with pytest.raises(gw.GrowthwatchError, match="'not weighed' in 1 of 3 rows, the first in row 1"):
        gw.score(held, "uk-who", sex="=male")
    scored = gw.score(held, "uk-who", sex="=male", not_numbers="missing")
    assert list(scored["status"]) == ["ok", "missing_value", "ok"]


@pytest.mark.parametrize("make", FRAMES)
def test_words_are_taken_as_missing_where_that_is_asked_for(make: Any) -> None:
    scored = gw.score(make(WORDS), "uk-who", sex="=male", not_numbers="missing")
    assert words(scored, "status") == ["ok", "missing_value", "ok", "missing_value", "missing_value"]
    plain = gw.score(make({"weight_kg": [5.1, 6.2], "age_days": [60, 80]}), "uk-who", sex="=male")
    assert [words(scored, "z")[k] for k in (0, 2)] == words(plain, "z")


@pytest.mark.parametrize("meant", ["7,35", "7.35 kg", "1e5e5", "0x10"])
def test_what_is_meant_as_a_number_is_never_taken_as_missing(meant: str) -> None:
    held = pl.DataFrame({"weight_kg": ["5.1", meant, "refused"], "age_days": [60, 70, 80]})
    with pytest.raises(gw.GrowthwatchError, match="in 1 of 3 rows, the first in row 1") as e:
        gw.score(held, "uk-who", sex="=male", not_numbers="missing")
    assert e.value.value == meant


def test_not_numbers_is_one_of_two_words() -> None:
    with pytest.raises(gw.GrowthwatchError) as e:
        gw.score(pd.DataFrame(WORDS), "uk-who", sex="=male", not_numbers="drop")  # pyright: ignore[reportArgumentType]
    assert e.value.field == "not_numbers"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([1.0, "not weighed", 3, "refused"], "'not weighed', 'refused' in 2 of 4 rows, the first in row 1"),
        (np.array([1.0, None, "x"], object), "'x' in 1 of 3 rows, the first in row 2"),
        (["a"] * 9, "'a' in 9 of 9 rows, the first in row 0"),
    ],
)
def test_arrays_are_refused_with_rows_and_number(given: Any, said: str) -> None:
    with pytest.raises(gw.GrowthwatchError) as e:
        numeric("weight_kg", given)
    assert f"weight_kg: got {said}" in str(e.value)


# --- sex and reference ----------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["Boy", "BOY ", " boy", "M", " Male"])
def test_words_for_a_boy(word: str) -> None:
    assert sex_codes(word) == 0 and sex_codes(["girl", word]).tolist() == [1, 0]


@pytest.mark.parametrize("word", ["Girl", "GIRL", "F ", "female "])
def test_words_for_a_girl(word: str) -> None:
    assert sex_codes(word) == 1 and sex_codes(np.array([word, "x"])).tolist() == [1, 3]


@pytest.mark.parametrize("code", ["Jongen", "JONGEN", " jongen "])
def test_codes_that_are_text_are_read_in_any_case_and_space(code: str) -> None:
    coding = {"jongen ": "male", "MEISJE": "Female"}
    assert sex_codes([code, "Meisje", "boy", "x"], coding).tolist() == [0, 1, 0, 3]


def test_a_coding_may_not_say_two_things_of_one_code() -> None:
    with pytest.raises(gw.GrowthwatchError) as e:
        sex_codes(["a"], {"A": "male", "a ": "female"})
    assert e.value.field == "sex_coding"


@pytest.mark.parametrize("coding", [{1: "male", 2: "female"}, {0: "female", 1: "male"}])
def test_an_error_about_a_coding_shows_what_the_user_wrote(coding: dict[int, str]) -> None:
    with pytest.raises(gw.GrowthwatchError) as e:
        sex_codes(["1", "2"], coding)
    assert repr(coding) in str(e.value) and e.value.value == coding


@pytest.mark.parametrize("make", FRAMES)
def test_unknown_words_are_named_with_count_and_row(make: Any) -> None:
    held = make(
        {
            "weight_kg": [5.1, 5.2, 5.3, 5.4],
            "age_days": [60, 70, 80, 90],
            "sex": ["Boy", "Jongen", "F ", "?"],
            "ref": ["UK-WHO", " uk-who ", "nope", "Uk-Who"],
        }
    )
    with pytest.warns(gw.GrowthwatchWarning) as said:
        scored = gw.score(held, reference_column="ref", on_invalid="warn")
    assert words(scored, "status") == ["ok", "unknown_sex", "unknown_reference", "unknown_sex"]
    texts = [str(w.message) for w in said]
    assert "sex: 2 of 4 rows unknown_sex ('Jongen', '?'; the first in row 1)" in texts
    assert "reference_column: 1 of 4 rows unknown_reference ('nope'; the first in row 2)" in texts


@pytest.mark.parametrize("make", FRAMES)
def test_a_code_that_the_coding_lacks_is_shown_as_it_was_written(make: Any) -> None:
    held = make({"weight_kg": [5.1, 5.2, 5.3], "age_days": [60, 70, 80], "sex": [1, 3, 9]})
    with pytest.warns(gw.GrowthwatchWarning, match=r"sex: 2 of 3 rows unknown_sex \(3, 9; the first in row 1\)"):
        gw.score(held, sex_coding={1: "male", 2: "female"}, on_invalid="warn")


def test_names_of_ones_own_are_read_in_any_case_too() -> None:
    held = pd.DataFrame({"weight_kg": [5.1, 5.2], "age_days": [60, 70], "sex": "f", "ref": ["General", "SYNDROME"]})
    ours = {"general": "uk-who", "syndrome": "trisomy-21-uk-2002"}
    scored = gw.score(held, ours, reference_column="ref")
    assert list(scored["reference"]) == ["uk-who", "trisomy-21-uk-2002"]


def test_days_beyond_what_python_holds_in_a_column_of_references_are_refused_in_words() -> None:
    far = pa.table({"weight_kg": [5.0], "age_days": [60], "sex": ["f"], "ref": pa.array([10**12], pa.timestamp("s"))})
    with pytest.raises(gw.GrowthwatchError):
        gw.score(far, reference_column="ref")


# --- beyond all measure ---------------------------------------------------------------------------


def test_one_word_of_ten_megabytes_costs_what_it_weighs() -> None:
    column = ["male"] * 20_000 + ["x" * 10_000_000]
    tracemalloc.start()
    try:
        codes = sex_codes(column)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert codes[-1] == 3 and not codes[:-1].any()
    assert most < 60_000_000  # the word, a copy without spaces and one in small letters


def test_figures_beyond_all_measure_give_a_status_and_no_warning() -> None:
    uk = reference("uk-who")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        score = uk.score([5.0, 5.0, 1e300, 5.0], age_days=[np.inf, -np.inf, 100, np.nan], sex="male")
        assert score.status.tolist() == ["not_finite", "not_finite", "implausible", "missing_age"]
        uk.change([5.0, 1e300, 6.0], age_days=[10, 40, np.inf], sex="female")
        gw.evidence([5.0, 1e300, 6.0, 1e-300], age_days=[10, np.inf, 60, 90], sex="male")
        gw.trajectories([5.0, 1e300, 6.0], age_days=[10, 40, 60], sex="male")
