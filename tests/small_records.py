"""Small records for the tests of the record room, and its rules of what counts, read slowly."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from growthwatch.core.errors import GrowthwatchError
from growthwatch.record import (
    Contact,
    EnteredInError,
    Event,
    Role,
    parse_event,
)

quick = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


usual = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


BASE: dict[str, Any] = {
    "id": "w1",
    "type": "weighed",
    "on": "2024-01-09",
    "recorded_at": "2024-01-09T14:30:00Z",
    "actor": "hv1",
    "role": "health_visitor",
    "weight_kg": 9.62,
}


def but(**changes: Any) -> dict[str, Any]:
    """The base event with other keys; ... takes a key away."""
    return {k: v for k, v in {**BASE, **changes}.items() if v is not ...}


def contact(id: str, hour: int = 12, **more: Any) -> Contact:
    return Contact(
        id=id,
        on=dt.date(2024, 1, 1),
        recorded_at=dt.datetime(2024, 1, 1, hour, tzinfo=dt.UTC),
        actor="hv1",
        role=Role.HEALTH_VISITOR,
        face_to_face=True,
        **more,
    )


def mark(id: str, target: str, hour: int = 12, **more: Any) -> EnteredInError:
    return EnteredInError(
        id=id,
        on=dt.date(2024, 1, 1),
        recorded_at=dt.datetime(2024, 1, 1, hour, tzinfo=dt.UTC),
        actor="hv1",
        role=Role.HEALTH_VISITOR,
        target=target,
        reason="wrong child",
        **more,
    )


def at(hour: int) -> dt.datetime:
    return dt.datetime(2024, 1, 1, hour, tzinfo=dt.UTC)


def ids(found: tuple[Event, ...]) -> list[str]:
    return [e.id for e in found]


def refusal(data: Any) -> GrowthwatchError:
    with pytest.raises(GrowthwatchError) as caught:
        parse_event(data)
    text = str(caught.value)
    for word in ("pydantic", "validation error", "ValidationError", "Input should", "BeforeValidator", "type="):
        assert word not in text
    return caught.value


def oracle(known: list[Event]) -> list[str]:
    """The rules of `effective`, read literally and slowly."""
    by_id = {e.id: e for e in known}

    def link(e: Event) -> str | None:
        target = e.target if isinstance(e, EnteredInError) else e.corrects
        return target if target in by_id else None

    links = {e.id: link(e) for e in known}
    opened = dict(links)
    for start in known:
        walk: list[str] = []
        at: str | None = start.id
        while at is not None and at not in walk:
            walk.append(at)
            at = links[at]
        if at == start.id:
            first = min(walk, key=lambda i: by_id[i].order)
            opened[first] = None

    def in_error(id: str) -> bool:
        return any(
            opened[m.id] == id and isinstance(m, EnteredInError) and not in_error(m.id) and not replaced(m.id)
            for m in known
        )

    def replaced(id: str) -> bool:
        return any(
            opened[c.id] == id and not isinstance(c, EnteredInError) and (not in_error(c.id) or replaced(c.id))
            for c in known
        )

    return [
        e.id
        for e in sorted(known, key=lambda e: e.order)
        if not isinstance(e, EnteredInError) and not in_error(e.id) and not replaced(e.id)
    ]
