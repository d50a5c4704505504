"""A protocol with a rule of one's own at its end."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from growthwatch.protocol import Protocol

TEXT = (resources.files("growthwatch") / "protocols" / "uk-hv.toml").read_text(encoding="utf-8")


def with_rule(folder: Path, rule: str) -> Protocol:
    """The packaged protocol, and one more rule as a trust would write it."""
    path = folder / "ours.toml"
    path.write_text(TEXT + rule, encoding="utf-8")
    return Protocol.load(path)
