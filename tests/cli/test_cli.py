from __future__ import annotations

import datetime as dt
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

import pytest
from command_runner import command_runner

from growthwatch import __version__
from growthwatch.cli import arguments, main
from growthwatch.cli import child as commands
from growthwatch.cli.app import app
from growthwatch.protocol import protocol, replay, review
from growthwatch.record import Record
from growthwatch.references import references

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("c*.json"))
C1 = str(ROOT / "examples" / "c1-slow-decline.json")
UK_HV = ROOT / "growthwatch" / "protocols" / "uk-hv.toml"
C6 = str(ROOT / "examples" / "c6-letter-never-acknowledged.json")
PNG = b"\x89PNG\r\n\x1a\n"

runner = command_runner()


def run(*arguments: object, columns: int | None = None, **env: str):
    known = {"COLUMNS": None if columns is None else str(columns), "GROWTHWATCH_DEBUG": None, **env}
    return runner.invoke(app, [str(a) for a in arguments], env=known, prog_name="growthwatch")


def process(*arguments: object, code: str | None = None, **options):
    """Run the command line as people do, with a plain environment."""
    env = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "FORCE_COLOR", "NO_COLOR", "PYTHONIOENCODING")}
    env |= options.pop("env", {})
    start = [sys.executable, "-c", code] if code else [sys.executable, "-m", "growthwatch"]
    return subprocess.run(
        [*start, *map(str, arguments)], capture_output=True, env=env, cwd=ROOT, timeout=120, check=False, **options
    )


def one_child(tmp_path: Path, child_id: str = "quiet-1", *more: dict[str, object], **born: object) -> Path:
    """A record in which nothing is open in the first week."""
    common = {"recorded_at": "2024-01-02T10:00:00Z", "actor": "mw1", "role": "midwife", "on": "2024-01-02"}
    events = [
        {"id": "b", "type": "born", "sex": "female", "gestation_days": 280, **common, **born},
        {"id": "w", "type": "weighed", "weight_kg": 3.5, "clothing": "naked", "scale": "class_iii", **common},
        *({**common, **e} for e in more),
    ]
    path = tmp_path / "child.json"
    data = {"schema": "growthwatch.record", "schema_version": 1, "child_id": child_id, "events": events}
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


# --- exit codes -------------------------------------------------------------------------------


def test_nothing_open_is_0(tmp_path):
    made = run("review", one_child(tmp_path), "--as-of", "2024-01-05")
    assert made.exit_code == 0
    assert "nothing is open" in made.output


def test_something_open_is_3():
    assert run("review", C1, "--as-of", "2024-04-09").exit_code == 3
    assert run("review", C1, "--as-of", "2024-04-09", "--json").exit_code == 3


def test_a_fault_is_1_and_says_so_without_a_traceback(monkeypatch):
    def broken(*_: object) -> None:
        raise ZeroDivisionError("a slip of ours")

    monkeypatch.setattr(commands, "read_record", broken)
    made = run("review", C1, "--as-of", "2024-04-09")
    assert made.exit_code == 1
    assert "please report it, with these words: ZeroDivisionError: a slip of ours" in made.stderr
    assert "Traceback" not in made.stderr
    assert len(made.stderr.splitlines()) == 1
    assert not made.stdout
    made = run("review", C1, "--as-of", "2024-04-09", GROWTHWATCH_DEBUG="1")
    assert made.exit_code == 1
    assert "Traceback" in made.stderr


def test_main_returns_the_code(capsys):
    assert main(["review", C1, "--as-of", "2024-04-09", "--json"]) == 3
    assert main(["--version"]) == 0
    assert main(["nonsense"]) == 2
    assert "No such command 'nonsense'" in capsys.readouterr().err


def test_version_and_help():
    assert run("--version").output == f"growthwatch {__version__}\n"
    assert "Exit codes" in run("--help").output
    for command in (["review"], ["replay"], ["chart"], ["references"], ["protocol", "check"], ["record", "check"]):
        made = run(*command, "--help")
        assert made.exit_code == 0
        assert "Usage: growthwatch" in made.output


# --- the review -------------------------------------------------------------------------------

# Words of the sentence around a thing, which a table says once, in its head.
HEADS = {"if", "not", "closes", "when", "open", "since", "now", "late", "to", "do"}


