"""Local recalibration: where the children of one clinic stand against a reference, by age.

From a caseload's own weights for one condition, the shift (and scale) of z is estimated in
bands of age and drawn toward the parent reference, the more so the fewer the children.

- Every child has one vote in a band, however often weighed: the median of its z, one a day.
- A child who has moved away from its own first band, up or down, by more than the limit has no
  vote from then on: its early weights speak for it.  What counts is the move against the other
  children, so that a condition in which all of them fall is no fault of theirs.  Both
  directions are left out alike, so that healthy children who cross centiles pull neither way.
- The votes are averaged by Tukey's biweight (c = 2.7, efficiency 0.65 where all grow as
  expected), with the spread of the upper side alone: children who falter far count for nothing.
  No estimator can tell a small fall from a small child: `Recalibration.bias_if_faltering` says
  how much may remain.
- Children who were alarmed are left out whole, where the caller says which (`exclude`).
- Shrinkage: ``n / (n + (sd / prior_sd)²)``, which is n / (n + 9) with the packaged numbers.
- The curve through the bands keeps to the limits on slope.

An estimate from a clinic describes that clinic's children.  It can lower what is expected of
them; it cannot show that they grow as they should.  Hence the limit on drift, and the
signature.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import numpy as np
import numpy.typing as npt
from scipy.optimize import lsq_linear
from scipy.special import ndtri
from scipy.stats import t as student

from growthwatch.core.columns import as_array, broadcast_shape, numeric
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.sex import FEMALE, MALE, MISSING_SEX, SexCoding, sex_codes
from growthwatch.core.status import Status
from growthwatch.core.units import DAYS_PER_MONTH, DAYS_PER_YEAR
from growthwatch.references.adjusted import AdjustedReference, ByAge, Number, ShiftScale, day, limits
from growthwatch.references.catalogue import reference as packaged_reference
from growthwatch.references.change import child_numbers
from growthwatch.references.distributions import Floats
from growthwatch.references.reference import Reference

__all__ = ["Band", "Recalibration", "recalibrate"]

BIWEIGHT_C = 2.7
BIWEIGHT_EFFICIENCY = 0.65
"""Efficiency of Tukey's biweight with c = 2.7 for normal data, its spread found from the upper side (simulated)."""
SPREAD_EFFICIENCY = 0.18
"""Of the upper half-median deviation for a normal sample's log SD: half that of the MAD, 0.37."""
PRIOR_CHILDREN = 10
"""Children that the packaged SD between children counts for, beside the one found."""
MIDDLE = 0.6744897501960817
"""Upper quartile of the standard normal distribution."""


@dataclass(frozen=True)
class Band:
    """Estimates in one band of age.

    Attributes
    ----------
    from_days, until_days
        The band of used age [days].
    age_days
        Median age of the votes [days].
    n
        Children, each with one vote.
    raw_shift, raw_interval
        What the children alone say [SD]: the robust mean of z and its interval.
    weight
        Share of the children's own estimate in `shift`: n / (n + 9).
    shift, interval
        The estimate, drawn toward the prior, and its interval [SD].
    scale, scale_interval
        Spread between children over that of the reference, drawn toward 1.
    """

    from_days: float
    until_days: float
    age_days: float
    n: int
    raw_shift: float
    raw_interval: tuple[float, float]
    weight: float
    shift: float
    interval: tuple[float, float]
    scale: float
    scale_interval: tuple[float, float]


