"""Months, working days and local days."""

from __future__ import annotations

import pickle
import re
import subprocess
import sys
import tomllib
from datetime import UTC, date, datetime, timedelta, timezone
from importlib import resources
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from growthwatch.core.calendar import (
    WorkingCalendar,
    add_months,
    age_months,
    as_instant,
    end_of_day,
    load_calendar,
    local_day,
    month_days,
    time_zone,
)
from growthwatch.core.canonical import content_hash
from growthwatch.core.errors import GrowthwatchError

LONDON = "Europe/London"
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)
NAIVE = datetime(2024, 7, 1, 9)  # noqa: DTZ001
ROOT = Path(__file__).resolve().parents[2]

people_days = st.dates(date(1900, 1, 1), date(2150, 12, 31))
instants = st.integers(-631152000, 4102444800).map(lambda s: datetime.fromtimestamp(s, UTC))  # 1950 to 2100
covered = st.dates(date(1990, 1, 1), date(2040, 11, 30))
zones = st.sampled_from(
    [
        LONDON,
        "UTC",
        "Asia/Kathmandu",
        "America/St_Johns",  # has changed its clocks at a minute past midnight, back into the day before
        "America/Sao_Paulo",  # has skipped the hour after midnight
        "America/Havana",  # repeats the hour after midnight
        "Pacific/Apia",  # skipped 30 December 2011
        "Australia/Lord_Howe",  # half-hour change
    ]
)


# --- months ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("origin", "months", "expected"),
    [
        ("2020-02-29", 12, "2021-03-01"),
        ("2020-02-29", 24, "2022-03-01"),
        ("2020-02-29", 48, "2024-02-29"),
        ("2020-02-29", 1, "2020-03-29"),
        ("1896-02-29", 48, "1900-03-01"),  # 1900 was not a leap year
        ("1996-02-29", 48, "2000-02-29"),
        ("2023-01-31", 1, "2023-03-01"),
        ("2024-01-31", 1, "2024-03-01"),
        ("2024-01-30", 1, "2024-03-01"),
        ("2024-01-29", 1, "2024-02-29"),
        ("2023-01-29", 1, "2023-03-01"),
        ("2023-01-28", 1, "2023-02-28"),
        ("2023-01-31", 2, "2023-03-31"),
        ("2023-03-31", 1, "2023-05-01"),
        ("2023-08-31", 3, "2023-12-01"),
        ("2023-12-31", 2, "2024-03-01"),
        ("2023-12-15", 1, "2024-01-15"),
        ("2023-06-15", 0, "2023-06-15"),
        ("2023-03-31", -1, "2023-03-01"),
        ("2024-02-29", -12, "2023-03-01"),
        ("2023-01-15", -1, "2022-12-15"),
    ],
)
def test_add_months(origin: str, months: int, expected: str) -> None:
    assert add_months(date.fromisoformat(origin), months) == date.fromisoformat(expected)


@pytest.mark.parametrize(
    ("origin", "on", "expected"),
    [
        ("2020-02-29", "2021-02-28", 11),
        ("2020-02-29", "2021-03-01", 12),
        ("2020-02-29", "2024-02-28", 47),
        ("2020-02-29", "2024-02-29", 48),
        ("2023-01-31", "2023-02-28", 0),
        ("2023-01-31", "2023-03-01", 1),
        ("2023-01-31", "2023-03-30", 1),
        ("2023-01-31", "2023-03-31", 2),
        ("2023-05-10", "2023-05-10", 0),
        ("2023-05-10", "2023-05-09", -1),
        ("2023-05-10", "2023-04-10", -1),
        ("2023-05-10", "2023-04-09", -2),
        ("2023-03-31", "2023-02-28", -2),
        ("2023-03-31", "2023-03-01", -1),
    ],
)
def test_age_months(origin: str, on: str, expected: int) -> None:
    assert age_months(date.fromisoformat(origin), date.fromisoformat(on)) == expected


@settings(deadline=None)
@given(people_days, st.integers(-600, 600))
def test_age_is_the_inverse_of_adding(origin: date, months: int) -> None:
    assert age_months(origin, add_months(origin, months)) == months
    assert age_months(origin, add_months(origin, months) - DAY) == months - 1


@settings(deadline=None)
@given(people_days, people_days)
def test_every_day_is_in_exactly_one_month_of_age(origin: date, on: date) -> None:
    m = age_months(origin, on)
    assert add_months(origin, m) <= on < add_months(origin, m + 1)


