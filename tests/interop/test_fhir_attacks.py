"""What somebody sends who knows no better, or means no good: units that lie, doubles, nesting, other versions."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle as R4Bundle
from fhir.resources.R4B.observation import Observation as R4Observation
from fhir.resources.STU3.bundle import Bundle as Stu3Bundle
from fhir_made import (
    FILES,
    LOINC,
    NOW,
    SNOMED,
    UCUM,
    bundle,
    coded,
    kinds,
    of_file,
    only,
    patient,
    read,
    weight,
    without,
)

from growthwatch.core.errors import GrowthwatchError
from growthwatch.interop.fhir import from_record, to_records
from growthwatch.record import Born, Measured, Record, Weighed

D = dt.date
NS = 'xmlns="http://hl7.org/fhir"'


def weights(made: Any) -> list[tuple[dt.date, float]]:
    return [(e.on, e.weight_kg) for r in made.records.values() for e in r.effective() if isinstance(e, Weighed)]


# ---------------------------------------------------------------- what a validator lets through


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        (weight(5100, "kg"), "valueQuantity.value"),
        (weight(valueQuantity={"value": 5.1}), "valueQuantity.unit"),
        (weight(effectiveDateTime="2124-05-03"), "effectiveDateTime"),
        (weight(-9, "kg"), "valueQuantity.value"),
    ],
    ids=["grams labelled kg", "no unit", "the year 2124", "minus 9 kg"],
)
def test_what_a_validator_of_the_form_accepts_is_refused_by_name(wrong: dict[str, Any], path: str) -> None:
    assert R4Observation.model_validate(wrong).id == "o1"
    made = read(patient(), wrong)
    assert weights(made) == []
    (line,) = made.report.refused
    assert (line.resource, line.column, line.row, line.child_id) == ("Observation/o1", path, 2, "p1")
    assert line.value or path == "valueQuantity.unit"
    assert line.reason and line.remedy


def test_the_public_files_are_of_the_versions_that_they_are_said_to_be() -> None:
    assert R4Bundle.model_validate_json((FILES / "synthea-luigi-wiegand.json").read_bytes()).type == "transaction"
    birth = Stu3Bundle.model_validate_xml((FILES / "nems-BirthNotificationWithMother.xml").read_bytes())
    assert birth.type == "message"


# ---------------------------------------------------------------- units that lie


@pytest.mark.parametrize(
    ("value", "unit", "code"),
    [(5100, "kg", "kg"), (5.1, "g", "g"), (5.1, "kg", "g"), (5100, "g", "kg"), (5.1, "lb", "kg"), (5.1, "kg", "KG2"), (510, "kg", "kg")],
)  # fmt: skip
def test_a_unit_that_lies_makes_no_weight(value: float, unit: str, code: str) -> None:
    made = read(patient(), weight(valueQuantity={"value": value, "unit": unit, "system": UCUM, "code": code}))
    assert weights(made) == [] and len(made.report.refused) == 1


@pytest.mark.parametrize(("value", "unit"), [(0.415, "cm"), (415, "cm"), (41.5, "m"), (4150, "mm")])
def test_a_length_that_no_child_has_is_refused(value: float, unit: str) -> None:
    for code in ("8302-2", "9843-4"):
        made = read(patient(), weight(value, unit, code=coded((LOINC, code))))
        assert not any(isinstance(e, Measured) for e in only(made)), code
        (line,) = made.report.refused
        assert line.column == "valueQuantity.value" and "cm" in line.reason


@pytest.mark.parametrize("comparator", ["<", "<=", ">=", ">", "ad"])
def test_a_bound_is_no_weight(comparator: str) -> None:
    quantity = {**weight()["valueQuantity"], "comparator": comparator}
    made = read(patient(), weight(valueQuantity=quantity))
    assert weights(made) == [] and kinds(made, "valueQuantity.comparator") == ["refused"]


def test_a_value_beside_a_reason_why_there_is_none_is_doubted() -> None:
    made = read(patient(), weight(dataAbsentReason=coded(("urn:x", "error"))))
    assert weights(made) == [(D(2024, 5, 3), 5.1)] and kinds(made, "dataAbsentReason") == ["doubted"]


# ---------------------------------------------------------------- the same again, elsewhere


def test_one_observation_in_several_bundles_is_one_weight() -> None:
    one, two = bundle(patient(), weight()), bundle(weight(), patient())
    made = to_records(one, two, one, received_at=NOW)
    assert weights(made) == [(D(2024, 5, 3), 5.1)] and made.report.fates == {"made": 1, "repeated": 2, "told": 3}
    again = to_records(two, received_at=NOW, into=made.records)
    assert again.records == made.records


def test_of_one_observation_in_several_bundles_the_last_form_counts_in_any_order() -> None:
    old = weight(5.1, meta={"versionId": "1", "lastUpdated": "2024-05-03T10:00:00Z"})
    new = weight(5.3, status="corrected", meta={"versionId": "2", "lastUpdated": "2024-05-04T10:00:00Z"})
    for sources in ((old, new), (new, old)):
        made = to_records(*(bundle(patient(), r) for r in sources), received_at=NOW)
        assert weights(made) == [(D(2024, 5, 3), 5.3)]
    first = to_records(bundle(patient(), new), received_at=NOW)
    assert weights(to_records(bundle(patient(), old), received_at=NOW, into=first.records)) == [(D(2024, 5, 3), 5.3)]


def test_a_bundle_in_a_bundle_is_read() -> None:
    inner = json.loads(bundle(patient(), weight()))
    made = read(inner, {"resourceType": "Bundle", "type": "searchset"})
    assert weights(made) == [(D(2024, 5, 3), 5.1)] and made.report.resources == 2
    xml = f"""<Bundle {NS}><type value="collection"/><entry><resource><Bundle><type value="searchset"/><entry>
      <resource><Patient><id value="p1"/><gender value="male"/><birthDate value="2024-01-10"/></Patient></resource>
    </entry></Bundle></resource></entry></Bundle>"""
    assert [e.on for e in only(to_records(xml.encode(), received_at=NOW))] == [D(2024, 1, 10)]


def test_a_mark_of_byte_order_is_read_over() -> None:
    mark = b"\xef\xbb\xbf"
    xml = f'<Patient {NS}><id value="p1"/><gender value="male"/><birthDate value="2024-01-10"/></Patient>'.encode()
    assert len(only(to_records(mark + xml, received_at=NOW))) == 1
    assert len(only(to_records(mark + bundle(patient(), weight()), received_at=NOW))) == 2


# ---------------------------------------------------------------- who it is


def test_two_patients_with_one_identifier_who_were_born_otherwise() -> None:
    same = {"identifier": [{"system": "urn:nhs", "value": "9"}]}
    made = read(patient(**same), patient(id="p2", birthDate="2023-03-01", **same), weight(subject={"reference": "Patient/p2"}), identifier="urn:nhs")  # fmt: skip
    assert set(made.records) == {"9"}
    assert [e.on for e in made.records["9"] if isinstance(e, Born)] == [D(2024, 1, 10)]
    assert [(x.resource, x.value) for x in made.report.refused] == [("Patient/p2", "2023-03-01")]
    # A reference by what both have leads to nobody in particular, and is said.
    by = weight(subject={"identifier": {"system": "urn:nhs", "value": "9"}})
    told = read(patient(**same), patient(id="p2", birthDate="2023-03-01", **same), by)
    assert kinds(told, "identifier") == ["doubted"] and kinds(told, "subject") == ["refused"] and weights(told) == []
    assert weights(read(patient(**same), patient(id="p2", **same), by, identifier="urn:nhs")) == [(D(2024, 5, 3), 5.1)]


def test_one_identifier_twice_on_one_patient() -> None:
    twice = {"identifier": [{"system": "urn:nhs", "value": "9"}, {"system": "urn:nhs", "value": "8"}]}
    made = read(patient(**twice), weight(), identifier="urn:nhs")
    assert made.records == {} and kinds(made, "identifier") == ["refused"] and kinds(made, "subject") == ["refused"]


def test_a_patient_who_is_contained_is_of_that_resource_alone() -> None:
    def held(id: str, born: str) -> dict[str, Any]:
        inside = patient(id="kid", birthDate=born)
        return weight(id=id, subject={"reference": "#kid"}, contained=[inside])

    made = read(held("o1", "2024-01-10"), held("o2", "2023-01-10"))
    assert len(made.records) == 2
    assert sorted(e.on for r in made.records.values() for e in r if isinstance(e, Born)) == [D(2023, 1, 10), D(2024, 1, 10)]  # fmt: skip


@pytest.mark.parametrize("given", ["Group/p1", "#nobody", "Patient/", "urn:uuid:", "Device/p1"])
def test_a_reference_to_no_patient_makes_no_weight_of_this_child(given: str) -> None:
    made = read(patient(), weight(subject={"reference": given}))
    assert not any(isinstance(e, Weighed) for e in made.records["p1"])
    assert any(x.column == "subject" for x in made.report.lines)


def sent(server: str, *resources: dict[str, Any]) -> bytes:
    entry = [{"fullUrl": f"{server}/{r['resourceType']}/{r['id']}", "resource": r} for r in resources]
    return json.dumps({"resourceType": "Bundle", "type": "searchset", "entry": entry}).encode()


A, B = "https://a.example/fhir", "http://b.example/r4"


def test_one_id_on_two_servers_is_not_one_child() -> None:
    named = [{"system": "urn:nhs", "value": v} for v in ("1", "2")]
    one = sent(A, patient(identifier=[named[0]]), weight(5.1))
    two = sent(B, patient(identifier=[named[1]], birthDate="2023-03-01"), weight(9.9, id="o2"))
    made = to_records(one, two, received_at=NOW)
    assert weights(made) == [(D(2024, 5, 3), 5.1)] and set(made.records) == {"p1"}
    assert [(x.resource, x.column) for x in made.report.refused] == [
        ("Patient/p1", "id"),
        ("Observation/o2", "subject"),
    ]
    told = to_records(one, two, received_at=NOW, identifier="urn:nhs")
    assert {i: [e.weight_kg for e in r if isinstance(e, Weighed)] for i, r in told.records.items()} == {
        "1": [5.1],
        "2": [9.9],
    }
    assert not told.report.refused


def test_a_weight_of_another_server_is_not_given_to_a_child_of_the_same_id() -> None:
    made = to_records(sent(A, patient()), sent(B, weight(9.9)), received_at=NOW)
    assert weights(made) == [] and kinds(made, "subject") == ["refused"]
    far = to_records(sent(A, patient(), weight(subject={"reference": f"{B}/Patient/p1"})), received_at=NOW)
    assert weights(far) == [] and kinds(far, "subject") == ["refused"]
    # Of one server, and where a file does not say which, it is.
    near = to_records(sent(A, patient()), sent(A, weight()), bundle(weight(id="o2", effectiveDateTime="2024-06-03")), received_at=NOW)  # fmt: skip
    assert len(weights(near)) == 2


def test_one_id_of_an_observation_on_two_servers_replaces_nothing() -> None:
    who = {"identifier": [{"system": "urn:nhs", "value": "1"}]}
    by = {"subject": {"identifier": {"system": "urn:nhs", "value": "1"}}}
    one = sent(A, patient(**who), weight(5.1, meta={"versionId": "1"}))
    two = sent(B, weight(5.9, meta={"versionId": "2"}, effectiveDateTime="2024-06-03", **by))
    made = to_records(one, two, received_at=NOW)
    assert weights(made) == [(D(2024, 5, 3), 5.1), (D(2024, 6, 3), 5.9)] and kinds(made, "id") == []


def test_a_death_that_comes_again_is_one_and_another_is_a_line() -> None:
    first = read(patient(deceasedDateTime="2024-08-01"))
    again = read(patient(deceasedDateTime="2024-08-01"), into=first.records)
    assert again.records == first.records
    other = read(patient(deceasedDateTime="2024-09-01"), into=first.records)
    assert other.records == first.records and kinds(other, "deceasedDateTime") == ["refused"]


def test_an_id_that_cannot_be_one_of_a_record_loses_neither_birth_nor_weight() -> None:
    for id in ("p\x00\u202e1", "x" * 100_000):
        made = read(patient(id=id, deceasedDateTime="2024-09-01"), weight(subject={"reference": f"Patient/{id}"}))
        assert sorted(e.type for e in only(made)) == ["born", "died", "weighed"] and not made.report.refused


@pytest.mark.parametrize("root", ['Patient xmlns="urn:other"', "Patient", 'html xmlns="http://www.w3.org/1999/xhtml"'])
def test_xml_of_anything_else_is_refused(root: str) -> None:
    data = f'<{root}><id value="a"/><birthDate value="2024-01-10"/></{root.split()[0]}>'
    with pytest.raises(GrowthwatchError, match=r"hl7\.org/fhir"):
        to_records(data.encode(), received_at=NOW)


# ---------------------------------------------------------------- days


@pytest.mark.parametrize(
    ("birth", "kind"),
    [("2024-01", "refused"), ("2024", "refused"), ("2124-01-10", "refused"), ("2024-13-01", "refused"), ("10/01/2024", "refused")],
)  # fmt: skip
def test_a_birth_that_is_no_day_is_a_line_and_the_weight_stays(birth: str, kind: str) -> None:
    made = read(patient(birthDate=birth), weight())
    assert kinds(made, "birthDate") == [kind] and weights(made) == [(D(2024, 5, 3), 5.1)]
    assert not any(isinstance(e, Born) for e in only(made))


@pytest.mark.parametrize(
    ("zone", "on"), [("Europe/London", D(2024, 5, 4)), ("UTC", D(2024, 5, 3)), ("America/New_York", D(2024, 5, 3))]
)
def test_a_day_is_that_of_the_zone_that_is_asked_for(zone: str, on: dt.date) -> None:
    made = read(patient(), weight(effectiveDateTime="2024-05-03T23:30:00Z"), zone=zone)
    assert weights(made) == [(on, 5.1)]


@pytest.mark.parametrize("given", ["2024-05-03T24:00:00Z", "2024-05-03T10:00:61Z", "2024-05-03T10:00:00+99:00", "-2024-05-03", "2024-5-3"])  # fmt: skip
def test_moments_that_are_none_are_refused(given: str) -> None:
    made = read(patient(), weight(effectiveDateTime=given))
    assert weights(made) == [] and kinds(made, "effectiveDateTime") == ["refused"]


# ---------------------------------------------------------------- STU3 beside R4


@pytest.mark.parametrize(
    "more",
    [
        {"context": {"reference": "Encounter/1"}, "comment": "settled", "issued": "2024-05-03T10:00:00Z"},
        {"encounter": {"reference": "Encounter/1"}, "note": [{"text": "settled"}], "issued": "2024-05-03T10:00:00Z"},
    ],
    ids=["STU3", "R4"],
)
def test_both_forms_of_an_observation_say_the_same(more: dict[str, Any]) -> None:
    (found,) = (e for e in only(read(patient(), weight(**more))) if isinstance(e, Weighed))
    assert (found.weight_kg, found.note, found.recorded_at) == (5.1, "settled", dt.datetime(2024, 5, 3, 10, tzinfo=dt.UTC))  # fmt: skip


@pytest.mark.parametrize(
    "more",
    [
        {"assertedDate": "2024-03-01", "verificationStatus": "confirmed", "clinicalStatus": "active"},
        {"recordedDate": "2024-03-01", "verificationStatus": coded(("x", "confirmed")), "clinicalStatus": coded(("x", "active"))},
    ],
    ids=["STU3", "R4"],
)  # fmt: skip
def test_both_forms_of_a_condition_say_the_same(more: dict[str, Any]) -> None:
    base = {
        "resourceType": "Condition",
        "id": "c",
        "code": coded((SNOMED, "190905008")),
        "subject": {"reference": "Patient/p1"},
    }
    found = [e for e in only(read(patient(), {**base, **more})) if e.type == "condition_diagnosed"]
    assert [(e.condition, e.on) for e in found] == [("cystic_fibrosis", D(2024, 3, 1))]


@pytest.mark.parametrize(
    "ask",
    [
        {"resourceType": "ReferralRequest", "recipient": [{"display": "Dietetics"}], "requester": {"agent": {"display": "Dr A"}}},
        {"resourceType": "ServiceRequest", "performer": [{"display": "Dietetics"}], "requester": {"display": "Dr A"}},
        {"resourceType": "Task", "owner": {"display": "Dietetics"}, "requester": {"display": "Dr A"}},
    ],
    ids=["STU3", "R4", "task"],
)  # fmt: skip
def test_all_forms_of_a_request_say_the_same(ask: dict[str, Any]) -> None:
    rest = {
        "id": "r",
        "status": "active",
        "intent": "order",
        "code": {"text": "Please see"},
        "authoredOn": "2024-05-03",
    }
    who = {"for" if ask["resourceType"] == "Task" else "subject": {"reference": "Patient/p1"}}
    (found,) = (e for e in only(read(patient(), {**ask, **rest, **who})) if e.type == "request_made")
    assert (found.ask, found.to[0].name, found.actor, found.on) == ("Please see", "Dietetics", "Dr A", D(2024, 5, 3))


def test_json_and_xml_of_one_resource_say_the_same() -> None:
    xml = f"""<Bundle {NS}><type value="collection"/>
      <entry><resource><Patient><id value="p1"/><gender value="female"/><birthDate value="2024-01-10"/></Patient></resource></entry>
      <entry><resource><Observation><id value="o1"/><status value="final"/>
        <code><coding><system value="{LOINC}"/><code value="29463-7"/></coding></code>
        <subject><reference value="Patient/p1"/></subject><effectiveDateTime value="2024-05-03"/>
        <valueQuantity><value value="5.1"/><unit value="kg"/><system value="{UCUM}"/><code value="kg"/></valueQuantity>
      </Observation></resource></entry></Bundle>"""
    assert to_records(xml.encode(), received_at=NOW).records == read(patient(), weight()).records


# ---------------------------------------------------------------- nothing is dropped


def test_how_a_child_is_fed_has_no_place_and_is_a_line() -> None:
    for code in ("63895-7", "73756-9"):
        fed = {**without(weight(code=coded((LOINC, code))), "valueQuantity"), "valueBoolean": True}
        made = read(patient(), fed)
        assert kinds(made, "code") == ["refused"] and "fed" in made.report.refused[0].reason


def test_every_type_of_r4_is_read_refused_or_counted() -> None:
    types = [
        "Immunization",
        "Procedure",
        "DiagnosticReport",
        "MedicationRequest",
        "Binary",
        "Parameters",
        "OperationOutcome",
        "NoSuchType",
        "observation",
    ]
    made = read(*({"resourceType": t, "id": t} for t in types))
    assert made.report.not_read == dict.fromkeys(types, 1) and made.report.fates == {"not_read": len(types)}


# ---------------------------------------------------------------- what turns round the meaning

TURNED = [{"url": "urn:x:not", "valueBoolean": True}]


@pytest.mark.parametrize(
    ("more", "path"),
    [({"modifierExtension": TURNED}, "modifierExtension"), ({"implicitRules": "urn:x"}, "implicitRules")],
)
def test_what_may_turn_round_a_resource_is_refused(more: dict[str, Any], path: str) -> None:
    made = read(patient(), weight(**more))
    assert weights(made) == [] and kinds(made, path) == ["refused"]
    nobody = read(patient(**more))
    assert nobody.records == {} and kinds(nobody, path) == ["refused"]


def test_a_component_that_may_be_turned_round_makes_no_weight() -> None:
    part = {"code": coded((LOINC, "29463-7")), "valueQuantity": weight()["valueQuantity"], "modifierExtension": TURNED}
    panel = {**without(weight(code=coded((LOINC, "85353-1"))), "valueQuantity"), "component": [part]}
    made = read(patient(), panel)
    assert weights(made) == [] and kinds(made, "component[0].modifierExtension") == ["refused"]


@pytest.mark.parametrize(
    ("kind", "more", "path"),
    [
        ("ServiceRequest", {"doNotPerform": True}, "doNotPerform"), ("ServiceRequest", {"intent": "proposal"}, "intent"),
        ("Task", {"intent": "plan"}, "intent"), ("Communication", {"notDone": True}, "notDone"),
    ],
)  # fmt: skip
def test_what_was_not_asked_or_not_sent_is_refused(kind: str, more: dict[str, Any], path: str) -> None:
    who = {"reference": "Patient/p1"}
    base = {
        "resourceType": kind, "id": "r", "status": "completed" if kind == "Communication" else "active", "intent": "order", "code": {"text": "Please see"},
        "authoredOn": "2024-05-03", "sent": "2024-05-03", "subject": who, "for": who, "performer": [{"display": "A"}], "owner": {"display": "A"}, "recipient": [{"display": "A"}],
    }  # fmt: skip
    assert len(only(read(patient(), base))) == 2
    made = read(patient(), {**base, **more})
    assert len(only(made)) == 1 and kinds(made, path) == ["refused"]


def test_a_patient_who_is_not_used_or_joined_with_another_is_doubted() -> None:
    made = read(patient(active=False, link=[{"other": {"reference": "Patient/p2"}, "type": "replaced-by"}]))
    assert kinds(made, "active") == ["doubted"] and kinds(made, "link[0]") == ["doubted"] and len(only(made)) == 1


# ---------------------------------------------------------------- round trips


@pytest.mark.parametrize("name", sorted(p.name for p in FILES.iterdir() if p.suffix in (".xml", ".json")))
def test_what_came_in_of_a_public_file_goes_out_and_comes_in_again(name: str) -> None:
    for child, record in of_file(name).records.items():
        out = json.dumps(from_record(record))
        assert R4Bundle.model_validate_json(out).type == "collection"
        back = to_records(out.encode(), received_at=NOW).records.get(child, Record(child))
        # Every event is what it was: its id, who wrote it down when, and what it says.
        assert back.to_dict() == record.to_dict()
        # Beside what is there it is nothing new.
        assert to_records(out.encode(), received_at=NOW, into={child: record}).records == {child: record}
