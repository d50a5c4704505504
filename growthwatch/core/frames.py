"""Columns to a data frame, with whichever library is there."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np

from growthwatch.core.columns import one_of
from growthwatch.core.errors import GrowthwatchError

__all__ = ["make_frame"]

_BACKENDS = ("pandas", "polars", "pyarrow")


def make_frame(columns: dict[str, Any], backend: str | None) -> Any:
    """Make a data frame of columns with one of the libraries that are known."""
    if backend is None:
        backend = next((b for b in _BACKENDS if find_spec(b)), None)
        if backend is None:
            raise GrowthwatchError.of("backend", None, f"one of {list(_BACKENDS)} to be installed")
    library: Any = one_of("backend", backend, [b for b in _BACKENDS if find_spec(b)])
    import narwhals.stable.v2 as nw

    series = {k: v.tolist() if np.asarray(v).dtype.kind in "OU" else v for k, v in columns.items()}
    return nw.from_dict(series, backend=library).to_native()
