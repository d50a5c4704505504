"""The chart functions that people call."""

from __future__ import annotations

import datetime as dt
import math
import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, cast

from growthwatch.charts.files import check_path, write_file
from growthwatch.charts.kinds import KINDS, MANY, NO_PAPER, SIZES, Kind, Many, Sizes
from growthwatch.charts.measures import named
from growthwatch.charts.multiples_facts import read_multiples
from growthwatch.charts.reading import choose_reference, facts_of
from growthwatch.charts.sources import read_source
from growthwatch.core.errors import GrowthwatchError
from growthwatch.protocol import Comparison, compare
from growthwatch.protocol.document import Protocol
from growthwatch.record import Record
from growthwatch.references import Reference

if TYPE_CHECKING:
    from growthwatch.charts.panel import GrowthChart

__all__ = ["alt_text", "chart", "chart_table"]

DPI = 200
LEAST_SIZE, MOST_SIZE = (7.0, 5.0), (24.0, 24.0)
FURTHEST_LINE = 6.0
MOST_EXTRA = 6


def chart(
    record: Record | Iterable[Record] | Comparison,
    *,
    kind: str = "growth",
    reference: str | Reference = "uk-who",
    correction: str | None = None,
    as_of: dt.date | None = None,
    known_at: dt.date | None = None,
    protocol: Protocol | None = None,
    against: Protocol | None = None,
    measure: str = "weight",
    path: str | os.PathLike[str] | None = None,
    csv: bool = False,
    identify: bool = False,
    title: str | None = None,
    extra_lines: Iterable[float] = (),
    size: str | tuple[float, float] = "a4",
) -> GrowthChart:
    """Draw a chart of one child, by the drawing rules of the UK charts.

    Parameters
    ----------
    record
        The child's record; of kinds of many children their records, in the order in which they are to stand.
    kind
        ``growth``: readings on centile lines.  ``newborn``: the weights of days 0 to 21 in per cent of birth weight.
        ``events``: what happened around the weight, lane by lane.  ``trajectory``: what was to be expected, what is
        likely next, the evidence, and what a fall is made of.  ``z``: z against age, joined within a table.
        ``family``: a shaded part, two named lines, and dots.
        Of many children: ``multiples``: small charts on one scale.  ``protocol-comparison``: what `protocol` in place
        of `against` would have changed up to `as_of`, or a `Comparison` that is there already.
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
    against
        The protocol that `protocol` is compared with; of kind ``protocol-comparison`` only.
    measure
        ``weight``, ``height``, ``head``, ``bmi``, ``arm``, ``weight-for-length``, ``weight-for-height`` or
        ``triceps-skinfold``, where the reference has it.  Kinds other than ``growth`` and ``z`` are of weight.
    path
        Where to write the picture as well: PNG (200 dots per inch), SVG or PDF, by how it ends.
    csv
        Write what is drawn beside it, as a file of the same name that ends in ``.csv``.
    identify
        Show the child's id.  Otherwise nothing in picture or file identifies the child.
    title
        Text in place of the usual title.
    extra_lines
        Guide lines at these z, such as ``(2.5, 3)``, of kind ``growth``.  Those at -3, -4 and -5 come by themselves
        where a reading lies below the lowest of the nine lines.
    size
        ``a4``, ``a5`` (landscape), ``page`` (the width of an upright A4 sheet within its margins), ``600px``
        (600 pixels wide), or width and height [inches].

    Returns
    -------
    GrowthChart
        A matplotlib figure with ``alt_text``, ``table``, ``png()``, ``svg()``, ``pdf()`` and ``csv()``; it belongs to
        no global state and shows itself in a notebook.

    Raises
    ------
    GrowthwatchError
        For a wrong argument, a record without birth or sex at that moment, an id that is to be shown and cannot be
        drawn, or a path that cannot be written.

    References
    ----------
    RCPCH, Digital Growth Charts, client specification: lines, dashes, dots and crosses,
    breaks between data sets, axes.
    """
    many = MANY.get(kind) if isinstance(kind, str) else None  # pyright: ignore[reportUnnecessaryIsInstance]
    of = _kind(kind, measure) if many is None else many
    extra, inches = _extra(extra_lines, of), _size(size, of.sizes)
    if title is not None and (not isinstance(title, str) or not title.strip()):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise GrowthwatchError.of("title", title, "text, or None")
    for name, flag in (("identify", identify), ("csv", csv)):
        if not isinstance(flag, bool):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise GrowthwatchError.of(name, flag, "True or False")
    if csv and path is None:
        raise GrowthwatchError.of("path", path, "the path of the picture that the table is written beside")
    if against is not None and kind != "protocol-comparison":
        raise GrowthwatchError.of("against", against, f"None: a chart of kind {kind!r} compares no protocols")
    target = None if path is None else check_path(path)
    if many is not None:
        if measure != "weight":
            raise GrowthwatchError.of("measure", measure, f"'weight', which a chart of kind {kind!r} is of")
        drawn = _read_many(many.name, record, reference, correction, as_of, known_at, protocol, against, identify)
    else:
        assert isinstance(of, Kind)
        drawn = _read(of, record, reference, correction, as_of, known_at, protocol, measure)
    from growthwatch.charts.drawn import drawn_as

    figure = drawn_as(of.name, drawn, inches, title, identify, extra)
    figure.table = tuple(of.table(drawn))
    if target is not None:
        write_file(target, figure.bytes_as(target.suffix))
        if csv:
            write_file(target.with_suffix(".csv"), figure.csv().encode())
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
    """Return what `chart` draws, as rows; arguments as for `chart`.

    Each row of kind ``growth`` has ``age_days``, ``corrected_age_days`` (the age of the score), the reading
    (``weight_kg``, ``height_cm``, ``head_cm``, ``arm_cm``, ``bmi``; with ``length_cm`` where one belongs to it),
    ``z``, ``centile`` (None where there is no score, with the reason in ``status``), ``validity`` and
    ``reference`` (id and short hash); beside an adjusted reference also ``unadjusted_z`` and its like,
    beside one of a condition ``standard_z`` and its like.  Of kind ``newborn``: ``age_days``,
    ``weight_kg``, ``change_percent`` and ``validity``.  Of kind ``events``: ``lane``, ``from_age_days``,
    ``until_age_days`` (None while it goes on), ``what``, ``says`` and ``weight_kg``.
    """
    of = _kind(kind, measure)
    return of.table(_read(of, record, reference, correction, as_of, known_at, protocol, measure))


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
    """Return the chart in words, for people who cannot see it; arguments as for `chart`."""
    of = _kind(kind, measure)
    return of.alt_text(_read(of, record, reference, correction, as_of, known_at, protocol, measure))


