"""From a record to what a chart shows of it."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import Any

import numpy as np

from growthwatch.charts.facts import (
    AFTER_TERM_DAYS,
    NEWBORN_DAYS,
    Beside,
    ChartFacts,
    Limit,
    Loss,
    Newborn,
    Place,
    Point,
    RuleLine,
    Unused,
    is_special,
)
from growthwatch.charts.measures import Measure, Reading, named, readings
from growthwatch.charts.sources import Source, missing, read_source
from growthwatch.core.canonical import short_hash
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.status import Status
from growthwatch.core.units import PRETERM_DAYS
from growthwatch.core.words import ordinal
from growthwatch.protocol.child import ASSUMED, VALID, Child
from growthwatch.protocol.document import Protocol
from growthwatch.protocol.kinds.doubts import Doubt
from growthwatch.protocol.kinds.kind import GrowthKind
from growthwatch.protocol.kinds.newborn import BirthWeightNotRegained, NewbornLoss
from growthwatch.protocol.schedule import next_weighing
from growthwatch.references import Reference
from growthwatch.references import reference as packaged_reference
from growthwatch.references.metadata import corrections

__all__ = ["choose_reference", "facts_of", "read_facts", "read_newborn"]

TAGS = {"N": "national", "G": "guideline", "L": "local"}
"""Whose a limit is, by the tag of its rule."""


def read_facts(
    record: object,
    *,
    reference: object = "uk-who",
    correction: str | None = None,
    as_of: dt.date | None = None,
    known_at: dt.date | None = None,
    protocol: object = None,
    measure: object = "weight",
) -> ChartFacts:
    """Read what a chart shows.

    Raises
    ------
    GrowthwatchError
        For a wrong argument, and where the record has no birth or no sex at that moment.
    """
    what = named(measure)
    curves = choose_reference(reference, correction)
    if what.name not in curves.measures:
        curves.curves(what.name)  # raises, naming the measures that there are
    return facts_of(read_source(record, as_of, known_at, protocol), curves, what)


def facts_of(source: Source, curves: Reference, what: Measure) -> ChartFacts:
    """Read what a chart shows of a record that is read already."""
    record, child, rules, today, birth = source.record, source.child, source.rules, source.today, source.birth
    sex, gestation = birth.sex, birth.gestation_days
    if sex is None:
        raise missing("sex", "the sex of the child was not recorded, and the lines differ by sex")
    by_then = source.by_then
    age = float((today - birth.date).days)
    curves = child.on_birth(curves)
    adjustments = tuple(curves.notices(today, age))
    curves = curves.effective(today, age)
    beside = _beside(curves, rules.reference, what.name)
    told, unpaired = readings(what, child, source.events, birth.day, by_then.in_doubt)
    drawn = [r for r in told if r.dated and not r.replaced]
    only_birth = curves.curves(what.name).info.latest_age_days == 0
    later = sum(r.age_days > 0 for r in drawn) if only_birth else 0
    if only_birth:
        drawn = [r for r in drawn if r.age_days == 0]
    points = _points(what, drawn, curves, beside, sex, gestation, only_birth)
    dead = source.died
    stale = _stale_days(source) if what.of_weight and not dead else None
    return ChartFacts(
        measure=what,
        reference=curves,
        beside=beside,
        child_id=record.child_id,
        sex=sex,
        birth=birth.date,
        gestation_days=gestation,
        points=points,
        undated=sum(not r.dated for r in told),
        replaced=sum(r.replaced for r in told if r.dated),
        unpaired=unpaired,
        later=later,
        unused=_unused(told, drawn, points) if what.of_weight and not only_birth else None,
        loss=_loss(points) if what.of_weight and not only_birth else None,
        stale_days=stale,
        died_age_days=child.ages.died - birth.day if dead and child.ages.died is not None else None,
        as_of=today,
        known_on=source.known_on if source.known_on != today else None,
        loss_percent=_newborn_loss(rules),
        adjustments=adjustments,
        gestation_doubted=_gestation_doubted(child),
        apart=what.of_weight and not only_birth and _apart(child, rules),
        rule_lines=_rule_lines(curves, rules, what.name),
    )


def read_newborn(source: Source, chart: ChartFacts) -> Newborn:
    """Read what the chart of the first three weeks shows, from the facts of the growth chart of weight."""
    rules = source.rules
    points = tuple(p for p in chart.points if p.age_days <= NEWBORN_DAYS)
    born = max((p.value for p in points if p.counts and p.age_days == 0), default=None)
    limits = [
        Limit(
            float(level.least_percent),
            f"over {level.least_percent:g} %"
            if level.loss_over_percent is not None
            else f"{level.least_percent:g} % or more",
            level.actions[0].do if level.actions else "",
            TAGS[level.tag or r.tag or "L"],
        )
        for r in rules.rules
        if isinstance(r, NewbornLoss)
        for level in r.levels
        if not level.uncertain
    ]
    regained = next((int(r.from_age_days) for r in rules.rules if isinstance(r, BirthWeightNotRegained)), None)
    label = f"{rules.id} {rules.version} ({short_hash(rules.hash)})"
    later = len(chart.points) - len(points)
    return Newborn(chart, points, born, tuple(sorted(limits, key=lambda n: n.percent)), regained, label, later)


def choose_reference(reference: object, correction: str | None) -> Reference:
    """The reference of the lines, by id or as it is."""
    if isinstance(reference, str):
        return packaged_reference(reference, correction)
    if not isinstance(reference, Reference):
        raise GrowthwatchError.of("reference", reference, "an id such as 'uk-who', or a Reference")
    if correction is not None and correction != reference.correction:
        raise GrowthwatchError.of("correction", correction, f"None, or {reference.correction!r} as the reference has")
    return reference


def _beside(curves: Reference, standard: Reference, measure: str) -> tuple[Beside, ...]:
    """The base of an adjusted reference; and the protocol's standard beside a chart of a condition."""
    out = [Beside(curves.base, True)] if curves.links else []
    if is_special(curves) and measure in standard.measures and standard.info.id != curves.base.info.id:
        out.append(Beside(standard, False))
    return tuple(out)


