"""Paths by ids and names: each value of a file has one, and it leads back; what others extend round trips."""

from __future__ import annotations

import datetime as dt
import json
import tomllib
from importlib import resources
from typing import Any

import pytest
from builders import HV
from hypothesis import given, settings
from hypothesis import strategies as st
from own_protocols import dated, header, one

from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.places import label_of, written
from growthwatch.protocol.file.inherit import Read, read_file
from growthwatch.protocol.file.marks import Marks, NumberMark, no_clinical_number
from growthwatch.protocol.file.paths import at, leaves, locate, parse

PLAIN = tomllib.loads((resources.files("growthwatch") / "protocols" / "uk-hv.toml").read_text("utf-8"))
LEAVES = list(leaves(PLAIN))
NUMBERS = [leaf for leaf in LEAVES if not no_clinical_number(leaf) and not isinstance(leaf.value, list)]
MARKS = Marks.of(PLAIN)


def count(node: Any) -> int:
    """How many values a file has that are no table."""
    if isinstance(node, dict):
        return sum(map(count, node.values()))
    if isinstance(node, list) and any(isinstance(part, dict) for part in node):
        return sum(map(count, node))
    return 1


def test_every_value_has_one_path_and_it_leads_back() -> None:
    assert len(LEAVES) == count(PLAIN) > 1000 and len({leaf.path for leaf in LEAVES}) == len(LEAVES)
    for leaf in LEAVES:
        assert locate(PLAIN, leaf.path) == leaf and at(PLAIN, leaf.steps) == leaf.value
        assert written(parse(leaf.path)) == leaf.path


def test_a_path_does_not_change_when_tables_change_places() -> None:
    """By ids, never by position: the same path names the same value wherever its tables stand."""
    turned = json.loads(json.dumps(PLAIN, default=str))
    turned["rules"].reverse()
    for rule in turned["rules"]:
        rule["levels"].reverse()
        for level in rule["levels"]:
            level.get("actions", []).reverse()
    for leaf in NUMBERS:
        assert locate(turned, leaf.path).value == leaf.value, leaf.path


NAMES = st.text("abcXYZ 0159%,.()-", min_size=1, max_size=12).filter(lambda t: t.strip() == t)
TABLES = st.fixed_dictionaries(
    {"value": st.integers(0, 3)},
    optional={
        "id": NAMES, "name": NAMES, "do": NAMES, "for": st.sampled_from(["ordinary", "high_need"]),
        "from_days": st.integers(0, 5), "flag": st.booleans(), "half": st.sampled_from([0.5, 1.5, 2.0]),
    },
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(TABLES, min_size=1, max_size=6))
def test_what_has_a_name_is_found_by_it_and_nothing_else_is(entries: list[dict[str, Any]]) -> None:
    plain = {"things": entries}
    for place in range(len(entries)):
        label = label_of(entries, place)
        if label is None:
            # Nothing tells it from another one beside it by three keys.
            assert len(entries) > 1
            continue
        leaf = locate(plain, f"things[{label}].value")
        assert leaf.steps == ("things", place, "value")
    for leaf in leaves(plain):
        assert locate(plain, leaf.path).steps == leaf.steps


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=30))
def test_whatever_is_written_is_a_path_or_refused(text: str) -> None:
    try:
        leaf = locate(PLAIN, text)
    except GrowthwatchError as e:
        assert e.expected
    else:
        assert leaf in LEAVES


@pytest.mark.parametrize(
    "path",
    ["rules[G4]", "rules[G4].line[x]", "rules[G4].line.", ".rules", "rules[]", "rules[[G4]].line", "rules[G4]line"],
)
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(GrowthwatchError):
        locate(PLAIN, path)


# --- files that extend --------------------------------------------------------------------------------

BECAUSE = 'weaker = true\nbecause = "a pilot"\n'


