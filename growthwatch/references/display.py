"""What a reference looks like in a notebook and on its page: words, coverage, and its lines as an SVG.

The drawing is plain text made here: nothing is imported to draw it.
"""

from __future__ import annotations

import html
from collections.abc import Sequence

import numpy as np

from growthwatch.core.centiles import UK_NINE
from growthwatch.core.html_table import Part, Table, display
from growthwatch.core.sex import SEXES
from growthwatch.core.units import DAYS_PER_YEAR, TERM_DAYS
from growthwatch.core.words import long_date
from growthwatch.references.adjusting import notices
from growthwatch.references.births import shown
from growthwatch.references.coverage import Coverage, coverage
from growthwatch.references.curves import MeasureCurves
from growthwatch.references.distributions import Floats
from growthwatch.references.links import Link
from growthwatch.references.metadata import ReferenceInfo
from growthwatch.references.source import Source

__all__ = ["births_words", "coverage_words", "lines_svg", "reference_html"]

_WIDE, _HIGH = 340, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 34, 20, 32
_POINTS = 90
_LABEL = 6.5
_INK, _GREY = "#0072B2", "#595959"


def reference_html(source: Source) -> str:
    """Show what a reference is, what it covers, and its nine lines for its first measure."""
    info = source.info
    links = source.links
    general = (
        f"none in {source.base.id}; what is adjusted for stands above" if links else "none: the general population"
    )
    rows = [
        ("id", f"{source.id} ({source.hash})"),
        *((f"adjusted, {k}" if len(links) > 1 else "adjusted", _link_words(link)) for k, link in enumerate(links, 1)),
        ("kind", info.kind),
        ("condition", info.condition or general),
        ("population", info.population),
        ("published", info.citation),
        ("correction", source.correction),
        ("terms", info.terms),
        ("tables", births_words(info)),
        ("notes", info.notes),
        ("beside other programs", source.base.info.remark),
        ("covers", "; ".join(map(str, coverage(source)))),
    ]
    facts = Table("What it is", (), tuple((k, v) for k, v in rows if v))
    measure = source.measures[0]
    charts = tuple(
        lines_svg(one, measure, sex) for one in shown(source) for sex in SEXES if one.span(measure, sex) is not None
    )
    return display(info.title, [Part(table=facts), Part(f"Centile lines: {measure}", pictures=charts)], notices(source))


def births_words(info: ReferenceInfo) -> str:
    """By which fact of birth the table is chosen, and for which births there are tables; empty where there is none."""
    if info.table_by is None:
        return ""
    fact = "the completed week of gestation" if info.table_by == "gestation_days" else "the weight at birth"
    return f"chosen by {fact}: {'; '.join(b.label for b in info.births)}"


def _link_words(link: Link) -> str:
    """One adjustment whole: what, for which measures, why, who, and its days."""
    signed = "not dated: signed_on is missing" if link.signed_on is None else f"signed on {long_date(link.signed_on)}"
    beyond = f"; beyond the limits, signed off by {link.specialist}" if link.specialist else ""
    return (
        f"{', '.join(link.measures)}: {link.says}. Because: {link.because}. By {link.by}, {signed}; "
        f"counts until {long_date(link.review_by)}{beyond}"
    )


