"""The sheet for the family: one side of A4, in the words of `Review.explain(audience="family")`, with a picture."""

from __future__ import annotations

from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.words import long_date
from growthwatch.pages.pictures import Picture, picture
from growthwatch.pages.render import render
from growthwatch.protocol import Protocol, Review
from growthwatch.protocol.answers.family import STAFF, family_sheet
from growthwatch.protocol.answers.family_words import NO_PAGE
from growthwatch.record import Record

__all__ = ["family_page"]

_FEW = 9
"""Up to so many sentences are printed large; more are set closer, so that the sheet keeps to one side."""


def family_page(
    record: Record,
    review: Review,
    protocol: Protocol,
    *,
    called: str | None = None,
    ring: str | None = None,
    pictures: bool = True,
) -> str:
    """The sheet for the family.

    Parameters
    ----------
    record
        The child's record.
    review
        Of the record, on the day.
    protocol
        The protocol that judged.
    called, ring
        As for `Review.explain`.
    pictures
        Whether the weights are drawn.

    Raises
    ------
    GrowthwatchError
        After a death: then none is made.
    """
    sheet = family_sheet(review, called, ring)
    if sheet is None:
        raise GrowthwatchError.of("record", record.child_id, f"a child who lives. {NO_PAGE}")
    drawn: Picture | None = None
    if pictures and not sheet.held:
        drawn = picture(record, "family", protocol, review.as_of, review.known_at)
        drawn = drawn if drawn is not None and drawn.table else None
    many = len(sheet.now) + len(sheet.how) + len(sheet.then) > _FEW
    # An id in letters that run from the right must not turn the words and the day beside it.
    start = len(STAFF) + len(review.child_id)
    foot = (STAFF, review.child_id, sheet.foot[start:])
    return render(
        "family.html", title=sheet.title, sheet=sheet, foot=foot, picture=drawn, many=many, day=long_date(review.on)
    )
