"""The events of a record: what happened to a child, and what people decided.

Every event carries two times.  ``on`` (and, when known, ``time``) says when it happened, in
the local time of the protocol's zone; ``recorded_at`` says when it was written down, an
instant kept in UTC.  *Facts* say what happened; *decisions* say what somebody resolved.
Nothing here judges: these classes check form only.
"""

from __future__ import annotations

import datetime as dt
import functools
import math
import numbers
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, NamedTuple, Self, cast, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from growthwatch.core.canonical import loads_strict
from growthwatch.core.errors import GrowthwatchError

__all__ = [
    "EVENT_TYPES",
    "Admission",
    "AnyEvent",
    "Born",
    "Clothing",
    "Concern",
    "Condition",
    "ConditionDiagnosed",
    "ConditionEnded",
    "Contact",
    "DecisionSigned",
    "Died",
    "Discharged",
    "EnteredInError",
    "Event",
    "Examined",
    "HandoverAccepted",
    "HandoverSent",
    "IllnessRecorded",
    "LeadLeft",
    "LeadNamed",
    "LetterAcknowledged",
    "LetterFound",
    "LetterSent",
    "Level",
    "LevelChanged",
    "Measured",
    "MovedAway",
    "PlanSigned",
    "ProtectionPlan",
    "ProtocolAdopted",
    "Recipient",
    "ReferralClosed",
    "ReferralMade",
    "Role",
    "Scale",
    "Sign",
    "SignRecorded",
    "StrategyDiscussion",
    "Tier",
    "WasNotBrought",
    "Weighed",
    "check_identifier",
    "parse_event",
]

MAX_ID = 200
"""The longest identifier [characters]."""

MAX_KEY = 400
"""The longest finding key: a rule, ``@`` and an event id [characters]."""


# ---------------------------------------------------------------- vocabularies


class Role(StrEnum):
    """Who wrote an event: the closed vocabulary of roles."""

    HEALTH_VISITOR = "health_visitor"
    SPECIALIST_HEALTH_VISITOR = "specialist_health_visitor"
    COMMUNITY_NURSE = "community_nurse"
    SCHOOL_NURSE = "school_nurse"
    MIDWIFE = "midwife"
    GP = "gp"
    PRACTICE_NURSE = "practice_nurse"
    PAEDIATRICIAN = "paediatrician"
    HOSPITAL_DOCTOR = "hospital_doctor"
    HOSPITAL_NURSE = "hospital_nurse"
    EMERGENCY_DEPARTMENT = "emergency_department"
    OUT_OF_HOURS_CLINICIAN = "out_of_hours_clinician"
    DIETITIAN = "dietitian"
    PHYSIOTHERAPIST = "physiotherapist"
    OCCUPATIONAL_THERAPIST = "occupational_therapist"
    SPEECH_AND_LANGUAGE_THERAPIST = "speech_and_language_therapist"
    ENTERAL_NURSE = "enteral_nurse"
    RESPITE_WORKER = "respite_worker"
    PORTAGE_WORKER = "portage_worker"
    EARLY_YEARS_WORKER = "early_years_worker"
    SOCIAL_WORKER = "social_worker"
    TEAM_LEAD = "team_lead"
    NAMED_NURSE = "named_nurse"
    EARLY_SUPPORT_LEAD = "early_support_lead"
    ADMINISTRATOR = "administrator"
    FAMILY = "family"
    SYSTEM = "system"
    OTHER = "other"


class Sign(StrEnum):
    """A sign or symptom that somebody recorded: a closed vocabulary."""

    DETERIORATING = "deteriorating"
    ALTERED_RESPONSIVENESS = "altered_responsiveness"
    SUNKEN_EYES = "sunken_eyes"
    TACHYCARDIA = "tachycardia"
    TACHYPNOEA = "tachypnoea"
    REDUCED_TURGOR = "reduced_turgor"
    REDUCED_URINE = "reduced_urine"
    SHOCK = "shock"
    INTAKE_BELOW_75_PERCENT_24H = "intake_below_75_percent_24h"
    INTAKE_BELOW_50_PERCENT = "intake_below_50_percent"
    FAILED_TUBE = "failed_tube"
    VOMITING = "vomiting"
    FEVER = "fever"
    POOR_INTAKE = "poor_intake"
    DIARRHOEA = "diarrhoea"
    OEDEMA = "oedema"


