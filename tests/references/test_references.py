"""References: what each is, how a folder is read and refused, hashes, immutability."""

from __future__ import annotations

import copy
import importlib
import pickle
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import independent
import numpy as np
import pytest
from births import facts

import growthwatch as gw
from growthwatch import GrowthwatchError, Reference
from growthwatch.references import Catalogue
from growthwatch.references.metadata import corrections

catalogue = importlib.import_module("growthwatch.references.catalogue")

PACKAGED = independent.DATA
IDS = [r.id for r in gw.references()]
SIZES = [r.id for r in gw.references() if not r.of_increments]


# --- catalogue ---------------------------------------------------------------------------------


def test_catalogue_is_what_lies_in_the_folder() -> None:
    assert sorted(p.parent.name for p in PACKAGED.glob("*/reference.toml")) == IDS
    assert {"uk-who", "who-2006"} <= set(IDS)
    assert gw.references().ids == tuple(IDS)
    for info in gw.references():
        assert info.terms
        assert info.citation
        assert info.origin
        assert info.limits_source
        if not info.of_increments:
            assert gw.reference(info.id).info == info
    assert {r.kind for r in gw.references() if r.id.startswith("cp-")} == {"descriptive"}


def test_catalogue_is_searched_and_shown() -> None:
    cp = ("cp-gmfcs-1", "cp-gmfcs-2", "cp-gmfcs-3", "cp-gmfcs-4", "cp-gmfcs-5-oral", "cp-gmfcs-5-tube")
    assert gw.references(condition="Cerebral").ids == cp
    general = gw.references(condition="").ids
    assert {"uk-who", "who-2006", "who", "uk90", "cdc-2000"} < set(general)
    assert not {i for i in general if i.startswith(("cp-", "trisomy", "turner", "noonan", "achondro"))}
    trisomy = ("trisomy-21-nl-2012", "trisomy-21-uk-2002", "trisomy-21-us-2015")
    assert gw.references(condition="trisomy", measure="weight").ids == trisomy
    assert set(gw.references(measure="weight-for-length").ids) == {
        "cdc-2000", "intergrowth-preterm", "preterm-cz-2015", "trisomy-21-us-2015", "who", "who-2006",
    }  # fmt: skip
    with pytest.raises(GrowthwatchError, match="measure"):
        gw.references(measure="shoe size")
    whole = gw.references()
    assert isinstance(whole[:2], Catalogue)
    assert whole[0].id == IDS[0]
    text = repr(whole)
    assert all(i in text for i in IDS)
    html = whole._repr_html_()
    assert "<table>" in html
    assert "&#39;" in html and "'" not in html.partition("</style>")[2]  # escaped
    assert all(row[-1] for row in whole.rows())


def forget() -> None:
    catalogue.folders.cache_clear()
    catalogue.packaged.cache_clear()


def test_an_empty_data_folder_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "data_folder", lambda: tmp_path)
    forget()
    try:
        assert len(gw.references()) == 0
        with pytest.raises(GrowthwatchError, match="reference"):
            gw.reference("uk-who")
        own = tmp_path.parent / "own"
        shutil.copytree(PACKAGED / "who-2006", own)
        assert Reference.load(own).z(9.0, age_days=300, sex="m") == pytest.approx(-0.07, abs=0.5)
        monkeypatch.setattr(catalogue, "data_folder", lambda: tmp_path / "none")
        forget()
        assert gw.references().ids == ()
    finally:
        forget()


def test_a_packaged_folder_bears_its_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(PACKAGED / "who-2006", tmp_path / "other")
    monkeypatch.setattr(catalogue, "data_folder", lambda: tmp_path)
    forget()
    try:
        with pytest.raises(GrowthwatchError, match="name of its folder"):
            gw.references()
    finally:
        forget()


def test_ids_and_corrections() -> None:
    plain = gw.reference("uk-who")
    assert (plain.id, plain.correction) == ("uk-who", "paper")
    assert gw.reference("uk-who", correction="paper") is plain
    lifelong = gw.reference("uk-who", correction="lifelong")
    assert lifelong.id == "uk-who+lifelong"
    assert gw.reference("uk-who+lifelong") == lifelong
    assert gw.reference(lifelong.id) == lifelong
    assert len({gw.reference("uk-who", c).hash for c in ("paper", "lifelong", "none")}) == 3
    assert gw.reference("cp-gmfcs-5-tube").correction == "none"
    for wrong in ("uk-whoo", "UK-WHO", "", "uk-who+", "uk-who+paperr", "../uk-who", 7, None):
        with pytest.raises(GrowthwatchError):
            gw.reference(wrong)  # type: ignore[arg-type]
    with pytest.raises(GrowthwatchError, match="who-2006"):
        gw.reference("nowhere")
    with pytest.raises(GrowthwatchError, match="correction"):
        gw.reference("uk-who", correction="always")
    with pytest.raises(GrowthwatchError, match="correction"):
        gw.reference("uk-who+lifelong", correction="none")
    with pytest.raises(GrowthwatchError, match="correction"):
        gw.reference("cp-gmfcs-5-tube", correction="paper")


