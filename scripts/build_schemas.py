"""Write the JSON Schema of a record and of a review, and a page for each, from the forms and their docstrings.

    python scripts/build_schemas.py [FOLDER]

FOLDER is the folder of the project unless given: two schema files go into the package, two pages into ``docs``.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import inspect
import json
import re
import sys
import types
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

from growthwatch.core.files import RECORD_LIMIT
from growthwatch.protocol.answers.parts import Finding, NextWeighing, Obligation, TraceLine
from growthwatch.protocol.answers.people import Owner, Point, RequestLine, Rung
from growthwatch.protocol.answers.refusals import OverrideLine, RefusedDecision
from growthwatch.protocol.answers.review import REVIEW_SCHEMA, REVIEW_VERSION
from growthwatch.protocol.engine.ladder import RUNGS
from growthwatch.protocol.file.values import LOUDNESS, TIERS
from growthwatch.record import EVENT_TYPES, SCHEMA, SCHEMA_VERSION, Outcome, Recipient, Role, Sign, Start, values
from growthwatch.record.files import MOST_EVENTS, MOST_OBJECTS
from growthwatch.record.forms import Event, Form

ROOT = Path(__file__).parent.parent
MANY = 6
"""Up to so many words a docstring lists as the type of a field."""

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SHARED = ("id", "type", "on", "time", "recorded_at", "actor", "role", "corrects", "note")
DAY = "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,6})?)?"
INSTANT = f"{DAY[:-1]}T{CLOCK}(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$"
TRIMMED = "^\\S([\\s\\S]*\\S)?$"
NO_CONTROL = "^[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f]*$"
INVISIBLE = "\\u00ad\\u0600-\\u0605\\u061c\\u06dd\\u070f\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u2064\\u2066-\\u206f\\ufeff\\ufff9-\\ufffb"
JOINED, NOT_JOINED = "\\u200b-\\u200f", "\\u200b\\u200e\\u200f"
NO_BREAK = f"^[^\\u0000-\\u001f\\u007f-\\u009f{INVISIBLE}]*$"

DAY_FORM = {"type": "string", "format": "date", "pattern": DAY}
INSTANT_FORM = {"type": "string", "format": "date-time", "pattern": INSTANT}


def identifier(longest: int) -> dict[str, Any]:
    """What identifies: text without control characters, or spaces at its ends."""
    return {
        "type": "string",
        "minLength": 1,
        "maxLength": longest,
        "allOf": [{"pattern": TRIMMED}, {"pattern": NO_BREAK}],
    }


TEXT = {"type": "string", "maxLength": values.MAX_TEXT, "allOf": [{"pattern": "\\S"}, {"pattern": NO_CONTROL}]}
NAME = {
    "type": "string",
    "maxLength": values.MAX_NAME,
    "allOf": [*TEXT["allOf"], {"pattern": f"^[^{INVISIBLE.replace(JOINED, NOT_JOINED)}]*$"}],
}

OF_ALIAS: tuple[tuple[Any, Mapping[str, Any], str], ...] = (
    (values.Day, DAY_FORM, "date"),
    (values.Clock, {"type": "string", "pattern": f"^{CLOCK}$"}, "time"),
    (values.Instant, INSTANT_FORM, "datetime"),
    (values.Positive, {"type": "number", "exclusiveMinimum": 0}, "float"),
    (values.Celsius, {"type": "number", "minimum": 20, "maximum": 46}, "float"),
    (values.Identifier, identifier(values.MAX_ID), "str"),
    (values.Key, identifier(values.MAX_KEY), "str"),
    (values.Text, TEXT, "str"),
    (values.Name, NAME, "str"),
)
"""Checked values, as JSON Schema says them, and as a docstring does."""

BY_CHECK = {get_args(alias)[1].func: (keywords, words) for alias, keywords, words in OF_ALIAS}

BESIDE: Mapping[str, list[dict[str, Any]]] = {
    "condition_diagnosed": [
        {
            "if": {"required": ["gmfcs"], "properties": {"gmfcs": {"not": {"type": "null"}}}},
            "then": {"properties": {"condition": {"const": "cerebral_palsy"}}},
        },
        {
            "if": {"required": ["highest_risk"], "properties": {"highest_risk": {"const": True}}},
            "then": {"properties": {"condition": {"const": "congenital_heart_disease"}}},
        },
    ],
    "sibling_known": [{"oneOf": [{"$ref": "#/$defs/said_sibling"}, {"$ref": "#/$defs/said_none"}]}],
    "parents_measured": [{"anyOf": [{"$ref": "#/$defs/said_mother_cm"}, {"$ref": "#/$defs/said_father_cm"}]}],
    "entered_in_error": [{"not": {"$ref": "#/$defs/said_corrects"}}],
    "plan_signed": [
        {
            "if": {"not": {"properties": {"plan": {"const": "watch"}}}},
            "then": {"not": {"anyOf": [{"$ref": "#/$defs/said_limit_kg"}, {"$ref": "#/$defs/said_dietitian"}]}},
        }
    ],
    "decision_signed": [
        {
            "if": {"properties": {"decision": {"enum": ["close_finding", "confirm_weight", "confirm_fact"]}}},
            "then": {"$ref": "#/$defs/said_target"},
        },
        {
            "if": {"properties": {"decision": {"const": "lower_tier"}}},
            "then": {"$ref": "#/$defs/said_tier"},
        },
    ],
}
"""What the keys of an event say of each other; the checks of the forms hold it too."""

SAID = ("sibling", "none", "mother_cm", "father_cm", "corrects", "limit_kg", "dietitian", "target", "tier")


# ---------------------------------------------------------------- the fields of a form


class FieldOf(NamedTuple):
    """One field of a form: its name, the key it is written under, its type, whether it must be there, since when."""

    name: str
    key: str
    hint: Any
    required: bool
    default: Any
    since: int

    @property
    def headline(self) -> str:
        """The line that begins its part of a docstring."""
        told = f"{self.name} : {words_of(self.hint)}, {'required' if self.required else 'optional'}"
        if not self.required and self.default not in (None, ()):
            told += f", default {self.default!r}"
        return told + (f", since version {self.since}" if self.since > 1 else "")


def fields_of(form: type[Form]) -> Iterator[FieldOf]:
    """Fields in written order."""
    hints = get_type_hints(form, include_extras=True)
    own = [name for name in form.model_fields if not (issubclass(form, Event) and name in SHARED)]
    names = [*SHARED[:-2], *own, *SHARED[-2:]] if issubclass(form, Event) else own
    for name in names:
        field = form.model_fields[name]
        is_new = name in form.added and form.added[name] is None and form.since == 1
        required = name == "type" or field.is_required()
        key = field.serialization_alias or name
        yield FieldOf(name, key, hints[name], required, None if required else field.default, 2 if is_new else 1)


def own_fields(form: type[Form]) -> list[FieldOf]:
    """Fields that this form has and not every event."""
    return [f for f in fields_of(form) if not (issubclass(form, Event) and f.name in SHARED)]


def told(form: type) -> tuple[str, dict[str, str]]:
    """What the docstring of a class says: of the whole, and of each name."""
    doc = inspect.cleandoc(form.__doc__ or "")
    parts = re.split(r"^(?:Parameters|Attributes)\n-+\n", doc, maxsplit=1, flags=re.M)
    out: dict[str, str] = {}
    names: list[str] = []
    for line in parts[1].split("\n") if len(parts) > 1 else ():
        if line and not line.startswith(" "):
            names = [n.strip() for n in line.partition(" : ")[0].split(",")]
        elif line.strip():
            for n in names:
                out[n] = f"{out[n]} {line.strip()}" if n in out else line.strip()
    return " ".join(parts[0].split()), out


# ---------------------------------------------------------------- a type, in JSON Schema and in words


def parts_of(hint: Any) -> tuple[Any, list[Any]]:
    """The type without its checks, and the functions that check it."""
    checks: list[Any] = []
    while get_origin(hint) is Annotated:
        hint, *more = get_args(hint)
        checks += [getattr(m, "func", None) for m in more]
    return hint, [c for c in checks if c is not None]


def keywords_of(hint: Any) -> dict[str, Any]:
    """A type of a form as JSON Schema."""
    kind, checks = parts_of(hint)
    for check in checks:
        if check in BY_CHECK and get_origin(kind) is not tuple:
            if isinstance(kind, type) and issubclass(kind, StrEnum):
                break
            return dict(BY_CHECK[check][0])
        if isinstance(check, values.Whole):
            out: dict[str, Any] = {"type": "integer", "minimum": check.low}
            return out if check.high is None else out | {"maximum": check.high}
    origin, args = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return {"anyOf": [keywords_of(a) for a in args]}
    if origin is Literal:
        return {"const": args[0]} if len(args) == 1 else {"enum": list(args)}
    if origin is tuple:
        out = {"type": "array", "items": keywords_of(args[0])}
        if values.not_empty in checks:
            out["minItems"] = 1
        if values.unique in checks:
            out["uniqueItems"] = True
        return out
    if kind is bool:
        return {"type": "boolean"}
    if kind is type(None):
        return {"type": "null"}
    if kind is dt.date:
        return dict(DAY_FORM)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return {"$ref": f"#/$defs/{kind.__name__.lower()}"}
    if isinstance(kind, type) and issubclass(kind, Form):
        return {"$ref": f"#/$defs/{kind.__name__.lower()}"}
    raise TypeError(f"no JSON Schema is known for {hint}")


def words_of(hint: Any) -> str:
    """A type of a form as a docstring says it."""
    kind, checks = parts_of(hint)
    origin, args = get_origin(kind), get_args(kind)
    if origin is tuple:
        return f"sequence of {words_of(args[0])}"
    for check in checks:
        if isinstance(check, values.Whole):
            return f"int from {check.low}" + ("" if check.high is None else f" to {check.high}")
        if check in BY_CHECK and kind is not Any and not (isinstance(kind, type) and issubclass(kind, StrEnum)):
            return BY_CHECK[check][1]
    if origin in (Union, types.UnionType):
        return " or ".join(words_of(a) for a in args if a is not type(None))
    if origin is Literal:
        if len(args) > MANY:  # they stand in the description
            return "word"
        return repr(args[0]) if len(args) == 1 else "{" + ", ".join(map(repr, args)) + "}"
    return kind.__name__


# ---------------------------------------------------------------- the record


def form_schema(form: type[Form]) -> dict[str, Any]:
    """One form as JSON Schema: a closed object; a key that may be left out may be null as well."""
    whole, meanings = told(form)
    shared = told(Event)[1]
    properties: dict[str, Any] = {}
    for f in fields_of(form):
        keywords = {"const": form.model_fields["type"].default} if f.name == "type" else keywords_of(f.hint)
        meaning = meanings.get(f.name) or shared.get(f.name)
        said = dict(keywords)
        if meaning:
            said["description"] = meaning + (f" Since version {f.since}." if f.since > 1 else "")
        if not f.required and f.default not in (None, ()):
            said["default"] = f.default
        properties[f.key] = said
    return {
        "description": whole + (f" Since version {form.since}." if form.since > 1 else ""),
        "type": "object",
        "properties": properties,
        "required": [f.key for f in fields_of(form) if f.required],
        "additionalProperties": False,
    }


def record_schema() -> dict[str, Any]:
    """JSON Schema of a record."""
    defs: dict[str, Any] = {}
    for word, form in EVENT_TYPES.items():
        defs[word] = form_schema(form)
        if word in BESIDE:
            defs[word]["allOf"] = BESIDE[word]
    for form in (Recipient, Outcome, Start):
        defs[form.__name__.lower()] = form_schema(form)
    for words in (Role, Sign):
        defs[words.__name__.lower()] = {"description": words.__doc__, "enum": [w.value for w in words]}
    for key in SAID:
        defs[f"said_{key}"] = {"required": [key], "properties": {key: {"not": {"type": "null"}}}}
    # Told apart by their type, so that what is wrong with an event is said of its own form.
    chosen = [
        {"if": {"properties": {"type": {"const": word}}, "required": ["type"]}, "then": {"$ref": f"#/$defs/{word}"}}
        for word in EVENT_TYPES
    ]
    return {
        "$schema": DIALECT,
        "$id": "growthwatch.record.schema.json",
        "title": "The record of one child",
        "description": "A log of events, as growthwatch reads and writes it. Made by scripts/build_schemas.py.",
        "type": "object",
        "properties": {
            "schema": {"const": SCHEMA, "description": "Says that this is a record."},
            "schema_version": {
                "type": "integer",
                "minimum": 1,
                "maximum": SCHEMA_VERSION,
                "description": "The lowest version of the format that can hold the record.",
            },
            "child_id": identifier(values.MAX_ID) | {"description": "Identifies the child."},
            "events": {
                "type": "array",
                "items": {"$ref": "#/$defs/event"},
                "maxItems": MOST_EVENTS,
                "description": "The events; their order says nothing.",
            },
        },
        "required": ["schema", "schema_version", "child_id", "events"],
        "additionalProperties": False,
        "$defs": {
            "event": {
                "type": "object",
                "properties": {"type": {"enum": list(EVENT_TYPES)}},
                "required": ["type"],
                "allOf": chosen,
            },
            **defs,
        },
    }


# ---------------------------------------------------------------- the review

HASH = {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"}
STATES = ("drafted", "sent", "acknowledged", "answered", "declined", "withdrawn")
OBJECT = {"type": "object"}

PARTS: Mapping[type, str] = {
    NextWeighing: "due",
    Finding: "finding",
    Obligation: "obligation",
    Owner: "owner",
    RequestLine: "request",
    Point: "point",
    Rung: "rung",
    RefusedDecision: "refusal",
    OverrideLine: "override",
    TraceLine: "trace",
}
"""The parts of a review, and what each is called in the schema."""

NOT_WRITTEN: Mapping[type, frozenset[str]] = {
    Finding: frozenset({"said", "remarks", "on", "anew", "asked", "doubts", "heard"}),
    NextWeighing: frozenset({"because"}),
    Obligation: frozenset({"confirms", "waits", "about", "weighs", "not_before", "clinical"}),
    Point: frozenset({"held"}),
}
"""Attributes that are for reading in Python alone."""

WORDS: Mapping[tuple[type, str], tuple[str, ...]] = {
    (NextWeighing, "state"): ("none", "not_yet", "may_weigh", "due", "overdue", "lapsed"),
    (Finding, "loudness"): LOUDNESS,
    (Finding, "tag"): ("N", "G", "L"),
    (TraceLine, "tag"): ("N", "G", "L"),
    (Owner, "standing"): ("lead", "cover", "deputy", "team_lead"),
    (RequestLine, "form"): ("letter", "referral", "request"),
    (RequestLine, "state"): STATES,
    (Point, "what"): ("sign", "worry", "missed", "gap", "closure"),
    (Rung, "rung"): RUNGS,
}
"""Keys that hold one word of a closed list."""

BY_HAND: Mapping[tuple[type, str], dict[str, Any]] = {
    (Finding, "stage"): {"enum": [None, *RUNGS]},
    (Obligation, "rung"): {"enum": [None, *RUNGS]},
    (Finding, "raised"): {
        "type": "array",
        "items": {"type": "array", "prefixItems": [DAY_FORM, {"type": "string"}], "minItems": 2, "maxItems": 2},
    },
}
"""Keys whose form does not follow from their type."""

MORE: Mapping[type, Mapping[str, tuple[dict[str, Any], str]]] = {
    Finding: {
        "says": (
            {"type": "string"},
            "What was seen, against what, in plain English; it names dates and counts no days.",
        ),
        "notes": ({"type": "array", "items": {"type": "string"}}, "Further sentences."),
        "false_alarm": (
            {"type": ["string", "null"]},
            "How often healthy children meet the rule, or why that is not known; null where it does not rest on weights.",
        ),
    },
}
"""Keys that are worked out from others."""


def plain(hint: Any) -> dict[str, Any]:
    """A type of a part of a review as JSON Schema."""
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        inside = [plain(a) for a in args]
        if all(set(x) == {"type"} for x in inside):
            return {"type": [x["type"] for x in inside]}
        return {"anyOf": inside}
    if origin is tuple:
        return {"type": "array", "items": plain(args[0])}
    if hint in PARTS:
        return {"$ref": f"#/$defs/{PARTS[hint]}"}
    if hint is dt.date:
        return dict(DAY_FORM)
    if origin is not None:
        return dict(OBJECT)
    return {"type": {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}[hint]}


def part_schema(part: type) -> dict[str, Any]:
    """One part of a review as JSON Schema: every key is always there."""
    whole, meanings = told(part)
    hints = get_type_hints(part)
    properties: dict[str, Any] = {}
    for f in dataclasses.fields(part):
        if f.name in NOT_WRITTEN.get(part, ()):
            continue
        words = WORDS.get((part, f.name))
        keywords = {"enum": list(words)} if words else BY_HAND.get((part, f.name)) or plain(hints[f.name])
        properties[f.name] = keywords | {"description": meanings[f.name]}
    for key, (keywords, meaning) in MORE.get(part, {}).items():
        properties[key] = keywords | {"description": meaning}
    return closed(properties) | {"description": whole}


def closed(properties: Mapping[str, Any]) -> dict[str, Any]:
    """An object that has exactly these keys."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def said(keywords: Mapping[str, Any], meaning: str) -> dict[str, Any]:
    """Keywords with what they mean."""
    return {**keywords, "description": meaning}


