"""Suspected entry errors: weights that a slip explains better than growth or illness does.

Each weight is compared with the child's own forecast under a mixture of accounts
(`growthwatch.growth.slips`).

- *At entry*, the default, a weight is judged by what came before alone: nothing later changes
  what was said.  *In hindsight* it is judged by all other weights, before and after.
- *Real loss is believed.*  Real weights have heavy tails, heavier for falls, and at entry a
  fall of up to two SD is never called an error unless it repeats the last weight exactly.
- *A copied reading*, equal to the last one, is asked about where a healthy child shows the same again in
  less than one case in a hundred, at that gap and resolution (`growthwatch.growth.equal`), and not otherwise.
- *Nothing is changed.*  Weights are neither corrected nor dropped; a suspicion is a question
  for a person.  A suspected weight may be left out of evidence, and must never reassure; rules
  about danger use it as it stands.

Figures and their sources are in ``data/entry-errors.toml``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from growthwatch.core.columns import broadcast_shape, flags, numeric, one_flag
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.sex import ReadSex, SexCoding, sex_codes
from growthwatch.core.status import status_words
from growthwatch.growth.equal import chance_of_equal
from growthwatch.growth.expected import at_entry, look_back, nearest, unread
from growthwatch.growth.model import Filter, WeightModel, noise_sd, steps_along, weight_model
from growthwatch.growth.series import Places, Series, blocks, child_numbers, chosen_reference, read_weights
from growthwatch.growth.slips import (
    CODING,
    Before,
    Columns,
    EntryError,
    EntryErrors,
    Rows,
    accounts,
    entry_errors,
    fit,
    read_rows,
    ways,
)
from growthwatch.references import Reference, ReferenceLabel
from growthwatch.references.distributions import Floats

__all__ = ["QUESTIONS", "EntryError", "EntryErrors", "Suspicions", "entry_errors", "suspected"]

Flags = npt.NDArray[np.bool_]
_BLOCK = 512
_MOST_ROWS = 200_000  # side by side


_FIT = "and {implied} kg would fit better."
_EXPECTED = "and from this child we expected about {low} to {high} kg."
QUESTIONS: dict[EntryError, str] = {
    EntryError.NONE: "",
    EntryError.TENFOLD: "Is the decimal point in the right place? {kg} kg was entered, " + _FIT,
    EntryError.GRAMS: "Could this have been entered in grams? {kg} was entered as kilograms, " + _FIT,
    EntryError.POUNDS: "Could pounds and kilograms have been mixed up? {kg} kg was entered, " + _FIT,
    EntryError.SWAPPED_DIGITS: "Could two digits have changed places? {kg} kg was entered, " + _FIT,
    EntryError.OTHER_CHILD: "Is this the right child's weight? {kg} kg was entered, "
    + _EXPECTED
    + " If you can, please weigh again now.",
    EntryError.CARRIED_FORWARD: "Was the child weighed on this day? {kg} kg is exactly the last weight, " + _EXPECTED,
    EntryError.CLOTHED: "Was the child weighed in clothes, shoes or a nappy? {kg} kg was entered, " + _EXPECTED,
    EntryError.WRONG_SEX: "Is the sex in the record right? The weights so far fit the other chart much better.",
    EntryError.WRONG_BIRTH_DATE: "Is the date of birth in the record right? "
    "The weights so far fit a child {days} much better.",
}
"""What to ask for each suspicion, in plain English; figures in braces are filled in."""
_WORDS = np.array([str(e) for e in EntryError])


@dataclass(frozen=True)
class Suspicions:
    """Suspected entry errors, one row a weighing, aligned with the weighings given.

    Attributes
    ----------
    code
        What is suspected (`EntryError`, as a byte): the likeliest slip where `probability` is at
        least `threshold`, otherwise ``NONE``.
    probability
        That the weight is an entry error of any kind; NaN where there is no z to judge.
    likeliest
        The likeliest slip, whatever its probability.
    implied_kg
        The weight that was meant, if the likeliest slip was made; NaN where it does not say [kg].
    expected_kg, low_kg, high_kg
        The child's own forecast, and a band that holds 95 % of healthy weights [kg].
    series_code, series_probability
        Whether the child's weights, so far or in hindsight all of them, fit another sex or
        another birth date; the probability is that of either.
    shift_days
        Days to add to the ages for the birth date that fits best; 0 where none is suspected [days].
    weight_kg
        As given [kg].
    status_code
        Why each weighing was, or was not, judged.
    threshold
        Probability from which on a weight is suspected.
    hindsight
        Whether later weights were used.
    reference
        Id and hash of the reference.
    figures_hash, model_hash
        Content hashes of the figures on entry errors and of the model of growth.
    """

    code: npt.NDArray[np.uint8]
    probability: Floats
    likeliest: npt.NDArray[np.uint8]
    implied_kg: Floats
    expected_kg: Floats
    low_kg: Floats
    high_kg: Floats
    series_code: npt.NDArray[np.uint8]
    series_probability: Floats
    shift_days: Floats
    weight_kg: Floats
    status_code: npt.NDArray[np.uint8]
    threshold: float
    hindsight: bool
    reference: ReferenceLabel
    figures_hash: str
    model_hash: str

    @cached_property
    def suspect(self) -> Flags:
        """Weights that are suspected one by one: those that evidence may leave out, and that must never reassure.

        A wrong sex or birth date is no reason to leave weights out, and does not count here.
        """
        return self.code != EntryError.NONE

    @cached_property
    def word(self) -> npt.NDArray[Any]:
        """`code` as words."""
        return _WORDS[self.code]

    @cached_property
    def status(self) -> npt.NDArray[Any]:
        """Status as words."""
        return status_words(self.status_code)

    @cached_property
    def question(self) -> npt.NDArray[Any]:
        """What to ask about each weight, in plain English; empty where nothing is suspected."""
        out = np.full(self.code.shape, "", object)
        for i in np.flatnonzero(self.suspect).tolist():
            out[i] = QUESTIONS[EntryError(self.code[i])].format(
                kg=_kg(self.weight_kg[i]),
                implied=_kg(self.implied_kg[i], 2),
                low=_kg(self.low_kg[i], 1),
                high=_kg(self.high_kg[i], 1),
            )
        return out

    @cached_property
    def series_question(self) -> npt.NDArray[Any]:
        """What to ask about the child's sex or birth date; empty where neither is suspected."""
        out = np.full(self.code.shape, "", object)
        for i in np.flatnonzero(self.series_code).tolist():
            days = int(self.shift_days[i])
            about = f"about {abs(days)} days {'older' if days > 0 else 'younger'}"
            out[i] = QUESTIONS[EntryError(self.series_code[i])].format(days=about)
        return out


