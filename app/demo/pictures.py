"""Demonstration photos drawn by code, so that an empty shelf has something true to its place to show."""

from io import BytesIO
from random import Random
from typing import Final

from app.demo import bough, land, paint, still

_SCENES: Final = {
    "heap": still.heap,
    "bowl": still.bowl,
    "box": still.box,
    "sack": still.sack,
    "branch": bough.branch,
    "terraces": land.terraces,
    "racks": land.racks,
}
KINDS: Final = tuple(_SCENES)
_OPEN_AIR: Final = frozenset({"terraces", "racks"})


def draw(kind: str, *, seed: int) -> bytes:
    """A JPEG of 1200 × 900 pixels; the same kind and seed give the same picture. Unknown kinds raise `KeyError`."""
    rng = Random(f"{kind} {seed}")
    finish = paint.finished_outside if kind in _OPEN_AIR else paint.finished
    out = BytesIO()
    finish(_SCENES[kind](rng), rng).save(out, "JPEG", quality=86, optimize=True)
    return out.getvalue()
