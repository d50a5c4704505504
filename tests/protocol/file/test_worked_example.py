"""The worked example of the docs: it loads, judges and is checked as the page says."""

from __future__ import annotations

import datetime as dt
import re
import shlex
from pathlib import Path

import pytest
from builders import HV, Child
from command_runner import command_runner

from growthwatch.cli.app import app
from growthwatch.protocol import Protocol
from growthwatch.protocol.answers.checks import checked

PAGE = (Path(__file__).parents[3] / "docs" / "own-protocol.md").read_text(encoding="utf-8")


@pytest.fixture
def fenland(tmp_path: Path) -> Protocol:
    (text,) = re.findall(r"^```toml\n(.*?)^```", PAGE, re.S | re.M)
    assert '"sha256:..."' in text
    path = tmp_path / "fenland.toml"
    path.write_text(text.replace("sha256:...", HV.hash), encoding="utf-8")
    return Protocol.load(path)


def test_it_says_what_the_page_says(fenland: Protocol) -> None:
    assert (fenland.id, fenland.version, fenland.settings.title) == ("fenland-hv", "1.0", "Fenland health visiting")
    red = [p.rule("G9").clock[2].red_days for p in fenland.periods]  # pyright: ignore[reportAttributeAccessIssue]
    assert red == [42, 35, 30]
    assert fenland.rule("G4").levels[0].actions[3].owner == "team_lead"
    assert [r.id for r in fenland.rules if r.id not in {x.id for x in HV.rules}] == ["X1"]
    child = Child(born="2026-12-01", birth_kg=None).at_z(-1.5, 60)
    (x1,) = [f for f in child.review(60, fenland).findings if f.rule == "X1"]
    assert x1.obligations[0].do == "Tell the feeding team"


def test_every_review_says_what_is_weaker_as_the_page_has_it(fenland: Protocol) -> None:
    (quoted,) = re.findall(r"^> (WEAKER: .*)$", PAGE, re.M)
    assert quoted in Child().review(5, fenland).notes
    with pytest.raises(StopIteration):
        next(n for n in iter(Child().review(5).notes) if n.startswith("WEAKER"))


def test_the_page_says_how_a_change_is_told(fenland: Protocol) -> None:
    (quoted,) = re.findall(r'a replay says "(.*?)"', PAGE)
    child = Child(born="2027-09-01").steady(0.0, [14, 20])
    assert any(quoted in c.says for c in child.changes(60, fenland))


def test_there_is_nothing_left_to_decide_in_it(fenland: Protocol) -> None:
    assert [d for d in checked(fenland, dt.date(2027, 1, 2), HV) if not d.note] == []
    late = [d.place for d in checked(fenland, dt.date(2027, 7, 1), HV) if d.about == "review"]
    assert late == ["rules[G1].before_age_days"]


def test_one_number_step_by_step_does_what_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (text,) = re.findall(r"^```text\n(.*?)^```", PAGE, re.S | re.M)
    (commands,) = (b for b in re.findall(r"^```sh\n(.*?)^```", PAGE, re.S | re.M) if "compare uk-hv ours.toml" in b)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "children").mkdir()
    example = Path(__file__).parents[3] / "examples" / "c1-slow-decline.json"
    for copy in ("child.json", "children/c1.json"):
        (tmp_path / copy).write_bytes(example.read_bytes())
    (tmp_path / "ours.toml").write_text(text.replace("sha256:...", HV.hash), encoding="utf-8")
    monkeypatch.setattr("growthwatch.cli.protocol.now", lambda: dt.datetime(2026, 12, 1, tzinfo=dt.UTC))
    runner = command_runner()
    said: list[str] = []
    words: list[str] = []
    for line in commands.splitlines():
        words = shlex.split(line.partition("  #")[0])[1:]
        done = runner.invoke(app, words, env={"COLUMNS": "4000"}, prog_name="growthwatch")
        assert done.exit_code == (3 if "ends with 3" in line else 0), done.output
        said.append(" ".join(done.output.split()))
    assert "77 days, which is safer, in the place of 84 days (uk-hv 0.4)" in said[0]
    assert "ours 1.0" in said[1] and "in place of uk-hv 0.4" in said[1] and "One child is answered otherwise" in said[1]
    # Red at 84 days without a gain fell on 12 December 2023: so red at 77 days is a week sooner.
    assert 'from 5 December 2023, not "red" from 12 December 2023' in said[1]
    assert (tmp_path / "ours.html").is_file()
    assert "signed by Dr A Lee, paediatrician, on 28 November 2026" in said[-1]
    (tmp_path / "ours.toml").write_text(text.replace("sha256:...", HV.hash).replace("= 77", "= 76"), encoding="utf-8")
    assert "not validated" in runner.invoke(app, words, env={"COLUMNS": "4000"}, prog_name="growthwatch").output
