"""What people see of scores, records and protocols: in a console and in a notebook."""

from __future__ import annotations

import datetime as dt
import html

import numpy as np
import pytest
from builders import HV, UK

from growthwatch.core import html_table
from growthwatch.protocol import review
from growthwatch.record import Record
from growthwatch.references import reference


def test_a_score_says_its_status_and_its_place_in_words() -> None:
    said = repr(UK.score(9.14, age_days=617, sex="male"))
    assert said.startswith("<Score: z -1.97, centile 2 (on the 2nd centile), ok; uk-who (")
    assert len(said) < 100, "the hash is short"
    none = repr(UK.score(9.14, age_days=99999, sex="male"))
    assert "no score, age_above_reference (older than the reference covers)" in none and "nan" not in none


def test_a_column_of_scores_counts_its_status() -> None:
    scores = UK.score([9.14, 3.0, np.nan], age_days=[617, 0, 1], sex="m")
    assert repr(scores).startswith("<Score of 3 values: 2 ok, 1 missing_value; uk-who (")
    shown = scores._repr_html_()  # pyright: ignore[reportPrivateUsage]
    assert "on the 2nd centile" in shown and "no measurement was given" in shown
    many = UK.score(np.full(50, 9.0), age_days=617, sex="m")._repr_html_()  # pyright: ignore[reportPrivateUsage]
    assert "and 40 more" in many and many.count("<tr>") == 11


@pytest.mark.parametrize("id", ["uk-who", "who-2006", "uk90"])
def test_every_score_can_be_shown(id: str) -> None:
    found = reference(id)
    for value, age in (([], []), ([3.0], [0]), (3.0, 0), ([[3.0, 4.0]], [[0, 1]])):
        score = found.score(value, age_days=age, sex="f")
        assert repr(score) and score._repr_html_()  # pyright: ignore[reportPrivateUsage]


def test_a_record_is_a_table_of_its_events() -> None:
    evil = "<script>alert(1)</script>"
    base = {"on": "2024-01-02", "recorded_at": "2024-01-02T12:00:00Z", "actor": "Jane Doe", "role": "gp"}
    record = Record(
        "<b>child</b>",
        [
            {"id": "a", "type": "concern", "raised_by": "mother", "about": evil, **base},
            {"id": "b", "type": "contact", "face_to_face": True, **base},
            {"id": "c", "type": "entered_in_error", "target": "b", "reason": "wrong child", **base},
        ],
    )
    shown = record._repr_html_()  # pyright: ignore[reportPrivateUsage]
    assert evil not in shown and "&lt;script&gt;" in shown and "<b>child" not in shown
    assert "2024-01-02" in shown and "no longer counts" in shown and "Jane Doe" not in shown
    long = record
    for i in range(40):
        long = long.append({"id": f"n{i}", "type": "contact", "face_to_face": True, **base})
    assert "and 13 events written down before these" in long._repr_html_()  # pyright: ignore[reportPrivateUsage]
    assert "<table>" in Record("empty")._repr_html_()  # pyright: ignore[reportPrivateUsage]


def test_a_protocol_is_a_table_of_its_rules() -> None:
    shown = HV._repr_html_()  # pyright: ignore[reportPrivateUsage]
    for rule in HV.rules:
        assert f'<th scope="row">{rule.id}</th>' in shown
    assert HV.version in shown and "opens no finding: no national source" in shown and ">T2</td>" in shown


def test_an_adjusted_reference_shows_who_adjusted_it() -> None:
    signed = {"by": "Dr <A>", "because": "low & late", "signed_on": dt.date(2026, 8, 1)}
    once = UK.adjusted(shift=-1, **signed, review_by=dt.date(2027, 5, 31))
    twice = once.adjusted(shift=-3, specialist="Prof. B", by="Dr C", because="x", review_by=dt.date(2027, 1, 2))
    shown = once._repr_html_()
    for part in (
        "ADJUSTED CURVE: ", "Dr &lt;A&gt;", "low &amp; late", "signed on 1 August 2026", "31 May 2027", "z less -1",
    ):  # fmt: skip
        assert part in shown
    assert "general population" not in shown and "general population" in UK._repr_html_()
    both = twice._repr_html_()
    assert "signed off by Prof. B" in both and "not dated" in both and "adjusted, 1" in both and "adjusted, 2" in both


def test_an_adjusted_score_shows_the_unadjusted_one_beside() -> None:
    ref = UK.adjusted(shift=-1, by="Dr A", because="x", review_by=dt.date(2027, 5, 31))
    said = repr(ref.score(8, age_days=400, sex="f"))
    assert said.startswith("<Adjusted score: z -0.16, centile 44") and "; unadjusted score: z -1.16" in said
    assert "array" not in repr(ref.score([8, 9], age_days=400, sex="f"))
    shown = ref.score([8, 9], age_days=400, sex="f")._repr_html_()
    assert "Unadjusted" in shown and "-0.16" in shown and "-1.16" in shown and ref.id in shown


@pytest.mark.parametrize("jinja", [True, False])
def test_what_is_shown_is_escaped_with_and_without_jinja(jinja: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not jinja:
        monkeypatch.setattr(html_table, "find_spec", lambda name: None)
        html_table._template.cache_clear()
    evil = "<i>&'\"</i>"
    try:
        table = html_table.Table(evil, (evil, "b"), ((evil, "1"), ("2", evil)), names=1)
        shown = html_table.display(evil, [html_table.Part(evil, (evil,), (evil,), table, ("<svg></svg>",))], [evil])
        alone = html_table.html_table("t", ("a",), [("x",)], "and more")
    finally:
        html_table._template.cache_clear()
    assert "<i>" not in shown and "<svg></svg>" in shown
    assert shown.count('scope="row"') == 2 and shown.count('scope="col"') == 2
    assert shown.count("<h2>") == shown.count("<h3>") == shown.count("<caption>") == 1
    assert ("data-head" in shown) is jinja
    assert alone.count("<table>") == 1 and "and more</p>" in alone and '<th scope="row">x</th>' in alone


def test_a_review_in_a_notebook_has_its_deeds_in_a_table_and_every_other_line_of_its_text() -> None:
    record = Record.load("examples/c1-slow-decline.json")
    made = review(record, protocol=HV, as_of=dt.date(2024, 2, 27))
    shown = html.unescape(made._repr_html_())
    assert shown.count("<tr>") == len(made.to_do()) + 1
    for deed in made.to_do():
        assert deed.who in shown and (deed.if_not or "") in shown
        for do, about in deed.parts:
            assert f"{do}{about}"[1:] in shown
    flat = " ".join(shown.split())
    in_list = made.explain().partition("\nWhy\n")[2].splitlines()
    titles = ("Asked", "Snoozed", "Carried out though refused", "Next weight", "Also")
    for line in in_list:
        assert line in titles or line.removeprefix("- ").strip() in flat, line
