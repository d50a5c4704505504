"""Ids are those of a server: what comes in from two, in two calls or one, is never taken for one thing by its id."""

from __future__ import annotations

import datetime as dt
import json
from itertools import permutations
from typing import Any

import pytest
from fhir_made import NOW, bundle, only, patient, weight

from growthwatch.core.errors import GrowthwatchError
from growthwatch.interop.fhir import Imported, from_record, to_records
from growthwatch.record import Record, Weighed

A, B = "https://a.example/fhir", "http://b.example/r4"
LATER = NOW + dt.timedelta(days=1)
NHS = {"identifier": [{"system": "urn:nhs", "value": "1"}]}
BY_NHS = {"subject": {"identifier": {"system": "urn:nhs", "value": "1"}}}


def sent(server: str, *resources: dict[str, Any]) -> bytes:
    entry = [{"fullUrl": f"{server}/{r['resourceType']}/{r['id']}", "resource": r} for r in resources]
    return json.dumps({"resourceType": "Bundle", "type": "searchset", "entry": entry}).encode()


def weights(record: Record) -> list[float]:
    return [e.weight_kg for e in record.effective() if isinstance(e, Weighed)]


def fates(made: Imported) -> dict[str, int]:
    return dict(made.report.fates)


# ---------------------------------------------------------------- children


@pytest.mark.parametrize("birth", ["2024-01-10", "2023-03-01"])
def test_a_child_of_another_server_in_another_call_is_not_the_one_who_is_there(birth: str) -> None:
    there = to_records(sent(A, patient(), weight(5.1)), received_at=NOW)
    other = sent(B, patient(birthDate=birth), weight(9.9, id="o2"))
    made = to_records(other, received_at=LATER, into=there.records)
    assert made.records == there.records
    assert [(x.resource, x.column) for x in made.report.refused] == [("Patient/p1", "id"), ("Observation/o2", "subject")]  # fmt: skip
    assert "another server, https://a.example/fhir" in made.report.refused[0].reason
    # Of the same server it is the child, whatever else was put right.
    again = to_records(sent(A, patient(birthDate=birth), weight(5.6, id="o2")), received_at=LATER, into=there.records)
    assert weights(only(again)) == [5.1, 5.6]


def test_a_reference_to_a_child_of_another_server_gives_nobody_a_weight() -> None:
    there = to_records(sent(A, patient(), weight(5.1)), received_at=NOW)
    made = to_records(sent(B, weight(9.9, id="o2")), received_at=LATER, into=there.records)
    assert made.records == there.records and [x.column for x in made.report.refused] == ["subject"]
    near = to_records(sent(A, weight(5.6, id="o2")), received_at=LATER, into=there.records)
    assert weights(only(near)) == [5.1, 5.6]
    # Neither in one call, where no patient is among what came in.
    both = to_records(sent(A, weight(5.1)), sent(B, weight(9.9, id="o2")), received_at=NOW)
    assert weights(only(both)) == [5.1] and [x.resource for x in both.report.refused] == ["Observation/o2"]


def test_where_no_server_is_named_another_birth_is_another_child() -> None:
    there = to_records(bundle(patient(), weight(5.1)), received_at=NOW)
    for more in ({"birthDate": "2024-01-11"}, {"gender": "male"}):
        made = to_records(bundle(patient(**more), weight(9.9, id="o2")), received_at=LATER, into=there.records)
        assert made.records == there.records and len(made.report.refused) == 2
    same = to_records(bundle(patient(), weight(5.6, id="o2")), received_at=LATER, into=there.records)
    assert weights(only(same)) == [5.1, 5.6] and not same.report.refused
    # With identifier= it is the child who is asked for: the birth alone is refused.
    first = to_records(bundle(patient(**NHS), weight(5.1)), received_at=NOW, identifier="urn:nhs")
    other = bundle(patient(**NHS, birthDate="2024-01-11"), weight(5.6, id="o2"))
    made = to_records(other, received_at=LATER, identifier="urn:nhs", into=first.records)
    assert weights(only(made)) == [5.1, 5.6] and [x.column for x in made.report.refused] == ["birthDate"]


def test_a_record_that_did_not_come_in_by_fhir_grows_where_the_birth_is_the_same() -> None:
    born = {"id": "b", "type": "born", "on": "2024-01-10", "sex": "female", "recorded_at": "2024-01-10T12:00:00Z", "actor": "A", "role": "gp"}  # fmt: skip
    there = {"p1": Record("p1", [born])}
    made = to_records(sent(A, patient(), weight(5.1)), received_at=NOW, into=there)
    assert weights(made.records["p1"]) == [5.1] and not made.report.refused
    # Now it is a child of that server.
    assert to_records(sent(B, patient(), weight(9.9)), received_at=LATER, into=made.records).records == made.records


