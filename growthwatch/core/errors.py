"""The one exception of the library, and its one warning."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = ["GrowthwatchError", "GrowthwatchWarning", "nearest"]


# Whose types may be named in a log: a class that somebody made may have a telling name.
_KNOWN = frozenset({"builtins", "datetime", "decimal", "growthwatch", "numpy", "pathlib"})


class GrowthwatchError(ValueError):
    """A wrong argument, record, reference or protocol.

    Parameters
    ----------
    message
        One sentence for a person.
    field
        Name of the argument, column or key that is wrong.
    value
        The offending value, as it was given.
    expected
        What would have been right, in words.
    for_logs
        The same in words that hold nothing of a record, where its author has them.

    Notes
    -----
    Data that cannot be scored (a missing weight, an unknown sex in one row) does not
    raise: it gives NaN and a status code (`growthwatch.core.status`).
    """

    def __init__(
        self,
        message: str,
        *,
        field: str | None = None,
        value: object = None,
        expected: str | None = None,
        for_logs: str | None = None,
    ):
        super().__init__(message)
        self.field = field
        self.value = value
        self.expected = expected
        self._for_logs = for_logs

    @property
    def redacted(self) -> str:
        """One line for a log: what kind of error, where in growthwatch, and of what type the value was.

        It holds no name, id, weight or other value, no key that somebody wrote, and no path.  Only words of the
        library are in it, so it may be kept where a record may not be.
        """
        if self._for_logs is not None:
            return f"{type(self).__name__}: {self._for_logs}"
        where, walk = "", self.__traceback__
        while walk is not None:
            module = str(walk.tb_frame.f_globals.get("__name__", ""))
            if module.partition(".")[0] == "growthwatch":
                where = f" in {module}.{walk.tb_frame.f_code.co_name}, line {walk.tb_lineno}"
            walk = walk.tb_next
        kind = type(self.value)
        of = kind.__name__ if kind.__module__.partition(".")[0] in _KNOWN else "another type"
        return f"{type(self).__name__}{where}: a value of {of} was not what was expected (its words are left out)"

    @classmethod
    def of(cls, field: str, value: object, expected: str) -> GrowthwatchError:
        """Build the standard sentence: which field, what it was, what it should be."""
        shown = repr(value)
        if len(shown) > 80:
            # Long values are cut in the middle: a path keeps its file name.
            shown = f"{shown[:38]}...{shown[-39:]}"
        return cls(f"{field}: got {shown}, expected {expected}", field=field, value=value, expected=expected)


def nearest(word: str, known: Iterable[str], like: float = 0.6) -> str:
    """End of a sentence that refuses a word: the known one that is most like it, if any is.

    `like` is how alike they must be, from 0 to 1 (`difflib`).  Names of conditions need more than other words: one that
    only sounds alike is another condition.
    """
    by_small = {k.lower(): k for k in known}
    found = difflib.get_close_matches(word.strip().lower(), by_small, 1, like)
    return f"; nearest: {by_small[found[0]]!r}" if found else ""


class GrowthwatchWarning(UserWarning):
    """Rows of a column that could not be scored, counted; given only where it was asked for."""
