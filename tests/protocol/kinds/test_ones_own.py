"""A kind of rule of one's own: one class, handed over with the file, and nothing else is touched."""

from __future__ import annotations

import datetime as dt
import inspect
import json
from importlib import resources
from pathlib import Path
from typing import Any, ClassVar

import pytest
from builders import HV, Child
from pydantic import Field
from random_records import ordinary_record

import growthwatch.protocol as gwp
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.words import long_date
from growthwatch.protocol import KINDS, Protocol
from growthwatch.protocol.file.settings import RuleLevel
from growthwatch.protocol.file.values import Days, Whole
from growthwatch.protocol.kinds import At, Count, Day, GrowthKind, Kg, Kind, Outcome, Seen, Topic, Values
from growthwatch.protocol.kinds.process import Process
from growthwatch.record import Record

TEXT = (resources.files("growthwatch") / "protocols" / "uk-hv.toml").read_text(encoding="utf-8")


class ClothedInARow(Kind):
    """X1: weighed so often without undressing that nobody knows what the child weighs."""

    KIND = "clothed_in_a_row"
    READS: ClassVar[frozenset[Topic]] = frozenset({"weights"})
    times: Whole = Field(ge=2)
    levels: tuple[RuleLevel, ...] = Field(min_length=1, max_length=1)

    def judge(self, at: At) -> Outcome:
        last = at.child.weights.all[-self.times :]
        if len(last) < self.times or any(w.counts for w in last):
            return Outcome()
        values: Values = {"times": Count(len(last)), "first": Day(last[0].day), "at_most": Kg(last[-1].kg)}
        return Outcome(0, values, tuple(w.id for w in last))

    def closed_by(self, at: At, opened: Outcome) -> str | None:
        later = [w for w in at.child.weights.valid if w.day > opened.values["first"]]
        return later[-1].id if later else None

    def say(self, seen: Seen, level: int) -> str:
        return f"Weighed clothed {seen['times']} times since {long_date(seen['first'])}: at most {seen['at_most']} kg."


