"""Release a packaged protocol: keep its hash and its answers, and from then on never edit it.

python scripts/release_protocol.py record uk-hv [--version 0.4]
python scripts/release_protocol.py check

``record`` writes ``tests/protocol/released/<id>-<version>.json``, once.  The next version is another file:
copy ``growthwatch/protocols/<id>.toml`` to ``<id>-<version>.toml``, then edit the former and count its version up.
``check`` says where a released file is not what it was; the tests do so too.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from released import problems, write_release  # noqa: E402

import growthwatch as gw  # noqa: E402


def main() -> int:
    """Record or check."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("record", "check"))
    parser.add_argument("id", nargs="?")
    parser.add_argument("--version")
    given = parser.parse_args()
    if given.what == "check":
        found = list(problems())
        print("\n".join(found) or "Every released protocol is what it was.")
        return 1 if found else 0
    if given.id is None:
        parser.error("record needs the id of a protocol")
    protocol = gw.protocol(given.id, version=given.version)
    print(f"{protocol.id} {protocol.version} ({protocol.hash}) is kept in {write_release(protocol)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
