"""The question that a table asks most of whose weights are none that a child weighs in the unit that is said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from growthwatch.caseload.cells import Oversized, Unread, as_kg
from growthwatch.caseload.mapping import Field, Mapping
from growthwatch.caseload.words import words
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.words import list_words

__all__ = ["Sizes", "check_units"]

_LEAST_ASKED = 4
"""Fewer weights say nothing of a whole column."""

_EXAMPLES = 200
"""How many of the weights that no child has are kept to see by which unit they could be read."""

_CANDIDATES = ("kg", "g", "lb")


class Sizes:
    """How many weights of a column no child has, in the unit that is said.

    Parameters
    ----------
    field, mapping
        The column, and the mapping in which it stands.
    """

    def __init__(self, field: Field, mapping: Mapping):
        self.field, self.mapping = field, mapping
        self.total = self.odd = 0
        self.examples: list[str] = []

    def count(self, text: str, found: object) -> None:
        """Count one cell: its text, and what was read."""
        if isinstance(found, float):
            odd = found < words().least_kg
        elif isinstance(found, Oversized):
            odd = True
        else:
            return
        self.total += 1
        # A cell that says its unit itself tells nothing of the unit of the column.
        if odd and not any(c.isalpha() for c in text):
            self.odd += 1
            if len(self.examples) < _EXAMPLES and text not in self.examples:
                self.examples.append(text)

    @property
    def asks(self) -> bool:
        """Whether most weights are none, so that the unit must be another."""
        return self.total >= _LEAST_ASKED and 2 * self.odd > self.total

    def words(self) -> str:
        """How many there are, and two of them."""
        unit = self.field.units[0]
        shown = list_words([repr(t) for t in self.examples[:2]])
        return (
            f"{self.field.name!r} is read in {unit}, but {self.odd} of its {self.total} weights are ones that no child "
            f"weighs in {unit}, such as {shown}"
        )

    def answers(self) -> Iterator[str]:
        """The lines of a mapping by which most of them could be weights."""
        unit, *others = self.field.units
        if unit == "kg" and self.odd < self.total and self._fit("g"):
            yield "grams_from = 500 (if the smaller ones are kg)"
        for other in _CANDIDATES:
            if other != unit and self._fit(other):
                both = [other, *[u for u in others if u != other], unit] if others else [other]
                said = ", ".join(f'"{u}"' for u in both)
                mixed = (unit, other) == ("g", "kg") and self.odd < self.total
                also = " (and grams_from = 500 if the larger ones are grams)" if mixed else ""
                yield (f"unit = [{said}]" if others else f"unit = {said}") + also

    def _fit(self, unit: str) -> bool:
        """Whether most of the examples could be weights in another unit."""
        field = self.field.model_copy(update={"unit": unit, "grams_from": None})
        return 2 * sum(self._could_be(t, field) for t in self.examples) > len(self.examples)

    def _could_be(self, text: str, field: Field) -> bool:
        try:
            return as_kg(text, field, self.mapping) >= words().least_kg
        except Unread:
            return False


def check_units(path: Path, columns: Iterable[Sizes | None]) -> None:
    """Refuse a table most of whose weights are none in the unit that is said: it would be a list of doubts.

    Raises
    ------
    GrowthwatchError
        With the columns, and the lines of a mapping that answer.
    """
    wrong = [s for s in columns if s is not None and s.asks]
    if wrong:
        raise _unit_asked(path, wrong)


def _unit_asked(path: Path, columns: Sequence[Sizes]) -> GrowthwatchError:
    """What is said in place of a list in which hardly any weight can be believed.

    Parameters
    ----------
    path
        The table.
    columns
        The columns most of whose weights no child has.
    """
    told: list[str] = []
    expected: list[str] = []
    for sizes in columns:
        answers = list(sizes.answers()) or ['unit = "..." (kg, g, lb, oz or lb + oz)']
        expected += [a for a in answers if a not in expected]
        told.append(f"{sizes.words()}. Answer in the mapping, below the name of the column: {' or '.join(answers)}.")
    first = columns[0].field
    return GrowthwatchError(
        f"{path}: no list is made yet: the unit seems to be wrong. {' '.join(told)}",
        field="unit", value=first.unit, expected=" or ".join(expected),
    )  # fmt: skip
