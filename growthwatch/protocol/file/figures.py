"""Packaged figures by which rules judge: a file names the version that it means.

A new version of the figures is another file in the package; the earlier ones stay, and a protocol that names one of
them goes on meaning it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from pydantic import Field

from growthwatch.core.errors import GrowthwatchError
from growthwatch.growth.detector import detector
from growthwatch.growth.detector import packaged_versions as detector_versions
from growthwatch.growth.model import packaged_versions as model_versions
from growthwatch.growth.model import weight_model
from growthwatch.protocol.file.values import Sourced, Text

__all__ = ["FIGURES", "USUAL", "Figures", "Packaged", "figures_of"]


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


def figures_of(named: Figures | None, used: Iterable[tuple[str, str, str]], where: str) -> dict[str, str]:
    """Content hashes of the figures by which rules judge, in the versions that a file names.

    Parameters
    ----------
    named
        What the file names.
    used
        Of each rule, the names of the figures that its kind judges by: id, name, and the hash of the latest.  Figures
        of a kind from outside have that hash.
    where
        Name of the file, for errors.

    Raises
    ------
    GrowthwatchError
        For figures of this package that the file does not name, or a version that is not packaged.
    """
    versions = {} if named is None else named.versions
    out: dict[str, str] = {}
    for rule, name, hash in used:
        if name not in FIGURES:
            out[name] = hash
            continue
        there = FIGURES[name].versions
        if name not in versions:
            expected = f"a version, as {rule} judges by it: one of {list(there)}"
            raise GrowthwatchError.of(f"{where}: figures.{name}", None, expected)
        if versions[name] not in there:
            raise GrowthwatchError.of(f"{where}: figures.{name}", versions[name], f"one of {list(there)}")
        out[name] = FIGURES[name].hash(versions[name])
    return out
