"""Files that nobody would write, for every reader: what is to be read, and how it is spoilt.

To add a reader, add a line to `TARGETS`: its name, files that are right, and what reads one.  ``tests/fuzz`` and
``scripts/fuzz.py`` take it from there.  Whatever a reader is given, it reads it or raises `GrowthwatchError`, within
a second.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import json
import re
import tempfile
import time
import traceback
import warnings
import zipfile
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet
from caseload_tables import workbook
from fhir_made import NOW, bundle, patient, weight
from own_protocols import X1, header

import growthwatch as gw
from growthwatch.caseload import Mapping, read
from growthwatch.caseload.propose import propose
from growthwatch.core.errors import GrowthwatchError, GrowthwatchWarning
from growthwatch.interop.fhir import from_record, to_records
from growthwatch.protocol.file.signing import Signature
from growthwatch.protocol.stories.story import read_story
from growthwatch.store import Head

ROOT = Path(__file__).resolve().parents[1]
MOST_SECONDS = 1.0
"""No input takes longer [s of this process's own time, so that a busy machine makes no fault]."""

Op = tuple[int, int, int]
"""One change of a file: which, where, and by what: any three numbers from 0."""


@dataclass(frozen=True)
class Target:
    """A reader.

    Parameters
    ----------
    name
        What it is called.
    seeds
        Files that are right.
    read
        Reads bytes; it is also given an empty folder, for readers of files.
    examples
        How many spoilt files the ordinary run gives it: two or three seconds.
    """

    name: str
    seeds: Sequence[bytes]
    read: Callable[[bytes, Path], object]
    examples: int = 400


# ---------------------------------------------------------------- readers

_BY = Mapping.load(ROOT / "examples" / "caseload.toml")
_DAY = dt.date(2024, 2, 27)
_CSV = b"\n".join((ROOT / "examples" / "caseload.csv").read_bytes().splitlines()[:14])
_OWN_NAMES = (
    b"child_id,birth_date,sex,weighed_on,weight_kg\n1,2023-03-01,F,2023-03-01,3.4\n1,2023-03-01,F,2023-06-01,5.5\n"
)
_PARTS = b"\n=====\n"


def _written(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def _record(data: bytes, folder: Path) -> None:
    record = gw.Record.loads(data)
    assert gw.Record.loads(record.dumps()) == record


def _table(suffix: str) -> Callable[[bytes, Path], None]:
    def reads(data: bytes, folder: Path) -> None:
        path = _written(folder, "t" + suffix, data)
        for how in (_BY, None):
            with contextlib.suppress(GrowthwatchError):
                cases = read(path, how)
                assert len(list(cases.records(as_of=_DAY))) == len(cases.ids)
        propose(path)

    return reads


def _book(data: bytes, folder: Path) -> None:
    """A workbook, or the text of one sheet, which is put into a workbook that is right."""
    path = _written(folder, "t.xlsx", data)
    if not data.startswith(b"PK"):
        workbook(path, {"Weights": [["x"]]})
        with zipfile.ZipFile(path) as z:
            parts = {name: z.read(name) for name in z.namelist()}
        with zipfile.ZipFile(path, "w") as z:
            for name, content in parts.items():
                z.writestr(name, data if "sheet1" in name else content)
    cases = read(path, None)
    list(cases.records(as_of=_DAY))


def _mapping(data: bytes, folder: Path) -> None:
    by = Mapping.load(_written(folder, "m.toml", data))
    cases = read(_written(folder, "t.csv", _CSV), by)
    list(cases.records(as_of=_DAY))


def _reference(data: bytes, folder: Path) -> None:
    toml, _, figures = data.partition(_PARTS)
    _written(folder, "reference.toml", toml)
    _written(folder, "height.csv", figures)
    made = gw.Reference.load(folder)
    made.z(110.0, age_days=2000, sex="female", measure="height")


def _fhir(data: bytes, folder: Path) -> None:
    made = to_records(data, received_at=NOW)
    assert sum(made.report.fates.values()) == made.report.resources
    made.report.lines.to_csv()
    if len(data) % 8:
        return
    # Of one in eight: what came in can be written, goes out, and comes in again beside itself as nothing new.
    for child, record in made.records.items():
        assert gw.Record.loads(record.dumps()) == record
        out = json.dumps(from_record(record)).encode()
        assert to_records(out, received_at=NOW, into={child: record}).records[child] == record


def _fhir_seed() -> bytes:
    """One event of each kind that goes out, one of them marked in error."""
    told = {"on": "2024-05-03", "recorded_at": "2024-05-03T09:30:00Z", "actor": "hv 1", "role": "health_visitor"}
    events: list[dict[str, Any]] = [
        {"type": "born", "sex": "female", "gestation_days": 270},
        {"type": "weighed", "weight_kg": 9.1, "clothing": "naked", "note": "calm"},
        {"type": "measured", "measure": "height", "value_cm": 74.5, "position": "lying"},
        {"type": "contact", "face_to_face": True, "service": "health visiting"},
        {"type": "was_not_brought", "kind": "cancelled", "service": "clinic", "moved_to": "2024-05-20"},
        {"type": "admission", "hospital": "St Mary's"},
        {"type": "discharged", "plan": "weigh weekly"},
        {"type": "condition_diagnosed", "condition": "coeliac", "description": "by biopsy"},
        {"type": "condition_ended", "condition": "coeliac", "reason": "resolved"},
        {"type": "service_allocated", "service": "health visiting", "worker": "hv 1"},
        {
            "type": "letter_sent",
            "sender": "hv 1",
            "to": [{"name": "Dr A", "expects": "act"}],
            "summary": "weight falls",
        },
        {"type": "request_made", "kind": "other", "to": [{"name": "team"}], "ask": "think", "respond_by": "2024-06-01"},
        {"type": "referral_made", "to": "social care", "kind": "safeguarding", "about": "who looks after her"},
        {"type": "entered_in_error", "target": "e3", "reason": "another child"},
    ]
    record = gw.Record("child 1", [{"id": f"e{n}", **told, **e} for n, e in enumerate(events)])
    return json.dumps(from_record(record)).encode()


def _store(data: bytes, folder: Path) -> None:
    path = _written(folder, "store.db", data)
    with gw.store.open(f"sqlite:///{path}", create=False, read_only=True) as store:
        store.verify()
        for child in store.children():
            store.export(child)
        list(store.records())


def _store_seed() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "s.db"
        with gw.store.open(f"sqlite:///{path}") as store:
            for name in ("c3-acute-dehydration", "c6-letter-never-acknowledged"):
                store.add(gw.Record.load(ROOT / "examples" / f"{name}.json"))
            store.erase("example-c3", because="asked", by="data officer")
        return path.read_bytes()


def _parquet_seed() -> bytes:
    rows = [line.split(",") for line in _OWN_NAMES.decode().splitlines()]
    out = io.BytesIO()
    columns = {name: [row[at] for row in rows[1:]] for at, name in enumerate(rows[0])}
    parquet.write_table(pa.table({**columns, "weight_kg": [3.4, 5.5]}), out)
    return out.getvalue()


def _book_seeds() -> list[bytes]:
    rows = [line.split(",") for line in _OWN_NAMES.decode().splitlines()]
    with tempfile.TemporaryDirectory() as folder:
        path = workbook(Path(folder) / "t.xlsx", {"Weights": [*rows[:2], [*rows[2][:4], 5.5]]})
        with zipfile.ZipFile(path) as z:
            return [z.read("xl/worksheets/sheet1.xml"), path.read_bytes()]


def _seeds(folder: str, pattern: str) -> list[bytes]:
    return [p.read_bytes() for p in sorted((ROOT / folder).glob(pattern))]


_TURNER = ROOT / "growthwatch" / "references" / "data" / "turner-uk-1985"
_EXTENDING = header().encode() + X1.encode()
_SET = (
    b'\n[[set]]\npath = "rules[G9].clock[from_months=4].red_days"\n'
    b"values = [{ from = 2027-01-01, value = 35 }, { from = 2027-10-01, value = 30 }]\n"
    b'source = "Board"\ntag = "L"\nreview_by = 2027-12-31\n'
)
_SIGNED = Signature.of("uk-hv", "0.4", "sha256:" + "0" * 64, by="A", role="paediatrician", on=_DAY).to_toml().encode()

TARGETS: dict[str, Target] = {
    t.name: t
    for t in (
        Target("record", _seeds("examples", "c*.json"), _record, 400),
        Target(
            "protocol",
            [_EXTENDING, header().encode() + _SET, _EXTENDING + _SET],
            lambda data, folder: gw.Protocol.load(_written(folder, "p.toml", data)),
            300,
        ),
        Target(
            "whole protocol",
            _seeds("growthwatch/protocols", "*.toml"),
            lambda data, folder: gw.Protocol.load(_written(folder, "p.toml", data)),
            40,
        ),
        Target("signature", [_SIGNED], lambda data, folder: Signature.load(_written(folder, "s.toml", data))),
        Target(
            "story",
            _seeds("tests/protocol_cases/stories", "g*.toml"),
            lambda data, folder: read_story(_written(folder, "s.toml", data)),
        ),
        Target("mapping", _seeds("examples", "caseload.toml"), _mapping, 400),
        Target("csv", [_CSV, _OWN_NAMES, _OWN_NAMES.decode().encode("utf-16")], _table(".csv"), 150),
        Target("tsv", [_CSV.replace(b",", b"\t"), _OWN_NAMES.replace(b",", b"\t")], _table(".tsv"), 70),
        Target("parquet", [_parquet_seed()], _table(".parquet"), 200),
        Target("excel", _book_seeds(), _book, 300),
        Target(
            "reference",
            [(_TURNER / "reference.toml").read_bytes() + _PARTS + (_TURNER / "height.csv").read_bytes()],
            _reference,
        ),
        Target("store", [_store_seed()], _store, 120),
        Target("fhir", [*[bundle(patient(), weight())] * 5, _fhir_seed()], _fhir, 150),
        Target("fhir xml", _seeds("tests/interop/fhir_files", "UKCore-*-Example.xml"), _fhir, 150),
        Target(
            "head",
            [b"growthwatch-store " + b"0" * 32 + b" 12 " + b"f" * 64],
            lambda data, _: Head.parse(data.decode("latin-1")),
        ),
    )
}
"""Every reader."""


# ---------------------------------------------------------------- spoiling

_WORDS: tuple[bytes, ...] = (
    b"", b"null", b"true", b"0", b"-0", b"-1", b"1e999", b"-1e-999", b"1e308", b"NaN", b"nan", b"inf", b"-Infinity",
    b"9" * 400, b"0.1", b"1_000", b"0x10", b"18446744073709551616", b"-9223372036854775809", b"[]", b"{}", b"[[]]",
    b'""', b'"\\u0000"', b'"\\ud800"', b'"\\u202e"', b'"a"', b"'", b'"', b"0001-01-01", b"9999-12-31", b"2024-02-30",
    b"2024-02-29", b"2024-02-29T24:00:00Z", b"9999-12-31T23:59:59-14:00", b"0001-01-01T00:00:00+14:00",
    b'"0001-01-01"', b'"9999-12-31"', b'"9999-12-31T23:59:59-14:00"', b'"0001-01-01T00:00:00+14:00"', b"00:00:00",
    b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xf0\x9f\x92\xa9", b"\r", b"\n", b"\r\n", b"\t", b",",
    b";", b"#", b"=", b"[", b"]", b"{", b"}", b"\\", b"../../etc/passwd", b"/dev/zero", b"C:\\nul", b"x" * 5000,
    b"[" * 3000, b'{"a":' * 3000, b'"id"', b'"type"', b'"child_id"', b"id", b"source", b"levels", b"line", b"%s%n",
    b"{0.__class__}", b"$(x)", b"1/0", b"29/02/2023", b"13/13/2013", b"44927", b"1,5", b"3.4 kg", b"\xc2\xa0", b"F",
    b"+inf", b"1e-400", b"1" * 30 + b".5", b"2024-W01-1", b"20240101", b"\xe2\x80\xa8", b"<c><v>1e999</v></c>", b"&#0;",
    b"&x;", b"<!DOCTYPE a [<!ENTITY x 'xxxxxxxx'>]>", b"</row>", b'<c t="s"><v>99</v></c>', b'<c r="XFD1048576"/>',
)  # fmt: skip

_VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 10**20, 0.1, -9.62, 1e300, 5e-324, "", " ", "x" * 500, "0", "-1", "NaN", "1e999", "2024-02-30",
    "2024-05", "2024", "0001-01-01", "9999-12-31", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "2024-05-03",
    "2024-05-03T10:00:00", "2024-05-03T24:00:00Z", "male", "kg", "g", "final", "entered-in-error", "gp", "b", "w1",
    "Patient/p1", "#p1", "urn:uuid:x", "https://a.example/fhir/Patient/p1", "\ud800", "\u202e", "\x00", "a|b", "a@b", "@", "|",
    [], {}, [[]], [{}], [None], {"": None}, {"coding": [{}]}, "{", "[1]", "null", "urn:growthwatch:json:marks",
    "urn:growthwatch:event", "Bundle", "Patient", "Observation", "Encounter", "Condition", "ServiceRequest",
)  # fmt: skip
"""What may stand anywhere in JSON."""

_TOKEN = re.compile(rb'"(?:[^"\\\n]|\\.)*"|[^\s,:=\[\]{}"<>;]+')


def spoilt(data: bytes, ops: Sequence[Op], others: Sequence[bytes] = ()) -> bytes:
    """Change a file, one change after the other."""
    for how, where, what in ops:
        data = _CHANGES[how % len(_CHANGES)](data, where, what, others)[:200_000]
    return data


def _token(data: bytes, where: int, what: int, others: Sequence[bytes]) -> bytes:
    """A word, a number or a text is another."""
    found = list(_TOKEN.finditer(data))
    if not found:
        return data + _WORDS[what % len(_WORDS)]
    m = found[where % len(found)]
    # One time in three it is another word of the file itself.
    new = found[what // 3 % len(found)][0] if what % 3 == 0 else _WORDS[what % len(_WORDS)]
    return data[: m.start()] + new + data[m.end() :]


def _byte(data: bytes, where: int, what: int, others: Sequence[bytes]) -> bytes:
    at = where % (len(data) + 1)
    return data[:at] + bytes([what % 256]) + data[at + 1 :]


def _put_in(data: bytes, where: int, what: int, others: Sequence[bytes]) -> bytes:
    at = where % (len(data) + 1)
    return data[:at] + _WORDS[what % len(_WORDS)] + data[at:]


def _cut(data: bytes, where: int, what: int, others: Sequence[bytes]) -> bytes:
    at = where % (len(data) + 1)
    return data[:at] + data[at + 1 + what % 200 :]


def _end(data: bytes, where: int, what: int, others: Sequence[bytes]) -> bytes:
    return data[: where % (len(data) + 1)]


def _lines(data: bytes, where: int, what: int, others: Sequence[bytes]) -> bytes:
    """A line is gone, there twice, or at another place."""
    lines = data.split(b"\n")
    line = lines.pop(where % len(lines))
    if what % 3:
        lines.insert(what // 3 % (len(lines) + 1), line)
    if what % 3 == 2:
        lines.insert(where % (len(lines) + 1), line)
    return b"\n".join(lines)


def _spliced(data: bytes, where: int, what: int, others: Sequence[bytes]) -> bytes:
    """Part of another file stands in it."""
    other = others[what % len(others)] if others else data
    start = (where * 7919) % (len(other) + 1)
    at = where % (len(data) + 1)
    return data[:at] + other[start : start + 1 + what % 500] + data[at:]


_CHANGES = (_token, _token, _token, _token, _lines, _byte, _put_in, _cut, _spliced, _end)


def member_changed(data: bytes, random: Random) -> bytes:
    """JSON that is still JSON: one value of it is another, is gone, is there twice, or lies somewhere else.

    A byte that is changed mostly ends in the parser; this gets past it, to what judges the values.
    """
    whole = json.loads(data)
    places: list[tuple[Any, Any]] = []
    waiting = [whole]
    while waiting:
        at = waiting.pop()
        for key in list(at) if isinstance(at, dict) else range(len(at)):
            places.append((at, key))
            if isinstance(at[key], dict | list):
                waiting.append(at[key])
    for _ in range(random.choice((1, 1, 1, 2, 4))):
        at, key = random.choice(places)
        other, elsewhere = random.choice(places)
        if key not in at if isinstance(at, dict) else key >= len(at):
            continue
        how = random.randrange(5)
        if how == 0:
            del at[key]
        elif how == 1 and (elsewhere in other if isinstance(other, dict) else elsewhere < len(other)):
            # A copy: a value may lie in itself no longer.
            at[key] = json.loads(json.dumps(other[elsewhere]))
        elif how == 2:
            at[key] = [at[key]] if random.random() < 0.5 else {"value": at[key]}
        elif how == 3 and isinstance(at, list):
            at.append(json.loads(json.dumps(at[key])))
        else:
            at[key] = random.choice(_VALUES)
    return json.dumps(whole, ensure_ascii=random.random() < 0.5).encode("utf-8", "surrogatepass")


def drawn(target: Target, random: Random) -> bytes:
    """A spoilt file; one in twenty is of bytes that were never anything; of JSON, half is JSON still."""
    if random.random() < 0.05:
        return random.randbytes(random.randrange(300))
    if target.seeds[0].startswith(b"{") and random.random() < 0.5:
        return member_changed(random.choice(target.seeds), random)
    ops = [
        (random.randrange(1 << 16), random.randrange(1 << 20), random.randrange(1 << 16))
        for _ in range(random.choice((1, 1, 1, 2, 3, 5)))
    ]
    return spoilt(random.choice(target.seeds), ops, target.seeds)


# ---------------------------------------------------------------- judging


class Fault(AssertionError):
    """What a reader must not do."""


@contextlib.contextmanager
def place() -> Generator[Path]:
    """A folder for readers of files, in memory where there is such a place."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(prefix="gw-fuzz-", dir=memory if memory.is_dir() else None) as folder:
        yield Path(folder)


def hold(target: Target, data: bytes, folder: Path, *, again: bool = False) -> bool:
    """Give a file to a reader; whether it was read.

    Raises
    ------
    Fault
        When it raised anything but `GrowthwatchError`, warned of anything of its own, or took longer than a second.
    """
    start, read = time.process_time(), True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.simplefilter("ignore", GrowthwatchWarning)
            target.read(data, folder)
    except GrowthwatchError as e:
        read = False
        if not str(e).strip() or not e.redacted.strip():
            raise Fault(f"{target.name}: it was refused without a word") from e
    except BaseException as e:
        if isinstance(e, KeyboardInterrupt | SystemExit | MemoryError):
            raise
        raise Fault(f"{target.name}: {type(e).__name__}: {e}"[:600]) from e
    took = time.process_time() - start
    if took > MOST_SECONDS and not again:
        # The first file may have paid for what a reader imports: a hang takes as long the second time.
        return hold(target, data, folder, again=True)
    if took > MOST_SECONDS:
        raise Fault(f"{target.name}: it took {took:.1f} s")
    return read


def where_of(fault: Fault) -> str:
    """The last line of growthwatch that a fault came through: faults of one place are one."""
    cause = fault.__cause__
    frames = [f for f in traceback.extract_tb(cause.__traceback__) if "growthwatch" in f.filename] if cause else []
    return (
        f"{type(cause).__name__} at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else str(fault)[:80]
    )
