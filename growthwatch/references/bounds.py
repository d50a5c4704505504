"""Whether a chain of adjustments stays inside the limits, as a whole and at any age."""

from __future__ import annotations

from itertools import product

import numpy as np

from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.sex import SEXES, sex_codes
from growthwatch.core.units import DAYS_PER_MONTH
from growthwatch.references.adjusted import AdjustedSource
from growthwatch.references.distributions import Floats
from growthwatch.references.limits import limits
from growthwatch.references.nodes import AgeShift, Blend, Node, ShiftScale
from growthwatch.references.source import Source

__all__ = ["check_limits"]

_GRID = np.arange(-126.0, 7312.0, 7.0)


def _paths(source: Source, x: Floats, z: float = 0.0) -> list[tuple[Floats, Floats]]:
    """Shift and scale of the whole chain against its base at each age; a blend has several.

    What a change of a blend's weight explains is that for a child at `z`.
    """
    if not isinstance(source, AdjustedSource):
        return [(np.zeros(x.shape), np.ones(x.shape))]
    node = source.node
    if isinstance(node, AgeShift):
        return _paths(source.parent, x + node.days, z)
    below = _paths(source.parent, x, z)
    if isinstance(node, Blend):
        both = below + _paths(node.other, x, z)
        if node.weight.least == node.weight.most:
            return both
        changing = _weight_paths(source, node, x, z)
        return both + [(shift + more, scale) for more in changing for shift, scale in both]
    s, k = node.shift.at(x), node.scale.at(x)
    return [(shift + scale * s, scale * k) for shift, scale in below]


def _ages(source: Source, moved: float = 0.0) -> list[float]:
    if not isinstance(source, AdjustedSource):
        return []
    node = source.node
    if isinstance(node, AgeShift):
        return _ages(source.parent, moved - node.days)
    out = _ages(source.parent, moved)
    if isinstance(node, Blend):
        return [*out, *_ages(node.other, moved), *(a + moved for a in node.weight.ages)]
    return [*out, *(a + moved for a in (*node.shift.ages, *node.scale.ages))]


def _days_moved(source: Source) -> float:
    if not isinstance(source, AdjustedSource):
        return 0.0
    node = source.node
    here = node.days if isinstance(node, AgeShift) else 0.0
    if isinstance(node, Blend):
        return max((_days_moved(source.parent), _days_moved(node.other)), key=abs)
    return here + _days_moved(source.parent)


def _beyond(name: str, value: float, bound: str, at: float | None = None) -> GrowthwatchError:
    where = "" if at is None else f" at {at:g} days"
    expected = f"{bound}; beyond it, specialist= names who signed it off"
    return GrowthwatchError(
        f"{name}: got {value:.4g}{where}, expected {expected}", field=name, value=value, expected=expected
    )


def check_limits(source: Source) -> None:
    """Refuse a chain that goes beyond the limits, as a whole and at any age.

    Raises
    ------
    GrowthwatchError
        Naming the quantity, its value and the bound.
    """
    bound = limits()
    spare = 1e-9
    if abs(days := _days_moved(source)) > bound.age.most_days + spare:
        raise _beyond("days", days, f"at most {bound.age.most_days:g} days either way")
    edge = bound.slope.early_until_days
    x = np.unique(np.concatenate([_GRID, np.array([edge, *_ages(source)])]))
    paths = _paths(source, x)
    if isinstance(source, AdjustedSource):
        for measure, sex in product(source.measures, SEXES):
            explained = _explained(source, measure, sex, x)
            k = int(np.argmax(np.abs(explained)))
            if abs(explained[k]) > bound.shift.most_z + 1e-6:
                raise _beyond(
                    f"shift of the median ({measure}, {sex})",
                    float(explained[k]),
                    f"at most {bound.shift.most_z:g} SD either way",
                    float(x[k]),
                )
            _check_fall(source, measure, sex, x, explained)
    for shift, scale in paths:
        if (k := int(np.argmax(np.abs(shift)))) >= 0 and abs(shift[k]) > bound.shift.most_z + spare:
            raise _beyond("shift", float(shift[k]), f"at most {bound.shift.most_z:g} SD either way", float(x[k]))
        for k in (int(np.argmin(scale)), int(np.argmax(scale))):
            if not bound.scale.least - spare <= scale[k] <= bound.scale.most + spare:
                raise _beyond("scale", float(scale[k]), f"{bound.scale.least:g} to {bound.scale.most:g}", float(x[k]))
    month = DAYS_PER_MONTH / np.diff(x)
    allowed = np.where(x[:-1] < edge, bound.slope.early_z_per_month, bound.slope.late_z_per_month)
    for z in (0.0, -bound.slope.within_z, bound.slope.within_z):
        for shift, scale in paths if z == 0 else _paths(source, x, z):
            slope = (np.diff(shift) + z * np.diff(scale)) * month
            over = np.flatnonzero(np.abs(slope) > allowed + 1e-7)
            if over.size:
                k = int(over[np.argmax(np.abs(slope[over]) - allowed[over])])
                raise _beyond(
                    "slope of the shift" if z == 0 else f"slope of shift and scale together, for a child at z {z:g}",
                    float(slope[k]),
                    f"at most {allowed[k]:g} SD a month either way at that age",
                    float(x[k]),
                )


