"""Single values: what is admitted, what is refused, and in which words."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from small_records import (
    but,
    refusal,
)

from growthwatch.core.errors import GrowthwatchError
from growthwatch.record import (
    Record,
    Weighed,
    parse_event,
)


@pytest.mark.parametrize(
    "weight",
    [
        *(True, False, "9.62", "", None, [9.62], {"kg": 9.62}, dt.date(2024, 1, 1), 9.62j, np.float32(9.62)),
        *(-9.62, 0, 0.0, -0.0, float("nan"), float("inf"), -float("inf"), 10**400, 2**53 + 1),
    ],
)
def test_wrong_weights(weight: Any) -> None:
    error = refusal(but(weight_kg=weight))
    assert error.field == "weight_kg"
    assert error.expected == "a finite number greater than 0"
    assert "event 'w1' (weighed): weight_kg: got " in str(error)


@pytest.mark.parametrize("weight", [9, 9.0, 1e-300, 1e300, 5e-324, np.float64(9.62), np.int64(9)])
def test_odd_weights_are_admitted(weight: Any) -> None:
    e = parse_event(but(weight_kg=weight))
    assert isinstance(e, Weighed)
    assert type(e.weight_kg) is float and e.weight_kg == weight
    assert Record.loads(Record("c", [e]).dumps()).event("w1") == e


@pytest.mark.parametrize(
    "moment",
    [
        "2024-01-09T14:30:00",
        "2024-01-09",
        "2024-01-09 14:30:00Z",
        "20240109T143000Z",
        "2024-01-09T24:00:00Z",
        "2024-01-09T14:60:00Z",
        "2024-02-30T14:30:00Z",
        "2024-01-09T14:30:00.1234567Z",
        "2024-01-09T14:30:00z",
        "٢٠٢٤-01-09T14:30:00Z",
        "0001-01-01T00:00:00+10:00",
        "9999-12-31T23:59:59-10:00",
        1704810600,
        None,
        dt.datetime(2024, 1, 9, 14, 30),  # noqa: DTZ001
        dt.date(2024, 1, 9),
        dt.datetime.min.replace(tzinfo=dt.timezone(dt.timedelta(hours=1))),
    ],
)
def test_moments_without_an_offset_are_refused(moment: Any) -> None:
    error = refusal(but(recorded_at=moment))
    assert error.field == "recorded_at"
    assert "offset from UTC" in str(error)


@pytest.mark.parametrize(
    ("given_as", "written"),
    [
        ("2024-01-09T14:30:00Z", "2024-01-09T14:30:00Z"),
        ("2024-01-09T14:30Z", "2024-01-09T14:30:00Z"),
        ("2024-07-09T00:30:00+01:00", "2024-07-08T23:30:00Z"),
        ("2024-01-09T14:30:00.5Z", "2024-01-09T14:30:00.500000Z"),
        ("2024-01-09T14:30:00.000000Z", "2024-01-09T14:30:00Z"),
        (dt.datetime(2024, 10, 27, 1, 30, tzinfo=ZoneInfo("Europe/London")), "2024-10-27T00:30:00Z"),
        (dt.datetime(2024, 10, 27, 1, 30, fold=1, tzinfo=ZoneInfo("Europe/London")), "2024-10-27T01:30:00Z"),
    ],
)
def test_moments_are_kept_in_utc(given_as: Any, written: str) -> None:
    assert parse_event(but(recorded_at=given_as)).to_dict()["recorded_at"] == written


def test_nanoseconds_are_not_dropped_silently() -> None:
    class Fine(dt.datetime):
        nanosecond = 5

    assert refusal(but(recorded_at=Fine(2024, 1, 9, tzinfo=dt.UTC))).field == "recorded_at"
    Fine.nanosecond = 0
    assert type(parse_event(but(recorded_at=Fine(2024, 1, 9, tzinfo=dt.UTC))).recorded_at) is dt.datetime


@pytest.mark.parametrize("day", ["2023-02-29", "2024-2-9", "09/01/2024", "2024-W02-2", "20240109", 20240109, None])
def test_wrong_days(day: Any) -> None:
    assert refusal(but(on=day)).field == "on"


def test_a_day_is_not_a_moment() -> None:
    assert refusal(but(on=dt.datetime(2024, 1, 9, tzinfo=dt.UTC))).field == "on"


def test_leap_day() -> None:
    assert parse_event(but(on="2024-02-29")).on == dt.date(2024, 2, 29)


@pytest.mark.parametrize(
    "clock",
    ["25:00", "24:00", "9:00", "09:00Z", "09:00+01:00", "noon", 9, dt.time(9, tzinfo=dt.UTC), dt.time(1, fold=1)],
)
def test_wrong_times_of_day(clock: Any) -> None:
    assert refusal(but(time=clock)).field == "time"


@pytest.mark.parametrize(("clock", "written"), [("09:05", "09:05"), ("09:05:00", "09:05"), ("09:05:07", "09:05:07")])
def test_times_of_day(clock: str, written: str) -> None:
    assert parse_event(but(time=clock)).to_dict()["time"] == written


@pytest.mark.parametrize("id", ["", " ", "a\n", "a\x00b", "\u200ba", " w1", "x" * 201, 1, None, "a\u2028", "a\ud800"])
def test_wrong_ids(id: Any) -> None:
    error = refusal(but(id=id))
    assert error.field == "id"
    str(error).encode()


def test_long_and_foreign_ids() -> None:
    assert parse_event(but(id="x" * 200)).id == "x" * 200
    assert parse_event(but(id="événement 1")).id == "événement 1"


@pytest.mark.parametrize("note", ["", "  ", "a\x00", "a\ud800", 3, ["a"]])
def test_wrong_notes(note: Any) -> None:
    assert refusal(but(note=note)).field == "note"


def test_notes_may_have_lines() -> None:
    text = 'first line\n\tsecond "line" 👶🏽 \u2028'
    record = Record("c", [but(note=text)])
    assert Record.loads(record.dumps()).event("w1").note == text


def test_a_text_has_a_bound_that_is_said_with_its_length() -> None:
    """Notes and reasons: 100,000 characters; names: 1,000.  A character counts once, whatever its bytes are."""
    told = {"id": "c1", "type": "concern", "on": "2024-01-09", "recorded_at": "2024-01-09T10:00:00Z", "role": "gp"}
    fits = parse_event({**told, "actor": "ü" * 1_000, "raised_by": "b", "about": "𝒶" * 100_000, "note": "n" * 100_000})
    assert len(fits.actor) == 1_000 and len(fits.note or "") == 100_000
    with pytest.raises(GrowthwatchError) as caught:
        parse_event({**told, "actor": "a" * 1_001, "raised_by": "b", "about": "x" * 100_001, "note": "n"})
    assert [(p.field, p.expected) for p in caught.value.problems] == [
        ("actor", "at most 1000 characters: it has 1001"),
        ("about", "at most 100000 characters: it has 100001"),
    ]
    assert len(str(caught.value)) < 500
