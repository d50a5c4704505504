"""Words that other people wrote, on a picture: short, on one row, in letters that the font has, and naming no child."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from typing import Any

from growthwatch.core.errors import GrowthwatchError

__all__ = ["EVERY", "beyond", "check_id", "heading", "quoted", "shortened", "shown_ids", "tidied"]

EVERY = 1000
"""So many letters are all of them."""

NOT_SHOWN = "words in letters that this picture cannot show"

MOST_LETTERS = 30
"""Most letters of an id in a heading: in the widest of them it fits on a small page."""

_LEAST = 8
"""Fewest letters of an id that is shortened."""


@cache
def _letters() -> frozenset[int]:
    """Characters for which the font has a shape."""
    from matplotlib import font_manager

    fonts: Any = font_manager
    return frozenset(fonts.get_font(fonts.findfont("DejaVu Sans")).get_charmap())


def beyond(text: str) -> str:
    """The characters of a text that the font cannot draw as they are read, each once.

    Letters that are written from right to left are among them: they would stand in the wrong order, each by itself.
    """
    return "".join(dict.fromkeys(c for c in text if ord(c) not in _letters() or not _plain(c)))


def _plain(letter: str) -> bool:
    kind, way = unicodedata.category(letter), unicodedata.bidirectional(letter)
    return kind not in ("Cf", "Cc", "Mn") and way not in ("R", "AL", "AN")


_UNSEEN = re.compile("[^\\S ]|\u2800| (?= )")
"""Spaces that look like another or like nothing: all but one plain space between two letters."""


def tidied(text: str, hide: str | None = None) -> str:
    """Text on one row, without characters that have no shape; the child's id in it is not shown."""
    plain = _one_form(text)
    if hide:
        # In the form in which it stands in the words, however the record writes its accents and spaces.
        plain = re.sub(rf"(?<!\w){re.escape(_one_form(hide))}(?!\w)", "the child", plain, flags=re.IGNORECASE)
    return NOT_SHOWN if beyond(plain) else plain


def _one_form(text: str) -> str:
    plain = "".join(c if c.isprintable() and unicodedata.category(c) != "Cf" else " " for c in text)
    return unicodedata.normalize("NFC", " ".join(plain.split()))


def shortened(text: str, most: int) -> str:
    """At most so many letters, cut between words."""
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    at = cut.rfind(" ")
    return f"{(cut[:at] if at > most // 2 else cut).rstrip(' ,;:.')}…"


def quoted(text: str, most: int = EVERY) -> str:
    """Words between quotation marks."""
    return text if text == NOT_SHOWN else f"“{shortened(text, most)}”"


def check_id(child_id: str) -> str:
    """An id that is to be drawn, as it is.

    Raises
    ------
    GrowthwatchError
        Where the font has no shape for one of its characters, or a space in it looks like another: two children could
        not be told apart.
    """
    if lost := beyond(child_id):
        names = ", ".join(f"U+{ord(c):04X}" for c in lost)
        raise GrowthwatchError.of("identify", child_id, f"an id in letters that the font can draw, without {names}")
    if _UNSEEN.search(child_id):
        raise GrowthwatchError.of("identify", child_id, "an id with no other spaces than single plain ones")
    return child_id


def heading(text: str, child_id: str, identify: bool) -> str:
    """The heading of a chart of one child: the id stands before it only where that was asked for.

    One that would not fit keeps its ends and a mark, so that it is never cut to the id of another child.
    """
    if not identify:
        return text
    shown = check_id(child_id) if len(child_id) <= MOST_LETTERS else _short_id(check_id(child_id), MOST_LETTERS, 8)
    return f"{shown}: {text}"


def shown_ids(ids: Iterable[str], most: int) -> dict[str, str]:
    """Ids of at most so many letters: one that is longer keeps its ends and has a mark that no other of them has.

    The mark is the beginning of a hash of the whole id, as long as it takes to tell all of them apart.
    """
    known = [check_id(i) for i in dict.fromkeys(ids)]
    digits = 4
    while True:
        out = {i: i if len(i) <= most else _short_id(i, max(most, _LEAST + digits), digits) for i in known}
        if len(set(out.values())) == len(known) or digits >= 64:
            return out
        digits += 4


def _short_id(child_id: str, most: int, digits: int) -> str:
    mark = sha256(child_id.encode()).hexdigest()[:digits]
    rest = most - digits - 2
    head = (rest + 1) // 2
    return f"{child_id[:head]}…{child_id[len(child_id) - (rest - head) :]}~{mark}"
