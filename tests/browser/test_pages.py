"""Every kind of page, as each of its readers sees it: nothing for axe to find, nothing to scroll sideways for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from app.insight.consistency import service as consistency
from app.kernel.permissions import Viewer
from tests.browser.conftest import Arrive
from tests.browser.faults import faults_of
from tests.browser.season import Season, lived
from tests.browser.visitor import Screen, Visitor
from tests.cast import MENGMEN, sql

pytestmark = [pytest.mark.timeout(180), pytest.mark.only("sqlite")]

PUBLIC = (
    "/",
    "/shelf",
    "/shelf?q=找不到的东西",
    "/shelf?township={township}&sort=cheapest",
    "/packs/{plain}",
    "/packs/{fresh}",
    "/packs/{sold-out}",
    "/townships/{township}",
    "/sellers/{shop}",
    "/cart",
    "/sign-in",
    "/sign-up",
    "/complaints",
    "/county",
    "/county/townships/{township}",
    "/county/figures/sold_amount",
    "/county/figures/growers?township={township}",
    "/no-such-page",
)
BUYER = ("/cart", "/checkout", "/orders", "/orders/{placed}", "/orders/{shipped}", "/orders/{refunded}")
OWN = ("/me", "/me/messages", "/me/mail", "/me/password", "/me/totp", "/me/step-up", "/grower/", "/grower/apply")
GROWER = (
    "/grower/",
    "/grower/listings",
    "/grower/listings/new",
    "/grower/listings/new?fresh=1",
    "/grower/listings/offline",
    "/grower/listings/{plain}",
    "/grower/listings/{sold-out}",
    "/grower/orders",
    "/grower/orders/{paid}",
    "/grower/orders/{packed}",
    "/grower/orders/{placed}",
    "/grower/identity",
    "/grower/purse",
)
OFFICIAL = (
    "/desk/",
    "/desk/growers",
    "/desk/growers?status=active",
    "/desk/growers/{applicant}",
    "/desk/growers/{shop-id}",
    "/desk/accounts",
    "/desk/accounts?state=verified",
    "/desk/accounts/{account}",
    "/desk/packs",
    "/desk/packs?state=stopped",
    "/desk/packs/{plain}",
    "/desk/orders",
    "/desk/orders/{shipped}",
    "/desk/payments",
    "/desk/payments/{placed}",
    "/desk/payments/refunds/1",
    "/desk/freight",
    "/desk/checks",
    "/desk/checks/V3",
    "/desk/checks/V4",
)
TOWNSHIP = ("/desk/growers/{shop-id}", "/desk/accounts", "/desk/accounts/{account}")
ADMIN = ("/desk/", "/desk/people", "/desk/people/1")
MAIN = ("/", "/shelf", "/packs/{plain}", "/county", "/county/townships/{township}", "/sign-in")


@pytest.fixture
def season(li: Viewer, wang: Viewer, qian: Viewer) -> Season:
    """What the pages have to show."""
    return lived(buyer=li, grower=wang, official=qian)


def _addresses(paths: Iterable[str], season: Season) -> list[str]:
    names: dict[str, Any] = {name: pack.slug for name, pack in season.packs.items()}
    names |= {name: order.number for name, order in season.orders.items()}
    names |= {"township": MENGMEN, "shop": season.shop.slug, "applicant": season.applicant.id}
    names |= {"shop-id": season.shop.id, "account": season.account.id}
    return [path.format_map(names) for path in paths]


def _faults(visitor: Visitor, paths: list[str], screens: Iterable[Screen] = (Screen.PHONE, Screen.DESK)) -> list[str]:
    """What is wrong with these pages, each in a few words."""
    found = []
    for path in paths:
        status = visitor.open(path)
        if status != (404 if path == "/no-such-page" else 200):
            found.append(f"{path} answers {status}")
        found += [f"{path}: {fault}" for fault in faults_of(visitor, screens)]
    return found


def test_public_pages_are_open_to_all_readers(season: Season, arrive: Arrive) -> None:
    assert _faults(arrive(), _addresses(PUBLIC, season)) == []


def test_a_buyers_pages_are_open_to_all_readers(season: Season, li: Viewer, arrive: Arrive) -> None:
    buyer = arrive()
    buyer.open(f"/packs/{season.packs['plain'].slug}")
    buyer.press("放进购物篮")
    buyer.open(f"/packs/{season.packs['fresh'].slug}")
    buyer.press("放进购物篮")
    buyer.follow("去下单")
    buyer.sign_in(li)

    buyer.press("确认下单")
    refused = faults_of(buyer, (Screen.PHONE, Screen.DESK))

    assert refused + _faults(buyer, _addresses(BUYER, season)) == []


def test_a_persons_own_pages_are_open_to_all_readers(season: Season, li: Viewer, arrive: Arrive) -> None:
    person = arrive()
    person.open("/sign-in")
    person.sign_in(li)

    assert _faults(person, _addresses(OWN, season)) == []


def test_a_growers_pages_are_open_to_all_readers(season: Season, wang: Viewer, arrive: Arrive) -> None:
    grower = arrive()
    grower.open("/grower/listings/new?fresh=1")
    grower.sign_in(wang)

    grower.press("上架")
    refused = faults_of(grower, (Screen.PHONE, Screen.DESK))

    assert refused + _faults(grower, _addresses(GROWER, season)) == []


def test_an_officials_pages_are_open_to_all_readers(season: Season, qian: Viewer, arrive: Arrive) -> None:
    consistency.carry_out_due(by="worker")
    kept = '[["order L1", "holds 0, wants 1"], ["hold checkout:G-without-an-order seller:1", "1 held for no order"]]'
    sql("UPDATE check_results SET found = 2, kept = :kept WHERE code = 'V4'", kept=kept)
    official = arrive(Screen.DESK)
    official.open("/sign-in")
    official.sign_in(qian)

    assert _faults(official, _addresses(OFFICIAL, season)) == []


def test_a_townships_own_pages_are_open_to_all_readers(season: Season, zhao: Viewer, arrive: Arrive) -> None:
    official = arrive(Screen.DESK)
    official.open("/sign-in")
    official.sign_in(zhao)

    assert _faults(official, _addresses(TOWNSHIP, season)) == []


def test_an_administrators_pages_are_open_to_all_readers(season: Season, zhou: Viewer, arrive: Arrive) -> None:
    administrator = arrive(Screen.DESK)
    administrator.open("/sign-in")
    administrator.sign_in(zhou)

    assert _faults(administrator, _addresses(ADMIN, season)) == []


def test_the_main_pages_are_open_to_all_readers_in_large_type(season: Season, wang: Viewer, arrive: Arrive) -> None:
    reader = arrive()
    reader.open("/")
    reader.tap(reader.page.get_by_role("banner").get_by_role("button", name="大字版"))
    assert reader.page.locator("html.large").count() == 1

    assert _faults(reader, _addresses(MAIN, season), (Screen.PHONE,)) == []
    reader.open("/grower/listings/new")
    reader.sign_in(wang)
    assert faults_of(reader, (Screen.PHONE,)) == []


def test_prices_are_seen_without_scrolling_far(season: Season, arrive: Arrive) -> None:
    visitor = arrive()
    visitor.open(f"/packs/{season.packs['plain'].slug}")

    price = visitor.page.locator("main .price data").bounding_box()

    assert price is not None
    assert price["y"] + price["height"] <= Screen.PHONE.size["height"]
