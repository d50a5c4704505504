"""What a picture of a change of protocol says, rule by rule."""

from __future__ import annotations

from typing import Any, NamedTuple

import growthwatch
from growthwatch.core.words import count_words, long_date
from growthwatch.protocol import Comparison

__all__ = ["Row", "alt_text", "body", "metadata", "rows", "table", "title"]


class Row(NamedTuple):
    """One rule: duties a week under the old protocol and the new, and what else differs, in words."""

    rule: str
    title: str
    old: float
    new: float
    findings: str
    interrupts: str
    children: int


def rows(found: Comparison) -> list[Row]:
    """Rules that are not judged alike, the greatest change of work first."""

    def pair(counts: tuple[int, int]) -> str:
        return f"{counts[0]}" if counts[0] == counts[1] else f"{counts[0]} → {counts[1]}"

    out = [
        Row(r.rule, r.title, r.duties[0] / found.weeks, r.duties[1] / found.weeks, pair(r.findings),
            pair(r.interrupts), r.children)
        for r in found.rules
        if r.children or any(a != b for a, b in (r.findings, r.interrupts, r.duties))
    ]  # fmt: skip
    return sorted(out, key=lambda r: (-abs(r.new - r.old), -r.children, r.rule))


def title(found: Comparison) -> str:
    """The usual title."""
    return f"{found.new[0]} {found.new[1]} in place of {found.old[0]} {found.old[1]}"


def body(found: Comparison) -> str:
    """How many children, and how much work."""
    old, new = found.duties_a_week
    n = len(found.changed)
    alike = "none of them is" if n == 0 else f"{n} of them {'is' if n == 1 else 'are'}"
    children = "1 child" if found.children == 1 else f"{found.children} children"
    return (
        f"{children}, {long_date(found.since)} to {long_date(found.until)}: {alike} answered otherwise. "
        f"Duties a week: {old:.2f} → {new:.2f} ({new - old:+.2f}).".replace("-0.00", "0.00")
    )


def alt_text(found: Comparison) -> str:
    """The picture in words."""
    out = [f"Comparison of protocols. {title(found)}. {body(found)}"]
    for r in rows(found):
        out.append(
            f"{r.rule} {r.title}: duties a week {r.old:.2f} → {r.new:.2f}, findings {r.findings}, "
            f"{count_words(r.children, 'child').replace('childs', 'children')} answered otherwise."
        )
    return " ".join(out)


def metadata(found: Comparison, text: str, description: str) -> dict[str, str]:
    """Text chunks of the picture."""
    return {
        "Title": text,
        "Software": f"growthwatch {growthwatch.__version__}",
        "Protocol": f"{found.new[0]} {found.new[1]}",
        "Protocol hash": found.new[2],
        "Old protocol": f"{found.old[0]} {found.old[1]}",
        "Old protocol hash": found.old[2],
        "As of": found.until.isoformat(),
        "Description": description,
    }


def table(found: Comparison) -> list[dict[str, Any]]:
    """Every rule that is not judged alike, as rows."""
    return [
        {
            "rule": r.rule, "title": r.title, "old_duties_a_week": r.old, "new_duties_a_week": r.new,
            "findings": r.findings, "cannot_wait": r.interrupts, "children": r.children,
        }
        for r in rows(found)
    ]  # fmt: skip
