"""What is missing in the record, or cannot be right, is asked (Q1).

Expected answers are derived by hand from the specification of the protocol, section 0 ("One weighing, two
entries", "Two weights of one day", "Dated ahead", "Missing birth date or sex", "Not a weight") and section 2, Q1.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from builders import HV, Child, folded

import growthwatch.protocol as gwp
from growthwatch.record import Record

BIRTH = dt.date(2025, 3, 10)


def boy(**fields: Any) -> Child:
    """Born on 10 March 2025: 3.4 kg; 3.5, 4.5, 5.4 and 6.1 kg up to 98 days."""
    child = Child("2025-03-10", "male", birth_kg=3.4, **fields)
    for day, kg in ((12, 3.5), (42, 4.5), (70, 5.4), (98, 6.1)):
        child.weigh(kg, day)
    return child


def asked(child: Child, day: Any) -> dict[str, str]:
    """Open questions at the end of a day: key without what closed it last, and level."""
    found = [f for f in child.review(day).findings if f.rule == "Q1"]
    return {f.key.partition("@")[0].removeprefix("Q1:"): f.level for f in found}


def limits(child: Child, day: Any, key: str) -> list[int]:
    """Days from opening to each deadline of a question."""
    found = next(f for f in child.review(day).findings if f.key.startswith(f"Q1:{key}@"))
    return [(o.deadline - found.opened_on).days for o in found.obligations]


def sentence(child: Child, day: Any) -> str:
    return next(f.says for f in child.review(day).findings if f.rule == "Q1")


def written(child: Child, on: str, at: str, kg: float, **fields: Any) -> str:
    """Add a weight that bears a day and was written down on another; return its id."""
    moment = dt.datetime.combine(dt.date.fromisoformat(at), dt.time(12), dt.UTC)
    return child.weigh(kg, on, recorded_at=moment, **fields).last


def test_nothing_is_asked_of_a_plain_record() -> None:
    assert asked(boy(), 100) == {}


# --- no usable birth date ---------------------------------------------------------------------


def without_birth() -> Child:
    """High need, and 16.4 % below the best weight; nobody wrote down when the child was born."""
    child = Child(None, birth_kg=None).condition("cerebral_palsy", "2025-03-20", gmfcs=5)
    return child.weigh(6.1, "2025-06-16").weigh(5.1, "2025-07-14")


def test_no_birth_date_is_asked_for_from_the_first_day() -> None:
    child = without_birth()
    assert asked(child, "2025-03-20") == {"birth_date:record": "ask"}
    assert limits(child, "2025-03-20", "birth_date:record") == [2]


def test_no_birth_date_the_loss_is_judged_with_every_deadline_today() -> None:
    # (6.1 - 5.1) / 6.1 = 16.4 %: table 2a, high need, 10 % or more.
    child = without_birth()
    review = child.review("2025-07-14")
    loss = next(f for f in review.findings if f.rule == "G8")
    assert (loss.level, review.tier) == ("emergency", "T3")
    assert all(o.deadline == o.set_on for o in loss.obligations)
    assert asked(child, "2025-07-14") == {"birth_date:record": "ask today"}, "a danger rule waits for it"
    assert limits(child, "2025-07-14", "birth_date:record")[-1] == 116  # 14 July, from 20 March


@pytest.mark.parametrize("kg", [5.9, 5.6])
def test_no_birth_date_lesser_losses_of_high_need_are_due_today_too(kg: float) -> None:
    # 3.3 and 8.2 %: with a birth date the first would be seen within 1 day and weighed again within 7.
    child = Child(None, birth_kg=None).condition("cerebral_palsy", "2025-03-20", gmfcs=5)
    child.weigh(6.1, "2025-06-16").weigh(kg, "2025-07-14")
    loss = next(f for f in child.review("2025-07-14").findings if f.rule == "G8")
    assert loss.obligations and all(o.deadline == o.set_on for o in loss.obligations)


def test_no_birth_date_contacts_and_signs_are_judged() -> None:
    child = without_birth()
    for day in ("2025-07-20", "2025-07-25"):
        child.contact(day)
    assert "S3" not in child.levels("2025-07-31")
    child.contact("2025-08-01").sign("fever", "2025-08-01")
    assert {"S3", "H2"} <= set(child.levels("2025-08-01"))
    assert "no birth date is recorded" in next(f.says for f in child.review("2025-08-01").findings if f.rule == "S3")


def test_no_birth_date_every_rule_that_is_not_judged_is_named() -> None:
    named = {rule for rule, _ in without_birth().review("2025-07-14").not_judged}
    assert {"G1", "G1b", "G2", "G3", "G4", "G5", "G7", "G9", "G12", "S2"} <= named
    assert "G8" not in named


def test_no_birth_date_no_word_says_that_no_weight_is_due() -> None:
    said = without_birth().review("2025-07-14").explain()
    assert "No weight is due" not in said and "cannot be worked out" in said


def test_a_birth_written_down_late_answers() -> None:
    child = Child(None, birth_kg=None).weigh(6.1, "2025-06-16")
    child.add("born", "2025-03-10", late=100, sex="male", gestation_days=280)
    assert asked(child, "2025-06-17") == {"birth_date:record": "ask"}
    assert asked(child, "2025-06-18") == {}
    assert [(c.on, c.closed[0][2]) for c in child.changes("2025-06-18") if c.closed] == [
        (dt.date(2025, 6, 18), child.last)
    ]


def test_a_birth_marked_in_error_is_asked_for_anew() -> None:
    child = boy()
    birth = child.events[0]["id"]
    child.add("entered_in_error", 120, target=birth, reason="another child")
    assert asked(child, 119) == {}
    assert asked(child, 120) == {"birth_date:record": "ask"}


# --- no sex -----------------------------------------------------------------------------------


def test_no_sex_a_level_test_holds_where_both_sexes_meet_it() -> None:
    # 3.6 kg at 98 days: z -4.87 of boys and -4.01 of girls on the WHO tables, below -8/3 either way.
    child = Child("2025-03-10", sex=None, birth_kg=2.4).weigh(3.6, 98)
    levels = child.levels(98)
    assert {"G4", "G5"} <= set(levels)
    review = child.review(98)
    assert "for a boy and for a girl" in next(f for f in review.findings if f.rule == "G4").notes[0]
    assert "G7" in {rule for rule, _ in review.not_judged}


def test_no_sex_a_weight_that_is_very_low_for_both_is_very_low() -> None:
    # z -4.87 of boys, -4.01 of girls: below -3 (G13) either way, and when first known it is danger.
    child = Child("2025-03-10", sex=None, birth_kg=2.4).weigh(3.6, 98)
    review = child.review(98)
    found = next(f for f in review.findings if f.rule == "G13")
    assert found.level == "danger" and "for a boy and for a girl" in found.notes[-1]
    assert "G13" not in {rule for rule, _ in review.not_judged}
    # Two weights at 5.2 and 5.4 kg (beyond -3 for neither) and a signature close it.
    child.weigh(5.2, 110).weigh(5.4, 120).decide(120, "close_finding", target=found.key)
    assert "G13" not in child.levels(120)


def test_no_sex_a_weight_that_is_very_low_for_a_boy_alone_is_named() -> None:
    # 4.25 kg at 98 days: z -3.6 of boys, -2.7 of girls.
    child = Child("2025-03-10", sex=None, birth_kg=2.4).weigh(4.25, 98)
    assert "G13" not in child.levels(98)
    assert "met by a boy" in dict(child.review(98).not_judged)["G13"]


def test_no_sex_what_only_one_sex_meets_is_named_as_not_judged() -> None:
    # 5.0 kg at 98 days: below the 2nd centile of boys (5.2 kg), not of girls (4.7 kg).
    child = Child("2025-03-10", sex=None, birth_kg=3.4).weigh(5.0, 98)
    review = child.review(98)
    assert "G4" not in child.levels(98)
    assert "met by a boy" in dict(review.not_judged)["G4"]


def test_no_sex_what_neither_meets_is_judged() -> None:
    child = Child("2025-03-10", sex=None, birth_kg=3.4).weigh(6.1, 98)
    assert not {"G3", "G4", "G5"} & {rule for rule, _ in child.review(98).not_judged}


def test_no_sex_a_weight_is_doubted_that_both_would_doubt() -> None:
    # 61 kg is beyond z 6 for both; 6.4 kg is ordinary for both.
    child = Child("2025-03-10", sex=None, birth_kg=3.4).weigh(6.1, 98).weigh(61, 112)
    assert any("may be an entry error" in n for n in child.review(112).notes)
    assert not any("entry error" in n for n in child.weigh(6.4, 126).review(126).notes)


def test_the_sex_is_asked_for_and_a_correction_answers() -> None:
    child = Child("2025-03-10", sex=None)
    birth = child.events[0]["id"]
    assert asked(child, 1) == {f"sex:{birth}": "ask"} and limits(child, 1, f"sex:{birth}") == [2]
    child.add("born", 0, late=5, sex="female", gestation_days=280, corrects=birth)
    assert asked(child, 5) == {}


# --- dated ahead ------------------------------------------------------------------------------


def test_a_weight_dated_ahead_never_counts() -> None:
    child = boy().condition("tube_feeding", 10)
    id = written(child, "2026-07-14", "2025-07-14", 9.9)
    red = child.levels("2026-07-13")
    assert red["S2"] == "red" and asked(child, "2026-07-13") == {f"dated_ahead:{id}": "ask today"}
    assert child.levels("2026-07-20")["S2"] == "red" and asked(child, "2026-07-20") == asked(child, "2026-07-13")
    review = child.review("2026-07-20")
    assert review.due.last_valid_on == dt.date(2025, 6, 16)
    assert any(id in n and "never counts" in n for n in review.notes)
    assert "14 July 2026" in sentence(child, "2026-07-20") and "14 July 2025" in sentence(child, "2026-07-20")


def test_a_weight_dated_ahead_counts_once_its_date_is_put_right() -> None:
    child = boy().condition("tube_feeding", 10)
    id = written(child, "2025-12-07", "2025-07-12", 6.6)
    child.weigh(6.6, "2025-07-12", late=20, corrects=id)
    assert asked(child, "2025-07-31") == {f"dated_ahead:{id}": "ask today"}
    review = child.review("2025-08-01")
    assert asked(child, "2025-08-01") == {} and review.due.last_valid_on == dt.date(2025, 7, 12)
    assert review.closed[-1].closed_by == child.last


def test_a_weight_dated_ahead_alarms_as_of_the_day_on_which_it_was_written_down() -> None:
    # 5.4 kg is 11.5 % below 6.1 kg.
    child = boy()
    written(child, "2026-06-20", "2025-06-20", 5.4)
    loss = next(f for f in child.review("2025-06-20").findings if f.rule == "G8")
    assert (loss.level, loss.unconfirmed) == ("emergency", True)
    assert "G8" in child.weigh(5.5, "2025-06-27").levels("2025-06-27"), "what it opened stays"


@pytest.mark.parametrize("ahead", [1, 30])
def test_signs_dated_ahead_alarm_and_contacts_do_not_count(ahead: int) -> None:
    child = boy(gmfcs=5)
    day = BIRTH + dt.timedelta(days=150)
    moment = dt.datetime.combine(day, dt.time(12), dt.UTC)
    on = day + dt.timedelta(days=ahead)
    child.sign("fever", on, recorded_at=moment)
    sign = child.last
    child.examined(on, recorded_at=moment + dt.timedelta(hours=1))
    assert "H2" in child.levels(150) and "H2" in child.levels(on + dt.timedelta(days=1))
    assert set(asked(child, 150)) == {f"dated_ahead:{sign}", f"dated_ahead:{child.last}"}


# Section 0, "Dated ahead": "signs ... in it are judged as of the day on which it was written down"; process
# specification, H1: "Opens the day known", in any tier; a danger sign that somebody found and did not name among them.
@pytest.mark.parametrize("what", ["contact", "examined"])
@pytest.mark.parametrize("ahead", [0, 1, 30, 365])
def test_danger_signs_found_at_a_contact_or_examination_are_never_silent(what: str, ahead: int) -> None:
    child = boy()
    day = BIRTH + dt.timedelta(days=100)
    moment = dt.datetime.combine(day, dt.time(12), dt.UTC)
    fields: dict[str, Any] = {"face_to_face": True} if what == "contact" else {"outcome": "seen", "role": "gp"}
    child.add(what, day + dt.timedelta(days=ahead), recorded_at=moment, danger_signs="present", **fields)
    assert child.levels(99).get("H1") is None and child.levels(100)["H1"] == "seen today"
    found = next(f for f in child.review(100).findings if f.rule == "H1")
    assert found.opened_on == day and found.loudness == "interrupt"
    assert [(o.deadline - day).days for o in found.obligations] == [0]
    assert asked(child, 100) == ({f"dated_ahead:{child.last}": "ask today"} if ahead else {})
    assert "H1" in child.levels(100 + ahead + 30), "what it opened stays until H1's own closing"
    put_right = child.copy().add("entered_in_error", 101, target=child.last, reason="wrong child")
    assert "H1" not in put_right.levels(101)


@pytest.mark.parametrize("what", ["contact", "examined"])
@pytest.mark.parametrize("said", ["none", "not_asked", None])
def test_a_contact_or_examination_dated_ahead_that_found_nothing_neither_alarms_nor_reassures(
    what: str, said: str | None
) -> None:
    child = boy().sign("sunken_eyes", 99)
    moment = dt.datetime.combine(BIRTH + dt.timedelta(days=100), dt.time(12), dt.UTC)
    fields: dict[str, Any] = {"face_to_face": True} if what == "contact" else {"outcome": "seen", "role": "gp"}
    child.add(what, 103, recorded_at=moment, danger_signs=said, actor="b", **fields)
    assert asked(child, 100) == {f"dated_ahead:{child.last}": "ask"}
    assert child.levels(110)["H1"] == "seen today"


@pytest.mark.parametrize("what", ["contact", "examined"])
def test_what_found_danger_signs_ahead_of_its_day_is_no_contact_and_no_examination(what: str) -> None:
    # S3: "at least 3 face-to-face contacts by anyone since the last valid weight, and due has passed".
    child = boy(gmfcs=5).contact(150).contact(151)
    moment = dt.datetime.combine(BIRTH + dt.timedelta(days=152), dt.time(12), dt.UTC)
    fields: dict[str, Any] = {"face_to_face": True} if what == "contact" else {"outcome": "seen", "role": "gp"}
    ahead = child.copy().add(what, 160, recorded_at=moment, danger_signs="present", **fields)
    assert "S3" not in child.levels(170) and "S3" not in ahead.levels(170)
    assert "S3" in child.add(what, 152, danger_signs="present", **fields).levels(170)


def test_oedema_that_an_examination_dated_ahead_found_is_known_that_day() -> None:
    # G14: oedema recorded within 28 d names fluid; an examination that never counts excludes nothing.
    child = boy()
    moment = dt.datetime.combine(BIRTH + dt.timedelta(days=100), dt.time(12), dt.UTC)
    child.examined(130, recorded_at=moment, oedema="present")
    assert asked(child, 100) == {f"dated_ahead:{child.last}": "ask today"}
    assert [
        (o.day, o.present) for o in folded(child.record, BIRTH + dt.timedelta(days=100)).state.child.signs.oedema
    ] == [((BIRTH + dt.timedelta(days=100)).toordinal(), True)]


def test_a_birth_dated_ahead_is_none() -> None:
    child = Child(None, birth_kg=None)
    child.add("born", "2026-03-10", sex="male", recorded_at=dt.datetime(2025, 3, 12, 12, tzinfo=dt.UTC))
    assert set(asked(child, "2026-04-01")) == {"birth_date:record", f"dated_ahead:{child.last}"}


def test_a_death_dated_ahead_is_none() -> None:
    child = boy()
    child.add("died", "2026-06-20", role="gp", recorded_at=dt.datetime(2025, 6, 20, 12, tzinfo=dt.UTC))
    assert child.review("2026-07-01").died_on is None


@pytest.mark.parametrize(("days", "is_asked"), [(92, False), (93, True)])
def test_an_arrangement_counts_from_its_day_and_is_asked_about_if_far_ahead(days: int, is_asked: bool) -> None:
    # Section 0: "if more than 92 d ahead (92 no), Q1 asks too".
    child = boy()
    moment = dt.datetime.combine(BIRTH + dt.timedelta(days=100), dt.time(12), dt.UTC)
    child.add("level_changed", 100 + days, to="child_in_need", recorded_at=moment)
    assert asked(child, 100) == ({f"far_ahead:{child.last}": "ask"} if is_asked else {})
    assert child.review(99 + days).tier == "T0" and child.review(100 + days).tier == "T1"


# --- two weights of one day -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("a", "b", "is_asked"),
    # Further apart than 0.25 kg where the lower is below 10 kg, than 0.5 kg from there on.
    [(6.1, 5.85, False), (6.1, 5.84, True), (9.99, 10.24, False), (9.99, 10.25, True), (10.0, 10.5, False), (10.0, 10.51, True)],
)  # fmt: skip
def test_two_weights_of_one_day(a: float, b: float, is_asked: bool) -> None:
    child = Child("2024-01-15", "male", birth_kg=3.4).weigh(a, 300)
    child.weigh(b, 300)
    assert asked(child, 300) == ({f"same_day:{child.last}": "ask today"} if is_asked else {})


def test_two_weights_of_one_day_in_either_order_of_ids() -> None:
    for ids in (("w-a", "w-b"), ("w-b", "w-a")):
        child = boy()
        child.weigh(5.2, 112, id=ids[0])
        child.events[-1]["recorded_at"] = moment = child.events[-1]["recorded_at"]
        child.weigh(6.1, 112, id=ids[1], recorded_at=moment)
        assert [k.partition(":")[0] for k in asked(child, 112)] == ["same_day"]
        assert "5.20 kg and 6.10 kg" in sentence(child, 112)


def test_a_mark_on_either_of_two_weights_answers() -> None:
    for wrong in (0, 1):
        child = boy().weigh(5.2, 112).weigh(6.4, 112)
        id = child.events[-2 + wrong]["id"]
        child.add("entered_in_error", 113, target=id, reason="another child")
        assert asked(child, 112) and not asked(child, 113)
        assert child.closed("Q1", 113) == [(113, child.last)]


def test_two_weights_of_the_day_of_birth() -> None:
    child = Child("2025-03-10", "male", birth_kg=3.4)
    assert asked(child.weigh(3.3, 0), 0) == {f"birth_weight:{child.last}": "ask"}
    assert "Which one is the birth weight?" in sentence(child, 0)


# --- copies -----------------------------------------------------------------------------------


def test_a_copy_confirms_nothing() -> None:
    # 9.3 kg at 147 days is a jump of more than 2 z from 6.1 kg at 98 days.
    once = boy().condition("tube_feeding", 10).weigh(9.3, 147)
    twice = boy().condition("tube_feeding", 10).weigh(9.3, 147).weigh(9.3, 147)
    for child in (once, twice):
        assert "S2" in child.levels(148) and any("may be an entry error" in n for n in child.review(148).notes)


@pytest.mark.parametrize(
    ("time", "other", "one"), [("10:00", "10:00", True), ("10:00", None, True), ("10:00", "10:05", False)]
)
def test_what_one_weighing_is(time: str, other: str | None, one: bool) -> None:
    child = boy().weigh(9.3, 147, time=time).weigh(9.3, 147, time=other)
    # A second weighing that agrees confirms the first; a copy does not.
    assert any("may be an entry error" in n for n in child.review(147).notes) is one
    assert child.review(147).due.last_valid_kg == (6.1 if one else 9.3)


def test_of_two_accounts_of_one_weighing_the_one_that_reassures_less_is_believed() -> None:
    for first, second in (("naked", "clothed"), ("clothed", "naked")):
        child = boy().condition("tube_feeding", 10).weigh(6.6, 126, clothing=first).weigh(6.6, 126, clothing=second)
        assert child.review(126).due.last_valid_kg == 6.1


def test_a_contact_entered_three_times_is_one() -> None:
    def seen(times: list[str | None], **fields: Any) -> bool:
        child = boy().condition("tube_feeding", 10)
        for time in times:
            child.contact(140, time=time, service="clinic", **fields)
        return "S3" in child.levels(140)

    assert not seen([None, None, None])
    assert not seen(["10:00", "10:00", None]) and not seen([None, "10:00", "10:00"])
    assert seen(["10:00", "11:00", "12:00"])


# --- equal readings ---------------------------------------------------------------------------


def test_an_equal_weight_is_asked_about_where_a_healthy_child_hardly_has_it() -> None:
    # To 0.01 kg after four weeks at three months: about one healthy child in a thousand.
    child = Child("2025-03-10", "male", birth_kg=3.4).weigh(6.12, 98).weigh(6.12, 126)
    assert asked(child, 126) == {f"equal:{child.last}": "ask"}
    assert "6.12 kg" in sentence(child, 126) and "28 days" in sentence(child, 126)


def test_an_equal_weight_is_asked_about_with_how_seldom_a_healthy_child_has_it() -> None:
    # Section 2, Q1: "a healthy child's chance of it ... is < 1 %": one in 100 at the most, and never more than it is.
    child = Child("2025-03-10", "male", birth_kg=3.4).weigh(6.12, 98).weigh(6.12, 126)
    (found,) = [f for f in child.review(126).findings if f.key == f"Q1:equal:{child.last}@start"]
    told = re.search(r" fewer than one healthy child in (\d+) reads the same\. Was the child weighed", found.says)
    assert told is not None
    assert 100 <= int(told[1]) <= 1 / found.values["chance"] < int(told[1]) * 1.2


def test_an_equal_weight_is_not_asked_about_where_it_is_no_surprise() -> None:
    # To 0.1 kg after a week: about one in six.
    child = Child("2025-03-10", "male", birth_kg=3.4).weigh(6.1, 98).weigh(6.1, 105)
    assert asked(child, 105) == {}


def test_a_run_of_equal_weights_is_held_against_its_first() -> None:
    # 6.1 kg after 28 days: one in a hundred; again after 56 days: one in a thousand.
    child = boy().weigh(6.1, 126)
    assert asked(child, 126) == {}
    assert asked(child.weigh(6.1, 154), 154) == {f"equal:{child.last}": "ask"}


def test_an_equal_weight_is_not_asked_about_where_the_model_has_no_value() -> None:
    child = Child("2015-03-10", "male", birth_kg=3.4).weigh(22.44, 2300).weigh(22.44, 2600)
    assert asked(child, 2600) == {}


def test_a_signature_confirms_an_equal_weight() -> None:
    child = Child("2025-03-10", "male", birth_kg=3.4).weigh(6.12, 98).weigh(6.12, 126)
    target = child.last
    child.decide(127, "confirm_fact", target=target, role="administrator")
    assert asked(child, 127) and child.review(127).refused
    child.decide(128, "confirm_fact", target=target)
    assert asked(child, 128) == {} and child.closed("Q1", 128) == [(128, child.last)]
    assert asked(child, 300) == {}, "what was confirmed is not asked again"


def test_a_signature_confirms_nothing_that_nobody_asks() -> None:
    child = boy()
    child.decide(127, "confirm_fact", target=child.last)
    assert "nothing is asked about" in child.review(127).refused[0].why


@pytest.mark.parametrize(("late", "is_asked"), [(364, False), (365, True), (366, False)])
def test_a_weight_written_down_exactly_a_year_late(late: int, is_asked: bool) -> None:
    child = Child("2023-12-01", "male", birth_kg=3.4)
    id = written(child, "2024-03-05", str(dt.date(2024, 3, 5) + dt.timedelta(days=late)), 6.4)
    end = dt.date(2024, 3, 5) + dt.timedelta(days=late)
    assert asked(child, end) == ({f"year:{id}": "ask"} if is_asked else {})


# --- gestation, ids, death --------------------------------------------------------------------


def test_the_gestation_is_asked_about_before_the_scales() -> None:
    # 3.4 kg at 30+0 weeks is beyond z 5.
    child = boy(gestation_days=210)
    birth = child.events[0]["id"]
    assert asked(child, 98) == {f"gestation:{birth}": "ask"}
    assert not any("entry error" in n for n in child.review(98).notes)
    assert "30+0 weeks" in sentence(child, 98)


def test_a_fall_from_birth_waits_for_the_gestation_that_is_asked_about() -> None:
    """3.4 kg is z 7.6 at 30+0 weeks: any later weight is "a fall" from there, and none of it is the child's."""
    child = boy(gestation_days=210)
    birth = child.events[0]["id"]
    for day in range(21, 99):
        assert "G3" not in child.levels(day)
    assert "ask for the gestation first" in dict(child.review(98).not_judged)["G3"]
    # Put right: the fall is judged from where a birth at term lies, from the day of the correction on.
    put_right = child.copy().add("born", 0, late=99, sex="male", gestation_days=280, corrects=birth)
    assert "G3" not in dict(put_right.review(99).not_judged) and "G3" not in put_right.levels(99)
    fallen = put_right.at_z(-2.5, 126)
    assert "G3" in fallen.levels(126)


