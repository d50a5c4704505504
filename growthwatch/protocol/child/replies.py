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
    """An answer: its day, the day it became known, to what, and whether it is the last word."""

    day: int
    known_day: int
    id: str
    request: str
    final: bool


class Replies(Ledger):
    """Requests by kind, and the answers to them, in order of recording."""

    TAKES: ClassVar[dict[str, frozenset[Topic]]] = {
        "request_made": frozenset({"requests"}),
        "answered": frozenset({"requests"}),
    }

    def __init__(self, settings: Settings) -> None:
        self.asked: dict[str, str] = {}
        """Kind of each request by id."""
        self.given: list[Reply] = []

    def take(self, day: int, e: Any) -> None:
        """Take a request or an answer."""
        if isinstance(e, RequestMade):
            self.asked[e.id] = e.kind
        elif isinstance(e, Answered):
            self.given.append(Reply(e.on.toordinal(), day, e.id, e.request, e.final))

    def of_kind(self, kind: str) -> list[Reply]:
        """Last words on requests of a kind, in order of recording."""
        return [r for r in self.given if r.final and self.asked.get(r.request) == kind]

    def to_finding(self, key: str) -> list[Reply]:
        """Answers to a finding, or to one of its duties, in order of recording."""
        return [r for r in self.given if r.request == key or r.request.startswith(f"{key}#")]
