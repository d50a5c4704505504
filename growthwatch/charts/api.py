"""The chart functions that people call."""

from __future__ import annotations

import datetime as dt
import math
import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from growthwatch.charts.newborn_words import alt_text as newborn_words
from growthwatch.charts.newborn_words import table as newborn_table
from growthwatch.charts.png import check_path
from growthwatch.charts.reading import read_facts, read_newborn
from growthwatch.charts.words import alt_text as words_of
from growthwatch.charts.words import table as rows_of
from growthwatch.core.errors import GrowthwatchError
from growthwatch.protocol.document import Protocol
from growthwatch.record import Record
from growthwatch.references import Reference

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["alt_text", "chart", "chart_table"]

SIZES = {
    "a4": (11.69, 8.27, 200),
    "a5": (8.27, 5.83, 200),
    "page": (7.4, 5.6, 200),
    "600px": (5.0, 6.0, 120),
}
"""Width and height [inches], and dots per inch: landscape papers, the width of an upright sheet of A4
within its margins, and 600 pixels for a telephone or a column, with letters of 13 pixels and more."""

KINDS = ("growth", "newborn")
"""The kinds of chart."""

DPI = 200
LEAST_SIZE, MOST_SIZE = (7.0, 5.0), (24.0, 24.0)
FURTHEST_LINE = 6.0
MOST_EXTRA = 6


def chart(
    record: Record,
    *,
    kind: str = "growth",
    reference: str | Reference = "uk-who",
    correction: str | None = None,
    as_of: dt.date | None = None,
    known_at: dt.date | None = None,
    protocol: Protocol | None = None,
    measure: str = "weight",
    path: str | os.PathLike[str] | None = None,
    identify: bool = False,
    title: str | None = None,
    extra_lines: Iterable[float] = (),
    size: str | tuple[float, float] = "a4",
) -> Figure:
    """Draw a child's growth on centile lines, by the drawing rules of the UK charts.

    Parameters
    ----------
    record
        The child's record.
    kind
        ``growth``: readings on centile lines.  ``newborn``: the weights of days 0 to 21 in per cent of birth weight.
    reference
        The reference of the lines, or its id.
    correction
        ``paper``, ``lifelong`` or ``none``; the reference's own default if None.
    as_of
        The moment asked about; a date means the end of that day.  None: the last thing known.
    known_at
        Only what had been recorded by then is drawn; `as_of` if None.
    protocol
        Whose rules decide which weights are valid; the packaged ``uk-hv`` if None.
    measure
        ``weight``, ``height``, ``head``, ``bmi``, ``arm``, ``weight-for-length``, ``weight-for-height`` or
        ``triceps-skinfold``, where the reference has it.
    path
        Where to write a PNG of 200 dots per inch as well.
    identify
        Put the child's id into the title.  Otherwise nothing in picture or file identifies the child.
    title
        Text in place of the usual title.
    extra_lines
        Guide lines at these z, such as ``(2.5, 3)``.  Those at -3, -4 and -5 come by themselves where a
        reading lies below the lowest of the nine lines.
    size
        ``a4``, ``a5`` (landscape), ``page`` (the width of an upright A4 sheet within its margins), ``600px``
        (600 pixels wide), or width and height [inches].

    Returns
    -------
    matplotlib.figure.Figure
        With ``alt_text``; it belongs to no global state and shows itself in a notebook.

    Raises
    ------
    GrowthwatchError
        For a wrong argument, a record without birth or sex at that moment, or a path that
        cannot be written.

    References
    ----------
    RCPCH, Digital Growth Charts, client specification: lines, dashes, dots and crosses,
    breaks between data sets, axes.
    """
    extra, inches = _extra(extra_lines), _size(size)
    if title is not None and (not isinstance(title, str) or not title.strip()):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise GrowthwatchError.of("title", title, "text, or None")
    if not isinstance(identify, bool):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise GrowthwatchError.of("identify", identify, "True or False")
    of_newborn = _newborn(kind, measure)
    target = None if path is None else check_path(path)
    facts = read_facts(
        record,
        reference=reference,
        correction=correction,
        as_of=as_of,
        known_at=known_at,
        protocol=protocol,
        measure=measure,
    )
    if of_newborn:
        from growthwatch.charts.newborn import draw_newborn as draw

        drawn: Any = read_newborn(facts, protocol)
    else:
        from growthwatch.charts.drawing import draw

        drawn = facts
    figure: Any = draw(drawn, inches, title, identify, extra)
    if target is not None:
        from growthwatch.charts.png import write_png

        write_png(target, figure.png())
    return figure


