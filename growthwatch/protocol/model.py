"""Protocol files: closed models read from TOML, with a content hash.

A protocol is data.  Every table of numbers in it carries ``source``, ``tag`` and
``review_by``, or takes them from the table around it; `Protocol.provenance` says which.
The kinds of rule are typed classes, passed in explicitly; their names and versions are
part of the hash, because the same file under another kind would be another protocol.
"""

from __future__ import annotations

import copy
import datetime as dt
import os
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, TypeVar, cast

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from growthwatch.core.calendar import load_calendar, time_zone
from growthwatch.core.canonical import content_hash, short_hash
from growthwatch.core.errors import GrowthwatchError
from growthwatch.record import Clothing, Condition, Level, Role, Scale
from growthwatch.references import Reference, reference
from growthwatch.references.metadata import CorrectionName, explain_validation, read_toml

__all__ = ["Action", "Protocol", "RuleBase", "RuleLevel", "Sourced", "TierName", "protocol", "protocols"]

TierName = Literal["T0", "T1", "T2", "T3"]
Tag = Literal["N", "G", "L"]
Loudness = Literal["interrupt", "daily", "weekly"]
Closes = Literal["valid_weight", "recovered", "answered", "signed"]
Stage = Literal["E1", "E2", "E3", "E4", "E5", "E6"]


def _not_blank(value: str) -> str:
    if not value.strip():
        raise PydanticCustomError("blank", "expected text that is not blank")
    return value


def _as_date(value: object) -> dt.date:
    """A date as TOML writes it, or as text in the same form; a number or a moment is no date."""
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            raise PydanticCustomError("date", "expected a day that exists in the calendar") from None
    raise PydanticCustomError("date", "expected a date written YYYY-MM-DD")


_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
Date = Annotated[dt.date, BeforeValidator(_as_date)]
Text = Annotated[str, Field(min_length=1), AfterValidator(_not_blank)]
Whole = Annotated[int, Field(strict=True)]
Number = Annotated[float, Field(strict=True)]
Flag = Annotated[bool, Field(strict=True)]
Days = Annotated[int, Field(strict=True, ge=0, le=36525)]
Months = Annotated[int, Field(strict=True, ge=0, le=1200)]
Percent = Annotated[float, Field(strict=True, gt=0, lt=100)]

LOUDNESS: tuple[Loudness, ...] = ("weekly", "daily", "interrupt")
_PROVENANCE = ("source", "tag", "review_by")
_T = TypeVar("_T")
TIERS: tuple[TierName, ...] = ("T0", "T1", "T2", "T3")


