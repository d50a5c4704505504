"""What is normal, for whom: curves as data, exact to the published tables."""

from __future__ import annotations

from growthwatch.core.modules import callable_module
from growthwatch.references.catalogue import Catalogue
from growthwatch.references.coverage import Coverage, Covers
from growthwatch.references.find import elsewhere, references
from growthwatch.references.links import Link
from growthwatch.references.metadata import ReferenceInfo
from growthwatch.references.reference import AdjustedReference, Reference, blend, reference
from growthwatch.references.scoring import ReferenceLabel, Score

__all__ = [
    "AdjustedReference",
    "Catalogue",
    "Coverage",
    "Covers",
    "Link",
    "Reference",
    "ReferenceInfo",
    "ReferenceLabel",
    "Score",
    "blend",
    "elsewhere",
    "reference",
    "references",
]

callable_module(__name__, references)
