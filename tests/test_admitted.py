"""Whatever a record admits can be reviewed, replayed, followed, charted and written: only words come back, no crash."""

from __future__ import annotations

import datetime as dt
import json
import warnings
from typing import Any

import pytest
from builders import HV
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import event_lists

import growthwatch as gw
import growthwatch.protocol as gwp
from growthwatch.charts import alt_text, chart, chart_table
from growthwatch.record import Record, parse_event

BORN = dt.date(2022, 3, 1)
DAY = dt.timedelta(days=1)


def _event(id: str, type: str, on: dt.date, **fields: Any) -> dict[str, Any]:
    at = dt.datetime.combine(on, dt.time(12), dt.UTC)
    shared = {"id": id, "type": type, "on": on, "recorded_at": at, "actor": "a", "role": "health_visitor"}
    return shared | {k: v for k, v in fields.items() if v is not None}


def read_every_way(record: Record, as_of: dt.date) -> None:
    """Through review, replay, trajectory, chart, alt text and JSON; a refusal must be one in words."""
    review = gw.review(record, protocol=HV, as_of=as_of)
    assert json.loads(review.to_json())["child_id"] == record.child_id
    assert review.explain() and review._repr_html_()
    assert all(str(c) for c in gwp.replay(record, protocol=HV, until=as_of))
    born = any(e.type == "born" for e in record.effective())
    try:
        followed = gw.trajectory(record, as_of=as_of)
        assert followed.explain()
    except gw.GrowthwatchError as e:
        assert e.field == "record" and "born" in str(e)
    try:
        assert alt_text(record, as_of=as_of)
        assert isinstance(chart_table(record, as_of=as_of), list)
        assert chart(record, as_of=as_of).axes
        assert born
    except gw.GrowthwatchError as e:
        assert e.field in ("birth", "sex"), e


@pytest.mark.parametrize("sex", ["male", "female", None])
@pytest.mark.parametrize("gestation", [140, 146, 147, 153, 154, 160, 161, 294, 308, 314, 315])
def test_every_gestation_that_a_record_admits(gestation: int, sex: str | None) -> None:
    events = [_event("b", "born", BORN, sex=sex, gestation_days=gestation)]
    events += [
        _event(f"w{n}", "weighed", BORN + age * DAY, weight_kg=kg, clothing="naked", scale="class_iii")
        for n, (age, kg) in enumerate([(0, 3.4), (14, 3.5), (40, 4.4), (90, 6.0), (200, 8.0)])
    ]
    for day in (1, 20, 100, 260):
        read_every_way(Record("c", events), BORN + day * DAY)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    more=event_lists(max_size=6),
    sex=st.sampled_from(["male", "female", None]),
    gestation=st.none() | st.integers(140, 315),
    weights=st.lists(
        st.tuples(
            st.integers(-3, 2500),
            st.floats(min_value=0, exclude_min=True, allow_nan=False, allow_infinity=False) | st.floats(0.2, 30),
        ),
        max_size=6,
    ),
    day=st.integers(-5, 2600),
)
def test_every_value_of_every_field_that_a_record_admits(
    more: list[Any], sex: str | None, gestation: int | None, weights: list[tuple[int, float]], day: int
) -> None:
    events: list[Any] = [_event("zz-born", "born", BORN, sex=sex, gestation_days=gestation)]
    events += [_event(f"zz{n}w", "weighed", BORN + age * DAY, weight_kg=kg) for n, (age, kg) in enumerate(weights)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", category=gw.GrowthwatchWarning)
        record = Record("c", [*more, *map(parse_event, events)])
        read_every_way(record, BORN + day * DAY)