def test_it_is_the_example_for_those_who_add_a_kind() -> None:
    page = (Path(__file__).parents[3] / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert f"```python\n{inspect.getsource(ClothedInARow)}```" in page


class SeenOften(Kind):
    """X2: seen so often in so many days that somebody should ask why."""

    KIND = "seen_often"
    READS: ClassVar[frozenset[Topic]] = frozenset({"contacts", "days"})
    times: Whole = Field(ge=2)
    within_days: Days
    levels: tuple[RuleLevel, ...] = Field(min_length=1, max_length=1)

    def judge(self, at: At) -> Outcome:
        contacts, first = at.child.contacts.met, at.day - self.within_days
        seen = tuple(contacts.between(first, at.day))
        past = tuple(day + self.within_days for day, _, _ in contacts if day > first)  # from then on it is too long ago
        values: Values = {"times": Count(len(seen)), "days": Count(self.within_days)}
        return Outcome(0 if len(seen) >= self.times else -1, values, seen, wakes=past)

    def say(self, seen: Seen, level: int) -> str:
        return f"Seen {seen['times']} times in {seen['days']} days."


X1 = """
[[rules]]
id = "X1"
kind = "clothed_in_a_row"
title = "Never weighed undressed"
closes = "valid_weight"
source = "Local: feeding team, March 2026"
tag = "L"
review_by = 2027-03-31
times = 3
[[rules.levels]]
name = "open"
loudness = "daily"
stage = "E1"
actions = [{ do = "Weigh undressed", met_by = "valid_weight", owner = "health_visitor", within_days = 3 }]
"""
X2 = """
[[rules]]
id = "X2"
kind = "seen_often"
title = "Seen often"
closes = "signed"
source = "Local: feeding team, March 2026"
tag = "L"
review_by = 2027-03-31
times = 4
within_days = 10
[[rules.levels]]
name = "open"
loudness = "weekly"
"""


def load(folder: Path, *rules: str, kinds: tuple[type[Kind], ...] = (), text: str = TEXT) -> Protocol:
    path = folder / "ours.toml"
    path.write_text("\n".join((text, *rules)), encoding="utf-8")
    return Protocol.load(path, kinds={**KINDS, **{k.KIND: k for k in kinds}})


def clothed() -> Child:
    child = Child(birth_kg=3.4).at_z(0.0, 12).at_z(0.0, 50)
    for day in (60, 70, 80):
        child.clothed(child.kg(0.0, day), day)
    return child


def test_it_opens_is_said_traced_and_closes(tmp_path: Path) -> None:
    ours = load(tmp_path, X1, kinds=(ClothedInARow,))
    child = clothed()
    assert "X1" not in child.levels(79, ours)
    review = child.review(80, ours)
    (found,) = [f for f in review.findings if f.rule == "X1"]
    assert found.says.startswith("Weighed clothed 3 times since 15 March 2024: at most ")
    assert found.values["first"] == "2024-03-15" and found.values["times"] == 3
    assert found.witness[:3] == tuple(e["id"] for e in child.events if e.get("clothing") == "clothed")
    assert found.false_alarm is None and found.source == "Local: feeding team, March 2026"
    assert found.says in review.explain() and "Weigh undressed (X1)" in review.explain().replace("weigh", "Weigh")
    (line,) = [t for t in review.trace if t.rule == "X1"]
    assert (line.kind, line.verdict, line.parameters["times"]) == ("clothed_in_a_row", "open, met", 3)
    told = json.loads(review.to_json())
    assert [f["says"] for f in told["findings"] if f["rule"] == "X1"] == [found.says]
    child.at_z(0.0, 85)
    assert [day for day, _ in child.closed("X1", 90, ours)] == [85]
    assert ours.hash != HV.hash


def test_what_is_news_for_it_wakes_it_on_the_day_it_comes(tmp_path: Path) -> None:
    ours = load(tmp_path, X2, kinds=(SeenOften,))
    child = clothed()
    for day in (90, 92, 94, 96):
        child.contact(day)
    assert child.opened("X2", 200, ours) == [(96, "open")]


def test_a_version_of_it_is_another_protocol(tmp_path: Path) -> None:
    class Second(ClothedInARow):
        VERSION = 2

    with pytest.raises(GrowthwatchError, match=r"rule X1: kind_version: got 1, expected one of \[2\]"):
        load(tmp_path, X1, kinds=(Second,))
    second = X1.replace("title = ", "kind_version = 2\ntitle = ")
    assert load(tmp_path, X1, kinds=(ClothedInARow,)).hash != load(tmp_path, second, kinds=(Second,)).hash


@pytest.mark.parametrize("reads", [None, frozenset[str](), frozenset({"weight"}), ["weights"]])
def test_one_that_does_not_say_what_it_reads_is_refused(reads: Any, tmp_path: Path) -> None:
    silent = {
        "KIND": "clothed_in_a_row",
        "__module__": __name__,
        "__annotations__": {"times": int, "levels": tuple[RuleLevel, ...]},
    }
    kind: Any = type("Silent", (Kind,), silent | ({} if reads is None else {"READS": reads}))
    with pytest.raises(GrowthwatchError, match=r"ours.toml: rules: kind clothed_in_a_row: READS"):
        load(tmp_path, X1, kinds=(kind,))


# --- the order in which rules are judged --------------------------------------------------------


def ids(kinds: tuple[Kind, ...]) -> list[str]:
    return [k.id for k in kinds]


SETTLED = ["S2", "S3", "H2", "S7", "S6", "P8", "S5"]
"""Rules that read the tier or the next weighing, and are not about people."""


def test_the_order_of_the_packaged_protocol() -> None:
    order = HV.order
    facts = ["G1", "G1b", "G2", "G3", "G4", "G5", "G9", "G7", "G12", "G14a", "G14b", "H1", "G11", "G6", "G10"]
    assert ids(order.facts) == facts
    assert ids(order.leaning) == ["G8", "G3c", "G13", "Q1"]
    assert ids(order.settled) == SETTLED and ids(order.reminders) == ["S1"]
    assert set(ids(order.people)) == {r.id for r in HV.rules if isinstance(r, Process)}
    assert all(isinstance(rule, GrowthKind) for rule in order.leaning if rule.id != "Q1")


G3D = TEXT[TEXT.index('[[rules]]\nid = "G3c"') : TEXT.index('[[rules]]\nid = "G13"')].replace('"G3c"', '"G3d"')


def leaning(*open_: str) -> str:
    return G3D.replace('or_open = ["G8", "G9"]', f"or_open = {list(open_)}".replace("'", '"'))


def test_a_rule_is_judged_after_those_whose_findings_it_reads(tmp_path: Path) -> None:
    start = TEXT.index("[[rules]]")
    first = TEXT[:start] + leaning("G3c") + TEXT[start:]
    assert ids(load(tmp_path, text=first).order.leaning) == ["G8", "G3c", "G3d", "G13", "Q1"]
    late = load(tmp_path, leaning("S2")).order
    assert ids(late.leaning) == ["G8", "G3c", "G13", "Q1"]
    assert ids(late.settled) == [*SETTLED, "G3d"]
    assert ids(load(tmp_path, leaning("G99")).order.leaning) == ["G8", "G3c", "G13", "Q1", "G3d"]


@pytest.mark.parametrize(("mine", "theirs"), [("G3d", "G8"), ("G3c", "G3d")])
def test_a_ring_of_rules_that_lean_on_each_other_is_refused(mine: str, theirs: str, tmp_path: Path) -> None:
    text = TEXT.replace('or_open = ["G8", "G9"]', f'or_open = ["{theirs}"]')
    with pytest.raises(GrowthwatchError, match="leans on itself"):
        load(tmp_path, leaning(mine), text=text)


def test_one_that_leans_on_findings_says_that_it_reads_them(tmp_path: Path) -> None:
    class Leaning(ClothedInARow):
        def leans_on(self) -> tuple[str, ...]:
            return ("G8",)

    with pytest.raises(GrowthwatchError, match="'open' too"):
        load(tmp_path, X1, kinds=(Leaning,))


def test_what_time_alone_changes_is_announced(tmp_path: Path) -> None:
    ours = load(tmp_path, X2, kinds=(SeenOften,))
    for seed in range(20):
        record = ordinary_record(seed)
        first = min(e.on for e in record.events) + dt.timedelta(days=200)
        early = Record(record.child_id, [e for e in record.events if e.recorded_at.date() <= first])
        review = gwp.review(early, protocol=ours, as_of=first)
        last = review.changes_on or first + dt.timedelta(days=60)
        for day in (first + dt.timedelta(days=1), last - dt.timedelta(days=1)):
            if first < day < last:
                fresh = gwp.review(early, protocol=ours, as_of=day)
                assert review.shown(day).to_json() == fresh.to_json(), seed


class NoKind:
    pass


@pytest.mark.parametrize(
    ("kinds", "says"),
    [
        ({**KINDS, "ours": 3}, "kinds['ours']: got 3, expected a kind of rule: a class made of"),
        ({**KINDS, "ours": NoKind}, "expected a kind of rule: a class made of"),
        (
            {**KINDS, "ours": ClothedInARow},
            "kinds['ours']: got 'clothed_in_a_row', expected a class whose KIND is 'ours', too",
        ),
    ],
    ids=["number", "class", "name"],
)
def test_what_is_no_kind_is_refused_in_words(kinds: Any, says: str, tmp_path: Path) -> None:
    path = tmp_path / "ours.toml"
    path.write_text(TEXT, encoding="utf-8")
    with pytest.raises(GrowthwatchError) as caught:
        Protocol.load(path, kinds=kinds)
    assert says in str(caught.value)


def test_the_page_for_trusts_has_the_same_example_with_all_that_it_imports(tmp_path: Path) -> None:
    """Copied from the page into a module of one's own, it judges: nothing else need be known."""
    page = (Path(__file__).parents[3] / "docs" / "own-protocol.md").read_text(encoding="utf-8")
    block = next(b.partition("```")[0] for b in page.split("```python\n")[1:] if "ClothedInARow" in b)
    module: dict[str, Any] = {"__name__": "our_rules"}
    exec(compile(block, "our_rules.py", "exec", dont_inherit=True), module)
    assert module["OURS"]["clothed_in_a_row"].KIND == "clothed_in_a_row"
    (tmp_path / "ours.toml").write_text(
        "schema = 2\nid = 'ours'\nversion = '1.0'\ntitle = 'Ours'\neffective_from = 2026-11-01\n"
        f"extends = {{ id = 'uk-hv', version = '{HV.version}', hash = '{HV.hash}' }}\n"
        "[[rules]]\nid = 'X1'\nkind = 'clothed_in_a_row'\nkind_version = 1\ntitle = 'Clothed, again and again'\n"
        "closes = 'valid_weight'\nsource = 'Our board'\ntag = 'L'\nreview_by = 2027-12-31\ntimes = 3\n"
        "levels = [{ name = 'open', loudness = 'weekly', stage = 'E1', actions = [{ do = 'Weigh undressed',"
        " owner = 'health_visitor', within_days = 7, if_not = 'the team lead weighs' }] }]\n",
        encoding="utf-8",
    )
    ours = Protocol.load(tmp_path / "ours.toml", kinds=module["OURS"])
    child = Child().at_z(0.0, 300).clothed(9.0, 400).clothed(9.0, 410)
    assert "X1" not in child.levels(411, ours)
    assert child.clothed(9.1, 420).levels(420, ours)["X1"] == "open"
    assert "X1" not in child.weigh(9.1, 425).levels(425, ours)
