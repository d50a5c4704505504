"""Change of z between weighings, measured in one table and on one age basis.

UK-WHO changes table at 2 weeks and at 4 years, and the end of preterm correction changes
the age: z jumps at each of them at the same weight (a boy on the 0.4th line loses 0.81 of
a centile space overnight at 4 years).  A *change* is therefore never the difference of two
published z.  It is the sum, over consecutive weighings, of differences that are each taken
in one table and on one age basis covering both weighings; where there is none, there is no
number and the status is ``no_common_table``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from growthwatch.core.alike import warn_of_alike
from growthwatch.core.columns import as_array, broadcast_shape, missing, numeric
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.sex import FEMALE, MALE, MISSING_SEX, ReadSex, SexCoding, sex_codes
from growthwatch.core.status import Status, status_words
from growthwatch.core.units import TERM_DAYS
from growthwatch.references.arguments import Arguments
from growthwatch.references.births import bound, classes, conflict, fact_named, not_given
from growthwatch.references.distributions import Floats
from growthwatch.references.metadata import corrections
from growthwatch.references.scores import score_of
from growthwatch.references.scoring import ReferenceLabel, corrected_age
from growthwatch.references.source import Curved, Population, Source

__all__ = ["Change", "TableScores", "change", "disagreements", "running_sums", "series_numbers", "table_scores"]


@dataclass(frozen=True)
class TableScores:
    """Every measurement scored in every table of a measure, on both age bases.

    Attributes
    ----------
    tables
        Ids of the tables, official ones first.
    z
        Scores, NaN where a table does not cover [table, basis (0 chronological, 1 corrected), row].
    official
        Index of the table that is official for each row.
    basis
        Age basis that is official for each row: 1 where age is corrected.
    used_age_days
        The age on that basis [days].
    """

    tables: tuple[str, ...]
    z: npt.NDArray[np.float64]
    official: npt.NDArray[np.intp]
    basis: npt.NDArray[np.intp]
    used_age_days: Floats

    def differences(
        self, first: npt.NDArray[np.intp], second: npt.NDArray[np.intp]
    ) -> tuple[Floats, npt.NDArray[np.int64]]:
        """Z of rows `second` less z of rows `first`, in one table and on one basis.

        The table of the later weighing is preferred, then that of the earlier, then any other;
        the basis of the earlier weighing is preferred, then that of the later.

        Returns
        -------
        difference, table
            NaN and -1 where no table covers both.
        """
        out = np.full(first.shape, np.nan)
        table = np.full(first.shape, -1, np.int64)
        choices: list[npt.NDArray[np.intp]] = [self.official[second], self.official[first]]
        choices += [np.full(first.shape, k, np.intp) for k in range(len(self.tables))]
        for which in choices:
            for basis in (self.basis[first], self.basis[second]):
                d = self.z[which, basis, second] - self.z[which, basis, first]
                take = np.isnan(out) & ~np.isnan(d)
                out[take], table[take] = d[take], which[take]
        return out, table

    def part(self, start: int, stop: int) -> TableScores:
        """Scores of rows from one up to another."""
        cut = slice(start, stop)
        return TableScores(self.tables, self.z[:, :, cut], self.official[cut], self.basis[cut], self.used_age_days[cut])

    def joined(self, more: TableScores) -> TableScores:
        """Scores of these rows and of further ones, in the same tables."""
        return TableScores(
            self.tables,
            np.concatenate((self.z, more.z), axis=2),
            np.append(self.official, more.official),
            np.append(self.basis, more.basis),
            np.append(self.used_age_days, more.used_age_days),
        )

    @cached_property
    def _lists(self) -> tuple[list[list[list[float]]], list[int], list[int]]:
        return self.z.tolist(), self.official.tolist(), self.basis.tolist()

    def difference(self, first: int, second: int, later: TableScores | None = None) -> float | None:
        """`differences` for one pair of rows, for code that walks one child's weighings; None where there is none.

        The second row may stand among `later` scores, in the same tables.
        """
        z, official, basis = self._lists
        z2, official2, basis2 = (self if later is None else later)._lists
        for k in (official2[second], official[first], *range(len(z))):
            for b in (basis[first], basis2[second]):
                d = z2[k][b][second] - z[k][b][first]
                if d == d:
                    return d
        return None


def table_scores(
    reference: Curved,
    value: npt.NDArray[Any],
    sex: npt.NDArray[np.uint8],
    age_days: npt.NDArray[Any],
    gestation_days: npt.NDArray[Any] | None,
    measure: str = "weight",
) -> TableScores:
    """Score flat columns in every table of a measure by age, on both age bases."""
    curves = reference.curves(measure)
    if curves.info.x != "age_days":
        raise GrowthwatchError.of("measure", measure, "a measure by age")
    value = value.astype(np.float64)
    value = np.where((value > 0) & (value < np.inf), value, np.nan)
    age = age_days.astype(np.float64)
    gestation_days = None if gestation_days is None else gestation_days.astype(np.float64)
    used = corrected_age(age, gestation_days, corrections().named(reference.correction)).astype(np.float64)
    overlap = [t for t in curves.info.tables if t.overlap]
    infos = [*curves.official, *overlap]
    z = np.full((len(infos), 2, value.size), np.nan)
    with np.errstate(invalid="ignore", over="ignore"):
        corrected = age if gestation_days is None else age - (TERM_DAYS - gestation_days)
    same = bool(np.array_equal(age, corrected, equal_nan=True))
    for k, t in enumerate(infos):
        z[k, 0] = curves.z_in(t.id, value, sex, age)
        z[k, 1] = z[k, 0] if same else curves.z_in(t.id, value, sex, corrected)
    z[np.isinf(z)] = np.nan
    official = curves.official_table(used).astype(np.intp)
    return TableScores(tuple(t.id for t in infos), z, official, (used != age).astype(np.intp), used)


@dataclass(frozen=True, repr=False)
class Change:
    """Change of z over series of measurements, one row a measurement.

    Attributes
    ----------
    since_previous
        Change since the measurement before in the series [SD]; NaN for the first.
    since_first
        Sum of the changes since the first of the series [SD]; NaN from the first gap on.
    status_code
        ``ok``, ``no_previous``, ``no_common_table``, ``conflicting_sex``, ``conflicting_gestation``, or
        why the measurement itself has no z.  ``advisory`` and ``implausible`` stand beside a change
        into or out of such a measurement.
    table
        Id of the table in which each difference was taken; empty where none.
    reference
        Id and content hash of the reference.
    """

    since_previous: Floats
    since_first: Floats
    status_code: npt.NDArray[np.uint8]
    table: npt.NDArray[np.str_]
    reference: ReferenceLabel

    @cached_property
    def status(self) -> npt.NDArray[Any]:
        """Status as words."""
        return status_words(self.status_code)

    def __repr__(self) -> str:
        counts = ", ".join(
            f"{np.count_nonzero(self.status_code == c)} {Status(c)}" for c in np.unique(self.status_code).tolist()
        )
        shown = ", ".join("-" if np.isnan(d) else f"{d:+.2f}" for d in self.since_previous[:_SHOWN].tolist())
        more = ", ..." if self.since_previous.size > _SHOWN else ""
        n = self.since_previous.size
        return f"<Change of z, {n} rows{': ' if counts else ''}{counts}; [{shown}{more}]; {self.reference}>"

    def _repr_html_(self) -> str:
        from growthwatch.core.html_table import html_table

        columns = (self.since_previous, self.since_first, self.status, self.table)
        rows = [
            ("" if a != a else f"{a:+.2f}", "" if b != b else f"{b:+.2f}", status, table)
            for a, b, status, table in zip(*(c[:_SHOWN].tolist() for c in columns), strict=True)
        ]
        more = self.status_code.size - len(rows)
        heads = ("change", "since first", "status", "table")
        return html_table(f"Change of z on {self.reference}", heads, rows, f"and {more} more" if more else "")


_SHOWN = 10
_FIGURES = frozenset({int, float})


def child_numbers(child: Any) -> npt.NDArray[np.intp]:
    """Give each child a number, from ids as the caller has them; ids that differ are never read as one.

    Raises
    ------
    GrowthwatchError
        For a missing id, and for words mixed with numbers.
    """
    rows: list[Any]
    if isinstance(child, list | tuple):  # an array of numpy's own would make one type of all of them
        rows = list(cast("Sequence[Any]", child))
        shape = (len(rows),)
    else:
        ids = as_array("child", child)
        if ids.dtype.kind != "O":
            return series_numbers(ids.ravel()).reshape(ids.shape)
        rows, shape = ids.ravel().tolist(), ids.shape
    found: dict[Any, int] = {}
    numbers = np.empty(len(rows), np.intp)
    words = figures = False
    for k, who in enumerate(rows):
        shown: Any = who
        if missing(who):
            raise GrowthwatchError.of("child", None, "an id in every row")
        if type(who) in _FIGURES or isinstance(who, np.integer | np.floating):
            figures = True
        else:
            words = True
        try:
            numbers[k] = found.setdefault(who, len(found))
        except TypeError:
            raise GrowthwatchError.of("child", shown, "an id, a word or a number, in every row") from None
    if words and figures:
        raise GrowthwatchError.of("child", rows, "ids of one kind, words or numbers")
    if words:
        warn_of_alike("child", (who for who in found if isinstance(who, str)), stacklevel=4)
    return numbers.reshape(shape)


def series_numbers(ids: npt.NDArray[Any]) -> npt.NDArray[np.intp]:
    """Give each child a number; a missing id would join strangers, and is refused."""
    if ids.dtype.kind == "O":
        gone = any(map(missing, ids.tolist()))
    else:
        gone = ids.dtype.kind in "fcmM" and bool((ids != ids).any())
    if gone:
        raise GrowthwatchError.of("child", None, "an id in every row")
    try:
        distinct, numbers = np.unique(ids, return_inverse=True)
    except TypeError:
        raise GrowthwatchError.of("child", ids, "ids of one kind, words or numbers") from None
    if distinct.dtype.kind in "UTO":
        warn_of_alike("child", (who for who in distinct.tolist() if isinstance(who, str)), stacklevel=4)
    return numbers.astype(np.intp)


def running_sums(steps: Floats, starts: npt.NDArray[np.intp]) -> Floats:
    """Sum within each series, from its start on; no series touches another's figures."""
    out = steps.copy()
    ends = np.append(starts[1:], steps.size)
    longest = int((ends - starts).max())
    if starts.size <= longest:
        for start, end in zip(starts, ends, strict=True):
            np.cumsum(steps[start:end], out=out[start:end])
    else:
        for k in range(1, longest):
            rows = starts[ends - starts > k] + k
            out[rows] += out[rows - 1]
    return out


