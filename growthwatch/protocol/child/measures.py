"""What keeps a plan's reference in use: lengths and heights, and reviews of nutrition."""

from __future__ import annotations

from typing import Any, ClassVar

from growthwatch.protocol.child.ages import months_after
from growthwatch.protocol.child.ledger import Dated, Ledger, Topic
from growthwatch.protocol.file.settings import Settings
from growthwatch.record import Answered, Examined, Measured, RequestMade

__all__ = ["Measures"]


class Measures(Ledger):
    """Lengths and heights, and reviews of nutrition: by who examined feeding, or was asked to review it."""

    TAKES: ClassVar[dict[str, frozenset[Topic]]] = {
        "measured": frozenset({"conditions"}),
        "examined": frozenset({"conditions"}),
        "request_made": frozenset({"conditions"}),
        "answered": frozenset({"conditions"}),
    }

    def __init__(self, settings: Settings) -> None:
        self._rules = settings.plans
        self.lengths, self._looked = Dated(), Dated()
        self._cm: dict[str, tuple[float, str | None]] = {}
        self._asked: set[str] = set()
        self._answers: list[tuple[int, str, str]] = []

    def take(self, day: int, e: Any) -> None:
        """Take a measurement, an examination, a request for a dietetic review, or an answer."""
        on = e.on.toordinal()
        if isinstance(e, Measured):
            if e.measure == "height":
                self.lengths.add(on, e.id)
                self._cm[e.id] = e.value_cm, e.position
        elif isinstance(e, Examined):
            if e.feeding is not None and e.role in self._rules.nutrition_roles:
                self._looked.add(on, e.id)
        elif isinstance(e, RequestMade):
            if e.kind == "dietetic_review":
                self._asked.add(e.id)
        elif isinstance(e, Answered) and e.final:
            self._answers.append((on, e.id, e.request))

    def length_near(self, day: int, within_days: int) -> tuple[float, str | None, str] | None:
        """The length or height nearest to a day, of equally near ones the later: cm, position and id; None for none."""
        near = [(abs(on - day), -on, id) for on, _, id in self.lengths if abs(on - day) <= within_days]
        if not near:
            return None
        id = min(near)[2]
        return (*self._cm[id], id)

    def _latest_length(self, day: int) -> tuple[int, str] | None:
        return max(((on, id) for on, _, id in self.lengths if on <= day), default=None)

    def _latest_review(self, day: int) -> tuple[int, tuple[str, ...]] | None:
        """The latest review of nutrition: its day, and the events that show it."""
        found = [(on, (id,)) for on, _, id in self._looked if on <= day]
        found += [(on, (asked, id)) for on, id, asked in self._answers if asked in self._asked and on <= day]
        return max(found, default=None)

    def stand(self, day: int) -> tuple[tuple[str, ...], tuple[str, ...], tuple[int, ...]]:
        """What is missing for a plan's reference to judge, in words; the events that stand; until when they do.

        The last are the days after the last on which each counts.
        """
        rules = self._rules
        length, review = self._latest_length(day), self._latest_review(day)
        missing: list[str] = []
        events: tuple[str, ...] = ()
        ends: tuple[int, ...] = ()
        if length is None or day - length[0] > rules.length_within_days:
            missing.append(f"a length or height of the last {rules.length_within_days} days")
        else:
            events, ends = (length[1],), (length[0] + rules.length_within_days + 1,)
        if review is None or day > months_after(review[0], rules.nutrition_within_months):
            missing.append(f"a review of nutrition of the last {rules.nutrition_within_months} months")
        else:
            events, ends = (*events, *review[1]), (*ends, months_after(review[0], rules.nutrition_within_months) + 1)
        return tuple(missing), events, ends
