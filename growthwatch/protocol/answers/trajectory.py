"""`gw.trajectory`: a child's record read as weights over time."""

from __future__ import annotations

import datetime as dt

from growthwatch.core.calendar import as_instant, local_day
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.words import kg_words, long_date, one_line
from growthwatch.growth.one_child import Weighing
from growthwatch.growth.rules import GrowthRule, packaged_rules
from growthwatch.growth.trajectory import Trajectory
from growthwatch.protocol.child import UNCERTAIN, UNDATED, UPPER_BOUND, Child, Scorer, read_child
from growthwatch.protocol.child.signed import condition_reference
from growthwatch.protocol.document import Protocol
from growthwatch.protocol.document import protocol as packaged_protocol
from growthwatch.protocol.kinds.kind import GrowthKind
from growthwatch.record import Record, Weighed
from growthwatch.record.known import Known
from growthwatch.references import Reference
from growthwatch.references import reference as packaged_reference

__all__ = ["trajectory"]

_USUAL = "uk-hv"
"""Packaged protocol by which weights are read where none is given."""


def trajectory(
    record: Record,
    reference: str | Reference | None = None,
    as_of: dt.date | dt.datetime | None = None,
    protocol: Protocol | None = None,
) -> Trajectory:
    """All that a child's weights say over time.

    Parameters
    ----------
    record
        The child's record.
    reference
        Reference to judge by: an id or a `Reference`, adjusted ones included.  None: that of the
        protocol (UK-WHO), and beside it the reference of a signed plan in date, where there is one.
        Given the reference of a condition, or an adjusted one, that of the protocol is shown beside it.
    as_of
        The moment asked about, as for `review`; only what had been recorded by then is used.
        None: all that the record holds.
    protocol
        By whose conventions weights are read: which of them count, from which age on a best weight
        counts, who has high need, in which zone days are counted.  None: ``uk-hv``.

    Returns
    -------
    Trajectory
        One column entry a weighing, oldest first, with words, a data frame and a display in Jupyter.
        A weight that does not count by the protocol (in ``uk-hv`` a clothed, undated or doubted one)
        is shown and questioned, and enters no trend.

    Raises
    ------
    GrowthwatchError
        For a wrong argument, or a record that does not say when the child was born.

    Notes
    -----
    An adjusted reference that has expired, or is not signed, does not apply, and the trajectory
    says so.
    """
    if not isinstance(record, Record):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise GrowthwatchError.of("record", record, "a Record, such as Record.load('child.json')")
    if reference is not None and not isinstance(reference, str | Reference):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise GrowthwatchError.of("reference", reference, "an id, such as 'uk-who', or a Reference")
    if protocol is None:
        protocol = packaged_protocol(_USUAL)
    elif not isinstance(protocol, Protocol):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise GrowthwatchError.of("protocol", protocol, "a Protocol, such as growthwatch.protocol('uk-hv')")
    if as_of is None:
        moments = [e.recorded_at for e in record.events]
        if not moments:
            raise GrowthwatchError.of("record", record.child_id, "a record that says when the child was born")
        known = max(moments)
        last = local_day(known, protocol.zone)
    else:
        known = as_instant(as_of, protocol.zone)
        last = local_day(known, protocol.zone)
    protocol = protocol.on(last)
    by_then = Known.of(record, as_of=known, zone=protocol.zone)
    events = by_then.effective()
    scorer = Scorer(protocol.settings, protocol.reference, [e for _, e in events], by_then.in_doubt)
    child = read_child(protocol.settings, protocol.reference, events, scorer)
    if child.ages.birth is None:
        raise GrowthwatchError.of("record", record.child_id, f"a record that says by {last} when the child was born")
    notices: list[str] = []
    standard = protocol.reference
    asked = packaged_reference(reference) if isinstance(reference, str) else reference
    asked = None if asked is None else child.on_birth(asked)
    age = float(last.toordinal() - child.ages.birth.day)
    primary = "standard"
    condition = None
    if asked is None:
        condition = _planned(child, last, notices)
    elif asked.info.condition or asked.links:
        now = asked.effective(last, age)
        notices += asked.notices(last, age)
        condition, primary = (now, "condition") if now.label != standard.label else (None, "standard")
    else:
        standard = asked
    weighed = {e.id: e for e in record.events if isinstance(e, Weighed)}
    ahead = sum(n.what == "ahead" and isinstance(n.event, Weighed) for n in by_then.notices())
    before = sum(w.validity == UNDATED and w.age_days < 0 for w in child.weights.all)
    for count, why in ((ahead, "after the day on which it was written down"), (before, "before birth")):
        if count:
            notices.append(f"{count} weight{'' if count == 1 else 's'} dated {why}: left out. Please check the date.")
    doubted, born = child.weights.gestation_doubted_by, child.ages.birth.gestation_days
    first: list[str] = []
    if doubted is not None and born is not None:
        kg = kg_words(child.weights.by_id[doubted[0]].kg)
        first.append(
            f"To check: born at {born // 7}+{born % 7} weeks with {kg}, both cannot be right. Ask for the gestation."
        )
    dead = child.dead_on(last.toordinal())
    if dead:
        notices.append("The child is recorded to have died. Nothing is due.")
    weighings: list[Weighing] = []
    clothed: list[bool] = []
    alarms: list[bool] = []
    for w in child.weights.all:
        if (w.validity == UNDATED and w.age_days < 0) or w.id in by_then.in_doubt:
            continue
        event = weighed[w.id]
        why = (
            "weighed again within the hour" if w.replaced_by is not None else "" if w.counts else w.reason or w.validity
        )
        weighings.append(Weighing(w.id, event.on, w.kg, float(w.age_days), not why, why))
        clothed.append(w.validity == UPPER_BOUND and event.clothing in ("light_clothes", "clothed"))
        alarms.append(w.replaced_by is None and not w.unused and w.validity != UNCERTAIN)
    latest = child.weights.all[-1] if child.weights.all else None
    if latest is not None and latest.validity == UNCERTAIN and latest.replaced_by is None and not dead:
        notices.append(
            f"{kg_words(latest.kg)} {latest.reason} ({long_date(latest.day)}) may be wrong either way: it enters no "
            "trend. Weigh again, class III."
        )
    return Trajectory(
        record.child_id,
        weighings,
        standard,
        condition,
        sex=child.ages.birth.sex,
        birth_date=child.ages.birth.date,
        gestation_days=None if child.ages.birth.gestation_days is None else float(child.ages.birth.gestation_days),
        high_need=child.conditions.high_need,
        clothed=clothed,
        alarms=alarms,
        dangers=[d for r in protocol.rules if isinstance(r, GrowthKind) for d in r.dangers(child)],
        rules=_rules(protocol),
        as_of=last if as_of is not None else None,
        primary=primary,
        notices=notices,
        asked_first=first,
        has_condition=child.grows_otherwise(last.toordinal()),
        died=dead,
    )


