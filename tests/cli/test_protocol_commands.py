"""The commands about a protocol: what a lead reads, holds side by side, and signs."""

from __future__ import annotations

import datetime as dt
import html
import json
import re
import tomllib
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from builders import HV, Child
from command_runner import command_runner
from own_protocols import X1, dated, header, one, write

import growthwatch as gw
from growthwatch.cli import arguments
from growthwatch.cli import protocol as commands
from growthwatch.cli.app import app
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.words import long_date, role_words
from growthwatch.protocol import Protocol
from growthwatch.protocol.file.signing import Signature

ROOT = Path(__file__).parents[2]
C1 = ROOT / "examples" / "c1-slow-decline.json"
UK_HV = ROOT / "growthwatch" / "protocols" / "uk-hv.toml"
PLAIN = tomllib.loads(UK_HV.read_text(encoding="utf-8"))
G8_5 = "rules[G8].levels[5 %].loss_at_least_percent"
G1_DAYS = "rules[G1].before_age_days"
BECAUSE = 'weaker = true\nbecause = "the board agreed a pilot"\n'

runner = command_runner()


def run(*arguments: object, columns: int = 4000) -> Any:
    return runner.invoke(app, [str(a) for a in arguments], env={"COLUMNS": str(columns)}, prog_name="growthwatch")


def refused(*arguments: object) -> str:
    made = run(*arguments)
    assert made.exit_code == 2, made.output
    return made.stderr


def values(node: Any, key: str) -> list[Any]:
    """Everything in a file that stands under a key."""
    out: list[Any] = []
    if isinstance(node, dict):
        out += [node[key]] if key in node else []
        for part in node.values():
            out += values(part, key)
    elif isinstance(node, list):
        for part in node:
            out += values(part, key)
    return out


# --- show ---------------------------------------------------------------------------------------


def test_show_is_the_whole_document(tmp_path: Path) -> None:
    """Every source, deed, owner, what if not, level, threshold and floor is in it, in words."""
    shown = run("protocol", "show", "uk-hv").output
    page = tmp_path / "uk-hv.html"
    assert run("protocol", "show", "uk-hv", "--html", page).exit_code == 0
    text = html.unescape(re.sub(r"<[^>]+>", "\n", page.read_text(encoding="utf-8")))
    for said in (shown, text):
        for key in ("source", "do", "if_not", "title", "closes_words", "after_routine", "then"):
            for value in values(PLAIN, key):
                assert value.rstrip(".") in said, (key, value)
        for role in values(PLAIN, "owner"):
            assert f"{role_words(role)[0].upper()}{role_words(role)[1:]}: " in said
        for level in (level for rule in PLAIN["rules"] for level in rule["levels"]):
            assert level["name"] in said
        assert "national source" in said and "local choice" in said and HV.hash in said
        assert f"Review by {long_date(dt.date(2027, 11, 30))}" in said
    rules = shown[shown.index("G8 Loss from the best weight") : shown.index("G9 No net gain")]
    for part in (
        "It closes when: a valid weight is within 2 % of the best",
        "From the age of: 28 days",
        "G8, level 3: 5 %",
        "A loss of at least: 5 %",
        "Loudness: interrupt: said at once, and never put off",
        "Step of the ladder: E2",
        (
            "Health visitor: See and examine, within 2 days (where it is urgent: today); for a child without high need. "
            "Shown to be done by: examined. If not: the GP or paediatrics sees the child."
        ),
    ):
        assert part in rules, part
    assert "Below the line: the 2nd centile line (3 centile spaces below the median)" in shown
    assert "Falling by more than: 1/3 centile space" in shown
    assert "T1: days between weights: 28 days" in shown


