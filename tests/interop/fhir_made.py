"""Small resources for tests: each is right, but for what a test changes."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

from growthwatch.interop.fhir import Imported, to_records
from growthwatch.record import Record

FILES = Path(__file__).parent / "fhir_files"
NOW = dt.datetime(2026, 11, 28, 12, tzinfo=dt.UTC)
UCUM = "http://unitsofmeasure.org"
LOINC, SNOMED = "http://loinc.org", "http://snomed.info/sct"


def patient(**more: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", "id": "p1", "gender": "female", "birthDate": "2024-01-10", **more}


def coded(*pairs: tuple[str, str]) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code} for system, code in pairs]}


def weight(value: Any = 5.1, unit: str | None = "kg", **more: Any) -> dict[str, Any]:
    quantity = {"value": value, "unit": unit, "system": UCUM, "code": unit}
    return {
        "resourceType": "Observation", "id": "o1", "status": "final", "code": coded((LOINC, "29463-7")),
        "subject": {"reference": "Patient/p1"}, "effectiveDateTime": "2024-05-03", "valueQuantity": quantity, **more,
    }  # fmt: skip


def without(resource: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {k: v for k, v in resource.items() if k not in keys}


def bundle(*resources: dict[str, Any]) -> bytes:
    whole = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": r} for r in resources]}
    return json.dumps(whole).encode()


def read(*resources: dict[str, Any], **more: Any) -> Imported:
    made = to_records(bundle(*resources), **{"received_at": NOW, **more})
    assert sum(made.report.fates.values()) == made.report.resources
    return made


def of_file(*names: str, **more: Any) -> Imported:
    made = to_records(*(FILES / n for n in names), **{"received_at": NOW, **more})
    assert sum(made.report.fates.values()) == made.report.resources
    return made


def only(made: Imported) -> Record:
    (record,) = made.records.values()
    return record


def kinds(made: Imported, path: str) -> list[str]:
    return [x.kind for x in made.report.lines if x.column == path]
