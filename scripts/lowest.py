"""Print the lowest version of everything that growthwatch asks for, one requirement a line.

    python scripts/lowest.py > lowest.txt
    python -m venv lowest && lowest/bin/pip install -r lowest.txt
    PYTHONPATH="$PWD" lowest/bin/python -m pytest -n 2 -q -W ignore::DeprecationWarning --ignore tests/test_static.py

Type checkers, linters and notebooks are left out: they judge the code, not run it.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

LEFT_OUT = {"growthwatch", "ipykernel", "jupytext", "nbclient", "pyright", "ruff", "scipy-stubs"}


def lowest(pyproject: Path) -> list[str]:
    """Requirements of the library, its command line and its tests, each at its lower bound."""
    project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    out: list[str] = []
    doors = ("cli", "fhir", "store", "duckdb", "spark", "test")
    for line in [*project["dependencies"], *(line for name in doors for line in extras[name])]:
        found = re.fullmatch(r"([A-Za-z0-9.-]+)(?:\[[a-z,]+\])?(?:>=([0-9.]+))?(?:; (.*))?", line)
        if found is None:
            raise SystemExit(f"not a requirement with a lower bound: {line!r}")
        name, version, marker = found.groups()
        if name not in LEFT_OUT and not marker:
            out.append(f"{name}=={version}")
    return sorted(set(out))


if __name__ == "__main__":
    print("\n".join(lowest(Path(__file__).parents[1] / "pyproject.toml")))
