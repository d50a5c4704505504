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

__all__ = [
    "FIGURES_LIMIT",
    "RECORD_LIMIT",
    "TEXT_LIMIT",
    "alone",
    "is_file",
    "is_folder",
    "read_within",
    "write_wholly",
]

_TOKEN = 16

RECORD_LIMIT = 30_000_000
"""The largest file of a record that is read [bytes]: of a record with an event on each day for 18 years, tenfold."""

FIGURES_LIMIT = 20_000_000
"""The largest file of figures that is read [bytes]."""

TEXT_LIMIT = 5_000_000
"""The largest file of settings (a protocol, a calendar, what describes a reference) that is read [bytes]."""


def is_file(place: Path | Traversable) -> bool:
    """Whether there is a file of that name; a name that no file can have is none."""
    try:
        return place.is_file()
    except (OSError, ValueError):
        return False


def is_folder(place: Path | Traversable) -> bool:
    """Whether there is a folder of that name; a name that no folder can have is none."""
    try:
        return place.is_dir()
    except (OSError, ValueError):
        return False


def read_within(place: Path | Traversable, most: int, field: str = "path") -> bytes:
    """Return what a file holds; its size is looked at before it is read.

    Parameters
    ----------
    place
        The file.
    most
        The most that is read [bytes].
    field
        What the error calls it.

    Raises
    ------
    GrowthwatchError
        Where it cannot be read, is no regular file (a pipe never ends), or is larger.
    """
    try:
        if not isinstance(place, Path):
            data = place.read_bytes()
        else:
            found = place.stat()
            if not stat.S_ISREG(found.st_mode):
                what = "a folder" if stat.S_ISDIR(found.st_mode) else "no regular file"
                raise GrowthwatchError(
                    f"cannot read {place}: it is {what}", field=field, value=str(place), expected="a readable file"
                )
            size, data = found.st_size, b""
            if size <= most:
                with place.open("rb") as f:
                    data = f.read(most + 1)
                size = len(data)
            if size > most:
                raise GrowthwatchError(
                    f"{place}: it has {size} bytes, expected at most {most}",
                    field=field,
                    value=str(place),
                    expected=f"at most {most} bytes",
                )
    except GrowthwatchError:
        raise
    except (OSError, ValueError) as e:
        reason = (e.strerror if isinstance(e, OSError) else None) or str(e)
        raise GrowthwatchError(
            f"cannot read {place}: {reason}", field=field, value=str(place), expected="a readable file"
        ) from None
    return data


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
    except BaseException as e:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        if isinstance(e, OSError) and e.filename == str(beside):
            # Nobody has named the file beside it.
            e.filename, e.filename2 = str(target), None
        raise


def _umask() -> int:
    """What new files of this process do not allow; there is no way to read it but to set it."""
    found = os.umask(0o077)
    os.umask(found)
    return found
