"""A seller's packs as he sees them himself: the list, and one pack with all that he may change about it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template
from flask.typing import ResponseReturnValue

from app.kernel.money import Money
from app.kernel.permissions import Viewer
from app.kernel.weight import Weight
from app.people.growers import queries as growers
from app.trade.catalog import queries as catalog
from app.trade.catalog.models import Pack, PackPhoto
from app.trade.catalog.states import PackState
from app.trade.stock import listing, queries
from app.trade.stock.forms import LessForm, MoreForm, NothingForm, PhotoForm, PriceForm


@dataclass(frozen=True, slots=True)
class OwnPack:
    """A pack as its seller sees it in his list."""

    slug: str
    title: str
    net: Weight
    price: Money
    state: PackState
    photo: PackPhoto | None
    on_hand: int
    held: int
    stopped_because: str


def packs_of(who: Viewer) -> list[OwnPack]:
    """What he may change, the newest first."""
    mine = catalog.packs_of(who)
    there = queries.on_hand([pack.id for pack in mine])
    return [_own(pack, there[pack.id]) for pack in mine]


def _own(pack: Pack, there: tuple[int, int]) -> OwnPack:
    photo = pack.photos[0] if pack.photos else None
    return OwnPack(
        pack.slug, pack.title, pack.net, pack.price, pack.state, photo, there[0], there[1], pack.stopped_because
    )


def pack_page(who: Viewer, slug: str, *, status: int = 200, **given: object) -> ResponseReturnValue:
    """One pack of his with its forms; `given` are those that carry errors. Raises `NotFound`."""
    pack = catalog.pack_of(who, slug)
    free = queries.available([pack.id])[pack.id]
    village = listing.village_of(growers.seller(pack.seller_id))
    forms: dict[str, object] = {
        "price_form": PriceForm(formdata=None, price=pack.price, version=pack.version),
        "more_form": MoreForm(formdata=None, harvest_year=listing.last_harvest(), village=village),
        "less_form": LessForm(formdata=None),
        "photo_form": PhotoForm(formdata=None),
        "state_form": NothingForm(formdata=None),
    }
    forms.update(given)
    there = queries.on_hand([pack.id])[pack.id]
    html = render_template("trade/stock/listing.html", pack=_own(pack, there), free=free, **forms)
    return html, status
