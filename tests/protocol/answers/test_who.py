"""Who owes a deed, in words that a team reads."""

from __future__ import annotations

from typing import get_args

import pytest
from builders import Child

from growthwatch.core.words import role_words
from growthwatch.protocol.answers.people import Owner as Owns
from growthwatch.protocol.file.action import Owner


@pytest.mark.parametrize(
    "office", [str(office) for part in get_args(Owner) for office in (get_args(part) or [r.value for r in part])]
)
def test_every_office_has_words_that_end_a_sentence(office: str) -> None:
    words = role_words(office)
    assert "_" not in words and words == words.strip()
    assert words != "dismissed by another", "that is no person"


def test_somebody_who_has_not_said_it_looks_again() -> None:
    child = Child(birth_kg=None).led().at_z(-2.2, 300)
    said = {"words": "expected with his condition", "as": "condition", "target": child.last}
    child.add("explained", 301, **said)
    (line,) = [t for t in child.review(301).to_do() if t.rules == ("P9",)]
    assert line.owner == "dismissed_by_another"
    assert (
        "Somebody who has not said it before: look again at what was explained away (P9)."
        in child.review(301).explain()
    )


def test_an_owner_whose_name_is_no_name_is_said_once() -> None:
    assert Owns("specialist health visitor", "specialist_health_visitor", "lead").words == "specialist health visitor"
    assert Owns("Hana Reid", "health_visitor", "deputy").words == "Hana Reid, health visitor, deputy"
