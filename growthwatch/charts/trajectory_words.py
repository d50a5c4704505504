"""What a trajectory chart says."""

from __future__ import annotations

import math
from typing import Any

import growthwatch
from growthwatch.charts.trajectory_facts import TrajectoryFacts
from growthwatch.charts.words import age_words, boy_or_girl, minus, moment_words, short_title, warnings
from growthwatch.core.words import age_words as rounded_age
from growthwatch.core.words import count_words, fit_words, kg_words, limit_words, percent_words

__all__ = [
    "alarms",
    "alt_text",
    "earlier_evidence_words",
    "footer",
    "gap_words",
    "metadata",
    "no_evidence_words",
    "parts_words",
    "signed",
    "summary",
    "table",
    "title",
]


def title(facts: TrajectoryFacts) -> str:
    """The usual title."""
    return f"Trajectory, {boy_or_girl(facts.chart)}: {short_title(facts.chart)}"


def alarms(facts: TrajectoryFacts) -> tuple[str, ...]:
    """What must be read before any figure: that of the growth chart, and dangers whatever the evidence says."""
    return tuple(minus(w) for w in (*facts.danger, *warnings(facts.chart)))


def summary(facts: TrajectoryFacts) -> str:
    """What the weights fit, and how far the latest is below the best."""
    latest = facts.latest
    if latest is None:
        return "No weight that counts can be judged, so nothing can be said."
    counted = sum(p.counts and not p.repeated for p in facts.chart.points)
    words = f"The {count_words(counted, 'weight')} up to {kg_words(latest.value)}"
    if counted == 1:
        words = f"The only weight, {kg_words(latest.value)},"
    judged = facts.evidence[-1].age_days if facts.evidence else None
    if math.isnan(facts.fit):
        words = f"{words} cannot be judged for slowing{_why_not(facts, latest.age_days)}"
    elif judged is not None and judged < latest.age_days:
        # What the last weight that was judged says is not said of a later one.
        at = age_words(facts.chart, round(judged))
        words = f"The weights up to {at} {fit_words(facts.fit)}. No weight since then can be judged for slowing"
    else:
        words = f"{words} {fit_words(facts.fit)}"
        if facts.level and facts.began_days is not None:
            words += f", from about {rounded_age(facts.began_days)} on"
    words += "."
    if facts.by_kg and facts.start is not None:
        lost = percent_words(100 * (facts.start.value - latest.value) / facts.start.value)
        words += f" {lost} below the best weight."
    if gap := gap_words(facts):
        words += f" {gap[0].upper()}{gap[1:]}."
    return words


def _why_not(facts: TrajectoryFacts, age_days: float) -> str:
    """Why weights are not judged: too few yet, or older than the model of healthy growth reaches."""
    if age_days < facts.judged_until:
        return " yet"
    return f": healthy growth is modelled up to {limit_words(facts.judged_until)}"


def no_evidence_words(facts: TrajectoryFacts) -> str:
    """Why there is no evidence at all."""
    if facts.latest is not None and facts.latest.age_days >= facts.judged_until:
        return f"No weight before {limit_words(facts.judged_until)}, up to which evidence is worked out"
    return "No weight from two weeks of age on that can be judged yet"


def earlier_evidence_words(facts: TrajectoryFacts) -> str:
    """The last evidence, where that is of an earlier time than what is shown."""
    last = facts.evidence[-1]
    return f"Last judged at {age_words(facts.chart, round(last.age_days))}, before what is shown: {last.ratio:.1f}"


def gap_words(facts: TrajectoryFacts) -> str:
    """How far the latest weight is from what was expected; empty where nothing was."""
    if facts.gap_kg is None:
        return ""
    gap = facts.gap_kg
    less = "less" if gap >= 0 else "more"
    size = f"{abs(gap):.1f} kg" if abs(gap) >= 0.95 else f"{1000 * abs(gap):.0f} g"
    return f"{size} {less} than expected"


def start_words(facts: TrajectoryFacts) -> str:
    """From when on growth is compared."""
    if facts.start is None:
        return ""
    what = "best weight" if facts.by_kg else "best position"
    return f"expected from the {what}, at {age_words(facts.chart, facts.start.age_days)}"


