"""Whether this is the demo county."""

from __future__ import annotations

from app.demo.models import DemoCounty
from app.kernel import cache
from app.kernel.db import session


def is_demo_county() -> bool:
    """Whether the figures and people here are examples."""
    return cache.kept("demo", is_one_now, seconds=60)


def is_one_now() -> bool:
    """The same, asked of the database at once, for what must never go to a real person."""
    return session().get(DemoCounty, 1) is not None
