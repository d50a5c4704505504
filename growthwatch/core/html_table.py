"""How an object shows itself in a notebook: headings in order, lists, and tables that have a caption and scopes.

With Jinja2 the templates beside this file are used, the tables of which pages use, too; without it the same is written
in a plainer form.  Every text is escaped either way.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from typing import Any, NamedTuple

__all__ = ["Part", "Table", "display", "html_table", "template_text"]


class Table(NamedTuple):
    """A table: its caption, the heads of its columns, and its rows; which cell names a row, by its place.

    Without heads it is a list of facts, each row with its name first.
    """

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    names: int = 0


class Part(NamedTuple):
    """A part of what is shown: a heading, sentences, a list, a table, pictures (SVG made here, not escaped)."""

    title: str = ""
    words: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    table: Table | None = None
    pictures: tuple[str, ...] = ()


def template_text(name: str) -> str:
    """Return a template that all rooms share."""
    return (files("growthwatch.core") / "templates" / name).read_text("utf-8")


@cache
def _template() -> Any:
    """The template, or None where Jinja2 is not installed."""
    if find_spec("jinja2") is None:
        return None
    import jinja2

    made: Any = jinja2.Environment(
        loader=jinja2.FunctionLoader(template_text),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    return made.get_template("display.html")


def display(title: str, parts: Iterable[Part], above: Sequence[str] = ()) -> str:
    """Write what an object shows of itself, as a piece of HTML that needs nothing else.

    Parameters
    ----------
    title
        Its heading, of the second level: a notebook has its own title above.
    parts
        What stands below, in order.
    above
        What must not be read past.
    """
    told = tuple(parts)
    made = _template()
    if made is not None:
        return made.render(title=title, above=tuple(above), parts=told)
    out = [f"<h2>{html.escape(title)}</h2>"]
    out += [f"<p><strong>{html.escape(words)}</strong></p>" for words in above]
    for part in told:
        out += [f"<h3>{html.escape(part.title)}</h3>"] if part.title else []
        out += [f"<p>{html.escape(words)}</p>" for words in part.words]
        if part.items:
            out.append("<ul>" + "".join(f"<li>{html.escape(words)}</li>" for words in part.items) + "</ul>")
        out += [_plain(part.table)] if part.table is not None else []
        out += [f"<div>{''.join(part.pictures)}</div>"] if part.pictures else []
    return f'<div class="growthwatch">{"".join(out)}</div>'


def html_table(
    title: str, heads: Sequence[str], rows: Iterable[Sequence[object]], after: str = "", names: int = 0
) -> str:
    """Write a heading, a table of that name, and a line after it, as `display` does.

    Parameters
    ----------
    title
        The heading, and the caption of the table.
    heads, rows
        Heads of columns, and the cells.
    after
        A line that stands below.
    names
        Which cell names its row, by its place.
    """
    cells = tuple(tuple(str(cell) for cell in row) for row in rows)
    table = Part(table=Table(title, tuple(heads), cells, names))
    return display(title, [table, *([Part(words=(after,))] if after else [])])


def _plain(t: Table) -> str:
    def row(cells: Sequence[str]) -> str:
        told = (
            f'<th scope="row">{html.escape(c)}</th>' if k == t.names else f"<td>{html.escape(c)}</td>"
            for k, c in enumerate(cells)
        )
        return f"<tr>{''.join(told)}</tr>"

    heads = "".join(f'<th scope="col">{html.escape(h)}</th>' for h in t.heads)
    head = f"<thead><tr>{heads}</tr></thead>" if heads else ""
    body = "".join(map(row, t.rows))
    return f"<table><caption>{html.escape(t.caption)}</caption>{head}<tbody>{body}</tbody></table>"