@dataclass(frozen=True)
class Recalibration:
    """Estimates of a local recalibration; nothing is adjusted until somebody signs.

    Attributes
    ----------
    reference
        The parent reference.
    bands
        Estimates by age, only of bands with enough children.
    n
        Children who had a vote.
    excluded
        Children left out as the caller said.
    moved
        Children who had no vote from some age on, because they had moved away from their own first band.
    unscored
        Weighings without a z.
    shift, scale
        Knots ``(age_days, value)`` of the curves through the bands, within the limits on slope.
    level
        Of the intervals.
    measure
        What was measured.
    prior, prior_sd
        Knots ``(age_days, shift)`` of what was expected before the data, and how far the truth
        may lie from it.  Anything but the parent's own is an opinion, and is said wherever the
        estimate is.
    """

    reference: Reference
    bands: tuple[Band, ...]
    n: int
    excluded: int
    moved: int
    unscored: int
    shift: tuple[tuple[float, float], ...]
    scale: tuple[tuple[float, float], ...]
    level: float
    measure: str
    prior: tuple[tuple[float, float], ...] = ((0.0, 0.0),)
    prior_sd: float | None = None

    @property
    def prior_words(self) -> str:
        """What the estimates were drawn toward, how strongly, and whose it is."""
        rules = limits().recalibration
        sd = rules.prior_sd if self.prior_sd is None else self.prior_sd
        shares = sorted(b.weight for b in self.bands)
        share = f"{shares[0]:.2f}" if len(shares) == 1 else f"{shares[0]:.2f} to {shares[-1]:.2f}"
        given = ByAge(self.prior)
        many = f"{given.least:g} to {given.most:g} by age" if len(self.prior) > 4 else given.words()
        own = given.least == given.most == 0
        what = self.reference.id if own else f"a shift of {many}, an opinion given beforehand"
        return f"drawn toward {what} (prior SD {sd:g}; share of the children's own estimate {share})"

    def _check_prior(self, specialist: str | None) -> None:
        """Refuse a prior surer, vaguer or further off than the limits, unless a specialist signs."""
        rules, bounds = limits().recalibration, limits()
        sd = rules.prior_sd if self.prior_sd is None else self.prior_sd
        beyond = "; beyond it, specialist= names who signed it off"
        if specialist is not None:
            return
        if not rules.least_prior_sd <= sd <= rules.most_prior_sd:
            raise GrowthwatchError.of("prior_sd", sd, f"{rules.least_prior_sd:g} to {rules.most_prior_sd:g} SD{beyond}")
        worst = max((v for _, v in self.prior), key=abs)
        if abs(worst) > bounds.shift.most_z:
            raise GrowthwatchError.of("prior", worst, f"a shift of at most {bounds.shift.most_z:g} SD{beyond}")

    def bias_if_faltering(self, share: float) -> float:
        """Most that the shift may lie too low if this share of the children falter, however far [SD between children].

        Of very many children, who all had faltered before their first weight: those who do it later
        lose their vote when they have fallen far.  Greatest over falls from 0.25 to 8 SD.
        """
        if not 0 <= _number("share", share, "a share from 0 to less than 0.5") < 0.5:
            raise GrowthwatchError.of("share", share, "a share from 0 to less than 0.5")
        sound = ndtri((np.arange(2000) + 0.5) / 2000)
        weights = np.concatenate([np.full(2000, 1 - share), np.full(2000, share)]) / 2000
        if share == 0:
            return 0.0
        return max(
            -_biweight(np.concatenate([sound, sound - fall]), 0.0, 1.0, weights)[0] for fall in np.arange(0.25, 8, 0.25)
        )

    def adjusted(
        self,
        *,
        by: str,
        review_by: dt.date,
        because: str | None = None,
        signed_on: dt.date | None = None,
        specialist: str | None = None,
        previous: Reference | None = None,
        with_scale: bool = True,
    ) -> Reference:
        """Return the parent, adjusted by the estimates.

        Parameters
        ----------
        by, review_by, signed_on, specialist
            As for `Reference.adjusted`.
        because
            A reason to stand before the numbers of the estimate.
        previous
            The recalibrated reference that this one replaces: the shift may drift from it by no
            more than the limit a year, from its day of signature to this one's.
        with_scale
            Whether the spread is adjusted too.

        Raises
        ------
        GrowthwatchError
            Where a limit is passed without a specialist: those of every adjustment, drift, and a
            `prior` or `prior_sd` of `recalibrate` beyond its own.
        """
        ages = f"{self.bands[0].age_days:.0f} to {self.bands[-1].age_days:.0f} days"
        numbers = ", ".join(str(b.n) for b in self.bands)
        reason = (
            f"Local recalibration from {self.n} children ({numbers} by band of age, {ages}; {self.excluded} left out, "
            f"{self.moved} from when they had moved from their own line), {self.prior_words}"
        )
        self._check_prior(specialist)
        if previous is not None:
            self._check_drift(previous, signed_on, specialist)
        return self.reference.adjusted(
            shift=self.shift,
            scale=self.scale if with_scale else 1.0,
            because=reason if because is None else f"{because}. {reason}",
            by=by,
            review_by=review_by,
            signed_on=signed_on,
            specialist=specialist,
            measures=self.measure,
        )

    def _check_drift(self, previous: Reference, signed_on: dt.date | None, specialist: str | None) -> None:
        adjusted = isinstance(previous, AdjustedReference)
        node = previous.node if adjusted else None
        then = previous.link.signed_on if adjusted else None
        if not adjusted or not isinstance(node, ShiftScale) or then is None or previous.base != self.reference.base:
            raise GrowthwatchError.of(
                "previous",
                previous,
                f"an adjustment of {self.reference.base.id} by shift and scale, with its signed_on",
            )
        if signed_on is None:
            raise GrowthwatchError.of("signed_on", None, "the day of signature: drift is counted from it")
        day(signed_on, "signed_on")
        years = max((signed_on - then).days, 0) / DAYS_PER_YEAR
        most = limits().recalibration.most_drift_z_per_year * years
        now = ByAge.of("shift", self.shift)
        at = np.array(sorted({*now.ages, *node.shift.ages}))
        drift = now.at(at) - node.shift.at(at)
        worst = int(np.argmax(np.abs(drift)))
        if specialist is None and abs(drift[worst]) > most + 1e-9:
            expected = (
                f"at most {most:.3g} SD in the {years:.2g} years since {then} "
                "(beyond it, specialist= names who signed it off)"
            )
            raise GrowthwatchError.of("drift", round(float(drift[worst]), 4), expected)

    def __repr__(self) -> str:
        rows = [("ages (days)", "children", "shift", f"{self.level:.0%} interval", "children alone", "weight", "scale")]
        rows += [
            (
                f"{b.from_days:g} to {b.until_days:g}",
                str(b.n),
                f"{b.shift:+.2f}",
                f"{b.interval[0]:+.2f} to {b.interval[1]:+.2f}",
                f"{b.raw_shift:+.2f}",
                f"{b.weight:.2f}",
                f"{b.scale:.2f}",
            )
            for b in self.bands
        ]
        widths = [max(len(r[k]) for r in rows) for k in range(len(rows[0]))]
        table = "\n".join("  ".join(c.rjust(w) for c, w in zip(r, widths, strict=True)) for r in rows)
        head = (
            f"Recalibration of {self.reference.label}: {self.n} children, {self.excluded} left out, {self.moved} moved"
        )
        return f"{head}\n{table}\n{self.prior_words}"


