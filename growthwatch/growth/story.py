"""The words of one child's weights: what they show, against what, and what would settle it."""

from __future__ import annotations

import numpy as np

from growthwatch.core.canonical import short_hash
from growthwatch.core.centiles import UK_NINE
from growthwatch.core.words import (
    age_words,
    days_words,
    kg_words,
    list_words,
    long_date,
    number_word,
    spaces_words,
)
from growthwatch.growth.alone import places_alone
from growthwatch.growth.columns import TrajectoryColumns
from growthwatch.growth.detector import detector
from growthwatch.growth.figures import quantile_of
from growthwatch.growth.forecast import (
    evidence_below,
    next_weight,
)
from growthwatch.growth.one_child import SPACE, Alarm, Met, OneChild, latest_ratio
from growthwatch.growth.published import Judged
from growthwatch.growth.quality import EntryError
from growthwatch.growth.rules import TINY, told
from growthwatch.growth.slowing import TrajectoryEvidence
from growthwatch.references import Reference

__all__ = ["dangers", "explain", "provenance", "two"]

_DUE = "What is due, from whom and by when, is in the review of this record."
_TAGS = {"N": "national", "G": "guideline", "L": "local"}


def dangers(child: OneChild) -> tuple[str, ...]:
    """Dangers that the latest weights show, a sentence each, whatever the evidence says; empty where none.

    First what the latest weight that counts shows, then what a later one shows that is doubted or does
    not count: it reassures nobody, and is to be confirmed now.  Read on `on_standard` and in kilograms,
    so that no reference hides one.
    """
    sure, unsure = child.alarming
    out: list[str] = []
    if sure:
        out.append(f"Danger: {list_words([_danger_words(x) for x in sure.values()])}, whatever the evidence says.")
    for place, found in unsure.items():
        w = child.weighings[place]
        words = list_words([_danger_words(x) for x in found.values()])
        would = f"{kg_words(w.weight_kg)} {_day(child, place)} would be {words}."
        again = "" if child.died else " Weigh again at once, undressed."
        out.append(f"Danger{', not confirmed' if child.died else ', confirm now'}: {would}{again}")
    return tuple(out)


def explain(child: OneChild) -> str:
    """Say in plain English what the weights show, against what, and what would settle it."""
    at = child.latest()
    if at is None and child.latest(child.on_standard) is not None:
        at = child.latest(child.on_standard)
    heading = f"Weights of {child.child_id}" + (f", as of {long_date(child.as_of)}" if child.as_of else "") + "."
    due = [_DUE] if child.asks and not child.died else []
    if at is None:
        return "\n".join([*dangers(child), heading, *_nothing(child), *due, *child.notices])
    said = [*dangers(child), heading, *_old(child, at), *_now(child, at)]
    for columns, reference in child.views():
        on = f"On {reference.info.short_title}. " if child.on_condition is not None else ""
        said += [f"{on}{line}" for line in (*_rules(child, columns), TrajectoryEvidence(child, columns).explain())]
    said += [*_apart(child), *_medians(child), *_questions(child), *_ahead(child, at)]
    said += [*due, *child.notices, provenance(child)]
    return "\n".join(line for line in said if line)


def _old(child: OneChild, at: int) -> list[str]:
    """Say that the latest weight is old, before what it shows."""
    on = child.weighings[at].on
    days = 0 if on is None or child.as_of is None or child.died else (child.as_of - on).days
    return [f"The latest weight is {days // 7} weeks old."] if days > told().old_after_days else []


def _nothing(child: OneChild) -> list[str]:
    if not child.weighings:
        return ["No weight is recorded, so nothing can be said."]
    why = sorted({str(s).replace("_", " ") for s in child.status})
    return [f"{len(child.weighings)} recorded, and none that can be judged ({list_words(why)})."]


def _now(child: OneChild, at: int) -> list[str]:
    out: list[str] = []
    counted = int(child.primary.counts.sum())
    for columns, reference in ((child.on_standard, child.standard), (child.on_condition, child.condition)):
        if columns is None or reference is None or not np.isfinite(columns.z[at]):
            continue
        kg, z, together = _read(child, columns, at)
        place = UK_NINE.describe(z)
        latest = "only weight that counts" if counted == 1 else f"latest of {counted} weights that count"
        out.append(
            f"The {latest}, {kg_words(kg)} "
            f"{_day(child, at)}{together}, "
            f"is {place} "
            f"on {reference.info.short_title} (z {two(z)})."
            if not out
            else f"On {reference.info.short_title} it is {place} (z {two(z)})."
        )
    columns = child.primary
    fall = columns.rules["nice-fall-best"].value[at]
    if np.isfinite(fall) and fall >= told().fall_from_spaces:
        out.append(f"That is {spaces_words(float(fall))} below the best position that was held for two weeks.")
    grams, days = columns.velocity.g_per_day[at], columns.velocity.gap_days[at]
    if np.isfinite(grams):
        way = "gained" if grams >= 0 else "lost"
        change = f"{abs(grams * days):.0f} g {way} in {days_words(round(float(days)))} ({abs(grams):.0f} g a day)"
        change += _rank(child, columns, at)
        out.append(f"Since the weighing before: {change}.")
    return out


