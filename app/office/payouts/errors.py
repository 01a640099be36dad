"""How payouts say no."""

from __future__ import annotations

from app.kernel.errors import BadValue, Conflict, Forbidden


class BadOrder(BadValue):
    """Nothing to pay, or words that do not fit on a bank slip."""

    code = "bad_payout"
    sentence = "付款金额要大于零，附言最多 {most} 个字。"


class AlreadyPaying(Conflict):
    """The same thing is being paid, or has been."""

    code = "already_paying"
    sentence = "这笔款已经在付，或者已经付过，不会付第二次。"


class NothingWaits(Conflict):
    """No payout waits for a file at this bank."""

    code = "nothing_waits"
    sentence = "这家银行眼下没有要付的款，可能刚刚有人做过文件了。"


class OwnPayout(Forbidden):
    """Nobody moves a file in which he is paid himself."""

    code = "own_payout"
    sentence = "这一批里有您自家的款，请由另一位干部来办。"


class ReasonForSecond(BadValue):
    """A file goes out a second time only for a reason."""

    code = "reason_for_second"
    sentence = "这份文件已经下载过。再下载要写明原因，4 到 200 个字。"


class FileChanged(Conflict):
    """What the file would be now is not what was sealed."""

    code = "file_changed"
    sentence = "现在生成的文件和做文件时不一样，不能下载。请不要付款，马上报系统管理员核查。"


class FileGone(Conflict):
    """An account of the file is in force no more, and its number is deleted."""

    code = "file_gone"
    sentence = "文件里有账号已经停用、号码已删除，不能再生成。从没下载过的文件可以作废重做；下载过的，请等银行回盘。"


class AlreadyOut(Conflict):
    """A file that somebody has may be at the bank, so it cannot be called off."""

    code = "already_out"
    sentence = "这份文件已经下载过，可能已经交给银行，不能作废；请等银行回盘。"


class FileVoid(Conflict):
    """The file was called off."""

    code = "file_void"
    sentence = "这份文件已经作废，里面的款会进下一份文件。"


class BadBankChosen(BadValue):
    """No bank of ours was chosen."""

    code = "bad_bank_chosen"
    sentence = "请选是哪家银行的回盘。"


class AlreadyResolved(Conflict):
    """Somebody has dealt with the line."""

    code = "already_resolved"
    sentence = "这一行已经有人登记过处理结果。"


class BadReturnFile(BadValue):
    """A bank's answer that is no such file at all; `what` says why."""

    code = "bad_return_file"
    sentence = "文件没有收，什么都没有记。{what}"


class BadReturn(BadValue):
    """A bank's answer with a mistake, so that nothing of it is taken; `line` counts the file's lines from 1."""

    code = "bad_return"
    sentence = "文件没有收，什么都没有记。第 {line} 行：{what}"


class WrongColumns(BadReturn):
    """A line with more or fewer cells than the header."""

    sentence = "文件没有收，什么都没有记。第 {line} 行：要有 {wanted} 列，这一行有 {found} 列。"


class SaidTwice(BadReturn):
    """Two lines about one payment that do not say the same."""

    sentence = "文件没有收，什么都没有记。第 {line} 行：付款编号 {number} 在第 {first} 行有过，两行内容不一样。"


class OtherTotals(BadValue):
    """The file does not hold what its covering slip says."""

    code = "other_totals"
    sentence = "文件没有收，什么都没有记。文件里有 {count} 笔、{total} 元，和您填的不一样，请看文件是不是缺了几行。"
