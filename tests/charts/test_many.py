"""Charts of many children: small multiples, a change of protocol, and a folder of charts."""

from __future__ import annotations

import csv
import datetime as dt
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from builders import HV, Child
from own_protocols import changed
from pictures import artists, collisions, outside, places, said, texts

import growthwatch as gw
from growthwatch.charts import chart
from growthwatch.charts.multiples_facts import MOST
from growthwatch.core.errors import GrowthwatchError
from growthwatch.record import Record

DAY = dt.date(2024, 12, 1)
SIZES = ("a4", "page", "600px")


def record(name: str, born: str = "2024-01-15", z: float = 0.0, days: Any = (30, 90, 150, 210, 270, 310)) -> Record:
    return Record(name, Child(born=born).steady(z, list(days)).events)


FAMILY = [
    record("0733"), record("0903", z=-2.4), record("0412", days=(30, 60)), record("0871", "2024-11-25", days=()),
    Record("0001", []),
]  # fmt: skip


def sheet(records: Any = FAMILY, **more: Any) -> Any:
    return chart(records, kind="multiples", **{"as_of": DAY, "size": "page", **more})


# --- small multiples ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sheets() -> dict[str, Any]:
    return {size: sheet(size=size, identify=True) for size in SIZES}


@pytest.mark.parametrize("size", SIZES)
def test_all_have_one_scale_that_ends_today(sheets: dict[str, Any], size: str) -> None:
    figure = sheets[size]
    assert len(figure.axes) == len(FAMILY)
    assert len({(a.get_xlim(), a.get_ylim()) for a in figure.axes}) == 1
    low, high = figure.axes[0].get_xlim()
    assert high == 0 and low == pytest.approx(-24 * 30.4375)
    wide = {(round(a.get_position().width, 6), round(a.get_position().height, 6)) for a in figure.axes}
    assert len(wide) == 1


@pytest.mark.parametrize("size", SIZES)
def test_the_order_is_that_in_which_they_are_given_row_by_row(sheets: dict[str, Any], size: str) -> None:
    heads = texts(sheets[size], "who")
    assert [h.split()[:2] for h in heads] == [[str(k + 1), r.child_id] for k, r in enumerate(FAMILY)]
    corners = [(-round(a.get_position().y0, 3), a.get_position().x0) for a in sheets[size].axes]
    assert corners == sorted(corners)


def test_the_first_deed_stands_over_each(sheets: dict[str, Any]) -> None:
    deeds = texts(sheets["a4"], "deed")
    for deed, one in zip(deeds[:4], FAMILY, strict=False):
        to_do = gw.review(one, protocol=HV, as_of=DAY).to_do()
        first = ("LATE " if to_do[0].late else "") + to_do[0].do if to_do else "nothing to do"
        assert first.startswith(deed.rstrip("…"))


def test_missing_time_is_hatched_with_its_days(sheets: dict[str, Any]) -> None:
    (hatched,) = [a for a in artists(sheets["a4"], "missing time") if a.axes is sheets["a4"].axes[2]]
    # The last weight was on day 60, 14 March 2024.
    days = (DAY - dt.date(2024, 3, 15)).days
    assert hatched.get_hatch() and hatched.get_x() == -days and hatched.get_x() + hatched.get_width() == 0
    assert f"no weight for {days} days" in texts(sheets["a4"], "missing words")


def test_points_are_days_before_today_and_joined_within_a_table(sheets: dict[str, Any]) -> None:
    (dots,) = [a for a in artists(sheets["a4"], "dots") if a.axes is sheets["a4"].axes[0]]
    age = (DAY - dt.date(2024, 1, 15)).days
    assert [x + age for x in dots.get_xdata()] == [0, 30, 90, 150, 210, 270, 310]
    (joined,) = [a for a in artists(sheets["a4"], "joined") if a.axes is sheets["a4"].axes[0]]
    assert [s[0][0] + age for s in joined.get_segments()] == [30, 90, 150, 210, 270]


def test_a_child_who_cannot_be_scored_is_on_the_sheet(sheets: dict[str, Any]) -> None:
    assert "no birth is recorded" in said(sheets["a4"], "note")
    assert "Enter the birth" in said(sheets["a4"], "deed")


def test_no_id_is_shown_unless_asked() -> None:
    secret = [Record(f"secret-{k}", one.events) for k, one in enumerate(FAMILY)]
    figure = sheet(secret)
    assert "secret" not in said(figure) + figure.alt_text + str(figure.png_metadata) + str(figure.table)
    assert "secret-0" in said(sheet(secret, identify=True))


def test_long_ids_keep_a_mark_that_tells_them_apart() -> None:
    ids = [f"NHS-TRUST-NORTH-{k}-2024-PSEUDONYM" for k in range(3)]
    heads = texts(sheet([record(i) for i in ids], identify=True, size="a4"), "who")
    shown = [h.split()[1] for h in heads]
    assert len(set(shown)) == 3 and all("…" in s and "~" in s for s in shown)


