"""Weighings as ragged columns: what every calculation over time starts from.

Rows of one child are put in order of age, weights of one day are made one (their median),
and z is carried across changes of table so that a jump of the reference is never a change of
the child (see `growthwatch.references.change`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple, cast

import numpy as np
import numpy.typing as npt

from growthwatch.core.columns import as_array, broadcast_shape, flags, instance, missing, numeric, one_flag
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.sex import ReadSex, SexCoding, sex_codes
from growthwatch.core.status import Status
from growthwatch.core.units import PRETERM_DAYS, TERM_DAYS
from growthwatch.growth.model import noise_sd
from growthwatch.references import Reference, ReferenceLabel
from growthwatch.references import reference as packaged_reference
from growthwatch.references.change import TableScores, disagreements, running_sums, series_numbers, table_scores
from growthwatch.references.distributions import Floats
from growthwatch.references.scoring import Score

__all__ = [
    "Block",
    "Scored",
    "Series",
    "child_ids",
    "chosen_reference",
    "followed_age",
    "given_series",
    "series_of",
    "weight_series",
]

Places = npt.NDArray[np.intp]


class Block(NamedTuple):
    """Children side by side, those weighed most first.

    Attributes
    ----------
    starts
        First row of each child.
    counts
        Rows of each child, never rising.
    """

    starts: Places
    counts: Places

    def ranks(self) -> Iterator[tuple[int, int]]:
        """Each rank of a weighing, and how many children have it: the first so many."""
        highest = int(self.counts[0]) if self.counts.size else 0
        ends = self.counts.size - np.searchsorted(self.counts[::-1], np.arange(highest), side="right")
        yield from enumerate(ends.tolist())


def blocks(offsets: Places, size: int) -> Iterator[Block]:
    """Children in blocks, those weighed about as often together; children without a row are in none."""
    counts = np.diff(offsets)
    order = np.argsort(-counts, kind="stable")
    order = order[: int((counts > 0).sum())]
    for i in range(0, order.size, size):
        part = order[i : i + size]
        yield Block(offsets[part], counts[part])


_SPAN = 10**12  # more ticks than any life has
_TICKS = 1e6  # a day; ages are compared as whole numbers, so that 28 days are 28 days


def _ticks(age_days: Floats) -> npt.NDArray[np.int64]:
    return np.rint(np.clip(age_days, -1e5, 1e5) * _TICKS).astype(np.int64)


def followed_age(reference: Reference, age_days: Floats, gestation_days: Floats | None) -> Floats:
    """Age by which growth is followed: from term for the preterm of a reference that corrects, at every age [days]."""
    if gestation_days is None or reference.correction == "none":
        return age_days
    early = gestation_days < PRETERM_DAYS  # False where it is missing
    with np.errstate(over="ignore"):  # an age beyond all measure has no z all the same
        return np.where(early, age_days - (TERM_DAYS - np.where(early, gestation_days, TERM_DAYS)), age_days)


@dataclass(frozen=True)
class Series:
    """Weighings of any number of children, one row a child and day.

    Attributes
    ----------
    offsets
        First row of each child, and the number of rows [children + 1].
    age_days
        Age by which growth is followed: from term for the preterm of a reference that corrects [days].
    z
        Z, carried across changes of table: its changes are changes of the child [SD].
    published_z
        Z as published [SD].
    fresh
        Rows that have no table in common with the row before: their level starts anew.
    noise
        SD of one weighing [SD of z].
    weight_kg
        Median weight of the day [kg].
    sex
        0 male, 1 female.
    row
        Row of each weighing that was given, -1 for those without a z.
    status_code
        Why each weighing given has, or has not, a z.
    children
        Number of the child of each weighing given.
    reference
        Id and hash of the reference.
    chronological_days
        Age since birth of each row [days].
    gestation_days
        Completed gestation at birth of each row [days], NaN for term; None where it was not given at all.
    on
        The reference.
    """

    offsets: Places
    age_days: Floats
    z: Floats
    published_z: Floats
    fresh: npt.NDArray[np.bool_]
    noise: Floats
    weight_kg: Floats
    sex: npt.NDArray[np.uint8]
    row: Places
    status_code: npt.NDArray[np.uint8]
    children: Places
    reference: ReferenceLabel
    chronological_days: Floats
    gestation_days: Floats | None
    on: Reference

    @cached_property
    def stretches(self) -> Places:
        """First row of each stretch on common ground, and the number of rows: a new one at each fresh start."""
        first = self.fresh.copy()
        first[self.offsets[:-1][np.diff(self.offsets) > 0]] = True
        return np.append(np.flatnonzero(first), self.z.size).astype(np.intp)

    @cached_property
    def level(self) -> Floats:
        """Z carried within each stretch, from the published z at its start [SD]."""
        starts = self.stretches[:-1]
        return self.z + np.repeat(self.published_z[starts] - self.z[starts], np.diff(self.stretches))

    @cached_property
    def owner(self) -> Places:
        """Number of the child of each row."""
        return np.repeat(np.arange(self.offsets.size - 1), np.diff(self.offsets)).astype(np.intp)

    @cached_property
    def torn(self) -> npt.NDArray[np.uint8]:
        """Why a child has no row at all though weighings have a z: its weighings do not agree; 0 for all others."""
        out = np.zeros(self.offsets.size - 1, np.uint8)
        hit = np.flatnonzero(is_torn(self.status_code))
        out[self.children[hit]] = self.status_code[hit]
        return out

    @cached_property
    def first_given(self) -> Places:
        """Place of the first weighing given that each row stands for."""
        out = np.zeros(self.z.size, np.intp)
        places = np.flatnonzero(self.row >= 0)[::-1]
        out[self.row[places]] = places
        return out

    def latest(self, owner: Places, until_days: Floats) -> Places:
        """Latest row of each child `owner` at or before an age [days]; -1 where there is none."""
        keys = self.owner * _SPAN + _ticks(self.age_days)
        sought = np.where(np.isnan(until_days), -np.inf, until_days)
        place = np.searchsorted(keys, owner * _SPAN + _ticks(sought), side="right") - 1
        return np.where(place >= self.offsets[owner], place, -1).astype(np.intp)

    def only(self, kept: npt.NDArray[np.bool_]) -> Series:
        """Only some rows of the series, on the levels that they have; the number of children stays.

        A fresh start at a row that is left out is one at the next.  Weighings of rows left out have none.
        """
        rows = np.flatnonzero(kept)
        places = np.cumsum(kept) - 1
        offsets = np.concatenate(([0], np.cumsum(kept)))[self.offsets].astype(np.intp)
        starts = np.cumsum(self.fresh)
        fresh = np.zeros(rows.size, np.bool_)
        fresh[1:] = starts[rows[1:]] > starts[rows[:-1]]
        fresh[offsets[:-1][np.diff(offsets) > 0]] = False
        has = self.row >= 0
        row = np.full(self.row.shape, -1, np.intp)
        row[has] = np.where(kept[self.row[has]], places[self.row[has]], -1)
        return replace(
            self,
            offsets=offsets,
            age_days=self.age_days[rows],
            z=self.z[rows],
            published_z=self.published_z[rows],
            fresh=fresh,
            noise=self.noise[rows],
            weight_kg=self.weight_kg[rows],
            sex=self.sex[rows],
            row=row,
            chronological_days=self.chronological_days[rows],
            gestation_days=None if self.gestation_days is None else self.gestation_days[rows],
        )

    def blocks(self, size: int = 512) -> Iterator[Block]:
        """Children in blocks, those weighed about as often together."""
        return blocks(self.offsets, size)

    def given(self, values: Floats, missing: float = np.nan) -> Floats:
        """Spread figures of rows over the weighings given."""
        out = np.full(self.row.shape, missing)
        has = self.row >= 0
        out[has] = values[self.row[has]]
        return out


def is_torn(status_code: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Which statuses say that the rows of one child do not agree."""
    return (status_code == Status.CONFLICTING_SEX) | (status_code == Status.CONFLICTING_GESTATION)


