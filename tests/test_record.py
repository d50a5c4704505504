from __future__ import annotations

import copy
import datetime as dt
import itertools
import json
import os
import pickle
import re
import stat
import subprocess
import sys
import timeit
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from pydantic import TypeAdapter
from strategies import event_data, event_lists, events, instants, linked_lists, records

from growthwatch.core.errors import GrowthwatchError
from growthwatch.record import (
    EVENT_TYPES,
    AnyEvent,
    Born,
    Clothing,
    Condition,
    Contact,
    DecisionSigned,
    EnteredInError,
    Event,
    LetterSent,
    Level,
    LevelChanged,
    Recipient,
    Record,
    Role,
    Scale,
    Sign,
    Tier,
    Weighed,
    parse_event,
)
from growthwatch.record.forms import form_keys

HERE = Path(__file__).parent
EXAMPLES = sorted((HERE.parent / "examples").glob("c*.json"))
DOC = HERE.parent / "docs" / "record.md"

quick = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
usual = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

BASE: dict[str, Any] = {
    "id": "w1",
    "type": "weighed",
    "on": "2024-01-09",
    "recorded_at": "2024-01-09T14:30:00Z",
    "actor": "hv1",
    "role": "health_visitor",
    "weight_kg": 9.62,
}


def but(**changes: Any) -> dict[str, Any]:
    """The base event with other keys; ... takes a key away."""
    return {k: v for k, v in {**BASE, **changes}.items() if v is not ...}


def contact(id: str, hour: int = 12, **more: Any) -> Contact:
    return Contact(
        id=id,
        on=dt.date(2024, 1, 1),
        recorded_at=dt.datetime(2024, 1, 1, hour, tzinfo=dt.UTC),
        actor="hv1",
        role=Role.HEALTH_VISITOR,
        face_to_face=True,
        **more,
    )


def mark(id: str, target: str, hour: int = 12, **more: Any) -> EnteredInError:
    return EnteredInError(
        id=id,
        on=dt.date(2024, 1, 1),
        recorded_at=dt.datetime(2024, 1, 1, hour, tzinfo=dt.UTC),
        actor="hv1",
        role=Role.HEALTH_VISITOR,
        target=target,
        reason="wrong child",
        **more,
    )


def ids(found: tuple[Event, ...]) -> list[str]:
    return [e.id for e in found]


def refusal(data: Any) -> GrowthwatchError:
    with pytest.raises(GrowthwatchError) as caught:
        parse_event(data)
    text = str(caught.value)
    for word in ("pydantic", "validation error", "ValidationError", "Input should", "BeforeValidator", "type="):
        assert word not in text
    return caught.value


# ---------------------------------------------------------------- events: form


def test_every_type_is_named_after_its_class() -> None:
    assert len(EVENT_TYPES) == 31
    for word, form in EVENT_TYPES.items():
        assert word == re.sub(r"(?<!^)(?=[A-Z])", "_", form.__name__).lower()
        assert set(form_keys(form)) >= {"id", "type", "on", "time", "recorded_at", "actor", "role", "corrects", "note"}
    assert {w for w, f in EVENT_TYPES.items() if f.is_decision} == {
        "plan_signed",
        "decision_signed",
        "protocol_adopted",
    }


@pytest.mark.parametrize("kind", sorted(EVENT_TYPES))
@quick
@given(data=st.data())
def test_round_trip_of_every_type(kind: str, data: st.DataObject) -> None:
    written = data.draw(event_data(kind))
    event = parse_event(written)
    plain = event.to_dict()
    again = parse_event(json.dumps(plain))
    assert again == event
    assert hash(again) == hash(event)
    assert again.to_dict() == plain
    assert list(plain) == [k for k in form_keys(type(event)) if k in plain]
    assert None not in plain.values()
    # Nothing that was given is lost: it is written, or it is the default.
    for key, value in written.items():
        name = "from_" if key == "from" else key
        field = type(event).model_fields[name]
        assert key in plain or getattr(event, name) == field.default
        if isinstance(value, (str, float, int)) and key in plain:
            assert plain[key] == value
    record = Record("child", [event])
    assert Record.loads(record.dumps()) == record


@usual
@given(data=event_data())
def test_pydantic_reads_the_same(data: dict[str, Any]) -> None:
    assert adapter().validate_python(data) == parse_event(data)


def adapter() -> TypeAdapter[Any]:
    if "made" not in _ADAPTER:
        _ADAPTER["made"] = TypeAdapter(AnyEvent)
    return _ADAPTER["made"]


_ADAPTER: dict[str, TypeAdapter[Any]] = {}


@quick
@given(event=events())
def test_copies_are_equal(event: Event) -> None:
    assert copy.copy(event) == copy.deepcopy(event) == pickle.loads(pickle.dumps(event)) == event.model_copy()


def test_json_schema_can_be_made() -> None:
    assert len(adapter().json_schema()["oneOf"]) == len(EVENT_TYPES)


def test_an_event_from_python() -> None:
    w = Weighed(
        id="w1",
        on=dt.date(2024, 1, 9),
        recorded_at=dt.datetime(2024, 7, 9, 14, 30, tzinfo=ZoneInfo("Europe/London")),
        actor="hv1",
        role=Role.HEALTH_VISITOR,
        weight_kg=9,
    )
    assert type(w.weight_kg) is float
    assert w.recorded_at == dt.datetime(2024, 7, 9, 13, 30, tzinfo=dt.UTC)
    assert w.recorded_at.tzinfo is dt.UTC
    assert w.to_dict()["recorded_at"] == "2024-07-09T13:30:00Z"
    assert w.clothing is None and w.date_certain is True


