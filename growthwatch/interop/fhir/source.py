"""Reading JSON or XML from a file or bytes, one resource at a time, safe against what a hostile file holds."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import IO, Any, cast

from growthwatch.core.errors import GrowthwatchError
from growthwatch.interop.fhir.guarded import DEEPEST, LONGEST_NUMBER, Guarded, GuardedJson
from growthwatch.interop.fhir.nodes import Node, one, word

__all__ = ["Entry", "Source", "entries", "entry_of"]

Source = str | os.PathLike[str] | bytes
Entry = tuple[str | None, Node]

MOST_BYTES = 4_000_000_000
"""The largest file that is read [bytes]."""
_FHIR = "{http://hl7.org/fhir}"
_NUMBERS = frozenset({"valueDecimal", "valueInteger"})
_DECIMAL = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")


_PUT: Any = cast("Any", dict).__setitem__


def _once() -> tuple[type[dict[str, Any]], list[str]]:
    """Return a kind of object for JSON, and the list of keys that were there twice: which is meant, nobody can know.

    It cannot raise: the parser calls it from C.
    """
    twice: list[str] = []

    class Once(dict[str, Any]):
        def __setitem__(self, key: str, value: Any, put: Any = _PUT) -> None:
            if key in self:
                twice.append(key)
            put(self, key, value)

    return Once, twice


def entries(source: Source) -> Iterator[Entry]:
    """Give each entry of a Bundle, or the one resource, as it is read: its full address, and the resource.

    Parameters
    ----------
    source
        Path of a file, or its bytes: JSON or XML in UTF-8.

    Raises
    ------
    GrowthwatchError
        Where it cannot be read, or is neither JSON nor XML of a resource; for a document type or an entity in XML.
    """
    stream = _opened(source)
    name = "bytes" if isinstance(source, bytes) else os.fspath(source)
    with closing(stream):
        start = stream.read(1000).removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
        try:
            if start == b"{":
                yield from _json(stream)
            elif start == b"<":
                yield from _xml(stream)
            else:
                raise GrowthwatchError.of(
                    "source", start.decode("latin-1"), "a resource in JSON, from { on, or in XML, from < on, in UTF-8"
                )
        except GrowthwatchError as e:
            raise GrowthwatchError(f"{name}: {e}", field=e.field, value=e.value, expected=e.expected) from None


def _opened(source: Any) -> IO[bytes]:
    if isinstance(source, bytes):
        return io.BytesIO(source)
    if isinstance(source, os.PathLike):
        source = os.fspath(cast("os.PathLike[str]", source))
    if not isinstance(source, str):
        raise GrowthwatchError.of("source", source, "the path of a file, or its bytes")
    try:
        path = Path(source)
        if not path.is_file():
            raise OSError(2, "it is no file")
        if path.stat().st_size > MOST_BYTES:
            raise OSError(27, f"it has more than {MOST_BYTES} bytes")
        return path.open("rb")
    except (OSError, ValueError) as e:
        reason = (e.strerror if isinstance(e, OSError) else None) or str(e)
        raise GrowthwatchError(
            f"cannot read {source}: {reason}", field="source", value=str(source), expected="a readable file"
        ) from None


def _begin(stream: IO[bytes]) -> None:
    stream.seek(0)
    if stream.read(3) != b"\xef\xbb\xbf":
        stream.seek(0)


def entry_of(given: Any) -> Entry:
    """Return the full address of an entry of a Bundle, and its resource; an empty one where there is none."""
    node: Node = cast("Node", given) if isinstance(given, dict) else {}
    return word(node, "fullUrl"), one(node, "resource")


# ---------------------------------------------------------------- JSON


def _json(stream: IO[bytes]) -> Iterator[Entry]:
    ijson = _ijson()
    once, twice = _once()

    def found(prefix: str, **more: Any) -> Iterator[Any]:
        _begin(stream)
        guarded = GuardedJson(stream)
        try:
            for item in ijson.items(guarded, prefix, **more):
                guarded.since = 0
                if twice:
                    raise GrowthwatchError.of("JSON", twice[0], "each key of an object once")
                yield item
        except GrowthwatchError:
            raise
        # Text that is none and control characters are ValueErrors, of one parser or the other.
        except (ijson.JSONError, ValueError, ArithmeticError, RecursionError) as e:
            words = " ".join(str(e).split())
            raise guarded.wrong or GrowthwatchError(
                f"it is no JSON: {words}", field="source", value=None, expected="a resource in JSON, in UTF-8"
            ) from None
        if guarded.wrong is not None:
            raise guarded.wrong

    # Of most files this reads the first bytes alone.
    if next(found("resourceType", multiple_values=True), None) != "Bundle":
        # One resource, or one in each line.
        for item in found("", map_type=once, multiple_values=True):
            yield _whole(item)
        return
    empty = True
    for item in found("entry.item", map_type=once):
        empty = False
        yield entry_of(item)
    if empty and (wrong := [x for x in found("entry") if x != []]):
        raise GrowthwatchError.of("entry", wrong[0], "a list of entries")


def _whole(item: Any) -> Entry:
    if not isinstance(item, dict):
        raise GrowthwatchError.of("source", item, "a resource in JSON, or one in each line")
    return None, cast("Node", item)


# ---------------------------------------------------------------- XML


def _xml(stream: IO[bytes]) -> Iterator[Entry]:
    tree = _tree()
    _begin(stream)
    guarded = Guarded(stream)
    try:
        root: Any = None
        deep = 0
        for event, element in tree.iterparse(guarded, events=("start", "end"), forbid_dtd=True):
            if event == "start":
                deep += 1
                if deep > DEEPEST:
                    raise GrowthwatchError.of("source", f"elements {deep} deep", f"elements at most {DEEPEST} deep")
                if root is None:
                    root = element
                    if not str(root.tag).startswith(_FHIR):
                        raise GrowthwatchError.of("source", root.tag, f"a resource in XML, of {_FHIR[1:-1]}")
                continue
            deep -= 1
            if deep == 1 and _name(root) == "Bundle" and _name(element) == "entry":
                guarded.since = 0
                yield entry_of(_value(element, "Bundle"))
                root.clear()
        if _name(root) != "Bundle":
            yield None, _resource(root)
    except GrowthwatchError:
        raise
    # What defusedxml forbids is a ValueError; what is no XML, a ParseError, is a SyntaxError.
    except (ValueError, SyntaxError, LookupError, OverflowError, RecursionError) as e:
        raise guarded.wrong or GrowthwatchError(
            f"it is no XML that is read: {type(e).__name__}: {e}",
            field="source",
            value=None,
            expected="a resource in XML, without a document type and entities",
        ) from None


def _name(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _resource(element: Any) -> dict[str, Any]:
    return {"resourceType": _name(element), **_children(element)}


def _children(element: Any) -> dict[str, Any]:
    out: dict[str, Any] = {k: v for k, v in element.attrib.items() if k in ("id", "url")}
    for child in element:
        name = _name(child)
        value = _value(child, _name(element))
        if not isinstance(value, dict) and len(child):
            # What belongs to a single value stands beside it, as JSON writes it.
            out[f"_{name}"] = _children(child)
        if name not in out or name in ("id", "url"):
            out[name] = value
        elif isinstance(out[name], list):
            out[name].append(value)
        else:
            out[name] = [out[name], value]
    return out


def _value(element: Any, inside: str) -> Any:
    name = _name(element)
    if name in ("resource", "contained"):
        return _resource(element[0]) if len(element) else {}
    value = element.get("value")
    if value is None or (name == "div" and not value):
        return _children(element)
    if name in _NUMBERS or (name == "value" and inside.endswith("Quantity")):
        return Decimal(value) if len(value) <= LONGEST_NUMBER and _DECIMAL.fullmatch(value) else value
    return value


def _ijson() -> Any:
    try:
        return import_module("ijson")
    except ImportError:
        raise _missing("ijson") from None


def _tree() -> Any:
    try:
        return import_module("defusedxml.ElementTree")
    except ImportError:
        raise _missing("defusedxml") from None


def _missing(name: str) -> GrowthwatchError:
    return GrowthwatchError(
        f"FHIR needs {name}: install growthwatch[fhir]",
        field="fhir",
        value=name,
        expected="pip install 'growthwatch[fhir]'",
    )
