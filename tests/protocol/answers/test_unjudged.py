"""What no rule judges is named, so that people read it: in a review nothing that was recorded goes without a word.

Expected words are derived by hand; the purpose: "each review names what no rule judges yet".
"""

from __future__ import annotations

import datetime as dt

import pytest
from builders import Child
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import events

from growthwatch.protocol.answers.unjudged import _WORDS, unjudged  # pyright: ignore[reportPrivateUsage]
from growthwatch.protocol.child import TAKEN
from growthwatch.record.events import EVENT_TYPES

DAY = dt.date(2025, 12, 1)


def told(child: Child, day: object = DAY) -> str:
    """What a review says that no rule judges; empty where it says nothing of the kind."""
    said = [n for n in child.review(day).notes if n.startswith("Recorded, and not judged")]  # pyright: ignore
    assert len(said) < 2
    return (
        said[0].removeprefix("Recorded, and not judged by this protocol: ").removesuffix(". Read them.") if said else ""
    )


def boy() -> Child:
    """Born on 10 March 2025: 3.4 kg; 3.5, 4.5, 5.4 and 6.1 kg up to 98 days."""
    child = Child("2025-03-10", "male", birth_kg=3.4)
    for day, kg in ((12, 3.5), (42, 4.5), (70, 5.4), (98, 6.1)):
        child.weigh(kg, day)
    return child


def test_a_child_who_moved_away_is_named_and_stays_with_the_team() -> None:
    # Process specification, section 7: "moved_away ends nothing".
    child = boy().condition("tube_feeding", "2025-03-20")
    before = child.review(DAY)
    child.add("moved_away", "2025-08-01", to_area="Leeds")
    assert told(child) == "1 move away"
    assert [f.key for f in child.review(DAY).findings] == [f.key for f in before.findings]
    assert "S2" in child.levels(DAY)
    assert "Recorded, and not judged by this protocol: 1 move away. Read them." in child.review(DAY).explain()
    assert told(child, "2025-07-31") == ""


def test_a_referral_is_named_until_it_is_closed() -> None:
    child = boy().add("referral_made", "2025-06-20", id="r1", to="Paediatrics", kind="clinical", about="growth")
    child.add("referral_made", "2025-06-21", id="r2", to="Dietitian", kind="clinical", about="feeding")
    assert told(child, "2025-06-20") == "1 open referral" and told(child, "2025-06-21") == "2 open referrals"
    child.add("referral_closed", "2025-07-01", referral="r1", outcome="seen", action_taken=True)
    assert told(child) == "1 open referral"
    child.add("referral_closed", "2025-07-02", referral="r2", outcome="seen", action_taken=True)
    assert told(child) == ""


def test_a_request_is_named_until_its_last_word() -> None:
    child = boy().add("request_made", "2025-06-20", id="q", kind="supervision", to=[{"name": "Team lead"}], ask="Talk")
    assert told(child) == "1 open request"
    child.add("answered", "2025-06-25", request="q", by="Team lead", outcome="in a week", final=False)
    assert told(child) == "1 open request"
    child.add("answered", "2025-06-30", request="q", by="Team lead", outcome="done")
    assert told(child) == ""


def test_letters_that_were_found_are_named_beside_those_that_were_sent() -> None:
    child = boy().add("letter_sent", "2025-06-20", id="l", sender="GP", to=[{"name": "HV"}])
    child.add("letter_found", "2025-07-20", letter="l", by="HV")
    assert told(child) == "1 letter found and 1 letter"


def test_what_was_marked_as_an_error_is_not_named() -> None:
    child = (
        boy()
        .add("moved_away", "2025-08-01", to_area="Leeds")
        .add("entered_in_error", "2025-08-02", target="x", reason="wrong child")
    )
    child.events[-1]["target"] = child.events[-2]["id"]
    assert told(child) == ""


@pytest.mark.parametrize("type", sorted(EVENT_TYPES))
@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_no_type_of_event_goes_without_a_word(type: str, data: st.DataObject) -> None:
    event = data.draw(events(type))
    names = unjudged([event])  # pyright: ignore[reportArgumentType]
    judged = type in TAKEN and type not in ("referral_made", "request_made")
    assert len(names) == (0 if judged or type == "entered_in_error" else 1)
    assert all(n.startswith("1 ") and "_" not in n for n in names)


def test_every_type_is_judged_or_has_words_of_its_own() -> None:
    assert set(EVENT_TYPES) - TAKEN - {"entered_in_error"} <= set(_WORDS)
