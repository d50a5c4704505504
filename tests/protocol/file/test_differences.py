"""What a file of one's own says otherwise, and what covers each number of it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from growthwatch.core.errors import GrowthwatchError
from growthwatch.protocol.file.differences import Difference, differences
from growthwatch.protocol.file.sources import check_sourced, source_of

WHOLE = {"source": "A guideline", "tag": "N", "review_by": dt.date(2027, 11, 30)}


def file(**more: Any) -> dict[str, Any]:
    return {
        "title": "one",
        "weights": {**WHOLE, "least_kg": 0.25, "words": ["a", "b"]},
        "rules": [
            {**WHOLE, "id": "G1", "days": 7, "levels": [{"name": "amber", "days": 14}, {"name": "red", "days": 28}]},
            {"id": "G2", "clock": [{"from_days": 14, "days": 7, **WHOLE}, {"from_days": 14, "days": 8, **WHOLE}]},
        ],
        **more,
    }


def changed(*path: str | int, value: Any) -> dict[str, Any]:
    out = file()
    node: Any = out
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value
    return out


def test_the_same_file_says_nothing_otherwise() -> None:
    assert differences(file(), file()) == ()


@pytest.mark.parametrize(
    ("ours", "told"),
    [
        (changed("title", value="two"), Difference("title", "one", "two", False, False, "", "")),
        # A number that rests on what another number rested on has no source of its own.
        (
            changed("weights", "least_kg", value=0.3),
            Difference("weights.least_kg", 0.25, 0.3, True, False, "A guideline", "N"),
        ),
        (changed("weights", "words", value=["a"]), Difference("weights.words", ["a", "b"], ["a"], False, False, "A guideline", "N")),
        # Entries of a list are known by their id or name; the second of one name by its number.
        (
            changed("rules", 0, "levels", 1, "days", value=30),
            Difference("rules[G1].levels[red].days", 28, 30, True, False, "A guideline", "N"),
        ),
        (
            changed("rules", 1, "clock", 1, "days", value=9),
            Difference("rules[G2].clock[from 14 days 2].days", 8, 9, True, False, "A guideline", "N"),
        ),
        # 7 and 7.0 are two numbers; a day is written as text.
        (changed("rules", 0, "days", value=7.0), Difference("rules[G1].days", 7, 7.0, True, False, "A guideline", "N")),
        (
            changed("weights", "review_by", value=dt.date(2028, 1, 1)),
            Difference("weights.review_by", "2027-11-30", "2028-01-01", False, False, "A guideline", "N"),
        ),
    ],
)  # fmt: skip
def test_a_key_that_says_otherwise_is_told_with_both_values(ours: dict[str, Any], told: Difference) -> None:
    assert differences(ours, file()) == (told,)


def test_a_number_with_a_source_of_its_own() -> None:
    ours = changed("rules", 0, "days", value=10)
    ours["rules"][0]["source"] = "Our trust"
    by_key = {d.key: d for d in differences(ours, file())}
    days = by_key["rules[G1].days"]
    assert days == Difference("rules[G1].days", 7, 10, True, True, "Our trust", "N")
    # The numbers inside that did not change are not told, though another source covers them now.
    assert set(by_key) == {"rules[G1].days", "rules[G1].source"}


def test_what_only_one_of_the_two_has() -> None:
    more = changed("weights", "most_kg", value=300)
    assert differences(more, file()) == (Difference("weights.most_kg", None, 300, True, True, "A guideline", "N"),)
    assert differences(file(), more) == (Difference("weights.most_kg", 300, None, True, False, "", ""),)
    both = differences(changed("title", value="two"), more)
    assert [d.key for d in both] == ["title", "weights.most_kg"], "in the order of the file; what is gone comes last"


# --- sources ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gone", "missing"),
    [
        (("source",), "source"),
        (("tag",), "tag"),
        (("review_by",), "review_by"),
        (("source", "review_by"), "source and review_by"),
        (("source", "tag", "review_by"), "source and tag and review_by"),
    ],
)
def test_a_number_that_nothing_covers_is_refused_with_what_is_missing(gone: tuple[str, ...], missing: str) -> None:
    table = {k: v for k, v in WHOLE.items() if k not in gone}
    with pytest.raises(GrowthwatchError) as caught:
        check_sourced({"a": {"b": [{**table, "days": 7, "share": [0.5], "flag": True}]}}, "ours.toml")
    e = caught.value
    assert (e.field, e.value) == ("ours.toml: a.b[days=7]", ["days", "share"])
    assert e.expected == f"{missing} for these numbers, here or in a table around"


def test_a_number_at_the_top_is_named() -> None:
    with pytest.raises(GrowthwatchError) as caught:
        check_sourced({"schema": 1, "days": 7}, "ours.toml")
    assert (caught.value.field, caught.value.value) == ("ours.toml: (top)", ["days"])
    check_sourced({"schema": 1, "flag": True, "words": ["a"]}, "ours.toml")


@pytest.mark.parametrize(
    ("plain", "field"),
    [
        ({**WHOLE, "source": " "}, "source"),
        ({"a": {**WHOLE, "source": " "}}, "a.source"),
        ({"a": [{**WHOLE, "id": "X", "source": " "}, {**WHOLE, "id": "Y"}]}, "a[X].source"),
    ],
)
def test_a_blank_source_is_refused(plain: dict[str, Any], field: str) -> None:
    with pytest.raises(GrowthwatchError) as caught:
        check_sourced(plain, "ours.toml")
    assert (caught.value.field, caught.value.expected) == (f"ours.toml: {field}", "who says so, in words")


def test_what_a_table_around_says_covers_what_is_inside() -> None:
    check_sourced({**WHOLE, "a": [{"days": 7, "b": {"days": 8}}]}, "ours.toml")
    plain = {**WHOLE, "rules": [{"id": "G1", "tag": "L", "levels": [{"source": "Ours", "days": 7}]}]}
    day = WHOLE["review_by"]
    assert source_of(plain, ()) == ("A guideline", "N", day)
    assert source_of(plain, ("rules", "G1")) == ("A guideline", "L", day)
    assert source_of(plain, ("rules", "G1", "levels", 0)) == ("Ours", "L", day)
    assert source_of(plain, ("rules", 0, "levels", 0, "days")) == ("Ours", "L", day)


@pytest.mark.parametrize(
    ("path", "step"),
    [(("rules", "G2"), "'G2'"), (("weights",), "'weights'"), (("rules", 3), "3"), (("rules", 0, "id", "x"), "'x'")],
)
def test_a_path_that_is_not_there(path: tuple[str | int, ...], step: str) -> None:
    plain = {**WHOLE, "rules": [{"id": "G1"}]}
    with pytest.raises(GrowthwatchError) as caught:
        source_of(plain, path)
    assert (caught.value.field, caught.value.expected) == ("path", f"a path of the protocol ({step} is not there)")


def test_a_path_that_nothing_covers() -> None:
    with pytest.raises(GrowthwatchError) as caught:
        source_of({"source": "A", "tag": "N", "a": {"days": 7}}, ("a",))
    assert caught.value.expected == "a table with source, tag and review_by, its own or inherited"


def test_an_entry_of_a_list_is_named_by_its_age_or_its_place() -> None:
    # A lead reads "clock[from 6 months]", where "clock[6]" could be the sixth or the seventh.
    mine, theirs = file(), file()
    for plain, days in ((mine, 56), (theirs, 57)):
        bands = [{"from_months": 1, "days": 1}, {"from_months": 6, "days": days}, {"days": days}]
        plain["rules"][1]["clock"] = [band | WHOLE for band in bands]
    assert [d.key for d in differences(mine, theirs)] == [
        "rules[G2].clock[from 6 months].days",
        "rules[G2].clock[entry 3].days",
    ]
