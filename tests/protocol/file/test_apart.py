"""What two protocol files say otherwise, in words a clinician reads: where, what, from what to what, which way is safer."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from builders import HV

from growthwatch.protocol.file.apart import apart
from growthwatch.protocol.file.marks import Marks
from growthwatch.protocol.file.paths import leaves
from growthwatch.protocol.file.sources import is_number

PLAIN = HV.plain
MARKS = Marks.of(PLAIN)


def rule(plain: dict[str, Any], id: str) -> dict[str, Any]:
    return next(r for r in plain["rules"] if r["id"] == id)


def level(plain: dict[str, Any], id: str, name: str) -> dict[str, Any]:
    return next(x for x in rule(plain, id)["levels"] if x["name"] == name)


def told(after: dict[str, Any], before: dict[str, Any] = PLAIN) -> list[str]:
    return [x.told for x in apart(before, after, MARKS)]


def changed(make: Any) -> dict[str, Any]:
    out = copy.deepcopy(PLAIN)
    make(out)
    return out


def test_the_same_says_nothing_and_7_is_7_0() -> None:
    assert told(copy.deepcopy(PLAIN)) == []
    assert told(changed(lambda p: p["weights"].update(most_kg=300.0))) == []


@pytest.mark.parametrize(
    ("make", "says"),
    [
        # Thresholds that have no name are held against each other by their place: a number of theirs may change.
        (
            lambda p: rule(p, "G3")["thresholds"][2].update(spaces=4),
            (
                "G3 Fall from the birth centile, thresholds spaces 4 centile spaces: spaces: 4 centile spaces, which is "
                "LESS SAFE, in the place of 3 centile spaces"
            ),
        ),
        (
            lambda p: rule(p, "G13")["others"][0].update(z_below=-3.6),
            "G13 Very low, others condition trisomy 21: z below: -3.6, which is LESS SAFE, in the place of -3.5",
        ),
        (
            lambda p: p["schedule"]["bands"][1].update(t1_days=21),
            (
                "How often a child is weighed, band “1 to 6 months”: T1: days between weights: 21 days, which is safer, in "
                "the place of 28 days"
            ),
        ),
        (
            lambda p: p["requests"][0].update(acknowledge_wd_t3=3),
            "request “letter”: in T3 acknowledged within: 3 working days, which is LESS SAFE, in the place of 1 working day",
        ),
        (
            lambda p: p["weights"]["suspected"].update(jump_z=3),
            (
                "What makes a weight valid, When a weight may be an entry error: suspected where it differs from the last by more than: 3 SD, "
                "of which neither way is safe by itself, in the place of 2 SD"
            ),
        ),
        (
            lambda p: level(p, "G8", "5 %").update(tier="T2"),
            "G8 Loss from the best weight, level “5 %”: raises to, or holds in: T2, which is LESS SAFE, in the place of T3",
        ),
        (
            lambda p: level(p, "S6", "open").update(loudness="daily"),
            (
                "S6 Tier that nothing holds, level “open”: loudness: daily: on the list of the day, which is safer, in the "
                "place of weekly: on the list of the week"
            ),
        ),
        (
            lambda p: level(p, "S6", "open")["actions"][0].update(owner="team_lead"),
            (
                "S6 Tier that nothing holds, level “open”, “Sign the tier down, or say why not”: owner: team lead in the "
                "place of health visitor"
            ),
        ),
        # Lists of words: what is more and what is less, and not both whole.
        (
            lambda p: rule(p, "S7").update(topics=["weight", "feeding", "intake", "other"]),
            "S7 A worry, no weight: topics: also other; no more looks",
        ),
        # Five working days are never sooner than five days.
        (
            lambda p: level(p, "S6", "open")["actions"][0].pop("working"),
            (
                "S6 Tier that nothing holds, level “open”, “Sign the tier down, or say why not”: to be done: within 5 days, "
                "which is safer, in the place of within 5 working days"
            ),
        ),
        (
            lambda p: level(p, "S7", "open")["actions"][0].update(working=True),
            (
                "S7 A worry, no weight, level “open”, “Weigh undressed on a class III scale, and ask the danger signs”: to "
                "be done: within 7 working days, which is LESS SAFE, in the place of within 7 days"
            ),
        ),
        (
            lambda p: rule(p, "S6")["levels"][0]["actions"].append({"do": "Tell the GP", "owner": "owner", "within_days": 0}),
            "S6 Tier that nothing holds, level “open”, “Tell the GP”: this deed is new, which is safer: Owner: Tell the GP, today",
        ),
        (
            lambda p: level(p, "G14b", "open")["actions"].pop(),
            (
                "G14b Rising fast, level “open”, “See that the dietetic review is answered”: this deed is not there any more, "
                "which is LESS SAFE"
            ),
        ),
        (
            lambda p: rule(p, "G1")["levels"].pop(1),
            "G1 Newborn weight loss, level “watch”: this level is not there any more",
        ),
        (
            lambda p: p["rules"].remove(rule(p, "G7")),
            "G7 Gained less than expected: this rule is not there any more, which is LESS SAFE",
        ),
        (
            lambda p: rule(p, "G9")["clock"].pop(0),
            "G9 No net gain, clock from day 14: this part is not there any more",
        ),
        (lambda p: p.update(status="Signed by nobody"), "status: Signed by nobody in the place of " + PLAIN["status"]),
    ],
)  # fmt: skip
def test_what_is_otherwise_in_words(make: Any, says: str) -> None:
    assert told(changed(make)) == [says]


def test_a_deadline_beyond_the_bounds_says_so() -> None:
    # [[numbers]] "how long a deed may wait": most = 28.
    deed = "Ring 999 or send to the emergency department"

    def of(days: int) -> str:
        (one,) = told(changed(lambda p: level(p, "G8", "emergency")["actions"][0].update(within_days=days)))
        assert one.startswith(
            f"G8 Loss from the best weight, level “emergency”, “{deed}”: to be done: within {days} days"
        )
        return one

    assert of(28).endswith("28 days, which is LESS SAFE, in the place of today")
    assert of(29).endswith(
        "beyond the bounds within which no reason is asked for (at most 28 days), in the place of today"
    )


def test_a_rule_that_is_new_is_told_whole_and_once() -> None:
    (one,) = told(PLAIN, changed(lambda p: p["rules"].remove(rule(p, "S7"))))
    assert one.startswith("S7 A worry, no weight: this rule is new, which is safer: kind: worry no weight; ")
    for part in (
        "it closes when: a valid weight of the day of the worry or later is recorded",
        "topics: weight, feeding, intake and looks",
        "level “open” (loudness: daily: on the list of the day; step of the ladder: E1; Health visitor: Weigh undressed",
        "within 7 days (where it is urgent: within 2 days)",
    ):
        assert part in one, part


def test_brackets_in_a_name_break_nothing() -> None:
    def make(plain: dict[str, Any]) -> None:
        level(plain, "G4", "below")["actions"][2].update(do="Watch [a] feed", within_days=3)

    assert len(told(changed(make))) == 2


def test_every_number_that_changes_is_told_once_with_rule_and_unit() -> None:
    numbers = [leaf for leaf in leaves(PLAIN) if is_number(leaf.value) and not isinstance(leaf.value, list)]
    assert len(numbers) > 500
    for leaf in numbers:
        if leaf.steps[0] == "numbers" or leaf.key.startswith("from_") or leaf.key in ("schema", "kind_version"):
            continue
        after = copy.deepcopy(PLAIN)
        node: Any = after
        for step in leaf.steps[:-1]:
            node = node[step]
        node[leaf.steps[-1]] = leaf.value + 1
        (found,) = apart(PLAIN, after, MARKS)
        assert found.steps == leaf.steps and " in the place of " in found.told and "[" not in found.told, leaf.path
        assert found.source, leaf.path
        if leaf.steps[0] == "rules":
            assert found.told.startswith(f"{PLAIN['rules'][leaf.steps[1]]['id']} "), leaf.path
        mark = MARKS.mark(leaf.path)
        assert mark is not None
        if mark.safer != "neither":
            assert ("LESS SAFE" in found.told) is mark.less_safe(leaf.value + 1, leaf.value), leaf.path
