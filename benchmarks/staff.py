"""Staff with a list: what happens to a child in two years, and what people do about what the list says.

Others import this (`burden.py`).  Staff read the list of each day on which it changes, and do what it asks,
most of it in time, by writing into the record what the protocol says shows it done.

Rates are plain guesses of what a team in England meets, each with why; no source gives them together.
"""

from __future__ import annotations

import datetime as dt
import heapq
import inspect
import itertools
from collections.abc import Callable, Sequence
from typing import Any

from caseload import NOT_BROUGHT, SEEN, UK, Child

import growthwatch as gw
from growthwatch.core.units import DAYS_PER_MONTH, DAYS_PER_YEAR
from growthwatch.protocol import Obligation

# --- what happens, a year for each child --------------------------------------------------------

ILLNESSES_A_YEAR = 3.0
"""Illnesses that anybody writes down: small children have six to eight colds a year, most never recorded."""
ILLNESS_WITH_SIGNS, ILLNESS_WITH_DANGER = 0.15, 0.02
"""Of these with vomiting, fever or poor intake; and with a danger sign."""
ILLNESS_LOSS_PERCENT = 2.0
"""Mean loss of weight, made good within two weeks: a stomach upset."""
CONCERNS_A_YEAR, CONCERNS_A_YEAR_CONDITION = 0.15, 0.8
"""Worries that family or nursery voice and somebody writes down."""
LETTERS_TO_US_A_YEAR, LETTERS_TO_US_A_YEAR_CONDITION = 0.5, 5.0
"""Clinic letters: discharge summaries for most, three services for a child with a condition."""
LETTERS_BY_US_A_YEAR, LETTERS_BY_US_A_YEAR_CONDITION = 0.15, 1.5
"""Letters and referrals that we send and wait for."""
LETTERS_CLEAR = 0.7
"""Share of letters that say what is asked of whom by when."""
OUT_OF_HOURS_A_YEAR, OUT_OF_HOURS_LATE = 0.3, 0.3
"""Calls out of hours, and the share written down later than the next working day."""
DROP_INS_A_MONTH = ((183, 0.5), (366, 0.2), (10_000, 0.05))
"""Weighings that families come for, by age below [days]: clinics are busiest in the first half year."""
LEAD_LEAVES_A_YEAR = 0.25
"""A named lead leaves or changes once in four years."""

# --- how people answer ------------------------------------------------------------------------------

IN_TIME = 0.80
"""Share of deeds done by their last day."""
LATE_MEAN_DAYS = 6.0
"""How late the others are, on average."""
ROUTINE_IN_TIME, ROUTINE_LATE_MEAN_DAYS = 0.85, 14.0
"""Weighings of the schedule that are in time, and how late the others are."""
SIGNS_WHEN_MET = 0.8
"""How often somebody signs a finding or a tier down at a visit at which it could be."""
TRIES_EVERY_DAYS = 14
"""Nobody signs for the same more often than this."""
MOST_TRIES = 6
"""A deed that stays open though somebody did it is tried so often, three days apart."""

GENTLE = ("vomiting", "fever", "poor_intake")
DANGER = ("reduced_urine", "sunken_eyes", "deteriorating")
MORNING, AFTERNOON = "09:30", "16:00"
"""When signs are seen, and when somebody examines: what is answered on its day needs a later time."""

STARTED = "in_force_from" in inspect.signature(gw.review).parameters
"""Whether a review can be told on which day the protocol came into force."""


def started(day: dt.date) -> dict[str, Any]:
    """What tells a review that the protocol came into force on a day."""
    return {"in_force_from": day} if STARTED else {}


# --- a child in the hands of staff -------------------------------------------------------------


Line = tuple[str, str, dt.date]
"""A line of the list: rule, key, and the day on which its finding opened."""
Duty = tuple[str, str, str, dt.date]
"""A duty: key and level of its finding, what is to be done, and the day on which it was set."""


