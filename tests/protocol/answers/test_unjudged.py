"""What no rule judges is named, so that people read it: in a review nothing that was recorded goes without a word.

Expected words are derived by hand; the purpose: "each review names what no rule judges yet".
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from builders import HV, Child
from losing import without

from growthwatch.protocol import Protocol
from growthwatch.protocol.answers.unjudged import _WORDS, unjudged  # pyright: ignore[reportPrivateUsage]
from growthwatch.protocol.child import TAKEN
from growthwatch.record.events import EVENT_TYPES

DAY = dt.date(2025, 12, 1)


def told(child: Child, protocol: Protocol, day: object = DAY) -> str:
    """What a review says that no rule judges; empty where it says nothing of the kind."""
    said = [n for n in child.review(day, protocol).notes if n.startswith("Recorded, and not judged")]  # pyright: ignore
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


@pytest.fixture
def fewer(tmp_path: Path) -> Protocol:
    """The packaged protocol without its rules about siblings, and about the carer."""
    return without(tmp_path, "P12a", "P12b", "P14a", "P14b", "P14c", "P14d")


def test_what_no_rule_of_the_protocol_reads_is_named_from_its_day(fewer: Protocol) -> None:
    child = boy().add("carer_asked", "2025-08-01", sleep="asked")
    assert told(child, fewer, "2025-07-31") == "" and told(child, fewer) == "1 talk about how the carer is"
    child.add("carer_asked", "2025-08-02", sleep="asked").add("sibling_known", "2025-08-03", none=True)
    assert told(child, fewer) == "2 talks about how the carer is and 1 word of a sibling"
    sentence = "Recorded, and not judged by this protocol: 2 talks about how the carer is and 1 word of a sibling."
    assert f"{sentence} Read them." in child.review(DAY, fewer).explain()
    assert told(child, HV) == "", "the packaged protocol has rules that read them"


def test_a_child_who_moved_away_stays_with_the_team() -> None:
    # Process specification, section 7: "moved_away ends nothing".
    child = boy().condition("tube_feeding", "2025-03-20")
    before = child.review(DAY)
    child.add("moved_away", "2025-08-01", to_area="Leeds")
    assert {f.key for f in before.findings} <= {f.key for f in child.review(DAY).findings}
    assert "S2" in child.levels(DAY) and told(child, HV) == ""


def test_referrals_requests_and_letters_are_told_as_requests_and_not_named_here() -> None:
    child = boy().add("referral_made", "2025-06-20", id="r", to="Paediatrics", kind="clinical", about="growth")
    child.add("request_made", "2025-06-20", id="q", kind="supervision", to=[{"name": "Team lead"}], ask="Talk")
    child.add("letter_sent", "2025-06-20", id="l", sender="GP", to=[{"name": "HV"}])
    assert told(child, HV) == ""
    assert {r.id for r in child.review(DAY).requests} == {"r", "q", "l"}


def test_what_was_marked_as_an_error_is_not_named(fewer: Protocol) -> None:
    child = boy().add("carer_asked", "2025-08-01", sleep="asked", id="x")
    child.add("entered_in_error", "2025-08-02", target="x", reason="wrong child")
    assert told(child, fewer) == ""


@pytest.mark.parametrize("type", sorted(EVENT_TYPES))
def test_no_type_of_event_goes_without_a_word(type: str) -> None:
    for judged in (frozenset[str](), TAKEN):
        for n in (1, 3):
            names = unjudged({type: n}, judged)
            assert len(names) == (0 if type in judged or type == "entered_in_error" else 1)
            assert all(told.startswith(f"{n} ") and "_" not in told for told in names)


def test_every_type_is_judged_or_has_words_of_its_own() -> None:
    assert set(EVENT_TYPES) - TAKEN - {"entered_in_error"} <= set(_WORDS)


def test_the_packaged_protocol_reads_every_type() -> None:
    assert set(EVENT_TYPES) - HV.order.looked_at == {"entered_in_error"}
