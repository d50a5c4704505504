"""Hostile files: entities, keys twice, depth, rubbish; all that ever comes out is a report or a `GrowthwatchError`."""

from __future__ import annotations

import io
import itertools
import json
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from typing import Any

import ijson
import pytest
from fhir_made import LOINC, NOW, UCUM, bundle, patient, read, weight
from hypothesis import given, settings
from hypothesis import strategies as st

from growthwatch.core.errors import GrowthwatchError, GrowthwatchWarning
from growthwatch.interop.fhir import guarded as guarded_module
from growthwatch.interop.fhir import to_records
from growthwatch.interop.fhir.guarded import DEEPEST, LONGEST_NUMBER, GuardedJson

LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE p [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>
<Patient xmlns="http://hl7.org/fhir"><id value="&b;"/></Patient>"""
OUTSIDE = b"""<?xml version="1.0"?><!DOCTYPE p [<!ENTITY x SYSTEM "file:///etc/passwd">]><Patient><id value="a"/>&x;</Patient>"""


@pytest.mark.parametrize(
    "data",
    [
        LAUGHS, OUTSIDE, b"<Patient>", b"<", b"{", b'{"resourceType": "Patient"', b'{"resourceType": NaN}',
        b'{"resourceType": "Patient", "id": "a", "id": "b"}', b'{"resourceType": "Bundle", "entry": [{"resource": {"id": 1, "id": 2}}]}',
        b'{"resourceType": "Bundle", "entry": [{"resource": {}}', b"\xff\xfe<", b"\x00", b"<?xml version='1.0' encoding='no-such'?><a/>",
        b"<Bundle>" + b"<a>" * 500 + b"</a>" * 500 + b"</Bundle>", b'{"a":' * 100_000, b'{"resourceType": "Patient"} []', b'{"resourceType": "Bundle", "entry": []} {"resourceType": "Patient"}',
        b'{"resourceType": "Bundle", "entry": {"resource": {"resourceType": "Patient"}}}', b'{"resourceType": "Patient", "id": "\xed\xa0\x80"}',
    ],
    ids=range(19),
)  # fmt: skip
def test_what_is_no_file_of_resources_is_refused(data: bytes) -> None:
    with pytest.raises(GrowthwatchError) as e:
        to_records(data, received_at=NOW)
    assert len(str(e.value)) < 1000


@pytest.mark.parametrize(
    "data",
    [
        b'{"\x00resourceType": "Bundle"}', b'{"resourceType": "Patient", "id": "\x01"}', b'{"resourceType": "Patient", "id": "\xed\xa0\x80"}', b'{"a": 01}', b'{"a": -}',
        b'{"a": "\\x"}', b'{"a": "\\ud800"', b'{"a": nul}', b'{"resourceType": "Patient", "id": "a", "id": "b"}', b'{"a": 1 "b": 2}',
    ],
    ids=range(10),
)  # fmt: skip
@pytest.mark.parametrize("parser", ["yajl2_c", "python"])
def test_each_parser_of_json_refuses_as_ours(parser: str, data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        backend = ijson.get_backend(parser)
    except ImportError:
        pytest.skip(f"ijson has no {parser} on this machine")
    monkeypatch.setattr(ijson, "items", backend.items)
    with pytest.raises(GrowthwatchError):
        to_records(data, received_at=NOW)
    made = to_records(
        bundle(patient(), weight(12345.5), weight(id="o2")).replace(b"12345.5", b"1" * 4_500), received_at=NOW
    )
    assert [x.column for x in made.report.refused] == ["valueQuantity.value"] and len(made.records["p1"]) == 2


# ---------------------------------------------------------------- numbers

ENDLESS = {
    "whole": "1" * 4_500, "below zero": "-" + "1" * 4_500, "a million digits": "9" * 1_000_000, "after the point": "1." + "1" * 5_000,
    "power": "1e99999999999999999999", "power of thousands": "1e9999", "nearly nothing": "1E-999999999999999999999", "zeros": "0." + "0" * 5_000 + "1",
}  # fmt: skip


def test_a_number_without_end_is_a_line_and_the_rest_of_the_file_comes_in() -> None:
    """In a process of its own: the parser is written in C, and would take this one with it."""
    files = [
        bundle(patient(), weight(12345.5, id="o1"), weight(5.1, id="o2")).replace(b"12345.5", value.encode())
        for value in ENDLESS.values()
    ]
    program = (
        "import sys, json, datetime as dt; from growthwatch.interop.fhir import to_records\n"
        "for line in sys.stdin.buffer:\n"
        "    made = to_records(line, received_at=dt.datetime(2026, 11, 28, tzinfo=dt.UTC))\n"
        "    print(json.dumps([made.report.to_dict(), len(made.records['p1'])]))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], input=b"\n".join(files), capture_output=True, timeout=120, check=False
    )
    assert run.returncode == 0, run.stderr
    told = [json.loads(line) for line in run.stdout.splitlines()]
    for (name, value), (report, events) in zip(ENDLESS.items(), told, strict=True):
        (line,) = report["lines"]
        assert (line["kind"], line["resource"], line["column"]) == (
            "refused",
            "Observation/o1",
            "valueQuantity.value",
        ), name
        assert value[:15] in line["value"] and events == 2, name


@pytest.mark.parametrize("value", ["1e30", "1e-40", "1e999", "1" * 60])
def test_numbers_that_can_be_read_and_cannot_be_are_lines(value: str) -> None:
    made = to_records(bundle(patient(), weight(12345.5)).replace(b"12345.5", value.encode()), received_at=NOW)
    assert [x.column for x in made.report.refused] == ["valueQuantity.value"]


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "1_000", " 5.1", "\u0665", "0x5", "1" * 4_500, "1e99999999999999999999", "five"])  # fmt: skip
def test_what_is_no_number_in_xml_is_a_line(value: str) -> None:
    data = f"""<Observation xmlns="http://hl7.org/fhir"><id value="o1"/><status value="final"/>
      <code><coding><system value="{LOINC}"/><code value="29463-7"/></coding></code>
      <subject><reference value="Patient/p1"/></subject><effectiveDateTime value="2024-05-03"/>
      <valueQuantity><value value="{value}"/><unit value="kg"/><system value="{UCUM}"/><code value="kg"/></valueQuantity>
    </Observation>"""
    made = to_records(data.encode(), received_at=NOW)
    assert [(x.resource, x.column) for x in made.report.refused] == [("Observation/o1", "valueQuantity.value")]


class Slowly(io.BytesIO):
    """Gives as many bytes at once as it is told, so that every place is once the end of a chunk."""

    def __init__(self, data: bytes, pieces: Iterator[int]) -> None:
        super().__init__(data)
        self.pieces = pieces

    def read(self, size: int | None = -1) -> bytes:
        return super().read(next(self.pieces))


def whole(data: bytes, pieces: Iterator[int]) -> bytes:
    guarded = GuardedJson(Slowly(data, pieces))
    return b"".join(iter(lambda: guarded.read(65_536), b""))


SOME = json.dumps(
    {"a": -0.0125, "b": ['"', "\\", '\\"', "7" * 200, "[[[{{{", "\\\\", "tail\\"], "true": True, "c": [1, 22, 333, {}], "n": None}
).encode()  # fmt: skip


@pytest.mark.parametrize("size", [*range(1, 40), 64, 65, 66, 1_000])
def test_what_is_harmless_goes_through_as_it_is_wherever_a_chunk_ends(size: int) -> None:
    assert whole(SOME, itertools.repeat(size)) == SOME


@pytest.mark.parametrize("size", [*range(1, 40), 64, 65, 66, 1_000])
def test_a_number_without_end_is_seen_wherever_a_chunk_ends(size: int) -> None:
    data = SOME.replace(b"333", b"3" * 333).replace(b"-0.0125", b"1e123456")
    found = json.loads(whole(data, itertools.repeat(size)))
    expected = json.loads(SOME)
    assert found == {**expected, "a": "1e123456...", "c": [1, 22, "3" * 20 + "...", {}]}


def test_a_number_of_as_many_characters_as_are_allowed_is_left_alone() -> None:
    least = b"[" + b"1" * LONGEST_NUMBER + b"]"
    for size in (1, 7, 63, 64, 65, 1_000):
        assert whole(least, itertools.repeat(size)) == least
        assert json.loads(whole(least.replace(b"]", b"1]"), itertools.repeat(size))) == ["1" * 20 + "..."]


@settings(max_examples=100, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9) | st.sampled_from(['"', "\\", '\\"', "]}"]),
        lambda x: st.lists(x, max_size=4) | st.dictionaries(st.text(max_size=3), x, max_size=4), max_leaves=20,
    ),
    st.booleans(), st.lists(st.integers(1, 90), min_size=1, max_size=9),
)  # fmt: skip
def test_json_goes_through_as_it_is(value: Any, ascii_: bool, pieces: list[int]) -> None:
    data = json.dumps(value, ensure_ascii=ascii_).encode("utf-8", "surrogatepass")
    assert whole(data, itertools.cycle(pieces)) == data


# ---------------------------------------------------------------- size and depth


@pytest.mark.parametrize("extra", [0, 1])
def test_how_deep_objects_may_lie(extra: int) -> None:
    # The bundle, its list, the entry and the resource are four of them.
    deep = b'{"a":' * (DEEPEST - 4 + extra) + b"1" + b"}" * (DEEPEST - 4 + extra)
    data = bundle({"resourceType": "Basic", "x": 1}).replace(b'"x": 1', b'"x": ' + deep)
    if extra:
        with pytest.raises(GrowthwatchError, match="too deep"):
            to_records(data, received_at=NOW)
    else:
        assert to_records(data, received_at=NOW).report.fates == {"not_read": 1}


@pytest.mark.parametrize("start", [b'{"a":', b"[", b'[{"a":["}}}]]]",'])
def test_depth_without_end_is_refused_at_once(start: bytes) -> None:
    began = time.process_time()
    with pytest.raises(GrowthwatchError):
        to_records(b'{"resourceType": "Basic", "x":' + start * 300_000, received_at=NOW)
    assert time.process_time() - began < 5


def test_brackets_in_text_are_no_depth() -> None:
    made = read(patient(), weight(note=[{"text": "{[" * 50_000 + '\\"' * 999}]))
    assert made.report.fates == {"made": 1, "told": 1}


@pytest.mark.parametrize("form", ["json", "xml"])
def test_a_resource_larger_than_any_is_refused(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarded_module, "LARGEST", 300_000)
    long = "x" * 310_000
    data = (
        f'{{"resourceType": "Basic", "x": "{long}"}}'
        if form == "json"
        else f'<Basic xmlns="http://hl7.org/fhir"><id value="{long}"/></Basic>'
    )
    with pytest.raises(GrowthwatchError, match="at most 300000 bytes"):
        to_records(data.encode(), received_at=NOW)
    # Many small ones are no large one.
    many = bundle(*({"resourceType": "Basic", "x": "x" * 900} for _ in range(900)))
    assert len(many) > 800_000
    assert to_records(many, received_at=NOW).report.not_read == {"Basic": 900}


# ---------------------------------------------------------------- one resource in each line


def test_one_resource_in_each_line_is_read_as_a_bundle_of_them_is() -> None:
    lines = b"\n".join(json.dumps(r).encode() for r in (patient(), weight(), weight(id="o2", effectiveDateTime="2024-06-03"))) + b"\r\n"  # fmt: skip
    made = to_records(lines, received_at=NOW)
    assert made.report.fates == {"made": 2, "told": 1} and len(made.records["p1"]) == 3


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


@settings(max_examples=80, deadline=None)
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
    assert all(x.resource and x.column and x.reason and x.remedy for x in made.report.lines)
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


def test_a_note_or_name_longer_than_an_event_may_hold_is_cut_and_said_and_the_weight_stays() -> None:
    """A record takes notes of 100,000 characters and names of 1,000: nobody loses a weight for the rest of a note."""
    long = weight(note=[{"text": "n" * 100_001}], performer=[{"display": "p" * 1_001}])
    made = read(patient(), long)
    (event,) = [e for record in made.records.values() for e in record.events if e.type == "weighed"]
    assert (event.note, event.actor, event.weight_kg) == ("n" * 100_000, "p" * 1_000, 5.1)
    cut = {x.column: x.reason for x in made.report.lines if x.kind == "changed"}
    assert cut["note"] == "it has 100001 characters: the first 100000 are kept"
    assert cut["performer"] == "it has 1001 characters: the first 1000 are kept"
    again = to_records(bundle(patient(), long), received_at=NOW, into=made.records)
    assert {k: r.content_hash for k, r in again.records.items()} == {k: r.content_hash for k, r in made.records.items()}