class Course:
    """Two years of one child: what happens, what the list says, and what people do about it.

    `lines` holds every line that anybody saw, with how loud each of its levels was when it came, and `duties` every
    duty with its rule: what was answered before its day was over is no finding at the end of it, and was read.
    `listed` holds what each person owed by which day: a line of the list each.  A `record` that is given holds the
    past, and adopts the protocol on the first day.
    """

    def __init__(
        self,
        child: Child,
        protocol: gw.Protocol,
        start: dt.date,
        end: dt.date,
        record: gw.Record | None = None,
    ) -> None:
        self.child, self.protocol, self.start, self.end = child, protocol, start, end
        self.rng = child.rng
        self.agenda: list[tuple[dt.date, int, Callable[[dt.date], list[dict[str, Any]]]]] = []
        self.order = itertools.count()
        self.planned: dict[tuple[object, ...], int] = {}
        self.tried: dict[str, dt.date] = {}
        self.tiers: list[tuple[dt.date, str]] = []
        self.lines: dict[Line, dict[str, str]] = {}
        self.duties: dict[Duty, str] = {}
        self.listed: set[tuple[str, str | None, dt.date]] = set()
        self.reviews = 0
        self.first: dict[str, Any] = started(start) if record is None else {}
        self.record = gw.Record(child.name, child.past(start)) if record is None else record
        self.now = self._look(start)
        self._draw()
        self._plan(start)

    def run(self) -> gw.Review:
        """Live through it; the last review."""
        while True:
            days = [*(day for day, _, _ in self.agenda[:1]), *([self.now.changes_on] if self.now.changes_on else [])]
            if not days or (day := min(days)) > self.end:
                break
            new: list[dict[str, Any]] = []
            while self.agenda and self.agenda[0][0] <= day:
                new += heapq.heappop(self.agenda)[2](day)
            self._write(new)
            self.now = self._look(day)
            signed = self._signed(day, new)
            if signed:
                self._write(signed)
                self.now = self._look(day)
            self._plan(day)
        self.now = self._look(self.end)
        return self.now

    def _look(self, day: dt.date) -> gw.Review:
        self.reviews += 1
        before = {"after": self.now} if hasattr(self, "now") else {}
        found = gw.review(self.record, protocol=self.protocol, as_of=day, resumable=True, **before, **self.first)
        self.tiers.append((day, found.tier))
        for f in found.findings:
            self.lines.setdefault((f.rule, f.key, f.opened_on), {}).setdefault(f.level, f.loudness)
        self.listed.update((t.owner, t.owner_name, t.deadline) for t in found.to_do())
        for o in found.obligations:
            self.duties.setdefault((o.key, o.level, o.do, o.set_on), o.rule)
        return found

    def _write(self, events: Sequence[dict[str, Any]]) -> None:
        for event in events:
            self.record = self.record.append(event)

    def _at(self, day: dt.date, what: Callable[[dt.date], list[dict[str, Any]]]) -> None:
        if day <= self.end:
            heapq.heappush(self.agenda, (day, next(self.order), what))

    # --- what happens by itself ---------------------------------------------------------

    def _days(self, a_year: float) -> list[dt.date]:
        span = (self.end - self.start).days
        n = int(self.rng.poisson(a_year * span / DAYS_PER_YEAR))
        return [self.start + dt.timedelta(days=int(d)) for d in self.rng.integers(1, max(2, span), n)]

    def _draw(self) -> None:
        c, known = self.child, self.child.condition is not None
        for day in self._days(ILLNESSES_A_YEAR):
            self._at(day, self._ill)
        for day in self._days(CONCERNS_A_YEAR_CONDITION if known else CONCERNS_A_YEAR):
            self._at(
                day,
                lambda on: [
                    c.event(
                        "concern",
                        on,
                        role="early_years_worker",
                        raised_by="nursery",
                        about="eats little",
                        topics=["feeding"],
                    )
                ],
            )
        for day in self._days(LETTERS_TO_US_A_YEAR_CONDITION if known else LETTERS_TO_US_A_YEAR):
            self._at(day, self._letter_to_us)
        for day in self._days(LETTERS_BY_US_A_YEAR_CONDITION if known else LETTERS_BY_US_A_YEAR):
            self._at(day, self._letter_by_us)
        for day in self._days(OUT_OF_HOURS_A_YEAR):
            known_on = day + dt.timedelta(days=4 if self.rng.random() < OUT_OF_HOURS_LATE else 0)
            self._at(known_on, lambda on, day=day: [self._called(day, on)])
        for month in range(int((self.end - self.start).days / DAYS_PER_MONTH)):
            day = self.start + dt.timedelta(days=int(month * DAYS_PER_MONTH + self.rng.integers(1, 29)))
            rate = next(rate for below, rate in DROP_INS_A_MONTH if (day - c.born).days < below)
            if self.rng.random() < rate:
                self._at(day, self._weigh)
        if known or c.early_help:
            for n, day in enumerate(self._days(LEAD_LEAVES_A_YEAR), start=2):
                self._at(day, lambda on: [c.event("lead_left", on, role="team_lead")])
                self._at(self._answer_day(day, day + dt.timedelta(days=2)), lambda on, n=n: [c.named(on, n)])

    def _called(self, day: dt.date, known: dt.date) -> dict[str, Any]:
        """A call out of hours, written down on its day or later."""
        said = {"face_to_face": False, "out_of_hours": True, "about": "call from the mother", "advice": "fluids"}
        return self.child.event("contact", day, known, actor="ooh", role="out_of_hours_clinician", **said)

    def _ill(self, on: dt.date) -> list[dict[str, Any]]:
        c, draw = self.child, self.rng.random()
        c.dips.append((on, float(self.rng.exponential(ILLNESS_LOSS_PERCENT / 100.0))))
        signs = (
            [str(self.rng.choice(DANGER))]
            if draw < ILLNESS_WITH_DANGER
            else [str(self.rng.choice(GENTLE))]
            if draw < ILLNESS_WITH_SIGNS
            else []
        )
        return [
            c.event(
                "illness_recorded", on, role="practice_nurse", actor="pn", time=MORNING, illness="cold", signs=signs
            )
        ]

    def _letter(self, on: dt.date, sender: str, to: dict[str, Any], **more: Any) -> dict[str, Any]:
        clear = self.rng.random() < LETTERS_CLEAR
        asks: dict[str, Any] = {"purpose": "growth", "requested_action": "see and weigh"}
        if clear:
            asks |= {"action_owner": to["name"], "respond_by": on + dt.timedelta(days=28)}
        return self.child.event("letter_sent", on, sender=sender, to=[to], **asks, **more)

    def _letter_to_us(self, on: dt.date) -> list[dict[str, Any]]:
        to = {"name": "health visiting", "role": "health_visitor", "expects": "act"}
        letter = self._letter(on, "clinic", to, role="paediatrician", actor="dr")
        self._at(self._answer_day(on, on + dt.timedelta(days=3)), lambda day: self._read(letter["id"], day))
        return [letter]

    def _read(self, letter: str, day: dt.date) -> list[dict[str, Any]]:
        """Somebody reads a letter to us, and says what we do."""
        c, by = self.child, {"request": letter, "by": "health visiting"}
        return [
            c.event("letter_read", day, letter=letter, by="Lead 1", asks_of_us="weigh at the next visit"),
            c.event("acknowledged", day, will_do="weigh", by_when=day + dt.timedelta(days=10), **by),
            c.event("answered", day, outcome="weighed at every visit", **by),
        ]

    def _letter_by_us(self, on: dt.date) -> list[dict[str, Any]]:
        to = {"name": "GP surgery", "role": "gp", "expects": "act"}
        letter = self._letter(on, "health visiting", to)
        self._acknowledge(letter["id"], on, "GP surgery")
        return [letter]

    def _acknowledge(self, request: str, on: dt.date, by: str) -> None:
        """A recipient acknowledges, and answers ten days later."""
        c = self.child
        day = self._answer_day(on, on + dt.timedelta(days=6))
        said = {"request": request, "by": by, "role": "gp", "actor": "gp"}
        self._at(day, lambda d: [c.event("acknowledged", d, will_do="see", by_when=d + dt.timedelta(days=12), **said)])
        self._at(
            day + dt.timedelta(days=10), lambda d: [c.event("answered", d, outcome="seen", action_taken=True, **said)]
        )

    # --- what people do -----------------------------------------------------------------------

    def _answer_day(self, first: dt.date, last: dt.date) -> dt.date:
        """A day in time, most of the time."""
        if self.rng.random() < IN_TIME:
            return first + dt.timedelta(days=int(self.rng.integers(0, max(0, (last - first).days) + 1)))
        return max(first, last) + dt.timedelta(days=1 + int(self.rng.exponential(LATE_MEAN_DAYS)))

    def _weigh(self, on: dt.date) -> list[dict[str, Any]]:
        if self.rng.random() < NOT_BROUGHT:
            self._at(on + dt.timedelta(days=5), self._weigh)
            return [
                self.child.event(
                    "was_not_brought",
                    on,
                    role="administrator",
                    service="health visiting",
                    service_kind="health_visiting",
                )
            ]
        return self.child.weighed(on)

    def _plan(self, day: dt.date) -> None:
        """Somebody reads the list: each new line is given a day."""
        due = self.now.due.due
        if due is not None and ("due", due) not in self.planned:
            self.planned["due", due] = 1
            late = self.rng.random() > ROUTINE_IN_TIME
            days = 1 + int(self.rng.exponential(ROUTINE_LATE_MEAN_DAYS)) if late else int(self.rng.integers(-2, 2))
            self._at(
                max(day + dt.timedelta(days=1), due + dt.timedelta(days=days)),
                lambda on, due=due: self._routine(on, due),
            )
        for o in self.now.obligations:
            name = (o.key, o.level, o.do, o.set_on)
            if self.planned.setdefault(name, 0) == 0:
                self.planned[name] = 1
                when = self._answer_day(max(day, o.set_on), max(day, o.deadline))
                # What is asked for today may still be done today; all else is for another day.
                self._at(when if o.deadline <= day else max(when, day + dt.timedelta(days=1)), self._deed(name))

    def _routine(self, on: dt.date, due: dt.date) -> list[dict[str, Any]]:
        return self._weigh(on) if self.now.due.due == due else []

    def _deed(self, name: tuple[object, ...]) -> Callable[[dt.date], list[dict[str, Any]]]:
        def do(on: dt.date) -> list[dict[str, Any]]:
            o = next((o for o in self.now.obligations if (o.key, o.level, o.do, o.set_on) == name), None)
            if o is None:
                return []
            self.planned[name] += 1
            if o.rule == "P7":  # when chronology and supervision are there, the named nurse signs
                self._at(on + dt.timedelta(days=1), lambda day, key=o.key: [self._closed(day, key)])
            if self.planned[name] <= MOST_TRIES:
                self._at(on + dt.timedelta(days=3), self._deed(name))
            return self._done(o, on)

        return do

    def _signed(self, on: dt.date, new: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """At a visit: what can be signed down is signed, most of the time."""
        if not any(e["type"] == "weighed" for e in new) or self.rng.random() > SIGNS_WHEN_MET:
            return []
        closes = {r.id: r.closes for r in self.protocol.rules}
        out: list[dict[str, Any]] = []
        for f in self.now.findings:
            if closes.get(f.rule) == "signed" and not f.still_met and self._may_try(f.key, on):
                out.append(
                    self.child.event(
                        "decision_signed", on, decision="close_finding", target=f.key, reason="back inside"
                    )
                )
        base = "T0" if self.child.condition is None and not self.child.early_help else "T1"
        if (
            self.now.tier in ("T2", "T3")
            and not any(f.still_met for f in self.now.findings)
            and self._may_try("tier", on)
        ):
            out.append(self.child.event("decision_signed", on, decision="lower_tier", tier=base, reason="growing well"))
        return out

    def _closed(self, on: dt.date, key: str) -> dict[str, Any]:
        """The named nurse closes a finding."""
        signed = {"decision": "close_finding", "target": key, "reason": "looked at together"}
        return self.child.event("decision_signed", on, actor="nn", role="named_nurse", **signed)

    def _may_try(self, what: str, on: dt.date) -> bool:
        last = self.tried.get(what)
        if last is not None and (on - last).days < TRIES_EVERY_DAYS:
            return False
        self.tried[what] = on
        return True

    def _done(self, o: Obligation, on: dt.date) -> list[dict[str, Any]]:
        """Write down what shows a duty done."""
        c = self.child
        action = self._action(o)
        match None if action is None else action.met_by:
            case "valid_weight":
                return c.weighed(on, plain=True)
            case "seen":
                return [c.event("contact", on, service="health visiting", **SEEN)]
            case "length":
                height = float(UK.value(c.height_z(on), measure="height", age_days=(on - c.born).days, sex=c.sex))
                return [c.event("measured", on, measure="height", value_cm=round(height, 1), position="lying")]
            case "paediatrics_asked":
                what = {"to": "paediatrics", "kind": "clinical", "service": "paediatrics", "about": "growth"}
                referral = c.event("referral_made", on, findings=[o.key], **what)
                self._acknowledge(referral["id"], on, "paediatrics")
                return [referral]
            case "plan":
                return [self._care_plan(on)]
            case "sick_day_plan":
                return [
                    c.event("plan_signed", on, plan="sick_day", reason="agreed", review_by=on + dt.timedelta(days=180))
                ]
            case "examined" | "paediatrics_seen" | "feeding_reviewed" | "feeding_history" | "feed_observed":
                return self._examined(on, "paediatrician" if action.met_by == "paediatrics_seen" else "gp")
            case "dietetic_review" | "request_made" | "request_answered":
                kind = (action.request if action is not None else None) or "dietetic_review"
                return self._asked(kind, o, on)
            case _:
                return self._process(o, on)

    def _care_plan(self, on: dt.date) -> dict[str, Any]:
        """A plan with what it is to reach, looked at again in three months."""
        by = on + dt.timedelta(days=90)
        aim = {"what": "weight_kg", "target": round(self.child.kg(on) * 1.1, 2), "unit": "kg", "by": by}
        return self.child.event("plan_signed", on, plan="care", reason="agreed", review_by=by, outcome=aim)

    def _examined(self, on: dt.date, role: str = "gp") -> list[dict[str, Any]]:
        """A doctor examines the child, finds nothing grave, and writes down all that was looked at."""
        found = {"danger_signs": "none", "oedema": "none", "feeding": "normal", "length": "normal"}
        looked = {"feed_observed": True, "history_taken": True, "time": AFTERNOON}
        return [self.child.event("examined", on, role=role, actor="doctor", outcome="seen", **found, **looked)]

    def _asked(self, kind: str, o: Obligation, on: dt.date) -> list[dict[str, Any]]:
        """A request, acknowledged and answered at once: who is asked is in the room, or rings back."""
        c = self.child
        asked = c.event(
            "request_made",
            on,
            kind=kind,
            to=[{"name": "colleague", "role": "dietitian"}],
            ask="please look",
            findings=[o.key],
            family_told="agreed",
        )
        return [
            asked,
            c.event(
                "answered", on, role="dietitian", actor="dt", request=asked["id"], by="colleague", outcome="looked at"
            ),
        ]

    def _action(self, o: Obligation) -> Any:
        """The action of the protocol that a duty is of; None where it is none of a rule."""
        actions = [
            a
            for r in self.protocol.rules
            if r.id == o.rule
            for level in r.levels
            if level.name == o.level
            for a in level.actions
        ]
        confirm = self.protocol.settings.weights.confirm
        return next((a for a in (*actions, confirm) if o.do.startswith(a.do)), None)

    def _process(self, o: Obligation, on: dt.date) -> list[dict[str, Any]]:
        """What answers a rule whose duty names no event: by rule, as the specification has it."""
        c, subject = self.child, o.key.partition("@")[0].partition(":")[2]
        answered = c.event(
            "answered",
            on,
            role="dietitian",
            actor="dt",
            request=getattr(o, "id", "") or o.key,
            by="colleague",
            outcome="done",
        )
        ahead = on + dt.timedelta(days=14)
        match o.rule:
            case "Q1":
                target = subject.partition(":")[2]
                return (
                    [c.event("decision_signed", on, decision="confirm_fact", target=target, reason="right")]
                    if target
                    else []
                )
            case "S6":
                return [
                    c.event(
                        "decision_signed",
                        on,
                        decision="lower_tier",
                        tier="T0" if c.condition is None else "T1",
                        reason="well",
                    )
                ]
            case "P2":
                to = [{"name": "GP surgery", "role": "gp", "expects": "act"}]
                clear = {
                    "purpose": "growth",
                    "requested_action": "see",
                    "action_owner": "GP surgery",
                    "respond_by": ahead,
                }
                letter = c.event("letter_sent", on, sender="clinic", completes=subject, to=to, **clear)
                self._acknowledge(letter["id"], on, "GP surgery")
                return [letter]
            case "P3":
                id = subject.removesuffix(":ours")
                return [
                    c.event("chased", on, request=id, how="telephone"),
                    c.event("letter_read", on, letter=id, by="Lead 1", asks_of_us="nothing"),
                    c.event("answered", on, role="gp", actor="gp", request=id, by="GP surgery", outcome="seen"),
                ]
            case "P4" | "OV":
                who = {"by": getattr(o, "owner_name", None) or o.owner, "role": o.owner}
                read = {"request": subject or o.key, "will_do": "nothing changes", "by_when": on}
                return [c.event("acknowledged", on, **read, **who)]
            case "P5" if o.level == "two leads":  # the one who has stood longest goes
                return [c.event("lead_left", on, role="team_lead")]
            case "P5":
                return [c.named(on, next(c.count))]
            case "P10":  # renewed while growth is still open, else ended
                if any(f.rule.startswith("G") for f in self.now.findings):
                    return [self._care_plan(on)]
                ended = {"decision": "end_plan", "target": subject, "reason": "growing well", "role": "paediatrician"}
                return [c.event("decision_signed", on, actor="dr", **ended)]
            case "P14a":
                return [answered] if subject else [c.event("sibling_known", on, none=True)]
            case "P12a":
                return [c.event("carer_asked", on, history="asked", sleep="asked", support="asked", safety="asked")]
            case "H1" | "H2" | "G14a":
                return self._examined(on)
            case "S1" | "S2" | "S3" | "S7":
                return c.weighed(on, plain=True)
            case "FD" if subject == "sign":  # signed, or said why not
                return [answered]
            case "P1" | "FD":
                return [c.event("contact", on, service="health visiting", **SEEN)]
            case _:
                return [answered]
