"""How far a request for an invoice has come, to whom it is made out, and why there may be none."""

from __future__ import annotations

from enum import StrEnum

from app.kernel.states import State


class InvoiceState(State):
    """How far a request has come."""

    ASKED = "asked"
    ISSUED = "issued"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"

    @property
    def words(self) -> str:
        """What people read."""
        return _STATE_WORDS[self]


MOVES: dict[InvoiceState, frozenset[InvoiceState]] = {
    InvoiceState.ASKED: frozenset({InvoiceState.ISSUED, InvoiceState.DECLINED, InvoiceState.WITHDRAWN}),
}

LIVE = (InvoiceState.ASKED, InvoiceState.ISSUED)
"""The states in which title and tax number are kept, one request of an order at a time."""

_STATE_WORDS = {
    InvoiceState.ASKED: "等卖家开",
    InvoiceState.ISSUED: "已开",
    InvoiceState.DECLINED: "没有开",
    InvoiceState.WITHDRAWN: "已撤回",
}


class TitleKind(StrEnum):
    """To whom an invoice is made out."""

    PERSONAL = "personal"
    FIRM = "firm"

    @property
    def words(self) -> str:
        """What people read."""
        return {"personal": "个人", "firm": "单位"}[self.value]


class Reason(StrEnum):
    """Why the seller makes out none. Own produce is exempt from VAT. Source: 增值税法 art. 24."""

    SELF_GROWN = "self_grown"
    WRONG_TITLE = "wrong_title"
    REFUNDED = "refunded"
    OTHER = "other"

    @property
    def words(self) -> str:
        """What people read."""
        return _REASON_WORDS[self]


_REASON_WORDS = {
    Reason.SELF_GROWN: "自产农户自己开不了，要到税务局代开",
    Reason.WRONG_TITLE: "抬头或税号不对，请改好再申请",
    Reason.REFUNDED: "货款已经退了，不用开",
    Reason.OTHER: "其他原因",
}
