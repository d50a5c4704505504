"""Files: headers, bad JSON, and writing wholly or not at all."""

from __future__ import annotations

import datetime as dt
import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from small_records import (
    BASE,
    but,
)

from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.files import RECORD_LIMIT
from growthwatch.record import (
    Born,
    Record,
    Weighed,
)

ROOT = Path(__file__).parents[2]


EXAMPLES = sorted((ROOT / "examples").glob("c*.json"))


GOOD = Record("c", [BASE]).to_dict()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"schema": ...}, "schema"),
        ({"schema": "growthwatch.protocol"}, "schema"),
        ({"schema_version": 3}, "schema_version"),
        ({"schema_version": 0}, "schema_version"),
        ({"schema_version": "1"}, "schema_version"),
        ({"schema_version": True}, "schema_version"),
        ({"schema_version": 1.0}, "schema_version"),
        ({"schema_version": ...}, "schema_version"),
        ({"child_id": ...}, "child_id"),
        ({"child_id": 7}, "child_id"),
        ({"events": ...}, "events"),
        ({"events": {}}, "events"),
        ({"events": None}, "events"),
        ({"sex": "male"}, "sex"),
    ],
)
def test_wrong_headers(change: dict[str, Any], field: str) -> None:
    data = {k: v for k, v in {**GOOD, **change}.items() if v is not ...}
    with pytest.raises(GrowthwatchError) as caught:
        Record.loads(json.dumps(data))
    assert caught.value.field == field


def test_a_newer_record_says_so() -> None:
    with pytest.raises(GrowthwatchError, match="newer growthwatch"):
        Record.from_dict({**GOOD, "schema_version": 3, "something_new": 1})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{",
        "3",
        '"x"',
        json.dumps(GOOD)[:-20],
        json.dumps(GOOD) + "{}",
        json.dumps(GOOD).replace("9.62", "NaN"),
        json.dumps(GOOD).replace("9.62", "-Infinity"),
        json.dumps(GOOD).replace("9.62", "1e999"),
        json.dumps(GOOD).replace("9.62", "1" * 5000),
        json.dumps(GOOD).replace('"child_id"', '"child_id": "d", "child_id"'),
        json.dumps(GOOD).replace("9.62", '9.62, "weight_kg": 9.26'),
        json.dumps(GOOD).replace("hv1", "\\ud800"),
        "[" * 100_000,
    ],
)
def test_bad_json(text: str, tmp_path: Path) -> None:
    with pytest.raises(GrowthwatchError):
        Record.loads(text)
    path = tmp_path / "child.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(GrowthwatchError, match=r"child\.json"):
        Record.load(path)


def test_text_that_is_none() -> None:
    with pytest.raises(GrowthwatchError):
        Record.loads(None)  # type: ignore[arg-type]
    with pytest.raises(GrowthwatchError):
        Record.from_dict([])  # type: ignore[arg-type]


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "latin.json").write_bytes(Record("é").dumps().encode("latin-1"))
    (tmp_path / "wide.json").write_bytes(Record("é").dumps().encode("utf-16"))
    for path in (tmp_path, tmp_path / "none.json", tmp_path / "latin.json", tmp_path / "wide.json", "a\0b"):
        with pytest.raises(GrowthwatchError):
            Record.load(path)


