from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import StrictUndefined
from werkzeug.test import Client

from app.insight.boards import figures as board_figures
from app.insight.boards import views
from app.kernel.db import Database
from app.ledger import figures
from app.trade.stock.accounts import KINDS
from app.web import compress, context, filters, guards, preferences, refusals, security

ROOT = Path(__file__).parents[2]
ELSEWHERE = {
    "home.index": "/",
    "shelf.index": "/shelf",
    "orders.index": "/orders",
    "grower.home": "/grower",
    "desk.home": "/desk",
    "cart.show": "/cart",
    "me.show": "/me",
    "sign_in.form": "/sign-in",
    "about.complaints": "/complaints",
    "townships.show": "/townships/<code>",
}


@pytest.fixture
def app(db: Database) -> Flask:
    figures.register(*board_figures.FIGURES)
    figures.name_kinds(KINDS)
    app = Flask(__name__, root_path=str(ROOT), template_folder="templates", static_folder="static")
    app.secret_key = "for tests"
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    security.init(app, is_https=False, trusted_hosts=("localhost",), redis_url=None)
    guards.init(app, load=lambda token: None)
    refusals.init(app)
    filters.init(app)
    context.init(app, static=ROOT / "static", cart_pieces=lambda: 0, is_demo=lambda: True)
    compress.init(app)
    app.register_blueprint(preferences.bp)
    app.register_blueprint(views.bp)
    for endpoint, rule in ELSEWHERE.items():
        app.add_url_rule(rule, endpoint, guards.public(lambda code="": ""))
    return app


@pytest.fixture
def client(app: Flask) -> Iterator[Client]:
    with app.test_client() as client:
        yield client
