"""Tables that are chosen by a fact of birth, and the references that came with them."""

from __future__ import annotations

import copy
import datetime as dt
import pickle
from pathlib import Path
from typing import Any

import independent
import numpy as np
import pandas as pd
import pytest
from births import each_birth
from builders import Child
from hypothesis import given
from hypothesis import strategies as st

import growthwatch as gw
from growthwatch import GrowthwatchError
from growthwatch.charts import chart_table
from growthwatch.core.status import STATUS_WORDS
from growthwatch.references import elsewhere

NL, CZ = gw.reference("preterm-nl-2012"), gw.reference("preterm-cz-2015")
WHO, HCH = gw.reference("who"), gw.reference("hypochondroplasia-eu-2024")
YEAR, MONTH = 365.25, 30.4375
SIGNED: dict[str, Any] = {"because": "chronic lung disease", "by": "Dr A", "review_by": dt.date(2027, 1, 1)}


# --- the figures, as their owners print them -----------------------------------------------------------------------


def rows(reference: str) -> dict[tuple[str, str, str], list[independent.Knot]]:
    measures = gw.reference(reference).measures
    return {(m, *key): knots for m in measures for key, knots in independent.tables(reference, m).items()}


@pytest.mark.parametrize(
    ("reference", "count", "tables"),
    [("preterm-nl-2012", 4152, 72), ("preterm-cz-2015", 1508, 16), ("hypochondroplasia-eu-2024", 966, 6)],
)
def test_every_row_is_there(reference: str, count: int, tables: int) -> None:
    # As many as the owners' files have.  That each comes back exactly is tested with all other references.
    found = rows(reference)
    assert len(found) == tables
    assert sum(map(len, found.values())) == count


# First and last rows as the owners' files have them: TNO's nlreferences (years, L, M, S), Helmich's Auxology (weeks after
# the last period), CrescNet (years).
PRINTED = [
    ("preterm-nl-2012", "head", "week-25", "female", 0, (0.0, 1.0, 21.36, 0.073267790262)),
    ("preterm-nl-2012", "head", "week-25", "male", -1, (1.5 * YEAR, 1.0, 46.49, 0.035405463541)),
    ("preterm-nl-2012", "head", "week-30", "female", 1, (0.0027 * YEAR, 1.0, 27.13, 0.056137117582)),
    ("preterm-cz-2015", "weight", "below-1500-g", "male", 0, (7 * 37 - 280, 0.8908787, 2.651633, 0.1558886)),
    ("preterm-cz-2015", "weight", "from-1500-g", "female", -1, (7 * 144 - 280, 0.1542955, 11.71938, 0.1497575)),
    ("preterm-cz-2015", "height", "below-1500-g", "female", 1, (7 * 38 - 280, 1.377895, 47.30338, 0.05016647)),
    ("preterm-cz-2015", "weight-for-length", "from-1500-g", "male", -1, (97, 1.785952, 15.23973, 0.08675566)),
    ("hypochondroplasia-eu-2024", "height", "hypochondroplasia-eu-2024", "male", -1, (16 * YEAR, 1, 148.3312, 0.0456)),
    ("hypochondroplasia-eu-2024", "weight", "hypochondroplasia-eu-2024", "female", 0, (0, 0.2088, 3.1269, 0.1519)),
    ("who", "arm", "mramba-2017", "male", 0, (60 * MONTH, -0.72895, 16.5189, 0.0867)),
    ("who", "arm", "mramba-2017", "female", -1, (228 * MONTH, -1.60061, 26.2644, 0.12356)),
]


@pytest.mark.parametrize(("reference", "measure", "table", "sex", "place", "row"), PRINTED)
def test_rows_are_those_of_the_owner(
    reference: str, measure: str, table: str, sex: str, place: int, row: tuple[float, ...]
) -> None:
    assert independent.tables(reference, measure)[table, sex][place] == pytest.approx(row, abs=1e-6)


