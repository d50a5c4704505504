"""Two writers who did not know of each other."""

from __future__ import annotations

from growthwatch.core.errors import GrowthwatchError
from growthwatch.store.chain import Head

__all__ = ["Conflict"]


class Conflict(GrowthwatchError):
    """Something was stored for a child that the writer had not seen: nothing of what was to be appended is stored.

    Parameters
    ----------
    yours
        What the writer had seen: how many entries of the child, or its head.
    theirs
        The child's head in the store.
    """

    def __init__(self, yours: Head | int, theirs: Head) -> None:
        seen = f"{yours.position} ({yours.hash[:8]})" if isinstance(yours, Head) else str(yours)
        super().__init__(
            f"expected: you had seen {seen} entries of this child, the store has {theirs.position} "
            f"({theirs.hash[:8]}): read the record again, and append to what it says now; nothing was stored",
            field="expected",
            value=yours,
            expected=f"the child's head in the store, at position {theirs.position}",
        )
        self.yours = yours
        self.theirs = theirs

    def __reduce__(self) -> tuple[type[Conflict], tuple[Head | int, Head]]:
        return (Conflict, (self.yours, self.theirs))
