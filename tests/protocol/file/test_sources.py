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


def test_a_review_of_a_death_is_named_so_that_it_can_be_found() -> None:
    cited = [(path, text) for _, path, _, text in FOUND if re.search(r"serious case review|review of a child", text)]
    assert len(cited) >= 9
    for path, text in cited:
        assert "serious case review of Child K, Cambridgeshire and Peterborough, briefing, 2018" in text, path


HV = tomllib.loads((FOLDER / "uk-hv.toml").read_text("utf-8"))


def deeds(rule: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Each deed of a rule's levels, with the tag that covers its days."""
    for level in rule["levels"]:
        for action in level.get("actions", ()):
            yield level["name"], action, action.get("tag", level.get("tag", rule["tag"]))


def test_by_when_somebody_acts_is_local_whatever_the_threshold_rests_on() -> None:
    # Section 2: "N W2; deadlines L", "N W1 W3; deadline L", "N W22; deadline L"; process specification, S5 "N (M), 14 d
    # L"; section 1, E6: the lead asks the social worker.  No national text gives the day of a health visitor's deed.
    found = [(rule["id"], *one) for rule in HV["rules"] for one in deeds(rule)]
    assert len(found) > 80
    for rule, level, action, tag in found:
        assert tag == "L", (rule, level, action["do"])


def test_who_closes_a_level_is_in_the_words_that_say_what_closes_it() -> None:
    # Process specification, H1: "level "999": hospital doctor, emergency department, paramedic, or a paediatrician during
    # an admission"; all else a GP, paediatrician, hospital doctor, emergency department or out-of-hours clinician.
    h1 = next(r for r in HV["rules"] if r["id"] == "H1")
    for level in h1["levels"]:
        said = level.get("closes_words", h1["closes_words"]).lower().replace("-", " ")
        for role in (*level["closing_roles"], *level.get("closing_in_hospital", ())):
            assert role.replace("_", " ") in said, (level["name"], role)
        assert ("gp" in re.findall(r"[a-z]+", said)) is ("gp" in level["closing_roles"]), level["name"]