def words(text: str) -> Counter[str]:
    """Every word and number, however it is wrapped."""
    return Counter(w.lower() for w in (p.strip(".,:;()-|+─ ") for p in text.split()) if w)


def days_of(path: Path) -> list[dt.date]:
    days = sorted({e.on for e in Record.load(path).events})
    return [days[0], days[len(days) // 2], days[-2], days[-1], days[-1] + dt.timedelta(days=60)]


@pytest.mark.parametrize("columns", [45, 60, 80, 100, 120, 200])
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_nothing_that_explain_says_is_dropped(path, columns):
    record = Record.load(path)
    for day in days_of(path):
        said = review(record, protocol=protocol("uk-hv"), as_of=day)
        made = run("review", path, "--as-of", day, columns=columns)
        found = words(made.output)
        for word, number in words(said.explain()).items():
            assert found[word] >= (1 if word in HEADS else number), word
        assert "…" not in made.output
        assert max(map(len, made.output.splitlines())) <= columns


def test_the_most_pressing_comes_first():
    made = run("review", C1, "--as-of", "2024-02-27", columns=100).output
    assert made.index("To do") < made.index("NOW") < made.index("Why") < made.index("Next weight")
    assert "LATE" in run("review", EXAMPLES[-1], "--as-of", "2024-04-16").output


def test_who_owes_a_deed_is_named_where_the_record_says_so():
    path = next(p for p in EXAMPLES if p.stem == "c5-handover-gap")
    made = run("review", path, "--as-of", "2024-06-10", columns=200).output
    assert "Specialist HV (area A)" in made[made.index("To do") : made.index("Why")]


def test_findings_that_cannot_wait_say_so():
    made = review(Record.load(C1), protocol=protocol("uk-hv"), as_of=dt.date(2024, 4, 9))
    loud = sum(f.loudness == "interrupt" for f in made.findings)
    assert 0 < loud < len(made.findings)
    assert run("review", C1, "--as-of", "2024-04-09").output.count("Cannot wait") == len(made.cannot_wait())


@pytest.mark.parametrize("day", ["2024-02-27", "2024-02-28", "2024-04-09"])
def test_as_many_are_marked_as_the_headline_counts(day: str):
    """On 27 February a loss of 3 % interrupts, and its first deed is due on the next day: it is none of them yet."""
    made = review(Record.load(C1), protocol=protocol("uk-hv"), as_of=dt.date.fromisoformat(day))
    shown = run("review", C1, "--as-of", day).output
    counted = re.search(r"of which (\d+) cannot wait", made.headline())
    assert counted is not None and shown.count("Cannot wait") == int(counted[1])
    if day == "2024-02-27":
        assert {f.rule for f in made.cannot_wait()} == {"G5", "G9"}
        assert {f.rule for f in made.findings if f.loudness == "interrupt"} == {"G5", "G8", "G9"}


def test_json_is_the_review_and_nothing_else(tmp_path):
    png = tmp_path / "child.png"
    made = run("review", C1, "--as-of", "2024-04-09", "--json", "--chart", png)
    expected = review(Record.load(C1), protocol=protocol("uk-hv"), as_of=dt.date(2024, 4, 9)).to_json()
    assert made.stdout == expected + "\n"
    assert json.loads(made.stdout)["schema"] == "growthwatch.review"
    assert str(png) in made.stderr
    assert png.read_bytes().startswith(PNG)


def test_json_is_utf_8_whatever_the_console(tmp_path):
    path = one_child(tmp_path, "Zoë-≤")
    made = process("review", path, "--as-of", "2024-01-05", "--json", env={"PYTHONIOENCODING": "cp1252"})
    assert json.loads(made.stdout.decode("utf-8"))["child_id"] == "Zoë-≤"


def test_moments_with_a_zone():
    for moment in ("2024-04-09T17:00+01:00", "2024-04-09T16:00:00Z", "2024-04-09 16:00:00.5+00:00"):
        at = dt.datetime.fromisoformat(moment)
        expected = review(Record.load(C1), protocol=protocol("uk-hv"), as_of=at).to_json()
        assert run("review", C1, "--as-of", moment, "--json").stdout == expected + "\n"


def test_today_is_the_day_in_the_zone_of_the_protocol(monkeypatch):
    monkeypatch.setattr(arguments, "now", lambda: dt.datetime(2024, 4, 8, 23, 30, tzinfo=dt.UTC))
    assert "9 April 2024" in run("review", C1, "--as-of", "today").output.splitlines()[0]


def test_known_at_uses_what_was_written_down_by_then():
    day, before = dt.date(2024, 4, 9), dt.date(2023, 11, 1)
    expected = review(Record.load(C1), protocol=protocol("uk-hv"), as_of=day, known_at=before).to_json()
    assert run("review", C1, "--as-of", day, "--known-at", before, "--json").stdout == expected + "\n"


def test_protocols_from_files(tmp_path):
    ours = tmp_path / "ours.toml"
    ours.write_text(UK_HV.read_text(encoding="utf-8").replace('id = "uk-hv"', 'id = "ours"', 1), encoding="utf-8")
    made = json.loads(run("review", C1, "--as-of", "2024-04-09", "--protocol", ours, "--json").stdout)
    assert made["protocol"]["id"] == "ours"
    both = run("review", C1, "--as-of", "2024-04-09", "--protocol", "uk-hv", "--protocol", ours)
    assert both.exit_code in (2, 3)


@pytest.mark.parametrize("child_id", ["[red]x[/red]", "[bold", ":baby:", "x" * 200, "a  b", "[/]", "é\\"])
def test_a_childs_id_is_only_text(tmp_path, child_id):
    path = one_child(tmp_path, child_id)
    made = run("review", path, "--as-of", "2024-01-05", columns=250)
    assert made.exit_code == 0
    assert made.output.startswith(f"{child_id} on 5 January 2024")
    assert run("record", "check", path, columns=250).output.startswith(child_id)


def test_control_characters_cannot_steer_the_terminal(tmp_path):
    note = {
        "id": "p",
        "type": "decision_signed",
        "decision": "close_finding",
        "target": "G3@start",
        "reason": "\x1b[2J\n\nWhy\n[red]",
        "note": "\x1b[2J",
    }
    made = run("review", one_child(tmp_path, "quiet-1", note), "--as-of", "2024-01-05")
    assert "\x1b" not in made.output


# --- wrong input ------------------------------------------------------------------------------


def refused(*arguments: object) -> str:
    made = run(*arguments)
    assert made.exit_code == 2, made.output
    assert not made.stdout
    assert "Traceback" not in made.stderr
    assert "fault in growthwatch" not in made.stderr
    return made.stderr


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty"),
        (b'{"schema": "growthwatch.rec', "not valid JSON"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"[1, 2]", "expected an object"),
        (b'{"schema": "other"}', "this is not a record of growthwatch"),
        (b'{"schema": "growthwatch.record", "schema_version": 1, "child_id": "a", "events": [], "x": 1}', "'x'"),
        (
            b'{"schema": "growthwatch.record", "schema_version": 1, "child_id": "a", "events": [{"type": "flown"}]}',
            "flown",
        ),
    ],
)
def test_wrong_records(tmp_path, content, said):
    path = tmp_path / "child.json"
    path.write_bytes(content)
    for command in (["review", path, "--as-of", "2024-01-05"], ["record", "check", path]):
        message = refused(*command)
        assert said in message
        assert "child.json" in message


