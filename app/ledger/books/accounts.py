"""Accounts by their identity: finding many in one query, and giving birth to those that are missing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Insert, TextClause, select, text
from sqlalchemy.dialects import postgresql, sqlite

from app.kernel.db import database, session
from app.ledger.books.models import Account, Commodity, Floor
from app.ledger.books.movements import Balance, Place

SEALING = 141_125_001
"""The advisory lock that posters share and the sealer takes alone."""

_AT_ONCE = 50
_LETTERS = "abcdef"
_IDENTITY = ("code", "role", "party", "township", "programme", "subject")


@dataclass(frozen=True, slots=True)
class Found:
    """An account as it was at the query."""

    account_id: int
    commodity_id: int
    floor: Floor
    balance: Balance


def find(places: Sequence[Place], *, for_posting: bool = False) -> dict[Place, Found]:
    """The accounts of those places that have one.

    `for_posting` shares the lock with the sealer in the same round trip, so that afterwards no seal can pass this
    transaction by.
    """
    shared = for_posting and not database().is_sqlite
    found: dict[Place, Found] = {}
    for start in range(0, len(places), _AT_ONCE):
        some = places[start : start + _AT_ONCE]
        values = {
            f"{name}{n}": part
            for n, place in enumerate(some)
            for name, part in zip(_LETTERS, place.identity, strict=True)
        }
        for row in session().connection().execute(_find(len(some), shared=shared), values):
            if row.n is not None:
                found[some[row.n]] = Found(
                    row.id, row.commodity_id, Floor(row.floor), Balance(row.dr, row.cr, row.dr_held, row.cr_held)
                )
    return found


@lru_cache(maxsize=2 * _AT_ONCE)
def _find(count: int, *, shared: bool) -> TextClause:
    # A join with the wanted identities: a row-wise IN over two tables would read all accounts.
    wanted = ", ".join(f"({n}, :a{n}, :b{n}, :c{n}, :d{n}, :e{n}, :f{n})" for n in range(count))
    found = (
        "SELECT w.n, a.id, a.commodity_id, a.floor, a.dr, a.cr, a.dr_held, a.cr_held FROM wanted w "
        "JOIN ledger_commodities c ON c.code = w.code JOIN ledger_accounts a ON a.commodity_id = c.id "
        "AND a.role = w.role AND a.party = w.party AND a.township = w.township "
        "AND a.programme = w.programme AND a.subject = w.subject"
    )
    table = f"wanted (n, {', '.join(_IDENTITY)}) AS (VALUES {wanted})"
    if not shared:
        return text(f"WITH {table} {found}")
    return text(
        f"WITH alone AS MATERIALIZED (SELECT pg_advisory_xact_lock_shared({SEALING})), {table} "
        f"SELECT found.* FROM alone LEFT JOIN ({found}) found ON true"
    )


def share_with_the_sealer() -> None:
    """From here to the end of this transaction nobody can seal the books. SQLite has one writer anyway."""
    if not database().is_sqlite:
        session().connection().execute(text(f"SELECT pg_advisory_xact_lock_shared({SEALING})"))


def wait_for_posters() -> None:
    """From here to the end of this transaction nobody else posts, and all that was posted is visible."""
    if not database().is_sqlite:
        session().connection().execute(text(f"SELECT pg_advisory_xact_lock({SEALING})"))


def ensure(places: Iterable[Place]) -> dict[Place, Found]:
    """The account of each place, sharing the lock with the sealer; missing ones are born in the order of identity."""
    wanted = sorted(set(places), key=lambda place: place.identity)
    found = find(wanted, for_posting=True)
    missing = [place for place in wanted if place not in found]
    if missing:
        _bear(missing)
        found |= find(missing)
    return found


def _bear(places: Sequence[Place]) -> None:
    commodities = _ensure_commodities(places)
    session().execute(
        insert_on(Account).on_conflict_do_nothing(),
        [
            {
                "commodity_id": commodities[place.goods.code],
                "role": place.role.name,
                "party": place.party,
                "township": place.township,
                "programme": place.programme,
                "subject": place.subject,
                "floor": place.role.floor,
                "dr": 0,
                "cr": 0,
                "dr_held": 0,
                "cr_held": 0,
            }
            for place in places
        ],
    )


def _ensure_commodities(places: Sequence[Place]) -> dict[str, int]:
    goods = {place.goods.code: place.goods for place in places}
    find_them = select(Commodity.code, Commodity.id).where(Commodity.code.in_(list(goods)))
    found = dict(session().execute(find_them).all())
    missing = [goods[code] for code in sorted(goods) if code not in found]
    if missing:
        session().execute(
            insert_on(Commodity).on_conflict_do_nothing(),
            [{"code": item.code, "kind": item.kind, "unit": item.unit} for item in missing],
        )
        found = dict(session().execute(find_them).all())
    return found


def insert_on(table: Any) -> Any:
    """An INSERT of the running database's own kind, which knows ON CONFLICT."""
    statement: Insert = sqlite.insert(table) if database().is_sqlite else postgresql.insert(table)
    return statement
