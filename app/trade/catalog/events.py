"""Facts about packs."""

from __future__ import annotations

from dataclasses import dataclass

from app.kernel.events import Fact


@dataclass(frozen=True)
class PackPublished(Fact):
    """A pack is on sale for the first time, or again."""

    pack_id: int
    slug: str
