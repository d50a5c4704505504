"""Ids that tell nobody who a child is."""

from __future__ import annotations

import base64
import hashlib
import hmac

from growthwatch.core.errors import GrowthwatchError

__all__ = ["check_pseudonym", "is_nhs_number", "pseudonym"]

_LEAST_KEY = 16


def pseudonym(identifier: str, key: bytes) -> str:
    """Return an id that stands for another, the same each time, and that leads back to nobody without the key.

    Parameters
    ----------
    identifier
        What the child is known by, such as an NHS number; spaces in it do not count.
    key
        A secret of at least 16 bytes, kept elsewhere than the store.

    Returns
    -------
    str
        ``p`` and 32 letters and digits.

    Raises
    ------
    GrowthwatchError
        When the key is too short, or the identifier is empty.

    Notes
    -----
    HMAC-SHA-256 (RFC 2104), cut to 160 bits, in base 32.  A plain hash would not do: there are few enough NHS
    numbers to try them all.
    """
    if not isinstance(key, bytes) or len(key) < _LEAST_KEY:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise GrowthwatchError("key: too short", field="key", expected=f"a secret of at least {_LEAST_KEY} bytes")
    plain = "".join(identifier.split())
    if not plain:
        raise GrowthwatchError.of("identifier", identifier, "text that is not empty")
    made = hmac.new(key, plain.encode(), hashlib.sha256).digest()[:20]
    return "p" + base64.b32encode(made).decode().lower()


def is_nhs_number(text: str) -> bool:
    """Whether text is an NHS number: ten digits, the last of which checks the others (modulus 11).

    Source: NHS Data Dictionary, NHS NUMBER.
    """
    digits = [int(c) for c in "".join(text.split()).replace("-", "") if c in "0123456789"]
    if len(digits) != 10 or not all(c in "0123456789- " for c in text):
        return False
    check = 11 - sum((10 - place) * digit for place, digit in enumerate(digits[:9])) % 11
    return check % 11 == digits[9]


def check_pseudonym(child: str) -> None:
    """Refuse the id of a new child that says who it is.

    Raises
    ------
    GrowthwatchError
        When it is an NHS number; the number is not in the message.
    """
    if is_nhs_number(child):
        raise GrowthwatchError(
            "child: the id of this child is an NHS number; a store takes pseudonyms: "
            "growthwatch.store.pseudonym(number, key) makes one",
            field="child",
            expected="a pseudonym",
        )
