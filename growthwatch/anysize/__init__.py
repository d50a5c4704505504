"""A caseload of any size: one function, table in, table out, in blocks, in processes, and in the engines of a trust.

It needs pyarrow (``pip install "growthwatch[tables]"``), and says so when something of it is used and that is missing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from growthwatch.anysize.engines import duckdb as duckdb
    from growthwatch.anysize.engines import polars as polars
    from growthwatch.anysize.engines import spark as spark
    from growthwatch.anysize.parts import partition as partition
    from growthwatch.anysize.pool import Written as Written
    from growthwatch.anysize.pool import run as run
    from growthwatch.anysize.tables import arranged as arranged
    from growthwatch.anysize.work import Work as Work
    from growthwatch.anysize.work import evidence as evidence
    from growthwatch.anysize.work import review as review
    from growthwatch.anysize.work import score as score

_HOMES = {
    "Work": "work",
    "Written": "pool",
    "arranged": "tables",
    "duckdb": "engines",
    "evidence": "work",
    "partition": "parts",
    "polars": "engines",
    "review": "work",
    "run": "pool",
    "score": "work",
    "spark": "engines",
}

__all__ = [*sorted(_HOMES)]  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'growthwatch.anysize' has no attribute {name!r}")
    value = getattr(import_module(f"growthwatch.anysize.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return list(__all__)
