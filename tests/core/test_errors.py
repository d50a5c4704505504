"""The one error: it names each thing that is wrong, wherever it was found."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import pytest

import growthwatch as gw
from growthwatch.caseload.mapping import Mapping
from growthwatch.core.errors import GrowthwatchError, Problem
from growthwatch.core.wrong import Wrong, said
from growthwatch.protocol.stories import read_story
from growthwatch.record import Record
from growthwatch.record.events import parse_event

UK_HV = (Path(gw.__file__).parent / "protocols" / "uk-hv.toml").read_text(encoding="utf-8")
WEIGHED: dict[str, Any] = {
    "id": "w1", "type": "weighed", "on": "2024-01-09", "recorded_at": "2024-01-09T14:30:00Z",
    "actor": "hv1", "role": "health_visitor", "weight_kg": 9.62,
}  # fmt: skip


def fields(error: GrowthwatchError) -> list[str | None]:
    return [p.field for p in error.problems]


def refused(make: Any, *arguments: Any, **named: Any) -> GrowthwatchError:
    with pytest.raises(GrowthwatchError) as caught:
        make(*arguments, **named)
    return caught.value


def test_an_error_of_one_thing_has_one_problem() -> None:
    error = GrowthwatchError.of("sex", "x", "male or female")
    assert error.problems == (Problem("sex", "x", "male or female", str(error)),)
    assert GrowthwatchError("broken").problems == (Problem(None, None, None, "broken"),)


def test_an_error_of_several_is_that_of_the_first() -> None:
    two = (Problem("a", 1, "2", "a: got 1, expected 2"), Problem("b", None, "3", "b: missing"))
    error = GrowthwatchError.of_all(two)
    assert (str(error), error.field, error.value, error.expected) == ("a: got 1, expected 2; b: missing", "a", 1, "2")
    assert error.problems == two and str(GrowthwatchError.of_all(two, "both")) == "both"


def test_within_a_place_no_problem_is_lost() -> None:
    two = (Problem("a", 1, "2", "a: got 1, expected 2"), Problem("b", None, "3", "b: missing"))
    error = GrowthwatchError.of_all(two).within("child.json")
    assert str(error).startswith("child.json: a: got 1") and error.problems == two and error.field == "a"
    one = GrowthwatchError("words", field="a", for_logs="no words").within("here")
    assert one.problems == (Problem("a", None, None, "words"),) and one.redacted == "GrowthwatchError: no words"


@pytest.mark.parametrize("way", [copy.copy, copy.deepcopy, lambda e: pickle.loads(pickle.dumps(e))])
def test_problems_go_from_process_to_process(way: Any) -> None:
    error = refused(parse_event, {**WEIGHED, "weight_kg": -1, "zzz": 1})
    again = way(error)
    assert (str(again), again.problems, again.field) == (str(error), error.problems, error.field)


def test_a_line_for_a_log_holds_nothing_of_any_problem() -> None:
    error = refused(parse_event, {**WEIGHED, "weight_kg": -9.62, "wieght": "Jane"})
    assert not any(word in error.redacted for word in ("9.62", "Jane", "wieght", "w1", "hv1"))


def test_every_wrong_key_of_an_event() -> None:
    wrong = {**WEIGHED, "weight_kg": -1, "clothing": "hat", "role": "wizard", "zzz": 1}
    error = refused(parse_event, wrong)
    assert set(fields(error)) == {"weight_kg", "clothing", "role", "zzz"}
    assert all(p.sentence in str(error) and p.expected for p in error.problems)
    assert {p.field: p.value for p in error.problems}["weight_kg"] == -1
    assert fields(refused(parse_event, {k: v for k, v in WEIGHED.items() if k not in ("on", "actor")})) == [
        "on",
        "actor",
    ]


def test_the_name_that_python_has_for_a_key_hides_no_other_wrong_key() -> None:
    """A hand-over is written with `from`; `from_` is the keyword of Python alone."""
    event = {**WEIGHED, "type": "handover_sent", "from_": "A", "weight_kg": 3}
    assert {"from_", "weight_kg"} <= set(fields(refused(parse_event, event)))


def test_every_wrong_key_of_every_event_of_a_record() -> None:
    events = [{**WEIGHED, "weight_kg": -1, "zzz": 1}, WEIGHED, {**WEIGHED, "id": "w3", "clothing": "hat"}]
    error = refused(Record, "c", events)
    assert set(fields(error)) == {"events[0].weight_kg", "events[0].zzz", "events[2].clothing"}
    assert error.field in ("weight_kg", "zzz") and len(str(error).splitlines()) == 2
    many = refused(Record, "c", [{**WEIGHED, "id": f"w{n}", "weight_kg": -n} for n in range(1, 26)])
    assert len(many.problems) == 25 and many.problems[24].value == -25 and "and 15 more wrong events" in str(many)


def test_every_wrong_key_of_a_header() -> None:
    header = {"schema": "growthwatch.record", "schema_version": 1, "events": [], "sex": "female", "name": "x"}
    assert fields(refused(Record.from_dict, header)) == ["sex", "name", "child_id"]


def test_a_file_keeps_every_problem_of_its_record(tmp_path: Path) -> None:
    place = tmp_path / "child.json"
    text = gw.Record("c", [WEIGHED]).dumps().replace("9.62", "-1").replace('"hv1"', "3")
    place.write_text(text, encoding="utf-8")
    error = refused(Record.load, place)
    assert set(fields(error)) == {"events[0].weight_kg", "events[0].actor"} and str(error).startswith(str(place))


def test_every_wrong_key_of_a_protocol_file(tmp_path: Path) -> None:
    """Of its settings and of each of its rules, and not those of the first part alone."""
    text = UK_HV.replace('title = "UK health', 'titel = "UK health', 1).replace(
        'loudness = "weekly"', 'loudness = "loud"', 2
    )
    text = text.replace('kind = "newborn_loss"', 'kind = "newborn_los"', 1)
    place = tmp_path / "ours.toml"
    place.write_text(text, encoding="utf-8")
    error = refused(gw.Protocol.load, place)
    assert str(error).startswith(f"{place}: ")
    assert {"title", "titel", "rule G1: kind"} <= set(fields(error))
    assert sum(str(f).endswith("loudness") and str(f).startswith("rules[") for f in fields(error)) == 2
    assert next(p for p in error.problems if p.field == "title").value is None, "what is missing has no value"


def test_every_number_that_does_not_fit_another(tmp_path: Path) -> None:
    place = tmp_path / "ours.toml"
    place.write_text(
        UK_HV.replace('to = "T3"', 'to = "T1"', 1).replace(
            "effective_from", "effective_until = 2020-01-01\neffective_from", 1
        ),
        encoding="utf-8",
    )
    error = refused(gw.Protocol.load, place)
    assert fields(error) == ["tiers.protected", "effective_until"] and error.problems[0].expected


def test_every_wrong_set_of_a_file_that_extends_another(tmp_path: Path) -> None:
    parent = gw.protocol("uk-hv")
    one = '[[set]]\npath = "{}"\nvalue = 3\nsource = "ours"\ntag = "L"\nreview_by = 2027-11-30\n'
    head = (
        f'schema = 2\nid = "ours"\nversion = "1"\ntitle = "Ours"\nstatus = "A draft."\neffective_from = 2026-12-01\n'
        f'[extends]\nid = "uk-hv"\nversion = "{parent.version}"\nhash = "{parent.hash}"\n'
    )
    place = tmp_path / "ours.toml"
    place.write_text(head + one.format("rules[G99].nothing") + one.format("no.where"), encoding="utf-8")
    error = refused(gw.Protocol.load, place)
    assert len(error.problems) == 2 and {"G99", "no"} <= {
        str(p.value).split("[")[-1].rstrip("]") for p in error.problems
    }


def test_every_wrong_key_of_a_mapping() -> None:
    """Words of roles, keys of the form, and what the columns mean: each at once."""
    data = {"role": "wizard", "colour": "red", "fields": [{"name": "a", "means": "wieght"}, {"nome": "b"}]}
    error = refused(Mapping.from_dict, data)
    told = fields(error)
    assert told[0] == "role" and {"colour", "fields.1.means", "fields.2.name", "fields.2.nome"} <= set(told)
    many = {"role": "gp", "fields": [{"name": str(n), "means": "nothing"} for n in range(30)]}
    error = refused(Mapping.from_dict, many)
    assert {f"fields.{n}.means" for n in range(1, 31)} <= set(fields(error))
    assert str(error).count("expected one of") == 10, "the message shows the first ten"
    assert fields(refused(Mapping.from_dict, {"role": ["gp"], "fields": [{"name": "a", "means": "child_id"}]})) == [
        "role"
    ]


def test_a_story_keeps_every_problem_of_an_event(tmp_path: Path) -> None:
    source = Path(__file__).parents[1] / "protocol_cases" / "stories"
    story = next(p for p in sorted(source.glob("*.toml")) if "weight_kg = " in p.read_text(encoding="utf-8"))
    text = story.read_text(encoding="utf-8").replace("weight_kg = ", "zzz = 1\nwieght_kg = ", 1)
    place = tmp_path / story.name
    place.write_text(text, encoding="utf-8")
    assert {"zzz", "wieght_kg", "weight_kg"} <= {str(f).split(".")[-1] for f in fields(refused(read_story, place))}


def test_what_is_known_by_its_sentence_alone() -> None:
    assert said("a: b: got 3, expected 4")[:3] == ("a: b", "3", "4")
    assert said("a: expected 4")[:3] == ("a", None, "4")
    assert said("it is odd") == Problem(None, None, None, "it is odd")


def test_parts_that_are_right_leave_no_error() -> None:
    wrong = Wrong("f")
    with wrong.here():
        pass
    wrong.raise_all()
    for n in range(12):
        with wrong.here():
            raise GrowthwatchError.of(f"f: {n}", n, "none")
    error = refused(wrong.raise_all)
    assert str(error).startswith("f: 0: got 0, expected none; 1: got 1") and str(error).endswith("; and 2 parts more")
    assert fields(error) == [str(n) for n in range(12)]