def test_a_printed_row_through_the_public_face() -> None:
    # TNO: boys of 25 weeks at 1.5 years, head 46.49 cm; girls of 30 weeks at 0.0027 years, 27.13 cm with SD 1.523 cm.
    assert NL.value(0, age_days=1.5 * YEAR, sex="m", measure="head", gestation_days=25 * 7) == pytest.approx(46.49)
    sd = 27.13 * 0.056137117582
    girl: dict[str, Any] = {"age_days": 0.0027 * YEAR, "sex": "f", "measure": "head", "gestation_days": 30 * 7 + 6}
    assert NL.z(27.13 + 2 * sd, **girl) == pytest.approx(2, abs=1e-9)
    # Auxology: boys below 1500 g at 37 weeks, 2.651633 kg: born at 30+0 weeks they are then 49 days old.
    boy: dict[str, Any] = {"age_days": 49, "sex": "m", "gestation_days": 210}
    assert CZ.value(0, birth_weight_kg=1.499, **boy) == pytest.approx(2.651633)
    assert CZ.value(0, birth_weight_kg=1.5, **boy) == pytest.approx(2.824048)


def test_arm_circumference_goes_on_from_who() -> None:
    assert WHO.span("arm", "male") == (91, 228 * MONTH)
    # WHO 2006 to day 1856, Mramba from then: the boys' medians meet at 60 months by design.
    assert WHO.value(0, age_days=1826, sex="m", measure="arm") == pytest.approx(16.5189, abs=0.001)
    one = np.array([0], np.uint8)
    curves = WHO.curves("arm")
    later = curves.value_in("mramba-2017", np.array([0.0]), one, np.array([60 * MONTH]))
    assert later[0] == pytest.approx(16.5189, abs=1e-9)
    assert WHO.value(0, age_days=228 * MONTH, sex="f", measure="arm") == pytest.approx(26.2644)
    # Two arms on either side of the joint are compared in the one table that covers both.
    change = WHO.change([16.5, 16.5], age_days=[1850, 1880], sex="m", measure="arm")
    assert change.table.tolist() == ["", "mramba-2017"]
    assert "Mramba" in WHO.info.citation and "Mramba" in WHO.info.notes


@pytest.mark.parametrize("z", [-4.5, -3.5, 3.2, 3.5])
@pytest.mark.parametrize("sex", ["male", "female"])
def test_arm_tails_are_restricted_only_where_who_restricts_them(sex: str, z: float) -> None:
    def plain(power: float, median: float, spread: float) -> float:
        return median * (1 + power * spread * z) ** (1 / power)

    _, *lms = next(
        k for k in independent.tables("who", "arm")["mramba-2017", sex] if k[0] == pytest.approx(120 * MONTH)
    )
    value = plain(*lms)
    assert WHO.z(value, age_days=120 * MONTH, sex=sex, measure="arm") == pytest.approx(z, abs=1e-9)
    assert WHO.value(z, age_days=120 * MONTH, sex=sex, measure="arm") == pytest.approx(value, rel=1e-9)
    _, *early = next(k for k in independent.tables("who", "arm")["who-2006", sex] if k[0] == 1000)
    theirs = independent.lms_z((early[0], early[1], early[2]), plain(*early), True)
    assert abs(theirs - z) > 1e-3
    assert WHO.z(plain(*early), age_days=1000, sex=sex, measure="arm") == pytest.approx(theirs, abs=1e-9)
    assert WHO.value(theirs, age_days=1000, sex=sex, measure="arm") == pytest.approx(plain(*early), rel=1e-9)
    adjusted = WHO.adjusted(shift=-0.5, measures="arm", **SIGNED)
    assert adjusted.z(value, age_days=120 * MONTH, sex=sex, measure="arm") == pytest.approx(z + 0.5, abs=1e-9)


# --- which table -----------------------------------------------------------------------------------------------------


@given(st.integers(154, 314), st.sampled_from(["male", "female"]), st.floats(0, 4 * YEAR))
def test_the_week_of_birth_chooses_the_table(gestation: int, sex: str, age: float) -> None:
    s = NL.score(8.0, age_days=age, sex=sex, gestation_days=gestation)
    week = gestation // 7
    if not 25 <= week <= 36:
        assert s.status == "gestation_not_covered" and np.isnan(s.z)
        return
    lms = independent.interpolate(independent.tables("preterm-nl-2012", "weight")[f"week-{week}", sex], age, "linear")
    assert s.z == pytest.approx(independent.lms_z((lms[0], lms[1], lms[2]), 8.0, False), rel=1e-9)
    assert s.corrected_age_days == age  # never corrected as well


