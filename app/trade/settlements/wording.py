"""What a grower is told of his money: at most 70 characters with the signature that providers put before a text."""

from __future__ import annotations

from datetime import date

from app.kernel.money import ZERO, Money
from app.people.messages.service import signs
from app.people.messages.short import MOST

TOO_LONG = "您的结算单出来了，登录后看。"
ON_THE_BANKS_SLIP = "红枣货款{number}"
"""What the bank writes beside the money."""


def closed(*, through: date, sales: Money, refunds: Money, pays: Money, owed: Money, tail: str) -> str:
    """His statement stands: what came in, what went back, and what is sent to him, or why nothing is."""
    back = f"，退买家{-refunds}元" if refunds < ZERO else ""
    start = f"到{through.month}月{through.day}日卖枣{sales}元{back}，"
    if pays:
        return _short(f"{start}打{pays}元到尾号{tail}的卡", "，到账再告诉您。")
    if owed > ZERO:
        return _short(f"{start}结余{owed}元", "。请登记收款账号，核实了才能打款。")
    if owed < ZERO:
        return _short(f"{start}还欠{-owed}元", "，从以后的货款里扣。")
    return f"{start}结余0元。"


def _short(words: str, more: str) -> str:
    """The words with what can be left out, where there is room for it; sums beyond a county's are read in the page."""
    if signs(words) >= MOST:
        return TOO_LONG
    return words + (more if signs(words) + signs(more) <= MOST else "。")


def paid(*, amount: Money, tail: str) -> str:
    """The bank has paid."""
    return f"货款{amount}元银行已打到您尾号{tail}的卡，请查收。没收到请找乡镇。"


def not_paid(*, amount: Money, tail: str) -> str:
    """The money did not reach him: it stays his. Why stands in his inbox, for whoever holds the phone reads a text."""
    return f"货款{amount}元没打到尾号{tail}的卡，钱还在您名下。请找乡镇核对账号，原因登录后看。"