def _kg(value: float, decimals: int = 3) -> str:
    """Kilograms for a sentence, without trailing zeros beyond the first decimal."""
    if not np.isfinite(value):
        return "unknown"
    text = f"{value:.{decimals}f}" if value < 1e6 else f"{value:.3g}"
    whole, _, part = text.partition(".")
    part = part.rstrip("0")
    return f"{whole}.{part}" if part else whole


def _fits(
    found: EntryErrors, model: WeightModel, z: Floats, age: Floats, noise: Floats, fresh: Flags, offsets: Places
) -> Floats:
    """Log density of each day's weight given those before, under one account of sex and birth date."""
    out = np.empty(z.size)
    known = np.isfinite(z) & np.isfinite(noise)
    z, noise = np.where(known, z, 0.0), np.where(known, noise, 0.1)
    per_kg = np.log(noise)  # up to a constant: noise has the same kilograms at every age
    step = steps_along(model, age, noise, offsets, (model.transient_days,))
    for block in blocks(offsets, _BLOCK):
        watch = Filter(model, age[block.starts], found.real.level_sd)
        for rank, m in block.ranks():
            at = block.starts[:m] + rank
            expected, variance = watch.advance(step[:, at], fresh[at])
            error = np.clip(z[at] - expected, -20.0, 20.0)
            right, total = fit(found, error, variance)
            sure = known[at]
            out[at] = np.where(sure, np.log(total) + per_kg[at], -15.0)
            watch.update(error, np.where(sure, right / total, 0.0))
    return out


