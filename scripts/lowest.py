"""Print the lowest version of everything that growthwatch asks for, one requirement a line.

    python scripts/lowest.py [--core] > lowest.txt
    python -m venv lowest && lowest/bin/pip install -r lowest.txt
    PYTHONPATH="$PWD" lowest/bin/python -m pytest -n 2 -q -W ignore::DeprecationWarning --ignore tests/test_static.py

Type checkers, linters, notebooks and what builds a release are left out: they judge the code, not run it.
``--core`` prints what the library alone needs; ``scripts/smoke.py`` runs on that.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

LEFT_OUT = {
    "build",
    "cyclonedx-bom",
    "growthwatch",
    "hatchling",
    "ipykernel",
    "jupytext",
    "nbclient",
    "pyright",
    "ruff",
    "scipy-stubs",
}


def lowest(pyproject: Path, *, core: bool = False) -> list[str]:
    """Requirements of the library, and unless `core` its command line and its tests, each at its lower bound."""
    project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    out: list[str] = []
    doors = ("cli", "fhir", "store", "duckdb", "spark", "test")
    more = [] if core else [line for name in doors for line in extras[name]]
    for line in [*project["dependencies"], *more]:
        found = re.fullmatch(r"([A-Za-z0-9.-]+)(?:\[[a-z,]+\])?(?:>=([0-9.]+))?(?:; (.*))?", line)
        if found is None:
            raise SystemExit(f"not a requirement with a lower bound: {line!r}")
        name, version, marker = found.groups()
        if name not in LEFT_OUT and not marker:
            out.append(f"{name}=={version}")
    return sorted(set(out))


if __name__ == "__main__":
    print("\n".join(lowest(Path(__file__).parents[1] / "pyproject.toml", core="--core" in sys.argv[1:])))
