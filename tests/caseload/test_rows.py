"""Rows: what cannot be read takes away what it alone would have said; nothing is lost, and no child vanishes."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from pathlib import Path

import pytest
from caseload_tables import cases, mapping, table
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from growthwatch.caseload import Mapping, read, review, worklist
from growthwatch.caseload.sources import TableSource

DAY = dt.date(2023, 5, 1)


def told(found, child: str):
    source = found.source
    assert isinstance(source, TableSource)
    return source.told(source.ids.index(child))


def test_a_row_that_cannot_be_read_is_kept_with_its_reason_and_the_child_is_in_the_list(tmp_path: Path) -> None:
    found = cases(tmp_path, '0412,01/03/2022,F,03/04/2023,"9,35"', "0413,01/03/2022,M,31/02/2023,9.1")
    assert found.ids == ("0412", "0413")
    one, two = found.refused
    assert (one.row, one.child_id, one.column, one.value, one.kind) == (2, "0412", "Weight", "9,35", "refused")
    assert "comma" in one.reason and "9.35" in one.remedy
    assert (two.row, two.column, two.reason) == (3, "Date", "no such day")
    assert found.refused.rows == 2
    work = found.worklist(as_of=DAY)
    assert {r.child_id for r in work} == {"0412", "0413"}
    assert all("No weight could be read" in r.why for r in work)


def test_the_file_beside_holds_the_whole_row(tmp_path: Path) -> None:
    found = cases(tmp_path, "0412,01/03/2022,F,03/04/2023,heavy")
    found.refused.dump(tmp_path / "out.csv")
    data = (tmp_path / "out.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf"), "a spreadsheet knows by this that it is UTF-8"
    [row] = csv.DictReader(io.StringIO(data.decode("utf-8-sig")))
    assert json.loads(row["cells"]) == ["0412", "01/03/2022", "F", "03/04/2023", "heavy"]
    assert row["remedy"] and row["reason"] and row["row"] == "2"
    assert found.refused.to_frame("pandas").shape == (1, 7)
    assert "row 2, child 0412, Weight = 'heavy'" in str(found.refused)
    assert "heavy" in found.refused._repr_html_()


def test_a_row_of_nobody_is_refused(tmp_path: Path) -> None:
    found = cases(tmp_path, ",01/03/2022,F,03/04/2023,9.35", "0413,01/03/2022,M,03/04/2023,9.1")
    assert found.ids == ("0413",)
    assert found.refused[0].child_id is None and "of no child" in found.refused[0].reason


def test_words_for_nothing_are_counted_and_refuse_nothing(tmp_path: Path) -> None:
    by = mapping(missingValues=["", "Not weighed", "refused"])
    rows = ["1,01/03/2022,F,03/04/2023,not weighed", "1,01/03/2022,F,04/04/2023,", "2,01/03/2022,F,05/04/2023,Refused"]
    found = cases(tmp_path, *rows, by=by)
    assert found.refused == ()
    assert "3 rows hold no weight" in found.notes[0] and "'not weighed'" in found.notes[0]
    assert found.ids == ("1", "2")


def test_a_weight_without_a_day_is_refused(tmp_path: Path) -> None:
    found = cases(tmp_path, "1,01/03/2022,F,,9.35")
    assert "without a day" in found.refused[0].reason


def test_an_unknown_word_beside_a_weight_leaves_the_weight(tmp_path: Path) -> None:
    by = mapping({"name": "Worn", "means": "clothing"})
    found = cases(tmp_path, "1,01/03/2022,F,03/04/2023,9.35,tutu", head="ID,DOB,Sex,Date,Weight,Worn", by=by)
    assert [f.kind for f in found.refused] == ["doubted"] and found.refused.rows == 0
    assert found.to_frame("pandas")["weight_kg"].tolist() == [9.35]


@pytest.mark.parametrize(
    ("column", "two"), [("birth date", "1,02/03/2022,F,04/04/2023,9.3"), ("sex", "1,01/03/2022,M,04/04/2023,9.3")]
)
def test_rows_of_one_child_that_disagree_use_neither(tmp_path: Path, column: str, two: str) -> None:
    found = cases(tmp_path, "1,01/03/2022,F,03/04/2023,9.35", two)
    [fault] = found.refused
    assert fault.kind == "doubted" and f"something else of the {column}" in fault.reason and fault.row == 3
    assert (told(found, "1").birth is None) == (column == "birth date")
    assert (told(found, "1").sex is None) == (column == "sex")
    if column == "birth date":
        [row] = found.worklist(as_of=DAY).cannot_wait
        assert row.lines[0].do.startswith("Enter the birth date")


def test_the_same_row_twice_is_one_weighing_and_said(tmp_path: Path) -> None:
    row = "1,01/03/2022,F,03/04/2023,9.35"
    found = cases(tmp_path, row, row, "1,01/03/2022,F,03/04/2023,9.45", row)
    assert sorted(found.to_frame("pandas")["weight_kg"]) == [9.35, 9.45]
    assert [(f.row, f.reason) for f in found.refused] == [
        (3, "the same weighing as row 2: it is read once"),
        (5, "the same weighing as row 2: it is read once"),
    ]


def test_pounds_and_ounces_in_two_columns(tmp_path: Path) -> None:
    by = Mapping.from_dict(
        {
            "date_order": "day-month-year",
            "fields": [
                {"name": "ID", "means": "child_id"},
                {"name": "Date", "means": "weighed_on"},
                {"name": "lb", "means": "weight", "unit": "lb"},
                {"name": "oz", "means": "weight", "unit": "oz"},
            ],
        }
    )
    found = cases(
        tmp_path,
        "1,03/04/2023,9,4",
        "1,04/04/2023,9,",
        "1,05/04/2023,,4",
        "1,06/04/2023,9,16",
        head="ID,Date,lb,oz",
        by=by,
    )
    # 9 lb 4 oz are 9.25 x 0.45359237 = 4.196 kg, 9 lb are 4.082 kg.
    assert found.to_frame("pandas")["weight_kg"].tolist() == [4.196, 4.082]
    assert [(f.row, f.kind) for f in found.refused] == [(4, "refused"), (5, "refused")]


def test_a_name_longer_than_an_event_may_hold_leaves_the_weight_and_an_id_that_long_is_no_id(tmp_path: Path) -> None:
    """A weight is no less true because of who is said to have weighed; a record takes 1,000 and 200 characters."""
    by = mapping({"name": "By", "means": "actor"}, {"name": "Lead", "means": "lead"})
    found = cases(
        tmp_path,
        f"1,01/03/2022,F,03/04/2023,9.35,{'n' * 1001},Bea",
        f"2,01/03/2022,F,03/04/2023,9.35,Ann,{'l' * 1001}",
        f"3,01/03/2022,F,03/04/2023,9.35,{'n' * 1000},{'l' * 1000}",
        f"{'4' * 201},01/03/2022,F,03/04/2023,9.35,Ann,Bea",
        head="ID,DOB,Sex,Date,Weight,By,Lead",
        by=by,
    )
    told = [(f.row, f.kind, f.reason, f.remedy) for f in found.refused]
    assert told == [
        (2, "doubted", "a name of 1001 characters", "write it with at most 1000 characters"),
        (3, "doubted", "a name of 1001 characters", "write it with at most 1000 characters"),
        (5, "refused", "an id of 201 characters", "write it with at most 200 characters"),
    ]
    assert found.ids == ("1", "2", "3") and found.to_frame("pandas")["weight_kg"].tolist() == [9.35] * 3
    worklist(found, as_of=dt.date(2023, 4, 4))


def test_ids_keep_their_zeros_and_what_is_alike_is_asked_about(tmp_path: Path) -> None:
    found = cases(
        tmp_path,
        "0412,01/03/2022,F,03/04/2023,9.35",
        "412,01/03/2022,F,04/04/2023,9.4",
        " 0412 ,01/03/2022,F,05/04/2023,9.5",
    )
    assert found.ids == ("0412", "412")
    assert [f.reason for f in found.refused if f.row == 0] == [
        "'0412' and '412' differ only in spaces, joiners, case or leading zeros: read as different children"
    ]


def test_spaces_inside_an_id_are_said(tmp_path: Path) -> None:
    found = cases(tmp_path, "943  476 5919,01/03/2022,F,03/04/2023,9.35")
    assert found.ids == ("943 476 5919",)
    assert "1 id had spaces that are not kept." in found.notes


def test_columns_that_are_not_read_are_named(tmp_path: Path) -> None:
    found = cases(tmp_path, "1,01/03/2022,F,03/04/2023,9.35,x", head="ID,DOB,Sex,Date,Weight,GP notes")
    assert "Not read: 'GP notes'." in found.notes


def test_conditions_come_from_any_row_and_a_level_from_its_own_column(tmp_path: Path) -> None:
    by = mapping(
        {"name": "Dx", "means": "condition", "values": {"CP": "cerebral_palsy"}, "separator": "/"},
        {"name": "GMFCS", "means": "gmfcs"},
    )
    head = "ID,DOB,Sex,Date,Weight,Dx,GMFCS"
    rows = [
        "1,01/03/2022,F,03/04/2023,9.3,,",
        "1,01/03/2022,F,04/04/2023,9.4,CP / epilepsy,V",
        "2,01/03/2022,F,04/04/2023,9.4,,IV",
    ]
    found = cases(tmp_path, *rows, head=head, by=by)
    kinds = [(w.condition, w.gmfcs, since) for w, _, since in told(found, "1").conditions]
    assert kinds == [("cerebral_palsy", 5, dt.date(2023, 4, 3)), ("epilepsy", None, dt.date(2023, 4, 3))]
    assert "without cerebral palsy" in found.refused[0].reason


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(1, 5), st.integers(0, 400), st.integers(500, 29_999)), min_size=1, max_size=30))
def test_a_table_in_any_order_gives_every_weight_once(tmp_path: Path, drawn: list[tuple[int, int, int]]) -> None:
    rows = [
        f"{c:04d},01/03/2022,F,{dt.date(2022, 3, 1) + dt.timedelta(days=d):%d/%m/%Y},{g / 1000}" for c, d, g in drawn
    ]
    path = table(tmp_path, *rows)
    frame = read(path, mapping()).to_frame("pandas")
    wanted = {(f"{c:04d}", d, g / 1000) for c, d, g in drawn}
    assert {(a, int(b), c) for a, b, c in zip(frame.child_id, frame.age_days, frame.weight_kg, strict=True)} == wanted
    assert len(frame) == len(wanted)
    assert frame.groupby("child_id").age_days.apply(lambda s: s.is_monotonic_increasing).all()


def test_each_reason_is_said_with_its_rows_and_a_birth_date_that_is_no_day_is_not_a_sex_that_nobody_said(
    tmp_path: Path,
) -> None:
    path = tmp_path / "t.csv"
    weights = ["NaN", "13 lb 4 oz", *["inf"] * 6]
    rows = [f"2,2024-02-29,M,2024-06-{n:02},{kg}" for n, kg in enumerate(weights, 1)]
    text = "\n".join(["child_id,birth_date,sex,weighed_on,weight_kg", "1,2023-02-29,F,2024-06-01,9.1", *rows])
    path.write_text(text + "\n", encoding="utf-8")
    work = worklist(review(read(path), as_of=dt.date(2024, 7, 2)))
    one, two = (next(r for r in work if r.child_id == id) for id in ("1", "2"))
    assert one.who == "no birth date that can be used"
    assert "Rows 3, 5, 6, 7, 8 and 2 more could not be read: not a number. Row 4 could not be read: " in two.why
