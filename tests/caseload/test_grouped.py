"""Disabled children and others side by side: counts, intervals, and what is too few to show."""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path

import pytest

import growthwatch as gw
from growthwatch.caseload import compare, groups, read
from growthwatch.caseload.grouped import MEASURES, Cell, _cell, _complementary, median, wilson
from growthwatch.core.errors import GrowthwatchError

ON = dt.date(2024, 2, 27)


def test_wilsons_interval_is_the_published_one() -> None:
    # Newcombe RG. Stat Med 1998;17:857-72, table I, method 3: 81/263 gives 0.2553 to 0.3662; 15/148 0.0624 to 0.1605.
    for n, of, low, high in ((81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611)):
        share, a, b = wilson(n, of, of)
        assert (round(a, 4), round(b, 4)) == (low, high) and share == n / of
    assert all(map(math.isnan, wilson(0, 0, 0)))


def test_a_median_has_the_interval_of_its_order_statistics() -> None:
    # Of 10 values the 2nd and the 9th: coverage 97.9 % (Conover, table A3).
    assert median([float(x) for x in range(1, 11)]) == (5.5, 2.0, 9.0)
    assert median([3.0]) == (3.0, 3.0, 3.0)


@pytest.mark.parametrize(
    ("n", "of", "hidden"),
    [(0, 20, False), (4, 20, True), (5, 20, False), (16, 20, True), (20, 20, False), (2, 4, True)],
)
def test_small_counts_and_their_complements_are_hidden(n: int, of: int, hidden: bool) -> None:
    told = [(float(i < n), str(i)) for i in range(of)]
    cell = _cell(None, "overdue", "other", told)
    assert cell.hidden == hidden and (cell.n is None) == hidden
    assert ("too few to show" in cell.words) == hidden


def test_months_of_few_children_are_few_children() -> None:
    told = [(float(i % 2), str(i % 4)) for i in range(60)]
    assert _cell(None, "overdue", "disabled", told).hidden, "60 months of 4 children"
    many = _cell(None, "overdue", "other", [(float(i % 2), str(i % 10)) for i in range(60)])
    assert many.high - many.low == pytest.approx(wilson(30, 60, 10)[2] - wilson(30, 60, 10)[1])


def test_a_single_hidden_month_takes_a_second_with_it() -> None:
    def month(i: int, of: int | None) -> Cell:
        return Cell(dt.date(2024, i, 1), "overdue", "other", of, of, 0.5, 0.4, 0.6, hidden=of is None)

    assert [c.hidden for c in _complementary([month(1, None), month(2, 30), month(3, 12)])] == [True, False, True]
    assert [c.hidden for c in _complementary([month(1, None), month(2, None), month(3, 12)])] == [True, True, False]
    assert [c.hidden for c in _complementary([month(1, 9), month(2, 12)])] == [False, False]


def records(folder: Path) -> None:
    """Ten disabled children who are seen and not weighed, ten others who are weighed; one letter, one referral each."""
    for i in range(20):
        disabled = i < 10
        common = {"actor": "x", "role": "health_visitor"}
        events = [
            {
                "id": "b",
                "type": "born",
                "on": "2021-01-10",
                "sex": "male",
                "recorded_at": "2021-01-10T12:00:00Z",
                **common,
            }
        ]
        if disabled:
            events.append(
                {"id": "c", "type": "condition_diagnosed", "on": "2021-02-01", "condition": "cerebral_palsy", "gmfcs": 2,
                 "recorded_at": "2021-02-01T12:00:00Z", **common}
            )  # fmt: skip
        for k, day in enumerate(("2023-12-05", "2024-01-09", "2024-02-06")):
            at = f"{day}T12:00:00Z"
            events.append(
                {"id": f"v{k}", "type": "contact", "on": day, "face_to_face": True, "recorded_at": at, **common}
            )
            if not disabled:
                events.append(
                    {
                        "id": f"w{k}",
                        "type": "weighed",
                        "on": day,
                        "weight_kg": 13.5 + 0.2 * k,
                        "recorded_at": at,
                        **common,
                    }
                )
        events.append(
            {
                "id": "n",
                "type": "was_not_brought",
                "on": "2024-01-20",
                "service": "clinic",
                "recorded_at": "2024-01-20T12:00:00Z",
                **common,
            }
        )
        gw.Record.from_dict(
            {"schema": "growthwatch.record", "schema_version": 1, "child_id": f"{i:02d}", "events": events}
        ).dump(folder / f"{i:02d}.json")


def test_counts_by_hand(tmp_path: Path) -> None:
    records(tmp_path)
    reviewed = read(tmp_path).review(as_of=ON)
    found = reviewed.groups(months=3)
    assert found.children == {"disabled": 10, "other": 10} and found.months[0] == dt.date(2023, 12, 1)
    seen = {g: found.cell("weighed_when_seen", g) for g in ("disabled", "other")}
    assert (seen["disabled"].n, seen["disabled"].of) == (0, 30) and (seen["other"].n, seen["other"].of) == (30, 30)
    january = found.cell("not_brought", "other", dt.date(2024, 1, 1))
    assert (january.n, january.of) == (10, 20)
    assert found.cell("overdue", "disabled").n == 30, "never weighed: overdue at the end of each of three months"
    said = next(s for s in found.sentences if s.startswith("Weighed when seen"))
    assert "disabled children 0%" in said and "differ by more than chance" in said
    assert "nothing is recorded" in next(s for s in found.sentences if s.startswith("Hand-over"))
    assert 'role="img"' in found.svg() and "<caption>" in found._repr_html_()
    frame = found.to_frame("pandas")
    assert len(frame) == len(MEASURES) * 2 * 4
    turned = groups(reviewed, 3, disabled=lambda id: int(id) >= 10)
    assert turned.cell("weighed_when_seen", "disabled").n == 30
    with pytest.raises(GrowthwatchError, match="months"):
        groups(reviewed, 0)
    with pytest.raises(GrowthwatchError, match="one of overdue"):
        found.svg("weight")


def test_two_lists_side_by_side(tmp_path: Path) -> None:
    cases = read("examples/caseload.csv", "examples/caseload.toml")
    before, after = (cases.review(as_of=ON + dt.timedelta(days=n), starts_on=ON) for n in (0, 21))
    found = compare(before, after)
    moved = {m.child_id: m.how for m in found.moved}
    late = {r.child_id for r in after.worklist().late}
    assert late and all(moved[id] == "graver" for id in late if before.by_id[id].deeds)
    assert found.same + len(found.moved) == 41
    assert "27 February 2024 beside 19 March 2024" in str(found) and len(found.to_frame("pandas")) == len(moved)
    assert compare(after, after).moved == ()
    old = gw.protocol("uk-hv")
    by_protocol = compare(cases, old, old, until=ON)
    assert by_protocol.to_dict()["children"] == 41 if "children" in by_protocol.to_dict() else by_protocol is not None
    with pytest.raises(GrowthwatchError, match="two reviews"):
        compare(before, old)
    with pytest.raises(GrowthwatchError, match="until"):
        compare(cases, old, old)
