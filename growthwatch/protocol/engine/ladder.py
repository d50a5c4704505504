"""The ladder: silence leads to the next rung, and a snooze holds it for a while.

A deed that is late or refused sets those of the next rung in addition; nothing that was asked for is taken back.

Source: process specification, sections 2 and 4.
"""

from __future__ import annotations

from dataclasses import replace

from growthwatch.core.words import same_name
from growthwatch.protocol.child.requests import Request
from growthwatch.protocol.child.tasks import Task
from growthwatch.protocol.engine.asked import last_day
from growthwatch.protocol.engine.findings import look
from growthwatch.protocol.engine.state import DayChange, OpenFinding, Snooze, State
from growthwatch.protocol.file.action import Action
from growthwatch.protocol.file.process import E4Entry
from growthwatch.protocol.file.values import LOUDNESS, TIERS
from growthwatch.protocol.kinds.kind import At
from growthwatch.protocol.kinds.missed import NotBrought
from growthwatch.protocol.kinds.points import Points

__all__ = ["climb", "end_snoozes", "is_late", "rung_of", "snooze_of", "top_rung"]

RUNGS = ("E1", "E2", "E3", "E4", "E5.1", "E5.2", "E5.3", "E5.4", "E6")


def rung_of(finding: OpenFinding, task: Task) -> str:
    """The rung that asks for a deed: its own, or that at which its level enters the ladder."""
    return task.rung or finding.rule.levels[task.level].stage or "E1"


def top_rung(finding: OpenFinding) -> str:
    """The highest rung that a finding has reached: each stays reached while it is open."""
    levels = {finding.level, *(n for _, n in finding.raised)}
    reached = [finding.rule.levels[n].stage or "E1" for n in levels]
    reached += [t.rung.rstrip("+") for t in finding.tasks if t.rung is not None]
    reached += finding.climbed
    return max(reached, key=RUNGS.index)


def is_late(state: State, task: Task) -> bool:
    """Whether a deed that is still waited for has passed its last day, or was refused."""
    if task.replaced_on is not None:
        return False
    last = last_day(state, task) if task.moves else task.deadline
    if (last is None or state.day <= last) and not _refused(state, task):
        return False
    return task.done(state.child) is None


def _refused(state: State, task: Task) -> bool:
    said = state.child.requests.said_to(task.id)
    return bool(said) and any(w.what == "declined" for w in said)


def snooze_of(state: State, finding: OpenFinding) -> Snooze | None:
    """The snooze that holds a finding on the day, or None."""
    if not state.snoozes:
        return None
    return next((s for s in state.snoozes if s.key == finding.key and s.holds(state.day)), None)


def climb(state: State, change: DayChange, news: bool) -> None:
    """Set what silence leads to, for every open finding; name the days on which a deed would be late.

    Where nothing is new, only findings of which something becomes late on the day are looked at.
    """
    if state.snoozes:
        end_snoozes(state, change)
    moved, day = news or change.answer, state.day
    at = look(state)
    looked = [f for f in state.open.values() if moved or day >= f.climbs_on]
    # Without anybody asked, and without news, what is in time by its own deadline leads nowhere.
    quiet = not moved and not state.child.requests.all and not state.child.requests.words
    for finding in looked:
        at.subject = finding.subject
        if snooze_of(state, finding) is None and not finding.rule.rests(at):
            _lead_on(state, change, finding, quiet)
    if moved:
        _enter_social_care(state, change, at)
    for finding in looked:  # what the fourth rung asks for may be late, too
        at.subject = finding.subject
        finding.climbs_on = _looks_again(state, finding, at)
    at.subject = ""
    days = [f.climbs_on for f in state.open.values() if f.climbs_on > day]
    state.wake("ladder", (*days, *(s.until + 1 for s in state.snoozes if s.holds(day))))


_NEVER = 10**7


def _looks_again(state: State, finding: OpenFinding, at: At) -> int:
    """First later day on which one of its deeds is late, or whoever was asked for it has not replied."""
    found, day, requests = _NEVER, state.day, state.child.requests.all
    for task in finding.waited:
        last = last_day(state, task) if task.moves else task.deadline
        if last is None:
            pass
        elif day <= last:
            found = last + 1 if last < found - 1 else found
        elif task.set_on == day:
            found = day + 1  # asked for when its time was over already: late tomorrow
        if requests and rung_of(finding, task) == "E2" and (asked := _asked(state, task)) is not None:
            found = min((found, *at.stand(asked).wakes))
    snooze = snooze_of(state, finding)
    return found if snooze is None else max(min(found, snooze.until + 1), snooze.until + 1)


def _asked(state: State, task: Task) -> Request | None:
    """The request by which a deed was done, if it was one."""
    done = task.done(state.child)
    return None if done is None else state.child.requests.of(done[1])


