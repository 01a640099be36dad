"""Listing at the door: for whom, what was sold before, at what price others sell, and whose name the books keep."""

import gzip
import io
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.kernel.db import session, transaction
from app.kernel.money import Money
from app.kernel.permissions import Viewer
from app.people.accounts.states import Role
from app.people.growers import service as growers
from app.trade.catalog import service as catalog
from app.trade.catalog.models import Pack
from app.trade.stock import remembered
from tests.cast import MENGMEN, a_grower, a_pack, a_viewer, answer, described, more_of, seen_anew, shop_of, sql
from tests.files import pictures
from tests.web.browsing import PageForm, forms_of, signed_in

NEW = "/grower/listings/new"


@pytest.fixture
def hou(wang: Viewer, zhao: Viewer) -> Viewer:
    """Grows in Mengmen too."""
    return a_grower("侯三喜", "侯家枣园", MENGMEN, verified_by=zhao)


@pytest.fixture
def son(wang: Viewer, hou: Viewer, zhao: Viewer) -> Viewer:
    """A member of both Wang's and Hou's household."""
    person = a_viewer("王小林").person_id
    for grower in (wang, hou):
        with transaction():
            growers.add_member(shop_of(grower).id, person, by=zhao, because="帮两家卖枣")
    return seen_anew(person)


def _form(client: FlaskClient, url: str = NEW) -> PageForm:
    (form,) = [one for one in forms_of(client, url) if "net" in one.fields]
    return form


def _filled(form: PageForm, **more: object) -> dict[str, object]:
    said = {"variety": "muzao", "net": "5", "pieces": "3", "price": "40", "village": "甲村"}
    return {**form.fields, **said, **more}


def _rows(table: str) -> int:
    return answer(f"SELECT COUNT(*) FROM {table}")


def test_what_was_sold_last_is_in_the_form_and_only_pieces_are_open(app: Flask, wang: Viewer, gift_box: Pack) -> None:
    fields = _form(signed_in(app, wang)).fields

    assert (fields["variety"], fields["grade"], fields["product"]) == ("muzao", "ungraded", "ganzhi-hongzao")
    assert (fields["net"], fields["price"], fields["village"]) == ("5", "68.00", "南垣村")
    assert fields["pieces"] == ""


def test_the_price_in_the_form_is_the_one_asked_last(app: Flask, wang: Viewer, gift_box: Pack) -> None:
    with transaction():
        pack = session().get_one(Pack, gift_box.id)
        catalog.reprice(pack, price=Money(7150), version=pack.version, by=wang.actor)

    assert _form(signed_in(app, wang)).fields["price"] == "71.50"


def test_each_kind_is_remembered_once_as_it_was_listed_last(wang: Viewer) -> None:
    a_pack(wang, said=described(title="旧的", price=5000))
    a_pack(wang, said=described(title="十斤的", net=5000, price=9000))
    a_pack(wang, said=described(title="新的", price=6000))

    offers = remembered.offers(shop_of(wang).id)

    assert [(one.title, one.price) for one in offers] == [("新的", Money(6000)), ("十斤的", Money(9000))]


def test_the_village_is_that_of_the_packs_newest_lot(wang: Viewer, gift_box: Pack) -> None:
    lot = more_of(gift_box, pieces=3)
    sql("UPDATE lots SET village_name = '后山村' WHERE id = :lot", lot=lot.id)

    (offer,) = remembered.offers(gift_box.seller_id)

    assert offer.village == "后山村"


def test_what_an_official_stopped_is_not_offered_again(wang: Viewer, zhao: Viewer, gift_box: Pack) -> None:
    with transaction():
        catalog.stop(session().get_one(Pack, gift_box.id), by=zhao, because="包装没有标签")

    assert remembered.offers(gift_box.seller_id) == []


def test_a_grade_that_is_no_longer_in_force_is_forgotten(wang: Viewer) -> None:
    key = session().execute(text("SELECT key FROM grades WHERE standard != '' AND effective_to IS NULL")).scalars()
    pack = a_pack(wang, said=described(grade=key.first() or ""))
    sql("UPDATE grades SET effective_to = '2020-01-01' WHERE key = :key", key=pack.grade_key)

    (offer,) = remembered.offers(pack.seller_id)

    assert offer.grade_key == "ungraded"