def _read(child: OneChild, columns: TrajectoryColumns, at: int) -> tuple[float, float, str]:
    """Kilograms and z at which a weight is read, and what to add: of several of one day their median."""
    row = int(columns.series.row[at])
    if row < 0 or np.count_nonzero(columns.series.row == row) == 1:
        return child.weighings[at].weight_kg, float(columns.z[at]), ""
    kg = round(float(columns.series.weight_kg[row]), 4)
    return kg, float(columns.series.published_z[row]), " (the median of that day)"


def _rank(child: OneChild, columns: TrajectoryColumns, at: int) -> str:
    """How usual the latest change is; where there is a danger, or a loss where a rule is met, nothing calms."""
    gain, lost = float(columns.gain.z[at]), columns.velocity.g_per_day[at] < 0
    low = gain < quantile_of("usual_centile", told().usual_centile)
    if not lost:
        if np.isnan(gain) or (child.in_danger and not low):
            return ""
        change = f"the gain is {_gain_words(gain)}"
    elif low:
        change = f"the change is {_gain_words(gain)}"
    else:
        before = columns.velocity.g_per_day[:at]
        known = before[np.isfinite(before)]
        once = not known.size or known[-1] >= 0
        return "" if child.asks or not once else "; one such loss is common among healthy children"
    return f"; over {days_words(round(float(columns.gain.gap_days[at])))} {change} for a child of that start"


def _rules(child: OneChild, columns: TrajectoryColumns) -> list[str]:
    out: list[str] = []
    judged = {found.rule.name: found for found in columns.rules.judged.values()}
    for m in child.met_on(columns):
        level = "" if m.level == "met" else f", {m.level}"
        found = _met_words(m, judged[m.rule])
        out.append(f"Meets: {m.rule}{level}: {found} ({_TAGS[m.tag]}). {m.false_alarms.sentence}")
    return out


def _apart(child: OneChild) -> list[str]:
    """Take the change apart and, where that seems to contradict the evidence, say why both can be true."""
    if not child.attribution.from_days.size:
        return []
    found = child.attribution
    out: list[str] = []
    for (columns, reference), parts in zip(child.views(), (found.on_standard, found.on_condition), strict=False):
        evidence = TrajectoryEvidence(child, columns)
        if parts is not None and parts.status_code[0] == 0 and not evidence.unread:
            z = columns.series.z
            falling = z.size > 1 and not columns.series.fresh[-1] and bool(z[-1] < z[-2])
            fell, called = bool(parts.verdict[0] < 0), bool(evidence.level)
            out.append(_both_true(fell, called, falling, reference, child.died or child.in_danger))
    out = [line for line in out if line]
    three = _three_ways(child)
    out += [three] if three else []
    return [found.explain(0), *out] if out or child.condition is not None else []


def _three_ways(child: OneChild) -> str:
    """Why three ways to say how far this child fell differ; empty where none says much, or they agree.

    From birth and from the best position held for two weeks, as the rules count them, and what is left over.
    """
    columns, at, parts = child.on_standard, child.latest(child.on_standard), child.attribution.on_standard
    if at is None or parts.status_code[0] != 0:
        return ""
    birth, best = (float(columns.rules[id].value[at]) for id in ("nice-fall-birth", "nice-fall-best"))
    left = -float(parts.excess.value[0]) / SPACE
    known = [x for x in (birth, best, left) if np.isfinite(x)]
    if max(known) < told().fall_from_spaces or max(known) - min(known) < told().ways_differ_spaces:
        return ""
    ways: list[str] = []
    if np.isfinite(birth):
        ways.append(f"from birth, by the chart's own place at birth and newborn days included, {_down(birth)}")
    if np.isfinite(best):
        ways.append(
            f"from the best position held for two weeks, {_down(best)}: the best of many weights is high by chance too"
        )
    ways.append(f"from two weeks of age on, less what was to be expected, {_down(left)}")
    return f"How far it fell depends on from where: {'; '.join(ways)}. They answer different questions."


