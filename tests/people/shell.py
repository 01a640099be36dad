"""The pages about people in a shell of their own: everything real but the pages of the floors above."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path

from flask import Blueprint, Flask, appcontext_pushed, g
from flask.testing import FlaskClient
from jinja2 import StrictUndefined
from werkzeug.test import TestResponse

from app.kernel.db import Database
from app.people.accounts import desk as people_desk
from app.people.accounts import views as accounts_views
from app.people.accounts.cli import people as people_commands
from app.people.growers import desk as growers_desk
from app.people.growers import views as growers_views
from app.people.messages import views as messages_views
from app.people.phone_codes import views as phone_codes_views
from app.people.purse import desk as purse_desk
from app.people.purse import views as purse_views
from app.web import compress, context, filters, guards, preferences, refusals, security
from app.web.guards import public
from config import Settings
from tests.people.cast import PASSWORD, PHONE, POLICY

ELSEWHERE = {
    "home.index": "/",
    "shelf.index": "/shelf",
    "sellers.show": "/sellers",
    "cart.show": "/cart",
    "orders.index": "/orders",
    "grower.home": "/grower/",
    "desk.home": "/desk/",
    "county.board": "/county",
    "about.complaints": "/complaints",
    "my_complaints.index": "/complaints/mine",
    "addresses.index": "/me/addresses",
    "purchase_points.index": "/purchase-points",
    "agent.home": "/agent/",
}


def an_app(database: Database, settings: Settings, *, step_up_needed: bool = False) -> Flask:
    """The shell with the pages about people, on this database; a request has a unit of work of its own."""
    app = _shell(settings.is_https, step_up_needed, settings.secret_key, settings.trusted_hosts)
    app.config["SETTINGS"] = settings
    app.extensions["database"] = database
    return app


@cache
def _shell(is_https: bool, step_up_needed: bool, secret_key: str, trusted_hosts: tuple[str, ...]) -> Flask:
    """Assembled once for all tests, as pages are slow to compile."""
    app = Flask("app", static_folder=None, template_folder=str(Path("templates").resolve()))
    app.secret_key = secret_key
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    security.init(app, is_https=is_https, trusted_hosts=trusted_hosts, redis_url=None, sandbox=None)
    guards.init(app, load=lambda token: accounts_views.viewer_of(token, policy=POLICY, step_up_needed=step_up_needed))
    filters.init(app)
    context.init(app, static=Path("static").resolve(), cart_pieces=lambda: 0, is_demo=lambda: False, desk_menu=list)
    compress.init(app)
    refusals.init(app)
    for blueprint in (
        *accounts_views.BLUEPRINTS,
        phone_codes_views.bp,
        people_desk.bp,
        growers_views.bp,
        growers_desk.bp,
        purse_views.bp,
        purse_desk.bp,
        messages_views.bp,
        messages_views.mailbox,
        preferences.bp,
    ):
        app.register_blueprint(blueprint)
    for blueprint in _elsewhere():
        app.register_blueprint(blueprint)
    app.cli.add_command(people_commands)
    _give_units_of_work(app)
    return app


def _elsewhere() -> Iterator[Blueprint]:
    for endpoint, path in ELSEWHERE.items():
        name, view = endpoint.split(".")
        blueprint = Blueprint(name, __name__)
        blueprint.add_url_rule(path, view, public(lambda: "elsewhere"))
        yield blueprint


def _give_units_of_work(app: Flask) -> None:
    def begin(sender: Flask) -> None:
        g.unit_of_work = ExitStack()
        g.unit_of_work.enter_context(sender.extensions["database"].unit_of_work())

    def end(error: BaseException | None) -> None:
        g.unit_of_work.close()

    appcontext_pushed.connect(begin, app, weak=False)
    app.teardown_appcontext(end)


def csrf(client: FlaskClient, page: str = "/sign-in") -> str:
    """The token that a page's form carries."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(page).get_data(as_text=True))
    assert found is not None
    return found.group(1)


def post(client: FlaskClient, path: str, data: dict[str, str] | None = None) -> TestResponse:
    """Post as a browser does that has just seen a form."""
    return client.post(path, data={"csrf_token": csrf(client), **(data or {})})


def come_in(client: FlaskClient, phone: str = PHONE, password: str = PASSWORD, *, query: str = "") -> TestResponse:
    return client.post(f"/sign-in{query}", data={"csrf_token": csrf(client), "phone": phone, "password": password})


def text_of(response: TestResponse) -> str:
    """The page without what differs in every page: tokens and request ids."""
    page = response.get_data(as_text=True)
    page = re.sub(r'value="[^"]{60,}"', "", page)
    return re.sub(r'<span class="number">[0-9a-f]{16}</span>', "", page)
