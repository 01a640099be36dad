"""Reading a bank's answer: forgiving about width and encoding, and the whole file refused with its line else."""

from __future__ import annotations

import pytest

from app.kernel.errors import BadValue
from app.kernel.money import Money
from app.office.payouts import answers
from app.office.payouts.errors import BadReturn, BadReturnFile, SaidTwice, WrongColumns
from app.office.payouts.states import Outcome

HEAD = "付款编号,账号后四位,金额(元),结果,银行流水号,原因"
GOOD = "F22222-33333-44444,1234,68.00,成功,B2026112400001,"
BAD_LINE = "F22222-33333-44445,1234,68.00,失败,,户名不符"


def file_of(*lines: str, head: str = HEAD) -> bytes:
    return "\r\n".join([head, *lines, ""]).encode()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk"])
def test_an_answer_is_read_in_each_usual_encoding(encoding: str) -> None:
    (first, second) = answers.parse(file_of(GOOD, BAD_LINE).decode().encode(encoding))

    assert (first.line_no, first.number, first.tail) == (2, "F22222-33333-44444", "1234")
    assert (first.amount, first.outcome, first.reference) == (Money(6800), Outcome.DONE, "B2026112400001")
    assert (second.line_no, second.outcome, second.reason) == (3, Outcome.REFUSED, "户名不符")


def test_full_width_digits_quotation_marks_and_blank_lines_are_tolerated() -> None:
    line = '"Ｆ22222-33333-44444","１２３４"," ６８．００ ",成功,Ｂ１,""'

    (found,) = answers.parse(file_of("", line, "", "", head=HEAD.replace("(元)", "（元）")))

    assert (found.line_no, found.number, found.tail, found.amount, found.reference) == (
        3,
        "F22222-33333-44444",
        "1234",
        Money(6800),
        "B1",
    )


def test_the_same_line_twice_is_no_mistake() -> None:
    assert len(answers.parse(file_of(GOOD, GOOD))) == 2


def test_an_account_number_in_the_reason_is_masked() -> None:
    line = "F22222-33333-44444,1234,68.00,退汇,,账号６２２８4800 0000 0001231 不存在"

    (found,) = answers.parse(file_of(line))

    assert found.reason == "账号****1231 不存在"


LINES = [
    (["成功"], 2),
    ([GOOD + ","], 2),
    ([GOOD, GOOD[:30]], 3),
    (["", GOOD, "", "x"], 5),
    (["F22222-33333-44444,1234,68.00,已付,B1,"], 2),
    (["F22222-33333-44444,1234,68.00,,B1,"], 2),
    (["F22222-33333-44444,1234,68.00,success,B1,"], 2),
    (["F22222-33333-44444,1234,,成功,B1,"], 2),
    (["F22222-33333-44444,1234,-68.00,成功,B1,"], 2),
    (["F22222-33333-44444,1234,0.00,成功,B1,"], 2),
    (["F22222-33333-44444,1234,68.001,成功,B1,"], 2),
    (['F22222-33333-44444,1234,"1,068.00",成功,B1,'], 2),
    (["F22222-33333-44444,1234,1.0E+3,成功,B1,"], 2),
    (["F22222-33333-44444,1234,68.00元,成功,B1,"], 2),
    (["F22222-33333-44444,1234,99999999999999999,成功,B1,"], 2),
    (["F22222-33333-44444,1234,NaN,成功,B1,"], 2),
    (["F22222-33333-44444,1234,68.00,成功,,"], 2),
    (["F22222-33333-44444,1234,68.00,成功, ,"], 2),
    (["F22222-33333-44444,1234,68.00,失败,B1,"], 2),
    (["F22222-33333-44444,1234,68.00,退汇,B1,　"], 2),
    (["F22222-33333-44444,123,68.00,成功,B1,"], 2),
    (["F22222-33333-44444,6228480000000001231,68.00,成功,B1,"], 2),
    (["F22222-33333-44444,,68.00,成功,B1,"], 2),
    (["6228480000000001231,1231,68.00,成功,B1,"], 2),
    (["6228-4800-0000-0001-231,1231,68.00,成功,B1,"], 2),
    (["X6228480000000001231,1231,68.00,成功,B1,"], 2),
    ([",1234,68.00,成功,B1,"], 2),
    (["=HYPERLINK(1),1234,68.00,成功,B1,"], 2),
    ([f"F22222-33333-44444,1234,68.00,成功,{'B' * 61},"], 2),
    ([f"F22222-33333-44444,1234,68.00,失败,,{'错' * 201}"], 2),
    (["F22222-33333-44444,1234,68.00,失败,,户名\u202e不符"], 2),
    (["F22222-33333-44444,1234,68.00,成功,B\u200b1,"], 2),
    (['F22222-33333-44444,1234,68.00,失败,,"户名\r\n不符"'], 2),
    ([GOOD, 'F22222-33333-44445,1234,68.00,失败,,"户名'], 3),
    ([GOOD, 'F22222-33333-44445,1234,68.00,失败,,"户名"x'], 3),
    ([f"F22222-33333-44444,1234,68.00,失败,,{'错' * 140_000}"], 2),
]


