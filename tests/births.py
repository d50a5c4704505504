"""References whose tables are chosen by a fact of birth, as tests go through all references alike."""

from __future__ import annotations

from typing import Any

from growthwatch import Reference

__all__ = ["each_birth", "facts"]


def facts(reference: Reference, number: int = 0) -> dict[str, Any]:
    """The fact of a birth of one class, as an argument; nothing where no fact of birth chooses the table."""
    if reference.info.table_by is None:
        return {}
    births = reference.info.births[number]
    if reference.info.table_by == "gestation_days":
        return {"gestation_days": births.most}
    return {"birth_weight_kg": births.most / 1000}


def each_birth(reference: Reference) -> list[Reference]:
    """The reference on the tables of each of its births; itself, where no fact of birth chooses."""
    return [reference.born(**facts(reference, k)) for k in range(len(reference.info.births) or 1)]
