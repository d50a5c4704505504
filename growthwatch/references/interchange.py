"""Doors for references: out to a folder, and in from plain files.

Three ways in: a folder in this library's layout (`Reference.load`), a plain CSV of L, M and
S (`import_lms_csv`), and TNO's Reference Interchange Format (`import_rif`).  What comes in is
checked line by line; what goes out (`export`, `export_rif`) comes back exactly, with
the same hash.
"""

from __future__ import annotations

from pathlib import Path

from growthwatch.references.making import import_lms_csv, make_reference
from growthwatch.references.reference import Reference
from growthwatch.references.rif import RifFile, export_rif, import_rif, read_rif

__all__ = ["RifFile", "export", "export_rif", "import_lms_csv", "import_rif", "make_reference", "read_rif"]


def export(reference: Reference, folder: str | Path) -> None:
    """Write a reference to a new folder: see `Reference.export`."""
    reference.export(folder)
