"""Events of which people must know that no rule has looked at them, so that they read them themselves."""

from __future__ import annotations

from collections.abc import Iterable

from growthwatch.core.words import count_words
from growthwatch.protocol.child import TAKEN
from growthwatch.record import AnyEvent

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
_ENDS = {"referral_closed": "referral", "answered": "request", "declined": "request", "withdrawn": "request"}
"""What ends a referral or a request, and the field that names it."""
_OPEN = {"referral_made": "open referral", "request_made": "open request"}
"""What somebody waits for until it is ended: no rule looks at whether anybody answers."""


def unjudged(events: Iterable[AnyEvent]) -> list[str]:
    """What of some events no rule reads: counted, in words.

    Types of event that no ledger takes, and referrals and requests that nothing in the record has ended.
    """
    every = list(events)
    ended = {getattr(e, field) for e in every if (field := _ENDS.get(e.type)) is not None and getattr(e, "final", True)}
    counts: dict[str, int] = {}
    for e in every:
        waits = e.type in _OPEN and e.id not in ended
        if waits or (e.type not in TAKEN and e.type != "entered_in_error"):
            counts[e.type] = counts.get(e.type, 0) + 1
    return [_counted(n, type) for type, n in sorted(counts.items())]


def _counted(n: int, type: str) -> str:
    if type in _OPEN:
        return count_words(n, _OPEN[type])
    one, many = _WORDS.get(type, (type.replace("_", " "),) * 2)
    return f"{n} {one if n == 1 else many}"
