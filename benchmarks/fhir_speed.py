"""How long a Bundle takes to read, and to become records; how much memory each needs.

    python benchmarks/fhir_speed.py --children 10000 --each 10

Each part runs in a process of its own, so that its memory is its own.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from growthwatch.interop.fhir import to_records
from growthwatch.interop.fhir.source import entries


def write(place: Path, children: int, each: int) -> None:
    """Write a Bundle of children and their weights."""
    code = {"coding": [{"system": "http://loinc.org", "code": "29463-7", "display": "Body weight"}]}
    system = "http://terminology.hl7.org/CodeSystem/observation-category"
    with place.open("w", encoding="utf-8") as f:
        f.write('{"resourceType": "Bundle", "type": "collection", "entry": [')
        for c in range(children):
            child = {"resourceType": "Patient", "id": f"c{c}", "gender": "female", "birthDate": "2024-01-10"}
            lines = [{"fullUrl": f"urn:uuid:c{c}", "resource": child}]
            for n in range(each):
                day = dt.date(2024, 2, 1) + dt.timedelta(days=21 * n)
                kg = round(4 + 0.4 * n + c % 7 * 0.013, 3)
                lines.append({"fullUrl": f"urn:uuid:o{c}-{n}", "resource": {
                    "resourceType": "Observation", "id": f"o{c}-{n}", "status": "final",
                    "category": [{"coding": [{"system": system, "code": "vital-signs"}]}], "code": code,
                    "subject": {"reference": f"Patient/c{c}"}, "effectiveDateTime": f"{day}T10:00:00+00:00",
                    "issued": f"{day}T12:00:00Z",
                    "valueQuantity": {"value": kg, "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg"},
                }})  # fmt: skip
            f.write(("," if c else "") + ",".join(map(json.dumps, lines)))
        f.write("]}")


def measure(part: str, place: Path) -> str:
    """Return a line of figures for one part."""
    before, began = _mb(), time.process_time()
    if part == "read":
        count = sum(1 for _ in entries(place))
    else:
        count = to_records(place, received_at=dt.datetime(2026, 11, 28, tzinfo=dt.UTC)).report.resources
    seconds = time.process_time() - began
    return f"{part}: {count:,} resources in {seconds:.1f} s of one core, {_mb() - before} MB"


def _mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    """Write the Bundle, and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--children", type=int, default=10_000)
    parser.add_argument("--each", type=int, default=10)
    parser.add_argument("--part", choices=("read", "records"))
    parser.add_argument("--file", type=Path)
    asked = parser.parse_args()
    if asked.part is not None:
        print(measure(asked.part, asked.file))
        return
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "bundle.json"
        write(place, asked.children, asked.each)
        print(f"{place.stat().st_size / 1e6:.0f} MB")
        for part in ("read", "records"):
            subprocess.run([sys.executable, __file__, "--part", part, "--file", str(place)], check=True)


if __name__ == "__main__":
    main()
