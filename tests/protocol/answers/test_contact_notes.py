"""What a review notes of contacts and of lengths: what was not asked, not weighed, and measured too often."""

from __future__ import annotations

from typing import Any

import pytest
from builders import HV, Child, folded

from growthwatch.protocol.answers.review import answer
from growthwatch.protocol.engine.at_contacts import noted

ASKED: dict[str, Any] = {"danger_signs": "none", "advice_sought": "no", "not_weighed_because": "asleep"}


def watched() -> Child:
    """In T2 from 100 days on (G4), on Wednesday 24 April 2024."""
    return Child(birth_kg=None).at_z(-2.2, 100)


def notes(child: Child, day: int) -> list[tuple[str, str]]:
    return [(n.loudness, n.says) for n in noted(folded(child.record, child.date(day)).state)]


def says(child: Child, day: int) -> list[str]:
    return [n for n in child.review(day).notes if n.startswith(("Seen on", "On "))]


def test_a_contact_at_which_all_was_asked_leaves_no_note() -> None:
    assert notes(watched().contact(105, **ASKED), 105) == []


@pytest.mark.parametrize("said", [None, "not_asked"])
def test_danger_signs_absent_or_not_asked_are_a_weekly_note(said: str | None) -> None:
    child = watched().contact(105, **{**ASKED, "danger_signs": said})
    assert notes(child, 105) == [
        ("weekly", "Seen on 29 April 2024, and nobody wrote down whether there were danger signs. Ask next time.")
    ]
    assert says(child, 105) == [notes(child, 105)[0][1]]


@pytest.mark.parametrize("said", [None, "not_asked"])
def test_advice_absent_or_not_asked_is_a_weekly_note(said: str | None) -> None:
    ((loudness, words),) = notes(watched().contact(105, **{**ASKED, "advice_sought": said}), 105)
    assert loudness == "weekly" and "whom the family had asked for advice since" in words


def test_seen_and_not_weighed_is_a_daily_note() -> None:
    child = watched().contact(105, **{**ASKED, "not_weighed_because": None})
    assert notes(child, 105) == [("daily", "Seen on 29 April 2024 and not weighed, and nobody wrote down why.")]
    # A weighing of that day, in whatever clothes, takes it away.
    assert notes(child.copy().at_z(-2.2, 105), 105) == []
    assert notes(child.copy().clothed(5.0, 105), 105) == []
    assert [n for n, _ in notes(child.copy().at_z(-2.2, 106), 106)] == ["daily"]


def test_a_telephone_call_is_no_contact_face_to_face() -> None:
    assert notes(watched().contact(105, face_to_face=False), 105) == []


def test_an_examination_of_that_day_may_say_it() -> None:
    child = watched().contact(105, **{**ASKED, "danger_signs": None}).examined(105, danger_signs="none")
    assert notes(child, 105) == []


def test_only_the_last_day_with_a_contact_is_noted() -> None:
    child = watched().contact(105).contact(110, **ASKED)
    assert notes(child, 110) == []
    assert len(notes(child, 109)) == 2


def test_in_lower_tiers_nothing_is_noted() -> None:
    assert notes(Child().at_z(0, 100).contact(105), 105) == []
    assert notes(Child().condition("coeliac", 50).at_z(0, 100).contact(105), 105) == []  # T1


def test_a_contact_before_the_tier_rose_is_not_noted() -> None:
    assert notes(Child(birth_kg=None).contact(99).at_z(-2.2, 100), 100) == []
    assert len(notes(Child(birth_kg=None).contact(100).at_z(-2.2, 100), 100)) == 1


def test_high_need_is_asked_in_every_tier_and_weighed_in_t2() -> None:
    child = Child(gmfcs=5).at_z(0, 100).contact(105)
    assert [n for n, _ in notes(child, 105)] == ["weekly"] and child.review(105).tier == "T1"


def test_after_a_death_nothing_is_noted() -> None:
    assert notes(watched().contact(105).add("died", 106), 107) == []


# --- advice that was sought -----------------------------------------------------------------------


def sought(day: int = 105, **more: Any) -> Child:
    return watched().contact(day, **{**ASKED, "advice_sought": "yes"} | more)