def chart_table(
    record: Record,
    *,
    kind: str = "growth",
    reference: str | Reference = "uk-who",
    correction: str | None = None,
    as_of: dt.date | None = None,
    known_at: dt.date | None = None,
    protocol: Protocol | None = None,
    measure: str = "weight",
) -> list[dict[str, Any]]:
    """Return the readings that `chart` draws, as rows; arguments as for `chart`.

    Each row has ``age_days``, ``corrected_age_days`` (the age of the score), the reading (``weight_kg``,
    ``height_cm``, ``head_cm``, ``arm_cm``, ``bmi``; with ``length_cm`` where one belongs to it),
    ``z``, ``centile`` (None where there is no score, with the reason in ``status``), ``validity`` and
    ``reference`` (id and short hash); beside an adjusted reference also ``unadjusted_z`` and its like,
    beside one of a condition ``standard_z`` and its like.  Of kind ``newborn``: ``age_days``,
    ``weight_kg``, ``change_percent`` and ``validity``.
    """
    of_newborn = _newborn(kind, measure)
    facts = read_facts(
        record,
        reference=reference,
        correction=correction,
        as_of=as_of,
        known_at=known_at,
        protocol=protocol,
        measure=measure,
    )
    return newborn_table(read_newborn(facts, protocol)) if of_newborn else rows_of(facts)


def alt_text(
    record: Record,
    *,
    kind: str = "growth",
    reference: str | Reference = "uk-who",
    correction: str | None = None,
    as_of: dt.date | None = None,
    known_at: dt.date | None = None,
    protocol: Protocol | None = None,
    measure: str = "weight",
) -> str:
    """Return the chart in a sentence, for people who cannot see it; arguments as for `chart`."""
    of_newborn = _newborn(kind, measure)
    facts = read_facts(
        record,
        reference=reference,
        correction=correction,
        as_of=as_of,
        known_at=known_at,
        protocol=protocol,
        measure=measure,
    )
    return newborn_words(read_newborn(facts, protocol)) if of_newborn else words_of(facts)


def _newborn(kind: object, measure: object) -> bool:
    """Whether the chart of the first weeks is meant."""
    if kind not in KINDS:
        raise GrowthwatchError.of("kind", kind, f"one of {list(KINDS)}")
    if kind == "newborn" and measure != "weight":
        raise GrowthwatchError.of("measure", measure, "'weight', which the chart of the first weeks is of")
    return kind == "newborn"


def _extra(lines: Any) -> tuple[float, ...]:
    expected = f"at most {MOST_EXTRA} numbers from {-FURTHEST_LINE:g} to {FURTHEST_LINE:g}, such as (-3, -4, -5)"
    if isinstance(lines, str) or not isinstance(lines, Iterable):
        raise GrowthwatchError.of("extra_lines", lines, expected)
    found: list[Any] = list(lines)  # pyright: ignore[reportUnknownArgumentType]
    for z in found:
        fine = isinstance(z, int | float) and not isinstance(z, bool) and math.isfinite(z) and abs(z) <= FURTHEST_LINE
        if not fine:
            raise GrowthwatchError.of("extra_lines", z, expected)
    if len(found) > MOST_EXTRA:
        raise GrowthwatchError.of("extra_lines", found, expected)
    return tuple(sorted({float(z) for z in found}))


def _size(size: Any) -> tuple[float, float, int]:
    expected = f"one of {sorted(SIZES)}, or width and height in inches from {LEAST_SIZE} to {MOST_SIZE}"
    if isinstance(size, str):
        if size not in SIZES:
            raise GrowthwatchError.of("size", size, expected)
        return SIZES[size]
    try:
        width, height = (float(v) for v in size)
    except (TypeError, ValueError):
        raise GrowthwatchError.of("size", size, expected) from None
    if not (LEAST_SIZE[0] <= width <= MOST_SIZE[0] and LEAST_SIZE[1] <= height <= MOST_SIZE[1]):
        raise GrowthwatchError.of("size", size, expected)
    return width, height, DPI
