"""Facts about packs."""

from __future__ import annotations

from dataclasses import dataclass

from app.kernel.events import Fact


@dataclass(frozen=True)
class PackPublished(Fact):
    """A pack is on sale for the first time, or again."""

    pack_id: int
    slug: str


@dataclass(frozen=True)
class PackStopped(Fact):
    """An official has stopped the sale of a pack; open orders stay."""

    pack_id: int


@dataclass(frozen=True)
class PackReleased(Fact):
    """A stopped pack may be sold again; its seller puts it on sale when he wants."""

    pack_id: int
