"""The page of a protocol: what somebody decides by signing it, what it says, and where they sign."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from growthwatch.core.words import count_words
from growthwatch.pages.render import render
from growthwatch.protocol import Protocol
from growthwatch.protocol.answers.affected import NOT_ASKED, STAYS_OPEN, Whom
from growthwatch.protocol.answers.whole import NEVER, changes, document_parts, head_rows

__all__ = ["protocol_page"]

_TAGS = {"N": "national source", "G": "guideline for a condition", "L": "local choice with no national source"}


@dataclass(frozen=True)
class _Told:
    """A part as the page tells it: its heading, of which level, where it is linked to; what it says; who says so."""

    level: int
    anchor: str
    title: str
    facts: tuple[tuple[str, str], ...]
    sentences: tuple[str, ...]
    covered: str


def protocol_page(found: Protocol, whom: Whom | None = None) -> str:
    """The whole of a protocol as one page, to be read and signed.

    Parameters
    ----------
    found
        The protocol.
    whom
        Whom its changes would have affected (`growthwatch.protocol.answers.affected`); None: no records were given,
        and the page says so.

    Raises
    ------
    GrowthwatchError
        When Jinja2 is not installed.
    """
    told = list(_told(found))
    return render(
        "protocol.html",
        title=found.heading,
        sheet="".join(c if c.isalnum() or c in " -_/." else "·" for c in f"{found.id} {found.version} {found.hash}"),
        signed=found.signed is not None,
        head=head_rows(found),
        tags=_counted(found),
        changes=[(c, None if whom is None else whom.of(c.steps).says) for c in changes(found)],
        extends=found.extends is not None,
        root=str(found.read.lineage[-1]),
        whom=whom,
        not_asked=NOT_ASKED,
        stays_open=STAYS_OPEN,
        never=NEVER,
        local=count_words(sum(found.sources[rule.id][1] == "L" for rule in found.rules), "rule"),
        parts=told,
        chapters=[t for t in told if t.level == 2],
        hash=found.hash,
    )


def _told(found: Protocol) -> list[_Told]:
    out: list[_Told] = []
    level = 2
    for n, part in enumerate(document_parts(found), 1):
        level = min(part.depth + 1, 4, level + 1 if out else 2)
        facts = tuple((name, said) for name, said in part.rows if name)
        sentences = tuple(said for name, said in part.rows if not name)
        out.append(_Told(level, f"part-{n}", part.title, facts, sentences, part.covered))
    return out


def _counted(found: Protocol) -> list[str]:
    """How many rules rest on what: those that nobody but the signer answers for, last."""
    by_tag = Counter(found.sources[rule.id][1] for rule in found.rules)
    return [f"{tag}: {_TAGS[tag]}: {count_words(by_tag[tag], 'rule')}." for tag in _TAGS]