def test_no_such_record(tmp_path):
    assert "No such file" in refused("review", tmp_path / "none.json", "--as-of", "2024-01-05")
    assert "folder" in refused("review", tmp_path, "--as-of", "2024-01-05")
    assert "No such file" in refused("record", "check", tmp_path / "none.json")


@pytest.mark.parametrize(
    "given",
    ["tomorrow", "2024-02-30", "09/04/2024", "2024-4-9", "20240409", "2024-W15-2", "", "2024-04-09T25:00Z", "2024"],
)
def test_wrong_dates(given):
    message = refused("review", C1, "--as-of", given)
    assert f"--as-of: got {given!r}, expected a day written YYYY-MM-DD" in message
    assert "--until" in refused("replay", C1, "--until", given)
    assert "--known-at" in refused("review", C1, "--as-of", "2024-04-09", "--known-at", given)


def test_a_time_without_a_zone_is_refused():
    message = refused("review", C1, "--as-of", "2024-04-09T17:00")
    assert "expected a time with its zone, such as 2024-04-09T17:00+01:00" in message


def test_as_of_is_required():
    assert "--as-of" in refused("review", C1)
    assert "--until" in refused("replay", C1)


def test_unknown_names(tmp_path):
    assert "--protocol: got 'uk', expected one of uk-hv" in refused(
        "review", C1, "--as-of", "2024-04-09", "--protocol", "uk"
    )
    assert "FILE|ID: got 'uk', expected one of uk-hv" in refused("protocol", "show", "uk")
    assert "no.toml" in refused("review", C1, "--as-of", "2024-04-09", "--protocol", "no.toml")
    assert "--measure: got 'wieght', expected one of" in refused("references", "--measure", "wieght")
    png = tmp_path / "child.png"
    message = refused("chart", C1, "--out", png, "--as-of", "2024-04-09", "--reference", "uk91")
    assert "reference: got 'uk91', expected one of" in message
    assert "correction: got 'half'" in refused(
        "chart", C1, "--out", png, "--as-of", "2024-04-09", "--correction", "half"
    )
    assert "measure" in refused("chart", C1, "--out", png, "--as-of", "2024-04-09", "--measure", "shoe")
    assert not png.exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("naked_below_months = 24", "naked_below_months = 24\ncolour = 1"), "weights.colour: unknown key"),
        (("naked_below_months = 24", 'naked_below_months = "24"'), "weights.naked_below_months"),
        (('[terms]\nsource = "', '[terms]\nsauce = "'), "terms.sauce: unknown key"),
        (('kind = "no_net_gain"', 'kind = "no_gain_net"'), "no_gain_net"),
        (("[weights]", "[weights"), "not valid TOML"),
    ],
)
def test_wrong_protocols(tmp_path, change, said):
    path = tmp_path / "ours.toml"
    before = UK_HV.read_text(encoding="utf-8")
    after = before.replace(*change, 1)
    assert after != before
    path.write_text(after, encoding="utf-8")
    for command in (["protocol", "check", path], ["review", C1, "--as-of", "2024-04-09", "--protocol", path]):
        message = refused(*command)
        assert said in message
        assert "ours.toml" in message


