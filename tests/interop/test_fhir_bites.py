"""What bites: faults of real files and profiles, each by itself; what is wrong is named, and nothing is guessed."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from typing import Any

import pytest
from builders import Child
from fhir_made import LOINC, NOW, SNOMED, UCUM, bundle, coded, kinds, only, patient, read, weight, without

from growthwatch.caseload import Fault, Faults
from growthwatch.core.errors import GrowthwatchError
from growthwatch.interop.fhir import Imported, from_record, to_records
from growthwatch.record import Born, ConditionDiagnosed, ConditionEnded, EnteredInError, Measured, Weighed

D = dt.date


def weights(made: Any) -> list[tuple[dt.date, float]]:
    return [(e.on, e.weight_kg) for r in made.records.values() for e in r.effective() if isinstance(e, Weighed)]


def test_a_weight_that_is_right_has_no_line() -> None:
    made = read(patient(), weight())
    assert weights(made) == [(D(2024, 5, 3), 5.1)] and made.report.lines == ()


# ---------------------------------------------------------------- units


@pytest.mark.parametrize(
    ("value", "unit", "kg", "lines"),
    [
        (5100, "g", 5.1, ["changed"]),
        (11, "[lb_av]", 4.98951607, ["changed"]),
        (176, "[oz_av]", 4.98951607, ["changed"]),
        (11, "lb", 4.98951607, ["changed", "doubted"]),
    ],
)
def test_units_are_converted_and_said(value: float, unit: str, kg: float, lines: list[str]) -> None:
    made = read(patient(), weight(value, unit))
    assert weights(made) == [(D(2024, 5, 3), kg)]
    assert kinds(made, "valueQuantity") == lines
    assert "given as" in next(e.note or "" for e in only(made) if isinstance(e, Weighed))


@pytest.mark.parametrize(
    ("quantity", "path"),
    [
        ({"value": 5.1}, "valueQuantity.unit"),
        ({"value": 5.1, "unit": "stone"}, "valueQuantity.unit"),
        ({"value": 5.1, "unit": "cm", "system": UCUM, "code": "cm"}, "valueQuantity.code"),
        ({"value": 5.1, "unit": "kg", "system": UCUM, "code": "g"}, "valueQuantity.unit"),
        ({"value": 5.1, "unit": "kg", "system": UCUM, "code": "mg"}, "valueQuantity.code"),
        ({"value": 5.1, "unit": "kg", "system": SNOMED, "code": "258683005"}, "valueQuantity.system"),
        ({"value": 5.1, "comparator": "<", "unit": "kg", "system": UCUM, "code": "kg"}, "valueQuantity.comparator"),
        ({"value": -9, "unit": "kg", "system": UCUM, "code": "kg"}, "valueQuantity.value"),
        ({"value": 0, "unit": "kg", "system": UCUM, "code": "kg"}, "valueQuantity.value"),
        ({"value": "5.1", "unit": "kg", "system": UCUM, "code": "kg"}, "valueQuantity.value"),
        ({"value": True, "unit": "kg", "system": UCUM, "code": "kg"}, "valueQuantity.value"),
        ({"unit": "kg", "system": UCUM, "code": "kg"}, "valueQuantity.value"),
        # Grams labelled kilograms, and the other way round.
        ({"value": 3980, "unit": "kg", "system": UCUM, "code": "kg"}, "valueQuantity.value"),
        ({"value": 3.98, "unit": "g", "system": UCUM, "code": "g"}, "valueQuantity.value"),
        ({"value": 1e300, "unit": "kg", "system": UCUM, "code": "kg"}, "valueQuantity.value"),
    ],
)
def test_amounts_that_are_refused(quantity: dict[str, Any], path: str) -> None:
    made = read(patient(), weight(valueQuantity=quantity))
    assert weights(made) == []
    (line,) = made.report.refused
    assert (line.resource, line.column) == ("Observation/o1", path) and line.reason and line.remedy


@pytest.mark.parametrize(
    "quantity",
    [{"value": 5.1, "unit": "kilogram"}, {"value": 5.1, "unit": "KG"}, {"value": 5.1, "unit": "kg", "code": "kg"}],
)
def test_a_unit_in_words_is_doubted(quantity: dict[str, Any]) -> None:
    made = read(patient(), weight(valueQuantity=quantity))
    assert weights(made) == [(D(2024, 5, 3), 5.1)] and kinds(made, "valueQuantity") == ["doubted"]


# ---------------------------------------------------------------- codes


@pytest.mark.parametrize(
    ("codes", "measure", "position"),
    [
        ([(LOINC, "9843-4")], "head", None), ([(LOINC, "8287-5")], "head", None), ([(SNOMED, "363812007")], "head", None),
        ([(LOINC, "8302-2")], "height", None), ([(SNOMED, "50373000")], "height", None),
        ([(LOINC, "8306-3"), (LOINC, "8302-2")], "height", "lying"), ([(LOINC, "8308-9")], "height", "standing"),
    ],
)  # fmt: skip
def test_every_code_of_a_length_or_head_is_read(codes: Any, measure: str, position: str | None) -> None:
    quantity = {"value": 41.5, "unit": "cm", "system": UCUM, "code": "cm"}
    made = read(patient(), weight(code=coded(*codes), valueQuantity=quantity))
    (found,) = (e for e in only(made) if isinstance(e, Measured))
    assert (found.measure, found.value_cm, found.position) == (measure, 41.5, position)


def test_a_birth_weight_has_both_codes_grams_and_no_day() -> None:
    codes = coded((LOINC, "29463-7"), (SNOMED, "364589006"))
    # One that is dated otherwise keeps its day, and is doubted.
    made = read(weight(3980, "g", code=codes), patient())
    assert weights(made) == [(D(2024, 5, 3), 3.98)] and "not of the day of birth" in made.report.doubted[0].reason
    undated = read(without(weight(3980, "g", code=codes), "effectiveDateTime"), patient())
    assert weights(undated) == [(D(2024, 1, 10), 3.98)] and kinds(undated, "effective[x]") == ["changed"]


def test_a_weight_without_a_day_is_no_birth_weight() -> None:
    made = read(patient(), without(weight(), "effectiveDateTime"))
    assert weights(made) == [] and kinds(made, "effective[x]") == ["refused"]


def test_codes_that_differ_and_codes_of_what_nobody_weighed_are_refused() -> None:
    differ = read(patient(), weight(code=coded((LOINC, "29463-7"), (LOINC, "9843-4"))))
    told = read(patient(), weight(code=coded((SNOMED, "784399000"))))
    bmi = read(patient(), weight(16, "kg/m2", code=coded((LOINC, "39156-5"))))
    assert [kinds(m, "code") for m in (differ, told, bmi)] == [["refused"]] * 3
    assert weights(differ) + weights(told) + weights(bmi) == []


@pytest.mark.parametrize(
    ("value", "days"),
    [
        ({"valueQuantity": {"value": 39.0, "unit": "week", "system": UCUM, "code": "wk"}}, 273),
        ({"valueQuantity": {"value": 270, "unit": "d", "system": UCUM, "code": "d"}}, 270),
        ({"valueString": "40W 0D"}, 280),
        ({"valueString": "31+4"}, 221),
        ({"valueQuantity": {"value": 39.4, "unit": "week", "system": UCUM, "code": "wk"}}, None),
        ({"valueString": "term"}, None),
        ({"valueQuantity": {"value": 400, "unit": "d", "system": UCUM, "code": "d"}}, None),
    ],
)
@pytest.mark.parametrize("code", [(SNOMED, "412726003"), (LOINC, "11884-4"), (LOINC, "18185-9")])
def test_gestation_in_weeks_days_and_words(value: dict[str, Any], days: int | None, code: tuple[str, str]) -> None:
    told = {**without(weight(code=coded(code)), "valueQuantity", "effectiveDateTime"), **value}
    made = read(told, patient())
    births = [e.gestation_days for r in made.records.values() for e in r if isinstance(e, Born)]
    if days == 273:
        assert kinds(made, "valueQuantity") == ["doubted", "changed"]
    assert births == [days]
    assert (days is None) == bool(made.report.refused)


def test_a_gestation_that_cannot_be_does_not_take_the_birth_with_it() -> None:
    quantity = {"value": 400, "unit": "d", "system": UCUM, "code": "d"}
    told = without(weight(code=coded((SNOMED, "412726003")), valueQuantity=quantity), "effectiveDateTime")
    made = read(told, patient())
    (born,) = (e for e in only(made) if isinstance(e, Born))
    assert (born.on, born.gestation_days) == (D(2024, 1, 10), None) and len(made.report.refused) == 1


# ---------------------------------------------------------------- days


def test_a_time_without_a_zone_keeps_the_day_that_is_written() -> None:
    made = read(patient(), weight(effectiveDateTime="2024-05-03T23:45:00"))
    (found,) = (e for e in only(made) if isinstance(e, Weighed))
    assert (found.on, found.time) == (D(2024, 5, 3), None) and kinds(made, "effectiveDateTime") == ["doubted"]


@pytest.mark.parametrize(
    ("given", "on", "time"),
    [
        # 23:30 UTC is half past midnight of the next day in British summer, and the same day in winter.
        ("2024-05-03T23:30:00Z", D(2024, 5, 4), dt.time(0, 30)),
        ("2024-02-03T23:30:00Z", D(2024, 2, 3), dt.time(23, 30)),
        ("2024-05-03T01:30:00+10:00", D(2024, 5, 2), dt.time(16, 30)),
        ("2024-05-03T10:00:00.123456789Z", D(2024, 5, 3), dt.time(11, 0, 0, 123456)),
    ],
)
def test_a_time_with_its_zone_is_told_in_the_calendar_of_the_protocol(given: str, on: dt.date, time: dt.time) -> None:
    (found,) = (e for e in only(read(patient(), weight(effectiveDateTime=given))) if isinstance(e, Weighed))
    assert (found.on, found.time) == (on, time)


@pytest.mark.parametrize(
    "given", ["2024-05", "2024", "2124-05-03", "2024-02-30", "3 May 2024", "2024-05-03T25:00:00Z", "", 20240503, None, "0000-01-01", "0001-01-01T00:00:00+14:00"]
)  # fmt: skip
def test_days_that_are_no_day_or_not_yet_are_refused(given: Any) -> None:
    made = read(patient(), weight(effectiveDateTime=given))
    assert weights(made) == [] and kinds(made, "effectiveDateTime") == ["refused"]


def test_a_period_of_one_day_is_that_day_and_a_longer_one_is_refused() -> None:
    day = {"start": "2024-05-03T09:00:00Z", "end": "2024-05-03T09:20:00Z"}
    one = read(patient(), {**without(weight(), "effectiveDateTime"), "effectivePeriod": day})
    assert weights(one) == [(D(2024, 5, 3), 5.1)] and kinds(one, "effectivePeriod") == ["changed"]
    for period in ({**day, "end": "2024-05-09"}, {"start": "2024-05-03"}):
        two = read(patient(), {**without(weight(), "effectiveDateTime"), "effectivePeriod": period})
        assert weights(two) == [] and kinds(two, "effectivePeriod") == ["refused"]


def test_a_weight_from_before_the_birth_is_doubted() -> None:
    made = read(patient(), weight(effectiveDateTime="2023-05-03"))
    assert weights(made) == [(D(2023, 5, 3), 5.1)] and "before the birth" in made.report.doubted[0].reason


def test_when_it_was_written_down_is_what_the_sender_says_or_when_it_came_in() -> None:
    issued = "2024-05-03T10:00:00Z"
    said = read(weight(issued=issued), patient())
    assert next(e.recorded_at for e in only(said) if isinstance(e, Weighed)) == dt.datetime(
        2024, 5, 3, 10, tzinfo=dt.UTC
    )
    assert next(e.recorded_at for e in only(read(weight(), patient())) if isinstance(e, Weighed)) == NOW
    late = read(weight(issued="2124-05-03T10:00:00Z"), patient())
    assert next(e.recorded_at for e in only(late) if isinstance(e, Weighed)) == NOW and kinds(late, "issued") == [
        "doubted"
    ]


# ---------------------------------------------------------------- status


@pytest.mark.parametrize(
    ("status", "made", "line"),
    [
        ("final", 1, None), ("amended", 1, None), ("corrected", 1, None), ("Final", 1, "doubted"),
        ("preliminary", 1, "doubted"), ("unknown", 1, "doubted"), (None, 1, "doubted"),
        ("cancelled", 0, "refused"), ("registered", 0, "refused"), ("done", 0, "refused"),
    ],
)  # fmt: skip
def test_every_status(status: str | None, made: int, line: str | None) -> None:
    found = read(patient(), weight(status=status))
    assert len(weights(found)) == made and kinds(found, "status") == ([] if line is None else [line])


def test_entered_in_error_is_kept_and_does_not_count() -> None:
    made = read(patient(), weight(status="entered-in-error"))
    assert weights(made) == []
    assert {e.type for e in only(made)} == {"born", "weighed", "entered_in_error"}


def test_a_later_file_corrects_and_takes_back_what_an_earlier_one_said() -> None:
    first = read(patient(), weight(5.1))
    again = read(patient(), weight(5.1), into=first.records, received_at=NOW + dt.timedelta(days=1))
    assert again.records == first.records and again.report.fates == {"repeated": 1, "told": 1}
    second = read(
        patient(), weight(5.3, status="corrected"), into=again.records, received_at=NOW + dt.timedelta(days=2)
    )
    assert weights(second) == [(D(2024, 5, 3), 5.3)] and len(only(second)) == 3
    assert kinds(second, "id") == ["doubted"]
    third = read(
        patient(), weight(5.3, status="entered-in-error"), into=second.records, received_at=NOW + dt.timedelta(days=3)
    )
    # The resource was entered in error, and not its last form alone: the first does not count again.
    assert weights(third) == [] and sum(isinstance(e, EnteredInError) for e in only(third)) == 2
    known = only(third).effective(NOW + dt.timedelta(days=2))
    assert [e.weight_kg for e in known if isinstance(e, Weighed)] == [5.3]
    twice = read(
        patient(), weight(5.3, status="entered-in-error"), into=third.records, received_at=NOW + dt.timedelta(days=4)
    )
    assert twice.records == third.records and twice.report.fates == {"repeated": 1, "told": 1}
    back = read(patient(), weight(5.3), into=third.records, received_at=NOW + dt.timedelta(days=5))
    assert weights(back) == [(D(2024, 5, 3), 5.3)] and kinds(back, "id") == ["doubted"]


def test_an_older_form_that_comes_late_does_not_replace_the_newer() -> None:
    newer = read(patient(), weight(5.3, status="amended", issued="2024-05-09T10:00:00Z"))
    late = read(patient(), weight(5.1, issued="2024-05-03T10:00:00Z"), into=newer.records)
    assert late.records == newer.records and weights(late) == [(D(2024, 5, 3), 5.3)]
    (line,) = late.report.refused
    assert "a later form of it" in line.reason and late.report.fates == {"refused": 1, "told": 1}


def written(day: str, **more: Any) -> dict[str, Any]:
    return {"meta": {"lastUpdated": f"{day}T09:00:00Z"}, **more}


def in_turn(*forms: dict[str, Any]) -> list[Imported]:
    """Each form in a call of its own, a day after the one before."""
    out: list[Imported] = []
    for n, form in enumerate(forms):
        into = out[-1].records if out else None
        out.append(read(patient(), form, received_at=NOW + dt.timedelta(days=n), **({"into": into} if into else {})))
    return out


GONE = {"status": "entered-in-error"}


@pytest.mark.parametrize(
    ("late", "came"),
    [
        (weight(**written("2024-05-04")), "repeated"),
        # Another older form, which the record never had, is no newer either.
        (weight(5.2, **written("2024-05-20")), "refused"),
        (weight(**written("2024-05-20")), "refused"),
    ],
)
def test_an_older_form_after_entered_in_error_brings_nothing_back(late: dict[str, Any], came: str) -> None:
    old = weight(**written("2024-05-04"))
    _, wrong, again = in_turn(old, weight(**written("2024-06-01", **GONE)), late)
    assert weights(wrong) == [] and again.records == wrong.records
    assert again.report.fates == {came: 1, "told": 1}
    if came == "refused":
        (line,) = again.report.refused
        assert "entered in error after it, at 2024-06-01T09:00:00+00:00" in line.reason


def test_an_older_form_brings_nothing_back_where_the_error_says_no_moment_or_came_first() -> None:
    old, new = weight(**written("2024-05-04")), weight(**written("2024-06-01", **GONE))
    for forms in ((old, weight(**GONE), old), (new, old), (old, weight(issued="2024-05-04T09:00:00Z", **GONE), old)):
        *_, last = in_turn(*forms)
        assert weights(last) == [] and last.report.fates["told"] == 1 and "made" not in last.report.fates


def test_a_form_that_is_newer_than_the_error_counts_again() -> None:
    """`issued` stays that of the first form: when a form was last changed says which is newer."""
    issued = {"issued": "2024-05-03T10:00:00Z"}
    forms = [
        weight(**issued, **written("2024-05-04")),
        weight(**issued, **written("2024-06-01", **GONE)),
        weight(**issued, **written("2024-07-01")),
    ]
    *_, back = in_turn(*forms)
    assert weights(back) == [(D(2024, 5, 3), 5.1)] and kinds(back, "id") == ["doubted"]


def test_an_error_is_written_down_when_its_sender_says_so() -> None:
    _, wrong = in_turn(weight(**written("2024-05-04")), weight(**written("2024-06-01", **GONE)))
    (mark,) = [e for e in only(wrong) if isinstance(e, EnteredInError)]
    assert mark.recorded_at == dt.datetime(2024, 6, 1, 9, tzinfo=dt.UTC)
    (unsaid,) = [e for e in only(in_turn(weight(), weight(**GONE))[1]) if isinstance(e, EnteredInError)]
    assert unsaid.recorded_at == NOW + dt.timedelta(days=1)


def test_our_own_bundle_from_before_the_mark_brings_nothing_back() -> None:
    child = Child().weigh(5.0, 60, id="w")
    before = json.dumps(from_record(child.record)).encode()
    child.add("entered_in_error", 70, target="w", reason="another child", id="m")
    record = child.record
    for into in (
        {record.child_id: record},
        to_records(json.dumps(from_record(record)).encode(), received_at=NOW).records,
    ):
        again = to_records(before, received_at=NOW, into=into)
        # Both weights are there; the gestation is of the birth, and no event of its own.
        assert again.records == into and again.report.fates == {"told": 1, "repeated": 2, "made": 1}


# ---------------------------------------------------------------- identity


def test_a_resource_that_is_there_twice_is_one() -> None:
    made = read(patient(), weight(), weight())
    assert weights(made) == [(D(2024, 5, 3), 5.1)] and made.report.fates == {"made": 1, "repeated": 1, "told": 1}


def test_one_id_with_two_contents_goes_by_the_version_and_without_one_is_refused() -> None:
    made = read(patient(), weight(5.3, meta={"versionId": "10"}), weight(5.1, meta={"versionId": "9"}))
    assert weights(made) == [(D(2024, 5, 3), 5.3)]
    unknown = read(patient(), weight(5.3), weight(5.1))
    assert weights(unknown) == [] and kinds(unknown, "id") == ["refused", "refused"]


def test_one_identifier_on_two_resources() -> None:
    same = {"identifier": [{"system": "urn:x", "value": "1"}]}
    copy = read(patient(), weight(**same), weight(id="o2", **same))
    assert len(weights(copy)) == 1 and kinds(copy, "identifier") == ["doubted"]
    other = read(patient(), weight(5.1, **same), weight(5.9, id="o2", **same))
    assert len(weights(other)) == 2 and kinds(other, "identifier") == ["doubted"]


def test_two_patients_in_one_bundle_have_a_record_each() -> None:
    two = weight(7.2, id="o2", subject={"reference": "Patient/p2"})
    made = read(patient(), patient(id="p2", birthDate="2023-03-01"), weight(), two)
    assert {i: [e.weight_kg for e in r if isinstance(e, Weighed)] for i, r in made.records.items()} == {
        "p1": [5.1],
        "p2": [7.2],
    }


def test_two_patients_with_one_identifier_are_doubted() -> None:
    same = {"identifier": [{"system": "urn:nhs", "value": "9"}]}
    made = read(patient(**same), patient(id="p2", **same))
    assert set(made.records) == {"p1", "p2"} and kinds(made, "identifier") == ["doubted"]
    assert set(read(patient(**same), patient(id="p2", **same), identifier="urn:nhs").records) == {"9"}
    assert kinds(read(patient(), weight(), identifier="urn:nhs"), "identifier") == ["refused"]


@pytest.mark.parametrize(
    "given", ["urn:uuid:p1", "Patient/p1", "https://example.org/fhir/Patient/p1", "Patient/p1/_history/3"]
)
def test_references_of_every_form_lead_to_the_patient(given: str) -> None:
    entry = [
        {"fullUrl": "urn:uuid:p1", "resource": patient()},
        {"resource": weight(subject={"reference": given})},
    ]
    data = json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entry}).encode()
    made = to_records(data, received_at=NOW)
    assert len(only(made)) == 2 and made.report.lines == ()


def test_a_reference_by_identifier_and_one_that_leads_nowhere() -> None:
    named = patient(identifier=[{"system": "urn:nhs", "value": "9"}])
    made = read(named, weight(subject={"identifier": {"system": "urn:nhs", "value": "9"}}))
    assert len(only(made)) == 2
    none = read(patient(), without(weight(), "subject"))
    assert weights(none) == [] and kinds(none, "subject") == ["refused"]
    lost = read(patient(), weight(subject={"reference": "Patient/other"}))
    assert kinds(lost, "subject") == ["doubted"] and len(lost.records["other"]) == 1


def test_contained_resources_and_components_are_read() -> None:
    inside = weight(id="w", subject={"reference": "#kid"})
    report = {
        "resourceType": "DiagnosticReport",
        "id": "r",
        "status": "final",
        "contained": [patient(id="kid"), inside],
    }
    made = read(report)
    assert len(only(made)) == 2 and made.report.not_read == {"DiagnosticReport": 1}
    part = {"code": coded((LOINC, "29463-7")), "valueQuantity": weight()["valueQuantity"]}
    panel = {**without(weight(code=coded((LOINC, "85353-1"))), "valueQuantity"), "component": [part]}
    assert weights(read(patient(), panel)) == [(D(2024, 5, 3), 5.1)]


def test_a_value_that_is_absent_is_said() -> None:
    absent = {**without(weight(), "valueQuantity"), "dataAbsentReason": coded(("urn:x", "not-performed"))}
    assert kinds(read(patient(), absent), "dataAbsentReason") == ["refused"]


def test_an_entry_without_a_resource_is_a_line() -> None:
    data = b'{"resourceType": "Bundle", "type": "collection", "entry": [{"fullUrl": "urn:uuid:1"}, 7]}'
    made = to_records(data, received_at=NOW)
    assert made.report.fates == {"refused": 2} and len(made.report.refused) == 2


# ---------------------------------------------------------------- the other resources


def test_conditions_by_their_codes() -> None:
    base = {"resourceType": "Condition", "subject": {"reference": "Patient/p1"}, "recordedDate": "2024-03-01"}
    cp = {**base, "id": "c1", "code": coded((SNOMED, "128188000")), "verificationStatus": coded(("x", "confirmed"))}
    ended = {
        **base,
        "id": "c2",
        "code": coded((SNOMED, "84757009")),
        "clinicalStatus": "resolved",
        "abatementDateTime": "2024-06-01",
    }
    maybe = {**cp, "id": "c3", "verificationStatus": coded(("x", "provisional"))}
    cold = {**base, "id": "c4", "code": {"text": "Common cold"}}
    made = read(patient(), cp, ended, maybe, cold)
    found = only(made)
    assert [e.condition for e in found if isinstance(e, ConditionDiagnosed)] == ["cerebral_palsy", "epilepsy"]
    assert [(e.condition, e.on) for e in found if isinstance(e, ConditionEnded)] == [("epilepsy", D(2024, 6, 1))]
    assert kinds(made, "verificationStatus") == ["refused"] and kinds(made, "code") == ["refused"]
    mine = read(patient(), {**cold, "code": coded(("urn:x", "lung"))}, conditions={("urn:x", "lung"): "other"})
    assert [e.type for e in only(mine) if e.type != "born"] == ["condition_diagnosed"]


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({"status": "noshow"}, "not_brought"),
        ({"status": "cancelled", "cancelationReason": coded(("x", "pat"))}, "cancelled"),
        ({"status": "cancelled", "cancelationReason": coded(("x", "prov-pers"))}, "cancelled_by_service"),
        ({"status": "booked"}, None),
    ],
)
def test_appointments_that_nobody_came_to(more: dict[str, Any], kind: str | None) -> None:
    visit = {
        "resourceType": "Appointment", "id": "a", "start": "2024-05-03T09:00:00Z", "serviceType": [{"text": "Dietetics"}],
        "participant": [{"actor": {"reference": "Location/l"}}, {"actor": {"reference": "Patient/p1"}}], **more,
    }  # fmt: skip
    made = read(patient(), visit)
    found = [e for e in only(made) if e.type == "was_not_brought"]
    assert [(e.kind, e.service, e.on) for e in found] == ([] if kind is None else [(kind, "Dietetics", D(2024, 5, 3))])
    assert made.report.not_read == ({"Appointment (booked)": 1} if kind is None else {})


@pytest.mark.parametrize(
    ("code", "types"), [("HH", ["contact"]), ("VR", ["contact"]), ("IMP", ["admission", "discharged"])]
)
def test_encounters(code: str, types: list[str]) -> None:
    stay = {
        "resourceType": "Encounter", "id": "e", "status": "finished", "class": {"code": code}, "subject": {"reference": "Patient/p1"},
        "period": {"start": "2024-05-03", "end": "2024-05-05"}, "serviceProvider": {"display": "St Swithin's"},
    }  # fmt: skip
    found = [e for e in only(read(patient(), stay)) if e.type != "born"]
    assert sorted(e.type for e in found) == types
    assert [e.face_to_face for e in found if e.type == "contact"] == {"HH": [True], "VR": [False], "IMP": []}[code]


def test_letters_and_requests() -> None:
    letter = {
        "resourceType": "Communication", "id": "l", "status": "completed", "sent": "2024-05-03", "subject": {"reference": "Patient/p1"},
        "sender": {"display": "Dr A"}, "recipient": [{"display": "Dr B"}], "payload": [{"contentString": "Please see"}],
    }  # fmt: skip
    ask = {
        "resourceType": "ServiceRequest", "id": "s", "status": "active", "intent": "order", "subject": {"reference": "Patient/p1"},
        "code": {"text": "Dietetic review"}, "authoredOn": "2024-05-03", "performer": [{"display": "Dietetics"}], "priority": "urgent",
        "occurrencePeriod": {"end": "2030-05-20"},
    }  # fmt: skip
    made = read(patient(), letter, ask, {**ask, "id": "s2", "performer": []}, {**ask, "id": "s3", "status": "revoked"})
    found = {e.type: e for e in only(made)}
    assert (found["letter_sent"].to[0].name, found["letter_sent"].summary) == ("Dr B", "Please see")
    asked = found["request_made"]
    assert (asked.ask, asked.urgent, asked.respond_by) == ("Dietetic review", True, D(2030, 5, 20))
    assert sorted(x.column for x in made.report.refused) == ["recipient", "status"]


@pytest.mark.parametrize(
    ("more", "path", "kind"),
    [
        ({"gender": "unknown"}, "gender", "doubted"), ({"gender": None}, "gender", "doubted"),
        ({"birthDate": "2024"}, "birthDate", "refused"), ({"birthDate": None}, "birthDate", "refused"),
        ({"deceasedBoolean": True}, "deceasedBoolean", "refused"), ({"birthDate": "1980-01-01"}, "birthDate", "refused"),
    ],
)  # fmt: skip
def test_patients_with_something_missing(more: dict[str, Any], path: str, kind: str) -> None:
    assert kind in kinds(read(patient(**more)), path)


def test_a_note_with_line_breaks_does_not_lose_the_weight() -> None:
    made = read(patient(), weight(note=[{"text": "naked\r\n\tcalm\u0000"}]))
    assert next(e.note for e in only(made) if isinstance(e, Weighed)) == "naked calm"


# ---------------------------------------------------------------- arguments


@pytest.mark.parametrize(
    ("sources", "more", "field"),
    [
        ((), {}, "sources"), ((b"",), {}, "source"), ((b"[]",), {}, "source"), (("/no/such/file.json",), {}, "source"), ((7,), {}, "source"),
        ((b"{}",), {"received_at": dt.datetime(2026, 1, 1)}, "received_at"), ((b"{}",), {"received_at": "2026-01-01T00:00:00Z"}, "received_at"),  # noqa: DTZ001
        ((b"{}",), {"into": {"a": 1}}, "into"), ((b"{}",), {"identifier": 7}, "identifier"), ((b"{}",), {"zone": "Mars"}, "zone"),
    ],
)  # fmt: skip
def test_wrong_arguments(sources: Any, more: dict[str, Any], field: str) -> None:
    with pytest.raises(GrowthwatchError) as e:
        to_records(*sources, **{"received_at": NOW, **more})
    assert e.value.field == field


def test_the_report_in_words_and_as_data() -> None:
    made = read(patient(), weight(-9), {"resourceType": "Immunization", "id": "i"})
    words = str(made.report)
    assert "3 resources: 1 not read, 1 refused, 1 told." in words and "not read: Immunization: 1" in words
    assert (
        "refused: Observation/o1, child p1, valueQuantity.value = '-9': it is no number greater than 0. To mend it: give the number that was read."
        in words
    )
    plain = json.loads(json.dumps(made.report.to_dict()))
    assert plain["lines"][0] == {
        "row": 2, "child_id": "p1", "column": "valueQuantity.value", "value": "-9", "kind": "refused",
        "reason": "it is no number greater than 0", "remedy": "give the number that was read", "resource": "Observation/o1", "file": "",
    }  # fmt: skip
    assert plain["fates"] == {"not_read": 1, "refused": 1, "told": 1}


def test_the_report_has_the_form_of_that_of_a_table(tmp_path: Any) -> None:
    place = tmp_path / "sent.json"
    place.write_bytes(bundle(patient(), weight(-9), weight(5100, "g", id="o2"), weight(id="o3", status="Final")))
    lines = to_records(place, received_at=NOW).report.lines
    assert isinstance(lines, Faults) and all(isinstance(x, Fault) for x in lines)
    frame = lines.to_frame("pandas")
    assert list(frame.columns)[:7] == ["row", "child_id", "column", "value", "kind", "reason", "remedy"]
    assert list(frame["row"]) == [2, 3, 4] and set(frame["file"]) == {"sent.json"}
    assert list(frame["kind"]) == ["refused", "changed", "doubted"] and set(frame["child_id"]) == {"p1"}
    assert [len(x) for x in (lines.refused, lines.changed, lines.doubted)] == [1, 1, 1] and lines.rows == 1
    rows = list(csv.DictReader(io.StringIO(lines.to_csv())))
    assert (rows[0]["resource"], rows[0]["value"], rows[1]["value"]) == ("Observation/o1", "-9", "5100 g")
    lines.dump(tmp_path / "report.csv")
    assert (tmp_path / "report.csv").read_bytes().decode("utf-8-sig") == lines.to_csv()
    assert "<table" in lines._repr_html_()


def test_bundle_of_the_tests_is_read_as_bytes_and_as_a_file(tmp_path: Any) -> None:
    place = tmp_path / "b.json"
    place.write_bytes(b"\xef\xbb\xbf" + bundle(patient(), weight()))
    assert (
        to_records(place, received_at=NOW).records == to_records(bundle(patient(), weight()), received_at=NOW).records
    )
