"""The pictures of complaints in the media store: under names that the shop never serves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.gateways.images import Renditions
from app.kernel import ids
from app.trade.catalog import media

MOST = 3
SIZES = ("page", "full")


@dataclass(frozen=True, slots=True)
class Stored:
    """A picture whose files are there, before a row names it."""

    stem: str
    width: int
    height: int
    sha256: str


def key(stem: str, size: str) -> str:
    """Where a picture lies; `size` is page or full."""
    return f"complaints/{stem}/{size}.{'jpg' if size == 'full' else 'webp'}"


def store(pictures: Sequence[Renditions]) -> list[Stored]:
    """Put the pictures into the media store, outside any transaction; all of them or none."""
    stored: list[Stored] = []
    try:
        for one in pictures:
            stem = ids.code(24).lower()
            stored.append(Stored(stem, one.page.width, one.page.height, one.full.sha256))
            for size in SIZES:
                picture = getattr(one, size)
                media.store().put(key(stem, size), picture.data, picture.media_type)
    except BaseException:
        discard(stored)
        raise
    return stored


def discard(stored: Sequence[Stored]) -> None:
    """Take pictures out again that no row will name."""
    for one in stored:
        for size in SIZES:
            media.store().delete(key(one.stem, size))
