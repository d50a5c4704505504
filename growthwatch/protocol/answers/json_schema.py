"""The written form of a review as JSON Schema, for software that reads reviews."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any, cast

__all__ = ["review_schema"]


def review_schema() -> dict[str, Any]:
    """The JSON Schema of a review (draft 2020-12), as `Review.to_json` writes it.

    Returns
    -------
    dict
        The schema, read anew: it may be changed.

    Notes
    -----
    Each key is always there.  Sentences may improve from one version of the package to the next.
    """
    text = files("growthwatch.protocol.answers").joinpath("data/review.schema.json").read_text(encoding="utf-8")
    return cast("dict[str, Any]", json.loads(text))
