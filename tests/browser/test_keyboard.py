"""A purchase and a listing without a mouse and without a touch."""

import pytest
from playwright.sync_api import Locator, expect

from app.kernel.permissions import Viewer
from app.people.accounts import queries as accounts_queries
from app.trade.catalog.models import Pack
from tests.browser.conftest import Arrive
from tests.browser.keyboard import Keyboard
from tests.browser.visitor import Screen, Visitor
from tests.cast import GUANGDONG, PASSWORD, answer

pytestmark = [pytest.mark.timeout(180), pytest.mark.only("sqlite")]


def _main(visitor: Visitor) -> Locator:
    return visitor.page.locator("main")


def _button(visitor: Visitor, name: str) -> Locator:
    return _main(visitor).get_by_role("button", name=name, exact=True)


def _sign_in(visitor: Visitor, keys: Keyboard, who: Viewer) -> None:
    keys.type(_main(visitor).get_by_label("手机号"), accounts_queries.phone_of(accounts_queries.person(who.person_id)))
    keys.type(_main(visitor).get_by_label("密码"), PASSWORD)
    keys.push(_button(visitor, "登录"))


def test_the_first_stop_on_a_page_leads_past_the_menu(gift_box: Pack, arrive: Arrive) -> None:
    visitor = arrive(Screen.DESK)
    visitor.open("/shelf")

    visitor.page.keyboard.press("Tab")
    expect(visitor.page.locator(".skip")).to_be_focused()
    expect(visitor.page.locator(".skip")).to_be_in_viewport()
    visitor.page.keyboard.press("Enter")
    visitor.page.keyboard.press("Tab")

    assert visitor.page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_a_purchase_is_made_by_keyboard(li: Viewer, gift_box: Pack, arrive: Arrive) -> None:
    buyer = arrive(Screen.DESK)
    keys = Keyboard(buyer.page)
    buyer.open("/")

    keys.type(_main(buyer).get_by_label("找什么枣"), "红枣")
    keys.push(_button(buyer, "找枣"))
    keys.push(_main(buyer).get_by_role("link", name=gift_box.title))
    keys.push(_button(buyer, "放进购物篮"))
    keys.push(_main(buyer).get_by_role("link", name="去下单"))
    _sign_in(buyer, keys, li)
    keys.type(_main(buyer).get_by_label("收货人"), "李晓月")
    keys.type(_main(buyer).get_by_label("手机号"), "13812345678")
    keys.step_to(_main(buyer).get_by_label("省份"), GUANGDONG)
    keys.type(_main(buyer).get_by_label("详细地址"), "广州市越秀区沿江路四十七号")
    keys.reach(_main(buyer).get_by_role("radio", name="银行转账"))
    buyer.page.keyboard.press("ArrowDown")
    expect(_main(buyer).get_by_role("radio", name="货到付款")).to_be_checked()
    keys.push(_button(buyer, "确认下单"))
    expect(buyer.page.get_by_role("alert").first).to_be_visible()
    keys.push(_button(buyer, "确认下单"))
    keys.push(_main(buyer).get_by_role("link", name=gift_box.title))

    expect(buyer.page.get_by_role("heading", level=1)).to_contain_text("订单")


def test_a_refused_form_has_the_focus_on_what_is_wrong(li: Viewer, gift_box: Pack, arrive: Arrive) -> None:
    buyer = arrive(Screen.DESK)
    buyer.open(f"/packs/{gift_box.slug}")
    buyer.press("放进购物篮")
    buyer.follow("去下单")
    buyer.sign_in(li)

    buyer.press("确认下单")

    expect(buyer.page.locator(".notice.is-bad")).to_be_focused()
    Keyboard(buyer.page).reach(buyer.page.locator(".notice.is-bad").get_by_role("link").first)
    buyer.page.keyboard.press("Enter")
    expect(_main(buyer).get_by_label("详细地址")).to_be_focused()


def test_a_listing_is_made_by_keyboard(wang: Viewer, arrive: Arrive) -> None:
    grower = arrive(Screen.DESK)
    keys = Keyboard(grower.page)
    grower.open("/sign-in")
    _sign_in(grower, keys, wang)

    keys.push(grower.page.get_by_label("主菜单").get_by_role("link", name="我要卖枣"))
    keys.push(_main(grower).get_by_role("link", name="我要卖枣"))
    keys.reach(_main(grower).get_by_role("radio", name="木枣", exact=True))
    grower.page.keyboard.press("ArrowDown")
    expect(_main(grower).get_by_role("radio", name="木母枣")).to_be_checked()
    keys.type(_main(grower).get_by_label("哪个村的"), "南垣村")
    keys.type(_main(grower).get_by_label("一件几斤"), "5")
    keys.type(_main(grower).get_by_label("有几件"), "12")
    keys.type(_main(grower).get_by_label("一件多少钱"), "59.90")
    keys.reach(_main(grower).locator("summary").last)
    grower.page.keyboard.press("Space")
    keys.type(_main(grower).get_by_label("商品名"), "王家木枣")
    keys.push(_button(grower, "上架"))

    expect(grower.page.get_by_role("status")).to_contain_text("已经上架")
    assert answer("SELECT COUNT(*) FROM packs WHERE title = '王家木枣' AND variety_key = 'mumuzao'") == 1
