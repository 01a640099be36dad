"""Acts on the basket."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import selectinload

from app.kernel import clock
from app.kernel.db import AnySelect, database, session
from app.kernel.errors import BadValue, NotFound
from app.kernel.money import ZERO, Money
from app.people.growers.models import Seller
from app.people.growers.states import SellerStatus
from app.trade.cart.models import CartLine
from app.trade.catalog.models import Pack
from app.trade.catalog.states import PackState

MOST_PIECES = 999
MOST_LINES = 40


class CartFull(BadValue):
    """More lines, or more pieces of one pack, than a basket holds."""

    code = "cart_full"
    sentence = "购物篮最多放 {lines} 种、每种最多 {pieces} 件。"


@dataclass(frozen=True, slots=True)
class BasketLine:
    """A line with what the pack and its seller are now."""

    pack: Pack
    seller: Seller
    pieces: int

    @property
    def is_on_sale(self) -> bool:
        """Whether it can be ordered at all."""
        return self.pack.state is PackState.ON_SALE and self.seller.status is SellerStatus.ACTIVE

    @property
    def amount(self) -> Money:
        """Pieces at today's price."""
        return self.pack.price * self.pieces


_LINES = (
    select(CartLine, Pack, Seller)
    .join(Pack, Pack.id == CartLine.pack_id)
    .join(Seller, Seller.id == Pack.seller_id)
    .where(CartLine.cart_key == bindparam("cart_key"))
    .order_by(Seller.id, CartLine.added_at, Pack.id)
)
_LINES_WITH_PICTURES = _LINES.options(selectinload(Pack.photos))


def lines_of(cart_key: str) -> list[BasketLine]:
    """The basket's lines by seller, then in the order in which they came; one query."""
    return _lines(_LINES, cart_key)


def pictured_lines_of(cart_key: str) -> list[BasketLine]:
    """The same with the packs' pictures; two queries."""
    return _lines(_LINES_WITH_PICTURES, cart_key)


def _lines(statement: AnySelect, cart_key: str) -> list[BasketLine]:
    if not cart_key:
        return []
    rows = session().execute(statement, {"cart_key": cart_key}).all()
    return [BasketLine(pack, seller, line.pieces) for line, pack, seller in rows]


def pieces_in(cart_key: str) -> int:
    """How many pieces the basket holds."""
    if not cart_key:
        return 0
    return session().scalar(select(func.sum(CartLine.pieces)).where(CartLine.cart_key == cart_key)) or 0


def add(cart_key: str, slug: str, *, pieces: int) -> None:
    """So many more pieces of the pack are in the basket. Raises `NotFound`, `CartFull`."""
    pack = _pack(slug)
    others = select(func.count()).where(CartLine.cart_key == cart_key, CartLine.pack_id != pack.id)
    is_full = (session().scalar(others) or 0) >= MOST_LINES
    if is_full or pieces > MOST_PIECES or not _put(cart_key, pack.id, pieces):
        raise CartFull(lines=MOST_LINES, pieces=MOST_PIECES, field="pieces")


def _put(cart_key: str, pack_id: int, pieces: int) -> bool:
    """Whether the line took them. One statement, so that a double tap neither fails nor loses one of the two."""
    insert = sqlite.insert if database().is_sqlite else postgresql.insert
    new = insert(CartLine).values(cart_key=cart_key, pack_id=pack_id, pieces=pieces, added_at=clock.now())
    together = CartLine.pieces + new.excluded.pieces
    taken = new.on_conflict_do_update(
        index_elements=["cart_key", "pack_id"], set_={"pieces": together}, where=together <= MOST_PIECES
    ).returning(CartLine.pieces)
    return session().execute(taken).first() is not None


def change(cart_key: str, slug: str, *, pieces: int) -> None:
    """The line has this many pieces. Raises `NotFound`."""
    pack = _pack(slug, on_sale=False)
    line = session().get(CartLine, (cart_key, pack.id))
    if line is None:
        raise NotFound()
    line.pieces = pieces


def remove(cart_key: str, slug: str) -> None:
    """The pack is not in the basket any more."""
    pack = _pack(slug, on_sale=False)
    session().execute(delete(CartLine).where(CartLine.cart_key == cart_key, CartLine.pack_id == pack.id))


def empty(cart_key: str) -> None:
    """Nothing is in the basket any more."""
    session().execute(delete(CartLine).where(CartLine.cart_key == cart_key))


def _pack(slug: str, *, on_sale: bool = True) -> Pack:
    statement = select(Pack).where(Pack.slug == slug)
    if on_sale:
        active = (Pack.state == PackState.ON_SALE) & (Seller.status == SellerStatus.ACTIVE)
        statement = statement.join(Seller, Seller.id == Pack.seller_id).where(active)
    pack = session().scalars(statement).first()
    if pack is None:
        raise NotFound()
    return pack


def goods_of(lines: list[BasketLine]) -> Money:
    """What the lines cost together, without carriage."""
    return sum((line.amount for line in lines), start=ZERO)
