"""The page for the family: what is told of each finding, what is not, when it is held back, and how easy it is to read.

Sentences and bounds: process specification, sections 3, 4 and 5 (hold_family_page); protocol specification, section 3
("its words about 999 stay for the family even then"); design of the views, sections 2, 4 and 5.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from typing import Any

import pytest
from builders import HV, Child
from easy_words import FORBIDDEN, REASSURING, grade

import growthwatch as gw
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.frozen import FrozenDict
from growthwatch.protocol import KINDS, Finding, Obligation, Review
from growthwatch.protocol.answers.family import FamilyFacts, day_words
from growthwatch.protocol.answers.family_words import HELP, NOT_TOLD, RING, TELL_US, TOLD, Told

ON = dt.date(2024, 6, 12)  # a Wednesday
BY = dt.date(2024, 6, 14)
NAMED = "named_nurse"


def told_of(rule: str, level: str, values: dict[str, Any] | None = None, **more: Any) -> str:
    """The page of a child with one open finding, something of which is to be done by Friday 14 June 2024."""
    base = Child("2024-03-01").weigh(5.0, "2024-06-10").review(ON)
    found = HV.rule(rule)
    key = f"{rule}@start"
    deed = Obligation(key, rule, level, "a deed", "health_visitor", ON, more.pop("by", BY), False, None, id=f"{key}#0")
    f = Finding(
        key, rule, found.title, level, "daily", "E1", ON, (), True, "staff words", FrozenDict(values or {}), (), (), "",
        False, "", "L", ON, (deed,), ON,
    )  # fmt: skip
    f = dataclasses.replace(f, **more)
    facts = FamilyFacts((), (), ((rule, found.KIND),))
    return dataclasses.replace(base, findings=(f,), obligations=(deed,), family=facts).explain(
        audience="family", called="Maya", ring="01632 960 114"
    )


def lines(page: str, after: str) -> list[str]:
    """The lines of a part of the page."""
    return [x.removeprefix("- ") for x in page.split(f"{after}\n")[1].split("\n\n")[0].splitlines()]


def then(page: str) -> list[str]:
    return lines(page, "What happens next") if "What happens next" in page else []


def test_time_is_told_as_people_say_it() -> None:
    """735 days after the last weight, 7 June 2022: nobody counts in days, and no time is told shorter than it is."""
    page = Child("2022-03-01").weigh(7.0, "2022-06-07").review(ON).explain(audience="family", called="Maya")
    said = "Maya weighed 7.00 kg on 7 June 2022; that is more than two years ago."
    assert said in page and "735" not in page
    assert grade(said) <= 5 and grade(page) <= 5


@pytest.mark.parametrize("role", ["other", "system", "family"])
def test_nobody_is_your_other(role: str) -> None:
    child = Child("2024-03-01").weigh(5.0, "2024-06-10")
    page = child.add("lead_named", "2024-06-11", name="Hana Reid", lead_role=role).review(ON)
    told = page.explain(audience="family", called="Maya")
    assert "Hana Reid" in told and f"your {role}" not in told and f"the {role}" not in told


# --- every rule has its words, or is not told on purpose ------------------------------------------------------------


def words_of(rule: Any) -> Any:
    return TOLD.get(rule.id) or TOLD.get(rule.KIND)


@pytest.mark.parametrize("rule", HV.rules, ids=lambda r: r.id)
def test_every_rule_has_family_words_or_says_why_it_has_none(rule: Any) -> None:
    why = NOT_TOLD.get(rule.id) or NOT_TOLD.get(rule.KIND)
    levels = words_of(rule)
    assert (levels is None) != (why is None) or rule.id in TOLD
    if levels is not None and rule.KIND != "record_doubt":
        alike = {x.name for other in HV.rules if other.KIND == rule.KIND for x in other.levels}
        assert set(levels) - {""} <= alike, "no words for a level that there is not"
        assert all(x.name in levels or "" in levels for x in rule.levels), "each level"


def test_every_kind_is_told_or_not_on_purpose() -> None:
    assert {*KINDS} <= {*TOLD, *NOT_TOLD} and not {*TOLD} & {*NOT_TOLD}
    assert all(why.strip() for why in NOT_TOLD.values())
    assert {*TOLD, *NOT_TOLD} - {*KINDS} == {"P11", "P12a", "P12b", "P13b", "P13c"}


@pytest.mark.parametrize("rule", [r for r in HV.rules if r.KIND in NOT_TOLD and r.id not in TOLD], ids=lambda r: r.id)
def test_what_is_not_told_leaves_no_trace_on_the_page(rule: Any) -> None:
    # P7: "Never shown to the family as points."  P14, P11, P13, E6: about protection.  P2 to P4, OV, FD: among us.
    without = told_of("S2", "ask the ward")
    for level in rule.levels:
        assert told_of(rule.id, level.name).replace(rule.id, "S2") == without


@pytest.mark.parametrize(
    ("rule", "level", "values", "says"),
    [
        # The sentences of the specification, word for word.
        (
            "P1",
            "open",
            {"last": "2024-06-10"},
            (
                "We missed you on Monday 10 June. Is another day or a home visit easier? "
                "We would like to see Maya by Friday 14 June."
            ),
        ),
        ("S7", "open", {}, "We would like to weigh Maya by Friday 14 June."),
        ("G14a", "open", {}, "A doctor should see Maya by Friday 14 June."),
        ("G11", "severe", {"gravest": ("arm",)}, "A doctor should see Maya by Friday 14 June."),
        ("P5", "to name", {}, "The team lead is your contact until Friday 14 June."),
        (
            "P12a",
            "open",
            {},
            "Caring is tiring. We will ask how you are, too. You can ask for help for yourself: the team lead.",
        ),
        ("H1", "seen today", {}, "A doctor should see Maya by Friday 14 June."),
        ("G4", "below", {}, "We would like to talk with you, and make a plan by Friday 14 June."),
        ("G9", "red", {}, "A children's doctor should see Maya by Friday 14 June."),
        ("P8", "refer", {}, "We will ask a children's doctor to see Maya by Friday 14 June."),
        ("P8", "look", {}, "We would like a doctor or dietitian to look by Friday 14 June."),
        ("S5", "due", {}, "We would like to measure how long or tall Maya is by Friday 14 June."),
        ("Q1", "ask", {"question": "birth_date"}, "We do not have the birthday of Maya. Please tell us."),
        ("P6", "not accepted", {}, "Another team is to take over the care of Maya. Until they do, your contact is the team lead."),
    ],
)  # fmt: skip
def test_what_happens_next(rule: str, level: str, values: dict[str, Any], says: str) -> None:
    assert says in then(told_of(rule, level, values))


@pytest.mark.parametrize(
    ("rule", "level", "values", "says"),
    [
        ("G14a", "open", {}, "Maya gained a lot quickly."),
        ("G11", "severe", {"gravest": ("weight for length",), "standing": False}, "Maya is very thin for their length."),
        ("G11", "moderate", {"gravest": ("weight for length", "arm"), "standing": True}, "Maya is thin for their height."),
        ("G11", "severe", {"gravest": ("arm",)}, "Maya is very thin."),
        ("G11", "severe", {"gravest": ("oedema",)}, "Maya is swollen."),
        # Design, section 4: "slow growth can have many causes".
        (
            "G3",
            "fall",
            {},
            "Maya has put on less weight than we hoped. This can have many causes. We would like to find out why, with you.",
        ),
        ("G8", "weigh again today", {}, "The last weight may not be right."),
    ],
)  # fmt: skip
def test_how_the_child_is(rule: str, level: str, values: dict[str, Any], says: str) -> None:
    assert says in told_of(rule, level, values).splitlines()


def every_page() -> list[str]:
    out: list[str] = []
    for rule in HV.rules:
        for level in rule.levels:
            for values in ({}, {"question": "sex"}, {"last": "2023-06-10"}):
                out.append(told_of(rule.id, level.name, values))
            out.append(told_of(rule.id, level.name, unconfirmed=True, by=ON))
    return out


PAGES = every_page()


def plain(page: str) -> str:
    """The page without what is for staff."""
    return page.split("For staff:")[0]


def test_no_page_has_a_word_that_is_not_for_families_and_none_reassures() -> None:
    for page in PAGES:
        text = plain(page).lower()
        words = set(re.findall(r"[a-z]+", text))
        assert not [w for w in FORBIDDEN if w in text.replace("please", "")], page
        assert not [w for w in REASSURING if w in text], page
        assert not {"g4", "p1", "e1", "e4", "t2"} & words, page


def test_every_page_can_be_read_after_five_years_of_school() -> None:
    assert grade("The multidisciplinary reconsideration of anthropometric evidence necessitates documentation.") > 12
    assert max(grade(plain(page)) for page in PAGES) <= 5
    every = [x for levels in TOLD.values() for told in levels.values() for x in told if x]
    assert max(grade(" ".join(every)), grade(" ".join((*RING, HELP, TELL_US)))) <= 5


# --- what cannot wait -------------------------------------------------------------------------------------------------


def lost(kg: float = 10.0) -> Child:
    """From 12 kg, at two years and four months: 10 kg is 16.7 % less, which is an emergency (table 2a)."""
    return Child(birth_kg=3.0).weigh(12.0, 860).weigh(kg, 900)


CALL = "Ring 999 now, or go to the hospital with your child now."


def page(child: Child, day: Any, **more: Any) -> str:
    return child.review(day).explain(audience="family", **more)


def test_999_stands_first_until_it_is_done() -> None:
    assert page(lost(), 900).splitlines()[2] == CALL
    seen = lost().add("admission", 900, role="hospital_doctor")
    assert CALL not in page(seen, 900)


def test_a_doubted_weight_with_an_emergency_is_one_deed() -> None:
    # Design, section 3: "Weigh again NOW. If you cannot, or if it is right: ring 999".
    doubted = Child(birth_kg=3.0).weigh(12.0, 860).clothed(10.0, 900)
    says = "We would like to weigh your child again now. If we cannot, or if it is right: ring 999 now, or go to the hospital"
    assert any(says in line for line in page(doubted, 900).splitlines()) and CALL not in page(doubted, 900)


def test_when_to_ring_is_on_every_page() -> None:
    for one in (page(Child().weigh(4.0, 20), 30), page(lost(), 900), page(Child(born=None), 3)):
        assert "Ring us today if your child drinks less or has fewer wet nappies." in one
        assert (
            "Hard to wake, cold, mottled, or finds it hard to breathe: 999." in one
            and "Evenings and weekends: 111." in one
        )


@pytest.mark.parametrize("field", ["called", "ring"])
@pytest.mark.parametrize("given", ["", "  ", 7, ["Maya"]])
def test_a_name_or_number_that_says_nothing_is_refused(field: str, given: Any) -> None:
    # "We would like to see , and make a plan with you": no page has a hole where the child's name should be.
    review = quiet().review(45)
    with pytest.raises(GrowthwatchError, match=f"{field}: got .*, expected text with something in it"):
        review.explain(audience="family", **{field: given})


# --- one visit is one sentence ----------------------------------------------------------------------------------------


def weighing(child: Child, day: Any) -> list[str]:
    return [words for words in then(page(child, day)) if "weigh" in words]


def test_a_weight_that_is_overdue_and_one_that_may_be_wrong_are_one_sentence() -> None:
    # 5.0 kg on another scale, 16.7 % below the best: "weigh again today" (G8), and an uncertain weight ends no
    # overdue: S2 asks for a weight, too.  One weighing does for both.
    child = Child(birth_kg=3.4).led().condition("epilepsy", 50).weigh(5.0, 60).weigh(6.0, 120)
    child = child.weigh(5.0, 200, scale="other")
    review = child.review(200)
    assert {(f.rule, f.level) for f in review.findings} >= {("G8", "weigh again today"), ("S2", "red")}
    assert weighing(child, 200) == ["We would like to weigh your child again today."]
    # Four days later both are late: it is asked for today, once.
    assert weighing(child, 204) == ["We would like to weigh your child again today."]


def test_a_weight_that_counts_only_later_is_asked_for_beside_the_one_of_today() -> None:
    # G3 "confirm" is met by a weight from day 14 on: a weight of an earlier day does not do for it.
    base = Child("2024-03-01").weigh(5.0, "2024-06-10").review(ON)
    due = dataclasses.replace(base.due, due=ON, asked_by=None)
    found = HV.rule("G3")
    key = "G3@start"
    later = dt.date(2024, 6, 24)

    def told(not_before: dt.date | None) -> list[str]:
        deed = Obligation(
            key,
            "G3",
            "confirm",
            "a deed",
            "health_visitor",
            ON,
            later,
            False,
            None,
            id=f"{key}#0",
            not_before=not_before,
        )
        f = Finding(
            key, "G3", found.title, "confirm", "daily", "E1", ON, (), True, "words", FrozenDict(), (), (), "", False, "",
            "L", ON, (deed,), ON,
        )  # fmt: skip
        facts = FamilyFacts((), (), (("G3", found.KIND),))
        review = dataclasses.replace(base, findings=(f,), obligations=(deed,), family=facts, due=due)
        return then(review.explain(audience="family", called="Maya"))

    assert told(later) == ["We would like to weigh Maya today.", "We would like to weigh Maya again by 24 June."]
    assert told(None) == ["We would like to weigh Maya again today."]


def test_a_newborn_who_lost_and_still_loses_is_seen_at_one_visit() -> None:
    # 3.50 to 3.20 kg is 8.6 % ("watch"), and 3.18 kg two days later is less still (G1b): feed and weight, by one day.
    child = Child(birth_kg=3.5).led().weigh(3.20, 5).weigh(3.18, 7)
    assert {"G1", "G1b"} <= {f.rule for f in child.review(7).findings}
    said = weighing(child, 7)
    assert len(said) == 1 and said[0].startswith("We would like to see how a feed goes, and weigh your child again")


# --- held back --------------------------------------------------------------------------------------------------------


def hold(child: Child, day: Any, until: str, **more: Any) -> Child:
    return child.decide(day, "hold_family_page", target=until, **{"role": NAMED} | more)


def is_held(child: Child, day: Any) -> bool:
    one = page(child, day)
    assert "When to ring" in one and "999" in one  # "its words about 999 stay for the family even then"
    held = "is growing" not in one
    assert held == ("How you can help" not in one) == ("What happens next" not in one and "weighed" not in one)
    return held


def quiet() -> Child:
    """Born on 15 January 2024, weighed on day 40; day 50 is 5 March."""
    return Child().led().weigh(4.4, 40)


def test_a_named_nurse_holds_it_back_from_one_day_to_another() -> None:
    child = hold(quiet(), "2024-03-05", "2024-03-20")
    assert [is_held(child, d) for d in ("2024-03-04", "2024-03-05", "2024-03-20", "2024-03-21")] == [
        False,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("more", "until", "held"),
    [
        ({}, "2024-04-02", True),  # 28 days
        ({}, "2024-04-03", False),  # 29: refused
        ({"role": "health_visitor"}, "2024-03-20", False),
        ({"role": "team_lead"}, "2024-03-20", False),
    ],
)
def test_only_a_named_nurse_and_for_28_days_at_most(more: dict[str, Any], until: str, held: bool) -> None:
    child = hold(quiet(), "2024-03-05", until, **more)
    assert is_held(child, "2024-03-06") is held and bool(child.review("2024-03-06").refused) is not held


def test_a_release_ends_it_and_only_the_named_nurse_releases() -> None:
    child = hold(quiet(), "2024-03-05", "2024-03-20")
    freed = child.copy().decide("2024-03-10", "release_family_page", role=NAMED)
    assert is_held(freed, "2024-03-09") and not is_held(freed, "2024-03-10")
    assert is_held(child.copy().decide("2024-03-10", "release_family_page", role="gp"), "2024-03-11")
    again = hold(freed, "2024-03-12", "2024-03-15")
    assert not is_held(again, "2024-03-11") and is_held(again, "2024-03-15") and not is_held(again, "2024-03-16")


def test_held_back_999_stays_where_it_cannot_wait() -> None:
    child = hold(lost(), 900, str(lost().date(910)))
    assert page(child, 901).splitlines()[0] == CALL
    assert "lost" not in page(child, 901) and "weigh" not in page(child, 901)


def test_a_later_reading_of_the_same_review_knows_when_it_is_held() -> None:
    child = hold(quiet(), "2024-03-05", "2024-03-07")
    r = child.review("2024-03-06")
    assert "is growing" not in r.explain(audience="family")
    assert "is growing" in r.shown(dt.date(2024, 3, 8)).explain(audience="family")


# --- whom we asked ------------------------------------------------------------------------------------------------------


def referred(**more: Any) -> Child:
    fields = {"to": "Dr Iyer", "kind": "clinical", "about": "growth is slow", "service": "paediatrics"}
    return quiet().add("referral_made", "2024-03-04", **fields | more)


def test_whom_we_asked_is_told_with_until_when_to_wait() -> None:
    # A referral is answered in 10 working days: of Monday 4 March by Monday 18.
    says = "We asked Dr Iyer on Monday 4 March. If you hear nothing by 18 March, ring us: we will chase it, not you."
    assert says in then(page(referred(), "2024-03-06"))
    assert "growth is slow" not in page(referred(), "2024-03-06"), "what was written between us is not for the family"


def test_nobody_is_told_to_wait_for_those_who_have_declined() -> None:
    # Process specification, section 2: declined, the duty is with who asked; the family waits for nobody.
    child = referred(id="ref").add(
        "declined", "2024-03-06", request="ref", by="Dr Iyer", reason="not ours", role="other"
    )
    said = next(x for x in then(page(child, "2024-03-07")) if "Dr Iyer" in x)
    assert said == (
        "We asked Dr Iyer on Monday 4 March. They cannot help with this. We will find out who can, and tell you."
    )
    assert "If you hear nothing" not in page(child, "2024-03-20")


@pytest.mark.parametrize(
    ("day", "waits"),
    [("2024-03-18", True), ("2024-03-19", False)],  # answered in 10 working days: of 4 March by the 18th
)
def test_no_day_to_wait_for_lies_in_the_past(day: str, waits: bool) -> None:
    said = next(x for x in then(page(referred(), day)) if "Dr Iyer" in x)
    assert ("If you hear nothing by" in said) is waits
    assert ("We should have had an answer by Monday 18 March: we will ask again." in said) is not waits


def test_a_weight_that_has_not_recovered_is_not_said_to_have_been_lost() -> None:
    # P8 reads changes of z: a child who never weighed less than before has "not yet caught up".
    assert "The weight of Maya has not yet caught up." in told_of("P8", "refer")
    assert "put back" not in told_of("P8", "look")


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"kind": "safeguarding", "to": "Children's services", "service": "social_care"}, False),
        ({"kind": "safeguarding", "to": "Children's services", "service": "social_care", "family_told": "not_told",
          "not_told_because": "danger"}, False),
        ({"kind": "safeguarding", "to": "Children's services", "service": "social_care", "family_told": "agreed"}, True),
        ({"kind": "safeguarding", "to": "Children's services", "service": "social_care", "family_told": "disagreed"}, True),
        ({"to": "Children's services", "family_told": "not_told", "not_told_because": "danger"}, False),
        ({"to": "Children's services", "service": "other"}, False),
        ({"to": "Children's services", "service": None}, False),
    ],
)  # fmt: skip
def test_what_was_shared_is_said_not_told_excepted(more: dict[str, Any], told: bool) -> None:
    one = page(referred(**more), "2024-03-06")
    assert ("Children's services" in one) is told
    assert ("We talked with you about it." in one) is told


@pytest.mark.parametrize("kind", ["supervision", "second_review", "managers_talk", "sibling_review", "growth_summary",
                                  "legal_advice", "specialist_opinion", "other"])  # fmt: skip
def test_requests_among_us_are_not_told(kind: str) -> None:
    child = quiet().add("request_made", "2024-03-04", kind=kind, to=[{"name": "Ruth Vale"}], ask="look at it")
    assert "Ruth Vale" not in page(child, "2024-03-06")


def test_a_letter_is_not_told_and_an_answered_referral_no_longer() -> None:
    child = quiet().add("letter_sent", "2024-03-04", sender="Ann", to=[{"name": "Ruth Vale"}], purpose="growth")
    assert "Ruth Vale" not in page(child, "2024-03-06")
    done = referred(id="ref").add("referral_closed", "2024-03-06", referral="ref", action_taken=True, outcome="seen")
    assert "Dr Iyer" not in page(done, "2024-03-07")


# --- how it grows: nothing more than is known -----------------------------------------------------------------------


def test_the_last_weight_is_told_with_its_age() -> None:
    one = page(quiet(), 45, called="Maya")
    assert "Maya weighed 4.40 kg on Saturday 24 February; that is 5 days ago." in one
    assert "Maya weighed 4.40 kg today." in page(quiet(), 40, called="Maya")


def test_where_the_weight_is_overdue_nothing_is_said_of_now() -> None:
    one = page(quiet(), 200)
    assert "We have not weighed your child since, so we cannot say how your child is growing now." in one
    assert "We would like to weigh your child today." in then(one)


def test_without_a_weight_that_is_sure_it_says_so() -> None:
    assert "We have no weight of your child that we can be sure of." in page(Child(birth_kg=None).led(), 30)


def test_a_weight_that_may_be_wrong_is_said_to_be_so() -> None:
    one = page(Child().led().weigh(4.4, 40).weigh(44.0, 50), 50)
    assert "The last weight may not be right." in one and "44" not in plain(one)
    assert "We would like to weigh your child today." in then(one)


def test_after_a_death_there_is_no_page() -> None:
    one = page(quiet().add("died", 60, role="gp"), 61)
    assert one == "No page is made for the family after a death. Speak with them."


def test_what_is_told_of_two_findings_is_told_once() -> None:
    # Below the 2nd and the 0.4th centile and fallen from birth: why is said once.
    one = page(Child(birth_kg=3.4).led().steady(0.0, [40, 100]).at_z(-3.0, 200), 200)
    assert one.count("This can have many causes.") == 1


def test_names_are_words_and_no_fields() -> None:
    child = Child().led(name="{child} {0}").weigh(4.4, 40)
    one = page(child, 45, called="{by}")
    assert "How {by} is growing" in one and "{child} {0}, your health visitor" in one


def test_a_named_person_checks_it_and_it_names_what_judged() -> None:
    foot = page(quiet(), 45).splitlines()[-1]
    assert foot.startswith("For staff: child, 29 February 2024, uk-hv 0.4 ") and "not signed" in foot
    assert foot.endswith("The page was written by a computer and checked by: ____________________")
    assert page(quiet(), 45).count("Please tell us and we will put it right.") == 1


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (dt.date(2024, 6, 19), "Wednesday 19 June"),
        (dt.date(2024, 6, 20), "20 June"),
        (dt.date(2024, 6, 5), "Wednesday 5 June"),
        (dt.date(2025, 1, 3), "3 January 2025"),
    ],
)
def test_days_have_their_weekday_up_to_a_week_ahead_and_the_year_if_it_is_another(day: dt.date, words: str) -> None:
    assert day_words(day, ON) == words


def test_wrong_arguments_are_refused_in_words() -> None:
    r: Review = quiet().review(45)
    with pytest.raises(gw.GrowthwatchError, match="audience: got 'parents', expected 'staff' or 'family'"):
        r.explain(audience="parents")  # type: ignore[arg-type]
    with pytest.raises(gw.GrowthwatchError, match="finding"):
        r.explain("G4", audience="family")


def test_told_is_empty_where_a_level_is_not_told() -> None:
    assert TOLD["weighing_overdue"]["ask the ward"] == Told() == TOLD["no_lead"]["two leads"]


def test_a_lead_who_is_written_down_as_an_office_is_said_once() -> None:
    child = Child().led(1, name="specialist health visitor", lead_role="specialist_health_visitor").steady(0, [12, 50])
    text = child.review(60).explain(audience="family", called="Maya", ring="01234")
    assert "Your specialist health visitor: 01234." in text or "your specialist health visitor: 01234." in text
    assert "specialist health visitor, your specialist" not in text
