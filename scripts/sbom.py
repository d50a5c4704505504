"""Write a bill of materials: a CycloneDX file of all that growthwatch and its extras need, as installed here.

    python scripts/sbom.py sbom.json

cyclonedx-bom describes what is installed beside this Python; what only tests and docs need is taken out.  The file is
held against the schema of CycloneDX, and is the same each time: without a time unless ``SOURCE_DATE_EPOCH`` is set.
It ends with 1, and writes nothing, where something that is asked for is not installed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from needs import PYPROJECT, direct, needed, plain

VERSION = "1.6"
OPTIONS = ("--mc-type", "library", "--output-reproducible", "--sv", VERSION, "--of", "JSON", "--no-validate")


def described() -> dict[str, Any]:
    """All that is installed beside this Python, as cyclonedx-bom has it."""
    done = subprocess.run(
        [sys.executable, "-m", "cyclonedx_py", "environment", *OPTIONS, "--pyproject", str(PYPROJECT), sys.executable],
        capture_output=True,
        text=True,
        check=True,
        encoding="utf-8",
    )
    return json.loads(done.stdout)


def pruned(bill: dict[str, Any], keep: set[str], roots: set[str]) -> dict[str, Any]:
    """The bill without what growthwatch does not need."""
    parts = [c for c in bill["components"] if plain(c["name"]) in keep]
    refs = {c["bom-ref"] for c in parts}
    root = bill["metadata"]["component"]["bom-ref"]
    of_root = sorted(c["bom-ref"] for c in parts if plain(c["name"]) in roots)
    links: list[dict[str, Any]] = [{"ref": root, "dependsOn": of_root}]
    for link in bill["dependencies"]:
        if link["ref"] in refs:
            to = [r for r in link.get("dependsOn", ()) if r in refs]
            links.append({"ref": link["ref"], **({"dependsOn": to} if to else {})})
    return {**bill, "components": parts, "dependencies": links}


def faults(text: str) -> list[str]:
    """What the schema of CycloneDX says against a bill."""
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    return [] if error is None else [str(error)]


def bill() -> tuple[str, list[str]]:
    """The bill as text, and what is wrong."""
    found, missing = needed()
    if missing:
        return "", [f"{name} is asked for and not installed" for name in missing]
    made = pruned(described(), set(found), {plain(r.name) for r in direct()})
    lost = set(found) - {plain(c["name"]) for c in made["components"]}
    text = json.dumps(made, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    return text, [f"{name} is installed and not in the bill" for name in sorted(lost)] + faults(text)


def main() -> int:
    """Write the bill."""
    parser = argparse.ArgumentParser()
    parser.add_argument("place", type=Path)
    place: Path = parser.parse_args().place
    text, wrong = bill()
    for line in wrong:
        print(line, file=sys.stderr)
    if wrong:
        return 1
    place.write_text(text, encoding="utf-8")
    print(f"{place}: {len(json.loads(text)['components'])} distributions")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
