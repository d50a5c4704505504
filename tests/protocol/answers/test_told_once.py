"""A doubt is told once, where it asks for something; danger comes first, and waits only for a weight that is doubted.

Expected answers are derived by hand from the specification of the protocol, section 0 ("Weights"; "Dated ahead";
"Missing birth date or sex"), section 2 (Q1: "One finding a question, in words"), and section 3 ("Danger now: 999
first; the ladder never delays it").
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from builders import Child
from losing import without
from random_records import last_day, random_record

import growthwatch as gw

CONFIRM = "Weigh again now, undressed, on a class III scale"
RING = "Ring 999 or send to the emergency department"
IF = "if the weight is confirmed, if the child looks ill, or if you cannot weigh"


def child() -> Child:
    """A girl at 8.0 kg at 230 days, along the median before."""
    return (
        Child("2023-01-15", birth_kg=3.4).steady(0.0, [14, 28, 56, 84, 112, 140, 168]).weigh(7.6, 200).weigh(8.0, 230)
    )


def now(c: Child, day: int) -> list[str]:
    return [d.do for t in c.review(day).to_do() if t.group == "now" for d in t.deeds]


# --- 999 first --------------------------------------------------------------------------------


def test_an_unconfirmed_loss_is_weighed_again_before_999() -> None:
    # 6.8 kg clothed is at most 85 % of 8.0 kg: an emergency, marked "confirm now".
    assert now(child().clothed(6.8, 240), 240) == [CONFIRM, f"{RING}, {IF}"]


def test_999_for_shock_comes_before_weighing_again() -> None:
    # Shock is no matter of a weight: "Danger now: 999 first; the ladder never delays it".
    c = child().clothed(6.8, 240).sign("shock", 240)
    assert now(c, 240) == ["Ring 999", CONFIRM, f"{RING}, {IF}"]
    # Late, the ladder asks the team lead as well (rung E3), after what is late longest: 999 is first for both.
    first, second = (t for t in c.review(241).to_do() if t.group == "now")
    assert [d.do for d in first.deeds] == ["Ring 999", CONFIRM, f"{RING}, {IF}"] and first.owner == "health_visitor"
    assert (second.deeds[0].do, second.owner) == (RING, "team_lead")


def test_a_sure_loss_waits_for_no_weight_that_is_taken_later() -> None:
    # 7.2 kg naked is exactly 10 % below 8.0 kg; what somebody weighs clothed the next day takes nothing back.
    c = child().weigh(7.2, 240).clothed(7.0, 241)
    assert now(c, 241)[0] == RING
    assert not any(IF in do for do in now(c, 241))


def test_what_a_sure_weight_asked_for_does_not_wait_where_a_doubted_one_makes_it_graver() -> None:
    # 7.6 kg naked: 5 %, today under 2 years.  6.8 kg clothed, the next day: at most 85 %, an emergency to confirm.
    c = child().weigh(7.6, 240).clothed(6.8, 241)
    found = next(f for f in c.review(241).findings if f.rule == "G8")
    assert (found.raised[-1][1], found.unconfirmed) == ("emergency", True)
    waits = {o.level == "emergency": IF in o.do for o in found.obligations if o.do != CONFIRM}
    assert waits == {False: False, True: True}


# --- one doubt, told once -----------------------------------------------------------------------


def test_several_questions_to_one_person_are_one_task_that_names_each() -> None:
    c = Child("2025-03-10", None, birth_kg=3.4).weigh(3.6, 0).weigh(4.5, 42)
    moment = dt.datetime(2025, 4, 22, 12, tzinfo=dt.UTC)
    c.contact("2025-05-30", recorded_at=moment)
    (task,) = [t for t in c.review("2025-04-22").to_do() if "Q1" in t.rules and t.owner == "health_visitor"]
    assert set(task.about) == {
        "the sex",
        "the birth weight, 3.40 kg or 3.60 kg",
        f"the date of contact ({c.last}), 30 May 2025",
    }
    line = task.explain(dt.date(2025, 4, 22))
    assert line.startswith("Health visitor: put the record right, or confirm it with a signature (Q1): ")
    assert all(doubt in line for doubt in task.about)


def test_a_question_that_becomes_urgent_is_one_task() -> None:
    # Q1: "2 days; today where a danger rule waits for it" (a loss of 15 % rests on the weight in doubt).
    c = Child("2025-03-10", "male", birth_kg=3.4)
    for day, kg in ((12, 3.5), (42, 4.5), (70, 5.4), (98, 6.1)):
        c.weigh(kg, day)
    c.weigh(6.1, 133).weigh(5.1, 140)
    doubts = [f for f in c.review(140).findings if f.rule == "Q1"]
    every = [d for t in c.review(140).to_do() for d in t.deeds if d.rules == ("Q1",)]
    assert len(every) == len({(t.do, t.owner) for t in every})
    # The team lead and the managers come after it, on the ladder.
    tasks = [t for t in every if t.owner == "health_visitor"]
    assert len(doubts) >= 1 and sum(len(t.about) for t in tasks) == len(doubts)
    assert tasks[0].deadline == min(o.deadline for f in doubts for o in f.obligations)


@pytest.mark.parametrize(
    ("born", "sex", "doubt", "note"),
    [
        (None, "male", "No birth date is recorded", "No birth date is recorded"),
        ("2025-03-10", None, "The sex of the child is not recorded", "The sex is not recorded"),
    ],
)
def test_what_is_missing_of_the_birth_is_asked_and_not_told_again(
    born: str | None, sex: str | None, doubt: str, note: str
) -> None:
    c = Child(born, sex, birth_kg=None).weigh(4.5, "2025-04-21")
    text = c.review("2025-05-01").explain()
    assert text.count(doubt) == 1
    also = text.split("\nAlso\n")[1]
    assert note not in also


def test_a_date_ahead_is_asked_and_not_told_again(tmp_path: Path) -> None:
    c = child()
    moment = dt.datetime.combine(c.date(240), dt.time(12), dt.UTC)
    c.contact(260, recorded_at=moment)
    id = c.last
    text = c.review(240).explain()
    assert text.count(f"{c.date(260).day} October 2023") == 2, "in the task, and in the question"
    assert "it never counts until its date is put right" not in text
    assert f"Contact {id} is dated 2 October 2023" in c.review(240, without(tmp_path, "Q1")).explain(), "nobody asks"
    # Process specification, section 6, confirm_fact: "dated ahead (only a correction helps)".
    c.add("decision_signed", 241, decision="confirm_fact", target=id, reason="so it was", role="health_visitor")
    assert [f.rule for f in c.review(241).findings] == ["Q1"] and len(c.review(241).refused) == 1


def test_a_weight_dated_ahead_does_not_disagree_with_those_of_the_day_on_which_it_was_written_down() -> None:
    # It is no weight of that day: one doubt, about its date.
    c = Child("2025-03-10", "male", birth_kg=3.4).weigh(4.5, 42)
    moment = dt.datetime.combine(c.date(42), dt.time(13), dt.UTC)
    c.weigh(5.4, 70, recorded_at=moment)
    assert [f.key for f in c.review(42).findings if f.rule == "Q1"] == [f"Q1:dated_ahead:{c.last}@start"]


def test_a_doubted_weight_is_doubted_once_whatever_rests_on_it() -> None:
    # 4 kg at 240 days: far below every line, half the best weight, a jump of more than 2 SD: doubted.
    c = child().weigh(4.0, 240)
    r = c.review(240)
    resting = [f for f in r.findings if any("may be an entry error" in n for n in f.notes)]
    assert len(resting) > 2, "each finding says so in its data"
    assert r.explain().count("may be an entry error") == 1
    assert CONFIRM in now(c, 240)
    assert any("may be an entry error" in n for n in r.notes), "and so do the notes as data"


def test_a_doubted_weight_on_which_no_finding_rests_is_told_beside_the_task() -> None:
    # 16 kg at 240 days: doubted as too high; nothing fires on it, and the list asks for a repeat.
    c = child().weigh(16.0, 240)
    r = c.review(240)
    assert r.explain().count("may be an entry error") == 1
    assert CONFIRM in [d.do for t in r.to_do() for d in t.deeds]


def test_a_clothed_weight_is_called_so_once() -> None:
    text = child().clothed(6.8, 240).review(240).explain()
    assert text.count("clothed") == 1


@pytest.mark.parametrize("seed", range(0, 60, 3))
def test_no_doubt_is_told_twice_in_any_record(seed: int) -> None:
    record = random_record(seed)
    review = gw.review(record, protocol=gw.protocol("uk-hv"), as_of=last_day(record))
    text = review.explain()
    assert text.count("may be an entry error") <= 1 + sum("may be an entry error" in f.says for f in review.findings)
    for f in review.findings:
        if f.rule == "Q1":
            assert text.count(f.says) == 1
            (about,) = {o.about for o in f.obligations}
            tasks = [d for t in review.to_do() for d in t.deeds if about in d.about]
            first = min(f.obligations, key=lambda o: o.set_on)
            assert about and len({(t.do, t.owner) for t in tasks}) == len(tasks), "each step of the ladder is one task"
            assert len([t for t in tasks if (t.do, t.owner) == (first.do, first.owner)]) == 1


# --- one weighing, told once ----------------------------------------------------------------------


def weighings(c: Child, day: int) -> list[tuple[str, str, dt.date, set[str]]]:
    """Deeds of weighing: in which role they are owed, what, by when, and for which rules."""
    deeds = [d for t in c.review(day).to_do() for d in t.deeds if d.do.casefold().startswith("weigh")]
    return [(d.owner, d.do, d.deadline, set(d.rules)) for d in deeds]


def lost_and_overdue() -> Child:
    """High need, led; 3.5 % below the best at 180 days: G8 wants a weight within 7 days; S2 from day 192 on."""
    c = Child("2025-03-10", "male", gmfcs=5).led().steady(0, [14, 42, 84, 126, 168])
    return c.weigh(round(c.events[-1]["weight_kg"] * 0.965, 2), 180)


def test_a_weighing_that_two_findings_ask_for_is_one_task_of_the_highest_owner_and_the_earliest_day() -> None:
    c = lost_and_overdue()
    # G8 alone: within 7 days of 6 September.
    (one,) = weighings(c, 184)
    assert one[2:] == (dt.date(2025, 9, 13), {"G8"})
    # Overdue too, and on the ladder: the team lead weighs (S2), and the first day of all was that of G8.
    (both,) = weighings(c, 200)
    assert both[0] == "team_lead" and both[2:] == (dt.date(2025, 9, 13), {"G8", "S2"})


def test_a_weighing_whose_day_has_not_come_is_a_task_of_its_own() -> None:
    # G7: day 7 to 14 (section 0); a repeat of a doubted weight is due today, and does not do it.
    c = Child(birth_kg=None).led().steady(0, [40, 70]).at_z(-0.7, 105).at_z(2.0, 107)
    now, later = weighings(c, 107)
    assert now[2] == c.date(107) and later[3] == {"G7"} and later[2] == c.date(119)


@pytest.mark.parametrize("kg", [7700.0, 0.01, 310.0])
def test_a_weight_that_cannot_be_asks_for_a_repeat_and_names_no_finding(kg: float) -> None:
    c = Child("2025-03-10", "male").steady(0, [14, 42, 84, 126, 168]).weigh(kg, 196)
    r = c.review(196)
    assert r.findings == ()
    text = r.explain()
    assert "the last weight is to be repeated" in text and "an open finding asks" not in text
    assert ("act on this weight" in text) is (kg == 7700.0), "only what may be grams is a weight to act on"
