"""What was asked of somebody, and who answered."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from growthwatch.protocol.child.ledger import Ledger, Topic
from growthwatch.protocol.file.settings import Settings
from growthwatch.record import Answered, RequestMade, RequestSent

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
        "request_sent": frozenset({"requests"}),
        "answered": frozenset({"requests"}),
    }

    def __init__(self, settings: Settings) -> None:
        self.asked: dict[str, RequestMade] = {}
        """Each request by id."""
        self.given: list[Reply] = []
        self._sent: dict[str, int] = {}
        self._alias: dict[str, str] = {}

    def take(self, day: int, e: Any) -> None:
        """Take a request or an answer."""
        if isinstance(e, RequestMade):
            self.asked[e.id] = e
            if e.corrects is not None:
                self.link({e.corrects: e.id})
        elif isinstance(e, RequestSent):
            self._sent[self._alias.get(e.request, e.request)] = e.on.toordinal()
        elif isinstance(e, Answered):
            to = self._alias.get(e.request, e.request)
            self.given.append(Reply(e.on.toordinal(), day, e.id, to, e.final, e.by, e.actor, str(e.role)))

    def link(self, right: Mapping[str, str]) -> None:
        """Follow what was put right: what was said to the one is said to what stands for it."""
        new = {old: made for old, made in right.items() if made in self.asked}
        if not new:
            return
        self._alias |= new
        self.given[:] = [replace(r, request=new.get(r.request, r.request)) for r in self.given]
        self._sent |= {made: self._sent[old] for old, made in new.items() if old in self._sent}

    def of_kind(self, kind: str) -> list[Reply]:
        """Last words on requests of a kind, in order of recording."""
        return [r for r in self.given if r.final and r.request in self.asked and self.asked[r.request].kind == kind]

    def to_finding(self, key: str) -> list[Reply]:
        """Answers to a finding, or to one of its duties, in order of recording."""
        return [r for r in self.given if r.request == key or r.request.startswith(f"{key}#")]

    def answer_to(self, request: str) -> tuple[int, str] | None:
        """Day and id of the first last word on a request or a duty, or None."""
        if not self.given:
            return None
        return min(((r.day, r.id) for r in self.given if r.final and r.request == request), default=None)

    def requests(self, kind: str | None, key: str, since: int) -> list[RequestMade]:
        """Requests of a kind that were sent and name a finding, or name none and are of a day or later."""
        found = [e for e in self.asked.values() if e.kind == kind and self._day(e) is not None]
        return [e for e in found if key in e.findings or (not e.findings and (self._day(e) or 0) >= since)]

    def _day(self, e: RequestMade) -> int | None:
        """The day on which a request was sent; None of a draft."""
        return self._sent.get(e.id) if e.drafted else e.on.toordinal()

    def made(self, kind: str | None, key: str, since: int, but: Set[str] = frozenset()) -> tuple[int, str] | None:
        """Day and id of the first request of a kind for a finding, from a day on; None without one."""
        found = [(day, e.id) for e in self.requests(kind, key, since) if (day := self._day(e) or 0) >= since]
        return min((f for f in found if f[1] not in but), default=None)

    def answered(self, kind: str | None, key: str, since: int) -> tuple[int, str] | None:
        """Day and id of the first last word on a request of a kind for a finding, from a day on; None without one."""
        ids = {e.id for e in self.requests(kind, key, since)}
        return min(((r.day, r.id) for r in self.given if r.final and r.request in ids and r.day >= since), default=None)
