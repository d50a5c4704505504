"""Weighings as the growth rules read them: rows of weights, one child after another, and views of some of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, NamedTuple, cast

import numpy as np
import numpy.typing as npt

from growthwatch.core.calendar import month_days
from growthwatch.core.columns import a_day, flags, numeric
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.sex import MISSING_SEX, ReadSex, SexCoding, sex_codes
from growthwatch.core.status import Status
from growthwatch.core.units import TERM_DAYS
from growthwatch.growth.facts import birth_scores
from growthwatch.growth.follow import Levels, Rows
from growthwatch.growth.series import Places, Series, weight_series
from growthwatch.references import Reference, ReferenceLabel
from growthwatch.references.distributions import Floats

__all__ = ["Given", "Weighings", "read_weighings", "with_z"]

Flags = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Weighings:
    """What the rules read: one row a child and day, in order of age.

    Attributes
    ----------
    offsets
        First row of each child, and the number of rows [children + 1].
    age_days
        Chronological age [days].
    followed_days
        Age by which growth is followed: from term for the preterm of a reference that corrects [days].
    weight_kg
        Median weight of the day: what is followed in z [kg].
    lowest_kg
        Lowest weight of the day: in kilograms it is compared with those before [kg].
    sure_kg
        Lowest weight of the day that is not doubted: what may be a best weight; NaN where there is none [kg].
    z
        Z carried across changes of table [SD]; NaN where the weight has none.
    published_z
        Z as published [SD].
    fresh
        Rows whose z has no table in common with the z before.
    noise
        SD of one weighing [SD of z].
    z_status
        Why a row has, or has not, a z.
    birth_kg
        Greatest weight on the day of birth, one a child; NaN: not known [kg].
    birth_z, term_birth_z
        Its z at the gestation of birth and at 40 weeks, one a child; NaN: not known [SD].
    gestation_days
        One a child [days].
    high_need
        Whether a child has high need, one a child.
    birth_date
        Day of birth, one a child, NaT where it is not known; None: of none.
    """

    offsets: Places
    age_days: Floats
    followed_days: Floats
    weight_kg: Floats
    lowest_kg: Floats
    sure_kg: Floats
    z: Floats
    published_z: Floats
    fresh: Flags
    noise: Floats
    z_status: Codes
    birth_kg: Floats
    birth_z: Floats
    term_birth_z: Floats
    gestation_days: Floats
    high_need: Flags
    birth_date: npt.NDArray[np.datetime64] | None = None

    def read_at_birth(self, term_from_gestation_days: float) -> Floats:
        """Z at birth, one a child: at 40 weeks if born at a gestation or later [days], else at its own [SD]."""
        return np.where(self.gestation_days >= term_from_gestation_days, self.term_birth_z, self.birth_z)

    def month_days(self, months: Sequence[int]) -> Floats:
        """Age at which each child is so many calendar months old [month, child], in days."""
        born = self.birth_date
        unknown = np.full(self.offsets.size - 1, np.datetime64("NaT"), "datetime64[D]")
        return month_days(unknown if born is None else born, np.array(months))

    def of(self, children: Flags) -> Weighings:
        """Some of the children, one flag a child."""
        rows, some = np.flatnonzero(children[self.child]), np.flatnonzero(children)
        offsets = np.concatenate(([0], np.cumsum(np.diff(self.offsets)[some]))).astype(np.intp)
        taken: dict[str, Any] = {}
        columns: dict[int, Any] = {id(None): None}  # simulated children have one column for several figures
        for f in fields(self)[1:]:
            column = getattr(self, f.name)
            if id(column) not in columns:
                columns[id(column)] = column[rows if f.name in _BY_ROW else some]
            taken[f.name] = columns[id(column)]
        return Weighings(offsets, **taken)

    @property
    def child(self) -> Places:
        """Number of the child of each row."""
        return self.rows.child

    @cached_property
    def rows(self) -> Rows:
        """The rows, to be followed in kilograms."""
        return Rows(self.offsets, self.age_days)

    @cached_property
    def levels(self) -> Levels:
        """The rows, to be followed in z."""
        return Levels(self.rows, self.z, self.fresh)


_BY_ROW = frozenset(
    {
        "age_days", "followed_days", "weight_kg", "lowest_kg", "sure_kg", "z", "published_z", "fresh", "noise",
        "z_status",
    }
)  # fmt: skip


def birth_dates(birth_date: Any, child: Places, children: int) -> npt.NDArray[np.datetime64] | None:
    """Day of birth of each child, from one for all or one a row; NaT where rows of a child do not agree."""
    if birth_date is None:
        return None
    many = isinstance(birth_date, list | tuple | np.ndarray)
    rows: npt.NDArray[Any] = cast("Any", birth_date) if isinstance(birth_date, np.ndarray) else np.empty(0, object)
    if not (many and rows.dtype.kind == "M"):
        given = list(cast("Sequence[Any]", birth_date)) if many else [birth_date]
        rows = np.array([a_day("birth_date", v) for v in given])
    rows = rows.astype("datetime64[D]")
    rows = rows if many else np.broadcast_to(rows, child.shape)
    if rows.shape != child.shape:
        raise GrowthwatchError.of("birth_date", rows.shape, f"one date, or {child.size} of them, one a row")
    out = np.full(children, np.datetime64("NaT"), "datetime64[D]")
    out[child] = rows
    wrong = ~np.isnat(rows) & (rows != out[child])
    out[child[wrong | (np.isnat(rows) != np.isnat(out[child]))]] = np.datetime64("NaT")
    return out


class Given(NamedTuple):
    """Where each weighing that was given went."""

    row: Places
    status: Codes
    reference: ReferenceLabel


def read_weighings(
    reference: Reference,
    weight_kg: Any,
    age_days: Any,
    sex: Any,
    gestation_days: Any,
    child: Any,
    high_need: Any,
    sex_coding: SexCoding | None,
    counts: Any = True,
    birth_date: Any = None,
    sure: Any = True,
    series: Series | None = None,
) -> tuple[Weighings, Given]:
    """Weighings in any order, read once for z (by the series) and once for kilograms, which need no z.

    Weights that are not `sure` are judged, and are never a best weight.  `series` are those very rows, of which
    those count that do here, where they were read before.
    """
    if series is None:
        series = weight_series(reference, weight_kg, age_days, sex, gestation_days, child, sex_coding, counts=counts)
    n = series.row.size
    kg, age = (
        np.broadcast_to(numeric(name, v), (n,)).astype(np.float64)
        for name, v in (("weight_kg", weight_kg), ("age_days", age_days))
    )
    code = np.broadcast_to(sex_codes(sex, sex_coding), (n,))
    term = np.full(n, float(TERM_DAYS))
    gestation = (
        term
        if gestation_days is None
        else np.broadcast_to(numeric("gestation_days", gestation_days), (n,)).astype(np.float64)
    )
    gestation = np.where(np.isnan(gestation), TERM_DAYS, gestation)
    # Where it is not known which gestation is right, no rule on kilograms is put off for it.
    unsure = (series.status_code == Status.INVALID_GESTATION) | (series.torn > 0)[series.children]
    gestation = np.where(unsure, TERM_DAYS, gestation)
    needs = flags("high_need", high_need, n)
    kg = np.where(flags("counts", counts, n), kg, np.nan)
    children = series.offsets.size - 1
    with np.errstate(invalid="ignore"):
        usable = np.flatnonzero(np.isfinite(kg) & (kg > 0) & np.isfinite(age) & (age >= 0))
    day, who = np.floor(age), series.children
    order = usable[np.lexsort((kg[usable], day[usable], who[usable]))]
    new = np.ones(order.size, np.bool_)
    new[1:] = (who[order][1:] != who[order][:-1]) | (day[order][1:] != day[order][:-1])
    first = np.flatnonzero(new)
    lasts = np.append(first[1:], order.size)
    middle = order[(first + lasts - 1) // 2] if order.size else order
    weight = kg[middle] / 2.0 + kg[order[(first + lasts) // 2]] / 2.0 if order.size else kg[:0]
    lowest, greatest = (kg[order[x]] if order.size else kg[:0] for x in (first, lasts - 1))
    trusted = np.where(flags("sure", sure, n), kg, np.inf)[order]
    sure_lowest = np.minimum.reduceat(trusted, first) if order.size else kg[:0]
    sure_lowest = np.where(np.isinf(sure_lowest), np.nan, sure_lowest)
    row = np.full(n, -1, np.intp)
    row[order] = np.cumsum(new) - 1
    offsets = np.searchsorted(who[middle], np.arange(children + 1)).astype(np.intp)
    rows = middle.size
    z, published, noise = np.full(rows, np.nan), np.full(rows, np.nan), np.full(rows, np.nan)
    fresh = np.zeros(rows, np.bool_)
    status = series.status_code[middle].copy()
    followed = age[middle].copy()
    both = np.flatnonzero((series.row >= 0) & (row >= 0))
    mine, theirs = row[both], series.row[both]
    for mine_column, column in (
        (z, series.z),
        (published, series.published_z),
        (noise, series.noise),
        (fresh, series.fresh),
        (followed, series.age_days),
    ):
        mine_column[mine] = column[theirs]
    status[mine] = series.status_code[both]
    birth_kg, birth_z, term_birth_z = (np.full(children, np.nan) for _ in range(3))
    born_at = np.full(children, float(TERM_DAYS))
    high = np.zeros(children, np.bool_)
    has = np.flatnonzero(np.diff(offsets) > 0)
    starts = offsets[:-1][has]
    born_at[has] = gestation[middle[starts]]
    np.logical_or.at(high, who, needs)
    born = np.floor(age[middle[starts]]) == 0 if rows else np.zeros(0, np.bool_)
    birth_kg[has[born]] = greatest[starts[born]]
    scored = born & (code[middle[starts]] != MISSING_SEX) & (series.torn[has] == 0) if rows else born
    if scored.any():
        first_rows = middle[starts[scored]]
        birth_z[has[scored]], term_birth_z[has[scored]] = birth_scores(
            reference, greatest[starts[scored]], ReadSex(code[first_rows]), gestation[first_rows]
        )
    weighings = Weighings(
        offsets,
        age[middle],
        followed,
        weight,
        lowest,
        sure_lowest,
        z,
        published,
        fresh,
        noise,
        status,
        birth_kg,
        birth_z,
        term_birth_z,
        born_at,
        high,
        birth_dates(birth_date, who, children),
    )
    return weighings, Given(row, series.status_code, series.reference)


def with_z(w: Weighings) -> tuple[Places, Codes]:
    """Rows with a z; status of all: how implausible a z is is no concern of a rule."""
    has = ~np.isnan(w.z)
    return np.flatnonzero(has), np.where(has, np.uint8(Status.OK), w.z_status).astype(np.uint8)