def review_schema() -> dict[str, Any]:
    """JSON Schema of a review."""
    text, texts = {"type": "string"}, {"type": "array", "items": {"type": "string"}}
    day_or_none = {"anyOf": [DAY_FORM, {"type": "null"}]}
    pair = {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2}
    signed = closed(
        {
            "by": said(text, "Who signed."),
            "role": said(text, "In which role."),
            "on": said(DAY_FORM, "On which day."),
        }
    )
    protocol = closed(
        {
            "id": said(text, "Which protocol."),
            "version": said(text, "Which version."),
            "hash": said(HASH, "Content hash of the file with what it extends."),
            "signed": {"anyOf": [signed, {"type": "null"}], "description": "Who signed that very file; null: nobody."},
        }
    )
    judged_by = closed(
        {
            "kinds": said(HASH, "Of the kinds of rule."),
            "figures": {"type": "object", "additionalProperties": HASH, "description": "Of each set of figures."},
            "calendar": said(HASH, "Of the bank holidays."),
            "reference": said(HASH, "Of the reference."),
        }
    )
    reference = closed({"id": said(text, "Which reference."), "hash": said(HASH, "Its content hash.")})

    def many(name: str, meaning: str) -> dict[str, Any]:
        return {"type": "array", "items": {"$ref": f"#/$defs/{name}"}, "description": meaning}

    properties = {
        "schema": {"const": REVIEW_SCHEMA, "description": "Says that this is a review."},
        "schema_version": {"const": REVIEW_VERSION, "description": "The version of the format."},
        "child_id": said(text, "As in the record."),
        "as_of": said(INSTANT_FORM, "The moment asked about, in UTC."),
        "known_at": said(INSTANT_FORM, "Whose knowledge answers, in UTC."),
        "on": said(DAY_FORM, "The local day of `as_of`."),
        "protocol": said(protocol, "Which protocol judged."),
        "judged_by": said(judged_by, "Content hashes of what judged besides the file."),
        "reference": said(reference, "On which reference."),
        "record_hash": said(HASH, "Content hash of the record that was read."),
        "tier": {"enum": list(TIERS), "description": "How closely the child is watched."},
        "tier_since": said(day_or_none, "Since when; null: never raised."),
        "stage": {"enum": [None, *RUNGS], "description": "The highest rung that an open finding has reached."},
        "due": {"$ref": "#/$defs/due", "description": "The next weighing."},
        "findings": many("finding", "Open findings, the loudest first."),
        "closed": many("finding", "Findings that have been open and are closed, in order of closing."),
        "obligations": many("obligation", "All that somebody must still do, the earliest deadline first."),
        "reminders": said(texts, "What is due on the day and is no finding."),
        "not_judged": {
            "type": "array",
            "items": pair,
            "description": "Rules that could not be judged, each with why.",
        },
        "refused": many("refusal", "Decisions that were not admitted: why, and what would help."),
        "overrides": many("override", "Refused decisions that were carried out all the same, in order."),
        "notes": said(texts, "Further sentences."),
        "changes_on": said(day_or_none, "The next day on which the answer changes if nothing is recorded."),
        "owner": {"$ref": "#/$defs/owner", "description": "Who owns the child on the day."},
        "requests": many("request", "Letters, referrals and requests, in order of asking."),
        "points": many("point", "The points that count on the day."),
        "ladder": many("rung", "How far each open finding has climbed, the highest first."),
        "trace": many("trace", "How every rule was judged on the day."),
    }
    return {
        "$schema": DIALECT,
        "$id": "growthwatch.review.schema.json",
        "title": "The review of one child",
        "description": (
            "What a protocol says of a record at a moment, as Review.to_json writes it. Made by scripts/build_schemas.py."
        ),
        **closed(properties),
        "$defs": {name: part_schema(part) for part, name in PARTS.items()},
    }


