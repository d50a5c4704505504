"""What is looked at on a day: no more than what could be another, and no less."""

from __future__ import annotations

import datetime as dt
import pickle
import random
from collections import Counter
from dataclasses import fields
from typing import Any

import pytest
from builders import HV, Child
from random_records import last_day, random_record

from growthwatch.protocol.child import NO_WEIGHT, SUSPECTED, UNDATED
from growthwatch.protocol.child.tasks import Task
from growthwatch.protocol.child.working import working_days
from growthwatch.protocol.engine import ladder
from growthwatch.protocol.engine.fold import Fold
from growthwatch.protocol.engine.state import OpenFinding, State
from growthwatch.protocol.kinds.kind import TOPICS, GrowthKind, Kind, Outcome
from growthwatch.protocol.kinds.points import Points
from growthwatch.record.known import Known


def fold(child: Child, until: int, every_day: bool = False) -> Fold:
    moment = dt.datetime.combine(child.date(until), dt.time(23), tzinfo=dt.UTC)
    known = Known.of(child.record, as_of=moment, known_at=moment, zone=HV.zone)
    return Fold(known, [HV], every_day=every_day)


def deeds(state: Any) -> dict[str, list[tuple[str, int, int]]]:
    return {f.key: [(t.id, t.set_on, t.deadline) for t in f.tasks] for f in state.open.values()}


def test_on_a_day_of_the_ladder_nothing_is_judged_and_every_step_is_taken() -> None:
    child = Child().steady(0.0, [14, 28, 56])
    made, judged, climbed = fold(child, 400), list[int](), list[int]()
    judge, only = made._judge, made._only_climbs

    def seen(*given: Any) -> None:
        judged.append(made.state.day)
        judge(*given)

    def asked(day: int) -> bool:
        alone = only(day)
        climbed.extend([day] if alone else [])
        return alone

    made._judge, made._only_climbs = seen, asked  # type: ignore[method-assign]
    state = made.run()
    assert climbed, "nobody weighs the child, and nobody does what is asked: the ladder has steps of its own"
    assert not set(climbed) & set(judged)
    assert deeds(state) == deeds(fold(child, 400, every_day=True).run())


def test_the_table_of_working_days_gives_what_counting_gives() -> None:
    working = working_days("england")
    first = dt.date(2023, 12, 18).toordinal()  # over Christmas, New Year and a weekend
    for day in range(first, first + 30):
        for n in range(12):
            on = day
            while not working.worked(on):
                on += 1
            for _ in range(n):
                on = working.following(on)
            assert working.add(day, n) == on
    assert pickle.loads(pickle.dumps(working)) is working


def test_outside_its_table_only_the_weekend_is_not_worked() -> None:
    working = working_days("england")
    friday = dt.date(1901, 1, 4).toordinal()
    assert working.add(friday, 1) == friday + 3


def test_what_is_set_anew_is_waited_for_and_what_was_done_stays() -> None:
    rule = next(r for r in HV.rules if r.id == "P7")
    action = rule.levels[0].actions[0]
    first, other = (Task(0, action, 10, 20, number=n, key="k", level_name="open") for n in (0, 1))
    finding = OpenFinding(rule, "k", 10, 0, Outcome(0), Outcome(0), [(10, 0)], [first, other], {})
    assert finding.waited == [first, other] and finding.times_set(0) == 1 and finding.times_set(1) == 0
    new = Task(0, action, 30, 40, number=0, times=1, key="k", level_name="open")
    finding.set_anew([new], 30, lambda task: task is first)
    assert finding.waited == [first, new] and finding.times_set(0) == 2
    assert [t.replaced_on for t in finding.tasks] == [None, 30, None]
    fork = finding.fork()
    fork.set_anew([], 50, lambda task: False)
    assert fork.waited == [] and finding.waited == [first, new], "a fork leaves the other as it is"
    finding.tasks = [new]
    assert finding.waited == [new]


@pytest.mark.parametrize("seed", range(40))
def test_topics_are_news_to_each_rule_that_reads_any_of_them_and_to_no_other(seed: int) -> None:
    draw = random.Random(seed)
    news = frozenset(draw.sample(sorted(TOPICS), draw.randint(0, len(TOPICS))))
    order = HV.order
    for group in ("facts", "leaning", "settled", "people"):
        rules = order.of(group)
        heard = order.heard(group, news)
        told = [(r, r.READS & news) for r in rules if r.READS & news]
        assert heard.rules == tuple((r, t if t <= {"record", "open"} else None) for r, t in told)
        assert heard.others == {r.id for r in rules} - {r.id for r, _ in told}
        assert order.heard(group, frozenset(set(news))) is heard
    assert {r.id for g in ("facts", "leaning", "settled", "people") for r in order.of(g)} == {
        r.id for r in HV.rules if r not in order.reminders
    }


