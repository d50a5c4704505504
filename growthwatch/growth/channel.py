"""What a channel of the detector expects of a weight, and what it makes of one that comes.

The Kalman filter of `growthwatch.growth.model` with the safeguards of `growthwatch.growth.evidence`,
under both accounts of healthy growth.

Arithmetic is written once, on *figures*: a figure is a number of one child, or a column of as
many children.  Both come to the same to the last bit, because every sum is taken in the same
order, and exponentials and logarithms are numpy's for both.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol, cast

import numpy as np

from growthwatch.growth.detector import AcuteChannel, MonthlyChannel
from growthwatch.growth.model import FREE_LEVEL_SD, WeightModel
from growthwatch.references.distributions import Floats

__all__ = [
    "FAR",
    "LONG",
    "MANY",
    "MOST_RATIO",
    "ONE",
    "Account",
    "Channel",
    "Figure",
    "Figures",
    "Followed",
    "Look",
    "Many",
    "One",
    "Seen",
    "States",
    "expected_of",
    "free_start",
    "updated",
]

Figure = Any
"""A number of one child, or a column of numbers of as many children."""

Figures = tuple[Figure, ...]

FAR = 30.0  # SD beyond which one innovation is as far as another: their likelihoods still fit a float
MOST_RATIO = 1e150  # a likelihood ratio is not followed further: the mixture of many still fits a float
LONG = 1e6  # days: as good as any longer gap


class One:
    """What arithmetic has no sign for, with numbers."""

    many = False
    """Whether figures are columns."""

    sqrt: Callable[[Figure], Figure] = staticmethod(math.sqrt)
    least: Callable[[Figure, Figure], Figure] = staticmethod(min)
    most: Callable[[Figure, Figure], Figure] = staticmethod(max)

    def exp(self, figures: Sequence[Figure]) -> Sequence[Figure]:
        """Exponential of each figure."""
        return np.exp(figures).tolist()

    def log(self, figures: Sequence[Figure]) -> Sequence[Figure]:
        """Natural logarithm of each figure."""
        return np.log(figures).tolist()

    def where(self, so: Any, this: Figure, that: Figure) -> Figure:
        """Choose between two figures."""
        return this if so else that

    def odd(self, trust: Figure, raw: Figure) -> Figure:
        """Which way a weight is odd that is more likely wrong than right: -1 below, 1 above, else 0."""
        return 0.0 if trust >= 0.5 or raw == 0.0 else math.copysign(1.0, raw)

    def lowest(self, figure: Figure) -> float:
        """Least of all children."""
        return figure

    def highest(self, figure: Figure) -> float:
        """Greatest of all children."""
        return figure

    def along(self, table: Floats) -> Floats:
        """Set a table that is the same for all children against figures of their own."""
        return table

    def apart(self, table: Floats) -> list[Figure]:
        """Rows of a table as figures."""
        return table.tolist()


class Many(One):
    """The same with columns."""

    many = True

    sqrt: Callable[[Figure], Figure] = staticmethod(np.sqrt)
    least: Callable[[Figure, Figure], Figure] = staticmethod(np.minimum)
    most: Callable[[Figure, Figure], Figure] = staticmethod(np.maximum)

    def exp(self, figures: Sequence[Figure]) -> Sequence[Figure]:
        """Exponential of each figure."""
        return [np.exp(f) for f in figures]

    def log(self, figures: Sequence[Figure]) -> Sequence[Figure]:
        """Natural logarithm of each figure."""
        return [np.log(f) for f in figures]

    def where(self, so: Any, this: Figure, that: Figure) -> Figure:
        """Choose between two figures, for each child."""
        return cast("Figure", np.where(so, this, that))

    def odd(self, trust: Figure, raw: Figure) -> Figure:
        """Which way a weight is odd that is more likely wrong than right: -1 below, 1 above, else 0."""
        return np.where(trust < 0.5, np.sign(raw), 0.0)

    def lowest(self, figure: Figure) -> float:
        """Least of all children."""
        return float(figure.min())

    def highest(self, figure: Figure) -> float:
        """Greatest of all children."""
        return float(figure.max())

    def along(self, table: Floats) -> Floats:
        """Set a table that is the same for all children against figures of their own."""
        return table[..., None]

    def apart(self, table: Floats) -> list[Figure]:
        """Rows of a table as figures."""
        return list(table)


ONE, MANY = One(), Many()


class Look(NamedTuple):
    """What a channel looks at: a weight, and how the filter moves to it.

    Attributes
    ----------
    age, z
        [days], [SD].
    gap
        Days since the look before; infinite for the first.
    short
        How much wider innovations are for the shortness of the gap alone, from `Errors.short`.
    counted
        0 for the first of a child or of a new table, which finds the level and says nothing of the spread; else 1.
    free
        What is added to the variance of the level, in units of its own: where a new table begins, else 0.
    usual, restless
        Figures of the step under both accounts of healthy growth, as `growthwatch.growth.model.steps` gives them.
    """

    age: Figure
    z: Figure
    gap: Figure
    short: Figure
    counted: Figure
    free: Figure
    usual: Figures
    restless: Figures


class Account(NamedTuple):
    """One account of healthy growth: what it expects, and how wide this child's innovations were.

    Attributes
    ----------
    mean
        Of the states of the filter: level, drift and its rate, what comes and goes, error of the reference if any.
    covariance
        Upper triangle: of level, drift, rate and what comes and goes, by rows; then that of the error with each.
    squares, weights
        Sum of squared innovations in units of the model's variance, and how many weights they are of.
    odd
        Whether the last weight was odd: below (-1) or above (1) all that was expected, else 0.
    """

    mean: Figures
    covariance: Figures
    squares: Figure
    weights: Figure
    odd: Figure


class Followed(NamedTuple):
    """A channel after a look.

    Attributes
    ----------
    age, z
        Of that look.
    behind
        Logarithm of how many times better the restless account fits so far, as far as that may count.
    usual, restless
        Both accounts of healthy growth.
    """

    age: Figure
    z: Figure
    behind: Figure
    usual: Account
    restless: Account


class Seen(NamedTuple):
    """What a look showed, as the usual account has it: the innovation in its SD, and what it is likely to be."""

    x: Figure
    scale: Figure
    wrong: Figure
    healthy: Figure
    discount: Figure
    gain: Figures
    at: Followed


class States(Protocol):
    """What is known of the states of the filter: an `Account`, or one of the slow channel's."""

    @property
    def mean(self) -> Figures:
        """Of the states."""
        ...

    @property
    def covariance(self) -> Figures:
        """Upper triangle, as in `Account`."""
        ...