# ---------------------------------------------------------------- the pages

MADE = "<!-- Written by scripts/build_schemas.py; what stands here is in the docstrings of the forms. -->"

RECORD_INTRO = f"""# The JSON keys of a record

{MADE}

Every key that a record may have, by type of event. What a record is, its two times, corrections and merging are told in
[The record](record.md); `help(growthwatch.record.LetterSent)` says the same of one class in Python.

The same as JSON Schema (draft 2020-12), with which other software can check a record, is in the package:

```python
from growthwatch.record import schema

schema()["$defs"]["weighed"]["required"]
```

An optional key may be left out, or be null. What is marked *(2)* came with version 2 of the format: a record that uses
none of it is written as version 1. Unknown keys are refused. A whole number is written without a point. A name has at
most {values.MAX_NAME:,} characters, any other text {values.MAX_TEXT:,}; a file at most {RECORD_LIMIT // 1_000_000} MB, {MOST_EVENTS:,} events and {MOST_OBJECTS:,} curly brackets. Three checks are the code's alone, as JSON Schema cannot
say them: that a day exists in the calendar and a moment in time, that two events with one id are the same, and that an
event names itself nowhere and a last day is not before the first.
"""

REVIEW_INTRO = f"""# The JSON keys of a review

{MADE}

Every key of `Review.to_json()`; each is always there, and null where there is nothing to say. What they are about is
told in [The protocol](protocol.md) and [People](people.md).

The same as JSON Schema (draft 2020-12) is in the package:

```python
from growthwatch.protocol import review_schema

sorted(review_schema()["$defs"])
```

Sentences (`says`, `notes`, `do`, `why`, …) may improve from one version of the package to the next; everything else is
the answer.
"""


