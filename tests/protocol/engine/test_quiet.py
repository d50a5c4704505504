"""Many children in columns: the same bytes as one by one, and no day passed over on which a rule is met."""

from __future__ import annotations

import datetime as dt
import random
import sys
from collections.abc import Iterator

import numpy as np
import pytest
from builders import HV, Child, step_by_step
from random_records import ordinary_record, random_record

from growthwatch.core.calendar import as_instant
from growthwatch.core.errors import GrowthwatchError
from growthwatch.protocol import review, review_many
from growthwatch.protocol.child import Scorer
from growthwatch.protocol.child.ages import Ages
from growthwatch.protocol.child.columns import follow_together
from growthwatch.protocol.engine.fold import Fold
from growthwatch.protocol.engine.quiet import Quiet, is_plain, prepare
from growthwatch.protocol.kinds.kind import GrowthKind
from growthwatch.record import Record
from growthwatch.record.known import Known

ORDINARY = [ordinary_record(seed) for seed in range(60)]
DAY = dt.date(2021, 6, 1)


def known(record: Record, day: dt.date = DAY) -> Known:
    return Known.of(record, as_of=as_instant(day, HV.zone), zone=HV.zone)


@pytest.mark.parametrize("day", [dt.date(2019, 9, 1), dt.date(2020, 6, 1), dt.date(2022, 1, 1)])
def test_many_are_reviewed_as_one_by_one(day: dt.date) -> None:
    records = ORDINARY + [random_record(seed) for seed in range(15)]
    for record, made in zip(records, review_many(iter(records), protocol=HV, as_of=day), strict=True):
        alone = step_by_step(record, day)
        assert made.to_json() == alone.to_json(), record.child_id
        assert made.explain() == alone.explain(), record.child_id


@pytest.mark.parametrize("before", [0, 20, 150, 400])
def test_many_are_reviewed_as_one_by_one_from_a_first_day_on(before: int) -> None:
    """The first day sorts what is open: columns never pass it over, whether it is said or adopted."""
    day = dt.date(2021, 1, 1)
    first = day - dt.timedelta(days=before)
    adopted = {
        "id": "adopted", "type": "protocol_adopted", "on": first.isoformat(), "recorded_at": f"{first}T06:00:00Z",
        "actor": "Sam Reid", "role": "team_lead", "protocol": HV.id, "hash": HV.hash,
    }  # fmt: skip
    records = ORDINARY + [random_record(seed) for seed in range(8)]
    for record, made in zip(
        records, review_many(iter(records), protocol=HV, as_of=day, in_force_from=first), strict=True
    ):
        alone = review(record, protocol=HV, as_of=day, in_force_from=first)
        assert made.to_json() == alone.to_json(), record.child_id
        assert made.explain() == alone.explain(), record.child_id
    told = [record.append(adopted) for record in records[::3]]
    for record, made in zip(told, review_many(iter(told), protocol=HV, as_of=day), strict=True):
        assert made.to_json() == review(record, protocol=HV, as_of=day).to_json(), record.child_id


def test_one_child_of_many_weights_is_a_block_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    module = sys.modules[review.__module__]
    blocks: list[int] = []
    monkeypatch.setattr(module, "prepare", lambda known, used: blocks.append(len(known)) or prepare(known, used))
    last = dt.date(2030, 1, 1)
    in_columns: list[Record] = []
    for record in ORDINARY:
        blocks.clear()
        made = review(record, protocol=HV, as_of=last)
        many = sum(e.type == "weighed" for e in record) >= 10 and is_plain(known(record, last), HV.order.looked_at)
        assert blocks == ([1] if many else []), "what is not plain is judged on each day, and columns spare nothing"
        assert made.to_json() == step_by_step(record, last).to_json(), record.child_id
        in_columns += [record] if many else []
    assert len(in_columns) > 5
    most = in_columns[0]
    blocks.clear()
    before = step_by_step(most, last)
    review(most, protocol=HV, as_of=last, after=before)
    review(most, protocol=[HV], as_of=last)
    assert blocks == [], "what goes on, or is chosen among protocols, steps from weight to weight"


