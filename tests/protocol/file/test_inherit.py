"""A file of a trust's own over a packaged one: as short as its differences, and never quieter by accident.

Each refusal is a sentence of section 6 of the process specification (inheritance and dated values).
"""

from __future__ import annotations

import datetime as dt
import json
import time
from pathlib import Path
from typing import Any

import pytest
from builders import HV, Child
from own_protocols import G4_DEED, SOURCE, X1, dated, header, load, one, write

import growthwatch as gw
from growthwatch.core.errors import GrowthwatchError
from growthwatch.protocol import Protocol

G8_5 = "rules[G8].levels[5 %].loss_at_least_percent"
G1_DAYS = "rules[G1].before_age_days"  # a national number (NICE NG75), safer when higher
BECAUSE = 'weaker = true\nbecause = "the board agreed a pilot"\n'


# --- what it says otherwise -------------------------------------------------------------------------


def test_it_says_what_its_parent_says_but_for_its_differences(tmp_path: Path) -> None:
    ours = load(tmp_path, one(G8_5, 4.5))
    assert (ours.id, ours.version, ours.settings.effective_from) == ("trust-hv", "1.0", dt.date(2024, 1, 1))
    assert ours.rule("G8").levels[2].loss_at_least_percent == 4.5
    assert HV.rule("G8").levels[2].loss_at_least_percent == 5
    assert [r.id for r in ours.rules] == [r.id for r in HV.rules]
    assert ours.settings.schedule == HV.settings.schedule and ours.settings.weights == HV.settings.weights
    assert ours.extends is not None and str(ours.extends) == "uk-hv 0.4" and ours.extends.hash == HV.hash
    assert ours.hash != HV.hash and ours.judged_by == HV.judged_by


def test_a_child_is_judged_by_it(tmp_path: Path) -> None:
    """From 12.0 to 11.45 kg is 4.6 %: below the 5 % of the parent, not below 4.5 %."""
    ours = load(tmp_path, one(G8_5, 4.5))
    child = Child(birth_kg=3.0).weigh(12.0, 860).weigh(11.45, 900)
    assert "G8" not in child.levels(900) and child.levels(900, ours)["G8"] == "5 %"
    review = child.review(900, ours)
    assert review.protocol_hash == ours.hash and "trust-hv 1.0" in review.explain()


@pytest.mark.parametrize(
    ("path", "value", "seen"),
    [
        (f"rules[G4].levels[below].actions[{G4_DEED}].within_days", 1, lambda p: p.rule("G4").levels[0].actions[3].within_days),
        (f"rules[G4].levels[below].actions[do={G4_DEED}].within_days", 1, lambda p: p.rule("G4").levels[0].actions[3].within_days),
        ("rules[G4].levels[below].actions[met_by=plan].owner", "team_lead", lambda p: p.rule("G4").levels[0].actions[3].owner),
        ("rules[G4].levels[below].actions[met_by=plan].do", "Do all this", lambda p: p.rule("G4").levels[0].actions[3].do),
        ("rules[G4].levels[below].actions[met_by=plan].if_not", "ring us", lambda p: p.rule("G4").levels[0].actions[3].if_not),
        ("rules[G4].levels[below].loudness", "interrupt", lambda p: p.rule("G4").levels[0].loudness),
        ("rules[S2].newborn_loudness", "interrupt", lambda p: p.rule("S2").newborn_loudness),
        ("rules[G9].clock[from_months=4].amber_days", 21, lambda p: p.rule("G9").clock[2].amber_days),
        ("rules[G3].thresholds[birth_below_lines=-2].spaces", 0.5, lambda p: p.rule("G3").thresholds[0].spaces),
        ("schedule.bands[1 to 6 months].t1_days", 21, lambda p: p.settings.schedule.bands[1].t1_days),
        ("schedule.floors[cystic fibrosis].bands[from_months=6].days", 42, lambda p: p.settings.schedule.floors[0].bands[1].days),
        ("weights.confirm.do", "Weigh now", lambda p: p.settings.weights.confirm.do),
        ("tiers.risk_ages[born before 37 weeks].until_months", 4, lambda p: p.settings.tiers.risk_ages[1].until_months),
    ],
)  # fmt: skip
def test_numbers_owners_words_and_loudness_are_named_by_ids(path: str, value: Any, seen: Any, tmp_path: Path) -> None:
    ours = load(tmp_path, one(path, value))
    assert seen(ours) == value != seen(HV)
    assert ours.given[0].path.split("[")[0] == path.split("[")[0]


