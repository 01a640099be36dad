"""Ways to say no about lots."""

from __future__ import annotations

from app.kernel.errors import BadValue, DomainError, NotFound


class BadHarvest(BadValue):
    """The year of harvest lies in the future or long ago."""

    code = "bad_harvest"
    sentence = "采摘年份应在 {least} 年到 {most} 年之间。"


class BadBestBefore(BadValue):
    """Fruit that is not good any more, or longer than any jujube keeps."""

    code = "bad_best_before"
    sentence = "保质期应在明天以后、三年以内。"


class LotRecalled(DomainError):
    """The lot was recalled: nobody may pack, process or sell it."""

    code = "lot_recalled"
    status = 409
    sentence = "批次 {lot} 已被召回，不能再装箱、加工或出售。请按召回通知处理。"


class LotExpired(DomainError):
    """The lot is past its best-before day."""

    code = "lot_expired"
    status = 409
    sentence = "批次 {lot} 已过保质期（{day}），不能再装箱、加工或出售。请登记损耗。"


class UnknownLot(NotFound):
    """No lot has this code, or its check signs are wrong."""

    code = "unknown_lot"
    sentence = "无此批次。请核对标签上的批次码；如果是扫码打开的，这张标签可能是假的。"
