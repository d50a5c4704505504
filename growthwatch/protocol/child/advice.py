"""Advice that was given outside of hours, and whether it was written down.

Source: process specification, section 3, P4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from growthwatch.protocol.child.ledger import Ledger, Topic
from growthwatch.protocol.file.settings import Settings
from growthwatch.record import AdviceReported, Contact

__all__ = ["Advice", "Told"]


@dataclass(frozen=True, slots=True)
class Told:
    """Advice: of which day, known from which day, by which event, in words, and by whom."""

    day: int
    known_day: int
    id: str
    words: str
    who: str


class Advice(Ledger):
    """Contacts outside of hours, and advice that somebody reports."""

    TAKES: ClassVar[dict[str, frozenset[Topic]]] = {
        "contact": frozenset({"contacts"}),
        "advice_reported": frozenset({"contacts"}),
    }

    def __init__(self, settings: Settings) -> None:
        self.written: list[Told] = []
        """Contacts outside of hours, in order of reading."""
        self.reported: list[Told] = []
        """Advice that was reported, each of the day on which it was given."""

    def take(self, day: int, e: Any) -> None:
        """Take a contact outside of hours, or a report of advice."""
        if isinstance(e, AdviceReported):
            self.reported.append(Told(e.advice_on.toordinal(), day, e.id, e.about, e.given_by))
        elif isinstance(e, Contact) and e.out_of_hours:
            words = e.advice or e.about or "a call"
            self.written.append(Told(e.on.toordinal(), day, e.id, words, e.actor))
