"""Files in and out that nobody may be misled or overrun by, and a chart of one's own that may not be packaged."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from builders import Child
from hypothesis import given
from hypothesis import strategies as st

import growthwatch as gw
from growthwatch import GrowthwatchError
from growthwatch.core.files import FIGURES_LIMIT
from growthwatch.core.plain import check_plain, is_plain
from growthwatch.references.builders import from_centiles
from growthwatch.references.curves import Table
from growthwatch.references.interchange import import_lms_csv, import_rif, make_reference

T21 = gw.reference("trisomy-21-uk-2002")
META: dict[str, Any] = {
    "title": "Ours",
    "kind": "reference",
    "citation": "Nobody 2026",
    "terms": "none",
    "population": "twelve children",
}

DAY = dt.date(2027, 5, 31)

# --- out and back ----------------------------------------------------------------------------------------------------


def test_export_stores_its_hash(tmp_path: Path) -> None:
    T21.export(tmp_path / "a")
    told = json.loads((tmp_path / "a" / "contents.json").read_text(encoding="utf-8"))
    assert told["hash"] == T21.hash and told["id"] == T21.id and told["correction"] == "paper"
    assert set(told["files"]) == {"reference.toml", *T21.files}
    # Another correction is the same figures with another hash: it is no fault.
    assert gw.Reference.load(tmp_path / "a", correction="none").correction == "none"


@pytest.mark.parametrize("name", ["weight.csv", "bmi.csv", "reference.toml"])
def test_a_changed_file_is_refused_by_name(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "a"
    T21.export(folder)
    file = folder / name
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("\n", "\r\n"), encoding="utf-8", newline="")
    assert gw.Reference.load(folder) == T21  # line ends are no change
    change = (
        text.replace("2002", "2003", 1) if name.endswith("toml") else text[:-2] + str((int(text[-2]) + 1) % 10) + "\n"
    )
    assert change != text
    file.write_text(change, encoding="utf-8")
    with pytest.raises(GrowthwatchError, match=f"{name}.*changed since it was exported") as e:
        gw.Reference.load(folder)
    assert e.value.field == str(file)
    (folder / "contents.json").unlink()
    assert gw.Reference.load(folder) != T21  # on purpose: another reference


def test_a_missing_or_foreign_file_is_refused_by_name(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    T21.export(folder)
    place = folder / "contents.json"
    told = json.loads(place.read_text(encoding="utf-8"))

    def refused(says: str, **more: Any) -> None:
        place.write_text(json.dumps({**told, **more}), encoding="utf-8")
        with pytest.raises(GrowthwatchError, match=says):
            gw.Reference.load(folder)

    refused("hash", hash="sha256:" + "0" * 64)
    refused("gone.csv", files={**told["files"], "gone.csv": "0"})
    refused("files", files={**told["files"], "../a/weight.csv": told["files"]["weight.csv"]})
    refused("weight.csv", files={k: v for k, v in told["files"].items() if k != "weight.csv"})
    refused("unknown key", also=1)
    place.write_text("{", encoding="utf-8")
    with pytest.raises(GrowthwatchError, match=r"contents\.json"):
        gw.Reference.load(folder)


def test_export_writes_wholly_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write, left = Path.write_bytes, [2]

    def full(self: Path, data: bytes) -> int:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(28, "No space left on device")
        return write(self, data)

    adjusted = T21.adjusted(shift=-0.5, because="x", by="Dr A", review_by=DAY)
    for ref in (T21, adjusted):
        left[0] = 2
        monkeypatch.setattr(Path, "write_bytes", full)
        with pytest.raises(GrowthwatchError, match="cannot be written"):
            ref.export(tmp_path / "a")
        monkeypatch.undo()
        assert list(tmp_path.iterdir()) == []
    (tmp_path / "a").mkdir()
    T21.export(tmp_path / "a")  # an empty folder may be there
    assert gw.Reference.load(tmp_path / "a") == T21
    assert [p.name for p in tmp_path.iterdir()] == ["a"]
    with pytest.raises(GrowthwatchError, match="new or empty folder"):
        T21.export(tmp_path / "a")


# --- what a file may hold --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bad", ["\x00", "\x07", "\x1b[2J", "\x7f", "\x85", "\ud800"])
def test_control_characters_are_refused_as_in_records(bad: str) -> None:
    assert not is_plain(f"a{bad}b")
    assert is_plain("a\tb\nc\r\n é \u200d")
    for data in ({"a": {"b": ["x", f"y{bad}"]}}, {f"k{bad}": 1}, [f"{bad}"], {"a": [{f"x{bad}": "y"}]}):
        with pytest.raises(GrowthwatchError, match="control characters"):
            check_plain(data, "here")
    check_plain({"a": [1, 2.0, None, True, "fine"]}, "here")


def test_metadata_of_references_and_protocols_refuse_control_characters(tmp_path: Path) -> None:
    with pytest.raises(GrowthwatchError, match=r"notes: .*control"):
        make_reference({"weight": [("male", 0, 1, 3, 0.1)]}, id="ours", notes="beep \x07", **META)
    with pytest.raises(GrowthwatchError, match=r"title: .*control"):
        make_reference({"weight": [("male", 0, 1, 3, 0.1)]}, id="ours", **{**META, "title": "\x1b[31mred"})
    T21.export(tmp_path / "a")
    (tmp_path / "a" / "contents.json").unlink()
    file = tmp_path / "a" / "reference.toml"
    file.write_text(file.read_text(encoding="utf-8").replace('edition = "', 'edition = "\\u001b', 1), encoding="utf-8")
    with pytest.raises(GrowthwatchError, match=r"reference\.toml: edition: .*control"):
        gw.Reference.load(tmp_path / "a")
    ours = tmp_path / "ours.toml"
    ours.write_text('id = "ours"\ntitle = "a\\u0007"\n', encoding="utf-8")
    with pytest.raises(GrowthwatchError, match=r"ours\.toml: title: .*control"):
        gw.Protocol.load(ours)


@pytest.mark.parametrize("name", ["weight.csv", "reference.toml", "contents.json"])
def test_a_file_that_is_too_long_is_not_read(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "a"
    T21.export(folder)
    if name != "contents.json":
        (folder / "contents.json").unlink()
    with (folder / name).open("r+b") as f:
        f.truncate(FIGURES_LIMIT + 1)  # a hole: it takes no room

    def never(self: Path, *_: Any, **__: Any) -> Any:
        raise AssertionError("read before its size was looked at")

    opened = Path.open

    def guarded(self: Path, *args: Any, **more: Any) -> Any:
        return never(self) if self.name == name else opened(self, *args, **more)

    monkeypatch.setattr(Path, "open", guarded)
    with pytest.raises(GrowthwatchError, match=f"{name}: it has {FIGURES_LIMIT + 1} bytes, expected at most"):
        gw.Reference.load(folder)


def test_files_without_end_are_refused() -> None:
    if not Path("/dev/zero").exists():
        pytest.skip("no such device")
    with pytest.raises(GrowthwatchError, match="no regular file"):
        import_lms_csv("/dev/zero", id="ours", **META)


# --- arguments -------------------------------------------------------------------------------------------------------


_ODD: list[Any] = [[], {}, set(), 0, None, b"x", "\ud800", "a\0b", "", "x\n", "X", [1], object(), float("nan")]


@pytest.mark.parametrize("odd", _ODD, ids=lambda odd: "object" if type(odd) is object else ascii(odd))
@pytest.mark.parametrize("name", ["id", "measure", "sex", "title", "terms", "corrections", "interpolation"])
def test_odd_arguments_of_an_import_are_refused_in_words(name: str, odd: Any, tmp_path: Path) -> None:
    """Only an error of growthwatch's own leaves a reader; what it takes is as good as its file."""
    file = tmp_path / "a.csv"
    file.write_text("sex,age_days,L,M,S\nmale,0,1,3.4,0.1\nmale,9,1,3.6,0.1\n", encoding="utf-8")
    given: dict[str, Any] = {"id": "ours", **META, name: odd}
    try:
        made = import_lms_csv(file, **given)
    except GrowthwatchError as e:
        assert name == "sex" or name in str(e)
    else:
        assert made.id == "ours" and name in ("sex", "corrections", "title", "terms")


