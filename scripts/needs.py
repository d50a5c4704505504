"""What growthwatch needs: every distribution that it and its extras ask for, as installed beside this Python."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
PYPROJECT = ROOT / "pyproject.toml"


def plain(name: str) -> str:
    """A name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def shipped(project: dict[str, Any]) -> tuple[str, ...]:
    """The extras that people install and the tests run on: those that the extra ``test`` asks for, but its docs."""
    for line in project["optional-dependencies"]["test"]:
        asked = Requirement(line)
        if plain(asked.name) == plain(project["name"]):
            return tuple(sorted(asked.extras - {"docs"}))
    raise LookupError("the extra 'test' asks for no extras of growthwatch")


def direct(extras: tuple[str, ...] | None = None) -> list[Requirement]:
    """What growthwatch itself asks for, with those of its extras; those that it ships if None."""
    project = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]
    lines: list[str] = [*project["dependencies"]]
    for extra in shipped(project) if extras is None else extras:
        lines += project["optional-dependencies"][extra]
    found = [Requirement(line) for line in lines]
    return [r for r in found if r.marker is None or r.marker.evaluate()]


def needed(extras: tuple[str, ...] | None = None) -> tuple[dict[str, Distribution], list[str]]:
    """All that is needed, by name, and the names of what is asked for and not installed."""
    found: dict[str, Distribution] = {}
    missing: set[str] = set()
    open_ = [(r.name, frozenset(r.extras)) for r in direct(extras)]
    seen: set[tuple[str, frozenset[str]]] = set()
    while open_:
        name, wanted = open_.pop()
        if (plain(name), wanted) in seen:
            continue
        seen.add((plain(name), wanted))
        try:
            dist = found.setdefault(plain(name), distribution(name))
        except PackageNotFoundError:
            missing.add(plain(name))
            continue
        for line in dist.requires or ():
            asked = Requirement(line)
            if asked.marker is None or any(asked.marker.evaluate({"extra": e}) for e in ("", *wanted)):
                open_.append((asked.name, frozenset(asked.extras)))
    return found, sorted(missing)
