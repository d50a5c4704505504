"""The commands that make a page."""

from __future__ import annotations

from pathlib import Path

import pytest

from growthwatch.cli import main

C6 = "examples/c6-letter-never-acknowledged.json"


def run(*args: str) -> int:
    return main(list(args))


def test_a_page_of_a_child(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.html"
    assert run("page", "child", C6, "--as-of", "2024-02-27", "--out", str(out), "--you", "Sam") == 0
    page = out.read_text(encoding="utf-8")
    assert "example-c6" in page and "Tuesday 27 February 2024" in page and page.count("<img") >= 3
    assert f"The page is in {out}" in " ".join(capsys.readouterr().out.split())


def test_a_sheet_for_a_family(tmp_path: Path) -> None:
    out = tmp_path / "out.html"
    given = ("--called", "Maya", "--ring", "01632 960 114", "--as-of", "2024-02-27", "--out", str(out))
    assert run("page", "family", C6, *given) == 0
    page = out.read_text(encoding="utf-8")
    assert "How Maya is growing" in page and "01632 960 114" in page


def test_wrong_input_is_said_and_nothing_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.html"
    assert run("page", "child", "examples/caseload.csv", "--as-of", "2024-02-27", "--out", str(out)) == 2
    assert "growthwatch caseload examples/caseload.csv" in " ".join(capsys.readouterr().err.split())
    assert run("page", "child", C6, "--as-of", "27/02/2024", "--out", str(out)) == 2
    assert run("page", "child", C6, "--as-of", "2024-02-27", "--out", str(tmp_path / "none" / "x.html")) == 2
    assert not out.exists()