def test_half_spaces_and_decimals_where_a_clinician_would_want_them(tmp_path: Path) -> None:
    """A fall of 1.9 spaces from the birth centile: not two, but one and a half."""
    ours = load(tmp_path, one("rules[G3].thresholds[birth_up_to_lines=2].spaces", 1.5))
    child = Child(birth_kg=None).weigh(3.4, 0).steady(0.0, [14])
    child = Child().at_z(0.0, 0).at_z(-1.2, 400)
    assert "G3" not in child.levels(400) and child.levels(400, ours).get("G3") == "fall"
    assert "The threshold at this birth weight is 1.5." in child.review(400, ours).explain()
    half = load(tmp_path, one("rules[G4].line", -2.5), name="half.toml")
    low = Child(birth_kg=None).at_z(-1.8, 300)  # between z -1.67 (2.5 spaces) and z -2
    assert "G4" not in low.levels(300) and low.levels(300, half)["G4"] == "below"
    assert "below z -1.67" in low.review(300, half).explain()


def test_the_hash_covers_all_and_nothing_else(tmp_path: Path) -> None:
    first = load(tmp_path, one(G8_5, 4.5))
    assert load(tmp_path, "# a note\n\n" + one(G8_5, 4.5)).hash == first.hash
    others = [
        (one(G8_5, 4.6),),
        (one(G8_5, 4.5, source=SOURCE.replace("14", "15")),),
        (one(G8_5, 4.5, source=SOURCE.replace("2027", "2028")),),
        (dated(G8_5, [("2024-01-01", 4.5)]),),
        (dated(G8_5, [("2024-01-02", 4.5)]),),
        (one(G8_5, 4.5), one("rules[G4].levels[below].loudness", "interrupt")),
        (one(G8_5, 4.5), X1),
    ]
    hashes = {load(tmp_path, *parts).hash for parts in others}
    assert len(hashes) == len(others) and first.hash not in hashes
    assert load(tmp_path, one(G8_5, 4.5), head=header(version="1.1")).hash != first.hash


def test_where_a_set_number_comes_from_is_told(tmp_path: Path) -> None:
    ours = load(tmp_path, one(G8_5, 4.5), one("schedule.bands[1 to 6 months].t1_days", 21))
    steps = next(g.steps for g in ours.given if g.path == G8_5)
    assert ours.provenance(*steps) == ("Partnership board, minute 14", "L", dt.date(2027, 12, 31))
    assert ours.provenance(*steps[:-1]) == HV.provenance(*steps[:-1])
    child = Child(birth_kg=3.0).weigh(12.0, 860).weigh(11.45, 900)
    (found,) = [f for f in child.review(900, ours).findings if f.rule == "G8"]
    assert "Partnership board, minute 14 (L)" in found.source and found.source.startswith("Bands: NICE CG84")
    line = next(t for t in child.review(900, ours).trace if t.rule == "G4")
    assert "minute 14" not in line.source


# --- what is refused -----------------------------------------------------------------------------------

