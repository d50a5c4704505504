"""What people read, whole: reviews and replays of invented children, word for word.

Each text stands in `said/`, so that a person can read it as the reader of a review would.  A sentence that
changes is read again there before the file is written anew: `python tests/protocol/answers/test_words.py`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

SAID = Path(__file__).parent / "said"
if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))

import builders  # noqa: E402
from builders import HV  # noqa: E402

from growthwatch.protocol import Protocol, replay, review  # noqa: E402
from growthwatch.record import Record  # noqa: E402


class Child(builders.Child):
    """A child weighed in whole grams."""

    def kg(self, z: float, day: int) -> float:
        return round(super().kg(z, day), 3)


UNKNOWN = "sha256:" + "0" * 64


def told(child: Child, day: int, protocol: Protocol | list[Protocol] = HV, known_at: int | None = None) -> str:
    """The review of a day, and every change until then."""
    known = None if known_at is None else child.date(known_at)
    r = review(child.record, protocol=protocol, as_of=child.date(day), known_at=known)
    changes = [str(c) for c in replay(child.record, protocol=protocol, until=child.date(day), known_at=known)]
    text = "\n".join([r.explain(), "", repr(r), "", *changes, ""])
    return text.replace(HV.hash.removeprefix("sha256:")[:8], "HASH")


def nobody() -> str:
    return told(Child(born=None).contact(3), 10)


def unknown_at_birth() -> str:
    child = Child(sex=None, gestation_days=None)
    for day in range(10, 40, 4):
        child.weigh(round(3.5 + day / 50, 2), day, date_certain=day > 33)
    return told(child.weigh(2.9, 60), 65)


def two_births() -> str:
    child = Child().steady(0.0, [12, 40])
    return told(child.add("born", 2, sex="male", gestation_days=250), 60)


def seen_after_death() -> str:
    return told(Child().steady(0.0, [12, 40]).add("died", 70).contact(80).weigh(5.0, 82), 90)


def died() -> str:
    return told(Child().steady(0.0, [12, 40]).weigh(4.0, 50).add("died", 70), 90)


def protocols() -> str:
    child = Child().steady(0.0, [12, 40]).add("protocol_adopted", 45, role="team_lead", protocol="ours 2", hash=UNKNOWN)
    return told(child, 60) + told(child, 60, [HV, HV])


def clothed_and_doubted() -> str:
    one = told(Child().steady(0.0, [14, 40, 70]).clothed(5.9, 100), 101)
    return one + told(Child().steady(0.0, [14, 40, 70]).weigh(2.7, 80), 81)


def followed_on_a_plan() -> str:
    child = Child().condition("trisomy_21", 5).steady(-1.5, [14, 60, 120, 180, 240])
    child.plan(130, plan="condition", reference="trisomy-21-uk-2002", role="paediatrician")
    child.plan(140, plan="condition", reference="cp-gmfcs-5-oral", role="paediatrician")
    child.plan(150, floor_days=500, role="paediatrician").steady(-3.1, [300, 340])
    return told(child, 345)


def ill() -> str:
    child = Child().condition("cerebral_palsy", 5, gmfcs=5).steady(0.0, [14, 60, 120])
    child.sign("vomiting", 122).sign("sunken_eyes", 123).weigh(6.3, 124).ill(125)
    return told(child, 126) + told(child.examined(127, role="paediatrician", feeding="not_normal"), 128)


def letters() -> str:
    child = Child().steady(0.0, [14, 60]).add("concern", 62, raised_by="mother", about="feeding")
    for day in (63, 64):
        child.add("was_not_brought", day, service="clinic")
    return told(child.add("strategy_discussion", 70), 75)


def refused() -> str:
    child = Child().steady(0.0, [14, 60, 120]).steady(-2.6, [180])
    child.decide(181, "close_finding", target="G3@start").decide(182, "close_finding", target="S2@start")
    child.decide(183, "lower_tier", tier="T0").decide(184, "lower_tier", tier="T2", role="paediatrician")
    child.decide(185, "confirm_weight", target="nothing", role="paediatrician").decide(186, "other", target=None)
    return told(child, 190)


def newborn() -> str:
    child = Child().weigh(3.2, 3).weigh(3.0, 6).weigh(3.05, 9).weigh(2.95, 12).ill(20)
    return told(child, 7) + told(child, 24)


def falls() -> str:
    child = Child().at_z(1.2, 0, id="again").steady(1.2, [14, 60, 120]).steady(-0.3, [180, 200]).steady(-2.3, [260])
    return told(child, 201) + told(child.steady(-2.9, [300, 330]), 335)


def clocks() -> str:
    child = Child().steady(0.0, [14, 30, 60]).weigh(5.2, 75).weigh(5.1, 90)
    return told(child, 92) + told(child.weigh(5.15, 100), 104)


def gains() -> str:
    child = Child().steady(0.5, [14, 40, 70, 100]).steady(-0.9, [130]).steady(-1.9, [165, 200])
    return told(child, 131) + told(child, 205)


def late() -> str:
    child = Child().condition("cerebral_palsy", 5, gmfcs=4).steady(0.0, [14, 40])
    for day in (80, 90, 95, 99):
        child.contact(day)
    return told(child, 75) + told(child, 100) + told(child.at_z(0.0, 101), 102)


def routine() -> str:
    return (
        told(Child(birth_kg=None), 40) + told(Child().steady(0.0, [12, 60]), 200) + told(Child().steady(0, [400]), 420)
    )


def born_early() -> str:
    child = Child(gestation_days=220, birth_kg=1.9).weigh(1.85, 5).steady(-0.5, [40, 80, 120])
    return told(child, 125) + told(child.add("protection_plan", 130, state="began"), 140)


def dated_ahead_and_taken_back() -> str:
    child = Child().steady(0.0, [14, 40]).weigh(3.3, 70)
    wrong = child.last
    child.weigh(6.0, 200, recorded_at=f"{child.date(90)}T10:00:00Z")
    before = told(child, 95)
    return before + told(child.add("entered_in_error", 97, target=wrong, reason="wrong child"), 99)


STORIES: list[Callable[[], str]] = [
    nobody, unknown_at_birth, two_births, seen_after_death, died, protocols, clothed_and_doubted, followed_on_a_plan,
    ill, letters, refused, newborn, falls, clocks, gains, late, routine, born_early, dated_ahead_and_taken_back,
]  # fmt: skip


@pytest.mark.parametrize("story", STORIES, ids=lambda s: s.__name__)
def test_it_is_said_word_for_word(story: Callable[[], str]) -> None:
    assert story() == (SAID / f"{story.__name__}.txt").read_text(encoding="utf-8")


def test_records_of_nothing_are_reviewed() -> None:
    r = review(Record("nobody", []), protocol=HV, as_of=Child().date(3))
    assert r.headline() == (
        "nobody on 18 January 2024: tier T0; nothing has been weighed, and no birth date is recorded."
    )


if __name__ == "__main__":
    for each in STORIES:
        (SAID / f"{each.__name__}.txt").write_text(each(), encoding="utf-8")
