"""Where a lot came from, back to the orchards, and where it is: what pages of lots show."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from sqlalchemy import select

from app.kernel import clock
from app.kernel.db import session
from app.kernel.weight import Weight, decimal_text
from app.ledger.books import queries as balances
from app.people.growers import queries as growers
from app.people.growers.models import Seller
from app.people.growers.states import SellerKind
from app.people.townships import queries as townships
from app.trade.catalog import queries as catalog
from app.trade.catalog.models import Grade, Pack
from app.trade.lots import queries as lots
from app.trade.lots.models import Lot, LotSource
from app.trade.lots.states import LotOrigin
from app.trade.processing.shares import parted
from app.trade.processing.states import Step
from app.trade.recalls import queries as recalls
from app.trade.recalls.models import Recall
from app.trade.stock import blocking
from app.trade.stock import service as stock
from app.trade.stock.models import PackedLot

_THOUSANDTHS = 1_000


@dataclass(frozen=True, slots=True)
class Orchard:
    """Where some of a lot's fruit grew: village and township, what, of which year, and how many thousandths of it."""

    village: str
    township: str
    variety: str
    year: int
    share: int
    is_outside: bool

    @property
    def percent(self) -> str:
        """Its share in a hundred."""
        return decimal_text(self.share, _THOUSANDTHS // 100)


@dataclass(frozen=True, slots=True)
class Trace:
    """What anybody may know of a lot: nobody's name but that of a business, and no number of anybody."""

    lot: Lot
    variety: str
    grade: str
    standard: str
    township: str
    business: str
    orchards: Sequence[Orchard]
    steps: Sequence[Step]
    recall: Recall | None
    is_expired: bool
    has_certificate: bool

    @property
    def is_mixed(self) -> bool:
        """Whether its fruit grew in more than one place."""
        return len(self.orchards) > 1


def trace_of(lot: Lot) -> Trace:
    """The lot with its orchards and steps; as many queries however long its line is."""
    sources = lots.ancestors([lot.id])
    line = {lot.id: lot} | lots.lots({one.parent_id for one in sources})
    grade = session().get_one(Grade, lot.grade_key)
    seller = growers.seller(lot.seller_id)
    known = set(Step)
    return Trace(
        lot=lot,
        variety=_varieties()[lot.variety_key],
        grade=grade.name,
        standard=f"{grade.standard}-{grade.edition}" if grade.edition.isdigit() else grade.standard,
        township=townships.name_of(lot.township_code),
        business="" if seller.kind is SellerKind.HOUSEHOLD else seller.name,
        orchards=_orchards(lot, line, sources),
        steps=list(dict.fromkeys(Step(one.step) for one in sources if one.step in known)),
        recall=None if lot.recall_id is None else recalls.recall(lot.recall_id),
        is_expired=lot.best_before <= clock.today(),
        has_certificate=bool(lot.certificate_no or lot.certificate_sha256),
    )


def _varieties() -> dict[str, str]:
    return defaultdict(str, catalog.varieties())


def _orchards(lot: Lot, line: dict[int, Lot], sources: Sequence[LotSource]) -> list[Orchard]:
    shares = shares_of(lot.id, sources)
    places: dict[tuple[str, str, str, int, bool], Fraction] = defaultdict(Fraction)
    names = {one.township_code: townships.name_of(one.township_code) for one in line.values()}
    varieties = _varieties()
    for lot_id, share in shares.items():
        one = line[lot_id]
        is_outside = one.origin is LotOrigin.OUTSIDE
        township = "" if is_outside else names[one.township_code]
        places[one.village_name, township, varieties[one.variety_key], one.harvest_year, is_outside] += share
    ordered = sorted(places.items(), key=lambda place: (-place[1], place[0]))
    whole = parted(_THOUSANDTHS, _whole_numbers([share for _, share in ordered]))
    return [
        Orchard(village, township, variety, year, share, is_outside)
        for ((village, township, variety, year, is_outside), _), share in zip(ordered, whole, strict=True)
    ]


def shares_of(lot_id: int, sources: Sequence[LotSource]) -> dict[int, Fraction]:
    """Lot without sources → its exact share of the lot; they add up to 1. `sources` is the whole line behind it."""
    into: dict[int, list[LotSource]] = defaultdict(list)
    for one in sources:
        into[one.child_id].append(one)
    found: dict[int, Fraction] = defaultdict(Fraction)
    open_ones = [(lot_id, Fraction(1))]
    while open_ones:
        at, share = open_ones.pop()
        whole = sum(one.grams.grams for one in into[at])
        if not whole:
            found[at] += share
        open_ones += [(one.parent_id, share * one.grams.grams / whole) for one in into[at]]
    return dict(found)


def _whole_numbers(shares: Sequence[Fraction]) -> list[int]:
    scale = lcm(*(share.denominator for share in shares))
    return [share.numerator * (scale // share.denominator) for share in shares]


@dataclass(frozen=True, slots=True)
class PackThere:
    """A pack that was filled from a lot: how many pieces are free, held for orders, and blocked."""

    pack: Pack
    free: int
    held: int
    blocked: int


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A neighbour in the line: the other lot, how much went over, and by which step."""

    lot: Lot
    weight: Weight
    step: str


@dataclass(frozen=True, slots=True)
class Whole:
    """All that its seller and the officials see of a lot."""

    trace: Trace
    seller: Seller
    loose: Weight
    blocked_loose: Weight
    packs: Sequence[PackThere]
    sources: Sequence[Neighbour]
    made: Sequence[Neighbour]
    history: Sequence[Recall]
    line: Sequence[int]


def whole_of(lot: Lot) -> Whole:
    """The lot with what lies in store of it, what it was made of, and what was made of it."""
    packed = blocking.in_store(lot)
    loose = stock.loose_place(lot)
    there = balances.balances(
        [
            loose,
            blocking.blocked(loose),
            *(place for one in packed for place in (one.stock, blocking.blocked(one.stock))),
        ]
    )
    links = session().scalars(
        select(LotSource).where((LotSource.child_id == lot.id) | (LotSource.parent_id == lot.id)).order_by(LotSource.id)
    )
    around = list(links)
    others = lots.lots({one.parent_id if one.child_id == lot.id else one.child_id for one in around})
    return Whole(
        trace=trace_of(lot),
        seller=growers.seller(lot.seller_id),
        loose=Weight(there[loose].free),
        blocked_loose=Weight(there[blocking.blocked(loose)].net),
        packs=[
            PackThere(
                one.pack,
                there[one.stock].free,
                there[one.stock].cr_held,
                there[blocking.blocked(one.stock)].net,
            )
            for one in packed
        ],
        sources=[
            Neighbour(others[one.parent_id], one.grams, _words(one.step)) for one in around if one.child_id == lot.id
        ],
        made=[
            Neighbour(others[one.child_id], one.grams, _words(one.step)) for one in around if one.parent_id == lot.id
        ],
        history=recalls.history_of(lot),
        line=sorted(lots.descendants([lot.id])),
    )


def lots_of_pack(pack: Pack) -> Sequence[Lot]:
    """The newest hundred lots from which a pack was filled."""
    filled = select(Lot).join(PackedLot, PackedLot.lot_id == Lot.id).where(PackedLot.pack_id == pack.id)
    return session().scalars(filled.order_by(Lot.id.desc()).limit(100)).all()


def _words(step: str) -> str:
    return Step(step).words if step in set(Step) else step
