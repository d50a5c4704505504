"""From a change of z to kilograms and back, blind to changes of table (`growthwatch.references.change`)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from growthwatch.core.columns import broadcast_shape, numeric
from growthwatch.core.sex import SexCoding, sex_codes
from growthwatch.core.units import TERM_DAYS
from growthwatch.growth.series import Places, Series, chosen_reference
from growthwatch.references import Reference
from growthwatch.references.change import table_scores
from growthwatch.references.distributions import Floats
from growthwatch.references.metadata import corrections
from growthwatch.references.scoring import corrected_age

__all__ = ["carried", "carried_weight", "change_to", "level_change", "level_of", "weight_ahead"]


def carried_weight(
    reference: str | Reference,
    weight_kg: Any,
    age_days: Any,
    sex: Any,
    change: Any,
    until_days: Any,
    gestation_days: Any = None,
    sex_coding: SexCoding | None = None,
) -> Any:
    """Weight that a child has at a later age if its z changes by so much, blind to changes of table.

    The way back from a change of z (`growthwatch.references.change`): the change is counted in
    one table, on one age basis, that covers both ages.

    Parameters
    ----------
    reference
        Id of a packaged reference, or a `Reference`, adjusted ones included.
    weight_kg, age_days, sex, gestation_days
        The child then: weight [kg], chronological age [days], sex, completed gestation [days].
    change
        Change of z [SD].
    until_days
        Chronological age at the end [days].

    Returns
    -------
    float or ndarray
        Weight [kg]; NaN where no one table covers both ages.

    Raises
    ------
    GrowthwatchError
        For columns of unequal length, or an unknown reference.
    """
    reference = chosen_reference("reference", reference)
    columns = [
        numeric(name, value)
        for name, value in (
            ("weight_kg", weight_kg),
            ("age_days", age_days),
            ("change", change),
            ("until_days", until_days),
            ("gestation_days", gestation_days),
        )
    ]
    code = sex_codes(sex, sex_coding)
    shape = broadcast_shape(
        weight_kg=columns[0],
        age_days=columns[1],
        change=columns[2],
        until_days=columns[3],
        gestation_days=None if gestation_days is None else columns[4],
        sex=code,
    )
    kg, age, moved, until, gestation = (np.broadcast_to(c, shape).ravel().astype(np.float64) for c in columns)
    flat = np.broadcast_to(code, shape).ravel()
    out = carried(reference, kg, age, flat, moved, until, None if gestation_days is None else gestation)
    return float(out[0]) if shape == () else out.reshape(shape)


def carried(
    reference: Reference,
    kg: Floats,
    age: Floats,
    sex: npt.NDArray[np.uint8],
    change: Floats,
    until: Floats,
    gestation: Floats | None,
) -> Floats:
    """Carry flat columns: see `carried_weight`."""
    curves, rule = reference.curves("weight"), corrections().named(reference.correction)
    tables = [*curves.official, *(t for t in curves.info.tables if t.overlap)]
    bases: list[tuple[Floats, Floats]] = []
    for ages in (age, until):
        used = corrected_age(ages, gestation, rule).astype(np.float64)
        with np.errstate(invalid="ignore", over="ignore"):
            corrected = ages if gestation is None else ages - (TERM_DAYS - gestation)
        bases.append((used, corrected))
    (used1, corrected1), (used2, corrected2) = bases
    out = np.full(kg.shape, np.nan)
    kg = np.where(kg > 0, kg, np.nan)
    found: dict[tuple[int, int], Floats] = {}

    def at(k: int, basis: int) -> Floats:
        made = found.get((k, basis))
        if made is None:
            first, second = ((age, until), (corrected1, corrected2))[basis]
            z = curves.z_in(tables[k].id, kg, sex, first)
            z[np.isinf(z)] = np.nan
            made = found[k, basis] = curves.value_in(tables[k].id, z + change, sex, second)
        return made

    official1, official2 = (curves.official_table(u).astype(np.intp) for u in (used1, used2))
    basis1, basis2 = ((u != a).astype(np.intp) for u, a in ((used1, age), (used2, until)))
    choices: list[npt.NDArray[np.intp]] = [official2, official1]
    choices += [np.full(kg.shape, k, np.intp) for k in range(len(tables))]
    for which in choices:  # in the order in which a change is taken
        for basis in (basis1, basis2):
            for k in range(len(tables)):
                for b in (0, 1):
                    rows = np.isnan(out) & (which == k) & (basis == b)
                    if rows.any():
                        out[rows] = at(k, b)[rows]
    return out


def weight_ahead(series: Series, row: Places, level: Floats, age_days: Floats) -> Floats:
    """Weight at which a child has a level at an age, after a row."""
    out = np.full(row.shape, np.nan)
    at = np.flatnonzero((row >= 0) & np.isfinite(level))
    k = row[at]
    if at.size:
        gestation = None if series.gestation_days is None else series.gestation_days[k]
        out[at] = carried(
            series.on,
            series.weight_kg[k],
            series.chronological_days[k],
            series.sex[k],
            level[at] - series.level[k],
            age_days[at],
            gestation,
        )
    return out


def level_of(series: Series, row: Places, weight_kg: Floats, age_days: Floats) -> Floats:
    """Level at which a child is with a weight at an age, after a row."""
    out = np.full(row.shape, np.nan)
    at = np.flatnonzero((row >= 0) & np.isfinite(weight_kg) & np.isfinite(age_days))
    out[at] = series.level[row[at]] + change_to(series, row[at], weight_kg[at], age_days[at])
    return out


def change_to(series: Series, before: Places, weight_kg: Floats, age_days: Floats) -> Floats:
    """Change of z from rows `before` to weights at later ages; NaN where no one table covers both."""
    n = before.size
    if not n:
        return np.zeros(0)
    gestation = None if series.gestation_days is None else np.tile(series.gestation_days[before], 2)
    scores = table_scores(
        series.on,
        np.concatenate((series.weight_kg[before], weight_kg)),
        np.tile(series.sex[before], 2),
        np.concatenate((series.chronological_days[before], age_days)),
        gestation,
    )
    return scores.differences(np.arange(n), np.arange(n, 2 * n))[0]


def level_change(series: Series, before: Places, rows: Places, weight_kg: Floats) -> Floats:
    """Change of z from rows `before` to rows `rows`, were the weights there others [kg]."""
    return change_to(series, before, weight_kg, series.chronological_days[rows])
