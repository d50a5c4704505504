"""What an event chart says: heading, alternative text, small print and table."""

from __future__ import annotations

from typing import Any

import growthwatch
from growthwatch.charts.events_facts import EventFacts
from growthwatch.charts.facts import Point
from growthwatch.charts.words import age_words, boy_or_girl, minus, moment_words, warnings
from growthwatch.core.centiles import UK_NINE
from growthwatch.core.words import count_words, days_words, kg_words, list_words, percent_words

__all__ = ["alt_text", "footer", "metadata", "summary", "table", "title"]


def title(facts: EventFacts, short: bool = False) -> str:
    """The usual title."""
    chart = facts.chart
    his = "his" if chart.sex == "male" else "her"
    if short:
        return f"What happened around {his} weight"
    age = "newborn" if chart.age_days == 0 else age_words(chart, chart.age_days)
    more = f", {facts.conditions}" if facts.conditions else ""
    return f"What happened around {his} weight: {boy_or_girl(chart)}, {age}{more}"


def summary(facts: EventFacts) -> str:
    """What happened since the best weight, and what became of the weight."""
    chart, n = facts.chart, facts.counts
    his = "his" if chart.sex == "male" else "her"
    days = facts.until - facts.counted_from
    if facts.falls:
        ago = "ago" if chart.died_age_days is None else "before death"
        start = f"Since {his} best weight, {days_words(days)} {ago}"
    elif facts.counted_from == 0:
        start = "Since birth"
    else:
        start = f"In the last {days_words(days)}"
    seen = f"seen on {count_words(n.seen, 'day')}, weighed so that it counts on {n.weighed}"
    rest = [
        _some(n.concerns, "concern"),
        f"{_some(n.missed, 'appointment')} missed",
        f"{_some(n.unanswered, 'request')} not answered",
        f"{_some(n.closed, 'referral')} closed",
    ]
    words = f"{start}: {seen}; {', '.join(rest)}."
    last, best = chart.last, facts.best
    if facts.falls and last is not None and best is not None:
        lost = percent_words(100 * (best.value - last.value) / best.value)
        words += f" Weight {kg_words(best.value)} → {kg_words(last.value)}: −{lost}.{_places(best, last)}"
    return words


def _some(n: int, word: str) -> str:
    return f"no {word}" if n == 0 else count_words(n, word)


def _places(best: Point, last: Point) -> str:
    if best.z is None or last.z is None:
        return ""
    before, now = (UK_NINE.describe(z) for z in (best.z, last.z))
    return f" It was {before}, and is {now}." if before != now else f" It is {now} as before."


def alt_text(facts: EventFacts) -> str:
    """The chart in words: first what must be known, then what is open, then lane by lane."""
    out = [f"Event chart. {title(facts)}.", *warnings(facts.chart), minus(summary(facts))]
    for lane in facts.lanes:
        waiting = [s.says for s in lane.spans if s.goes_on and s.style in ("open", "gap") and s.says]
        out += [f"{lane.name}: {words}." for words in waiting]
    empty = [lane.name for lane in facts.lanes if not lane.marks and not lane.spans]
    if empty:
        out.append(f"Nothing is recorded in: {list_words(empty).lower()}.")
    out.append(f"Watched today: {facts.tier}.")
    return " ".join(out)


def footer(facts: EventFacts) -> list[str]:
    """The small print: what is not in view, which lines, which protocol."""
    before = [count_words(n, "entry").replace("entrys", "entries") + f" in {name}" for name, n in facts.before.items()]
    weights = sum(p.age_days < facts.since for p in facts.chart.points)
    if weights:
        before.insert(0, count_words(weights, "weight"))
    earlier = f"Earlier, not in view: {list_words(before)}." if before else "Nothing was recorded before what is shown."
    others = [f"{name} ({n})" for name, n in facts.others.items()]
    not_drawn = f" Also recorded, not drawn: {', '.join(others)}." if others else ""
    return [
        f"Everything recorded by then is drawn, whoever recorded it. {earlier}{not_drawn}",
        f"An open end (arrow): nobody has answered. Lines: {facts.chart.reference.label}. Judged by {facts.protocol}.",
        moment_words(facts.chart),
    ]


def metadata(facts: EventFacts, text: str, description: str) -> dict[str, str]:
    """Text chunks of the picture."""
    return {
        "Title": text,
        "Software": f"growthwatch {growthwatch.__version__}",
        "Reference": facts.chart.reference.id,
        "Reference hash": facts.chart.reference.hash,
        "Protocol": facts.protocol,
        "As of": facts.chart.as_of.isoformat(),
        "Description": description,
    }


def table(facts: EventFacts) -> list[dict[str, Any]]:
    """What is drawn, as rows: the weights, then lane by lane."""
    rows: list[dict[str, Any]] = [
        _row("Weight", p.age_days, p.age_days, p.validity, kg_words(p.value), p.value) for p in facts.chart.points
    ]
    for lane in facts.lanes:
        rows += [_row(lane.name, m.age_days, m.age_days, m.shape, "; ".join(m.says)) for m in lane.marks]
        rows += [_row(lane.name, s.start, None if s.goes_on else s.end, s.style, s.says) for s in lane.spans]
    return rows


def _row(
    lane: str, start: int, end: int | None, what: str, says: str, weight_kg: float | None = None
) -> dict[str, Any]:
    return {
        "lane": lane, "from_age_days": start, "until_age_days": end, "what": what, "says": says, "weight_kg": weight_kg,
    }  # fmt: skip
