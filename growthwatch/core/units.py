"""Units and the few numbers that define them."""

from __future__ import annotations

__all__ = ["DAYS_PER_MONTH", "DAYS_PER_YEAR", "PRETERM_DAYS", "TERM_DAYS", "VERY_PRETERM_DAYS"]

DAYS_PER_YEAR = 365.25
"""Days in a year, for tables whose ages are decimal years [days]."""

DAYS_PER_MONTH = 30.4375
"""Days in a month, for tables whose ages are months (365.25 / 12) [days]."""

TERM_DAYS = 280
"""Gestation from which age is corrected: 40 weeks and 0 days [days]."""

PRETERM_DAYS = 259
"""A birth before 37 weeks and 0 days is preterm [days]."""

VERY_PRETERM_DAYS = 224
"""A birth before 32 weeks and 0 days is very preterm [days]."""
