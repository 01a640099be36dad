"""What the people of a seller are told of their packs; `wiring.py` binds these to the facts."""

from __future__ import annotations

from app.people.growers import queries as growers
from app.people.growers.events import SellerChangeApproved
from app.people.messages import service as messages
from app.trade.catalog import queries, service
from app.trade.catalog.events import PackReleased, PackStopped
from app.trade.catalog.models import Pack


def tell_seller_of_stop(fact: PackStopped) -> None:
    """Everybody who acts for the seller knows that the pack is stopped, and why."""
    pack = queries.pack(fact.pack_id)
    _tell(pack, f"“{pack.title}”被停售了，已经下的单请照常发货。原因：{pack.stopped_because}")


def tell_seller_of_release(fact: PackReleased) -> None:
    """Everybody who acts for the seller knows that he may put the pack on sale again."""
    pack = queries.pack(fact.pack_id)
    _tell(pack, f"“{pack.title}”的停售解除了，想卖时请重新上架。")


def find_under_new_name(fact: SellerChangeApproved) -> None:
    """The seller's packs are found by the name that it has now."""
    seller = growers.seller(fact.seller_id)
    for pack in queries.all_of_seller(seller.id):
        service.index(pack, seller=seller)


def _tell(pack: Pack, words: str) -> None:
    people = [person.id for person in growers.people_of(pack.seller_id)]
    messages.tell(people, words, link=f"/grower/listings/{pack.slug}")
