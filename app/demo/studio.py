"""One picture from nothing to its three sizes, for a process that knows nothing else."""

from __future__ import annotations

from app.demo import pictures
from app.gateways.images import Renditions, renditions


def shot(kind: str, seed: int) -> Renditions:
    """The drawn scene, developed as a visitor's photo would be."""
    return renditions(pictures.draw(kind, seed=seed))
