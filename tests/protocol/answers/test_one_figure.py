"""A review and a trajectory of one record give one figure for one rule, wherever both speak of it.

The trajectory judges the published rules on columns, the review those of the protocol day by day: two ways to one
number, and to one share of healthy children.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections import Counter

import pytest
from builders import Child
from random_records import last_day, random_record

import growthwatch as gw
from growthwatch.growth.trajectory import Trajectory
from growthwatch.protocol import Finding, Review
from growthwatch.record import Record

# Rule of the protocol: name of the published one, which number of the finding is its figure, and at which level of it
# the share of healthy children is asked of the very same threshold.
PAIRS: dict[str, tuple[str, str, str | None]] = {
    "G1": ("Newborn weight loss", "loss_percent", None),
    "G2": ("Not back to birth weight by 3 weeks", "below", None),  # its share is that of the day on which it opened
    "G3": ("Fall from the birth centile", "fall_spaces", "met"),
    "G4": ("Below a line", "z", "below the 2nd centile"),
    "G5": ("Below a line", "z", None),  # asks for falling too
    "G7": ("Gain below the 5 % thrive line", "gain_z", None),  # Cole's line begins later
    "G8": ("Loss from the best weight", "loss_percent", None),
    "G9": ("No net gain", "days", "same"),
    "G13": ("Below a line", "z", "below -3 SD"),
}


def figure(f: Finding, key: str, day: dt.date) -> float:
    if key == "days":
        counted = re.match(r"(\d+) days without a new best weight", f.says)
        assert counted is not None and int(counted[1]) == (day - dt.date.fromisoformat(f.values["best_on"])).days
        return float(counted[1])
    if key == "below":
        kg = float(str(f.values["weight"]).removesuffix(" kg"))
        return 100.0 * (1.0 - kg / float(f.values["birth_kg"]))
    return float(f.values[key])


def share(sentence: str) -> str:
    """A rate without what it is called, and what else is said."""
    named = re.sub(r"(loses?) (more than )?[\d.]+ %( or more)?", "meets this rule", sentence)
    return named.split(". ")[0].rstrip(".").replace("meets", "meet")


def evidence_together(review: Review, read: Trajectory, counted: Counter[str]) -> None:
    """Hold G12's figure against that of the trajectory, which leaves out what it asks about, and says how many."""
    (line,) = [t for t in review.trace if t.rule == "G12"]
    ratio, latest = line.values.get("ratio"), read.evidence.latest
    if ratio is None or math.isnan(latest):
        return
    if bool((read.primary.doubted & read.primary.counts).any()):
        assert "must be checked" in read.explain() or "To check" in read.explain()
        counted["G12 without what is asked about"] += 1
        return
    assert abs(ratio - latest) <= 1e-4 * max(1.0, ratio), (review.child_id, ratio, latest)
    counted["G12"] += 1
    for f in review.findings:
        if f.rule == "G12" and f.still_met and f.values["on"] == line.values["on"]:
            # The words of both are those of the fit.
            assert read.evidence.fit.removesuffix(".") in f.says
            counted["G12 words"] += 1


def held_together(record: Record, review: Review, read: Trajectory, counted: Counter[str]) -> None:
    """Hold each figure of a review's findings against that of the trajectory's words."""
    at, day = read.latest(), review.on
    if at is None:
        return
    last, said = read.weighings[at], read.explain()
    met = {m.rule: m for m in read.met}
    # What was put right, confirmed or written down late was known to the review only then: it was met on another day.
    later = any(
        (e.type == "weighed" and e.recorded_at.date() != e.on)
        or e.corrects is not None
        or e.type == "entered_in_error"
        or (e.type == "condition_diagnosed" and e.on != record.events[0].on)
        or (e.type == "decision_signed" and e.decision == "confirm_weight")
        for e in record.events
    )
    for f in review.findings:
        if f.rule not in PAIRS or not f.still_met or f.unconfirmed or f.values.get("on") != str(last.on):
            continue
        name, key, level = PAIRS[f.rule]
        m = met.get(name)
        if m is None or ("reference" in f.values and f.rule != "G7"):
            continue
        value = figure(f, key, day)
        assert abs(abs(value) - abs(m.value)) < 6e-5, (f.says, m)
        counted[f.rule] += 1
        if key == "days":
            assert f"{int(value)} days, threshold {m.threshold:.0f}" in said
            assert f"At this age {m.threshold:.0f} days is the limit" in f.says or m.level != f.level
        if "kg" in f.values and f.rule != "G8":
            assert f"{float(f.values['kg']):.3f}".rstrip("0") in said or f"{float(f.values['kg']):.2f} kg" in said
        if later or (level not in (m.level, "same")) or (level == "same" and m.level != f.level):
            continue
        assert share(str(f.false_alarm)) == share(m.false_alarms.sentence), (f.key, f.opened_on, f.raised)
        counted[f"{f.rule} share"] += 1
    since = re.findall(r"since \d+ \w+ of age (?:his|her|its|their) weight is ([\d.]+) SD", review.explain())
    if since and "of age" in said:
        mine = re.findall(r"since \d+ \w+ of age (?:his|her|its|their) weight is ([\d.]+) SD", said)
        assert not mine or mine[0] == since[0]
        counted["since best"] += bool(mine)


