"""Adjusting: signed by whom, what of a chain counts on a day, and what must be said beside its lines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, cast

from growthwatch.core.columns import is_number
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.units import DAYS_PER_YEAR
from growthwatch.core.words import long_date
from growthwatch.references.adjusted import AdjustedSource
from growthwatch.references.bounds import check_limits
from growthwatch.references.checks import check_number
from growthwatch.references.limits import limits
from growthwatch.references.links import ByAge, Link, day, horizon_months, iso_day, signature
from growthwatch.references.nodes import AgeShift, Blend, Node, ShiftScale
from growthwatch.references.source import Source

__all__ = ["age_shift", "blend", "effective", "notices", "restored", "shift_scale"]


def _linked(
    parent: Source,
    node: Node,
    measures: tuple[str, ...],
    signed: dict[str, Any],
) -> Source:
    """Make the adjusted source, within the limits unless a specialist signed it off."""
    link = Link(
        kind=node.kind,
        says=node.words(),
        because=signed["because"],
        by=signed["by"],
        review_by=signed["review_by"],
        signed_on=signed["signed_on"],
        specialist=signed["specialist"],
        measures=measures,
        bounds=node.bounds(),
    )
    made = AdjustedSource(parent, node, link)
    if link.specialist is None:
        check_limits(made)
    return made


def _measures(parent: Source, node: Node, wanted: Any, default: str | None) -> tuple[str, ...]:
    """Measures that an adjustment concerns."""
    shown: Any = wanted
    able = [m for m, info in parent.info.measures.items() if node.info(info, m) is not None]
    if wanted is None:
        if default is None:
            chosen = able
        elif default in able:
            chosen = [default]
        elif len(able) == 1:
            chosen = able
        else:
            raise GrowthwatchError.of("measures", wanted, f"the measures that it concerns, out of {able}")
    else:
        if not isinstance(wanted, Iterable):
            raise GrowthwatchError.of("measures", wanted, f"measures out of {able}, as words")
        chosen = [wanted] if isinstance(wanted, str) else list(cast("Iterable[Any]", wanted))
        for measure in chosen:
            if measure not in able:
                by_length = (
                    isinstance(measure, str)
                    and measure in parent.info.measures
                    and parent.info.measures[measure].x == "length_cm"
                )
                why = "; one by length can be shifted and scaled by plain numbers only, not by age" if by_length else ""
                raise GrowthwatchError.of("measures", measure, f"measures out of {able}, which can be adjusted so{why}")
    if not chosen:
        raise GrowthwatchError.of("measures", shown, f"at least one of {able}")
    return tuple(m for m in able if m in chosen)


def shift_scale(
    parent: Source,
    shift: Any,
    scale: Any,
    *,
    because: Any,
    by: Any,
    review_by: Any,
    signed_on: Any = None,
    specialist: Any = None,
    measures: Any = None,
) -> Source:
    """See `Reference.adjusted`."""
    signed = signature(because, by, review_by, signed_on, specialist)
    node = ShiftScale(ByAge.of("shift", shift), ByAge.of("scale", scale))
    if node.scale.least <= 0:
        raise GrowthwatchError.of("scale", scale, "a positive number")
    return _linked(parent, node, _measures(parent, node, measures, "weight"), signed)


def age_shift(
    parent: Source,
    days: Any,
    *,
    because: Any,
    by: Any,
    review_by: Any,
    signed_on: Any = None,
    specialist: Any = None,
    measures: Any = None,
) -> Source:
    """See `Reference.age_shifted`."""
    signed = signature(because, by, review_by, signed_on, specialist)
    if not is_number(days):
        raise GrowthwatchError.of("days", days, "a finite number of days")
    node = AgeShift(float(days) + 0.0)
    return _linked(parent, node, _measures(parent, node, measures, None), signed)


def blend(
    a: Source,
    b: Source,
    weight: Any,
    *,
    because: Any,
    by: Any,
    review_by: Any,
    signed_on: Any = None,
    specialist: Any = None,
    measures: Any = None,
) -> Source:
    """See `growthwatch.references.blend`."""
    signed = signature(because, by, review_by, signed_on, specialist)
    if a.correction != b.correction:
        raise GrowthwatchError.of(
            "b",
            f"{b.id}, correction {b.correction}",
            f"the correction for gestation of {a.id}, {a.correction}{_alike(a, b)}",
        )
    conditions = {r.info.condition.split(",")[0].strip().lower() for r in (a, b) if r.info.condition}
    if len(conditions) > 1 and specialist is None:
        raise GrowthwatchError.of(
            "b",
            f"{b.id}, of {b.info.condition}",
            f"a general reference, or one of {a.info.condition} as {a.id} is; for a child with both conditions, "
            "specialist= names who signed it off",
        )
    node = Blend(b, ByAge.of("weight", weight))
    if not (node.weight.least >= 0 and node.weight.most <= 1):
        raise GrowthwatchError.of("weight", weight, "shares from 0 to 1: nothing is extrapolated")
    return _linked(a, node, _measures(a, node, measures, "weight"), signed)


def _alike(a: Source, b: Source) -> str:
    """How two references of different corrections can be had with one, where both offer it."""
    both = [c for c in a.base.info.corrections if c in b.base.info.corrections]
    if not both or a.links or b.links:
        return ""
    calls = [f"growthwatch.reference({r.info.id!r}, correction={both[0]!r})" for r in (a, b) if r.correction != both[0]]
    return f"; use {' and '.join(calls)}"


def restored(parts: Sequence[Source], adjustment: dict[str, Any], link: dict[str, Any]) -> Source:
    """Make again what `Node.plain` and `Link.plain` describe, with all its checks."""
    signed: dict[str, Any] = {
        "because": link["because"],
        "by": link["by"],
        "review_by": iso_day(link["review_by"], "review_by"),
        "signed_on": None if link["signed_on"] is None else iso_day(link["signed_on"], "signed_on"),
        "specialist": link["specialist"],
        "measures": link["measures"],
    }
    kind = adjustment["node"]
    if kind == "shift-scale":
        return shift_scale(parts[0], adjustment["shift"], adjustment["scale"], **signed)
    if kind == "age-shift":
        return age_shift(parts[0], adjustment["days"], **signed)
    if kind == "blend":
        return blend(parts[0], parts[1], adjustment["weight"], **signed)
    raise GrowthwatchError.of("node", kind, "shift-scale, age-shift or blend")


def effective(source: Source, on: dt.date, age_days: float | None = None) -> Source:
    """Source that counts on a date: see `Reference.effective`."""
    day(on, "on")
    check_number("age_days", age_days)
    if not isinstance(source, AdjustedSource):
        return source
    parent = effective(source.parent, on, age_days)
    if not source.link.counts_on(on, age_days):
        return parent
    node = source.node
    if isinstance(node, Blend):
        node = Blend(effective(node.other, on, age_days), node.weight)
    if parent is source.parent and node == source.node:
        return source
    measures = tuple(m for m in source.link.measures if m in parent.measures)
    try:
        return _linked(parent, node, measures, source.link.__dict__)
    except GrowthwatchError:
        return parent


def notices(source: Source, on: dt.date | None = None, age_days: float | None = None) -> list[str]:
    """What must be said wherever its lines are shown: see `Reference.notices`."""
    if not source.links:
        return []
    now = source if on is None else effective(source, on, age_days)
    out: list[str] = []
    if now.links:
        out.append(f"ADJUSTED CURVE: {now.id}, {'; '.join(link.words() for link in now.links)}")
    if on is not None:
        kept = list(now.links)
        for link in source.links:
            if link in kept:
                kept.remove(link)
                continue
            if link.signed_on is not None and on < link.signed_on:
                why = f"was signed only on {long_date(link.signed_on)}"
            elif link.review_by < on:
                why = f"expired on {long_date(link.review_by)}"
            elif link.signed_on is None and not link.counts_on(on, age_days):
                why = (
                    "is not dated: signed_on is missing, and its last day, "
                    f"{long_date(link.review_by)}, is more than {horizon_months(age_days)} months away"
                )
            elif (last := link.last_day(age_days)) < on:
                months, years = (
                    limits().horizon.young_most_months,
                    limits().horizon.young_until_days / DAYS_PER_YEAR,
                )
                why = f"counts below {years:g} years for {months} months from its signature: until {long_date(last)}"
            else:
                why = "does not stand alone now that another has expired"
            out.append(f"ADJUSTMENT NOT APPLIED: that by {link.by} ({source.id}) {why}")
        rule = limits().horizon
        if age_days is not None and age_days < rule.young_until_days:
            out += [
                f"Review the adjustment by {link.by} within {rule.young_most_months} months of its signature, "
                "whose day it does not give: the child is young"
                for link in now.links
                if link.signed_on is None
            ]
    return out
