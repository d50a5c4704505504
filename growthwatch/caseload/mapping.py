"""How a table is to be read: which column means what, in which form and unit.  The mapping decides; nothing is guessed.

A mapping is a TOML file.  It uses the words of Frictionless Table Schema (``fields``, ``name``, ``type``, ``format``,
``missingValues``, ``decimalChar``) and adds ``means``, ``unit``, ``date_order``, ``values`` and ``sheet``.
"""

from __future__ import annotations

import collections.abc
import datetime as dt
import os
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, cast, get_args

from pydantic import AfterValidator, ValidationError
from pydantic import Field as Key

from growthwatch.caseload.words import by_word, folded, words
from growthwatch.core.closed import Closed, tuples
from growthwatch.core.errors import GrowthwatchError, Problem, nearest
from growthwatch.core.files import TEXT_LIMIT, read_within
from growthwatch.record.words import Clothing, Condition, Role, Scale

__all__ = ["OWN_NAMES", "ConditionWord", "DateOrder", "Field", "Mapping", "Meaning", "own_mapping"]

Meaning = Literal[
    "child_id", "birth_date", "sex", "gestation", "birth_weight", "weighed_on", "weight", "recorded_at", "clothing",
    "scale", "condition", "condition_since", "gmfcs", "role", "actor", "worker", "lead", "team",
]  # fmt: skip
"""What a column can mean."""

DateOrder = Literal["day-month-year", "month-day-year", "year-month-day"]
"""In which order a date without a month's name is written."""

Unit = Literal["kg", "g", "lb", "oz", "lb + oz"]

_TYPES: dict[str, tuple[str, ...]] = {
    "birth_date": ("date", "string"),
    "weighed_on": ("date", "string"),
    "recorded_at": ("date", "datetime", "string"),
    "condition_since": ("date", "string"),
    "weight": ("number", "string"),
    "birth_weight": ("number", "string"),
    "gestation": ("string", "integer", "number"),
    "gmfcs": ("integer", "string"),
}
"""The Frictionless types that each meaning may have; all others are ``string``."""

_GESTATIONS = ("weeks+days", "weeks", "days")
_WEIGHTS = ("weight", "birth_weight")
_DATES = ("birth_date", "weighed_on", "recorded_at", "condition_since")
_SEVERAL = ("condition", "weight")
_MOST_SHOWN = 10
"""Meanings that more than one column may have: conditions, and pounds beside ounces."""


class ConditionWord(Closed):
    """What a word for a condition means, where its name alone does not say it."""

    condition: Condition
    gmfcs: Annotated[int, Key(ge=1, le=5)] | None = None
    high_need: bool | None = None


def _plain(value: str) -> str:
    if not value.strip() or value != " ".join(value.split()):
        raise ValueError("expected a name that is not blank, with single spaces and none around it")
    return value


class Field(Closed):
    """One column.

    Parameters
    ----------
    name
        The name at the top of the column; spaces around it, and letter case, do not matter.
    means
        What it is: `Meaning`.
    type, format
        As in Frictionless Table Schema.  A format of dates is one of ``strptime`` (``%d/%m/%y``); of gestations
        ``weeks+days``, ``weeks`` or ``days``.
    unit
        Of weights: ``kg``, ``g``, ``lb``, ``oz`` or ``lb + oz``; a list where cells may say another themselves
        (``8350 g``), the first for those that say none.
    grams_from
        Numbers without a unit, from this one on, are grams; none that lies between what a child weighs in kg and
        this is read.
    date_order
        ``day-month-year``, ``month-day-year`` or ``year-month-day``; that of the mapping if not said.
    decimalChar
        The decimal mark; that of the mapping if not said.
    missingValues
        Words that mean that there is nothing; those of the mapping if not said.
    values
        What words mean: of sexes, clothing, scales, conditions, roles, gestations.
    default
        Of conditions: what a word means that ``values`` does not name: a condition (the word is kept as its
        description) or ``none``.  Not said: such a cell is refused.
    separator
        Between several conditions in one cell.
    """

    name: Annotated[str, AfterValidator(_plain)]
    means: Meaning
    type: Literal["string", "number", "integer", "date", "datetime"] = "string"
    format: str | None = None
    unit: Unit | tuple[Unit, ...] | None = None
    grams_from: float | None = None
    date_order: DateOrder | None = None
    decimalChar: Literal[".", ","] | None = None
    missingValues: tuple[str, ...] | None = None
    values: collections.abc.Mapping[str, str | ConditionWord] | None = None
    default: str | None = None
    separator: str | None = None

    @property
    def units(self) -> tuple[Unit, ...]:
        """The units that cells may have; the first is that of cells that say none."""
        return () if self.unit is None else self.unit if isinstance(self.unit, tuple) else (self.unit,)