Clothing = Literal["naked", "nappy", "vest_and_pants", "light_clothes", "clothed"]
"""What the child wore on the scale."""

Scale = Literal["class_iii", "other"]
"""The class of the scale."""

Condition = Literal[
    "cerebral_palsy",
    "other_neurodisability",
    "trisomy_21",
    "turner",
    "noonan",
    "achondroplasia",
    "congenital_heart_disease",
    "cystic_fibrosis",
    "chronic_kidney_disease",
    "coeliac",
    "inflammatory_bowel_disease",
    "epilepsy",
    "tube_feeding",
    "ketogenic_diet",
    "unsafe_swallow",
    "disability",
    "other",
]
"""A condition that bears on growth or feeding."""

Level = Literal["universal", "early_help", "early_support", "child_in_need", "child_protection", "looked_after"]
"""A level of service."""

Tier = Literal["T0", "T1", "T2"]
"""A tier that a signed decision can lower a child to."""


# ---------------------------------------------------------------- checks of single values


def _wrong(expected: str, **context: Any) -> PydanticCustomError:
    """Say in words what would have been right; `_problems` turns it into a sentence."""
    return PydanticCustomError("growthwatch", "{expected}", {"expected": expected, **context})


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CLOCK = re.compile(r"[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})"
)

_DAY_WORDS = 'a date without a time, written "YYYY-MM-DD"'
_CLOCK_WORDS = 'a local time of day without a zone, written "HH:MM" or "HH:MM:SS"'
_INSTANT_WORDS = 'a moment with its offset from UTC, such as "2024-01-09T14:30:00Z" or "2024-07-09T14:30:00+01:00"'


def _day(value: Any) -> dt.date:
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return dt.date(value.year, value.month, value.day)
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            raise _wrong("a day that exists in the calendar") from None
    raise _wrong(_DAY_WORDS)


def _clock(value: Any) -> dt.time:
    if isinstance(value, str) and _CLOCK.fullmatch(value):
        try:
            value = dt.time.fromisoformat(value)
        except ValueError:
            raise _wrong("a time of day from 00:00 to 23:59:59") from None
    if isinstance(value, dt.time) and value.tzinfo is None and not value.fold:
        return dt.time(value.hour, value.minute, value.second, value.microsecond)
    raise _wrong(_CLOCK_WORDS)


def as_instant(value: Any) -> dt.datetime | None:
    """Return an aware datetime or its text as a plain datetime in UTC; None when it is not one."""
    try:
        if isinstance(value, str):
            if not _INSTANT.fullmatch(value):
                return None
            value = dt.datetime.fromisoformat(value)
        if not isinstance(value, dt.datetime) or value.utcoffset() is None or getattr(value, "nanosecond", 0):
            return None
        moved = value.astimezone(dt.UTC)
        return dt.datetime(
            moved.year, moved.month, moved.day, moved.hour, moved.minute, moved.second, moved.microsecond, dt.UTC
        )
    except (ValueError, TypeError, OverflowError):
        return None


def _instant(value: Any) -> dt.datetime:
    found = as_instant(value)
    if found is None:
        raise _wrong(_INSTANT_WORDS)
    return found


def _number(value: Any) -> float:
    if not isinstance(value, bool) and isinstance(value, (float, numbers.Integral)):
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if math.isfinite(number) and number > 0 and number == value:
            return number
    raise _wrong("a finite number greater than 0")


def _whole(low: int, high: int | None, words: str) -> Callable[[Any], int]:
    def check(value: Any) -> int:
        if not isinstance(value, bool) and isinstance(value, numbers.Integral):
            number = int(value)
            if number >= low and (high is None or number <= high):
                return number
        raise _wrong(words)

    return check


