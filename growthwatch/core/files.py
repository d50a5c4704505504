"""Files that are written wholly or not at all, and read no further than they may be long."""

from __future__ import annotations

import contextlib
import os
import secrets
from importlib.resources.abc import Traversable
from pathlib import Path

from growthwatch.core.errors import GrowthwatchError

__all__ = ["SIZE_LIMIT", "read_limited", "write_wholly"]

SIZE_LIMIT = 20_000_000
"""Longest file of a reference or protocol that is read [bytes]."""


def read_limited(file: Path | Traversable, most: int = SIZE_LIMIT) -> bytes:
    """Read a file, never more than it may be long: neither a huge file nor an endless one fills the memory.

    Parameters
    ----------
    file
        A path, or a part of an archive.
    most
        Greatest length [bytes].

    Raises
    ------
    GrowthwatchError
        Naming the file, where it is longer.
    OSError
        Where it cannot be read.
    """
    size = file.stat().st_size if isinstance(file, Path) else 0
    if size <= most:
        with file.open("rb") as f:
            data = f.read(most + 1)
        if len(data) <= most:
            return data
    length = f"{size} bytes" if size > most else f"more than {most} bytes"
    raise GrowthwatchError.of(str(file), length, f"at most {most} bytes")


def write_wholly(target: Path, data: bytes) -> None:
    """Write beside the target, then put it in its place in one step; it keeps the mode that it had."""
    beside = target.with_name(f".{target.name[:100]}.{secrets.token_hex(8)}.tmp")
    mode = target.stat().st_mode & 0o7777 if target.exists() else None
    try:
        # O_EXCL: never through a file or link that somebody else put there.
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
        with os.fdopen(handle, "wb") as f:
            f.write(data)
            f.flush()
            os.fsync(f.fileno())
        if mode is not None:
            beside.chmod(mode)
        beside.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        raise
