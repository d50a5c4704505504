"""Reading a story, and holding it against a protocol: what is refused, what is said, what fails."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
from builders import HV

import growthwatch as gw
from growthwatch.protocol.stories import Told, read_story, tell
from growthwatch.protocol.stories.seen import SEEN
from growthwatch.protocol.stories.story import rule_of_key

BORN = """
[[given]]
id = "born"
type = "born"
on = 2024-01-15
recorded_at = "2024-01-15T17:00:00Z"
actor = "mw"
role = "midwife"
sex = "female"
gestation_days = 280
"""
WEIGHT = """
[[given]]
id = "{id}"
type = "weighed"
on = {on}
recorded_at = "{on}T17:00:00Z"
actor = "hv"
role = "health_visitor"
weight_kg = {kg}
clothing = "naked"
scale = "class_iii"
"""
SIGN = """
[[given]]
id = "{id}"
type = "sign_recorded"
on = {on}
recorded_at = "{on}T17:00:00Z"
actor = "hv"
role = "health_visitor"
signs = ["{sign}"]
"""
SEEN_BY = """
[[given]]
id = "{id}"
type = "examined"
on = {on}
recorded_at = "{on}T19:00:00Z"
actor = "gp"
role = "gp"
outcome = "well"
danger_signs = "none"
"""
HEAD = 'schema = 1\nid = "s"\ntitle = "A story"\nscope = ["H1"]\nprotocol = "uk-hv"\n'
SUNKEN = BORN + SIGN.format(id="s1", on="2025-02-20", sign="sunken_eyes")
"""Sunken eyes on a Thursday: H1 opens at "seen today", today (H1)."""
THEN = """
[[then]]
on = 2025-02-20
opens = ["H1@start"]
"""


@pytest.fixture
def story(tmp_path: Path):
    def write(text: str) -> Path:
        path = tmp_path / "s.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def told(story):
    def tell_it(text: str) -> Told:
        return tell(read_story(story(text)), HV)

    return tell_it


def not_so(found: Told) -> list[tuple[str, str, str]]:
    return [(line.on.isoformat(), line.key, line.happened) for line in found.wrong]


# --- a story that goes as told, and one that does not --------------------------------------------


def test_a_story_that_goes_as_told(told) -> None:
    found = told(
        HEAD
        + SUNKEN
        + SEEN_BY.format(id="x", on="2025-02-21")
        + THEN
        + """
level = { "H1@start" = "seen today" }
loudness = { "H1@start" = "interrupt" }
deadline = { "H1@start" = 2025-02-20 }
witness = ["s1"]
late = []
stage = "E2"
tier = "T0"

