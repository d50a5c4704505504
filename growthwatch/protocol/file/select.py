"""Which events of a record a rule is about, and of which children: closed, and checked against the forms of events."""

from __future__ import annotations

from typing import Annotated, Any, Self, cast

from pydantic import Field, TypeAdapter, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.words import same_name
from growthwatch.protocol.file.values import Flag, Sourced, Text, TierName
from growthwatch.record import Condition, Event
from growthwatch.record.events import EVENT_TYPES

__all__ = ["Events", "When", "field_of", "value_of"]

_Word = bool | int | float | str


def field_of(type: str, key: str) -> str:
    """Name of the field of a type of event that is written under a key.

    Raises
    ------
    PydanticCustomError
        If events of that type have no such key.
    """
    form = EVENT_TYPES[type]
    for name, field in form.model_fields.items():
        if key == (field.serialization_alias or name):
            return name
    keys = ", ".join(sorted(f.serialization_alias or name for name, f in form.model_fields.items()))
    raise PydanticCustomError(
        "event_key", "{key}: expected a key of {type} ({keys})", {"key": key, "type": type, "keys": keys}
    )


def value_of(event: Event, key: str) -> Any:
    """What an event says under a key; None where it says nothing."""
    return getattr(event, field_of(event.type, key))


def _may_say(type: str, name: str, word: object) -> bool:
    """Whether a field may hold a word, by itself or as one of several."""
    field = EVENT_TYPES[type].model_fields[name]
    annotated: Any = cast("Any", Annotated)[(cast("Any", field).annotation, "a field", *field.metadata)]
    form = TypeAdapter[Any](annotated)
    for value in (word, [word]):
        try:
            form.validate_python(value, strict=True)
        except (ValidationError, GrowthwatchError):
            continue
        return True
    return False


class Events(Sourced):
    """Events of a type that say one of some words under each of some keys.

    A text is the same that differs in letter case or spacing; where an event says several words under a key, one of
    them is enough.  ``role`` and ``actor`` are keys of every event.
    """

    type: Text
    where: dict[str, tuple[_Word, ...]] = Field(default_factory=dict[str, tuple[_Word, ...]])

    @model_validator(mode="after")
    def _known(self) -> Self:
        if self.type not in EVENT_TYPES:
            raise PydanticCustomError(
                "event_type",
                "type: got {type}, expected a type of event ({types})",
                {"type": repr(self.type), "types": ", ".join(sorted(EVENT_TYPES))},
            )
        for key, words in self.where.items():
            name = field_of(self.type, key)
            for word in words:
                if not _may_say(self.type, name, word):
                    raise PydanticCustomError(
                        "event_word",
                        "{key}: got {word}, expected what {type} may say there",
                        {"key": key, "word": repr(word), "type": self.type},
                    )
        return self

    def fits(self, event: Event) -> bool:
        """Whether an event is one of these."""
        return event.type == self.type and all(_says(value_of(event, key), words) for key, words in self.where.items())


def _says(said: Any, words: tuple[_Word, ...]) -> bool:
    if isinstance(said, tuple):
        return any(_says(part, words) for part in said)  # pyright: ignore[reportUnknownVariableType]
    return said is not None and any(_same(said, word) for word in words)


def _same(said: Any, word: _Word) -> bool:
    if isinstance(word, bool) or isinstance(said, bool):
        return said is word
    if isinstance(word, str):
        return same_name(str(said)) == same_name(word)
    return said == word


class When(Sourced):
    """Of which children: those in a tier or a higher one, and, where more is named, one of it holds.

    Attributes
    ----------
    from_tier
        The lowest tier.
    high_need, protection_plan
        A child of high need; one with a protection plan in force.
    conditions
        A child who has one of these.
    """

    from_tier: TierName | None = None
    high_need: Flag = False
    protection_plan: Flag = False
    conditions: tuple[Condition, ...] = ()

    @property
    def names_children(self) -> bool:
        """Whether it names more than a tier."""
        return self.high_need or self.protection_plan or bool(self.conditions)