@pytest.mark.parametrize(
    ("kg", "table"),
    [
        (0.4, "below-1500-g"), (1.499, "below-1500-g"), (1.4994, "below-1500-g"), (1.4996, "from-1500-g"),
        (1.5, "from-1500-g"), (2.5, "from-1500-g"), (2.501, ""), (3.4, ""), (0.0, ""), (-1.0, ""), (1400.0, ""), (np.inf, ""),
    ],
)  # fmt: skip
def test_the_gram_of_birth_weight_chooses_the_table(kg: float, table: str) -> None:
    s = CZ.score(6.0, age_days=200, sex="f", gestation_days=210, birth_weight_kg=kg)
    if not table:
        assert s.status == "birth_weight_not_covered" and np.isnan(s.z)
        return
    lms = independent.interpolate(independent.tables("preterm-cz-2015", "weight")[table, "female"], 130, "linear")
    assert s.z == pytest.approx(independent.lms_z((lms[0], lms[1], lms[2]), 6.0, False), rel=1e-9)
    assert s.corrected_age_days == 130


def test_what_is_missing_has_a_status_in_its_row() -> None:
    s = NL.score([8, 8, np.nan, 8, 8, 8], age_days=365, sex=["m", "m", "m", "x", "m", "f"],
                 gestation_days=[200, np.nan, np.nan, np.nan, 100, 252])  # fmt: skip
    assert s.status.tolist() == [
        "ok", "missing_gestation", "missing_value", "unknown_sex", "invalid_gestation", "ok",
    ]  # fmt: skip
    assert s.reference == NL.label
    c = CZ.score(
        6.0, age_days=200, sex="f", gestation_days=[210, 210, np.nan, 260], birth_weight_kg=[1.2, np.nan, 1.2, 1.2]
    )
    assert c.status.tolist() == ["ok", "missing_birth_weight", "missing_gestation", "gestation_not_covered"]
    assert np.isnan(CZ.value(0, age_days=200, sex="f", gestation_days=210, birth_weight_kg=np.nan))
    assert NL.z([], age_days=[], sex=[], gestation_days=[]).shape == (0,)


def test_one_call_without_the_fact_is_refused_by_name() -> None:
    for method in (NL.score, NL.z, NL.centile, NL.value):
        with pytest.raises(GrowthwatchError, match="never guessed") as e:
            method(8.0, age_days=365, sex="m")
        assert e.value.field == "gestation_days"
    with pytest.raises(GrowthwatchError, match="weight at birth") as e:
        CZ.z(6.0, age_days=200, sex="f", gestation_days=210)
    assert e.value.field == "birth_weight_kg"
    with pytest.raises(GrowthwatchError, match="gestation_days") as e:
        CZ.z(6.0, age_days=200, sex="f", birth_weight_kg=1.2)  # its ages are postmenstrual
    with pytest.raises(GrowthwatchError, match="never guessed"):
        NL.change([5, 6], age_days=[50, 90], sex="m")
    with pytest.raises(GrowthwatchError, match=r"reference\.born\(gestation_days"):
        NL.curves("weight")
    with pytest.raises(GrowthwatchError, match=r"reference\.born\(gestation_days"):
        NL.adjusted(shift=-0.5, **SIGNED)
    with pytest.raises(GrowthwatchError, match="measure"):
        NL.z(8.0, age_days=365, sex="m", measure="bmi", gestation_days=200)


@pytest.mark.parametrize(
    ("born", "field"),
    [
        ({}, "gestation_days"), ({"gestation_days": 280}, "gestation_days"), ({"gestation_days": 28}, "gestation_days"),
        ({"gestation_days": np.nan}, "gestation_days"), ({"gestation_days": "200"}, "gestation_days"),
        ({"gestation_days": [200]}, "gestation_days"), ({"birth_weight_kg": 1.2}, "gestation_days"),
    ],
)  # fmt: skip
def test_born_guesses_nothing(born: dict[str, Any], field: str) -> None:
    with pytest.raises(GrowthwatchError) as e:
        NL.born(**born)
    assert e.value.field == field