@settings(deadline=None)
@given(people_days, st.integers(-600, 600))
def test_a_missing_day_is_never_moved_back(origin: date, months: int) -> None:
    got = add_months(origin, months)
    whole = (got.year - origin.year) * 12 + got.month - origin.month
    assert (got.day == origin.day and whole == months) or (got.day == 1 and origin.day > 28 and whole == months + 1)


@settings(deadline=None)
@given(people_days, people_days, st.integers(0, 40))
def test_age_never_falls_as_time_passes(origin: date, on: date, days: int) -> None:
    assert age_months(origin, on) <= age_months(origin, on + days * DAY)


def test_months_at_the_ends_of_time() -> None:
    assert age_months(date.min, date.max) == 9999 * 12 - 1
    assert age_months(date.max, date.min) == -(9999 * 12 - 1) - 1
    assert add_months(date(9999, 11, 30), 1) == date(9999, 12, 30)
    assert add_months(date(9999, 1, 31), 1) == date(9999, 3, 1)
    for origin, months in [
        (date(9999, 12, 1), 1),
        (date(9999, 1, 31), 13),
        (date(1, 1, 31), -1),
        (date(1, 1, 31), -11),
        (date(2000, 1, 1), 10**30),
        (date(2000, 1, 1), -(10**30)),
    ]:
        with pytest.raises(GrowthwatchError) as e:
            add_months(origin, months)
        assert e.value.field == "months"


def test_months_take_plain_dates_and_whole_numbers() -> None:
    aware = datetime(2020, 1, 1, 9, tzinfo=UTC)
    for call in (
        lambda: add_months(aware, 1),
        lambda: add_months("2020-01-01", 1),  # type: ignore[arg-type]
        lambda: add_months(date(2020, 1, 1), 1.5),  # type: ignore[arg-type]
        lambda: age_months(date(2020, 1, 1), aware),
        lambda: age_months(None, date(2020, 1, 1)),  # type: ignore[arg-type]
    ):
        with pytest.raises(GrowthwatchError, match="expected"):
            call()


# --- working days ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def england() -> WorkingCalendar:
    return load_calendar("england")


@pytest.mark.parametrize(
    "day",
    [
        "1995-05-08",  # VE day, moved from the 1st
        "1999-12-31",  # the millennium
        "2002-06-03",  # Golden Jubilee
        "2002-06-04",  # spring bank holiday, moved
        "2011-04-29",  # royal wedding
        "2012-06-04",  # spring bank holiday, moved
        "2012-06-05",  # Diamond Jubilee
        "2020-05-08",  # early May bank holiday, moved
        "2020-12-28",  # Boxing Day, substitute
        "2021-12-27",  # Christmas Day, substitute
        "2021-12-28",  # Boxing Day, substitute
        "2022-01-03",  # New Year's Day, substitute
        "2022-06-02",  # spring bank holiday, moved
        "2022-06-03",  # Platinum Jubilee
        "2022-09-19",  # state funeral
        "2022-12-27",  # Christmas Day, substitute
        "2023-05-08",  # coronation
        "2024-03-29",  # Good Friday
        "2024-04-01",  # Easter Monday
        "2024-06-01",  # a Saturday
        "2024-06-02",  # a Sunday
    ],
)
def test_not_worked(england: WorkingCalendar, day: str) -> None:
    assert not england.is_working_day(date.fromisoformat(day))


@pytest.mark.parametrize(
    "day",
    [
        "1995-05-01",
        "2002-05-27",
        "2012-05-28",
        "2020-05-04",
        "2022-05-30",
        "2022-06-01",
        "2022-09-20",
        "2024-12-24",
        "2024-12-27",
        "2024-08-05",  # bank holiday in Scotland
        "2024-03-18",  # bank holiday in Northern Ireland
    ],
)
def test_worked(england: WorkingCalendar, day: str) -> None:
    assert england.is_working_day(date.fromisoformat(day))


