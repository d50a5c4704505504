"""Decisions that were not accepted, in words: the last few, and how many there were before."""

from __future__ import annotations

from collections.abc import Sequence

from growthwatch.core.words import count_words

__all__ = ["refusal_words"]

_MOST = 5


def refusal_words(refused: Sequence[tuple[str, str]], verb: str) -> list[str]:
    """Say which decisions were (or are) not accepted, and why; of many only the last, and a count of the others.

    Parameters
    ----------
    refused
        Id and reason of each, oldest first.
    verb
        ``was`` or ``is``.
    """
    said = [f"Decision {event} {verb} not accepted: {why}." for event, why in refused[-_MOST:]]
    more = len(refused) - _MOST
    if more > 0:
        plural = verb if more == 1 else {"was": "were", "is": "are"}[verb]
        said.append(f"{count_words(more, 'decision')} before these {plural} not accepted either.")
    return said
