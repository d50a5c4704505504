"""FHIR in and out: resources become the records of children, and a review becomes a Bundle."""

from __future__ import annotations

from growthwatch.interop.fhir.out import from_record, from_review
from growthwatch.interop.fhir.records import Imported, to_records
from growthwatch.interop.fhir.report import Line, Lines, Report

__all__ = ["Imported", "Line", "Lines", "Report", "from_record", "from_review", "to_records"]
