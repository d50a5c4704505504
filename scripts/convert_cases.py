"""Convert a folder of synthetic case stories into example records.

    python scripts/convert_cases.py SOURCE_FOLDER OUT_FOLDER

Used once to make ``examples/``.  It refuses whatever it does not understand, so that
nothing of a story is lost silently.  All children are fictional.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import sys
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from growthwatch.record import Record

LONDON = ZoneInfo("Europe/London")
WRITTEN_AT = dt.time(17, 0)
WEIGHED_AT = dt.time(12, 0)
FICTIONAL = "Fictional child, invented for testing."

NAMES = {
    "C1": "c1-slow-decline",
    "C3": "c3-acute-dehydration",
    "C5": "c5-handover-gap",
    "C6": "c6-letter-never-acknowledged",
}

# Who, as the stories say it -> role of the vocabulary.
ROLES = {
    "community nurse": "community_nurse",
    "portage": "portage_worker",
    "health visitor": "health_visitor",
    "physio": "physiotherapist",
    "respite nurse": "respite_worker",
    "enteral nurse": "enteral_nurse",
    "social worker": "social_worker",
    "dietitian": "dietitian",
    "cardiac dietitian": "dietitian",
    "GP administrator": "administrator",
    "HV area B": "health_visitor",
    "on-call registrar": "out_of_hours_clinician",
    "111 clinician": "out_of_hours_clinician",
    "specialist health visitor": "specialist_health_visitor",
    "specialist HV (area A)": "specialist_health_visitor",
}

# Where a child was weighed -> (actor, role).
WEIGHERS = {
    None: ("health visitor", "health_visitor"),
    "hospital": ("hospital nurse", "hospital_nurse"),
    "GP, illness": ("practice nurse", "practice_nurse"),
    "ED": ("emergency department", "emergency_department"),
}

# The conditions of each story, which it tells in free words.
CONDITIONS: dict[tuple[str, str], list[dict[str, Any]]] = {
    ("C1", "2022-12-01"): [
        {"condition": "cerebral_palsy", "gmfcs": 5, "description": "bilateral spastic cerebral palsy"},
        {"condition": "epilepsy"},
        {"condition": "unsafe_swallow", "description": "orally fed, unsafe swallow suspected"},
    ],
    ("C5", "2024-02-05"): [
        {"condition": "cerebral_palsy", "gmfcs": 4},
        {"condition": "tube_feeding", "description": "gastrostomy fed"},
    ],
    ("C6", "2024-02-20"): [{"condition": "congenital_heart_disease", "description": "large VSD"}],
}

LEVELS = {"Early Support": "early_support", "CSC child in need": "child_in_need"}
SERVICES = {"CSC": "children's social care"}

# Keys of a measurement that are computed from the weights, or that other keys repeat.
COMPUTED = {
    "age_days_chronological",
    "age_days_used",
    "correction_applied",
    "z_uk_who",
    "centile_uk_who",
    "z_rcpchgrowth_check",
    "spaces_below_birth",
    "change_since_last_valid_pct",
    "days_since_last_valid",
    "conditional_gain_z",
    "conditional_from",
    "loss_from_birth_pct",
    "loss_from_pre_illness_pct",
    "acute_loss_from_28d_max_pct",
    "acute_loss_from",
}


def at(day: str, clock: dt.time = WRITTEN_AT) -> dt.datetime:
    """Return the moment of a local time of day in London."""
    return dt.datetime.combine(dt.date.fromisoformat(day), clock, LONDON)


def two_years_on(birth: dt.date, day: dt.date) -> bool:
    """Say whether the child is two calendar years old."""
    return (day.year - birth.year, day.month, day.day) >= (2, birth.month, birth.day)


class Story:
    """One story on its way to a record."""

    def __init__(self, case: dict[str, Any]) -> None:
        self.case = case
        self.name = case["case_id"]
        self.events: list[dict[str, Any]] = []
        self.used: dict[str, int] = {}
        self.last_letter: str | None = None
        self.last_handover: str | None = None

    def add(self, id: str, type: str, on: str, actor: str, role: str, **fields: Any) -> str:
        """Add one event, with a readable id."""
        self.used[id] = self.used.get(id, 0) + 1
        if self.used[id] > 1:
            id = f"{id}-{self.used[id]}"
        event = {"recorded_at": at(on), **fields, "id": id, "type": type, "on": on, "actor": actor, "role": role}
        self.events.append({k: v for k, v in event.items() if v is not None})
        return id

    def record(self) -> Record:
        """Convert the whole story."""
        child = self.case["child"]
        birth = child["date_of_birth"]
        self.add(
            f"born-{birth}",
            "born",
            birth,
            "midwife",
            "midwife",
            recorded_at=at(birth, WEIGHED_AT),
            sex=child["sex"],
            gestation_days=child["gestation_weeks"] * 7 + child["gestation_days"],
            note=FICTIONAL,
        )
        for measurement in self.case["measurements"]:
            self.weight(birth, dict(measurement))
        for event in self.case["events"]:
            event = dict(event)
            getattr(self, "on_" + event.pop("type"))(event.pop("date"), event)
            if event:
                raise SystemExit(f"{self.name}: not understood: {event}")
        return Record(f"example-{self.name.lower()}", self.events)

    def weight(self, birth: str, m: dict[str, Any]) -> None:
        """Convert one weight."""
        on, kg, setting = m.pop("date"), m.pop("weight_kg"), m.pop("setting", None)
        actor, role = WEIGHERS[setting]
        if on == birth:
            actor = role = "midwife"
        older = two_years_on(dt.date.fromisoformat(birth), dt.date.fromisoformat(on))
        clothing, scale = "vest_and_pants" if older else "naked", "class_iii"
        if not m.pop("valid", True):
            if m.pop("invalid_reason") != "clothed, orthoses on, hoist scale of unknown class":
                raise SystemExit(f"{self.name}: an invalid weight of another kind on {on}")
            clothing, scale, setting = "clothed", "other", "orthoses on, hoist scale of unknown class"
            actor, role = "respite nurse", "respite_worker"
        if m.keys() - COMPUTED:
            raise SystemExit(f"{self.name}: not understood: {m.keys() - COMPUTED}")
        self.add(
            f"w-{on}",
            "weighed",
            on,
            actor,
            role,
            time=WEIGHED_AT,
            recorded_at=at(on, WEIGHED_AT),
            weight_kg=kg,
            clothing=clothing,
            scale=scale,
            setting=setting,
        )

    def on_condition_added(self, on: str, e: dict[str, Any]) -> None:
        """Convert a diagnosis; its tier is computed by the protocol."""
        del e["condition"], e["tier"]
        for fields in CONDITIONS[self.name, on]:
            name = fields["condition"].replace("_", "-")
            self.add(f"{name}-{on}", "condition_diagnosed", on, "paediatrician", "paediatrician", **fields)

    def on_lead_professional_set(self, on: str, e: dict[str, Any]) -> None:
        """Convert a lead, and the level of service that begins with it."""
        name, level = e.pop("name_role"), e.pop("level")
        by = ("Early Support lead", "early_support_lead")
        self.add(f"lead-{on}", "lead_named", on, *by, name=name, lead_role=ROLES[name], level=level)
        self.add(f"level-{on}", "level_changed", on, *by, to=LEVELS[level])

    def on_lead_professional_left(self, on: str, e: dict[str, Any]) -> None:
        """Convert the leaving of the lead."""
        self.add(f"lead-left-{on}", "lead_left", on, "Early Support lead", "early_support_lead")

    def on_contact(self, on: str, e: dict[str, Any]) -> None:
        """Convert a contact; words in brackets say what it was about."""
        found = re.fullmatch(r"([^()]+?)(?: \((?:(area \w), )?([^()]+)\))?", e.pop("who"))
        if found is None:
            raise SystemExit(f"{self.name}: who, on {on}?")
        who, service, about = found.groups()
        self.add(
            f"contact-{on}",
            "contact",
            on,
            who,
            ROLES[who],
            face_to_face=e.pop("face_to_face"),
            weighed=e.pop("weighed"),
            service=service,
            about=about,
        )

    def on_out_of_hours_advice(self, on: str, e: dict[str, Any]) -> None:
        """Convert advice; where nobody wrote it down at the time, it became known on admission."""
        by, recorded, note = e.pop("by"), e.pop("recorded_on"), None
        if recorded is None:
            recorded = next(x["date"] for x in self.case["events"] if x["type"] == "admission")
            note = "Not written down at the time; it became known when the child was admitted."
        self.add(
            f"advice-{on}",
            "contact",
            on,
            by,
            ROLES[by],
            recorded_at=at(recorded),
            face_to_face=False,
            out_of_hours=True,
            about=f"advice to {e.pop('to')}",
            advice=e.pop("about"),
            note=note,
        )

    def on_concern(self, on: str, e: dict[str, Any]) -> None:
        """Convert a concern, as the health visitor wrote it down."""
        self.add(
            f"concern-{on}",
            "concern",
            on,
            "health visitor",
            "health_visitor",
            raised_by=e.pop("source"),
            about=e.pop("about"),
            explained_as=e.pop("recorded_as"),
        )

    def on_illness(self, on: str, e: dict[str, Any]) -> None:
        """Convert an illness, with its signs."""
        illness = e.pop("about")
        signs = [s for s in ("diarrhoea", "vomiting") if s in illness]
        self.add(f"illness-{on}", "illness_recorded", on, "GP", "gp", illness=illness, signs=signs)

    def on_was_not_brought(self, on: str, e: dict[str, Any]) -> None:
        """Convert a missed appointment, written down by the clinic."""
        clinic = e.pop("clinic")
        self.add(f"not-brought-{on}", "was_not_brought", on, f"{clinic} clinic", "administrator", service=clinic)

    def on_letter(self, on: str, e: dict[str, Any]) -> None:
        """Convert a letter; an action that is only implied is none."""
        sender, action = e.pop("from_"), e.pop("requested_action")
        if action not in (None, "implied, not assigned") or e.pop("acknowledged_by"):
            raise SystemExit(f"{self.name}: a letter of another kind on {on}")
        self.last_letter = self.add(
            f"letter-{on}",
            "letter_sent",
            on,
            sender,
            ROLES[sender],
            sender=sender,
            to=[{"name": n} for n in e.pop("to")],
            copies=[{"name": n} for n in e.pop("cc")],
            summary=e.pop("text_summary"),
            purpose=e.pop("purpose"),
            action_owner=e.pop("action_owner"),
            respond_by=e.pop("respond_by"),
        )

    def on_letter_found(self, on: str, e: dict[str, Any]) -> None:
        """Convert the finding of the last letter."""
        by = e.pop("by")
        self.add(f"letter-found-{on}", "letter_found", on, by, ROLES[by], letter=self.last_letter, by=by)

    def on_referral(self, on: str, e: dict[str, Any]) -> None:
        """Convert a request for support, and its closure without action."""
        by, to, outcome = e.pop("by"), SERVICES[e.pop("to")], e.pop("outcome")
        made = self.add(
            f"referral-{on}",
            "referral_made",
            on,
            by,
            ROLES[by],
            to=to,
            kind="social_care_support",
            about=e.pop("about"),
        )
        found = re.fullmatch(r"NFA(?:: (.+?))? \(?(\d{4}-\d\d-\d\d)\)?", outcome)
        if found is None:
            raise SystemExit(f"{self.name}: outcome not understood: {outcome}")
        why, closed = found.groups()
        self.add(
            f"referral-closed-{closed}",
            "referral_closed",
            closed,
            "social worker",
            "social_worker",
            referral=made,
            outcome="no further action" + (f": {why}" if why else ""),
            action_taken=False,
        )

    def on_level_change(self, on: str, e: dict[str, Any]) -> None:
        """Convert another level of service."""
        self.add(
            f"level-{on}",
            "level_changed",
            on,
            "social worker",
            "social_worker",
            **{"from": LEVELS[e.pop("from_")]},
            to=LEVELS[e.pop("to")],
            plan_transferred=e.pop("plan_transferred"),
            accepted_by=e.pop("accepted_by"),
        )

    def on_handover_sent(self, on: str, e: dict[str, Any]) -> None:
        """Convert a hand-over; its acceptance is an event of its own."""
        if e.pop("accepted_by") is not None:
            raise SystemExit(f"{self.name}: a hand-over accepted at once on {on}")
        self.last_handover = self.add(
            f"handover-{on}",
            "handover_sent",
            on,
            "Early Support lead",
            "early_support_lead",
            sender=e.pop("from_"),
            recipient=e.pop("to"),
            contains=e.pop("contains"),
            missing=e.pop("missing"),
        )

    def on_handover_accepted(self, on: str, e: dict[str, Any]) -> None:
        """Convert the acceptance of the last hand-over."""
        by = e.pop("by")
        self.add(f"handover-accepted-{on}", "handover_accepted", on, by, ROLES[by], handover=self.last_handover, by=by)

    def on_strategy_discussion(self, on: str, e: dict[str, Any]) -> None:
        """Convert a strategy discussion."""
        self.add(f"strategy-discussion-{on}", "strategy_discussion", on, "social worker", "social_worker")

    def on_child_protection_plan(self, on: str, e: dict[str, Any]) -> None:
        """Convert the beginning of a protection plan."""
        category = e.pop("category")
        self.add(
            f"protection-plan-{on}",
            "protection_plan",
            on,
            "social worker",
            "social_worker",
            state="began",
            category=category,
        )

    def on_admission(self, on: str, e: dict[str, Any]) -> None:
        """Convert an admission."""
        self.add(f"admission-{on}", "admission", on, "hospital doctor", "hospital_doctor")


def main(source: Path, out: Path) -> None:
    """Convert every known story of a folder."""
    out.mkdir(parents=True, exist_ok=True)
    for path in sorted(source.glob("*.json")):
        case = json.loads(path.read_text(encoding="utf-8"))
        if case["synthetic"] is not True:
            raise SystemExit(f"{path}: not marked as synthetic")
        record = Story(case).record()
        target = out / f"{NAMES[case['case_id']]}.json"
        record.dump(target)
        print(target, record)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit("usage: convert_cases.py SOURCE_FOLDER OUT_FOLDER")
    main(Path(sys.argv[1]), Path(sys.argv[2]))
