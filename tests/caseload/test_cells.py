"""Cells: each is read as the mapping says, or refused with what would mend it."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from growthwatch.caseload.cells import Unread, as_conditions, as_date, as_gestation, as_id, as_kg, as_level, as_moment
from growthwatch.caseload.mapping import Field, Mapping

WHOLE = Mapping.from_dict({"fields": [{"name": "ID", "means": "child_id"}]})
COMMA = Mapping.from_dict({"decimalChar": ",", "fields": [{"name": "ID", "means": "child_id"}]})


def date(order: str | None = "day-month-year", form: str | None = None) -> Field:
    return Field.model_validate({"name": "d", "means": "birth_date", "date_order": order, "format": form})


def weight(unit: object = "kg", **more: object) -> Field:
    return Field.model_validate({"name": "w", "means": "weight", "unit": unit, **more})


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("03/04/2023", "day-month-year", dt.date(2023, 4, 3)),
        ("03/04/2023", "month-day-year", dt.date(2023, 3, 4)),
        ("3.4.2023", "day-month-year", dt.date(2023, 4, 3)),
        ("3-4-2023", "day-month-year", dt.date(2023, 4, 3)),
        ("2023-04-03", "month-day-year", dt.date(2023, 4, 3)),
        ("2023/4/3", "year-month-day", dt.date(2023, 4, 3)),
        ("2023-04-03 00:00:00", "day-month-year", dt.date(2023, 4, 3)),
        ("3 Apr 2023", "day-month-year", dt.date(2023, 4, 3)),
        ("3rd April 2023", "day-month-year", dt.date(2023, 4, 3)),
        ("03-Apr-2023", None, dt.date(2023, 4, 3)),
        ("29/02/2024", "day-month-year", dt.date(2024, 2, 29)),
    ],
)
def test_dates_are_read_in_the_order_that_the_mapping_says(text: str, order: str | None, day: dt.date) -> None:
    assert as_date(text, date(order), WHOLE) == day


@pytest.mark.parametrize(
    ("text", "order", "reason", "remedy"),
    [
        ("03/04/2023", None, "nobody has said", "date_order"),
        ("31/02/2023", "day-month-year", "no such day", "look up"),
        ("04/13/2023", "day-month-year", "no month 13", "2023-04-03"),
        ("03/04/23", "day-month-year", "two figures", "%d/%m/%y"),
        ("45019", "day-month-year", "as a spreadsheet keeps", "format Date"),
        ("3 Foo 2023", "day-month-year", "no month is called", "2023-04-03"),
        ("yesterday", "day-month-year", "not a date", "2023-04-03"),
        ("03/04/0223", "day-month-year", "the year 223", "look up"),
        ("2023/04/03", "day-month-year", "the year comes first", "2023-04-03"),
        ("2023-02-30", "day-month-year", "no such day", "look up"),
    ],
)
def test_dates_that_cannot_be_read_say_why_and_what_would_mend_it(
    text: str, order: str | None, reason: str, remedy: str
) -> None:
    with pytest.raises(Unread) as e:
        as_date(text, date(order), WHOLE)
    assert reason in e.value.reason and remedy in e.value.remedy


def test_a_form_of_dates_decides_alone() -> None:
    assert as_date("03/04/23", date(None, "%d/%m/%y"), WHOLE) == dt.date(2023, 4, 3)
    with pytest.raises(Unread, match="not a date of the form"):
        as_date("2023-04-03", date(None, "%d/%m/%y"), WHOLE)


@given(
    st.dates(dt.date(1950, 1, 1), dt.date(2090, 12, 31)),
    st.sampled_from(["%d/%m/%Y", "%d.%m.%Y", "%Y-%m-%d", "%d %B %Y"]),
)
def test_a_day_comes_back_as_it_was_written(day: dt.date, form: str) -> None:
    assert as_date(day.strftime(form), date(), WHOLE) == day


def test_a_moment_has_a_time_and_a_day_has_none() -> None:
    field = Field.model_validate({"name": "r", "means": "recorded_at"})
    assert as_moment("2023-04-03 14:30", field, WHOLE) == dt.datetime(2023, 4, 3, 14, 30)  # noqa: DTZ001
    assert as_moment("2023-04-03", field, WHOLE) == dt.date(2023, 4, 3)
    with pytest.raises(Unread, match="no such time"):
        as_moment("2023-04-03 25:30", field, WHOLE)


@pytest.mark.parametrize(
    ("text", "unit", "kg"),
    [
        ("8.35", "kg", 8.35),
        ("8.35 kg", "kg", 8.35),
        ("8350", "g", 8.35),
        ("8350 g", ("kg", "g"), 8.35),
        ("8.35", ("kg", "g"), 8.35),
        ("9lb 4oz", "lb + oz", 4.196),
        ("9 lb 4 oz", "lb + oz", 4.196),
        ("9 lbs 4", "lb + oz", 4.196),
        ("9-4", "lb + oz", 4.196),
        ("9 4", "lb + oz", 4.196),
        ("9lb", "lb + oz", 4.082),
        ("15.5 oz", "lb + oz", 0.439),
        ("9.25", "lb", 4.196),
        ("9lb 4oz", ("kg", "lb + oz"), 4.196),
        ("4.2", ("kg", "lb + oz"), 4.2),
        ("148", "oz", 4.196),
    ],
)
def test_weights_are_read_in_their_unit(text: str, unit: object, kg: float) -> None:
    # 1 lb is 0.45359237 kg by definition: 9.25 lb are 4.19573 kg, kept to the gram.
    assert as_kg(text, weight(unit), WHOLE) == kg


@pytest.mark.parametrize(
    ("text", "unit", "reason", "remedy"),
    [
        ("8,35", "kg", "with a comma", "write 8.35"),
        ("4350", "kg", "more than any child weighs", "4350 g"),
        ("8350 g", "kg", "in g in a column in kg", '["kg", "g"]'),
        ("9lb 4oz", "kg", "pounds and ounces in a column in kg", "lb + oz"),
        ("9.4", "lb + oz", "a part of one", "9 lb 4 oz"),
        ("9lb 17oz", "lb + oz", "a pound has 16", "9 lb 4 oz"),
        ("6..1", "kg", "not a number", "missingValues"),
        ("0", "kg", "that little", "missingValues"),
        ("-4.2", "kg", "less than nothing", "as it was read"),
        ("4.2 st", "kg", "no unit is called", "kg"),
        ("9,1O", "kg", "no number: the letter O stands in it, perhaps for a zero", "figures alone"),
        ("9.o5", "kg", "no number: the letter o stands in it, perhaps for a zero", "figures alone"),
        ("9.l", "kg", "no number: the letter l stands in it, perhaps for a one", "figures alone"),
        ("8.2I", "g", "no number: the letter I stands in it, perhaps for a one", "figures alone"),
        ("not weighed", "kg", "not a number", "missingValues"),
        ("8.3.5", "kg", "not a number", "one decimal mark"),
        ("1,234.5", "g", "with a comma", "decimalChar"),
    ],
)
def test_weights_that_cannot_be_read(text: str, unit: object, reason: str, remedy: str) -> None:
    with pytest.raises(Unread) as e:
        as_kg(text, weight(unit), WHOLE)
    assert reason in e.value.reason and remedy in e.value.remedy


def test_a_decimal_comma_is_read_where_the_mapping_says_so_and_a_point_is_not() -> None:
    assert as_kg("8,35", weight(), COMMA) == 8.35
    with pytest.raises(Unread, match="with a point"):
        as_kg("8.35", weight(), COMMA)


def test_large_numbers_are_grams_only_where_the_mapping_says_so() -> None:
    field = weight(grams_from=500)
    assert as_kg("4350", field, WHOLE) == 4.35
    assert as_kg("4.35", field, WHOLE) == 4.35
    # Between what a child weighs in kg and what it weighs in g nothing is taken for either.
    with pytest.raises(Unread, match="more than any child weighs"):
        as_kg("400", field, WHOLE)


@given(st.integers(1, 299_999))
def test_a_weight_comes_back_in_kg_and_in_g(grams: int) -> None:
    assert as_kg(f"{grams / 1000:.3f}", weight(), WHOLE) == grams / 1000
    assert as_kg(str(grams), weight("g"), WHOLE) == grams / 1000


@given(st.integers(0, 60), st.integers(0, 15))
def test_pounds_and_ounces_come_back_to_the_gram(lb: int, oz: int) -> None:
    if lb or oz:
        assert as_kg(f"{lb} lb {oz} oz", weight("lb + oz"), WHOLE) == round((lb + oz / 16) * 0.45359237, 3)


def gestation(form: str, **values: str) -> Field:
    return Field.model_validate({"name": "g", "means": "gestation", "format": form, "values": values or None})


@pytest.mark.parametrize(
    ("text", "form", "days"),
    [
        ("36+4", "weeks+days", 256),
        ("36 + 4", "weeks+days", 256),
        ("36w4d", "weeks+days", 256),
        ("36 weeks 4 days", "weeks+days", 256),
        ("36+4/40", "weeks+days", 256),
        ("36", "weeks", 252),
        ("36/40", "weeks", 252),
        ("36 weeks", "weeks+days", 252),
        ("36+4", "weeks", 256),
        ("256", "days", 256),
    ],
)
def test_gestations(text: str, form: str, days: int) -> None:
    assert as_gestation(text, gestation(form)) == days


@pytest.mark.parametrize(
    ("text", "form", "reason"),
    [
        ("36.4", "weeks+days", "a part of a week, or days"),
        ("36+7", "weeks+days", "a week has 7 days"),
        ("36", "weeks+days", "weeks alone"),
        ("36", "days", "not a number of days"),
        ("12+0", "weeks+days", "does not admit"),
        ("term", "weeks+days", "not a gestation"),
    ],
)
def test_gestations_that_cannot_be_read(text: str, form: str, reason: str) -> None:
    with pytest.raises(Unread, match=reason.replace("+", r"\+")):
        as_gestation(text, gestation(form))


def test_a_word_for_a_gestation_means_what_the_mapping_says() -> None:
    assert as_gestation("Term", gestation("weeks+days", term="40+0")) == 280


@given(st.integers(140, 315))
def test_a_gestation_comes_back_in_each_form(days: int) -> None:
    assert as_gestation(str(days), gestation("days")) == days
    assert as_gestation(f"{days // 7}+{days % 7}", gestation("weeks+days")) == days


@pytest.mark.parametrize(("text", "id"), [("0412", "0412"), ("  0412 ", "0412"), ("943\xa0476  5919", "943 476 5919")])
def test_ids_stay_text_with_their_zeros(text: str, id: str) -> None:
    assert as_id(text) == id


def test_an_id_that_was_made_a_number_is_refused() -> None:
    with pytest.raises(Unread, match="turned into a number"):
        as_id("9.43477E+09")
    with pytest.raises(Unread, match="cannot be seen"):
        as_id("04\u200b12")


def condition(**more: object) -> Field:
    return Field.model_validate({"name": "c", "means": "condition", **more})


def test_conditions_are_what_the_mapping_says_they_are() -> None:
    field = condition(
        values={"CP V": {"condition": "cerebral_palsy", "gmfcs": 5}, "Downs": "trisomy_21", "nil": "none"},
        separator=";",
    )
    found = as_conditions("CP V; downs", field)
    assert [(w.condition, w.gmfcs) for w, _ in found] == [("cerebral_palsy", 5), ("trisomy_21", None)]
    assert as_conditions("nil", field) == []
    assert [w.condition for w, _ in as_conditions("cystic fibrosis", field)] == ["cystic_fibrosis"]
    with pytest.raises(Unread, match="no condition is called 'EB'"):
        as_conditions("EB", field)


def test_a_default_keeps_the_word() -> None:
    [(word, text)] = as_conditions("EB", condition(default="other"))
    assert (word.condition, text) == ("other", "EB")
    assert as_conditions("EB", condition(default="none")) == []


@pytest.mark.parametrize(("text", "level"), [("V", 5), ("GMFCS level 2", 2), ("gmfcs iii", 3), ("1", 1)])
def test_levels(text: str, level: int) -> None:
    assert as_level(text) == level


def test_no_level() -> None:
    with pytest.raises(Unread, match="not a GMFCS level"):
        as_level("VI")
