"""Ways in and out: records and reviews in the standards that a health service speaks."""

from __future__ import annotations

from growthwatch.interop import fhir

__all__ = ["fhir"]
