"""What `mutants.py` asks of pytest: which tests reach which line, or only the tests that are named, in that order.

Loaded with ``-p mutants_plugin``; does nothing unless one of the variables below is set.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

REACH = "MUTANTS_REACH"
"""Folder into which each process writes the lines that its tests reach, and how long they take."""

MODULES = "MUTANTS_MODULES"
"""Which files to follow, with `os.pathsep` between."""

TESTS = "MUTANTS_TESTS"
"""File that names the tests to run, one a line, in order."""

FAILED = "MUTANTS_FAILED"
"""File into which the first failing test is written."""

MEMORY = 6 << 30
"""A mutant that never ends must not take the machine with it [bytes]."""


class Reach:
    """Follows the lines of the package, test by test."""

    def __init__(self, folder: Path, name: str) -> None:
        import coverage

        self.out = folder / f"{name}.json"
        self.seconds: dict[str, float] = {}
        self.failed: set[str] = set()
        self.cover: Any = coverage.Coverage(data_file=None, include=os.environ[MODULES].split(os.pathsep))
        self.cover.start()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """From here on, lines are reached by this test."""
        self.cover.switch_context(nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add up set-up, call and tear-down; what fails without a mutant cannot kill one."""
        self.seconds[report.nodeid] = self.seconds.get(report.nodeid, 0.0) + report.duration
        if report.outcome != "passed":
            self.failed.add(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        """Write what was seen; lines of imports and of collection belong to the test ''."""
        self.cover.stop()
        data = self.cover.get_data()
        lines = {os.path.relpath(f): data.contexts_by_lineno(f) for f in data.measured_files()}
        told = {"seconds": self.seconds, "failed": sorted(self.failed), "lines": lines}
        self.out.write_text(json.dumps(told), encoding="utf-8")


class Chosen:
    """Runs the named tests only, and says which one failed."""

    def __init__(self, names: list[str], failed: Path) -> None:
        self.place = {name: n for n, name in enumerate(names)}
        self.failed = failed

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep the named tests, in the order in which they are named."""
        items[:] = sorted((i for i in items if i.nodeid in self.place), key=lambda i: self.place[i.nodeid])

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Say which test is running, for one that never ends."""
        self.failed.write_text(nodeid, encoding="utf-8")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Say which file of tests cannot be read."""
        if report.failed:
            self.failed.write_text(f"{report.nodeid} (import)", encoding="utf-8")


def pytest_configure(config: pytest.Config) -> None:
    """Begin, in the process that runs tests."""
    if os.environ.get(REACH) and (hasattr(config, "workerinput") or not getattr(config.option, "numprocesses", None)):
        name = os.environ.get("PYTEST_XDIST_WORKER", "only")
        config.pluginmanager.register(Reach(Path(os.environ[REACH]), name))
    if os.environ.get(TESTS):
        try:
            import resource
        except ImportError:  # not on Windows
            pass
        else:
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        names = Path(os.environ[TESTS]).read_text(encoding="utf-8").splitlines()
        config.pluginmanager.register(Chosen(names, Path(os.environ[FAILED])))
