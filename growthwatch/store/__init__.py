"""Where records live: an append-only store of events in SQLite or PostgreSQL, chained so that changes are seen.

It needs SQLAlchemy, and for PostgreSQL psycopg (``pip install "growthwatch[store]"``), and says so when they are
missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from growthwatch.core.errors import GrowthwatchError
from growthwatch.store.chain import Head
from growthwatch.store.conflict import Conflict
from growthwatch.store.pseudonyms import pseudonym

if TYPE_CHECKING:
    from growthwatch.store.retention import Kept
    from growthwatch.store.store import Added, Erased, Store
    from growthwatch.store.verify import Verification

__all__ = ["Added", "Conflict", "Erased", "Head", "Kept", "Store", "Verification", "open", "pseudonym"]

_NEEDED = ("sqlalchemy", "psycopg")
_GIVEN = ("Added", "Erased", "Kept", "Store", "Verification")
"""The classes of what a store gives: they are loaded when they are asked for, as they need SQLAlchemy."""


def open(  # one opens a store as one opens a file
    url: str, *, create: bool = True, read_only: bool = False, identify: bool = False, wait_seconds: float = 30.0
) -> Store:
    """Open a store of records; a new one is made where there is none.

    Parameters
    ----------
    url
        ``sqlite:///caseload.db`` (a file beside you), ``sqlite:////srv/caseload.db`` (by its whole path) or
        ``postgresql://user@host/database``.
    create
        Whether a store is made where there is none.  A new file is for its owner alone (mode 0600).
    read_only
        Whether nothing may be written.
    identify
        Whether an error may name a child, an event or a value.  Where not, no error holds anything of a record.
    wait_seconds
        How long to wait for another writer [s].

    Returns
    -------
    Store
        A door to it.  Each process opens its own; threads may share one.

    Raises
    ------
    GrowthwatchError
        When it cannot be opened, is of a newer growthwatch, or SQLAlchemy or psycopg is missing.

    Examples
    --------
    >>> import growthwatch as gw
    >>> store = gw.store.open("sqlite:///caseload.db")  # doctest: +SKIP
    """
    made: type[Store] = _loaded("Store")
    return made(url, create=create, read_only=read_only, identify=identify, wait_seconds=wait_seconds)


def _loaded(name: str) -> Any:
    try:
        from growthwatch.store.retention import Kept
        from growthwatch.store.store import Added, Erased, Store
        from growthwatch.store.verify import Verification
    except ModuleNotFoundError as e:
        if (e.name or "").partition(".")[0] not in _NEEDED:
            raise
        raise GrowthwatchError(
            f'a store needs {e.name}: pip install "growthwatch[store]"',
            field="store",
            expected="SQLAlchemy and psycopg to be installed",
        ) from None
    given = {"Added": Added, "Erased": Erased, "Kept": Kept, "Store": Store, "Verification": Verification}
    return given[name]


def __getattr__(name: str) -> Any:
    if name not in _GIVEN:
        raise AttributeError(f"module 'growthwatch.store' has no attribute {name!r}")
    return _loaded(name)