def test_days_and_deeds_outside_of_rules_are_told_as_what_they_are() -> None:
    from growthwatch.protocol.file.told import parts

    told = {part.title: dict(part.rows) for part in parts(PLAIN, (), "uk-hv 0.4")}
    # Section 1: "after ≥ 56 days in T2"; S6 "56 d since the last that did closed"; P14c "both standing 28 d".
    assert told["Steady"]["For at least"] == "56 days"
    assert told["S6 Tier that nothing holds"]["After"] == "56 days"
    assert told["P14c Neglect, and growth in danger"]["After"] == "28 days"
    assert told["After"]["Days between weights"] == "7 days"
    assert told["Requests: letter"]["In T3 acknowledged within"] == "1 working day"
    assert told["First day"]["A routine weight that was missed is set within"] == "28 days"
    assert "Bands: from the age of 6 months" in told and "Thresholds: spaces 3 centile spaces" in told
    ladder = [said for part in parts(PLAIN, (), "x") if part.title == "Ladder" for _, said in part.rows]
    # Section 4, E5.2: two working days.
    assert "Team lead: The managers of both sides speak, within 2 working days. Shown to be done by: settled." in ladder
    (first,) = told["What is asked first of a weight that is not sure"].values()
    assert first.startswith("Health visitor: Weigh again now, undressed, on a class III scale, today.")


def test_every_number_of_the_file_is_in_the_document() -> None:
    """Each number stands in the part that its table becomes: none is lost on the way."""
    from growthwatch.protocol.file.told import parts

    told = "\n".join(f"{name}: {said}" for part in parts(PLAIN, (), "uk-hv 0.4") for name, said in part.rows)
    count = {
        key: len(values(PLAIN, key))
        for key in ("t1_days", "grace_days", "amber_days", "red_days", "line", "until_months")
    }
    assert told.count("T1: days between weights") == count["t1_days"] and told.count("Grace: ") == count["grace_days"]
    assert told.count("Amber after: ") == count["amber_days"] and told.count("Red after: ") == count["red_days"]
    planted = json.loads(json.dumps(PLAIN, default=str))
    planted["rules"][0]["a_new_threshold_days"] = 1234
    told = "\n".join(f"{name}: {said}" for part in parts(planted, (), "uk-hv 0.4") for name, said in part.rows)
    assert "A new threshold: 1234 days" in told


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in ("meta",):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_has_no_scripts_and_loads_nothing(tmp_path: Path) -> None:
    bad = one("rules[G4].levels[below].actions[met_by=plan].do", "<script>alert(1)</script> & do")
    path, page = write(tmp_path, bad), tmp_path / "ours.html"
    assert run("protocol", "show", path, "--html", page).exit_code == 0
    text = page.read_text(encoding="utf-8")
    tags = Tags()
    tags.feed(text)
    assert tags.open == [] and "script" not in tags.seen and not tags.attributes & {"src", "onclick", "onload"}
    assert all(link.startswith("#") for link in re.findall(r'href="([^"]*)"', text)), "links lead to parts of the page"
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; do" in text and "http" not in text.split("<body>")[0]
    assert "@media print" in text and "url(" not in text and ">Signature</h2>" in text


def test_show_says_what_a_file_sets_and_since_when(tmp_path: Path) -> None:
    path = write(tmp_path, dated(G8_5, [("2027-01-01", 4.5), ("2027-10-01", 4)]), one(G1_DAYS, 14, BECAUSE), X1)
    shown = run("protocol", "show", path).output
    assert (
        "A loss of at least: 4.5 % from 1 January 2027 and 4 % from 1 October 2027, which is safer; until then 5 % (uk-hv 0.4)"
        in shown
    )
    assert "trust-hv 1.0, made from uk-hv 0.4 (UK health visiting: " in " ".join(shown.split())
    assert "trust-hv 1.0: UK" not in shown, "the national name is not that of a local file"
    assert "A loss of at least, set by trust-hv 1.0. Source (L, local choice): Partnership board, minute 14." in shown
    assert "Before the age of: 14 days, which is LESS SAFE, in the place of 21 days (uk-hv 0.4)" in shown
    assert "WEAKER, because: the board agreed a pilot." in shown
    assert "X1 Below the 9th centile" in shown and "Extends" in shown and HV.hash in shown
    assert "Values change on" in shown


def test_the_paths_that_it_lists_are_those_that_a_file_may_name(tmp_path: Path) -> None:
    from growthwatch.protocol.file.paths import locate

    lines = run("protocol", "show", "uk-hv", "--paths").output.splitlines()
    assert "rules[G4].line = -3" in lines
    for line in lines:
        path = line.partition(" = ")[0]
        assert locate(PLAIN, path).path == path, line


