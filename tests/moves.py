"""Records made of moves: all that people do about one child, entered on time or late, and wrong now and then.

A history is a list of moves, each a name and three small numbers; the same list gives the same record, and a
shorter list is a shorter history.  Moves speak of what came before: of letters that were sent, of findings that
plausibly are open, of decisions that were made.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from builders import HV, Child, folded
from hypothesis import strategies as st

__all__ = ["MOVES", "NAMES", "History", "histories", "history", "move"]

NAMES = ("Ann Lee", "Bea Roy", "ann  lee", "Cy Dow")
TO = ("Dr Fox", "Dr Gil", "Kim Hay")
GAPS = (0, 0, 1, 1, 2, 3, 5, 7, 7, 14, 14, 28, 60)
LATE = (0, 0, 0, 0, 0, 0, 1, 4, 15)
CLOSABLE = ("G3", "G4", "G5", "G9", "G12", "G13", "S7", "P7", "P8", "P1", "G8", "G6")
SPEAKING = (*CLOSABLE, "S2", "S3", "H1", "P5", "P12a", "FD")
SIGNERS = ("paediatrician", "team_lead", "named_nurse", "gp", "health_visitor", "administrator")

Move = tuple[str, int, int, int]
"""What, how many days after the move before it, how late it is written down, and which of its variants."""


@dataclass(eq=False)
class History:
    """A child as it is told, and what the next move may speak of."""

    moves: tuple[Move, ...]
    child: Child
    day: int = 0
    z: float = 0.0
    made: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    """Each move that came to an event, and the id of that."""

    @property
    def record(self) -> Any:
        return self.child.record

    @property
    def end(self) -> dt.date:
        """The day after the last on which anything happened or was written down."""
        days = [max(e["on"], e["recorded_at"].date()) for e in self.child.events]
        return max([self.child.date(self.day), *days])

    def ids(self, *types: str) -> list[str]:
        return [e["id"] for e in self.child.events if e["type"] in types]

    def __repr__(self) -> str:
        return f"{list(self.moves)}\n{self.child!r}"


def move(name: str) -> Callable[[Any], Any]:
    """Put a move into the list of all of them."""

    def put(f: Any) -> Any:
        MOVES[name] = f
        return f

    return put


MOVES: dict[str, Callable[[History, random.Random], tuple[str, dict[str, Any]] | None]] = {}


def key(h: History, r: random.Random) -> str:
    """The key of a finding that may be open."""
    letters = h.ids("letter_sent", "request_made", "referral_made")
    keys = [f"{rule}@start" for rule in SPEAKING]
    keys += [f"{rule}:{id}@start" for id in letters[-2:] for rule in ("P3", "P2")]
    return r.choice(keys)


def open_key(h: History, r: random.Random) -> str:
    """The key of a finding that is open when the move is made, or that of one which may be."""
    state = folded(h.record, h.child.date(h.day)).state
    calm = [f for f in state.open.values() if all(t.deadline >= state.day for t in f.tasks)]
    quiet = [f for f in calm if f.rule.loudness_at(f.level, f.latest.values) != "interrupt"]
    calm = quiet if r.random() < 0.7 else calm
    there = sorted(f.key for f in calm or state.open.values())
    return r.choice(there) if there else key(h, r)


def open_deed(h: History, r: random.Random) -> str:
    """The id of a deed that an open finding asks for, or a key."""
    fold = folded(h.record, h.child.date(h.day))
    there = sorted(t.id for f in fold.state.open.values() for t in f.tasks)
    return r.choice(there) if there else key(h, r)


def asked(h: History, r: random.Random) -> str | None:
    ids = h.ids("letter_sent", "request_made", "referral_made")
    return r.choice(ids[-3:]) if ids else None


def on(h: History, days: int) -> dt.date:
    return h.child.date(h.day + days)


def add(h: History, r: random.Random, name: str) -> str:
    """Let another move come before this one, on the same day; return the id of its event, or an empty one."""
    made = MOVES[name](h, r)
    if not made:
        return ""
    type, fields = made
    h.child.add(type, h.day, **{k: v for k, v in fields.items() if not k.startswith("_")})
    return h.child.last


def well_again(h: History, kg_days: int = 15) -> None:
    """Two valid weights where the child was born, so many days apart: what most ways out ask for."""
    h.z = max(h.z, 0.3)
    for days in (0, kg_days):
        h.day += days
        h.child.weigh(round(h.child.kg(h.z, h.day), 2), h.day)


@move("weigh")
def _(h: History, r: random.Random) -> Any:
    h.z += r.choice((0.15, 0.3, 0.0, -0.1, -0.3, -0.8, -1.4))
    h.z = max(min(h.z, 2.0), -3.5)
    kg = h.child.kg(h.z, h.day)
    return "weighed", {"weight_kg": round(kg, 2), "clothing": "naked", "scale": "class_iii"}


@move("weigh badly")
def _(h: History, r: random.Random) -> Any:
    kg = h.child.kg(h.z, h.day) * r.choice((1.0, 1.05, 0.9, 2.2046, 0.1))
    how = r.choice(({"clothing": "clothed", "scale": "class_iii"}, {"clothing": "naked", "scale": "other"},
                    {"clothing": "naked", "scale": "class_iii", "weighed_by": "family"}))  # fmt: skip
    return "weighed", {"weight_kg": round(kg, 2)} | how


@move("measure")
def _(h: History, r: random.Random) -> Any:
    if r.random() < 0.7:
        return "measured", {"measure": "height", "value_cm": round(50 + 26 * (h.day / 365) ** 0.6 + h.z, 1),
                            "position": "lying"}  # fmt: skip
    return "measured", {"measure": "arm", "value_cm": r.choice((11.0, 12.0, 13.5, 14.5))}


@move("contact")
def _(h: History, r: random.Random) -> Any:
    return "contact", {"face_to_face": r.random() < 0.6, "out_of_hours": True if r.random() < 0.2 else None,
                       "service": r.choice((None, "clinic")), "danger_signs": r.choice((None, "none")),
                       "advice_sought": r.choice((None, "yes", "no"))}  # fmt: skip


@move("concern")
def _(h: History, r: random.Random) -> Any:
    return "concern", {"raised_by": r.choice(("mother", "grandmother")), "about": "weight",
                       "explained_as": r.choice((None, None, "just small")),
                       "topics": r.choice((None, ("looks",), ("other",)))}  # fmt: skip


@move("sign seen")
def _(h: History, r: random.Random) -> Any:
    sign = r.choice(("fever", "vomiting", "poor_intake", "sunken_eyes", "no_wet_nappy_12h", "green_vomit"))
    return "sign_recorded", {"signs": (sign,), "well": r.choice((None, True))}


@move("illness")
def _(h: History, r: random.Random) -> Any:
    return "illness_recorded", {"illness": "cold", "signs": r.choice(((), ("diarrhoea",)))}


@move("not brought")
def _(h: History, r: random.Random) -> Any:
    kind = r.choice(("not_brought", "not_brought", "cancelled", "cancelled_by_service"))
    moved = on(h, r.choice((3, 20, 28))) if kind == "cancelled" and r.random() < 0.7 else None
    return "was_not_brought", {"kind": kind, "service": r.choice(("clinic", "dental")), "moved_to": moved,
                               "service_kind": r.choice((None, "health_visiting", "other"))}  # fmt: skip


@move("examined")
def _(h: History, r: random.Random) -> Any:
    return "examined", {"outcome": "seen", "role": r.choice(("gp", "paediatrician", "hospital_doctor")),
                        "danger_signs": r.choice((None, "none", "present")), "length": "normal",
                        "feeding": r.choice((None, "normal")), "feed_observed": r.choice((None, True)),
                        "explanation": r.choice((None, None, "none_found"))}  # fmt: skip


@move("letter")
def _(h: History, r: random.Random) -> Any:
    whole = {"purpose": "growth", "requested_action": "see the child", "action_owner": TO[0],
             "respond_by": on(h, r.choice((5, 20)))}  # fmt: skip
    said = whole if r.random() < 0.6 else {k: v for k, v in whole.items() if r.random() < 0.5}
    copy = {"name": r.choice(TO[1:]), "expects": r.choice((None, "act", "answer", "know"))}
    letters = h.ids("letter_sent")
    return "letter_sent", {"sender": r.choice((NAMES[0], NAMES[3], "Dr Fox")), "to": [{"name": r.choice((*TO, NAMES[0]))}],
                           "copies": [{k: v for k, v in copy.items() if v}] if r.random() < 0.4 else (), **said,
                           "completes": r.choice(letters) if letters and r.random() < 0.2 else None,
                           "findings": (key(h, r),) if r.random() < 0.3 else ()}  # fmt: skip


@move("request")
def _(h: History, r: random.Random) -> Any:
    kind = r.choice(("paediatric_review", "dietetic_review", "supervision", "specialist_opinion", "legal_advice",
                     "second_review", "managers_talk", "growth_summary", "other"))  # fmt: skip
    to = [{"name": n} for n in r.sample(TO, r.choice((1, 1, 2)))]
    return "request_made", {"kind": kind, "to": to, "ask": "please look", "urgent": r.choice((None, None, True)),
                            "drafted": r.choice((None, None, True)), "respond_by": r.choice((None, on(h, 9))),
                            "findings": (key(h, r),) if r.random() < 0.4 else ()}  # fmt: skip


@move("refer")
def _(h: History, r: random.Random) -> Any:
    kind = r.choice(("clinical", "clinical", "safeguarding", "social_care_support"))
    return "referral_made", {"to": r.choice(TO), "kind": kind, "about": "growth", "urgent": r.choice((None, True)),
                             "service": r.choice((None, "paediatrics")) if kind == "clinical" else "social_care",
                             "findings": (key(h, r),) if r.random() < 0.4 else ()}  # fmt: skip


@move("send")
def _(h: History, r: random.Random) -> Any:
    ids = [e["id"] for e in h.child.events if e["type"] == "request_made" and e.get("drafted")]
    if not ids:
        ids = [
            h.child.add("request_made", h.day, kind="other", ask="please look", to=[{"name": TO[0]}], drafted=True).last
        ]
    return "request_sent", {"request": r.choice(ids)}


@move("acknowledge")
def _(h: History, r: random.Random) -> Any:
    target = asked(h, r) if r.random() < 0.6 else open_deed(h, r)
    taken = {"will_do": "see her", "by_when": on(h, r.choice((1, 10)))} if r.random() < 0.8 else {}
    return target and ("acknowledged", {"request": target, "by": r.choice(TO), **taken,
                                        "on_behalf_of": r.choice((None, None, TO[1]))})  # fmt: skip


@move("answer")
def _(h: History, r: random.Random) -> Any:
    target = asked(h, r) if r.random() < 0.6 else open_deed(h, r)
    return target and ("answered", {"request": target, "by": r.choice(TO), "outcome": "seen", "role": "gp",
                                    "final": r.choice((None, None, False))})  # fmt: skip


@move("decline")
def _(h: History, r: random.Random) -> Any:
    target = asked(h, r) if r.random() < 0.5 else open_deed(h, r)
    return target and ("declined", {"request": target, "by": r.choice(TO), "reason": "not ours",
                                    "by_family": r.choice((None, True))})  # fmt: skip


@move("chase")
def _(h: History, r: random.Random) -> Any:
    target = asked(h, r)
    return target and ("chased", {"request": target, "how": "telephone", "spoke_to": "the desk"})


@move("letter read")
def _(h: History, r: random.Random) -> Any:
    ids = h.ids("letter_sent")
    kind = r.choice(("letter_read", "letter_found"))
    said = {"letter": r.choice(ids), "by": NAMES[0]} if ids else {}
    return (kind, said | ({"asks_of_us": "nothing"} if kind == "letter_read" else {})) if ids else None


@move("close referral")
def _(h: History, r: random.Random) -> Any:
    ids = h.ids("referral_made") or [add(h, r, "refer")]
    return "referral_closed", {"referral": r.choice(ids), "outcome": "closed", "action_taken": r.random() < 0.3,
                               "role": "social_worker"}  # fmt: skip


@move("withdraw")
def _(h: History, r: random.Random) -> Any:
    target = asked(h, r)
    return target and ("withdrawn", {"request": target, "reason": "not needed", "role": r.choice(("team_lead", "gp"))})


@move("hand over")
def _(h: History, r: random.Random) -> Any:
    whole = ("schedule", "open_findings", "risks")
    return "handover_sent", {"sender": "North team", "recipient": "South team",
                             "items": whole if r.random() < 0.7 else whole[:1]}  # fmt: skip


@move("accept")
def _(h: History, r: random.Random) -> Any:
    ids = h.ids("handover_sent") or [add(h, r, "hand over")]
    lead = r.choice((None, "Dee Orr"))
    return "handover_accepted", {"handover": r.choice(ids), "by": "South team", "lead": lead,
                                 "lead_role": lead and "health_visitor"}  # fmt: skip


@move("lead")
def _(h: History, r: random.Random) -> Any:
    named = h.ids("lead_named")
    return "lead_named", {"name": r.choice(NAMES), "lead_role": "health_visitor",
                          "deputy": r.choice((None, "Eva Poe")), "supervisor": r.choice((None, "Flo Ray")),
                          "replaces": named[-1] if named and r.random() < 0.5 else None}  # fmt: skip


@move("lead leaves")
def _(h: History, r: random.Random) -> Any:
    return "lead_left", {}


@move("away")
def _(h: History, r: random.Random) -> Any:
    return "lead_away", {"from": on(h, r.choice((0, 2))), "until": r.choice((None, on(h, 4), on(h, 20))),
                         "cover": r.choice((None, "Gus Tan"))}  # fmt: skip


@move("plan")
def _(h: History, r: random.Random) -> Any:
    return "plan_signed", {"plan": r.choice(("care", "condition")), "reason": "agreed", "role": "paediatrician",
                           "review_by": r.choice((None, on(h, 40), on(h, 170))),
                           "outcome_for_child": r.choice((None, "9 kg")), "floor_days": r.choice((None, 7, 200))}  # fmt: skip


@move("protection")
def _(h: History, r: random.Random) -> Any:
    return "protection_plan", {"state": r.choice(("began", "began", "ended")), "category": r.choice((None, "neglect"))}


@move("level")
def _(h: History, r: random.Random) -> Any:
    return "level_changed", {"to": r.choice(("universal", "early_help", "child_in_need"))}


@move("condition")
def _(h: History, r: random.Random) -> Any:
    what = r.choice(("cerebral_palsy", "congenital_heart_disease", "tube_feeding"))
    return "condition_diagnosed", {"condition": what, "gmfcs": 4 if what == "cerebral_palsy" else None}


@move("carer")
def _(h: History, r: random.Random) -> Any:
    return "carer_asked", {"history": "asked", "sleep": r.choice((None, "asked")), "support": "asked",
                           "safety": "declined", "exhausted": r.choice((None, True))}  # fmt: skip


@move("explain away")
def _(h: History, r: random.Random) -> Any:
    return "explained", {"target": key(h, r), "as": r.choice(("condition", "feeding")), "words": "small parents"}


@move("sibling")
def _(h: History, r: random.Random) -> Any:
    return "sibling_known", r.choice(({"sibling": "Tom"}, {"none": True}))


@move("hospital")
def _(h: History, r: random.Random) -> Any:
    return r.choice(("admission", "discharged")), {}


@move("advice")
def _(h: History, r: random.Random) -> Any:
    return "advice_reported", {"advice_on": on(h, -r.choice((0, 2))), "given_by": "Dr Night",
                               "reported_by": "mother", "about": "feeds"}  # fmt: skip


@move("snooze")
def _(h: History, r: random.Random) -> Any:
    if r.random() < 0.5:
        add(h, r, "weigh")  # what is overdue, or lapsed, lets nothing wait
    return "snoozed", {"target": open_key(h, r), "until": on(h, r.choice((3, 6, 7, 14))), "why": "family_away",
                       "reason": "on holiday", "role": r.choice(("health_visitor", "team_lead"))}  # fmt: skip


@move("close")
def _(h: History, r: random.Random) -> Any:
    if r.random() < 0.5:
        well_again(h)
        state = folded(h.record, h.child.date(h.day)).state
        there = sorted(f.key for f in state.open.values() if "signed" in (f.rule.closes, f.rule.also_closes))
        if there:
            return "decision_signed", {"decision": "close_finding", "target": r.choice(there), "reason": "well",
                                       "role": "paediatrician"}  # fmt: skip
    return "decision_signed", {"decision": "close_finding", "target": open_key(h, r), "reason": "well",
                               "role": r.choice(SIGNERS)}  # fmt: skip


@move("settle points")
def _(h: History, r: random.Random) -> Any:
    state = folded(h.record, h.child.date(h.day)).state
    found = state.open.get("P7")
    if found is None:
        return None
    for t in found.tasks:
        h.child.add("answered", h.day, request=t.id, by="Nia Oak", outcome="read", role="named_nurse")
    return "decision_signed", {"decision": "close_finding", "target": found.key, "reason": "read", "role": "named_nurse",
                               "_late": 0}  # fmt: skip


@move("lower")
def _(h: History, r: random.Random) -> Any:
    signer = r.choice(SIGNERS)
    if r.random() < 0.6:
        if folded(h.record, h.child.date(h.day)).state.tier == "T0":
            h.z = 0.0
            for z, days in ((0.0, 15), (-1.5, 15)):  # first there must be something to recover from
                h.child.weigh(round(h.child.kg(z, h.day), 2), h.day)
                h.day += days
        h.child.led(h.day)
        well_again(h)
        signer = "paediatrician"
        state = folded(h.record, h.child.date(h.day)).state
        for key in sorted(f.key for f in state.open.values() if "signed" in (f.rule.closes, f.rule.also_closes)):
            h.child.decide(h.day, "close_finding", target=key, role=signer)
    return "decision_signed", {"decision": "lower_tier", "tier": r.choice(("T0", "T1", "T1")), "reason": "well",
                               "role": signer, "_late": 0}  # fmt: skip


@move("override")
def _(h: History, r: random.Random) -> Any:
    ids = h.ids("decision_signed", "snoozed", "withdrawn", "plan_signed")
    if r.random() < 0.3:
        h.child.add("decision_signed", h.day, decision="close_finding", target=open_key(h, r), reason="well", role="gp")
        ids.append(h.child.last)
    return ("overridden", {"refused": r.choice(ids[-2:]), "because": "well", "risk_now": "low", "safeguards": "visits",
                           "review_by": on(h, r.choice((2, 14, 15))), "role": r.choice(SIGNERS[:3])}) if ids else None  # fmt: skip


@move("error")
def _(h: History, r: random.Random) -> Any:
    ids = [e["id"] for e in h.child.events if e["type"] != "born"]
    return ("entered_in_error", {"target": r.choice(ids[-5:]), "reason": "another child"}) if ids else None


@move("correct")
def _(h: History, r: random.Random) -> Any:
    weights = [e for e in h.child.events if e["type"] == "weighed"]
    if not weights:
        return None
    e = r.choice(weights[-3:])
    kg = round(e["weight_kg"] * r.choice((0.97, 1.02)), 3)
    return "weighed", {"weight_kg": kg, "clothing": "naked", "scale": "class_iii", "corrects": e["id"], "_on": e["on"]}


@move("adopt")
def _(h: History, r: random.Random) -> Any:
    return "protocol_adopted", {"protocol": HV.id, "hash": HV.hash, "role": "team_lead"}


@move("move away")
def _(h: History, r: random.Random) -> Any:
    return r.choice(("moved_away", "moved_in")), {}


@move("die")
def _(h: History, r: random.Random) -> Any:
    return "died", {"role": r.choice(("hospital_doctor", "hospital_doctor", "administrator"))}


@move("clock")
def _(h: History, r: random.Random) -> Any:
    h.day += r.choice((1, 7, 30, 90))
    return None


_OFTEN = (
    ("weigh",) * 8
    + ("snooze", "override")
    + ("concern", "not brought", "letter", "lead", "request", "acknowledge", "snooze", "close")
)
_SELDOM = {"die", "adopt", "move away", "condition"}
"""Moves after which much is another, or nothing: half as often as others."""


def history(moves: Any) -> History:
    """The history that a list of moves tells."""
    h = History(tuple(moves), Child(born="2024-01-15", birth_kg=None))
    h.child.at_z(0.0, 0)
    for name, gap, late, variant in h.moves:
        h.day += GAPS[gap % len(GAPS)]
        r = random.Random(variant)
        made = MOVES[name](h, r)
        if not made:
            continue
        type, fields = made
        days = fields.pop("_late", LATE[late % len(LATE)])
        actor = r.choice(NAMES)
        when: Any = h.day
        if "_on" in fields:
            when = fields.pop("_on")
            days += (h.child.date(h.day) - when).days
        h.child.add(type, when, late=days, **fields)
        h.child.events[-1]["actor"] = actor
        h.made.append((name, h.child.last))
    return h


_NAMES = (*_OFTEN, *(n for n in MOVES if n not in _SELDOM), *MOVES)


def drawn_moves(size: int) -> st.SearchStrategy[list[Move]]:
    one = st.tuples(
        st.sampled_from(_NAMES), st.integers(0, len(GAPS) - 1), st.integers(0, len(LATE) - 1), st.integers(0, 999)
    )
    return st.lists(one, min_size=1, max_size=size)


def histories(size: int = 30) -> st.SearchStrategy[History]:
    """Histories of up to so many moves."""
    return drawn_moves(size).map(history)


def seeded(seed: int, size: int = 30) -> History:
    """The history of a seed, of just so many moves."""
    r = random.Random(f"moves {seed}")
    return history([(r.choice(_NAMES), r.randrange(99), r.randrange(99), r.randrange(1000)) for _ in range(size)])
