"""What a number of a protocol file may be at most and at least: one step inside it loads, one step outside it does not.

Spans are within a hundred years (36,525 days, 1,200 months); shares and floors that would mean nothing are refused.
"""

from __future__ import annotations

import copy
import re
import tomllib
from collections.abc import Iterator
from importlib import resources
from typing import Any

import pytest

from growthwatch.core.errors import GrowthwatchError
from growthwatch.protocol import KINDS, Protocol
from growthwatch.protocol.file.inherit import Extends, Read, read_file

PLAIN = tomllib.loads((resources.files("growthwatch") / "protocols" / "uk-hv.toml").read_text(encoding="utf-8"))
Steps = tuple[str | int, ...]


def no_parent(extends: Extends) -> Read:
    raise AssertionError(extends)


def numbers(node: Any, path: Steps = ()) -> Iterator[Steps]:
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for k, v in items:
        yield from numbers(v, (*path, k))
    counts_versions = path[-1:] in (("schema",), ("kind_version",)) or path[:1] == ("numbers",)
    if isinstance(node, int | float) and not isinstance(node, bool) and not counts_versions:
        yield path


def kind(path: Steps) -> tuple[str, ...]:
    """The key of a path, whatever the rule's place: numbers of one key have one limit."""
    head = (PLAIN["rules"][path[1]]["kind"],) if path[0] == "rules" else ()
    return (*head, *(step for step in path if isinstance(step, str)))


FIRST: dict[tuple[str, ...], Steps] = {}
for each in numbers(PLAIN):
    FIRST.setdefault(kind(each), each)
# Counted against the weights that there are: one that is never reached is never met.
NO_MOST = {
    ("conditional_gain", "rules", "least_days"),
    ("conditional_gain", "rules", "running_least_days"),
    ("fall_on_condition", "rules", "sustained_least_days"),
    ("fluid_gain", "rules", "least_days"),
    ("held_by_nothing", "rules", "days"),
}
DAYS = [p for k, p in FIRST.items() if (k[-1].endswith("days") or "_days_" in k[-1]) and k not in NO_MOST]
MONTHS = [p for k, p in FIRST.items() if k[-1].endswith("months") and k[-1] != "plan_lasts_months"]
# What may be no 0 at all: a floor, ceiling or run of no days or gains, and a span in which nothing could ever be steady.
ABOVE_0 = {
    *("t1_days", "t2_days", "t3_days", "t3_after_gains_days", "ceiling_days", "plan_at_most_days", "plan_lasts_months"),
    *("gains", "spaces", "spaces_more", "falling_more_than_spaces", "within_spaces", "steady_within_spaces"),
    *("least_kg", "most_kg", "beyond_z", "birth_beyond_z", "jump_z", "fits_within_z", "confirmed_within_z"),
    *("percent", "z", "below_percent", "further_below_z", "evidence_below", "lighter_than_kg", "high_need_gmfcs_from"),
    *("lapsed_after_floors", "plan_stretch_at_most", "contacts_at_least", "loss_at_least_percent", "loss_over_percent"),
    *("soon_from_loss_percent", "recovered_within_percent", "with_danger_sign_percent", "high_need_gain_percent"),
    *("weights_at_least", "ratio_at_least", "high_need_ratio_at_least", "evidence_at_least", "sustained_least_days"),
    *("z_above", "spaces_over", "length_z_above", "same_day_kg", "same_day_heavier_from_kg", "same_day_heavier_kg"),
    *("equal_chance_below", "factors", "at_least", "closure_points", "recovered_spaces", "refer_spaces"),
    *("deeper_spaces", "falling_spaces", "arm_below_cm", "skinfold_below_centile", "below_centile"),
}
# Days of a table of its own: its name says of what.
ABOVE_0_IN = {("tiers", "steady", "days"), ("schedule", "after", "days"), ("schedule", "floors", "bands", "days")}
ABOVE_0_IN |= NO_MOST
BELOW_0 = {"line", "z_below"}
ANY = {"birth_below_lines", "birth_up_to_lines", "z_at_least_lines", "at_least_c", "below_c"}


