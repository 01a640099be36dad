"""What becomes of tables that are broken or mean harm: a clear refusal, before anything parses them."""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable

import pytest

from app.gateways import sheets
from app.gateways.sheets import SheetRefused
from tests.files.tables import (
    SHEET,
    encrypted_flag,
    lying_about_size,
    overlapping,
    packed,
    parts_of,
    plain,
    sheet_with,
    with_link,
    with_part,
    xlsx,
)

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
RELS = "xl/_rels/workbook.xml.rels"
LAUGHS = '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><sst>&b;</sst>'


def with_doctype(name: str) -> bytes:
    return with_part(name, b'<!DOCTYPE x SYSTEM "file:///etc/passwd">' + parts_of(plain())[name], of=plain())


def with_outside_part() -> bytes:
    link = '<Relationship Id="rId9" Type="http://x/relationships/image" Target="http://evil/" TargetMode="External"/>'
    rels = parts_of(plain())[RELS].decode().replace("</Relationships>", f"{link}</Relationships>")
    return with_part(RELS, rels, of=plain())


def with_macro_type() -> bytes:
    name = "[Content_Types].xml"
    types = parts_of(plain())[name].replace(b"spreadsheetml.sheet.main", b"x.sheet.macroEnabled.main")
    return with_part(name, types, of=plain())