def _check_fall(source: AdjustedSource, measure: str, sex: str, x: Floats, explained: Floats) -> None:
    """Refuse a shift of age that explains a steep fall of weight: one to an older age does, in infants.

    Steps between tables are passed over: there the two ages lie in different ones.  A blend is
    of two published charts, and bounded by its level and by the change of its weight.
    """
    nodes = _nodes(source)
    if (
        measure != "weight"
        or not any(isinstance(n, AgeShift) for n in nodes)
        or any(isinstance(n, Blend) for n in nodes)
    ):
        return
    bound = limits().slope
    allowed = np.where(x < bound.early_until_days, bound.early_z_per_month, bound.late_z_per_month)
    a_month_on = x + DAYS_PER_MONTH
    fall = explained - np.interp(a_month_on, x, explained) - allowed
    far = abs(_days_moved(source))
    curves = source.base.curves(measure)
    ends = (*(source.span(measure, sex) or ()), *(source.base.span(measure, sex) or ()))
    for at in (*ends, *(t.from_ for t in curves.official if t.from_ is not None)):
        fall[(a_month_on >= at - far) & (x <= at + far)] = -np.inf
    fall[x < bound.age_shift_from_days] = -np.inf
    k = int(np.argmax(fall))
    if fall[k] > 1e-6:
        raise _beyond(
            f"fall of the median that the shift of age explains ({measure}, {sex})",
            float(fall[k] + allowed[k]),
            f"at most {allowed[k]:g} SD a month at that age",
            float(x[k]),
        )


def _explained(source: AdjustedSource, measure: str, sex: str, x: Floats) -> Floats:
    """Z on the base of a child in the middle of the adjusted source; 0 where either has no figures."""
    out = np.zeros(x.shape)
    if all(isinstance(node, ShiftScale) for node in _nodes(source)):
        return out  # the paths say it exactly
    codes = np.full(x.shape, int(sex_codes(sex)), np.uint8)
    median = source.curves(measure).value(np.zeros(x.shape), codes, x)
    good = np.flatnonzero(~np.isnan(median))
    out[good] = source.base.curves(measure).z(median[good], codes[good], x[good])
    out[~np.isfinite(out)] = 0.0
    return out


def _nodes(source: Source) -> list[Node]:
    return [*_nodes(source.parent), source.node] if isinstance(source, AdjustedSource) else []


def _weight_paths(source: AdjustedSource, node: Blend, x: Floats, z: float) -> list[Floats]:
    """What changing the weight explains to a child at `z`: the change of weight times the distance of the two lines."""
    weight = node.weight.at(x)
    out: list[Floats] = []
    for measure, sex in product(source.measures, SEXES):
        codes = np.full(x.shape, int(sex_codes(sex)), np.uint8)
        a, b = source.parent.curves(measure), node.other.curves(measure)
        line = b.value(np.full(x.shape, z), codes, x)
        apart = np.zeros(x.shape)
        good = np.flatnonzero(~np.isnan(line))
        apart[good] = a.z(line[good], codes[good], x[good]) - z
        apart[~np.isfinite(apart)] = 0.0
        steps = np.diff(weight) * (apart[1:] + apart[:-1]) / 2
        out.append(np.concatenate([[0.0], np.cumsum(steps)]))
    return out