@pytest.mark.parametrize("gestation", [140, 147, 153])
def test_a_gestation_that_no_table_has_is_asked_about(gestation: int) -> None:
    assert [k.partition(":")[0] for k in asked(boy(gestation_days=gestation), 98)] == ["gestation"]


@pytest.mark.parametrize("gestation", [259, 280, 294, None])
def test_a_gestation_that_fits_is_not_asked_about(gestation: int | None) -> None:
    assert asked(boy(gestation_days=gestation), 98) == {}


def test_a_gestation_that_was_confirmed_is_believed() -> None:
    child = boy(gestation_days=210)
    child.decide(99, "confirm_fact", target=child.events[0]["id"])
    assert asked(child, 99) == {}
    assert "no valid birth weight" in dict(child.review(99).not_judged)["G3"], "the weight is doubted then"


def test_an_id_that_nobody_knows_is_asked_about_until_it_is_known() -> None:
    child = boy().add("referral_closed", 100, referral="r1", outcome="seen", action_taken=True)
    named = child.last
    assert asked(child, 100) == {f"unknown_id:{named}": "ask"} and "r1" in sentence(child, 100)
    child.add("referral_made", 90, late=15, id="r1", to="dietitian", kind="clinical", about="growth")
    assert asked(child, 104) == {f"unknown_id:{named}": "ask"}
    assert asked(child, 105) == {} and child.closed("Q1", 105) == [(105, "r1")]


