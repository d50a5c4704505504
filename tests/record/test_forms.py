"""Forms: every wrong key is named in plain English, and nothing changes once made."""

from __future__ import annotations

import copy
import datetime as dt
import pickle
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from small_records import (
    BASE,
    but,
    quick,
    refusal,
)
from strategies import events

from growthwatch.core.errors import GrowthwatchError
from growthwatch.record import (
    Event,
    LetterSent,
    LevelChanged,
    Recipient,
    Role,
    Weighed,
    parse_event,
)


@quick
@given(event=events())
def test_copies_are_equal(event: Event) -> None:
    assert copy.copy(event) == copy.deepcopy(event) == pickle.loads(pickle.dumps(event)) == event.model_copy()


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
        but(type="letter_sent", weight_kg=..., sender="GP", to=[{"name": "HV"}, {"name": "", "expecs": "x"}, 3])
    )
    assert error.field == "to[1].name"
    assert "unknown key 'to[1].expecs' (did you mean 'expects'?)" in str(error)
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


def test_direct_construction_gives_the_one_error() -> None:
    with pytest.raises(GrowthwatchError, match=r"recipient: name: got 3, expected text"):
        Recipient(name=3)  # type: ignore[arg-type]
    with pytest.raises(GrowthwatchError, match=r"event 'w1' \(weighed\): weight_kg: missing"):
        Weighed.model_validate(but(weight_kg=...))
    with pytest.raises(GrowthwatchError, match="an object with named keys"):
        Weighed.model_validate(3)
    letter = parse_event(but(type="letter_sent", weight_kg=..., sender="GP", to=[Recipient(name="HV")]))
    assert isinstance(letter, LetterSent) and letter.to == (Recipient(name="HV"),)
