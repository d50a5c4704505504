"""The events of a record: what happened to a child, and what people decided.

Every event carries two times.  ``on`` (and, when known, ``time``) says when it happened, in
the local time of the protocol's zone; ``recorded_at`` says when it was written down, an
instant kept in UTC.  *Facts* say what happened; *decisions* say what somebody resolved.
Nothing here judges: these classes check form only.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, cast, get_args

from pydantic import Field

from growthwatch.core.errors import GrowthwatchError, Problem
from growthwatch.record.around import (
    AdviceReported,
    CarerAsked,
    ConferenceHeld,
    Explained,
    HandoverAccepted,
    HandoverSent,
    LeadAway,
    LeadLeft,
    LeadNamed,
    LevelChanged,
    ListRead,
    MovedAway,
    MovedIn,
    ProtectionPlan,
    ServiceAllocated,
    SiblingKnown,
    StrategyDiscussion,
)
from growthwatch.record.decisions import (
    DecisionSigned,
    Overridden,
    PlanSigned,
    ProtocolAdopted,
    Snoozed,
    Withdrawn,
)
from growthwatch.record.facts import (
    Admission,
    Born,
    Concern,
    ConditionDiagnosed,
    ConditionEnded,
    Contact,
    Died,
    Discharged,
    EnteredInError,
    Examined,
    IllnessRecorded,
    Measured,
    ParentsMeasured,
    SignRecorded,
    WasNotBrought,
    Weighed,
)
from growthwatch.record.forms import Event, form_keys, read_json, refusal, title_of, unknown_key
from growthwatch.record.requests import (
    Acknowledged,
    Answered,
    Chased,
    Declined,
    DisagreementRaised,
    DisagreementSettled,
    LetterAcknowledged,
    LetterFound,
    LetterRead,
    LetterSent,
    ReferralClosed,
    ReferralMade,
    RequestMade,
    RequestSent,
)
from growthwatch.record.values import one_of, shown

__all__ = ["EVENT_TYPES", "AnyEvent", "as_event", "parse_event"]

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
    | ProtocolAdopted
    | RequestMade
    | RequestSent
    | Acknowledged
    | Answered
    | Declined
    | Chased
    | Explained
    | AdviceReported
    | CarerAsked
    | LeadAway
    | SiblingKnown
    | ServiceAllocated
    | DisagreementRaised
    | DisagreementSettled
    | ConferenceHeld
    | MovedIn
    | ParentsMeasured
    | LetterRead
    | ListRead
    | Snoozed
    | Withdrawn
    | Overridden,
    Field(discriminator="type"),
]
"""Any event, told apart by its ``type``."""

EVENT_TYPES: Mapping[str, type[Event]] = MappingProxyType(
    {str(form.model_fields["type"].default): form for form in get_args(get_args(AnyEvent)[0])}
)
"""The class of each event type, by the word that is written in ``type``."""


def parse_event(event: Mapping[str, Any] | str | bytes, *, fill_in: Mapping[str, Any] | None = None) -> AnyEvent:
    """Make an event from a mapping or from JSON text, checking its form.

    Parameters
    ----------
    event
        A mapping with the written keys (``from``, not ``from_``), or the same as a JSON object.
        Dates and times may be given as text or as `datetime` objects.
    fill_in
        Keys that your own system says, and nobody may send: such as ``actor``, ``role`` and ``recorded_at``.  An
        event that has one of them already is refused.

    Raises
    ------
    GrowthwatchError
        Naming the event, and every key that is wrong with what was expected.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> sent = b'{"id": "c1", "type": "concern", "on": "2024-02-27", "raised_by": "mother", "about": "thin"}'
    >>> now = datetime(2024, 2, 27, 10, tzinfo=UTC)
    >>> parse_event(sent, fill_in={"actor": "hv1", "role": "health_visitor", "recorded_at": now}).actor
    'hv1'
    """
    filled: Any = fill_in
    if filled is not None and not isinstance(filled, Mapping):
        raise GrowthwatchError.of("fill_in", filled, "the keys that your system says, each with its value")
    given: Any = event
    if isinstance(given, (str, bytes, bytearray)):
        given = read_json(given)
    if isinstance(given, Event):
        if filled:
            raise GrowthwatchError.of("fill_in", fill_in, "a mapping or JSON to fill in; an event is whole already")
        return as_event(given)
    if not isinstance(given, Mapping):
        raise GrowthwatchError.of("event", given, "an object with named keys")
    data: dict[Any, Any] = dict(cast("Mapping[Any, Any]", given))
    strange = _sent(data, cast("Mapping[Any, Any]", filled or {}))
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
        expected = one_of(EVENT_TYPES, kind)
        raise GrowthwatchError(
            f"event {name}: type: got {shown(kind)}, expected {expected}", field="type", value=kind, expected=expected
        )
    for key in data:
        if not isinstance(key, str):
            raise GrowthwatchError.of("key", key, "text")
    keys = form_keys(form)
    # The Python name of a key that is written differently is no key of the written form.
    strange += [unknown_key(k, k, data.pop(k), keys) for k in [*data] if k not in keys and k in form.model_fields]
    try:
        made = form(**data)
    except GrowthwatchError as e:
        if not strange:
            raise
        raise refusal(title_of(form, data), [*strange, *e.problems]) from None
    if strange:
        raise refusal(title_of(form, data), strange)
    return cast("AnyEvent", made)


def _sent(data: dict[Any, Any], filled: Mapping[Any, Any]) -> list[Problem]:
    """Fill keys in, and return those of them that somebody sent."""
    expected = "no such key: it is filled in from who is signed in, and when"
    out = [
        Problem(k, data[k], expected, f"{k}: got {shown(data[k])}, expected {expected}") for k in filled if k in data
    ]
    data.update(filled)
    return out


def as_event(event: Any) -> AnyEvent:
    """Return an event of one of the known classes as it is; refuse a class that has no written form."""
    if isinstance(event, Event) and EVENT_TYPES.get(event.type) is type(event):
        return cast("AnyEvent", event)
    raise GrowthwatchError.of("event", event, "an event of one of the types of growthwatch.record")
