"""What weights say, for any number of children in one call: what the protocol reads of a block of children.

One child is a block of one, and comes out the same to the last bit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from growthwatch.growth.detector import detector, reference_error
from growthwatch.growth.evidence import running_evidence
from growthwatch.growth.facts import GrowthFacts, growth_facts
from growthwatch.growth.model import noise_sd, weight_model
from growthwatch.growth.series import Places, Scored, followed_age, series_of
from growthwatch.references import Reference
from growthwatch.references.distributions import Floats

__all__ = ["Readings", "readings"]


@dataclass(frozen=True)
class Readings:
    """What weights say, one row a weight, as given.

    Attributes
    ----------
    facts
        Z, status, and every weight in every table.
    change
        Change of z since the row before of the same child [SD]; NaN for its first, and where no table covers both.
    ratio
        Evidence of slowing after each row, those of its day included; NaN where the weight has no z, or is beyond
        the ages of the model.
    gain
        Conditional gain since the row before of the same child [SD]; NaN where there is no change.
    followed_days
        Age by which growth is followed [days].
    noise
        SD of one weighing [SD of z].
    """

    facts: GrowthFacts
    change: Floats
    ratio: Floats
    gain: Floats
    followed_days: Floats
    noise: Floats

    def gains(self, first: Places, second: Places, change: Floats) -> Floats:
        """Conditional gains from rows `first` to rows `second`, from the change between them; NaN where there is none.

        ``z_c = (z2 - r z1) / sqrt(1 - r^2)``: Cole TJ. Arch Dis Child 1995;73:8-16; r is that of the
        packaged model.  z2 is z1 and the change.
        """
        age1, age2 = self.followed_days[first], self.followed_days[second]
        inside = (age1 >= 0.0) & (age2 <= detector().ages.until_days)
        age1, age2 = np.where(inside, age1, 0.0), np.where(inside, age2, 0.0)
        r = weight_model().correlation(age1, age2, self.noise[first], self.noise[second])
        inside &= (r > -1.0) & (r < 1.0)
        r = np.where(inside, r, np.nan)
        z = self.facts.z[first]
        return (z + change - r * z) / np.sqrt(1.0 - r * r)


def readings(
    reference: Reference,
    weight_kg: Floats,
    age_days: npt.NDArray[np.int64],
    sex: npt.NDArray[np.uint8],
    gestation_days: Floats,
    offsets: Places,
) -> Readings:
    """Follow the weights of children side by side.

    Parameters
    ----------
    reference
        The reference that scores them.
    weight_kg, age_days, sex, gestation_days
        Flat columns, one row a weight, those of one child together and in order of date: weight [kg], age since
        birth [days], sex as 0 male, 1 female, 2 unknown, completed gestation at birth [days] (NaN: term).
    offsets
        First row of each child, and the number of rows [children + 1].
    """
    facts = growth_facts(reference, weight_kg, age_days, sex, gestation_days)
    age = age_days.astype(np.float64)
    numbers = np.repeat(np.arange(offsets.size - 1), np.diff(offsets)).astype(np.intp)
    scored = Scored(weight_kg, age, sex, gestation_days, facts.z, facts.status_code, facts.scores)
    series = series_of(reference, scored, numbers)
    followed = followed_age(reference, age, gestation_days)
    change = np.full(age.size, np.nan)
    later = np.flatnonzero(numbers[1:] == numbers[:-1]) + 1
    change[later] = facts.scores.differences(later - 1, later)[0]
    ratio = running_evidence(series, reference_error(reference)).ratio
    out = Readings(
        facts, change, ratio, np.full(age.size, np.nan), followed, noise_sd(reference, sex, np.maximum(followed, 0.0))
    )
    out.gain[later] = out.gains(later - 1, later, change[later])
    return out
