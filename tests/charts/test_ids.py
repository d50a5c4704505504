"""An id is in no picture and no file unless asked for; and then it is drawn as it is read, or refused."""

from __future__ import annotations

import re
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from builders import Child
from pictures import said, texts
from PIL import Image

from growthwatch.charts import chart
from growthwatch.charts.kinds import KINDS
from growthwatch.charts.quoting import NOT_SHOWN, tidied
from growthwatch.core.errors import GrowthwatchError
from growthwatch.record import Record

EVENTS = Child(birth_kg=3.4).steady(-1.0, [12, 60]).events
DAY = Child().date(65)


def drawn(name: str, kind: str = "growth", **more: Any) -> Any:
    one: Any = Record(name, EVENTS)
    return chart([one] if kind == "multiples" else one, kind=kind, as_of=DAY, **{"size": "600px", **more})


# Letters without a shape; from right to left, which would stand in the wrong order; marks that join others; spaces
# that look like another.
UNDRAWN = {
    "طفل-١٢٣": "U+0637", "ילד-7": "U+05D9", "٧٧١": "U+0667", "子供-1": "U+5B50", "kid-👶": "U+1F476", "𐤀1": "U+10900",
    "e\u0301va": "U+0301", "a\ufe0f": "U+FE0F", "Ａ１": "U+FF21", "\ue000": "U+E000",
    "a\u00a0b": "single plain", "a\u2003b": "single plain", "a  b": "single plain", "a\u2800b": "single plain",
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "kind"),
    [*((name, "multiples") for name in UNDRAWN), *(("子供-1", kind) for kind in KINDS)],
)
def test_an_id_that_cannot_be_drawn_as_it_is_read_is_refused(name: str, kind: str) -> None:
    with pytest.raises(GrowthwatchError) as caught:
        drawn(name, kind, identify=True)
    assert caught.value.field == "identify" and UNDRAWN[name] in str(caught.value)


def test_an_id_that_is_not_asked_for_is_in_no_way_of_a_chart() -> None:
    assert drawn("طفل-子-👶").alt_text


@pytest.mark.parametrize(
    "name", ["a\x07b", "a\nb", "abc\u202egpj", "ab\u200bc", "a\tb", " a ", "a\u00adb", "", "x" * 201]
)
def test_no_record_has_an_id_of_what_nobody_sees(name: str) -> None:
    with pytest.raises(GrowthwatchError, match="child_id"):
        Record(name, EVENTS)


@pytest.mark.parametrize("name", ["Zoë-7", "ребёнок-1", "$x^2$", "<b>&amp;", "\\frac", "a b", "=cmd()", "%s{0}"])
def test_an_id_of_plain_letters_stands_as_it_is(name: str) -> None:
    figure = drawn(name, identify=True)
    assert said(figure, "title").startswith(f"{name}: ")
    with Image.open(BytesIO(figure.png())) as picture:
        assert picture.info["Title"].startswith(f"{name}: ")


@pytest.mark.parametrize("kind", ["growth", "multiples"])
def test_two_ids_of_the_same_first_forty_letters_are_told_apart(kind: str) -> None:
    """Alike at both ends, too: only the mark differs."""
    seen: list[str] = []
    for name in (f"{'A' * 40}-{k}-{'B' * 150}" for k in range(4)):
        figure = drawn(name, kind, identify=True)
        heads = said(figure, "who") if kind == "multiples" else "".join(texts(figure, "title")).partition(":")[0]
        assert "…" in heads and "~" in heads and len(name) > 190
        seen.append(heads)
    assert len(set(seen)) == 4


def hidden_and_shown(data: bytes) -> bytes:
    """Everything that a file says, what is packed in it as well."""
    out = [data]
    for match in re.finditer(rb"stream\r?\n(.*?)endstream", data, re.DOTALL):
        try:
            out.append(zlib.decompress(match.group(1)))
        except zlib.error:
            continue
    if data.startswith(b"\x89PNG"):
        with Image.open(BytesIO(data)) as picture:
            out.append(str(dict(picture.info)).encode())
    if data.startswith(b"%PDF"):
        # Text in a page is cut into pieces, down to single letters: they belong together as they follow each other.
        pieces = [re.findall(rb"\(((?:[^()\\]|\\.)*)\)", row) for page in out[1:] for row in page.splitlines()]
        out.append(b"".join(b"".join(row) for row in pieces))
    return b"\n".join(out)


@pytest.mark.parametrize("kind", [*KINDS, "multiples"])
def test_no_file_holds_the_id_packed_or_plain_unless_asked(kind: str, tmp_path: Path) -> None:
    name, birth = "ZQ-secret-4711", Child().date(0)
    spoken = [*EVENTS, *Child().add("concern", 62, raised_by="mother", about=f"{name} is thin").events[2:]]
    plain, wide = name.encode(), name.encode("utf-16-be")
    forms = (plain, wide, plain.hex().encode(), wide.hex().encode())
    one: Any = [Record(name, spoken)] if kind == "multiples" else Record(name, spoken)
    # That the search finds an id which is there is shown on two of them.
    for asked in (False, True) if kind in ("growth", "multiples") else (False,):
        path = tmp_path / f"chart-{asked}.png"
        figure = chart(one, kind=kind, as_of=DAY, size="600px", path=path, csv=True, identify=asked)
        files = {".png": path.read_bytes(), ".svg": figure.svg(), ".pdf": figure.pdf()}
        table = path.with_suffix(".csv").read_text(encoding="utf-8")
        for suffix, data in files.items():
            everything = hidden_and_shown(data)
            assert any(form in everything for form in forms) == asked, (suffix, asked)
            for word in (birth.isoformat(), f"{birth:%d/%m/%Y}", str(tmp_path)):
                assert word.encode() not in everything and word not in table
        if not asked:
            assert name not in table + said(figure) + figure.alt_text


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("e\u0301va", "\u00e9va is thin"),
        ("\u00c9va", "E\u0301VA is thin"),
        ("a  b", "A b is thin"),
        ("k-7", "(K-7) is thin"),
    ],
)
def test_the_id_is_taken_out_of_quoted_words_however_it_is_written(name: str, words: str) -> None:
    assert tidied(words, name).strip("()").startswith("the child")


def test_words_from_right_to_left_are_not_shown_in_the_wrong_order() -> None:
    assert tidied("הילד רזה") == NOT_SHOWN and tidied("الطفل نحيف") == NOT_SHOWN
    assert tidied("thinner, “dünner”") == "thinner, “dünner”"