_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def _identifier_fault(value: Any, longest: int) -> str | None:
    words = f"text of 1 to {longest} characters, without control characters or spaces at its ends"
    if not isinstance(value, str) or not 1 <= len(value) <= longest or value != value.strip():
        return words
    if value.isascii() and value.isprintable():
        return None
    return words if any(unicodedata.category(c) in _UNPRINTABLE for c in value) else None


def check_identifier(field: str, value: Any) -> str:
    """Return `value` when it can identify a child or an event.

    Raises
    ------
    GrowthwatchError
        When it is not text of 1 to 200 characters, has control characters, or has spaces at its ends.
    """
    fault = _identifier_fault(value, MAX_ID)
    if fault is not None:
        raise GrowthwatchError.of(field, value, fault)
    return str(value)


def _identifier(longest: int) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        fault = _identifier_fault(value, longest)
        if fault is not None:
            raise _wrong(fault)
        return str(value)

    return check


def _text(value: Any) -> str:
    if isinstance(value, str) and value.strip():
        if value.isprintable():
            return str(value)
        if not any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\r\t" for c in value):
            return str(value)
    raise _wrong("text that is not empty and has no control characters")


def _role(value: Any) -> Role:
    try:
        return Role(value)
    except ValueError:
        raise _wrong(_one_of([r.value for r in Role], value)) from None


def _sign(value: Any) -> Sign:
    try:
        return Sign(value)
    except ValueError:
        raise _wrong(_one_of([s.value for s in Sign], value)) from None


