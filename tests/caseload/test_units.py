"""A unit that cannot be right: a question is the answer, not a list in which every weight is in doubt."""

from __future__ import annotations

import tomllib
from importlib import resources
from pathlib import Path

import pytest

import growthwatch as gw
from growthwatch.caseload.mapping import own_mapping
from growthwatch.caseload.rows import read_rows
from growthwatch.caseload.tables import open_table
from growthwatch.caseload.words import words
from growthwatch.cli import main

ASKED = "no list is made yet: the unit seems to be wrong."


def table(folder: Path, *weights: str, birth_weights: str = "") -> Path:
    path = folder / "ours.csv"
    lines = [f'{n:03},2023-04-03,2023-0{5 + n % 4}-05,"{kg}",{birth_weights}' for n, kg in enumerate(weights)]
    path.write_text("\n".join(["Id,DOB,Weighed,Weight,BW", *lines]) + "\n", encoding="utf-8")
    return path


def mapping(folder: Path, weight: str, birth_weight: str = 'unit = "kg"') -> Path:
    path = folder / "ours.toml"
    order = 'date_order = "year-month-day"'
    fields = [
        ("Id", "child_id", ""),
        ("DOB", "birth_date", order),
        ("Weighed", "weighed_on", order),
        ("Weight", "weight", weight),
        ("BW", "birth_weight", birth_weight),
    ]
    said = "".join(f'\n[[fields]]\nname = "{n}"\nmeans = "{m}"\n{more}\n' for n, m, more in fields)
    path.write_text(said, encoding="utf-8")
    return path


def refusal(path: Path, how: Path) -> gw.GrowthwatchError:
    with pytest.raises(gw.GrowthwatchError) as raised:
        gw.caseload.read(path, how)
    return raised.value


def test_the_bounds_are_those_of_the_packaged_protocol() -> None:
    packaged = resources.files("growthwatch").joinpath("protocols/uk-hv.toml").read_text(encoding="utf-8")
    weights = tomllib.loads(packaged)["weights"]
    assert (words().least_kg, words().most_kg) == (weights["least_kg"], weights["most_kg"])


def test_kilograms_said_to_be_grams_name_the_column_the_unit_two_examples_and_the_answer(tmp_path: Path) -> None:
    raised = refusal(table(tmp_path, "3.25", "7.4", "8.1", "9.6", "8350"), mapping(tmp_path, 'unit = "g"'))
    assert str(raised) == (
        f"{tmp_path / 'ours.csv'}: {ASKED} 'Weight' is read in g, but 4 of its 5 weights are ones that no child weighs "
        "in g, such as '3.25' and '7.4'. Answer in the mapping, below the name of the column: "
        'unit = "kg" (and grams_from = 500 if the larger ones are grams) or unit = "lb".'
    )
    assert (raised.field, raised.value) == ("unit", "g")


def test_no_list_is_made_and_nothing_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, report = table(tmp_path, "3.25", "7.4", "8.1", "9.6"), tmp_path / "out.html"
    given = ["--mapping", str(mapping(tmp_path, 'unit = "g"')), "--as-of", "2024-02-27", "--report", str(report)]
    assert main(["caseload", str(path), *given]) == 2
    said = capsys.readouterr()
    assert "annot wait" not in said.out + said.err and not report.exists()
    assert ASKED in " ".join(said.err.split())


@pytest.mark.parametrize(
    ("weights", "said", "answer"),
    [
        (("3250", "7400", "8100", "9600"), 'unit = "kg"', 'unit = "g".'),
        (("3250", "7400", "8100", "9.6"), 'unit = "kg"', 'grams_from = 500 (if the smaller ones are kg) or unit = "g"'),
        (("3250", "7400", "8100", "9600"), 'unit = "lb"', 'unit = "g".'),
        (("3,25", "7,4", "8,1", "9,6"), 'unit = "g"\ndecimalChar = ","', 'unit = "kg" or unit = "lb".'),
        (("3.25", "7.4", "8.1", "9.6"), 'unit = ["g", "lb"]', 'unit = ["kg", "lb", "g"]'),
        (("3e1", "3250000", "7400000", "8100000", "9600000"), 'unit = "kg"', 'unit = "..." (kg, g, lb, oz or lb + oz)'),
    ],
)
def test_each_wrong_unit_has_its_answer(weights: tuple[str, ...], said: str, answer: str, tmp_path: Path) -> None:
    told = str(refusal(table(tmp_path, *weights), mapping(tmp_path, said)))
    assert ASKED in told and answer in told


def test_the_birth_weights_are_asked_about_too(tmp_path: Path) -> None:
    path = table(tmp_path, "7.4", "8.1", "9.6", "9.9", birth_weights="3250")
    assert f"{ASKED} 'BW' is read in kg, but 4 of its 4" in str(refusal(path, mapping(tmp_path, 'unit = "kg"')))
    assert not gw.caseload.read(path, mapping(tmp_path, 'unit = "kg"', 'unit = "g"')).refused


@pytest.mark.parametrize(
    ("odd", "sound", "asks"), [(3, 1, True), (2, 2, False), (3, 2, True), (3, 0, False), (1, 9, False)]
)
def test_it_is_asked_where_most_of_at_least_four_weights_are_none(
    odd: int, sound: int, asks: bool, tmp_path: Path
) -> None:
    path = table(tmp_path, *["3250"] * odd, *["7.4"] * sound)
    if asks:
        assert ASKED in str(refusal(path, mapping(tmp_path, 'unit = "kg"')))
    else:
        assert len(gw.caseload.read(path, mapping(tmp_path, 'unit = "kg"')).refused) == odd


def test_a_cell_that_says_its_unit_tells_nothing_of_the_column(tmp_path: Path) -> None:
    path = table(tmp_path, "3250 kg", "7400 kg", "8100 kg", "9.6")
    assert len(gw.caseload.read(path, mapping(tmp_path, 'unit = "kg"')).refused) == 3


def test_a_part_of_a_table_is_read_as_it_is(tmp_path: Path) -> None:
    """Who has the children of a large table in parts must not lose all of them to one whose weights are wrong."""
    own = tmp_path / "own.csv"
    rows = [f"7,2023-0{n}-05,{kg}" for n, kg in enumerate((3250, 7400, 8100, 9600), 5)]
    own.write_text("\n".join(["child_id,weighed_on,weight_kg", *rows]), encoding="utf-8")
    told = own_mapping(["child_id", "weighed_on", "weight_kg"])
    assert told is not None
    assert len(read_rows(open_table(own, told), told, whole=False).faults.refused) == 4
    with pytest.raises(gw.GrowthwatchError, match=ASKED):
        read_rows(open_table(own, told), told)


def test_the_answer_reads_every_weight(tmp_path: Path) -> None:
    path = table(tmp_path, "3.25", "7.4", "8.1", "9.6")
    assert not gw.caseload.read(path, mapping(tmp_path, 'unit = "kg"')).refused
