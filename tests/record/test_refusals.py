"""What a form refuses: each on its field, its value, and what would have been right; and what it just admits.

Forms: process specification, section 1; conventions of dates ahead: specification of the protocol, section 0.
"""

from __future__ import annotations

from typing import Any

import pytest
from small_records import but, refusal

from growthwatch.core.errors import GrowthwatchError
from growthwatch.record import EVENT_TYPES, Record, parse_event
from growthwatch.record.events import as_event
from growthwatch.record.forms import Event


def form(type_: str, **more: Any) -> dict[str, Any]:
    return but(type=type_, weight_kg=..., **more)


NUMBER = "a finite number greater than 0"
TEXT = "text that is not empty and has no control characters"
KEY = "text of 1 to 630 characters, without control characters or spaces at its ends"
ID = "text of 1 to 200 characters, without control characters or spaces at its ends"
WEEKS = "completed days of gestation, a whole number from 140 to 315"
CELSIUS = "a body temperature in degrees Celsius, from 20 to 46"

REFUSED: list[tuple[dict[str, Any], str, Any, str]] = [
    (form("born", gestation_days=139), "gestation_days", 139, WEEKS),
    (form("born", gestation_days=316), "gestation_days", 316, WEEKS),
    (form("condition_diagnosed", condition="cerebral_palsy", gmfcs=0), "gmfcs", 0,
     "a GMFCS level, a whole number from 1 to 5"),
    (form("condition_diagnosed", condition="cerebral_palsy", gmfcs=6), "gmfcs", 6,
     "a GMFCS level, a whole number from 1 to 5"),
    (form("condition_diagnosed", condition="epilepsy", gmfcs=3), "gmfcs", 3,
     "no GMFCS level: it is for cerebral_palsy only"),
    (form("condition_diagnosed", condition="epilepsy", highest_risk=True), "highest_risk", True,
     "false: it is for congenital_heart_disease only"),
    (form("sign_recorded", signs=["fever"], temperature_c=19.9), "temperature_c", 19.9, CELSIUS),
    (form("sign_recorded", signs=["fever"], temperature_c=46.1), "temperature_c", 46.1, CELSIUS),
    (form("illness_recorded", illness="cold", temperature_c=100), "temperature_c", 100, CELSIUS),
    (form("sign_recorded", signs=["fever"], temperature_c=True), "temperature_c", True, CELSIUS),
    (form("sign_recorded", signs=[]), "signs", [], "a list of at least one"),
    (form("sign_recorded", signs="fever"), "signs", "fever", "a list"),
    (form("lead_away", **{"from": "2024-01-09", "until": "2024-01-08"}), "until", "2024-01-08",
     "a day that is not before the first day away"),
    (form("sibling_known"), "sibling", None, "either a sibling or none: true"),
    (form("sibling_known", sibling="B", none=True), "sibling", "B", "either a sibling or none: true"),
    (form("parents_measured"), "mother_cm", None, "the height of at least one parent"),
    (form("disagreement_raised", about="G4@start", **{"with": "GP"}, risk_now="r", decision_wanted="d", stage=0),
     "stage", 0, "a stage, a whole number from 1 to 4"),
    (form("disagreement_raised", about="G4@start", **{"with": "GP"}, risk_now="r", decision_wanted="d", stage=5),
     "stage", 5, "a stage, a whole number from 1 to 4"),
    (form("plan_signed", plan="care", reason="r", floor_days=0), "floor_days", 0,
     "a whole number of days, 1 or more"),
    (form("plan_signed", plan="care", reason="r", limit_kg=5.0), "limit_kg", 5.0,
     "nothing: it is for a watch plan only"),
    (form("plan_signed", plan="sick_day", reason="r", dietitian="D"), "dietitian", "D",
     "nothing: it is for a watch plan only"),
    (form("decision_signed", decision="close_finding", reason="r"), "target", None,
     "the key of the finding to close"),
    (form("decision_signed", decision="confirm_weight", reason="r"), "target", None,
     "the id of the weighing to confirm"),
    (form("decision_signed", decision="confirm_fact", reason="r"), "target", None, "the id of the event to confirm"),
    (form("decision_signed", decision="confirm_weight", target="w1", reason="r"), "target", "w1",
     "the id of another event"),
    (form("decision_signed", decision="confirm_fact", target="w1", reason="r"), "target", "w1",
     "the id of another event"),
    (form("decision_signed", decision="lower_tier", reason="r"), "tier", None, "the tier to lower to: T0, T1 or T2"),
    (form("protocol_adopted", protocol="p", hash="h", starts=[{"due": "fd", "set_to": "2024-02-01"}]),
     "starts[0].due", "fd", 'a day written "YYYY-MM-DD", or "FD"'),
    (form("entered_in_error", target="w2", reason="r", corrects="w3"), "corrects", "w3",
     "nothing: an error mark replaces no event; mark the wrong mark in error and make a new one"),
    (but(corrects="w1"), "corrects", "w1", "the id of another event"),
    (but(repeats="w1"), "repeats", "w1", "the id of another event"),
    (form("letter_acknowledged", letter="w1", by="GP"), "letter", "w1", "the id of another event"),
    (form("referral_closed", referral="w1", outcome="o", action_taken=False), "referral", "w1",
     "the id of another event"),
    (form("handover_accepted", handover="w1", by="B"), "handover", "w1", "the id of another event"),
    (form("overridden", refused="w1", because="b", risk_now="r", safeguards="s", review_by="2024-02-01"), "refused",
     "w1", "the id of another event"),
    (form("snoozed", target="x" * 631, until="2024-02-01", why="other", reason="r"), "target", "x" * 631, KEY),
    (but(id="x" * 201), "id", "x" * 201, ID),
    (but(time="24:00"), "time", "24:00", "a time of day from 00:00 to 23:59:59"),
    (but(time="9:00"), "time", "9:00", 'a local time of day without a zone, written "HH:MM" or "HH:MM:SS"'),
    (but(on="2023-02-29"), "on", "2023-02-29", "a day that exists in the calendar"),
    (but(on="09/01/2024"), "on", "09/01/2024", 'a date without a time, written "YYYY-MM-DD"'),
    (but(recorded_at="2024-01-09"), "recorded_at", "2024-01-09",
     'a moment with its offset from UTC, such as "2024-01-09T14:30:00Z" or "2024-07-09T14:30:00+01:00"'),
    (but(actor=" "), "actor", " ", TEXT),
    (but(weight_kg=0), "weight_kg", 0, NUMBER),
    (form("measured", measure="head", value_cm=-1), "value_cm", -1, NUMBER),
    (form("examined", outcome="o", answers=["H1@start", "H1@start"]), "answers", ["H1@start", "H1@start"],
     "each entry once"),
    (form("concern", raised_by="a", about="b", topics=["weight", "weight"]), "topics", ["weight", "weight"],
     "each entry once"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "field", "value", "expected"),
    REFUSED,
    ids=[f"{d['type']}.{f}-{i}" for i, (d, f, _, _) in enumerate(REFUSED)],
)
def test_what_is_refused_is_named_with_what_would_have_been_right(
    data: dict[str, Any], field: str, value: Any, expected: str
) -> None:
    error = refusal(data)
    assert (error.field, error.expected) == (field, expected)
    got = error.value.isoformat() if hasattr(error.value, "isoformat") else error.value
    assert got == value
    assert f"{field}: " in str(error) and expected in str(error)