def test_a_protocol_whose_numbers_have_no_source_is_refused(tmp_path):
    path = tmp_path / "ours.toml"
    text = UK_HV.read_text(encoding="utf-8")
    path.write_text(re.sub(r"(\[terms\]\n)source = .*\n", r"\1", text), encoding="utf-8")
    message = refused("protocol", "check", path)
    assert "ours.toml: terms" in message
    assert "source" in message


# --- the other commands -----------------------------------------------------------------------


def test_replay():
    changes = list(replay(Record.load(C1), protocol=protocol("uk-hv"), until=dt.date(2024, 4, 9)))
    made = run("replay", C1, "--until", "2024-04-09", columns=80)
    assert made.exit_code == 0
    found = words(made.output)
    assert not words(" ".join(c.says for c in changes)) - found
    assert f"{len(changes)} changes until 9 April 2024" in made.output
    data = json.loads(run("replay", C1, "--until", "2024-04-09", "--json").stdout)
    assert [(c["on"], c["says"]) for c in data["changes"]] == [(c.on.isoformat(), c.says) for c in changes]
    assert data["protocols"][0]["hash"] == protocol("uk-hv").hash


def test_chart(tmp_path):
    png = tmp_path / "child.png"
    made = run(
        "chart", C1, "--out", png, "--as-of", "2024-04-09", "--line", "-3", "--line", "-4", "--reference", "uk-who"
    )
    assert made.exit_code == 0
    assert "Weight chart, boy" in made.output
    assert f"The chart is in {png}" in made.output
    assert png.read_bytes().startswith(PNG)


def test_a_chart_of_another_kind_and_size(tmp_path):
    png = tmp_path / "child.png"
    made = run("chart", C1, "--out", png, "--as-of", "2024-04-09", "--kind", "newborn", "--size", "600px")
    assert "Chart of weight after birth, days 0 to 21, boy" in " ".join(made.output.split())
    assert png.read_bytes()[:4] == b"\x89PNG"
    assert "kind" in refused("chart", C1, "--out", png, "--as-of", "2024-04-09", "--kind", "old")
    assert "size" in refused("chart", C1, "--out", png, "--as-of", "2024-04-09", "--size", "b4")