[[then]]
on = 2025-02-21
closes = ["H1@start"]
late = ["H1@start"]
not_open = ["H1"]
"""
    )  # the examination of the day after is one day late
    assert found.so, str(found)
    assert found.verdict == "s: A story: as told"
    assert found.wrong == ()


@pytest.mark.parametrize(
    ("entry", "happened"),
    [
        ("opens = []", ("quiet", "opens H1@start")),
        ('opens = ["H1@x"]', ("opens", "H1@start")),
        ('closes = ["H1@start"]', ("closes", "none")),
        ('opens = ["H1@start"]\nraises = ["H1@start"]', ("raises", "none")),
        ('opens = ["H1@start"]\nlevel = { "H1@start" = "999" }', ("level", "H1@start: seen today")),
        ('opens = ["H1@start"]\nlevel = { "G8@start" = "5 %" }', ("level", "G8@start: not open")),
        ('opens = ["H1@start"]\nloudness = { "H1@start" = "daily" }', ("loudness", "H1@start: interrupt")),
        ('opens = ["H1@start"]\ndeadline = { "H1@start" = 2025-02-21 }', ("deadline", "H1@start: 2025-02-20")),
        ('opens = ["H1@start"]\nlate = ["H1@start"]', ("late", "none")),
        ('opens = ["H1@start"]\nopen = ["G3@start"]', ("open", "not open: G3@start")),
        ('opens = ["H1@start"]\nnot_open = ["H1"]', ("not_open", "open: H1@start")),
        ('opens = ["H1@start"]\ntier = "T2"', ("tier", "T0")),
        ('opens = ["H1@start"]\nstage = "E3"', ("stage", "E2")),
        ('opens = ["H1@start"]\nwitness = ["s9"]', ("witness", "born, s1")),
        ('opens = ["H1@start"]\nwitness = { "H1@start" = ["s9"] }', ("witness", "H1@start: born, s1")),
        ('opens = ["H1@start"]\nrefused = { c1 = ["role"] }', ("refused", "c1: not refused")),
        ('opens = ["H1@start"]\nz = 0.0', ("z", "no weight that counts has a z")),
    ],
    ids=lambda given: given if isinstance(given, str) else given[0],
)  # fmt: skip
def test_what_is_not_so_is_named_with_what_happened_and_on_which_day(
    told, entry: str, happened: tuple[str, str]
) -> None:
    found = told(HEAD + SUNKEN + "[[then]]\non = 2025-02-20\n" + entry)
    assert happened in [(key, words) for _, key, words in not_so(found)]
    assert all(day == "2025-02-20" for day, _, _ in not_so(found))
    assert "NOT as told, on 1 day" in found.verdict


def test_nothing_may_open_on_a_day_without_an_entry(told) -> None:
    found = told(HEAD + SUNKEN + "[[then]]\non = 2025-02-19\n[[then]]\non = 2025-03-01\n")
    assert not_so(found) == [("2025-02-20", "quiet", "opens H1@start")]


def test_a_story_ends_with_its_last_entry(told) -> None:
    assert told(HEAD + SUNKEN + "[[then]]\non = 2025-02-19\n").so


def test_rules_outside_the_scope_may_speak(told) -> None:
    assert told(HEAD.replace('"H1"', '"H2"') + SUNKEN + "[[then]]\non = 2025-03-19\n").so


def test_a_day_is_judged_on_what_was_known_at_its_end(told) -> None:
    late = SIGN.format(id="s1", on="2025-02-20", sign="sunken_eyes").replace("2025-02-20T", "2025-02-24T")
    found = told(HEAD + BORN + late + "[[then]]\non = 2025-02-23\nnot_open = ['H1']\n" + THEN.replace("-20", "-24"))
    assert found.so, str(found)


def test_what_opens_and_closes_at_one_days_end_is_nothing(told) -> None:
    """An examination of the same day closes H1 if its time is later (H1)."""
    sign, seen = SIGN.format(id="s1", on="2025-02-20", sign="sunken_eyes"), SEEN_BY.format(id="x", on="2025-02-20")
    then = "[[then]]\non = 2025-02-20\nnot_open = ['H1']\n"
    for at, so in (("15:00", True), ("09:00", False)):
        found = told(f'{HEAD}{BORN}{sign}time = "10:00"\n{seen}time = "{at}"\n{then}')
        assert found.so is so, str(found)


def test_z_is_that_of_the_last_weight_within_two_hundredths(told) -> None:
    # 9.0 kg at 13 months, WHO girls: the median is 9.2 kg.
    z = gw.reference("uk-who").z(9.0, age_days=402, sex="female", gestation_days=280)
    weighed = BORN + WEIGHT.format(id="w", on="2025-02-20", kg=9.0)
    for off, so in ((0.0, True), (0.019, True), (-0.019, True), (0.022, False), (-0.022, False)):
        assert told(HEAD + weighed + f"[[then]]\non = 2025-02-20\nz = {z + off}\n").so is so, off


def test_the_most_urgent_deadline_not_yet_met_is_one_that_can_still_be_kept(told) -> None:
    """Below the 2nd line (G4) the length is due within 2 days; a week later all that is left is late."""
    low = HEAD.replace("H1", "G4") + BORN + WEIGHT.format(id="w", on="2025-02-20", kg=6.9)
    found = told(
        low
        + """
[[then]]
on = 2025-02-20
opens = ["G4@start"]
deadline = { "G4@start" = 2025-02-22 }

[[then]]
on = 2025-02-22
late = []

[[then]]
on = 2025-02-23
late = ["G4@start"]
"""
    )
    assert found.so, str(found)


def test_a_change_of_tier_between_entries_is_named_where_the_tier_is_in_scope(told) -> None:
    low = BORN + WEIGHT.format(id="w", on="2025-02-20", kg=6.9)
    then = "[[then]]\non = 2025-02-19\n[[then]]\non = 2025-02-21\n"
    assert told(HEAD + low + then).so
    found = told(HEAD.replace('"H1"', '"H1", "TIER"') + low + then)
    assert not_so(found) == [("2025-02-20", "quiet", "tier T0 to T2")]


def test_reasons_of_a_refusal_are_looked_for_in_any_case(told) -> None:
    """Lowering the tier of a child who is in T0: "not lower" is a reason (section 5)."""
    lower = """
