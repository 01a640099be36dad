"""How stock says no."""

from __future__ import annotations

from app.kernel.errors import BadValue, Conflict


class SoldOut(Conflict):
    """Fewer pieces are free than were asked for."""

    code = "sold_out"
    sentence = "“{title}”只剩 {left} 件了，请改少一些或换一种。"


class NotThatMany(Conflict):
    """Fewer pieces lie free in store than are to be taken out."""

    code = "not_that_many"
    sentence = "库存已变化：能取回的只有 {left} 件，其余已有人预订。"


class OtherFruit(BadValue):
    """A lot of another seller, variety or grade than what the pack promises."""

    code = "other_fruit"
    sentence = "这批枣的品种或等级和商品写的不一样，不能装进去。"


class MarkShort(Conflict):
    """Less local fruit is left in the lot than the pieces under the mark of origin would take."""

    code = "mark_short"
    sentence = "这批枣里的本地枣，只够再装 {pieces} 件带“柳林红枣”地理标志的。请装少一些，或换一批本地枣。"


class NotThatMuch(Conflict):
    """Less lies loose than is to be taken."""

    code = "not_that_much"
    sentence = "批次 {lot} 散放着的只有 {jin} 斤了，请改少一些。"
