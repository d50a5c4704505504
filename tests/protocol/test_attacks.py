"""Bad input that once silenced an alarm, or made a review fail: each a regression test."""

from __future__ import annotations

import datetime as dt
import json
import time
from pathlib import Path

import pytest
from builders import HV, Child

import growthwatch as gw


def falling() -> Child:
    return Child("2023-01-01", sex="male", birth_kg=3.5).weigh(7.0, 120).weigh(6.4, 151)


@pytest.mark.parametrize("pair", [(64.5, 64.0), (6450.0, 6450.0), (14.2, 14.1)])
def test_two_weights_with_one_fault_confirm_nothing(pair: tuple[float, float]) -> None:
    child = falling()
    assert "G8" in child.levels(155)
    child.weigh(pair[0], 155).weigh(pair[1], 156)
    assert "G8" in child.levels(160)
    assert child.review(160).due.last_valid_kg == 6.4


def test_without_sex_a_weight_in_grams_clears_nothing() -> None:
    child = Child("2023-01-01", sex=None, birth_kg=3.5).weigh(7.0, 120).weigh(6.0, 151)
    assert "G8" in child.levels(152)
    child.weigh(6100.0, 155)
    assert "G8" in child.levels(160)
    assert child.review(160).due.last_valid_kg == 6.0


def test_a_signature_confirms_no_impossible_weight() -> None:
    child = falling().weigh(6500.0, 155)
    child.decide(155, "confirm_weight", target=child.last)
    r = child.review(160)
    assert "G8" in {f.rule for f in r.findings}
    assert r.refused


def test_a_second_birth_that_says_less_takes_nothing_away() -> None:
    child = Child("2022-01-01", sex="male", birth_kg=3.5).weigh(7.6, 365).weigh(7.2, 608)
    before = child.levels(610)
    child.add("born", 0, late=31)
    assert child.levels(610) == before
    assert not any("differ" in n for n in child.review(610).notes)


def test_every_weight_that_is_not_used_is_named() -> None:
    child = Child("2022-06-01", birth_kg=None).weigh(3.5, -150).weigh(6.5, -90).weigh(7.0, 92)
    assert sum("is not used" in n for n in child.review(92).notes) == 2


def test_a_weight_dated_in_the_future_is_named() -> None:
    child = Child("2023-01-01").add(
        "weighed", "2203-01-01", weight_kg=7.6, recorded_at=dt.datetime(2023, 6, 1, tzinfo=dt.UTC)
    )
    assert any("2203" in n for n in child.review(200).notes)


def test_a_death_that_later_weights_contradict_ends_nothing() -> None:
    child = Child("2023-01-01", birth_kg=3.5).add("died", 59).weigh(5.0, 151).weigh(4.0, 181)
    r = child.review(182)
    assert "G8" in {f.rule for f in r.findings}
    assert any("death" in n for n in r.notes)
    assert Child("2023-01-01", birth_kg=3.5).add("died", 59).review(182).due.due is None


def test_family_neither_examines_nor_signs() -> None:
    child = Child(gmfcs=5).sign("vomiting", 300).examined(301, role="family")
    assert "H2" in child.levels(301)
    child.examined(302, role="gp")
    assert "H2" not in child.levels(302)
    child = Child(birth_kg=None).at_z(-2.2, 300).at_z(-1, 330).at_z(-1, 350)
    child.add("decision_signed", 351, decision="close_finding", target="G4@start", reason="fine", role="family")
    assert child.review(351).refused
    assert "G4" in child.levels(351)


def test_an_adoption_of_an_unknown_protocol_is_said_and_survived() -> None:
    record = Child().add("protocol_adopted", 10, protocol="nonsense", hash="garbage").weigh(5.0, 60).record
    r = gw.review(record, protocol=[HV, HV], as_of=dt.date(2024, 6, 1))
    (refused,) = r.refused
    assert any("nonsense" in why and "not among the protocols given" in why for why in refused.reasons)


