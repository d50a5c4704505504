"""Ids that are probably one id in two spellings: they are never read as one, but somebody should look."""

from __future__ import annotations

import re
import unicodedata
import warnings
from collections.abc import Iterable

from growthwatch.core.errors import GrowthwatchWarning

__all__ = ["alike", "warn_of_alike"]

_PARTS = re.compile(r"[\W_]+")
_FEW = 5


def _parts(id: str) -> tuple[str, ...]:
    """An id without case, split where it has spaces or joiners, and without leading zeros."""
    folded = unicodedata.normalize("NFKC", id).casefold() if not id.isascii() else id.lower()
    parts = [p for p in _PARTS.split(folded) if p]
    if parts:
        parts[0] = parts[0].lstrip("0") or parts[0]
    return tuple(parts)


def alike(ids: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Groups of different ids that differ only in spaces, joiners, letter case or leading zeros.

    Parameters
    ----------
    ids
        Ids, each as often as one likes.

    Returns
    -------
    tuple
        Each group in order of the ids.  Where both of two ids are divided, they must be divided alike: ``12-3``
        and ``1-23`` are two ids.
    """
    groups: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for id in dict.fromkeys(ids):
        parts = _parts(id)
        if parts:
            groups.setdefault("".join(parts), []).append((id, parts))
    out: list[tuple[str, ...]] = []
    for group in groups.values():
        if len(group) < 2:
            continue
        whole = [id for id, parts in group if len(parts) == 1]
        divided: dict[tuple[str, ...], list[str]] = {}
        for id, parts in group:
            if len(parts) > 1:
                divided.setdefault(parts, []).append(id)
        found = [whole + same for same in divided.values()] if divided else [whole]
        out += [tuple(sorted(same)) for same in found if len(same) > 1]
    return tuple(out)


def warn_of_alike(what: str, ids: Iterable[str], *, stacklevel: int = 3) -> None:
    """Give one `GrowthwatchWarning` that names ids which are probably one id in two spellings."""
    found = alike(ids)
    if found:
        said = "; ".join(" and ".join(map(repr, group[:_FEW])) for group in found[:_FEW])
        more = f"; and {len(found) - _FEW} more" if len(found) > _FEW else ""
        text = (
            f"{what}: {said}{more} differ only in spaces, joiners, letter case or leading zeros. "
            "They are read as different ones: is that what is meant?"
        )
        warnings.warn(GrowthwatchWarning(text), stacklevel=stacklevel)
