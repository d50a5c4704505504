"""Sentences on their figures: what they name stands in them, and each half of a sentence is there.

Days are ages; the children are born on 15 January 2024.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from builders import SPACE, UK, Child
from losing import PACKAGED, found, without

from growthwatch.growth.evidence import running_evidence
from growthwatch.growth.series import weight_series
from growthwatch.protocol import Protocol
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


# --- every rule that speaks of a weight or a sign: by hand, from what was recorded ------------------------------

G13 = "{kg} kg on {day} is z {z}, below -3.00 SDS"
ENDS = "Drowsy, mottled, cold, no tears: 999 now."


def newborn(kg: float, **more: str) -> Child:
    """Born with 3.50 kg and weighed on 19 January, day 4."""
    return Child(birth_kg=3.5).weigh(kg, 4, **more)


def day_six(kg: float, **more: str) -> Child:
    return Child(birth_kg=3.5).weigh(3.4, 4).weigh(kg, 6, **more)


def toddler(kg: float, **more: str) -> Child:
    """12.00 kg on 24 May 2026, and 40 days later another weight."""
    return Child(birth_kg=3.0).weigh(12.0, 860).weigh(kg, 900, **more)


SAID: list[tuple[str, Child, int, str, str]] = [
    # G1: 8 to 10 % watch, above 10 %, from 12 %.  280 g of 3.50 kg are 8 %, 350 g 10 %, 360 g 10.29 %, 420 g 12 %.
    ("G1", newborn(3.22), 4, "watch", "3.22 kg on 19 January 2024, day 4: 8.0 % below the birth weight of 3.50 kg."),
    ("G1", newborn(3.15), 4, "watch", "3.15 kg on 19 January 2024, day 4: 10.0 % below the birth weight of 3.50 kg."),
    (
        "G1", newborn(3.14), 4, "over 10 %",
        "3.14 kg on 19 January 2024, day 4: 10.3 % below the birth weight of 3.50 kg.",
    ),
    (
        # 10.008 % is not 10.0 %: 350.3 g of 3.5 kg.
        "G1", newborn(3.1497), 4, "over 10 %",
        "3.150 kg on 19 January 2024, day 4: 10.01 % below the birth weight of 3.50 kg.",
    ),
    (
        "G1", newborn(3.08), 4, "12 % or more",
        "3.08 kg on 19 January 2024, day 4: 12.0 % below the birth weight of 3.50 kg.",
    ),
    (
        "G1", newborn(3.1, clothing="clothed"), 4, "over 10 %",
        "at most 3.10 kg on 19 January 2024, day 4: 11.4 % below the birth weight of 3.50 kg.",
    ),
    (
        "G1", newborn(3.0, scale="other"), 4, "weigh again today",
        (
            "3.00 kg on a scale that is not class III (19 January 2024) may be wrong either way: weigh again today, "
            "class III. If right, it is 14.3 % below the birth weight of 3.50 kg."
        ),
    ),
    # G1b: below the last valid weight from day 4 on; 5 % below the best: 270 g of 3.50 kg are 7.7 %.
    (
        "G1b", day_six(3.35), 6, "below the weight before",
        "3.35 kg on 21 January 2024, day 6: below the 3.40 kg of 19 January 2024. Early loss usually stops by day 4.",
    ),
    (
        "G1b", day_six(3.23), 6, "5 % below the best",
        (
            "3.23 kg on 21 January 2024, day 6: below the 3.40 kg of 19 January 2024. Early loss usually stops by "
            "day 4. It is 7.7 % below 3.50 kg."
        ),
    ),
    (
        "G1b", day_six(3.3, scale="other"), 6, "weigh again today",
        (
            "3.30 kg on a scale that is not class III (21 January 2024) may be wrong either way: weigh again today, "
            "class III. If right, it is below the 3.40 kg of 19 January 2024."
        ),
    ),
    (
        "G2", Child(birth_kg=3.5).weigh(3.4, 12), 21, "not back",
        "Not shown to be back to the birth weight of 3.50 kg: last 3.40 kg on 27 January 2024.",
    ),
    (
        "G2", Child(birth_kg=3.5).weigh(3.4, 12).ill(20), 21, "not back, and ill",
        "Not shown to be back to the birth weight of 3.50 kg: last 3.40 kg on 27 January 2024. An illness is recorded.",
    ),
    # G8, table 2a: 600 g of 12 kg are 5 %, 700 g 5.8 %, 1,201 g 10.008 %.
    ("G8", toddler(11.4), 900, "5 %", "11.40 kg on 3 July 2026 is 5.0 % below the best weight, 12.00 kg on 24 May 2026."),
    (
        "G8", toddler(10.799), 900, "emergency",
        "10.799 kg on 3 July 2026 is 10.01 % below the best weight, 12.00 kg on 24 May 2026.",
    ),
    (
        "G8", toddler(11.3).ill(899).sign("sunken_eyes", 899), 900, "emergency",
        (
            "11.30 kg on 3 July 2026 is 5.8 % below the best weight, 12.00 kg on 24 May 2026, with illness and a danger "
            "sign recorded."
        ),
    ),
    (
        "G8", toddler(11.6).ill(899), 900, "3 %",
        "11.60 kg on 3 July 2026 is 3.3 % below the best weight, 12.00 kg on 24 May 2026, with illness recorded.",
    ),
    (
        "G8", toddler(11.0, weighed_by="family"), 900, "weigh again today",
        (
            "11.00 kg weighed by the family (3 July 2026) may be wrong either way: weigh again today, class III. If "
            "right, it is 8.3 % below the best weight, 12.00 kg on 24 May 2026."
        ),
    ),
    # G9, table 2b: high need 42 days from 6 months; ordinary 84 from 9 months.
    (
        "G9", Child(gmfcs=4).steady(0, [4, 12, 50]).weigh(7.5, 200).weigh(7.4, 230), 242, "amber",
        (
            "42 days without a new best weight: 7.50 kg on 2 August 2024, last 7.40 kg on 1 September 2024. At this age "
            "42 days is the limit; visits without a valid weight do not stop this clock."
        ),
    ),
    (
        "G9", Child(gmfcs=4).steady(0, [4, 12, 50]).weigh(7.5, 200).weigh(7.4, 230), 258, "red",
        (
            "58 days without a new best weight: 7.50 kg on 2 August 2024, last 7.40 kg on 1 September 2024. At this age "
            "56 days is the limit; visits without a valid weight do not stop this clock."
        ),
    ),
    # H1: its levels, what to do, and the sentence that each ends with.
    (
        "H1", Child().sign("intake_below_75_percent_24h", 300), 300, "ring today",
        (
            "TODAY. Intake below 75 percent 24h recorded on 10 November 2024. Ring the GP or paediatrics, and say what "
            f"goes in and what comes out. {ENDS}"
        ),
    ),
    (
        "H1", Child().add("sign_recorded", 300, signs=["sunken_eyes", "green_vomit"]), 300, "seen today",
        f"TODAY. Sunken eyes and green vomit recorded on 10 November 2024. A doctor sees the child today. {ENDS}",
    ),
    ("H1", Child().sign("shock", 300), 300, "999", f"NOW. Shock recorded on 10 November 2024. Ring 999. {ENDS}"),
    # S3: since the last valid weight; with a date that has passed, and in T0 without one.
    (
        "S3", Child(gmfcs=1).steady(0, [4, 12, 50, 200]).contact(203).contact(230).contact(260), 262, "open",
        "Seen 3 times, not weighed since 2 August 2024; a weight was due on 27 September 2024.",
    ),
    (
        "S3", Child().steady(0, [4, 12, 50, 300]).contact(500).contact(510).contact(520), 520, "open",
        "Seen 3 times, not weighed since 10 November 2024.",
    ),
    (
        "S7", Child().add("concern", 300, raised_by="Mrs A", about="thin", topics=["weight"]), 300, "open",
        (
            "'Mrs A' worried about 'thin' on 10 November 2024, and no weight since. Weigh undressed; ask the danger "
            "signs."
        ),
    ),
    (
        "S7", Child().steady(0, [4, 12, 50, 200]).weigh(8.0, 230, scale="other").weigh(7.5, 260, scale="other"), 260,
        "open",
        (
            "8.00 kg, then 7.50 kg on 1 October 2024: two weights running that may be wrong either way, and that fall; "
            "no valid weight since. Weigh undressed, on a class III scale; ask the danger signs."
        ),
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "child", "day", "level", "text"), SAID, ids=[f"{n[0]}-{n[3]}-{i}" for i, n in enumerate(SAID)]
)
def test_a_finding_says_what_was_seen(rule: str, child: Child, day: int, level: str, text: str) -> None:
    finding = found(child.review(day), rule)
    assert (finding.level, finding.says) == (level, text)


def grown_to(z: float, day: int, child: Child) -> tuple[Child, float]:
    """Weighed in whole grams at about a z; the z of that weight."""
    kg = round(child.kg(z, day), 3)
    child.weigh(kg, day)
    return child, float(UK.z(kg, age_days=day, sex="female", gestation_days=280))  # pyright: ignore[reportArgumentType]


def test_g5_says_the_line_and_the_fall() -> None:
    child, high = grown_to(-2.5, 270, Child(birth_kg=None))
    child, low = grown_to(-2.75, 300, child)
    assert says(child, "G5", 300) == (
        f"{child.events[-1]['weight_kg']} kg on 10 November 2024 is below the 0.4th centile (z -2.75; the 0.4th centile "
        "line is z -2.67), and fell 0.4 centile spaces since 11 October 2024."
    )
    assert f"{(high - low) / SPACE:.1f}" == "0.4"


def test_g7_says_the_gain_and_how_often_it_is_so_small() -> None:
    child = Child(birth_kg=None).steady(0, [40])
    child, _ = grown_to(0.0, 70, child)
    child, _ = grown_to(-1.2, 110, child)
    before, now = (e["weight_kg"] for e in child.events[-2:])
    text = says(child, "G7", 110)
    assert text.startswith(f"{now} kg on 4 May 2024, 40 days after {before} kg: gain well below what that weight lets ")
    assert re.search(r" expect \(conditional gain z -[23]\.\d\d\)\. ", text)
    # 1.645 SD below the middle lies one in twenty.
    assert text.endswith(" One healthy gain in 20 is below z -1.65: a second weight tells.")


def test_g13_says_when_to_ring_and_when_it_is_steady_or_rising() -> None:
    first, z = grown_to(-3.1, 300, Child(birth_kg=None))
    low = G13.format(kg=first.events[-1]["weight_kg"], day="10 November 2024", z=f"{z:.2f}")
    assert says(first, "G13", 300) == f"TODAY. {low}. Ring paediatrics."
    signs = says(first.copy().sign("sunken_eyes", 300), "G13", 300)
    assert signs == f"TODAY. {low}, and a danger sign is not answered. Ring paediatrics."
    for z, how in ((-3.1, "not rising"), (-3.0 + 0.09, "")):
        later, _ = grown_to(z, 330, first.copy())
        if how:
            text = G13.format(kg=later.events[-1]["weight_kg"], day="10 December 2024", z="-3.10")
            assert says(later, "G13", 330) == f"Very low, {how}: {text}. A paediatrician says what the plan is."
    # Risen by more than a third of a space (0.222) from -3.30: rising.
    child, _ = grown_to(-3.3, 300, Child(birth_kg=None))
    for z, how in ((-3.09, "not rising"), (-3.06, "rising")):
        later, _ = grown_to(z, 330, child.copy())
        assert says(later, "G13", 330).startswith(f"Very low, {how}: ")
    fell, _ = grown_to(-3.35, 330, first.copy())
    assert ", and fell 0.4 centile spaces since 10 November 2024. Ring paediatrics." in says(fell, "G13", 330)


def test_g14_says_the_gain_and_what_names_fluid() -> None:
    child = Child().condition("liver_disease", 50).add("condition_diagnosed", 60, condition="steroids")
    child.weigh(4.9, 98).weigh(5.63, 107)
    assert re.fullmatch(
        r"TODAY\. 730 g in 9 days up to 1 May 2024 is more than growth \(conditional gain z \d\.\d\d\), with liver "
        r"disease and steroids recorded: look for swelling\.",
        says(child, "G14a", 107),
    )
    tube = Child().condition("tube_feeding", 50).at_z(-1.5, 100).at_z(0, 200)
    # 1.5 SD are 2.25 spaces.
    assert says(tube, "G14b", 200) == "Risen 2.3 centile spaces since 24 April 2024. Ask the dietitian to look."
    heavy = Child().condition("tube_feeding", 50).steady(0, [4, 12, 50, 100, 300])
    heavy.add("measured", 790, measure="height", value_cm=85.0).weigh(14.9, 800)
    assert re.fullmatch(
        r"Weight for height on 25 March 2026 is z 2\.\d\d\. Ask the dietitian to look\.", says(heavy, "G14b", 800)
    )


def test_what_is_not_sure_is_noted_beside_the_finding() -> None:
    for child, day, rule, note in (
        (newborn(3.1, clothing="clothed"), 4, "G1", "Weighed clothed: the child weighs at most that."),
        (
            Child(birth_kg=3.5).weigh(3.1, 4, clothing=None), 4, "G1",
            "Clothing or scale was not recorded: taken as valid.",
        ),
        (
            Child(birth_kg=3.0).weigh(10.1, 870).weigh(10.7, 885).weigh(10.12, 900), 900, "G8",
            (
                "The best weight may be wrong: 10.70 kg on 18 June 2026 stands alone, well above the weights before "
                "and after it. Confirm it, or mark it as an error; until then it raises no tier."
            ),
        ),
    ):  # fmt: skip
        assert note in found(child.review(day), rule).notes
    twice = Child(birth_kg=None).weigh(6.4, 300, time="09:00").weigh(6.6, 300, time="15:00")
    (note,) = found(twice.review(300), "G4").notes
    assert note == ("Weighed twice on that day (6.40 kg and 6.60 kg): what lies in the middle of them is judged.")


@pytest.mark.parametrize(
    ("rule", "z", "place"),
    [
        # On a line is what lies within a quarter of a space (0.1667 SD) of it, but not below the 0.4th, which is the
        # last; within that distance its own line is given beside.
        ("G4", -2.1, "on the 2nd centile (z -2.10; the 2nd centile line is z -2.00)"),
        ("G4", -2.16, "on the 2nd centile (z -2.16; the 2nd centile line is z -2.00)"),
        ("G4", -2.18, "between the 0.4th and 2nd centiles (z -2.18)"),
        ("G4", -2.49, "between the 0.4th and 2nd centiles (z -2.49)"),
        ("G4", -2.7, "below the 0.4th centile (z -2.70), below the 2nd centile line"),
        ("G4", -3.2, "below the 0.4th centile (z -3.20), below the 2nd centile line"),
        ("G5", -2.7, "below the 0.4th centile (z -2.70; the 0.4th centile line is z -2.67)"),
        ("G5", -3.2, "below the 0.4th centile (z -3.20)"),
    ],
)
def test_a_level_says_the_place_and_the_line_with_one_word_for_one_place(rule: str, z: float, place: str) -> None:
    child, _ = grown_to(z, 300, Child(birth_kg=None))
    assert says(child, rule, 300) == f"{child.events[-1]['weight_kg']} kg on 10 November 2024 is {place}."


@pytest.mark.parametrize(("line", "z", "place"), [
    (-2, -1.4, "on the 9th centile (z -1.40; the 9th centile line is z -1.33)"),
    (-5, -3.4, "below the 0.4th centile (z -3.40), below z -3.33"),
    (-5, -3.6, "below the 0.4th centile (z -3.60), below z -3.33"),
])  # fmt: skip
def test_a_line_of_ones_own_is_named_if_it_has_a_name(line: int, z: float, place: str, tmp_path: Path) -> None:
    text = PACKAGED.read_text(encoding="utf-8").replace('title = "Below the 2nd centile"', 'title = "Below ours"')
    before, rule, rest = text.partition('[[rules]]\nid = "G4"\n')
    ours, following, after = rest.partition("[[rules]]\n")
    assert ours.count("\nline = -3\n") == 1
    ours = ours.replace("\nline = -3\n", f"\nline = {line}\n")
    path = tmp_path / "ours.toml"
    path.write_text(before + rule + ours + following + after, encoding="utf-8")
    child, _ = grown_to(z, 300, Child(birth_kg=None))
    text = found(child.review(300, Protocol.load(path)), "G4").says
    assert text.endswith(f" on 10 November 2024 is {place}.")


def test_a_doubted_weight_is_said_to_be_so_if_it_is_right() -> None:
    # From 0 to -2.6 in 40 days: doubted as too low.
    child = Child(birth_kg=None).at_z(0.0, 300)
    child, _ = grown_to(-2.6, 340, child)
    kg = child.events[-1]["weight_kg"]
    assert says(child, "G4", 340).startswith(f"{kg} kg (if right) on 20 December 2024 is on the 0.4th centile (z -2.60")
    assert (
        found(child.review(340), "G4").notes[0].startswith("This weight may be an entry error (a jump of 2.6 SD since ")
    )


def test_g3_says_both_places_the_fall_and_the_threshold() -> None:
    child, birth = grown_to(0.0, 0, Child(birth_kg=None))
    child, now = grown_to(-1.4, 400, child)
    kg = child.events[-1]["weight_kg"]
    assert f"{(birth - now) / SPACE:.1f}" == "2.1"
    assert re.fullmatch(
        rf"{kg} kg on 18 February 2025 is 2\.1 centile spaces below birth: on the 9th centile, born on the 50th "
        r"centile\. The threshold at this birth weight is 2\.",
        says(child, "G3", 400),
    )
    wait = Child(birth_kg=None)
    wait, _ = grown_to(0.0, 0, wait)
    wait, _ = grown_to(-1.5, 100, wait.contact(100, danger_signs="none"))
    text = says(wait, "G3", 100)
    assert text.endswith(
        " The threshold at this birth weight is 2. To be confirmed by a second weight: that day nobody found a danger "
        "sign."
    )
    # An earlier birth is read at its gestation, which is said: 35 weeks + 3 days are 248 days.
    early = Child(birth_kg=None, gestation_days=248)
    early.weigh(float(UK.value(0.0, corrected_age_days=248.0 - 280, sex="female")), 0).at_z(-1.5, 400)  # pyright: ignore[reportArgumentType]
    assert "born on the 50th centile for 35 weeks + 3. " in says(early, "G3", 400)
