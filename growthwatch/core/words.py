"""Words for people: dates, weights and percentages as a health visitor writes them."""

from __future__ import annotations

import datetime as dt
import math
import unicodedata
from decimal import Decimal

__all__ = [
    "days_words",
    "kg_words",
    "list_words",
    "long_date",
    "one_line",
    "percent_words",
    "role_words",
    "spaces_words",
    "times_words",
]

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


def long_date(day: int | dt.date) -> str:
    """Write a day: ``21 November 2023`` (the same in every locale)."""
    date = dt.date.fromordinal(min(max(day, 1), dt.date.max.toordinal())) if isinstance(day, int) else day
    return f"{date.day} {_MONTHS[date.month - 1]} {date.year}"


def one_line(text: str) -> str:
    """Fold text that somebody wrote onto one line, quoted, without control or direction marks."""
    plain = "".join(c if c.isprintable() and unicodedata.category(c) != "Cf" else " " for c in text)
    plain = " ".join(plain.split())
    return f"'{plain if len(plain) <= 80 else plain[:77] + '...'}'"


def kg_words(kg: float) -> str:
    """Write a weight as it was recorded, with at least two decimals: ``9.30 kg``."""
    text = repr(kg)
    whole, _, rest = text.partition(".")
    return f"{whole}.{rest.ljust(2, '0')} kg" if "e" not in text else f"{kg:.3f} kg"


def percent_words(value: Decimal | float) -> str:
    """Write a percentage to one decimal: ``4.8 %``; it is never compared in this form."""
    return f"{float(value):.1f} %"


def spaces_words(value: float) -> str:
    """Write a number of centile spaces to one decimal."""
    number = f"{value:.1f}"
    return f"{number} centile space{'' if number == '1.0' else 's'}"


def times_words(ratio: float) -> str:
    """Write how many times better, never more than it is: ``5.2 times``, ``12 times``."""
    if ratio >= 1000:
        return "more than 1000 times"
    if ratio >= 10:
        return f"{math.floor(ratio)} times"
    return f"{math.floor(ratio * 10 + 1e-9) / 10:g} times"


def days_words(n: int) -> str:
    """Write a number of days."""
    return f"{n} day{'' if n == 1 else 's'}"


def list_words(words: list[str]) -> str:
    """Join words as in a sentence."""
    if len(words) < 2:
        return "".join(words)
    return ", ".join(words[:-1]) + " and " + words[-1]


_ROLES = {"gp": "GP"}


def role_words(role: str) -> str:
    """Write a role: ``team lead``."""
    return _ROLES.get(role, role.replace("_", " "))
