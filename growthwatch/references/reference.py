"""A reference: what is normal, for whom; immutable, and the only thing that makes a z."""

from __future__ import annotations

import copy
import datetime as dt
import hashlib
from collections.abc import Sequence
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from growthwatch.core.canonical import content_hash
from growthwatch.core.columns import broadcast_shape, numeric, optional_words
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.sex import MISSING_SEX, SexCoding, sex_codes
from growthwatch.core.status import Status
from growthwatch.core.units import TERM_DAYS
from growthwatch.references.curves import MeasureCurves, as_text, spans
from growthwatch.references.distributions import Floats
from growthwatch.references.metadata import CorrectionName, ReferenceInfo, as_folder, corrections, read_metadata
from growthwatch.references.scoring import ReferenceLabel, Score, corrected_age, score_columns

if TYPE_CHECKING:
    from growthwatch.references.adjusted import Link, Number
    from growthwatch.references.change import Change
    from growthwatch.references.coverage import Covers

__all__ = ["Reference"]

Span = tuple[float, float]
"""Least and greatest x."""


def check_measure(measure: object) -> None:
    """Refuse a measure that is not a word."""
    if not isinstance(measure, str):
        raise GrowthwatchError.of("measure", measure, "a word, such as 'weight'")


def check_number(name: str, value: object) -> None:
    """Refuse anything but None and a finite number."""
    if value is not None and (isinstance(value, str) or np.ndim(numeric(name, value)) or not np.isfinite(value)):  # pyright: ignore[reportArgumentType, reportCallIssue]
        raise GrowthwatchError.of(name, value, "a finite number")