def _rules(protocol: Protocol) -> list[GrowthRule]:
    """The growth rules, with a best weight from the age on from which it counts by the protocol."""
    best_from = {"best_from_age_days": float(protocol.settings.terms.best_from_age_days)}
    kinds = ("loss_from_best", "no_net_gain")
    return [r.model_copy(update=best_from) if r.kind in kinds else r for r in packaged_rules()]


def _planned(child: Child, last: dt.date, notices: list[str]) -> Reference | None:
    """Reference of the latest signed plan in date that names one."""
    today = last.toordinal()
    named = [p for p in child.signed.plans if p.reference is not None and p.day <= today]
    barred = [p for p in child.signed.barred.values() if p.reference is not None and p.day <= today <= p.until]
    if barred and (not named or (named[-1].day, named[-1].recorded_at) < (barred[-1].day, barred[-1].recorded_at)):
        name, why = barred[-1].reference or "", condition_reference(barred[-1].reference or "")[1]
        said = f": {why}" if why else "; a review says why"
        notices.append(f"The plan that names {one_line(name)} was not accepted{said}.")
    if not named:
        return None
    plan = named[-1]
    name = plan.reference or ""
    if plan.until < today:
        notices.append(f"The plan that names {one_line(name)} ran until {long_date(plan.until)}; it counts no longer.")
        return None
    try:
        found = packaged_reference(name)
    except GrowthwatchError:
        notices.append(f"The plan names {one_line(name)}, which is no packaged reference.")
        return None
    try:
        return child.on_birth(found)
    except GrowthwatchError:
        fact = "gestation at birth" if found.info.table_by == "gestation_days" else "birth weight"
        notices.append(f"The plan names {one_line(name)}. It chooses its table by the {fact}: none is for this child.")
        return None
