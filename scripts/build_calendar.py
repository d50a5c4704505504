"""Write the table of bank holidays in England that the package carries.

Usage: ``python scripts/build_calendar.py growthwatch/core/data/england-bank-holidays.toml``

The dates come from the `holidays` library (install the ``test`` extra).  The table is frozen:
nothing in the package imports that library, so upgrading it changes no answer.  Run this when a
holiday is proclaimed, and commit the table with the reason.
"""

from __future__ import annotations

import argparse
import json
from datetime import UTC, date, datetime
from pathlib import Path

import holidays

HEADER = """\
# Bank holidays in England: days on which working-day deadlines do not run.
# Written by scripts/build_calendar.py; change that, not this.
# Days after generated_on follow the usual rules; holidays proclaimed later are not here.
"""


def render(first_year: int, last_year: int, generated_on: date) -> str:
    """Return the text of the table for whole years, first to last."""
    days = holidays.country_holidays(
        "GB", subdiv="ENG", years=range(first_year, last_year + 1), categories=("public",), language="en_GB"
    )
    lines = [
        "schema = 1",
        'id = "england"',
        f"first_day = {first_year}-01-01",
        f"last_day = {last_year}-12-31",
        'weekend = ["saturday", "sunday"]',
        'source = "Bank holidays in England: country GB, subdivision ENG, category public"',
        'library = "holidays"',
        f"library_version = {json.dumps(holidays.__version__)}",
        f"generated_on = {generated_on.isoformat()}",
        "",
        "[holidays]",
        *(f"{day.isoformat()} = {json.dumps(name)}" for day, name in sorted(days.items())),
    ]
    return HEADER + "\n" + "\n".join(lines) + "\n"


def main() -> None:
    """Read the arguments and write the table."""
    parser = argparse.ArgumentParser(description="Write the table of bank holidays in England.")
    parser.add_argument("out", type=Path, metavar="OUT", help="the TOML file to write")
    parser.add_argument("--first-year", type=int, default=1990)
    parser.add_argument("--last-year", type=int, default=2040)
    parser.add_argument(
        "--generated-on", type=date.fromisoformat, default=None, help="date to write in the file (default: today)"
    )
    args = parser.parse_args()
    generated_on = args.generated_on or datetime.now(UTC).date()
    args.out.write_text(render(args.first_year, args.last_year, generated_on), encoding="utf-8", newline="\n")
    print(f"wrote {args.out}")


if __name__ == "__main__":
    main()
