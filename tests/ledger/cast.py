"""A small world of accounts: boxes that are made, kept and sold, and money that is paid for them."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import text

from app.kernel.checks import Finding
from app.kernel.db import database, session, transaction
from app.ledger.books import queries, service
from app.ledger.books.checks import CHECKS
from app.ledger.books.models import CommodityKind, Floor, Unit
from app.ledger.books.movements import CNY, Goods, Hold, Kind, Movement, Place, Post, Recorded, Role, Settle, Void

BOXES = Goods("pack:gift", CommodityKind.GOODS, Unit.PIECE)
GRAMS = Goods("fruit:木枣/一级", CommodityKind.GOODS, Unit.GRAM)

MADE = Role("made")
STOCK = Role("stock", Floor.DEBIT)
SOLD = Role("sold")
LIMIT = Role("limit_used", Floor.CREDIT)

MAKE = Kind("test.made", "生产")
ORDER = Kind("test.ordered", "下单")
UNDO = Kind("test.undone", "冲销")

NOON = datetime(2026, 1, 15, 4, tzinfo=UTC)
TODAY = date(2026, 1, 15)
SOON = NOON + timedelta(minutes=15)

_keys = itertools.count(1)


def a_key() -> str:
    return f"key-{next(_keys)}"


def stock(name: str = "A") -> Place:
    return Place(BOXES, STOCK, party="seller:1", township="141125100", subject=name)


def sold(name: str = "A") -> Place:
    return Place(BOXES, SOLD, party="seller:1", township="141125100", subject=name)


def made() -> Place:
    return Place(BOXES, MADE)


def bank() -> Place:
    return Place(CNY, Role("bank"))


def fund() -> Place:
    return Place(CNY, Role("fund"))


def write(*movements: Movement, key: str = "", subject: str = "order:1", on: date | None = None) -> Recorded:
    """Record one event inside the open transaction."""
    return service.record(ORDER, movements, by="person:1", subject=subject, key=key or a_key(), on=on)


def post(*movements: Movement, key: str = "", subject: str = "order:1", on: date | None = None) -> Recorded:
    """Record one event in a transaction of its own."""
    with transaction():
        return write(*movements, key=key, subject=subject, on=on)


def undo(event_id: int, *, on: date | None = None) -> Recorded:
    with transaction():
        return service.reverse(UNDO, event_id, by="person:1", key=a_key(), on=on)


def stocked(pieces: int, *names: str) -> Recorded:
    """The stores hold `pieces` each."""
    return post(*(Post(stock(name), made(), pieces) for name in names or ("A",)), subject="lot:1")


def held(pieces: int, name: str = "A", *, until: datetime | None = None) -> int:
    """The id of a new hold on a store."""
    return post(Hold(sold(name), stock(name), pieces, until)).transfers[0]


def settle(hold: int, part: int | None = None) -> Recorded:
    return post(Settle(hold, part))


def void(*holds: int) -> Recorded:
    return post(*(Void(hold) for hold in holds))


def free(name: str = "A") -> int:
    return queries.balance(stock(name)).free


def findings(*codes: str) -> dict[str, list[Finding]]:
    """What the checks find, by code; of all checks, or of those named."""
    found = {check.code: list(check.find()) for check in CHECKS if not codes or check.code in codes}
    session().rollback()
    return {code: rows for code, rows in found.items() if rows}


def sql(statement: str, **values: object) -> None:
    """Raw SQL past the service, in a transaction of its own, as somebody at the database's console would."""
    with transaction() as current:
        current.execute(text(statement), values)


def answer(query: str, **values: object) -> object:
    value = session().execute(text(query), values).scalar_one()
    session().rollback()
    return value


def lay_open() -> None:
    """From here on the ledger's tables have no rule left, and raw SQL may break what only the checks can then see."""
    names = ("events", "transfers", "open_holds", "accounts", "seals", "snapshots", "daily")
    bare_tables(*(f"ledger_{name}" for name in names))


def bare_tables(*tables: str) -> None:
    """The tables keep their rows and lose every key, reference, check and trigger."""
    session().rollback()
    statements = []
    for table in tables:
        statements += [
            f"CREATE TABLE bare AS SELECT * FROM {table}",
            f"DROP TABLE {table}" + ("" if database().is_sqlite else " CASCADE"),
            f"ALTER TABLE bare RENAME TO {table}",
        ]
    if database().is_sqlite:
        _by_hand(statements)
        return
    with transaction() as current:
        for statement in statements:
            current.execute(text(statement))


def _by_hand(statements: Sequence[str]) -> None:
    file = database().engine.url.database
    assert file is not None
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("PRAGMA legacy_alter_table = ON")
        for statement in statements:
            connection.execute(statement)
