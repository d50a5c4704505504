"""What a protection plan, or a child in T3, asks of others (P14a to P14c)."""

from __future__ import annotations

from builders import Child
from processes import the


def test_p14a_with_two_reasons_is_asked_since_the_first_of_them() -> None:
    # Process specification, section 3, P14a: "a plan begins, or T3".  The plan on 3 June, T3 by a loss on 10 June.
    child = Child("2022-01-15").weigh(12.0, "2024-05-01").add("sibling_known", "2024-06-03", sibling="Tom")
    child.add("protection_plan", "2024-06-03", state="began", category="neglect", role="social_worker")
    child.weigh(11.0, "2024-06-10")
    assert [child.review(day).tier for day in ("2024-06-09", "2024-06-10")] == ["T1", "T3"]
    seen = the(child, "P14a", "2024-06-10").values
    assert (seen["since"], seen["tier_since"]) == ("2024-06-03", "2024-06-10")
