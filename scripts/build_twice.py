"""Build wheel and source distribution twice, from two copies of the source, and say whether they are equal to the byte.

    python scripts/build_twice.py [OUT]

The copies lie at different places, and their files have other times and other modes, as those of two people have.
The time in the archives is that of the last commit, or ``SOURCE_DATE_EPOCH``.  What was built is left in OUT, with a
file of SHA-256.  It ends with 1 where the two differ.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
SOMETIME = 1_577_836_800
"""2020-01-01, where there is no commit to take a time from."""


def when() -> str:
    """The time that stands in the archives [s since 1970]."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given:
        return given
    done = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() or str(SOMETIME)


def sources() -> list[Path]:
    """The files of the source: those that git knows, or all in a source distribution."""
    done = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 0 and done.stdout:
        return [Path(name) for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]
    return [p.relative_to(ROOT) for p in ROOT.rglob("*") if p.is_file() and "__pycache__" not in p.parts]


def copied(to: Path, *, mode: int, time: int) -> Path:
    """A copy of the source, with modes and times of its own."""
    for name in sources():
        place = to / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, place)
        place.chmod(mode)
        os.utime(place, (time, time))
    return to


def built(source: Path, to: Path) -> dict[str, str]:
    """The SHA-256 of what is built of a source, by name."""
    done = subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(to), str(source)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "SOURCE_DATE_EPOCH": when()},
    )
    if done.returncode != 0:
        raise SystemExit(done.stdout + done.stderr)
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(to.iterdir())}


def main(out: Path) -> int:
    """Build twice and compare."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        first = built(copied(place / "one" / "source", mode=0o644, time=1_600_000_000), place / "first")
        second = built(copied(place / "two" / "another-name", mode=0o600, time=1_700_000_000), place / "second")
        out.mkdir(parents=True, exist_ok=True)
        for name in first:
            shutil.copyfile(place / "first" / name, out / name)
    (out / "SHA256SUMS").write_text("".join(f"{sha}  {name}\n" for name, sha in first.items()), encoding="utf-8")
    for name in sorted({*first, *second}):
        same = first.get(name) == second.get(name)
        print(f"{'equal' if same else 'DIFFERENT'}  {name}  {first.get(name)}")
    return 0 if first == second else 1


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "dist"))
