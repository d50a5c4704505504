"""The pages that tests open in a browser, made once: of a child, a family, a caseload, protocols, and of a notebook."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from builders import HV
from own_protocols import X1, one, write

import growthwatch as gw
from growthwatch.caseload import Reviewed
from growthwatch.core import html_table
from growthwatch.protocol import Protocol

DAY = dt.date(2024, 2, 27)
NOTEBOOK = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Notebook</title>
<style>:root {{ color-scheme: light dark; }} body {{ overflow-wrap: anywhere; }}</style></head>
<body><main><h1>A notebook</h1>{cells}</main></body></html>"""


def _notebook(record: gw.Record, reviewed: Reviewed, out: Path) -> None:
    """What a notebook shows, all on one page, as its cells would: with Jinja2, and without it."""
    shown = (
        gw.review(record, protocol=HV, as_of=DAY), record, gw.trajectory(record, as_of=DAY), gw.reference("uk-who"),
        reviewed.worklist(), HV,
    )  # fmt: skip
    for name in ("notebook", "plain"):
        with pytest.MonkeyPatch.context() as m:
            if name == "plain":
                m.setattr(html_table, "_template", lambda: None)
            cells = "".join(f"<section>{one._repr_html_()}</section>" for one in shown)
        (out / f"{name}.html").write_text(NOTEBOOK.format(cells=cells), encoding="utf-8")


def make_pages(out: Path) -> None:
    """Make the pages: of a child, for a family, of a caseload, and of two protocols, one with whom its changes affect."""
    record = gw.Record.load("examples/c1-slow-decline.json")
    gw.page(record, protocol=HV, as_of=DAY, path=out / "child.html")
    gw.page(
        record, kind="family", protocol=HV, as_of=DAY, called="Maya", ring="01632 960 114", path=out / "family.html"
    )
    cases = gw.caseload.read("examples/caseload.csv", "examples/caseload.toml")
    reviewed = cases.review(as_of=DAY, starts_on=DAY)
    reviewed.report(out / "caseload.html")
    gw.page(HV, path=out / "protocol.html")
    own = write(
        out,
        one("rules[G4].levels[below].actions[met_by=plan].owner", "team_lead"),
        one("rules[G1].before_age_days", 14, 'weaker = true\nbecause = "Midwives see every baby"\n'),
        X1,
    )
    gw.page(Protocol.load(own), records=[record], until=DAY, path=out / "own.html")
    _notebook(record, reviewed, out)