@pytest.mark.parametrize(
    ("day", "n", "expected"),
    [
        ("2024-06-03", 0, "2024-06-03"),
        ("2024-06-03", 1, "2024-06-04"),
        ("2024-06-03", 5, "2024-06-10"),
        ("2024-06-07", 1, "2024-06-10"),  # Friday to Monday
        ("2024-06-08", 0, "2024-06-10"),  # Saturday: Monday is day 0
        ("2024-06-08", 1, "2024-06-11"),
        ("2024-06-09", 1, "2024-06-11"),
        ("2024-03-28", 1, "2024-04-02"),  # over Easter
        ("2024-03-29", 0, "2024-04-02"),  # Good Friday: Tuesday is day 0
        ("2024-03-29", 1, "2024-04-03"),
        ("2021-12-24", 1, "2021-12-29"),  # Christmas with both substitutes
        ("2021-12-24", 3, "2021-12-31"),
        ("2021-12-24", 4, "2022-01-04"),
        ("2022-09-16", 1, "2022-09-20"),
        ("2024-05-03", 10, "2024-05-20"),
    ],
)
def test_add_working_days(england: WorkingCalendar, day: str, n: int, expected: str) -> None:
    assert england.add_working_days(date.fromisoformat(day), n) == date.fromisoformat(expected)


@settings(deadline=None)
@given(covered, st.integers(0, 15))
def test_exactly_n_working_days_pass(day: date, n: int) -> None:
    england = load_calendar("england")
    start, end = england.add_working_days(day, 0), england.add_working_days(day, n)
    assert england.is_working_day(start)
    assert england.is_working_day(end)
    assert not any(england.is_working_day(day + i * DAY) for i in range((start - day).days))
    assert sum(england.is_working_day(start + i * DAY) for i in range(1, (end - start).days + 1)) == n


@settings(deadline=None)
@given(covered, st.integers(0, 8), st.integers(0, 8))
def test_working_days_add_up(day: date, a: int, b: int) -> None:
    england = load_calendar("england")
    assert england.add_working_days(england.add_working_days(day, a), b) == england.add_working_days(day, a + b)


@settings(deadline=None)
@given(covered, st.integers(0, 10))
def test_a_later_event_never_has_an_earlier_deadline(day: date, n: int) -> None:
    england = load_calendar("england")
    assert england.add_working_days(day, n) <= england.add_working_days(day + DAY, n)


@pytest.mark.parametrize("day", ["1989-12-31", "2041-01-01"])
def test_outside_the_table(england: WorkingCalendar, day: str) -> None:
    for call in (england.is_working_day, lambda d: england.add_working_days(d, 0)):
        with pytest.raises(GrowthwatchError, match="1990 to 2040") as e:
            call(date.fromisoformat(day))
        assert (e.value.field, e.value.value) == ("day", date.fromisoformat(day))


def test_running_off_the_table(england: WorkingCalendar) -> None:
    assert england.add_working_days(date(2040, 12, 28), 1) == date(2040, 12, 31)
    for n in (2, 10**9):
        with pytest.raises(GrowthwatchError, match=r"england.*1990 to 2040"):
            england.add_working_days(date(2040, 12, 28), n)


def test_calendar_refuses_wrong_arguments(england: WorkingCalendar) -> None:
    with pytest.raises(GrowthwatchError) as e:
        england.add_working_days(date(2024, 1, 2), -1)
    assert e.value.field == "n"
    for call in (
        lambda: england.add_working_days(date(2024, 1, 2), 1.5),  # type: ignore[arg-type]
        lambda: england.is_working_day(datetime(2024, 1, 2, tzinfo=UTC)),
        lambda: england.is_working_day("2024-01-02"),  # type: ignore[arg-type]
    ):
        with pytest.raises(GrowthwatchError, match="expected"):
            call()


def test_packaged_calendar(england: WorkingCalendar) -> None:
    assert load_calendar("england") is england
    assert (england.id, england.first_day, england.last_day) == ("england", date(1990, 1, 1), date(2040, 12, 31))
    assert england.weekend == ("saturday", "sunday")
    assert "holidays" in england.source
    assert england.generated_on is not None
    assert dict(england.holidays)[date(2023, 5, 8)] == "Coronation of Charles III"
    with pytest.raises(AttributeError):
        england.id = "other"  # type: ignore[misc]


@pytest.mark.parametrize("name", ["scotland", "", "../data/england", "england-bank-holidays.toml"])
def test_unknown_calendar(name: str) -> None:
    with pytest.raises(GrowthwatchError, match="one of: england") as e:
        load_calendar(name)
    assert (e.value.field, e.value.value) == ("calendar", name)


