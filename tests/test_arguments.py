"""A wrong argument is refused by name, whatever Python type it has."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import growthwatch as gw

ROOT = Path(__file__).parent.parent
FILE = ROOT / "growthwatch" / "protocols" / "uk-hv.toml"
RECORD: Any = gw.Record.load(ROOT / "examples" / "c1-slow-decline.json")
HV: Any = gw.protocol("uk-hv")
DAY = dt.date(2024, 2, 27)

anything: Any = gw

WRONG: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "Record": ("child_id", lambda x: anything.Record(x)),
    "Record events": ("events", lambda x: anything.Record("c", x)),
    "Record.load": ("path", lambda x: anything.Record.load(x)),
    "Record.loads": ("text", lambda x: anything.Record.loads(x)),
    "Record.from_dict": ("record", lambda x: anything.Record.from_dict(x)),
    "Record.dump": ("path", lambda x: RECORD.dump(x)),
    "Record.append": ("event", lambda x: RECORD.append(x)),
    "Record.merge": ("other", lambda x: RECORD.merge(x)),
    "Record.event": ("id", lambda x: RECORD.event(x)),
    "Protocol.load": ("path", lambda x: anything.Protocol.load(x)),
    "Protocol.rule": ("rule", lambda x: HV.rule(x)),
    "Protocol.provenance": ("path", lambda x: HV.provenance(x)),
    "protocol": ("protocol", lambda x: anything.protocol(x)),
    "review record": ("record", lambda x: anything.review(x, protocol=HV, as_of=DAY)),
    "review protocol": ("protocol", lambda x: anything.review(RECORD, protocol=x, as_of="x")),
    "review protocols": ("protocol", lambda x: anything.review(RECORD, protocol=[HV, x], as_of=DAY)),
    "review as_of": ("as_of", lambda x: anything.review(RECORD, protocol=HV, as_of=x)),
    "replay record": ("record", lambda x: anything.replay(x, protocol=HV, until=DAY)),
    "replay protocol": ("protocol", lambda x: anything.replay(RECORD, protocol=x, until=DAY)),
    "replay until": ("until", lambda x: anything.replay(RECORD, protocol=HV, until=x)),
    "chart record": ("record", lambda x: anything.chart(x)),
    "chart reference": ("reference", lambda x: anything.chart(RECORD, reference=x)),
    "chart measure": ("measure", lambda x: anything.chart(RECORD, measure=x)),
    "chart extra_lines": ("extra_lines", lambda x: anything.chart(RECORD, extra_lines=x)),
    "chart size": ("size", lambda x: anything.chart(RECORD, size=x)),
}
# What may be left out is None: these take it.
OPTIONAL: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "Protocol.load kinds": ("kinds", lambda x: anything.Protocol.load(FILE, kinds=x)),
    "review known_at": ("known_at", lambda x: anything.review(RECORD, protocol=HV, as_of=DAY, known_at=x)),
    "replay known_at": ("known_at", lambda x: anything.replay(RECORD, protocol=HV, until=DAY, known_at=x)),
    "Record.effective": ("known_at", lambda x: RECORD.effective(x)),
    "chart path": ("path", lambda x: anything.chart(RECORD, path=x)),
    "chart as_of": ("as_of", lambda x: anything.chart(RECORD, as_of=x)),
    "chart known_at": ("known_at", lambda x: anything.chart(RECORD, known_at=x)),
    "chart protocol": ("protocol", lambda x: anything.chart(RECORD, protocol=x)),
    "chart title": ("title", lambda x: anything.chart(RECORD, title=x)),
}


def refused(field: str, call: Callable[[Any], Any], value: object) -> None:
    with pytest.raises(gw.GrowthwatchError) as caught:
        call(value)
    assert caught.value.field == field
    assert caught.value.expected
    assert repr(value) in repr(caught.value.value), "the value as it was given"


@pytest.mark.parametrize("value", [None, 1, 2.5, object()], ids=["None", "int", "float", "object"])
@pytest.mark.parametrize("name", list(WRONG))
def test_a_wrong_type_is_refused_by_name(name: str, value: object) -> None:
    refused(*WRONG[name], value)


@pytest.mark.parametrize("value", [1, 2.5, object()], ids=["int", "float", "object"])
@pytest.mark.parametrize("name", list(OPTIONAL))
def test_what_may_be_left_out_is_refused_too(name: str, value: object) -> None:
    refused(*OPTIONAL[name], value)


@pytest.mark.parametrize("name", ["Record.load", "Record.dump", "Protocol.load", "protocol", "Record.event"])
def test_containers_are_no_names(name: str) -> None:
    for value in ([], {}, b"x"):
        refused(*WRONG[name], value)