def test_a_death_by_an_administrator_alone_rests_all_but_one_question() -> None:
    child = boy().condition("tube_feeding", 10)
    child.add("died", 200, role="administrator")
    death = child.last
    review = child.review(230)
    assert review.died_on == child.date(200) and review.due.due is None
    assert [o.key for o in review.obligations] == [f"Q1:death:{death}@start"]
    assert limits(child, 230, f"death:{death}") == [2]
    assert "Nothing further is due; whether that is right is asked." in review.headline()
    confirmed = boy().add("died", 200, role="administrator").add("died", 200, late=1, role="gp")
    assert asked(confirmed, 200) and not asked(confirmed, 201)


@pytest.mark.parametrize("role", ["gp", "paediatrician", "midwife"])
def test_a_death_by_a_clinician_is_not_asked_about(role: str) -> None:
    child = boy().add("died", 200, role=role)
    assert asked(child, 230) == {} and not child.review(230).obligations


def test_a_death_marked_in_error_puts_all_back() -> None:
    child = boy().condition("tube_feeding", 10).add("died", 200, role="administrator")
    child.add("entered_in_error", 210, target=child.last, reason="another child")
    assert asked(child, 210) == {} and child.levels(210)["S2"] == "red"


# --- what no child weighs ---------------------------------------------------------------------


