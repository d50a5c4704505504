"""`gw.trajectory`: one child's weights over time, in columns and in words."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from builders import Child

import growthwatch as gw
from growthwatch.core.frames import make_frame
from growthwatch.core.words import age_words, fit_words, limit_words
from growthwatch.growth import story
from growthwatch.growth.forecast import forecast
from growthwatch.growth.one_child import Weighing
from growthwatch.growth.rules import packaged_dangers, packaged_rules
from growthwatch.growth.series import weight_series
from growthwatch.growth.slowing import TrajectoryEvidence
from growthwatch.growth.trajectory import Trajectory
from growthwatch.protocol import Protocol

EXAMPLES = Path(__file__).parents[2] / "examples"
UK = gw.reference("uk-who")
NAMES = ["c1-slow-decline", "c3-acute-dehydration", "c5-handover-gap", "c6-letter-never-acknowledged"]
SIGNED = {"because": "expected", "by": "Dr A", "review_by": dt.date(2024, 8, 1), "signed_on": dt.date(2024, 3, 1)}


def record(name: str) -> gw.Record:
    return gw.Record.load(EXAMPLES / f"{name}.json")


@pytest.fixture(scope="module")
def slow() -> object:
    return gw.trajectory(record("c1-slow-decline"))


@pytest.mark.parametrize("name", NAMES)
def test_every_example_has_a_trajectory_in_words(name: str) -> None:
    found = gw.trajectory(record(name))
    text = found.explain()
    assert str(found) == text
    assert str(found.reference) in text
    assert "no diagnosis" in text
    assert "nan" not in text.lower()
    assert len(found) == len(found.weighings) == found.z.size
    assert "<table>" in found._repr_html_()
    assert found.child_id in repr(found)


def test_a_great_loss_is_said_to_be_a_danger_whatever_the_evidence_says() -> None:
    found = gw.trajectory(record("c3-acute-dehydration"), as_of=dt.date(2024, 2, 15))
    assert found.evidence.level == ""
    assert "Danger: 11.2 % below the best weight, whatever the evidence says." in found.explain()
    assert "Danger" not in gw.trajectory(record("c3-acute-dehydration")).explain()


STEADY = [0, 10, 28, 56, 84, 112, 140, 182]
DUE = "What is due, from whom and by when, is in the review of this record."


def steady(ages: list[int], kg: list[float], *more: dict[str, Any], **last: Any) -> gw.Record:
    """A girl born on 10 January 2024, weighed naked on a class III scale; `last` changes her last weighing."""
    born = dt.date(2024, 1, 10)
    events: list[dict[str, Any]] = [
        {"id": "b", "type": "born", "on": born, "sex": "female", "gestation_days": 280},
        *(
            {"id": f"w{k}", "type": "weighed", "on": born + dt.timedelta(days=a), "weight_kg": w, "clothing": "naked"}
            | {"scale": "class_iii"}
            for k, (a, w) in enumerate(zip(ages, kg, strict=True))
        ),
    ]
    events[-1] |= last
    events += more
    stamp = {"actor": "hv", "role": "health_visitor"}
    return gw.Record("x", [stamp | {"recorded_at": f"{e['on']}T12:00:00Z"} | e for e in events])


def on_median(ages: list[int]) -> list[float]:
    return UK.value(np.zeros(len(ages)), age_days=ages, sex="female").round(2).tolist()


@pytest.mark.parametrize("clothing", ["naked", "clothed"])
def test_a_low_weight_that_does_not_count_is_a_danger_to_be_confirmed_now(clothing: str) -> None:
    found = gw.trajectory(steady(STEADY, on_median(STEADY), weight_kg=5.6, clothing=clothing))
    assert not found.weighings[-1].counts
    text = found.explain()
    first = text.splitlines()[0]
    assert first.startswith("Danger, confirm now: 5.60 kg on 10 July 2024 would be 16.7 % below the best weight")
    assert first.endswith("Weigh again at once, undressed.")
    assert found.danger == (first,)
    assert found.met == (), "the weight enters no trend"
    assert "asks for nothing" not in text
    assert "we would expect" not in text
    assert "7 to 14 days" not in text
    assert text.count(DUE) == 1


def test_a_doubted_weight_raises_an_alarm_and_never_lowers_one() -> None:
    ages = [*STEADY, 189]
    low = [*on_median(STEADY)[:-1], 6.1, 6.7]
    assert found_danger(ages, low) == (), "a valid weight has shown recovery"
    said = found_danger(ages, low, clothing="clothed")
    assert said[0].startswith("Danger: 9.2 % below the best weight")
    worse = found_danger(ages, [*low[:-1], 5.0], clothing="clothed")
    assert [d.split(":")[0] for d in worse] == ["Danger", "Danger, confirm now"]
    undated = found_danger(STEADY, [*on_median(STEADY)[:-1], 5.6], date_certain=False)
    assert undated == (), "as in the review, a weight of no certain day is no loss"


def found_danger(ages: list[int], kg: list[float], **last: Any) -> tuple[str, ...]:
    return gw.trajectory(steady(ages, kg, **last)).danger


def test_a_doubted_weight_is_no_best_weight() -> None:
    ages = [*STEADY, 189]
    kg = [*on_median(STEADY), 14.4]
    found = one_child([*kg, 7.4], [*ages, 196])
    assert found.primary.suspicions.suspect[-2]
    assert found.danger == ()
    high = one_child([*on_median(STEADY)[:-1], 6.1, 14.4], ages)
    assert high.danger[0].startswith("Danger")
    assert any(m.rule == "Loss from the best weight" for m in high.met), "a weight that is too high clears nothing"


def test_dangers_of_the_dead_ask_for_nothing() -> None:
    died = {"id": "d", "type": "died", "on": dt.date(2024, 7, 11)}
    text = gw.trajectory(steady(STEADY, [*on_median(STEADY)[:-1], 5.6], died)).explain()
    assert "Danger, not confirmed: 5.60 kg" in text
    assert "Weigh again" not in text
    assert DUE not in text


def test_every_kind_of_danger_is_said() -> None:
    newborn = one_child([3.5, 3.05], [0, 5])
    assert newborn.danger == ("Danger: 12.9 % below the birth weight, whatever the evidence says.",)
    assert one_child([3.5, 3.10], [0, 5]).danger == ()
    still = gw.trajectory(record("c5-handover-gap"))
    assert still.danger == ("Danger: 112 days without net gain, whatever the evidence says.",)
    ages = [60.0, 90.0, 120.0]
    for z, said in ((-3.2, True), (-2.8, False)):
        found = one_child(UK.value(np.full(3, z), age_days=ages, sex="female").tolist(), ages)
        assert bool(found.danger) == said
        assert not said or "severely low, below -3 SD (z -3.20)" in found.danger[0]
    kg = UK.value([-1.9, -2.1, -2.4, -2.75], age_days=[30, 60, 90, 120], sex="female").round(2).tolist()
    falling = gw.trajectory(steady([30, 60, 90, 120], kg))
    assert "severely low, below the 0.4th centile and falling (z -2.7" in falling.danger[0]
    assert "; the 0.4th centile line is z -2.67)" in falling.danger[0], "one word for one place, as in the review"
    assert gw.trajectory(steady([30, 60, 90], kg[:3])).danger == ()


def test_dangers_are_levels_of_packaged_rules() -> None:
    names = {r.id: [level.name for level in r.levels] for r in packaged_rules()}
    assert all(d.level in names[d.rule] for d in packaged_dangers())


@pytest.mark.parametrize("name", NAMES)
def test_what_is_due_is_pointed_to_once_where_anything_is_met(name: str) -> None:
    found = gw.trajectory(record(name))
    text = found.explain()
    asks = bool(found.danger) or "Meets:" in text
    assert text.count("in the review of this record") == text.count(DUE) == int(asks)
    assert not (asks and "asks for nothing" in text)
    assert not (found.danger and "A weight in 7 to 14 days would settle more" in text)


def test_a_child_without_a_sex_is_warned_of_by_kilograms() -> None:
    found = Trajectory(
        "c",
        [Weighing(f"w{k}", None, w, a, True, "") for k, (w, a) in enumerate([(5.0, 60.0), (4.4, 67.0)])],
        UK,
        None,
        sex=None,
        gestation_days=None,
    )
    assert found.explain().startswith("Danger: 12.0 % below the best weight")


def test_columns_are_aligned_and_the_same_as_those_of_a_caseload() -> None:
    children = [gw.trajectory(record(n)) for n in NAMES]
    kg = np.concatenate([t.weight_kg for t in children])
    age = np.concatenate([t.age_days for t in children])
    sex = np.concatenate([np.full(len(t), t.sex) for t in children])
    gestation = np.concatenate(
        [np.full(len(t), np.nan if t.gestation_days is None else t.gestation_days) for t in children]
    )
    who = np.repeat(NAMES, [len(t) for t in children])
    counts = np.concatenate([t.primary.counts for t in children])
    clothed = np.concatenate([[w.reason.startswith("clothed") for w in t.weighings] for t in children])
    need = np.concatenate([np.full(len(t), t.high_need) for t in children])
    born = [t.birth_date for t in children for _ in range(len(t))]
    together = gw.trajectories(
        kg, age_days=age, sex=sex, gestation_days=gestation, child=who, counts=counts, clothed=clothed, high_need=need,
        birth_date=born,
    ).columns()  # fmt: skip
    for t, name in zip(children, NAMES, strict=True):
        alone = t.primary.columns()
        for column, values in together.items():
            part = values[who == name]
            if part.dtype.kind == "f":
                np.testing.assert_allclose(part, alone[column], rtol=1e-7, atol=1e-9, err_msg=column)
            else:
                np.testing.assert_array_equal(part, alone[column], err_msg=column)


def test_a_slow_decline_is_seen_with_its_beginning_and_its_rate(slow: gw.Trajectory) -> None:
    evidence = slow.evidence
    assert evidence.level == "red"
    assert evidence.latest > 50
    assert evidence.began is not None
    began = evidence.began
    assert began.low_days <= began.age_days <= began.high_days <= slow.age_days[-1]
    assert 0 < began.low_rate <= began.rate <= began.high_rate
    assert 0 <= began.still_falling <= 1
    assert "SD a month" in evidence.explain()
    assert evidence.bound == pytest.approx(2.5 / evidence.latest)
    assert {m.rule for m in slow.met} >= {"Fall from the birth centile", "No net gain"}
    assert all(m.false_alarms is not None and m.false_alarms.sentence in slow.explain() for m in slow.met)


def test_weights_that_do_not_count_are_shown_and_enter_nothing(slow: gw.Trajectory) -> None:
    place = next(k for k, w in enumerate(slow.weighings) if not w.counts)
    columns = slow.primary
    assert np.isfinite(columns.z[place])
    assert np.isnan(columns.evidence.ratio[place])
    assert np.isnan(columns.gain.z[place])
    assert columns.rules["nice-fall-birth"].level[place] == 0
    assert (
        slow.weighings[place].reason
        in columns.to_frame("pandas").assign(r=[w.reason for w in slow.weighings])["r"].to_list()
    )


def test_a_suspected_weight_moves_no_evidence_and_a_low_one_still_meets_the_rules() -> None:
    age = np.arange(1, 13) * 30.0
    ref = gw.reference("uk-who")
    kg = ref.value(np.sin(np.arange(12)) * 0.1, age_days=age, sex="female")
    for factor, rules in ((0.45, True), (2.2046, False)):
        wrong = kg.copy()
        wrong[-1] *= factor
        found = gw.trajectories(wrong, age_days=age, sex="female")
        assert found.suspicions.suspect[-1]
        assert np.isnan(found.evidence.ratio[-1])
        assert (found.rules["loss-from-best"].level[-1] > 0) == rules
        best = found.rules["loss-from-best"]
        after = gw.trajectories(np.append(wrong, kg[-1]), age_days=np.append(age, 390.0), sex="female")
        assert after.rules["loss-from-best"].value[-1] == pytest.approx(best.value[-2], abs=5)
        assert np.isfinite(after.evidence.ratio[-1])


def test_a_child_that_stands_still_is_not_excused_as_a_copied_weight() -> None:
    age = np.arange(1, 24) * 30.0
    kg = gw.reference("uk-who").value(np.zeros(23), age_days=age, sex="female")
    kg[8:] = round(float(kg[8]), 2)
    found = gw.trajectories(kg, age_days=age, sex="female")
    np.testing.assert_array_equal(found.evidence.ratio, gw.evidence(kg, age_days=age, sex="female"))
    assert found.evidence.ratio[-1] > 5


def test_what_was_known_then_is_all_that_is_used() -> None:
    whole = record("c1-slow-decline")
    day = dt.date(2023, 9, 30)
    early = gw.Record(whole.child_id, [e for e in whole.events if e.recorded_at.date() <= day])
    then, now = gw.trajectory(early), gw.trajectory(whole, as_of=day)
    assert then.weight_kg.tolist() == now.weight_kg.tolist()
    np.testing.assert_array_equal(then.evidence.ratio, now.evidence.ratio)
    assert "as of 30 September 2023" in now.explain()


def test_with_the_reference_of_a_condition_both_are_given(slow: gw.Trajectory) -> None:
    both = gw.trajectory(record("c1-slow-decline"), reference="trisomy-21-uk-2002")
    assert both.on_condition is not None
    assert both.reference.id == "trisomy-21-uk-2002"
    np.testing.assert_array_equal(both.on_standard.z, slow.z)
    assert (both.z[-3:] > slow.z[-3:]).all()
    assert both.attribution.on_condition is not None
    text = both.explain()
    assert "Down syndrome" in text
    assert "UK-WHO" in text
    frame = both.to_frame("pandas")
    assert {"z", "z_standard", "evidence", "evidence_standard"} <= set(frame.columns)
    assert "z_condition" not in frame


def test_a_signed_plan_brings_its_reference_until_it_ends() -> None:
    with_plan = record("c1-slow-decline").append(
        {
            "id": "plan-t21",
            "type": "plan_signed",
            "on": "2023-10-01",
            "recorded_at": "2023-10-01T12:00:00Z",
            "actor": "Dr B",
            "role": "paediatrician",
            "plan": "condition",
            "reference": "trisomy-21-uk-2002",
            "review_by": "2024-03-01",
            "reason": "trisomy 21",
            "outcome_for_child": "grows along his own line",
        }
    )
    in_date = gw.trajectory(with_plan, as_of=dt.date(2024, 2, 1))
    assert in_date.on_condition is not None
    assert in_date.reference.id == "uk-who"
    later = gw.trajectory(with_plan, as_of=dt.date(2024, 4, 20))
    assert later.on_condition is None
    assert "it counts no longer" in later.explain()


def test_an_adjustment_counts_only_while_it_is_in_date() -> None:
    adjusted = gw.reference("uk-who").adjusted(shift=-1.0, **SIGNED)
    inside = gw.trajectory(record("c1-slow-decline"), reference=adjusted, as_of=dt.date(2024, 4, 20))
    assert inside.reference.id == adjusted.id
    assert "ADJUSTED CURVE" in inside.explain()
    after = gw.trajectory(record("c1-slow-decline"), reference=adjusted, as_of=dt.date(2024, 9, 20))
    assert after.on_condition is None
    assert "ADJUSTMENT NOT APPLIED" in after.explain()


def test_the_next_weight_that_would_clear_is_one_that_clears(slow: gw.Trajectory) -> None:
    age = float(slow.age_days[-1]) + 28
    needed = slow.next_weight(age)
    assert needed["evidence"].clear.holds == "never"
    line = needed["2nd"].clear.weight_kg
    z = gw.reference("uk-who").z(
        np.array([line - 0.011, line]), age_days=age, sex=slow.sex, gestation_days=slow.gestation_days
    )
    assert z[0] < -2 <= z[1]
    assert needed["gain"].clear.weight_kg < needed["2nd"].clear.weight_kg


def test_the_next_weight_that_holds_is_less_than_the_one_that_clears() -> None:
    found = gw.trajectory(record("c5-handover-gap"))
    steps = found.next_weight(float(found.age_days[-1]) + 28)
    for name in ("2nd", "fall"):  # what this child meets now
        assert steps[name].hold is not None
        assert steps[name].hold.weight_kg <= steps[name].clear.weight_kg
    held = steps["2nd"].hold
    z = gw.reference("uk-who").z(held.weight_kg, age_days=found.age_days[-1] + 28, sex=found.sex)
    assert z >= found.z[-1] > z - 0.02


def test_a_forecast_lies_in_its_band(slow: gw.Trajectory) -> None:
    ahead = slow.forecast(slow.age_days[-1] + 28, weight_kg=8.0)
    assert ahead.band_kg[0][0] < ahead.weight_kg[0] < ahead.band_kg[-1][0]
    assert ahead.given_centile[0] < 50


@pytest.mark.parametrize("backend", ["pandas", "polars", "pyarrow"])
def test_frames_of_every_kind(slow: gw.Trajectory, backend: str) -> None:
    frame = slow.to_frame(backend)
    assert type(frame).__module__.startswith(backend)
    assert len(frame) == len(slow)


def test_unknown_frames_are_refused() -> None:
    with pytest.raises(gw.GrowthwatchError):
        make_frame({"a": np.zeros(1)}, "excel")


@pytest.mark.parametrize("given", [None, 1, "child.json", {}])
def test_only_a_record_has_a_trajectory(given: object) -> None:
    with pytest.raises(gw.GrowthwatchError) as caught:
        gw.trajectory(given)
    assert caught.value.field == "record"


def test_a_record_without_birth_or_weights_says_so() -> None:
    with pytest.raises(gw.GrowthwatchError, match="born"):
        gw.trajectory(gw.Record("nobody"))
    whole = record("c1-slow-decline")
    born = gw.Record("new", [e for e in whole.events if e.type == "born"])
    found = gw.trajectory(born)
    assert len(found) == 0
    assert "No weight is recorded" in found.explain()
    assert found.evidence.explain()
    assert found.to_frame("pandas").empty
    assert found._repr_html_()


@pytest.mark.parametrize("reference", ["uk-90", 3, ["uk-who"]])
def test_unknown_references_are_refused(reference: object) -> None:
    with pytest.raises(gw.GrowthwatchError):
        gw.trajectory(record("c1-slow-decline"), reference=reference)


def test_no_reference_hides_what_the_standard_says() -> None:
    found = gw.trajectory(record("c1-slow-decline"), reference="cp-gmfcs-5-oral").explain()
    assert "On UK-WHO. Evidence red" in found
    assert "On UK-WHO. Meets: Fall from the birth centile" in found
    assert "too few weights" in found
    late = gw.trajectory(record("c5-handover-gap"), reference="cp-gmfcs-5-oral").explain()
    # Its evidence is below the first level: it takes nothing back
    assert (
        "On UK-WHO. Evidence: the weights do not yet tell slowing from healthy growth. The rules are met and stand."
        in late
    )
    assert "(1.6; it speaks at 3)" in late and "its silence takes nothing back" in late
    assert "Since 20 months of age her weight is 2.7 SD below what her earlier weights let expect." in late


def test_evidence_is_not_read_past_five_years_and_says_so() -> None:
    birth = dt.date(2015, 1, 1)
    shared = {"actor": "hv", "role": "health_visitor"}
    events = [{"id": "b", "type": "born", "on": birth, "sex": "female", **shared}]
    for age, kg in ((0, 3.3), (60, 5.2), (400, 9.3), (1000, 13.5), (1700, 17.0), (2400, 15.0)):
        on = birth + dt.timedelta(days=age)
        events.append({"id": f"w{age}", "type": "weighed", "on": on, "weight_kg": kg, **shared})
    for e in events:
        e["recorded_at"] = f"{e['on']}T12:00:00Z"
    found = gw.trajectory(gw.Record("old", events))
    assert "not read after 5 years" in found.explain()
    events.append(
        {"id": "x", "type": "died", "on": dt.date(2021, 9, 1), "recorded_at": "2021-09-01T12:00:00Z", **shared}
    )
    text = gw.trajectory(gw.Record("old", events)).explain()
    assert "recorded to have died" in text
    assert "we would expect" not in text


def test_a_weight_in_pounds_does_not_count_and_is_asked_about() -> None:
    whole = record("c3-acute-dehydration")
    last = max((e for e in whole.events if e.type == "weighed"), key=lambda e: e.on)
    slip = last.model_dump(mode="json", exclude_none=True) | {
        "id": "pounds",
        "on": "2024-04-16",
        "recorded_at": "2024-04-16T12:00:00Z",
        "weight_kg": round(last.weight_kg * 2.2046, 2),
    }
    text = gw.trajectory(whole.append(slip)).explain()
    assert "does not count" in text
    assert "pounds" in text


@pytest.mark.parametrize("reference", [None, 3, b"uk-who", ["uk-who"]])
def test_columns_refuse_what_is_no_reference(reference: object) -> None:
    for function in (gw.evidence, gw.trajectories):
        with pytest.raises(gw.GrowthwatchError) as caught:
            function([5.0, 6.0], age_days=[60, 90], sex="male", reference=reference)
        assert caught.value.field == "reference"


def test_the_next_weight_is_after_the_last(slow: gw.Trajectory) -> None:
    for age in (100, True, "x", float("nan")):
        with pytest.raises(gw.GrowthwatchError):
            slow.next_weight(age)
    assert slow.next_weight(slow.age_days[-1] + 28)["best"].clear.weight_kg == pytest.approx(9.3, abs=0.011)


def one_child(kg: list[float], age: list[float], condition: gw.Reference | None = None, **other: Any) -> gw.Trajectory:
    born = dt.date(2024, 1, 1)
    weighings = [
        Weighing(f"w{k}", born + dt.timedelta(days=int(a)), w, float(a), True, "")
        for k, (w, a) in enumerate(zip(kg, age, strict=True))
    ]
    return Trajectory("c", weighings, UK, condition, sex="female", gestation_days=None, **other)


def test_weights_of_one_day_that_count_as_one_are_named() -> None:
    kg, age = [5.6, 6.6, 7.0, 7.2, 7.9], [91, 150, 182, 182, 240]
    found = one_child(kg, age)
    assert "Two weights on 1 July 2024 count as one: on the chart their median, 7.10 kg" in found.explain()
    assert "count as one" in found._repr_html_()
    three = one_child([*kg, 7.3], [*age, 182]).explain()
    assert "Three weights on 1 July 2024 count as one: on the chart their median, 7.20 kg" in three
    assert "count as one" not in one_child(kg[:3], age[:3]).explain()


def falling(fall: float, since: int, until: int = 36, step: int = 1) -> tuple[list[float], list[float]]:
    """A girl who falls by so much a month between two months of age, with her ages."""
    months = np.arange(1, until, step)
    age = np.rint(months * 30.4375)
    z = -fall * np.clip(months - since, 0, 12)
    return UK.value(z, age_days=age, sex="female").tolist(), age.tolist()


def test_evidence_without_a_fall_left_over_is_explained() -> None:
    same = UK.adjusted(shift=-0.01, **SIGNED)
    kg, age = falling(0.3, 18, 24)
    found = one_child(kg, age, same)
    assert found.attribution.on_standard.verdict[0] == 0
    assert TrajectoryEvidence(found, found.on_standard).level
    text = found.explain()
    assert "On UK-WHO the evidence and what is left over do not contradict each other" in text
    assert "since growth may have begun to slow" in text
    assert "compares only the first weight with the last" in text
    assert found.danger, "so that no weight is waited for"
    assert "The concern stands." in text
    assert "7 to 14 days" not in text
    # Without a danger a weight is asked for
    mild = story._both_true(fell=False, called=True, falling=True, reference=UK, settled=False)
    assert "The concern stands: a weight in 7 to 14 days would show whether the slowing goes on." in mild
    dead = one_child(kg, age, same, died=True).explain()
    assert "The concern stands." in dead
    assert "7 to 14 days" not in dead


def test_a_fall_left_over_without_evidence_is_explained() -> None:
    found = gw.trajectory(record("c6-letter-never-acknowledged"), reference="trisomy-21-uk-2002")
    assert found.attribution.on_standard.verdict[0] < 0
    assert not TrajectoryEvidence(found, found.on_standard).level
    text = found.explain()
    assert text.count("do not contradict each other") == 1, "on the condition both say the same"
    assert "On UK-WHO the evidence and what is left over do not contradict each other" in text
    assert "not at how low a child is" in text
    assert "The fall still needs an explanation: a weight in 7 to 14 days would show whether it goes on." in text


def test_what_agrees_needs_no_words() -> None:
    agree = gw.trajectory(record("c1-slow-decline"), reference="trisomy-21-uk-2002")
    assert "contradict" not in agree.explain()
    assert "contradict" not in gw.trajectory(record("c3-acute-dehydration")).explain()


def test_a_fall_that_goes_on_is_not_said_to_have_stopped() -> None:
    found = gw.trajectory(record("c6-letter-never-acknowledged"))
    text = found.explain()
    assert found.z[-1] < found.z[-2]
    assert "On UK-WHO the evidence and what is left over do not contradict each other" in text, "on the standard alone"
    assert "the fall is recent or uneven, and one or two more weights would show." in text
    assert "has stopped" not in text
    assert "is left over (between" in text


def test_why_weights_cannot_be_read_is_said_to_a_child_who_has_three() -> None:
    three = [1, 5, 10, 20, 40]
    text = one_child(on_median(three), [float(a) for a in three]).explain()
    said = "Of 5 recorded, 2 can be read so far: only weights from 2 weeks after birth on are read (3 earlier)."
    assert f"too few weights yet to say anything; three are the least. {said}" in text
    late = gw.trajectory(record("c1-slow-decline"), reference="cp-gmfcs-5-oral").explain()
    assert "Of 14 recorded, 2 can be read so far: the chart begins at 2 years (11); 1 weight does not count" in late
    assert "can be read so far" not in one_child([6.0, 6.5], [60, 90]).explain()


@pytest.mark.parametrize(
    ("fit", "words"),
    [
        (1e-9, "fit healthy growth better than slowing growth"),
        (0.33, "fit healthy growth better than slowing growth"),
        (0.34, "do not yet tell slowing from healthy growth"),
        (1.0, "do not yet tell slowing from healthy growth"),
        (2.99, "do not yet tell slowing from healthy growth"),
        (float("nan"), "do not yet tell slowing from healthy growth"),
        (3.0, "fit slowing growth 3 times better than healthy growth"),
        (12.9, "fit slowing growth 12 times better than healthy growth"),
        (1e80, "fit slowing growth more than 1000 times better than healthy growth"),
    ],
)
def test_evidence_in_words(fit: float, words: str) -> None:
    assert fit_words(fit) == words


def test_little_evidence_is_not_so_many_times_as_well() -> None:
    age = np.arange(1, 30) * 30.0
    found = one_child(UK.value(np.zeros(29), age_days=age, sex="female").tolist(), age.tolist())
    assert found.evidence.latest < 0.5
    text = found.explain()
    assert re.search(r"the weights fit healthy growth (far )?better than slowing growth", text)
    assert "times as well" not in text


@pytest.mark.parametrize(
    ("days", "age", "limit"),
    [
        (-119, "119 days before birth", "23+0 weeks of gestation"),
        (-115, "115 days before birth", "23+4 weeks of gestation"),
        (0, "birth", "birth"),
        (1, "1 day", "1 day"),
        (20, "3 weeks", "20 days"),
        (28, "4 weeks", "4 weeks"),
        (30.4375, "4 weeks", "1 month"),
        (365.25, "12 months", "1 year"),
        (547.875, "18 months", "18 months"),
        (730.5, "2 years", "2 years"),
        (1856, "5.1 years", "5 years 1 month"),
        (7231.95, "19.8 years", "19.8 years"),
        (float("inf"), "an age that is not known", None),
    ],
)
def test_ages_in_words(days: float, age: str, limit: str | None) -> None:
    assert age_words(days) == age
    assert limit is None or limit_words(days) == limit


def test_a_forecast_says_z_as_published_beside_z_as_carried() -> None:
    """At 4 years UK-WHO changes table: a girl on the 0.4th line moves by most of a centile space overnight."""
    age = np.arange(36, 48) * 30.4375
    series = weight_series(UK, UK.value(np.full(12, -2.67), age_days=age, sex="male"), age, "male")
    ahead = forecast(series, 4.5 * 365.25)
    published = UK.z(ahead.weight_kg[0], age_days=4.5 * 365.25, sex="male")
    assert ahead.published_z[0] == pytest.approx(published)
    assert abs(ahead.published_z[0] - ahead.expected_z[0]) > 0.4
    assert ahead.carried_z is ahead.expected_z
    before = forecast(series, 47.9 * 30.4375)
    assert before.published_z[0] == pytest.approx(before.expected_z[0], abs=1e-6)
    assert np.isnan(forecast(series, [np.nan, 1500.0], child=[0, 0]).published_z).tolist() == [True, False]


def test_a_loss_is_never_called_a_gain_and_calms_only_where_nothing_is_met() -> None:
    ages = [*range(400, 820, 30), 797.0]
    kg = on_median([int(a) for a in ages])
    short = one_child([*kg[:-1], round(kg[-2] - 0.04, 2)], ages)
    assert short.met == ()
    assert "40 g lost in 7 days (6 g a day); one such loss is common among healthy children." in short.explain()
    twice = one_child([*kg[:-1], round(kg[-2] - 0.04, 2), round(kg[-2] - 0.06, 2)], [*ages, 804.0]).explain()
    assert "20 g lost" in twice
    assert "common among" not in twice
    met = one_child(UK.value(np.full(len(ages), -2.2), age_days=ages, sex="female").tolist(), ages)
    lost = one_child([*met.weight_kg[:-1], float(met.weight_kg[-2]) - 0.04], ages)
    assert "Meets: Below a line" in lost.explain()
    assert "common among" not in lost.explain()
    assert "the gain is" not in lost.explain()
    low = gw.trajectory(record("c1-slow-decline")).explain()
    assert "180 g lost in 14 days (13 g a day); over 42 days the change is below the 5th centile" in low


def test_a_gain_calms_nobody_beside_a_danger() -> None:
    text = gw.trajectory(record("c5-handover-gap")).explain()
    assert "290 g gained" in text
    assert "usual range" not in text


def test_a_rate_has_an_honest_width_or_is_the_one_that_was_seen() -> None:
    assert (
        "loses about 0.32 SD a month (0.15 to 0.69): a centile space in 2 months"
        in gw.trajectory(record("c1-slow-decline")).evidence.explain()
    )
    ages = np.arange(2, 26) * 30.4375
    for fall in (0.03, 0.3, 1.5):
        z = -np.clip((np.arange(24) - 18) * fall, 0, None)
        found = one_child(UK.value(z, age_days=ages, sex="female").tolist(), ages.tolist()).evidence
        began = found.began
        assert began is not None
        assert began.low_rate < began.high_rate
        if found.level:
            text = found.explain()
            seen = re.search(r"since then about (\d\.\d\d) SD a month were lost", text)
            assert (seen is None) == (fall < 1)
            assert seen is None or 0.75 < float(seen[1]) <= 1.6


def test_rounding_hides_no_threshold() -> None:
    best = one_child([10.0, 9.004], [400, 410])
    assert "Danger: 9.96 % below the best weight" in best.explain()
    assert "7.5 %: 9.96 % of best weight, threshold 7.5" in best.explain()
    met = one_child([10.0, 9.0], [400, 410]).explain()
    assert "10 %: 10.0 % of best weight, threshold 10.0" in met
    text = gw.trajectory(record("c1-slow-decline")).explain()
    assert "203 days, threshold 84" in text
    only = Trajectory("c", [Weighing("w", None, 6.0, 80.0, True, "")], UK, None, sex="female", gestation_days=None)
    assert "The only weight that counts, 6.00 kg at 11 weeks," in only.explain()
    kg = float(UK.value(-0.001, age_days=80, sex="female"))
    zero = Trajectory("c", [Weighing("w", None, kg, 80.0, True, "")], UK, None, sex="female", gestation_days=None)
    assert "(z 0.00)" in zero.explain()
    assert "z 0.00" in repr(zero)


def test_an_old_weight_is_said_to_be_old() -> None:
    whole = steady(STEADY, on_median(STEADY))
    last = dt.date(2024, 7, 10)
    assert "weeks old" not in gw.trajectory(whole, as_of=last + dt.timedelta(days=60)).explain()
    text = gw.trajectory(whole, as_of=last + dt.timedelta(days=70)).explain()
    assert text.splitlines()[1] == "The latest weight is 10 weeks old."


def test_a_local_level_of_a_national_rule_is_called_local() -> None:
    child = Child(birth_kg=3.4).weigh(2.9, 12)
    (lost,) = [m for m in gw.trajectory(child.record).met if m.unit == "% of birth weight"]
    assert (lost.level, lost.tag) == ("12 % or more", "L")


def test_a_trajectory_reads_weights_by_the_protocol_it_is_given(tmp_path: Path) -> None:
    child = Child().steady(0.0, [30, 60, 90]).clothed(6.5, 120)
    text = (Path(gw.__file__).parent / "protocols" / "uk-hv.toml").read_text(encoding="utf-8")
    ours = tmp_path / "ours.toml"
    ours.write_text(text.replace('clothing_below = ["naked"]', 'clothing_below = ["naked", "clothed"]'), "utf-8")
    protocol = Protocol.load(ours)
    assert "clothed" in gw.trajectory(child.record).explain()
    assert "clothed" not in gw.trajectory(child.record, protocol=protocol).explain()
    with pytest.raises(gw.GrowthwatchError, match="a Protocol"):
        gw.trajectory(child.record, protocol="uk-hv")  # type: ignore[arg-type]
