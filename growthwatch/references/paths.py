"""Checks of paths and of files that come from a user, and numbers as they are written in one."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any

from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.files import FIGURES_LIMIT, read_within
from growthwatch.references.parsing import as_text

__all__ = ["PathLike", "cannot_be_written", "figure_text", "read_number", "read_text", "user_path"]

PathLike = str | os.PathLike[str]


def figure_text(value: Any) -> str:
    """A number so that it reads back as the same number."""
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise GrowthwatchError.of("figures", value, "a number") from None
    return repr(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)


def user_path(name: str, path: Any) -> Path:
    """Check that an argument can be a path."""
    if not isinstance(path, str | os.PathLike) or "\0" in str(path):  # pyright: ignore[reportUnknownArgumentType]
        raise GrowthwatchError.of(name, path, "the path of a file or folder")  # pyright: ignore[reportUnknownArgumentType]
    return Path(path)  # pyright: ignore[reportUnknownArgumentType]


def cannot_be_written(place: Path, e: OSError, expected: str) -> GrowthwatchError:
    """Say that a place cannot be written, and what would have been right."""
    return GrowthwatchError(
        f"{place}: cannot be written ({e.strerror})", field="folder", value=str(place), expected=expected
    )


def read_text(path: PathLike) -> tuple[str, str]:
    """Text of a file that a user names, and its path in words."""
    file = user_path("path", path)
    return as_text(read_within(file, FIGURES_LIMIT), str(file)), str(file)


def read_number(text: str, at: str, what: str) -> float:
    """Read a finite number, or name the place where there is none."""
    try:
        if "_" in text:
            raise ValueError(text)
        number = float(text)
    except ValueError:
        raise GrowthwatchError.of(f"{at}, {what}", text, "a number") from None
    if not math.isfinite(number):
        raise GrowthwatchError.of(f"{at}, {what}", text, "a finite number")
    return number
