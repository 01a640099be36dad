"""What a county asks about processing and about the mark of origin, as filters over the ledger."""

from __future__ import annotations

from app.ledger.books.models import CommodityKind
from app.ledger.figures import FigureUnit, LedgerFigure, Side
from app.trade.processing.accounts import RUN_LOSS
from app.trade.stock.origin import LOCAL, LOCAL_ISSUED, LOCAL_LAPSED, MARKED

PROCESSING_LOSS = LedgerFigure(
    key="processing_loss",
    title="加工损耗",
    words="分选、清洗、烘干、拼配时少掉的枣：水分、杂质、坏果。按加工单记，撤销了的减回来。",
    unit=FigureUnit.GRAM,
    roles=(RUN_LOSS,),
    side=Side.DEBIT_LESS_CREDIT,
)
LOCAL_IN = LedgerFigure(
    key="mark_local_in",
    title="本地枣入库",
    words="本县农户种的、地理标志所列品种的枣，入库时按净重记。外县收来的不算。",
    unit=FigureUnit.GRAM,
    roles=(LOCAL_ISSUED,),
    side=Side.CREDIT_LESS_DEBIT,
    of=CommodityKind.LIMIT,
)
MARKED_WEIGHT = LedgerFigure(
    key="mark_used",
    title="用标装箱",
    words="带“柳林红枣”地理标志装箱的枣，按净重，装箱那天算。取回和退货的不减回来。",
    unit=FigureUnit.GRAM,
    roles=(MARKED,),
    side=Side.DEBIT_LESS_CREDIT,
    of=CommodityKind.LIMIT,
)
LOCAL_LOST = LedgerFigure(
    key="mark_lapsed",
    title="未用标减少",
    words="本地枣里没有用标的：不带标装箱的，加工和存放时损耗的。",
    unit=FigureUnit.GRAM,
    roles=(LOCAL_LAPSED,),
    side=Side.DEBIT_LESS_CREDIT,
    of=CommodityKind.LIMIT,
)
LOCAL_LEFT = LedgerFigure(
    key="mark_left",
    title="还可用标",
    words="到这一天为止还能带“柳林红枣”地理标志装箱的本地枣：入库的减去用标的，再减去未用标减少的。",
    unit=FigureUnit.GRAM,
    roles=(LOCAL,),
    side=Side.DEBIT_LESS_CREDIT,
    is_stock=True,
    of=CommodityKind.LIMIT,
)

BALANCE = (LOCAL_IN, MARKED_WEIGHT, LOCAL_LOST, LOCAL_LEFT)
FIGURES = (PROCESSING_LOSS, *BALANCE)
