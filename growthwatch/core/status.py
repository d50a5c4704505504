"""The closed vocabulary of status codes: why a row has, or has not, a number.

Columns of status are stored as one byte a row and shown as words.  The order is the
order of precedence: where several reasons hold for one row, the first in the list
after ``ok`` that makes a number impossible is given.  A row of a frame that names no
reference or measure to score it on says so before all else.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["STATUS_WORDS", "Status", "status_words"]


class Status(IntEnum):
    """Why a row has, or has not, a number.  ``str(Status.OK)`` is the word shown."""

    OK = 0
    ADVISORY = 1
    IMPLAUSIBLE = 2
    MISSING_VALUE = 3
    MISSING_AGE = 4
    MISSING_SEX = 5
    UNKNOWN_SEX = 6
    MISSING_LENGTH = 7
    NOT_FINITE = 8
    NONPOSITIVE_VALUE = 9
    INVALID_GESTATION = 10
    BEFORE_BIRTH = 11
    POSITION_MISMATCH = 12
    SEX_NOT_COVERED = 13
    AGE_BELOW_REFERENCE = 14
    AGE_ABOVE_REFERENCE = 15
    LENGTH_BELOW_REFERENCE = 16
    LENGTH_ABOVE_REFERENCE = 17
    OUTSIDE_DISTRIBUTION = 18
    NO_COMMON_TABLE = 19
    NO_PREVIOUS = 20
    MISSING_GESTATION = 21
    MISSING_REFERENCE = 22
    UNKNOWN_REFERENCE = 23
    MISSING_MEASURE = 24
    MEASURE_NOT_COVERED = 25
    GESTATION_NOT_COVERED = 26
    INTERVAL_NOT_COVERED = 27
    CONFLICTING_SEX = 28
    CONFLICTING_GESTATION = 29
    MISSING_BIRTH_WEIGHT = 30
    BIRTH_WEIGHT_NOT_COVERED = 31
    CONFLICTING_BIRTH_WEIGHT = 32
    MISSING_CHILD = 33
    CONFLICTING_BIRTH_DATE = 34

    def __str__(self) -> str:
        return self.name.lower()

    @property
    def has_number(self) -> bool:
        """Whether a row with this status carries a number."""
        return self <= Status.IMPLAUSIBLE


STATUS_WORDS: tuple[str, ...] = tuple(str(s) for s in Status)
"""The words, indexed by code."""

MEANINGS: dict[Status, str] = {
    Status.OK: "scored",
    Status.ADVISORY: "scored; further from the median than the advisory limit: check the figure",
    Status.IMPLAUSIBLE: "scored; further from the median than the error limit: very probably a wrong figure",
    Status.MISSING_VALUE: "no measurement was given",
    Status.MISSING_AGE: "no age was given",
    Status.MISSING_SEX: "no sex was given",
    Status.UNKNOWN_SEX: "the sex is none of male, female, m, f, nor in the sex coding",
    Status.MISSING_LENGTH: "no length or height was given for a weight-for-length measure",
    Status.NOT_FINITE: "the measurement, age or length is infinite",
    Status.NONPOSITIVE_VALUE: "the measurement is zero or negative",
    Status.INVALID_GESTATION: "the gestation is outside 22+0 to 44+6 weeks",
    Status.BEFORE_BIRTH: "the age is negative: measured before birth",
    Status.POSITION_MISMATCH: "lying or standing does not fit the table at this age, and no conversion is published",
    Status.SEX_NOT_COVERED: "the reference has no table for this sex",
    Status.AGE_BELOW_REFERENCE: "younger than the reference covers",
    Status.AGE_ABOVE_REFERENCE: "older than the reference covers",
    Status.LENGTH_BELOW_REFERENCE: "shorter than the reference covers",
    Status.LENGTH_ABOVE_REFERENCE: "taller than the reference covers",
    Status.OUTSIDE_DISTRIBUTION: "no measurement has this z, or this measurement no finite z, in the distribution",
    Status.NO_COMMON_TABLE: "no one table covers both weighings, so no change of z is given",
    Status.NO_PREVIOUS: "first in its series: there is nothing to compare with",
    Status.MISSING_GESTATION: "no gestation was given, and this measure never takes term for granted",
    Status.MISSING_REFERENCE: "no reference was named in the row, in a column of references",
    Status.UNKNOWN_REFERENCE: "the row names a reference that there is not",
    Status.MISSING_MEASURE: "no measure was named in the row, in a column of measures",
    Status.MEASURE_NOT_COVERED: "the reference does not have the measure that the row names",
    Status.GESTATION_NOT_COVERED: "the reference has no figures for a birth at this gestation",
    Status.CONFLICTING_SEX: "rows of one child give different sexes, so nothing that rests on changes of z is given",
    Status.CONFLICTING_GESTATION: (
        "rows of one child give different gestations, or only some give one, "
        "so nothing that rests on changes of z is given"
    ),
    Status.MISSING_BIRTH_WEIGHT: "no birth weight was given, by which this reference chooses its table",
    Status.BIRTH_WEIGHT_NOT_COVERED: "the reference has no figures for this birth weight",
    Status.CONFLICTING_BIRTH_WEIGHT: (
        "rows of one child give different birth weights, or only some give one, "
        "so nothing that rests on changes of z is given"
    ),
    Status.INTERVAL_NOT_COVERED: "no published figures cover the interval between the two weighings",
    Status.MISSING_CHILD: "no child's id was given, or one that cannot be read, so it belongs to no series",
    Status.CONFLICTING_BIRTH_DATE: "rows of one child give different birth dates, so no age is sure",
}
"""What each status means, in a sentence."""

_WORDS = np.array(STATUS_WORDS)


def status_words(codes: npt.NDArray[np.uint8]) -> npt.NDArray[Any]:
    """Turn an array of codes into an array of words of the same shape."""
    return _WORDS[codes]
