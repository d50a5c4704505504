"""All that is wrong with a file, gathered, so that one error names every wrong key."""

from __future__ import annotations

import re
from collections.abc import Generator
from contextlib import contextmanager

from growthwatch.core.errors import GrowthwatchError, Problem

__all__ = ["Wrong", "said"]

_MOST_SHOWN = 10
_PLACE = re.compile(r"(?P<field>.+?): (?:got (?P<got>.*), )?expected (?P<expected>.*)", re.S)


class Wrong:
    """What was found wrong with the parts of one file.

    Parameters
    ----------
    where
        The name of the file, with which each message begins.
    """

    def __init__(self, where: str) -> None:
        self._where = where
        self._errors: list[GrowthwatchError] = []

    @contextmanager
    def here(self) -> Generator[None]:
        """Keep what is wrong with one part, and go on with the next."""
        try:
            yield
        except GrowthwatchError as e:
            self._errors.append(e)

    def add(self, field: str, value: object, expected: str) -> None:
        """Keep what is wrong with one key."""
        self._errors.append(GrowthwatchError.of(field, value, expected))

    def lacks(self, field: str, sentence: str, expected: str, value: object = None) -> None:
        """Keep that a key is missing, or is none of those that are known."""
        self._errors.append(GrowthwatchError(sentence, field=field, value=value, expected=expected))

    def raise_all(self) -> None:
        """Raise what was found, as one error; nothing where nothing was.

        Raises
        ------
        GrowthwatchError
            With the file, and with every wrong key in `problems`; the message shows the first ten.
        """
        if not self._errors:
            return
        if len(self._errors) == 1:
            raise self._errors[0]
        first, begin = self._errors[0], f"{self._where}: "
        told = [str(e).removeprefix(begin) for e in self._errors]
        more = len(told) - _MOST_SHOWN
        raise GrowthwatchError(
            begin + "; ".join(told[:_MOST_SHOWN]) + (f"; and {more} parts more" if more > 0 else ""),
            field=first.field,
            value=first.value,
            expected=first.expected,
            problems=[p._replace(field=(p.field or "").removeprefix(begin)) for e in self._errors for p in e.problems],
        )


def said(sentence: str) -> Problem:
    """A problem that is known by its sentence alone: "where: got this, expected that"."""
    found = _PLACE.fullmatch(sentence)
    if found is None:
        return Problem(None, None, None, sentence)
    return Problem(found["field"], found["got"], found["expected"], sentence)
