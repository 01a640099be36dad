"""Buying with an address book: one tap for a kept address, the fields only for another one, with or without scripts."""

import pytest
from playwright.sync_api import expect

from app.kernel.db import transaction
from app.kernel.permissions import Viewer
from app.trade.addresses import service as addresses
from app.trade.addresses.queries import Place
from app.trade.catalog.models import Pack
from tests.browser.conftest import Arrive
from tests.browser.visitor import Visitor
from tests.cast import SHANXI

pytestmark = [pytest.mark.timeout(180), pytest.mark.only("sqlite")]


def at_checkout(buyer: Visitor, li: Viewer, pack: Pack) -> None:
    with transaction():
        addresses.keep(Place("李晓月", "13812345678", SHANXI, "太原市迎泽区桃园路四十七号"), by=li)
    buyer.open(f"/packs/{pack.slug}")
    buyer.press("放进购物篮")
    buyer.follow("去下单")
    buyer.sign_in(li)


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
def test_a_kept_address_needs_no_typing(
    li: Viewer, wang: Viewer, gift_box: Pack, arrive: Arrive, scripts: bool
) -> None:
    buyer = arrive(scripts=scripts)
    at_checkout(buyer, li, gift_box)

    expect(buyer.page.get_by_role("radio", name="桃园路四十七号")).to_be_checked()
    expect(buyer.page.get_by_label("详细地址")).to_be_hidden()
    buyer.press("确认下单")

    expect(buyer.page.get_by_role("status")).to_contain_text("下单成功")
    buyer.follow(gift_box.title)
    expect(buyer.page.get_by_text("桃园路四十七号")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
def test_another_address_is_asked_for_once_it_is_chosen_and_may_be_kept(
    li: Viewer, wang: Viewer, gift_box: Pack, arrive: Arrive, scripts: bool
) -> None:
    buyer = arrive(scripts=scripts)
    at_checkout(buyer, li, gift_box)

    buyer.page.get_by_role("radio", name="另一个地址").check()
    buyer.write("收货人", "李二")
    buyer.write("手机号", "13812345671")
    buyer.write("详细地址", "桃园路九号")
    buyer.page.get_by_label("存到地址簿").check()
    buyer.press("确认下单")
    expect(buyer.page.get_by_role("status")).to_contain_text("下单成功")

    buyer.open("/me/addresses")
    expect(buyer.page.get_by_text("桃园路九号").first).to_be_visible()
    assert not buyer.is_too_wide()