def type_words(keywords: Mapping[str, Any]) -> str:
    """What a value looks like, for a person."""
    if "$ref" in keywords:
        name = keywords["$ref"].rpartition("/")[2]
        heading = "what-every-event-has" if name == "event" else name
        return f"[{name}](#{heading})" if name not in ("role", "sign") else name
    if "anyOf" in keywords:
        return " or ".join(type_words(k) for k in keywords["anyOf"] if k.get("type") != "null")
    if "const" in keywords:
        return f"`{json.dumps(keywords['const']).strip(chr(34))}`"
    if "enum" in keywords:
        return ", ".join(f"`{w}`" for w in keywords["enum"] if w is not None)
    if "prefixItems" in keywords:
        return "pair"
    kind = keywords["type"]
    if isinstance(kind, list):
        return " or ".join(type_words({"type": k}) for k in kind if k != "null")
    if kind == "array":
        items = keywords["items"]
        one = "pair" if items.get("maxItems") == 2 else type_words(items)
        return f"list of: {one}"
    if kind in ("integer", "number"):
        low, high = keywords.get("minimum"), keywords.get("maximum")
        word = "whole number" if kind == "integer" else "number"
        if "exclusiveMinimum" in keywords:
            return f"{word} above 0"
        return word + (f" from {low}" if low is not None else "") + (f" to {high}" if high is not None else "")
    if kind == "string":
        known = {"date": "day", "date-time": "moment"}.get(keywords.get("format", ""))
        return known or ("time of day" if CLOCK in keywords.get("pattern", "") else "text")
    return {"boolean": "true or false", "object": "object", "null": "null"}[kind]


