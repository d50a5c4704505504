"""What is released: wheel and source are the same whoever builds them, a bill of materials, an audit, workflows."""

from __future__ import annotations

import copy
import hashlib
import importlib
import json
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from email.message import EmailMessage
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
SCRIPTS = ROOT / "scripts"


def script(name: str) -> Any:
    """A script as a module."""
    sys.path.insert(0, str(SCRIPTS))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(SCRIPTS))


AUDIT, NEEDS, SBOM = script("audit"), script("needs"), script("sbom")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    done = subprocess.run(
        [sys.executable, str(SCRIPTS / "build_twice.py"), str(out)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return out


def test_wheel_and_source_are_the_same_when_built_twice(built: Path) -> None:
    """From two places, with other times and modes of files; the sums are those of what was left."""
    lines = (built / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    sums = {name: sha for sha, name in (line.split("  ") for line in lines)}
    assert sorted(Path(name).suffix for name in sums) == [".gz", ".whl"]
    assert all(hashlib.sha256((built / name).read_bytes()).hexdigest() == sha for name, sha in sums.items())


def test_the_wheel_has_the_package_its_data_and_its_terms_and_nothing_else(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert tops == {"growthwatch", next(top for top in tops if top.endswith(".dist-info"))}
    assert {"growthwatch/py.typed", "growthwatch/protocols/uk-hv.toml"} <= set(names)
    assert {"LICENSE", "DATA-TERMS.md"} <= {name.split("/")[-1] for name in names}
    kept = {p.relative_to(ROOT).as_posix() for p in (ROOT / "growthwatch").rglob("*.py")}
    assert kept == {name for name in names if name.endswith(".py")}


def test_the_source_has_what_its_tests_and_pages_need(built: Path) -> None:
    (source,) = built.glob("*.tar.gz")
    with tarfile.open(source) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"SECURITY.md", "safety/hazards.toml", "docs/safety-case.md", "tests/test_release.py"} <= names
    assert not [name for name in names if name.endswith(".pyc")]


def test_another_time_makes_another_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So the comparison is of what was built, and the time is that of the commit."""
    twice = script("build_twice")
    small = tmp_path / "small"
    (small / "one").mkdir(parents=True)
    (small / "one" / "__init__.py").write_text("", encoding="utf-8")
    (small / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
        '[project]\nname = "one"\nversion = "1"\n',
        encoding="utf-8",
    )
    sums = []
    for time in ("1577836800", "1577836800", "1700000000"):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", time)
        assert twice.when() == time
        sums.append(twice.built(small, tmp_path / f"out-{len(sums)}"))
    assert sums[0] == sums[1] and all(sums[0][name] != sums[2][name] for name in sums[0])


def test_the_bill_of_materials_lists_what_growthwatch_needs(tmp_path: Path) -> None:
    place = tmp_path / "sbom.json"
    done = subprocess.run(
        [sys.executable, str(SCRIPTS / "sbom.py"), str(place)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    text = place.read_text(encoding="utf-8")
    bill = json.loads(text)
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", SBOM.VERSION) and SBOM.faults(text) == []
    assert bill["metadata"]["component"]["name"] == "growthwatch"
    listed = {NEEDS.plain(c["name"]): c for c in bill["components"]}
    needed, missing = NEEDS.needed()
    assert missing == [] and set(listed) == set(needed)
    assert {"numpy", "scipy", "pydantic", "pydantic-core", "matplotlib", "narwhals", "sqlalchemy"} <= set(listed)
    assert not {"pytest", "ruff", "sphinx", "growthwatch"} & set(listed)
    assert all(c["version"] == needed[name].version and c["purl"] for name, c in listed.items())
    root = next(d for d in bill["dependencies"] if d["ref"] == bill["metadata"]["component"]["bom-ref"])
    assert {NEEDS.plain(r.name) for r in NEEDS.direct()} == {
        NEEDS.plain(ref.split("==")[0]) for ref in root["dependsOn"]
    }
    broken = copy.deepcopy(bill)
    broken["components"][0]["type"] = "spell"
    assert SBOM.faults(json.dumps(broken))


def test_a_bill_is_not_written_where_something_is_not_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(SBOM, "needed", lambda: ({}, ["numpy"]))
    monkeypatch.setattr(sys, "argv", ["sbom.py", str(tmp_path / "sbom.json")])
    assert SBOM.main() == 1 and not list(tmp_path.iterdir())
    assert capsys.readouterr().err == "numpy is asked for and not installed\n"


def test_what_is_not_installed_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = NEEDS.direct()
    monkeypatch.setattr(NEEDS, "direct", lambda extras=None: [*asked, NEEDS.Requirement("no-such-thing-at-all>=1")])
    found, missing = NEEDS.needed()
    assert missing == ["no-such-thing-at-all"] and "numpy" in found


def dist(**said: Any) -> Any:
    """A distribution with such metadata."""
    meta = EmailMessage()
    for key, value in said.items():
        for one in value if isinstance(value, list) else [value]:
            meta[key.replace("_", "-")] = one
    return SimpleNamespace(metadata=meta, version="1.0")


@pytest.mark.parametrize(
    ("said", "licence", "fine"),
    [
        ({"License_Expression": "MIT"}, "MIT", True),
        (
            {"License_Expression": "BSD-3-Clause AND (MIT OR GPL-3.0-only)"},
            "BSD-3-Clause AND (MIT OR GPL-3.0-only)",
            True,
        ),
        ({"License_Expression": "MIT AND GPL-3.0-only"}, "MIT AND GPL-3.0-only", False),
        ({"License_Expression": "GPL-3.0-only OR AGPL-3.0-only"}, "GPL-3.0-only OR AGPL-3.0-only", False),
        ({"License_Expression": "Apache-2.0 WITH LLVM-exception"}, "Apache-2.0 WITH LLVM-exception", True),
        ({"License_Expression": "(MIT"}, "(MIT", False),
        ({"Classifier": ["Topic :: Utilities", "License :: OSI Approved :: MIT License"]}, "MIT", True),
        ({"License": "BSD-3-Clause"}, "BSD-3-Clause", True),
        ({"License": "The MIT License"}, "MIT", True),
        ({"License": "ask me"}, None, False),
        ({}, None, False),
    ],
)
def test_a_licence_is_read_and_judged(said: dict[str, Any], licence: str | None, fine: bool) -> None:
    one = dist(**said)
    assert AUDIT.licence(one) == licence
    audit = AUDIT.Audit()
    AUDIT.licences({"one": one}, audit)
    assert (audit.code, bool(audit.skipped)) == (0 if fine else 2 if licence is None else 1, licence is None)


def test_all_that_growthwatch_needs_has_a_licence_that_is_allowed() -> None:
    audit = AUDIT.Audit()
    AUDIT.licences(NEEDS.needed()[0], audit)
    assert (audit.found, audit.skipped) == ([], [])


@pytest.mark.parametrize(
    ("answer", "code", "words"),
    [
        ({"dependencies": [{"name": "one", "version": "1.0", "vulns": []}]}, 0, None),
        ({"dependencies": [{"name": "one", "version": "1.0", "vulns": [{"id": "X-1", "fix_versions": ["1.1"]}]}]}, 1, "X-1"),
        ({"dependencies": [{"name": "one", "skip_reason": "not found"}]}, 2, "one 1.0: not found"),
        ({"dependencies": []}, 2, "one 1.0: no answer about its vulnerabilities"),
        ("", 2, "the database cannot be reached (Max retries exceeded)"),
        ([], 2, "the database cannot be reached"),
    ],
)  # fmt: skip
def test_an_audit_fails_on_what_it_had_to_skip(answer: Any, code: int, words: str | None) -> None:
    audit = AUDIT.Audit()
    text = answer if isinstance(answer, str) else json.dumps(answer)
    AUDIT.read_answer(text, "Traceback\nMax retries exceeded", {"one": dist()}, audit)
    told = audit.found + audit.skipped
    assert audit.code == code and (told == [] if words is None else any(words in line for line in told))


def test_an_audit_ends_with_what_it_says(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(AUDIT, "needed", lambda: ({}, ["numpy"]))
    monkeypatch.setattr(AUDIT, "vulnerabilities", lambda dists, audit: None)
    assert AUDIT.main() == 2
    assert "SKIPPED  numpy: asked for, and not installed" in capsys.readouterr().out


WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda p: p.name)
def test_every_action_is_pinned_by_the_hash_of_a_commit(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    used = re.findall(r"uses:\s*(.+)", text)
    assert used and all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action) for action in used), used
    assert "permissions:\n  contents: read\n" in text and "secrets." not in text
    for name in re.findall(r"scripts/\w+\.py", text):
        assert (ROOT / name).is_file(), name


def test_the_workflows_run_the_one_command_on_every_python_that_the_project_names() -> None:
    text = (ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8")
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    versions = re.findall(r'"Programming Language :: Python :: (3\.\d+)"', project)
    assert f"python: [{', '.join(f'{v!r}' for v in versions)}]".replace("'", '"') in text
    assert "run: bash .ci/run\n" in text and os.access(ROOT / ".ci" / "run", os.X_OK)


def test_security_says_to_whom_what_and_what_is_in_reach() -> None:
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    for words in ("Report in private", "never with a real record", "ring 999", "docs/threats.md", "scripts/audit.py"):
        assert words in text
    for name in re.findall(r"`(?:python )?(scripts/\w+\.py)|\]\((docs/[\w.-]+)\)", text):
        assert (ROOT / (name[0] or name[1])).is_file()