def test_from_is_written_from() -> None:
    e = LevelChanged(
        **{k: BASE[k] for k in ("id", "on", "recorded_at", "actor", "role")}, from_="early_support", to="child_in_need"
    )
    assert e.to_dict()["from"] == "early_support"
    assert "from_" not in e.to_dict()
    assert parse_event(e.to_dict()) == e
    error = refusal(but(type="level_changed", weight_kg=..., from_="universal", to="early_help"))
    assert "unknown key 'from_' (did you mean 'from'?)" in str(error)


def test_events_cannot_be_changed() -> None:
    e = parse_event(BASE)
    with pytest.raises(GrowthwatchError, match="cannot be changed"):
        e.weight_kg = 3.0  # type: ignore[misc, union-attr]
    with pytest.raises(GrowthwatchError, match="cannot be changed"):
        del e.note  # type: ignore[misc]
    with pytest.raises(GrowthwatchError, match="cannot be changed"):
        e.new = 1  # type: ignore[attr-defined]
    assert e.model_copy(update={"weight_kg": 3}).to_dict()["weight_kg"] == 3.0
    with pytest.raises(GrowthwatchError, match="weight_kg"):
        e.model_copy(update={"weight_kg": -3})


@pytest.mark.parametrize(
    "weight",
    [
        *(True, False, "9.62", "", None, [9.62], {"kg": 9.62}, dt.date(2024, 1, 1), 9.62j, np.float32(9.62)),
        *(-9.62, 0, 0.0, -0.0, float("nan"), float("inf"), -float("inf"), 10**400, 2**53 + 1),
    ],
)
def test_wrong_weights(weight: Any) -> None:
    error = refusal(but(weight_kg=weight))
    assert error.field == "weight_kg"
    assert error.expected == "a finite number greater than 0"
    assert "event 'w1' (weighed): weight_kg: got " in str(error)


@pytest.mark.parametrize("weight", [9, 9.0, 1e-300, 1e300, 5e-324, np.float64(9.62), np.int64(9)])
def test_odd_weights_are_admitted(weight: Any) -> None:
    e = parse_event(but(weight_kg=weight))
    assert isinstance(e, Weighed)
    assert type(e.weight_kg) is float and e.weight_kg == weight
    assert Record.loads(Record("c", [e]).dumps()).event("w1") == e


@pytest.mark.parametrize(
    "moment",
    [
        "2024-01-09T14:30:00",
        "2024-01-09",
        "2024-01-09 14:30:00Z",
        "20240109T143000Z",
        "2024-01-09T24:00:00Z",
        "2024-01-09T14:60:00Z",
        "2024-02-30T14:30:00Z",
        "2024-01-09T14:30:00.1234567Z",
        "2024-01-09T14:30:00z",
        "٢٠٢٤-01-09T14:30:00Z",
        "0001-01-01T00:00:00+10:00",
        "9999-12-31T23:59:59-10:00",
        1704810600,
        None,
        dt.datetime(2024, 1, 9, 14, 30),  # noqa: DTZ001
        dt.date(2024, 1, 9),
        dt.datetime.min.replace(tzinfo=dt.timezone(dt.timedelta(hours=1))),
    ],
)
def test_moments_without_an_offset_are_refused(moment: Any) -> None:
    error = refusal(but(recorded_at=moment))
    assert error.field == "recorded_at"
    assert "offset from UTC" in str(error)


@pytest.mark.parametrize(
    ("given_as", "written"),
    [
        ("2024-01-09T14:30:00Z", "2024-01-09T14:30:00Z"),
        ("2024-01-09T14:30Z", "2024-01-09T14:30:00Z"),
        ("2024-07-09T00:30:00+01:00", "2024-07-08T23:30:00Z"),
        ("2024-01-09T14:30:00.5Z", "2024-01-09T14:30:00.500000Z"),
        ("2024-01-09T14:30:00.000000Z", "2024-01-09T14:30:00Z"),
        (dt.datetime(2024, 10, 27, 1, 30, tzinfo=ZoneInfo("Europe/London")), "2024-10-27T00:30:00Z"),
        (dt.datetime(2024, 10, 27, 1, 30, fold=1, tzinfo=ZoneInfo("Europe/London")), "2024-10-27T01:30:00Z"),
    ],
)
def test_moments_are_kept_in_utc(given_as: Any, written: str) -> None:
    assert parse_event(but(recorded_at=given_as)).to_dict()["recorded_at"] == written


def test_nanoseconds_are_not_dropped_silently() -> None:
    class Fine(dt.datetime):
        nanosecond = 5

    assert refusal(but(recorded_at=Fine(2024, 1, 9, tzinfo=dt.UTC))).field == "recorded_at"
    Fine.nanosecond = 0
    assert type(parse_event(but(recorded_at=Fine(2024, 1, 9, tzinfo=dt.UTC))).recorded_at) is dt.datetime


@pytest.mark.parametrize("day", ["2023-02-29", "2024-2-9", "09/01/2024", "2024-W02-2", "20240109", 20240109, None])
def test_wrong_days(day: Any) -> None:
    assert refusal(but(on=day)).field == "on"


