"""How orders say no."""

from __future__ import annotations

from app.kernel.errors import BadValue, Conflict


class EmptyBasket(Conflict):
    """There is nothing to order."""

    code = "empty_basket"
    sentence = "购物篮是空的，请先选好红枣再下单。"


class NotOnSale(Conflict):
    """A pack in the basket is not sold any more."""

    code = "not_on_sale"
    sentence = "“{title}”已经下架，请从购物篮里拿掉后再下单。"


class PriceChanged(Conflict):
    """What the buyer saw is not what it costs now."""

    code = "price_changed"
    sentence = "价格或运费刚刚有变化，现在合计 {total} 元，请看过后再确认一次。"


class TooManyUnpaid(BadValue):
    """The buyer holds goods with several unpaid orders already."""

    code = "too_many_unpaid"
    sentence = "您有 {count} 笔订单还没有付款，请先付款或取消后再下新单。"


class ReturnRuleUnconfirmed(BadValue):
    """The buyer has not confirmed the return rule for these goods. Source: 消费者权益保护法 25."""

    code = "return_rule_unconfirmed"
    sentence = "请先确认退货说明。"


class AgeUnconfirmed(BadValue):
    """Alcohol is not sold to minors, and the buyer has not said that he is of age. Source: 未成年人保护法 59."""

    code = "age_unconfirmed"
    sentence = "这里有含酒精的商品，不卖给未满十八岁的人。已满十八岁的，请先勾选确认。"


class WeighedTooFar(BadValue):
    """Nobody packs half of what was ordered, or half as much again: a typing error."""

    code = "weighed_too_far"
    sentence = "这样货应该有 {promised} 斤，您填的差得太多，请再看一遍是不是写错了。真的不够，就先别装箱，和买家商量。"


class HoldEnded(Conflict):
    """The goods are held no longer."""

    code = "hold_ended"
    sentence = "这笔订单的预留时间已经过了，请重新下单。"
