"""Every event of a kind that comes in goes out, as R4 that others accept, and comes in again as the event that it was."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle
from fhir_made import only, patient, read, weight
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import chosen_ids, event_data

from growthwatch.interop.fhir import from_record, from_review, to_records
from growthwatch.interop.fhir.codes import SNOMED
from growthwatch.record import EnteredInError, Record, parse_event

LATER = dt.datetime(2027, 6, 1, tzinfo=dt.UTC)
OUT = (
    "weighed", "measured", "contact", "was_not_brought", "admission", "discharged", "condition_diagnosed",
    "condition_ended", "service_allocated", "letter_sent", "request_made", "referral_made",
)  # fmt: skip


def of_kind(made: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [e["resource"] for e in made["entry"] if e["resource"]["resourceType"] == kind]


def again(record: Record) -> Record:
    """The record as it is once it went out and came in, judged by an independent reader on the way."""
    made = json.dumps(from_record(record))
    Bundle.model_validate_json(made)
    back = to_records(made.encode(), received_at=LATER)
    assert not back.report.refused, back.report
    return back.records.get(record.child_id, Record(record.child_id))


def event(type: str, id: str, on: str = "2024-05-03", **more: Any) -> dict[str, Any]:
    told = {"recorded_at": f"{on}T09:30:00Z", "actor": "hv 1", "role": "health_visitor"}
    return {"id": id, "type": type, "on": on, **told, **more}


BORN = event("born", "b", "2024-01-10", sex="female", gestation_days=270, time="03:20", note="at home")


def record(*events: dict[str, Any]) -> Record:
    return Record("child 1", [BORN, *events])


def _fits(data: dict[str, Any]) -> bool:
    """What FHIR brings in: the rest is another test's."""
    if data["type"] == "weighed":
        return 0.25 <= data["weight_kg"] <= 200
    return data["type"] != "measured" or data["measure"] in ("height", "head")


def _measured(data: dict[str, Any]) -> dict[str, Any]:
    return data | ({"value_cm": 15.0 + data["value_cm"] % 80} if data["type"] == "measured" else {})


things = st.sampled_from(OUT).flatmap(lambda k: event_data(k, chosen_ids())).map(_measured)
marks = event_data("entered_in_error", chosen_ids())


@settings(max_examples=30, deadline=None)
@given(st.lists(things.filter(_fits) | things.filter(_fits) | marks, max_size=7, unique_by=lambda d: d["id"]))
def test_any_events_of_these_kinds_come_in_as_they_went_out(given_: list[dict[str, Any]]) -> None:
    whole = Record("child 1", [parse_event(BORN), *map(parse_event, given_)])
    # What goes out: an end of a condition that was taken back does not, nor a mark on nothing of these.
    gone = {e.id for e in whole.taken_back()}
    told = {e.id for e in whole if e.type in OUT and not (e.type == "condition_ended" and e.id in gone)} | {"b"}
    born = {e.id for e in whole.effective() if e.type == "born"}
    told -= {"b"} - born
    for _ in whole:
        told |= {e.id for e in whole if isinstance(e, EnteredInError) and e.target in told and e.target != "b"}
    told |= {e.id for e in whole if isinstance(e, EnteredInError) and e.target == "b" and "b" in told and e.id in told}
    back = again(whole)
    assert {e.id: e.to_dict() for e in back} == {i: whole.event(i).to_dict() for i in told}
    # Beside itself it is nothing new.
    out = json.dumps(from_record(whole)).encode()
    assert to_records(out, received_at=LATER, into={"child 1": whole}).records == {"child 1": whole}


# ---------------------------------------------------------------- what others read in it


def test_a_contact_is_an_encounter() -> None:
    told = record(
        event("contact", "c1", face_to_face=True, service="health visiting", about="feeding", danger_signs="none"),
        event("contact", "c2", "2024-05-04", face_to_face=False, note="rang"),
    )
    seen, rang = of_kind(from_record(told), "Encounter")
    assert (seen["status"], seen["class"]["code"], rang["class"]["code"]) == ("finished", "AMB", "VR")
    assert seen["serviceProvider"]["display"] == "health visiting" and seen["type"] == [{"text": "feeding"}]
    assert seen["period"] == {"start": "2024-05-03"} and seen["participant"][0]["individual"]["display"] == "hv 1"
    assert again(told) == told


def test_a_stay_in_hospital_is_one_encounter_with_both_ends() -> None:
    told = record(
        event("admission", "a1", hospital="St Mary's"),
        event("discharged", "d1", "2024-05-09", hospital="St Mary's", plan="weigh weekly"),
        event("admission", "a2", "2024-07-01"),
        event("discharged", "d0", "2024-02-01"),
    )
    stays = of_kind(from_record(told), "Encounter")
    assert {(s["status"], *sorted(s["period"].items())) for s in stays} == {
        ("finished", ("end", "2024-05-09"), ("start", "2024-05-03")),
        ("in-progress", ("start", "2024-07-01")),
        ("finished", ("end", "2024-02-01")),
    }
    assert all(s["class"]["code"] == "IMP" for s in stays)
    assert again(told) == told


