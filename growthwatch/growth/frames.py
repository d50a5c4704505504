"""Scores of a whole data frame: pandas, polars or pyarrow in, the same out, with columns appended.

Columns are taken out as arrays once, scored by the one kernel, and put back once.
narwhals says what a column holds; pandas, polars and pyarrow are never imported here, only
used where the caller brought a frame of theirs.
"""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple, TypeVar, cast

import numpy as np
import numpy.typing as npt

from growthwatch.core.columns import Labels, instance, labels, missing, numeric, one_of
from growthwatch.core.errors import GrowthwatchError, GrowthwatchWarning
from growthwatch.core.sex import ReadSex, SexCoding, sex_codes
from growthwatch.core.status import STATUS_WORDS, Status
from growthwatch.references.reference import Reference
from growthwatch.references.reference import reference as packaged
from growthwatch.references.scoring import ReferenceLabel, Score

__all__ = ["score"]

Frame = TypeVar("Frame")
Column = npt.NDArray[Any]
Codes = npt.NDArray[np.uint8]

APPENDED = ("z", "centile", "status", "corrected_age_days", "reference", "reference_hash")
UNADJUSTED = "unadjusted_z"
WEIGHTS = ("weight", "weight-for-length", "weight-for-height")
CHUNK = 262_144
_MANY = 255

_A_FRAME = "a pandas or polars DataFrame, or a pyarrow Table"
_A_NUMBER = "the name of a column, or a number"
_ON_INVALID = ("quiet", "warn", "error")


class _Unsaid(str):
    """An id that nobody asked for: a default, told from the same id when it is given."""

    __slots__ = ()


_DEFAULT = _Unsaid("uk-who")


