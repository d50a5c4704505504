"""A refused decision changes nothing: it is not what something closes by either.

Source: process specification, section 5 (it stays in the record and has no effect) and section 9, 3 and 20: no finding
closes but by an event that its rule names, and without the refused decision the review is the same but for its line.
"""

from __future__ import annotations

from builders import HV, Child

from growthwatch.protocol import review


def since_closed(child: Child, day: int, first: int | None = None) -> dict[str, str]:
    """By rule, the event by which its last finding closed."""
    start = None if first is None else child.date(first)
    r = review(child.record, protocol=HV, as_of=child.date(day), in_force_from=start)
    return {f.rule: f.closed_by for f in r.closed}


def light() -> Child:
    """Born with 2.4 kg: T1 until 3 months (day 91), and no lead, which T1 requires."""
    child = Child(birth_kg=2.4)
    for day in range(5, 100, 7):
        child.at_z(-1.8, day)
    return child


def test_a_lead_that_is_required_no_more_is_not_by_a_refused_signature() -> None:
    child = light().decide(50, "lower_tier", tier="T0", id="refused")
    r = child.review(60)
    assert r.tier == "T1" and [x.event for x in r.refused] == ["refused"]
    assert "P5" in {f.rule for f in r.findings}
    # It was the birth's, and ends by itself: as without the signature.
    assert child.closed("P5", 100) == light().closed("P5", 100) == [(91, "born-0")]


def held() -> Child:
    """T2 by G4 of day 200, signed closed on day 260: S6 opens on day 317, and is closed by who signs T2 down."""
    child = Child(birth_kg=None).steady(0.0, [40, 100]).at_z(-2.1, 200).steady(-1.5, [230, 250])
    child.decide(260, "close_finding", target="G4@start").led(200).steady(-1.5, [300, 318])
    return child.decide(320, "lower_tier", tier="T0", id="down")


def test_a_tier_that_nothing_held_is_signed_down_by_the_signature_that_counts() -> None:
    child = held().decide(320, "lower_tier", tier="T1", id="refused", recorded_at=f"{held().date(320)}T20:00:00Z")
    r = child.review(320)
    assert r.tier == "T0" and [x.event for x in r.refused] == ["refused"]
    assert child.closed("S6", 320) == held().closed("S6", 320) == [(320, "down")]


def test_what_was_no_longer_met_and_is_again_is_not_said_to_be_signed() -> None:
    # A weight on day 320 meets G4 again, and that ends what asks for a signature.
    child = Child(birth_kg=None).led().at_z(-2.1, 200).at_z(-1.5, 240).at_z(-1.5, 260)
    child.decide(310, "close_finding", target="G4@start", role="administrator", id="refused").at_z(-2.2, 320, id="low")
    assert since_closed(child, 320, first=301)["FD"] == "low"


def test_of_two_that_were_no_longer_met_the_last_is_what_closes() -> None:
    """G5 (below -8/3) and G4 (below -2) of day 200: G5 is signed, and the weight of day 320 meets G4 again."""
    child = Child(birth_kg=None).led().at_z(-1.9, 180).at_z(-2.8, 200).at_z(-1.5, 240).at_z(-1.5, 260)
    child.decide(310, "close_finding", target="G5@start", id="signed").at_z(-2.2, 320, id="low")
    assert since_closed(child, 320, first=301)["FD"] == "low"
    signed = Child(birth_kg=None).led().at_z(-2.1, 200).at_z(-1.5, 240).at_z(-1.5, 260)
    signed.decide(310, "close_finding", target="G4@start", id="signed")
    assert since_closed(signed, 310, first=301)["FD"] == "signed"


def test_a_refused_signature_that_an_override_carries_out_is_what_closes() -> None:
    child = held()
    child.events.pop()
    child.add("measured", 319, measure="height", value_cm=72)  # S5, long overdue, would stand in the way
    child.decide(320, "lower_tier", tier="T0", id="refused", role="administrator")
    child.add(
        "overridden", 321, refused="refused", because="agreed", risk_now="low", safeguards="weighed weekly",
        review_by=child.date(330), role="named_nurse", actor="Nia Nurse", id="over",
    )  # fmt: skip
    assert (child.review(320).tier, child.review(321).tier) == ("T2", "T0")
    assert child.closed("S6", 321) == [(321, "refused")]
