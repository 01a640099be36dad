"""Reading what a bank answered: the whole file or nothing of it, each mistake with its line.

Our own format: UTF-8 (with or without a byte order mark) or GB18030, comma-separated, the header as below, then one
line for each payment. Digits and letters may be full-width. 付款编号 is ours; 账号后四位 are the last four digits
alone, so that no account number comes here in clear; 成功 needs the bank's reference, 失败 and 退汇 need a reason.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from app.kernel.errors import BadValue
from app.kernel.money import Money
from app.office.payouts.errors import BadReturn, BadReturnFile, SaidTwice, WrongColumns
from app.office.payouts.states import Outcome
from app.people.purse import numbers

COLUMNS = ("付款编号", "账号后四位", "金额(元)", "结果", "银行流水号", "原因")
MOST_LINES = 10_000
MOST_BYTES = 2 * 1024 * 1024
MOST_REFERENCE = 60
MOST_REASON = 200
_OUTCOMES = {one.words: one for one in Outcome}
_OURS = re.compile(r"F[0-9A-Z]{5}(-[0-9A-Z]{5}){2}", re.ASCII)
_LIKE_OURS = re.compile(r"(?=.*[A-Z])[0-9A-Z-]{3,40}", re.ASCII)
_TAIL = re.compile(r"[0-9]{4}", re.ASCII)
_LONG = re.compile(r"(?<![0-9])[0-9](?:[ -]?[0-9]){11,18}(?![0-9])", re.ASCII)
_WIDE_DIGITS = str.maketrans("０１２３４５６７８９", "0123456789")
_BLANKS = " \t\u3000\u00a0"
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What the bank says of one payment."""

    line_no: int
    number: str
    tail: str
    amount: Money
    outcome: Outcome
    reference: str
    reason: str

    @property
    def says(self) -> tuple[str, str, Money, Outcome, str, str]:
        """All but the line on which it stands."""
        return (self.number, self.tail, self.amount, self.outcome, self.reference, self.reason)


def parse(data: bytes) -> list[Answer]:
    """What the file says, in its order; `line_no` counts the file's lines from 1.

    Raises `BadReturnFile` for what is no such file, and `BadReturn` with the line of the first mistake.
    """
    rows = list(_rows(_text(data)))
    if not rows:
        raise BadReturnFile(what="文件是空的。")
    line_no, header = rows[0]
    if [_plain(cell) for cell in header] != list(COLUMNS):
        raise BadReturn(line=line_no, what="表头要依次是：付款编号、账号后四位、金额(元)、结果、银行流水号、原因。")
    if len(rows) == 1:
        raise BadReturnFile(what="文件里只有表头，没有一笔结果。")
    if len(rows) - 1 > MOST_LINES:
        raise BadReturnFile(what="一份文件最多 10000 笔，请分成几份上传。")
    return _without_contradiction([_answer(number, row) for number, row in rows[1:]])


def _text(data: bytes) -> str:
    if len(data) > MOST_BYTES:
        raise BadReturnFile(what="文件太大，最多 2 MB。")
    if b"\0" in data:
        raise BadReturnFile(what="这不是文本文件，请从银行导出 CSV 再传。")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadReturnFile(what="文字编码认不出来，请存成 UTF-8 或 GB18030（GBK）的 CSV。")


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """(line on which it starts, cells) of each row that is not blank."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    start = 1
    try:
        for row in reader:
            if row:
                yield start, row
            start = reader.line_num + 1
    except csv.Error as error:
        raise BadReturn(line=start, what="引号不成对或内容太长，这一行读不出来。") from error


def _answer(line_no: int, row: list[str]) -> Answer:
    if len(row) != len(COLUMNS):
        raise WrongColumns(line=line_no, wanted=len(COLUMNS), found=len(row))
    number, tail, yuan, result, reference = (_cell(line_no, cell) for cell in row[:5])
    answer = Answer(
        line_no=line_no,
        number=_number(line_no, number.upper()),
        tail=tail,
        amount=_amount(line_no, yuan),
        outcome=_outcome(line_no, result),
        reference=reference,
        reason=_reason(line_no, row[5]),
    )
    if _TAIL.fullmatch(tail) is None:
        raise BadReturn(line=line_no, what="账号只写后四位数字，不要写完整账号。")
    _refuse_what_is_missing(answer)
    return answer


def _number(line_no: int, number: str) -> str:
    """Nothing that could be an account number, which would lie here in clear."""
    is_ours = _OURS.fullmatch(number) is not None
    is_like_it = _LIKE_OURS.fullmatch(number) is not None and _LONG.search(number) is None
    if not is_ours and not is_like_it:
        raise BadReturn(line=line_no, what="付款编号不对，请照付款文件里的编号。")
    return number


def _outcome(line_no: int, result: str) -> Outcome:
    outcome = _OUTCOMES.get(result)
    if outcome is None:
        raise BadReturn(line=line_no, what="结果只认“成功”“失败”“退汇”。")
    return outcome


def _refuse_what_is_missing(answer: Answer) -> None:
    line = answer.line_no
    if answer.outcome is Outcome.DONE and not answer.reference:
        raise BadReturn(line=line, what="付款成功的，要有银行流水号。")
    if answer.outcome is not Outcome.DONE and not answer.reason:
        raise BadReturn(line=line, what="没付成或退汇的，要写原因。")
    if len(answer.reference) > MOST_REFERENCE:
        raise BadReturn(line=line, what="银行流水号太长，最多 60 个字。")
    if len(answer.reason) > MOST_REASON:
        raise BadReturn(line=line, what="原因太长，最多 200 个字。")


def _amount(line_no: int, yuan: str) -> Money:
    try:
        amount = Money.parse(yuan)
    except BadValue as error:
        raise BadReturn(line=line_no, what="金额不对，请写成 1234.50 这样，不带逗号和单位。") from error
    if not amount:
        raise BadReturn(line=line_no, what="金额要大于零。")
    return amount


def _cell(line_no: int, cell: str) -> str:
    """The cell in one spelling, so that full-width digits are digits; without the apostrophe that makes it text."""
    return _seen(line_no, _plain(cell)).removeprefix("'")


def _reason(line_no: int, cell: str) -> str:
    """The bank's words as it wrote them, without what may be an account number: of that the last four digits stay."""
    words = _seen(line_no, unicodedata.normalize("NFC", cell.strip(_BLANKS))).removeprefix("'")
    return _LONG.sub(lambda found: numbers.masked(found.group()[-4:]), words.translate(_WIDE_DIGITS))


def _seen(line_no: int, text: str) -> str:
    if any(unicodedata.category(sign) in _UNSEEN for sign in text):
        raise BadReturn(line=line_no, what="有看不见的字符或多余的换行，请重新导出。")
    return text


def _plain(cell: str) -> str:
    return unicodedata.normalize("NFKC", cell.strip(_BLANKS))


def _without_contradiction(answers: list[Answer]) -> list[Answer]:
    said: dict[str, Answer] = {}
    for answer in answers:
        before = said.setdefault(answer.number, answer)
        if before.says != answer.says:
            raise SaidTwice(line=answer.line_no, number=answer.number, first=before.line_no)
    return answers
