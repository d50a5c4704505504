"""Events of a record as resources of FHIR R4, each so that it comes in again as the event that it was."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from growthwatch.core.calendar import time_zone
from growthwatch.core.errors import GrowthwatchError
from growthwatch.interop.fhir import codes
from growthwatch.interop.fhir.codes import CONDITIONS, LOINC, SNOMED, UCUM
from growthwatch.interop.fhir.contacts import REFERRAL, appointment, communication, encounter, request
from growthwatch.interop.fhir.drafts import BIRTH_TIME, Here
from growthwatch.interop.fhir.frame import Resource, day_of, head, instant, subject
from growthwatch.interop.fhir.nodes import Node
from growthwatch.interop.fhir.observations import observation
from growthwatch.interop.fhir.own import EVENT, OURS, PARTS, SPOKEN
from growthwatch.interop.fhir.people import condition, episode
from growthwatch.interop.fhir.people import patient as read_patient
from growthwatch.interop.fhir.report import Refusal, Report
from growthwatch.record.around import ServiceAllocated
from growthwatch.record.decisions import Withdrawn
from growthwatch.record.events import AnyEvent, parse_event
from growthwatch.record.facts import (
    Admission,
    Born,
    ConditionDiagnosed,
    ConditionEnded,
    Contact,
    Died,
    Discharged,
    EnteredInError,
    Measured,
    WasNotBrought,
    Weighed,
)
from growthwatch.record.record import Record
from growthwatch.record.requests import (
    Answered,
    Declined,
    LetterSent,
    ReferralClosed,
    ReferralMade,
    RequestMade,
    RequestSent,
)

__all__ = ["measurements", "patient", "resources"]

_HL7 = "http://terminology.hl7.org/CodeSystem/"
_MEASURES = {
    "weighed": ((LOINC, "29463-7", "Body weight"), (SNOMED, "27113001", "Body weight")),
    "birth weight": ((LOINC, "29463-7", "Body weight"), (SNOMED, "364589006", "Birth weight")),
    "gestation": ((SNOMED, "412726003", "Length of gestation at birth"),),
    "height": ((LOINC, "8302-2", "Body height"), (SNOMED, "50373000", "Body height measure")),
    "lying": ((LOINC, "8306-3", "Body height --lying"),),
    "standing": ((LOINC, "8308-9", "Body height --standing"),),
    "head": ((LOINC, "9843-4", "Head Occipital-frontal circumference"), (SNOMED, "363812007", "Head circumference")),
}
_CANCELLED = {"cancelled": ("pat", "Patient"), "cancelled_by_service": ("prov", "Provider")}
_STATES = ("inactive", "remission", "resolved")
_WRONG = "entered-in-error"
_NOT_FOR_FAMILY = {"system": f"{_HL7}v3-ActCode", "code": "NOPAT"}
"""The label of HL7 for what is not shown to the family unless who looks after the child says so."""


class _Told:
    """A record as it is told: what counts, what was taken back, and what marks and answers say of it."""

    def __init__(self, record: Record, known_at: dt.datetime | None, zone: str) -> None:
        self.child = record.child_id
        self.zone = zone
        self.counted = record.effective(known_at)
        self.gone = {e.id: e for e in record.taken_back(known_at)}
        self.marks: dict[str, list[EnteredInError]] = defaultdict(list)
        for e in record.events:
            if isinstance(e, EnteredInError) and (known_at is None or e.recorded_at <= known_at):
                self.marks[e.target].append(e)
        self.closed: dict[str, str] = {}
        for e in self.counted:
            if isinstance(e, RequestSent):
                self.closed[e.request] = "active"
            elif isinstance(e, Answered | Declined | Withdrawn):
                self.closed[e.request] = "completed" if isinstance(e, Answered) else "revoked"
            elif isinstance(e, ReferralClosed):
                self.closed[e.referral] = "completed"

    def of(self, *types: type[AnyEvent]) -> list[AnyEvent]:
        """Return the events of some types, those that were taken back, too."""
        found = [e for e in (*self.counted, *self.gone.values()) if isinstance(e, types)]
        return sorted(found, key=lambda e: e.order)

    def marks_on(self, event: AnyEvent) -> list[dict[str, Any]] | None:
        """Return the marks on an event, and on those marks; None where there are none, and nothing replaced it."""
        out: list[dict[str, Any]] = []
        waiting = [event.id]
        seen = {event.id}
        while waiting:
            for mark in self.marks.get(waiting.pop(), ()):
                if mark.id not in seen:
                    seen.add(mark.id)
                    out.append(mark.to_dict())
                    waiting.append(mark.id)
        return out if out or event.id in self.gone else None

    def status(self, event: AnyEvent, good: str) -> str:
        """Return the status: entered in error, where it does not count."""
        return _WRONG if event.id in self.gone else good

    def issued(self, event: AnyEvent) -> dt.datetime:
        """Return when what is told of it was written down: with a mark, no earlier than the mark."""
        marks = self.marks.get(event.id, ()) if event.id in self.gone else ()
        return max(event.recorded_at, *(m.recorded_at for m in marks)) if marks else event.recorded_at

    def begin(self, kind: str, event: AnyEvent, part: str = "") -> Resource:
        """Begin the resource of an event."""
        return head(self.child, kind, f"event{part}", event.id)

    def finished(self, resource: Resource, *parts: tuple[str, AnyEvent | None]) -> Resource:
        """Add what the elements do not say of the events: it comes in again from extensions.

        What they say is what the reader reads in them, so nothing can be forgotten here.
        """
        out = {k: v for k, v in resource.items() if v not in (None, [], {})}
        read = {str(data["id"]): _written(data) for data in _as_read(out, self.zone)}
        more: list[Resource] = []
        for part, event in parts:
            if event is None:
                continue
            was, now = read.get(event.id, {}), event.to_dict()
            keys = sorted({*was, *now} - SPOKEN)
            more += [_extension(PARTS[part], k, now.get(k)) for k in keys if was.get(k) != now.get(k)]
            if was.get("recorded_at") != now["recorded_at"]:
                more.append(_extension(PARTS[part], "recorded_at", now["recorded_at"]))
            if (marks := self.marks_on(event)) is not None:
                more.append(_extension(PARTS[part], "marks", marks))
        return {**out, **({"extension": more} if more else {})}


def _extension(start: str, key: str, value: Any) -> Resource:
    if isinstance(value, bool):
        return {"url": f"{OURS}{start}{key}", "valueBoolean": value}
    if isinstance(value, str):
        return {"url": f"{OURS}{start}{key}", "valueString": value}
    return {"url": f"{OURS}{start}json:{key}", "valueString": json.dumps(value, ensure_ascii=False)}


# ---------------------------------------------------------------- as it is read


_READERS: Mapping[str, Callable[[Here], object]] = {
    "Observation": observation,
    "Encounter": encounter,
    "Appointment": appointment,
    "Condition": condition,
    "EpisodeOfCare": episode,
    "Communication": communication,
    "ServiceRequest": request,
}
_LATE = dt.datetime(9999, 12, 30, tzinfo=dt.UTC)


def _as_read(resource: Resource, zone: str) -> list[dict[str, Any]]:
    """Return the events that the reader makes of a resource; none where it refuses."""
    kind = str(resource["resourceType"])

    def find(leads: str | None) -> Node | None:
        return {"resourceType": "Patient"} if leads is not None else None

    at = _LATE
    if kind == "Patient" and "birthDate" in resource:
        # Nobody is a grown-up yet.
        at = at.replace(year=int(resource["birthDate"][:4]) + 20)
    here = Here(resource, kind, None, None, Report(), zone, at, codes.conditions(), find)
    try:
        if kind == "Patient":
            found = read_patient(here)
            return [e for e in (found.born, found.died) if e is not None]
        _READERS[kind](here)
    except Refusal:
        return []
    return [d.data for d in here.drafts]


def _written(data: dict[str, Any]) -> dict[str, Any]:
    try:
        return parse_event(data).to_dict()
    except GrowthwatchError:
        return {}


# ---------------------------------------------------------------- resources


def patient(child: str, record: Record | None, known_at: dt.datetime | None, zone: str) -> Resource:
    """Return the child as a Patient, with birth and death where the record is given."""
    out = head(child, "Patient", "child", child)
    if record is None:
        return out
    told = _Told(record, known_at, zone)
    born = next((e for e in told.counted if isinstance(e, Born)), None)
    died = next((e for e in told.counted if isinstance(e, Died)), None)
    for part, event in (("/birth", born), ("/death", died)):
        if event is not None:
            out["identifier"].append({"system": f"{EVENT}{part}", "value": event.id})
    if born is not None:
        out["gender"] = born.sex
        out["birthDate"] = born.on.isoformat()
        if born.time is not None:
            out["_birthDate"] = {"extension": [{"url": BIRTH_TIME, "valueDateTime": day_of(born, zone)}]}
    if died is not None:
        out["deceasedDateTime"] = day_of(died, zone)
    return told.finished(out, ("/birth", born), ("/death", died))


def measurements(record: Record, known_at: dt.datetime | None, zone: str) -> list[Resource]:
    """Return an Observation of each weight, length and head, and of the gestation."""
    told = _Told(record, known_at, zone)
    born = next((e for e in told.counted if isinstance(e, Born)), None)
    out = [] if born is None or born.gestation_days is None else [_gestation(told, born)]
    return out + [
        _observation(told, e)
        for e in told.of(Weighed, Measured)
        if isinstance(e, Weighed) or (isinstance(e, Measured) and e.measure in ("height", "head"))
    ]


def resources(record: Record, known_at: dt.datetime | None, zone: str) -> list[Resource]:
    """Return the resources of all events of the kinds that FHIR brings in, but for birth and death."""
    told = _Told(record, known_at, zone)
    return [*measurements(record, known_at, zone), *_rest(told)]


def _rest(told: _Told) -> Iterator[Resource]:
    for e in told.of(Contact):
        yield _contact(told, cast("Contact", e))
    yield from _stays(told)
    for e in told.of(WasNotBrought):
        yield _appointment(told, cast("WasNotBrought", e))
    yield from _conditions(told)
    yield from _workers(told)
    for e in told.of(LetterSent):
        yield _letter(told, cast("LetterSent", e))
    for e in told.of(RequestMade, ReferralMade):
        yield _request(told, cast("RequestMade | ReferralMade", e))


def _coded(*codings: tuple[str, str, str]) -> Resource:
    return {"coding": [{"system": s, "code": c, "display": d} for s, c, d in codings]}


def _value(told: _Told, event: AnyEvent, key: str, measured: tuple[str, float, str]) -> Resource:
    what, value, unit = measured
    return {
        **head(told.child, "Observation", "event", key),
        "status": told.status(event, "final" if event.corrects is None else "corrected"),
        "category": [_coded((f"{_HL7}observation-category", "vital-signs", "Vital Signs"))],
        "code": _coded(*_MEASURES[what]),
        "subject": subject(told.child),
        "effectiveDateTime": event.on.isoformat() if what == "gestation" else day_of(event, told.zone),
        "issued": instant(told.issued(event)),
        "performer": [{"display": event.actor}],
        "valueQuantity": {"value": value, "unit": unit, "system": UCUM, "code": unit},
        "note": _notes(event),
    }


def _notes(event: AnyEvent) -> list[Resource]:
    return [] if event.note is None else [{"text": event.note}]


def _observation(told: _Told, event: AnyEvent) -> Resource:
    if isinstance(event, Weighed):
        measured = ("birth weight" if event.setting == "birth weight" else "weighed", event.weight_kg, "kg")
    else:
        event = cast("Measured", event)
        measured = (event.measure if event.measure == "head" else event.position or event.measure, event.value_cm, "cm")
    return told.finished(_value(told, event, event.id, measured), ("", event))


def _gestation(told: _Told, born: Born) -> Resource:
    """The gestation, which comes in again as part of the birth."""
    made = _value(told, born, f"{born.id}/gestation", ("gestation", cast("int", born.gestation_days), "d"))
    return {k: v for k, v in made.items() if k != "note"}


def _contact(told: _Told, e: Contact) -> Resource:
    kind = ("AMB", "ambulatory") if e.face_to_face else ("VR", "virtual")
    return told.finished(
        {
            **_encounter(told, e, "", kind, told.status(e, "finished")),
            "type": [{"text": e.about}] if e.about is not None else [],
            "period": {"start": day_of(e, told.zone)},
            "serviceProvider": _named(e.service),
        },
        ("", e),
    )


def _encounter(told: _Told, e: AnyEvent, part: str, kind: tuple[str, str], status: str) -> Resource:
    return {
        **told.begin("Encounter", e, part),
        "status": status,
        "class": {"system": f"{_HL7}v3-ActCode", "code": kind[0], "display": kind[1]},
        "subject": subject(told.child),
        "participant": [{"individual": {"display": e.actor}}],
    }


def _named(name: str | None) -> Resource | None:
    return None if name is None else {"display": name}


def _stays(told: _Told) -> Iterator[Resource]:
    """Stays in hospital: an admission with its discharge, or one of the two where the other is not there."""
    kind = ("IMP", "inpatient encounter")
    for admitted, discharged in _pairs(told, Admission, Discharged, lambda a, d: True):
        first = cast("AnyEvent", admitted or discharged)
        good = "in-progress" if discharged is None else "finished"
        made = _encounter(told, first, "" if admitted is not None else "/end", kind, told.status(first, good))
        if admitted is not None and discharged is not None:
            made["identifier"].append({"system": f"{EVENT}/end", "value": discharged.id})
        hospital = cast("Admission | Discharged", first).hospital
        period = {k: day_of(e, told.zone) for k, e in (("start", admitted), ("end", discharged)) if e is not None}
        made |= {"period": period, "serviceProvider": _named(hospital)}
        yield told.finished(made, ("", admitted), ("/end", discharged))


def _pairs(
    told: _Told, start: type[Any], end: type[Any], same: Callable[[Any, Any], bool]
) -> list[tuple[Any | None, Any | None]]:
    """Beginnings with the first end after them of the same; what was taken back stands alone."""
    ends = [e for e in told.of(end) if e.id not in told.gone]
    out: list[tuple[Any | None, Any | None]] = []
    # The latest beginning takes the first end: one before it that has none is still open.
    for s in sorted(told.of(start), key=lambda e: e.on, reverse=True):
        fits = (e for e in sorted(ends, key=lambda e: e.on) if e.on >= s.on and same(s, e))
        found = None if s.id in told.gone else next(fits, None)
        if found is not None:
            ends.remove(found)
        out.append((s, found))
    out += [(None, e) for e in ends]
    out += [(None, e) for e in told.of(end) if e.id in told.gone]
    return out


def _appointment(told: _Told, e: WasNotBrought) -> Resource:
    reason = _CANCELLED.get(e.kind)
    # FHIR takes a moment here: of a day alone, its beginning.
    at = dt.datetime.combine(e.on, e.time or dt.time(), time_zone(told.zone))
    moment = at.isoformat(timespec="microseconds" if at.microsecond else "seconds")
    status = told.status(e, "noshow" if reason is None else "cancelled")
    return told.finished(
        {
            **told.begin("Appointment", e),
            "status": status,
            "cancelationReason": None
            if reason is None or status == _WRONG
            else _coded((f"{_HL7}appointment-cancellation-reason", *reason)),
            "serviceType": [{"text": e.service}],
            "start": moment,
            "end": moment,
            "comment": e.note,
            "participant": [{"actor": subject(told.child), "status": "accepted"}],
        },
        ("", e),
    )


def _conditions(told: _Told) -> Iterator[Resource]:
    """Conditions with their ends; an end that was taken back is not told: the condition is as it was."""
    pairs = _pairs(told, ConditionDiagnosed, ConditionEnded, lambda c, e: c.condition == e.condition)
    for found, ended in pairs:
        first = cast("AnyEvent", found or ended)
        if found is None and first.id in told.gone:
            continue
        made = told.begin("Condition", first, "" if found is not None else "/end")
        if found is not None and ended is not None:
            made["identifier"].append({"system": f"{EVENT}/end", "value": ended.id})
        word = cast("ConditionDiagnosed | ConditionEnded", first).condition
        known = codes.code_of(word)
        coding = [{"system": s, "code": c} for s, c in (*([known] if known is not None else []), (CONDITIONS, word))]
        words = None if found is None else found.description
        state = "active" if ended is None else ended.reason if ended.reason in _STATES else "inactive"
        wrong = first.id in told.gone
        made |= {
            # What was entered in error has no state.
            "clinicalStatus": None if wrong else {"coding": [{"system": f"{_HL7}condition-clinical", "code": state}]},
            "verificationStatus": {
                "coding": [{"system": f"{_HL7}condition-ver-status", "code": _WRONG if wrong else "confirmed"}]
            },
            "code": {"coding": coding} | ({} if words is None else {"text": words}),
            "subject": subject(told.child),
            "recordedDate": None if found is None else day_of(found, told.zone),
            "abatementDateTime": None if ended is None else day_of(ended, told.zone),
            "asserter": {"display": first.actor},
            "note": _notes(first),
        }
        yield told.finished(made, ("", found), ("/end", ended))


def _workers(told: _Told) -> Iterator[Resource]:
    """Who a service named: until it named somebody else."""
    events = cast("list[ServiceAllocated]", told.of(ServiceAllocated))
    for e in events:
        later = [x for x in events if x.service == e.service and x.id not in told.gone and x.on >= e.on]
        later = [x for x in later if (x.on, x.order) > (e.on, e.order)]
        until = min(later, key=lambda x: (x.on, x.order), default=None)
        yield told.finished(
            {
                **told.begin("EpisodeOfCare", e),
                "status": told.status(e, "active" if until is None else "finished"),
                "type": [{"text": e.service}],
                "patient": subject(told.child),
                "period": {"start": day_of(e, told.zone), **({} if until is None else {"end": until.on.isoformat()})},
                "careManager": {"display": e.worker},
            },
            ("", e),
        )


def _letter(told: _Told, e: LetterSent) -> Resource:
    return told.finished(
        {
            **told.begin("Communication", e),
            "status": told.status(e, "completed"),
            "priority": "urgent" if e.urgent else None,
            "subject": subject(told.child),
            "sent": day_of(e, told.zone),
            "sender": {"display": e.sender},
            "recipient": [{"display": r.name} for r in (*e.to, *e.copies)],
            "payload": [{"contentString": x} for x in (e.summary, e.requested_action) if x is not None],
            "note": _notes(e),
        },
        ("", e),
    )


def _request(told: _Told, e: RequestMade | ReferralMade) -> Resource:
    by = e.respond_by
    first = "draft" if isinstance(e, RequestMade) and e.drafted else "active"
    made: Resource = {
        **told.begin("ServiceRequest", e),
        "status": told.status(e, told.closed.get(e.id, first)),
        "intent": "order",
        "priority": "urgent" if e.urgent else None,
        "code": {"text": e.ask if isinstance(e, RequestMade) else e.about},
        "subject": subject(told.child),
        "authoredOn": day_of(e, told.zone),
        "requester": {"display": e.actor},
        "performer": [{"display": r.name} for r in e.to] if isinstance(e, RequestMade) else [{"display": e.to}],
        "note": _notes(e),
    }
    if isinstance(e, ReferralMade):
        made["category"] = [{"coding": [{"system": REFERRAL, "code": e.kind}]}]
    if by is not None:
        made["occurrencePeriod"] = {"start": min(e.on, by).isoformat(), "end": by.isoformat()}
    if e.family_told == "not_told":
        made["meta"] = {"security": [_NOT_FOR_FAMILY]}
    return told.finished(made, ("", e))
