"""A review as a Bundle of FHIR R4: what must be done, what has been noticed, what was asked, what was weighed."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import html
from collections.abc import Iterator
from typing import Any, cast

from growthwatch.core.errors import GrowthwatchError
from growthwatch.interop.fhir.frame import Resource, head, id_of, instant, ref, subject
from growthwatch.interop.fhir.happened import measurements, patient, resources
from growthwatch.interop.fhir.own import OURS
from growthwatch.protocol import Finding, Obligation, Review
from growthwatch.protocol.answers.people import RequestLine
from growthwatch.protocol.answers.refusals import RefusedDecision
from growthwatch.protocol.file.values import LOUDNESS
from growthwatch.record.record import Record

__all__ = ["from_record", "from_review"]

_STATES = {
    "drafted": "draft",
    "sent": "active",
    "acknowledged": "active",
    "answered": "completed",
    "declined": "revoked",
    "withdrawn": "revoked",
}
_PICTURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"%PDF-", "application/pdf"),
    (b"<svg", "image/svg+xml"),
    (b"<?xml", "image/svg+xml"),
)


def from_review(review: Review, *, record: Record | None = None, chart: bytes | None = None) -> Resource:
    """Make a Bundle of FHIR R4 of a review: plain data, ready for JSON.

    Parameters
    ----------
    review
        The review.
    record
        The record that was judged: then the weights, lengths and heads that counted are in the Bundle, too, and
        birth and sex of the patient.
    chart
        A picture of the chart, as PNG, SVG or PDF: it becomes a DocumentReference.

    Returns
    -------
    dict
        A ``collection``: a Patient; a Flag for each open finding; a Task for each obligation, with its owner, the
        days from which and to which, and the reason; a ServiceRequest for each referral and request, a
        Communication for each letter; an Observation for each measurement; a DetectedIssue for each decision that
        was refused; a DocumentReference for the chart.  The same review gives the same Bundle.

    Raises
    ------
    GrowthwatchError
        Where the record is not that of the review, or the chart is no picture.
    """
    if not isinstance(cast("Any", review), Review):
        raise GrowthwatchError.of("review", review, "a Review")
    if record is not None and (
        not isinstance(cast("Any", record), Record) or record.content_hash != review.record_hash
    ):
        raise GrowthwatchError.of("record", record, f"the record that was judged, of {review.child_id!r}")
    child = review.child_id
    made = [patient(child, record, review.known_at, review.zone)]
    made += [_flag(child, f, review) for f in review.findings]
    made += [_task(child, o, review) for o in _obligations(review)]
    made += [_request(child, r, review) for r in review.requests]
    made += [_issue(child, r, review) for r in review.refused]
    if record is not None:
        made += measurements(record, review.known_at, review.zone)
    if chart is not None:
        made.append(_document(child, chart, review))
    return _bundle(child, made, review.as_of, "review")


def from_record(record: Record, *, known_at: dt.datetime | None = None, zone: str = "Europe/London") -> Resource:
    """Make a Bundle of FHIR R4 of the patient and of every event of a kind that FHIR brings in.

    Parameters
    ----------
    record
        The record.
    known_at
        An aware moment: only what had been written down by then; None: all.
    zone
        IANA name of the zone in whose calendar the record's days are.

    Returns
    -------
    dict
        A ``collection``, plain data, ready for JSON: weights, lengths and heads, contacts, stays in hospital, visits
        that did not take place, conditions, workers, letters, requests and referrals.  What was marked in error or
        replaced goes out as entered in error.  `to_records` gives the same events again.
    """
    if not isinstance(cast("Any", record), Record):
        raise GrowthwatchError.of("record", record, "a Record")
    made = [patient(record.child_id, record, known_at, zone), *resources(record, known_at, zone)]
    return _bundle(record.child_id, made, known_at or max((e.recorded_at for e in record), default=None), "record")


# ---------------------------------------------------------------- the frame


def _bundle(child: str, made: list[Resource], at: dt.datetime | None, what: str) -> Resource:
    out: Resource = {"resourceType": "Bundle", "id": id_of(child, what, str(at)), "type": "collection"}
    if at is not None:
        out["timestamp"] = instant(at)
    out["entry"] = [{"fullUrl": f"urn:uuid:{r['id']}", "resource": r} for r in made]
    return out


def _text(words: str) -> Resource:
    # A narrative is XHTML: what XML cannot hold was never in a record.
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{html.escape(words)}</div>'}


# ---------------------------------------------------------------- what the review says


def _flag(child: str, f: Finding, review: Review) -> Resource:
    level = f" ({f.level})" if f.says_level else ""
    return {
        **head(child, "Flag", "finding", f.key),
        "text": _text(" ".join((f.says, *f.notes))),
        "status": "active",
        "category": [{"text": "growthwatch"}],
        "code": {"coding": [{"system": f"{OURS}rule", "code": f.rule}], "text": f"{f.rule} {f.title}{level}"},
        "subject": subject(child),
        "period": {"start": f.opened_on.isoformat()},
        "author": _author(review),
    }


def _author(review: Review) -> Resource:
    return {"display": f"growthwatch, by {review.protocol_id} {review.protocol_version}"}


def _obligations(review: Review) -> Iterator[Obligation]:
    """Everything that is still to be done, and what was done for what is open."""
    yield from review.obligations
    held = set(review.obligations)
    for f in review.findings:
        yield from (o for o in f.obligations if o.done_on is not None and o not in held)


def _task(child: str, o: Obligation, review: Review) -> Resource:
    finding = next((f for f in review.findings if f.key == o.key), None)
    key = "|".join((o.key, o.level, o.rung or "", o.id, o.do, o.set_on.isoformat()))
    owner = o.owner_name or o.owner.replace("_", " ")
    out = {
        **head(child, "Task", "obligation", o.id or key),
        "id": id_of(child, "Task", key),
        "status": "completed" if o.done_on is not None else "requested",
        "intent": "order",
        "priority": "urgent" if finding is not None and finding.loudness == LOUDNESS[-1] else "routine",
        "code": {"text": o.do},
        "description": o.do,
        "for": subject(child),
        "authoredOn": o.set_on.isoformat(),
        "lastModified": (o.done_on or o.set_on).isoformat(),
        "requester": _author(review),
        "owner": {"display": owner},
        # A day that is asked for late has no time of its own.
        "restriction": {"period": {"start": min(o.set_on, o.deadline).isoformat(), "end": o.deadline.isoformat()}},
        "performerType": [{"text": o.owner.replace("_", " ")}],
        "reasonCode": {"text": o.rule if finding is None else f"{finding.rule} {finding.title}: {finding.says}"},
    }
    if finding is not None:
        out["reasonReference"] = ref(child, "Flag", finding.key)
    if o.overdue:
        out["businessStatus"] = {"text": "overdue"}
    if o.if_not is not None:
        out["note"] = [{"text": f"If not: {o.if_not}"}]
    return out


def _request(child: str, r: RequestLine, review: Review) -> Resource:
    reasons = [ref(child, "Flag", f.key) for f in review.findings if f.key in r.findings]
    to = [{"display": name} for name in r.asked_of]
    if r.form == "letter":
        out: Resource = {
            **head(child, "Communication", "request", r.id),
            "status": "preparation" if r.state == "drafted" else "completed",
            "category": [{"text": r.kind.replace("_", " ")}],
            "subject": subject(child),
            "recipient": to,
            "sender": {"display": r.asked_by},
            "payload": [{"contentString": r.ask}],
            "note": [{"text": f"{r.state} since {r.since.isoformat()}"}],
        }
        if r.state != "drafted":
            out["sent"] = r.asked_on.isoformat()
    else:
        out = {
            **head(child, "ServiceRequest", "request", r.id),
            "status": _STATES[r.state],
            "intent": "order",
            "code": {"text": r.ask},
            "subject": subject(child),
            "authoredOn": r.asked_on.isoformat(),
            "requester": {"display": r.asked_by},
            "performer": to,
            "note": [{"text": f"{r.state} since {r.since.isoformat()}"}],
        }
        if r.answer_by is not None:
            out["occurrencePeriod"] = {
                "start": min(r.asked_on, r.answer_by).isoformat(),
                "end": r.answer_by.isoformat(),
            }
    if r.next:
        out["note"].append({"text": r.next})
    if reasons:
        out["reasonReference"] = reasons
    # FHIR has no empty lists.
    return {k: v for k, v in out.items() if v != []}


def _issue(child: str, r: RefusedDecision, review: Review) -> Resource:
    out: Resource = {
        **head(child, "DetectedIssue", "refused", r.event),
        "status": "final",
        "code": {"text": "a decision that was refused"},
        "patient": subject(child),
        "identifiedDateTime": review.on.isoformat(),
        "author": _author(review),
        "detail": f"{r.event}: {r.why}",
    }
    if r.helps:
        out["mitigation"] = [{"action": {"text": words}} for words in r.helps]
    return out


def _document(child: str, chart: bytes, review: Review) -> Resource:
    given = cast("Any", chart)
    kind = next((k for start, k in _PICTURES if isinstance(given, bytes) and given.lstrip().startswith(start)), None)
    if kind is None:
        raise GrowthwatchError.of("chart", chart, "the bytes of a PNG, SVG or PDF")
    digest = hashlib.sha256(chart).hexdigest()
    return {
        **head(child, "DocumentReference", "chart", digest),
        "status": "current",
        "type": {"text": "growth chart"},
        "subject": subject(child),
        "date": instant(review.as_of),
        "author": [_author(review)],
        "content": [
            {
                "attachment": {
                    "contentType": kind,
                    "data": base64.b64encode(chart).decode("ascii"),
                    "size": len(chart),
                    # R4 takes SHA-1 here; the identifier is the SHA-256.
                    "hash": base64.b64encode(hashlib.sha1(chart, usedforsecurity=False).digest()).decode("ascii"),
                    "title": f"Growth chart, {review.on.isoformat()}",
                }
            }
        ],
    }
