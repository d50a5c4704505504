"""Trajectories: all that a child's weights say over time, on one reference or on two.

`trajectories` computes it as columns for any number of children; a `Trajectory` is the same
columns for one child, with words.  Nothing here is a diagnosis: it ranks, explains, and asks for
the weighing that would settle the matter.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from growthwatch.core.frames import make_frame
from growthwatch.core.html_table import Part, Table, display
from growthwatch.core.words import (
    age_words,
    kg_words,
)
from growthwatch.growth.columns import TrajectoryColumns, trajectories
from growthwatch.growth.one_child import NextStep, OneChild, Weighing
from growthwatch.growth.quality import EntryError
from growthwatch.growth.slowing import Began, TrajectoryEvidence
from growthwatch.growth.story import dangers, explain, provenance, two

__all__ = ["Began", "NextStep", "Trajectory", "TrajectoryColumns", "TrajectoryEvidence", "Weighing", "trajectories"]


class Trajectory(OneChild):
    """All that one child's weights say over time; made by `growthwatch.trajectory`.

    Attributes
    ----------
    child_id
        Id of the child.
    as_of
        The day asked about; None where only ages are known.
    weighings
        The weighings, oldest first; every column below is aligned with them.
    on_standard
        Columns on the general standard.
    on_condition
        Columns on the reference of the condition, or on an adjusted one; None where there is none.
    sex, gestation_days
        As recorded; gestation None: taken as term [days].
    birth_date
        Day of birth, by which rules count calendar months; None: months of 30.4375 days.
    high_need
        Whether the threshold for high need applies.
    notices
        What must be said wherever this is shown, such as an adjustment that has expired.
    has_condition
        Whether a condition is recorded whose children fall on the general standard: rules judged on it then
        cost more.
    died
        Whether the child is recorded to have died: nothing is forecast.
    asked_first
        What is to be asked before any weight is questioned, such as a gestation: then no weight is.

    Notes
    -----
    `clothed` and `alarms` are one a weighing: whether it was taken in clothes, and whether it may show a
    danger though it does not count (None: all may).  `dangers` are rules on weights whose gravest level is
    a danger, besides the packaged ones.  `rules` are the growth rules to judge by, if not the packaged ones.
    """

    # --- evidence and danger --------------------------------------------------------------

    @property
    def evidence(self) -> TrajectoryEvidence:
        """Running evidence of slowing growth on the reference of `primary`."""
        return TrajectoryEvidence(self, self.primary)

    @cached_property
    def danger(self) -> tuple[str, ...]:
        """Dangers that the latest weights show, a sentence each, whatever the evidence says; empty where none.

        First what the latest weight that counts shows, then what a later one shows that is doubted or does
        not count: it reassures nobody, and is to be confirmed now.  Read on `on_standard` and in kilograms,
        so that no reference hides one.
        """
        return dangers(self)

    # --- words ----------------------------------------------------------------------------

    def explain(self) -> str:
        """Say in plain English what the weights show, against what, and what would settle it."""
        return explain(self)

    @property
    def provenance(self) -> str:
        """What these figures rest on."""
        return provenance(self)

    def to_frame(self, backend: str | None = None) -> Any:
        """Return one row a weighing: ids, days, and every column of `primary`, then those of the other reference.

        Parameters
        ----------
        backend
            ``pandas``, ``polars`` or ``pyarrow``; None: the first of them that is installed.
        """
        columns: dict[str, Any] = {
            "id": np.array([w.id for w in self.weighings], object),
            "on": np.array([w.on for w in self.weighings], object),
            "reason": np.array([w.reason for w in self.weighings], object),
        }
        columns |= self.primary.columns()
        other = self.on_standard if self.primary is self.on_condition else self.on_condition
        if other is not None:
            suffix = "_standard" if other is self.on_standard else "_condition"
            same = ("weight_kg", "age_days", "counts")
            columns |= {f"{k}{suffix}": v for k, v in other.columns().items() if k not in same}
        return make_frame(columns, backend)

    def __str__(self) -> str:
        return self.explain()

    def __repr__(self) -> str:
        at = self.latest()
        last = (
            "no weight to judge" if at is None else f"latest z {two(self.z[at])}, evidence {self.evidence.latest:.1f}"
        )
        return f"<Trajectory of {self.child_id!r}: {len(self.weighings)} weighings on {self.reference}, {last}>"

    def _repr_html_(self) -> str:
        columns = self.primary
        rows = [
            (
                "" if w.on is None else f"{w.on:%Y-%m-%d}",
                age_words(w.age_days),
                kg_words(w.weight_kg).removesuffix(" kg") + ("" if w.counts else " (does not count)"),
                _shown(columns.z[k]),
                _shown(columns.centile[k], 1),
                _shown(columns.gain.z[k]),
                _shown(columns.evidence.ratio[k], 1),
                "" if columns.suspicions.code[k] == EntryError.NONE else str(columns.suspicions.word[k]),
            )
            for k, w in enumerate(self.weighings)
        ]
        heads = ("on", "age", "kg", "z", "centile", "conditional gain", "evidence", "to check")
        named = f"{self.child_id}, on {self.reference}"
        table = Table(f"Weights of {named}", heads, tuple(tuple(row) for row in rows))
        said = tuple(line for line in self.explain().split("\n") if line not in self.danger)
        return display(f"Trajectory of {named}", [Part(table=table), Part("In words", said)], self.danger)


def _shown(value: float, digits: int = 2) -> str:
    return "" if np.isnan(value) else f"{value:.{digits}f}"
