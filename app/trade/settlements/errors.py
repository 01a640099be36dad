"""Why a settlement is not made or let go."""

from __future__ import annotations

from app.kernel.errors import BadValue, Conflict


class OneAtATime(Conflict):
    """Another settlement is under way; two could not tell whose an entry is."""

    code = "one_settlement_at_a_time"
    sentence = "上一次结算还没有办完，办完或者作废以后再算下一次。"


class BadDay(BadValue):
    """The day is in the future, or before the end of the last settlement."""

    code = "bad_settlement_day"
    sentence = "结算到的日子要在 {first} 到 {last} 之间。"


class NothingToSettle(Conflict):
    """No seller has anything to settle."""

    code = "nothing_to_settle"
    sentence = "这次没有要结算的钱，请作废。"
