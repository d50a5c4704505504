"""References in and out: exactly, and with errors that name the row."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import growthwatch as gw
from growthwatch import GrowthwatchError
from growthwatch.references import blend
from growthwatch.references.folders import to_toml
from growthwatch.references.interchange import (
    export_rif,
    import_lms_csv,
    import_rif,
    make_reference,
    read_rif,
)

SIGNED: dict[str, Any] = {"because": "expected", "by": "Dr Ä. Example", "review_by": dt.date(2027, 5, 31)}
META: dict[str, Any] = {
    "title": "Ours",
    "kind": "reference",
    "citation": "Nobody 2026",
    "terms": "none",
    "population": "twelve children",
}
UK = gw.reference("uk-who")
T21 = gw.reference("trisomy-21-uk-2002")


# --- a folder --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [r.id for r in gw.references() if not r.of_increments])
def test_a_packaged_reference_round_trips(name: str, tmp_path: Path) -> None:
    for correction in gw.references()[gw.references().ids.index(name)].corrections:
        ref = gw.reference(name, correction=correction)
        ref.export(tmp_path / correction)
        again = gw.Reference.load(tmp_path / correction, correction=correction)
        assert again == ref and again.hash == ref.hash and again.id == ref.id
        assert again.metadata == ref.metadata and again.files == ref.files


@pytest.mark.parametrize(
    "ref",
    [
        UK.adjusted(shift=[(0, 0.0), (183, -1.1)], scale=1.1, **SIGNED),
        gw.reference("uk-who", correction="lifelong").age_shifted(-3.5, signed_on=dt.date(2027, 1, 1), **SIGNED),
        blend(
            UK.adjusted(shift=-3, **SIGNED, specialist="Prof"), T21, [(0, 0), (4000, 0.5)], **SIGNED, specialist="Prof"
        ),
    ],
    ids=lambda r: r.id,
)
def test_an_adjusted_reference_round_trips(ref: gw.Reference, tmp_path: Path) -> None:
    ref.export(tmp_path / "new")
    again = gw.Reference.load(tmp_path / "new")
    assert again == ref and again.id == ref.id and again.links == ref.links
    assert again.z(9.0, age_days=400, sex="f") == ref.z(9.0, age_days=400, sex="f")
    path = tmp_path / "new" / "adjustment.json"
    content = json.loads(path.read_text(encoding="utf-8"))

    def changed(**more: Any) -> None:
        path.write_text(json.dumps({**content, **more}), encoding="utf-8")

    changed(link={**content["link"], "by": "Somebody else"})
    with pytest.raises(GrowthwatchError, match="the file was changed"):
        gw.Reference.load(tmp_path / "new")
    changed(link={**content["link"], "by": ""})
    with pytest.raises(GrowthwatchError, match=r"adjustment\.json: by"):
        gw.Reference.load(tmp_path / "new")
    changed(adjusts={"folder": "../new", "correction": "paper"})
    with pytest.raises(GrowthwatchError, match="folder"):
        gw.Reference.load(tmp_path / "new")
    for broken in ({"adjustment": {}}, {"adjustment": {"node": "magic"}}, {"link": 3}, {"adjusts": None}):
        changed(**broken)
        with pytest.raises(GrowthwatchError, match=r"adjustment\.json"):
            gw.Reference.load(tmp_path / "new")
    with pytest.raises(GrowthwatchError):
        path.write_text("{", encoding="utf-8")
        gw.Reference.load(tmp_path / "new")


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("mine")
    for folder in (tmp_path, tmp_path / "x"):
        with pytest.raises(GrowthwatchError, match="folder"):
            UK.export(folder)
    UK.export(tmp_path / "a" / "b")
    with pytest.raises(GrowthwatchError, match="correction"):
        UK.adjusted(**SIGNED).export(tmp_path / "c")
        gw.Reference.load(tmp_path / "c", correction="none")


plain_data = st.recursive(
    st.text() | st.integers(-(2**62), 2**62) | st.floats(allow_nan=False, allow_infinity=False) | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=6), plain_data, max_size=5))
@settings(deadline=None)
def test_toml_reads_back_as_it_was(data: dict[str, Any]) -> None:
    import tomllib

    try:
        json.dumps(data, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return
    text = to_toml(data)
    got = tomllib.loads(text)
    assert got == data
    assert json.dumps(got, sort_keys=True) == json.dumps(data, sort_keys=True)


# --- a plain CSV --------------------------------------------------------------------------------------

GOOD = "sex,age_months,L,M,S\nmale,0,0.3,3.4,0.14\nM, 12 ,0.1,9.6,0.11\nfemale,0,0.4,3.2,0.14\n\nf,12,-0.1,8.9,0.12\n"


def csv_file(folder: Path, text: str) -> Path:
    path = folder / "ours.csv"
    path.write_bytes(text.encode())
    return path


def test_a_csv_becomes_a_reference(tmp_path: Path) -> None:
    for text in (GOOD, "\ufeff" + GOOD, GOOD.replace("\n", "\r\n")):
        ref = import_lms_csv(csv_file(tmp_path, text), id="ours", **META)
        assert ref.id == "ours" and ref.info.origin == "Imported from ours.csv"
        assert ref.span("weight", "female") == (0.0, 365.25)
        assert ref.z(9.6, age_days=365.25, sex="m") == pytest.approx(0)
        assert ref.score(6.0, age_days=180, sex="f").status == "ok"
        ref.export(tmp_path / "out" / str(len(text)))
        assert gw.Reference.load(tmp_path / "out" / str(len(text))) == ref
    boys = "age_days,M,S,L\n0,3.4,0.14,1\n10,3.6,0.14,1\n"
    one = import_lms_csv(csv_file(tmp_path, boys), id="boys", sex="Boy ", **META)
    assert one.score(3.4, age_days=0, sex="f").status == "sex_not_covered"
    assert one.z(3.4, age_days=0, sex="m") == 0


def test_words_for_sex_in_a_csv_are_those_of_a_column(tmp_path: Path) -> None:
    words = {"Boy": "male", " BOY": "male", "M": "male", "girl": "female", "Girl ": "female", "F ": "female"}
    for word, sex in words.items():
        text = f"sex,age_days,L,M,S\n{word},0,1,3.4,0.14\n{word},10,1,3.6,0.14\n"
        ref = import_lms_csv(csv_file(tmp_path, text), id="ours", **META)
        assert ref.z(3.4, age_days=0, sex=sex) == 0


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (("male,0,0.3", "male,x,0.3"), "line 2, age_months"),
        (("male,0,0.3", "male,nan,0.3"), "line 2, age_months"),
        (("3.4,0.14", "3_4,0.14"), "line 2, M"),
        (("9.6,0.11", "-9.6,0.11"), "line 3, M"),
        (("9.6,0.11", "9.6,0"), "line 3, S"),
        (("M, 12 ,", "M,0,"), "line 3, age_months"),
        (("female,0", "lass,0"), "line 4, sex"),
        (("f,12,-0.1,8.9", "f,12,-0.1,8.9,4"), "line 6"),
        (("L,M,S", "L,M,S,C50"), "line 1"),
        (("age_months", "age"), "line 1"),
        (("L,M,S", "L,M,M"), "line 1"),
        (("sex,", ""), "line 1"),
        ((GOOD[21:], ""), "rows"),
        (("0.4", '"0.4'), "line"),
    ],
)
def test_errors_name_the_row(change: tuple[str, str], where: str, tmp_path: Path) -> None:
    with pytest.raises(GrowthwatchError, match=where) as e:
        import_lms_csv(csv_file(tmp_path, GOOD.replace(*change)), id="ours", **META)
    assert "ours.csv" in str(e.value)


def test_other_wrong_imports(tmp_path: Path) -> None:
    path = csv_file(tmp_path, GOOD)
    for bad in (
        {"id": "Ours"},
        {"kind": "chart"},
        {"measure": "arm"},
        {"sex": "boy"},
        {"interpolation": "cubic"},
        {"terms": ""},
    ):
        with pytest.raises(GrowthwatchError):
            import_lms_csv(path, **{"id": "ours", **META, **bad})
    with pytest.raises(GrowthwatchError, match="citation: not given"):
        import_lms_csv(path, id="ours", title="x", kind="reference", terms="x", population="x")
    with pytest.raises(GrowthwatchError, match="cannot read"):
        import_lms_csv(tmp_path / "none.csv", id="ours", **META)
    (tmp_path / "latin.csv").write_bytes(b"\xff\xfe")
    with pytest.raises(GrowthwatchError, match="UTF-8"):
        import_lms_csv(tmp_path / "latin.csv", id="ours", **META)


# --- Reference Interchange Format -----------------------------------------------------------------------

RIF = (
    "name = nl\nyear = 2009\nyname = wgt\nsex = male\nsub = \ndistribution = LMS\ncitation = TNO\n"
    "publication = Somebody (2010). A = B.\n[DATA]\nx\tL\tM\tS\n0\t0.3\t3.4\t0.14\n0.0027\t0.29\t3.35\t0.14\n1\t0.1\t9.6\t0.11\n"
)


def rif_file(folder: Path, text: str, name: str = "a.txt") -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


def test_a_rif_file_becomes_a_reference(tmp_path: Path) -> None:
    boys = rif_file(tmp_path, RIF)
    girls = rif_file(tmp_path, RIF.replace("sex = male", "sex=female").replace("[DATA]", "[data]"), "b.txt")
    file = read_rif(boys)
    assert file.get("publication") == "Somebody (2010). A = B." and file.get("sub") is None
    ref = import_rif([boys, girls], id="nl-2009", kind="reference", terms="ask TNO")
    assert ref.info.title == "nl 2009 (Reference Interchange Format)" and ref.info.edition == "2009"
    assert ref.span("weight", "female") == (0.0, 365.25)
    z = ref.z(3.35, age_days=0.986175, sex="m")
    assert z == pytest.approx(0, abs=1e-12)
    middle = ref.curves("weight").parameters(np.array([0], np.uint8), np.array([(0.986175 + 365.25) / 2]))
    assert middle[1][0] == pytest.approx((3.35 + 9.6) / 2)


def test_the_other_distributions_that_are_exact(tmp_path: Path) -> None:
    normal = RIF.replace("LMS", "NO").replace("x\tL\tM\tS", "x\tmean\tsd\tn")
    ref = import_rif(
        rif_file(
            tmp_path,
            normal.replace("0.3\t3.4\t0.14", "3.4\t0.4\t99")
            .replace("0.29\t3.35\t0.14", "3.5\t0.4\t9")
            .replace("0.1\t9.6\t0.11", "9.6\t1.2\t9"),
        ),
        id="n",
        kind="reference",
        terms="x",
    )
    assert ref.z(3.0, age_days=0, sex="m") == pytest.approx(-1)
    cole = RIF.replace("LMS", "BCCG").replace("x\tL\tM\tS", "x\tnu\tmu\tsigma")
    assert import_rif(rif_file(tmp_path, cole), id="n", kind="reference", terms="x").z(3.4, age_days=0, sex="m") == 0


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (("[DATA]\n", ""), "data"),
        (("name = nl\n", ""), "the key name"),
        (("year = 2009\n", ""), "the key year"),
        (("name = nl", "name : nl"), "line 1"),
        (("year = 2009", "name = 2009"), "line 2"),
        (("yname = wgt", "yname = dsc"), "yname"),
        (("yname = wgt", "yname = wfh"), "yname"),
        (("sex = male", "sex = "), "sex"),
        (("= LMS", "= BCT"), "distribution"),
        (("= LMS", "= MAGIC"), "distribution"),
        (("sub = ", "ty = log(y)"), "ty"),
        (("x\tL\tM\tS", "age\tL\tM\tS"), "line 10"),
        (("x\tL\tM\tS", "x\tL\tM\tsd"), "columns"),
        (("0.29\t3.35", "0.29 3.35"), "line 12"),
        (("0.29\t3.35", "0.29\tNA"), "line 12, M"),
        (("0.29\t3.35", "0.29\t-3.35"), "line 12, M"),
        (("1\t0.1", "0.0027\t0.1"), "line 13, x"),
    ],
)
def test_errors_of_rif_name_the_line(change: tuple[str, str], where: str, tmp_path: Path) -> None:
    assert change[0] in RIF
    with pytest.raises(GrowthwatchError, match=where) as e:
        import_rif(rif_file(tmp_path, RIF.replace(*change)), id="nl", kind="reference", terms="x")
    assert "a.txt" in str(e.value)


def test_other_wrong_rif(tmp_path: Path) -> None:
    path = rif_file(tmp_path, RIF)
    with pytest.raises(GrowthwatchError, match="each measure and sex once"):
        import_rif([path, path], id="nl", kind="reference", terms="x")
    with pytest.raises(GrowthwatchError, match="at least one file"):
        import_rif([], id="nl", kind="reference", terms="x")
    with pytest.raises(GrowthwatchError, match="at least one"):
        import_rif(rif_file(tmp_path, RIF[: RIF.index("0\t0.3")]), id="nl", kind="reference", terms="x")
    blank = rif_file(tmp_path, RIF.replace("year = 2009", "year ="))
    assert import_rif(blank, id="nl", kind="reference", terms="x").info.edition == "1"
    for bad in (UK, UK.adjusted(**SIGNED)):
        with pytest.raises(GrowthwatchError, match="one table"):
            export_rif(bad, "weight", "male", tmp_path / "no.txt")
    only = import_rif(blank, id="nl", kind="reference", terms="x")
    for bad_call in (("weight", "female"), ("height", "male")):
        with pytest.raises(GrowthwatchError):
            export_rif(only, *bad_call, tmp_path / "no.txt")


rows = st.lists(
    st.tuples(st.integers(0, 7000), st.floats(-3, 3), st.floats(0.1, 100), st.floats(0.01, 0.5)),
    min_size=1,
    max_size=8,
    unique_by=lambda r: r[0],
).map(lambda r: [("male", float(a), power, m, s) for a, power, m, s in sorted(r)])


@given(rows)
@settings(deadline=None)
def test_rif_round_trips_exactly(tmp_path_factory: pytest.TempPathFactory, table: Any) -> None:
    folder = tmp_path_factory.mktemp("rif")
    ref = make_reference({"weight": table}, id="ours", **META)
    export_rif(ref, "weight", "male", folder / "ours.txt", name="ours")
    again = import_rif(folder / "ours.txt", id="ours", **META)
    assert again.files == ref.files
    export_rif(again, "weight", "male", folder / "again.txt", name="ours")
    assert (folder / "again.txt").read_text().splitlines()[9:] == (folder / "ours.txt").read_text().splitlines()[9:]
    same = import_rif(folder / "ours.txt", id="ours", **META, origin=ref.info.origin, edition="1", short_title="Ours")
    assert same.hash == ref.hash


def test_an_age_that_would_not_come_back_is_refused(tmp_path: Path) -> None:
    ref = make_reference({"weight": [("male", 1e-11, 1, 3, 0.1)]}, id="ours", **META)
    with pytest.raises(GrowthwatchError, match="comes back exactly"):
        export_rif(ref, "weight", "male", tmp_path / "x.txt")


@given(rows)
@settings(deadline=None)
def test_a_made_reference_round_trips_by_folder(tmp_path_factory: pytest.TempPathFactory, table: Any) -> None:
    folder = tmp_path_factory.mktemp("folder") / "x"
    ref = make_reference({"weight": table}, id="ours", notes='a "quoted"\n\tline é', **META)
    ref.export(folder)
    assert gw.Reference.load(folder) == ref


# --- what a fresh eye got through ------------------------------------------------------------------------


def lms_line(age: Any, power: Any, median: Any, spread: Any) -> str:
    return f"sex,age_months,L,M,S\nmale,0,1,3.4,0.1\nmale,{age},{power},{median},{spread}\n"


@pytest.mark.parametrize(
    ("row", "where"),
    [
        ((1e6, 1, 9.0, 0.1), "line 3, age_months"),
        ((12, 1e300, 9.0, 0.1), "line 3, L"),
        ((12, -1e300, 9.0, 0.1), "line 3, L"),
        ((12, 1, 1e300, 0.1), "line 3, M"),
        ((12, 1, 9.0, 1e5), "line 3, S"),
        ((12, 1, 9.0, 1e-300), "line 3, S"),
    ],
)
def test_figures_that_cannot_be_meant_are_refused(row: Any, where: str, tmp_path: Path) -> None:
    with pytest.raises(GrowthwatchError, match=where):
        import_lms_csv(csv_file(tmp_path, lms_line(*row)), id="ours", **META)
    age, *lms = row
    with pytest.raises(GrowthwatchError):
        make_reference({"weight": [("male", age * 30.4375, *lms)]}, id="ours", **META)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("tail", ["none", "restricted-3sd"])
@pytest.mark.parametrize("power", [-25, 0, 25])
@pytest.mark.parametrize("spread", [1e-3, 2])
def test_the_widest_figures_work_without_a_warning(tail: str, power: float, spread: float) -> None:
    rows = [("male", 0, power, 1e-3, spread), ("male", 100, -power, 1e5, spread)]
    ref = make_reference({"weight": rows}, id="ours", tail=tail, **META)
    for kg in (1e-300, 1e-3, 1.0, 1e3, 1e300):
        ref.score([kg] * 4, age_days=[0, 50, 50.5, 100], sex="m")
    ref.value([-9, -3, 0, 3, 9.0], age_days=50, sex="m")
    assert "<svg" in ref._repr_html_()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("age", [0, 3, 30, 4000])
def test_a_reference_of_one_row_shows_itself(age: int) -> None:
    ref = make_reference({"weight": [("male", age, 1, 3.4, 0.1)]}, id="ours", **META)
    assert "<svg" in ref._repr_html_() and ref.z(3.4, age_days=age, sex="m") == 0


def test_no_import_takes_the_id_of_a_packaged_reference(tmp_path: Path) -> None:
    for name in ("uk-who", "who-velocity-2009"):
        with pytest.raises(GrowthwatchError, match="packaged"):
            import_lms_csv(csv_file(tmp_path, GOOD), id=name, **META)


def test_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    for ref in (T21, T21.adjusted(shift=-1, **SIGNED)):
        folder = tmp_path / ref.id
        ref.export(folder)
        for file in folder.rglob("*.*"):
            if file.is_file():
                file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
        assert gw.Reference.load(folder) == ref


def test_an_adjustment_file_is_a_closed_model(tmp_path: Path) -> None:
    UK.adjusted(shift=-1, **SIGNED).export(tmp_path / "new")
    path = tmp_path / "new" / "adjustment.json"
    content = json.loads(path.read_text(encoding="utf-8"))

    def after(**more: Any) -> pytest.ExceptionInfo[GrowthwatchError]:
        path.write_text(json.dumps({**content, **more}), encoding="utf-8")
        with pytest.raises(GrowthwatchError, match=r"adjustment\.json") as e:
            gw.Reference.load(tmp_path / "new")
        return e

    assert "note: unknown key" in str(after(note="x").value)
    assert "layout" in str(after(layout=2).value)
    assert "id: got 'uk-who~00000000'" in str(after(id="uk-who~00000000").value)
    assert "measures" in str(after(link={**content["link"], "measures": "weight"}).value)
    assert "unknown key" in str(after(link={**content["link"], "also": 1}).value)
    assert "shift" in str(after(adjustment={**content["adjustment"], "shift": [[0, 10**400]]}).value)
    assert "shift" in str(after(adjustment={**content["adjustment"], "shift": "-1"}).value)
    assert "other" in str(after(other=content["adjusts"]).value)
    path.write_text('{"layout": ' + "1" * 5000 + "}", encoding="utf-8")
    with pytest.raises(GrowthwatchError, match="not valid JSON"):
        gw.Reference.load(tmp_path / "new")


@pytest.mark.parametrize(
    "call",
    [
        lambda tmp: UK.export(None),
        lambda tmp: UK.export("a\0b"),
        lambda tmp: import_lms_csv(None, id="ours", **META),
        lambda tmp: import_lms_csv(5, id="ours", **META),
        lambda tmp: import_lms_csv("a\0b", id="ours", **META),
        lambda tmp: import_lms_csv(csv_file(tmp, GOOD), id=None, **META),
        lambda tmp: import_rif(None, id="ours", **META),
        lambda tmp: import_rif([None], id="ours", **META),
        lambda tmp: export_rif("uk-who", "weight", "male", tmp / "x"),
        lambda tmp: export_rif(UK, 5, "male", tmp / "x"),
        lambda tmp: export_rif(OURS, "weight", "male", tmp / "no such folder" / "x"),
        lambda tmp: export_rif(OURS, "weight", "male", None),
        lambda tmp: make_reference({"weight": [("male", "x", 1, 1, 1)]}, id="ours", **META),
        lambda tmp: make_reference({"weight": [("male", 0, 1, 3, 0.1)]}, id="ours", corrections=5, **META),
        lambda tmp: gw.Reference.load("a\0b"),
    ],
)
def test_wrong_arguments_raise_the_one_error(call: Any, tmp_path: Path) -> None:
    with pytest.raises(GrowthwatchError):
        call(tmp_path)


OURS = make_reference({"weight": [("male", 0, 1, 3.4, 0.1), ("male", 100, 1, 6.4, 0.1)]}, id="ours", **META)