def score(
    frame: Frame,
    reference: str | Reference | Mapping[str, str | Reference] = _DEFAULT,
    reference_column: str | None = None,
    *,
    weight_kg: Any = "weight_kg",
    value: Any = None,
    measure: str = "weight",
    measure_column: str | None = None,
    age_days: Any = "age_days",
    birth_date: Any = None,
    measured_on: Any = None,
    corrected_age_days: Any = None,
    sex: str | None = "sex",
    sex_coding: SexCoding | None = None,
    gestation_days: Any = None,
    length_cm: Any = None,
    position: str | None = None,
    correction: str | None = None,
    prefix: str = "",
    columns: Sequence[str] | Mapping[str, str] | None = None,
    on_invalid: Literal["quiet", "warn", "error"] = "quiet",
) -> Frame:
    """Append z, centile, status, the age used and the reference to a data frame.

    Wherever a column is meant, a string is the name of a column, and anything else is one
    constant for all rows.  Words that are constants begin with an equals sign:
    ``sex="=female"``, ``position="=lying"``.

    Parameters
    ----------
    frame
        A pandas or polars DataFrame, or a pyarrow Table.  It is not changed.
    reference
        Id of a packaged reference, or a `Reference`.  With `reference_column`, a mapping of
        what that column may say to ids or references.
    reference_column
        Column that names the reference of each row.  Rows without a name, or with an unknown
        one, have status ``missing_reference`` or ``unknown_reference``.
    weight_kg
        Weight [kg].
    value
        The measurement, in place of `weight_kg`, in the unit of the measure [kg, cm or kg/m²].
    measure
        What was measured: one for all rows.
    measure_column
        Column that names the measure of each row; needs `value`.
    age_days
        Chronological age [days since birth].
    birth_date, measured_on
        Dates, in place of `age_days`; of a time of day, the date is used, as its own time zone has it.
    corrected_age_days
        Age to use as it is, in place of `age_days` [days].
    sex
        ``male``, ``female``, ``m`` or ``f`` in any case, or codes with `sex_coding`.
    sex_coding
        What codes mean, for example ``{1: "male", 2: "female"}``.
    gestation_days
        Completed days of gestation at birth; missing means term.
    length_cm
        Length or height, for measures by length [cm].
    position
        ``lying`` or ``standing``.
    correction
        ``paper``, ``lifelong`` or ``none``, for a `reference` given by its id.
    prefix
        Put before the name of every appended column.
    columns
        Which columns to append, as a sequence, or as a mapping to the names they shall have;
        by default ``z``, ``centile``, ``status``, ``corrected_age_days``, ``reference`` and
        ``reference_hash``, and ``unadjusted_z`` where a reference is an adjusted one.
    on_invalid
        What to do about rows without a number: nothing, one `GrowthwatchWarning` a status, or
        an error.  Both count: ``sex: 3 of 120 rows missing_sex``.

    Returns
    -------
    Same type as `frame`
        All its columns, rows, order and index, and the appended columns.  ``z``, ``centile`` and
        ``corrected_age_days`` are floats, missing where there is none; ``status``, ``reference``
        and ``reference_hash`` are categories.

    Raises
    ------
    GrowthwatchError
        For a wrong argument: a column that is not there, or that holds text where numbers
        belong; an appended name that the frame already has; two ways to say one thing.
    """
    one_of("on_invalid", on_invalid, _ON_INVALID)
    if correction is not None:
        instance("correction", correction, str, "the name of a correction, as text")
    held = _Held(frame)
    plan = _plan(held, reference, reference_column, measure, measure_column, correction)
    adjusted = any(getattr(r, "links", ()) for r in plan.references)
    names = _names(held, prefix, columns, adjusted)

    # Which arguments count, and which would say the same thing twice.
    if value is None:
        if measure_column is not None or measure not in WEIGHTS:
            what = "a column of measures" if measure_column is not None else f"measure {measure!r}"
            raise GrowthwatchError.of("value", None, f"the measurement, which {what} needs")
        value_name, value = "weight_kg", weight_kg
    else:
        value_name = "value"
        if weight_kg not in ("weight_kg", None):
            raise GrowthwatchError.of("value", value, "either value or weight_kg")
    dates = birth_date is not None or measured_on is not None
    if dates and (birth_date is None or measured_on is None):
        lacking = "birth_date" if birth_date is None else "measured_on"
        raise GrowthwatchError.of(lacking, None, "both birth_date and measured_on, or neither")
    if (dates or corrected_age_days is not None) and age_days not in ("age_days", None):
        raise GrowthwatchError.of("age_days", age_days, "age_days, or other columns that say the age, not both")
    if dates and corrected_age_days is not None:
        raise GrowthwatchError.of("corrected_age_days", corrected_age_days, "an age, or dates, not both")
    if corrected_age_days is not None and gestation_days is not None:
        raise GrowthwatchError.of("gestation_days", gestation_days, "no gestation beside corrected_age_days")
    if sex is None:
        raise GrowthwatchError.of("sex", None, "the name of a column, or '=male' or '=female'")

    # Columns become arrays, once.
    arguments: dict[str, Any] = {"sex": held.sex(sex, sex_coding)}
    if plan.needs_age:
        if dates:
            arguments["age_days"] = held.age(birth_date, measured_on)
        elif corrected_age_days is not None:
            arguments["corrected_age_days"] = held.number("corrected_age_days", corrected_age_days)
        else:
            arguments["age_days"] = held.number("age_days", age_days)
    if gestation_days is not None:
        arguments["gestation_days"] = held.number("gestation_days", gestation_days)
    if length_cm is not None:
        arguments["length_cm"] = held.number("length_cm", length_cm)
    if position is not None:
        arguments["position"] = held.position(position)
    values = held.number(value_name, value)
    if values.ndim == 0:
        values = np.broadcast_to(values, (held.rows,))

    result = _score_all(plan, values, arguments, adjusted)
    if on_invalid != "quiet":
        age_name = "birth_date, measured_on" if dates else "corrected_age_days"
        if corrected_age_days is None and not dates:
            age_name = "age_days"
        _speak(result.status, on_invalid, {"value": value_name, "age": age_name})
    return cast("Frame", held.append(names, result))


