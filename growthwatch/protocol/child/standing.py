"""Where a request stands on a day: who owes what, since when, and what has been said.

Source: process specification, section 2.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from growthwatch.core.words import same_name
from growthwatch.protocol.child.child import Child
from growthwatch.protocol.child.requests import Party, Request, Word
from growthwatch.protocol.file.process import RequestLimits
from growthwatch.protocol.file.settings import Settings
from growthwatch.protocol.file.values import TIERS, TierName

__all__ = ["Arrear", "Stand", "ended_by", "limits", "stand", "turned_down"]

_ACTS = ("act", "answer")


@dataclass(frozen=True, slots=True)
class Arrear:
    """A recipient who is late: with what, and from which day on."""

    party: Party
    what: str
    since: int


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a request stands.

    Attributes
    ----------
    state
        ``drafted``, ``sent``, ``acknowledged``, ``answered``, ``declined`` or ``withdrawn``.
    since
        From which day on.
    owing
        Those who owe an acknowledgement or an answer.
    arrears
        Those of them who are late.
    acknowledge_by, answer_by
        Last days in time; None where there is none, or it is met.
    promised
        The latest day by which somebody said that they will act, and nobody has answered.
    twice
        Last day of twice the time to acknowledge it, or to answer it where it is acknowledged with the answer.
    by
        Event by which it is in its state.
    wakes
        Later days on which somebody is late.
    """

    state: str
    since: int
    owing: tuple[Party, ...] = ()
    arrears: tuple[Arrear, ...] = ()
    acknowledge_by: int | None = None
    answer_by: int | None = None
    promised: int | None = None
    twice: int | None = None
    by: str | None = None
    wakes: tuple[int, ...] = ()

    @property
    def ended(self) -> bool:
        """Whether nobody owes anything any more."""
        return self.state in ("answered", "withdrawn")


def limits(settings: Settings, kind: str) -> RequestLimits:
    """The limits of a kind of request; those of a letter where it has none of its own."""
    return next((r for r in settings.requests if kind in r.kinds), settings.requests[0])


def _acknowledge_by(child: Child, r: Request, rules: RequestLimits, tier: TierName, times: int = 1) -> int | None:
    day = max(r.day, child.first_day)  # nothing of before the first day is late
    if r.urgent and rules.acknowledge_urgent_days is not None:
        return day + times * rules.acknowledge_urgent_days
    n = rules.acknowledge_wd
    if n is None:
        return None
    if tier == TIERS[-1] and rules.acknowledge_wd_t3 is not None:
        n = min(n, rules.acknowledge_wd_t3)
    return child.working.add(day, times * n)


def _answer_by(child: Child, r: Request, rules: RequestLimits) -> int | None:
    day = max(r.day, child.first_day)
    if r.respond_by is not None and r.respond_by >= child.first_day:
        return r.respond_by
    if r.urgent and rules.answer_urgent_days is not None:
        return day + rules.answer_urgent_days
    return None if rules.answer_wd is None else child.working.add(day, rules.answer_wd)


def owing(child: Child, r: Request, tier: TierName, open_keys: Collection[str]) -> tuple[Party, ...]:
    """Who owes something: all who were asked, and those who had a copy of whom something is expected."""
    careful = (
        TIERS.index(tier) >= TIERS.index(child.settings.process.copies_owe_from)
        or child.people.protection_plan is not None
        or child.conditions.high_need
        or any(key in open_keys for key in r.findings)
    )
    return tuple(
        p
        for p in r.parties
        if (not p.copied and p.expects != "know")
        or (p.copied and (p.expects in _ACTS or (p.expects is None and careful)))
    )


def _speaks_for(word: Word, p: Party, r: Request, owed: tuple[Party, ...]) -> bool:
    """Whether a word counts for a recipient: their own, on their behalf, or the only one that is waited for.

    One recipient's word never counts for another.
    """
    if word.on_behalf_of is not None:
        return same_name(word.on_behalf_of) == same_name(p.name)
    if same_name(word.by) == same_name(p.name) or same_name(word.actor) == same_name(p.name):
        return True
    if any(same_name(word.by) == same_name(o.name) for o in r.parties):
        return False
    if word.what == "acknowledged" and same_name(word.by) == same_name(r.asker):
        return False
    if p.role is not None and word.role == p.role:
        return sum(o.role == p.role for o in owed) == 1
    # Somebody who was not asked and takes it on does so where one alone is waited for.
    return len(owed) == 1


def _of(r: Request, p: Party, owed: tuple[Party, ...], what: str) -> list[Word]:
    return [w for w in r.words if w.what == what and _speaks_for(w, p, r, owed)]


