"""A weight is shown at the resolution at which it was recorded, to the gram at most, and kept as it was written."""

from __future__ import annotations

import re

import pytest
from builders import Child

import growthwatch as gw

LONG = 7.816963465962804


@pytest.mark.parametrize("kg", [LONG, 7.8169, 8.123456])
def test_nobody_reads_more_than_grams(kg: float) -> None:
    child = (
        Child("2023-01-15", birth_kg=3.4123456).steady(0.0, [14, 28, 56, 84, 112]).weigh(kg, 230).weigh(kg * 0.89, 250)
    )
    record, day = child.record, child.date(251)
    trajectory = gw.trajectory(record, as_of=day)
    review = child.review(251)
    said = [
        review.explain(), trajectory.explain(), trajectory._repr_html_(),
        gw.chart(record, as_of=day).alt_text, gw.chart(record, as_of=day, kind="newborn").alt_text,
        *(str(c) for c in child.changes(251)),
    ]  # fmt: skip
    for text in said:
        assert not re.findall(r"\d+\.\d{4,} kg", text), text
    assert not re.findall(r"<td>\d+\.\d{4,}</td>", said[2])
    assert f"{kg:.3f} kg" in said[0] and f"{kg * 0.89:.3f} kg" in said[1]
    assert [e.weight_kg for e in record.events if e.type == "weighed"][-2:] == [kg, kg * 0.89], "kept as written"


def test_a_loss_is_judged_on_what_was_recorded_and_not_on_what_is_shown() -> None:
    # 10 % of 8.0004 kg is 0.80004 kg: 7.20036 kg is exactly 10 % below, though both are shown in grams.
    met = Child(birth_kg=3.4).weigh(8.0004, 230).weigh(7.20036, 250)
    assert met.levels(250)["G8"] == "emergency"
    less = Child(birth_kg=3.4).weigh(8.0004, 230).weigh(7.20037, 250)
    assert less.levels(250)["G8"] != "emergency"
