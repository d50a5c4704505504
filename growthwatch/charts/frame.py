"""The frame of a chart: how much of the curves is shown, and the marks along its two axes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from growthwatch.charts.facts import AFTER_TERM_DAYS, ChartFacts, Point
from growthwatch.charts.lines import Stretch, highest, lowest
from growthwatch.core.centiles import UK_NINE
from growthwatch.core.units import DAYS_PER_MONTH, DAYS_PER_YEAR, TERM_DAYS
from growthwatch.protocol.child import SUSPECTED

__all__ = [
    "MOST_MARKS",
    "TERM_ZONE",
    "AgeAxis",
    "Caption",
    "age_axis",
    "age_range",
    "length_axis",
    "value_range",
    "value_ticks",
]

TERM_ZONE = (37 * 7 - TERM_DAYS, 14)
"""Birth at term: 37 weeks of gestation to 2 weeks after term [days from term]."""

LONG_STEPS = (6, 12, 24, 60, 120, 240, 600, 1200, 6000, 24_000)
"""Distances of figures on an axis of years [months]."""

MOST_MARKS, LEAST_WHOLE = 9, 3.0
"""Most marks of the upright axis; and how many whole units must be in view to be enough without parts of them."""

GAP = 21.0
"""Least distance between two marks on the age axis that carry a figure [points]."""


@dataclass(frozen=True, slots=True)
class Caption:
    """The unit of a stretch of the age axis, between two ages."""

    text: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class AgeAxis:
    """Marks of the age axis: with a figure, without, and the units underneath."""

    labelled: tuple[tuple[float, str], ...]
    plain: tuple[float, ...]
    captions: tuple[Caption, ...]


# --- how much is shown ----------------------------------------------------------------------


def age_range(facts: ChartFacts) -> tuple[float, float]:
    """Least and greatest age that is shown [days]: the data, today, a margin, and the start of life if it is near.

    Of weight for length they are lengths [cm].
    """
    span = facts.span()
    if facts.measure.by_length:
        return _length_range(facts, span)
    if facts.at_birth_only and span is not None:
        return math.floor(span[0] / 14) * 14.0, max(span[1], AFTER_TERM_DAYS) + 3.0
    ages = [float(x) for p in facts.points for x in p.places]
    # The axis ends on the day asked about, not at the last reading.
    ages = [*(ages or [0.0]), float(max(facts.age_days, 0))]
    low, high = first, final = min(ages), max(ages)
    if low < max(0.15 * high, 60.0):
        high = max(high + max(0.05 * high, 4.0), 8 * 7.0)
        low = math.floor((low - 8) / 14) * 14.0 if facts.by_gestation and low < 0 else float(TERM_ZONE[0])
    else:
        years = high / DAYS_PER_YEAR
        wanted = DAYS_PER_YEAR * (2.0 if years > 6 else 1.0 if years > 1 else 0.5)
        spare = max(wanted - (high - low), 0.1 * (high - low)) / 2
        low, high = low - spare, high + spare
    spans = [s for s in (span, *(facts.span(b.reference) for b in facts.beside)) if s is not None]
    if not spans:
        return low, high
    # No empty margin beyond the lines; and some lines in view where they begin late.
    begin, end = min(s[0] for s in spans), max(s[1] for s in spans)
    if begin <= first:
        low = max(low, min(begin, first - 7 if facts.by_gestation else first - 0.012 * (high - first)))
    if final <= end:
        high = min(high, max(end, final))
    if low < begin < high + 0.5 * (high - low):
        high = min(max(high, begin + 0.25 * (begin - low)), max(end, high))
    return _without_stub(low, high, first, final, span)


def _without_stub(
    low: float, high: float, first: float, final: float, span: tuple[float, float] | None
) -> tuple[float, float]:
    """Keep the margin of the data from showing a sliver of lines that begin or end beside them."""
    least = 0.08 * (high - low)
    if span is None:
        return low, high
    if final < span[0] < high:
        high = span[0]
    elif span[0] <= final and low < span[0] and high - span[0] < least:
        high = span[0] + least
    if low < span[1] < first:
        low = span[1]
    return low, high


def _length_range(facts: ChartFacts, span: tuple[float, float] | None) -> tuple[float, float]:
    lengths = [p.at for p in facts.points]
    if not lengths:
        return span or (45.0, 110.0)
    spare = max(8.0, 0.12 * (max(lengths) - min(lengths)))
    low, high = min(lengths) - spare, max(lengths) + spare
    if span is not None:
        low = max(low, min(span[0], min(lengths) - 1))
        high = min(high, max(span[1], max(lengths) + 1))
    return low, high


def _shown_points(facts: ChartFacts) -> list[Point]:
    return [p for p in facts.points if p.validity != SUSPECTED]


def value_range(
    facts: ChartFacts,
    nine: Sequence[Stretch],
    extra: Sequence[Stretch],
    low: float,
    high: float,
    outside: Sequence[Stretch] = (),
    standard: Sequence[Stretch] = (),
    rows: Sequence[int] = tuple(range(len(UK_NINE.lines))),
) -> tuple[float, float]:
    """Least and greatest value that is shown [unit of the measure]: the data and the lines near it.

    Two lines above the highest weighing and two below the lowest belong in view, and the
    middle one always; `rows` are those that are drawn.  A suspected weight is kept in view only as far as the lines
    reach.
    """
    shown = _shown_points(facts)
    scores = [p.z for p in shown if p.z is not None]
    reach = 2 * float(UK_NINE.space)
    top, bottom = rows[-1], rows[0]
    if scores:
        middle = rows.index(len(UK_NINE.lines) // 2)
        top = next((i for i in rows if UK_NINE.lines[i].z >= max(scores) + reach - 1e-9), top)
        bottom = next((i for i in reversed(rows) if UK_NINE.lines[i].z <= min(scores) - reach + 1e-9), bottom)
        top, bottom = max(top, rows[middle + 1]), min(bottom, rows[middle - 1])
    values = [p.value for p in shown]
    tops, bottoms = list(values), list(values)
    tops += [v for v in (highest(nine, top, low, high),) if v is not None]
    bottoms += [v for v in (lowest(nine, bottom, low, high),) if v is not None]
    for row in range(len(extra[0].z) if extra else 0):
        tops += [v for v in (highest(extra, row, low, high),) if v is not None]
        bottoms += [v for v in (lowest(extra, row, low, high),) if v is not None]
    # Lines of the standard where the child's own reference has none: the middle ones and those near the data.
    for row in (2, 4, 6):
        tops += [v for v in (highest(outside, row, low, high),) if v is not None]
        bottoms += [v for v in (lowest(outside, row, low, high),) if v is not None]
    # Beside the child's own lines, the standard's lowest and its middle one.
    for row in (0, 4):
        tops += [v for v in (highest(standard, row, low, high),) if v is not None]
        bottoms += [v for v in (lowest(standard, row, low, high),) if v is not None]
    if not tops:
        tops = bottoms = [p.value for p in facts.points] or [0.0, 1.0]
    most, least = max(tops), min(bottoms)
    for p in facts.points:
        spare = 0.25 * (most - least)
        if p.validity == SUSPECTED and least - spare <= p.value <= most + spare:
            most, least = max(most, p.value), min(least, p.value)
    height = max(most - least, 0.1 * most, 0.2)
    return max(0.0, least - 0.07 * height), most + 0.05 * height


# --- marks ----------------------------------------------------------------------------------


def value_ticks(low: float, high: float, most: int = MOST_MARKS) -> list[tuple[float, str]]:
    """Marks of the upright axis at a round distance: at whole units where there are three of them."""
    steps = (n * 10.0**k for k in range(-1, 12) for n in (1, 2, 3, 5) if (n, k) != (3, -1))
    step = next(s for s in steps if (high - low) / s <= most)
    if step < 1 and high - low >= LEAST_WHOLE:
        step = 1.0
    places = 1 if step < 1 else 0
    first, final = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [(k * step, f"{k * step:.{places}f}") for k in range(first, final + 1)]


def length_axis(low: float, high: float, width_points: float) -> AgeAxis:
    """Marks of an axis of lengths [cm]."""
    step = next(n for n in (1, 2, 5, 10, 20, 50, 100, 1000) if n * width_points / (high - low) >= GAP or n == 1000)
    first, final = math.ceil(low / step), math.floor(high / step)
    return AgeAxis(tuple((float(k * step), str(k * step)) for k in range(first, final + 1)), (), ())


def _step(choices: Sequence[int], unit: float, scale: float, gap: float = GAP) -> int | None:
    """The smallest number of units whose marks stand far enough apart, None if none does."""
    return next((n for n in choices if n * unit * scale >= gap), None)


def _year_label(months: int, fine: bool) -> str:
    years, rest = divmod(months, 12)
    if rest == 0:
        return f"{years}y" if fine else f"{years}"
    return f"{years}y {rest}m" if fine or rest != 6 else f"{years}½"


def age_axis(low: float, high: float, by_gestation: bool, width_points: float, final_week: int = 42) -> AgeAxis:
    """Choose the marks of the age axis.

    Weeks of gestation before 42 weeks (where ages are corrected for it, or births are judged; to `final_week`
    on a chart of births), then weeks, months (to 3 years where the chart ends by then, else to 2), and whole and half
    years; years and months only where there are no three halves in view.
    """
    scale = width_points / (high - low)
    labelled: list[tuple[float, str]] = []
    plain: list[float] = []
    captions: list[Caption] = []

    def add(unit: str, marks: list[tuple[float, str]], gap: float = GAP) -> None:
        room = [m for m in marks if low - 1e-6 <= m[0] <= high + 1e-6]
        if labelled:
            room = [m for m in room if (m[0] - labelled[-1][0]) * scale >= 0.8 * gap]
        labelled.extend(room)
        if room and unit:
            captions.append(Caption(unit, room[0][0], room[-1][0]))

    # Gestation.
    begin = 14.0
    if by_gestation and low < 0:
        step = _step((1, 2, 4, 8), 7, scale)
        if step is not None:
            weeks = range(math.ceil((low + TERM_DAYS) / 7), final_week + 1)
            add("gestation (weeks)", [((w * 7.0) - TERM_DAYS, str(w)) for w in weeks if (w - 40) % step == 0])
            plain += [(w * 7.0) - TERM_DAYS for w in weeks]
        elif low <= 0 <= high:
            add("", [(0.0, "0" if scale * DAYS_PER_MONTH < 6 else "Term")])
    if low <= 0 <= high and not any(x == 0 for x, _ in labelled):
        add("", [(0.0, "0" if scale * DAYS_PER_MONTH < 6 else "Birth")])

    # Weeks, up to 12 or, on a short chart, 26.
    by_months = _step((1, 2, 3, 6), DAYS_PER_MONTH, scale)
    last_week = 26 if high <= 27 * 7 else 12
    by_weeks = _step((1, 2, 4), 7, scale)
    first_month = 1
    if by_weeks is not None and low < last_week * 7:
        first_month = 6 if last_week == 26 else 3
        weeks_end = min(last_week * 7.0, first_month * DAYS_PER_MONTH - 0.8 * GAP / scale if last_week == 12 else high)
        weeks = [w for w in range(1, last_week + 1) if w * 7 >= begin - 7 and w * 7 <= weeks_end]
        add("weeks", [(w * 7.0, str(w)) for w in weeks if w % by_weeks == 0], GAP + 6 if by_gestation else GAP)
        plain += [w * 7.0 for w in weeks if scale * 7 >= 4]

    # Months to 2 years, a little beyond if the chart ends soon after.
    years_from = 24
    if by_months is not None and low < 24 * DAYS_PER_MONTH and high > first_month * DAYS_PER_MONTH:
        final = 36 if high < 37 * DAYS_PER_MONTH else 23
        if last_week == 12 or by_weeks is None:
            months = list(range(first_month, final + 1))
            add("months", [(m * DAYS_PER_MONTH, str(m)) for m in months if m % by_months == 0])
            plain += [m * DAYS_PER_MONTH for m in months if scale * DAYS_PER_MONTH >= 4]
        years_from = 24 if final == 23 else 10_000
    elif by_months is None:
        years_from = 12

    # Years: with months before 4 years, with half-years from then.
    if years_from * DAYS_PER_MONTH <= high:
        # With few half-years in view, months too.
        part = high - max(low, years_from * DAYS_PER_MONTH)
        few = part < 1.5 * DAYS_PER_YEAR and part > 0.5 * (high - low)
        fine = None
        if few and (low >= 23 * DAYS_PER_MONTH or by_months is not None):
            fine = _step((1, 2, 3), DAYS_PER_MONTH, scale, 36.0)
        early = fine or _step((6, 12, 24), DAYS_PER_MONTH, scale, GAP + 3)
        late = _step(LONG_STEPS, DAYS_PER_MONTH, scale, GAP + 3)
        months = range(years_from, math.ceil(high / DAYS_PER_MONTH) + 1)
        worded = fine is not None and low < 48 * DAYS_PER_MONTH
        marks = [
            (m * DAYS_PER_MONTH, _year_label(m, worded))
            for m in months
            if (step := early if m < 48 or few else late) is not None and m % step == 0
        ]
        add("" if worded else "years", marks)
        small = _step((1, 3, 6, 12), DAYS_PER_MONTH, scale, 6.0)
        plain += [m * DAYS_PER_MONTH for m in months if small is not None and m % small == 0]
    taken = {round(x, 6) for x, _ in labelled}
    bare = sorted({round(x, 6) for x in plain if low <= x <= high} - taken)
    return AgeAxis(tuple(labelled), tuple(bare), tuple(captions))