def test_hash_is_of_what_can_change_an_answer(england: WorkingCalendar) -> None:
    assert england.hash == content_hash(
        {
            "schema": 1,
            "id": "england",
            "first_day": "1990-01-01",
            "last_day": "2040-12-31",
            "weekend": ["saturday", "sunday"],
            "holidays": [d.isoformat() for d, _ in england.holidays],
        }
    )

    def build(**changes: object) -> WorkingCalendar:
        parts = {n: getattr(england, n) for n in ("id", "first_day", "last_day", "weekend", "holidays")}
        return WorkingCalendar(**(parts | changes))  # type: ignore[arg-type]

    renamed = build(holidays=[(d, "closed") for d, _ in england.holidays], weekend=["sunday", "saturday"])
    assert renamed == england
    assert renamed.hash == england.hash
    assert hash(renamed) == hash(england)
    assert pickle.loads(pickle.dumps(england)) == england
    one_less = build(holidays=england.holidays[:-1])
    assert one_less != england
    assert one_less.hash != england.hash
    assert build(id="wales").hash != england.hash
    assert build(weekend=("sunday",)).hash != england.hash
    assert build(first_day=date(1989, 1, 1)).hash != england.hash


def test_calendar_of_ones_own(tmp_path: Path, england: WorkingCalendar) -> None:
    text = (resources.files("growthwatch.core") / "data" / "england-bank-holidays.toml").read_text(encoding="utf-8")
    own = tmp_path / "ours.toml"
    own.write_text(text.replace('id = "england"', 'id = "ours"'), encoding="utf-8")
    ours = WorkingCalendar.load(own)
    assert ours.id == "ours"
    assert ours.holidays == england.holidays

    for old, new, field in [
        ("schema = 1", "schema = 2", "schema"),
        ("schema = 1", "schema = true", "schema"),
        ('id = "england"', "", "id"),
        ('id = "england"', 'id = "england"\ncolour = "red"', "colour"),
        ('id = "england"', "id = 3", "id"),
        ("first_day = 1990-01-01", "first_day = 1990-01-01T00:00:00", "first_day"),
        ("first_day = 1990-01-01", "first_day = 1991-01-01", "holidays"),
        ("last_day = 2040-12-31", "last_day = 1980-12-31", "last_day"),
        ('["saturday", "sunday"]', '["Saturday"]', "weekend"),
        ('["saturday", "sunday"]', "[5, 6]", "weekend"),
        (
            '["saturday", "sunday"]',
            '["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]',
            "weekend",
        ),
        ("1990-01-01 = ", "19900101 = ", "holidays"),
        ("1990-01-01 = ", "1990-02-30 = ", "holidays"),
        ('1990-01-01 = "New Year\'s Day"', "1990-01-01 = 1", "holidays"),
        ("1990-04-13 = ", "1990-01-01 = ", "calendar"),  # the same day twice is not TOML
        ("schema = 1", "schema = ", "calendar"),
    ]:
        assert old in text
        own.write_text(text.replace(old, new, 1), encoding="utf-8")
        with pytest.raises(GrowthwatchError) as e:
            WorkingCalendar.load(own)
        assert e.value.field == field

    own.write_bytes(b"\xff\xfe")
    for path in (own, tmp_path / "absent.toml", tmp_path):
        with pytest.raises(GrowthwatchError) as e:
            WorkingCalendar.load(path)
        assert e.value.field == "path"


def test_the_same_holiday_twice_is_refused() -> None:
    twice = ((date(2024, 1, 1), "a"), (date(2024, 1, 1), "b"))
    with pytest.raises(GrowthwatchError, match="each day once"):
        WorkingCalendar("x", date(2024, 1, 1), date(2024, 12, 31), ("sunday",), twice)


def test_regenerating_gives_the_same_days(tmp_path: Path, england: WorkingCalendar) -> None:
    """The installed `holidays` library still gives exactly these days for 2000 to 2026: none may differ.

    Later years are forecasts and may change when a holiday is proclaimed; earlier ones are history
    that the library may yet correct.  Either way the packaged table stays as it is until somebody
    rebuilds it and says why.
    """
    out = tmp_path / "england.toml"
    script = ROOT / "scripts" / "build_calendar.py"
    subprocess.run([sys.executable, str(script), str(out), "--generated-on", "2024-01-01"], check=True)
    again = WorkingCalendar.load(out)
    assert again.generated_on == date(2024, 1, 1)

    def days(calendar: WorkingCalendar) -> list[date]:
        return [d for d, _ in calendar.holidays if 2000 <= d.year <= 2026]

    assert days(again) == days(england)
    assert len(days(england)) > 27 * 8


def test_every_year_has_its_eight_holidays(england: WorkingCalendar) -> None:
    for year in range(1990, 2041):
        weekdays = [d for d, _ in england.holidays if d.year == year and d.weekday() < 5]
        extra = {1999: 1, 2002: 1, 2011: 1, 2012: 1, 2022: 2, 2023: 1}.get(year, 0)
        assert len(weekdays) == 8 + extra, year