def _biweight(votes: Floats, sd: float, prior: float, weights: Floats | None = None) -> tuple[float, float]:
    """Tukey's biweight of the votes, and the spread used.

    The spread is that of the votes above the middle, where no faltering child is, held near
    the `sd` that is expected as if `prior` children had shown it.
    """
    w: Floats = np.full(votes.size, 1.0) if weights is None else weights * votes.size
    middle, spread = _median(votes, w), sd
    for _ in range(200):
        above = votes > middle
        if above.any():
            found = _median(votes[above] - middle, w[above]) / MIDDLE
            half = votes.size / 2
            spread = math.sqrt((prior * sd**2 + half * found**2) / (prior + half))
        near = 1 - ((votes - middle) / (BIWEIGHT_C * spread)) ** 2
        weight = w * np.square(np.maximum(near, 0.0))
        new = float((weight * votes).sum() / weight.sum())
        if abs(new - middle) < 1e-9:
            break
        middle = new
    return middle, spread


def _median(values: Floats, weights: Floats) -> float:
    order = np.argsort(values)
    ordered: Floats = values[order]
    below: Floats = np.cumsum(weights[order])
    half = float(below[-1]) / 2
    k, again = (int(np.searchsorted(below, half * (1 + e))) for e in (-1e-12, 1e-12))
    return (float(ordered[k]) + float(ordered[min(again, values.size - 1)])) / 2


def _column(frame: Any, name: str, value: Any) -> Any:
    """A column of a frame by its name; a word after an equals sign, or anything else, as it is."""
    if frame is None or not isinstance(value, str):
        return value
    import narwhals.stable.v2 as nw

    if name == "sex" and value.startswith("="):
        return value[1:].strip()
    try:
        table: Any = nw.from_native(frame, eager_only=True)
    except Exception:  # narwhals has no one error for what is no frame
        raise GrowthwatchError.of("frame", type(frame).__name__, "a frame of pandas, polars or pyarrow") from None
    if value not in table.columns:
        if name == "sex" and value.lower() in ("male", "female", "m", "f"):
            return value
        raise GrowthwatchError.of(name, value, f"one of the columns {list(table.columns)}")
    return table[value].to_list()