def test_figures_and_shares_of_random_records() -> None:
    counted: Counter[str] = Counter()
    protocol = gw.protocol("uk-hv")
    for seed in range(90):
        record = random_record(seed)
        day = last_day(record)
        try:
            read = gw.trajectory(record, as_of=day)
        except gw.GrowthwatchError:
            continue  # nobody wrote down when the child was born
        review = gw.review(record, protocol=protocol, as_of=day)
        held_together(record, review, read, counted)
        evidence_together(review, read, counted)
    assert counted["G12"] > 30, counted
    assert sum(n for k, n in counted.items() if "share" not in k) > 20, counted
    assert {"G3", "G4", "G9"} <= set(counted), counted


@pytest.mark.parametrize("a_month", [0.2, 0.3, 0.45, 0.6])
def test_evidence_of_a_child_who_slows_is_one_figure_at_each_weight(a_month: float) -> None:
    """A girl along the median to 6 months, then lower by so much z a month."""
    child = Child(birth_kg=None).steady(0.0, [14, 42, 70, 98, 126, 154, 182])
    counted: Counter[str] = Counter()
    for n in range(1, 13):
        child.at_z(-a_month * n, 182 + 30 * n)
        day = child.age(child.events[-1]["on"])
        evidence_together(child.review(day), gw.trajectory(child.record, as_of=child.date(day)), counted)
    assert counted["G12"] >= 3 and (a_month < 0.3 or counted["G12 words"] >= 1), counted


@pytest.mark.parametrize(("kg", "day"), [(3.45, 21), (3.3, 22), (3.49, 30), (3.1, 25)])
def test_a_newborn_who_is_not_back_is_as_far_below_in_both(kg: float, day: int) -> None:
    child = Child(birth_kg=3.5).weigh(3.4, 10).weigh(kg, day)
    counted: Counter[str] = Counter()
    held_together(child.record, child.review(day), gw.trajectory(child.record, as_of=child.date(day)), counted)
    assert counted["G2"] == 1, counted
    assert (
        f"{100 * (1 - kg / 3.5):.1f} % of birth weight" in gw.trajectory(child.record, as_of=child.date(day)).explain()
    )


@pytest.mark.parametrize("need", [None, 5])
@pytest.mark.parametrize("years", [1, 2, 4, 5])
def test_the_clock_is_one_number_on_every_day(years: int, need: int | None) -> None:
    born = dt.date(2020, 1, 15)
    birthday = (dt.date(2020 + years, 1, 15) - born).days
    child = Child(born, birth_kg=3.4, gmfcs=need).steady(0.0, [14, 42, 84, 140, 200])
    best = birthday - 130
    kg = round(max(child.kg(0.1, best), child.kg(0.0, 200) + 0.2), 2)
    child.weigh(kg, best).weigh(round(kg - 0.05, 2), best + 40)
    counted: Counter[str] = Counter()
    for day in (best + 41, birthday - 1, birthday, birthday + 1, birthday + 60, birthday + 200):
        review, read = child.review(day), gw.trajectory(child.record, as_of=child.date(day))
        held_together(child.record, review, read, counted)
        if "G9" in child.levels(day):
            assert any(m.rule == "No net gain" for m in read.met) or review.findings[0].rule != "G9"
            count = day - best
            assert f"{count} days without a new best weight" in review.explain()
    assert counted["G9"] >= 2 and counted["G9 share"] >= 2, counted


def test_a_loss_from_a_best_weight_that_only_a_trajectory_doubts_is_a_danger_to_confirm_in_it() -> None:
    # 9.0 kg counts by the protocol (no jump of more than 2 SD); what a trajectory asks about it hides no loss.
    child = Child("2018-07-20", "male", birth_kg=3.6)
    for day, kg in ((31, 4.24), (60, 5.2), (92, 6.03), (102, 6.18), (143, 8.6), (164, 7.2), (171, 7.45)):
        child.weigh(kg, day)
    (loss,) = [f for f in child.review(171).findings if f.rule == "G8"]
    read = gw.trajectory(child.record, as_of=child.date(171))
    assert bool(read.primary.doubted[5]), "the trajectory asks about it"
    assert loss.level == "emergency" and f"{loss.values['loss_percent']:.1f} %" in read.explain()
    first = read.explain().splitlines()[0]
    assert first.startswith("Danger") and "13.4 % below the best weight" in first
