"""What a chart says of an adjusted reference: who, how far, why and until when."""

from __future__ import annotations

from growthwatch.charts.facts import ChartFacts
from growthwatch.core.centiles import UK_NINE
from growthwatch.core.words import days_words, long_date
from growthwatch.references.links import Link

__all__ = ["adjusted_words"]


def adjusted_words(facts: ChartFacts) -> list[str]:
    """Of an adjusted reference: who and until when, and for each link how far and why."""
    out = list(facts.adjustments)
    for link in facts.reference.links:
        end = link.last_day(float(facts.age_days))
        out.append(f"{_size(facts, link)}. Reason: {link.because}. Last day: {long_date(end)}.")
    return out


def _size(facts: ChartFacts, link: Link) -> str:
    """How far a link moves the lines, in words."""
    bounds = {name: (least, most) for name, least, most in link.bounds}
    base = facts.reference.base.info.short_title
    if link.kind == "age-shift" and "days" in bounds:
        days = round(bounds["days"][0])
        return f"Lines of {base} as for a child {days_words(abs(days))} {'younger' if days < 0 else 'older'}"
    if link.kind != "shift-scale" or "shift" not in bounds:
        return f"Lines of {base}: {link.says}"
    parts = [_shift_words(*bounds["shift"])]
    if bounds.get("scale", (1.0, 1.0)) != (1.0, 1.0):
        least, most = bounds["scale"]
        share = f"{least:g}" if least == most else f"{least:g} to {most:g}"
        parts.append(f"their spread {share} times as wide")
    return f"Lines of {base} {', '.join(parts)}"


def _shift_words(least: float, most: float) -> str:
    if least == most == 0:
        return "not moved"
    spaces = [UK_NINE.spaces(abs(v)) for v in (least, most)]
    if least == most:
        size = f"{abs(least):g} SD ({spaces[0]:.1f} centile spaces)"
        return f"moved {'down' if least < 0 else 'up'} by {size}"
    if least < 0 < most:
        return f"moved by {least:g} to {most:+g} SD with age"
    low, high = sorted((abs(least), abs(most)))
    way = "down" if least < 0 else "up"
    return f"moved {way} by {low:g} to {high:g} SD with age ({max(spaces):.1f} centile spaces at most)"