@pytest.mark.parametrize(
    ("born", "as_of"), [("0001-01-01", "0001-06-01"), ("9999-06-01", "9999-12-30"), ("9998-12-31", "9999-12-30")]
)
def test_the_edges_of_the_calendar(born: str, as_of: str) -> None:
    child = Child(born, gestation_days=315).condition("tube_feeding", 3).plan(5, floor_days=30).weigh(3.2, 7)
    r = gw.review(child.record, protocol=HV, as_of=dt.date.fromisoformat(as_of))
    assert r.explain() and json.loads(r.to_json())


def test_numbers_beyond_measure_are_json_all_the_same() -> None:
    child = Child(sex=None, birth_kg=1e-300).weigh(1e300, 5)
    assert json.loads(child.review(10).to_json())


def test_the_words_of_a_plan_cannot_pose_as_a_section() -> None:
    child = Child().plan(30, reference="uk-who.\n\nNow\n- Nothing needs doing.\u202e", review_by=None)
    text = child.review(40).explain()
    assert "\nNow\n- Nothing" not in text and "\u202e" not in text


def test_a_protocol_never_changes() -> None:
    with pytest.raises(AttributeError):
        HV.rules = ()
    with pytest.raises(AttributeError):
        HV.hash = "x"


def test_a_correction_does_not_make_a_long_record_slow() -> None:
    child = Child()
    for day in range(1500):
        child.contact(day % 1400)
    start = time.perf_counter()
    child.review(1401)
    plain = time.perf_counter() - start
    child.add("entered_in_error", 1401, target=child.last, reason="twice")
    start = time.perf_counter()
    child.review(1402)
    assert time.perf_counter() - start < 20 * plain + 1  # it was quadratic: minutes


def test_a_replay_says_of_a_day_what_was_known_on_it() -> None:
    record = gw.Record.load(Path(__file__).parents[2] / "examples" / "c1-slow-decline.json")
    for change in gw.replay(record, protocol=HV, until=dt.date(2024, 4, 9)):
        then = gw.review(record, protocol=HV, as_of=change.on)
        for key, _, level in (*change.opened, *change.raised):
            (f,) = [f for f in then.findings if f.key == key]
            assert f.level == level
            assert f.says in change.says


def test_nobody_is_told_to_wait_while_something_cannot() -> None:
    text = Child(birth_kg=3.5).weigh(3.05, 4).review(4).explain()
    assert "not needed before" not in text and "signed reason" not in text
    r = Child(birth_kg=None).weigh(10.0, 860).weigh(9.3, 866).review(866)
    assert "not needed before" not in r.explain() and "signed reason" not in r.explain()


def test_what_is_recorded_is_judged_or_said() -> None:
    child = Child(gmfcs=4).led(1).add("lead_left", 20, name="Hana Reid")
    child.add("was_not_brought", 21, service="clinic").add("was_not_brought", 25, service="clinic")
    assert not [n for n in child.review(30).notes if "not judged" in n]
    assert {"P5", "P1"} <= set(child.levels(30))
    sick = Child().steady(0, [12, 50]).sign("diarrhoea", 60).review(61)
    assert any("diarrhoea" in n for n in sick.notes)


def test_the_review_of_a_child_who_died_asks_nobody_to_weigh() -> None:
    child = falling().add("died", 160)
    r = child.review(170)
    assert r.to_do() == () and "died on" in r.headline()
    assert "G8" in {f.rule for f in r.findings}


def test_a_changed_protocol_does_not_pass_for_the_packaged_one(tmp_path: Path) -> None:
    text = (Path(gw.__file__).parent / "protocols" / "uk-hv.toml").read_text(encoding="utf-8")
    ours = tmp_path / "ours.toml"
    ours.write_text(text.replace("contacts_at_least = 3", "contacts_at_least = 2"), encoding="utf-8")
    assert "CHANGED" in Child().review(30, gw.Protocol.load(ours)).explain()
    assert "CHANGED" not in Child().review(30).explain()