class Reference:
    r"""Curves of one population, with the way in which age is corrected for gestation.

    Build one with `growthwatch.reference` (packaged) or `Reference.load` (a folder of
    your own).  A reference never changes; its `id` and `hash` name it wherever a number
    of it is kept.

    The content hash is the SHA-256 of the canonical JSON of four things: the layout
    number, the metadata file as data, the SHA-256 of each figures file (line ends read
    as ``\\n``), and the correction with its rules.  Any change to any of them changes it.
    """

    __slots__ = ("_correction", "_curves", "_files", "_frozen", "_hash", "_info", "_metadata", "_spans", "_where")

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
        self._info = info
        self._metadata = metadata
        self._correction: CorrectionName = name  # pyright: ignore[reportAttributeAccessIssue]
        self._files = files
        self._where = where
        self._curves: dict[str, MeasureCurves] = {}
        self._spans: dict[str, tuple[Span | None, Span | None]] = {}
        rule = corrections().named(self._correction)
        rules = [[str(r.born_before_days), str(r.until_corrected_age_days)] for r in rule.rules]
        self._hash = content_hash(
            {
                "layout": info.layout,
                "metadata": metadata,
                "tables": {k: hashlib.sha256(as_text(v, k).encode()).hexdigest() for k, v in files.items()},
                "correction": {"name": self._correction, "rules": rules},
            }
        )
        self._frozen = True

    def __setattr__(self, name: str, value: object) -> None:
        if getattr(self, "_frozen", False):
            raise AttributeError("a Reference never changes")
        object.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        raise AttributeError("a Reference never changes")

    def __reduce__(self) -> tuple[Any, ...]:
        return Reference, (self._info, self._metadata, self._files, self._correction, self._where)

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
        if not isinstance(folder, str | Path | Traversable):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise GrowthwatchError.of("folder", folder, "the path of a folder")
        place: Traversable = as_folder(folder) if isinstance(folder, str | Path) else folder
        if isinstance(place, Path) and (place / "adjustment.json").is_file():
            from growthwatch.references.interchange import load_adjusted

            made = load_adjusted(place)
            if correction not in (None, made.correction):
                raise GrowthwatchError.of("correction", correction, f"None, or {made.correction!r} as was signed")
            return made
        made = cls.packaged(place, correction)
        for measure in made.measures:
            made.curves(measure)
        return made

    @classmethod
    def packaged(cls, place: Traversable, correction: str | None = None) -> Reference:
        """Read a packaged folder, which tests have checked: the figures of a measure when they are first asked for."""
        info, metadata = read_metadata(place)
        files: dict[str, bytes] = {}
        for name, measure in info.measures.items():
            path = place / measure.file
            if "/" in measure.file or "\\" in measure.file or not path.is_file():
                raise GrowthwatchError.of(f"{place}: measures.{name}.file", measure.file, "a file in the same folder")
            files[measure.file] = path.read_bytes()
        return cls(info, metadata, files, correction, str(place))

    def export(self, folder: str | Path) -> None:
        """Write it to a new folder that `Reference.load` reads back with the same hash.

        Load it with the same correction, if that is not the default.
        """
        from growthwatch.references.interchange import export

        export(self, folder)

    # --- what it is -------------------------------------------------------------------

    @property
    def info(self) -> ReferenceInfo:
        """The metadata, whole."""
        return self._info

    @property
    def metadata(self) -> dict[str, Any]:
        """The metadata file as plain data, a copy."""
        return copy.deepcopy(self._metadata)

    @property
    def files(self) -> dict[str, bytes]:
        """The figures files by name."""
        return dict(self._files)

    @property
    def id(self) -> str:
        """Name in the catalogue, with ``+correction`` where that is not the reference's default."""
        plain = self._correction == self._info.default_correction
        return self._info.id if plain else f"{self._info.id}+{self._correction}"

    @property
    def hash(self) -> str:
        """Content hash, ``sha256:`` and 64 digits."""
        return self._hash

    @property
    def label(self) -> ReferenceLabel:
        """Id and hash together, as every result carries them."""
        return ReferenceLabel(self.id, self._hash)

    @property
    def correction(self) -> CorrectionName:
        """How age is corrected for gestation: ``paper``, ``lifelong`` or ``none``."""
        return self._correction

    @property
    def kind(self) -> str:
        """``standard``, ``reference`` or ``descriptive`` (how children grew, not how they should)."""
        return self._info.kind

    @property
    def measures(self) -> tuple[str, ...]:
        """Measures that it has."""
        return tuple(self._info.measures)

    def span(self, measure: str = "weight", sex: str = "male") -> tuple[float, float] | None:
        """Least and greatest x that it covers [days, or cm for weight-for-length]; None if the sex is not covered."""
        code = int(sex_codes(sex))
        if code >= MISSING_SEX:
            raise GrowthwatchError.of("sex", sex, "male, female, m or f")
        return self.covered(measure, code)

    def covered(self, measure: str, sex: int) -> Span | None:
        """As `span`, of a sex by its code; where the figures were not yet asked for, they are not read."""
        check_measure(measure)
        if measure in self._curves or measure not in self._info.measures:
            return self.curves(measure).span(sex)
        found = self._spans.get(measure)
        if found is None:
            info = self._info.measures[measure]
            found = self._spans[measure] = spans(as_text(self._files[info.file], info.file), info)
        return found[sex]

    def covers(
        self,
        measure: str = "weight",
        *,
        sex: str | None = None,
        age_days: float | None = None,
        gestation_days: float | None = None,
        length_cm: float | None = None,
    ) -> Covers:
        """Whether it covers a child; if not, what it does cover, and which other references would.

        Parameters
        ----------
        measure
            A measure; one that it lacks is an answer here, not an error, if any packaged reference has it.
        sex, age_days, gestation_days, length_cm
            As for `score`, of one child; what is not given is not asked, but for a gestation that
            the measure needs at an age (``missing_gestation``).

        Returns
        -------
        Covers
            True or false as it stands; ``.status``, ``.coverage``, ``.elsewhere``; as text, a sentence.
        """
        from growthwatch.references.coverage import covers

        return covers(self, measure, sex=sex, age_days=age_days, gestation_days=gestation_days, length_cm=length_cm)

    def __repr__(self) -> str:
        return f"<Reference {self.label}: {self._info.title}>"

    def _repr_html_(self) -> str:
        from growthwatch.references.display import reference_html

        return reference_html(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Reference) and other._hash == self._hash

    def __hash__(self) -> int:
        return hash(self._hash)

    def curves(self, measure: str) -> MeasureCurves:
        """Figures of one measure, read when first asked for.

        Raises
        ------
        GrowthwatchError
            If the reference does not have the measure, naming those it has.
        """
        check_measure(measure)
        found = self._curves.get(measure)
        if found is None:
            info = self._info.measures.get(measure)
            if info is None:
                from growthwatch.references.coverage import measure_elsewhere

                raise GrowthwatchError.of(
                    "measure",
                    measure,
                    f"one of {list(self._info.measures)}, which {self._info.id} has{measure_elsewhere(measure)}",
                )
            where = f"{self._where}/{info.file}"
            found = self._curves[measure] = MeasureCurves(info, as_text(self._files[info.file], where), where)
        return found

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
            term, without correction.
        length_cm
            Length or height, for the two weight-for-length measures [cm].
        position
            ``lying`` or ``standing``, where it matters: converted where the reference publishes
            the difference, otherwise a mismatch has status ``position_mismatch``.
        sex_coding
            What codes mean, for example ``{1: "male", 2: "female"}``.
        corrected_age_days
            The age to use as it is, in place of `age_days` [days].

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
        asked = self._read(
            "value", value, age_days, sex, measure, gestation_days, length_cm, position, sex_coding, corrected_age_days
        )
        z, centile, status, used = self._scored(asked)
        assert centile is not None
        shape = asked.shape
        if shape == ():
            age = None if asked.by_length else float(_without_impossible(used, status, asked.gestation)[0])
            return Score(float(z[0]), float(centile[0]), int(status[0]), age, self.label)
        if not asked.by_length:
            used = _without_impossible(used, status, asked.gestation).reshape(shape).view()
            used.flags.writeable = False  # it may be the caller's own column
        age = None if asked.by_length else used
        return Score(z.reshape(shape), centile.reshape(shape), status.reshape(shape), age, self.label)

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
    ) -> Any:
        """Return the standard deviation score; NaN where there is none.  Arguments as for `score`."""
        asked = self._read(
            "value", value, age_days, sex, measure, gestation_days, length_cm, position, sex_coding, corrected_age_days
        )
        z = self._scored(asked, with_centile=False)[0]
        return float(z[0]) if asked.shape == () else z.reshape(asked.shape)

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
    ) -> Any:
        """Return the centile, 0 to 100; NaN where there is none.  Arguments as for `score`."""
        return self.score(
            value,
            age_days=age_days,
            sex=sex,
            measure=measure,
            gestation_days=gestation_days,
            length_cm=length_cm,
            position=position,
            sex_coding=sex_coding,
            corrected_age_days=corrected_age_days,
        ).centile

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
    ) -> Any:
        """Return the measurement at a z: the way back from `z`.

        In the unit of the table, and as measured in the `position` given, or else in the one
        that the table has (lying below the age at which the table turns to height); NaN where
        the reference does not cover the child or its distribution has no such value.
        Arguments as for `score`.
        """
        asked = self._read(
            "z", z, age_days, sex, measure, gestation_days, length_cm, position, sex_coding, corrected_age_days
        )
        # Checks are those of scoring, with a value that is never itself the reason.
        wanted = asked.value.astype(np.float64)
        plain = asked._replace(value=np.where(np.isfinite(wanted), 1.0, np.nan), shift=None)
        _, _, status, used = self._scored(plain, with_centile=False)
        out = np.full(wanted.size, np.nan)
        good = np.flatnonzero((status <= Status.IMPLAUSIBLE) | (status == Status.OUTSIDE_DISTRIBUTION))
        if good.size:
            out[good] = asked.curves.value(wanted[good], asked.sex[good], used[good].astype(np.float64))
            if asked.shift is not None and not asked.by_length:
                out -= asked.shift
                out[~(out > 0)] = np.nan
        return float(out[0]) if asked.shape == () else out.reshape(asked.shape)

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
        from growthwatch.references.change import change

        return change(self, value, **arguments)

    def corrected_age(self, age_days: Any, gestation_days: Any = None) -> Any:
        """Age that this reference uses for a chronological age and a gestation; NaN for an impossible one [days]."""
        age, gestation = numeric("age_days", age_days), numeric("gestation_days", gestation_days)
        shape = broadcast_shape(age_days=age, gestation_days=gestation)
        rule = corrections().named(self._correction)
        flat = [np.broadcast_to(c, shape).ravel() for c in (age, gestation)]
        out = corrected_age(flat[0], None if gestation_days is None else flat[1], rule).astype(np.float64)
        possible = corrections().gestation
        out[(flat[1] < possible.least_days) | (flat[1] > possible.most_days)] = np.nan
        return float(out[0]) if shape == () else out.reshape(shape)

    # --- adjusting --------------------------------------------------------------------

    @property
    def base(self) -> Reference:
        """The reference under all adjustments: itself, where there are none."""
        return self

    @property
    def links(self) -> tuple[Link, ...]:
        """Adjustments, oldest first: who, why, until when and how far."""
        return ()

    def effective(self, on: dt.date, age_days: float | None = None) -> Reference:
        """Reference that counts on a date, for a child of that age: one without adjustments always counts."""
        from growthwatch.references.adjusted import day

        day(on, "on")
        check_number("age_days", age_days)
        return self

    def notices(self, on: dt.date | None = None, age_days: float | None = None) -> list[str]:
        """What must be said wherever its lines are shown: nothing, where it is not adjusted."""
        return []

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
        from growthwatch.references.adjusted import shift_scale

        return shift_scale(
            self,
            shift,
            scale,
            because=because,
            by=by,
            review_by=review_by,
            signed_on=signed_on,
            specialist=specialist,
            measures=measures,
        )

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
        from growthwatch.references.adjusted import age_shift

        return age_shift(
            self,
            days,
            because=because,
            by=by,
            review_by=review_by,
            signed_on=signed_on,
            specialist=specialist,
            measures=measures,
        )

    # --- reading arguments ------------------------------------------------------------

    def _scored(
        self, asked: _Asked, with_centile: bool = True
    ) -> tuple[Floats, Floats | None, npt.NDArray[np.uint8], npt.NDArray[Any]]:
        value = asked.value
        if asked.shift is not None and not asked.by_length:
            value = value + asked.shift
        z, centile, status, used = score_columns(
            asked.curves,
            corrections().named(self._correction),
            corrections().gestation,
            value,
            asked.sex,
            asked.x,
            asked.gestation,
            by_length=asked.by_length,
            age_is_corrected=asked.corrected,
            with_centile=with_centile,
        )
        if asked.mismatch is not None and asked.mismatch.any():
            hit = asked.mismatch & ((status <= Status.IMPLAUSIBLE) | (status > Status.POSITION_MISMATCH))
            z[hit], status[hit] = np.nan, Status.POSITION_MISMATCH
            if centile is not None:
                centile[hit] = np.nan
        if asked.late is not None and asked.late.any():
            hit = asked.late & ((status <= Status.IMPLAUSIBLE) | (status == Status.OUTSIDE_DISTRIBUTION))
            z[hit], status[hit] = np.nan, Status.GESTATION_NOT_COVERED
            if centile is not None:
                centile[hit] = np.nan
        return z, centile, status, used

    def _read(
        self,
        name: str,
        value: Any,
        age_days: Any,
        sex: Any,
        measure: str,
        gestation_days: Any,
        length_cm: Any,
        position: Any,
        sex_coding: SexCoding | None,
        corrected_age_days: Any,
    ) -> _Asked:
        curves = self.curves(measure)
        by_length = curves.info.x == "length_cm"
        if age_days is not None and corrected_age_days is not None:
            raise GrowthwatchError.of("corrected_age_days", corrected_age_days, "either age_days or corrected_age_days")
        corrected = corrected_age_days is not None
        if curves.info.needs_gestation and gestation_days is None and not (corrected or by_length):
            raise GrowthwatchError.of("gestation_days", None, f"gestation_days, which measure {measure!r} needs")
        if corrected_age_days is not None and gestation_days is not None:
            raise GrowthwatchError.of("gestation_days", gestation_days, "no gestation beside corrected_age_days")
        if by_length:
            x_name, x_value = "length_cm", length_cm
        elif length_cm is not None:
            raise GrowthwatchError.of("length_cm", length_cm, f"no length: measure {measure!r} is by age")
        else:
            x_name, x_value = ("corrected_age_days", corrected_age_days) if corrected else ("age_days", age_days)
        if x_value is None:
            need = "length_cm" if by_length else "age_days or corrected_age_days"
            raise GrowthwatchError.of(x_name, None, f"{need}, which measure {measure!r} needs")
        columns = {name: numeric(name, value), x_name: numeric(x_name, x_value), "sex": sex_codes(sex, sex_coding)}
        born_before = curves.info.born_before_days
        if gestation_days is not None and (born_before is not None or not by_length):
            columns["gestation_days"] = numeric("gestation_days", gestation_days)
        words = optional_words("position", position, ("lying", "standing"))
        if words is not None:
            if curves.info.position is None:
                raise GrowthwatchError.of(
                    "position", position, f"no position: measure {measure!r} of {self._info.id} has no rule for it"
                )
            columns["position"] = words
        shape = broadcast_shape(**columns)

        def flat(key: str) -> npt.NDArray[Any]:
            column = columns[key]
            return column.ravel() if column.shape == shape else np.broadcast_to(column, shape).ravel()

        gestation = flat("gestation_days") if "gestation_days" in columns else None
        by_default = not curves.info.needs_gestation  # where it is needed, a missing one has a status of its own
        if gestation is not None and by_default and gestation.dtype.kind == "f" and np.isnan(gestation).any():
            gestation = np.where(np.isnan(gestation), float(TERM_DAYS), gestation)
        late = None if gestation is None or born_before is None else gestation >= born_before
        asked = _Asked(
            curves, flat(name), flat("sex"), flat(x_name), gestation, shape, by_length, corrected, None, None, late
        )
        return asked if words is None else self._positioned(asked, flat("position"))

    def _positioned(self, asked: _Asked, words: npt.NDArray[Any]) -> _Asked:
        """Convert lying to standing, or the other way, where the table needs it; else note the mismatch."""
        rule = asked.curves.info.position
        assert rule is not None
        lying: npt.NDArray[np.bool_] = words == "lying"
        standing: npt.NDArray[np.bool_] = words == "standing"
        if rule.expects is not None:
            should_stand = np.full(words.shape, rule.expects == "standing")
        else:
            age = asked.x
            if not asked.corrected:
                age = corrected_age(age, asked.gestation, corrections().named(self._correction))
            should_stand = age >= (rule.standing_from_age_days or 0.0)
        wrong_way = (lying & should_stand) | (standing & ~should_stand)
        if rule.lying_minus_standing_cm is None:
            return asked._replace(mismatch=wrong_way)
        step = rule.lying_minus_standing_cm
        shift = np.where(wrong_way, np.where(lying, -step, step), 0.0)
        return asked._replace(shift=shift, x=asked.x + shift if asked.by_length else asked.x)


def _without_impossible(
    used: npt.NDArray[Any], status: npt.NDArray[np.uint8], gestation: npt.NDArray[Any] | None
) -> npt.NDArray[Any]:
    """Ages used, NaN where the gestation that they rest on cannot be."""
    if gestation is None:
        return used
    impossible = status == Status.INVALID_GESTATION
    return np.where(impossible, np.nan, used) if impossible.any() else used


class _Asked(NamedTuple):
    """Arguments as flat columns of one length."""

    curves: MeasureCurves
    value: npt.NDArray[Any]
    sex: npt.NDArray[np.uint8]
    x: npt.NDArray[Any]
    gestation: npt.NDArray[Any] | None
    shape: tuple[int, ...]
    by_length: bool
    corrected: bool
    shift: Floats | None
    mismatch: npt.NDArray[np.bool_] | None
    late: npt.NDArray[np.bool_] | None
