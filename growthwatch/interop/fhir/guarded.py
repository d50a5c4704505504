"""A stream of a file that is not trusted: no more bytes than a resource has, no depth, no number, beyond measure.

The parser of JSON is written in C: it ends the process at a whole number that Python refuses, and its time grows with
the square of the depth.  So what it gets to see is looked at before, chunk by chunk.
"""

from __future__ import annotations

import re
from itertools import accumulate
from typing import IO

from growthwatch.core.errors import GrowthwatchError

__all__ = ["DEEPEST", "LONGEST_NUMBER", "Guarded", "GuardedJson"]

LARGEST = 256_000_000
"""How many bytes one resource may have: a picture as Base64 has its place, and memory an end."""
DEEPEST = 100
"""How deep objects and elements may lie in each other."""
LONGEST_NUMBER = 64
"""How many characters a number may have; FHIR has no figure of more than 18 digits."""

_CHUNK = 65_536
_NUMBER = b"0123456789+-.eE"
_HOSTILE = re.compile(rb"(?<![-+.0-9eE])(?:[-+.0-9eE]{%d,}|[-+.0-9]+[eE][-+]?[0-9]{4,})" % (LONGEST_NUMBER + 1))
_DIGITS = bytes(48 if b in b"0123456789+-." else 101 if b in b"eE" else 32 for b in range(256))
_LONG = b"0" * (LONGEST_NUMBER + 1)
_BRACKETS = bytes.maketrans(b"[]", b"{}")
_NO_BRACKETS = bytes(b for b in range(256) if b not in b"{}[]")


class Guarded:
    """A stream that ends with an error where one resource has more bytes than `LARGEST`.

    Attributes
    ----------
    since
        How many bytes were read since the last resource; whoever takes one sets it to 0.
    wrong
        What was beyond measure, once something was: then the stream is at its end.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.since = 0
        self.wrong: GrowthwatchError | None = None

    def read(self, size: int = -1) -> bytes:
        """Read some bytes, at most `size` and not more than a chunk; none at the end."""
        if size == 0 or self.wrong is not None:
            return b""
        data = self._stream.read(_CHUNK if size < 0 else min(size, _CHUNK))
        self.since += len(data)
        if self.since > LARGEST:
            self.wrong = GrowthwatchError.of("resource", f"more than {LARGEST} bytes", f"at most {LARGEST} bytes")
            return b""
        return data


class GuardedJson(Guarded):
    """A stream of JSON in which each number without end is written as text, and which ends where it lies too deep.

    As text it is refused where it stands, as what was found there; the rest of the file is read.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        super().__init__(stream)
        self._kept = b""
        self._inside = False
        self._depth = 0

    def read(self, size: int = -1) -> bytes:
        """Read about a chunk; none at the end."""
        data, read = b"", b"more"
        while size != 0 and read and not data:
            read = super().read(_CHUNK)
            data = self._safe(self._kept + read, at_end=not read)
        return data if self.wrong is None else b""

    def _safe(self, data: bytes, *, at_end: bool) -> bytes:
        """Return what may be parsed, and keep what the next chunk may go on with: half an escape, or a number."""
        self._kept = b""
        if not at_end and (len(data) - len(data.rstrip(b"\\"))) % 2:
            data, self._kept = data[:-1], data[-1:]
        # As long as before: what is found in it stands at the same place in the data.
        bare = re.sub(rb"\\.", b"__", data, flags=re.DOTALL) if b"\\" in data else data
        parts = bare.split(b'"')
        inside, self._inside = self._inside, self._inside ^ (len(parts) % 2 == 0)
        if not (self._inside or at_end or self._kept):
            number = parts[-1][len(parts[-1].rstrip(_NUMBER)) :]
            if number:
                parts[-1] = parts[-1][: -len(number)]
                data = data[: -len(number)]
                # One that is longer is too long already: its end adds nothing.
                self._kept = number[: LONGEST_NUMBER + 1]
        outside = b'"'.join(parts[int(inside) :: 2])
        self._look_for_depth(outside.translate(_BRACKETS, _NO_BRACKETS))
        return _without_hostile(data, parts, inside) if _may_be_hostile(outside) else data

    def _look_for_depth(self, brackets: bytes) -> None:
        left, rounds = brackets, 0
        while rounds < DEEPEST and (fewer := left.replace(b"{}", b"")) != left:
            left, rounds = fewer, rounds + 1
        # This sum is never too small; where it is large, each bracket is counted.
        if self._depth + left.count(b"{") + rounds >= DEEPEST:
            steps = accumulate((1 if b == ord("{") else -1 for b in brackets), initial=self._depth)
            if max(steps) > DEEPEST:
                self.wrong = GrowthwatchError.of("source", "objects too deep in each other", f"at most {DEEPEST} deep")
        self._depth += brackets.count(b"{") - brackets.count(b"}")


def _may_be_hostile(outside: bytes) -> bool:
    """Whether a number without end may be there: a sieve, many times as fast as looking for one.

    Every number that is too long is a run of signs of numbers, and every one with a power has an e behind a digit.
    """
    signs = outside.translate(_DIGITS)
    return b"0e" in signs or _LONG in signs.replace(b"e", b"0")


def _without_hostile(data: bytes, parts: list[bytes], inside: bool) -> bytes:
    """Write each number without end as text that says what it began with."""
    out: list[bytes] = []
    at = 0
    for n, part in enumerate(parts):
        found = data[at : at + len(part)]
        out.append(found if inside ^ (n % 2 == 1) else _HOSTILE.sub(lambda m: b'"%s..."' % m[0][:20], found))
        at += len(part) + 1
    return b'"'.join(out)