class Adoption(Closed):
    """Who brings the protocol into force on the first day, and signs the start plan."""

    by: str
    role: Role = Role.TEAM_LEAD


class Mapping(Closed):
    """How a table is read.

    Parameters
    ----------
    fields
        The columns that are read; others are named in the notes.
    sheet
        The sheet of a workbook that has several.
    header_row
        The row with the names of the columns, from 1.
    encoding, delimiter
        Of a text file, where it must be said.
    date_order, decimalChar, missingValues
        For all columns that do not say their own.
    role, actor
        Who wrote a row down, where no column says it.
    clothing, scale
        How every child was weighed, where no column says it: only where it is known to be so of all.
    lead_role
        The role of those in a column ``lead``.
    adoption
        Who brings the protocol into force.
    """

    fields: tuple[Field, ...] = Key(min_length=1)
    sheet: str | None = None
    header_row: Annotated[int, Key(ge=1, le=1000)] = 1
    encoding: Literal["utf-8", "cp1252", "utf-16"] | None = None
    delimiter: Literal[",", ";", "\t", "|"] | None = None
    date_order: DateOrder | None = None
    decimalChar: Literal[".", ","] = "."
    missingValues: tuple[str, ...] = ("",)
    role: Role = Role.OTHER
    actor: str = "spreadsheet"
    clothing: Clothing | None = None
    scale: Scale | None = None
    lead_role: Role = Role.HEALTH_VISITOR
    adoption: Adoption | None = None

    def of(self, means: str) -> tuple[Field, ...]:
        """The columns that mean something."""
        return tuple(f for f in self.fields if f.means == means)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Mapping:
        """Read a mapping from a TOML file.

        Raises
        ------
        GrowthwatchError
            When it cannot be read or is no mapping; every wrong key is named.
        """
        place = Path(path)
        try:
            text = read_within(place, TEXT_LIMIT, "mapping").decode("utf-8-sig")
        except UnicodeDecodeError:
            raise GrowthwatchError.of("mapping", str(place), "a TOML file in UTF-8") from None
        try:
            return cls.loads(text)
        except GrowthwatchError as e:
            raise e.within(str(place)) from None

    @classmethod
    def loads(cls, text: str) -> Mapping:
        """Read a mapping from TOML text."""
        try:
            data = tomllib.loads(text)
        except (ValueError, RecursionError) as e:  # not TOML, a number of thousands of digits, or nested too deeply
            raise GrowthwatchError(
                f"the mapping is no TOML: {e}", field="mapping", value=text, expected="TOML"
            ) from None
        return cls.from_dict(data)

    @classmethod
    def from_dict(cls, data: collections.abc.Mapping[str, Any]) -> Mapping:
        """Make a mapping of plain data, as TOML gives it."""
        data = dict(data)
        wrong = _words_to_roles(data)
        made: Mapping | None = None
        try:
            made = cls.model_validate(tuples(data))
        except ValidationError as e:
            wrong += _said(e)
        if made is not None:
            wrong += [Problem(f, v, x, _sentence(made, f, v, x)) for f, v, x in _problems(made)]
        if made is None or wrong:
            raise GrowthwatchError.of_all(wrong, "; ".join(p.sentence for p in wrong[:_MOST_SHOWN]))
        return made


def _sentence(m: Mapping, key: str, value: object, expected: str) -> str:
    """What is wrong, for a person who knows the names of her columns and not the places in the file."""
    parts = key.split(".")
    column = f' (column "{m.fields[int(parts[1]) - 1].name}")' if parts[0] == "fields" and len(parts) > 1 else ""
    got = "nobody has said it" if value is None else f"got {value!r}"
    return f"{key}{column}: {got}, expected {expected}"


