"""Findings whose event was an error (specification 0.4, section 0, Opens / closes; section 1, the ways out)."""

from __future__ import annotations

import pytest
from builders import Child, fallen, folded


def wrong(child: Child, day: int, target: str | None = None) -> Child:
    return child.add("entered_in_error", day, id=f"mark-{day}", target=target or child.last, reason="another child")


def best(kg: float = 12.0) -> Child:
    return Child(birth_kg=3.0).weigh(kg, 860)


def test_one_that_closes_by_recovery_is_judged_anew_that_day_and_closes_where_nothing_stands() -> None:
    child = wrong(best().weigh(11.0, 900), 902)
    assert child.levels(901)["G8"] == "7.5 %"
    assert "G8" not in child.levels(902)
    assert child.closed("G8", 902) == [(902, "mark-902")]


def test_its_level_falls_to_what_stands() -> None:
    # 11.3 is 5.8 % below 12.0, 10.7 is 10.8 %.
    child = best().weigh(11.3, 900).weigh(10.7, 903)
    assert child.levels(903)["G8"] == "emergency"
    wrong(child, 905)
    r = child.review(905)
    f = next(f for f in r.findings if f.rule == "G8")
    assert (f.level, f.key, child.age(f.opened_on), f.raised) == ("5 %", "G8@start", 900, ())
    asked = [o for o in r.obligations if o.rule == "G8"]
    assert asked and all(o.level == "5 %" for o in asked), "what only the error asked for is void"
    # Nobody examined the child by day 902, and no urgent paediatrics were asked by day 903: the ladder asks for 999.
    assert [(o.rung, child.age(o.deadline)) for o in asked if "999" in o.do] == [("E3", 904)]


def test_what_it_had_shown_before_the_error_stands_though_the_last_weight_is_not_below_it() -> None:
    # 11.3 opens at 5 %; 11.7 is 2.5 % below: not met, and no recovery (2 %); then an error of 10.5.
    child = best().weigh(11.3, 900).weigh(11.7, 910).weigh(10.5, 915)
    wrong(child, 916)
    assert child.levels(916)["G8"] == "5 %"
    child.weigh(11.8, 920)
    assert "G8" not in child.levels(920)


def test_a_best_weight_that_was_an_error_takes_the_loss_with_it() -> None:
    child = Child(birth_kg=3.0).weigh(11.0, 850).weigh(11.9, 860)
    error = child.last
    child.weigh(11.1, 900)
    assert child.levels(900)["G8"] == "5 %"
    wrong(child, 901, error)
    assert "G8" not in child.levels(901)


def test_a_correction_does_the_same() -> None:
    child = best().weigh(10.7, 900)
    child.weigh(11.7, 900, corrects=child.last, late=3, id="put-right")
    assert child.levels(902)["G8"] == "emergency"
    assert "G8" not in child.levels(903) and child.closed("G8", 903) == [(903, "put-right")]


def test_what_stands_on_another_event_says_from_when() -> None:
    # The correction is a loss too, by 10.8 %: the same finding, on what was put right.
    child = best().weigh(10.5, 900)
    child.weigh(10.7, 900, corrects=child.last, late=3, id="put-right")
    f = next(f for f in child.review(903).findings if f.rule == "G8")
    assert (f.level, f.key, child.age(f.opened_on)) == ("emergency", "G8@start", 900)
    assert [child.age(d) for d, _ in f.raised] == [903] and "put-right" in f.witness
    assert "open since 3 July 2026, judged anew on 6 July 2026" in child.review(903).explain()


def test_met_again_it_opens_anew() -> None:
    child = wrong(best().weigh(11.0, 900), 902).weigh(11.0, 905)
    assert child.levels(905)["G8"] == "7.5 %"
    assert {f.key for f in child.review(905).findings if f.rule == "G8"} == {"G8@mark-902"}


def test_one_that_closes_by_signature_stays_says_so_and_may_be_signed_without_two_weights() -> None:
    child = wrong(Child(birth_kg=None).at_z(-0.5, 300).at_z(-2.2, 390), 392)
    f = next(f for f in child.review(392).findings if f.rule == "G4")
    assert any("marked as an error" in n and "without two weights" in n for n in f.notes)
    child.decide(393, "close_finding", target=f.key)
    assert "G4" not in child.levels(393)


def test_still_met_by_another_weight_it_is_not_signed_away() -> None:
    child = wrong(Child(birth_kg=None).at_z(-2.3, 300).at_z(-2.4, 390), 392)
    child.decide(393, "close_finding", target="G4@start")
    assert "G4" in child.levels(393)


