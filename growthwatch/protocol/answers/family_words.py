"""What the family is told of each finding, in one place; and what it is not told, with why.

Short everyday words: no SDS, centile, tier, rule or points, and no word of protection.  Nothing here says that all is
well.  ``{child}`` is how the child is called, ``{by}`` by which day, ``{owner}`` whom to ring.

Source: process specification, section 3 (the sentences for the family page); design of the views, sections 2 and 4.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

__all__ = [
    "CALL", "EVENINGS", "FULLER", "HELP", "NOT_TOLD", "NO_PAGE", "NUMBER", "RING", "STRONGER", "TELL_US", "TOLD",
    "UNHAPPY", "WEIGH", "WEIGH_AGAIN", "WRONG_WEIGHT", "Told",
]  # fmt: skip


class Told(NamedTuple):
    """What is told of a finding at one level.

    Attributes
    ----------
    how
        What it says of how the child grows or is; empty for nothing.
    then
        What happens next, while something is still to be done; empty for nothing.
    now
        What the family does at once, as long as it is not done; it stands first, and stays where the page is held back.
    """

    how: str = ""
    then: str = ""
    now: str = ""


WEIGH = "We would like to weigh {child} {by}."
WEIGH_AGAIN = "We would like to weigh {child} again {by}."
FEED = "We would like to see how a feed goes {by}."
FEEDS_AND_WEIGH = "We would like to see how feeds go, and weigh {child} {by}."
FEED_AND_AGAIN = "We would like to see how a feed goes, and weigh {child} again {by}."
FULLER: Mapping[str, tuple[str, ...]] = {
    FEED_AND_AGAIN: (FEEDS_AND_WEIGH, FEED, WEIGH_AGAIN, WEIGH),
    FEEDS_AND_WEIGH: (WEIGH_AGAIN, WEIGH),
    WEIGH_AGAIN: (WEIGH,),
}
"""By sentence those that say less and need not be said beside it, for its day or later: one visit does for both."""

WRONG_WEIGHT = "The last weight may not be right."
CALL = "Ring 999 now, or go to the hospital with {child} now."
DOCTOR = "A doctor should see {child} {by}."
CHILDRENS_DOCTOR = "A children's doctor should see {child} {by}."
PLAN = "We would like to see {child}, see how a feed or meal goes, and make a plan with you {by}."
CHECK = "We would like {child} to be seen and checked {by}."

WHY = "This can have many causes. We would like to find out why, with you."
LESS = "{child} has put on less weight than we hoped."
SLOW = f"{LESS} {WHY}"
LOST = f"{{child}} has lost weight. {WHY}"
IS_LOW = "{child} weighs less than most children of this age."
IS_VERY_LOW = "{child} weighs much less than most children of this age."
LOW = f"{IS_LOW} {WHY}"
VERY_LOW = f"{IS_VERY_LOW} {WHY}"
NOT_MORE = f"{{child}} has not put on weight for some time. {WHY}"
STRONGER: Mapping[str, str] = {IS_LOW: IS_VERY_LOW}
"""By sentence the one beside which it is not said: two degrees of the same would be read as two things."""

CARING = "Caring is tiring. We will ask how you are, too. You can ask for help for yourself: {owner}."

RING = (
    "Ring {number} today if {child} drinks less or has fewer wet nappies.",
    "Hard to wake, cold, mottled, or finds it hard to breathe: 999.",
)
"""When to ring: it stays for the family even where all else is held back."""

HELP = "You know {child} best. Tell us what a day is like, and if anything has changed."
EVENINGS = "Evenings and weekends: 111."
UNHAPPY = "If you are not happy with how we help: ask for the team lead."
NUMBER = "Number: ____________________"
"""Where nobody gave a number: it is written on the sheet by hand."""

NO_PAGE = "No page is made for the family after a death. Speak with them."
TELL_US = "Is something here wrong? Please tell us and we will put it right."

AGAIN = Told(WRONG_WEIGHT, WEIGH_AGAIN)
TAKES_OVER = Told(then="Another team is to take over the care of {child}. Until they do, your contact is {owner}.")

TOLD: Mapping[str, Mapping[str, Told]] = {
    "newborn_loss": {
        "weigh again today": AGAIN,
        "watch": Told("{child} weighs less than at birth.", FEEDS_AND_WEIGH),
        "over 10 %": Told("{child} has lost weight since birth.", FEED),
        "12 % or more": Told("{child} has lost a lot of weight since birth.", DOCTOR),
    },
    "below_previous": {
        "weigh again today": AGAIN,
        "": Told("{child} has lost weight.", FEED_AND_AGAIN),
    },
    "birth_weight_not_regained": {
        "not back": Told("{child} is not yet back to the weight at birth.", "We would like to help with feeds {by}."),
        "not back, and ill": Told(
            "{child} is not yet back to the weight at birth.", "We will ask a children's doctor to see {child} {by}."
        ),
    },
    "fall_from_birth": {"confirm": Told(LESS, WEIGH_AGAIN), "fall": Told(SLOW, PLAN)},
    "fall_on_condition": {"": Told(SLOW, PLAN)},
    "below_line": {
        "below": Told(LOW, "We would like to talk with you, and make a plan {by}."),
        "below and falling": Told(VERY_LOW, "We will talk with a children's doctor about {child} {by}."),
    },
    "loss_from_best": {
        "weigh again today": AGAIN,
        "3 %": Told(LOST, CHECK),
        "5 %": Told(LOST, CHECK),
        "7.5 %": Told(LOST, CHECK),
        "10 %, not ill": Told(LOST, CHILDRENS_DOCTOR),
        "emergency": Told("{child} has lost a lot of weight.", now=CALL),
    },
    "no_net_gain": {"amber": Told(NOT_MORE, WEIGH_AGAIN), "red": Told(NOT_MORE, CHILDRENS_DOCTOR)},
    "conditional_gain": {"once": Told(LESS, WEIGH_AGAIN), "twice running": Told(SLOW, PLAN)},
    "evidence": {"amber": Told(LESS, WEIGH_AGAIN), "red": Told(SLOW, PLAN)},
    "very_low": {
        "": Told(VERY_LOW, "A children's doctor will tell us what the plan is {by}."),
        "danger": Told(VERY_LOW, "We will ring a children's doctor about {child} {by}."),
    },
    "cp_chart": {
        "": Told(
            "{child} weighs less than most children with the same condition.",
            "We will ask a dietitian and a children's doctor to look {by}.",
        )
    },
    "thin_or_short": {"": Told(f"{{child}} is thin or short for this age. {WHY}", CHECK)},
    "wasting": {
        "moderate": Told("{child} is {thin}.", "We will ask a children's doctor to see {child} {by}."),
        "severe": Told("{child} is {very_thin}.", DOCTOR),
    },
    "fluid_gain": {"": Told("{child} gained a lot quickly.", DOCTOR)},
    "fast_gain": {"": Told("{child} has put on weight fast.", "We will ask a dietitian to look {by}.")},
    "danger_sign": {
        "ring today": Told(then="We will ring a doctor about {child} {by}."),
        "seen today": Told(then=DOCTOR),
        "999": Told(now=CALL),
    },
    "unwell": {"": Told("{child} has not been well.", CHECK)},
    # Whether to ask the ward is between us and the ward.
    "weighing_overdue": {"amber": Told(then=WEIGH), "red": Told(then=WEIGH), "ask the ward": Told()},
    "seen_not_weighed": {"": Told(then=WEIGH)},
    "worry_no_weight": {"": Told(then=WEIGH)},
    "length_due": {"": Told(then="We would like to measure how long or tall {child} is {by}.")},
    "not_brought": {
        "": Told(
            then="We missed you on {missed}. Is another day or a home visit easier? We would like to see {child} {by}."
        )
    },
    "no_lead": {"two leads": Told(), "": Told(then="The team lead is your contact until {until}.")},
    # Of what is not sent yet nobody is told: it may be sent, or not.
    "hand_over": {
        "": TAKES_OVER,
        "incomplete": Told(),
        "not handed over": Told(),
        "not received": Told(
            then="We will ask the team you had before to tell us about {child}. You can tell us, too."
        ),
    },
    "no_recovery": {
        "look": Told(
            "The weight of {child} has not yet caught up.", "We would like a doctor or dietitian to look {by}."
        ),
        "": Told(
            "The weight of {child} has not yet caught up.", "We will ask a children's doctor to see {child} {by}."
        ),
        "below limit": Told(
            "{child} weighs less than the limit in the plan.", "We will ask a children's doctor to see {child} {by}."
        ),
    },
    "plan_kept": {"": Told(then="It is time to look at our plan for {child} again. We will talk with you about it.")},
    "not_allocated": {"": Told(then="We will ask for somebody who knows the condition of {child} well.")},
    "record_doubt": {
        "birth_date": Told(then="We do not have the birthday of {child}. Please tell us."),
        "sex": Told(then="We have not written down whether {child} is a boy or a girl. Please tell us."),
        "gestation": Told(then="We may have written down the wrong week of birth for {child}. Please tell us."),
        "": Told(),
    },
    # Kinds that a file may use for anything: by rule.
    "P12a": {"": Told(then=CARING)},
    "P12b": {"": Told(then="Caring is tiring. We would like to ask for help for you: {owner} will talk with you.")},
}
"""By kind of rule (or id of a rule), and level; the level "" stands for all that are not named."""

_AMONG_US = "it is about how we write to each other and who does what among us: the family owes nothing"
_PROTECTS = "it is about protection: a person tells the family, or the named nurse decides that nobody does yet"

NOT_TOLD: Mapping[str, str] = {
    "weighing_due": "the page tells by itself when the next weight is due",
    "held_by_nothing": _AMONG_US,
    "unclear_letter": _AMONG_US,
    "not_acknowledged": _AMONG_US,
    "advice_not_written": _AMONG_US,
    "explained_away": _AMONG_US,
    "nobody_beside": _AMONG_US,
    "read_once": _AMONG_US,
    "read_override": _AMONG_US,
    "points": "never shown to the family as points; what gave them is told by itself",
    "siblings_seen": _PROTECTS,
    "summary_read": _PROTECTS,
    "legal_advice": _PROTECTS,
    "conference_late": _PROTECTS,
    "P11": _PROTECTS,
    "P13b": _PROTECTS,
    "P13c": _PROTECTS,
    # What a trust's own rule of these kinds is about, no sentence of ours can know.
    "counted": "a rule of a trust's own: a person tells the family",
    "not_for_long": "a rule of a trust's own: a person tells the family",
    "lacking": "a rule of a trust's own: a person tells the family",
    "comes_first": "a rule of a trust's own: a person tells the family",
}
"""By kind of rule (or id of a rule): why the family is told nothing of it."""