ADMITTED: list[dict[str, Any]] = [
    form("born", gestation_days=140),
    form("born", gestation_days=315),
    form("condition_diagnosed", condition="cerebral_palsy", gmfcs=1),
    form("condition_diagnosed", condition="cerebral_palsy", gmfcs=5),
    form("condition_diagnosed", condition="congenital_heart_disease", highest_risk=True),
    form("sign_recorded", signs=["fever"], temperature_c=20),
    form("sign_recorded", signs=["fever"], temperature_c=46),
    form("lead_away", **{"from": "2024-01-09", "until": "2024-01-09"}),
    form("lead_away", **{"from": "2024-01-09"}),
    form("sibling_known", sibling="B"),
    form("sibling_known", none=True),
    form("parents_measured", father_cm=180.0),
    form("disagreement_raised", about="G4@start", **{"with": "GP"}, risk_now="r", decision_wanted="d", stage=1),
    form("disagreement_raised", about="G4@start", **{"with": "GP"}, risk_now="r", decision_wanted="d", stage=4),
    form("plan_signed", plan="care", reason="r", floor_days=1),
    form("plan_signed", plan="watch", reason="r", limit_kg=5.0, dietitian="D"),
    form("decision_signed", decision="other", reason="r"),
    form("decision_signed", decision="close_finding", target="w1", reason="r"),
    form("protocol_adopted", protocol="p", hash="h", starts=[{"due": "FD", "set_to": "2024-02-01"}]),
    form("snoozed", target="x" * 630, until="2024-02-01", why="other", reason="r"),
    but(id="x" * 200),
    but(time="23:59:59"),
    but(time="00:00"),
]


@pytest.mark.parametrize("data", ADMITTED, ids=[f"{d['type']}-{i}" for i, d in enumerate(ADMITTED)])
def test_what_is_just_admitted_is_kept_as_it_was_written(data: dict[str, Any]) -> None:
    written = parse_event(data).to_dict()
    assert {k: v for k, v in written.items() if k in data} == {
        **data,
        **({"time": written["time"]} if "time" in data else {}),
    }
    assert parse_event(written).to_dict() == written


# --- what kind of thing an event is -----------------------------------------------------------------------------

# Specification of the protocol, section 0, "Dated ahead": the list of arrangements, and what may alarm in doubt.
ARRANGEMENTS = {
    *("lead_named", "lead_left", "lead_away", "level_changed", "protection_plan", "handover_sent"),
    *("handover_accepted", "protocol_adopted", "plan_signed", "service_allocated", "moved_in", "moved_away"),
}
IN_DOUBT = {"weighed", "sign_recorded", "illness_recorded", "concern", "was_not_brought"}
# Process specification, section 1: D, decisions; those of version 1 among them.
DECISIONS = {"plan_signed", "decision_signed", "protocol_adopted", "snoozed", "withdrawn", "overridden"}


