"""The transfers that change what is a seller's: what each is for him, by the account on the other side.

What is a seller's own stands on two accounts of the ledger, the goods' price and the freight, each by township.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import exists, literal, select, union_all

from app.kernel.db import session
from app.kernel.money import Money
from app.ledger.books.models import Account, Phase, Transfer
from app.office.payouts.accounts import PAID_OUT
from app.trade.settlements.accounts import FEE
from app.trade.settlements.models import StatementEntry
from app.trade.settlements.states import Line
from app.trade.stock.accounts import DUE_FROM_COURIER, FREIGHT, MONEY_IN, PAYABLE, PREPAID, seller_party

OWN = (PAYABLE.name, FREIGHT.name)


@dataclass(frozen=True, slots=True)
class Own:
    """An account of the ledger that holds what is a seller's; amounts in fen, positive when it is owed to him."""

    account_id: int
    seller_id: int
    role: str
    township: str
    owed: int
    in_flight: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A transfer that changes what is a seller's, on which of his accounts, and by how much."""

    transfer_id: int
    own: Own
    line: Line
    amount: Money


def own_accounts(seller_ids: Sequence[int]) -> list[Own]:
    """The accounts that hold what is these sellers', in the order of their ids; one query."""
    parties = {seller_party(number): number for number in seller_ids}
    rows = session().scalars(
        select(Account).where(Account.role.in_(OWN), Account.party.in_(parties)).order_by(Account.id)
    )
    return [Own(one.id, parties[one.party], one.role, one.township, one.cr - one.dr, one.dr_held) for one in rows]


def unclaimed(accounts: Sequence[Own], *, through: date) -> Iterator[Entry]:
    """What moved on these accounts up to a day and stands in no statement yet; two queries.

    What goes from one account of a seller to another of his own changes nothing for him and is left out.
    """
    by_id: Mapping[int, Own] = {one.account_id: one for one in accounts}
    if not by_id:
        return
    sides = [
        select(Transfer.id, own.label("own"), other.label("other"), Transfer.amount, sign.label("sign"))
        .where(own.in_(by_id), Transfer.phase.in_((Phase.POSTED, Phase.SETTLED)), Transfer.effective_on <= through)
        .where(~exists().where(StatementEntry.transfer_id == Transfer.id))
        for own, other, sign in (
            (Transfer.credit_id, Transfer.debit_id, literal(1)),
            (Transfer.debit_id, Transfer.credit_id, literal(-1)),
        )
    ]
    rows = session().execute(union_all(*sides)).all()
    others = _roles({row.other for row in rows})
    for row in sorted(rows, key=lambda one: one.id):
        own, other = by_id[row.own], others[row.other]
        is_within = other.role in OWN and other.party == seller_party(own.seller_id)
        if not is_within:
            yield Entry(row.id, own, _line(own.role, other.role), Money(row.sign * row.amount))


@dataclass(frozen=True, slots=True)
class _Other:
    role: str
    party: str


def _roles(account_ids: set[int]) -> dict[int, _Other]:
    rows = session().execute(select(Account.id, Account.role, Account.party).where(Account.id.in_(account_ids)))
    return {number: _Other(role, party) for number, role, party in rows}


def _line(own_role: str, other_role: str) -> Line:
    if other_role in (PREPAID.name, DUE_FROM_COURIER.name):
        return Line.SALES if own_role == PAYABLE.name else Line.FREIGHT
    return {MONEY_IN.name: Line.REFUNDS, PAID_OUT.name: Line.PAID, FEE.name: Line.FEES}.get(
        other_role, Line.CORRECTIONS
    )
