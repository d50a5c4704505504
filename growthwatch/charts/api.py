"""The chart functions that people call."""

from __future__ import annotations

import datetime as dt
import math
import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from growthwatch.charts.facts import read_facts
from growthwatch.charts.png import check_path
from growthwatch.core.errors import GrowthwatchError
from growthwatch.protocol.document import Protocol
from growthwatch.record import Record
from growthwatch.references import Reference

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["alt_text", "chart", "chart_table"]

SIZES = {"a4": (11.69, 8.27), "a5": (8.27, 5.83)}
"""Landscape paper sizes [inches]."""

LEAST_SIZE, MOST_SIZE = (7.0, 5.0), (24.0, 24.0)
FURTHEST_LINE = 6.0
MOST_EXTRA = 6


def chart(
    record: Record,
    *,
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
    """Draw a child's weights on centile lines, by the drawing rules of the UK charts.

    Parameters
    ----------
    record
        The child's record.
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
        ``weight``.
    path
        Where to write a PNG of 200 dots per inch as well.
    identify
        Put the child's id into the title.  Otherwise nothing in picture or file identifies the child.
    title
        Text in place of the usual title.
    extra_lines
        Guide lines at these z, such as ``(-3, -4, -5)``.
    size
        ``a4``, ``a5`` (landscape), or width and height [inches].

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
    extra, inches = _extra(extra_lines), _inches(size)
    if title is not None and (not isinstance(title, str) or not title.strip()):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise GrowthwatchError.of("title", title, "text, or None")
    if not isinstance(identify, bool):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise GrowthwatchError.of("identify", identify, "True or False")
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
    from growthwatch.charts.drawing import draw

    figure = draw(facts, extra, inches, title, identify)
    if target is not None:
        from growthwatch.charts.png import write_png

        write_png(target, figure.png())
    return figure


def chart_table(
    record: Record,
    *,
    reference: str | Reference = "uk-who",
    correction: str | None = None,
    as_of: dt.date | None = None,
    known_at: dt.date | None = None,
    protocol: Protocol | None = None,
    measure: str = "weight",
) -> list[dict[str, Any]]:
    """Return the weighings that `chart` draws, as rows; arguments as for `chart`.

    Each row has ``age_days``, ``corrected_age_days`` (the age of the score), ``weight_kg``,
    ``z``, ``centile`` (None where there is no score, with the reason in ``status``),
    ``validity`` and ``reference`` (id and short hash).
    """
    return read_facts(
        record,
        reference=reference,
        correction=correction,
        as_of=as_of,
        known_at=known_at,
        protocol=protocol,
        measure=measure,
    ).table()


def alt_text(
    record: Record,
    *,
    reference: str | Reference = "uk-who",
    correction: str | None = None,
    as_of: dt.date | None = None,
    known_at: dt.date | None = None,
    protocol: Protocol | None = None,
    measure: str = "weight",
) -> str:
    """Return the chart in a sentence, for people who cannot see it; arguments as for `chart`."""
    return read_facts(
        record,
        reference=reference,
        correction=correction,
        as_of=as_of,
        known_at=known_at,
        protocol=protocol,
        measure=measure,
    ).alt_text


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


def _inches(size: Any) -> tuple[float, float]:
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
    return width, height
