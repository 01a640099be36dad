"""A phone with a poor signal: tapped twice, cut off, sent again; one basket becomes one order."""

import pytest
from playwright.sync_api import Error, Route, expect

from app.kernel.permissions import Viewer
from app.trade.catalog.models import Pack
from tests.browser.conftest import Arrive
from tests.browser.visitor import Visitor
from tests.cast import answer, available

pytestmark = [pytest.mark.timeout(180), pytest.mark.only("sqlite")]
both_ways = pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])


def _before_the_last_tap(buyer: Visitor, who: Viewer, pack: Pack) -> None:
    """Signed in, at a checkout that is filled in."""
    buyer.open(f"/packs/{pack.slug}")
    buyer.press("放进购物篮")
    buyer.follow("去下单")
    buyer.sign_in(who)
    _fill_in(buyer)


def _fill_in(buyer: Visitor) -> None:
    buyer.write("收货人", "李晓月")
    buyer.write("手机号", "13812345678")
    buyer.write("详细地址", "太原市迎泽区桃园路四十七号")


def _orders() -> int:
    return answer("SELECT COUNT(*) FROM orders")


@both_ways
def test_a_double_tap_makes_one_order(li: Viewer, gift_box: Pack, arrive: Arrive, scripts: bool) -> None:
    buyer = arrive(scripts=scripts)
    _before_the_last_tap(buyer, li, gift_box)

    buyer.page.get_by_role("button", name="确认下单").dblclick()

    expect(buyer.page.get_by_role("heading", level=1)).to_have_text("我的订单")
    assert (_orders(), available(gift_box)) == (1, 9)


@both_ways
def test_going_back_after_the_order_finds_nothing_left_to_order(
    li: Viewer, gift_box: Pack, arrive: Arrive, scripts: bool
) -> None:
    buyer = arrive(scripts=scripts)
    _before_the_last_tap(buyer, li, gift_box)
    buyer.press("确认下单")
    expect(buyer.page.get_by_role("status")).to_contain_text("下单成功")

    buyer.page.go_back()
    if buyer.path() == "/checkout":
        buyer.press("确认下单")

    assert buyer.path() in ("/cart", "/orders")
    assert (_orders(), available(gift_box)) == (1, 9)


def test_an_order_that_never_left_the_phone_is_sent_when_the_signal_is_back(
    li: Viewer, gift_box: Pack, arrive: Arrive
) -> None:
    buyer = arrive()
    _before_the_last_tap(buyer, li, gift_box)
    buyer.page.context.set_offline(True)
    with pytest.raises(Error, match="INTERNET_DISCONNECTED"):
        buyer.press("确认下单")
    buyer.page.context.set_offline(False)

    buyer.open("/checkout")
    _fill_in(buyer)
    buyer.press("确认下单")

    expect(buyer.page.get_by_role("status")).to_contain_text("下单成功")
    assert (_orders(), available(gift_box)) == (1, 9)


def test_an_order_whose_answer_was_lost_is_found_by_sending_it_again(
    li: Viewer, gift_box: Pack, arrive: Arrive
) -> None:
    buyer = arrive(scripts=False)
    _before_the_last_tap(buyer, li, gift_box)
    button = buyer.page.get_by_role("button", name="确认下单")

    def lose_the_answer(route: Route) -> None:
        route.fetch(max_redirects=0)
        route.abort("aborted")

    buyer.page.route("**/checkout", lose_the_answer, times=1)
    with buyer.page.expect_event("requestfailed"):
        button.click()
    assert (buyer.path(), _orders()) == ("/checkout", 1)

    buyer.tap(button)

    assert buyer.path() == "/orders"
    assert (_orders(), available(gift_box)) == (1, 9)
