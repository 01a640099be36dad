"""How the books say no."""

from __future__ import annotations

from app.kernel.errors import Conflict, DomainError


class FloorBroken(Conflict):
    """The movement would take more from an account than is free in it."""

    code = "not_enough"
    sentence = "数量或余额不够了，请减少后再试。"


class PeriodClosed(Conflict):
    """The date lies in no open period."""

    code = "period_closed"
    sentence = "这个日期所在的账期已经结账，不能再记账；请记在当期。"


class AlreadyRecorded(Conflict):
    """The event was recorded before under the same key."""

    code = "already_recorded"
    sentence = "这笔业务已经记过账，不会重复记。"


class HoldGone(Conflict):
    """The hold was settled, given up, or its time is over."""

    code = "hold_gone"
    sentence = "预留已经过期或已经办结，请重新下单或联系卖家。"


class AlreadyReversed(Conflict):
    """The event was reversed before, or must be reversed through the event that settled it."""

    code = "already_reversed"
    sentence = "这笔账已经冲销过，或者要从后面的一笔冲销。"


class BadMovement(DomainError):
    """The movement is not one: nothing or less, onto itself, or between two commodities."""

    code = "bad_movement"
    sentence = "记账内容不成立：数量须大于零，转出转入不能相同。"
