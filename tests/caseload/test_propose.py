"""A first mapping: it looks at the data, and asks what that does not say."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from caseload_tables import table, workbook

from growthwatch.caseload import Mapping, propose, read
from growthwatch.core.errors import GrowthwatchError

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
    unanswered = read(path, Mapping.loads(made))
    assert "nobody has said" in unanswered.refused[0].reason, "not answered, nothing is guessed"
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
    [field] = Mapping.loads(made).of("condition")
    assert field.separator == ";" and field.values is not None
    assert field.values["Down's"] == "trisomy_21" and field.values["CP GMFCS V"].gmfcs == 5


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
    with pytest.raises(GrowthwatchError, match="'A', 'B'"):
        propose(book)
    assert Mapping.loads(propose(book, "B")).sheet == "B"


def test_names_that_look_like_toml_are_quoted(tmp_path: Path) -> None:
    made = propose(table(tmp_path, "1,13/03/2022,F,25/04/2023,9.3,x", head=f'{HEAD},"a ""b"" = \\1"'))
    assert Mapping.loads(made)


def test_a_worker_may_be_the_lead_and_the_mapping_says_how(tmp_path: Path) -> None:
    made = propose(table(tmp_path, "1,13/03/2022,F,25/04/2023,9.3,Anna", head=f"{HEAD},HV"))
    assert made.questions == () and '# If these are the leads of the children: means = "lead".' in made
    assert [f.means for f in Mapping.loads(made.replace('means = "worker"', 'means = "lead"')).fields][-1] == "lead"
