"""What holds of every page: one file by itself, with its headings in order, its tables and pictures named."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser
from itertools import pairwise

EMPTY = ("meta", "br", "img", "source", "input", "line", "circle", "path", "polyline")
"""Elements that have no end."""

Tag = tuple[str, dict[str, str | None]]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[Tag] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)


def read(page: str) -> _Reader:
    """The elements and words of a page, each element closed."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    return reader


def tags(page: str) -> list[Tag]:
    return read(page).tags


def words(page: str) -> str:
    """The words of a page, on one line."""
    return " ".join(" ".join(read(page).words).split())


def shape(page: str) -> list[tuple[str, tuple[str, ...]]]:
    """Its elements with the names of their attributes: the same whatever a record says."""
    return [(t, tuple(sorted(a))) for t, a in tags(page)]


def style(page: str) -> str:
    found = re.findall(r"<style>(.*?)</style>", page, re.S)
    assert len(found) == 1
    return html.unescape(found[0])


def check_one_file(page: str) -> None:
    """Nothing is fetched, nothing runs."""
    for t, a in tags(page):
        assert t not in ("script", "link", "iframe", "object", "embed", "base", "form") or (
            t == "form" and "action" not in a
        )
        assert not any(k.startswith("on") for k in a)
        for k in ("src", "srcset"):
            assert (a.get(k) or "data:image/png;base64,").startswith("data:image/png;base64,")
        assert (a.get("href") or "#").startswith("#")
        assert "style" not in a
    assert "url(" not in style(page) and "@import" not in style(page)


def check_names(page: str) -> None:
    """Headings in order, tables with caption and scope, pictures with words, links that lead somewhere."""
    found = tags(page)
    assert found[0] == ("html", {"lang": "en-GB"})
    ids = [a["id"] for _, a in found if a.get("id")]
    assert len(ids) == len(set(ids)), "each id once"
    levels = [int(t[1]) for t, _ in found if re.fullmatch("h[1-6]", t)]
    assert levels[0] == 1 and levels.count(1) == 1 and all(b - a <= 1 for a, b in pairwise(levels))
    tables = [i for i, (t, _) in enumerate(found) if t == "table"]
    assert all(found[i + 1][0] == "caption" for i in tables)
    for t, a in found:
        if t == "a":
            assert (a["href"] or "")[1:] in ids, a["href"]
        if t == "section":
            assert a["aria-labelledby"] in ids
        if t == "th":
            assert a["scope"] in ("col", "row")
        if t == "img":
            assert len(a["alt"] or "") > 20 and int(a["width"] or 0) > 0 < int(a["height"] or 0)
    assert ("main", {"id": "main"}) in [(t, {"id": a.get("id")}) for t, a in found]
    assert next(a for t, a in found if t == "a") == {"class": "skip", "href": "#main"}, (
        "the first stop is the skip link"
    )
