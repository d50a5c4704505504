"""The closed, immutable form that every event is, its written form, and its errors in plain English."""

from __future__ import annotations

import datetime as dt
import functools
import inspect
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from json.encoder import encode_basestring
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast, get_args, get_type_hints

from pydantic import BaseModel, ValidationError, model_validator

from growthwatch.core.canonical import canonical_json, loads_strict
from growthwatch.core.errors import GrowthwatchError, Problem
from growthwatch.record.values import (
    AnyRole,
    Clock,
    Day,
    Identifier,
    Instant,
    Name,
    Text,
    close_to,
    one_of,
    shown,
    wrong,
)
from growthwatch.record.words import NEW_WORDS

__all__ = [
    "Added",
    "Event",
    "Form",
    "form_keys",
    "read_json",
    "refusal",
    "title_of",
    "unknown_key",
    "write_instant",
]

Added = Mapping[str, frozenset[str] | None]
"""Fields that the first version of the format does not have (None), or has without these words."""

# ---------------------------------------------------------------- the base classes


class _Keywords:
    """The signature of a form: keywords that must be given, then those that may be; what every event has first."""

    def __get__(self, made: Form | None, form: type[Form]) -> inspect.Signature:
        if made is not None:
            raise AttributeError("__signature__")
        types = get_type_hints(form)
        shared = (*_HEAD, *_TAIL)
        fields = {name: f for name, f in form.model_fields.items() if name != "type"}
        order = sorted(fields, key=lambda name: (not fields[name].is_required(), name not in shared[:-2]))
        parameters = [
            inspect.Parameter(
                name,
                inspect.Parameter.KEYWORD_ONLY,
                default=inspect.Parameter.empty if fields[name].is_required() else fields[name].default,
                annotation=types[name],
            )
            for name in order
        ]
        return inspect.Signature(parameters)


class Form(BaseModel, frozen=True, extra="forbid", strict=True, defer_build=True, populate_by_name=True):
    """A closed, immutable form: unknown keys are refused and nothing is converted silently."""

    if not TYPE_CHECKING:

        def __init__(self, /, **data: Any) -> None:
            try:
                super().__init__(**data)
            except ValidationError as e:
                raise refusal(title_of(type(self), data), _problems(type(self), e)) from None

        # Tells pydantic that this is its own constructor with another error, so that nested
        # forms report where they are; without it only the wording of nested errors suffers.
        __init__.__pydantic_base_init__ = True

        @classmethod
        def model_validate(cls, obj: Any, *args: Any, **kwargs: Any) -> Self:
            """Validate as pydantic does, with errors in plain English."""
            try:
                return super().model_validate(obj, *args, **kwargs)
            except ValidationError as e:
                raise refusal(title_of(cls, obj), _problems(cls, e)) from None

        @classmethod
        def model_validate_json(cls, json_data: str | bytes | bytearray, *args: Any, **kwargs: Any) -> Self:
            """Read JSON strictly (no duplicate keys, no NaN), then validate."""
            return cls.model_validate(read_json(json_data), *args, **kwargs)

        # What `help` and editors show of the constructor: its keywords, without the checks that pydantic lists.
        __signature__ = _Keywords()

        @classmethod
        def model_rebuild(cls, *args: Any, **kwargs: Any) -> bool | None:
            """Build the checks as pydantic does, and keep the signature."""
            done = super().model_rebuild(*args, **kwargs)
            if "__signature__" in vars(cls):
                del cls.__signature__
            return done

        def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
            """Copy; the changes are checked as in a new event."""
            if not update:
                return super().model_copy(deep=deep)
            return type(self)(**{name: getattr(self, name) for name in type(self).model_fields} | dict(update))

        def __setattr__(self, name: str, value: Any) -> None:
            raise GrowthwatchError.of(name, value, f"no change: an {_word(type(self))} cannot be changed once made")

        def __delattr__(self, name: str) -> None:
            raise GrowthwatchError.of(name, None, f"no change: an {_word(type(self))} cannot be changed once made")

    since: ClassVar[int] = 1
    """The first version of the format that has this form."""

    added: ClassVar[Added] = MappingProxyType({})
    """What this form has that version 1 of the format lacks."""

    @property
    def version(self) -> int:
        """The lowest version of the format that can hold this."""
        if self.since > 1:
            return self.since
        held, added, given = vars(self), self.added, self.model_fields_set
        for name, default in _perhaps_new(type(self)):
            # What nobody gave holds its default, and is of no version.
            if name not in given or (value := held[name]) is default:
                continue
            words = added.get(name, _NO_WORDS)
            if (value != default if words is None else value in words if words else False) or _is_new(value):
                return 2
        return 1

    def to_dict(self) -> dict[str, Any]:
        """Return the written form: plain data ready for JSON, in a fixed order of keys.

        Optional fields that hold their default are left out.
        """
        out: dict[str, Any] = {}
        for name, key, optional, default in _layout(type(self)):
            value = getattr(self, name)
            if not optional or value != default:
                out[key] = _plain(value)
        return out

    def canonical(self) -> str:
        """Return the canonical JSON of the written form, as `canonical_json` of `to_dict` gives it."""
        held, (always, perhaps) = vars(self), _written(type(self))
        # What nobody gave holds its default, and is left out.
        out = [head + _json(held[name]) for name, head in always]
        for name in self.model_fields_set:
            field = perhaps.get(name)
            if field is not None:
                head, default = field
                value: object = held[name]
                if value is not default and value != default:
                    out.append(head + _json(value))
        # Keys are words, before all of whose characters comes the quotation mark: heads are in order as keys are.
        out.sort()
        return f"{{{','.join(out)}}}"


