"""Checks of single values: days, clocks, instants, numbers, names, text, and lists of them.

Nothing is converted silently, and what is refused is refused with what would have been right.
"""

from __future__ import annotations

import datetime as dt
import math
import numbers
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any, cast

from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError

from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.plain import has_unseen, is_plain
from growthwatch.record.words import Role, RoleWord, Sign, SignWord

__all__ = [
    "MAX_ID",
    "MAX_KEY",
    "MAX_KEY_1",
    "MAX_NAME",
    "MAX_TEXT",
    "NO_ROLE",
    "NO_SIGNS",
    "AnyRole",
    "AnyRoleOrNone",
    "Celsius",
    "Clock",
    "Day",
    "Identifier",
    "Instant",
    "Key",
    "Keys",
    "Name",
    "Positive",
    "Signs",
    "Text",
    "Texts",
    "Whole",
    "as_instant",
    "check_identifier",
    "close_to",
    "listing",
    "not_empty",
    "one_of",
    "shown",
    "unique",
    "whole",
    "wrong",
]

MAX_ID = 200
"""The longest identifier [characters]."""

MAX_KEY = 630
"""The longest finding key: a rule, its subject, ``@`` and an event id, and of an obligation its number [characters]."""

MAX_KEY_1 = 400
"""The longest finding key of version 1 of the format [characters]."""

MAX_TEXT = 100_000
"""The longest text of an event, such as a note or a reason [characters]: some forty pages."""

MAX_NAME = 1_000
"""The longest name of a person, a team or an organisation [characters]."""


def wrong(expected: str, **context: Any) -> PydanticCustomError:
    """Say in words what would have been right; `growthwatch.record.forms` turns it into a sentence."""
    return PydanticCustomError("growthwatch", "{expected}", {"expected": expected, **context})


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CLOCK = re.compile(r"[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})"
)

_DAY_WORDS = 'a date without a time, written "YYYY-MM-DD"'
_CLOCK_WORDS = 'a local time of day without a zone, written "HH:MM" or "HH:MM:SS"'
_INSTANT_WORDS = 'a moment with its offset from UTC, such as "2024-01-09T14:30:00Z" or "2024-07-09T14:30:00+01:00"'


def _day(value: Any) -> dt.date:
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return dt.date(value.year, value.month, value.day)
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            raise wrong("a day that exists in the calendar") from None
    raise wrong(_DAY_WORDS)


def _clock(value: Any) -> dt.time:
    if isinstance(value, str) and _CLOCK.fullmatch(value):
        try:
            value = dt.time.fromisoformat(value)
        except ValueError:
            raise wrong("a time of day from 00:00 to 23:59:59") from None
    if isinstance(value, dt.time) and value.tzinfo is None and not value.fold:
        return dt.time(value.hour, value.minute, value.second, value.microsecond)
    raise wrong(_CLOCK_WORDS)


def as_instant(value: Any) -> dt.datetime | None:
    """Return an aware datetime or its text as a plain datetime in UTC; None when it is not one."""
    try:
        if isinstance(value, str):
            if not _INSTANT.fullmatch(value):
                return None
            value = dt.datetime.fromisoformat(value)
        if not isinstance(value, dt.datetime) or value.utcoffset() is None or getattr(value, "nanosecond", 0):
            return None
        moved = value.astimezone(dt.UTC)
        return dt.datetime(
            moved.year, moved.month, moved.day, moved.hour, moved.minute, moved.second, moved.microsecond, dt.UTC
        )
    except (ValueError, TypeError, OverflowError):
        return None


def _instant(value: Any) -> dt.datetime:
    found = as_instant(value)
    if found is None:
        raise wrong(_INSTANT_WORDS)
    return found


def _number(value: Any) -> float:
    if not isinstance(value, bool) and isinstance(value, (float, numbers.Integral)):
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if math.isfinite(number) and number > 0 and number == value:
            return number
    raise wrong("a finite number greater than 0")


def _celsius(value: Any) -> float:
    # Beyond these no child's temperature was measured: it is in another unit, or a slip.
    if not isinstance(value, bool) and isinstance(value, (float, int)) and 20 <= value <= 46:
        return float(value)
    raise wrong("a body temperature in degrees Celsius, from 20 to 46")


@dataclass(frozen=True, slots=True)
class Whole:
    """A check of whole numbers from `low` to `high`; `words` say what would have been right."""

    low: int
    high: int | None
    words: str

    def __call__(self, value: Any) -> int:
        """Return the number, or say what would have been right."""
        if not isinstance(value, bool) and isinstance(value, numbers.Integral):
            number = int(value)
            if number >= self.low and (self.high is None or number <= self.high):
                return number
        raise wrong(self.words)


def whole(low: int, high: int | None, words: str) -> Whole:
    """Return a check of whole numbers from `low` to `high`; `words` say what would have been right."""
    return Whole(low, high, words)


_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def _identifier_fault(value: Any, longest: int) -> str | None:
    words = f"text of 1 to {longest} characters, without control characters or spaces at its ends"
    if not isinstance(value, str) or not 1 <= len(value) <= longest or value != value.strip():
        return words
    if value.isascii() and value.isprintable():
        return None
    return words if any(unicodedata.category(c) in _UNPRINTABLE for c in value) else None


