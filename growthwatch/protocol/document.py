"""A protocol whole: settings and rules read from a TOML file, with a content hash.

A protocol is data.  Every table of numbers in it carries ``source``, ``tag`` and
``review_by``, or takes them from the table around it; `Protocol.provenance` says which.
The kinds of rule are typed classes, passed in explicitly; each rule says which version of
its kind it means.  A file may extend another and be as short as its differences.
"""

from __future__ import annotations

import copy
import datetime as dt
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, TypeVar, cast

from pydantic import ValidationError

from growthwatch.core.calendar import load_calendar, time_zone
from growthwatch.core.canonical import canonical_json, content_hash, short_hash
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.files import is_file
from growthwatch.core.frozen import FrozenDict
from growthwatch.core.html_table import html_table
from growthwatch.core.wrong import Wrong, said
from growthwatch.protocol.file.dated import Given, in_force, weaker_of
from growthwatch.protocol.file.figures import figures_of
from growthwatch.protocol.file.inherit import Extends, Lineage, Read, read_file
from growthwatch.protocol.file.settings import Settings
from growthwatch.protocol.file.signing import Signature
from growthwatch.protocol.file.sources import as_list, as_table, check_sourced, plain_json, source_of
from growthwatch.protocol.file.spans import faults_of
from growthwatch.protocol.kinds import KINDS, GrowthKind, Kind
from growthwatch.protocol.kinds.order import Order, in_order
from growthwatch.references import Reference, reference
from growthwatch.references.metadata import explain_validation, read_toml

__all__ = ["Protocol", "packaged_hash", "protocol", "protocols"]

_T = TypeVar("_T")
_K = TypeVar("_K", bound=Kind)


