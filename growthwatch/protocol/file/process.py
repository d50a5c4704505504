"""Settings of a protocol file that are about people: limits of requests, the ladder, snoozes, who signs what."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from growthwatch.protocol.file.action import Action
from growthwatch.protocol.file.values import Days, Months, Number, RequestName, Sourced, Text, TierName
from growthwatch.record import Role

__all__ = ["E4Entry", "FirstDay", "Guards", "Ladder", "People", "RequestLimits", "Snooze"]

RequestForm = RequestName | Literal["letter", "referral", "social_care"]
HandoverItem = Literal["schedule", "open_findings", "risks", "lead", "plan", "chronology"]


class RequestLimits(Sourced):
    """By when requests of some kinds are acknowledged and answered.

    Attributes
    ----------
    name, kinds
        In words, and of which requests.
    acknowledge_wd, acknowledge_wd_t3, acknowledge_urgent_days
        Working days to an acknowledgement; those in the highest tier; calendar days of an urgent request.  None: the
        answer is the acknowledgement.
    decide_wd
        Working days to a first decision, which an answer that is not the last word is; None: no such limit.
    answer_wd, answer_urgent_days
        Working days to the last word, where the request names no day itself; calendar days of an urgent request.
    """

    name: Text
    kinds: tuple[RequestForm, ...] = Field(min_length=1)
    acknowledge_wd: Days | None = None
    acknowledge_wd_t3: Days | None = None
    acknowledge_urgent_days: Days | None = None
    decide_wd: Days | None = None
    answer_wd: Days | None = None
    answer_urgent_days: Days | None = None


class People(Sourced):
    """What a team calls itself, what a hand-over must hold, and how long unfinished paper may lie.

    Attributes
    ----------
    our_names, our_roles
        Names by which others write to us, and roles that are ours: such a letter is one that we received.
    handover_items
        What a hand-over must hold.
    draft_wd, needs_wd, declined_wd
        Working days to send a draft, to give what somebody needs first, and to ask another after a refusal.
    lead_levels
        Levels of service that require a lead.
    copies_owe_from
        Tier from which a copy of which nobody says what is expected owes an acknowledgement.
    moved_within_days
        How far ahead an appointment may be moved, or the child be seen after one that was cancelled, so that it does
        not count as missed.
    seen_by
        Of each kind of service, whose examination or weighing shows that it has seen the child.
    """

    our_names: tuple[Text, ...] = ()
    our_roles: tuple[Role, ...] = ()
    handover_items: tuple[HandoverItem, ...] = Field(min_length=1)
    draft_wd: Days
    needs_wd: Days
    declined_wd: Days
    copies_owe_from: TierName
    moved_within_days: Days
    seen_by: dict[Text, tuple[Role, ...]]


class E4Entry(Sourced):
    """Which open findings may lead to social care, at which level or above, with what beside them."""

    rule: Text
    level: Text | None = None


class Ladder(Sourced):
    """What is asked when nobody acts: of whom, by when.

    Attributes
    ----------
    team_lead
        Of the team lead, where a deed of the first rung is late.
    ask_again
        Of the team lead, where on the second rung nobody was asked.
    urgent
        Of the team lead, where what cannot wait is late on the second rung: the third.
    emergency
        Where the third is late.
    refer
        Deeds of the fourth rung: referral to social care.
    refer_for, family_points
        Which findings lead there, and how many points of child and family do so beside them.
    disagree
        Deeds of the fifth rung, stage by stage.
    """

    team_lead: Action
    ask_again: Action
    urgent: tuple[Action, ...] = Field(min_length=1)
    emergency: tuple[Action, ...] = Field(min_length=1)
    refer: tuple[Action, ...] = Field(min_length=1)
    refer_for: tuple[E4Entry, ...] = Field(min_length=1)
    family_points: Days
    disagree: tuple[Action, ...] = Field(min_length=4, max_length=4)


class FirstDay(Sourced):
    """How what was open before a protocol came into force for a child is taken up.

    Attributes
    ----------
    rule
        The rule of the one reading, and of the signature for what is no longer met.
    danger
        Findings that are a danger to the body where the latest weight meets them, at which level or above: today.
    signs, signs_within_days
        Rules about signs, which are so while the latest sign is no older [days].
    recent_days
        What opened so shortly before keeps the rule's own time [days].
    read_wd, urgent_days, falling_spaces
        Working days for the reading; calendar days where the child has high need or falls so far [centile spaces].
    sign_wd
        Working days to sign what is no longer met.
    weigh_within_days
        How far a start plan may move a routine weight that was missed [days].
    name_wd
        Working days to name a lead for a child that has none on the first day and no protection plan.
    after_reading
        Rules about people that are judged only once what is older has been read.
    """

    rule: Text
    danger: tuple[E4Entry, ...]
    signs: tuple[Text, ...]
    signs_within_days: Days
    recent_days: Days
    read_wd: Days
    urgent_days: Days
    falling_spaces: Number = Field(gt=0)
    sign_wd: Days
    weigh_within_days: Days
    name_wd: Days
    after_reading: tuple[Text, ...] = ()


class Snooze(Sourced):
    """How long the next step of a finding may wait, and of which never.

    Attributes
    ----------
    daily_days, weekly_days
        Longest snooze by loudness, from its own day.
    never
        Rules whose findings are never snoozed.
    never_protected
        Rules whose findings are not snoozed under a protection plan.
    never_from_tier
        Tier from which none is snoozed.
    again_by
        Who may snooze the same finding and level a second time.
    """

    daily_days: Days
    weekly_days: Days
    never: tuple[Text, ...] = ()
    never_protected: tuple[Text, ...] = ()
    never_from_tier: TierName
    again_by: tuple[Role, ...] = Field(min_length=1)


class Guards(Sourced):
    """Who may sign what besides the signing roles, and for how long.

    Attributes
    ----------
    graver_roles
        Who may end a plan, choose a reference, or override.
    plan_roles_for_reference
        Whose plan may name a reference.
    watch_roles
        Who may sign a watch plan.
    adopting_roles
        Who may adopt a protocol.
    family_page_roles, family_page_days
        Who may hold the family's page, and for how long at most.
    override_days
        Longest time after which an override lapses.
    conflict_months
        Longest time for which a conflict of floors may be accepted.
    """

    graver_roles: tuple[Role, ...] = Field(min_length=1)
    plan_roles_for_reference: tuple[Role, ...] = Field(min_length=1)
    watch_roles: tuple[Role, ...] = Field(min_length=1)
    watch_months: Months
    watch_length_days: Days
    watch_signs_days: Days
    adopting_roles: tuple[Role, ...] = Field(min_length=1)
    family_page_roles: tuple[Role, ...] = Field(min_length=1)
    family_page_days: Days
    override_days: Days
    conflict_months: Months