def _words_to_roles(data: dict[str, Any]) -> list[Problem]:
    """TOML has text where the form has roles; those that are none are taken out, and said."""
    wrong: list[Problem] = []
    known = {r.value: r for r in Role}
    places: list[tuple[dict[str, Any], str]] = [(data, "role"), (data, "lead_role")]
    adoption = data.get("adoption")
    if isinstance(adoption, dict):
        data["adoption"] = adoption = dict(cast("dict[str, Any]", adoption))
        places.append((adoption, "role"))
    for table, key in places:
        given = table.get(key)
        if given is None:
            continue
        if not isinstance(given, str) or given not in known:
            expected = f"one of {', '.join(known)}{nearest(str(given), known)}"
            wrong.append(Problem(key, given, expected, f"{key}: got {given!r}, expected {expected}"))
            given = Role.OTHER.value
        table[key] = known[given]
    return wrong


def _said(error: ValidationError) -> list[Problem]:
    """What pydantic found, in sentences that name the place in the file."""
    out: list[Problem] = []
    for found in error.errors(include_url=False):
        loc = [p for p in found["loc"] if not (isinstance(p, str) and ("[" in p or p in ("str", "tuple", "literal")))]
        place = ".".join(str(p + 1) if isinstance(p, int) else p for p in loc) or "mapping"
        kind, context = found["type"], found.get("ctx", {})
        if kind == "extra_forbidden":
            known = Field.model_fields if loc[:1] == ["fields"] else Mapping.model_fields
            expected = f"no such key{nearest(str(loc[-1]), known)}"
        elif kind == "missing":
            expected = "it is missing"
        elif kind == "literal_error":
            expected = f"one of {context['expected']}"
        else:
            expected = str(context.get("error", found["msg"]))
            expected = expected.removeprefix("expected ")
        value = None if kind == "missing" else found["input"]
        line = f"{place}: {expected}" if kind == "missing" else f"{place}: got {value!r}, expected {expected}"
        if not any(p.sentence == line for p in out):
            out.append(Problem(place, value, expected, line))
    return out


def _problems(m: Mapping) -> collections.abc.Iterator[tuple[str, object, str]]:
    """What the form alone does not refuse: key, value, and what was expected."""
    seen: dict[str, str] = {}
    for place, f in enumerate(m.fields, 1):
        at = f"fields.{place}"
        if folded(f.name) in seen:
            yield f"{at}.name", f.name, "each column once"
        seen[folded(f.name)] = f.means
        allowed = _TYPES.get(f.means, ("string",))
        if "type" in f.model_fields_set and f.type not in allowed:
            yield f"{at}.type", f.type, f"{' or '.join(allowed)}: the column means {f.means}"
        yield from _form(at, f)
        yield from _meanings(at, f)
    for means in get_args(Meaning):
        if means not in _SEVERAL and len(m.of(means)) > 1:
            yield "fields", [f.name for f in m.of(means)], f"one column that means {means}"
    weights = m.of("weight")
    if len(weights) > 1 and sorted(f.unit for f in weights if isinstance(f.unit, str)) != ["lb", "oz"]:
        yield "fields", [f.name for f in weights], "one column that means weight, or one in lb and one in oz"
    if not m.of("child_id"):
        yield "fields", [f.means for f in m.fields], "a column that means child_id"
    if weights and not m.of("weighed_on"):
        yield "fields", [f.means for f in m.fields], "a column that means weighed_on beside the weights"


def _form(at: str, f: Field) -> collections.abc.Iterator[tuple[str, object, str]]:
    """Formats and units, where they belong."""
    if f.means == "gestation":
        if f.format not in _GESTATIONS:
            yield f"{at}.format", f.format, f"one of {', '.join(_GESTATIONS)}: how the gestation is written"
    elif f.means in _DATES:
        if f.format is not None:
            try:
                again = dt.datetime(2013, 12, 31, tzinfo=dt.UTC).strftime(f.format)
                if dt.datetime.strptime(again, f.format).replace(tzinfo=dt.UTC).date() != dt.date(2013, 12, 31):
                    raise ValueError
            except ValueError:
                yield f"{at}.format", f.format, "a form of dates with day, month and year, such as %d/%m/%Y"
    elif f.format is not None:
        yield f"{at}.format", f.format, "no format: only dates and gestations have one"
    if f.means in _WEIGHTS:
        if not f.units:
            yield (
                f"{at}.unit",
                None,
                "kg, g, lb, oz or lb + oz: it is never guessed. Take away the # of the line that is right",
            )
    elif f.unit is not None:
        yield f"{at}.unit", f.unit, "no unit: only weights have one"
    if f.grams_from is not None:
        if f.means not in _WEIGHTS:
            yield f"{at}.grams_from", f.grams_from, "none: only weights have it"
        elif f.units and f.units[0] != "kg":
            expected = "kg, as grams_from is said: bare numbers below it are kg. Else leave grams_from out"
            yield f"{at}.unit", f.unit, expected
        if not f.grams_from > words().most_kg:
            yield (
                f"{at}.grams_from",
                f.grams_from,
                f"a number above {words().most_kg}: below, it could be a weight in kg",
            )
    if f.date_order is not None and f.means not in _DATES:
        yield f"{at}.date_order", f.date_order, "none: only dates have an order"
    if f.separator == "":
        yield f"{at}.separator", f.separator, "what stands between conditions, such as a semicolon"
    if (f.default is not None or f.separator is not None) and f.means != "condition":
        yield f"{at}.default", f.default or f.separator, "none: only conditions have a default or a separator"