def test_who_sold_several_kinds_is_asked_which(app: Flask, wang: Viewer, gift_box: Pack) -> None:
    other = a_pack(wang, said=described(title="十斤家庭装", net=5000, price=9900))
    client = signed_in(app, wang)

    page = client.get(NEW).text

    assert gift_box.title in page
    assert f"again={other.slug}" in page
    assert "fresh=1" in page
    assert 'name="pieces"' not in page


def test_a_link_to_a_kind_that_is_gone_leads_to_those_that_are_there(app: Flask, wang: Viewer, gift_box: Pack) -> None:
    a_pack(wang, said=described(title="十斤家庭装", net=5000))

    page = signed_in(app, wang).get(f"{NEW}?again=nothing-of-his")

    assert page.status_code == 200
    assert "十斤家庭装" in page.text


def test_who_lists_for_several_is_asked_for_whom_and_then_lists_for_him(
    app: Flask, son: Viewer, wang: Viewer, hou: Viewer
) -> None:
    client = signed_in(app, son)
    asked = client.get(NEW).text
    assert "替谁卖" in asked
    assert shop_of(wang).name in asked
    slug = shop_of(hou).slug

    client.post(NEW, data=_filled(_form(client, f"{NEW}?for={slug}")))

    assert answer("SELECT seller_id FROM packs") == shop_of(hou).id


@pytest.mark.corrupts
def test_what_an_agent_lists_carries_his_name_and_the_sellers(app: Flask, wang: Viewer) -> None:
    shop = shop_of(wang)
    # His right stands here without the paper that it needs.
    agent = a_viewer("代小明", (Role.AGENT, f"seller:{shop.id}"))
    client = signed_in(app, agent)

    client.post(NEW, data=_filled(_form(client, f"{NEW}?for={shop.slug}")))

    both = f"{agent.actor} for seller:{shop.id}"
    assert answer("SELECT COUNT(*) FROM lots WHERE created_by = :both", both=both) == 1
    assert answer("SELECT COUNT(*) FROM audit_rows WHERE act = 'packs.published' AND actor = :both", both=both) == 1


def test_who_lists_for_several_and_does_not_say_for_whom_is_asked_and_nothing_is_written(
    app: Flask, son: Viewer, wang: Viewer
) -> None:
    client = signed_in(app, son)

    came = client.post(NEW, data=_filled(_form(client, f"{NEW}?for={shop_of(wang).slug}"), seller=""))

    assert came.status_code == 422
    assert "替谁卖" in came.text
    assert _rows("packs") == 0


@pytest.mark.parametrize("name", ["", "\0", "nobody", "x" * 5000, "' OR 1=1 --"])
def test_a_seller_that_is_not_his_is_not_found(app: Flask, wang: Viewer, gao: Viewer, name: str) -> None:
    stranger = name or shop_of(gao).slug
    client = signed_in(app, wang)
    form = _form(client)

    shown = client.get(NEW, query_string={"for": stranger}).status_code
    sent = client.post(NEW, data=_filled(form, seller=stranger)).status_code

    # A name of nothing but unseen signs is no name, and he lists for nobody else.
    assert (shown, sent) == ((200, 303) if stranger == "\0" else (404, 404))
    assert _rows("packs") == (1 if stranger == "\0" else 0)


def _neighbours(zhao: Viewer, prices: list[int], *, sellers: int) -> None:
    """Other growers of the place, who sell the same fruit at these prices for five jin."""
    people = [a_grower("邻居", f"邻家枣园{'甲乙丙丁'[n]}", MENGMEN, verified_by=zhao) for n in range(sellers)]
    for n, price in enumerate(prices):
        a_pack(people[n % sellers], said=described(price=price))


def test_the_price_that_others_ask_is_the_middle_half_per_jin_and_per_piece(
    wang: Viewer, zhao: Viewer, gift_box: Pack
) -> None:
    _neighbours(zhao, [100, 6000, 6500, 7000, 99000], sellers=3)
    (offer,) = remembered.offers(gift_box.seller_id)

    going = remembered.going_price(offer, seller_id=gift_box.seller_id)

    assert going == remembered.GoingPrice(Money(1200), Money(1400), Money(6000), Money(7000))


