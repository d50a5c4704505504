"""A source of curves: of one population, or (`growthwatch.references.adjusted`) one over another.

A source never changes.  It knows its metadata, id and hash, its curves, what they cover and
the age that they are read at; everything else is asked of it from outside.
"""

from __future__ import annotations

import copy
import hashlib
from abc import ABC, abstractmethod
from importlib.resources.abc import Traversable
from typing import Any, Protocol

import numpy as np

from growthwatch.core.canonical import content_hash
from growthwatch.core.columns import broadcast_shape, numeric
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.files import FIGURES_LIMIT, is_file, read_within
from growthwatch.core.sex import MISSING_SEX, sex_codes
from growthwatch.references.catalogue import measure_elsewhere
from growthwatch.references.checks import check_measure
from growthwatch.references.curves import MeasureCurves, spans
from growthwatch.references.links import Link
from growthwatch.references.metadata import (
    Correction,
    CorrectionName,
    MeasureInfo,
    ReferenceInfo,
    corrections,
    read_metadata,
)
from growthwatch.references.parsing import Figures, as_text, parse_figures
from growthwatch.references.scoring import ReferenceLabel, corrected_age

__all__ = ["Curved", "Population", "Source", "Span", "read_figures", "read_population", "text_hash"]

Span = tuple[float, float]
"""Least and greatest x."""


class Curved(Protocol):
    """What has curves and corrects age: a source, or a reference that holds one."""

    @property
    def correction(self) -> CorrectionName:
        """How age is corrected for gestation."""
        ...

    def curves(self, measure: str) -> MeasureCurves:
        """Figures of one measure."""
        ...


class Source(ABC):
    """Curves of a population, or of one as somebody adjusted it.

    Attributes
    ----------
    info
        The metadata, whole.
    id
        Name in the catalogue, with ``+correction`` where that is not the default; or the name of an adjustment.
    hash
        Content hash, ``sha256:`` and 64 digits.
    correction
        How age is corrected for gestation.
    """

    __slots__ = ("_correction", "_curves", "_frozen", "hash", "id", "info")

    id: str
    hash: str
    info: ReferenceInfo

    def __init__(self, id: str, hash: str, info: ReferenceInfo, correction: CorrectionName):
        self.id = id
        self.hash = hash
        self.info = info
        self._correction: CorrectionName = correction
        self._curves: dict[str, MeasureCurves] = {}
        self._frozen = True

    def __setattr__(self, name: str, value: object) -> None:
        if getattr(self, "_frozen", False):
            raise AttributeError("a source never changes")
        object.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        raise AttributeError("a source never changes")

    def __copy__(self) -> Source:
        return self

    def __deepcopy__(self, memo: object) -> Source:
        return self

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Source) and other.hash == self.hash

    def __hash__(self) -> int:
        return hash(self.hash)

    @property
    def correction(self) -> CorrectionName:
        """How age is corrected for gestation: ``paper``, ``lifelong`` or ``none``."""
        return self._correction

    @property
    def rule(self) -> Correction:
        """The rules of that correction."""
        return corrections().named(self._correction)

    @property
    def label(self) -> ReferenceLabel:
        """Id and hash together, as every result carries them."""
        return ReferenceLabel(self.id, self.hash)

    @property
    def measures(self) -> tuple[str, ...]:
        """Measures that it has."""
        return tuple(self.info.measures)

    @staticmethod
    def _sex(sex: str) -> int:
        code = int(sex_codes(sex))
        if code >= MISSING_SEX:
            raise GrowthwatchError.of("sex", sex, "male, female, m or f")
        return code

    @property
    def metadata(self) -> dict[str, Any]:
        """The metadata file as plain data, a copy; empty where it is no folder's."""
        return {}

    @property
    def files(self) -> dict[str, bytes]:
        """The figures files by name, where there are any."""
        return {}

    @property
    def base(self) -> Source:
        """The source under all adjustments: itself, where there are none."""
        return self

    @property
    def links(self) -> tuple[Link, ...]:
        """Adjustments, oldest first."""
        return ()

    @abstractmethod
    def curves(self, measure: str) -> MeasureCurves:
        """Figures of one measure, made when first asked for.

        Raises
        ------
        GrowthwatchError
            If it does not have the measure.
        """

    @abstractmethod
    def span(self, measure: str, sex: str) -> Span | None:
        """Least and greatest x that it covers [days, or cm]; None if the sex is not covered."""

    @abstractmethod
    def covered(self, measure: str, sex: int) -> Span | None:
        """As `span`, of a sex by its code."""

    def used_age(self, age_days: Any, gestation_days: Any = None) -> Any:
        """Age used for a chronological age and a gestation; NaN for an impossible one [days]."""
        age, gestation = numeric("age_days", age_days), numeric("gestation_days", gestation_days)
        shape = broadcast_shape(age_days=age, gestation_days=gestation)
        flat = [np.broadcast_to(c, shape).ravel() for c in (age, gestation)]
        out = corrected_age(flat[0], None if gestation_days is None else flat[1], self.rule).astype(np.float64)
        possible = corrections().gestation
        out[(flat[1] < possible.least_days) | (flat[1] > possible.most_days)] = np.nan
        return float(out[0]) if shape == () else out.reshape(shape)