def reported(child: Child, day: int, **more: Any) -> Child:
    return child.add(
        "advice_reported", day, advice_on=child.date(104), given_by="111", reported_by="mother", about="fever", **more
    )


def test_advice_is_written_down_by_the_next_working_day() -> None:
    # Monday 29 April 2024: by Tuesday; on Wednesday it is noted.
    child = sought()
    assert notes(child, 106) == []
    ((loudness, words),) = notes(child, 107)
    assert loudness == "weekly"
    assert (
        words
        == "On 29 April 2024 the family had asked for advice; nobody has written down what it was, or who gave it."
    )
    assert notes(reported(child.copy(), 106), 107) == []


def test_over_a_bank_holiday_weekend() -> None:
    # Friday 3 May 2024 (110 days): Monday 6 May is a bank holiday, so by Tuesday 7 May (113).
    assert child_notes(110, 113) == 0 and child_notes(110, 114) == 1


def child_notes(day: int, on: int) -> int:
    return len(notes(sought(day), on))


def test_a_contact_written_down_late_counts_from_then() -> None:
    child = sought(105, late=10)  # known on Thursday 9 May: by Friday 10 May
    assert notes(child, 116) == [] and len(notes(child, 117)) == 1


def test_advice_that_was_told_at_an_earlier_contact_is_another() -> None:
    child = reported(watched().contact(102, **ASKED), 102).contact(105, **{**ASKED, "advice_sought": "yes"})
    assert len(notes(child, 107)) == 1
    assert notes(reported(child, 103), 107) == []


def test_the_answer_changes_on_the_day_on_which_it_is_noted() -> None:
    child = sought()
    # Nothing else is near: the four deeds are done, a length is there, the weight is due on 8 May.
    child.add("measured", 101, measure="height", value_cm=60.0).plan(101)
    child.examined(101, history_taken=True, feed_observed=True, danger_signs="none")
    now = child.review(105)
    assert now.changes_on == child.date(107)
    assert answer(child.review(106)) == answer(now) != answer(child.review(107))
    assert now.shown(child.date(106)).to_json() == child.review(106).to_json()


def test_a_protocol_without_the_table_notes_nothing() -> None:
    assert HV.settings.contacts is not None
    state = folded(watched().contact(105).record, watched().date(105)).state
    assert noted(state)
    without = HV.settings.model_copy(update={"contacts": None})
    state.protocol = type("P", (), {"settings": without})()  # pyright: ignore[reportAttributeAccessIssue]
    assert noted(state) == []


# --- S4: lengths ----------------------------------------------------------------------------------


def measured(*days: int, child: Child | None = None) -> Child:
    made = Child() if child is None else child
    for day in days:
        made.add("measured", day, measure="height", value_cm=60.0 + day / 10)
    return made


def often(child: Child, day: int) -> list[str]:
    return [n for n in child.review(day).notes if n.startswith("Length or height measured again")]


def test_two_heights_less_than_three_months_apart_are_a_note() -> None:
    # 24 April 2024 (100) to 24 July (191): 23 July is too soon, 24 July is not.
    assert often(measured(100, 190), 190) == ["Length or height measured again after 90 days; every 3 months is usual."]
    assert often(measured(100, 191), 191) == []
    assert often(measured(100), 100) == [] and often(measured(100, 100), 100) == []


def test_under_a_plan_that_moves_levels_76_days_are_enough() -> None:
    child = Child(birth_kg=None).condition("trisomy_21", 1)
    child.plan(90, plan="condition", role="paediatrician", reference="trisomy-21-uk-2002")
    (note,) = often(measured(100, 175, child=child.copy()), 175)
    assert note == "Length or height measured again after 75 days; every 76 days under this plan is usual."
    assert often(measured(100, 176, child=child.copy()), 176) == []


def test_a_length_that_a_finding_asked_for_is_no_note() -> None:
    child = measured(100).at_z(-2.2, 130)
    assert often(measured(131, child=child.copy()), 131) == []
    # A second one, that nobody asked for, is.
    assert len(often(measured(131, 140, child=child.copy()), 140)) == 1