REFUSED: list[tuple[str, str, tuple[str, ...]]] = [
    ("an unknown path", one("rules[G8].levels[5 %].loss", 4), ("set rules[G8].levels[5 %].loss", "'loss'")),
    ("an unknown rule", one("rules[G88].line", 4), ("set rules[G88].line", "G88", "one of S1, S2")),
    ("an unknown table", one("schedules.grace_fraction", 0.5), ("set schedules.grace_fraction", "'schedules'")),
    ("an unknown name in a list", one("schedule.bands[2 years].t1_days", 9), ("2 years", "under 1 month")),
    ("a place in a list", one("rules[G8].levels[2].loss_at_least_percent", 4), ("levels[2]", "weigh again today")),
    ("a list without a name", one("rules.line", 4), ("which of them", "G8")),
    ("a path into a value", one("rules[G4].line.x", 4), ("rules[G4].line.x", "inside a value")),
    ("a table", one("rules[G4].levels[below]", 4), ("one of its keys too",)),
    ("no path", one("rules[G4]..line", 4), ("rules[G4]..line",)),
    ("an empty path", one("", 4), ("path",)),
    ("the kind", one("rules[G4].kind", "no_net_gain"), ("set rules[G4].kind", "'kind'", "what the rule is")),
    ("the version of a kind", one("rules[G4].kind_version", 1), ("kind_version", "what the rule is")),
    ("the id", one("rules[G4].id", "G44"), ("set rules[G4].id",)),
    ("what closes it", one("rules[G8].closes", "signed"), ("set rules[G8].closes", "what the rule is")),
    ("words of what closes it", one("rules[G8].closes_words", "time passes"), ("closes_words",)),
    ("the name of a level", one("rules[G4].levels[below].name", "low"), ("levels[below].name",)),
    ("the tier of a level", one("rules[G4].levels[below].tier", "T1"), ("levels[below].tier",)),
    ("the stage of a level", one("rules[G4].levels[below].stage", "E2"), ("levels[below].stage",)),
    ("whether a level is uncertain", one("rules[G8].levels[3 %].ordinary_only_if_ill", True), ("ordinary_only_if_ill",)),
    ("what meets a deed", one("rules[G4].levels[below].actions[met_by=plan].met_by", "seen"), ("met_by",)),
    ("a list of rules", one("terms.sign_rules", "H1"), ("terms.sign_rules",)),
    ("a list of numbers", one("weights.suspected.factors", 3), ("weights.suspected.factors",)),
    ("the source of a table", one("rules[G4].source", "ours"), ("rules[G4].source",)),
    ("the reference", one("reference", "who"), ("set reference",)),
    ("the schema", one("schema", 3), ("set schema",)),
    ("the marks", one("numbers[evidence].least", 3), ("numbers",)),
    ("a number that is not there", one("rules[G4].levels[below].actions[met_by=plan].urgent_within_days", 0), ("urgent_within_days",)),
    ("a path twice", one(G8_5, 4.5) + one(G8_5, 4), (G8_5, "each path once")),
    ("a path twice, written otherwise", one(f"rules[G4].levels[below].actions[{G4_DEED}].within_days", 1) + one("rules[G4].levels[below].actions[met_by=plan].within_days", 0), ("each path once",)),
    ("a value equal to the parent's", one(G8_5, 5), (G8_5, "got 5", "another value than the parent's, 5")),
    ("the same as a fraction", one(G8_5, 5.0), ("another value than the parent's",)),
    ("words equal to the parent's", one("rules[G4].levels[below].loudness", "daily"), ("another value",)),
    ("no source", one(G8_5, 4.5, source='tag = "L"\nreview_by = 2027-12-31\n'), (G8_5, "source")),
    ("a blank source", one(G8_5, 4.5, source='source = " "\ntag = "L"\nreview_by = 2027-12-31\n'), (G8_5, "source")),
    ("no tag", one(G8_5, 4.5, source='source = "us"\nreview_by = 2027-12-31\n'), (G8_5, "tag")),
    ("no review date", one(G8_5, 4.5, source='source = "us"\ntag = "L"\n'), (G8_5, "review_by")),
    ("text for a number", one(G8_5, "4.5"), (G8_5, "'4.5'", "a number")),
    ("true for a number", one(G8_5, True), (G8_5, "one number or one text")),
    ("a number for words", one("rules[G4].levels[below].loudness", 3), ("text",)),
    ("neither value nor values", f'[[set]]\npath = "{G8_5}"\n{SOURCE}', (G8_5, "either one value, or values")),
    ("value and values", dated(G8_5, [("2024-01-01", 4)], "value = 4.5\n"), ("either one value, or values",)),
    ("no values", f'[[set]]\npath = "{G8_5}"\nvalues = []\n{SOURCE}', ("at least one value",)),
    ("days that descend", dated(G8_5, [("2024-02-01", 4.5), ("2024-01-01", 4)]), (G8_5, "2024-02-01", "ascend")),
    ("a day twice", dated(G8_5, [("2024-02-01", 4.5), ("2024-02-01", 4)]), ("none twice",)),
    ("a day that is none", dated(G8_5, [('"soon"', 4.5)]), ("from", "YYYY-MM-DD")),
    ("a dated value equal to the parent's", dated(G8_5, [("2024-02-01", 4.5), ("2024-03-01", 5)]), ("got 5", "the parent's")),
    ("a dated value equal to the one before", dated(G8_5, [("2024-02-01", 4.5), ("2024-03-01", 4.5)]), ("the one before it",)),
    ("an unknown key", one(G8_5, 4.5, 'colour = "red"\n'), (G8_5, "colour")),
    ("quieter", one("rules[G8].levels[5 %].loudness", "daily"), ("got 'daily'", "loudness may only rise")),
    ("quieter later", dated("rules[S2].levels[amber].loudness", [("2024-02-01", "interrupt"), ("2024-03-01", "daily")]), ("loudness may only rise",)),
    ("an unknown loudness", one("rules[G8].levels[5 %].loudness", "shouting"), ("shouting",)),
    ("an unknown owner", one("rules[G4].levels[below].actions[met_by=plan].owner", "wizard"), ("owner",)),
    ("what its form refuses", one("schedule.bands[1 to 6 months].t1_days", 2.5), ("t1_days",)),
    ("what its rule refuses", one("rules[G8].levels[5 %].loss_at_least_percent", 9), ("rising",)),
    ("only a later value that is refused", dated("schedule.bands[1 to 6 months].t1_days", [("2024-02-01", 20), ("2025-02-01", 2.5)]), ("2025-02-01", "t1_days")),
    ("weaker than a national number", one(G1_DAYS, 14), (G1_DAYS, "got 14", "weaker = true", "21")),
    ("weaker without a reason", one(G1_DAYS, 14, "weaker = true\n"), (G1_DAYS, "because")),
    ("weaker, with a blank reason", one(G1_DAYS, 14, 'weaker = true\nbecause = " "\n'), ("because",)),
    ("weaker only later", dated(G1_DAYS, [("2024-02-01", 28), ("2025-02-01", 14)]), ("got 14", "weaker = true")),
    ("either way, where neither is safe", one("weights.naked_below_months", 30), ("naked_below_months", "weaker = true")),
    ("beyond a bound", one("schedule.bands[1 year and over].t1_days", 120), ("got 120", "weaker = true", "the bound, 112")),
    ("weaker that is not", one(G1_DAYS, 28, BECAUSE), (G1_DAYS, "only where a value is less safe")),
    ("a reason for what is not weaker", one(G1_DAYS, 28, 'because = "why not"\n'), ("because only with weaker",)),
    ("a set that is no table", "set = [3]\n", ("set", "a table")),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_it_is_refused_with_the_path_the_value_and_what_was_expected(
    text: str, said: tuple[str, ...], tmp_path: Path
) -> None:
    with pytest.raises(GrowthwatchError) as caught:
        load(tmp_path, text)
    message = str(caught.value)
    assert "ours.toml" in message and "pydantic" not in message
    for part in said:
        assert part in message, message


def test_what_is_refused_without_a_reason_is_taken_with_one(tmp_path: Path) -> None:
    for path, value in (
        (G1_DAYS, 14),
        ("weights.naked_below_months", 30),
        ("schedule.bands[1 year and over].t1_days", 120),
    ):
        ours = load(tmp_path, one(path, value, BECAUSE))
        assert [g.path for g in ours.weaker] == [path]


@pytest.mark.parametrize("value", [20.9, 14, 1])
def test_a_lower_age_limit_for_newborn_loss_is_weaker(value: float, tmp_path: Path) -> None:
    """NICE NG75's loss before 21 days is judged up to a day: fewer children are judged by a lower one."""
    with pytest.raises(GrowthwatchError, match="weaker = true"):
        load(tmp_path, one(G1_DAYS, value))


def test_every_review_says_what_is_weaker_and_why(tmp_path: Path) -> None:
    ours = load(tmp_path, one(G1_DAYS, 14, BECAUSE), one(G8_5, 4.5))
    for day in (5, 300):
        notes = [n for n in Child().review(day, ours).notes if n.startswith("WEAKER")]
        assert notes == [
            (
                "WEAKER: trust-hv 1.0 sets rules[G1].before_age_days to 14 (the national number is 21). "
                "Because: the board agreed a pilot. Partnership board, minute 14 (L)."
            )
        ]
    assert not any("WEAKER" in n for n in Child().review(5, load(tmp_path, one(G8_5, 4.5))).notes)


# --- its parent ---------------------------------------------------------------------------------------


def test_the_parent_has_exactly_that_hash(tmp_path: Path) -> None:
    wrong = "sha256:" + "0" * 64
    with pytest.raises(GrowthwatchError) as caught:
        load(tmp_path, head=header(hash=wrong))
    assert "extends.hash" in str(caught.value) and wrong in str(caught.value) and HV.hash in str(caught.value)
    for short in (HV.hash[:15], "", "0.4"):
        with pytest.raises(GrowthwatchError, match=r"extends\.hash: got .*, expected sha256: and the 64 digits"):
            load(tmp_path, head=header().replace(HV.hash, short))


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (-1, "got -1, expected a number greater than or equal to 0"),
        (35.5, "got 35.5, expected a whole number"),
    ],
)
def test_a_value_of_a_wrong_form_is_said_with_what_was_expected(tmp_path: Path, value: float, said: str) -> None:
    with pytest.raises(GrowthwatchError) as caught:
        load(tmp_path, one("rules[G9].clock[from_months=4].red_days", value))
    assert said in str(caught.value) and "nput should" not in str(caught.value)
    assert caught.value.problems[0].value == value


