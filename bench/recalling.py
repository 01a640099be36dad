"""How long a recall takes, and the list of everybody who has some of the lot, among a million order lines."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
from sqlalchemy import func, select

from app.cli import migrate
from app.factory import create_app
from app.kernel.db import session, transaction
from app.kernel.permissions import Viewer
from app.ledger.books.models import Account
from app.people.accounts.states import Role
from app.trade.lots.models import Lot
from app.trade.orders.models import OrderLine
from app.trade.recalls import queries, service
from app.trade.recalls.states import Level
from app.trade.stock import accounts
from app.trade.stock.models import PackedLot
from bench import county as counties
from config import Settings
from tests.services.postgres import PostgresCluster

LINES = 1_000_000
PACKS = 200
PIECES = 20_000
MOST_SECONDS = 1
FILL = """
SET session_replication_role = replica;
CREATE TEMP TABLE shelf AS
SELECT row_number() OVER (ORDER BY p.id) - 1 AS place, p.id, p.pack_id, p.account_id, a.commodity_id,
       sold.id AS sold_id, k.seller_id, k.township_code, k.title, k.net, k.price
FROM packed_lots p
JOIN packs k ON k.id = p.pack_id
JOIN ledger_accounts a ON a.id = p.account_id
JOIN ledger_accounts sold ON sold.commodity_id = a.commodity_id AND sold.role = 'sold';
CREATE TEMP TABLE wanted AS
SELECT n, (SELECT coalesce(max(id), 0) FROM orders) + n AS order_id,
       (SELECT coalesce(max(id), 0) FROM ledger_events) + n AS event_id,
       (SELECT coalesce(max(id), 0) FROM ledger_transfers) + 2 * n AS transfer_id,
       'bench-' || n AS number, s.*
FROM generate_series(1, %(lines)s) n JOIN shelf s ON s.place = n %% (SELECT count(*) FROM shelf);
INSERT INTO orders (id, number, checkout, buyer_id, seller_id, township_code, pay_by, placed_at, placed_on, goods,
  freight, weight, consignee_sealed, phone_sealed, address_sealed, province_code, note, state, courier, tracking,
  cancelled_because, is_sample, given_back)
OVERRIDING SYSTEM VALUE
SELECT order_id, number, 'checkout-' || number, 1, seller_id, township_code, 'bank_transfer', now(), current_date,
  price, 0, net, ''::bytea, ''::bytea, ''::bytea, '14', '', 'shipped', '', '', '', true, 0 FROM wanted;
INSERT INTO order_lines (order_id, pack_id, title, net, price, pieces, return_rule, asked_back)
SELECT order_id, pack_id, title, net, price, 1, 'seven_days', 0 FROM wanted;
INSERT INTO ledger_events (id, kind, effective_on, recorded_at, period_id, idem_key, actor, request_id, subject)
OVERRIDING SYSTEM VALUE
SELECT event_id, 'order.shipped', current_date, now(), (SELECT max(id) FROM ledger_periods), number, 'bench', '',
  'order:' || number FROM wanted;
INSERT INTO ledger_transfers (id, event_id, commodity_id, debit_id, credit_id, amount, phase, effective_on, resolves_id)
OVERRIDING SYSTEM VALUE
SELECT transfer_id + h, event_id, commodity_id, sold_id, account_id, 1, CASE h WHEN 0 THEN 'H' ELSE 'S' END,
  current_date, CASE h WHEN 0 THEN NULL ELSE transfer_id END
FROM wanted, generate_series(0, 1) h;
UPDATE ledger_accounts a SET cr = a.cr + n.pieces
FROM (SELECT account_id, count(*) AS pieces FROM wanted GROUP BY account_id) n WHERE n.account_id = a.id;
UPDATE ledger_accounts a SET cr = a.cr + p.net * n.pieces
FROM (SELECT pack_id, count(*) AS pieces FROM wanted GROUP BY pack_id) n, packs p, packed_lots l
WHERE p.id = n.pack_id AND l.pack_id = n.pack_id AND a.role = 'packed_grams'
  AND a.subject = 'lot:' || l.lot_id || '/pack:' || n.pack_id;
SELECT setval(pg_get_serial_sequence(t, 'id'), m) FROM (
  SELECT 'orders' AS t, max(id) AS m FROM orders UNION ALL SELECT 'ledger_events', max(id) FROM ledger_events
  UNION ALL SELECT 'ledger_transfers', max(id) + 1 FROM ledger_transfers) s;
SET session_replication_role = origin;
ANALYZE;
"""


def run(lines: int) -> None:
    """Fill a durable PostgreSQL with so many order lines, recall one lot, and list who has some; print the times."""
    with tempfile.TemporaryDirectory(prefix="liulin-bench-") as folder, PostgresCluster() as cluster:
        cluster.create_database("county")
        env = {"DATABASE_URL": cluster.url("county"), "INSTANCE_DIR": str(Path(folder) / "instance")}
        migrate(env["DATABASE_URL"])
        app = create_app(Settings.from_env({**env, "LOG_LEVEL": "WARNING"}))
        with app.app_context():
            county = counties.load(packs=0)
            counties.more_packs(county, PACKS, pieces=PIECES)
            _fill(cluster.url("county"), lines)
            _recall(county.seller_person_id)
        app.extensions["liulin.database"].dispose()


def _fill(url: str, lines: int) -> None:
    with transaction():
        _bear_sold()
    took = _timed(lambda: _put(url, lines))
    count = session().scalar(select(func.count()).select_from(OrderLine)) or 0
    print(f"{count:,} order lines over {PACKS} lots, filled in {took:.0f} s")


def _put(url: str, lines: int) -> None:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        for statement in FILL.split(";\n"):
            if statement.strip():
                connection.execute(statement, {"lines": lines} if "%(lines)s" in statement else None)


def _bear_sold() -> None:
    """Where sold pieces go: born with the first order of a pack, so here for all of them."""
    stocked = select(Account).join(PackedLot, PackedLot.account_id == Account.id)
    for one in session().scalars(stocked).all():
        session().add(
            Account(commodity_id=one.commodity_id, role=accounts.SOLD.name, party=one.party, township=one.township)
        )
    session().flush()


def _recall(person_id: int) -> None:
    official = counties.official(Role.COUNTY, person_id=person_id)
    lots = session().scalars(select(Lot).order_by(Lot.id).limit(3)).all()
    recalled: list[float] = []
    listed: list[float] = []
    for lot in lots:
        session().rollback()
        recalled.append(_timed(lambda lot=lot: _make(lot, official)))  # type: ignore[misc]
        session().rollback()
        start = time.perf_counter()
        found = queries.affected([lot.id])
        listed.append(time.perf_counter() - start)
    whole = max(recalled) + max(listed)
    print(
        f"recall {max(recalled):.3f} s · list of {len(found):,} orders {max(listed):.3f} s (the slowest of {len(lots)})"
    )
    print(f"together {whole:.3f} s: {whole / MOST_SECONDS:.2f} of {MOST_SECONDS} s, {_verdict(whole)}")


def _verdict(seconds: float) -> str:
    return "within" if seconds <= MOST_SECONDS else "OVER"


def _make(lot: Lot, by: Viewer) -> None:
    with transaction():
        service.make(lot, level=Level.FIRST, because="示例数据", by=by)


def _timed(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start
