"""``growthwatch fhir in`` and ``out``."""

from __future__ import annotations

import csv
import json
import stat
from pathlib import Path

from typer.testing import CliRunner

from growthwatch.cli.app import app
from growthwatch.record import Record

ROOT = Path(__file__).parents[2]
FILES = ROOT / "tests" / "interop" / "fhir_files"
BIRTH = FILES / "nems-BirthNotificationWithMother.xml"
NHS = "https://fhir.nhs.uk/Id/nhs-number"

runner = CliRunner()


def run(*arguments: object):
    return runner.invoke(app, ["fhir", *map(str, arguments)], env={"COLUMNS": "120"}, prog_name="growthwatch")


def test_a_birth_comes_in_as_a_record_of_its_own_and_once(tmp_path: Path) -> None:
    made = run("in", BIRTH, "--into", tmp_path / "records", "--identifier", NHS)
    assert made.exit_code == 3, made.output  # the mother, and four episodes without a day
    place = tmp_path / "records" / "9912003888.json"
    assert {e.type for e in Record.load(place)} == {"born", "weighed"}
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    before = place.read_bytes()
    assert run("in", BIRTH, "--into", tmp_path / "records", "--identifier", NHS).exit_code == 3
    assert place.read_bytes() == before


def test_the_report_as_json_alone(tmp_path: Path) -> None:
    made = run("in", BIRTH, "--into", tmp_path, "--json")
    assert json.loads(made.stdout)["fates"] == {"made": 2, "not_read": 3, "refused": 6, "told": 9}


def test_the_report_as_a_table(tmp_path: Path) -> None:
    kept = tmp_path / "report.csv"
    assert run("in", BIRTH, "--into", tmp_path / "records", "--refused", kept).exit_code == 3
    rows = list(csv.DictReader(kept.read_text(encoding="utf-8-sig").splitlines()))
    assert {r["kind"] for r in rows} == {"refused", "doubted", "changed"} and {r["file"] for r in rows} == {BIRTH.name}
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_what_is_no_fhir_ends_with_2(tmp_path: Path) -> None:
    wrong = tmp_path / "x.json"
    wrong.write_text("[]", encoding="utf-8")
    made = run("in", wrong, "--into", tmp_path / "records")
    assert made.exit_code == 2 and not (tmp_path / "records").exists()
    assert run("in", BIRTH, "--into", wrong).exit_code == 2


def test_a_review_goes_out_as_a_bundle() -> None:
    made = run("out", ROOT / "examples" / "c6-letter-never-acknowledged.json", "--as-of", "2024-06-01")
    assert made.exit_code in (0, 3), made.output
    bundle = json.loads(made.stdout)
    assert bundle["resourceType"] == "Bundle"
    assert "Patient" in {e["resource"]["resourceType"] for e in bundle["entry"]}


def test_the_server_of_files_that_do_not_say_it_is_in_the_ids(tmp_path: Path) -> None:
    born = {"resourceType": "Patient", "id": "p1", "gender": "female", "birthDate": "2024-01-10"}
    (tmp_path / "p.json").write_text(json.dumps(born), encoding="utf-8")
    run("in", tmp_path / "p.json", "--into", tmp_path / "records", "--server", "https://a.example/fhir")
    assert Record.load(tmp_path / "records" / "p1.json").ids == {"https://a.example/fhir|Patient/p1/birth"}
    assert run("in", tmp_path / "p.json", "--into", tmp_path / "records", "--server", "a.example").exit_code == 2