class Protocol:
    """A protocol: immutable, named by its id and content hash.

    The hash is the SHA-256 of the canonical JSON of the file as data (dates as ``YYYY-MM-DD``).  A file that extends
    another names it by its hash, so that its own covers all that it rests on.  It says what it means by: which
    version of each kind of rule, and of which figures.  What judges besides (the text of the figures, the calendar,
    the reference) is in `judged_by`, so that a new bank holiday or a note on a reference leaves the hash as it is.

    Values may change by date.  A protocol is then one for each stretch of days, all with one hash: `on` gives that
    of a day, and itself holds before any of them.
    """

    def __init__(
        self,
        read: Read,
        kinds: Mapping[str, type[Kind]],
        where: str,
        *,
        start: dt.date | None = None,
        whole: Protocol | None = None,
    ):
        plain = read.on(start)
        header = {k: v for k, v in plain.items() if k != "rules"}
        wrong = Wrong(where)
        with wrong.here():
            self.settings = _settings(header, where)
        raw_rules = as_list(plain.get("rules"))
        if not raw_rules:
            with wrong.here():
                raise GrowthwatchError.of(f"{where}: rules", plain.get("rules"), "at least one [[rules]]")
        rules: list[Kind] = []
        seen: set[str] = set()
        for number, raw in enumerate(raw_rules or (), start=1):
            with wrong.here():
                rule = _read_rule(raw, kinds, where, number)
                if rule.id in seen:
                    raise GrowthwatchError.of(f"{where}: rules {number}: id", rule.id, "each rule once")
                seen.add(rule.id)
                rules.append(rule)
        wrong.raise_all()
        self.rules: tuple[Kind, ...] = tuple(rules)
        self._plain = plain
        self.read = read
        self.start = start
        self._check(where)
        self._of: dict[type[Kind], tuple[Any, ...]] = {}
        self.order: Order = _named(where, "rules", lambda: in_order(rules))
        self.sources = {r.id: _named(where, "rules", partial(self.provenance, "rules", r.id)) for r in self.rules}
        settings = self.settings
        _named(where, "zone", lambda: time_zone(settings.zone))
        self.reference: Reference = _named(
            where, "reference", lambda: reference(settings.reference, settings.correction)
        )
        self.calendar = _named(where, "calendar", lambda: load_calendar(settings.calendar))
        used = [(r.id, name, found) for r in self.rules for name, found in r.figures().items()]
        self.judged_by: Mapping[str, Any] = FrozenDict(
            {
                "kinds": content_hash(sorted([r.KIND, r.VERSION] for r in self.rules)),
                "figures": FrozenDict(figures_of(settings.figures, used, where)),
                "calendar": self.calendar.hash,
                "reference": self.reference.hash,
            }
        )
        self.signature: Signature | None = None
        self.whole: Protocol = self if whole is None else whole
        self.periods: tuple[Protocol, ...] = (self,)
        if whole is None and read.days:
            later = [
                Protocol(read, kinds, f"{where}, from {day.isoformat()}", start=day, whole=self) for day in read.days
            ]
            self.periods = (self, *later)
        # What makes it another one: its file, what that is judged by, and the stretch of days.
        stretch = "" if start is None else start.isoformat()
        self.identity: tuple[str, str, str] = (read.hash, canonical_json(self.judged_by), stretch)
        self.hash = read.hash

    @classmethod
    def load(
        cls,
        path: str | Path | Traversable,
        kinds: Mapping[str, type[Kind]] | None = None,
        *,
        parents: Sequence[Protocol] = (),
        signature: str | Path | Signature | None = None,
    ) -> Protocol:
        """Read a protocol file.

        Parameters
        ----------
        path
            A TOML file.
        kinds
            Kinds of rule by name; those of the package if None.
        parents
            Protocols that the file may extend.  It may extend a packaged one, and a file beside it, in any case.
        signature
            A file that ``growthwatch protocol sign`` wrote, or a `Signature`.  One of another file signs nothing.

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
        for name, kind in cast("Mapping[object, object]", known).items():
            if not (isinstance(kind, type) and issubclass(kind, Kind)):
                expected = "a kind of rule: a class made of growthwatch.protocol.Rule"
                raise GrowthwatchError.of(f"kinds[{name!r}]", cast("object", kind), expected)
            if name != kind.KIND:
                raise GrowthwatchError.of(f"kinds[{name!r}]", kind.KIND, f"a class whose KIND is {name!r}, too")
        place: Traversable = Path(path) if isinstance(path, (str, os.PathLike)) else path
        if not is_file(place):
            raise GrowthwatchError.of("path", str(path), "an existing TOML file")
        above = cast("object", parents)
        if not isinstance(above, list | tuple) or not all(isinstance(p, Protocol) for p in cast("list[object]", above)):
            raise GrowthwatchError.of("parents", parents, "protocols that the file may extend, in a list or tuple")
        return _load(place, kinds, tuple(parents)).signed_with(signature)

    def on(self, day: dt.date) -> Protocol:
        """The protocol with the values of a day, whatever day it judges; itself, where none of them changes by date."""
        if not isinstance(cast("object", day), dt.date):
            raise GrowthwatchError.of("day", day, "a date")
        found = self.at(day.toordinal())
        if len(self.periods) == 1:
            return found
        plain = copy.copy(found)
        plain.__dict__.update(whole=plain, periods=(plain,))
        return plain

    def at(self, day: int) -> Protocol:
        """The stretch of days to which a day belongs, as an ordinal: one of `periods`."""
        found = self.whole
        for period in found.periods[1:]:
            if period.start is None or period.start.toordinal() > day:
                break
            found = period
        return found

    @property
    def turns(self) -> tuple[int, ...]:
        """Days on which a value of it changes by date, as ordinals."""
        return tuple(p.start.toordinal() for p in self.periods if p.start is not None and len(self.periods) > 1)

    def signed_with(self, signature: str | Path | Signature | None) -> Protocol:
        """The same protocol with a signature, which counts where it is of this very file (see `signed`)."""
        if signature is None:
            return self
        found = signature if isinstance(signature, Signature) else Signature.load(signature)
        others = [copy.copy(p) for p in self.whole.periods]
        for other in others:
            other.__dict__.update(signature=found, whole=others[0], periods=(other,))
        others[0].__dict__["periods"] = tuple(others)
        return others[self.whole.periods.index(self)]

    @property
    def signed(self) -> Signature | None:
        """The signature that it was given, if that is of this very file, by who may sign; else None: not validated."""
        s = self.signature
        if s is None or s.role not in self.settings.terms.signing_roles:
            return None
        return s if s.signs(self.id, self.version, self.hash) else None

    @property
    def extends(self) -> Lineage | None:
        """Which protocol it extends, or None."""
        return self.read.lineage[1] if len(self.read.lineage) > 1 else None

    @property
    def given(self) -> tuple[Given, ...]:
        """What it, and what it extends, say otherwise than the file at the root."""
        return self.read.given

    @property
    def weaker(self) -> tuple[Given, ...]:
        """Values that are less safe than a national number, or beyond a bound, with their days and the reason."""
        return weaker_of(self.read.given)

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
    def heading(self) -> str:
        """Id, version and title; a file without a title of its own says what it is made from."""
        mine, title = f"{self.id} {self.version}", self.settings.title
        if not self.read.titled:
            return f"{mine}: {title}"
        return f"{mine}, made from {self.read.lineage[self.read.titled]} ({title})"

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

    def rules_of(self, kind: type[_K]) -> tuple[_K, ...]:
        """Return the rules of a kind, in order of the file: looked for once, as the rules never change."""
        found = self._of.get(kind)
        if found is None:
            found = self._of[kind] = tuple(r for r in self.rules if isinstance(r, kind))
        return found

    def provenance(self, *path: str | int) -> tuple[str, str, dt.date]:
        """Source, tag and review date of the numbers at a path, such as ``("schedule", "bands", 0)``.

        A rule may be named by its id: ``("rules", "G3", "confirm")``.  A path that ends at a number which a file sets
        for itself gives what covers that.
        """
        found = in_force(self.read.given, self._steps(path), self.start)
        if found is not None:
            return found.source, found.tag, found.review_by
        return source_of(self._plain, path)

    def given_for(self, rule: Kind, level: int) -> tuple[Given, ...]:
        """What is set otherwise, and holds, of a rule: of the rule itself, and of one level of it."""
        if not self.read.given:
            return ()
        place = next((n for n, r in enumerate(self.rules) if r is rule), None)
        last = {g.steps: g for g in self.read.given if g.steps[:2] == ("rules", place) and g.on(self.start)}
        return tuple(g for steps, g in last.items() if steps[2] != "levels" or steps[3] == level)

    def _steps(self, path: Sequence[str | int]) -> tuple[str | int, ...]:
        """A path as keys and places in lists: a rule is named by its id."""
        if len(path) > 1 and path[0] == "rules" and isinstance(path[1], str):
            place = next((n for n, r in enumerate(self.rules) if r.id == path[1]), path[1])
            return ("rules", place, *path[2:])
        return tuple(path)

    def __setattr__(self, name: str, value: object) -> None:
        if "hash" in self.__dict__:
            raise AttributeError("a Protocol never changes; load another file")
        object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        return f"<Protocol {self.heading} ({short_hash(self.hash)})>"

    def _repr_html_(self) -> str:
        rows: list[tuple[object, ...]] = []
        for rule in self.rules:
            source, tag, review_by = self.sources[rule.id]
            tiers = [level.tier for level in rule.levels if level.tier is not None]
            levels = ", ".join(level.name for level in rule.levels)
            rows.append((rule.id, rule.title, levels, max(tiers, default=""), source, tag, review_by))
        heads = ("rule", "title", "levels", "raises to", "source", "tag", "review by")
        title = f"{self.heading} ({short_hash(self.hash)})"
        after = f"{self.settings.status} Tag: N national, G guideline for a condition, L local."
        return html_table(title, heads, rows, after)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Protocol) and other.identity == self.identity

    def __hash__(self) -> int:
        return hash(self.hash)

    def _check(self, where: str) -> None:
        """Checks that span keys: bands that rise, numbers that have a provenance."""
        problems = faults_of(self.settings, where)
        for rule in self.rules:
            problems += [f"rule {rule.id}: {p}" for p in rule.faults()]
            names = [level.name for level in rule.levels]
            if len(set(names)) != len(names):
                problems.append(f"rule {rule.id}: levels: got {names}, expected each name once")
        about = self.settings.terms.sign_rules
        for rule in self.rules:
            if "answered" in (rule.closes, rule.also_closes) and "signs" in rule.READS and rule.id not in about:
                problems.append(f"terms.sign_rules: got {list(about)}, expected {rule.id} too: it is answered")
        if problems:
            raise GrowthwatchError(
                f"{where}: " + "; ".join(problems),
                field="rules",
                expected="rising numbers",
                problems=[said(sentence) for sentence in problems],
            )
        check_sourced(self._plain, where)


def _settings(header: Mapping[str, Any], where: str) -> Settings:
    try:
        return Settings.model_validate(header)
    except ValidationError as e:
        raise explain_validation(e, where, header) from None


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
    version = table.get("kind_version", 1)
    found = kind.of_version(version)
    if found is None:
        there = sorted(k.VERSION for k in (kind, *kind.EARLIER))
        raise GrowthwatchError.of(
            f"{label}: kind_version", version, f"one of {there}, the versions of {name} in this package"
        )
    try:
        return found.model_validate(table)
    except ValidationError as e:
        told = explain_validation(e, label, table)
        inside = [p._replace(field=f"rules[{table.get('id', number)}].{p.field}") for p in told.problems]
        raise GrowthwatchError.of_all(inside, str(told)) from None


# --- where protocols are ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Packaged:
    """One file of the package, and what it is called."""

    id: str
    version: str
    hash: str
    place: Traversable
    newest: bool


def _folder() -> Traversable:
    return resources.files("growthwatch") / "protocols"


@cache
def _packaged() -> tuple[_Packaged, ...]:
    """Every packaged file: the newest of an id bears its name, earlier ones its version too."""
    out: list[_Packaged] = []
    for place in sorted(_folder().iterdir(), key=lambda f: f.name):
        if place.name.endswith(".toml"):
            plain = read_toml(place)
            id, version = str(plain["id"]), str(plain["version"])
            newest = place.name == f"{id}.toml"
            out.append(_Packaged(id, version, content_hash(plain_json(plain)), place, newest))
    return tuple(out)


def protocols() -> tuple[str, ...]:
    """Return the ids of the packaged protocols."""
    return tuple(sorted({p.id for p in _packaged()}))


def packaged_hash(id: str, version: str) -> str | None:
    """Content hash of a packaged protocol, or None if there is none of that id and version."""
    return next((p.hash for p in _packaged() if (p.id, p.version) == (id, version)), None)


def protocol(
    id: str, version: str | None = None, hash: str | None = None, signature: str | Path | Signature | None = None
) -> Protocol:
    """Return a packaged protocol.

    Parameters
    ----------
    id
        Its name, such as ``uk-hv``.
    version
        Which version; None: the newest, or the one with the hash.
    hash
        The content hash that it must have, as a record that adopted it names it; None: whichever it has.
    signature
        A file that ``growthwatch protocol sign`` wrote, or a `Signature`.  One of another file signs nothing.

    Raises
    ------
    GrowthwatchError
        If there is none of that id, version and hash; `Protocol.load` reads a file of your own.
    """
    for field, value in (("protocol", id), ("version", version), ("hash", hash)):
        if not isinstance(cast("object", value), str) and not (value is None and field != "protocol"):
            raise GrowthwatchError.of(field, value, "text")
    of_id = [p for p in _packaged() if p.id == id]
    if not of_id:
        raise GrowthwatchError.of("protocol", id, f"one of {list(protocols())}, or Protocol.load(path)")
    found = [p for p in of_id if version in (None, p.version) and hash in (None, p.hash)]
    if not found:
        field, value = ("version", version) if version is not None else ("hash", hash)
        if version is not None and any(p.version == version for p in of_id):
            field, value = "hash", hash
        there = ", ".join(f"{p.version} ({p.hash})" for p in of_id)
        raise GrowthwatchError.of(field, value, f"one of the packaged versions of {id}: {there}")
    chosen = next((p for p in found if p.newest), found[-1])
    return _loaded(chosen).signed_with(signature)


@cache
def _loaded(packaged: _Packaged) -> Protocol:
    return _load(packaged.place, KINDS, ())


def _load(
    place: Traversable,
    kinds: Mapping[str, type[Kind]],
    parents: tuple[Protocol, ...],
    above: tuple[tuple[str, str], ...] = (),
) -> Protocol:
    """Read a file and what it extends; `above` are the files that are being read for it."""
    plain, where = read_toml(place), str(place)
    if not plain:
        raise GrowthwatchError.of(
            where, "an empty file", "a protocol: whole, or what it says otherwise than one it extends"
        )
    here = (*above, (str(plain.get("id")), str(plain.get("version"))))

    def parent_of(extends: Extends) -> Read:
        wanted = extends.id, extends.version
        if wanted in here:
            ring = " extends ".join(f"{id} {version}" for id, version in (*here[here.index(wanted) :], wanted))
            raise GrowthwatchError.of(f"{where}: extends", ring, "no file that extends itself, by way of others or not")
        return _parent(extends, place, kinds, parents, here).read

    read = read_file(plain, where, parent_of)
    made = Protocol(read, kinds, where)
    _check_own(made, where)
    return made


def _parent(
    extends: Extends,
    place: Traversable,
    kinds: Mapping[str, type[Kind]],
    parents: tuple[Protocol, ...],
    above: tuple[tuple[str, str], ...],
) -> Protocol:
    """The protocol that a file extends: one that was given, a packaged one, or a file beside it."""
    wanted = extends.id, extends.version
    found: list[tuple[str, Callable[[], Protocol]]] = []
    for p in parents:
        if (p.id, p.version) == wanted:
            found.append((p.hash, partial(_itself, p.whole)))
    for packaged in _packaged():
        if (packaged.id, packaged.version) == wanted:
            load = partial(_load, packaged.place, kinds, parents, above)
            found.append((packaged.hash, partial(_loaded, packaged) if kinds is KINDS else load))
    if isinstance(place, Path):
        for other in sorted(place.parent.glob("*.toml")):
            if other != place and (hash := _named_so(other, wanted)) is not None:
                found.append((hash, partial(_load, other, kinds, parents, above)))
    if not found:
        expected = f"a packaged protocol ({', '.join(f'{p.id} {p.version}' for p in _packaged())}) or a file beside it"
        raise GrowthwatchError.of(f"{place}: extends", " ".join(wanted), expected)
    return next((make for hash, make in found if hash == extends.hash), found[0][1])()


def _itself(protocol: Protocol) -> Protocol:
    return protocol


def _named_so(path: Path, wanted: tuple[str, str]) -> str | None:
    """Content hash of a file beside another, if it bears a name; None for one that does not, or cannot be read."""
    try:
        plain = read_toml(path)
    except GrowthwatchError:
        return None
    if (plain.get("id"), plain.get("version")) != wanted:
        return None
    try:
        return content_hash(plain_json(plain))
    except ValueError:  # nan or inf: it says so when it is read
        return ""


def _check_own(made: Protocol, where: str) -> None:
    """Refuse a rule that a file adds if a child could be signed down by it sooner than without it."""
    for id in made.read.own_rules:
        rule = made.rule(id)
        if isinstance(rule, GrowthKind) and any(rule.eases(n) for n in range(len(rule.levels))):
            expected = "a rule by which no tier is signed down sooner: what a file adds may only add"
            raise GrowthwatchError.of(f"{where}: rule {id}: kind", rule.KIND, expected)
