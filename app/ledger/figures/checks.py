"""Proving that figures miss nothing: reversals are counted with what they reverse, and sums equal their entries."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from app.kernel import clock
from app.kernel.checks import Check, Finding
from app.kernel.db import session
from app.ledger.books.models import Account, Event
from app.ledger.figures.figure import Figure
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
    booked = set(session().scalars(select(Account.role).distinct()))
    for figure in all_figures():
        if isinstance(figure, LedgerFigure) and booked.isdisjoint(role.name for role in figure.roles):
            continue
        total = figure.total(scope)
        # Of the ledger's figures the statement is made once a day; a register may have to ask before it can make one.
        statement = _listed_sum(figure, scope) if isinstance(figure, LedgerFigure) else _sum_of(figure, scope)
        listed = int(session().scalar(statement) or 0)
        if total != listed:
            yield Finding(f"figure {figure.key}", f"total {total}, entries {listed}")


def _sum_of(figure: Figure, scope: Scope) -> Select[int]:
    entries = figure.listed(scope, before=None, limit=None).subquery()
    return select(func.sum(entries.c.amount))


_listed_sum = lru_cache(maxsize=64)(_sum_of)


CHECKS = (
    Check("F1", "冲销与原账记在同一个数里", _reversals),
    Check("F2", "公布的每个数等于其各笔之和", _sums),
)
