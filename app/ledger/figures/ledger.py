"""Figures whose source is the ledger: a filter over accounts, by role, and over the kinds of events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache, lru_cache

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, exists, func, select, union_all
from sqlalchemy.orm import aliased

from app.kernel.db import AnySelect, session
from app.ledger.books.models import Account, Commodity, CommodityKind, Daily, Event, Phase, Transfer, Unit, Watermark
from app.ledger.books.movements import CNY, Kind, Role
from app.ledger.figures.figure import Figure, earlier
from app.ledger.figures.registry import words_of
from app.ledger.figures.scope import FigureUnit, Scope

_POSTED = (Phase.POSTED, Phase.SETTLED)
_COUNTED = {
    FigureUnit.FEN: (CommodityKind.MONEY, Unit.FEN),
    FigureUnit.GRAM: (CommodityKind.GOODS, Unit.GRAM),
    FigureUnit.COUNT: (CommodityKind.GOODS, Unit.PIECE),
}


class Side(StrEnum):
    """Which side of the accounts counts, and with which sign."""

    DEBIT_LESS_CREDIT = "debit_less_credit"
    CREDIT_LESS_DEBIT = "credit_less_debit"
    DEBIT = "debit"
    CREDIT = "credit"


# Made once: an alias costs more than the rest of a statement.
_OWN, _OTHER = aliased(Account), aliased(Account)
WALK_FROM = 10_000
"""A list with more entries than this is walked by day, a shorter one is looked up by account."""
_SIGNS = {
    Side.DEBIT_LESS_CREDIT: (1, -1),
    Side.CREDIT_LESS_DEBIT: (-1, 1),
    Side.DEBIT: (1, 0),
    Side.CREDIT: (0, 1),
}


@dataclass(frozen=True, kw_only=True)
class LedgerFigure(Figure):
    """The posted amounts on one side, or the difference of both, of the accounts with certain roles.

    `kinds` keeps only events of those kinds; a reversal belongs to the kind under which it was recorded, so name that
    too (the check F1 finds one that was forgotten). Goods are chosen by the unit: fen of yuan, of no other money, grams
    or pieces of goods; `of` chooses limits instead. What moves between two accounts of the figure is no entry of it.
    """

    roles: tuple[Role, ...]
    side: Side
    kinds: tuple[Kind, ...] = ()
    of: CommodityKind | None = None

    def moved(self, scope: Scope, *, fed_upto: int) -> AnySelect:
        """The daily sums, plus what came after them; less what they hold beyond the seal, if one is asked for."""
        return _moved(self, scope, fed_upto) if scope.seal is None else self._moved(scope, fed_upto)

    def _moved(self, scope: Scope, fed_upto: int) -> AnySelect:
        parts = [self._daily(scope)]
        upto = scope.seal.last_event_id if scope.seal else None
        # The bound that counts is the watermark of this very statement; the plain number before it lets the planner
        # see how little lies beyond.
        fed = select(func.coalesce(func.max(Watermark.event_id), 0)).scalar_subquery()
        for debit, sign in self._sides():
            tail = self._posted(scope, debit=debit, sign=sign, by_account=False)
            tail = tail.where(Transfer.event_id > fed_upto, Transfer.event_id > fed)
            if upto is not None:
                beyond = self._posted(scope, debit=debit, sign=-sign, by_account=False)
                parts.append(_sums_only(beyond.where(Transfer.event_id > upto, Transfer.event_id <= fed)))
                tail = tail.where(Transfer.event_id <= upto)
            parts.append(_sums_only(tail))
        rows = union_all(*parts).subquery()
        return select(rows.c.township, rows.c.day, rows.c.amount)

    def listed(self, scope: Scope, *, before: tuple[date, int] | None, limit: int | None) -> AnySelect:
        """One entry for each transfer that has one side in the figure, not both."""
        branches = []
        for debit, sign in self._sides():
            is_walked = limit is not None and self._length(scope, debit=debit) > WALK_FROM
            statement = self._posted(scope, debit=debit, sign=sign, by_account=not is_walked)
            if len(self._sides()) == 2:
                statement = statement.where(~self._other_side(scope, debit=not debit))
            if scope.seal is not None:
                statement = statement.where(Transfer.event_id <= scope.seal.last_event_id)
            if before is not None:
                statement = statement.where(earlier(Transfer.effective_on, Transfer.id, before))
            branches.append(_walked(statement, limit) if is_walked else _looked_up(statement, limit))
        rows = union_all(*branches).subquery()
        return select(rows).order_by(rows.c.day.desc(), rows.c.id.desc()).limit(limit)

    def kind_words(self, kind: str) -> str:
        """The words of an event's kind."""
        return words_of(kind)

    def _sides(self) -> list[tuple[bool, int]]:
        return [(debit, sign) for debit, sign in zip((True, False), _SIGNS[self.side], strict=True) if sign]

    def _length(self, scope: Scope, *, debit: bool) -> int:
        many = func.sum(Daily.debits if debit else Daily.credits)
        within = self._within(scope, Daily.effective_on, Daily.kind)
        return int(session().scalar(select(many).where(self._ours(Daily, scope), *within)) or 0)

    def _daily(self, scope: Scope) -> AnySelect:
        on_debit, on_credit = _SIGNS[self.side]
        amount = (Daily.dr * on_debit + Daily.cr * on_credit).label("amount")
        return select(Daily.township, Daily.effective_on.label("day"), amount).where(
            self._ours(Daily, scope), *self._within(scope, Daily.effective_on, Daily.kind)
        )

    def _posted(self, scope: Scope, *, debit: bool, sign: int, by_account: bool = True) -> AnySelect:
        account = _OWN
        place = Transfer.debit_id if debit else Transfer.credit_id
        # As a sum it cannot be looked up by the account, so the range of events or days is walked instead.
        of_account = account.id == (place if by_account else place + 0)
        return (
            select(
                Transfer.effective_on.label("day"),
                Transfer.id.label("id"),
                account.township.label("township"),
                Event.kind.label("kind"),
                (Transfer.amount * sign).label("amount"),
                Transfer.event_id.label("number"),
                Event.reverses_id.is_not(None).label("is_reversal"),
            )
            .join(Event, Event.id == Transfer.event_id)
            .join(account, of_account)
            .where(
                Transfer.phase.in_(_POSTED),
                self._ours(account, scope),
                *self._within(scope, Transfer.effective_on, Event.kind),
            )
        )

    def _other_side(self, scope: Scope, *, debit: bool) -> ColumnElement[bool]:
        other = _OTHER
        place = Transfer.debit_id if debit else Transfer.credit_id
        return exists().where(other.id == place, self._ours(other, scope))

    def _ours(self, place: type[Account] | type[Daily], scope: Scope) -> ColumnElement[bool]:
        kind, unit = _COUNTED[self.unit]
        goods = _commodities(self.of or kind, unit)
        ours = [place.role.in_([role.name for role in self.roles]), place.commodity_id.in_(goods)]
        if scope.townships is not None:
            ours.append(place.township.in_(sorted(scope.townships)))
        return and_(*ours)

    def _within(
        self, scope: Scope, day: SQLColumnExpression[date], kind: SQLColumnExpression[str]
    ) -> list[ColumnElement[bool]]:
        within = [day <= scope.span.last]
        if scope.span.first is not None and not self.is_stock:
            within.append(day >= scope.span.first)
        if self.kinds:
            within.append(kind.in_([one.name for one in self.kinds]))
        return within


