"""Tables that are chosen by a fact of birth: the completed week of gestation, or the birth weight.

Such a reference has a row of tables for each class of births.  A child is judged on the tables
of its own birth and on no others: the fact is given by the caller or by the child's record, and
is never guessed.  `bound` gives the curves of one class, which are like any other curves.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from growthwatch.core.canonical import content_hash
from growthwatch.core.columns import one_number
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.status import Status
from growthwatch.core.words import list_words
from growthwatch.references.checks import check_gestation, check_measure
from growthwatch.references.curves import MeasureCurves
from growthwatch.references.metadata import Births, FrozenDict, MeasureInfo, ReferenceInfo
from growthwatch.references.scoring import ReferenceLabel
from growthwatch.references.source import Population, Source, Span

__all__ = [
    "MISSING",
    "NOT_COVERED",
    "BoundSource",
    "bound",
    "bound_at",
    "classes",
    "conflict",
    "fact_named",
    "missing",
    "not_covered",
    "not_given",
    "shown",
]

MISSING, NOT_COVERED = -1, -2
"""In place of a class: the fact is not known, or no class is for such a birth."""

_GRAMS = 1000.0


class BoundSource(Source):
    """The tables of one class of births of a population.

    Its results name the reference that it is of, whole; its own hash tells it from the others.

    Attributes
    ----------
    whole
        The reference with the tables of all births.
    number
        Place of the class among its births.
    births
        For whom the tables are.
    """

    __slots__ = ("births", "number", "whole")

    def __init__(self, whole: Population, number: int):
        self.whole = whole
        self.number = number
        self.births: Births = whole.info.births[number]
        hash = content_hash({"of": whole.hash, "births": self.births.model_dump(mode="json"), "layout": 1})
        super().__init__(whole.id, hash, _info(whole.info, self.births), whole.correction)

    def __reduce__(self) -> tuple[Any, ...]:
        return BoundSource, (self.whole, self.number)

    @property
    def label(self) -> ReferenceLabel:
        """Id and hash of the whole reference."""
        return self.whole.label

    def curves(self, measure: str) -> MeasureCurves:
        """Figures of one measure for these births, made when first asked for."""
        check_measure(measure)
        found = self._curves.get(measure)
        if found is None:
            figures, where = self.whole.figures(measure)
            found = self._curves[measure] = MeasureCurves(self.info.measures[measure], "", where, figures)
        return found

    def span(self, measure: str, sex: str) -> Span | None:
        """Least and greatest x that it covers [days, or cm]; None if the sex is not covered."""
        return self.curves(measure).span(self._sex(sex))

    def covered(self, measure: str, sex: int) -> Span | None:
        """As `span`, of a sex by its code."""
        return self.curves(measure).span(sex)


def _info(info: ReferenceInfo, births: Births) -> ReferenceInfo:
    """Metadata of one class: its tables alone, named in the title."""
    measures: dict[str, MeasureInfo] = {}
    for name, measure in info.measures.items():
        kept = tuple(t for t in measure.tables if t.births == births)
        measures[name] = measure.model_copy(update={"tables": kept})
    changed = {
        "measures": FrozenDict(measures),
        "table_by": None,
        "title": f"{info.title}: {births.label}",
        "short_title": f"{info.short_title}, {births.label}",
    }
    return info.model_copy(update=changed)


@lru_cache(maxsize=256)
def bound(whole: Population, number: int) -> BoundSource:
    """Curves of one class of births."""
    return BoundSource(whole, number)


def fact_named(info: ReferenceInfo) -> str:
    """Name of the argument that says the fact of birth: ``gestation_days`` or ``birth_weight_kg``."""
    return "gestation_days" if info.table_by == "gestation_days" else "birth_weight_kg"


def missing(info: ReferenceInfo) -> Status:
    """Status of a row that does not say the fact."""
    return Status.MISSING_GESTATION if info.table_by == "gestation_days" else Status.MISSING_BIRTH_WEIGHT


def not_covered(info: ReferenceInfo) -> Status:
    """Status of a row with a birth for which there is no table."""
    by_gestation = info.table_by == "gestation_days"
    return Status.GESTATION_NOT_COVERED if by_gestation else Status.BIRTH_WEIGHT_NOT_COVERED


def conflict(info: ReferenceInfo) -> Status:
    """Status of a child whose rows do not agree on the fact."""
    by_gestation = info.table_by == "gestation_days"
    return Status.CONFLICTING_GESTATION if by_gestation else Status.CONFLICTING_BIRTH_WEIGHT


def classes(info: ReferenceInfo, fact: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """Class of births of each row.

    Parameters
    ----------
    info
        Metadata of a reference whose tables are chosen by a fact of birth.
    fact
        That fact: gestation [days; completed ones count] or birth weight [kg; read to the whole gram].

    Returns
    -------
    npt.NDArray
        Places in ``info.births``; -1 where the fact is missing, -2 where no class is for such a birth.
    """
    given = fact.astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        units = np.floor(given) if info.table_by == "gestation_days" else np.floor(given * _GRAMS + 0.5)
    out = np.full(given.shape, NOT_COVERED, np.int64)
    for number, births in enumerate(info.births):
        least = 1 if births.least is None else births.least
        out[(units >= least) & (units <= births.most)] = number
    out[np.isnan(given)] = MISSING
    return out


def bound_at(source: Source, gestation_days: Any = None, birth_weight_kg: Any = None) -> Source:
    """Curves for one child's birth: those of its class; the source itself, where no fact of birth chooses.

    Raises
    ------
    GrowthwatchError
        If the fact is not given, cannot be, or is of a birth for which there is no table.
    """
    info = source.info
    if info.table_by is None or not isinstance(source, Population):
        return source
    name = fact_named(info)
    fact = gestation_days if name == "gestation_days" else birth_weight_kg
    if fact is None:
        raise not_given(info)
    number = one_number(name, fact)
    if name == "gestation_days":
        check_gestation(number)
    found = int(classes(info, np.array([number]))[0])
    if found < 0:
        raise GrowthwatchError.of(name, fact, f"a birth for which {info.id} has a table ({_from_to(info)})")
    return bound(source, found)


def not_given(info: ReferenceInfo) -> GrowthwatchError:
    """Say that the fact by which the table is chosen is not given."""
    what = "the completed days of gestation" if info.table_by == "gestation_days" else "the weight at birth"
    expected = f"{what}, by which {info.id} chooses its table ({_from_to(info)}): it is never guessed"
    return GrowthwatchError.of(fact_named(info), None, expected)


def _from_to(info: ReferenceInfo) -> str:
    """The births that there are tables for, in a few words."""
    labels = [b.label for b in info.births]
    return list_words(labels) if len(labels) < 4 else f"{len(labels)} tables, {labels[0]} to {labels[-1]}"


def shown(source: Source) -> tuple[Source, ...]:
    """What can be drawn: the source itself; where births choose the table, those of the first and last class."""
    if source.info.table_by is None or not isinstance(source, Population):
        return (source,)
    numbers = dict.fromkeys((0, len(source.info.births) - 1))
    return tuple(bound(source, n) for n in numbers)
