"""Who saw the child, and whether paediatrics did or was asked to."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from growthwatch.protocol.child.ledger import Dated, Ledger, Topic
from growthwatch.protocol.file.settings import Settings
from growthwatch.record import Admission, Contact, Examined, ReferralMade

__all__ = ["Contacts"]


class Contacts(Ledger):
    """Contacts face to face, and those with paediatrics or a hospital."""

    TAKES: ClassVar[dict[str, frozenset[Topic]]] = {
        "contact": frozenset({"contacts"}),
        "examined": frozenset({"contacts"}),
        "referral_made": frozenset({"contacts"}),
        "admission": frozenset({"contacts"}),
    }

    def __init__(self, settings: Settings) -> None:
        self._paediatrics = settings.terms.paediatrics
        self._told: dict[tuple[int, str | None, str], tuple[dt.time | None, ...]] = {}
        self.met = Dated()
        """Contacts face to face, examinations among them."""
        self.seen = Dated()
        """Seen by paediatrics or in hospital."""
        self.asked = Dated()
        """Paediatrics asked, or seen."""

    def take(self, day: int, e: Any) -> None:
        """Take a contact, an examination, a referral or an admission."""
        on = e.on.toordinal()
        if isinstance(e, Contact):
            if e.face_to_face and not self._told_before(on, e):
                self.met.add(on, e.id)
        elif isinstance(e, Examined):
            self.met.add(on, e.id)
            if e.role in self._paediatrics.roles:
                self._seen(on, e.id)
        elif isinstance(e, Admission):
            self._seen(on, e.id)
        elif isinstance(e, ReferralMade) and e.kind == "clinical" and self._paediatrics.named_in(e.to):
            self.asked.add(on, e.id)

    def _told_before(self, on: int, e: Contact) -> bool:
        """Whether a contact is an entry of one told before: of one day, service and actor, times equal or missing."""
        key = on, e.service, e.actor
        times = self._told.get(key, ())
        if any(e.time is None or t is None or e.time == t for t in times):
            return True
        self._told[key] = (*times, e.time)
        return False

    def _seen(self, on: int, id: str) -> None:
        self.seen.add(on, id)
        self.asked.add(on, id)
