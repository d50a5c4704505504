"""Days and moments as FHIR writes them, in the calendar of a zone; what is not a whole day is refused."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

from growthwatch.core.calendar import time_zone
from growthwatch.interop.fhir.report import Refusal

__all__ = ["When", "moment", "when"]

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_PART = re.compile(r"[0-9]{4}(-[0-9]{2})?")
_MOMENT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?)[0-9]*(Z|[+-][0-9]{2}:[0-9]{2})?"
)


@dataclass(frozen=True, slots=True)
class When:
    """A day of the zone's calendar, with the time where one is known; `doubt` says why it may be another."""

    on: dt.date
    time: dt.time | None = None
    doubt: str | None = None


def when(value: Any, path: str, zone: str) -> When:
    """Read a date or a date with a time."""
    text = value.strip() if isinstance(value, str) else ""
    try:
        if _DAY.fullmatch(text):
            return When(dt.date.fromisoformat(text))
        if found := _MOMENT.fullmatch(text):
            if found[2] is None:
                # Which day it was is written; which moment, nobody knows.
                at = dt.datetime.fromisoformat(found[1])
                return When(at.date(), None, f"a time without a zone: the day is read as it is written, in {zone}")
            at = dt.datetime.fromisoformat(found[1] + found[2]).astimezone(time_zone(zone))
            return When(at.date(), at.time().replace(tzinfo=None, fold=0))
    except (ValueError, OverflowError):
        raise Refusal(path, value, "there is no such day or time", "give one that exists") from None
    if _PART.fullmatch(text):
        raise Refusal(path, value, "it does not say which day", "give the whole date, as YYYY-MM-DD")
    raise Refusal(path, value, "it is no date", "give a date as YYYY-MM-DD, or with a time and its zone")


def moment(value: Any) -> dt.datetime | None:
    """Return a moment with its zone, in UTC; None where it is none."""
    found = _MOMENT.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None or found[2] is None:
        return None
    try:
        return dt.datetime.fromisoformat(found[1] + found[2]).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None
