"""Characters that have no shape: they can make what is read something else, and are never shown as they are.

Source: Unicode Technical Report 36, section 2.8, Bidirectional text spoofing.
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from builders import Child

import growthwatch as gw
from growthwatch.cli.show import clean
from growthwatch.core.plain import has_unseen, seen
from growthwatch.pages.render import _environment  # pyright: ignore[reportPrivateUsage]
from growthwatch.record.record import Record

TURNING = [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]
OTHERS = [0x00AD, 0x061C, 0x180E, 0x200B, 0x200E, 0x200F, 0x2028, 0x2029, 0x2060, 0xFEFF, 0xE0041]
JOINERS = [0x200C, 0x200D]


def record(type: str = "contact", **more: Any) -> Record:
    usual = {"contact": {"face_to_face": True}}.get(type, {})
    event = {
        "id": "c", "type": type, "on": "2024-05-01", "recorded_at": "2024-05-01T12:00:00Z", "actor": "Ann Lee",
        "role": "health_visitor",
    }  # fmt: skip
    return Record("child", [event | usual | more])


@pytest.mark.parametrize("code", [*TURNING, *OTHERS])
def test_what_has_no_shape_is_written_out(code: int) -> None:
    told = seen(f"Dr {chr(code)}Lee")
    assert has_unseen(chr(code)) and told == f"Dr {chr(code).encode('unicode_escape').decode()}Lee"
    assert told.isprintable() and clean(f"Dr {chr(code)}Lee") == told
    assert _environment().from_string("{{ who }}").render(who=f"Dr {chr(code)}Lee") == told


@pytest.mark.parametrize("code", JOINERS)
def test_what_joins_letters_stays(code: int) -> None:
    # A Persian name has a zero width non-joiner between its parts.
    name = f"\u0645\u0647{chr(code)}\u0646\u0627\u0632"
    assert not has_unseen(name) and seen(name) == name
    assert record(actor=name).events[0].actor == name


NAMED: list[tuple[str, dict[str, Any], str]] = [
    ("contact", {"actor": "?"}, "actor"),
    ("contact", {"service": "?"}, "service"),
    ("concern", {"raised_by": "?", "about": "weight"}, "raised_by"),
    ("letter_sent", {"sender": "?", "to": [{"name": "Dr Fox"}]}, "sender"),
    ("letter_sent", {"sender": "Ann", "to": [{"name": "?"}]}, "to[0].name"),
    ("referral_made", {"to": "?", "kind": "clinical", "about": "growth"}, "to"),
    ("lead_named", {"name": "?", "lead_role": "health_visitor"}, "name"),
    ("handover_sent", {"sender": "North", "recipient": "?"}, "recipient"),
    ("acknowledged", {"request": "r", "by": "?"}, "by"),
    ("was_not_brought", {"service": "?"}, "service"),
]


@pytest.mark.parametrize(("type", "fields", "field"), NAMED)
@pytest.mark.parametrize("code", [0x202E, 0x2066, 0x200B])
def test_a_name_with_what_has_no_shape_is_refused_with_what_is_wrong(
    type: str, fields: dict[str, Any], field: str, code: int
) -> None:
    def put(value: Any) -> Any:
        if value == "?":
            return f"Dr {chr(code)}Fox"
        return [put(x) for x in value] if isinstance(value, list) else (
            {k: put(x) for k, x in value.items()} if isinstance(value, dict) else value
        )  # fmt: skip

    with pytest.raises(gw.GrowthwatchError) as refused:
        record(type, **put(fields))
    said = str(refused.value)
    assert field in said and "without invisible characters, which could make it read as another" in said
    assert chr(code) not in said, "an error does not show them either"


@pytest.mark.parametrize("code", [0x202E, 0x2066, 0x200B])
def test_an_id_with_what_has_no_shape_is_refused(code: int) -> None:
    with pytest.raises(gw.GrowthwatchError, match="without control characters"):
        record(id=f"c{chr(code)}1")


def test_a_note_keeps_them_and_they_are_never_shown_as_they_are(tmp_path: Path) -> None:
    turned = "seen \u202esdrawkcab\u202c today"
    child = Child().led().at_z(-2.1, 200).add("concern", 201, raised_by="mother", about=turned, note=turned)
    child.add("request_made", 201, kind="other", to=[{"name": "Dr Fox"}], ask=turned, findings=["G4@start"])
    child.add(
        "acknowledged", 202, request="G4@start", by="Dr Fox", will_do=turned, by_when=child.date(203), needs=turned
    )
    kept = child.record
    assert kept.event(child.events[-2]["id"]).ask == turned
    kept.dump(tmp_path / "child.json")
    assert Record.load(tmp_path / "child.json").content_hash == kept.content_hash
    assert json.loads((tmp_path / "child.json").read_text(encoding="utf-8"))
    r = child.review(210)
    told = [r.explain(), r.explain("G4"), r.explain(audience="family"), *map(str, r.to_do()), *r.notes]
    assert not any(has_unseen(text) for text in told)


def test_the_terminal_writes_them_out() -> None:
    out = io.StringIO()
    print(clean("a\u202eb\u200bc\u2066d"), file=out)
    assert out.getvalue() == "a\\u202eb\\u200bc\\u2066d\n"
