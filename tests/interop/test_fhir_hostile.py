"""Hostile files: entities, keys twice, depth, rubbish; all that ever comes out is a report or a `GrowthwatchError`."""

from __future__ import annotations

import json
import warnings
from typing import Any

import pytest
from fhir_made import NOW, bundle, patient, weight
from hypothesis import given, settings
from hypothesis import strategies as st

from growthwatch.core.errors import GrowthwatchError, GrowthwatchWarning
from growthwatch.interop.fhir import to_records

LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE p [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>
<Patient xmlns="http://hl7.org/fhir"><id value="&b;"/></Patient>"""
OUTSIDE = b"""<?xml version="1.0"?><!DOCTYPE p [<!ENTITY x SYSTEM "file:///etc/passwd">]><Patient><id value="a"/>&x;</Patient>"""


@pytest.mark.parametrize(
    "data",
    [
        LAUGHS, OUTSIDE, b"<Patient>", b"<", b"{", b'{"resourceType": "Patient"', b'{"resourceType": NaN}',
        b'{"resourceType": "Patient", "id": "a", "id": "b"}', b'{"resourceType": "Bundle", "entry": [{"resource": {"id": 1, "id": 2}}]}',
        b'{"resourceType": "Bundle", "entry": [{"resource": {}}', b"\xff\xfe<", b"\x00", b"<?xml version='1.0' encoding='no-such'?><a/>",
        b"<Bundle>" + b"<a>" * 500 + b"</a>" * 500 + b"</Bundle>", b'{"a":' * 100_000, b'{"resourceType": "Patient"} {"resourceType": "Patient"}',
    ],
    ids=range(16),
)  # fmt: skip
def test_what_is_no_file_of_resources_is_refused(data: bytes) -> None:
    with pytest.raises(GrowthwatchError) as e:
        to_records(data, received_at=NOW)
    assert len(str(e.value)) < 1000


@pytest.mark.parametrize("value", ["1e999999999", "123456789" * 500, "1E-999999"])
def test_numbers_without_end_are_lines(value: str) -> None:
    data = bundle(patient(), weight(12345.5)).replace(b"12345.5", value.encode())
    try:
        made = to_records(data, received_at=NOW)
    except GrowthwatchError:
        return
    assert [x.path for x in made.report.refused] == ["valueQuantity.value"]


rubbish = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8) | st.sampled_from(["final", "2024-05-03", "Patient/p1", "kg", "http://loinc.org", "29463-7"]),
    lambda x: st.lists(x, max_size=3) | st.dictionaries(st.sampled_from(["coding", "system", "code", "value", "unit", "reference", "start", "end", "resourceType", "id", "extension", "url"]), x, max_size=4),
    max_leaves=8,
)  # fmt: skip
KINDS = ["Observation", "Patient", "Condition", "Encounter", "Appointment", "EpisodeOfCare", "Task", "ServiceRequest", "Communication", "QuestionnaireResponse", "CareTeam", "Flag"]  # fmt: skip
KEYS = [
    "id", "status", "code", "subject", "for", "patient", "effectiveDateTime", "effectivePeriod", "valueQuantity", "component", "contained", "period",
    "birthDate", "gender", "deceasedDateTime", "item", "identifier", "meta", "issued", "performer", "participant", "start", "sent", "recipient", "note",
    "authoredOn", "owner", "class", "type", "team", "extension", "clinicalStatus", "verificationStatus", "recordedDate", "restriction", "_birthDate", "payload",
]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(KINDS), st.dictionaries(st.sampled_from(KEYS), rubbish, max_size=6), st.booleans()),
        max_size=4,
    )
)
def test_resources_of_rubbish_make_a_report_that_adds_up(given_: list[tuple[str, dict[str, Any], bool]]) -> None:
    base = {"Observation": weight(), "Patient": patient()}
    resources = [
        ({**base.get(kind, {}), **more} if right else more) | {"resourceType": kind} for kind, more, right in given_
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", GrowthwatchWarning)
        made = to_records(bundle(*resources), received_at=NOW)
    assert sum(made.report.fates.values()) == made.report.resources >= len(resources)
    assert all(x.resource and x.path and x.reason and x.mend for x in made.report.lines)
    json.dumps(made.report.to_dict()).encode()
    for record in made.records.values():
        record.dumps()


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=60).map(lambda b: b"{" + b)
    | st.binary(max_size=60).map(lambda b: b"<" + b)
    | st.binary(max_size=20)
)
def test_bytes_of_rubbish_are_refused_as_ours(data: bytes) -> None:
    try:
        to_records(data, received_at=NOW)
    except GrowthwatchError as e:
        assert str(e)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_file_that_breaks_anywhere_is_refused_as_ours(data: st.DataObject) -> None:
    whole = bundle(patient(), weight())
    at = data.draw(st.integers(0, len(whole) - 1))
    broken = whole[:at] + data.draw(st.binary(max_size=3)) + whole[at + data.draw(st.integers(0, 3)) :]
    try:
        to_records(broken, received_at=NOW)
    except GrowthwatchError as e:
        assert str(e)