@pytest.mark.parametrize(
    ("kind", "status", "reason"),
    [
        ("not_brought", "noshow", None), ("refused", "noshow", None), ("no_access", "noshow", None),
        ("cancelled", "cancelled", "pat"), ("cancelled_by_service", "cancelled", "prov"),
    ],
)  # fmt: skip
def test_a_visit_that_did_not_take_place_is_an_appointment(kind: str, status: str, reason: str | None) -> None:
    told = record(event("was_not_brought", "n1", kind=kind, service="clinic", moved_to="2024-05-20"))
    (made,) = of_kind(from_record(told), "Appointment")
    assert made["status"] == status
    assert made.get("cancelationReason", {}).get("coding", [{}])[0].get("code") == reason
    # Of a day without a time the moment is its beginning, in the zone of the record: summer time in London.
    assert made["start"] == made["end"] == "2024-05-03T00:00:00+01:00"
    assert again(told) == told


def test_a_condition_has_its_code_its_words_and_its_end() -> None:
    told = record(
        event("condition_diagnosed", "k1", condition="coeliac", description="coeliac disease, by biopsy"),
        event("condition_diagnosed", "k2", condition="tube_feeding"),
        event("condition_ended", "k3", "2024-08-01", condition="tube_feeding", reason="the tube is out"),
        event("condition_ended", "k4", "2024-08-01", condition="steroids", reason="resolved"),
    )
    coeliac, tube, steroids = of_kind(from_record(told), "Condition")
    # SNOMED CT 396331005 is coeliac disease; for a feeding tube the record's own word is the only code.
    assert coeliac["code"]["coding"][0] == {"system": SNOMED, "code": "396331005"}
    assert coeliac["code"]["text"] == "coeliac disease, by biopsy" and "abatementDateTime" not in coeliac
    assert [c["code"] for c in tube["code"]["coding"]] == ["tube_feeding"]
    assert (tube["abatementDateTime"], tube["clinicalStatus"]["coding"][0]["code"]) == ("2024-08-01", "inactive")
    assert "recordedDate" not in steroids and steroids["clinicalStatus"]["coding"][0]["code"] == "resolved"
    assert again(told) == told


def test_letters_requests_and_referrals_go_out_with_who_was_asked_and_by_when() -> None:
    told = record(
        event("letter_sent", "l1", sender="hv 1", to=[{"name": "Dr A", "expects": "act"}], copies=[{"name": "family"}],
              summary="weight falls", requested_action="see the child", respond_by="2024-05-17", urgent=True),
        event("request_made", "r1", kind="dietetic_review", to=[{"name": "dietetics"}], ask="see the child", respond_by="2024-06-01"),
        event("request_made", "r2", kind="other", to=[{"name": "team"}], ask="think about it", drafted=True),
        event("request_made", "r3", kind="other", to=[{"name": "team"}], ask="think again", drafted=True),
        event("request_sent", "x2", "2024-05-20", request="r3"),
        event("referral_made", "f1", to="social care", kind="safeguarding", about="who looks after him",
              family_told="not_told", not_told_because="violence at home", urgent=True),
        event("answered", "x1", "2024-05-20", request="r1", by="dietetics", outcome="seen"),
    )  # fmt: skip
    made = from_record(told)
    (letter,) = of_kind(made, "Communication")
    assert [r["display"] for r in letter["recipient"]] == ["Dr A", "family"] and letter["priority"] == "urgent"
    assert [p["contentString"] for p in letter["payload"]] == ["weight falls", "see the child"]
    referral, asked, drafted, sent = of_kind(made, "ServiceRequest")
    states = [x["status"] for x in (asked, drafted, sent, referral)]
    assert states == ["completed", "draft", "active", "active"]
    assert asked["occurrencePeriod"] == {"start": "2024-05-03", "end": "2024-06-01"}
    assert referral["performer"] == [{"display": "social care"}] and referral["code"]["text"] == "who looks after him"
    # Why a family was not told is for nobody of the family: HL7's label NOPAT says so.
    assert [s["code"] for s in referral["meta"]["security"]] == ["NOPAT"] and "meta" not in asked
    back = again(told)
    assert back.ids == told.ids - {"x1", "x2"} and all(back.event(i) == told.event(i) for i in back.ids)


def test_who_a_service_named_before_another_is_over() -> None:
    told = record(
        event("service_allocated", "s1", service="health visiting", worker="hv 1"),
        event("service_allocated", "s2", "2024-09-01", service="health visiting", worker="hv 2"),
    )
    first, second = of_kind(from_record(told), "EpisodeOfCare")
    assert (first["status"], first["period"]["end"], second["status"]) == ("finished", "2024-09-01", "active")
    assert again(told) == told


# ---------------------------------------------------------------- what was taken back


