"""Another protocol is adopted: what is open goes on, by the file that judges then."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from builders import HV, Child
from losing import without
from own_protocols import changed

from growthwatch.protocol import Protocol, Review, replay, review


def adopted(child: Child, protocol: Protocol, day: int, **more: Any) -> Child:
    return child.add("protocol_adopted", day, protocol=protocol.id, hash=protocol.hash, **{"role": "team_lead"} | more)


def seen(child: Child, day: int, *protocols: Protocol) -> Review:
    return review(child.record, protocol=list(protocols), as_of=child.date(day))


def test_an_open_finding_keeps_its_key_and_is_told_in_the_words_of_the_new_file(tmp_path: Path) -> None:
    mine = changed(tmp_path, ('title = "Below the 2nd centile"', 'title = "Low"'))
    # The first adoption is the first day; the later one is a change, which sets nothing anew.
    child = adopted(adopted(Child(birth_kg=None), HV, 290).at_z(-2.2, 300), mine, 310)
    before, after = seen(child, 305, HV, mine), seen(child, 315, HV, mine)
    assert (before.protocol_id, after.protocol_id) == ("uk-hv", "ours")
    (one,) = [f for f in before.findings if f.rule == "G4"]
    (two,) = [f for f in after.findings if f.rule == "G4"]
    assert (one.title, two.title) == ("Below the 2nd centile", "Low")
    assert (one.key, one.opened_on, one.level) == (two.key, two.opened_on, two.level)
    asked = [(o.do, o.deadline) for o in one.obligations]
    assert asked and asked == [(o.do, o.deadline) for o in two.obligations][: len(asked)]


def test_a_finding_whose_rule_is_gone_stays_and_closes_by_the_rule_that_opened_it(tmp_path: Path) -> None:
    mine = without(tmp_path, "G8")
    child = adopted(Child(birth_kg=3.0).weigh(12.0, 860).weigh(11.3, 900), mine, 901)
    assert "G8" in {f.rule for f in seen(child, 905, HV, mine).findings}
    low = child.copy().weigh(11.7, 910)
    assert "G8" in {f.rule for f in seen(low, 910, HV, mine).findings}
    # Within 2 % of the best: 11.76 kg.
    high = child.copy().weigh(11.76, 910)
    assert "G8" not in {f.rule for f in seen(high, 910, HV, mine).findings}


def test_an_adoption_counts_from_its_day_and_says_so(tmp_path: Path) -> None:
    mine = changed(tmp_path, ('version = "0.4"', 'version = "7"'))
    child = adopted(Child(birth_kg=None).at_z(0, 300), mine, 310)
    changes = [c for c in replay(child.record, protocol=[HV, mine], until=child.date(320)) if c.protocol]
    assert [(c.on, c.protocol) for c in changes] == [(child.date(310), "ours 7")]
    assert changes[0].says.startswith("ours 7 comes into force.")
    # Written down before its day, it counts from its day.
    ahead = adopted(Child(birth_kg=None).at_z(0, 300), mine, 310, recorded_at="2024-11-12T10:00:00Z")
    assert (seen(ahead, 309, HV, mine).protocol_id, seen(ahead, 310, HV, mine).protocol_id) == ("uk-hv", "ours")


@pytest.mark.parametrize(("order", "judges"), [((0, 1), "ours"), ((1, 0), "uk-hv")])
def test_the_last_adoption_judges(order: tuple[int, int], judges: str, tmp_path: Path) -> None:
    both = (HV, changed(tmp_path))
    child = Child(birth_kg=None).at_z(0, 300)
    for n, which in enumerate(order):
        adopted(child, both[which], 310 + n)
    assert seen(child, 320, *both).protocol_id == judges