def text_hash(data: bytes, where: str) -> str:
    """SHA-256 of a figures file as text."""
    as_it_is = data.isascii() and b"\r" not in data
    return hashlib.sha256(data if as_it_is else as_text(data, where).encode()).hexdigest()


class Population(Source):
    r"""Curves of one population, with the way in which age is corrected for gestation.

    The content hash is the SHA-256 of the canonical JSON of four things: the layout
    number, the metadata file as data, the SHA-256 of each figures file (line ends read
    as ``\\n``), and the correction with its rules.  Any change to any of them changes it.
    """

    __slots__ = ("_figures", "_files", "_metadata", "_spans", "_where")

    def __init__(
        self, info: ReferenceInfo, metadata: dict[str, Any], files: dict[str, bytes], correction: str | None, where: str
    ):
        name = info.default_correction if correction is None else correction
        if name not in info.corrections:
            raise GrowthwatchError.of("correction", correction, f"one of {list(info.corrections)} for {info.id}")
        if info.of_increments:
            raise GrowthwatchError.of(
                "reference",
                info.id,
                "a reference of sizes; this one is of gains: see growthwatch.references.increments",
            )
        self._metadata = metadata
        self._files = files
        self._where = where
        self._spans: dict[str, tuple[Span | None, Span | None]] = {}
        self._figures: dict[str, Figures] = {}
        rules = [[str(r.born_before_days), str(r.until_corrected_age_days)] for r in corrections().named(name).rules]
        hash = content_hash(
            {
                "layout": info.layout,
                "metadata": metadata,
                "tables": {k: text_hash(v, k) for k, v in files.items()},
                "correction": {"name": name, "rules": rules},
            }
        )
        super().__init__(info.id if name == info.default_correction else f"{info.id}+{name}", hash, info, name)

    def corrected(self, correction: str) -> Population:
        """Return the same curves with another correction for gestation."""
        return Population(self.info, self._metadata, self._files, correction, self._where)

    def __reduce__(self) -> tuple[Any, ...]:
        return Population, (self.info, self._metadata, self._files, self._correction, self._where)

    @property
    def metadata(self) -> dict[str, Any]:
        """The metadata file as plain data, a copy."""
        return copy.deepcopy(self._metadata)

    @property
    def files(self) -> dict[str, bytes]:
        """The figures files by name."""
        return dict(self._files)

    def curves(self, measure: str) -> MeasureCurves:
        """Figures of one measure, read when first asked for; of one whose tables are chosen by birth there are none."""
        check_measure(measure)
        found = self._curves.get(measure)
        if found is None:
            info = self._of(measure)
            if self.info.table_by is not None:
                fact = "gestation_days" if self.info.table_by == "gestation_days" else "birth_weight_kg"
                expected = f"a table of one birth, which this reference chooses by it: ask reference.born({fact}=...)"
                raise GrowthwatchError.of("reference", self.info.id, expected)
            where = f"{self._where}/{info.file}"
            found = self._curves[measure] = MeasureCurves(info, as_text(self._files[info.file], where), where)
        return found

    def _of(self, measure: str) -> MeasureInfo:
        info = self.info.measures.get(measure)
        if info is None:
            raise GrowthwatchError.of(
                "measure",
                measure,
                f"one of {list(self.info.measures)}, which {self.info.id} has{measure_elsewhere(measure)}",
            )
        return info

    def figures(self, measure: str) -> tuple[Figures, str]:
        """Figures file of one measure, read once, with the tables of all births; and its name."""
        check_measure(measure)
        info = self._of(measure)
        where = f"{self._where}/{info.file}"
        found = self._figures.get(measure)
        if found is None:
            text = as_text(self._files[info.file], where)
            found = self._figures[measure] = parse_figures(text, info, where)
        return found, where

    def span(self, measure: str, sex: str) -> Span | None:
        """Least and greatest x that it covers [days, or cm]; None if the sex is not covered."""
        return self.covered(measure, self._sex(sex))

    def covered(self, measure: str, sex: int) -> Span | None:
        """As `span`, of a sex by its code; where the figures were not yet asked for, they are not read."""
        check_measure(measure)
        if measure in self._curves:
            return self._curves[measure].span(sex)
        self._of(measure)
        found = self._spans.get(measure)
        if found is None:
            info = self.info.measures[measure]
            found = self._spans[measure] = spans(as_text(self._files[info.file], info.file), info)
        return found[sex]


def read_population(place: Traversable, correction: str | None = None) -> Population:
    """Read a folder; the figures of a measure are checked when they are first asked for."""
    info, metadata = read_metadata(place)
    return Population(info, metadata, read_figures(place, info), correction, str(place))


def read_figures(place: Traversable, info: ReferenceInfo) -> dict[str, bytes]:
    """Read the figures files of a folder by name, none longer than a file may be.

    Raises
    ------
    GrowthwatchError
        Naming the measure whose file is not in the folder, or the file that cannot be read or is too long.
    """
    files: dict[str, bytes] = {}
    for name, measure in info.measures.items():
        path = place / measure.file
        if "/" in measure.file or "\\" in measure.file or not is_file(path):
            raise GrowthwatchError.of(f"{place}: measures.{name}.file", measure.file, "a file in the same folder")
        files[measure.file] = read_within(path, FIGURES_LIMIT, f"measures.{name}.file")
    return files
