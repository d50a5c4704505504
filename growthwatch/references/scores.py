"""What a source says of measurements: z, centile and status, and the way back."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from growthwatch.core.columns import broadcast_shape, numeric, optional_words
from growthwatch.core.html_table import display
from growthwatch.core.sex import ReadSex, sex_codes
from growthwatch.core.status import Status
from growthwatch.references.arguments import Arguments, Asked, read_arguments
from growthwatch.references.births import MISSING, bound, classes, fact_named, missing, not_covered, not_given
from growthwatch.references.distributions import Floats
from growthwatch.references.metadata import corrections
from growthwatch.references.scoring import Score, score_columns
from growthwatch.references.source import Population, Source

__all__ = ["AdjustedScore", "centile_of", "score_of", "value_of", "z_of"]


@dataclass(frozen=True, repr=False)
class AdjustedScore(Score):
    """Score on an adjusted reference, with the one on the reference that was adjusted beside it."""

    asked: tuple[Source, Any, Arguments] = field(repr=False, compare=False, kw_only=True)

    @cached_property
    def unadjusted(self) -> Score:
        """Score of the same measurement on the base, computed when first asked for."""
        base, value, arguments = self.asked
        return score_of(base, value, arguments)

    def __repr__(self) -> str:
        adjusted, plain = (Score.__repr__(s).removeprefix("<").removesuffix(">") for s in (self, self.unadjusted))
        return f"<Adjusted {adjusted[0].lower()}{adjusted[1:]}; unadjusted {plain[0].lower()}{plain[1:]}>"

    def _repr_html_(self) -> str:
        plain = self.unadjusted
        return display("Adjusted", []) + super()._repr_html_() + display("Unadjusted", []) + plain._repr_html_()


def _kept(value: Any) -> Any:
    """Keep an argument for later: an array could be changed by its owner."""
    return np.copy(cast("npt.NDArray[Any]", value)) if isinstance(value, np.ndarray) else value


def score_of(source: Source, value: Any, given: Arguments) -> Score:
    """Score measurements: see `Reference.score`; on an adjusted source, with the score on its base beside it."""
    made = _score(source, value, given)
    if not source.links:
        return made
    kept = Arguments(*map(_kept, given))
    return AdjustedScore(
        made.z,
        made.centile,
        made.status_code,
        made.corrected_age_days,
        made.reference,
        asked=(source.base, _kept(value), kept),
    )


def z_of(source: Source, value: Any, given: Arguments) -> Any:
    """Standard deviation score: see `Reference.z`."""
    if source.info.table_by is not None:
        return _by_births(source, "value", value, given).z
    asked = read_arguments(source, "value", value, given)
    z = _scored(source, asked, with_centile=False)[0]
    return float(z[0]) if asked.shape == () else z.reshape(asked.shape)


def centile_of(source: Source, value: Any, given: Arguments) -> Any:
    """Centile: see `Reference.centile`."""
    return _score(source, value, given).centile


def value_of(source: Source, z: Any, given: Arguments) -> Any:
    """Measurement at a z: see `Reference.value`."""
    if source.info.table_by is not None:
        return _by_births(source, "z", z, given).z
    asked = read_arguments(source, "z", z, given)
    # Checks are those of scoring, with a value that is never itself the reason.
    wanted = asked.value.astype(np.float64)
    plain = asked._replace(value=np.where(np.isfinite(wanted), 1.0, np.nan), shift=None)
    _, _, status, used = _scored(source, plain, with_centile=False)
    out = np.full(wanted.size, np.nan)
    good = np.flatnonzero((status <= Status.IMPLAUSIBLE) | (status == Status.OUTSIDE_DISTRIBUTION))
    if good.size:
        out[good] = asked.curves.value(wanted[good], asked.sex[good], used[good].astype(np.float64))
        if asked.shift is not None and not asked.by_length:
            out -= asked.shift
            out[~(out > 0)] = np.nan
    return float(out[0]) if asked.shape == () else out.reshape(asked.shape)


_AXES = ("age_days", "corrected_age_days", "length_cm")


def _by_births(source: Source, name: str, value: Any, given: Arguments) -> Score:
    """Score rows each on the tables of its own birth; if `name` is ``z``, find the values, which stand in for z."""
    assert isinstance(source, Population)
    info = source.info
    fact_name = fact_named(info)
    fact = given.gestation_days if fact_name == "gestation_days" else given.birth_weight_kg
    if fact is None:
        raise not_given(info)
    source.figures(given.measure)
    by_gestation = fact_name == "gestation_days"
    columns: dict[str, npt.NDArray[Any]] = {name: numeric(name, value), "births": numeric(fact_name, fact)}
    # Beside a corrected age the gestation says which table, and no more.
    if given.gestation_days is not None and not (by_gestation and given.corrected_age_days is not None):
        columns["gestation_days"] = numeric("gestation_days", given.gestation_days)
    for axis in _AXES:
        if (column := getattr(given, axis)) is not None:
            columns[axis] = numeric(axis, column)
    columns["sex"] = sex_codes(given.sex, given.sex_coding)
    position = optional_words("position", given.position, ("lying", "standing"))
    if position is not None:
        columns["position"] = position
    shape = broadcast_shape(**columns)
    flat = {k: np.broadcast_to(c, shape).ravel() for k, c in columns.items()}
    which = classes(info, flat["births"])
    n = which.size
    z, centile, used = (np.full(n, np.nan) for _ in range(3))
    status = np.zeros(n, np.uint8)
    by_length = info.measures[given.measure].x == "length_cm"
    for number in np.unique(which).tolist() or [0]:
        rows = np.flatnonzero(which == number)
        mine = {k: flat[k][rows] if k in flat else None for k in (*_AXES, "gestation_days", "position")}
        of = given._replace(**mine, sex=ReadSex(flat["sex"][rows]), sex_coding=None)
        one = bound(source, max(number, 0))
        if name == "z":
            z[rows] = value_of(one, flat[name][rows], of) if number >= 0 else np.nan
            continue
        made = _score(one, flat[name][rows], of)
        if not by_length:
            used[rows] = made.corrected_age_days
        if number < 0:  # without a birth to choose by there is no score; what else is amiss with the row is said first
            other: npt.NDArray[np.uint8] = made.status_code
            said = (other >= Status.MISSING_VALUE) & (other <= Status.INVALID_GESTATION)
            status[rows] = np.where(said, other, missing(info) if number == MISSING else not_covered(info))
            continue
        z[rows], centile[rows], status[rows] = made.z, made.centile, made.status_code
    if shape == ():
        age = None if by_length else float(used[0])
        return Score(float(z[0]), float(centile[0]), int(status[0]), age, source.label)
    age = None if by_length else used.reshape(shape)
    return Score(z.reshape(shape), centile.reshape(shape), status.reshape(shape), age, source.label)


def _score(source: Source, value: Any, given: Arguments) -> Score:
    if source.info.table_by is not None:
        return _by_births(source, "value", value, given)
    asked = read_arguments(source, "value", value, given)
    z, centile, status, used = _scored(source, asked)
    assert centile is not None
    shape = asked.shape
    if shape == ():
        age = None if asked.by_length else float(_without_impossible(used, status, asked.gestation)[0])
        return Score(float(z[0]), float(centile[0]), int(status[0]), age, source.label)
    if not asked.by_length:
        used = _without_impossible(used, status, asked.gestation).reshape(shape).view()
        used.flags.writeable = False  # it may be the caller's own column
    age = None if asked.by_length else used
    return Score(z.reshape(shape), centile.reshape(shape), status.reshape(shape), age, source.label)


def _scored(
    source: Source, asked: Asked, with_centile: bool = True
) -> tuple[Floats, Floats | None, npt.NDArray[np.uint8], npt.NDArray[Any]]:
    value = asked.value
    if asked.shift is not None and not asked.by_length:
        value = value + asked.shift
    z, centile, status, used = score_columns(
        asked.curves,
        source.rule,
        corrections().gestation,
        value,
        asked.sex,
        asked.x,
        asked.gestation,
        by_length=asked.by_length,
        age_is_corrected=asked.corrected,
        with_centile=with_centile,
    )
    if asked.mismatch is not None and asked.mismatch.any():
        hit = asked.mismatch & ((status <= Status.IMPLAUSIBLE) | (status > Status.POSITION_MISMATCH))
        z[hit], status[hit] = np.nan, Status.POSITION_MISMATCH
        if centile is not None:
            centile[hit] = np.nan
    if asked.late is not None and asked.late.any():
        hit = asked.late & ((status <= Status.IMPLAUSIBLE) | (status == Status.OUTSIDE_DISTRIBUTION))
        z[hit], status[hit] = np.nan, Status.GESTATION_NOT_COVERED
        if centile is not None:
            centile[hit] = np.nan
    return z, centile, status, used


def _without_impossible(
    used: npt.NDArray[Any], status: npt.NDArray[np.uint8], gestation: npt.NDArray[Any] | None
) -> npt.NDArray[Any]:
    """Ages used, NaN where the gestation that they rest on cannot be."""
    if gestation is None:
        return used
    impossible = status == Status.INVALID_GESTATION
    return np.where(impossible, np.nan, used) if impossible.any() else used
