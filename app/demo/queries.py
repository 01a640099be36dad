"""Whether this is the demo county."""

from __future__ import annotations

from app.demo.models import DemoCounty
from app.kernel import cache
from app.kernel.db import session


def is_demo_county() -> bool:
    """Whether the figures and people here are examples."""
    return cache.kept("demo", lambda: session().get(DemoCounty, 1) is not None, seconds=60)
