"""Which lists were made, and who read them: a log of lines of JSON that is only ever added to.

A list with anything that cannot wait, and that nobody has read by 10:00 of the next working day, is the first line of
the next list, to the team lead.

Source: process specification, section 7, Lists.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from growthwatch.caseload.listed import Worklist
from growthwatch.core.calendar import as_instant, time_zone
from growthwatch.core.canonical import short_hash
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.files import TEXT_LIMIT, alone, read_within, write_wholly
from growthwatch.core.html_table import html_table
from growthwatch.core.words import long_date, name_words
from growthwatch.protocol import Protocol
from growthwatch.protocol.child.working import working_days

__all__ = ["Entry", "ListLog", "log"]

READ_BY = dt.time(10)
"""By when, of the next working day, somebody must have read a list."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the log.

    Attributes
    ----------
    what
        ``made`` or ``read``.
    list
        The hash of the list.
    on
        The day of the list.
    at
        When that was [UTC].
    cannot_wait
        How many children of the list cannot wait.
    by
        Who read it.
    first_on
        The first day of the protocol that the list had; None: it had none, or the entry is older than this key.
    """

    what: str
    list: str
    on: dt.date
    at: dt.datetime
    cannot_wait: int
    by: str | None = None
    first_on: dt.date | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "what": self.what,
            "list": self.list,
            "on": self.on.isoformat(),
            "at": self.at.isoformat().replace("+00:00", "Z"),
            "cannot_wait": self.cannot_wait,
            "by": self.by,
            "first_on": None if self.first_on is None else self.first_on.isoformat(),
        }


@dataclass(frozen=True)
class ListLog:
    """Lists that were made and read, oldest first.

    Attributes
    ----------
    path
        The file; None: it is kept nowhere.
    entries
        Its lines.
    """

    path: Path | None
    entries: tuple[Entry, ...] = ()

    def made(self, work: Worklist, at: dt.datetime) -> ListLog:
        """The log with a list that was made; one that is there already changes nothing."""
        if any(e.list == work.hash and e.what == "made" for e in self.entries):
            return self
        return self._with(Entry("made", work.hash, work.on, _instant(at), len(work.cannot_wait), None, work.first_on))

    def read(self, work: Worklist, by: str, at: dt.datetime) -> ListLog:
        """The log with somebody who has read a list.

        Raises
        ------
        GrowthwatchError
            Where nobody is named.
        """
        if not by.strip():
            raise GrowthwatchError.of("by", by, "the name of who has read the list")
        return self._with(
            Entry("read", work.hash, work.on, _instant(at), len(work.cannot_wait), by.strip(), work.first_on)
        )

    def unread(self, as_of: dt.datetime, on: dt.date, protocol: Protocol) -> Entry | None:
        """The last list before a day that had something that cannot wait, and that nobody has read in time.

        Parameters
        ----------
        as_of, on
            The moment of the next list, and its day.
        protocol
            Its calendar says which days are worked.
        """
        earlier = [e for e in self.entries if e.what == "made" and e.on < on]
        if not earlier:
            return None
        last = max(earlier, key=lambda e: (e.on, e.at))
        day = dt.date.fromordinal(working_days(protocol.settings.calendar).following(last.on.toordinal()))
        deadline = dt.datetime.combine(day, READ_BY, time_zone(protocol.zone))
        read = any(e.what == "read" and e.on == last.on and e.at <= as_of for e in self.entries)
        return last if last.cannot_wait and not read and as_of >= deadline else None

    def before(
        self, as_of: dt.datetime, on: dt.date, protocol: Protocol, first_on: dt.date | None = None
    ) -> tuple[str, ...]:
        """What the next list says before all else: that nobody read the last one, or that it begins anew.

        Parameters
        ----------
        as_of, on, protocol
            As for `unread`.
        first_on
            The first day of the protocol that the next list has.
        """
        out: list[str] = []
        entry = self.unread(as_of, on, protocol)
        if entry is not None:
            n = entry.cannot_wait
            who = "1 child cannot wait" if n == 1 else f"{n} children cannot wait"
            out.append(f"Team lead: the list of {long_date(entry.on)} was read by nobody: {who}.")
        last = max(
            (e for e in self.entries if e.what == "made" and e.on < on), key=lambda e: (e.on, e.at), default=None
        )
        first = None if last is None else last.first_on
        if last is not None and first is not None and first_on is not None and first < first_on:
            out.append(
                f"This list begins anew on {long_date(first_on)}, so that nothing from before is late in it. The list "
                f"of {long_date(last.on)} began on {long_date(first)}: make it again with --starts-on {first}."
            )
        return tuple(out)

    def _with(self, entry: Entry) -> ListLog:
        if self.path is None:
            return ListLog(None, (*self.entries, entry))
        path = self.path
        with alone(path):
            there = log(path).entries  # what somebody else has written meanwhile stays
            kept = (*there, entry)
            text = "".join(json.dumps(e.to_dict(), ensure_ascii=False) + "\n" for e in kept)
            try:
                write_wholly(path, text.encode(), private=True)
            except OSError as e:
                raise GrowthwatchError.of("log", str(path), f"a file that can be written ({e.strerror or e})") from e
        return ListLog(path, kept)

    def __len__(self) -> int:
        return len(self.entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def __str__(self) -> str:
        return "\n".join(_words(e) for e in self.entries) or "No list was made."

    def _repr_html_(self) -> str:
        rows = [
            (e.on, e.what, e.by or "", f"{e.at:%Y-%m-%d %H:%M}", e.cannot_wait, short_hash(e.list))
            for e in self.entries
        ]
        return html_table("Lists", ("list of", "what", "by", "at (UTC)", "cannot wait", "hash"), rows)


def _words(e: Entry) -> str:
    who = "" if e.by is None else f" by {name_words(e.by)}"
    return f"The list of {long_date(e.on)} ({short_hash(e.list)}): {e.what}{who}, {e.at:%Y-%m-%d %H:%M} UTC."


def _instant(at: dt.datetime) -> dt.datetime:
    return as_instant(at, "Europe/London", "at")


def log(path: str | os.PathLike[str] | None = None) -> ListLog:
    """The log of lists in a file; an empty one where there is no file yet.

    Parameters
    ----------
    path
        The file; None: a log that is kept nowhere.

    Raises
    ------
    GrowthwatchError
        When a line of it is no entry: it is not written over.
    """
    if path is None:
        return ListLog(None)
    place = Path(path)
    if not place.exists():
        return ListLog(place)
    entries: list[Entry] = []
    for number, line in enumerate(read_within(place, TEXT_LIMIT, "log").decode("utf-8", "replace").splitlines(), 1):
        if not line.strip():
            continue
        try:
            data: dict[str, Any] = json.loads(line)
            by, first = data["by"], data.get("first_on")
            if data["what"] not in ("made", "read") or not (by is None or isinstance(by, str)):
                raise ValueError
            entries.append(
                Entry(
                    data["what"], str(data["list"]), dt.date.fromisoformat(data["on"]),
                    _instant(dt.datetime.fromisoformat(data["at"])), int(data["cannot_wait"]), by,
                    None if first is None else dt.date.fromisoformat(first),
                )
            )  # fmt: skip
        except (ValueError, KeyError, TypeError):
            raise GrowthwatchError.of("log", str(place), f"an entry in line {number}") from None
    return ListLog(place, tuple(entries))
