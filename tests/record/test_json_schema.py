"""The JSON Schema of a record and the docstrings of its events are those of the forms, and refuse what the forms do."""

from __future__ import annotations

import copy
import importlib.util
import inspect
import json
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from random_records import ordinary_record, random_record
from small_records import quick
from strategies import events, records

from growthwatch.core.errors import GrowthwatchError
from growthwatch.record import EVENT_TYPES, Event, Outcome, Recipient, Record, Start, parse_event, schema
from growthwatch.record.forms import Form

ROOT = Path(__file__).parents[2]
FORMS: list[type[Form]] = [*EVENT_TYPES.values(), Recipient, Outcome, Start]


def _script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_schemas", ROOT / "scripts" / "build_schemas.py")
    assert spec is not None and spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = script
    spec.loader.exec_module(script)
    return script


SCRIPT = _script()
RECORD = Draft202012Validator(schema())


def one_event(event: dict[str, Any]) -> dict[str, Any]:
    return {"schema": "growthwatch.record", "schema_version": 2, "child_id": "c", "events": [event]}


def accepted(event: dict[str, Any]) -> bool:
    """Whether the code takes an event as it stands in a file."""
    try:
        parse_event(json.dumps(event))
    except GrowthwatchError:
        return False
    return True


# --- the files are those that the script writes ---------------------------------------------


@pytest.mark.parametrize("name", SCRIPT.FILES)
def test_what_is_kept_is_what_the_script_writes(name: str) -> None:
    assert (ROOT / name).read_text(encoding="utf-8") == SCRIPT.FILES[name]()


def test_the_schemas_are_schemas() -> None:
    Draft202012Validator.check_schema(schema())
    assert set(schema()["$defs"]["event"]["properties"]["type"]["enum"]) == set(EVENT_TYPES)


def test_a_schema_that_was_changed_changes_no_other() -> None:
    schema()["$defs"].clear()
    assert schema()["$defs"]


# --- what real records look like ------------------------------------------------------------


@pytest.mark.parametrize("seed", range(60))
def test_random_records_keep_to_the_schema(seed: int) -> None:
    for record in (random_record(seed), ordinary_record(seed)):
        RECORD.validate(json.loads(record.dumps()))


@quick
@given(record=records())
def test_any_record_keeps_to_the_schema(record: Record) -> None:
    RECORD.validate(json.loads(record.dumps()))


@pytest.mark.parametrize("path", sorted((ROOT / "examples").glob("*.json")), ids=lambda p: p.stem)
def test_the_examples_keep_to_the_schema(path: Path) -> None:
    RECORD.validate(json.loads(path.read_text(encoding="utf-8")))


# --- and what it refuses --------------------------------------------------------------------

STRANGE = [None, "", " ", " x", "x\n", "x", "2024-01-09", "09/01/2024", "14:10", "25:00", 0, 1, 5, -1, 37.5, True, False,
           [], ["x"], ["fever", "fever"], [{"name": "x"}], {}, {"name": "x"}, "asked", "present", "T1"]  # fmt: skip


@st.composite
def _spoilt(draw: st.DrawFn) -> dict[str, Any]:
    """An event of any type with one key lost, strange, or one too many."""
    event: dict[str, Any] = json.loads(Record("c", [draw(events())]).dumps())["events"][0]
    what = draw(st.sampled_from(["lost", "strange", "more", "another type"]))
    keys = [k for k in SCRIPT.form_schema(EVENT_TYPES[event["type"]])["properties"] if k not in ("id", "type")]
    if what == "lost":
        event.pop(draw(st.sampled_from(sorted(event))))
    elif what == "strange":
        event[draw(st.sampled_from(keys))] = draw(st.sampled_from(STRANGE))
    elif what == "more":
        event[draw(st.sampled_from(["x", "from_", "with_", "Weight_kg", "weight_kg", "reason"]))] = "x"
    else:
        event["type"] = draw(st.sampled_from([*EVENT_TYPES, "died_", ""]))
    return event


@quick
@given(event=_spoilt())
def test_the_schema_takes_exactly_what_the_code_takes(event: dict[str, Any]) -> None:
    if event.get("type") == "lead_away" and str(event.get("until") or "9") < str(event.get("from")):
        return  # which day is first, JSON Schema cannot say
    assert RECORD.is_valid(one_event(event)) == accepted(event), event