@pytest.mark.parametrize("weights", [(2,), (1, 2), (2, 1), (1, 1, 2), (3, 1, 1)])
def test_a_weight_more_than_there_are_children_is_no_list_of_where_each_begins(weights: tuple[int, ...]) -> None:
    """Of so many children, so many weights and one: their number is that of where each child begins, and the end."""
    kilograms = (3.88, 4.89, 5.5)
    children = [Child(birth_kg=None) for _ in weights]
    for child, n in zip(children, weights, strict=True):
        for place in range(n):
            child.weigh(kilograms[place], 60 * (place + 1))
    day = children[0].date(400)
    for child, made in zip(children, review_many([c.record for c in children], protocol=HV, as_of=day), strict=True):
        alone = step_by_step(child.record, day)
        assert made.to_json() == alone.to_json() and made.explain() == alone.explain()


@pytest.mark.parametrize("seed", [5032, 5055])
def test_a_child_in_columns_has_the_evidence_that_it_has_alone(seed: int) -> None:
    record = random_record(seed)
    first = min(e.on for e in record.events)
    for days in range(60, 700, 40):
        day = first + dt.timedelta(days=days)
        (made,) = review_many([record], protocol=HV, as_of=day)
        assert made.to_json() == step_by_step(record, day).to_json(), day


def test_many_in_hindsight_and_resumable() -> None:
    records = ORDINARY[:20] + [random_record(seed) for seed in range(8)]
    then = dt.date(2020, 3, 1)
    for record, made in zip(records, review_many(records, protocol=HV, as_of=then, known_at=DAY), strict=True):
        assert made.to_json() == step_by_step(record, then, known_at=DAY).to_json()
    for record, made in zip(records, review_many(records, protocol=HV, as_of=then, resumable=True), strict=True):
        on = review(record, protocol=HV, as_of=DAY, after=made)
        assert on.to_json() == step_by_step(record, DAY).to_json(), record.child_id


def test_nobody_and_nothing() -> None:
    assert list(review_many([], protocol=HV, as_of=DAY)) == []
    (empty,) = review_many([Record("nobody", [])], protocol=HV, as_of=DAY)
    assert empty.to_json() == review(Record("nobody", []), protocol=HV, as_of=DAY).to_json()
    with pytest.raises(GrowthwatchError, match="protocol"):
        review_many([], protocol="uk-hv", as_of=DAY)  # type: ignore[arg-type]


def test_what_came_before_a_fault_is_reviewed() -> None:
    def broken() -> Iterator[Record]:
        yield from ORDINARY[:3]
        raise OSError("gone")

    made: list[str] = []
    with pytest.raises(GrowthwatchError, match="records 4: got None"):
        made += (r.child_id for r in review_many([*ORDINARY[:3], None, *ORDINARY[3:5]], protocol=HV, as_of=DAY))  # type: ignore[list-item]
    with pytest.raises(OSError, match="gone"):
        for r in review_many(broken(), protocol=HV, as_of=DAY):
            made.append(r.child_id)
    assert made[-3:] == [r.child_id for r in ORDINARY[:3]]


@pytest.mark.parametrize("records", [5, None, "records", ORDINARY[0], {"a": ORDINARY[0]}])
def test_records_must_be_several(records: object) -> None:
    with pytest.raises(GrowthwatchError, match="records: got"):
        review_many(records, protocol=HV, as_of=DAY)  # type: ignore[arg-type]


def test_resumable_is_true_or_false() -> None:
    with pytest.raises(GrowthwatchError, match="resumable"):
        review_many(ORDINARY[:1], protocol=HV, as_of=DAY, resumable="no")  # type: ignore[arg-type]
    with pytest.raises(GrowthwatchError, match="resumable"):
        review(ORDINARY[0], protocol=HV, as_of=DAY, resumable="no")  # type: ignore[arg-type]