def _rule_lines(curves: Reference, rules: Protocol, measure: str) -> tuple[RuleLine, ...]:
    """The lines that rules read on a reference as it was published, and that are none of the nine."""
    if curves.links:
        return ()
    out: list[RuleLine] = []
    for r in rules.rules:
        if isinstance(r, GrowthKind) and (centile := r.centile_read(curves.info.id, measure)) is not None:
            out.append(RuleLine(NormalDist().inv_cdf(centile / 100.0), ordinal(centile), r.id, r.title))
    return tuple(out)


def _points(
    what: Measure,
    drawn: Sequence[Reading],
    curves: Reference,
    beside: Sequence[Beside],
    sex: str,
    gestation: int | None,
    only_birth: bool,
) -> tuple[Point, ...]:
    if not drawn:
        return ()
    ages = np.array([r.age_days for r in drawn], np.int64)
    used = np.asarray(curves.corrected_age(ages, gestation), np.float64)
    used = np.where(np.isnan(used), ages, used)  # a gestation that cannot be meant corrects nothing
    on = [_places(what, drawn, ages, ref, sex, gestation) for ref in (curves, *(b.reference for b in beside))]
    begin = None if (span := curves.span(what.name, sex)) is None else span[0]
    standard = next((b.reference for b in beside if not b.unadjusted), None)
    if standard is not None and begin is not None and not what.by_length:
        # Before the child's own lines begin, weights are read on the standard, at the age that it uses.
        its = np.asarray(standard.corrected_age(ages, gestation), np.float64)
        used = np.where((ages < begin) & ~np.isnan(its), its, used)
    early = gestation is not None and corrections().gestation.least_days <= gestation < PRETERM_DAYS
    out: list[Point] = []
    for r, x, place, *others in zip(drawn, used.tolist(), *on, strict=True):
        corrects = x != r.age_days
        by_gestation = not what.by_length and (only_birth or (early and corrects and r.age_days < AFTER_TERM_DAYS))
        corrected = not what.by_length and x != r.age_days
        out.append(
            Point(
                age_days=r.age_days,
                corrected_age_days=int(x) if x.is_integer() else x,
                at=float(r.length_cm or 0.0) if what.by_length else r.age_days,
                value=r.value,
                place=place,
                validity=r.validity,
                reason=r.reason,
                repeated=r.repeated,
                beside=tuple(others),
                length_cm=r.length_cm,
                crossed=corrected or by_gestation,
                dotted=not by_gestation,
            )
        )
    return tuple(out)


