"""The vocabularies and types of a record are those that the document lists."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from growthwatch.record import (
    EVENT_TYPES,
    Clothing,
    Condition,
    Level,
    Record,
    Role,
    Scale,
    Sign,
    Tier,
)
from growthwatch.record.forms import form_keys

ROOT = Path(__file__).parents[2]


DOC = ROOT / "docs" / "record.md"
KEYS = ROOT / "docs" / "record-json.md"


def test_the_document_lists_every_type_field_and_word() -> None:
    text = KEYS.read_text(encoding="utf-8")
    parts = re.split(r"^#{2,4} ", text, flags=re.MULTILINE)
    sections = {p.split("\n")[0].strip(): p for p in parts}
    shared = {"id", "type", "on", "time", "recorded_at", "actor", "role", "corrects", "note"}
    for key in shared:
        assert f"| `{key}` |" in sections["What every event has"], key
    for word, form in EVENT_TYPES.items():
        section = sections[f"`{word}`"]
        documented = set(re.findall(r"^\| `(\w+)` \|", section, flags=re.MULTILINE))
        assert documented == set(form_keys(form)) - shared, word
        for name, field in form.model_fields.items():
            if name not in shared and field.is_required():
                key = field.serialization_alias or name
                assert re.search(rf"^\| `{key}` \| required", section, flags=re.MULTILINE), (word, key)
    assert set(sections) >= {f"`{w}`" for w in EVENT_TYPES}
    words = [*Role, *Sign, *(w for a in (Condition, Level, Clothing, Scale, Tier) for w in get_args(a))]
    for word in words:
        assert f"`{word}`" in text, word


def test_the_example_of_the_document_is_a_record() -> None:
    blocks = re.findall(r"```json\n(.*?)```", DOC.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert blocks
    for block in blocks:
        assert Record.loads(block).dumps() == block
