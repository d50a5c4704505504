"""The function that people call for the page of one child, the sheet for a family, or the page of a protocol."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable, Sequence
from typing import Any, Literal, overload

from growthwatch.core.columns import one_flag
from growthwatch.core.errors import GrowthwatchError
from growthwatch.pages.child import child_page
from growthwatch.pages.family import family_page
from growthwatch.pages.protocol import protocol_page
from growthwatch.pages.render import write_page
from growthwatch.protocol import Protocol, review
from growthwatch.protocol.answers.affected import whom_affected
from growthwatch.record import Record
from growthwatch.references import Reference

__all__ = ["page"]

KINDS = ("child", "family")


@overload
def page(
    record: Protocol,
    *,
    records: Iterable[Record] | None = None,
    until: dt.date | None = None,
    path: str | os.PathLike[str] | None = None,
) -> str: ...


@overload
def page(
    record: Record,
    *,
    kind: Literal["child", "family"] = "child",
    protocol: Protocol | Sequence[Protocol],
    as_of: dt.date | dt.datetime,
    known_at: dt.date | dt.datetime | None = None,
    in_force_from: dt.date | None = None,
    called: str | None = None,
    ring: str | None = None,
    you: str | None = None,
    reference: str | Reference = "uk-who",
    pictures: bool = True,
    path: str | os.PathLike[str] | None = None,
) -> str: ...


def page(
    record: Record | Protocol,
    *,
    kind: str = "child",
    protocol: Any = None,
    as_of: Any = None,
    known_at: dt.date | dt.datetime | None = None,
    in_force_from: dt.date | None = None,
    called: str | None = None,
    ring: str | None = None,
    you: str | None = None,
    reference: str | Reference = "uk-who",
    pictures: bool = True,
    records: Iterable[Record] | None = None,
    until: dt.date | None = None,
    path: str | os.PathLike[str] | None = None,
) -> str:
    """Make the page of one child, the sheet for its family, or the page of a protocol: one file, without a script.

    Parameters
    ----------
    record
        The child's record; or a `Protocol`, of which the whole is told, to be read and signed: beside it `records`,
        `until` and `path` alone have a meaning.
    kind
        ``child``: for staff, what to do and why.  ``family``: one sheet in short everyday words, that a named person
        checks before it is given; where a named nurse holds it back, only when to ring and whom is left.
    protocol, as_of, known_at, in_force_from
        As for `growthwatch.review`.
    called
        How the child is called; None: the page for staff has the record number alone, that for the family says "your
        child".
    ring
        The number that the family rings; None: none is written.
    you
        Who reads the page for staff: what is theirs says so.
    reference
        The curves of the centile chart for staff, or their id.
    pictures
        Whether charts are drawn; without them a page is made in a fraction of the time.
    records, until
        Of a protocol that extends another: records of one child each, and a day.  Beside each change it is said whom
        it would have affected in the twelve months up to that day.
    path
        Where to write it, for its owner alone; None: it is only returned.

    Returns
    -------
    str
        The page.

    Raises
    ------
    GrowthwatchError
        For a wrong argument, a sheet for the family after a death, a page for which Jinja2 is not installed, or a path
        that cannot be written.

    Notes
    -----
    A page is never today's for long: it says its moment, and who prints it says so on each sheet.
    """
    if isinstance(record, Protocol):
        given = {"protocol": protocol, "as_of": as_of, "known_at": known_at, "called": called, "ring": ring, "you": you}
        for name, value in given.items():
            if value is not None:
                raise GrowthwatchError.of(name, value, "none beside a protocol, whose page is about no child")
        if (records is None) != (until is None):
            name, value = ("until", until) if until is None else ("records", records)
            raise GrowthwatchError.of(name, value, "records and until together, or neither")
        whom = None if records is None or until is None else whom_affected(records, record, until=until)
        out = protocol_page(record, whom)
        if path is not None:
            write_page(out, path)
        return out
    if records is not None or until is not None:
        name, value = ("records", records) if records is not None else ("until", until)
        raise GrowthwatchError.of(name, value, "none beside a child's record: they are for the page of a protocol")
    if kind not in KINDS:
        raise GrowthwatchError.of("kind", kind, f"one of {list(KINDS)}")
    for name, text in (("called", called), ("ring", ring), ("you", you)):
        if text is not None and (not isinstance(text, str) or not text.strip()):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise GrowthwatchError.of(name, text, "words, or None")
    drawn = one_flag("pictures", pictures)
    made = review(record, protocol=protocol, as_of=as_of, known_at=known_at, in_force_from=in_force_from)
    judges = [protocol] if isinstance(protocol, Protocol) else list(protocol)
    judge = next(p for p in judges if p.hash == made.protocol_hash)
    if kind == "family":
        out = family_page(record, made, judge, called=called, ring=ring, pictures=drawn)
    else:
        out = child_page(record, made, judge, called=called, you=you, reference=reference, pictures=drawn)
    if path is not None:
        write_page(out, path)
    return out