def _of_two_minds(
    column: npt.NDArray[Any], usable: npt.NDArray[np.intp], fresh: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """Which usable rows, in order of series, are of a child whose usable rows do not all say the same in a column."""
    said = column[usable]
    differs = np.zeros(usable.size, np.bool_)
    differs[1:] = said[1:] != said[:-1]
    if said.dtype.kind == "f":
        gone = np.isnan(said)
        differs[1:] &= ~(gone[1:] & gone[:-1])
    differs &= ~fresh
    if not differs.any():
        return differs
    series = np.cumsum(fresh) - 1
    return (np.bincount(series[differs], minlength=int(series[-1]) + 1) > 0)[series]


def disagreements(
    usable: npt.NDArray[np.intp],
    fresh: npt.NDArray[np.bool_],
    sex: npt.NDArray[np.uint8] | None,
    gestation_days: npt.NDArray[Any] | None,
) -> npt.NDArray[np.uint8]:
    """Status of usable rows of children whose rows do not agree on sex or on gestation; 0 of all others.

    Parameters
    ----------
    usable
        Places of the rows that have a z, those of one child together.
    fresh
        Whether each of them is the first of its child.
    sex, gestation_days
        Columns as given; None for one value for all, which cannot disagree.  A gestation that only
        some rows of a child give is a disagreement: nobody can tell whether it was forgotten or is term.
    """
    out = np.zeros(usable.size, np.uint8)
    for column, reason in ((gestation_days, Status.CONFLICTING_GESTATION), (sex, Status.CONFLICTING_SEX)):
        if column is not None and column.size:
            out[_of_two_minds(column, usable, fresh)] = reason
    return out


def change(
    source: Source,
    value: Any,
    *,
    age_days: Any,
    sex: Any,
    measure: str = "weight",
    gestation_days: Any = None,
    child: Any = None,
    sex_coding: SexCoding | None = None,
    birth_weight_kg: Any = None,
) -> Change:
    """Change of z over series of measurements of one child or of many.

    Parameters
    ----------
    source
        The source, with its correction for gestation.
    value, age_days, sex, gestation_days
        As for `Reference.score`; one row a measurement, in any order.
    measure, sex_coding
        As for `Reference.score`; a measure by age.
    child
        Id of the child of each row; None if all are of one child.  Rows of one child must agree on
        sex, on gestation, and on the birth weight where the table is chosen by it: where they do not,
        none of them has a change, and the status says why.
    birth_weight_kg
        As for `Reference.score`.

    Returns
    -------
    Change
        In the order of the rows given.  A measurement without a z is passed over: the next
        is compared with the last that has one.

    Notes
    -----
    Definition: this module's docstring.  Rows of one child are taken in order of age, rows
    of equal age in the order given.
    """
    value_, age, sex_ = numeric("value", value), numeric("age_days", age_days), sex_codes(sex, sex_coding)
    gestation = None if gestation_days is None else numeric("gestation_days", gestation_days)
    ids = None if child is None else child_numbers(child)
    birth_weight = None if birth_weight_kg is None else numeric("birth_weight_kg", birth_weight_kg)
    shape = broadcast_shape(
        value=value_, age_days=age, sex=sex_, gestation_days=gestation, child=ids, birth_weight_kg=birth_weight
    )
    shape = shape or (1,)
    if len(shape) != 1:
        raise GrowthwatchError.of("value", shape, "one-dimensional columns")
    columns = [np.broadcast_to(c, shape) for c in (value_, sex_, age)]
    if source.info.table_by is not None:
        numbers = np.zeros(shape, np.intp) if ids is None else np.broadcast_to(ids, shape)
        facts = (gestation, birth_weight)
        return _by_births(source, columns, measure, facts, numbers, sex_.ndim > 0)
    given_gestation = gestation
    gestation = None if gestation is None else np.broadcast_to(gestation, shape)
    score = score_of(
        source,
        columns[0],
        Arguments(
            age_days=columns[2],
            sex=np.where(columns[1] == MISSING_SEX, np.nan, columns[1]),
            measure=measure,
            gestation_days=gestation,
            sex_coding={MALE: "male", FEMALE: "female"},
        ),
    )
    scores = table_scores(source, columns[0], columns[1], columns[2], gestation, measure)
    series = np.zeros(shape, np.intp) if ids is None else np.broadcast_to(ids, shape)
    order = np.lexsort((np.arange(shape[0]), columns[2].astype(np.float64), series))
    usable = order[score.status_code[order] <= Status.IMPLAUSIBLE]
    status = score.status_code.copy()
    since, total = np.full(shape, np.nan), np.full(shape, np.nan)
    table = np.full(shape, "", dtype=f"<U{max(map(len, scores.tables))}")
    if usable.size:
        fresh = np.concatenate(([True], series[usable][1:] != series[usable][:-1]))
        status[usable] = np.where(fresh, Status.NO_PREVIOUS, Status.OK)
        later = np.flatnonzero(~fresh)
        first, second = usable[later - 1], usable[later]
        d, which = scores.differences(first, second)
        doubt = np.maximum(score.status_code[first], score.status_code[second])  # ok, advisory or implausible
        status[second] = np.where(np.isnan(d), np.uint8(Status.NO_COMMON_TABLE), doubt)
        gestations = gestation if given_gestation is not None and given_gestation.ndim else None
        reasons = disagreements(usable, fresh, columns[1] if sex_.ndim else None, gestations)
        torn = reasons > 0
        status[usable[torn]] = reasons[torn]
        d[torn[later]] = np.nan
        which[torn[later]] = -1
        since[second] = d
        table[second] = np.where(which >= 0, np.array(scores.tables)[which], "")
        steps = np.zeros(usable.size)
        steps[later] = d
        total[usable] = np.where(torn, np.nan, running_sums(steps, np.flatnonzero(fresh)))
    return Change(since, total, status, table, source.label)


def _by_births(
    source: Source,
    columns: Sequence[npt.NDArray[Any]],
    measure: str,
    facts: tuple[npt.NDArray[Any] | None, npt.NDArray[Any] | None],
    series: npt.NDArray[np.intp],
    sex_by_row: bool,
) -> Change:
    """Change of z where a fact of birth chooses the table: of each child on the tables of its own birth."""
    assert isinstance(source, Population)
    value, sex, age = columns
    n = value.size
    name = fact_named(source.info)
    by_gestation = name == "gestation_days"
    given = facts[0] if by_gestation else facts[1]
    if given is None:
        raise not_given(source.info)
    fact = np.broadcast_to(given, (n,))
    gestation = None if facts[0] is None else np.broadcast_to(facts[0], (n,))
    score = score_of(
        source,
        value,
        Arguments(
            age_days=age,
            sex=ReadSex(sex),
            measure=measure,
            gestation_days=gestation,
            birth_weight_kg=None if facts[1] is None else np.broadcast_to(facts[1], (n,)),
        ),
    )
    which = classes(source.info, fact)
    # Rows of a child that give different facts, or of which only some give one, cannot be put on one table.
    order = np.argsort(series, kind="stable")
    fresh = np.concatenate(([True], series[order][1:] != series[order][:-1])) if n else np.zeros(0, np.bool_)
    torn = np.zeros(n, np.bool_)
    if given.ndim:
        torn[order] = _of_two_minds(fact, order, fresh)
    status = score.status_code.copy()
    status[torn & (status <= Status.IMPLAUSIBLE)] = conflict(source.info)
    since, total = np.full(n, np.nan), np.full(n, np.nan)
    tables: list[str] = [""] * n
    for number in np.unique(which[(which >= 0) & ~torn]).tolist():
        rows = np.flatnonzero((which == number) & ~torn)
        found = change(
            bound(source, number),
            value[rows],
            age_days=age[rows],
            sex=ReadSex(sex[rows]) if sex_by_row else ReadSex(sex[:1].reshape(())),
            measure=measure,
            gestation_days=None if gestation is None else gestation[rows],
            child=series[rows],
        )
        since[rows], total[rows], status[rows] = found.since_previous, found.since_first, found.status_code
        for row, table in zip(rows.tolist(), found.table.tolist(), strict=True):
            tables[row] = table
    return Change(since, total, status, np.array(tables, dtype=np.str_), source.label)
