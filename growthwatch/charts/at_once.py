"""However many threads ask for charts, few draw.

Each thread that draws keeps fonts and memory of its own, about 50 MB, and drawing is Python, of which one thread runs
at a time: eight threads that drew took 600 MB, and were no faster than one.  So whoever asks from a thread that is not
the first has the work done by one of two, and waits; the eight take 240 MB (28 November 2026, matplotlib 3.11).
"""

from __future__ import annotations

import contextvars
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

__all__ = ["DRAWING", "at_once"]

DRAWING = 2
"""How many threads draw at once, besides the first of a process."""

_T = TypeVar("_T")
_NAME = "growthwatch-draws"


class _Pool:
    """The threads that draw: made when they are first needed, and anew in a process that was forked."""

    def __init__(self) -> None:
        self.forget()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self.forget)

    def forget(self) -> None:
        """Have no threads: those of a parent are not there after a fork."""
        self._threads: ThreadPoolExecutor | None = None
        self._lock = threading.Lock()

    def get(self) -> ThreadPoolExecutor:
        """The threads."""
        with self._lock:
            if self._threads is None:
                self._threads = ThreadPoolExecutor(DRAWING, thread_name_prefix=_NAME)
            return self._threads


_POOL = _Pool()


def at_once(draw: Callable[[], _T]) -> _T:
    """Do a piece of drawing, at once in the first thread of a process, and in one of `DRAWING` for any other.

    What it raises is raised; its context (such as numpy's handling of errors) is that of whoever asks.
    """
    here = threading.current_thread()
    if here is threading.main_thread() or here.name.startswith(_NAME):
        return draw()
    return _POOL.get().submit(contextvars.copy_context().run, draw).result()
