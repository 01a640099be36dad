"""What an agent may do in a grower's name, what stays out of his reach, and that records name both."""

from __future__ import annotations

import threading

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.audit.models import AuditRow
from app.kernel.db import Database, session, transaction
from app.kernel.permissions import Viewer
from app.ledger.books.models import Event
from app.people.agents import acting, mandates, queries
from app.people.agents.errors import MandateOver
from app.people.agents.models import Mandate
from app.people.agents.permissions import AGENTS_READ
from app.people.growers.actors import words_of
from app.people.purse import service as purse
from app.people.purse.models import BankAccount
from app.people.purse.service import Given
from app.people.purse.states import Bank
from app.trade.catalog.models import Pack
from app.trade.orders.states import OrderState
from tests.cast import a_pack, an_order_of, at, fresh, later, pay, shop_of
from tests.people.agents.helping import acting_for
from tests.web.browsing import form_to, forms_of, signed_in

LISTING = {"net": "5", "pieces": "3", "price": "39.90", "village": "示例村", "variety": "muzao"}
SECRET_PAGES = (
    "/grower/purse",
    "/grower/statements",
    "/grower/identity",
    "/grower/invoices",
)


@pytest.fixture
def gao2(wang: Viewer, zhao: Viewer) -> Viewer:
    """Gao Erniu, who may act for Wang."""
    return acting_for(wang, named_by=zhao)


def listing_form(client: FlaskClient, seller: str) -> tuple[str, dict[str, str]]:
    (form,) = [one for one in forms_of(client, f"/grower/listings/new?for={seller}") if "net" in one.fields]
    return form.action, {**form.fields, **LISTING}


def packs() -> int:
    return session().scalars(select(func.count()).select_from(Pack)).one()


def stop(wang: Viewer) -> None:
    (mandate,) = session().scalars(select(Mandate)).all()
    with transaction():
        mandates.withdraw(mandate.id, by=wang)


def both(agent: Viewer, grower: Viewer) -> str:
    return f"person:{agent.person_id} for seller:{shop_of(grower).id}"


def test_what_an_agent_lists_carries_both_names_in_audit_and_ledger(app: Flask, wang: Viewer, gao2: Viewer) -> None:
    client = signed_in(app, gao2)
    action, filled = listing_form(client, shop_of(wang).slug)

    assert client.post(action, data=filled).status_code == 303

    acts = session().scalars(select(AuditRow.act).where(AuditRow.actor == both(gao2, wang))).all()
    assert {"packs.published", "lots.received"} <= set(acts)
    assert set(session().scalars(select(Event.actor))) == {both(gao2, wang)}
    assert session().scalars(select(Pack.seller_id)).all() == [shop_of(wang).id]


def test_an_agent_packs_and_ships_in_both_names(
    app: Flask, wang: Viewer, gao2: Viewer, gift_box: Pack, li: Viewer, qian: Viewer
) -> None:
    order = an_order_of(1, gift_box, buyer=li)
    pay(order, by=qian)
    client = signed_in(app, gao2)
    page = f"/grower/orders/{order.number}"
    form = form_to(client, page, f"{page}/packing")
    client.post(form.action, data=form.fields)
    form = form_to(client, page, f"{page}/shipment")
    client.post(form.action, data={**form.fields, "courier": "中国邮政", "tracking": "YZ0001"})

    assert fresh(order).state is OrderState.SHIPPED
    acts = session().scalars(select(AuditRow.act).where(AuditRow.actor == both(gao2, wang))).all()
    assert set(acts) == {"orders.packed", "orders.shipped"}


@pytest.mark.parametrize("path", SECRET_PAGES)
def test_an_agent_sees_nothing_of_a_growers_money_and_papers(
    app: Flask, wang: Viewer, zhao: Viewer, gao2: Viewer, path: str
) -> None:
    given = Given(shop_of(wang).id, "王枣林", Bank.RURAL, "6228480402564890018")
    with transaction():
        purse.give(given, consent_version="test", by=wang)
    name = shop_of(wang).name

    answer = signed_in(app, gao2).get(path)

    assert answer.status_code in (200, 403)
    assert name not in answer.text
    assert "0018" not in answer.text


