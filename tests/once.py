"""What takes long is made once in a run, also where the run has several processes."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

__all__ = ["once"]

_LONGEST = 900.0
"""How long another process may take [s]."""


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder of which the content is made by the first process that asks; the others wait for it.

    Parameters
    ----------
    factory
        That of pytest.
    name
        What it is called: one name, one content.
    make
        Fills the folder.  What it raises fails those who wait, too.
    """
    if os.environ.get("PYTEST_XDIST_WORKER") is None:
        out = factory.mktemp(name)
        make(out)
        return out
    # The folder above that of a process is of this run alone.
    root = factory.getbasetemp().parent / f"once-{name}"
    out, ready, failed = root / "made", root / "ready", root / "failed"
    try:
        root.mkdir()
    except FileExistsError:
        until = time.monotonic() + _LONGEST
        while not ready.exists():
            if failed.exists() or time.monotonic() > until:
                pytest.fail(
                    f"{name} could not be made: {failed.read_text() if failed.exists() else 'it took too long'}"
                )
            time.sleep(0.2)
        return out
    try:
        out.mkdir()
        make(out)
    except BaseException as e:
        failed.write_text(f"{type(e).__name__}: {e}", encoding="utf-8")
        raise
    ready.touch()
    return out