class Event(Form, frozen=True):
    """What every event has.

    Parameters
    ----------
    id : str, required
        Identifies the event within the child's record.
    type : str
        Which kind of event it is: the class says it.
    on : date, required
        The day it happened, in the local calendar of the protocol's zone.
    time : time, optional
        The local time of day it happened, when known.
    recorded_at : datetime, required
        When it was written down: an aware instant, kept in UTC.
    actor : str, required
        Who wrote it: a staff pseudonym or a name.
    role : Role, required
        The role of the actor.
    corrects : str, optional
        The id of the event that this one replaces, from its `recorded_at` on.
    note : str, optional
        Anything else, in words.
    """

    is_decision: ClassVar[bool] = False
    """Whether this is a decision, which may be refused; a fact never is."""

    refers: ClassVar[tuple[str, ...]] = ()
    """Fields that hold the id of another event of the record."""

    is_arrangement: ClassVar[bool] = False
    """Whether it may be written down before its day, from which it counts; all else has happened."""

    judged_in_doubt: ClassVar[bool] = False
    """Whether it may alarm, as of the day on which it was written down, while its own day cannot be right."""

    id: Identifier
    type: str
    on: Day
    time: Clock | None = None
    recorded_at: Instant
    actor: Name
    role: AnyRole
    corrects: Identifier | None = None
    note: Text | None = None

    @property
    def order(self) -> tuple[dt.datetime, dt.date, dt.time, str]:
        """The place of the event in the canonical order: recorded, happened, id."""
        return (self.recorded_at, self.on, self.time or dt.time(), self.id)

    def in_doubt(self, day: dt.date) -> Event | None:
        """What of it may alarm as of the day on which it was written down, while its own day cannot be right."""
        return self.model_copy(update={"on": day}) if self.judged_in_doubt else None

    @model_validator(mode="after")
    def _not_itself(self) -> Self:
        for name in ("corrects", *self.refers):
            if getattr(self, name) == self.id:
                raise wrong("the id of another event", field=name, value=self.id)
        return self


# ---------------------------------------------------------------- the written form


_HEAD = ("id", "type", "on", "time", "recorded_at", "actor", "role")
_TAIL = ("corrects", "note")


