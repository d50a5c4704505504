"""Packaged figures by which rules judge: a file names the version that it means.

A new version of the figures is another file in the package; the earlier ones stay, and a protocol that names one of
them goes on meaning it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pydantic import Field

from growthwatch.growth.detector import detector
from growthwatch.growth.detector import packaged_versions as detector_versions
from growthwatch.growth.model import packaged_versions as model_versions
from growthwatch.growth.model import weight_model
from growthwatch.protocol.file.values import Sourced, Text

__all__ = ["FIGURES", "USUAL", "Figures", "Packaged"]


@dataclass(frozen=True, slots=True)
class Packaged:
    """Figures of one name: their versions, oldest first, and the content hash of each."""

    versions: tuple[str, ...]
    hash: Callable[[str], str]


FIGURES: Mapping[str, Packaged] = {
    "evidence": Packaged(detector_versions(), lambda version: detector(version).hash),
    "weight-model": Packaged(model_versions(), lambda version: weight_model(version).hash),
}
"""The figures by which kinds of this package judge: those of the evidence, and of the model of healthy growth."""


class Figures(Sourced):
    """Versions of the figures that a file means, as ``detector`` and ``weight_model`` take them."""

    evidence: Text | None = None
    weight_model: Text | None = Field(default=None, alias="weight-model")

    @property
    def versions(self) -> dict[str, str]:
        """Those that are named, by the name of the figures."""
        named = {"evidence": self.evidence, "weight-model": self.weight_model}
        return {name: version for name, version in named.items() if version is not None}

    @property
    def newest(self) -> bool:
        """Whether all of them are the latest in the package."""
        return all(version == FIGURES[name].versions[-1] for name, version in self.versions.items())


USUAL = Figures()
"""The latest of all: where no protocol names any."""
