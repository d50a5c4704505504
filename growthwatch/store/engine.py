"""The way to a database: from a URL to connections that keep what they acknowledge."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Generator
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import ArgumentError, DBAPIError

from growthwatch.core.errors import GrowthwatchError

__all__ = ["Way", "failure", "speaking"]

_URL = "sqlite:///FILE (a file) or postgresql://USER@HOST/DATABASE"


class Way:
    """Connections to the database of a store.

    Parameters
    ----------
    url
        As `growthwatch.store.open` takes it.
    create
        Whether a new file may be made.
    read_only
        Whether nothing may be written.
    wait_seconds
        How long to wait for another writer [s].

    Raises
    ------
    GrowthwatchError
        When the URL is none that a store has, or the file cannot be made.
    """

    def __init__(self, url: str, *, create: bool, read_only: bool, wait_seconds: float) -> None:
        self.read_only = read_only
        self.path: Path | None = None
        made = _parsed(url)
        if made.get_backend_name() == "sqlite":
            self.path = _file(made)
            if not read_only and create:
                _make(self.path)
            if not self.path.is_file():
                raise GrowthwatchError(
                    f"cannot open the store: there is no file {self.path.name}",
                    field="store",
                    expected="a file that is there",
                    for_logs="cannot open the store: there is no such file",
                )
            mode = "ro" if read_only else "rw"
            target: str | sa.URL = f"sqlite+pysqlite:///file:{quote(str(self.path))}?mode={mode}&uri=true"
            more: dict[str, Any] = {"connect_args": {"timeout": wait_seconds}}
        else:
            target = made.set(drivername="postgresql+psycopg")
            more = {"connect_args": {"options": f"-c lock_timeout={int(wait_seconds * 1000)}"}, "pool_pre_ping": True}
        # No value of a statement may get into a message or a log.
        self.engine = sa.create_engine(target, hide_parameters=True, **more)
        event.listen(self.engine, "connect", self._connected)
        if self.path is not None:
            event.listen(self.engine, "begin", _begin)

    @property
    def is_file(self) -> bool:
        """Whether it is a file of SQLite."""
        return self.path is not None

    def _connected(self, raw: Any, _: Any) -> None:
        if self.path is None:
            with raw.cursor() as cursor:
                # What is acknowledged is on the disk, whatever the server or the user has as a habit.
                cursor.execute("SHOW synchronous_commit")
                if cursor.fetchone()[0] == "off":
                    cursor.execute("SET synchronous_commit TO on")
                if self.read_only:
                    cursor.execute("SET default_transaction_read_only TO on")
            raw.commit()
            return
        # The driver begins nothing by itself: each transaction says which kind it is.
        raw.isolation_level = None
        for setting in ("synchronous = FULL", "foreign_keys = ON", "secure_delete = ON"):
            raw.execute(f"PRAGMA {setting}")
        if not self.read_only:
            raw.execute("PRAGMA journal_mode = WAL")

    @contextlib.contextmanager
    def reading(self) -> Generator[sa.Connection]:
        """One moment of the store, however long it is read."""
        with speaking("read"), self.engine.connect() as connection:
            if self.path is None:
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    @contextlib.contextmanager
    def writing(self) -> Generator[sa.Connection]:
        """A transaction that is written wholly or not at all; on the way out it is on the disk."""
        if self.read_only:
            raise failure("write", "it was opened to be read only", "a store opened with read_only=False")
        with speaking("write"), self.engine.connect() as connection:
            connection = connection.execution_options(growthwatch_writes=True)
            with connection.begin():
                yield connection

    def sweep(self, *tables: str) -> bool:
        """Take away what a database keeps of rows that were emptied; return whether nothing is left.

        SQLite writes over them at once, and its log of changes is emptied here, unless somebody reads meanwhile.
        PostgreSQL frees their place; what is on its disk is written over later, or by VACUUM FULL.
        """
        with speaking("sweep"), self.engine.connect() as connection:
            if self.path is not None:
                raw = cast("sqlite3.Connection", connection.connection.dbapi_connection)
                return raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
            connection = connection.execution_options(isolation_level="AUTOCOMMIT")
            for table in tables:
                connection.exec_driver_sql(f"VACUUM {table}")
            return False

    def copy(self, target: Path) -> None:
        """Copy the file of SQLite as it is at one moment, while others may write."""
        with speaking("copy"), self.engine.connect() as connection:
            raw = cast("sqlite3.Connection", connection.connection.dbapi_connection)
            out = sqlite3.connect(target)
            try:
                raw.backup(out)
            finally:
                out.close()

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def _begin(connection: sa.Connection) -> None:
    # Writers ask for the lock first: one that read before could no longer get it.
    writes = connection.get_execution_options().get("growthwatch_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _parsed(url: str) -> sa.URL:
    try:
        made = sa.make_url(url)
    except ArgumentError:
        made = None
    if made is None or made.drivername not in ("sqlite", "postgresql", "postgresql+psycopg"):
        # Not shown: it may hold a password.
        raise GrowthwatchError(f"url: not one of a store, expected {_URL}", field="url", expected=_URL)
    return made


def _file(url: sa.URL) -> Path:
    name = url.database
    if not name or name == ":memory:" or name.startswith("file:") or url.query:
        raise GrowthwatchError(
            f"url: a store is a file, expected {_URL}; what is only in memory is lost", field="url", expected=_URL
        )
    return Path(name).absolute()


def _make(path: Path) -> None:
    """Make an empty file for its owner alone, where there is none; what SQLite puts beside it has its mode."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600))
    except FileExistsError:
        pass
    except OSError as e:
        raise failure("open", e.strerror or "the file cannot be made", "a folder that one can write in") from None