def test_a_day_is_not_a_moment() -> None:
    assert refusal(but(on=dt.datetime(2024, 1, 9, tzinfo=dt.UTC))).field == "on"


def test_leap_day() -> None:
    assert parse_event(but(on="2024-02-29")).on == dt.date(2024, 2, 29)


@pytest.mark.parametrize(
    "clock",
    ["25:00", "24:00", "9:00", "09:00Z", "09:00+01:00", "noon", 9, dt.time(9, tzinfo=dt.UTC), dt.time(1, fold=1)],
)
def test_wrong_times_of_day(clock: Any) -> None:
    assert refusal(but(time=clock)).field == "time"


@pytest.mark.parametrize(("clock", "written"), [("09:05", "09:05"), ("09:05:00", "09:05"), ("09:05:07", "09:05:07")])
def test_times_of_day(clock: str, written: str) -> None:
    assert parse_event(but(time=clock)).to_dict()["time"] == written


@pytest.mark.parametrize("id", ["", " ", "a\n", "a\x00b", "\u200ba", " w1", "x" * 201, 1, None, "a\u2028", "a\ud800"])
def test_wrong_ids(id: Any) -> None:
    error = refusal(but(id=id))
    assert error.field == "id"
    str(error).encode()


def test_long_and_foreign_ids() -> None:
    assert parse_event(but(id="x" * 200)).id == "x" * 200
    assert parse_event(but(id="événement 1")).id == "événement 1"


@pytest.mark.parametrize("note", ["", "  ", "a\x00", "a\ud800", 3, ["a"]])
def test_wrong_notes(note: Any) -> None:
    assert refusal(but(note=note)).field == "note"


def test_notes_may_have_lines() -> None:
    text = 'first line\n\tsecond "line" 👶🏽 \u2028'
    record = Record("c", [but(note=text)])
    assert Record.loads(record.dumps()).event("w1").note == text


def test_every_wrong_key_is_named() -> None:
    error = refusal(but(weight_kg=..., wieght_kg=9.62, clothing="naket", role="health visitor", zzz=1))
    text = str(error)
    assert "unknown key 'wieght_kg' (did you mean 'weight_kg'?)" in text
    assert "unknown key 'zzz'" in text and "'zzz' (did" not in text
    assert "weight_kg: missing" in text
    assert "clothing: got 'naket'" in text and "(did you mean 'naked'?)" in text
    assert "(did you mean 'health_visitor'?)" in text
    assert (error.field, error.value) == ("role", "health visitor")
    assert error.expected is not None and error.expected.startswith("one of health_visitor, ")


def test_problems_inside_lists_say_where() -> None:
    error = refusal(
        but(type="letter_sent", weight_kg=..., sender="GP", to=[{"name": "HV"}, {"name": "", "expects": "x"}, 3])
    )
    assert error.field == "to[1].name"
    assert "unknown key 'to[1].expects' (did you mean 'expectation'?)" in str(error)
    assert "to[2]: got 3, expected an object with named keys" in str(error)
    assert refusal(but(type="sign_recorded", weight_kg=..., signs=["fever", "cough"])).field == "signs[1]"


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"type": "weighd"}, "type"),
        ({"type": ...}, "type"),
        ({"type": None}, "type"),
        ({"type": ["weighed"]}, "type"),
        ({"type": "letter_sent", "weight_kg": ..., "sender": "GP", "to": []}, "to"),
        ({"type": "letter_sent", "weight_kg": ..., "sender": "GP", "to": "HV"}, "to"),
        ({"type": "sign_recorded", "weight_kg": ..., "signs": []}, "signs"),
        ({"type": "sign_recorded", "weight_kg": ..., "signs": ["fever", "fever"]}, "signs"),
        ({"type": "sign_recorded", "weight_kg": ..., "signs": "fever"}, "signs"),
        ({"type": "contact", "weight_kg": ..., "face_to_face": 1}, "face_to_face"),
        ({"type": "contact", "weight_kg": ..., "face_to_face": "yes"}, "face_to_face"),
        ({"type": "born", "weight_kg": ..., "gestation_days": 139}, "gestation_days"),
        ({"type": "born", "weight_kg": ..., "gestation_days": 316}, "gestation_days"),
        ({"type": "born", "weight_kg": ..., "gestation_days": 280.0}, "gestation_days"),
        ({"type": "born", "weight_kg": ..., "gestation_days": True}, "gestation_days"),
        ({"type": "born", "weight_kg": ..., "sex": "M"}, "sex"),
        ({"type": "condition_diagnosed", "weight_kg": ..., "condition": "epilepsy", "gmfcs": 3}, "gmfcs"),
        ({"type": "condition_diagnosed", "weight_kg": ..., "condition": "cerebral_palsy", "gmfcs": 6}, "gmfcs"),
        (
            {"type": "condition_diagnosed", "weight_kg": ..., "condition": "epilepsy", "highest_risk": True},
            "highest_risk",
        ),
        ({"type": "decision_signed", "weight_kg": ..., "decision": "close_finding", "reason": "x"}, "target"),
        ({"type": "decision_signed", "weight_kg": ..., "decision": "confirm_weight", "reason": "x"}, "target"),
        ({"type": "decision_signed", "weight_kg": ..., "decision": "lower_tier", "reason": "x"}, "tier"),
        (
            {"type": "decision_signed", "weight_kg": ..., "decision": "lower_tier", "tier": "T3", "reason": "x"},
            "tier",
        ),
        ({"type": "decision_signed", "weight_kg": ..., "decision": "other", "reason": " "}, "reason"),
        ({"type": "plan_signed", "weight_kg": ..., "plan": "care", "floor_days": 0, "reason": "x"}, "floor_days"),
        ({"corrects": "w1"}, "corrects"),
        ({"repeats": "w1"}, "repeats"),
        ({"type": "entered_in_error", "weight_kg": ..., "target": "w1", "reason": "x"}, "target"),
        ({"type": "entered_in_error", "weight_kg": ..., "target": "a", "reason": "x", "corrects": "b"}, "corrects"),
        ({"type": "letter_found", "weight_kg": ..., "letter": "w1", "by": "GP"}, "letter"),
        ({"actor": ""}, "actor"),
        ({"date_certain": None}, "date_certain"),
    ],
)
def test_wrong_forms(data: dict[str, Any], field: str) -> None:
    assert refusal(but(**data)).field == field


