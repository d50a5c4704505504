"""A protocol as a document on a terminal: the whole of it in words."""

from __future__ import annotations

from rich.console import RenderableType
from rich.padding import Padding

from growthwatch.cli.show import text
from growthwatch.protocol import Protocol
from growthwatch.protocol.answers.affected import NOT_ASKED, STAYS_OPEN, Whom
from growthwatch.protocol.answers.whole import NEVER, changes, document_parts

__all__ = ["show_document"]


def show_document(found: Protocol, whom: Whom | None = None) -> list[RenderableType]:
    """The whole of a protocol in words, for a terminal.

    Parameters
    ----------
    found
        The protocol.
    whom
        Whom its changes would have affected; None: no records were given.
    """
    out: list[RenderableType] = _changed(found, whom) if found.extends is not None else []
    for part in document_parts(found):
        out += [text(""), Padding(text(part.title, "bold"), (0, 0, 0, 2 * (part.depth - 1)))]
        for name, said in part.rows:
            line = f"{name}: {said}" if name else f"- {said}"
            out.append(Padding(text(line), (0, 0, 0, 2 * part.depth)))
        if part.covered:
            out.append(Padding(text(part.covered, "italic"), (0, 0, 0, 2 * part.depth)))
    out += [text(""), text("What the software will never do", "bold")]
    out += [Padding(text(f"- {never}: {instead}"), (0, 0, 0, 2)) for never, instead in NEVER]
    return out


def _changed(found: Protocol, whom: Whom | None) -> list[RenderableType]:
    """What it says otherwise than the file that it extends, and whom each change would have affected."""
    out: list[RenderableType] = [
        text("What it says otherwise than the file that it extends, and whom that affects", "bold")
    ]
    if whom is not None:
        out.append(Padding(text(f"Judged on {whom.heading}."), (0, 0, 0, 2)))
    told = changes(found)
    for one in told:
        cover = " ".join(one.cover)
        out.append(
            Padding(text(f"- {one.name} ({one.path}): {one.here}, in the place of {one.before}. {cover}"), (0, 0, 0, 2))
        )
        if whom is not None:
            out.append(Padding(text(f"Affects: {whom.of(one.steps).says}"), (0, 0, 0, 4)))
    if not told:
        out.append(Padding(text("Nothing."), (0, 0, 0, 2)))
    elif whom is None:
        out.append(Padding(text(NOT_ASKED), (0, 0, 0, 2)))
    else:
        out.append(Padding(text(f"All together affect: {whom.together.says} {STAYS_OPEN}"), (0, 0, 0, 2)))
    return out
