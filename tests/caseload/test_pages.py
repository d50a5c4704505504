"""The page: one file without a script, that fetches nothing; what a table says is escaped."""

from __future__ import annotations

import datetime as dt
import html
import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from caseload_tables import cases, mapping

from growthwatch.caseload import read
from growthwatch.caseload.listed import IN_SHORT
from growthwatch.pages import caseload_page, write_page
from growthwatch.pages.spark import spark_of

ON = dt.date(2024, 2, 27)


@pytest.fixture(scope="module")
def reviewed():
    return read("examples/caseload.csv", "examples/caseload.toml").review(as_of=ON, starts_on=ON)


@pytest.fixture(scope="module")
def page(reviewed) -> str:
    return caseload_page(reviewed, you="Sam Reid")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "br", "input", "line", "circle", "path", "polyline"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def read_page(text: str) -> _Reader:
    reader = _Reader()
    reader.feed(text)
    assert reader.open == []
    return reader


def test_it_is_one_file_without_a_script_that_fetches_nothing(page: str) -> None:
    tags = read_page(page).tags
    assert not {t for t, _ in tags} & {"script", "link", "img", "iframe", "object", "embed"}
    for _, attrs in tags:
        assert not any(k.startswith("on") or k == "src" for k in attrs)
        assert (attrs.get("href") or "#").startswith("#")
    assert "url(" not in page and "@import" not in page


def test_headings_labels_ids_and_links_fit(page: str) -> None:
    tags = read_page(page).tags
    ids = [a["id"] for _, a in tags if a.get("id")]
    assert len(ids) == len(set(ids)), "each id once"
    for t, a in tags:
        if t == "a":
            assert (a["href"] or "")[1:] in ids, a["href"]
        if t == "label":
            assert a["for"] in ids
        if t == "section":
            assert a["aria-labelledby"] in ids
        if t == "svg":
            assert a["role"] == "img" and (a["aria-label"] or "").startswith("Weight SDS")
        if t == "th":
            assert a["scope"] in ("col", "row")
    levels = [int(t[1]) for t, _ in tags if re.fullmatch("h[1-6]", t)]
    assert levels[0] == 1 and levels.count(1) == 1 and all(b - a <= 1 for a, b in pairwise(levels))
    assert tags[0] == ("html", {"lang": "en-GB"})
    assert sum(t == "caption" for t, _ in tags) == sum(t == "table" for t, _ in tags)


def test_it_says_its_moment_who_judged_the_order_and_the_first_day(page: str, reviewed) -> None:
    text = html.unescape(re.sub(r"<[^>]+>", "", page))
    for said in (
        "Who needs you: Tuesday 27 February 2024. 41 children, 4 rows refused, 3 in doubt.",
        "You: Sam Reid.",
        IN_SHORT,
        "never “none”",
        "Start plan:",
        reviewed.provenance,
        "old tomorrow",
        "the row says of no child whose it is",
    ):
        assert said in text, said


def test_what_a_table_says_is_escaped(tmp_path: Path) -> None:
    by = mapping({"name": "HV", "means": "worker"}, {"name": "Dx", "means": "condition", "default": "other"})
    bad = "<script>alert(1)</script>"
    found = cases(
        tmp_path,
        f'"{bad}",01/03/2022,F,03/04/2023,{bad},"{bad}","{bad} & co"',
        head="ID,DOB,Sex,Date,Weight,HV,Dx",
        by=by,
    )
    assert len(found) == 1
    made = found.review(as_of=dt.date(2023, 5, 1))
    page = made.report()
    assert "<script" not in page and "&lt;script&gt;" in page
    read_page(page)
    assert "<script" not in made._repr_html_() and "<script" not in found._repr_html_()


def test_a_large_caseload_is_small_enough(reviewed, page: str) -> None:
    # 3,000 children in one file below 15 MB: 5,000 bytes a child; of most nothing is to be done, and none has more.
    rows = page.count('<li class="row')
    assert len(page.encode()) < 40_000 + 5_000 * rows
    nothing = re.search(r'id="nothing".*?</section>', page, re.S)
    assert nothing is not None and len(nothing[0]) / len(reviewed.worklist().nothing) < 400


def test_it_is_written_wholly_for_its_owner(tmp_path: Path, reviewed) -> None:
    path = tmp_path / "out.html"
    text = reviewed.report(path)
    assert path.read_text(encoding="utf-8") == text and path.stat().st_mode & 0o077 == 0
    with pytest.raises(Exception, match="can be written"):
        write_page("x", tmp_path / "none" / "out.html")


def test_an_empty_list_is_no_empty_page(tmp_path: Path) -> None:
    found = cases(tmp_path, "1,01/03/2018,F,03/03/2018,3.4", "1,01/03/2018,F,03/04/2023,18.0")
    page = found.review(as_of=dt.date(2023, 5, 1)).report()
    assert "Nothing is late, due today or due within 7 days" in page and "1 children were read" not in page


def test_the_small_chart(reviewed) -> None:
    uk = reviewed.protocol.reference
    spark = spark_of(reviewed.record_of("0436"), uk, ON, doubted=True)
    assert (
        spark is not None and spark.caption == "? 3.91 kg yesterday, in doubt" and spark.window == "6 months to today"
    )
    assert [name for _, name in spark.lines] == ["50th", "2nd", "0.4th"]
    xs = [x for x, _ in spark.points]
    assert xs == sorted(xs) and xs[0] >= 0 and xs[-1] <= 137
    assert spark_of(reviewed.record_of("0998"), uk, ON, doubted=False) is None, "no weight could be read"