def test_an_id_that_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(GrowthwatchError) as caught:
        sheet([record("子供")], identify=True)
    assert caught.value.field == "identify" and "U+5B50" in str(caught.value)
    sheet([record("子供")])


def test_more_children_than_fit_are_counted_with_what_cannot_wait() -> None:
    ill = Record("ill", Child().steady(0.0, [30, 60]).sign("shock", 320).events)
    figure = sheet([record(f"{k}") for k in range(MOST)] + [ill, record("calm")], size="a4")
    assert len(figure.axes) == MOST
    assert "2 more children not shown: 1 of them cannot wait" in said(figure, "summary")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("n", [1, 2, 5, 12])
def test_words_cover_nothing(size: str, n: int) -> None:
    figure = sheet([record(str(k), days=(30, 60)) for k in range(n)], size=size, identify=True)
    assert collisions(figure, "who", "deed", "missing words", "axis figure", "line label") == []
    assert outside(figure) == []


@pytest.mark.parametrize(
    ("records", "more", "field"),
    [
        (FAMILY[0], {}, "record"), ([], {}, "record"), (["x"], {}, "record"), (FAMILY, {"as_of": None}, "as_of"),
        (FAMILY, {"measure": "head"}, "measure"), (FAMILY, {"against": HV}, "against"),
        (FAMILY, {"extra_lines": (1,)}, "extra_lines"), (FAMILY, {"size": "a5"}, "size"),
    ],
)  # fmt: skip
def test_a_wrong_argument_is_refused(records: Any, more: dict[str, Any], field: str) -> None:
    with pytest.raises(GrowthwatchError) as caught:
        sheet(records, **more)
    assert caught.value.field == field


# --- a change of protocol ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Any:
    from losing import PACKAGED

    text = PACKAGED.read_text(encoding="utf-8")
    start = text.index('id = "G4"')
    rule = text[start : text.index("[[rules.levels]]", start)]
    new = changed(tmp_path_factory.mktemp("ours"), (rule, rule.replace("line = -3", "line = -2")))
    return gw.compare([record("a", z=-1.8), record("b")], HV, new, until=DAY)


@pytest.mark.parametrize("size", SIZES)
def test_each_rule_that_changed_has_a_row_with_old_and_new(compared: Any, size: str) -> None:
    figure = chart(compared, kind="protocol-comparison", size=size)
    rows = figure.table
    assert {r["rule"] for r in rows} >= {"G4"}
    g4 = next(r for r in compared.rules if r.rule == "G4")
    row = next(r for r in rows if r["rule"] == "G4")
    assert row["new_duties_a_week"] == g4.duties[1] / compared.weeks > row["old_duties_a_week"] == 0
    old, new = places(figure, "old"), places(figure, "new")
    assert [x for x, _ in new] == [r["new_duties_a_week"] for r in rows][: len(new)]
    assert [y for _, y in old] == [y for _, y in new]
    assert outside(figure) == [] and collisions(figure, "rule", "figure", "head", "axis figure") == []


def test_old_is_open_and_new_is_full(compared: Any) -> None:
    figure = chart(compared, kind="protocol-comparison")
    (old,), (new,) = ([a for a in artists(figure, gid) if a.get_gid() == gid] for gid in ("old", "new"))
    assert old.get_markerfacecolor() == "white" and new.get_markerfacecolor() != "white"
    assert "1 of them is answered otherwise" in said(figure, "summary")
    assert "'a'" not in str(figure.table)


def test_the_same_protocol_changes_nothing() -> None:
    figure = chart([record("a")], kind="protocol-comparison", protocol=HV, against=HV, as_of=DAY)
    assert "No rule is judged otherwise" in said(figure) and figure.table == ()


@pytest.mark.parametrize(("more", "field"), [({"against": None}, "against"), ({"protocol": None}, "protocol"),
                                             ({"as_of": None}, "as_of")])  # fmt: skip
def test_what_a_comparison_needs(more: dict[str, Any], field: str) -> None:
    given: dict[str, Any] = {"protocol": HV, "against": HV, "as_of": DAY, **more}
    with pytest.raises(GrowthwatchError) as caught:
        chart([record("a")], kind="protocol-comparison", **given)
    assert caught.value.field == field


# --- a folder ----------------------------------------------------------------------------------------


def test_a_folder_has_a_chart_of_each_child_whoever_draws_it(tmp_path: Path) -> None:
    paths = []
    for k, one in enumerate(FAMILY[:4]):
        path = tmp_path / f"child-{k}.json"
        one.dump(path)
        paths.append(path)
    seen: list[int] = []
    found = gw.charts(paths, tmp_path / "two", as_of=DAY, size="600px", progress=seen.append)
    assert [d.name for d in found] == [f"child-{k}.png" for k in range(4)] and seen == [1, 2, 3, 4]
    alone = gw.charts(FAMILY[:4], tmp_path / "one", as_of=DAY, size="600px", processes=1)
    assert [d.alt_text for d in alone] == [d.alt_text for d in found] and alone[0].name == "00001.png"
    for a, b in zip(sorted((tmp_path / "one").iterdir()), sorted((tmp_path / "two").iterdir()), strict=True):
        assert a.read_bytes() == b.read_bytes()


