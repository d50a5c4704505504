"""A protocol whole: settings and rules read from a TOML file, with a content hash.

A protocol is data.  Every table of numbers in it carries ``source``, ``tag`` and
``review_by``, or takes them from the table around it; `Protocol.provenance` says which.
The kinds of rule are typed classes, passed in explicitly; their names and versions are
part of the hash, because the same file under another kind would be another protocol.
"""

from __future__ import annotations

import copy
import datetime as dt
import os
from collections.abc import Callable, Mapping
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, TypeVar, cast

from pydantic import ValidationError

from growthwatch.core.calendar import load_calendar, time_zone
from growthwatch.core.canonical import content_hash, short_hash
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.html_table import html_table
from growthwatch.protocol.file.settings import Settings
from growthwatch.protocol.file.sources import as_list, as_table, check_sourced, plain_json, source_of
from growthwatch.protocol.file.values import TIERS, rising
from growthwatch.protocol.kinds import KINDS, Kind
from growthwatch.protocol.kinds.order import Order, in_order
from growthwatch.references import Reference, reference
from growthwatch.references.metadata import explain_validation, read_toml

__all__ = ["Protocol", "protocol", "protocols"]

_T = TypeVar("_T")


class Protocol:
    """A protocol: immutable, named by its id and content hash.

    The hash is the SHA-256 of the canonical JSON of the file as data (dates as
    ``YYYY-MM-DD``), the names and versions of the kinds of rule it uses, the hashes of
    packaged figures that these judge by, the hash of its calendar and that of its reference.
    """

    def __init__(self, plain: Mapping[str, Any], kinds: Mapping[str, type[Kind]], where: str):
        header = {k: v for k, v in plain.items() if k != "rules"}
        try:
            self.settings = Settings.model_validate(header)
        except ValidationError as e:
            raise explain_validation(e, where) from None
        raw_rules = as_list(plain.get("rules"))
        if not raw_rules:
            raise GrowthwatchError.of(f"{where}: rules", plain.get("rules"), "at least one [[rules]]")
        rules: list[Kind] = []
        seen: set[str] = set()
        for number, raw in enumerate(raw_rules, start=1):
            rule = _read_rule(raw, kinds, where, number)
            if rule.id in seen:
                raise GrowthwatchError.of(f"{where}: rules {number}: id", rule.id, "each rule once")
            seen.add(rule.id)
            rules.append(rule)
        self.rules: tuple[Kind, ...] = tuple(rules)
        self._plain = plain
        self._check(where)
        self.order: Order = _named(where, "rules", lambda: in_order(rules))
        self.sources = {r.id: self.provenance("rules", r.id) for r in self.rules}
        settings = self.settings
        _named(where, "zone", lambda: time_zone(settings.zone))
        self.reference: Reference = _named(
            where, "reference", lambda: reference(settings.reference, settings.correction)
        )
        self.calendar = _named(where, "calendar", lambda: load_calendar(settings.calendar))
        judged_by = {
            "file": plain_json(plain),
            "kinds": sorted({(r.KIND, r.VERSION) for r in self.rules}),
            "calendar": self.calendar.hash,
            "reference": self.reference.hash,
        }
        figures = {name: found for r in self.rules for name, found in r.figures().items()}
        self.hash = content_hash(judged_by | ({"figures": figures} if figures else {}))

    @classmethod
    def load(cls, path: str | Path | Traversable, kinds: Mapping[str, type[Kind]] | None = None) -> Protocol:
        """Read a protocol file.

        Parameters
        ----------
        path
            A TOML file.
        kinds
            Kinds of rule by name; those of the package if None.

        Raises
        ------
        GrowthwatchError
            Naming the file, the key and the reason.
        """
        if kinds is None:
            kinds = KINDS
        given = cast("object", path)
        if not isinstance(given, (str, os.PathLike, Traversable)):
            raise GrowthwatchError.of("path", path, "the path of a TOML file, as text or a Path")
        known = cast("object", kinds)
        if not isinstance(known, Mapping):
            raise GrowthwatchError.of("kinds", kinds, "kinds of rule by name, such as growthwatch.protocol.KINDS")
        place: Traversable = Path(path) if isinstance(path, (str, os.PathLike)) else path
        if not place.is_file():
            raise GrowthwatchError.of("path", str(path), "an existing TOML file")
        return cls(read_toml(place), kinds, str(path))

    @property
    def id(self) -> str:
        """Name of the protocol."""
        return self.settings.id

    @property
    def plain(self) -> dict[str, Any]:
        """The file as plain data: a copy."""
        return copy.deepcopy(dict(self._plain))

    @property
    def version(self) -> str:
        """Version, as its authors count."""
        return self.settings.version

    @property
    def zone(self) -> str:
        """Time zone in which its days begin and end."""
        return self.settings.zone

    def rule(self, id: str) -> Kind:
        """Return the rule of that id."""
        for rule in self.rules:
            if rule.id == id:
                return rule
        raise GrowthwatchError.of("rule", id, f"one of {[r.id for r in self.rules]}")

    def provenance(self, *path: str | int) -> tuple[str, str, dt.date]:
        """Source, tag and review date of the numbers at a path, such as ``("schedule", "bands", 0)``.

        A rule may be named by its id: ``("rules", "G3", "confirm")``.
        """
        return source_of(self._plain, path)

    def __setattr__(self, name: str, value: object) -> None:
        if "hash" in self.__dict__:
            raise AttributeError("a Protocol never changes; load another file")
        object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        return f"<Protocol {self.id} {self.version} ({short_hash(self.hash)}): {self.settings.title}>"

    def _repr_html_(self) -> str:
        rows: list[tuple[object, ...]] = []
        for rule in self.rules:
            source, tag, review_by = self.sources[rule.id]
            tiers = [level.tier for level in rule.levels if level.tier is not None]
            levels = ", ".join(level.name for level in rule.levels)
            rows.append((rule.id, rule.title, levels, max(tiers, default=""), source, tag, review_by))
        heads = ("rule", "title", "levels", "raises to", "source", "tag", "review by")
        title = f"{self.id} {self.version} ({short_hash(self.hash)}): {self.settings.title}"
        after = f"{self.settings.status} Tag: N national, G guideline for a condition, L local."
        return html_table(title, heads, rows, after)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Protocol) and other.hash == self.hash

    def __hash__(self) -> int:
        return hash(self.hash)

    def _check(self, where: str) -> None:
        """Checks that span keys: bands that rise, numbers that have a provenance."""
        bands = [b.from_months for b in self.settings.schedule.bands]
        if bands[0] != 0 or bands != sorted(set(bands)):
            raise GrowthwatchError.of(f"{where}: schedule.bands", bands, "from_months rising from 0")
        for point in self.settings.schedule.routine:
            starts, ends = (point.from_days, point.from_months), (point.by_days, point.by_months)
            if starts.count(None) != 1 or ends.count(None) != 1:
                raise GrowthwatchError.of(
                    f"{where}: schedule.routine",
                    point.name,
                    "one of from_days and from_months, and one of by_days and by_months",
                )
        problems: list[str] = []
        for floor in self.settings.schedule.floors:
            by_gestation = any(b.from_gestation_days is not None for b in floor.bands)
            field = "from_gestation_days" if by_gestation else "from_months"
            problems += rising(f"schedule.floors {floor.name}: {field}", [getattr(b, field) for b in floor.bands])
            ages = [a.name for a in self.settings.tiers.risk_ages]
            if not set(floor.risk_ages) <= set(ages):
                problems.append(
                    f"schedule.floors {floor.name}: risk_ages: got {list(floor.risk_ages)}, expected some of {ages}"
                )
        for age in self.settings.tiers.risk_ages:
            if (age.born_before_days is None) == (age.lighter_than_kg is None):
                problems.append(f"tiers.risk_ages {age.name}: expected one of born_before_days and lighter_than_kg")
        for rule in self.rules:
            problems += [f"rule {rule.id}: {p}" for p in rule.faults()]
            names = [level.name for level in rule.levels]
            if len(set(names)) != len(names):
                problems.append(f"rule {rule.id}: levels: got {names}, expected each name once")
        tiers, about = self.settings.tiers, self.settings.terms.sign_rules
        if tiers.protected is not None and TIERS.index(tiers.protected.to) <= TIERS.index(tiers.protected.tier):
            problems.append(f"tiers.protected: got {tiers.protected.to}, expected a tier above {tiers.protected.tier}")
        for rule in self.rules:
            if "answered" in (rule.closes, rule.also_closes) and "signs" in rule.READS and rule.id not in about:
                problems.append(f"terms.sign_rules: got {list(about)}, expected {rule.id} too: it is answered")
        until = self.settings.effective_until
        if until is not None and until < self.settings.effective_from:
            problems.append(f"effective_until: got {until}, expected a day not before {self.settings.effective_from}")
        if problems:
            raise GrowthwatchError(f"{where}: " + "; ".join(problems), field="rules", expected="rising numbers")
        check_sourced(self._plain, {}, where, "")


