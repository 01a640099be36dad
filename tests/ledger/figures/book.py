"""Books full of random movements, and figures over them added up the slow way."""

import random
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from app.kernel import clock
from app.kernel.db import session, transaction
from app.ledger.books import seals
from app.ledger.books.models import Account, Commodity, CommodityKind, Event, Phase, Seal, Transfer, Unit
from app.ledger.books.movements import CNY, Goods, Hold, Kind, Place, Post, Role, Settle, Void
from app.ledger.books.service import record, reverse
from app.ledger.figures import FigureUnit, LedgerFigure, Scope, Side

FRUIT = Goods("fruit:木枣/一级", CommodityKind.GOODS, Unit.GRAM)
BOXES = Goods("pack:1", CommodityKind.GOODS, Unit.PIECE)
CAPACITY = Goods("GUARANTEE", CommodityKind.LIMIT, Unit.FEN)
LOOSE, PACKED, SOLD, SUPPLIED = Role("loose"), Role("packed_grams"), Role("sold_grams"), Role("supplied")
ROLES = (LOOSE, PACKED, SOLD, SUPPLIED)
RECEIVED, SHIPPED, RETURNED = Kind("test.received", "入库"), Kind("test.shipped", "发货"), Kind("test.returned", "退回")
KINDS = (RECEIVED, SHIPPED, RETURNED)
TOWNSHIPS = ("141125105", "141125107", "141125202", "141125108")
FIRST_DAY = date(2015, 9, 1)

FIGURES = (
    LedgerFigure(
        key="t_stock",
        title="在库",
        words="散枣和装箱枣",
        unit=FigureUnit.GRAM,
        roles=(LOOSE, PACKED),
        side=Side.DEBIT_LESS_CREDIT,
        is_stock=True,
    ),
    LedgerFigure(
        key="t_sold", title="售出", words="成交", unit=FigureUnit.GRAM, roles=(SOLD,), side=Side.DEBIT_LESS_CREDIT
    ),
    LedgerFigure(
        key="t_received",
        title="入库",
        words="交来",
        unit=FigureUnit.GRAM,
        roles=(SUPPLIED,),
        side=Side.CREDIT_LESS_DEBIT,
        kinds=(RECEIVED, RETURNED),
    ),
    LedgerFigure(
        key="t_in",
        title="进",
        words="所有进",
        unit=FigureUnit.COUNT,
        roles=(LOOSE, SOLD),
        side=Side.DEBIT,
    ),
    LedgerFigure(
        key="t_out",
        title="出",
        words="所有出",
        unit=FigureUnit.FEN,
        roles=(LOOSE, PACKED),
        side=Side.CREDIT,
        kinds=(SHIPPED,),
    ),
    LedgerFigure(
        key="t_capacity",
        title="额度",
        words="额度",
        unit=FigureUnit.FEN,
        of=CommodityKind.LIMIT,
        roles=(PACKED,),
        side=Side.CREDIT_LESS_DEBIT,
        is_stock=True,
    ),
)


def random_book(seed: int, *, events: int) -> list[Seal]:
    """Record events of every shape; sometimes feed the daily sums, sometimes seal. The seals, oldest first."""
    chance = random.Random(seed)
    recorded: list[int] = []
    open_holds: list[int] = []
    made: list[Seal] = []
    for n in range(events):
        day = FIRST_DAY + timedelta(days=chance.randrange(120))
        with transaction():
            if recorded and chance.random() < 0.12:
                target = recorded.pop(chance.randrange(len(recorded)))
                reverse(chance.choice(KINDS), target, by="test", key=f"{seed}:{n}", on=day)
            elif open_holds and chance.random() < 0.2:
                hold = open_holds.pop(chance.randrange(len(open_holds)))
                resolve = Settle(hold) if chance.random() < 0.7 else Void(hold)
                record(SHIPPED, [resolve], by="test", subject="order:1", key=f"{seed}:{n}", on=day)
            elif chance.random() < 0.2:
                debit, credit, amount = _movement(chance)
                held = record(
                    SHIPPED,
                    [Hold(debit, credit, amount, None)],
                    by="test",
                    subject="order:1",
                    key=f"{seed}:{n}",
                    on=day,
                )
                open_holds.extend(held.transfers)
            else:
                posts = [Post(*_movement(chance)) for _ in range(chance.randint(1, 3))]
                kind = chance.choice(KINDS)
                recorded.append(record(kind, posts, by="test", subject="lot:1", key=f"{seed}:{n}", on=day).event_id)
        if chance.random() < 0.1:
            with transaction():
                seals.feed_daily()
        if chance.random() < 0.04:
            with transaction():
                made.append(seals.seal(clock.today() - timedelta(days=200 - len(made))))
    return made


def _movement(chance: random.Random) -> tuple[Place, Place, int]:
    goods = chance.choice((FRUIT, FRUIT, FRUIT, BOXES, CNY, CAPACITY))
    debit = _place(chance, goods)
    credit = _place(chance, goods)
    while credit == debit:
        credit = _place(chance, goods)
    return debit, credit, chance.randint(1, 10**9)


def _place(chance: random.Random, goods: Goods) -> Place:
    return Place(
        goods, chance.choice(ROLES), f"seller:{chance.randint(1, 3)}", chance.choice(TOWNSHIPS), subject="lot:1"
    )


@dataclass(frozen=True)
class Slow:
    """What a figure should be."""

    total: int
    by_township: dict[str, int]
    by_day: dict[date, int]


def added_up(figure: LedgerFigure, scope: Scope) -> Slow:
    """The figure from every transfer, one by one, in Python."""
    accounts = {account.id: account for account in session().scalars(select(Account))}
    units = {goods.id: (goods.kind, goods.unit) for goods in session().scalars(select(Commodity))}
    kind_of = {event.id: event.kind for event in session().scalars(select(Event))}
    roles = {role.name for role in figure.roles}
    kinds = {kind.name for kind in figure.kinds}
    unit = {FigureUnit.FEN: Unit.FEN, FigureUnit.GRAM: Unit.GRAM, FigureUnit.COUNT: Unit.PIECE}[figure.unit]
    goods = CommodityKind.MONEY if figure.unit is FigureUnit.FEN else CommodityKind.GOODS
    weights = {
        Side.DEBIT_LESS_CREDIT: (1, -1),
        Side.CREDIT_LESS_DEBIT: (-1, 1),
        Side.DEBIT: (1, 0),
        Side.CREDIT: (0, 1),
    }[figure.side]
    by_township: dict[str, int] = defaultdict(int)
    by_day: dict[date, int] = defaultdict(int)
    for transfer in session().scalars(select(Transfer)):
        if transfer.phase not in (Phase.POSTED, Phase.SETTLED) or transfer.effective_on > scope.span.last:
            continue
        if not figure.is_stock and scope.span.first is not None and transfer.effective_on < scope.span.first:
            continue
        if scope.seal is not None and transfer.event_id > scope.seal.last_event_id:
            continue
        if kinds and kind_of[transfer.event_id] not in kinds:
            continue
        if units[transfer.commodity_id] != (figure.of or goods, unit):
            continue
        for account_id, weight in zip((transfer.debit_id, transfer.credit_id), weights, strict=True):
            account = accounts[account_id]
            if account.role in roles and (scope.townships is None or account.township in scope.townships):
                by_township[account.township] += weight * transfer.amount
                by_day[transfer.effective_on] += weight * transfer.amount
    return Slow(
        sum(by_township.values()),
        {code: amount for code, amount in by_township.items() if amount},
        {day: amount for day, amount in by_day.items() if amount},
    )
