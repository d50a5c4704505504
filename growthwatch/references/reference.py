"""A reference: what is normal, for whom; immutable, and the only thing that makes a z."""

from __future__ import annotations

import hashlib
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from growthwatch.core.canonical import content_hash
from growthwatch.core.columns import broadcast_shape, numeric, optional_words
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.sex import SexCoding, sex_codes
from growthwatch.core.status import Status
from growthwatch.references.curves import MeasureCurves, as_text
from growthwatch.references.metadata import CorrectionName, ReferenceInfo, as_folder, corrections, read_metadata
from growthwatch.references.scoring import ReferenceLabel, Score, corrected_age, mark_gaps, score_columns

if TYPE_CHECKING:
    from growthwatch.references.change import Change

__all__ = ["Reference"]


class Reference:
    """Curves of one population, with the way in which age is corrected for gestation.

    Build one with `growthwatch.reference` (packaged) or `Reference.load` (a folder of
    your own).  A reference never changes; its `id` and `hash` name it wherever a number
    of it is kept.

    The content hash is the SHA-256 of the canonical JSON of four things: the layout
    number, the metadata file as data, the SHA-256 of each figures file (line ends read
    as ``\\n``), and the correction with its rules.  Any change to any of them changes it.
    """

    __slots__ = ("_correction", "_curves", "_files", "_frozen", "_hash", "_info", "_where")

    def __init__(
        self, info: ReferenceInfo, metadata: dict[str, Any], files: dict[str, bytes], correction: str | None, where: str
    ):
        name = info.default_correction if correction is None else correction
        if name not in info.corrections:
            raise GrowthwatchError.of("correction", correction, f"one of {info.corrections} for {info.id}")
        self._info = info
        self._correction: CorrectionName = name  # pyright: ignore[reportAttributeAccessIssue]
        self._files = files
        self._where = where
        self._curves: dict[str, MeasureCurves] = {}
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

    @classmethod
    def load(cls, folder: str | Path | Traversable, correction: str | None = None) -> Reference:
        """Read a reference from a folder of ``reference.toml`` and figures.

        Raises
        ------
        GrowthwatchError
            Naming the file, the key or line, and the reason.
        """
        place: Traversable = as_folder(folder) if isinstance(folder, str | Path) else folder
        info, metadata = read_metadata(place)
        files: dict[str, bytes] = {}
        for name, measure in info.measures.items():
            path = place / measure.file
            if "/" in measure.file or "\\" in measure.file or not path.is_file():
                raise GrowthwatchError.of(f"{place}: measures.{name}.file", measure.file, "a file in the same folder")
            files[measure.file] = path.read_bytes()
        return cls(info, metadata, files, correction, str(place))

    # --- what it is -------------------------------------------------------------------

    @property
    def info(self) -> ReferenceInfo:
        """The metadata, whole."""
        return self._info

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
        return self.curves(measure).span(int(sex_codes(sex)))

    def __repr__(self) -> str:
        return f"<Reference {self.label}: {self._info.title}>"

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
        found = self._curves.get(measure)
        if found is None:
            info = self._info.measures.get(measure)
            if info is None:
                raise GrowthwatchError.of("measure", measure, f"one of {list(self._info.measures)}, which {self._info.id} has")
            where = f"{self._where}/{info.file}"
            found = self._curves[measure] = MeasureCurves(info, as_text(self._files[info.file], where), where)
        return found

    # --- numbers ----------------------------------------------------------------------

    def score(
        self, value: Any, *, age_days: Any = None, sex: Any, measure: str = "weight", gestation_days: Any = None,
        length_cm: Any = None, position: Any = None, sex_coding: SexCoding | None = None, corrected_age_days: Any = None,
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
        curves, value_, sex_, x, gestation, shape, corrected = self._read(
            "value", value, age_days, sex, measure, gestation_days, length_cm, sex_coding, corrected_age_days
        )
        by_length = curves.info.x == "length_cm"
        mismatch = None
        if position is not None:
            value_, x, mismatch = self._positioned(curves, measure, value_, x, gestation, shape, position, corrected)
        z, centile, status, used = score_columns(
            curves, corrections().named(self._correction), corrections().gestation, value_, sex_, x, gestation,
            by_length=by_length, age_is_corrected=corrected,
        )
        assert centile is not None
        if mismatch is not None and mismatch.any():
            hit = mismatch & ((status <= Status.IMPLAUSIBLE) | (status > Status.POSITION_MISMATCH))
            z[hit], centile[hit], status[hit] = np.nan, np.nan, Status.POSITION_MISMATCH
        if shape == ():
            age = None if by_length else float(used[0])
            return Score(float(z[0]), float(centile[0]), int(status[0]), age, self.label)
        age = None if by_length else used.reshape(shape)
        return Score(z.reshape(shape), centile.reshape(shape), status.reshape(shape), age, self.label)

    def z(self, value: Any, **arguments: Any) -> Any:
        """Standard deviation score; NaN where there is none.  Arguments as for `score`."""
        return self.score(value, **arguments).z

    def centile(self, value: Any, **arguments: Any) -> Any:
        """Centile, 0 to 100; NaN where there is none.  Arguments as for `score`."""
        return self.score(value, **arguments).centile

    def value(
        self, z: Any, *, age_days: Any = None, sex: Any, measure: str = "weight", gestation_days: Any = None,
        length_cm: Any = None, sex_coding: SexCoding | None = None, corrected_age_days: Any = None,
    ) -> Any:
        """Measurement at a z: the way back from `z`.

        Returns the measurement in the unit and position that the table has (lying length
        below the age at which the table turns to height); NaN where the reference does not
        cover the child or its distribution has no such value.  Arguments as for `score`.
        """
        curves, z_, sex_, x, gestation, shape, corrected = self._read(
            "z", z, age_days, sex, measure, gestation_days, length_cm, sex_coding, corrected_age_days
        )
        by_length = curves.info.x == "length_cm"
        n = z_.size
        # Checks are those of scoring, with a value that is never itself the reason.
        stand_in = np.where(np.isnan(z_.astype(np.float64)), np.nan, 1.0)
        _, _, status, used = score_columns(
            curves, corrections().named(self._correction), corrections().gestation, stand_in, sex_, x, gestation,
            by_length=by_length, age_is_corrected=corrected, with_centile=False,
        )
        out = np.full(n, np.nan)
        good = np.flatnonzero(status <= Status.IMPLAUSIBLE)
        if good.size:
            at = used[good].astype(np.float64)
            zf = z_[good].astype(np.float64)
            zf[np.isinf(zf)] = np.nan
            out[good] = curves.value(zf, sex_[good], at)
        mark_gaps(status, out)
        return float(out[0]) if shape == () else out.reshape(shape)

    def change(self, value: Any, **arguments: Any) -> Change:
        """Change of z over series of measurements, blind to changes of table: see `growthwatch.references.change`."""
        from growthwatch.references.change import change

        return change(self, value, **arguments)

    def corrected_age(self, age_days: Any, gestation_days: Any = None) -> Any:
        """Age that this reference uses for a chronological age and a gestation [days]."""
        age, gestation = numeric("age_days", age_days), numeric("gestation_days", gestation_days)
        shape = broadcast_shape(age_days=age, gestation_days=gestation)
        if gestation_days is None:
            return float(age) if shape == () else age
        rule = corrections().named(self._correction)
        out = corrected_age(np.broadcast_to(age, shape).ravel(), np.broadcast_to(gestation, shape).ravel(), rule)
        return float(out[0]) if shape == () else out.reshape(shape)

    # --- reading arguments ------------------------------------------------------------

    def _read(
        self, name: str, value: Any, age_days: Any, sex: Any, measure: str, gestation_days: Any, length_cm: Any,
        sex_coding: SexCoding | None, corrected_age_days: Any,
    ) -> tuple[MeasureCurves, npt.NDArray[Any], npt.NDArray[np.uint8], npt.NDArray[Any], npt.NDArray[Any] | None, tuple[int, ...], bool]:
        curves = self.curves(measure)
        by_length = curves.info.x == "length_cm"
        if age_days is not None and corrected_age_days is not None:
            raise GrowthwatchError.of("corrected_age_days", corrected_age_days, "either age_days or corrected_age_days")
        if corrected_age_days is not None and gestation_days is not None:
            raise GrowthwatchError.of("gestation_days", gestation_days, "no gestation beside corrected_age_days")
        corrected = corrected_age_days is not None
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
        if gestation_days is not None and not by_length:
            columns["gestation_days"] = numeric("gestation_days", gestation_days)
        shape = broadcast_shape(**columns)

        def flat(key: str) -> npt.NDArray[Any]:
            column = columns[key]
            return column.ravel() if column.shape == shape else np.broadcast_to(column, shape).ravel()

        gestation = flat("gestation_days") if "gestation_days" in columns else None
        if gestation is not None and gestation.dtype.kind == "f" and np.isnan(gestation).any():
            gestation = np.where(np.isnan(gestation), 280.0, gestation)
        return curves, flat(name), flat("sex"), flat(x_name), gestation, shape, corrected

    def _positioned(
        self, curves: MeasureCurves, measure: str, value: npt.NDArray[Any], x: npt.NDArray[Any], gestation: npt.NDArray[Any] | None,
        shape: tuple[int, ...], position: Any, corrected: bool,
    ) -> tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[np.bool_]]:
        rule = curves.info.position
        words = optional_words("position", position, ("lying", "standing"))
        if rule is None or words is None:
            raise GrowthwatchError.of("position", position, f"no position: measure {measure!r} of {self._info.id} has no rule for it")
        try:
            words = np.broadcast_to(words, shape).ravel()
        except ValueError:
            raise GrowthwatchError.of("position", position, f"a single word or the shape {shape}") from None
        lying, standing = words == "lying", words == "standing"
        if rule.expects is not None:
            wrong_way = standing if rule.expects == "lying" else lying
        else:
            age = x if corrected else corrected_age(x, gestation, corrections().named(self._correction))
            should_stand = age >= (rule.standing_from_age_days or 0.0)
            wrong_way = (lying & should_stand) | (standing & ~should_stand)
        if rule.lying_minus_standing_cm is None:
            return value, x, wrong_way
        shift = np.where(lying & wrong_way, -rule.lying_minus_standing_cm, np.where(wrong_way, rule.lying_minus_standing_cm, 0.0))
        fine = np.zeros(words.shape, np.bool_)
        return (value, x + shift, fine) if curves.info.x == "length_cm" else (value + shift, x, fine)
