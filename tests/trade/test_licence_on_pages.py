"""A buyer reads under every seller's name why he may sell: the exemption of a household, or the licence."""

from flask.testing import FlaskClient

from app.kernel.db import transaction
from app.kernel.permissions import Viewer
from app.people.growers import changes
from app.people.growers import service as growers
from app.people.growers.changes import Wanted
from app.people.growers.service import Application
from app.people.growers.states import SellerKind
from app.trade.catalog.models import Pack
from tests.cast import MENGMEN, a_pack, a_viewer, seen_anew, shop_of

LICENCE = "SC10114112500018"


def a_firm(kind: SellerKind, licence_no: str | None, *, verified_by: Viewer) -> Viewer:
    who = a_viewer("马经理")
    application = Application(kind=kind, name="黄河红枣行", township_code=MENGMEN, licence_no=licence_no)
    with transaction():
        seller = growers.apply(application, person_id=who.person_id, by=who.actor)
    with transaction():
        growers.verify(seller.id, by=verified_by, because="看过证照原件")
    return seen_anew(who.person_id)


def pages_of(client: FlaskClient, who: Viewer, pack: Pack) -> list[str]:
    """The seller's page and the page of his pack."""
    slug = pack.slug
    return [client.get(f"/sellers/{shop_of(who).slug}").text, client.get(f"/packs/{slug}").text]


def test_a_household_shows_its_exemption_and_when_it_was_verified(
    client: FlaskClient, wang: Viewer, gift_box: Pack
) -> None:
    shop, pack = pages_of(client, wang, gift_box)

    assert "自产自销，依法免于市场主体登记" in shop
    assert "电子商务法第十条" in shop
    assert "核实</small>" in shop
    assert "自产自销，依法免于市场主体登记" in pack
    assert "许可证号" not in shop + pack


def test_a_household_with_a_licence_shows_both(client: FlaskClient, wang: Viewer, zhao: Viewer, gift_box: Pack) -> None:
    with transaction():
        change = changes.propose(shop_of(wang).id, Wanted("王家枣园", LICENCE, ""), by=wang)
    assert LICENCE not in "".join(pages_of(client, wang, gift_box))
    with transaction():
        changes.approve(change.id, by=zhao, because="看过证件原件")

    for page in pages_of(client, wang, gift_box):
        assert LICENCE in page
        assert "自产自销" in page


def test_a_processor_shows_its_licence(client: FlaskClient, zhao: Viewer) -> None:
    firm = a_firm(SellerKind.PROCESSOR, LICENCE, verified_by=zhao)

    for page in pages_of(client, firm, a_pack(firm)):
        assert "许可证号" in page
        assert LICENCE in page
        assert "自产自销" not in page


def test_a_co_op_without_a_licence_says_that_fruit_needs_none(client: FlaskClient, zhao: Viewer) -> None:
    firm = a_firm(SellerKind.COOP, None, verified_by=zhao)

    for page in pages_of(client, firm, a_pack(firm)):
        assert "卖食用农产品，依法不用食品经营许可" in page