def _named(where: str, key: str, make: Callable[[], _T]) -> _T:
    """Make something, naming the file and the key in an error that comes from another room."""
    try:
        return make()
    except GrowthwatchError as e:
        raise GrowthwatchError(f"{where}: {key}: {e}", field=key, value=e.value, expected=e.expected) from None


def _read_rule(raw: object, kinds: Mapping[str, type[Kind]], where: str, number: int) -> Kind:
    table = as_table(raw)
    if table is None:
        raise GrowthwatchError.of(f"{where}: rules {number}", raw, "a table")
    name = table.get("kind")
    label = f"{where}: rule {table.get('id', number)}"
    kind = kinds.get(name) if isinstance(name, str) else None
    if kind is None:
        raise GrowthwatchError.of(f"{label}: kind", name, f"one of {sorted(kinds)}")
    try:
        return kind.model_validate(table)
    except ValidationError as e:
        raise explain_validation(e, label) from None


def _folder() -> Traversable:
    return resources.files("growthwatch") / "protocols"


def protocols() -> tuple[str, ...]:
    """Return the ids of the packaged protocols."""
    return tuple(sorted(f.name.removesuffix(".toml") for f in _folder().iterdir() if f.name.endswith(".toml")))


def protocol(id: str) -> Protocol:
    """Return a packaged protocol.

    Raises
    ------
    GrowthwatchError
        If there is none of that id; `Protocol.load` reads a file of your own.
    """
    if id not in protocols():
        raise GrowthwatchError.of("protocol", id, f"one of {list(protocols())}, or Protocol.load(path)")
    return _packaged(id)


@cache
def _packaged(id: str) -> Protocol:
    return Protocol.load(_folder() / f"{id}.toml")
