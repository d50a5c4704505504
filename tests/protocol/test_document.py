"""Protocol files: closed, sourced, hashed; and no number of theirs is in the code."""

from __future__ import annotations

import copy
import datetime as dt
import json
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from builders import HV, Child, fallen

import growthwatch as gw
from growthwatch.core.errors import GrowthwatchError
from growthwatch.growth.detector import detector
from growthwatch.protocol import KINDS, Protocol, document
from growthwatch.protocol.kinds.kilograms import NoNetGain
from growthwatch.references import reference

TEXT = (resources.files("growthwatch") / "protocols" / "uk-hv.toml").read_text(encoding="utf-8")
PLAIN = tomllib.loads(TEXT)
Path_ = tuple[str | int, ...]


# --- writing files of our own -----------------------------------------------------------------------


def _value(v: Any) -> str:
    if isinstance(v, bool):
        return "true" if v else "false"
    if isinstance(v, dt.date):
        return v.isoformat()
    if isinstance(v, dict):
        return "{ " + ", ".join(f"{k} = {_value(x)}" for k, x in v.items()) + " }"
    if isinstance(v, list):
        return "[" + ", ".join(map(_value, v)) + "]"
    if isinstance(v, str):
        return json.dumps(v, ensure_ascii=False)
    return repr(v)


def write(plain: dict[str, Any]) -> str:
    return "".join(f"{k} = {_value(v)}\n" for k, v in plain.items())


def load(plain: dict[str, Any] | str | bytes, folder: Path, kinds: Any = None) -> Protocol:
    text = write(plain) if isinstance(plain, dict) else plain
    path = folder / "ours.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return Protocol.load(path, kinds) if kinds else Protocol.load(path)


def numbers(node: Any, path: Path_ = ()) -> Iterator[Path_]:
    if isinstance(node, dict):
        for k, v in node.items():
            yield from numbers(v, (*path, k))
    elif isinstance(node, list):
        for i, v in enumerate(node):
            yield from numbers(v, (*path, i))
    elif isinstance(node, int | float) and not isinstance(node, bool) and path[-1] not in ("schema", "kind_version"):
        yield path


def at(node: Any, path: Path_) -> Any:
    for step in path:
        node = node[step]
    return node


def changed(path: Path_, value: Any) -> dict[str, Any]:
    plain = copy.deepcopy(PLAIN)
    at(plain, path[:-1])[path[-1]] = value
    return plain


def rule_at(id: str) -> int:
    return next(i for i, r in enumerate(PLAIN["rules"]) if r["id"] == id)


NUMBERS = list(numbers(PLAIN))


# --- the packaged file --------------------------------------------------------------------------------


def test_the_packaged_protocol_loads() -> None:
    assert gw.protocol("uk-hv") == HV and "uk-hv" in gw.protocols()
    assert (HV.id, HV.version, HV.zone) == ("uk-hv", "0.4", "Europe/London")
    assert "signed" in HV.settings.status or "sign" in HV.settings.status
    with pytest.raises(GrowthwatchError, match="uk-hv"):
        gw.protocol("uk-hw")


def test_every_number_has_a_source_a_tag_and_a_review_date() -> None:
    assert len(NUMBERS) > 150
    for path in NUMBERS:
        source, tag, review_by = HV.provenance(*path[:-1])
        assert source.strip() and tag in ("N", "G", "L") and review_by > dt.date(2026, 1, 1), path


def test_a_rules_provenance_by_its_id() -> None:
    assert HV.provenance("rules", "G3", "confirm")[1] == "L"
    assert HV.provenance("rules", "G3")[1] == "N"


# --- every number counts -------------------------------------------------------------------------------


def test_every_number_changes_the_hash_or_is_refused(tmp_path: Path) -> None:
    hashes = {HV.hash}
    for path in NUMBERS:
        value = at(PLAIN, path)
        step = 1 if isinstance(value, int) else value / 8
        loaded = 0
        for other in (value + step, value - step):
            try:
                p = load(changed(path, other), tmp_path)
            except GrowthwatchError as e:
                assert "ours.toml" in str(e), path
                continue
            assert p.hash not in hashes, path
            hashes.add(p.hash)
            loaded += 1
        # The first band begins at birth, whatever else.
        # Beside a level for the well, the one after it asks for the same loss.
        paired = path[-1] == "loss_at_least_percent" and path[:2] == ("rules", G("G8")) and path[3] in (4, 5)
        assert loaded or paired or (path[-2:] == (0, "from_months") and value == 0), path


def test_every_word_changes_the_hash(tmp_path: Path) -> None:
    for path in [
        ("title",),
        ("version",),
        ("rules", 0, "title"),
        ("rules", 1, "levels", 0, "actions", 0, "do"),
        ("terms", "source"),
    ]:
        assert load(changed(path, at(PLAIN, path) + "!"), tmp_path).hash != HV.hash


def test_the_hash_is_of_the_content_not_of_its_writing(tmp_path: Path) -> None:
    assert load(TEXT, tmp_path).hash == HV.hash
    assert load("# ours\n" + TEXT.replace("\n\n", "\n\n\n"), tmp_path).hash == HV.hash
    assert load(PLAIN, tmp_path).hash == HV.hash
    backwards = {k: dict(reversed(v.items())) if isinstance(v, dict) else v for k, v in reversed(PLAIN.items())}
    assert load(backwards, tmp_path).hash == HV.hash


def test_the_version_of_a_kind_is_part_of_the_hash(tmp_path: Path) -> None:
    class Newer(NoNetGain):
        VERSION = NoNetGain.VERSION + 1
        EARLIER = (NoNetGain,)

    Newer.model_rebuild()
    kinds = {**KINDS, "no_net_gain": Newer}
    as_it_was = load(PLAIN, tmp_path, kinds)
    assert as_it_was == HV and type(as_it_was.rule("G9")) is NoNetGain
    newer = load(changed(("rules", G("G9"), "kind_version"), Newer.VERSION), tmp_path, kinds)
    assert newer.hash != HV.hash and newer.judged_by["kinds"] != HV.judged_by["kinds"]
    assert type(newer.rule("G9")) is Newer


