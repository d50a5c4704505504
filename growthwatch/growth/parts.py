"""A change taken apart: the parts of it, for any number of children, and what they say in words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from growthwatch.core.centiles import UK_NINE
from growthwatch.core.columns import is_number
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.status import status_words
from growthwatch.core.words import age_words
from growthwatch.references import ReferenceLabel
from growthwatch.references.distributions import Floats

__all__ = ["Attribution", "Part", "Parts"]

Flags = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.uint8]


class Part(NamedTuple):
    """One part of a change, with its interval [SD of the standard]; one row a child."""

    value: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True)
class Parts:
    """A change taken apart by one reference, one row a child; all in SD of the standard.

    Attributes
    ----------
    observed
        Change of z; the interval is that of the noise of the two weighings.
    condition
        Change of the median of the reference; the interval is that of the error of its slope.
    natural
        Drift and regression to be expected; the interval is that in which healthy children lie.
    excess
        What is left: 0 lies in the interval of so many healthy children in a hundred.
    verdict
        -1 where the whole interval of the excess is below 0, 1 above, 0 where it holds 0.
    median, sd
        Of the reference at t1, in published z of the standard, and the SD that one of its SD is worth there.
    expected, variance
        Of z on the reference at t1, given the weighings up to t0.
    status_code
        Why there are figures, or none.
    reference, title
        By which reference, and its short title.
    """

    observed: Part
    condition: Part
    natural: Part
    excess: Part
    verdict: npt.NDArray[np.int8]
    median: Floats
    sd: Floats
    expected: Floats
    variance: Floats
    status_code: Codes
    reference: ReferenceLabel
    title: str

    @cached_property
    def status(self) -> npt.NDArray[Any]:
        """Status as words."""
        return status_words(self.status_code)


@dataclass(frozen=True)
class Attribution:
    """Changes of weight taken apart, one row a child.

    Attributes
    ----------
    on_standard
        By the standard alone, where the condition explains nothing.
    on_condition
        By the reference of the condition; None where none was given.
    depends_on_adjustment
        Whether the two disagree about the excess: one calls it and the other does not, or the
        other way round.  False where one of them has no figures.
    from_days, until_days
        Chronological ages at both ends [days].
    coverage
        Of the intervals.
    standard
        The standard in whose z all is said.
    model_hash
        Content hash of the model.
    """

    on_standard: Parts
    on_condition: Parts | None
    depends_on_adjustment: npt.NDArray[np.bool_]
    from_days: Floats
    until_days: Floats
    coverage: float
    standard: ReferenceLabel
    model_hash: str

    def explain(self, child: int = 0) -> str:
        """Say it in words, for one child.

        Parameters
        ----------
        child
            Its number, from 0.
        """
        return _explain(self, child)


def _way(value: float) -> str:
    return f"{abs(value):.2f} SD {'down' if value < 0 else 'up'}"


def _spaces(value: float) -> str:
    number = f"{value:.1f}"
    return "1 centile space" if number == "1.0" else f"{number} centile spaces"


def _one(part: Part, child: int) -> tuple[float, float, float]:
    return float(part.value[child]), float(part.low[child]), float(part.high[child])


def _left(parts: Parts, child: int, often: str) -> str:
    value, low, high = _one(parts.excess, child)
    span = f"between {low:+.2f} and {high:+.2f}"
    if parts.verdict[child] == 0:
        return f"{_way(value)} is left over ({span}): no more than ordinary drift may bring."
    than = "less" if value < 0 else "more"
    return f"{_way(value)} is left over ({span}): {than} gain than {often} healthy children with such a past show."


def _explain(found: Attribution, child: int) -> str:
    children = found.from_days.size
    if not is_number(child) or child != int(child) or not -children <= child < children:
        raise GrowthwatchError.of("child", child, f"a number from 0 to {children - 1}")
    alone, adjusted = found.on_standard, found.on_condition
    if not np.isfinite(found.from_days[child]):
        return f"There are no two weighings to compare ({alone.status[child]})."
    often = f"{0.5 + found.coverage / 2:.0%} of"
    said: list[str] = []
    if alone.status_code[child] == 0:
        value, *_ = _one(alone.observed, child)
        natural, low, high = _one(alone.natural, child)
        said.append(
            f"From {age_words(found.from_days[child])} to {age_words(found.until_days[child])} "
            f"weight moved {_way(value)} on {alone.title} ({_spaces(float(UK_NINE.spaces(abs(value))))})."
        )
        said.append(
            f"By {alone.title} alone: {_way(natural)} was to be expected from the weights before "
            f"({low:+.2f} to {high:+.2f} in {found.coverage:.0%} of healthy children), and {_left(alone, child, often)}"
        )
    else:
        said.append(f"By {alone.title} alone nothing can be said ({alone.status[child]}).")
    if adjusted is not None and adjusted.status_code[child] > 0:
        said.append(f"By {adjusted.title} nothing can be said ({adjusted.status[child]}).")
    elif adjusted is not None:
        condition, low, high = _one(adjusted.condition, child)
        natural, *_ = _one(adjusted.natural, child)
        said.append(
            f"By {adjusted.title}: {_way(condition)} is how children of that reference grow at these ages "
            f"({low:+.2f} to {high:+.2f}), {_way(natural)} was to be expected from the weights before, "
            f"and {_left(adjusted, child, often)}"
        )
        if found.depends_on_adjustment[child]:
            said.append("The two do not agree: what is left over depends on the reference, so look at both.")
    said.append(
        "This is about weights and not about causes: it is no diagnosis, "
        "and no reference makes an absolute danger less of one."
    )
    return " ".join(said)
