"""G10: the lines of each level to the last digit, the skinfold, and what a chart that describes may not do."""

from __future__ import annotations

import tomllib
from pathlib import Path
from statistics import NormalDist
from typing import Any

import pytest
from builders import HV, Child

from growthwatch.core.errors import GrowthwatchError
from growthwatch.protocol import Finding, Protocol
from growthwatch.references import reference

DAY = 1200
P5, P20 = NormalDist().inv_cdf(0.05), NormalDist().inv_cdf(0.20)
CHARTS = [
    (1, False, "cp-gmfcs-1", P5),
    (2, False, "cp-gmfcs-2", P5),
    (3, False, "cp-gmfcs-3", P20),
    (4, True, "cp-gmfcs-4", P20),
    (5, False, "cp-gmfcs-5-oral", P20),
    (5, True, "cp-gmfcs-5-tube", P20),
]


def kg(chart: str, z: float, day: int = DAY, sex: str = "female") -> float:
    return float(reference(chart).value(z, measure="weight", age_days=day, sex=sex))


def cp(gmfcs: int, tube: bool = False, **more: Any) -> Child:
    child = Child(gmfcs=gmfcs, **more)
    return child.condition("tube_feeding", 30) if tube else child


def g10(child: Child, day: int = DAY, protocol: Protocol = HV) -> Finding | None:
    return next((f for f in child.review(day, protocol).findings if f.rule == "G10"), None)


@pytest.mark.parametrize(("gmfcs", "tube", "chart", "limit"), CHARTS)
def test_each_level_has_its_chart_and_line(gmfcs: int, tube: bool, chart: str, limit: float) -> None:
    # "below the 20th (III-V) or 5th (I-II) (tube or oral for V)".
    assert g10(cp(gmfcs, tube).weigh(kg(chart, limit + 1e-4), DAY)) is None
    found = g10(cp(gmfcs, tube).weigh(kg(chart, limit - 1e-4), DAY))
    assert found is not None and found.values["reference"] == chart and found.values["gmfcs"] == gmfcs
    assert found.values["reference_hash"] == reference(chart).hash
    assert found.values["z"] == pytest.approx(limit, abs=2e-4)


def test_it_says_what_the_line_means() -> None:
    found = g10(cp(4).weigh(kg("cp-gmfcs-4", -1.0), DAY))
    assert found is not None and found.false_alarm is not None and "cerebral palsy" in found.false_alarm
    assert "is below the 20th centile (z -1.00 on cp-gmfcs-4)" in found.says
    assert found.says.endswith("more often ill. Ask the dietitian and a paediatrician.")


def test_from_two_to_twenty_years() -> None:
    for day, there in ((730, False), (732, True), (7304, True), (7305, False)):  # 20 years: 15 January 2044
        child = cp(3).weigh(7.0 if day < 800 else 32.0, day)
        assert (g10(child, day) is not None) is there, day


def test_two_weights_of_a_day_are_read_at_their_median() -> None:
    a, b = kg("cp-gmfcs-3", P20 - 0.1), kg("cp-gmfcs-3", P20 + 0.3)
    assert g10(cp(3).weigh(a, DAY, time="09:00").weigh(b, DAY, time="15:00")) is None
    assert g10(cp(3).weigh(a, DAY, time="09:00").weigh(kg("cp-gmfcs-3", P20 + 0.05), DAY, time="15:00")) is not None


@pytest.mark.parametrize(("lower", "closes"), [(P20 + 0.02, True), (P20 - 0.05, False)])
def test_of_two_weights_of_a_day_all_must_be_inside_to_close(lower: float, closes: bool) -> None:
    # Section 0: "clearing needs all", though the median of the day is inside (P20 + 0.05 or more).
    child = cp(3).led().weigh(kg("cp-gmfcs-3", P20 - 0.1), DAY)
    for day in (DAY + 20, DAY + 40):
        child.weigh(kg("cp-gmfcs-3", lower, day), day, time="09:00")
        child.weigh(kg("cp-gmfcs-3", P20 + 0.16, day), day, time="15:00")
    child.decide(DAY + 41, "close_finding", target="G10@start")
    assert g10(child, DAY + 40) is not None
    assert (g10(child, DAY + 41) is None) is closes


def test_a_chart_that_describes_adds_and_moves_nothing() -> None:
    low = cp(3).led().at_z(-3.2, DAY)
    assert {"G4", "G5", "G13", "G10"} <= set(low.levels(DAY))
    fine = Child().led().at_z(-3.2, DAY)
    assert {rule: level for rule, level in low.levels(DAY).items() if rule in fine.levels(DAY)} == fine.levels(DAY)


def test_a_child_without_cerebral_palsy_is_not_judged() -> None:
    child = Child().condition("other_neurodisability", 30, high_need=True).weigh(9.0, DAY)
    assert g10(child) is None