@pytest.mark.parametrize("role", ["physiotherapist", "administrator"])
def test_not_by_whoever_does_not_sign(role: str) -> None:
    child = wrong(Child(birth_kg=None).at_z(-0.5, 300).at_z(-2.2, 390), 392)
    child.decide(393, "close_finding", target="G4@start", role=role)
    assert "G4" in child.levels(393)


def test_a_tier_that_only_an_error_had_raised_is_signed_down_without_two_weights() -> None:
    child = wrong(Child(birth_kg=None).led().at_z(-0.5, 300).at_z(-2.2, 390), 392)
    assert child.review(392).tier == child.review(391).tier >= "T2", "a mark lowers no tier"
    child.decide(393, "close_finding", target="G4@start").decide(394, "lower_tier", tier="T0")
    r = child.review(394)
    assert (r.tier, r.refused) == ("T0", ())


def test_a_tier_that_a_true_weight_raised_needs_its_two_weights() -> None:
    child = fallen(0, -1.5, 400).at_z(-1, 410)
    child.decide(411, "lower_tier", tier="T0")
    assert child.review(411).tier == "T2"


def test_the_tier_of_an_emergency_that_was_an_error() -> None:
    child = wrong(best().led().weigh(10.7, 900), 902).decide(903, "lower_tier", tier="T0")
    r = child.review(903)
    assert (r.tier, r.refused) == ("T0", ())


def test_visiting_every_day_gives_the_same() -> None:
    child = wrong(best().weigh(11.3, 900).weigh(10.7, 903), 905).weigh(11.9, 920)
    for day in (905, 912, 920, 960):
        jump, daily = (folded(child.record, child.date(day), every_day=e) for e in (False, True))
        assert {f.key: f.level for f in jump.state.open.values()} == {f.key: f.level for f in daily.state.open.values()}


def test_a_tier_that_nothing_holds_is_not_undone_by_a_correction_of_what_closed_before() -> None:
    # High need, so that G9 is red after 84 days; a new best closes it on day 840, and a typing error in that weight
    # is put right ten days later.  S6 opens once, on day 897 (57 days after; specification 2, S6), and stays.
    days = [4, 12, 42, 70, 98, 126, 180, 240, 300, 360, 420, 480, 540, 600, 660, 720, 748]
    child = Child(sex="male").led().steady(0.8, days).condition("cerebral_palsy", 700, gmfcs=5)
    best = child.kg(0.8, 748)
    child.add("measured", 820, measure="height", value_cm=90.0)  # so that no length is due
    child.weigh(round(best - 0.01, 2), 790).weigh(round(best - 0.02, 2), 834)
    assert child.levels(835) == {"G9": "red", "P13a": "ask"} and child.review(835).tier == "T2"
    child.weigh(round(best * 1.02, 3), 840, id="best")
    child.weigh(round(best * 1.021, 3), 840, id="put-right", corrects="best", late=10)
    assert (child.opened("S6", 960), child.closed("S6", 960)) == ([(897, "open")], [])
    jump, daily = (folded(child.record, child.date(960), every_day=n) for n in (False, True))
    said = [
        [(c.day, [f.key for f, _ in c.opened], [f.key for f in c.closed]) for c in f.changes] for f in (jump, daily)
    ]
    assert said[0] == said[1]


def test_a_question_does_not_rest_on_what_a_waiting_finding_rested_on_and_counts_no_more() -> None:
    # The birth is taken back while a loss is open: the missing birth date is asked about once, and stays open.
    child = Child(birth_kg=3.4).weigh(5.2, 60).weigh(4.7, 90)
    born = next(e["id"] for e in child.events if e["type"] == "born")
    child.add("entered_in_error", 95, target=born, reason="wrong child")
    opened = [d for d in range(95, 110) for c in [folded(child.record, child.date(d))] for x in c.changes
              if x.day == child.date(d).toordinal() for f, _ in x.opened if f.slot.startswith("Q1:birth_date")]  # fmt: skip
    assert opened == [95]


def lowered() -> Child:
    """G3 from day 200 on, signed closed on day 290 and the tier signed down on day 291, by two valid weights inside."""
    child = Child(birth_kg=None).led().at_z(0, 0).at_z(0, 100).at_z(-1.4, 200).at_z(-0.5, 240)
    child.at_z(0.1, 270).at_z(0.1, 290).add("measured", 290, measure="height", value_cm=72.0, position="lying")
    child.decide(290, "close_finding", target="G3@start", role="paediatrician", id="closed")
    return child.decide(291, "lower_tier", tier="T1", role="paediatrician", id="low")


