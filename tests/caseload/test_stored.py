"""A store as the source of a caseload: the same rows as of a folder, read only, checked, and without a password."""

from __future__ import annotations

import builtins
import datetime as dt
import sqlite3
import sys
from pathlib import Path
from typing import Any

import pytest
from builders import HV
from command_runner import command_runner

import growthwatch as gw
from growthwatch.caseload.stored import store_url
from growthwatch.cli.app import app

pytest.importorskip("sqlalchemy")
ROOT = Path(__file__).parents[2]
EXAMPLES = ("c1-slow-decline", "c3-acute-dehydration", "c5-handover-gap", "c6-letter-never-acknowledged")
DAY = dt.date(2024, 2, 27)


def records() -> list[gw.Record]:
    found = [ROOT / "examples" / f"{name}.json" for name in EXAMPLES]
    return [gw.Record.load(p) for p in found if p.exists()]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stored")
    with gw.store.open(f"sqlite:///{folder / 'team.db'}") as store:
        store.add(records())
    for record in records():
        (folder / "records").mkdir(exist_ok=True)
        record.dump(folder / "records" / f"{record.child_id}.json")
    return folder


def rows(path: Any) -> list[tuple[Any, ...]]:
    work = gw.caseload.read(path).review(as_of=DAY, protocol=HV).worklist()
    columns = work.columns()
    return sorted(zip(*columns.values(), strict=True), key=str)


def test_the_list_is_that_of_the_same_records_in_a_folder(made: Path) -> None:
    assert len(records()) >= 1
    assert rows(f"sqlite:///{made / 'team.db'}") == rows(made / "records")
    assert rows(made / "team.db") == rows(str(made / "team.db")) == rows(made / "records")


def test_it_is_read_only_and_nothing_is_made(made: Path, tmp_path: Path) -> None:
    before = (made / "team.db").read_bytes()
    gw.caseload.read(made / "team.db").review(as_of=DAY, protocol=HV)
    assert (made / "team.db").read_bytes() == before
    with pytest.raises(gw.GrowthwatchError, match=r"there is no file none\.db"):
        gw.caseload.read(tmp_path / "none.db")
    assert list(tmp_path.iterdir()) == []


def test_a_store_that_grows_is_reviewed_anew_and_only_what_changed(made: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'grows.db'}"
    all_of = records()
    with gw.store.open(url) as store:
        store.add(all_of)
        later = max(e.recorded_at.date() for r in all_of for e in r.events)
        first = gw.caseload.read(url).review(as_of=later, protocol=HV)
        weighed = {
            "id": "w-late", "type": "weighed", "on": "2024-02-26", "recorded_at": "2024-02-26T10:00:00Z",
            "actor": "hv1", "role": "health_visitor", "weight_kg": 9.9,
        }  # fmt: skip
        store.append(all_of[0].child_id, weighed)
    second = gw.caseload.read(url).review(as_of=later, protocol=HV, after=first)
    assert second.judged == 1
    assert "w-late" in {e.id for e in second.record_of(all_of[0].child_id)}


def test_a_changed_record_is_in_the_list_and_says_so(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'team.db'}"
    with gw.store.open(url) as store:
        store.add(records())
    wanted = records()[0].child_id
    raw = sqlite3.connect(tmp_path / "team.db")
    guards = [name for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]
    for name in guards:
        raw.execute(f"DROP TRIGGER {name}")
    raw.execute(
        "UPDATE growthwatch_entries SET body = replace(body, 'weight_kg', 'weight_kg') || ' ' WHERE child = "
        "(SELECT number FROM growthwatch_children WHERE name = ?)",
        (wanted,),
    )
    raw.commit()
    raw.close()
    cases = gw.caseload.read(url)
    assert cases.refused.rows == 1
    fault = next(iter(cases.refused))
    assert fault.child_id == wanted and "is not as it was stored" in fault.reason and "verify" in fault.remedy
    work = cases.review(as_of=DAY, protocol=HV).worklist()
    row = next(r for r in work if r.child_id == wanted)
    assert row.section == "cannot_wait"
    assert "is not as it was stored" in work.text(100).replace("\n", " ")


def test_a_child_that_is_erased_meanwhile_spoils_no_list(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'team.db'}"
    with gw.store.open(url) as store:
        store.add(records())
        cases = gw.caseload.read(url)
        store.erase(records()[0].child_id, because="asked for", by="the records office")
        assert len(cases.review(as_of=DAY, protocol=HV)) == len(records())
    assert records()[0].child_id not in gw.caseload.read(url).ids


def test_what_is_no_store_or_holds_nobody(tmp_path: Path) -> None:
    gw.store.open(f"sqlite:///{tmp_path / 'empty.db'}").close()
    with pytest.raises(gw.GrowthwatchError, match="at least one child"):
        gw.caseload.read(tmp_path / "empty.db")
    (tmp_path / "words.db").write_text("child,weight\n" * 100, encoding="utf-8")
    with pytest.raises(gw.GrowthwatchError, match="no store"):
        gw.caseload.read(tmp_path / "words.db")
    with pytest.raises(gw.GrowthwatchError, match="none beside a store"):
        gw.caseload.read(tmp_path / "empty.db", ROOT / "examples" / "caseload.toml")


def test_which_words_mean_a_store() -> None:
    assert store_url("x.db") == "sqlite:///x.db" and store_url("/a/X.SQLITE3") == "sqlite:////a/X.SQLITE3"
    for url in ("sqlite:///x.db", "postgresql://u@h/d", "postgresql+psycopg://u@h/d"):
        assert store_url(url) == url
    for other in ("x.csv", "x", "records/", "db", "https://x/y.csv"):
        assert store_url(other) is None


def test_no_password_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(gw.GrowthwatchError) as caught:
        gw.caseload.read("postgresql://lead:s3cret@127.0.0.1:1/team")
    assert "s3cret" not in f"{caught.value} {caught.value.value!r}"


def test_without_the_extra_it_says_what_to_install(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any, **named: Any) -> Any:
        if name.partition(".")[0] == "sqlalchemy":
            raise ModuleNotFoundError("No module named 'sqlalchemy'", name="sqlalchemy")
        return real(name, *rest, **named)

    for name in [n for n in sys.modules if n.startswith("growthwatch.store.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(gw.GrowthwatchError, match=r'pip install "growthwatch\[store\]"'):
        gw.caseload.read(made / "team.db")


# --- on the command line ----------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["{}", "sqlite:///{}"])
def test_the_command_lists_a_store(made: Path, tmp_path: Path, how: str) -> None:
    store = tmp_path / "team.db"
    store.write_bytes((made / "team.db").read_bytes())
    done = command_runner().invoke(
        app, ["caseload", how.format(store), "--as-of", "2024-02-27", "--report", str(tmp_path / "out.html")],
        env={"COLUMNS": "100"},
    )  # fmt: skip
    assert done.exit_code == 3, done.output
    assert f"{len(records())} child" in done.output and "example-c1" in done.output
    beside = {p.name for p in tmp_path.iterdir()} - {"team.db-shm", "team.db-wal"}
    assert sorted(beside) == ["out.html", "team.db", "team.lists.jsonl"]
    wrong = command_runner().invoke(app, ["caseload", f"sqlite:///{tmp_path / 'no.db'}", "--as-of", "2024-02-27"])
    assert wrong.exit_code == 2 and "there is no file no.db" in wrong.output
