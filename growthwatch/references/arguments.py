"""Arguments of a score, read once into flat columns of one length."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from growthwatch.core.columns import broadcast_shape, numeric, optional_words
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.sex import SexCoding, sex_codes
from growthwatch.core.units import TERM_DAYS
from growthwatch.references.curves import MeasureCurves
from growthwatch.references.distributions import Floats
from growthwatch.references.metadata import Correction
from growthwatch.references.scoring import corrected_age
from growthwatch.references.source import Source

__all__ = ["Arguments", "Asked", "read_arguments"]


class Arguments(NamedTuple):
    """What is said of measurements, as the caller says it: see `Reference.score`."""

    age_days: Any = None
    sex: Any = None
    measure: str = "weight"
    gestation_days: Any = None
    length_cm: Any = None
    position: Any = None
    sex_coding: SexCoding | None = None
    corrected_age_days: Any = None
    birth_weight_kg: Any = None


class Asked(NamedTuple):
    """Arguments as flat columns of one length."""

    curves: MeasureCurves
    value: npt.NDArray[Any]
    sex: npt.NDArray[np.uint8]
    x: npt.NDArray[Any]
    gestation: npt.NDArray[Any] | None
    shape: tuple[int, ...]
    by_length: bool
    corrected: bool
    shift: Floats | None
    mismatch: npt.NDArray[np.bool_] | None
    late: npt.NDArray[np.bool_] | None


def read_arguments(source: Source, name: str, value: Any, given: Arguments) -> Asked:
    """Read values (of that name) and what is said of them, or refuse them."""
    age_days, sex, measure, gestation_days, length_cm, position, sex_coding, corrected_age_days, _ = given
    curves = source.curves(measure)
    by_length = curves.info.x == "length_cm"
    if age_days is not None and corrected_age_days is not None:
        raise GrowthwatchError.of("corrected_age_days", corrected_age_days, "either age_days or corrected_age_days")
    corrected = corrected_age_days is not None
    if curves.info.needs_gestation and gestation_days is None and not (corrected or by_length):
        raise GrowthwatchError.of("gestation_days", None, f"gestation_days, which measure {measure!r} needs")
    if corrected_age_days is not None and gestation_days is not None:
        raise GrowthwatchError.of("gestation_days", gestation_days, "no gestation beside corrected_age_days")
    if by_length:
        x_name, x_value = "length_cm", length_cm
    elif length_cm is not None:
        raise GrowthwatchError.of("length_cm", length_cm, f"no length: measure {measure!r} is by age")
    else:
        x_name, x_value = ("corrected_age_days", corrected_age_days) if corrected else ("age_days", age_days)
    if x_value is None:
        need = "length_cm" if by_length else "age_days or corrected_age_days"
        raise GrowthwatchError.of(x_name, None, f"{need}, which measure {measure!r} needs")
    columns = {name: numeric(name, value), x_name: numeric(x_name, x_value), "sex": sex_codes(sex, sex_coding)}
    born_before = curves.info.born_before_days
    if gestation_days is not None and (born_before is not None or not by_length):
        columns["gestation_days"] = numeric("gestation_days", gestation_days)
    words = optional_words("position", position, ("lying", "standing"))
    if words is not None:
        if curves.info.position is None:
            raise GrowthwatchError.of(
                "position", position, f"no position: measure {measure!r} of {source.info.id} has no rule for it"
            )
        columns["position"] = words
    shape = broadcast_shape(**columns)

    def flat(key: str) -> npt.NDArray[Any]:
        column = columns[key]
        return column.ravel() if column.shape == shape else np.broadcast_to(column, shape).ravel()

    gestation = flat("gestation_days") if "gestation_days" in columns else None
    by_default = not curves.info.needs_gestation  # where it is needed, a missing one has a status of its own
    if gestation is not None and by_default and gestation.dtype.kind == "f" and np.isnan(gestation).any():
        gestation = np.where(np.isnan(gestation), float(TERM_DAYS), gestation)
    late = None if gestation is None or born_before is None else gestation >= born_before
    asked = Asked(
        curves, flat(name), flat("sex"), flat(x_name), gestation, shape, by_length, corrected, None, None, late
    )
    return asked if words is None else _positioned(asked, flat("position"), source.rule)


def _positioned(asked: Asked, words: npt.NDArray[Any], correction: Correction) -> Asked:
    """Convert lying to standing, or the other way, where the table needs it; else note the mismatch."""
    rule = asked.curves.info.position
    assert rule is not None
    lying: npt.NDArray[np.bool_] = words == "lying"
    standing: npt.NDArray[np.bool_] = words == "standing"
    if rule.expects is not None:
        should_stand = np.full(words.shape, rule.expects == "standing")
    else:
        age = asked.x
        if not asked.corrected:
            age = corrected_age(age, asked.gestation, correction)
        should_stand = age >= (rule.standing_from_age_days or 0.0)
    wrong_way = (lying & should_stand) | (standing & ~should_stand)
    if rule.lying_minus_standing_cm is None:
        return asked._replace(mismatch=wrong_way)
    step = rule.lying_minus_standing_cm
    shift = np.where(wrong_way, np.where(lying, -step, step), 0.0)
    return asked._replace(shift=shift, x=asked.x + shift if asked.by_length else asked.x)
