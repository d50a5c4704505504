"""The story of one finding: what was seen, asked, done and late, in order of day (`Review.explain(finding)`)."""

from __future__ import annotations

from typing import Any

import pytest
from builders import Child

import growthwatch as gw


def low() -> Child:
    """Below the 2nd centile from day 200, 2 August 2024, on: G4, whose four deeds are due on 4 August."""
    return Child(birth_kg=None).led().at_z(-2.1, 200)


def lines(child: Child, day: int, finding: str = "G4") -> list[str]:
    return [x.removeprefix("- ") for x in child.review(day).explain(finding).splitlines() if x.startswith("- ")]


def test_it_begins_with_what_was_seen_and_ends_with_what_closes_it_and_where_it_stands() -> None:
    told = low().review(201).explain("G4").splitlines()
    assert told[0] == "G4 Below the 2nd centile: open."
    assert told[1].startswith("5.824 kg on 2 August 2024 is ")
    assert "Closes when two consecutive valid weights are inside the threshold and somebody signs." in told
    assert told[-1].startswith("Source: NICE NG75 1.2.1") and told[-1].endswith("by 30 November 2027.")
    assert "It has reached E1; nobody has taken that on." in told


def test_each_deed_is_told_asked_done_late_or_not_recorded_as_done() -> None:
    child = low().add("measured", 201, measure="height", value_cm=62.0, id="len").plan(204, id="plan")
    told = lines(child, 205)
    assert "2 August 2024: opened." in told
    assert "2 August 2024: E1, asked of Hana Reid: measure length or height, by 4 August 2024." in told
    assert "3 August 2024: done: measure length or height (len)." in told
    assert "6 August 2024: done: agree a plan with the parents (plan), 2 days late." in told
    # Design, section 4: "nothing is recorded as done".  Due on the 4th, told on the 7th.
    assert "5 August 2024: nothing is recorded as done: watch a feed (3 days late by now)." in told
    days = [x.split(":")[0] for x in told]
    assert days == sorted(days, key=lambda d: int(d.split()[0])), "in order of day, all in August"


def test_what_is_late_is_told_before_what_is_asked_because_of_it() -> None:
    # Due on 4 August; late on the 5th, on which E2 is asked because of that.
    told = lines(low(), 205)
    late = told.index("5 August 2024: nothing is recorded as done: watch a feed (3 days late by now).")
    asked = next(n for n, x in enumerate(told) if x.startswith("5 August 2024: E2, asked of "))
    assert late < asked


def test_who_was_asked_who_took_it_on_and_how_long_it_waits() -> None:
    child = low().add(
        "request_made", 201, kind="dietetic_review", to=[{"name": "Sam Hale"}], ask="look", findings=["G4@start"],
        actor="Ann",
    )  # fmt: skip
    child.add("acknowledged", 201, request="G4@start", by="Hana Reid", will_do="visit", by_when=child.date(204))
    child.add("snoozed", 201, target="G4@start", until=child.date(203), why="family_away", reason="at a wedding")
    told = child.review(202).explain("G4")
    assert "3 August 2024: Ann asked Sam Hale: look (sent)." in told
    assert "It has reached E1; Hana Reid took that on on 3 August 2024." in told
    assert "Snoozed until 5 August 2024: at a wedding." in told


def test_one_that_is_closed_is_told_to_its_end() -> None:
    child = low().steady(-1.8, [220, 234]).decide(235, "close_finding", target="G4@start", id="end")
    told = child.review(240).explain("G4@start")
    assert told.startswith("G4 Below the 2nd centile: closed on 6 September 2024.")
    assert "- 6 September 2024: closed by end." in told and "Closes when" not in told


def test_it_is_named_by_itself_by_its_key_or_by_a_rule_that_has_one_alone() -> None:
    r = low().review(201)
    f = next(f for f in r.findings if f.rule == "G4")
    assert r.explain(f) == r.explain("G4@start") == r.explain("G4") != r.explain()
    with pytest.raises(gw.GrowthwatchError, match=r"finding: got 'G5', expected one of .*G4@start"):
        r.explain("G5")
    with pytest.raises(gw.GrowthwatchError, match="none: nothing was found"):
        Child().review(2).explain("G5")


def test_of_a_rule_that_was_open_twice_the_keys_are_named() -> None:
    # Routine weights missed twice: in the first week, and between 8 and 16 weeks.
    r = Child().weigh(3.6, 12).weigh(7.0, 200).review(201)
    keys = [f.key for f in (*r.findings, *r.closed) if f.rule == "S2"]
    assert len(keys) == 2
    with pytest.raises(gw.GrowthwatchError) as e:
        r.explain("S2")
    assert all(key in str(e.value) for key in keys) and r.explain(keys[0]) != r.explain(keys[1])


def test_growing_graver_is_told_with_its_day() -> None:
    # 12 kg, then 11.5 kg (4.2 %, no illness: not met), 11.3 kg (5.8 %: 5 %), 11.0 kg (8.3 %: 7.5 %).
    child = Child(birth_kg=3.0).led().weigh(12.0, 860).weigh(11.3, 900).weigh(11.0, 902)
    told = lines(child, 903, "G8")
    assert f"{_date(child, 900)}: opened." in told and f"{_date(child, 902)}: grew graver: 7.5 %." in told