def test_missing_arguments_of_the_interchange_format_are_named() -> None:
    for call in (import_rif, lambda: import_rif(5), lambda: import_rif([])):  # type: ignore[arg-type]
        with pytest.raises(GrowthwatchError, match="paths"):
            call()


def test_missing_arguments_of_an_import_are_named(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("sex,age_days,L,M,S\nmale,0,1,3.4,0.1\n", encoding="utf-8")
    with pytest.raises(GrowthwatchError, match="path"):
        import_lms_csv()
    with pytest.raises(GrowthwatchError, match="id, title, kind, citation, terms, population: not given") as e:
        import_lms_csv(file)
    assert e.value.field == "id"
    with pytest.raises(GrowthwatchError, match=r"^kind, terms: not given"):
        import_lms_csv(file, id="ours", title="x", citation="x", population="x")
    with pytest.raises(GrowthwatchError, match=r"nearest: 'title'"):
        import_lms_csv(file, id="ours", **META, tilte="x")
    T21.export(tmp_path / "t21")
    rif = tmp_path / "a.txt"
    rif.write_text(
        "name = nl\nyear = 2009\nyname = wgt\nsex = male\nsub = \ndistribution = LMS\ncitation = x\n[DATA]\nx\tL\tM\tS\n"
        "0\t0.3\t3.4\t0.14\n1\t0.1\t9.6\t0.11\n",
        encoding="utf-8",
    )
    with pytest.raises(GrowthwatchError, match=r"^kind, terms: not given"):
        import_rif(rif, id="ours")
    with pytest.raises(GrowthwatchError, match=r"^title, kind, citation, terms, population: not given"):
        from_centiles([0, 100], [3, 50, 97], {"male": [[2.5, 3.4, 4.3], [5, 6, 7.2]]}, id="ours", most_error_z=1)


# --- a chart that may not be packaged --------------------------------------------------------------------------------

# Invented figures in the form in which Fenton's are published: whole days after the last period.
DAYS = (180, 181, 182, 280, 350)
WEIGHT = {
    180: (0.5, 0.80, 0.20),
    181: (0.5, 0.82, 0.20),
    182: (0.5, 0.85, 0.19),
    280: (0.5, 3.3, 0.13),
    350: (0.5, 6.1, 0.12),
}
LENGTH = {d: (1.0, 33.0 + (d - 180) * 0.16, 0.06) for d in DAYS}
HEAD = {d: (1.0, 23.0 + (d - 180) * 0.1, 0.05) for d in DAYS}


@pytest.fixture
def fenton(tmp_path: Path) -> gw.Reference:
    paths: dict[str, Any] = {}
    for measure, table in (("weight", WEIGHT), ("height", LENGTH), ("head", HEAD)):
        lines = ["sex,postmenstrual_days,L,M,S"]
        lines += [f"{sex},{d},{table[d][0]},{table[d][1]},{table[d][2]}" for sex in ("male", "female") for d in DAYS]
        paths[measure] = tmp_path / f"{measure}.csv"
        paths[measure].write_text("\n".join(lines) + "\n", encoding="utf-8")
    tails = {"weight": "restricted-3sd", "height": "none", "head": "none"}
    return import_lms_csv(paths, id="our-fenton", interpolation="row-below", tail=tails, **META)


def test_the_row_at_or_below_the_age_counts(fenton: gw.Reference) -> None:
    for born, age, day in (
        (180, 0, 180), (180, 0.999, 180), (180, 1, 181), (179, 2, 181), (182, 0, 182), (182, 97, 182), (182, 97.9, 182),
        (182, 98, 280), (200, 149, 280), (200, 150, 350),
    ):  # fmt: skip
        for measure, table in (("weight", WEIGHT), ("height", LENGTH), ("head", HEAD)):
            median = fenton.value(0, age_days=age, sex="f", measure=measure, gestation_days=born)
            assert median == pytest.approx(table[day][1], rel=1e-12), (born, age, measure)
    asked: dict[str, Any] = {"sex": "f", "gestation_days": 200}
    assert fenton.score(6, age_days=[-1, 150, 150.5, 151], **asked).status.tolist() == [
        "before_birth", "ok", "age_above_reference", "age_above_reference",
    ]  # fmt: skip
    assert fenton.score(0.7, age_days=0, sex="f", gestation_days=179).status == "age_below_reference"


def test_only_weight_is_restricted_and_gestation_is_needed(fenton: gw.Reference) -> None:
    power, median, spread = WEIGHT[280]

    def plain(z: float) -> float:
        return median * (1 + power * spread * z) ** (1 / power)

    asked: dict[str, Any] = {"age_days": 80, "sex": "m", "gestation_days": 200}
    assert fenton.z(plain(2.5), **asked) == pytest.approx(2.5)
    assert fenton.value(5, **asked) == pytest.approx(plain(3) + 2 * (plain(3) - plain(2)))
    assert fenton.value(-4, **asked) == pytest.approx(plain(-3) - (plain(-2) - plain(-3)))
    for measure, table in (("height", LENGTH), ("head", HEAD)):
        _, middle, relative = table[280]
        assert fenton.value(5, measure=measure, **asked) == pytest.approx(middle * (1 + 5 * relative))
    assert fenton.score(3, age_days=80, sex="m", gestation_days=[200, np.nan]).status.tolist() == [
        "ok",
        "missing_gestation",
    ]
    with pytest.raises(GrowthwatchError, match="gestation_days"):
        fenton.z(3, age_days=80, sex="m")
    assert fenton.correction == "lifelong" and fenton.info.corrections == ("lifelong",)


def test_it_is_kept_and_drawn_like_any_other(fenton: gw.Reference, tmp_path: Path) -> None:
    fenton.export(tmp_path / "kept")
    assert gw.Reference.load(tmp_path / "kept") == fenton
    adjusted = fenton.adjusted(shift=-0.5, because="x", by="Dr A", review_by=DAY)
    here: dict[str, Any] = {"age_days": 80, "sex": "m", "gestation_days": 200}
    assert adjusted.z(3.0, **here) == pytest.approx(fenton.z(3.0, **here) + 0.5)
    record = Child(gestation_days=200, birth_kg=1.1).weigh(1.6, 40).weigh(3.0, 90).record
    assert gw.chart(record, reference=fenton).png()[:4] == b"\x89PNG"


def test_two_kinds_of_age_or_of_correction_are_refused(tmp_path: Path) -> None:
    a, b = tmp_path / "a.csv", tmp_path / "b.csv"
    a.write_text("sex,postmenstrual_weeks,L,M,S\nmale,40,1,3.4,0.1\nmale,41,1,3.6,0.1\n", encoding="utf-8")
    b.write_text("sex,age_days,L,M,S\nmale,0,1,35,0.1\nmale,7,1,36,0.1\n", encoding="utf-8")
    with pytest.raises(GrowthwatchError, match="ages of one kind"):
        import_lms_csv({"weight": a, "head": b}, id="ours", **META)
    with pytest.raises(GrowthwatchError, match="corrections"):
        import_lms_csv(a, id="ours", corrections=("paper",), **META)
    with pytest.raises(GrowthwatchError, match="tail"):
        import_lms_csv(a, id="ours", tail={"head": "none"}, **META)
    with pytest.raises(GrowthwatchError, match="path"):
        import_lms_csv({}, id="ours", **META)
    weeks = import_lms_csv(a, id="ours", **META)
    assert weeks.value(0, age_days=3.5, sex="m", gestation_days=280) == pytest.approx(3.5)


# ---------------------------------------------------------------- a curve between its figures


def turner(folder: Path, old: str, new: str) -> Path:
    """The packaged reference of Turner syndrome with one figure changed."""
    place = shutil.copytree(
        Path(__file__).parents[2] / "growthwatch" / "references" / "data" / "turner-uk-1985", folder / "own"
    )
    figures = place / "height.csv"
    text = figures.read_text(encoding="utf-8")
    assert text.count(old) == 1
    figures.write_text(text.replace(old, new), encoding="utf-8")
    return place


def test_a_slip_in_one_figure_that_bends_the_curve_below_nothing_is_refused(tmp_path: Path) -> None:
    """A cubic through 110.67 cm typed as 4017.75 falls below 0 beside it: every child there had no score, status ok."""
    place = turner(tmp_path, ",2922,1,110.67,", ",2922,1,4017.75,")
    with pytest.raises(gw.GrowthwatchError, match=r"M between its figures, at age_days .* stays above 0"):
        gw.Reference.load(place).score(110.0, age_days=2400, sex="female", measure="height")


@pytest.mark.parametrize("figure", ["80.5", "110.67", "140.0"])
def test_a_figure_that_only_bends_it_is_read(tmp_path: Path, figure: str) -> None:
    made = gw.Reference.load(turner(tmp_path, ",2922,1,110.67,", f",2922,1,{figure},"))
    assert made.score(float(figure), age_days=2922, sex="female", measure="height").z == pytest.approx(0, abs=1e-9)


@given(st.lists(st.floats(0.5, 200), min_size=4, max_size=9), st.integers(0, 2**32))
def test_the_lowest_place_of_a_curve_is_where_no_other_is_lower(figures: list[float], seed: int) -> None:
    """Held against ten thousand places of the curve."""
    knots = np.cumsum(np.random.default_rng(seed).uniform(1, 400, len(figures)))
    table = Table(knots, np.array(figures)[:, None], "lagrange-4")
    at, least = table.lowest(0)
    everywhere = table.at(np.linspace(knots[0], knots[-1], 10_000))[0]
    size = np.abs(everywhere).max()
    assert least <= everywhere.min() + 1e-9 * size
    assert table.at(np.array([at]))[0][0] == pytest.approx(least, abs=1e-9 * size)
    straight = Table(knots, np.array(figures)[:, None], "linear")
    assert straight.lowest(0)[1] == min(figures)