def test_gestation_of_21_weeks_is_a_fact() -> None:
    e = parse_event(but(type="born", weight_kg=..., gestation_days=147))
    assert isinstance(e, Born) and e.gestation_days == 147


def test_signed_decisions() -> None:
    e = parse_event(
        but(type="decision_signed", weight_kg=..., decision="close_finding", target="G3@start", reason="recovered")
    )
    assert isinstance(e, DecisionSigned) and e.decision == "close_finding" and e.is_decision


@pytest.mark.parametrize("thing", [None, 3, [BASE], "[]", "3", "{", "", b"\xff", {1: 2, **BASE}])
def test_things_that_are_no_event(thing: Any) -> None:
    refusal(thing)


def test_an_event_from_json_refuses_duplicate_keys_and_nan() -> None:
    text = json.dumps(BASE)
    assert parse_event(text) == parse_event(text.encode()) == parse_event(BASE) == Weighed.model_validate_json(text)
    refusal(text[:-1] + ', "weight_kg": 9.62}')
    refusal(text.replace("9.62", "NaN"))
    refusal(text.replace("9.62", "1e999"))
    refusal(text.replace("9.62", "9" * 5000))


def test_direct_construction_gives_the_one_error() -> None:
    with pytest.raises(GrowthwatchError, match=r"recipient: name: got 3, expected text"):
        Recipient(name=3)  # type: ignore[arg-type]
    with pytest.raises(GrowthwatchError, match=r"event 'w1' \(weighed\): weight_kg: missing"):
        Weighed.model_validate(but(weight_kg=...))
    with pytest.raises(GrowthwatchError, match="an object with named keys"):
        Weighed.model_validate(3)
    letter = parse_event(but(type="letter_sent", weight_kg=..., sender="GP", to=[Recipient(name="HV")]))
    assert isinstance(letter, LetterSent) and letter.to == (Recipient(name="HV"),)


# ---------------------------------------------------------------- records: order, identity, merging


@usual
@given(record=records())
def test_record_round_trip(record: Record) -> None:
    text = record.dumps()
    again = Record.loads(text)
    assert again == record and hash(again) == hash(record)
    assert again.dumps() == text
    assert again.content_hash == record.content_hash
    assert Record.loads(text.encode()) == record
    assert text.endswith("}\n") and "\r" not in re.sub(r"\\r", "", text)
    assert json.loads(text) == record.to_dict()


@usual
@given(data=st.data(), listed=event_lists())
def test_order_of_insertion_never_matters(data: st.DataObject, listed: list[Event]) -> None:
    shuffled = data.draw(st.permutations(listed))
    one, two = Record("child", listed), Record("child", [*shuffled, *listed])
    three = Record("child")
    for event in shuffled:
        three = three.append(event)
    assert one == two == three
    assert one.dumps() == two.dumps() == three.dumps()
    keys = [(e.recorded_at, e.on, e.time or dt.time(), e.id) for e in one]
    assert keys == sorted(keys)


@usual
@given(data=st.data(), listed=event_lists())
def test_merge_laws(data: st.DataObject, listed: list[Event]) -> None:
    a, b, c = (
        Record(
            "child",
            [e for e, keep in zip(listed, data.draw(st.lists(st.booleans(), min_size=8)), strict=False) if keep],
        )
        for _ in range(3)
    )
    assert a.merge(a) == a
    assert a.merge(b) == b.merge(a)
    assert a.merge(b).merge(c) == a.merge(b.merge(c))
    assert a.merge(b).merge(b) == a.merge(b)
    assert set(a.merge(b)) == {*a, *b}
    assert a.merge(Record("child")) == a


def test_conflicts_name_the_id_and_the_fields() -> None:
    one = Record("c", [but()])
    other = but(weight_kg=9.26, note="typed wrong")
    for attempt in (
        lambda: one.append(other),
        lambda: one.merge(Record("c", [other])),
        lambda: Record("c", [but(), other]),
    ):
        with pytest.raises(GrowthwatchError) as caught:
            attempt()
        assert "'w1'" in str(caught.value)
        assert "weight_kg" in str(caught.value) and "note" in str(caught.value)
        assert "actor" not in str(caught.value)
        assert (caught.value.field, caught.value.value) == ("id", "w1")
    assert one.append(but(weight_kg=9.62)) is one
    assert one.append(but(recorded_at="2024-01-09T15:30:00+01:00")) is one


def test_a_conflict_of_type() -> None:
    with pytest.raises(GrowthwatchError, match="type"):
        Record("c", [but(), but(type="contact", weight_kg=..., face_to_face=True)])


