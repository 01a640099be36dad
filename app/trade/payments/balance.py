"""What Stripe does with money on its own balance: it keeps a fee, and where the account settles in another currency
than yuan, it gives that for the yuan.

The yuan then go to an account of what was given for other money, and the other currency comes from the same account
counted in that one: so each currency adds up to nothing by itself, and what lies at Stripe is what Stripe says. Source:
https://docs.stripe.com/api/balance_transactions/object
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.gateways.stripe import BalanceTransaction
from app.gateways.stripe import Refund as SentBack
from app.kernel.money import Money, split
from app.ledger.books import queries as books
from app.ledger.books.movements import CNY, Act, Goods, Kind, Post, Role
from app.trade.orders.models import Order
from app.trade.payments import gateway
from app.trade.payments.refunds import Waiting
from app.trade.stock import accounts


def act(line: BalanceTransaction, parts: Sequence[tuple[Order, int]], *, subject: str, key: str) -> Act | None:
    """What a line of the balance means for the books; None when nothing was kept and nothing converted.

    `parts` are the orders that it is of, each with its fen: above nothing what came in, below nothing what went out.
    They share amount and fee exactly.
    """
    goods = accounts.money_of(line.currency)
    weights = [abs(fen) for _, fen in parts]
    amounts, fees = (split(Money(whole), weights) for whole in (line.amount, line.fee))
    posts = [
        post
        for (order, fen), amount, fee in zip(parts, amounts, fees, strict=True)
        for post in _posts(order, goods, fen=fen, amount=amount.fen, fee=fee.fen)
    ]
    return Act(_kind(line), tuple(posts), subject=subject, key=key) if posts else None


def is_yuan(line: BalanceTransaction) -> bool:
    """Whether nothing was converted."""
    return accounts.money_of(line.currency) == CNY


def acts_of(ours: Waiting, found: SentBack) -> list[Act]:
    """What the lines of the balance for a refund of ours mean, as far as they are there and not yet in the books."""
    fen = ours.refund.amount.fen
    acts = [
        act(line, [(ours.order, moved)], subject=ours.order.subject, key=f"payment.balance:{line.id}")
        for line, moved in ((found.gone, -fen), (found.came_back, fen))
        if line is not None
    ]
    booked = books.recorded([one.key for one in acts if one is not None])
    return [one for one in acts if one is not None and one.key not in booked]


def _kind(line: BalanceTransaction) -> Kind:
    return accounts.PAYMENT_FEE if is_yuan(line) else accounts.PAYMENT_CONVERTED


def _posts(order: Order, goods: Goods, *, fen: int, amount: int, fee: int) -> Iterator[Post]:
    if goods != CNY:
        yield from _move(order, CNY, fen, to=accounts.FX_POSITION, of=accounts.MONEY_IN)
        yield from _move(order, goods, amount, to=accounts.MONEY_IN, of=accounts.FX_POSITION)
    yield from _move(order, goods, fee, to=accounts.GATEWAY_FEE, of=accounts.MONEY_IN)


def _move(order: Order, goods: Goods, amount: int, *, to: Role, of: Role) -> Iterator[Post]:
    """So much from one account of the order's township to another; the other way when it is below nothing."""
    debit, credit = (
        accounts.money_place(role, township=order.township_code, party=gateway.CHANNEL, goods=goods)
        for role in (to, of)
    )
    if amount > 0:
        yield Post(debit, credit, amount)
    elif amount < 0:
        yield Post(credit, debit, -amount)
