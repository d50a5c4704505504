"""Text that a file may hold: no character that can steer a terminal, a page or a log."""

from __future__ import annotations

import unicodedata
from typing import Any, cast

from growthwatch.core.errors import GrowthwatchError

__all__ = ["check_plain", "has_unseen", "is_plain", "seen"]

_BREAKS = "\n\r\t"
_JOINERS = "\u200c\u200d"
"""Letters of Persian and of the languages of India, and pictures, are joined by these or kept apart."""


def is_plain(text: str) -> bool:
    """Whether text has no control characters and no halves of characters; line ends and tabs are none."""
    return text.isprintable() or not any(unicodedata.category(c) in ("Cc", "Cs") and c not in _BREAKS for c in text)


def has_unseen(text: str) -> bool:
    """Whether text has characters without a shape, such as those that turn the direction of what is read.

    They can make text read as something else (Unicode Technical Report 36, section 2.8).
    """
    return not text.isprintable() and any(_unseen(c) for c in text)


def seen(text: str) -> str:
    """Text with each character that has no shape written out by its code; all else as it is."""
    if not has_unseen(text):
        return text
    return "".join(c.encode("unicode_escape").decode() if _unseen(c) else c for c in text)


def _unseen(c: str) -> bool:
    return unicodedata.category(c) in ("Cf", "Zl", "Zp") and c not in _JOINERS


def check_plain(data: Any, where: str) -> None:
    """Refuse control characters anywhere in plain data, in keys and in values.

    Parameters
    ----------
    data
        Tables, lists and values, as a TOML file gives them.
    where
        What is checked, for the error.

    Raises
    ------
    GrowthwatchError
        Naming the place and the text.
    """
    waiting: list[tuple[str, Any]] = [("", data)]
    while waiting:
        at, value = waiting.pop()
        if isinstance(value, str):
            if not is_plain(value):
                raise GrowthwatchError.of(f"{where}: {at or 'text'}", value, "text without control characters")
        elif isinstance(value, dict):
            for key, inside in cast("dict[Any, Any]", value).items():
                name = key if isinstance(key, str) and is_plain(key) else repr(key)
                waiting.append((f"{at}.{name}" if at else name, inside))
                if isinstance(key, str) and not is_plain(key):
                    raise GrowthwatchError.of(f"{where}: {at or 'keys'}", key, "keys without control characters")
        elif isinstance(value, list | tuple):
            for k, inside in enumerate(cast("list[Any]", value)):
                waiting.append((f"{at}.{k}", inside))