def _ids(child: Any, n: int) -> npt.NDArray[Any]:
    """Ids or offsets as they were given; one id counts for all rows."""
    ids = as_array("child", child)
    if isinstance(child, list | tuple) and ids.dtype.kind in "SU":
        # Of words and numbers numpy would make words: 1 and "1" are two children, and None is none.
        rows = cast("Sequence[Any]", child)
        if len(set(map(type, rows))) > 1:
            if any(missing(v) for v in rows):
                raise GrowthwatchError.of("child", None, "an id in every row")
            if not all(isinstance(v, str) for v in rows):
                raise GrowthwatchError.of("child", rows, "ids of one kind, words or numbers")
    if ids.ndim == 0:
        ids = np.broadcast_to(ids, (n,))
    if ids.ndim != 1:
        raise GrowthwatchError.of("child", ids.shape, "a column of ids, or of offsets")
    return ids


def child_ids(child: Any, n: int) -> npt.NDArray[Any] | None:
    """Id of the child of each row, as given; its number, from 0, where offsets were given; None where nothing was."""
    if child is None:
        return None
    ids = _ids(child, n)
    return ids if ids.size == n else child_numbers(child, n)


def child_numbers(child: Any, n: int) -> Places:
    """Number of the child of each row, from ids or from offsets."""
    if child is None:
        return np.zeros(n, np.intp)
    ids = _ids(child, n)
    if ids.size == n:
        return series_numbers(ids)
    whole = ids.dtype.kind in "iu" and ids.size > 0 and ids[0] == 0 and ids[-1] == n and bool((np.diff(ids) >= 0).all())
    if not whole:
        raise GrowthwatchError.of("child", ids, f"{n} ids, or offsets that rise from 0 to {n}")
    return np.repeat(np.arange(ids.size - 1), np.diff(ids)).astype(np.intp)


