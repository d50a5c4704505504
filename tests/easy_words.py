"""How easy a text is to read, and the words that no page for a family has (design of the views, sections 4 and 5)."""

from __future__ import annotations

import re

FORBIDDEN = (
    "sds", "centile", "tier", "rule", "protocol", "safeguard", "protection", "social care", "neglect", "abuse", "point",
    "concern", "finding", "failure", "faltering", "percent", "%", "late", "overdue", "did not attend", "refus",
)  # fmt: skip
REASSURING = (
    "normal",
    "no worr",
    "do not worry",
    "growing well",
    "all is well",
    "no cause",
    "nothing to",
    "healthy",
    "fine",
)


def syllables(word: str) -> int:
    found = len(re.findall(r"[aeiouy]+", word.lower()))
    return max(1, found - (word.lower().endswith("e") and not word.lower().endswith("le") and found > 1))


def grade(text: str) -> float:
    """Flesch–Kincaid grade: 0.39 words a sentence + 11.8 syllables a word - 15.59 (Kincaid and others, 1975)."""
    sentences = [s for s in re.split(r"[.?!:\n]+", text) if re.search(r"[A-Za-z]{2}", s)]
    words = re.findall(r"[A-Za-z']+", text)
    return 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59