def parts_words(facts: TrajectoryFacts) -> list[str]:
    """What the change is made of, a line each."""
    return [f"{p.name}: {signed(p.value)} SD ({signed(p.low)} to {signed(p.high)})" for p in facts.parts]


def signed(value: float) -> str:
    """A change to two decimals with its sign; nothing has none."""
    words = f"{value:+.2f}"
    return "0.00" if float(words) == 0 else minus(words)


def footer(facts: TrajectoryFacts, earlier: int, short: bool = False) -> list[str]:
    """The small print; `earlier` weights are not in view."""
    chart = facts.chart
    out = [f"Lines: {chart.reference.info.short_title}. {chart.reference.label}"]
    if facts.expected is not None:
        out.append(f"Green, edged: where nine healthy children in ten would be, {start_words(facts)}.")
    if facts.likely is not None:
        out.append("Hatched: the same from the latest weights. It is what is likely, NOT a target.")
    need = f" (high need; {facts.usual_amber:g} otherwise)" if facts.high_need else ""
    out.append(
        f"Evidence adds up over all weights: amber from {facts.amber:g} for this child{need}, red from {facts.red:g}. "
        f"Model {facts.model}. It is not the odds of an illness."
    )
    if facts.parts and facts.parts_from is not None and facts.parts_until is not None:
        ages = " to ".join(age_words(chart, round(age)) for age in (facts.parts_from, facts.parts_until))
        out.append(f"What the change is made of, {ages}: thin lines hold nine in ten healthy children.")
    if earlier:
        out.append(f"Earlier, not in view: {count_words(earlier, 'weight')}.")
    out.append(moment_words(chart))
    return [" ".join(f"{row.rstrip('.')}." for row in out)] if short else out


def alt_text(facts: TrajectoryFacts) -> str:
    """The chart in words."""
    out = [f"Trajectory chart. {title(facts)}.", *alarms(facts), minus(summary(facts))]
    if facts.evidence:
        ratio = facts.evidence[-1].ratio
        level = f"{facts.level}, " if facts.level else ""
        out.append(f"Evidence {ratio:.1f}: {level}amber is from {facts.amber:g} and red from {facts.red:g}.")
    out += [f"{line}." for line in parts_words(facts)]
    if facts.likely is not None:
        band = facts.likely
        when = rounded_age(float(band.ages[-1]))
        out.append(f"Likely at {when}: {band.low[-1]:.1f} to {band.high[-1]:.1f} kg; not a target.")
    return " ".join(out)


def metadata(facts: TrajectoryFacts, text: str, description: str) -> dict[str, str]:
    """Text chunks of the picture."""
    chart = facts.chart
    return {
        "Title": text,
        "Software": f"growthwatch {growthwatch.__version__}",
        "Reference": chart.reference.id,
        "Reference hash": chart.reference.hash,
        "Model": facts.model,
        "As of": chart.as_of.isoformat(),
        "Age basis": "time since birth",
        "Description": description,
    }


def table(facts: TrajectoryFacts) -> list[dict[str, Any]]:
    """What is drawn, as rows: weights with the evidence after each, then both bands, then the parts of the change."""
    ratios = {s.age_days: s.ratio for s in facts.evidence}
    rows: list[dict[str, Any]] = [
        _row("weight", p.age_days, weight_kg=p.value, z=p.z, evidence=ratios.get(float(p.age_days)), says=p.validity)
        for p in facts.chart.points
    ]
    for name, band in (("expected", facts.expected), ("likely", facts.likely)):
        if band is not None:
            for age, middle, low, high in zip(*band, strict=True):
                rows.append(_row(name, float(age), weight_kg=float(middle), low=float(low), high=float(high)))
    rows += [_row("part", facts.parts_until, z=p.value, low=p.low, high=p.high, says=p.name) for p in facts.parts]
    return rows


def _row(what: str, age_days: float | None, **more: Any) -> dict[str, Any]:
    empty = dict.fromkeys(("weight_kg", "z", "low", "high", "evidence", "says"))
    return {"what": what, "age_days": age_days, **empty, **more}