def test_an_agent_cannot_say_where_a_grower_is_paid(app: Flask, wang: Viewer, gao2: Viewer) -> None:
    client = signed_in(app, gao2)
    token = forms_of(client, "/me/password")[0].fields["csrf_token"]
    account = {"holder": "王枣林", "bank": "rural", "number": "6228480402564890018", "consent": "y"}

    answer = client.post("/grower/purse", data={**account, "csrf_token": token, "seller_id": str(shop_of(wang).id)})

    assert answer.status_code in (404, 422)
    assert session().execute(select(func.count()).select_from(BankAccount)).scalar_one() == 0


def test_an_agent_changes_neither_the_shop_nor_who_acts_for_it(app: Flask, wang: Viewer, gao2: Viewer) -> None:
    client = signed_in(app, gao2)
    seller = shop_of(wang).id
    (mandate_id,) = session().scalars(select(Mandate.id)).all()

    assert client.get(f"/grower/shops/{seller}").status_code == 404
    assert client.get(f"/grower/agents/{mandate_id}/withdrawal").status_code == 404


def test_a_growers_earnings_are_not_on_an_agents_pages(app: Flask, wang: Viewer, gao2: Viewer) -> None:
    answer = signed_in(app, gao2).get("/grower/")

    assert answer.status_code == 302
    assert answer.headers["Location"] == "/agent/"


def test_an_agent_lists_for_nobody_who_did_not_let_him(app: Flask, gao: Viewer, gao2: Viewer) -> None:
    client = signed_in(app, gao2)
    a_pack(gao)

    assert client.get(f"/grower/listings/new?for={shop_of(gao).slug}").status_code == 404


def test_a_page_that_was_open_when_the_mandate_ended_lists_nothing(app: Flask, wang: Viewer, gao2: Viewer) -> None:
    client = signed_in(app, gao2)
    action, filled = listing_form(client, shop_of(wang).slug)

    stop(wang)
    answer = client.post(action, data=filled)

    assert answer.status_code in (403, 404)
    assert packs() == 0


def test_a_page_that_was_open_when_the_mandate_ran_out_lists_nothing(app: Flask, wang: Viewer, gao2: Viewer) -> None:
    moment = later(days=92)
    with at(moment):
        client = signed_in(app, gao2)
        assert client.get(f"/grower/listings/new?for={shop_of(wang).slug}").status_code in (403, 404)


def test_a_right_that_ended_after_it_was_looked_up_is_refused_in_the_act(wang: Viewer, gao2: Viewer) -> None:
    stop(wang)

    with pytest.raises(MandateOver), transaction():
        acting.in_name_of(shop_of(wang).id, by=gao2)


@pytest.mark.only("postgresql")
def test_a_withdrawal_waits_for_the_act_that_came_first(wang: Viewer, gao2: Viewer, db: Database) -> None:
    seller = shop_of(wang).id
    (mandate_id,) = session().scalars(select(Mandate.id)).all()
    session().rollback()
    acted, done = threading.Event(), threading.Event()

    def withdraw() -> None:
        with db.unit_of_work():
            acted.wait(10)
            with transaction():
                mandates.withdraw(mandate_id, by=wang)
            done.set()

    other = threading.Thread(target=withdraw)
    other.start()
    with transaction():
        assert acting.in_name_of(seller, by=gao2) == both(gao2, wang)
        acted.set()
        assert not done.wait(1.0)
    other.join(10)

    assert done.is_set()
    with pytest.raises(MandateOver), transaction():
        acting.in_name_of(seller, by=gao2)


def test_one_of_the_sellers_own_people_is_asked_for_no_mandate(wang: Viewer, zhao: Viewer) -> None:
    with transaction():
        assert acting.in_name_of(shop_of(wang).id, by=wang) == wang.actor