def test_a_version_of_a_kind_that_is_not_kept_is_refused(tmp_path: Path) -> None:
    class Newer(NoNetGain):
        VERSION = NoNetGain.VERSION + 1

    Newer.model_rebuild()
    with pytest.raises(GrowthwatchError, match=r"ours\.toml: rule G9: kind_version: got 1, expected one of \[2\]"):
        load(PLAIN, tmp_path, {**KINDS, "no_net_gain": Newer})
    for wrong in (0, 99, "1", True, 1.5):
        with pytest.raises(GrowthwatchError, match="rule G9: kind_version"):
            load(changed(("rules", G("G9"), "kind_version"), wrong), tmp_path)


def test_the_figures_that_a_file_means_are_named_in_it(tmp_path: Path) -> None:
    assert set(HV.judged_by["figures"]) == {"evidence", "weight-model"}
    assert HV.judged_by["figures"]["evidence"] == detector("2").hash
    earlier = load(changed(("figures", "evidence"), "1"), tmp_path)
    assert earlier.hash != HV.hash and earlier.judged_by["figures"]["evidence"] == detector("1").hash
    for figures, named in (({"evidence": "2"}, "weight-model"), ({"evidence": "99", "weight-model": "3"}, "evidence")):
        with pytest.raises(GrowthwatchError, match=rf"ours\.toml: figures\.{named}"):
            load({**PLAIN, "figures": figures}, tmp_path)