def test_a_form_of_text_is_no_pattern_to_read(tmp_path: Path) -> None:
    for wrong in ("Trust HV", "", "-hv"):
        with pytest.raises(GrowthwatchError) as caught:
            load(tmp_path, head=header(id=wrong))
        assert "small letters, digits" in str(caught.value) and "[a-z" not in str(caught.value)


@pytest.mark.parametrize("id", ["", 'id = ["X1"]', "id = 1", 'label = "X1"'])
def test_a_rule_of_ones_own_without_an_id_is_refused_in_words(tmp_path: Path, id: str) -> None:
    with pytest.raises(GrowthwatchError, match=r"rules 1: id: got .*, expected the id of the rule"):
        load(tmp_path, X1.replace('id = "X1"', id, 1))


def test_a_parent_that_nobody_has_is_refused(tmp_path: Path) -> None:
    for old, new in (('version = "0.4"', 'version = "0.3"'), ('id = "uk-hv"', 'id = "fr-hv"')):
        with pytest.raises(GrowthwatchError, match=r"ours\.toml: extends: got .*, expected a packaged protocol"):
            load(tmp_path, head=header().replace(old, new))


def test_one_parent_and_what_a_file_that_extends_may_say(tmp_path: Path) -> None:
    two = header().replace("extends = {", "extends = [{").replace("}", "}, { id = 'x', version = '1', hash = 'y' }]")
    with pytest.raises(GrowthwatchError, match="extends"):
        load(tmp_path, head=two)
    for key in ('zone = "Europe/Paris"\n', 'reference = "who"\n', "[weights]\nleast_kg = 1\n", "colour = 1\n"):
        with pytest.raises(GrowthwatchError, match=r"ours\.toml: .*unknown key"):
            load(tmp_path, key)
    for missing in ("version", "effective_from", "schema"):
        lines = [line for line in header().splitlines() if not line.startswith(missing)]
        with pytest.raises(GrowthwatchError, match=missing):
            load(tmp_path, head="\n".join(lines))
    with pytest.raises(GrowthwatchError, match="set: got 1, expected extends, too"):
        load(tmp_path, one(G8_5, 4), head='schema = 2\nid = "x"\nversion = "1"\n')
    with pytest.raises(GrowthwatchError, match=r"uk-hv 0\.4 extends uk-hv 0\.4"):
        load(tmp_path, head=header(id="uk-hv", version="0.4"))
    assert load(tmp_path, head=header(id="uk-hv", version="0.4-trust")).version == "0.4-trust"
    with pytest.raises(GrowthwatchError, match=r"figures\.evidence: got '1', expected the parent's, 2"):
        load(tmp_path, head=header(more='figures = { evidence = "1" }\n'))


