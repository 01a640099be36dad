"""A shelf of any length for measuring, written many rows at a time: packs, their words, and pieces of each in store."""

from __future__ import annotations

import csv
import hashlib
import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, insert, select, text

from app.kernel import clock
from app.kernel.db import database, session, transaction
from app.kernel.money import Money
from app.kernel.weight import Weight
from app.ledger.books.models import Account, Commodity, CommodityKind, Floor, Unit
from app.people.growers.models import Seller
from app.people.growers.states import SellerKind, SellerStatus
from app.people.townships import queries as townships
from app.trade.catalog import queries as catalog
from app.trade.catalog import words
from app.trade.catalog.models import UNGRADED, Pack, fen_per_jin
from app.trade.catalog.states import PackState
from app.trade.lots.models import Lot
from app.trade.stock.accounts import STOCK, seller_party
from app.trade.stock.models import PackedLot
from bench.county import County

SEARCHES = Path(__file__).parents[1] / "tests" / "trade" / "catalog"
SELLERS = 500
_AT_ONCE = 5_000
_PLAIN_VARIETY = "muzao"
_PLAIN_PRODUCT = "ganzhi-hongzao"
_WRITE_WORDS = {
    True: "INSERT INTO pack_words (rowid, words) VALUES (:pack, :words)",
    False: "INSERT INTO pack_words (pack_id, words) VALUES (:pack, to_tsvector('simple', :words))",
}


def rows_of(name: str) -> list[dict[str, str]]:
    """A table of the search set: `pack_titles` or `search_set`."""
    with (SEARCHES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def fill(county: County, count: int) -> None:
    """So many packs more on the shelf of a county that has its facts, each with one lot and pieces of it in store.

    Titles are those of the search set, in every weight and price, so that a word meets a few packs or nearly all.
    The pieces stand in their accounts without an event behind them: what is measured here only reads them.
    """
    chance = random.Random(7)
    sellers = _sellers(county.seller_person_id)
    for start in range(0, count, _AT_ONCE):
        _some(sellers, min(_AT_ONCE, count - start), chance)
    _tell_the_planner()


def _sellers(contact: int) -> Sequence[tuple[int, str, str]]:
    moment = clock.now()
    codes = [one.code for one in townships.present()]
    with transaction() as current:
        rows = [_seller(number, codes[number % len(codes)], contact, moment) for number in range(SELLERS)]
        current.execute(insert(Seller), rows)
        return [
            (one.id, one.name, one.township_code)
            for one in current.scalars(select(Seller).where(Seller.slug.startswith("shelf-")))
        ]


def _seller(number: int, township: str, contact: int, moment: datetime) -> dict[str, object]:
    return {
        "slug": f"shelf-{number}",
        "name": f"示例枣园{number % 100}号",
        "kind": SellerKind.HOUSEHOLD,
        "township_code": township,
        "contact_person_id": contact,
        "created_at": moment,
        "status": SellerStatus.ACTIVE,
        "verified_at": moment,
        "verified_by": "bench",
        "words": "",
    }


def _some(sellers: Sequence[tuple[int, str, str]], count: int, chance: random.Random) -> None:
    titles, varieties = rows_of("pack_titles"), {name: key for key, name in catalog.varieties()}
    names = {one.code: one.name for one in townships.present()}
    moment, day = clock.now(), clock.today()
    with transaction() as current:
        first = (current.scalar(select(func.max(Pack.id))) or 0) + 1
        packs, lots, accounts, packed, found = [], [], [], [], []
        for number in range(first, first + count):
            seller, shop, township = sellers[number % len(sellers)]
            kind = chance.choice(titles)
            net, price = Weight(500 * chance.randint(1, 20)), Money(10 * chance.randint(100, 20_000))
            title = f"{kind['title']} {number % 97}号"
            variety = varieties.get(kind["variety"], _PLAIN_VARIETY)
            packs.append(
                {
                    "id": number,
                    "slug": hashlib.sha256(str(number).encode()).hexdigest()[:10],
                    "seller_id": seller,
                    "township_code": township,
                    "variety_key": variety,
                    "grade_key": UNGRADED,
                    "product_key": _PLAIN_PRODUCT,
                    "title": title,
                    "words": "示例数据",
                    "net": net,
                    "price": price,
                    "per_jin": fen_per_jin(price, net),
                    "created_at": moment,
                    "state": PackState.ON_SALE,
                    "is_sample": True,
                    "stopped_because": "",
                    "version": 1,
                }
            )
            lots.append(
                {
                    "id": number,
                    "code": f"BENCH{number:015d}",
                    "seller_id": seller,
                    "township_code": township,
                    "village_name": "示例村",
                    "variety_key": variety,
                    "grade_key": UNGRADED,
                    "harvest_year": day.year,
                    "weight_in": net * 10,
                    "best_before": day + timedelta(days=300),
                    "received_on": day,
                    "created_at": moment,
                    "created_by": "bench",
                }
            )
            accounts.append(
                {"party": seller_party(seller), "township": township, "subject": f"lot:{number}@store#shop"}
            )
            packed.append({"pack_id": number, "lot_id": number})
            product = "鲜枣" if "鲜" in title else "红枣"
            found.append(
                {
                    "pack": number,
                    "words": words.index_text(
                        title, kind["variety"], "干制红枣", product, names[township], shop, "示例数据"
                    ),
                }
            )
        current.execute(insert(Pack), packs)
        current.execute(insert(Lot), lots)
        pieces = current.execute(
            insert(Commodity).returning(Commodity.id),
            {"code": f"bench:{first}", "kind": CommodityKind.GOODS, "unit": Unit.PIECE},
        ).scalar_one()
        same = {"commodity_id": pieces, "role": STOCK.name, "floor": Floor.DEBIT, "dr": 10, "programme": ""}
        ids = current.scalars(
            insert(Account).returning(Account.id, sort_by_parameter_order=True), [same | one for one in accounts]
        ).all()
        current.execute(insert(PackedLot), [one | {"account_id": n} for one, n in zip(packed, ids, strict=True)])
        current.execute(text(_WRITE_WORDS[database().is_sqlite]), found)


def _tell_the_planner() -> None:
    with transaction():
        session().execute(text("ANALYZE"))


def queries() -> Iterator[str]:
    """What the search set asks, each once."""
    yield from dict.fromkeys(row["query"] for row in rows_of("search_set"))
