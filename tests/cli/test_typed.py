"""The command line as people type it: days in words, files and folders, names that are nearly right."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from command_runner import command_runner

import growthwatch as gw
from growthwatch.cli.app import app

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
C1, C5 = EXAMPLES / "c1-slow-decline.json", EXAMPLES / "c5-handover-gap.json"
runner = command_runner()


def run(*arguments: object):
    return runner.invoke(app, [str(a) for a in arguments], prog_name="growthwatch")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two records, and a file that is none of them."""
    made = tmp_path / "records"
    made.mkdir()
    for path in (C1, C5):
        shutil.copy(path, made)
    (made / "read me.txt").write_text("no record")
    return made


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    path = tmp_path / "bad.json"
    path.write_text("{}")
    return path


# --- days ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", ["today", "yesterday", "Yesterday", "2024-04-09"])
@pytest.mark.parametrize(
    "command",
    [
        ("review", C5, "--as-of"),
        ("replay", C5, "--until"),
        ("chart", C5, "--out", "OUT.svg", "--size", "600px", "--as-of"),
        ("page", "family", C5, "--out", "OUT.html", "--as-of"),
        ("caseload", EXAMPLES / "c5", "--as-of"),
        ("protocol", "check", "uk-hv", "--as-of"),
        ("protocol", "compare", "uk-hv", "uk-hv", C5, "--until"),
    ],
    ids=lambda c: " ".join(map(str, c[:2])) if c[0] != "review" else "review",
)
def test_a_day_is_understood_wherever_one_is_asked_for(command: tuple[object, ...], day: str, tmp_path: Path) -> None:
    if command[0] == "caseload":
        records = tmp_path / "records"
        records.mkdir()
        shutil.copy(C5, records)
        command = ("caseload", records, "--as-of")
    given = [tmp_path / str(a).lower() if str(a).startswith("OUT.") else a for a in command]
    made = run(*given, day)
    assert made.exit_code in (0, 3), made.stderr
    wrong = run(*given, "the day before")
    assert wrong.exit_code == 2
    assert "today or yesterday" in wrong.stderr and command[-1] in wrong.stderr


@pytest.mark.parametrize(
    "command",
    ["review", "replay", "chart", "caseload", "page child", "protocol check", "protocol compare", "protocol sign"],
)
def test_help_says_which_days_are_understood(command: str) -> None:
    assert "yesterday" in run(*command.split(), "--help").stdout


# --- one file, several, a folder ----------------------------------------------------------------


def test_a_review_of_a_folder_is_that_of_each_record(folder: Path) -> None:
    both = run("review", folder, "--as-of", "2024-04-09")
    each = [run("review", folder / p.name, "--as-of", "2024-04-09").stdout for p in (C1, C5)]
    assert both.exit_code == 3 and both.stdout == "\n".join(each)
    assert run("review", folder / C1.name, folder / C5.name, "--as-of", "2024-04-09").stdout == both.stdout


def test_json_of_several_has_a_line_for_each(folder: Path) -> None:
    made = run("review", folder, "--as-of", "2024-04-09", "--json")
    lines = [json.loads(line) for line in made.stdout.splitlines() if line]
    assert [one["child_id"] for one in lines] == [gw.Record.load(p).child_id for p in (C1, C5)]
    replayed = run("replay", folder, "--until", "2024-04-09", "--json")
    assert [json.loads(line)["child_id"] for line in replayed.stdout.splitlines() if line] == [
        "example-c1",
        "example-c5",
    ]


@pytest.mark.parametrize("command", [("review", "--as-of"), ("replay", "--until")])
def test_a_wrong_file_is_named_once_and_hides_no_other(folder: Path, bad: Path, command: tuple[str, str]) -> None:
    made = run(command[0], bad, folder, command[1], "2024-04-09")
    assert made.exit_code == 2
    assert made.stderr.count(str(bad)) == 1
    assert "example-c1" in made.stdout and "example-c5" in made.stdout


def test_a_check_of_a_folder_says_what_each_holds(folder: Path, bad: Path) -> None:
    made = run("record", "check", folder)
    assert made.exit_code == 0 and made.stdout.count("the record can be read") == 2
    assert run("record", "check", folder, bad).exit_code == 2


def test_charts_of_a_folder_of_records(folder: Path, tmp_path: Path) -> None:
    made = run("chart", folder, "--out", tmp_path / "charts", "--as-of", "2024-04-09", "--size", "600px")
    assert made.exit_code == 0, made.stderr
    assert len(list((tmp_path / "charts").glob("*.png"))) == 2


def test_one_chart_beside_several_reviews_is_refused(folder: Path, tmp_path: Path) -> None:
    made = run("review", folder, "--as-of", "2024-04-09", "--chart", tmp_path / "c.png")
    assert made.exit_code == 2 and "growthwatch chart FILE... --out FOLDER" in made.stderr
    assert made.stdout == "" and not (tmp_path / "c.png").exists()


def test_a_folder_without_records_is_refused(tmp_path: Path) -> None:
    made = run("review", tmp_path, "--as-of", "2024-04-09")
    assert made.exit_code == 2 and ".json" in made.stderr


def test_a_comparison_takes_a_folder(folder: Path, bad: Path) -> None:
    made = run("protocol", "compare", "uk-hv", "uk-hv", folder, "--until", "2024-04-09")
    assert made.exit_code == 0 and "2 children" in made.stdout
    wrong = run("protocol", "compare", "uk-hv", "uk-hv", folder, bad, "--until", "2024-04-09")
    assert wrong.exit_code == 2 and wrong.stderr.count(str(bad)) == 1


