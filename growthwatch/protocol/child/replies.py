"""What was asked of somebody, and who answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from growthwatch.protocol.child.ledger import Ledger, Topic
from growthwatch.protocol.file.settings import Settings
from growthwatch.record import Answered, RequestMade

__all__ = ["Replies", "Reply"]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: its day, the day it became known, to what, by whom, and whether it is the last word."""

    day: int
    known_day: int
    id: str
    request: str
    final: bool
    by: str = ""
    actor: str = ""
    role: str = ""


class Replies(Ledger):
    """Requests by kind, and the answers to them, in order of recording."""

    TAKES: ClassVar[dict[str, frozenset[Topic]]] = {
        "request_made": frozenset({"requests"}),
        "answered": frozenset({"requests"}),
    }

    def __init__(self, settings: Settings) -> None:
        self.asked: dict[str, RequestMade] = {}
        """Each request by id."""
        self.given: list[Reply] = []

    def take(self, day: int, e: Any) -> None:
        """Take a request or an answer."""
        if isinstance(e, RequestMade):
            self.asked[e.id] = e
        elif isinstance(e, Answered):
            self.given.append(Reply(e.on.toordinal(), day, e.id, e.request, e.final, e.by, e.actor, str(e.role)))

    def of_kind(self, kind: str) -> list[Reply]:
        """Last words on requests of a kind, in order of recording."""
        return [r for r in self.given if r.final and r.request in self.asked and self.asked[r.request].kind == kind]

    def to_finding(self, key: str) -> list[Reply]:
        """Answers to a finding, or to one of its duties, in order of recording."""
        return [r for r in self.given if r.request == key or r.request.startswith(f"{key}#")]

    def answer_to(self, request: str) -> tuple[int, str] | None:
        """Day and id of the first last word on a request or a duty, or None."""
        return min(((r.day, r.id) for r in self.given if r.final and r.request == request), default=None)

    def requests(self, kind: str | None, key: str, since: int) -> list[RequestMade]:
        """Requests of a kind that were sent and name a finding, or name none and are of a day or later."""
        found = [e for e in self.asked.values() if e.kind == kind and not e.drafted]
        return [e for e in found if key in e.findings or (not e.findings and e.on.toordinal() >= since)]

    def made(self, kind: str | None, key: str, since: int) -> tuple[int, str] | None:
        """Day and id of the first request of a kind for a finding, from a day on; None without one."""
        found = [(e.on.toordinal(), e.id) for e in self.requests(kind, key, since) if e.on.toordinal() >= since]
        return min(found, default=None)

    def answered(self, kind: str | None, key: str, since: int) -> tuple[int, str] | None:
        """Day and id of the first last word on a request of a kind for a finding, from a day on; None without one."""
        ids = {e.id for e in self.requests(kind, key, since)}
        return min(((r.day, r.id) for r in self.given if r.final and r.request in ids and r.day >= since), default=None)
