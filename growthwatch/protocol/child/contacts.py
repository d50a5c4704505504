"""Who saw the child, and whether paediatrics did or was asked to."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from growthwatch.protocol.child.ledger import Dated, Ledger, Topic
from growthwatch.protocol.file.settings import Settings
from growthwatch.record import Admission, Contact, Examined, ReferralMade, Role

__all__ = ["Contacts"]

_PAEDIATRIC = frozenset({Role.PAEDIATRICIAN, Role.HOSPITAL_DOCTOR, Role.EMERGENCY_DEPARTMENT})

# To whom a referral goes is free text: these words say that it goes to paediatrics or a hospital.
_TO_PAEDIATRICS = re.compile(r"paed|pedi|hospital|emergency|\bA&E\b|\bED\b", re.IGNORECASE)


class Contacts(Ledger):
    """Contacts face to face, and those with paediatrics or a hospital."""

    TAKES: ClassVar[dict[str, frozenset[Topic]]] = {
        "contact": frozenset({"contacts"}),
        "examined": frozenset({"contacts"}),
        "referral_made": frozenset({"contacts"}),
        "admission": frozenset({"contacts"}),
    }

    def __init__(self, settings: Settings) -> None:
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
            if e.face_to_face:
                self.met.add(on, e.id)
        elif isinstance(e, Examined):
            self.met.add(on, e.id)
            if e.role in _PAEDIATRIC:
                self._seen(on, e.id)
        elif isinstance(e, Admission):
            self._seen(on, e.id)
        elif isinstance(e, ReferralMade) and e.kind == "clinical" and _TO_PAEDIATRICS.search(e.to):
            self.asked.add(on, e.id)

    def _seen(self, on: int, id: str) -> None:
        self.seen.add(on, id)
        self.asked.add(on, id)
