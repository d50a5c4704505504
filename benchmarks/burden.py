"""What a protocol asks of a team: findings, interrupts, duties and minutes of reading a week, by rule.

    python benchmarks/burden.py                                # 300 children for two years
    python benchmarks/burden.py --children 30 --weeks 26       # a short look
    python benchmarks/burden.py --only monday                  # the first Monday alone
    python benchmarks/burden.py --protocol ours.toml

The children, what happens to them and how people answer are in `caseload.py` and `staff.py`, with each rate and why.
Everything is drawn from fixed seeds.  Nothing here is clinical validation: it says how much a list
asks for if children are as the model has them, not whether it asks for the right things.
"""

from __future__ import annotations

import argparse
import datetime as dt
import statistics
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from caseload import Child, children
from staff import STARTED, Course, started

import growthwatch as gw
from growthwatch.core.calendar import load_calendar

MONDAY = dt.date(2024, 1, 8)
"""The first Monday: an ordinary one, with no holiday in its week."""
SEED = 20240108
TEAM = 300
"""Children whom the figures are told for."""

READ_MINUTES = {"interrupt": 3.0, "daily": 1.5, "weekly": 0.5}
"""To read a new line and what it rests on: an interrupt is read with the record open, a digest is skimmed."""
AGAIN_MINUTES = {"interrupt": 0.5, "daily": 0.1, "weekly": 0.05}
"""To pass an open line again: every working day; a weekly one once a week."""

MOST_INTERRUPTS, MOST_LINES, MOST_DEEDS_A_DAY = 3.0, 12.0, 15
"""Beyond these a team of 300 children is flooded: interrupts and new lines a week, deeds on a day."""

GROWTH = ("G", "H", "P8")
"""What may interrupt: growth, danger signs, and no recovery.  All else is paperwork."""


@dataclass
class Counts:
    """What one rule asked for."""

    findings: int = 0
    interrupts: int = 0
    duties: int = 0
    late: int = 0
    minutes: float = 0.0


@dataclass
class Tally:
    """All of a simulation."""

    by_rule: dict[str, Counts] = field(default_factory=dict[str, Counts])
    children: int = 0
    healthy: int = 0
    healthy_days_watched: int = 0
    healthy_watched_at_end: int = 0
    watched_at_end: int = 0
    reviews: int = 0