class Sourced(BaseModel):
    """A table of a protocol file: closed, frozen, with the provenance of its numbers."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True, allow_inf_nan=False)

    source: Text | None = None
    tag: Tag | None = None
    review_by: Date | None = None


class Action(Sourced):
    """What somebody must do, by when, and what happens if not.

    ``met_by`` names what in the record shows that it was done; without it, it stands until
    its finding closes.
    """

    do: Text
    owner: Role
    within_days: Days
    urgent_within_days: Days | None = None
    if_not: Text | None = None
    for_: Literal["ordinary", "high_need"] | None = Field(default=None, alias="for")
    met_by: (
        Literal[
            "valid_weight",
            "seen",
            "examined",
            "paediatrics_asked",
            "paediatrics_seen",
            "feeding_reviewed",
            "plan",
            "sick_day_plan",
        ]
        | None
    ) = None


class Suspected(Sourced):
    """When a weight is suspected of being an entry error."""

    beyond_z: Number = Field(gt=0)
    jump_z: Number = Field(gt=0)
    jump_within_days: Days
    factors: tuple[Annotated[float, Field(strict=True, gt=1)], ...]
    fits_within_z: Number = Field(gt=0)
    confirmed_within_z: Number = Field(gt=0)
    confirmed_within_days: Days
    ratio_without_z: Number = Field(gt=1)
    ratio_without_z_ever: Number = Field(gt=1)


class WeightRules(Sourced):
    """What makes a weight valid."""

    naked_below_months: Months
    clothing_below: tuple[Clothing, ...] = Field(min_length=1)
    clothing_from: tuple[Clothing, ...] = Field(min_length=1)
    scales: tuple[Scale, ...] = Field(min_length=1)
    repeat_within_minutes: Whole = Field(ge=0)
    suspected: Suspected
    confirm: Action


class Terms(Sourced):
    """Words of the rules that carry numbers: best weight, falling, exit, ill, high need."""

    best_from_age_days: Days
    falling_least_days: Days
    exit_least_days: Days
    exit_least_days_t3: Days
    ill_within_days: Days
    high_need_gmfcs_from: Whole = Field(ge=1, le=5)
    own_reference_conditions: tuple[Condition, ...] = ()
    examining_roles: tuple[Role, ...] = Field(min_length=1)
    signing_roles: tuple[Role, ...] = Field(min_length=1)


class SteadyExit(Sourced):
    """When T2 may be lowered though a threshold is not cleared: steady growth, and all else normal."""

    days: Whole = Field(gt=0, le=36525)
    within_spaces: Number = Field(gt=0)
    evidence_below: Number = Field(gt=0)


class TierRules(Sourced):
    """What puts a child into T1, and when a steady child may leave T2."""

    risk_conditions: tuple[Condition, ...]
    risk_levels: tuple[Level, ...]
    preterm_born_before_days: Days
    preterm_until_corrected_months: Months
    safeguarding_is_risk: Flag = False
    steady: SteadyExit | None = None


class ScheduleBand(Sourced):
    """Floors, ceiling and grace for one band of age."""

    name: Text
    from_months: Months
    t1_days: Whole = Field(gt=0, le=36525)
    t2_days: Whole = Field(gt=0, le=36525)
    t3_days: Whole = Field(gt=0, le=36525)
    t3_after_gains_days: Whole | None = Field(default=None, gt=0, le=36525)
    ceiling_days: Whole = Field(gt=0, le=36525)
    ceiling_words: Text
    grace_days: Days


class RoutinePoint(Sourced):
    """A weight that every child is due, whatever the tier."""

    name: Text
    from_days: Days | None = None
    from_months: Months | None = None
    by_days: Days | None = None
    by_months: Months | None = None


class FloorBand(Sourced):
    """Days between weights from one age on."""

    from_months: Months
    until_months: Months | None = None
    days: Whole = Field(gt=0, le=36525)


class ConditionFloor(Sourced):
    """A floor that a condition sets."""

    name: Text
    condition: Condition | None = None
    high_need: Flag | None = None
    highest_risk: Flag | None = None
    orally_fed: Flag | None = None
    first_months: Months | None = None
    bands: tuple[FloorBand, ...] = Field(min_length=1)


class Schedule(Sourced):
    """How often a child is to be weighed."""

    earliest_fraction: Number = Field(ge=0, lt=1)
    grace_fraction: Number = Field(ge=0, le=1)
    lapsed_after_floors: Whole = Field(gt=1, le=100)
    plan_stretch_at_most: Number = Field(ge=1, le=100)
    plan_at_most_days: Whole = Field(gt=0, le=36525)
    plan_at_most_below_months: Months
    plan_lasts_months: Whole = Field(gt=0, le=36525)
    routine_lapses_after_days: Days
    gains_for_longer_floor: Whole = Field(gt=0)
    bands: tuple[ScheduleBand, ...] = Field(min_length=1)
    routine: tuple[RoutinePoint, ...] = ()
    floors: tuple[ConditionFloor, ...] = ()


class RuleLevel(Sourced):
    """One severity of a rule; later levels are graver."""

    name: Text
    loudness: Loudness
    stage: Stage | None = None
    tier: TierName | None = None
    actions: tuple[Action, ...] = ()


class RuleBase(Sourced):
    """What every kind of rule has.

    A kind is a subclass: it names itself, declares its numbers as fields, and knows how to
    evaluate itself (`growthwatch.protocol.rules`).
    """

    KIND: ClassVar[str]
    VERSION: ClassVar[int]

    id: Annotated[str, Field(pattern=r"^[A-Z][A-Za-z0-9]*$")]
    kind: str
    title: Text
    closes: Closes
    also_closes: Closes | None = None
    closes_words: Text | None = None

    @classmethod
    def figures(cls) -> dict[str, str]:
        """Content hashes of packaged figures, outside the protocol file, that this kind judges by."""
        return {}

    def faults(self) -> list[str]:
        """Faults that span keys, such as bands that do not rise; none for most kinds."""
        return []


class _Header(Sourced):
    schema_: Literal[1] = Field(alias="schema")
    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]*$")]
    version: Text
    title: Text
    status: Text
    effective_from: Date
    effective_until: Date | None = None
    zone: Text
    calendar: Text
    reference: Text
    correction: CorrectionName
    weights: WeightRules
    terms: Terms
    tiers: TierRules
    schedule: Schedule


class Protocol:
    """A protocol: immutable, named by its id and content hash.

    The hash is the SHA-256 of the canonical JSON of the file as data (dates as
    ``YYYY-MM-DD``), the names and versions of the kinds of rule it uses, the hashes of
    packaged figures that these judge by, the hash of its calendar and that of its reference.
    """

    def __init__(self, plain: Mapping[str, Any], kinds: Mapping[str, type[RuleBase]], where: str):
        header = {k: v for k, v in plain.items() if k != "rules"}
        try:
            self.settings = _Header.model_validate(header)
        except ValidationError as e:
            raise explain_validation(e, where) from None
        raw_rules = _list(plain.get("rules"))
        if not raw_rules:
            raise GrowthwatchError.of(f"{where}: rules", plain.get("rules"), "at least one [[rules]]")
        rules: list[Any] = []
        seen: set[str] = set()
        for number, raw in enumerate(raw_rules, start=1):
            rule = _read_rule(raw, kinds, where, number)
            if rule.id in seen:
                raise GrowthwatchError.of(f"{where}: rules {number}: id", rule.id, "each rule once")
            seen.add(rule.id)
            rules.append(rule)
        self.rules: tuple[Any, ...] = tuple(rules)
        self._plain = plain
        self._check(where)
        self.sources = {r.id: self.provenance("rules", r.id) for r in self.rules}
        settings = self.settings
        _named(where, "zone", lambda: time_zone(settings.zone))
        self.reference: Reference = _named(
            where, "reference", lambda: reference(settings.reference, settings.correction)
        )
        self.calendar = _named(where, "calendar", lambda: load_calendar(settings.calendar))
        judged_by = {
            "file": _as_json(plain),
            "kinds": sorted({(r.KIND, r.VERSION) for r in self.rules}),
            "calendar": self.calendar.hash,
            "reference": self.reference.hash,
        }
        figures = {name: found for r in self.rules for name, found in r.figures().items()}
        self.hash = content_hash(judged_by | ({"figures": figures} if figures else {}))

    @classmethod
    def load(cls, path: str | Path | Traversable, kinds: Mapping[str, type[RuleBase]] | None = None) -> Protocol:
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
            from growthwatch.protocol.rules import KINDS

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

    @property
    def regain_by_days(self) -> int | None:
        """Age at which a weight is due if the last was below birth weight, where a rule asks for it [days]."""
        for rule in self.rules:
            if rule.KIND == "birth_weight_not_regained":
                return rule.from_age_days
        return None

    def rule(self, id: str) -> Any:
        """Return the rule of that id."""
        for rule in self.rules:
            if rule.id == id:
                return rule
        raise GrowthwatchError.of("rule", id, f"one of {[r.id for r in self.rules]}")

    def provenance(self, *path: str | int) -> tuple[str, str, dt.date]:
        """Source, tag and review date of the numbers at a path, such as ``("schedule", "bands", 0)``.

        A rule may be named by its id: ``("rules", "G3", "confirm")``.
        """
        node: Any = self._plain
        found = {k: node[k] for k in _PROVENANCE if k in node}
        for step in path:
            parts = _list(node)
            if parts is not None and isinstance(step, str):
                node = next((n for n in parts if (_table(n) or {}).get("id") == step), None)
            else:
                try:
                    node = node[step]
                except (KeyError, IndexError, TypeError):
                    node = None
            if node is None:
                raise GrowthwatchError.of("path", path, f"a path of the protocol ({step!r} is not there)")
            found |= {k: v for k, v in (_table(node) or {}).items() if k in _PROVENANCE}
        if len(found) != 3:
            raise GrowthwatchError.of("path", path, "a table with source, tag and review_by, its own or inherited")
        return found["source"], found["tag"], _as_date(found["review_by"])

    def __setattr__(self, name: str, value: object) -> None:
        if "hash" in self.__dict__:
            raise AttributeError("a Protocol never changes; load another file")
        object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        return f"<Protocol {self.id} {self.version} ({short_hash(self.hash)}): {self.settings.title}>"

    def _repr_html_(self) -> str:
        from growthwatch.core.html_table import html_table

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
            problems += rising(f"schedule.floors {floor.name}: from_months", [b.from_months for b in floor.bands])
        for rule in self.rules:
            problems += [f"rule {rule.id}: {p}" for p in rule.faults()]
            names = [level.name for level in rule.levels]
            if len(set(names)) != len(names):
                problems.append(f"rule {rule.id}: levels: got {names}, expected each name once")
        until = self.settings.effective_until
        if until is not None and until < self.settings.effective_from:
            problems.append(f"effective_until: got {until}, expected a day not before {self.settings.effective_from}")
        if problems:
            raise GrowthwatchError(f"{where}: " + "; ".join(problems), field="rules", expected="rising numbers")
        _check_sourced(self._plain, {}, where, "")


def _named(where: str, key: str, make: Callable[[], _T]) -> _T:
    """Make something, naming the file and the key in an error that comes from another room."""
    try:
        return make()
    except GrowthwatchError as e:
        raise GrowthwatchError(f"{where}: {key}: {e}", field=key, value=e.value, expected=e.expected) from None


def rising(name: str, values: Sequence[float | None]) -> list[str]:
    """Say so if numbers that must rise do not; None is passed over."""
    there = [v for v in values if v is not None]
    return [] if all(a < b for a, b in pairwise(there)) else [f"{name}: got {there}, expected rising numbers"]


def _table(node: object) -> dict[str, Any] | None:
    return cast("dict[str, Any]", node) if isinstance(node, dict) else None


def _list(node: object) -> list[Any] | None:
    return cast("list[Any]", node) if isinstance(node, list) else None


def _check_sourced(node: object, inherited: dict[str, Any], where: str, path: str) -> None:
    """Refuse a table with numbers that has no source, tag and review date, own or inherited."""
    for number, part in enumerate(_list(node) or ()):
        _check_sourced(part, inherited, where, f"{path}[{number}]")
    table = _table(node)
    if table is None:
        return
    own = {k: table[k] for k in _PROVENANCE if k in table}
    if "source" in own and not str(own["source"]).strip():
        key = f"{path}.source" if path else "source"
        raise GrowthwatchError.of(f"{where}: {key}", own["source"], "who says so, in words")
    have = {**inherited, **own}
    numbers = [k for k, v in table.items() if _is_number(v) and k != "schema"]
    missing = [k for k in _PROVENANCE if k not in have]
    if numbers and missing:
        wanted = f"{' and '.join(missing)} for these numbers, here or in a table around"
        raise GrowthwatchError.of(f"{where}: {path or '(top)'}", numbers, wanted)
    for key, part in table.items():
        _check_sourced(part, have, where, f"{path}.{key}" if path else key)


def _is_number(value: object) -> bool:
    parts = _list(value)
    if parts is not None:
        return any(map(_is_number, parts))
    return isinstance(value, int | float) and not isinstance(value, bool)


def _read_rule(raw: object, kinds: Mapping[str, type[RuleBase]], where: str, number: int) -> RuleBase:
    table = _table(raw)
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


def _as_json(value: object) -> Any:
    """Plain data of a TOML file as plain data of JSON: dates become text."""
    table, parts = _table(value), _list(value)
    if table is not None:
        return {k: _as_json(v) for k, v in table.items()}
    if parts is not None:
        return [_as_json(v) for v in parts]
    return value.isoformat() if isinstance(value, dt.date | dt.time) else value


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