# ---------------------------------------------------------------- errors without anything of a record

_SQLITE = {
    "SQLITE_FULL": ("the disk is full", "free space on the disk"),
    "SQLITE_READONLY": ("the file may only be read", "a file and folder that one can write in"),
    "SQLITE_BUSY": ("another writer holds it", "a moment without other writers, or a longer wait_seconds"),
    "SQLITE_LOCKED": ("another writer holds it", "a moment without other writers, or a longer wait_seconds"),
    "SQLITE_CANTOPEN": ("the file cannot be opened", "a file and folder that one can read and write in"),
    "SQLITE_NOTADB": ("the file is no store", "a file that growthwatch made"),
    "SQLITE_CORRUPT": ("the file is damaged", "a backup: this file is damaged"),
    "SQLITE_IOERR": ("the disk failed, or is full", "a disk that can be written, with free space"),
    "SQLITE_PERM": ("the file may not be opened", "a file that one may read and write"),
}
_POSTGRESQL = {
    "53": ("the server has no room or no connection left", "free space, memory and connections of the server"),
    "25": ("the server only lets it be read", "a server that can be written"),
    "55": ("another writer holds it", "a moment without other writers, or a longer wait_seconds"),
    "40": ("another writer was first", "the same again"),
    "28": ("the server does not let this user in", "a user and password that the server knows"),
    "3D": ("the server has no such database", "a database that is there"),
    "42": ("the server does not let this user do so, or the tables are not there", "the owner of a store's tables"),
    "57": ("the server shut down", "a running server"),
    "58": ("the disk of the server failed", "a disk that can be written"),
    "08": ("the server cannot be reached", "a running server"),
}


def failure(what: str, reason: str, expected: str, *, doubt: bool = False) -> GrowthwatchError:
    """Make the error of something that could not be done; `doubt`: it may have been done all the same."""
    rest = ""
    if what == "write":
        rest = (
            "; whether the last was stored is not known: append it again, it is stored once"
            if doubt
            else "; nothing of this was stored, and all before it is still there"
        )
    words = f"cannot {what} the store: {reason}{rest}"
    return GrowthwatchError(words, field="store", expected=expected, for_logs=words)


@contextlib.contextmanager
def speaking(what: str) -> Generator[None]:
    """Say what went wrong in a database in words of ours, which hold nothing of a record.

    The error of the database is not shown with it either: it may name an event.
    """
    try:
        yield
    except DBAPIError as e:
        raise _translated(what, e) from None
    except UnicodeDecodeError:  # a damaged file: SQLite tells of a table whose name is no text
        raise failure(what, *_SQLITE["SQLITE_CORRUPT"]) from None
    except sqlite3.Error as e:
        raise failure(what, *_SQLITE.get(_primary(e), (type(e).__name__, "a store that can be used"))) from None


def _primary(error: object) -> str:
    """The name of an error of SQLite, without what follows the general one (SQLITE_READONLY_DBMOVED)."""
    return "_".join(str(getattr(error, "sqlite_errorname", "")).split("_")[:2])


def _translated(what: str, e: DBAPIError) -> GrowthwatchError:
    name = _primary(e.orig)
    if name in _SQLITE:
        return failure(what, *_SQLITE[name])
    state = str(getattr(e.orig, "sqlstate", None) or "")
    if state[:2] in _POSTGRESQL:
        lost = state[:2] in ("57", "08", "58")
        return failure(what, *_POSTGRESQL[state[:2]], doubt=lost)
    if type(e.orig).__name__ == "OperationalError":
        return failure(what, "the server cannot be reached", "a running server", doubt=True)
    return failure(
        what, f"the database refused it ({state or name or type(e.orig).__name__})", "a store that nobody has changed"
    )
