"""Which rule on returning a purchase was made under is kept with it, whatever becomes of the goods' facts later."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import IntegrityError

from app.kernel import cache
from app.kernel.db import session, transaction
from app.kernel.permissions import Viewer
from app.trade.catalog.models import Pack
from app.trade.catalog.returns import ReturnRule
from app.trade.orders.errors import ReturnRuleUnconfirmed
from app.trade.orders.models import Order, OrderLine
from app.trade.orders.service import Terms
from tests.cast import a_pack, an_order_of, answer, basket_of, described, fill, fresh, place, sql, terms
from tests.web.browsing import PageForm, forms_of, signed_in

ADDRESS = {"consignee": "李晓月", "phone": "13812345678", "address": "太原市桃园路四十七号"}


@pytest.fixture
def fresh_box(wang: Viewer) -> Pack:
    """Fruit that does not keep."""
    return a_pack(wang, said=described(title="鲜木枣 五斤装", product="xian-muzao"))


def line_of(order: Order) -> OrderLine:
    (line,) = fresh(order).lines
    return line


def test_dried_fruit_is_bought_under_the_seven_days(li: Viewer, gift_box: Pack) -> None:
    line = line_of(an_order_of(1, gift_box, buyer=li))

    assert (line.return_rule, line.rule_confirmed_at) == (ReturnRule.SEVEN_DAYS, None)


def test_fresh_fruit_is_bought_under_the_rule_that_its_buyer_confirmed_then(li: Viewer, fresh_box: Pack) -> None:
    order = an_order_of(1, fresh_box, buyer=li)

    line = line_of(order)
    assert (line.return_rule, line.rule_confirmed_at) == (ReturnRule.EXCLUDED_CONFIRMED, order.placed_at)


def test_each_line_of_a_mixed_basket_has_its_own_rule(li: Viewer, gift_box: Pack, fresh_box: Pack) -> None:
    fill(li, {gift_box.slug: 1, fresh_box.slug: 1})
    (order,) = place(li)

    rules = {line.pack_id: line.return_rule for line in fresh(order).lines}
    assert rules == {gift_box.id: ReturnRule.SEVEN_DAYS, fresh_box.id: ReturnRule.EXCLUDED_CONFIRMED}


def test_nobody_buys_fresh_fruit_without_confirming_the_rule(li: Viewer, fresh_box: Pack) -> None:
    fill(li, {fresh_box.slug: 1})
    agreed = terms(li)

    with pytest.raises(ReturnRuleUnconfirmed):
        place(li, Terms(agreed.pay_by, agreed.ship_to, agreed.province_code, agreed.total))

    assert answer("SELECT count(*) FROM orders") == 0
    assert answer("SELECT count(*) FROM cart_lines WHERE cart_key = :key", key=basket_of(li)) == 1


def test_what_the_product_is_called_later_changes_no_purchase(li: Viewer, gift_box: Pack, fresh_box: Pack) -> None:
    dried, sappy = an_order_of(1, gift_box, buyer=li), an_order_of(1, fresh_box, buyer=li)

    sql("UPDATE products SET kind = CASE kind WHEN 'fresh' THEN 'dried' ELSE 'fresh' END")
    cache.forget()

    assert line_of(dried).return_rule is ReturnRule.SEVEN_DAYS
    assert line_of(sappy).return_rule is ReturnRule.EXCLUDED_CONFIRMED
    cache.forget()


def test_the_table_itself_keeps_no_exclusion_without_a_confirmation(li: Viewer, fresh_box: Pack) -> None:
    an_order_of(1, fresh_box, buyer=li)

    with pytest.raises(IntegrityError), transaction():
        session().query(OrderLine).update({"rule_confirmed_at": None})


def checkout_form(app: Flask, li: Viewer, pack: Pack) -> tuple[PageForm, FlaskClient]:
    buyer = signed_in(app, li)
    add = next(one for one in forms_of(buyer, f"/packs/{pack.slug}") if one.action.startswith("/cart/"))
    buyer.post(add.action, data=add.fields)
    (form,) = [one for one in forms_of(buyer, "/checkout") if one.action == "/checkout"]
    return form, buyer


def test_the_tick_at_the_till_is_kept_and_shown_on_the_order(app: Flask, li: Viewer, fresh_box: Pack) -> None:
    form, buyer = checkout_form(app, li, fresh_box)
    assert "confirms_return_rule" in form.kinds
    without = buyer.post("/checkout", data={**form.fields, **ADDRESS})
    assert (without.status_code, answer("SELECT count(*) FROM orders")) == (422, 0)

    said = {**form.fields, **ADDRESS, "confirms_return_rule": "y"}
    assert buyer.post("/checkout", data=said).status_code == 303

    order = session().query(Order).one()
    assert line_of(order).rule_confirmed_at is not None
    page = buyer.get(f"/orders/{order.number}").text
    assert ReturnRule.EXCLUDED_CONFIRMED.words in page


def test_an_order_of_dried_fruit_says_that_it_may_be_sent_back(app: Flask, li: Viewer, gift_box: Pack) -> None:
    order = an_order_of(1, gift_box, buyer=li)

    assert ReturnRule.SEVEN_DAYS.words in signed_in(app, li).get(f"/orders/{order.number}").text
