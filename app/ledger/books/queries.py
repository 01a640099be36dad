"""Reading the books."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select, tuple_

from app.kernel import clock
from app.kernel.db import session
from app.ledger.books.models import Account, Commodity, OpenHold, Seal
from app.ledger.books.movements import Balance, Place


def balance(place: Place) -> Balance:
    """The counters of one account; zeros when it was never born."""
    return balances([place])[place]


def balances(places: Sequence[Place]) -> dict[Place, Balance]:
    """The counters of each place, in one query."""
    by_identity = {place.identity: place for place in places}
    columns = (
        Commodity.code,
        Account.role,
        Account.party,
        Account.township,
        Account.programme,
        Account.subject,
    )
    counters = (Account.dr, Account.cr, Account.dr_held, Account.cr_held)
    rows = session().execute(
        select(*columns, *counters)
        .join(Commodity, Commodity.id == Account.commodity_id)
        .where(tuple_(*columns).in_(list(by_identity)))
    )
    found = {by_identity[(r[0], r[1], r[2], r[3], r[4], r[5])]: Balance(r[6], r[7], r[8], r[9]) for r in rows}
    return {place: found.get(place, Balance()) for place in places}


def holds_of(subject: str) -> list[OpenHold]:
    """The open holds that were made for a subject, oldest first."""
    return list(session().scalars(select(OpenHold).where(OpenHold.subject == subject).order_by(OpenHold.transfer_id)))


def expired_holds(*, limit: int, of_accounts: Sequence[int] | None = None) -> list[OpenHold]:
    """Open holds whose time is over, oldest first."""
    statement = select(OpenHold).where(OpenHold.expires_at <= clock.now()).order_by(OpenHold.transfer_id)
    if of_accounts is not None:
        statement = statement.where(OpenHold.credit_id.in_(of_accounts))
    return list(session().scalars(statement.limit(limit)))


def expired_amount(account_id_column: object) -> object:
    """A subquery: what expired open holds still keep of an account, to be added to what is free."""
    return (
        select(func.coalesce(func.sum(OpenHold.amount), 0))
        .where(OpenHold.credit_id == account_id_column, OpenHold.expires_at <= clock.sql_now())
        .scalar_subquery()
    )


def latest_seal() -> Seal | None:
    """The newest seal, if the books were ever sealed."""
    return session().scalars(select(Seal).order_by(Seal.day.desc()).limit(1)).first()


def seal_of(day: date) -> Seal | None:
    """The seal of a day."""
    return session().get(Seal, day)
