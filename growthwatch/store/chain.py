"""The two chains of a store: one for each child, and one over all that was ever stored.

Every entry has a *commitment*: the SHA-256 of a random salt and the stored bytes.  The hash of an entry is made of
the hash before it and of its own commitment and place, so no entry can be edited, put in, moved or taken out without
changing every hash after it.  Commitments stay when a child is erased: without salt and bytes they tell nothing, not
even to somebody who guesses the weight, and the chains still hold.

Whatever is hashed has a fixed length but the last part, and begins with what it is: no two different things can be
written alike.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from typing import Final

from growthwatch.core.errors import GrowthwatchError

__all__ = [
    "ERASED",
    "EVENT",
    "HASH_BYTES",
    "Head",
    "after",
    "commitment",
    "entry_of_child",
    "new_salt",
    "start",
    "start_of_child",
]

EVENT: Final = 0
"""Kind of an entry that holds an event."""

ERASED: Final = 1
"""Kind of an entry that says that a child's events were erased: a tombstone."""

HASH_BYTES: Final = 32
"""How long a hash is."""

_SALT_BYTES = 16
_WORDS = "growthwatch-store"
_WRITTEN = re.compile(rf"{_WORDS} ([0-9a-f]{{32}}) (\d{{1,18}}) ([0-9a-f]{{64}})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Head:
    """The newest entry of a store, or of one child in it: written down elsewhere, it is a witness.

    Parameters
    ----------
    store
        Which store: 32 hexadecimal digits.
    position
        How many entries there are.
    hash
        Hash of the newest: 64 hexadecimal digits.
    """

    store: str
    position: int
    hash: str

    def __str__(self) -> str:
        return f"{_WORDS} {self.store} {self.position} {self.hash}"

    @classmethod
    def parse(cls, text: str) -> Head:
        """Read a head as `str` writes it.

        Raises
        ------
        GrowthwatchError
            When it is none.
        """
        found = _WRITTEN.fullmatch(" ".join(text.split())) if isinstance(text, str) else None  # pyright: ignore[reportUnnecessaryIsInstance]
        if found is None:
            # Not shown: whoever gives another file than that of the heads may give one about children.
            expected = f"the line that head() gives: '{_WORDS}', store, position, hash"
            raise GrowthwatchError(f"head: not a head, expected {expected}", field="head", expected=expected)
        return cls(found[1], int(found[2]), found[3])


def _hash(what: str, *parts: bytes | None) -> bytes:
    """Hash what an entry is made of; what a damaged file has nothing for counts as empty, and fits no hash."""
    whole = b"".join(part or b"" for part in parts)
    return hashlib.sha256(b"\0".join([f"growthwatch.store {what}".encode(), whole])).digest()


def _packed(number: int, size: int = 8) -> bytes:
    """A number in so many bytes; one that no entry can have is all ones, which stands for no other."""
    return number.to_bytes(size, "big") if 0 <= number < 1 << (8 * size - 1) else b"\xff" * size


def new_salt() -> bytes:
    """Return a salt that nobody can guess."""
    return secrets.token_bytes(_SALT_BYTES)


def commitment(salt: bytes, content: bytes) -> bytes:
    """Return what stands for stored bytes in the chains."""
    return _hash("content", salt, content)


def start(store: str) -> bytes:
    """Return the hash before the first entry of a store."""
    return _hash("start", bytes.fromhex(store))


def start_of_child(store: str, number: int, name: bytes) -> bytes:
    """Return the hash before the first entry of a child; `name` is the commitment to the child's id."""
    return _hash("child", bytes.fromhex(store), _packed(number), name)


def entry_of_child(before: bytes, position: int, kind: int, content: bytes) -> bytes:
    """Return the hash of an entry in its child's chain; `content` is its commitment."""
    return _hash("entry of a child", before, _packed(position) + _packed(kind, 1), content)


def after(before: bytes, position: int, child: int, of_child: bytes) -> bytes:
    """Return the hash of an entry in the chain of the store; `of_child` is its hash in its child's chain."""
    return _hash("entry", before, _packed(position) + _packed(child), of_child)