def test_what_judges_besides_the_file_is_no_part_of_its_hash(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A new bank holiday or a note on a reference orphans no adoption, and stands in every review."""
    child = Child().steady(0.0, [14, 40])
    before = child.review(60)
    assert json.loads(before.to_json())["judged_by"] == dict(HV.judged_by)
    more = replace(HV.calendar, holidays=(*HV.calendar.holidays, (dt.date(2027, 6, 15), "Jubilee")))
    assert more.hash != HV.calendar.hash
    monkeypatch.setattr(document, "load_calendar", lambda name: more)
    later = load(PLAIN, tmp_path)
    assert later.hash == HV.hash and later != HV
    told = json.loads(child.review(60, later).to_json())
    assert told["judged_by"]["calendar"] == more.hash != before.judged_by["calendar"]
    assert told["protocol"]["hash"] == HV.hash


# --- a trust's own numbers ------------------------------------------------------------------------------

G = rule_at


def g8(kg: float, **more: Any) -> Child:
    return Child(birth_kg=3.0, **more).weigh(12.0, 860).weigh(kg, 900)


def unhurt(day: int) -> Child:
    """A fall that may be confirmed first: nobody found a danger sign that day."""
    return fallen(0, -1.5, day).contact(day, danger_signs="none")


def moved_plan() -> Child:
    """A child whose level tests a signed plan moves: inside the lines of its condition."""
    ref = reference("trisomy-21-uk-2002")
    child = Child(birth_kg=None).condition("trisomy_21", 1).add("measured", 290, measure="height", value_cm=65.0)
    child.examined(295, role="paediatrician", feeding="normal")
    child.plan(300, plan="condition", reference=ref.id, role="paediatrician")
    return child.weigh(round(float(ref.value(-1.3, age_days=320, sex="female")), 2), 320)  # pyright: ignore[reportArgumentType]


# A number of the file, another value for it, and a child and a day on which the two differ.
MOVED: list[tuple[Path_, Any, Callable[[], Child], int]] = [
    (("weights", "naked_below_months"), 23, lambda: Child().weigh(11.0, 715, clothing="vest_and_pants"), 715),
    (("weights", "suspected", "beyond_z"), 3, lambda: Child(birth_kg=None).at_z(-4, 300), 300),
    (("weights", "suspected", "jump_z"), 3, lambda: Child(birth_kg=None).at_z(0, 300).at_z(-2.5, 330), 330),
    (("weights", "suspected", "jump_within_days"), 20, lambda: Child(birth_kg=None).at_z(0, 300).at_z(-2.5, 330), 330),
    (("weights", "suspected", "factors"), [5.0], lambda: Child(birth_kg=None).at_z(1.5, 300).at_z(-5.5, 900), 900),
    (("weights", "suspected", "rise", "percent"), 12, lambda: Child(birth_kg=3.0).weigh(10.0, 800).weigh(11.0, 807), 807),
    (("weights", "suspected", "rise", "percent_within_days"), 5, lambda: Child(birth_kg=3.0).weigh(10.0, 800).weigh(11.0, 807), 807),
    (("weights", "suspected", "rise", "z"), 1.5, lambda: Child(birth_kg=None).at_z(0, 300).at_z(1.4, 325), 325),
    (("weights", "suspected", "rise", "z_within_days"), 20, lambda: Child(birth_kg=None).at_z(0, 300).at_z(1.4, 325), 325),
    (("weights", "suspected", "rise", "from_days"), 90, lambda: Child(birth_kg=3.4).at_z(0, 60).weigh(5.9, 66), 66),
    (("weights", "best_alone", "below_percent"), 9, lambda: alone(10.12), 900),
    (("weights", "best_alone", "neighbours_within_percent"), 0.1, lambda: alone(10.12), 900),
    (("weights", "best_alone", "further_below_z"), 0.2, lambda: Child(birth_kg=3.0).weigh(10.1, 850).weigh(10.7, 885).weigh(10.15, 900), 900),
    (("weights", "best_alone", "within_days"), 10, lambda: alone(10.12), 900),
    (("weights", "suspected", "confirmed_within_days"), 3, lambda: Child(birth_kg=None).at_z(0, 300).at_z(-2.5, 330).at_z(-2.5, 340), 340),
    (("weights", "suspected", "confirmed_within_z"), 0.2, lambda: Child(birth_kg=None).at_z(0, 300).at_z(-2.5, 330).at_z(-2.9, 340), 340),
    (("terms", "best_from_age_days"), 30, lambda: Child(birth_kg=3.0).weigh(4.0, 20).weigh(3.8, 40), 40),
    (("terms", "falling_least_days"), 3, lambda: Child(birth_kg=None).at_z(-2.0, 200).at_z(-2.6, 235).at_z(-2.7, 240), 240),
    (("terms", "falling_within_days"), 27, lambda: Child(birth_kg=None).at_z(-2.2, 200).at_z(-2.65, 215).at_z(-2.7, 228), 228),
    (("terms", "exit_least_days"), 15, lambda: fallen(0, -1.5, 400).at_z(-1, 410).at_z(-1, 424).decide(425, "close_finding", target="G3@start"), 425),
    (("terms", "ill_within_days"), 5, lambda: Child(birth_kg=3.0).weigh(12.0, 860).ill(890).weigh(11.6, 900), 900),
    (("terms", "high_need_gmfcs_from"), 3, lambda: g8(11.6, gmfcs=3), 900),
    (("terms", "paediatrics", "words"), ["A&E"], lambda: referred("the ED"), 301),
    (("terms", "paediatrics", "parts"), ["clinic"], lambda: referred("Paediatrics"), 301),
    (("terms", "paediatrics", "roles"), ["paediatrician"], lambda: Child(birth_kg=None).at_z(-2.8, 300).examined(301, role="hospital_doctor"), 301),
    (("tiers", "risk_ages", 0, "born_before_days"), 210, lambda: Child(gestation_days=220, birth_kg=1.7).steady(0, [12, 300]), 300),
    (("tiers", "risk_ages", 0, "until_months"), 12, lambda: Child(born=None, birth_kg=None).add("born", 0, late=600, gestation_days=220, sex="female"), 600),
    (("tiers", "risk_ages", 1, "born_before_days"), 250, lambda: Child(gestation_days=255, birth_kg=2.7), 10),
    (("tiers", "risk_ages", 1, "until_months"), 2, lambda: Child(gestation_days=255, birth_kg=2.7).steady(0, [12, 90]), 100),
    (("tiers", "risk_ages", 2, "lighter_than_kg"), 2.6, lambda: Child(birth_kg=2.55), 10),
    (("tiers", "risk_ages", 2, "until_months"), 2, lambda: Child(birth_kg=2.4).steady(-1.5, [12, 60]), 70),
    (("schedule", "earliest_fraction"), 0.5, lambda: Child(gmfcs=1).weigh(6.0, 100), 101),
    (("schedule", "grace_fraction"), 0.01, lambda: Child(gmfcs=1).weigh(6.0, 100), 101),
    (("schedule", "lapsed_after_floors"), 3, lambda: Child(gmfcs=1).weigh(6.0, 100), 101),
    (("schedule", "plan_stretch_at_most"), 1.5, lambda: Child(gmfcs=1).weigh(9.0, 400).plan(401, floor_days=150), 402),
    (("schedule", "plan_at_most_days"), 20, lambda: tiered(2, 100).plan(101, floor_days=28), 102),
    (("schedule", "plan_at_most_below_months"), 2, lambda: Child(gmfcs=1).weigh(6.0, 100).plan(101, floor_days=40), 102),
    (("schedule", "plan_lasts_months"), 2, lambda: Child(gmfcs=1).weigh(9.0, 400).plan(401, floor_days=100), 480),
    (("schedule", "gains_for_longer_floor", "gains"), 1, lambda: g8(11.0).weigh(11.2, 907), 907),
    (("schedule", "gains_for_longer_floor", "least_days"), 5, lambda: g8(11.0).weigh(11.1, 905).weigh(11.3, 910), 910),
    (("schedule", "gains_for_longer_floor", "least_percent"), 5, lambda: g8(11.0).weigh(11.1, 907).weigh(11.3, 914), 914),
    (("schedule", "after", "days"), 10, lambda: Child(birth_kg=3.5).weigh(3.1, 4).weigh(3.4, 12), 12),
    (("schedule", "after", "until", "gains"), 1, lambda: Child(birth_kg=3.5).weigh(3.1, 4).weigh(3.4, 12).weigh(3.6, 19), 19),
    (("schedule", "after", "until", "least_days"), 5, lambda: Child(birth_kg=3.5).weigh(3.1, 4).weigh(3.4, 12).weigh(3.6, 18).weigh(3.8, 24), 24),
    (("schedule", "asked", "lapsed_after_days"), 9, lambda: Child(birth_kg=3.8).weigh(3.85, 12).at_z(-0.5, 60).contact(60, danger_signs="none"), 61),
    (("schedule", "stay", "limits", 5, "silent_days"), 10, lambda: Child().steady(0, [12, 230]).add("admission", 240), 252),
    (("schedule", "stay", "limits", 5, "weigh_within_days"), 5, lambda: Child().steady(0, [12, 230]).add("admission", 240).add("discharged", 241), 241),
    (("plans", "plan_moves_levels"), False, moved_plan, 330),
    (("plans", "length_within_days"), 20, moved_plan, 330),
    (("plans", "nutrition_within_months"), 0, moved_plan, 330),
    (("plans", "signing_roles"), ["gp"], moved_plan, 330),
    (("plans", "nutrition_roles"), ["gp"], moved_plan, 330),
    *[
        (("schedule", "bands", i, key), at(PLAIN, ("schedule", "bands", i, key)) + 2, lambda d=day, t=tier: tiered(t, d), day + 1)
        for i, day in ((0, 29), (1, 100), (2, 220), (3, 500))
        for key, tier in (("t1_days", 1), ("t2_days", 2), ("t3_days", 3))
    ],
    (("schedule", "bands", 3, "t3_after_gains_days"), 21, lambda: g8(11.0).weigh(11.1, 907).weigh(11.3, 914), 914),
    (("schedule", "bands", 1, "grace_days"), 1, lambda: tiered(1, 100), 101),
    (("schedule", "bands", 3, "ceiling_days"), 100, lambda: tiered(1, 500), 501),
    (("schedule", "routine", 0, "by_days"), 4, lambda: Child(), 2),
    (("schedule", "routine", 0, "from_days"), 2, lambda: Child().weigh(3.4, 2), 3),
    (("schedule", "routine", 0, "overdue_from_days"), 7, lambda: Child(), 7),
    (("schedule", "routine", 0, "lapsed_from_days"), 9, lambda: Child(), 9),
    (("schedule", "routine", 1, "by_days"), 12, lambda: Child().weigh(3.4, 4), 13),
    (("schedule", "routine", 1, "from_days"), 8, lambda: Child().weigh(3.4, 9), 10),
    (("schedule", "routine", 2, "by_days"), 100, lambda: Child().weigh(3.5, 12), 110),
    (("schedule", "routine", 2, "from_days"), 60, lambda: Child().weigh(3.5, 12).weigh(5.0, 50), 60),
    (("schedule", "routine", 3, "from_months"), 11, lambda: Child().weigh(3.5, 12).weigh(5.0, 50).weigh(9.0, 300), 301),
    (("schedule", "routine", 3, "by_months"), 12, lambda: Child().weigh(3.5, 12).weigh(5.0, 50), 61),
    (("schedule", "after_routine"), "none", lambda: Child().steady(0, [12, 50, 300]), 400),
    (("rules", G("S3"), "contacts_at_least"), 2, lambda: tiered(1, 100).contact(101).contact(102), 130),
    (("rules", G("G1"), "before_age_days"), 10, lambda: Child(birth_kg=3.5).weigh(3.1, 12), 12),
    (("rules", G("G1"), "levels", 1, "loss_at_least_percent"), 7, lambda: Child(birth_kg=3.5).weigh(3.24, 5), 5),
    (("rules", G("G1"), "levels", 1, "reweigh_days"), 1, lambda: Child(birth_kg=3.5).weigh(3.2, 5), 5),
    (("rules", G("G1"), "levels", 2, "loss_over_percent"), 9, lambda: Child(birth_kg=3.5).weigh(3.16, 5), 5),
    (("rules", G("G1"), "levels", 3, "loss_at_least_percent"), 11, lambda: Child(birth_kg=3.5).weigh(3.1, 5), 5),
    (("rules", G("G2"), "reweigh_days"), 6, lambda: Child(birth_kg=3.5).weigh(3.4, 21), 21),
    (("rules", G("G2"), "reweigh_soon_days"), 2, lambda: Child(birth_kg=3.5).weigh(3.3, 21), 21),
    (("rules", G("G2"), "soon_from_loss_percent"), 6, lambda: Child(birth_kg=3.5).weigh(3.3, 21), 21),
    (("rules", G("G13"), "z_below"), -3.2, lambda: Child().at_z(-3.1, 300), 300),
    (("rules", G("G13"), "falling_more_than_spaces"), 1, lambda: Child().at_z(-3.1, 300).at_z(-3.1, 330).at_z(-3.35, 350), 350),
    (("rules", G("G13"), "steady_days"), 31, lambda: Child().at_z(-3.1, 300).at_z(-3.1, 330), 330),
    (("rules", G("G13"), "others", 0, "z_below"), -3.3, lambda: Child().condition("trisomy_21", 50).at_z(-3.4, 300), 300),
    (("rules", G("G13"), "others", 0, "below_months"), 6, lambda: Child().condition("trisomy_21", 50).at_z(-3.4, 300), 300),
    (("rules", G("G14a"), "z_above"), 4, lambda: Child().condition("liver_disease", 50).at_z(-1, 98).at_z(-0.4, 107), 107),
    (("rules", G("G14b"), "spaces_over"), 3, lambda: Child().condition("tube_feeding", 50).at_z(-1.5, 100).at_z(0, 200), 200),
    (("rules", G("G14b"), "within_months"), 2, lambda: Child().condition("tube_feeding", 50).at_z(-1.5, 100).at_z(0, 200), 200),
    (("rules", G("H2"), "or_below_months"), 4, lambda: Child().sign("vomiting", 150), 150),
    (("rules", G("H2"), "well", "below_c"), 38.5, lambda: Child().sign("fever", 120, role="gp", temperature_c=38.6, well=True), 120),
    (("rules", G("S7"), "below_months"), 6, lambda: Child().add("concern", 300, raised_by="a", about="b"), 300),
    (("terms", "fever", "at_least_c"), 38.5, lambda: Child().sign("fever", 60, temperature_c=38.2), 60),
    (("terms", "fever", "below_months"), 1, lambda: Child().sign("fever", 60), 60),
    (("terms", "fluid", "oedema_within_days"), 5, lambda: Child().at_z(-1, 98).sign("oedema", 101).at_z(-0.3, 107), 107),
    (("rules", G("G1b"), "from_age_days"), 7, lambda: Child(birth_kg=3.5).weigh(3.5, 4).weigh(3.45, 6), 6),
    (("rules", G("G1b"), "to_age_days"), 10, lambda: Child(birth_kg=3.5).weigh(3.5, 4).weigh(3.45, 12), 12),
    (("rules", G("G1b"), "previous_from_age_days"), 5, lambda: Child(birth_kg=3.5).weigh(3.5, 4).weigh(3.45, 6), 6),
    (("rules", G("G1b"), "levels", 2, "loss_at_least_percent"), 4, lambda: Child(birth_kg=3.5).weigh(3.5, 4).weigh(3.35, 6), 6),
    (("rules", G("G2"), "from_age_days"), 18, lambda: Child(birth_kg=3.5).weigh(3.4, 15), 18),
    (("rules", G("G3"), "from_age_days"), 30, lambda: fallen(-1.4, -2.1, 25), 25),
    (("rules", G("G3"), "preterm_from_gestation_days"), 300, lambda: fallen(-1.4, -2.1, 46, gestation_days=250), 46),
    (("rules", G("G3"), "thresholds", 0, "spaces"), 2, lambda: fallen(-1.4, -2.1, 400), 400),
    (("rules", G("G3"), "thresholds", 0, "birth_below_lines"), -3, lambda: fallen(-1.4, -2.1, 400), 400),
    (("rules", G("G3"), "thresholds", 1, "spaces"), 1, lambda: fallen(0, -1, 400), 400),
    (("rules", G("G3"), "thresholds", 1, "birth_up_to_lines"), 3, lambda: fallen(1.5, 0, 400), 400),
    (("rules", G("G3"), "thresholds", 2, "spaces"), 2, lambda: fallen(1.5, 0, 400), 400),
    (("rules", G("G3"), "confirm", "below_months"), 3, lambda: unhurt(100), 100),
    (("rules", G("G3"), "confirm", "z_at_least_lines"), -2, lambda: unhurt(100), 100),
    (("rules", G("G3"), "confirm", "least_days"), 20, lambda: unhurt(100).at_z(-1.5, 115), 115),
    (("rules", G("G4"), "line"), -2, lambda: Child(birth_kg=None).at_z(-1.8, 300), 300),
    (("rules", G("G4"), "from_age_days"), 30, lambda: Child(birth_kg=None).at_z(-2.2, 25), 25),
    (("rules", G("G4"), "preterm_from_gestation_days"), 300, lambda: Child(birth_kg=None, gestation_days=250).at_z(-2.2, 46), 46),
    (("rules", G("G5"), "line"), -5, lambda: Child(birth_kg=None).at_z(-2.8, 300), 300),
    (("rules", G("G5"), "from_age_days"), 30, lambda: Child(birth_kg=None).at_z(-2.8, 25), 25),
    (("rules", G("G5"), "preterm_from_gestation_days"), 300, lambda: Child(birth_kg=None, gestation_days=250).at_z(-2.8, 46), 46),
    (("rules", G("G5"), "levels", 1, "falling_more_than_spaces"), 0.6, lambda: Child(birth_kg=None).at_z(-2.6, 200).at_z(-2.95, 230), 230),
    (("rules", G("G8"), "from_age_days"), 40, lambda: Child(birth_kg=None).weigh(4.0, 20).weigh(3.7, 30), 30),
    (("rules", G("G8"), "recovered_within_percent"), 1, lambda: g8(11.0).weigh(11.8, 910), 910),
    (("rules", G("G8"), "levels", 1, "loss_at_least_percent"), 2, lambda: g8(11.7, gmfcs=5), 900),
    (("rules", G("G8"), "levels", 2, "loss_at_least_percent"), 4, lambda: g8(11.5), 900),
    (("rules", G("G8"), "levels", 2, "urgent_below_months"), 36, lambda: Child(birth_kg=3.0).weigh(12.0, 860).weigh(11.3, 900), 900),
    (("rules", G("G8"), "levels", 2, "urgent_within_days_of_best"), 50, lambda: g8(11.3), 900),
    (("rules", G("G8"), "levels", 3, "loss_at_least_percent"), 6, lambda: g8(11.2), 900),
    (("rules", G("G8"), "levels", 4, "if_best_over_days"), 50, lambda: g8(10.7).contact(900, danger_signs="none"), 900),
    (("rules", G("G8"), "levels", 5, "with_danger_sign_percent"), 4, lambda: Child(birth_kg=3.0).weigh(12.0, 860).sign("shock", 899).weigh(11.5, 900), 900),
    (("rules", G("G9"), "high_need_gain_percent"), 0.1, lambda: Child(gmfcs=5).weigh(8.0, 200).weigh(8.04, 230).weigh(8.0, 240), 250),
    *[
        (("rules", G("G9"), "clock", i, key), at(PLAIN, ("rules", G("G9"), "clock", i, key)) + 1, lambda b=best, n=need: stuck(b, n), best + 340)
        for i, best in ((0, 20), (1, 60), (2, 122), (3, 185), (4, 275), (5, 370), (6, 800))
        for key, need in (("amber_days", False), ("red_days", False), ("high_need_amber_days", True), ("high_need_red_days", True))
        if key in at(PLAIN, ("rules", G("G9"), "clock", i)) and (i, key) != (4, "red_days")
    ],
    (("rules", G("G9"), "clock", 4, "red_days"), 90, lambda: stuck(275, False), 366),
    (("rules", G("G9"), "levels", 0, "urgent_below_days"), 20, lambda: stuck(20, False), 28),
    (("rules", G("G9"), "levels", 1, "urgent_below_months"), 1, lambda: stuck(40, False), 80),
]  # fmt: skip


def tiered(tier: int, day: int) -> Child:
    if tier == 1:
        return Child(gmfcs=1).weigh(Child().kg(0, day), day)
    child = Child(birth_kg=None)
    return child.at_z(-2.3 if tier == 2 else -2.5, max(day - 10, 21)).at_z(-2.3 if tier == 2 else -3.1, day)


def alone(kg: float) -> Child:
    """A best of 10.7 kg between two others, each 15 days away; less than 5/9 SD below, so that the days matter."""
    return Child(birth_kg=3.0).weigh(10.1, 870).weigh(10.7, 885).weigh(kg, 900)


def referred(to: str) -> Child:
    return Child(birth_kg=None).at_z(-2.8, 300).add("referral_made", 301, to=to, kind="clinical", about="weight")


def stuck(best: int, need: bool) -> Child:
    child = Child(birth_kg=3.0, gmfcs=5 if need else None)
    kg = round(child.kg(-0.5, best), 3)
    return child.weigh(kg, best).weigh(kg, best + 1)


def told(child: Child, day: int, p: Protocol) -> str:
    r = json.loads(child.review(day, p).to_json())
    said = [str(c) for c in child.changes(day, p)]
    return json.dumps([r["tier"], r["due"], r["findings"], r["obligations"], said], sort_keys=True)


@pytest.mark.parametrize(("path", "value", "child", "day"), MOVED, ids=[".".join(map(str, m[0])) for m in MOVED])
def test_a_trusts_number_moves_the_day(path: Path_, value: Any, child: Any, day: int, tmp_path: Path) -> None:
    ours = load(changed(path, value), tmp_path)
    one = child()
    assert told(one, day, HV) != told(one, day, ours)


@pytest.mark.parametrize(
    ("to", "there"),
    [
        ("Dr Lee, community paediatrics", True), ("pediatrician", True), ("St Mary's HOSPITAL", True), ("A&E", True),
        ("the ed", True), ("dietitian", False), ("FED team", False), ("A&Ear", False), ("social worker", False),
    ],
)  # fmt: skip
def test_to_whom_a_referral_goes_is_told_by_the_words_of_the_file(to: str, there: bool) -> None:
    (o,) = [o for f in referred(to).review(301).findings if f.rule == "G5" for o in f.obligations]
    assert (o.done_on is not None) is there


def test_how_often_a_lapsed_floor_has_passed_is_said_as_the_file_has_it(tmp_path: Path) -> None:
    ours = load(changed(("schedule", "lapsed_after_floors"), 3), tmp_path)
    child = Child().condition("tube_feeding", 1).steady(0, [200])
    assert [d for d, level in child.opened("S2", 400, ours) if level == "red"][-1:] == [284]
    for protocol, day, often in ((HV, 256, "twice"), (ours, 284, "three times")):
        (f,) = [f for f in child.review(day, protocol).findings if f.rule == "S2"]
        assert f"{often} the 28 days allowed, or more." in f.says
        assert "lapsed_after_floors" not in f.values


def test_what_protection_and_a_known_risk_raise_to_stands_in_the_file(tmp_path: Path) -> None:
    child = Child(birth_kg=None).at_z(-2.2, 300).add("protection_plan", 310, state="began")
    assert child.review(310).tier == "T3"
    assert child.review(310, load(without(("tiers", "protected")), tmp_path)).tier == "T2"
    assert Child(gmfcs=1).review(10).tier == "T1"
    assert Child(gmfcs=1).review(10, load(changed(("tiers", "risk_tier"), "T2"), tmp_path)).tier == "T2"


def test_the_minutes_of_a_repeat_move_something(tmp_path: Path) -> None:
    ours = load(changed(("weights", "repeat_within_minutes"), 30), tmp_path)
    child = Child(birth_kg=3.0).weigh(12.0, 860).clothed(11.0, 900, time="10:00").weigh(11.5, 900, time="10:45")
    assert told(child, 900, HV) != told(child, 900, ours)


def test_every_deadline_comes_from_the_file(tmp_path: Path) -> None:
    for path in NUMBERS:
        if path[-1] in ("within_days", "urgent_within_days") and path[0] == "rules":
            load(changed(path, 5), tmp_path)
    ours = load(changed(("rules", G("G4"), "levels", 0, "actions", 0, "within_days"), 9), tmp_path)
    child = Child(birth_kg=None).at_z(-2.2, 300)
    (o, *_) = [o for f in child.review(300, ours).findings if f.rule == "G4" for o in f.obligations]
    assert o.do == "Measure length or height" and child.age(o.deadline) == 309


def test_a_trusts_threshold_moves_the_day(tmp_path: Path) -> None:
    child = stuck(400, False)
    for amber in (112, 100, 60):
        plain = changed(("rules", G("G9"), "clock", 5, "amber_days"), amber)
        assert child.opened("G9", 550, load(plain, tmp_path))[0] == (400 + amber, "amber")


# --- wrong files -----------------------------------------------------------------------------------------


def without(path: Path_) -> dict[str, Any]:
    plain = copy.deepcopy(PLAIN)
    del at(plain, path[:-1])[path[-1]]
    return plain


WRONG: list[tuple[str, Callable[[], dict[str, Any] | str | bytes], str]] = [
    ("unknown key at the top", lambda: {**PLAIN, "colour": 1}, "colour"),
    ("unknown key in a rule", lambda: changed(("rules", 0, "colour"), 1), "colour"),
    ("no level for uncertain weights", lambda: changed(("rules", G("G8"), "levels", 0, "uncertain"), False), "uncertain"),
    ("two levels for uncertain weights", lambda: changed(("rules", G("G1"), "levels", 1, "uncertain"), True), "uncertain"),
    ("an uncertain level with a loss", lambda: changed(("rules", G("G8"), "levels", 0, "loss_at_least_percent"), 1), "wrong either way"),
    ("unknown key in a level", lambda: changed(("rules", 0, "levels", 0, "colour"), 1), "colour"),
    ("unknown key in a band", lambda: changed(("schedule", "bands", 0, "t4_days"), 1), "t4_days"),
    ("missing key", lambda: without(("schedule", "grace_fraction")), "grace_fraction"),
    ("missing key in a rule", lambda: without(("rules", G("G9"), "high_need_gain_percent")), "high_need_gain_percent"),
    ("missing header", lambda: without(("zone",)), "zone"),
    ("text for a number", lambda: changed(("schedule", "bands", 0, "t1_days"), "7"), "t1_days"),
    ("true for a number", lambda: changed(("schedule", "bands", 0, "t1_days"), True), "t1_days"),
    ("a fraction of a day", lambda: changed(("schedule", "bands", 0, "t1_days"), 7.5), "t1_days"),
    ("negative days", lambda: changed(("rules", 0, "levels", 0, "actions", 0, "within_days"), -1), "within_days"),
    ("no days", lambda: changed(("schedule", "bands", 0, "t1_days"), 0), "t1_days"),
    ("nan", lambda: TEXT.replace("jump_z = 2", "jump_z = nan"), "jump_z"),
    ("inf", lambda: TEXT.replace("jump_z = 2", "jump_z = inf"), "jump_z"),
    ("100 %", lambda: changed(("rules", G("G8"), "levels", 5, "loss_at_least_percent"), 100), "loss_at_least_percent"),
    ("no source", lambda: without(("rules", G("G4"), "source")), "source"),
    ("no tag", lambda: without(("terms", "tag")), "tag"),
    ("no review date", lambda: without(("schedule", "review_by")), "review_by"),
    ("empty source", lambda: changed(("terms", "source"), ""), "source"),
    ("unknown tag", lambda: changed(("terms", "tag"), "X"), "tag"),
    ("a review date in words", lambda: changed(("terms", "review_by"), "soon"), "review_by"),
    ("unknown kind", lambda: changed(("rules", 0, "kind"), "weighing_dew"), "kind"),
    ("rule twice", lambda: {**PLAIN, "rules": [*PLAIN["rules"], PLAIN["rules"][0]]}, "S1"),
    ("no rules", lambda: {**PLAIN, "rules": []}, "rules"),
    ("bands not rising", lambda: changed(("schedule", "bands", 2, "from_months"), 1), "bands"),
    ("bands not from birth", lambda: changed(("schedule", "bands", 0, "from_months"), 1), "bands"),
    ("unknown calendar", lambda: changed(("calendar",), "atlantis"), "atlantis"),
    ("unknown zone", lambda: changed(("zone",), "Europe/Atlantis"), "Atlantis"),
    ("unknown reference", lambda: changed(("reference",), "atlantis"), "atlantis"),
    ("unknown correction", lambda: changed(("correction",), "guess"), "correction"),
    ("unknown sign", lambda: changed(("rules", G("H2"), "signs"), ["sad"]), "signs"),
    ("unknown role", lambda: changed(("rules", 0, "levels", 0, "actions", 0, "owner"), "wizard"), "owner"),
    ("unknown loudness", lambda: changed(("rules", 0, "levels", 0, "loudness"), "loud"), "loudness"),
    ("unknown tier", lambda: changed(("rules", G("G4"), "levels", 0, "tier"), "T9"), "tier"),
    ("unknown closing", lambda: changed(("rules", G("G4"), "closes"), "time"), "closes"),
    ("unknown schema", lambda: changed(("schema",), 1), "schema"),
    ("protection that lowers", lambda: changed(("tiers", "protected", "to"), "T1"), "tiers.protected"),
    ("an answered sign that is none", lambda: changed(("terms", "sign_rules"), ["H1"]), "terms.sign_rules"),
    ("bad TOML", lambda: TEXT + "\n= 3", "TOML"),
    ("not UTF-8", lambda: b"title = \"\xff\"", "UTF-8"),
    ("empty", lambda: "", ""),
]  # fmt: skip


@pytest.mark.parametrize(("make", "names"), [w[1:] for w in WRONG], ids=[w[0] for w in WRONG])
def test_a_wrong_file_is_refused_by_name_key_and_reason(make: Any, names: str, tmp_path: Path) -> None:
    with pytest.raises(GrowthwatchError) as caught:
        load(make(), tmp_path)
    text = str(caught.value)
    assert names in text
    assert "pydantic" not in text


@pytest.mark.parametrize(("make", "names"), [w[1:] for w in WRONG], ids=[w[0] for w in WRONG])
def test_a_wrong_file_is_named(make: Any, names: str, tmp_path: Path) -> None:
    with pytest.raises(GrowthwatchError, match=r"ours\.toml"):
        load(make(), tmp_path)


def test_no_file(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.toml"):
        with pytest.raises(GrowthwatchError, match="existing"):
            Protocol.load(path)
        with pytest.raises(GrowthwatchError):
            Protocol.load(str(path))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("rules", G("G9"), "clock", 2, "from_months"), 7),
        (("rules", G("G9"), "clock", 1, "from_days"), 10),
        (("rules", G("G9"), "clock", 1, "amber_days"), 40),
        (("rules", G("G8"), "levels", 1, "loss_at_least_percent"), 8),
        (("rules", G("G3"), "thresholds", 0, "birth_below_lines"), 3),
        (("schedule", "floors", 0, "bands"), [{"from_months": 6, "days": 56}, {"from_months": 0, "days": 28}]),
    ],
    ids=lambda p: ".".join(map(str, p)) if isinstance(p, tuple) else "",
)
def test_bands_that_do_not_rise_are_refused(path: Path_, value: Any, tmp_path: Path) -> None:
    with pytest.raises(GrowthwatchError, match="rising"):
        load(changed(path, value), tmp_path)


def clock(i: int, **more: Any) -> dict[str, Any]:
    """One band of the clock of G9 with other numbers."""
    path = ("rules", G("G9"), "clock", i)
    return changed(path, at(PLAIN, path) | more)


EQUAL: list[tuple[dict[str, Any], str]] = [
    # Numbers that must rise may not be equal: which of two bands or levels would count is not said.
    (clock(1, from_days=14), "rule G9: start of the clock's bands: got [14, 14, "),
    (clock(1, amber_days=28), "rule G9: clock[from_days=56]: amber and red: got [28, 28], expected rising numbers"),
    (
        clock(3, high_need_amber_days=56),
        "rule G9: clock[from_months=6]: amber and red of high need: got [56, 56], expected rising numbers",
    ),
    (clock(6, until_months=24), "rule G9: end of the last clock band: got [730.5, 730.5], expected rising numbers"),
    (
        changed(("rules", G("G3"), "thresholds", 0, "birth_below_lines"), 2),
        "rule G3: birth lines of the thresholds: got [2, 2], expected rising numbers",
    ),
    (
        changed(("rules", G("G8"), "levels", 2, "loss_at_least_percent"), 3),
        "rule G8: loss of the levels: got [3.0, 3.0, 7.5, 10.0], expected rising numbers",
    ),
    (
        changed(("rules", G("G12"), "levels", 0, "ratio_at_least"), 20),
        "rule G12: ratio of the levels: got [20.0, 20.0], expected rising numbers",
    ),
    (
        changed(("rules", G("G12"), "levels", 0, "high_need_ratio_at_least"), 20),
        "rule G12: ratio of the levels, of high need: got [20.0, 20.0], expected rising numbers",
    ),
    (
        changed(("schedule", "floors", 0, "bands", 1, "from_months"), 0),
        "schedule.floors cystic fibrosis: from_months: got [0, 0, 12], expected rising numbers",
    ),
    (
        changed(("schedule", "floors", 7, "bands", 1, "from_gestation_days"), 0),
        "schedule.floors born early or light: from_gestation_days: got [0, 0], expected rising numbers",
    ),
    (changed(("schedule", "bands", 2, "from_months"), 1), "schedule.bands: got [0, 1, 1, 12], expected from_months"),
]


@pytest.mark.parametrize(("plain", "says"), EQUAL, ids=[says.partition(": got")[0] for _, says in EQUAL])
def test_equal_bounds_are_refused(plain: dict[str, Any], says: str, tmp_path: Path) -> None:
    with pytest.raises(GrowthwatchError) as caught:
        load(plain, tmp_path)
    assert f"ours.toml: {says}" in str(caught.value)


OTHERS: list[tuple[Callable[[], dict[str, Any]], str]] = [
    (lambda: clock(0, from_months=0), "rule G9: clock[1]: expected one of from_days and from_months"),
    (lambda: clock(2, until_months=70), "rule G9: clock: expected until_months on the last band only"),
    (
        lambda: changed(("rules", G("G3"), "thresholds", 2, "birth_up_to_lines"), 3),
        "rule G3: thresholds: expected a limit on each but the last",
    ),
    (
        lambda: changed(("rules", G("G1"), "levels", 2, "loss_at_least_percent"), 10),
        "rule G1: level over 10 %: expected one of loss_over_percent and loss_at_least_percent",
    ),
    (
        lambda: without(("rules", G("G1"), "levels", 1, "reweigh_days")),
        "rule G1: level watch: expected reweigh_days unless it is uncertain",
    ),
    (
        lambda: changed(("rules", G("G1"), "levels", 0, "reweigh_days"), 1),
        "rule G1: level weigh again today: expected reweigh_days unless it is uncertain",
    ),
    (
        lambda: changed(("rules", G("G8"), "levels", 4, "loss_at_least_percent"), 9),
        "rule G8: level 10 %, not ill: expected the same loss in the level after it",
    ),
    (
        lambda: changed(("rules", G("G8"), "levels", 5, "if_well_from_months"), 6),
        "rule G8: level emergency: expected the same loss in the level after it",
    ),
    (
        lambda: changed(("schedule", "floors", 7, "risk_ages"), ["born early"]),
        (
            "schedule.floors born early or light: risk_ages: got ['born early'], expected some of "
            "['born before 32 weeks', 'born before 37 weeks', 'born lighter than 2.5 kg']"
        ),
    ),
    (
        lambda: changed(("tiers", "risk_ages", 0, "lighter_than_kg"), 1.5),
        "tiers.risk_ages born before 32 weeks: expected one of born_before_days and lighter_than_kg",
    ),
    (
        lambda: changed(("rules", G("G4"), "levels"), at(PLAIN, ("rules", G("G4"), "levels")) * 2),
        "rule G4: levels: got ['below', 'below'], expected each name once",
    ),
    (
        lambda: changed(("tiers", "protected", "to"), "T2"),
        "tiers.protected: got T2, expected a tier above T2",
    ),
    (
        lambda: changed(("terms", "sign_rules"), ["H1", "G14a"]),
        "terms.sign_rules: got ['H1', 'G14a'], expected H2 too: it is answered",
    ),
    (
        lambda: changed(("effective_until",), dt.date(2026, 10, 31)),
        "effective_until: got 2026-10-31, expected a day not before 2026-11-01",
    ),
    (
        lambda: changed(("schedule", "routine", 0, "from_months"), 1),
        "schedule.routine: got 'first week', expected one of from_days and from_months, and one of by_days and",
    ),
    (
        lambda: without(("schedule", "routine", 1, "by_days")),
        "schedule.routine: got 'new-birth visit', expected one of from_days and from_months, and one of by_days and",
    ),
]


@pytest.mark.parametrize(("make", "says"), OTHERS, ids=[says.partition(": expected")[0] for _, says in OTHERS])
def test_numbers_that_do_not_fit_each_other_are_named(make: Any, says: str, tmp_path: Path) -> None:
    with pytest.raises(GrowthwatchError) as caught:
        load(make(), tmp_path)
    assert says in str(caught.value)


def test_a_protocol_of_one_day_is_a_protocol(tmp_path: Path) -> None:
    assert load(changed(("effective_until",), dt.date(2026, 11, 1)), tmp_path).id == "uk-hv"


# --- dates and sources -----------------------------------------------------------------------------------

DATES: list[Path_] = [
    ("effective_from",),
    ("effective_until",),
    ("weights", "review_by"),
    ("schedule", "review_by"),
    ("rules", rule_at("G3"), "review_by"),
]


@pytest.mark.parametrize("path", DATES, ids=lambda p: ".".join(map(str, p)))
def test_a_date_is_a_date(path: Path_, tmp_path: Path) -> None:
    wrong = [0, 0.0, 20271130, 1.7e9, "0", "1700000000", "30 November 2027", "2027-02-30", "20271130", " ", True]
    for value in [*wrong, dt.datetime(2027, 11, 30, tzinfo=dt.UTC)]:
        with pytest.raises(GrowthwatchError, match=f"{path[-1]}: expected") as caught:
            load(changed(path, value), tmp_path)
        assert str(path[-1]) in str(caught.value.field) and "ours.toml" in str(caught.value)


def test_a_date_may_be_text_and_is_the_same_date(tmp_path: Path) -> None:
    as_text = load(changed(("rules", rule_at("G3"), "review_by"), "2028-01-31"), tmp_path)
    as_date = load(changed(("rules", rule_at("G3"), "review_by"), dt.date(2028, 1, 31)), tmp_path)
    assert as_text == as_date
    assert as_text.provenance("rules", "G3")[2] == as_text.sources["G3"][2] == dt.date(2028, 1, 31)
    child = Child().steady(0.0, [14, 40]).at_z(-2.9, 200)
    assert child.review(200, as_text).to_json() == child.review(200, as_date).to_json()


@pytest.mark.parametrize("blank", ["", " ", "\t\n"])
@pytest.mark.parametrize("path", [("weights",), ("schedule", "floors", 0), ("rules", rule_at("G3"))], ids=str)
def test_a_blank_source_is_none(path: Path_, blank: str, tmp_path: Path) -> None:
    with pytest.raises(GrowthwatchError, match="source") as caught:
        load(changed((*path, "source"), blank), tmp_path)
    assert "source" in str(caught.value.field)
    with pytest.raises(GrowthwatchError, match="title"):
        load(changed(("title",), blank), tmp_path)


# --- where something is wrong -------------------------------------------------------------------------------


PLACES = [
    (
        "G9",
        "red_days = 42",
        'red_days = "x"',
        "rule G9: clock[from_months=4].red_days: got 'x', expected a whole number",
    ),
    ("G9", "red_days = 42", "red_dais = 42", "clock[from_months=4].red_dais: unknown key"),
    (
        "G9",
        "red_days = 42",
        "red_days = 27",
        "rule G9: clock[from_months=4]: amber and red: got [28, 27], expected rising",
    ),
    ("S1", 'loudness = "', 'loudness = "x', "levels[due].loudness: got"),
]


@pytest.mark.parametrize(("rule", "old", "new", "says"), PLACES, ids=[p[2] for p in PLACES])
def test_an_error_names_the_table_and_never_its_number(
    rule: str, old: str, new: str, says: str, tmp_path: Path
) -> None:
    """`clock.2.red_days` is no help to who reads the file from the top: which of the tables, by what it alone has."""
    start = TEXT.index(f'id = "{rule}"')
    with pytest.raises(GrowthwatchError) as caught:
        load(TEXT[:start] + TEXT[start:].replace(old, new, 1), tmp_path)
    assert says in str(caught.value)
    assert "tuple should" not in str(caught.value)  # of one fault one sentence
    assert all(f"rules[{rule}]." in (p.field or "") or "rising" in says for p in caught.value.problems)


def test_curly_quotes_are_named(tmp_path: Path) -> None:
    """A word processor writes them, and "Invalid value" tells nobody so."""
    with pytest.raises(GrowthwatchError, match=r"not valid TOML .*curly quotes of a word processor: write plain ones"):
        load(TEXT.replace('title = "', "title = “", 1), tmp_path)
    with pytest.raises(GrowthwatchError) as caught:
        load(TEXT.replace('title = "', "title = ", 1), tmp_path)
    assert "word processor" not in str(caught.value)