def _read(
    of: Kind,
    record: object,
    reference: object,
    correction: str | None,
    as_of: dt.date | None,
    known_at: dt.date | None,
    protocol: object,
    measure: str,
) -> Any:
    """What one kind of chart shows of a record at a moment."""
    if not isinstance(record, Record):
        raise GrowthwatchError.of("record", record, "a Record, such as Record.load('child.json')")
    what, curves = named(measure), choose_reference(reference, correction)
    if what.name not in curves.measures:
        curves.curves(what.name)  # raises, naming the measures that there are
    source = read_source(record, as_of, known_at, protocol)
    return of.read(source, facts_of(source, curves, what))


def _read_many(
    kind: str,
    records: object,
    reference: object,
    correction: str | None,
    as_of: dt.date | None,
    known_at: dt.date | None,
    protocol: Protocol | None,
    against: Protocol | None,
    identify: bool,
) -> Any:
    """What one kind of chart shows of many records."""
    if kind == "protocol-comparison":
        if isinstance(records, Comparison):
            return records
        for name, given in (("against", against), ("protocol", protocol)):
            if not isinstance(given, Protocol):
                raise GrowthwatchError.of(name, given, "a Protocol: the old one is `against`, the new one `protocol`")
        if as_of is None:
            raise GrowthwatchError.of("as_of", None, "the last day that is judged")
        assert against is not None and protocol is not None
        return compare(cast("Iterable[Record]", records), against, protocol, until=as_of)
    if isinstance(records, Record | str | bytes) or not isinstance(records, Iterable):
        raise GrowthwatchError.of("record", records, f"Records, of one child each: a chart of kind {kind!r} is of many")
    found = cast("Iterable[Record]", records)
    curves = choose_reference(reference, correction)
    return read_multiples(found, curves, as_of, known_at, protocol, identify)


def _kind(kind: object, measure: object) -> Kind:
    """The kind of chart that is meant."""
    of = KINDS.get(kind) if isinstance(kind, str) else None
    if of is None:
        known = kind if isinstance(kind, str) and kind in MANY else None
        words = f"one of {list(KINDS)}" if known else f"one of {[*KINDS, *MANY]}"
        raise GrowthwatchError.of("kind", kind, words)
    if of.weight_only and measure != "weight":
        raise GrowthwatchError.of("measure", measure, f"'weight', which a chart of kind {kind!r} is of")
    return of


def _extra(lines: Any, of: Kind | Many) -> tuple[float, ...]:
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
    if found and not (isinstance(of, Kind) and of.on_lines):
        raise GrowthwatchError.of("extra_lines", found, f"none: only kind 'growth' has them, not {of.name!r}")
    return tuple(sorted({float(z) for z in found}))


def _size(size: Any, sizes: Sizes = SIZES) -> tuple[float, float, int, bool]:
    expected = f"one of {sorted(sizes)}, or width and height in inches from {LEAST_SIZE} to {MOST_SIZE}"
    if isinstance(size, str):
        if size not in sizes:
            raise GrowthwatchError.of("size", size, expected)
        return *sizes[size], size in NO_PAPER
    try:
        width, height = (float(v) for v in size)
    except (TypeError, ValueError):
        raise GrowthwatchError.of("size", size, expected) from None
    if not (LEAST_SIZE[0] <= width <= MOST_SIZE[0] and LEAST_SIZE[1] <= height <= MOST_SIZE[1]):
        raise GrowthwatchError.of("size", size, expected)
    return width, height, DPI, False
