"""Protocol files of a trust's own, written for tests."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from builders import HV
from losing import PACKAGED

from growthwatch.protocol import Protocol

SOURCE = 'source = "Partnership board, minute 14"\ntag = "L"\nreview_by = 2027-12-31\n'
"""What covers a value of a trust's own."""

G4_DEED = "Agree a plan with the parents"
"""What G4 asks for: a deed that is named by its words."""


def changed(folder: Path, *changes: tuple[str, str]) -> Protocol:
    """The packaged protocol under another name, with words of its text changed, each of which stands there once."""
    text = PACKAGED.read_text(encoding="utf-8").replace('\nid = "uk-hv"', '\nid = "ours"', 1)
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path = folder / "changed.toml"
    path.write_text(text, encoding="utf-8")
    return Protocol.load(path)


X1 = """
[[rules]]
id = "X1"
kind = "below_line"
kind_version = 2
title = "Below the 9th centile"
closes = "signed"
source = "Feeding team, March 2026; the team lead decides"
tag = "L"
review_by = 2027-03-31
line = -2
from_age_days = 21
preterm_from_gestation_days = 294
levels = [{ name = "below", loudness = "weekly", stage = "E1", actions = [
  { do = "Ask how feeds go", owner = "health_visitor", within_days = 7, if_not = "the team lead asks" }] }]
"""
"""A rule of a trust's own."""


def header(
    id: str = "trust-hv", version: str = "1.0", parent: Protocol = HV, hash: str | None = None, more: str = ""
) -> str:
    """The top of a file that extends another."""
    return (
        f'schema = 2\nid = "{id}"\nversion = "{version}"\neffective_from = 2024-01-01\n{more}'
        f'extends = {{ id = "{parent.id}", version = "{parent.version}", hash = "{hash or parent.hash}" }}\n'
    )


def value_of(value: Any) -> str:
    """A value as TOML has it."""
    return str(value).lower() if isinstance(value, bool) else json.dumps(value, ensure_ascii=False)


def one(path: str, value: Any, more: str = "", source: str = SOURCE) -> str:
    """One value that holds whenever the file does."""
    return f"[[set]]\npath = {json.dumps(path, ensure_ascii=False)}\nvalue = {value_of(value)}\n{source}{more}"


def dated(path: str, values: Sequence[tuple[str, Any]], more: str = "", source: str = SOURCE) -> str:
    """Values that hold from their days."""
    told = ", ".join(f"{{ from = {day}, value = {value_of(value)} }}" for day, value in values)
    return f"[[set]]\npath = {json.dumps(path, ensure_ascii=False)}\nvalues = [{told}]\n{source}{more}"


def write(folder: Path, *parts: str, name: str = "ours.toml", head: str | None = None) -> Path:
    """Write a file that extends the packaged protocol, or has another head."""
    path = folder / name
    path.write_text("\n".join((header() if head is None else head, *parts)), encoding="utf-8")
    return path


def load(folder: Path, *parts: str, name: str = "ours.toml", head: str | None = None) -> Protocol:
    """Write and load such a file."""
    return Protocol.load(write(folder, *parts, name=name, head=head))
