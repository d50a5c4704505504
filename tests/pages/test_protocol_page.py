"""The page of a protocol for whoever signs: what it changes, whom that affects, and what the software never does."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path
from typing import Any

import pytest
from builders import HV, Child
from own_protocols import X1, one, write

import growthwatch as gw
from growthwatch.cli import main
from growthwatch.protocol import Protocol
from growthwatch.protocol.answers.whole import NEVER, changes
from growthwatch.record import Record

ROOT = Path(__file__).parents[2]
UNTIL = dt.date(2025, 1, 31)
OWNER = "rules[G4].levels[below].actions[met_by=plan].owner"
GRACE = "rules[G9].clock[from_months=4].red_days"
SAYS = "1 child (<b>&second): 1 finding otherwise (how grave, until when, or what must be done)"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    weaker = 'weaker = true\nbecause = "Midwives see every baby"\n'
    return write(
        tmp_path_factory.mktemp("own"),
        one(OWNER, "team_lead"), one(GRACE, 35), one("rules[G1].before_age_days", 14, weaker), X1,
    )  # fmt: skip


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One child, below the 2nd centile (z -2) at three weights, of an id that would be an element if it were not escaped."""
    folder = tmp_path_factory.mktemp("records")
    made = Child("2024-01-15").at_z(-2.3, 12).at_z(-2.3, 40).at_z(-2.3, 70).record
    kept = {**made.to_dict(), "child_id": "<b>&second"}
    (folder / "second.json").write_text(json.dumps(kept, default=str), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def page(own: Path, records: Path) -> str:
    given = [Record.load(path) for path in records.iterdir()]
    return gw.page(Protocol.load(own), records=given, until=UNTIL)


def words(page: str) -> str:
    text = re.sub(r"<style>.*?</style>", "", page, flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def section(page: str, anchor: str) -> str:
    return page.partition(f'id="{anchor}"')[2].partition("</section>")[0]


def test_its_parts_stand_in_the_order_of_the_design(page: str) -> None:
    """Unsigned warning; what the signer decides; changes with whom; schedule and rules; never; signature and hash."""
    found = [
        "Not signed",
        'id="decide"',
        'id="changed"',
        "How often a child is weighed</h",
        ">Rules</h",
        'id="never"',
        'id="signature"',
    ]
    at = [page.index(part, page.index("<header>")) for part in found]
    assert at == sorted(at)
    for anchor in ("decide", "changed", "never", "signature"):
        assert f'href="#{anchor}"' in page


def test_each_change_is_told_with_what_was_there_who_decided_and_whom_it_affects(page: str) -> None:
    table = section(page, "changed")
    assert "4 changes, judged on 1 child, 2 February 2024 to 31 January 2025" in table
    rows = re.findall(r"<tr[ >].*?</tr>", table.partition("<tbody>")[2], re.S)
    assert len(rows) == 5  # four changes, and all together
    owner, clock, weaker, rule, together = rows
    assert "G4 Below the 2nd centile" in owner and "health visitor" in owner and "<strong>team lead</strong>" in owner
    assert "Partnership board, minute 14" in owner and "1 child (&lt;b&gt;&amp;second): 1 finding otherwise" in owner
    assert "42 days" in clock and "35 days, which is safer" in clock
    assert 'class="less"' in weaker and "14 days, which is LESS SAFE" in weaker and "Midwives see every baby" in weaker
    assert "0 children. That is no evidence that it does nothing" in weaker
    assert "no such rule" in rule and "new rule (below)" in rule and "1 finding more" in rule
    assert "All together" in together and "1 child (" in together
    assert "no change of protocol closes one" in table
    assert "<b>&second" not in page


def test_without_records_it_says_that_nobody_was_asked_about(own: Path) -> None:
    table = section(gw.page(Protocol.load(own)), "changed")
    assert "Whom each change would have affected is not said here: no records were given" in table
    assert "Whom it would have affected</th>" not in table and "0 children" not in table


def test_a_protocol_that_extends_none_has_no_such_part() -> None:
    page = gw.page(HV)
    assert 'id="changed"' not in page and "no records were given" not in page and 'id="never"' in page


def test_what_the_software_never_does_stands_there_in_the_words_of_the_page_for_the_signer(page: str) -> None:
    told = section(page, "never")
    guide = (
        (ROOT / "docs" / "signing-off.md").read_text(encoding="utf-8").partition("| never | what it does instead |")[2]
    )
    rows = [re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", row) for row in guide.splitlines() if row.startswith("| ")][1:]
    assert rows == [f"| {never} | {instead} |" for never, instead in NEVER]
    for never, instead in NEVER:
        assert f'<th scope="row">{never}</th><td data-head="Instead">{instead}</td>' in told
    for must in (
        "diagnose",
        "because time passed",
        "silence a danger",
        "the news is worse",
        "score, rank",
        "this file",
    ):
        assert sum(must in never for never, _ in NEVER) == 1, must


def test_the_signer_copies_the_hash_and_says_which_local_choices_are_read(page: str, own: Path) -> None:
    found = Protocol.load(own)
    local = sum(found.sources[r.id][1] == "L" for r in found.rules)
    told = words(section(page, "signature"))
    assert found.hash in told and f"I have read the {local} rules of tag L" in told
    for line in ("Name", "registration number", "First 8 characters of the hash", "Second reader"):
        assert line in told


def test_the_terminal_says_the_same(own: Path, records: Path, page: str, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["--records", str(records), "--until", "2025-01-31"]
    assert main(["protocol", "show", str(own), *asked]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert f"Affects: {SAYS}" in said and "All together affect: 1 child" in said
    assert "Judged on 1 child, 2 February 2024 to 31 January 2025." in said
    for never, instead in NEVER:
        assert f"- {never}: {instead}" in said
    for one_ in changes(Protocol.load(own)):
        assert f"- {one_.name} ({one_.path}): {one_.here}, in the place of {one_.before}." in said


def test_every_door_makes_the_same_page(own: Path, records: Path, page: str, tmp_path: Path) -> None:
    asked = ["--records", str(records), "--until", "2025-01-31"]
    assert main(["page", "protocol", str(own), "--out", str(tmp_path / "a.html"), *asked]) == 0
    assert main(["protocol", "show", str(own), "--html", str(tmp_path / "b.html"), *asked]) == 0
    assert (
        (tmp_path / "a.html").read_text(encoding="utf-8") == (tmp_path / "b.html").read_text(encoding="utf-8") == page
    )


@pytest.mark.parametrize(
    ("which", "more", "said"),
    [
        ("own", ["--until", "2025-01-31"], "--until says nothing without it"),
        ("own", ["--records", "FOLDER"], "--records says nothing without it"),
        ("own", ["--records", "FOLDER", "--until", "2025-01-31T10:00Z"], "--until"),
        ("own", ["--records", "none", "--until", "2025-01-31"], "none"),
        ("uk-hv", ["--records", "FOLDER", "--until", "2025-01-31"], "extends no other"),
    ],
)
def test_what_cannot_be_asked_is_said_and_nothing_is_written(
    which: str, more: list[str], said: str, own: Path, records: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "x.html"
    given = [str(records) if one_ == "FOLDER" else one_ for one_ in more]
    assert main(["page", "protocol", str(own) if which == "own" else which, "--out", str(out), *given]) == 2
    assert said in " ".join(capsys.readouterr().err.split()) and not out.exists()


def test_records_are_for_the_page_of_a_protocol(records: Path, own: Path) -> None:
    record = Record.load(records / "second.json")
    more: dict[str, Any] = {"protocol": HV, "as_of": UNTIL}
    with pytest.raises(gw.GrowthwatchError, match="page of a protocol"):
        gw.page(record, **more, until=UNTIL)
    found: Any = Protocol.load(own)
    for given in ({"records": [record]}, {"until": UNTIL}):
        with pytest.raises(gw.GrowthwatchError, match="together, or neither"):
            gw.page(found, **given)
