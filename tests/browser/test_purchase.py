"""The whole purchase, from the search to the received box, on a phone."""

import pytest
from playwright.sync_api import expect

from app.kernel.permissions import Viewer
from app.trade.catalog.models import Pack
from tests.browser.conftest import Arrive
from tests.browser.visitor import Visitor
from tests.cast import available

pytestmark = pytest.mark.timeout(180)
SLIP = ("收款人", "开户行", "账号", "附言")


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
def test_a_buyer_finds_orders_pays_and_receives_a_box(
    li: Viewer, wang: Viewer, qian: Viewer, gift_box: Pack, arrive: Arrive, scripts: bool
) -> None:
    buyer, official, seller = (arrive(scripts=scripts) for _ in range(3))

    _find(buyer, gift_box)
    _fill_the_basket(buyer, pieces="2")
    buyer.follow("去下单")
    buyer.sign_in(li)
    total = _check_out(buyer)
    number = _open_the_order(buyer, gift_box)
    _see_the_slip(buyer, number, total)
    _confirm(official, qian, number, total)
    _pack_and_ship(seller, wang, number)
    _receive(buyer)

    assert available(gift_box) == 8


def _find(buyer: Visitor, pack: Pack) -> None:
    buyer.open("/")
    buyer.write("找什么枣", "红枣")
    buyer.press("找枣")
    assert buyer.path() == "/shelf"
    expect(buyer.page.get_by_text("¥68.00")).to_be_visible()
    buyer.follow(pack.title)


def _fill_the_basket(buyer: Visitor, *, pieces: str) -> None:
    expect(buyer.page.get_by_text("¥68.00")).to_be_visible()
    buyer.write("件数", pieces)
    buyer.press("放进购物篮")
    assert buyer.path() == "/cart"
    expect(buyer.page.get_by_role("status")).to_contain_text("已放进购物篮")
    assert buyer.amount("货款合计") == 13_600


def _check_out(buyer: Visitor) -> int:
    """To another province than the one that was reckoned with: the new total is shown, and asked about."""
    assert buyer.path() == "/checkout"
    near = buyer.amount("一共要付")
    buyer.write("收货人", "李晓月")
    buyer.write("手机号", "13812345678")
    buyer.choose("省份", "广东省")
    buyer.write("详细地址", "广州市越秀区沿江路四十七号")
    buyer.press("确认下单")

    expect(buyer.page.get_by_role("alert").first).to_be_visible()
    far = buyer.amount("一共要付")
    assert far > near
    assert buyer.page.get_by_label("详细地址").input_value() == "广州市越秀区沿江路四十七号"
    buyer.press("确认下单")
    return far


def _open_the_order(buyer: Visitor, pack: Pack) -> str:
    assert buyer.path() == "/orders"
    expect(buyer.page.get_by_role("status")).to_contain_text("下单成功")
    buyer.follow(pack.title)
    return buyer.path().rpartition("/")[2]


def _see_the_slip(buyer: Visitor, number: str, total: int) -> None:
    slip = buyer.page.locator(".slip")
    for name in SLIP:
        expect(slip).to_contain_text(name)
    expect(slip).to_contain_text(number)
    assert buyer.amount("金额") == total


def _confirm(official: Visitor, who: Viewer, number: str, total: int) -> None:
    official.open("/desk/payments")
    official.sign_in(who)
    official.write("订单号", number)
    official.press("找")
    official.write("金额", f"{total // 100}.{total % 100:02d}")
    official.write("流水号", "20261124-0001")
    official.press("确认到账")
    expect(official.page.get_by_role("status")).to_contain_text("已确认到账")


def _pack_and_ship(seller: Visitor, who: Viewer, number: str) -> None:
    seller.open("/grower/")
    seller.sign_in(who)
    seller.follow("等您装箱")
    seller.tap(seller.page.locator(f"a[href$='{number}']"))
    expect(seller.page.get_by_text("广州市越秀区沿江路四十七号")).to_be_visible()
    seller.press("装好了")
    seller.write("运单号", "YZ123456789CN")
    seller.press("已交给快递")
    expect(seller.page.get_by_role("status")).to_contain_text("已发货")


def _receive(buyer: Visitor) -> None:
    buyer.page.reload()
    expect(buyer.page.get_by_text("YZ123456789CN")).to_be_visible()
    buyer.press("收到了，枣没问题")
    expect(buyer.page.get_by_role("status")).to_contain_text("已确认收货")
