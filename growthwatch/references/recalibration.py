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
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from growthwatch.core.columns import as_array, broadcast_shape, numeric
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.sex import FEMALE, MALE, MISSING_SEX, SexCoding, sex_codes
from growthwatch.core.status import Status
from growthwatch.core.units import DAYS_PER_YEAR
from growthwatch.references.bands import Band, Votes, band_of, biweight, votes_in, within_slopes, without_moved
from growthwatch.references.change import child_numbers
from growthwatch.references.limits import limits
from growthwatch.references.links import ByAge, Number, day
from growthwatch.references.nodes import ShiftScale
from growthwatch.references.reference import AdjustedReference, Reference
from growthwatch.references.reference import reference as packaged_reference

__all__ = ["Band", "Recalibration", "recalibrate"]


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
            -biweight(np.concatenate([sound, sound - fall]), 0.0, 1.0, weights)[0] for fall in np.arange(0.25, 8, 0.25)
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
    votes: list[Votes] = []
    for low, high in zip(edges, edges[1:]):  # noqa: B905, RUF007
        here = use & (used >= low) & (used < high)
        if here.any():
            votes.append(votes_in(low, high, number[here], used[here], np.asarray(score.z, np.float64)[here]))
    left, moved = without_moved(votes, int(number.max()) + 1)
    bands = [band_of(v, expected, tau, level) for v in left if v.z.size >= rules.least_children_in_band]
    if not bands:
        raise GrowthwatchError.of(
            "child", f"{children} children", f"at least {rules.least_children_in_band} within one band of age"
        )
    shift, scale = within_slopes(bands)
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
