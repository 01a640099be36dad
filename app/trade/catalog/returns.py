"""What may be sent back, by kind of goods. Source: 消费者权益保护法 art. 24, 25; 未成年人保护法 art. 59."""

from __future__ import annotations

FRESH = "fresh"

_FRESH = (
    "鲜枣容易坏，下单时经您确认，不适用七日无理由退货；到货有坏果、少斤两，请在签收后一天内拍照找卖家或投诉处，照赔。"
)
_SOUND = (
    "自收货第二天起七天内，不影响再卖的可以无理由退货，拆开外箱查看不算；来回运费没有另外约定的由买家出。"
    "质量有问题、少斤两的由卖家承担。"
)


def words(kind: str) -> str:
    """The rule for goods of that kind, as a buyer reads it before paying."""
    return _FRESH if kind == FRESH else _SOUND


def needs_confirmation(kind: str) -> bool:
    """Whether the buyer must confirm the rule at this purchase, because it takes the seven days from him."""
    return kind == FRESH
