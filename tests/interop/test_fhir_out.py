"""A review goes out as R4 that an independent reader accepts, and what went out comes in again as it was."""

from __future__ import annotations

import base64
import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle
from fhir_made import NOW, only
from hypothesis import given, settings
from hypothesis import strategies as st

import growthwatch as gw
from growthwatch.core.errors import GrowthwatchError
from growthwatch.interop.fhir import from_record, from_review, to_records
from growthwatch.protocol import Review
from growthwatch.record import Born, Measured, Record, Weighed

EXAMPLES = Path(__file__).parents[2] / "examples"
PNG = b"\x89PNG\r\n\x1a\nnot really"


def review_of(name: str, day: dt.date) -> tuple[Record, Review]:
    record = Record.load(EXAMPLES / name)
    return record, gw.review(record, protocol=gw.protocol("uk-hv"), as_of=day)


@pytest.fixture(scope="module")
def letter() -> tuple[Record, Review]:
    record = Record.load(EXAMPLES / "c6-letter-never-acknowledged.json")
    return record, gw.review(record, protocol=gw.protocol("uk-hv"), as_of=max(e.on for e in record) + dt.timedelta(30))


def of_kind(bundle: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == kind]


def test_a_review_is_a_bundle_that_another_reader_accepts(letter: tuple[Record, Review]) -> None:
    record, review = letter
    made = from_review(review, record=record, chart=PNG)
    assert Bundle.model_validate_json(json.dumps(made)).type == "collection"
    ids = [e["fullUrl"] for e in made["entry"]]
    assert len(ids) == len(set(ids))
    assert from_review(review, record=record, chart=PNG) == made


def test_a_task_for_each_obligation_with_owner_days_and_reason(letter: tuple[Record, Review]) -> None:
    _, review = letter
    tasks = of_kind(from_review(review), "Task")
    waiting = [t for t in tasks if t["status"] == "requested"]
    assert len(waiting) == len(review.obligations) > 0
    for task, o in zip(waiting, review.obligations, strict=False):
        assert task["description"] == o.do and task["authoredOn"] == o.set_on.isoformat()
        assert task["restriction"]["period"]["end"] == o.deadline.isoformat()
        assert task["owner"]["display"] == (o.owner_name or o.owner.replace("_", " "))
        assert task["reasonCode"]["text"].startswith(o.rule)
        assert ("businessStatus" in task) == o.overdue


def test_a_flag_for_each_finding_and_tasks_point_to_it(letter: tuple[Record, Review]) -> None:
    _, review = letter
    made = from_review(review)
    flags = of_kind(made, "Flag")
    assert [f["identifier"][0]["value"] for f in flags] == [f.key for f in review.findings] != []
    there = {e["fullUrl"] for e in made["entry"]}
    for t in of_kind(made, "Task"):
        assert t["for"]["reference"] in there
        assert t.get("reasonReference", t["for"])["reference"] in there


def test_letters_are_communications(letter: tuple[Record, Review]) -> None:
    _, review = letter
    made = from_review(review)
    letters = [r for r in review.requests if r.form == "letter"]
    assert len(of_kind(made, "Communication")) == len(letters) > 0
    assert len(of_kind(made, "ServiceRequest")) == len(review.requests) - len(letters)


def test_the_chart_is_a_document_with_its_bytes(letter: tuple[Record, Review]) -> None:
    _, review = letter
    (document,) = of_kind(from_review(review, chart=PNG), "DocumentReference")
    attached = document["content"][0]["attachment"]
    assert base64.b64decode(attached["data"]) == PNG and attached["contentType"] == "image/png"
    for wrong in (b"GIF89a", "x"):
        with pytest.raises(GrowthwatchError, match="PNG, SVG or PDF"):
            from_review(review, chart=wrong)  # type: ignore[arg-type]


def test_refused_decisions_are_detected_issues() -> None:
    record = Record.load(EXAMPLES / "c1-slow-decline.json")
    last = max(e.on for e in record)
    signed = {
        "id": "snooze", "type": "snoozed", "on": last.isoformat(), "recorded_at": f"{last}T12:00:00Z", "actor": "A", "role": "administrator",
        "target": "G1@nothing", "until": (last + dt.timedelta(400)).isoformat(), "why": "other", "reason": "busy",
    }  # fmt: skip
    review = gw.review(record.append(signed), protocol=gw.protocol("uk-hv"), as_of=last)
    made = from_review(review)
    issues = of_kind(made, "DetectedIssue")
    assert [i["identifier"][0]["value"] for i in issues] == [r.event for r in review.refused] == ["snooze"]
    Bundle.model_validate_json(json.dumps(made))


def test_another_record_than_the_judged_one_is_refused(letter: tuple[Record, Review]) -> None:
    with pytest.raises(GrowthwatchError, match="the record that was judged"):
        from_review(letter[1], record=Record("someone-else"))
    with pytest.raises(GrowthwatchError, match="review"):
        from_review("x")  # type: ignore[arg-type]
    with pytest.raises(GrowthwatchError, match="record"):
        from_record("x")  # type: ignore[arg-type]


def test_our_own_tasks_and_requests_do_not_come_in_as_new_ones(letter: tuple[Record, Review]) -> None:
    record, review = letter
    made = to_records(
        json.dumps(from_review(review, record=record)).encode(), received_at=NOW, into={record.child_id: record}
    )
    assert made.records[record.child_id].ids == record.ids
    assert made.report.not_read["Task (from growthwatch)"] > 0
    assert made.report.refused == ()


@settings(max_examples=40, deadline=None)
@given(
    weights=st.lists(
        st.tuples(
            st.floats(0.25, 200), st.dates(dt.date(2020, 1, 1), dt.date(2025, 12, 31)),
            st.none() | st.times(), st.sampled_from(["naked", "nappy", "clothed", None]), st.booleans(), st.sampled_from(["gp", "other", "family"]),
        ), max_size=6,
    )
)  # fmt: skip
def test_weights_that_go_out_come_in_as_they_were(weights: list[Any]) -> None:
    written = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)
    events: list[Any] = [Born(id="b", on=dt.date(2020, 1, 1), sex="male", recorded_at=written, actor="A", role="gp")]
    for n, (kg, on, time, clothing, certain, role) in enumerate(weights):
        # The hour that is not there in spring, and that which is there twice in autumn, have no one moment.
        time = None if time is None or time.hour in (1, 2) else time.replace(fold=0)
        events.append(Weighed(id=f"w{n}", on=on, time=time, weight_kg=kg, clothing=clothing, date_certain=certain, recorded_at=written, actor="A", role=role, note="calm"))  # fmt: skip
    events.append(
        Measured(
            id="m",
            on=dt.date(2021, 1, 1),
            measure="height",
            value_cm=74.5,
            position="lying",
            recorded_at=written,
            actor="A",
            role="gp",
        )
    )
    record = Record("child 1", events)
    out = json.dumps(from_record(record))
    Bundle.model_validate_json(out)
    back = only(to_records(out.encode(), received_at=NOW))
    assert back.child_id == "child 1"
    assert back == record
    assert to_records(out.encode(), received_at=NOW, into={"child 1": record}).records == {"child 1": record}