def test_a_child_without_a_chart_is_said_and_stops_nobody(tmp_path: Path) -> None:
    found = gw.charts([FAMILY[4], FAMILY[0], tmp_path / "none.json"], tmp_path, as_of=DAY, size="600px", processes=1)
    assert ["birth" in found[0].refused, found[1].refused, "none.json" in found[2].refused] == [True, "", True]
    assert [p.name for p in tmp_path.iterdir()] == ["00002.png"]


def test_two_children_never_share_a_file(tmp_path: Path) -> None:
    twins = [Record(name, FAMILY[0].events) for name in ("a/b", "A:B", "a_b", "..", "con")]
    found = gw.charts(twins, tmp_path, as_of=DAY, size="600px", processes=1, identify=True)
    names = [d.name.casefold() for d in found]
    assert len(set(names)) == 5 and all(p.parent == tmp_path for p in tmp_path.iterdir())
    assert len(list(tmp_path.iterdir())) == 5


def test_what_is_wrong_with_the_call_is_raised(tmp_path: Path) -> None:
    for more, field in (({"kind": "pie"}, "kind"), ({"size": "b4"}, "size"), ({"path": "x.png"}, "path"),
                        ({"processes": 0}, "processes"), ({"suffix": ".gif"}, "suffix")):  # fmt: skip
        with pytest.raises(GrowthwatchError) as caught:
            gw.charts(FAMILY[:1], tmp_path, as_of=DAY, **{"processes": 1, **more})
        assert caught.value.field == field
    with pytest.raises(GrowthwatchError):
        gw.charts(FAMILY[0], tmp_path)  # type: ignore[arg-type]


def test_records_are_taken_as_they_come(tmp_path: Path) -> None:
    drawn: list[int] = []
    ahead: list[int] = []

    def some() -> Any:
        for k in range(12):
            ahead.append(k - len(drawn))
            yield FAMILY[k % 3]

    gw.charts(some(), tmp_path, as_of=DAY, size="600px", processes=1, progress=lambda n: drawn.append(n))
    assert max(ahead) <= 1 and len(drawn) == 12


FOLDER = """
import resource, sys
from chart_speed import children
from growthwatch.charts import charts
records = children(20)
found = charts((records[k % 20] for k in range(int(sys.argv[1]))), sys.argv[2], size="600px")
assert all(not d.refused for d in found)
print(len(found), max(resource.getrusage(w).ru_maxrss for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024)
"""


@pytest.mark.slow
def test_a_thousand_charts_need_no_more_memory_than_a_hundred(tmp_path: Path) -> None:
    used = []
    benchmarks = Path(__file__).parents[2] / "benchmarks"
    for count in (100, 1000):
        place = tmp_path / str(count)
        done = subprocess.run(
            [sys.executable, "-c", FOLDER, str(count), str(place)], check=True, capture_output=True, text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(benchmarks), str(benchmarks.parent)])},
        )  # fmt: skip
        drawn, megabytes = done.stdout.split()
        assert int(drawn) == len(list(place.iterdir())) == count
        used.append(float(megabytes))
    assert used[1] < 1.15 * used[0] and used[1] < 450


# --- files -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["growth", "events", "trajectory", "z", "family", "newborn"])
def test_each_kind_as_svg_and_pdf_with_its_words_and_the_same_bytes(kind: str, tmp_path: Path) -> None:
    one = Record("secret-child-77", FAMILY[1].events)
    svg, again = (chart(one, kind=kind, as_of=DAY, size="page").svg() for _ in range(2))
    text = svg.decode()
    assert svg == again and 'role="img"' in text and "<title" in text and "<desc" in text
    assert "secret-child-77" not in text
    import xml.etree.ElementTree as ET

    root = ET.fromstring(text)
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    assert len(ids) == len(set(ids)) and root.get("aria-labelledby") == "gw-title gw-description"
    figure = chart(one, kind=kind, as_of=DAY, size="page", path=tmp_path / "x.pdf", csv=True)
    data = (tmp_path / "x.pdf").read_bytes()
    assert data.startswith(b"%PDF") and b"secret-child-77" not in data
    rows = list(csv.DictReader((tmp_path / "x.csv").read_text(encoding="utf-8").splitlines()))
    assert len(rows) == len(figure.table) and "secret-child-77" not in (tmp_path / "x.csv").read_text(encoding="utf-8")


def test_words_that_a_spreadsheet_would_run_are_only_words(tmp_path: Path) -> None:
    child = Child().steady(0.0, [30, 60]).add("concern", 70, raised_by="=cmd()", about="thin")
    figure = chart(child.record, kind="events", as_of=child.date(80))
    assert "=cmd()" in figure.csv() and ",=cmd" not in figure.csv().casefold()