def test_a_signature_that_was_an_error_closes_nothing_and_lowers_nothing() -> None:
    # As if it had never been: without the one the child is in T2 as before; without the other G3 is open as before.
    assert (lowered().review(294).tier, lowered().levels(294)) == ("T1", {})
    one, other = wrong(lowered(), 295, "low"), wrong(lowered(), 295, "closed")
    for day in (295, 299):
        assert one.review(day).tier == other.review(day).tier == "T2"
        assert one.levels(day) == {}
        (found,) = other.review(day).findings
        assert (found.key, other.age(found.opened_on), found.closed_on) == ("G3@start", 200, None)
    # The mark is taken back on day 297: what was signed is signed anew, or not at all.
    assert wrong(one, 297, "mark-295").review(299).tier == "T2"
    # What was signed anew since stands.
    again = one.copy().decide(296, "lower_tier", tier="T1", role="paediatrician")
    assert again.review(299).tier == "T1"


def test_a_tier_signed_down_a_second_time_stays_down_where_the_first_was_an_error() -> None:
    child = lowered().at_z(-1.4, 320).at_z(-0.5, 350).at_z(0.1, 380).at_z(0.1, 400)
    child.add("measured", 400, measure="height", value_cm=76.0, position="lying")
    key = next(f.key for f in child.review(400).findings if f.rule == "G3")
    child.decide(400, "close_finding", target=key, role="paediatrician")
    child.decide(401, "lower_tier", tier="T1", role="paediatrician")
    assert child.review(402).tier == "T1"
    assert wrong(child, 405, "low").review(406).tier == "T1"


@pytest.mark.parametrize("by", ["contact", "weighed"])
def test_a_visit_that_was_an_error_leaves_the_child_unseen(by: str) -> None:
    child = Child().led().add("protection_plan", 30, state="began").add("was_not_brought", 60, service="clinic")
    child = child.contact(62) if by == "contact" else child.weigh(5.6, 62)
    assert "P1" in child.levels(61) and "P1" not in child.levels(63)
    assert "P1" in wrong(child, 64).levels(64)


# --- what was answered by an error ------------------------------------------------------------------


def worried(day: int) -> Child:
    """A child of two years in T0 about whose weight somebody worries: S7 opens on the day (section 2, S7)."""
    child = Child().led().at_z(0.0, 12).at_z(0.0, 70).at_z(0.0, 370)
    return child.add("concern", day, raised_by="nursery", about="thin", topics=["looks"])


@pytest.mark.parametrize("weighed", [800, 803], ids=["on the day of the worry", "later"])
def test_a_worry_whose_weight_was_an_error_is_asked_again(weighed: int) -> None:
    """S7 closes by a valid weight of the day of the worry or later: one of another child is none."""
    child = worried(800).at_z(0.0, weighed)
    assert "S7" not in child.levels(804)
    child = wrong(child, 805)
    assert child.opened("S7", 806)[-1] == (805, "open")
    f = next(f for f in child.review(805).findings if f.rule == "S7")
    assert [child.age(o.deadline) for o in f.obligations] == [812]  # T0 from one year: 7 days, from the day it opened
    assert "S7" not in child.at_z(0.0, 807).levels(807)


def test_a_worry_whose_weight_was_clothed_after_all_is_asked_again() -> None:
    child = worried(800).at_z(0.0, 803)
    child.add(
        "weighed", 803, late=3, id="right", corrects=child.last, weight_kg=12.0, clothing="clothed", scale="class_iii"
    )
    assert "S7" not in child.levels(805) and child.levels(806)["S7"] == "open"


def test_a_worry_with_another_valid_weight_since_stays_answered() -> None:
    child = worried(800).at_z(0.0, 803)
    by = child.last
    assert "S7" not in wrong(child.at_z(0.0, 804), 805, by).levels(806)


def test_an_old_worry_is_not_asked_again_because_of_a_weight_that_never_answered_it() -> None:
    """The worry of the day 800 was answered on the 803rd; the weight of the day 900 was another child's."""
    child = wrong(worried(800).at_z(0.0, 803).at_z(0.0, 900), 905)
    assert "S7" not in child.levels(906)


