"""The centile scheme, and how centiles are said."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from growthwatch.core.centiles import UK_NINE, centile_text


def test_lines_lie_at_exact_multiples_of_two_thirds() -> None:
    assert [line.place for line in UK_NINE.lines] == [Fraction(2 * k, 3) for k in range(-4, 5)]
    assert [line.z for line in UK_NINE.lines] == [-8 / 3, -2, -4 / 3, -2 / 3, 0, 2 / 3, 4 / 3, 2, 8 / 3]
    assert UK_NINE.space == Fraction(2, 3)
    assert UK_NINE.spaces(2.0) == pytest.approx(3)


def test_labels_are_the_rounded_centiles_of_the_lines() -> None:
    for line in UK_NINE.lines:
        centile = 50 * math.erfc(-line.z / math.sqrt(2))
        assert line.label == (f"{centile:.1f}" if not 1 < centile < 99 else f"{centile:.0f}")


def test_dashes_are_those_of_the_rcpch_specification() -> None:
    assert [line.label for line in UK_NINE.lines if line.dashed] == ["0.4", "9", "50", "91", "99.6"]
    assert [line.label for line in UK_NINE.lines if not line.dashed] == ["2", "25", "75", "98"]


def test_ordinals() -> None:
    said = [line.ordinal for line in UK_NINE.lines]
    assert said == ["0.4th", "2nd", "9th", "25th", "50th", "75th", "91st", "98th", "99.6th"]


@pytest.mark.parametrize(
    ("z", "words"),
    [
        (-9, "below the 0.4th centile"),
        (-8 / 3 - 0.17, "below the 0.4th centile"),
        (-2.72, "below the 0.4th centile"),
        (-8 / 3 - 0.001, "below the 0.4th centile"),
        (-8 / 3, "on the 0.4th centile"),
        (-8 / 3 + 0.16, "on the 0.4th centile"),
        (-2.63, "on the 0.4th centile"),
        (-3.53, "below the 0.4th centile"),
        (-2.3, "between the 0.4th and 2nd centiles"),
        (-2, "on the 2nd centile"),
        (0.16, "on the 50th centile"),
        (0.17, "between the 50th and 75th centiles"),
        (4 / 3, "on the 91st centile"),
        (8 / 3, "on the 99.6th centile"),
        (2.67, "above the 99.6th centile"),
        (2.84, "above the 99.6th centile"),
        (math.inf, "above the 99.6th centile"),
    ],
)
def test_words(z: float, words: str) -> None:
    assert UK_NINE.describe(z) == words


def test_no_words_without_a_z() -> None:
    with pytest.raises(ValueError, match="NaN"):
        UK_NINE.describe(math.nan)


@given(st.floats(-10, 10))
def test_on_is_within_a_quarter_of_a_space(z: float) -> None:
    nearest = min(abs(z - line.z) for line in UK_NINE.lines)
    assert UK_NINE.describe(z).startswith("on ") == (nearest <= 1 / 6 and abs(z) <= 8 / 3 + 1e-9)


@given(st.floats(-10, 10))
def test_beyond_the_outermost_lines_nothing_is_on_them(z: float) -> None:
    """Below the 0.4th line is z < -8/3 (specification of the protocol, section 0): one place, one word."""
    assert (UK_NINE.describe(z) == "below the 0.4th centile") == (z < -8 / 3 - 1e-9)
    assert (UK_NINE.describe(z) == "above the 99.6th centile") == (z > 8 / 3 + 1e-9)


@pytest.mark.parametrize(
    ("centile", "text"),
    [
        (0.0, "<0.4"), (0.39, "<0.4"), (0.4, "0.4"), (0.94, "0.9"), (0.97, "1"), (1.2, "1"), (2.28, "2"), (50, "50"),
        (98.6, "99"), (99.04, "99"), (99.3, "99.3"), (99.6, "99.6"), (99.61, ">99.6"), (100, ">99.6"),
        (math.nan, "no centile"),
    ],
)  # fmt: skip
def test_centiles_as_text(centile: float, text: str) -> None:
    assert centile_text(centile) == text
