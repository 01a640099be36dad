"""What a seller is, the states it passes through, and the words the public reads."""

from __future__ import annotations

from enum import StrEnum

from app.kernel.states import State


class SellerKind(StrEnum):
    """Who sells: a household its own fruit, a co-op its members', a processor what it has made."""

    HOUSEHOLD = "household"
    COOP = "coop"
    PROCESSOR = "processor"

    @property
    def words(self) -> str:
        """What people read."""
        return _KIND_WORDS[self]


class SellerStatus(State):
    """Where a seller stands with the township."""

    APPLIED = "applied"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    CLOSED = "closed"
    REFUSED = "refused"

    @property
    def words(self) -> str:
        """What people read."""
        return _STATUS_WORDS[self]


MOVES: dict[SellerStatus, frozenset[SellerStatus]] = {
    SellerStatus.APPLIED: frozenset({SellerStatus.ACTIVE, SellerStatus.REFUSED}),
    SellerStatus.ACTIVE: frozenset({SellerStatus.SUSPENDED, SellerStatus.CLOSED}),
    SellerStatus.SUSPENDED: frozenset({SellerStatus.ACTIVE, SellerStatus.CLOSED}),
}

CHANGEABLE = (SellerStatus.ACTIVE, SellerStatus.SUSPENDED)
"""A seller of these is verified and changes nothing about itself without its township."""


class ChangeState(State):
    """Where stands what a verified seller wants changed about itself."""

    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"

    @property
    def words(self) -> str:
        """What people read."""
        return _CHANGE_WORDS[self]


CHANGE_MOVES: dict[ChangeState, frozenset[ChangeState]] = {
    ChangeState.WAITING: frozenset({ChangeState.APPROVED, ChangeState.REFUSED, ChangeState.WITHDRAWN}),
}

_CHANGE_WORDS: dict[ChangeState, str] = {
    ChangeState.WAITING: "等乡镇审核",
    ChangeState.APPROVED: "已同意",
    ChangeState.REFUSED: "没有同意",
    ChangeState.WITHDRAWN: "自己收回了",
}

_KIND_WORDS: dict[SellerKind, str] = {
    SellerKind.HOUSEHOLD: "农户",
    SellerKind.COOP: "合作社",
    SellerKind.PROCESSOR: "加工企业",
}

_STATUS_WORDS: dict[SellerStatus, str] = {
    SellerStatus.APPLIED: "待核实",
    SellerStatus.ACTIVE: "已核实",
    SellerStatus.SUSPENDED: "已暂停",
    SellerStatus.CLOSED: "已停业",
    SellerStatus.REFUSED: "未通过",
}

_PUBLIC_KINDS: dict[SellerKind, str] = {
    SellerKind.HOUSEHOLD: "自产农户",
    SellerKind.COOP: "合作社",
    SellerKind.PROCESSOR: "加工企业",
}

_PUBLIC_STATUSES: dict[SellerStatus, str] = {
    SellerStatus.APPLIED: "乡镇正在核实",
    SellerStatus.ACTIVE: "乡镇已核实",
    SellerStatus.SUSPENDED: "暂停销售",
    SellerStatus.CLOSED: "已停止销售",
    SellerStatus.REFUSED: "未通过核实",
}


def public_words(kind: SellerKind, status: SellerStatus) -> str:
    """What a buyer reads under the seller's name, such as 自产农户·乡镇已核实.

    Source: 电子商务法 art. 10, 15 and 27: growers of their own produce need no registration, but are verified.
    """
    return f"{_PUBLIC_KINDS[kind]}·{_PUBLIC_STATUSES[status]}"


EXEMPT = "自产自销，依法免于市场主体登记"
"""Source: 电子商务法 art. 10 and 15: who sells his own farm produce needs none, and the platform says so."""
NO_LICENCE_NEEDED = "卖食用农产品，依法不用食品经营许可"
"""Source: 食品安全法 art. 35."""


def licence_words(kind: SellerKind, licence_no: str | None) -> str:
    """What a buyer reads where others show a licence: the exemption of a household, else the number's name.

    A co-op without a number sells edible farm produce alone: what needs a licence is not put on sale without one.
    """
    if kind is SellerKind.HOUSEHOLD:
        return EXEMPT
    return "许可证号" if licence_no else NO_LICENCE_NEEDED
