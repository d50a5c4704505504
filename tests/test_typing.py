"""What a type checker knows of the public face: `tests/test_static.py` has pyright check this file, and it runs, too."""

# pyright: strict, reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import assert_type, get_args

import numpy as np
import pytest
from numpy.typing import NDArray

import growthwatch as gw
from growthwatch.charts.panel import GrowthChart
from growthwatch.core.errors import Problem
from growthwatch.record import LeadNamed, Role, Sign, SignRecorded, Weighed
from growthwatch.record.words import RoleWord, SignWord
from growthwatch.references import Reference, Score

ROOT = Path(__file__).parent.parent
DAY = dt.date(2024, 2, 27)
THEN = dt.datetime(2024, 2, 27, 12, tzinfo=dt.UTC)


def test_a_chart_is_what_it_returns() -> None:
    record = gw.Record.load(ROOT / "examples" / "c3-acute-dehydration.json")
    figure = assert_type(gw.chart(record, size="600px"), GrowthChart)
    assert assert_type(figure.png(), bytes).startswith(b"\x89PNG")
    assert assert_type(figure.alt_text, str)
    assert assert_type(figure.csv(), str)


def test_a_number_gives_a_number_and_a_column_an_array() -> None:
    ref = assert_type(gw.reference("uk-who"), Reference)
    assert type(assert_type(ref.z(6.2, age_days=180, sex="female"), float)) is float
    assert type(assert_type(ref.centile(6, age_days=180, sex="f", gestation_days=280), float)) is float
    assert type(assert_type(ref.value(-2, age_days=180, sex="male"), float)) is float
    assert type(assert_type(ref.z(np.float64(6.2), age_days=np.int64(180), sex="m"), float)) is float
    column = assert_type(ref.z([6.2, 7.0], age_days=[180, 240], sex="female"), NDArray[np.float64])
    assert column.shape == (2,) and column.dtype == np.float64
    assert assert_type(ref.z(6.2, age_days=np.array([180, 240]), sex="f"), NDArray[np.float64]).shape == (2,)
    assert assert_type(ref.centile(6.2, age_days=180, sex=["f", "m"]), NDArray[np.float64]).shape == (2,)
    assert assert_type(ref.value(np.zeros(3), age_days=180, sex="f"), NDArray[np.float64]).shape == (3,)
    assert assert_type(ref.score(6.2, age_days=180, sex="female"), Score).z == ref.z(6.2, age_days=180, sex="female")


def test_plain_words_are_taken_where_there_is_a_closed_list() -> None:
    weighed = Weighed(
        id="w", on=DAY, recorded_at=THEN, actor="a", role="gp", weight_kg=8.1, clothing="naked", scale="class_iii"
    )
    assert assert_type(weighed.role, Role) is Role.GP
    assert Weighed(id="w", on=DAY, recorded_at=THEN, actor="a", role=Role.GP, weight_kg=8.1).role == weighed.role
    seen = SignRecorded(id="s", on=DAY, recorded_at=THEN, actor="a", role="gp", signs=["fever", Sign.SHOCK])
    assert assert_type(seen.signs, tuple[Sign, ...]) == (Sign.FEVER, Sign.SHOCK)
    lead = LeadNamed(
        id="l", on=DAY, recorded_at=THEN, actor="a", role="team_lead", name="b", lead_role="health_visitor"
    )  # fmt: skip
    assert assert_type(lead.deputy_role, Role | None) is None
    assert lead.model_copy(update={"deputy": "c", "deputy_role": "gp"}).deputy_role is Role.GP


def test_a_word_that_is_none_is_refused_by_the_type_checker_too() -> None:
    with pytest.raises(gw.GrowthwatchError, match="did you mean 'gp'"):
        Weighed(id="w", on=DAY, recorded_at=THEN, actor="a", role="gpp", weight_kg=8.1)  # pyright: ignore[reportArgumentType]
    with pytest.raises(gw.GrowthwatchError, match="signs"):
        SignRecorded(id="s", on=DAY, recorded_at=THEN, actor="a", role="gp", signs=["cough"])  # pyright: ignore[reportArgumentType]


def test_the_words_are_those_of_the_lists() -> None:
    assert get_args(RoleWord) == tuple(role.value for role in Role)
    assert get_args(SignWord) == tuple(sign.value for sign in Sign)


def test_an_error_has_its_problems() -> None:
    with pytest.raises(gw.GrowthwatchError) as caught:
        gw.reference("no-such-chart")
    assert_type(caught.value.problems, tuple[Problem, ...])
    assert caught.value.problems[0].field == caught.value.field
