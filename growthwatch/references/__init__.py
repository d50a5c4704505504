"""What is normal, for whom: curves as data, exact to the published tables."""

from __future__ import annotations

from growthwatch.core.modules import callable_module
from growthwatch.references.adjusted import Link, blend
from growthwatch.references.catalogue import Catalogue, reference, references
from growthwatch.references.coverage import Coverage, Covers, elsewhere
from growthwatch.references.metadata import ReferenceInfo
from growthwatch.references.reference import Reference
from growthwatch.references.scoring import ReferenceLabel, Score

__all__ = [
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