def test_the_library_never_imports_holidays() -> None:
    code = "import sys, growthwatch.core.calendar as c; c.load_calendar(); assert 'holidays' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_the_file_says_where_it_came_from() -> None:
    text = (resources.files("growthwatch.core") / "data" / "england-bank-holidays.toml").read_text(encoding="utf-8")
    raw = tomllib.loads(text)
    assert raw["library"] == "holidays"
    assert re.fullmatch(r"\d+(\.\d+)+", raw["library_version"])
    assert isinstance(raw["generated_on"], date)


# --- local days -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2024-01-15", "2024-01-15T23:59:59.999999"),  # winter: UTC
        ("2024-07-15", "2024-07-15T22:59:59.999999"),  # summer
        ("2024-02-29", "2024-02-29T23:59:59.999999"),  # leap day
        ("2024-03-30", "2024-03-30T23:59:59.999999"),
        ("2024-03-31", "2024-03-31T22:59:59.999999"),  # a day of 23 hours
        ("2024-10-26", "2024-10-26T22:59:59.999999"),
        ("2024-10-27", "2024-10-27T23:59:59.999999"),  # a day of 25 hours
        ("1970-01-01", "1970-01-01T22:59:59.999999"),  # summer time all the year round, 1968 to 1971
    ],
)
def test_end_of_day_in_london(day: str, expected: str) -> None:
    end = end_of_day(date.fromisoformat(day), LONDON)
    assert end == datetime.fromisoformat(expected).replace(tzinfo=UTC)
    assert end.tzinfo is UTC


def test_lengths_of_days() -> None:
    def hours(day: date) -> float:
        return (end_of_day(day, LONDON) - end_of_day(day - DAY, LONDON)) / timedelta(hours=1)

    assert [hours(date(2024, 3, 31)), hours(date(2024, 10, 27)), hours(date(2024, 2, 29))] == [23, 25, 24]


@settings(deadline=None)
@given(st.dates(date(1950, 1, 1), date(2100, 1, 1)), zones)
def test_a_day_ends_just_before_the_next(day: date, zone: str) -> None:
    end = end_of_day(day, zone)
    assert end.tzinfo is UTC
    assert local_day(end + TICK, zone) > day
    if (zone, day) != ("Pacific/Apia", date(2011, 12, 30)):
        assert local_day(end, zone) == day
    assert end_of_day(day - DAY, zone) <= end


@settings(deadline=None)
@given(instants, zones)
def test_no_instant_of_a_day_is_after_its_end(instant: datetime, zone: str) -> None:
    assert instant <= end_of_day(local_day(instant, zone), zone)


@pytest.mark.parametrize(
    ("zone", "day", "expected"),
    [
        # 00:01 back to 23:01 the day before: the day comes back for 59 minutes
        ("America/St_Johns", "2010-11-06", "2010-11-07T03:29:59.999999"),
        # midnight forward to 01:00
        ("America/Sao_Paulo", "2018-11-03", "2018-11-04T02:59:59.999999"),
        # 01:00 back to midnight: the next day has begun already
        ("America/Havana", "2024-11-02", "2024-11-03T03:59:59.999999"),
        # no 30 December at all
        ("Pacific/Apia", "2011-12-29", "2011-12-30T09:59:59.999999"),
        ("Pacific/Apia", "2011-12-30", "2011-12-30T09:59:59.999999"),
        ("Pacific/Apia", "2011-12-31", "2011-12-31T09:59:59.999999"),
    ],
)
def test_end_of_day_where_clocks_change_at_midnight(zone: str, day: str, expected: str) -> None:
    assert end_of_day(date.fromisoformat(day), zone) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def test_local_day() -> None:
    assert local_day(datetime(2024, 7, 15, 22, 59, tzinfo=UTC), LONDON) == date(2024, 7, 15)
    assert local_day(datetime(2024, 7, 15, 23, 0, tzinfo=UTC), LONDON) == date(2024, 7, 16)
    assert local_day(datetime(2024, 1, 15, 23, 59, tzinfo=UTC), LONDON) == date(2024, 1, 15)
    assert local_day(datetime(2024, 2, 29, 12, tzinfo=ZoneInfo("Asia/Tokyo")), LONDON) == date(2024, 2, 29)
    assert local_day(datetime(2024, 2, 29, 12, tzinfo=timezone(timedelta(hours=14))), LONDON) == date(2024, 2, 28)


