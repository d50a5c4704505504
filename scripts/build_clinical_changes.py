"""Write the tables of ``docs/clinical-changes.md``: what judges in this version, and who must decide.

    python scripts/build_clinical_changes.py [PAGE]

What a clinician must know is written by hand, between them.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

import growthwatch as gw  # noqa: E402
from growthwatch.protocol import Protocol  # noqa: E402

PAGE = ROOT / "docs" / "clinical-changes.md"
BLOCK = re.compile(r"(<!-- (\w+): written by scripts/build_clinical_changes\.py -->\n)(.*?)(<!-- end of \2 -->)", re.S)
MUST_KNOW = "### What a clinician must know"


def judged(protocol: Protocol) -> list[str]:
    """Hashes of a protocol, and of what judges besides."""
    out = ["| what | version | hash |", "| --- | --- | --- |"]
    out.append(f"| protocol `{protocol.id}` | {protocol.version} | `{protocol.hash}` |")
    by = protocol.judged_by
    for name, version in protocol.plain["figures"].items():
        out.append(f"| figures: {name} | {version} | `{by['figures'][name]}` |")
    out += [f"| {what} | | `{by[what]}` |" for what in ("kinds", "calendar", "reference")]
    return out


def rules(protocol: Protocol) -> list[str]:
    """Each rule with its tag and its source."""
    out = ["| rule | title | tag | source, and who decides | to be looked at by |", "| --- | --- | --- | --- | --- |"]
    for rule in protocol.rules:
        source, tag, by = protocol.sources[rule.id]
        out.append(f"| {rule.id} | {rule.title} | {tag} | {source} | {by.isoformat()} |")
    return out


def references() -> list[str]:
    """Each packaged reference of sizes with its hash."""
    out = ["| reference | hash |", "| --- | --- |"]
    out += [f"| `{info.id}` | `{gw.reference(info.id).hash}` |" for info in gw.references() if not info.of_increments]
    return out


def written(page: str) -> str:
    """The page with its tables as they are today."""
    protocol = gw.protocol("uk-hv")
    tables: dict[str, Callable[[], list[str]]] = {
        "judged": lambda: judged(protocol),
        "rules": lambda: rules(protocol),
        "references": references,
    }
    return BLOCK.sub(lambda m: m[1] + "\n" + "\n".join(tables[m[2]]()) + "\n\n" + m[4], page)


if __name__ == "__main__":
    place = Path(sys.argv[1]) if len(sys.argv) > 1 else PAGE
    place.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