def _meanings(at: str, f: Field) -> collections.abc.Iterator[tuple[str, object, str]]:
    """Words and what they mean."""
    known: dict[str, tuple[str, ...]] = {
        "sex": ("male", "female"),
        "clothing": get_args(Clothing),
        "scale": get_args(Scale),
        "condition": (*get_args(Condition), "none"),
        "role": tuple(r.value for r in Role),
    }
    allowed = known.get(f.means)
    if f.values is not None and allowed is None and f.means != "gestation":
        yield f"{at}.values", dict(f.values), f"none: a column that means {f.means} has no words of its own"
    listed = False
    for word, value in (f.values or {}).items():
        if isinstance(value, ConditionWord):
            if f.means != "condition":
                yield f"{at}.values.{word}", value.condition, "a word"
            elif value.gmfcs is not None and value.condition != "cerebral_palsy":
                yield f"{at}.values.{word}", value.gmfcs, "a GMFCS level of cerebral_palsy only"
        elif allowed is not None and value not in allowed:
            # A long list of words is read once.
            yield f"{at}.values.{word}", value, _one_of(allowed, value, again=listed)
            listed = True
    if f.default is not None and f.default not in known["condition"]:
        again = listed and f.means == "condition"
        yield f"{at}.default", f.default, _one_of(known["condition"], f.default, again=again)


def _one_of(allowed: tuple[str, ...], value: str, *, again: bool) -> str:
    return f"one of {'the same words' if again else ', '.join(allowed)}{nearest(value, allowed)}"


OWN_NAMES: dict[str, dict[str, Any]] = {
    "child_id": {"means": "child_id"},
    "birth_date": {"means": "birth_date", "date_order": "year-month-day"},
    "sex": {"means": "sex"},
    "gestation_days": {"means": "gestation", "format": "days"},
    "gestation": {"means": "gestation", "format": "weeks+days"},
    "birth_weight_kg": {"means": "birth_weight", "unit": "kg"},
    "weighed_on": {"means": "weighed_on", "date_order": "year-month-day"},
    "weight_kg": {"means": "weight", "unit": "kg"},
    "recorded_at": {"means": "recorded_at", "date_order": "year-month-day"},
    "clothing": {"means": "clothing"},
    "scale": {"means": "scale"},
    "condition": {"means": "condition"},
    "condition_since": {"means": "condition_since", "date_order": "year-month-day"},
    "gmfcs": {"means": "gmfcs"},
    "role": {"means": "role"},
    "actor": {"means": "actor"},
    "worker": {"means": "worker"},
    "lead": {"means": "lead"},
    "team": {"means": "team"},
}
"""Names of columns that need no mapping, with the one form that each has then."""


def own_mapping(names: collections.abc.Sequence[str]) -> Mapping | None:
    """The mapping of a table whose columns have our own names; None if it has no id of a child by that name.

    Dates are YYYY-MM-DD, decimals have a point, and nothing is missing but an empty cell.
    """
    own = {folded(n): n for n in names}
    if "child_id" not in own or ("weight_kg" in own and "weighed_on" not in own):
        return None
    # Where both forms of the gestation are there, that in days is exact.
    skip = {"gestation"} if "gestation_days" in own else set[str]()
    fields = [{"name": own[n], **told} for n, told in OWN_NAMES.items() if n in own and n not in skip]
    return Mapping.from_dict({"fields": fields})


def meanings() -> dict[str, str]:
    """For each name that a column may have, folded, what it probably means."""
    return by_word(words().columns)
