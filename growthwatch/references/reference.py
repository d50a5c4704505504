"""A reference: what is normal, for whom; immutable, and the only thing that makes a z.

The face of this room: a `Reference` holds a source, and each of its methods asks one of the
files below.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import cache
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.sex import SexCoding
from growthwatch.core.units import TERM_DAYS
from growthwatch.references import adjusting, folders
from growthwatch.references.adjusted import AdjustedSource
from growthwatch.references.arguments import Arguments
from growthwatch.references.births import BoundSource, bound_at
from growthwatch.references.change import Change, change
from growthwatch.references.coverage import Covers
from growthwatch.references.curves import MeasureCurves
from growthwatch.references.find import covers, find_source
from growthwatch.references.links import Link, Number
from growthwatch.references.metadata import CorrectionName, ReferenceInfo, TableBy
from growthwatch.references.nodes import Node
from growthwatch.references.scores import centile_of, score_of, value_of, z_of
from growthwatch.references.scoring import ReferenceLabel, Score
from growthwatch.references.source import Source, Span, read_population

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Real = float | np.floating[Any] | np.integer[Any]
    """One number: what is given so gives a Python number, and anything else an array."""

__all__ = ["AdjustedReference", "Reference", "blend", "reference"]


class Reference:
    r"""Curves of one population, with the way in which age is corrected for gestation.

    Build one with `growthwatch.reference` (packaged) or `Reference.load` (a folder of
    your own).  A reference never changes; its `id` and `hash` name it wherever a number
    of it is kept.

    The content hash is the SHA-256 of the canonical JSON of four things: the layout
    number, the metadata file as data, the SHA-256 of each figures file (line ends read
    as ``\\n``), and the correction with its rules.  Any change to any of them changes it.
    """

    __slots__ = ("_source",)

    _source: Source

    def __init__(self, source: Source):
        object.__setattr__(self, "_source", source)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("a Reference never changes")

    def __delattr__(self, name: str) -> None:
        raise AttributeError("a Reference never changes")

    def __reduce__(self) -> tuple[Any, ...]:
        return Reference, (self._source,)

    def __copy__(self) -> Reference:
        return self

    def __deepcopy__(self, memo: object) -> Reference:
        return self

    @classmethod
    def load(cls, folder: str | Path | Traversable, correction: str | None = None) -> Reference:
        """Read a reference from a folder of ``reference.toml`` and figures, and check it whole.

        Raises
        ------
        GrowthwatchError
            Naming the file, the key or line, and the reason.
        """
        return cls(folders.load(folder, correction))

    @classmethod
    def packaged(cls, place: Traversable, correction: str | None = None) -> Reference:
        """Read a packaged folder, which tests have checked: the figures of a measure when they are first asked for."""
        return cls(read_population(place, correction))

    def export(self, folder: str | Path) -> None:
        """Write it to a new folder that `Reference.load` reads back with the same hash.

        Load it with the same correction, if that is not the default.
        """
        folders.export(self._source, folder)

    # --- what it is -------------------------------------------------------------------

    @property
    def info(self) -> ReferenceInfo:
        """The metadata, whole."""
        return self._source.info

    @property
    def metadata(self) -> dict[str, Any]:
        """The metadata file as plain data, a copy."""
        return self._source.metadata

    @property
    def files(self) -> dict[str, bytes]:
        """The figures files by name."""
        return self._source.files

    @property
    def id(self) -> str:
        """Name in the catalogue, with ``+correction`` where that is not the reference's default.

        Of an adjusted one: the id of the base, ``~``, and the first digits of the content hash.
        """
        return self._source.id

    @property
    def hash(self) -> str:
        """Content hash, ``sha256:`` and 64 digits."""
        return self._source.hash

    @property
    def label(self) -> ReferenceLabel:
        """Id and hash together, as every result carries them."""
        return self._source.label

    @property
    def correction(self) -> CorrectionName:
        """How age is corrected for gestation: ``paper``, ``lifelong`` or ``none``."""
        return self._source.correction

    @property
    def kind(self) -> str:
        """``standard``, ``reference`` or ``descriptive`` (how children grew, not how they should)."""
        return self._source.info.kind

    @property
    def measures(self) -> tuple[str, ...]:
        """Measures that it has."""
        return self._source.measures

    @property
    def table_by(self) -> TableBy | None:
        """The fact of birth by which its table is chosen, or was (`born`); None where there is none."""
        base = self._source.base
        return base.whole.info.table_by if isinstance(base, BoundSource) else base.info.table_by

    def born(self, *, gestation_days: float | None = None, birth_weight_kg: float | None = None) -> Reference:
        """Return the tables for one birth, where a fact of birth chooses them; otherwise the reference itself.

        What works on one set of tables, such as `adjusted`, `curves`, `growthwatch.evidence` and the
        columns of `growthwatch.growth`, needs it; `score` and its like read the fact row by row.
        Results still name the whole reference.

        Parameters
        ----------
        gestation_days
            Completed days of gestation at birth.
        birth_weight_kg
            Weight at birth [kg].

        Raises
        ------
        GrowthwatchError
            If the fact that chooses is not given, or there is no table for such a birth: nothing is guessed.
        """
        return self._with(bound_at(self._source, gestation_days, birth_weight_kg))

    def span(self, measure: str = "weight", sex: str = "male") -> Span | None:
        """Least and greatest x that it covers [days, or cm for weight-for-length]; None if the sex is not covered."""
        return self._source.span(measure, sex)

    def covered(self, measure: str, sex: int) -> Span | None:
        """As `span`, of a sex by its code; where the figures were not yet asked for, they are not read."""
        return self._source.covered(measure, sex)

    def covers(
        self,
        measure: str = "weight",
        *,
        sex: str | None = None,
        age_days: float | None = None,
        gestation_days: float | None = None,
        length_cm: float | None = None,
        birth_weight_kg: float | None = None,
    ) -> Covers:
        """Whether it covers a child; if not, what it does cover, and which other references would.

        Parameters
        ----------
        measure
            A measure; one that it lacks is an answer here, not an error, if any packaged reference has it.
        sex, age_days, gestation_days, length_cm, birth_weight_kg
            As for `score`, of one child; what is not given is not asked, but for a gestation or a birth
            weight that is needed at an age (``missing_gestation``, ``missing_birth_weight``).

        Returns
        -------
        Covers
            True or false as it stands; ``.status``, ``.coverage``, ``.elsewhere``; as text, a sentence.
        """
        return covers(
            self._source,
            measure,
            sex=sex,
            age_days=age_days,
            gestation_days=gestation_days,
            length_cm=length_cm,
            birth_weight_kg=birth_weight_kg,
        )

    def __repr__(self) -> str:
        return f"<Reference {'; '.join([f'{self.label}: {self.info.title}', *(k.words() for k in self.links)])}>"

    def _repr_html_(self) -> str:
        from growthwatch.references.display import reference_html

        return reference_html(self._source)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Reference) and other._source == self._source

    def __hash__(self) -> int:
        return hash(self._source)

    def curves(self, measure: str) -> MeasureCurves:
        """Figures of one measure, read when first asked for.

        Raises
        ------
        GrowthwatchError
            If the reference does not have the measure, naming those it has.
        """
        return self._source.curves(measure)

    # --- numbers ----------------------------------------------------------------------

    def score(
        self,
        value: Any,
        *,
        age_days: Any = None,
        sex: Any,
        measure: str = "weight",
        gestation_days: Any = None,
        length_cm: Any = None,
        position: Any = None,
        sex_coding: SexCoding | None = None,
        corrected_age_days: Any = None,
        birth_weight_kg: Any = None,
    ) -> Score:
        """Score measurements: z, centile, status, the age used and the reference, together.

        Parameters
        ----------
        value
            Measurement, scalar or array [kg, cm or kg/m², as the measure has it].
        age_days
            Chronological age [days since birth]; whole or not.
        sex
            ``male``, ``female``, ``m`` or ``f`` in any case, or codes with `sex_coding`.
        measure
            ``weight``, ``height``, ``bmi``, ``head``, ``weight-for-length``, ``weight-for-height``.
        gestation_days
            Completed days of gestation at birth (280 is 40 weeks); None, or NaN in a row, means
            term, without correction.  A reference that chooses its table by it never takes term for
            granted: see `born`.
        length_cm
            Length or height, for the two weight-for-length measures [cm].
        position
            ``lying`` or ``standing``, where it matters: converted where the reference publishes
            the difference, otherwise a mismatch has status ``position_mismatch``.
        sex_coding
            What codes mean, for example ``{1: "male", 2: "female"}``.
        corrected_age_days
            The age to use as it is, in place of `age_days` [days].
        birth_weight_kg
            Weight at birth [kg], for a reference that chooses its table by it; others do not read it.

        Returns
        -------
        Score
            Python scalars for scalars, arrays of the common shape for arrays.  A row that
            cannot be scored is NaN, with its reason in ``status``.

        Raises
        ------
        GrowthwatchError
            For a wrong argument: an unknown measure, lengths that do not fit, text where a
            number belongs, integers as sex without a coding.

        References
        ----------
        Cole TJ, Green PJ. Stat Med 1992;11:1305-19; tails and interpolation as the
        reference's metadata states.
        """
        given = Arguments(
            age_days, sex, measure, gestation_days, length_cm, position, sex_coding, corrected_age_days, birth_weight_kg
        )
        return score_of(self._source, value, given)

    @overload
    def z(  # pyright: ignore[reportOverlappingOverload] - a column may be anything
        self,
        value: Real,
        *,
        age_days: Real | None = None,
        sex: str | int,
        measure: str = "weight",
        gestation_days: Real | None = None,
        length_cm: Real | None = None,
        position: str | None = None,
        sex_coding: SexCoding | None = None,
        corrected_age_days: Real | None = None,
        birth_weight_kg: Real | None = None,
    ) -> float: ...

    @overload
    def z(
        self,
        value: Any,
        *,
        age_days: Any = None,
        sex: Any,
        measure: str = "weight",
        gestation_days: Any = None,
        length_cm: Any = None,
        position: Any = None,
        sex_coding: SexCoding | None = None,
        corrected_age_days: Any = None,
        birth_weight_kg: Any = None,
    ) -> NDArray[np.float64]: ...

    def z(
        self,
        value: Any,
        *,
        age_days: Any = None,
        sex: Any,
        measure: str = "weight",
        gestation_days: Any = None,
        length_cm: Any = None,
        position: Any = None,
        sex_coding: SexCoding | None = None,
        corrected_age_days: Any = None,
        birth_weight_kg: Any = None,
    ) -> Any:
        """Return the standard deviation score; NaN where there is none.  Arguments as for `score`."""
        given = Arguments(
            age_days, sex, measure, gestation_days, length_cm, position, sex_coding, corrected_age_days, birth_weight_kg
        )
        return z_of(self._source, value, given)

    @overload
    def centile(  # pyright: ignore[reportOverlappingOverload] - a column may be anything
        self,
        value: Real,
        *,
        age_days: Real | None = None,
        sex: str | int,
        measure: str = "weight",
        gestation_days: Real | None = None,
        length_cm: Real | None = None,
        position: str | None = None,
        sex_coding: SexCoding | None = None,
        corrected_age_days: Real | None = None,
        birth_weight_kg: Real | None = None,
    ) -> float: ...

    @overload
    def centile(
        self,
        value: Any,
        *,
        age_days: Any = None,
        sex: Any,
        measure: str = "weight",
        gestation_days: Any = None,
        length_cm: Any = None,
        position: Any = None,
        sex_coding: SexCoding | None = None,
        corrected_age_days: Any = None,
        birth_weight_kg: Any = None,
    ) -> NDArray[np.float64]: ...

    def centile(
        self,
        value: Any,
        *,
        age_days: Any = None,
        sex: Any,
        measure: str = "weight",
        gestation_days: Any = None,
        length_cm: Any = None,
        position: Any = None,
        sex_coding: SexCoding | None = None,
        corrected_age_days: Any = None,
        birth_weight_kg: Any = None,
    ) -> Any:
        """Return the centile, 0 to 100; NaN where there is none.  Arguments as for `score`."""
        given = Arguments(
            age_days, sex, measure, gestation_days, length_cm, position, sex_coding, corrected_age_days, birth_weight_kg
        )
        return centile_of(self._source, value, given)

    @overload
    def value(  # pyright: ignore[reportOverlappingOverload] - a column may be anything
        self,
        z: Real,
        *,
        age_days: Real | None = None,
        sex: str | int,
        measure: str = "weight",
        gestation_days: Real | None = None,
        length_cm: Real | None = None,
        position: str | None = None,
        sex_coding: SexCoding | None = None,
        corrected_age_days: Real | None = None,
        birth_weight_kg: Real | None = None,
    ) -> float: ...

    @overload
    def value(
        self,
        z: Any,
        *,
        age_days: Any = None,
        sex: Any,
        measure: str = "weight",
        gestation_days: Any = None,
        length_cm: Any = None,
        position: Any = None,
        sex_coding: SexCoding | None = None,
        corrected_age_days: Any = None,
        birth_weight_kg: Any = None,
    ) -> NDArray[np.float64]: ...

    def value(
        self,
        z: Any,
        *,
        age_days: Any = None,
        sex: Any,
        measure: str = "weight",
        gestation_days: Any = None,
        length_cm: Any = None,
        position: Any = None,
        sex_coding: SexCoding | None = None,
        corrected_age_days: Any = None,
        birth_weight_kg: Any = None,
    ) -> Any:
        """Return the measurement at a z: the way back from `z`.

        In the unit of the table, and as measured in the `position` given, or else in the one
        that the table has (lying below the age at which the table turns to height); NaN where
        the reference does not cover the child or its distribution has no such value.
        Arguments as for `score`.
        """
        given = Arguments(
            age_days, sex, measure, gestation_days, length_cm, position, sex_coding, corrected_age_days, birth_weight_kg
        )
        return value_of(self._source, z, given)

    def change(self, value: Any, **arguments: Any) -> Change:
        """Change of z over series of measurements, blind to changes of table.

        Parameters
        ----------
        value
            Measurements, one a row, in any order.
        **arguments
            ``age_days``, ``sex``, ``measure``, ``gestation_days`` and ``sex_coding`` as for `score`;
            ``child``, an id a row, where there are several children: see `growthwatch.references.change`.
        """
        return change(self._source, value, **arguments)

    def corrected_age(self, age_days: Any, gestation_days: Any = None) -> Any:
        """Age that this reference uses for a chronological age and a gestation; NaN for an impossible one [days]."""
        return self._source.used_age(age_days, gestation_days)

    def birth_age_days(self, gestation_days: Any) -> Any:
        """Age at which the day of birth is read for a birth centile [days].

        Gestation less 40 weeks; 0 where the tables are themselves those of one week of gestation.
        """
        bound = isinstance(self._source.base, BoundSource) and self.table_by == "gestation_days"
        return gestation_days * 0.0 if bound else gestation_days - float(TERM_DAYS)

    # --- adjusting --------------------------------------------------------------------

    @property
    def source(self) -> Source:
        """What it holds: curves of one population, or an adjusted source over another."""
        return self._source

    @property
    def base(self) -> Reference:
        """The reference under all adjustments: itself, where there are none; of a blend, its first."""
        return self._with(self._source.base)

    @property
    def parent(self) -> Reference:
        """The reference under the last adjustment: itself, where there are none."""
        return self._with(self._source.parent) if isinstance(self._source, AdjustedSource) else self

    @property
    def node(self) -> Node | None:
        """The last adjustment itself; None, where there are none."""
        return self._source.node if isinstance(self._source, AdjustedSource) else None

    @property
    def link(self) -> Link | None:
        """The last link: who, why, until when and how far; None, where there are none."""
        return self._source.link if isinstance(self._source, AdjustedSource) else None

    @property
    def links(self) -> tuple[Link, ...]:
        """Every adjustment of the chain, oldest first: who, why, until when and how far."""
        return self._source.links

    def _with(self, source: Source) -> Reference:
        return self if source is self._source else Reference(source)

    def effective(self, on: dt.date, age_days: float | None = None) -> Reference:
        """Reference that counts on a date: without the links that have expired, or were not yet signed.

        For a child whose chronological age that day is given, a link counts below 2 years for no
        longer than 6 months from its day of signature (``adjustment-limits.toml``).  A link without
        a day of signature counts only in the last 12 months before its review (6 for such a child):
        on an earlier day nobody could have signed it for so long.  A link that would go beyond the
        limits once another has expired does not count either, unless a specialist signed it off.
        One without adjustments always counts.
        """
        return self._with(adjusting.effective(self._source, on, age_days))

    def notices(self, on: dt.date | None = None, age_days: float | None = None) -> list[str]:
        """What must be said wherever its lines are shown; nothing, where it is not adjusted.

        One sentence for the links that count on the day (all of them if None), and one for
        each that does not; for a child of that age, where it is given.
        """
        return adjusting.notices(self._source, on, age_days)

    def adjusted(
        self,
        shift: Number = 0.0,
        scale: Number = 1.0,
        *,
        because: str,
        by: str,
        review_by: dt.date,
        signed_on: dt.date | None = None,
        specialist: str | None = None,
        measures: str | Sequence[str] | None = None,
    ) -> Reference:
        """Return a new reference with ``z' = (z - shift) / scale``.

        Parameters
        ----------
        shift, scale
            Each a number, or knots ``[(age_days, value), ...]``: linear between, flat outside, at
            chronological age after correction for gestation has been applied.  A condition that
            runs 1.3 SD low has ``shift=-1.3``.
        because, by
            The reason, and who signs.
        review_by
            The last day on which it counts.
        signed_on
            The first day on which it counts; the review may then be at most a year later.
        specialist
            Who signed off that it goes beyond the limits of ``adjustment-limits.toml``.
        measures
            Measures that it concerns; ``weight`` if None.  Those by length take plain numbers.  Of others the new
            reference says nothing.

        Raises
        ------
        GrowthwatchError
            If it is unsigned, has no date of review, or the whole chain goes beyond a limit
            without a specialist, naming value and bound.
        """
        made = adjusting.shift_scale(
            self._source,
            shift,
            scale,
            because=because,
            by=by,
            review_by=review_by,
            signed_on=signed_on,
            specialist=specialist,
            measures=measures,
        )
        return Reference(made)

    def age_shifted(
        self,
        days: float,
        *,
        because: str,
        by: str,
        review_by: dt.date,
        signed_on: dt.date | None = None,
        specialist: str | None = None,
        measures: str | Sequence[str] | None = None,
    ) -> Reference:
        """Return a new reference that is read at the used age plus `days`.

        Negative for a child who is expected to grow as younger children do.  Boundaries
        between tables and the ages covered move with it.  Other arguments as for `adjusted`;
        it concerns every measure by age unless `measures` says otherwise.
        """
        made = adjusting.age_shift(
            self._source,
            days,
            because=because,
            by=by,
            review_by=review_by,
            signed_on=signed_on,
            specialist=specialist,
            measures=measures,
        )
        return Reference(made)


class _HoldsAdjusted(type):
    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, Reference) and isinstance(instance.source, AdjustedSource)


class AdjustedReference(Reference, metaclass=_HoldsAdjusted):
    """A `Reference` whose source is an adjusted one, for ``isinstance`` and annotations.

    Nothing is made of this class: `Reference.adjusted`, `Reference.age_shifted` and `blend`
    give a `Reference`, of which ``isinstance(made, AdjustedReference)`` is true.
    """

    __slots__ = ()

    if TYPE_CHECKING:
        source: AdjustedSource  # pyright: ignore[reportIncompatibleMethodOverride]
        node: Node  # pyright: ignore[reportIncompatibleMethodOverride]
        link: Link  # pyright: ignore[reportIncompatibleMethodOverride]


@cache
def _packaged(source: Source) -> Reference:
    return Reference(source)


def reference(id: str, correction: str | None = None) -> Reference:
    """Return a packaged reference.

    Parameters
    ----------
    id
        As in `references()`; ``uk-who+lifelong`` names the correction too.
    correction
        ``paper``, ``lifelong`` or ``none``, where the reference offers it; its own default if None.

    Raises
    ------
    GrowthwatchError
        If there is no such reference, naming those that there are.
    """
    return _packaged(find_source(id, correction))


def blend(
    a: Reference,
    b: Reference,
    weight: Number,
    *,
    because: str,
    by: str,
    review_by: dt.date,
    signed_on: dt.date | None = None,
    specialist: str | None = None,
    measures: str | Sequence[str] | None = None,
) -> Reference:
    """Mix the values of two references at equal z.

    Parameters
    ----------
    a, b
        The references; both need the same correction for gestation.
    weight
        Share of `b`, from 0 to 1: a number, or knots ``[(age_days, share), ...]``.
    because, by, review_by, signed_on, specialist
        As for `Reference.adjusted`.
    measures
        Measures that it concerns, which both must measure alike; ``weight`` if None.

    Returns
    -------
    Reference
        It covers the ages that both cover.  Its kind is the more cautious of the two; its
        base is `a`.

    Notes
    -----
    ``value(z) = (1 - weight) value_a(z) + weight value_b(z)``; `z` is found from it.
    """
    for name, given in (("a", a), ("b", b)):
        if not isinstance(given, Reference):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise GrowthwatchError.of(name, given, "a Reference, as growthwatch.reference returns")
    made = adjusting.blend(
        a.source,
        b.source,
        weight,
        because=because,
        by=by,
        review_by=review_by,
        signed_on=signed_on,
        specialist=specialist,
        measures=measures,
    )
    return Reference(made)
