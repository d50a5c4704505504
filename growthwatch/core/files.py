"""Files that people name: read within bounds, written wholly or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from importlib.resources.abc import Traversable
from pathlib import Path

from growthwatch.core.errors import GrowthwatchError

__all__ = ["FIGURES_LIMIT", "RECORD_LIMIT", "TEXT_LIMIT", "is_file", "is_folder", "read_within", "write_wholly"]

RECORD_LIMIT = 200_000_000
"""The largest file of a record that is read [bytes]: some hundred thousand events."""

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