def test_most_children_of_a_caseload_are_quiet_on_most_days() -> None:
    made = prepare([known(r) for r in ORDINARY], HV)
    assert sum(quiet is not None for _, quiet in made) > 0.6 * len(ORDINARY)


def test_a_rule_is_only_met_where_the_columns_say_that_it_could_be() -> None:
    met = 0
    for record, (_, quiet) in zip(ORDINARY, prepare([known(r) for r in ORDINARY], HV), strict=True):
        if quiet is None:
            continue
        fold = Fold(known(record), [HV], every_day=True)
        fold.run()
        for change in fold.changes:
            for finding, _ in change.opened:
                met += 1
                rule = finding.rule
                assert not isinstance(rule, GrowthKind) or quiet.may_meet(rule.id, change.day), (record, rule.id)
    assert met > 20


def test_a_kind_that_does_not_say_could_be_met_on_any_weight() -> None:
    class Mine(GrowthKind):
        KIND = "mine"

    record = ORDINARY[0]
    scorer = Scorer(HV.settings, HV.reference, record.events)
    born = record.events[0]
    followed, sound = follow_together(
        HV.settings,
        HV.reference,
        [scorer],
        [(born.on.toordinal(), born.sex, born.gestation_days)],  # type: ignore[union-attr]
    )
    assert sound.shape == (1,)
    assert Mine.model_construct(id="X", title="X", levels=()).may_meet(followed).all()


def test_loud_days() -> None:
    quiet = Quiet(((5, 9), (20, np.inf)), {"G9": ((5, 9),)}, (), 0, Ages(HV.settings))
    assert [quiet.next_loud(d) for d in (0, 4, 5, 7, 8, 9, 19, 20, 500)] == [5, 5, 5, 7, 8, 20, 20, 20, 500]
    assert [quiet.may_meet("G9", d) for d in (4, 5, 8, 9)] == [False, True, True, False]
    assert not quiet.may_meet("G3", 6)


def test_a_weight_below_that_at_birth_is_seen() -> None:
    child = Child(birth_kg=3.4).weigh(3.2, 22).weigh(3.6, 40)
    ((_, quiet),) = prepare([known(child.record, child.date(60))], HV)
    assert quiet is not None
    assert [quiet.may_meet("G2", child.date(day).toordinal()) for day in (5, 22, 40)] == [False, True, False]