def test_charts_of_several_files_fill_a_folder(tmp_path):
    folder, broken = tmp_path / "charts", tmp_path / "broken.json"
    broken.write_text("{}", encoding="utf-8")
    day = ("--as-of", "2024-04-09", "--size", "600px", "--csv")
    made = run("chart", C1, C6, "--out", folder, *day)
    assert made.exit_code == 0 and "2 of 2 charts are in" in made.output
    assert sorted(p.suffix for p in folder.iterdir()) == [".csv", ".csv", ".png", ".png"]
    some = run("chart", C1, broken, "--out", folder, *day)
    assert some.exit_code == 2 and "broken.json" in some.stderr and "1 of 2 charts" in some.output
    assert "a folder" in refused("chart", C1, C6, "--out", tmp_path / "one.png", *day)


def test_one_sheet_of_several_children(tmp_path):
    svg = tmp_path / "sheet.svg"
    made = run("chart", C1, C6, "--out", svg, "--as-of", "2024-04-09", "--kind", "multiples")
    assert made.exit_code == 0 and "Small charts. 2 children" in " ".join(made.output.split())
    assert b'role="img"' in svg.read_bytes()


def test_a_change_of_protocol_as_a_picture(tmp_path):
    pdf = tmp_path / "change.pdf"
    args = ("--as-of", "2024-01-09", "--kind", "protocol-comparison")
    made = run("chart", C6, "--out", pdf, *args, "--against", "uk-hv")
    assert made.exit_code == 0 and "none of them is answered otherwise" in " ".join(made.output.split())
    assert pdf.read_bytes().startswith(b"%PDF")
    assert "against" in refused("chart", C6, "--out", pdf, *args)


def test_a_chart_that_cannot_be_drawn_does_not_keep_the_review_from_anybody(tmp_path):
    nowhere = tmp_path / "none" / "child.png"
    made = run("review", C1, "--as-of", "2024-04-09", "--chart", nowhere)
    assert made.exit_code == 2
    assert "cannot wait" in made.stdout
    assert "Error: file '" in made.stderr
    assert "Error: file '" in refused("chart", C1, "--out", nowhere, "--as-of", "2024-04-09")
    no_sex = one_child(tmp_path, "quiet-1", sex=None)
    assert "sex" in refused("chart", no_sex, "--out", tmp_path / "child.png", "--as-of", "2024-01-05")


@pytest.mark.parametrize("columns", [60, 80, 120, 200])
def test_references_are_shown_whole(columns):
    made = run("references", columns=columns)
    assert made.exit_code == 0
    found = words(made.output)
    for info in references():
        for part in (info.id, info.condition, info.kind, info.edition, info.title, info.terms, *info.measures):
            assert not words(part) - found
    assert "…" not in made.output


def test_references_that_fit():
    made = json.loads(run("references", "--condition", "palsy", "--json").stdout)
    assert [r["id"] for r in made] == list(references(condition="palsy").ids)
    assert all(r["terms"] and r["hash"].startswith("sha256:") for r in made)
    head = run("references", "--measure", "head").output
    assert "uk-who" in head
    assert "cp-gmfcs-5-oral" not in head
    assert (
        "expected part of the name of one that there is"
        in run("references", "--condition", "nothing of the kind").stderr
    )
    assert "No packaged reference fits" in run("references", "--condition", "Turner", "--measure", "weight").output
    assert "23+0 weeks of gestation to 20 years" in run("references", "--condition", "", columns=120).output


@pytest.mark.parametrize("name", [UK_HV, "uk-hv"])
def test_protocol(name):
    made = run("protocol", "check", name)
    assert made.exit_code == 0
    p = protocol("uk-hv")
    for part in (p.id, p.version, p.hash, *(w for r in p.rules for w in (r.id, r.kind, *r.levels[-1].name.split()))):
        assert part in made.output
    assert not made.stderr
    shown = run("protocol", "show", name, columns=400)
    assert shown.exit_code == 0 and not shown.stderr and p.hash in shown.output