def test_corrections_have_a_source() -> None:
    made = corrections()
    for name in ("paper", "lifelong", "none"):
        assert made.named(name).source
        assert made.named(name).tag in "NGL"
    assert (made.gestation.least_days, made.gestation.most_days) == (22 * 7, 44 * 7 + 6)


def test_the_code_knows_no_reference_by_name() -> None:
    room = Path(catalogue.__file__).parent
    for path in room.glob("*.py"):
        code = re.sub(r'""".*?"""', "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        code = re.sub(r"#.*", "", code)
        for line in code.splitlines():
            if "raise GrowthwatchError" in line or "GrowthwatchError.of" in line:
                continue
            for name in [*IDS, "uk90", "uk_who", "trisomy"]:
                assert f'"{name}"' not in line, (path.name, line)
        for number in ("1461", "730.5", "365.25", "259", "224"):
            assert not re.search(rf"\b{re.escape(number)}\b", code), (path.name, number)


def test_spans() -> None:
    uk = gw.reference("uk-who")
    assert uk.span() == (-119, 7305)
    assert uk.span("head", "m") != uk.span("head", "f")
    assert gw.reference("who-2006").span("weight-for-length") == (45, 110)
    head_end = uk.span("head", "f")[1]  # type: ignore[index]
    s = uk.score([55.0, 55.0], age_days=head_end + 10, sex=["f", "m"], measure="head")
    assert s.status.tolist() == ["age_above_reference", "ok"]


# --- immutable, hashable, shared ------------------------------------------------------------------


def test_a_reference_never_changes() -> None:
    ref = gw.reference("uk-who")
    for act in (
        lambda: setattr(ref, "hash", "x"),
        lambda: setattr(ref, "_hash", "x"),
        lambda: setattr(ref, "new", 1),
        lambda: delattr(ref, "_hash"),
    ):
        with pytest.raises(AttributeError):
            act()
    with pytest.raises(TypeError, match="never changes"):
        ref.info.measures["weight"] = ref.info.measures["head"]
    with pytest.raises(TypeError, match="never changes"):
        ref.info.measures.pop("weight")
    with pytest.raises(TypeError, match="never changes"):
        ref.info.measures.update({})
    with pytest.raises(ValueError, match="frozen"):
        ref.info.title = "x"  # type: ignore[misc]
    assert isinstance(ref.info.measures["weight"].tables, tuple)
    assert isinstance(ref.info.corrections, tuple)


@pytest.mark.parametrize("id", [*SIZES, "uk-who+lifelong"])
def test_pickle_copy_equality(id: str) -> None:
    ref = gw.reference(id)
    measure = ref.measures[0]
    span = ref.span(measure, "f")
    assert span is not None
    asked: dict[str, Any] = {"corrected_age_days": sum(span) / 2, "sex": "f", "measure": measure, **facts(ref)}
    middle = ref.value(0.5, **asked)
    for other in (pickle.loads(pickle.dumps(ref)), copy.copy(ref), copy.deepcopy(ref)):
        assert other == ref
        assert hash(other) == hash(ref)
        assert (other.id, other.hash, other.info) == (ref.id, ref.hash, ref.info)
        assert repr(other) == repr(ref)
        assert other.z(middle, **asked) == ref.z(middle, **asked) == pytest.approx(0.5)
    assert ref != gw.reference("uk-who", correction="none")
    assert ref != ref.hash
    assert pickle.loads(pickle.dumps(ref.info)) == ref.info
    assert copy.deepcopy(ref.info) == ref.info


def test_threads_agree() -> None:
    def ask(ref: Reference) -> np.ndarray:
        return ref.z(np.linspace(3, 15, 500), age_days=np.arange(500), sex="f")

    kept = pickle.dumps(gw.reference("uk-who"))
    for _ in range(5):
        fresh = pickle.loads(kept)  # with no figures read yet
        with ThreadPoolExecutor(8) as pool:
            made = list(pool.map(ask, [fresh] * 16))
        assert all(np.array_equal(m, ask(gw.reference("uk-who"))) for m in made)


# --- a folder of one's own -----------------------------------------------------------------------


@pytest.fixture
def own(tmp_path: Path) -> Path:
    folder = tmp_path / "our-reference"
    shutil.copytree(PACKAGED / "uk-who", folder)
    edit(folder / "reference.toml", 'id = "uk-who"', 'id = "our-reference"')
    return folder


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text, old
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_own_folder_works(own: Path) -> None:
    ref = Reference.load(own)
    assert ref.id == "our-reference"
    assert Reference.load(str(own), correction="lifelong").id == "our-reference+lifelong"
    assert ref.hash != gw.reference("uk-who").hash
    assert ref.z(9.0, age_days=300, sex="f") == gw.reference("uk-who").z(9.0, age_days=300, sex="f")
    assert Reference.load(PACKAGED / "uk-who") == gw.reference("uk-who")


def line(path: Path, number: int, change: Callable[[list[str]], list[str]]) -> None:
    lines = path.read_text(encoding="utf-8").split("\n")
    lines[number - 1] = ",".join(change(lines[number - 1].split(",")))
    path.write_text("\n".join(lines), encoding="utf-8")


def remove_lines(path: Path, start: str) -> None:
    kept = [row for row in path.read_text(encoding="utf-8").split("\n") if not row.startswith(start)]
    path.write_text("\n".join(kept), encoding="utf-8")


TOML_FAULTS: list[tuple[str, str, list[str]]] = [
    ('kind = "reference"', 'kind = "guess"', ["kind", "descriptive"]),
    ('edition = "2009"', 'edition = "2009"\nversion = 3', ["version", "unknown key"]),
    ('edition = "2009"\n', "", ["edition", "required"]),
    ('edition = "2009"', "edition = 2009", ["edition", "2009", "text"]),
    ("layout = 1", "layout = 2", ["layout"]),
    ('id = "our-reference"', 'id = "Our Reference"', ["id", "small letters"]),
    ('terms = "', 'terms = ""\n# "', ["terms"]),
    ('default_correction = "paper"', 'default_correction = "lifetime"', ["default_correction"]),
    ('["paper", "lifelong", "none"]', '["lifelong", "none"]', ["default_correction", "lifelong"]),
    ("advisory_z = 4", "advisory_z = -4", ["measures.weight.advisory_z"]),
    ("advisory_z = 4", "advisory_z = inf", ["measures.weight.advisory_z"]),
    ("advisory_z = 4", 'advisory_z = "4"', ["measures.weight.advisory_z"]),
    ('interpolation = "lagrange-4"', 'interpolation = "spline"', ["measures.weight.interpolation"]),
    ('tail = "none"', 'tail = "who"', ["measures.weight.tail"]),
    ("from = 14\nuntil = 1461", "from = 15\nuntil = 1461", ["measures.weight.tables.who.from", "14", "gap"]),
    ("from = 14\nuntil = 1461", "from = nan\nuntil = 1461", ["measures.weight.tables"]),
    ("until = 14\n", "until = 1461\n", ["measures.weight.tables.who.from"]),
    ("from = 14\nuntil = 1461", "from = 14\nuntil = 10", ["measures.weight.tables.who.until", "more than"]),
    ('id = "who"', 'id = "uk90"', ["measures.weight.tables", "once"]),
    ('file = "weight.csv"', 'file = "../weight.csv"', ["measures.weight.file", "same folder"]),
    ('file = "weight.csv"', 'file = "/etc/passwd"', ["measures.weight.file", "same folder"]),
    ('file = "weight.csv"', 'file = ".."', ["measures.weight.file", "same folder"]),
    ('file = "weight.csv"', "file = 'a\\weight.csv'", ["measures.weight.file", "same folder"]),
    ('file = "weight.csv"', 'file = "gone.csv"', ["measures.weight.file", "gone.csv"]),
    ("standing_from_age_days = 730.5", 'standing_from_age_days = 730.5\nexpects = "lying"', ["height.position"]),
    ("layout = 1", "layout = 1\nlayout = 1", ["not valid TOML"]),
    ("layout = 1", "layout", ["not valid TOML"]),
]


@pytest.mark.parametrize(("old", "new", "said"), TOML_FAULTS)
def test_faults_of_metadata_are_named(own: Path, old: str, new: str, said: list[str]) -> None:
    edit(own / "reference.toml", old, new)
    with pytest.raises(GrowthwatchError) as caught:
        Reference.load(own)
    for part in said if "file =" in old else ["reference.toml", *said]:
        assert part in str(caught.value)
    assert caught.value.field


FIGURE_FAULTS: list[tuple[Callable[[Path], None], list[str]]] = [
    (lambda f: line(f, 1, lambda r: [*r[:3], "M", "L", "S"]), ["line 1", "table,sex,age_days,L,M,S"]),
    (lambda f: line(f, 1, lambda r: r[:5]), ["line 1"]),
    (lambda f: line(f, 5, lambda r: r[:5]), ["line 5", "6 columns"]),
    (lambda f: line(f, 5, lambda r: [*r, "1"]), ["line 5", "6 columns"]),
    (lambda f: line(f, 5, lambda r: [*r[:4], "heavy", r[5]]), ["line 5", "heavy", "numbers"]),
    (lambda f: line(f, 5, lambda r: [*r[:4], "", r[5]]), ["line 5", "numbers"]),
    (lambda f: line(f, 5, lambda r: [*r[:4], "1_0", r[5]]), ["line 5", "1_0"]),
    (lambda f: line(f, 5, lambda r: [*r[:4], "nan", r[5]]), ["line 5", "finite"]),
    (lambda f: line(f, 5, lambda r: [*r[:3], "inf", *r[4:]]), ["line 5", "finite"]),
    (lambda f: line(f, 5, lambda r: [*r[:4], "0", r[5]]), ["line 5", "positive M"]),
    (lambda f: line(f, 5, lambda r: [*r[:4], "-1.2", r[5]]), ["line 5", "positive M"]),
    (lambda f: line(f, 5, lambda r: [*r[:5], "0"]), ["line 5", "positive M and S"]),
    (lambda f: line(f, 5, lambda r: [*r[:2], "-112", *r[3:]]), ["line 5", "age_days", "greater"]),
    (lambda f: line(f, 5, lambda r: ["elsewhere", *r[1:]]), ["line 5", "elsewhere", "one of"]),
    (lambda f: line(f, 5, lambda r: [r[0], "M", *r[2:]]), ["line 5", "sex", "male or female"]),
    (lambda f: remove_lines(f, "who,"), ["table", "who", "at least one line"]),
    (lambda f: remove_lines(f, "who,male"), ["who, male", "no hole"]),
    (lambda f: remove_lines(f, "uk90,male,1461"), ["table uk90", "figures from 1461"]),
    (lambda f: f.write_bytes(b"\xff\xfe"), ["UTF-8"]),
    (lambda f: f.write_bytes(b""), ["line 1"]),
]


@pytest.mark.parametrize(("spoil", "said"), FIGURE_FAULTS)
def test_faults_of_figures_are_named(own: Path, spoil: Callable[[Path], None], said: list[str]) -> None:
    spoil(own / "weight.csv")
    with pytest.raises(GrowthwatchError) as caught:
        Reference.load(own)
    for part in ["weight.csv", *said]:
        assert part in str(caught.value)


def test_a_daily_table_has_every_day(tmp_path: Path) -> None:
    shutil.copytree(PACKAGED / "who-2006", tmp_path / "own")
    remove_lines(tmp_path / "own" / "weight.csv", "who-2006,female,700,")
    with pytest.raises(GrowthwatchError, match=r"female.*every whole day"):
        Reference.load(tmp_path / "own")


def test_a_missing_folder_or_file_is_named(tmp_path: Path, own: Path) -> None:
    with pytest.raises(GrowthwatchError, match=r"nowhere.*existing folder"):
        Reference.load(tmp_path / "nowhere")
    with pytest.raises(GrowthwatchError, match="existing folder"):
        Reference.load(own / "weight.csv")
    with pytest.raises(GrowthwatchError, match=r"reference\.toml"):
        Reference.load(tmp_path)
    (own / "reference.toml").write_bytes(b"\xff")
    with pytest.raises(GrowthwatchError, match=r"reference\.toml: not UTF-8"):
        Reference.load(own)


def test_a_reference_of_one_sex(own: Path) -> None:
    for path in own.glob("*.csv"):
        kept = [row for row in path.read_text(encoding="utf-8").split("\n") if ",male," not in row]
        path.write_text("\n".join(kept), encoding="utf-8")
    ref = Reference.load(own)
    assert ref.span("weight", "male") is None
    for age in (300, 300.5):
        s = ref.score([9.0, 9.0], age_days=age, sex=["m", "f"])
        assert s.status.tolist() == ["sex_not_covered", "ok"]
        assert np.isnan(s.z).tolist() == [True, False]
    assert np.isnan(ref.value(0, age_days=300, sex=["m", "f"])).tolist() == [True, False]
    many = ref.score(np.full(50_000, 9.0), age_days=300, sex=np.array(["f", "m"])[(np.arange(50_000) == 3) * 1])
    assert (many.status == "sex_not_covered").sum() == 1
    assert many.z[0] == gw.reference("uk-who").z(9.0, age_days=300, sex="f")
    assert ref.change([9.0, 9.1], age_days=[300, 310], sex="m").status.tolist() == ["sex_not_covered"] * 2


# --- content hash -------------------------------------------------------------------------------


def test_line_ends_do_not_change_the_hash(own: Path) -> None:
    before = Reference.load(own)
    for path in own.iterdir():
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    after = Reference.load(own)
    assert after.hash == before.hash
    assert after.z(9.0, age_days=300, sex="f") == before.z(9.0, age_days=300, sex="f")


@pytest.mark.parametrize(
    "act",
    [
        lambda f: line(f / "weight.csv", 300, lambda r: [*r[:5], r[5] + "1"]),
        lambda f: line(f / "weight.csv", 300, lambda r: [*r[:5], r[5] + "0"]),
        lambda f: edit(f / "reference.toml", "2 weeks", "3 weeks"),
        lambda f: edit(f / "reference.toml", "Ask RCPCH", "Do not ask RCPCH"),
        lambda f: edit(f / "reference.toml", "advisory_z = 4", "advisory_z = 5"),
        lambda f: edit(f / "reference.toml", 'reason = "42 weeks:', 'reason = "six weeks:'),
        lambda f: edit(f / "reference.toml", 'id = "our-reference"', 'id = "our-references"'),
        lambda f: edit(f / "reference.toml", 'interpolation = "lagrange-4"', 'interpolation = "linear"'),
        lambda f: edit(f / "reference.toml", 'kind = "reference"', 'kind = "descriptive"'),
    ],
)
def test_any_change_changes_the_hash(own: Path, act: Callable[[Path], None]) -> None:
    before = Reference.load(own).hash
    assert Reference.load(own).hash == before
    act(own)
    assert Reference.load(own).hash != before


def test_a_rule_of_correction_is_part_of_the_hash(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = importlib.import_module("growthwatch.references.source")
    before = {c: Reference.load(own, c).hash for c in ("paper", "lifelong", "none")}
    assert len(set(before.values())) == 3
    made = corrections()
    first = made.paper.rules[0].model_copy(update={"until_corrected_age_days": 731.0})
    paper = made.paper.model_copy(update={"rules": (first, *made.paper.rules[1:])})
    monkeypatch.setattr(module, "corrections", lambda: made.model_copy(update={"paper": paper}))
    assert Reference.load(own, "paper").hash != before["paper"]
    assert Reference.load(own, "none").hash == before["none"]


def test_hashes_are_the_same_in_every_process() -> None:
    code = "import growthwatch as gw; print(*(gw.reference(i.id).hash for i in gw.references() if not i.of_increments))"
    runs = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("0", "7")
    }
    assert runs == {" ".join(gw.reference(i).hash for i in SIZES) + "\n"}
    for i in SIZES:
        assert re.fullmatch(r"sha256:[0-9a-f]{64}", gw.reference(i).hash)
        assert gw.reference(i).label.hash[7:15] in repr(gw.reference(i))


# --- the page about them -------------------------------------------------------------------------


def test_examples_of_the_page_run() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "references.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert len(blocks) >= 6
    names: dict[str, Any] = {}
    for block in blocks:
        exec(compile(block, "docs/references.md", "exec"), names)
    assert names["c"].since_previous[2] == pytest.approx(-0.005, abs=0.01)
    assert names["ref"].corrected_age(400, gestation_days=200) == 320.0
    assert names["ours"].id == "our-clinic"


def test_the_page_names_every_reference_and_status() -> None:
    from growthwatch.core.status import STATUS_WORDS

    page = (Path(__file__).resolve().parents[2] / "docs" / "references.md").read_text(encoding="utf-8")
    for word in (*IDS, *STATUS_WORDS):
        assert f"`{word}`" in page