def test_who_is_not_quiet() -> None:
    def is_quiet(child: Child) -> bool:
        ((_, quiet),) = prepare([known(child.record, child.date(200))], HV)
        return quiet is not None

    def steady() -> Child:
        return Child().steady(0.0, [14, 40, 70])

    assert is_quiet(steady()) and is_quiet(steady().clothed(5.0, 80)) and is_quiet(steady().contact(80))
    adopted = {"protocol": HV.id, "hash": HV.hash, "role": "team_lead"}
    assert is_quiet(steady().add("protocol_adopted", 80, **adopted)), "the first day is visited by itself"
    assert not is_quiet(steady().at_z(0.0, 80, late=1)), "written down late"
    assert not is_quiet(steady().weigh(5.0, 80, date_certain=False))
    assert not is_quiet(steady().weigh(2.2, 80)), "doubted"
    assert is_quiet(steady().condition("epilepsy", 80)) and not is_quiet(steady().condition("epilepsy", 80, late=1))
    assert not is_quiet(steady().sign("fever", 80))
    assert is_quiet(steady().add("entered_in_error", 80, target="weighed-2", reason="wrong child"))
    assert is_quiet(steady().at_z(0.1, 40, late=9, corrects="weighed-3"))
    assert is_quiet(steady().contact(50, id="k").contact(50, late=9, corrects="k"))
    assert not is_quiet(steady().add("entered_in_error", 80, target="born-0", reason="wrong child")), "the birth"
    assert not is_quiet(steady().add("born", 0, sex="male", corrects="born-0", late=9)), "the birth put right"
    assert not is_quiet(steady().add("entered_in_error", 80, target="nobody", reason="wrong child"))
    assert not is_quiet(steady().contact(40, late=9, corrects="weighed-3")), "a contact is no weight put right"
    again = steady().at_z(0.1, 40, late=9, id="c", corrects="weighed-3")
    assert not is_quiet(again.at_z(0.2, 40, late=19, corrects="c")), "put right, and that put right again"
    back = steady().at_z(0.1, 40, late=9, id="c", corrects="weighed-3")
    assert not is_quiet(back.add("entered_in_error", 80, target="c", reason="wrong child")), "the first counts again"
    twice = steady().at_z(0.1, 40, late=9, corrects="weighed-3")
    assert not is_quiet(twice.at_z(0.2, 40, late=19, corrects="weighed-3")), "put right twice"
    marked = steady().add("entered_in_error", 80, id="m", target="weighed-3", reason="wrong child")
    assert not is_quiet(marked.add("entered_in_error", 81, target="m", reason="it was right"))
    assert not is_quiet(steady().at_z(0.1, 160, late=-70, id="ahead").at_z(0.1, 90, late=2, corrects="ahead"))
    assert not is_quiet(steady().add("born", 3, sex="male")), "two births"
    assert not is_quiet(Child(sex=None).steady(0.0, [])), "no z"
    assert not is_quiet(steady().contact(80, danger_signs="present")), "a danger sign"
    assert not is_quiet(steady().add("was_not_brought", 80, service="clinic")), "P1 looks at it"


