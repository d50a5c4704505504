"""A file means the version of the figures that it names, whatever is the latest in the package."""

from __future__ import annotations

import pickle
from importlib import resources
from pathlib import Path

import pytest
from builders import HV, Child

import growthwatch as gw
from growthwatch.growth.detector import detector, reference_error
from growthwatch.growth.evidence import running_evidence
from growthwatch.growth.model import weight_model
from growthwatch.growth.series import weight_series
from growthwatch.protocol import Protocol, review_many
from growthwatch.protocol.file.figures import FIGURES

TEXT = (resources.files("growthwatch") / "protocols" / "uk-hv.toml").read_text("utf-8")
NAMED = 'figures = { evidence = "2", weight-model = "3" }'


def by(folder: Path, evidence: str, model: str) -> Protocol:
    """The packaged protocol, by other figures."""
    assert NAMED in TEXT
    path = folder / f"figures-{evidence}-{model}.toml"
    path.write_text(TEXT.replace(NAMED, f'figures = {{ evidence = "{evidence}", weight-model = "{model}" }}'), "utf-8")
    return Protocol.load(path)


def slowing() -> Child:
    """A girl who falls from the median by 1.2 SD in four months."""
    child = Child(birth_kg=3.4)
    for place, day in enumerate((28, 56, 84, 112, 140, 168)):
        child.at_z(-0.2 - 0.2 * place, day)
    return child


@pytest.mark.parametrize(("found", "model"), [("1", "2"), ("1", "3"), ("2", "2"), ("2", "3")])
def test_the_evidence_is_that_of_the_figures_that_the_file_names(found: str, model: str, tmp_path: Path) -> None:
    child, ours = slowing(), by(tmp_path, found, model)
    weights = [(e["weight_kg"], child.age(child.date(e["on"]))) for e in child.events if e["type"] == "weighed"]
    kg, ages = [w for w, _ in weights], [a for _, a in weights]
    series = weight_series(HV.reference, kg, ages, "female", plausible=True)
    expected = running_evidence(series, reference_error(HV.reference), detector(found), weight_model(model))
    review = child.review(168, ours)
    line = next(t for t in review.trace if t.rule == "G12")
    assert line.values["ratio"] == pytest.approx(float(expected.ratio[-1]), rel=1e-3)
    assert review.judged_by["figures"] == {"evidence": detector(found).hash, "weight-model": weight_model(model).hash}


def test_they_differ_so_that_it_matters(tmp_path: Path) -> None:
    told = {}
    for found, model in (("1", "3"), ("2", "2"), ("2", "3")):
        review = slowing().review(168, by(tmp_path, found, model))
        told[found, model] = [next(t for t in review.trace if t.rule == rule).values for rule in ("G12", "G7")]
    assert told["1", "3"][0]["ratio"] != told["2", "3"][0]["ratio"]
    assert told["2", "3"][0]["fit"] != told["2", "2"][0]["fit"]
    assert told["2", "2"][1] != told["2", "3"][1] == told["1", "3"][1]
    assert by(tmp_path, "2", "3") == HV and by(tmp_path, "1", "3").hash != HV.hash


def test_many_children_and_one_that_goes_on_are_judged_by_them_too(tmp_path: Path) -> None:
    child, ours = slowing(), by(tmp_path, "1", "2")
    alone = child.review(168, ours).to_json()
    (of_many,) = review_many([child.record], protocol=ours, as_of=child.date(168))
    assert of_many.to_json() == alone
    kept = pickle.loads(pickle.dumps(child.review(120, ours, resumable=True)))
    assert gw.review(child.record, protocol=ours, as_of=child.date(168), after=kept).to_json() == alone


def test_what_no_file_names_is_the_same_in_every_version() -> None:
    """Ages, the noise of a weighing, and the error of a reference are read from the latest: no version may differ."""
    detectors = [detector(v) for v in FIGURES["evidence"].versions]
    models = [weight_model(v) for v in FIGURES["weight-model"].versions]
    assert len({(d.ages, d.reference_error.model_dump_json()) for d in detectors}) == 1
    assert len({m.noise_kg for m in models}) == 1


def test_every_version_that_a_packaged_file_names_is_packaged() -> None:
    for id in gw.protocols():
        figures = gw.protocol(id).settings.figures
        assert figures is not None
        for name, version in figures.versions.items():
            assert version in FIGURES[name].versions
