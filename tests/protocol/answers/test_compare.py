"""What a change of protocol would have changed: by child, day and rule, and how much work it is."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from builders import HV, Child
from command_runner import command_runner
from random_records import random_record

import growthwatch as gw
from growthwatch.cli.app import app
from growthwatch.protocol import Protocol, replay

ROOT = Path(__file__).parents[3]
FILE = ROOT / "growthwatch" / "protocols" / "uk-hv.toml"
TEXT = FILE.read_text(encoding="utf-8")


@pytest.fixture
def otherwise(tmp_path: Path):
    def make(rule: str, old: str, new: str) -> Protocol:
        """The packaged protocol with one thing of one rule said otherwise."""
        start = TEXT.index(f'id = "{rule}"') if rule else 0
        assert old in TEXT[start:]
        path = tmp_path / "own.toml"
        path.write_text(TEXT[:start] + TEXT[start:].replace(old, new, 1), encoding="utf-8")
        return Protocol.load(path)

    return make


def worried() -> Child:
    """A girl of 15 months: seen on three days and not weighed, a worry on the first of them; weighed a month later."""
    child = Child("2024-01-15").at_z(0.0, 12).at_z(0.0, 70).at_z(0.0, 370)
    child.add("concern", "2025-04-07", raised_by="nursery", about="eats little", topics=["feeding"])
    return child.at_z(0.0, child.age(dt.date(2025, 5, 7)) or 0)


UNTIL = dt.date(2025, 6, 1)


def test_the_same_protocol_changes_nothing() -> None:
    found = gw.compare([worried().record], HV, HV, until=UNTIL)
    assert (found.differences, found.tiers, found.due, found.changed) == ((), (), (), ())
    assert all(r.findings[0] == r.findings[1] and r.duties[0] == r.duties[1] for r in found.rules)
    # From her birth on 15 January 2024 to 1 June 2025: 366 days of 2024 less 14, and 152 of 2025.
    said = "nothing would have changed, for one child on 504 days (15 January 2024 to 1 June 2025)"
    assert said in str(found) and said in found._repr_html_()
    assert "0.00" not in str(found) and "By rule" not in str(found) and "<td>" not in found._repr_html_()


def test_a_finding_that_is_only_told_louder_is_a_difference(otherwise) -> None:
    """Somebody is interrupted who was not: that is no "nothing would have changed"."""
    louder = otherwise("S7", 'loudness = "daily"', 'loudness = "interrupt"')
    found = gw.compare([worried().record], HV, louder, until=UNTIL)
    (d,) = found.differences
    assert d.days[0] == dt.date(2025, 4, 7)  # and the steps that silence leads to are due sooner
    assert d.says.startswith('S7 is told as "interrupt", not as "daily", from 7 April 2025 (open); asks on ')
    row = next(r for r in found.rules if r.rule == "S7")
    assert (row.interrupts, row.children) == ((0, 1), 1) and "nothing would have changed" not in str(found)
    assert found.to_dict()["differences"][0]["new"]["loudness"] == ["interrupt"]


def test_a_later_deadline_is_a_difference_though_no_finding_is(otherwise) -> None:
    """S7 in T0 from one year: 7 days; with 9 the duty of 7 April is due on the 16th."""
    found = gw.compare(
        [worried().record], HV, otherwise("S7", "within_days = 7, urgent", "within_days = 9, urgent"), until=UNTIL
    )
    d, overdue = found.differences
    # Overdue from the asked day + 7 d of grace + 1 (S2): 22 and 24 April; lapsed from that day + 7 + 7: 28 and 30 April.
    assert overdue.says == (
        'S2 opens on 24 April 2025, 2 days later than 22 April 2025; then "red" from 30 April 2025, '
        'not "red" from 28 April 2025'
    )
    assert (d.rule, d.subject, d.child_id) == ("S7", "", "child")
    assert d.days[0] == dt.date(2025, 4, 7)
    assert d.says.startswith(
        'S7 asks on 7 April 2025: "Weigh undressed on a class III scale, and ask the danger signs" '
        "by 16 April 2025, not by 14 April 2025"
    )
    assert found.changed == ("child",)
    # The weight that S7 asks for is due two days later, until it is taken or the schedule asks for one.
    (due,) = found.due
    assert due.first == (dt.date(2025, 4, 7), dt.date(2025, 4, 14), dt.date(2025, 4, 16))
    assert due.says.startswith("the next weight is due 16 April 2025, not 14 April 2025, on 7 April 2025")


def test_a_finding_of_one_protocol_only(otherwise) -> None:
    """With "looks" alone as a topic the worry about feeding opens nothing."""
    narrow = otherwise("S7", 'topics = ["weight", "feeding", "intake", "looks"]', 'topics = ["looks"]')
    found = gw.compare([worried().record], HV, narrow, until=UNTIL)
    d = next(d for d in found.differences if d.rule == "S7")
    assert d.new is None and d.old is not None
    assert d.says == "S7 (open) opens on 7 April 2025 under the old protocol only, until 7 May 2025"
    assert (d.days[0], d.days[-1]) == (dt.date(2025, 4, 7), dt.date(2025, 5, 7))
    back = gw.compare([worried().record], narrow, HV, until=UNTIL)
    assert "under the new protocol only" in str(back)
    (row,) = [r for r in back.rules if r.rule == "S7"]
    assert (row.findings, row.children, row.duties[0]) == ((0, 1), 1, 0) and row.duties[1] >= 1
    # 15 January 2024 to 1 June 2025 are 504 days, the first and the last included: 72 weeks.
    assert back.weeks == 72
    old, new = back.duties_a_week
    assert new - old == pytest.approx(sum(r.duties[1] - r.duties[0] for r in back.rules) / 72)


def fallen_girl() -> Child:
    """Below the 2nd line at 200 days: z -2.2."""
    return Child("2024-01-15", birth_kg=3.0).at_z(-1.5, 12).at_z(-1.5, 70).at_z(-2.2, 200)


def test_a_tier_that_is_not_the_same(otherwise) -> None:
    """With the 0.4th line in place of the 2nd, nothing raises her to T2 on day 200 (2 August 2024)."""
    lower = otherwise("G4", "line = -3", "line = -4")
    child, until = fallen_girl(), dt.date(2024, 8, 31)
    assert child.birthday + dt.timedelta(days=200) == dt.date(2024, 8, 2)
    found = gw.compare([child.record], HV, lower, until=until)
    (tier,) = found.tiers
    assert tier.first == (dt.date(2024, 8, 2), "T2", "T0")
    assert (tier.closer_days, tier.less_days) == (0, 30)  # 2 to 31 August
    assert tier.says == "tier T0, not T2, from 2 August 2024: for 30 days watched less closely"
    (back,) = gw.compare([child.record], lower, HV, until=until).tiers
    assert (back.closer_days, back.less_days) == (30, 0)
    row = next(r for r in found.rules if r.rule == "G4")
    assert row.findings == (1, 0) and row.children == 1 and row.duties[1] == 0


def test_a_rule_that_is_gone_is_counted_under_the_old(otherwise, tmp_path: Path) -> None:
    start = TEXT.index('[[rules]]\nid = "S7"')
    stop = TEXT.find("[[rules]]\n", start + 10)
    path = tmp_path / "without.toml"
    path.write_text(TEXT[:start] + (TEXT[stop:] if stop > 0 else ""), encoding="utf-8")
    found = gw.compare([worried().record], HV, Protocol.load(path), until=UNTIL)
    row = next(r for r in found.rules if r.rule == "S7")
    assert row.findings == (1, 0) and row.title == "A worry, no weight"


def test_interrupts_are_counted_by_opening_and_growing_graver() -> None:
    """A danger sign interrupts (H1), and again when it grows graver; a worry (S7) never does."""
    child = worried().sign("intake_below_75_percent_24h", "2025-05-20").sign("sunken_eyes", "2025-05-21")
    found = gw.compare([child.record], HV, HV, until=UNTIL)
    loud = {r.rule: r.interrupts for r in found.rules}
    assert loud["H1"] == (2, 2) and loud["S7"] == (0, 0)


@pytest.mark.parametrize("seed", range(12))
def test_it_counts_what_replay_tells(seed: int, otherwise) -> None:
    record = random_record(seed)
    until = max(e.on for e in record.events) + dt.timedelta(days=60)
    other = otherwise("G8", "loss_at_least_percent = 5", "loss_at_least_percent = 4")
    found = gw.compare([record], HV, other, until=until)
    for which, protocol in enumerate((HV, other)):
        opened = [rule for c in replay(record, protocol=protocol, until=until) for _, rule, _ in c.opened]
        assert {r.rule: r.findings[which] for r in found.rules if r.findings[which]} == {
            rule: opened.count(rule) for rule in set(opened)
        }
    back = gw.compare([record], other, HV, until=until)
    assert {(d.rule, d.days) for d in found.differences} == {(d.rule, d.days) for d in back.differences}
    assert [(t.closer_days, t.less_days) for t in found.tiers] == [(t.less_days, t.closer_days) for t in back.tiers]


def test_a_child_of_whom_nothing_differs_is_not_named(otherwise) -> None:
    own = otherwise("S7", "within_days = 7, urgent", "within_days = 9, urgent")
    quiet = Child("2024-01-15").at_z(0.0, 12).at_z(0.0, 70).at_z(0.0, 370)
    seen: list[int] = []
    records = (gw.Record(name, c.events) for name, c in (("quiet", quiet), ("worried", worried())))
    found = gw.compare(records, HV, own, until=UNTIL, progress=seen.append)
    assert found.changed == ("worried",) and found.children == 2 and seen == [1, 2]
    assert list(found.by_child()) == ["worried"]


def test_it_is_plain_and_frozen(otherwise) -> None:
    own = otherwise("S7", "within_days = 7, urgent", "within_days = 9, urgent")
    found = gw.compare([worried().record], HV, own, until=UNTIL)
    plain: dict[str, Any] = json.loads(json.dumps(found.to_dict()))
    assert plain["old"]["hash"] == HV.hash and plain["new"]["hash"] == own.hash
    assert plain["differences"][0]["new"]["duties"][0]["deadline"] == "2025-04-16"
    assert plain["changed"] == ["child"] and plain["children"] == 1
    with pytest.raises(AttributeError):
        found.children = 2  # pyright: ignore[reportAttributeAccessIssue]
    assert replace(found, children=1) == found
    assert "S7 asks on 7 April 2025" in found._repr_html_() and "duties a week" in str(found)


@pytest.mark.parametrize(
    ("records", "old", "new", "words"),
    [
        ([], HV, HV, "records: got .*at least one record"),
        (["no"], HV, HV, "records 1"),
        ("no", HV, HV, "records: got 'no'"),
        ([worried().record], "uk-hv", HV, "old: got 'uk-hv', expected a Protocol"),
        ([worried().record], HV, None, "new: got None, expected a Protocol"),
    ],
)  # fmt: skip
def test_wrong_arguments(records: Any, old: Any, new: Any, words: str) -> None:
    with pytest.raises(gw.GrowthwatchError, match=words):
        gw.compare(records, old, new, until=UNTIL)
    with pytest.raises(gw.GrowthwatchError, match="until"):
        gw.compare([worried().record], HV, HV, until="soon")  # pyright: ignore[reportArgumentType]


# --- how many duties a week more or less, worked by hand --------------------------------------------------------


def test_duties_a_week_worked_by_hand(otherwise) -> None:
    """S7 in T0 asks the health visitor in 7 days from Monday 7 April 2025 (by the 14th), and from the 15th the team lead.

    With 9 days it is still in time on the 15th: one duty less.  From 15 January 2024 to 15 April 2025 are 457 days.
    """
    until, own = dt.date(2025, 4, 15), otherwise("S7", "within_days = 7, urgent", "within_days = 9, urgent")
    quiet = Child("2024-03-01").at_z(0.0, 12).at_z(0.0, 70).at_z(0.0, 370)
    records = [worried().record, gw.Record("quiet", quiet.events)]
    found = gw.compare(records, HV, own, until=until)
    assert {r.rule: r.duties for r in found.rules if r.duties[0] != r.duties[1]} == {"S7": (2, 1)}
    assert found.weeks == 457 / 7
    old, new = found.duties_a_week
    assert new - old == pytest.approx(-1 / (457 / 7))
    # 2 duties in 65.3 weeks are 0.03 a week, and 1 is 0.02.
    assert "S7 A worry, no weight: findings 1; interrupts 0; duties a week 0.03 -> 0.02 (-0.02)" in str(found)
    back = gw.compare(records, own, HV, until=until)
    assert back.duties_a_week == (new, old) and "(+0.02)" in back.headline()


def test_duties_that_are_set_anew_count_each_time(otherwise) -> None:
    """Missed by three services on 1 March, 20 and 21 May 2025: 80 days, and 1 day.

    Within 90 days P1 opens on 20 May with two deeds, and the event of the 21st renews both: four.  Within 60 days only
    the last two are near enough: it opens on the 21st, with two.
    """
    child = Child("2024-01-15").at_z(0.0, 12).at_z(0.0, 70).at_z(0.0, 370)
    for day, service in (("2025-03-01", "gp"), ("2025-05-20", "dietetics"), ("2025-05-21", "paediatrics")):
        child.add("was_not_brought", day, role="administrator", service=service, service_kind=service)
    own = otherwise("P1", "\nwithin_days = 90", "\nwithin_days = 60")
    found = gw.compare([child.record], HV, own, until=dt.date(2025, 5, 21))
    row = next(r for r in found.rules if r.rule == "P1")
    assert (row.findings, row.duties, row.children) == ((1, 1), (4, 2), 1)
    d = next(d for d in found.differences if d.rule == "P1")
    assert d.says == "P1 opens on 21 May 2025, 1 day later than 20 May 2025"


def test_the_command_says_how_many_duties_a_week_more_or_less(otherwise, tmp_path: Path) -> None:
    otherwise("S7", "within_days = 7, urgent", "within_days = 9, urgent")
    worried().record.dump(tmp_path / "child.json")
    made = run("uk-hv", tmp_path / "own.toml", tmp_path / "child.json", "--until", "2025-04-15")
    # One duty in 457 days is 0.02 a week.
    assert made.exit_code == 0 and "(-0.02)" in made.output
    back = run(tmp_path / "own.toml", "uk-hv", tmp_path / "child.json", "--until", "2025-04-15")
    assert "(+0.02)" in back.output


# --- on the command line ------------------------------------------------------------------------


def run(*arguments: object):
    env = {"COLUMNS": "120"}
    return command_runner().invoke(app, ["protocol", "compare", *map(str, arguments)], env=env, prog_name="growthwatch")


def test_the_command_prints_the_same(otherwise, tmp_path: Path) -> None:
    otherwise("S7", "within_days = 7, urgent", "within_days = 9, urgent")
    worried().record.dump(tmp_path / "child.json")
    made = run("uk-hv", tmp_path / "own.toml", tmp_path / "child.json", "--until", "2025-06-01")
    assert made.exit_code == 0, made.output
    said = re.sub(r"\s+", " ", made.output)
    assert "One child is answered otherwise" in said and "by 16 April 2025, not by 14 April 2025" in said
    assert "S7 A worry, no weight" in said
    as_json = run("uk-hv", tmp_path / "own.toml", tmp_path / "child.json", "--until", "2025-06-01", "--json")
    own = Protocol.load(tmp_path / "own.toml")
    found = gw.compare([worried().record], HV, own, until=UNTIL)
    assert json.loads(as_json.stdout)["differences"] == found.to_dict()["differences"]


def test_what_is_wrong_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text("{}", encoding="utf-8")
    assert "bad.json" in run("uk-hv", "uk-hv", tmp_path / "bad.json", "--until", "2025-06-01").stderr
    made = run("uk-hv", "nobodys", tmp_path / "bad.json", "--until", "2025-06-01")
    assert made.exit_code == 2 and "NEW: got 'nobodys'" in made.stderr
    made = run("uk-hv", "uk-hv", tmp_path / "bad.json", "--until", "soon")
    assert made.exit_code == 2 and "--until" in made.stderr


def test_one_child_twice_is_refused_by_its_id() -> None:
    record = Child().record
    with pytest.raises(gw.GrowthwatchError, match="records 3: got 'child', expected each child once; records 1 is of"):
        gw.compare([record, gw.Record("other", record.events), record], HV, HV, until=dt.date(2024, 3, 1))


def test_a_file_that_is_empty_is_named_once(tmp_path: Path) -> None:
    empty = tmp_path / "empty.json"
    empty.write_text("")
    made = command_runner().invoke(app, ["protocol", "compare", "uk-hv", "uk-hv", str(empty), "--until", "2024-05-01"])
    assert made.exit_code == 2 and made.output.replace("\n", "").count("empty.json") == 1


def test_the_command_says_in_one_sentence_that_nothing_would_have_changed(tmp_path: Path) -> None:
    worried().record.dump(tmp_path / "child.json")
    made = run("uk-hv", "uk-hv", tmp_path / "child.json", "--until", "2025-06-01")
    said = re.sub(r"\s+", " ", made.output).strip()
    assert made.exit_code == 0 and said.endswith("no finding, no deed, no tier and no due day.")
    assert said.count(". ") == 0 and "By rule" not in said and "0.00" not in said, said
