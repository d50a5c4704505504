"""How the command line prints: tables that never crop a word, on any terminal."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys
import unicodedata
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from typing import TextIO

from rich import box
from rich.console import Console, Group, RenderableType
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from growthwatch.core.plain import seen
from growthwatch.core.words import days_words, long_date
from growthwatch.protocol.answers import Change, Finding, Review, ToDo

__all__ = [
    "WIDE",
    "out",
    "out_bytes",
    "pairs",
    "prepare",
    "progress",
    "say",
    "show_changes",
    "show_review",
    "table",
    "text",
    "unbroken",
    "warn",
    "width",
]

PIPE_WIDTH = 120
"""Width where there is no terminal [characters]."""

WIDE = 100
"""From this width on, everything has a column of its own [characters]."""

NARROW = 60
"""Below this width there are no tables [characters]."""

_NOW, _LATE, _LOUD = "bold red", "bold yellow", "bold red"


# --- where it goes ----------------------------------------------------------------------------


def prepare() -> None:
    """Make printing safe: a character that the console cannot show becomes a question mark."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError, OSError):
            stream.reconfigure(errors="replace")  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]


def clean(given: object) -> str:
    """Text that cannot steer a terminal: control characters, and those without a shape, are written out."""
    return "".join(
        c.encode("unicode_escape").decode() if unicodedata.category(c) in ("Cc", "Cs") and c != "\n" else c
        for c in seen(str(given))
    )


def text(given: object, style: str = "") -> Text:
    """Words as they are: no markup, no emoji codes, wrapped and never cropped."""
    return Text(clean(given), style=style, overflow="fold")


def unbroken(given: object) -> Text:
    """One line as it is, however long: a path that somebody will copy."""
    return Text(clean(given), no_wrap=True, overflow="ignore")


class _Console(Console):
    def on_broken_pipe(self) -> None:
        raise BrokenPipeError(errno.EPIPE, "broken pipe")


def _stdout() -> TextIO:
    """Standard output; a process that was started without one has nobody who reads."""
    return io.StringIO() if sys.stdout is None else sys.stdout  # pyright: ignore[reportUnnecessaryComparison]


def _console() -> Console:
    asked = os.environ.get("COLUMNS", "")
    width = int(asked) if asked.isascii() and asked.isdigit() and int(asked) > 0 else None
    stream = _stdout()
    if width is None and not stream.isatty():
        width = PIPE_WIDTH
    return _Console(file=stream, width=width, markup=False, emoji=False, highlight=False)


@contextlib.contextmanager
def _quiet_when_nobody_reads() -> Generator[None]:
    """Whoever stops reading (``| head``) has seen enough; the exit code stays what it was."""
    try:
        yield
    except OSError as e:
        if e.errno not in (errno.EPIPE, errno.EINVAL):
            raise
        with contextlib.suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, sys.stdout.fileno())


def out(*parts: RenderableType) -> None:
    """Print to standard output."""
    with _quiet_when_nobody_reads():
        console = _console()
        if console.is_terminal:
            for part in parts:
                console.print(part, crop=False)
        else:
            with console.capture() as kept:
                for part in parts:
                    console.print(part, crop=False)
            console.file.write("".join(f"{line.rstrip()}\n" for line in kept.get().splitlines()))
        console.file.flush()


def width() -> int:
    """Width of standard output [characters]."""
    return _console().width


def out_bytes(words: str) -> None:
    """Write text and a newline to standard output as UTF-8, whatever the console thinks."""
    if sys.stdout is None:  # pyright: ignore[reportUnnecessaryComparison]
        return
    with _quiet_when_nobody_reads():
        sys.stdout.flush()
        sys.stdout.buffer.write(words.encode("utf-8", "backslashreplace") + b"\n")
        sys.stdout.buffer.flush()


def say(words: str) -> None:
    """Print one line to standard error."""
    # Without standard error there is no stream at all.
    with contextlib.suppress(OSError, ValueError, AttributeError):
        sys.stderr.write(clean(words) + "\n")
        sys.stderr.flush()


def warn(words: str) -> None:
    """Print a warning to standard error."""
    say(f"Warning: {words}")


@contextlib.contextmanager
def progress(total: int, what: str) -> Generator[Callable[[int], None]]:
    """A bar on standard error for work of some seconds; none where that is no terminal.

    What it yields is called with how many are done.
    """
    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.update(task, completed=done)


# --- pieces -----------------------------------------------------------------------------------


def table(heads: Sequence[tuple[str, int]], rows: Iterable[Sequence[RenderableType]], *, lines: bool = True) -> Table:
    """Build a table; each head has its share of the width, 0 for as much as it needs."""
    made = Table(box=box.HORIZONTALS, show_lines=lines, pad_edge=False, header_style="bold", expand=True)
    for name, share in heads:
        made.add_column(name, ratio=share or None, overflow="fold")
    for row in rows:
        made.add_row(*row)
    return made


def pairs(rows: Iterable[tuple[str, object]]) -> Table:
    """Build a list of names and values."""
    made = Table.grid(padding=(0, 2))
    made.add_column(overflow="fold")
    made.add_column(overflow="fold")
    for name, value in rows:
        made.add_row(text(name), value if isinstance(value, Text) else text(value))
    return made


