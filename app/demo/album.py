"""The demo county's pictures: drawn and developed beside the work, stored once, shared by packs."""

from __future__ import annotations

import multiprocessing
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from app.demo.studio import shot
from app.gateways.images import Renditions
from app.trade.catalog import service as catalog
from app.trade.catalog.models import Pack

_ROLL: Final = (
    ("box", 1),
    ("bowl", 1),
    ("branch", 1),
    ("heap", 1),
    ("sack", 1),
    ("terraces", 1),
    ("racks", 1),
    ("box", 2),
    ("bowl", 2),
    ("sack", 2),
    ("box", 3),
    ("heap", 2),
)
"""Scenes and seeds; a smaller county takes the first of them. The slow ones begin early."""

_WORKERS: Final = 2
_CAPTIONS: Final = {
    "box": "装在礼盒里的红枣",
    "bowl": "碗里的红枣",
    "branch": "枣树枝头的枣",
    "heap": "一堆晒干的红枣",
    "sack": "麻袋里的红枣",
    "terraces": "黄河边的枣林梯田",
    "racks": "晒枣的架子",
}


@dataclass(frozen=True, slots=True)
class Picture:
    """A stored picture in its three sizes, and what is to be seen on it."""

    renditions: Renditions
    stem: str
    caption: str


class Album:
    """Pictures by scene, stored under names of their own."""

    def __init__(self, shots: Sequence[tuple[str, Future[Renditions]]]) -> None:
        self._shots = shots
        self._stored: dict[str, list[Picture]] = defaultdict(list)

    def store(self) -> None:
        """All pictures are drawn and lie in the media store."""
        for kind, awaited in self._shots:
            drawn = awaited.result()
            caption = f"{_CAPTIONS[kind]}（画的示例图）"
            self._stored[kind].append(Picture(drawn, catalog.store_files(drawn), caption))

    def hang(self, pack: Pack, kind: str, *, by: str) -> None:
        """The pack shows a picture of that scene, or of another where there is none of it."""
        found = self._stored.get(kind) or next(iter(self._stored.values()))
        one = found[pack.id % len(found)]
        catalog.show(pack, one.renditions, one.stem, by=by, alt=one.caption)


@contextmanager
def begun(count: int) -> Iterator[Album]:
    """That many pictures are being drawn in other processes, which are gone when the block ends."""
    # Fresh processes: a forked one would share our connections to the database.
    pool = ProcessPoolExecutor(_WORKERS, mp_context=multiprocessing.get_context("spawn"))
    try:
        yield Album([(kind, pool.submit(shot, kind, seed)) for kind, seed in _ROLL[:count]])
    finally:
        pool.shutdown(cancel_futures=True)