@pytest.mark.parametrize(("lines", "line"), LINES, ids=range(len(LINES)))
def test_a_wrong_line_refuses_the_file_and_is_named(lines: list[str], line: int) -> None:
    with pytest.raises(BadReturn) as refused:
        answers.parse(file_of(*lines))

    assert refused.value.values["line"] == line
    assert f"第 {line} 行" in str(refused.value)


@pytest.mark.parametrize(
    "head",
    [
        "付款编号,账号后四位,金额(元),结果,银行流水号",
        HEAD + ",备注",
        "账号后四位,付款编号,金额(元),结果,银行流水号,原因",
        "付款编号;账号后四位;金额(元);结果;银行流水号;原因",
        GOOD,
        "<html><body>502 Bad Gateway</body></html>",
        '{"code": 500}',
    ],
)
def test_another_header_refuses_the_file(head: str) -> None:
    with pytest.raises(BadReturn) as refused:
        answers.parse(file_of(GOOD, head=head))

    assert refused.value.values["line"] == 1


FILES = {
    "empty": b"",
    "blank": b"\r\n\r\n",
    "header alone": file_of(),
    "nul": file_of(GOOD) + b"\0",
    "utf-16": file_of(GOOD).decode().encode("utf-16"),
    "a picture": b"\x89PNG\r\n\x1a\n\0\0\0",
    "no text": b"\xff\xfe\xfd" * 9,
    "a sheet": b"PK\x03\x04\x14\0\x06\0",
    "too large": file_of(GOOD) + b" " * answers.MOST_BYTES,
    "too many": file_of(*[GOOD] * (answers.MOST_LINES + 1)),
}


@pytest.mark.parametrize("name", FILES)
def test_what_is_no_such_file_is_refused(name: str) -> None:
    with pytest.raises((BadReturnFile, BadReturn)):
        answers.parse(FILES[name])


def test_two_lines_about_one_payment_that_differ_refuse_the_file() -> None:
    with pytest.raises(SaidTwice) as refused:
        answers.parse(file_of(GOOD, BAD_LINE, GOOD.replace("68.00", "68.01")))

    assert refused.value.values == {"line": 4, "number": "F22222-33333-44444", "first": 2}


def test_a_file_cut_off_in_its_last_line_is_refused() -> None:
    whole = file_of(GOOD, BAD_LINE)
    cut = whole[: whole.rindex(b",")]

    with pytest.raises(WrongColumns):
        answers.parse(cut)


def test_each_refusal_is_a_sentence_about_nothing_having_been_booked() -> None:
    for data in (b"", file_of("x"), file_of(GOOD, GOOD.replace("68", "69"))):
        with pytest.raises(BadValue, match="什么都没有记"):
            answers.parse(data)
