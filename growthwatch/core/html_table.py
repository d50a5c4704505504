"""Small tables for notebooks: plain HTML, every text escaped, nothing imported to make them."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

__all__ = ["html_table"]


def html_table(title: str, heads: Sequence[str], rows: Iterable[Sequence[object]], after: str = "") -> str:
    """Write a title, a table and a line after it, as HTML; every text is escaped."""

    def cells(tag: str, row: Sequence[object]) -> str:
        style = ' style="text-align:left;vertical-align:top"'
        return "".join(f"<{tag}{style}>{html.escape(str(cell))}</{tag}>" for cell in row)

    body = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    end = f"<p>{html.escape(after)}</p>" if after else ""
    return f"<p><b>{html.escape(title)}</b></p><table><tr>{cells('th', heads)}</tr>{body}</table>{end}"
