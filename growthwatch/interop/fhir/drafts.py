"""What a resource says, before it is known of which child: drafts of events, and what all readers share."""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from growthwatch.core.calendar import time_zone
from growthwatch.interop.fhir.nodes import Node, clean, identifiers, one, reference, tail, usable_id, word
from growthwatch.interop.fhir.own import marks_of, overlay, own_id, own_word
from growthwatch.interop.fhir.report import Refusal, Report
from growthwatch.interop.fhir.times import When, moment, when
from growthwatch.record.values import MAX_NAME
from growthwatch.record.words import Role

__all__ = ["BIRTH_TIME", "Draft", "Here", "Patient", "id_on", "local_id", "server_of", "server_of_id"]

_ADDRESS = re.compile(r"(https?://.+)/[A-Za-z]+/[^/]+$")
BIRTH_TIME = "http://hl7.org/fhir/StructureDefinition/patient-birthTime"
"""The extension of a day of birth that says the time."""


@dataclass(slots=True)
class Draft:
    """An event to be: its keys but the day where it is that of birth, and of whom it is.

    Attributes
    ----------
    subject
        Where the reference to the patient leads, as it is written.
    data
        The written form of the event; ``on`` is missing where it is the day of birth.
    resource
        Type and id of the resource that says it.
    version
        By which two forms of one resource are put in order: its version, or when it was last changed.
    identifiers
        Business identifiers of the resource: two resources with one of them are the same thing.
    path
        Where the resource says it.
    changed
        When this form of it was written, by the latest moment that it says; else when it came in.
    server
        From which server the resource is, where its full address says so: ids are those of a server.
    in_error
        Whether the resource says that it was entered in error.
    only_back
        Whether it says too little to be an event, and can only take back what is there.
    own
        Whether growthwatch wrote it, so that its id is that of the event, on whichever server it lies.
    marks
        The error marks on it, where growthwatch wrote it and says so itself.
    came
        What came of it: ``made``, ``refused`` or ``repeated``.
    """

    subject: str
    data: dict[str, Any]
    resource: str
    version: str | None
    identifiers: tuple[tuple[str, str], ...]
    path: str
    changed: dt.datetime
    server: str | None = None
    in_error: bool = False
    only_back: bool = False
    own: bool = False
    marks: list[dict[str, Any]] | None = None
    came: str = "made"

    def refuse(self, report: Report, path: str, value: object, reason: str, remedy: str) -> None:
        """Make no event of it, and say why."""
        self.came = "refused"
        report.add("refused", self.resource, path, value, reason, remedy)

    def doubt(self, report: Report, value: object, reason: str) -> None:
        """Make an event of it, and say why somebody should look."""
        report.add("doubted", self.resource, "id", value, reason, "look which is right")


@dataclass(slots=True)
class Patient:
    """A patient, what becomes of the birth, and the server; `lost` where it cannot be told from another."""

    resource: str
    id: str
    identifiers: tuple[tuple[str, str], ...]
    born: dict[str, Any] | None
    died: dict[str, Any] | None
    server: str | None = None
    lost: bool = False


