"""Who saw the child, and whether paediatrics did or was asked to."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar, NamedTuple

from growthwatch.core.words import same_name
from growthwatch.protocol.child.ledger import Dated, Ledger, Topic
from growthwatch.protocol.file.settings import Settings
from growthwatch.record import Admission, AdviceReported, Contact, Examined, ListRead, ReferralMade

__all__ = ["Contacts", "Visit"]


class Visit(NamedTuple):
    """A contact face to face: its day and the day from which it is known [ordinal], and what it says of asking.

    ``advice_sought`` is what it says of advice, ``why_not_weighed`` whether it says why nobody weighed the child.
    """

    day: int
    known_day: int
    id: str
    advice_sought: str | None
    why_not_weighed: bool


class Contacts(Ledger):
    """Contacts face to face, and those with paediatrics or a hospital.

    One contact that was entered twice (of one day, service and actor, at times that are equal or missing) is one.
    """

    TAKES: ClassVar[dict[str, frozenset[Topic]]] = {
        "contact": frozenset({"contacts"}),
        "examined": frozenset({"contacts"}),
        "referral_made": frozenset({"contacts"}),
        "admission": frozenset({"contacts"}),
        "list_read": frozenset({"contacts"}),
        "advice_reported": frozenset({"contacts"}),
    }

    def __init__(self, settings: Settings) -> None:
        self._paediatrics = settings.terms.paediatrics
        self._entered: dict[tuple[int, str, str], frozenset[dt.time]] = {}
        self._visits: dict[int, list[Visit]] = {}
        self.advice: list[int] = []
        """Days on which somebody reported advice that was given."""
        self.met = Dated()
        """Contacts face to face, examinations among them."""
        self.seen = Dated()
        """Seen by paediatrics or in hospital."""
        self.lists_read: list[tuple[int, str]] = []
        """Lists in which somebody read the child's row: day and id."""
        self.asked = Dated()
        """Paediatrics asked, or seen."""

    def take(self, day: int, e: Any) -> None:
        """Take a contact, an examination, a referral or an admission."""
        on = e.on.toordinal()
        if isinstance(e, Contact):
            if e.face_to_face:
                visit = Visit(on, day, e.id, e.advice_sought, e.not_weighed_because is not None)
                self._visits[on] = [*self._visits.get(on, ()), visit]
                if self._is_new(on, e):
                    self.met.add(on, e.id)
        elif isinstance(e, AdviceReported):
            self.advice.append(on)
        elif isinstance(e, Examined):
            self.met.add(on, e.id)
            if e.role in self._paediatrics.roles:
                self._seen(on, e.id)
        elif isinstance(e, ListRead):
            self.lists_read.append((on, e.id))
        elif isinstance(e, Admission):
            self._seen(on, e.id)
        elif isinstance(e, ReferralMade) and e.kind == "clinical" and self._to_paediatrics(e):
            self.asked.add(on, e.id)

    def _to_paediatrics(self, e: ReferralMade) -> bool:
        """Whether a referral goes to paediatrics or a hospital: by its service; by its words where it names none."""
        if e.service is not None:
            return e.service in ("paediatrics", "emergency")
        return self._paediatrics.named_in(e.to)

    def last_visits(self) -> list[Visit]:
        """Contacts face to face of the latest day with one, as they were read; none without one."""
        return self._visits[max(self._visits)] if self._visits else []

    def visited_before(self, day: int) -> int | None:
        """The latest day before one with a contact face to face, or None."""
        return max((d for d in self._visits if d < day), default=None)

    def _is_new(self, on: int, e: Contact) -> bool:
        """Whether a contact is another than those of its day, service and actor that were entered before."""
        key = (on, same_name(e.service or ""), same_name(e.actor))
        times = self._entered.get(key)
        if times is None:
            self._entered[key] = frozenset() if e.time is None else frozenset({e.time})
            return True
        if e.time is None or e.time in times:
            return False
        self._entered[key] = times | {e.time}
        # A contact whose time was not known may be this one.
        return bool(times)

    def _seen(self, on: int, id: str) -> None:
        self.seen.add(on, id)
        self.asked.add(on, id)
