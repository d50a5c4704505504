"""Words for people."""

from __future__ import annotations

from growthwatch.core.words import kg_words, times_words


def test_times_are_never_more_than_they_are() -> None:
    told = [times_words(x) for x in (5.0, 5.19, 9.99, 12.9, 999.9, 1e80)]
    assert told == ["5 times", "5.1 times", "9.9 times", "12 times", "999 times", "more than 1000 times"]


def test_a_weight_is_shown_as_it_was_recorded_and_to_the_gram_at_most() -> None:
    told = [kg_words(x) for x in (9.3, 9.0, 9.305, 10.0, 7.816963465962804, 3.4567, 12.3456789, 9.9996, 0.00001)]
    assert told == [
        "9.30 kg", "9.00 kg", "9.305 kg", "10.00 kg", "7.817 kg", "3.457 kg", "12.346 kg", "10.000 kg", "0.000 kg",
    ]  # fmt: skip
