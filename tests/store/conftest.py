"""A new store for each test, in each database."""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest
from store_servers import new_database, running

import growthwatch as gw
from growthwatch.store.store import Store


@pytest.fixture(scope="session")
def server() -> Generator[Any]:
    """A PostgreSQL server of the tests' own."""
    with running() as made:
        yield made


@pytest.fixture
def own_server() -> Generator[Any]:
    """A PostgreSQL server that one test may crash: no other test waits for it."""
    with running() as made:
        yield made


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
