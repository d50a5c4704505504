"""`trajectories` and `evidence` for data frames and for plain columns: pandas, polars or pyarrow in, the same out.

What a frame holds is the business of `growthwatch.growth.held_frame`; the figures are those of the kernel for columns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol, TypeVar, overload

import numpy as np
import numpy.typing as npt

from growthwatch.core.columns import one_of
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.sex import SexCoding
from growthwatch.core.status import STATUS_WORDS, Status
from growthwatch.growth.columns import TrajectoryColumns
from growthwatch.growth.columns import trajectories as trajectories_of_columns
from growthwatch.growth.detector import reference_error
from growthwatch.growth.evidence import evidence as evidence_of_columns
from growthwatch.growth.evidence import running_evidence
from growthwatch.growth.faltering import Faltering, faltering, latest_rows
from growthwatch.growth.held_frame import HeldFrame, Words, appended_names
from growthwatch.growth.rules import GrowthRule
from growthwatch.growth.series import child_numbers, chosen_reference, is_torn, weight_series
from growthwatch.references import Reference, ReferenceLabel
from growthwatch.references.distributions import Floats

__all__ = ["evidence", "trajectories"]


class Framed(Protocol):
    """A pandas or polars DataFrame, or a pyarrow Table."""

    @property
    def columns(self) -> Any:
        """Its columns."""
        ...


Frame = TypeVar("Frame", bound=Framed)
_APPENDED = (
    "z",
    "centile",
    "status",
    "faltering",
    "latest",
    "since_best_z",
    "since_best_from_days",
    "evidence",
    "reference",
    "reference_hash",
)
_OF_EVIDENCE = ("evidence", "evidence_fit", "status", "faltering", "latest", "reference", "reference_hash")
_NOT_NUMBERS = ("refuse", "missing")


@overload
def trajectories(
    frame: Frame,
    /,
    *,
    weight_kg: Any = None,
    age_days: Any = None,
    sex: Any = None,
    gestation_days: Any = None,
    reference: str | Reference = "uk-who",
    child: Any = "child",
    counts: Any = None,
    clothed: Any = None,
    high_need: Any = False,
    level_free: Any = False,
    rules: Sequence[GrowthRule] | None = None,
    birth_date: Any = None,
    measured_on: Any = None,
    sex_coding: SexCoding | None = None,
    prefix: str = "",
    columns: Sequence[str] | Mapping[str, str] | None = None,
    not_numbers: Literal["refuse", "missing"] = "refuse",
) -> Frame: ...


@overload
def trajectories(
    weights: Any = None,
    /,
    *,
    weight_kg: Any = None,
    age_days: Any,
    sex: Any,
    gestation_days: Any = None,
    reference: str | Reference = "uk-who",
    child: Any = None,
    counts: Any = None,
    clothed: Any = None,
    high_need: Any = False,
    level_free: Any = False,
    rules: Sequence[GrowthRule] | None = None,
    birth_date: Any = None,
    sex_coding: SexCoding | None = None,
) -> TrajectoryColumns: ...


def trajectories(
    frame: Any = None,
    /,
    *,
    weight_kg: Any = None,
    age_days: Any = None,
    sex: Any = None,
    gestation_days: Any = None,
    reference: str | Reference = "uk-who",
    child: Any = None,
    counts: Any = None,
    clothed: Any = None,
    high_need: Any = False,
    level_free: Any = False,
    rules: Sequence[GrowthRule] | None = None,
    birth_date: Any = None,
    measured_on: Any = None,
    sex_coding: SexCoding | None = None,
    prefix: str = "",
    columns: Sequence[str] | Mapping[str, str] | None = None,
    not_numbers: str = "refuse",
) -> Any:
    """Compute what weights say over time, for one child or for many.

    Of plain columns: everything, as `TrajectoryColumns`; see `growthwatch.growth.columns.trajectories` for what each
    argument then takes.  Of a data frame: the frame with columns appended, one row a weighing, as it came.  There, as
    in `growthwatch.score`, a string is the name of a column and anything else one constant for all rows.

    Parameters
    ----------
    frame
        A pandas or polars DataFrame, or a pyarrow Table, which is not changed; or weights [kg].
    weight_kg, age_days, sex
        Weight [kg], chronological age [days], sex; of a frame by default the columns of these names.
    gestation_days
        Completed gestation at birth [days]; None or missing: term.
    reference
        Id of a packaged reference, or a `Reference`, adjusted ones included.
    child
        Column of ids; of a frame by default ``child``.  A frame without that column is refused: give ``child=1`` for
        rows that are all of one child.
    counts, clothed
        Whether each weight may enter trends; whether it was taken in clothes.
    high_need
        Whether a child has high need; for rules and evidence whose figures differ.
    level_free
        Whether only changes count in ``since_best_z``: for a child with a condition on the general standard.
    rules
        Other growth rules than the packaged ones.
    birth_date, measured_on
        Of a frame: dates, in place of `age_days`.  `birth_date` alone, beside an age, says where months begin.
    sex_coding
        What codes of sex mean.
    prefix, columns
        Of a frame: put before each appended name; which columns to append, or what to call them.  Besides those
        below any name of `TrajectoryColumns.columns`, such as ``conditional_gain_z`` or ``nice_fall_birth``.
    not_numbers
        Of a frame: whether words in a column of numbers are refused, or missing.

    Returns
    -------
    TrajectoryColumns, or the same type as `frame`
        By default with ``z``, ``centile``, ``status``; ``faltering``: the gravest reason of the weights up to this
        one, in words of a closed list (`growthwatch.growth.faltering`), or why none can be told; ``latest``: true for
        one row a child; ``since_best_z`` and ``since_best_from_days``, in that row alone: the number to sort by, and
        the age since which it counts; ``evidence``; ``reference`` and ``reference_hash``.

    Raises
    ------
    GrowthwatchError
        For a wrong argument: a column that is not there, rows without an id, a name that the frame already has.

    Notes
    -----
    ``since_best_z`` is the conditional z since the best sustained position [SD]: see
    `growthwatch.growth.sustained.since_best`.  It ranks, and is no alarm.
    """
    if not _is_framed(frame):
        _not_of_columns(prefix=prefix or None, columns=columns, measured_on=measured_on)
        return trajectories_of_columns(
            _weights(frame, weight_kg),
            age_days=_said("age_days", age_days),
            sex=_said("sex", sex),
            gestation_days=gestation_days,
            reference=reference,
            child=child,
            counts=counts,
            clothed=clothed,
            high_need=high_need,
            level_free=level_free,
            rules=rules,
            birth_date=birth_date,
            sex_coding=sex_coding,
        )
    held = HeldFrame(frame, one_of("not_numbers", not_numbers, _NOT_NUMBERS) == "missing")
    ref = chosen_reference("reference", reference)
    given = _read(held, weight_kg, age_days, sex, gestation_days, child, birth_date, measured_on, sex_coding)
    found = trajectories_of_columns(
        given.pop("weight_kg"),
        **given,
        reference=ref,
        counts=None if counts is None else held.truth("counts", counts),
        clothed=None if clothed is None else held.truth("clothed", clothed),
        high_need=held.truth("high_need", high_need),
        level_free=held.truth("level_free", level_free),
        rules=rules,
    )
    every: dict[str, Any] = found.columns()
    best = found.since_best()
    for name, figures in (("since_best_z", best.z), ("since_best_from_days", best.since_days)):
        every[name] = (
            np.where(found.latest, figures[found.numbers], np.nan) if best.z.size else np.full(held.rows, np.nan)
        )
    every |= _labelled(found.status_code, found.faltering, found.reference)
    del every["weight_kg"], every["age_days"], every["counts"]
    return held.append_columns(appended_names(held, prefix, columns, _APPENDED, every), every)


@overload
def evidence(
    frame: Frame,
    /,
    *,
    weight_kg: Any = None,
    age_days: Any = None,
    sex: Any = None,
    gestation_days: Any = None,
    reference: str | Reference = "uk-who",
    child: Any = "child",
    high_need: Any = False,
    birth_date: Any = None,
    measured_on: Any = None,
    sex_coding: SexCoding | None = None,
    prefix: str = "",
    columns: Sequence[str] | Mapping[str, str] | None = None,
    not_numbers: Literal["refuse", "missing"] = "refuse",
) -> Frame: ...


@overload
def evidence(
    weights: Any = None,
    /,
    *,
    weight_kg: Any = None,
    age_days: Any,
    sex: Any,
    gestation_days: Any = None,
    reference: str | Reference = "uk-who",
    child: Any = None,
    sex_coding: SexCoding | None = None,
) -> Floats: ...


def evidence(
    frame: Any = None,
    /,
    *,
    weight_kg: Any = None,
    age_days: Any = None,
    sex: Any = None,
    gestation_days: Any = None,
    reference: str | Reference = "uk-who",
    child: Any = None,
    high_need: Any = False,
    birth_date: Any = None,
    measured_on: Any = None,
    sex_coding: SexCoding | None = None,
    prefix: str = "",
    columns: Sequence[str] | Mapping[str, str] | None = None,
    not_numbers: str = "refuse",
) -> Any:
    """How many times better the weights so far fit slowing growth than healthy growth, after each weighing.

    Of plain columns: the ratio, one a weighing; see `growthwatch.growth.evidence.evidence`.  Of a data frame: the frame
    with columns appended; there a string is the name of a column and anything else one constant for all rows.

    Parameters
    ----------
    frame
        A pandas or polars DataFrame, or a pyarrow Table, which is not changed; or weights [kg].
    weight_kg, age_days, sex, gestation_days, reference, child, birth_date, measured_on, sex_coding
        As for `trajectories`.
    high_need
        Of a frame: whether a child has high need; its evidence is amber sooner.
    prefix, columns, not_numbers
        Of a frame: as for `trajectories`; the columns are ``evidence``, ``evidence_fit``, ``status``, ``faltering``,
        ``latest``, ``reference``, ``reference_hash``, ``evidence_slow`` and ``evidence_acute``.

    Returns
    -------
    ndarray, or the same type as `frame`
        ``faltering`` says what the evidence alone has found: no rule is judged, and no weight doubted.  So what
        `trajectories` says is never milder.

    Raises
    ------
    GrowthwatchError
        For a wrong argument, as `trajectories`.

    Examples
    --------
    >>> import growthwatch as gw
    >>> m = gw.evidence([6.1, 6.9, 7.5, 7.7, 7.7], age_days=[90, 120, 150, 190, 230], sex="female")
    >>> bool(m[-1] > m[2])
    True
    """
    if not _is_framed(frame):
        _not_of_columns(
            prefix=prefix or None, columns=columns, birth_date=birth_date, measured_on=measured_on,
            high_need=None if high_need is False else high_need,
        )  # fmt: skip
        return evidence_of_columns(
            _weights(frame, weight_kg),
            age_days=_said("age_days", age_days),
            sex=_said("sex", sex),
            gestation_days=gestation_days,
            reference=reference,
            child=child,
            sex_coding=sex_coding,
        )
    held = HeldFrame(frame, one_of("not_numbers", not_numbers, _NOT_NUMBERS) == "missing")
    ref = chosen_reference("reference", reference)
    given = _read(held, weight_kg, age_days, sex, gestation_days, child, birth_date, measured_on, sex_coding)
    del given["birth_date"]
    kg, age, ids = given.pop("weight_kg"), given["age_days"], given.pop("child")
    numbers = child_numbers(ids, held.rows)
    series = weight_series(ref, kg, child=ids, plausible=True, **given)
    found = running_evidence(series, reference_error(ref))
    age = np.broadcast_to(np.asarray(age, np.float64), (held.rows,))
    need = held.truth("high_need", high_need)
    needy = np.bincount(numbers, np.broadcast_to(need, (held.rows,)), int(numbers.max(initial=-1)) + 1) > 0.0
    status = np.where(is_torn(found.status_code) | (series.row < 0), found.status_code, np.uint8(Status.OK))
    said = faltering(
        found, status_code=status.astype(np.uint8), age_days=age, high_need=needy[numbers], numbers=numbers
    )
    every: dict[str, Any] = {
        "evidence": found.ratio,
        "evidence_fit": found.fit,
        "evidence_slow": found.slow,
        "evidence_acute": found.acute,
        "latest": latest_rows(age, numbers),
        **_labelled(found.status_code, said, found.reference),
    }
    return held.append_columns(appended_names(held, prefix, columns, _OF_EVIDENCE, every), every)


def _is_framed(given: object) -> bool:
    return hasattr(type(given), "columns")  # of a lazy frame the columns themselves are costly


def _said(argument: str, given: Any) -> Any:
    if given is None:
        raise GrowthwatchError.of(argument, None, "a column, one a weighing; or a data frame before it")
    return given


def _weights(frame: Any, weight_kg: Any) -> Any:
    if frame is not None and weight_kg is not None:
        raise GrowthwatchError.of("weight_kg", weight_kg, "weights once; or a data frame, and the name of its column")
    return _said("weight_kg", weight_kg if frame is None else frame)


def _not_of_columns(**named: object) -> None:
    for argument, given in named.items():
        if given is not None:
            raise GrowthwatchError.of(argument, given, "none beside plain columns: it is for data frames")


def _read(
    held: HeldFrame,
    weight_kg: Any,
    age_days: Any,
    sex: Any,
    gestation_days: Any,
    child: Any,
    birth_date: Any,
    measured_on: Any,
    sex_coding: SexCoding | None,
) -> dict[str, Any]:
    """Take the columns out of a frame, once, as arrays."""
    if measured_on is not None and birth_date is None:
        raise GrowthwatchError.of("birth_date", None, "both birth_date and measured_on, or an age")
    if measured_on is not None and age_days is not None:
        raise GrowthwatchError.of("age_days", age_days, "age_days or measured_on, not both")
    days = None if birth_date is None else np.broadcast_to(held.days("birth_date", birth_date), (held.rows,))
    if measured_on is not None:
        age = held.age(birth_date, measured_on)
    else:
        age = held.number("age_days", "age_days" if age_days is None else age_days)
    weight: npt.NDArray[Any] = held.number("weight_kg", "weight_kg" if weight_kg is None else weight_kg)
    return {
        "weight_kg": np.broadcast_to(weight, (held.rows,)),
        "age_days": np.broadcast_to(age, (held.rows,)),
        "sex": held.sex("sex" if sex is None else sex, sex_coding),
        "gestation_days": None if gestation_days is None else held.number("gestation_days", gestation_days),
        "child": held.ids("child", "child" if child is None else child),
        "birth_date": days,
    }


def _labelled(status: npt.NDArray[np.uint8], said: Faltering, reference: ReferenceLabel) -> dict[str, Words]:
    """Columns of words, as codes."""
    none = np.zeros(status.size, np.uint8)
    return {
        "status": Words(status, STATUS_WORDS),
        "faltering": Words(said.code, said.words),
        "reference": Words(none, (reference.id,)),
        "reference_hash": Words(none, (reference.hash,)),
    }
