"""Any event: told apart by its type, read and written without loss."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from builders import Child
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter
from small_records import (
    BASE,
    but,
    quick,
    refusal,
    usual,
)
from strategies import event_data

from growthwatch.core.errors import GrowthwatchError
from growthwatch.record import (
    EVENT_TYPES,
    AnyEvent,
    Born,
    DecisionSigned,
    Record,
    Weighed,
    parse_event,
)
from growthwatch.record.forms import form_keys


def test_every_type_is_named_after_its_class() -> None:
    assert len(EVENT_TYPES) == 53
    for word, form in EVENT_TYPES.items():
        assert word == re.sub(r"(?<!^)(?=[A-Z])", "_", form.__name__).lower()
        assert set(form_keys(form)) >= {"id", "type", "on", "time", "recorded_at", "actor", "role", "corrects", "note"}
    assert {w for w, f in EVENT_TYPES.items() if f.is_decision} == {
        "plan_signed",
        "decision_signed",
        "protocol_adopted",
        "snoozed",
        "withdrawn",
        "overridden",
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
        name = key if key in type(event).model_fields else f"{key}_"
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


def test_json_schema_can_be_made() -> None:
    assert len(adapter().json_schema()["oneOf"]) == len(EVENT_TYPES)


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


def test_length_and_feeding_are_words_of_a_closed_list() -> None:
    with pytest.raises(GrowthwatchError, match="normal"):
        Child().examined(5, feeding="fine").record  # noqa: B018
    record = Child().examined(5, feeding="normal", length="not_normal").record
    assert Record.loads(record.dumps()).events == record.events
    assert json.loads(record.dumps())["events"][-1]["feeding"] == "normal"


SENT = b'{"id": "w1", "type": "weighed", "on": "2024-01-09", "weight_kg": 9.1}'
SIGNED_IN = {"actor": "staff-204", "role": "gp", "recorded_at": "2024-01-09T14:30:00Z"}


def test_who_is_signed_in_is_filled_in() -> None:
    event = parse_event(SENT, fill_in=SIGNED_IN)
    assert event == parse_event({**json.loads(SENT), **SIGNED_IN})
    assert parse_event(SENT.decode(), fill_in=SIGNED_IN) == parse_event(json.loads(SENT), fill_in=SIGNED_IN) == event
    assert parse_event(event, fill_in=None) == parse_event(event, fill_in={}) == event  # pyright: ignore[reportArgumentType]


def test_what_is_filled_in_nobody_may_send_whatever_it_says() -> None:
    for role in ("team_lead", "gp", None):
        with pytest.raises(GrowthwatchError, match=r"role: got .*, expected no such key") as caught:
            parse_event({**json.loads(SENT), "role": role}, fill_in=SIGNED_IN)
        assert [p.field for p in caught.value.problems] == ["role"]


def test_what_was_sent_is_named_beside_all_else_that_is_wrong() -> None:
    with pytest.raises(GrowthwatchError) as caught:
        parse_event({**json.loads(SENT), "actor": "me", "weight_kg": -1, "wieght": 2}, fill_in=SIGNED_IN)
    assert {p.field for p in caught.value.problems} == {"actor", "weight_kg", "wieght"}


@pytest.mark.parametrize("wrong", [3, "actor", ["actor"]])
def test_what_is_filled_in_has_keys(wrong: Any) -> None:
    with pytest.raises(GrowthwatchError, match="fill_in"):
        parse_event(SENT, fill_in=wrong)


def test_an_event_that_is_whole_is_not_filled_in() -> None:
    whole: Any = parse_event(SENT, fill_in=SIGNED_IN)
    with pytest.raises(GrowthwatchError, match="fill_in"):
        parse_event(whole, fill_in=SIGNED_IN)


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (SENT[:-1] + b', "weight_kg": 91}', "each key once"),
        (SENT.replace(b"9.1", b"NaN"), "NaN"),
        (SENT.replace(b"9.1", b"9" * 5000), "too many digits"),
        (b"[" * 100_000, "nested too deeply"),
        (b"\xe9", "not UTF-8"),
        (b"", "it is empty"),
        (b"null", "an object with named keys"),
        (b"[]", "an object with named keys"),
    ],
)
def test_json_that_somebody_sent_is_read_strictly(sent: bytes, said: str) -> None:
    for read in (lambda: parse_event(sent, fill_in=SIGNED_IN), lambda: Record("child").append(sent)):
        with pytest.raises(GrowthwatchError, match=said) as caught:
            read()
        assert "set_int_max_str_digits" not in str(caught.value)
