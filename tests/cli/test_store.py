"""``growthwatch store``: a caseload's records in one place, from the shell."""

from __future__ import annotations

import json
import shutil
import sqlite3
import stat
from pathlib import Path

import pytest
from command_runner import command_runner

import growthwatch as gw
from growthwatch.cli import store as commands
from growthwatch.cli.app import app

ROOT = Path(__file__).parents[2]
C1, C6 = (ROOT / "examples" / f"{n}.json" for n in ("c1-slow-decline", "c6-letter-never-acknowledged"))
runner = command_runner()


def run(*arguments: object):
    return runner.invoke(app, ["store", *map(str, arguments)], env={"COLUMNS": "120"}, prog_name="growthwatch")


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A store with two children."""
    made = f"sqlite:///{tmp_path / 'caseload.db'}"
    assert run("init", made).exit_code == 0
    assert run("import", made, C1, C6).exit_code == 0
    return made


def tamper(url: str, statement: str) -> None:
    with sqlite3.connect(url.removeprefix("sqlite:///")) as c:
        for (name,) in c.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            c.execute(f"DROP TRIGGER {name}")
        c.execute(statement)
    c.close()


def test_a_new_store_says_what_it_is_and_one_that_is_there_stays(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'caseload.db'}"
    first = run("init", url)
    assert first.exit_code == 0 and ": 0 children, 0 entries." in first.output
    assert stat.S_IMODE((tmp_path / "caseload.db").stat().st_mode) == 0o600
    run("import", url, C6)
    again = run("init", url)
    assert again.output.split(":")[0] == first.output.split(":")[0] and ": 1 children, " in again.output


def test_records_are_stored_once(url: str) -> None:
    entries = len(gw.Record.load(C1)) + len(gw.Record.load(C6))
    again = run("import", url, C1, C6)
    assert again.exit_code == 0 and f"2 records: 0 events stored, {entries} were there already." in again.output
    with gw.store.open(url) as store:
        assert store.record("example-c1") == gw.Record.load(C1) and store.head().position == entries
        assert again.output.splitlines()[-1] == str(store.head())


def test_a_file_that_is_no_record_is_named_and_all_others_are_stored(tmp_path: Path) -> None:
    """What is wrong with it may name a child: record check tells it to whoever asks."""
    url = f"sqlite:///{tmp_path / 'caseload.db'}"
    run("init", url)
    bad = tmp_path / "bad.json"
    bad.write_text(C6.read_text(encoding="utf-8").replace('"weight_kg": ', '"weight_kg": "7.654321 Smith", "x": ', 1))
    made = run("import", url, bad, C1, tmp_path / "none.json")
    assert made.exit_code == 2
    assert f"{bad}: not stored" in " ".join(made.stderr.split()) and "record check" in made.stderr
    assert "Smith" not in made.output + made.stderr and "7.65" not in made.output + made.stderr
    assert "1 records: " in made.output
    with gw.store.open(url) as store:
        assert store.children() == ("example-c1",)


def test_an_nhs_number_is_refused_and_not_shown(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'caseload.db'}"
    run("init", url)
    named = tmp_path / "named.json"
    named.write_text(C1.read_text(encoding="utf-8").replace('"example-c1"', '"9434765919"'))
    made = run("import", url, named)
    assert made.exit_code == 2 and "takes pseudonyms" in made.stderr and "9434765919" not in made.stderr + made.output


def test_importing_makes_no_store(tmp_path: Path) -> None:
    """A slip in the name of the file would put children where nobody looks."""
    made = run("import", f"sqlite:///{tmp_path / 'caselaod.db'}", C1)
    assert made.exit_code == 2 and "there is no file caselaod.db" in made.stderr
    assert list(tmp_path.iterdir()) == []


def test_heads_are_kept_and_held_against_the_store(url: str, tmp_path: Path) -> None:
    heads = tmp_path / "heads.txt"
    first = run("head", url, "--to", heads)
    with gw.store.open(url) as store:
        head = store.head()
        assert first.output.strip() == str(head) == heads.read_text().strip()
        store.erase("example-c6", because="asked by the parents", by="data officer")
    run("head", url, "--to", heads)
    assert len(heads.read_text().splitlines()) == 2
    for given in (["--heads", heads], ["--head", str(head)], []):
        made = run("verify", url, *given)
        assert made.exit_code == 0, made.output
        assert "by data officer: asked by the parents" in " ".join(made.output.split())
    assert "nobody can tell whether the newest entries are gone" in " ".join(run("verify", url).output.split())


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE growthwatch_entries SET body = salt WHERE position = 7", "content of entry 7"),
        ("DELETE FROM growthwatch_entries WHERE position = 7", "entry 7 is gone"),
    ],
)
def test_what_was_changed_is_said_and_ends_with_3(url: str, tmp_path: Path, statement: str, said: str) -> None:
    heads = tmp_path / "heads.txt"
    run("head", url, "--to", heads)
    tamper(url, statement)
    made = run("verify", url, "--heads", heads)
    assert made.exit_code == 3 and "NOT as it was written" in made.output and said in made.output


def test_only_the_older_of_two_heads_shows_what_was_done_between(url: str, tmp_path: Path) -> None:
    heads = tmp_path / "heads.txt"
    run("head", url, "--to", heads)
    last = "(SELECT max(position) FROM growthwatch_entries)"
    tamper(url, f"DELETE FROM growthwatch_entries WHERE position = {last}")
    tamper(
        url,
        f"UPDATE growthwatch_head SET position = {last}, "
        f"hash = (SELECT store_hash FROM growthwatch_entries WHERE position = {last})",
    )
    run("head", url, "--to", heads)
    newest = heads.read_text().splitlines()[-1]
    assert "guard" in run("verify", url, "--head", newest).output
    made = run("verify", url, "--heads", heads)
    assert made.exit_code == 3 and "the head that was given is of" in " ".join(made.output.split())


@pytest.mark.parametrize("content", [b"", b"\n \n", b"not a head\n", b"\xff\xfe\x00"])
def test_a_file_of_heads_that_holds_none_is_refused(url: str, tmp_path: Path, content: bytes) -> None:
    """Else much less would be looked at, and nobody would know."""
    (tmp_path / "heads.txt").write_bytes(content)
    made = run("verify", url, "--heads", tmp_path / "heads.txt")
    assert made.exit_code == 2 and "head" in made.stderr and "Error: " in made.stderr
    assert run("verify", url, "--heads", tmp_path / "none.txt").exit_code == 2


def test_an_export_is_a_new_file_for_its_owner_alone(url: str, tmp_path: Path) -> None:
    out = tmp_path / "access.json"
    made = run("export", url, "example-c1", "--to", out)
    record = gw.Record.load(C1)
    assert made.exit_code == 0 and f"{len(record)} events are in" in made.output
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert gw.Record.from_dict(json.loads(out.read_text(encoding="utf-8"))["record"]) == record
    before = out.read_bytes()
    again = run("export", url, "example-c6", "--to", out)
    assert again.exit_code == 2 and "a new file" in again.stderr and out.read_bytes() == before
    nobody = run("export", url, "Smith", "--to", tmp_path / "other.json")
    assert nobody.exit_code == 2 and "no child of this id" in nobody.stderr and "Smith" not in nobody.stderr


def test_an_erasure_has_a_reason_and_a_name_and_stays_told(url: str, tmp_path: Path) -> None:
    assert run("erase", url, "example-c1", "--because", "asked").exit_code == 2
    assert run("erase", url, "example-c1", "--because", " ", "--by", "x").exit_code == 2
    done = run("erase", url, "example-c1", "--because", "asked", "--by", "data officer")
    assert done.exit_code == 0 and f"{len(gw.Record.load(C1))} events are erased." in done.output
    assert "Backups are not" in done.output and b"example-c1" not in (tmp_path / "caseload.db").read_bytes()
    assert run("erase", url, "example-c1", "--because", "asked", "--by", "data officer").exit_code == 2
    assert run("export", url, "example-c1", "--to", tmp_path / "x.json").exit_code == 2


def test_retention_lists_what_is_past_and_what_has_no_birth_date(url: str, tmp_path: Path) -> None:
    """c1 and c6 are kept until their 25th birthdays (Records Management Code of Practice, Appendix II)."""
    soon = run("retention", url, "--as-of", "2026-11-28")
    assert soon.exit_code == 0 and soon.output.strip() == "2 records: 0 may be looked at, 0 without a birth date."
    late = run("retention", url, "--as-of", "2060-01-01", "--json")
    data = json.loads(late.stdout)
    births = {r.child_id: next(e.on for e in r if e.type == "born") for r in map(gw.Record.load, (C1, C6))}
    assert {k["child"]: k["until"] for k in data["children"]} == {
        id: born.replace(year=born.year + 25).isoformat() for id, born in births.items()
    }
    assert all(k["over"] for k in data["children"]) and data["as_of"] == "2060-01-01"
    assert "example-c1" in run("retention", url, "--as-of", "2060-01-01").output
    assert run("retention", url, "--as-of", "soon").exit_code == 2


@pytest.mark.parametrize("command", ["head", "verify", "export", "erase", "retention", "import"])
def test_where_there_is_no_store_it_says_so_and_makes_none(tmp_path: Path, command: str) -> None:
    more = {
        "export": ["x", "--to", tmp_path / "o"],
        "erase": ["x", "--because", "a", "--by", "b"],
        "retention": ["--as-of", "today"],
        "import": [C1],
    }
    made = run(command, f"sqlite:///{tmp_path / 'none.db'}", *more.get(command, []))
    assert made.exit_code == 2 and "there is no file none.db" in made.stderr and list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("url", ["caseload.db", "mysql://me:secret@host/db", "postgresql://me:secret@127.0.0.1:1/db"])
def test_a_url_of_no_store_is_refused_and_its_password_is_not_shown(url: str) -> None:
    made = run("head", url)
    assert made.exit_code == 2 and made.stderr.startswith("Error: ") and "secret" not in made.stderr


def test_without_its_packages_the_command_says_what_to_install(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    import growthwatch.store

    def missing(*args: object, **how: object) -> None:
        raise gw.GrowthwatchError('a store needs sqlalchemy: pip install "growthwatch[store]"')

    monkeypatch.setattr(growthwatch.store, "open", missing)
    made = run("head", url)
    assert made.exit_code == 2 and 'pip install "growthwatch[store]"' in made.stderr


def test_every_command_has_help_and_a_row_on_its_page() -> None:
    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    for name in commands.__all__:
        command = name.removeprefix("store_")
        assert run(command, "--help").exit_code == 0
        assert f"growthwatch store {command} " in page, command


def test_the_page_is_true(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands of docs/cli.md, in their order."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    lines = [line for line in page.splitlines() if line.startswith("growthwatch store ")]
    assert len(lines) >= len(commands.__all__)
    import shlex

    for line in lines:
        made = runner.invoke(app, shlex.split(line)[1:], prog_name="growthwatch")
        assert made.exit_code == 0, (line, made.output)
