"""``growthwatch protocol test``: stories on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_runner import command_runner

from growthwatch.cli.app import app

ROOT = Path(__file__).parents[2]
STORIES = ROOT / "tests" / "protocol_cases" / "stories"
WORRY, CLOSING = STORIES / "s7-a-worry.toml", STORIES / "g4-closing.toml"

runner = command_runner()


def run(*arguments: object):
    return runner.invoke(
        app, ["protocol", "test", *map(str, arguments)], env={"COLUMNS": "120"}, prog_name="growthwatch"
    )


@pytest.fixture
def altered(tmp_path: Path):
    def write(old: str, new: str, name: str = "altered.toml") -> Path:
        text = WORRY.read_text(encoding="utf-8")
        assert old in text
        path = tmp_path / name
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return path

    return write


def test_stories_that_go_as_told_end_with_0() -> None:
    made = run(WORRY, CLOSING)
    assert made.exit_code == 0, made.output
    assert "s7-a-worry: A worry about meals, and a weight of the day before: as told" in made.output
    assert "2025-04-07" in made.output and "opens: S7@start" in made.output and "as expected" in made.output
    assert made.output.rstrip().endswith("2 stories: 2 as told, 0 not.")


def test_a_story_that_does_not_ends_with_1_and_names_the_day_and_what_happened(altered) -> None:
    made = run(altered('deadline = { "S7@start" = 2025-04-14 }', 'deadline = { "S7@start" = 2025-04-09 }'), CLOSING)
    assert made.exit_code == 1
    line = next(line for line in made.output.splitlines() if "NOT SO" in line)
    assert line.split()[0] == "2025-04-07"
    assert "deadline: S7@start: 2025-04-09" in line and "NOT SO: expected" in line and "2025-04-14" in made.output
    assert "2 stories: 1 as told, 1 not." in made.output


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('opens = ["S7@start"]', 'opened = ["S7@start"]', "then 1: opened: unknown key"),
        ('scope = ["S7"]', 'scope = ["S7", "S77"]', "scope: got 'S77', expected a rule of uk-hv 0.4"),
        ('protocol = "uk-hv"', 'protocol = "us-hv"', "protocol: got 'us-hv', expected one of uk-hv"),
        ("on = 2025-04-07", "on = 2025-04-07\nwho = 1", "given"),
    ],
)
def test_a_story_that_cannot_be_judged_ends_with_1_and_the_others_are_judged(
    altered, old: str, new: str, words: str
) -> None:
    path = altered(old, new)
    made = run(path, CLOSING)
    assert made.exit_code == 1
    assert f"Error: {path}: " in made.stderr and words in made.stderr
    assert "2 stories: 1 as told, 0 not, 1 that cannot be judged." in made.output


def test_another_protocol_may_be_tried(tmp_path: Path) -> None:
    file = ROOT / "growthwatch" / "protocols" / "uk-hv.toml"
    assert run(WORRY, "--protocol", file).exit_code == 0
    text = file.read_text(encoding="utf-8")
    start = text.index('id = "S7"')
    (tmp_path / "slow.toml").write_text(
        text[:start] + text[start:].replace("within_days = 7, urgent", "within_days = 9, urgent", 1), encoding="utf-8"
    )
    made = run(WORRY, "--protocol", tmp_path / "slow.toml")
    assert made.exit_code == 1 and "NOT SO: expected" in made.output and "2025-04-16" in made.output


def test_json_is_json_and_nothing_else(altered) -> None:
    broken = altered("schema = 1", "schema = 9")
    made = run(WORRY, broken, "--json")
    assert made.exit_code == 1
    found = json.loads(made.stdout)
    assert [s["so"] for s in found["stories"]] == [True]
    assert found["stories"][0]["lines"][0]["on"] == "2025-04-07"
    assert "schema: got 9" in found["unread"][0]["error"]


def test_no_such_file_and_no_such_protocol() -> None:
    made = run("none.toml")
    assert made.exit_code == 1 and "an existing TOML file" in made.stderr
    made = run(WORRY, "--protocol", "nobodys")
    assert made.exit_code == 2 and "--protocol" in made.stderr
