"""What follows from weights as columns, and what the protocol says of the same weights: no difference is left open."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))

from follow_differences import differences


def test_columns_and_the_protocol_differ_only_in_the_z_of_two_weights_of_one_day() -> None:
    """The chart reads their median; the protocol judges the last of them.  In kilograms both follow the lowest."""
    found = [d for seed in range(150) for d in differences(seed)]
    named = {(fact, "two weights of one day") for fact in ("fall", "change", "gain")}
    assert {(d.fact, d.why) for d in found} <= named, [d for d in found if (d.fact, d.why) not in named][:5]
