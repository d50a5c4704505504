"""Amounts with their unit: what the number is in kilograms, centimetres or days, or why nobody can say."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from decimal import Decimal, DecimalException

from growthwatch.interop.fhir.codes import UCUM, Unit, unit_of_code, unit_of_words
from growthwatch.interop.fhir.nodes import Node, word
from growthwatch.interop.fhir.report import Refusal

__all__ = ["Amount", "amount", "number"]

_BASE = {"mass": ("kg", "kg, g, [lb_av] or [oz_av]"), "length": ("cm", "cm, m, mm or [in_i]"), "time": ("d", "d or wk")}


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount in the base unit; `given` is how it was written where that was another, `doubt` what is unclear."""

    value: Decimal
    given: str | None
    doubt: str | None


def number(value: object, path: str) -> Decimal:
    """Return a number greater than 0, exactly as it is written."""
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        found = Decimal(value)
        # Beyond these no figure of a child is written; larger ones only cost time.
        if found.is_finite() and abs(found.adjusted()) < 30 and found > 0:
            return found
    raise Refusal(path, value, "it is no number greater than 0", "give the number that was read")


def amount(quantity: Node, of: str, path: str) -> Amount:
    """Return an amount of mass [kg], length [cm] or time [d].

    Raises
    ------
    Refusal
        Where there is no number or no unit, the unit is not of that, or its code and its words differ.
    """
    base, would_do = _BASE[of]
    if (comparator := word(quantity, "comparator")) is not None:
        raise Refusal(f"{path}.comparator", comparator, "it is a bound, and no measured value", "give what was read")
    value = number(quantity.get("value"), f"{path}.value")
    unit, doubt = _unit(quantity, path, would_do)
    if unit.of != of:
        raise Refusal(f"{path}.code", unit.code, f"it is no unit of {of}", f"give the unit as UCUM {would_do}")
    try:
        made = value * unit.times
    except DecimalException:  # pragma: no cover - the number is bounded
        raise Refusal(f"{path}.value", value, "it cannot be worked out", "give the number that was read") from None
    return Amount(made, None if unit.code == base else f"{value.normalize():f} {unit.code}", doubt)


def _unit(quantity: Node, path: str, would_do: str) -> tuple[Unit, str | None]:
    return _read_unit(word(quantity, "system"), word(quantity, "code"), word(quantity, "unit"), path, would_do)


@functools.lru_cache(maxsize=256)
def _read_unit(
    system: str | None, code: str | None, words: str | None, path: str, would_do: str
) -> tuple[Unit, str | None]:
    """Read a unit: a file has few, thousands of times."""
    written = None if words is None else unit_of_words(words) or unit_of_code(words.strip())
    mend = f"give system {UCUM} and code {would_do}"
    if code is None:
        if words is None:
            raise Refusal(f"{path}.unit", None, "it has no unit", mend)
        if written is None:
            raise Refusal(f"{path}.unit", words, "it is no unit that is read", mend)
        return written, "the unit is given in words only"
    if system not in (None, UCUM):
        raise Refusal(f"{path}.system", system, "units of this system are not read", mend)
    unit, doubt = unit_of_code(code), None
    if unit is None:
        unit, doubt = unit_of_words(code), "the unit is no code of UCUM, and read as a word"
    elif system is None:
        doubt = "the unit has a code and no system"
    if unit is None:
        raise Refusal(f"{path}.code", code, "it is no unit that is read", mend)
    if written is not None and written != unit:
        raise Refusal(
            f"{path}.unit", f"{words} with the code {code}", "unit and code differ", "give the one that is right"
        )
    return unit, doubt
