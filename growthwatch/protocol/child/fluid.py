"""Fluid that may be taken for growth, and the examination that excludes it.

Source: specification of the protocol, section 2, G14.
"""

from __future__ import annotations

from growthwatch.protocol.child.child import Child
from growthwatch.protocol.child.signs import OedemaSeen
from growthwatch.protocol.child.weight import Weight

__all__ = ["cleared", "excluded", "fluid", "grown", "said_of_oedema"]


def fluid(child: Child, weight: Weight, day: int) -> dict[str, str]:
    """What names fluid for the gain of a weight, as known on a day: words by the id of the event; empty for nothing.

    A condition does while it is known, and swelling that was recorded from the protocol's days before the weight on.
    The passing of days alone takes neither away.
    """
    rules = child.settings.terms.fluid
    known = child.conditions.known
    if not known and not child.signs.oedema:
        return {}
    out = {known[c].event: c.replace("_", " ") for c in rules.conditions if c in known}
    for seen in child.signs.oedema:
        if seen.present and weight.day - rules.oedema_within_days <= seen.day <= day:
            out[seen.id] = "oedema"
    return out


def _last_word(child: Child, day: int, known_by: int) -> OedemaSeen | None:
    """The latest that was recorded of swelling up to a day, by what was known on one."""
    seen = [o for o in child.signs.oedema if o.day <= day and o.known_day <= known_by]
    return max(seen, key=lambda o: (o.day, o.moment), default=None)


def excluded(child: Child, day: int) -> str | None:
    """Id of an examination of the protocol's last days that found no swelling, with nothing else said since."""
    last = _last_word(child, day, day)
    within = child.settings.terms.fluid.examined_within_days
    if last is None or last.present or day - last.day > within:
        return None
    return last.id


def cleared(child: Child, weight: Weight, day: int) -> str | None:
    """Id of the examination by which the gain of a weight counts, or None while it does not.

    It counts from the first day on which both stand: the weight, and an examination that is no older than the
    protocol's days and found no swelling.  What counted once goes on to count.
    """
    within = child.settings.terms.fluid.examined_within_days
    for seen in child.signs.oedema:
        both = max(seen.known_day, weight.known_day)
        if seen.present or both > day or both - seen.day > within:
            continue
        if _last_word(child, both, both) is seen:
            return seen.id
    return None


def grown(child: Child, weight: Weight, day: int) -> bool:
    """Whether the gain of a weight counts as growth: nothing names fluid, or an examination has excluded it."""
    return not fluid(child, weight, day) or cleared(child, weight, day) is not None


def said_of_oedema(child: Child, weight: Weight) -> str | None:
    """Id of the first examination after a weight that says whether there is swelling, or None."""
    after = [
        o
        for o in child.signs.oedema
        if o.examined and (o.day > weight.day or (o.day == weight.day and o.moment[1] > weight.recorded_at))
    ]
    first = min(after, key=lambda o: (o.day, o.moment), default=None)
    return None if first is None else first.id
