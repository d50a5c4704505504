"""Files that are written wholly or not at all, by one process at a time, and read no further than they may be long."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Generator
from importlib.resources.abc import Traversable
from pathlib import Path

from growthwatch.core.errors import GrowthwatchError

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows has no such lock
    fcntl = None

__all__ = ["SIZE_LIMIT", "alone", "read_limited", "write_wholly"]

_TOKEN = 16

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


def _beside(target: Path, token: str) -> Path:
    return target.with_name(f".{target.name[:100]}.{token}.tmp")


@contextlib.contextmanager
def alone(target: Path) -> Generator[None]:
    """Let no other process that asks for the same write in the target's folder meanwhile.

    What a writer that was killed left beside the target is taken away.  Where the system or the file system
    has no locks, nothing is held.
    """
    handle = None
    if fcntl is not None:
        with contextlib.suppress(OSError):
            handle = os.open(target.parent, os.O_RDONLY)
    try:
        if fcntl is not None and handle is not None:
            with contextlib.suppress(OSError):
                fcntl.flock(handle, fcntl.LOCK_EX)
                _sweep(target)
        yield
    finally:
        if handle is not None:
            os.close(handle)


def _sweep(target: Path) -> None:
    before, after = _beside(target, "|").name.split("|")
    for name in os.listdir(target.parent):  # noqa: PTH208
        token = name[len(before) : -len(after)]
        if name == before + token + after and len(token) == _TOKEN and set(token) <= set("0123456789abcdef"):
            with contextlib.suppress(OSError):
                target.with_name(name).unlink()


def write_wholly(target: Path, data: bytes, *, private: bool = False) -> None:
    """Write beside the target, then put it in its place in one step; it keeps the mode that it had.

    Until then nobody but the owner can read it.

    Parameters
    ----------
    target
        The file: one that is there must be a regular file.
    data
        What it is to hold.
    private
        Whether a new file is for its owner alone.

    Raises
    ------
    OSError
        When it cannot be written, or is a device, a pipe or a folder.
    """
    there = target.stat() if target.exists() else None
    if there is not None and not stat.S_ISREG(there.st_mode):
        # As root a device would be replaced by a file.
        raise OSError(22, "it is not a regular file")
    beside = _beside(target, secrets.token_hex(_TOKEN // 2))
    try:
        # O_EXCL: never through a file or link that somebody else put there.
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(handle, "wb") as f:
            f.write(data)
            f.flush()
            os.fsync(f.fileno())
        if there is not None:
            beside.chmod(stat.S_IMODE(there.st_mode))
        elif not private:
            beside.chmod(0o666 & ~_umask())
        beside.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        raise


def _umask() -> int:
    """What new files of this process do not allow; there is no way to read it but to set it."""
    found = os.umask(0o077)
    os.umask(found)
    return found