# --- check --------------------------------------------------------------------------------------


def whole(tmp_path: Path, *changes: tuple[str, str]) -> Path:
    """A whole file of one's own: the packaged one with some text replaced."""
    text = UK_HV.read_text(encoding="utf-8").replace('id = "uk-hv"', 'id = "ours"', 1)
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    path = tmp_path / "whole.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("to_age_days = 27", "to_age_days = 3"), "- rules[G1b]: from_age_days 5 and to_age_days 3: nothing lies between."),
        (('explained_by = ["G7", "G8"]', 'explained_by = ["G7", "G88"]'), "- schedule.often.explained_by: there is no rule G88"),
        (('danger_rule = "H1"', 'danger_rule = "H9"'), "there is no rule H9"),
        (("t1_days = 28\nt2_days = 14", "t1_days = 28\nt2_days = 5"), "- schedule.bands[1 to 6 months].t2_days: the floor of T2, 5 days, is shorter than the ceiling, 7."),
        (("before_age_days = 21", "before_age_days = 14"), "- rules[G1].before_age_days: 14 is less safe than the national number, 21"),
        (("line = -3", "line = -3.5"), "- rules[G4].line: -3.5 is less safe than the national number, -3"),
        (('name = "over 10 %"\nloss_over_percent = 10\nreweigh_days = 2\nloudness = "interrupt"', 'name = "over 10 %"\nloss_over_percent = 10\nreweigh_days = 2\nloudness = "daily"'), "- rules[G1].levels[over 10 %].loudness: daily is quieter than interrupt"),
        (('source = "No national source: a paediatrician decides. UK-WHO z below -3, whatever the plan."', 'source = "Specification 2, G13"'), "- rules[G13]: 'Specification 2, G13' is nothing that a reader can look up."),
    ],
)  # fmt: skip
def test_check_finds(change: tuple[str, str], said: str, tmp_path: Path) -> None:
    made = run("protocol", "check", whole(tmp_path, change))
    assert said in made.output and made.exit_code == 3


def test_check_finds_nothing_to_decide_where_there_is_nothing(tmp_path: Path) -> None:
    made = run("protocol", "check", whole(tmp_path))
    assert made.exit_code == 0 and "Nothing in it waits for a decision." in made.output
    # a floor shorter than the ceiling is named above, and is no contradiction
    assert "What is named above bars no signature, and is for whoever signs to weigh." in " ".join(made.output.split())
    # safer than national, and louder, is nobody's business
    safer = whole(
        tmp_path,
        ("before_age_days = 21", "before_age_days = 28"),
        ('source = "NICE NG75 1.1.2', 'source = "The board; NICE NG75 1.1.2'),
    )
    made = run("protocol", "check", safer)
    assert "less safe" not in made.output.casefold().replace("less safe than national", "") and made.exit_code == 0


def test_check_of_a_file_that_extends(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        one(G1_DAYS, 14, BECAUSE),
        dated(G8_5, [("2023-12-31", 4.5)]),
        X1,
        one(
            "rules[G9].clock[from_months=4].red_days", 40, source='source = "tbc"\ntag = "L"\nreview_by = 2027-12-31\n'
        ),
    )
    made = run("protocol", "check", path, "--as-of", "2028-01-01")
    assert made.exit_code == 3 and "4 differences (trust-hv 1.0 over uk-hv 0.4):" in made.output
    for said in (
        (
            "rules[G1].before_age_days: 14 days, which is LESS SAFE, in the place of 21 days (uk-hv 0.4). Before the age of, set by trust-hv 1.0. "
            "WEAKER, because: the board agreed a pilot."
        ),
        "- rules[X1]: a rule of its own, Below the 9th centile.",
        "- rules[G1].before_age_days: 14 beside 21, the national number (trust-hv 1.0), because: the board agreed a pilot.",
        f"- {G8_5}: 4.5 holds from 31 December 2023, before the file is in force (1 January 2024).",
        f"- {G8_5}: it was to be reviewed by 31 December 2027 (trust-hv 1.0).",
        "- rules[G9].clock[from_months=4].red_days: 'tbc' is nothing that a reader can look up.",
        "- rules[X1]: its numbers were to be reviewed by 31 March 2027.",
    ):
        assert said in made.output, said


