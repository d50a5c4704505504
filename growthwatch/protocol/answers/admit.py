"""May an event be written down, and has it any effect: facts always, decisions where nothing speaks against them.

Source: process specification, section 5.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from growthwatch.core.calendar import as_instant, end_of_day, local_day
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.words import long_date
from growthwatch.protocol.answers.refusals import decision_words, helps_words
from growthwatch.protocol.answers.review import checked
from growthwatch.protocol.document import Protocol
from growthwatch.protocol.engine.fold import Fold, choose_protocols
from growthwatch.record.events import AnyEvent, parse_event
from growthwatch.record.forms import Event
from growthwatch.record.known import Known
from growthwatch.record.record import Record

__all__ = ["Admitted", "Refused", "admit"]


@dataclass(frozen=True, slots=True)
class Admitted:
    """The event counts.

    Attributes
    ----------
    record
        The record with it.
    event
        The event.
    """

    record: Record
    event: AnyEvent

    def __bool__(self) -> bool:
        return True

    def __str__(self) -> str:
        return f"{decision_words(self.event)} was accepted."


@dataclass(frozen=True, slots=True)
class Refused:
    """The decision has no effect; it may be written down all the same, and stays refused.

    Attributes
    ----------
    record
        The record as it was.
    event
        The decision.
    reasons
        Every reason that speaks against it.
    helps
        What would make it acceptable.
    """

    record: Record
    event: AnyEvent
    reasons: tuple[str, ...]
    helps: tuple[str, ...]

    def __bool__(self) -> bool:
        return False

    def __str__(self) -> str:
        text = f"{decision_words(self.event)} was not accepted: {'; '.join(self.reasons)}."
        return text + helps_words(self.helps)

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {"event": self.event.id, "reasons": list(self.reasons), "helps": list(self.helps)}


def admit(
    record: Record,
    event: AnyEvent | Mapping[str, Any] | str | bytes,
    *,
    protocol: Protocol | Sequence[Protocol],
    at: dt.date | dt.datetime | None = None,
) -> Admitted | Refused:
    """Say whether an event may take effect.

    A fact is always admitted, however late or odd.  A decision is judged as it is when it stands in the record: by
    all that is known when it is written down, after what was decided before it on that day.  One that begins later (a
    plan, a protocol) is judged as of its day, by what is known now; any other that is dated ahead counts on no day, and
    is refused.

    Parameters
    ----------
    record
        The child's record, without the event.
    event
        The event, a mapping in the written form, or its JSON, as `Record.append` takes it.  Give JSON that somebody
        sent as it came: ``json.loads`` keeps the last of two weights under one key, this refuses both.
    protocol
        One protocol, or several, as for `growthwatch.review`; only one of these can be adopted.
    at
        The moment at which a decision is judged; None: that at which it is written down.  A date means the end of
        that day.

    Returns
    -------
    Admitted or Refused
        `Admitted` holds the record with the event; `Refused` every reason.

    Raises
    ------
    GrowthwatchError
        For a wrong argument, an event that the record does not take, or a moment before a decision was
        written down.
    """
    checked(record)
    used = choose_protocols(protocol)
    made = event if isinstance(event, Event) else parse_event(event)
    with_it = record.append(made)
    moment = made.recorded_at if at is None else as_instant(at, used[0].zone, "at")
    if not made.is_decision:
        return Admitted(with_it, made)
    if moment < made.recorded_at:
        raise GrowthwatchError.of("at", at, f"a moment not before the decision was written down, {made.recorded_at}")
    zone = used[0].zone
    if made.on > local_day(made.recorded_at, zone):
        if not made.is_arrangement or made.on == dt.date.max:  # that day has no end that can be asked about
            says = f"it is dated {long_date(made.on)}, after the day on which it was written down, and counts on no day"
            return Refused(record, made, (says,), ("the day on which it was decided",))
        begins = end_of_day(made.on, zone)
        known = Known.of(with_it, as_of=max(moment, begins), known_at=moment, zone=zone)
    else:
        known = Known.of(with_it, as_of=moment, zone=zone)
    fold = Fold(known, used, finely=False, choosing=True, tells=False)
    fold.run()
    refusal = next((r for r in fold.state.refused if r.event == made.id), None)
    if refusal is None:
        return Admitted(with_it, made)
    return Refused(record, made, refusal.reasons, refusal.helps)
