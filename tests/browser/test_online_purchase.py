"""Paying by Alipay, WeChat or card on the hosted page of the sandbox, and coming back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from app.kernel.db import session
from app.kernel.permissions import Viewer
from app.trade.catalog.models import Pack
from app.trade.orders.models import Order
from app.trade.orders.states import OrderState
from config import Settings
from tests.browser.conftest import Arrive
from tests.browser.visitor import Screen, Visitor
from tests.cast import available, fresh
from tests.fakes.stripe_server import StripeServer
from tests.trade.payments.cast import KEY, SECRET, at_stripe, hear, reread, stripes_book

pytestmark = pytest.mark.timeout(180)


@pytest.fixture
def stripe() -> Iterator[StripeServer]:
    """A payment company on this machine; what it says reaches us when the test lets it."""
    with StripeServer(key=KEY) as server:
        yield server


@pytest.fixture
def settings(database_url: str, tmp_path: Path, stripe: StripeServer) -> Settings:
    return Settings.from_env(
        {
            "DATABASE_URL": database_url,
            "INSTANCE_DIR": str(tmp_path / "instance"),
            "SECRET_KEY": "for tests only, long enough to be taken",
            "STRIPE_API_KEY": KEY,
            "STRIPE_API_BASE": stripe.url,
            "STRIPE_WEBHOOK_SECRET": SECRET,
        }
    )


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
def test_a_buyer_pays_online_and_sees_that_it_came(
    li: Viewer, gift_box: Pack, arrive: Arrive, stripe: StripeServer, scripts: bool
) -> None:
    buyer = arrive(scripts=scripts)
    total = _order(buyer, li, gift_box)
    assert buyer.path().startswith("/pay/")
    assert buyer.amount("一共要付") == total
    buyer.press("去付款")
    expect(buyer.page.get_by_role("alert").first).to_contain_text("请先勾选同意")
    _pay(buyer, stripe, "支付宝付款")

    expect(buyer.page.get_by_text("正在确认付款")).to_be_visible()
    hear(stripe)
    buyer.page.reload()
    expect(buyer.page.get_by_text("付好了")).to_be_visible()
    buyer.follow("看我的订单")
    expect(buyer.page.locator("main")).to_contain_text("已付款")
    assert at_stripe() == stripes_book(stripe).fen
    assert available(gift_box) == 9


def test_who_does_not_pay_comes_back_to_where_he_can(
    li: Viewer, gift_box: Pack, arrive: Arrive, stripe: StripeServer
) -> None:
    buyer = arrive(Screen.DESK)
    _order(buyer, li, gift_box)
    _pay(buyer, stripe, "不付了")

    expect(buyer.page.get_by_role("button", name="去付款")).to_be_visible()
    reread()
    assert fresh(session().query(Order).one()).state is OrderState.PLACED


def _order(buyer: Visitor, who: Viewer, pack: Pack) -> int:
    buyer.open(f"/packs/{pack.slug}")
    buyer.press("放进购物篮")
    buyer.follow("去下单")
    buyer.sign_in(who)
    buyer.write("收货人", "李晓月")
    buyer.write("手机号", "13812345678")
    buyer.write("详细地址", "太原市迎泽区桃园路四十七号")
    expect(buyer.page.get_by_label("在线支付")).to_be_checked()
    total = buyer.amount("一共要付")
    buyer.press("确认下单")
    return total


def _pay(buyer: Visitor, stripe: StripeServer, button: str) -> None:
    """On the hosted page, which is the one other host that a buyer is ever sent to."""
    buyer.page.get_by_label("我单独同意").check()
    buyer.press("去付款")
    assert buyer.page.url.startswith(stripe.url)
    buyer.press(button)
    assert buyer.path().startswith("/pay/")
    buyer.wrong[:] = [one for one in buyer.wrong if stripe.url not in one]
