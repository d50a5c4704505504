"""A released protocol is never edited or removed, and answers as it did: the hash and the answers are kept."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from released import FOLDER, answers_of, place_of, problems, records, write_release

import growthwatch as gw
from growthwatch.core.errors import GrowthwatchError
from growthwatch.protocol import document
from growthwatch.protocol.kinds.kilograms import NoNetGain
from growthwatch.protocol.kinds.schedule import WeighingOverdue

PACKAGED = Path(gw.__file__).parent / "protocols"
FEW = ("c1-slow-decline", "c3-acute-dehydration")


def test_every_released_protocol_is_what_it_was() -> None:
    assert list(problems()) == []


def test_there_are_records_to_hold_them_to() -> None:
    found = records()
    assert len(found) >= 15 and {"c1-slow-decline", "c3-acute-dehydration"} <= set(found)
    opened = {
        key.partition("@")[0].partition(":")[0]
        for record in found.values()
        for change in answers_of(record, gw.protocol("uk-hv"))["changes"]
        for key, _, _ in change[1]
    }
    assert {"S2", "G1", "G3", "G4", "G8", "G9", "G12", "H1", "Q1"} <= opened


class Copy:
    """Packaged protocols and what is kept of them, in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.protocols, self.kept = folder / "protocols", folder / "released"

    def forget(self) -> None:
        """Read the files anew."""
        document._packaged.cache_clear()  # pyright: ignore[reportPrivateUsage]
        document._loaded.cache_clear()  # pyright: ignore[reportPrivateUsage]

    def problems(self) -> list[str]:
        self.forget()
        return list(problems(self.kept, FEW))

    def edit(self, name: str, old: str, new: str) -> None:
        path = self.protocols / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Copy]:
    """A copy in which the newest protocol has just been released."""
    made = Copy(tmp_path)
    made.protocols.mkdir()
    for path in PACKAGED.glob("*.toml"):
        shutil.copy(path, made.protocols)
    (made.kept / "records").mkdir(parents=True)
    for name in FEW:
        shutil.copy(FOLDER / "records" / f"{name}.json", made.kept / "records")
    monkeypatch.setattr(document, "_folder", lambda: made.protocols)
    made.forget()
    write_release(gw.protocol("uk-hv"), made.kept)
    yield made
    monkeypatch.undo()
    made.forget()


def test_what_was_just_released_is_what_it_was(copy: Copy) -> None:
    assert copy.problems() == []
    kept = json.loads(place_of(gw.protocol("uk-hv"), copy.kept).read_text(encoding="utf-8"))
    assert kept["hash"] == gw.protocol("uk-hv").hash and set(kept["answers"]) == set(FEW)
    with pytest.raises(GrowthwatchError, match="was not released before"):
        write_release(gw.protocol("uk-hv"), copy.kept)


def test_a_number_that_is_edited_is_found(copy: Copy) -> None:
    copy.edit("uk-hv.toml", "loss_at_least_percent = 7.5", "loss_at_least_percent = 8.7")
    edited, answered = copy.problems()
    assert re.match(r"uk-hv 0\.4 was edited: its hash is sha256:", edited)
    assert answered.startswith("uk-hv 0.4 answers otherwise than when it was released: c1-slow-decline, ")


def test_a_source_that_is_edited_is_found(copy: Copy) -> None:
    copy.edit("uk-hv.toml", "NICE NG75 1.1.2", "NICE NG75 1.1.3")
    (edited,) = copy.problems()
    assert "was edited" in edited


def test_one_that_is_removed_is_found(copy: Copy) -> None:
    (copy.protocols / "uk-hv.toml").rename(copy.protocols / "uk-hv-old.txt")
    copy.forget()
    (gone,) = copy.problems()
    assert gone.startswith("uk-hv 0.4 is not there any more")


def test_a_kind_that_comes_to_mean_something_else_is_found(copy: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault planted in the code: the file is as it was, and answers otherwise."""
    closed_by = WeighingOverdue.closed_by
    monkeypatch.setattr(WeighingOverdue, "closed_by", lambda self, at, opened: None)
    found = copy.problems()
    assert found and all("answers otherwise" in f and "was edited" not in f for f in found)
    monkeypatch.setattr(WeighingOverdue, "closed_by", closed_by)
    assert copy.problems() == []


def test_a_sentence_may_improve(copy: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NoNetGain, "say", lambda self, seen, level: "Better said.")
    assert copy.problems() == []


def test_the_next_version_stands_beside_the_released_one(copy: Copy) -> None:
    old = gw.protocol("uk-hv")
    shutil.copy(copy.protocols / "uk-hv.toml", copy.protocols / "uk-hv-0.4.toml")
    copy.edit("uk-hv.toml", 'version = "0.4"', 'version = "0.5"')
    copy.edit("uk-hv.toml", "loss_at_least_percent = 7.5", "loss_at_least_percent = 8.7")
    assert copy.problems() == []
    newest = gw.protocol("uk-hv")
    assert (newest.version, gw.protocol("uk-hv", version="0.4").hash) == ("0.5", old.hash)
    assert gw.protocol("uk-hv", hash=old.hash).version == "0.4" and gw.protocols() == ("uk-hv",)
    assert gw.protocol("uk-hv", version="0.4", hash=old.hash) == old
    with pytest.raises(GrowthwatchError, match="hash: got"):
        gw.protocol("uk-hv", version="0.5", hash=old.hash)
