"""Every block of the documentation that is not Python is run, read or judged, too; Python is run in `test_docs.py`."""

from __future__ import annotations

import re
import shlex
import shutil
import tomllib
from pathlib import Path

import pytest
from command_runner import command_runner

import growthwatch as gw
from growthwatch.cli.app import app

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
PAGES = sorted(p for p in (ROOT / "docs").rglob("*.md") if "_build" not in p.parts)
BLOCK = re.compile(r"^([ ]*)```([^\n]*)\n(.*?)^\1```[ ]*$", re.S | re.M)
LANGUAGES = {"python", "sh", "toml", "json", "text", "python spark"}
"""Those for Spark are run by `tests/anysize/test_spark.py`, where there is Java."""
runner = command_runner()


def blocks(page: Path, language: str) -> list[str]:
    return [m[3] for m in BLOCK.finditer(page.read_text(encoding="utf-8")) if m[2] == language]


def run(line: str, ends: int) -> str:
    made = runner.invoke(app, shlex.split(line)[1:], prog_name="growthwatch")
    assert made.exit_code == ends, f"{line}\n{made.stdout[-500:]}\n{made.stderr}"
    return made.stdout


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with what a reader has at hand: the examples, a child's record, and a folder of records."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    shutil.copy(ROOT / "examples" / "c3-acute-dehydration.json", tmp_path / "child.json")
    (tmp_path / "children").mkdir()
    for name in ("c1-slow-decline", "c3-acute-dehydration"):
        shutil.copy(ROOT / "examples" / f"{name}.json", tmp_path / "children")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_block_says_what_it_is(page: Path) -> None:
    """So that none is passed over: a block without a language would be run by nobody."""
    found = {m[2] for m in BLOCK.finditer(page.read_text(encoding="utf-8"))}
    assert {one for one in found if one not in LANGUAGES and not one.startswith("{")} == set()


def commands(page: Path) -> list[tuple[str, int]]:
    """Lines of its blocks for a shell that call growthwatch, each with the exit code that it is to end with."""
    out: list[tuple[str, int]] = []
    for line in "\n".join(blocks(page, "sh")).splitlines():
        command, _, ends = line.strip().partition("  # ends with ")
        if command.startswith("growthwatch "):
            out.append((command, int(ends or 0)))
        else:
            assert command.startswith("pip install ") or not command, f"{page.name}: nobody runs {command!r}"
    return out


TYPED = [p for p in PAGES if p.name not in ("cli.md", "own-protocol.md", "tutorial.md") and commands(p)]
"""The guide of the command line is run in `tests/cli`; the tutorial, and a trust's own protocol, in tests of their own."""


@pytest.mark.parametrize("page", TYPED, ids=lambda p: p.name)
def test_the_commands_of_a_page_end_as_it_says(page: Path, desk: Path) -> None:
    guide = commands(ROOT / "docs" / "cli.md")
    for command, ends in commands(page):
        if (command, ends) not in guide:
            run(command, ends)


def test_these_pages_have_commands() -> None:
    assert {p.name for p in TYPED} >= {"trainer.md", "pages.md"}


def test_the_tutorial_makes_what_it_says(desk: Path) -> None:
    """A mapping with its questions, a page, charts, and the file of rows that nobody could read."""
    tutorial = ROOT / "docs" / "tutorial.md"
    said = [run(command, ends) for command, ends in commands(tutorial)]
    mapping = (desk / "ours.toml").read_text(encoding="utf-8")
    for line in "".join(blocks(tutorial, "text")).splitlines():
        assert line in mapping, line
    assert (desk / "monday.html").stat().st_size > 10_000
    assert list((desk / "charts").glob("*.png"))
    refused = (desk / "monday-refused-rows.csv").read_text(encoding="utf-8-sig")
    assert "5,05" in refused and "31/02/2023" in refused
    words = " ".join(said[2].split())
    assert words.startswith("0557 on 4 March 2024") and "3.27 kg" in words