[[given]]
id = "low"
type = "decision_signed"
on = 2025-02-21
recorded_at = "2025-02-21T17:00:00Z"
actor = "hv"
role = "administrator"
decision = "lower_tier"
tier = "T0"
reason = "well"
"""
    then = "[[then]]\non = 2025-02-21\nrefused = { low = ['%s'] }\n"
    head = HEAD.replace("H1", "G4") + BORN + lower
    assert told(head + then % "ADMINISTRATOR").so, str(told(head + then % "ADMINISTRATOR"))
    assert not told(head + then % "moonlight").so


# --- how it is told -------------------------------------------------------------------------------


def test_displays_name_the_day_what_was_expected_and_what_happened(told) -> None:
    found = told(HEAD + SUNKEN + THEN + 'tier = "T2"\n')
    assert str(found).splitlines() == [
        "s: A story: NOT as told, on 1 day.",
        "2025-02-20  opens: H1@start: as expected",
        "2025-02-20  tier: T2: NOT SO: expected T2; found T0",
    ]
    assert "NOT SO: expected T2; found T0" in found._repr_html_()
    plain = found.to_dict()
    assert plain["so"] is False and plain["protocol"]["hash"] == HV.hash
    assert plain["lines"][1] == {"on": "2025-02-20", "key": "tier", "expected": "T2", "happened": "T0", "so": False}


def test_every_key_that_is_read_is_judged() -> None:
    from growthwatch.protocol.stories import story as form

    assert set(SEEN) == set(form._HOLDS)


def test_the_rule_of_a_key() -> None:
    keys = {"G4@start": "G4", "P3:letter-4@k2": "P3", "E6:review:sd1@start": "E6", "P3:a@b@c": "P3"}
    assert {key: rule_of_key(key) for key in keys} == keys


# --- what is refused --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('title = "A story"', 'titel = "A story"', "titel: unknown key, expected one of .*nearest: 'title'"),
        ("schema = 1", "schema = 2", "schema: got 2, expected 1"),
        ('scope = ["H1"]', "", "scope: missing"),
        ('scope = ["H1"]', "scope = []", "scope: got .*at least one rule"),
        ('scope = ["H1"]', 'scope = ["H1", "H1"]', "scope: got .*each once"),
        ('scope = ["H1"]', 'scope = "H1"', "scope: got 'H1', expected a list of text"),
        ('scope = ["H1"]', 'scope = ["H1@start"]', "scope: got 'H1@start', expected the id of a rule"),
        ('opens = ["H1@start"]', 'open = "H1@start"', r"then 1: open: got 'H1@start', expected a list of text"),
        ('opens = ["H1@start"]', 'opened = ["H1@start"]', "then 1: opened: unknown key, .*nearest: 'open"),
        ('opens = ["H1@start"]', 'opens = ["H1"]', "then 1: opens: got 'H1', expected the key of a finding"),
        ('opens = ["H1@start"]', 'opens = ["G8@start"]', r"then 1 \(2025-02-20\): opens: got 'G8@start', .*scope: H1"),
        ('opens = ["H1@start"]', 'late = ["G8@start"]', r"then 1 \(2025-02-20\): late: got 'G8@start', .*scope: H1"),
        ('opens = ["H1@start"]', 'tier = "T4"', "then 1: tier: got 'T4', expected one of T0, T1, T2, T3"),
        ('opens = ["H1@start"]', "z = true", "then 1: z: got True, expected a number"),
        ('opens = ["H1@start"]', f"z = {'9' * 400}", "expected a number"),
        ('opens = ["H1@start"]', "z = nan", "then 1: z: got nan, expected a number"),
        ('opens = ["H1@start"]', "points = -1", "then 1: points: got -1, expected a whole number"),
        ('opens = ["H1@start"]', 'level = ["H1@start"]', "then 1: level: got .*expected a table"),
        ('opens = ["H1@start"]', 'deadline = { "H1@start" = "soon" }', "then 1: deadline: got 'soon', expected a day"),
        ('opens = ["H1@start"]', 'loudness = { "H1@start" = "loud" }', "then 1: loudness: got 'loud', expected one of"),
        ('opens = ["H1@start"]', 'done_late = ["H1@start"]', "then 1: done_late: .*expected the id of an obligation"),
        ('opens = ["H1@start"]', 'not_open = ["H1@start"]', "then 1: not_open: got 'H1@start', expected the id of a"),
        ("on = 2025-02-20\nopens", "opens", "then 1: on: missing"),
        ("on = 2025-02-20\nopens", "on = 2025-02-20T10:00:00Z\nopens", "then 1: on: got .*expected a day"),
        ("[[then]]", "[then]", "then: got .*at least one"),
        ("[[given]]", "[[given]]\nweigth = 1", "given 1: .*weigth"),
        ('sex = "female"', 'sex = "girl"', "given 1: .*sex"),
        ('type = "sign_recorded"', 'type = "sign"', "given 2: event 's1': type: got"),
    ],
)
def test_a_wrong_story_is_refused_with_its_place(story, old: str, new: str, words: str) -> None:
    text = HEAD + SUNKEN + THEN
    assert old in text
    path = story(text.replace(old, new, 1))
    with pytest.raises(gw.GrowthwatchError, match=words) as caught:
        read_story(path)
    assert str(caught.value).startswith(f"{path}: ")


def test_days_must_ascend(story) -> None:
    path = story(HEAD + SUNKEN + THEN + THEN)
    with pytest.raises(gw.GrowthwatchError, match=r"then: on: got '2025-02-20', expected a day after 2025-02-20"):
        read_story(path)


def test_two_events_with_one_id_are_refused_with_the_file(story) -> None:
    path = story(HEAD + BORN + BORN.replace("female", "male") + THEN)
    with pytest.raises(gw.GrowthwatchError, match=re.escape(str(path))):
        read_story(path)


def test_a_file_that_is_not_there_or_no_toml(tmp_path: Path) -> None:
    with pytest.raises(gw.GrowthwatchError, match="an existing TOML file"):
        read_story(tmp_path / "none.toml")
    (tmp_path / "s.toml").write_text("schema = ", encoding="utf-8")
    with pytest.raises(gw.GrowthwatchError, match="not valid TOML"):
        read_story(tmp_path / "s.toml")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('scope = ["H1"]', 'scope = ["H1", "X9"]', "scope: got 'X9', expected a rule of uk-hv 0.4"),
        (
            'opens = ["H1@start"]',
            'opens = ["H1@start"]\nnot_open = ["X9"]',
            r"then 1 \(2025-02-20\): not_open: got 'X9'",
        ),
        (
            'opens = ["H1@start"]',
            'opens = ["H1@start"]\nlevel = { "X9@start" = "red" }',
            r"then 1 \(2025-02-20\): level: got 'X9@start', expected a rule of uk-hv",
        ),
    ],
)
def test_a_rule_that_the_protocol_does_not_have_is_refused(told, old: str, new: str, words: str) -> None:
    with pytest.raises(gw.GrowthwatchError, match=words):
        told((HEAD + SUNKEN + THEN).replace(old, new))


def test_dates_may_stand_as_text_or_as_toml_dates(story) -> None:
    text = HEAD + SUNKEN + THEN
    as_text = text.replace("on = 2025-02-20", 'on = "2025-02-20"').replace("on = 2024-01-15", 'on = "2024-01-15"')
    one = read_story(story(text))
    other = read_story(story(as_text))
    assert one.record == other.record and one.entries == other.entries
    assert one.until == dt.date(2025, 2, 20)


def test_what_readers_need_is_kept(story) -> None:
    head = HEAD + 'purpose = "why"\nspecification = "0.4"\nnotes = ["one unit beside"]\n'
    found: Any = read_story(story(head + SUNKEN + THEN + 'says = "TODAY"\nnotes = "beside"\n'))
    assert (found.purpose, found.specification, found.notes) == ("why", "0.4", ("one unit beside",))
    assert (found.entries[0].says, found.entries[0].notes) == ("TODAY", ("beside",))


def test_what_was_not_so_says_what_was_expected_and_what_was_found(told) -> None:
    # Of a finding that should be there and is not, beside one that is; and of a closing where nothing closes.
    both = THEN.replace('"H1@start"', '"H1@other", "H1@start"')
    (line,) = [x for x in told(HEAD + SUNKEN + both).lines if not x.so]
    assert line.verdict.startswith("NOT SO: expected ") and "H1@other" in line.verdict
    assert line.verdict.endswith("found H1@start")
    lines = told(HEAD + SUNKEN + THEN + 'closes = ["H1@other"]\n').lines
    assert "NOT SO: expected H1@other; found nothing" in [x.verdict for x in lines]