def _listing(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return tuple(cast("Iterable[Any]", value))
    raise _wrong("a list")


def _not_empty(value: tuple[Any, ...]) -> tuple[Any, ...]:
    if not value:
        raise _wrong("a list of at least one")
    return value


def _unique(value: tuple[Any, ...]) -> tuple[Any, ...]:
    if len(set(value)) != len(value):
        raise _wrong("each entry once")
    return value


def _close_to(word: Any, words: Iterable[str]) -> str | None:
    """Return the nearest of `words`, when one is near."""
    if not isinstance(word, str):
        return None
    found = get_close_matches(word.lower(), list(words), n=1, cutoff=0.6)
    return found[0] if found else None


def _one_of(words: Iterable[str], value: Any) -> str:
    near = _close_to(value, words)
    return "one of " + ", ".join(words) + (f" (did you mean '{near}'?)" if near else "")


Day = Annotated[dt.date, BeforeValidator(_day)]
Clock = Annotated[dt.time, BeforeValidator(_clock)]
Instant = Annotated[dt.datetime, BeforeValidator(_instant)]
Positive = Annotated[float, BeforeValidator(_number)]
Identifier = Annotated[str, BeforeValidator(_identifier(MAX_ID))]
Key = Annotated[str, BeforeValidator(_identifier(MAX_KEY))]
Text = Annotated[str, BeforeValidator(_text)]
AnyRole = Annotated[Role, BeforeValidator(_role)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(_listing)]
Keys = Annotated[tuple[Key, ...], BeforeValidator(_listing), AfterValidator(_unique)]
Signs = Annotated[
    tuple[Annotated[Sign, BeforeValidator(_sign)], ...], BeforeValidator(_listing), AfterValidator(_unique)
]


# ---------------------------------------------------------------- errors in plain English


class _Problem(NamedTuple):
    field: str
    value: object
    expected: str
    sentence: str


_PLAIN = {
    "bool_type": "true or false",
    "literal_error": "",
    "missing": "a value: this key is required",
    "model_type": "an object with named keys",
    "string_type": "text",
    "tuple_type": "a list",
}


def shown(value: object) -> str:
    """Return a value as Python writes it, shortened for a message."""
    try:
        text = repr(value)
    except Exception:
        text = f"a {type(value).__name__}"
    return text if len(text) <= 80 else text[:77] + "..."


def _place(loc: tuple[int | str, ...]) -> str:
    out = ""
    for part in loc:
        out += f"[{part}]" if isinstance(part, int) else (f".{part}" if out else part)
    return out


def _problem(field: str, value: object, expected: str) -> _Problem:
    return _Problem(field, value, expected, f"{field}: got {shown(value)}, expected {expected}")


def _unknown_key(place: str, name: str, value: object, known: Iterable[str]) -> _Problem:
    known = list(known)
    near = _close_to(name, known)
    sentence = f"unknown key '{place}'" + (f" (did you mean '{near}'?)" if near else "")
    return _Problem(place, value, "only these keys: " + ", ".join(known), sentence)


def _problems(form: type[Form], error: ValidationError) -> list[_Problem]:
    """Turn pydantic's findings into sentences that name no class of pydantic."""
    out: list[_Problem] = []
    for found in error.errors(include_url=False):
        kind, loc, value = found["type"], found["loc"], found["input"]
        context = found.get("ctx", {})
        place = _place(loc)
        if kind == "extra_forbidden":
            inner = form if len(loc) == 1 else Recipient
            out.append(_unknown_key(place, str(loc[-1]), value, form_keys(inner)))
        elif kind == "missing":
            out.append(_Problem(place, None, _PLAIN[kind], f"{place}: missing, expected {_PLAIN[kind]}"))
        elif kind == "growthwatch":
            if "field" in context:
                place, value = context["field"], context.get("value")
            out.append(_problem(place, value, context["expected"]))
        elif kind == "literal_error":
            words = re.findall(r"'([^']*)'", context["expected"])
            out.append(_problem(place, value, _one_of(words, value)))
        else:
            out.append(_problem(place, value, _PLAIN.get(kind) or found["msg"][:1].lower() + found["msg"][1:]))
    return out


def _refusal(title: str, problems: list[_Problem]) -> GrowthwatchError:
    first = problems[0]
    return GrowthwatchError(
        f"{title}: " + "; ".join(p.sentence for p in problems),
        field=first.field,
        value=first.value,
        expected=first.expected,
    )


# ---------------------------------------------------------------- the base classes


class Form(BaseModel, frozen=True, extra="forbid", strict=True, defer_build=True, populate_by_name=True):
    """A closed, immutable form: unknown keys are refused and nothing is converted silently."""

    if not TYPE_CHECKING:

        def __init__(self, /, **data: Any) -> None:
            try:
                super().__init__(**data)
            except ValidationError as e:
                raise _refusal(_title(type(self), data), _problems(type(self), e)) from None

        # Tells pydantic that this is its own constructor with another error, so that nested
        # forms report where they are; without it only the wording of nested errors suffers.
        __init__.__pydantic_base_init__ = True

        @classmethod
        def model_validate(cls, obj: Any, *args: Any, **kwargs: Any) -> Self:
            """Validate as pydantic does, with errors in plain English."""
            try:
                return super().model_validate(obj, *args, **kwargs)
            except ValidationError as e:
                raise _refusal(_title(cls, obj), _problems(cls, e)) from None

        @classmethod
        def model_validate_json(cls, json_data: str | bytes | bytearray, *args: Any, **kwargs: Any) -> Self:
            """Read JSON strictly (no duplicate keys, no NaN), then validate."""
            return cls.model_validate(read_json(json_data), *args, **kwargs)

        def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
            """Copy; the changes are checked as in a new event."""
            if not update:
                return super().model_copy(deep=deep)
            return type(self)(**{name: getattr(self, name) for name in type(self).model_fields} | dict(update))

        def __setattr__(self, name: str, value: Any) -> None:
            raise GrowthwatchError.of(name, value, f"no change: an {_word(type(self))} cannot be changed once made")

        def __delattr__(self, name: str) -> None:
            raise GrowthwatchError.of(name, None, f"no change: an {_word(type(self))} cannot be changed once made")

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


class Recipient(Form, frozen=True):
    """Somebody a letter goes to, and what is expected of them."""

    name: Text
    expectation: Text | None = None


class Event(Form, frozen=True):
    """What every event has.

    Parameters
    ----------
    id
        Identifies the event within the child's record.
    type
        Which kind of event it is.
    on
        The day it happened, in the local calendar of the protocol's zone.
    time
        The local time of day it happened, when known.
    recorded_at
        When it was written down: an aware instant, kept in UTC.
    actor
        Who wrote it: a staff pseudonym or a name.
    role
        The role of the actor.
    corrects
        The id of the event that this one replaces, from its `recorded_at` on.
    note
        Anything else, in words.
    """

    is_decision: ClassVar[bool] = False
    """Whether this is a decision, which may be refused; a fact never is."""

    refers: ClassVar[tuple[str, ...]] = ()
    """Fields that hold the id of another event of the record."""

    id: Identifier
    type: str
    on: Day
    time: Clock | None = None
    recorded_at: Instant
    actor: Text
    role: AnyRole
    corrects: Identifier | None = None
    note: Text | None = None

    @property
    def order(self) -> tuple[dt.datetime, dt.date, dt.time, str]:
        """The place of the event in the canonical order: recorded, happened, id."""
        return (self.recorded_at, self.on, self.time or dt.time(), self.id)

    @model_validator(mode="after")
    def _not_itself(self) -> Self:
        for name in ("corrects", *self.refers):
            if getattr(self, name) == self.id:
                raise _wrong("the id of another event", field=name, value=self.id)
        return self


# ---------------------------------------------------------------- facts


class Born(Event, frozen=True):
    """The child was born; `on` is the birth date."""

    type: Literal["born"] = "born"
    sex: Literal["male", "female"] | None = None
    gestation_days: (
        Annotated[int, BeforeValidator(_whole(140, 315, "completed days of gestation, a whole number from 140 to 315"))]
        | None
    ) = None


class Weighed(Event, frozen=True):
    """The child was weighed; whether the weight is valid is computed by the protocol, never stored."""

    refers: ClassVar[tuple[str, ...]] = ("repeats",)

    type: Literal["weighed"] = "weighed"
    weight_kg: Positive
    clothing: Clothing | None = None
    scale: Scale | None = None
    date_certain: bool = True
    setting: Text | None = None
    repeats: Identifier | None = None


class Measured(Event, frozen=True):
    """A length, height, head or arm circumference was measured."""

    type: Literal["measured"] = "measured"
    measure: Literal["height", "head", "arm"]
    value_cm: Positive
    position: Literal["lying", "standing"] | None = None


class Contact(Event, frozen=True):
    """Somebody saw the child, or spoke or wrote about the child."""

    type: Literal["contact"] = "contact"
    face_to_face: bool
    weighed: bool = False
    out_of_hours: bool = False
    service: Text | None = None
    about: Text | None = None
    advice: Text | None = None


class Concern(Event, frozen=True):
    """Somebody was concerned; `explained_as` keeps how it was explained away, if it was."""

    type: Literal["concern"] = "concern"
    raised_by: Text
    about: Text
    explained_as: Text | None = None


class SignRecorded(Event, frozen=True):
    """Signs or symptoms were recorded."""

    type: Literal["sign_recorded"] = "sign_recorded"
    signs: Annotated[Signs, AfterValidator(_not_empty)]
    about: Text | None = None


class IllnessRecorded(Event, frozen=True):
    """An illness was recorded, with or without signs."""

    type: Literal["illness_recorded"] = "illness_recorded"
    illness: Text
    signs: Signs = ()


class Examined(Event, frozen=True):
    """A clinician examined the child; `answers` are finding keys or event ids.

    `length` and `feeding` say what was found of them, if they were looked at.
    """

    type: Literal["examined"] = "examined"
    answers: Keys = ()
    outcome: Text
    length: Literal["normal", "not_normal"] | None = None
    feeding: Literal["normal", "not_normal"] | None = None


class WasNotBrought(Event, frozen=True):
    """The child was not brought, or the visit was cancelled, refused or had no access."""

    type: Literal["was_not_brought"] = "was_not_brought"
    kind: Literal["not_brought", "cancelled", "refused", "no_access"] = "not_brought"
    service: Text


class ConditionDiagnosed(Event, frozen=True):
    """A condition was diagnosed."""

    type: Literal["condition_diagnosed"] = "condition_diagnosed"
    condition: Condition
    gmfcs: Annotated[int, BeforeValidator(_whole(1, 5, "a GMFCS level, a whole number from 1 to 5"))] | None = None
    high_need: bool | None = None
    highest_risk: bool = False
    description: Text | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.gmfcs is not None and self.condition != "cerebral_palsy":
            raise _wrong("no GMFCS level: it is for cerebral_palsy only", field="gmfcs", value=self.gmfcs)
        if self.high_need is False and (self.gmfcs or 0) >= 4:
            raise _wrong("true or nothing: GMFCS IV and V are high need", field="high_need", value=False)
        if self.highest_risk and self.condition != "congenital_heart_disease":
            raise _wrong("false: it is for congenital_heart_disease only", field="highest_risk", value=True)
        return self


class ConditionEnded(Event, frozen=True):
    """A condition no longer holds: a tube is out, a heart is repaired, a diagnosis was dropped."""

    type: Literal["condition_ended"] = "condition_ended"
    condition: Condition
    reason: Text


class LetterSent(Event, frozen=True):
    """A letter was sent."""

    type: Literal["letter_sent"] = "letter_sent"
    sender: Text
    to: Annotated[tuple[Recipient, ...], BeforeValidator(_listing), AfterValidator(_not_empty)]
    copies: Annotated[tuple[Recipient, ...], BeforeValidator(_listing)] = ()
    summary: Text | None = None
    purpose: Text | None = None
    requested_action: Text | None = None
    action_owner: Text | None = None
    respond_by: Day | None = None


class LetterAcknowledged(Event, frozen=True):
    """Somebody acknowledged a letter, and said what they will do by when."""

    refers: ClassVar[tuple[str, ...]] = ("letter",)

    type: Literal["letter_acknowledged"] = "letter_acknowledged"
    letter: Identifier
    by: Text
    will_do: Text | None = None
    by_when: Day | None = None


class LetterFound(Event, frozen=True):
    """A letter was found unread or unfiled."""

    refers: ClassVar[tuple[str, ...]] = ("letter",)

    type: Literal["letter_found"] = "letter_found"
    letter: Identifier
    by: Text


class ReferralMade(Event, frozen=True):
    """The child was referred."""

    type: Literal["referral_made"] = "referral_made"
    to: Text
    kind: Literal["safeguarding", "social_care_support", "clinical"]
    about: Text


class ReferralClosed(Event, frozen=True):
    """A referral was closed, with or without action."""

    refers: ClassVar[tuple[str, ...]] = ("referral",)

    type: Literal["referral_closed"] = "referral_closed"
    referral: Identifier
    outcome: Text
    action_taken: bool


class LeadNamed(Event, frozen=True):
    """A lead professional was named."""

    type: Literal["lead_named"] = "lead_named"
    name: Text
    lead_role: AnyRole
    level: Text | None = None


class LeadLeft(Event, frozen=True):
    """The lead professional left."""

    type: Literal["lead_left"] = "lead_left"
    reason: Text | None = None


class LevelChanged(Event, frozen=True):
    """The level of service changed.  The key of `from_` is ``from`` when written."""

    type: Literal["level_changed"] = "level_changed"
    from_: Level | None = Field(default=None, validation_alias="from", serialization_alias="from")
    to: Level
    plan_transferred: bool | None = None
    accepted_by: Text | None = None


class HandoverSent(Event, frozen=True):
    """One team handed the child over to another."""

    type: Literal["handover_sent"] = "handover_sent"
    sender: Text
    recipient: Text
    contains: Texts = ()
    missing: Texts = ()


class HandoverAccepted(Event, frozen=True):
    """A team accepted a hand-over."""

    refers: ClassVar[tuple[str, ...]] = ("handover",)

    type: Literal["handover_accepted"] = "handover_accepted"
    handover: Identifier | None = None
    by: Text


class ProtectionPlan(Event, frozen=True):
    """A child protection plan began or ended."""

    type: Literal["protection_plan"] = "protection_plan"
    state: Literal["began", "ended"]
    category: Text | None = None


class StrategyDiscussion(Event, frozen=True):
    """A strategy discussion was held."""

    type: Literal["strategy_discussion"] = "strategy_discussion"
    outcome: Text | None = None


class Admission(Event, frozen=True):
    """The child was admitted to hospital."""

    type: Literal["admission"] = "admission"
    hospital: Text | None = None


class Discharged(Event, frozen=True):
    """The child was discharged from hospital."""

    type: Literal["discharged"] = "discharged"
    hospital: Text | None = None
    plan: Text | None = None


class MovedAway(Event, frozen=True):
    """The family moved out of the area."""

    type: Literal["moved_away"] = "moved_away"
    to_area: Text | None = None


class Died(Event, frozen=True):
    """The child died."""

    type: Literal["died"] = "died"


class EnteredInError(Event, frozen=True):
    """Another event was entered in error: from `recorded_at` on it no longer counts.

    To take a mark back, mark the mark: the event counts again.
    """

    refers: ClassVar[tuple[str, ...]] = ("target",)

    type: Literal["entered_in_error"] = "entered_in_error"
    target: Identifier
    reason: Text

    @model_validator(mode="after")
    def _corrects_nothing(self) -> Self:
        if self.corrects is not None:
            raise _wrong(
                "nothing: an error mark replaces no event; mark the wrong mark in error and make a new one",
                field="corrects",
                value=self.corrects,
            )
        return self


# ---------------------------------------------------------------- decisions


class PlanSigned(Event, frozen=True):
    """Somebody signed a plan for the child."""

    is_decision: ClassVar[bool] = True

    type: Literal["plan_signed"] = "plan_signed"
    plan: Literal["care", "condition", "sick_day"]
    floor_days: Annotated[int, BeforeValidator(_whole(1, None, "a whole number of days, 1 or more"))] | None = None
    reference: Text | None = None
    review_by: Day | None = None
    outcome_for_child: Text | None = None
    reason: Text


class DecisionSigned(Event, frozen=True):
    """Somebody signed a decision about a finding, a tier or a weight."""

    is_decision: ClassVar[bool] = True

    type: Literal["decision_signed"] = "decision_signed"
    decision: Literal["close_finding", "lower_tier", "confirm_weight", "other"]
    target: Key | None = None
    tier: Tier | None = None
    reason: Text

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.decision == "close_finding" and self.target is None:
            raise _wrong("the key of the finding to close", field="target")
        if self.decision == "confirm_weight":
            if self.target is None:
                raise _wrong("the id of the weighing to confirm", field="target")
            if self.target == self.id:
                raise _wrong("the id of another event", field="target", value=self.id)
        if self.decision == "lower_tier" and self.tier is None:
            raise _wrong("the tier to lower to: T0, T1 or T2", field="tier")
        return self


class ProtocolAdopted(Event, frozen=True):
    """A protocol came into force for the child, named by its id and content hash."""

    is_decision: ClassVar[bool] = True

    type: Literal["protocol_adopted"] = "protocol_adopted"
    protocol: Text
    hash: Text


AnyEvent = Annotated[
    Born
    | Weighed
    | Measured
    | Contact
    | Concern
    | SignRecorded
    | IllnessRecorded
    | Examined
    | WasNotBrought
    | ConditionDiagnosed
    | ConditionEnded
    | LetterSent
    | LetterAcknowledged
    | LetterFound
    | ReferralMade
    | ReferralClosed
    | LeadNamed
    | LeadLeft
    | LevelChanged
    | HandoverSent
    | HandoverAccepted
    | ProtectionPlan
    | StrategyDiscussion
    | Admission
    | Discharged
    | MovedAway
    | Died
    | EnteredInError
    | PlanSigned
    | DecisionSigned
    | ProtocolAdopted,
    Field(discriminator="type"),
]
"""Any event, told apart by its ``type``."""

EVENT_TYPES: Mapping[str, type[Event]] = MappingProxyType(
    {str(form.model_fields["type"].default): form for form in get_args(get_args(AnyEvent)[0])}
)
"""The class of each event type, by the word that is written in ``type``."""


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


def form_keys(form: type[Form]) -> tuple[str, ...]:
    """Return the keys that a form may have when written, in written order."""
    return tuple(key for _, key, _, _ in _layout(form))


def write_instant(value: dt.datetime) -> str:
    """Write a UTC instant as ``2024-01-09T14:30:00Z``, with microseconds only when there are any."""
    return value.replace(tzinfo=None).isoformat() + "Z"


def _plain(value: Any) -> Any:
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
    return "event" if issubclass(form, Event) else "entry of a letter"


def _title(form: type[Form], data: Any) -> str:
    """Name the event (or recipient) that is wrong, as far as its id is known."""
    if not issubclass(form, Event):
        return "recipient"
    kind = form.model_fields["type"].default
    known = cast("Mapping[str, Any]", data).get("id") if isinstance(data, Mapping) else None
    return f"event {shown(known)} ({kind})" if isinstance(known, str) else f"event without a usable id ({kind})"


# ---------------------------------------------------------------- reading


def read_json(text: str | bytes | bytearray) -> Any:
    """Read strict JSON (no duplicate keys, no NaN) from text or UTF-8 bytes."""
    if not isinstance(text, str):
        try:
            text = bytes(text).decode("utf-8")
        except UnicodeDecodeError as e:
            raise GrowthwatchError(
                f"not UTF-8 text: byte {e.start} cannot be read", field="json", expected="UTF-8 text"
            ) from None
    try:
        return loads_strict(text)
    except GrowthwatchError:
        raise
    except ValueError:
        raise GrowthwatchError("not valid JSON: a number has too many digits", field="json", expected="JSON") from None


def parse_event(event: Mapping[str, Any] | str | bytes) -> AnyEvent:
    """Make an event from a mapping or from JSON text, checking its form.

    Parameters
    ----------
    event
        A mapping with the written keys (``from``, not ``from_``), or the same as a JSON object.
        Dates and times may be given as text or as `datetime` objects.

    Raises
    ------
    GrowthwatchError
        Naming the event, and every key that is wrong with what was expected.
    """
    given: Any = event
    if isinstance(given, (str, bytes, bytearray)):
        given = read_json(given)
    if isinstance(given, Event):
        return as_event(given)
    if not isinstance(given, Mapping):
        raise GrowthwatchError.of("event", given, "an object with named keys")
    data: dict[Any, Any] = dict(cast("Mapping[Any, Any]", given))
    name = shown(data["id"]) if isinstance(data.get("id"), str) else "without a usable id"
    kind = data.get("type")
    form = EVENT_TYPES.get(kind) if isinstance(kind, str) else None
    if form is None:
        if "type" not in data:
            raise GrowthwatchError(
                f"event {name}: type: missing, expected one of {', '.join(EVENT_TYPES)}",
                field="type",
                expected="one of " + ", ".join(EVENT_TYPES),
            )
        expected = _one_of(EVENT_TYPES, kind)
        raise GrowthwatchError(
            f"event {name}: type: got {shown(kind)}, expected {expected}", field="type", value=kind, expected=expected
        )
    for key in data:
        if not isinstance(key, str):
            raise GrowthwatchError.of("key", key, "text")
    keys = form_keys(form)
    # The Python name of a key that is written differently is no key of the written form.
    strange = [_unknown_key(k, k, data.pop(k), keys) for k in [*data] if k in form.model_fields and k not in keys]
    if strange:
        raise _refusal(_title(form, data), strange)
    return cast("AnyEvent", form(**data))


def as_event(event: Any) -> AnyEvent:
    """Return an event of one of the known classes as it is; refuse a class that has no written form."""
    if isinstance(event, Event) and EVENT_TYPES.get(event.type) is type(event):
        return cast("AnyEvent", event)
    raise GrowthwatchError.of("event", event, "an event of one of the types of growthwatch.record")
