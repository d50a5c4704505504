"""Write ``docs/traceability.md``: what the review of Child K asked for, and which rules, tests and stories hold it.

    python scripts/build_traceability.py [PAGE]

PAGE is ``docs/traceability.md`` unless given.  What is asked for, and by which rules it is met, stands below; file and
kind of a rule, its tests and its stories are looked up.  A rule, name or test that is not there stops the script.
"""

from __future__ import annotations

import importlib
import inspect
import re
import sys
import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

import growthwatch as gw
from growthwatch.protocol import Rule
from growthwatch.protocol.stories import read_story

ROOT = Path(__file__).parent.parent
CASES = ROOT / "tests" / "protocol_cases"
OFTEN = 3
"""From so many mentions on, a test is about a rule."""

KINDS = ROOT / "tests" / "protocol" / "kinds"


class Item(NamedTuple):
    """One recommendation or lesson: what it asks, what meets it, and what does not yet."""

    title: str
    asks: str
    rules: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    missing: str = ""


RECOMMENDATIONS = (
    Item(
        "Review and relaunch how children are weighed",
        "Each day and each alarm names its rule, source and version; two versions can be compared before one is used.",
        ("S1", "S2", "S3", "S6"),
        ("growthwatch.protocol.compare", "growthwatch.protocol.Signature", "growthwatch.record.ListRead"),
        ("tests/protocol/answers/test_compare.py", "tests/protocol/test_released.py"),
    ),
    Item(
        "Plans move with the child between levels of service",
        "A hand-over is incomplete until somebody accepts it; on no day is there nobody, and no schedule.",
        ("P6", "P10"),
        ("growthwatch.protocol.Review.owner", "growthwatch.record.HandoverSent", "growthwatch.record.HandoverAccepted"),
        ("tests/protocol/test_people_promises.py",),
    ),
    Item(
        "One lead professional",
        "Exactly one, on each day, with a deputy and a supervisor.",
        ("P5", "P14d"),
        ("growthwatch.record.LeadNamed", "growthwatch.record.LeadAway"),
        ("tests/protocol/test_people_promises.py",),
    ),
    Item(
        "Somebody who knows the condition",
        "No decision about a disabled child is left to people who do not know the condition.",
        ("P13a", "P13b", "P13c"),
    ),
    Item(
        "Legal advice in time",
        "Neglect and growth in danger, both for weeks: legal advice is asked for, and the answer awaited.",
        ("P14c", "E6"),
    ),
    Item(
        "Sound data on disabled children",
        "How many are overdue, not brought, referred and closed; how long from an alarm to a deed.",
        ("S2", "P1", "P11"),
        ("growthwatch.caseload.groups", "growthwatch.protocol.Review.to_json", "growthwatch.protocol.compare"),
        (
            "tests/caseload/test_grouped.py",
            "tests/protocol/answers/test_json_schema.py",
            "tests/protocol/answers/test_compare.py",
        ),
    ),
    Item(
        "Training",
        "Rules explain themselves; who carries out a refused decision says when they were last trained.",
        ("OV",),
        ("growthwatch.protocol.Review.explain", "growthwatch.record.Overridden"),
        ("tests/protocol/answers/test_words.py",),
        "A report of all overrides of a team is not part of the package yet.",
    ),
)

LESSONS = (
    Item(
        "People who see a child often get used to it",
        "Seen often and not weighed is a finding; gain is counted from the best weight, never from the last visit.",
        ("S3", "S7", "G8", "G9", "G12", "P8", "P9"),
        tests=("tests/protocol/test_promises.py",),
    ),
    Item(
        "What was done instead of what became of the child; the mother's own history",
        "A plan names an outcome for the child; the carer is asked how they are, and what weighs on them.",
        ("P10", "P12a", "P12b"),
    ),
    Item(
        "Disability hid neglect",
        "Charts of a condition add alarms and silence none; a second pair of eyes looks at what is put down to it.",
        ("P9", "G3c", "G10", "G13", "G14a", "G14b"),
        tests=("tests/protocol/test_promises.py",),
    ),
    Item(
        "Harm adds up; referrals are made again and again",
        "Small signs are counted together; a second closure without action makes the managers speak.",
        ("P7", "P11"),
        ("growthwatch.protocol.Review.points",),
    ),
    Item(
        "Professionals escalate",
        "Silence leads to the next rung, which is named with its day; a disagreement has stages.",
        ("P3", "P8", "E6"),
        ("growthwatch.protocol.Review.ladder", "growthwatch.record.DisagreementRaised"),
        ("tests/protocol/engine/test_deadlines.py", "tests/protocol/test_people_promises.py"),
    ),
    Item(
        "What is done counts, not the label",
        "Nothing closes by time, by a plan or by a level; each rule says what closes it.",
        ("G3", "G4", "G5", "S6"),
        ("growthwatch.protocol.admit",),
        ("tests/protocol/test_promises.py", "tests/protocol/engine/test_exits.py"),
    ),
    Item(
        "Letters, copies, receipt",
        "A letter says what it asks of whom; each recipient is tracked; opening it is no receipt.",
        ("P2", "P3"),
        ("growthwatch.protocol.Review.requests", "growthwatch.record.LetterSent"),
        ("tests/protocol/engine/test_asked.py",),
    ),
    Item(
        "Advice out of hours",
        "Advice is written down by the next working day, and the lead reads it; its signs alarm on the day known.",
        ("P4", "H1", "H2"),
        ("growthwatch.record.AdviceReported",),
        ("tests/protocol/answers/test_contact_notes.py",),
    ),
    Item(
        "Dehydration",
        "Losses in days, and signs of illness, are for today.",
        ("G1", "G1b", "G2", "G8", "G11", "H1", "H2"),
    ),
    Item(
        "The other children",
        "Danger to one child asks about brothers and sisters.",
        ("P14a", "P14b"),
        ("growthwatch.record.SiblingKnown",),
    ),
    Item(
        "Worries about weight for six months",
        "A worry asks for a weight within days, and counts; what the family was told is written down.",
        ("S7", "P7"),
        ("growthwatch.record.Concern", "growthwatch.record.RequestMade"),
    ),
)