@pytest.mark.parametrize("page", [p for p in PAGES if blocks(p, "json")], ids=lambda p: p.name)
def test_json_on_a_page_is_a_record(page: Path) -> None:
    for block in blocks(page, "json"):
        record = gw.Record.loads(block)
        assert gw.Record.loads(record.dumps()) == record


def extending(text: str) -> str:
    """A protocol file over uk-hv, with the hash of the very file that is packaged."""
    return text.replace("sha256:...", gw.protocol("uk-hv").hash)


@pytest.mark.parametrize("page", [p for p in PAGES if blocks(p, "toml")], ids=lambda p: p.name)
def test_toml_on_a_page_is_a_protocol(page: Path, desk: Path) -> None:
    head = 'schema = 2\nid = "ours"\nversion = "1.0"\ntitle = "Ours"\neffective_from = 2027-01-01\n'
    head += 'extends = { id = "uk-hv", version = "0.4", hash = "sha256:..." }\n\n'
    for block in blocks(page, "toml"):
        whole = block if "extends" in tomllib.loads(block) else head + block
        (desk / "ours.toml").write_text(extending(whole), encoding="utf-8")
        made = gw.Protocol.load(desk / "ours.toml")
        assert any(rule.id == "X1" for rule in made.rules)


def test_the_worked_example_of_a_trust_goes_as_told(desk: Path) -> None:
    page = ROOT / "docs" / "own-protocol.md"
    (text,) = blocks(page, "toml")
    # What comes before it, one number step by step, is run with the file that its prose writes, in a test of its own.
    page = desk / "example.md"
    told = (ROOT / "docs" / "own-protocol.md").read_text(encoding="utf-8")
    page.write_text(told[told.index("## A worked example") :], encoding="utf-8")
    (desk / "fenland.toml").write_text(extending(text), encoding="utf-8")
    said = [run(command, ends) for command, ends in commands(page)]
    assert "G1" in said[0] and (desk / "fenland.html").exists()
    assert "signed by Dr A Lee, paediatrician" in " ".join(said[-1].split())


# --- README -------------------------------------------------------------------------------------


def typed(line: str) -> list[str]:
    """What is given to growthwatch in a line of README, however the shell writes paths."""
    found = re.search(r"\.venv[/\\](?:bin|Scripts)[/\\]growthwatch (.*?)(?: \|\| test \$\? -eq 3)?$", line)
    assert found is not None, line
    return shlex.split(found[1].replace("\\", "/"))


def lines(language: str, word: str) -> list[str]:
    return [b.strip() for b in blocks(README, language) if f"growthwatch {word}" in b]


@pytest.mark.parametrize("word", ["review", "caseload"])
def test_the_lines_of_the_readme_run_on_both_platforms(word: str, desk: Path) -> None:
    (here,), (windows,) = lines("sh", word), lines("powershell", word)
    assert typed(here) == typed(windows)
    made = runner.invoke(app, typed(here), prog_name="growthwatch")
    assert made.exit_code == 3
    assert (desk / ("c1.png" if word == "review" else "monday.html")).exists()


def test_each_platform_has_its_own_lines() -> None:
    """Two commands for each, and the one for notebooks; what stands under a heading for PowerShell has no part of a Unix shell."""
    for block in blocks(README, "powershell"):
        assert len(block.strip().splitlines()) == 1
        assert not re.search(r"\.venv/|&&|\|\||python3", block)
    assert all("\\" not in b and "Scripts" not in b for b in blocks(README, "sh"))
    for extra in (".[cli]", ".[test]", ".[notebook]"):
        assert [sum(extra in b for b in blocks(README, one)) for one in ("sh", "powershell")] == [1, 1], extra


def test_what_is_run_and_what_is_tested_are_one_line_each() -> None:
    text = README.read_text(encoding="utf-8")
    for heading in ("Run it", "Test it"):
        section = re.search(rf"^## {heading}\n(.*?)(?=^## )", text, re.S | re.M)
        assert section is not None
        inside = [m[3].strip() for m in BLOCK.finditer(section[1])]
        assert len(inside) == 1 and len(inside[0].splitlines()) == 1, heading