def _lead_on(state: State, change: DayChange, finding: OpenFinding, quiet: bool) -> None:
    """Set the deeds of the next rung for each that is late, once; what is set today is not late today.

    `quiet`: nothing is new and nobody has said anything, so that a deed is late by its last day alone; what was late
    when all were last looked at, and led nowhere, leads nowhere now.
    """
    day, led_on, led_to = state.day, finding.led_on, finding.led_to
    finding.led_to = day
    for task in tuple(finding.waited):
        if task.id in led_on:
            continue
        if quiet and not task.moves and (day <= task.deadline or (task.deadline < led_to and task.set_on < led_to)):
            continue
        to = _next(state, finding, task)
        if to is None:
            continue
        rung, actions = to
        led_on = finding.led_on = led_on | {task.id}
        if (task.level, rung) not in [(t.level, t.rung) for t in finding.tasks]:
            # The steps of a disagreement run each from the end of the one before.
            ends = last_day(state, task) if rung_of(finding, task).startswith("E5.") else None
            _ask(state, change, finding, task.level, rung, actions, ends)
    _raised_again(state, change, finding)


def _next(state: State, finding: OpenFinding, task: Task) -> tuple[str, tuple[Action, ...]] | None:
    """The rung to which a late deed leads, with what is asked there; None where it leads nowhere, or is not late."""
    if not is_late(state, task):
        return _unanswered(state, finding, task) if state.child.requests.all else None
    ladder, rule = state.protocol.settings.ladder, finding.rule
    rung = rung_of(finding, task)
    how = rule.climbs(task.level)
    if task.rung is None and how == "own":
        return None
    if rung.startswith("E5."):
        stage = int(rung[3:])
        return None if stage == 4 else (f"E5.{stage + 1}", (ladder.disagree[stage],))
    if rung == "E4":
        return "E5.1", (ladder.disagree[0],)
    if how != "clinical":
        if task.rung is None and how == "process":
            return "E1+", (task.action.model_copy(update={"owner": "team_lead", "if_not": ladder.team_lead.if_not}),)
        return "E5.2", (ladder.disagree[1],)
    if rung == "E1":
        return "E2", (ladder.team_lead,)
    if rung == "E3":
        return "E3+", ladder.emergency
    if rung == "E3+":
        return None
    if rung == "E2+":
        return "E5.2", (ladder.disagree[1],)
    if _loud(state, finding, task.level):
        return "E3", ladder.urgent
    # On the second rung: nobody was asked, so the team lead asks; asked, and no reply: the managers.
    asked = state.child.requests.asked_for(finding.key, task.set_on)
    return ("E2+", (ladder.ask_again,)) if asked is None else None


def _unanswered(state: State, finding: OpenFinding, task: Task) -> tuple[str, tuple[Action, ...]] | None:
    """Where a clinician was asked on the second rung and has not replied in time, the managers speak."""
    if rung_of(finding, task) not in ("E2", "E2+") or finding.rule.climbs(task.level) != "clinical":
        return None
    request = _asked(state, task)
    if request is None:
        return None
    at = look(state)
    late = [a for a in at.stand(request).arrears if a.what in ("acknowledge", "declined", "promised")]
    return ("E5.2", (state.protocol.settings.ladder.disagree[1],)) if late else None


def _loud(state: State, finding: OpenFinding, level: int) -> bool:
    seen = state.outcomes.get(finding.slot)
    values = finding.latest.values if seen is None or not seen.values else seen.values
    return finding.rule.loudness_at(level, values) == LOUDNESS[-1]


def _raised_again(state: State, change: DayChange, finding: OpenFinding) -> None:
    """A disagreement that was upheld goes on to the next stage as soon as who raised it raises it there."""
    requests = state.child.requests
    if not requests.settlements:
        return
    upheld = {e.disagreement: on for on, _, e in requests.settlements if e.how == "upheld"}
    if not upheld:
        return
    raised = requests.disagreements_about(finding.key)
    for on, _, e in raised:
        before = any(
            id in upheld and upheld[id] <= on and x.stage == e.stage - 1 and same_name(x.actor) == same_name(e.actor)
            for _, id, x in raised
        )
        rung = f"E5.{e.stage}"
        if before and all(t.rung != rung for t in finding.tasks):
            _ask(state, change, finding, finding.level, rung, (state.protocol.settings.ladder.disagree[e.stage - 1],))


def _ask(
    state: State,
    change: DayChange,
    finding: OpenFinding,
    level: int,
    rung: str,
    actions: tuple[Action, ...],
    since: int | None = None,
) -> None:
    """Set what a rung asks for, and keep that the finding has climbed there."""
    change.climbed.append((finding, level, rung))
    child, day = state.child, state.day
    before = child.here_from(day)
    loud = _loud(state, finding, level)
    for n, action in enumerate(actions):
        days = action.within_days
        if loud and action.urgent_within_days is not None:
            days = action.urgent_within_days
        first = day if since is None else since
        last = child.working.add(first, days) if action.working else first + days
        number = rung if len(actions) == 1 else f"{rung}-{n}"
        name = str(finding.rule.levels[level].name)
        finding.tasks.append(
            Task(level, action, day, last, before, key=finding.key, level_name=name, number=number, rung=rung)
        )


