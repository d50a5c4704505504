"""What takes long is made once in a run: by one of several processes, and what goes wrong is known to all."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from once import once

ROOT = Path(__file__).parent.parent
TESTS = """
import os, time, pytest
from pathlib import Path
from once import once

COUNT = Path(os.environ["COUNT"])

def make(out):
    with COUNT.open("a") as f:
        f.write("made\\n")
    time.sleep(0.5)
    if os.environ["GOES"] == "wrong":
        raise ValueError("no such thing")
    (out / "a.txt").write_text("a")

@pytest.fixture(scope="session")
def thing(tmp_path_factory):
    return once(tmp_path_factory, "thing", make)

@pytest.mark.parametrize("n", range(6))
def test_it(thing, n):
    assert (thing / "a.txt").read_text() == "a"
"""


def run(folder: Path, goes: str, *how: str) -> tuple[str, int]:
    (folder / "test_it.py").write_text(TESTS, encoding="utf-8")
    env = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT / "tests"), "COUNT": str(folder / "count"), "GOES": goes}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--basetemp", str(folder / "base"), *how]
    made = subprocess.run([*command, str(folder)], capture_output=True, text=True, env=env, cwd=folder, check=False)
    return made.stdout, (folder / "count").read_text(encoding="utf-8").count("made")


def test_two_processes_make_it_once(tmp_path: Path) -> None:
    said, count = run(tmp_path, "well", "--numprocesses", "2")
    assert "6 passed" in said and count == 1


def test_what_goes_wrong_fails_all(tmp_path: Path) -> None:
    said, count = run(tmp_path, "wrong", "--numprocesses", "2")
    assert "6 errors" in said and "no such thing" in said and count == 1


def test_alone_it_is_made_in_a_folder_of_pytest(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    out = once(tmp_path_factory, "alone", lambda folder: (folder / "a").touch())
    assert (out / "a").exists()
