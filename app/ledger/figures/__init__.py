"""Turning filters over the books into numbers that open down to their entries."""

from app.ledger.figures.figure import Figure, by_township, totals
from app.ledger.figures.ledger import LedgerFigure, Side
from app.ledger.figures.registers import RegisterFigure
from app.ledger.figures.registry import all_figures, get, name_kinds, register
from app.ledger.figures.scope import Entry, FigureUnit, Scope, Span

__all__ = [
    "Entry",
    "Figure",
    "FigureUnit",
    "LedgerFigure",
    "RegisterFigure",
    "Scope",
    "Side",
    "Span",
    "all_figures",
    "by_township",
    "get",
    "name_kinds",
    "register",
    "totals",
]
