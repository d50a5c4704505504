"""A caseload in blocks: in one process, or in a pool of processes; memory is bounded by the parts, not by the whole."""

from __future__ import annotations

import os
import pickle
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from growthwatch.anysize.parts import Part, blocks, parts_of
from growthwatch.anysize.tables import arranged, one_table, pa
from growthwatch.anysize.work import Work
from growthwatch.core.columns import instance
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.words import count_words

parquet: Any = import_module("pyarrow.parquet")

__all__ = ["Written", "run"]

_AHEAD = 2
"""How many blocks a process has waiting: more would only fill memory."""


@dataclass(frozen=True)
class Written:
    """What a run has written.

    Attributes
    ----------
    folder
        Where: one file a part, named as the part is.
    files
        The files, in order.
    rows
        How many rows they hold in all.
    """

    folder: Path
    files: tuple[Path, ...]
    rows: int

    def __str__(self) -> str:
        return f"{self.folder}: {count_words(self.rows, 'row')} in {count_words(len(self.files), 'file')}"


def run(
    work: Work, source: Any, into: str | os.PathLike[str] | None = None, *, processes: int = 1, children: int = 5_000
) -> Any:
    """Do some work for each child of a caseload, block by block.

    Parameters
    ----------
    work
        `score`, `evidence` or `review` of this room.
    source
        An Arrow table, a data frame of pandas or polars, a Parquet file, or a folder of them in which each child
        stands in one part (`partition` writes one).
    into
        A folder, new or empty, for the results: one file a part.  None: they are returned as a table.
    processes
        How many processes work; 1: this one alone.  A script that asks for more needs
        ``if __name__ == "__main__":`` around it.
    children
        How many children a block has at most.

    Returns
    -------
    pyarrow.Table or Written
        The same bytes however many processes worked, and however the source was cut.

    Raises
    ------
    GrowthwatchError
        For a wrong argument or column, and for a child that stands in two parts: before anything is worked out.
    """
    instance("work", work, Work, "what growthwatch.anysize.score, evidence or review returns")
    for name, value in (("processes", processes), ("children", children)):
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:  # pyright: ignore[reportUnnecessaryIsInstance]
            raise GrowthwatchError.of(name, value, "a whole number of 1 or more")
    folder = None if into is None else _empty(into)
    if isinstance(source, str | os.PathLike):
        parts = parts_of(Path(os.fspath(source)))  # pyright: ignore[reportUnknownArgumentType]
        work.schema(arranged(parts[0].none()).schema)  # a wrong column is said before anything is done
        if folder is not None:
            return _written(folder, _each(work, _write_part, [(p, folder, children) for p in parts], processes))
        made = list(_each(work, _part, [(p, children) for p in parts], processes))
    else:
        table = arranged(one_table(source))
        empty = work.schema(table.schema)
        cut = blocks(table, children)
        if processes > 1:
            made = _each(work, _packed_block, ((_packed(b),) for b in cut), processes)
        else:
            made = map(work.done, cut)
        if folder is not None:
            file = folder / "part-0000.parquet"
            return _written(folder, iter([(file, _write(file, (_opened(m) for m in made), empty))]))
        made = [empty.empty_table(), *made]
    tables = [_opened(m) for m in made]
    return arranged(pa.concat_tables(tables))


def _empty(into: str | os.PathLike[str]) -> Path:
    folder = Path(into)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise GrowthwatchError.of("into", str(into), "a folder that is new or empty: nothing is overwritten")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _written(folder: Path, made: Iterable[tuple[Path, int]]) -> Written:
    found = sorted(made)
    return Written(folder, tuple(f for f, _ in found), sum(n for _, n in found))


# --- what one task does -------------------------------------------------------------------------


def _packed_block(work: Work, packed: bytes) -> bytes:
    return _packed(work.done(_opened(packed)))


def _of_part(work: Work, part: Part, children: int) -> Iterator[Any]:
    for block in blocks(arranged(part.table()), children):
        yield work.done(block)


def _part(work: Work, part: Part, children: int) -> bytes:
    made = list(_of_part(work, part, children))
    return _packed(pa.concat_tables(made) if made else work.schema(arranged(part.none()).schema).empty_table())


def _write_part(work: Work, part: Part, folder: Path, children: int) -> tuple[Path, int]:
    file = folder / f"{Path(part.name).stem}.parquet"
    empty = work.schema(arranged(part.none()).schema)
    return file, _write(file, _of_part(work, part, children), empty)


def _write(file: Path, tables: Iterable[Any], schema: Any) -> int:
    """Write a file under a name of its own, and name it when it is whole; how many rows it has."""
    beside = file.with_name(f".{file.name}.part")
    rows = 0
    with parquet.ParquetWriter(beside, schema) as writer:
        for table in tables:
            rows += table.num_rows
            writer.write_table(table)
    beside.replace(file)
    return rows


def _packed(table: Any) -> bytes:
    """A table as bytes: of a slice its own rows alone, which pickling would not do."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return sink.getvalue().to_pybytes()


def _opened(made: Any) -> Any:
    return pa.ipc.open_stream(made).read_all() if isinstance(made, bytes) else made


# --- who does it --------------------------------------------------------------------------------

_work: Work | None = None


def _begin(kept: str) -> None:
    """Of a process of the pool: take up the work, which is handed over once and not with every block."""
    global _work
    _work = pickle.loads(Path(kept).read_bytes())
    pa.set_cpu_count(1)


def _do(task: Callable[..., Any], given: tuple[Any, ...]) -> Any:
    assert _work is not None
    return task(_work, *given)


def _each(work: Work, task: Callable[..., Any], given: Iterable[tuple[Any, ...]], processes: int) -> Iterator[Any]:
    """The results of all tasks, in order."""
    if processes == 1:
        for one in given:
            yield task(work, *one)
        return
    with ExitStack() as stack:
        # By a file: were it sent as a process starts, and that one ended at once, this one would wait for ever.
        kept = Path(stack.enter_context(TemporaryDirectory(prefix="growthwatch-"))) / "work"
        kept.write_bytes(pickle.dumps(work))
        # Processes are started anew: one that is split off while other threads run can hang.
        pool = stack.enter_context(ProcessPoolExecutor(processes, get_context("spawn"), _begin, (str(kept),)))
        waiting: deque[Future[Any]] = deque()
        try:
            for one in given:
                if len(waiting) >= processes * _AHEAD:
                    yield waiting.popleft().result()
                waiting.append(pool.submit(_do, task, one))
            while waiting:
                yield waiting.popleft().result()
        except BrokenProcessPool as e:
            raise GrowthwatchError(
                'a process of the pool ended: for want of memory, or for want of `if __name__ == "__main__":` in the '
                "script that began it",
                field="processes", value=processes, expected="processes that can start and stay",
            ) from e  # fmt: skip
        finally:
            for left in waiting:
                left.cancel()