def given_series(series: Any) -> Series:
    """Return the argument `series`, which must be one from `weight_series`."""
    return instance("series", series, Series, "weighings as weight_series returns them")


def chosen_reference(name: str, reference: Any) -> Reference:
    """Return the reference that is meant by an id, or given.

    Raises
    ------
    GrowthwatchError
        For anything else.
    """
    if isinstance(reference, str):
        return packaged_reference(reference)
    if not isinstance(reference, Reference):
        raise GrowthwatchError.of(name, reference, "an id, such as 'uk-who', or a Reference")
    return reference


def weight_series(
    reference: str | Reference,
    weight_kg: Any,
    age_days: Any,
    sex: Any,
    gestation_days: Any = None,
    child: Any = None,
    sex_coding: SexCoding | None = None,
    plausible: bool = False,
    counts: Any = True,
) -> Series:
    """Read weighings, in any order, of one child or of many.

    Parameters
    ----------
    reference
        The reference that scores them, or the id of a packaged one.
    weight_kg, age_days, sex, gestation_days
        One row a weighing: weight [kg], chronological age [days], sex, completed gestation at
        birth [days] (None or NaN: term).
    child
        Id of the child of each row, or offsets (first row of each child, and the number of
        rows); None if all are of one child.  As many numbers as rows are ids, always.
    sex_coding
        Meaning of codes of sex, where they are not words.
    plausible
        Leave out weights that are very probably wrong figures (status ``implausible``).
    counts
        Whether each weight may enter; one that may not is as one that is missing.

    Returns
    -------
    Series
        Rows of one child must agree on sex and on gestation, as for `Reference.change`: where those that
        have a z do not, none of them has a row, and the status says why.

    Raises
    ------
    GrowthwatchError
        For columns of unequal length, or ids that are missing.
    """
    plausible = one_flag("plausible", plausible)
    read = read_weights(chosen_reference("reference", reference), weight_kg, age_days, sex, gestation_days, sex_coding)
    n = read.scored.kg.size
    return read.series(child_numbers(child, n), plausible, flags("counts", counts, n))


class Scored(NamedTuple):
    """Weighings with their scores, as flat columns: weight [kg], ages [days], sex as a code, z [SD], status.

    `scores` holds every weight in every table, where it is known.
    """

    kg: Floats
    age_days: Floats
    sex: npt.NDArray[np.uint8]
    gestation_days: Floats | None
    z: Floats
    status_code: npt.NDArray[np.uint8]
    scores: TableScores | None = None


class Read(NamedTuple):
    """Weighings as they were given, scored once for any number of series.

    `given_sex` and `given_gestation` say whether these are columns, which may disagree, or one value for all.
    """

    reference: Reference
    scored: Scored
    score: Score
    given_sex: bool
    given_gestation: bool

    def series(self, numbers: Places, plausible: bool = False, used: npt.NDArray[np.bool_] | None = None) -> Series:
        """Put them in order: see `series_of`."""
        return series_of(self.reference, self.scored, numbers, plausible, used, self.given_sex, self.given_gestation)

    def in_tables(self) -> Read:
        """Return the same, with every weight scored in every table: worth it where several series are made."""
        s = self.scored
        scores = table_scores(self.reference, s.kg, s.sex, s.age_days, s.gestation_days)
        return self._replace(scored=s._replace(scores=scores))


def read_weights(
    reference: Reference, weight_kg: Any, age_days: Any, sex: Any, gestation_days: Any, sex_coding: SexCoding | None
) -> Read:
    """Read and score weighings, in any order: see `weight_series`."""
    value, age, code = numeric("weight_kg", weight_kg), numeric("age_days", age_days), sex_codes(sex, sex_coding)
    gestation = None if gestation_days is None else numeric("gestation_days", gestation_days)
    shape = broadcast_shape(weight_kg=value, age_days=age, sex=code, gestation_days=gestation) or (1,)
    if len(shape) != 1:
        raise GrowthwatchError.of("weight_kg", shape, "one-dimensional columns")
    given_sex = code.ndim > 0
    given_gestation = gestation is not None and gestation.ndim > 0
    value, age, code = (np.broadcast_to(c, shape) for c in (value, age, code))
    gestation = None if gestation is None else np.broadcast_to(gestation, shape)
    score = reference.score(value, age_days=age, sex=ReadSex(code), gestation_days=gestation)
    scored = Scored(
        value.astype(np.float64),
        age.astype(np.float64),
        code,
        None if gestation is None else gestation.astype(np.float64),
        np.atleast_1d(score.z),
        np.atleast_1d(score.status_code),
    )
    return Read(reference, scored, score, given_sex, given_gestation)


