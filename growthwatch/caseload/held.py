"""A table that has been read: children, and their weighings as ragged columns."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import get_args

import numpy as np
import numpy.typing as npt

from growthwatch.caseload.faults import Faults
from growthwatch.caseload.mapping import ConditionWord, Mapping
from growthwatch.record.words import Clothing, Role, Scale

__all__ = ["CLOTHING", "ROLES", "SCALES", "Held", "Told"]

CLOTHING: tuple[str | None, ...] = (None, *get_args(Clothing))
SCALES: tuple[str | None, ...] = (None, *get_args(Scale))
ROLES: tuple[str, ...] = tuple(r.value for r in Role)


@dataclass(frozen=True, slots=True)
class Told:
    """What a table tells of a child beside its weighings."""

    birth: dt.date | None
    sex: str | None
    gestation_days: int | None
    birth_weight_kg: float | None
    conditions: tuple[tuple[ConditionWord, str | None, dt.date | None], ...]
    worker: str | None
    team: str | None
    lead: str | None


@dataclass(frozen=True)
class Held:
    """A table, read: children in order of their first row, and weighings as ragged columns.

    Attributes
    ----------
    ids, told
        One a child.
    offsets
        First weighing of each child, and their number.
    day, kg, clothing, scale, recorded, role, actor, row
        One a weighing, of one child in order of day: day as ordinal, weight [kg], words as their place in `CLOTHING`,
        `SCALES` and `ROLES`, when it was written down [seconds UTC; 0: not said], who did, and its row in the file.
    """

    ids: tuple[str, ...]
    told: tuple[Told, ...]
    offsets: npt.NDArray[np.int64]
    day: npt.NDArray[np.int32]
    kg: npt.NDArray[np.float64]
    clothing: npt.NDArray[np.uint8]
    scale: npt.NDArray[np.uint8]
    recorded: npt.NDArray[np.int64]
    role: npt.NDArray[np.uint8]
    actor: npt.NDArray[np.int32]
    actors: tuple[str, ...]
    row: npt.NDArray[np.int32]
    rows: int
    faults: Faults
    notes: tuple[str, ...]
    mapping: Mapping

    @cached_property
    def place(self) -> dict[str, int]:
        """The place of each child by its id."""
        return {id: i for i, id in enumerate(self.ids)}
