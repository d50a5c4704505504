"""A file of one's own over another: as short as its differences.

It names its parent by id, version and content hash, and says what it has otherwise: numbers, owners, what to do,
what if not, and how loud, each by its path, with a source.  It cannot take a rule away, change what a rule is or how
it closes, or make anything quieter; what is less safe than a national number needs a reason.  Rules of its own
stand beside those of the parent.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Annotated, Any, Literal, cast

from pydantic import BaseModel, BeforeValidator, Field, ValidationError
from pydantic_core import PydanticCustomError

from growthwatch.core.canonical import content_hash
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.places import Step, path_of
from growthwatch.core.wrong import Wrong
from growthwatch.protocol.file.dated import Given, Weaker, parts_of, set_days, with_values
from growthwatch.protocol.file.marks import Marks, NumberMark, no_clinical_number
from growthwatch.protocol.file.paths import Leaf, at, locate
from growthwatch.protocol.file.sources import PROVENANCE, as_list, as_table, is_number, plain_json, source_of
from growthwatch.protocol.file.values import LOUDNESS, Date, FileId, Flag, Sourced, Tag, Text
from growthwatch.references.metadata import explain_validation

__all__ = ["Extends", "Lineage", "OwnFile", "Read", "read_file"]

_SETTABLE = ("owner", "do", "if_not")
"""Words that a file of one's own may say otherwise."""

_MOST_SET = 2000
"""How many values a file of one's own may set: more than any protocol has."""

_OWN_HEADER = ("schema", "id", "version", "title", "status", "effective_from", "effective_until", "figures")
"""Keys at the top that belong to a file and not to its parent."""


def _one_value(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise PydanticCustomError("one_value", "expected one number or one text")
    return value


Value = Annotated[Any, BeforeValidator(_one_value)]


class Extends(BaseModel, extra="forbid", frozen=True):
    """Which file another one extends: exactly that one."""

    id: FileId
    version: Text
    hash: Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]


class _FromDay(BaseModel, extra="forbid", frozen=True):
    """A value that holds from a day on."""

    from_: Date = Field(alias="from")
    value: Value


class _Set(BaseModel, extra="forbid", frozen=True):
    """One value that a file says otherwise than its parent."""

    path: Text
    value: Value | None = None
    values: tuple[_FromDay, ...] | None = None
    source: Text
    tag: Tag
    review_by: Date
    weaker: Flag = False
    because: Text | None = None


class OwnFile(Sourced):
    """What a file that extends another may say."""

    schema_: Literal[2] = Field(alias="schema")
    id: FileId
    version: Text
    title: Text | None = None
    status: Text | None = None
    effective_from: Date
    effective_until: Date | None = None
    extends: Extends
    figures: Any = None
    set: tuple[Any, ...] = ()
    rules: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Lineage:
    """Which file a protocol is, as those that extend it name it."""

    id: str
    version: str
    hash: str

    def __str__(self) -> str:
        return f"{self.id} {self.version}"


@dataclass(frozen=True, slots=True)
class Read:
    """A file with its parents.

    Attributes
    ----------
    hash
        Content hash of the file as data.  It names its parent by hash, so that it covers all of them.
    plain
        The file at the root, with what those that extend it have added: before any value that they set.
    given
        What each file on the way says otherwise, that of the oldest parent first.
    lineage
        The file, its parent, and so on up to the one that extends none.
    own_rules
        Ids of rules that files on the way have added.
    titled
        The place in `lineage` of the file whose title it bears: 0 where it has one of its own.
    """

    hash: str
    plain: Mapping[str, Any]
    given: tuple[Given, ...] = ()
    lineage: tuple[Lineage, ...] = ()
    own_rules: tuple[str, ...] = ()
    titled: int = 0
    days: tuple[dt.date, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "days", set_days(self.given))

    def on(self, day: dt.date | None) -> dict[str, Any]:
        """The file with the values of a day; None: before any day that it names."""
        return with_values(self.plain, self.given, day)


