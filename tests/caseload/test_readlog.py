"""The log of lists: who read which, and what the next list says of one that nobody has read."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
from caseload_tables import cases

import growthwatch as gw
from growthwatch.caseload import log
from growthwatch.core.errors import GrowthwatchError

FRIDAY = dt.date(2024, 2, 23)
PROTOCOL = gw.protocol("uk-hv")


def at(day: dt.date, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day, hour, minute, tzinfo=dt.UTC)


@pytest.fixture
def work(tmp_path: Path):
    """A list with one child who cannot wait: 3.00 kg on day 5 is 14 % below 3.50 kg (G1, above 10 %)."""
    found = cases(tmp_path, "1,18/02/2024,F,18/02/2024,3.50", "1,18/02/2024,F,23/02/2024,3.00")
    made = found.review(as_of=FRIDAY).worklist()
    assert len(made.cannot_wait) == 1
    return made


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (at(dt.date(2024, 2, 24), 12), False),  # Saturday: the next working day has not come
        (at(dt.date(2024, 2, 26), 9, 59), False),  # Monday, before 10:00
        (at(dt.date(2024, 2, 26), 10), True),
        (at(dt.date(2024, 2, 27), 8), True),
    ],
)
def test_a_list_that_nobody_has_read_by_10_of_the_next_working_day_is_the_first_line_of_the_next(
    tmp_path: Path, work, moment: dt.datetime, said: bool
) -> None:
    kept = log(tmp_path / "l.jsonl").made(work, at(FRIDAY, 8))
    lines = kept.before(moment, moment.date(), PROTOCOL)
    wanted = ("Team lead: the list of 23 February 2024 was read by nobody: 1 child cannot wait.",)
    assert lines == (wanted if said else ())
    if said:
        later = replace(work, before=lines)
        assert later.text().replace("\n", " ").startswith(wanted[0]) and later.above[0] == wanted[0]


def test_a_list_that_was_read_is_silent(tmp_path: Path, work) -> None:
    kept = log(tmp_path / "l.jsonl").made(work, at(FRIDAY, 8)).read(work, " Sam Reid ", at(FRIDAY, 9))
    assert kept.before(at(dt.date(2024, 2, 27), 8), dt.date(2024, 2, 27), PROTOCOL) == ()
    entry = log(tmp_path / "l.jsonl").entries[-1]
    assert (entry.what, entry.by, entry.list, entry.on, entry.cannot_wait) == ("read", "Sam Reid", work.hash, FRIDAY, 1)


def test_a_list_without_danger_is_silent(tmp_path: Path) -> None:
    quiet = cases(tmp_path, "1,18/02/2018,F,18/02/2018,3.50").review(as_of=FRIDAY).worklist()
    assert not quiet.cannot_wait
    kept = log().made(quiet, at(FRIDAY, 8))
    assert kept.before(at(dt.date(2024, 2, 27), 8), dt.date(2024, 2, 27), PROTOCOL) == ()


def test_the_same_list_is_made_once_and_what_others_wrote_stays(tmp_path: Path, work) -> None:
    path = tmp_path / "l.jsonl"
    one, two = log(path), log(path)
    one.made(work, at(FRIDAY, 8))
    two.read(work, "A", at(FRIDAY, 9))
    assert [e.what for e in log(path)] == ["made", "read"]
    assert len(log(path).made(work, at(FRIDAY, 10))) == 2
    assert path.stat().st_mode & 0o077 == 0
    assert "read by A" in str(log(path)) and "A" in log(path)._repr_html_()


def test_what_is_no_log_is_not_written_over(tmp_path: Path, work) -> None:
    path = tmp_path / "l.jsonl"
    path.write_text('{"what": "made"}\n', encoding="utf-8")
    with pytest.raises(GrowthwatchError, match="an entry in line 1"):
        log(path)
    with pytest.raises(GrowthwatchError, match="the name of who"):
        log().read(work, " ", at(FRIDAY, 9))
    assert str(log()) == "No list was made."


def test_a_list_that_begins_anew_says_so_and_how_to_go_on(tmp_path: Path) -> None:
    """Who types `--starts-on today` each week would never see anything late."""
    found = cases(tmp_path, "1,18/02/2024,F,18/02/2024,3.50")
    first, later = dt.date(2024, 2, 19), dt.date(2024, 2, 26)
    kept = log(tmp_path / "l.jsonl").made(found.review(as_of=first, starts_on=first).worklist(), at(first, 8))
    again = log(tmp_path / "l.jsonl")
    assert again.entries == kept.entries and again.entries[0].first_on == first
    [said] = again.before(at(later, 8), later, PROTOCOL, later)
    assert said == (
        "This list begins anew on 26 February 2024, so that nothing from before is late in it. The list of 19 February "
        "2024 began on 19 February 2024: make it again with --starts-on 2024-02-19."
    )
    assert again.before(at(later, 8), later, PROTOCOL, first) == ()
    assert again.before(at(first, 9), first, PROTOCOL, first) == ()
    assert again.before(at(later, 8), later, PROTOCOL) == ()


def test_a_log_from_before_the_first_day_was_kept_is_read(tmp_path: Path, work) -> None:
    path = tmp_path / "l.jsonl"
    kept = log(path).made(work, at(FRIDAY, 8))
    path.write_text(path.read_text(encoding="utf-8").replace(', "first_on": "2024-02-23"', ""), encoding="utf-8")
    [entry] = log(path).entries
    assert entry.first_on is None and entry == replace(kept.entries[0], first_on=None)
    assert log(path).before(at(FRIDAY, 9), dt.date(2024, 2, 24), PROTOCOL, dt.date(2024, 2, 24)) == ()
    path.write_text(path.read_text(encoding="utf-8").replace('"by": null', '"by": null, "first_on": "soon"'))
    with pytest.raises(GrowthwatchError, match="an entry in line 1"):
        log(path)
