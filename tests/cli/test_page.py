"""The commands that make a page."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

import growthwatch as gw
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
    assert "How Maya is growing" in page and "01632 960 114" in page and "Number: ____" not in page


def test_a_sheet_without_a_number_has_a_line_for_it_and_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.html"
    assert run("page", "family", C6, "--as-of", "2024-02-27", "--out", str(out)) == 0
    assert ". Number: ________" in out.read_text(encoding="utf-8")
    assert "no number was given (--ring NUMBER)" in capsys.readouterr().err
    told = gw.review(gw.Record.load(C6), protocol=gw.protocol("uk-hv"), as_of=dt.date(2024, 2, 27)).explain(
        audience="family"
    )
    assert ". Number: ________" in told
    assert run("page", "family", C6, "--as-of", "2024-02-27", "--out", str(out), "--ring", "01632 960 114") == 0
    assert "no number" not in capsys.readouterr().err


def test_the_page_of_a_protocol_is_the_same_from_each_door(tmp_path: Path) -> None:
    out, shown = tmp_path / "out.html", tmp_path / "shown.html"
    assert run("page", "protocol", "uk-hv", "--out", str(out)) == 0
    assert run("protocol", "show", "uk-hv", "--html", str(shown)) == 0
    found = gw.protocol("uk-hv")
    page = out.read_text(encoding="utf-8")
    assert page == shown.read_text(encoding="utf-8") == gw.page(found)
    assert "Not signed" in page and page.count(found.hash) >= 2
    by_tag = [sum(found.sources[r.id][1] == tag for r in found.rules) for tag in "NGL"]
    assert sum(by_tag) == len(found.rules)
    for tag, what, n in zip("NGL", ("national source", "guideline", "local choice"), by_tag, strict=True):
        assert f"<li>{tag}: {what}" in page and f": {n} rule" in page
    for rule in found.rules:
        assert rule.id in page
    assert "<script" not in page and "http-equiv" not in page


def test_a_page_of_a_protocol_takes_nothing_that_is_about_a_child(tmp_path: Path) -> None:
    found: Any = gw.protocol("uk-hv")
    for named in ({"as_of": dt.date(2024, 2, 27)}, {"called": "Maya"}, {"protocol": found}, {"you": "Sam"}):
        with pytest.raises(gw.GrowthwatchError, match="about no child"):
            gw.page(found, **named)
    assert run("page", "protocol", "no-such", "--out", str(tmp_path / "x.html")) == 2
    assert not (tmp_path / "x.html").exists()


def test_wrong_input_is_said_and_nothing_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.html"
    assert run("page", "child", "examples/caseload.csv", "--as-of", "2024-02-27", "--out", str(out)) == 2
    assert "growthwatch caseload examples/caseload.csv" in " ".join(capsys.readouterr().err.split())
    assert run("page", "child", C6, "--as-of", "27/02/2024", "--out", str(out)) == 2
    assert run("page", "child", C6, "--as-of", "2024-02-27", "--out", str(tmp_path / "none" / "x.html")) == 2
    assert not out.exists()
