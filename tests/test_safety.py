"""Each hazard has controls, each control a test that is there, and each fault that was found a hazard.

Names of tests are looked up in the sources of the tests; none is run here.
"""

from __future__ import annotations

import copy
import importlib.util
import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from named import NAME, held, rows

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"


def _script() -> ModuleType:
    path = ROOT / "scripts" / "build_safety_case.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    return script


SCRIPT = _script()
LOG: dict[str, Any] = SCRIPT.read()
FAULTS: list[str] = SCRIPT.faults()
Hazard = dict[str, Any]


def test_nothing_is_wrong_with_the_list() -> None:
    assert SCRIPT.problems(LOG, FAULTS) == []


def test_there_are_forty_hazards_at_least_and_every_kind_of_fault_that_was_found_has_one() -> None:
    assert len(LOG["hazard"]) >= 40
    assert {h["category"] for h in LOG["hazard"]} >= set(SCRIPT.CATEGORIES)
    assert len(FAULTS) >= 130


def test_the_page_is_as_the_script_writes_it() -> None:
    assert (DOCS / "safety-case.md").read_text(encoding="utf-8") == SCRIPT.page(LOG)


def change(**keys: Any) -> Callable[[Hazard], None]:
    """Set keys of a hazard."""
    return lambda hazard: hazard.update(keys)


def of_control(**keys: Any) -> Callable[[Hazard], None]:
    """Set keys of the first control of a hazard."""
    return lambda hazard: hazard["control"][0].update(keys)


@pytest.mark.parametrize(
    ("planted", "words"),
    [
        (
            of_control(tests=["tests/test_safety.py::test_nothing"]),
            "there is no test tests/test_safety.py::test_nothing",
        ),
        (of_control(tests=["tests/no_file.py::test_nothing"]), "there is no test tests/no_file.py::test_nothing"),
        (of_control(tests=["tests/test_safety.py"]), "there is no test tests/test_safety.py"),
        (of_control(tests=[]), "no test holds "),
        (of_control(what=" "), "a control does not say what it is"),
        (of_control(type="hope"), "the type of a control is 'hope'"),
        (change(control=[]), "it has no control"),
        (change(owner=""), "owner is missing"),
        (change(owner="somebody"), "owner is 'somebody'"),
        (change(status="safe"), "status is 'safe'"),
        (change(harm=""), "harm is missing"),
        (change(residual=""), "residual is missing"),
        (change(id="H02"), "2 hazards have this id"),
        (change(id="one"), "an id is H and two digits"),
        (change(severity=3), "severity is for a clinical safety officer"),
        (change(likelihood="low"), "likelihood is for a clinical safety officer"),
        (change(colour="red"), "colour is not a key of a hazard"),
        (change(faults=["A fault that nobody has found"]), "0 faults begin with"),
        (change(faults=[""]), "0 faults begin with"),
        (change(faults=["A"]), " faults begin with 'A'"),
    ],
)
def test_what_is_wrong_is_seen(planted: Callable[[Hazard], None], words: str) -> None:
    log = copy.deepcopy(LOG)
    planted(log["hazard"][0])
    assert any(words in problem for problem in SCRIPT.problems(log, FAULTS))


def test_a_fault_without_a_hazard_is_seen() -> None:
    assert SCRIPT.problems(LOG, [*FAULTS, "Pounds were stones"]) == [
        "docs/faults.md: no hazard names 'Pounds were stones'"
    ]


def test_a_kind_of_fault_without_a_hazard_is_seen() -> None:
    log = copy.deepcopy(LOG)
    log["hazard"] = [h for h in log["hazard"] if h["category"] != "clock"]
    assert SCRIPT.problems(log, []) and "no hazard is of the category 'clock'" in SCRIPT.problems(log, FAULTS)


def test_what_is_wrong_stops_the_script(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(SCRIPT, "problems", lambda log, found: ["H01: it has no control"])
    assert SCRIPT.main(tmp_path / "page.md") == 1
    assert capsys.readouterr().err == "H01: it has no control\n" and not list(tmp_path.iterdir())


def test_no_risk_is_judged_and_nobody_is_named_who_judged_it() -> None:
    """No key or column for a number of risk, in the list or on the page, while there is no safety officer."""
    text = (ROOT / "safety" / "hazards.toml").read_text(encoding="utf-8")
    assert LOG["clinical_safety_officer"] == ""
    assert not re.search(r"^\s*\w*(severity|likelihood|risk)\w*\s*=", text, re.M | re.I)
    assert "are NOT in this file" in text and "named clinical safety\n# officer" in text


def test_the_page_is_no_assurance() -> None:
    """It says first that nobody approved it, has the parts in the order of DCB0129, and draws no conclusion."""
    page = SCRIPT.page(LOG)
    assert page.startswith("# Material for a safety case\n")
    assert page.index("This is not a safety case, and nobody has approved it.") < page.index("## What is not claimed")
    parts = re.findall(r"^## (\d+)\. (.+)$", page, re.M)
    assert [int(n) for n, _ in parts] == list(range(1, 13))
    order = ["Scope", "system", "Roles", "hazards were found", "judged by", "Hazard log", "evidence", "stays", "tested"]
    order += ["deployed", "configuration", "Conclusion"]
    assert all(word in title for word, (_, title) in zip(order, parts, strict=True))
    for word in ("is safe to", "is safe for", "acceptably safe", "as low as reasonably", "compliant", "approved by"):
        assert word not in page, word
    assert "Compliance with DCB0129 or DCB0160 is not claimed." in page
    assert "None is drawn here." in page


@pytest.mark.parametrize("name", ["threats.md", "promises.md", "faults.md", "safety-case.md"])
def test_every_test_that_a_page_names_is_there(name: str) -> None:
    named = NAME.findall((DOCS / name).read_text(encoding="utf-8"))
    assert named and [test for test in named if not held(test)] == []


def test_every_threat_names_who_what_stands_against_it_and_a_test() -> None:
    threats = rows((DOCS / "threats.md").read_text(encoding="utf-8"))
    assert len(threats) >= 10
    for who, what, against, tests, stays in threats:
        assert who and what and against and stays
        assert NAME.findall(tests), f"{who}: no test is named"


def test_a_name_leads_to_a_function_at_the_top_of_a_file_or_to_a_case() -> None:
    assert held("tests/test_safety.py::test_nothing_is_wrong_with_the_list")
    assert held("tests/protocol_cases/rules.toml::G1 above 10 %")
    for name in ("tests/test_safety.py::", "tests/test_safety.py::LOG", "tests/protocol_cases/rules.toml::", "tests"):
        assert not held(name), name


def test_rows_are_those_of_every_table_without_their_heads() -> None:
    assert rows("| a | b |\n| --- | --- |\n| 1 | 2 |\n\nwords\n\n| c |\n| --- |\n| 3 |\n") == [("1", "2"), ("3",)]
