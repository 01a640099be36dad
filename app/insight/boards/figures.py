"""The figures of the boards, from every slice, in the order in which people read them."""

from __future__ import annotations

from app.ledger.figures import Figure, FigureUnit, RegisterFigure
from app.people.growers import figures as growers
from app.trade.intakes.figures import BOUGHT_MONEY, BOUGHT_WEIGHT
from app.trade.orders.figures import MONEY_RECEIVED, ORDERS, SOLD_AMOUNT
from app.trade.processing.figures import BALANCE, PROCESSING_LOSS
from app.trade.stock.figures import RECEIVED_WEIGHT, SOLD_WEIGHT, STOCK_ON_HAND, UNSOLD

# People and ledger do not know each other, so the register of growers becomes a figure here.
GROWERS = RegisterFigure(
    key="growers",
    title="枣农",
    words=growers.GROWER_WORDS,
    unit=FigureUnit.COUNT,
    is_stock=True,
    classifier="户",
    kinds=growers.GROWER_KINDS,
    lines=growers.verified,
)

COUNTY: tuple[Figure, ...] = (SOLD_AMOUNT, SOLD_WEIGHT, ORDERS, STOCK_ON_HAND, UNSOLD, GROWERS)
TOWNSHIP: tuple[Figure, ...] = (
    SOLD_AMOUNT,
    SOLD_WEIGHT,
    MONEY_RECEIVED,
    ORDERS,
    RECEIVED_WEIGHT,
    BOUGHT_WEIGHT,
    BOUGHT_MONEY,
    PROCESSING_LOSS,
    STOCK_ON_HAND,
    UNSOLD,
    GROWERS,
)
HEADLINE: tuple[Figure, ...] = (SOLD_AMOUNT, SOLD_WEIGHT, UNSOLD, GROWERS)
FIGURES = (*TOWNSHIP, *BALANCE)
