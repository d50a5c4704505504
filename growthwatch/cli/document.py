"""A protocol as a document: the whole of it in words, on a terminal or as one page; and what two say otherwise."""

from __future__ import annotations

import html
from collections.abc import Iterator

from rich.console import RenderableType
from rich.padding import Padding

from growthwatch.cli.show import text
from growthwatch.core.words import long_date
from growthwatch.protocol import Protocol
from growthwatch.protocol.file.dated import Given
from growthwatch.protocol.file.differences import Difference, differences
from growthwatch.protocol.file.marks import Marks
from growthwatch.protocol.file.sources import as_list
from growthwatch.protocol.file.told import Part, covered_words, given_words, key_words, parts, value_words

__all__ = ["difference_lines", "given_lines", "head_rows", "html_page", "show_document"]


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


def _parts(found: Protocol) -> Iterator[Part]:
    return parts(found.read.plain, found.given, _root(found))


def show_document(found: Protocol) -> list[RenderableType]:
    """The whole of a protocol in words, for a terminal."""
    out: list[RenderableType] = []
    for part in _parts(found):
        out += [text(""), Padding(text(part.title, "bold"), (0, 0, 0, 2 * (part.depth - 1)))]
        for name, said in part.rows:
            line = f"{name}: {said}" if name else f"- {said}"
            out.append(Padding(text(line), (0, 0, 0, 2 * part.depth)))
        if part.covered:
            out.append(Padding(text(part.covered, "italic"), (0, 0, 0, 2 * part.depth)))
    return out


_STYLE = """
body { font: 11pt/1.4 Georgia, serif; color: #111; max-width: 46em; margin: 2em auto; padding: 0 1em; }
h1 { font-size: 1.5em; } h2 { font-size: 1.25em; border-bottom: 1px solid #999; margin-top: 2em; }
h3 { font-size: 1.08em; margin-bottom: .2em; } h4 { font-size: 1em; font-style: italic; margin-bottom: .2em; }
dl { display: grid; grid-template-columns: minmax(9em, 34%) 1fr; gap: .15em 1em; margin: .3em 0; }
dt { color: #444; } dd { margin: 0; } dd.deed { grid-column: 1 / -1; }
p.source { font-size: .85em; color: #444; margin: .3em 0 1em; }
code { font-size: .85em; overflow-wrap: anywhere; }
.sign td { border-bottom: 1px solid #111; height: 2.4em; width: 14em; }
.sign th { text-align: left; padding-right: 1em; }
@page { margin: 18mm 16mm; }
@media print { body { max-width: none; margin: 0; padding: 0; font-size: 9.5pt; } h2, h3, h4 { break-after: avoid; }
  dl, p.source { break-inside: avoid; } }
""".strip()


def html_page(found: Protocol) -> str:
    """The whole of a protocol as one page without scripts, which prints well; every text is escaped."""

    def rows(pairs: list[tuple[str, str]]) -> str:
        told: list[str] = []
        for name, said in pairs:
            there = html.escape(said)
            told.append(f"<dt>{html.escape(name)}</dt><dd>{there}</dd>" if name else f'<dd class="deed">{there}</dd>')
        return f"<dl>{''.join(told)}</dl>" if told else ""

    title = html.escape(f"{found.id} {found.version}: {found.settings.title}")
    body = [f"<h1>{title}</h1>", rows(head_rows(found))]
    for part in _parts(found):
        level = min(part.depth + 1, 4)
        body.append(f"<h{level}>{html.escape(part.title)}</h{level}>")
        body.append(rows(list(part.rows)))
        if part.covered:
            body.append(f'<p class="source">{html.escape(part.covered)}</p>')
    body.append(
        "<h2>Signature</h2><p>I have read the whole of this document, and answer for it. It is the file with the hash "
        f"<code>{html.escape(found.hash)}</code>, and no other.</p>"
        '<table class="sign"><tr><th>Name</th><td></td></tr><tr><th>Role</th><td></td></tr>'
        "<tr><th>Day</th><td></td></tr><tr><th>Signature</th><td></td></tr></table>"
    )
    return (
        f'<!DOCTYPE html>\n<html lang="en-GB"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style></head>\n<body>\n" + "\n".join(b for b in body if b) + "\n</body></html>\n"
    )


# --- differences ------------------------------------------------------------------------------


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


def difference_lines(before: Protocol, after: Protocol) -> list[str]:
    """What one protocol says otherwise than another, in words; values that change by date with their days."""
    marks = Marks.of(before.read.plain)
    lines: list[str] = []
    days = sorted({p.start for p in (*before.periods, *after.periods) if p.start is not None})
    told: set[tuple[str, str]] = set()
    for day in (None, *days):
        ours, theirs = (p.read.on(day) for p in (after, before))
        since = "" if day is None else f" (from {long_date(day)})"
        for d in differences(ours, theirs):
            given = next((g for g in reversed(after.given) if _of(g, d) and g.on(day) == (d.ours,)), None)
            covered = f"{d.source} ({d.tag})" if given is None else f"{given.source} ({given.tag})"
            line = _difference(d, marks, covered)
            if (d.key, line) not in told:
                told.add((d.key, line))
                lines.append(f"{line}{since}")
    return lines


def _of(given: Given, d: Difference) -> bool:
    """Whether what a file sets is what differs: the two are named alike but for numbers in brackets."""
    path, key = given.path.split("."), d.key.split(".")
    return (path[0], path[-1]) == (key[0], key[-1])


def _difference(d: Difference, marks: Marks, covered: str) -> str:
    key = d.key.rpartition(".")[2]
    where = d.key.rpartition(".")[0]
    what = f"{key_words(key)}{f' ({where})' if where else ''}"
    if d.ours is None:
        return f"{what}: {value_words(key, d.theirs)} is not there any more"
    source = f". Source: {covered}" if d.number else ""
    if d.theirs is None:
        return f"{what}: {value_words(key, d.ours)} is new{source}"
    safer = ""
    mark = marks.mark(d.key) if d.number and as_list(d.ours) is None else None
    if mark is not None and mark.safer != "neither":
        safer = ", which is LESS SAFE" if mark.less_safe(d.ours, d.theirs) else ", which is safer"
    return f"{what}: {value_words(key, d.ours)} in the place of {value_words(key, d.theirs)}{safer}{source}"
