"""The invariants of the process specification, section 9: each a check of one history, by its number.

A check takes a history and a source of chance, and raises an `AssertionError` where the invariant does not hold.
Where two sentences of the specification contradict each other, the check holds the weaker form and says why.
"""

from __future__ import annotations

import datetime as dt
import json
import random
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from builders import HV
from moves import History
from own_protocols import header, load
from own_protocols import one as value

from growthwatch.core.calendar import as_instant, local_day
from growthwatch.core.words import name_words, same_name
from growthwatch.protocol import Protocol, Review, review
from growthwatch.protocol.child.standing import Stand
from growthwatch.protocol.engine.findings import look
from growthwatch.protocol.engine.fold import Fold
from growthwatch.protocol.engine.ladder import RUNGS, snooze_of, top_rung
from growthwatch.protocol.engine.state import DayChange, State
from growthwatch.protocol.file.values import LOUDNESS, TIERS
from growthwatch.protocol.kinds.points import Point, Points
from growthwatch.record import Record
from growthwatch.record.known import Known

__all__ = ["INVARIANTS", "OF_ONE_COURSE", "Check", "followed"]

Check = Callable[[History, random.Random], None]
INVARIANTS: dict[int, Check] = {}
OF_ONE_COURSE = frozenset({1, 2, 7, 8, 9, 10, 11, 12, 14, 15})
"""Those that look at one course day by day, and compare it with no other."""

_RENEWED = ("P1", "P7", "P11")
"""Rules of which a further event sets the deadline anew."""


def invariant(number: int) -> Callable[[Check], Check]:
    def put(check: Check) -> Check:
        INVARIANTS[number] = check
        return check

    return put


# --- what a day was like ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Open:
    """An open finding at the end of a day."""

    slot: str
    key: str
    rule: str
    level: int
    loud: int
    rung: int
    opened_on: int
    witness: tuple[str, ...]
    deadlines: dict[str, int]
    base: frozenset[str]
    levels: frozenset[int]
    values: dict[str, Any]
    snoozed: bool


@dataclass(frozen=True)
class Day:
    """The end of a day that the fold visited."""

    day: int
    tier: int
    open: dict[str, Open]
    closed: tuple[tuple[str, str, str], ...]
    opened: tuple[str, ...]
    points: tuple[Point, ...]
    stands: dict[str, Stand]
    owner: tuple[str | None, str]
    leads: tuple[str, ...]
    dead: bool
    before: bool
    required: bool
    held: frozenset[str]

    @property
    def stage(self) -> int:
        return max((f.rung for f in self.open.values()), default=-1)


def _open(state: State, at: Any) -> dict[str, Open]:
    out: dict[str, Open] = {}
    for slot, f in state.open.items():
        seen = state.outcomes.get(slot)
        values = f.latest.values if seen is None or not seen.values else seen.values
        live = [t for t in f.tasks if t.replaced_on is None]
        out[slot] = Open(
            slot, f.key, f.rule.id, f.level, LOUDNESS.index(f.rule.loudness_at(f.level, values)),
            RUNGS.index(top_rung(f)), f.opened_on, f.outcome.witness, {t.id: t.deadline for t in live},
            frozenset(t.id for t in f.tasks if t.rung is None), frozenset(t.level for t in f.tasks), dict(f.latest.values),
            snooze_of(state, f) is not None,
        )  # fmt: skip
    return out


def _day(state: State, change: DayChange) -> Day:
    at, child = look(state), state.child
    rule = next(r for r in state.protocol.rules if isinstance(r, Points))
    lead: Any = next(r for r in state.protocol.rules if r.id == "P5")
    people = child.people
    required = state.tier != "T0" or people.level in lead.levels_of_service or people.protection_plan is not None
    owner = child.offices.owner(state.day)
    return Day(
        state.day, TIERS.index(state.tier), _open(state, at), tuple((f.slot, f.key, f.closed_by or "") for f in change.closed),
        tuple(f.slot for f, _ in change.opened), tuple(rule.ledger(at)),
        {r.id: at.stand(r) for r in child.requests.all.values()}, (owner.name, owner.standing),
        tuple(x.name for x in child.offices.leads(state.day)), child.dead_on(state.day),
        state.first is None and state.first_on is not None, required, frozenset(state.suspended),
    )  # fmt: skip


