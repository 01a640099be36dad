"""Reading the books."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ScalarSelect, func, select

from app.kernel import clock
from app.kernel.db import session
from app.ledger.books import accounts
from app.ledger.books.models import Account, Commodity, Event, OpenHold, Seal
from app.ledger.books.movements import Balance, Place, Role


def balance(place: Place) -> Balance:
    """The counters of one account; zeros when it was never born."""
    return balances([place])[place]


def balances(places: Sequence[Place]) -> dict[Place, Balance]:
    """The counters of each place, in one query."""
    found = accounts.find(places)
    return {place: found[place].balance if place in found else Balance() for place in places}


@dataclass(frozen=True, slots=True)
class HeldGoods:
    """An open hold with what it keeps and from where."""

    transfer_id: int
    goods: str
    subject: str
    amount: int
    expires_at: datetime | None


def holds_of(subject: str, *, party: str) -> list[HeldGoods]:
    """The open holds that were made for a subject on accounts of one party, oldest first; one query."""
    statement = (
        select(OpenHold.transfer_id, Commodity.code, Account.subject, OpenHold.amount, OpenHold.expires_at)
        .join(Account, Account.id == OpenHold.credit_id)
        .join(Commodity, Commodity.id == Account.commodity_id)
        .where(OpenHold.subject == subject, Account.party == party)
        .order_by(OpenHold.transfer_id)
    )
    return [HeldGoods(*row) for row in session().execute(statement)]


def expired_holds(*, limit: int, of_accounts: Sequence[int] | None = None) -> list[OpenHold]:
    """Open holds whose time is over, oldest first."""
    statement = select(OpenHold).where(OpenHold.expires_at <= clock.now()).order_by(OpenHold.transfer_id)
    if of_accounts is not None:
        statement = statement.where(OpenHold.credit_id.in_(of_accounts))
    return list(session().scalars(statement.limit(limit)))


def expired_amount(account_id_column: Any) -> ScalarSelect[Any]:
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


def recorded(keys: Sequence[str]) -> set[str]:
    """Those of the keys under which an event is in the books."""
    return set(session().scalars(select(Event.idem_key).where(Event.idem_key.in_(keys)))) if keys else set()


def net_of(role: Role, *, parties: Sequence[str]) -> int:
    """Debits less credits over all accounts of a role that belong to these parties."""
    statement = select(func.coalesce(func.sum(Account.dr - Account.cr), 0)).where(
        Account.role == role.name, Account.party.in_(parties)
    )
    return int(session().scalar(statement) or 0)
