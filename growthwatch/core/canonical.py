"""Canonical JSON and content hashes: the same content always gives the same bytes.

Canonical JSON here means: keys sorted, no spaces, UTF-8, floats in their shortest
round-trip form, NaN and infinities refused.  A content hash is the SHA-256 of those
bytes, written ``sha256:`` and 64 hexadecimal digits.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

__all__ = ["canonical_json", "content_hash", "loads_strict", "short_hash"]

from growthwatch.core.errors import GrowthwatchError

_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def canonical_json(value: Any) -> str:
    """Serialise plain data (dict, list, str, int, float, bool, None) canonically."""
    return _CANONICAL.encode(value)


def content_hash(value: Any) -> str:
    """Return ``sha256:<hex>`` of the canonical JSON of `value`."""
    return "sha256:" + hashlib.sha256(canonical_json(value).encode()).hexdigest()


def short_hash(full: str) -> str:
    """Return the first eight hexadecimal digits of a content hash, for people."""
    return full.removeprefix("sha256:")[:8]


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for key, value in pairs:
        if key in out:
            raise GrowthwatchError.of(key, value, "each key once in a JSON object")
        out[key] = value
    return out


def _no_constant(name: str) -> float:
    raise GrowthwatchError.of("number", name, "a finite number")


def loads_strict(text: str) -> Any:
    """Parse JSON, refusing duplicate keys and NaN or Infinity.

    Raises
    ------
    GrowthwatchError
        With the line and column where the text is not JSON, or the duplicate key.
    """
    if not text.strip():
        raise GrowthwatchError("it is empty, expected JSON", field="json", value=text, expected="JSON")
    try:
        return json.loads(text, object_pairs_hook=_no_duplicates, parse_constant=_no_constant)
    except json.JSONDecodeError as e:
        raise GrowthwatchError(
            f"not valid JSON: {e.msg} at line {e.lineno}, column {e.colno}", field="json", expected="JSON"
        ) from None
    except RecursionError:
        raise GrowthwatchError("not valid JSON: nested too deeply", field="json", expected="JSON") from None
    except GrowthwatchError:
        raise
    except ValueError:  # of thousands of digits; Python's own words are of a switch that nobody here should turn
        raise GrowthwatchError("not valid JSON: a number has too many digits", field="json", expected="JSON") from None
