"""Hypothesis strategies for events and records."""

from __future__ import annotations

import datetime as dt
from typing import Any, get_args

from hypothesis import strategies as st

from growthwatch.record import (
    EVENT_TYPES,
    Condition,
    Contact,
    EnteredInError,
    Event,
    Level,
    Record,
    Role,
    Sign,
    parse_event,
)

OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda m: dt.timezone(dt.timedelta(minutes=m)))


def chosen_ids(size: int = 12) -> st.SearchStrategy[str]:
    """Few ids, so that they meet."""
    return st.sampled_from([f"e{i}" for i in range(size)])


free_ids = st.text(st.characters(exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp", "Zs"]), min_size=1, max_size=20)
texts = st.text(
    st.one_of(st.characters(exclude_categories=["Cc", "Cs"]), st.sampled_from("\n\t\r")), min_size=1, max_size=30
).filter(lambda t: t.strip())
days = st.dates(dt.date(2020, 1, 1), dt.date(2026, 12, 31))
clocks = st.times().map(lambda t: t.replace(fold=0))
_moments = st.datetimes(
    dt.datetime(2020, 1, 2),  # noqa: DTZ001
    dt.datetime(2026, 12, 30),  # noqa: DTZ001
    timezones=OFFSETS,
)
instants = _moments | _moments.map(lambda t: t.replace(microsecond=0))
positive = st.floats(min_value=0, exclude_min=True, allow_nan=False, allow_infinity=False)
signs = st.lists(st.sampled_from(list(Sign)), unique=True)
recipients = st.fixed_dictionaries({"name": texts}, optional={"expectation": st.none() | texts})
conditions = st.sampled_from(get_args(Condition))
levels = st.sampled_from(get_args(Level))
roles = st.one_of(st.sampled_from(list(Role)), st.sampled_from([r.value for r in Role]))


def _own_fields(ids: st.SearchStrategy[str]) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """Return for each type its required fields and its optional fields."""
    b = st.booleans()
    note = st.none() | texts
    ids_or_none = st.none() | ids
    day_or_none = st.none() | days
    return {
        "born": (
            {},
            {"sex": st.sampled_from(["male", "female", None]), "gestation_days": st.none() | st.integers(140, 315)},
        ),
        "weighed": (
            {"weight_kg": positive},
            {
                "clothing": st.sampled_from(["naked", "nappy", "vest_and_pants", "light_clothes", "clothed", None]),
                "scale": st.sampled_from(["class_iii", "other", None]),
                "date_certain": b,
                "setting": note,
                "repeats": ids_or_none,
            },
        ),
        "measured": (
            {"measure": st.sampled_from(["height", "head", "arm"]), "value_cm": positive},
            {"position": st.sampled_from(["lying", "standing", None])},
        ),
        "contact": (
            {"face_to_face": b},
            {"weighed": b, "out_of_hours": b, "service": note, "about": note, "advice": note},
        ),
        "concern": ({"raised_by": texts, "about": texts}, {"explained_as": note}),
        "sign_recorded": ({"signs": signs.filter(bool)}, {"about": note}),
        "illness_recorded": ({"illness": texts}, {"signs": signs}),
        "examined": ({"outcome": texts}, {"answers": st.lists(free_ids, unique=True, max_size=3)}),
        "was_not_brought": (
            {"service": texts},
            {"kind": st.sampled_from(["not_brought", "cancelled", "refused", "no_access"])},
        ),
        "condition_diagnosed": ({"condition": conditions}, {"high_need": st.none() | b, "description": note}),
        "condition_ended": ({"condition": conditions, "reason": texts}, {}),
        "letter_sent": (
            {"sender": texts, "to": st.lists(recipients, min_size=1, max_size=3)},
            {
                "copies": st.lists(recipients, max_size=3),
                "summary": note,
                "purpose": note,
                "requested_action": note,
                "action_owner": note,
                "respond_by": day_or_none,
            },
        ),
        "letter_acknowledged": ({"letter": ids, "by": texts}, {"will_do": note, "by_when": day_or_none}),
        "letter_found": ({"letter": ids, "by": texts}, {}),
        "referral_made": (
            {
                "to": texts,
                "kind": st.sampled_from(["safeguarding", "social_care_support", "clinical"]),
                "about": texts,
            },
            {},
        ),
        "referral_closed": ({"referral": ids, "outcome": texts, "action_taken": b}, {}),
        "lead_named": ({"name": texts, "lead_role": roles}, {"level": note}),
        "lead_left": ({}, {"reason": note}),
        "level_changed": (
            {"to": levels},
            {"from": st.none() | levels, "plan_transferred": st.none() | b, "accepted_by": note},
        ),
        "handover_sent": (
            {"sender": texts, "recipient": texts},
            {"contains": st.lists(texts, max_size=3), "missing": st.lists(texts, max_size=3)},
        ),
        "handover_accepted": ({"by": texts}, {"handover": ids_or_none}),
        "protection_plan": ({"state": st.sampled_from(["began", "ended"])}, {"category": note}),
        "strategy_discussion": ({}, {"outcome": note}),
        "admission": ({}, {"hospital": note}),
        "discharged": ({}, {"hospital": note, "plan": note}),
        "moved_away": ({}, {"to_area": note}),
        "died": ({}, {}),
        "entered_in_error": ({"target": ids, "reason": texts}, {}),
        "plan_signed": (
            {"plan": st.sampled_from(["care", "condition", "sick_day"]), "reason": texts},
            {
                "floor_days": st.none() | st.integers(1, 10**6),
                "reference": note,
                "review_by": day_or_none,
                "outcome_for_child": note,
            },
        ),
        "decision_signed": (
            {
                "decision": st.sampled_from(["close_finding", "lower_tier", "confirm_weight", "other"]),
                "reason": texts,
                "target": ids,
                "tier": st.sampled_from(["T0", "T1", "T2"]),
            },
            {},
        ),
        "protocol_adopted": ({"protocol": texts, "hash": texts}, {}),
    }


def _refers_to_itself(data: dict[str, Any]) -> bool:
    names = ("corrects", "target", *EVENT_TYPES[data["type"]].refers)
    return any(data.get(name) == data["id"] for name in names)


def event_data(
    kind: str | None = None, ids: st.SearchStrategy[str] | None = None, corrects: bool = True
) -> st.SearchStrategy[dict[str, Any]]:
    """Mappings that are events, as a tool would write them."""
    if ids is None:
        ids = free_ids
    if kind is None:
        return st.sampled_from(sorted(EVENT_TYPES)).flatmap(lambda k: event_data(k, ids, corrects))
    required, optional = _own_fields(ids)[kind]
    shared = {"time": st.none() | clocks, "note": st.none() | texts}
    if corrects and kind != "entered_in_error":
        shared["corrects"] = st.none() | ids
    made = st.fixed_dictionaries(
        {
            "id": ids,
            "type": st.just(kind),
            "on": days,
            "recorded_at": instants,
            "actor": texts,
            "role": roles,
            **required,
        },
        optional={**shared, **optional},
    ).filter(lambda d: not _refers_to_itself(d))
    if kind == "condition_diagnosed":

        def with_more(d: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
            if d["condition"] == "cerebral_palsy":
                return (st.none() | st.integers(1, 5)).map(lambda g: {**d, "gmfcs": g})
            if d["condition"] == "congenital_heart_disease":
                return st.booleans().map(lambda h: {**d, "highest_risk": h})
            return st.just(d)

        return made.flatmap(with_more)
    return made


def events(
    kind: str | None = None, ids: st.SearchStrategy[str] | None = None, corrects: bool = True
) -> st.SearchStrategy[Event]:
    """Events of one type, or of any."""
    return event_data(kind, ids, corrects).map(parse_event)


def event_lists(kind: str | None = None, corrects: bool = True, max_size: int = 8) -> st.SearchStrategy[list[Event]]:
    """Events with different ids, which may refer to each other."""
    return st.lists(events(kind, chosen_ids(), corrects), max_size=max_size, unique_by=lambda e: e.id)


def records(kind: str | None = None, corrects: bool = True, max_size: int = 8) -> st.SearchStrategy[Record]:
    """Records of one child."""
    return event_lists(kind, corrects, max_size).map(lambda es: Record("child", es))


def linked_lists(max_size: int = 7) -> st.SearchStrategy[list[Event]]:
    """Contacts and error marks that correct and mark each other, in circles too."""

    def make(rows: list[tuple[int, int | None, bool]]) -> list[Event]:
        out: list[Event] = []
        for i, (hour, target, mark) in enumerate(rows):
            base: dict[str, Any] = {
                "id": f"e{i}",
                "on": dt.date(2024, 1, 1),
                "recorded_at": dt.datetime(2024, 1, 1, hour, tzinfo=dt.UTC),
                "actor": "hv1",
                "role": Role.HEALTH_VISITOR,
            }
            link = None if target is None or target == i else f"e{target}"
            if mark and link:
                out.append(EnteredInError(**base, target=link, reason="wrong child"))
            else:
                out.append(Contact(**base, face_to_face=True, corrects=link))
        return out

    row = st.tuples(st.integers(0, 5), st.none() | st.integers(0, max_size), st.booleans())
    return st.lists(row, max_size=max_size).map(make)
