"""Which way is safer: what a protocol file says of its numbers, so that others may set them.

A file has ``[[numbers]]`` tables.  Each names numbers by the end of their path (``within_days``,
``clock.amber_days``, ``rules[G13].others.z_below``) and says which way is safer, and how far a file that extends it
may go without giving a reason.  The longest name that fits a number counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from growthwatch.core.errors import GrowthwatchError
from growthwatch.protocol.file.paths import Leaf, leaves, parse
from growthwatch.protocol.file.sources import VERSIONS, as_list, as_table, is_number
from growthwatch.protocol.file.values import Number, Sourced, Text

__all__ = ["Marks", "NumberMark", "Safer", "no_clinical_number"]

Safer = Literal["lower", "higher", "neither"]
"""Which way a number is safer; ``neither``: any change of a national one must give its reason."""


class NumberMark(Sourced):
    """What holds for numbers that are named by the end of their path.

    Attributes
    ----------
    name
        What the numbers are about.
    keys
        Ends of paths, such as ``within_days`` or ``rules[G13].others.z_below``; names in brackets may be left out.
    safer
        Which way is safer: a lower number, a higher one, or neither.
    least, most
        How far a file that extends this one may go without saying why; None: as far as it likes.
    """

    name: Text | None = None
    keys: tuple[Text, ...]
    safer: Safer
    least: Number | None = None
    most: Number | None = None

    def beyond(self, value: float) -> bool:
        """Whether a value lies outside the bounds."""
        return (self.least is not None and value < self.least) or (self.most is not None and value > self.most)

    def less_safe(self, value: float, than: float) -> bool:
        """Whether a value is on the less safe side of another."""
        if self.safer == "neither":
            return value != than
        return value > than if self.safer == "lower" else value < than


def no_clinical_number(leaf: Leaf) -> bool:
    """Whether a value is no number about a child: no number at all, a count of versions, or a mark itself."""
    return not is_number(leaf.value) or leaf.key in VERSIONS or leaf.steps[0] == "numbers"


class Marks:
    """The marks of a file, by the ends of the paths that they name.

    Parameters
    ----------
    marks
        The ``[[numbers]]`` of the file.
    """

    def __init__(self, marks: Sequence[NumberMark]) -> None:
        self._by_end: dict[tuple[tuple[str, str | None], ...], NumberMark] = {}
        for mark in marks:
            for key in mark.keys:
                end = parse(key)
                if end in self._by_end:
                    raise GrowthwatchError.of("numbers", key, "each name once")
                self._by_end[end] = mark

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Marks:
        """The marks of a file that is plain data and was checked before."""
        tables = [t for t in as_list(plain.get("numbers")) or () if as_table(t) is not None]
        return cls([NumberMark.model_validate(t) for t in tables])

    def fitting(self, path: str) -> list[tuple[str, NumberMark]]:
        """Every mark whose name fits a path, the longest first; of names of one length the one with more brackets."""
        segments = parse(path)
        found = [end for end in self._by_end if _ends(segments, end)]
        found.sort(key=lambda end: (-len(end), sum(label is None for _, label in end)))
        return [(_written(end), self._by_end[end]) for end in found]

    def mark(self, path: str) -> NumberMark | None:
        """The mark of the number at a path, or None if the file says nothing of it."""
        found = self.fitting(path)
        return found[0][1] if found else None

    def unused(self, plain: Mapping[str, Any]) -> list[str]:
        """Names that no number of a file fits, or for which a longer one always stands."""
        used = {found[0][0] for leaf in leaves(plain) if is_number(leaf.value) and (found := self.fitting(leaf.path))}
        return [name for end in self._by_end if (name := _written(end)) not in used]


def _ends(segments: Sequence[tuple[str, str | None]], end: Sequence[tuple[str, str | None]]) -> bool:
    tail = segments[-len(end) :] if len(end) <= len(segments) else ()
    return bool(tail) and all(
        key == named and label in (None, there) for (key, there), (named, label) in zip(tail, end, strict=True)
    )


def _written(end: Sequence[tuple[str, str | None]]) -> str:
    return ".".join(key if label is None else f"{key}[{label}]" for key, label in end)