def free_start(model: WeightModel, error: float) -> tuple[Figures, Figures]:
    """Mean and covariance before any weight: the level free, the error of the reference a state if there is any."""
    variances = (FREE_LEVEL_SD**2, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, model.rate**2, 0.0, 1.0)
    if error > 0:
        return (0.0,) * 5, (*variances, 0.0, 0.0, 0.0, 0.0, 1.0)
    return (0.0,) * 4, variances


def expected_of(
    account: States, level: float, fading: float, reference: float, look: Look, step: Figures
) -> tuple[Figures, Figures, Figures, Figure, Figure]:
    """Move an account to a look: its mean and covariance there, covariance with z, expectation and variance of z.

    This is the step of `growthwatch.growth.model.Filter`.
    """
    f00, f01, f10, f11, more00, more01, more11, drift, error, fade = step[:10]
    lost = step[10] if len(step) == 11 else step[11]
    a, f, r, u = account.mean[:4]
    aa, af, ar, au, ff, fr, fu, rr, ru, uu = account.covariance[:10]
    f, r = f00 * f + f01 * r, f10 * f + f11 * r
    u = u * fade
    af, ar = f00 * af + f01 * ar, f10 * af + f11 * ar
    au = au * fade
    p, q = f00 * ff + f01 * fr, f00 * fr + f01 * rr
    s, t = f10 * ff + f11 * fr, f10 * fr + f11 * rr
    ff, fr, rr = f00 * p + f01 * q + more00, f10 * p + f11 * q + more01, f10 * s + f11 * t + more11
    fu, ru = (f00 * fu + f01 * ru) * fade, (f10 * fu + f11 * ru) * fade
    uu = uu * fade * fade + lost
    aa = aa + look.free
    ta = aa * level + af * drift + au * fading
    tf = af * level + ff * drift + fu * fading
    tr = ar * level + fr * drift + ru * fading
    tu = au * level + fu * drift + uu * fading
    expected = a * level + f * drift + u * fading
    if len(step) == 11:
        mean, covariance = (a, f, r, u), (aa, af, ar, au, ff, fr, fu, rr, ru, uu)
        variance = ta * level + tf * drift + tu * fading + error
        return mean, covariance, (ta, tf, tr, tu), expected, variance
    changes, lost = step[10], step[12]
    e = account.mean[4] * changes
    ae, fe, re, ue, ee = account.covariance[10:]
    ae = ae * changes
    fe, re = (f00 * fe + f01 * re) * changes, (f10 * fe + f11 * re) * changes
    ue = ue * fade * changes
    ee = ee * changes * changes + lost
    ta, tf, tr, tu = ta + ae * reference, tf + fe * reference, tr + re * reference, tu + ue * reference
    te = ae * level + fe * drift + ue * fading + ee * reference
    variance = ta * level + tf * drift + tu * fading + te * reference + error
    mean, covariance = (a, f, r, u, e), (aa, af, ar, au, ff, fr, fu, rr, ru, uu, ae, fe, re, ue, ee)
    return mean, covariance, (ta, tf, tr, tu, te), expected + e * reference, variance


