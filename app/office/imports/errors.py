"""How importing says no: to a whole file, and to one cell."""

from __future__ import annotations

from app.kernel.errors import BadValue, Conflict


class UnknownKind(BadValue):
    """Nothing that is imported here, or not by whoever asks."""

    code = "unknown_import_kind"
    sentence = "请选导入什么、归谁。"


class FileMissing(BadValue):
    """No file came with the form."""

    code = "import_file_missing"
    sentence = "请先选要导入的文件。"


class HeaderMissing(BadValue):
    """No row names the columns that are needed."""

    code = "import_header"
    sentence = "没有找到表头。要有这几列：{columns}。请用模板，表头不要改。"


class HeaderTwice(BadValue):
    """One column comes twice."""

    code = "import_header_twice"
    sentence = "表头里“{column}”有两列，请删掉一列再传。"


class NothingInside(BadValue):
    """No row follows the header."""

    code = "import_nothing"
    sentence = "表头下面没有数据。写着“示例”的行不算，请删掉示例、填好再传。"


class TooManyLines(BadValue):
    """More rows than this kind takes at once."""

    code = "import_too_many"
    sentence = "这一类一次最多导入 {most} 行，请分成几份。"


class NotReady(Conflict):
    """It has not been tried to the end, or has faults, or was confirmed already."""

    code = "import_not_ready"
    sentence = "这份文件现在不能确认，请看页面上的最新状态。"


class CellMissing(BadValue):
    """A cell that is needed is empty."""

    code = "cell_missing"
    sentence = "这一格必须填。"


class CellUnreadable(BadValue):
    """Signs that are no text."""

    code = "cell_unreadable"
    sentence = "第 {place} 个字认不出来，可能是文字编码不对。请改正，或另存为 UTF-8 的 CSV 或 xlsx。"


class CellTooLong(BadValue):
    """More signs than fit."""

    code = "cell_too_long"
    sentence = "太长了，最多 {most} 个字，这里有 {found} 个。"


class CellRough(BadValue):
    """A long number of which the table program has kept fifteen digits. Source: every spreadsheet's number format."""

    code = "cell_rough"
    sentence = "号码被表格改成了 {text} 这样的数，后几位已经丢了。请把整列设为“文本”格式，再重新填号码。"


class CellNumber(BadValue):
    """A number that cannot be read in one way only."""

    code = "cell_number"
    sentence = "请填数字，例如 12 或 12.5，不带单位。"


class CellDay(BadValue):
    """A day that is none, or written in a way that could mean two."""

    code = "cell_day"
    sentence = "日期请写成 2016-01-06 或 2016年1月6日。"


class CellChoice(BadValue):
    """Not one of the names that there are."""

    code = "cell_choice"
    sentence = "没有“{text}”这个选项，可以填：{choices}。"


class RowTwice(BadValue):
    """The same thing stands in two rows."""

    code = "row_twice"
    sentence = "和第 {row} 行重复，只留一行。"