@pytest.mark.parametrize(("packs", "sellers"), [(4, 3), (6, 2)])
def test_few_packs_or_few_sellers_tell_no_price(
    app: Flask, wang: Viewer, zhao: Viewer, gift_box: Pack, packs: int, sellers: int
) -> None:
    _neighbours(zhao, [6000] * packs, sellers=sellers)
    (offer,) = remembered.offers(gift_box.seller_id)

    assert remembered.going_price(offer, seller_id=gift_box.seller_id) is None
    assert "县里同样的枣" not in signed_in(app, wang).get(NEW).text


def test_the_form_says_what_others_ask(app: Flask, wang: Viewer, zhao: Viewer, gift_box: Pack) -> None:
    _neighbours(zhao, [6000, 6500, 7000, 7500, 8000], sellers=3)

    page = signed_in(app, wang).get(NEW).text

    assert "现在卖 ¥13.00–¥15.00 一斤；5斤一件，合 ¥65.00–¥75.00" in page


def test_the_photo_of_a_listing_that_is_refused_leaves_no_file(app: Flask, wang: Viewer) -> None:
    client = signed_in(app, wang)
    photo = (io.BytesIO(pictures.encoded(pictures.field(), "JPEG")), "zao.jpg")

    came = client.post(NEW, data=_filled(_form(client), harvest_year="2001", photo=photo))

    assert came.status_code == 422
    assert 'id="harvest_year-error"' in came.text
    assert not list((app.config["SETTINGS"].instance / "media").rglob("*.webp"))


def test_the_photo_of_a_listing_that_comes_twice_lies_there_once(app: Flask, wang: Viewer) -> None:
    client = signed_in(app, wang)
    form, picture = _form(client), pictures.encoded(pictures.field(), "JPEG")

    for _time in range(2):
        came = client.post(NEW, data=_filled(form, photo=(io.BytesIO(picture), "zao.jpg")))
        assert came.status_code == 303

    assert _rows("pack_photos") == 1
    assert len(list((app.config["SETTINGS"].instance / "media").rglob("list.webp"))) == 1


def test_the_bare_form_for_phones_without_a_network_is_the_same_for_everybody(
    app: Flask, wang: Viewer, gift_box: Pack
) -> None:
    his, nobodys = (
        signed_in(app, wang).get("/grower/listings/offline"),
        app.test_client().get("/grower/listings/offline"),
    )

    assert his.text == nobodys.text
    assert "csrf_token" not in his.text
    assert 'name="request_key" type="hidden" value=""' in his.text
    assert "Set-Cookie" not in nobodys.headers


def test_the_script_that_keeps_the_bare_form_keeps_nobodys_page(app: Flask, wang: Viewer) -> None:
    script = signed_in(app, wang).get("/grower/listings/worker.js")

    assert script.mimetype == "text/javascript"
    kept = re.findall(r'"(/[^"]*)"', script.text)
    assert {one.partition("?")[0] for one in kept} == {
        "/grower/listings/offline",
        NEW,
        "/static/css/site.css",
        "/static/js/site.js",
        "/static/js/draft.js",
        "/static/img/icons.svg",
        "/static/img/seal.svg",
    }


def test_another_bare_form_makes_another_script(app: Flask, wang: Viewer) -> None:
    client = app.test_client()
    before = client.get("/grower/listings/worker.js").text
    assert client.get("/grower/listings/worker.js").text == before

    sql("UPDATE grades SET name = name || '果' WHERE standard != '' AND effective_to IS NULL")

    assert client.get("/grower/listings/worker.js").text != before


MOST_BYTES = 30 * 1024
_PARTS = re.compile(r'(?:src|href)="/static/([^"?#]+)')


@pytest.mark.only("sqlite")
@pytest.mark.parametrize("url", ["/grower/", NEW, f"{NEW}?fresh=1", "/grower/listings", "/grower/listings/offline"])
def test_the_way_to_a_listing_weighs_at_most_30_kb_on_the_line(
    app: Flask, wang: Viewer, gift_box: Pack, url: str
) -> None:
    client = signed_in(app, wang)
    gzipped = {"Accept-Encoding": "gzip"}
    html = client.get(url, headers=gzipped).data
    parts = sorted(set(_PARTS.findall(gzip.decompress(html).decode())))

    whole = len(html) + sum(len(client.get(f"/static/{part}", headers=gzipped).data) for part in parts)

    assert {"css/site.css", "js/site.js"} <= set(parts)
    assert whole <= MOST_BYTES