def working_days(first: dt.date, last: dt.date) -> int:
    """Working days from one day to another, roughly: five of seven."""
    return max(0, (last - first).days * 5 // 7)


def count(tally: Tally, course: Course, last: gw.Review) -> None:
    """Add what was asked for one child since the start."""
    start, end = course.start, course.end
    told = {(f.rule, f.key, f.opened_on): f for f in (*last.closed, *last.findings)}
    for (rule, key, opened), levels in course.lines.items():
        c = tally.by_rule.setdefault(rule, Counts())
        if opened >= start:
            c.findings += 1
            c.interrupts += sum(loudness == "interrupt" for loudness in levels.values())
            c.minutes += sum(READ_MINUTES[loudness] for loudness in levels.values())
        # A line that is gone from the last review was answered before its day was over.
        f = told.get((rule, key, opened))
        stretch = 0 if f is None else working_days(max(start, opened), f.closed_on or end)
        loudness = [*levels.values()][-1]
        c.minutes += AGAIN_MINUTES[loudness] * (stretch / 5 if loudness == "weekly" else stretch)
    late = {
        (o.key, o.level, o.do, o.set_on)
        for f in told.values()
        for o in f.obligations
        if o.overdue or (o.done_on is not None and o.done_on > o.deadline)
    }
    for name, rule in course.duties.items():
        if name[3] >= start:
            c = tally.by_rule.setdefault(rule, Counts())
            c.duties += 1
            c.late += name in late


def watched_days(tiers: Iterable[tuple[dt.date, str]], end: dt.date) -> int:
    """Days in T2 or T3."""
    told = list(tiers)
    ends = [day for day, _ in told[1:]] + [end]
    return sum((until - day).days for (day, tier), until in zip(told, ends, strict=True) if tier in ("T2", "T3"))


def simulate(drawn: list[Child], protocol: gw.Protocol, start: dt.date, weeks: int) -> Tally:
    """Live through some weeks with all children; print how far it is."""
    end, tally, began = start + dt.timedelta(weeks=weeks), Tally(), time.monotonic()
    for n, child in enumerate(drawn, start=1):
        course = Course(child, protocol, start, end)
        last = course.run()
        count(tally, course, last)
        tally.children += 1
        tally.reviews += course.reviews
        watched = last.tier in ("T2", "T3")
        tally.watched_at_end += watched
        if child.healthy:
            tally.healthy += 1
            tally.healthy_days_watched += watched_days(course.tiers, end)
            tally.healthy_watched_at_end += watched
        if n % 25 == 0 or n == len(drawn):
            print(f"  {n} of {len(drawn)} children, {time.monotonic() - began:.0f} s", flush=True)
    return tally


def show(tally: Tally, weeks: int) -> None:
    """Print what a week asks of a team, by rule."""
    per = TEAM / tally.children / weeks
    print(f"\nA week, for {TEAM} children of a mixed caseload ({tally.children} children for {weeks} weeks):")
    print(f"{'rule':8s} {'findings':>9s} {'interrupts':>11s} {'duties':>8s} {'late':>6s} {'minutes':>9s}")
    everything = Counts()
    for rule, c in [*sorted(tally.by_rule.items(), key=lambda item: -item[1].minutes), ("all", everything)]:
        counts = (c.findings * per, c.interrupts * per, c.duties * per, c.late * per, c.minutes * per)
        print("{:8s} {:9.2f} {:11.2f} {:8.2f} {:6.2f} {:9.1f}".format(rule, *counts))
        if c is not everything:
            for name in vars(c):
                setattr(everything, name, getattr(everything, name) + getattr(c, name))
    e = everything
    paper = sum(c.interrupts for rule, c in tally.by_rule.items() if not rule.startswith(GROWTH))
    print()
    days = tally.healthy * weeks * 7
    print(
        f"healthy children in T2 or T3: {tally.healthy_days_watched / max(1, days):.1%} of their days; "
        f"{tally.healthy_watched_at_end} of {tally.healthy} at the end"
    )
    print(f"children in T2 or T3 at the end: {tally.watched_at_end} of {tally.children}")
    for what, found, most in (
        ("interrupts a week", e.interrupts * per, MOST_INTERRUPTS),
        ("interrupts a week for paperwork", paper * per, 0.0),
        ("new lines a week", e.findings * per, MOST_LINES),
    ):
        print(f"{'FLOODS' if found > most else 'holds '}  {what}: {found:.2f} (at most {most:g})")
    print(f"({tally.reviews} reviews)")


def first_monday(drawn: list[Child], protocol: gw.Protocol, what: str) -> None:
    """Print what a team finds when it loads all its children on one day."""
    calendar = load_calendar(protocol.settings.calendar)
    rules: Counter[str] = Counter()
    deeds: Counter[dt.date] = Counter()
    late: list[int] = []
    watched = unmet = cannot_wait = 0
    for child in drawn:
        record = gw.Record(child.name, child.past(MONDAY, with_lead=False))
        r = gw.review(record, protocol=protocol, as_of=MONDAY, **started(MONDAY))
        rules.update(f.rule for f in r.findings)
        for t in r.to_do():
            deeds[max(t.deadline, MONDAY)] += 1
            cannot_wait += t.group == "now"
        late += [(MONDAY - o.deadline).days for o in r.obligations if o.overdue]
        if r.tier in ("T2", "T3"):
            watched += 1
            unmet += not any(f.still_met and f.rule.startswith("G") for f in r.findings)
    since = "" if STARTED else " (judged as if it had always been in force)"
    print(f"\nThe first Monday, {len(drawn)} {what} children{since}:")
    print(f"  open: {', '.join(f'{rule} {n}' for rule, n in rules.most_common()) or 'nothing'}")
    print(f"  deeds {sum(deeds.values())}, of which {cannot_wait} cannot wait; late {len(late)}", end="")
    print(f", the oldest {max(late)} days, in the middle {statistics.median(late):g}" if late else "")
    print(f"  in T2 or T3: {watched}, of whom {unmet} with no growth rule still met")
    days = sorted(deeds)[:6]
    print("  by day: " + ", ".join(f"{day.strftime('%a %-d %b')} {deeds[day]}" for day in days))
    day, most = max(deeds.items(), key=lambda item: item[1], default=(MONDAY, 0))
    scaled = most * TEAM / max(1, len(drawn))
    verdict = "FLOODS" if scaled > MOST_DEEDS_A_DAY else "holds "
    worked = "" if calendar.is_working_day(day) else ", which is not worked"
    print(
        f"  {verdict} the fullest day: {most} deeds on {day}{worked} (at most {MOST_DEEDS_A_DAY} for {TEAM} children)"
    )


def main() -> None:
    """Read the arguments, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--children", type=int, default=TEAM)
    parser.add_argument("--weeks", type=int, default=104)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--protocol", default="uk-hv", help="a packaged protocol or a TOML file")
    parser.add_argument("--only", choices=("weeks", "monday"))
    given = parser.parse_args()
    named = given.protocol
    protocol = gw.Protocol.load(named) if Path(named).exists() else gw.protocol(named)
    print(f"{protocol.id} {protocol.version} ({protocol.hash[7:15]}), seed {given.seed}, first day {MONDAY}")
    if given.only != "weeks":
        for healthy in (True, False):
            drawn = children(given.children, MONDAY, given.seed + healthy, healthy)
            first_monday(drawn, protocol, "healthy" if healthy else "mixed")
    if given.only != "monday":
        print()
        show(simulate(children(given.children, MONDAY, given.seed, False), protocol, MONDAY, given.weeks), given.weeks)


if __name__ == "__main__":
    main()
