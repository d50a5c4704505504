"""The first day of an imported caseload: nothing is late, nothing is forgotten, and people can do the list."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from pathlib import Path

import pytest
from caseload_tables import cases as small

import growthwatch as gw
from growthwatch.caseload import read
from growthwatch.core.errors import GrowthwatchError
from growthwatch.pages import caseload_page
from growthwatch.protocol.child.working import working_days

EXAMPLE, MAPPING = Path("examples/caseload.csv"), Path("examples/caseload.toml")
FIRST = dt.date(2024, 2, 27)
"""A Tuesday."""

FALLEN = (("13/03/2026", 3.25), ("27/03/2026", 3.29), ("08/05/2026", 4.46), ("03/07/2026", 5.18), ("29/09/2026", 5.75))
"""Falls since the second week: a finding is open that asks for a weight on another day than the schedule."""
LONG_UNWEIGHED = (
    ("20/05/2024", 3.06), ("19/07/2024", 4.5), ("16/11/2024", 6.09), ("20/05/2025", 7.06), ("10/01/2026", 7.74),
    ("20/04/2026", 7.68),
)  # fmt: skip
"""Below the 0.4th centile, and not weighed for 222 days on 28 November 2026."""


def void_of(made: gw.caseload.Reviewed) -> dict[str, list[str]]:
    """What the reviews say of entries that do not count."""
    said = {id: [n for n in made[id].notes if "does not count" in n] for id in made.plan.entries}
    return {id: notes for id, notes in said.items() if notes}


@pytest.fixture(scope="module")
def cases() -> gw.caseload.Caseload:
    return read(EXAMPLE, MAPPING)


@pytest.fixture(scope="module")
def first(cases):
    return cases.review(as_of=FIRST, starts_on=FIRST)


def test_nothing_is_late_on_the_first_day_and_the_first_line_says_what_it_is(cases, first) -> None:
    work = first.worklist()
    assert work.late == () and all(d.late_days(FIRST) == 0 for r in work for d in r.deeds)
    assert any("You start on 27 February 2024" in line for line in work.above)
    unsaid = cases.review(as_of=FIRST).worklist()
    assert "taken as your first day: nobody has said --starts-on" in unsaid.title
    assert "--starts-on" not in work.title
    assert [r.child_id for r in unsaid] == [r.child_id for r in work]


def test_danger_to_the_body_is_for_today(first) -> None:
    # 3.27 kg on day 7 is 12.1 % below 3.72 kg: G1 above 10 %, "today, not to be moved" (process specification, 7).
    row = next(r for r in first.worklist().cannot_wait if r.child_id == "0557")
    assert row.lines[0].when == "today" and "paediatrics the same day" in row.lines[0].do


def test_the_start_plan_spreads_missed_weights_over_working_days_risk_first(cases, first) -> None:
    plan = first.plan
    assert plan.entries and plan.most == 5, "15 deeds a day for 300 children, and never fewer than 5"
    working = working_days("england")
    weights = {id: s.set_to for id, starts in plan.entries.items() for s in starts if s.due != "FD"}
    # Section 7: a weight at most 28 days after the first day; on a day that is worked.
    assert all(
        FIRST < day <= FIRST + dt.timedelta(days=28) and working.worked(day.toordinal()) for day in weights.values()
    )
    assert max(Counter(weights.values()).values()) <= plan.most
    tier = {s.card.child_id: s.tier for s in first.states}
    highest = max(day for id, day in weights.items() if tier[id] in ("T2", "T3"))
    assert highest <= min(day for id, day in weights.items() if tier[id] == "T0")
    for id, day in weights.items():
        assert first.by_id[id].due.due == day, "the engine takes the entry as it stands"
        assert not [n for n in first[id].notes if "does not count" in n]


def test_a_start_plan_counts_who_cannot_wait_and_who_has_nothing(tmp_path: Path) -> None:
    start = dt.date(2026, 11, 28)
    rows = (
        *(f"C3,13/03/2026,F,{day},{kg}" for day, kg in FALLEN),
        *(f"C4,20/05/2024,M,{day},{kg}" for day, kg in LONG_UNWEIGHED),
        # Weighed in time in T0, on the 50th centile: nothing is open.
        "C5,20/05/2024,M,20/05/2024,3.5",
        "C5,20/05/2024,M,20/11/2026,13.3",
        "C6,,M,20/11/2026,13.3",
    )
    made = small(tmp_path, *rows).review(as_of=start, starts_on=start)
    plan, work = made.plan, made.worklist()
    # C4 is below -3 SDS, which is for today (section 7); C6 has no birth date, so nobody can say.
    assert plan.danger == len(work.cannot_wait) == 2
    # C3 falls: its reading is within 2 days, and is not moved.
    assert (plan.urgent, plan.readings, plan.weights, plan.quiet) == (1, 0, 2, 1)
    assert "danger=2" in repr(plan) and "C4" not in repr(plan)


def test_an_open_finding_moves_the_day_that_a_plan_names_and_the_worst_is_not_behind(tmp_path: Path) -> None:
    """A weight asked for by what is older than the first day was not missed: the plan names the one of the schedule."""
    rows = (
        *(f"C3,13/03/2026,F,{day},{kg}" for day, kg in FALLEN),
        *(f"C4,20/05/2024,M,{day},{kg}" for day, kg in LONG_UNWEIGHED),
    )
    start = dt.date(2026, 11, 28)
    made = small(tmp_path, *rows).review(as_of=start, starts_on=start)
    # Section 7 and the schedule of T2 below a year: 28 days after 29 September 2026.
    assert [s.due for s in made.plan.entries["C3"] if s.due != "FD"] == [dt.date(2026, 10, 27)]
    assert void_of(made) == {}
    set_to = {id: s.set_to for id, starts in made.plan.entries.items() for s in starts if s.due != "FD"}
    assert made.by_id["C4"].tier >= made.by_id["C3"].tier and set_to["C4"] <= set_to["C3"]
    assert made.by_id["C3"].due.due == set_to["C3"] > start, "it is not due today, as the plan says"


def test_who_missed_a_weight_before_the_first_day_is_told_beside_who_is_late_since(tmp_path: Path) -> None:
    """Nothing of before is late: so a list that says "not weighed in time" says, too, who was missed before."""
    start = dt.date(2026, 11, 28)
    rows = (
        *(f"C4,20/05/2024,M,{day},{kg}" for day, kg in LONG_UNWEIGHED),
        # T0 at 20 weeks, without the weight of 8 to 16 weeks; and one of whom none is missed.
        "C5,11/07/2026,M,11/07/2026,3.5",
        "C5,11/07/2026,M,25/07/2026,3.9",
        "C7,20/05/2024,M,20/05/2024,3.5",
        "C7,20/05/2024,M,20/11/2026,13.3",
    )
    drawn = small(tmp_path, *rows)
    made = drawn.review(as_of=start, starts_on=start)
    work = made.worklist()
    assert work.unweighed == () and {r.child_id for r in work.missed_before} == {"C4", "C5"}
    text = " ".join(str(work).split())
    assert "Missed a weight before the first day (2; last valid weight): C4 (222 days ago, the next set to " in text
    assert "; 1 in T0" in text and "Not weighed in time" not in text
    page = caseload_page(made)
    assert '<a href="#missed-before"><b>2</b>missed a weight before the first day</a>' in page
    assert "last valid weight: 222 days ago, the next set to " in page
    # Once a weight is overdue, it is late as any other.
    after = drawn.review(as_of=start + dt.timedelta(days=30), starts_on=start).worklist()
    assert {r.child_id for r in after.unweighed} >= {"C4", "C5"} and after.missed_before == ()


@pytest.mark.parametrize("seed", range(4))
def test_no_entry_of_a_plan_that_is_made_is_void(tmp_path: Path, seed: int) -> None:
    """Drawn children, of whom many fall and were not weighed for long: each entry counts, on the day that it says."""
    draw, start = random.Random(seed), dt.date(2026, 11, 28) + dt.timedelta(days=seed)
    rows: list[str] = []
    for n in range(25):
        birth = start - dt.timedelta(days=draw.randint(30, 900))
        day, kg = birth, draw.uniform(2.4, 4.2)
        sex, slow = draw.choice("FM"), draw.uniform(0.3, 1.1)
        while day <= start:
            rows.append(f"D{n},{birth:%d/%m/%Y},{sex},{day:%d/%m/%Y},{kg:.2f}")
            step = draw.choice((14, 28, 42, 90, 150))
            kg += slow * step * (0.025 if (day - birth).days < 120 else 0.012)
            day += dt.timedelta(days=step)
    made = small(tmp_path, *rows).review(as_of=start, starts_on=start)
    assert made.plan.weights > 2 and made.plan.readings > 2
    assert void_of(made) == {}
    for id, starts in made.plan.entries.items():
        for s in starts:
            assert s.due == "FD" or made.by_id[id].due.due == s.set_to
    missed = {s.card.child_id for s in made.states if s.due.missed is not None}
    assert missed == {id for id, starts in made.plan.entries.items() if any(s.due != "FD" for s in starts)}


def test_the_reviews_are_those_of_the_records_it_makes(first) -> None:
    for id in ("0557", "1086", "0998", "1171"):
        record = first.record_of(id)
        alone = gw.review(record, protocol=gw.protocol("uk-hv"), as_of=FIRST, in_force_from=FIRST)
        assert first.by_id[id].tier == alone.tier and first[id].to_json() == alone.to_json()
        adopted = [e for e in record if e.type == "protocol_adopted"]
        assert [e.hash for e in adopted] == [gw.protocol("uk-hv").hash], "--starts-on adopts the protocol for all"


def test_a_later_list_knows_the_first_day_and_what_is_late_since(cases) -> None:
    later = cases.review(as_of=FIRST + dt.timedelta(days=21), starts_on=FIRST).worklist()
    assert later.late and all(d.deadline >= FIRST for r in later for d in r.deeds)
    assert not any("You start on" in line for line in later.above)


def test_only_what_has_changed_is_reviewed_again_and_the_answer_is_the_same(cases) -> None:
    day = FIRST + dt.timedelta(days=3)
    before = cases.review(as_of=FIRST + dt.timedelta(days=2), starts_on=FIRST)
    again = cases.review(as_of=day, starts_on=FIRST, after=before)
    assert 0 < again.judged < len(cases) / 2
    assert again.worklist().to_json() == cases.review(as_of=day, starts_on=FIRST).worklist().to_json()
    same = cases.review(as_of=FIRST + dt.timedelta(days=2), starts_on=FIRST, after=before)
    assert same.judged == 0


def test_a_new_row_is_reviewed(cases, tmp_path: Path) -> None:
    day = FIRST + dt.timedelta(days=2)
    before = cases.review(as_of=day, starts_on=FIRST)
    text = EXAMPLE.read_text(encoding="utf-8") + "0557,20/02/2024,M,,28/02/2024,3.60,,R. Teo,South,naked\n"
    path = tmp_path / "more.csv"
    path.write_text(text, encoding="utf-8")
    more = read(path, MAPPING)
    after = more.review(as_of=day, starts_on=FIRST, after=before)
    assert after.judged == 1
    assert after.by_id["0557"].due.last_valid_kg == 3.6


@pytest.mark.parametrize(
    "wrong", [{"starts_on": FIRST + dt.timedelta(days=1)}, {"protocol": "uk-hv"}, {"as_of": "today"}]
)
def test_wrong_arguments(cases, wrong) -> None:
    with pytest.raises(GrowthwatchError) as e:
        cases.review(**({"as_of": FIRST} | wrong))
    assert e.value.field == next(iter(wrong))
