"""Children to whom all sorts of things happen, drawn by hypothesis, and what must never get calmer."""

from __future__ import annotations

import datetime as dt
from typing import Any

from builders import HV, UK, Child
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from growthwatch.protocol import Review
from growthwatch.protocol.file.values import TIERS

examples = settings(
    max_examples=25, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
some = settings(examples, max_examples=12)
LEVELS = {r.id: [level.name for level in r.levels] for r in HV.rules}


@st.composite
def children(draw: st.DrawFn, most_weights: int = 9, most_events: int = 8, decisions: bool = True) -> Child:
    """A child of 0 to 3 years, with what happened."""
    sex = draw(st.sampled_from(["male", "female", "female", "male", "female", None]))
    gestation = draw(st.sampled_from([280, 280, 280, None, 255, 215, 190]))
    z = draw(st.sampled_from([0.0, -0.7, -1.4, -1.9, 1.5, 0.6]))
    made = Child(
        sex=sex, gestation_days=gestation, birth_kg=None, born=draw(st.sampled_from(["2023-02-10", "2024-02-29"]))
    )
    scale = "male" if sex is None else sex
    if draw(st.integers(0, 9)):
        at = {"corrected_age_days": float((gestation or 280) - 280)}
        made.weigh(round(float(UK.value(z, sex=scale, **at)), 2), 0)  # pyright: ignore[reportArgumentType]
    day = 0
    for _ in range(draw(st.integers(0, most_weights))):
        day += draw(st.sampled_from([1, 2, 3, 5, 7, 10, 14, 21, 28, 40, 60, 90, 180]))
        z += draw(st.sampled_from([0.0, 0.0, 0.1, 0.2, -0.1, -0.2, -0.4, -0.8, -1.5, 0.6]))
        if day > 1200:
            break
        kg = float(UK.value(z, age_days=day, sex=scale, gestation_days=gestation))  # pyright: ignore[reportArgumentType]
        wear = draw(st.sampled_from(["naked"] * 6 + ["clothed", None]))
        made.weigh(
            round(max(kg, 0.4) * (1.06 if wear == "clothed" else 1), draw(st.sampled_from([2, 3]))),
            day,
            clothing=wear,
            late=draw(st.sampled_from([0, 0, 0, 0, 0, 1, 6, 45])),
            time=draw(st.sampled_from([None, "09:00", "09:40"])),
            date_certain=draw(st.integers(0, 20)) > 0,
        )
    last = max(day, 60)
    kinds = [
        "contact", "contact", "contact", "ill", "sign", "vomit", "exam", "condition", "ended", "plan", "level",
        "protection", "referral", "concern", "missed", "admission", "discharged", "error", "correct", "decide", "confirm", "paediatrics",
    ]  # fmt: skip
    for _ in range(draw(st.integers(0, most_events))):
        kind = draw(st.sampled_from(kinds))
        on = draw(st.integers(0, last + 40))
        late = draw(st.sampled_from([0, 0, 0, 0, 2, 30]))
        ids = [e["id"] for e in made.events if e["type"] != "born"]
        if kind == "contact":
            made.contact(on, late=late)
        elif kind == "ill":
            made.ill(on, late=late)
        elif kind in ("sign", "vomit"):
            made.sign("sunken_eyes" if kind == "sign" else "vomiting", on, late=late)
        elif kind == "exam":
            made.examined(on, late=late)
        elif kind == "paediatrics":
            made.examined(on, late=late, role="paediatrician")
        elif kind == "condition":
            what: dict[str, Any] = draw(
                st.sampled_from(
                    [
                        {"condition": "cerebral_palsy", "gmfcs": 5},
                        {"condition": "cerebral_palsy", "gmfcs": 2},
                        {"condition": "tube_feeding"},
                        {"condition": "ketogenic_diet"},
                        {"condition": "chronic_kidney_disease"},
                        {"condition": "congenital_heart_disease", "highest_risk": True},
                        {"condition": "cystic_fibrosis"},
                    ]
                )
            )
            made.add("condition_diagnosed", on, late=late, **what)
        elif kind == "ended":
            what = draw(st.sampled_from(["tube_feeding", "cerebral_palsy"]))
            made.add("condition_ended", on, late=late, condition=what, reason="out")
        elif kind == "plan":
            made.plan(
                on,
                late=late,
                plan=draw(st.sampled_from(["care", "sick_day"])),
                floor_days=draw(st.sampled_from([None, 3, 14, 40, 120])),
                review_by=made.date(on + 60) if draw(st.booleans()) else None,
            )
        elif kind == "level":
            made.add("level_changed", on, late=late, to=draw(st.sampled_from(["universal", "child_in_need"])))
        elif kind == "protection":
            made.add("protection_plan", on, late=late, state=draw(st.sampled_from(["began", "began", "ended"])))
        elif kind == "referral":
            made.add("referral_made", on, late=late, to="team", kind="safeguarding", about="worry")
            if draw(st.booleans()):
                made.add("referral_closed", on + 9, referral=made.last, outcome="closed", action_taken=False)
        elif kind == "concern":
            made.add("concern", on, late=late, raised_by="mother", about="thinner")
        elif kind == "missed":
            made.add("was_not_brought", on, late=late, service="clinic")
        elif kind == "admission":
            made.add("admission", on, late=late, role=draw(st.sampled_from(["hospital_doctor", "health_visitor"])))
        elif kind == "discharged":
            made.add("discharged", on, late=late)
        elif kind == "error" and ids:
            made.add("entered_in_error", on + 1, target=draw(st.sampled_from(ids)), reason="wrong child", late=late)
        elif kind == "correct":
            weighed = [e for e in made.events if e["type"] == "weighed"]
            if weighed:
                old = draw(st.sampled_from(weighed))
                made.add(
                    "weighed", old["on"], late=draw(st.integers(0, 40)), weight_kg=round(old["weight_kg"] * 1.02, 2),
                    corrects=old["id"], clothing="naked", scale="class_iii",
                )  # fmt: skip
        elif kind == "confirm" and ids and decisions:
            made.decide(on, "confirm_weight", target=draw(st.sampled_from(ids)), late=late)
        elif kind == "decide" and decisions:
            if draw(st.booleans()):
                made.decide(on, "lower_tier", tier=draw(st.sampled_from(["T0", "T1", "T2"])), late=late)
            else:
                made.decide(on, "close_finding", target=f"{draw(st.sampled_from(list(LEVELS)))}@start", late=late)
    return made


def end(child: Child) -> dt.date:
    return max((e["recorded_at"].date() for e in child.events), default=child.birthday) + dt.timedelta(days=120)


def no_better(
    before: Review,
    after: Review,
    due: bool = True,
    level_tests: bool = True,
    but: frozenset[str] = frozenset(),
    tier: bool = True,
) -> None:
    """The second is in no respect calmer than the first."""
    assert not tier or TIERS.index(after.tier) >= TIERS.index(before.tier), "tier"  # pyright: ignore[reportArgumentType]
    assert (after.stage or "") >= (before.stage or ""), "stage"
    now = {f.rule: LEVELS[f.rule].index(f.level) for f in after.findings}
    for f in before.findings:
        if f.rule in but:
            continue
        assert f.rule in now, f"{f.rule} is gone"
        assert now[f.rule] >= LEVELS[f.rule].index(f.level), f"{f.rule} is less grave"
    if due and before.due.due is not None:
        assert after.due.due is not None and after.due.due <= before.due.due, "due later"