GIVEN = {"id": "e1", "on": "2024-01-09", "recorded_at": "2024-01-09T14:30:00Z", "actor": "a", "role": "gp"}
REFUSED = [
    {"type": "weighed"},
    {"type": "weighed", "weight_kg": 0},
    {"type": "weighed", "weight_kg": "9.2"},
    {"type": "weighed", "weight_kg": 9.2, "scale": "kitchen"},
    {"type": "weighed", "weight_kg": 9.2, "on": "2024-1-9"},
    {"type": "weighed", "weight_kg": 9.2, "recorded_at": "2024-01-09T14:30:00"},
    {"type": "weighed", "weight_kg": 9.2, "role": "doctor"},
    {"type": "weighed", "weight_kg": 9.2, "id": " e1"},
    {"type": "weighed", "weight_kg": 9.2, "weigth_kg": 9.2},
    {"type": "born", "gestation_days": 139},
    {"type": "born", "gestation_days": 316},
    {"type": "sign_recorded", "signs": []},
    {"type": "sign_recorded", "signs": ["fever", "fever"]},
    {"type": "sign_recorded", "signs": ["fever"], "temperature_c": 101},
    {"type": "letter_sent", "sender": "s", "to": []},
    {"type": "letter_sent", "sender": "s", "to": [{"name": "x", "expects": "reply"}]},
    {"type": "condition_diagnosed", "condition": "trisomy_21", "gmfcs": 2},
    {"type": "condition_diagnosed", "condition": "trisomy_21", "highest_risk": True},
    {"type": "sibling_known"},
    {"type": "sibling_known", "sibling": "s", "none": True},
    {"type": "sibling_known", "none": False},
    {"type": "parents_measured"},
    {"type": "entered_in_error", "target": "x", "reason": "r", "corrects": "y"},
    {"type": "plan_signed", "plan": "care", "reason": "r", "limit_kg": 5},
    {"type": "decision_signed", "decision": "close_finding", "reason": "r"},
    {"type": "decision_signed", "decision": "lower_tier", "reason": "r"},
    {"type": "decision_signed", "decision": "confirm_fact", "reason": "r", "target": None},
    {"type": "protocol_adopted", "protocol": "p", "hash": "h", "starts": [{"due": "soon", "set_to": "2024-01-09"}]},
    {"type": "disagreement_raised", "about": "x", "with": "y", "risk_now": "r", "decision_wanted": "d", "stage": 5},
    {"type": "lead_away", "from_": "2024-01-09"},
    {"type": "weighted", "weight_kg": 9.2},
    {"type": "concern", "raised_by": "n" * 1_001, "about": "a"},
    {"type": "concern", "raised_by": "n", "about": "a" * 100_001},
]


@pytest.mark.parametrize("wrong", REFUSED, ids=lambda w: f"{w['type']}-{list(w)[-1]}")
def test_what_is_wrong_is_refused_by_both(wrong: dict[str, Any]) -> None:
    event = {**GIVEN, **wrong}
    assert not RECORD.is_valid(one_event(event))
    assert not accepted(event)


@pytest.mark.parametrize("key", ["schema", "schema_version", "child_id", "events"])
def test_a_header_without_a_key_is_refused(key: str) -> None:
    whole = one_event({**GIVEN, "type": "died"})
    RECORD.validate(whole)
    without = copy.deepcopy(whole)
    del without[key]
    assert not RECORD.is_valid(without)
    assert not RECORD.is_valid({**whole, "sex": "female"})


@pytest.mark.parametrize(("key", "value"), [("schema", "growthwatch.review"), ("schema_version", 3), ("child_id", "")])
def test_a_wrong_header_is_refused(key: str, value: object) -> None:
    assert not RECORD.is_valid({**one_event({**GIVEN, "type": "died"}), key: value})


# --- docstrings and signatures ----------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS, ids=lambda f: f.__name__)
def test_a_docstring_has_each_parameter_with_its_type(form: type[Form]) -> None:
    doc = inspect.cleandoc(form.__doc__ or "")
    lines = [line for line in doc.split("\n") if re.match(r"\w+ : ", line)]
    assert lines == [f.headline for f in SCRIPT.own_fields(form)]
    meanings = SCRIPT.told(form)[1]
    assert all(meanings[f.name].endswith(".") for f in SCRIPT.own_fields(form))
    assert ("Since version 2 of the format." in doc) == (form.since == 2)


def _words(hint: Any) -> list[str]:
    kind, _ = SCRIPT.parts_of(hint)
    return list(get_args(kind)) if get_origin(kind) is Literal else [w for a in get_args(kind) for w in _words(a)]


@pytest.mark.parametrize("form", FORMS, ids=lambda f: f.__name__)
def test_a_docstring_has_each_word_that_a_field_may_hold(form: type[Form]) -> None:
    whole = form.__doc__ or ""
    for f in SCRIPT.own_fields(form):
        for word in _words(f.hint):
            assert f"``{word}``" in whole or repr(word) in whole, word
        for word in form.added.get(f.name) or ():
            _, _, since = SCRIPT.told(form)[1][f.name].partition("Since version 2: ")
            assert f"``{word}``" in since, word


@pytest.mark.parametrize("form", FORMS, ids=lambda f: f.__name__)
def test_a_signature_has_the_keywords_of_the_constructor(form: type[Form]) -> None:
    parameters = inspect.signature(form).parameters
    assert set(parameters) == set(form.model_fields) - {"type"}
    hints = get_type_hints(form)
    for name, p in parameters.items():
        field = form.model_fields[name]
        assert p.kind is inspect.Parameter.KEYWORD_ONLY and p.annotation == hints[name]
        assert (p.default is inspect.Parameter.empty) == field.is_required()
        assert field.is_required() or p.default == field.default


@quick
@given(event=events())
def test_a_signature_is_the_same_once_an_event_was_made(event: Event) -> None:
    form = type(event)
    given_to_it = {name: getattr(event, name) for name in inspect.signature(form).parameters}
    assert form(**given_to_it) == event
    assert "BeforeValidator" not in str(inspect.signature(form))


def test_help_says_what_an_event_takes() -> None:
    code = "import growthwatch.record as r; help(r.LetterSent)"
    text = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert "LetterSent(*, id: str, on: datetime.date" in text
    assert "asks : bool, optional, since version 2" in text
    assert "sender : str, required" in text
