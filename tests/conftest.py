"""Settings of the tests: the same examples every time where CI is set; few and unshrunk ones for mutants."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

settings.register_profile("ci", derandomize=True, deadline=None, print_blob=True)
settings.register_profile(
    "mutants",
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=20,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
# For the invariants of the process rules: each on 1125 histories of up to 16 moves.
settings.register_profile("deep", max_examples=18000, deadline=None, print_blob=True)
if os.environ.get("CI"):
    settings.load_profile("ci")
