"""What kind of row a finding names, in words for officials."""

from __future__ import annotations

from dataclasses import dataclass

from app.kernel.checks import Finding

_KINDS = {
    "account": "一个账户",
    "audit": "一条操作记录",
    "bank": "一个收款账号",
    "check": "一项检查",
    "commodity": "一种记账物品",
    "event": "一笔账",
    "figure": "一个公布的数",
    "hold": "一笔预留",
    "lot": "一批枣",
    "notice": "一条付款通知",
    "open": "一笔预留",
    "order": "一笔订单",
    "outbox": "一件后续事项",
    "pack": "一种商品",
    "page": "一张付款页",
    "payment": "一笔付款",
    "person": "一个人",
    "photo": "一张照片",
    "seal": "一次封账",
    "seller": "一家卖家",
    "transfer": "一条分录",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A finding as the page shows it: the kind of row in Chinese, the row, its own page if it has one, and what is
    wrong."""

    kind: str
    row: str
    url: str | None
    words: str


def kind_of(finding: Finding) -> str:
    """The Chinese word for the kind of row; 一条记录 for one that has no word of its own."""
    return _KINDS.get(finding.row.partition(" ")[0], "一条记录")
