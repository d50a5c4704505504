"""Files: encodings, separators and ragged rows are said or refused, never misread; workbooks, Parquet and frames."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path

import pytest
from caseload_tables import PLAIN, mapping, table, workbook

import growthwatch as gw
from growthwatch.caseload import Mapping, read
from growthwatch.caseload.tables import open_table
from growthwatch.core.errors import GrowthwatchError

ROW = "0412,2022-03-01,F,2023-04-03,9.35"


def write(tmp_path: Path, data: bytes, name: str = "t.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


def kilos(path: Path, by: Mapping | None = None) -> list[float]:
    return read(path, by).to_frame("pandas")["weight_kg"].tolist()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_is_read_with_and_without_its_mark(tmp_path: Path, encoding: str) -> None:
    text = f"{PLAIN},worker\n{ROW},Siân Ó Briain\n"
    found = read(write(tmp_path, text.encode(encoding)))
    assert found.ids == ("0412",)
    assert found.review(as_of=dt.date(2023, 4, 4)).states[0].card.worker == "Siân Ó Briain"
    assert ("UTF-16" in " ".join(found.notes)) == (encoding == "utf-16")


def test_cp1252_is_said_and_the_letters_are_right(tmp_path: Path) -> None:
    found = read(write(tmp_path, f"{PLAIN},worker\n{ROW},Siân\n".encode("cp1252")))
    assert "Read as cp1252 (Windows), as line 2 is not UTF-8" in found.notes[0]
    assert found.review(as_of=dt.date(2023, 4, 4)).states[0].card.worker == "Siân"


def test_an_encoding_that_is_said_and_wrong_is_refused(tmp_path: Path) -> None:
    head = "ID,DOB,Sex,Date,Weight,HV\n0412,01/03/2022,F,03/04/2023,9.35,"
    latin, unicode = (
        write(tmp_path, (head + "Siân").encode("cp1252")),
        write(tmp_path, (head + "Siân").encode(), "u.csv"),
    )
    with pytest.raises(GrowthwatchError, match="line 2"):
        read(latin, mapping(encoding="utf-8"))
    with pytest.raises(GrowthwatchError, match="letters that are UTF-8"):
        read(unicode, mapping(encoding="cp1252"))
    marked = write(tmp_path, (head + "Siân").encode("utf-8-sig"), "m.csv")
    with pytest.raises(GrowthwatchError, match="begins with its mark"):
        read(marked, mapping(encoding="cp1252"))


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GrowthwatchError, match="bytes that no text has"):
        read(write(tmp_path, f"{PLAIN}\n{ROW}\n\0".encode()))
    with pytest.raises(GrowthwatchError, match="neither UTF-8 nor cp1252"):
        read(write(tmp_path, f"{PLAIN}\n".encode() + b"\x81\x8d,x\n"))


@pytest.mark.parametrize(("mark", "name"), [(";", "t.csv"), ("\t", "t.csv"), ("\t", "t.tsv"), ("|", "t.txt")])
def test_the_only_separator_that_there_is_is_used(tmp_path: Path, mark: str, name: str) -> None:
    path = write(tmp_path, f"{PLAIN}\n{ROW}\n".replace(",", mark).encode(), name)
    assert kilos(path) == [9.35]


def test_two_possible_separators_are_refused_unless_the_mapping_says_which(tmp_path: Path) -> None:
    path = table(tmp_path, "0412;01/03/2022;F;03/04/2023;9,35", head="ID;DOB;Sex;Date;Weight, undressed")
    fields = {"name": "Weight, undressed", "means": "weight", "unit": "kg", "decimalChar": ","}
    assert kilos(path, mapping(fields)) == [9.35], "only the semicolon gives all names of the mapping"
    with pytest.raises(GrowthwatchError, match="a comma and a semicolon"):
        read(path)


def test_rows_of_another_length_are_refused_with_their_cells(tmp_path: Path) -> None:
    path = table(tmp_path, ROW, "0413,2022-03-01,M,2023-04-03,9,35", "0414,2022-03-01,M", f"{ROW},,", head=PLAIN)
    found = read(path)
    assert [(f.row, f.kind) for f in found.refused if "cells" in f.reason] == [(3, "refused"), (4, "refused")]
    assert found.refused[0].cells == ("0413", "2022-03-01", "M", "2023-04-03", "9", "35")
    assert found.ids == ("0412", "0413"), "a child whose only row is too long is in the list"
    assert kilos(path) == [9.35]


def test_quotation_marks(tmp_path: Path) -> None:
    good = table(tmp_path, '"0412","2022-03-01","F","2023-04-03","9.35","two\nlines, one cell"', head=f"{PLAIN},notes")
    assert kilos(good) == [9.35]
    bad = table(tmp_path, '"0412"x,2022-03-01,F,2023-04-03,9.35', ROW, head=PLAIN, name="b.csv")
    found = read(bad)
    assert found.refused[0].row == 2 and "quotation marks" in found.refused[0].reason and len(found) == 1
    open_ = table(tmp_path, ROW, '0413,2022-03-01,F,2023-04-03,"9.35', ROW, head=PLAIN, name="o.csv")
    with pytest.raises(GrowthwatchError, match="opened in line 3 is never closed"):
        read(open_)


def test_rows_are_counted_as_in_the_file(tmp_path: Path) -> None:
    path = table(tmp_path, ROW, "", ",,,,", "0413,2022-03-01,F,2023-04-03,x", PLAIN, head=PLAIN)
    found = read(path).refused
    assert [(f.row, f.reason) for f in found] == [(5, "not a number"), (6, "the names of the columns again")]


def test_names_of_columns(tmp_path: Path) -> None:
    with pytest.raises(GrowthwatchError, match="'child_id' is there twice"):
        read(table(tmp_path, ROW, head="child_id,child_id,sex,weighed_on,weight_kg"))
    with pytest.raises(GrowthwatchError, match="not 'Weight'; nearest: 'Wieght'"):
        read(table(tmp_path, ROW, head="ID,DOB,Sex,Date,Wieght"), mapping())
    with pytest.raises(GrowthwatchError, match="caseload map"):
        read(table(tmp_path, ROW, head="ID,DOB,Sex,Date,Weight"))
    path = table(tmp_path, "", "ID,dob, SEX ,Date,Weight", "0412,01/03/2022,F,03/04/2023,9.35", head="Weights of 2023")
    assert kilos(path, mapping(header_row=3)) == [9.35], "letter case and spaces around a name do not matter"
    with pytest.raises(GrowthwatchError, match="row 9"):
        read(path, mapping(header_row=9))


@pytest.mark.parametrize("text", ["", "\n", PLAIN + "\n"])
def test_an_empty_table_is_an_error(tmp_path: Path, text: str) -> None:
    with pytest.raises(GrowthwatchError, match=r"names of columns|at least one row"):
        read(write(tmp_path, text.encode()))


def test_what_is_no_table(tmp_path: Path) -> None:
    for name in ("x.pdf", "x"):
        with pytest.raises(GrowthwatchError, match="ends in"):
            read(write(tmp_path, b"x", name))
    with pytest.raises(GrowthwatchError, match="existing file"):
        read(tmp_path / "none.csv")
    with pytest.raises(GrowthwatchError, match="holds records"):
        read(tmp_path)
    with pytest.raises(GrowthwatchError, match="a file, a folder"):
        read(3)
    with pytest.raises(GrowthwatchError, match="workbook that can be read"):
        read(write(tmp_path, b"x", "x.xlsx"))
    with pytest.raises(GrowthwatchError, match="Parquet file that can be read"):
        read(write(tmp_path, b"x", "x.parquet"))


HEAD = PLAIN.split(",")


def test_a_workbook_is_read_as_text(tmp_path: Path) -> None:
    rows = [
        HEAD,
        ["0412", "2022-03-01", "F", "2023-04-03", 9.3],
        ["0413", "2022-03-01", "F", "2023-04-03", 8.300000000000001],
    ]
    assert kilos(workbook(tmp_path / "t.xlsx", {"Sheet1": rows})) == [9.3, 8.3]


def test_a_workbook_of_several_sheets_asks_which(tmp_path: Path) -> None:
    rows = [["ID", "DOB", "Sex", "Date", "Weight"], ["0412", "01/03/2022", "F", "03/04/2023", 9.3]]
    path = workbook(tmp_path / "t.xlsx", {"Notes": [["x"]], "Weights": rows})
    with pytest.raises(GrowthwatchError, match="'Notes', 'Weights'"):
        read(path, mapping())
    assert kilos(path, mapping(sheet="Weights")) == [9.3]
    with pytest.raises(GrowthwatchError, match="one of 'Notes'"):
        read(path, mapping(sheet="Wieghts"))


def test_ids_that_are_numbers_in_a_workbook_have_lost_their_zeros_and_it_says_so(tmp_path: Path) -> None:
    found = read(workbook(tmp_path / "t.xlsx", {"S": [HEAD, [412, "2022-03-01", "F", "2023-04-03", 9.3]]}))
    assert found.ids == ("412",)
    assert any("zeros before them" in n for n in found.notes)


def test_parquet_and_frames_say_the_same_as_the_file(tmp_path: Path) -> None:
    pandas, polars = pytest.importorskip("pandas"), pytest.importorskip("polars")
    path = table(tmp_path, ROW, "0413,2022-05-01,M,2023-04-03,", head=PLAIN)
    frame = pandas.read_csv(path, dtype={"child_id": str}, parse_dates=["birth_date", "weighed_on"])
    frame.to_parquet(tmp_path / "t.parquet")
    day = dt.date(2023, 4, 4)
    wanted = [s.card for s in read(path).review(as_of=day).states]
    for found in (read(tmp_path / "t.parquet"), read(frame), read(polars.from_pandas(frame))):
        assert found.ids == ("0412", "0413")
        assert [s.card for s in found.review(as_of=day).states] == wanted
        assert found.to_frame("pandas")["weight_kg"].tolist() == [9.35]


def test_a_folder_of_records_and_one_record(tmp_path: Path) -> None:
    record = gw.Record.load("examples/c1-slow-decline.json")
    record.dump(tmp_path / "one.json")
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    (tmp_path / "readme.txt").write_text("not a record", encoding="utf-8")
    found = read(tmp_path)
    assert set(found.ids) == {record.child_id, "broken"}
    assert [f.child_id for f in found.refused] == ["broken"]
    work = found.worklist(as_of=dt.date(2024, 2, 27))
    assert {r.child_id for r in work.cannot_wait} == {record.child_id, "broken"}
    assert work["broken"].findings == () and "could not be read" in next(r.why for r in work if r.child_id == "broken")
    alone = read(tmp_path / "one.json")
    assert alone.ids == (record.child_id,)
    assert (
        alone.review(as_of=dt.date(2024, 2, 27))[record.child_id].to_json()
        == gw.review(record, protocol=gw.protocol("uk-hv"), as_of=dt.date(2024, 2, 27)).to_json()
    )
    record.dump(tmp_path / "two.json")
    with pytest.raises(GrowthwatchError, match="one file a child"):
        read(tmp_path)


# ---------------------------------------------------------------- what spoilt files have found


@pytest.mark.parametrize("cut", [1, 3])
def test_utf16_that_is_cut_off_is_refused_in_words(tmp_path: Path, cut: int) -> None:
    data = f"{PLAIN}\n1,2022-03-01,F,2023-04-03,9.3\n".encode("utf-16")[:-cut]
    with pytest.raises(GrowthwatchError, match="cut off or damaged"):
        read(write(tmp_path, data))


def test_half_a_character_of_utf16_is_refused_in_words(tmp_path: Path) -> None:
    data = f"{PLAIN}\n1,2022-03-01,F,2023-04-03,9.3\n".encode("utf-16") + b"\x00\xd8x\x00"
    with pytest.raises(GrowthwatchError, match="cut off or damaged"):
        read(write(tmp_path, data))


@pytest.mark.parametrize(("old", "new"), [(b"<row>", b"\xb4"), (b"<v>", b"<w>"), (b"</row></sheetData>", b"")])
def test_a_sheet_that_is_damaged_is_refused_in_words(tmp_path: Path, old: bytes, new: bytes) -> None:
    path = changed_book(tmp_path, b"worksheets/sheet1.xml", old, new)
    with pytest.raises(GrowthwatchError, match="a workbook that can be read"):
        read(path)


def test_a_workbook_without_sheets_is_refused_in_words(tmp_path: Path) -> None:
    path = changed_book(tmp_path, b"xl/workbook.xml", b'<sheet name="S" sheetId="1" r:id="r1"/>', b"")
    with pytest.raises(GrowthwatchError, match="has none"):
        read(path)


def test_parquet_that_is_damaged_within_is_refused_in_words(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as parquet

    path = tmp_path / "t.parquet"
    parquet.write_table(pa.table({n: ["abcdefgh" * 4] * 50 for n in HEAD}), path, compression="gzip")
    whole = path.read_bytes()
    refused = 0
    for at in range(4, 400, 7):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        try:
            list(open_table(path, None).lines())
        except GrowthwatchError:
            refused += 1
    assert refused > 10


def changed_book(tmp_path: Path, part: bytes, old: bytes, new: bytes) -> Path:
    """A workbook with words of one of its parts changed."""
    path = workbook(tmp_path / "t.xlsx", {"S": [HEAD, ["1", "x", "F", "y", 9.3]]})
    with zipfile.ZipFile(path) as z:
        parts = {name: z.read(name) for name in z.namelist()}
    with zipfile.ZipFile(path, "w") as z:
        for name, content in parts.items():
            z.writestr(name, content.replace(old, new, 1) if name.encode().endswith(part) else content)
    return path
