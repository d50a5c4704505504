"""The words by which columns and cells are recognised; `data/words.toml`."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Literal

from growthwatch.core.closed import Closed, tuples

__all__ = ["Words", "by_word", "folded", "words"]

Lists = Mapping[str, tuple[str, ...]]


class Words(Closed):
    """What `data/words.toml` holds: for each meaning, the words that people write for it."""

    source: str
    tag: Literal["N", "G", "L"]
    review_by: dt.date
    least_kg: float
    most_kg: int
    disabling: tuple[str, ...]
    start_children: int
    start_deeds_a_day: int
    start_least_a_day: int
    smallest_count: int
    missing: tuple[str, ...]
    columns: Lists
    sexes: Lists
    clothing: Lists
    scale: Lists
    conditions: Lists


@cache
def words() -> Words:
    """The packaged words."""
    text = resources.files("growthwatch.caseload").joinpath("data/words.toml").read_text(encoding="utf-8")
    return Words.model_validate(tuples(tomllib.loads(text)))


def folded(text: str) -> str:
    """A word as it is compared: in any case, with single spaces and none around it, apostrophes all alike."""
    return " ".join(text.replace("’", "'").casefold().split())


def by_word(lists: Lists) -> dict[str, str]:
    """For each word, folded, what it means."""
    return {folded(word): meaning for meaning, known in lists.items() for word in known}
