"""Evidence of slowing growth (G12)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from builders import HV, Child, folded
from losing import MONTHLY, PACKAGED, found, line, slowing, without

from growthwatch.core.errors import GrowthwatchError
from growthwatch.growth.detector import Detector, detector
from growthwatch.growth.evidence import evidence
from growthwatch.protocol import Protocol
from growthwatch.protocol.file.values import TIERS


def ratios(child: Child) -> list[float]:
    """Evidence by the columns, of the weights that are naked and in order."""
    weighed = [e for e in child.events if e["type"] == "weighed" and e["clothing"] == "naked"]
    return evidence(
        [e["weight_kg"] for e in weighed],
        age_days=[(e["on"] - child.birthday).days for e in weighed],
        sex=child.sex,
        gestation_days=child.gestation_days,
    ).tolist()


def test_g12_is_what_the_columns_say_day_by_day() -> None:
    child = slowing()
    expected = dict(zip([0, *MONTHLY], ratios(child), strict=True))
    for day in MONTHLY[1:]:
        assert line(child.review(day), "G12").values["ratio"] == pytest.approx(expected[day], rel=2e-5, abs=1e-4)


def test_g12_opens_amber_then_red_and_closes_by_nothing_but_a_signature() -> None:
    child = slowing()
    told = dict(child.opened("G12", 400))
    m = dict(zip([0, *MONTHLY], ratios(child), strict=True))
    amber = next(d for d in MONTHLY if m[d] >= 5)
    red = next(d for d in MONTHLY if m[d] >= 20)
    assert amber < red
    assert told == {amber: "amber", red: "red"}
    before, r = child.review(amber), child.review(red)
    assert found(before, "G12").loudness == "weekly" and found(r, "G12").loudness == "daily"
    assert TIERS.index(r.tier) >= TIERS.index("T2")  # pyright: ignore[reportArgumentType]
    child.steady(0.5, [430, 460, 490]).examined(495).contact(500)
    assert child.levels(700)["G12"] == "red" and child.closed("G12", 700) == []


def test_g12_asks_for_a_weight_a_feeding_review_and_then_what_g3_asks() -> None:
    child = slowing()
    opened = {level: day for day, level in child.opened("G12", 400)}
    assert child.date(opened["amber"]) >= child.date(0).replace(year=child.date(0).year + 1)
    amber = found(child.review(opened["amber"]), "G12")
    assert [(o.do, (o.deadline - o.set_on).days) for o in amber.obligations] == [
        # From 1 year of age on (specification 0.4, section 0, Re-weigh) days 14 to 28: seven days are mostly noise.
        ("Weigh again in 14 to 28 days", 28), ("Review feeding with the parents", 14),
    ]  # fmt: skip
    child.examined(opened["amber"] + 1, feeding="normal", role="health_visitor")
    done = {o.do: o.done_on for o in found(child.review(opened["amber"] + 2), "G12").obligations}
    assert done["Review feeding with the parents"] == child.date(opened["amber"] + 1)
    g3 = {a.do for a in HV.rule("G3").levels[-1].actions}
    assert {a.do for a in HV.rule("G12").levels[-1].actions} == g3
    assert HV.rule("G12").levels[-1].tier == "T2" and HV.rule("G12").levels[0].tier is None


def test_g12_red_alone_raises_the_tier(tmp_path: Path) -> None:
    only = without(tmp_path, "G3", "G4", "G5", "G7", "G8", "G9")
    child = slowing(0.5, start=1.2)
    red = next(d for d, level in child.opened("G12", 400, only) if level == "red")
    assert child.review(red - 1, only).tier == "T0" and child.review(red, only).tier == "T2"


def test_g12_speaks_of_ranking_and_of_the_bound_never_of_illness() -> None:
    child = slowing()
    opened = {level: day for day, level in child.opened("G12", 400)}
    for level, n in (("amber", 5), ("red", 20)):
        says = found(child.review(opened[level]), "G12").says
        for words in (
            "fit slowing growth",
            "times better than healthy growth",
            f"healthy child in {n} ever",
            "no diagnosis",
            "settle",
        ):
            assert words in says, says
        for wrong in ("odds", "probab", "chance", "ill ", "risk", "likely"):
            assert wrong not in says.replace("still", ""), says


def test_high_need_is_amber_from_three() -> None:
    def opened(gmfcs: int | None) -> list[tuple[float, str]]:
        child = slowing(0.35, hold=5, gmfcs=gmfcs)
        m = dict(zip([0, *MONTHLY], ratios(child), strict=True))
        return [(m[d], level) for d, level in child.opened("G12", 400)]

    (plain, _), (high, level) = opened(None)[0], opened(5)[0]
    assert level == "amber" and 3 <= high < 5 <= plain
    assert "one healthy child in 3 ever" in found(
        slowing(0.35, hold=5, gmfcs=5).review(370), "G12"
    ).says.lower().replace("at most ", "")


def test_a_condition_without_high_need_changes_no_threshold() -> None:
    assert slowing(gmfcs=2).opened("G12", 400) == slowing().opened("G12", 400)


def test_the_preterm_are_judged_by_corrected_age() -> None:
    child = slowing(0.3, gestation_days=210, days=[d + 70 for d in MONTHLY])
    m = dict(zip([0, *(d + 70 for d in MONTHLY)], ratios(child), strict=True))
    for day in (d + 70 for d in MONTHLY[2:]):
        assert line(child.review(day), "G12").values["ratio"] == pytest.approx(m[day], rel=2e-5, abs=1e-4)
    term = slowing(0.3, days=[d + 70 for d in MONTHLY])
    assert ratios(term) != ratios(child)


def test_nothing_before_14_days_nor_with_two_weights() -> None:
    child = Child(birth_kg=3.6).weigh(3.3, 4).weigh(3.1, 8).weigh(3.0, 12)
    assert line(child.review(12), "G12").verdict == "not met" and line(child.review(12), "G12").values == {}
    assert line(Child().at_z(-1.9, 60).review(60), "G12").values == {}


@pytest.mark.parametrize("clothing", ["naked", "clothed"])
def test_a_suspected_or_clothed_weight_never_enters(clothing: str) -> None:
    child = slowing(0.15)
    before = line(child.review(400), "G12").values["ratio"]
    kg = child.kg(-6.5, 430) if clothing == "naked" else child.kg(-2.5, 430)
    child.weigh(kg, 430, clothing=clothing)
    r = child.review(430)
    assert line(r, "G12").values["ratio"] == before
    child.steady(0.0, [460])
    alone = slowing(0.15).steady(0.0, [460])
    assert line(child.review(460), "G12").values["ratio"] == line(alone.review(460), "G12").values["ratio"]


def test_a_suspected_weight_alone_changes_no_tier_by_evidence(tmp_path: Path) -> None:
    only = without(tmp_path, "G3", "G4", "G5", "G7", "G8", "G9")
    child = Child(birth_kg=None).steady(0.5, [40, 70, 100, 130, 160]).at_z(-3.5, 190)
    assert child.review(190, only).tier == "T0" and "G12" not in child.levels(190, only)


def test_two_that_confirm_each_other_enter_from_then_on() -> None:
    child = Child(birth_kg=None).steady(0.5, MONTHLY[:6]).at_z(-1.8, 200)
    assert line(child.review(200), "G12").values["weights"] == 6
    child.at_z(-1.8, 207)
    assert line(child.review(207), "G12").values["weights"] == 8


def test_the_weights_of_one_day_are_one_piece_of_news() -> None:
    child = slowing(0.15)
    before = line(child.review(400), "G12").values["ratio"]
    child.events.append(
        {**child.events[-1], "id": "again", "recorded_at": child.events[-1]["recorded_at"] + dt.timedelta(minutes=1)}
    )
    assert line(child.review(400), "G12").values["ratio"] == before


def test_without_sex_and_past_five_years_it_is_said() -> None:
    child = Child(sex=None, birth_kg=None).weigh(5, 60).weigh(6, 90).weigh(6, 120)
    assert any(rule == "G12" for rule, _ in child.review(120).not_judged)
    old = Child(birth_kg=None, born="2018-01-15").steady(0, [1700, 1800, 1850])
    assert any(rule == "G12" and "5 years" in why for rule, why in old.review(1850).not_judged)


def test_it_closes_by_a_signature_once_the_evidence_is_below_the_first_level() -> None:
    child = slowing(0.4, hold=7)
    assert child.levels(400)["G12"] == "amber"
    child.decide(401, "close_finding", target="G12@start")
    assert any("still met" in why or "two consecutive" in why for _, why in child.review(401).refused)
    for z, day in ((-1.0, 430), (-0.8, 460), (-0.65, 490), (-0.5, 520)):
        child.at_z(z, day)  # back up, a little at a time
    assert line(child.review(520), "G12").values["ratio"] < 5 and "G12" in child.levels(520)
    child.decide(521, "close_finding", target="G12@start")
    assert child.closed("G12", 521) and len(child.review(521).refused) == 1


def test_it_hides_no_absolute_danger_and_no_national_threshold(tmp_path: Path) -> None:
    new = {"G3c", "G7", "G12"}
    before = without(tmp_path, *new)
    for child in (slowing(), slowing(0.5, start=-1.0), slowing(0.1, start=-1.9, gmfcs=5)):
        old, now = child.levels(400, before), child.levels(400)
        assert old.items() <= now.items()


@pytest.mark.parametrize("name", ["trisomy-21-uk-2002", "cp-gmfcs-5-tube", "nonsense"])
def test_no_plan_can_silence_it(name: str) -> None:
    child = slowing(gmfcs=5)
    plain = child.opened("G12", 400)
    child.plan(30, plan="condition", reference=name, late=0)
    assert child.opened("G12", 400) == plain


def test_the_figures_are_part_of_the_protocol(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = without(tmp_path).hash
    assert other == HV.hash
    changed = Detector.model_validate(detector().model_dump() | {"version": "another"})
    monkeypatch.setattr("growthwatch.protocol.kinds.gain.detector", lambda: changed)
    assert detector().hash != changed.hash and without(tmp_path).hash != other


def test_thresholds_come_from_the_file(tmp_path: Path) -> None:
    text = PACKAGED.read_text(encoding="utf-8")
    path = tmp_path / "ours.toml"
    path.write_text(
        text.replace("\nratio_at_least = 5\n", "\nratio_at_least = 2\n").replace("high_need_ratio_at_least = 3\n", ""),
        encoding="utf-8",
    )
    ours = Protocol.load(path)
    child = slowing(0.31, hold=4)
    assert child.opened("G12", 400, ours)[0][0] < child.opened("G12", 400)[0][0]
    path.write_text(text.replace("\nratio_at_least = 5\n", "\nratio_at_least = 50\n"), encoding="utf-8")
    with pytest.raises(GrowthwatchError, match="rising"):
        Protocol.load(path)


@pytest.mark.parametrize(("step", "opens"), [(-1e-4, True), (0.0, True), (1e-4, False)])
def test_g12_opens_at_exactly_its_level(step: float, opens: bool, tmp_path: Path) -> None:
    # "Evidence >= 5 amber": of a protocol whose amber is just what the child's weights give.
    child = slowing()
    day = child.opened("G12", 500)[0][0]
    ratio = float(folded(child.record, child.date(day)).state.outcomes["G12"].values["ratio"])
    text = PACKAGED.read_text(encoding="utf-8")
    assert text.count("\nratio_at_least = 5\n") == 1 and 5 <= ratio < 20
    path = tmp_path / "just.toml"
    path.write_text(text.replace("\nratio_at_least = 5\n", f"\nratio_at_least = {ratio + step!r}\n"), encoding="utf-8")
    assert ("G12" in child.levels(day, Protocol.load(path))) is opens
