"""A refused decision that is carried out all the same: by whom, for how long, and what comes back.

Source: process specification, section 5, Override.  The child was born on 15 January 2024 and is below the 2nd centile
(G4, T2) on day 200; day 204 is Tuesday 6 August 2024, so that one working day later is Wednesday 7 August (205).
"""

from __future__ import annotations

from typing import Any

import pytest
from builders import HV, Child

import growthwatch.protocol as gwp
from growthwatch.protocol import Review

ON = 204


def refused(decision: str = "lower_tier", **more: Any) -> Child:
    child = Child(birth_kg=None).led().at_z(-2.1, 200)
    fields = {"tier": "T0"} if decision == "lower_tier" else {}
    return child.decide(ON, decision, id="no", actor="Ann", **fields | more)


def carried(child: Child, days: int = 14, day: int = ON, **more: Any) -> Child:
    texts = {"because": "a small family", "risk_now": "low", "safeguards": "weekly weights"}
    fields = {"role": "paediatrician", "actor": "Dr Vale", "review_by": child.date(day + days), "refused": "no"}
    return child.add("overridden", day, id="ov", **fields | texts | more)


def why(child: Child, day: int = ON) -> list[str]:
    return [w for id, w in child.review(day).refused if id == "ov"]


def keys(r: Review) -> set[str]:
    return {f.key for f in r.findings}


def told(r: Review) -> Any:
    return r.tier, r.owner, [(f.key, f.level) for f in r.findings if f.rule not in ("OV", "P7", "Q1")]


@pytest.mark.parametrize("role", ["paediatrician", "named_nurse", "team_lead"])
def test_a_graver_role_carries_it_out_for_at_most_fourteen_days(role: str) -> None:
    child = carried(refused(), role=role)
    assert why(child) == []
    assert [child.review(day).tier for day in (ON, ON + 14, ON + 15)] == ["T0", "T0", "T2"]


@pytest.mark.parametrize(
    ("more", "days", "reasons"),
    [
        ({"role": "gp"}, 14, ["signed by GP; only paediatrician or named nurse or team lead can"]),
        ({"actor": " ann"}, 14, ["somebody else than the one refused must sign it"]),
        ({}, 15, ["review_by is 15 days ahead; the longest is 14 days"]),
        ({"refused": "nothing"}, 14, ["no refused decision nothing is known"]),
        (
            {"role": "gp", "actor": "Ann"},
            15,
            [
                "signed by GP; only paediatrician or named nurse or team lead can",
                "somebody else than the one refused must sign it",
                "review_by is 15 days ahead; the longest is 14 days",
            ],
        ),
    ],
)
def test_an_override_is_refused_and_each_reason_is_listed(more: Any, days: int, reasons: list[str]) -> None:
    child = carried(refused(), days, **more)
    assert why(child) == ["; ".join(reasons)]
    assert told(child.review(ON)) == told(refused().review(ON))


@pytest.mark.parametrize("text", ["because", "risk_now", "safeguards", "review_by"])
def test_all_four_texts_are_needed_for_an_override_to_be_one(text: str) -> None:
    child = carried(refused())
    del child.events[-1][text]
    with pytest.raises(ValueError, match=text):
        _ = child.record


def test_the_named_nurse_reads_it_within_one_working_day() -> None:
    child = carried(refused())
    ov = next(f for f in child.review(ON).findings if f.rule == "OV")
    assert (ov.key, ov.loudness, ov.stage) == ("OV:ov@start", "daily", "E2")
    (deed,) = ov.obligations
    assert (deed.owner, child.age(deed.deadline)) == ("named_nurse", 205)
    said = {"request": ov.key, "by": "Nia", "will_do": "visit", "by_when": child.date(206)}
    assert ov.key not in keys(child.copy().add("acknowledged", 205, role="named_nurse", **said).review(205))
    # To say that one has it, without what and by when, is not to have read it; nor does somebody else read it for her.
    assert ov.key in keys(
        child.copy().add("acknowledged", 205, role="named_nurse", request=ov.key, by="Nia").review(205)
    )
    assert ov.key in keys(child.copy().add("acknowledged", 205, role="health_visitor", **said).review(205))
    assert ov.key in keys(child.copy().add("acknowledged", 205, actor="Dr Vale", **said).review(205))


