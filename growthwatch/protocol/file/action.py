"""A deed that a finding asks for: of whom, by when, and what shows it done."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from growthwatch.protocol.file.values import Days, Flag, Months, RequestName, Sourced, Text
from growthwatch.record import Role

__all__ = ["Action", "MetBy", "Owner"]

Owner = (
    Role
    | Literal[
        "owner", "asker", "author", "adviser", "signer", "both_team_leads", "dismissed_by_another", "designated_nurse"
    ]
)
"""Who owes a deed: a role, or an office that the record fills.

``owner`` is who owns the child on the day (the lead, whoever stands in, or the team lead); ``asker`` who made the
request, ``author`` who wrote the letter or the hand-over, ``adviser`` who gave the advice, ``signer`` who signed the
plan; ``both_team_leads`` those of sender and recipient; ``dismissed_by_another`` somebody who has not said it before;
``designated_nurse`` the one beside whom the named nurse works.
"""

MetBy = Literal[
    "valid_weight",
    "seen",
    "examined",
    "paediatrics_asked",
    "paediatrics_seen",
    "feeding_reviewed",
    "length",
    "feeding_history",
    "feed_observed",
    "plan",
    "sick_day_plan",
    "dietetic_review",
    "request_made",
    "request_answered",
    "answered",
    "asked_for",
    "looked_at",
    "paediatrics_referred",
    "paediatrics_rung",
    "social_care_asked",
    "chased",
    "disagreed",
    "settled",
]
"""What in the record shows that a deed was done.

``request_made`` and ``request_answered``: a request of the action's ``request`` that names the finding, or was made
since; answered with its last word.  ``answered``: an answer that names the deed.  An answer that names a deed always
ends it, whatever else would.  ``asked_for``: a referral, or a request to a clinician.  ``looked_at``: an examination
by a GP or dietitian, or a dietetic review.  ``paediatrics_rung``: a referral to paediatrics chased, or made anew.
``chased``: of the request that the finding is about.  ``disagreed``, ``settled``: a disagreement raised, and settled.
"""


class Action(Sourced):
    """What somebody must do, by when, and what happens if not.

    ``met_by`` names what in the record shows that it was done, from ``not_before_days`` after it was asked
    on; without it, it stands until its finding closes.  Days are calendar days, or ``working`` days.  ``for``,
    ``from_months`` and ``below_months`` say of which children it is asked, by their age on that day.  ``request``
    is the kind of request that meets it; ``from_request`` counts the days from when that was asked for, and until
    then it is not due.
    """

    do: Text
    owner: Owner
    within_days: Days
    urgent_within_days: Days | None = None
    not_before_days: Days = 0
    working: Flag = False
    if_not: Text | None = None
    for_: Literal["ordinary", "high_need"] | None = Field(default=None, alias="for")
    from_months: Months | None = None
    below_months: Months | None = None
    met_by: MetBy | None = None
    request: RequestName | None = None
    from_request: Flag = False
