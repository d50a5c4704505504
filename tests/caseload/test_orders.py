"""A mapping that does not say whether the day or the month is first: a question is the answer, not a list of alarms."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

import growthwatch as gw
from growthwatch.cli import main

DAY = "2024-02-27"
ASKED = "Is the day or the month first in"


def table(folder: Path, rows: list[tuple[str, str, str]]) -> Path:
    path = folder / "ours.csv"
    lines = ["Id,DOB,Weighed,Kg", *(f"{id},{born},{on},7.5" for id, born, on in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def mapping(folder: Path, top: str = "", born: str = "", on: str = "") -> Path:
    path = folder / "ours.toml"
    fields = [
        ("Id", "child_id", ""),
        ("DOB", "birth_date", born),
        ("Weighed", "weighed_on", on),
        ("Kg", "weight", 'unit = "kg"'),
    ]
    said = "".join(f'\n[[fields]]\nname = "{n}"\nmeans = "{m}"\n{more}\n' for n, m, more in fields)
    path.write_text(f"{top}\n{said}", encoding="utf-8")
    return path


def refusal(folder: Path, rows: list[tuple[str, str, str]], **how: str) -> str:
    with pytest.raises(gw.GrowthwatchError) as raised:
        gw.caseload.read(table(folder, rows), mapping(folder, **how))
    return str(raised.value)


def test_it_names_the_columns_examples_both_readings_and_the_answer(tmp_path: Path) -> None:
    said = refusal(tmp_path, [("001", "03/04/2023", "05/06/2023"), ("002", "08/09/2023", "25/12/2023")])
    assert said.startswith(f"{tmp_path / 'ours.csv'}: no list is made yet. {ASKED} 'DOB' and 'Weighed'?")
    assert (
        "'DOB' has 2 such dates: '03/04/2023' is 3 April 2023 (the day first) or 4 March 2023 (the month first)."
        in said
    )
    # One date settles it for who reads; the mapping must say it all the same.
    assert (
        "'Weighed' has 2 such dates: '05/06/2023' is 5 June 2023 (the day first) or 6 May 2023 (the month first)"
        in said
    )
    assert "; but '25/12/2023' can only be 25 December 2023 (the day first)." in said
    answers = 'date_order = "day-month-year" or date_order = "month-day-year"'
    assert said.endswith(f"below the name of the column, or at its top for all: {answers}.")


def test_no_list_is_made_and_nothing_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = table(tmp_path, [("001", "03/04/2023", "05/06/2023")])
    report = tmp_path / "out.html"
    given = ["--mapping", str(mapping(tmp_path)), "--as-of", DAY, "--report", str(report)]
    assert main(["caseload", str(path), *given]) == 2
    said = capsys.readouterr()
    assert "annot wait" not in said.out + said.err and not report.exists()
    assert f"no list is made yet. {ASKED}" in " ".join(said.err.split())


@pytest.mark.parametrize("where", ["top", "field"])
def test_with_the_answer_every_child_is_read(where: str, tmp_path: Path) -> None:
    answer = 'date_order = "day-month-year"'
    how = {"top": answer} if where == "top" else {"born": answer, "on": answer}
    path = table(tmp_path, [("001", "03/04/2023", "05/06/2023")])
    cases = gw.caseload.read(path, mapping(tmp_path, **how))
    (record,) = cases.records(as_of=dt.date(2024, 2, 27))
    assert [(e.type, e.on) for e in record.events] == [("born", dt.date(2023, 4, 3)), ("weighed", dt.date(2023, 6, 5))]
    assert not cases.refused


def test_only_what_waits_is_asked_about(tmp_path: Path) -> None:
    rows = [("001", "03/04/2023", "2023-06-05"), ("002", "08/09/2023", "2023-12-25")]
    said = refusal(tmp_path, rows)
    assert f"{ASKED} 'DOB'?" in said and "'Weighed'" not in said


def test_one_cell_among_dates_that_can_be_read_stops_no_list(tmp_path: Path) -> None:
    """Nothing is guessed and nothing lost: the row is refused with its reason, and the child stands in the list."""
    rows = [
        ("001", "2023-04-03", "2023-06-05"),
        ("002", "2023-04-03", "05/06/2023"),
        ("003", "2023-04-03", "2023-06-05"),
    ]
    cases = gw.caseload.read(table(tmp_path, rows), mapping(tmp_path))
    assert cases.ids == ("001", "002", "003")
    (fault,) = cases.refused
    assert (fault.row, fault.child_id, fault.column, fault.value) == (3, "002", "Weighed", "05/06/2023")
    assert "nobody has said" in fault.reason and "date_order" in fault.remedy
    reviewed = cases.review(as_of=dt.date(2024, 2, 27), starts_on=dt.date(2024, 2, 27))
    assert "002" in {row.child_id for row in reviewed.worklist()} | {
        row.child_id for row in reviewed.worklist().nothing
    }


@pytest.mark.parametrize(("waiting", "readable", "asks"), [(2, 1, True), (1, 1, False), (1, 2, False), (3, 2, True)])
def test_it_is_asked_where_most_dates_of_a_column_wait(waiting: int, readable: int, asks: bool, tmp_path: Path) -> None:
    born = ["03/04/2023"] * waiting + ["2023-04-03"] * readable
    rows = [(f"{n:03}", day, "2023-06-05") for n, day in enumerate(born)]
    if asks:
        assert ASKED in refusal(tmp_path, rows)
    else:
        assert len(gw.caseload.read(table(tmp_path, rows), mapping(tmp_path)).refused) == waiting


@pytest.mark.parametrize(
    ("text", "said", "answer"),
    [
        ("2023/04/03", "'2023/04/03' can only be 3 April 2023 (the year first)", 'date_order = "year-month-day".'),
        (
            "04.03.23",
            "'04.03.23' is 4 March 2023 (the day first) or 3 April 2023",
            'format = "%d.%m.%y" or format = "%m.%d.%y".',
        ),
        ("12/31/2023", "'12/31/2023' can only be 31 December 2023 (the month first)", "date_order"),
        ("05/05/23", "'DOB' has 1 such date.", "format"),
    ],
)
def test_each_form_has_its_answer(text: str, said: str, answer: str, tmp_path: Path) -> None:
    told = refusal(tmp_path, [("001", text, "2023-06-05")])
    assert said in told and answer in told


@pytest.mark.parametrize("text", ["31/02/2023", "99/99/2023", "30-2-2023", "00/05/2023", "2023/02/31", "31/02/23"])
def test_what_is_a_day_by_no_order_is_refused_and_waits_for_no_answer(text: str, tmp_path: Path) -> None:
    cases = gw.caseload.read(table(tmp_path, [("001", "2023-01-03", text)]), mapping(tmp_path))
    (fault,) = cases.refused
    assert (fault.column, fault.value, fault.reason) == ("Weighed", text, "no such day")
    assert "date_order" not in fault.remedy


@pytest.mark.parametrize("text", ["03/04/0223", "03/03/0223", "3.4.9999"])
def test_a_year_that_cannot_be_waits_for_no_answer(text: str, tmp_path: Path) -> None:
    cases = gw.caseload.read(table(tmp_path, [("001", "2023-01-03", text)]), mapping(tmp_path))
    (fault,) = cases.refused
    assert fault.reason.startswith("the year ") and fault.remedy == "look up the year"


def test_what_is_the_same_day_by_both_orders_is_read(tmp_path: Path) -> None:
    cases = gw.caseload.read(table(tmp_path, [("001", "03/03/2023", "5.5.2023")]), mapping(tmp_path))
    (record,) = cases.records(as_of=dt.date(2024, 2, 27))
    assert [e.on for e in record.events] == [dt.date(2023, 3, 3), dt.date(2023, 5, 5)] and not cases.refused


def test_only_what_may_be_another_day_is_counted_in_the_question(tmp_path: Path) -> None:
    days = ["03/04/2023", "04/05/2023", "05/06/2023", "03/03/2023", "31/02/2023"]
    said = refusal(tmp_path, [(f"{n:03}", "2023-01-03", day) for n, day in enumerate(days)])
    assert "'Weighed' has 3 such dates: '03/04/2023' is" in said


def test_the_answer_for_years_of_two_figures_reads_them(tmp_path: Path) -> None:
    path = table(tmp_path, [("001", "04.03.23", "2023-06-05")])
    cases = gw.caseload.read(path, mapping(tmp_path, born='format = "%d.%m.%y"'))
    (record,) = cases.records(as_of=dt.date(2024, 2, 27))
    assert record.events[0].on == dt.date(2023, 3, 4)


def test_the_first_mapping_as_it_is_written_asks_and_is_not_used_for_a_list(tmp_path: Path) -> None:
    """`caseload map` writes the question; who does not answer it is told the same again."""
    path = table(tmp_path, [("001", "03/04/2023", "05/06/2023")])
    first = gw.caseload.propose(path)
    assert any("Day first or month first?" in q for q in first.questions)
    own = tmp_path / "map.toml"
    own.write_text(first, encoding="utf-8")
    with pytest.raises(gw.GrowthwatchError, match=ASKED):
        gw.caseload.read(path, own)