def _down(spaces: float) -> str:
    """A fall in centile spaces; a rise as such."""
    if abs(spaces) < 0.05:
        return "nothing"
    number = f"{abs(spaces):.1f}"
    size = "1 centile space" if number == "1.0" else f"{number} centile spaces"
    return f"{size} {'down' if spaces > 0 else 'up'}"


def _medians(child: OneChild) -> list[str]:
    """Say which weights of one day count as one."""
    row = child.primary.series.row
    shared = np.flatnonzero(np.bincount(row[row >= 0]) > 1)
    out: list[str] = []
    for r in shared.tolist():
        places = np.flatnonzero(row == r)
        kg = kg_words(round(float(child.primary.series.weight_kg[r]), 4))
        day = _day(child, int(places[0]))
        lowest = kg_words(float(child.primary.weight_kg[places].min()))
        out.append(
            f"{number_word(places.size).capitalize()} weights {day} count as one: on the chart their median, {kg}; "
            f"for loss and gain in kilograms the lowest, {lowest}."
        )
    return out


def _questions(child: OneChild) -> list[str]:
    out = list(child.asked_first)
    suspicions = child.primary.suspicions
    for k, w in enumerate(child.weighings):
        if not w.counts and w.reason:
            out.append(f"{kg_words(w.weight_kg)} {_day(child, k)} does not count: {w.reason}.")
        # What was recorded as clothed is not asked about again.
        clothed = child.clothed is not None and bool(child.clothed[k])
        if suspicions.code[k] != EntryError.NONE and not clothed and not child.asked_first:
            out.append(f"To check, {_day(child, k)}: {suspicions.question[k]}")
    out += _alone(child)
    if len(child.weighings) and suspicions.series_question[-1] and not child.asked_first:
        out.append(f"To check: {suspicions.series_question[-1]}")
    return out


def _alone(child: OneChild) -> list[str]:
    """Ask about the best weight so far, where it stands alone between its neighbours."""
    columns = child.on_standard
    rows = np.flatnonzero(columns.counts & ~columns.doubted & np.isfinite(columns.weight_kg))
    if rows.size < 3:
        return []
    kg, age = columns.weight_kg[rows], columns.age_days[rows]
    z = np.full(rows.size, np.nan)
    has = columns.series.row[rows] >= 0
    z[has] = columns.series.z[columns.series.row[rows[has]]]
    alone = places_alone(kg, age, z, np.array([0, rows.size]))
    best = int(np.argmax(kg))
    if not alone[best]:
        return []
    low, high = sorted((float(kg[best - 1]), float(kg[best + 1])))
    place = int(rows[best])
    beside = kg_words(low) if low == high else f"{kg_words(low)} and {kg_words(high)}"
    text = (
        f"To check, {_day(child, place)}: {kg_words(float(kg[best]))}, the best weight so far, stands alone: "
        f"{beside} before and after it. The loss from it is judged all the same; is that weight right?"
    )
    return [text]


def _ahead(child: OneChild, at: int) -> list[str]:
    if child.died or child.alarming[1]:  # what is to be confirmed now stands before all that is expected
        return []
    days = told().ahead_days
    age = float(child.weighings[at].age_days) + days
    ahead = child.forecast(age)
    if not np.isfinite(ahead.weight_kg[0]):
        return []
    low, high = ahead.band_kg[0][0], ahead.band_kg[-1][0]
    after = f"{number_word(days // 7).capitalize()} weeks" if days % 7 == 0 else days_words(days)
    text = (
        f"{after} after that weight we would expect about {ahead.weight_kg[0]:.2f} kg, "
        f"and between {low:.2f} and {high:.2f} kg in nine healthy children out of ten with such weights so far, "
        f"if they grow as the model has it (of real children, {told().forecast_held})."
    )
    amber = detector().thresholds.high_need_amber if child.high_need else detector().thresholds.amber
    if latest_ratio(child.primary) >= amber:
        need = next_weight(child.primary.series, age, evidence_below(amber))
        if need.holds == "from":
            text += f" {need.weight_kg:.2f} kg or more would bring the evidence below {amber:g}."
        elif need.holds == "never":
            text += f" No weight then would bring the evidence below {amber:g}: it takes longer."
    return [text]


def provenance(child: OneChild) -> str:
    """What these figures rest on."""
    found = child.primary.evidence
    both = [str(c.reference) for c in (child.on_standard, child.on_condition) if c is not None]
    return (
        f"Figures: {list_words(both)}; model of healthy growth {short_hash(found.model_hash)}, "
        f"evidence {short_hash(found.detector_hash)}. They rank and remind; they are no diagnosis, "
        f"and no threshold of danger waits for them."
    )


