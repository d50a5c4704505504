"""A protocol as a document: what it says of itself, the whole of it in words, and what it says otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from growthwatch.core.words import list_words, long_date
from growthwatch.protocol.document import Protocol
from growthwatch.protocol.file.dated import Given
from growthwatch.protocol.file.paths import Step, label_of
from growthwatch.protocol.file.sources import as_list, as_table
from growthwatch.protocol.file.told import (
    TITLES,
    Part,
    covered_words,
    given_words,
    key_words,
    label_words,
    parts,
    side_words,
    value_words,
)

__all__ = ["NEVER", "Changed", "changes", "document_parts", "given_lines", "head_rows"]

NEVER: tuple[tuple[str, str], ...] = (
    ("diagnose, or say why a child grows slowly", "it says what is seen, and who must look into it by when"),
    (
        "close a finding because time passed, a child was seen or moved, or a team or a protocol changed",
        "only what its rule names closes it",
    ),
    ("stop a clock because weights are missing", "it says how long nobody has weighed"),
    (
        "let disability, or a chart for a condition, silence a danger in kilograms",
        "the danger speaks; the chart stands beside it",
    ),
    ("make the answer better because the news is worse", "one more loss, worry or missed visit lowers no tier"),
    ("take a wrong or missing weight for reassurance", "it asks for another"),
    (
        "score, rank or blame a parent or a worker",
        "it says what nobody has recorded as done, and who is asked to act",
    ),
    (
        "change what was written down",
        "a correction is a new entry, and both stay; a child that a person erases from a store leaves a note of it",
    ),
    (
        "send anything, ring anybody, or look anything up on the internet",
        "people send and ring; it writes files where you tell it to",
    ),
    ("guess a unit, a date order, a sex or an identity", "it refuses, and says what is missing"),
    (
        "let a signed number be weaker than a national one without saying so",
        "every review names it, with the reason",
    ),
    ("change this file", "another file has another hash, and needs another signature"),
    ("tell a family that all is well", "it says what is known, and when to ring"),
    ("know what nobody wrote down", "it says what it does not know"),
)
"""What the software never does, and what it does instead: for whoever signs a protocol.

Source: design of the views, sections 2 (Protocol) and 5; the promises, each with the tests that hold it, stand in
``docs/promises.md``.
"""


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
        (
            "Status",
            s.status if found.signed is None else f"In the words of the file, from before it was signed: {s.status}",
        ),
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


@dataclass(frozen=True, slots=True)
class Changed:
    """A value that a file says otherwise than the one at the root, or a rule that it adds.

    Attributes
    ----------
    steps
        How it is found in the file: keys, and places in lists.
    name, path
        What it is in words, and as a file names it.
    before, here
        What the file at the root has, and what holds here; of a rule of its own, that there is none, and its title.
    cover
        Who says so and why, a sentence each.
    less_safe
        Whether it is less safe than what it stands in the place of.
    """

    steps: tuple[Step, ...]
    name: str
    path: str
    before: str
    here: str
    cover: tuple[str, ...]
    less_safe: bool


def changes(found: Protocol) -> list[Changed]:
    """What a file, and those that it extends, say otherwise than the one at the root: values first, then own rules.

    What files set of a rule that one of them has added is told with that rule.
    """
    plain = found.read.plain
    places = {str((as_table(r) or {}).get("id")): n for n, r in enumerate(as_list(plain.get("rules")) or ())}
    own = {("rules", places[id]): id for id in found.read.own_rules}
    by_steps: dict[tuple[Step, ...], list[Given]] = {}
    for g in found.given:
        by_steps.setdefault(g.steps, []).append(g)
    out: list[Changed] = []
    for steps, given in by_steps.items():
        if steps[:2] in own:
            continue
        key = str(steps[-1])
        _, cover = given_words(key, given, _root(found))
        out.append(
            Changed(
                steps,
                _place_words(plain, steps),
                given[0].path,
                value_words(key, given[0].was),
                "; ".join(_held(key, g) for g in given),
                tuple(cover),
                any(g.safer is False for g in given),
            )
        )
    for steps, id in own.items():
        cover = [covered_words(*found.provenance("rules", id))]
        for given in (g for s, g in by_steps.items() if s[:2] == steps):
            cover += given_words(str(given[0].steps[-1]), given, _root(found))[1]
        rule = found.rule(id)
        levels = list_words([level.name for level in rule.levels])
        out.append(
            Changed(
                steps, f"{id} {rule.title}", f"rules[{id}]", "no such rule", f"new rule ({levels})", tuple(cover), False
            )
        )
    return out


def _held(key: str, given: Given) -> str:
    """Which value holds from when, and which way that is."""
    told = [value_words(key, v) + ("" if d is None else f" from {long_date(d)}") for d, v in given.values]
    return list_words(told) + side_words(given)


def _place_words(plain: Any, steps: Sequence[Step]) -> str:
    """Where a value stands, in words: the rule, the level, what names the table, and what it is."""
    words: list[str] = []
    keys: list[str] = []
    node: Any = plain
    for step in steps:
        if isinstance(step, int):
            entries = as_list(node) or ()
            node = entries[step]
            table = as_table(node) or {}
            label = str(table.get("name") or label_of(entries, step) or step + 1)
            named = {"rules": f"{table.get('id')} {table.get('title')}", "levels": f"level {label}"}
            words.append(named.get(keys[-1], label_words(label)))
            continue
        node = (as_table(node) or {})[step]
        told = TITLES.get(".".join((*keys, step)), key_words(step, keys))
        keys.append(step)
        if step == steps[-1] or as_table(node) is not None:
            words.append(told)
    return ", ".join(words)