def _series_errors(
    found: EntryErrors,
    model: WeightModel,
    reference: Reference,
    series: Series,
    columns: Columns,
    one: Places,
    misfit: Floats,
    hindsight: bool,
) -> tuple[npt.NDArray[np.uint8], Floats, Floats]:
    """Code, probability and shift of the birth date [days], for each day of the series.

    Other accounts are tried only for children, and from the day, whose weights fit the record's own
    poorly: `misfit` says by how much less likely than forecast each was, as a log density.
    """
    size = series.z.size
    figures = found.series
    code, probability, shift = np.zeros(size, np.uint8), np.zeros(size), np.zeros(size)
    born = columns.age[one] < 1.0  # the birth weight stays on the day of birth

    def fits(rows: Places, offsets: Places, cases: Sequence[tuple[float, bool]]) -> Floats:
        """Log densities [case, row], all cases side by side as if of so many children."""
        days, other_sex = (np.repeat(column, rows.size) for column in zip(*cases, strict=True))
        rows = np.tile(rows, len(cases))
        moved = np.where(born[rows], 0.0, days)
        asked = columns.asked(one[rows], moved, other_sex)
        z = np.asarray(reference.z(series.weight_kg[rows], **asked), np.float64)
        age = np.maximum(series.age_days[rows] + moved, np.where(days < 0, 0.0, -np.inf))
        sex = np.where(other_sex, 1 - series.sex[rows], series.sex[rows]).astype(np.uint8)
        noise = noise_sd(reference, sex, np.maximum(age, 0.0))
        side_by_side = np.concatenate(([0], np.cumsum(np.tile(np.diff(offsets), len(cases))))).astype(np.intp)
        return _fits(found, model, z, age, noise, series.fresh[rows], side_by_side).reshape(len(cases), -1)

    counts = np.diff(series.offsets)
    poor = _running(misfit - figures.misfit_each, series.offsets) >= figures.misfit
    tried = np.bincount(np.repeat(np.arange(counts.size), counts)[poor], minlength=counts.size) > 0
    rows = np.flatnonzero(np.repeat(tried, counts))
    if not rows.size:
        return code, probability, shift
    counts = counts[tried]
    offsets = np.concatenate(([0], np.cumsum(counts))).astype(np.intp)
    begins, ends = np.repeat(offsets[:-1], counts), np.repeat(offsets[1:], counts) - 1
    shifts = figures.shifts_days
    cases = [(0.0, False), (0.0, True), *((d, False) for d in shifts)]
    priors = [figures.wrong_sex, *[figures.wrong_birth_date / len(shifts)] * len(shifts)]
    many = max(1, _MOST_ROWS // rows.size)
    usual, *others = np.concatenate([fits(rows, offsets, cases[i : i + many]) for i in range(0, len(cases), many)])
    gains = np.stack([_running(other - usual, offsets) for other in others])
    odds = np.exp(np.clip(gains, -300.0, 300.0)) * np.array(priors)[:, None]
    odds *= np.arange(rows.size) - begins + 1 >= figures.least_weights
    seen = np.cumsum(poor[rows])
    odds *= seen > (seen - poor[rows])[begins]
    if hindsight:
        odds = odds[:, ends]
    total, dates = odds.sum(axis=0), odds[1:].sum(axis=0)
    probability[rows] = total / (1.0 + total)
    named = np.where(dates > odds[0], EntryError.WRONG_BIRTH_DATE, EntryError.WRONG_SEX).astype(np.uint8)
    named[probability[rows] < found.threshold] = EntryError.NONE
    code[rows] = named
    best = np.array(shifts)[np.argmax(odds[1:], axis=0)]
    shift[rows] = np.where(named == EntryError.WRONG_BIRTH_DATE, best, 0.0)
    return code, probability, shift


def _running(values: Floats, offsets: Places) -> Floats:
    """Sums of each child's values so far."""
    total = np.cumsum(values)
    counts = np.diff(offsets)
    has = counts > 0
    begins = offsets[:-1][has]
    return total - np.repeat(total[begins] - values[begins], counts[has])


def read_columns(
    weight_kg: Any, age_days: Any, sex: Any, gestation_days: Any, clothed: Any, sex_coding: SexCoding | None
) -> Columns:
    kg, age, code = numeric("weight_kg", weight_kg), numeric("age_days", age_days), sex_codes(sex, sex_coding)
    gestation = None if gestation_days is None else numeric("gestation_days", gestation_days)
    shape = broadcast_shape(weight_kg=kg, age_days=age, sex=code, gestation_days=gestation) or (1,)
    if len(shape) != 1:
        raise GrowthwatchError.of("weight_kg", shape, "one-dimensional columns")
    dressed = flags("clothed", False if clothed is None else clothed, shape[0])
    return Columns(
        np.broadcast_to(kg, shape).astype(np.float64),
        np.broadcast_to(age, shape).astype(np.float64),
        np.broadcast_to(code, shape),
        None if gestation is None else np.broadcast_to(gestation, shape).astype(np.float64),
        dressed,
    )


def suspected(
    weight_kg: Any,
    *,
    age_days: Any,
    sex: Any,
    gestation_days: Any = None,
    reference: str | Reference = "uk-who",
    child: Any = None,
    hindsight: bool = False,
    clothed: Any = None,
    sex_coding: SexCoding | None = None,
) -> Suspicions:
    """Which weights may be entry errors: of what kind, how probably, and what to ask.

    Parameters
    ----------
    weight_kg, age_days, sex, gestation_days
        One row a weighing, in any order: weight [kg], chronological age [days], sex, completed
        gestation at birth [days] (None or NaN: term).
    reference
        Id of a packaged reference, or a `Reference`, adjusted ones included.
    child
        Id of the child of each row, or offsets (first row of each child, and the number of
        rows); None if all are of one child.
    hindsight
        Judge each weight by all others, later ones included; by default by earlier ones alone,
        as at entry.
    clothed
        Whether the weight is recorded as taken in clothes, one a row; such a weight is always
        suspected of it.
    sex_coding
        Meaning of codes of sex, where they are not words.

    Returns
    -------
    Suspicions
        Columns in the order given.  A weight without a z on the reference is not judged: NaN,
        and its reason in ``status``; nor is any of a child whose rows do not agree on sex or on
        gestation.  Weights of one day are each judged by other days alone.

    Raises
    ------
    GrowthwatchError
        For columns of unequal length, ids that are missing, an unknown reference, or a `clothed`
        that is not true or false.

    Notes
    -----
    Method and limits: this module's docstring.  Beyond 5 years the model of growth is
    extrapolated.  A probability rests on the packaged shares of each slip, which are assumptions.

    Examples
    --------
    >>> from growthwatch.growth.quality import suspected
    >>> found = suspected([3.5, 4.4, 5.6, 63.0], age_days=[0, 28, 56, 84], sex="male")
    >>> found.word.tolist()
    ['none', 'none', 'none', 'tenfold']
    >>> found.question[3]
    'Is the decimal point in the right place? 63 kg was entered, and 6.3 kg would fit better.'
    """
    ref = chosen_reference("reference", reference)
    hindsight = one_flag("hindsight", hindsight)
    columns = read_columns(weight_kg, age_days, sex, gestation_days, clothed, sex_coding)
    numbers = child_numbers(child, columns.kg.size)
    read = read_weights(ref, columns.kg, columns.age, ReadSex(columns.sex), columns.gestation, None)
    return suspected_in(ref, columns, read.series(numbers), hindsight)


def suspected_in(ref: Reference, columns: Columns, series: Series, hindsight: bool = False) -> Suspicions:
    """As `suspected`, of weighings that are read."""
    found, model = entry_errors(), weight_model()
    n, size = columns.kg.size, series.z.size
    code, likeliest, series_code = (np.zeros(n, np.uint8) for _ in range(3))
    probability, implied, expected, low, high, series_probability = (np.full(n, np.nan) for _ in range(6))
    shift_days = np.zeros(n)
    if size:
        rows, days, given, shift = read_rows(found, ref, series, columns)
        out = unread(size)
        for block in series.blocks(_BLOCK):
            at_entry(found, model, rows, days, block, out)
        closest = nearest(rows, days, np.arange(size), out.expected)
        total = fit(found, np.clip(rows.z[closest] - out.expected, -20.0, 20.0), out.variance)[1]
        misfit = -0.5 * np.log(2.0 * np.pi * out.variance * found.real.inflation**2) - np.log(total)
        if hindsight:
            out = look_back(found, model, rows, days, series, out)
        day = rows.day
        centre, variance = out.expected[day], out.variance[day]
        before = Before(*(c[..., day] for c in out.before))
        judged = accounts(found, rows, centre, variance, before, days.age[day])
        equal, copied = _copied(ref, found, series, rows)
        # An equal reading is asked about by its chance alone: on coarse scales, or soon after, it is no wonder.
        judged.slips[EntryError.CARRIED_FORWARD - 1, equal & ~copied] = 0.0
        wrong: Floats = np.minimum(judged.slips.sum(axis=0), 1.0)
        kind = np.where(wrong > 0, np.argmax(judged.slips, axis=0) + 1, 0).astype(np.uint8)
        falls = (rows.z < centre) & (rows.z >= centre - found.real.believed_fall_z)
        believed = kind == EntryError.OTHER_CHILD if hindsight else kind != EntryError.CARRIED_FORWARD
        wrong = np.where(falls & believed, np.minimum(wrong, 0.9 * found.threshold), wrong)
        copied &= ~((wrong >= found.threshold) & (kind != EntryError.CARRIED_FORWARD))
        kind[copied], wrong[copied] = EntryError.CARRIED_FORWARD, np.maximum(wrong[copied], found.threshold)
        known = np.isfinite(days.noise[day])
        wrong[~known], kind[~known] = np.nan, EntryError.NONE
        told: Flags = rows.dressed & known & ~((wrong >= found.threshold) & (kind != EntryError.CLOTHED))
        wrong[told], kind[told] = 1.0, EntryError.CLOTHED
        best = np.argmax(np.where(_of_kind(kind), judged.meant, -1.0), axis=0)
        has = (kind > 0) & (kind <= EntryError.SWAPPED_DIGITS)
        implied[given] = np.where(has, rows.meant[best, np.arange(kind.size)], np.nan)
        probability[given], likeliest[given] = wrong, kind
        code[given] = np.where(wrong >= found.threshold, kind, EntryError.NONE)
        sd = np.sqrt(variance) * found.real.inflation
        lines = (centre - shift + np.array([0.0, -1.96, 1.96])[:, None] * sd).ravel()
        found_kg = ref.value(lines, **columns.asked(np.tile(given, 3))).reshape(3, -1)
        for column, values in zip((expected, low, high), found_kg, strict=True):
            column[given] = values
        one = given[days.first]
        figures = _series_errors(found, model, ref, series, columns, one, misfit, hindsight)
        for column, values in zip((series_code, series_probability, shift_days), figures, strict=True):
            column[given] = values[day]
    return Suspicions(
        code,
        probability,
        likeliest,
        implied,
        expected,
        low,
        high,
        series_code,
        series_probability,
        shift_days,
        columns.kg.copy(),
        series.status_code,
        found.threshold,
        hindsight,
        series.reference,
        found.hash,
        model.hash,
    )


def _copied(ref: Reference, found: EntryErrors, series: Series, rows: Rows) -> tuple[Flags, Flags]:
    """Weights that equal the last long enough before; and of them those that a healthy child shows too seldom."""
    equal = rows.repeats > 0
    at = np.flatnonzero(equal)
    copied = np.zeros(equal.size, np.bool_)
    if at.size:
        later = rows.day[at]
        chance = chance_of_equal(
            ref,
            rows.kg[at],
            age_days=series.chronological_days[later - 1],
            later_days=series.chronological_days[later],
            sex=series.sex[later].astype(np.int64),
            gestation_days=None if series.gestation_days is None else series.gestation_days[later],
            sex_coding=CODING,
        )
        copied[at] = chance < found.carried.chance_below
    return equal, copied


def _of_kind(kind: npt.NDArray[np.uint8]) -> Flags:
    """Which slips are of the kind suspected of each row [slip, row]."""
    return np.array([s.code for s in ways()])[:, None] == kind
