"""Figures whose source is a dated register: growers, orders, tasks, notices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Date, false, null, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from app.kernel.clock import day_of, end_of, start_of
from app.kernel.db import AnySelect, Instant
from app.ledger.figures.figure import Figure, earlier
from app.ledger.figures.scope import Scope


class shanghai_day(FunctionElement[date]):  # noqa: N801  (reads as the SQL function that it is)
    """The day in Asia/Shanghai of a moment in the database."""

    type = Date()
    inherit_cache = True


@compiles(shanghai_day, "postgresql")
def _on_postgresql(element: shanghai_day, compiler: Any, **kw: Any) -> str:
    return f"(({compiler.process(element.clauses, **kw)}) AT TIME ZONE 'Asia/Shanghai')::date"


@compiles(shanghai_day, "sqlite")
def _on_sqlite(element: shanghai_day, compiler: Any, **kw: Any) -> str:
    # China has kept UTC+8 without summer time since 1991, and SQLite knows no time zones.
    return f"date({compiler.process(element.clauses, **kw)}, '+8 hours')"


@dataclass(frozen=True, kw_only=True)
class RegisterFigure(Figure):
    """How many lines a register has, less those struck off.

    `lines` gives a select of (id, township, at, kind, amount): unique id, township code, a day or a moment, a kind
    whose words stand in `kinds`, and 1, or -1 for a line that takes one back. Nothing else of a line is ever shown.
    With a seal only lines dated up to the moment of sealing count.
    """

    kinds: Mapping[str, str]
    lines: Callable[[], AnySelect]

    def moved(self, scope: Scope, *, fed_upto: int) -> AnySelect:
        """The lines by township and day."""
        rows = self._within(scope).subquery()
        return select(rows.c.township, rows.c.day, rows.c.amount)

    def listed(self, scope: Scope, *, before: tuple[date, int] | None, limit: int | None) -> AnySelect:
        """The lines, newest first."""
        rows = self._within(scope).subquery()
        statement = select(
            rows.c.day,
            rows.c.id,
            rows.c.township,
            rows.c.kind,
            rows.c.amount,
            null().label("number"),
            false().label("is_reversal"),
        )
        if before is not None:
            statement = statement.where(earlier(rows.c.day, rows.c.id, before))
        return statement.order_by(rows.c.day.desc(), rows.c.id.desc()).limit(limit)

    def kind_words(self, kind: str) -> str:
        """The words of a line's kind."""
        return self.kinds.get(kind, kind)

    def _within(self, scope: Scope) -> AnySelect:
        line = self.lines().subquery()
        at = line.c["at"]
        is_moment = isinstance(at.type, Instant)
        day = shanghai_day(at) if is_moment else at
        span, seal = scope.span, scope.seal
        statement = select(line.c.id, line.c.township, day.label("day"), line.c.kind, line.c.amount)
        statement = statement.where(at < end_of(span.last) if is_moment else at <= span.last)
        if span.first is not None and not self.is_stock:
            statement = statement.where(at >= (start_of(span.first) if is_moment else span.first))
        if seal is not None:
            statement = statement.where(at <= (seal.sealed_at if is_moment else day_of(seal.sealed_at)))
        if scope.townships is not None:
            statement = statement.where(line.c.township.in_(sorted(scope.townships)))
        return statement
