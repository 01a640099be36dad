"""A text about money is one message on any phone, whatever the amounts."""

from __future__ import annotations

from datetime import date

from hypothesis import example, given
from hypothesis import strategies as st

from app.kernel.money import ZERO, Money
from app.people.messages.service import MOST_SIGNS, signs
from app.trade.settlements import wording

AMOUNTS = st.integers(0, 10**11).map(Money)
"""Up to a thousand million yuan."""
MOST = Money(10**10)


@example(through=date(2026, 12, 31), sales=MOST, back=MOST, pays=MOST, owed=MOST)
@given(
    through=st.dates(date(2026, 1, 1), date(2036, 12, 31)),
    sales=AMOUNTS,
    back=AMOUNTS,
    pays=AMOUNTS,
    owed=st.integers(-(10**11), 10**11).map(Money),
)
def test_a_statement_is_one_text_with_room_for_a_signature(
    through: date, sales: Money, back: Money, pays: Money, owed: Money
) -> None:
    words = wording.closed(through=through, sales=sales, refunds=-back, pays=pays, owed=owed, tail="1234")

    assert signs(words) <= MOST_SIGNS - len("【柳林红枣】")
    assert str(sales) in words or max(sales, back, pays, abs_of(owed)) >= MOST


def abs_of(money: Money) -> Money:
    return max(money, -money)


@given(amount=AMOUNTS)
def test_so_is_what_the_bank_did(amount: Money) -> None:
    most = MOST_SIGNS - len("【柳林红枣】")
    assert signs(wording.paid(amount=amount, tail="1234")) <= most
    assert signs(wording.not_paid(amount=amount, tail="1234")) <= most


def test_it_says_what_is_paid_and_where_to() -> None:
    words = wording.closed(
        through=date(2026, 10, 31),
        sales=Money(123450),
        refunds=Money(-2000),
        pays=Money(121450),
        owed=Money(121450),
        tail="1234",
    )

    assert words == "到10月31日卖枣1234.50元，退买家20.00元，打1214.50元到尾号1234的卡，到账再告诉您。"


def test_who_owes_something_learns_that_it_is_taken_from_what_he_sells_next() -> None:
    words = wording.closed(
        through=date(2026, 10, 31), sales=ZERO, refunds=Money(-2000), pays=ZERO, owed=Money(-2000), tail=""
    )

    assert "还欠20.00元，从以后的货款里扣" in words
