"""Sentences on their figures: what they name stands in them, and each half of a sentence is there.

Days are ages; the children are born on 15 January 2024.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import SPACE, Child
from losing import found, without

from growthwatch.growth.evidence import running_evidence
from growthwatch.growth.series import weight_series
from growthwatch.references import reference

T21 = reference("trisomy-21-uk-2002")


def says(child: Child, rule: str, day: int) -> str:
    return found(child.review(day), rule).says


# --- S2: specification of the protocol, section 1 (grace, lapse, admitted) --------------------------------------


def fed_by_tube() -> Child:
    return Child().condition("tube_feeding", 1).steady(0, [200])


@pytest.mark.parametrize(
    ("child", "day", "text"),
    [
        # Floor 28 days: due 30 August, 3 days of grace from 6 months, overdue 3 September, lapsed at 56 days.
        (
            fed_by_tube(),
            232,
            "Weight overdue. Last valid weight 2 August 2024; due 30 August 2024 (tube feeding), 3 days of grace ended.",
        ),
        (
            fed_by_tube(),
            256,
            (
                "Weight overdue. Last valid weight 2 August 2024; due 30 August 2024 (tube feeding), 3 days of grace ended. "
                "That is 56 days: twice the 28 days allowed, or more."
            ),
        ),
        (
            fed_by_tube(),
            270,
            (
                "Weight overdue. Last valid weight 2 August 2024; due 30 August 2024 (tube feeding), 3 days of grace ended. "
                "That is 70 days: twice the 28 days allowed, or more."
            ),
        ),
        # Half the healthy interval: 3 days below 1 month, so due on 18 January; 1 day of grace; lapsed on day 6.
        (
            Child(birth_kg=None).condition("chronic_kidney_disease", 0),
            5,
            (
                "Weight overdue. No valid weight is recorded; due 18 January 2024 (chronic kidney disease), 1 day of "
                "grace ended."
            ),
        ),
        (
            Child(birth_kg=None).condition("chronic_kidney_disease", 0),
            6,
            (
                "Weight overdue. No valid weight is recorded; due 18 January 2024 (chronic kidney disease), 1 day of "
                "grace ended. That is twice the 3 days allowed, or more."
            ),
        ),
        # First week: due day 5, overdue from day 8, lapsed from day 10: no floor, so no grace is named.
        (
            Child(birth_kg=None),
            8,
            "Weight overdue. No valid weight is recorded; due 20 January 2024 (routine: first week).",
        ),
        (
            Child(birth_kg=None),
            10,
            (
                "Weight overdue. No valid weight is recorded; due 20 January 2024 (routine: first week). That is 5 days "
                "ago: the weight has lapsed."
            ),
        ),
        # Admitted on 11 September, T0 over 6 months: no word for 14 days, so from the 15th day.
        (
            Child().steady(0, [12, 230]).add("admission", 240),
            255,
            "No word from the ward since 11 September 2024: ring it today.",
        ),
    ],
)
def test_s2_says_from_when_by_when_and_why(child: Child, day: int, text: str) -> None:
    assert says(child, "S2", day) == text


# --- G3c: specification, section 2 ------------------------------------------------------------------------------


def held(later: list[tuple[float, int]], high: float = 0.3) -> Child:
    """A child of 0 on the reference of its condition who held +0.3 from 14 April to 14 May; later weights are in kg."""
    child = Child(birth_kg=None).condition("trisomy_21", 1)
    for at, on in ((0.0, 60), (high, 90), (high, 120), (0.0, 150)):
        child.weigh(round(float(T21.value(at, age_days=on, sex="female")), 3), on)
    for kg, on in later:
        child.weigh(kg, on)
    return child.plan(160, plan="condition", reference=T21.id)


def test_g3c_says_the_fall_from_when_to_when_and_what_else_there_is() -> None:
    # 5.742 kg on day 150; 56 days later, after 6 months, 5.50 kg: 4.2 % less (no G8), and the clock is amber (G9).
    child = held([(5.5, 206)])
    z = float(T21.z(5.5, age_days=206, sex="female"))  # pyright: ignore[reportArgumentType]
    assert f"{(0.3 - z) / SPACE:.1f}" == "2.4"
    assert says(child, "G3c", 206) == (
        "5.50 kg on 8 August 2024 is 2.4 centile spaces below the best position held, on the reference of the signed "
        "plan (trisomy-21-uk-2002): that was from 14 April 2024 to 14 May 2024. And G9 is open. The condition does "
        "not explain a fall on its own reference."
    )


def test_g3c_names_every_open_finding_on_which_it_rests() -> None:
    # 5.45 kg are 5.1 % below 5.742: G8; on day 205 the clock has not yet reached 56 days.
    assert " to 14 May 2024. And G8 is open. The condition " in says(held([(5.45, 205)]), "G3c", 205)
    assert " to 14 May 2024. And G8 is open and G9 is open. The condition " in says(held([(5.45, 206)]), "G3c", 206)


def test_g3c_says_the_evidence_on_which_it_rests(tmp_path: Path) -> None:
    only = without(tmp_path, "G8", "G9")
    child = Child(birth_kg=None).condition("trisomy_21", 1)
    days = [60, 120, 180, 240, 300, 360, 390, 420, 450, 480]
    for at, on in zip([*[0.0] * 6, -0.25, -0.7, -1.2, -1.75], days, strict=True):
        child.weigh(round(float(T21.value(at, age_days=on, sex="female")), 3), on)
    child.plan(400, plan="condition", reference=T21.id)
    kg = [e["weight_kg"] for e in child.events if e["type"] == "weighed"]
    evidence = running_evidence(weight_series(reference("uk-who"), kg, [float(d) for d in days], "female"))
    ratio, said = float(evidence.ratio[-1]), float(evidence.said[-1])
    assert ratio >= 5
    times = int(said) if said >= 10 else int(said * 10) / 10
    text = found(child.review(480, only), "G3c").says
    assert f" And the weights fit slowing growth {times:g} times better than healthy growth on the general " in text


# --- what closed, in a replay -----------------------------------------------------------------------------------


def closing(child: Child, rule: str, day: int) -> str:
    """What the change of a day says of a rule that closed on it."""
    (change,) = [c for c in child.changes(day) if c.on == child.date(day)]
    assert [r for _, r, _ in change.closed] == [rule]
    return change.says


def test_a_replay_says_by_which_weight_a_finding_closed() -> None:
    # Floor 28 days from 20 April: due on 18 May, overdue from 22 May.
    child = Child().condition("tube_feeding", 1).steady(0, [4, 12, 19, 40, 68, 96]).weigh(6.31, 130)
    assert closing(child, "S2", 130).startswith("S2 closes: 6.31 kg on 24 May 2024. ")


def test_a_replay_says_who_was_examined_or_signed_and_what_else_answered() -> None:
    examined = Child(gmfcs=4).steady(0, [4, 12, 40, 68]).sign("vomiting", 70, id="sick").examined(71, id="seen")
    assert closing(examined, "H2", 71) == "H2 closes: examined on 26 March 2024 (seen)."
    signed = Child().at_z(-2.2, 300).at_z(-1.5, 320).at_z(-1.5, 340)
    signed.decide(341, "close_finding", target="G4@start", id="signature")
    assert closing(signed, "G4", 341) == "G4 closes: signed on 21 December 2024 (signature)."
    marked = Child().steady(0, [4, 12, 40]).weigh(5.0, 68, id="one").weigh(5.6, 68, id="two")
    marked.add("entered_in_error", 70, target="two", reason="another child", id="mark")
    assert closing(marked, "Q1", 70) == "Q1 closes: entered in error on 25 March 2024 (mark)."
    left = Child().steady(0, [12, 230]).add("admission", 240).add("discharged", 256, id="home")
    said = closing(left, "S2", 256)
    assert said == "S2 closes: discharged on 27 September 2024 (home). May be weighed; due 4 October 2024."