def test_a_fork_is_alike_in_all_that_it_holds_and_stays_when_the_other_goes_on() -> None:
    state = fold(Child().steady(0.0, [14, 28, 56]), 400).run()
    assert state.open and state.wakes and state.outcomes
    held = {f.name: object() for f in fields(OpenFinding) if f.init and f.name not in ("raised", "tasks", "rests")}
    odd = OpenFinding(raised=[(1, 0)], tasks=[], rests={}, **held)  # type: ignore[arg-type]
    other = odd.fork()
    assert all(getattr(other, name) is value for name, value in held.items()), "nothing that it holds is left behind"
    assert other.raised == odd.raised and other.raised is not odd.raised
    plain = {"protocol", "day", "standing", "due", "given", "first_on", "first", "past"}
    for f in fields(State):
        if f.name in plain:
            setattr(state, f.name, object())
    fork = state.fork(state.child)
    for f in fields(State):
        was, now = getattr(state, f.name), getattr(fork, f.name)
        if f.name in plain or f.name == "child":
            assert now is was, f.name
        else:
            assert now is not was and now == was, f.name


def test_rules_of_a_kind_are_those_of_the_file_in_its_order() -> None:
    for kind in (GrowthKind, Points, Kind):
        wanted = tuple(r for r in HV.rules if isinstance(r, kind))
        assert wanted and HV.rules_of(kind) == wanted and HV.rules_of(kind) == wanted
    assert HV.rules_of(Points) != HV.rules_of(GrowthKind)


def test_who_names_no_day_any_longer_is_looked_at_no_more() -> None:
    state = fold(Child().steady(0.0, [14, 28]), 40).run()
    state.wake("somebody", (state.day, state.day + 9))
    assert "somebody" in state.named()
    state.wake("somebody", (state.day + 3,))
    assert "somebody" not in state.named() and "somebody" in state.wakes
    state.wake("somebody", ())
    assert "somebody" not in state.wakes


def test_the_day_asked_about_is_told_of_rules_that_saw_nothing_in_full() -> None:
    review = Child().steady(0.0, [14, 28]).review(30)
    line = next(t for t in review.trace if t.rule == "P7")
    rule = HV.rule("P7")
    assert isinstance(rule, Points)
    assert (line.kind, line.verdict, line.level, line.why) == ("points", "not met", None, None)
    assert dict(line.values) == {} and line.parameters["at_least"] == rule.at_least
    assert (line.source, line.tag, line.review_by) == HV.provenance("rules", "P7")
    told = [r.id for r in HV.rules if r not in HV.order.reminders]
    assert [t.rule for t in review.trace] == told, (
        "each rule that may open a finding has its line, in order of the file"
    )


def test_an_outcome_again_is_alike_in_all_that_it_holds() -> None:
    held = {f.name: object() for f in fields(Outcome)}
    made = Outcome(**held)  # type: ignore[arg-type]
    other = made.again()
    assert other is not made and all(getattr(other, name) is value for name, value in held.items())


@pytest.mark.parametrize("seed", range(12))
def test_what_is_kept_of_the_child_along_the_way_is_what_looking_through_all_of_it_finds(seed: int) -> None:
    record = random_record(seed)
    end = last_day(record)
    for part in (0.5, 1.0):
        moment = dt.datetime.combine(record.events[0].on, dt.time(23), tzinfo=dt.UTC)
        moment += dt.timedelta(days=int((end - record.events[0].on).days * part))
        known = Known.of(record, as_of=moment, known_at=moment, zone=HV.zone)
        child = Fold(known, [HV], finely=False).run().child
        weights = child.weights.all
        assert child.growth.odd == tuple(w for w in weights if w.validity in (SUSPECTED, NO_WEIGHT, UNDATED))
        for z in (0.5, 2.5):
            assert child.growth.far(z) == any(w.z is not None and abs(w.z) > z for w in weights)
        assert child.happened.counts == Counter(e.type for _, e in known.effective())


@pytest.mark.parametrize("seed", range(0, 24, 2))
def test_what_led_nowhere_without_news_need_not_be_asked_again(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    record = random_record(seed)
    moment = dt.datetime.combine(last_day(record), dt.time(23), tzinfo=dt.UTC) + dt.timedelta(days=150)
    known = Known.of(record, as_of=moment, known_at=moment, zone=HV.zone)
    few = Fold(known, [HV], finely=False).run()
    lead_on = ladder._lead_on
    monkeypatch.setattr(ladder, "_lead_on", lambda s, c, f, quiet: lead_on(s, c, f, False))
    every = Fold(known, [HV], finely=False).run()
    assert deeds(few) == deeds(every)
    assert [(f.key, [t.id for t in f.tasks]) for f in few.closed] == [
        (f.key, [t.id for t in f.tasks]) for f in every.closed
    ]
