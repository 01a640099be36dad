"""Proving that complaints say what was said in them, that nothing was taken out, and that pictures are there."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import select

from app.kernel.checks import Check, Finding
from app.kernel.crypto import Undecipherable
from app.kernel.db import session
from app.kernel.errors import NotFound
from app.people.growers.models import Membership
from app.trade.catalog import media
from app.trade.complaints import photos, queries
from app.trade.complaints.models import Complaint, Entry, Photo
from app.trade.complaints.states import Act, ComplaintState

_NEEDS = {
    ComplaintState.ANSWERED: Act.ANSWERED,
    ComplaintState.CLOSED: Act.ANSWERED,
    ComplaintState.SETTLED: Act.SETTLED,
    ComplaintState.DECIDED: Act.DECIDED,
}


def _threads() -> Iterator[Finding]:
    """B4: each thread begins with the buyer, has no gap, opens, and says what the state says; nobody judged himself."""
    entries: dict[int, list[Entry]] = defaultdict(list)
    for entry in session().scalars(select(Entry).order_by(Entry.complaint_id, Entry.position)):
        entries[entry.complaint_id].append(entry)
    members: dict[int, list[Membership]] = defaultdict(list)
    for row in session().scalars(select(Membership)):
        members[row.seller_id].append(row)
    for complaint in session().scalars(select(Complaint)):
        wrong = _wrong_with(complaint, entries[complaint.id], members[complaint.seller_id])
        if wrong:
            yield Finding(f"complaint {complaint.number}", wrong)


def _wrong_with(complaint: Complaint, thread: list[Entry], members: list[Membership]) -> str:
    if [one.position for one in thread] != list(range(1, len(thread) + 1)) or not thread:
        return "its thread has a gap"
    if (thread[0].act, thread[0].person_id) != (Act.MADE, complaint.buyer_id):
        return "does not begin with its buyer"
    acts = {one.act for one in thread}
    if complaint.state in _NEEDS and _NEEDS[complaint.state] not in acts:
        return f"is {complaint.state.value}, and nobody said so"
    for one in thread:
        if one.act is Act.DECIDED and _is_party(one, complaint, members):
            return "was decided by one of its parties"
        try:
            queries.words_of(one, complaint.number)
        except Undecipherable:
            return f"entry {one.position} does not open"
    return ""


def _is_party(one: Entry, complaint: Complaint, members: list[Membership]) -> bool:
    """Whether who spoke was the buyer, or acted for the seller at that moment."""
    acts_for_seller = any(
        row.person_id == one.person_id and row.since <= one.at and (row.ended_at is None or row.ended_at > one.at)
        for row in members
    )
    return one.person_id == complaint.buyer_id or acts_for_seller


def _files() -> Iterator[Finding]:
    """B5: every picture of a complaint is stored, and is the one that came."""
    store = media.store()
    for photo in session().scalars(select(Photo)):
        if not store.exists(photos.key(photo.stem, "page")):
            yield Finding(f"photo {photo.stem}", "page is missing")
        try:
            full = store.get(photos.key(photo.stem, "full"))
        except NotFound:
            yield Finding(f"photo {photo.stem}", "full is missing")
            continue
        if hashlib.sha256(full).hexdigest() != photo.sha256:
            yield Finding(f"photo {photo.stem}", "is not the picture that came")


CHECKS = (
    Check("B4", "投诉的话一句不少、能打开，谁说的和到哪一步对得上", _threads),
    Check("B5", "投诉的照片都在且没有被改", _files),
)