def test_protocol_names_review_dates_that_have_passed():
    before = run("protocol", "check", "uk-hv", "--as-of", "2026-11-23")
    assert before.exit_code == 0 and "reviewed by" not in before.output
    after = run("protocol", "check", "uk-hv", "--as-of", "2037-12-01", columns=200)
    assert after.exit_code == 3
    assert "- rules[G8]: its numbers were to be reviewed by 30 November 2027." in after.output
    assert "- schedule: its numbers were to be reviewed by 30 November 2027." in after.output
    on_the_day = run("protocol", "check", "uk-hv", "--as-of", "2027-11-30")
    assert on_the_day.exit_code == 0
    shown = run("protocol", "show", "uk-hv", "--as-of", "2037-12-01")
    assert shown.exit_code == 0 and "Warning: rules[G8]: its numbers were to be reviewed by" in shown.stderr
    for wrong in ("soon", "2026-11-23T10:00Z"):
        assert "--as-of" in refused("protocol", "show", "uk-hv", "--as-of", wrong)
        assert "--as-of" in refused("protocol", "check", "uk-hv", "--as-of", wrong)


def test_record_check(tmp_path):
    made = run("record", "check", C1)
    assert made.exit_code == 0
    assert "45 facts, 0 decisions" in made.output
    assert "MISSING" not in made.output
    empty = tmp_path / "empty.json"
    empty.write_text(Record("quiet-2").dumps(), encoding="utf-8")
    made = run("record", "check", empty)
    assert made.exit_code == 0
    for name in ("Birth", "Sex", "Birth weight", "Gestation"):
        assert re.search(rf"^{name} +MISSING", made.output, re.MULTILINE)


def test_record_check_asks_what_the_protocol_asks(tmp_path):
    again = {"id": "w2", "type": "weighed", "weight_kg": 4.1, "clothing": "naked", "scale": "class_iii"}
    path = one_child(tmp_path, "asked-1", again, gestation_days=210)
    made = run("record", "check", path)
    assert made.exit_code == 0
    # 4.1 kg (of two the greater counts) at 30+0 weeks is beyond z 5; two weights stand for the day of birth.
    assert "Warning: Born at 30+0 weeks with 4.10 kg: both cannot be right" in made.stderr
    assert "Warning: 3.50 kg and 4.10 kg are both recorded for the day of birth" in made.stderr
    assert "Warning" not in run("record", "check", one_child(tmp_path)).stderr


def test_a_chart_of_a_record_that_lacks_a_birth_keeps_exit_code_3(tmp_path):
    day = {"recorded_at": "2024-07-14T10:00:00Z", "actor": "hv", "role": "health_visitor", "on": "2024-07-14"}
    events = [
        {"id": "w1", "type": "weighed", "weight_kg": 6.1, **day, "on": "2024-06-16"},
        {"id": "w2", "type": "weighed", "weight_kg": 5.1, **day},
    ]
    path = tmp_path / "child.json"
    data = {"schema": "growthwatch.record", "schema_version": 1, "child_id": "c", "events": events}
    path.write_text(json.dumps(data), encoding="utf-8")
    made = run("review", path, "--as-of", "2024-07-20", "--chart", tmp_path / "child.png")
    assert made.exit_code == 3
    assert "999" in made.output and "no birth was recorded" in made.stderr
    # A chart that was asked for wrongly is wrong input as ever.
    assert run("review", path, "--as-of", "2024-07-20", "--chart", tmp_path / "child.txt").exit_code == 2


def test_protocol_check_lists_what_is_otherwise(tmp_path):
    path = tmp_path / "ours.toml"
    text = UK_HV.read_text(encoding="utf-8")
    path.write_text(text, encoding="utf-8")
    same = run("protocol", "check", path)
    assert same.exit_code == 0 and "It says the same as the packaged uk-hv 0.4." in same.output
    assert "differences" not in run("protocol", "show", "uk-hv").output
    assert "ill_within_days = 14" in text
    ours = text.replace("ill_within_days = 14", "ill_within_days = 10").replace('version = "0.4"', 'version = "ours"')
    path.write_text(ours, encoding="utf-8")
    made = run("protocol", "check", path, columns=200)
    assert made.exit_code == 3 and "1 thing to decide." in made.output
    assert "2 differences from the packaged uk-hv 0.4" in made.output
    assert re.search(r"terms\.ill_within_days +14 +10 +AS PACKAGED", made.output)
    assert re.search(r"version +0\.4 +ours", made.output)
    assert "One changed number still cites the source of the packaged protocol" in made.stderr
    ours = re.sub(r'(\[terms\]\nsource = )".*"\ntag = "."', r'\1"Our partnership, 2026"\ntag = "L"', ours)
    path.write_text(ours, encoding="utf-8")
    made = run("protocol", "check", path, columns=200)
    assert made.exit_code == 0
    assert re.search(r"terms\.ill_within_days +14 +10 +Our partnership, 2026 \(L\)", made.output)
    assert "still cite" not in made.stderr


