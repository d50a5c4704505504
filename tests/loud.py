"""What a test needs beside Python, and what is said where it is missing.

A person who runs the tests without it reads so at the end of the run, in red.  With ``CI`` in the environment, or with
the variable named and set to ``required`` as ``.ci/run`` does, it is a failure.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Any, NoReturn

import pytest

__all__ = ["LOUD", "absent", "chromium", "no_browser", "no_spark"]

_PAGES = "PAGES WERE NOT OPENED IN A BROWSER"
_SPARK = "NOTHING WAS RUN IN SPARK"
LOUD = (_PAGES, _SPARK)
"""How the reasons begin that are told once more at the end of a run."""

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def absent(said: str, variable: str) -> NoReturn:
    """Skip, or fail where nothing may be skipped."""
    if os.environ.get(variable, "required" if os.environ.get("CI") else "") == "required":
        pytest.fail(said)
    pytest.skip(said)


def no_browser(what: str) -> NoReturn:
    """Say that pages were not opened, for something is missing."""
    absent(
        f"{_PAGES}: {what} is missing. Install Chromium, playwright and axe-playwright-python.", "GROWTHWATCH_BROWSER"
    )


def no_spark(what: str) -> NoReturn:
    """Say that nothing was run in Spark, for something is missing."""
    absent(f"{_SPARK}: {what} is missing. Install Java 17 or later, and growthwatch[spark].", "GROWTHWATCH_SPARK")


def chromium() -> Iterator[Any]:
    """Start Chromium without a window, and stop it."""
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        no_browser("playwright")
    found = next((path for path in map(shutil.which, _NAMES) if path), None)
    with sync_playwright() as p:
        try:
            made = p.chromium.launch(executable_path=found, args=["--no-sandbox"])
        except Error:
            no_browser("Chromium")
        yield made
        made.close()
