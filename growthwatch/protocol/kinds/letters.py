"""P2 and P3: a letter that does not say what it asks, and a request that nobody has taken on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from pydantic import Field

from growthwatch.core.words import list_words, long_date, name_words, same_name
from growthwatch.protocol.child.requests import Request
from growthwatch.protocol.child.standing import Arrear
from growthwatch.protocol.file.settings import RuleLevel
from growthwatch.protocol.file.values import Days
from growthwatch.protocol.kinds.kind import NOT_MET, At, Climbs, Day, Outcome, Seen, Topic, Values
from growthwatch.protocol.kinds.process import ProcessKind

__all__ = ["NotAcknowledged", "UnclearLetter"]

_SILENT = ("acknowledge", "promised")
"""What is late where a recipient has not said that they will act, or has not acted by the day that they named."""
_OURS = ":ours"


class UnclearLetter(ProcessKind):
    """P2: a letter that asks, and does not say what, of whom, by when, or what its copies are to do.

    Source: process specification, section 3, P2.
    """

    KIND = "unclear_letter"
    READS: ClassVar[frozenset[Topic]] = frozenset({"requests", "tier"})
    levels: tuple[RuleLevel, ...] = Field(min_length=1, max_length=1)

    def subjects(self, at: At) -> Sequence[str]:
        """Letters that lack something."""
        return [r.id for r in at.child.requests.letters if r.lacks]

    def judge(self, at: At) -> Outcome:
        """Judge one letter."""
        r = at.child.requests.of(at.subject)
        if r is None or r.id != at.subject or not r.lacks or r.completed_by is not None:
            return Outcome()
        values: Values = {"missing": r.lacks, "sent": Day(r.day), "sender": name_words(r.asker), "tier": at.tier}
        return Outcome(0, values, (r.id,))

    def closed_by(self, at: At, opened: Outcome) -> str | None:
        """The letter that makes it clear, or the correction of it."""
        r = at.child.requests.of(at.subject)
        if r is None:
            return None
        return r.completed_by if r.lacks else r.id

    def say(self, seen: Seen, level: int) -> str:
        """Say what the letter leaves open."""
        missing = list_words(list(seen["missing"]))
        return f"The letter of {long_date(seen['sent'])} from {seen['sender']} does not say {missing}."


class NotAcknowledged(ProcessKind):
    """P3: nobody has said that they will act, or has acted; and a letter to us of which nobody wrote what it asks.

    Source: process specification, sections 2 and 3, P3.

    Attributes
    ----------
    read_wd
        Working days in which it is written down what a letter to us asks of us.
    chase_wd
        Working days in which who asked rings; after those the team lead does.
    """

    KIND = "not_acknowledged"
    READS: ClassVar[frozenset[Topic]] = frozenset({"requests", "people", "conditions", "tier", "open", "days"})
    CLIMBS: ClassVar[Climbs] = "own"
    read_wd: Days
    chase_wd: Days
    levels: tuple[RuleLevel, ...] = Field(min_length=3, max_length=3)

    def hears_open(self, at: At) -> bool:
        """Where anything was asked: whether a finding that it names is open."""
        return bool(at.child.requests.all)

    def climbs(self, level: int) -> Climbs:
        """From asking again to the team lead by itself, and from there to the managers."""
        return ("own", "managers", "process")[level]

    def steps_below(self, level: int) -> tuple[int, ...]:
        """Where both limits have passed when it opens, who asked rings as well as the team lead."""
        return (0,) if level == 1 else ()

    def subjects(self, at: At) -> Sequence[str]:
        """Requests that are not ended, and letters to us."""
        out = [r.id for r in at.child.requests.all.values()]
        return out + [f"{r.id}{_OURS}" for r in at.child.requests.letters if self._to_us(at, r) is not None]

    def judge(self, at: At) -> Outcome:
        """Judge one request, or one letter to us."""
        if at.subject.endswith(_OURS):
            return self._ours(at, at.subject.removesuffix(_OURS))
        r = at.child.requests.of(at.subject)
        if r is None or r.id != at.subject:
            return Outcome()  # what was put right speaks under its own name
        stands = at.stand(r)
        if stands.ended or stands.state == "drafted":
            return Outcome()
        named_open = any(key in at.open_keys for key in r.findings)
        late = [a for a in stands.arrears if a.what != "answer" or not named_open]
        if not late:
            return Outcome(wakes=stands.wakes)
        level, wakes = self._step(at, late, stands.twice)
        values: Values = {
            "whom": tuple(name_words(a.party.name) for a in late),
            "why": late[0].what,
            "asked": name_words(r.ask),
            "sent": Day(r.day),
            "tier": at.tier,
        }
        sent = () if r.sent_by is None else (r.sent_by,)
        return Outcome(level, values, (r.id, *sent, *(w.id for w in r.words)), wakes=(*stands.wakes, *wakes))

    def _step(self, at: At, late: list[Arrear], twice: int | None) -> tuple[int, tuple[int, ...]]:
        """Who asks again: the one who asked, and after that the team lead; and on which day that changes."""
        before = at.of(self.id)
        closed = max((f.level for f in before if f.closed_on is not None), default=NOT_MET)
        silent = any(a.what == "acknowledge" for a in late)
        if silent and twice is not None and at.day > twice:
            return 1, ()
        if not silent and closed != NOT_MET:
            return min(closed + 1, 1), ()
        if twice is not None and (silent or min(a.since for a in late) <= twice):
            return int(at.day > twice), (twice + 1,)
        if at.open_since is None:
            return 0, (at.child.working.add(at.day, self.chase_wd) + 1,)
        # What passes after twice the limit is the team lead's when the time to ring has passed.
        last = at.child.working.add(before[-1].opened_on, self.chase_wd)
        return int(at.day > last), (last + 1,)

    def _to_us(self, at: At, r: Request) -> tuple[str, ...] | None:
        """What makes a letter one that we received, if it is one: it was written to us by somebody else.

        Who we are is who led on the day on which the letter became known.
        """
        settings, offices = at.child.settings.process, at.child.offices
        ours: dict[str, tuple[str, ...]] = {same_name(n): () for n in settings.our_names}
        owner = offices.owner(r.known_day)
        named = [(owner.name, owner.event), *((lead.name, lead.id) for lead in offices.leads(r.known_day))]
        for name, event in named:
            if name is not None:
                ours[same_name(name)] = () if event is None else (event,)
        if same_name(r.asker) in ours or same_name(r.actor) in ours:
            return None
        if any(p.role in settings.our_roles for p in r.parties):
            return ()
        return next((ours[same_name(p.name)] for p in r.parties if same_name(p.name) in ours), None)

    def _ours(self, at: At, letter: str) -> Outcome:
        r = at.child.requests.of(letter)
        if r is None or r.id != letter or r.completed_by is not None:
            return Outcome()
        last = at.child.working.add(max(r.known_day, at.child.first_day), self.read_wd)
        if self._read(at, r) is not None:
            return Outcome()
        if at.day <= last:
            return Outcome(wakes=(last + 1,))
        values: Values = {"sent": Day(r.day), "sender": name_words(r.asker), "tier": at.tier}
        return Outcome(2, values, (r.id, *(self._to_us(at, r) or ())))

    def _read(self, at: At, r: Request) -> str | None:
        """What shows that we know what a letter asks of us: written down, or taken on by one of us."""
        roles = at.child.settings.process.our_roles
        for w in r.words:
            if w.what == "read" or (w.takes_on and w.role in roles):
                return w.id
        return None

    def closed_by(self, at: At, opened: Outcome) -> str | None:
        """The word by which nobody is late any more; of a letter to us, that we have read it."""
        ours = at.subject.endswith(_OURS)
        r = at.child.requests.of(at.subject.removesuffix(_OURS))
        if r is None:
            return None
        if ours:
            return self._read(at, r) or r.completed_by
        stands = at.stand(r)
        if stands.arrears:  # of an answer too, though a finding that it names has opened since
            return None
        if stands.ended or not r.words:
            return stands.by
        return r.words[-1].id

    def about(self, seen: Seen) -> str:
        """Who is to be rung, and about what: one person may have several to ring."""
        if "whom" not in seen:
            return f"letter of {long_date(seen['sent'])} from {seen['sender']}"
        return f"{list_words(list(dict.fromkeys(seen['whom'])))}, about {seen['asked']}"

    def say(self, seen: Seen, level: int) -> str:
        """Say who has not said that they will act; of a letter to us, that nobody wrote down what it asks."""
        if level == 2:
            text = f"Letter of {long_date(seen['sent'])} from {seen['sender']}"
            return f"{text}: nobody has written down what it asks of us."
        names = list(dict.fromkeys(seen["whom"]))
        whom = list_words(names)
        asked = f"{seen['asked']} (asked on {long_date(seen['sent'])})"
        match seen["why"]:
            case "promised":
                return f"{whom} said they would act on {asked}, and the day they named has passed."
            case "answer" | "decide":
                return f"{whom} {'has' if len(names) == 1 else 'have'} not answered: {asked}."
            case "declined":
                return f"{whom} declined {asked}, and nobody else has been asked."
            case _:
                return f"Nobody at {whom} has said they will act on {asked}."