def test_chains_are_read_and_the_latest_counts(tmp_path: Path) -> None:
    middle = load(tmp_path, one(G8_5, 4.5), X1, head=header("region-hv", "2"), name="region.toml")
    ours = load(tmp_path, one(G8_5, 4), one("rules[X1].line", -1), head=header(parent=middle))
    assert [str(step) for step in ours.read.lineage] == ["trust-hv 1.0", "region-hv 2", "uk-hv 0.4"]
    assert ours.rule("G8").levels[2].loss_at_least_percent == 4 and ours.rule("X1").line == -1  # pyright: ignore[reportAttributeAccessIssue]
    assert middle.rule("X1").line == -2  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(GrowthwatchError, match=r"another value than the parent's, 4\.5"):
        load(tmp_path, one(G8_5, 4.5), head=header(parent=middle))
    # back to what the root has is a difference from the parent
    assert load(tmp_path, one(G8_5, 5), head=header(parent=middle)).rule("G8").levels[2].loss_at_least_percent == 5
    # a parent that has changed since is not the one that was meant
    load(tmp_path, one(G8_5, 4.6), X1, head=header("region-hv", "2"), name="region.toml")
    with pytest.raises(GrowthwatchError, match=r"extends\.hash"):
        Protocol.load(write(tmp_path, one(G8_5, 4), head=header(parent=middle)))
    # it may be handed over instead of lying beside the file
    (tmp_path / "region.toml").unlink()
    path = write(tmp_path, one(G8_5, 4), head=header(parent=middle))
    with pytest.raises(GrowthwatchError, match="region-hv 2"):
        Protocol.load(path)
    assert Protocol.load(path, parents=[HV, middle]).rule("G8").levels[2].loss_at_least_percent == 4


