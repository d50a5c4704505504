"""Hypothesis strategies for events and records."""

from __future__ import annotations

import datetime as dt
from typing import Any, get_args

from hypothesis import strategies as st

from growthwatch.core.plain import has_unseen
from growthwatch.record import (
    EVENT_TYPES,
    Condition,
    Contact,
    EnteredInError,
    Event,
    Level,
    Record,
    Role,
    ServiceKind,
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
names = texts.map(lambda t: "".join(c for c in t if not has_unseen(c))).filter(lambda t: t.strip())
"""Names of people, teams and organisations: without characters that have no shape."""
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
roles = st.one_of(st.sampled_from(list(Role)), st.sampled_from([r.value for r in Role]))
recipients = st.fixed_dictionaries(
    {"name": names},
    optional={
        "expectation": st.none() | texts,
        "role": st.none() | roles,
        "expects": st.sampled_from(["act", "answer", "know", None]),
    },
)
conditions = st.sampled_from(get_args(Condition))
levels = st.sampled_from(get_args(Level))
keys = st.lists(free_ids, unique=True, max_size=3)
outcomes = st.fixed_dictionaries(
    {
        "what": st.sampled_from(["weight_kg", "weight_centile", "length_cm", "feed_minutes", "wet_nappies", "other"]),
        "target": positive,
        "unit": texts,
        "by": days,
    }
)
starts = st.fixed_dictionaries({"due": days | st.just("FD"), "set_to": days})


def _own_fields(ids: st.SearchStrategy[str]) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """Return for each type its required fields and its optional fields."""
    b = st.booleans()
    note, name = st.none() | texts, st.none() | names
    ids_or_none = st.none() | ids
    day_or_none = st.none() | days
    found = st.sampled_from(["none", "present", "not_asked", None])
    asked = st.sampled_from(["asked", "declined", None])
    told = {"family_told": st.sampled_from(["agreed", "disagreed", "not_told", None]), "not_told_because": note}
    well = {"temperature_c": st.none() | st.floats(20, 46), "well": st.none() | b}
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
                "weighed_by": st.sampled_from(["professional", "family", None]),
                "witnessed_by": name,
                "scale_id": note,
                "scale_checked_on": day_or_none,
            },
        ),
        "measured": (
            {"measure": st.sampled_from(["height", "head", "arm", "triceps_skinfold"]), "value_cm": positive},
            {"position": st.sampled_from(["lying", "standing", None])},
        ),
        "contact": (
            {"face_to_face": b},
            {
                "weighed": b,
                "out_of_hours": b,
                "service": name,
                "about": note,
                "advice": note,
                "danger_signs": found,
                "advice_sought": st.sampled_from(["yes", "no", "not_asked", None]),
                "not_weighed_because": note,
                "presentation": note,
            },
        ),
        "concern": (
            {"raised_by": names, "about": texts},
            {
                "explained_as": note,
                "topics": st.lists(st.sampled_from(["weight", "feeding", "intake", "looks", "other"]), unique=True),
            },
        ),
        "sign_recorded": ({"signs": signs.filter(bool)}, {"about": note, **well}),
        "illness_recorded": ({"illness": texts}, {"signs": signs, **well}),
        "examined": (
            {"outcome": texts},
            {
                "answers": keys,
                "length": st.sampled_from(["normal", "not_normal", None]),
                "feeding": st.sampled_from(["normal", "not_normal", None]),
                "danger_signs": found,
                "oedema": st.sampled_from(["none", "present", None]),
                "feed_observed": st.none() | b,
                "history_taken": st.none() | b,
                "explanation": st.sampled_from(["found", "none_found", None]),
            },
        ),
        "was_not_brought": (
            {"service": names},
            {
                "kind": st.sampled_from(["not_brought", "cancelled", "refused", "no_access", "cancelled_by_service"]),
                "moved_to": day_or_none,
                "service_kind": st.none() | st.sampled_from(get_args(ServiceKind)),
            },
        ),
        "condition_diagnosed": ({"condition": conditions}, {"high_need": st.none() | b, "description": note}),
        "condition_ended": ({"condition": conditions, "reason": texts}, {}),
        "letter_sent": (
            {"sender": names, "to": st.lists(recipients, min_size=1, max_size=3)},
            {
                "copies": st.lists(recipients, max_size=3),
                "summary": note,
                "purpose": note,
                "requested_action": note,
                "action_owner": name,
                "respond_by": day_or_none,
                "asks": st.none() | b,
                "findings": keys,
                "urgent": b,
                "completes": ids_or_none,
            },
        ),
        "letter_acknowledged": (
            {"letter": ids, "by": names},
            {"will_do": note, "by_when": day_or_none, "on_behalf_of": name, "needs": note},
        ),
        "letter_found": ({"letter": ids, "by": names}, {}),
        "referral_made": (
            {
                "to": names,
                "kind": st.sampled_from(["safeguarding", "social_care_support", "clinical"]),
                "about": texts,
            },
            {
                "service": st.sampled_from(["social_care", "disability_service", "paediatrics", "other", None]),
                "findings": keys,
                "urgent": b,
                "respond_by": day_or_none,
                **told,
            },
        ),
        "referral_closed": ({"referral": ids, "outcome": texts, "action_taken": b}, {}),
        "lead_named": (
            {"name": names, "lead_role": roles},
            {
                "level": note,
                "replaces": ids_or_none,
                "deputy": name,
                "deputy_role": st.none() | roles,
                "supervisor": name,
            },
        ),
        "lead_left": ({}, {"reason": note, "name": name}),
        "level_changed": (
            {"to": levels},
            {"from": st.none() | levels, "plan_transferred": st.none() | b, "accepted_by": name},
        ),
        "handover_sent": (
            {"sender": names, "recipient": names},
            {
                "contains": st.lists(texts, max_size=3),
                "missing": st.lists(texts, max_size=3),
                "items": st.lists(st.sampled_from(["schedule", "open_findings", "risks", "plan"]), unique=True),
                "schooling": st.sampled_from(["school", "home_educated", "not_at_school", None]),
                "completes": ids_or_none,
            },
        ),
        "handover_accepted": ({"by": names}, {"handover": ids_or_none, "lead": name, "lead_role": st.none() | roles}),
        "protection_plan": ({"state": st.sampled_from(["began", "ended"])}, {"category": note}),
        "strategy_discussion": (
            {},
            {
                "outcome": note,
                "section_47": st.none() | b,
                "health_present": st.none() | b,
                "disability_present": st.none() | b,
            },
        ),
        "admission": ({}, {"hospital": name}),
        "discharged": ({}, {"hospital": name, "plan": note}),
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
                "outcome": st.none() | outcomes,
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
        "protocol_adopted": ({"protocol": texts, "hash": texts}, {"starts": st.lists(starts, max_size=2)}),
        "request_made": (
            {
                "kind": st.sampled_from(["paediatric_review", "dietetic_review", "supervision", "other"]),
                "to": st.lists(recipients, min_size=1, max_size=3),
                "ask": texts,
            },
            {"findings": keys, "respond_by": day_or_none, "urgent": b, "drafted": b, "about": note, **told},
        ),
        "request_sent": ({"request": ids}, {}),
        "acknowledged": (
            {"request": ids, "by": names},
            {"on_behalf_of": name, "will_do": note, "by_when": day_or_none, "needs": note},
        ),
        "answered": ({"request": ids, "by": names, "outcome": texts}, {"action_taken": st.none() | b, "final": b}),
        "declined": ({"request": ids, "by": names, "reason": texts}, {"by_family": b}),
        "chased": (
            {"request": ids, "how": st.sampled_from(["telephone", "visit", "message"])},
            {"recipient": name, "spoke_to": name},
        ),
        "explained": (
            {"target": ids, "as": st.sampled_from(["condition", "feeding", "entry_error", "other"]), "words": texts},
            {},
        ),
        "advice_reported": ({"advice_on": days, "given_by": names, "reported_by": names, "about": texts}, {}),
        "carer_asked": (
            {},
            {"history": asked, "sleep": asked, "support": asked, "safety": asked, "exhausted": st.none() | b},
        ),
        "lead_away": (
            {"from": st.dates(dt.date(2020, 1, 1), dt.date(2023, 1, 1))},
            {
                "until": st.none() | st.dates(dt.date(2023, 1, 1), dt.date(2026, 1, 1)),
                "cover": name,
                "cover_role": st.none() | roles,
            },
        ),
        "sibling_known": ({"sibling": names}, {}),
        "service_allocated": ({"service": names, "worker": names}, {}),
        "disagreement_raised": (
            {"about": ids, "with": names, "risk_now": texts, "decision_wanted": texts, "stage": st.integers(1, 4)},
            {},
        ),
        "disagreement_settled": (
            {"disagreement": ids, "how": st.sampled_from(["agreed", "changed", "upheld"]), "by": names},
            {},
        ),
        "conference_held": (
            {"kind": st.sampled_from(["initial", "core_group", "review"])},
            {"weight_trend_shown": st.none() | b},
        ),
        "moved_in": ({}, {"from_area": note}),
        "parents_measured": ({"mother_cm": positive}, {"father_cm": st.none() | positive, "reported": b}),
        "letter_read": ({"letter": ids, "by": names, "asks_of_us": texts}, {}),
        "list_read": ({"list": texts, "by": names}, {}),
        "snoozed": (
            {
                "target": ids,
                "until": days,
                "why": st.sampled_from(["family_away", "in_hospital", "appointment_booked", "equipment", "other"]),
                "reason": texts,
            },
            {},
        ),
        "withdrawn": ({"request": ids, "reason": texts}, {}),
        "overridden": (
            {"refused": ids, "because": texts, "risk_now": texts, "safeguards": texts, "review_by": days},
            {"training_on": day_or_none},
        ),
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
            "actor": names,
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
