"""Cells of text to values: each is read as the mapping says, or refused with a reason and with what would mend it."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from growthwatch.caseload.mapping import ConditionWord, Field
from growthwatch.caseload.mapping import Mapping as TableMapping
from growthwatch.caseload.words import folded, words
from growthwatch.core.errors import nearest
from growthwatch.record.values import MAX_ID, MAX_NAME, MAX_TEXT
from growthwatch.record.words import Condition

__all__ = [
    "Oversized",
    "Unordered",
    "Unread",
    "as_condition",
    "as_conditions",
    "as_date",
    "as_gestation",
    "as_id",
    "as_kg",
    "as_level",
    "as_moment",
    "as_name",
    "as_ounces",
    "as_pounds",
    "as_word",
    "in_kg",
]

KG_PER_LB = Decimal("0.45359237")
"""One pound [kg], by definition."""

OZ_PER_LB = 16

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ]00:00(?::00(?:\.0+)?)?)?")
_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2})?)(?:\.\d+)?")
_DIGITS = re.compile(r"(\d{1,4})\s*[/.\- ]\s*(\d{1,2})\s*[/.\- ]\s*(\d{1,4})")
_NAMED = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[ \-/]*([A-Za-z]{3,9})\.?[ \-/,]*(\d{2,4})")
_NUMBER = re.compile(r"([-+]?)(\d+(?:[.,]\d+)*|[.,]\d+)\s*([a-zA-Z]*)\.?")
_LETTERS = re.compile(r"(?=.*\d)(?=.*[OoIl])[\dOoIl.,]+")
"""A number in which a letter stands for a figure that looks like it."""

_LB_OZ = re.compile(
    r"(\d+)\s*(?:lbs?|pounds?)\.?\s*,?\s*(?:(\d+(?:\.\d+)?)\s*(?:oz|ounces?)?\.?)?|(\d+)\s*[ +:\-]\s*(\d+(?:\.\d+)?)",
    re.I,
)
_OZ_ALONE = re.compile(r"(\d+(?:\.\d+)?)\s*(?:oz|ounces?)\.?", re.I)
_WEEKS_DAYS = re.compile(
    r"(\d{2})\s*(?:\+|w(?:ee)?k?s?\s*\+?|/40\s*\+)\s*(\d)\s*(?:d(?:ays?)?)?(?:\s*/\s*40)?(?:\s*w(?:ee)?ks?)?", re.I
)
_WEEKS = re.compile(r"(\d{2})\s*(?:w(?:ee)?ks?|/\s*40)?", re.I)
_UNITS = {
    "kg": "kg", "kgs": "kg", "kilo": "kg", "kilos": "kg", "g": "g", "gm": "g", "gms": "g", "gram": "g", "grams": "g",
    "lb": "lb", "lbs": "lb", "oz": "oz",
}  # fmt: skip
_LEAST_YEAR, _MOST_YEAR = 1900, 2100


class Unread(ValueError):
    """A cell that cannot be read: why, and what would mend it."""

    def __init__(self, reason: str, remedy: str):
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy


class Oversized(Unread):
    """A weight that is more than any child weighs, in the unit that is said."""


class Unordered(Unread):
    """A date that is one day or another by an order that nobody has said.

    Attributes
    ----------
    days
        Which day it is by each order that can be; one alone where it is a day by that order only.
    """

    def __init__(self, parts: tuple[str, str, str]):
        super().__init__(
            "day first or month first? nobody has said", 'say date_order = "day-month-year" in the mapping'
        )
        first, second, third = parts
        orders = {"day-month-year": (third, second, first), "month-day-year": (third, first, second)}
        if len(first) > 2:
            self.remedy = 'say date_order = "year-month-day" in the mapping'
            orders = {"year-month-day": parts}
        self.days: dict[str, dt.date] = {}
        for order, (year, month, day) in orders.items():
            with contextlib.suppress(ValueError):
                self.days[order] = dt.date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day))


def as_name(text: str) -> str:
    """The name of a person or a team, kept as an id is."""
    return as_id(text, MAX_NAME, "a name")


def as_id(text: str, longest: int = MAX_ID, what: str = "an id") -> str:
    """An id as it is kept: as text, with single plain spaces, and none around it; zeros at its beginning stay."""
    if len(text) > longest:
        raise Unread(f"{what} of {len(text)} characters", f"write it with at most {longest} characters")
    plain = "".join(" " if c.isspace() else c for c in unicodedata.normalize("NFC", text))
    plain = " ".join(plain.split())
    odd = next((c for c in plain if not c.isprintable() or unicodedata.category(c) in ("Cf", "Cc")), None)
    if odd is not None:
        raise Unread(f"a sign that cannot be seen (U+{ord(odd):04X}) in an id", "write the id again")
    if re.fullmatch(r"\d(?:\.\d+)?E\+?\d+", plain, re.I):
        raise Unread(
            "an id that a spreadsheet has turned into a number", "give the column the format Text, and enter it again"
        )
    return plain


# --- dates --------------------------------------------------------------------------------------


def as_date(text: str, field: Field, mapping: TableMapping) -> dt.date:
    """A date, in the form or order that the mapping says; YYYY-MM-DD can mean one thing only."""
    if field.format is not None:
        try:
            return _sound(dt.datetime.strptime(text, field.format).date())  # noqa: DTZ007
        except ValueError as e:
            if isinstance(e, Unread):
                raise
            raise Unread(f"not a date of the form {field.format}", f"write it as {_example(field.format)}") from None
    iso = _ISO.fullmatch(text)
    if iso is not None:
        return _day(*map(int, iso.groups()))
    named = _NAMED.fullmatch(text)
    if named is not None:
        day, name, year = named.groups()
        month = name[:3].lower()
        if month not in _MONTHS or not _is_month(name):
            raise Unread(f"no month is called {name!r}", "write the date year first, as in 2023-04-03")
        return _day(_year(year), _MONTHS.index(month) + 1, int(day))
    order = field.date_order or mapping.date_order
    parts = _DIGITS.fullmatch(text)
    if parts is None:
        if re.fullmatch(r"\d{5}(?:\.\d+)?", text):
            raise Unread("a number of days, as a spreadsheet keeps a date", "give the column the format Date")
        raise Unread("not a date", "write it year first, as in 2023-04-03")
    first, second, third = parts.groups()
    if order is None:
        return _by_any_order((first, second, third))
    if order == "year-month-day":
        if len(first) != 4:
            raise Unread(
                "the year does not come first", "write it year first, as in 2023-04-03, or say another date_order"
            )
        return _day(int(first), int(second), int(third))
    if len(first) > 2:
        raise Unread(f"the year comes first, which is not {order}", "write it year first, as in 2023-04-03")
    day, month = (first, second) if order == "day-month-year" else (second, first)
    if int(month) > 12 and int(day) <= 12:
        raise Unread(
            f"there is no month {month}: this date has another order than {order}",
            "write it year first, as in 2023-04-03",
        )
    return _day(_year(third), int(month), int(day))


def _by_any_order(parts: tuple[str, str, str]) -> dt.date:
    """Read a date whose order nobody has said, where that makes no difference: what is no day by any is none."""
    waits = Unordered(parts)
    days = set(waits.days.values())
    if not days:
        raise _no_day()
    if all(not _LEAST_YEAR <= d.year <= _MOST_YEAR for d in days):
        return _sound(min(days))
    # By one order alone it still waits, for the other may be meant; so does a year of two figures, for its form.
    if len(waits.days) < 2 or len(days) > 1 or len(parts[2]) != 4:
        raise waits
    return days.pop()


def as_moment(text: str, field: Field, mapping: TableMapping) -> dt.datetime | dt.date:
    """A date, or a date with a time of day."""
    moment = _MOMENT.fullmatch(text)
    if moment is None or _ISO.fullmatch(text):
        return as_date(text, field, mapping)
    day = as_date(moment[1], field, mapping)
    try:
        return dt.datetime.combine(day, dt.time.fromisoformat(moment[2]))
    except ValueError:
        raise Unread("no such time of day", "write it year first, as in 2023-04-03 14:30") from None


def _is_month(name: str) -> bool:
    full = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
            "november", "december")  # fmt: skip
    return len(name) == 3 or any(m.startswith(name.lower()) for m in full)


def _year(text: str) -> int:
    if len(text) != 4:
        raise Unread("a year of two figures", 'write the year in full, or say format = "%d/%m/%y" in the mapping')
    return int(text)


def _day(year: int, month: int, day: int) -> dt.date:
    try:
        return _sound(dt.date(year, month, day))
    except Unread:
        raise
    except ValueError:
        raise _no_day() from None


def _no_day() -> Unread:
    return Unread("no such day", "look up the day, and write it as the other rows do, or year first, as in 2023-04-03")


def _sound(day: dt.date) -> dt.date:
    if not _LEAST_YEAR <= day.year <= _MOST_YEAR:
        raise Unread(f"the year {day.year}", "look up the year")
    return day


def _example(form: str) -> str:
    return dt.date(2023, 4, 3).strftime(form)


# --- weights ------------------------------------------------------------------------------------


def _decimal(text: str, mark: str) -> Decimal:
    other = "," if mark == "." else "."
    if other in text:
        name = "comma" if other == "," else "point"
        raise Unread(
            f"a number with a {name}",
            f'write {text.replace(other, mark)}, or say decimalChar = "{other}" in the mapping',
        )
    if text.count(mark) > 1:
        raise Unread("not a number", "write it with one decimal mark")
    try:
        return Decimal(text.replace(mark, "."))
    except InvalidOperation:
        raise Unread("not a number", "write the weight as a number, or the word as one of missingValues") from None


def as_kg(text: str, field: Field, mapping: TableMapping) -> float:
    """A weight [kg], to the gram where it was written in pounds."""
    units, mark = field.units, field.decimalChar or mapping.decimalChar
    pounds = _pounds(text, units)
    if pounds is not None:
        return _weight(pounds * KG_PER_LB, text, to_gram=True)
    if _LETTERS.fullmatch(text):
        letter = next(c for c in text if c in "OoIl")
        figure = "zero" if letter in "Oo" else "one"
        raise Unread(
            f"no number: the letter {letter} stands in it, perhaps for a {figure}",
            "look up the weight, and write it in figures alone",
        )
    found = _NUMBER.fullmatch(text)
    if found is None:
        raise Unread("not a number", "write the weight as a number, or say the word in missingValues")
    sign, digits, word = found.groups()
    said = _UNITS.get(word.lower()) if word else None
    if word and said is None:
        raise Unread(f"no unit is called {word!r}", f"write it in {units[0]}")
    if said is not None and said not in units:
        raise Unread(
            f"a weight in {said} in a column in {units[0]}",
            f'write it in {units[0]}, or say unit = ["{units[0]}", "{said}"]',
        )
    value = _decimal(digits, mark)
    if sign == "-":
        raise Unread("less than nothing", "write the weight as it was read")
    unit = said or units[0]
    if unit == "lb + oz":
        raise Unread("pounds and ounces, or pounds and a part of one?", "write it as 9 lb 4 oz")
    if unit == "kg" and said is None and value > words().most_kg:
        if field.grams_from is not None and value >= Decimal(str(field.grams_from)):
            unit = "g"
        else:
            raise Oversized(
                f"more than any child weighs, in kg ({text})",
                f'if these are grams, write {text} g and say unit = ["kg", "g"], or say grams_from in the mapping',
            )
    per = {"kg": Decimal(1), "g": Decimal("0.001"), "lb": KG_PER_LB, "oz": KG_PER_LB / OZ_PER_LB}[unit]
    return _weight(value * per, text, to_gram=unit in ("lb", "oz"))


def _pounds(text: str, units: tuple[str, ...]) -> Decimal | None:
    """Pounds and ounces as pounds; None if the cell is none."""
    both, alone = _LB_OZ.fullmatch(text), _OZ_ALONE.fullmatch(text)
    if both is None and alone is None:
        return None
    named = "lb" in text.lower() or "pound" in text.lower() or alone is not None
    if "lb + oz" not in units:
        if not named or (units == ("lb",) and both is not None and both[2] is None) or units == ("oz",):
            return None
        if both is not None and both[2] is None and "lb" in units:
            return None
        if alone is not None and "oz" in units:
            return None
        raise Unread(
            f"pounds and ounces in a column in {units[0]}",
            f'write it in {units[0]}, or say unit = ["{units[0]}", "lb + oz"]',
        )
    if units[0] != "lb + oz" and not named:
        return None
    if alone is not None:
        return Decimal(alone[1]) / OZ_PER_LB
    assert both is not None
    lb, oz = both[1] or both[3], both[2] or both[4] or "0"
    if Decimal(oz) >= OZ_PER_LB:
        raise Unread(f"{oz} ounces: a pound has {OZ_PER_LB}", "write pounds and ounces, such as 9 lb 4 oz")
    return Decimal(lb) + Decimal(oz) / OZ_PER_LB


def as_pounds(text: str) -> Decimal:
    """The pounds of a column that stands beside one in ounces [lb]."""
    value = _count(text, "lb", "pounds")
    if value < 0:
        raise Unread("less than nothing", "write the pounds as they were read")
    return value


def as_ounces(text: str) -> Decimal:
    """The ounces of a column that stands beside one in pounds [lb]."""
    value = _count(text, "oz", "ounces")
    if not 0 <= value < OZ_PER_LB:
        raise Unread(f"{text} ounces: a pound has {OZ_PER_LB}", "write a number below 16")
    return value / OZ_PER_LB


def _count(text: str, unit: str, what: str) -> Decimal:
    try:
        value = Decimal(text.lower().removesuffix(unit).strip())
    except InvalidOperation:
        raise Unread(f"not a number of {what}", f"write the {what} as a number") from None
    if not value.is_finite():
        raise Unread(f"not a number of {what}", f"write the {what} as a number")
    return value


def in_kg(pounds: Decimal, text: str) -> float:
    """Pounds as kilograms, to the gram."""
    return _weight(pounds * KG_PER_LB, text, to_gram=True)


def _weight(value: Decimal, text: str, *, to_gram: bool) -> float:
    if value <= 0:
        raise Unread("nothing weighs that little", "write the weight, or say the word in missingValues")
    if value > words().most_kg:
        raise Oversized(f"more than any child weighs ({text})", "look up the weight and its unit")
    return float(round(value, 3) if to_gram else value)


# --- words --------------------------------------------------------------------------------------


def as_word(text: str, field: Field, known: Mapping[str, str], what: str) -> str:
    """What a word means by the mapping, else by the words that are known everywhere."""
    found: Any = _table(field).get(folded(text)) or known.get(folded(text))
    if found is None:
        raise Unread(
            f"no {what} is called {text!r}{nearest(text, known)}", f'say what it means: values = {{ "{text}" = "..." }}'
        )
    return found


def as_gestation(text: str, field: Field) -> int:
    """Completed days of gestation at birth [days]."""
    said = _table(field).get(folded(text))
    given, form = (said, "weeks+days") if isinstance(said, str) else (text, field.format)
    both, weeks = _WEEKS_DAYS.fullmatch(given), _WEEKS.fullmatch(given)
    if form == "days":
        if not re.fullmatch(r"\d{3}", given):
            raise Unread("not a number of days", "write completed days, such as 256 for 36 weeks and 4 days")
        days = int(given)
    elif both is not None:
        days = int(both[1]) * 7 + int(both[2])
        if int(both[2]) > 6:
            raise Unread("a week has 7 days", "write it as 36+4, the days from 0 to 6")
    elif weeks is not None and (form == "weeks" or given != weeks[0][:2] or isinstance(said, str)):
        days = int(weeks[1]) * 7
    elif weeks is not None:
        raise Unread("weeks alone", f'write {given}+0 if no days are known, or say format = "weeks"')
    else:
        remedy = "write it as 36+4: weeks, a plus, days"
        point = re.fullmatch(r"(\d{2})[.,](\d+)", given)
        if point is not None:
            raise Unread("a part of a week, or days?", remedy)
        raise Unread("not a gestation", remedy)
    if not 140 <= days <= 315:
        raise Unread("a gestation that a record does not admit (20+0 to 45+0)", "look up the gestation")
    return days


def as_conditions(text: str, field: Field) -> list[tuple[ConditionWord, str | None]]:
    """The conditions in a cell, each with the words for it where its name does not say it."""
    parts = [text] if field.separator is None else [p.strip() for p in text.split(field.separator)]
    return [found for p in parts if p for found in (as_condition(p, field),) if found is not None]


def as_condition(text: str, field: Field) -> tuple[ConditionWord, str | None] | None:
    """A condition, with its words; None where the word means none."""
    value = _table(field).get(folded(text))
    if isinstance(value, ConditionWord):
        return value, text
    if value is None and folded(text).replace(" ", "_") in _CONDITIONS:
        value = folded(text).replace(" ", "_")
    if len(text) > MAX_TEXT:
        raise Unread(f"a condition of {len(text)} characters", f"say it in at most {MAX_TEXT} characters")
    told = None if value is not None else text
    value = value or field.default
    if value is None:
        raise Unread(
            f"no condition is called {text!r}", f'say what it means: values = {{ "{text}" = "..." }}, or a default'
        )
    return None if value == "none" else (ConditionWord.model_validate({"condition": value}), told or text)


def as_level(text: str) -> int:
    """A GMFCS level."""
    plain = folded(text).removeprefix("gmfcs").removeprefix(" ").removeprefix("level").strip()
    levels = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5} | {str(n): n for n in range(1, 6)}
    if plain not in levels:
        raise Unread("not a GMFCS level", "write I to V, or 1 to 5")
    return levels[plain]


_CONDITIONS = frozenset(Condition.__args__)  # pyright: ignore[reportAttributeAccessIssue]


def _table(field: Field) -> dict[str, str | ConditionWord]:
    return {folded(k): v for k, v in (field.values or {}).items()}
