"""Rows to records: by the rules of the page, the same row gives the same event wherever it stands."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from caseload_tables import cases, mapping

DAY = dt.date(2023, 5, 1)
ROWS = ("0412,01/03/2022,F,03/04/2023,9.35", "0412,01/03/2022,F,01/03/2022,3.40", "0413,01/03/2022,M,03/04/2023,9.1")


def test_ids_of_events_come_from_the_content_of_rows(tmp_path: Path) -> None:
    one, two = cases(tmp_path, *ROWS), cases(tmp_path, *reversed(ROWS), "0999,01/03/2022,M,03/04/2023,9.1")
    a, b = one.record("0412", as_of=DAY), two.record("0412", as_of=DAY)
    assert a == b and len({e.id for e in a}) == 3
    assert {e.id[:2] for e in a} == {"w-", "b-"} and all(len(e.id) == 18 for e in a)


def test_a_weighing_was_written_down_on_its_day_or_when_its_row_says_so(tmp_path: Path) -> None:
    by = mapping({"name": "Entered", "means": "recorded_at"}, {"name": "By", "means": "role"}, actor="Rio")
    rows = [
        "1,01/03/2022,F,03/04/2023,9.3,05/04/2023,GP",
        "1,01/03/2022,F,04/04/2023,9.4,,",
        "1,01/03/2022,F,06/07/2023,9.5,2023-07-07 09:30,health visitor",
    ]
    found = cases(tmp_path, *rows, head="ID,DOB,Sex,Date,Weight,Entered,By", by=by)
    weights = {e.weight_kg: e for e in found.record("1", as_of=dt.date(2023, 8, 1)) if e.type == "weighed"}
    assert weights[9.3].recorded_at == dt.datetime(2023, 4, 5, 12, tzinfo=dt.UTC)
    assert weights[9.4].recorded_at == dt.datetime(2023, 4, 4, 12, tzinfo=dt.UTC)
    # Half past nine in British summer time.
    assert weights[9.5].recorded_at == dt.datetime(2023, 7, 7, 8, 30, tzinfo=dt.UTC)
    assert (weights[9.3].role, weights[9.4].role, weights[9.4].actor) == ("gp", "other", "Rio")


def test_a_row_that_is_dated_ahead_is_known_and_asked_about(tmp_path: Path) -> None:
    found = cases(tmp_path, "1,01/03/2022,F,03/04/2032,9.3", "1,01/03/2022,F,03/04/2023,9.2")
    record = found.record("1", as_of=DAY)
    ahead = next(e for e in record if e.on.year == 2032)
    assert ahead.recorded_at <= dt.datetime(2023, 5, 2, tzinfo=dt.UTC)
    review = found.review(as_of=DAY)["1"]
    assert any(f.rule == "Q1" for f in review.findings), "the review asks about the date"


def test_a_birth_weight_is_a_weighing_of_the_day_of_birth_once(tmp_path: Path) -> None:
    by = mapping({"name": "BW", "means": "birth_weight", "unit": "g"})
    head = "ID,DOB,Sex,Date,Weight,BW"
    found = cases(
        tmp_path, "1,01/03/2022,F,03/04/2023,9.3,3400", "2,01/03/2022,F,01/03/2022,3.4,3400", head=head, by=by
    )
    for child in ("1", "2"):
        at_birth = [e for e in found.record(child, as_of=DAY) if e.type == "weighed" and e.on == dt.date(2022, 3, 1)]
        assert [e.weight_kg for e in at_birth] == [3.4]


def test_conditions_hold_from_their_day_or_from_the_first_row(tmp_path: Path) -> None:
    by = mapping(
        {"name": "Dx", "means": "condition", "default": "other"}, {"name": "Since", "means": "condition_since"}
    )
    head = "ID,DOB,Sex,Date,Weight,Dx,Since"
    found = cases(
        tmp_path,
        "1,01/03/2022,F,03/04/2023,9.3,epilepsy,01/02/2023",
        "2,01/03/2022,F,03/04/2023,9.3,EB,",
        head=head,
        by=by,
    )
    [one] = [e for e in found.record("1", as_of=DAY) if e.type == "condition_diagnosed"]
    [two] = [e for e in found.record("2", as_of=DAY) if e.type == "condition_diagnosed"]
    assert (one.condition, one.on) == ("epilepsy", dt.date(2023, 2, 1))
    assert (two.condition, two.description, two.on) == ("other", "EB", dt.date(2023, 4, 3))


def test_a_lead_is_named_on_the_first_day(tmp_path: Path) -> None:
    by = mapping({"name": "Lead", "means": "lead"})
    found = cases(tmp_path, "1,01/03/2022,F,03/04/2023,9.3,Hana Reid", head="ID,DOB,Sex,Date,Weight,Lead", by=by)
    [event] = [e for e in found.record("1", as_of=DAY, starts_on=DAY) if e.type == "lead_named"]
    assert (event.name, event.on, event.lead_role) == ("Hana Reid", DAY, "health_visitor")
    assert not [e for e in found.record("1", as_of=DAY) if e.type == "lead_named"]
    assert found.review(as_of=DAY)["1"].owner.name == "Hana Reid"
