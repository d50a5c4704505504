"""Another protocol is adopted: what is open goes on, by the file that judges then."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from builders import HV, Child
from losing import without
from own_protocols import changed

from growthwatch.protocol import Protocol, Review, admit, replay, review


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


def test_a_request_that_is_open_goes_on_though_the_new_file_names_a_level_otherwise(tmp_path: Path) -> None:
    mine = changed(tmp_path, ('name = "team lead"', 'name = "the lead of the team"'))
    child = adopted(Child().steady(0.0, [14, 40, 70]), HV, 71)
    child.add("letter_sent", 72, sender="HV Green", to=[{"name": "Dr Brown"}], summary="Please look")
    child = adopted(child, mine, 110)
    before, after = ([f for f in seen(child, day, HV, mine).findings if f.rule == "P3"] for day in (109, 111))
    assert before and [(f.key, f.level, f.opened_on) for f in before] == [(f.key, f.level, f.opened_on) for f in after]


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


# --- whether it counts: process specification, section 5, protocol_adopted ------------------------------------------------

NOWHERE = "sha256:" + "0" * 64


def unknown(child: Child, day: int, **more: Any) -> Child:
    fields = {"protocol": "trust", "hash": NOWHERE, "role": "team_lead"}
    return child.add("protocol_adopted", day, **fields | more)


def test_one_whose_hash_is_not_among_those_given_is_refused_and_changes_nothing() -> None:
    child = Child(birth_kg=None).led().at_z(0, 300)
    without, r = seen(child, 320, HV), seen(unknown(child.copy(), 310), 320, HV)
    (one,) = r.refused
    assert one.reasons == ("'trust' ('00000000') is not among the protocols given",)
    assert one.helps == (f"uk-hv 0.4 ({HV.hash[7:15]}), or that protocol given too",)
    assert (r.tier, r.due, r.findings, r.notes) == (without.tier, without.due, without.findings, without.notes)
    assert "the protocol that the record adopted is not among those given" in r.headline(), "it is never silent"


def test_with_one_protocol_asked_for_by_itself_that_one_judges_and_says_so() -> None:
    child = unknown(Child(birth_kg=None).led().at_z(0, 300), 310)
    r = child.review(320)
    assert r.refused == () and any("it is judged here by uk-hv 0.4, as asked" in n for n in r.notes)
    assert any(n.startswith("In force for this child from 20 November 2024") for n in r.notes), "its day is the first"


def test_to_adopt_it_it_must_be_among_those_given(tmp_path: Path) -> None:
    mine = changed(tmp_path)
    child = Child(birth_kg=None).led().at_z(0, 300)
    record = child.record
    event = adopted(child, mine, 310).record.events[-1]
    assert not admit(record, event, protocol=HV) and not admit(record, event, protocol=[HV])
    assert admit(record, event, protocol=mine) and admit(record, event, protocol=[HV, mine])


def test_after_one_that_is_refused_the_one_before_goes_on_judging(tmp_path: Path) -> None:
    mine = changed(tmp_path)
    child = unknown(adopted(Child(birth_kg=None).led().at_z(0, 300), mine, 305), 310)
    r = seen(child, 320, HV, mine)
    assert r.protocol_id == "ours" and [x.event for x in r.refused] == [child.last]


@pytest.mark.parametrize("role", ["gp", "health_visitor"])
def test_one_that_is_refused_for_its_role_is_not_called_adopted(role: str, tmp_path: Path) -> None:
    mine = changed(tmp_path)
    r = seen(adopted(Child(birth_kg=None).led().at_z(0, 300), mine, 310, role=role), 320, HV, mine)
    assert r.protocol_id == "uk-hv" and len(r.refused) == 1
    assert f"ours {mine.version} ({mine.hash[7:15]}) was not adopted in this record: it judged no day." in r.notes
    assert "Judged as if uk-hv 0.4 had always been in force." in r.notes


def test_the_first_judges_the_days_before_any_adoption_and_that_is_said(tmp_path: Path) -> None:
    mine = changed(tmp_path)
    r = seen(adopted(Child(birth_kg=None).led().at_z(0, 300), mine, 310), 320, HV, mine)
    said = f"uk-hv 0.4 ({HV.hash[7:15]}) was not adopted in this record: it judged the days before 20 November 2024."
    assert said in r.notes and not any("judged no day" in n for n in r.notes)
    # Adopted on the first day of the record, or written first: it judged none.
    born = seen(adopted(Child(birth_kg=None), mine, 0).at_z(0, 300), 320, HV, mine)
    assert any(n.startswith("uk-hv") and n.endswith("it judged no day.") for n in born.notes)
    third = changed(tmp_path, ('version = "0.4"', 'version = "8"'))
    both = seen(adopted(Child(birth_kg=None).at_z(0, 300), mine, 310), 320, HV, third, mine)
    assert sum("it judged no day" in n for n in both.notes) == 1


def test_going_on_from_an_earlier_review_says_the_same_with_one_protocol_or_a_list_of_one() -> None:
    child = unknown(Child(birth_kg=None).led().at_z(0, 300), 310)
    before = review(child.record, protocol=HV, as_of=child.date(315), resumable=True)
    anew = review(child.record, protocol=[HV], as_of=child.date(320))
    assert review(child.record, protocol=[HV], as_of=child.date(320), after=before).to_json() == anew.to_json()


def test_a_plan_in_error_that_an_earlier_file_asked_about_stops_no_review(tmp_path: Path) -> None:
    # Process specification, section 6: "A rule that is gone is judged by its old file".
    mine = without(tmp_path, "P10")
    child = adopted(Child().plan(141, plan="care", review_by=None, id="plan"), HV, 142)
    adopted(child, mine, 143).add("entered_in_error", 144, target="plan", reason="another child")
    assert "P10:plan@start" in {f.key for f in seen(child, 143, HV, mine).findings}
    after = seen(child, 144, HV, mine)
    assert (after.protocol_hash, after.tier) == (mine.hash, "T0")
