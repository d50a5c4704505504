"""A protocol as a document: what it says of itself, the whole of it in words, and what it says otherwise."""

from __future__ import annotations

from collections.abc import Iterator

from growthwatch.core.words import long_date
from growthwatch.protocol.document import Protocol
from growthwatch.protocol.file.dated import Given
from growthwatch.protocol.file.told import Part, covered_words, given_words, parts

__all__ = ["document_parts", "given_lines", "head_rows"]


def head_rows(found: Protocol) -> list[tuple[str, str]]:
    """What a document says of itself first: which file it is, and whether somebody has signed it."""
    s = found.settings
    until = f" to {long_date(s.effective_until)}" if s.effective_until else ""
    rows = [("Hash", found.hash)]
    if found.extends is not None:
        rows.append(("Extends", ", which extends ".join(f"{p} ({p.hash})" for p in found.read.lineage[1:])))
    signed = str(found.signed) if found.signed is not None else "not validated: nobody has signed this very file"
    if found.signature is not None and found.signed is None:
        signed += f" (the signature given is of {found.signature.protocol.id} {found.signature.protocol.version}, "
        signed += f"{found.signature.protocol.hash})"
    rows += [
        ("Signed", signed[0].upper() + signed[1:]),
        ("Status", s.status),
        ("In force", f"from {long_date(s.effective_from)}{until}"),
        ("Judges on", str(found.reference.label)),
        ("Days", f"{s.zone}, calendar {s.calendar}"),
    ]
    if s.figures is not None:
        named = ", ".join(f"{name} {version}" for name, version in s.figures.versions.items())
        rows.append(("Figures", named))
    if len(found.periods) > 1:
        rows.append(("Values change on", ", ".join(long_date(p.start) for p in found.periods if p.start is not None)))
    return rows


def _root(found: Protocol) -> str:
    return str(found.read.lineage[-1])


def document_parts(found: Protocol) -> Iterator[Part]:
    """The whole of a protocol in words, a table of its file after the other."""
    return parts(found.read.plain, found.given, _root(found))


def given_lines(found: Protocol) -> list[str]:
    """What a file, and those that it extends, say otherwise than the one at the root: a line a value."""
    by_steps: dict[tuple[str | int, ...], list[Given]] = {}
    for g in found.given:
        by_steps.setdefault(g.steps, []).append(g)
    lines: list[str] = []
    for given in by_steps.values():
        told, cover = given_words(str(given[0].steps[-1]), given, _root(found))
        lines.append(f"{given[0].path}: {told}. {' '.join(cover)}")
    for id in found.read.own_rules:
        source, tag, review_by = found.provenance("rules", id)
        lines.append(f"rules[{id}]: a rule of its own, {found.rule(id).title}. {covered_words(source, tag, review_by)}")
    return lines
