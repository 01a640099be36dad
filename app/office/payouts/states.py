"""How far a payout has come, what it pays for, what a bank may answer, and what we make of its answer."""

from __future__ import annotations

from enum import StrEnum

from app.kernel.states import State


class Purpose(StrEnum):
    """What people are paid for."""

    SETTLEMENT = "settlement"

    @property
    def words(self) -> str:
        """What people read."""
        return {"settlement": "货款结算"}[self.value]


class PayoutState(State):
    """How far a payout has come. Nothing becomes paid without a line of the bank's."""

    HELD = "held"
    EXPORTED = "exported"
    PAID = "paid"
    FAILED = "failed"
    WITHHELD = "withheld"
    RETURNED = "returned"

    @property
    def words(self) -> str:
        """What people read."""
        return _STATE_WORDS[self]


_STATE_WORDS = {
    PayoutState.HELD: "待做文件",
    PayoutState.EXPORTED: "等银行回盘",
    PayoutState.PAID: "已到账",
    PayoutState.FAILED: "没付成",
    PayoutState.WITHHELD: "没有付出",
    PayoutState.RETURNED: "到账后退回",
}

MOVES: dict[PayoutState, frozenset[PayoutState]] = {
    PayoutState.HELD: frozenset({PayoutState.EXPORTED, PayoutState.WITHHELD}),
    # Back to held: with a file that was called off before anybody had it.
    PayoutState.EXPORTED: frozenset({PayoutState.PAID, PayoutState.FAILED, PayoutState.HELD}),
    PayoutState.PAID: frozenset({PayoutState.RETURNED}),
}

LIVE = (PayoutState.HELD, PayoutState.EXPORTED, PayoutState.PAID)
"""The states of which one thing that is paid for has at most one payout."""

OPEN = (PayoutState.HELD, PayoutState.EXPORTED)
"""The states in which the money is kept in the ledger."""


class Outcome(StrEnum):
    """What a bank says of one payout."""

    DONE = "done"
    REFUSED = "refused"
    SENT_BACK = "sent_back"

    @property
    def words(self) -> str:
        """The word in the bank's file, which is also what people read."""
        return {"done": "成功", "refused": "失败", "sent_back": "退汇"}[self.value]


class Sort(StrEnum):
    """What became of one line of a bank's answer; each line is exactly one of these."""

    SETTLED = "settled"
    FAILED = "failed"
    LATE_RETURN = "late_return"
    REPEATED = "repeated"
    MISMATCH = "mismatch"
    UNKNOWN = "unknown"

    @property
    def words(self) -> str:
        """What people read."""
        return _SORT_WORDS[self]

    @property
    def is_odd(self) -> bool:
        """Whether a person must look at it, because it moved no money and nobody knows why it came."""
        return self in (Sort.MISMATCH, Sort.UNKNOWN)


_SORT_WORDS = {
    Sort.SETTLED: "已到账",
    Sort.FAILED: "没付成",
    Sort.LATE_RETURN: "到账后退回",
    Sort.REPEATED: "以前记过",
    Sort.MISMATCH: "对不上",
    Sort.UNKNOWN: "没有这笔",
}

BOOKED = (Sort.SETTLED, Sort.FAILED, Sort.LATE_RETURN)
"""The sorts that moved money in the books."""


class Oddity(StrEnum):
    """What does not fit in a line that needs a person."""

    NO_SUCH_NUMBER = "no_such_number"
    NOT_EXPORTED = "not_exported"
    OTHER_BANK = "other_bank"
    OTHER_AMOUNT = "other_amount"
    OTHER_ACCOUNT = "other_account"
    OTHER_RESULT = "other_result"
    OTHER_REFERENCE = "other_reference"

    @property
    def words(self) -> str:
        """What people read."""
        return _ODDITY_WORDS[self]


_ODDITY_WORDS = {
    Oddity.NO_SUCH_NUMBER: "我们没有这个付款编号",
    Oddity.NOT_EXPORTED: "这笔还没有交给银行",
    Oddity.OTHER_BANK: "这笔交给了另一家银行",
    Oddity.OTHER_AMOUNT: "金额不一样",
    Oddity.OTHER_ACCOUNT: "账号后四位不一样",
    Oddity.OTHER_RESULT: "和已经记下的结果相反",
    Oddity.OTHER_REFERENCE: "结果一样，银行流水号不一样",
}
