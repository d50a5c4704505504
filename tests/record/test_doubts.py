"""What `record check` warns of: dates ahead, figures that are no weight, ids in two spellings."""

from __future__ import annotations

from typing import Any

import pytest

from growthwatch.core.errors import GrowthwatchError, GrowthwatchWarning
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


# --- in whole sentences -----------------------------------------------------------------------------------------


def test_what_takes_nothing_back() -> None:
    record = Record(
        "c",
        [
            event("weighed", "2025-07-14", id="a", weight_kg=6.1, corrects="gone"),
            event("entered_in_error", "2025-07-14", id="b", target="lost", reason="r"),
            event("entered_in_error", "2025-07-14", id="d", target="a", reason="r"),
        ],
    )
    assert doubts(record) == (
        "a corrects gone, which is not in the record: it takes nothing back.",
        "b marks lost as an error, which is not in the record: it takes nothing back.",
    )


@pytest.mark.parametrize(
    ("second", "what"),
    [
        ({}, "say the same"),
        ({"sex": "male"}, "differ"),
        ({"gestation_days": 279}, "differ"),
        ({"on": "2025-07-13"}, "differ"),
    ],
)
def test_several_births_are_counted(second: dict[str, Any], what: str) -> None:
    first = {"type": "born", "on": "2025-07-14", "sex": "female", "gestation_days": 280}
    record = Record("c", [event(id="a", **first), event(id="b", **{**first, **second})])
    names = ", ".join(e.id for e in record)
    assert doubts(record) == (
        f"2 births count, and {what}: {names}. The first is used; mark the wrong one as an error.",
    )
    marked = Record("c", [*record, event("entered_in_error", "2025-07-14", id="z", target="b", reason="r")])
    assert doubts(marked) == ()


@pytest.mark.parametrize(
    ("kg", "said"),
    [
        (0.2, ("e1: 0.2 kg on 2025-07-14 is no weight of a child.",)),
        (0.25, ()),
        (200.0, ()),
        (200.5, ("e1: 200.5 kg on 2025-07-14 looks like grams; weight_kg is in kilograms.",)),
        (6100.0, ("e1: 6100 kg on 2025-07-14 looks like grams; weight_kg is in kilograms.",)),
    ],
)
def test_figures_that_are_no_weight(kg: float, said: tuple[str, ...]) -> None:
    assert doubts(Record("c", [event("weighed", "2025-07-14", weight_kg=kg)])) == said


def test_dates_ahead_in_whole_sentences() -> None:
    assert doubts(Record("c", [event("died", "2025-07-15")])) == (
        "e1 is dated 2025-07-15 and was written down on 2025-07-14: it never counts until its date is put right.",
    )
    assert doubts(Record("c", [event("lead_left", "2025-07-15")])) == (
        "e1 is dated 2025-07-15 and was written down on 2025-07-14: it counts from that day.",
    )
    # A mark counts from when it was written down, whatever day it bears.
    marked = [
        event("died", "2025-07-14", id="a"),
        event("entered_in_error", "2025-07-20", id="b", target="a", reason="r"),
    ]
    assert doubts(Record("c", marked)) == ()


def test_only_a_record_has_doubts() -> None:
    with pytest.raises(GrowthwatchError, match=r"record: got 'c\.json', expected a Record"):
        doubts("c.json")  # type: ignore[arg-type]