def test_where_the_named_nurse_signed_the_designated_nurse_reads_it() -> None:
    ov = next(f for f in carried(refused(), role="named_nurse").review(ON).findings if f.rule == "OV")
    assert [o.owner for o in ov.obligations] == ["designated_nurse"]


def test_a_finding_that_was_closed_comes_back_as_if_it_had_never_been() -> None:
    child = carried(refused("close_finding", target="G4@start"), 7)
    assert "G4@start" not in keys(child.review(ON)) and "G4@start" not in keys(child.review(ON + 7))
    after = next(f for f in child.review(ON + 8).findings if f.rule == "G4")
    without = next(f for f in refused().review(ON + 8).findings if f.rule == "G4")
    assert (after.key, after.opened_on, after.level) == (without.key, without.opened_on, without.level)
    assert [(o.do, o.set_on, o.deadline) for o in after.obligations][:4] == [
        (o.do, o.set_on, o.deadline) for o in without.obligations
    ][:4]


@pytest.mark.parametrize("decision", ["lower_tier", "close_finding"])
@pytest.mark.parametrize("later", [[], [(-2.12, 214)], [(-2.5, 212)], [(-2.1, 221), (-2.1, 230)]])
def test_without_the_override_the_same_is_open_after_review_by(decision: str, later: list[tuple[float, int]]) -> None:
    # Invariant 21: findings, levels, tier and owner.
    more = {} if decision == "lower_tier" else {"target": "G4@start"}
    plain, with_it = refused(decision, **more), carried(refused(decision, **more))
    for child in (plain, with_it):
        for z, day in later:
            child.at_z(z, day)
    for day in (ON + 15, 235):
        one, two = with_it.review(day), plain.review(day)
        assert one.tier == two.tier
        assert {k for k in told(one)[2] if k[0][:2] != "P8"} == {k for k in told(two)[2] if k[0][:2] != "P8"}, day


@pytest.mark.parametrize("wrong", ["ov", "no"])
def test_one_that_was_an_error_lapses_on_the_day_it_is_marked(wrong: str) -> None:
    # Section 0, events in error; and of a decision that was none, nothing can be carried out.
    child = carried(refused("close_finding", target="G4@start"))
    assert "G4@start" not in keys(child.review(206)) and "OV:ov@start" in keys(child.review(206))
    child.add("entered_in_error", 207, target=wrong, reason="another child", id="err")
    for day in (207, 208, 219, 230):  # on no later day does it come back to be read
        assert "G4@start" in keys(child.review(day)) and not any(k.startswith("OV") for k in keys(child.review(day)))
    assert child.closed("OV", 230) == [(207, "err")]


def test_what_closes_a_finding_closes_it_while_an_override_holds_it() -> None:
    # As if it had never been: S2 of the weight that a family of early help was due closes by the weight of day 210.
    child = Child().led().add("level_changed", 100, to="early_help").at_z(0, 60)
    day = next(day for day in range(100, 300) if "S2" in child.levels(day))
    (key,) = [f.key for f in child.review(day).findings if f.rule == "S2"]
    child.decide(day, "close_finding", target=key, id="no", actor="Ann")
    texts = {"because": "away", "risk_now": "low", "safeguards": "visits", "review_by": child.date(day + 10)}
    child.add("overridden", day, id="ov", refused="no", role="paediatrician", actor="Dr Vale", **texts)
    assert "S2" not in child.levels(day)
    child.at_z(0, day + 3, id="w")
    assert child.closed("S2", day + 40)[-1] == (day + 3, "w")
    assert "S2" not in child.levels(day + 11)


def test_a_graver_level_is_not_held_by_what_was_allowed() -> None:
    # Below the 0.4th centile (z -2.67) and falling: G5, T3, while the tier was signed down.
    child = carried(refused()).at_z(-2.9, 212)
    assert child.review(212).tier == "T3"


