"""Events of which people must know that no rule has looked at them, so that they read them themselves."""

from __future__ import annotations

from collections.abc import Mapping, Set

__all__ = ["unjudged"]

# One, and several; what is not said here is called by its type.
_WORDS = {
    "acknowledged": ("acknowledgement", "acknowledgements"),
    "advice_reported": ("report of advice", "reports of advice"),
    "answered": ("answer", "answers"),
    "carer_asked": ("talk about how the carer is", "talks about how the carer is"),
    "chased": ("chase", "chases"),
    "concern": ("concern", "concerns"),
    "conference_held": ("conference", "conferences"),
    "declined": ("request declined", "requests declined"),
    "disagreement_raised": ("disagreement", "disagreements"),
    "disagreement_settled": ("disagreement settled", "disagreements settled"),
    "explained": ("explanation", "explanations"),
    "handover_accepted": ("hand-over accepted", "hand-overs accepted"),
    "handover_sent": ("hand-over", "hand-overs"),
    "lead_away": ("absence of a lead", "absences of a lead"),
    "lead_left": ("lead who left", "leads who left"),
    "lead_named": ("lead named", "leads named"),
    "letter_acknowledged": ("letter acknowledged", "letters acknowledged"),
    "letter_found": ("letter found", "letters found"),
    "letter_read": ("letter read", "letters read"),
    "letter_sent": ("letter", "letters"),
    "list_read": ("list read", "lists read"),
    "moved_away": ("move away", "moves away"),
    "moved_in": ("move in", "moves in"),
    "overridden": ("override", "overrides"),
    "parents_measured": ("measurement of the parents", "measurements of the parents"),
    "request_sent": ("request sent", "requests sent"),
    "service_allocated": ("service allocated", "services allocated"),
    "sibling_known": ("word of a sibling", "words of siblings"),
    "snoozed": ("snooze", "snoozes"),
    "strategy_discussion": ("strategy discussion", "strategy discussions"),
    "was_not_brought": ("appointment not kept", "appointments not kept"),
    "withdrawn": ("request withdrawn", "requests withdrawn"),
}


def unjudged(counts: Mapping[str, int], looked_at: Set[str]) -> list[str]:
    """What of the events that count no rule reads: counted, in words.

    Parameters
    ----------
    counts
        How many events there are of each type.
    looked_at
        Types of event that a rule of the protocol may look at.
    """
    read = looked_at | {"entered_in_error"}
    return [_counted(n, type) for type, n in sorted(counts.items()) if type not in read]


def _counted(n: int, type: str) -> str:
    one, many = _WORDS.get(type, (type.replace("_", " "),) * 2)
    return f"{n} {one if n == 1 else many}"