def test_born_gives_the_tables_of_one_birth() -> None:
    for week, one in zip(range(25, 37), each_birth(NL), strict=True):
        assert one.label == NL.label and one.id == NL.id
        assert one.table_by == NL.table_by == "gestation_days"
        assert f"born at {week} weeks" in one.info.short_title
        assert one.z(5.0, age_days=100, sex="f") == NL.z(5.0, age_days=100, sex="f", gestation_days=7 * week)
        assert NL.born(gestation_days=7 * week + 6) == one
        assert one.born(gestation_days=280) == one  # it is bound already
    assert len({one.hash for one in (*each_birth(NL), *each_birth(CZ), NL, CZ)}) == 16
    uk = gw.reference("uk-who")
    assert uk.born() is uk and uk.table_by is None
    for other in (pickle.loads(pickle.dumps(one)), copy.copy(one), copy.deepcopy(one)):
        assert other == one and other.z(5.0, age_days=100, sex="f") == one.z(5.0, age_days=100, sex="f")


def test_a_corrected_age_beside_the_fact() -> None:
    a = NL.z(5.0, corrected_age_days=100, sex="f", gestation_days=200)
    assert a == NL.z(5.0, age_days=100, sex="f", gestation_days=200)
    b = CZ.z(5.0, corrected_age_days=100, sex="f", birth_weight_kg=1.3)
    assert b == CZ.z(5.0, age_days=170, sex="f", gestation_days=210, birth_weight_kg=1.3)
    with pytest.raises(GrowthwatchError, match="gestation"):
        CZ.z(5.0, corrected_age_days=100, sex="f", birth_weight_kg=1.3, gestation_days=210)
    c = CZ.z(8.0, length_cm=70.0, sex="f", measure="weight-for-length", birth_weight_kg=[1.3, 2.0])
    assert np.isfinite(c).all() and c[0] != c[1]


def test_change_stays_on_the_table_of_the_birth() -> None:
    kg, age = [3.0, 4.0, 5.0, 6.0], [60, 90, 120, 150]
    whole = NL.change(kg, age_days=age, sex="m", gestation_days=200)
    one = NL.born(gestation_days=200).change(kg, age_days=age, sex="m", gestation_days=200)
    np.testing.assert_array_equal(whole.since_first, one.since_first)
    assert whole.table.tolist() == ["", "week-28", "week-28", "week-28"]
    assert whole.reference == NL.label
    many = NL.change(
        [*kg, *kg, *kg], age_days=[*age, *age, *age], sex="m", child=np.repeat(["a", "b", "c"], 4),
        gestation_days=[200] * 4 + [200, 210, 200, 200] + [200, np.nan, 200, 200],
    )  # fmt: skip
    np.testing.assert_array_equal(many.since_first[:4], one.since_first)
    assert many.status.tolist()[4:8] == ["conflicting_gestation"] * 4
    assert many.status.tolist()[8:] == ["conflicting_gestation", "missing_gestation", *["conflicting_gestation"] * 2]
    weights = [1.2, 1.2, 1.6, 1.2]
    torn = CZ.change(kg, age_days=age, sex="m", gestation_days=210, birth_weight_kg=weights)
    assert torn.status.tolist() == ["conflicting_birth_weight"] * 4 and np.isnan(torn.since_previous).all()


def test_covers_and_finding_know_the_fact() -> None:
    assert NL.covers("weight", sex="m", age_days=100).status == "missing_gestation"
    assert NL.covers("weight", sex="m", age_days=100, gestation_days=200)
    assert NL.covers("weight", sex="m", age_days=100, gestation_days=262).status == "gestation_not_covered"
    assert NL.covers("head", sex="m", age_days=600, gestation_days=200).status == "age_above_reference"
    assert CZ.covers("weight", sex="m", age_days=100, gestation_days=200).status == "missing_birth_weight"
    assert CZ.covers("weight", sex="m", age_days=100, gestation_days=200, birth_weight_kg=1.1)
    asked: dict[str, Any] = {"sex": "m", "age_days": 900, "gestation_days": 200}
    assert "preterm-nl-2012" in gw.references(**asked).ids
    assert "preterm-cz-2015" not in gw.references(**asked).ids
    young: dict[str, Any] = {**asked, "age_days": 500}
    assert "preterm-cz-2015" in gw.references(**young, birth_weight_kg=1.1).ids
    assert "preterm-cz-2015" in elsewhere("weight", **young, birth_weight_kg=1.1, condition="preterm birth")


