"""What is put right is read from the last reading before it: the same as from the beginning, with fewer events."""

from __future__ import annotations

import random

import pytest
from builders import HV, Child
from random_records import last_day, random_record

from growthwatch.core.calendar import as_instant
from growthwatch.protocol import review
from growthwatch.protocol.child import Child as Ledgers
from growthwatch.protocol.engine.fold import Fold
from growthwatch.record import Record
from growthwatch.record.known import Known


def from_the_beginning(self: Fold, events: object, protocol: object) -> tuple[Ledgers, int]:
    return Ledgers(HV.settings, HV.reference, self._scorer(HV)), 0


def put_right(seed: int) -> Record:
    """Weights every few days; many are corrected, marked, and marks marked again, soon or long after."""
    draw, child = random.Random(seed), Child()
    ids: list[tuple[str, float]] = []
    for day in range(1, 400, 3):
        kg = child.kg(draw.gauss(-day / 300, 0.1), day)
        child.weigh(kg, day, id=f"w{day}")
        ids.append((f"w{day}", kg))
        if draw.random() < 0.15:
            id, was = draw.choice(ids[-5:] if draw.random() < 0.7 else ids)
            child.weigh(was * draw.choice((0.97, 1.02)), int(id[1:]), late=day - int(id[1:]), id=f"c{day}", corrects=id)
        if draw.random() < 0.1:
            id, _ = draw.choice(ids[-5:])
            child.add("entered_in_error", day, id=f"m{day}", target=id, reason="wrong child")
            if draw.random() < 0.5:
                child.add("entered_in_error", day, late=draw.randint(0, 20), target=f"m{day}", reason="it was right")
    return child.record


@pytest.mark.parametrize("seed", range(6))
def test_the_same_as_from_the_beginning(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    records = [put_right(seed), random_record(seed), random_record(100 + seed)]
    made = [review(r, protocol=HV, as_of=last_day(r)).to_json() for r in records]
    monkeypatch.setattr(Fold, "_last_reading", from_the_beginning)
    assert made == [review(r, protocol=HV, as_of=last_day(r)).to_json() for r in records]


def events_read(child: Child, monkeypatch: pytest.MonkeyPatch) -> int:
    read: list[int] = []
    ledgers_read = Ledgers.read
    with monkeypatch.context() as patch:
        patch.setattr(Ledgers, "read", lambda self, events: read.append(len(events)) or ledgers_read(self, events))
        as_of = as_instant(child.date(400), HV.zone)
        Fold(Known.of(child.record, as_of=as_of, zone=HV.zone), [HV]).run()
    return sum(read)


def test_what_is_corrected_soon_costs_no_more_however_long_the_record(monkeypatch: pytest.MonkeyPatch) -> None:
    def corrected_on(*days: int) -> Child:
        child = Child().steady(0.0, list(range(2, 300, 2)))
        for day in days:
            child.at_z(0.1, day, late=5, id=f"c{day}", corrects=f"weighed-{1 + day // 2}")
        return child

    plain = events_read(corrected_on(), monkeypatch)
    early = events_read(corrected_on(60), monkeypatch) - plain
    late = events_read(corrected_on(280), monkeypatch) - plain
    assert plain < 160, "each is read once"
    assert 0 < early < 40 and 0 < late < 40
    assert events_read(corrected_on(60, 100, 140, 180, 220, 260), monkeypatch) - plain < 6 * 40


def test_what_is_corrected_long_after_is_read_from_further_back(monkeypatch: pytest.MonkeyPatch) -> None:
    child = Child().steady(0.0, list(range(2, 300, 2)))
    child.at_z(0.5, 4, late=290, id="c", corrects="weighed-3")
    assert events_read(child, monkeypatch) > 250, "all of it anew, once"
    day = child.date(400)
    assert review(child.record, protocol=HV, as_of=day).due.last_valid_on == child.date(298)