def test_a_diagnosis_that_was_dropped_closes_nothing() -> None:
    child = (
        cp(3).weigh(kg("cp-gmfcs-3", -1.2), DAY).add("condition_ended", DAY + 5, condition="cerebral_palsy", reason="x")
    )
    found = g10(child, DAY + 6)
    assert found is not None and not found.still_met


def test_without_a_sex_it_holds_where_it_does_for_both() -> None:
    both = min(kg("cp-gmfcs-3", -0.9), kg("cp-gmfcs-3", -0.9, sex="male"))
    assert g10(cp(3, sex=None).weigh(both, DAY)) is not None
    between = (kg("cp-gmfcs-3", P20) + kg("cp-gmfcs-3", P20, sex="male")) / 2
    child = cp(3, sex=None).weigh(between, DAY)
    assert g10(child) is None
    assert any(rule == "G10" and "sex is not recorded" in why for rule, why in child.review(DAY).not_judged)


def test_without_a_birth_date_it_is_named() -> None:
    child = Child(born=None, birth_kg=None, gmfcs=3).weigh(9.0, DAY)
    assert ("G10", "no birth date is recorded") in child.review(DAY).not_judged


# --- skinfold -------------------------------------------------------------------------------------


def with_skinfold(tmp_path: Path, name: str = "who") -> Protocol:
    text = (Path(__file__).parents[3] / "growthwatch" / "protocols" / "uk-hv.toml").read_text(encoding="utf-8")
    line = "skinfold_below_centile = 10\n"
    assert text.count(line) == 1
    ours = tmp_path / "ours.toml"
    ours.write_text(text.replace(line, f'{line}skinfold_reference = "{name}"\n'), encoding="utf-8")
    return Protocol.load(ours)


def fold_cm(z: float) -> float:
    return float(reference("who").value(z, measure="triceps-skinfold", age_days=DAY, sex="female")) / 10.0


def test_a_skinfold_is_named_where_no_reference_is_given() -> None:
    child = cp(3).weigh(kg("cp-gmfcs-3", 0), DAY).add("measured", DAY, measure="triceps_skinfold", value_cm=0.3)
    assert g10(child) is None
    (why,) = [why for rule, why in child.review(DAY).not_judged if rule == "G10"]
    assert why == "no reference is given for a triceps skinfold, so that of 29 April 2027 is not judged"


def test_a_skinfold_below_the_tenth_where_one_is_given(tmp_path: Path) -> None:
    ours = with_skinfold(tmp_path)
    p10 = NormalDist().inv_cdf(0.10)
    base = cp(3).weigh(kg("cp-gmfcs-3", 0), DAY)
    above = base.copy().add("measured", DAY, measure="triceps_skinfold", value_cm=fold_cm(p10 + 0.01))
    assert g10(above, DAY, ours) is None
    below = base.copy().add("measured", DAY, measure="triceps_skinfold", value_cm=fold_cm(p10 - 0.01))
    found = g10(below, DAY, ours)
    assert found is not None and found.values["measures"] == ("triceps-skinfold",)
    assert "is below the 10th centile. Ask" in found.says
    # Two weights alone do not show that the skinfold is inside.
    below.weigh(kg("cp-gmfcs-3", 0.1), DAY + 10).weigh(kg("cp-gmfcs-3", 0.1), DAY + 30)
    below.decide(DAY + 31, "close_finding", target="G10@start")
    assert g10(below, DAY + 31, ours) is not None


def test_an_unknown_chart_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GrowthwatchError, match=r"rule G10: got nowhere, expected a packaged reference"):
        with_skinfold(tmp_path, "nowhere")
    with pytest.raises(GrowthwatchError, match=r"rule G10: got uk-who, expected a packaged reference with triceps"):
        with_skinfold(tmp_path, "uk-who")


def test_two_charts_for_a_level_are_refused(tmp_path: Path) -> None:
    text = (Path(__file__).parents[3] / "growthwatch" / "protocols" / "uk-hv.toml").read_text(encoding="utf-8")
    ours = tmp_path / "ours.toml"
    ours.write_text(text.replace('gmfcs = "II"\n', 'gmfcs = "I"\n'), encoding="utf-8")
    assert tomllib.loads(ours.read_text(encoding="utf-8"))
    with pytest.raises(GrowthwatchError, match=r"expected each once"):
        Protocol.load(ours)


def test_from_its_witness_alone_it_comes_out_again() -> None:
    child = cp(5, tube=True).contact(DAY).weigh(9.0, DAY - 300).weigh(kg("cp-gmfcs-5-tube", -1.0), DAY)
    found = g10(child)
    assert found is not None
    alone = child.copy()
    alone.events = [e for e in child.events if e["id"] in found.witness]
    same = g10(alone)
    assert same is not None and (same.key, same.opened_on, same.says) == (found.key, found.opened_on, found.says)