@pytest.mark.parametrize(("kg", "is_weight"), [(0.249, False), (0.01, False), (300.1, False), (90_000, False)])
def test_what_no_child_weighs_is_no_weight(kg: float, is_weight: bool) -> None:
    child = boy().weigh(kg, 126)
    review = child.review(126)
    assert not review.findings and any("is no weight of a child" in n for n in review.notes)
    assert [(o.rule, o.deadline) for o in review.obligations] == [("weight", child.date(126))]


def test_grams_alarm_and_count_for_nothing_else() -> None:
    # 5400 read as grams is 11.5 % below 6.1 kg.
    child = boy().weigh(5400, 126)
    loss = next(f for f in child.review(126).findings if f.rule == "G8")
    assert (loss.level, loss.unconfirmed) == ("emergency", True) and "5.40 kg" in loss.says
    assert child.review(126).due.last_valid_kg == 6.1
    assert any("grams" in n for n in child.review(126).notes)


# --- the same whatever the way ----------------------------------------------------------------


def test_findings_come_out_again_from_their_witness() -> None:
    made = [
        without_birth(),
        boy(gestation_days=210),
        boy().weigh(5.2, 112).weigh(6.4, 112),
        boy().weigh(6.1, 126).weigh(6.1, 154),
        boy().add("died", 200, role="administrator"),
        boy().add("referral_closed", 100, referral="r1", outcome="seen", action_taken=True),
    ]
    for child in made:
        end = dt.date(2025, 12, 1)
        for f in child.review(end).findings:
            if f.rule == "Q1" and f.level == "ask":
                events = [e for e in child.record if e.id in f.witness]
                again = gwp.review(Record("child", events), protocol=HV, as_of=f.opened_on)
                assert f.key in [g.key for g in again.findings], (f.key, f.witness)