def test_columns_of_a_frame() -> None:
    frame = pd.DataFrame(
        {
            "weight_kg": [5.0, 5.0, 5.0, 5.0],
            "age_days": [120, 120, 120, 120],
            "sex": ["m", "f", "m", "f"],
            "born": [200, 251, np.nan, 290],
            "birth": [1.1, 2.2, 1.0, 3.0],
            "ref": ["preterm-nl-2012", "preterm-cz-2015", "preterm-nl-2012", "uk-who"],
        }
    )
    made = gw.score(frame, reference_column="ref", gestation_days="born", birth_weight_kg="birth")
    assert made["status"].tolist() == ["ok", "ok", "missing_gestation", "ok"]
    assert made["z"][0] == NL.z(5.0, age_days=120, sex="m", gestation_days=200)
    assert made["z"][1] == CZ.z(5.0, age_days=120, sex="f", gestation_days=251, birth_weight_kg=2.2)
    bare = gw.score(frame, "preterm-cz-2015")
    assert set(bare["status"]) == {"missing_birth_weight"}
    assert set(gw.score(frame, "preterm-nl-2012")["status"]) == {"missing_gestation"}
    with pytest.raises(GrowthwatchError, match="birth_weight_kg: 4 of 4 rows missing_birth_weight"):
        gw.score(frame, "preterm-cz-2015", gestation_days="born", on_invalid="error")
    with pytest.raises(GrowthwatchError, match="birth_weight_kg"):
        gw.score(frame, "preterm-cz-2015", gestation_days="born", birth_weight_kg="no such column")


# --- one child -------------------------------------------------------------------------------------------------------


def preterm(**more: Any) -> Child:
    child = Child(**{"gestation_days": 200, "birth_kg": 1.1, "sex": "male", **more})
    for day, kg in ((20, 1.3), (60, 2.3), (100, 3.6), (160, 5.0), (250, 6.6), (400, 8.2)):
        child.weigh(kg, day)
    return child


@pytest.mark.parametrize(
    ("reference", "label", "fact"),
    [
        ("preterm-nl-2012", "born at 28 weeks", {}),
        ("preterm-cz-2015", "birth weight below 1500 g", {"birth_weight_kg": 1.1}),
    ],
)
def test_a_record_says_its_birth(reference: str, label: str, fact: dict[str, Any]) -> None:
    record = preterm().record
    ref = gw.reference(reference)
    wanted = ref.z(8.2, age_days=400, sex="m", gestation_days=200, **fact)
    picture = gw.chart(record, reference=reference)
    assert label in picture.alt_text
    assert picture.png()[:4] == b"\x89PNG"
    table = chart_table(record, reference=reference)
    assert table[-1]["z"] == wanted and table[-1]["reference"] == str(ref.label)
    t = gw.trajectory(record, reference=reference)
    assert t.condition is not None
    assert t.condition.label == ref.label
    assert t.condition.z(8.2, age_days=400, sex="m", gestation_days=200) == wanted
    assert label in str(t)


@pytest.mark.parametrize(
    ("reference", "child", "field"),
    [
        ("preterm-nl-2012", {"gestation_days": None}, "gestation_days"),
        ("preterm-nl-2012", {"gestation_days": 280, "birth_kg": 3.4}, "gestation_days"),
        ("preterm-cz-2015", {"birth_kg": None}, "birth_weight_kg"),
        ("preterm-cz-2015", {"birth_kg": 2.9, "gestation_days": 250}, "birth_weight_kg"),
    ],
)
def test_a_record_that_does_not_say_it_is_refused(reference: str, child: dict[str, Any], field: str) -> None:
    record = preterm(**child).record
    for draw in (gw.chart, gw.trajectory):
        with pytest.raises(GrowthwatchError) as e:
            draw(record, reference=reference)
        assert e.value.field == field


