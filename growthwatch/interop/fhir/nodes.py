"""looking into a resource that may hold anything anywhere: what is not of the expected form is not there.

XML does not say which elements are lists, so one and many are looked at alike.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from typing import Any, cast

from growthwatch.record.values import check_identifier

__all__ = [
    "Node",
    "choice",
    "clean",
    "codings",
    "first_words",
    "flag",
    "identifiers",
    "many",
    "one",
    "reference",
    "tail",
    "usable_id",
    "word",
]

Node = Mapping[str, Any]


def many(node: Node, key: str) -> list[Node]:
    """Return the objects under a key."""
    found = node.get(key)
    if found is None:
        return []
    if isinstance(found, dict):
        return [cast("Node", found)]
    return [x for x in cast("list[Node]", found) if isinstance(x, dict)] if isinstance(found, list) else []


def one(node: Node, *path: str) -> Node:
    """Return the first object at the end of a path of keys; an empty one where there is none."""
    for key in path:
        found = node.get(key)
        if isinstance(found, dict):
            node = cast("Node", found)
        else:
            objects = many(node, key)
            node = objects[0] if objects else {}
    return node


def word(node: Node, key: str) -> str | None:
    """Return the text under a key that is a single word or sentence."""
    found = node.get(key)
    if found is None:
        return None
    if isinstance(found, list) and len(cast("list[Any]", found)) == 1:
        found = cast("list[Any]", found)[0]
    return found if isinstance(found, str) and found and not found.isspace() else None


def flag(node: Node, key: str) -> bool | None:
    """Return a boolean, which XML writes as a word."""
    found = node.get(key)
    return (
        {True: True, False: False, "true": True, "false": False}.get(found) if isinstance(found, bool | str) else None
    )


def choice(node: Node, name: str) -> list[str]:
    """Return which keys of a choice of types are there: ``value`` finds ``valueQuantity``."""
    return [k for k in node if k.startswith(name) and k[len(name) : len(name) + 1].isupper()]


def codings(concept: Node) -> list[tuple[str | None, str | None]]:
    """Return system and code of each coding of a concept."""
    return [(word(c, "system"), word(c, "code")) for c in many(concept, "coding")]


def clean(text: str | None) -> str | None:
    """Return text on one line without control characters; None where nothing is left."""
    if text is None:
        return None
    kept = "".join(" " if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") else c for c in text)
    return " ".join(kept.split()) or None


def first_words(concept: Node) -> str | None:
    """Return a concept in words: its text, or how a coding is displayed."""
    return clean(word(concept, "text")) or next(
        (d for c in many(concept, "coding") if (d := clean(word(c, "display")))), None
    )


def reference(node: Node, key: str) -> str | None:
    """Return where a reference leads, without the version."""
    found = word(one(node, key), "reference")
    return None if found is None else re.sub(r"/_history/[^/]*$", "", found.strip())


def tail(given: str) -> str:
    """Return what identifies a resource in a reference, of whichever server: ``Type/id``, or the uuid."""
    parts = given.removeprefix("urn:uuid:").removeprefix("urn:oid:").rstrip("/").split("/")
    return "/".join(parts[-2:])


def usable_id(given: str) -> str:
    """Return an id that a record takes: that text, or where it cannot be one, its hash."""
    try:
        return check_identifier("id", given)
    except ValueError:
        return "sha256:" + hashlib.sha256(given.encode("utf-8", "surrogatepass")).hexdigest()


def identifiers(node: Node) -> tuple[tuple[str, str], ...]:
    """Return system and value of each identifier that has both."""
    if "identifier" not in node:
        return ()
    found = ((word(i, "system"), word(i, "value")) for i in many(node, "identifier"))
    return tuple((system, value) for system, value in found if system is not None and value is not None)
