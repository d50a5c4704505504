"""Names of tests that pages and lists hold, looked up in the sources of the tests: nothing is run or imported."""

from __future__ import annotations

import ast
import re
import tomllib
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
NAME = re.compile(r"`(tests/[^`]+::[^`]+)`")


@cache
def _functions(file: Path) -> frozenset[str]:
    """The functions at the top of a file."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return frozenset(f.name for f in tree.body if isinstance(f, ast.FunctionDef))


@cache
def _sentences(file: Path) -> tuple[str, ...]:
    """The sentences of a file of cases."""
    cases = tomllib.loads(file.read_text(encoding="utf-8"))
    return tuple(case["sentence"] for listed in cases.values() for case in listed)


def held(name: str) -> bool:
    """Whether there is such a test: a function of a file, or a case whose sentence begins so."""
    where, _, what = name.partition("::")
    file = ROOT / where
    if not what or not file.is_file():
        return False
    if file.suffix == ".toml":
        return any(sentence.startswith(what) for sentence in _sentences(file))
    return what in _functions(file)


def rows(page: str) -> list[tuple[str, ...]]:
    """The cells of each row of the tables of a page, without the heads of the tables."""
    lines = [line for line in page.splitlines() if line.startswith("| ")]
    heads = {n - 1 for n, line in enumerate(lines) if line.startswith("| ---")}
    return [
        tuple(cell.strip() for cell in line.strip("| ").split(" | "))
        for n, line in enumerate(lines)
        if n not in heads and not line.startswith("| ---")
    ]