# --- which reference and measure ---------------------------------------------------------


class _Group(NamedTuple):
    """Rows that are scored together."""

    reference: Reference
    measure: str
    by_length: bool
    positioned: bool


class _Plan(NamedTuple):
    """What each row is scored on.

    ``codes`` is None where all rows are in the one group; else the group of each row, and
    255 for rows in none, whose status is in ``refused``.
    """

    groups: list[_Group]
    codes: Codes | None
    refused: Codes | None
    references: list[Reference]

    @property
    def needs_age(self) -> bool:
        return not self.groups or any(not g.by_length for g in self.groups)


def _group(reference: Reference, measure: str) -> _Group | None:
    info = reference.info.measures.get(measure)
    return None if info is None else _Group(reference, measure, info.x == "length_cm", info.position is not None)


def _resolved(reference: object, correction: str | None) -> Reference:
    if isinstance(reference, Reference):
        if correction is not None and correction != reference.correction:
            raise GrowthwatchError.of(
                "correction", correction, f"{reference.correction!r}, as the reference given has it, or none"
            )
        return reference
    if not isinstance(reference, str):
        raise GrowthwatchError.of("reference", reference, "an id such as 'uk-who', or a Reference")
    return packaged(reference, correction)


def _plan(
    held: _Held,
    reference: str | Reference | Mapping[str, str | Reference],
    reference_column: str | None,
    measure: str,
    measure_column: str | None,
    correction: str | None,
) -> _Plan:
    if measure_column is not None and measure != "weight":
        raise GrowthwatchError.of("measure", measure, "measure or measure_column, not both")
    if reference_column is None:
        if isinstance(reference, Mapping):
            raise GrowthwatchError.of("reference_column", None, "the column that chooses from the mapping")
        one = _resolved(reference, correction)
        if measure_column is None:
            one.curves(measure)  # an unknown measure raises, naming those that there are
            group = _group(one, measure)
            assert group is not None
            return _Plan([group], None, None, [one])
        of_row: list[Reference | Status] = [one]
        first = Labels(np.zeros(held.rows, np.uint8), [one.id], None)
    else:
        if correction is not None:
            raise GrowthwatchError.of("correction", correction, "it in the ids of the column, as 'uk-who+lifelong'")
        if not isinstance(reference, Mapping | _Unsaid):
            raise GrowthwatchError.of("reference", reference, "a mapping, or no reference, beside reference_column")
        first = held.labels("reference_column", reference_column)
        known = {k: _resolved(v, None) for k, v in reference.items()} if isinstance(reference, Mapping) else None
        if known is None:
            given = [v for v in first.values if not missing(v)]
            if given and not any(isinstance(v, str) for v in given):
                expected = "ids of references, as text; or a mapping that says what its values mean"
                raise GrowthwatchError.of("reference_column", given[0], expected)
        of_row = [_named(word, known) for word in first.values]
    measures = [measure] if measure_column is None else None
    second = None
    if measure_column is not None:
        second = held.labels("measure_column", measure_column)
        measures = ["" if missing(v) or not str(v).strip() else str(v).strip() for v in second.values]
    assert measures is not None
    groups: list[_Group] = []
    rows: Codes = np.full(held.rows, _MANY, np.uint8)
    refused: Codes = np.zeros(held.rows, np.uint8)
    seen: dict[tuple[str, str], int] = {}
    table = np.empty((len(of_row) + 1, len(measures) + 1), np.uint16)  # a group, or 256 + status
    for i, who in enumerate([*of_row, Status.MISSING_REFERENCE]):
        for j, what in enumerate([*measures, ""]):
            if isinstance(who, Status):
                table[i, j] = 256 + who
            elif not what:
                table[i, j] = 256 + Status.MISSING_MEASURE
            else:
                group = _group(who, what)
                if group is None:
                    table[i, j] = 256 + Status.MEASURE_NOT_COVERED
                    continue
                key = (who.hash, what)
                if key not in seen:
                    seen[key] = len(groups)
                    groups.append(group)
                table[i, j] = seen[key]
    if len(groups) >= _MANY:
        raise GrowthwatchError.of("reference_column", len(groups), f"fewer than {_MANY} pairs of reference and measure")
    for start in range(0, held.rows, CHUNK):
        part = slice(start, start + CHUNK)
        which = table[_places(first, part, len(of_row)), 0 if second is None else _places(second, part, len(measures))]
        found = which < 256
        rows[part] = np.where(found, which, _MANY)
        refused[part] = np.where(found, 0, which - np.uint16(256))
    references = list({g.reference.hash: g.reference for g in groups}.values())
    return _Plan(groups, rows, refused, references)


