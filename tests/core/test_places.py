"""Where something stands in a file of tables: by names, as a person looks for it."""

from __future__ import annotations

import pytest

from growthwatch.core.places import Step, path_of

PLAIN = {
    "schedule": {"bands": [{"from_months": 0, "days": [7, 14]}, {"from_months": 6, "days": [28]}]},
    "rules": [
        {"id": "G9", "levels": [{"name": "amber"}, {"name": "red", "actions": [{"do": "Weigh"}, {"do": "Ring"}]}]},
        {"id": "G9", "levels": []},
        {"kind": "other"},
    ],
}


@pytest.mark.parametrize(
    ("steps", "path"),
    [
        ((), ""),
        (("schedule",), "schedule"),
        (("schedule", "bands", 1, "days"), "schedule.bands[from_months=6].days"),
        # What is wrong names nothing.
        (("schedule", "bands", 1, "from_months"), "schedule.bands[2].from_months"),
        (("schedule", "bands", 1, "from_months", "x"), "schedule.bands[from_months=6].from_months.x"),
        (("schedule", "bands", 0, "days", 1), "schedule.bands[from_months=0].days[2]"),
        (("rules", 0, "levels", 1, "actions", 1, "owner"), "rules[1].levels[red].actions[Ring].owner"),
        (("rules", 2, "id"), "rules[kind=other].id"),
        (("rules", 7, "id"), "rules[8].id"),
        (("schedule", "tuple[Band]", "bands", 0), "schedule.bands[from_months=0]"),
        (("schedule", "no such key"), "schedule.no such key"),
    ],
)
def test_a_table_of_a_list_is_said_by_its_name(steps: tuple[Step, ...], path: str) -> None:
    """Two rules of one id are told apart by nothing else that they have: then by their place, from 1 on."""
    assert path_of(PLAIN, steps) == path


def test_without_the_file_a_place_counts_from_one() -> None:
    assert path_of(None, ("fields", 0, "unit")) == "fields[1].unit"
