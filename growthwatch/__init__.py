"""Growth centiles and a weighing protocol for children with chronic conditions.

Everything below is loaded when first used: importing growthwatch costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from growthwatch import anysize as anysize
    from growthwatch import caseload as caseload
    from growthwatch import interop as interop
    from growthwatch import store as store
    from growthwatch.charts import chart as chart
    from growthwatch.charts import charts as charts
    from growthwatch.core.errors import GrowthwatchError as GrowthwatchError
    from growthwatch.core.errors import GrowthwatchWarning as GrowthwatchWarning
    from growthwatch.growth import evidence as evidence
    from growthwatch.growth import score as score
    from growthwatch.growth import trajectories as trajectories
    from growthwatch.pages import page as page
    from growthwatch.protocol import Protocol as Protocol
    from growthwatch.protocol import Review as Review
    from growthwatch.protocol import admit as admit
    from growthwatch.protocol import compare as compare
    from growthwatch.protocol import protocol as protocol
    from growthwatch.protocol import protocols as protocols
    from growthwatch.protocol import replay as replay
    from growthwatch.protocol import review as review
    from growthwatch.protocol.answers.trajectory import trajectory as trajectory
    from growthwatch.record import Record as Record
    from growthwatch.references import Reference as Reference
    from growthwatch.references import Score as Score
    from growthwatch.references import reference as reference
    from growthwatch.references import references as references

_HOMES: dict[str, str] = {
    "GrowthwatchError": "growthwatch.core.errors",
    "GrowthwatchWarning": "growthwatch.core.errors",
    "Protocol": "growthwatch.protocol",
    "Record": "growthwatch.record",
    "Reference": "growthwatch.references",
    "Review": "growthwatch.protocol",
    "Score": "growthwatch.references",
    "admit": "growthwatch.protocol",
    "anysize": "growthwatch.anysize",
    "caseload": "growthwatch.caseload",
    "chart": "growthwatch.charts",
    "charts": "growthwatch.charts",
    "compare": "growthwatch.protocol",
    "evidence": "growthwatch.growth",
    "page": "growthwatch.pages",
    "interop": "growthwatch.interop",
    "protocol": "growthwatch.protocol",
    "protocols": "growthwatch.protocol",
    "reference": "growthwatch.references",
    "references": "growthwatch.references",
    "replay": "growthwatch.protocol",
    "review": "growthwatch.protocol",
    "score": "growthwatch.growth",
    "store": "growthwatch.store",
    "trajectories": "growthwatch.growth",
    "trajectory": "growthwatch.protocol.answers.trajectory",
}

__all__ = ["__version__", *sorted(_HOMES)]  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'growthwatch' has no attribute {name!r}")
    module = import_module(home)
    # A room that has the name of its main function can be called itself (core.modules).
    value = module if home == f"growthwatch.{name}" else getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return list(__all__)