@pytest.mark.parametrize(("days", "said"), [(35, "which is safer"), (60, "which is LESS SAFE")])
def test_who_signs_is_told_which_way_a_number_goes(days: int, said: str, tmp_path: Path) -> None:
    # G9 speaks after as many days without a gain: sooner is safer (the mark of red_days in the file).  The number is a
    # local one, for which no reason is asked: so the document must say it.
    path = write(tmp_path, one("rules[G9].clock[from_months=4].red_days", days))
    told = f"{days} days, {said}, in the place of 42 days (uk-hv 0.4)"
    page = tmp_path / "ours.html"
    assert run("protocol", "show", path, "--html", page).exit_code == 0
    for shown in (
        run("protocol", "check", path).output,
        run("protocol", "show", path).output,
        html.unescape(page.read_text(encoding="utf-8")),
    ):
        assert told in " ".join(shown.split())
    dated_path = write(tmp_path, dated("rules[G9].clock[from_months=4].red_days", [("2027-01-01", days)]))
    told = f"{days} days from 1 January 2027, {said}; until then 42 days (uk-hv 0.4)"
    assert told in " ".join(run("protocol", "check", dated_path).output.split())


def test_less_safe_is_said_of_any_day(tmp_path: Path) -> None:
    # The parent says 42 days, and 30 from June 2027: 35 days is safer at first, and less safe from then on.
    red = "rules[G9].clock[from_months=4].red_days"
    region = Protocol.load(write(tmp_path, dated(red, [("2027-06-01", 30)]), name="region.toml"))
    ours = write(tmp_path, one(red, 35), head=header(id="ours", parent=region))
    assert "LESS SAFE" in run("protocol", "check", ours).output
    safer = write(tmp_path, one(red, 29), name="safer.toml", head=header(id="safer", parent=region))
    assert "LESS SAFE" not in run("protocol", "check", safer).output


def test_words_and_numbers_of_which_no_way_is_safer_have_no_side(tmp_path: Path) -> None:
    path = write(tmp_path, one("rules[G4].levels[below].actions[met_by=plan].owner", "team_lead"))
    shown = run("protocol", "check", path).output
    assert "LESS SAFE" not in shown and "which is safer" not in shown and "One difference" in shown


def test_check_refuses_what_does_not_load(tmp_path: Path) -> None:
    assert "another value than the parent's, 5" in refused("protocol", "check", write(tmp_path, one(G8_5, 5)))
    assert "extends.hash" in refused("protocol", "check", write(tmp_path, head=header(hash="sha256:" + "0" * 64)))


@pytest.mark.parametrize("name", ["child.json", "ours.toml", "page", "page.html.bak"])
def test_the_document_is_written_over_no_file_of_another_kind(name: str, tmp_path: Path) -> None:
    there = tmp_path / name
    there.write_text("a child's record", encoding="utf-8")
    assert "expected a path that ends in .html" in refused("protocol", "show", "uk-hv", "--html", there)
    assert there.read_text(encoding="utf-8") == "a child's record"


def test_a_page_in_no_folder_names_the_page(tmp_path: Path) -> None:
    page = tmp_path / "none" / "page.html"
    assert f"{page}: No such file or directory" in refused("protocol", "show", "uk-hv", "--html", page)


# --- diff ---------------------------------------------------------------------------------------


