"""A first mapping: it looks at the data, and asks what that does not say."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import get_args

import pytest
from caseload_tables import table, workbook

from growthwatch.caseload import Mapping, propose, read
from growthwatch.core.errors import GrowthwatchError
from growthwatch.record.words import Condition

HEAD = "NHS number,Date of birth,Gender,Date weighed,Weight (kg)"


def test_clear_data_leave_no_question_and_the_mapping_reads_them(tmp_path: Path) -> None:
    path = table(tmp_path, "0412,13/03/2022,F,25/04/2023,9.35", head=HEAD)
    made = propose(path)
    assert made.questions == ()
    found = read(path, Mapping.loads(made))
    assert found.ids == ("0412",) and found.to_frame("pandas")["weight_kg"].tolist() == [9.35]


def test_a_date_that_can_be_read_both_ways_is_asked_about(tmp_path: Path) -> None:
    path = table(tmp_path, "0412,03/04/2022,F,05/04/2023,9.35", head=HEAD)
    made = propose(path)
    assert len(made.questions) == 2 and all("Day first or month first?" in q for q in made.questions)
    assert 'date_order = "day-month-year"' not in made.replace('# date_order = "day-month-year"', "")
    with pytest.raises(GrowthwatchError, match="no list is made yet"):  # not answered, nothing is guessed
        read(path, Mapping.loads(made))
    answered = Mapping.loads(made.replace('# date_order = "day-month-year"', 'date_order = "day-month-year"'))
    assert read(path, answered).to_frame("pandas")["weighed_on"].dt.date.tolist() == [dt.date(2023, 4, 5)]


@pytest.mark.parametrize(
    ("row", "asked"),
    [
        ("0412,13/03/2022,1,25/04/2023,9.35", 'What is meant by "1"?'),
        ("0412,13/03/22,F,25/04/2023,9.35", "Years of two figures"),
        ("0412,13/03/2022,F,04/25/2023,9.35\n0413,13/03/2022,F,25/04/2023,9.35", "Both orders"),
        ("0412,13/03/2022,F,25/04/2023,9.35\n0412,13/03/2022,F,26/04/2023,9350", "are those grams?"),
        ("0412,13/03/2022,F,25/04/2023,poorly", "is no weight"),
    ],
)
def test_what_the_data_do_not_say_is_asked(tmp_path: Path, row: str, asked: str) -> None:
    assert any(asked in q for q in propose(table(tmp_path, row, head=HEAD)).questions)


def test_a_unit_that_nothing_says_is_asked_and_the_mapping_is_not_read_without_it(tmp_path: Path) -> None:
    path = table(tmp_path, "0412,13/03/2022,F,25/04/2023,9.35", head=HEAD.replace("Weight (kg)", "Weight"))
    made = propose(path)
    assert "In which unit" in made.questions[0] and "9.35" in made.questions[0]
    with pytest.raises(GrowthwatchError, match="never guessed"):
        Mapping.loads(made)
    assert Mapping.loads(made.replace('# unit = "kg"', 'unit = "kg"'))


@pytest.mark.parametrize(
    ("head", "cell", "line"),
    [
        ("Weight (g)", "9350", 'unit = "g"'),
        ("weight_kg", "9.35", 'unit = "kg"'),
        ("Weight", "20lb 9oz", 'unit = "lb + oz"'),
        ("Weight kg", '"9,35"', 'decimalChar = ","'),
    ],
)
def test_units_and_decimal_marks_are_seen(tmp_path: Path, head: str, cell: str, line: str) -> None:
    made = propose(table(tmp_path, f"0412,13/03/2022,F,25/04/2023,{cell}", head=HEAD.replace("Weight (kg)", head)))
    assert line in made.splitlines() or any(x.startswith(line) for x in made.splitlines())
    assert Mapping.loads(made)


@pytest.mark.parametrize(("cell", "form"), [("36+4", "weeks+days"), ("256", "days"), ("36", "weeks")])
def test_gestations_are_recognised_by_their_form(tmp_path: Path, cell: str, form: str) -> None:
    made = propose(table(tmp_path, f"0412,13/03/2022,F,25/04/2023,9.35,{cell}", head=f"{HEAD},Gestation"))
    assert f'format = "{form}"' in made.splitlines()


def test_conditions_that_are_known_are_filled_in_and_others_asked_about(tmp_path: Path) -> None:
    rows = ["1,13/03/2022,F,25/04/2023,9.3,Down's; CP GMFCS V", "2,13/03/2022,F,25/04/2023,9.3,EB"]
    made = propose(table(tmp_path, *rows, head=f"{HEAD},Diagnosis"))
    [question] = made.questions
    assert "EB" in question
    comment = " ".join(x.removeprefix("# ") for x in made.splitlines() if x.startswith("#"))
    assert f"Words that may stand here: {', '.join((*get_args(Condition), 'none'))}." in comment
    [field] = Mapping.loads(made).of("condition")
    assert field.separator == ";" and field.values is not None
    assert field.values["Down's"] == "trisomy_21" and field.values["CP GMFCS V"].gmfcs == 5


@pytest.mark.parametrize("name", ["Child no", "Child No.", "child number"])
def test_the_number_of_a_child_is_its_id(tmp_path: Path, name: str) -> None:
    path = table(tmp_path, "0412,13/03/2022,F,25/04/2023,9.35", head=HEAD.replace("NHS number", name))
    made = propose(path)
    assert made.questions == () and read(path, Mapping.loads(made)).ids == ("0412",)


def test_words_for_nothing_are_found_in_any_column(tmp_path: Path) -> None:
    made = propose(table(tmp_path, "1,13/03/2022,F,25/04/2023,not weighed", "1,13/03/2022,F,26/04/2023,9.3", head=HEAD))
    assert Mapping.loads(made).missingValues == ("", "not weighed") and made.questions == ()


def test_columns_that_are_not_recognised_are_asked_about_or_named(tmp_path: Path) -> None:
    made = propose(
        table(tmp_path, "1,13/03/2022,F,25/04/2023,9.3", head="NHS number,DOB,Gender,Day of the clinic,Kilos in nappy")
    )
    assert any("Which column is the weight?" in q and "Kilos in nappy" in q for q in made.questions)
    assert any("weighed on" in q for q in made.questions)


def test_a_file_with_another_encoding_separator_or_sheet_says_so(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes((HEAD + ",HV\n1,13/03/2022,F,25/04/2023,9.3,Siân").replace(",", ";").encode("cp1252"))
    made = Mapping.loads(propose(path))
    assert (made.encoding, made.delimiter) == ("cp1252", ";")
    book = workbook(
        tmp_path / "t.xlsx", {"A": [["x"]], "B": [HEAD.split(","), ["1", "13/03/2022", "F", "25/04/2023", 9.3]]}
    )
    assert Mapping.loads(propose(book, "B")).sheet == "B"


def test_names_that_look_like_toml_are_quoted(tmp_path: Path) -> None:
    made = propose(table(tmp_path, "1,13/03/2022,F,25/04/2023,9.3,x", head=f'{HEAD},"a ""b"" = \\1"'))
    assert Mapping.loads(made)


def test_a_worker_may_be_the_lead_and_the_mapping_says_how(tmp_path: Path) -> None:
    made = propose(table(tmp_path, "1,13/03/2022,F,25/04/2023,9.3,Anna", head=f"{HEAD},HV"))
    assert made.questions == () and '# If these are the leads of the children: means = "lead".' in made
    assert [f.means for f in Mapping.loads(made.replace('means = "worker"', 'means = "lead"')).fields][-1] == "lead"


ROW = ["1", "13/03/2022", "F", "25/04/2023", 9.3]


def test_of_several_sheets_the_one_with_a_table_is_read_and_the_others_are_named(tmp_path: Path) -> None:
    made = propose(workbook(tmp_path / "t.xlsx", {"Notes": [["Sam keeps this"]], "Weights": [HEAD.split(","), ROW]}))
    assert made.questions == () and Mapping.loads(made).sheet == "Weights"
    assert 'sheet = "Weights"  # not read: "Notes"' in made.splitlines()


def test_where_two_sheets_hold_such_a_table_it_asks_which(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", {"2023": [HEAD.split(","), ROW], "2022": [HEAD.split(","), ROW]})
    made = propose(path)
    assert made.questions[0].startswith('Which sheet holds the table: "2023" or "2022"?')
    assert Mapping.loads(made).sheet is None
    with pytest.raises(GrowthwatchError, match="several sheets, and nobody has said which"):
        read(path, Mapping.loads(made))
    answered = made.replace('# sheet = "2022"', 'sheet = "2022"')
    assert len(read(path, Mapping.loads(answered))) == 1


def test_a_workbook_without_any_such_table_is_refused_and_names_its_sheets(tmp_path: Path) -> None:
    with pytest.raises(GrowthwatchError, match=r"'A', 'B'.*--sheet"):
        propose(workbook(tmp_path / "t.xlsx", {"A": [["x"]], "B": [["y"]]}))
    with pytest.raises(GrowthwatchError, match="'C'"):
        propose(workbook(tmp_path / "t.xlsx", {"A": [["x"]], "B": [["y"]]}), "C")


@pytest.mark.parametrize("kind", ["book", "text", "semicolons"])
def test_a_title_above_the_names_of_the_columns_is_seen(tmp_path: Path, kind: str) -> None:
    if kind == "book":
        rows: list[list[object]] = [["Team North, November"], [], [*HEAD.split(",")], [*ROW]]
        path = workbook(tmp_path / "t.xlsx", {"S": rows})
    else:
        text = f'Team North; "November"\n\n{HEAD}\n1,13/03/2022,F,25/04/2023,9.3\n'
        path = tmp_path / "t.csv"
        path.write_text(text.replace(",", ";") if kind == "semicolons" else text.replace(";", ","), encoding="utf-8")
    made = propose(path)
    [said] = [x for x in made.splitlines() if x.startswith("header_row = ")]
    assert said.startswith("header_row = 3  #") and '"Weight (kg)"' in said
    found = read(path, Mapping.loads(made))
    assert found.ids == ("1",) and not found.refused


def test_a_row_of_data_is_not_taken_for_the_names(tmp_path: Path) -> None:
    # The second row holds words that are names of columns elsewhere; fewer than three, or no more than the first.
    made = propose(table(tmp_path, "sex,13/03/2022,F,25/04/2023,9.3", head=HEAD))
    assert "header_row" not in made


def test_a_year_that_comes_first_is_not_taken_for_a_day(tmp_path: Path) -> None:
    # A workbook has days as days; one that does not exist was typed as text.
    rows = ["1,2022-03-13,F,2023-04-25,9.3", "1,2022-03-13,F,31/02/2026,9.4"]
    made = propose(table(tmp_path, *rows, head=HEAD))
    assert made.questions == ()
    assert Mapping.loads(made).of("weighed_on")[0].date_order == "day-month-year"
    both = propose(table(tmp_path, "1,2022-03-13,F,2023-04-25,9.3", "1,2022-03-13,F,03/04/2023,9.4", head=HEAD))
    [question] = both.questions
    assert "such as 03/04/2023" in question


def test_what_is_not_answered_is_said_by_the_name_of_the_column(tmp_path: Path) -> None:
    made = propose(table(tmp_path, "0412,13/03/2022,F,25/04/2023,9.35", head=HEAD.replace("Weight (kg)", "Weight")))
    with pytest.raises(GrowthwatchError) as e:
        Mapping.loads(made)
    assert '(column "Weight"): nobody has said it, expected kg, g, lb' in str(e.value) and "None" not in str(e.value)
    assert "Take away the #" in str(e.value) and str(e.value.field).endswith(".unit")


@pytest.mark.parametrize(
    "head",
    ["ID,DOB,Sex,Weight 1,Date 1,Weight 2,Date 2", "ID,DOB,Sex,Weight (kg),Date weighed,Weight_2,Date weighed (2)"],
)
def test_a_table_with_one_row_a_child_is_told_to_be_one_with_one_row_a_weighing(tmp_path: Path, head: str) -> None:
    made = propose(table(tmp_path, "0012,13/01/2024,F,3.4,13/01/2024,5.1,15/02/2024", head=head))
    [question] = [q for q in made.questions if "several weighings in one row?" in q]
    assert "Give each weighing a row of its own" in question and '2"' in question.replace(')"', '"')


def test_one_weight_with_a_number_is_no_table_of_many(tmp_path: Path) -> None:
    made = propose(table(tmp_path, "0012,13/01/2024,F,3.4,13/01/2024", head="ID,DOB,Sex,Weight 1,Date 1"))
    assert not any("several weighings" in q for q in made.questions)
