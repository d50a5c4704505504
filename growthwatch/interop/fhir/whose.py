"""Of whom each draft is: patients, and every way to refer to one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from typing import Any

from growthwatch.interop.fhir.drafts import Draft, Patient, server_of
from growthwatch.interop.fhir.nodes import tail, usable_id
from growthwatch.interop.fhir.report import Report

__all__ = ["Held", "child_id_of", "happened", "of_one_server", "of_whom"]

_WRITING = ("recorded_at", "corrects", "id")
"""Keys that say how an event was written down, and nothing of what happened."""


@dataclass
class Held:
    """What has been read: patients, by every way to refer to them, and drafts.

    Attributes
    ----------
    patients
        By the full address, type and id, or an identifier.
    grown_up
        Ways to refer to patients who are no children.
    drafts
        In order of reading.
    refused
        Of whom each resource is that made no draft.
    ambiguous
        Ways to refer to patients that lead to more than one.
    there
        The servers that the events of a record name, for each child who is there already.
    told
        The server of each child of whom there is a reference and no patient.
    """

    patients: dict[str, Patient] = field(default_factory=lambda: {})
    grown_up: set[str] = field(default_factory=lambda: set())
    drafts: list[Draft] = field(default_factory=lambda: [])
    refused: dict[str, str] = field(default_factory=lambda: {})
    ambiguous: set[str] = field(default_factory=lambda: set())
    there: Mapping[str, Set[str]] = field(default_factory=lambda: {})
    told: dict[str, str] = field(default_factory=lambda: {})

    def patient_of(self, subject: str) -> Patient | None:
        """Return the patient to whom a reference leads: of the same server, where both name one."""
        if subject in self.ambiguous:
            return None
        found = self.patients.get(subject)
        if found is None and tail(subject) not in self.ambiguous:
            found = self.patients.get(tail(subject))
            if found is not None and not of_one_server(server_of(subject), found.server):
                return None
        return found

    def add_patient(self, found: Patient, keys: Iterable[str], report: Report) -> None:
        """Keep a patient; say where two share an identifier, or one is there twice and differs."""
        for key in sorted(keys):
            there = self.patients.get(key)
            if there is None:
                self.patients[key] = found
            elif key.startswith("identifier:"):
                if there.id != found.id:
                    self.ambiguous.add(key)
                    report.add(
                        "doubted",
                        found.resource,
                        "identifier",
                        key.partition(":")[2],
                        f"{there.resource} has the same",
                        "look whether the two are one child, and give identifier= if so",
                    )
            elif not of_one_server(there.server, found.server):
                self.ambiguous.add(key)
            elif happened(there.born) != happened(found.born):
                report.add(
                    "refused",
                    found.resource,
                    "birthDate",
                    None if found.born is None else str(found.born["on"]),
                    "the same patient is there already, and was born otherwise",
                    "send the one that is right",
                )
                return


def of_one_server(one: str | None, other: str | None) -> bool:
    """Return whether two resources may be of one server: where one names none, nobody knows."""
    return one is None or other is None or one == other


def happened(data: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return what an event says of what happened, without how it was written down."""
    return None if data is None else {k: v for k, v in data.items() if k not in _WRITING}


def child_id_of(found: Patient, identifier: str | None, report: Report) -> str | None:
    """Return the id of the child that a patient is; None, with a line, where it has none of that system."""
    if identifier is None:
        return found.id
    ids = {value for system, value in found.identifiers if system == identifier}
    if len(ids) == 1:
        return usable_id(ids.pop())
    report.add(
        "refused",
        found.resource,
        "identifier",
        sorted(ids),
        f"it has no single identifier of {identifier}",
        "give one of that system",
    )
    return None


def of_whom(draft: Draft, held: Held, identifier: str | None, report: Report) -> str | None:
    """Return the id of the child of a draft; None, with a line, where there is none."""
    keys = (draft.subject, tail(draft.subject))
    if any(k in held.grown_up for k in keys):
        draft.refuse(report, "subject", draft.subject, "it is of a grown-up", "nothing, if that is right")
        return None
    found = held.patient_of(draft.subject)
    if found is not None:
        # Why a patient has no id of that system is a line already.
        child_id = None if found.lost else child_id_of(found, identifier, Report())
        return child_id if child_id is not None else _lost(draft, report)
    if draft.subject.startswith("identifier:"):
        system, _, value = draft.subject.removeprefix("identifier:").rpartition("|")
        return usable_id(value) if identifier == system else _lost(draft, report)
    short = tail(draft.subject)
    id = short.removeprefix("Patient/")
    if not id or "#" in id or (id == short and not draft.subject.startswith("urn:")):
        draft.refuse(report, "subject", draft.subject, "it leads to no patient", "give the reference to the patient")
        return None
    if identifier is not None or short in held.patients:
        return _lost(draft, report)
    child_id = usable_id(id)
    server = server_of(draft.subject) or draft.server
    if server is not None:
        others = held.there.get(child_id) or {held.told.setdefault(child_id, server)}
        if server not in others:
            return _lost(draft, report)
    report.add(
        "doubted",
        draft.resource,
        "subject",
        draft.subject,
        "the patient is not among what came in: there is no birth, and the id is that of the reference",
        "send the patient, too",
    )
    return child_id


def _lost(draft: Draft, report: Report) -> None:
    draft.refuse(
        report,
        "subject",
        draft.subject,
        "it is not known of which child it is",
        "send the patient, too, with the identifier that is asked for",
    )