def test_a_plan_that_was_refused_is_in_force_until_the_end_of_review_by() -> None:
    child = Child(birth_kg=None).led().at_z(-2.1, 200).plan(ON, id="no", floor_days=7, review_by=None, actor="Ann")
    child = carried(child, 10)
    assert [child.review(day).due.floor_days for day in (ON, ON + 10, ON + 11)] == [7, 7, 28]
    # It never was: no plan has ended.
    levels = [f.level for f in child.review(ON + 11).findings if f.rule == "P10"]
    assert levels == ["not said"]
    # Also when the record is read anew, by a mark of error.
    child.contact(ON + 2).add("entered_in_error", ON + 3, target=child.last, reason="another child")
    assert [child.review(day).due.floor_days for day in (ON + 4, ON + 10, ON + 11)] == [7, 7, 28]


def test_a_snooze_that_was_refused_holds_until_review_by() -> None:
    child = Child(birth_kg=None).led().at_z(-2.1, 200)
    child.add(
        "snoozed", ON, id="no", target="G4@start", until=child.date(ON + 30), why="other", reason="away", actor="Ann"
    )
    child = carried(child, 5)
    held = [r for r in child.review(ON + 1).ladder if r.key == "G4@start"]
    assert [child.age(r.snoozed_until) for r in held] == [ON + 5]


@pytest.mark.parametrize(
    ("child", "reason"),
    [
        (
            Child().led().sign("green_vomit", 200).decide(
                ON, "close_finding", id="no", actor="Ann", target="H1@start"
            ),
            "H1 is not overridden",
        ),
        (
            Child(gmfcs=1).decide(ON, "close_finding", id="no", actor="Ann", target="P5@start"),
            "P5 is not overridden",
        ),
        (
            Child(birth_kg=None).led().at_z(0, 100).decide(ON, "confirm_weight", id="no", actor="Ann", target="x"),
            "a suspected weight is not overridden",
        ),
        (
            Child(birth_kg=None).led().decide(ON, "hold_family_page", id="no", actor="Ann"),
            "it cannot be carried out by an override",
        ),
    ],
)  # fmt: skip
def test_what_nothing_overrides(child: Child, reason: str) -> None:
    assert [w for _, w in carried(child.copy()).review(ON).refused][-1] == reason


def test_a_tier_held_by_what_cannot_wait_or_by_p5_is_not_overridden() -> None:
    # "An open I finding or its ladder, P5, P6": signing the tier down would take its floor away.
    child = Child(birth_kg=None).led().at_z(-2.1, 200).sign("green_vomit", 202)
    child = carried(child.decide(ON, "lower_tier", tier="T0", id="no", actor="Ann"))
    assert child.review(ON).tier == "T2" and why(child) == ["H1 is not overridden"]
    alone = carried(Child(birth_kg=None).at_z(-2.1, 200).decide(ON, "lower_tier", tier="T0", id="no", actor="Ann"))
    assert alone.review(ON).tier == "T2" and why(alone) == ["P5 is not overridden"]


def test_an_override_is_not_overridden() -> None:
    child = carried(refused(), 15).add(
        "overridden", ON, id="again", refused="ov", role="named_nurse", actor="Nia", because="b", risk_now="r",
        safeguards="s", review_by=Child().date(ON + 3),
    )  # fmt: skip
    assert ("again", "an override is not overridden") in [tuple(r) for r in child.review(ON).refused]


def test_replay_and_review_tell_the_same_and_nothing_follows_from_what_was_lapsed() -> None:
    child = carried(refused())
    days = [(child.age(c.on), c.tier) for c in gwp.replay(child.record, protocol=HV, until=child.date(230)) if c.tier]
    assert days == [(200, ("T0", "T2")), (ON, ("T2", "T0")), (ON + 15, ("T0", "T2"))]


# --- the report of overrides: "It is listed with `training_on`" ---------------------------------------------------------


