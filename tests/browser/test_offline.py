"""Listing on a phone that loses its network: what was written stays in the phone and is sent once, by nobody else."""

import pytest
from flask import Flask, request
from flask.typing import ResponseReturnValue
from playwright.sync_api import expect

from app.kernel.permissions import Viewer
from app.trade.catalog.models import Pack
from tests.browser.conftest import Arrive
from tests.browser.faults import faults_of
from tests.browser.visitor import Screen, Visitor
from tests.cast import answer
from tests.files import pictures

pytestmark = [pytest.mark.timeout(180), pytest.mark.only("sqlite")]
KEPT = "没有网，已经存在手机里，一有网就发出去。"
PHOTO = pictures.encoded(pictures.red_left_blue_right((600, 400)), "JPEG")
_DRAFTS = """async () => {
  const asked = indexedDB.open("liulin-drafts", 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore("drafts", { keyPath: "key" });
  await new Promise((done) => { asked.onsuccess = done; });
  const found = asked.result.transaction("drafts").objectStore("drafts").getAll();
  await new Promise((done) => { found.onsuccess = done; });
  asked.result.close();
  return found.result.length;
}"""


def _packs() -> int:
    return answer("SELECT COUNT(*) FROM packs")


def _drafts(grower: Visitor) -> int:
    """How many drafts lie in the phone."""
    return int(grower.page.evaluate(_DRAFTS))


def _offline(grower: Visitor, *, off: bool) -> None:
    grower.page.context.set_offline(off)


def _button(grower: Visitor) -> None:
    grower.page.locator("main").get_by_role("button", name="上架", exact=True).click()


def _is_told(grower: Visitor, words: str) -> None:
    """The page says so where he sees it; the other notes lie hidden beside it."""
    expect(grower.page.get_by_role("status").locator("[data-note]:visible")).to_contain_text(words)


def _signed_in_at_the_form(grower: Visitor, who: Viewer) -> None:
    grower.open("/grower/listings/new")
    grower.sign_in(who)
    assert grower.path() == "/grower/listings/new"


def _written(grower: Visitor) -> None:
    grower.write("有几件", "7")
    grower.write("一件多少钱", "61")


def _listed(pieces_price: int = 6100) -> int:
    return answer("SELECT COUNT(*) FROM packs WHERE price = :price", price=pieces_price)


def test_what_was_written_without_a_network_is_listed_once_when_it_is_back(
    wang: Viewer, gift_box: Pack, arrive: Arrive
) -> None:
    grower = arrive()
    _signed_in_at_the_form(grower, wang)
    _written(grower)
    grower.page.get_by_label("选一张照片").set_input_files(
        {"name": "zao.jpg", "mimeType": "image/jpeg", "buffer": PHOTO}
    )
    _offline(grower, off=True)
    _button(grower)
    _is_told(grower, KEPT)
    assert (_packs(), _drafts(grower)) == (1, 1)

    _offline(grower, off=False)

    expect(grower.page.get_by_role("heading", level=1)).to_have_text("我的枣")
    assert (_listed(), _drafts(grower)) == (1, 0)
    assert answer("SELECT COUNT(*) FROM pack_photos") == 1


def test_the_message_without_a_network_is_open_to_all_readers(wang: Viewer, gift_box: Pack, arrive: Arrive) -> None:
    grower = arrive()
    _signed_in_at_the_form(grower, wang)
    _written(grower)
    _offline(grower, off=True)
    _button(grower)
    _is_told(grower, KEPT)

    assert faults_of(grower, (Screen.PHONE, Screen.DESK)) == []


def test_what_waits_in_the_phone_is_sent_from_the_home_page_too(wang: Viewer, gift_box: Pack, arrive: Arrive) -> None:
    grower = arrive()
    _signed_in_at_the_form(grower, wang)
    _written(grower)
    _offline(grower, off=True)
    _button(grower)
    _is_told(grower, KEPT)
    grower.page.goto("about:blank")
    _offline(grower, off=False)

    grower.open("/grower/")

    _is_told(grower, "那份，发出去了")
    assert (_listed(), _drafts(grower)) == (1, 0)


def test_an_answer_that_was_lost_is_asked_for_again_and_makes_one_listing(
    wang: Viewer, gift_box: Pack, arrive: Arrive
) -> None:
    grower = arrive()
    _signed_in_at_the_form(grower, wang)
    _written(grower)

    def lose_the_answer(route: object) -> None:
        route.fetch(max_redirects=0)  # type: ignore[attr-defined]
        route.abort("aborted")  # type: ignore[attr-defined]

    grower.page.route("**/grower/listings/new", lose_the_answer, times=1)
    _button(grower)
    _is_told(grower, KEPT)
    assert (_listed(), _drafts(grower)) == (1, 1)

    grower.page.evaluate("dispatchEvent(new Event('online'))")

    expect(grower.page.get_by_role("heading", level=1)).to_have_text("我的枣")
    assert (_listed(), _drafts(grower)) == (1, 0)