def test_a_weaker_national_number_stays_weaker_down_the_chain(tmp_path: Path) -> None:
    middle = load(tmp_path, one(G1_DAYS, 14, BECAUSE), head=header("region-hv", "2"), name="region.toml")
    with pytest.raises(GrowthwatchError, match=r"got 18, expected weaker = true .* the national number, 21"):
        load(tmp_path, one(G1_DAYS, 18), head=header(parent=middle))
    ours = load(tmp_path, one(G8_5, 4), head=header(parent=middle))
    assert any("WEAKER: region-hv 2" in n for n in Child().review(5, ours).notes), Child().review(5, ours).notes
    put_right = load(tmp_path, one(G1_DAYS, 21), head=header(parent=middle))
    assert put_right.weaker == () and not any("WEAKER" in n for n in Child().review(5, put_right).notes)


def test_a_weaker_number_that_a_later_file_ends_by_date_is_told_with_its_days(tmp_path: Path) -> None:
    """14 holds until the day from which the last file has the national 21 again: those days are named, always."""
    middle = load(tmp_path, one(G1_DAYS, 14, BECAUSE), head=header("region-hv", "2"), name="region.toml")
    ours = load(tmp_path, dated(G1_DAYS, [("2024-03-01", 21)]), head=header(parent=middle))
    for day in (5, 300):
        assert [n for n in Child().review(day, ours).notes if n.startswith("WEAKER")] == [
            (
                "WEAKER: region-hv 2 sets rules[G1].before_age_days to 14 until 29 February 2024 (the national number is "
                "21). Because: the board agreed a pilot. Partnership board, minute 14 (L)."
            )
        ]
    (told,) = ours.weaker
    assert [(w.value, w.than, w.start, w.until) for w in told.weaker] == [(14, 21, None, dt.date(2024, 3, 1))]


def test_each_value_of_a_chain_is_told_for_the_days_on_which_it_holds(tmp_path: Path) -> None:
    """On each day either what is told covers it, or the number of that day is as safe as the national one, 21."""
    first = [("2024-02-01", 14), ("2024-06-01", 12)]
    middle = load(tmp_path, dated(G1_DAYS, first, BECAUSE), head=header("region-hv", "2"), name="region.toml")
    last = [("2024-04-01", 28), ("2024-08-01", 10), ("2024-10-01", 21)]
    ours = load(tmp_path, dated(G1_DAYS, last, BECAUSE), head=header(parent=middle))
    told = [(w.value, w.start, w.until) for g in ours.weaker for w in g.weaker]
    # 12 never holds: from April on the last file has a number of its own.
    assert told == [
        (14, dt.date(2024, 2, 1), dt.date(2024, 4, 1)),
        (10, dt.date(2024, 8, 1), dt.date(2024, 10, 1)),
    ]
    for month in range(1, 13):
        day = dt.date(2024, month, 15)
        held = ours.on(day).rule("G1").before_age_days  # pyright: ignore[reportAttributeAccessIssue]
        assert [v for v, start, until in told if start <= day < until] == ([held] if held < 21 else [])


def test_a_national_number_of_ones_own_is_that_of_each_day(tmp_path: Path) -> None:
    """A file may bring a national number where there was none; one that extends it is held to it from its day on."""
    national = SOURCE.replace('tag = "L"', 'tag = "N"')
    # More loss is less safe: 4 % from February, 4.5 % from June.
    text = dated(G8_5, [("2024-02-01", 4), ("2024-06-01", 4.5)], source=national)
    middle = load(tmp_path, text, head=header("region-hv", "2"), name="region.toml")
    with pytest.raises(GrowthwatchError, match=r"got 4\.4, expected weaker = true .* the national number, 4"):
        load(tmp_path, one(G8_5, 4.4), head=header(parent=middle))
    ours = load(tmp_path, one(G8_5, 4.4, BECAUSE), head=header(parent=middle))
    assert [(w.value, w.than, w.start, w.until) for g in ours.weaker for w in g.weaker] == [
        (4.4, 4, dt.date(2024, 2, 1), dt.date(2024, 6, 1))
    ]
    assert load(tmp_path, dated(G8_5, [("2024-06-01", 4.4)]), head=header(parent=middle)).weaker == ()