def _places(found: Labels, rows: slice, none: int) -> npt.NDArray[np.intp]:
    """Place of the value of each row; `none` for rows without one."""
    out = found.codes[rows].astype(np.intp)
    out[out < 0] = none
    if found.missing is not None:
        out[found.missing[rows]] = none
    return out


def _named(word: object, known: dict[str, Reference] | None) -> Reference | Status:
    if missing(word) or (isinstance(word, str) and not word.strip()):
        return Status.MISSING_REFERENCE
    if known is not None:
        try:
            return known.get(cast("str", word), Status.UNKNOWN_REFERENCE)
        except TypeError:
            return Status.UNKNOWN_REFERENCE
    if not isinstance(word, str):
        return Status.UNKNOWN_REFERENCE
    try:
        return packaged(word.strip())
    except GrowthwatchError as e:
        if e.field in ("reference", "correction"):  # not a name; a damaged file is another matter
            return Status.UNKNOWN_REFERENCE
        raise


# --- scoring -----------------------------------------------------------------------------


class _Result(NamedTuple):
    """Appended columns, as arrays; references by their place in ``labels``, 255 for none, None for the only one."""

    z: npt.NDArray[np.float64]
    centile: npt.NDArray[np.float64]
    status: Codes
    age: Column | None
    reference: Codes | None
    labels: list[ReferenceLabel]
    unadjusted: npt.NDArray[np.float64] | None


def _one_group(group: _Group, value: Column, arguments: dict[str, Any]) -> Score:
    if "gestation_days" not in arguments and "corrected_age_days" not in arguments:
        info = group.reference.curves(group.measure).info
        if info.needs_gestation:  # in rows a missing gestation has a status; it is no wrong argument
            arguments = {**arguments, "gestation_days": np.full(value.shape, np.nan)}
    return group.reference.score(value, measure=group.measure, **arguments)


def _score_all(plan: _Plan, value: Column, arguments: dict[str, Any], adjusted: bool) -> _Result:
    n = value.size
    codes, refused = plan.codes, plan.refused
    if codes is None or refused is None:
        s = _one_group(plan.groups[0], value, arguments)
        plain: Any = getattr(s, "unadjusted", None) if adjusted else None
        return _Result(
            s.z,
            s.centile,
            s.status_code,
            s.corrected_age_days,
            None,
            [s.reference],
            None if plain is None else plain.z,
        )
    z, centile, age = (np.full(n, np.nan) for _ in range(3))
    unadjusted = np.full(n, np.nan) if adjusted else None
    status, which = refused.copy(), np.full(n, _MANY, np.uint8)
    place = {r.hash: k for k, r in enumerate(plan.references)}
    for start in range(0, n, CHUNK):
        part = slice(start, min(start + CHUNK, n))
        mine = codes[part]
        for k, group in enumerate(plan.groups):
            rows = np.flatnonzero(mine == k)
            if rows.size == 0:
                continue
            rows += start
            s = _one_group(group, value[rows], _of_rows(group, arguments, rows))
            z[rows], centile[rows], status[rows] = s.z, s.centile, s.status_code
            if s.corrected_age_days is not None:
                age[rows] = s.corrected_age_days
            which[rows] = place[group.reference.hash]
            if unadjusted is not None:
                plain = getattr(s, "unadjusted", s)
                unadjusted[rows] = plain.z
    return _Result(z, centile, status, age, which, [r.label for r in plan.references], unadjusted)


