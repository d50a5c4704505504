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
from typing import Any

from caseload import Child, children
from staff import STARTED, Course, started

import growthwatch as gw
import growthwatch.protocol as gwp
from growthwatch.protocol import StartPlan

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
    again: int = 0
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
    lines: int = 0


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
            c.again += not key.endswith("@start")
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
        tally.lines += len([day for _, _, day in course.listed if day >= start])
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
    print(f"{'rule':8s} {'findings':>9s} {'again':>6s} {'interrupts':>11s} {'duties':>8s} {'late':>6s} {'minutes':>9s}")
    everything = Counts()
    for rule, c in [*sorted(tally.by_rule.items(), key=lambda item: -item[1].minutes), ("all", everything)]:
        counts = (c.findings * per, c.again * per, c.interrupts * per, c.duties * per, c.late * per, c.minutes * per)
        print("{:8s} {:9.2f} {:6.2f} {:11.2f} {:8.2f} {:6.2f} {:9.1f}".format(rule, *counts))
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
        ("new lines a week, one a finding", e.findings * per, MOST_LINES),
    ):
        print(f"{'FLOODS' if found > most else 'holds '}  {what}: {found:.2f} (at most {most:g})")
    print(f"lines of the list a week, one a person and day: {tally.lines * per:.1f}")
    print(f"({tally.reviews} reviews)")


def signed(record: gw.Record, protocol: gw.Protocol, plan: StartPlan) -> gw.Record:
    """The record with the adoption of the first day, and in it the start plan of the child."""
    starts = [s.model_dump() for s in plan.starts.get(record.child_id, ())]
    adoption: dict[str, Any] = {
        "id": "adopted", "type": "protocol_adopted", "on": plan.first, "actor": "tl", "role": "team_lead",
        "recorded_at": dt.datetime.combine(plan.first, dt.time(9), dt.UTC), "protocol": protocol.id,
        "hash": protocol.hash,
    }  # fmt: skip
    return record.append(adoption | ({"starts": starts} if starts else {}))


def by_week(days: Counter[dt.date]) -> str:
    """Deeds a day over the first four weeks, a week in brackets; what falls on a weekend is with the Friday."""
    worked: Counter[int] = Counter()
    for day, n in days.items():
        after = max(0, (day - MONDAY).days)
        worked[after // 7 * 5 + min(4, after % 7)] += n
    weeks = [" ".join(f"{worked[w * 5 + d]:3d}" for d in range(5)) for w in range(4)]
    return " | ".join(weeks)


def first_weeks(
    drawn: list[Child], records: dict[str, gw.Record], found: list[gw.Review], protocol: gw.Protocol
) -> None:
    """Print how many lines a team has each day of its first four weeks, with and without a signed start plan."""
    a_day = max(1, round(MOST_DEEDS_A_DAY * len(drawn) / TEAM))
    plan = gwp.start_plan(found, protocol, deeds_a_day=a_day)
    empty = gwp.StartPlan(MONDAY, {}, {}, a_day)
    by_deadline: dict[str, Counter[dt.date]] = {}
    for name, starts in (("unplanned", empty), ("planned", plan)):
        days = by_deadline[name] = Counter[dt.date]()
        for record in records.values():
            r = gwp.review(signed(record, protocol, starts), protocol=protocol, as_of=MONDAY)
            days.update(lines_of(r))
    lived = Counter[dt.date]()
    for child in drawn:
        end = MONDAY + dt.timedelta(days=27)
        course = Course(child, protocol, MONDAY, end, signed(records[child.name], protocol, plan))
        course.run()
        lived.update(day for _, _, day in course.listed if day <= end)
    print(f"  lines by their last day, Monday to Friday of four weeks (at most {a_day} a day can be done):")
    print(f"    without a plan          {by_week(by_deadline['unplanned'])}")
    print(f"    with the signed plan    {by_week(by_deadline['planned'])}")
    print(f"    as the plan spreads it  {by_week(Counter(plan.days))}")
    print(f"    as it is lived          {by_week(lived)}")
    verdict = "FLOODS" if plan.over else "holds "
    worst = max(plan.days.values(), default=0)
    print(f"  {verdict} the fullest day of the plan: {worst} (at most {a_day}); days with more: {len(plan.over)}")


def lines_of(r: gw.Review) -> list[dt.date]:
    """Last days of the lines of a child: its list, and a weight of the schedule where none asks for one."""
    out = [t.deadline for t in r.to_do()]
    due = r.due.due
    if due is not None and due <= MONDAY + dt.timedelta(days=27) and not any(o.weighs for o in r.obligations):
        visits = {t.deadline for t in r.to_do() if t.owner in ("health_visitor", "specialist_health_visitor")}
        out += [] if due in visits else [due]
    return out


def first_monday(drawn: list[Child], protocol: gw.Protocol, what: str) -> None:
    """Print what a team finds when it loads all its children on one day."""
    rules: Counter[str] = Counter()
    deeds = 0
    late: list[int] = []
    watched = unmet = cannot_wait = 0
    records = {c.name: gw.Record(c.name, c.past(MONDAY, with_lead=False)) for c in drawn}
    found = [gw.review(r, protocol=protocol, as_of=MONDAY, **started(MONDAY)) for r in records.values()]
    for r in found:
        rules.update(f.rule for f in r.findings)
        for t in r.to_do():
            deeds += 1
            cannot_wait += t.group == "now"
        late += [(MONDAY - o.deadline).days for o in r.obligations if o.overdue]
        if r.tier in ("T2", "T3"):
            watched += 1
            unmet += not any(f.still_met and f.rule.startswith("G") for f in r.findings)
    since = "" if STARTED else " (judged as if it had always been in force)"
    print(f"\nThe first Monday, {len(drawn)} {what} children{since}:")
    print(f"  open: {', '.join(f'{rule} {n}' for rule, n in rules.most_common()) or 'nothing'}")
    print(f"  lines {deeds}, of which {cannot_wait} cannot wait; late {len(late)}", end="")
    print(f", the oldest {max(late)} days, in the middle {statistics.median(late):g}" if late else "")
    print(f"  in T2 or T3: {watched}, of whom {unmet} with no growth rule still met")
    first_weeks(drawn, records, found, protocol)


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
