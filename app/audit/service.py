"""Keeping the audit: a row with every act, and the chain that the worker makes of committed rows."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import cast

from sqlalchemy import Select, Table, func, insert, select, text

from app.audit.models import AuditLink, AuditRow
from app.kernel import clock
from app.kernel.db import TransactionMisused, database, in_transaction, session
from app.kernel.logs import request_id

FIRST_DIGEST = "0" * 64
LINKING = 141_125_002
_LATE_COMMITS = 10_000
_BATCH = 5_000
_APPEND = insert(cast(Table, AuditRow.__table__))


def note(act: str, thing: str, *, by: str, because: str = "", **details: str | int | bool | None) -> None:
    """Append who did what to which thing, in the transaction of the act. Raises `TransactionMisused` outside one."""
    if not in_transaction():
        raise TransactionMisused("an audit row outside a transaction")
    current = session()
    current.flush()
    # Past the mapper, which takes three times as long over one row.
    current.connection().execute(
        _APPEND,
        {
            "at": clock.now(),
            "actor": by,
            "act": act,
            "thing": thing,
            "because": because,
            "details": json.dumps(details, ensure_ascii=False, sort_keys=True),
            "request_id": request_id(),
        },
    )


def link() -> int:
    """Chain committed rows that are not linked yet, oldest first; the number linked. One linker at a time."""
    current = session()
    if not database().is_sqlite:
        current.execute(text(f"SELECT pg_advisory_xact_lock({LINKING})"))
    last = current.scalars(select(AuditLink).order_by(AuditLink.seq.desc()).limit(1)).first()
    seq, prev = (last.seq, last.digest) if last else (0, FIRST_DIGEST)
    links = []
    for row in current.scalars(unlinked().limit(_BATCH)).all():
        seq += 1
        digest = digest_of(row, prev=prev)
        links.append({"seq": seq, "audit_id": row.id, "digest": digest, "prev": prev})
        prev = digest
    if links:
        current.execute(insert(AuditLink), links)
    return len(links)


def unlinked() -> Select[AuditRow]:
    """Rows that no link names, oldest first; ids may commit out of order, so a stretch is looked at anew."""
    newest = func.coalesce(select(func.max(AuditLink.audit_id)).scalar_subquery(), 0)
    return (
        select(AuditRow)
        .where(AuditRow.id > newest - _LATE_COMMITS)
        .where(~select(AuditLink.seq).where(AuditLink.audit_id == AuditRow.id).exists())
        .order_by(AuditRow.id)
    )


def digest_of(row: AuditRow, *, prev: str) -> str:
    """SHA-256 over the digest before and all columns of the row, as hex."""
    columns = [row.at.isoformat(), row.actor, row.act, row.thing, row.because, row.details, row.request_id]
    # As JSON, so that no text can move from one column to the next unseen.
    return hashlib.sha256(json.dumps([prev, row.id, *columns], ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Verdict:
    """How far the chain holds: links that recompute, the first broken row, and the rows not linked yet."""

    linked: int
    broken_row: int | None
    tail: list[int]


def verify() -> Verdict:
    """Recompute the chain from its first link."""
    current = session()
    prev, seq = FIRST_DIGEST, 0
    statement = (
        select(AuditLink, AuditRow).outerjoin(AuditRow, AuditRow.id == AuditLink.audit_id).order_by(AuditLink.seq)
    )
    for chain, row in current.execute(statement.execution_options(yield_per=2000)):
        sound = chain.seq == seq + 1 and chain.prev == prev and row is not None
        if not sound or chain.digest != digest_of(row, prev=prev):
            return Verdict(seq, chain.audit_id, [])
        seq, prev = chain.seq, chain.digest
    missing = select(AuditRow.id).where(~select(AuditLink.seq).where(AuditLink.audit_id == AuditRow.id).exists())
    return Verdict(seq, None, list(current.scalars(missing.order_by(AuditRow.id))))
