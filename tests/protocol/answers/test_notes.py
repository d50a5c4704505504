"""What a review says besides, each sentence on its figures, and the order in which deeds are listed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from builders import HV, Child
from losing import found

from growthwatch import trajectory
from growthwatch.core.canonical import short_hash
from growthwatch.protocol import review

UNKNOWN = "sha256:" + "0" * 64
ALWAYS = f"Judged as if {HV.id} {HV.version} had always been in force."


def quiet(**more: object) -> Child:
    return Child(**more).steady(0, [4, 12, 50])  # type: ignore[arg-type]


NOTES: list[tuple[Callable[[], Child], int, str]] = [
    (quiet, 60, ALWAYS),
    (
        lambda: Child(born=None, birth_kg=None).contact(3),
        5,
        ("No birth date is recorded that can be used: ages, centiles and the schedule cannot be worked out. Loss in "
        "kilograms, contacts and signs are judged all the same."),
    ),
    (
        lambda: Child(sex=None).weigh(4.0, 30),
        30,
        ("The sex is not recorded: there is no centile; loss and gain in kilograms are judged all the same, and what is "
        "so for a boy and for a girl."),
    ),
    (
        lambda: quiet(gestation_days=None),
        60,
        "Gestation at birth is not recorded: term is taken, and no age is corrected.",
    ),
    (
        lambda: quiet().add("born", 0, sex="male", id="other"),
        60,
        ("Births are recorded that differ (born-0 and other): the first is used. Mark the wrong one as an error now: "
        "every age and centile hangs on it."),
    ),
    (
        lambda: quiet().add("died", 60, role="gp"),
        70,
        "The child died on 15 March 2024: nothing further is due. Findings open then are kept.",
    ),
    (
        lambda: quiet().add("died", 60).contact(61, id="a").contact(62, id="b").contact(63, id="c").contact(64, id="d"),
        70,
        ("A death is recorded on 15 March 2024, and later a, b and c: one of them is wrong. Judged as if the child "
        "lives; mark the wrong one as an error now."),
    ),
    (
        lambda: quiet().add("examined", 80, outcome="seen", id="x", recorded_at="2024-03-20T09:00:00Z"),
        70,
        "Examined x is dated 4 April 2024, after it was written down: it never counts until its date is put right.",
    ),
    (
        lambda: quiet().add("lead_left", 80, id="x", recorded_at="2024-03-20T09:00:00Z"),
        70,
        "Lead left x is dated 4 April 2024: it counts from that day.",
    ),
    (
        lambda: quiet().weigh(4.9, 60, date_certain=False),
        70,
        "The weight of 4.90 kg dated 15 March 2024 is not used: the date is not certain.",
    ),
    (lambda: quiet().weigh(3.1, -5), 70, "The weight of 3.10 kg dated 10 January 2024 is not used: dated before birth."),
    (
        lambda: quiet().add("protocol_adopted", 55, role="team_lead", protocol="ours 2", hash=UNKNOWN),
        60,
        f"The record adopted 'ours 2' ('{short_hash(UNKNOWN)}'); it is judged here by {HV.id} {HV.version}, as asked.",
    ),
    (
        lambda: quiet().clothed(5.4, 60),
        60,
        "The weight of 15 March 2024 was taken clothed: at most 5.40 kg. It clears nothing; repeat undressed.",
    ),
    (
        lambda: quiet().weigh(0.2, 60),
        60,
        "0.2 kg, written down for 15 March 2024, is no weight of a child: it is not used. Weigh again now.",
    ),
    (
        lambda: quiet().weigh(5.2, 60, scale="other"),
        60,
        ("The weight of 15 March 2024, 5.20 kg on a scale that is not class III, may be wrong either way. It clears "
        "nothing; weigh again, undressed, on a class III scale."),
    ),
    (
        lambda: quiet().weigh(2.4, 60),
        60,
        "The weight of 15 March 2024, 2.40 kg, may be an entry error (a jump of 5.6 SD since the last valid weight): repeat today.",
    ),
    (
        lambda: quiet().add("strategy_discussion", 60),
        70,
        "The strategy discussion of 15 March 2024 does not say whether health was there.",
    ),
    (
        lambda: quiet().add("sign_recorded", 60, signs=["diarrhoea"]),
        70,
        "Recorded on 15 March 2024: diarrhoea. No examination is recorded since.",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("child", "day", "note"), NOTES, ids=[n[:40] for _, _, n in NOTES])
def test_a_note_says_what_there_is_to_say(child: Callable[[], Child], day: int, note: str) -> None:
    assert note in child().review(day).notes


def test_a_plain_child_has_no_other_note() -> None:
    assert quiet().review(60).notes == (ALWAYS,)


@pytest.mark.parametrize(("many", "more"), [(5, None), (6, "1 further"), (8, "3 further")])
def test_what_is_more_than_five_is_counted(many: int, more: str | None) -> None:
    child = quiet()
    for n in range(many):
        child.weigh(4.9, 60 + n, date_certain=False)
    notes = [n for n in child.review(80).notes if "not used" in n]
    assert len([n for n in notes if n.startswith("The weight of ")]) == 5
    told = [n for n in notes if n not in notes[:5]]
    wanted = [] if more is None else [f"{more} weights are not used: their dates are not certain, or before birth."]
    assert told == wanted
    ahead = quiet()
    for n in range(many):
        ahead.contact(100 + n, recorded_at=f"2024-03-20T09:0{n}:00Z")
    notes = [n for n in ahead.review(70).notes if "written down" in n]
    assert len([n for n in notes if n.endswith("until its date is put right.")]) == 5
    counted = [] if more is None else [f"{more} events are dated after they were written down, and do not count."]
    assert notes[5:] == counted


def test_of_several_protocols_those_that_judged_no_day_are_named() -> None:
    child = quiet().add("protocol_adopted", 55, role="team_lead", protocol="uk-hv", hash=HV.hash)
    assert review(child.record, protocol=[HV], as_of=child.date(60)).notes == (
        "In force for this child from 10 March 2024: growth is judged from birth, duties from then.",
    )
    unknown = quiet().add("protocol_adopted", 55, role="team_lead", protocol="ours 2", hash=UNKNOWN)
    # Process specification, section 5: refused where its hash is not among those given; a refused one changes nothing.
    r = review(unknown.record, protocol=[HV], as_of=child.date(60))
    assert r.notes == (f"Judged as if {HV.id} {HV.version} had always been in force.",)
    assert r.refused[0].reasons == (f"'ours 2' ('{short_hash(UNKNOWN)}') is not among the protocols given",)
    assert "the protocol that the record adopted is not among those given" in r.headline()


# --- notes of a finding -----------------------------------------------------------------------------------------------


def test_what_is_no_longer_met_says_so() -> None:
    child = Child(birth_kg=None).steady(0, [40, 100]).at_z(-2.1, 200)
    assert "No longer met, and open all the same." not in found(child.review(200), "G4").notes
    child.at_z(-1.8, 220)
    finding = found(child.review(220), "G4")
    assert finding.notes == ("No longer met, and open all the same.",) and not finding.still_met


def test_what_is_less_grave_now_says_so_and_keeps_its_level() -> None:
    # 12.00 to 11.00 kg: 8.3 %, level 7.5 %; then 11.30 kg: 5.8 %.
    child = Child(birth_kg=3.0).weigh(12.0, 860).weigh(11.0, 900).weigh(11.3, 905)
    finding = found(child.review(905), "G8")
    assert finding.level == "7.5 %" and finding.still_met
    assert finding.notes == (
        (
            "Now: 11.30 kg on 8 July 2026 is 5.8 % below the best weight, 12.00 kg on 24 May 2026. It keeps the graver "
            "level until it closes."
        ),
    )


def test_what_rests_on_an_error_says_who_may_close_it() -> None:
    child = Child(birth_kg=None).steady(0, [40, 100]).at_z(-2.1, 200, id="wrong")
    child.add("entered_in_error", 210, target="wrong", reason="another child").at_z(0, 215)
    notes = found(child.review(215), "G4").notes
    assert "No longer met, and open all the same." in notes
    assert (
        "It rests on wrong, since marked as an error or corrected. Whoever may sign may close it, without two weights."
    ) in notes
    child.decide(216, "close_finding", target="G4@start")
    assert "G4" not in child.levels(216)


# --- deeds ------------------------------------------------------------------------------------------------------------


def groups(child: Child, day: int) -> list[tuple[str, str]]:
    return [(t.group, "+".join(t.rules)) for t in child.review(day).to_do()]


def test_deeds_are_listed_by_how_much_they_press() -> None:
    # H1 cannot wait; the four deeds of G4 are one line, due in two days, then today, then late.  Of H1 the ladder asks
    # for urgent paediatrics on day 201, for 999 and the named nurse on day 202; of G4 for the team lead on day 203, on
    # a higher rung, and with the same two days.
    child = Child(birth_kg=None).led().at_z(-2.1, 200).add("measured", 199, measure="height", value_cm=62.0)
    child.sign("sunken_eyes", 200)
    assert groups(child, 200) == [("now", "H1"), ("next", "G4")]
    assert groups(child, 202) == [("now", "H1")] * 3 + [("today", "G4")]
    assert groups(child, 203) == [("now", "H1")] * 3 + [("next", "G4"), ("late", "G4")]


def test_of_what_cannot_wait_the_highest_rung_comes_first_and_what_makes_a_weight_sure() -> None:
    # A loss of 10 % is an emergency (E3), before a danger sign (E2); a doubted weight is weighed again first.  Nobody
    # was weighed since day 860, so S2 asks the team lead to see to a weighing: that is the same deed, and of whoever
    # is there now.
    child = Child(birth_kg=3.0).weigh(12.0, 860).sign("sunken_eyes", 900).clothed(10.7, 900)
    tasks = child.review(900).to_do()
    (line,) = [t for t in tasks if t.group == "now"]
    assert tasks[0] is line and line.owner == "health_visitor"
    assert [d.rules for d in line.deeds] == [("G8", "S2"), ("G8",), ("H1",)]
    assert line.deeds[0].do.startswith("Weigh again now, undressed, on a class III scale")
    assert line.deeds[0].others == (("team_lead", None),)


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (200, "Health visitor: discuss with a paediatrician (G5); agree a plan "),
        (202, " (G4). Today. If not: the team lead rings paediatrics; the team lead takes it on."),
        (
            203,
            " (G4). Was due by 4 August 2024, 1 day ago. If not: the team lead rings paediatrics; ",
        ),
        (
            206,
            " (G4). Was due by 4 August 2024, 4 days ago. If not: the team lead rings paediatrics; ",
        ),
    ],
)
def test_a_deed_says_who_by_when_and_what_if_not(day: int, text: str) -> None:
    child = Child(birth_kg=None).at_z(-2.75, 200)
    (task,) = [t for t in child.review(day).to_do() if "G5" in t.rules and t.owner == "health_visitor"]
    assert text in task.explain(child.date(day))


def test_the_same_deed_for_two_findings_is_one() -> None:
    child = Child().at_z(-2.2, 300)
    (line,) = [t for t in child.review(300).to_do() if "G3" in t.rules]
    # G3 and G4 ask for the same four; no length is on record, so S5 asks for one of them too.
    assert [(d.do, d.rules) for d in line.deeds] == [
        ("Agree a plan with the parents", ("G3", "G4")),
        ("Measure length or height", ("G3", "G4", "S5")),
        ("Take a feeding history", ("G3", "G4")),
        ("Watch a feed", ("G3", "G4")),
    ]


# --- seen after a death -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "seen",
    [
        lambda c: c.sign("sunken_eyes", 80),
        lambda c: c.sign("vomiting", 80),
        lambda c: c.ill(80),
        lambda c: c.contact(80),
        lambda c: c.contact(80, danger_signs="present"),
        lambda c: c.examined(80, role="gp"),
        lambda c: c.add("measured", 80, measure="height", value_cm=60.0),
        lambda c: c.add("admission", 80, role="hospital_doctor"),
        lambda c: c.weigh(4.1, 80),
    ],
)
def test_what_is_seen_of_a_child_after_its_death_is_named_and_reopens_all(seen: Any) -> None:
    """Process specification, section 7: a later sighting reopens all."""
    child = Child().steady(0.0, [12, 40]).add("died", 70, role="gp")
    assert child.review(79).died_on == child.date(70) and child.review(79).due.due is None
    seen(child)
    r = child.review(81)
    id = child.events[-1]["id"]
    (note,) = [n for n in r.notes if n.startswith("A death is recorded")]
    assert id in note and "mark the wrong one as an error now" in note
    assert r.died_on is None and "nothing further is due" not in r.headline().lower()
    lives = Child().steady(0.0, [12, 40])
    seen(lives)
    alive = lives.review(81)
    assert {f.key for f in r.findings} == {f.key for f in alive.findings} and r.due.due == alive.due.due


def test_no_deed_is_overdue_after_a_death() -> None:
    """Process specification, invariant 26; one by an administrator alone is asked about, and that may be late."""
    worried = Child().led().steady(0.0, [12, 40]).add("concern", 50, raised_by="aunt", about="thin", topics=["looks"])
    assert [o.rule for o in worried.review(70).obligations if o.overdue and o.rule == "S7"]
    dead = worried.copy().add("died", 70, role="hospital_doctor").review(80)
    kept = [o for f in dead.findings for o in f.obligations]
    assert "S7" in {o.rule for o in kept} and not any(o.overdue for o in kept)
    assert '"overdue": true' not in dead.to_json().replace('":true', '": true')
    assert "late by now" not in dead.explain("S7")
    asked = worried.copy().add("died", 70, role="administrator").review(80)
    assert {o.rule for f in asked.findings for o in f.obligations if o.overdue} == {"Q1"}


def test_what_may_follow_a_death_leaves_it() -> None:
    child = Child().steady(0.0, [12, 40]).sign("fever", 70).add("died", 70, role="gp")
    child.add("concern", 80, raised_by="mother", about="what happened").contact(81, face_to_face=False)
    assert child.review(90).died_on == child.date(70)


# --- a birth date that is a year off, another sex -----------------------------------------------------------------

BORN = "Is the date of birth in the record right? The weights so far fit a child about 365 days younger much better."


def a_year_early(birth_kg: float | None = None) -> Child:
    """A girl along the median, born on 10 March 2025 and recorded as born a year before."""
    child, really = Child("2024-03-10", birth_kg=birth_kg), Child("2025-03-10")
    for day in (14, 42, 84, 126, 168, 224):
        child.weigh(round(really.kg(0, day), 2), 365 + day)
    return child


@pytest.mark.parametrize("birth_kg", [None, 3.4])
def test_a_birth_date_that_the_weights_do_not_fit_is_asked_about_in_the_review_too(birth_kg: float | None) -> None:
    child = a_year_early(birth_kg)
    r = child.review(365 + 224)
    assert BORN in r.notes and BORN in trajectory(child.record, as_of=r.on).explain()
    assert "ask about it" in "; ".join(r.unsettled) and BORN in r.explain()
    # Put right, nothing of it is left.
    child.add("born", 365, late=230, sex="female", gestation_days=280, corrects=child.events[0]["id"])
    later = child.review(365 + 231)
    assert not any("date of birth" in n for n in later.notes) and later.unsettled == ()


def test_a_child_who_grows_along_any_line_is_not_asked_when_it_was_born() -> None:
    for z in (-2.6, -2.0, 0.0, 2.0, 2.6):
        child = Child(birth_kg=None).steady(z, [14, 42, 84, 126, 168, 224, 280])
        assert not any("in the record right" in n for n in child.review(280).notes), z


def test_a_trajectory_asks_for_the_gestation_before_the_scales() -> None:
    """3.4 kg at 30+0 weeks: the gestation, and not three weights in pounds."""
    child = Child(birth_kg=3.4, gestation_days=210, sex="male").weigh(3.5, 12).weigh(4.5, 42).weigh(5.4, 70)
    told = trajectory(child.record, as_of=child.date(80)).explain()
    assert "To check: born at 30+0 weeks with 3.40 kg, both cannot be right. Ask for the gestation." in told
    assert told.count("To check") == 1 and "pounds" not in told
    assert not any("date of birth" in n for n in child.review(80).notes)


HIGH = "Look up an earlier weight: 52.00 kg on 15 March 2024 (z is beyond 6). It clears nothing until it is put right."


def test_a_weight_that_was_typed_too_high_is_asked_about_after_others_have_followed() -> None:
    # 52 kg at 60 days: a decimal mark in the wrong place.  Beyond 6 SDS it is suspected (section 0, Weights).
    child = quiet().weigh(52.0, 60, id="typed").steady(0, [90, 120])
    assert HIGH in child.review(120).notes
    assert not any("earlier weight" in n for n in child.review(60).notes), "of the latest it is said louder"
    child.add("entered_in_error", 121, target="typed", reason="decimal mark")
    assert not any("earlier weight" in n for n in child.review(121).notes)


def test_of_many_weights_typed_too_high_the_last_five_are_named() -> None:
    child = quiet()
    for day in range(60, 67):
        child.weigh(40.0 + day / 10, day)
    told = [n for n in child.steady(0, [90, 120]).review(120).notes if "earlier weight" in n or "as doubtful" in n]
    assert len(told) == 6 and told[-1] == "2 further weights are as doubtful."


def test_an_earlier_weight_that_is_too_low_is_left_to_the_rules_that_it_alarms() -> None:
    child = quiet().weigh(2.4, 60).steady(0, [90, 120])
    assert not any("earlier weight" in n for n in child.review(120).notes)
    assert [kg for _, kg, _ in child.review(120).doubted] == [2.4], "a caseload names its row all the same"
