"""Which way each number of a packaged protocol is safer: none can be forgotten."""

from __future__ import annotations

import copy
import tomllib
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from growthwatch.core.errors import GrowthwatchError
from growthwatch.protocol import Protocol
from growthwatch.protocol.file.marks import Marks, NumberMark, no_clinical_number
from growthwatch.protocol.file.paths import leaves

FOLDER = resources.files("growthwatch") / "protocols"
FILES = {f.name: tomllib.loads(f.read_text("utf-8")) for f in FOLDER.iterdir() if f.name.endswith(".toml")}


def unmarked(plain: dict[str, Any]) -> list[str]:
    """Numbers about a child of which a file does not say which way is safer, or says it twice."""
    marks = Marks.of(plain)
    out: list[str] = []
    for leaf in leaves(plain):
        if no_clinical_number(leaf):
            continue
        found = marks.fitting(leaf.path)
        twice = (
            len(found) > 1
            and found[0][0].count(".") == found[1][0].count(".")
            and (found[0][0].count("[") == found[1][0].count("["))
        )
        if not found or twice:
            out.append(leaf.path)
    return out


@pytest.mark.parametrize("name", FILES)
def test_every_number_says_which_way_is_safer(name: str) -> None:
    assert unmarked(FILES[name]) == []


@pytest.mark.parametrize("name", FILES)
def test_every_mark_is_of_a_number(name: str) -> None:
    assert Marks.of(FILES[name]).unused(FILES[name]) == []


def test_one_that_is_forgotten_is_found() -> None:
    plain = copy.deepcopy(FILES["uk-hv.toml"])
    rule = next(r for r in plain["rules"] if r["id"] == "G3")
    rule["a_new_number"] = 3
    assert unmarked(plain) == ["rules[G3].a_new_number"]
    plain["numbers"][0]["keys"].append("a_number_that_is_not_there")
    assert Marks.of(plain).unused(plain) == ["a_number_that_is_not_there"]


def test_the_longest_name_counts() -> None:
    marks = Marks(
        [
            NumberMark(keys=("days",), safer="lower"),
            NumberMark(keys=("steady.days",), safer="higher"),
            NumberMark(keys=("rules[S6].days",), safer="neither"),
        ]
    )
    found = [marks.mark(path) for path in ("tiers.steady.days", "rules[S6].days", "rules[S7].days", "grace")]
    assert [None if m is None else m.safer for m in found] == ["higher", "neither", "lower", None]


def test_a_file_whose_marks_do_not_fit_together_is_refused(tmp_path: Path) -> None:
    text = (FOLDER / "uk-hv.toml").read_text("utf-8")
    path = tmp_path / "ours.toml"
    for old, new, said in (
        ('keys = ["amber_days"', 'keys = ["actions.within_days", "amber_days"', "each name once"),
        ('"amber_days", "red', '"amber..days", "red', "amber..days"),
    ):
        assert old in text
        path.write_text(text.replace(old, new, 1), "utf-8")
        with pytest.raises(GrowthwatchError, match=r"ours\.toml: numbers: ") as caught:
            Protocol.load(path)
        assert said in str(caught.value)


def test_a_name_that_stands_twice_is_refused() -> None:
    with pytest.raises(GrowthwatchError, match="each name once"):
        Marks([NumberMark(keys=("days",), safer="lower"), NumberMark(keys=("days",), safer="higher")])


@pytest.mark.parametrize(
    ("safer", "value", "than", "less"),
    [
        ("lower", 3, 2, True), ("lower", 2, 2, False), ("lower", 1, 2, False),
        ("higher", 3, 2, False), ("higher", 2, 2, False), ("higher", 1, 2, True),
        ("neither", 3, 2, True), ("neither", 2, 2, False), ("neither", 1, 2, True),
    ],
)  # fmt: skip
def test_which_of_two_values_is_less_safe(safer: Any, value: float, than: float, less: bool) -> None:
    assert NumberMark(keys=("x",), safer=safer).less_safe(value, than) is less


def test_bounds() -> None:
    mark = NumberMark(keys=("x",), safer="lower", least=1, most=3)
    assert [mark.beyond(v) for v in (0.9, 1, 3, 3.1)] == [True, False, False, True]
