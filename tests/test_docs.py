"""Every Python block of the README and the docs runs, top to bottom, from the project's folder."""

from __future__ import annotations

import ast
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

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


def held(name: str) -> bool:
    """Whether there is such a test: a function of a file, or a case whose sentence begins so."""
    where, _, what = name.partition("::")
    text = (ROOT / where).read_text(encoding="utf-8") if (ROOT / where).is_file() else ""
    if where.endswith(".toml"):
        return any(c["sentence"].startswith(what) for cases in tomllib.loads(text).values() for c in cases)
    return any(isinstance(f, ast.FunctionDef) and f.name == what for f in ast.parse(text).body)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[2:50])
def test_what_holds_a_fault_is_there(row: str) -> None:
    was, now, tests = (cell.strip() for cell in row.strip("| ").split(" | "))
    assert was and now
    names = re.findall(r"`(tests/[^`]+)`", tests)
    assert names or tests in ("…", "by hand, before a release"), "each fault names what holds it"
    assert [name for name in names if not held(name)] == []


def test_a_test_that_is_not_there_is_seen() -> None:
    assert held("tests/test_docs.py::held") is True
    assert not held("tests/test_docs.py::test_nothing") and not held("tests/no.py::test_nothing")
    assert not held("tests/protocol_cases/rules.toml::G99")
