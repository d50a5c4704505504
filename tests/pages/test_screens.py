"""Pages as people see them, held against how they lay: loose where browsers differ, strict where somebody misses something.

The comparison itself is tested: each fault that is planted is found, and other letters are none.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from screens import KEPT, PAGES, SCREENS, apart, seen

ALL = json.loads(KEPT.read_text(encoding="utf-8"))


def kept(name: str, width: int, scheme: str) -> dict[str, Any]:
    return ALL[f"{name}-{width}-{scheme}"]


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_a_page_lies_as_it_lay(opened: Any, name: str, width: int, scheme: str) -> None:
    """After a change that is meant: ``PYTHONPATH=$PWD python tests/screens.py``, and look at the pages."""
    page, _ = opened(name, width, scheme)
    assert apart(seen(page), kept(name, width, scheme)) == []


def test_every_screen_that_is_kept_is_compared() -> None:
    assert set(ALL) == {f"{name}-{width}-{scheme}" for name in PAGES for width, scheme in SCREENS}
    for one in ALL.values():
        assert one["heads"] and one["colours"]["paper"] and len(bytes.fromhex(one["looks"])) == 32 * 48


def test_the_schemes_are_light_and_dark() -> None:
    for name in PAGES:
        light, dark = (kept(name, width, scheme)["colours"] for width, scheme in SCREENS)
        assert _lightness(light["paper"]) > 240 > 50 > _lightness(light["ink"])
        assert _lightness(dark["ink"]) > 220 > 50 > _lightness(dark["paper"])


def _lightness(colour: str) -> float:
    return sum(map(int, colour.removeprefix("rgb(").removesuffix(")").split(","))) / 3


STYLE = "const s = document.createElement('style'); s.textContent = %r; document.head.append(s);"
FAULTS: dict[str, tuple[str, str]] = {
    "a part is missing": ("document.querySelector('main h2').remove()", "parts: gone"),
    "parts in another order": (
        "const h = document.querySelectorAll('main h2'); const t = h[0].textContent; h[0].textContent = h[1].textContent; h[1].textContent = t",
        "parts: in another order",
    ),
    "a heading over the words below": (STYLE % "h2 { position: relative; top: 30px }", "covered:"),
    "words over words": ("document.querySelectorAll('main p')[1].style.cssText = 'margin-top:-2.5rem'", "covered:"),
    "wider than the screen": (STYLE % "main { min-width: 1500px }", "runs over"),
    "pushed aside": (STYLE % "main { padding-left: 60px }", "lies at"),
    "the colours of the scheme lost": (
        STYLE % ":root { --paper: #777; --ink: #888; --soft: #888 }",
        "colour of paper",
    ),
    "tiny letters": (STYLE % "p { font-size: 7px }", "letters of 7 pixels"),
    "a blank page but for its parts": (STYLE % "body > * { filter: brightness(0) }", "looks otherwise"),
}
ONLY: dict[str, tuple[str, int, str, str]] = {
    "no table": ("own", 1280, "document.querySelector('table').remove()", "tables:"),
    "a table without its rows": ("own", 1280, "document.querySelector('tbody').replaceChildren()", "tables:"),
    "a table half as wide": ("own", 1280, STYLE % "table { width: 50% }", "tables:"),
    "no picture": ("child", 1280, "document.querySelector('main img').remove()", "pictures:"),
    "a picture too small to read": ("child", 1280, STYLE % "img { width: 200px }", "pictures:"),
    "cells of a third of a telephone": ("own", 390, STYLE % "td, tbody th { width: 33% }", "narrow on a telephone"),
    "links like any word": ("caseload", 1280, STYLE % "main a { color: inherit }", "colour of link"),
    "a warning without its colour": ("own", 390, STYLE % ".notice { border-color: currentColor }", "colour of notice"),
}


@pytest.mark.parametrize("what", FAULTS)
def test_a_fault_that_is_planted_is_found(opened: Any, what: str) -> None:
    plant, said = FAULTS[what]
    page, _ = opened("family", 1280, "light")
    page.evaluate(f"() => {{ {plant} }}")
    assert any(said in one for one in apart(seen(page), kept("family", 1280, "light")))


@pytest.mark.parametrize("what", ONLY)
def test_a_fault_of_one_page_is_found(opened: Any, what: str) -> None:
    name, width, plant, said = ONLY[what]
    scheme = dict(SCREENS)[width]
    page, _ = opened(name, width, scheme)
    page.evaluate(f"() => {{ {plant} }}")
    assert any(said in one for one in apart(seen(page), kept(name, width, scheme)))


def test_the_dark_scheme_lost_is_found(opened: Any) -> None:
    """A page that stays white where the reader asked for dark."""
    page, _ = opened("own", 390, "light")
    found = apart(seen(page), kept("own", 390, "dark"))
    assert any(one.startswith("colour of paper") for one in found) and any("looks otherwise" in one for one in found)


@pytest.mark.parametrize(
    ("width", "scheme", "family"), [(1280, "light", "Liberation Sans, Arial, sans-serif"), (390, "dark", "serif")]
)
def test_letters_of_another_kind_are_no_fault(opened: Any, width: int, scheme: str, family: str) -> None:
    """Another machine has other fonts, and another browser breaks lines elsewhere: the page is the same."""
    page, _ = opened("own", width, scheme)
    page.evaluate(f"() => {{ {STYLE % f'html {{ font-family: {family}; line-height: 1.5 }}'} }}")
    assert apart(seen(page), kept("own", width, scheme)) == []
