"""An adjustment changes what is expected.  It cannot reach a rule of absolute danger."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from builders import HV, UK, Child

from growthwatch import GrowthwatchError
from growthwatch.protocol import Protocol
from growthwatch.references import Reference, blend, reference

SIGNED: dict[str, Any] = {
    "because": "expected for the condition",
    "by": "Dr A. Example",
    "review_by": dt.date(2027, 5, 31),
    "specialist": "Prof. B. Example",
}
ADJUSTED: dict[str, Reference] = {
    "low": UK.adjusted(shift=-2.5, scale=1.3, **SIGNED),
    "absurdly low": UK.adjusted(shift=-9, scale=3, **SIGNED),
    "falling": UK.adjusted(shift=[(0, 0.0), (731, -6.0)], **SIGNED),
    "younger": UK.age_shifted(-28, **SIGNED),
    "blend": blend(UK, reference("trisomy-21-uk-2002"), 0.9, **SIGNED),
}
KILOGRAMS = {"S1", "S2", "S3", "G1", "G1b", "G2", "G8", "G9", "H2"}
"""Rules of schedules, of kilograms and of illness: all but those of lines and of the birth centile."""

DANGERS: dict[str, tuple[Callable[[], Child], int, str]] = {
    "newborn loss": (lambda: Child(birth_kg=3.5).weigh(3.05, 5), 5, "G1"),
    "still losing": (lambda: Child(birth_kg=3.5).weigh(3.3, 4).weigh(3.2, 6), 6, "G1b"),
    "birth weight not regained": (lambda: Child(birth_kg=3.5).weigh(3.3, 8).weigh(3.4, 22), 22, "G2"),
    "loss from best": (lambda: Child().steady(0, [60, 120, 180, 240]).weigh(Child().kg(0, 240) * 0.9, 250), 250, "G8"),
    "no gain": (lambda: Child().steady(0, [60, 120, 180]).weigh(Child().kg(0, 180), 270), 270, "G9"),
    "not weighed": (lambda: Child().steady(0, [60, 120]), 700, "S2"),
    "unwell": (lambda: Child(gmfcs=5).steady(-1, [60, 120, 400]).sign("vomiting", 420), 420, "H2"),
}


def judged_on(ref: Reference) -> Protocol:
    """The packaged protocol as if it judged on another reference: no file can ask for this."""
    made = copy.copy(HV)
    made.__dict__["reference"] = ref
    return made


def open_findings(child: Child, day: int, protocol: Protocol = HV) -> set[tuple[str, str]]:
    return {(f.rule, f.level) for f in child.review(day, protocol).findings}


@pytest.mark.parametrize("danger", DANGERS)
@pytest.mark.parametrize("name", ADJUSTED)
def test_a_plan_that_names_an_adjusted_reference_removes_nothing(name: str, danger: str) -> None:
    make, day, rule = DANGERS[danger]
    plain = open_findings(make(), day)
    assert rule in {r for r, _ in plain}
    plan = {"plan": "condition", "reference": ADJUSTED[name].id, "outcome_for_child": "9 kg"}
    chosen = make().plan(day - 1, review_by=make().date(day + 30), **plan)
    assert open_findings(chosen, day) == plain
    review = chosen.review(day)
    assert review.reference == UK.label
    # A plan on a curve that only this team has is refused: nothing is judged on it, and the review says so.
    assert [ADJUSTED[name].id in d.why for d in review.refused] == [True]
    assert "was not accepted: it names the reference" in review.explain()
    assert (review.tier, review.stage) == (make().review(day).tier, make().review(day).stage)


@pytest.mark.parametrize("danger", DANGERS)
@pytest.mark.parametrize("name", ADJUSTED)
def test_rules_of_kilograms_do_not_see_the_reference(name: str, danger: str) -> None:
    """Even if the engine were handed an adjusted reference, whatever works on kilograms would stay."""
    make, day, rule = DANGERS[danger]
    plain = {f for f in open_findings(make(), day) if f[0] in KILOGRAMS}
    other = {f for f in open_findings(make(), day, judged_on(ADJUSTED[name])) if f[0] in KILOGRAMS}
    assert rule in {r for r, _ in plain}
    assert other == plain


def test_no_protocol_can_ask_for_an_adjusted_reference(tmp_path: Any) -> None:
    """So the lines that call for action are those of the general chart."""
    from importlib import resources

    text = (resources.files("growthwatch") / "protocols" / "uk-hv.toml").read_text(encoding="utf-8")
    assert 'reference = "uk-who"' in text
    for ref in ADJUSTED.values():
        ours = tmp_path / "ours.toml"
        ours.write_text(text.replace('reference = "uk-who"', f'reference = "{ref.id}"', 1), encoding="utf-8")
        with pytest.raises(GrowthwatchError, match="reference"):
            Protocol.load(ours)


@pytest.mark.parametrize("name", ADJUSTED)
def test_the_lowest_line_stays_that_of_the_general_chart(name: str) -> None:
    child = Child().steady(-3.2, [60, 120])
    plain = open_findings(child, 120)
    assert "G5" in {r for r, _ in plain}
    plan = {"plan": "condition", "reference": ADJUSTED[name].id, "outcome_for_child": "9 kg"}
    child.plan(110, review_by=child.date(400), **plan)
    assert open_findings(child, 120) == plain
