"""A POST that creates money, stock or a document is done once, however often it arrives.

The key is a row written in the transaction of its act. So there is never an act without its key nor a key without its
act, and a crashed run leaves nothing behind: its lease is the transaction itself, which the database ends when the
worker dies, or after `IDLE_IN_TRANSACTION_MS` when it hangs. A second request waits for the first and gets the same
answer; one that has waited `LOCK_WAIT_MS` is told to come back.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, PrimaryKeyConstraint, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Mapped, Session

from app.kernel import clock
from app.kernel.db import Base, database, is_mistake, session
from app.kernel.errors import BadValue, Conflict

KEPT_FOR = timedelta(days=7)


class StillRunning(Conflict):
    """The same request is being carried out right now."""

    code = "still_running"
    sentence = "刚才的提交正在办理，请稍等几秒再看结果，不用重复提交。"
    retry_after = 2


class KeyReused(BadValue):
    """The key came back with another content."""

    code = "key_reused"
    sentence = "这张表单已经提交过别的内容，请刷新页面后重新填写。"


class MissingKey(BadValue):
    """No usable key came with the request."""

    code = "missing_key"
    sentence = "页面停留太久，请刷新后再提交。"


class RequestKey(Base):
    """What was answered to one key of one actor."""

    __tablename__ = "request_keys"
    __table_args__ = (PrimaryKeyConstraint("actor", "key"),)

    actor: Mapped[str]
    key: Mapped[str]
    act: Mapped[str]
    content: Mapped[str]
    answer: Mapped[str]
    created_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Request:
    """Who asks with which key for which act, and the hash of what he sent."""

    actor: str
    key: str
    act: str
    content: str

    @classmethod
    def of(cls, *, actor: str, key: str, act: str, content: object) -> Request:
        """Hash the content. Raises `MissingKey` for a key that is empty or longer than 100 signs."""
        if not key or len(key) > 100 or "\0" in key:
            raise MissingKey()
        return cls(actor, key, act, hashlib.sha256(repr(content).encode("utf-8", "replace")).hexdigest())


def earlier_answer(request: Request, *, answer: str) -> str | None:
    """None when this is the first time: `answer` is then kept and the act must follow in this transaction.

    Otherwise the answer that was kept the first time. Raises `KeyReused` when the content differs and `StillRunning`
    when the first has not finished within the database's patience.
    """
    current = session()
    if _claim(current, request, answer=answer):
        return None
    row = current.scalars(
        select(RequestKey).where(RequestKey.actor == request.actor, RequestKey.key == request.key)
    ).one()
    if (row.act, row.content) != (request.act, request.content):
        raise KeyReused()
    return row.answer


def _claim(current: Session, request: Request, *, answer: str) -> bool:
    insert = sqlite.insert if database().is_sqlite else postgresql.insert
    statement = (
        insert(RequestKey)
        .values(
            actor=request.actor,
            key=request.key,
            act=request.act,
            content=request.content,
            answer=answer,
            created_at=clock.sql_now(),
        )
        .on_conflict_do_nothing()
        .returning(RequestKey.key)
    )
    try:
        return current.execute(statement).first() is not None
    except OperationalError as error:
        if is_mistake(error):
            raise
        raise StillRunning() from error


def forget_old_keys() -> int:
    """Delete keys older than seven days; the number deleted."""
    result: CursorResult[Any] = session().execute(  # type: ignore[assignment]
        delete(RequestKey).where(RequestKey.created_at < clock.now() - KEPT_FOR)
    )
    return result.rowcount
