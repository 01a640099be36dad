"""Returns as pages show them: to the buyer, the seller and the official."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _

from app.kernel.money import Money
from app.trade.orders.models import Order
from app.trade.returns import pricing, service
from app.trade.returns.models import Return
from app.trade.returns.states import ReturnState


@dataclass(frozen=True, slots=True)
class PageLine:
    """Pieces that come back, and what became of them."""

    title: str
    pieces: int
    value: Money
    became: str


@dataclass(frozen=True, slots=True)
class ReturnPage:
    """A return with what was said and until when somebody must act."""

    number: str
    order_number: str
    state: ReturnState
    why: str
    lines: list[PageLine]
    amount: Money | None
    refunded: Money
    note: str
    answer: str
    decision: str
    inspection: str
    courier: str
    tracking: str
    asked_at: datetime
    arrived_at: datetime | None
    until: datetime | None
    until_words: str


def return_page(found: Return, order: Order) -> ReturnPage:
    """What the page of a return shows; both with their lines."""
    until, words = _clock(found)
    lines = {line.id: line for line in order.lines}
    return ReturnPage(
        number=found.number,
        order_number=order.number,
        state=found.state,
        why=_(found.why.words),
        lines=[
            PageLine(
                lines[one.order_line_id].title,
                one.pieces,
                pricing.worth(lines[one.order_line_id], first=one.first or 0, pieces=one.pieces),
                _became(one.sound, one.spoilt, one.sent_away),
            )
            for one in found.lines
        ],
        amount=found.amount,
        refunded=found.refunded,
        note=found.note,
        answer=found.answer,
        decision=found.decision,
        inspection=found.inspection,
        courier=found.courier,
        tracking=found.tracking,
        asked_at=found.asked_at,
        arrived_at=found.arrived_at,
        until=until,
        until_words=words,
    )


def _became(sound: int, spoilt: int, sent_away: int) -> str:
    parts = (
        (sound, _("%(n)s 件放回货架", n=sound)),
        (spoilt, _("%(n)s 件不能再卖", n=spoilt)),
        (sent_away, _("%(n)s 件没收、退还买家", n=sent_away)),
    )
    return " · ".join(words for count, words in parts if count)


def _clock(found: Return) -> tuple[datetime | None, str]:
    """Until when who must act."""
    if found.state is ReturnState.ASKED:
        return found.asked_at + service.ANSWER_WITHIN, _("卖家最晚在这以前答复，不答复就由乡镇决定")
    if found.state is ReturnState.AGREED:
        agreed_at = found.decided_at or found.answered_at or found.asked_at
        return agreed_at + service.SEND_WITHIN, _("买家最晚在这以前寄回，不寄就算不退了")
    if found.state is ReturnState.ARRIVED and found.arrived_at is not None and found.refund_id is None:
        return found.arrived_at + timedelta(days=pricing.REFUND_DAYS), _("最晚在这以前退款，不验货也退")
    return None, ""
