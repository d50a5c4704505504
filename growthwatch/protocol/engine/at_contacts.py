"""What was not asked or done at the last contact of a child who is watched closely.

Source: specification of the process, section 3, H1 (what is asked at every contact) and Interplay (a contact without
a weighing).  These are notes, and no findings: nobody is asked to do anything by a day.
"""

from __future__ import annotations

from dataclasses import dataclass

from growthwatch.core.words import long_date
from growthwatch.protocol.child.contacts import Visit
from growthwatch.protocol.engine.state import State
from growthwatch.protocol.file.settings import ContactRules
from growthwatch.protocol.file.values import TIERS, Loudness

__all__ = ["Noted", "advice_limit", "noted"]


@dataclass(frozen=True, slots=True)
class Noted:
    """A note of a contact: how loud it is, the day of the contact [ordinal], and what it says."""

    loudness: Loudness
    day: int
    says: str


def noted(state: State) -> list[Noted]:
    """Notes of the last day with a contact face to face, the loudest first."""
    rules, visits = state.protocol.settings.contacts, _last(state)
    if rules is None or not visits:
        return []
    child, day = state.child, visits[0].day
    on, out = long_date(day), list[Noted]()
    closely = _in_tier(state, rules.weighed_from_tier, day)
    if closely and not any(w.day == day for w in child.weights.all) and not any(v.why_not_weighed for v in visits):
        out.append(Noted("daily", day, f"Seen on {on} and not weighed, and nobody wrote down why."))
    if not _asked(state, rules, day):
        return out
    missing: list[str] = []
    if not child.signs.asked_on(day):
        missing.append("whether there were danger signs")
    if all(v.advice_sought in (None, "not_asked") for v in visits):
        missing.append("whom the family had asked for advice since")
    if missing:
        out.append(Noted("weekly", day, f"Seen on {on}, and nobody wrote down {' or '.join(missing)}. Ask next time."))
    limit = advice_limit(state)
    if limit is not None and state.day > limit:
        said = f"On {on} the family had asked for advice; nobody has written down what it was, or who gave it."
        out.append(Noted("weekly", day, said))
    return out


def advice_limit(state: State) -> int | None:
    """Until when the advice of which the last contact tells is to be written down; None where nothing is missing."""
    rules, visits = state.protocol.settings.contacts, _last(state)
    sought = [v for v in visits if v.advice_sought == "yes"]
    if rules is None or not sought or not _asked(state, rules, sought[0].day):
        return None
    contacts = state.child.contacts
    since = contacts.visited_before(sought[0].day)
    if any(since is None or on > since for on in contacts.advice):
        return None
    return state.child.working.following(min(max(v.day, v.known_day) for v in sought))


def _last(state: State) -> list[Visit]:
    return [] if state.child.dead_on(state.day) else state.child.contacts.last_visits()


def _in_tier(state: State, tier: str, day: int) -> bool:
    """Whether a child stands in a tier or above now, and has since a day."""
    names: tuple[str, ...] = TIERS
    return names.index(state.tier) >= names.index(tier) and day >= state.standing.since


def _asked(state: State, rules: ContactRules, day: int) -> bool:
    """Whether danger signs and advice are asked about at a contact of a day."""
    high = [known.day for known in state.child.conditions.known.values() if known.high_need]
    needs = rules.asked_for_high_need and any(since <= day for since in high)
    return needs or _in_tier(state, rules.asked_from_tier, day)