def read_file(plain: Mapping[str, Any], where: str, parent_of: Callable[[Extends], Read]) -> Read:
    """Read a file as data, with its parents.

    Parameters
    ----------
    plain
        The file as it stands.
    where
        Its name, for errors.
    parent_of
        Finds the file that another extends; it may raise.

    Raises
    ------
    GrowthwatchError
        Naming the file, the path, the value and what was expected.
    """
    for steps, value in _floats(plain, ()):
        if not math.isfinite(value):
            raise GrowthwatchError.of(f"{where}: {path_of(plain, steps)}", value, "a finite number")
    own_hash = _hash(plain, where)
    if "extends" not in plain:
        if "set" in plain:
            raise GrowthwatchError.of(f"{where}: set", len(cast("list[Any]", plain["set"])), "extends, too")
        return Read(own_hash, plain, (), (Lineage(str(plain.get("id")), str(plain.get("version")), own_hash),))
    if "extends" in plain and len(as_list(plain.get("set")) or ()) > _MOST_SET:
        count = len(as_list(plain["set"]) or ())
        raise GrowthwatchError.of(f"{where}: set", count, f"at most {_MOST_SET} values: a protocol has no more to set")
    try:
        own = OwnFile.model_validate(plain)
    except ValidationError as e:
        raise explain_validation(e, where, plain) from None
    parent = parent_of(own.extends)
    name = Lineage(own.id, own.version, own_hash)
    above = parent.lineage[0]
    if parent.hash != own.extends.hash:
        expected = f"{parent.hash}, the hash of {above}: read what has changed in it, then name it"
        raise GrowthwatchError.of(f"{where}: extends.hash", own.extends.hash, expected)
    root = dict(parent.plain)
    for key in _OWN_HEADER:
        if plain.get(key) is not None and key != "figures":
            root[key] = plain[key]
        elif key == "effective_until":
            root.pop(key, None)
    root["figures"] = _figures(root, plain, where)
    if not root["figures"]:
        del root["figures"]
    rules = _own_rules(parent.plain, own.rules, {k: plain[k] for k in PROVENANCE if k in plain}, where)
    root["rules"] = [*(as_list(parent.plain.get("rules")) or ()), *rules]
    marks = Marks.of(parent.plain)
    given: list[Given] = []
    there = parent.on(None)
    wrong = Wrong(where)
    for raw in own.set:
        with wrong.here():
            one = _given(raw, parent, there, marks, str(name), where)
            if any(one.steps == g.steps for g in given):
                raise GrowthwatchError.of(f"{where}: set {one.path}", one.path, "each path once")
            given.append(one)
    wrong.raise_all()
    ids = tuple(str(r["id"]) for r in rules)
    lineage = (name, *parent.lineage)
    titled = 0 if own.title is not None else 1 + parent.titled
    return Read(own_hash, root, (*parent.given, *given), lineage, (*parent.own_rules, *ids), titled)


def _floats(node: object, steps: tuple[Step, ...]) -> Iterator[tuple[tuple[Step, ...], float]]:
    """Every number with a point of a file, and how it is found."""
    table, parts = as_table(node), as_list(node)
    inner: Iterable[tuple[Step, object]] = table.items() if table is not None else enumerate(parts or ())
    for step, part in inner:
        if isinstance(part, float):
            yield (*steps, step), part
        else:
            yield from _floats(part, (*steps, step))


def _hash(plain: Mapping[str, Any], where: str) -> str:
    try:
        return content_hash(plain_json(plain))
    except ValueError:  # no finite number somewhere that no path names
        raise GrowthwatchError.of(where, "nan or inf", "finite numbers") from None


