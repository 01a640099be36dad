"""What a county asks about fruit that is bought from its growers: how much, and for how much."""

from __future__ import annotations

from sqlalchemy import BigInteger, literal, select, type_coerce

from app.kernel.db import AnySelect
from app.ledger.figures import FigureUnit, LedgerFigure, RegisterFigure, Side
from app.trade.intakes.accounts import FRUIT_BOUGHT, OWED_FOR_FRUIT
from app.trade.intakes.models import Intake, IntakeLine


def _taken() -> AnySelect:
    """One line for each grade of each delivery that was taken in."""
    return (
        select(
            IntakeLine.id.label("id"),
            Intake.township_code.label("township"),
            Intake.accepted_at.label("at"),
            literal("intake").label("kind"),
            type_coerce(IntakeLine.weight, BigInteger).label("amount"),
        )
        .join(Intake, Intake.id == IntakeLine.intake_id)
        .where(Intake.accepted_at.is_not(None))
    )


BOUGHT_WEIGHT = RegisterFigure(
    key="bought_weight",
    title="收购斤数",
    words="收购点从枣农手里收下的枣，按过秤分级后的净重，扣杂和退回的不算，一个等级一笔，收下那天算。",
    unit=FigureUnit.GRAM,
    kinds={"intake": "收购"},
    lines=_taken,
)
BOUGHT_MONEY = LedgerFigure(
    key="bought_money",
    title="收购款",
    words="收购点收下的枣该付给枣农的钱，按送到时的牌价（高于牌价的按约定价），一车一笔，收下那天算。",
    unit=FigureUnit.FEN,
    roles=(OWED_FOR_FRUIT,),
    side=Side.CREDIT_LESS_DEBIT,
    kinds=(FRUIT_BOUGHT,),
)

FIGURES = (BOUGHT_WEIGHT, BOUGHT_MONEY)
