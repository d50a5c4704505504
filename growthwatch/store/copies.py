"""A copy of a store in a file, of one moment, while others write."""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Generator
from pathlib import Path

from growthwatch.core.errors import GrowthwatchError
from growthwatch.store.engine import Way

__all__ = ["alone_in_a_new_file"]


@contextlib.contextmanager
def alone_in_a_new_file(way: Way, path: str | os.PathLike[str]) -> Generator[Path]:
    """Copy a store beside a new file; after what is done with the copy, it has the file's name, or there is none.

    Parameters
    ----------
    way
        The way to a store in a file.
    path
        The new file; it is for its owner alone.

    Raises
    ------
    GrowthwatchError
        When the file is there or cannot be written, or the store is in PostgreSQL.
    """
    if not way.is_file:
        raise GrowthwatchError(
            "backup: PostgreSQL copies its databases itself: use pg_dump, which takes one moment of the store",
            field="backup",
            expected="a store in a file, or pg_dump",
        )
    target = Path(path)
    beside = target.absolute().with_name(f".{target.name}.{uuid.uuid4().hex}.tmp")
    try:
        os.close(os.open(beside, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600))
        way.copy(beside)
        with beside.open("rb") as f:
            os.fsync(f.fileno())
        yield beside
        # A link, not a rename: a backup writes over nothing.
        os.link(beside, target)
    except FileExistsError:
        raise GrowthwatchError(
            "path: there is a file of this name, and a backup writes over nothing",
            field="path",
            value=path,
            expected="a new file",
        ) from None
    except OSError as e:
        raise GrowthwatchError(
            f"path: the backup cannot be written: {e.strerror}", field="path", value=path, expected="a new file"
        ) from None
    finally:
        for rest in ("", "-wal", "-shm"):
            beside.with_name(beside.name + rest).unlink(missing_ok=True)