def stand(
    child: Child, r: Request, day: int, tier: TierName, open_keys: Collection[str], withdrawn: Mapping[str, str]
) -> Stand:
    """Where a request stands at the end of a day.

    Parameters
    ----------
    child, r
        The child, and the request.
    day, tier
        The day, and the tier at its end [ordinal day].
    open_keys
        Keys of the findings that are open.
    withdrawn
        For each request that was withdrawn, by which decision.
    """
    if r.id in withdrawn:
        return Stand("withdrawn", _signed_on(child, withdrawn[r.id]) or day, by=withdrawn[r.id])
    if r.completed_by is not None:
        return Stand("withdrawn", r.completed_on or day, by=r.completed_by)
    if r.drafted:
        last = child.working.add(max(r.day, child.first_day), child.settings.process.draft_wd)
        return Stand("drafted", r.day, acknowledge_by=last, by=r.id, wakes=(last + 1,))
    if not r.asks:
        return Stand("answered", r.day, by=r.id)
    rules = limits(child.settings, r.kind)
    owed = owing(child, r, tier, open_keys)
    ack_by, answer_by = _acknowledge_by(child, r, rules, tier), _answer_by(child, r, rules)
    decide_by = None if rules.decide_wd is None else child.working.add(max(r.day, child.first_day), rules.decide_wd)
    arrears: list[Arrear] = []
    wakes: list[int] = []
    waiting: list[Party] = []
    state, since, by, promised = "answered", r.day, r.id, None
    declined = [w for w in r.words if w.what == "declined"]
    told = bool(owed)
    for p in owed:
        final = next((w for w in _of(r, p, owed, "answered") if w.final), None)
        if final is None and rules.answer_wd is None:
            # Where there is no limit to an answer, the acknowledgement is the answer.
            final = next((w for w in _of(r, p, owed, "acknowledged") if w.takes_on), None)
        if final is not None:
            if final.day >= since:
                since, by = final.day, final.id
            continue
        no = next((w for w in reversed(declined) if _speaks_for(w, p, r, owed)), None)
        said = [w for w in _of(r, p, owed, "acknowledged") if w.takes_on]
        if no is not None and not any(w.recorded_at > no.recorded_at for w in said):
            waiting.append(p)
            last = child.working.add(max(no.known_day, child.first_day), child.settings.process.declined_wd)
            state, since, by = "declined", no.known_day, no.id
            if _asked_another(child, r, no):
                continue
            wakes.append(last + 1)
            if day > last:
                arrears.append(Arrear(p, "declined", last + 1))
            continue
        waiting.append(p)
        partly = any(True for _ in _of(r, p, owed, "answered"))
        late: list[tuple[str, int | None]] = []
        if said:
            promise = said[-1].by_when or 0
            promised = promise if promised is None else max(promised, promise)
            # A promise that passed before the first day: who made it has the time of the request anew.
            late.append(("promised", promise if promise >= child.first_day else ack_by))
        elif not partly:
            late.append(("acknowledge", ack_by))
        if decide_by is not None and not partly:
            late.append(("decide", decide_by))
        if not (p.copied and p.expects is None):
            late.append(("answer", answer_by))
        for what, last in late:
            if last is None:
                continue
            wakes.append(last + 1)
            if day > last:
                arrears.append(Arrear(p, what, last + 1))
        if state != "declined":
            if said and state != "sent":
                state, since, by = "acknowledged", said[-1].day, said[-1].id
            elif not said:
                state, since, by = "sent", r.day, r.id
    if not told:
        return Stand("answered", r.day, by=r.id)
    twice = _acknowledge_by(child, r, rules, tier, 2)
    if twice is None and answer_by is not None and rules.answer_wd is not None:
        # What is acknowledged with the answer has as long again from the last day of that.
        twice = child.working.add(answer_by, rules.answer_wd)
    if twice is not None:
        wakes.append(twice + 1)
    return Stand(
        state if waiting else "answered",
        since,
        tuple(waiting),
        tuple(arrears),
        ack_by if state == "sent" else None,
        answer_by if waiting else None,
        promised,
        twice,
        by,
        tuple(sorted({w for w in wakes if w > day})),
    )


def turned_down(child: Child, by: int) -> frozenset[str]:
    """Ids of requests that show nothing done: withdrawn, or declined by all who were asked, as was known by a day.

    Who asked holds the duty of what was declined, and nothing takes the place of what was withdrawn (process
    specification, section 2).
    """
    requests = child.requests
    if not requests.words and not requests.withdrawn:
        return frozenset()
    out = set(requests.withdrawn)
    for r in requests.all.values():
        known = [w for w in r.words if w.known_day <= by]
        if any(w.what == "declined" for w in known) and all(_says_no(r, p, known) for p in r.parties if not p.copied):
            out.add(r.id)
    return frozenset(out)


def _says_no(r: Request, p: Party, words: Sequence[Word]) -> bool:
    """Whether somebody who was asked has declined, and neither answered nor taken it on since."""
    asked = tuple(p for p in r.parties if not p.copied)
    said = [w for w in words if _speaks_for(w, p, r, asked)]
    no = next((w for w in reversed(said) if w.what == "declined"), None)
    return no is not None and not any(
        (w.what == "answered" and w.final) or (w.takes_on and w.recorded_at > no.recorded_at) for w in said
    )


def _signed_on(child: Child, decision: str) -> int | None:
    """Day of a decision, as it is known; None of one that no longer is."""
    return next((e.on.toordinal() for e in child.signed.events if e.id == decision), None)


def _asked_another(child: Child, r: Request, no: Word) -> bool:
    """Whether, after a refusal, another was asked for the same findings, or a disagreement raised."""
    for other in child.requests.all.values():
        if other.id != r.id and other.day >= no.day and set(r.findings) & set(other.findings):
            return True
    return any(on >= no.day and (e.about == r.id or e.about in r.findings) for on, _, e in child.requests.disagreements)


def ended_by(r: Request, stands: Stand) -> str | None:
    """Id of the last word on a request, or of the decision or letter that ended it; of the last said to it else."""
    if stands.ended or stands.state in ("declined", "acknowledged"):
        return stands.by
    return r.words[-1].id if r.words else None
