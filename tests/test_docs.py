"""Every Python block of the README and the docs runs, top to bottom, from the project's folder."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import get_args

import pytest
from named import held

import growthwatch as gw
from growthwatch.protocol.file.process import RequestLimits
from growthwatch.protocol.kinds.points import Points
from growthwatch.record import DecisionSigned

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *(p for p in sorted((ROOT / "docs").rglob("*.md")) if "_build" not in p.parts)]
BLOCK = re.compile(r"^```python\n(.*?)^```", re.S | re.M)


@pytest.mark.parametrize(
    "page", [p for p in PAGES if BLOCK.search(p.read_text(encoding="utf-8"))], ids=lambda p: p.name
)
def test_the_code_on_a_page_runs(
    page: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    # Pages that speak of "child.json" mean a record of the reader's own.
    (tmp_path / "child.json").write_bytes((ROOT / "examples" / "c3-acute-dehydration.json").read_bytes())
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "page"}
    for block in BLOCK.findall(page.read_text(encoding="utf-8")):
        exec(compile(block, page.name, "exec"), names)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+?)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_pages_of_the_references_are_those_that_the_script_writes(tmp_path: Path) -> None:
    path = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "build_reference_pages.py"), str(tmp_path)],
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path)},
    )
    written = {p.name: p.read_text(encoding="utf-8") for p in tmp_path.iterdir()}
    kept = {p.name: p.read_text(encoding="utf-8") for p in (ROOT / "docs" / "references").iterdir()}
    assert written == kept
    assert all(len(text) < 40_000 for text in kept.values())


def test_the_sizes_on_the_page_of_conventions_are_those_that_the_script_measures() -> None:
    spec = importlib.util.spec_from_file_location("measure_conventions", ROOT / "scripts" / "measure_conventions.py")
    assert spec is not None and spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    page = (ROOT / "docs" / "conventions.md").read_text(encoding="utf-8")
    assert set(script.BLOCK.findall(page)) == set(script.TABLES)
    assert script.written(page) == page


def test_the_readme_keeps_its_two_commands() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for heading in ("## Run it", "## Test it"):
        block = re.search(re.escape(heading) + r"\n.*?^```[a-z]*\n(.*?)^```", text, re.S | re.M)
        assert block is not None, heading
        assert len(block.group(1).strip().splitlines()) == 1, heading


FAULTS = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")
ROWS = [line for line in FAULTS.splitlines() if line.startswith("| ") and not line.startswith(("| what", "| ---"))]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[2:50])
def test_what_holds_a_fault_is_there(row: str) -> None:
    was, now, tests = (cell.strip() for cell in row.strip("| ").split(" | "))
    assert was and now
    names = re.findall(r"`(tests/[^`]+)`", tests)
    assert names or tests in ("…", "by hand, before a release"), "each fault names what holds it"
    assert [name for name in names if not held(name)] == []


PROMISES = [
    line
    for line in (ROOT / "docs" / "promises.md").read_text(encoding="utf-8").splitlines()
    if re.match(r"\| \d", line)
]


def test_there_is_one_list_of_promises() -> None:
    """Eight promises on one page; the first pages link to it, and have no list of their own."""
    assert [row[2:4] for row in PROMISES] == [f"{n}." for n in range(1, 9)]
    for page, link in ((ROOT / "README.md", "docs/promises.md"), (ROOT / "docs" / "index.md", "promises.md")):
        text = page.read_text(encoding="utf-8")
        section = text.partition("## What it promises\n")[2].partition("\n## ")[0]
        assert f"]({link})" in section, page.name
        assert not re.search(r"^\s*(\d+\.|[-*]) ", section, re.M), page.name


@pytest.mark.parametrize("row", PROMISES, ids=lambda row: row[2:40])
def test_what_holds_a_promise_is_there(row: str) -> None:
    test_what_holds_a_fault_is_there(row)


def test_a_test_that_is_not_there_is_seen() -> None:
    assert held("tests/named.py::held") is True
    assert not held("tests/test_docs.py::test_nothing") and not held("tests/no.py::test_nothing")
    assert not held("tests/protocol_cases/rules.toml::G99")


PEOPLE = (ROOT / "docs" / "people.md").read_text(encoding="utf-8")


def limit_row(rules: RequestLimits) -> str:
    """The row of the table of limits for one kind of request, from the protocol file."""

    def wd(n: int | None) -> str:
        return "–" if n is None else f"{n} wd"

    acknowledged, answered = wd(rules.acknowledge_wd), wd(rules.answer_wd)
    if rules.acknowledge_wd_t3 is not None:
        acknowledged += f"; T3: {rules.acknowledge_wd_t3} wd"
    if rules.acknowledge_urgent_days is not None:
        acknowledged += f"; urgent: {rules.acknowledge_urgent_days} days"
    if rules.answer_urgent_days is not None:
        answered += f"; urgent: {rules.answer_urgent_days} days"
    kinds = ", ".join(f"`{kind}`" for kind in rules.kinds)
    return f"| {kinds} | {acknowledged} | {wd(rules.decide_wd)} | {answered} |"


@pytest.mark.parametrize("rules", gw.protocol("uk-hv").settings.requests, ids=lambda r: r.name)
def test_the_limits_on_the_page_of_people_are_those_of_the_file(rules: RequestLimits) -> None:
    assert limit_row(rules) in PEOPLE.splitlines()


def test_the_other_numbers_on_the_page_of_people_are_those_of_the_file() -> None:
    settings = gw.protocol("uk-hv").settings
    words = " ".join(PEOPLE.split())
    snooze, first, guards, process = settings.snooze, settings.first_day, settings.guards, settings.process
    said = [
        f"At most {snooze.daily_days} days if it is daily, {snooze.weekly_days} if weekly",
        f"signs of the last {first.signs_within_days} days",
        f"opened in the last {first.recent_days} days",
        f"sign it or say why not, {first.sign_wd} working days",
        f"one reading, {first.read_wd} working days; {first.urgent_days} days if",
        f"A weight is moved by at most {first.weigh_within_days} days",
        f"looked at again: at most {guards.override_days} days",
        f"no day, or more than {guards.family_page_days} days",
        f"more than {guards.conflict_months} months",
        f"the author, within {process.draft_wd} working days",
        f"give it, within {process.needs_wd} working days",
        f"a disagreement, within {process.declined_wd} working day",
        f"a P7 with {settings.ladder.family_points} points of child and family",
        ", ".join(str(a.within_days) for a in settings.ladder.disagree) + " working days, one after the other",
    ]
    points = next(r for r in gw.protocol("uk-hv").rules if isinstance(r, Points))
    said += [f"A point counts for {points.within_days} days", f"From {points.at_least} points on P7"]
    said += [f"| {points.closure_points} | | a referral closed without action |"]
    assert [words_ for words_ in said if words_ not in words] == []


def test_every_state_of_a_request_and_every_decision_with_a_guard_is_on_the_page_of_people() -> None:
    for word in ("drafted", "sent", "acknowledged", "answered", "declined", "withdrawn"):
        assert f"| `{word}` |" in PEOPLE
    rows = "\n".join(line.split("|")[1] for line in PEOPLE.splitlines() if line.startswith("| `"))
    decisions = set(get_args(DecisionSigned.model_fields["decision"].annotation)) - {"other", "release_family_page"}
    guarded = {"plan_signed", "snoozed", "withdrawn", "protocol_adopted", "overridden"}
    assert {word for word in decisions | guarded if f"`{word}`" not in rows} == set()


CONFORMANCE = [
    line
    for line in (ROOT / "docs" / "conformance.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| ") and not line.startswith(("| reference |", "| --- "))
]


@pytest.mark.parametrize("row", CONFORMANCE, ids=lambda row: row[2:50])
def test_what_holds_an_agreement_is_there(row: str) -> None:
    _, compared, agreement, tests = (cell.strip() for cell in row.strip("| ").split(" | "))
    assert compared and agreement
    names = re.findall(r"`(tests/[^`]+)`", tests)
    assert names or tests == "the same"
    assert [name for name in names if not held(name)] == []


def test_every_packaged_reference_stands_in_the_readme() -> None:
    """What is true of this version: no reference is missing from the table, and none is told of that is not there."""
    text = (ROOT / "README.md").read_text(encoding="utf-8").partition("## References\n")[2].partition("\n## ")[0]
    rows = " ".join(line for line in text.splitlines() if line.startswith("| ") and "`" in line)
    named = set(re.findall(r"`([a-z0-9-]+)`", rows))
    between = {f"cp-gmfcs-{level}" for level in (2, 3)}
    assert named | between == set(gw.references().ids)


FRAGMENT = re.compile(r"\+[a-z0-9-]+\.(added|changed|clinical)\.md")


def test_what_changed_stands_in_files_of_their_own() -> None:
    """Each has a kind that the changelog knows, and a text; the page beside them says how."""
    kinds = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["towncrier"]["type"]
    assert {kind["directory"] for kind in kinds} == {"added", "changed", "clinical"}
    told = (ROOT / "changes" / "README.md").read_text(encoding="utf-8")
    assert all(f"| `{kind['directory']}` |" in told for kind in kinds)
    for path in (ROOT / "changes").iterdir():
        if path.name != "README.md":
            assert FRAGMENT.fullmatch(path.name), path.name
            assert path.read_text(encoding="utf-8").strip().endswith("."), path.name
    assert (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").count("<!-- towncrier release notes start -->\n") == 1
