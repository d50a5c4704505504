"""What `record check` warns of: dates ahead, figures that are no weight, ids in two spellings."""

from __future__ import annotations

from typing import Any

import pytest

from growthwatch.core.errors import GrowthwatchWarning
from growthwatch.record import Record
from growthwatch.record.doubts import doubts

WRITTEN = "2025-07-14T12:00:00Z"


def event(type: str, on: str, id: str = "e1", recorded_at: str = WRITTEN, **fields: Any) -> dict[str, Any]:
    return {"id": id, "type": type, "on": on, "recorded_at": recorded_at, "actor": "a", "role": "gp"} | fields


@pytest.mark.parametrize(
    ("on", "warned"), [("2025-07-14", False), ("2025-07-13", False), ("2025-07-15", True), ("2026-07-14", True)]
)
@pytest.mark.parametrize(
    ("made", "words"),
    [
        ({"type": "weighed", "weight_kg": 6.1}, "never counts until its date is put right"),
        ({"type": "died"}, "never counts"),
        ({"type": "examined", "outcome": "seen"}, "never counts"),
        ({"type": "moved_away", "to_area": "north"}, "it counts from that day"),
        ({"type": "plan_signed", "plan": "care", "reason": "agreed"}, "it counts from that day"),
    ],
)
def test_dates_ahead(made: dict[str, Any], words: str, on: str, warned: bool) -> None:
    if made["type"] == "moved_away":
        made = {"type": "moved_away"}
    said = doubts(Record("c", [event(on=on, **made)]))
    assert any(words in s and on in s for s in said) is warned


def test_the_day_is_that_of_the_zone() -> None:
    # Half past eleven at night in UTC is the next day in Britain in July.
    record = Record("c", [event("weighed", "2025-07-15", recorded_at="2025-07-14T23:30:00Z", weight_kg=6.1)])
    assert doubts(record) == ()
    assert len(doubts(record, "America/New_York")) == 1


@pytest.mark.parametrize(("kg", "warned"), [(0.249, True), (0.01, True), (0.25, False), (0.4, False)])
def test_what_is_no_weight(kg: float, warned: bool) -> None:
    said = doubts(Record("c", [event("weighed", "2025-07-14", weight_kg=kg)]))
    assert any("is no weight of a child" in s for s in said) is warned


def test_ids_in_two_spellings() -> None:
    two = [event("weighed", "2025-07-14", id=id, weight_kg=6.1) for id in ("W-1", "w 1")]
    with pytest.warns(GrowthwatchWarning):
        record = Record("c", two)
    assert any("W-1 and w 1 differ only in spelling" in s for s in doubts(record))
