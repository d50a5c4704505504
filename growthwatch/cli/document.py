"""A protocol as a document on a terminal: the whole of it in words."""

from __future__ import annotations

from rich.console import RenderableType
from rich.padding import Padding

from growthwatch.cli.show import text
from growthwatch.protocol import Protocol
from growthwatch.protocol.answers.whole import document_parts

__all__ = ["show_document"]


def show_document(found: Protocol) -> list[RenderableType]:
    """The whole of a protocol in words, for a terminal."""
    out: list[RenderableType] = []
    for part in document_parts(found):
        out += [text(""), Padding(text(part.title, "bold"), (0, 0, 0, 2 * (part.depth - 1)))]
        for name, said in part.rows:
            line = f"{name}: {said}" if name else f"- {said}"
            out.append(Padding(text(line), (0, 0, 0, 2 * part.depth)))
        if part.covered:
            out.append(Padding(text(part.covered, "italic"), (0, 0, 0, 2 * part.depth)))
    return out