def test_records_of_two_children_do_not_merge() -> None:
    with pytest.raises(GrowthwatchError, match="child_id"):
        Record("a").merge(Record("b"))
    with pytest.raises(GrowthwatchError, match="other"):
        Record("a").merge([])  # type: ignore[arg-type]


def test_a_record_never_changes() -> None:
    one = Record("c")
    two = one.append(BASE)
    assert len(one) == 0 and len(two) == 1
    assert one != two and one.content_hash != two.content_hash
    for name in ("child_id", "_events", "new"):
        with pytest.raises(GrowthwatchError, match="cannot be changed"):
            setattr(one, name, "x")
        with pytest.raises(GrowthwatchError, match="cannot be changed"):
            delattr(one, name)
    assert not hasattr(one, "__dict__")


def test_record_as_a_python_object() -> None:
    record = Record("c", [but(), but(id="w2", note="secret")])
    assert repr(record) == "Record('c', 2 facts, 0 decisions)"
    assert "secret" not in repr(record)
    assert copy.deepcopy(record) == copy.copy(record) == pickle.loads(pickle.dumps(record)) == record
    assert {record, copy.copy(record)} == {record}
    assert record != "c" and Record("d", record) != record
    assert record.event("w2").note == "secret"
    assert record.event("w2") in record and contact("w2") not in record and "w2" not in record
    assert [e.id for e in record] == ["w1", "w2"] and record.events == tuple(record)
    for id in ("w3", None, []):
        with pytest.raises(GrowthwatchError):
            record.event(id)  # type: ignore[arg-type]


@pytest.mark.parametrize("child_id", ["", " a", "a\n", 3, None, True, "x" * 201])
def test_wrong_child_ids(child_id: Any) -> None:
    with pytest.raises(GrowthwatchError) as caught:
        Record(child_id)
    assert caught.value.field == "child_id"


@pytest.mark.parametrize("given_events", [None, 3, "abc", {"id": "w1"}, [3], [None], ["{}"], [[]]])
def test_wrong_event_lists(given_events: Any) -> None:
    with pytest.raises(GrowthwatchError):
        Record("c", given_events)


def test_events_of_a_class_of_ones_own_are_refused() -> None:
    class Odd(Weighed, frozen=True):
        pass

    odd = Odd(**{k: v for k, v in BASE.items() if k != "type"})
    with pytest.raises(GrowthwatchError):
        Record("c", [odd])
    with pytest.raises(GrowthwatchError):
        Record("c").append(odd)


def test_every_wrong_event_of_a_record_is_named() -> None:
    data = [but(weight_kg=-1), but(id="w2"), but(id="w3", clothing="hat")]
    with pytest.raises(GrowthwatchError) as caught:
        Record("c", data)
    assert "events[0]: event 'w1' (weighed): weight_kg" in str(caught.value)
    assert "events[2]: event 'w3' (weighed): clothing" in str(caught.value)
    assert caught.value.field == "weight_kg"
    with pytest.raises(GrowthwatchError, match="and 15 more wrong events"):
        Record("c", [but(weight_kg=-1)] * 25)


# ---------------------------------------------------------------- records: files

GOOD = Record("c", [BASE]).to_dict()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"schema": ...}, "schema"),
        ({"schema": "growthwatch.protocol"}, "schema"),
        ({"schema_version": 2}, "schema_version"),
        ({"schema_version": 0}, "schema_version"),
        ({"schema_version": "1"}, "schema_version"),
        ({"schema_version": True}, "schema_version"),
        ({"schema_version": 1.0}, "schema_version"),
        ({"schema_version": ...}, "schema_version"),
        ({"child_id": ...}, "child_id"),
        ({"child_id": 7}, "child_id"),
        ({"events": ...}, "events"),
        ({"events": {}}, "events"),
        ({"events": None}, "events"),
        ({"sex": "male"}, "sex"),
    ],
)
def test_wrong_headers(change: dict[str, Any], field: str) -> None:
    data = {k: v for k, v in {**GOOD, **change}.items() if v is not ...}
    with pytest.raises(GrowthwatchError) as caught:
        Record.loads(json.dumps(data))
    assert caught.value.field == field


def test_a_newer_record_says_so() -> None:
    with pytest.raises(GrowthwatchError, match="newer growthwatch"):
        Record.from_dict({**GOOD, "schema_version": 2, "something_new": 1})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{",
        "3",
        '"x"',
        json.dumps(GOOD)[:-20],
        json.dumps(GOOD) + "{}",
        json.dumps(GOOD).replace("9.62", "NaN"),
        json.dumps(GOOD).replace("9.62", "-Infinity"),
        json.dumps(GOOD).replace("9.62", "1e999"),
        json.dumps(GOOD).replace("9.62", "1" * 5000),
        json.dumps(GOOD).replace('"child_id"', '"child_id": "d", "child_id"'),
        json.dumps(GOOD).replace("9.62", '9.62, "weight_kg": 9.26'),
        "\ufeff" + json.dumps(GOOD),
        json.dumps(GOOD).replace("hv1", "\\ud800"),
        "[" * 100_000,
    ],
)
def test_bad_json(text: str, tmp_path: Path) -> None:
    with pytest.raises(GrowthwatchError):
        Record.loads(text)
    path = tmp_path / "child.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(GrowthwatchError, match=r"child\.json"):
        Record.load(path)


