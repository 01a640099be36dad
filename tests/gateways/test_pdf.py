"""Printed pages: every sign prints, the same page has the same bytes, and two that are drawn at once do not mix."""

from __future__ import annotations

import io
import re
import threading
import zlib

from fontTools.pens.areaPen import AreaPen
from fontTools.ttLib import TTFont

from app.gateways import pdf, qr
from app.gateways.pdf import Code, Document, Frame, Words

RARE = "堃喆犇淼翀祎㛃"


def a_page(words: str, *, most: int = 900) -> bytes:
    document = Document(1000, 700, "标签")
    document.page([Words(50, 100, words, 50, most), Code(700, 50, 250, qr.modules("示例")), Frame(10, 10, 980, 680)])
    return document.content()


def outlines_in(content: bytes) -> int:
    """How many signs with an outline the faces of a document carry."""
    heads = re.finditer(rb"/Filter \[ /FlateDecode \] /Length (\d+)[^>]*>>\s*stream\r?\n", content)
    unpacked = [zlib.decompress(content[head.end() : head.end() + int(head[1])]) for head in heads]
    faces = [TTFont(io.BytesIO(one)) for one in unpacked if one[:4] == b"\0\1\0\0"]
    return sum(face["glyf"][name].numberOfContours != 0 for face in faces for name in face.getGlyphOrder())


def test_rare_names_are_in_the_face_that_is_cut() -> None:
    face = TTFont(io.BytesIO(pdf.regular(set(RARE))))

    assert set(map(ord, RARE)) <= set(face.getBestCmap())
    assert "fvar" not in face


def test_the_face_is_regular_and_not_the_thin_one_that_it_is_by_default() -> None:
    """A stem of 一 is a bar whose area grows with the weight."""
    face = TTFont(io.BytesIO(pdf.regular({"一"})))
    pen = AreaPen()

    face.getGlyphSet()[face.getBestCmap()[ord("一")]].draw(pen)

    width = face["hmtx"][face.getBestCmap()[ord("一")]][0]
    assert abs(pen.value) / width**2 > 0.05


def test_a_sign_that_no_face_has_leaves_the_rest_printed() -> None:
    assert a_page("柳林\U0010fffd红枣").startswith(b"%PDF-")


def test_equal_pages_are_equal_bytes() -> None:
    assert a_page("王堃 2.5 公斤") == a_page("王堃 2.5 公斤")


def test_words_that_are_too_long_are_cut() -> None:
    signs = "".join(chr(0x4E00 + n) for n in range(60))

    assert outlines_in(a_page(signs, most=200)) < 10 < outlines_in(a_page(signs, most=9_000_000))


def test_the_document_carries_an_outline_of_each_rare_sign() -> None:
    assert outlines_in(a_page(RARE)) >= len(RARE)


def test_pages_drawn_at_once_each_have_their_own_signs() -> None:
    wanted = {words: a_page(words) for words in ("木枣", "骏枣", "团枣", "油枣")}
    drawn: dict[str, bytes] = {}
    threads = [threading.Thread(target=lambda one=one: drawn.update({one: a_page(one)})) for one in wanted]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert drawn == wanted
