"""Reading JSON or XML from a file or bytes, one resource at a time, safe against what a hostile file holds."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal, InvalidOperation
from importlib import import_module
from pathlib import Path
from typing import IO, Any, cast

from growthwatch.core.errors import GrowthwatchError
from growthwatch.interop.fhir.nodes import Node, one, word

__all__ = ["Entry", "Source", "entries"]

Source = str | os.PathLike[str] | bytes
Entry = tuple[str | None, Node]

MOST_BYTES = 4_000_000_000
"""The largest file that is read [bytes]."""
_DEEP = 100
"""How deep elements of XML may lie in each other."""
_NUMBERS = frozenset({"valueDecimal", "valueInteger"})


def _once() -> tuple[type[dict[str, Any]], list[str]]:
    """Return a kind of object for JSON, and the list of keys that were there twice: which is meant, nobody can know.

    It cannot raise: the parser calls it from C.
    """
    twice: list[str] = []

    class Once(dict[str, Any]):
        def __setitem__(self, key: str, value: Any) -> None:
            if key in self:
                twice.append(key)
            super().__setitem__(key, value)

    return Once, twice


class _Shallow:
    """A stream of JSON that ends where objects lie too deep in each other: the parser's time grows with its square."""

    _KEPT = bytes(b for b in range(256) if b not in b'{}[]"')

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._depth = 0
        self._inside = False
        self._escape = b""
        self.too_deep = False

    def read(self, size: int = -1) -> bytes:
        if size == 0:
            return b""
        data = self._stream.read(8192 if size < 0 else min(size, 8192))
        bare = re.sub(rb"\\.", b"", self._escape + data, flags=re.DOTALL)
        self._escape = b"\\" if bare.endswith(b"\\") else b""
        parts = bare.translate(None, self._KEPT).split(b'"')
        for n, part in enumerate(parts):
            self._inside ^= n > 0
            if not self._inside:
                self._depth += part.count(b"{") + part.count(b"[") - part.count(b"}") - part.count(b"]")
        self.too_deep |= self._depth > _DEEP
        return b"" if self.too_deep else data


def _all_once(found: Any, twice: list[str]) -> Any:
    if twice:
        raise GrowthwatchError.of("JSON", twice[0], "each key of an object once")
    return found


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


def _entry(given: Any) -> Entry:
    node: Node = cast("Node", given) if isinstance(given, dict) else {}
    return word(node, "fullUrl"), one(node, "resource")


# ---------------------------------------------------------------- JSON


def _json(stream: IO[bytes]) -> Iterator[Entry]:
    ijson = _ijson()
    once, twice = _once()
    try:
        _begin(stream)
        # Of most files this reads the first bytes alone.
        shallow = _Shallow(stream)
        kind = next(iter(ijson.items(shallow, "resourceType")), None)
        _begin(stream)
        shallow = _Shallow(stream)
        if kind == "Bundle":
            for found in ijson.items(shallow, "entry.item", map_type=once):
                yield _entry(_all_once(found, twice))
        else:
            every: list[Any] = list(ijson.items(shallow, "", map_type=once))
            if len(every) != 1:
                raise GrowthwatchError.of("source", f"{len(every)} resources", "one resource, or one Bundle")
            yield None, _all_once(every[0], twice)
    except (ijson.JSONError, UnicodeError, InvalidOperation, StopIteration, OverflowError, RecursionError) as e:
        raise GrowthwatchError(
            f"it is no JSON: {e}", field="source", value=None, expected="a resource in JSON, in UTF-8"
        ) from None


# ---------------------------------------------------------------- XML


def _xml(stream: IO[bytes]) -> Iterator[Entry]:
    tree = _tree()
    _begin(stream)
    try:
        root: Any = None
        deep = 0
        for event, element in tree.iterparse(stream, events=("start", "end"), forbid_dtd=True):
            if event == "start":
                deep += 1
                if deep > _DEEP:
                    raise GrowthwatchError.of("source", f"elements {deep} deep", f"elements at most {_DEEP} deep")
                root = element if root is None else root
                continue
            deep -= 1
            if deep == 1 and _name(root) == "Bundle" and _name(element) == "entry":
                yield _entry(_value(element, "Bundle"))
                root.clear()
        if _name(root) != "Bundle":
            yield None, _resource(root)
    except GrowthwatchError:
        raise
    # What defusedxml forbids is a ValueError; what is no XML, a ParseError, is a SyntaxError.
    except (ValueError, SyntaxError, LookupError, OverflowError, RecursionError) as e:
        raise GrowthwatchError(
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
        try:
            return Decimal(value)
        except InvalidOperation:
            return value
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