def _of_rows(group: _Group, arguments: dict[str, Any], rows: npt.NDArray[np.intp]) -> dict[str, Any]:
    """Return arguments of some rows, without those for which the measure has no use."""
    out: dict[str, Any] = {}
    for name, column in arguments.items():
        if (name == "length_cm" and not group.by_length) or (name == "position" and not group.positioned):
            continue
        if isinstance(column, ReadSex):
            out[name] = ReadSex(column.codes[rows]) if column.codes.ndim else column
        else:
            out[name] = column[rows] if column.ndim else column
    return out


_ARGUMENTS: dict[Status, str] = {
    Status.MISSING_VALUE: "value",
    Status.NONPOSITIVE_VALUE: "value",
    Status.MISSING_AGE: "age",
    Status.BEFORE_BIRTH: "age",
    Status.AGE_BELOW_REFERENCE: "age",
    Status.AGE_ABOVE_REFERENCE: "age",
    Status.MISSING_SEX: "sex",
    Status.UNKNOWN_SEX: "sex",
    Status.SEX_NOT_COVERED: "sex",
    Status.MISSING_LENGTH: "length_cm",
    Status.LENGTH_BELOW_REFERENCE: "length_cm",
    Status.LENGTH_ABOVE_REFERENCE: "length_cm",
    Status.INVALID_GESTATION: "gestation_days",
    Status.MISSING_GESTATION: "gestation_days",
    Status.GESTATION_NOT_COVERED: "gestation_days",
    Status.POSITION_MISMATCH: "position",
    Status.MISSING_REFERENCE: "reference_column",
    Status.UNKNOWN_REFERENCE: "reference_column",
    Status.MISSING_MEASURE: "measure_column",
    Status.MEASURE_NOT_COVERED: "measure_column",
}


def _speak(status: Codes, how: str, names: dict[str, str]) -> None:
    """Warn of rows without a number, or raise, counting them by status."""
    counts = np.bincount(status, minlength=len(STATUS_WORDS))
    said: list[tuple[str, str]] = []
    for code in Status:
        if counts[code] and not code.has_number:
            about = _ARGUMENTS.get(code, "value")
            argument = names.get(about, about)
            said.append((argument, f"{argument}: {counts[code]} of {status.size} rows {code}"))
    if how == "error" and said:
        raise GrowthwatchError(
            "; ".join(text for _, text in said),
            field=said[0][0],
            value={str(c): int(counts[c]) for c in Status if counts[c] and not c.has_number},
            expected="a number in every row, as on_invalid='error' asks",
        )
    for _, text in said:
        warnings.warn(GrowthwatchWarning(text), stacklevel=3)


# --- names -------------------------------------------------------------------------------


def _names(held: _Held, prefix: object, columns: object, adjusted: bool) -> dict[str, str]:
    """Return what is to be appended, and under which name."""
    every = (*APPENDED, UNADJUSTED) if adjusted else APPENDED
    shown: Any = columns
    if not isinstance(prefix, str):
        raise GrowthwatchError.of("prefix", prefix, "text")
    if columns is None:
        wanted: dict[Any, Any] = {name: name for name in every}
    elif isinstance(columns, Mapping):
        wanted = dict(cast("Mapping[Any, Any]", columns))
    elif isinstance(columns, list | tuple) and all(isinstance(name, str) for name in cast("list[Any]", columns)):
        wanted = {name: name for name in cast("list[str]", columns)}
    else:
        raise GrowthwatchError.of("columns", shown, f"some of {list(every)}, or a mapping of these to names")
    for name, new in wanted.items():
        if name not in every or not isinstance(new, str) or not new:
            raise GrowthwatchError.of("columns", shown, f"some of {list(every)}, or a mapping of these to names")
    out = {name: prefix + new for name, new in wanted.items()}
    if len(set(out.values())) < len(out):
        raise GrowthwatchError.of("columns", shown, "a name of its own for each column")
    clash = [new for new in out.values() if new in held.names]
    if clash:
        raise GrowthwatchError.of(
            "columns", clash, "names that the frame does not have: nothing is overwritten; choose prefix= or columns="
        )
    return out


