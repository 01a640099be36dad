"""Proving that figures miss nothing: reversals are counted with what they reverse, and sums equal their entries."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from app.kernel import clock
from app.kernel.checks import Check, Finding
from app.kernel.db import session
from app.ledger.books.models import Event, Transfer
from app.ledger.figures.ledger import LedgerFigure
from app.ledger.figures.registry import all_figures
from app.ledger.figures.scope import Scope, Span


def _reversals() -> Iterator[Finding]:
    """F1: what reverses an event that a figure counts is counted by it too."""
    origin = aliased(Event)
    for figure in all_figures():
        if not isinstance(figure, LedgerFigure) or not figure.kinds:
            continue
        names = [kind.name for kind in figure.kinds]
        missed = (
            select(Event.id, Event.kind)
            .join(origin, origin.id == Event.reverses_id)
            .where(origin.kind.in_(names), Event.kind.not_in(names))
        )
        for number, kind in session().execute(missed.limit(50)):
            yield Finding(f"event {number}", f"{kind} reverses an event of {figure.key}, which does not count it")


def _sums() -> Iterator[Finding]:
    """F2: the quick sum of every figure equals the sum of its entries. Where nothing was booked, D1 says all of it."""
    scope = Scope(Span(None, clock.today()))
    is_empty = session().scalar(select(Transfer.id).limit(1)) is None
    for figure in all_figures():
        if is_empty and isinstance(figure, LedgerFigure):
            continue
        total = figure.total(scope)
        entries = figure.listed(scope, before=None, limit=None).subquery()
        listed = int(session().scalar(select(func.sum(entries.c.amount))) or 0)
        if total != listed:
            yield Finding(f"figure {figure.key}", f"total {total}, entries {listed}")


CHECKS = (
    Check("F1", "冲销与原账记在同一个数里", _reversals),
    Check("F2", "公布的每个数等于其各笔之和", _sums),
)