def test_dump_is_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "child.json"
    record = Record("c", [BASE])
    record.dump(path)
    assert path.read_bytes() == record.dumps().encode()
    assert Record.load(str(path)) == record
    path.chmod(0o640)
    record.append(but(id="w2")).dump(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    before = path.read_bytes()

    def fails(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fails)
    with pytest.raises(GrowthwatchError, match="No space left"):
        record.append(but(id="w2")).append(but(id="w3")).dump(path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["child.json"]  # noqa: PTH208


def test_dump_to_odd_places(tmp_path: Path) -> None:
    record = Record("c", [BASE])
    with pytest.raises(GrowthwatchError, match="cannot write"):
        record.dump(tmp_path)
    with pytest.raises(GrowthwatchError, match="cannot write"):
        record.dump(tmp_path / "none" / "child.json")
    real, link = tmp_path / "real.json", tmp_path / "link.json"
    real.write_text("x")
    link.symlink_to(real)
    record.dump(link)
    assert link.is_symlink() and Record.load(real) == record


def test_files_with_other_line_ends_are_read(tmp_path: Path) -> None:
    path = tmp_path / "child.json"
    record = Record("c", [BASE])
    path.write_bytes(record.dumps().replace("\n", "\r\n").encode())
    assert Record.load(path) == record


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_examples_load_and_dump_identically(path: Path, tmp_path: Path) -> None:
    record = Record.load(path)
    assert record.dumps().encode() == path.read_bytes()
    record.dump(tmp_path / path.name)
    assert (tmp_path / path.name).read_bytes() == path.read_bytes()
    assert record.effective() == record.events
    born = [e for e in record if isinstance(e, Born)]
    assert len(born) == 1 and born[0].note == "Fictional child, invented for testing."


def test_examples_are_all_there() -> None:
    assert {p.stem: len(Record.load(p)) for p in EXAMPLES} == {
        "c1-slow-decline": 45,
        "c3-acute-dehydration": 14,
        "c5-handover-gap": 26,
        "c6-letter-never-acknowledged": 13,
    }
    c1 = Record.load(EXAMPLES[0])
    invalid = c1.event("w-2024-01-09")
    assert isinstance(invalid, Weighed) and (invalid.clothing, invalid.scale) == ("clothed", "other")
    older = c1.event("w-2024-03-26")
    assert isinstance(older, Weighed) and older.clothing == "vest_and_pants"
    advice = c1.event("advice-2024-01-20")
    assert advice.recorded_at == dt.datetime(2024, 4, 9, 16, tzinfo=dt.UTC)


# ---------------------------------------------------------------- two processes, one file


OLD = Record("c", [BASE])


def test_an_event_of_somebody_else_is_not_lost(tmp_path: Path) -> None:
    path = tmp_path / "child.json"
    OLD.dump(path)
    mine, theirs = OLD.append(but(id="w2", weight_kg=9.5)), OLD.append(but(id="w3", weight_kg=9.7))
    theirs.dump(path)
    before = path.read_bytes()
    with pytest.raises(GrowthwatchError, match=r"an event that this record lacks \('w3'\).*merge=True") as caught:
        mine.dump(path)
    assert caught.value.field == "path" and path.read_bytes() == before
    written = mine.dump(path, merge=True)
    assert {e.id for e in written.events} == {BASE["id"], "w2", "w3"}
    assert Record.load(path) == written == mine.merge(theirs)
    # Once what was merged is in hand, nothing is in the way.
    assert written.dump(path) is written


def test_many_events_that_are_lacking_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "child.json"
    Record("c", [but(id=f"w{i:02}") for i in range(12)]).dump(path)
    with pytest.raises(GrowthwatchError, match=r"12 events .*'w09' and 2 more\)"):
        Record("c").dump(path)


@pytest.mark.parametrize("merge", [False, True])
def test_a_record_of_another_child_or_with_other_content_stays(tmp_path: Path, merge: bool) -> None:
    path = tmp_path / "child.json"
    OLD.dump(path)
    before = path.read_bytes()
    with pytest.raises(GrowthwatchError, match="the record of 'c', this is one of 'd'"):
        Record("d", [BASE]).dump(path, merge=merge)
    with pytest.raises(GrowthwatchError, match="twice with different content"):
        Record("c", [but(weight_kg=1.5)]).dump(path, merge=merge)
    assert path.read_bytes() == before


@pytest.mark.parametrize("coding", ["utf-16", "utf-16-le", "utf-32-be"])
def test_a_record_that_some_editor_saved_in_another_coding_is_not_replaced(tmp_path: Path, coding: str) -> None:
    path = tmp_path / "child.json"
    path.write_bytes(OLD.dumps().encode(coding))
    with pytest.raises(GrowthwatchError, match="cannot be read"):
        Record("c", [BASE]).dump(path)
    assert path.read_bytes().decode(coding) == OLD.dumps()


def test_a_file_larger_than_any_record_is_neither_read_nor_replaced(tmp_path: Path) -> None:
    path = tmp_path / "child.json"
    with path.open("wb") as f:
        f.truncate(RECORD_LIMIT + 1)  # holes: nothing is written to the disk
    with pytest.raises(GrowthwatchError, match="expected at most"):
        OLD.dump(path)
    assert path.stat().st_size == RECORD_LIMIT + 1


def written(*events: str) -> str:
    """A record's header, and what stands for its events."""
    return f'{{"schema": "growthwatch.record", "schema_version": 1, "child_id": "c", "events": [{",".join(events)}]}}'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (written(*["{}"] * 50_001), "events: got '50001 events', expected at most 50000 events of one child"),
        (written('{"to": [' + "{}," * 200_000 + "{}]}"), "record: got '200003 objects', expected at most 200000"),
        ("{" * 200_001, "record: got '200001 objects', expected at most 200000"),
    ],
    ids=["events", "within an event", "brackets"],
)
def test_more_than_any_record_has_is_refused_with_the_file_and_the_limit(
    text: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Small objects need a hundred times the room of their text: they are counted before they are made."""
    path = tmp_path / "child.json"
    path.write_text(text)
    if "objects" in says:
        monkeypatch.setattr("growthwatch.record.record.read_json", lambda _: pytest.fail("taken apart"))
    with pytest.raises(GrowthwatchError) as caught:
        Record.load(path)
    assert str(caught.value).startswith(f"{path}: {says}")
    with pytest.raises(GrowthwatchError):
        Record.loads(text.encode())


def test_text_longer_than_any_file_is_refused() -> None:
    with pytest.raises(GrowthwatchError, match="expected at most 30000000 bytes"):
        Record.loads(" " * (RECORD_LIMIT + 1))


@pytest.mark.parametrize(("sign", "size"), [("a", 1), ("é", 2), ("€", 3), ("👶", 4), ("\ud800", 3)])
def test_text_counts_by_its_bytes_as_a_file_does(sign: str, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("growthwatch.record.files.RECORD_LIMIT", 12)
    with pytest.raises(GrowthwatchError, match=rf"got '{12 + size} bytes', expected at most 12 bytes"):
        Record.loads(sign * (12 // size + 1))
    with pytest.raises(GrowthwatchError) as within:
        Record.loads(sign * (12 // size))
    assert "bytes of one child" not in str(within.value)


def test_as_many_events_as_may_be_are_read_and_no_more_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is written can be read again: so the bound of reading is one of writing."""
    path = tmp_path / "child.json"
    monkeypatch.setattr("growthwatch.record.files.MOST_EVENTS", 3)
    monkeypatch.setattr("growthwatch.record.record.MOST_EVENTS", 3)
    three = Record("c", [but(id=f"w{n}") for n in range(3)])
    three.dump(path)
    assert Record.load(path) == three
    with pytest.raises(GrowthwatchError, match=r"cannot write .*child.json.*got '4 events', expected at most 3"):
        three.append(but(id="w4")).dump(path)
    assert Record.load(path) == three


@pytest.mark.parametrize("harm", ["cut", "newer", "unknown"])
def test_a_record_that_cannot_be_read_is_not_replaced(tmp_path: Path, harm: str) -> None:
    path = tmp_path / "child.json"
    text = OLD.dumps()
    text = {
        "cut": text[: len(text) // 2],
        "newer": text.replace('"schema_version": 1', '"schema_version": 99'),
        "unknown": text.replace('"weighed"', '"levitated"'),
    }[harm]
    path.write_text(text)
    with pytest.raises(GrowthwatchError, match="cannot be read"):
        OLD.dump(path, merge=True)
    assert path.read_text() == text


def test_a_new_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "child.json"
    OLD.dump(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
def test_only_regular_files_are_written(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(GrowthwatchError, match="not a regular file"):
        OLD.dump(pipe)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    with pytest.raises(GrowthwatchError, match="not a regular file"):
        OLD.dump("/dev/null")
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


_KILLED = """
import os, sys
from pathlib import Path
from growthwatch.record import Record
os.fsync = lambda handle: os.kill(os.getpid(), 9)
Record.load(sys.argv[1]).dump(sys.argv[2])
"""


@pytest.mark.skipif(os.name == "nt", reason="needs signals")
def test_a_writer_that_was_killed_leaves_nothing_that_others_can_read(tmp_path: Path) -> None:
    first, path = tmp_path / "first.json", tmp_path / "child.json"
    OLD.dump(first)
    done = subprocess.run([sys.executable, "-c", _KILLED, str(first), str(path)], check=False)
    assert done.returncode == -9
    left = [p for p in tmp_path.iterdir() if p != first]
    assert len(left) == 1 and stat.S_IMODE(left[0].stat().st_mode) == 0o600
    mine = tmp_path / ".child.json.note.tmp"
    mine.write_text("not ours")
    OLD.dump(path)
    assert {p.name for p in tmp_path.iterdir()} == {"first.json", "child.json", mine.name}


_APPENDS = """
import sys
from growthwatch.record import Record
for i in range(20):
    event = {**BASE, "id": f"{sys.argv[2]}-{i}"}
    Record.load(sys.argv[1]).append(event).dump(sys.argv[1], merge=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="needs locks")
def test_two_processes_that_append_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "child.json"
    OLD.dump(path)
    script = f"BASE = {OLD.to_dict()['events'][0]!r}\n" + _APPENDS
    running = [subprocess.Popen([sys.executable, "-c", script, str(path), name]) for name in "ab"]
    assert [p.wait() for p in running] == [0, 0]
    assert len(Record.load(path)) == 1 + 2 * 20


# --- what is not written over, in whole sentences ---------------------------------------------------------------


def refused(record: Record, path: Path, **more: bool) -> GrowthwatchError:
    with pytest.raises(GrowthwatchError) as caught:
        record.dump(path, **more)
    return caught.value


@pytest.mark.parametrize(
    ("lacking", "named"),
    [
        (1, "an event that this record lacks ('x0')"),
        (2, "2 events that this record lacks ('x0', 'x1')"),
        (10, "10 events that this record lacks ('x0', 'x1', 'x2', 'x3', 'x4', 'x5', 'x6', 'x7', 'x8', 'x9')"),
        (
            11,
            (
                "11 events that this record lacks ('x0', 'x1', 'x2', 'x3', 'x4', 'x5', 'x6', 'x7', 'x8', 'x9' and 1 more)"
            ),
        ),
    ],
)
def test_what_somebody_else_wrote_is_named(lacking: int, named: str, tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    Record("c", [but(), *(but(id=f"x{n}", recorded_at=f"2024-01-09T15:{n:02}:00Z") for n in range(lacking))]).dump(path)
    before = path.read_bytes()
    error = refused(Record("c", [but()]), path)
    assert str(error) == (
        f"cannot write {path}: it holds {named}: somebody else wrote there; dump with merge=True keeps both"
    )
    assert (error.field, error.expected) == ("path", "a file whose events this record has, or merge=True")
    assert path.read_bytes() == before
    merged = Record("c", [but(), but(id="mine")]).dump(path, merge=True)
    assert {"w1", "x0", "mine"} <= {e.id for e in merged} and Record.load(path) == merged


def test_the_record_of_another_child_is_named(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    Record("theirs", [but()]).dump(path)
    for merge in (False, True):
        error = refused(Record("mine", [but()]), path, merge=merge)
        assert str(error) == f"cannot write {path}: it holds the record of 'theirs', this is one of 'mine'"
        assert error.expected == "a file of the same child, or a new one"


def test_a_record_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    path.write_text('{"schema": "growthwatch.record", "schema_version": 99, "child_id": "c", "events": []}')
    error = refused(Record("c", [but()]), path)
    assert str(error).startswith(
        f"cannot write {path}: it is a record that cannot be read, and may hold what this one lacks: schema_version: "
        "got 99, expected at most 2: a newer growthwatch wrote this record"
    )
    assert error.expected == "a record that can be read, or a new file"


@pytest.mark.parametrize(
    ("change", "field", "expected"),
    [
        ({"schema": "other"}, "schema", "'growthwatch.record': this is not a record of growthwatch"),
        ({"schema_version": 0}, "schema_version", "a whole number from 1 to 2"),
        ({"schema_version": True}, "schema_version", "a whole number from 1 to 2"),
        ({"schema_version": "1"}, "schema_version", "a whole number from 1 to 2"),
        ({"schema_version": 3}, "schema_version", "at most 2: a newer growthwatch wrote this record"),
        ({"more": 1}, "more", "only these keys: schema, schema_version, child_id, events"),
        ({"events": "none"}, "events", "a list of events"),
        ({"events": ...}, "events", "a value"),
        ({"child_id": ...}, "child_id", "a value"),
    ],
)
def test_a_wrong_header_says_what_is_right(change: dict[str, Any], field: str, expected: str) -> None:
    header: dict[str, Any] = {"schema": "growthwatch.record", "schema_version": 1, "child_id": "c", "events": []}
    with pytest.raises(GrowthwatchError) as caught:
        Record.from_dict({k: v for k, v in {**header, **change}.items() if v is not ...})
    assert (caught.value.field, caught.value.expected) == (field, expected)
    with pytest.raises(
        GrowthwatchError, match="record: got 3, expected an object with the keys schema, schema_version"
    ):
        Record.from_dict(3)  # type: ignore[arg-type]
