"""Stories of invented children, derived by hand from the specification: what opens, rises and closes on which day.

A story whose rules the packaged protocol does not all have is skipped: it comes alive with its rules.  `pending.toml`
holds the rules that are to come.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from builders import HV

from growthwatch.protocol.stories import read_story, tell
from growthwatch.protocol.stories.story import TIER

HERE = Path(__file__).parent
STORIES = sorted((HERE / "stories").glob("*.toml"))
THERE = {TIER, *(rule.id for rule in HV.rules)}

each_story = pytest.mark.parametrize("path", STORIES, ids=lambda p: p.stem)

#: Rules of the process half, each of which has a story.
TOLD = [
    "E6", "FD", "G4", "G6", "G10", "G11", "H1", "OV", "P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "P9", "P10", "P11",
    "P12a", "P12b", "P13a", "P13b", "P13c", "P14a", "P14b", "P14c", "P14d", "Q1", "S2", "S5", "S7", "TIER",
]  # fmt: skip


@each_story
def test_a_story_goes_as_told(path: Path) -> None:
    story = read_story(path)
    assert [rule for rule in story.scope if rule not in THERE] == []
    told = tell(story, HV)
    assert told.so, str(told)


@each_story
def test_a_story_is_read_and_says_why(path: Path) -> None:
    """Each can be read, whether or not its rules are there, and says what decides on the days on which something does."""
    story = read_story(path)
    assert story.id == path.stem
    assert story.purpose and story.title != story.id
    assert any(entry.says for entry in story.entries)
    comments = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("# ")]
    assert comments[0] == "# Invented child; no real person, place or date."


def test_every_rule_of_the_process_half_has_a_story() -> None:
    told = {rule for path in STORIES for rule in read_story(path).scope}
    assert sorted(told) == sorted(TOLD)


def test_a_story_is_skipped_only_for_a_rule_that_is_to_come() -> None:
    pending = set(tomllib.loads((HERE / "pending.toml").read_text(encoding="utf-8"))["pending"])
    lacking = {rule for rule in TOLD if rule not in THERE}
    assert {rule for rule in lacking if not {rule, rule.rstrip("abcd")} & pending} <= {"FD", "OV", "S5"}
