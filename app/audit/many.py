"""Appending many audit rows at once, for an act that touches thousands of things."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from sqlalchemy import Table, insert

from app.audit.models import AuditRow
from app.kernel import clock
from app.kernel.db import TransactionMisused, in_transaction, session
from app.kernel.logs import request_id

_APPEND = insert(cast(Table, AuditRow.__table__))


def note_all(act: str, things: Sequence[str], *, by: str, because: str = "") -> None:
    """A row for each thing, as `service.note` appends for one. Raises `TransactionMisused` outside a transaction."""
    if not in_transaction():
        raise TransactionMisused("audit rows outside a transaction")
    if not things:
        return
    current = session()
    current.flush()
    same = {
        "at": clock.now(),
        "actor": by,
        "act": act,
        "because": because,
        "details": "{}",
        "request_id": request_id(),
    }
    current.connection().execute(_APPEND, [{**same, "thing": thing} for thing in things])