def _date(child: Child, day: int) -> str:
    d = child.date(day)
    return f"{d.day} {d:%B} {d.year}"


# --- what people said to it: each with its day, by whom, what was promised, and whether that was kept ---------------


def taken_on(request: str, **more: Any) -> Child:
    """On day 201, 3 August 2024, Hana Reid says that she will agree a plan by day 204, 6 August."""
    child = low()
    fields = {"by": "Hana Reid", "will_do": "agree a plan", "by_when": child.date(204)} | more
    return child.add("acknowledged", 201, request=request, **fields)


@pytest.mark.parametrize(
    ("done", "day", "kept", "broken"),
    [
        (204, 210, " (kept)", None),
        (205, 210, "", "done 1 day late"),
        (None, 204, "", None),
        (None, 205, "", "nothing is recorded as done"),
    ],
)
def test_a_promise_and_whether_it_was_kept(done: int | None, day: int, kept: str, broken: str | None) -> None:
    # "The last day in time is d + n; late from the next calendar day" (section 0): said for 6 August, kept on it.
    child = taken_on("G4@start#below.3.0")
    if done is not None:
        child.plan(done)
    said, plan = "'agree a plan', by 6 August 2024", "(agree a plan with the parents)"
    told = [f"3 August 2024: Hana Reid took it on {plan}: {said}{kept}."]
    told += [] if broken is None else [f"7 August 2024: Hana Reid had said {said} {plan}: not kept, {broken}."]
    assert [x for x in lines(child, day) if "Hana Reid took" in x or "had said" in x] == told


def test_what_is_said_to_the_finding_is_said_to_all_that_it_asked_for_by_then() -> None:
    child = taken_on("G4@start", will_do="all of it")
    child.plan(203).add("measured", 203, measure="height", value_cm=62.0)
    child.examined(203, feeding="normal", history_taken=True)
    late = child.copy().examined(206, feed_observed=True)
    assert "7 August 2024: Hana Reid had said 'all of it', by 6 August 2024: not kept, done 2 days late." in lines(
        late, 210
    )
    child.examined(204, feed_observed=True)
    assert "3 August 2024: Hana Reid took it on: 'all of it', by 6 August 2024 (kept)." in lines(child, 210)


def test_what_takes_nothing_on_and_who_declines_asks_again_or_answers_is_told() -> None:
    child = taken_on("G4@start#below.3.0", will_do=None, by_when=None, needs="a length")
    child.add(
        "request_made", 201, id="rq", kind="dietetic_review", to=[{"name": "Sam Hale"}], ask="look", actor="Ann",
        findings=["G4@start"],
    )  # fmt: skip
    child.add("declined", 202, request="rq", by="Sam Hale", reason="not ours")
    child.add("chased", 203, request="rq", how="telephone", spoke_to="the desk")
    child.add("answered", 204, request="rq", by="Sam Hale", outcome="seen after all", role="dietitian")
    assert set(lines(child, 210)) >= {
        (
            "3 August 2024: Hana Reid acknowledged it (agree a plan with the parents), and did not say who does what "
            "by when; needed first: 'a length'."
        ),
        "4 August 2024: Sam Hale declined ('look'): 'not ours'.",
        "5 August 2024: a asked again ('look'), and spoke to 'the desk'.",
        "6 August 2024: Sam Hale answered ('look'): 'seen after all'.",
    }


def test_a_promise_to_a_request_that_names_it_is_kept_by_the_answer() -> None:
    child = low().add(
        "request_made", 201, id="rq", kind="dietetic_review", to=[{"name": "Sam Hale"}], ask="look",
        findings=["G4@start"],
    )  # fmt: skip
    child.add("acknowledged", 201, request="rq", by="Sam Hale", will_do="see her", by_when=child.date(204))
    broken = (
        "7 August 2024: Sam Hale had said 'see her', by 6 August 2024 ('look'): not kept, nothing is recorded as done."
    )
    assert broken in lines(child, 205)
    child.add("answered", 204, request="rq", by="Sam Hale", outcome="seen", role="dietitian")
    assert "3 August 2024: Sam Hale took it on ('look'): 'see her', by 6 August 2024 (kept)." in lines(child, 210)


def test_a_snooze_is_told_with_its_day_and_by_whom_and_that_it_ended_before_its_time() -> None:
    child = low().add(
        "snoozed", 201, target="G4@start", until=child_day(206), why="family_away", reason="at a wedding", actor="Ann"
    )
    told = "3 August 2024: snoozed until 8 August 2024 by Ann: 'at a wedding'."
    assert told in lines(child, 215), "also once it is over"
    # Section 4: it ends at once when a lower valid weight is known.
    child.at_z(-2.3, 203)
    assert "5 August 2024: the snooze until 8 August 2024 ended before its time." in lines(child, 215)


def child_day(day: int) -> Any:
    return low().date(day)


def test_nothing_is_said_of_a_promise_once_the_finding_has_closed() -> None:
    child = low().steady(-1.8, [220, 234])
    child.add("acknowledged", 233, request="G4@start", by="Hana Reid", will_do="visit", by_when=child.date(240))
    child.decide(235, "close_finding", target="G4@start")
    assert not any("had said" in x for x in lines(child, 260, "G4@start"))