def series_of(
    reference: Reference,
    scored: Scored,
    numbers: Places,
    plausible: bool = False,
    used: npt.NDArray[np.bool_] | None = None,
    given_sex: bool = True,
    given_gestation: bool = True,
) -> Series:
    """Put weighings that are scored in order: see `weight_series`.

    Parameters
    ----------
    numbers
        Number of the child of each row.
    used
        Whether each may enter; None: all.
    given_sex, given_gestation
        Whether sex and gestation are columns, which may disagree, or one value for all.
    """
    value, age, code, gestation = scored.kg, scored.age_days, scored.sex, scored.gestation_days
    n = value.size
    status = scored.status_code.copy()
    followed = followed_age(reference, age, gestation)
    children = int(numbers.max()) + 1 if n else 0
    if given_sex or given_gestation:
        has = np.flatnonzero(status <= Status.IMPLAUSIBLE)
        has = has[np.argsort(numbers[has], kind="stable")]
        starts = np.ones(has.size, np.bool_)
        starts[1:] = numbers[has[1:]] != numbers[has[:-1]]
        reasons = disagreements(has, starts, code if given_sex else None, gestation if given_gestation else None)
        torn = reasons > 0
        status[has[torn]] = reasons[torn]
    if used is not None:
        status[~used & ~is_torn(status)] = Status.MISSING_VALUE
    most = Status.ADVISORY if plausible else Status.IMPLAUSIBLE
    usable = np.flatnonzero((status <= most) & np.isfinite(scored.z))
    day = np.floor(followed[usable])
    order = usable[np.lexsort((age[usable], value[usable], day, numbers[usable]))]
    who, day = numbers[order], np.floor(followed[order])
    new = np.ones(order.size, np.bool_)
    new[1:] = (who[1:] != who[:-1]) | (day[1:] != day[:-1])
    first = np.flatnonzero(new)
    row = np.full(n, -1, np.intp)
    row[order] = np.cumsum(new) - 1
    lasts = np.append(first[1:], order.size)
    middle = order[(first + lasts - 1) // 2]  # a row of the day's (lower) median weight, which is scored in every table
    kg = value[middle] / 2.0 + value[order[(first + lasts) // 2]] / 2.0  # halves: the sum of two may be too large
    owner = numbers[middle]
    offsets = np.searchsorted(owner, np.arange(children + 1)).astype(np.intp)
    rows = np.arange(middle.size)
    scores = _in_tables(reference, scored, middle, kg)
    z_now = scores.z[scores.official, scores.basis, rows]
    step = np.zeros(middle.size)
    fresh = np.zeros(middle.size, np.bool_)
    later = np.flatnonzero(owner[1:] == owner[:-1]) + 1
    if later.size:
        difference = scores.differences(later - 1, later)[0]
        fresh[later] = np.isnan(difference)
        step[later] = np.where(fresh[later], 0.0, difference)
    begins = offsets[:-1][np.diff(offsets) > 0]
    step[begins] = z_now[begins]
    return Series(
        offsets,
        followed[middle],
        running_sums(step, begins) if begins.size else step,
        z_now,
        fresh,
        noise_sd(reference, code[middle], np.maximum(followed[middle], 0.0)),
        kg,
        code[middle],
        row,
        status,
        numbers,
        reference.label,
        age[middle],
        None if gestation is None else gestation[middle],
        reference,
    )


def _in_tables(reference: Reference, scored: Scored, middle: Places, kg: Floats) -> TableScores:
    """Weights of days in every table, from what is known of the weights of which they are the medians."""

    def anew(at: Places | slice) -> TableScores:
        rows = middle[at]
        gestation = None if scored.gestation_days is None else scored.gestation_days[rows]
        return table_scores(reference, kg[at], scored.sex[rows], scored.age_days[rows], gestation)

    known = scored.scores
    if known is None:
        return anew(slice(None))
    z = known.z[:, :, middle]
    other = np.flatnonzero(kg != scored.kg[middle])
    if other.size:
        z[:, :, other] = anew(other).z
    return TableScores(known.tables, z, known.official[middle], known.basis[middle], known.used_age_days[middle])
