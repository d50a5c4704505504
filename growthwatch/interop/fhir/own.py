"""What growthwatch itself wrote of an event, beside what the elements of a resource say: ids and extensions.

An event has more keys than FHIR has elements for it.  The rest goes out as extensions, each named by its key, and
comes in again from them: so an event that went out is the same event when it is back.  An extension never says what a
person reads in the elements: a weight is that of ``valueQuantity``, whatever stands beside it.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterator, Mapping
from typing import Any, cast

from growthwatch.core.canonical import loads_strict
from growthwatch.core.errors import GrowthwatchError
from growthwatch.interop.fhir.nodes import Node, flag, identifiers, many, word
from growthwatch.interop.fhir.report import Refusal
from growthwatch.interop.fhir.times import moment
from growthwatch.record.events import EVENT_TYPES
from growthwatch.record.forms import form_keys

__all__ = ["EVENT", "OURS", "PARTS", "SPOKEN", "is_event", "marks_of", "overlay", "own_id", "own_word"]

OURS = "urn:growthwatch:"
"""How identifiers and extensions begin that growthwatch itself writes."""
EVENT = f"{OURS}event"
"""The identifier that is the id of an event; with the name of a part, of the event that this part is."""
PARTS: Mapping[str, str] = {"": "", "/end": "end:", "/birth": "birth:", "/death": "death:"}
"""The parts of a resource that are events of their own, and how the names of their extensions begin."""
SPOKEN = frozenset(
    {"id", "type", "on", "recorded_at", "weight_kg", "measure", "value_cm", "condition", "sex", "gestation_days"}
    | {"face_to_face", "marks"}
)
"""What elements say, and an extension never overrules."""
_JSON = "json:"
"""How the name of an extension goes on whose text is JSON."""


def is_event(node: Node) -> bool:
    """Return whether growthwatch wrote a resource of an event of a record, and not of a review."""
    return any(system.startswith(EVENT) for system, _ in identifiers(node))


def own_id(node: Node, part: str = "") -> str | None:
    """Return the id of the event that growthwatch wrote a part of a resource of."""
    return dict(identifiers(node)).get(EVENT + part) if "identifier" in node else None


def own_word(node: Node, key: str, part: str = "") -> Any:
    """Return what growthwatch wrote under a key; None where it wrote nothing."""
    if "extension" not in node:
        return None
    return next((value for name, value in _told(node, part) if name == key), None)


def overlay(data: dict[str, Any], node: Node, part: str = "") -> None:
    """Put into an event what growthwatch wrote of it beside the elements."""
    if "extension" not in node:
        return
    for key, value in _told(node, part):
        if key not in _keys(data["type"]):
            continue
        if value is None:
            data.pop(key, None)
        else:
            data[key] = value


def marks_of(node: Node, part: str, id: str, received_at: dt.datetime) -> list[dict[str, Any]] | None:
    """Return the error marks on an event, and the marks on those; None where growthwatch wrote nothing of marks.

    Raises
    ------
    Refusal
        For a mark on any other event, or of a moment after the one at which it came in.
    """
    found = own_word(node, "marks", part)
    if found is None:
        return None
    out: list[dict[str, Any]] = []
    known = {id}
    for given in cast("list[object]", found) if isinstance(found, list) else [found]:
        mark = cast("dict[str, Any]", given) if isinstance(given, dict) else dict[str, Any]()
        if mark.get("type") != "entered_in_error" or mark.get("target") not in known:
            raise Refusal(
                "extension", str(cast("object", given)), "it is no mark on this event", "mark the event itself"
            )
        written = moment(mark.get("recorded_at"))
        if written is None or written > received_at:
            raise Refusal(
                "extension", str(cast("object", given)), "it was not written down before it came in", "give the moment"
            )
        out.append(mark)
        known.add(str(mark.get("id")))
    return out


def _told(node: Node, part: str) -> Iterator[tuple[str, Any]]:
    if part not in PARTS or "extension" not in node:
        return
    start = OURS + PARTS[part]
    for extension in many(node, "extension"):
        url = word(extension, "url")
        if url is None or not url.startswith(start):
            continue
        key, text = url.removeprefix(start), word(extension, "valueString")
        if not key.startswith(_JSON):
            yield key, flag(extension, "valueBoolean") if text is None else text
            continue
        try:
            yield key.removeprefix(_JSON), loads_strict(text or "")
        except GrowthwatchError:
            # The form of the event says what it would take instead.
            yield key.removeprefix(_JSON), text or ""


@functools.cache
def _keys(type: str) -> frozenset[str]:
    return frozenset(form_keys(EVENT_TYPES[type])) - SPOKEN