def _day(child: OneChild, place: int) -> str:
    w = child.weighings[place]
    return f"on {long_date(w.on)}" if w.on is not None else f"at {age_words(w.age_days)}"


def two(z: float) -> str:
    """Z to two decimals; never minus nought."""
    text = f"{z:.2f}"
    return "0.00" if text == "-0.00" else text


def _met_words(m: Met, found: Judged) -> str:
    """Write what was found beside its threshold."""
    if m.unit == "days":
        return f"{days_words(round(m.value))}, threshold {m.threshold:.0f}"
    value = _figure(m.value, found, m.threshold)
    if m.unit == "centile spaces" and float(value) == 1.0:
        return f"1 centile space, threshold {m.threshold:.1f}"
    return f"{value} {m.unit}, threshold {m.threshold:.1f}"


def _both_true(fell: bool, called: bool, falling: bool, reference: Reference, settled: bool) -> str:
    """Why the change taken apart may show a fall that the evidence does not, or the reverse, and what settles it.

    Parameters
    ----------
    fell
        Whether more of a fall is left over than ordinary drift may bring.
    called
        Whether the evidence has reached a level.
    falling
        Whether the latest weights are still falling.
    reference
        By which both were read.
    settled
        Whether no weight is to be waited for: the child has died, or is in danger.
    """
    if fell == called:
        return ""
    both = f"On {reference.info.short_title} the evidence and what is left over do not contradict each other:"
    if called:
        text = (
            f"{both} the evidence adds up the changes from weight to weight since growth may have begun to slow, "
            "while what is left over compares only the first weight with the last, and its range is wide. "
            "The concern stands"
        )
        ask = f": a weight in {told().reweigh} would show whether the slowing goes on."
    else:
        weighs = (
            f"; the fall is recent or uneven{'' if settled else ', and one or two more weights would show'}."
            if falling
            else ", so that a fall which came early, or has stopped, weighs little in it."
        )
        text = (
            f"{both} what is left over compares the first weight with the last, while the evidence looks only at "
            "changes from weight to weight, from two weeks of age on, and not at how low a child is"
            f"{weighs} "
            "The fall still needs an explanation"
        )
        ask = f": a weight in {told().reweigh} would show whether it goes on."
    return text + ("." if settled else ask)


def _danger_words(danger: Alarm) -> str:
    """Say what a weight shows: goes on from "danger:" and from "would be"."""
    found, at = danger
    value, rule = float(found.value[at]), found.rule
    match rule.kind:
        case "no_net_gain":
            return f"{days_words(round(value))} without net gain"
        case "below_line":
            level = rule.levels[int(found.level[at]) - 1]
            line = next((n.ordinal for n in UK_NINE.lines if abs(n.z - float(found.threshold[at])) < 1e-9), None)
            name = level.name if line is None else f"below the {line} centile"
            falling = "" if level.falling_spaces is None else " and falling"
            place, line_at = UK_NINE.describe(value), ""
            if line is not None and float(found.threshold[at]) - value <= float(UK_NINE.on_within):
                # One place has one word everywhere; how near the line it is, the figures say.
                name = place if place == f"on the {line} centile" else name
                line_at = f"; the {line} centile line is z {found.threshold[at]:.2f}"
            return f"severely low, {name}{falling} (z {_figure(value, found)}{line_at})"
        case "newborn_loss":
            return f"{_figure(value, found)} % below the birth weight"
        case _:
            return f"{_figure(value, found)} % below the best weight"


def _figure(value: float, found: Judged, *more: float) -> str:
    """Write a figure to one decimal (a z to two); to more where rounding would cross a threshold of its rule."""
    limits = [*more, *(x.threshold for x in found.rule.levels if x.threshold is not None)]
    first = 2 if found.rule.kind == "below_line" and not more else 1
    return next(
        (t for t in (f"{value:.{k}f}" for k in range(first, 5)) if all(_same_side(float(t), value, x) for x in limits)),
        f"{value:.5f}",
    )


def _same_side(rounded: float, value: float, limit: float) -> bool:
    beyond = 0.0 if abs(value - limit) <= TINY else value - limit
    return bool(np.sign(rounded - limit) == np.sign(beyond))


def _gain_words(z: float) -> str:
    low = told().usual_centile
    limit = quantile_of("usual_centile", low)
    if z < limit:
        return f"below the {low:g}th centile"
    return f"above the {100.0 - low:g}th centile" if z > -limit else "within the usual range"
