"""A workbook that no machine has room for is refused before it is read; one that is only long is read."""

from __future__ import annotations

import contextlib
import time
import zipfile
from pathlib import Path

import pytest
from caseload_tables import workbook

import growthwatch as gw
from growthwatch.caseload import read
from growthwatch.caseload import sheets as of_sheets

HEAD = ["child_id", "birth_date", "sex", "weighed_on", "weight_kg"]


def book(path: Path, more: str, *, prefix: str = "") -> Path:
    """A workbook that is right, with more rows written by hand."""
    workbook(path, {"Weights": [HEAD, ["1", "2022-03-01", "F", "2023-04-03", 9.3]]})
    with zipfile.ZipFile(path) as z:
        parts = {name: z.read(name) for name in z.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
        for name, content in parts.items():
            end = b"</sheetData>"
            z.writestr(name, content.replace(end, more.encode() + end) if "sheet1" in name else content)
    return path


@pytest.mark.parametrize(
    "more",
    [
        '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        '<row r="1048576"><c s="1" r="XFD1048576"><v>1</v></c></row>',
        "<row r='1048576'><c r='XFD1048576'><f>1</f></c></row>",
        '<row r="9"><c r="XFD9"><v>1</v></c></row><row r="900000"><c><v>1</v></c></row>',
    ],
)
def test_one_cell_far_off_is_named(tmp_path: Path, more: str) -> None:
    """With an empty cell for each place between, this file of 2 kB would take some 400 GB."""
    with pytest.raises(gw.GrowthwatchError, match="delete what stands far from the table") as caught:
        read(book(tmp_path / "t.xlsx", more))
    assert "column 16384" in str(caught.value)


def test_an_empty_cell_far_off_does_no_harm(tmp_path: Path) -> None:
    """A spreadsheet writes cells that have a colour and nothing else."""
    more = '<row r="3"><c r="A3" s="1"/><c r="XFD3" s="1"/></row><row r="1048576"><c r="XFD1048576" s="1"/></row>'
    assert read(book(tmp_path / "t.xlsx", more)).ids == ("1",)


def test_a_tag_that_no_spreadsheet_writes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(gw.GrowthwatchError, match="cannot be read"):
        read(book(tmp_path / "t.xlsx", f'<row r="3" x="{"y" * 500}"><c r="A3"><v>1</v></c></row>'))


def test_a_file_that_unpacks_to_more_than_any_caseload_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of_sheets, "_MOST_BYTES", 10_000)
    with pytest.raises(gw.GrowthwatchError, match="when unpacked"):
        read(book(tmp_path / "t.xlsx", " " * 20_000))


@pytest.mark.parametrize("text", ["<c ", "<c r='", "<c \r", "<" + "w" * 19, "<c " + " r='" * 130 + ">", "<row a='1' >"])
def test_no_text_takes_long_to_look_through(tmp_path: Path, text: str) -> None:
    path = tmp_path / "t.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("xl/worksheets/sheet1.xml", text * (1_000_000 // len(text)))
    start = time.process_time()
    with contextlib.suppress(gw.GrowthwatchError):
        of_sheets.check_size(path)
    assert time.process_time() - start < 5
