"""What a protocol is named by, and what it is judged by: two hashes, so that nothing outside the file orphans anybody.

A record adopts the hash of the file with its parents, a signature signs it and a file of one's own extends it.  A new
bank holiday, a note on a reference or new figures of the evidence are in `judged_by` alone.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from builders import HV, Child
from own_protocols import header, one, write

import growthwatch as gw
from growthwatch.core.errors import GrowthwatchError
from growthwatch.protocol import KINDS, Protocol, document, replay
from growthwatch.protocol.file.figures import FIGURES, Packaged
from growthwatch.protocol.file.signing import Signature
from growthwatch.references import Reference

ON = dt.date(2026, 11, 2)


def new_holiday(patch: pytest.MonkeyPatch) -> None:
    more = replace(HV.calendar, holidays=(*HV.calendar.holidays, (dt.date(2027, 6, 15), "Jubilee")))
    patch.setattr(document, "load_calendar", lambda name: more)  # pyright: ignore[reportUnknownLambdaType]


def noted_reference(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Reference, "hash", property(lambda self: "sha256:" + "1" * 64))  # pyright: ignore[reportUnknownLambdaType]


def new_evidence(patch: pytest.MonkeyPatch) -> None:
    """A file of the evidence that is packaged later: the one that the protocol names stays, and is no longer the latest."""
    there = FIGURES["evidence"]
    later = Packaged((*there.versions, "99"), lambda v: "sha256:" + "2" * 64 if v == "99" else there.hash(v))
    patch.setitem(FIGURES, "evidence", later)  # pyright: ignore[reportArgumentType]


def read_anew() -> None:
    document._loaded.cache_clear()  # pyright: ignore[reportPrivateUsage]


@pytest.fixture(params=[("calendar", new_holiday), ("reference", noted_reference), ("figures", new_evidence)],
                ids=["a new bank holiday", "a note on a reference", "new figures of the evidence"])  # fmt: skip
def later(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    """The package of a later day: what changed in it, and a trust's file and two signatures from before."""
    part, change = request.param
    ours = Protocol.load(write(tmp_path, one("rules[P3].read_wd", 1)))
    signed = [Signature.of(p.id, p.version, p.hash, by="Dr A Lee", role="paediatrician", on=ON) for p in (HV, ours)]
    change(monkeypatch)
    read_anew()
    yield part, tmp_path / "ours.toml", ours.hash, signed
    monkeypatch.undo()
    read_anew()


def test_nothing_outside_the_file_orphans_an_adoption_a_signature_or_a_file_that_extends(later: Any) -> None:
    part, path, hash, signed = later
    found, ours = gw.protocol("uk-hv", hash=HV.hash, signature=signed[0]), Protocol.load(path, signature=signed[1])
    assert (found.hash, ours.hash) == (HV.hash, hash), "the hashes are of the files alone"
    assert found.signed == signed[0] and ours.signed == signed[1]
    if part == "figures":
        assert found.judged_by == HV.judged_by, "it goes on by the figures that it names"
    else:
        assert found.judged_by[part] != HV.judged_by[part] and found != HV
        assert {k: v for k, v in found.judged_by.items() if k != part} == {
            k: v for k, v in HV.judged_by.items() if k != part
        }
    child = Child().steady(0.0, [14, 40])
    child.add("protocol_adopted", 41, protocol=ours.id, hash=hash, role="team_lead")
    review = gw.review(child.record, protocol=[found, ours], as_of=child.date(60))
    assert review.refused == () and (review.protocol_id, review.protocol_hash) == ("trust-hv", hash)
    assert review.protocol_signed == signed[1]
    assert json.loads(review.to_json())["judged_by"] == json.loads(json.dumps(dict(ours.judged_by), default=dict))


def test_the_four_are_in_every_review_of_every_protocol(tmp_path: Path) -> None:
    ours = Protocol.load(write(tmp_path, one("rules[P3].read_wd", 1)))
    for protocol in (HV, ours):
        for day in (-5, 0, 60, 3000):
            told = json.loads(Child().review(day, protocol).to_json())
            assert set(told["judged_by"]) == {"kinds", "figures", "calendar", "reference"}, day
            assert told["protocol"]["hash"] == protocol.hash
    assert ours.judged_by == HV.judged_by and ours.hash != HV.hash
    assert list(replay(Child().weigh(4.0, 20).record, protocol=ours, until=dt.date(2024, 4, 1)))


def test_the_hash_is_of_the_file_with_its_parents(tmp_path: Path) -> None:
    """One number of the parent, and all that rests on it is another file: its own hash, and that of the next."""
    text = (
        (Path(gw.__file__).parent / "protocols" / "uk-hv.toml")
        .read_text("utf-8")
        .replace('id = "uk-hv"', 'id = "base"', 1)
    )
    hashes: list[str] = []
    for n, other in enumerate((text, text.replace("loss_at_least_percent = 7.5", "loss_at_least_percent = 7"))):
        folder = tmp_path / str(n)
        folder.mkdir()
        (folder / "base.toml").write_text(other, "utf-8")
        base = Protocol.load(folder / "base.toml")
        child = Protocol.load(write(folder, one("rules[P3].read_wd", 1), head=header(parent=base)), parents=[base])
        last = write(folder, one("rules[P3].read_wd", 3), head=header("next-hv", parent=child), name="next.toml")
        hashes.append(Protocol.load(last, parents=[child]).hash)
        with pytest.raises(GrowthwatchError, match=r"extends\.hash"):
            Protocol.load(write(folder, one("rules[P3].read_wd", 1), head=header(parent=base, hash=HV.hash), name="x.toml"),
                          parents=[base])  # fmt: skip
    assert len(set(hashes)) == 2


@pytest.mark.parametrize("name", [p.id for p in [gw.protocol(i) for i in gw.protocols()]])
def test_the_package_has_every_version_that_a_packaged_file_names(name: str) -> None:
    found = gw.protocol(name)
    for rule in found.rules:
        assert KINDS[rule.KIND].of_version(rule.VERSION) is type(rule), rule.id
    assert found.settings.figures is not None
    for figures, version in found.settings.figures.versions.items():
        assert version in FIGURES[figures].versions and FIGURES[figures].hash(version)


def test_gw_protocol_by_version_hash_and_signature(tmp_path: Path) -> None:
    good = Signature.of(HV.id, HV.version, HV.hash, by="Dr A Lee", role="paediatrician", on=ON)
    path = tmp_path / "signature.toml"
    path.write_text(good.to_toml(), "utf-8")
    for given in (good, path, str(path)):
        assert gw.protocol("uk-hv", version="0.4", hash=HV.hash, signature=given).signed == good
    assert gw.protocol("uk-hv").signed is None, "a signature that was given once signs nothing for others"
    # Of another file: kept, and signs nothing.
    other = Signature.of(HV.id, HV.version, "sha256:" + "0" * 64, by="Dr A Lee", role="paediatrician", on=ON)
    assert gw.protocol("uk-hv", signature=other).signed is None
    # By a role that signs nothing: neither.
    family = Signature.of(HV.id, HV.version, HV.hash, by="Ms Doe", role="family", on=ON)
    assert gw.protocol("uk-hv", signature=family).signed is None
    for more in ({"version": "0.3"}, {"hash": "sha256:0"}, {"version": 0.4}, {"hash": 7}, {"signature": 7}):
        with pytest.raises(GrowthwatchError, match=next(iter(more))):
            gw.protocol("uk-hv", **more)  # pyright: ignore[reportArgumentType]
