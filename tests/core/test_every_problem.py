"""One file or argument with three faults lists three, whichever reader was given it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from own_protocols import header

import growthwatch as gw
from growthwatch.caseload.mapping import Mapping
from growthwatch.core.calendar import WorkingCalendar
from growthwatch.core.errors import GrowthwatchError
from growthwatch.protocol.file.signing import Signature
from growthwatch.protocol.stories import read_story
from growthwatch.protocol.stories.story import check_rules
from growthwatch.references.increments import Increments
from growthwatch.references.making import import_lms_csv

ROOT = Path(__file__).parents[2]
DATA = ROOT / "growthwatch" / "references" / "data"
STORY = (ROOT / "tests" / "protocol_cases" / "stories" / "g10-brooks.toml").read_text(encoding="utf-8")
CALENDAR = (ROOT / "growthwatch" / "core" / "data" / "england-bank-holidays.toml").read_text(encoding="utf-8")
EVENT = {"id": "w1", "type": "weighed", "on": "2024-01-09", "recorded_at": "2024-01-09T14:30:00Z", "actor": "hv1", "role": "gp", "weight_kg": 9.62}  # fmt: skip
SIGNED = Signature.of("uk-hv", "0.4", "sha256:" + "0" * 64, by="A", role="gp", on=dt.date(2024, 1, 1)).to_toml()


def problems(make: Callable[[], object]) -> list[str]:
    """Where each problem is: the end of the field, without the place of the file."""
    with pytest.raises(GrowthwatchError) as caught:
        make()
    error = caught.value
    # The error is that of its first problem, and each has a sentence of its own.
    assert error.field is not None and error.problems[0].value == error.value
    assert all(p.sentence.strip() and p.expected for p in error.problems)
    return [(p.field or "").rpartition(": ")[2] for p in error.problems]


def changed(text: str, *changes: tuple[str, str]) -> str:
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def written(folder: Path, text: str, name: str = "f.toml") -> Path:
    place = folder / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, encoding="utf-8")
    return place


# ---------------------------------------------------------------- records


def test_a_record() -> None:
    wrong = {**EVENT, "on": "2024-02-30", "weight_kg": -1, "zzz": 1}
    assert problems(lambda: gw.Record("c", [wrong])) == ["events[0].on", "events[0].weight_kg", "events[0].zzz"]
    whole = gw.Record("c", [EVENT]).to_dict() | {"events": [wrong, {**EVENT, "id": "w2", "role": "wizard"}]}
    assert len(problems(lambda: gw.Record.loads(json.dumps(whole)))) == 4


# ---------------------------------------------------------------- protocols


def test_a_protocol_file(tmp_path: Path) -> None:
    text = changed(
        (ROOT / "growthwatch" / "protocols" / "uk-hv.toml").read_text(encoding="utf-8"),
        ("[[rules]]", '[[rules]]\nzzz = 1\n\n[[rules]]\nid = "Q1"\nkind = "no kind"\n\n[[rules]]'),
        ("zone =", "zoon ="),
    )
    assert len(problems(lambda: gw.Protocol.load(written(tmp_path, text)))) >= 3


def test_a_file_that_extends_another(tmp_path: Path) -> None:
    sets = "".join(
        f'\n[[set]]\npath = "{path}"\nvalue = {value}\nsource = "Board"\ntag = "L"\nreview_by = 2027-12-31\n'
        for path, value in (("rules[G9].zzz", 1), ("rules[QQ].title", '"x"'), ("zzz", 3))
    )
    assert len(problems(lambda: gw.Protocol.load(written(tmp_path, header() + sets)))) == 3


def test_a_signature(tmp_path: Path) -> None:
    three = changed(SIGNED, ("schema = 1", "schema = 2"), ('"gp"', '"wizard"'), ("sha256:", "md5:"))
    assert problems(lambda: Signature.load(written(tmp_path, three))) == ["schema", "protocol.hash", "role"]
    unsaid = changed(SIGNED, ("schema = 1\n", ""), ("on = 2024-01-01", "on = 7"), ("by =", "bye ="))
    assert set(problems(lambda: Signature.load(written(tmp_path, unsaid)))) == {"schema", "on", "by", "bye"}


def test_a_mapping() -> None:
    data = {"role": "wizard", "colour": "red", "fields": [{"name": "a", "means": "wieght"}]}
    assert {"role", "colour", "fields.1.means"} <= set(problems(lambda: Mapping.from_dict(data)))


# ---------------------------------------------------------------- stories


def test_a_story_has_all_wrong_keys_of_its_own_tables(tmp_path: Path) -> None:
    three = changed(STORY, ("title =", "titel ="), ("schema = 1", "schema = 3"), ('"G10"]', '"G10", 3]'))
    assert set(problems(lambda: read_story(written(tmp_path, three)))) == {"titel", "schema", "scope"}
    assert set(problems(lambda: read_story(written(tmp_path, 'title = "x"\nzzz = 1\n')))) >= {
        "schema", "id", "scope", "given", "then", "zzz",
    }  # fmt: skip


def test_a_story_has_all_wrong_keys_of_an_entry_and_of_several(tmp_path: Path) -> None:
    entry = '\n[[then]]\non = 2031-01-01\nopns = ["G10@start"]\npoints = -1\ntier = "T9"\n\n[[then]]\nsays = 3\n'
    found = problems(lambda: read_story(written(tmp_path, STORY + entry)))
    assert found == ["opns", "points", "tier", "on", "says"]
    late = "\n[[then]]\non = 2031-01-01\n\n[[then]]\non = 2030-01-01\n\n[[then]]\non = 2029-01-01\n"
    assert problems(lambda: read_story(written(tmp_path, STORY + late))) == ["on", "on"]
    given = changed(STORY, ("gmfcs = 3", "gmfcs = 9"), ('sex = "female"', 'sex = "x"'), ("schema = 1", 'schema = "1"'))
    assert {f.split(".")[-1] for f in problems(lambda: read_story(written(tmp_path, given)))} == {"gmfcs", "sex", "schema"}  # fmt: skip


def test_a_story_names_every_rule_that_is_none(tmp_path: Path) -> None:
    beyond = '\n[[then]]\non = 2031-01-01\nopens = ["Z1@start", "Z2@start"]\ncloses = ["Z3@start"]\n'
    assert problems(lambda: read_story(written(tmp_path, STORY + beyond))) == ["opens", "opens", "closes"]
    of = changed(STORY, ('["G10"]', '["G10", "Z1", "Z2", "Z3"]'))
    story = read_story(written(tmp_path, of + '\n[[then]]\non = 2031-01-01\nopens = ["Z1@start"]\n'))
    assert problems(lambda: check_rules(story, gw.protocol("uk-hv"))) == ["scope", "scope", "scope", "opens"]


# ---------------------------------------------------------------- references and calendars


def reference(folder: Path, toml: str, figures: str | None = None) -> Callable[[], object]:
    source = DATA / "turner-uk-1985"
    written(folder, toml, "reference.toml")
    written(folder, (source / "height.csv").read_text(encoding="utf-8") if figures is None else figures, "height.csv")
    return lambda: gw.Reference.load(folder)


TURNER = (DATA / "turner-uk-1985" / "reference.toml").read_text(encoding="utf-8")


def test_the_metadata_of_a_reference(tmp_path: Path) -> None:
    three = changed(TURNER, ("title =", "titel ="), ("layout = 1", 'layout = "x"'))
    assert set(problems(reference(tmp_path, three))) == {"titel", "title", "layout"}


def test_what_no_key_of_a_reference_says_alone(tmp_path: Path) -> None:
    # No such correction; a closed form without figures of one; no gap between tables; a table that is there twice.
    more = 'from = 400\nuntil = 300\n\n[[measures."height".tables]]\nid = "turner-uk-1985"\nfrom = 900\n'
    three = changed(TURNER, ('default_correction = "none"', 'default_correction = "lifelong"')) + more
    assert problems(reference(tmp_path, three)) == [
        "default_correction", "measures.height.tables", "measures.height.tables.turner-uk-1985.until",
        "measures.height.tables.turner-uk-1985.from",
    ]  # fmt: skip


def test_the_figures_of_a_reference(tmp_path: Path) -> None:
    lines = (DATA / "turner-uk-1985" / "height.csv").read_text(encoding="utf-8").splitlines()
    for n, line in ((3, "a;b"), (5, "x,female,1,1,1,1"), (7, lines[7].replace("female", "girl"))):
        lines[n] = line
    assert problems(reference(tmp_path, TURNER, "\n".join(lines) + "\n")) == ["line 4", "line 6, table", "line 8, sex"]


def test_increments(tmp_path: Path) -> None:
    source = DATA / "who-velocity-2009"
    for file in source.iterdir():
        written(tmp_path, file.read_text(encoding="utf-8"), file.name)
    (figures,) = sorted(source.glob("*.csv"))[:1]
    lines = figures.read_text(encoding="utf-8").splitlines()
    lines[2], lines[4], lines[6] = "a", lines[4].replace("male", "boy"), lines[6] + ",7"
    written(tmp_path, "\n".join(lines) + "\n", figures.name)
    found = problems(lambda: Increments.load(tmp_path))
    assert [f for f in found if f.startswith("line")] == ["line 3", "line 5", "line 7"]


def test_a_csv_of_figures_and_what_a_reference_is_made_of(tmp_path: Path) -> None:
    place = written(tmp_path, "sex,age_days,L,M,S\nx,1,1,1,1\nmale,a,1,1,1\nmale,3,1,-1,1\nmale,4,1\n", "t.csv")
    more = {"title": "t", "kind": "reference", "citation": "c", "terms": "t", "population": "p"}
    found = problems(lambda: import_lms_csv({"weight": place}, id="own", **more))
    assert [f.partition(",")[0] for f in found] == ["line 2", "line 3", "line 4", "line 5"]
    assert len(problems(lambda: import_lms_csv({"weight": place}, id="own", titel="x", colour="red"))) >= 3


def test_a_folder_that_was_exported_and_changed(tmp_path: Path) -> None:
    place = tmp_path / "out"
    gw.reference("turner-uk-1985").export(place)
    told = json.loads((place / "contents.json").read_text(encoding="utf-8"))
    told["files"] |= {"height.csv": "0" * 64, "reference.toml": "1" * 64, "weight.csv": "2" * 64}
    (place / "contents.json").write_text(json.dumps(told), encoding="utf-8")
    assert len(problems(lambda: gw.Reference.load(place))) == 3


def test_a_calendar(tmp_path: Path) -> None:
    three = changed(CALENDAR, ("schema = 1", "schema = 9"), ("id =", "name ="), ("weekend = [", 'weekend = "x" #'))
    assert set(problems(lambda: WorkingCalendar.load(written(tmp_path, three)))) == {"schema", "id", "name", "weekend"}
    days = dict.fromkeys(("2024-01-01", "2031-01-01", "2032-01-01"), "x")
    with pytest.raises(GrowthwatchError) as caught:
        WorkingCalendar(
            "c", dt.date(2024, 1, 1), dt.date(2024, 12, 31), ("sunday", "sonntag"),
            tuple((dt.date.fromisoformat(d), n) for d, n in days.items()),
        )  # fmt: skip
    assert [p.field for p in caught.value.problems] == ["weekend", "holidays", "holidays"]


def test_one_fault_reads_as_it_did(tmp_path: Path) -> None:
    """One fault is one problem, and its sentence is the message."""
    for make in (
        lambda: read_story(written(tmp_path, changed(STORY, ("title =", "titel =")))),
        lambda: Signature.load(written(tmp_path, changed(SIGNED, ("schema = 1", "schema = 2")))),
        lambda: WorkingCalendar.load(written(tmp_path, changed(CALENDAR, ("schema = 1", "schema = 9")))),
    ):
        with pytest.raises(GrowthwatchError) as caught:
            make()
        error: Any = caught.value
        assert len(error.problems) == 1 and error.problems[0].sentence == str(error)
