"""A dictionary that cannot be changed, for results that are frozen."""

from __future__ import annotations

from typing import Any, NoReturn

__all__ = ["FrozenDict"]


class FrozenDict(dict[str, Any]):
    """A dictionary that refuses every change; JSON, equality and copies work as for any other.

    `dict` of it is a copy that can be changed.
    """

    __slots__ = ()

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("this dictionary belongs to a frozen result and cannot be changed; dict(...) makes a copy")

    __setitem__ = __delitem__ = __ior__ = _refuse  # pyright: ignore[reportAssignmentType, reportIncompatibleMethodOverride]
    clear = pop = popitem = setdefault = update = _refuse  # pyright: ignore[reportAssignmentType, reportIncompatibleMethodOverride]

    def __reduce__(self) -> tuple[Any, ...]:
        # The usual way would fill the copy one key at a time.
        return FrozenDict, (dict(self),)
