"""The whole listing: from the signed-in home page to fruit on the shelf, on a phone, in few taps, once."""

import pytest
from playwright.sync_api import expect

from app.kernel.permissions import Viewer
from app.trade.catalog.models import Pack
from tests.browser.conftest import Arrive
from tests.browser.visitor import Visitor
from tests.cast import answer
from tests.files import pictures

pytestmark = pytest.mark.timeout(180)
MOST_TAPS_FIRST, MOST_TAPS_AGAIN = 6, 3
PHOTO = pictures.encoded(pictures.red_left_blue_right((1200, 800)), "JPEG")
both_ways = pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])


def _at_home(grower: Visitor, who: Viewer) -> None:
    """Signed in, on the home page, nothing tapped yet."""
    grower.open("/sign-in")
    grower.sign_in(who)
    assert grower.path() == "/"
    grower.taps = 0


def _to_the_form(grower: Visitor) -> None:
    grower.tap(grower.page.get_by_label("主菜单").get_by_role("link", name="我要卖枣"))
    grower.follow("我要卖枣")
    assert grower.path() == "/grower/listings/new"


def _fill_in(grower: Visitor) -> None:
    grower.choose("品种", "木枣")
    grower.write("哪个村的", "南垣村")
    grower.write("一件几斤", "5")
    grower.write("有几件", "12")
    grower.write("一件多少钱", "59.90")


def _fill_in_what_is_new(grower: Visitor) -> None:
    grower.write("有几件", "12")


def _packs() -> int:
    return answer("SELECT COUNT(*) FROM packs")


@both_ways
def test_a_grower_lists_fruit_for_the_first_time_in_six_taps(wang: Viewer, arrive: Arrive, scripts: bool) -> None:
    grower, buyer = arrive(scripts=scripts), arrive(scripts=scripts)
    _at_home(grower, wang)

    _to_the_form(grower)
    _fill_in(grower)
    grower.page.get_by_label("选一张照片").set_input_files(
        {"name": "zao.jpg", "mimeType": "image/jpeg", "buffer": PHOTO}
    )
    grower.press("上架")

    expect(grower.page.get_by_role("status")).to_contain_text("已经上架")
    assert grower.taps <= MOST_TAPS_FIRST
    buyer.open("/shelf")
    card = buyer.page.locator(".card")
    expect(card.get_by_text("¥59.90")).to_be_visible()
    picture = card.locator("img")
    picture.scroll_into_view_if_needed()
    assert picture.evaluate("async (img) => { await img.decode(); return img.naturalWidth }") > 0


@pytest.mark.only("sqlite")
@both_ways
def test_a_grower_who_listed_before_needs_three_taps(
    wang: Viewer, gift_box: Pack, arrive: Arrive, scripts: bool
) -> None:
    grower = arrive(scripts=scripts)
    _at_home(grower, wang)

    _to_the_form(grower)
    _fill_in_what_is_new(grower)
    grower.press("上架")

    expect(grower.page.get_by_role("status")).to_contain_text("已经上架")
    assert grower.taps <= MOST_TAPS_AGAIN
    assert _packs() == 2


@pytest.mark.only("sqlite")
@both_ways
def test_a_double_tap_makes_one_listing(wang: Viewer, gift_box: Pack, arrive: Arrive, scripts: bool) -> None:
    grower = arrive(scripts=scripts)
    _at_home(grower, wang)
    _to_the_form(grower)
    _fill_in_what_is_new(grower)

    grower.page.get_by_role("button", name="上架", exact=True).dblclick()

    expect(grower.page.get_by_role("status")).to_contain_text("已经上架")
    assert _packs() == 2


@pytest.mark.only("sqlite")
@both_ways
def test_going_back_and_sending_again_makes_one_listing(
    wang: Viewer, gift_box: Pack, arrive: Arrive, scripts: bool
) -> None:
    grower = arrive(scripts=scripts)
    _at_home(grower, wang)
    _to_the_form(grower)
    _fill_in_what_is_new(grower)
    grower.press("上架")
    expect(grower.page.get_by_role("status")).to_contain_text("已经上架")

    grower.page.go_back()
    assert grower.path() == "/grower/listings/new"
    grower.press("上架")

    expect(grower.page.get_by_role("alert").first).to_contain_text("有几件")
    assert _packs() == 2
