"""Two versions of the format: the lowest that can hold a record is the one that is written."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from small_records import BASE
from strategies import records

from growthwatch.record import EVENT_TYPES, Record, parse_event

# The types and keys that version 1 has, written down from its document and not read from the code.
TYPES_1 = {
    "born",
    "weighed",
    "measured",
    "contact",
    "concern",
    "sign_recorded",
    "illness_recorded",
    "examined",
    "was_not_brought",
    "condition_diagnosed",
    "condition_ended",
    "letter_sent",
    "letter_acknowledged",
    "letter_found",
    "referral_made",
    "referral_closed",
    "lead_named",
    "lead_left",
    "level_changed",
    "handover_sent",
    "handover_accepted",
    "protection_plan",
    "strategy_discussion",
    "admission",
    "discharged",
    "moved_away",
    "died",
    "entered_in_error",
    "plan_signed",
    "decision_signed",
    "protocol_adopted",
}
KEYS_1 = {
    "weighed": {"weight_kg", "clothing", "scale", "date_certain", "setting", "repeats"},
    "contact": {"face_to_face", "weighed", "out_of_hours", "service", "about", "advice"},
    "concern": {"raised_by", "about", "explained_as"},
    "sign_recorded": {"signs", "about"},
    "illness_recorded": {"illness", "signs"},
    "examined": {"answers", "outcome", "length", "feeding"},
    "was_not_brought": {"kind", "service"},
    "letter_sent": {
        *("sender", "to", "copies", "summary", "purpose", "requested_action", "action_owner", "respond_by"),
    },
    "letter_acknowledged": {"letter", "by", "will_do", "by_when"},
    "referral_made": {"to", "kind", "about"},
    "lead_named": {"name", "lead_role", "level"},
    "lead_left": {"reason"},
    "handover_sent": {"sender", "recipient", "contains", "missing"},
    "handover_accepted": {"handover", "by"},
    "strategy_discussion": {"outcome"},
    "plan_signed": {"plan", "floor_days", "reference", "review_by", "outcome_for_child", "reason"},
    "decision_signed": {"decision", "target", "tier", "reason"},
    "protocol_adopted": {"protocol", "hash"},
}
HEAD = {"id", "type", "on", "time", "recorded_at", "actor", "role", "corrects", "note"}
WORDS_2 = {
    *("paramedic", "green_vomit", "no_wet_nappy_12h", "liver_disease", "steroids", "cancelled_by_service", "watch"),
    *("triceps_skinfold", "end_plan", "choose_reference", "accept_conflict", "hold_family_page"),
    *("release_family_page", "confirm_fact"),
}
# Closed vocabularies of version 1: a word of version 2 may stand in free text.
CLOSED = {"role", "lead_role", "signs", "condition", "kind", "plan", "measure", "decision"}


def fits_version_1(event: dict[str, Any]) -> bool:
    """Whether a reader of version 1 would take this written event."""
    kind = event["type"]
    if kind not in TYPES_1 or not set(event) - HEAD <= KEYS_1.get(kind, set(event)):
        return False
    for key in CLOSED & set(event):
        value = event[key]
        if WORDS_2 & set(value if isinstance(value, list) else [value]):
            return False
    people = [*event.get("to", []), *event.get("copies", [])] if kind == "letter_sent" else []
    if any(set(p) - {"name", "expectation"} for p in people):
        return False
    long = [*event.get("answers", []), *([event["target"]] if kind == "decision_signed" and "target" in event else [])]
    return all(len(k) <= 400 for k in long)


@given(record=records(max_size=3))
def test_the_lowest_version_that_can_hold_a_record_is_written(record: Record) -> None:
    written = record.to_dict()
    assert written["schema_version"] == (1 if all(fits_version_1(e) for e in written["events"]) else 2)
    again = Record.from_dict(written)
    assert again == record and again.content_hash == record.content_hash


def event(kind_: str, **more: Any) -> dict[str, Any]:
    return {**{k: BASE[k] for k in ("on", "recorded_at", "actor", "role")}, "id": "e1", "type": kind_, **more}


NEW: list[dict[str, Any]] = [
    event("weighed", weight_kg=5.0, weighed_by="family"),
    event("weighed", weight_kg=5.0, role="paramedic"),
    event("sign_recorded", signs=["fever", "green_vomit"]),
    event("sign_recorded", signs=["fever"], well=False),
    event("condition_diagnosed", condition="steroids"),
    event("condition_ended", condition="liver_disease", reason="r"),
    event("was_not_brought", service="s", kind="cancelled_by_service"),
    event("measured", measure="triceps_skinfold", value_cm=1.0),
    event("plan_signed", plan="watch", reason="r"),
    event("decision_signed", decision="confirm_fact", target="e2", reason="r"),
    event("examined", outcome="o", answers=["P3:" + "x" * 400 + "@start"]),
    event("decision_signed", decision="close_finding", target="P3:" + "x" * 400 + "@start", reason="r"),
    event("letter_sent", sender="s", to=[{"name": "n", "expects": "act"}]),
    event("letter_sent", sender="s", to=[{"name": "n"}], asks=False),
    event("protocol_adopted", protocol="p", hash="h", starts=[{"due": "FD", "set_to": "2024-01-02"}]),
    event("moved_in"),
]
OLD: list[dict[str, Any]] = [
    event("weighed", weight_kg=5.0, note="weighed_by family, on steroids"),
    event("contact", face_to_face=True, about="watch"),
    event("sign_recorded", signs=["fever"], about="green_vomit"),
    event("examined", outcome="o", answers=["x" * 400]),
    event("concern", raised_by="r", about="a", topics=[]),
    event("letter_sent", sender="s", to=[{"name": "n"}], urgent=False),
]


@pytest.mark.parametrize("written", NEW, ids=lambda e: e["type"])
def test_what_is_new_is_version_2(written: dict[str, Any]) -> None:
    made = parse_event(written)
    assert made.version == 2
    record = Record("c", [BASE])
    first = record.content_hash
    # A record that has been hashed already says the new version once it grows.
    grown = record.append(made)
    assert grown.to_dict()["schema_version"] == 2
    assert grown.content_hash == Record.loads(grown.dumps()).content_hash
    assert record.content_hash == first and json.loads(record.dumps())["schema_version"] == 1


@pytest.mark.parametrize("written", OLD, ids=lambda e: e["type"])
def test_words_of_version_2_in_free_text_and_defaults_stay_version_1(written: dict[str, Any]) -> None:
    assert parse_event(written).version == 1
    assert fits_version_1(parse_event(written).to_dict())


def test_types_of_version_1_are_all_there() -> None:
    assert set(EVENT_TYPES) > TYPES_1


@pytest.mark.parametrize("version", [1, 2])
def test_the_header_is_no_more_than_the_lowest_version_when_written_again(version: int) -> None:
    data = {**Record("c", [BASE]).to_dict(), "schema_version": version}
    assert Record.from_dict(data).to_dict()["schema_version"] == 1


@pytest.mark.parametrize(
    ("written", "says"),
    [
        (event("lead_away", **{"from": "2024-01-02", "until": "2024-01-01"}), "not before the first day away"),
        (event("sibling_known"), "either a sibling or none"),
        (event("sibling_known", sibling="s", none=True), "either a sibling or none"),
        (event("sibling_known", none=False), "none"),
        (event("parents_measured"), "at least one parent"),
        (event("plan_signed", plan="care", reason="r", limit_kg=5.0), "watch plan only"),
        (event("plan_signed", plan="condition", reason="r", dietitian="d"), "watch plan only"),
        (event("decision_signed", decision="confirm_fact", reason="r"), "the id of the event to confirm"),
        (event("sign_recorded", signs=["fever"], temperature_c=98.6), "degrees Celsius"),
        (event("sign_recorded", signs=["fever"], temperature_c=10**400), "degrees Celsius"),
        (event("protocol_adopted", protocol="p", hash="h", starts=[{"due": "soon", "set_to": "2024-01-01"}]), "FD"),
        (event("concern", raised_by="r", about="a", topics=["weight", "weight"]), "each entry once"),
        (event("disagreement_raised", about="a", risk_now="r", decision_wanted="d", stage=5, **{"with": "w"}), "stage"),
    ],
)
def test_what_new_forms_refuse(written: dict[str, Any], says: str) -> None:
    with pytest.raises(Exception, match=says):
        parse_event(written)
