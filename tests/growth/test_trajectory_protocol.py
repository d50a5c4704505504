"""A trajectory reads weights by the protocol it is given."""

from __future__ import annotations

import datetime as dt
from importlib import resources
from pathlib import Path

import pytest
from builders import Child

import growthwatch as gw
from growthwatch.protocol import Protocol

TEXT = (resources.files("growthwatch") / "protocols" / "uk-hv.toml").read_text("utf-8")


def ours(folder: Path, *changes: tuple[str, str]) -> Protocol:
    text = TEXT.replace('id = "uk-hv"', 'id = "ours"', 1)
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path = folder / "ours.toml"
    path.write_text(text, encoding="utf-8")
    return Protocol.load(path)


def test_none_is_the_packaged_protocol() -> None:
    child = Child().weigh(3.9, 20).weigh(4.6, 40, clothing="nappy")
    by_name = gw.trajectory(child.record, protocol=gw.protocol("uk-hv"))
    assert gw.trajectory(child.record).explain() == by_name.explain()


def test_which_weights_count_is_read_by_the_protocol(tmp_path: Path) -> None:
    child = Child().weigh(3.9, 20).weigh(4.6, 40, clothing="nappy")
    assert gw.trajectory(child.record).weighings[-1].reason == "in a nappy"
    protocol = ours(tmp_path, ('clothing_below = ["naked"]', 'clothing_below = ["naked", "nappy"]'))
    found = gw.trajectory(child.record, protocol=protocol)
    assert found.weighings[-1].counts and not found.weighings[-1].reason
    assert "does not count" in gw.trajectory(child.record).explain()
    assert "does not count" not in found.explain()


def test_a_best_weight_counts_from_the_age_that_the_protocol_says(tmp_path: Path) -> None:
    child = Child(birth_kg=3.4).weigh(4.1, 20).weigh(3.85, 29)
    loss = gw.trajectory(child.record).primary.rules["loss-from-best"]
    assert loss.value[-1] == pytest.approx(100 * 0.25 / 4.1)
    protocol = ours(tmp_path, ("best_from_age_days = 14", "best_from_age_days = 28"))
    loss = gw.trajectory(child.record, protocol=protocol).primary.rules["loss-from-best"]
    assert loss.value[-1] == 0.0  # the birth weight is the best until day 28
    assert gw.trajectory(child.record).danger and not gw.trajectory(child.record, protocol=protocol).danger


def test_high_need_and_days_are_those_of_the_protocol(tmp_path: Path) -> None:
    child = Child(gmfcs=3).weigh(3.9, 20)
    assert not gw.trajectory(child.record).high_need
    protocol = ours(tmp_path, ("high_need_gmfcs_from = 4", "high_need_gmfcs_from = 3"))
    assert gw.trajectory(child.record, protocol=protocol).high_need


def test_anything_else_is_refused() -> None:
    record = Child().weigh(3.9, 20).record
    with pytest.raises(gw.GrowthwatchError, match="a Protocol"):
        gw.trajectory(record, protocol="uk-hv", as_of=dt.date(2024, 3, 1))  # type: ignore[arg-type]
