"""Each check of trade finds the row that was falsified, and only that check does."""

from __future__ import annotations

import hashlib

import pytest

from app.gateways.images import Rendition, Renditions
from app.kernel import clock
from app.kernel.db import session, transaction
from app.kernel.permissions import Viewer
from app.trade.catalog import media, service
from app.trade.catalog.models import Pack, PackPhoto
from app.trade.lots.models import Lot
from app.trade.orders.models import Order
from app.trade.orders.states import PayBy
from app.trade.payments import refunds
from app.trade.stock.checks import CHECKS as STOCK
from tests.cast import an_order_of, answer, cancel, findings, later, pack, pay, ship, sql

pytestmark = pytest.mark.corrupts


def the_one(code: str) -> list[str]:
    """The rows that this check names, while no other finds anything."""
    found = findings()
    assert set(found) == {code}
    return [finding.row for finding in found[code]]


@pytest.fixture
def order(li: Viewer, gift_box: Pack) -> Order:
    """Two boxes, to be paid by transfer."""
    return an_order_of(2, gift_box, buyer=li)


@pytest.fixture
def parcel(li: Viewer, wang: Viewer, gift_box: Pack) -> Order:
    """Three boxes on the road, to be paid on delivery."""
    found = an_order_of(3, gift_box, buyer=li, pay_by=PayBy.CASH_ON_DELIVERY)
    pack(found, by=wang)
    ship(found, by=wang)
    return found


@pytest.fixture
def lot_id(gift_box: Pack) -> int:
    return answer("SELECT lot_id FROM packed_lots WHERE pack_id = :pack", pack=gift_box.id)


def test_sound_trade_is_found_sound(order: Order, parcel: Order) -> None:
    assert findings() == {}


def test_pieces_that_weigh_otherwise(order: Order, gift_box: Pack, lot_id: int) -> None:
    sql("UPDATE packs SET net = net + 1")

    assert the_one("V3") == [f"pack {gift_box.id} lot {lot_id}"]


def test_a_lot_that_weighed_otherwise(order: Order, lot_id: int) -> None:
    sql("UPDATE lots SET weight_in = weight_in - 1")

    assert the_one("V3-in") == [f"lot {session().get_one(Lot, lot_id).code}"]


@pytest.mark.parametrize("column", ["price", "net", "pieces"])
def test_a_line_that_was_priced_or_weighed_otherwise(parcel: Order, column: str) -> None:
    sql(f"UPDATE order_lines SET {column} = {column} + 1")

    assert the_one("M17") == [f"order {parcel.number}"]


def test_an_order_that_lost_its_lines(parcel: Order) -> None:
    sql("DELETE FROM order_lines")

    assert the_one("M17") == [f"order {parcel.number}"]


def test_goods_held_for_an_order_that_is_off(order: Order) -> None:
    sql("UPDATE orders SET state = 'cancelled'")

    assert the_one("V4") == [f"order {order.number}"]


def test_an_order_in_time_whose_goods_nobody_holds(order: Order) -> None:
    hold = f"hold checkout:{order.checkout} seller:{order.seller_id}"
    sql("UPDATE orders SET checkout = 'G-other'")

    assert set(the_one("V4")) == {f"order {order.number}", hold}


def test_a_parcel_on_the_road_that_has_arrived(parcel: Order) -> None:
    sql("UPDATE orders SET state = 'received'")

    assert the_one("V3-road") == [f"order {parcel.number}"]


def test_money_for_an_order_that_is_not_paid(order: Order, qian: Viewer) -> None:
    pay(order, by=qian)
    sql("UPDATE orders SET paid_at = NULL")

    assert the_one("V5") == [f"order {order.number}"]


def test_a_paid_order_without_its_money(order: Order, qian: Viewer) -> None:
    pay(order, by=qian)
    sql("UPDATE payments SET state = 'refund_due'")

    assert the_one("V5") == [f"order {order.number}"]


def test_money_that_went_back_past_the_books(order: Order, li: Viewer, qian: Viewer) -> None:
    pay(order, by=qian)
    cancel(order, by=li)
    sql("UPDATE refunds SET state = 'sent', reference = 'R1'")

    assert the_one("V5-ledger") == [f"order {order.number}"]


def test_money_that_went_back_without_a_reference(order: Order, li: Viewer, qian: Viewer) -> None:
    payment = pay(order, by=qian)
    cancel(order, by=li)
    (waiting,) = refunds.to_send(qian, besides="", tried=0)
    assert waiting.payment.id == payment.id
    number = waiting.refund.id
    with transaction():
        refunds.send(number, reference="R1", by=qian)
    sql("UPDATE refunds SET reference = NULL")

    assert the_one("V6") == [f"refund {number}"]


def test_a_payment_that_counts_other_refunds_than_there_are(order: Order, li: Viewer, qian: Viewer) -> None:
    payment = pay(order, by=qian)
    cancel(order, by=li)
    sql("UPDATE payments SET refunded = refunded - 1")

    assert the_one("V6") == [f"payment {payment.id}"]


def test_money_of_an_order_that_is_off_which_nobody_sends_back(order: Order, li: Viewer, qian: Viewer) -> None:
    pay(order, by=qian)
    cancel(order, by=li)
    sql("UPDATE payments SET state = 'confirmed'")

    assert the_one("V6") == [f"order {order.number}"]


def test_a_hold_that_the_worker_forgot(order: Order) -> None:
    assert order.hold_until is not None
    stale = [check for check in STOCK if check.by_age]

    def found(seconds: int) -> list[str]:
        moment = later(hours=48, seconds=seconds)
        session().rollback()
        session().info.clear()
        with clock.pinned(moment):
            return [finding.row for check in stale for finding in check.find()]

    assert found(50) == []
    (row,) = found(70)
    assert row.endswith(f"checkout:{order.checkout}")


def pictures_of(sign: bytes) -> Renditions:
    """Three sizes of a picture; what it shows is no matter here."""

    def picture(size: bytes, media_type: str) -> Rendition:
        return Rendition(size + sign, 1, 1, hashlib.sha256(size + sign).hexdigest(), media_type)

    return Renditions(
        picture(b"list", "image/webp"), picture(b"page", "image/webp"), picture(b"full", "image/jpeg"), "0" * 16
    )


def show(pack: Pack, sign: bytes) -> PackPhoto:
    pictures = pictures_of(sign)
    stem = service.store_files(pictures)
    with transaction():
        return service.show(pack, pictures, stem, by="test")


@pytest.fixture
def photo(gift_box: Pack) -> PackPhoto:
    return show(gift_box, b"0")


def test_a_picture_that_is_another_than_came(photo: PackPhoto) -> None:
    assert findings() == {}
    media.store().delete(photo.key("full"))
    media.store().put(photo.key("full"), b"other", "image/jpeg")

    assert the_one("V15") == [f"photo {photo.stem}"]


@pytest.mark.parametrize("size", ["list", "page", "full"])
def test_a_picture_that_is_gone(photo: PackPhoto, size: str) -> None:
    media.store().delete(photo.key(size))

    assert the_one("V15") == [f"photo {photo.stem}"]


def test_pictures_of_a_pack_stand_newest_first_and_six_at_most(photo: PackPhoto, gift_box: Pack) -> None:
    stems = [photo.stem]
    for number in range(1, 8):
        stems.insert(0, show(gift_box, b"%d" % number).stem)

    session().rollback()
    rows = session().query(PackPhoto).order_by(PackPhoto.position)
    assert [(row.position, row.stem) for row in rows] == list(enumerate(stems[:6]))
    assert findings() == {}