def test_the_day_of_birth_is_read_on_the_table_of_its_week() -> None:
    one = NL.born(gestation_days=200)
    assert one.birth_age_days(200.0) == 0.0
    assert gw.reference("uk-who").birth_age_days(200.0) == CZ.born(birth_weight_kg=1.1).birth_age_days(200.0) == -80.0


def test_a_chart_of_hypochondroplasia() -> None:
    picture = gw.chart(Child().weigh(5.0, 100).record, reference="hypochondroplasia-eu-2024")
    assert "Hypochondroplasia EU 2024" in picture.alt_text


# --- what is said ----------------------------------------------------------------------------------------------------


def test_the_notes_that_users_must_see() -> None:
    for info in gw.references(condition="cerebral palsy"):
        assert "four parameters" in info.notes and "outer centiles may differ" in info.notes
        assert not info.remark
    uk = gw.reference("uk-who")
    assert "rcpchgrowth" in uk.info.remark and "0.0023" in uk.info.remark
    assert "0.0023" in uk._repr_html_()
    # A remark on other programs is no part of a reference: its hash is that of the figures that were published before.
    assert uk.hash == "sha256:4d91283dd57877e1a2eedde1046f55063dab8bd783fd7380957584314d8f7789"
    assert (
        "still owed" in HCH.info.notes and "109" in CZ.info.notes and "never correct as well" in NL.info.correction_note
    )
    docs = Path(__file__).resolve().parents[2] / "docs" / "references"
    assert "0.0023" in (docs / "uk-who.md").read_text(encoding="utf-8")
    assert "born at 25 weeks" in NL._repr_html_()
    assert {"missing_birth_weight", "birth_weight_not_covered", "conflicting_birth_weight"} <= set(STATUS_WORDS)


# --- the layout ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('table_by = "birth_weight_g"\n', "", "table_by names"),
        ('table_by = "birth_weight_g"', 'table_by = "birth_order"', "table_by"),
        ('births = { least = 1500, most = 2500, label = "birth weight 1500 to 2500 g" }', "", "table_by names"),
        ("least = 1500, most = 2500", "least = 1499, most = 2500", "more than 1499"),
        ("least = 1500, most = 2500", "most = 2500", "more than 1499"),
        ("least = 1500, most = 2500", "least = 2600, most = 2500", "at least its least"),
        ("least = 1500, most = 2500", "least = 1500.5, most = 2500", "least"),
        ('label = "birth weight 1500 to 2500 g" }', 'label = "" }', "label"),
        ('id = "from-1500-g"\n', 'id = "from-1500-g"\nuntil = 300\n', "same stretches"),
    ],
)
def test_a_layout_that_leaves_the_table_open_is_refused(tmp_path: Path, old: str, new: str, says: str) -> None:
    folder = tmp_path / "ours"
    CZ.export(folder)
    (folder / "contents.json").unlink()
    file = folder / "reference.toml"
    text = (independent.DATA / "preterm-cz-2015" / "reference.toml").read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(GrowthwatchError, match=says):
        gw.Reference.load(folder)


def test_a_folder_of_ones_own_round_trips(tmp_path: Path) -> None:
    for ref in (NL, CZ, WHO):
        ref.export(tmp_path / ref.id)
        back = gw.Reference.load(tmp_path / ref.id)
        assert back == ref and back.hash == ref.hash
    one = NL.born(gestation_days=200)
    with pytest.raises(GrowthwatchError, match="whole"):
        one.export(tmp_path / "one")
    assert not (tmp_path / "one").exists()
    adjusted = one.adjusted(shift=-0.4, **SIGNED)
    adjusted.export(tmp_path / "adjusted")
    again = gw.Reference.load(tmp_path / "adjusted")
    assert again == adjusted
    assert again.z(5.0, age_days=100, sex="m") == pytest.approx(one.z(5.0, age_days=100, sex="m") + 0.4)


def test_a_wrong_figure_is_named_by_its_line(tmp_path: Path) -> None:
    folder = tmp_path / "ours"
    NL.export(folder)
    (folder / "contents.json").unlink()
    lines = (folder / "weight.csv").read_text(encoding="utf-8").splitlines()
    lines[700] = lines[700].rpartition(",")[0] + ",-1"
    (folder / "weight.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(GrowthwatchError, match=r"weight\.csv: line 701"):
        gw.Reference.load(folder)