def test_protocol_check_compares_with_uk_hv_whatever_the_name(tmp_path):
    path = tmp_path / "ours.toml"
    text = UK_HV.read_text(encoding="utf-8").replace('id = "uk-hv"', 'id = "ours"', 1)
    last = text.rindex("[[rules]]")
    gone = tomllib.loads(text[last:])["rules"][0]
    path.write_text(text[:last], encoding="utf-8")
    made = run("protocol", "check", path, columns=200)
    assert re.search(r"id +uk-hv +ours", made.output)
    assert re.search(rf"rules\[{gone['id']}\]\.kind +{gone['kind']} +-", made.output)
    told = f"there is no rule {gone['id']} ({gone['title']}), which uk-hv 0.4 has"
    assert told in made.output and made.exit_code == 3


def test_record_check_warns_of_probable_slips(tmp_path):
    assert not run("record", "check", C1).stderr
    slips = [
        {"id": "b2", "type": "born", "sex": "male"},
        {"id": "g", "type": "weighed", "weight_kg": 3500.0},
        {"id": "x", "type": "contact", "face_to_face": True, "corrects": "nowhere"},
        {"id": "y", "type": "entered_in_error", "target": "none", "reason": "wrong"},
    ]
    made = run("record", "check", one_child(tmp_path, "quiet-1", *slips))
    assert made.exit_code == 0
    for said in (
        "x corrects nowhere, which is not in the record",
        "y marks none as an error, which is not in the record",
        "2 births count, and differ: b, b2",
        "g: 3500 kg on 2024-01-02 looks like grams",
    ):
        assert f"Warning: {said}" in made.stderr
    put_right = [*slips[:2], {"id": "z", "type": "entered_in_error", "target": "b2", "reason": "slip"}]
    made = run("record", "check", one_child(tmp_path, "quiet-1", *put_right))
    assert "births" not in made.stderr and "grams" in made.stderr


# --- as people run it -------------------------------------------------------------------------


def test_piped_output_is_plain_and_wide():
    for env in ({}, {"NO_COLOR": "1"}):
        made = process("review", C1, "--as-of", "2024-04-09", env=env)
        assert made.returncode == 3
        assert b"\x1b" not in made.stdout
        assert not made.stderr
        assert max(len(line) for line in made.stdout.decode().splitlines()) in range(110, 121)


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_consoles_that_cannot_show_every_character(tmp_path, encoding):
    path = one_child(tmp_path, "Łucja-愛")
    for given in (
        ["review", path, "--as-of", "2024-04-05"],
        ["record", "check", path],
        ["protocol", "show", "uk-hv"],
    ):
        made = process(*given, env={"PYTHONIOENCODING": encoding})
        assert made.returncode in (0, 3)
        assert not made.stderr
        made.stdout.decode(encoding)
    made = process("record", "check", tmp_path / "愛.json", env={"PYTHONIOENCODING": encoding})
    assert made.returncode == 2
    assert b"cannot read" in made.stderr


@pytest.mark.skipif(os.name == "nt", reason="needs a pipe that is closed early")
@pytest.mark.parametrize("extra", [[], ["--json"]])
def test_a_reader_that_stops_early_changes_nothing(extra):
    read, write = os.pipe()
    os.close(read)
    env = {k: v for k, v in os.environ.items() if k != "COLUMNS"}
    with os.fdopen(write, "wb") as closed:
        made = subprocess.run(
            [sys.executable, "-m", "growthwatch", "review", C1, "--as-of", "2024-04-09", *extra],
            stdout=closed, stderr=subprocess.PIPE, env=env, cwd=ROOT, timeout=120, check=False,
        )  # fmt: skip
    assert made.returncode == 3
    assert not made.stderr


