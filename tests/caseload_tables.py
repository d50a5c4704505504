"""Small tables for the tests of a caseload."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from growthwatch.caseload import Caseload, Mapping, read

PLAIN = "child_id,birth_date,sex,weighed_on,weight_kg"


def mapping(*fields: dict[str, object], **more: object) -> Mapping:
    """A mapping of a table with an id, a birth date, a sex, a day and a weight, of which fields are put in place."""
    by_means = {
        "child_id": {"name": "ID", "means": "child_id"},
        "birth_date": {"name": "DOB", "means": "birth_date"},
        "sex": {"name": "Sex", "means": "sex"},
        "weighed_on": {"name": "Date", "means": "weighed_on"},
        "weight": {"name": "Weight", "means": "weight", "unit": "kg"},
    }
    others = []
    for f in fields:
        if str(f["means"]) in by_means:
            by_means[str(f["means"])] = f  # type: ignore[assignment]
        else:
            others.append(f)
    return Mapping.from_dict({"date_order": "day-month-year", **more, "fields": [*by_means.values(), *others]})


def table(tmp_path: Path, *rows: str, head: str = "ID,DOB,Sex,Date,Weight", name: str = "t.csv") -> Path:
    """A text file of rows."""
    path = tmp_path / name
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return path


def cases(tmp_path: Path, *rows: str, head: str = "ID,DOB,Sex,Date,Weight", by: Mapping | None = None) -> Caseload:
    """A caseload of rows."""
    return read(table(tmp_path, *rows, head=head), mapping() if by is None else by)


def workbook(path: Path, sheets: dict[str, Sequence[Sequence[object]]]) -> Path:
    """Write a workbook by hand: text as text, numbers as numbers."""

    def cell(value: object) -> str:
        if isinstance(value, int | float):
            return f"<c><v>{value}</v></c>"
        return f'<c t="inlineStr"><is><t>{escape(str(value))}</t></is></c>'

    names = list(sheets)
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    with zipfile.ZipFile(path, "w") as z:
        types = "".join(
            f'<Override PartName="/xl/worksheets/sheet{i}.xml" '
            'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
            for i in range(1, len(names) + 1)
        )
        z.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Override PartName="/xl/workbook.xml" '
            'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
            f"{types}</Types>",
        )
        office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
        pack = "http://schemas.openxmlformats.org/package/2006/relationships"
        z.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{pack}"><Relationship Id="r1" Type="{office}" Target="xl/workbook.xml"/></Relationships>',
        )
        listed = "".join(f'<sheet name="{escape(n)}" sheetId="{i}" r:id="r{i}"/>' for i, n in enumerate(names, 1))
        z.writestr("xl/workbook.xml", f'<workbook xmlns="{main}" xmlns:r="{rel}"><sheets>{listed}</sheets></workbook>')
        links = "".join(
            f'<Relationship Id="r{i}" Type="{rel}/worksheet" Target="worksheets/sheet{i}.xml"/>'
            for i in range(1, len(names) + 1)
        )
        z.writestr("xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{pack}">{links}</Relationships>')
        for i, rows in enumerate(sheets.values(), 1):
            body = "".join("<row>" + "".join(map(cell, row)) + "</row>" for row in rows)
            z.writestr(
                f"xl/worksheets/sheet{i}.xml", f'<worksheet xmlns="{main}"><sheetData>{body}</sheetData></worksheet>'
            )
    return path
