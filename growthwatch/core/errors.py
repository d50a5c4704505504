"""The one exception of the library, and its one warning."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

__all__ = ["GrowthwatchError", "GrowthwatchWarning", "Problem", "nearest"]


# Whose types may be named in a log: a class that somebody made may have a telling name.
_KNOWN = frozenset({"builtins", "datetime", "decimal", "growthwatch", "numpy", "pathlib"})


class Problem(NamedTuple):
    """One thing that is wrong with what was given.

    Attributes
    ----------
    field
        Name or path of the argument, column or key that is wrong.
    value
        What it was, as it was given.
    expected
        What would have been right, in words.
    sentence
        All of that for a person.
    """

    field: str | None
    value: object
    expected: str | None
    sentence: str


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
    problems
        Each thing that is wrong, where there may be several.

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
        problems: Sequence[Problem] = (),
    ):
        super().__init__(message)
        self.field = field
        self.value = value
        self.expected = expected
        self._for_logs = for_logs
        self._problems = tuple(problems)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Each thing that is wrong, in the order in which it was found: one at least.

        `field`, `value` and `expected` are those of the first.  A file, a record or an event of which several keys
        are wrong names each, also those beyond the first few that the message shows.
        """
        return self._problems or (Problem(self.field, self.value, self.expected, str(self)),)

    @classmethod
    def of_all(cls, problems: Sequence[Problem], message: str | None = None) -> GrowthwatchError:
        """One error of all that is wrong; its message is the sentences, unless another is given."""
        first = problems[0]
        said = "; ".join(p.sentence for p in problems) if message is None else message
        return cls(said, field=first.field, value=first.value, expected=first.expected, problems=problems)

    def within(self, where: str) -> GrowthwatchError:
        """The same error, said of a file or another place: `where` begins the message, and no problem is lost."""
        return GrowthwatchError(
            f"{where}: {self}",
            field=self.field,
            value=self.value,
            expected=self.expected,
            for_logs=self._for_logs,
            problems=self.problems,
        )

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
