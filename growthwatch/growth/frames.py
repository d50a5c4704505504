"""Scores of a whole data frame: pandas, polars or pyarrow in, the same out, with columns appended.

Columns are taken out as arrays once, scored by the one kernel, and put back once.
What a frame holds is the business of `growthwatch.growth.held_frame`.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple, TypeVar, cast

import numpy as np
import numpy.typing as npt

from growthwatch.core.columns import Labels, instance, missing, one_of, shortened
from growthwatch.core.errors import GrowthwatchError, GrowthwatchWarning
from growthwatch.core.sex import ReadSex, SexCoding
from growthwatch.core.status import STATUS_WORDS, Status
from growthwatch.core.words import same_name
from growthwatch.growth.held_frame import (
    NO_GROUP,
    UNADJUSTED,
    Codes,
    Column,
    HeldFrame,
    Result,
    appended_names,
    places,
)
from growthwatch.references.reference import Reference
from growthwatch.references.reference import reference as packaged
from growthwatch.references.scoring import Score

__all__ = ["score"]

Frame = TypeVar("Frame")
APPENDED = ("z", "centile", "status", "corrected_age_days", "reference", "reference_hash")
WEIGHTS = ("weight", "weight-for-length", "weight-for-height")
CHUNK = 262_144
_ON_INVALID = ("quiet", "warn", "error")
_NOT_NUMBERS = ("refuse", "missing")
_FEW = 5
_LOOKED_AT = 1000


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
    birth_weight_kg: Any = None,
    length_cm: Any = None,
    position: str | None = None,
    correction: str | None = None,
    prefix: str = "",
    columns: Sequence[str] | Mapping[str, str] | None = None,
    on_invalid: Literal["quiet", "warn", "error"] = "quiet",
    not_numbers: Literal["refuse", "missing"] = "refuse",
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
        Completed days of gestation at birth; missing means term, but for references that need it or
        choose their table by it: there such a row has status ``missing_gestation``.
    birth_weight_kg
        Weight at birth [kg], for references that choose their table by it.
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
        an error.  Both count, and name what the rows say and where the first stands:
        ``sex: 3 of 120 rows unknown_sex ('Jongen', 'x'; the first in row 4)``, rows counted from 0.
    not_numbers
        What to do where a column of numbers holds words, such as "not weighed": refuse it, saying how many rows and
        where; or take words as missing, and numbers that are written as text (``"7.35"``) as numbers.  Text with
        figures in it that is no number (``"7,35"``) is refused either way.

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
    one_of("not_numbers", not_numbers, _NOT_NUMBERS)
    held = HeldFrame(frame, not_numbers == "missing")
    plan = _plan(held, reference, reference_column, measure, measure_column, correction)
    adjusted = any(getattr(r, "links", ()) for r in plan.references)
    every = (*APPENDED, UNADJUSTED) if adjusted else APPENDED
    names = appended_names(held, prefix, columns, every, every)

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
    if birth_weight_kg is not None:
        arguments["birth_weight_kg"] = held.number("birth_weight_kg", birth_weight_kg)
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
        given = {"sex": sex, "reference_column": reference_column, "measure_column": measure_column}
        _speak(held, result.status, on_invalid, {"value": value_name, "age": age_name}, given)
    return cast("Frame", held.append(names, result))


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
    held: HeldFrame,
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
            group = _group(one, measure)
            if group is None:
                one.curves(measure)  # raises, naming the measures that there are
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
    rows: Codes = np.full(held.rows, NO_GROUP, np.uint8)
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
    if len(groups) >= NO_GROUP:
        raise GrowthwatchError.of(
            "reference_column", len(groups), f"fewer than {NO_GROUP} pairs of reference and measure"
        )
    for start in range(0, held.rows, CHUNK):
        part = slice(start, start + CHUNK)
        which = table[places(first, part, len(of_row)), 0 if second is None else places(second, part, len(measures))]
        found = which < 256
        rows[part] = np.where(found, which, NO_GROUP)
        refused[part] = np.where(found, 0, which - np.uint16(256))
    references = list({g.reference.hash: g.reference for g in groups}.values())
    return _Plan(groups, rows, refused, references)


def _named(word: object, known: dict[str, Reference] | None) -> Reference | Status:
    if missing(word) or (isinstance(word, str) and not word.strip()):
        return Status.MISSING_REFERENCE
    if known is not None:
        try:
            found = known.get(cast("str", word))
        except TypeError:
            return Status.UNKNOWN_REFERENCE
        if found is None and isinstance(word, str):
            same = {r.hash: r for k, r in known.items() if same_name(str(k)) == same_name(word)}
            found = next(iter(same.values())) if len(same) == 1 else None
        return Status.UNKNOWN_REFERENCE if found is None else found
    if not isinstance(word, str):
        return Status.UNKNOWN_REFERENCE
    try:
        return packaged(word.strip().lower())  # every id is in small letters
    except GrowthwatchError as e:
        if e.field in ("reference", "correction"):  # not a name; a damaged file is another matter
            return Status.UNKNOWN_REFERENCE
        raise


def _one_group(group: _Group, value: Column, arguments: dict[str, Any]) -> Score:
    by = group.reference.info.table_by
    if by == "birth_weight_g" and "birth_weight_kg" not in arguments:
        arguments = {**arguments, "birth_weight_kg": np.full(value.shape, np.nan)}
    if "gestation_days" not in arguments:  # in rows a missing one has a status; it is no wrong argument
        needed = group.reference.info.measures[group.measure].needs_gestation
        if by == "gestation_days" or (needed and "corrected_age_days" not in arguments):
            arguments = {**arguments, "gestation_days": np.full(value.shape, np.nan)}
    return group.reference.score(value, measure=group.measure, **arguments)


def _score_all(plan: _Plan, value: Column, arguments: dict[str, Any], adjusted: bool) -> Result:
    n = value.size
    codes, refused = plan.codes, plan.refused
    if codes is None or refused is None:
        s = _one_group(plan.groups[0], value, arguments)
        plain: Any = getattr(s, "unadjusted", None) if adjusted else None
        return Result(
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
    status, which = refused.copy(), np.full(n, NO_GROUP, np.uint8)
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
    return Result(z, centile, status, age, which, [r.label for r in plan.references], unadjusted)


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
    Status.MISSING_BIRTH_WEIGHT: "birth_weight_kg",
    Status.BIRTH_WEIGHT_NOT_COVERED: "birth_weight_kg",
    Status.POSITION_MISMATCH: "position",
    Status.MISSING_REFERENCE: "reference_column",
    Status.UNKNOWN_REFERENCE: "reference_column",
    Status.MISSING_MEASURE: "measure_column",
    Status.MEASURE_NOT_COVERED: "measure_column",
}


_OF_WORDS = frozenset({Status.UNKNOWN_SEX, Status.UNKNOWN_REFERENCE, Status.MEASURE_NOT_COVERED})
"""Where the words that the rows hold say what is wrong."""


def _words_of(held: HeldFrame, column: object, rows: npt.NDArray[np.intp]) -> str:
    """What some rows of a column say, and where the first stands: `` ('Jongen'; the first in row 4)``."""
    if not isinstance(column, str) or column not in held.names:
        return ""
    series = held.series("column", column)
    values = [series[int(row)] for row in rows[:_LOOKED_AT]]
    # A code is shown as it was written: 3, and not how numpy would write it down.
    plain: list[object] = [v.item() if isinstance(v, np.generic) else v for v in values]
    said = dict.fromkeys(map(shortened, plain))
    few = ", ".join([*said][:_FEW]) + (", ..." if len(said) > _FEW else "")
    return f" ({few}; the first in row {int(rows[0])})"


def _speak(held: HeldFrame, status: Codes, how: str, names: dict[str, str], given: dict[str, Any]) -> None:
    """Warn of rows without a number, or raise, counting them by status."""
    counts = np.bincount(status, minlength=len(STATUS_WORDS))
    said: list[tuple[str, str]] = []
    for code in Status:
        if counts[code] and not code.has_number:
            about = _ARGUMENTS.get(code, "value")
            argument = names.get(about, about)
            words = _words_of(held, given.get(about), np.flatnonzero(status == code)) if code in _OF_WORDS else ""
            said.append((argument, f"{argument}: {counts[code]} of {status.size} rows {code}{words}"))
    if how == "error" and said:
        raise GrowthwatchError(
            "; ".join(text for _, text in said),
            field=said[0][0],
            value={str(c): int(counts[c]) for c in Status if counts[c] and not c.has_number},
            expected="a number in every row, as on_invalid='error' asks",
        )
    for _, text in said:
        warnings.warn(GrowthwatchWarning(text), stacklevel=3)