def _bullets(block: str) -> Table:
    made = Table.grid(padding=(0, 1))
    made.add_column(width=1)
    made.add_column(overflow="fold")
    for line in block.splitlines():
        bullet = line.startswith("- ")
        made.add_row(text("-" if bullet else ""), text(line[2:] if bullet else line))
    return made


def _stack(*parts: Text | None) -> Text:
    return Text("\n", overflow="fold").join([p for p in parts if p is not None])


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


# --- a review ---------------------------------------------------------------------------------


def _mark(group: str) -> Text | None:
    return {"now": text("NOW", _NOW), "late": text("LATE", _LATE)}.get(group)


def _by_when(t: ToDo, review: Review) -> Text:
    if t.deadline == review.on:
        return _stack(_mark(t.group), text("Today", "bold"))
    if t.late:
        by = f"Was due by {long_date(t.deadline)}, {days_words((review.on - t.deadline).days)} ago"
    else:
        by = f"By {long_date(t.deadline)}"
    return _stack(_mark(t.group), text(by))


def _deeds(t: ToDo) -> Text:
    """The deeds of a line, one under the other, each with its rules and what it is about."""
    return _stack(*(Text.assemble(text(_capital(do), "bold"), text(rest)) for do, rest in t.parts))


def _to_do(review: Review, wide: bool) -> Table:
    rows: list[list[Text]] = []
    for t in review.to_do():
        when, who, what = _by_when(t, review), text(_capital(t.who)), _deeds(t)
        if wide:
            rows.append([when, who, what, text(_capital(t.if_not or ""))])
        else:
            if_not = text(f"If not: {t.if_not}.") if t.if_not else None
            rows.append([when, who, _stack(what, if_not)])
    if wide:
        return table([("By when", 5), ("Who", 4), ("What to do", 11), ("If not", 6)], rows)
    return table([("By when", 4), ("Who", 3), ("What to do", 8)], rows)


def _finding(f: Finding, loud: bool, wide: bool) -> list[Text]:
    title = text(f.title + (f" ({f.level})" if f.says_level else ""), "bold")
    cannot_wait = text("Cannot wait", _LOUD) if loud else None
    raised = f"graver since {long_date(f.raised[-1][0])}" if f.raised else None
    often = None if f.false_alarm is None else text(f.false_alarm)
    seen = _stack(text("CONFIRM NOW.", _NOW) if f.unconfirmed else None, text(f.says), *map(text, f.notes), often)
    if wide:
        since = _stack(text(long_date(f.opened_on)), text(raised) if raised else None)
        return [text(f.rule), _stack(title, cannot_wait), since, seen, text(_capital(f.closes))]
    since = text(f"Open since {long_date(f.opened_on)}" + (f", {raised}" if raised else ""))
    return [_stack(text(f.rule), title, cannot_wait, since), _stack(seen, text(f"Closes when {f.closes}."))]


def _why(review: Review, wide: bool) -> Table:
    loud = {f.key for f in review.cannot_wait()}
    rows = [_finding(f, f.key in loud, wide) for f in review.findings]
    if wide:
        return table([("Rule", 0), ("Finding", 6), ("Open since", 6), ("What was seen", 15), ("Closes when", 9)], rows)
    return table([("Finding", 4), ("What was seen", 8)], rows)


def show_review(review: Review) -> list[RenderableType]:
    """Everything that `Review.explain` says, what is to do and why as tables, the rest as it is."""
    columns = width()
    if columns < NARROW:
        return [text(review.explain())]
    wide = columns >= WIDE
    headline, *blocks = review.explain().split("\n\n")
    parts: list[RenderableType] = [text(headline, "bold")]
    tables: dict[str, tuple[str, Table]] = {"Why": ("Why", _why(review, wide))}
    tables |= dict.fromkeys(("Now", "To do"), ("To do", _to_do(review, wide)))
    shown: set[str] = set()
    for block in blocks:
        title, _, rest = block.partition("\n")
        if title in tables:
            name, body = tables[title]
            if name not in shown:
                shown.add(name)
                parts += ["", text(name, "bold"), body]
        elif rest:
            parts += ["", text(title, "bold"), _bullets(rest)]
        else:
            parts += ["", text(block)]
        if title in ("Why", "Next weight"):
            tables = {}  # what follows is shown as it is, even if words in the record look like a title
    return parts


def show_changes(changes: Sequence[Change], titles: Mapping[str, str]) -> RenderableType:
    """Every change of state, oldest first; and below, what the rules of which it speaks are called (id to title)."""
    rows: list[list[RenderableType]] = []
    for c in changes:
        deadline = text(f"Most urgent new deadline: {long_date(c.deadline)}.", "bold") if c.deadline else None
        rows.append([text(long_date(c.on)), Group(*[p for p in (text(c.says), deadline) if p is not None])])
    made = Table(box=box.HORIZONTALS, show_lines=True, pad_edge=False, header_style="bold", expand=True)
    made.add_column("Day", min_width=10, max_width=17, overflow="fold")
    made.add_column("What changes", overflow="fold", ratio=1)
    for row in rows:
        made.add_row(*row)
    spoken = {x[1] for c in changes for x in (*c.opened, *c.raised, *c.eased, *c.closed, *c.climbed)}
    named = "; ".join(f"{rule} {title}" for rule, title in titles.items() if rule in spoken)
    return Group(made, text(f"Rules: {named}.")) if named else made
