"""The metadata file of a reference: closed models, read from TOML.

A reference is a folder: ``reference.toml`` and one CSV file of figures a measure.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn, TypeVar, cast

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from growthwatch.core.errors import GrowthwatchError, Problem
from growthwatch.core.files import TEXT_LIMIT, is_file, is_folder, read_within
from growthwatch.core.places import path_of
from growthwatch.core.plain import check_plain
from growthwatch.core.wrong import Wrong

__all__ = [
    "Births",
    "CorrectionName",
    "Corrections",
    "MeasureInfo",
    "ReferenceInfo",
    "TableBy",
    "TableInfo",
    "check_metadata",
    "corrections",
    "read_metadata",
]

_Value = TypeVar("_Value")

CorrectionName = Literal["paper", "lifelong", "none"]


class FrozenDict(dict[str, _Value]):
    """A dictionary that cannot be changed: a reference must stay what its hash says."""

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("the metadata of a reference never changes")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse  # pyright: ignore[reportAssignmentType]

    def __reduce__(self) -> tuple[type[FrozenDict[_Value]], tuple[dict[str, _Value]]]:
        return FrozenDict, (dict(self),)


def _as_tuple(value: object) -> object:
    return tuple(cast("list[object]", value)) if isinstance(value, list) else value


Several = Annotated[tuple[_Value, ...], BeforeValidator(_as_tuple)]
"""A list in the file, a tuple once read."""

Kind = Literal["standard", "reference", "descriptive"]
Text = Annotated[str, Field(min_length=1)]


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True, allow_inf_nan=False)


Interpolation = Literal["nearest-day", "row-below", "linear", "lagrange-4", "closed-form", "none"]


TableBy = Literal["gestation_days", "birth_weight_g"]
"""The facts of birth by which a table can be chosen."""


class Births(_Closed):
    """Births that a table is for, in whole days of gestation or whole grams; both ends are included.

    Without ``least`` there is no lower end.  ``label`` says it in words.
    """

    least: int | None = None
    most: int
    label: Text


class TableInfo(_Closed):
    """One table of a measure and the stretch of the x-axis on which it is the official one.

    ``from_`` (in the file: ``from``) and ``until`` are in units of x; the stretch includes
    ``from`` and excludes ``until``, so that an exact boundary belongs to the table of the
    greater x.  Without them the table counts over all that it covers.  An ``overlap`` table
    is never official: it only serves to measure change across a boundary.  ``interpolation``
    and ``tail`` are those of the measure unless the table has its own.  ``births`` is the key of a table that
    is chosen by a fact of birth (``table_by`` of the reference): for each child only the tables
    of its births count, and the stretches follow each other within those.
    """

    id: Text
    from_: float | None = Field(default=None, alias="from")
    until: float | None = None
    overlap: bool = False
    label: str = ""
    interpolation: Interpolation | None = None
    births: Births | None = None
    tail: Literal["none", "restricted-3sd"] | None = None


class Break(_Closed):
    """A place where the lines break because the table changes, and why."""

    at: float
    reason: Text


class Position(_Closed):
    """How the child was to lie or stand, and the published difference between the two [cm]."""

    expects: Literal["lying", "standing"] | None = None
    standing_from_age_days: float | None = None
    lying_minus_standing_cm: float | None = None
    source: Text


class ClosedForm(_Closed):
    """Where formulas count, and what they are formulas of: ``t = (x + offset) / unit``."""

    offset: float = 0.0
    unit: float = Field(gt=0)
    from_: float = Field(alias="from")
    until: float


class MeasureInfo(_Closed):
    """What the figures of one measure are and how they are to be read.

    With ``interpolation`` ``closed-form`` the figures file holds the terms of formulas, and
    ``closed_form`` says of what.  ``latest_age_days`` is the greatest chronological age at which
    the measure counts, whatever the age used (0: at birth only); with ``needs_gestation`` a
    missing gestation is never read as term.  Of births at ``born_before_days`` or later the measure
    says nothing.  ``x`` is ``interval`` for increments.
    """

    file: Text
    unit: Text
    x: Literal["age_days", "length_cm", "interval"]
    distribution: Literal["lms", "lms-shifted", "normal", "log-normal", "skew-t"]
    interpolation: Interpolation
    tail: Literal["none", "restricted-3sd", "half-normal-95"]
    closed_form: ClosedForm | None = None
    latest_age_days: float | None = None
    needs_gestation: bool = False
    born_before_days: float | None = None
    advisory_z: float = Field(gt=0)
    implausible_z: float = Field(gt=0)
    tables: Several[TableInfo] = Field(min_length=1)
    breaks: Several[Break] = ()
    position: Position | None = None


class ReferenceInfo(_Closed):
    """What a reference is: whose, of whom, since when, under which terms.

    With ``table_by`` every table has ``births``, and which table counts for a child is chosen by
    that fact of its birth, which is never guessed.
    """

    layout: Literal[1]
    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    edition: Text
    kind: Kind
    condition: str
    title: Text
    short_title: Text
    population: Text
    citation: Text
    origin: Text
    terms: Text
    corrections: Several[CorrectionName] = Field(min_length=1)
    default_correction: CorrectionName
    correction_note: str = ""
    table_by: TableBy | None = None
    limits_source: Text
    notes: str = ""
    measures: Annotated[dict[str, MeasureInfo], Field(min_length=1), AfterValidator(FrozenDict)]

    @property
    def remark(self) -> str:
        """What other programs make of the same figures (``remarks.toml``), where that must be said.

        It is no part of the metadata, and of no hash: other programs change, the reference does not.
        """
        found = _remarks().get(self.id)
        return "" if found is None else found.says

    @property
    def births(self) -> tuple[Births, ...]:
        """Births that there are tables for, each once, in order; empty where no fact of birth chooses."""
        first = next(iter(self.measures.values()))
        return tuple({t.births: None for t in first.tables if t.births is not None})

    @property
    def of_increments(self) -> bool:
        """Whether its figures are of gains over an interval, not of sizes at an age."""
        return any(m.x == "interval" for m in self.measures.values())


class _Remark(_Closed):
    says: Text
    source: Text
    tag: Literal["N", "G", "L"]
    review_by: Any


@cache
def _remarks() -> dict[str, _Remark]:
    path = resources.files("growthwatch.references") / "remarks.toml"
    try:
        return {id: _Remark.model_validate(said) for id, said in read_toml(path).items()}
    except ValidationError as e:  # pragma: no cover - the packaged file is tested
        raise explain_validation(e, str(path)) from None


class CorrectionRule(_Closed):
    """One rule of a correction: births before this gestation, until this corrected age [days]."""

    model_config = ConfigDict(allow_inf_nan=True)

    born_before_days: float
    until_corrected_age_days: float


class Correction(_Closed):
    """A way to correct age for gestation at birth."""

    title: Text
    source: Text
    tag: Literal["N", "G", "L"]
    review_by: Any
    rules: Several[CorrectionRule]


class GestationLimits(_Closed):
    """Gestations that can be meant [days]."""

    least_days: int
    most_days: int
    source: Text
    tag: Literal["N", "G", "L"]
    review_by: Any


class Corrections(_Closed):
    """The packaged corrections."""

    paper: Correction
    lifelong: Correction
    none: Correction
    gestation: GestationLimits

    def named(self, name: CorrectionName) -> Correction:
        """Return the correction of that name."""
        return {"paper": self.paper, "lifelong": self.lifelong, "none": self.none}[name]


# What pydantic finds, in plain words; {} holds what it was to be held against.
_PLAIN = {
    "bool_type": "true or false",
    "date_from_datetime_inexact": "a date written YYYY-MM-DD",
    "date_from_datetime_parsing": "a date written YYYY-MM-DD",
    "date_parsing": "a date written YYYY-MM-DD",
    "date_type": "a date written YYYY-MM-DD",
    "dict_type": "a table with named keys",
    "finite_number": "a finite number",
    "float_parsing": "a number",
    "float_type": "a number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "list_type": "a list",
    "literal_error": "one of {expected}",
    "model_type": "a table with named keys",
    "string_pattern_mismatch": "text of the form {pattern}",
    "string_type": "text",
    "tuple_type": "a list",
}
_FORMS = {
    r"^sha256:[0-9a-f]{64}$": "sha256: and the 64 digits of 0 to 9 and a to f that growthwatch protocol check prints",
    r"^[A-Z][A-Za-z0-9]*$": "a capital letter, and after it letters and digits",
    r"^[a-z0-9][a-z0-9-]*$": "small letters, digits and hyphens, no hyphen first",
    r"^[a-z0-9][a-z0-9.-]*$": "small letters, digits, hyphens and dots, a letter or digit first",
}
"""The same for forms of text, which nobody should have to read as patterns."""


def explain_validation(error: ValidationError, where: str, given: object = None) -> GrowthwatchError:
    """Turn a model's complaint into a sentence that names file, key, value and what was expected.

    With what was `given` (the tables of the file), a table of a list is named as a path names it.
    """
    found: list[Problem] = []
    problems = error.errors(include_url=False)
    for problem in problems:
        loc = problem["loc"]
        if problem["type"] == "too_short" and any(p["loc"][: len(loc)] == loc != p["loc"] for p in problems):
            continue  # it lacks those alone of which another sentence says what is wrong
        key = path_of(given, loc) or "(file)"
        kind, context = problem["type"], dict(problem.get("ctx", {}))
        plain = _PLAIN.get(kind)
        if kind.startswith(("greater_than", "less_than")):
            plain = "a number " + problem["msg"].removeprefix("Input should be ")
        if plain is not None:
            value = problem["input"]
            expected = _FORMS.get(context.get("pattern", "")) or plain.format_map(context)
            found.append(Problem(key, value, expected, GrowthwatchError.of(key, value, expected).problems[0].sentence))
            continue
        reason = "unknown key" if kind == "extra_forbidden" else problem["msg"]
        reason = reason[0].lower() + reason[1:]
        value = None if kind == "missing" else problem.get("input")
        found.append(Problem(key, value, reason, f"{key}: {reason}"))
    return GrowthwatchError.of_all(found, f"{where}: " + "; ".join(p.sentence for p in found))


_CURLY = 'the line has curly quotes of a word processor: write plain ones (")'


def _line_of(text: str, error: ValueError) -> str:
    """The line in which a TOML file is wrong; empty where that is not said."""
    found = re.search(r"at line (\d+)", str(error))
    lines = text.split("\n")
    return lines[int(found[1]) - 1] if found is not None and int(found[1]) <= len(lines) else ""


def read_toml(path: Traversable) -> dict[str, Any]:
    """Read a TOML file, without control characters in keys or values; errors name the file."""
    try:
        text = (
            read_within(path, TEXT_LIMIT, str(path)).decode("utf-8-sig").replace("\r\n", "\n")
        )  # with a byte order mark, or none
    except UnicodeDecodeError as e:
        raise GrowthwatchError(f"{path}: not UTF-8 text ({e.reason})", field=str(path), expected="UTF-8 text") from None
    try:
        plain = tomllib.loads(text)
    except RecursionError:
        raise GrowthwatchError(f"{path}: nested too deeply", field=str(path), expected="TOML") from None
    except ValueError as e:  # TOMLDecodeError, and numbers of thousands of digits
        hint = f"; {_CURLY}" if set(_line_of(text, e)) & set("“”„‘’") else ""
        raise GrowthwatchError(f"{path}: not valid TOML ({e}){hint}", field=str(path), expected="TOML") from None
    check_plain(plain, str(path))
    return plain


def check_metadata(info: ReferenceInfo, where: str) -> ReferenceInfo:
    """Check what no key says alone, and return the metadata; the error names each key that is wrong."""
    wrong = Wrong(where)
    if info.default_correction not in info.corrections:
        wrong.add(f"{where}: default_correction", info.default_correction, f"one of {list(info.corrections)}")
    for name, measure in info.measures.items():
        ids = [t.id for t in measure.tables]
        if len(set(ids)) != len(ids):
            wrong.add(f"{where}: measures.{name}.tables", ids, "each table id once")
        official = [t for t in measure.tables if not t.overlap]
        if not official:
            wrong.add(f"{where}: measures.{name}.tables", ids, "at least one table that is not overlap")
        with wrong.here():
            _check_births(info, name, measure, where)
        for table in measure.tables:
            if table.tail is not None and (measure.distribution != "lms" or measure.tail == "half-normal-95"):
                expected = "no tail of its own, unless the measure is lms with none or restricted-3sd"
                wrong.add(f"{where}: measures.{name}.tables.{table.id}.tail", table.tail, expected)
        for table in official:
            if table.from_ is not None and table.until is not None and not table.from_ < table.until:
                wrong.add(
                    f"{where}: measures.{name}.tables.{table.id}.until",
                    table.until,
                    f"more than its from, {table.from_}",
                )
        if (measure.interpolation == "closed-form") != (measure.closed_form is not None):
            wrong.add(
                f"{where}: measures.{name}.closed_form", measure.closed_form, "one where interpolation is closed-form"
            )
        if (measure.x == "interval") != (measure.interpolation == "none"):
            wrong.add(
                f"{where}: measures.{name}.interpolation", measure.interpolation, "'none' for intervals, and only there"
            )
        place = measure.position
        if place is not None and (place.expects is None) == (place.standing_from_age_days is None):
            wrong.add(f"{where}: measures.{name}.position", place, "either expects or standing_from_age_days")
        for before, after in pairwise(official):
            if before.births != after.births:  # a new row of tables, for other births
                continue
            if before.until is None or after.from_ is None or before.until != after.from_:
                wrong.add(
                    f"{where}: measures.{name}.tables.{after.id}.from",
                    after.from_,
                    f"the until of {before.id} ({before.until}): official tables follow each other without gap",
                )
    wrong.raise_all()
    return info


def _check_births(info: ReferenceInfo, name: str, measure: MeasureInfo, where: str) -> None:
    """Refuse keys of tables that would leave open which table a birth has."""
    at = f"{where}: measures.{name}.tables"
    wrong = Wrong(where)
    rows: dict[Births | None, list[tuple[float | None, float | None, bool]]] = {}
    for table in measure.tables:
        if (table.births is None) != (info.table_by is None):
            expected = "births in every table where table_by names a fact of birth, and only there"
            wrong.add(f"{at}.{table.id}.births", table.births, expected)
        rows.setdefault(table.births, []).append((table.from_, table.until, table.overlap))
    wrong.raise_all()
    if info.table_by is None:
        return
    if measure.closed_form is not None or measure.x == "interval":
        raise GrowthwatchError.of(f"{where}: table_by", info.table_by, "tables of figures by age or length")
    if tuple(rows) != info.births:
        raise GrowthwatchError.of(f"{at}.births", [b.label for b in rows if b], "the same births in every measure")
    if [t.births for t in measure.tables] != [b for b, of in rows.items() for _ in of]:
        raise GrowthwatchError.of(at, [t.id for t in measure.tables], "tables of the same births one after another")
    if any(of != rows[info.births[0]] for of in rows.values()):
        raise GrowthwatchError.of(at, [t.id for t in measure.tables], "tables with the same stretches for all births")
    for births, following in pairwise((*info.births, None)):
        assert births is not None
        if births.least is not None and births.least > births.most:
            wrong.add(f"{at}.births.most", births.most, f"at least its least, {births.least}")
        if following is not None and (following.least is None or following.least <= births.most):
            expected = f"more than {births.most}, the most of the births before"
            wrong.add(f"{at}.births.least", following.least, expected)
    wrong.raise_all()


def read_metadata(folder: Traversable) -> tuple[ReferenceInfo, dict[str, Any]]:
    """Read and check ``reference.toml`` of a folder; also return it as plain data for hashing.

    Raises
    ------
    GrowthwatchError
        Naming the file, the key and the reason.
    """
    path = folder / "reference.toml"
    if not is_file(path):
        expected = "a folder that holds reference.toml"
        raise GrowthwatchError(f"{folder}: not {expected}", field="folder", value=str(folder), expected=expected)
    plain = read_toml(path)
    try:
        info = ReferenceInfo.model_validate(plain)
    except ValidationError as e:
        raise explain_validation(e, str(path), plain) from None
    return check_metadata(info, str(path)), plain


@cache
def corrections() -> Corrections:
    """Return the packaged corrections for gestation at birth."""
    path = data_folder() / "corrections.toml"
    try:
        return Corrections.model_validate(read_toml(path))
    except ValidationError as e:  # pragma: no cover - the packaged file is tested
        raise explain_validation(e, str(path)) from None


def data_folder() -> Traversable:
    """Folder of the packaged references (works from a zip file too)."""
    return resources.files("growthwatch.references") / "data"


def as_folder(path: str | Path) -> Path:
    """Check that a path given by a user is a folder."""
    folder = Path(path)
    if not is_folder(folder):
        expected = "an existing folder"
        raise GrowthwatchError(f"{folder}: not {expected}", field="folder", value=str(path), expected=expected)
    return folder
