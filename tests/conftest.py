"""Settings of the tests: the same examples every time; others each time for a hunt; few and unshrunk ones for mutants."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from loud import LOUD, chromium

# A run says something of the change that it is run for: what a new example finds is another's fault, and is hunted by
# itself (CONTRIBUTING.md).
settings.register_profile("same", derandomize=True, deadline=None, print_blob=True)
settings.register_profile("hunt", deadline=None, print_blob=True)
settings.register_profile(
    "mutants",
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=20,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
# For the invariants of the process rules: each on 1125 histories of up to 16 moves.
settings.register_profile("deep", max_examples=18000, deadline=None, print_blob=True)
# The PostgreSQL of the tests asks for it when it is imported, and warns where there is none.
if "XDG_RUNTIME_DIR" not in os.environ and hasattr(os, "getuid"):
    _own = Path(tempfile.gettempdir()) / f"growthwatch-tests-{os.getuid()}"
    _own.mkdir(mode=0o700, exist_ok=True)
    os.environ["XDG_RUNTIME_DIR"] = str(_own)

settings.load_profile("same")

# One for each process of a run: no second one can be started beside it.
browser = pytest.fixture(scope="session")(chromium)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say last, and loudly, what was skipped because something beside Python is not there."""
    skipped = [str(report.longrepr) for report in terminalreporter.stats.get("skipped", ())]
    found = [(begin, [why for why in skipped if begin in why]) for begin in LOUD]
    if any(reasons for _, reasons in found):
        terminalreporter.section("NOT TESTED", red=True, bold=True)
    for begin, reasons in found:
        if reasons:
            why = reasons[0][reasons[0].index(begin) :].rstrip("')")
            terminalreporter.line(f"{len(reasons)} tests: {why}", red=True, bold=True)


def pytest_collection_modifyitems(items: list[Any]) -> None:
    """The site is built first and read last: of several processes one builds it, and none waits for it."""
    site = [item for item in items if "site" in getattr(item, "fixturenames", ())]
    there = set(site)
    others = [item for item in items if item not in there]
    items[:] = [*site[:1], *others, *site[1:]]
