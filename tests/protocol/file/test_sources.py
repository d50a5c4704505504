"""No number without a source: one that a reader can look up, or who must decide."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib import resources
from typing import Any

FOLDER = resources.files("growthwatch") / "protocols"
FILES = [f for f in FOLDER.iterdir() if f.name.endswith(".toml")]


def sources(node: Any, tag: str = "", path: str = "") -> Iterator[tuple[str, str, str]]:
    """Path, tag and text of every source in a file."""
    if isinstance(node, dict):
        tag = node.get("tag", tag)
        if "source" in node:
            yield path, tag, node["source"]
        for key, part in node.items():
            yield from sources(part, tag, f"{path}.{key}")
    elif isinstance(node, list):
        for part in node:
            label = part.get("id") or part.get("name", "") if isinstance(part, dict) else ""
            yield from sources(part, tag, f"{path}[{label}]")


FOUND = [(file.name, *found) for file in FILES for found in sources(tomllib.loads(file.read_text("utf-8")))]


def test_a_source_is_one_that_a_reader_can_look_up() -> None:
    assert len(FOUND) > 60
    for file, path, _, text in FOUND:
        assert not re.match(r"(process )?specification", text, re.IGNORECASE), (file, path)
        assert not re.search(r"specification \d|as said|from memory\)", text, re.IGNORECASE), (file, path)


def test_where_there_is_none_the_text_says_who_must_decide() -> None:
    local = [(file, path, text) for file, path, tag, text in FOUND if tag == "L"]
    assert len(local) > 40
    for file, path, text in local:
        assert "decide" in text, (file, path)
