"""A record in a file: the header that says what it is, and writing wholly or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, cast

from growthwatch.core.errors import GrowthwatchError, Problem
from growthwatch.core.files import RECORD_LIMIT, alone, read_within, write_wholly

__all__ = [
    "MOST_EVENTS",
    "MOST_OBJECTS",
    "SCHEMA",
    "SCHEMA_VERSION",
    "check_amount",
    "contents",
    "read_file",
    "write_file",
]

SCHEMA: Final = "growthwatch.record"
"""The word that says that a file is a record."""

SCHEMA_VERSION: Final = 2
"""The newest version of the format: a record that needs nothing of it is written as the version before."""

MOST_EVENTS: Final = 50_000
"""The most events of a record that is read: more than seven on each day for 18 years."""

MOST_OBJECTS: Final = 200_000
"""The most curly brackets of a written record that is read, four of an event: looked at before it is taken apart."""

_KEYS = ("schema", "schema_version", "child_id", "events")


def contents(data: Mapping[str, Any]) -> tuple[Any, Sequence[Any]]:
    """Check the header of a written record; return the child's id and the events, as they were given.

    Raises
    ------
    GrowthwatchError
        When the header is wrong.
    """
    given: Any = data
    if not isinstance(given, Mapping):
        raise GrowthwatchError.of("record", given, "an object with the keys " + ", ".join(_KEYS))
    found = dict(cast("Mapping[Any, Any]", given))
    schema = found.get("schema")
    if schema != SCHEMA:
        raise GrowthwatchError.of("schema", schema, f"{SCHEMA!r}: this is not a record of growthwatch")
    version = found.get("schema_version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise GrowthwatchError.of("schema_version", version, f"a whole number from 1 to {SCHEMA_VERSION}")
    if version > SCHEMA_VERSION:
        raise GrowthwatchError.of(
            "schema_version", version, f"at most {SCHEMA_VERSION}: a newer growthwatch wrote this record"
        )
    only = "only these keys: " + ", ".join(_KEYS)
    wrong = [
        Problem(
            str(key), found[key], only, f"unknown key {key!r} in the record's header: it has only {', '.join(_KEYS)}"
        )
        for key in found
        if key not in _KEYS
    ]
    wrong += [Problem(key, None, "a value", f"{key}: missing from the record") for key in _KEYS if key not in found]
    if wrong:
        raise GrowthwatchError.of_all(wrong)
    if not isinstance(found["events"], (list, tuple)):
        raise GrowthwatchError.of("events", found["events"], "a list of events")
    events = cast("Sequence[Any]", found["events"])
    if len(events) > MOST_EVENTS:
        raise GrowthwatchError.of("events", f"{len(events)} events", f"at most {MOST_EVENTS} events of one child")
    return found["child_id"], events


def check_amount(text: str | bytes | bytearray) -> None:
    """Refuse what is larger than any record, before it is taken apart: small objects need a hundred times their room.

    Raises
    ------
    GrowthwatchError
        With what it has, and the most that is read.
    """
    plain = not isinstance(text, str) or text.isascii()
    # Half a pair counts, too: what is wrong with it is said where the text is read.
    size = len(text) if plain else len(cast("str", text).encode("utf-8", "surrogatepass"))
    if size > RECORD_LIMIT:
        raise GrowthwatchError.of("record", f"{size} bytes", f"at most {RECORD_LIMIT} bytes of one child")
    objects = text.count("{") if isinstance(text, str) else text.count(b"{")
    if objects > MOST_OBJECTS:
        expected = f"at most {MOST_OBJECTS}, of at most {MOST_EVENTS} events of one child"
        raise GrowthwatchError.of("record", f"{objects} objects", expected)


def read_file(path: str | os.PathLike[str]) -> bytes:
    """Return what a file holds.

    Raises
    ------
    GrowthwatchError
        When it cannot be read, or is larger than any record.
    """
    _check_path(path)
    return read_within(Path(path), RECORD_LIMIT)


def write_file(path: str | os.PathLike[str], make: Callable[[bytes | None], bytes]) -> None:
    """Write a file wholly or not at all, and no other process that does so between.

    Parameters
    ----------
    path
        The file; a new one is for its owner alone.
    make
        Makes of what the file holds (None for none) what it is to hold.

    Raises
    ------
    GrowthwatchError
        When it cannot be written; what was there before is then still there.
    """
    _check_path(path)
    try:
        target = Path(os.path.realpath(path))
        if target.is_dir():
            raise IsADirectoryError(21, "Is a directory")
        with alone(target):
            write_wholly(target, make(read_within(target, RECORD_LIMIT) if target.is_file() else None), private=True)
    except GrowthwatchError:
        raise
    except (OSError, ValueError) as e:
        raise _file_error("write", path, e) from None


def _check_path(path: object) -> None:
    if not isinstance(path, (str, os.PathLike)):
        raise GrowthwatchError.of("path", path, "the path of a file, as text or a Path")


def _file_error(what: str, path: object, error: Exception) -> GrowthwatchError:
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return GrowthwatchError(
        f"cannot {what} {path}: {reason}", field="path", value=path, expected=f"a file that one can {what}"
    )
