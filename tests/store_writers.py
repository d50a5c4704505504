"""What other processes do to a store in the tests: they append until they are done, or killed."""

from __future__ import annotations

import datetime as dt
import multiprocessing
import os
import resource
import sys
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import growthwatch as gw
import growthwatch.store.store
from growthwatch.core.errors import GrowthwatchError
from growthwatch.store import Conflict

# A clean process from which others are forked at once: the tests have threads, which no fork takes along.
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(
    ["store_writers", "psycopg", "sqlalchemy.dialects.sqlite.pysqlite", "sqlalchemy.dialects.postgresql.psycopg"]
)


def weighing(n: int | str, kg: float = 7.25, **more: Any) -> dict[str, Any]:
    """An event; its id is w and the number."""
    return {
        "id": f"w{n}",
        "type": "weighed",
        "on": dt.date(2024, 1, 9),
        "recorded_at": dt.datetime(2024, 1, 9, 12, tzinfo=dt.UTC),
        "actor": "hv1",
        "role": "health_visitor",
        "weight_kg": kg,
        **more,
    }


def process(target: Any, *arguments: Any) -> ForkServerProcess:
    """A process that has begun."""
    made = CONTEXT.Process(target=target, args=arguments, daemon=True)
    # What it is forked from begins with the first. Python before 3.12.3 tells it of no paths, and does not say that it
    # found nothing to load: each fork then took a second to import what it needs.
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(sys.path)
    try:
        made.start()
    finally:
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before
    return made


def acknowledged(path: Path) -> list[str]:
    """Ids that a writer was told are stored; a line that was cut off by a kill was not told."""
    return path.read_text().split("\n")[:-1] if path.exists() else []


def keep_appending(url: str, path: str, first: int, at_once: int) -> None:
    """Append without an end, to two children in turn, and write down what was acknowledged."""
    out = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with gw.store.open(url) as store:
        n = first
        while True:
            batch = [weighing(n + i) for i in range(at_once)]
            store.append(f"child-{n % 2}", batch)
            os.write(out, "".join(f"{n + i}\n" for i in range(at_once)).encode())
            n += at_once


def append_in_turn(url: str, who: int, count: int) -> None:
    """Append so many events to one child, each after reading what is there; try again where another was first."""
    with gw.store.open(url) as store:
        for n in range(count):
            while True:
                seen = store.head("child")
                try:
                    now = store.append("child", weighing(f"{who}-{n}"), expected=seen)
                except Conflict as conflict:
                    assert conflict.yours == seen and conflict.theirs.position > seen.position
                else:
                    assert now.position == seen.position + 1
                    break


def append_the_same(url: str, count: int) -> None:
    """Append events that everybody appends, whatever is there."""
    with gw.store.open(url) as store:
        for n in range(count):
            store.append("child", weighing(n))


def append_within(url: str, path: str, most_bytes: int) -> None:
    """Append until no file may grow further; write down what was acknowledged and what was said."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))
    said = []
    with gw.store.open(url) as store:
        try:
            for n in range(100_000):
                store.append("child", weighing(n, note="x" * 2000))
                said.append(str(n))
        except GrowthwatchError as e:
            said.append(str(e))
    Path(path).write_text("\n".join(said))