BLOCK = """
import sys
class Block:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == {0!r}:
            raise ModuleNotFoundError("No module named " + name, name=name)
sys.meta_path.insert(0, Block())
from growthwatch.cli import main
sys.exit(main(["--version"]))
"""


@pytest.mark.parametrize("missing", ["typer", "rich"])
def test_without_the_extra_one_sentence_says_what_to_install(missing):
    made = process(code=BLOCK.format(missing))
    assert made.returncode == 2
    assert made.stderr.decode() == 'The command line needs typer and rich: pip install "growthwatch[cli]"\n'.replace(
        "\n", os.linesep
    )
    assert not made.stdout


def test_the_command_line_loads_nothing_heavy_until_it_is_needed():
    code = "import sys, growthwatch.cli.app; print([m for m in ('matplotlib', 'scipy', 'numpy') if m in sys.modules])"
    assert process(code=code).stdout.strip() == b"[]"
    code = (
        "import sys\nfrom growthwatch.cli import main\n"
        f"main(['review', {C1!r}, '--as-of', '2024-04-09', '--json'])\n"
        "sys.exit('matplotlib' in sys.modules)"
    )
    assert process(code=code).returncode == 0


def test_the_commands_of_the_guide_end_as_it_says(tmp_path, monkeypatch):
    # What commands write stands beside what they read, and never in the sources.
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    for name in ("tests", "docs", "growthwatch"):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.chdir(tmp_path)
    guide = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    lines = [line for line in guide.splitlines() if line.startswith("growthwatch ")]
    seen = set()
    for line in lines:
        command, _, comment = line.partition("  # ends with ")
        made = run(*(tmp_path / w if w == "child.png" else w for w in shlex.split(command)[1:]))
        assert made.exit_code == int(comment or 0), line
        seen.add(command.split()[1])
    assert seen == {"review", "caseload", "replay", "chart", "references", "page", "protocol", "record", "store"}


# --- what stands in the way of printing ---------------------------------------------------------


def test_a_chart_that_cannot_be_drawn_hides_nothing(tmp_path, monkeypatch):
    def fails(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("growthwatch.charts.files.write_wholly", fails)
    full = run("review", C1, "--as-of", "2024-02-27", "--chart", str(tmp_path / "c.png"))
    assert full.exit_code == 3
    assert "T3" in full.stdout and "No space left" in full.stderr
    calm = run("review", one_child(tmp_path), "--as-of", "2024-01-05", "--chart", tmp_path / "c.png")
    assert calm.exit_code == 2


@pytest.mark.skipif(os.name == "nt", reason="needs a shell")
@pytest.mark.parametrize("more", ["", "--json"])
def test_a_closed_standard_output_is_no_fault(more):
    command = f"{sys.executable} -m growthwatch review {C1} --as-of 2024-02-27 {more} >&-"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, cwd=ROOT, check=False)
    assert (done.returncode, done.stderr) == (3, "")


def test_many_decisions_that_were_refused_are_counted(tmp_path):
    signed = {"type": "decision_signed", "decision": "close_finding", "target": "G4@start", "reason": "seen"}
    many = [
        {"id": f"d{i:03}", **signed, "on": "2024-01-03", "recorded_at": f"2024-01-03T10:{i // 60:02}:{i % 60:02}Z"}
        for i in range(300)
    ]
    path = one_child(tmp_path, "quiet-1", *many)
    said = run("review", path, "--as-of", "2024-01-05", columns=200).output
    assert "295 decisions before these were not accepted either." in said
    assert [i for i in range(300) if f"d{i:03}" in said] == [295, 296, 297, 298, 299]
    again = run("replay", path, "--until", "2024-01-05", columns=200).output
    assert "295 decisions before these are not accepted either." in again
    assert len(json.loads(run("review", path, "--as-of", "2024-01-05", "--json").output)["refused"]) == 300
    six = run("review", one_child(tmp_path, "quiet-1", *many[:6]), "--as-of", "2024-01-05", columns=200).output
    assert "1 decision before these was not accepted either." in six
    five = run("review", one_child(tmp_path, "quiet-1", *many[:5]), "--as-of", "2024-01-05", columns=200).output
    assert "before these" not in five
