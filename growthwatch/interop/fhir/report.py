"""What came of each resource: a line for whatever was refused, doubted or changed, and counts of the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Literal, cast

from growthwatch.caseload import Fault, Faults
from growthwatch.record.values import shown

__all__ = ["Line", "Lines", "Refusal", "Report"]

Kind = Literal["refused", "doubted", "changed"]

_LONGEST = 120
"""How many characters of what was found a line holds."""


class Refusal(Exception):
    """Why one resource, or a part of one, makes no event; caught where it is read, and written in the report."""

    def __init__(self, path: str, value: object, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.path = path
        self.value = value
        self.reason = reason
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Line(Fault):
    """One thing that somebody should know of what came in: a fault as that of a table is, of a resource.

    Attributes
    ----------
    row
        The number of the resource in its file, counted from 1; 0: what came in as a whole.
    child_id
        Of which child it is, where that is known.
    column
        Where in the resource: its path, as in ``valueQuantity.value``.
    value
        What was found there, shortened; empty: nothing.
    kind
        ``refused``: it made no event.  ``doubted``: it made one, which somebody should look at.
        ``changed``: it made one that does not say it as it was given: another unit, a day from elsewhere.
    reason
        What is wrong with it, or what was done.
    remedy
        What would mend it.
    cells
        Always empty.
    resource
        Its type and id, as in ``Observation/123``.
    file
        The name of the file; empty for bytes.
    """

    resource: str = ""
    file: str = ""

    def __str__(self) -> str:
        child = f", child {self.child_id}" if self.child_id else ""
        found = f" = {self.value!r}" if self.value else ""
        remedy = f" To mend it: {self.remedy}." if self.remedy else ""
        return f"{self.kind}: {self.resource}{child}, {self.column}{found}: {self.reason}.{remedy}"

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {name: getattr(self, name) for name in Lines.heads}


class Lines(Faults):
    """Lines of a report: all that a table's faults can do (``to_frame()``, ``to_csv()``, ``dump()``), they can."""

    heads: ClassVar[tuple[str, ...]] = (*Faults.heads, "resource", "file")

    def __iter__(self) -> Iterator[Line]:
        return cast("Iterator[Line]", super().__iter__())

    @property
    def changed(self) -> Lines:
        """The lines on events that say it otherwise than it was given."""
        return Lines(x for x in self if x.kind == "changed")


@dataclass
class Report:
    """What came of everything that was read.

    Attributes
    ----------
    resources
        How many resources were read, contained ones and entries without a resource included.
    fates
        What came of them: ``made`` (an event, or more), ``refused``, ``told`` (it says who or where, as a patient
        or a practitioner does), ``not_read`` (a record has no place for its type, code or status), ``repeated``
        (the same was there already).  They add up to `resources`.
    not_read
        Of ``not_read``: how many of each type, with its code where an Observation has one that is not read.
    """

    resources: int = 0
    fates: Counter[str] = field(default_factory=lambda: Counter[str]())
    not_read: Counter[str] = field(default_factory=lambda: Counter[str]())
    _lines: list[Line] = field(default_factory=lambda: [])
    _places: dict[str, tuple[str, int]] = field(default_factory=lambda: {}, repr=False)
    _children: dict[str, str] = field(default_factory=lambda: {}, repr=False)

    def add(self, kind: Kind, resource: str, path: str, value: object, reason: str, remedy: str) -> None:
        """Add a line."""
        file, row = self._places.get(resource) or self._places.get(resource.partition("#")[0]) or ("", 0)
        self._lines.append(Line(row, None, path, _words(value), kind, reason, remedy, (), resource, file))

    def stands(self, resource: str, file: str, row: int) -> None:
        """Keep where a resource stands."""
        self._places[resource] = (file, row)

    def is_of(self, resource: str, child_id: str) -> None:
        """Keep of which child a resource is."""
        self._children[resource] = child_id

    @property
    def lines(self) -> Lines:
        """What was refused, doubted or changed, in order of reading."""
        whose = self._children
        return Lines(replace(x, child_id=whose[x.resource]) if x.resource in whose else x for x in self._lines)

    @property
    def refused(self) -> Lines:
        """The lines on what made no event."""
        return self.lines.refused

    @property
    def doubted(self) -> Lines:
        """The lines on events that somebody should look at."""
        return self.lines.doubted

    @property
    def changed(self) -> Lines:
        """The lines on events that say it otherwise than it was given."""
        return self.lines.changed

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


def _words(value: object) -> str:
    """What was found, as it stands there, shortened."""
    if value is None:
        return ""
    words = value if isinstance(value, str) else shown(value)
    return words if len(words) <= _LONGEST else f"{words[:_LONGEST]}..."
