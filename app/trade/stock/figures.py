"""What a county asks about its fruit, as filters over the ledger's grams."""

from __future__ import annotations

from app.ledger.figures import FigureUnit, LedgerFigure, Side
from app.trade.stock.accounts import LOOSE, LOT_RECEIVED, ON_ROAD, PACKED_GRAMS, RETURNED_GRAMS, SOLD_GRAMS, SUPPLIED

RECEIVED_WEIGHT = LedgerFigure(
    key="received_weight",
    title="入库",
    words="卖家登记入库的枣，按过秤的净重，一批一笔。登记错了冲销的，冲销那天减回来。",
    unit=FigureUnit.GRAM,
    roles=(SUPPLIED,),
    side=Side.CREDIT_LESS_DEBIT,
    kinds=(LOT_RECEIVED,),
)
STOCK_ON_HAND = LedgerFigure(
    key="stock_on_hand",
    title="在库",
    words="到这一天为止入库的枣，减去已经发货、取回和损耗的。散枣和装好箱的都算，已下单还没发货的也算。",
    unit=FigureUnit.GRAM,
    roles=(LOOSE, PACKED_GRAMS),
    side=Side.DEBIT_LESS_CREDIT,
    is_stock=True,
)
UNSOLD = LedgerFigure(
    key="unsold",
    title="待卖",
    words="到这一天为止还没有卖成的枣：在库的，加上已经发货、买家还没收货的，和退回来还没验的。",
    unit=FigureUnit.GRAM,
    roles=(LOOSE, PACKED_GRAMS, ON_ROAD, RETURNED_GRAMS),
    side=Side.DEBIT_LESS_CREDIT,
    is_stock=True,
)
SOLD_WEIGHT = LedgerFigure(
    key="sold_weight",
    title="卖出斤数",
    words="买家收了货的枣，按净重，装箱时称少了的按实称，收货那天算。退回来的，退回那天减掉。",
    unit=FigureUnit.GRAM,
    roles=(SOLD_GRAMS,),
    side=Side.DEBIT_LESS_CREDIT,
)

FIGURES = (RECEIVED_WEIGHT, STOCK_ON_HAND, UNSOLD, SOLD_WEIGHT)