def _figures(root: Mapping[str, Any], plain: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Versions of figures: the parent's stand, and a file may name those that only its own rules need."""
    theirs, ours = as_table(root.get("figures")) or {}, as_table(plain.get("figures", {}))
    if ours is None:
        raise GrowthwatchError.of(f"{where}: figures", plain["figures"], "a table of names and versions")
    for name in ours:
        if name in theirs:
            raise GrowthwatchError.of(
                f"{where}: figures.{name}", ours[name], f"the parent's, {theirs[name]}: leave it out"
            )
    return {**theirs, **ours}


def _own_rules(
    parent: Mapping[str, Any], rules: Sequence[Any], around: Mapping[str, Any], where: str
) -> list[dict[str, Any]]:
    """Rules of a file's own: beside those of the parent, never in the place of one; each with a source of the file."""
    there = {str((as_table(r) or {}).get("id")) for r in as_list(parent.get("rules")) or ()}
    out: list[dict[str, Any]] = []
    wrong = Wrong(where)
    for number, raw in enumerate(rules, start=1):
        with wrong.here():
            rule = as_table(raw)
            if rule is None:
                raise GrowthwatchError.of(f"{where}: rules {number}", raw, "a table")
            id = rule.get("id")
            if not isinstance(id, str):  # a list has no place in a set, either
                raise GrowthwatchError.of(f"{where}: rules {number}: id", id, "the id of the rule, as text")
            if id in there:
                expected = "an id that the parent does not have: a rule of one's own stands beside the others"
                raise GrowthwatchError.of(f"{where}: rules {number}: id", id, expected)
            rule = {**around, **rule}
            missing = [k for k in PROVENANCE if k not in rule]
            if missing:
                raise GrowthwatchError.of(
                    f"{where}: rule {id or number}", missing[0], f"{' and '.join(missing)} of its own"
                )
            out.append(rule)
    wrong.raise_all()
    return out


def _given(raw: object, parent: Read, there: Mapping[str, Any], marks: Marks, name: str, where: str) -> Given:
    """Read one ``[[set]]``, and refuse what may not be set."""
    table = as_table(raw)
    if table is None:
        raise GrowthwatchError.of(f"{where}: set", raw, "a table with path, value and source")
    named = f"{where}: set {table.get('path', '')}".rstrip()
    try:
        one = _Set.model_validate(table)
    except ValidationError as e:
        raise explain_validation(e, named, table) from None
    try:
        leaf = locate(parent.plain, one.path)
    except GrowthwatchError as e:
        raise GrowthwatchError(f"{where}: set {e}", field=one.path, value=e.value, expected=e.expected) from None
    _check_may_be_set(leaf, named)
    if (one.value is None) == (one.values is None):
        raise GrowthwatchError.of(named, table.get("value"), "either one value, or values with the day of each")
    values: tuple[tuple[dt.date | None, Any], ...] = ((None, one.value),)
    if one.values is not None:
        if not one.values:
            raise GrowthwatchError.of(named, [], "at least one value with its day")
        days = [v.from_ for v in one.values]
        if any(a >= b for a, b in pairwise(days)):
            raise GrowthwatchError.of(named, [d.isoformat() for d in days], "days that ascend, none twice")
        values = tuple((v.from_, v.value) for v in one.values)
    _check_values(leaf, values, parent, named)
    weaker, national = _weaker(leaf, values, parent, marks.mark(leaf.path))
    if weaker and not (one.weaker and one.because):
        w = weaker[0]
        from_what = f"the national number, {w.than:g}" if w.why == "national" else f"the bound, {w.than:g}"
        expected = f"weaker = true with because, as it is less safe than {from_what}"
        raise GrowthwatchError.of(named, w.value, expected)
    if one.weaker and not weaker:
        expected = "weaker = true only where a value is less safe than a national number or beyond a bound"
        raise GrowthwatchError.of(named, values[0][1], expected)
    if one.because is not None and not one.weaker:
        raise GrowthwatchError.of(named, one.because, "because only with weaker = true")
    was = at(there, leaf.steps)
    cover = (one.source, one.tag, one.review_by, one.because)
    safer = _safer(leaf, values, parent, marks.mark(leaf.path))
    return Given(leaf.path, leaf.steps, values, was, *cover, weaker, national, name, safer)


def _safer(
    leaf: Leaf, values: Sequence[tuple[dt.date | None, Any]], parent: Read, mark: NumberMark | None
) -> bool | None:
    """Whether values are on every day safer than the parent's; None where no way is the safe one."""
    if mark is None or mark.safer == "neither" or not is_number(leaf.value):
        return None
    parts = parts_of(values, parent.days)
    return not any(mark.less_safe(value, at(parent.on(day), leaf.steps)) for day, _, value in parts)


def _check_may_be_set(leaf: Leaf, named: str) -> None:
    """Refuse what says what a rule is, rather than how far it goes, who acts and how loud."""
    loud = leaf.key == "loudness" or leaf.key.endswith("_loudness")
    number = not no_clinical_number(leaf) and as_list(leaf.value) is None
    if not (number or loud or (leaf.key in _SETTABLE and isinstance(leaf.value, str))):
        expected = "a number, an owner, do, if_not or a loudness that is there: all else is what the rule is"
        raise GrowthwatchError.of(named, leaf.key, expected)


def _check_values(leaf: Leaf, values: Sequence[tuple[dt.date | None, Any]], parent: Read, named: str) -> None:
    number = is_number(leaf.value)
    before: Any = None
    for start, value in values:
        if is_number(value) != number:
            raise GrowthwatchError.of(named, value, "a number" if number else "text, as it is there")
        theirs = at(parent.on(start), leaf.steps)
        if value == theirs:
            raise GrowthwatchError.of(named, value, f"another value than the parent's, {theirs}")
        if value == before:
            raise GrowthwatchError.of(named, value, "another value than the one before it")
        loud = leaf.key == "loudness" or leaf.key.endswith("_loudness")
        if loud and value not in LOUDNESS:
            raise GrowthwatchError.of(named, value, f"one of {list(LOUDNESS)}")
        if loud and _rank(value) < _rank(before):
            raise GrowthwatchError.of(named, value, f"{before} or louder: loudness may only rise")
        before = value
    # On every day on which it holds, not on its first alone: the parent's may rise later.
    for day, _, value in parts_of(values, parent.days):
        if not number and _rank(value) < _rank(least := at(parent.on(day), leaf.steps)):
            raise GrowthwatchError.of(named, value, f"{least} or louder: loudness may only rise")


def _rank(loudness: Any) -> int:
    return LOUDNESS.index(loudness) if loudness in LOUDNESS else -1


def _weaker(
    leaf: Leaf, values: Sequence[tuple[dt.date | None, Any]], parent: Read, mark: NumberMark | None
) -> tuple[tuple[Weaker, ...], tuple[tuple[dt.date | None, float], ...]]:
    """Which values are less safe than the national number of their days, or beyond the bounds; and that number."""
    if not is_number(leaf.value):
        return (), ()
    earlier = [g for g in parent.given if g.steps == leaf.steps]
    national: tuple[tuple[dt.date | None, float], ...] = ()
    if source_of(parent.plain, leaf.steps[:-1])[1] == "N":
        national = ((None, leaf.value),)
    elif (first := next((g for g in earlier if g.tag == "N"), None)) is not None:
        national = first.values
    # A number of which the file does not say which way is safer has no safe way.
    found = mark or NumberMark(keys=(), safer="neither")
    out: list[Weaker] = []
    for start, end, value in parts_of(values, (day for day, _ in national)):
        theirs = _last(national, start)
        if theirs is not None and found.less_safe(value, theirs):
            out.append(Weaker(value, theirs, start, "national", end))
        elif found.beyond(value):
            bound = found.least if found.least is not None and value < found.least else found.most
            assert bound is not None
            out.append(Weaker(value, bound, start, "bounds", end))
    return tuple(out), national


def _last(values: Sequence[tuple[dt.date | None, float]], day: dt.date | None) -> float | None:
    """The value of a day, of values with the day from which each holds; None before the first."""
    held = [value for start, value in values if start is None or (day is not None and start <= day)]
    return held[-1] if held else None