def lines_svg(source: Source, measure: str, sex: str) -> str:
    """Draw the nine lines of one measure and sex as an SVG element.

    Each official table is drawn by itself, up to its own bounds: a junction is never smoothed.
    """
    curves = source.curves(measure)
    stretches = _stretches(curves, SEXES.index(sex))
    xs = [float(v) for x, _ in stretches for v in (x[0], x[-1])]
    x0, x1 = min(xs), max(xs)
    if x0 == x1:  # figures at one age alone: a short stretch about it
        x0, x1 = x0 - 1, x1 + 1
    lowest = float(min(np.nanmin(y) for _, y in stretches))
    # A line that runs away (a very skew distribution near its end) leaves the frame; it does not squash the others.
    highest = float(min(max(np.nanmax(y) for _, y in stretches), 1.4 * max(np.nanmax(y[-2]) for _, y in stretches)))
    y_step = _step(highest - lowest, 7)
    y0, y1 = np.floor(lowest / y_step) * y_step, np.ceil(highest / y_step) * y_step

    def across(x: float) -> float:
        return _LEFT + (x - x0) / (x1 - x0) * (_WIDE - _LEFT - _RIGHT)

    def up(y: float) -> float:
        return _HIGH - _BOTTOM - (y - y0) / (y1 - y0) * (_HIGH - _TOP - _BOTTOM)

    unit = curves.info.unit.replace("m2", "m²")
    title = f"{source.info.short_title}: {measure} of {'boys' if sex == 'male' else 'girls'} [{unit}]"
    says = (
        f"{title}. Nine centile lines from the 0.4th to the 99.6th; the 50th runs from "
        f"{_middle(curves, sex, x0):.3g} to {_middle(curves, sex, x1):.3g} {unit}."
    )
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDE} {_HIGH}" width="{_WIDE}" height="{_HIGH}" '
            f'role="img" aria-label="{html.escape(says)}" font-family="sans-serif" font-size="9">'
        ),
        f"<title>{html.escape(says)}</title>",
        f'<rect width="{_WIDE}" height="{_HIGH}" fill="#fff"/>',
        f'<text x="{_LEFT}" y="12" font-size="10">{html.escape(title)}</text>',
        f'<path d="M{_LEFT} {_TOP}V{_HIGH - _BOTTOM}H{_WIDE - _RIGHT}" fill="none" stroke="{_GREY}"/>',
    ]
    for k in range(round((y1 - y0) / y_step) + 1):
        at = y0 + k * y_step
        parts.append(f'<text x="{_LEFT - 4}" y="{up(at) + 3:.1f}" text-anchor="end" fill="{_GREY}">{at:g}</text>')
    for at, words in _marks(curves, x0, x1):
        x = across(at)
        parts.append(
            f'<path d="M{x:.1f} {_HIGH - _BOTTOM}v3" stroke="{_GREY}" stroke-width=".7"/>'
            f'<text x="{x:.1f}" y="{_HIGH - _BOTTOM + 12}" text-anchor="middle" fill="{_GREY}">{words}</text>'
        )
    parts.append(
        f'<text x="{(_LEFT + _WIDE - _RIGHT) / 2:.0f}" y="{_HIGH - 6}" text-anchor="middle" fill="{_GREY}">'
        f"{_axis(curves, x1)}</text>"
    )
    ends: list[tuple[float, float, str]] = []
    for row, line in enumerate(UK_NINE.lines):
        path: list[str] = []
        last: tuple[float, float] | None = None
        for x, y in stretches:
            pen = "M"
            for a, b in zip(x.tolist(), y[row].tolist(), strict=True):
                if not b <= y1:  # outside the frame, or the distribution has no such value here
                    pen = "M"
                    continue
                last = across(a), up(b)
                path.append(f"{pen}{last[0]:.1f} {last[1]:.1f}")
                pen = "L"
        dash = ' stroke-dasharray="4 3"' if line.dashed else ""
        parts.append(f'<path d="{"".join(path)}" fill="none" stroke="{_INK}" stroke-width=".8"{dash}/>')
        if last is not None:
            ends.append((last[0] + 3, last[1] + 2.5, line.label))
    # Labels keep a line's distance from each other, and the middle one its place.
    ys = [y for _, y, _ in ends]
    for k in range(len(ys) // 2 + 1, len(ys)):
        ys[k] = min(ys[k], ys[k - 1] - _LABEL)
    for k in range(len(ys) // 2 - 1, -1, -1):
        ys[k] = max(ys[k], ys[k + 1] + _LABEL)
    parts += [f'<text x="{x:.1f}" y="{y:.1f}" font-size="7">{w}</text>' for (x, _, w), y in zip(ends, ys, strict=True)]
    return "".join(parts) + "</svg>"


def _stretches(curves: MeasureCurves, sex: int) -> list[tuple[Floats, Floats]]:
    """X, and a row of values for each line, for each official table that has figures for the sex."""
    z = np.array([line.z for line in UK_NINE.lines])
    span = curves.span(sex)
    assert span is not None
    out: list[tuple[Floats, Floats]] = []
    for info in curves.official:
        table = curves.tables[info.id][sex]
        if table is None:
            continue
        least = table.least if info.from_ is None else max(table.least, info.from_)
        most = table.most if info.until is None else min(table.most, info.until)
        count = max(12, round(_POINTS * (most - least) / (span[1] - span[0]))) if span[1] > span[0] else 2
        # More points where growth is fast: early in life.
        x = least + (most - least) * np.linspace(0, 1, count) ** (1.7 if least <= 0 else 1.0)
        xs, zs = np.tile(x, z.size), np.repeat(z, x.size)
        y = curves.value_in(info.id, zs, np.full(xs.size, sex, np.uint8), xs)
        out.append((x, y.reshape(z.size, x.size)))
    return out


def _middle(curves: MeasureCurves, sex: str, x: float) -> float:
    return float(curves.value(np.zeros(1), np.array([SEXES.index(sex)], np.uint8), np.array([x]))[0])


def _step(width: float, about: int) -> float:
    rough = width / about
    size = 10.0 ** np.floor(np.log10(rough))
    return float(next(s * size for s in (1, 2, 5, 10) if s * size >= rough))


def _axis(curves: MeasureCurves, most: float) -> str:
    if curves.info.x == "length_cm":
        return "length or height [cm]"
    if curves.info.latest_age_days == 0:
        return "gestation at birth [weeks]"
    return "weeks since the last period" if most < DAYS_PER_YEAR else "age [years]"


def _marks(curves: MeasureCurves, least: float, most: float) -> Sequence[tuple[float, str]]:
    if curves.info.x == "length_cm":
        step = _step(most - least, 6)
        return [(v, f"{v:g}") for v in np.arange(np.ceil(least / step) * step, most + 1e-9, step).tolist()]
    if most < DAYS_PER_YEAR:
        weeks = np.arange(np.ceil((least + TERM_DAYS) / 7), (most + TERM_DAYS) / 7 + 1e-9)
        every = max(1, int(_step(float(weeks[-1] - weeks[0]), 6))) if weeks.size > 1 else 1
        return [(7 * w - TERM_DAYS, f"{w:g}") for w in weeks.tolist() if w % every == 0]
    years = most / DAYS_PER_YEAR
    every = 1 if years < 8 else 2
    return [(y * DAYS_PER_YEAR, f"{y}") for y in range(0, int(years + 1e-9) + 1, every) if y * DAYS_PER_YEAR >= least]


def coverage_words(entries: Sequence[Coverage]) -> str:
    """Say where a measure begins and ends, once for both sexes where they agree."""
    if not entries:
        return "-"
    spans = {(c.least, c.most) for c in entries}
    if len(spans) == 1:
        return str(entries[0]).partition(": ")[2] + ("" if len(entries) == 2 else f" ({entries[0].sex} only)")
    return "; ".join(f"{c.sex}: {str(c).partition(': ')[2]}" for c in entries)