def test_text_that_is_none() -> None:
    with pytest.raises(GrowthwatchError):
        Record.loads(None)  # type: ignore[arg-type]
    with pytest.raises(GrowthwatchError):
        Record.from_dict([])  # type: ignore[arg-type]


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "latin.json").write_bytes(Record("é").dumps().encode("latin-1"))
    (tmp_path / "wide.json").write_bytes(Record("é").dumps().encode("utf-16"))
    for path in (tmp_path, tmp_path / "none.json", tmp_path / "latin.json", tmp_path / "wide.json", "a\0b"):
        with pytest.raises(GrowthwatchError):
            Record.load(path)


def test_dump_is_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "child.json"
    record = Record("c", [BASE])
    record.dump(path)
    assert path.read_bytes() == record.dumps().encode()
    assert Record.load(str(path)) == record
    path.chmod(0o640)
    record.append(but(id="w2")).dump(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    before = path.read_bytes()

    def fails(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fails)
    with pytest.raises(GrowthwatchError, match="No space left"):
        record.dump(path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["child.json"]  # noqa: PTH208


def test_dump_to_odd_places(tmp_path: Path) -> None:
    record = Record("c", [BASE])
    with pytest.raises(GrowthwatchError, match="cannot write"):
        record.dump(tmp_path)
    with pytest.raises(GrowthwatchError, match="cannot write"):
        record.dump(tmp_path / "none" / "child.json")
    real, link = tmp_path / "real.json", tmp_path / "link.json"
    real.write_text("x")
    link.symlink_to(real)
    record.dump(link)
    assert link.is_symlink() and Record.load(real) == record


def test_files_with_other_line_ends_are_read(tmp_path: Path) -> None:
    path = tmp_path / "child.json"
    record = Record("c", [BASE])
    path.write_bytes(record.dumps().replace("\n", "\r\n").encode())
    assert Record.load(path) == record


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_examples_load_and_dump_identically(path: Path, tmp_path: Path) -> None:
    record = Record.load(path)
    assert record.dumps().encode() == path.read_bytes()
    record.dump(tmp_path / path.name)
    assert (tmp_path / path.name).read_bytes() == path.read_bytes()
    assert record.effective() == record.events
    born = [e for e in record if isinstance(e, Born)]
    assert len(born) == 1 and born[0].note == "Fictional child, invented for testing."


def test_examples_are_all_there() -> None:
    assert {p.stem: len(Record.load(p)) for p in EXAMPLES} == {
        "c1-slow-decline": 45,
        "c3-acute-dehydration": 14,
        "c5-handover-gap": 26,
        "c6-letter-never-acknowledged": 13,
    }
    c1 = Record.load(EXAMPLES[0])
    invalid = c1.event("w-2024-01-09")
    assert isinstance(invalid, Weighed) and (invalid.clothing, invalid.scale) == ("clothed", "other")
    older = c1.event("w-2024-03-26")
    assert isinstance(older, Weighed) and older.clothing == "vest_and_pants"
    advice = c1.event("advice-2024-01-20")
    assert advice.recorded_at == dt.datetime(2024, 4, 9, 16, tzinfo=dt.UTC)


# ---------------------------------------------------------------- corrections and error marks


def test_known_at() -> None:
    record = Record("c", [contact("a", 9), contact("b", 10), contact("z", 10), contact("c", 11)])
    at = dt.datetime(2024, 1, 1, 10, tzinfo=dt.UTC)
    assert ids(record.effective(at)) == ["a", "b", "z"]
    assert ids(record.effective(at - dt.timedelta(microseconds=1))) == ["a"]
    assert ids(record.effective(at.astimezone(ZoneInfo("America/New_York")))) == ["a", "b", "z"]
    assert ids(record.effective()) == ["a", "b", "z", "c"]
    for wrong in (dt.datetime(2024, 1, 1), dt.date(2024, 1, 1), "2024-01-01T10:00:00Z", 3):  # noqa: DTZ001
        with pytest.raises(GrowthwatchError) as caught:
            record.effective(wrong)  # type: ignore[arg-type]
        assert caught.value.field == "known_at"


def at(hour: int) -> dt.datetime:
    return dt.datetime(2024, 1, 1, hour, tzinfo=dt.UTC)


def test_a_correction_replaces_from_its_recording_on() -> None:
    record = Record("c", [contact("a", 9), contact("b", 11, corrects="a"), contact("x", 10)])
    assert ids(record.effective(at(10))) == ["a", "x"]
    assert ids(record.effective(at(11))) == ["x", "b"]


def test_chains_of_corrections() -> None:
    chain = [contact("a", 9), contact("b", 10, corrects="a"), contact("c", 11, corrects="b")]
    assert ids(Record("c", chain).effective()) == ["c"]
    assert ids(Record("c", [*chain, mark("m", "c")]).effective()) == ["b"]
    assert ids(Record("c", [*chain, mark("m", "b")]).effective()) == ["c"]
    assert ids(Record("c", [*chain, mark("m", "b"), mark("n", "c")]).effective()) == ["a"]
    assert ids(Record("c", [*chain, mark("m", "a")]).effective()) == ["c"]
    assert ids(Record("c", [*chain, mark("m", "a"), mark("n", "b"), mark("o", "c")]).effective()) == []


def test_two_corrections_of_one_event_both_count() -> None:
    record = Record("c", [contact("a", 9), contact("b", 10, corrects="a"), contact("c", 11, corrects="a")])
    assert ids(record.effective()) == ["b", "c"]


def test_marks_on_marks() -> None:
    marks = [contact("a", 8), mark("m1", "a", 9), mark("m2", "m1", 10), mark("m3", "m2", 11)]
    assert [ids(Record("c", marks).effective(at(h))) for h in (8, 9, 10, 11)] == [["a"], [], ["a"], []]
    twice = [contact("a", 8), mark("m1", "a", 9), mark("m2", "a", 10), mark("m3", "m1", 11)]
    assert ids(Record("c", twice).effective()) == []


def test_a_mark_that_was_replaced_does_not_count() -> None:
    record = Record("c", [contact("a", 8), mark("m", "a", 9), contact("b", 10, corrects="m")])
    assert ids(record.effective()) == ["a", "b"]
    record = record.append(mark("n", "b", 11))
    assert ids(record.effective()) == []


def test_targets_that_do_not_exist() -> None:
    record = Record("c", [contact("a", 9), contact("b", 10, corrects="none"), mark("m", "nobody")])
    assert ids(record.effective()) == ["a", "b"]
    late = record.append(contact("none", 13))
    assert ids(late.effective()) == ["a", "b"]


def test_circles_open_at_their_first_event() -> None:
    two = Record("c", [contact("a", 9, corrects="b"), contact("b", 10, corrects="a")])
    assert ids(two.effective()) == ["b"]
    assert ids(two.append(mark("m", "b")).effective()) == ["a"]
    same_time = Record("c", [contact("a", 9, corrects="b"), contact("b", 9, corrects="a")])
    assert ids(same_time.effective()) == ["b"]
    marks = Record("c", [contact("a", 8), mark("m", "n", 9), mark("n", "m", 10), mark("o", "a", 11)])
    assert ids(marks.effective()) == []
    mixed = Record("c", [contact("a", 8, corrects="m"), mark("m", "a", 9)])
    assert ids(mixed.effective()) == []
    three = Record("c", [contact("a", 9, corrects="b"), contact("b", 10, corrects="c"), contact("c", 11, corrects="a")])
    # a <- c <- b: a was first, so that a replaced b counts for nothing.
    assert ids(three.effective()) == ["b"]


def oracle(known: list[Event]) -> list[str]:
    """The rules of `effective`, read literally and slowly."""
    by_id = {e.id: e for e in known}

    def link(e: Event) -> str | None:
        target = e.target if isinstance(e, EnteredInError) else e.corrects
        return target if target in by_id else None

    links = {e.id: link(e) for e in known}
    opened = dict(links)
    for start in known:
        walk: list[str] = []
        at: str | None = start.id
        while at is not None and at not in walk:
            walk.append(at)
            at = links[at]
        if at == start.id:
            first = min(walk, key=lambda i: by_id[i].order)
            opened[first] = None

    def in_error(id: str) -> bool:
        return any(
            opened[m.id] == id and isinstance(m, EnteredInError) and not in_error(m.id) and not replaced(m.id)
            for m in known
        )

    def replaced(id: str) -> bool:
        return any(
            opened[c.id] == id and not isinstance(c, EnteredInError) and (not in_error(c.id) or replaced(c.id))
            for c in known
        )

    return [
        e.id
        for e in sorted(known, key=lambda e: e.order)
        if not isinstance(e, EnteredInError) and not in_error(e.id) and not replaced(e.id)
    ]


@settings(max_examples=300, deadline=None)
@given(data=st.data(), listed=linked_lists())
def test_effective_agrees_with_its_rules(data: st.DataObject, listed: list[Event]) -> None:
    record = Record("c", data.draw(st.permutations(listed)))
    for hour in range(6):
        assert ids(record.effective(at(hour))) == oracle([e for e in listed if e.recorded_at <= at(hour)])
    assert ids(record.effective()) == oracle(listed)
    assert record.effective() == record.effective()


def test_long_chains_and_circles_end() -> None:
    n = 3000
    chain = [contact(f"e{i:04}", corrects=f"e{i - 1:04}" if i else None) for i in range(n)]
    assert ids(Record("c", chain).effective()) == [f"e{n - 1:04}"]
    ring = [contact("e0000", corrects=f"e{n - 1:04}"), *chain[1:]]
    assert ids(Record("c", ring).effective()) == [f"e{n - 1:04}"]
    marks = [contact("e0000"), *(mark(f"e{i:04}", f"e{i - 1:04}") for i in range(1, n))]
    assert ids(Record("c", marks).effective()) == ([] if n % 2 == 0 else ["e0000"])


@usual
@given(listed=event_lists(corrects=False), moments=st.lists(instants, min_size=2, max_size=4))
def test_knowledge_only_grows_without_corrections(listed: list[Event], moments: list[dt.datetime]) -> None:
    record = Record("c", [e for e in listed if not isinstance(e, EnteredInError)])
    for early, late in itertools.pairwise(sorted(moments)):
        before, after = record.effective(early), record.effective(late)
        assert after[: len(before)] == before
    assert record.effective() == record.events


@usual
@given(listed=event_lists(), moment=instants)
def test_later_events_never_change_what_was_known(listed: list[Event], moment: dt.datetime) -> None:
    whole = Record("c", listed)
    then = Record("c", [e for e in listed if e.recorded_at <= moment])
    assert whole.effective(moment) == then.effective() == then.effective(moment)


def test_effective_is_fast() -> None:
    record = Record("c", [contact(f"e{i}", i % 24) for i in range(30)])
    moment = at(12)
    seconds = min(timeit.repeat(lambda: record.effective(moment), number=200, repeat=5)) / 200
    assert seconds < 30e-6


# ---------------------------------------------------------------- a log in use


class LogInUse(RuleBasedStateMachine):
    """Two teams write in logs of their own, correct, mark, and merge."""

    def __init__(self) -> None:
        super().__init__()
        self.teams = [Record("c"), Record("c")]
        self.written: dict[str, Event] = {}
        self.owners: list[set[str]] = [set(), set()]

    def write(self, team: int, event: Event) -> None:
        before = self.teams[team]
        self.teams[team] = before.append(event)
        assert before.append(event) == self.teams[team] == self.teams[team].append(event)
        assert len(self.teams[team]) == len(before) + 1
        self.written[event.id] = event
        self.owners[team].add(event.id)

    def fresh(self) -> str:
        return f"e{len(self.written)}"

    def someone(self, data: st.DataObject) -> str | None:
        return data.draw(st.sampled_from(sorted(self.written))) if self.written else None

    @rule(team=st.integers(0, 1), data=st.data())
    def write_anything(self, team: int, data: st.DataObject) -> None:
        self.write(
            team,
            data.draw(
                events(ids=st.just(self.fresh()) | st.just("other"), corrects=False).filter(
                    lambda e: e.id == self.fresh()
                )
            ),
        )

    @rule(team=st.integers(0, 1), hour=st.integers(0, 23))
    def write_contact(self, team: int, hour: int) -> None:
        self.write(team, contact(self.fresh(), hour))

    @rule(team=st.integers(0, 1), hour=st.integers(0, 23), data=st.data())
    def correct(self, team: int, hour: int, data: st.DataObject) -> None:
        self.write(team, contact(self.fresh(), hour, corrects=self.someone(data)))

    @rule(team=st.integers(0, 1), hour=st.integers(0, 23), data=st.data())
    def mark_in_error(self, team: int, hour: int, data: st.DataObject) -> None:
        target = self.someone(data)
        if target is not None:
            self.write(team, mark(self.fresh(), target, hour))

    @rule(team=st.integers(0, 1), data=st.data())
    def change_in_place_is_refused(self, team: int, data: st.DataObject) -> None:
        if self.owners[team]:
            id = data.draw(st.sampled_from(sorted(self.owners[team])))
            changed = self.written[id].model_copy(update={"actor": "somebody else entirely"})
            with pytest.raises(GrowthwatchError, match="actor"):
                self.teams[team].append(changed)

    @rule(team=st.integers(0, 1))
    def merge(self, team: int) -> None:
        mine, theirs = self.teams[team], self.teams[1 - team]
        self.teams[team] = mine.merge(theirs)
        assert self.teams[team] == theirs.merge(mine)
        self.owners[team] |= self.owners[1 - team]

    @rule(team=st.integers(0, 1))
    def through_a_file(self, team: int) -> None:
        self.teams[team] = Record.loads(self.teams[team].dumps())

    @invariant()
    def nothing_is_forgotten(self) -> None:
        for team, owned in zip(self.teams, self.owners, strict=True):
            assert set(team) == {self.written[i] for i in owned}

    @invariant()
    def what_counts_follows_the_rules(self) -> None:
        for team in self.teams:
            found = team.effective()
            assert ids(found) == oracle(list(team))
            named = {e.target if isinstance(e, EnteredInError) else e.corrects for e in team}
            for event in team:
                if event.id not in named and not isinstance(event, EnteredInError):
                    assert event in found
            assert [e.order for e in found] == sorted(e.order for e in found)


TestLogInUse = LogInUse.TestCase
TestLogInUse.settings = settings(
    max_examples=25, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)


# ---------------------------------------------------------------- the house rules


def test_import_is_light() -> None:
    code = (
        "import sys, growthwatch.record;"
        "print([m for m in ('matplotlib', 'scipy', 'narwhals', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=HERE.parent)
    assert done.stdout.strip() == "[]"


def test_the_document_lists_every_type_field_and_word() -> None:
    text = DOC.read_text(encoding="utf-8")
    parts = re.split(r"^#{2,4} ", text, flags=re.MULTILINE)
    sections = {p.split("\n")[0].strip(): p for p in parts}
    shared = {"id", "type", "on", "time", "recorded_at", "actor", "role", "corrects", "note"}
    for key in shared:
        assert f"| `{key}` |" in sections["What every event has"], key
    for word, form in EVENT_TYPES.items():
        section = sections[f"`{word}`"]
        documented = set(re.findall(r"^\| `(\w+)` \|", section, flags=re.MULTILINE))
        assert documented == set(form_keys(form)) - shared, word
        for name, field in form.model_fields.items():
            if name not in shared and field.is_required():
                key = field.serialization_alias or name
                assert re.search(rf"^\| `{key}` \| required", section, flags=re.MULTILINE), (word, key)
    assert set(sections) >= {f"`{w}`" for w in EVENT_TYPES}
    words = [*Role, *Sign, *(w for a in (Condition, Level, Clothing, Scale, Tier) for w in get_args(a))]
    for word in words:
        assert f"`{word}`" in text, word


def test_the_example_of_the_document_is_a_record() -> None:
    blocks = re.findall(r"```json\n(.*?)```", DOC.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert blocks
    for block in blocks:
        assert Record.loads(block).dumps() == block
