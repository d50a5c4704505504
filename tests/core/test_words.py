"""Words for people."""

from __future__ import annotations

from growthwatch.core.words import times_words


def test_times_are_never_more_than_they_are() -> None:
    told = [times_words(x) for x in (5.0, 5.19, 9.99, 12.9, 999.9, 1e80)]
    assert told == ["5 times", "5.1 times", "9.9 times", "12 times", "999 times", "more than 1000 times"]
