"""Conditions that a child is known to have, and how severe they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from growthwatch.protocol.child.ledger import Ledger, Topic
from growthwatch.protocol.file.settings import Settings
from growthwatch.record import ConditionDiagnosed, ConditionEnded

__all__ = ["Conditions", "Known"]


@dataclass(frozen=True, slots=True)
class Known:
    """A condition as it is known: since when, of high need or highest risk or not, by which event; the GMFCS level."""

    day: int
    high_need: bool
    highest_risk: bool
    event: str
    gmfcs: int | None = None


class Conditions(Ledger):
    """Conditions by name."""

    TAKES: ClassVar[dict[str, frozenset[Topic]]] = {
        "condition_diagnosed": frozenset({"conditions"}),
        "condition_ended": frozenset({"conditions"}),
    }

    def __init__(self, settings: Settings) -> None:
        self._terms = settings.terms
        self.known: dict[str, Known] = {}
        self.high_need = False
        self.high_need_since: int | None = None
        """The day from which it has been known that need is high [ordinal day]; None where it is not."""

    def take(self, day: int, e: Any) -> None:
        """Take a diagnosis, or its end."""
        on = e.on.toordinal()
        if isinstance(e, ConditionDiagnosed):
            before = self.known.get(e.condition)
            if before is None or on >= before.day:
                # A diagnosis that does not say how severe it is takes nothing away from one that did.
                high, risk = (before.high_need, before.highest_risk) if before is not None else (False, False)
                if e.gmfcs is not None or e.high_need is not None:
                    severe = e.gmfcs is not None and e.gmfcs >= self._terms.high_need_gmfcs_from
                    high = bool(e.high_need) or severe
                gmfcs = before.gmfcs if e.gmfcs is None and before is not None else e.gmfcs
                self.known[e.condition] = Known(on, high, risk or e.highest_risk, e.id, gmfcs)
        elif isinstance(e, ConditionEnded):
            before = self.known.get(e.condition)
            if before is not None and before.day <= on:
                del self.known[e.condition]
        self.high_need = any(c.high_need for c in self.known.values())
        if not self.high_need:
            self.high_need_since = None
        elif self.high_need_since is None:
            self.high_need_since = day

    @property
    def tube_fed(self) -> bool:
        """Whether the child is fed by tube."""
        return "tube_feeding" in self.known