def test_which_events_are_arrangements_alarms_in_doubt_or_decisions() -> None:
    assert {t for t, f in EVENT_TYPES.items() if f.is_arrangement} == ARRANGEMENTS
    assert {t for t, f in EVENT_TYPES.items() if f.judged_in_doubt} == IN_DOUBT
    assert {t for t, f in EVENT_TYPES.items() if f.is_decision} == DECISIONS


# Process specification, section 1, "Links by id".
LINKS = {
    "weighed": ("repeats",),
    "entered_in_error": ("target",),
    "lead_named": ("replaces",),
    "letter_sent": ("completes",),
    "letter_acknowledged": ("letter",),
    "letter_read": ("letter",),
    "letter_found": ("letter",),
    "referral_closed": ("referral",),
    "handover_sent": ("completes",),
    "handover_accepted": ("handover",),
    "overridden": ("refused",),
    "disagreement_settled": ("disagreement",),
}


def test_which_events_name_others_by_id() -> None:
    assert {t: f.refers for t, f in EVENT_TYPES.items() if f.refers} == LINKS


# What an optional key is taken for where it is not said (process specification, section 1: false and true in brackets).
NOT_SAID: list[tuple[dict[str, Any], str, Any]] = [
    (but(), "date_certain", True),
    (form("contact", face_to_face=True), "weighed", False),
    (form("contact", face_to_face=True), "out_of_hours", False),
    (form("condition_diagnosed", condition="epilepsy"), "highest_risk", False),
    (form("was_not_brought", service="s"), "kind", "not_brought"),
    (form("parents_measured", mother_cm=160), "reported", False),
    (form("letter_sent", sender="a", to=[{"name": "b"}]), "urgent", False),
    (form("referral_made", to="a", kind="clinical", about="b"), "urgent", False),
    (form("request_made", kind="other", to=[{"name": "b"}], ask="c"), "urgent", False),
    (form("request_made", kind="other", to=[{"name": "b"}], ask="c"), "drafted", False),
    (form("answered", request="r", by="b", outcome="o"), "final", True),
    (form("declined", request="r", by="b", reason="o"), "by_family", False),
]


@pytest.mark.parametrize(("data", "name", "value"), NOT_SAID, ids=[f"{d['type']}.{n}" for d, n, _ in NOT_SAID])
def test_what_is_not_said_is_taken_for(data: dict[str, Any], name: str, value: Any) -> None:
    event = parse_event(data)
    assert getattr(event, name) == value and name not in event.to_dict()
    said = parse_event({**data, name: value})
    assert said == event and said.to_dict() == event.to_dict()


# --- what is no event -------------------------------------------------------------------------------------------


def test_what_is_no_event_is_refused() -> None:
    class Mine(Event, frozen=True):
        type: str = "mine"

    mine = Mine(**but(weight_kg=..., type=...))
    for wrong in (mine, 3):
        with pytest.raises(GrowthwatchError) as caught:
            as_event(wrong)
        assert caught.value.expected == "an event of one of the types of growthwatch.record"
    with pytest.raises(GrowthwatchError, match="an event of one of the types"):
        Record("c", [mine])
    with pytest.raises(GrowthwatchError, match="event: got 3, expected an object with named keys"):
        parse_event(3)  # type: ignore[arg-type]
    error = refusal({**but(), 3: "x"})
    assert (error.field, error.value, error.expected) == ("key", 3, "text")


@pytest.mark.parametrize("given", ["events", b"events", {"a": 1}, 3, None, object()])
def test_events_are_a_list(given: Any) -> None:
    with pytest.raises(GrowthwatchError) as caught:
        Record("c", given)
    assert (caught.value.field, caught.value.expected) == ("events", "a list of events")


@pytest.mark.parametrize(
    ("wrong", "more"), [(10, None), (11, "and 1 more wrong events"), (15, "and 5 more wrong events")]
)
def test_many_wrong_events_are_named_and_counted(wrong: int, more: str | None) -> None:
    with pytest.raises(GrowthwatchError) as caught:
        Record("c", [but(), *({**but(id=f"x{i}"), "weight_kg": 0} for i in range(wrong))])
    lines = str(caught.value).splitlines()
    named = [line for line in lines if line.startswith("events[")]
    assert lines[0].startswith("events[1]: event 'x0' (weighed): weight_kg: got 0, expected a finite number")
    assert len(named) == min(wrong, 10)
    assert (lines[len(named) :] or [None]) == [more]
    assert (caught.value.field, caught.value.value) == ("weight_kg", 0)


def test_an_event_that_is_text_is_named_by_its_place() -> None:
    with pytest.raises(
        GrowthwatchError, match=r"events\[1\]: event: got 'weighed', expected an object with named keys"
    ):
        Record("c", [but(), "weighed"])
