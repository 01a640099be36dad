"""How figures are written: rounded on a board, exact where they are opened, plain in a table for machines."""

from __future__ import annotations

from flask import g
from flask_babel import gettext as _

from app.kernel.money import Money
from app.kernel.weight import GRAMS_PER_JIN, GRAMS_PER_KG, Weight, decimal_text
from app.ledger.figures import Entry, Figure, FigureUnit
from app.web import filters

_WORTH_ROUNDING = 10


def brief(figure: Figure, value: int) -> str:
    """For a board: 692.95万元, 1,235斤, 304户; below ten jin to the gram, so that little is not nothing."""
    if figure.unit is FigureUnit.FEN:
        return filters.wan(Money(value))
    if figure.unit is FigureUnit.GRAM:
        per_unit = GRAMS_PER_KG if g.get("unit") == "kg" else GRAMS_PER_JIN
        if abs(value) < _WORTH_ROUNDING * per_unit:
            return filters.weight(Weight(value))
        rounded = (2 * abs(value) + per_unit) // (2 * per_unit) * per_unit
        return filters.weight(Weight(rounded if value > 0 else -rounded))
    return exact(figure, value)


def exact(figure: Figure, value: int) -> str:
    """To the fen, the gram, the piece: 6,929,500.00元."""
    if figure.unit is FigureUnit.FEN:
        return filters.yuan(Money(value))
    if figure.unit is FigureUnit.GRAM:
        return filters.weight(Weight(value))
    return filters.counted(filters.count(value), figure.classifier) if figure.classifier else filters.count(value)


def bare(figure: Figure, value: int) -> str:
    """The exact number alone, in yuan, jin or pieces."""
    if figure.unit is FigureUnit.FEN:
        return str(Money(value))
    if figure.unit is FigureUnit.GRAM:
        return decimal_text(value, GRAMS_PER_JIN)
    return str(value)


def unit(figure: Figure) -> str:
    """In what `bare` counts."""
    if figure.unit is FigureUnit.FEN:
        return str(_("元"))
    if figure.unit is FigureUnit.GRAM:
        return str(_("斤"))
    return str(_(figure.classifier)) if figure.classifier else ""


def kind(entry: Entry) -> str:
    """Why an entry is there: 入库, or 冲销：入库 where it takes one back."""
    said = str(_(entry.kind))
    return str(_("冲销：%(kind)s", kind=said)) if entry.is_reversal else said
