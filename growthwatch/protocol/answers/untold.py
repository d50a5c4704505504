"""What records cannot tell of a change of protocol, because no event of the kind that it is about is in them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from growthwatch.core.canonical import canonical_json
from growthwatch.core.words import list_words
from growthwatch.protocol.document import Protocol
from growthwatch.protocol.file.sources import as_list, as_table

__all__ = ["NO_EVIDENCE", "no_evidence", "reads_of_change"]

_PERHAPS = "perhaps none of them was of the age, the tier or the condition that it is about."

NO_EVIDENCE = f"That is no evidence that it does nothing: {_PERHAPS}"
"""What is said beside "nobody" and "nothing", where the records hold what the change is about."""

_EVENTS = {
    "weight": ("weighed",),
    "sign": ("sign_recorded", "illness_recorded", "examined"),
    "contact": ("contact", "was_not_brought"),
    "diagnosis": ("condition_diagnosed",),
    "length": ("measured",),
    "lead": ("lead_named",),
    "letter": ("letter_sent",),
    "referral": ("referral_made",),
    "request": ("request_made",),
    "hand-over": ("handover_sent",),
    "worry": ("concern",),
}
"""What people call it, and the events that are such."""

_OF_TOPIC: Mapping[str, tuple[str, ...]] = {
    "weights": ("weight",),
    "signs": ("sign",),
    "contacts": ("contact",),
    "conditions": ("diagnosis",),
    "measures": ("length",),
    "people": ("lead",),
    "requests": ("letter", "referral", "request", "hand-over"),
    "worries": ("worry",),
}
"""By what a kind of rule reads: what that is made of.  The others hold of every child."""

_OF_LIMITS = {"letter": "letter", "referral": "referral", "social_care": "referral", "handover": "hand-over"}
"""By kind of request in a ``[[requests]]`` table what it is about; every other kind is a request."""


def reads_of_change(old: Protocol, new: Protocol) -> frozenset[str] | None:
    """What the parts of a protocol that are not the same in another read, in words of one thing each.

    Returns
    -------
    frozenset of str or None
        Such as ``{"letter"}``; None where nothing is otherwise, empty where a part is that every child meets.
    """
    before, after = _parts(old), _parts(new)
    changed = [key for key in {**before, **after} if _said(before.get(key)) != _said(after.get(key))]
    if not changed:
        return None
    reads: set[str] = set()
    for part, name in changed:
        found = set(_reads(part, name, after.get((part, name)) or before.get((part, name)) or [], (old, new)))
        if not found:
            return frozenset()
        reads |= found
    return frozenset(reads)


def _parts(protocol: Protocol) -> dict[tuple[str, str], list[Any]]:
    """Rules by id, limits of requests by name, and all else by its key: each as it is from each day on."""
    out: dict[tuple[str, str], list[Any]] = {}
    for period in protocol.whole.periods:
        for key, value in period.plain.items():
            if key in _HEADER:
                continue
            if key not in ("rules", "requests"):
                out.setdefault((key, ""), []).append([period.start, value])
                continue
            for table in map(as_table, as_list(value) or ()):
                name = str((table or {}).get("id" if key == "rules" else "name"))
                out.setdefault((key, name), []).append([period.start, table])
    return out


_HEADER = ("schema", "id", "version", "title", "status", "effective_from", "effective_until", "extends", "numbers")


def _said(values: list[Any] | None) -> str:
    """What a part says, to be held against another: the days count only where what it says is not the same on them."""
    told = [canonical_json(_plain(value)) for _, value in values or ()]
    if len(set(told)) == 1:
        return told[0]
    return "\n".join(f"{start} {words}" for (start, _), words in zip(values or (), told, strict=True))


def _plain(value: Any) -> Any:
    table, entries = as_table(value), as_list(value)
    if table is not None:
        return {key: _plain(v) for key, v in table.items() if key not in ("source", "tag", "review_by")}
    if entries is not None:
        return [_plain(v) for v in entries]
    return value if isinstance(value, bool | int | float | str) or value is None else str(value)


def _reads(part: str, name: str, values: list[Any], both: tuple[Protocol, Protocol]) -> Iterator[str]:
    if part == "rules":
        rules = [r for p in both for r in p.rules if r.id == name]
        for topic in sorted({t for r in rules for t in r.READS}):
            yield from _OF_TOPIC.get(topic, ())
    elif part == "requests":
        kinds = [str(k) for _, table in values for k in as_list((as_table(table) or {}).get("kinds")) or ()]
        yield from (_OF_LIMITS.get(k, "request") for k in kinds if k != "other" or len(set(kinds)) == 1)


def no_evidence(reads: frozenset[str] | None, held: Collection[str]) -> str:
    """What "nobody" or "nothing" does not say.

    Parameters
    ----------
    reads
        As `reads_of_change` tells.
    held
        Types of the events that there are.
    """
    if reads is None:
        return ""
    lacking = [word for word in _EVENTS if word in reads and not set(_EVENTS[word]) & set(held)]
    if not lacking:
        return NO_EVIDENCE
    none = list_words([f"no {word}" for word in lacking])
    if len(lacking) == len(reads):
        return f"{none[0].upper()}{none[1:]} is in these records: they say nothing of this change."
    return f"That is no evidence that it does nothing: {none} is in these records, and {_PERHAPS}"