def test_the_source_of_a_number_is_that_of_the_file_that_holds_it_on_the_day(tmp_path: Path) -> None:
    region = SOURCE.replace("minute 14", "minute 3")
    middle = load(tmp_path, one(G8_5, 4.5, source=region), head=header("region-hv", "2"), name="region.toml")
    ours = load(tmp_path, dated(G8_5, [("2024-03-01", 4)]), head=header(parent=middle))
    path = ("rules", "G8", "levels", 2, "loss_at_least_percent")
    assert ours.on(dt.date(2024, 2, 29)).provenance(*path)[0] == "Partnership board, minute 3"
    assert ours.on(dt.date(2024, 3, 1)).provenance(*path)[0] == "Partnership board, minute 14"


def test_loudness_is_held_on_every_day_of_the_parents(tmp_path: Path) -> None:
    """The parent's rises in March: a value from February on that is quieter than that would lower it."""
    path = "rules[S2].levels[amber].loudness"
    middle = load(
        tmp_path, dated(path, [("2024-03-01", "interrupt")]), head=header("region-hv", "2"), name="region.toml"
    )
    for text in (one(path, "daily"), dated(path, [("2024-02-01", "daily")])):
        with pytest.raises(GrowthwatchError, match=r"got 'daily', expected interrupt or louder"):
            load(tmp_path, text, head=header(parent=middle))
    text = dated(path, [("2024-02-01", "daily"), ("2024-02-15", "interrupt")])
    assert load(tmp_path, text, head=header(parent=middle)).given


def test_a_cycle_is_refused(tmp_path: Path) -> None:
    """No file can name the hash of one that names its own; a file that claims to is told so, and does not hang."""
    some = "sha256:" + "1" * 64
    for name, other in (("a", "b"), ("b", "c"), ("c", "a")):
        head = header(name, "1").replace('id = "uk-hv", version = "0.4"', f'id = "{other}", version = "1"')
        write(tmp_path, head=head.replace(HV.hash, some), name=f"{name}.toml")
    with pytest.raises(GrowthwatchError, match="a 1 extends b 1 extends c 1 extends a 1"):
        Protocol.load(tmp_path / "a.toml")
    write(
        tmp_path,
        head=header("d", "1").replace('id = "uk-hv", version = "0.4"', 'id = "d", version = "1"'),
        name="d.toml",
    )
    with pytest.raises(GrowthwatchError, match="d 1 extends d 1"):
        Protocol.load(tmp_path / "d.toml")


def test_files_beside_it_that_cannot_be_read_do_not_matter(tmp_path: Path) -> None:
    (tmp_path / "broken.toml").write_text("= 3")
    (tmp_path / "nan.toml").write_text('id = "uk-hv"\nversion = "0.4"\nx = nan')
    assert load(tmp_path, one(G8_5, 4.5)).extends is not None


# --- rules of its own -----------------------------------------------------------------------------------


def test_a_rule_of_its_own_in_about_fifteen_lines(tmp_path: Path) -> None:
    assert len(X1.strip().splitlines()) <= 15
    ours = load(tmp_path, X1)
    child = Child(birth_kg=None).at_z(-1.5, 300)
    assert child.levels(300, ours) == {**child.levels(300), "X1": "below"}
    (found,) = [f for f in child.review(300, ours).findings if f.rule == "X1"]
    assert found.source.startswith("Feeding team") and found.obligations[0].do == "Ask how feeds go"
    assert ours.read.own_rules == ("X1",) and [r.id for r in ours.rules][-1] == "X1"


def test_a_rule_of_its_own_takes_no_place_of_another_and_has_a_source(tmp_path: Path) -> None:
    with pytest.raises(GrowthwatchError, match=r"rules 1: id: got 'G4', expected an id that the parent does not have"):
        load(tmp_path, X1.replace('"X1"', '"G4"'))
    with pytest.raises(GrowthwatchError, match="X1"):
        load(tmp_path, X1, X1)
    for key in ("source", "tag", "review_by"):
        text = "\n".join(line for line in X1.splitlines() if not line.startswith(key))
        with pytest.raises(GrowthwatchError, match=f"rule X1: .*{key} of its own"):
            load(tmp_path, text)
    top = header(more='source = "Feeding team; the lead decides"\ntag = "L"\nreview_by = 2027-03-31\n')
    bare = "\n".join(line for line in X1.splitlines() if not line.startswith(("source", "tag", "review_by")))
    assert load(tmp_path, bare, head=top).sources["X1"][0].startswith("Feeding team")
    with pytest.raises(GrowthwatchError, match="kind"):
        load(tmp_path, X1.replace('"below_line"', '"below_lines"'))


