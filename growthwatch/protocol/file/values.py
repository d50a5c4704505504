"""Values of a protocol file: words of closed lists, numbers that are not read from text, dates, and sourced tables."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

__all__ = [
    "LOUDNESS",
    "TIERS",
    "Closes",
    "Date",
    "Days",
    "FileId",
    "Flag",
    "Lines",
    "Loudness",
    "Months",
    "Number",
    "Percent",
    "RequestName",
    "Sourced",
    "Stage",
    "Tag",
    "Text",
    "TierName",
    "Whole",
    "as_date",
    "rising",
]

TierName = Literal["T0", "T1", "T2", "T3"]
Tag = Literal["N", "G", "L"]
Loudness = Literal["interrupt", "daily", "weekly"]
Closes = Literal["valid_weight", "recovered", "answered", "signed"]
RequestName = Literal[
    "paediatric_review",
    "dietetic_review",
    "specialist_opinion",
    "legal_advice",
    "supervision",
    "second_review",
    "managers_talk",
    "carer_assessment",
    "sibling_review",
    "growth_summary",
    "other",
]
"""A kind of request, as the record writes it."""
Stage = Literal["E1", "E2", "E3", "E4", "E5", "E6"]


def _not_blank(value: str) -> str:
    if not value.strip():
        raise PydanticCustomError("blank", "expected text that is not blank")
    return value


def as_date(value: object) -> dt.date:
    """A date as TOML writes it, or as text in the same form; a number or a moment is no date."""
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            raise PydanticCustomError("date", "expected a day that exists in the calendar") from None
    raise PydanticCustomError("date", "expected a date written YYYY-MM-DD")


def _whole_if_it_is(value: float) -> float:
    return int(value) if value == int(value) else value


_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
FileId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]*$")]
"""How a protocol is named."""
Date = Annotated[dt.date, BeforeValidator(as_date)]
Text = Annotated[str, Field(min_length=1), AfterValidator(_not_blank)]
Whole = Annotated[int, Field(strict=True)]
Number = Annotated[float, Field(strict=True)]
Flag = Annotated[bool, Field(strict=True)]
Days = Annotated[int, Field(strict=True, ge=0, le=36525)]
Months = Annotated[int, Field(strict=True, ge=0, le=1200)]
Lines = Annotated[float, Field(strict=True), AfterValidator(_whole_if_it_is)]
"""Centile spaces, whole or not: a whole number stays one."""
Percent = Annotated[float, Field(strict=True, gt=0, lt=100)]

LOUDNESS: tuple[Loudness, ...] = ("weekly", "daily", "interrupt")
TIERS: tuple[TierName, ...] = ("T0", "T1", "T2", "T3")


class Sourced(BaseModel):
    """A table of a protocol file: closed, frozen, with the provenance of its numbers."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True, allow_inf_nan=False)

    source: Text | None = None
    tag: Tag | None = None
    review_by: Date | None = None


def rising(name: str, values: Sequence[float | None]) -> list[str]:
    """Say so if numbers that must rise do not; None is passed over."""
    there = [v for v in values if v is not None]
    return [] if all(a < b for a, b in pairwise(there)) else [f"{name}: got {there}, expected rising numbers"]
