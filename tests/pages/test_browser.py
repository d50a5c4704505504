"""Pages in a real browser without a window: axe finds nothing, nothing is asked of any network, all fits and prints.

Needs Chromium, playwright and axe (`axe-playwright-python` brings axe-core along, so that nothing is fetched).
What happens where they are missing stands in ``tests/loud.py``.
"""

from __future__ import annotations

import io
import itertools
from pathlib import Path
from typing import Any

import pytest
from loud import no_browser


@pytest.fixture(scope="module")
def axe() -> str:
    try:
        import axe_playwright_python
    except ImportError:
        no_browser("axe-playwright-python")
    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")


# The page of a protocol that extends another has every part that the page of one alone has; the plain form of a notebook
# has the words of the other, and is opened where there is least room.
SCREENS = [
    *(
        (name, *how)
        for name in ("child", "family", "caseload", "own", "notebook")
        for how in ((1280, "light"), (390, "dark"))
    ),
    ("plain", 390, "dark"),
]


@pytest.mark.parametrize(("name", "width", "scheme"), SCREENS)
def test_axe_finds_nothing_nothing_is_fetched_and_nothing_scrolls_sideways(
    opened: Any, axe: str, name: str, width: int, scheme: str
) -> None:
    page, asked = opened(name, width, scheme)
    assert [u for u in asked if not u.startswith("data:")] == [page.url]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    assert [(v["id"], [n["html"][:200] for n in v["nodes"]]) for v in found["violations"]] == []
    assert page.evaluate("[...document.images].every(i => i.complete && i.naturalWidth > 0)")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "dark"), (390, "light")])
def test_contrast_holds_in_the_other_schemes(opened: Any, axe: str, width: int, scheme: str) -> None:
    for name in ("child", "family", "own"):
        page, _ = opened(name, width, scheme)
        # Of the parts of a protocol, told by one pattern, the first are enough: axe looks at each letter by itself.
        if name == "own":
            page.evaluate("[...document.querySelectorAll('main > *')].slice(40, -2).forEach(part => part.remove())")
        page.evaluate(axe)
        found = page.evaluate("axe.run(document, {runOnly: ['color-contrast']})")
        assert found["violations"] == [] and found["passes"]


@pytest.mark.parametrize("name", ["notebook", "plain"])
def test_what_a_notebook_shows_has_headings_in_order_and_tables_with_caption_and_scope(opened: Any, name: str) -> None:
    page, _ = opened(name, 1280, "light")
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(h => +h.tagName[1])")
    assert levels[0] == 1 and levels.count(2) >= 6
    assert all(b <= a + 1 for a, b in itertools.pairwise(levels))
    tables = page.evaluate("document.querySelectorAll('table').length")
    assert tables >= 6 == page.evaluate("document.querySelectorAll('.growthwatch').length")
    assert page.evaluate("[...document.querySelectorAll('table')].every(t => t.caption && t.caption.innerText.trim())")
    assert page.evaluate("[...document.querySelectorAll('th')].every(t => t.scope && t.innerText.trim())")
    assert page.evaluate("[...document.querySelectorAll('tbody tr')].every(r => r.querySelector('th[scope=row]'))")


def test_the_plain_form_says_the_same_words(opened: Any) -> None:
    def words(name: str) -> list[str]:
        page, _ = opened(name, 1280, "light")
        return page.evaluate("document.querySelector('main').innerText").split()

    assert words("notebook") == words("plain")


def test_a_caption_lies_in_its_line_on_a_telephone(opened: Any) -> None:
    page, _ = opened("child", 390, "light")
    assert page.evaluate(
        "[...document.querySelectorAll('caption')].every(c => c.offsetParent === null || c.offsetWidth > 250)"
    )


def test_a_telephone_has_pictures_of_its_own(opened: Any) -> None:
    wide, small = (opened("child", w, "light")[0].evaluate("document.images[0].naturalWidth") for w in (1280, 390))
    assert small == 600 < wide


def test_the_keyboard_goes_to_the_skip_link_first(opened: Any) -> None:
    page, _ = opened("child", 1280, "light")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.wait_for_url("**/child.html#main")


@pytest.mark.parametrize(
    ("name", "least", "most"), [("family", 1, 1), ("child", 8, 14), ("protocol", 15, 60), ("caseload", 2, 8)]
)
def test_it_prints_on_a4(opened: Any, name: str, least: int, most: int) -> None:
    # The sheet of the family is one side even where twenty-one findings are open.
    try:
        import pypdf
    except ImportError:
        no_browser("pypdf")
        return
    page, _ = opened(name, 1280, "light")
    sheets = pypdf.PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages
    assert least <= len(sheets) <= most
    width, height = (float(x) / 72 * 25.4 for x in sheets[0].mediabox[2:])
    assert abs(width - 210) < 1 and abs(height - 297) < 1