def test_diff_says_in_words_what_is_otherwise(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        one(G1_DAYS, 14, BECAUSE),
        dated(G8_5, [("2027-01-01", 4.5), ("2027-10-01", 4)]),
        one("rules[G4].levels[below].loudness", "interrupt"),
        one("rules[G9].clock[from_days=56].amber_days", 24),
        one("rules[G4].levels[below].actions[Watch a feed].within_days", 40, BECAUSE),
        X1,
    )
    made = run("protocol", "diff", "uk-hv", path)
    assert made.exit_code == 3
    board = "Source: Partnership board, minute 14 (L)"
    for said in (
        (
            "- G1 Newborn weight loss: before the age of: 14 days, which is LESS SAFE, in the place of 21 days. "
            f"WEAKER, because: the board agreed a pilot. {board}"
        ),
        (
            "- G8 Loss from the best weight, level “5 %”: a loss of at least: 4.5 %, which is safer, in the place of 5 %. "
            f"{board} (from 1 January 2027 to 30 September 2027)"
        ),
        f"4 %, which is safer, in the place of 5 %. {board} (from 1 October 2027)",
        (
            "- G4 Below the 2nd centile, level “below”: loudness: interrupt: said at once, and never put off, which is "
            "safer, in the place of daily: on the list of the day"
        ),
        f"- G9 No net gain, clock from day 56: amber after: 24 days, which is LESS SAFE, in the place of 21 days. {board}",
        (
            "- G4 Below the 2nd centile, level “below”, “Watch a feed”: to be done: within 40 days, which is LESS SAFE, "
            "and beyond the bounds within which no reason is asked for (at most 28 days), in the place of within 2 days. WEAKER"
        ),
        "- X1 Below the 9th centile: this rule is new, which is safer: kind: below line; ",
        "Health visitor: Ask how feeds go, within 7 days. If not: the team lead asks",
    ):
        assert said in made.output, said
    assert "rules[" not in made.output and "within_days" not in made.output, "words, and no paths"
    back = run("protocol", "diff", path, "uk-hv")
    assert "21 days, which is safer, in the place of 14 days" in back.output
    assert "- X1 Below the 9th centile: this rule is not there any more, which is LESS SAFE" in back.output
    same = run("protocol", "diff", "uk-hv", UK_HV)
    assert same.exit_code == 0 and same.output.rstrip().endswith("say the same.")
    assert "B: got 'uk'" in refused("protocol", "diff", "uk-hv", "uk")


# --- sign ---------------------------------------------------------------------------------------


def sign(path: object, to: Path, **more: str) -> Any:
    given = {"by": "Dr A Lee", "role": "paediatrician", "on": "2026-11-02", **more}
    options = [word for name, value in given.items() for word in (f"--{name}", value)]
    return run("protocol", "sign", path, *options, "--to", to)


@pytest.fixture
def a_later_day(monkeypatch: pytest.MonkeyPatch) -> None:
    for place in (commands, arguments):
        monkeypatch.setattr(place, "now", lambda: dt.datetime(2026, 11, 10, 12, tzinfo=dt.UTC))


@pytest.mark.usefixtures("a_later_day")
def test_a_packaged_protocol_and_one_of_ones_own_can_be_signed(tmp_path: Path) -> None:
    path = write(tmp_path, one(G8_5, 4.5))
    for name, p in (("uk-hv", HV), (path, Protocol.load(path))):
        to = tmp_path / f"{p.id}-signature.toml"
        made = sign(name, to)
        assert made.exit_code == 0 and "Signed by Dr A Lee, paediatrician, on 2 November 2026." in made.output
        found = Signature.load(to)
        assert found.signs(p.id, p.version, p.hash) and found.to_toml() == to.read_text(encoding="utf-8")
        review = run("review", C1, "--as-of", "2024-04-09", "--protocol", name, "--signature", to)
        assert "signed by Dr A Lee, paediatrician, on 2 November 2026." in review.output
        assert "not validated" not in review.output
        for command in ("show", "check"):
            shown = run("protocol", command, name, "--signature", to).output.replace("Signed   ", "")
            assert "Signed by Dr A Lee" in shown and "In the words of the file, from before it was signed: " in shown
            assert "from before it was signed" not in run("protocol", command, name).output
        told = json.loads(
            run("review", C1, "--as-of", "2024-04-09", "--protocol", name, "--signature", to, "--json").output
        )
        assert told["protocol"]["signed"] == {"by": "Dr A Lee", "role": "paediatrician", "on": "2026-11-02"}
    signed = gw.protocol("uk-hv", signature=tmp_path / "uk-hv-signature.toml")
    assert signed.signed is not None and signed == HV and HV.signed is None
    assert Protocol.load(path, signature=str(tmp_path / "trust-hv-signature.toml")).signed is not None


