"""The whole listing: from the signed-in grower's home to fruit on the shelf, on a phone, in few taps, once."""

import pytest
from playwright.sync_api import expect

from app.kernel.permissions import Viewer
from app.trade.catalog.models import Pack
from tests.browser.conftest import Arrive
from tests.browser.visitor import Visitor
from tests.cast import a_pack, answer, described
from tests.files import pictures

pytestmark = pytest.mark.timeout(180)
MOST_TAPS_FIRST, MOST_TAPS_AGAIN = 6, 3
PHOTO = pictures.encoded(pictures.red_left_blue_right((1200, 800)), "JPEG")
both_ways = pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])


def _at_home(grower: Visitor, who: Viewer) -> None:
    """Signed in, on the home page of who sells, nothing tapped yet."""
    grower.open("/grower/")
    grower.sign_in(who)
    assert grower.path() == "/grower/"
    grower.taps = 0


def _to_the_form(grower: Visitor) -> None:
    grower.follow("我要卖枣")
    assert grower.path() == "/grower/listings/new"


def _touch(grower: Visitor, tile: str) -> None:
    """Tap a choice that lies open on the page."""
    grower.taps += 1
    grower.page.locator("main").get_by_text(tile, exact=True).click()


def _write_what_nobody_knows_yet(grower: Visitor) -> None:
    grower.write("哪个村的", "南垣村")
    grower.write("一件几斤", "5")
    grower.write("有几件", "12")
    grower.write("一件多少钱", "59.90")


def _packs() -> int:
    return answer("SELECT COUNT(*) FROM packs")


@both_ways
def test_a_grower_lists_fruit_for_the_first_time_in_six_taps(wang: Viewer, arrive: Arrive, scripts: bool) -> None:
    grower, buyer = arrive(scripts=scripts), arrive(scripts=scripts)
    _at_home(grower, wang)

    _to_the_form(grower)
    _touch(grower, "木枣")
    _write_what_nobody_knows_yet(grower)
    grower.page.get_by_label("选一张照片").set_input_files(
        {"name": "zao.jpg", "mimeType": "image/jpeg", "buffer": PHOTO}
    )
    grower.press("上架")

    expect(grower.page.get_by_role("status")).to_contain_text("已经上架")
    # Choosing the photo takes a tap on the field and one in the phone's album.
    assert grower.taps + 2 <= MOST_TAPS_FIRST
    buyer.open("/shelf")
    card = buyer.page.locator(".card")
    expect(card.get_by_text("¥59.90")).to_be_visible()
    picture = card.locator("img")
    picture.scroll_into_view_if_needed()
    assert picture.evaluate("async (img) => { await img.decode(); return img.naturalWidth }") > 0


@pytest.mark.only("sqlite")
def test_a_kind_that_lies_behind_the_fold_takes_one_tap_more(wang: Viewer, arrive: Arrive) -> None:
    grower = arrive(scripts=False)
    _at_home(grower, wang)

    _to_the_form(grower)
    _touch(grower, "别的枣")
    _touch(grower, "冬枣")
    _write_what_nobody_knows_yet(grower)
    grower.press("上架")

    expect(grower.page.get_by_role("status")).to_contain_text("已经上架")
    assert grower.taps <= MOST_TAPS_FIRST
    assert answer("SELECT COUNT(*) FROM packs WHERE variety_key = 'dongzao'") == 1


@pytest.mark.only("sqlite")
@both_ways
def test_a_grower_who_sold_one_kind_before_needs_two_taps(
    wang: Viewer, gift_box: Pack, arrive: Arrive, scripts: bool
) -> None:
    grower = arrive(scripts=scripts)
    _at_home(grower, wang)

    _to_the_form(grower)
    grower.write("有几件", "12")
    grower.press("上架")

    expect(grower.page.get_by_role("status")).to_contain_text("已经上架")
    assert grower.taps == 2
    assert _packs() == 2


@pytest.mark.only("sqlite")
@both_ways
def test_a_grower_who_sold_several_kinds_before_needs_three_taps(
    wang: Viewer, gift_box: Pack, arrive: Arrive, scripts: bool
) -> None:
    a_pack(wang, said=described(title="十斤家庭装", net=5000, price=9900))
    grower = arrive(scripts=scripts)
    _at_home(grower, wang)

    _to_the_form(grower)
    grower.follow("十斤家庭装")
    grower.write("有几件", "12")
    grower.write("一件多少钱", "88")
    grower.press("上架")

    expect(grower.page.get_by_role("status")).to_contain_text("已经上架")
    assert grower.taps <= MOST_TAPS_AGAIN
    assert answer("SELECT COUNT(*) FROM packs WHERE net = 5000 AND price = 8800") == 1


@pytest.mark.only("sqlite")
@both_ways
def test_a_double_tap_makes_one_listing(wang: Viewer, gift_box: Pack, arrive: Arrive, scripts: bool) -> None:
    grower = arrive(scripts=scripts)
    _at_home(grower, wang)
    _to_the_form(grower)
    grower.write("有几件", "12")

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
    grower.write("有几件", "12")
    grower.press("上架")
    expect(grower.page.get_by_role("status")).to_contain_text("已经上架")

    grower.page.go_back()
    if grower.path() == "/grower/":
        _to_the_form(grower)
    grower.press("上架")

    expect(grower.page.get_by_role("alert").first).to_contain_text("有几件")
    assert _packs() == 2


@pytest.mark.only("sqlite")
def test_a_refused_listing_keeps_the_photo_that_was_chosen(wang: Viewer, gift_box: Pack, arrive: Arrive) -> None:
    grower = arrive()
    _at_home(grower, wang)
    _to_the_form(grower)
    grower.page.get_by_label("选一张照片").set_input_files(
        {"name": "zao.jpg", "mimeType": "image/jpeg", "buffer": PHOTO}
    )
    grower.press("上架")
    expect(grower.page.get_by_role("alert").first).to_contain_text("有几件")

    grower.write("有几件", "12")
    grower.press("上架")

    expect(grower.page.get_by_role("status")).to_contain_text("已经上架")
    assert answer("SELECT COUNT(*) FROM pack_photos") == 1


@pytest.mark.only("sqlite")
def test_a_large_photo_is_made_smaller_before_it_is_sent(wang: Viewer, gift_box: Pack, arrive: Arrive) -> None:
    grower = arrive()
    _at_home(grower, wang)
    _to_the_form(grower)
    large = pictures.encoded(pictures.noise((3000, 2000)), "JPEG")

    field = grower.page.get_by_label("选一张照片")
    field.set_input_files({"name": "zao.jpg", "mimeType": "image/jpeg", "buffer": large})

    expect(grower.page.locator(".photo-preview")).to_be_visible()
    assert field.evaluate("(one) => one.files[0].size") < len(large) // 2
    width = field.evaluate("async (one) => (await createImageBitmap(one.files[0])).width")
    assert width == 1600