@functools.cache
def _layout(form: type[Form]) -> tuple[tuple[str, str, bool, Any], ...]:
    """Return for each field, in written order: its name, its key, whether it may be left out, its default."""
    fields = form.model_fields
    shared = (*_HEAD, *_TAIL) if issubclass(form, Event) else ()
    own = tuple(name for name in fields if name not in shared)
    names = (*_HEAD, *own, *_TAIL) if shared else own
    return tuple(
        (
            name,
            fields[name].serialization_alias or name,
            name != "type" and not fields[name].is_required(),
            fields[name].default,
        )
        for name in names
    )


@functools.cache
def _perhaps_new(form: type[Form]) -> tuple[tuple[str, Any], ...]:
    """Return, each with its default, fields that may hold what version 1 of the format lacks."""
    return tuple(
        (name, default)
        for name, _, _, default in _layout(form)
        if name in form.added or not _EVER.issuperset(_mentioned(form.model_fields[name].annotation))
    )


@functools.cache
def _written(form: type[Form]) -> tuple[tuple[tuple[str, str], ...], Mapping[str, tuple[str, Any]]]:
    """Return, each with its key as JSON writes it before a value, fields that are always written, and the others.

    The first by name; the others in a mapping, with their default.
    """
    fields = [(name, f"{canonical_json(key)}:", optional, default) for name, key, optional, default in _layout(form)]
    always = tuple((name, head) for name, head, optional, _ in fields if not optional)
    return always, {name: (head, default) for name, head, optional, default in fields if optional}


@functools.cache
def form_keys(form: type[Form]) -> tuple[str, ...]:
    """Return the keys that a form may have when written, in written order."""
    return tuple(key for _, key, _, _ in _layout(form))


def write_instant(value: dt.datetime) -> str:
    """Write a UTC instant as ``2024-01-09T14:30:00Z``, with microseconds only when there are any."""
    return value.replace(tzinfo=None).isoformat() + "Z"


def _write_instant_quoted(value: dt.datetime) -> str:
    return f'"{write_instant(value)}"'


def _write_day_quoted(value: dt.date) -> str:
    return f'"{value.isoformat()}"'


def _write_number(value: float) -> str:
    return repr(value) if math.isfinite(value) else canonical_json(value)


_WRITE: Mapping[type, Callable[[Any], str]] = {
    str: encode_basestring,
    float: _write_number,
    int: repr,
    dt.date: _write_day_quoted,
    dt.datetime: _write_instant_quoted,
}
"""How JSON writes the values that most events have, apart from what it writes by itself."""


def _json(value: object) -> str:
    write = _WRITE.get(type(value))
    return canonical_json(_plain(value)) if write is None else write(value)


_EVER = frozenset({str, float, int, bool, type(None), dt.date, dt.datetime, dt.time})
"""Types of values that were the same in every version of the format."""
_AS_IT_IS = frozenset({str, float, int, bool, type(None)})
_NO_WORDS: frozenset[str] = frozenset()


def _is_new(value: Any) -> bool:
    """Whether version 1 of the format has no such role or sign, or an entry of a list is of a later version."""
    match value:
        case StrEnum():
            return value in NEW_WORDS
        case tuple():
            return any(_is_new(v) for v in cast("tuple[Any, ...]", value))
        case Form():
            return value.version > 1
        case _:
            return False


def _plain(value: Any) -> Any:
    if type(value) in _AS_IT_IS:
        return value
    match value:
        case StrEnum():
            return value.value
        case dt.datetime():
            return write_instant(value)
        case dt.date():
            return value.isoformat()
        case dt.time():
            return value.isoformat("auto" if value.second or value.microsecond else "minutes")
        case tuple():
            return [_plain(v) for v in cast("tuple[Any, ...]", value)]
        case Form():
            return value.to_dict()
        case _:
            return value


def _word(form: type[Form]) -> str:
    return "event" if issubclass(form, Event) else "entry of a list"


