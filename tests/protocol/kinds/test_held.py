"""A tier that nothing holds (S6).

Source: specification of the protocol, section 2, S6: T2 or T3, no open finding holds it, 56 days since the last that
did closed (none did: since the tier rose); the review says from which day it could be signed.
"""

from __future__ import annotations

import pytest
from builders import HV, Child
from losing import found

from growthwatch.protocol import review
from growthwatch.record import Record


def low(**more: object) -> Child:
    """In T2 by G4 from day 200, which closes by a signature on day 260: the tier stays."""
    child = Child(birth_kg=None, **more).steady(0.0, [40, 100]).at_z(-2.1, 200).steady(-1.5, [230, 250])  # type: ignore[arg-type]
    return child.decide(260, "close_finding", target="G4@start", id="closing")


def s6(child: Child, day: int) -> str | None:
    return next((f.says for f in child.review(day).findings if f.rule == "S6"), None)


@pytest.mark.parametrize(("day", "opens"), [(316, False), (317, True)])
def test_it_opens_on_the_first_day_after_56(day: int, opens: bool) -> None:
    # A rule that needs a period to pass fires on the first day after it: 260 + 56 + 1.
    child = low()
    assert child.review(261).tier == "T2" and "G4" not in child.levels(261)
    assert (s6(child, day) is not None) is opens
    assert child.opened("S6", 400) == [(317, "open")]


def test_it_says_since_when_and_from_when_it_can_be_signed() -> None:
    # Nothing has held T2 since 1 October 2024; T2 since 2 August, and 56 days of it end on 27 September.
    assert s6(low(), 317) == (
        "Nothing that is open has held T2 since 1 October 2024: sign it down, or say why not. It can be signed as soon "
        "as two consecutive valid weights are inside every threshold; for steady growth from 27 September 2024."
    )
    # Of high need the steady way out is not open.
    need = low(gmfcs=4)
    text = s6(need, 400)
    assert text is not None and text.endswith(" as soon as two consecutive valid weights are inside every threshold.")


def test_five_working_days_to_sign() -> None:
    # Day 317 is Wednesday 27 November 2024: five working days later is Wednesday 4 December.
    (o,) = found(low().review(317), "S6").obligations
    assert (o.set_on.isoformat(), o.deadline.isoformat()) == ("2024-11-27", "2024-12-04")


def test_an_open_finding_that_holds_the_tier_stays_its_hand() -> None:
    child = low()
    held = child.copy().at_z(-2.2, 300)
    assert "G4" in held.levels(317) and s6(held, 317) is None
    # A finding that asks for no tier holds none.
    other = child.copy().sign("sunken_eyes", 300)
    assert "H1" in other.levels(317) and s6(other, 317) is not None


def test_the_signature_that_lowers_the_tier_closes_it() -> None:
    child = low().led(200).steady(-1.5, [300, 318]).decide(320, "lower_tier", tier="T0", id="down")
    assert child.review(320).tier == "T0" and child.closed("S6", 320) == [(320, "down")]
    refused = low().decide(320, "lower_tier", tier="T2", id="down")
    assert s6(refused, 320) is not None


@pytest.mark.parametrize(("final", "closes"), [(True, True), (False, False)])
def test_an_answer_that_says_why_not_closes_it_for_56_days(final: bool, closes: bool) -> None:
    child = low()
    key = found(child.review(317), "S6").key
    child.add("answered", 320, request=key, by="lead", outcome="still worried", final=final, id="why")
    assert child.closed("S6", 330) == ([(320, "why")] if closes else [])
    assert [d for d, _ in child.opened("S6", 500)] == ([317, 377] if closes else [317])


def test_it_rests_on_what_held_the_tier_and_on_what_closed_it() -> None:
    child = low()
    finding = found(child.review(317), "S6")
    raised = next(e["id"] for e in child.events if e["on"] == child.date(200))
    assert {raised, "closing"} <= set(finding.witness)
    # From those events alone it opens on the same day (process specification, section 9, 19).
    alone = Record("child", [child.record.event(id) for id in finding.witness])
    for day, opens in ((316, False), (317, True)):
        findings = review(alone, protocol=HV, as_of=child.date(day)).findings
        assert ("S6" in {f.rule for f in findings}) is opens


def test_not_in_lower_tiers() -> None:
    child = Child(gmfcs=1).steady(0.0, [12, 40, 68, 96, 124, 152, 200])
    assert child.review(300).tier == "T1" and s6(child, 400) is None


def test_what_two_weights_no_longer_met_on_the_first_day_holds_no_tier() -> None:
    """It has no duty but to be signed, and makes no tier (process specification, section 7, First day).

    In force from day 301: G4 of day 200 is no longer met by two weights.  An arm of 12.0 cm (G11, moderate: T2) on day
    290 is 13.0 cm on day 330, and nothing holds T2 from then on: 330 + 56 + 1.
    """
    child = Child(birth_kg=None).led().steady(0.0, [40, 100]).at_z(-2.1, 200).steady(-1.5, [240, 260])
    for day, cm in ((290, 12.0), (330, 13.0)):
        child.add("measured", day, measure="arm", value_cm=cm)
    for day, opens in ((386, False), (387, True)):
        r = review(child.record, protocol=HV, as_of=child.date(day), in_force_from=child.date(301))
        keys = {f.key for f in r.findings}
        assert r.tier == "T2" and "G4@start" in keys and "G11@start" not in keys
        assert ("S6@start" in keys) is opens


def test_the_closing_of_what_was_no_longer_met_on_the_first_day_puts_it_off_for_no_day() -> None:
    """It held no tier: the 56 days run from the last that did (section 2, S6), G11 on day 330: 330 + 56 + 1."""
    child = Child(birth_kg=None).led().steady(0.0, [40, 100]).at_z(-2.1, 200).steady(-1.5, [240, 260])
    for day, cm in ((290, 12.0), (330, 13.0)):
        child.add("measured", day, measure="arm", value_cm=cm)
    child.decide(350, "close_finding", target="G4@start")
    for day, opens in ((386, False), (387, True)):
        r = review(child.record, protocol=HV, as_of=child.date(day), in_force_from=child.date(301))
        keys = {f.key for f in r.findings}
        assert r.tier == "T2" and not r.refused and "G4@start" not in keys
        assert ("S6@start" in keys) is opens
