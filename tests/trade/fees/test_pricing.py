"""What the county keeps of a sale."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.kernel.money import ZERO, Money
from app.trade.fees import pricing, service


@given(goods=st.integers(-(10**12), 10**12).map(Money), rate=st.integers(0, service.MOST))
def test_it_is_the_nearest_fen_and_comes_back_whole_with_the_goods(goods: Money, rate: int) -> None:
    fee = pricing.fee(goods, rate=rate)

    assert abs(fee.fen * pricing.PER - goods.fen * rate) * 2 <= pricing.PER
    assert pricing.fee(-goods, rate=rate) == -fee


def test_half_a_fen_goes_up() -> None:
    assert pricing.fee(Money(50), rate=100) == Money(1)
    assert pricing.fee(Money(49), rate=100) == ZERO


def test_a_rate_is_read_as_people_say_it() -> None:
    assert [service.percent(rate) for rate in (0, 5, 50, 250, 1000)] == ["0%", "0.05%", "0.5%", "2.5%", "10%"]
