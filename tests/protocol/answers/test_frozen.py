"""What a review says cannot be changed."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest
from builders import Child


def test_what_a_finding_says_cannot_be_changed() -> None:
    r = Child().steady(0.0, [14, 40, 70]).weigh(3.6, 80).review(80)
    assert r.findings
    before = r.to_json()
    values: Any
    for values in [*(f.values for f in r.findings), *(t.values for t in r.trace), *(t.parameters for t in r.trace)]:
        for change in (
            lambda v: v.__setitem__("kg", 9),
            lambda v: v.update(kg=9),
            lambda v: v.clear(),
            lambda v: v.pop("kg", None),
            lambda v: v.setdefault("new", 1),
            lambda v: v.__ior__({"kg": 9}),
        ):
            with pytest.raises(TypeError, match="frozen"):
                change(values)
        assert json.loads(json.dumps(values)) == json.loads(json.dumps(dict(values)))
    assert r.to_json() == before
    assert copy.deepcopy(r).to_json() == pickle.loads(pickle.dumps(r)).to_json() == before
    data = r.to_dict()
    data["findings"][0]["values"]["kg"] = 0
    data["trace"][0]["parameters"]["levels"].clear()
    assert r.to_json() == before, "plain data is a copy"