def cell(text: str) -> str:
    """Text for a table: code in single backticks."""
    return text.replace("``", "`").replace("|", "\\|")


def rows(schema: Mapping[str, Any], leave: tuple[str, ...] = ()) -> list[str]:
    """The table of an object's keys, each with whether it must be there."""
    out = ["| key | | value | meaning |", "| --- | --- | --- | --- |"]
    for key, keywords in schema["properties"].items():
        if key in leave:
            continue
        there = "required" if key in schema["required"] else "optional"
        meaning = keywords.get("description", "")
        if meaning.endswith(" Since version 2."):
            meaning, there = meaning.removesuffix(" Since version 2."), f"{there} *(2)*"
        if "default" in keywords:
            meaning += f" Default {json.dumps(keywords['default'])}."
        value = "one word" if "One of" in meaning else type_words(keywords)
        out.append(f"| `{key}` | {there} | {value} | {cell(meaning)} |")
    return out if len(out) > 2 else ["No keys of its own."]


def may_be_null(keywords: Mapping[str, Any]) -> bool:
    """Whether null may stand for a value."""
    kinds = keywords.get("type")
    return (
        None in keywords.get("enum", ())
        or kinds == "null"
        or (isinstance(kinds, list) and "null" in kinds)
        or any(may_be_null(k) for k in keywords.get("anyOf", ()))
    )


