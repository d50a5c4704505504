"""What the package shows, and what importing it costs in modules."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import growthwatch as gw

ROOT = Path(__file__).parent.parent

PUBLIC = {
    "admit", "anysize",
    "GrowthwatchError", "GrowthwatchWarning", "Protocol", "Record", "Reference", "Review", "Score", "__version__",
    "caseload", "chart", "charts", "compare", "evidence", "interop", "page", "protocol", "protocols", "reference", "references",
    "replay", "review", "score", "store", "trajectories", "trajectory",
}  # fmt: skip


def test_the_public_face_is_exactly_this() -> None:
    assert set(gw.__all__) == PUBLIC == set(dir(gw))
    for name in PUBLIC:
        assert getattr(gw, name) is not None


def test_functions_that_share_a_name_with_a_room_work_however_they_are_reached() -> None:
    for first in (
        "import growthwatch.protocol.kinds",
        "import growthwatch.references.curves",
        "gw.review",
        "gw.reference",
        "pass",
    ):
        code = f"import growthwatch as gw\n{first}\nassert gw.protocol('uk-hv').id == 'uk-hv'\nassert 'uk-who' in gw.references().ids\n"
        code += "import growthwatch.protocol as p\nassert p.Protocol and p.protocol('uk-hv') is gw.protocol('uk-hv')\n"
        code += "import inspect\nassert list(inspect.signature(gw.protocol).parameters) == ['id', 'version', 'hash', 'signature']\n"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        assert done.returncode == 0, (first, done.stderr)


def test_the_version_is_that_of_the_project() -> None:
    assert gw.__version__ == tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]


def test_an_unknown_name_is_an_attribute_error() -> None:
    assert not hasattr(gw, "nothing_of_the_kind")


def test_the_package_works_from_a_zip_file(tmp_path: Path) -> None:
    archive = tmp_path / "growthwatch.zip"
    with zipfile.ZipFile(archive, "w") as z:
        for path in (ROOT / "growthwatch").rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                z.write(path, path.relative_to(ROOT))
    code = (
        f"import sys; sys.path.insert(0, {str(archive)!r})\n"
        "import growthwatch as gw; assert '.zip' in gw.__file__\n"
        "assert abs(gw.reference('uk-who').z(3.3, age_days=0, sex='m') + 0.5629) < 1e-3\n"
        "assert gw.protocol('uk-hv').id == 'uk-hv' and len(gw.references()) >= 5\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr


def test_nothing_names_a_place_that_users_do_not_have() -> None:
    places = ["../" + "shared", "/wo" + "rk/"]
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if tracked.returncode != 0:
        return
    for name in tracked.stdout.splitlines():
        path = ROOT / name
        if path.suffix in {".py", ".md", ".toml", ".json", ".csv", ".c", ""} and path.is_file():
            text = path.read_text(encoding="utf-8", errors="ignore")
            assert not any(p in text for p in places), name
