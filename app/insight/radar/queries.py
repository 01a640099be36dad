"""What lies in store and what was sold lately, seller by seller, out of the books; each in one query."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, func, literal, select, union_all
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from app.insight.radar.festival import next_dragon_boat
from app.insight.radar.outlook import BEFORE, Batch, Outlook, days_to_sell_out, outlook
from app.kernel import clock
from app.kernel.db import AnySelect, session
from app.ledger.books.models import Account, Phase, Transfer
from app.people.accounts.models import Person
from app.people.growers.models import Seller
from app.people.townships import queries as townships
from app.trade.lots.models import Lot
from app.trade.stock.accounts import SOLD_GRAMS, seller_party
from app.trade.stock.figures import STOCK_ON_HAND

_POSTED = (Phase.POSTED, Phase.SETTLED)
_IN_STORE = [role.name for role in STOCK_ON_HAND.roles]

FEWEST = 5
"""A village is named in public only where at least so many sellers have fruit. Source: design 6."""


class lot_number(FunctionElement[int]):  # noqa: N801  (reads as the SQL function that it is)
    """The lot that the subject of an account of fruit names: `lot:12`, `lot:12/pack:3`."""

    type = BigInteger()
    inherit_cache = True


@compiles(lot_number, "postgresql")
def _on_postgresql(element: lot_number, compiler: Any, **kw: Any) -> str:
    return f"split_part(substr({compiler.process(element.clauses, **kw)}, 5), '/', 1)::bigint"


@compiles(lot_number, "sqlite")
def _on_sqlite(element: lot_number, compiler: Any, **kw: Any) -> str:
    # A cast takes the digits at the beginning and leaves the rest.
    return f"CAST(substr({compiler.process(element.clauses, **kw)}, 5) AS INTEGER)"


@dataclass(frozen=True, slots=True)
class Holding:
    """A seller's fruit in store, the village in which most of it grew, and its outlook."""

    seller_id: int
    township: str
    village: str
    outlook: Outlook


@dataclass(frozen=True, slots=True)
class Village:
    """The fruit of a village's sellers together; without a name those of villages with fewer than `FEWEST`."""

    township: str
    name: str
    sellers: int
    outlook: Outlook


def holdings(day: date | None = None, *, townships_in: Collection[str] | None = None) -> list[Holding]:
    """Every seller with fruit in store on a day, whom to help first first; None: now, the whole county.

    An earlier day is counted anew from the transfers up to it. Together they have what `STOCK_ON_HAND` has.
    """
    today = clock.today()
    asked = day or today
    found = _batches(None if asked >= today else asked, townships_in, party=None)
    return _ranked(found, sold_between(asked - BEFORE, asked, townships_in), asked)


def holding_of(seller_ids: Collection[int]) -> Outlook:
    """The fruit of these sellers together, now."""
    today = clock.today()
    parties = [seller_party(one) for one in sorted(seller_ids)]
    rows = _batches(None, None, party=parties)
    sold = sum(sold_between(today - BEFORE, today, party=parties).values())
    return outlook([batch for _party, _code, _name, batch in rows], sold, today, next_dragon_boat(today))


def by_village(found: Sequence[Holding]) -> list[Village]:
    """The holdings by village, the most at risk first; few sellers together, so that none can be told apart."""
    now_under = townships.present_codes()
    groups: dict[tuple[str, str], list[Holding]] = defaultdict(list)
    for one in found:
        groups[now_under.get(one.township, one.township), one.village].append(one)
    small = [one for place, several in groups.items() if len(several) < FEWEST for one in several]
    named = [_village(place, several) for place, several in groups.items() if len(several) >= FEWEST]
    return sorted(named, key=lambda one: one.outlook.rank) + ([_village(("", ""), small)] if small else [])


def _village(place: tuple[str, str], several: Sequence[Holding]) -> Village:
    return Village(place[0], place[1], len(several), _sum([one.outlook for one in several]))


def together(found: Sequence[Village]) -> Outlook:
    """The whole county's outlook."""
    return _sum([one.outlook for one in found])


