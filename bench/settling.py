"""How long the county needs to settle with all its sellers, beside what the database alone needs to add them up."""

from __future__ import annotations

import hashlib
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
from sqlalchemy import func, insert, select

from app.cli import migrate
from app.factory import create_app
from app.kernel import clock
from app.kernel.db import session, transaction
from app.kernel.permissions import Viewer
from app.ledger import books
from app.ledger.books import checks as books_checks
from app.ledger.books.movements import Act, Post
from app.office.approvals import service as approvals
from app.office.approvals.service import Verdict
from app.people.accounts.models import Consent, Person
from app.people.accounts.states import Purpose, Role
from app.people.growers.models import Seller
from app.people.growers.states import SellerKind, SellerStatus
from app.people.purse.models import BankAccount
from app.people.purse.states import AccountState, Bank
from app.people.townships import queries as townships
from app.trade.settlements import checks, service
from app.trade.settlements.accounts import payable_place
from app.trade.settlements.models import Statement
from app.trade.settlements.states import SettlementState
from app.trade.stock.accounts import DUE_FROM_COURIER, ORDER_RECEIVED, money_place
from bench import county as counties
from bench.county import BY
from bench.selling import settlement_of, until
from config import Settings
from tests.services.postgres import PostgresCluster

ORDERS_EACH = 5
MOST_SECONDS = 60
AT_ONCE = 1_000
LIMIT = """
ANALYZE ledger_accounts, ledger_transfers;
CREATE TEMP TABLE summed AS
SELECT a.party, a.role, sum(moved.fen) AS fen, count(*) AS entries
FROM ledger_accounts a
JOIN (
    SELECT credit_id AS account_id, amount AS fen FROM ledger_transfers WHERE phase IN ('P', 'S')
    UNION ALL
    SELECT debit_id, -amount FROM ledger_transfers WHERE phase IN ('P', 'S')
) moved ON moved.account_id = a.id
WHERE a.role IN ('payable', 'freight')
GROUP BY a.party, a.role
"""


def run(sellers: int) -> None:
    """Settle with so many sellers, each with five orders and an account, on a durable PostgreSQL; print the times."""
    with tempfile.TemporaryDirectory(prefix="liulin-bench-") as folder, PostgresCluster() as cluster:
        cluster.create_database("county")
        env = {"DATABASE_URL": cluster.url("county"), "INSTANCE_DIR": str(Path(folder) / "instance")}
        migrate(env["DATABASE_URL"])
        app = create_app(Settings.from_env({**env, "LOG_LEVEL": "WARNING"}))
        with app.app_context():
            counties.load(packs=0)
            _many(sellers)
            limit = _timed(lambda: _add_up(cluster.url("county")))
            _settle(limit)
            broken = [one.code for one in (*books_checks.CHECKS, *checks.CHECKS) if next(one.find(), None)]
        app.extensions["liulin.database"].dispose()
    print(f"checks of the books and the statements: {broken or 'all hold'}")


def _many(count: int) -> None:
    moment = clock.now()
    codes = [one.code for one in townships.present()]
    with transaction() as current:
        first = (current.scalar(select(func.max(Person.id))) or 0) + 1
        rows = range(first, first + count)
        current.execute(insert(Person), [_person(number, moment) for number in rows])
        current.execute(insert(Seller), [_seller(number, codes[number % len(codes)], moment) for number in rows])
        consent = {"purpose": Purpose.BANK_ACCOUNT, "text_version": "bank-1", "given_at": moment}
        current.execute(insert(Consent), [{"person_id": number, **consent} for number in rows])
    with transaction() as current:
        sellers = current.scalars(select(Seller).where(Seller.contact_person_id >= first).order_by(Seller.id)).all()
        consents = dict(current.execute(select(Consent.person_id, Consent.id)).all())
        accounts = [_account(one, consents[one.contact_person_id], moment) for one in sellers]
        current.execute(insert(BankAccount), accounts)
    places = [(one.id, one.township_code) for one in sellers]
    for start in range(0, len(places), AT_ONCE):
        with transaction():
            books.record_all(
                [
                    _sale(seller, code, n)
                    for seller, code in places[start : start + AT_ONCE]
                    for n in range(ORDERS_EACH)
                ],
                by=BY,
            )


def _person(number: int, moment: object) -> dict[str, object]:
    digest = hashlib.sha256(f"person {number}".encode())
    return {
        "id": number,
        "phone_index": digest.hexdigest(),
        "phone_sealed": digest.digest(),
        "name": "示例",
        "password_hash": "!",
        "password_changed_at": moment,
        "created_at": moment,
        "recovery_hashes": "",
    }


def _seller(number: int, township: str, moment: object) -> dict[str, object]:
    return {
        "slug": f"bench-{number}",
        "name": "示例枣园",
        "kind": SellerKind.HOUSEHOLD,
        "township_code": township,
        "contact_person_id": number,
        "created_at": moment,
        "status": SellerStatus.ACTIVE,
        "verified_at": moment,
        "verified_by": BY,
        "words": "",
    }


def _account(seller: Seller, consent_id: int, moment: object) -> dict[str, object]:
    return {
        "seller_id": seller.id,
        "person_id": seller.contact_person_id,
        "holder": "示例",
        "bank": Bank.RURAL,
        "bank_name": "",
        "tail": f"{seller.id % 10_000:04d}",
        "number_index": f"bench {seller.id}",
        "consent_id": consent_id,
        "entered_by": BY,
        "entered_at": moment,
        "number_sealed": b"bench",
        "state": AccountState.VERIFIED,
        "decided_at": moment,
        "decided_by": "bench too",
        "because": "示例数据",
    }


def _sale(seller: int, township: str, number: int) -> Act:
    owed = payable_place(seller_id=seller, township=township)
    courier = money_place(DUE_FROM_COURIER, township=township, party="courier:示例")
    subject = f"order:bench-{seller}-{number}"
    return Act(ORDER_RECEIVED, (Post(courier, owed, 6_800),), subject, subject)


def _add_up(url: str) -> None:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute(LIMIT)


def _settle(limit: float) -> None:
    maker, second = (counties.official(Role.COUNTY, person_id=number) for number in _two_people())
    with transaction():
        number = service.begin(through=clock.today(), by=maker).number
    making = _timed(lambda: until(number, SettlementState.MADE))
    with transaction():
        service.submit(number, link="/", by=maker)
    over = approvals.fingerprint(service.payload(settlement_of(number)))
    deciding = _timed(lambda: _decide(number, over, second))
    closing = _timed(lambda: until(number, SettlementState.CLOSED))
    statements = session().scalar(select(func.count()).select_from(Statement)) or 0
    whole = making + deciding + closing
    print(f"{statements:,} statements of {ORDERS_EACH} entries, each paid to an account")
    print(f"made {making:.1f} s · decided {deciding:.2f} s · closed and ordered to pay {closing:.1f} s")
    print(f"whole {whole:.1f} s ({'within' if whole <= MOST_SECONDS else 'OVER'} {MOST_SECONDS} s)")
    print(
        f"one statement of SQL that adds the same entries up: {limit:.2f} s; the settlement takes {whole / limit:.0f} ×"
    )


def _two_people() -> tuple[int, int]:
    first, second = session().scalars(select(Person.id).order_by(Person.id).limit(2))
    return first, second


def _decide(number: str, over: str, by: Viewer) -> None:
    with transaction():
        service.decide(number, Verdict(True, over), by=by)


def _timed(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start
