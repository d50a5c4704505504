"""Readers refuse what they cannot read in words, whatever it is: names, kinds, sizes, depth, numbers."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import growthwatch as gw
from growthwatch.core import files
from growthwatch.core.calendar import WorkingCalendar
from growthwatch.core.files import is_file, is_folder, read_within
from growthwatch.protocol import Protocol
from growthwatch.record import Record
from growthwatch.references import Reference, reference
from growthwatch.references.interchange import import_lms_csv

ABOUT = {"title": "t", "kind": "reference", "citation": "c", "terms": "t", "population": "p"}
READERS: list[Callable[[Any], Any]] = [
    Record.load,
    Protocol.load,
    WorkingCalendar.load,
    lambda path: import_lms_csv(path, id="ours", sex="male", **ABOUT),
]
NAMES = ["a\0b", "x" * 5000, "/" + "y" * 300 + "/z", "no such file", "", "/"]


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("name", NAMES)
def test_names_that_no_file_has(read: Callable[[Any], Any], name: str) -> None:
    with pytest.raises(gw.GrowthwatchError):
        read(name)


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize(
    "data",
    [b"\xff\xfe\x00", b"[" * 200_000, b"a = " + b"[" * 200_000, b"1" * 6000, b"a = " + b"9" * 6000, b"\0" * 50, b""],
)
def test_contents_that_are_none(read: Callable[[Any], Any], data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)
    with pytest.raises(gw.GrowthwatchError):
        read(path)


def test_an_over_long_cell_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("age_days,L,M,S\n0,1," + "9" * 200_000 + ",0.1\n")
    with pytest.raises(gw.GrowthwatchError, match="line"):
        import_lms_csv(path, id="ours", sex="male", **ABOUT)


def test_a_folder_with_an_over_long_cell_is_refused(tmp_path: Path) -> None:
    made = tmp_path / "r"
    reference("trisomy-21-uk-2002").export(made)
    table = next(made.glob("*weight*.csv"))
    table.write_text(table.read_text() + "x" * 200_000 + "\n")
    with pytest.raises(gw.GrowthwatchError):
        Reference.load(made).curves("weight")


def test_the_size_is_looked_at_before_anything_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "big"
    with path.open("wb") as f:
        f.truncate(10**12)  # a hole: to read it would take for ever
    for read in READERS:
        with pytest.raises(gw.GrowthwatchError, match="at most"):
            read(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for read in READERS:
        with pytest.raises(gw.GrowthwatchError):
            read(tmp_path / "pipe")


def test_a_file_within_the_limit_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"12345")
    assert read_within(path, 5) == b"12345" and is_file(path) and is_folder(tmp_path)
    with pytest.raises(gw.GrowthwatchError, match="5 bytes, expected at most 4"):
        read_within(path, 4)
    assert not is_file(Path("a\0b")) and not is_folder(Path("x" * 5000))
    assert files.RECORD_LIMIT > files.FIGURES_LIMIT > files.TEXT_LIMIT


def test_a_record_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    plain = Record("c").dumps()
    path = tmp_path / "c.json"
    path.write_bytes(b"\xef\xbb\xbf" + plain.encode())
    assert Record.load(path) == Record.loads("\ufeff" + plain) == Record.loads(path.read_bytes()) == Record("c")
    assert json.loads(plain)["child_id"] == "c"


def test_a_reference_of_ones_own_says_what_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("age_days,L,M,S\n0,1,3.3,0.1\n10,1,3.6,0.1\n")
    with pytest.raises(gw.GrowthwatchError, match="title, kind, citation, terms, population: not given") as e:
        import_lms_csv(path, id="ours", sex="male")
    assert e.value.field == "title"
