"""Write ``docs/safety-case.md`` from ``safety/hazards.toml``, in the order of DCB0129.

    python scripts/build_safety_case.py [PAGE]

PAGE is ``docs/safety-case.md`` unless given.  Whatever is wrong with the list of hazards is printed, and nothing is
written: a test that is not there, a control without a test, a fault of ``docs/faults.md`` that belongs to no hazard.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from named import held, rows  # noqa: E402

import growthwatch as gw  # noqa: E402

LOG = ROOT / "safety" / "hazards.toml"
WORDS = ("name", "category", "hazard", "cause", "effect", "harm", "residual", "owner", "status")
OPTIONAL = ("id", "needs", "faults", "control")
JUDGED = re.compile(r"severity|likelihood|probability|risk_|score|rating", re.I)
CATEGORIES = (
    "wrong curve",
    "silent gap",
    "doubted weight",
    "stale chart",
    "late entry",
    "copy that confirms itself",
    "adjustment that hides",
    "alarm fatigue",
    "first-day flood",
    "clock",
    "time zone",
    "upgrade",
    "corrupted store",
    "wrong child",
    "privacy",
)
"""Kinds of fault that were found here: each has a hazard."""


def read(text: str | None = None) -> dict[str, Any]:
    """The list of hazards."""
    return tomllib.loads(LOG.read_text(encoding="utf-8") if text is None else text)


def faults() -> list[str]:
    """What was wrong, of each row of ``docs/faults.md``."""
    return [cells[0] for cells in rows((ROOT / "docs" / "faults.md").read_text(encoding="utf-8"))]


def problems(log: dict[str, Any], found: list[str]) -> list[str]:
    """All that is wrong with a list of hazards, beside the faults that were found."""
    out: list[str] = []
    hazards = log["hazard"]
    ids = Counter(h.get("id", "") for h in hazards)
    out += [f"{id or 'a hazard'}: {n} hazards have this id" for id, n in ids.items() if n > 1]
    for name, n in Counter(h.get("name", "") for h in hazards).items():
        out += [f"{name}: {n} hazards have this name"] if n > 1 else []
    covered: set[str] = set()
    for number, hazard in enumerate(hazards, 1):
        id = hazard.get("id") or f"hazard {number}"
        if not re.fullmatch(r"H\d\d", hazard.get("id", "")):
            out.append(f"{id}: an id is H and two digits")
        out += _words(id, hazard, log)
        for beginning in hazard.get("faults", ()):
            meant = [was for was in found if was.startswith(beginning)] if beginning else []
            if len(meant) != 1:
                out.append(f"{id}: {len(meant)} faults begin with {beginning!r}")
            covered.update(meant)
        if not hazard.get("control"):
            out.append(f"{id}: it has no control")
        for control in hazard.get("control", ()):
            out += _control(id, control, log)
    out += [f"docs/faults.md: no hazard names {was!r}" for was in found if was not in covered]
    there = {h.get("category") for h in hazards}
    return out + [f"no hazard is of the category {c!r}" for c in CATEGORIES if c not in there]


def _words(id: str, hazard: dict[str, Any], log: dict[str, Any]) -> list[str]:
    """What is wrong with the words of a hazard."""
    out = [f"{id}: {key} is missing" for key in WORDS if not str(hazard.get(key, "")).strip()]
    for key in hazard:
        if JUDGED.search(key):
            out.append(f"{id}: {key} is for a clinical safety officer, who must be named")
        elif key not in (*WORDS, *OPTIONAL):
            out.append(f"{id}: {key} is not a key of a hazard")
    for key, closed in (("owner", log["owners"]), ("status", log["statuses"])):
        if hazard.get(key) and hazard[key] not in closed:
            out.append(f"{id}: {key} is {hazard[key]!r}, and must be one of {list(closed)}")
    return out


def _control(id: str, control: dict[str, Any], log: dict[str, Any]) -> list[str]:
    """What is wrong with a control."""
    out: list[str] = []
    what = control.get("what", "")
    if not what.strip():
        out.append(f"{id}: a control does not say what it is")
    if control.get("type") not in log["types"]:
        out.append(f"{id}: the type of a control is {control.get('type')!r}, and must be one of {list(log['types'])}")
    if not control.get("tests"):
        out.append(f"{id}: no test holds {what!r}")
    return out + [f"{id}: there is no test {name}" for name in control.get("tests", ()) if not held(name)]


INTRO = """# Material for a safety case

<!-- Written by scripts/build_safety_case.py from safety/hazards.toml. -->

**This is not a safety case, and nobody has approved it.** It is what the developers of growthwatch can bring to one: which hazards they know, which controls there are in the software, and which test fails if a control is gone. The order is that of a clinical safety case report under DCB0129 (NHS England, *Clinical Risk Management: its Application in the Manufacture of Health IT Systems*), so that a clinical safety officer finds each part where it is expected.

## What is not claimed

- growthwatch is not a medical device, and nobody has assessed whether a product that holds it is one.
- No clinical safety officer has been appointed. No severity, likelihood or acceptability of any risk has been judged, and no number for one stands here.
- Compliance with DCB0129 or DCB0160 is not claimed.
- Neither the packaged protocol nor the evidence has been validated on children. What is called verified is software held against published figures, specifications and simulations.
- A test that passes shows that the software does what its authors meant, in the cases that they thought of. It does not show that they meant the right thing.
- That a hazard is missing below means that nobody has thought of it.
"""

SYSTEM = """
## 1. Scope