def test_it_is_listed_with_who_signed_why_until_when_and_their_training() -> None:
    child = carried(refused(), training_on=Child().date(ON - 100))
    (one,) = child.review(ON).overrides
    assert (one.event, one.refused, one.by, one.role) == ("ov", "no", "Dr Vale", "paediatrician")
    assert one.decision == "Lower tier of 6 August 2024 by health visitor"
    assert (one.because, one.risk_now, one.safeguards) == ("a small family", "low", "weekly weights")
    assert (child.age(one.on), child.age(one.until), child.age(one.training_on)) == (ON, ON + 14, ON - 100)
    assert one.read_on is None and one.to_dict()["training_on"] == "2024-04-28"
    assert (
        "- Lower tier of 6 August 2024 by health visitor: Dr Vale, paediatrician, on 6 August 2024, until 20 August 2024. "
        "Because: a small family. Risk now: low. Safeguards: weekly weights. Last trained: on 28 April 2024; not read yet."
    ) in child.review(ON).explain()


def test_it_stays_listed_when_it_has_been_read_and_when_it_has_lapsed() -> None:
    child = carried(refused())
    said = {
        "request": "OV:ov@start",
        "by": "Nia",
        "will_do": "visit",
        "by_when": child.date(206),
        "role": "named_nurse",
    }
    child.add("acknowledged", 205, **said)
    (one,) = child.review(ON + 20).overrides
    assert child.age(one.read_on) == 205 and one.training_on is None
    told = child.review(ON + 20).explain()
    assert "lapsed at the end of 20 August 2024" in told and "Last trained: not said; read on 7 August 2024." in told


def test_what_was_refused_is_not_listed() -> None:
    assert carried(refused(), 15).review(ON).overrides == () == refused().review(ON).overrides


def test_it_is_listed_with_the_finding_that_was_closed() -> None:
    child = carried(refused("close_finding", target="G4@start"))
    assert "- Close finding G4@start of 6 August 2024 by health visitor: Dr Vale" in child.review(ON).explain()


def plans_said(child: Child, day: int) -> dict[str, str]:
    return {f.key.partition("@")[0]: f.level for f in child.review(day).findings if f.rule == "P10"}


@pytest.mark.parametrize("ends", [ON - 5, ON - 1, ON, ON + 3])
def test_a_refused_plan_whose_day_is_over_never_ended(ends: int) -> None:
    # Section 5: what an override allowed "lapses: the tier, finding or clock stands as if it had never been".  A plan
    # that was refused for want of an outcome is P10 (a), "also when the plan is refused", and never P10 (b), whether
    # its own day had passed before the override, or passes while that holds.
    child = Child(birth_kg=None).led().at_z(0, 150)
    child.plan(ON - 30, id="no", outcome_for_child=None, review_by=child.date(ends), actor="Ann")
    assert plans_said(child, ON - 30) == {"P10:no": "not said"}
    child = carried(child, 10)
    assert why(child) == []
    for day in (ON, ON + 3, ON + 4, ON + 10, ON + 11, ON + 60):
        assert plans_said(child, day) == {"P10:no": "not said"}, day


@pytest.mark.parametrize("ends", [ON - 5, ON + 3])
def test_a_refused_plan_whose_day_is_over_ends_no_plan_that_is_in_force(ends: int) -> None:
    # It is in force on no day after its own, so the plan of day 150, with weights every 7 days, is what stands.
    child = Child(birth_kg=None).led().at_z(-2.1, 140).plan(150, id="stands", floor_days=7)
    child.plan(ON - 30, id="no", floor_days=14, outcome_for_child=None, review_by=child.date(ends), actor="Ann")
    child = carried(child, 10)
    floors = [child.review(day).due.floor_days for day in (ON, ON + 3, ON + 4, ON + 10, ON + 11)]
    assert floors == ([7] * 5 if ends < ON else [14, 14, 7, 7, 7])


def test_what_is_asked_about_a_plan_is_not_answered_by_one_that_an_override_allows() -> None:
    # P10 closes by "such a plan in force"; what an override allows is, from the day after, as if it had never been:
    # the plan without an outcome is asked about all along.
    child = Child(birth_kg=None).led().at_z(0, 150).plan(180, id="first", outcome_for_child=None, actor="Ann")
    child.plan(ON, id="no", role="family", actor="Ann")
    child = carried(child, 10)
    for day in (ON, ON + 5, ON + 11):
        assert plans_said(child, day)["P10:first"] == "not said", day
