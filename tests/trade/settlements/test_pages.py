"""The doors: who sees which statement, that figures open down to entries, and how bad input is answered."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.kernel.db import session, transaction
from app.kernel.money import Money
from app.kernel.permissions import Viewer
from app.office.approvals import service as approvals
from app.office.approvals.service import Verdict
from app.people.accounts.states import Role
from app.trade.catalog.models import Pack
from app.trade.fees import service as fees
from app.trade.fees.service import Proposal
from app.trade.settlements.models import Settlement, Statement
from app.trade.settlements.states import SettlementState
from tests.cast import SANJIAO, a_viewer, at, later, shop_of, today
from tests.trade.settlements.cast import made, refunded, settled, sold, statement_of, submit, work
from tests.web.browsing import form_to, signed_in


def value(page: str, kind: str) -> list[int]:
    return [int(fen) for fen in re.findall(rf'<data class="{kind}" value="(-?\d+)"', page)]


def send(client: FlaskClient, page: str, to: str, **data: str) -> TestResponse:
    """Fill the form of a page that goes there, and send it."""
    return client.post(to, data={**form_to(client, page, to).fields, **data})


@pytest.fixture
def settlement(li: Viewer, paid_wang: Viewer, qian: Viewer, tian: Viewer, gift_box: Pack) -> Settlement:
    order = sold(2, gift_box, buyer=li, seller=paid_wang, official=qian)
    refunded(order, "8.00", by=qian)
    return settled(by=qian, second=tian)


def test_the_whole_way_by_pages(
    app: Flask, li: Viewer, paid_wang: Viewer, qian: Viewer, tian: Viewer, gift_box: Pack
) -> None:
    order = sold(1, gift_box, buyer=li, seller=paid_wang, official=qian)
    maker, second = signed_in(app, qian), signed_in(app, tian)
    day = today().isoformat()
    assert send(maker, "/desk/settlements", "/desk/settlements", through=day).status_code == 303
    work()
    number = session().query(Settlement).one().number
    page = f"/desk/settlements/{number}"
    assert send(maker, page, f"{page}/submission").status_code == 303
    assert "verdict" not in maker.get(page).text
    waiting = second.get("/desk/approvals").text
    assert page in waiting
    assert send(second, page, f"{page}/decision", verdict="agree").status_code == 303
    work()

    assert session().query(Settlement).one().state is SettlementState.CLOSED
    grower = signed_in(app, paid_wang)
    assert value(maker.get(page).text, "total") == [order.total.fen]
    assert str(order.total.fen) in grower.get("/grower/statements").text


def test_each_figure_of_a_statement_opens_down_to_its_entries(
    app: Flask, settlement: Settlement, paid_wang: Viewer
) -> None:
    statement = statement_of(settlement, paid_wang)
    grower = signed_in(app, paid_wang)
    page = grower.get(f"/grower/statements/{statement.number}").text

    opened = re.findall(r'<a class="figure" href="([^"]+)"><data value="(-?\d+)">', page)
    assert {int(fen) for _url, fen in opened} == {statement.sales.fen, statement.freight.fen, statement.refunds.fen}
    for url, fen in opened:
        behind = grower.get(url.replace("&amp;", "&")).text
        assert value(behind, "total") == [int(fen)]
        assert sum(value(behind, "entry")) == int(fen)
    assert value(page, "total") == [statement.closing.fen]


def test_the_slip_says_how_much_of_the_buyers_price_reached_him(
    app: Flask, settlement: Settlement, paid_wang: Viewer
) -> None:
    statement = statement_of(settlement, paid_wang)
    page = signed_in(app, paid_wang).get(f"/grower/statements/{statement.number}/slip").text

    paid = statement.sales + statement.freight
    part = (paid - Money(800)).fen * 1000 // paid.fen
    assert f"到您手里 {part // 10}.{part % 10} 元" in page
    assert value(page, "total") == [(paid - Money(800)).fen]


def test_a_strangers_statement_is_not_there(
    app: Flask, settlement: Settlement, paid_wang: Viewer, gao: Viewer, li: Viewer
) -> None:
    number = statement_of(settlement, paid_wang).number
    for path in ("", "/entries", "/slip"):
        assert signed_in(app, gao).get(f"/grower/statements/{number}{path}").status_code == 404
        assert signed_in(app, li).get(f"/grower/statements/{number}{path}").status_code == 403


def test_a_grower_sees_his_statement_only_once_it_stands(
    app: Flask, li: Viewer, paid_wang: Viewer, qian: Viewer, gift_box: Pack
) -> None:
    sold(1, gift_box, buyer=li, seller=paid_wang, official=qian)
    number = statement_of(made(by=qian), paid_wang).number

    assert signed_in(app, paid_wang).get(f"/grower/statements/{number}").status_code == 404


def test_a_township_sees_its_own_sellers_alone(
    app: Flask, settlement: Settlement, paid_wang: Viewer, zhao: Viewer, gao: Viewer
) -> None:
    number = statement_of(settlement, paid_wang).number
    assert signed_in(app, zhao).get(f"/desk/settlements/statements/{number}").status_code == 200

    neighbour = a_viewer("冯文书", (Role.TOWNSHIP, f"township:{SANJIAO}"))
    assert signed_in(app, neighbour).get(f"/desk/settlements/statements/{number}").status_code == 404
    page = signed_in(app, neighbour).get(f"/desk/settlements/{settlement.number}").text
    assert value(page, "total") == [0]


@pytest.mark.parametrize("through", ["", "2099-01-01", "yesterday", "0001-01-01x", "２０２６－０１－０１"])
def test_a_wrong_day_is_answered_at_its_place(app: Flask, qian: Viewer, through: str) -> None:
    client = signed_in(app, qian)
    answer = send(client, "/desk/settlements", "/desk/settlements", through=through)

    assert answer.status_code == 422
    assert "through-error" in answer.text
    assert session().query(Settlement).count() == 0


def test_tapping_twice_begins_one(app: Flask, qian: Viewer) -> None:
    client = signed_in(app, qian)
    data = {**form_to(client, "/desk/settlements", "/desk/settlements").fields, "through": today().isoformat()}

    assert [client.post("/desk/settlements", data=data).status_code for _ in range(3)] == [303, 303, 303]
    assert session().query(Settlement).count() == 1


def test_a_verdict_over_another_content_is_refused_at_the_page(
    app: Flask, li: Viewer, paid_wang: Viewer, qian: Viewer, tian: Viewer, gift_box: Pack
) -> None:
    sold(1, gift_box, buyer=li, seller=paid_wang, official=qian)
    settlement = made(by=qian)
    submit(settlement, by=qian)
    page = f"/desk/settlements/{settlement.number}"
    client = signed_in(app, tian)

    answer = send(client, page, f"{page}/decision", verdict="agree", seen="0" * 64)
    assert answer.status_code == 409
    assert "不一样了" in answer.text
    refusal = send(client, page, f"{page}/decision", verdict="refuse")
    assert (refusal.status_code, "要写明原因" in refusal.text) == (422, True)


def test_a_correction_is_proposed_and_booked_by_two_people(
    app: Flask, paid_wang: Viewer, qian: Viewer, tian: Viewer
) -> None:
    maker, second = signed_in(app, qian), signed_in(app, tian)
    slug = shop_of(paid_wang).slug
    data = {"seller": slug, "way": "take", "amount": "3.20", "because": "多记了一箱"}
    assert send(maker, "/desk/corrections", "/desk/corrections", **data).status_code == 303
    (url,) = set(re.findall(r"/desk/corrections/Z[\w-]+", second.get("/desk/approvals").text))
    assert maker.post(f"{url}/decision", data={"verdict": "agree"}).status_code == 403
    assert send(second, url, f"{url}/decision", verdict="agree").status_code == 303

    assert url not in second.get("/desk/approvals").text
    assert "-¥3.20" in maker.get("/desk/corrections").text


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"seller": "nobody"}, "seller"),
        ({"seller": ""}, "seller"),
        ({"amount": "0"}, "amount"),
        ({"amount": "-5"}, "amount"),
        ({"amount": "1.234"}, "amount"),
        ({"amount": "99999999999"}, "amount"),
        ({"because": ""}, "because"),
        ({"because": "长" * 201}, "because"),
        ({"way": "both"}, "way"),
    ],
)
def test_a_wrong_correction_is_answered_at_its_place(
    app: Flask, wang: Viewer, qian: Viewer, change: dict[str, str], field: str
) -> None:
    client = signed_in(app, qian)
    good = {"seller": shop_of(wang).slug, "way": "give", "amount": "1.00", "because": "少记了"}
    answer = send(client, "/desk/corrections", "/desk/corrections", **{**good, **change})

    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text


def a_rate(rate: int, *, by: Viewer, second: Viewer) -> None:
    day = today() + timedelta(days=1)
    with transaction():
        one = fees.propose(Proposal(rate, day, "县里定的"), link="/desk/fees/{number}", by=by)
        number, over = one.number, approvals.fingerprint(fees.payload(one))
    with transaction():
        fees.decide(number, Verdict(True, over), by=second)


def test_the_fee_counts_from_its_day_on_and_stands_in_the_books(
    app: Flask, li: Viewer, paid_wang: Viewer, qian: Viewer, tian: Viewer, gift_box: Pack
) -> None:
    a_rate(250, by=qian, second=tian)
    early = sold(1, gift_box, buyer=li, seller=paid_wang, official=qian)
    assert statement_of(settled(by=qian, second=tian), paid_wang).fees == Money(0)

    with at(later(days=1)):
        order = sold(2, gift_box, buyer=li, seller=paid_wang, official=qian)
        refunded(order, "10.00", by=qian)
        statement = statement_of(settled(by=qian, second=tian), paid_wang)
        kept = (order.goods.fen - 1000) * 250
        assert statement.fees == Money(-((kept * 2 + 10_000) // 20_000))
        number, fee = statement.number, statement.fees.fen
        page = signed_in(app, paid_wang).get(f"/grower/statements/{number}/entries?line=fees").text
        assert (value(page, "total"), value(page, "entry")) == ([fee], [fee])
    assert early.goods > Money(0)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"rate": "10.01"}, "rate"),
        ({"rate": "-1"}, "rate"),
        ({"rate": "abc"}, "rate"),
        ({"rate": ""}, "rate"),
        ({"valid_from": "2026-01-01"}, "valid_from"),
        ({"valid_from": ""}, "valid_from"),
        ({"because": ""}, "because"),
    ],
)
def test_a_wrong_rate_is_answered_at_its_place(app: Flask, qian: Viewer, change: dict[str, str], field: str) -> None:
    client = signed_in(app, qian)
    good = {"rate": "2.5", "valid_from": (today() + timedelta(days=3)).isoformat(), "because": "县里定的"}
    answer = send(client, "/desk/fees", "/desk/fees", **{**good, **change})

    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text


def test_nobody_but_the_county_makes_or_lets_go(
    app: Flask, settlement: Settlement, zhao: Viewer, sun: Viewer, zhou: Viewer, paid_wang: Viewer
) -> None:
    number = settlement.number
    for who in (zhao, sun, zhou, paid_wang):
        client = signed_in(app, who)
        for act in ("", "/submission", "/withdrawal", "/decision"):
            path = f"/desk/settlements{f'/{number}' if act else ''}{act}"
            assert client.post(path).status_code == 403, (who.name, path)
    assert session().query(Statement).count() == 1
