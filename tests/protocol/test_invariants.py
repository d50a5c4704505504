"""The invariants of the process specification, section 9, on histories of moves; and each seen to fail by a fault."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from invariants import INVARIANTS
from moves import History, histories

SHARE = 12
"""Part of the examples of the profile that each of the invariants has."""

held = settings(
    max_examples=max(settings().max_examples // SHARE, 2), deadline=None, suppress_health_check=list(HealthCheck)
)


@pytest.mark.parametrize("number", sorted(INVARIANTS))
@held
@given(h=histories(16), chance=st.integers(0, 2**32))
def test_invariant(number: int, h: History, chance: int) -> None:
    INVARIANTS[number](h, random.Random(chance))
