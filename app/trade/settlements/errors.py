"""Why a settlement is not made or let go."""

from __future__ import annotations

from app.kernel.errors import BadValue, Conflict


class OneAtATime(Conflict):
    """Another settlement is under way; two could not tell whose an entry is."""

    code = "one_settlement_at_a_time"
    sentence = "上一次结算还没有办完，办完或者作废以后再算下一次。"


class DayToCome(BadValue):
    """Nothing is settled before it has happened."""

    code = "day_to_come"
    sentence = "结算到的日子不能晚于今天（{today}）。"


class DaySettled(BadValue):
    """A settlement ends where the last one did, or later."""

    code = "day_settled"
    sentence = "上一次已经结算到 {last}，这次不能更早。"


class NothingToSettle(Conflict):
    """No seller has anything to settle."""

    code = "nothing_to_settle"
    sentence = "这次没有要结算的钱，请作废。"