def _number(name: str, value: Any, expected: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        raise GrowthwatchError.of(name, value, expected)
    return float(value)  # pyright: ignore[reportUnknownArgumentType]


class _Votes(NamedTuple):
    """One vote a child in a band: its number, the median of its z, one a day, and of their ages."""

    low: float
    high: float
    child: npt.NDArray[np.intp]
    age: Floats
    z: Floats


def _votes(low: float, high: float, child: npt.NDArray[np.intp], age: Floats, z: Floats) -> _Votes:
    order = np.lexsort((z, age, child))
    c, a, v = child[order], age[order], z[order]
    same_day = np.concatenate(([True], (c[1:] != c[:-1]) | (a[1:] != a[:-1])))
    c, a, v = _medians(np.cumsum(same_day) - 1, c, a, v)
    who, which = np.unique(c, return_inverse=True)
    _, ages, scores = _medians(which, c, a, v)
    return _Votes(low, high, who, ages, scores)


def _without_moved(bands: Sequence[_Votes], children: int) -> tuple[list[_Votes], int]:
    """Leave out the votes of children who have moved too far from their own first band; and how many they are.

    Twice, because the middle of the others shifts a little when the first of them have left.
    """
    rules = limits().recalibration
    left, moved = list(bands), np.zeros(children, np.bool_)
    for _ in range(2):
        middles = [_biweight(b.z, rules.sd_between_children, PRIOR_CHILDREN)[0] if b.z.size else 0.0 for b in left]
        first = np.full(children, np.nan)
        moved[:] = False
        kept: list[_Votes] = []
        for band, middle in zip(bands, middles, strict=True):
            off = band.z - middle
            begins = np.isnan(first[band.child])
            first[band.child[begins]] = off[begins]
            moved[band.child] |= np.abs(off - first[band.child]) > rules.most_own_change_z
            stay = ~moved[band.child]
            kept.append(_Votes(band.low, band.high, band.child[stay], band.age[stay], band.z[stay]))
        left = kept
    return left, int(moved.sum())


def _medians(
    group: npt.NDArray[Any], child: npt.NDArray[Any], age: Floats, z: Floats
) -> tuple[npt.NDArray[Any], Floats, Floats]:
    def middle(values: Floats) -> Floats:
        order = np.lexsort((values, group))
        sizes = np.bincount(group)
        starts = np.cumsum(sizes) - sizes
        ordered = values[order]
        return (ordered[starts + (sizes - 1) // 2] + ordered[starts + sizes // 2]) / 2

    first = np.unique(group, return_index=True)[1]
    return child[first], middle(age), middle(z)


def recalibrate(
    frame: Any = None,
    *,
    child: Any,
    age_days: Any,
    sex: Any,
    weight_kg: Any,
    gestation_days: Any = None,
    reference: str | Reference,
    exclude: Any = None,
    prior: Number = 0.0,
    prior_sd: float | None = None,
    bands_days: Sequence[float] | None = None,
    level: float = 0.9,
    measure: str = "weight",
    sex_coding: SexCoding | None = None,
) -> Recalibration:
    """Estimate where the children of one condition in a caseload stand against a reference.

    Parameters
    ----------
    frame
        A frame (pandas, polars, pyarrow) whose columns the others name; None if they are
        columns themselves.  ``sex="=female"`` is a constant, as for `growthwatch.score`.
    child
        Id of the child of each weighing.
    age_days, sex, weight_kg, gestation_days, sex_coding
        As for `Reference.score`; one row a weighing.
    reference
        The parent, or its id.
    exclude
        True in any row of a child leaves that child out altogether: use it for children who
        were alarmed, were under investigation, or got a treatment that changes weight.
    prior
        Shift that is expected before the data: the parent's own (0), or an expert's, as a
        number or by age [SD].
    prior_sd
        How far the truth may lie from it; the packaged number if None [SD].
    bands_days
        Edges of the bands of used age [days]; the packaged ones if None.
    level
        Of the intervals.
    measure
        What `weight_kg` is.

    Returns
    -------
    Recalibration
        Estimates, intervals and numbers; its ``adjusted(by=, review_by=)`` makes the reference.

    Raises
    ------
    GrowthwatchError
        If too few children are left, naming how many.

    References
    ----------
    Beaton AE, Tukey JW. Technometrics 1974;16:147-85 (the biweight).
    Shrinkage and numbers: ``adjustment-limits.toml``.
    """
    rules = limits().recalibration
    parent = packaged_reference(reference) if isinstance(reference, str) else reference
    if not isinstance(parent, Reference):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise GrowthwatchError.of("reference", reference, "an id such as 'uk-who', or a Reference")
    if not 0 < _number("level", level, "between 0 and 1") < 1:
        raise GrowthwatchError.of("level", level, "between 0 and 1")
    tau = rules.prior_sd if prior_sd is None else _number("prior_sd", prior_sd, "a positive number")
    if not 0 < tau < math.inf:
        raise GrowthwatchError.of("prior_sd", prior_sd, "a positive number")
    expected = ByAge.of("prior", prior)
    given: Any = rules.bands_days if bands_days is None else bands_days
    if isinstance(given, str) or not isinstance(given, Sequence | np.ndarray):
        raise GrowthwatchError.of("bands_days", given, "at least two rising ages")
    edges = [_number("bands_days", e, "at least two rising ages") for e in given]  # pyright: ignore[reportUnknownVariableType]
    if len(edges) < 2 or any(not a < b for a, b in zip(edges, edges[1:])):  # noqa: B905, RUF007
        raise GrowthwatchError.of("bands_days", bands_days, "at least two rising ages")

    number = child_numbers(_column(frame, "child", child)).ravel()
    kg = numeric("weight_kg", _column(frame, "weight_kg", weight_kg))
    age = numeric("age_days", _column(frame, "age_days", age_days))
    codes = sex_codes(_column(frame, "sex", sex), sex_coding)
    born = (
        None if gestation_days is None else numeric("gestation_days", _column(frame, "gestation_days", gestation_days))
    )
    flagged = None if exclude is None else _flags(_column(frame, "exclude", exclude))
    shape = broadcast_shape(child=number, weight_kg=kg, age_days=age, sex=codes, gestation_days=born, exclude=flagged)
    if shape != number.shape:
        raise GrowthwatchError.of("child", f"{number.size} ids", f"{shape}, one in every row")
    codes = np.broadcast_to(codes, shape)
    score = parent.score(
        np.broadcast_to(kg, shape),
        age_days=np.broadcast_to(age, shape),
        sex=np.where(codes == MISSING_SEX, np.nan, codes),
        measure=measure,
        gestation_days=None if born is None else np.broadcast_to(born, shape),
        sex_coding={MALE: "male", FEMALE: "female"},
    )
    good: npt.NDArray[np.bool_] = score.status_code < Status.IMPLAUSIBLE
    out = np.zeros(shape, np.bool_) if flagged is None else np.isin(number, number[np.broadcast_to(flagged, shape)])
    use = good & ~out
    used = np.asarray(score.corrected_age_days, np.float64)
    children = int(np.unique(number[use]).size)
    if children < rules.least_children:
        counts = [f"{np.count_nonzero(score.status_code == s)} {s}" for s in Status if (score.status_code == s).any()]
        why = f" (of {number.size} rows, {int(out.sum())} left out by the caller: {', '.join(counts)})"
        raise GrowthwatchError.of(
            "child", f"{children} children", f"at least {rules.least_children} with a usable weight{why}"
        )
    votes: list[_Votes] = []
    for low, high in zip(edges, edges[1:]):  # noqa: B905, RUF007
        here = use & (used >= low) & (used < high)
        if here.any():
            votes.append(_votes(low, high, number[here], used[here], np.asarray(score.z, np.float64)[here]))
    left, moved = _without_moved(votes, int(number.max()) + 1)
    bands = [_band(v, expected, tau, level) for v in left if v.z.size >= rules.least_children_in_band]
    if not bands:
        raise GrowthwatchError.of(
            "child", f"{children} children", f"at least {rules.least_children_in_band} within one band of age"
        )
    shift, scale = _within_slopes(bands)
    return Recalibration(
        reference=parent,
        bands=tuple(bands),
        n=children,
        excluded=int(np.unique(number[out]).size),
        moved=moved,
        unscored=int((~good & ~out).sum()),
        shift=shift,
        scale=scale,
        level=level,
        measure=measure,
        prior=expected.knots,
        prior_sd=tau,
    )


def _flags(value: Any) -> npt.NDArray[np.bool_]:
    array = as_array("exclude", value)
    if array.dtype.kind == "b":
        return array.astype(np.bool_)
    rows = cast("list[object]", array.ravel().tolist())
    if not all(isinstance(v, bool | np.bool_) for v in rows):
        raise GrowthwatchError.of("exclude", value, "True or False in every row")
    return np.array(rows, np.bool_).reshape(array.shape)


def _band(given: _Votes, prior: ByAge, tau: float, level: float) -> Band:
    rules, bounds = limits().recalibration, limits().scale
    low, high, _, ages, votes = given
    n, sd = votes.size, rules.sd_between_children
    raw, spread = _biweight(votes, sd, PRIOR_CHILDREN)
    error = spread / math.sqrt(n * BIWEIGHT_EFFICIENCY)
    at = float(np.median(ages))
    weight = n / (n + (sd / tau) ** 2)
    centre = weight * raw + (1 - weight) * float(prior.at(np.array([at]))[0])
    wide = math.hypot(weight * error, (1 - weight) * tau)
    q = float(ndtri(0.5 + level / 2))
    q_raw = float(student.ppf(0.5 + level / 2, 4 + n / 2))
    # Spread from the upper side alone: faltering children lie on the lower one.
    above = votes[votes > raw] - raw
    found = math.log(max(float(np.median(above)) / MIDDLE if above.size else 1.0, 0.2))
    error_log = math.sqrt(1 / (2 * n * SPREAD_EFFICIENCY))
    share = rules.prior_sd_log_scale**2 / (rules.prior_sd_log_scale**2 + error_log**2)
    wide_log = rules.prior_sd_log_scale * math.sqrt(1 - share)
    scale = min(max(math.exp(share * found), bounds.least), bounds.most)
    return Band(
        from_days=low,
        until_days=high,
        age_days=at,
        n=n,
        raw_shift=raw,
        raw_interval=(raw - q_raw * error, raw + q_raw * error),
        weight=weight,
        shift=centre,
        interval=(centre - q * wide, centre + q * wide),
        scale=scale,
        scale_interval=(math.exp(share * found - q * wide_log), math.exp(share * found + q * wide_log)),
    )


Knots = tuple[tuple[float, float], ...]


def _within_slopes(bands: Sequence[Band]) -> tuple[Knots, Knots]:
    """Knots of shift and scale nearest to the estimates, weighed by the number of children, within the limits on slope.

    The limit is on what both explain together: ``|step of shift| + z |step of scale|``, z being the
    furthest for which it holds.  With ``u = shift + z scale`` and ``v = shift - z scale`` that is
    a limit on each step of u and of v.
    """
    bounds = limits()
    slope, most, far = bounds.slope, bounds.shift.most_z, bounds.slope.within_z
    ages = sorted({b.age_days for b in bands})
    if len(ages) > 1 and ages[0] < slope.early_until_days < ages[-1]:
        ages = sorted({*ages, slope.early_until_days})
    steps = [
        (b - a) / DAYS_PER_MONTH * (slope.early_z_per_month if a < slope.early_until_days else slope.late_z_per_month)
        for a, b in zip(ages, ages[1:])  # noqa: B905, RUF007
    ]
    design = np.array([[1.0, *(1.0 if b.age_days >= a else 0.0 for a in ages[1:])] for b in bands])
    root = np.sqrt(np.array([float(b.n) for b in bands]))
    shifts = np.clip(np.array([b.shift for b in bands]), -most, most)
    scales = np.array([b.scale for b in bands])
    # Columns: u, then v.  Rows: shifts, scales (as far off as for a child at z 1), and a trace of weight on each step,
    # which chooses among equals where no band holds a knot.
    half, part = design * root[:, None] / 2, design * root[:, None] / (2 * far)
    tidy = np.diag([0.0, *([1e-4] * len(steps))] * 2)
    system = np.vstack([np.hstack([half, half]), np.hstack([part, -part]), tidy])
    wanted = np.concatenate([shifts * root, scales * root, np.zeros(2 * len(ages))])
    caps = np.array([most + far * bounds.scale.most, *(max(s * (1 - 1e-9), 1e-12) for s in steps)] * 2)
    made: Any = lsq_linear(system, wanted, (-caps, caps))
    u, v = np.cumsum(made.x[: len(ages)]), np.cumsum(made.x[len(ages) :])
    found = np.clip((u + v) / 2, -most, most).tolist()
    spread = np.clip((u - v) / (2 * far), bounds.scale.least, bounds.scale.most).tolist()
    return tuple(zip(ages, found, strict=True)), tuple(zip(ages, spread, strict=True))
