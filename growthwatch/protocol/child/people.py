"""The help that is around the child: levels of service, protection plans, referrals for safeguarding."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, ClassVar

from growthwatch.protocol.child.ledger import Ledger, Topic
from growthwatch.protocol.file.settings import Settings
from growthwatch.record import LevelChanged, MovedAway, MovedIn, ProtectionPlan, ReferralClosed, ReferralMade

__all__ = ["LevelChange", "People"]


@dataclass(frozen=True, slots=True)
class LevelChange:
    """A change of level: from which to which, and whether the plan is said to have gone with it."""

    id: str
    day: int
    from_level: str | None
    to: str
    transferred: bool


def _changed_on(c: LevelChange) -> tuple[int, str]:
    return c.day, c.id


class People(Ledger):
    """Levels, protection plans and open referrals for safeguarding."""

    TAKES: ClassVar[dict[str, frozenset[Topic]]] = {
        "level_changed": frozenset({"people"}),
        "protection_plan": frozenset({"people"}),
        "referral_made": frozenset({"people"}),
        "referral_closed": frozenset({"people"}),
        "moved_away": frozenset({"people"}),
        "moved_in": frozenset({"people"}),
    }

    def __init__(self, settings: Settings) -> None:
        self.levels: list[tuple[int, str, str]] = []
        self.level: str | None = None
        self.protection_plan: str | None = None
        self.plan_since: int | None = None
        """Day on which the protection plan in force began."""
        self.plan_category: str | None = None
        self.safeguarding: dict[str, int] = {}
        self.changes: list[LevelChange] = []
        """Changes of level, in order of day."""
        self.moved_away: list[tuple[int, int, str]] = []
        self.moved_in: list[tuple[int, int, str]] = []
        """Moves out of the area and into it: the day, the day it was known, and the event."""
        self._protection: list[tuple[int, dt.datetime, str, bool]] = []

    def take(self, day: int, e: Any) -> None:
        """Take a change of level, a protection plan or a referral."""
        on = e.on.toordinal()
        if isinstance(e, LevelChanged):
            self.levels.append((on, e.id, e.to))
            self.levels.sort()
            self.level = self.levels[-1][2]
            before = next((c.to for c in reversed(self.changes) if c.day <= on), None)
            transferred = e.plan_transferred is True
            self.changes.append(LevelChange(e.id, on, e.from_ or before, e.to, transferred))
            self.changes.sort(key=_changed_on)
        elif isinstance(e, ProtectionPlan):
            self._protection.append((on, e.recorded_at, e.id, e.state == "began"))
            since, _, latest, began = max(self._protection)
            self.protection_plan = latest if began else None
            self.plan_since = since if began else None
            self.plan_category = e.category if began and e.id == latest else None
        elif isinstance(e, ReferralMade):
            if e.kind == "safeguarding":
                self.safeguarding[e.id] = on
        elif isinstance(e, MovedAway | MovedIn):
            moved = self.moved_away if isinstance(e, MovedAway) else self.moved_in
            moved.append((on, day, e.id))
            moved.sort()
        elif isinstance(e, ReferralClosed):
            self.safeguarding.pop(e.referral, None)

    @property
    def protected(self) -> bool:
        """Whether a protection plan is in force or a referral for safeguarding is open."""
        return self.protection_plan is not None or bool(self.safeguarding)
