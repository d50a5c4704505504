"""Words for people: dates, weights and percentages as a health visitor writes them."""

from __future__ import annotations

import datetime as dt
import math
import unicodedata
from decimal import Decimal
from functools import lru_cache

from growthwatch.core.units import DAYS_PER_MONTH, DAYS_PER_YEAR, TERM_DAYS

__all__ = [
    "age_words",
    "ago_words",
    "count_words",
    "days_words",
    "fit_words",
    "kg_words",
    "limit_words",
    "list_words",
    "long_date",
    "name_words",
    "number_word",
    "often_words",
    "one_line",
    "ordinal",
    "percent_words",
    "role_words",
    "same_name",
    "silent_words",
    "spaces_words",
    "team_words",
    "the_role_words",
    "times_words",
    "z_words",
]

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


_LONGEST_NAME = 80


@lru_cache(maxsize=4096)
def same_name(text: str) -> str:
    """A name as it is compared: two are the same that differ in letter case, spacing or the form of an accent."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def long_date(day: int | dt.date) -> str:
    """Write a day: ``21 November 2023`` (the same in every locale)."""
    date = dt.date.fromordinal(min(max(day, 1), dt.date.max.toordinal())) if isinstance(day, int) else day
    return f"{date.day} {_MONTHS[date.month - 1]} {date.year}"


def one_line(text: str) -> str:
    """Fold text that somebody wrote onto one line, quoted, without control or direction marks."""
    plain = "".join(c if c.isprintable() and unicodedata.category(c) != "Cf" else " " for c in text)
    plain = " ".join(plain.split())
    return f"'{plain if len(plain) <= 80 else plain[:77] + '...'}'"


def name_words(text: str) -> str:
    """A name as a record has it: as it stands, or between quotes where it could be taken for more than a name."""
    return text if len(text) <= _LONGEST_NAME and text.isprintable() else one_line(text)


def kg_words(kg: float) -> str:
    """Write a weight as it was recorded, to the gram at most, with at least two decimals: ``9.30 kg``, ``9.305 kg``."""
    text = repr(kg)
    whole, _, rest = text.partition(".")
    return f"{kg:.3f} kg" if "e" in text or len(rest) > 3 else f"{whole}.{rest.ljust(2, '0')} kg"


def percent_words(value: Decimal | float, *limits: Decimal | float) -> str:
    """Write a percentage to one decimal: ``4.8 %``; it is never compared in this form.

    Where that would put it on another side of a limit, or on it, more decimals are written: 10.008 beside a limit
    of 10 is ``10.008 %``.
    """
    return f"{_told(float(value), 1, tuple(map(float, limits)))} %"


def ordinal(value: Decimal | float) -> str:
    """Write a number as a place: ``5th``, ``2nd``, ``0.4th``."""
    text = f"{Decimal(str(value)).normalize():f}"
    teens = text[-2:] in ("11", "12", "13")
    return text + ("th" if teens or "." in text else {"1": "st", "2": "nd", "3": "rd"}.get(text[-1], "th"))


def z_words(value: float, *limits: float) -> str:
    """Write a z to two decimals: ``-2.31``; to more where that would put it on another side of a limit, or on it."""
    return _told(value, 2, limits)


def _told(value: float, digits: int, limits: tuple[float, ...]) -> str:
    """Write a number with so many digits that it lies beside each limit, as written the same way, as it does."""
    for more in range(digits, digits + 6):
        text = f"{value:.{more}f}"
        if all(_side(float(text), float(f"{n:.{more}f}")) == _side(value, n) for n in limits):
            return text
    return f"{value:.{digits}f}"


def _side(value: float, limit: float) -> int:
    return 0 if abs(value - limit) < 1e-9 else 1 if value > limit else -1


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


def fit_words(fit: float) -> str:
    """Say how well weights fit slowing growth beside healthy growth: goes on from "the weights".

    ``fit slowing growth 12 times better than healthy growth``.  It is never the odds of an illness, and
    between a third and three times the weights do not tell.

    Parameters
    ----------
    fit
        How many times better slowing that has begun by now fits than healthy growth; not a number: nothing was read.
    """
    if fit >= _TELLS - 1e-9:
        return f"fit slowing growth {times_words(fit)} better than healthy growth"
    if fit < 1.0 / _TELLS:
        return "fit healthy growth better than slowing growth"
    return "do not yet tell slowing from healthy growth"


def silent_words(ratio: float, speaks_at: float) -> str:
    """Say, where a rule is met and the evidence is below its level, that its silence takes nothing back.

    Parameters
    ----------
    ratio
        The evidence.
    speaks_at
        Its first level.
    """
    return (
        f"The running evidence ({_floored(ratio)}; it speaks at {speaks_at:g}) has not reached its level: it adds up "
        "months and is set to be silent in 99 of 100 healthy children, so that its silence takes nothing back."
    )


def _floored(ratio: float) -> str:
    """A ratio to one decimal, never more than it is."""
    return f"{math.floor(ratio * 10 + 1e-9) / 10:.1f}"


_TELLS = 3.0
"""From how many times better on a fit is told, and below one over it that healthy growth fits better."""


_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def number_word(n: int) -> str:
    """Write a small number as a word, a greater one in figures: ``two``, ``12``."""
    return _NUMBERS[n] if 0 <= n < len(_NUMBERS) else str(n)


def often_words(n: int) -> str:
    """Write how many times as much: ``twice``, ``three times``."""
    return {1: "once", 2: "twice"}.get(n, f"{number_word(n)} times")


def days_words(n: int) -> str:
    """Write a number of days."""
    return count_words(n, "day")


def ago_words(n: int) -> str:
    """Say how many days ago: days below 100, then weeks, from two years on whole years; never shorter than it is.

    ``5 days ago``, ``20 weeks ago``, ``more than two years ago``.

    Source: design of the views, section 4 (lateness).
    """
    years = int(n / DAYS_PER_YEAR)
    if n < _DAYS_TOLD:
        return f"{days_words(n)} ago"
    return f"more than {number_word(years)} years ago" if years >= 2 else f"{-(-n // 7)} weeks ago"


_DAYS_TOLD = 100
"""Up to how many days time is told in days."""


def count_words(n: int, word: str) -> str:
    """Write a number of things: ``1 month``, ``3 months``."""
    return f"{n} {word}{'' if n == 1 else 's'}"


def age_words(days: float) -> str:
    """Write a child's age [days], rounded as people say it: ``9 weeks``, ``14 months``, ``2.5 years``."""
    if not math.isfinite(days):
        return "an age that is not known"
    if days < 0:
        return f"{days_words(round(-days))} before birth"
    if days < 0.5:
        return "birth"
    if days < 14:
        return days_words(round(days))
    if days < 3 * DAYS_PER_MONTH:
        return f"{days / 7:.0f} weeks"
    if days < 2 * DAYS_PER_YEAR:
        return f"{days / DAYS_PER_MONTH:.0f} months"
    return f"{round(days / DAYS_PER_YEAR, 1):g} years"


