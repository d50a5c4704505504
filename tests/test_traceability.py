"""What the review of Child K asked for stands with rules, tests and stories that are there."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "traceability.md"


def _script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_traceability", ROOT / "scripts" / "build_traceability.py")
    assert spec is not None and spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = script
    spec.loader.exec_module(script)
    return script


SCRIPT = _script()
ITEMS = (*SCRIPT.RECOMMENDATIONS, *SCRIPT.LESSONS)


def test_the_page_is_as_the_script_writes_it() -> None:
    assert PAGE.read_text(encoding="utf-8") == SCRIPT.page()


def test_there_are_seven_recommendations_and_eleven_lessons() -> None:
    assert len(SCRIPT.RECOMMENDATIONS) == 7 and len(SCRIPT.LESSONS) == 11
    assert len({item.title for item in ITEMS}) == 18


def test_every_rule_of_the_protocol_is_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for id, rule in SCRIPT.rules().items():
        assert f"| {id} {rule.title} |" in text, id
        assert SCRIPT.tested_in(id) or SCRIPT.told_in(id), id


def test_all_that_the_page_names_is_there() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for name in re.findall(r"`((?:tests|growthwatch)/[^`]+)`", text):
        assert (ROOT / name).exists(), name
    for line in text.splitlines():
        if re.match(r"\| [A-Z]+[0-9]*", line):
            _, _, kind, tests, stories, _ = (cell.strip() for cell in line.split("|"))
            assert re.search(r"KIND = \"(\w+)\"", (ROOT / kind.split("`")[3]).read_text(encoding="utf-8")), kind
            for test in re.findall(r"`([^`]+)`", tests):
                assert list((ROOT / "tests").rglob(test)), test
            for story in re.findall(r"`([^`]+)`", stories):
                assert list((ROOT / "tests" / "protocol_cases").rglob(f"{story}.toml")), story


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"rules": ("P99",)}, "the protocol has no rule P99"),
        ({"names": ("growthwatch.protocol.nothing",)}, "there is no nothing"),
        ({"names": ("growthwatch.nowhere.nothing",)}, "there is no nowhere"),
        ({"names": ("growthwatch.protocol.Review.mood",)}, "there is no mood"),
        ({"tests": ("tests/test_nothing.py",)}, "there is no tests/test_nothing.py"),
        ({"rules": ("S1",)}, "no story tells it"),
    ],
)
def test_what_is_not_there_stops_the_script(change: dict[str, Any], words: str) -> None:
    item = SCRIPT.RECOMMENDATIONS[2]
    SCRIPT.check(item)
    with pytest.raises(LookupError, match=words):
        SCRIPT.check(item._replace(**change))


def test_a_rule_that_no_test_judges_stops_the_script(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SCRIPT, "tested_in", lambda rule: [])
    monkeypatch.setattr(SCRIPT, "told_in", lambda rule: [])
    with pytest.raises(LookupError, match="no test judges P5"):
        SCRIPT.check(SCRIPT.RECOMMENDATIONS[2])
