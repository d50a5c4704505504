"""The list of one child: a line a person and day, deeds that are one deed joined, the exact order.

Source: the process specification, section 4 (joining), and section 3 of the design of views: deeds within a child are
in order of 999, danger to the body, loudness, the limit that the rule gives, rung, deadline, how long open, words.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from builders import Child
from random_records import last_day, random_record

import growthwatch as gw
from growthwatch.protocol import Obligation
from growthwatch.protocol.answers.to_do import ToDo, to_do

ON = dt.date(2024, 8, 1)


def duty(do: str, **more: Any) -> Obligation:
    """A duty of no finding: daily, of the health visitor, due tomorrow."""
    fields: dict[str, Any] = {
        "key": do,
        "rule": "X",
        "level": "open",
        "owner": "health_visitor",
        "set_on": ON,
        "deadline": ON + dt.timedelta(days=1),
        "overdue": False,
        "if_not": None,
        "rung": "E1",
    } | more
    return Obligation(do=do, **fields)


def listed(*duties: Obligation) -> list[list[str]]:
    return [[d.do for d in t.deeds] for t in to_do((), duties, ON)]


# --- one line a person and day ------------------------------------------------------------------------------------


def test_a_person_has_one_line_a_day() -> None:
    later = ON + dt.timedelta(days=2)
    found = listed(
        duty("Ask"), duty("Write"), duty("Ring", deadline=later), duty("Sign", owner="team_lead"),
        duty("Read", owner_name="Hana Reid"),
    )  # fmt: skip
    assert sorted(found) == [["Ask", "Write"], ["Read"], ["Ring"], ["Sign"]]


@pytest.mark.parametrize("seed", range(0, 120, 4))
def test_in_any_record_nobody_has_two_lines_a_day_and_no_duty_is_lost(seed: int) -> None:
    record = random_record(seed)
    r = gw.review(record, protocol=gw.protocol("uk-hv"), as_of=last_day(record))
    lines = r.to_do()
    assert len({(t.owner, t.owner_name, t.deadline) for t in lines}) == len(lines)
    asks = {ask for t in lines for d in t.deeds for ask in d.asks}
    assert asks == {(o.key, o.level, o.rung or "") for o in r.obligations}, "every finding, level and rung is named"
    for o in r.obligations:
        deeds = [d for t in lines for d in t.deeds if (o.key, o.level, o.rung or "") in d.asks]
        assert min(d.deadline for d in deeds) <= o.deadline
        assert any((o.owner, o.owner_name) in ((d.owner, d.owner_name), *d.others) for d in deeds), (
            "and whoever owes it"
        )


# --- one deed -----------------------------------------------------------------------------------------------------


def test_s2_s3_and_a_weight_to_be_taken_again_are_one_deed() -> None:
    # In T2 from day 200 (floor 28 days at most): no weight until day 260, S2 red asks the team lead in 2 days; seen
    # three times meanwhile, so S3 asks, too.  One deed, of the team lead, with the health visitor.
    child = Child(birth_kg=None).led().at_z(-2.1, 200)
    for day in (240, 250, 259):
        child.contact(day)
    r = child.review(260)
    asked = {f.rule for f in r.findings for o in f.obligations if o.weighs and o.pending}
    assert {"S2", "S3"} <= asked
    (deed,) = [d for t in r.to_do() for d in t.deeds if "weigh" in d.do.lower() and "weight" not in d.do]
    assert deed.rules == ("S2", "S3") and deed.owner == "team_lead"
    assert deed.deadline == min(o.deadline for o in r.obligations if o.weighs)
    assert [name for _, name in deed.others] == ["Hana Reid"]


def test_one_deed_of_several_owners_is_of_the_highest_by_the_earliest_day() -> None:
    (line,) = to_do(
        (),
        (
            duty("Weigh", weighs=True, deadline=ON, rule="S2"),
            duty("See to a weighing", weighs=True, owner="team_lead", deadline=ON + dt.timedelta(days=2), rule="S3"),
        ),
        ON,
    )
    assert (line.owner, line.deadline, line.rules) == ("team_lead", ON, ("S2", "S3"))
    assert line.explain(ON) == "Team lead: see to a weighing, with the health visitor (S2, S3). Today."


def test_what_is_asked_for_beside_the_weight_is_said() -> None:
    ((deed,),) = listed(
        duty("Weigh again", weighs=True, key="a"),
        duty("Weigh, undressed", weighs=True, key="b", deadline=ON),
        duty("Ask how feeds go, and weigh again", weighs=True, key="c"),
    )
    assert deed == "Weigh, undressed; ask how feeds go, and weigh again"


@pytest.mark.parametrize(("days", "joined"), [(1, True), (2, False)])
def test_a_weight_that_would_come_too_early_is_another_deed(days: int, joined: bool) -> None:
    # Due tomorrow; the other counts from tomorrow on, or from the day after.
    window = {"not_before": ON + dt.timedelta(days=days), "deadline": ON + dt.timedelta(days=14)}
    found = to_do((), (duty("Weigh", weighs=True), duty("Weigh again", weighs=True, **window)), ON)
    assert (sum(len(t.deeds) for t in found) == 1) is joined


def test_what_is_late_is_weighed_today_and_joined_with_what_counts_from_today() -> None:
    late = duty("Weigh", weighs=True, deadline=ON - dt.timedelta(days=9), set_on=ON - dt.timedelta(days=11))
    assert len(listed(late, duty("Weigh again", weighs=True, not_before=ON))) == 1


def test_a_weight_in_doubt_is_weighed_by_whoever_is_there() -> None:
    (line,) = to_do(
        (),
        (
            duty("Weigh again now", weighs=True, confirms=True, deadline=ON),
            duty("See to a weighing, and when", weighs=True, owner="team_lead", key="b"),
        ),
        ON,
    )
    assert (line.owner, line.deeds[0].others) == ("health_visitor", (("team_lead", None),))
    assert line.do == "Weigh again now; see to a weighing, and when"


def test_what_is_to_be_done_if_a_weight_is_right_stands_with_weighing_again() -> None:
    # "A doubted weight with an emergency is one deed", though a weight has been overdue for longer: T1 from one year on
    # asks for one every 84 days, so on day 944; 10.2 kg clothed on day 1000 is at most 85 % of 12 kg.
    child = Child(birth_kg=3.0).condition("coeliac", 1).weigh(12.0, 860).clothed(10.2, 1000)
    line = child.review(1000).to_do()[0]
    assert child.age(line.deadline) < 1000 and line.group == "now"
    assert [d.do.split(",")[0] for d in line.deeds] == [
        "Weigh again now",
        "Ring 999 or send to the emergency department",
    ]
    assert {"G8", "S2"} <= set(line.deeds[0].rules) and line.deeds[1].rules == ("G8",)


# --- the order ----------------------------------------------------------------------------------------------------


def test_the_limit_precedes_lateness() -> None:
    # "A routine weight three years late must not stand above a newborn two weeks late."
    newborn = duty("Newborn", set_on=ON - dt.timedelta(days=16), deadline=ON - dt.timedelta(days=14))
    routine = duty("Routine", set_on=ON - dt.timedelta(days=1110), deadline=ON - dt.timedelta(days=1096))
    assert listed(routine, newborn) == [["Newborn"], ["Routine"]]


def test_of_one_limit_the_higher_rung_then_the_older_then_the_earlier_then_words() -> None:
    old = {"set_on": ON - dt.timedelta(days=3), "deadline": ON - dt.timedelta(days=2)}
    duties = (
        duty("B"), duty("A"), duty("Late", **old), duty("Second rung", rung="E2", owner="team_lead"),
        duty("Managers", rung="E5.2", owner="named_nurse"),
    )  # fmt: skip
    assert listed(*duties) == [["Managers"], ["Second rung"], ["Late"], ["A", "B"]]


def test_999_then_danger_to_the_body_then_loudness() -> None:
    # Shock (H1): 999; G4, daily, with 2 days.
    child = Child(birth_kg=None).led().at_z(-2.1, 200).sign("shock", 200)
    first, *rest = child.review(200).to_do()
    assert first.deeds[0].do == "Ring 999" and "G4" in rest[0].rules


def test_a_rung_that_interrupts_stands_before_what_does_not() -> None:
    assert listed(duty("A", deadline=ON), duty("B", rung="E3", owner="team_lead")) == [["B"], ["A"]]
    (b, _) = to_do((), (duty("A", deadline=ON), duty("B", rung="E3", deadline=ON, owner="team_lead")), ON)
    assert b.group == "now"


def test_what_cannot_wait_is_told_under_one_heading() -> None:
    text = Child(birth_kg=None).led().at_z(-2.1, 200).sign("green_vomit", 200).review(200).explain()
    assert text.count("\nNow\n") == 1 and text.count("\nTo do\n") == 1
    assert text.index("danger sign (H1)") < text.index("\nTo do\n") < text.index("agree a plan")


def test_a_line_is_what_a_person_reads() -> None:
    lines: list[ToDo] = list(to_do((), (duty("Ask", if_not="the team lead asks"), duty("Write")), ON))
    assert [t.explain(ON) for t in lines] == [
        "Health visitor: ask; write (X). By 2 August 2024. If not: the team lead asks."
    ]


def test_a_joined_deed_names_every_finding_and_request_that_it_answers() -> None:
    speak = "The managers of both sides speak"
    duties = [
        duty(speak, key="P3:a@start", rule="P3", about="Dr Fox, about her weight", id="P3:a@start#team lead.x.0"),
        duty(speak, key="G3@start", rule="G3", id="G3@start#fall.x.0"),
        duty(speak, key="P3:b@start", rule="P3", about="Dr Gil, about her feeds", id="P3:b@start#chase.x.0"),
        duty(speak, key="P10:p@start", rule="P10", about="the plan of 1 July 2024", id="P10:p@start#ended.x.0"),
        duty(speak, key="P10:p@start", rule="P10", about="the plan of 1 July 2024", id="P10:p@start#ended.x.1"),
    ]
    (line,) = to_do((), duties, ON)
    (deed,) = line.deeds
    assert set(deed.ids) == {o.id for o in duties} and len(deed.ids) == 5
    assert line.explain(ON) == (
        "Health visitor: the managers of both sides speak (G3; P10: the plan of 1 July 2024; P3: Dr Fox, about her "
        "weight; Dr Gil, about her feeds). By 2 August 2024."
    )


@pytest.mark.parametrize("seed", range(20))
def test_of_any_record_each_deed_has_the_ids_of_all_that_it_answers(seed: int) -> None:
    r = gw.review(random_record(seed), protocol=gw.protocol("uk-hv"), as_of=last_day(random_record(seed)))
    pending = {o.id for o in r.obligations if o.pending and o.id}
    deeds = [d for t in r.to_do() for d in t.deeds]
    assert {id for d in deeds for id in d.ids} == pending
    for d in deeds:
        keys = {o.key for o in r.obligations if o.id in d.ids}
        assert keys <= {key for key, _, _ in d.asks}


def test_what_is_about_one_of_several_things_says_which() -> None:
    # A plan without a day of review (P10), a hand-over that lacks its items (P6), advice of Friday night (P4).
    child = Child().led().at_z(0, 150).plan(200, review_by=None)
    child.add("handover_sent", 200, sender="North team", recipient="South team")
    child.add(
        "advice_reported", 200, advice_on=child.date(199), given_by="Dr Night", reported_by="mother", about="feeds"
    )
    r = child.review(203)
    about = {o.rule: o.about for o in r.obligations}
    assert about["P10"] == "the plan of 2 August 2024"
    assert about["P6"] == "hand-over of 2 August 2024 to South team"
    assert about["P4"] == "advice of 1 August 2024"