def refused(path: Steps, value: float) -> str | None:
    """How a number is refused for itself; None where it is not, whatever else then does not fit."""
    plain: dict[str, Any] = {k: v for k, v in PLAIN.items() if k not in (path[0], "rules")}
    # One rule is enough, and quicker.
    number = path[1] if path[0] == "rules" else 0
    plain["rules"] = [copy.deepcopy(PLAIN["rules"][number])]
    if path[0] != "rules":
        plain[str(path[0])] = copy.deepcopy(PLAIN[path[0]])
    node: Any = plain
    for step in ("rules", 0, *path[2:-1]) if path[0] == "rules" else path[:-1]:
        node = node[step]
    node[path[-1]] = value
    try:
        Protocol(read_file(plain, "ours.toml", no_parent), KINDS, "ours.toml")
    except GrowthwatchError as e:
        found = re.search(r"(greater than|less than)( or equal to)? -?[\d.]+", str(e))
        assert found is None or str(next(s for s in reversed(path) if isinstance(s, str))) in str(e.field), e.field
        return None if found is None else found[0]
    return None


def named(path: Steps) -> str:
    return ".".join(map(str, path))


@pytest.mark.parametrize("path", DAYS, ids=named)
def test_days_are_within_a_hundred_years(path: Steps) -> None:
    assert refused(path, 36525) is None
    assert refused(path, 36526) == "less than or equal to 36525"


@pytest.mark.parametrize("path", MONTHS, ids=named)
def test_months_are_within_a_hundred_years(path: Steps) -> None:
    assert refused(path, 1200) is None
    assert refused(path, 1201) == "less than or equal to 1200"


@pytest.mark.parametrize("path", FIRST.values(), ids=named)
def test_what_is_less_than_nothing_is_refused(path: Steps) -> None:
    name, own = kind(path)[-1], kind(path)
    node: Any = PLAIN
    for step in path:
        node = node[step]
    one: float = 1 if isinstance(node, int) else 1.0
    if name in ANY or ("others" in own and name == "z_below"):
        assert refused(path, -one) is None
    elif name in BELOW_0 and "others" not in own:
        assert refused(path, 0 * one) == "less than 0" and refused(path, -one) is None
    else:
        assert refused(path, -one) is not None
        assert (refused(path, 0 * one) is not None) is (name in ABOVE_0 or own in ABOVE_0_IN)


SPANS = {"spaces", "spaces_more", "spaces_over", "z_above", "length_z_above", "recovered_spaces", "deeper_spaces"}


@pytest.mark.parametrize("path", [p for k, p in FIRST.items() if k[-1] in SPANS], ids=named)
def test_any_part_of_a_space_or_of_an_sd_may_be_asked_for(path: Steps) -> None:
    assert refused(path, 0.01) is None


@pytest.mark.parametrize(
    ("path", "inside", "outside"),
    [
        (("schedule", "earliest_fraction"), 0.99, 1.0),
        (("schedule", "grace_fraction"), 1.0, 1.01),
        (("schedule", "lapsed_after_floors"), 2, 1),
        (("schedule", "lapsed_after_floors"), 100, 101),
        (("schedule", "plan_stretch_at_most"), 1, 0.99),
        (("schedule", "plan_stretch_at_most"), 100, 100.5),
        (("terms", "high_need_gmfcs_from"), 1, 0),
        (("terms", "high_need_gmfcs_from"), 5, 6),
        (("weights", "suspected", "factors", 0), 1.01, 1.0),
    ],
)
def test_shares_and_multiples(path: Steps, inside: float, outside: float) -> None:
    assert refused(path, inside) is None
    assert refused(path, outside) is not None


PERCENT = [p for k, p in FIRST.items() if "percent" in k[-1] and p[0] == "rules"]


@pytest.mark.parametrize("path", PERCENT, ids=named)
def test_a_loss_is_less_than_all(path: Steps) -> None:
    assert refused(path, 99.5) is None
    assert refused(path, 100) == "less than 100"