growthwatch {version}: a library of Python with a command line, as it stands in this repository, with the packaged protocol `{protocol}` {protocol_version} (its hash: [changes of clinical content](clinical-changes.md)) and {references} packaged references. Not in scope: whatever holds it (a clinical system, its screens, its sign-in, its network), figures and protocols of others, and how people work with it.

## 2. The system

A record of a child is a log of events that is only ever added to. A review is worked out from a record, a protocol and a moment, and from nothing else: no clock, no network, no state between two reviews. It says what is due, what has been noticed, who must do what by when. Charts, pages and lists show reviews. A store keeps records. [Protocol](protocol.md), [Record](record.md) and [Store](store.md) describe them; [eight promises](promises.md) say what must hold.

It advises people. It gives no treatment, steers no device, sends nothing to anybody, and makes no diagnosis. Where it fails, people must still be able to see the child.

## 3. Roles

| role | who |
| --- | --- |
| clinical safety officer of the manufacturer | {officer} |
| clinical safety officer of the deploying organisation (DCB0160) | to be named by it |
| clinician who signs the protocol | to be named by the deploying organisation; until then every review says that nobody has |
{owners}

## 4. How hazards were found

From the serious case review that is the reason for this library ([what was asked for](traceability.md)); from the specification of the protocol; from every fault that was found in growthwatch itself ([the list](faults.md): {faults} rows, each of which belongs to a hazard below); from records made of moves; from faults put into the code on purpose; and from [threats](threats.md). A clinical hazard workshop has not been held.

## 5. What risks are judged by

Nothing yet. A severity, a likelihood and what is acceptable are for a clinical safety officer to set, for one deployment, and to sign.

## 6. Hazard log

{count} hazards. Status: {statuses}.

| type of control | what it means | controls |
| --- | --- | --- |
{types}

| id | hazard | category | owner | status |
| --- | --- | --- | --- | --- |
{listed}

## 7. Controls and their evidence
"""

END = """
## 8. What stays, and what whoever deploys must do

What stays after all controls, and what no test here can show. The last column is a beginning for the hazard log of DCB0160, not the whole of it.

| id | what stays | for whoever deploys |
| --- | --- | --- |
{residual}

## 9. How it was tested

Every test that is named above is run by the one command under "Test it" in README.md, on each change, but for the full figures that are run for a release (marked `slow`). A name that leads to no test fails the tests themselves.

## 10. After it is deployed

- Faults are reported as SECURITY.md in the source says, also those that are no attack: a wrong answer can harm a child.
- A fault that was found gets a row in [the list of faults](faults.md), a test, and a hazard above: the tests fail without.
- What a clinician must know of a new version stands in [changes of clinical content](clinical-changes.md).
- Whoever deploys watches that the list is made and read each day, counts alarms and what became of them, and says who may stop its use.

## 11. Versions and configuration

The hash of a protocol, of each reference and of what judged stands in every answer. A released protocol is never edited. [Faults](faults.md), this page and the page of clinical changes belong to one commit of the source.

## 12. Conclusion

None is drawn here. Whether growthwatch is safe enough for a use is for a named clinical safety officer to conclude.
"""


def _row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"


def page(log: dict[str, Any]) -> str:
    """The whole page."""
    hazards = log["hazard"]
    protocol = gw.protocol("uk-hv")
    types = Counter(control["type"] for h in hazards for control in h["control"])
    states = Counter(h["status"] for h in hazards)
    out = [
        INTRO.strip(),
        SYSTEM.rstrip().format(
            version=gw.__version__,
            protocol=protocol.id,
            protocol_version=protocol.version,
            references=len(gw.references().ids),
            officer=log["clinical_safety_officer"] or "**nobody has been appointed**",
            owners="\n".join(_row(f"owner of hazards: {key}", says) for key, says in log["owners"].items()),
            faults=len(faults()),
            count=len(hazards),
            statuses="; ".join(f"`{key}` ({states[key]}): {says}" for key, says in log["statuses"].items()).rstrip("."),
            types="\n".join(_row(key, says, str(types[key])) for key, says in log["types"].items()),
            listed="\n".join(_row(h["id"], h["name"], h["category"], h["owner"], h["status"]) for h in hazards),
        ),
    ]
    out += [_part(h) for h in hazards]
    residual = "\n".join(_row(h["id"], h["residual"], h.get("needs", "–")) for h in hazards)
    return "\n".join(out) + "\n" + END.format(residual=residual)


def _part(hazard: dict[str, Any]) -> str:
    """What stands of one hazard."""
    out = ["", f"### {hazard['id']}. {hazard['name']}", ""]
    for key in ("hazard", "cause", "effect", "harm"):
        out.append(f"- **{key.capitalize()}:** {hazard[key]}")
    out += ["", "| control | type | tests |", "| --- | --- | --- |"]
    for control in hazard["control"]:
        tests = ", ".join(f"`{name}`" for name in control["tests"])
        out.append(_row(control["what"], control["type"], tests))
    if hazard.get("faults"):
        out += ["", "Found here before, and mended:", ""]
        found = faults()
        out += [f"- {next(was for was in found if was.startswith(f))}" for f in hazard["faults"]]
    return "\n".join(out)


def main(place: Path) -> int:
    """Write the page, or say what is wrong."""
    log = read()
    wrong = problems(log, faults())
    for line in wrong:
        print(line, file=sys.stderr)
    if wrong:
        return 1
    place.write_text(page(log), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "safety-case.md"))
