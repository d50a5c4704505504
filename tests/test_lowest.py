"""The library runs on the lowest version of everything that it asks for, and says the same there.

The first test installs those versions into a folder of its own, which takes half a minute.  Where no index can be
reached it is skipped, but never under CI.  The whole suite on the lowest versions: `scripts/lowest.py`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
NEWEST_OF_LOWEST = (3, 12)
"""The newest Python for which the lowest versions of numpy and scipy were built."""


def run(python: Path | str, *arguments: str) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    env = {**kept, "PYTHONDONTWRITEBYTECODE": "1", "MPLBACKEND": "agg"}
    return subprocess.run(
        [str(python), *arguments], cwd=ROOT, capture_output=True, text=True, check=False, env=env, encoding="utf-8"
    )


def environment(base: str, folder: Path, *asked: str) -> Path:
    """The Python of a new environment with what was asked for; skips where no index can be reached."""
    done = run(base, "-m", "venv", str(folder))
    assert done.returncode == 0, done.stderr
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    done = run(python, "-m", "pip", "install", "--quiet", "--no-compile", "--only-binary", ":all:", *asked)
    if done.returncode != 0:
        unreached = any(word in done.stderr for word in ("NewConnectionError", "NameResolutionError", "No route"))
        if unreached and not os.environ.get("CI"):
            pytest.skip("NO INDEX CAN BE REACHED: nothing was tried on other versions")
        pytest.fail(done.stderr)
    return python


def said_by(python: Path | str) -> dict[str, Any]:
    """What the smoke run prints."""
    done = run(python, "scripts/smoke.py")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def compare(there: dict[str, Any], here: dict[str, Any]) -> None:
    """Words, hashes and pictures are equal; figures within what the last digits of two libraries differ by."""
    assert there["children"] == here["children"] and len(here["children"]) == 4
    assert there["z"].keys() == here["z"].keys()
    for name, values in here["z"].items():
        assert there["z"][name] == pytest.approx(values, abs=1e-9), name


def lowest() -> list[str]:
    """What the library alone asks for, at the lower bounds."""
    done = run(sys.executable, "scripts/lowest.py", "--core")
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_a_child_is_reviewed_at_the_lower_bounds(tmp_path: Path) -> None:
    if sys.version_info[:2] > NEWEST_OF_LOWEST:
        pytest.skip(f"the lowest versions were built for Python {NEWEST_OF_LOWEST} at most")
    python = environment(sys.executable, tmp_path / "lowest", *lowest())
    names = "import json, importlib.metadata as m; print(json.dumps({d.name.lower(): d.version for d in m.distributions()}))"
    installed = json.loads(run(python, "-c", names).stdout)
    for pin in lowest():
        name, _, version = pin.partition("==")
        assert installed[name].startswith(version), f"{name} is not at its lower bound"
    compare(said_by(python), said_by(sys.executable))


def found_pythons() -> list[str]:
    """Other Pythons that growthwatch is meant for, as far as this machine has them."""
    here = f"3.{sys.version_info.minor}"
    names = [version for version in ("3.11", "3.12", "3.13") if version != here]
    out: list[str] = []
    for version in names:
        places = [shutil.which(f"python{version}") or ""]
        places += [
            str(p / "bin" / "python") for p in sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}.*"))
        ]
        for place in filter(None, places):
            told = run(place, "-c", "import sys; print('%d.%d' % sys.version_info[:2])")
            if told.returncode == 0 and told.stdout.strip() == version:
                out.append(place)
                break
    return out


@pytest.mark.slow
@pytest.mark.parametrize("base", found_pythons() or [pytest.param("", marks=pytest.mark.skip("no other Python"))])
def test_a_child_is_reviewed_on_other_pythons(base: str, tmp_path: Path) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    python = environment(base, tmp_path / "other", *project["dependencies"])
    compare(said_by(python), said_by(sys.executable))


def test_the_lower_bounds_are_pins_of_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = {line.partition(">=")[0]: line.partition(">=")[2] for line in project["dependencies"] if ";" not in line}
    assert dict(pin.split("==") for pin in lowest()) == asked


def test_a_difference_of_words_or_figures_is_seen() -> None:
    here = {"children": {name: {"review": "fine"} for name in "abcd"}, "z": {"uk-who": [0.1, None]}}
    compare(here, here)
    for there in ({**here, "children": {}}, {**here, "z": {"uk-who": [0.1001, None]}}, {**here, "z": {}}):
        with pytest.raises(AssertionError):
            compare(there, here)
