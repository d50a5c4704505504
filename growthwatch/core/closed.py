"""Figures from a file: closed, frozen models, and tables whose lists are tuples."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

__all__ = ["Closed", "tuples"]


class Closed(BaseModel):
    """Figures read from a file: unknown keys are refused, nothing is converted, nothing changes afterwards.

    A form is built when it is first used: most are not in most runs.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True, allow_inf_nan=False)


def tuples(value: Any) -> Any:
    """Return a table with every list in it turned into a tuple."""
    if isinstance(value, dict):
        return {k: tuples(v) for k, v in value.items()}  # pyright: ignore[reportUnknownVariableType]
    return tuple(map(tuples, value)) if isinstance(value, list) else value  # pyright: ignore[reportUnknownArgumentType]