@pytest.mark.usefixtures("a_later_day")
def test_a_signature_of_another_file_signs_nothing_whatever_the_status_says(tmp_path: Path) -> None:
    path, to = write(tmp_path, one(G8_5, 4.5)), tmp_path / "signature.toml"
    assert sign(path, to).exit_code == 0
    status = 'status = "Signed and validated by Dr A Lee on 2 November 2026."\n'
    write(tmp_path, one(G8_5, 4.6), head=header(more=status))
    ours = Protocol.load(path, signature=to)
    assert ours.signed is None and ours.signature is not None
    review = Child().review(10, ours)
    said = review.explain()
    assert "not validated: a named clinician must sign this very file" in said
    assert "Signed and validated" not in said and "signed by" not in said
    assert any("The signature of Dr A Lee is of trust-hv 1.0" in n for n in review.notes)
    assert json.loads(review.to_json())["protocol"]["signed"] is None
    shown = run("review", C1, "--as-of", "2024-04-09", "--protocol", path, "--signature", to).output
    assert "not validated" in shown and "signed by" not in shown
    for old, new in (('id = "trust-hv"', 'id = "uk-hv"'), ('version = "1.0"', 'version = "1.1"')):
        other = tmp_path / "other.toml"
        other.write_text(to.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
        write(tmp_path, one(G8_5, 4.5))
        assert Protocol.load(path, signature=to).signed is not None
        assert Protocol.load(path, signature=other).signed is None


@pytest.mark.usefixtures("a_later_day")
def test_a_signature_holds_for_every_stretch_of_days(tmp_path: Path) -> None:
    child = Child()
    path, to = write(tmp_path, dated(G8_5, [(child.date(30).isoformat(), 4.5)])), tmp_path / "signature.toml"
    assert sign(path, to).exit_code == 0
    ours = Protocol.load(path, signature=to)
    assert len(ours.periods) == 2
    for day in (10, 60):
        assert child.review(day, ours).protocol_signed is not None
        assert ours.on(child.date(day)).signed is not None


@pytest.mark.usefixtures("a_later_day")
def test_what_cannot_be_signed(tmp_path: Path) -> None:
    to = tmp_path / "signature.toml"
    assert "--role" in sign("uk-hv", to, role="family").stderr
    assert "--role" in sign("uk-hv", to, role="wizard").stderr
    assert "by: got ' '" in sign("uk-hv", to, by=" ").stderr
    assert "by: got" in sign("uk-hv", to, by="A\nB").stderr
    assert "--on" in sign("uk-hv", to, on="2026-11-11").stderr and "--on" in sign("uk-hv", to, on="soon").stderr
    assert "FILE|ID" in sign("uk", to).stderr
    assert not to.exists()
    assert sign("uk-hv", to, on="today").exit_code == 0 and "on = 2026-11-10" in to.read_text(encoding="utf-8")
    assert "no signature is written over" in sign("uk-hv", to).stderr


def test_a_signature_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    good = Signature.of("uk-hv", "0.4", HV.hash, by='Anne "Nan" O\\Neill é', role="team_lead", on=dt.date(2026, 11, 2))
    path = tmp_path / "signature.toml"
    path.write_text(good.to_toml(), encoding="utf-8")
    assert Signature.load(path) == good and gw.protocol("uk-hv", signature=path).signed == good
    for old, new, said in (
        ("schema = 1", "schema = 2", "schema"),
        ("by = ", "colour = 1\nby = ", "colour"),
        ('role = "team_lead"', 'role = "wizard"', "role"),
        ("on = 2026-11-02", 'on = "soon"', "on"),
        ('hash = "sha256:', 'hash = "md5:', "hash"),
    ):
        path.write_text(good.to_toml().replace(old, new, 1), encoding="utf-8")
        with pytest.raises(GrowthwatchError, match=said):
            gw.protocol("uk-hv", signature=path)
    with pytest.raises(GrowthwatchError, match="existing TOML file"):
        gw.protocol("uk-hv", signature=tmp_path / "none.toml")
