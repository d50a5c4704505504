"""The one exception of the library, and its one warning."""

from __future__ import annotations

__all__ = ["GrowthwatchError", "GrowthwatchWarning"]


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

    Notes
    -----
    Data that cannot be scored (a missing weight, an unknown sex in one row) does not
    raise: it gives NaN and a status code (`growthwatch.core.status`).
    """

    def __init__(self, message: str, *, field: str | None = None, value: object = None, expected: str | None = None):
        super().__init__(message)
        self.field = field
        self.value = value
        self.expected = expected

    @classmethod
    def of(cls, field: str, value: object, expected: str) -> GrowthwatchError:
        """Build the standard sentence: which field, what it was, what it should be."""
        shown = repr(value)
        if len(shown) > 80:
            # Long values are cut in the middle: a path keeps its file name.
            shown = f"{shown[:38]}...{shown[-39:]}"
        return cls(f"{field}: got {shown}, expected {expected}", field=field, value=value, expected=expected)


class GrowthwatchWarning(UserWarning):
    """Rows of a column that could not be scored, counted; given only where it was asked for."""
