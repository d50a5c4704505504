"""Growth facts of weighings, as columns for any number of children at once.

The protocol reads these; it makes no z of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from growthwatch.core.sex import FEMALE, UNKNOWN_SEX, ReadSex
from growthwatch.core.units import TERM_DAYS
from growthwatch.references import Reference, ReferenceLabel
from growthwatch.references.change import TableScores, table_scores
from growthwatch.references.distributions import Floats

__all__ = ["GrowthFacts", "birth_scores", "growth_facts"]


@dataclass(frozen=True)
class GrowthFacts:
    """Facts of each weighing, one row a weighing.

    Attributes
    ----------
    z
        Published z on the reference [SD]; NaN where there is none.
    centile
        Centile, 0 to 100; NaN where there is none.
    status_code
        Why there is a z or not.
    used_age_days
        Age that was used, corrected for gestation where the reference says so [days].
    birth_z, term_birth_z
        For a weight on the day of birth: its z at the gestation of birth, and that at 40 weeks, for every
        gestation [SD]; NaN elsewhere.
    scores
        Every weight in every table, from which changes of z are taken.
    reference
        Id and content hash of the reference.
    """

    z: Floats
    centile: Floats
    status_code: npt.NDArray[np.uint8]
    used_age_days: Floats
    birth_z: Floats
    term_birth_z: Floats
    scores: TableScores
    reference: ReferenceLabel

    def part(self, start: int, stop: int) -> GrowthFacts:
        """Facts of rows from one up to another."""
        cut = slice(start, stop)
        return GrowthFacts(
            self.z[cut], self.centile[cut], self.status_code[cut], self.used_age_days[cut], self.birth_z[cut],
            self.term_birth_z[cut], self.scores.part(start, stop), self.reference,
        )  # fmt: skip

    def joined(self, more: GrowthFacts) -> GrowthFacts:
        """Facts of these rows and of further ones, on the same reference."""
        return GrowthFacts(
            np.append(self.z, more.z),
            np.append(self.centile, more.centile),
            np.append(self.status_code, more.status_code),
            np.append(self.used_age_days, more.used_age_days),
            np.append(self.birth_z, more.birth_z),
            np.append(self.term_birth_z, more.term_birth_z),
            self.scores.joined(more.scores),
            self.reference,
        )


def growth_facts(
    reference: Reference,
    weight_kg: npt.NDArray[np.float64],
    age_days: npt.NDArray[np.int64],
    sex: npt.NDArray[np.uint8],
    gestation_days: npt.NDArray[np.float64],
) -> GrowthFacts:
    """Compute the growth facts of weighings.

    Parameters
    ----------
    reference
        The reference that scores them.
    weight_kg, age_days, sex, gestation_days
        Flat columns, one row a weighing: weight [kg], chronological age [days], sex as 0 male,
        1 female, 2 unknown, completed gestation at birth [days] (NaN: term).

    Notes
    -----
    The z at birth is read twice: at the gestation of birth, and at 40 weeks (age 0), where the UK-WHO
    charts plot every birth from 37 weeks on.  Which of them counts is for a rule to say.  Every other z
    follows the reference's own correction.
    """
    known = ReadSex(np.where(sex <= FEMALE, sex, np.uint8(UNKNOWN_SEX)))
    score = reference.score(weight_kg, age_days=age_days, sex=known, gestation_days=gestation_days)
    born: npt.NDArray[Any] = np.flatnonzero(age_days == 0)
    birth_z, term_birth_z = np.full(weight_kg.shape, np.nan), np.full(weight_kg.shape, np.nan)
    if born.size:
        gestation = np.where(np.isnan(gestation_days[born]), TERM_DAYS, gestation_days[born])
        birth_z[born], term_birth_z[born] = birth_scores(
            reference, weight_kg[born], ReadSex(known.codes[born]), gestation
        )
    scores = table_scores(
        reference, weight_kg, sex, age_days, np.where(np.isnan(gestation_days), 280.0, gestation_days)
    )
    return GrowthFacts(
        score.z, score.centile, score.status_code, score.corrected_age_days, birth_z, term_birth_z, scores,
        score.reference,
    )  # fmt: skip


def birth_scores(
    reference: Reference, weight_kg: Floats, sex: ReadSex, gestation_days: Floats
) -> tuple[Floats, Floats]:
    """Z of birth weights [kg] at the gestation of birth [days], and at 40 weeks [SD]."""
    at = reference.birth_age_days(gestation_days)
    z = reference.z(weight_kg, corrected_age_days=at, sex=sex)
    term = z.copy()
    other = np.flatnonzero(at != 0.0)
    if other.size:
        sexes = ReadSex(sex.codes[other])
        term[other] = reference.z(weight_kg[other], corrected_age_days=np.zeros(other.size), sex=sexes)
    return z, term