@cache
def _commodities(kind: CommodityKind, unit: Unit) -> Select[int]:
    goods = select(Commodity.id).where(Commodity.kind == kind, Commodity.unit == unit)
    return goods.where(Commodity.code == CNY.code) if kind is CommodityKind.MONEY else goods


@lru_cache(maxsize=256)
def _moved(figure: LedgerFigure, scope: Scope, fed_upto: int) -> AnySelect:
    """Made once for each figure, day and watermark: making such a statement costs more than asking it."""
    return figure._moved(scope, fed_upto)


def _walked(statement: AnySelect, limit: int | None) -> AnySelect:
    """A page of a long list: back through the days of the books until it is full, so that nothing is sorted."""
    page = statement.order_by(Transfer.effective_on.desc(), Transfer.id.desc()).limit(limit).subquery()
    return select(page)


def _looked_up(statement: AnySelect, limit: int | None) -> AnySelect:
    """A page of a short list: found whole by its accounts, then sorted; a walk might pass the whole book in vain."""
    rows = statement.cte(nesting=True).prefix_with("MATERIALIZED")
    page = select(rows).order_by(rows.c.day.desc(), rows.c.id.desc()).limit(limit).subquery()
    return select(page)


def _sums_only(statement: AnySelect) -> AnySelect:
    rows = statement.subquery()
    return select(rows.c.township, rows.c.day, rows.c.amount)