def test_as_instant() -> None:
    assert as_instant(date(2024, 7, 1), LONDON) == datetime(2024, 7, 1, 22, 59, 59, 999999, tzinfo=UTC)
    summer = datetime(2024, 7, 1, 9, 30, tzinfo=ZoneInfo(LONDON))
    got = as_instant(summer, LONDON)
    assert got == summer
    assert got.tzinfo is UTC
    assert got.hour == 8
    twice = datetime(2024, 10, 27, 1, 30, tzinfo=ZoneInfo(LONDON))  # 01:30 comes twice
    assert as_instant(twice, LONDON).hour == 0
    assert as_instant(twice.replace(fold=1), LONDON).hour == 1


@pytest.mark.parametrize("value", [NAIVE, "2024-07-01", "2024-07-01T09:00:00Z", None, 0, 1719824400.0])
def test_as_instant_refuses(value: object) -> None:
    with pytest.raises(GrowthwatchError, match=r"known_at: got .* a datetime with a time zone") as e:
        as_instant(value, LONDON, "known_at")  # type: ignore[arg-type]
    assert e.value.field == "known_at"
    assert e.value.value == value
    assert e.value.expected


def test_naive_and_wrong_are_refused() -> None:
    for call in (
        lambda: local_day(NAIVE, LONDON),
        lambda: local_day(date(2024, 7, 1), LONDON),  # type: ignore[arg-type]
        lambda: end_of_day(NAIVE, LONDON),
        lambda: end_of_day(datetime(2024, 7, 1, 9, tzinfo=UTC), LONDON),
        lambda: end_of_day("2024-07-01", LONDON),  # type: ignore[arg-type]
    ):
        with pytest.raises(GrowthwatchError, match="expected"):
            call()


def test_the_ends_of_time_are_refused() -> None:
    for call in (
        lambda: end_of_day(date.max, LONDON),
        lambda: as_instant(datetime.max.replace(tzinfo=timezone(-timedelta(hours=3))), LONDON),
        lambda: local_day(datetime.min.replace(tzinfo=UTC), "America/New_York"),
    ):
        with pytest.raises(GrowthwatchError, match="9999"):
            call()


@pytest.mark.parametrize("name", ["London", "Europe/Londn", "", "../../etc/passwd", "/etc/passwd", "Europe", None, 3])
def test_unknown_zone(name: object) -> None:
    with pytest.raises(GrowthwatchError) as e:
        time_zone(name)  # type: ignore[arg-type]
    assert (e.value.field, e.value.value) == ("zone", name)


def test_without_time_zone_data_the_error_says_what_to_install() -> None:
    script = (
        "import zoneinfo, sys\n"
        "sys.modules['tzdata'] = None\n"
        "zoneinfo.reset_tzpath([])\n"
        "from growthwatch.core.calendar import time_zone\n"
        "from growthwatch.core.errors import GrowthwatchError\n"
        "try:\n"
        "    time_zone('Europe/London')\n"
        "except GrowthwatchError as e:\n"
        "    print(e)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "pip install tzdata" in done.stdout and "Europe/London" in done.stdout


def test_time_zones_are_kept() -> None:
    assert time_zone(LONDON) is time_zone(LONDON)


@given(st.lists(st.dates(date(1950, 1, 1), date(2050, 12, 31)), min_size=1), st.lists(st.integers(0, 240)))
def test_months_in_columns_are_months_one_by_one(origins: list[date], months: list[int]) -> None:
    days = month_days(np.array(origins, "datetime64[D]"), np.array(months, np.int64))
    assert days.tolist() == [[(add_months(o, m) - o).days for o in origins] for m in months]


def test_months_of_a_birth_date_that_is_not_known_are_of_the_mean_length() -> None:
    assert month_days(np.array(["NaT"], "datetime64[D]"), np.array([4])).tolist() == [[121.75]]


@pytest.mark.parametrize("field", ["as_of", "until", "known_at"])
@pytest.mark.parametrize("last", [date.max, datetime(9999, 12, 31, 23, 59, tzinfo=timezone(timedelta(hours=-5)))])
def test_the_end_of_the_calendar_names_the_argument_that_is_wrong(field: str, last: date) -> None:
    with pytest.raises(GrowthwatchError) as e:
        as_instant(last, "Europe/London", field)
    assert e.value.field == field and str(e.value).startswith(f"{field}:")
