"""Proving that the books balance: each check names the rows that break it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Integer, case, func, literal, or_, select, union_all
from sqlalchemy.orm import aliased

from app.kernel.checks import Check, Finding
from app.kernel.db import session
from app.ledger.books import seals
from app.ledger.books.models import (
    Account,
    Commodity,
    Daily,
    Event,
    Floor,
    OpenHold,
    Period,
    Phase,
    Seal,
    Transfer,
    Watermark,
)

_POSTED = (Phase.POSTED, Phase.SETTLED)


def _balanced() -> Iterator[Finding]:
    """I1: per commodity the debits equal the credits, posted and held."""
    sums = (
        select(
            Commodity.code,
            func.sum(Account.dr),
            func.sum(Account.cr),
            func.sum(Account.dr_held),
            func.sum(Account.cr_held),
        )
        .join(Commodity, Commodity.id == Account.commodity_id)
        .group_by(Commodity.code)
    )
    for code, dr, cr, dr_held, cr_held in session().execute(sums):
        if dr != cr or dr_held != cr_held:
            yield Finding(f"commodity {code}", f"dr {dr} cr {cr} dr_held {dr_held} cr_held {cr_held}")


def _counters() -> Iterator[Finding]:
    """I2: an account's counters are the sums of its transfers."""
    hold = aliased(Transfer)
    resolved = case((Transfer.phase.in_((Phase.SETTLED, Phase.VOID)), hold.amount), else_=0)
    posted = case((Transfer.phase.in_(_POSTED), Transfer.amount), else_=0)
    held = case((Transfer.phase == Phase.HOLD, Transfer.amount), else_=0) - resolved
    nothing = literal(0, Integer)

    def side(account: Any, dr: Any, cr: Any, dr_held: Any, cr_held: Any) -> Any:
        return select(
            account.label("account_id"),
            dr.label("dr"),
            cr.label("cr"),
            dr_held.label("dr_held"),
            cr_held.label("cr_held"),
        ).outerjoin(hold, hold.id == Transfer.resolves_id)

    sides = union_all(
        side(Transfer.debit_id, posted, nothing, held, nothing),
        side(Transfer.credit_id, nothing, posted, nothing, held),
    ).subquery()
    sums = (
        select(
            sides.c.account_id,
            func.sum(sides.c.dr).label("dr"),
            func.sum(sides.c.cr).label("cr"),
            func.sum(sides.c.dr_held).label("dr_held"),
            func.sum(sides.c.cr_held).label("cr_held"),
        )
        .group_by(sides.c.account_id)
        .subquery()
    )
    wrong = select(Account.id).outerjoin(sums, sums.c.account_id == Account.id)
    wrong = wrong.where(
        (Account.dr != func.coalesce(sums.c.dr, 0))
        | (Account.cr != func.coalesce(sums.c.cr, 0))
        | (Account.dr_held != func.coalesce(sums.c.dr_held, 0))
        | (Account.cr_held != func.coalesce(sums.c.cr_held, 0))
    )
    for number in session().scalars(wrong.limit(50)):
        yield Finding(f"account {number}", "counters differ from the sums of its transfers")


def _holds() -> Iterator[Finding]:
    """I3: a hold is resolved at most once, by a transfer that mirrors it, and the open ones are listed exactly."""
    yield from _resolutions()
    yield from _listed_holds()


def _resolutions() -> Iterator[Finding]:
    hold, end = aliased(Transfer), aliased(Transfer)
    twice = (
        select(Transfer.resolves_id)
        .where(Transfer.resolves_id.is_not(None))
        .group_by(Transfer.resolves_id)
        .having(func.count() > 1)
    )
    for number in session().scalars(twice.limit(50)):
        yield Finding(f"transfer {number}", "a hold resolved twice")
    unlike = (
        select(end.id)
        .join(hold, hold.id == end.resolves_id)
        .where(
            (hold.phase != Phase.HOLD)
            | (end.amount > hold.amount)
            | (end.debit_id != hold.debit_id)
            | (end.credit_id != hold.credit_id)
        )
    )
    for number in session().scalars(unlike.limit(50)):
        yield Finding(f"transfer {number}", "does not match the hold it resolves")


def _listed_holds() -> Iterator[Finding]:
    end = aliased(Transfer)
    is_open = select(Transfer.id).where(
        Transfer.phase == Phase.HOLD, ~select(end.id).where(end.resolves_id == Transfer.id).exists()
    )
    missing = is_open.where(~select(OpenHold.transfer_id).where(OpenHold.transfer_id == Transfer.id).exists())
    for number in session().scalars(missing.limit(50)):
        yield Finding(f"transfer {number}", "an open hold that is not listed")
    stray = select(OpenHold.transfer_id).where(OpenHold.transfer_id.not_in(is_open))
    for number in session().scalars(stray.limit(50)):
        yield Finding(f"open hold {number}", "listed, but not open")
    astray = (
        select(OpenHold.transfer_id)
        .join(Transfer, Transfer.id == OpenHold.transfer_id)
        .where(
            (OpenHold.amount != Transfer.amount)
            | (OpenHold.debit_id != Transfer.debit_id)
            | (OpenHold.credit_id != Transfer.credit_id)
            | OpenHold.expires_at.is_distinct_from(Transfer.expires_at)
        )
    )
    for number in session().scalars(astray.limit(50)):
        yield Finding(f"open hold {number}", "listed otherwise than it was made")


