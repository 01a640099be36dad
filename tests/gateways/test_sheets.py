"""What becomes of honest tables: each cell as it was meant, in any encoding and with either calendar."""

from __future__ import annotations

import io
from datetime import date

import pytest
import xlsxwriter

from app.gateways import sheets
from app.gateways.sheets import Cell, Sort
from tests.files.tables import xlsx

NAMES = ["王满仓", "𠮷田", "㛃", "买买提·艾力", "堃", "ＡＢ１２，３"]


def read(data: bytes) -> list[tuple[Cell, ...]]:
    with sheets.rows(data) as rows:
        return [row.cells for row in rows]


def texts(data: bytes) -> list[list[str]]:
    return [[cell.text for cell in cells] for cells in read(data)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_rare_names_come_through_in_every_encoding(encoding: str) -> None:
    data = "\r\n".join(["姓名\t电话", *(f"{name}\t1" for name in NAMES)]).encode(encoding)

    assert [row[0] for row in texts(data)[1:]] == NAMES


def test_rare_names_come_through_in_a_workbook() -> None:
    assert [row[0] for row in texts(xlsx([[name] for name in NAMES]))] == NAMES


@pytest.mark.parametrize("mark", [",", "\t", ";", "；"])
def test_each_delimiter_is_known(mark: str) -> None:
    assert texts(f"甲{mark}乙\n1{mark}2\n".encode()) == [["甲", "乙"], ["1", "2"]]


def test_a_line_in_another_encoding_is_told_by_its_place_and_never_misread() -> None:
    data = "姓名,村\n".encode() + "王满仓,三交\n".encode() * 3 + "高红,圪垛\n".encode("gb18030") + "李,军渡\n".encode()

    rows = read(data)

    assert rows[4][0] == Cell("1", Sort.BAD)
    assert rows[5][0] == Cell("李")


def test_a_utf8_line_in_a_gbk_file_is_told_too() -> None:
    data = (
        "姓名,村\n王满仓,三交\n高红,圪垛\n".encode("gb18030") + "柳林,孟门\n".encode() + "李强,军渡\n".encode("gb18030")
    )

    rows = read(data)

    assert [cell.sort for cell in rows[3]] == [Sort.BAD, Sort.BAD]
    assert rows[4][0].text == "李强"


def test_signs_that_are_no_text_are_told_by_their_place() -> None:
    assert read("姓名\n王\0满\n".encode())[1] == (Cell("2", Sort.BAD),)
    assert read("姓名,村\n王,三\n".encode() + b"\xed\xa0\x80,x\n")[2][0].sort is Sort.BAD


def test_a_quoted_cell_may_hold_line_breaks_and_rows_keep_their_line_numbers() -> None:
    with sheets.rows('甲,乙\n"一\n二",3\n\n4,5\n'.encode()) as rows:
        assert [row.number for row in rows] == [1, 2, 5]


@pytest.mark.parametrize("is_1904", [False, True])
def test_days_are_right_in_both_calendars(is_1904: bool) -> None:
    data = xlsx([[date(2016, 1, 6), date(2024, 2, 29)]], is_1904=is_1904)

    assert read(data) == [(Cell("2016-01-06", Sort.DATE), Cell("2024-02-29", Sort.DATE))]


def test_numbers_are_plain_digits_and_long_ones_are_known_to_be_rough() -> None:
    cells = read(xlsx([[12, 12.5, 0.1 + 0.2, 13800001111, 141125196001010019, 1e300]]))[0]

    assert [cell.text for cell in cells[:4]] == ["12", "12.5", "0.3", "13800001111"]
    assert {cell.sort for cell in cells[:4]} == {Sort.NUMBER}
    assert [cell.sort for cell in cells[4:]] == [Sort.ROUGH, Sort.ROUGH]
    assert cells[4].text == "1.41125E+17"


def test_each_cell_of_a_merged_range_has_the_value_of_the_whole() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        sheet.merge_range("A2:A4", "三交镇")
        sheet.merge_range("B3:C3", "两格")
        sheet.write_string("B2", "王")
        sheet.write_string("D4", "末")

    assert texts(out.getvalue()) == [["三交镇", "王", "", ""], ["三交镇", "两格", "两格", ""], ["三交镇", "", "", "末"]]


def test_rows_and_columns_keep_their_places_after_empty_ones() -> None:
    data = xlsx([[], [], [None, None, "丙"], [], [None, "乙"]])

    with sheets.rows(data) as rows:
        found = list(rows)

    assert [(row.number, [cell.text for cell in row.cells]) for row in found] == [
        (3, ["", "", "丙"]),
        (5, ["", "乙", ""]),
    ]


def test_a_computed_cell_is_its_last_value() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        book.add_worksheet().write_formula("A1", "=6*7", value=42)

    assert read(out.getvalue()) == [(Cell("42", Sort.NUMBER),)]


def test_hidden_sheets_are_not_read() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        first, second = book.add_worksheet("藏"), book.add_worksheet("表")
        second.activate()
        second.set_first_sheet()
        first.hide()
        first.write_string("A1", "藏着的")
        second.write_string("A1", "看得见")

    assert texts(out.getvalue()) == [["看得见"]]
