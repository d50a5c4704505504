"""Look for known vulnerabilities and for licences that nobody has agreed to, in all that growthwatch needs.

    python scripts/audit.py

It ends with 1 where something was found, **and with 2 where something had to be skipped**: what is not installed, a
licence that cannot be read, a distribution or a database of vulnerabilities that cannot be reached.  An audit that
looked at half is no audit.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from email.message import Message
from importlib.metadata import Distribution
from pathlib import Path
from typing import cast

from needs import needed

ALLOWED = (
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "HPND", "ISC", "MIT", "MIT-0", "MIT-CMU",
    "MPL-2.0", "LGPL-3.0-only", "LGPL-3.0-or-later", "PSF-2.0", "Python-2.0", "Unlicense", "Zlib",
)  # fmt: skip
"""Licences under which a library may be needed by one under the MIT licence (SPDX)."""

OPTIONS = ("--no-deps", "--disable-pip", "-f", "json", "--progress-spinner", "off", "--timeout", "15")
_CLASSIFIERS = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
_FREE_TEXT = {
    "apache 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "bsd": "BSD-3-Clause",
    "bsd-3-clause license": "BSD-3-Clause",
    "mit license": "MIT",
    "the mit license": "MIT",
}


@dataclass
class Audit:
    """What an audit found, and what it could not look at."""

    found: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)

    @property
    def code(self) -> int:
        """How the command ends."""
        return 1 if self.found else 2 if self.skipped else 0


def licence(dist: Distribution) -> str | None:
    """The licence of a distribution as an SPDX expression, from its own metadata; None if that does not say."""
    meta = cast("Message", dist.metadata)
    said = meta.get("License-Expression")
    if said:
        return said
    classes = [str(c).split(" :: ") for c in meta.get_all("Classifier") or ()]
    named = [_CLASSIFIERS[c[-1]] for c in classes if c[0] == "License" and c[-1] in _CLASSIFIERS]
    if named:
        return " OR ".join(named)
    words = str(meta.get("License") or "").strip().partition("\n")[0]
    return words if words in ALLOWED else _FREE_TEXT.get(words.lower())


def allowed(expression: str) -> bool:
    """Whether an SPDX expression is met by licences that are allowed: any of an OR, each of an AND."""
    left = re.sub(r"\s+WITH\s+[^\s()]+", "", expression)
    while "(" in left:
        inner = re.search(r"\(([^()]*)\)", left)
        if inner is None:
            return False
        left = left[: inner.start()] + ("MIT" if _flat(inner[1]) else "refused") + left[inner.end() :]
    return _flat(left)


def _flat(expression: str) -> bool:
    """Whether an expression without brackets is met; AND binds closer than OR."""
    return any(all(word.strip() in ALLOWED for word in part.split(" AND ")) for part in expression.split(" OR "))


def licences(dists: dict[str, Distribution], audit: Audit) -> None:
    """Look at each licence."""
    for name, dist in sorted(dists.items()):
        said = licence(dist)
        if said is None:
            audit.skipped.append(f"{name} {dist.version}: its metadata names no licence that can be read")
        elif not allowed(said):
            audit.found.append(f"{name} {dist.version}: licence {said}")


def vulnerabilities(dists: dict[str, Distribution], audit: Audit) -> None:
    """Ask pip-audit about each pinned version."""
    with tempfile.TemporaryDirectory() as folder:
        pins = Path(folder) / "pins.txt"
        pins.write_text("".join(f"{name}=={dist.version}\n" for name, dist in sorted(dists.items())), encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-m", "pip_audit", "-r", str(pins), *OPTIONS],
            capture_output=True,
            text=True,
            check=False,
        )
    read_answer(done.stdout, done.stderr, dists, audit)


def read_answer(answer: str, said: str, dists: dict[str, Distribution], audit: Audit) -> None:
    """Read what pip-audit answered: what it found, what it skipped, and what it does not speak of."""
    try:
        told = {d["name"]: d for d in json.loads(answer)["dependencies"]}
    except (ValueError, KeyError, TypeError):
        last = (said.strip().splitlines() or ["no answer"])[-1]
        audit.skipped.append(f"all known vulnerabilities: the database cannot be reached ({last[:120]})")
        return
    for name, dist in sorted(dists.items()):
        one = told.get(name)
        if one is None:
            audit.skipped.append(f"{name} {dist.version}: no answer about its vulnerabilities")
        elif "skip_reason" in one:
            audit.skipped.append(f"{name} {dist.version}: {one['skip_reason']}")
        else:
            audit.found += [f"{name} {dist.version}: {v['id']}, mended in {v['fix_versions']}" for v in one["vulns"]]


def main() -> int:
    """Audit, and say what was found and what was skipped."""
    dists, missing = needed()
    audit = Audit(skipped=[f"{name}: asked for, and not installed" for name in missing])
    licences(dists, audit)
    vulnerabilities(dists, audit)
    for line in audit.found:
        print(f"FOUND    {line}")
    for line in audit.skipped:
        print(f"SKIPPED  {line}")
    print(f"{len(dists)} distributions; {len(audit.found)} found, {len(audit.skipped)} skipped")
    return audit.code


if __name__ == "__main__":
    raise SystemExit(main())