def _reversals() -> Iterator[Finding]:
    """I4: an event is reversed at most once, by its mirror."""
    twice = (
        select(Event.reverses_id)
        .where(Event.reverses_id.is_not(None))
        .group_by(Event.reverses_id)
        .having(func.count() > 1)
    )
    for number in session().scalars(twice.limit(50)):
        yield Finding(f"event {number}", "reversed twice")
    pairs = session().execute(select(Event.id, Event.reverses_id).where(Event.reverses_id.is_not(None)))
    for number, original in pairs.all():
        if _net(number) != {place: -amount for place, amount in _net(original or 0).items()}:
            yield Finding(f"event {number}", "is not the mirror of what it reverses")


def _net(event_id: int) -> dict[int, int]:
    net: dict[int, int] = {}
    for transfer in session().scalars(
        select(Transfer).where(Transfer.event_id == event_id, Transfer.phase.in_(_POSTED))
    ):
        net[transfer.debit_id] = net.get(transfer.debit_id, 0) + transfer.amount
        net[transfer.credit_id] = net.get(transfer.credit_id, 0) - transfer.amount
    return {place: amount for place, amount in net.items() if amount}


def _floors() -> Iterator[Finding]:
    """I5: no account is below its floor."""
    broken = select(Account.id).where(
        ((Account.floor == Floor.DEBIT) & (Account.cr + Account.cr_held > Account.dr))
        | ((Account.floor == Floor.CREDIT) & (Account.dr + Account.dr_held > Account.cr))
    )
    for number in session().scalars(broken.limit(50)):
        yield Finding(f"account {number}", "below its floor")


def _periods() -> Iterator[Finding]:
    """I6: every event lies in its period, and none came into a closed one after its seal."""
    outside = (
        select(Event.id)
        .join(Period, Period.id == Event.period_id)
        .where((Event.effective_on < Period.starts_on) | (Event.effective_on > Period.ends_on))
    )
    for number in session().scalars(outside.limit(50)):
        yield Finding(f"event {number}", "dated outside its period")
    late = (
        select(Event.id)
        .join(Period, Period.id == Event.period_id)
        .join(Seal, Seal.day == Period.seal_day)
        .where(Period.closed_at.is_not(None), Event.id > Seal.last_event_id)
    )
    for number in session().scalars(late.limit(50)):
        yield Finding(f"event {number}", "recorded in a closed period after its seal")
    astray = (
        select(Transfer.id)
        .join(Event, Event.id == Transfer.event_id)
        .where(Transfer.effective_on != Event.effective_on)
    )
    for number in session().scalars(astray.limit(50)):
        yield Finding(f"transfer {number}", "dated otherwise than its event")


def _seal_chain() -> Iterator[Finding]:
    """I7: the digest of every seal recomputes from the books."""
    prev, since = seals.FIRST_DIGEST, 0
    for seal in session().scalars(select(Seal).order_by(Seal.day)).all():
        digest = seals.chained(prev, seals.canonical_lines(after=since, upto=seal.last_event_id))
        if seal.prev_digest != prev or seal.digest != digest:
            yield Finding(f"seal {seal.day}", "does not recompute")
            return
        prev, since = seal.digest, seal.last_event_id


def _value_of_empty_lots() -> Iterator[Finding]:
    """I8: the inventory value of a lot is nothing when its grams are."""
    value, goods = aliased(Account), aliased(Account)
    wrong = select(value.subject).where(
        value.role == "inventory_value",
        value.dr != value.cr,
        ~select(goods.id)
        .where(goods.subject == value.subject, goods.role.in_(("loose", "packed_grams")), goods.dr != goods.cr)
        .exists(),
    )
    for subject in session().scalars(wrong.limit(50)):
        yield Finding(f"lot {subject}", "has value but no grams")


def _daily_sums() -> Iterator[Finding]:
    """The daily sums equal the transfers up to the watermark."""
    mark = func.coalesce(select(Watermark.event_id).scalar_subquery(), 0)
    moved = seals.by_place(after=0, upto=mark)
    place = [getattr(Daily, name) for name in seals.DAILY_PLACE]
    kept = select(*place, *((-getattr(Daily, name)).label(name) for name in seals.DAILY_SUMS))
    both = union_all(moved, kept).subquery()
    of_both = [both.c[name] for name in seals.DAILY_PLACE]
    missing = [func.sum(both.c[name]).label(name) for name in seals.DAILY_SUMS]
    differs = or_(*(func.sum(both.c[name]) != 0 for name in seals.DAILY_SUMS))
    wrong = select(*of_both, *missing).group_by(*of_both).having(differs).order_by(*of_both)
    for row in session().execute(wrong.limit(50)):
        words = f"the daily sums lack {row.dr} debit and {row.cr} credit of {row.debits} and {row.credits} transfers"
        yield Finding(f"{row.role} of {row.township or 'no township'} on {row.effective_on} of {row.kind}", words)


CHECKS = (
    Check("I1", "借贷相等：每种物品的借方合计等于贷方合计", _balanced),
    Check("I2", "账户余额等于其全部分录之和", _counters),
    Check("I3", "每笔预留最多办结一次", _holds),
    Check("I4", "每笔账最多冲销一次，且冲销与原账相反", _reversals),
    Check("I5", "没有账户低于下限", _floors),
    Check("I6", "结账后的账期没有再记账", _periods),
    Check("I7", "封账链可以重新算出", _seal_chain),
    Check("I8", "没有斤数的批次没有存货价值", _value_of_empty_lots),
    Check("D1", "每日汇总等于分录之和", _daily_sums),
)
