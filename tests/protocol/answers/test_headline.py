"""What the first line of a review says, and S4's note (specification 0.4; process specification, S4)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from builders import HV, Child

from growthwatch.protocol import Protocol, Signature, review
from growthwatch.record import Record


def quiet() -> Child:
    return Child().steady(0, [4, 12, 50])


def test_nothing_is_open() -> None:
    assert quiet().review(60).headline().endswith("tier T0; nothing is open.")


def test_it_names_the_rules_that_could_not_be_judged() -> None:
    line = Child(birth_kg=None).steady(0, [4, 12, 50]).review(60).headline()
    assert line.endswith("nothing is open; 3 rules could not be judged: G1, G2 and G3.") or (
        "nothing is open; " in line and "could not be judged: " in line and "G3" in line
    )
    n = len(Child(birth_kg=None).steady(0, [4, 12, 50]).review(60).not_judged)
    assert f"{n} rule{'s' if n > 1 else ''} could not be judged" in line


def test_without_a_birth_date_every_rule_that_is_not_judged_is_named() -> None:
    r = Child(born=None, birth_kg=None).weigh(8.0, 300).review(320)
    assert "G3" in dict(r.not_judged) and "S2" in dict(r.not_judged)
    assert r.headline().endswith("one finding is open."), "Q1 asks for the birth date"
    assert all(rule in r.explain().split(" could not be judged")[0] for rule, _ in r.not_judged)
    assert r.explain().count("could not be judged: no birth date is recorded") == 1, "one reason, told once"


@pytest.mark.parametrize(("day", "told"), [(60, True), (74, True), (75, False)])
def test_never_while_a_recorded_sign_is_unanswered(day: int, told: bool) -> None:
    r = quiet().sign("diarrhoea", 60).review(day)
    assert (
        "nothing is open" not in r.headline() and "signs recorded on 15 March 2024 are unanswered" in r.headline()
    ) is told
    assert "nothing is open" in quiet().sign("diarrhoea", 60).examined(61, role="gp").review(61).headline()


def test_never_while_an_adoption_is_unknown() -> None:
    child = quiet().add("protocol_adopted", 55, protocol="ours", hash="sha256:" + "0" * 64, role="team_lead")
    r = review(child.record, protocol=[HV], as_of=child.date(60))
    assert "nothing is open" not in r.headline() and "not among those given" in r.headline()
    assert isinstance(HV, Protocol)


def test_never_of_a_child_who_was_never_weighed() -> None:
    empty = review(Record("child", []), protocol=HV, as_of=dt.date(2026, 1, 1))
    told = "nothing has been weighed, and no birth date is recorded."
    assert empty.headline() == f"child on 1 January 2026: tier T0; {told}" and empty.anything_open
    # Born and not yet weighed: the first routine weight is not overdue before day 8 (section 1).
    for child in (
        Child(birth_kg=None),
        Child(birth_kg=None).contact(2),
        Child(birth_kg=None).weigh(3.4, 1, id="w").add("entered_in_error", 2, target="w", reason="other child"),
    ):
        line = child.review(3).headline()
        assert "nothing has been weighed" in line and "nothing is open" not in line, line
        assert child.review(3).anything_open
    assert "nothing is open" in Child(birth_kg=3.4).review(3).headline()
    assert Child(birth_kg=None).add("died", 2, role="gp").review(3).headline().endswith("Nothing further is due.")


def test_it_counts_what_the_list_shows() -> None:
    # 5 % below the best at 2 years and more than 14 days after it: an interrupt whose deed is due in 2 days.
    child = Child(birth_kg=3.0).weigh(12.0, 860).weigh(11.35, 900)
    r = child.review(900)
    assert r.findings[0].loudness == "interrupt"
    assert [t.group for t in r.to_do() if "G8" in t.rules] == ["next"]
    assert "cannot wait" not in r.headline()
    late = child.review(903)
    assert "now" in {t.group for t in late.to_do()}
    assert "cannot wait" in late.headline()


# --- S4 -----------------------------------------------------------------------------------------------


def weighed_often(days: int, **more: str) -> Child:
    """In T1 from 1 year, ceiling monthly (28 days): two weights so many days apart."""
    child = Child().add("level_changed", 0, to="early_help").steady(0, [4, 12, 50, 200, 400])
    return child.at_z(0, 400 + days, **more)


def often(child: Child, day: int) -> list[str]:
    return [n for n in child.review(day).notes if n.startswith("Weighed after")]


@pytest.mark.parametrize(("days", "told"), [(27, True), (28, False)])
def test_s4_27_of_28_days_yes_28_no(days: int, told: bool) -> None:
    found = often(weighed_often(days), 400 + days)
    assert found == (["Weighed after 27 days; monthly is usual at this age."] if told else [])
    assert "S4" not in weighed_often(days).levels(400 + days), "a note, no finding"


def test_s4_not_in_t0_nor_t3() -> None:
    assert not often(Child().steady(0, [4, 12, 50, 400, 420]), 420)
    child = Child(birth_kg=None).at_z(-2.5, 492).at_z(-3.2, 500).at_z(-3.2, 510)
    assert child.review(510).tier == "T3" and not often(child, 510)


@pytest.mark.parametrize(
    "explain",
    [
        lambda c: c.add("concern", 406, raised_by="mother", about="thin"),
        lambda c: c.add("admission", 402, role="hospital_doctor").add("discharged", 406, role="hospital_doctor"),
        lambda c: c.plan(401, floor_days=14),
    ],
)
def test_s4_not_where_something_explains_it(explain: object) -> None:
    child = Child().add("level_changed", 0, to="early_help").steady(0, [4, 12, 50, 200, 400])
    explain(child)  # type: ignore[operator]
    assert not often(child.at_z(0, 420), 420)


@pytest.mark.parametrize(("ago", "told"), [(14, False), (15, True)])
def test_s4_a_concern_explains_for_14_days(ago: int, told: bool) -> None:
    child = Child().add("level_changed", 0, to="early_help").steady(0, [4, 12, 50, 200, 400])
    child.add("concern", 420 - ago, raised_by="mother", about="sleep", topics=["other"]).at_z(0, 420)
    assert bool(often(child, 420)) is told


def test_s4_not_after_a_weight_that_was_not_valid() -> None:
    child = Child().add("level_changed", 0, to="early_help").steady(0, [4, 12, 50, 200])
    assert not often(child.clothed(9.5, 400).at_z(0, 410), 410)


# --- how much is open, in every form ------------------------------------------------------------------------------


def tail(child: Child, day: int) -> str:
    return child.review(day).headline().partition("; ")[2]


def test_a_doubted_weight_alone_is_to_be_repeated() -> None:
    # A rise of 1.5 SD within 28 days of a girl at the middle: doubted as too high, and nothing else is open.
    child = Child().steady(0, [4, 12, 50, 200]).at_z(1.5, 220)
    assert child.review(220).findings == ()
    assert tail(child, 220) == "a weight must be repeated."


def test_one_and_several_that_cannot_wait() -> None:
    child = Child().steady(0, [4, 12, 50, 200]).sign("sunken_eyes", 210)
    assert tail(child, 210) == "one finding is open and cannot wait."
    # 5.1 % below the best with a danger sign: G8 too.
    kg = child.events[-2]["weight_kg"]
    child.weigh(round(0.949 * kg, 3), 210)
    r = child.review(210)
    loud = [f for f in r.findings if f.loudness == "interrupt"]
    assert len(loud) == 2 <= len(r.findings)
    assert tail(child, 210) == f"{len(r.findings)} findings are open, of which 2 cannot wait."


def test_what_could_not_wait_and_was_done_is_said() -> None:
    # Loss of 10.3 % on day 4: assess today.  Examined that day, it stays open until the weight is back.
    child = Child(birth_kg=3.5).weigh(3.14, 4)
    assert tail(child, 4) == "one finding is open and cannot wait."
    child.examined(4, role="health_visitor")
    assert tail(child, 4) == "one finding is open; what could not wait is recorded as done."


def asked() -> Child:
    """Below -3 SDS: ring paediatrics today (G13).  A referral of that day shows it done, until they say no."""
    child = Child(birth_kg=None).led().at_z(-3.3, 200)
    child.add("referral_made", 200, id="ref", to="Dr Iyer", kind="clinical", service="paediatrics", about="growth")
    assert tail(child, 200).endswith("what could not wait is recorded as done.")
    return child


def test_what_was_asked_for_and_declined_is_not_said_to_be_done() -> None:
    child = asked().add("declined", 201, request="ref", by="Dr Iyer", reason="not ours", role="paediatrician")
    assert "recorded as done" not in tail(child, 201)
    told, story = child.review(201).explain(), child.review(201).explain("G13")
    assert "(G13): 2 August 2024 (ref), but declined on 3 August 2024." in told
    assert "- 2 August 2024: done: ring paediatrics: weight below -3 SDS (ref), but declined on 3 August 2024." in story


def test_what_was_asked_for_and_withdrawn_is_as_if_nobody_had_asked() -> None:
    # Nobody is waited for: the deed stands, late since the day on which it was due, and the ladder goes on from there.
    child = asked().add("withdrawn", 201, request="ref", reason="by mistake", role="team_lead")
    assert tail(child, 201).endswith("of which 1 cannot wait.")
    told, story = child.review(201).explain(), child.review(201).explain("G13")
    assert "ring paediatrics: weight below -3 SDS (G13). Was due by 2 August 2024, 1 day ago." in told
    assert "August 2024: done: ring" not in story and "nothing is recorded as done: ring paediatrics" in story


def test_findings_that_can_wait_are_counted_alone() -> None:
    # G4 alone: the child has a lead (P5), and was measured that day (S5).
    child = Child(birth_kg=None).led().at_z(-2.2, 300).add("measured", 300, measure="height", value_cm=66.0)
    assert tail(child, 300) == "one finding is open."
    assert tail(Child(birth_kg=None).at_z(-2.7, 300).at_z(-2.7, 301), 301).endswith("findings are open.")


def test_of_a_child_who_died_nothing_is_said_to_be_due() -> None:
    child = Child().steady(0, [4, 12]).add("died", 20, role="gp")
    assert child.review(21).headline() == "child died on 4 February 2024. Nothing further is due."
    alone = Child().steady(0, [4, 12]).add("died", 20, role="administrator")
    assert alone.review(21).headline() == (
        "child died on 4 February 2024. Nothing further is due; whether that is right is asked."
    )


@pytest.mark.parametrize("how", [{"scale": "other"}, {"clothing": "clothed"}, {"date_certain": False}])
def test_nothing_is_open_is_not_said_of_a_weight_that_tells_nothing_for_sure(how: dict[str, Any]) -> None:
    child = Child("2025-03-10", "male").steady(0, [14, 42, 84, 126, 168]).weigh(8.0, 175, **how)
    made = child.review(175)
    assert "nothing is open" not in made.headline() and "tells nothing for sure: weigh again" in made.headline()
    assert made.anything_open


def test_a_signature_of_who_may_not_sign_validates_nothing() -> None:
    by = {"by": "X", "on": dt.date(2026, 11, 1)}
    for role, signed in (("system", False), ("paediatrician", True)):
        given = HV.signed_with(Signature.of(HV.id, HV.version, HV.hash, role=role, **by))
        assert (given.signed is not None) is signed
