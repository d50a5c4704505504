"""The help that is around the child: levels of service, protection plans, referrals for safeguarding."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from growthwatch.protocol.child.ledger import Ledger, Topic
from growthwatch.protocol.file.settings import Settings
from growthwatch.record import LevelChanged, ProtectionPlan, ReferralClosed, ReferralMade

__all__ = ["People"]


class People(Ledger):
    """Levels, protection plans and open referrals for safeguarding."""

    TAKES: ClassVar[dict[str, frozenset[Topic]]] = {
        "level_changed": frozenset({"people"}),
        "protection_plan": frozenset({"people"}),
        "referral_made": frozenset({"people"}),
        "referral_closed": frozenset({"people"}),
    }

    def __init__(self, settings: Settings) -> None:
        self.levels: list[tuple[int, str, str]] = []
        self.level: str | None = None
        self.protection_plan: str | None = None
        self.safeguarding: dict[str, int] = {}
        self._protection: list[tuple[int, dt.datetime, str, bool]] = []

    def take(self, day: int, e: Any) -> None:
        """Take a change of level, a protection plan or a referral."""
        on = e.on.toordinal()
        if isinstance(e, LevelChanged):
            self.levels.append((on, e.id, e.to))
            self.levels.sort()
            self.level = self.levels[-1][2]
        elif isinstance(e, ProtectionPlan):
            self._protection.append((on, e.recorded_at, e.id, e.state == "began"))
            _, _, latest, began = max(self._protection)
            self.protection_plan = latest if began else None
        elif isinstance(e, ReferralMade):
            if e.kind == "safeguarding":
                self.safeguarding[e.id] = on
        elif isinstance(e, ReferralClosed):
            self.safeguarding.pop(e.referral, None)

    @property
    def protected(self) -> bool:
        """Whether a protection plan is in force or a referral for safeguarding is open."""
        return self.protection_plan is not None or bool(self.safeguarding)