# ---------------------------------------------------------------- events


def test_one_id_on_two_servers_is_two_weights_in_two_calls_and_in_any_order() -> None:
    files = (sent(A, patient(**NHS), weight(5.1)), sent(B, weight(5.9, effectiveDateTime="2024-06-03", **BY_NHS)))
    for order in permutations(files):
        records: dict[str, Record] = {}
        for file in order:
            made = to_records(file, received_at=NOW, identifier="urn:nhs", into=records)
            records = dict(made.records)
        assert records == to_records(*files, received_at=NOW, identifier="urn:nhs").records
        assert weights(records["1"]) == [5.1, 5.9]
        assert {f"{A}|Observation/o1", f"{B}|Observation/o1"} < set(records["1"].ids)


def test_a_server_corrects_and_takes_back_what_is_its_own_alone() -> None:
    one, two = sent(A, patient(**NHS), weight(5.1)), sent(B, weight(5.9, effectiveDateTime="2024-06-03", **BY_NHS))
    there = to_records(one, two, received_at=NOW, identifier="urn:nhs").records
    better = sent(B, weight(6.2, effectiveDateTime="2024-06-03", status="corrected", **BY_NHS))
    there = to_records(better, received_at=LATER, identifier="urn:nhs", into=there).records
    assert weights(there["1"]) == [5.1, 6.2]
    wrong = sent(A, weight(5.1, status="entered-in-error", **BY_NHS))
    there = to_records(wrong, received_at=LATER, identifier="urn:nhs", into=there).records
    assert weights(there["1"]) == [6.2]


@pytest.mark.parametrize("more", [{"valueQuantity": weight(6.6)["valueQuantity"]}, {"status": "entered-in-error"}])
def test_what_does_not_say_its_server_replaces_nothing_of_a_server(more: dict[str, Any]) -> None:
    there = to_records(sent(A, patient(), weight(5.1)), received_at=NOW).records
    silent = json.dumps(weight(5.1) | more).encode()
    made = to_records(silent, received_at=LATER, into=there)
    assert made.records == there and [(x.column, x.remedy) for x in made.report.refused] == [("id", "give server=")]
    # With its server it does what it says; the same again is nothing new, with or without.
    told = to_records(silent, received_at=LATER, into=there, server=f"{A}/")
    assert weights(only(told)) == ([] if "status" in more else [6.6])
    for server in (None, A):
        assert to_records(json.dumps(weight(5.1)).encode(), received_at=LATER, into=there, server=server).records == there  # fmt: skip


def test_what_says_its_server_replaces_nothing_that_does_not() -> None:
    there = to_records(bundle(patient(), weight(5.1)), received_at=NOW).records
    made = to_records(sent(A, patient(), weight(6.6)), received_at=LATER, into=there)
    assert made.records == there and [x.column for x in made.report.refused] == ["id"]
    assert to_records(sent(A, patient(), weight(5.1)), received_at=LATER, into=there).records == there


def test_what_may_be_of_either_of_two_servers_is_refused() -> None:
    silent = json.dumps(weight(7.7, **BY_NHS)).encode()
    files = (sent(A, patient(**NHS), weight(5.1)), sent(B, weight(5.9, effectiveDateTime="2024-06-03", **BY_NHS)))
    for order in permutations((*files, silent)):
        made = to_records(*order, received_at=NOW, identifier="urn:nhs")
        assert weights(only(made)) == [5.1, 5.9]
        assert "http://b.example/r4 and https://a.example/fhir use the same id" in made.report.refused[0].reason


def test_what_growthwatch_wrote_is_the_same_event_wherever_it_lies() -> None:
    record = only(to_records(sent(A, patient(), weight(5.1)), received_at=NOW))
    out = from_record(record)
    stored = sent(B, *(e["resource"] for e in out["entry"]))
    for where in (json.dumps(out).encode(), stored):
        # The references of a stored Bundle are those of its server.
        told = where.replace(b"urn:uuid:", b"Patient/")
        back = to_records(told, received_at=LATER)
        assert {e.id: e.to_dict() for e in only(back)} == {e.id: e.to_dict() for e in record}
        assert to_records(told, received_at=LATER, into={"p1": record}).records == {"p1": record}


@pytest.mark.parametrize("server", ["", "a.example", "ftp://a.example", "https://a b", "https://a|b", 7, "https://"])
def test_a_server_that_is_none_is_refused(server: Any) -> None:
    with pytest.raises(GrowthwatchError) as e:
        to_records(bundle(patient()), received_at=NOW, server=server)
    assert e.value.field == "server"
