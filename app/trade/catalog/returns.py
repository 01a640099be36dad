"""What may be sent back, by kind of goods. Source: 消费者权益保护法 art. 24, 25; 未成年人保护法 art. 59."""

from __future__ import annotations

from enum import StrEnum

FRESH = "fresh"

_FRESH = (
    "鲜枣容易坏，下单时经您确认，不适用七日无理由退货；到货有坏果、少斤两，请在签收后一天内拍照找卖家或投诉处，照赔。"
)
_SOUND = (
    "自收货第二天起七天内，不影响再卖的可以无理由退货，拆开外箱查看不算；来回运费没有另外约定的由买家出。"
    "质量有问题、少斤两的由卖家承担。"
)


class ReturnRule(StrEnum):
    """Which rule a purchase was made under."""

    SEVEN_DAYS = "seven_days"
    EXCLUDED_CONFIRMED = "excluded_confirmed"

    @property
    def words(self) -> str:
        """What people read beside what was bought."""
        return {
            "seven_days": "收货第二天起七天内可无理由退货",
            "excluded_confirmed": "鲜枣，下单时已确认不适用七日无理由退货",
        }[self.value]


def words(kind: str) -> str:
    """The rule for goods of that kind, as a buyer reads it before paying."""
    return _FRESH if kind == FRESH else _SOUND


def needs_confirmation(kind: str) -> bool:
    """Whether the buyer must confirm the rule at this purchase, because it takes the seven days from him."""
    return kind == FRESH


def rule_of(kind: str) -> ReturnRule:
    """The rule for goods of that kind bought now, once the buyer has confirmed what he must."""
    return ReturnRule.EXCLUDED_CONFIRMED if needs_confirmation(kind) else ReturnRule.SEVEN_DAYS
