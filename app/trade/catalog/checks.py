"""Proving that pictures and their files agree."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from sqlalchemy import select

from app.kernel.checks import Check, Finding
from app.kernel.db import session
from app.kernel.errors import NotFound
from app.trade.catalog import media
from app.trade.catalog.models import PackPhoto


def _files() -> Iterator[Finding]:
    """V15: every picture that a row names is stored, and its full size is the one that came."""
    store = media.store()
    for photo in session().scalars(select(PackPhoto)):
        missing = [size for size in ("list", "page") if not store.exists(photo.key(size))]
        try:
            full = store.get(photo.key("full"))
        except NotFound:
            missing.append("full")
        else:
            if hashlib.sha256(full).hexdigest() != photo.sha256:
                yield Finding(f"photo {photo.stem}", "is not the picture that came")
        for size in missing:
            yield Finding(f"photo {photo.stem}", f"{size} is missing")


CHECKS = (Check("V15", "每张照片的文件都在且没有被改", _files),)