def updated(
    mean: Figures, covariance: Figures, toward: Figures, gain: Figures, innovation: Figure
) -> tuple[Figures, Figures]:
    """Mean and covariance after a z was taken in."""
    ga, gf, gr, gu = gain[:4]
    ta, tf, tr, tu = toward[:4]
    a, f, r, u = mean[:4]
    aa, af, ar, au, ff, fr, fu, rr, ru, uu = covariance[:10]
    mean4 = (a + ga * innovation, f + gf * innovation, r + gr * innovation, u + gu * innovation)
    covariance10 = (
        aa - ga * ta, af - ga * tf, ar - ga * tr, au - ga * tu, ff - gf * tf,
        fr - gf * tr, fu - gf * tu, rr - gr * tr, ru - gr * tu, uu - gu * tu,
    )  # fmt: skip
    if len(gain) == 4:
        return mean4, covariance10
    te = toward[4]
    rest = tuple(c - g * te for c, g in zip(covariance[10:], gain, strict=True))
    return (*mean4, mean[4] + gain[4] * innovation), covariance10 + rest


class Channel:
    """Figures of a channel that never change."""

    def __init__(self, model: WeightModel, channel: AcuteChannel | MonthlyChannel, error: float):
        errors, restless = channel.errors, channel.restless
        own = restless.model(model)
        self.models = (model, own)
        self.level, self.reference = math.sqrt(model.permanent), error
        self.fading = (math.sqrt(model.transient), math.sqrt(own.transient))
        self.drift_most = tuple(1.0 - m.permanent - m.transient for m in self.models)
        self.errors = errors
        self.prior_squares, self.prior_weights = errors.prior_weights * errors.prior**2, errors.prior_weights
        self.least, self.wrong_variance = errors.least**2, errors.wrong_sd**2
        self.confirmed_sd, self.further = errors.confirmed_sd, errors.further_per_day
        self.right, self.wrong = 1.0 - errors.wrong, errors.wrong
        logs: list[float] = np.log([restless.ahead, restless.one_weight, restless.at_most]).tolist()
        self.ahead, self.one_weight = logs[0], logs[1]
        self.most_behind = logs[0] + logs[2]
        begins = Account(*free_start(model, error), 0.0, 0.0, 0.0)
        self.begins = Followed(0.0, 0.0, 0.0, begins, begins)

    def short(self, gap_days: float) -> float:
        """`Errors.short` of one gap."""
        lacks = max(0.0, 1.0 - gap_days / self.errors.short_gap_days)
        out = 1.0 + self.errors.short_gap * (lacks * lacks)
        return out * out

    def look(self, do: One, at: Followed, look: Look) -> Seen:
        """Compare a weight with what was expected, and take it in."""
        moved = [
            expected_of(account, self.level, fading, self.reference, look, step)
            for account, fading, step in zip(
                (at.usual, at.restless), self.fading, (look.usual, look.restless), strict=True
            )
        ]
        z, further = look.z, look.z - at.z
        near_days = self.further * do.least(look.gap, LONG)
        parts: list[tuple[Figure, ...]] = []
        squares: list[Figure] = []
        for account, (_, _, _, expected, variance) in zip((at.usual, at.restless), moved, strict=True):
            raw = z - expected
            mean_square = (self.prior_squares + account.squares) / (self.prior_weights + account.weights)
            own = variance * do.most(mean_square, self.least) * look.short
            spread = do.sqrt(own)
            # Wrong weights are wrong one by one: a second that is as odd in the same way is right, and so was
            # the first.
            near = self.confirmed_sd * spread
            beyond = further * account.odd
            confirmed = (raw * account.odd > 0) & (beyond >= -near) & (beyond <= near + near_days)
            x = do.least(do.most(raw / spread, -FAR), FAR)
            narrow = own / (own + self.wrong_variance)
            square = -0.5 * x * x
            squares += [square, square * narrow]
            parts.append((raw, variance, spread, confirmed, x, narrow))
        likely0, wrong0, likely1, wrong1 = do.exp(squares)
        fits: list[Figure] = []
        taken: list[tuple[Account, Figures, Figure, Figure]] = []
        for account, (mean, covariance, toward, _, _), likely, wrong, part in zip(
            (at.usual, at.restless), moved, (likely0, likely1), (wrong0, wrong1), parts, strict=True
        ):
            raw, variance, spread, confirmed, _, narrow = part
            likely = self.right * likely
            # A wrong weight is wrong under every account alike, so that the wildest says nothing either way.
            wrong = do.where(confirmed, 0.0, self.wrong * do.sqrt(narrow) * wrong)
            healthy = likely + wrong
            trust = likely / healthy
            counts = do.where(confirmed, 0.0, trust * look.counted)
            odd = do.odd(trust, raw)
            gain = tuple([t / variance * trust for t in toward])
            mean, covariance = updated(mean, covariance, toward, gain, raw)
            fits.append(healthy / spread)
            taken.append(
                (
                    Account(
                        mean, covariance, account.squares + counts * raw * raw / variance, account.weights + counts, odd
                    ),
                    gain,
                    wrong,
                    healthy,
                )
            )
        (usual, gain, wrong, healthy), (restless, _, _, _) = taken
        # It is the many small changes that tell a restless child: one great loss must not.
        fit, restless_fit = do.log(fits)
        behind = do.least(at.behind + do.least(restless_fit - fit, self.one_weight), self.most_behind)
        # By how much less slowing fits than the better account of healthy growth, against the usual one.
        discount = do.exp([-do.most(behind - self.ahead, 0.0)])[0]
        x, spread = parts[0][4], parts[0][2]
        now = Followed(look.age, z, behind, usual, restless)
        return Seen(x, 1.0 / spread, wrong, healthy, discount, gain, now)
