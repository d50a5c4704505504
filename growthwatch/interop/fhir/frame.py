"""What every resource that goes out has: ids, references, days and moments."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from growthwatch.core.calendar import time_zone
from growthwatch.interop.fhir.own import OURS
from growthwatch.record.events import AnyEvent

__all__ = ["Resource", "day_of", "head", "id_of", "instant", "ref", "subject"]

Resource = dict[str, Any]

_SPACE = uuid.UUID("6d0c6f3e-7a55-5d0e-9d0e-0b6d3f0f7f5a")
"""The namespace of our ids: the same thing of the same child has the same id in every Bundle."""


def id_of(child: str, what: str, key: str) -> str:
    """Return the id of a thing of a child: the same in every Bundle."""
    return str(uuid.uuid5(_SPACE, "\n".join((child, what, key))))


def ref(child: str, what: str, key: str) -> Resource:
    """Return the reference to a thing of a child."""
    return {"reference": f"urn:uuid:{id_of(child, what, key)}"}


def subject(child: str) -> Resource:
    """Return the reference to the child."""
    return ref(child, "Patient", child)


def head(child: str, kind: str, what: str, key: str) -> Resource:
    """Begin a resource: its type, its id, and the identifier that says of what it is."""
    return {
        "resourceType": kind,
        "id": id_of(child, kind, key),
        "identifier": [{"system": f"{OURS}{what}", "value": key}],
    }


def instant(at: dt.datetime) -> str:
    """Return a moment as FHIR writes it, in UTC."""
    return at.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")


def day_of(event: AnyEvent, zone: str) -> str:
    """Return the day of an event, or where its time is known the moment, with the zone."""
    if event.time is None:
        return event.on.isoformat()
    # Of a time that the clock shows twice, the first; FHIR has none without a zone.
    at = dt.datetime.combine(event.on, event.time, time_zone(zone))
    return at.isoformat(timespec="microseconds" if at.microsecond else "seconds")
