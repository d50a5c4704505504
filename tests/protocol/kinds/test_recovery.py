"""P8, to the day: the worked table of the specification, each limit, the watch plan, and what closes it.

Source: process specification, section 3, P8, and section 8.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from builders import Child
from processes import assert_alone, assert_every_day, closings, openings, the

TABLE = (
    ("2024-06-17", -2.20), ("2024-07-01", -2.12), ("2024-07-15", -2.18), ("2024-07-29", -2.22), ("2024-08-08", -2.00),
    ("2024-08-12", -1.99),
)  # fmt: skip


def boy(born: str = "2024-01-03", weights: tuple[tuple[str, float], ...] = (), **more: Any) -> Child:
    """Five months old and in T2 since Monday 3 June 2024, when he stood at -2.10 for the first time."""
    child = Child(born, sex="male", birth_kg=None, **more)
    start = (dt.date(2024, 6, 3) - child.birthday).days
    child.at_z(-1.75, start - 14, id="before").at_z(-2.10, start, id="start")
    for day, z in weights:
        child.at_z(z, (dt.date.fromisoformat(day) - child.birthday).days, id=day)
    return child


def test_his_tier_is_that_of_the_table() -> None:
    assert [boy().review(day).tier for day in ("2024-06-02", "2024-06-03")] == ["T0", "T2"]


# --- the worked table -----------------------------------------------------------------------------


def test_the_worked_table_to_the_day() -> None:
    child = boy(weights=TABLE)
    assert openings(child, "P8", "2024-09-30") == [("2024-06-18", "look"), ("2024-07-29", "refer")]
    assert closings(child, "P8", "2024-09-30") == [("2024-08-12", "2024-08-12")]
    # Five working days from Tuesday 18 June; two days from 29 July.
    assert [o.deadline.isoformat() for o in the(child, "P8", "2024-06-18").obligations] == ["2024-06-25"]
    assert [o.deadline.isoformat() for o in the(child, "P8", "2024-07-29").obligations if o.level == "refer"] == [
        "2024-07-31"
    ]


@pytest.mark.parametrize(("n", "level"), [(1, "look"), (2, "look"), (3, "look"), (4, "refer")])
def test_after_each_weight_of_the_table(n: int, level: str) -> None:
    day = TABLE[n - 1][0]
    child = boy(weights=TABLE[:n])
    after = max(day, "2024-06-18")
    assert the(child, "P8", after).level == level


def test_without_a_weight_it_is_referred_at_once_and_asked_again_after_two_periods() -> None:
    child = boy()
    assert openings(child, "P8", "2024-07-31") == [("2024-06-18", "refer"), ("2024-07-02", "again")]
    assert [o.deadline.isoformat() for o in the(child, "P8", "2024-06-18").obligations] == ["2024-06-20"]


@pytest.mark.parametrize(("z", "level"), [(-2.33, "refer"), (-2.32, "look")])
def test_a_third_of_a_space_below_it_is_referred_at_once(z: float, level: str) -> None:
    # 2/9 SD are 0.2222: -2.10 - 0.2222 = -2.3222.
    assert openings(boy(weights=(("2024-06-17", z),)), "P8", "2024-06-20") == [("2024-06-18", level)]


def test_a_third_of_a_space_regained_below_where_it_stood_is_no_recovery() -> None:
    child = boy(weights=(("2024-06-10", -2.40), ("2024-06-17", -2.15)))
    assert openings(child, "P8", "2024-06-20") == [("2024-06-18", "look")]


@pytest.mark.parametrize(("z", "recovered"), [(-1.88, False), (-1.87, True)])
def test_recovered_is_a_third_of_a_space(z: float, recovered: bool) -> None:
    # From -2.10: 0.2222 SD up is -1.8778.
    child = boy(weights=(("2024-06-17", z),))
    assert openings(child, "P8", "2024-06-20") == ([] if recovered else [("2024-06-18", "look")])


@pytest.mark.parametrize(("z", "recovered"), [(-2.11, False), (-2.10, True), (-2.09, True)])
def test_and_not_below_where_it_stood(z: float, recovered: bool) -> None:
    child = boy(weights=(("2024-06-10", -2.35), ("2024-06-17", z)))
    opened = openings(child, "P8", "2024-06-20")
    assert opened == ([] if recovered else [("2024-06-18", "look")])


def test_it_must_be_held_by_the_latest_weight() -> None:
    child = boy(weights=(("2024-06-10", -1.80), ("2024-06-17", -2.05)))
    assert openings(child, "P8", "2024-06-20") == [("2024-06-18", "look")]


@pytest.mark.parametrize(("z", "level"), [(-2.20, "look"), (-2.22, "refer")])
def test_falling_and_a_sixth_of_a_space_below_from_two_periods_on(z: float, level: str) -> None:
    # 1/9 SD are 0.1111: -2.2111.  From t0 + 29 on: Tuesday 2 July.
    child = boy(weights=(("2024-06-17", -2.15), ("2024-07-01", z)))
    assert openings(child, "P8", "2024-07-01") == [("2024-06-18", "look")]
    assert the(child, "P8", "2024-07-02").level == level


def test_no_weight_after_the_first_period_is_referred_from_two_periods_on() -> None:
    child = boy(weights=(("2024-06-17", -2.12),))
    assert openings(child, "P8", "2024-07-02") == [("2024-06-18", "look"), ("2024-07-02", "refer")]
    later = boy(weights=(("2024-06-17", -2.12), ("2024-06-18", -2.12)))
    assert openings(later, "P8", "2024-07-02") == [("2024-06-18", "look")]


def test_asked_again_a_period_after_the_referral() -> None:
    # Referred on 2 July: again from 16 July; at the earliest on t0 + 29.
    child = boy(weights=(("2024-06-17", -2.12),))
    assert openings(child, "P8", "2024-07-31") == [
        ("2024-06-18", "look"),
        ("2024-07-02", "refer"),
        ("2024-07-16", "again"),
    ]
    owner = [
        (o.owner, o.deadline.isoformat()) for o in the(child, "P8", "2024-07-16").obligations if o.level == "again"
    ]
    assert owner == [("team_lead", "2024-07-17")]


@pytest.mark.parametrize(
    ("born", "opens"),
    [
        # T2 since 3 June 2024; three months and one year old on that day, or a day short of it.
        ("2024-03-04", "2024-06-11"),
        ("2024-03-03", "2024-06-18"),
        ("2023-06-04", "2024-06-18"),
        ("2023-06-03", "2024-07-02"),
    ],
)
def test_the_period_goes_by_the_age_at_which_the_concern_began(born: str, opens: str) -> None:
    child = boy(born)
    assert child.review("2024-06-03").tier == "T2"
    assert [day for day, _ in openings(child, "P8", "2024-07-31")][:1] == [opens]


def test_the_example_of_a_year_old() -> None:
    # n = 28, t0 = 5 February 2024: 4 March no, 5 March yes; again from 2 April if referred on 5 March.
    child = Child("2022-12-01", sex="male", birth_kg=None)
    start = (dt.date(2024, 2, 5) - child.birthday).days
    child.at_z(-1.75, start - 28).at_z(-2.10, start)
    assert child.review("2024-02-05").tier == "T2" and child.review("2024-02-04").tier == "T0"
    assert openings(child, "P8", "2024-04-30") == [("2024-03-05", "refer"), ("2024-04-02", "again")]


# --- deeds ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("deed", "done"),
    [
        (lambda c: c.examined("2024-06-10", role="gp"), True),
        (lambda c: c.examined("2024-06-10", role="dietitian"), True),
        (lambda c: c.examined("2024-06-02", role="gp"), False),
        (lambda c: c.examined("2024-06-10", role="health_visitor"), False),
    ],
)
def test_a_look_since_the_concern_began_counts(deed: Any, done: bool) -> None:
    child = deed(boy(weights=TABLE[:1]))
    found = [o for o in the(child, "P8", "2024-06-18").obligations if o.level == "look"]
    assert [o.done_by is not None for o in found] == [done]


def test_a_referral_since_the_concern_began_counts() -> None:
    made = {"to": "paediatrics", "kind": "clinical", "about": "weight", "service": "paediatrics", "id": "made"}
    for day, done in (("2024-06-04", True), ("2024-06-01", False)):
        child = boy().add("referral_made", day, **made)
        found = [o for o in the(child, "P8", "2024-06-18").obligations if o.level == "refer" and o.rung == "E2"]
        assert [o.done_by == "made" for o in found] == [done], day


# P8 "refer": "Paediatric referral, 2 days, met by one made since t0".  Of what was declined the asker holds the duty to
# ask another, and nothing takes the place of what was withdrawn (section 2): neither is a referral that stands.  Without
# a weight it opens on 18 June; 14 June is a Friday.
REFERRED = ("referral_made", {"to": "Dr Fox", "kind": "clinical", "service": "paediatrics", "about": "weight"})
REVIEW = ("request_made", {"kind": "paediatric_review", "to": [{"name": "Dr Fox"}], "ask": "please see him"})
NO = ("declined", {"by": "Dr Fox", "reason": "not ours"})
TAKEN_ON = ("acknowledged", {"by": "Dr Fox", "will_do": "see him", "by_when": "2024-06-28"})
BACK = ("withdrawn", {"reason": "he was better", "role": "team_lead"})


@pytest.mark.parametrize("asked", [REFERRED, REVIEW])
@pytest.mark.parametrize(
    ("said", "done"),
    [
        ([], True),
        ([("2024-06-17", NO)], False),
        ([("2024-06-18", NO)], False),
        ([("2024-06-19", NO)], True),  # what was done is done: the request itself asks for another now
        ([("2024-06-14", NO), ("2024-06-17", TAKEN_ON)], True),
        ([("2024-06-14", TAKEN_ON), ("2024-06-17", NO)], False),
        ([("2024-06-17", BACK)], False),
    ],
)
def test_a_referral_that_was_declined_or_withdrawn_is_none(asked: Any, said: list[Any], done: bool) -> None:
    child = boy().led("2024-06-03").add(asked[0], "2024-06-14", id="r", **asked[1])
    for day, (type, fields) in said:
        child.add(type, day, request="r", **fields)
    deeds = [o for o in the(child, "P8", "2024-06-19").obligations if o.level == "refer"]
    assert [o.done_on is not None for o in deeds] == [done]
    assert deeds[0].deadline.isoformat() == "2024-06-20"


def test_a_referral_after_the_one_that_was_declined_counts() -> None:
    child = boy().add(REFERRED[0], "2024-06-13", id="r", **REFERRED[1]).add(NO[0], "2024-06-14", request="r", **NO[1])
    child.add(REFERRED[0], "2024-06-17", id="r2", **REFERRED[1] | {"to": "Dr Gil"})
    (deed,) = [o for o in the(child, "P8", "2024-06-19").obligations if o.level == "refer"]
    assert (deed.done_by, str(deed.done_on)) == ("r2", "2024-06-17")


def test_one_of_two_who_were_asked_declining_leaves_the_other_asked() -> None:
    to = [{"name": "Dr Fox"}, {"name": "Dr Gil"}]
    child = boy().add(REVIEW[0], "2024-06-13", id="r", **REVIEW[1] | {"to": to})
    child.add(NO[0], "2024-06-14", request="r", **NO[1])
    deeds = [o for o in the(child, "P8", "2024-06-19").obligations if o.do.startswith("Refer")]
    assert [o.done_on is not None for o in deeds] == [True]
    child.add(NO[0], "2024-06-17", request="r", **NO[1] | {"by": "Dr Gil"})
    deeds = [o for o in the(child, "P8", "2024-06-19").obligations if o.do.startswith("Refer")]
    assert [o.done_on is not None for o in deeds] == [False]


def test_again_is_met_by_ringing_about_the_referral() -> None:
    made = {"to": "paediatrics", "kind": "clinical", "about": "weight", "service": "paediatrics", "id": "made"}
    child = boy().add("referral_made", "2024-06-18", **made)
    child.add("chased", "2024-07-01", request="made", how="telephone", role="team_lead")
    late = child.copy().add("chased", "2024-07-02", request="made", how="telephone", role="team_lead")

    def done(c: Child) -> list[bool]:
        return [o.done_by is not None for o in the(c, "P8", "2024-07-03").obligations if o.level == "again"]

    assert (done(child), done(late)) == ([False], [True])


# --- doubt ----------------------------------------------------------------------------------------


def test_a_weight_doubted_as_too_low_is_never_a_recovery_and_its_depth_waits() -> None:
    # A jump of more than any likely fall, by a clothed child's scale: doubted.
    child = boy(weights=(("2024-06-17", -2.12),))
    child.at_z(-5.5, (dt.date(2024, 7, 1) - child.birthday).days, id="doubted")
    assert child.record.event("doubted")
    weights = (
        {w.event: w for w in child.review("2024-07-01").weights}
        if hasattr(child.review("2024-07-01"), "weights")
        else {}
    )
    assert openings(child, "P8", "2024-07-01") == [("2024-06-18", "look")], weights


def test_it_never_closes_by_time_or_a_lower_weight() -> None:
    child = boy(weights=TABLE[:4])
    assert closings(child, "P8", "2025-06-30") == []


# --- what it says ---------------------------------------------------------------------------------


def test_what_it_says() -> None:
    child = boy(weights=TABLE[:4])
    assert the(child, "P8", "2024-06-18").says == (
        "Concern since 3 June 2024: not yet regained, and not clearly falling. Ask the GP or a dietitian to look."
    )
    assert the(child, "P8", "2024-07-29").says == (
        "Concern since 3 June 2024, and the child has not regained what it lost. Refer now; do not wait for the next weight."
    )


# --- the watch plan -------------------------------------------------------------------------------


def needy(weights: tuple[tuple[str, float], ...] = TABLE[:1], **more: Any) -> Child:
    """The same boy with cerebral palsy of the highest need, measured, with no danger signs, and a watch plan."""
    child = boy(weights=weights, **{"gmfcs": 5} | {k: v for k, v in more.items() if k == "gmfcs"})
    length, signs = more.get("length", "2024-06-01"), more.get("signs", "2024-06-10")
    if length is not None:
        child.add("measured", length, measure="height", value_cm=62.0)
    if signs is not None:
        child.contact(signs, danger_signs="none")
    plan: dict[str, Any] = {
        "plan": "watch",
        "role": "paediatrician",
        "limit_kg": child.kg(-3.0, (dt.date(2024, 6, 10) - child.birthday).days),
        "dietitian": "Dee",
        "review_by": dt.date(2024, 9, 10),
        "outcome_for_child": "6 kg",
        "id": "plan",
    }
    return child.plan("2024-06-10", **plan | more.get("plan", {}))


def test_while_a_watch_plan_holds_it_is_at_most_a_look() -> None:
    weights = tuple((f"2024-{m:02}-{d:02}", -2.40) for m, d in ((6, 17), (6, 24), (7, 1), (7, 8)))
    held = needy(weights)
    assert held.review("2024-06-18").refused == ()
    assert openings(held, "P8", "2024-07-08") == [("2024-06-18", "look")]
    says = the(held, "P8", "2024-06-18").says
    assert says.startswith("Watched under the plan of 10 June 2024: not below ") and says.endswith(
        "; Dee; until 10 September 2024."
    )


@pytest.mark.parametrize(
    "more",
    [
        {"plan": {"role": "gp"}},
        {"plan": {"dietitian": None}},
        {"plan": {"limit_kg": None}},
        {"length": None},
        {"length": "2024-03-11"},
        {"signs": None},
        {"signs": "2024-06-02"},
        {"gmfcs": 1},
    ],
)
def test_a_watch_plan_that_lacks_a_part_holds_nothing(more: dict[str, Any]) -> None:
    child = needy((("2024-06-17", -2.40),), **more)
    assert "refer" in [level for _, level in openings(child, "P8", "2024-06-20")]


@pytest.mark.parametrize(("length", "signs"), [("2024-03-12", "2024-06-10"), ("2024-06-01", "2024-06-03")])
def test_a_length_of_ninety_days_and_signs_of_seven_are_enough(length: str, signs: str) -> None:
    child = needy((("2024-06-17", -2.40),), length=length, signs=signs)
    assert openings(child, "P8", "2024-06-20") == [("2024-06-18", "look")]


def below(kg: float = 0.01) -> Child:
    """Under a watch plan whose limit the weight of 24 June is so far below."""
    limit = round(boy().kg(-2.40, (dt.date(2024, 6, 10) - dt.date(2024, 1, 3)).days), 2)
    child = needy((("2024-06-17", -2.40),), plan={"limit_kg": limit})
    return child.weigh(round(limit - kg, 2), "2024-06-24", id="below")


def test_a_valid_weight_below_its_limit_ends_it_the_same_day() -> None:
    child = below()
    assert openings(child, "P8", "2024-06-24") == [("2024-06-18", "look"), ("2024-06-24", "below limit")]
    assert openings(below(0.0), "P8", "2024-06-24") == [("2024-06-18", "look")]
    found = the(child, "P8", "2024-06-24")
    assert found.loudness == "interrupt"
    kg = child.record.event("below").weight_kg  # pyright: ignore[reportAttributeAccessIssue]
    assert found.says == f"{kg:.2f} kg on 24 June 2024, below the limit of the watch plan. Refer now."
    today = [o.deadline.isoformat() for o in found.obligations if o.level == "below limit"]
    assert today == ["2024-06-24"]


def test_when_the_hold_ends_its_deeds_have_their_time_anew() -> None:
    # No weight since 17 June: it lapses on 4 July, and the plan holds nothing any more.
    child = needy((("2024-06-17", -2.40),))
    assert openings(child, "P8", "2024-07-04") == [("2024-06-18", "look"), ("2024-07-04", "refer")]
    duties = [o for o in the(child, "P8", "2024-07-05").obligations if o.replaced_on is None]
    # Thursday 4 July: five working days, and two days.
    assert [(o.level, o.deadline.isoformat()) for o in duties] == [("look", "2024-07-11"), ("refer", "2024-07-06")]


def test_a_danger_sign_ends_the_hold() -> None:
    child = needy((("2024-06-17", -2.40),)).sign("sunken_eyes", "2024-06-20")
    assert openings(child, "P8", "2024-06-20") == [("2024-06-18", "look"), ("2024-06-20", "refer")]


def test_a_plan_holds_to_its_last_day_and_three_months_at_most() -> None:
    weights = tuple((f"2024-06-{d:02}", -2.40) for d in (17, 24))
    child = needy(weights, plan={"review_by": dt.date(2024, 6, 26)})
    assert openings(child, "P8", "2024-06-30") == [("2024-06-18", "look"), ("2024-06-27", "refer")]


# --- promises -------------------------------------------------------------------------------------


def many() -> list[tuple[Child, str]]:
    return [
        (boy(weights=TABLE[:1]), "2024-06-19"),
        (boy(weights=TABLE[:4]), "2024-07-30"),
        (boy(), "2024-06-19"),
        (boy(), "2024-07-03"),
        (needy((("2024-06-17", -2.40),)), "2024-06-19"),
        (below(), "2024-06-25"),
    ]


@pytest.mark.parametrize("n", range(len(many())))
def test_every_day_gives_the_same_and_so_does_its_witness_alone(n: int) -> None:
    child, day = many()[n]
    assert_every_day(child, "2024-10-31")
    assert_alone(child, "P8", day)


# --- "any other weight below it: weigh again today" ------------------------------------------------------------------------


@pytest.mark.parametrize("clothing", ["clothed", "light_clothes"])
def test_a_weight_that_is_not_sure_below_the_limit_is_weighed_again_today(clothing: str) -> None:
    held = needy((("2024-06-17", -2.40),))
    limit = held.kg(-3.0, (dt.date(2024, 6, 10) - held.birthday).days)
    held.weigh(round(limit - 0.01, 2), "2024-06-20", clothing=clothing, id="low")
    r = held.review("2024-06-20")
    assert "below limit" not in {f.level for f in r.findings if f.rule == "P8"}, "the plan goes on: it is not sure"
    (again,) = [o for o in r.obligations if o.key == "weight@low"]
    assert again.deadline == dt.date(2024, 6, 20) and r.due.asked_by == dt.date(2024, 6, 20) and not again.overdue
    assert r.changes_on == dt.date(2024, 6, 21)
    assert [o.overdue for o in held.review("2024-06-21").obligations if o.key == "weight@low"] == [True]
    held.weigh(round(limit + 0.3, 2), "2024-06-21")
    assert not [o for o in held.review("2024-06-21").obligations if o.key == "weight@low"]


def test_above_the_limit_or_without_the_plan_nothing_is_asked_by_it() -> None:
    held = needy((("2024-06-17", -2.40),))
    limit = held.kg(-3.0, (dt.date(2024, 6, 10) - held.birthday).days)
    held.weigh(round(limit + 0.02, 2), "2024-06-20", clothing="clothed", id="high")
    assert not [o for o in held.review("2024-06-20").obligations if o.key == "weight@high"]
    none = needy((("2024-06-17", -2.40),), plan={"dietitian": None})
    none.weigh(round(limit - 0.01, 2), "2024-06-20", clothing="clothed", id="low")
    assert not [o for o in none.review("2024-06-20").obligations if o.key == "weight@low"]
