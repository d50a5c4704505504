"""Who explained a worry or a finding away, and by what."""

from __future__ import annotations

from dataclasses import dataclass

from growthwatch.core.words import same_name
from growthwatch.protocol.child.child import Child
from growthwatch.protocol.child.happened import Known

__all__ = ["Dismissal", "dismissals"]


@dataclass(frozen=True, slots=True)
class Dismissal:
    """An explanation: its id, the day on which it became known, by whom, as what, in which words.

    ``as_`` is None where the first version of the format holds words alone.
    """

    id: str
    known_day: int
    actor: str
    as_: str | None
    words: str


def dismissals(child: Child) -> list[Dismissal]:
    """What was explained away, in order of recording: explanations, and worries with one."""
    explained = list(child.happened.of("explained"))
    worries = [k for k in child.happened.of("concern") if k.event.explained_as is not None]
    if not explained and not worries:
        return []
    return [_dismissal(k) for k in sorted((*explained, *worries), key=lambda k: k.event.order)]


def _dismissal(k: Known) -> Dismissal:
    e = k.event
    as_, words = (e.as_, e.words) if e.type == "explained" else (None, e.explained_as)
    return Dismissal(e.id, k.day, same_name(e.actor), as_, words)
