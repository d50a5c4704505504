"""The written form of a record as JSON Schema, for software that reads or writes records."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any, cast

__all__ = ["schema"]


def schema() -> dict[str, Any]:
    """The JSON Schema of a record (draft 2020-12), to check one without growthwatch.

    Returns
    -------
    dict
        The schema, read anew: it may be changed.

    Notes
    -----
    `Record.loads` checks a little more: that days exist in the calendar, that two events with one id are the same, that
    no event names itself, and that last days are not before first ones.
    """
    text = files("growthwatch.record").joinpath("data/record.schema.json").read_text(encoding="utf-8")
    return cast("dict[str, Any]", json.loads(text))