def doubled() -> bytes:
    out = io.BytesIO(plain())
    with zipfile.ZipFile(out, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr(SHEET, "<worksheet/>")
    return out.getvalue()


def with_far_cell(place: str) -> bytes:
    digits = "".join(sign for sign in place if sign.isdigit())
    return sheet_with(f'<row r="1"><c r="A1"><v>1</v></c></row><row r="{digits}"><c r="{place}"><v>1</v></c></row>')


def utf16_part() -> bytes:
    return with_part("xl/sharedStrings.xml", LAUGHS.encode("utf-16"), of=plain())


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "sheet_empty"),
    "only a byte order mark": (lambda: b"\xef\xbb\xbf\r\n", "sheet_empty"),
    "longer than is taken": (lambda: b"a" * (sheets.MAX_BYTES + 1), "sheet_too_big"),
    "a pdf": (lambda: b"%PDF-1.7 ...", "sheet_kind"),
    "a photo": (lambda: b"\xff\xd8\xff\xe0" + b"x" * 99, "sheet_kind"),
    "a web page": (lambda: b"\n<html><table><tr><td>1</td></tr></table>", "sheet_kind"),
    "a picture of markup": (lambda: b'<svg xmlns="http://www.w3.org/2000/svg"/>', "sheet_kind"),
    "bytes that are no text": (lambda: bytes(range(256)) * 40, "sheet_kind"),
    "an old xls": (lambda: OLE + b"\0" * 600 + "Workbook".encode("utf-16-le"), "sheet_old"),
    "one with a password": (lambda: OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "sheet_locked"),
    "a part with a password": (lambda: encrypted_flag(plain()), "sheet_locked"),
    "an ods": (lambda: packed({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}), "sheet_ods"),
    "a docx": (lambda: packed({"[Content_Types].xml": "<Types/>", "word/document.xml": "<x/>"}), "sheet_binary"),
    "an archive of other things": (lambda: packed({"readme.txt": "hello"}), "sheet_kind"),
    "one with macros": (lambda: with_part("xl/vbaProject.bin", OLE, of=plain()), "sheet_macros"),
    "one that says it has macros": (with_macro_type, "sheet_macros"),
    "cut in the middle": (lambda: plain()[: len(plain()) // 2], "sheet_broken"),
    "cut at the end": (lambda: plain()[:-30], "sheet_broken"),
    "a wrong part": (lambda: plain().replace(b"PK\x03\x04", b"PK\x03\x05"), "sheet_broken"),
    "too large unpacked": (lambda: with_part("xl/x.xml", b" " * 60_000_000, of=plain()), "sheet_bomb"),
    "packed too tight": (lambda: with_part("xl/x.xml", b"<a>" + b" " * 9_000_000, of=plain()), "sheet_bomb"),
    "a part larger than it says": (
        lambda: lying_about_size(with_part("xl/x.xml", b"<a>" + b" " * 9_000_000, of=plain()), "xl/x.xml", 99),
        "sheet_bomb",
    ),
    "a part smaller than it says": (lambda: lying_about_size(plain(), SHEET, 90_000), "sheet_broken"),
    "too many parts": (
        lambda: packed({**parts_of(plain()), **{f"xl/{n}.xml": "<a/>" for n in range(200)}}), "sheet_parts"
    ),
    "parts that overlap": (lambda: overlapping(plain()), "sheet_tangled"),
    "a part that comes twice": (doubled, "sheet_tangled"),
    "an archive within": (lambda: with_part("xl/embeddings/a.bin", plain(), of=plain()), "sheet_tangled"),
    "a name that climbs out": (lambda: with_part("../../etc/cron.d/x", "x", of=plain()), "sheet_paths"),
    "a name from the root": (lambda: with_part("/etc/passwd", "x", of=plain()), "sheet_paths"),
    "a name of another system": (lambda: with_part("..\\x.xml", "x", of=plain()), "sheet_paths"),
    "a link": (lambda: with_link(plain()), "sheet_paths"),
    "a document type in the sheet": (lambda: with_doctype(SHEET), "sheet_entities"),
    "a document type in the links": (lambda: with_doctype(RELS), "sheet_entities"),
    "a document type in the types": (lambda: with_doctype("[Content_Types].xml"), "sheet_entities"),
    "a billion laughs": (lambda: with_part("xl/sharedStrings.xml", LAUGHS, of=plain()), "sheet_entities"),
    "entities in another encoding": (utf16_part, "sheet_entities"),
    "a picture with entities": (lambda: with_part("xl/media/a.svg", LAUGHS, of=plain()), "sheet_entities"),
    "links to other workbooks": (
        lambda: with_part("xl/externalLinks/externalLink1.xml", "<a/>", of=plain()), "sheet_links"
    ),
    "a part on another machine": (with_outside_part, "sheet_links"),
    "a far cell in five kilobytes": (lambda: with_far_cell("XFD1048576"), "sheet_rows"),
    "a column too far": (lambda: with_far_cell("BM2"), "sheet_columns"),
    "a row too far": (lambda: with_far_cell("A100002"), "sheet_rows"),
    "csv that is too wide": (lambda: b"a," * 65 + b"a\n1\n", "sheet_columns"),
    "csv that is too long": (lambda: b"a\n" * 100_002, "sheet_rows"),
    "csv whose quotes do not pair": (lambda: b'a,b\n1,"2\n3,4\n', "sheet_quotes"),
    "a field without end": (lambda: b'a,b\n1,"' + b"x" * 200_000, "sheet_quotes"),
}  # fmt: skip


def read(data: bytes) -> list[sheets.Row]:
    with sheets.rows(data) as rows:
        return list(rows)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_with_its_own_sentence(name: str) -> None:
    build, code = HOSTILE[name]

    with pytest.raises(SheetRefused) as refused:
        read(build())

    assert refused.value.code == code
    assert "。" in str(refused.value)


def test_each_way_of_refusing_has_its_own_words() -> None:
    kinds = SheetRefused.__subclasses__()

    assert len({kind.sentence for kind in kinds}) == len({kind.code for kind in kinds}) == len(kinds)


def test_an_honest_file_passes_the_same_looks() -> None:
    assert sheets.look(plain()).kind == "xlsx"
    assert sheets.look("户主,电话\n王,1\n".encode()) == sheets.Looked("csv", "utf-8")


def test_reading_goes_nowhere_and_opens_no_other_file() -> None:
    """Whatever the reader tried would show among its system calls."""
    program = (
        "import sys, runpy\n"
        "def told(event, args):\n"
        "    if event in ('socket.connect', 'socket.getaddrinfo', 'subprocess.Popen', 'os.system'):\n"
        "        print(event, file=sys.stderr)\n"
        "    if event == 'open' and isinstance(args[2], int) and args[2] & 3:\n"
        "        print(event, args, file=sys.stderr)\n"
        "sys.addaudithook(told)\n"
        "path = sys.argv[1]\n"
        "sys.argv = [path, 'rows']\n"
        "runpy.run_path(path, run_name='__main__')\n"
    )
    path = str(sheets._READER)
    with tempfile.TemporaryFile() as file:
        file.write(plain())
        file.seek(0)
        done = subprocess.run([sys.executable, "-c", program, path], stdin=file, capture_output=True, check=True)

    assert done.stderr == b""
    assert b"end" in done.stdout


def test_a_reader_that_needs_too_much_memory_takes_only_itself_along() -> None:
    # Without the look, the far cell comes to calamine, which asks for more memory than the room has.
    data = with_far_cell("XFD1048576")
    source = sheets._READER.read_text().replace("_look_through(file)\n        return", "return")
    assert source != sheets._READER.read_text()
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.seek(0)
        done = subprocess.run([sys.executable, "-I", "-c", source, "rows"], stdin=file, capture_output=True)

    assert done.returncode != 0 or b"sheet_too_much" in done.stdout


def test_text_that_looks_like_a_formula_stays_text() -> None:
    risky = ["=1+1", "+1", "-1", "@SUM(A1)", "＝1", '=HYPERLINK("http://evil")', "=cmd|' /C calc'!A0"]

    assert [row.cells[0].text for row in read(xlsx([[one] for one in risky]))] == risky
