"""Signs, illnesses, and the examinations that answer them."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from growthwatch.protocol.child.ledger import Dated, Ledger, Topic
from growthwatch.protocol.file.settings import Settings
from growthwatch.record import Admission, AnyEvent, Contact, Examined, IllnessRecorded, SignRecorded

__all__ = ["DANGER_SIGNS", "Examination", "Looked", "OedemaSeen", "SeenSigns", "Signs"]

DANGER_SIGNS = "danger_signs"
"""The sign that stands for danger signs which somebody found and did not name."""

_Moment = tuple[dt.time, dt.datetime]


@dataclass(frozen=True, slots=True)
class SeenSigns:
    """Signs that somebody recorded, on one occasion.

    ``temperature_c`` is the temperature then [°C], ``well`` whether the child was well otherwise: None where it was
    not said.  ``timed`` says whether the time of day is known; ``actor`` and ``role`` who recorded them.
    """

    day: int
    known_day: int
    moment: _Moment
    id: str
    signs: tuple[str, ...]
    temperature_c: float | None = None
    well: bool | None = None
    timed: bool = False
    actor: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True)
class Examination:
    """An examination by a clinician.

    ``danger_signs`` is what it says of them, or None; ``actor`` and ``role`` say who examined.
    """

    day: int
    known_day: int
    moment: _Moment
    id: str
    answers: tuple[str, ...]
    general: bool
    """Whether it answers every sign before it: it names no answers, or a finding about signs among them."""
    danger_signs: str | None = None
    actor: str = ""
    role: str = ""

    def answered(self, seen: SeenSigns) -> bool:
        """Whether it answers signs: it names them, or it came after they were seen and answered nothing else."""
        if seen.id in self.answers:
            return True
        if not self.general:
            return False
        return self.day > seen.day or (self.day == seen.day and self.moment > seen.moment)


@dataclass(frozen=True, slots=True)
class Looked:
    """What an examination found of length or feeding: ``normal`` or ``not_normal``."""

    day: int
    recorded_at: dt.datetime
    id: str
    what: str
    found: str


@dataclass(frozen=True, slots=True)
class OedemaSeen:
    """What was recorded of swelling, by whom: by an examination whether there is any, or as a sign.

    ``timed`` says whether the time of day is known, ``answers`` what an examination names.
    """

    day: int
    known_day: int
    moment: _Moment
    id: str
    present: bool
    examined: bool
    actor: str = ""
    role: str = ""
    timed: bool = False
    answers: tuple[str, ...] = ()


def _moment(e: AnyEvent) -> tuple[dt.time, dt.datetime]:
    """Order of events of one day: by time of day where it is known, then by when they were written down."""
    return (e.time or dt.time.min, e.recorded_at)


_OEDEMA = "oedema"
_NOTHING: frozenset[Topic] = frozenset()
_SIGNS: frozenset[Topic] = frozenset({"signs"})
_WEIGHTS: frozenset[Topic] = frozenset({"signs", "weights"})


def _seen(day: int, e: Any, signs: Sequence[object]) -> SeenSigns:
    """Signs as an event records them, with what it says besides."""
    celsius, well = getattr(e, "temperature_c", None), getattr(e, "well", None)
    names = tuple(str(s) for s in signs)
    return SeenSigns(
        e.on.toordinal(), day, _moment(e), e.id, names, celsius, well, e.time is not None, e.actor, str(e.role)
    )


def _oedema(day: int, e: AnyEvent, present: bool, examined: bool) -> OedemaSeen:
    """What an event that is known from a day on says of swelling."""
    role, timed = str(e.role), e.time is not None
    answers = e.answers if isinstance(e, Examined) else ()
    return OedemaSeen(e.on.toordinal(), day, _moment(e), e.id, present, examined, e.actor, role, timed, answers)


class Signs(Ledger):
    """What was seen of illness, and who looked."""

    TAKES: ClassVar[dict[str, frozenset[Topic]]] = {
        "sign_recorded": frozenset({"signs"}),
        "illness_recorded": frozenset({"signs"}),
        "examined": frozenset({"signs"}),
        "admission": frozenset({"signs"}),
        "contact": frozenset(),
    }

    def __init__(self, settings: Settings) -> None:
        terms = settings.terms
        self._examining, self._window, self._rules = terms.examining_roles, terms.ill_within_days, terms.sign_rules
        self.seen: list[SeenSigns] = []
        self.illnesses: list[tuple[int, str]] = []
        self.examinations: list[Examination] = []
        self.looked: list[Looked] = []
        self.oedema: list[OedemaSeen] = []
        """What was recorded of swelling, in order of reading."""
        # Of each day what was said of danger signs when they were looked for: who said none, and who found some.
        self._none_on: dict[int, str] = {}
        self._some_on: set[int] = set()
        self.said_of_danger = 0
        """How often it was written down whether there are danger signs."""
        self.examined, self.feeding = Dated(), Dated()
        self.histories, self.feeds = Dated(), Dated()
        """Examinations with a history of feeding, and with a feed that was watched."""
        self._by_role: list[tuple[int, str, str]] = []
        self.unexplained: list[tuple[int, str]] = []
        """Examinations that found nothing that explains the weight: day and id."""
        # Days of illness or signs, and the first of each day.
        self._ill_days: list[int] = []
        self._ill: dict[int, str] = {}
        self._signed: dict[int, str] = {}
        # Signs that examinations name, and the latest examination that answers whatever came before it.
        self._named: set[str] = set()
        self._latest: tuple[int, tuple[dt.time, dt.datetime]] | None = None
        self._standing: dict[frozenset[str], list[SeenSigns]] = {}

    TELLING: ClassVar[frozenset[str]] = frozenset({"contact", "examined", "sign_recorded", "illness_recorded"})
    """Types of event that may be news by what they say (`tells`)."""

    @staticmethod
    def tells(e: AnyEvent) -> frozenset[Topic]:
        """What an event is news for by what it says: danger signs at a contact, and what clears a gain."""
        if isinstance(e, Contact) and e.danger_signs not in (None, "not_asked"):
            return _SIGNS
        if isinstance(e, Examined) and e.oedema is not None:
            return _WEIGHTS
        if isinstance(e, SignRecorded | IllnessRecorded) and _OEDEMA in e.signs:
            return _WEIGHTS
        return _NOTHING

    def take(self, day: int, e: Any) -> None:
        """Take signs, an illness, an examination, what a contact says of danger signs, or an admission."""
        on = e.on.toordinal()
        if isinstance(e, SignRecorded):
            self._see(_seen(day, e, e.signs), e)
        elif isinstance(e, IllnessRecorded):
            self.illnesses.append((on, e.id))
            if on not in self._ill and on not in self._signed:
                insort(self._ill_days, on)
            self._ill.setdefault(on, e.id)
            # A temperature is a sign, whether or not a fever was written beside it.
            if e.signs or e.temperature_c is not None:
                self._see(_seen(day, e, e.signs), e)
        elif isinstance(e, Contact):
            self._dangers(day, e)
        elif isinstance(e, Admission):
            # An admitted child is examined; what was found is for those who did it to say.
            self.examined.add(on, e.id)
        elif isinstance(e, Examined):
            self._examined(day, e)

    def _examined(self, day: int, e: Examined) -> None:
        on = e.on.toordinal()
        self._dangers(day, e)
        if e.oedema is not None:
            self.oedema.append(_oedema(day, e, e.oedema == "present", examined=True))
        self._by_role.append((on, e.id, str(e.role)))
        if e.explanation == "none_found":
            self.unexplained.append((on, e.id))
        if e.history_taken:
            self.histories.add(on, e.id)
        if e.feed_observed:
            self.feeds.add(on, e.id)
        known = e.role in self._examining
        if not known and e.danger_signs is None:
            return
        # The key of a finding begins with its rule: "H2@start".
        general = known and (not e.answers or any(a.partition("@")[0] in self._rules for a in e.answers))
        x = Examination(on, day, _moment(e), e.id, e.answers, general, e.danger_signs, e.actor, e.role)
        if not known:
            self.examinations.append(x)
            return
        self._examine(x)
        for what, found in (("length", e.length), ("feeding", e.feeding)):
            if found is not None:
                self.looked.append(Looked(on, e.recorded_at, e.id, what, found))
                if what == "feeding":
                    self.feeding.add(on, e.id)

    def _dangers(self, day: int, e: Contact | Examined) -> None:
        """Keep what was said of danger signs when they were asked about."""
        on = e.on.toordinal()
        self.said_of_danger += e.danger_signs is not None
        if e.danger_signs == "none":
            self._none_on.setdefault(on, e.id)
        elif e.danger_signs == "present":
            self._some_on.add(on)
            self._see(_seen(day, e, (DANGER_SIGNS,)), e)

    def no_danger_on(self, day: int) -> str | None:
        """Id of the event that records danger signs as none on a day; None without one, or where another found some."""
        return None if day in self._some_on else self._none_on.get(day)

    def asked_on(self, day: int) -> bool:
        """Whether somebody wrote down on a day whether there are danger signs."""
        return day in self._none_on or day in self._some_on

    @property
    def last_ill(self) -> int | None:
        """Latest day of illness or signs, or None [ordinal]."""
        return self._ill_days[-1] if self._ill_days else None

    def ill_after(self, day: int) -> list[str]:
        """Ids of signs and illnesses seen after a day, the first of each kind and day."""
        later = self._ill_days[bisect_right(self._ill_days, day) :]
        return [known[on] for on in later for known in (self._signed, self._ill) if on in known]

    def _see(self, seen: SeenSigns, e: AnyEvent) -> None:
        self.seen.append(seen)
        if _OEDEMA in seen.signs:
            self.oedema.append(_oedema(seen.known_day, e, present=True, examined=False))
        if seen.day not in self._ill and seen.day not in self._signed:
            insort(self._ill_days, seen.day)
        self._signed.setdefault(seen.day, seen.id)
        for wanted, standing in self._standing.items():
            if wanted.intersection(seen.signs) and self._stands(seen):
                self._standing[wanted] = [*standing, seen]

    def _examine(self, x: Examination) -> None:
        self.examinations.append(x)
        self.examined.add(x.day, x.id)
        self._named.update(x.answers)
        if x.general and (self._latest is None or (x.day, x.moment) > self._latest):
            self._latest = (x.day, x.moment)
        # What was answered once stays answered.
        self._standing = {w: [s for s in standing if self._stands(s)] for w, standing in self._standing.items()}

    def _stands(self, s: SeenSigns) -> bool:
        return s.id not in self._named and (self._latest is None or self._latest <= (s.day, s.moment))

    def by_roles(self, roles: tuple[str, ...], since: int) -> tuple[int, str] | None:
        """The first examination by somebody of some roles, from a day on: day and id, or None."""
        return min(((day, id) for day, id, role in self._by_role if role in roles and day >= since), default=None)

    def ill_near(self, day: int) -> str | None:
        """Id of an illness or sign recorded within the protocol's days of a day, or None.

        Of one day an illness comes before a sign, and of either the first that was read.
        """
        days = self._ill_days
        at = bisect_right(days, day + self._window) - 1
        if at < 0 or days[at] < day - self._window:
            return None
        return self._ill.get(days[at]) or self._signed[days[at]]

    def well_after(self, ill: str | None) -> tuple[int, ...]:
        """First day that an illness or sign no longer counts as near; none for None."""
        days = [day for day, id in self.illnesses if id == ill] + [s.day for s in self.seen if s.id == ill]
        return tuple(day + self._window + 1 for day in days)

    def unanswered(self, wanted: frozenset[str]) -> Sequence[SeenSigns]:
        """Occasions on which one of the signs was recorded that no examination has answered."""
        found = self._standing.get(wanted)
        if found is None:
            found = [s for s in self.seen if wanted.intersection(s.signs) and self._stands(s)]
            self._standing[wanted] = found
        return found

    def answer_to(self, seen: SeenSigns) -> Examination | None:
        """First examination that answers signs, in order of day."""
        answers = (x for x in self.examinations if x.role in self._examining and x.answered(seen))
        return min(answers, key=lambda x: (x.day, x.moment), default=None)