def test_pages_say_who_acted_for_whom(wang: Viewer, gao2: Viewer) -> None:
    actor = both(gao2, wang)

    assert words_of({actor, wang.actor, "worker", "person:999"}) == {
        actor: "代办：高二牛（替 王家枣园）",
        wang.actor: "王枣林",
        "worker": "worker",
        "person:999": "person:999",
    }


def test_a_slip_says_what_was_done_by_whom_and_where_to_object(app: Flask, wang: Viewer, gao2: Viewer) -> None:
    agent = signed_in(app, gao2)
    action, filled = listing_form(agent, shop_of(wang).slug)
    agent.post(action, data=filled)
    audit_id = session().scalars(select(AuditRow.id).where(AuditRow.act == "lots.received")).one()

    for reader in (gao2, wang):
        page = signed_in(app, reader).get(f"/grower/slips/{audit_id}").text
        for words in ("枣装好入库", "高二牛", "王家枣园", "39.90", "孟门镇", "示例村"):
            assert words in page
        assert "件数" in page


def test_a_slip_is_not_there_for_strangers(app: Flask, wang: Viewer, gao: Viewer, li: Viewer, gao2: Viewer) -> None:
    agent = signed_in(app, gao2)
    action, filled = listing_form(agent, shop_of(wang).slug)
    agent.post(action, data=filled)
    audit_id = session().scalars(select(AuditRow.id).where(AuditRow.act == "lots.received")).one()

    for stranger in (gao, li):
        assert signed_in(app, stranger).get(f"/grower/slips/{audit_id}").status_code == 404
    assert signed_in(app, wang).get("/grower/slips/1").status_code == 404
    assert signed_in(app, wang).get(f"/grower/slips/{10**17}").status_code == 404


def test_a_grower_objects_and_the_township_answers(app: Flask, wang: Viewer, zhao: Viewer, gao2: Viewer) -> None:
    agent = signed_in(app, gao2)
    action, filled = listing_form(agent, shop_of(wang).slug)
    agent.post(action, data=filled)
    audit_id = session().scalars(select(AuditRow.id).where(AuditRow.act == "packs.published")).one()
    grower, clerk = signed_in(app, wang), signed_in(app, zhao)
    slip = f"/grower/slips/{audit_id}"
    form = form_to(grower, slip, f"{slip}/objection")

    assert grower.post(form.action, data={**form.fields, "words": "我没让他卖这个价"}).status_code == 303
    assert grower.post(form.action, data={**form.fields, "words": "再说一次不对"}).status_code == 409
    ((objection, _name),) = queries.open_objections(zhao, AGENTS_READ)
    page = f"/desk/agents/objections/{objection.id}"
    form = form_to(clerk, page, f"{page}/answer")
    assert clerk.post(form.action, data={**form.fields, "answer": "问过了，价钱改回来了"}).status_code == 303
    assert "问过了，价钱改回来了" in grower.get(slip).text


def test_an_agent_objects_to_nothing_himself(app: Flask, wang: Viewer, gao2: Viewer) -> None:
    agent = signed_in(app, gao2)
    action, filled = listing_form(agent, shop_of(wang).slug)
    agent.post(action, data=filled)
    audit_id = session().scalars(select(AuditRow.id).where(AuditRow.act == "packs.published")).one()
    token = forms_of(agent, "/me/password")[0].fields["csrf_token"]

    answer = agent.post(f"/grower/slips/{audit_id}/objection", data={"csrf_token": token, "words": "价钱不对劲"})

    assert answer.status_code == 404


def test_the_home_of_an_agent_offers_what_he_may_do(app: Flask, wang: Viewer, gao2: Viewer) -> None:
    page = signed_in(app, gao2).get("/agent/").text

    assert "替他卖枣" in page
    assert f"?for={shop_of(wang).slug}" in page
    assert "/grower/purse" not in page


def test_who_is_no_agent_is_told_how_to_become_one(app: Flask, li: Viewer) -> None:
    assert "您还不是代办员" in signed_in(app, li).get("/agent/").text