def always(schema: Mapping[str, Any]) -> list[str]:
    """The table of an object's keys, where each is always there."""
    out = ["| key | value | meaning |", "| --- | --- | --- |"]
    for key, keywords in schema["properties"].items():
        value = type_words(keywords) + (" or null" if may_be_null(keywords) else "")
        out.append(f"| `{key}` | {value} | {cell(keywords['description'])} |")
    return out


def whole_words(schema: Mapping[str, Any]) -> str:
    """What an object is."""
    text = schema["description"]
    if schema.get("properties", {}).get("type"):
        text = text.replace(" Since version 2 of the format.", "").replace(" Since version 2.", " *(2)*")
    return cell(text)


def record_page() -> str:
    """The page of the keys of a record."""
    made = record_schema()
    defs = made["$defs"]
    out = [RECORD_INTRO, "## The file", "", *rows(made), "", "## What every event has", ""]
    shared = {k: v for k, v in defs["weighed"]["properties"].items() if k in SHARED}
    shared["type"] = {"type": "string", "description": "One of the types below."}
    out += rows({"properties": shared, "required": defs["weighed"]["required"]})
    for name in ("role", "sign"):
        out += ["", f"{name.capitalize()}s: " + ", ".join(f"`{w}`" for w in defs[name]["enum"]) + "."]
    out += ["", "In *(2)*: `paramedic`, `green_vomit` and `no_wet_nappy_12h`."]
    for title, decisions in (("Facts", False), ("Decisions", True)):
        out += ["", f"## {title}"]
        for word, form in EVENT_TYPES.items():
            if form.is_decision is decisions:
                out += ["", f"### `{word}`", "", whole_words(defs[word]), "", *rows(defs[word], SHARED)]
    out += ["", "## Entries of lists"]
    for name in ("recipient", "outcome", "start"):
        out += ["", f"### {name}", "", whole_words(defs[name]), "", *rows(defs[name])]
    return "\n".join(out) + "\n"


def review_page() -> str:
    """The page of the keys of a review."""
    made = review_schema()
    out = [REVIEW_INTRO, "## The whole", "", *always(made)]
    for key in ("protocol", "judged_by", "reference"):
        out += ["", f"`{key}`:", "", *always(made["properties"][key])]
    signed = made["properties"]["protocol"]["properties"]["signed"]["anyOf"][0]
    out += ["", "`signed` of the protocol:", "", *always(signed)]
    for name, schema in made["$defs"].items():
        out += ["", f"## {name}", "", whole_words(schema), "", *always(schema)]
    return "\n".join(out) + "\n"


FILES = {
    "growthwatch/record/data/record.schema.json": lambda: json.dumps(record_schema(), indent=1) + "\n",
    "growthwatch/protocol/answers/data/review.schema.json": lambda: json.dumps(review_schema(), indent=1) + "\n",
    "docs/record-json.md": record_page,
    "docs/review-json.md": review_page,
}
"""What is written, and by what."""


def main(folder: Path) -> None:
    """Write every file below a folder."""
    for name, make in FILES.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(make(), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT)
