"""The codes that are read: what was measured, in which unit, which condition; from ``codes.toml``."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from importlib.resources import files
from typing import Any, get_args

from growthwatch.record.words import Condition

__all__ = [
    "CONDITIONS",
    "LOINC",
    "SNOMED",
    "UCUM",
    "Unit",
    "cm_of",
    "code_of",
    "conditions",
    "measures",
    "unit_of_code",
    "unit_of_words",
]

CONDITIONS = "urn:growthwatch:condition"
"""The system whose codes are a record's own words for conditions."""
LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
UCUM = "http://unitsofmeasure.org"
_SYSTEMS = {"loinc": LOINC, "snomed": SNOMED}


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: its UCUM code, of what it is one, and how many kilograms, centimetres or days it is."""

    code: str
    of: str
    times: Decimal


@functools.cache
def _table() -> Mapping[str, Any]:
    text = files("growthwatch.interop.fhir").joinpath("codes.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _by_system(table: str) -> Mapping[tuple[str, str], str]:
    held = _table()[table]
    return {(system, code): word for key, system in _SYSTEMS.items() for code, word in held.get(key, {}).items()}


@functools.cache
def measures() -> Mapping[tuple[str, str], str]:
    """What is measured, by system and code."""
    return _by_system("measures")


@functools.cache
def conditions() -> Mapping[tuple[str, str], str]:
    """The word of a record for a condition, by system and code; growthwatch's own codes are those words."""
    return {**_by_system("conditions"), **{(CONDITIONS, word): word for word in get_args(Condition)}}


def code_of(condition: str) -> tuple[str, str] | None:
    """Return system and code of the terminology for a condition; None where there is none for that word."""
    return next((pair for pair, word in _by_system("conditions").items() if word == condition), None)


def cm_of(measure: str) -> tuple[float, float]:
    """Return the least and the most that a height or head of a child can be [cm]: beyond, the unit is another."""
    least, most = _table()["limits"][measure]
    return float(least), float(most)


@functools.cache
def _units() -> tuple[Mapping[str, Unit], Mapping[str, Unit]]:
    codes: dict[str, Unit] = {}
    words: dict[str, Unit] = {}
    for code, held in _table()["units"]["ucum"].items():
        codes[code] = Unit(code, held["of"], Decimal(held["times"]))
        words.update(dict.fromkeys(held["words"], codes[code]))
    return codes, words


def unit_of_code(code: str) -> Unit | None:
    """Return the unit of a UCUM code, which is case-sensitive; None if it is not one that is read."""
    return _units()[0].get(code)


def unit_of_words(words: str) -> Unit | None:
    """Return the unit that is written out, in any case; None if it is not one that is read."""
    return _units()[1].get(words.strip().lower())
