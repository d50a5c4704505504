"""Plain data of what the fold holds: dates of days, frozen values, and back."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, cast

from growthwatch.core.frozen import FrozenDict
from growthwatch.protocol.kinds.kind import Day, Given

__all__ = ["date_of", "day_of", "frozen", "plain", "thawed"]

_LAST = dt.date.max.toordinal()


def day_of(ordinal: int | None) -> dt.date | None:
    """Date of a day, if there is one."""
    return None if ordinal is None else date_of(ordinal)


def date_of(ordinal: int) -> dt.date:
    """Date of a day; the first or last of the calendar for days beyond it."""
    return dt.date.fromordinal(ordinal if 1 <= ordinal <= _LAST else 1 if ordinal < 1 else _LAST)


def plain(values: Mapping[str, Any]) -> FrozenDict:
    """Values of an outcome for people and JSON, frozen: dates as text, numbers rounded to 4 decimals."""
    out: dict[str, Any] = {}
    for key, value in values.items():
        if value is None or type(value) is str:
            out[key] = value
        elif isinstance(value, Day):
            out[key] = date_of(value).isoformat()
        elif isinstance(value, Given):
            continue
        elif isinstance(value, int) and not isinstance(value, bool):
            out[key] = int(value)
        elif isinstance(value, Decimal | float):
            # A number beyond all measure (a slip of many zeros) is kept as text: JSON has no infinity.
            out[key] = round(float(value), 4) if math.isfinite(float(value)) else str(value)
        else:
            out[key] = tuple(cast("list[Any]", value)) if isinstance(value, list) else value
    return FrozenDict(out)


def thawed(value: Any) -> Any:
    """Plain data of frozen data, to any depth."""
    if isinstance(value, dict):
        return {k: thawed(v) for k, v in cast("dict[str, Any]", value).items()}
    return list(map(thawed, cast("tuple[Any, ...]", value))) if isinstance(value, tuple) else value


def frozen(value: Any) -> Any:
    """The same data, such that nothing in it can be changed."""
    if isinstance(value, dict):
        return FrozenDict({k: frozen(v) for k, v in cast("dict[str, Any]", value).items()})
    return tuple(map(frozen, cast("list[Any]", value))) if isinstance(value, list | tuple) else value