INTRO = """# What was asked for, and what holds it

<!-- Written by scripts/build_traceability.py. -->

The serious case review of Child K (Cambridgeshire and Peterborough Safeguarding Children Board, briefing, 2018) is why
this package has a half about people. Here each of its seven recommendations, and each lesson, stands with the rules of
`uk-hv` that answer it, where their code is, which tests judge them, and which stories tell them.

Files of cases are in `tests/protocol_cases`, stories in `tests/protocol_cases/stories`.
"""


@cache
def rules() -> dict[str, Rule]:
    """The rules of the packaged protocol by id."""
    return {rule.id: rule for rule in gw.protocol("uk-hv").rules}


@cache
def stories() -> dict[str, tuple[str, ...]]:
    """The rules that each story judges, by the story's file."""
    out = {path.stem: read_story(path).scope for path in sorted((CASES / "stories").glob("*.toml"))}
    # The four older cases judge many rules: each tells of those that open in it.
    for path in sorted(CASES.glob("c?-*.toml")):
        days = tomllib.loads(path.read_text(encoding="utf-8"))["day"]
        out[path.stem] = tuple(sorted({entry["rule"] for day in days for entry in day.get("opens", ())}))
    return out


@cache
def cases() -> dict[str, str]:
    """Files of cases and of tests, with their text."""
    protocol = ROOT / "tests" / "protocol"
    paths = [*sorted(CASES.glob("[!c]*.toml")), *sorted(KINDS.glob("test_*.py"))]
    paths += [*sorted((protocol / "engine").glob("test_*.py")), *sorted(protocol.glob("test_*_promises.py"))]
    return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def tested_in(rule: str) -> list[str]:
    """Files that judge a rule: the tests of its kind, and all that name its key, or its id between quotes.

    A test that names it once or twice may be about something else; a file of cases is about what it names.
    """
    named = re.compile(rf"""["'\s]{re.escape(rule)}(?:["']|[@:#])""")
    of_kind = f"tests/protocol/kinds/test_{Path(inspect.getfile(type(rules()[rule]))).stem}.py"
    return [
        name
        for name, text in cases().items()
        if name == of_kind or len(named.findall(text)) >= (1 if name.endswith(".toml") else OFTEN)
    ]


def told_in(rule: str) -> list[str]:
    """Stories of whose scope a rule is."""
    return [name for name, scope in stories().items() if rule in scope]


def check(item: Item) -> None:
    """Stop where something that is named is not there."""
    for rule in item.rules:
        if rule not in rules():
            raise LookupError(f"{item.title}: the protocol has no rule {rule}")
        if not tested_in(rule) and not told_in(rule):
            raise LookupError(f"{item.title}: no test judges {rule}")
    for name in item.names:
        find(name)
    for test in item.tests:
        if not (ROOT / test).is_file():
            raise LookupError(f"{item.title}: there is no {test}")
    if not any(told_in(rule) for rule in item.rules):
        raise LookupError(f"{item.title}: no story tells it")


def find(name: str) -> object:
    """What a dotted name stands for."""
    parts = name.split(".")
    for n in range(len(parts), 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:n]))
        except ModuleNotFoundError:
            continue
        for part in parts[n:]:
            fields = getattr(found, "__dataclass_fields__", {})
            if not hasattr(found, part) and part not in fields:
                raise LookupError(f"{name}: there is no {part}")
            found = getattr(found, part, None)
        return found
    raise LookupError(f"there is no {name}")


def row(rule: str) -> str:
    """One rule in the table of an item."""
    made = rules()[rule]
    file = Path(inspect.getfile(type(made))).relative_to(ROOT).as_posix()
    tests = ", ".join(f"`{name.rpartition('/')[2]}`" for name in tested_in(rule))
    told = ", ".join(f"`{name}`" for name in told_in(rule))
    return f"| {rule} {made.title} | `{type(made).KIND}` in `{file}` | {tests or '–'} | {told or '–'} |"


def part(number: int, item: Item) -> list[str]:
    """What stands of one item."""
    check(item)
    out = ["", f"### {number}. {item.title}", "", item.asks, "", "| rule | kind | tests | stories |"]
    out += ["| --- | --- | --- | --- |", *map(row, item.rules)]
    if item.names:
        out += ["", "Also: " + ", ".join(f"`{name}`" for name in item.names) + "."]
    if item.tests:
        out += ["", "Held too by " + ", ".join(f"`{test}`" for test in item.tests) + "."]
    if item.missing:
        out += ["", f"**Not there yet.** {item.missing}"]
    return out


def page() -> str:
    """The whole page."""
    out = [INTRO, "## Recommendations"]
    for n, item in enumerate(RECOMMENDATIONS, 1):
        out += part(n, item)
    out += ["", "## Lessons"]
    for n, item in enumerate(LESSONS, len(RECOMMENDATIONS) + 1):
        out += part(n, item)
    named = {rule for item in (*RECOMMENDATIONS, *LESSONS) for rule in item.rules}
    others = [rule for rule in rules() if rule not in named]
    out += ["", "## Rules that rest on other sources", "", "| rule | kind | tests | stories |"]
    out += ["| --- | --- | --- | --- |", *map(row, others)]
    return "\n".join(out) + "\n"


if __name__ == "__main__":
    place = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "traceability.md"
    place.write_text(page(), encoding="utf-8")
