"""Worries that somebody wrote down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from growthwatch.protocol.child.ledger import Ledger, Topic
from growthwatch.protocol.file.settings import Settings

__all__ = ["Worries", "Worry"]


@dataclass(frozen=True, slots=True)
class Worry:
    """A worry: the day it was voiced and the day it became known, by whom, about what.

    ``topics`` are those that were named; none were where it is empty.
    """

    day: int
    known_day: int
    id: str
    who: str
    about: str
    topics: tuple[str, ...]


class Worries(Ledger):
    """Worries in order of recording."""

    TAKES: ClassVar[dict[str, frozenset[Topic]]] = {"concern": frozenset({"worries"})}

    def __init__(self, settings: Settings) -> None:
        self.all: list[Worry] = []

    def take(self, day: int, e: Any) -> None:
        """Take a worry."""
        self.all.append(Worry(e.on.toordinal(), day, e.id, e.raised_by, e.about, tuple(map(str, e.topics))))
