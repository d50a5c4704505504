"""``growthwatch caseload``: from a spreadsheet to a list."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from pathlib import Path

import pytest
from command_runner import command_runner

import growthwatch as gw
from growthwatch.cli import caseload as caseload_command
from growthwatch.cli.app import app

ROOT = Path(__file__).parents[2]
runner = command_runner()
DAY = "2024-02-27"


def run(*arguments: object):
    return runner.invoke(app, ["caseload", *map(str, arguments)], env={"COLUMNS": "100"}, prog_name="growthwatch")


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    for name in ("caseload.csv", "caseload.toml"):
        shutil.copy(ROOT / "examples" / name, tmp_path / name)
    return tmp_path / "caseload.csv", tmp_path / "caseload.toml"


def test_a_list_a_page_charts_records_and_the_refused_rows(files: tuple[Path, Path], tmp_path: Path) -> None:
    table, mapping = files
    made = run(
        table, "--mapping", mapping, "--as-of", DAY, "--starts-on", DAY, "--report", tmp_path / "out.html",
        "--charts", tmp_path / "charts", "--records", tmp_path / "records",
    )  # fmt: skip
    assert made.exit_code == 3, made.output
    assert made.output.startswith("Who needs you: Tuesday 27 February 2024. 41 children, 4 rows refused, 3 in doubt.")
    assert "CANNOT WAIT (3)" in made.output and "The page is in" in made.output
    assert "Who needs you" in (tmp_path / "out.html").read_text(encoding="utf-8")
    refused = (tmp_path / "out-refused-rows.csv").read_text(encoding="utf-8-sig")
    assert {r["row"] for r in csv.DictReader(io.StringIO(refused)) if r["kind"] == "refused"} == {
        "62",
        "97",
        "287",
        "288",
    }
    assert (tmp_path / "charts" / "0557.png").stat().st_size > 10_000
    assert len(list((tmp_path / "records").iterdir())) == 41
    record = gw.Record.load(tmp_path / "records" / "0557.json")
    assert "protocol_adopted" in [e.type for e in record]
    again = runner.invoke(app, ["review", str(tmp_path / "records" / "0557.json"), "--as-of", DAY])
    assert again.exit_code == 3 and again.output.startswith("0557 on 27 February 2024: tier T0")


def test_without_a_first_day_the_first_line_says_so(files: tuple[Path, Path]) -> None:
    made = run(files[0], "--mapping", files[1], "--as-of", DAY)
    assert "taken as your first day: nobody has said --starts-on" in " ".join(made.output.split())[:120]


def test_json_and_csv_print_nothing_else(files: tuple[Path, Path]) -> None:
    made = run(files[0], "--mapping", files[1], "--as-of", DAY, "--json")
    data = json.loads(made.stdout)
    assert data["counts"]["cannot_wait"] == 3 and data["rows_refused"] == 4 and len(data["rows"]) == 41
    as_csv = run(files[0], "--mapping", files[1], "--as-of", DAY, "--csv")
    rows = list(csv.DictReader(io.StringIO(as_csv.stdout)))
    assert rows[0]["child_id"] == data["rows"][0]["child_id"]
    assert len(rows) == sum(max(1, len(r["deeds"])) for r in data["rows"])
    both = run(files[0], "--mapping", files[1], "--as-of", DAY, "--csv", "--json")
    assert both.exit_code == 2


def test_one_child_one_worker_and_yesterday(files: tuple[Path, Path]) -> None:
    common = (files[0], "--mapping", files[1], "--as-of", DAY)
    one = run(*common, "--child", "0998")
    assert "0998 on 27 February 2024" in one.output
    mine = run(*common, "--worker", "R. Teo")
    assert "Only worker R. Teo is shown" in " ".join(mine.output.split())
    assert run(*common, "--child", "nobody").exit_code == 2
    assert run(files[0], "--mapping", files[1], "--as-of", "yesterday").exit_code in (0, 3)


def test_lists_that_were_read_and_lists_that_were_not(files: tuple[Path, Path]) -> None:
    common = (files[0], "--mapping", files[1], "--starts-on", DAY)
    assert "was read by nobody" not in run(*common, "--as-of", DAY).output
    later = " ".join(run(*common, "--as-of", "2024-03-01").output.split())
    assert later.startswith("Team lead: the list of 27 February 2024 was read by nobody: 3 children cannot wait.")
    read = run(*common, "--as-of", "2024-03-01", "--read-by", "Sam Reid")
    assert "Sam Reid has read this list" in read.output
    lines = (files[0].parent / "caseload.lists.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(x)["what"] for x in lines] == ["made", "made", "read"]


def test_the_page_begins_with_what_the_list_begins_with(files: tuple[Path, Path], tmp_path: Path) -> None:
    """Nobody has read the last list, and this one begins anew: who prints the page sees both."""
    common = (files[0], "--mapping", files[1])
    assert "begins anew" not in run(*common, "--as-of", DAY, "--starts-on", DAY).output
    page = tmp_path / "page.html"
    again = run(*common, "--as-of", "2024-03-01", "--starts-on", "2024-03-01", "--report", page)
    shown, text = " ".join(again.output.split()), page.read_text(encoding="utf-8")
    for said in ("the list of 27 February 2024 was read by nobody", f"make it again with --starts-on {DAY}"):
        assert said in shown and said in text
    kept = run(*common, "--as-of", "2024-03-04", "--starts-on", "2024-03-01")
    assert "begins anew" not in kept.output


def test_map_names_a_first_day_that_can_be_kept(tmp_path: Path) -> None:
    shutil.copy(ROOT / "examples" / "caseload.csv", tmp_path / "ours.csv")
    said = " ".join(run("map", tmp_path / "ours.csv").output.split())
    assert re.search(r"--as-of today --starts-on \d{4}-\d\d-\d\d ", said) and "write the same day each time" in said


def test_map_writes_a_first_mapping_and_never_over_another(tmp_path: Path) -> None:
    shutil.copy(ROOT / "examples" / "caseload.csv", tmp_path / "ours.csv")
    made = run("map", tmp_path / "ours.csv")
    assert made.exit_code == 0, made.output
    text = (tmp_path / "ours.toml").read_text(encoding="utf-8")
    assert "4 questions are left for you" in made.output and text.count("# QUESTION") == 4
    assert run("map", tmp_path / "ours.csv").exit_code == 2
    assert run(tmp_path / "ours.csv", "--mapping", tmp_path / "ours.toml", "--as-of", DAY).exit_code == 2
    answered = (
        text.replace('# unit = "kg"', 'unit = "kg"')
        .replace("# grams_from", "grams_from")
        .replace("# default", "default")
    )
    (tmp_path / "ours.toml").write_text(answered, encoding="utf-8")
    done = run(tmp_path / "ours.csv", "--mapping", tmp_path / "ours.toml", "--as-of", DAY, "--starts-on", DAY)
    assert done.exit_code == 3 and "41 children, 4 rows refused" in done.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["{}"], "--as-of"),
        (["{}", "--as-of", "tomorrow"], "yesterday"),
        (["{}", "--as-of", DAY], "caseload map"),
        (["{}", "x", "--as-of", DAY], "one table or folder"),
        (["none.csv", "--as-of", DAY], "an existing file"),
        (["{}", "--mapping", "none.toml", "--as-of", DAY], "none.toml"),
    ],
)
def test_wrong_input_says_what_would_be_right(files: tuple[Path, Path], arguments: list[str], said: str) -> None:
    made = run(*[a.format(files[0]) for a in arguments])
    assert made.exit_code == 2 and said in made.stderr, made.stderr


def test_nothing_to_do_ends_with_0(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(
        "child_id,birth_date,sex,weighed_on,weight_kg\n1,2018-03-01,F,2018-03-01,3.4\n1,2018-03-01,F,2023-04-03,18.0\n",
        encoding="utf-8",
    )
    made = run(path, "--as-of", "2023-05-01")
    assert made.exit_code == 0, made.output
    assert "1 child, 0 rows refused" in " ".join(made.output.split())


def test_a_folder_of_records(tmp_path: Path) -> None:
    for name in ("c1-slow-decline", "c5-handover-gap"):
        shutil.copy(ROOT / "examples" / f"{name}.json", tmp_path)
    made = run(tmp_path, "--as-of", DAY)
    assert made.exit_code == 3 and "2 children" in made.output and "first day" not in made.output
    assert (tmp_path.parent / f"{tmp_path.name}.lists.jsonl").exists()


def test_a_table_given_to_review_is_pointed_here(files: tuple[Path, Path]) -> None:
    made = runner.invoke(app, ["review", str(files[0]), "--as-of", DAY])
    assert made.exit_code == 2 and f"growthwatch caseload {files[0]}" in " ".join(made.stderr.split())


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("seconds", "shown"), [(1.9, False), (2.1, True)])
def test_a_bar_is_shown_from_two_seconds_on(monkeypatch: pytest.MonkeyPatch, seconds: float, shown: bool) -> None:
    now, screen = [100.0], Terminal()
    monkeypatch.setattr(caseload_command.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(caseload_command.sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    with caseload_command._bar() as step:
        step("Reading", 5, 0)
        now[0] += seconds
        step("Reviewing", 40, 300)
    assert ("Reviewing" in screen.getvalue() and "40 of 300" in screen.getvalue()) is shown


def test_no_bar_is_written_to_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    now, log = [100.0], io.StringIO()
    monkeypatch.setattr(caseload_command.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(caseload_command.sys, "stderr", log)
    with caseload_command._bar() as step:
        now[0] += 60
        step("Reviewing", 40, 300)
    assert log.getvalue() == ""