def title_of(form: type[Form], data: Any) -> str:
    """Name the event (or recipient) that is wrong, as far as its id is known."""
    if not issubclass(form, Event):
        return form.__name__.lower()
    kind = form.model_fields["type"].default
    known = cast("Mapping[str, Any]", data).get("id") if isinstance(data, Mapping) else None
    return f"event {shown(known)} ({kind})" if isinstance(known, str) else f"event without a usable id ({kind})"


def read_json(text: str | bytes | bytearray) -> Any:
    """Read strict JSON (no duplicate keys, no NaN) from text or UTF-8 bytes."""
    if not isinstance(text, str):
        try:
            text = bytes(text).decode("utf-8")
        except UnicodeDecodeError as e:
            raise GrowthwatchError(
                f"not UTF-8 text: byte {e.start} cannot be read", field="json", expected="UTF-8 text"
            ) from None
    return loads_strict(text.removeprefix("\ufeff"))  # with or without a byte order mark


# ---------------------------------------------------------------- errors in plain English


_PLAIN = {
    "bool_type": "true or false",
    "literal_error": "",
    "missing": "a value: this key is required",
    "model_type": "an object with named keys",
    "string_type": "text",
    "tuple_type": "a list",
}


def _place(loc: tuple[int | str, ...]) -> str:
    out = ""
    for part in loc:
        out += f"[{part}]" if isinstance(part, int) else (f".{part}" if out else part)
    return out


def _problem(field: str, value: object, expected: str) -> Problem:
    return Problem(field, value, expected, f"{field}: got {shown(value)}, expected {expected}")


def unknown_key(place: str, name: str, value: object, known: Iterable[str]) -> Problem:
    """Say that a key is not one of a form."""
    known = list(known)
    near = close_to(name, known)
    sentence = f"unknown key '{place}'" + (f" (did you mean '{near}'?)" if near else "")
    return Problem(place, value, "only these keys: " + ", ".join(known), sentence)


def _problems(form: type[Form], error: ValidationError) -> list[Problem]:
    """Turn pydantic's findings into sentences that name no class of pydantic."""
    out: list[Problem] = []
    for found in error.errors(include_url=False):
        kind, loc, value = found["type"], found["loc"], found["input"]
        context = found.get("ctx", {})
        place = _place(loc)
        if kind == "extra_forbidden":
            out.append(unknown_key(place, str(loc[-1]), value, form_keys(_form_at(form, loc))))
        elif kind == "missing":
            out.append(Problem(place, None, _PLAIN[kind], f"{place}: missing, expected {_PLAIN[kind]}"))
        elif kind == "growthwatch":
            if "field" in context:
                place, value = context["field"], context.get("value")
            out.append(_problem(place, value, context["expected"]))
        elif kind == "literal_error":
            words = re.findall(r"'([^']*)'", context["expected"])
            out.append(_problem(place, value, one_of(words, value)))
        else:
            out.append(_problem(place, value, _PLAIN.get(kind) or found["msg"][:1].lower() + found["msg"][1:]))
    return out


def _form_at(form: type[Form], loc: tuple[int | str, ...]) -> type[Form]:
    """Return the form that holds a place: the form itself, or that of the entries of one of its lists."""
    for part in loc[:-1]:
        if isinstance(part, str):
            name = next(name for name, key, _, _ in _layout(form) if key == part)
            form = next(f for f in _mentioned(form.model_fields[name].annotation) if issubclass(f, Form))
    return form


def _mentioned(annotation: Any) -> Iterator[type]:
    """Classes that a type is made of."""
    if isinstance(annotation, type):
        yield annotation
    for inside in get_args(annotation):
        yield from _mentioned(inside)


def refusal(title: str, problems: list[Problem]) -> GrowthwatchError:
    """Make the one error of all that is wrong with an event."""
    return GrowthwatchError.of_all(problems, f"{title}: " + "; ".join(p.sentence for p in problems))