def _places(
    what: Measure, drawn: Sequence[Reading], ages: Any, reference: Reference, sex: str, gestation: int | None
) -> list[Place]:
    """Where readings lie on one reference."""
    given: dict[str, Any] = {"sex": sex, "measure": what.name}
    if what.by_length:
        given["length_cm"] = np.array([r.length_cm for r in drawn], np.float64)
    else:
        given |= {"age_days": ages, "gestation_days": gestation}
        if gestation is None and reference.curves(what.name).info.needs_gestation:
            return [Place(None, None, str(Status.MISSING_GESTATION))] * len(drawn)
    if reference.curves(what.name).info.position is not None and any(r.position for r in drawn):
        given["position"] = np.array([r.position for r in drawn], object)
    s = reference.score(np.array([r.value for r in drawn]), **given)
    return [Place(_number(z), _number(c), str(status)) for z, c, status in zip(s.z, s.centile, s.status, strict=True)]


def _unused(told: Sequence[Reading], drawn: Sequence[Reading], points: Sequence[Point]) -> Unused | None:
    """The latest weight, where it does not count."""
    standing = [r for r in told if not r.replaced]
    if not standing or standing[-1].validity in (VALID, ASSUMED):
        return None
    since: list[Reading] = []
    for r in reversed(standing):
        if r.validity in (VALID, ASSUMED):
            break
        since.append(r)
    latest = since[0]
    point = next((p for r, p in zip(drawn, points, strict=True) if r is latest), None)
    return Unused(latest.validity, latest.reason, latest.value, point, len(since) - 1)


def _loss(points: Sequence[Point]) -> Loss | None:
    """Loss from birth weight, as long as no weight that counts has reached it."""
    counted = [p for p in points if p.counts]
    born = max((p.value for p in counted if p.age_days == 0), default=None)
    since = [p for p in counted if p.age_days > 0]
    if born is None or not since or any(p.value >= born for p in since):
        return None
    lowest = min(since, key=lambda p: p.value)
    percent = [100 * (born - p.value) / born for p in (since[-1], lowest)]
    return Loss(born, percent[0], lowest, percent[1], since[-1])


def _gestation_doubted(child: Child) -> tuple[float, float] | None:
    """A weight at birth that the gestation recorded does not allow [kg], and its z there; None: they agree."""
    doubted = child.weights.gestation_doubted_by
    return None if doubted is None else (child.weights.by_id[doubted[0]].kg, doubted[1])


def _apart(child: Child, rules: Protocol) -> bool:
    """Whether the latest weights that count, of one day, are too far apart for one child, and nobody signed for it."""
    last = child.weights.last
    if last is None:
        return False
    day = [w for w in child.weights.valid if w.day == last.day and w.replaced_by is None]
    if not child.signed.confirmed_facts.keys().isdisjoint(w.id for w in day):
        return False
    least, most = (f(day, key=lambda w: w.exact) for f in (min, max))
    return any(isinstance(r, Doubt) and r.disagree(least, most) for r in rules.rules)


def _stale_days(source: Source) -> int | None:
    """How old the last weight that counts is, where that is more than the child's floor [days].

    The floor is the one that runs from that weight in the child's tier; without one (T0), twice that of T1.
    No tier has a shorter one than T3, and without a plan none has a longer one than that: only between the
    two the tier is worked out.
    """
    child, day = source.child, source.day
    last = child.weights.last
    if last is None:
        return None
    age = day - last.day
    least = next_weighing(child, "T3", last.day, day).floor_days
    most = next_weighing(child, "T1", last.day, day).floor_days
    if least is None or most is None or age <= least:
        return None
    if age > 2 * most:
        return age
    found = source.review
    floor = found.due.floor_days
    if floor is None:
        floor = 2 * most if found.tier == "T0" else most
    return age if age > floor else None


def _newborn_loss(protocol: Protocol) -> float | None:
    """Least loss of birth weight that the protocol wants assessed [percent], where it has such a rule."""
    losses = [r.birth_loss_percent for r in protocol.rules if isinstance(r, GrowthKind)]
    return next((loss for loss in losses if loss is not None), None)


def _number(value: Any) -> float | None:
    return None if math.isnan(value) else float(value)