# --- social care ------------------------------------------------------------------------------


def _enter_social_care(state: State, change: DayChange, at: At) -> None:
    """The fourth rung: a grave finding, and beside it care that is declined, missed visits, points, no explanation."""
    ladder = state.protocol.settings.ladder
    rules = {entry.rule for entry in ladder.refer_for}
    resting = _resting(state)
    grave = [
        f
        for f in state.open.values()
        if f.rule.id in rules and f.key not in resting and any(_grave(f, e) for e in ladder.refer_for)
    ]
    if not grave:
        return
    standing = [f for f in state.open.values() if any((t.rung or "").startswith("E4") for t in f.tasks)]
    for f in standing:
        _closed_without_action(state, change, f)
    if standing:
        return
    points = [f for f in state.open.values() if isinstance(f.rule, Points)]
    beside = any(_declined_by_family(state, f) for f in grave)
    beside = beside or any(
        isinstance(f.rule, NotBrought) and f.latest.values.get("relevant") for f in state.open.values()
    )
    beside = beside or any(f.latest.values.get("family", 0) >= ladder.family_points for f in points)
    beside = beside or _no_explanation(state, grave)
    if beside:
        _ask(state, change, grave[0], grave[0].level, "E4", ladder.refer)
    elif points and not any(t.rung == "E3" for t in grave[0].tasks):
        _ask(state, change, grave[0], grave[0].level, "E3", (*ladder.urgent, ladder.emergency[-1]))


def _resting(state: State) -> tuple[str, ...]:
    """Findings of before the first day that ask for nothing yet: until they are read, or until they are met again."""
    first = state.first
    return () if first is None else first.unmet if first.resumed else (*first.unmet, *first.older)


def _grave(finding: OpenFinding, entry: E4Entry) -> bool:
    if finding.rule.id != entry.rule:
        return False
    names = [level.name for level in finding.rule.levels]
    return entry.level is None or (entry.level in names and finding.level >= names.index(entry.level))


def _declined_by_family(state: State, finding: OpenFinding) -> bool:
    requests = state.child.requests
    said = [w for t in finding.tasks for w in requests.said_to(t.id)] + requests.said_to(finding.key)
    said += [w for r in requests.all.values() if finding.key in r.findings for w in r.words]
    return any(w.what == "declined" and w.by_family for w in said)


def _no_explanation(state: State, grave: list[OpenFinding]) -> bool:
    since = min(f.opened_on for f in grave)
    return any(day >= since for day, _ in state.child.signs.unexplained)


def _closed_without_action(state: State, change: DayChange, finding: OpenFinding) -> None:
    """A referral of the fourth rung that was closed without action: say on that day that it is disagreed with."""
    set_on = min(t.set_on for t in finding.tasks if (t.rung or "").startswith("E4"))
    if any(t.rung == "E5.1" for t in finding.tasks):
        return
    for r in state.child.requests.all.values():
        closed = any(w.what == "answered" and w.final and w.action_taken is False for w in r.words)
        if r.kind == "social_care" and r.day >= set_on and closed:
            _ask(state, change, finding, finding.level, "E5.1", (state.protocol.settings.ladder.disagree[0],))
            return


# --- snoozes ----------------------------------------------------------------------------------


def end_snoozes(state: State, change: DayChange) -> None:
    """A snooze ends at once when the child does worse: a level or the tier rises, or something graver opens."""
    for n, s in enumerate(state.snoozes):
        if not s.holds(state.day) or s.since == state.day:
            continue
        finding = next((f for f in state.open.values() if f.key == s.key), None)
        if finding is None or finding.level > s.level or _worse(state, finding, s, change):
            state.snoozes[n] = replace(s, ended=state.day)


def _worse(state: State, finding: OpenFinding, s: Snooze, change: DayChange) -> bool:
    if change.tier is not None and TIERS.index(change.tier[1]) > TIERS.index(change.tier[0]):
        return True
    own = LOUDNESS.index(finding.rule.loudness_at(finding.level, finding.latest.values))
    for f, level in change.opened:
        if LOUDNESS.index(f.rule.loudness_at(level, f.latest.values)) > own or isinstance(f.rule, NotBrought):
            return True
    child = state.child
    valid = child.weights.valid
    new = [w for w in valid if w.known_day == state.day]
    before = [w for w in valid if w.known_day < state.day]
    if new and before and new[-1].kg < before[-1].kg:
        return True
    if any(x.known_day == state.day for x in child.signs.seen):
        return True
    return any(e[3] == state.day for e in child.missed.events) and s.why == "appointment_booked"
