"""No name, id or weight where nobody asked for it; what a family may ask for."""

from __future__ import annotations

import datetime as dt
import pickle
from pathlib import Path

import pytest
from store_writers import weighing

import growthwatch as gw
from growthwatch.store import pseudonym
from growthwatch.store.pseudonyms import is_nhs_number
from growthwatch.store.store import Store

SECRETS = ("Smith", "w77", "7.654321", "hv-Jones")


def born(day: str, id: str = "b") -> dict[str, object]:
    return {
        "id": id, "type": "born", "on": day, "recorded_at": "2024-01-01T12:00:00Z", "actor": "m", "role": "midwife",
        "sex": "female", "gestation_days": 280,
    }  # fmt: skip


def test_no_error_of_a_store_names_a_child_an_event_or_a_weight(store: Store, url: str) -> None:
    secret = weighing(77, 7.654321, actor="hv-Jones")
    store.append("Smith", secret)
    said = []
    for call in (
        lambda: store.record("Smith-2"),
        lambda: store.append("Smith", {**secret, "weight_kg": 9.0}),
        lambda: store.append("Smith", {**secret, "id": "w78", "weight_kg": "7.654321 kg"}),
        lambda: store.append("Smith", {**secret, "id": "w78", "Smith": 1}),
        lambda: store.append("Smith", weighing(79), expected=0),
        lambda: store.append(" Smith", weighing(79)),
        lambda: store.erase("Smith-2", because="asked", by="data officer"),
        lambda: store.export("Smith-2"),
    ):
        with pytest.raises(gw.GrowthwatchError) as caught:
            call()
        said += [str(caught.value), caught.value.redacted]
    assert not [s for s in said if any(word in s for word in SECRETS)]
    with gw.store.open(url, identify=True) as asked, pytest.raises(gw.GrowthwatchError, match="Smith-2"):
        asked.record("Smith-2")


def test_a_redacted_error_holds_no_words_of_a_record() -> None:
    record = gw.Record("Smith", [weighing(77, 7.654321)])
    for call in (
        lambda: record.event("Smith-w77"),
        lambda: record.append({**weighing(78), "Smith": 7.654321}),
        lambda: record.append({**weighing(78), "weight_kg": "7.654321 Smith"}),
        lambda: gw.Record.load("Smith.json"),
        lambda: gw.Record("Smith", [weighing(77, 1.0), weighing(77, 7.654321)]),
    ):
        with pytest.raises(gw.GrowthwatchError) as caught:
            call()
        assert any(word in str(caught.value) for word in SECRETS)
        assert not any(word in caught.value.redacted for word in SECRETS)
        assert "in growthwatch." in caught.value.redacted, "where it was, for whoever mends it"


def test_a_redacted_error_does_not_name_a_type_that_somebody_made() -> None:
    class Smith:
        pass

    assert "Smith" not in gw.GrowthwatchError("x", value=Smith()).redacted
    assert "float" in gw.GrowthwatchError("x", value=1.5).redacted
    assert gw.GrowthwatchError("Smith", for_logs="the disk is full").redacted == "GrowthwatchError: the disk is full"


def test_a_conflict_goes_from_process_to_process(store: Store) -> None:
    store.append("child", weighing(1))
    with pytest.raises(gw.store.Conflict) as caught:
        store.append("child", weighing(2), expected=0)
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (copy.yours, copy.theirs, str(copy)) == (0, store.head("child"), str(caught.value))


def test_an_nhs_number_is_no_pseudonym(store: Store) -> None:
    """943 476 5919 is the number that the NHS gives as an example; one digit more is none."""
    for number in ("9434765919", "943 476 5919", "943-476-5919"):
        assert is_nhs_number(number)
        with pytest.raises(gw.GrowthwatchError, match="NHS number") as caught:
            store.append(number, weighing(1))
        assert number not in str(caught.value)
    assert not is_nhs_number("9434765918") and not is_nhs_number("p9434765919")
    assert store.children() == ()


