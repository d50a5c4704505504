"""Charts of many children into a folder: one file each, two at a time, and no more in memory than those."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from growthwatch.charts.api import chart
from growthwatch.charts.files import SUFFIXES
from growthwatch.charts.quoting import check_id
from growthwatch.core.errors import GrowthwatchError
from growthwatch.record import Record

__all__ = ["Drawn", "charts"]

AHEAD = 4
"""Children that wait, for each process: what is read ahead is bounded."""

MOST_PROCESSES = 16

_UNFIT = frozenset('<>:"/\\|?*') | {chr(c) for c in range(32)}
"""Characters that no name of a file has on every system."""


@dataclass(frozen=True)
class Drawn:
    """What became of one child's chart.

    Attributes
    ----------
    name
        Of the file, without its folder; of a child without a chart as it would have been.
    alt_text
        The chart in words; empty where there is none.
    refused
        Why there is none; empty where there is one.
    """

    name: str
    alt_text: str
    refused: str = ""


def charts(
    records: Iterable[Record | str | os.PathLike[str]],
    folder: str | os.PathLike[str],
    *,
    suffix: str = ".png",
    processes: int = 2,
    progress: Callable[[int], None] | None = None,
    identify: bool = False,
    **options: Any,
) -> list[Drawn]:
    """Draw a chart of every child into a folder.

    Parameters
    ----------
    records
        Records, or paths of their files, taken as they come.  A chart has the name of its record's file; of a record
        that is given as such its number, or with `identify` its id.
    folder
        Where they go; it is made if it is not there.
    suffix
        ``.png``, ``.svg`` or ``.pdf``.
    processes
        How many draw at a time; 1: this one alone.
    progress
        Called with the number of children done, after each.
    identify, **options
        As for `chart`: ``kind``, ``as_of``, ``size``, ``csv`` and the rest.

    Returns
    -------
    list of Drawn
        One a child, in order.  A child of whom nothing can be drawn is among them, with the reason: nothing is lost.

    Raises
    ------
    GrowthwatchError
        For a wrong argument, or a folder that cannot be made.
    """
    if isinstance(records, Record | str | bytes | os.PathLike) or not isinstance(records, Iterable):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise GrowthwatchError.of("records", records, "Records, or paths of their files, such as a list")
    if suffix not in SUFFIXES:
        raise GrowthwatchError.of("suffix", suffix, f"one of {list(SUFFIXES)}")
    if isinstance(processes, bool) or not isinstance(processes, int) or not 1 <= processes <= MOST_PROCESSES:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise GrowthwatchError.of("processes", processes, f"a whole number from 1 to {MOST_PROCESSES}")
    if "path" in options:
        raise GrowthwatchError.of("path", options["path"], "no path: each chart has its own name in the folder")
    target = _folder(folder)
    options = {**options, "identify": identify}
    tasks = _tasks(records, target, suffix, identify)
    done: list[tuple[int, Drawn]] = []
    for one in _alone(tasks, options) if processes == 1 else _side_by_side(tasks, options, processes):
        done.append(one)
        if progress is not None:
            progress(len(done))
    return [drawn for _, drawn in sorted(done, key=lambda d: d[0])]


_Task = tuple[int, "Record | Path", Path]


def _folder(folder: object) -> Path:
    if not isinstance(folder, str | os.PathLike):
        raise GrowthwatchError.of("folder", folder, "the path of a folder")
    target = Path(os.fsdecode(os.fspath(folder)))  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    try:
        target.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as e:
        reason = getattr(e, "strerror", None) or str(e)
        raise GrowthwatchError(
            f"folder: cannot make {str(target)!r} ({reason})", field="folder", value=str(target),
            expected="a folder that is there or can be made",
        ) from e  # fmt: skip
    return target


def _tasks(records: Iterable[Any], target: Path, suffix: str, identify: bool) -> Iterator[_Task]:
    """Each child with the file of its chart; no two share a name, in whatever case."""
    taken: set[str] = set()
    for place, record in enumerate(records):
        name = f"{place + 1:05d}"
        if isinstance(record, str | os.PathLike):
            record = Path(os.fspath(record))
            name = record.stem
        elif isinstance(record, Record) and identify:
            name = check_id(record.child_id)
        name = "".join("_" if c in _UNFIT else c for c in name).rstrip(". ") or "_"
        one, again = name, 1
        while one.casefold() in taken:
            again += 1
            one = f"{name}-{again}"
        taken.add(one.casefold())
        yield place, record, target / f"{one}{suffix}"


def _alone(tasks: Iterator[_Task], options: dict[str, Any]) -> Iterator[tuple[int, Drawn]]:
    return ((place, _draw(record, path, options)) for place, record, path in tasks)


def _side_by_side(tasks: Iterator[_Task], options: dict[str, Any], processes: int) -> Iterator[tuple[int, Drawn]]:
    """Charts as they are done, a few children read ahead."""
    # A process that is forked would share locks that another thread holds.
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        waiting: dict[Future[Drawn], int] = {}

        def fill() -> None:
            for place, record, path in islice(tasks, max(AHEAD * processes - len(waiting), 0)):
                waiting[pool.submit(_draw, record, path, options)] = place

        fill()
        try:
            while waiting:
                found, _ = wait(waiting, return_when=FIRST_COMPLETED)
                for future in found:
                    yield waiting.pop(future), future.result()
                fill()
        finally:
            for future in waiting:
                future.cancel()


def _draw(record: Record | Path, path: Path, options: dict[str, Any]) -> Drawn:
    """Draw one child; what is wrong with a record is said, and keeps no other child from its chart."""
    try:
        one = Record.load(record) if isinstance(record, Path) else record
        return Drawn(path.name, chart(one, path=path, **options).alt_text)
    except GrowthwatchError as e:
        if e.field in _OF_THE_CALL:
            raise
        return Drawn(path.name, "", str(e))


_OF_THE_CALL = frozenset(
    (
        "kind", "measure", "size", "title", "csv", "extra_lines", "protocol", "reference", "correction", "against",
        "as_of",
    )
)  # fmt: skip
"""What is wrong with the call is wrong for every child."""