def test_a_rule_of_its_own_signs_nobody_down_sooner(tmp_path: Path) -> None:
    """G13's steady level lets a tier be signed down; one that a trust adds could do so for any child."""
    text = json.dumps(HV.plain["rules"][next(i for i, r in enumerate(HV.rules) if r.id == "G13")], default=str)
    rule = json.loads(text)
    rule["id"], rule["others"] = "X2", []
    lines = ["[[rules]]"]
    for key, value in rule.items():
        if key == "review_by":
            lines.append(f"{key} = {value}")
        elif key == "levels":
            tables = [
                "{ " + ", ".join(f"{k} = {json.dumps(v)}" for k, v in level.items() if k != "actions") + " }"
                for level in value
            ]
            lines.append(f"levels = [{', '.join(tables)}]")
        elif key != "others":
            lines.append(f"{key} = {json.dumps(value)}")
    with pytest.raises(GrowthwatchError, match="rule X2: kind: got 'very_low', expected a rule by which no tier"):
        load(tmp_path, "\n".join(lines))


def test_adding_a_rule_takes_nothing_away(tmp_path: Path) -> None:
    ours = load(tmp_path, X1)
    for z in (-3.2, -2.3, -1.5, 0.0):
        child = Child().at_z(0.0, 14).at_z(z, 300)
        before, after = child.review(300), child.review(300, ours)
        assert {f.key for f in before.findings} <= {f.key for f in after.findings}
        assert after.tier >= before.tier and (after.due.due or dt.date.max) <= (before.due.due or dt.date.max)


def test_gw_protocol_finds_by_version_and_hash() -> None:
    assert gw.protocol("uk-hv", version="0.4", hash=HV.hash) == HV == gw.protocol("uk-hv", hash=HV.hash)
    with pytest.raises(
        GrowthwatchError, match=r"version: got '0\.3', expected one of the packaged versions of uk-hv: 0\.4"
    ):
        gw.protocol("uk-hv", version="0.3")
    with pytest.raises(GrowthwatchError, match="hash: got"):
        gw.protocol("uk-hv", version="0.4", hash="sha256:" + "0" * 64)
    with pytest.raises(GrowthwatchError, match="hash: got"):
        gw.protocol("uk-hv", hash=HV.hash[:15])


# --- files that are nothing, or too much -------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "# nothing\n", "\ufeff"])
def test_an_empty_file_is_said_to_be_empty(text: str, tmp_path: Path) -> None:
    (tmp_path / "ours.toml").write_text(text, "utf-8")
    with pytest.raises(GrowthwatchError, match=r"ours\.toml: got 'an empty file', expected a protocol"):
        Protocol.load(tmp_path / "ours.toml")


def test_a_file_that_sets_more_than_there_is_is_refused_at_once(tmp_path: Path) -> None:
    path = write(tmp_path, *(one(f"rules[P3].read_wd{n}", 1) for n in range(2001)))
    began = time.process_time()
    with pytest.raises(GrowthwatchError, match=r"set: got 2001, expected at most 2000 values"):
        Protocol.load(path)
    assert time.process_time() - began < 10, "before the names of its tables are looked for in each other"


def test_a_number_that_is_not_finite_is_named_by_its_path(tmp_path: Path) -> None:
    for value in ("inf", "nan", "-inf"):
        path = write(tmp_path, one("rules[P3].read_wd", 3).replace("value = 3", f"value = {value}"))
        with pytest.raises(GrowthwatchError, match=r"ours\.toml: set.*value: got .*, expected a finite number"):
            Protocol.load(path)


def test_a_file_without_a_title_says_what_it_is_made_from(tmp_path: Path) -> None:
    bare = Protocol.load(write(tmp_path, one("rules[G4].levels[below].loudness", "interrupt"), name="bare.toml"))
    assert bare.heading == f"trust-hv 1.0, made from uk-hv 0.4 ({HV.settings.title})" and bare.heading in repr(bare)
    named = Protocol.load(write(tmp_path, name="n.toml", head=header(id="n", more='title = "Our own"\n')))
    assert named.heading == "n 1.0: Our own" and HV.heading == f"uk-hv 0.4: {HV.settings.title}"
    # The title of the file above is that file's, however far up it is.
    below = Protocol.load(write(tmp_path, name="b.toml", head=header(id="b", parent=named)), parents=[named])
    assert below.heading == "b 1.0, made from n 1.0 (Our own)"
    lower = Protocol.load(write(tmp_path, name="l.toml", head=header(id="l", parent=bare)), parents=[bare])
    assert lower.heading == f"l 1.0, made from uk-hv 0.4 ({HV.settings.title})"