def test_a_pseudonym_is_the_same_each_time_and_needs_the_key() -> None:
    one = pseudonym("943 476 5919", b"k" * 16)
    assert one == pseudonym("9434765919", b"k" * 16) != pseudonym("9434765919", b"l" * 16)
    assert len(one) == 33 and one[0] == "p" and one.isalnum()
    for number, key in (("9434765919", b"short"), ("  ", b"k" * 16)):
        with pytest.raises(gw.GrowthwatchError):
            pseudonym(number, key)


def test_an_export_has_all_that_is_held(store: Store) -> None:
    store.append("other", weighing(9))
    store.append("child", [weighing(1), weighing(2)])
    made = store.export("child")
    assert gw.Record.from_dict(made["record"]) == store.record("child")
    assert [(e["position"], e["of_child"], e["event"]) for e in made["entries"]] == [(2, 1, "w1"), (3, 2, "w2")]
    assert made["entries"][-1]["hash"] == store.head().hash and made["store"] == store.id


def test_an_erased_child_is_gone_and_the_chain_holds(store: Store) -> None:
    store.append("keep", weighing(1))
    store.append("child", [weighing(1), weighing(2)])
    store.append("keep", weighing(2))
    head = store.head()
    at = dt.datetime(2026, 3, 3, 9, tzinfo=dt.UTC)
    done = store.erase("child", because="asked by the parents", by="data officer", at=at)
    assert done.events == 2 and done.head == store.head() and done.head.position == head.position + 1
    found = store.verify(head)
    assert found and [(e.events, e.because, e.by, e.at) for e in found.erasures] == [
        (2, "asked by the parents", "data officer", "2026-03-03T09:00:00+00:00")
    ]
    assert store.children() == ("keep",) and [r.child_id for r in store.records()] == ["keep"]
    for call in (lambda: store.record("child"), lambda: store.erase("child", because="again", by="x")):
        with pytest.raises(gw.GrowthwatchError, match="no child"):
            call()
    assert store.append("child", weighing(1)).position == 1, "a new child begins anew"
    assert store.verify(done.head)


def test_nothing_of_an_erased_child_is_left_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with gw.store.open(f"sqlite:///{path}") as store:
        store.append("keep", weighing(1))
        store.append("SmithJohn", [weighing(77, 7.654321, note="words of a mother"), *map(weighing, range(78, 200))])
        words = [b"SmithJohn", b"w77", b"7.654321", b"words of a mother"]
        all_bytes = lambda: b"".join(p.read_bytes() for p in sorted(tmp_path.iterdir()))  # noqa: E731
        assert all(w in all_bytes() for w in words)
        assert store.erase("SmithJohn", because="asked", by="data officer").swept
        assert not [w for w in words if w in all_bytes()]
        assert len(store.record("keep")) == 1


@pytest.mark.parametrize("wrong", ["", "  ", None])
def test_an_erasure_has_a_reason_and_a_name(store: Store, wrong: object) -> None:
    store.append("child", weighing(1))
    for words in ({"because": wrong, "by": "x"}, {"because": "x", "by": wrong}):
        with pytest.raises(gw.GrowthwatchError, match="an erasure has a reason"):
            store.erase("child", **words)  # pyright: ignore
    assert len(store.record("child")) == 1


def test_retention_is_listed_and_erases_nothing(store: Store) -> None:
    """Code of practice, Appendix II: to the 25th birthday, to the 26th if 17 when treatment ended."""
    store.append("early", [born("2000-06-01"), weighing(1, on=dt.date(2004, 1, 1))])
    store.append("late", [born("2000-06-01"), weighing(1, on=dt.date(2017, 6, 1))])
    store.append("nearly", [born("2000-06-01"), weighing(1, on=dt.date(2017, 5, 31))])
    store.append("unknown", weighing(1))
    head = store.head()
    on = lambda day: {k.child: (k.until, k.over) for k in store.retention(day)}  # noqa: E731
    first, second = dt.date(2025, 6, 1), dt.date(2026, 6, 1)
    assert on(first) == {
        "early": (first, False), "nearly": (first, False), "late": (second, False), "unknown": (None, False)
    }  # fmt: skip
    assert on(dt.date(2025, 6, 2))["early"] == (first, True) and on(dt.date(2025, 6, 2))["late"] == (second, False)
    assert store.retention(first)[-1].child == "unknown" and store.head() == head