@dataclass(slots=True)
class Here:
    """The resource that is being read, and what reading needs besides it.

    Attributes
    ----------
    node
        The resource.
    resource
        Its type and id.
    address
        How a reference to it reads: its full address, where it has one.
    held_by
        The resource that contains it, or None.
    server
        The server that it is from, where that is known.
    """

    node: Node
    resource: str
    address: str | None
    held_by: str | None
    report: Report
    zone: str
    received_at: dt.datetime
    conditions: Mapping[tuple[str, str], str]
    find: Callable[[str | None], Node | None]
    server: str | None = None
    drafts: list[Draft] = field(default_factory=lambda: [])

    def doubt(self, path: str, value: object, reason: str, remedy: str) -> None:
        """Write down that an event should be looked at."""
        self.report.add("doubted", self.resource, path, value, reason, remedy)

    def changed(self, path: str, value: object, reason: str, remedy: str = "nothing, if that is right") -> None:
        """Write down that an event says it otherwise than it was given."""
        self.report.add("changed", self.resource, path, value, reason, remedy)

    def short(self, path: str, text: str, most: int) -> str:
        """Text as long as an event may hold it, so that nobody loses a weight for a long note; what is cut is said."""
        if len(text) <= most:
            return text
        self.changed(
            path, text, f"it has {len(text)} characters: the first {most} are kept", "read the rest where it was"
        )
        return text[:most].rstrip()

    def day(self, value: Any, path: str) -> When:
        """Read a day that has been.

        Raises
        ------
        Refusal
            Where it is no whole day, or is after the day on which it came in.
        """
        found = when(value, path, self.zone)
        if found.on > _day_of(self.received_at, self.zone):
            raise Refusal(path, value, "it is after the day on which it came in", "give the day on which it happened")
        if found.doubt is not None:
            self.doubt(path, value, found.doubt, "give the zone of the time")
        return found

    def ahead(self, value: Any, path: str) -> dt.date:
        """Read a day that may be still to come."""
        return when(value, path, self.zone).on

    def recorded_at(self, part: str = "") -> dt.datetime:
        """Return when it was written down: as the resource says, or else when it came in."""
        for path, value in (
            ("extension", own_word(self.node, "recorded_at", part)),
            ("issued", self.node.get("issued")),
            ("meta.lastUpdated", one(self.node, "meta").get("lastUpdated")),
        ):
            if value is None:
                continue
            found = moment(value)
            if found is None or found > self.received_at:
                why = "it is no moment with its zone" if found is None else "it is after the moment at which it came in"
                self.doubt(path, value, f"{why}: the moment of coming in is taken", "give when it was written down")
                continue
            return found
        return self.received_at

    def changed_at(self, part: str = "") -> dt.datetime:
        """Return when this form of it was written: its latest moment (`issued` may stay that of the first form)."""
        given = (
            own_word(self.node, "recorded_at", part),
            self.node.get("issued"),
            one(self.node, "meta").get("lastUpdated"),
        )
        found = [m for m in map(moment, given) if m is not None and m <= self.received_at]
        return max(found, default=self.received_at)

    def who(self, path: str = "performer") -> tuple[str, Role]:
        """Return who wrote it, as far as it is said."""
        given = one(self.node, path)
        given = one(given, "actor") or given
        leads = word(given, "reference")
        name = self.short(path, clean(word(given, "display")) or clean(leads) or "not named", MAX_NAME)
        family = leads is not None and tail(leads).startswith(("RelatedPerson/", "Patient/"))
        return name, Role.FAMILY if family else Role.OTHER

    def subject(self, *keys: str) -> str:
        """Return where the reference to the patient leads."""
        for key in keys or ("subject", "patient", "for"):
            if (found := reference(self.node, key)) is not None:
                if found.startswith("#"):
                    return f"{self.held_by or self.resource}{found}"
                return found if self.server is None or re.match("[a-z]+:", found) else f"{self.server}/{found}"
            who = one(self.node, key, "identifier")
            system, value = word(who, "system"), word(who, "value")
            if system is not None and value is not None:
                return f"identifier:{system}|{value}"
        raise Refusal("subject", None, "it does not say of whom it is", "give the reference to the patient")

    def add(
        self, type: str, when_: When | None, data: Mapping[str, Any], *, path: str, part: str = "", **more: Any
    ) -> Draft:
        """Add the draft of an event; without a day, it is of the day of birth."""
        actor, role = more.pop("who", None) or self.who()
        held: dict[str, Any] = {
            "id": self.event_id(part),
            "type": type,
            "recorded_at": self.recorded_at(part),
            "actor": actor,
            "role": role,
            **{k: v for k, v in data.items() if v is not None},
        }
        if when_ is not None:
            held["on"] = when_.on
            if when_.time is not None:
                held["time"] = when_.time
        overlay(held, self.node, part)
        meta = one(self.node, "meta")
        version = word(meta, "versionId") or word(meta, "lastUpdated")
        subject = more.pop("subject", None) or self.subject()
        named = identifiers(self.node) if not part else ()
        draft = Draft(subject, held, self.resource, version, named, path, self.changed_at(part))
        draft.own = own_id(self.node, part) is not None
        draft.server = server_of_id(held["id"]) if draft.own else self.server
        draft.marks = marks_of(self.node, part, held["id"], self.received_at)
        self.drafts.append(draft)
        return draft

    def event_id(self, part: str = "") -> str:
        """Return the id of its event, or of that of a part: ours, where growthwatch wrote it."""
        ours = own_id(self.node, part)
        if ours is not None:
            return usable_id(ours)
        main = own_id(self.node)
        return usable_id(main + part) if main is not None else id_on(self.server, self.resource + part)

    def skip(self, what: str) -> None:
        """Count it as not read."""
        self.report.not_read[what] += 1


def server_of(address: str | None) -> str | None:
    """Return the server that a full address begins with; None where it names none."""
    if address is None or not address.startswith("http"):
        return None
    found = _ADDRESS.match(address)
    return None if found is None else found[1]


@functools.lru_cache(maxsize=8)
def _day_of(moment: dt.datetime, zone: str) -> dt.date:
    """Return the day of a moment; every resource of a file asks for that on which it came in."""
    return moment.astimezone(time_zone(zone)).date()


def id_on(server: str | None, local: str) -> str:
    """Return the id of an event of a resource: ids are those of a server, so its address is part of it."""
    return usable_id(local if server is None else f"{server}|{local}")


def server_of_id(id: str) -> str | None:
    """Return the server that the id of an event names."""
    if not id.startswith(("https://", "http://")):
        return None
    server, found, _ = id.partition("|")
    return server if found else None


def local_id(id: str) -> str:
    """Return the id of an event without its server, and without which form of it this is."""
    server = server_of_id(id)
    return (id if server is None else id[len(server) + 1 :]).partition("@")[0]