def test_a_store_takes_a_folder(folder: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'caseload.db'}"
    assert run("store", "init", url).exit_code == 0
    made = run("store", "import", url, folder)
    assert made.exit_code == 0 and "2 records" in made.stdout


# --- words of messages --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command",
    [
        "review nope.json --as-of today",
        "caseload nope.csv --as-of today",
        "protocol check nope.toml",
        "protocol test nope.toml",
        "chart examples/c1-slow-decline.json --out c.gif --as-of 2024-04-09",
        "record check examples",
        "page child examples/caseload.csv --as-of today --out x.html",
    ],
)
def test_messages_speak_of_files_and_days(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    made = run(*command.split())
    for argument in ("path:", "day:", "FILE:"):
        assert argument not in made.stderr
    if "nope" in command:
        assert made.exit_code in (1, 2) and "nope" in made.stderr


def test_a_file_that_is_not_there_is_a_file(tmp_path: Path) -> None:
    said = run("protocol", "check", tmp_path / "nope.toml").stderr
    assert said.startswith("Error: file '") and "expected an existing TOML file" in said


def test_a_day_outside_the_calendar_is_a_day(tmp_path: Path) -> None:
    """Working days are known from 1990 to 2040."""
    from growthwatch.cli.arguments import in_words

    with pytest.raises(gw.GrowthwatchError) as e:
        gw.protocol("uk-hv").on("monday")  # type: ignore[arg-type]
    assert str(e.value).startswith("day: got ") and in_words(e.value).startswith("day 'monday', expected ")


@pytest.mark.parametrize("command", ["review {} --as-of today", "replay {} --until today", "record check {}"])
@pytest.mark.parametrize("ending", ["csv", "tsv", "xlsx", "ods", "parquet"])
def test_a_table_is_pointed_to_caseload(tmp_path: Path, command: str, ending: str) -> None:
    table = tmp_path / f"children.{ending}"
    table.write_text("Record no,DOB\n")
    made = run(*command.format(table).split())
    assert made.exit_code == 2 and f"growthwatch caseload {table}" in made.stderr


# --- near names, by meaning ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "near"),
    [
        ("cp-gmfcs-5", ["cp-gmfcs-5-oral", "cp-gmfcs-5-tube"]),
        ("cp", [*(f"cp-gmfcs-{n}" for n in range(1, 5)), "cp-gmfcs-5-oral", "cp-gmfcs-5-tube"]),
        ("noonan", ["noonan-it-2024", "noonan-jp-2016"]),
        ("Down syndrome", ["trisomy-21-nl-2012", "trisomy-21-uk-2002", "trisomy-21-us-2015"]),
        ("uk-whoo", ["uk-who"]),
        ("autism", []),
        ("epilepsy", []),
        ("", []),
        ("x", []),
    ],
)
def test_a_reference_that_is_not_there(given: str, near: list[str]) -> None:
    with pytest.raises(gw.GrowthwatchError) as e:
        gw.reference(given)
    _, said, named = str(e.value).partition("; nearest: ")
    assert bool(said) is bool(near)
    assert [one.strip("' ") for one in named.split(",") if one] == near


def test_the_command_offers_both_ways_of_being_fed(tmp_path: Path) -> None:
    made = run("chart", C1, "--out", tmp_path / "c.png", "--as-of", "2024-02-27", "--reference", "cp-gmfcs-5")
    assert made.exit_code == 2 and "nearest: 'cp-gmfcs-5-oral', 'cp-gmfcs-5-tube'" in made.stderr
    listed = run("references", "--condition", "cp-gmfcs-5").stdout
    assert "cp-gmfcs-5-oral" in listed and "cp-gmfcs-5-tube" in listed and "cp-gmfcs-4" not in listed


@pytest.mark.parametrize(
    ("given", "near"),
    [
        ("autism", None),
        ("epilepsy", None),
        ("dystrophy", None),
        ("trisomi", "trisomy"),
        ("acondroplasia", "achondroplasia"),
    ],
)
def test_a_condition_that_no_curve_is_of(given: str, near: str | None) -> None:
    """Another condition is never offered because it sounds alike; a slip of the pen is."""
    made = run("references", "--condition", given)
    assert made.exit_code == 2
    assert ("nearest" in made.stderr) is (near is not None)
    assert near is None or f"nearest: '{near}'" in made.stderr


def test_a_replay_may_begin_on_a_later_day_and_says_what_it_leaves_out() -> None:
    whole = json.loads(run("replay", C1, "--until", "2024-01-18", "--json").stdout)["changes"]
    part = json.loads(run("replay", C1, "--since", "2023-11-15", "--until", "2024-01-18", "--json").stdout)
    later = [c for c in whole if c["on"] >= "2023-11-15"]
    assert 0 < len(later) < len(whole) and part["changes"] == later and part["since"] == "2023-11-15"
    shown = " ".join(run("replay", C1, "--since", "2023-11-15", "--until", "2024-01-18").output.split())
    left = len(whole) - len(later)
    assert f"{len(later)} changes from 15 November 2023 until 18 January 2024." in shown
    assert f"{left} changes before that day are not shown." in shown
    assert "Rules:" in shown and "G9 No net gain" in shown and "P9 Explained away" in shown


def test_a_replay_cannot_begin_after_its_end() -> None:
    made = run("replay", C1, "--since", "2024-01-19", "--until", "2024-01-18")
    assert made.exit_code == 2 and "--since" in made.stderr and "2024-01-18" in made.stderr
    assert run("replay", C1, "--since", "2024-01-18", "--until", "2024-01-18").exit_code == 0
