"""What one person may send in photos: counted at the door, before anything is decoded, whatever becomes of it."""

from __future__ import annotations

from datetime import timedelta

from app.gateways.images import Renditions, renditions
from app.kernel.db import transaction
from app.kernel.permissions import Viewer
from app.people.accounts import attempts
from app.people.accounts.attempts import Kind
from app.people.accounts.errors import TooManyAttempts, TooManyBytesSent, TooManyPhotosSent

MEGABYTE = 1_000_000
PHOTOS = Kind("photos", ((60, timedelta(hours=1)), (200, timedelta(days=1))))
MEGABYTES = Kind("photo_megabytes", ((300, timedelta(hours=1)), (800, timedelta(days=1))))
"""Begun megabytes of what was sent, not of what is kept of it, which is a tenth."""


def photo(data: bytes, *, by: Viewer) -> Renditions:
    """The photo in three sizes, counted for who sent it. Outside any transaction.

    Raises as `count` and `images.renditions` do.
    """
    count(data, by=by)
    return renditions(data)


def count(data: bytes, *, by: Viewer) -> None:
    """Count a file that somebody sends, in a transaction of its own. Raises `TooManyPhotosSent`, `TooManyBytesSent`."""
    subject = f"person:{by.person_id}"
    with transaction():
        try:
            attempts.count(PHOTOS, subject)
        except TooManyAttempts as error:
            raise TooManyPhotosSent() from error
        try:
            attempts.count(MEGABYTES, subject, times=-(-len(data) // MEGABYTE))
        except TooManyAttempts as error:
            raise TooManyBytesSent() from error
