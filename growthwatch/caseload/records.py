"""Rows to records, by rules that stand here and in the documentation.

- The id of an event comes from its content, so that the same row gives the same event whenever, and wherever in the
  file, it is read: ``w-`` for a weighing, ``b-`` for the birth, ``c-`` for a condition, ``l-`` for a lead and ``a-``
  for the adoption, and 16 hexadecimal digits of a hash.
- A weighing was written down when its row says so (a day: at noon); else at noon of its day.  Nothing is taken to
  have been written down after the moment that is asked about: a row that is dated later was written down then, and the
  review asks about its date.
- The birth was written down on its day.  A birth weight is a weighing of that day.
- A condition holds from the day that the table gives for it; else from the child's first row with a day.
- A lead is named on the first day on which the protocol is in force: before, the table tells nothing of leads.
- Role and actor are those of the row, else of the mapping.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any, Literal, cast

from growthwatch.caseload.held import CLOTHING, ROLES, SCALES, Held, Told
from growthwatch.record import Born, ConditionDiagnosed, LeadNamed, ProtocolAdopted, Record, Role, Start, Weighed
from growthwatch.record.words import Clothing, Scale

__all__ = ["adoption_of", "event_id", "record_of", "stamp_of"]


def event_id(kind: str, *content: object) -> str:
    """An id from what an event says."""
    text = "\x1f".join("" if c is None else repr(c) if isinstance(c, float) else str(c) for c in content)
    return f"{kind}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def _noon(day: dt.date, until: dt.datetime) -> dt.datetime:
    return min(dt.datetime(day.year, day.month, day.day, 12, tzinfo=dt.UTC), until)


def _sex(told: Told) -> Literal["male", "female"] | None:
    return "male" if told.sex == "male" else "female" if told.sex == "female" else None


def record_of(held: Held, place: int, until: dt.datetime, first_on: dt.date | None) -> Record:
    """The record of one child.

    Parameters
    ----------
    held, place
        The table, and the place of the child in it.
    until
        The moment that is asked about: nothing was written down later.
    first_on
        The first day, on which leads of the table are named; None: they are left out.
    """
    id, told, mapping = held.ids[place], held.told[place], held.mapping
    common: dict[str, Any] = {"actor": mapping.actor, "role": mapping.role}
    events: list[Any] = []
    start, end = int(held.offsets[place]), int(held.offsets[place + 1])
    weighings: dict[str, Weighed] = {}
    for i in range(start, end):
        on = dt.date.fromordinal(int(held.day[i]))
        kg = float(held.kg[i])
        clothing = cast("Clothing | None", CLOTHING[int(held.clothing[i])])
        scale = cast("Scale | None", SCALES[int(held.scale[i])])
        said = int(held.recorded[i])
        recorded = min(dt.datetime.fromtimestamp(said, dt.UTC), until) if said else _noon(on, until)
        key = event_id("w", id, on, kg, clothing, scale)
        weighings[key] = Weighed(
            id=key, on=on, recorded_at=recorded, actor=held.actors[int(held.actor[i])],
            role=Role(ROLES[int(held.role[i])]), weight_kg=kg, clothing=clothing, scale=scale,
        )  # fmt: skip
    if told.birth is not None:
        at = _noon(told.birth, until)
        key = event_id("b", id, told.birth, told.sex, told.gestation_days)
        events.append(
            Born(id=key, on=told.birth, recorded_at=at, sex=_sex(told), gestation_days=told.gestation_days, **common)
        )
        at_birth = {w.weight_kg for w in weighings.values() if w.on == told.birth}
        if told.birth_weight_kg is not None and told.birth_weight_kg not in at_birth:
            key = event_id("w", id, told.birth, told.birth_weight_kg, mapping.clothing, mapping.scale)
            weighings[key] = Weighed(
                id=key, on=told.birth, recorded_at=at, weight_kg=told.birth_weight_kg, clothing=mapping.clothing,
                scale=mapping.scale, **common,
            )  # fmt: skip
    for word, text, since in told.conditions:
        on = since or min(until.date(), first_on or until.date())
        events.append(
            ConditionDiagnosed(
                id=event_id("c", id, word.condition, word.gmfcs, on), on=on, recorded_at=_noon(on, until),
                condition=word.condition, gmfcs=word.gmfcs, high_need=word.high_need, description=text, **common,
            )
        )  # fmt: skip
    if told.lead is not None and first_on is not None:
        events.append(
            LeadNamed(
                id=event_id("l", id, told.lead, first_on), on=first_on, recorded_at=_noon(first_on, until),
                name=told.lead, lead_role=mapping.lead_role, **common,
            )
        )  # fmt: skip
    return Record(id, [*events, *weighings.values()])


def adoption_of(
    held: Held, id: str, protocol: str, hash: str, on: dt.date, until: dt.datetime, starts: tuple[Start, ...]
) -> ProtocolAdopted:
    """That the protocol came into force for a child, with its entries of the start plan."""
    by = held.mapping.adoption
    return ProtocolAdopted(
        id=event_id("a", id, protocol, hash, on, *[f"{s.due}>{s.set_to}" for s in starts]),
        on=on,
        recorded_at=min(dt.datetime(on.year, on.month, on.day, 6, tzinfo=dt.UTC), until),
        actor="team lead" if by is None else by.by,
        role=Role.TEAM_LEAD if by is None else by.role,
        protocol=protocol,
        hash=hash,
        starts=starts,
    )


def stamp_of(held: Held, place: int) -> str:
    """A hash of all that the table says of a child: two tables that say the same of it give the same."""
    start, end = int(held.offsets[place]), int(held.offsets[place + 1])
    h = hashlib.blake2b(digest_size=16)
    told = held.told[place]
    h.update(
        repr((held.ids[place], told.birth, told.sex, told.gestation_days, told.birth_weight_kg, told.lead)).encode()
    )
    h.update(repr([(w.model_dump(), t, s) for w, t, s in told.conditions]).encode())
    for column in (held.day, held.kg, held.clothing, held.scale, held.recorded, held.role):
        h.update(column[start:end].tobytes())
    h.update(repr([held.actors[int(a)] for a in held.actor[start:end].tolist()]).encode())
    return h.hexdigest()