class Watched(Fold):
    """A fold that keeps what each day was like."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.days: list[Day] = []

    def step(self, day: int) -> DayChange:
        change = super().step(day)
        self.days.append(_day(self.state, change))
        return change


def watched(record: Record, until: dt.date, *protocols: Protocol, every_day: bool = False) -> Watched:
    used = protocols or (HV,)
    fold = Watched(Known.of(record, as_of=as_instant(until, HV.zone), zone=HV.zone), used, every_day)
    fold.run()
    return fold


LONG_AFTER = 60
"""How long after its last event a history is followed [days]."""


def followed(h: History) -> Watched:
    """The course of a history and of the time after it, folded once for all that is asked of it."""
    key = len(h.child.events), h.end
    found = _FOLLOWED.get(h)
    if found is None or found[0] != key:
        found = _FOLLOWED[h] = key, watched(h.record, after(h, LONG_AFTER))
    return found[1]


_FOLLOWED: WeakKeyDictionary[History, tuple[object, Watched]] = WeakKeyDictionary()


def days(h: History) -> list[Day]:
    """Each day that was visited, from the first to long after the last event."""
    return followed(h).days


def last(events: Iterable[dict[str, Any]], until: dt.date) -> Day:
    return watched(Record("child", list(events)), until).days[-1]


def at_end(h: History, day: dt.date) -> Day:
    """The end of a day, which is visited for it: an old point stops counting without a visit."""
    return last(h.child.events, day)


def on_days(one: Sequence[Day], two: Sequence[Day]) -> list[tuple[Day, Day]]:
    """Two courses side by side: on each day that either visited, the last that was seen of both."""
    out: list[tuple[Day, Day]] = []
    for day in sorted({d.day for d in (*one, *two)}):
        a, b = [d for d in one if d.day <= day], [d for d in two if d.day <= day]
        if a and b:
            out.append((a[-1], b[-1]))
    return out


def known_day(e: dict[str, Any]) -> int:
    return max(e["on"], local_day(e["recorded_at"], HV.zone)).toordinal()


def without(h: History, *types: str) -> list[dict[str, Any]]:
    return [e for e in h.child.events if e["type"] not in types]


def plus(h: History, type: str, **fields: Any) -> list[dict[str, Any]]:
    """The events with one more, on the day after all of them."""
    child = h.child.copy()
    child.add(type, h.end + dt.timedelta(days=1), **{"id": "zz"} | fields)
    child.events[-1]["actor"] = fields.get("actor", "Zoe Zed")
    return child.events


def turned(h: History) -> bool:
    """Whether something is marked in error or put right."""
    return any(e["type"] == "entered_in_error" or "corrects" in e for e in h.child.events)


def alive(h: History) -> bool:
    return not h.ids("died")


def after(h: History, n: int) -> dt.date:
    return h.end + dt.timedelta(days=n)


# --- owners ----------------------------------------------------------------------------------------


def _owner(events: list[dict[str, Any]], day: int) -> tuple[str | None, str]:
    """Who owns the child on a day, by naming, leaving and absence alone."""
    leads: list[dict[str, Any]] = []
    offices = [e for e in events if e["type"] in ("lead_named", "lead_left") and known_day(e) <= day]
    for e in sorted(offices, key=lambda e: (e["on"], e["recorded_at"], e["id"])):
        if e["on"].toordinal() > day:
            continue
        if e["type"] == "lead_left":
            leads = leads[1:]
            continue
        same = [x for x in leads if same_name(x["name"]) == same_name(e["name"])]
        entry = dict(e) | {"since": same[0]["since"] if same else e["on"]}
        leads = [x for x in leads if x not in same and x["id"] != e.get("replaces")]
        leads = sorted([*leads, entry], key=lambda x: (x["since"], x["id"]))
    if not leads:
        return None, "team_lead"
    lead, away = leads[0], None
    for e in sorted((e for e in events if e["type"] == "lead_away"), key=lambda e: (e["recorded_at"], e["id"])):
        from_, until = e["from"].toordinal(), e.get("until")
        there = known_day(e) <= day and from_ <= day and (until is None or day <= until.toordinal())
        if there and lead["since"].toordinal() <= from_:
            away = e
    if away is None:
        return lead["name"], "lead"
    if away.get("cover"):
        return away["cover"], "cover"
    return (lead["deputy"], "deputy") if lead.get("deputy") else (None, "team_lead")


@invariant(1)
def one_owner(h: History, r: random.Random) -> None:
    plain = not turned(h) and not h.ids("handover_accepted")
    for d in days(h):
        name, standing = d.owner
        assert standing in ("lead", "cover", "deputy", "team_lead")
        assert (name is None) == (standing == "team_lead"), d.owner
        if plain:
            assert d.owner == _owner(h.child.events, d.day), (d.day, d.owner)


@invariant(2)
def no_lead_is_said(h: History, r: random.Random) -> None:
    # Weaker where two are named while "ownerless" is open: a level never falls (8), so it stays until one stands.
    for d in days(h):
        if d.dead or d.before:
            continue
        p5 = d.open.get("P5")
        missing = d.required and not d.leads
        if len(d.leads) < 2:
            assert (p5 is not None and p5.level > 0) == missing, (d.day, p5, d.leads)


@invariant(25)
def acceptance_moves_the_owner_alone(h: History, r: random.Random) -> None:
    sent = h.ids("handover_sent")
    first, owner = h.child.birthday, followed(h).state.child.offices.owner
    for years in (1, 2):
        birthday = first.replace(year=first.year + years)
        if birthday > h.end:
            two = (owner(day) for day in (birthday.toordinal() - 1, birthday.toordinal()))
            if not h.ids("lead_away"):
                assert len({(o.name, o.standing) for o in two}) == 1
    if not sent:
        return
    more = plus(h, "handover_accepted", handover=sent[-1], by="West team", lead="Wyn Ash", lead_role="health_visitor")
    one, two = at_end(h, after(h, 1)), last(more, after(h, 1))
    # P14d speaks of the deputy of the lead who stands, and a letter "to us" of who we are.
    spoken = {"P5", "P6", "P14d", "P3"}
    assert _said(one, spoken) == _said(two, spoken)
    assert one.tier == two.tier
    # Weaker: an old point counts for as long as what its event opened is open, and a lead closes P5.
    if {s for s in one.open if "P5" in s} == {s for s in two.open if "P5" in s}:
        assert one.points == two.points


def _said(d: Day, apart: Iterable[str] = ()) -> dict[str, Any]:
    return {s: (f.key, f.level, f.rung, f.deadlines) for s, f in d.open.items() if f.rule not in set(apart)}


# --- closing, levels, rungs ------------------------------------------------------------------------


@invariant(3)
def nothing_closes_but_by_an_event(h: History, r: random.Random) -> None:
    known = {e["id"]: e for e in h.child.events}
    for d in days(h):
        for slot, key, by in d.closed:
            rule = slot.partition(":")[0]
            assert by in known and known_day(known[by]) <= d.day, (key, by)
            news = any(d.day in (known_day(e), e["on"].toordinal()) for e in known.values())
            # Weaker for P5: where a lead was required for a risk of age alone, none is once that age is over (P5, 2).
            assert news or rule == "P14d" or (rule == "P5" and not d.required), (key, d.day)
    # Weaker: the child was seen, so P1, which being weighed closes by its own words, may close.
    if alive(h):
        kg = 12.0
        more = plus(h, "weighed", weight_kg=kg, clothing="naked", scale="other")
        one, two = at_end(h, after(h, 1)), last(more, after(h, 1))
        gone = {f.key for f in one.open.values()} - {f.key for f in two.open.values()}
        assert all(key.startswith("P1@") for key in gone), gone
        assert two.tier < 3 or one.tier == 3


@invariant(8)
def what_was_reached_stays_reached(h: History, r: random.Random) -> None:
    rungs: dict[str, int] = {}
    levels: dict[str, int] = {}
    anew = turned(h)
    for d in days(h):
        for f in d.open.values():
            if not anew:
                assert f.rung >= rungs.get(f.key, 0), (f.key, d.day)
                # S2 falls back from "ask the ward" at a word, and G13 from "danger" (settled readings).
                assert f.level >= levels.get(f.key, 0) or f.rule in ("G13", "S2"), (f.key, d.day)
            rungs[f.key], levels[f.key] = f.rung, f.level


@invariant(15)
def points_open_anew_by_a_new_point(h: History, r: random.Random) -> None:
    if turned(h):
        return
    closed = 0
    for d in days(h):
        if any(slot == "P7" for slot, _, _ in d.closed):
            closed = d.day
        p7 = d.open.get("P7")
        if p7 is not None and closed and p7.opened_on == d.day:
            assert any(p.day > closed for p in d.points), d.day


# --- words -----------------------------------------------------------------------------------------


def _never_less(
    with_: Day, less: Day, what: object, apart: Iterable[str] = (), level_apart: Iterable[str] = ()
) -> None:
    """Whether a day `with_` something is nowhere less grave than the one `less` it."""
    assert with_.tier >= less.tier, (what, "tier", with_.day)
    for slot, f in less.open.items():
        if f.rule in apart or slot in apart:
            continue
        now = with_.open.get(slot)
        assert now is not None, (what, slot, with_.day)
        assert now.level >= f.level or f.rule in level_apart, (what, slot, with_.day)
        # Weaker: what is renewed is late later, and so climbs later (P1, P7 and P11 say that they renew).
        assert now.rung >= f.rung or f.rule in _RENEWED, (what, slot, with_.day)


@invariant(4)
def silence_never_calms(h: History, r: random.Random) -> None:
    silent = Record("child", without(h, "acknowledged", "chased", "snoozed"))
    for spoken, quiet in on_days(days(h), watched(silent, after(h, LONG_AFTER)).days):
        if not spoken.dead:
            # Weaker: an override of a snooze that is not there overrides nothing; and a promise that passes before the
            # time to acknowledge is over makes somebody chase earlier than silence does (section 2, s1).
            apart = {f.slot for f in spoken.open.values() if f.rule == "OV" or f.values.get("why") == "promised"}
            _never_less(quiet, spoken, "silent", apart)


@invariant(5)
def an_acknowledgement_covers_its_own(h: History, r: random.Random) -> None:
    now = at_end(h, after(h, 1))
    deeds = [(id, f) for f in now.open.values() for id in f.deadlines]
    asked = [(id, None) for id in now.stands]
    if now.dead or not deeds + asked:
        return
    target, of = r.choice(deeds + asked)
    to = {p.name for p in now.stands[target].owing} if target in now.stands else set()
    more = plus(h, "acknowledged", request=target, by=min(to, default="Zoe Zed"), will_do="it", by_when=after(h, 9))
    one, two = at_end(h, after(h, 3)), last(more, after(h, 3))
    request = next((e for e in h.child.events if e["id"] == target), {})
    named = set(request.get("findings", ())) | ({of.key} if of is not None else set())
    slots = {f"P3:{target}", f"P3:{target}:ours", f"P4:{target}"}
    for slot in (one.open.keys() | two.open.keys()) - slots:
        a, b = one.open.get(slot), two.open.get(slot)
        if (a or b) is not None and (a or b).key not in named:  # pyright: ignore
            assert a is not None and b is not None and (a.key, a.level, a.rung) == (b.key, b.level, b.rung), slot
            assert a.deadlines == b.deadlines, slot
    for id in one.stands.keys() - {target}:
        assert one.stands[id] == two.stands[id], id
    assert one.tier == two.tier and one.points == two.points


@invariant(9)
def an_ended_request_stays_ended(h: History, r: random.Random) -> None:
    # An override that withdraws lapses, and then the request stands again (section 5).
    if turned(h) or h.ids("overridden"):
        return
    ended: dict[str, str] = {}
    for d in days(h):
        for id, s in d.stands.items():
            assert s.state in ("drafted", "sent", "acknowledged", "answered", "declined", "withdrawn")
            assert id not in ended or s.state == ended[id], (id, ended.get(id), s.state, d.day)
            if s.state in ("answered", "withdrawn"):
                ended[id] = s.state


@invariant(10)
def who_is_late_is_named(h: History, r: random.Random) -> None:
    fold = followed(h)
    of = fold.state.child.requests
    for d in fold.days:
        if d.dead or d.before:
            continue
        keys = {f.key for f in d.open.values()}
        for id, s in d.stands.items():
            request = of.of(id)
            if request is None:
                continue  # marked in error later: what it named is not known here
            named = any(k in keys for k in request.findings)
            if f"P3:{id}" in d.held:
                continue  # an override holds it closed, until it lapses
            for a in s.arrears:
                p3 = d.open.get(f"P3:{id}")
                there = p3 is not None and name_words(a.party.name) in p3.values.get("whom", ())
                assert there or (named and a.what == "answer"), (id, a, d.day)


@invariant(11)
def no_step_is_skipped(h: History, r: random.Random) -> None:
    allowed = followed(h).state.overrides  # what an override closed stands again when it lapses, and not before
    for d in days(h):
        if d.dead or d.before:
            continue
        for id, s in d.stands.items():
            p3 = d.open.get(f"P3:{id}")
            waits = any(a.what == "acknowledge" for a in s.arrears)
            closed = any(o.slot == f"P3:{id}" and o.day <= d.day <= o.until for o in allowed)
            if waits and s.twice is not None and d.day > s.twice and not closed:
                assert p3 is not None and p3.level == 1, (id, d.day)
            if p3 is not None and p3.level == 1:
                assert {0, 1} <= p3.levels, (id, d.day, p3.levels)


@invariant(12)
def nothing_sleeps_for_long(h: History, r: random.Random) -> None:
    fold = followed(h)
    total: dict[tuple[str, int], int] = {}
    loud: dict[str, int] = {}
    for d in fold.days:
        for f in d.open.values():
            assert not (f.snoozed and f.loud == LOUDNESS.index("interrupt")), (f.key, d.day)
            loud[f.key] = f.loud
    for s in fold.state.snoozes:
        n = (s.until + 1 if s.ended is None else s.ended) - s.since
        total[s.key, s.level] = total.get((s.key, s.level), 0) + n
    for (key, _), n in total.items():
        assert n <= (14 if loud.get(key, 0) else 28) + 2, (key, n)  # both ends of each of the two are counted here


@invariant(13)
def a_snooze_moves_no_deadline(h: History, r: random.Random) -> None:
    fold = followed(h)
    if not fold.state.snoozes:
        return
    awake = watched(Record("child", without(h, "snoozed")), after(h, LONG_AFTER))
    for one, two in on_days(fold.days, awake.days):
        for slot in one.open.keys() & two.open.keys():
            a, b = one.open[slot], two.open[slot]
            for id in (a.deadlines.keys() & a.base) & (b.deadlines.keys() & b.base):
                assert a.deadlines[id] == b.deadlines[id], (id, one.day)


@invariant(14)
def the_ledger_adds_up(h: History, r: random.Random) -> None:
    ids = {e["id"] for e in h.child.events}
    for d in days(h):
        # Weaker: a spell of S2 has no event of its own; it is shown under the weight from which it runs, and that
        # weight may have a point besides: so no event has two lines of one kind.
        lines = [(p.event, p.what, p.day) for p in d.points]
        assert len(lines) == len(set(lines)), (lines, d.day)
        assert all(p.event in ids for p in d.points)
        p7 = d.open.get("P7")
        total = sum(p.number for p in d.points)
        if p7 is not None and total >= 4 and not d.dead:
            ours = sum(p.number for p in d.points if p.ours)
            assert p7.values["points"] == total == p7.values["family"] + p7.values["ours"], d.day
            assert p7.values["ours"] == ours
        if total < 4:
            assert "P7" not in d.opened


@invariant(6)
def worse_news_never_calms(h: History, r: random.Random) -> None:
    if not alive(h):
        return
    referrals = h.ids("referral_made")
    news: dict[str, list[dict[str, Any]]] = {
        "concern": plus(h, "concern", raised_by="teacher", about="looks thin"),
        "missed": plus(h, "was_not_brought", service="clinic"),
        "sign": plus(h, "sign_recorded", signs=("sunken_eyes",)),
    }
    weights = [e for e in h.child.events if e["type"] == "weighed"]
    if referrals:
        news["closure"] = plus(h, "referral_closed", referral=referrals[-1], outcome="closed", action_taken=False)
    if weights:
        news["invalid"] = plus(h, "weighed", weight_kg=weights[-1]["weight_kg"], clothing="clothed", scale="class_iii")
    what = r.choice(sorted(news))
    until = after(h, r.choice((1, 2, 12)))
    one, two = at_end(h, until), last(news[what], until)
    # Weaker: an invalid weight is still a sighting, which closes P1 by its words; and a referral that is closed, if
    # without action, has been answered (section 2), so that nobody is late with it.
    apart = {"P1"} if what == "invalid" else set[str]()
    apart |= {f"P3:{referrals[-1]}"} if what == "closure" else set()
    _never_less(two, one, what, apart, level_apart={"G12"})
    assert sum(p.number for p in two.points) >= sum(p.number for p in one.points), what
    for slot, f in one.open.items():
        if slot not in two.open or f.rule in apart or slot in apart:
            continue
        now = two.open[slot]
        assert now.loud >= f.loud, (what, slot)
        for id, day in f.deadlines.items():
            assert f.rule in _RENEWED or now.deadlines.get(id, day + 1) <= day, (what, id)


@invariant(7)
def nothing_before_it_is_known(h: History, r: random.Random) -> None:
    known = {e["id"]: known_day(e) for e in h.child.events}
    for d in days(h):
        for f in d.open.values():
            assert all(known[id] <= d.day for id in f.witness if id in known), (f.key, d.day)
            if f.slot in d.opened:
                assert all(known[id] <= f.opened_on for id in f.witness if id in known), (f.key, d.day)
        for p in d.points:
            assert p.day >= known[p.event], p


@invariant(16)
def calm_contacts_change_nothing(h: History, r: random.Random) -> None:
    # Weaker: a contact reads the child on the first days (FD closes by one), and shows a child seen alive.
    # In hospital it is word of the child, by which S2 no longer asks the ward.
    if not alive(h) or h.ids("admission"):
        return
    child = h.child.copy()
    calm = {"danger_signs": "none", "advice_sought": "no", "service": "library", "role": "other"}
    for n in range(3):
        child.add("contact", after(h, 1), id=f"zz{n}", face_to_face=n == 2, not_weighed_because="no scale", **calm)
    until = after(h, 4)
    one, two = at_end(h, until), last(child.events, until)
    apart = {"S3", "P1", "FD"}
    if {s for s in one.open if s in ("P1", "FD")} == {s for s in two.open if s in ("P1", "FD")}:
        assert _said(one, apart) == _said(two, apart)
        # A point may count for as long as what its event opened is open: P1, which a visit closes.
        assert one.points == two.points
    assert (one.tier, one.owner) == (two.tier, two.owner)


# --- records ---------------------------------------------------------------------------------------


def plain(r: Review) -> dict[str, Any]:
    data = json.loads(r.to_json())
    del data["record_hash"]
    return data


@invariant(17)
def two_teams_merge_to_one(h: History, r: random.Random) -> None:
    events = list(h.child.events)
    r.shuffle(events)
    cut = r.randrange(len(events) + 1)
    one, two = Record("child", events[:cut]), Record("child", events[max(cut - 2, 0) :])
    expected = review(h.record, protocol=HV, as_of=h.end).to_json()
    for merged in (one.merge(two), two.merge(one).merge(two)):
        assert review(merged, protocol=HV, as_of=h.end).to_json() == expected


@invariant(18)
def what_is_recorded_later_changes_nothing(h: History, r: random.Random) -> None:
    as_of = h.child.date(r.randrange(0, (h.end - h.child.birthday).days + 1))
    known = [e for e in h.child.events if e["recorded_at"].date() <= as_of]
    then, now = (review(x, protocol=HV, as_of=as_of) for x in (Record("child", known), h.record))
    assert plain(then) == plain(now)


@invariant(19)
def the_witness_alone_is_enough(h: History, r: random.Random) -> None:
    if turned(h) or h.ids("protocol_adopted", "decision_signed", "snoozed", "overridden", "died", "admission"):
        return
    fold = watched(h.record, h.end)
    known = {e["id"]: e for e in h.child.events}
    for f in fold.state.open.values():
        day, level = f.raised[-1]
        if f.key.partition("@")[2] != "start":
            continue
        alone = last([known[id] for id in f.outcome.witness if id in known], dt.date.fromordinal(day))
        assert f.slot in alone.open and alone.open[f.slot].level >= level, (f.key, f.outcome.witness)


@invariant(24)
def old_files_are_as_they_were(h: History, r: random.Random) -> None:
    old = Record("child", [e for e in h.record.events if e.version == 1])
    text = old.dumps()
    data = json.loads(text)
    assert data["schema_version"] == 1
    again = Record.loads(text)
    assert (again.dumps(), again.content_hash) == (text, old.content_hash)
    newer = Record.loads(json.dumps(data | {"schema_version": 2}))
    ours, theirs = (review(x, protocol=HV, as_of=h.end) for x in (old, newer))
    assert [f.to_dict() for f in ours.findings] == [f.to_dict() for f in theirs.findings]


# --- decisions -------------------------------------------------------------------------------------


@invariant(20)
def a_refused_decision_changes_nothing(h: History, r: random.Random) -> None:
    fold = watched(h.record, h.end)
    used = {e.get("refused") for e in h.child.events}
    used |= {e.get("target") for e in h.child.events if e["type"] == "entered_in_error"}
    # Of a plan that is refused P10 speaks: what is said of that hangs on the plan.
    targets = [str(e.get("target", e.get("request", ""))) for e in h.child.events]
    used |= {x.event for x in fold.state.refused if any(t.startswith(f"P10:{x.event}@") for t in targets)}
    refused = sorted({x.event for x in fold.state.refused} - used)
    if not refused:
        return
    id = r.choice(refused)
    fewer = Record("child", [e for e in h.child.events if e["id"] != id])
    one, two = (plain(review(x, protocol=HV, as_of=h.end)) for x in (h.record, fewer))
    for data in (one, two):
        data["refused"] = [x for x in data["refused"] if x["event"] != id]
        data["findings"] = [f for f in data["findings"] if f":{id}@" not in f["key"]]  # Q1 asks about it, P10 mends it
        data["closed"] = [f for f in data["closed"] if f":{id}@" not in f["key"]]
        for name in ("notes", "trace", "ladder", "obligations", "not_judged", "stage", "changes_on"):
            del data[name]
    assert one == two, id


@invariant(21)
def an_override_lapses_whole(h: History, r: random.Random) -> None:
    fold = followed(h)
    if not fold.state.overrides or turned(h):
        return
    o = r.choice(fold.state.overrides)
    fewer = watched(Record("child", [e for e in h.child.events if e["id"] != o.event]), after(h, LONG_AFTER))
    if {x.event for x in fewer.state.refused} | {o.event} != {x.event for x in fold.state.refused} | {o.event}:
        return  # a later decision hung on it, and stands or falls by itself
    one, two = fold.days[-1], fewer.days[-1]
    assert {s: f.level for s, f in one.open.items() if s != f"OV:{o.event}"} == {
        s: f.level for s, f in two.open.items()
    }
    assert (one.tier, one.owner) == (two.tier, two.owner)


# --- protocols -------------------------------------------------------------------------------------


@cache
def stricter() -> Protocol:
    """The packaged protocol with shorter limits for people."""
    with tempfile.TemporaryDirectory() as folder:
        return load(
            Path(folder), value("requests[letter].acknowledge_wd", 3), value("rules[P3].read_wd", 1), head=header()
        )


@invariant(22)
def a_change_closes_nothing(h: History, r: random.Random) -> None:
    child = h.child.copy()
    other = stricter()
    if h.ids("protocol_adopted"):
        return
    child.add("protocol_adopted", 0, protocol=HV.id, hash=HV.hash, role="team_lead", id="y0")
    child.add("protocol_adopted", after(h, 1), protocol=other.id, hash=other.hash, role="team_lead", id="y1")
    fold = watched(child.record, after(h, 2), HV, other)
    assert fold.state.protocol.whole is other or fold.state.protocol.id == other.id
    day = after(h, 1).toordinal()
    for d in fold.days:
        if d.day == day:
            assert not d.closed, d.closed


@invariant(23)
def a_shorter_limit_is_never_later(h: History, r: random.Random) -> None:
    usual, short = followed(h), watched(h.record, after(h, LONG_AFTER), stricter())
    first: dict[str, int] = {}
    for d in short.days:
        for slot in d.open:
            first.setdefault(slot, d.day)
    for d in usual.days:
        for slot in d.open:
            if slot.startswith("P3"):
                assert first.get(slot, d.day + 1) <= d.day, (slot, d.day)


# --- time ------------------------------------------------------------------------------------------


@invariant(26)
def nothing_is_late_after_death(h: History, r: random.Random) -> None:
    more = plus(h, "died", role="hospital_doctor")
    for n in (1, 30):
        made = review(Record("child", more), protocol=HV, as_of=after(h, n))
        late = [o for o in made.obligations if o.overdue and o.pending]
        assert all(o.rule == "Q1" for o in late), late
        assert made.due.state in ("none",), made.due
        assert all(not x.late for x in made.requests) or made.died_on is not None


def told(r: Review) -> Any:
    findings = {
        f.key: (f.level, f.loudness, f.stage, [(o.id, o.deadline, o.overdue, o.done_on) for o in f.obligations])
        for f in r.findings
    }
    asked = {x.id: (x.state, x.late) for x in r.requests}
    return r.tier, r.owner, r.stage, (r.due.due, r.due.earliest, r.due.lapsed_from), findings, asked


@invariant(27)
def every_change_is_foretold(h: History, r: random.Random) -> None:
    as_of = h.child.date(r.randrange(0, (h.end - h.child.birthday).days + 20))
    known = Record("child", [e for e in h.child.events if e["recorded_at"].date() <= as_of])
    now = review(known, protocol=HV, as_of=as_of)
    ahead = dt.timedelta(days=60)
    limit = as_of + ahead if now.changes_on is None else min(now.changes_on - dt.timedelta(days=1), as_of + ahead)
    assert now.changes_on is None or now.changes_on > as_of
    for share in (1, 2, 3):
        day = as_of + (limit - as_of) * share // 3
        assert told(review(known, protocol=HV, as_of=day)) == told(now), day
