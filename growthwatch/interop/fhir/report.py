"""What came of each resource: a line for whatever was refused, doubted or changed, and counts of the rest."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Literal

from growthwatch.record.values import shown

__all__ = ["Line", "Refusal", "Report"]

Kind = Literal["refused", "doubted", "changed"]


class Refusal(Exception):
    """Why one resource, or a part of one, makes no event; caught where it is read, and written in the report."""

    def __init__(self, path: str, value: object, reason: str, mend: str) -> None:
        super().__init__(reason)
        self.path = path
        self.value = value
        self.reason = reason
        self.mend = mend


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that somebody should know of what came in.

    Attributes
    ----------
    kind
        ``refused``: it made no event.  ``doubted``: it made one, which somebody should look at.
        ``changed``: it made one that does not say it as it was given: another unit, a day from elsewhere.
    resource
        Its type and id, as in ``Observation/123``.
    path
        Where in it.
    value
        What was found there, as Python writes it, shortened.
    reason
        What is wrong with it, or what was done.
    mend
        What would mend it.
    """

    kind: Kind
    resource: str
    path: str
    value: str
    reason: str
    mend: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.resource}: {self.path}: got {self.value}: {self.reason}. {self.mend}"

    def to_dict(self) -> dict[str, str]:
        """Plain data."""
        return {
            "kind": self.kind,
            "resource": self.resource,
            "path": self.path,
            "value": self.value,
            "reason": self.reason,
            "mend": self.mend,
        }


@dataclass
class Report:
    """What came of everything that was read.

    Attributes
    ----------
    lines
        What was refused, doubted or changed, in order of reading.
    resources
        How many resources were read, contained ones and entries without a resource included.
    fates
        What came of them: ``made`` (an event, or more), ``refused``, ``told`` (it says who or where, as a patient
        or a practitioner does), ``not_read`` (a record has no place for its type, code or status), ``repeated``
        (the same was there already).  They add up to `resources`.
    not_read
        Of ``not_read``: how many of each type, with its code where an Observation has one that is not read.
    """

    lines: list[Line] = field(default_factory=lambda: [])
    resources: int = 0
    fates: Counter[str] = field(default_factory=lambda: Counter[str]())
    not_read: Counter[str] = field(default_factory=lambda: Counter[str]())

    def add(self, kind: Kind, resource: str, path: str, value: object, reason: str, mend: str) -> None:
        """Add a line."""
        self.lines.append(Line(kind, resource, path, shown(value), reason, mend))

    @property
    def refused(self) -> tuple[Line, ...]:
        """The lines on what made no event."""
        return tuple(x for x in self.lines if x.kind == "refused")

    @property
    def doubted(self) -> tuple[Line, ...]:
        """The lines on events that somebody should look at."""
        return tuple(x for x in self.lines if x.kind == "doubted")

    @property
    def changed(self) -> tuple[Line, ...]:
        """The lines on events that say it otherwise than it was given."""
        return tuple(x for x in self.lines if x.kind == "changed")

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "resources": self.resources,
            "fates": dict(sorted(self.fates.items())),
            "not_read": dict(sorted(self.not_read.items())),
            "lines": [x.to_dict() for x in self.lines],
        }

    def __str__(self) -> str:
        counts = ", ".join(f"{n} {name.replace('_', ' ')}" for name, n in sorted(self.fates.items()))
        out = [f"{self.resources} resources: {counts or 'none'}."]
        out += [str(x) for x in self.lines]
        out += [f"not read: {name}: {n}" for name, n in sorted(self.not_read.items())]
        return "\n".join(out)