@pytest.mark.parametrize("seen", [100, 102], ids=["on the day of the illness", "later"])
def test_an_illness_whose_examination_was_an_error_is_asked_again(seen: int) -> None:
    """H2 closes by an examination after it; under six months vomiting opens it in T0."""
    child = Child().led().at_z(0.0, 90).ill(100, signs=["vomiting"], time="09:00")
    child = child.examined(seen, role="gp", actor="gp", time="11:00")
    assert "H2" not in child.levels(104)
    child = wrong(child, 105)
    assert child.levels(105)["H2"] == "unwell"
    assert "H2" not in child.examined(106, role="gp", actor="gp").levels(106)


def test_an_illness_of_which_nobody_was_to_be_asked_is_not_asked_for_now() -> None:
    """At 14 months in T0 vomiting opens nothing; an examination of years later that was an error changes that not."""
    child = (
        Child()
        .led()
        .at_z(0.0, 400)
        .ill(430, signs=["vomiting"])
        .add("level_changed", 700, to="early_help", role="early_support_lead")
    )
    child = wrong(child.examined(800, role="gp", actor="gp"), 805)
    assert "H2" not in child.levels(806)


def watched() -> Child:
    """A child of a year in T1 since the 20th day."""
    child = Child().led().add("level_changed", 20, to="early_help", role="early_support_lead")
    return child.at_z(0.0, 12).at_z(0.0, 70).at_z(0.0, 370)


def test_an_illness_that_was_itself_put_right_is_asked_again() -> None:
    child = watched().ill(400, signs=["vomiting"])
    ill = child.last
    child = child.examined(401, role="gp", actor="gp")
    seen = child.last
    child = child.ill(400, late=3, signs=["vomiting"], corrects=ill)
    assert "H2" not in child.levels(409)
    assert wrong(child, 410, seen).levels(410)["H2"] == "unwell"


def test_signs_written_down_after_their_answer_are_asked_again() -> None:
    child = watched().examined(402, role="gp", actor="gp")
    seen = child.last
    child = child.ill(400, late=10, signs=["vomiting"])
    assert "H2" not in child.levels(411)
    assert wrong(child, 415, seen).levels(415)["H2"] == "unwell"


def test_a_worry_written_down_after_its_weight_is_asked_again() -> None:
    child = Child().led().at_z(0.0, 12).at_z(0.0, 70).at_z(0.0, 370).at_z(0.0, 805)
    weight = child.last
    child = child.add("concern", 800, late=10, raised_by="nursery", about="thin", topics=["looks"])
    assert "S7" not in child.levels(811)
    assert wrong(child, 815, weight).levels(815)["S7"] == "open"


def test_an_illness_that_opened_nothing_opens_nothing_when_the_tier_rises_months_later() -> None:
    """At 13 months in T0 vomiting opens nothing; that its examination was an error is no news of the day 1000."""
    child = Child().led().at_z(0.0, 12).at_z(0.0, 70).at_z(0.0, 370).ill(400, signs=["vomiting"])
    child = wrong(child.examined(400, role="gp", actor="gp"), 402)
    child = child.add("level_changed", 1000, to="early_help", role="early_support_lead")
    assert child.opened("H2", 1001) == []


def test_a_worry_that_opened_nothing_opens_nothing_when_the_tier_rises_later() -> None:
    """From five years on a worry opens S7 from T1 on only."""
    child = Child().led().at_z(0.0, 12).at_z(0.0, 70).at_z(0.0, 370)
    child = child.add("concern", 1950, raised_by="nursery", about="thin", topics=["looks"]).at_z(0.0, 1950)
    child = wrong(child, 1952).add("level_changed", 1960, to="early_help", role="early_support_lead")
    assert child.opened("S7", 1961) == []


def test_a_worry_whose_weight_a_wrong_signature_had_confirmed_is_asked_again() -> None:
    """Pounds for kilograms: doubted, confirmed by a paediatrician, and the signature was another child's."""
    child = worried(430)
    child.weigh(round(child.kg(0.0, 433) * 2.2046, 2), 433, id="w")
    child.decide(434, "confirm_weight", target="w", role="paediatrician", id="confirmed")
    assert child.levels(433)["S7"] == "open" and "S7" not in child.levels(435)
    assert wrong(child, 436, "confirmed").levels(436)["S7"] == "open"


def test_an_illness_that_had_opened_is_asked_again_in_whatever_tier() -> None:
    """Opened in T1 at 13 months and closed by an examination; the early help has ended since."""
    child = watched().ill(400, signs=["vomiting"]).examined(401, role="gp", actor="gp")
    seen = child.last
    child.add("level_changed", 420, to="universal", role="early_support_lead")
    child = child.at_z(0.0, 430).at_z(0.0, 460)
    assert "H2" not in child.levels(469)
    assert "H2" in wrong(child, 470, seen).levels(470)
