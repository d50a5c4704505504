"""The question that a table of dates asks where its mapping does not say what comes first: the day, or the month."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from growthwatch.caseload.cells import Unordered
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.words import count_words, list_words, long_date

__all__ = ["order_asked"]

_ORDERS = ("day-month-year", "month-day-year")


def order_asked(path: Path, columns: Sequence[tuple[str, int, Mapping[str, Unordered]]]) -> GrowthwatchError:
    """What is said in place of a list in which no child has a birthday, or none was weighed on a day.

    Parameters
    ----------
    path
        The table.
    columns
        Of each column whose dates wait for an answer: its name, how many wait, and some of them.
    """
    answers = sorted({f for _, _, cells in columns for t, u in cells.items() for f in _answers(t, u)}, key=_rank)
    told = " ".join(f"{_asked_words(*one)}." for one in columns)
    top = ", or at its top for all" if any(a.startswith("date_order") for a in answers) else ""
    return GrowthwatchError(
        f"{path}: no list is made yet. Is the day or the month first in {list_words([repr(c[0]) for c in columns])}? "
        f"The mapping does not say, and nothing is guessed. {told} Answer in the mapping, below the name of the "
        f"column{top}: {' or '.join(answers)}.",
        field="date_order", value=None, expected=" or ".join(answers),
    )  # fmt: skip


def _rank(answer: str) -> tuple[bool, bool]:
    return answer.startswith("format"), "month" in answer.partition("-")[0] or '"%m' in answer


def _asked_words(name: str, count: int, cells: Mapping[str, Unordered]) -> str:
    """How many dates wait, one of them with what it may be, and one that is a day by one order only."""
    told = f"{name!r} has {count_words(count, 'such date')}"
    several = next(((t, u.days) for t, u in cells.items() if len(set(u.days.values())) > 1), None)
    if several is not None:
        read = [f"{long_date(day)} (the {order.partition('-')[0]} first)" for order, day in several[1].items()]
        told += f": {several[0]!r} is {' or '.join(read)}"
    alone = next(((t, u.days) for t, u in cells.items() if len(u.days) == 1), None)
    if alone is not None:
        ((order, day),) = alone[1].items()
        can = f"{alone[0]!r} can only be {long_date(day)} (the {order.partition('-')[0]} first)"
        told += f"; but {can}" if several else f": {can}"
    return told


def _answers(text: str, waits: Unordered) -> Iterator[str]:
    """The lines of a mapping by which a date can be read: its order; its form, where the year has two figures."""
    mark = re.sub(r"\d", "", text)[:1]
    if "year-month-day" in waits.days:
        yield 'date_order = "year-month-day"'
    elif len(re.split(r"\D+", text)[-1]) == 2:
        yield f'format = "{mark.join(("%d", "%m", "%y"))}"'
        yield f'format = "{mark.join(("%m", "%d", "%y"))}"'
    else:
        yield from (f'date_order = "{order}"' for order in _ORDERS)