def read(*parts: str) -> Read:
    return read_file(tomllib.loads("\n".join((header(), *parts))), "ours.toml", lambda _: HV.read)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(NUMBERS), min_size=1, max_size=5, unique_by=lambda leaf: leaf.path), st.data())
def test_what_is_set_is_what_is_read_and_nothing_else(chosen: list[Any], data: st.DataObject) -> None:
    parts: list[str] = []
    values: dict[str, Any] = {}
    for leaf in chosen:
        other = data.draw(st.integers(0, 400).filter(lambda v, was=leaf.value: v != was), label=leaf.path)
        mark = MARKS.mark(leaf.path) or NumberMark(keys=(), safer="neither")
        national = HV.provenance(*leaf.steps[:-1])[1] == "N"
        weaker = mark.beyond(other) or (national and mark.less_safe(other, leaf.value))
        parts.append(one(leaf.path, other, BECAUSE if weaker else ""))
        values[leaf.path] = other
    found = read(*parts)
    plain = found.on(None)
    for leaf in NUMBERS:
        assert at(plain, leaf.steps) == values.get(leaf.path, leaf.value)
    assert {g.path for g in found.given} == set(values) and found.days == ()
    assert at(found.plain, chosen[0].steps) == chosen[0].value  # the parent is as it was


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.dates(dt.date(2020, 1, 1), dt.date(2035, 1, 1)), min_size=1, max_size=5, unique=True),
    st.dates(dt.date(2019, 1, 1), dt.date(2036, 1, 1)),
)
def test_a_dated_value_is_the_last_one_that_has_begun(days: list[dt.date], asked: dt.date) -> None:
    days = sorted(days)
    path, values = "rules[G9].clock[from_months=4].red_days", [30 + n for n in range(len(days))]
    found = read(dated(path, [(d.isoformat(), v) for d, v in zip(days, values, strict=True)]))
    begun = [v for d, v in zip(days, values, strict=True) if d <= asked]
    leaf = locate(PLAIN, path)
    assert at(found.on(asked), leaf.steps) == (begun[-1] if begun else 42)
    assert at(found.on(None), leaf.steps) == 42 and found.days == tuple(days)
    if len(days) > 1:
        backwards = [(d.isoformat(), v) for d, v in zip(reversed(days), values, strict=True)]
        with pytest.raises(GrowthwatchError, match="ascend"):
            read(dated(path, backwards))


@pytest.mark.parametrize("leaf", [n for n in NUMBERS if HV.provenance(*n.steps[:-1])[1] == "N"], ids=lambda n: n.path)
def test_no_national_number_is_weakened_without_a_reason(leaf: Any) -> None:
    mark = MARKS.mark(leaf.path)
    assert mark is not None
    lower, higher = leaf.value - 0.5, leaf.value + 0.5
    for value in {"lower": [higher], "higher": [lower], "neither": [lower, higher]}[mark.safer]:
        with pytest.raises(GrowthwatchError, match="weaker = true with because"):
            read(one(leaf.path, value))
        assert read(one(leaf.path, value, BECAUSE)).given[0].weaker


def test_a_key_that_stands_elsewhere_is_told_with_its_places() -> None:
    plain = {"rules": [{"id": "P3", "weight": 1}], "requests": [{"id": "letter", "acknowledge_wd": 5}]}
    with pytest.raises(GrowthwatchError) as e:
        locate(plain, "rules[P3].acknowledge_wd")
    assert "acknowledge_wd stands at requests[letter].acknowledge_wd" in str(e.value)
    with pytest.raises(GrowthwatchError) as e:
        locate(plain, "rules[P3].nowhere")
    assert "stands at" not in str(e.value)


def test_a_key_that_stands_nearly_everywhere_is_not_listed() -> None:
    plain = {"rules": [{"id": f"P{n}", "within_wd": n} for n in range(9)], "other": {"x": 1}}
    with pytest.raises(GrowthwatchError) as e:
        locate(plain, "other.within_wd")
    assert "stands at" not in str(e.value)
