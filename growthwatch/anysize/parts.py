"""A Parquet folder as parts of whole children, and a stream as tables of whole children: the one place that cuts.

A part is a file that lies in the folder, or all files below a folder in it.  A child stands in one part; where it does
not, that is found before anything is worked out, for half a history would be judged as if it were all of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from growthwatch.anysize.tables import CHILD, Ids, arranged, one_table, pa, pc, plain, readable
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.words import count_words

dataset: Any = import_module("pyarrow.dataset")
parquet: Any = import_module("pyarrow.parquet")

__all__ = ["MOST_ROWS", "Part", "blocks", "partition", "parts_of", "whole_children"]

MOST_ROWS = 4_000_000
"""Rows of the largest part that is read: about 1 GB of memory while it is put in order."""

_ROWS_A_PART = 250_000
_BUFFER = 16_384
_WAITING = 1_000_000
"""Rows that wait in memory to be written, in all parts together."""
_SHARES = 16
_BATCH = 131_072
_SUFFIX = ".parquet"


def place_of(id: str | None, parts: int) -> int:
    """In which of so many parts a child stands: by a hash of its id, the same on every machine; no id is part 0."""
    return 0 if not readable(id) or id is None else int(_hash(id) % parts)


def _hash(id: str) -> int:
    return int.from_bytes(hashlib.blake2b(id.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")


def _is_parquet(path: Path) -> bool:
    # As other readers do: names that begin with a dot or an underscore are no data.
    return path.suffix in (_SUFFIX, ".pq") and path.is_file() and not path.name.startswith((".", "_"))


@dataclass(frozen=True)
class Part:
    """Files that hold all rows of their children, and no row of another.

    Attributes
    ----------
    name
        The file or folder, as it is called in the whole.
    folder
        The whole.
    files
        What it consists of.
    schema
        Names and types of the whole: those of a file that lacks a column are missing there.
    """

    name: str
    folder: Path
    files: tuple[Path, ...]
    schema: Any

    @cached_property
    def _keys(self) -> list[tuple[str, str]]:
        """Columns that the folders of the first file name: ``team=12``."""
        path = self.files[0].relative_to(self.folder).parent.parts if self.folder.is_dir() else ()
        return [(k, v) for k, _, v in (p.partition("=") for p in path) if v and k not in self.schema.names]

    def _data(self) -> Any:
        # What a folder's name says is text: zeros before an id would be gone if it were read as a number.
        schema = self.schema
        for key, _ in self._keys:
            schema = schema.append(pa.field(key, pa.string()))
        hive = dataset.partitioning(pa.schema([(k, pa.string()) for k, _ in self._keys]), flavor="hive")
        return dataset.dataset(
            [str(f) for f in self.files],
            schema=schema,
            format="parquet",
            partitioning=hive if self._keys else None,
            partition_base_dir=str(self.folder) if self._keys else None,
        )

    def rows(self) -> int:
        """How many rows it has: read from the ends of its files."""
        return sum(_opened(f).metadata.num_rows for f in self.files)

    def batches(self, columns: list[str] | None = None) -> Iterator[Any]:
        """Its rows, a batch at a time."""
        try:
            yield from self._data().to_batches(
                columns=columns, batch_size=_BATCH, batch_readahead=2, fragment_readahead=1
            )
        except (pa.ArrowException, OSError) as e:
            raise GrowthwatchError.of("source", self.name, f"Parquet files that can be read together ({e})") from None

    def table(self) -> Any:
        """All its rows."""
        batches = list(self.batches())
        return pa.Table.from_batches(batches) if batches else self.none()

    def none(self) -> Any:
        """None of its rows: names and types."""
        return self._data().schema.empty_table()


def _opened(file: Path) -> Any:
    try:
        return parquet.ParquetFile(file)
    except (pa.ArrowException, OSError) as e:
        raise GrowthwatchError.of("source", str(file), f"a Parquet file that can be read ({e})") from None


def parts_of(source: str | Path, *, checked: bool = True, most: int = MOST_ROWS) -> tuple[Part, ...]:
    """The parts of a Parquet file or folder.

    Parameters
    ----------
    source
        A Parquet file; or a folder in which each file, or each folder with its files, holds whole children.
    checked
        Whether it is made sure that no child stands in two parts, and that no part is too large.  It takes one look
        through the column of ids, and about 10 bytes of memory a child.
    most
        Rows of the largest part that is allowed.

    Raises
    ------
    GrowthwatchError
        Where there is no such file, it cannot be read, a child stands in two parts, or a part is too large: `partition`
        mends both.
    """
    path = Path(source)
    if path.is_file():
        groups = [(path.name, [path])]
    elif path.is_dir():
        groups = [
            (p.name, [p] if p.is_file() else sorted(f for f in p.rglob("*") if _is_parquet(f)))
            for p in sorted(path.iterdir())
            if (p.is_dir() and not p.name.startswith((".", "_"))) or _is_parquet(p)
        ]
        groups = [(name, files) for name, files in groups if files]
    else:
        groups = []
    if not groups:
        raise GrowthwatchError.of("source", str(source), "a Parquet file, or a folder of Parquet files")
    schemas = [_opened(f).schema_arrow.remove_metadata() for _, files in groups for f in files]
    try:
        schema = pa.unify_schemas(schemas, promote_options="permissive")
    except pa.ArrowException as e:
        raise GrowthwatchError.of("source", str(source), f"files whose columns have the same types ({e})") from None
    parts = tuple(Part(name, path, tuple(files), schema) for name, files in groups)
    if checked:
        for part in parts:
            if part.rows() > most:
                remedy = "growthwatch.anysize.partition makes small ones"
                expected = f"parts of at most {most} rows, for a part is read as a whole: {remedy}"
                raise GrowthwatchError.of("source", f"{part.name}, {part.rows()} rows", expected)
        _hold_together(parts)
    return parts


def _children(part: Part) -> npt.NDArray[np.uint64]:
    """Hashes of the children of a part, each once."""
    found: set[int] = set()
    for batch in part.batches([CHILD]):
        found.update(_hash(w) for w in _words(batch))
    return np.fromiter(found, np.uint64, len(found))


def _words(batch: Any) -> list[str]:
    ids = Ids(plain(pa.Table.from_batches([batch])).column(CHILD))
    return [ids.words[i] for i in np.unique(ids.codes).tolist() if i >= 0]


def _hold_together(parts: tuple[Part, ...]) -> None:
    """Refuse parts between which a child is split."""
    if len(parts) < 2:
        return
    found = [_children(p) for p in parts]
    again = 0
    first = second = parts[0]
    whose: int | None = None
    # A share of the hashes after the other: what sorting takes is small beside the hashes themselves.
    for share in range(_SHARES):
        picked = [f[f % _SHARES == share] for f in found]
        hashes = np.concatenate(picked)
        order = np.argsort(hashes, kind="stable")
        ordered = hashes[order]
        at = np.flatnonzero(ordered[1:] == ordered[:-1])
        if at.size and whose is None:
            whose = int(ordered[at[0]])
            ends = np.cumsum([p.size for p in picked])
            first, second = (parts[int(np.searchsorted(ends, order[at[0] + i], "right"))] for i in (0, 1))
        again += int(at.size)
    if whose is None:
        return
    id = next(w for b in first.batches([CHILD]) for w in _words(b) if _hash(w) == whose)
    split = count_words(again, "child") if again == 1 else f"{again} children"
    raise GrowthwatchError.of(
        "source", id,
        f"all rows of a child in one part; this one stands in {first.name} and in {second.name} ({split} in all do): "
        "growthwatch.anysize.partition brings them together",
    )  # fmt: skip


def partition(source: Any, folder: str | Path, *, parts: int | None = None) -> tuple[Path, ...]:
    """Write a caseload as a Parquet folder in which each child stands in one file, by a hash of its id.

    Parameters
    ----------
    source
        A Parquet file, a folder of them however they are cut, or an Arrow table or data frame.  It is read a batch at
        a time.
    folder
        Where to write; it must be new or empty.
    parts
        How many files; None: as many as make about 250,000 rows each.

    Returns
    -------
    tuple of Path
        The files: ``part-0000.parquet`` and so on.  A part without a child has none.
    """
    target = Path(folder)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise GrowthwatchError.of("folder", str(folder), "a folder that is new or empty: nothing is overwritten")
    if isinstance(source, str | Path):
        there = parts_of(source, checked=False)
        rows = sum(p.rows() for p in there)
        batches = (b for p in there for b in p.batches())
    else:
        table = one_table(source)
        rows, batches = table.num_rows, iter(table.to_batches(max_chunksize=_BATCH))
    n = max(1, -(-rows // _ROWS_A_PART)) if parts is None else parts
    if not isinstance(n, int) or isinstance(n, bool) or not 1 <= n <= 10_000:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise GrowthwatchError.of("parts", parts, "a whole number from 1 to 10,000")
    target.mkdir(parents=True, exist_ok=True)
    written: dict[int, Any] = {}
    waiting: dict[int, list[Any]] = {}
    most = max(1, min(_BUFFER, _WAITING // n))
    names = [target / f"part-{i:04d}{_SUFFIX}" for i in range(n)]
    with ExitStack() as stack:

        def flush(place: int) -> None:
            table = pa.concat_tables(waiting.pop(place)).combine_chunks()
            if place not in written:
                written[place] = stack.enter_context(parquet.ParquetWriter(names[place], table.schema))
            written[place].write_table(table)

        for batch in batches:
            table = plain(pa.Table.from_batches([batch]))
            ids = Ids(table.column(CHILD))
            of_word = np.array([place_of(w, n) for w in ids.words] + [0], np.int64)
            where = of_word[ids.codes]
            order = np.argsort(where, kind="stable")
            ordered = table.take(pa.array(order))
            starts = np.searchsorted(where[order], np.arange(n + 1))
            for place in np.unique(where).tolist():
                piece = ordered.slice(int(starts[place]), int(starts[place + 1] - starts[place]))
                waiting.setdefault(place, []).append(piece)
                if sum(t.num_rows for t in waiting[place]) >= most:
                    flush(place)
        for place in sorted(waiting):
            flush(place)
    return tuple(names[i] for i in sorted(written))


def blocks(table: Any, children: int) -> Iterator[Any]:
    """Cut a table that is arranged into tables of at most so many children, never through one.

    Rows without an id belong to nobody, and may be cut anywhere.
    """
    starts = _starts(table.column(CHILD))
    cuts = [*starts[::children].tolist(), table.num_rows]
    for start, end in pairwise(cuts):
        yield table.slice(start, end - start)


def _starts(column: Any) -> npt.NDArray[np.int64]:
    """The first row of each child, in a column in which the rows of a child stand together."""
    n = len(column)
    if n < 2:
        return np.arange(n)
    whole = column.combine_chunks()
    differ = pc.not_equal(whole.slice(1), whole.slice(0, n - 1)).fill_null(True)
    return np.concatenate(([0], np.flatnonzero(np.asarray(differ)) + 1))


def whole_children(batches: Iterable[Any], rows: int = 65_536) -> Iterator[Any]:
    """Tables of whole children, of a stream of batches in which ids never fall.

    Parameters
    ----------
    batches
        Record batches in order of ``child_id``, cut anywhere; rows without an id stand first or last.
    rows
        From how many rows on a table is given: never less than one child.

    Raises
    ------
    GrowthwatchError
        Where an id comes after a later one: the rows of a child might not stand together.
    """
    held: Any = None
    last: str | None = None
    for batch in batches:
        table = plain(pa.Table.from_batches([batch]))
        if not table.num_rows:
            continue
        last = _risen(table.column(CHILD), last)
        held = table if held is None else pa.concat_tables([held, table])
        if held.num_rows < rows:
            continue
        cut = int(_starts(held.column(CHILD))[-1])
        if cut:
            yield arranged(held.slice(0, cut))
            held = held.slice(cut)
    if held is not None:
        yield arranged(held)


def _risen(column: Any, last: str | None) -> str | None:
    """The last id of a batch, whose ids must not fall."""
    ids = column.drop_null().combine_chunks()
    if not len(ids):
        return last
    fallen = pc.less(ids.slice(1), ids.slice(0, len(ids) - 1))
    at = pc.index(fallen, True).as_py() if len(ids) > 1 else -1
    wrong = ids[at + 1].as_py() if at >= 0 else None
    if last is not None and ids[0].as_py() < last:
        wrong = ids[0].as_py()
    if wrong is not None:
        raise GrowthwatchError.of(CHILD, wrong, "rows in order of child_id, so that those of a child stand together")
    return ids[-1].as_py()
