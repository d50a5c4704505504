"""Charts within a page: pictures that it carries, one for paper and one for a telephone, with words in their place."""

from __future__ import annotations

import base64
import datetime as dt
from dataclasses import dataclass
from typing import Any

from growthwatch.charts import chart
from growthwatch.core.errors import GrowthwatchError
from growthwatch.protocol import Protocol
from growthwatch.record import Record
from growthwatch.references import Reference

__all__ = ["Picture", "picture"]

_WITHOUT = ("birth", "sex")
"""What a record may lack so that nothing can be drawn of it."""


@dataclass(frozen=True)
class Picture:
    """A chart as a page carries it.

    Attributes
    ----------
    kind
        Of the chart.
    wide, small
        PNG as data that stands in the page: for paper and screen, and for a telephone.
    width, height
        Of the wide one [pixels].
    alt
        What it shows, in words.
    table
        Its rows.
    """

    kind: str
    wide: str
    small: str
    width: int
    height: int
    alt: str
    table: tuple[dict[str, Any], ...]


def picture(
    record: Record,
    kind: str,
    protocol: Protocol,
    as_of: dt.datetime,
    known_at: dt.datetime,
    reference: str | Reference = "uk-who",
) -> Picture | None:
    """Draw a chart for a page; None where the record has no birth or no sex, so that nothing can be drawn.

    Raises
    ------
    GrowthwatchError
        For any other reason why it cannot be drawn.
    """
    given: dict[str, Any] = {"protocol": protocol, "as_of": as_of, "known_at": known_at, "reference": reference}
    try:
        wide, small = (chart(record, kind=kind, size=size, **given) for size in ("page", "600px"))
    except GrowthwatchError as e:
        if e.field in _WITHOUT:
            return None
        raise
    width, height = (round(v) for v in wide.get_size_inches() * wide.dpi)
    return Picture(
        kind, _data(wide.png()), _data(small.png()), width, height, wide.alt_text, tuple(map(dict, wide.table))
    )


def _data(png: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"