# --- the frame ---------------------------------------------------------------------------


class _Held:
    """A frame of one of the three libraries."""

    def __init__(self, frame: object):
        import narwhals.stable.v2 as nw

        self.nw = nw
        try:
            found: Any = nw.from_native(cast("Any", frame), pass_through=True)
        except Exception as e:  # narwhals refuses frames whose names are not unique, among others
            raise GrowthwatchError(f"frame: {e}", field="frame", value=frame, expected=_A_FRAME) from None
        if isinstance(found, nw.LazyFrame):
            expected = f"{_A_FRAME}: collect a lazy frame first"
            raise GrowthwatchError.of("frame", f"{type(frame).__module__}.{type(frame).__name__}", expected)
        if not isinstance(found, nw.DataFrame):
            raise GrowthwatchError.of("frame", type(frame).__name__, _A_FRAME)
        kind = found.implementation
        if not (kind.is_pandas() or kind.is_polars() or kind.is_pyarrow()):
            raise GrowthwatchError.of("frame", str(kind), _A_FRAME)
        self.frame: Any = found
        self.native: Any = found.to_native()
        self.library: Any = kind.to_native_namespace()
        self.kind: Literal["pandas", "polars", "pyarrow"] = (
            "pandas" if kind.is_pandas() else "polars" if kind.is_polars() else "pyarrow"
        )
        self.names: list[Any] = list(found.columns)
        self.rows: int = len(self.frame)

    def series(self, argument: str, name: str) -> Any:
        """Return a column as a narwhals series."""
        if name not in self.names:
            shown = ", ".join(repr(n) for n in self.names[:30]) + (", ..." if len(self.names) > 30 else "")
            raise GrowthwatchError.of(argument, name, f"a column of the frame, which has {shown or 'none'}")
        return self.frame[name]

    def number(self, argument: str, given: Any) -> Column:
        """Return a column of numbers as an array, or a constant as an array without dimensions."""
        if not isinstance(given, str):
            constant: Any = given
            if isinstance(constant, bool) or not isinstance(constant, int | float | np.integer | np.floating):
                raise GrowthwatchError.of(argument, constant, _A_NUMBER)
            return numeric(argument, cast("object", constant))
        nw, series = self.nw, self.series(argument, given)
        kind = series.dtype
        about = f"{argument}, column {given!r}"
        if kind.is_numeric():
            if kind.is_decimal() or kind in (nw.Int128, nw.UInt128):
                series = series.cast(nw.Float64)
            return numeric(about, series.to_numpy())
        if series.null_count() == self.rows:  # also a column without any type
            return np.full(self.rows, np.nan)
        if kind == nw.Object or (self.kind == "pandas" and not labels_ready(series)):
            return numeric(about, series.to_numpy())
        raise GrowthwatchError.of(about, str(kind), "numbers")

    def labels(self, argument: str, name: object) -> Labels:
        """Return a column of few distinct words."""
        if not isinstance(name, str):
            raise GrowthwatchError.of(argument, name, "the name of a column")
        series = self.series(argument, name)
        found = labels(series)
        if found is not None:
            return found
        if series.null_count() == self.rows:
            return Labels(np.zeros(self.rows, np.uint8), [None], None)
        table: dict[Any, int] = {}
        rows: list[Any] = series.to_list()  # Python objects, or figures: each is looked at
        try:
            codes = [table.setdefault(None if missing(v) else v, len(table)) for v in rows]
        except TypeError:
            raise GrowthwatchError.of(f"{argument}, column {name!r}", str(series.dtype), "words") from None
        return Labels(np.array(codes, np.int32), list(table), None)

    def _word(self, argument: str, given: str, words: tuple[str, ...]) -> str | None:
        """Return the word of a constant such as ``=male``; None for the name of a column."""
        if not given.startswith("="):
            return None
        word = given[1:].strip().lower()
        if word not in words or given in self.names:
            expected = f"the name of a column, or one of {['=' + w for w in words]}"
            raise GrowthwatchError.of(argument, given, expected)
        return word

    def sex(self, given: object, coding: SexCoding | None) -> ReadSex:
        """Return sex as codes."""
        if not isinstance(given, str):
            raise GrowthwatchError.of("sex", given, "the name of a column, or '=male' or '=female'")
        word = self._word("sex", given, ("male", "female", "m", "f"))
        if word is not None:
            return ReadSex(sex_codes(word))
        series = self.series("sex", given)
        if labels_ready(series) and not self._of_objects(series):
            return ReadSex(sex_codes(series, coding))
        if self._of_objects(series):
            return ReadSex(sex_codes(series.to_numpy(), coding))
        if series.null_count() == self.rows:
            return ReadSex(sex_codes(np.full(self.rows, np.nan), coding))
        return ReadSex(sex_codes(series.to_numpy(), coding))

    def _of_objects(self, series: Any) -> bool:
        """Whether pandas holds the column as Python objects, whatever these are."""
        return self.kind == "pandas" and str(series.to_native().dtype) == "object"

    def position(self, given: object) -> Column:
        """Return positions as words, None where missing."""
        if not isinstance(given, str):
            raise GrowthwatchError.of("position", given, "the name of a column, or '=lying' or '=standing'")
        word = self._word("position", given, ("lying", "standing"))
        if word is not None:
            return np.array(word, object)
        found = self.labels("position", given)
        words = np.array([None if missing(v) else v for v in found.values] + [None], object)
        return words[_places(found, slice(None), len(words) - 1)]

    def days(self, argument: str, given: object) -> Column:
        """Return dates as days, NaT where missing; a constant as an array without dimensions."""
        if not isinstance(given, str):
            return _day(argument, given)
        if given.startswith("=") and given not in self.names:
            raise GrowthwatchError.of(argument, given, "the name of a column, or a date: datetime.date(2026, 9, 1)")
        nw, series = self.nw, self.series(argument, given)
        kind = series.dtype
        about = f"{argument}, column {given!r}"
        if kind == nw.Datetime:
            if kind.time_zone is not None:
                series = series.dt.replace_time_zone(None)  # the date on the wall where it was written down
            return np.asarray(series.to_numpy()).astype("datetime64[D]")
        if series.null_count() == self.rows:
            return np.full(self.rows, np.datetime64("NaT"), "datetime64[D]")
        if kind != nw.Date and kind != nw.Object and "date64" not in str(_native_type(series)):
            raise GrowthwatchError.of(about, str(kind), "dates; text is not read as dates")
        array = np.asarray(series.to_numpy())
        if array.dtype.kind == "M":
            return array.astype("datetime64[D]")
        return np.array([_day(about, v) for v in array.tolist()], "datetime64[D]")  # Python objects

    def age(self, birth_date: object, measured_on: object) -> Column:
        """Age in days from two columns of dates [days]."""
        gone = self.days("measured_on", measured_on) - self.days("birth_date", birth_date)
        none = np.isnat(gone)
        days = gone.astype(np.int64)
        if none.any():
            return np.where(none, np.nan, days)
        return days.astype(np.int32)

    def append(self, names: dict[str, str], result: _Result) -> object:
        """Return the frame with the named columns appended, in the order of `names`."""
        made: dict[str, Any] = {}
        for name, new in names.items():
            if name == "status":
                made[new] = self._words(result.status, list(STATUS_WORDS))
            elif name == "reference":
                made[new] = self._words(result.reference, [r.id for r in result.labels])
            elif name == "reference_hash":
                made[new] = self._words(result.reference, [r.hash for r in result.labels])
            else:
                column = {"z": result.z, "centile": result.centile, UNADJUSTED: result.unadjusted}.get(name, result.age)
                if column is None:
                    made[new] = self._floats(np.full(self.rows, np.nan))
                elif name == "corrected_age_days":
                    made[new] = self._floats(_age_column(column, result.status))
                else:
                    made[new] = self._floats(column)
        if self.kind == "polars":
            return self.native.with_columns([column.alias(new) for new, column in made.items()])
        if self.kind == "pyarrow":
            table = self.native
            for new, column in made.items():
                table = table.append_column(new, column)
            return table
        out = self.native.copy(deep=False)
        for new, column in made.items():
            out[new] = column
        return out

    def _floats(self, column: Column) -> Any:
        if self.kind == "polars":
            return self.library.Series("", column, nan_to_null=True)
        if self.kind == "pyarrow":
            pa, given = self.library, ~np.isnan(column)
            if given.all():
                return pa.array(column)
            bits = pa.py_buffer(np.packbits(given, bitorder="little"))  # the same as from_pandas=True, sooner
            return pa.Array.from_buffers(pa.float64(), column.size, [bits, pa.py_buffer(column)])
        return self.library.Series(column, index=self.native.index, copy=False)

    def _words(self, codes: Codes | None, words: list[str]) -> Any:
        """Categories, one byte a row; codes beyond the words are missing, and None is the first word everywhere."""
        distinct = list(dict.fromkeys(words))
        if codes is not None and len(distinct) < len(words):  # two references of one id: told apart by their hash
            table = np.array([distinct.index(w) for w in words], np.uint8)
            codes = Labels(np.minimum(codes, np.uint8(len(words))), words, None).read(table, _MANY)
        whole = codes is None or codes.size == 0 or bool(codes.max() < len(distinct))
        if self.kind == "polars":
            enum = self.library.Enum(distinct)
            held = self.library.Series("", [*distinct, None], dtype=enum)
            if codes is None:
                return held.new_from_index(0, self.rows)
            series = self.library.Series("", codes)
            if whole and hasattr(series.cat, "to"):
                return series.cat.to(enum)
            return held.gather(np.minimum(codes, np.uint8(len(distinct))))
        if codes is None:
            codes = np.zeros(self.rows, np.uint8)
        signed = (codes if whole else np.where(codes < len(distinct), codes, np.uint8(_MANY))).view(np.int8)
        if self.kind == "pyarrow":
            pa = self.library
            indices = pa.array(signed) if whole else pa.array(signed, mask=signed < 0)
            return pa.DictionaryArray.from_arrays(indices, pa.array(distinct, pa.string()))
        made = self.library.Categorical.from_codes(signed, categories=distinct)
        return self.library.Series(made, index=self.native.index, copy=False)


def _native_type(series: Any) -> object:
    """The type that the frame's own library gives a column: narwhals has no name for each."""
    native: Any = series.to_native()
    return getattr(native, "dtype", getattr(native, "type", ""))


def labels_ready(series: Any) -> bool:
    """Whether a narwhals series holds text or categories."""
    return str(series.dtype).startswith(("String", "Categorical", "Enum"))


def _day(argument: str, given: object) -> Any:
    """One date, of a date or a date and time."""
    if given is None or missing(given):
        return np.datetime64("NaT", "D")
    if isinstance(given, dt.datetime):
        return np.datetime64(given.date(), "D")
    if isinstance(given, dt.date):
        return np.datetime64(given, "D")
    if isinstance(given, np.datetime64):
        return given.astype("datetime64[D]")
    raise GrowthwatchError.of(argument, given, "a date; text is not read as dates")


def _age_column(age: Column, status: Codes) -> npt.NDArray[np.float64]:
    """Age used, as floats of our own; none where the gestation that it would rest on cannot be."""
    out = np.array(age, np.float64)
    hit = status == Status.INVALID_GESTATION
    if hit.any():
        out[hit] = np.nan
    return out
