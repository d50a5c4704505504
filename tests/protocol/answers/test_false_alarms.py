"""How often healthy children meet a rule stands beside each finding."""

from __future__ import annotations

from pathlib import Path

from builders import HV, Child
from losing import PACKAGED, found, slowing

from growthwatch.protocol import Protocol
from growthwatch.protocol.kinds.kind import GrowthKind


def test_how_often_healthy_children_meet_it_stands_beside_each_finding() -> None:
    r = slowing(0.4).review(400)
    told = {f.rule: f.false_alarm for f in r.findings}
    assert "healthy child" in str(told["G3"]) and "weighed this often" in str(told["G3"])
    assert "healthy child" in str(told["G12"])
    text, data = r.explain(), r.to_dict()
    for f, plain in zip(r.findings, data["findings"], strict=True):
        assert plain["false_alarm"] == f.false_alarm
        growth = isinstance(HV.rule(f.rule), GrowthKind)
        assert (f.false_alarm is not None) is growth
        assert f.false_alarm is None or (f.false_alarm in text and f.false_alarm in r._repr_html_())


def test_a_changed_threshold_gets_a_figure_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "ours.toml"
    path.write_text(
        PACKAGED.read_text(encoding="utf-8").replace("\nratio_at_least = 5\n", "\nratio_at_least = 4\n"),
        encoding="utf-8",
    )
    ours = Protocol.load(path)
    child = slowing()
    day = child.opened("G12", 400, ours)[0][0]
    packaged = child.review(child.opened("G12", 400)[0][0])
    mine, theirs = found(child.review(day, ours), "G12").false_alarm, found(packaged, "G12").false_alarm
    assert "healthy child" in mine and mine != theirs


def test_preterm_children_are_told_of_the_assumption_and_a_condition_has_its_own() -> None:
    assert "Born early" in str(found(slowing(0.3, gestation_days=220).review(400), "G3").false_alarm)
    child = slowing(0.3).condition("trisomy_21", 1)
    assert "with a condition like this" in str(found(child.review(400), "G3").false_alarm)


def test_a_loss_with_a_danger_sign_has_the_rate_of_the_loss_that_was_needed() -> None:
    """Table 2a: an emergency from 10 %, or from 5 % with H1: of a loss of 6 % that of 5 % is told, and that of no sign."""
    child = Child(birth_kg=3.0).weigh(12.0, 860)
    told = {
        what: str(found(made.review(900), "G8").false_alarm)
        for what, made in {
            "5 %": child.copy().weigh(11.28, 900),
            "6 % and a sign": child.copy().sign("sunken_eyes", 900).weigh(11.28, 900),
            "10 %": child.copy().weigh(10.8, 900),
        }.items()
    }
    besides = "The sign recorded is not part of this rate."
    assert besides in told["6 % and a sign"] and not any(besides in told[w] for w in ("5 %", "10 %"))
    assert told["6 % and a sign"].replace(besides, "").strip() == told["5 %"] != told["10 %"]