def _sum(several: Sequence[Outlook]) -> Outlook:
    """Who sells little is not helped by who sells much, so what will be left is added up, not foreseen anew."""
    grams, sold = sum(one.grams for one in several), sum(one.sold for one in several)
    return Outlook(
        grams=grams,
        sold=sold,
        days=days_to_sell_out(grams, sold),
        left=sum(one.left for one in several),
        spoilt=sum(one.spoilt for one in several),
        oldest=max((one.oldest for one in several), default=0),
        first_ends=min((one.first_ends for one in several if one.first_ends), default=None),
    )


def contacts(seller_ids: Collection[int]) -> dict[int, tuple[Seller, Person]]:
    """Seller id → the seller and who answers his telephone; one query."""
    statement = (
        select(Seller, Person).join(Person, Person.id == Seller.contact_person_id).where(Seller.id.in_(seller_ids))
    )
    return {seller.id: (seller, person) for seller, person in session().execute(statement)}


_Row = tuple[str, str, str, Batch]


def _ranked(rows: Sequence[_Row], sold: dict[str, int], day: date) -> list[Holding]:
    festival = next_dragon_boat(day)
    own: dict[str, list[_Row]] = defaultdict(list)
    for row in rows:
        own[row[0]].append(row)
    found = []
    for party, several in own.items():
        grown: dict[tuple[str, str], int] = defaultdict(int)
        for _party, code, village, batch in several:
            grown[code, village] += batch.grams
        (code, village), _most = max(grown.items(), key=lambda item: (item[1], item[0]))
        seen = outlook([batch for *_rest, batch in several], sold.get(party, 0), day, festival)
        found.append(Holding(int(party.removeprefix("seller:")), code, village, seen))
    return sorted(found, key=lambda one: (one.outlook.rank, one.seller_id))


def _batches(day: date | None, codes: Collection[str] | None, *, party: Sequence[str] | None) -> list[_Row]:
    """(party, township, village, batch) of what lies in store, by lot's day and end; as it stands now where no day."""
    ours = [Account.role.in_(_IN_STORE), *_limits(codes, party)]
    if day is None:
        lots: AnySelect = select(
            Account.party,
            Account.township,
            lot_number(Account.subject).label("lot"),
            (Account.dr - Account.cr).label("g"),
        ).where(*ours, Account.dr > Account.cr)
    else:
        lots = _moved(ours, Transfer.effective_on <= day, lot=lot_number(Account.subject))
    there = lots.subquery()
    statement = (
        select(there.c.party, there.c.township, Lot.village_name, Lot.received_on, Lot.best_before, func.sum(there.c.g))
        .join(Lot, Lot.id == there.c.lot)
        .group_by(there.c.party, there.c.township, Lot.village_name, Lot.received_on, Lot.best_before)
        .having(func.sum(there.c.g) > 0)
    )
    return [
        (party, code, village, Batch(int(weight), received_on, best_before))
        for party, code, village, received_on, best_before, weight in session().execute(statement)
    ]


def sold_between(
    first: date, last: date, townships_in: Collection[str] | None = None, *, party: Sequence[str] | None = None
) -> dict[str, int]:
    """Party → grams sold on these days, what came back taken off; one query."""
    ours = [Account.role == SOLD_GRAMS.name, *_limits(townships_in, party)]
    rows = _moved(ours, Transfer.effective_on.between(first, last), lot=literal(0)).subquery()
    statement = select(rows.c.party, func.sum(rows.c.g)).group_by(rows.c.party)
    return {party: int(grams) for party, grams in session().execute(statement)}


def _moved(ours: Sequence[ColumnElement[bool]], days: ColumnElement[bool], *, lot: ColumnElement[int]) -> AnySelect:
    """(party, township, lot, grams) of each posting to and from these accounts on these days."""
    sides = [
        select(
            Account.party,
            Account.township,
            lot.label("lot"),
            (Transfer.amount * sign).label("g"),
        )
        .join(Transfer, place == Account.id)
        .where(*ours, days, Transfer.phase.in_(_POSTED))
        for place, sign in ((Transfer.debit_id, 1), (Transfer.credit_id, -1))
    ]
    rows = union_all(*sides).subquery()
    return select(rows.c.party, rows.c.township, rows.c.lot, rows.c.g)


def _limits(codes: Collection[str] | None, party: Sequence[str] | None) -> list[ColumnElement[bool]]:
    limits: list[ColumnElement[bool]] = []
    if codes is not None:
        limits.append(Account.township.in_(sorted(codes)))
    if party is not None:
        limits.append(Account.party.in_(party))
    return limits
