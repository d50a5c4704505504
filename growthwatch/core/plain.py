"""Text that a file may hold: no character that can steer a terminal, a page or a log."""

from __future__ import annotations

import unicodedata
from typing import Any, cast

from growthwatch.core.errors import GrowthwatchError

__all__ = ["check_plain", "is_plain"]

_BREAKS = "\n\r\t"


def is_plain(text: str) -> bool:
    """Whether text has no control characters and no halves of characters; line ends and tabs are none."""
    return text.isprintable() or not any(unicodedata.category(c) in ("Cc", "Cs") and c not in _BREAKS for c in text)


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
