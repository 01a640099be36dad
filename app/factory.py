"""Assembling the product: settings in, one Flask app out, in the order in which the parts need each other."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from flask import Flask, appcontext_pushed, g
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from app import cli, policy, wiring
from app.demo import queries as demo
from app.gateways.mail import SmtpMail
from app.gateways.sms import HttpSms
from app.gateways.storage import MediaStore
from app.gateways.stripe import Stripe
from app.insight.boards import views as boards
from app.insight.consistency import desk as checks_desk
from app.insight.home import views as front
from app.insight.pending import desk as pending_desk
from app.insight.radar import desk as radar_desk
from app.insight.radar import views as radar_views
from app.kernel import logs
from app.kernel.crypto import Vault
from app.kernel.db import Database
from app.kernel.permissions import Viewer
from app.office.approvals import desk as approvals_desk
from app.office.imports import views as imports_views
from app.office.payouts import desk as payouts_desk
from app.people.accounts import desk as people_desk
from app.people.accounts import sealing
from app.people.accounts import views as accounts_views
from app.people.agents import desk as agents_desk
from app.people.agents import home as agent_home
from app.people.agents import papers
from app.people.agents import views as agents_views
from app.people.growers import desk as growers_desk
from app.people.growers import views as growers_views
from app.people.messages import desk as outbox_desk
from app.people.messages import sending
from app.people.messages import views as messages_views
from app.people.messages.letters import Site
from app.people.messages.sending import Gateways
from app.people.phone_codes import views as phone_codes_views
from app.people.purse import desk as purse_desk
from app.people.purse import views as purse_views
from app.trade.addresses import views as addresses_views
from app.trade.cart import cookie as cart_cookie
from app.trade.cart import service as cart
from app.trade.cart import views as cart_views
from app.trade.catalog import desk as packs_desk
from app.trade.catalog import media
from app.trade.complaints import desk as complaints_desk
from app.trade.complaints import views as complaints_views
from app.trade.corrections import desk as corrections_desk
from app.trade.fees import desk as fees_desk
from app.trade.freight import desk as freight_desk
from app.trade.intakes import desk as intakes_desk
from app.trade.intakes import papers as certificates
from app.trade.intakes import points
from app.trade.intakes import views as intakes_views
from app.trade.invoices import desk as invoices_desk
from app.trade.invoices import views as invoices_views
from app.trade.orders import desk as orders_desk
from app.trade.orders import views as orders_views
from app.trade.orders.service import HoldTimes
from app.trade.orders.states import PayBy
from app.trade.payments import desk as payments_desk
from app.trade.payments import gateway
from app.trade.payments import views as pay_views
from app.trade.processing import desk as processing_desk
from app.trade.processing import views as mark_views
from app.trade.recalls import desk as recalls_desk
from app.trade.recalls import views as recalls_views
from app.trade.returns import desk as returns_desk
from app.trade.returns import views as returns_views
from app.trade.reviews import desk as reviews_desk
from app.trade.reviews import views as reviews_views
from app.trade.settlements import desk as settlements_desk
from app.trade.settlements import views as statements
from app.trade.stock import desk as listings
from app.trade.stock import views as shop
from app.trade.tracing import desk as tracing_desk
from app.trade.tracing import views as tracing_views
from app.web import assets, compress, context, filters, guards, health, preferences, refusals, security
from app.web.deadline import Deadline
from config import Settings

ROOT = Path(__file__).parent.parent
STATIC = ROOT / "static"
_A_YEAR = 365 * 24 * 3600

BLUEPRINTS = (
    health.bp,
    preferences.bp,
    front.home,
    front.desk,
    front.about,
    boards.bp,
    radar_views.bp,
    radar_desk.bp,
    *accounts_views.BLUEPRINTS,
    phone_codes_views.bp,
    people_desk.bp,
    growers_views.bp,
    growers_desk.bp,
    agents_views.bp,
    agent_home.bp,
    agents_desk.bp,
    purse_views.bp,
    purse_desk.bp,
    messages_views.bp,
    messages_views.mailbox,
    outbox_desk.bp,
    addresses_views.bp,
    packs_desk.bp,
    shop.shelf,
    shop.packs,
    shop.places,
    shop.sellers,
    shop.pictures,
    cart_views.bp,
    orders_views.checkout,
    orders_views.orders,
    invoices_views.bp,
    complaints_views.bp,
    complaints_views.mine,
    reviews_views.bp,
    pay_views.bp,
    pay_views.webhooks,
    listings.bp,
    intakes_views.bp,
    intakes_views.deliveries,
    points.bp,
    intakes_desk.bp,
    intakes_desk.official,
    certificates.bp,
    orders_desk.grower,
    orders_desk.bp,
    orders_desk.official,
    invoices_desk.bp,
    invoices_desk.official,
    complaints_desk.bp,
    complaints_desk.official,
    reviews_desk.bp,
    reviews_desk.official,
    payments_desk.bp,
    recalls_views.bp,
    recalls_desk.bp,
    tracing_views.bp,
    tracing_desk.grower,
    tracing_desk.official,
    returns_views.bp,
    returns_desk.grower,
    returns_desk.official,
    processing_desk.lots,
    processing_desk.runs,
    processing_desk.official,
    processing_desk.marks,
    mark_views.bp,
    freight_desk.bp,
    checks_desk.bp,
    pending_desk.bp,
    approvals_desk.bp,
    imports_views.bp,
    payouts_desk.bp,
    settlements_desk.bp,
    statements.bp,
    corrections_desk.bp,
    fees_desk.bp,
)


def create_app(settings: Settings | None = None) -> Flask:
    """The app, ready to serve; its database is there as `app.extensions["liulin.database"]`."""
    settings = settings or Settings.from_env()
    logs.configure(level=settings.log_level)
    app = Flask("app", static_folder=None, template_folder=str(ROOT / "templates"), root_path=str(ROOT))
    app.secret_key = settings.secret_key
    app.config["SETTINGS"] = settings
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    _open_stores(app, settings)
    _shell(app, settings)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    cli.register(app)
    wiring.bind()
    static = assets.packed(STATIC, into=settings.instance / "static")
    app.wsgi_app = WhiteNoise(app.wsgi_app, root=str(static), prefix="static/", max_age=_A_YEAR)  # type: ignore[method-assign]
    app.wsgi_app = Deadline(app.wsgi_app)  # type: ignore[method-assign]
    if settings.is_https:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1)  # type: ignore[method-assign]
    return app


def _open_stores(app: Flask, settings: Settings) -> None:
    """The database, the vault and the media store, and a unit of work for every app context."""
    database = Database(settings.database_url)
    if not settings.pii_key_file.exists():
        Vault.create(settings.pii_key_file)
    sealing.use(Vault.open(settings.pii_key_file), on=database)
    store = MediaStore(settings.media_url)
    media.use(store, on=database)
    papers.use(store, on=database)
    app.extensions["liulin.database"] = database
    app.extensions["liulin.hold_times"] = HoldTimes.of(settings.hold_seconds, settings.transfer_hold_hours)
    account = _stripe(settings)
    gateway.use(account, on=database)
    sending.use(_gateways(settings), on=database)
    offline = (PayBy.BANK_TRANSFER, PayBy.CASH_ON_DELIVERY)
    app.extensions["liulin.ways"] = (PayBy.ONLINE, *offline) if account is not None else offline
    app.extensions["liulin.bank"] = settings.bank
    app.extensions["liulin.policy"] = policy.POLICY
    app.extensions["liulin.contact"] = settings.complaints_contact

    def begin(sender: Flask) -> None:
        g.unit_of_work = ExitStack()
        g.unit_of_work.enter_context(database.unit_of_work())

    def end(error: BaseException | None) -> None:
        g.unit_of_work.close()

    appcontext_pushed.connect(begin, app, weak=False)
    app.teardown_appcontext(end)


def _gateways(settings: Settings) -> Gateways:
    """The ways out to phones and mailboxes; from a demo county nothing goes out, whatever is set."""
    return Gateways(
        sms=HttpSms(settings.sms_url) if settings.sms_url else None,
        mail=SmtpMail(settings.mail_url) if settings.mail_url else None,
        site=Site(settings.public_url),
        unless=demo.is_one_now,
    )


def _stripe(settings: Settings) -> Stripe | None:
    if settings.stripe_api_key is None or not settings.stripe_webhook_secrets:
        return None
    return Stripe(
        settings.stripe_api_key, base=settings.stripe_api_base, webhook_secrets=settings.stripe_webhook_secrets
    )


def _shell(app: Flask, settings: Settings) -> None:
    """What every request and every page passes through."""

    def load(token: str) -> Viewer | None:
        return accounts_views.viewer_of(token, policy=policy.POLICY, step_up_needed=settings.is_https)

    security.init(
        app,
        is_https=settings.is_https,
        trusted_hosts=settings.trusted_hosts,
        redis_url=settings.redis_url,
        sandbox=settings.stripe_api_base,
    )
    guards.init(app, load=load)
    filters.init(app)
    context.init(
        app,
        static=STATIC,
        cart_pieces=lambda: cart.pieces_in(cart_cookie.cart_key()),
        is_demo=demo.is_demo_county,
        desk_menu=front.desk_menu,
    )
    compress.init(app)
    refusals.init(app)