def limit_words(days: float) -> str:
    """Write the age at which a table or a rule begins or ends [days]: ``2 weeks``, ``18 months``, ``5 years 1 month``.

    Before term, as weeks and days of gestation: ``23+0 weeks of gestation``.
    """
    if days < 0:
        weeks, rest = divmod(round(days + TERM_DAYS), 7)
        return f"{weeks}+{rest} weeks of gestation"
    if days == 0:
        return "birth"
    months = round(days / DAYS_PER_MONTH, 1)
    if months >= 12 and months % 12 == 0:
        return count_words(round(months / 12), "year")
    if days % 7 == 0 and days < 26 * 7:
        return count_words(round(days / 7), "week")
    if months < 24:
        return days_words(round(days)) if months < 1 else f"{months:g} month{'' if months == 1 else 's'}"
    if not months.is_integer():
        return f"{days / DAYS_PER_YEAR:.4g} years"
    years, rest = divmod(int(months), 12)
    return f"{count_words(years, 'year')} {count_words(rest, 'month')}"


def list_words(words: list[str]) -> str:
    """Join words as in a sentence."""
    if len(words) < 2:
        return "".join(words)
    return ", ".join(words[:-1]) + " and " + words[-1]


_ROLES = {
    "gp": "GP",
    "asker": "whoever asked",
    "author": "whoever wrote it",
    "adviser": "whoever gave the advice",
    "signer": "whoever signed it",
    "dismissed_by_another": "somebody who has not said it before",
    "other": "somebody in another role",
    "system": "a computer",
}

_WITHOUT_THE = ("whoever ", "somebody ", "both ", "a ")

_ADJECTIVES = frozenset(
    {
        "audiological", "cardiac", "dental", "dermatological", "developmental", "dietetic", "endocrine", "gastric",
        "gastroenterological", "genetic", "haematological", "medical", "metabolic", "neonatal", "nephrological",
        "neurological", "neurosurgical", "nutritional", "obstetric", "ophthalmic", "orthodontic", "orthopaedic",
        "paediatric", "palliative", "pediatric", "perinatal", "physical", "postnatal", "psychiatric", "psychological",
        "renal", "respiratory", "rheumatological", "specialist", "surgical", "therapeutic", "urological",
    }
)  # fmt: skip
"""How services are called by a word that says of which kind they are, and names nobody."""


def role_words(role: str) -> str:
    """Write a role: ``team lead``."""
    return _ROLES.get(role, role.replace("_", " "))


def the_role_words(role: str) -> str:
    """Write a role as the person who bears it, within a sentence: ``the team lead``, ``whoever asked``."""
    words = role_words(role)
    return words if words.startswith(_WITHOUT_THE) else f"the {words}"


def team_words(service: str) -> str:
    """Write a service as it stands in a sentence where people must: ``paediatric`` is ``the paediatric team``.

    What names people or a place already stands as it is: ``audiology``, ``Dr Lee's clinic``.
    """
    name = name_words(service)
    last = service.split()[-1:] or [""]
    return f"the {name} team" if same_name(last[0]) in _ADJECTIVES else name
