"""Where a bank account stands with the township, why one ended, and the banks to choose from."""

from __future__ import annotations

from enum import StrEnum

from app.kernel.states import State


class AccountState(State):
    """How far an account has come; money goes to a verified one alone."""

    WAITING = "waiting"
    VERIFIED = "verified"
    REFUSED = "refused"
    ENDED = "ended"

    @property
    def words(self) -> str:
        """What people read."""
        return _STATE_WORDS[self]


MOVES: dict[AccountState, frozenset[AccountState]] = {
    AccountState.WAITING: frozenset({AccountState.VERIFIED, AccountState.REFUSED, AccountState.ENDED}),
    AccountState.VERIFIED: frozenset({AccountState.ENDED}),
}

LIVE = (AccountState.WAITING, AccountState.VERIFIED)
"""The states in which a number is kept."""

_STATE_WORDS: dict[AccountState, str] = {
    AccountState.WAITING: "待核实",
    AccountState.VERIFIED: "已核实",
    AccountState.REFUSED: "未通过",
    AccountState.ENDED: "不再使用",
}


class Ending(StrEnum):
    """Why an account is used no more."""

    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"

    @property
    def words(self) -> str:
        """What people read."""
        return _ENDING_WORDS[self]


_ENDING_WORDS: dict[Ending, str] = {
    Ending.REPLACED: "换了新账号",
    Ending.WITHDRAWN: "本人收回了同意",
}


class Bank(StrEnum):
    """Who keeps the account."""

    RURAL = "rural"
    AGRICULTURAL = "agricultural"
    POSTAL = "postal"
    INDUSTRIAL = "industrial"
    CONSTRUCTION = "construction"
    CHINA = "china"
    OTHER = "other"

    @property
    def words(self) -> str:
        """What people read."""
        return _BANK_WORDS[self]


_BANK_WORDS: dict[Bank, str] = {
    Bank.RURAL: "农村信用社/农商行",
    Bank.AGRICULTURAL: "农业银行",
    Bank.POSTAL: "邮储银行",
    Bank.INDUSTRIAL: "工商银行",
    Bank.CONSTRUCTION: "建设银行",
    Bank.CHINA: "中国银行",
    Bank.OTHER: "其他",
}
