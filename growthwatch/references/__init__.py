"""What is normal, for whom: curves as data, exact to the published tables."""

from __future__ import annotations

import sys
from types import ModuleType

from growthwatch.references.catalogue import Catalogue, reference, references
from growthwatch.references.metadata import ReferenceInfo
from growthwatch.references.reference import Reference
from growthwatch.references.scoring import ReferenceLabel, Score

__all__ = ["Catalogue", "Reference", "ReferenceInfo", "ReferenceLabel", "Score", "reference", "references"]


class _Callable(ModuleType):
    """A room that can be called: it bears the name of the function `growthwatch.references`.

    Python binds the name to the room. Once the room has been imported, the name may stand for
    either; both answer alike.
    """

    __call__ = staticmethod(references)


sys.modules[__name__].__class__ = _Callable
