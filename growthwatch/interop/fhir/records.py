"""From resources to records: each child's events, and a report of all that is not in them as it was given."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from growthwatch.core.calendar import time_zone
from growthwatch.core.errors import GrowthwatchError
from growthwatch.interop.fhir import codes
from growthwatch.interop.fhir.contacts import appointment, communication, encounter, questionnaire, request
from growthwatch.interop.fhir.drafts import Draft, Here, server_of
from growthwatch.interop.fhir.merging import into_records
from growthwatch.interop.fhir.nodes import Node, identifiers, many, tail, word
from growthwatch.interop.fhir.observations import observation
from growthwatch.interop.fhir.own import OURS, is_event
from growthwatch.interop.fhir.people import condition, episode, patient
from growthwatch.interop.fhir.report import Refusal, Report
from growthwatch.interop.fhir.source import Source, entries, entry_of
from growthwatch.interop.fhir.whose import Held
from growthwatch.record.record import Record
from growthwatch.record.values import as_instant

__all__ = ["Imported", "to_records"]

_TOLD = frozenset(
    {
        "Practitioner",
        "PractitionerRole",
        "Organization",
        "CareTeam",
        "RelatedPerson",
        "Location",
        "MessageHeader",
        "HealthcareService",
    }
)
"""Types that say who or where: events name them, and they make none."""

_NO_PLACE = {
    "Flag": "a record has no place for a flag of others: if it is a worry, write down who worries about what",
    "CarePlan": "a plan counts in a record only where a named person signs it",
}
_SERVER = re.compile(r"https?://[^\s|]+")
_LATE = frozenset(
    {"EpisodeOfCare", "Encounter", "Appointment", "Task", "ServiceRequest", "ReferralRequest", "Communication"}
)
"""Types whose names stand in other resources, which may come after them."""


@dataclass(frozen=True)
class Imported:
    """What came in.

    Attributes
    ----------
    records
        The record of each child, by its id.
    report
        What was refused, doubted or changed, and how much was not read.
    """

    records: Mapping[str, Record]
    report: Report


@dataclass
class _Reading:
    report: Report
    zone: str
    received_at: dt.datetime
    conditions: Mapping[tuple[str, str], str]
    server: str | None = None
    held: Held = field(default_factory=Held)
    named: dict[str, Node] = field(default_factory=lambda: {})
    late: list[Here] = field(default_factory=lambda: [])
    groups: list[list[Draft]] = field(default_factory=lambda: [])
    file: str = ""
    row: int = 0

    def find(self, leads: str | None) -> Node | None:
        """The resource that a reference leads to, if it says who or where."""
        return None if leads is None else self.named.get(leads) or self.named.get(tail(leads))

    def take(self, address: str | None, node: Node, held_by: str | None = None, server: str | None = None) -> None:
        """Read one resource, and what it contains."""
        kind, id = word(node, "resourceType"), word(node, "id")
        if kind == "Bundle":
            self._bundle(node)
            return
        self.report.resources += 1
        if kind is None:
            where = address or f"entry {self.row}"
            self.report.stands(where, self.file, self.row)
            self.report.add("refused", where, "resource", None, "there is no resource", "give a resource with its type")
            self.report.fates["refused"] += 1
            return
        if held_by is not None:
            name = f"{held_by}#{id or '?'}"
            address = name
        else:
            name = f"{kind}/{id or (tail(address) if address else f'without-an-id-{self.report.resources}')}"
        self.report.stands(name, self.file, self.row)
        server = server_of(address) or server or self.server
        here = Here(
            node, name, address, held_by, self.report, self.zone, self.received_at, self.conditions, self.find, server
        )
        if kind in _TOLD or kind == "Patient":
            for key in {address or name, name, tail(address or name)}:
                self.named[key] = node
        if kind in _LATE:
            self.late.append(here)
        else:
            self.judge(here)
        for inside in many(node, "contained"):
            self.take(None, inside, name, server)

    def _bundle(self, node: Node) -> None:
        """Read each entry of a Bundle that lies in another, or that is a line of its own."""
        given = node.get("entry")
        for entry in cast("list[Any]", given) if isinstance(given, list) else [] if given is None else [given]:
            self.take(*entry_of(entry))

    def judge(self, here: Here) -> None:
        """Make drafts of a resource, or say why not."""
        kind = str(here.node["resourceType"])
        try:
            fate = self._read(here, kind)
        except Refusal as e:
            here.report.add("refused", here.resource, e.path, e.value, e.reason, e.remedy)
            here.drafts.clear()
            fate = "refused"
        if fate == "refused" and not here.drafts and kind != "Patient":
            with suppress(Refusal):
                self.held.refused[here.resource] = here.subject()
        if here.drafts:
            self.groups.append(here.drafts)
            self.held.drafts += here.drafts
        else:
            self.report.fates[fate] += 1

    def count(self) -> None:
        """Count what came of the resources that had drafts, once it is known."""
        for drafts in self.groups:
            came = {d.came for d in drafts}
            self.report.fates[next(x for x in ("made", "refused", "repeated") if x in came)] += 1

    def _read(self, here: Here, kind: str) -> str:
        if kind == "Patient" or kind in _READERS:
            _understood(here)
        if kind == "Patient":
            self._patient(here)
            return "told"
        if kind in _TOLD:
            return "told"
        ours = any(s.startswith(OURS) for s, _ in identifiers(here.node))
        if ours and kind not in ("Observation", "Patient") and not is_event(here.node):
            # It came from a review of ours: it is worked out anew, and nothing new.
            here.skip(f"{kind} (from growthwatch)")
            return "not_read"
        if kind in _NO_PLACE:
            raise Refusal("resourceType", kind, _NO_PLACE[kind], "nothing, if it is no worry and no plan")
        reader = _READERS.get(kind)
        if reader is None:
            here.skip(kind)
            return "not_read"
        return reader(here) or "made"

    def _patient(self, here: Here) -> None:
        keys = {here.address or here.resource, here.resource, tail(here.address or here.resource)}
        keys |= {f"identifier:{system}|{value}" for system, value in identifiers(here.node)}
        try:
            found = patient(here)
        except Refusal:
            self.held.grown_up |= keys
            raise
        self.held.add_patient(found, keys, self.report)


def _understood(here: Here) -> None:
    """Refuse what may turn round all that a resource says, as FHIR asks of whoever does not know it."""
    parts = [("", here.node), *((f"component[{i}].", c) for i, c in enumerate(many(here.node, "component")))]
    for path, node in parts:
        for extension in many(node, "modifierExtension"):
            url = word(extension, "url")
            why = "it may turn round what the resource says, and is not read"
            raise Refusal(f"{path}modifierExtension", url, why, "send it without, if it says the same then")
    if (rules := word(here.node, "implicitRules")) is not None:
        raise Refusal(
            "implicitRules", rules, "rules of a sender are not read", "send it without, if it says the same then"
        )


_READERS: dict[str, Callable[[Here], str | None]] = {
    "Observation": observation,
    "Condition": condition,
    "Encounter": encounter,
    "Appointment": appointment,
    "EpisodeOfCare": episode,
    "ServiceRequest": request,
    "ReferralRequest": request,
    "Task": request,
    "Communication": communication,
    "QuestionnaireResponse": questionnaire,
}


def to_records(
    *sources: Source,
    received_at: dt.datetime,
    identifier: str | None = None,
    into: Mapping[str, Record] | None = None,
    server: str | None = None,
    conditions: Mapping[tuple[str, str], str] | None = None,
    zone: str = "Europe/London",
) -> Imported:
    """Read Bundles and single resources of FHIR STU3, R4 and R4B into records, and say what is not in them.

    Parameters
    ----------
    *sources
        Paths of files, or their bytes, in JSON or XML.  References lead from one to another.
    received_at
        The moment at which they came in: an aware datetime.  It is when an event was written down, where the
        resource does not say (``issued`` or ``meta.lastUpdated``); nothing after it has happened.
    identifier
        The system of the identifier that is the child's id, as ``https://fhir.nhs.uk/Id/nhs-number``; None: the id
        of the patient's resource.
    into
        Records that are there already: what they hold is not added again, and what was changed since corrects it.
    server
        The address of the server from which the sources are, as ``https://fhir.example.org/r4``, where their entries
        have no ``fullUrl`` that says so.  Ids are those of a server: it is part of the ids of the events.
    conditions
        More codes of conditions: a word of the record for each system and code.
    zone
        IANA name of the zone in whose calendar days are counted.

    Returns
    -------
    Imported
        ``records`` by the child's id, and the ``report``.

    Raises
    ------
    GrowthwatchError
        Where a file cannot be read, or an argument is wrong.  What is wrong in a resource never raises: it is a
        line of the report.
    """
    moment = as_instant(received_at)
    if moment is None or isinstance(received_at, str):
        raise GrowthwatchError.of("received_at", received_at, "an aware datetime")
    time_zone(zone)
    if not sources:
        raise GrowthwatchError.of("sources", sources, "at least one file, or its bytes")
    given = cast("Any", {} if into is None else into)
    if not isinstance(given, Mapping) or not all(
        isinstance(r, Record) for r in cast("Mapping[Any, Any]", given).values()
    ):
        raise GrowthwatchError.of("into", into, "records by the id of the child")
    if identifier is not None and not isinstance(cast("Any", identifier), str):
        raise GrowthwatchError.of("identifier", identifier, "the system of an identifier")
    if server is not None and not (isinstance(cast("Any", server), str) and _SERVER.fullmatch(server)):
        raise GrowthwatchError.of("server", server, "the address of a server, as https://fhir.example.org/r4")
    base = None if server is None else server.rstrip("/")
    reading = _Reading(Report(), zone, moment, {**codes.conditions(), **(conditions or {})}, base)
    for source in sources:
        reading.file = Path(source).name if isinstance(source, str | os.PathLike) else ""
        for reading.row, (address, node) in enumerate(entries(source), 1):
            reading.take(address, node)
    for here in reading.late:
        reading.judge(here)
    records = into_records(reading.held, reading.report, moment, identifier, cast("Mapping[str, Record]", given))
    reading.count()
    return Imported(records, reading.report)