def check_identifier(field: str, value: Any) -> str:
    """Return `value` when it can identify a child or an event.

    Raises
    ------
    GrowthwatchError
        When it is not text of 1 to 200 characters, has control characters, or has spaces at its ends.
    """
    fault = _identifier_fault(value, MAX_ID)
    if fault is not None:
        raise GrowthwatchError.of(field, value, fault)
    return str(value)


def _identifier(longest: int) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        fault = _identifier_fault(value, longest)
        if fault is not None:
            raise wrong(fault)
        return str(value)

    return check


def _text(value: Any) -> str:
    return _within(value, MAX_TEXT)


def _within(value: Any, longest: int) -> str:
    if isinstance(value, str) and len(value) > longest:
        raise wrong(f"at most {longest} characters: it has {len(value)}")
    if isinstance(value, str) and value.strip() and is_plain(value):
        return str(value)
    raise wrong("text that is not empty and has no control characters")


def _name(value: Any) -> str:
    text = _within(value, MAX_NAME)
    if has_unseen(text):
        raise wrong("the name of somebody without invisible characters, which could make it read as another")
    return text


def _role(value: Any) -> Role:
    try:
        return Role(value)
    except ValueError:
        raise wrong(one_of([r.value for r in Role], value)) from None


def _sign(value: Any) -> Sign:
    try:
        return Sign(value)
    except ValueError:
        raise wrong(one_of([s.value for s in Sign], value)) from None


def listing(value: Any) -> Any:
    """Return a list or tuple as a tuple."""
    if isinstance(value, (list, tuple)):
        return tuple(cast("Iterable[Any]", value))
    raise wrong("a list")


def not_empty(value: tuple[Any, ...]) -> tuple[Any, ...]:
    """Refuse an empty list."""
    if not value:
        raise wrong("a list of at least one")
    return value


def unique(value: tuple[Any, ...]) -> tuple[Any, ...]:
    """Refuse a list that has an entry twice."""
    if len(set(value)) != len(value):
        raise wrong("each entry once")
    return value


def close_to(word: Any, words: Iterable[str]) -> str | None:
    """Return the nearest of `words`, when one is near."""
    if not isinstance(word, str):
        return None
    found = get_close_matches(word.lower(), list(words), n=1, cutoff=0.6)
    return found[0] if found else None


def one_of(words: Iterable[str], value: Any) -> str:
    """Say which words there are, and the one that was probably meant."""
    near = close_to(value, words)
    return "one of " + ", ".join(words) + (f" (did you mean '{near}'?)" if near else "")


def shown(value: object) -> str:
    """Return a value as Python writes it, shortened for a message."""
    try:
        text = repr(value)
    except Exception:  # whatever an object of somebody else's raises here, the message about it must still be said
        text = f"a {type(value).__name__}"
    return text if len(text) <= 80 else text[:77] + "..."


Day = Annotated[dt.date, BeforeValidator(_day)]
Clock = Annotated[dt.time, BeforeValidator(_clock)]
Instant = Annotated[dt.datetime, BeforeValidator(_instant)]
Positive = Annotated[float, BeforeValidator(_number)]
Celsius = Annotated[float, BeforeValidator(_celsius)]
Identifier = Annotated[str, BeforeValidator(_identifier(MAX_ID))]
Key = Annotated[str, BeforeValidator(_identifier(MAX_KEY))]
Text = Annotated[str, BeforeValidator(_text)]
Name = Annotated[str, BeforeValidator(_name)]
"""The name of a person, a team or an organisation."""
Texts = Annotated[tuple[Text, ...], BeforeValidator(listing)]
Keys = Annotated[tuple[Key, ...], BeforeValidator(listing), AfterValidator(unique)]

if TYPE_CHECKING:
    # A form takes plain words and holds what they stand for. To a type checker, a field of such a type is one
    # thing to give and another to read; its default is named below, since no default is of the type itself.

    class AnyRole:
        """A role, given as such or as a word."""

        def __get__(self, made: object, form: Any = None) -> Role: ...
        def __set__(self, made: object, value: Role | RoleWord) -> None: ...

    class AnyRoleOrNone:
        """A role, given as such or as a word; or none."""

        def __get__(self, made: object, form: Any = None) -> Role | None: ...
        def __set__(self, made: object, value: Role | RoleWord | None) -> None: ...

    class Signs:
        """Signs, given as such or as words, in a list or a tuple."""

        def __get__(self, made: object, form: Any = None) -> tuple[Sign, ...]: ...
        def __set__(self, made: object, value: Sequence[Sign | SignWord]) -> None: ...

else:
    AnyRole = Annotated[Role, BeforeValidator(_role)]
    AnyRoleOrNone = AnyRole | None
    Signs = Annotated[
        tuple[Annotated[Sign, BeforeValidator(_sign)], ...], BeforeValidator(listing), AfterValidator(unique)
    ]

NO_ROLE: Any = None
"""No role: what a field that may lack one holds."""

NO_SIGNS: Any = ()
"""No signs: what a field that may lack them holds."""
