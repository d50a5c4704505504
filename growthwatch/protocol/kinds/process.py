"""What rules about people have in common: louder in a tier of concern, and not weaker by what weights show."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from growthwatch.protocol.file.settings import RuleLevel
from growthwatch.protocol.file.values import LOUDNESS, TIERS, Loudness, TierName
from growthwatch.protocol.kinds.kind import At, Climbs, Kind, Seen

__all__ = ["ProcessKind", "rested"]


class ProcessKind(Kind):
    """A rule about people: what they said, asked, signed, or left undone.

    Attributes
    ----------
    louder_from, louder
        Tier from which its findings are at least so loud.
    """

    CLIMBS: ClassVar[Climbs] = "process"

    louder_from: TierName | None = None
    louder: Loudness | None = None
    levels: tuple[RuleLevel, ...] = Field(min_length=1)

    def loudness_at(self, level: int, seen: Seen) -> Loudness:
        """As its level says, and in a tier of concern as loud as `louder` at least."""
        own, tier = super().loudness_at(level, seen), seen.get("tier")
        if self.louder is None or self.louder_from is None or tier is None:
            return own
        loud = TIERS.index(tier) >= TIERS.index(self.louder_from)
        return self.louder if loud and LOUDNESS.index(self.louder) > LOUDNESS.index(own) else own

    def faults(self) -> list[str]:
        """The two numbers belong together."""
        if (self.louder is None) != (self.louder_from is None):
            return ["louder, louder_from: got one of them, expected both or none"]
        return []


def rested(at: At, rule: str) -> frozenset[str]:
    """Events on which closed findings of a rule, about this subject, rested themselves."""
    closed = [f for f in at.of(rule) if f.closed_on is not None]
    return frozenset(id for f in closed for o in (*f.rests.values(), f.latest) for id in o.own or o.witness)
