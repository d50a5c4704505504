"""``.ci/run`` runs the one line of the README and nothing else, with what the tests need beside Python."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a shell script")

TOOLS = ("bash", "awk", "wc", "dirname", "id", "env", "sh")
APT = """#!/bin/sh
echo "apt-get $*" >> "$LOG"
case "$*" in
  *" chromium") made=chromium ;;
  *" default-jre-headless") made=java ;;
  *) exit 0 ;;
esac
[ -z "$BROKEN" ] || exit 100
printf '#!/bin/sh\\n' > "$BIN/$made" && chmod +x "$BIN/$made"
"""
EXECUTABLE = 0o755


class Runner:
    """A project of its own, with its own programs."""

    def __init__(self, folder: Path, line: str):
        self.bin, self.log = folder / "bin", folder / "log"
        self.bin.mkdir()
        self.log.touch()
        for tool in TOOLS:
            found = shutil.which(tool)
            assert found, tool
            (self.bin / tool).symlink_to(found)
        (folder / ".ci").mkdir()
        self.script = folder / ".ci" / "run"
        shutil.copy(ROOT / ".ci" / "run", self.script)
        (folder / "README.md").write_text(f"# X\n\n## Test it\n\n```sh\n{line}\n```\n", encoding="utf-8")

    def has(self, name: str, text: str = "#!/bin/sh\n") -> None:
        (self.bin / name).unlink(missing_ok=True)
        (self.bin / name).write_text(text, encoding="utf-8")
        (self.bin / name).chmod(EXECUTABLE)

    def run(self, **named: str) -> subprocess.CompletedProcess[str]:
        env = {"PATH": str(self.bin), "LOG": str(self.log), "BIN": str(self.bin), **named}
        return subprocess.run([self.script], env=env, capture_output=True, text=True, timeout=60, check=False)

    @property
    def asked(self) -> list[str]:
        return self.log.read_text(encoding="utf-8").splitlines()


@pytest.fixture
def made(tmp_path: Path) -> Runner:
    return Runner(tmp_path, 'echo "ran with $GROWTHWATCH_BROWSER, $GROWTHWATCH_SPARK"')


def test_nothing_is_installed_that_is_there(made: Runner) -> None:
    for name in ("google-chrome", "java", "apt-get"):
        made.has(name, APT)
    done = made.run()
    assert done.returncode == 0 and made.asked == []
    assert done.stdout.splitlines() == [
        '+ echo "ran with $GROWTHWATCH_BROWSER, $GROWTHWATCH_SPARK"',
        "ran with required, required",
    ]


def test_what_is_missing_is_installed_with_apt(made: Runner) -> None:
    made.has("apt-get", APT)
    made.has("id", "#!/bin/sh\necho 0\n")
    done = made.run()
    assert done.returncode == 0, done.stderr
    assert [line.split()[-1] for line in made.asked] == ["-qq", "chromium", "-qq", "default-jre-headless"]
    assert done.stdout.endswith("ran with required, required\n")
    assert "IS MISSING" not in done.stderr


def test_somebody_who_is_not_root_asks_sudo_without_waiting_for_a_password(made: Runner) -> None:
    made.has("apt-get", APT)
    made.has("id", "#!/bin/sh\necho 1000\n")
    made.has("sudo", '#!/bin/sh\necho "sudo $1" >> "$LOG"\nshift\nexec "$@"\n')
    assert made.run().returncode == 0
    assert made.asked[:2] == ["sudo -n", "apt-get update -qq"] and made.asked.count("sudo -n") == 4


@pytest.mark.parametrize("apt", [True, False])
def test_what_cannot_be_installed_is_said_loudly_and_the_tests_run_all_the_same(made: Runner, apt: bool) -> None:
    if apt:
        made.has("apt-get", APT)
    done = made.run(BROKEN="1")
    assert done.returncode == 0 and done.stdout.endswith("ran with required, required\n")
    assert done.stderr.count("IS MISSING and could not be installed") == 2
    assert "a browser IS MISSING" in done.stderr and "Java IS MISSING" in done.stderr


def test_a_line_that_fails_fails(tmp_path: Path) -> None:
    made = Runner(tmp_path, "false && true")
    for name in ("chromium", "java"):
        made.has(name)
    assert made.run().returncode == 1


def test_the_page_of_the_project_keeps_one_line() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8").partition("\n## Test it\n")[2].partition("\n## ")[0]
    assert text.count("```") == 2 and len(text.split("```")[1].strip().splitlines()) == 2
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


# --- without a browser ----------------------------------------------------------------------------------


PAGES = """
import loud
def test_one():
    loud.no_browser("Chromium")
"""


@pytest.mark.parametrize(
    ("named", "fails"),
    [
        ({}, False),
        ({"GROWTHWATCH_BROWSER": "required"}, True),
        ({"CI": "true"}, True),
        ({"CI": "true", "GROWTHWATCH_BROWSER": "optional"}, False),
    ],
)
def test_without_a_browser_a_person_reads_so_and_ci_fails(tmp_path: Path, named: dict[str, str], fails: bool) -> None:
    shutil.copy(ROOT / "tests" / "conftest.py", tmp_path / "conftest.py")
    (tmp_path / "test_x.py").write_text(PAGES, encoding="utf-8")
    env = {k: v for k, v in os.environ.items() if k not in ("CI", "GROWTHWATCH_BROWSER")}
    env["PYTHONPATH"] = os.pathsep.join([str(tmp_path), str(ROOT), str(ROOT / "tests")])
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:xdist", "-p", "no:cacheprovider", "-q", "test_x.py"],
        cwd=tmp_path, env=env | named, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    said = "PAGES WERE NOT OPENED IN A BROWSER: Chromium is missing"
    assert said in done.stdout, done.stdout + done.stderr
    assert done.returncode == (1 if fails else 0)
    if not fails:
        last = done.stdout.partition("NOT TESTED")[2]
        assert last.startswith(" ===") and f"1 tests: {said}" in last