def test_a_form_with_a_mark_is_issued_with_the_mark_and_comes_in_as_it_was() -> None:
    """`issued` is of this form: who reads elements alone sees that the form in error is the newer."""
    before = record(event("weighed", "w1", weight_kg=9.1))
    after = before.append(event("entered_in_error", "m1", "2024-06-10", target="w1", reason="another child"))
    told = [of_kind(from_record(r), "Observation") for r in (before, after)]
    issued = [next(o for o in of if o["identifier"][0]["value"] == "w1")["issued"] for of in told]
    assert [dt.datetime.fromisoformat(i) for i in issued] == [
        dt.datetime(2024, 5, 3, 9, 30, tzinfo=dt.UTC), dt.datetime(2024, 6, 10, 9, 30, tzinfo=dt.UTC)
    ]  # fmt: skip
    assert again(after) == after


def test_a_receiver_learns_what_was_taken_back_and_replaced() -> None:
    before = record(event("weighed", "w1", weight_kg=9.1), event("weighed", "w2", "2024-06-03", weight_kg=9.6))
    there = {"child 1": again(before)}
    mark = event("entered_in_error", "m1", "2024-06-10", target="w1", reason="another child")
    better = event("weighed", "w3", "2024-06-03", weight_kg=6.9, corrects="w2") | {
        "recorded_at": "2024-06-11T09:00:00Z"
    }
    after = before.append(mark).append(better)
    out = from_record(after)
    assert {o["identifier"][0]["value"]: o["status"] for o in of_kind(out, "Observation")} == {
        "b/gestation": "final", "w1": "entered-in-error", "w2": "entered-in-error", "w3": "corrected",
    }  # fmt: skip
    made = to_records(json.dumps(out).encode(), received_at=LATER, into=there)
    assert only(made) == after and [e.id for e in only(made).effective() if e.type == "weighed"] == ["w3"]


def test_what_others_take_back_of_a_visit_or_request() -> None:
    visit = {
        "resourceType": "Appointment", "id": "a", "status": "noshow", "start": "2024-05-03T10:00:00Z",
        "end": "2024-05-03T10:00:00Z", "serviceType": [{"text": "clinic"}],
        "participant": [{"actor": {"reference": "Patient/p1"}, "status": "accepted"}],
    }  # fmt: skip
    ask = {
        "resourceType": "ServiceRequest", "id": "s", "status": "active", "intent": "order", "code": {"text": "see"},
        "subject": {"reference": "Patient/p1"}, "performer": [{"display": "Dr A"}], "authoredOn": "2024-05-03",
    }  # fmt: skip
    there = read(patient(), visit, ask)
    assert {e.type for e in only(there).effective()} == {"born", "was_not_brought", "request_made"}
    wrong = [x | {"status": "entered-in-error"} for x in (visit, ask)]
    after = read(patient(), *wrong, into=there.records, received_at=LATER)
    assert {e.type for e in only(after).effective()} == {"born"} and not after.report.refused
    # Of a visit that never came in nobody knows what it was: nothing is made up.
    alone = read(patient(), wrong[0])
    assert {e.type for e in only(alone)} == {"born"} and [x.column for x in alone.report.refused] == ["status"]


# ---------------------------------------------------------------- extensions that say otherwise


def changed(resource: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
    return resource | {"extension": [*resource.get("extension", []), {"url": f"urn:growthwatch:{key}", **value}]}


def test_an_extension_never_overrules_what_a_person_reads() -> None:
    for key, value in (("json:weight_kg", "9.9"), ("on", "2024-01-11"), ("id", "x"), ("type", "contact"), ("json:marks2", "[]")):  # fmt: skip
        made = read(patient(), changed(weight(), key, {"valueString": value}))
        assert only(made).event("Observation/o1").to_dict() == only(read(patient(), weight())).event("Observation/o1").to_dict()  # fmt: skip


@pytest.mark.parametrize(
    "mark",
    [
        "[1]", "7", "{", '{"type": "weighed"}', '{"type": "entered_in_error", "target": "Observation/o2"}',
        '{"type": "entered_in_error", "target": "Observation/o1"}',
        '{"type": "entered_in_error", "target": "Observation/o1", "recorded_at": "2030-01-01T00:00:00Z"}',
    ],
)  # fmt: skip
def test_a_mark_that_is_none_on_this_event_is_refused(mark: str) -> None:
    made = read(patient(), weight(id="o2"), changed(weight(), "json:marks", {"valueString": mark}))
    assert [(x.resource, x.column) for x in made.report.refused] == [("Observation/o1", "extension")]
    assert {e.type for e in only(made)} == {"born", "weighed"}


def test_what_is_no_json_in_an_extension_is_said_by_the_form_of_the_event() -> None:
    for text, column in (("{", "clothing"), ('["x"]', "clothing"), ("3", "clothing")):
        made = read(patient(), changed(weight(), "json:clothing", {"valueString": text}))
        assert [x.column for x in made.report.refused] == [column]


def test_a_bundle_of_a_review_and_of_a_record_name_the_same_things_alike() -> None:
    import growthwatch as gw

    told = record(event("weighed", "w1", weight_kg=9.1), event("contact", "c1", face_to_face=True))
    review = gw.review(told, protocol=gw.protocol("uk-hv"), as_of=dt.date(2024, 6, 1))
    ids = {o["id"] for o in of_kind(from_review(review, record=told), "Observation")}
    assert ids == {o["id"] for o in of_kind(from_record(told), "Observation")}