def put_right(seed: int) -> Child:
    """Weights and contacts, of which some are marked or put right once, soon or long after; well, or slowing."""
    draw, child = random.Random(f"put right {seed}"), Child()
    z, slope, every = draw.gauss(0, 1), draw.choice((0.0, 0.0, -0.1, -0.3, -0.6)) / 30, draw.choice((3, 7, 14, 21))
    told: list[tuple[str, int, float]] = []
    day, last = 0, draw.randint(60, 500) if every > 3 else 150
    while (day := day + max(1, round(every * draw.uniform(0.6, 1.6)))) < last:
        if draw.random() < 0.7:
            kg = child.kg(z + slope * day + draw.gauss(0, 0.1), day) * (0.92 if draw.random() < 0.03 else 1.0)
            child.weigh(round(kg, 2), day, id=f"w{day}", clothing="clothed" if draw.random() < 0.05 else "naked")
            told.append((f"w{day}", day, kg))
        else:
            child.contact(day, id=f"k{day}")
            told.append((f"k{day}", day, 0.0))
    lag = draw.choice((3, 14, 60, 400))
    for id, on, kg in draw.sample(told, max(1, len(told) // draw.choice((4, 10)))):
        late = draw.randint(0, lag)
        if draw.random() < 0.25:
            child.add("entered_in_error", on + late, target=id, reason="wrong child")
        elif kg:
            moved = draw.choice((0, 0, 0, 5))
            kg *= draw.choice((0.1, 0.9, 0.97, 1.02, 1.1, 10.0))
            child.weigh(round(kg, 3), on + moved, late=late, id=f"c{on}", corrects=id)
        else:
            child.contact(on, late=late, corrects=id)
    return child


@pytest.mark.parametrize("seed", range(16))
def test_between_what_was_put_right_a_child_rests_in_its_columns(seed: int) -> None:
    """Of a record put right the columns say what counts in the end: where something else counted, all is judged."""
    child = put_right(seed)
    ages = [(e.on - child.birthday).days for e in child.record]
    for age in (max(ages) // 2, max(ages) + 1, max(ages) + 200):
        day = child.date(age)
        made, alone = review(child.record, protocol=HV, as_of=day), step_by_step(child.record, day)
        assert made.to_json() == alone.to_json(), age
        assert made.explain() == alone.explain(), age


def test_what_is_put_right_is_judged_from_the_weight_to_the_correction_and_not_after() -> None:
    def told(days: list[int]) -> Child:
        child = Child().steady(0.0, [4, 12, *range(56, 400, 14)])
        for day in days:
            child.contact(day)
        return child

    contacts = [59, 101, 104, 110, 150, 255, 297]
    assert not {59, 104, 110, 150} & set(visited(told(contacts), 400)), "nothing could be said"
    child = told(contacts).at_z(0.1, 98, late=10, corrects="weighed-7")
    days = visited(child, 400)
    assert {98, 101, 104, 108} <= set(days), "the weight counted as it was first written until the 108th day"
    assert not {59, 150, 255, 297, 140, 252} & set(days)
    child = told(contacts).contact(150, late=20, corrects="contact-33")
    days = visited(child, 400)
    assert 170 in days and not {59, 104, 255, 297} & set(days), "it is read anew on the day of the correction"
    made = review(child.record, protocol=HV, as_of=child.date(400))
    assert made.to_json() == step_by_step(child.record, child.date(400)).to_json()


@pytest.mark.parametrize("slip", [12_500.0, 1e200, 1e300])
def test_a_figure_beyond_all_measure_is_nobody_else_s(slip: float) -> None:
    good = Child(sex="male").weigh(4.6, 40).weigh(6.5, 120).weigh(7.0, 180).weigh(7.1, 240).weigh(7.1, 300)
    wrong = Child(sex="male").weigh(slip, 305).record
    day = good.date(335)
    made = list(review_many([wrong, good.record, wrong, good.record], protocol=HV, as_of=day))
    alone = step_by_step(good.record, day)
    assert "G9" in {f.rule for f in alone.findings}
    assert made[1].to_json() == made[3].to_json() == alone.to_json()
    assert made[0].to_json() == step_by_step(wrong, day).to_json()


def test_when_one_is_late() -> None:
    child = Child().steady(0.0, [4, 12])
    fold = Fold(
        known(child.record, child.date(400)), [HV], prepared=prepare([known(child.record, child.date(400))], HV)[0]
    )
    days = []
    step = fold.step
    fold.step = lambda day: days.append((dt.date.fromordinal(day) - child.birthday).days) or step(day)  # type: ignore
    fold.run()
    assert 0 not in days and 12 not in days, "birth and the weight of day 12 are read: nothing could be said of them"
    assert (child.date(days[0]) - dt.timedelta(days=1)) == child.date(126), "the day after the routine weight was due"


def visited(child: Child, until: int) -> list[int]:
    """Ages on which a quiet child is judged."""
    fold = Fold(
        known(child.record, child.date(until)), [HV], prepared=prepare([known(child.record, child.date(until))], HV)[0]
    )
    assert fold._quiet is not None
    days: list[int] = []
    step = fold.step
    fold.step = lambda day: days.append((dt.date.fromordinal(day) - child.birthday).days) or step(day)  # type: ignore
    fold.run()
    return days


def test_birth_is_judged_where_it_raises_the_tier() -> None:
    early = Child(gestation_days=258, birth_kg=2.8).steady(0.0, [4, 12])
    assert visited(early, 20)[0] == 0, "born before 37 weeks: a known risk"
    assert 0 not in visited(Child(gestation_days=259, birth_kg=2.8).steady(0.0, [4, 12]), 20)


def test_only_rules_that_read_conditions_are_judged_after_one() -> None:
    child = Child().steady(0.0, [4, 12, 56, 84, 112]).condition("epilepsy", 70)
    days = visited(child, 115)
    assert not {12, 56} & set(days) and {70, 84, 112} <= set(days)
    ((_, quiet),) = prepare([known(child.record, child.date(115))], HV)
    assert quiet is not None
    for rule in HV.rules:
        met = [quiet.may_meet(rule.id, child.date(day).toordinal()) for day in (56, 70, 84)]
        assert met == [False, True, "conditions" in rule.READS], rule.id
    risk = Child().steady(0.0, [4, 12, 56, 84, 112]).condition("cerebral_palsy", 70, gmfcs=5)
    (made,) = review_many([risk.record], protocol=HV, as_of=risk.date(115))
    assert made.to_json() == step_by_step(risk.record, risk.date(115)).to_json() and made.tier != "T0"
    assert made.tier_since == risk.date(70)


def test_the_clock_of_a_child_with_a_need_is_seen() -> None:
    # Of high need a gain of less than so many per cent is none (specification, G9): the columns do not know that.
    child = Child(birth_kg=3.7).weigh(4.5, 30).weigh(5.1, 53).weigh(6.0, 88).weigh(6.4, 110)
    child.condition("cerebral_palsy", 114, gmfcs=5).weigh(7.169, 161).weigh(7.43, 221).weigh(7.434, 271)
    (made,) = review_many([child.record], protocol=HV, as_of=child.date(280))
    alone = step_by_step(child.record, child.date(280))
    assert "G9" in {f.rule for f in alone.findings}
    assert made.to_json() == alone.to_json()


def test_the_weight_after_a_loud_one_is_passed_over() -> None:
    # Below the weight at birth on day 22: that could be said until day 40, and nothing was.
    child = Child(birth_kg=3.4).weigh(3.39, 9).weigh(3.6, 14).weigh(3.9, 22).weigh(4.3, 40)
    days = visited(child, 42)
    assert 9 in days and not {14, 22, 40} & set(days)


def test_the_first_weight_of_a_child_is_not_compared_with_another_childs() -> None:
    # Q1 asks about a weight equal to the last one: that of another child in the columns before is none.
    first = Child().weigh(4.2, 30).weigh(6.0, 100)
    second = Child(birth_kg=None).weigh(6.0, 150).weigh(6.4, 180).weigh(6.4, 260)
    scorers = [Scorer(HV.settings, HV.reference, c.record.events) for c in (first, second)]
    births = [(c.date(0).toordinal(), "female", 280) for c in (first, second)]
    followed, _ = follow_together(HV.settings, HV.reference, scorers, births)
    assert followed.kg.tolist() == [3.4, 4.2, 6.0, 6.0, 6.4, 6.4]
    assert HV.rule("Q1").may_meet(followed).tolist() == [False, False, False, False, False, True]
    assert np.isnan(followed.previous_kg[3]) and followed.previous_kg[4] == 6.0


def test_a_question_that_waits_for_its_answer_keeps_nobody_from_rest() -> None:
    # The very kilograms of yesterday, at eight weeks, are asked about; no later weight answers (Q1).
    child = Child().steady(0.0, [4, 12, 42, 56])
    child.weigh(float(child.events[-1]["weight_kg"]), 57).steady(0.0, [70, 84, 112, 140, 170, 200, 230, 260, 290, 320])
    same = child.record.events[-11].id
    # Nobody answers: due on day 59, the team lead by 62, managers by 65 (Wednesday 20 March 2024), senior managers by
    # 72 (27 March), the partnership by 88 (12 April, after Easter): each step is taken on the day after, with no weight.
    assert visited(child, 325) == [57, 60, 63, 66, 73, 89, 325]
    made = review(child.record, protocol=HV, as_of=child.date(325))
    assert [f.key for f in made.findings] == [f"Q1:equal:{same}@start"]
    assert made.to_json() == step_by_step(child.record, child.date(325)).to_json()
    # A signature answers: a record with one is not passed over, and the question closes on its day.
    child.add(
        "decision_signed", 200, decision="confirm_fact", target=same, reason="weighed twice", role="paediatrician"
    )
    made = review(child.record, protocol=HV, as_of=child.date(325))
    assert [(f.key, f.closed_on) for f in made.closed] == [(f"Q1:equal:{same}@start", child.date(200))]
    assert made.to_json() == step_by_step(child.record, child.date(325)).to_json()
