"""Mappings: the words of Frictionless Table Schema and a few more; each error names the key."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from growthwatch.caseload import Mapping
from growthwatch.caseload.mapping import OWN_NAMES, own_mapping
from growthwatch.core.errors import GrowthwatchError
from growthwatch.record.words import Condition

ID = {"name": "ID", "means": "child_id"}
ON = {"name": "Date", "means": "weighed_on"}


def refused(*fields: dict[str, object], **more: object) -> GrowthwatchError:
    with pytest.raises(GrowthwatchError) as e:
        Mapping.from_dict({**more, "fields": [ID, *fields]})
    return e.value


def test_a_file_of_every_key_is_read(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text(
        """
        sheet = "Weights"
        header_row = 3
        encoding = "cp1252"
        delimiter = ";"
        date_order = "day-month-year"
        decimalChar = ","
        missingValues = ["", "not weighed"]
        role = "community_nurse"
        actor = "Rio export"
        clothing = "naked"
        scale = "class_iii"
        lead_role = "health_visitor"
        adoption = { by = "Sam Reid", role = "team_lead" }
        [[fields]]
        name = "ID"
        means = "child_id"
        type = "string"
        [[fields]]
        name = "Date"
        means = "weighed_on"
        type = "date"
        format = "%d/%m/%y"
        [[fields]]
        name = "Weight"
        means = "weight"
        type = "number"
        unit = ["kg", "g"]
        grams_from = 500
        decimalChar = "."
        missingValues = ["x"]
        [[fields]]
        name = "Diagnosis"
        means = "condition"
        default = "other"
        separator = "/"
        values = { "CP V" = { condition = "cerebral_palsy", gmfcs = 5 }, Downs = "trisomy_21" }
        """,
        encoding="utf-8",
    )
    made = Mapping.load(path)
    assert made.sheet == "Weights" and made.header_row == 3 and made.role == "community_nurse"
    [weight] = made.of("weight")
    assert weight.units == ("kg", "g") and weight.missingValues == ("x",)


@pytest.mark.parametrize(
    ("field", "place", "expected"),
    [
        ({"name": "W", "means": "weight"}, "fields.3.unit", "never guessed"),
        ({"name": "W", "means": "weigth", "unit": "kg"}, "fields.3.means", "weight"),
        ({"name": "W", "means": "weight", "unit": "stone"}, "fields.3.unit", "kg"),
        (
            {"name": "W", "means": "weight", "unit": "kg", "units": "g"},
            "fields.3.units",
            "no such key; nearest: 'unit'",
        ),
        ({"name": "W", "means": "weight", "unit": "kg", "type": "date"}, "fields.3.type", "number or string"),
        ({"name": "W", "means": "weight", "unit": "kg", "grams_from": 20.0}, "fields.3.grams_from", "above 300"),
        (
            {"name": "W", "means": "weight", "unit": "g", "grams_from": 500.0},
            "fields.3.unit",
            "got 'g', expected kg, as grams_from is said",
        ),
        ({"name": "S", "means": "sex", "grams_from": 500.0}, "fields.3.grams_from", "only weights"),
        ({"name": " W", "means": "weight", "unit": "kg"}, "fields.3.name", "single spaces"),
        ({"name": "G", "means": "gestation"}, "fields.3.format", "weeks+days"),
        ({"name": "D", "means": "birth_date", "format": "%d %m"}, "fields.3.format", "%d/%m/%Y"),
        ({"name": "D", "means": "sex", "date_order": "day-month-year"}, "fields.3.date_order", "only dates"),
        ({"name": "D", "means": "birth_date", "date_order": "dmy"}, "fields.3.date_order", "day-month-year"),
        ({"name": "S", "means": "sex", "values": {"F": "woman"}}, "fields.3.values.F", "female"),
        ({"name": "S", "means": "sex", "unit": "kg"}, "fields.3.unit", "only weights"),
        ({"name": "S", "means": "sex", "default": "other"}, "fields.3.default", "only conditions"),
        ({"name": "C", "means": "condition", "default": "dunno"}, "fields.3.default", "other"),
        (
            {"name": "C", "means": "condition", "values": {"x": "cystic_fibrosi"}},
            "fields.3.values.x",
            "'cystic_fibrosis'",
        ),
        ({"name": "w", "means": "worker", "values": {"a": "b"}}, "fields.3.values", "no words of its own"),
        ({"name": "C", "means": "condition", "separator": ""}, "fields.3.separator", "a semicolon"),
        ({"name": "id", "means": "worker"}, "fields.3.name", "each column once"),
        ({"name": "ID2", "means": "child_id"}, "fields", "one column that means child_id"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(field: dict[str, object], place: str, expected: str) -> None:
    e = refused(ON, field)
    assert e.field == place and expected in str(e)


def test_the_words_for_conditions_are_listed_once_for_all_slips() -> None:
    values = {"cleft palate": "...", "twin": "...", "cf": "cystic_fibrosi"}
    said = str(refused(ON, {"name": "C", "means": "condition", "values": values, "default": "dunno"}))
    assert said.count("chronic_kidney_disease") == 1 and said.count("one of the same words") == 3
    assert "one of the same words; nearest: 'cystic_fibrosis'" in said


def test_a_wrong_word_in_each_of_two_columns_has_its_own_list() -> None:
    sex = {"name": "S", "means": "sex", "values": {"F": "woman"}}
    said = str(refused(ON, sex, {"name": "C", "means": "condition", "values": {"x": "..."}}))
    assert "one of male, female" in said and "chronic_kidney_disease" in said


def test_the_documentation_lists_every_word_for_a_condition() -> None:
    text = (Path(__file__).parents[2] / "docs" / "caseload.md").read_text(encoding="utf-8")
    (line,) = [x for x in text.splitlines() if x.startswith("A word for a condition")]
    assert all(f"`{word}`" in line for word in (*get_args(Condition), "none"))


def test_a_gmfcs_level_is_of_cerebral_palsy_only() -> None:
    e = refused({"name": "C", "means": "condition", "values": {"x": {"condition": "epilepsy", "gmfcs": 2}}})
    assert e.field == "fields.2.values.x"


def test_weights_need_a_day_and_a_table_needs_ids() -> None:
    assert "weighed_on" in str(refused({"name": "W", "means": "weight", "unit": "kg"}))
    with pytest.raises(GrowthwatchError, match="child_id"):
        Mapping.from_dict({"fields": [{"name": "W", "means": "worker"}]})


def test_two_columns_of_weight_are_pounds_and_ounces_or_refused() -> None:
    lb, oz = {"name": "lb", "means": "weight", "unit": "lb"}, {"name": "oz", "means": "weight", "unit": "oz"}
    assert len(Mapping.from_dict({"fields": [ID, ON, lb, oz]}).of("weight")) == 2
    assert "in lb and one in oz" in str(refused(ON, lb, {**oz, "unit": "kg"}))


@pytest.mark.parametrize(
    ("key", "value"), [("role", "nurse"), ("lead_role", "boss"), ("role", 3), ("role", {}), ("lead_role", [])]
)
def test_roles_are_those_of_records(key: str, value: object) -> None:
    e = refused(**{key: value})
    assert e.field == key and "health_visitor" in str(e)


def test_a_file_that_is_no_mapping(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text("fields = [", encoding="utf-8")
    with pytest.raises(GrowthwatchError, match=r"m\.toml: the mapping is no TOML"):
        Mapping.load(path)
    for text in ("a = " + "[" * 5000, "a = " + "9" * 5000):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(GrowthwatchError, match=r"m\.toml: the mapping is no TOML"):
            Mapping.load(path)
    path.write_bytes("name = 'Gwen\xe9'".encode("cp1252"))
    with pytest.raises(GrowthwatchError, match="UTF-8"):
        Mapping.load(path)
    path.write_text("[fields]\nname = 'x'\n", encoding="utf-8")
    with pytest.raises(GrowthwatchError, match="fields"):
        Mapping.load(path)
    with pytest.raises(GrowthwatchError, match="cannot read"):
        Mapping.load(tmp_path / "none.toml")


def test_columns_with_our_own_names_need_no_mapping() -> None:
    made = own_mapping(list(OWN_NAMES))
    assert made is not None
    assert {f.means for f in made.fields} >= {"child_id", "weight", "weighed_on", "sex"}
    assert [f.name for f in made.of("gestation")] == ["gestation_days"], "that in days is exact"
    assert own_mapping(["id", "weight"]) is None
    assert own_mapping(["child_id", "weight_kg"]) is None, "weights without a day"
