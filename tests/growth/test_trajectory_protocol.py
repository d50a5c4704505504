"""A trajectory reads weights by the protocol it is given."""

from __future__ import annotations

import datetime as dt
from importlib import resources
from pathlib import Path

import pytest
from builders import Child
from own_protocols import changed

import growthwatch as gw

TEXT = (resources.files("growthwatch") / "protocols" / "uk-hv.toml").read_text("utf-8")


def test_none_is_the_packaged_protocol() -> None:
    child = Child().weigh(3.9, 20).weigh(4.6, 40, clothing="nappy")
    by_name = gw.trajectory(child.record, protocol=gw.protocol("uk-hv"))
    assert gw.trajectory(child.record).explain() == by_name.explain()


def test_which_weights_count_is_read_by_the_protocol(tmp_path: Path) -> None:
    child = Child().weigh(3.9, 20).weigh(4.6, 40, clothing="nappy")
    assert gw.trajectory(child.record).weighings[-1].reason == "in a nappy"
    protocol = changed(tmp_path, ('clothing_below = ["naked"]', 'clothing_below = ["naked", "nappy"]'))
    found = gw.trajectory(child.record, protocol=protocol)
    assert found.weighings[-1].counts and not found.weighings[-1].reason
    assert "does not count" in gw.trajectory(child.record).explain()
    assert "does not count" not in found.explain()


def test_a_best_weight_counts_from_the_age_that_the_protocol_says(tmp_path: Path) -> None:
    child = Child(birth_kg=3.4).weigh(4.1, 20).weigh(3.85, 29)
    loss = gw.trajectory(child.record).primary.rules["loss-from-best"]
    assert loss.value[-1] == pytest.approx(100 * 0.25 / 4.1)
    protocol = changed(tmp_path, ("best_from_age_days = 14", "best_from_age_days = 28"))
    loss = gw.trajectory(child.record, protocol=protocol).primary.rules["loss-from-best"]
    assert loss.value[-1] == 0.0  # the birth weight is the best until day 28
    assert gw.trajectory(child.record).danger and not gw.trajectory(child.record, protocol=protocol).danger


def test_high_need_and_days_are_those_of_the_protocol(tmp_path: Path) -> None:
    child = Child(gmfcs=3).weigh(3.9, 20)
    assert not gw.trajectory(child.record).high_need
    protocol = changed(tmp_path, ("high_need_gmfcs_from = 4", "high_need_gmfcs_from = 3"))
    assert gw.trajectory(child.record, protocol=protocol).high_need


def test_anything_else_is_refused() -> None:
    record = Child().weigh(3.9, 20).record
    with pytest.raises(gw.GrowthwatchError, match="a Protocol"):
        gw.trajectory(record, protocol="uk-hv", as_of=dt.date(2024, 3, 1))  # type: ignore[arg-type]


# --- notices ------------------------------------------------------------------------------------------------------


def notices(child: Child, day: int | None = None, **more: object) -> list[str]:
    found = gw.trajectory(child.record, as_of=None if day is None else child.date(day), **more)  # type: ignore[arg-type]
    return list(found.notices)


def test_a_plain_record_has_no_notice() -> None:
    assert notices(Child().steady(0.0, [14, 40])) == []


def test_weights_whose_dates_cannot_be_right_are_counted() -> None:
    child = Child().steady(0.0, [14, 40]).weigh(3.1, -5)
    assert notices(child) == ["1 weight dated before birth: left out. Please check the date."]
    child.weigh(3.0, -7).weigh(5.0, 90, recorded_at=f"{child.date(60)}T10:00:00Z")
    assert notices(child, 100) == [
        "1 weight dated after the day on which it was written down: left out. Please check the date.",
        "2 weights dated before birth: left out. Please check the date.",
    ]


def test_a_death_is_told_unless_the_child_was_seen_since() -> None:
    child = Child().steady(0.0, [14, 40]).add("died", 60)
    assert notices(child, 59) == []
    assert notices(child, 60) == notices(child) == ["The child is recorded to have died. Nothing is due."]
    assert notices(child.at_z(0.0, 70), 80) == []


def test_a_latest_weight_that_may_be_wrong_either_way_is_told() -> None:
    child = Child().steady(0.0, [14, 40]).weigh(4.0, 60, scale="other")
    told = (
        "4.00 kg on a scale that is not class III (15 March 2024) may be wrong either way: it enters no trend. Weigh "
        "again, class III."
    )
    assert notices(child) == [told]
    assert notices(child.copy().add("died", 61)) == ["The child is recorded to have died. Nothing is due."]
    assert notices(child.at_z(0.0, 61)) == []


def planned(name: str, **more: object) -> Child:
    return Child(**more).steady(0.0, [14, 40]).plan(60, plan="condition", reference=name)  # type: ignore[arg-type]


def test_a_plan_that_names_a_reference_counts_to_its_end() -> None:
    # Six calendar months from 15 March 2024.
    child = planned("trisomy-21-uk-2002")
    for day, condition in (("2024-03-14", False), ("2024-03-15", True), ("2024-09-15", True), ("2024-09-16", False)):
        found = gw.trajectory(child.record, as_of=dt.date.fromisoformat(day))
        assert (found.condition is not None) is condition, day
    told = "The plan that names 'trisomy-21-uk-2002' ran until 15 September 2024; it counts no longer."
    assert notices(child, 245) == [told] and notices(child, 244) == []


@pytest.mark.parametrize(
    ("child", "told"),
    [
        (
            planned("my own"),
            (
                "The plan that names 'my own' was not accepted: it is not among the references of this package, so "
                "nothing is judged on it."
            ),
        ),
        (
            planned("preterm-nl-2012", gestation_days=None),
            (
                "The plan names 'preterm-nl-2012'. It chooses its table by the gestation at birth: none is for this "
                "child."
            ),
        ),
        (
            planned("preterm-cz-2015", birth_kg=None),
            "The plan names 'preterm-cz-2015'. It chooses its table by the birth weight: none is for this child.",
        ),
    ],
)
def test_a_plan_whose_reference_cannot_be_used_says_why(child: Child, told: str) -> None:
    assert notices(child, 70) == [told]
    assert gw.trajectory(child.record, as_of=child.date(70)).condition is None


def test_the_newest_plan_that_names_a_reference_is_read() -> None:
    child = planned("my own").plan(61, plan="condition", reference="trisomy-21-uk-2002").plan(62, plan="care")
    found = gw.trajectory(child.record, as_of=child.date(70))
    assert found.condition is not None and list(found.notices) == []


@pytest.mark.parametrize(
    ("given", "field", "expected"),
    [
        ({"record": "child.json"}, "record", "a Record, such as Record.load('child.json')"),
        ({"reference": 3}, "reference", "an id, such as 'uk-who', or a Reference"),
        ({"protocol": "uk-hv"}, "protocol", "a Protocol, such as growthwatch.protocol('uk-hv')"),
        ({"record": Child(born=None, birth_kg=None).record}, "record", "a record that says when the child was born"),
        (
            {"record": Child(born="2024-01-15").record, "as_of": dt.date(2024, 1, 14)},
            "record",
            "a record that says by 2024-01-14 when the child was born",
        ),
    ],
)
def test_what_cannot_be_followed_is_refused(given: dict[str, object], field: str, expected: str) -> None:
    with pytest.raises(gw.GrowthwatchError) as caught:
        gw.trajectory(**({"record": Child().weigh(3.9, 20).record} | given))  # type: ignore[arg-type]
    assert (caught.value.field, caught.value.expected) == (field, expected)
