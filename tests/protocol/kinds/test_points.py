"""P7, to the day: the worked table of the specification, and each point at its border.

Source: process specification, section 3, P7, and section 8.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from builders import HV, Child, folded
from processes import assert_alone, assert_every_day, closings, openings, the

from growthwatch.protocol.engine.findings import look
from growthwatch.protocol.kinds.points import Points

UNTIL = "2024-07-31"


def lines(child: Child, day: str) -> list[tuple[str, str, int]]:
    """Points that count on a day: the day of each, its event, and how many; our own below nought."""
    return [(p.on.isoformat(), p.event, -p.number if p.ours else p.number) for p in child.review(day).points]


def sums(child: Child, day: str) -> tuple[int, int]:
    """Of child and family, and our own."""
    found = child.review(day).points
    return sum(p.number for p in found if not p.ours), sum(p.number for p in found if p.ours)


def watched() -> Child:
    """On its line until October 2023.  A routine weight is overdue on 31 January; on 27 February nothing is gained."""
    child = Child("2022-12-30", birth_kg=None).steady(0.0, list(range(14, 280, 28)))
    worry = {"raised_by": "childminder", "about": "dirty clothes", "topics": ["other"], "id": "minder"}
    child.add("concern", "2024-01-08", **worry)
    return child.clothed(9.0, "2024-02-20", id="clothed")


def slow(child: Child, until: str = "2024-07-08") -> Child:
    """On 27 February below its line; from then on every week, on the line it has then."""
    first = (dt.date(2024, 2, 27) - child.birthday).days
    child.at_z(-1.45, first, id="fall")
    for day in range(first + 7, (dt.date.fromisoformat(until) - child.birthday).days, 7):
        child.at_z(-1.45, day)
    return child


def worried(child: Child, day: str, by: str = "grandmother", **fields: Any) -> Child:
    return child.add("concern", day, **{"raised_by": by, "about": "dirty", "topics": ["other"]} | fields)


def closed(child: Child) -> Child:
    made = {"to": "social care", "kind": "social_care_support", "about": "help", "id": "referral"}
    child.add("referral_made", "2024-03-18", **made)
    ended = {"referral": "referral", "outcome": "closed", "action_taken": False, "role": "social_worker", "id": "ended"}
    return child.add("referral_closed", "2024-03-21", **ended)


def answered(child: Child, day: str, request: str) -> Child:
    return child.add("answered", day, request=request, by="Nia", outcome="done", role="named_nurse")


def supervised(child: Child, asked: str, day: str, id: str = "supervision") -> Child:
    of = {"kind": "supervision", "to": [{"name": "Nia", "role": "named_nurse"}], "ask": "supervision"}
    child.add("request_made", asked, id=id, findings=["P7@start"], **of)
    return answered(child, day, id)


def whole() -> Child:
    child = slow(watched())
    worried(child, "2024-03-05")
    worried(child, "2024-03-05", "Grandmother ", about="eats little")
    return closed(child)


# --- the worked table -----------------------------------------------------------------------------


def test_the_points_of_the_worked_table() -> None:
    child = whole()
    assert [s for s in openings(child, "S2", "2024-02-28") if s[0] > "2024"] == [("2024-01-31", "amber")]
    table = {
        "2024-01-07": (0, 0), "2024-01-08": (1, 0), "2024-01-30": (1, 0), "2024-01-31": (1, 1), "2024-02-20": (1, 2),
        "2024-02-26": (1, 2), "2024-02-27": (2, 2), "2024-03-05": (3, 2), "2024-03-20": (3, 2), "2024-03-21": (3, 4),
        "2024-07-06": (3, 4), "2024-07-07": (2, 4),
    }  # fmt: skip
    assert {day: sums(child, day) for day in table} == table


def deadlines(child: Child, day: str) -> list[str]:
    """Last days of what it asks itself: what lateness leads to has a rung in its name."""
    duties = [o for o in the(child, "P7", day).obligations if o.replaced_on is None]
    return sorted({o.deadline.isoformat() for o in duties if ".E" not in o.id})


def test_it_opens_at_four_and_each_further_point_renews_both_deadlines() -> None:
    child = whole()
    assert openings(child, "P7", UNTIL) == [("2024-02-27", "open")]
    assert deadlines(child, "2024-02-27") == ["2024-02-29"]
    assert deadlines(child, "2024-03-04") == ["2024-02-29"]
    assert deadlines(child, "2024-03-05") == ["2024-03-07"]
    assert deadlines(child, "2024-03-21") == ["2024-03-25"]
    says = the(child, "P7", "2024-03-21").says
    assert says == (
        "1 sign in the child, 2 worries voiced and 4 gaps of our own. "
        "No one of them is large; together they need one look."
    )


def signed(child: Child, day: str, role: str = "named_nurse") -> Child:
    fields = {"decision": "close_finding", "target": "P7@start", "reason": "seen", "role": role, "id": f"sign-{day}"}
    return child.add("decision_signed", day, **fields)


def test_only_the_named_nurse_signs_and_only_when_both_are_answered() -> None:
    child = signed(whole(), "2024-03-25")
    assert [event for event, *_ in child.review("2024-03-25").refused] == ["sign-2024-03-25"]
    supervised(child, "2024-03-25", "2024-03-26")
    chronology = next(
        o.id for o in the(child, "P7", "2024-03-26").obligations if "chronology" in o.do and o.replaced_on is None
    )
    alone = signed(child.copy(), "2024-03-27")
    assert closings(alone, "P7", UNTIL) == []
    answered(child, "2024-03-27", chronology)
    other = signed(child.copy(), "2024-03-27", role="team_lead")
    assert closings(other, "P7", UNTIL) == []
    signed(child, "2024-03-27")
    assert closings(child, "P7", UNTIL) == [("2024-03-27", "sign-2024-03-27")]
    # It opens anew only on a new point: that of 8 July.
    assert openings(child, "P7", "2024-07-07") == [("2024-02-27", "open")]
    child.add("was_not_brought", "2024-07-08", service="clinic")
    assert sums(child, "2024-07-08") == (3, 4)
    assert openings(child, "P7", "2024-07-08") == [("2024-02-27", "open"), ("2024-07-08", "open")]
    assert deadlines(child, "2024-07-08") == ["2024-07-10"]
    assert_every_day(child, UNTIL)


def test_what_was_answered_before_the_last_point_is_not_enough() -> None:
    child = slow(watched(), "2024-03-10")
    supervised(child, "2024-02-28", "2024-02-28")
    for o in the(child, "P7", "2024-02-28").obligations:
        if "chronology" in o.do:
            answered(child, "2024-02-28", o.id)
    assert closings(signed(child.copy(), "2024-02-29"), "P7", UNTIL) != []
    worried(child, "2024-02-29")
    assert closings(signed(child, "2024-03-01"), "P7", UNTIL) == []


# --- three are too few ----------------------------------------------------------------------------


def bare(points: int) -> Child:
    """A child on its line, of whom neighbours say from 1 April 2024 on, one a day, that it is dirty."""
    child = Child("2023-06-01", birth_kg=None).steady(0.0, list(range(7, 308, 28)))
    for n in range(points):
        worried(child, f"2024-04-{1 + n:02}", f"neighbour {n}")
    return child


def test_three_open_nothing_and_four_do() -> None:
    assert openings(bare(3), "P7", "2024-06-30") == []
    assert openings(bare(4), "P7", UNTIL)[0] == ("2024-04-04", "open")


@pytest.mark.parametrize(
    ("by", "day", "points"),
    [
        ("neighbour 0", "2024-04-01", 3),
        (" Neighbour 0", "2024-04-01", 3),
        ("neighbour 0", "2024-04-02", 4),
        ("uncle", "2024-04-01", 4),
    ],
)
def test_the_same_worry_of_one_day_counts_once(by: str, day: str, points: int) -> None:
    child = worried(bare(3), day, by)
    assert sums(child, "2024-04-05")[0] == points


def test_a_point_is_dated_by_the_day_on_which_it_is_known() -> None:
    child = worried(bare(3), "2024-04-02", "uncle", late=20)
    assert openings(child, "P7", UNTIL)[0] == ("2024-04-22", "open")


@pytest.mark.parametrize(("day", "sum"), [("2024-09-28", 4), ("2024-09-29", 3)])
def test_a_point_counts_for_180_days(day: str, sum: int) -> None:
    # 1 April and 180 days is 28 September.
    assert sum == len([p for p in bare(4).review(day).points if p.what == "worry"])


def test_it_stays_open_when_points_run_out() -> None:
    child = bare(4)
    assert openings(child, "P7", "2024-12-31")[0] == ("2024-04-04", "open")
    assert the(child, "P7", "2024-12-31").level == "open"


# --- each kind of point ---------------------------------------------------------------------------


def test_a_closure_with_action_gives_none_and_one_without_two() -> None:
    for action, points in ((True, 0), (False, 2)):
        child = Child().add("referral_made", "2024-04-01", to="x", kind="clinical", about="y", id="r")
        child.add("referral_closed", "2024-04-03", referral="r", outcome="z", action_taken=action)
        assert sum(p.number for p in child.review("2024-04-03").points if p.what == "closure") == points


@pytest.mark.parametrize(("kind", "points"), [("not_brought", 1), ("cancelled_by_service", 0)])
def test_a_missed_visit_counts_where_it_counts_for_p1_and_not_its_finding(kind: str, points: int) -> None:
    child = Child().add("was_not_brought", "2024-04-10", service="clinic", kind=kind)
    assert sum(p.number for p in child.review("2024-04-10").points if p.what == "missed") == points


def test_one_moved_and_not_kept_is_a_point_the_day_after() -> None:
    child = bare(3).add(
        "was_not_brought", "2024-04-05", service="clinic", kind="cancelled", moved_to=dt.date(2024, 4, 19)
    )
    assert openings(child, "P7", UNTIL)[0] == ("2024-04-20", "open")
    assert_every_day(child, UNTIL)


def test_a_clothed_weight_is_a_gap_but_with_a_valid_one_of_the_day_or_put_right() -> None:
    def gaps(child: Child) -> list[str]:
        return [p.event for p in child.review("2024-04-20").points if p.event == "clothed"]

    child = Child().clothed(5.5, "2024-04-10", id="clothed")
    assert gaps(child) == ["clothed"]
    assert gaps(child.copy().weigh(5.2, "2024-04-10")) == []
    assert gaps(child.copy().weigh(5.2, "2024-04-11")) == ["clothed"]
    assert gaps(child.copy().weigh(5.2, "2024-04-10", corrects="clothed", late=1)) == []


def test_one_weighing_gives_one_point_however_many_rules_it_opens() -> None:
    child = Child(birth_kg=None).at_z(0.0, 20).at_z(-2.9, 60, id="low").at_z(-2.9, 61, id="again")
    growth = {f.rule for f in child.review(61).findings if f.rule.startswith("G")}
    assert len(growth) > 2
    assert len([p for p in child.review(61).points if p.event == "low"]) == 1


def test_no_gain_by_time_alone_gives_none() -> None:
    # The last weight is of 1 February: nothing is gained as time goes by, and nobody has weighed the child.
    child = slow(watched(), "2024-03-01")
    assert [p.event for p in child.review("2024-02-27").points if p.what == "sign"] == ["fall"]
    alone = Child(birth_kg=None).steady(0.0, [14, 28, 42])
    opened = [(c.on, [r for _, r, _ in c.opened]) for c in alone.changes(200)]
    late = [day for day, rules in opened if "G9" in rules]
    for day in late:
        assert [p for p in alone.review(day).points if p.what == "sign"] == []


def test_each_overdue_spell_renews_it_even_from_a_weight_that_is_a_sign_already() -> None:
    child = slow(watched(), "2024-03-01")
    spells = [day for day, level in openings(child, "S2", "2024-05-30") if day > "2024-03" and level == "amber"]
    assert spells
    before = (dt.date.fromisoformat(spells[0]) - dt.timedelta(days=1)).isoformat()
    assert sums(child, spells[0])[1] == sums(child, before)[1] + 1
    assert deadlines(child, spells[0]) != deadlines(child, before)


def test_nothing_is_lost_by_a_further_worry() -> None:
    plain, more = whole(), worried(whole(), "2024-03-10", "uncle")
    for day in ("2024-03-10", "2024-05-01", "2024-07-07"):
        assert set(lines(plain, day)) < set(lines(more, day))


def test_the_sum_is_that_of_the_lines() -> None:
    child = whole()
    for day in ("2024-02-27", "2024-03-21", "2024-07-07"):
        values = sum(abs(n) for *_, n in lines(child, day))
        assert sum(sums(child, day)) == values
        # A spell of an overdue weight stands under the weight from which it runs.
        named = [(event, n > 0) for _, event, n in lines(child, day)]
        assert len(set(named)) == len(named)


@pytest.mark.parametrize("child", [whole(), bare(4), slow(watched(), "2024-03-01")])
def test_every_day_gives_the_same(child: Child) -> None:
    assert_every_day(child, "2024-10-31")


# --- what is not added up -------------------------------------------------------------------------


def test_where_a_glance_tells_that_there_are_too_few_there_are_too_few() -> None:
    child = slow(watched())
    rule = next(r for r in HV.rules if isinstance(r, Points))
    glances: list[bool] = []
    for day in ("2024-01-05", "2024-01-31", "2024-02-20", "2024-02-27", "2024-03-31", "2024-07-08"):
        state = folded(child.record, dt.date.fromisoformat(day)).state
        at = look(state)
        glances.append(rule._too_few(at))
        assert not glances[-1] or sum(p.number for p in rule.ledger(at)) < rule.at_least, day
    assert glances[0] and not glances[-1]


def test_points_name_the_day_on_which_the_next_of_them_ages() -> None:
    child = slow(watched())
    state = folded(child.record, dt.date(2024, 3, 31)).state
    rule = next(r for r in HV.rules if isinstance(r, Points))
    first = min(p.day for p in rule.ledger(look(state)))
    assert state.outcomes["P7"].wakes == (first + rule.within_days + 1,)


def test_a_loss_that_gives_a_point_stands_on_its_best_weight() -> None:
    # Section 9, 19: "From a finding's witness alone the finding opens, on the same day, with the same level."  The sign
    # is a loss of 4.2 % while ill; without its best weight, or the illness, there is none.
    child = Child("2022-01-15", birth_kg=3.3).led("2024-05-01").weigh(12.0, "2024-05-20", id="best")
    child.weigh(11.5, "2024-06-10", id="low").ill("2024-06-10", id="ill")
    for day, by in (("2024-06-11", "aunt"), ("2024-06-12", "neighbour"), ("2024-06-13", "uncle")):
        worried(child, day, by)
    assert openings(child, "P7", "2024-06-20") == [("2024-06-13", "open")]
    assert {"best", "low", "ill"} <= set(the(child, "P7", "2024-06-13").witness)
    assert_alone(child, "P7", "2024-06-13")
