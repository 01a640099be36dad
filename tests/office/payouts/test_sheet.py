"""The bytes that a bank gets."""

from app.kernel.money import Money
from app.office.payouts import sheet
from app.office.payouts.sheet import Line


def a_line(*, holder: str = "王枣林", words: str = "十月红枣货款", line_no: int = 1) -> Line:
    number = "6228480000000001231"
    return Line(line_no, "F22222-33333-44444", holder, "农业银行", number, Money(123450), words)


def test_a_file_says_first_what_it_holds_and_then_each_payment() -> None:
    data = sheet.write("W22222-33333-44444", "农业银行", [a_line(), a_line(line_no=2)])

    assert data.decode() == (
        '\ufeff"文件编号","W22222-33333-44444","笔数","2","总金额(元)","2469.00","农业银行"\r\n'
        '"序号","付款编号","户名","开户行","账号","金额(元)","附言"\r\n'
        '"1","F22222-33333-44444","王枣林","农业银行","6228480000000001231","1234.50","十月红枣货款"\r\n'
        '"2","F22222-33333-44444","王枣林","农业银行","6228480000000001231","1234.50","十月红枣货款"\r\n'
    )


def test_no_text_is_a_formula_or_breaks_a_line() -> None:
    data = sheet.write("W1", "=银行", [a_line(holder="＝1+1", words='@SUM("a")\r\n枣')]).decode()

    assert '"\'=银行"' in data
    assert '"\'＝1+1"' in data
    assert '"\'@SUM(""a"") 枣"' in data
    assert data.count("\r\n") == 3


def test_the_same_payments_give_the_same_bytes_and_a_fen_more_others() -> None:
    once, again = (sheet.seal(sheet.write("W1", "农业银行", [a_line()])) for _ in range(2))

    assert once == again
    assert sheet.seal(sheet.write("W1", "农业银行", [a_line(words="十月红枣货款。")])) != once


def test_a_line_does_not_show_its_number_when_it_is_logged() -> None:
    assert "6228480000000001231" not in repr(a_line())
