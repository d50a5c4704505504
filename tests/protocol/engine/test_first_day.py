"""The first day: growth is judged from birth, duties begin on the day on which the protocol comes into force.

Source: process specification, section 7, First day.  Days are ages of a girl born on Monday 15 January 2024, so that day
301 is Monday 11 November 2024: ten working days later is Monday 25 November (day 315), twenty Monday 9 December (329).
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from builders import HV, Child, folded, step_by_step

import growthwatch.protocol as gwp
from growthwatch.core.errors import GrowthwatchError
from growthwatch.protocol import Finding, Protocol, Review
from growthwatch.protocol.answers.review import reviewed

A = 301


def begun(child: Child, day: int, first: int = A, **more: Any) -> Review:
    """The review of a day, of a child for whom the protocol came into force on another."""
    return gwp.review(child.record, protocol=HV, as_of=child.date(day), in_force_from=child.date(first), **more)


def adopted(child: Child, first: int = A, starts: list[tuple[int | str, int]] | None = None, **more: Any) -> Child:
    plan = [
        {"due": due if isinstance(due, str) else child.date(due), "set_to": child.date(to)} for due, to in starts or ()
    ]
    fields = {"protocol": "uk-hv", "hash": HV.hash, "role": "team_lead", "starts": plan or None} | more
    return child.add("protocol_adopted", first, **fields)


def low(*more: tuple[float, int]) -> Child:
    """Below the 2nd centile (z -2) on day 200, then not falling: by less than a third of a space (0.22)."""
    child = Child(birth_kg=None).led().at_z(-2.1, 200)
    for z, day in more or ((-2.2, 240),):
        child.at_z(z, day)
    return child


def of(review: Review, key: str) -> Finding:
    return next(f for f in review.findings if f.key == key)


def ages(child: Child, f: Finding) -> set[tuple[int | None, int | None]]:
    """Of each deed, the ages at which it was set and is due."""
    return {(child.age(o.set_on), child.age(o.deadline)) for o in f.obligations}


# --- older: one reading -----------------------------------------------------------------------------------------


def test_growth_is_judged_from_birth_and_what_is_older_is_one_deed() -> None:
    child = low()
    r = begun(child, A)
    g4, fd = of(r, "G4@start"), of(r, "FD@start")
    assert child.age(g4.opened_on) == 200 and g4.obligations == ()
    assert (fd.level, fd.loudness) == ("read and decide", "daily")
    assert ages(child, fd) == {(A, 315)}
    (deed,) = fd.obligations
    assert deed.owner == "health_visitor"
    assert r.tier == "T2" and child.age(r.tier_since) is not None
    assert "Before we started: G4 since 2 August 2024." in r.notes
    assert not any(o.overdue for o in r.obligations)


def test_before_the_first_day_nobody_owes_anything() -> None:
    r = begun(low(), A - 1)
    assert {f.rule for f in r.findings} <= {"G4", "G7"}
    assert not {"P5", "S2", "S5", "P8"} & {f.rule for f in r.findings}


@pytest.mark.parametrize(
    ("answer", "day"),
    [
        (lambda c: c.contact(310), 310),
        (lambda c: c.examined(310), 310),
        (lambda c: c.add("list_read", 310, list="sha256:" + "0" * 64, by="Hana Reid"), 310),
    ],
)
def test_the_reading_closes_and_on_that_day_the_duties_of_the_older_have_full_limits(answer: Any, day: int) -> None:
    child = answer(low())
    assert "FD@start" not in {f.key for f in begun(child, day).findings}
    # G4 asks for its four deeds in 2 days.
    assert ages(child, of(begun(child, day), "G4@start")) == {(day, day + 2)}


def test_a_contact_of_the_first_day_itself_does_not_close_the_reading() -> None:
    assert "FD@start" in {f.key for f in begun(low().contact(A), A + 1).findings}


def test_unread_the_duties_start_the_day_after_its_limit_and_the_team_lead_has_it() -> None:
    child = low()
    assert of(begun(child, 315), "G4@start").obligations == ()
    r = begun(child, 316)
    assert ages(child, of(r, "G4@start")) == {(316, 318)}
    fd = of(r, "FD@start")
    assert [(o.owner, o.overdue, child.age(o.set_on)) for o in fd.obligations] == [
        ("health_visitor", True, A),
        # The team lead, the same limit once more: ten working days from Tuesday 26 November.
        ("team_lead", False, 316),
    ]
    assert child.age(fd.obligations[1].deadline) == 330


@pytest.mark.parametrize(
    "child",
    [
        low().condition("cerebral_palsy", 1, gmfcs=4),  # high need
        low((-2.4, 228)),  # lower by 0.3, more than a third of a space (0.22)
    ],
)
def test_high_need_or_falling_is_read_in_two_days(child: Child) -> None:
    assert ages(child, of(begun(child, A), "FD@start")) == {(A, A + 2)}


# --- recent ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("day", "recent"), [(A - 28, True), (A - 29, False)])
def test_what_was_first_true_in_the_last_28_days_has_its_own_limits_from_the_first_day(day: int, recent: bool) -> None:
    child = Child(birth_kg=None).led().at_z(-2.1, day)
    r = begun(child, A)
    assert ages(child, of(r, "G4@start")) == ({(A, A + 2)} if recent else set())
    assert ("FD@start" in {f.key for f in r.findings}) is not recent


# --- a danger to the body ----------------------------------------------------------------------------------------


def test_a_danger_that_the_latest_weight_meets_is_for_today() -> None:
    # 12.0 to 11.0 kg: a loss of 8.3 %, G8, a year before the first day, and no weight since.
    child = Child(birth_kg=3.0).led().weigh(12.0, 860).weigh(11.0, 900)
    r = begun(child, 1200, first=1200)
    deeds = [o for o in of(r, "G8@start").obligations if "weigh" not in o.do.lower()]
    assert deeds and {child.age(o.deadline) for o in deeds} == {1200}
    assert r.tier == "T3"


@pytest.mark.parametrize(("since", "today"), [(14, True), (15, False)])
def test_a_danger_sign_of_the_last_14_days_is_for_today(since: int, today: bool) -> None:
    child = Child().led().sign("green_vomit", A - since)
    r = begun(child, A)
    h1 = of(r, "H1@start")
    assert h1.obligations, "15 days ago is within 28: its own limits, today too"
    assert {child.age(o.deadline) for o in h1.obligations} == {A}


def test_a_sign_of_long_ago_is_read_though_another_sign_was_seen_of_late() -> None:
    # Green vomit 60 days before, never answered; fever of last week in T0 at nine months is no sign of H1.
    child = Child().led()
    child.sign("green_vomit", A - 60).sign("vomiting", A - 5)
    r = begun(child, A)
    assert of(r, "H1@start").obligations == () and "FD@start" in {f.key for f in r.findings}


# --- no longer met -----------------------------------------------------------------------------------------------


def unmet() -> Child:
    return low((-1.5, 240), (-1.5, 260))


def test_what_two_weights_no_longer_meet_is_to_be_signed_within_twenty_working_days_and_makes_no_tier() -> None:
    child = unmet()
    r = begun(child, A)
    sign = of(r, "FD:sign@start")
    assert (sign.level, sign.loudness) == ("sign", "weekly") and ages(child, sign) == {(A, 329)}
    assert r.tier == "T0" and of(r, "G4@start").obligations == ()
    assert "G4, true since 2 August 2024, is no longer met" in sign.says
    assert "FD@start" not in {f.key for f in r.findings}


def test_the_tier_stays_down_though_somebody_decides_something_or_another_good_weight_comes() -> None:
    child = unmet().at_z(-1.6, 310).decide(311, "accept_conflict")
    assert [begun(child, day).tier for day in (A, 310, 311, 340)] == ["T0"] * 4


def test_one_weight_inside_is_not_two() -> None:
    r = begun(low((-1.5, 240)), A)
    assert "FD:sign@start" not in {f.key for f in r.findings} and r.tier == "T2"


@pytest.mark.parametrize(("days", "two"), [(13, False), (14, True)])
def test_two_weights_inside_are_14_days_apart(days: int, two: bool) -> None:
    # protocol-spec, section 0: "Two consecutive valid weights (exits): 14 d apart or more".
    r = begun(low((-1.5, 240), (-1.5, 240 + days)), A)
    assert ("FD:sign@start" in {f.key for f in r.findings}) is two and r.tier == ("T0" if two else "T2")


def test_weights_of_one_day_are_not_two() -> None:
    child = low((-1.5, 240)).at_z(-1.5, 240)
    assert begun(child, A).tier == "T2"


def test_signed_both_close() -> None:
    child = unmet().decide(310, "close_finding", target="G4@start")
    r = begun(child, 310)
    assert r.refused == () and not {"G4@start", "FD:sign@start"} & {f.key for f in r.findings}


def test_said_why_not_the_deed_closes_and_the_finding_stays() -> None:
    child = unmet().add("answered", 310, request="FD:sign@start", by="Hana Reid", outcome="we wait for another weight")
    keys = {f.key for f in begun(child, 310).findings}
    assert "G4@start" in keys and "FD:sign@start" not in keys


def test_a_later_weight_that_meets_it_makes_it_a_finding_as_any_other() -> None:
    child = unmet().at_z(-2.2, 320)
    r = begun(child, 320)
    assert r.tier == "T2" and (320, 322) in ages(child, of(r, "G4@start"))
    assert "FD:sign@start" not in {f.key for f in r.findings}


# --- the tier ----------------------------------------------------------------------------------------------------


def test_under_a_protection_plan_t2_is_t3_on_the_first_day_too() -> None:
    child = low().add("protection_plan", 210, state="began")
    assert [begun(child, day).tier for day in (A, A + 3)] == ["T3", "T3"]


def test_what_has_closed_before_makes_no_tier() -> None:
    child = low((-1.5, 240), (-1.5, 260)).decide(270, "close_finding", target="G4@start")
    assert begun(child, A).tier == "T0"


# --- the start plan ----------------------------------------------------------------------------------------------


def test_the_start_plan_sets_the_day_of_the_reading() -> None:
    child = adopted(low(), starts=[("FD", 308)])
    assert ages(child, of(child.review(A), "FD@start")) == {(A, 308)}
    assert not any("start plan" in n for n in child.review(A).notes)


@pytest.mark.parametrize(
    ("child", "to", "why"),
    [
        (low(), 316, "its last day is 25 November 2024"),
        (low(), A - 1, "that is before the first day; its last day is 25 November 2024"),
        (low().condition("cerebral_palsy", 1, gmfcs=4), 310, "what cannot wait is not moved"),
    ],
)
def test_an_entry_that_sets_the_reading_too_late_is_void_and_that_is_said(child: Child, to: int, why: str) -> None:
    child = adopted(child.copy(), starts=[("FD", to)])
    r = child.review(A)
    assert child.age(of(r, "FD@start").obligations[0].deadline) == (A + 2 if "wait" in why else 315)
    assert any(n.startswith("The start plan sets the reading to ") and n.endswith(f": {why}.") for n in r.notes)


def test_an_entry_of_a_day_on_which_nothing_was_due_names_the_day_on_which_it_was() -> None:
    """Written by hand, a day off: T1 from 6 to 12 months is 56 days, weighed on day 200, so due on day 256."""
    child = adopted(Child(birth_kg=None).led().condition("coeliac", 1).at_z(0, 200), starts=[(255, A + 10)])
    (told,) = [n for n in child.review(A).notes if n.startswith("The start plan sets the weight due on 26 September")]
    assert told.endswith("that does not count: no weight that was missed was due then, but on 27 September 2024.")


@pytest.mark.parametrize(("to", "moved"), [(A + 28, True), (A + 29, False)])
def test_a_missed_weight_is_moved_by_at_most_28_days(to: int, moved: bool) -> None:
    # T1 from 6 to 12 months: 56 days; weighed on day 200, so due on day 256.
    child = adopted(Child(birth_kg=None).led().condition("coeliac", 1).at_z(0, 200), starts=[(256, to)])
    r = child.review(A)
    assert child.age(r.due.due) == (to if moved else A)
    told = [n for n in r.notes if n.startswith("The start plan sets the weight due on 27 September 2024 to ")]
    assert bool(told) is not moved
    if told:
        assert told[0].endswith("that does not count: it is not within 28 days of the first day.")


@pytest.mark.parametrize(("to", "moved"), [(149, True), (150, False)])
def test_and_by_at_most_one_floor(to: int, moved: bool) -> None:
    # T2 under 6 months: 14 days; weighed on day 100, due on day 114; first day 135.
    child = adopted(Child(birth_kg=None).led().at_z(-2.1, 100), 135, starts=[(114, to)])
    assert child.age(child.review(135).due.due) == (to if moved else 135)


def test_without_a_start_plan_a_missed_weight_is_due_on_the_first_day_and_not_late() -> None:
    child = Child(birth_kg=None).led().condition("coeliac", 1).at_z(0, 200)
    r = begun(child, A)
    assert (child.age(r.due.due), r.due.state) == (A, "due")
    assert "S2" not in {f.rule for f in r.findings}


def test_a_spell_overdue_before_the_first_day_gives_no_point() -> None:
    child = Child(birth_kg=None).led().condition("coeliac", 1).at_z(0, 200).at_z(0, 290)
    assert [p.what for p in child.review(A).points] == ["gap"], "overdue from day 256 on, if judged as always"
    assert begun(child, A).points == ()


# --- leads, requests, P8 -----------------------------------------------------------------------------------------


def alone() -> Child:
    return Child(birth_kg=None).condition("coeliac", 1).at_z(0, 290)


def test_without_a_lead_one_is_to_be_named_within_ten_working_days() -> None:
    child = alone()
    p5 = of(begun(child, A), "P5@start")
    assert p5.level == "to name" and ages(child, p5) == {(A, 315)}
    assert of(begun(child, 315), "P5@start").level == "to name"
    assert of(begun(child, 316), "P5@start").level == "named nurse"


def test_under_a_protection_plan_the_child_is_ownerless_as_ever() -> None:
    p5 = of(begun(alone().add("protection_plan", 100, state="began"), A), "P5@start")
    assert p5.level == "ownerless"


def test_a_letter_of_before_is_owed_its_full_time_from_the_first_day() -> None:
    child = Child().led().add(
        "letter_sent", 200, sender="clinic", to=[{"name": "Dr Vale", "expects": "act"}], purpose="weight",
        requested_action="see her", action_owner="Dr Vale", summary="low",
    )  # fmt: skip
    r = begun(child, A)
    (line,) = r.requests
    # Five working days from Monday 11 November: Monday 18 November.
    assert (child.age(line.acknowledge_by), line.late) == (A + 7, ())


def test_recovery_is_asked_about_only_once_the_child_has_been_read() -> None:
    # Day 65 is Wednesday 20 March 2024: ten working days, over Easter, end on Friday 5 April (81).  t0 is then day 82,
    # and for a child of 2 months n is 7 days: from day 90.
    child = Child(birth_kg=None).led().at_z(-2.1, 30)
    assert begun(child, 65, first=65).tier == "T2"
    assert child.age(of(begun(child, 65, first=65), "FD@start").obligations[0].deadline) == 81
    for day, there in ((73, False), (81, False), (89, False), (90, True)):
        assert ("P8@start" in {f.key for f in begun(child, day, first=65).findings}) is there, day


# --- by whatever way it is asked ---------------------------------------------------------------------------------

CHILDREN = [low(), unmet(), unmet().at_z(-2.2, 320), low().contact(310), alone(), low().contact(305).at_z(-2.5, 330)]
DAYS = (300, 301, 304, 316, 325, 340)


def answers(r: Review) -> Any:
    return (
        r.tier,
        r.due.due,
        [(f.key, f.level, [(o.do, o.owner, o.set_on, o.deadline) for o in f.obligations]) for f in r.findings],
        [n for n in r.notes if "first adopted" not in n],
    )


@pytest.mark.parametrize("child", CHILDREN)
@pytest.mark.parametrize("day", [301, 316, 340])
def test_an_adoption_in_the_record_says_the_same_as_the_argument(child: Child, day: int) -> None:
    with_it = adopted(child.copy())
    ours, theirs = answers(begun(child, day)), answers(with_it.review(day))
    assert ours[:3] == theirs[:3]


@pytest.mark.parametrize("child", CHILDREN)
def test_going_on_and_visiting_every_day_give_the_same(child: Child) -> None:
    child = adopted(child.copy())
    before: Review | None = None
    for day in DAYS:
        before = step_by_step(child.record, child.date(day), after=before)
        assert before.to_dict() == child.review(day).to_dict(), day
    last = child.date(DAYS[-1])
    each, some = folded(child.record, last, every_day=True), folded(child.record, last)
    assert answers(reviewed(each)) == answers(reviewed(some))


def test_many_children_are_judged_as_each_alone() -> None:
    records = []
    for n, child in enumerate(CHILDREN):
        made = adopted(child.copy())
        records.append(type(made.record)(f"child-{n}", made.events))
    day = dt.date(2024, 11, 26)
    many = list(gwp.review_many(records, protocol=HV, as_of=day))
    one = [gwp.review(r, protocol=HV, as_of=day) for r in records]
    assert [r.to_dict() for r in many] == [r.to_dict() for r in one]


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"role": "health_visitor"}, "signed by health visitor; only team lead or named nurse or paediatrician can"),
        ({"late": 1}, "in force before the day on which it was written down, 12 November 2024"),
    ],
)
def test_an_adoption_that_is_refused_brings_no_first_day(more: dict[str, Any], why: str) -> None:
    child = adopted(low(), **more)
    r = child.review(A + 2)
    assert [tuple(x) for x in r.refused] == [(child.last, why)]
    assert not any(f.rule == "FD" for f in r.findings) and not any("In force for this child" in n for n in r.notes)


# --- nothing of before is late, and nobody is asked twice ------------------------------------------------------------


def test_a_weight_in_doubt_of_before_is_weighed_again_on_the_first_day_and_is_not_late() -> None:
    # 108 kg at 230 days is beyond 6 SD: an entry error, to be weighed again.  "Nothing dated before a is late."
    child = Child(birth_kg=None).led().at_z(0, 60).weigh(108.0, 230)
    doubts = [o for o in begun(child, A).obligations if o.rule == "weight"]
    assert [(child.age(o.set_on), child.age(o.deadline), o.overdue) for o in doubts] == [(A, A, False)]
    assert not [o for o in begun(child, A - 1).obligations if o.rule == "weight"], "before it nobody owes anything"
    late = [o for o in begun(child, A + 1).obligations if o.rule == "weight"]
    assert [o.overdue for o in late] == [True]


def test_a_draft_and_what_was_needed_before_have_their_full_time_from_the_first_day() -> None:
    # Section 2: a draft is late after 2 working days, and `needs` sets an obligation of 2 wd: Wednesday, day 303.
    child = low()
    letter = {"sender": "Hana Reid", "purpose": "growth", "requested_action": "see", "action_owner": "GP"}
    to = [{"name": "GP", "role": "gp", "expects": "act"}]
    child.add("letter_sent", 230, id="asks", to=to, respond_by=child.date(330), **letter)
    child.add("acknowledged", 240, request="asks", by="GP", needs="the chart", role="gp", actor="gp")
    child.add("request_made", 240, id="draft", kind="dietetic_review", to=to, ask="look", drafted=True)
    owed = {
        o.level: (child.age(o.set_on), child.age(o.deadline))
        for o in begun(child, A).obligations
        if o.rule == "request"
    }
    assert owed == {"needs": (A, A + 2), "drafted": (A, A + 2)}


def test_the_length_that_an_older_finding_asks_for_waits_for_the_reading() -> None:
    # Section 7: "older, all else: one deed per child ... on that day the duties of the child's older findings start".
    child = low()
    assert {f.rule for f in begun(child, A).findings if f.obligations} == {"FD"}
    read = child.copy().contact(308)
    assert "S5" not in {f.rule for f in begun(read, 307).findings}
    # S5: measure in 14 days, from the reading on.
    assert ages(read, of(begun(read, 308), "S5@start")) == {(308, 322)}


def test_unread_the_length_is_due_with_the_other_duties_the_day_after_the_limit() -> None:
    child = low()
    assert ages(child, of(begun(child, 316), "S5@start")) == {(316, 330)}


def test_what_is_recent_asks_for_a_length_on_the_first_day() -> None:
    child = Child(birth_kg=None).led().at_z(-2.1, A - 10)
    assert ages(child, of(begun(child, A), "S5@start")) == {(A, A + 14)}


def test_what_two_weights_no_longer_meet_asks_for_no_length_until_a_later_weight_meets_it() -> None:
    # "Stays open, with no duty but one deed"; "a later weight that meets it makes it ordinary".
    child = low((0, 240), (0, 260))
    assert "S5" not in {f.rule for f in begun(child, A).findings}
    again = child.at_z(-2.1, 310)
    assert "S5" not in {f.rule for f in begun(again, 309).findings}
    assert ages(again, of(begun(again, 310), "S5@start")) == {(310, 324)}
    assert begun(again, 330).to_json() == begun(again, 330, after=begun(again, 309, resumable=True)).to_json()


def test_the_day_on_which_a_missed_weight_was_due_is_told() -> None:
    # T1 from 6 to 12 months: 56 days; weighed on day 200, so due on day 256; none was missed where nothing was due.
    child = Child(birth_kg=None).led().condition("coeliac", 1).at_z(0, 200)
    assert child.age(begun(child, A).due.missed) == 256
    assert begun(child, 250, first=250).due.missed is None


@pytest.mark.parametrize(
    ("word", "more", "in_time"),
    [
        # A promise of day 250: the acknowledgement limit anew, 5 working days (Monday 18 November, day 308).
        ("acknowledged", {"will_do": "see", "by_when": 250}, 308),
        # Declined on day 240: 1 working day for the asker, Tuesday.
        ("declined", {"reason": "full"}, A + 1),
    ],
)
def test_what_was_promised_or_declined_before_is_owed_its_time_from_the_first_day(
    word: str, more: dict[str, Any], in_time: int
) -> None:
    child = low()
    to = [{"name": "GP", "role": "gp", "expects": "act"}]
    child.add(
        "letter_sent", 230, id="asks", to=to, sender="Hana Reid", purpose="growth", requested_action="see",
        action_owner="GP", respond_by=child.date(390),
    )  # fmt: skip
    if "by_when" in more:
        more = more | {"by_when": child.date(more["by_when"])}
    child.add(word, 240, request="asks", by="GP", role="gp", actor="gp", **more)
    late = {day: [r.late for r in begun(child, day).requests] for day in (A, in_time, in_time + 1)}
    assert late == {A: [()], in_time: [()], in_time + 1: [("GP",)]}


# --- social care ------------------------------------------------------------------------------------------------
#
# Section 7: of what is older "on that day, or the day after its limit …, the duties of the child's older findings …
# start with full limits"; "nothing dated before a is late".  The referral of the fourth rung (section 4) is such a duty.


def red_and_worried() -> Child:
    """No new best weight since day 180: G9 red, 84 d on; four worries, of which P7 has four points on the first day."""
    child = Child(birth_kg=None).led().at_z(0.0, 180)
    least = round(child.kg(0, 180) - 0.05, 2)
    child.weigh(least, 220).weigh(least, 267)
    for day in (230, 240, 245, 250):
        child.add("concern", day, raised_by=f"neighbour {day}", about="weight")
    return child


def referrals(child: Child, day: int) -> list[int | None]:
    """The days on which a referral to social care was asked for, by the end of a day."""
    return sorted({child.age(o.set_on) for o in begun(child, day).obligations if o.rung == "E4"})


@pytest.mark.parametrize("read", [None, A + 1])
def test_what_was_red_before_asks_social_care_only_once_it_has_been_read_or_its_limit_is_over(read: int | None) -> None:
    child = red_and_worried()
    r = begun(child, A)
    assert {("G9", "red"), ("P7", "open"), ("FD", "read and decide")} <= {(f.rule, f.level) for f in r.findings}
    assert r.obligations and not [o for o in r.obligations if o.rule == "G9"]
    (limit,) = {child.age(o.deadline) for o in r.obligations if o.rule == "FD"}
    assert limit is not None
    if read is not None:
        child.contact(read)
    starts = limit + 1 if read is None else read
    assert [referrals(child, day) for day in (A, starts - 1, starts, starts + 5)] == [[], [], [starts], [starts]]


@pytest.mark.parametrize("kept", [1, 2])
def test_a_protocol_has_both_the_reading_and_the_signing(tmp_path: Path, kept: int) -> None:
    # Section 7 sets two deeds: `FD:sign@start` and `FD@start`.
    text = (Path(__file__).parents[3] / "growthwatch" / "protocols" / "uk-hv.toml").read_text(encoding="utf-8")
    reading = text.index('[[rules.levels]]\nname = "read and decide"')
    ours = tmp_path / "ours.toml"
    ours.write_text(text if kept == 2 else text[:reading] + text[text.index("[[rules]]", reading) :], encoding="utf-8")
    if kept == 2:
        assert Protocol.load(ours).hash == HV.hash
    else:
        with pytest.raises(GrowthwatchError, match=r"FD.*levels"):
            Protocol.load(ours)


def test_a_doubted_weight_alone_makes_it_ordinary_and_answers_no_signing() -> None:
    """Section 7: "A later weight that meets it makes it ordinary."  Section 0, Weights: a suspected one clears nothing.

    All valid weights were errors, and 2.9 kg is beyond |z| 6: G4 is met by it and asks, and there is no valid weight by
    which the deed of signing could close, until the next one.
    """
    child = Child(birth_kg=None).led().at_z(-2.1, 200).add("entered_in_error", 210, target="weighed-2", reason="x")
    for day in (240, 260):
        child.at_z(-1.5, day)
    assert "FD:sign@start" in {f.key for f in begun(child, A).findings}
    for id in [e["id"] for e in child.events if e["type"] == "weighed"][1:]:
        child.add("entered_in_error", 310, target=id, reason="another child")
    child.weigh(2.9, 310)
    r = begun(child, 311)
    assert of(r, "G4@start").obligations and "FD:sign@start" in {f.key for f in r.findings}
    child.at_z(-2.1, 312)
    assert "FD:sign@start" not in {f.key for f in begun(child, 312).findings}