def test_a_trace_names_each_question() -> None:
    child = boy(gestation_days=210)
    lines = [t.rule for t in child.review(98).trace if t.rule.startswith("Q1")]
    assert lines == [f"Q1:gestation:{child.events[0]['id']}"]
    assert [t.rule for t in boy().review(98).trace if t.rule.startswith("Q1")] == ["Q1"]


@pytest.mark.parametrize(("days", "is_asked"), [(153, True), (154, False), (314, False), (315, True)])
def test_a_gestation_that_cannot_be_is_asked_about_whatever_the_birth_weight(days: int, is_asked: bool) -> None:
    # 22+0 to 44+6 weeks are taken for gestations that there are; beyond them no centile can be worked out.
    child = Child("2025-03-10", "male", gestation_days=days, birth_kg=None).weigh(3.3, 98)
    questions = [f for f in child.review(99).findings if f.key.startswith("Q1:gestation:")]
    assert bool(questions) is is_asked
    if is_asked:
        assert f"{days // 7}+{days % 7} weeks, which cannot be" in questions[0].says


def test_no_birth_date_no_share_of_healthy_children_is_told_and_it_is_said_why() -> None:
    child = Child(birth_kg=None).weigh(6.0, 60).weigh(5.0, 70)
    child.events = [e for e in child.events if e["type"] != "born"]
    told = {f.false_alarm for f in child.review(70).findings if f.rule == "G8"}
    assert told == {"No false-alarm rate: without a birth date no age is known."}
