"""What follows from weights as columns, and what the protocol says of the same weights: no difference is left open."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))

from follow_differences import differences


def test_columns_and_the_protocol_differ_only_where_two_weights_are_of_one_day() -> None:
    """The specification has one rule for those; the protocol's own ledgers compare them one by one."""
    found = [d for seed in range(150) for d in differences(seed)]
    assert {d.why for d in found} <= {"two weights of one day"}, [d for d in found if "day" not in d.why][:5]