def test_what_was_half_written_is_there_when_the_page_is_opened_again(
    wang: Viewer, gift_box: Pack, arrive: Arrive
) -> None:
    grower = arrive()
    _signed_in_at_the_form(grower, wang)
    grower.write("有几件", "7")
    grower.page.wait_for_timeout(700)

    grower.open("/grower/listings/new")

    _is_told(grower, "上回没写完的")
    expect(grower.page.locator("main").get_by_label("有几件")).to_have_value("7")
    grower.page.get_by_role("button", name="不要了，重新写").click()
    expect(grower.page.locator("main").get_by_label("有几件")).to_have_value("")
    assert _drafts(grower) == 0


def test_nobody_sees_or_sends_what_somebody_else_wrote_on_the_same_phone(
    wang: Viewer, gao: Viewer, gift_box: Pack, arrive: Arrive
) -> None:
    phone = arrive()
    _signed_in_at_the_form(phone, wang)
    _written(phone)
    _offline(phone, off=True)
    _button(phone)
    _is_told(phone, KEPT)
    phone.page.goto("about:blank")
    _offline(phone, off=False)
    # His sign-in ends without his doing, so that the draft stays: only its owner's sign-in may wake it.
    phone.page.context.clear_cookies()

    _signed_in_at_the_form(phone, gao)
    phone.open("/grower/")
    phone.page.wait_for_timeout(1000)

    expect(phone.page.locator("[data-note]:visible")).to_have_count(0)
    assert (_packs(), _drafts(phone)) == (1, 1)

    phone.page.context.clear_cookies()
    _signed_in_at_the_form(phone, wang)
    _is_told(phone, "那份，发出去了")
    assert answer("SELECT COUNT(*) FROM packs WHERE seller_id = :own", own=gift_box.seller_id) == 2


def test_signing_out_takes_what_was_written_out_of_the_phone(wang: Viewer, gift_box: Pack, arrive: Arrive) -> None:
    phone = arrive()
    _signed_in_at_the_form(phone, wang)
    phone.write("有几件", "7")
    phone.page.wait_for_timeout(700)
    assert _drafts(phone) == 1

    phone.open("/me")
    phone.press("退出登录")

    assert _drafts(phone) == 0
    assert phone.page.evaluate("localStorage.getItem('liulin-person')") is None


def test_the_form_opens_without_a_network_and_what_it_takes_is_listed_later(
    wang: Viewer, gift_box: Pack, arrive: Arrive
) -> None:
    grower = arrive()
    _signed_in_at_the_form(grower, wang)
    grower.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    _offline(grower, off=True)

    grower.page.goto(grower.address + "/grower/listings/new?fresh=1")
    _is_told(grower, "现在没有网。")
    assert faults_of(grower, (Screen.PHONE,)) == []
    main = grower.page.locator("main")
    main.get_by_text("木枣", exact=True).click()
    for label, text in {"哪个村的": "南垣村", "一件几斤": "3", "有几件": "4", "一件多少钱": "61"}.items():
        grower.write(label, text)
    _button(grower)
    _is_told(grower, KEPT)
    assert _packs() == 1
    _offline(grower, off=False)

    expect(grower.page.get_by_role("heading", level=1)).to_have_text("我的枣")
    assert (_listed(), _drafts(grower)) == (1, 0)


def test_the_kept_page_knows_nobody_when_nobody_signed_in(wang: Viewer, gift_box: Pack, arrive: Arrive) -> None:
    phone = arrive()
    _signed_in_at_the_form(phone, wang)
    phone.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    phone.open("/me")
    phone.press("退出登录")
    _offline(phone, off=True)

    phone.page.goto(phone.address + "/grower/listings/new")

    _is_told(phone, "有网时先登录一次")
    expect(phone.page.locator("form[data-draft]")).to_be_hidden()
    assert "王" not in phone.page.locator("body").inner_text()


def test_a_server_that_cannot_now_gets_the_listing_later(
    app: Flask, wang: Viewer, gift_box: Pack, arrive: Arrive
) -> None:
    turned_away: list[str] = []

    def turn_away() -> ResponseReturnValue | None:
        if request.path == "/grower/listings/new" and request.method == "POST" and not turned_away:
            turned_away.append(request.path)
            return "429", 429
        return None

    app.before_request(turn_away)
    grower = arrive()
    _signed_in_at_the_form(grower, wang)
    _written(grower)
    _button(grower)
    _is_told(grower, "网站正忙")

    grower.page.evaluate("dispatchEvent(new Event('online'))")

    expect(grower.page.get_by_role("heading", level=1)).to_have_text("我的枣")
    assert (_listed(), len(turned_away)) == (1, 1)
