"""No page asks the database more often because there is more to show."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from app.factory import create_app
from app.kernel import cache
from app.kernel.db import Database, session
from app.trade.catalog.models import Pack
from app.web.guards import public
from bench.pages import PAGES, SHELF, WARM_SHELF, Book, Page
from config import Settings

NOT_COUNTED = {
    "addresses.show": "one address",
    "agent.ask": "a form",
    "agents.confirm_withdrawal": "one mandate",
    "agents.slip": "one act",
    "agents_desk.mandate": "one mandate",
    "agents_desk.objection": "one objection",
    "agents_desk.paper": "a file",
    "agents_desk.show": "one agent",
    "complaints.show": "one order",
    "complaints_desk.show": "one complaint",
    "grower_complaints.show": "one complaint",
    "my_complaints.photo": "a file",
    "grower_invoices.show": "one invoice",
    "invoices.show": "one invoice",
    "invoices.slip": "one order",
    "imports.show": "one import",
    "imports.template": "a file",
    "health.alive": "asks nothing",
    "health.ready": "asks one thing",
    "listings.worker": "a script",
    "media.picture": "a file",
    "me.totp": "one row of one person",
    "me.totp_picture": "a picture",
    "me.step_up": "a form",
    "corrections.show": "one correction",
    "fees.show": "one rate",
    "pay.show": "the orders of one checkout",
    "grower_returns.show": "one return",
    "grower_reviews.show": "one review",
    "reviews_desk.one_in_scope": "one review",
    "returns.show": "one return",
    "sign_in_code.check": "a form",
    "returns_desk.one_return": "one return",
    "payments.problem": "one problem",
    "payments.refund_form": "one payment",
    "payouts.show": "one payout",
    "grower_lots.show_lot": "one lot",
    "grower_traces.code_png": "a picture",
    "grower_traces.code_svg": "a picture",
    "grower_traces.of_pack": "one query",
    "grower_traces.print_labels": "a file",
    "lots_desk.find": "a form",
    "radar_desk.table": "a file",
    "recalls_desk.export": "a file",
    "recalls_desk.show": "one recall",
    "grower_processing.show": "one run",
    "processing_desk.show": "one run",
    "payouts.show_line": "one line",
    "certificates.show": "one lot",
    "certificates.file": "a file",
    "deliveries.slip": "one delivery",
    "grower_intakes.grading": "one delivery",
    "grower_intakes.slip": "one delivery",
    "points.new": "a form",
    "points.prices_form": "a form",
    "purchase_points.board": "one point",
}
ASKS_FOR_EACH = Page("/one-by-one")


def one_by_one() -> str:
    numbers = session().scalars(select(Pack.id)).all()
    return "".join(session().scalars(select(Pack.title).where(Pack.id == number)).one() for number in numbers)


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    cache.forget()
    app = create_app(settings)
    app.add_url_rule(ASKS_FOR_EACH.path, "one_by_one", public(one_by_one))
    yield app
    database = app.extensions["liulin.database"]
    assert isinstance(database, Database)
    database.dispose()


def test_every_page_costs_the_same_few_statements_with_few_rows_and_with_many(app: Flask) -> None:
    book = Book(app)
    book.grow(packs=2, orders=2)
    few = {page: book.statements(page) for page in PAGES}
    book.grow(packs=24, orders=24)
    many = {page: book.statements(page) for page in PAGES}

    assert {page: len(said) for page, said in few.items()} == {page: len(said) for page, said in many.items()}
    assert {page: said for page, said in many.items() if len(said) > page.most} == {}
    assert len(many[SHELF]) <= WARM_SHELF


@pytest.mark.only("sqlite")
def test_a_page_that_asks_once_for_each_row_is_found_out(app: Flask) -> None:
    book = Book(app)
    book.grow(packs=2, orders=0)
    few = len(book.statements(ASKS_FOR_EACH))
    book.grow(packs=3, orders=0)

    assert len(book.statements(ASKS_FOR_EACH)) == few + 3


@pytest.mark.only("sqlite")
def test_every_page_that_can_be_opened_is_counted_here_or_says_why_not(app: Flask) -> None:
    book = Book(app)
    book.grow(packs=1, orders=2)
    addresses = app.url_map.bind("localhost")

    counted = {addresses.match(book.path(page).partition("?")[0])[0] for page in PAGES}
    there = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    boards = {endpoint for endpoint in there if endpoint.startswith("county.")}

    assert there - boards - {"one_by_one"} == counted | set(NOT_COUNTED)
