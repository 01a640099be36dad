"""Sellers, their people, their households, and how their status came about."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Chosen
from app.kernel.states import move
from app.people.growers.states import (
    CHANGE_MOVES,
    MOVES,
    ChangeState,
    SellerKind,
    SellerStatus,
    licence_words,
    public_words,
)


class Seller(Base):
    """Somebody who sells jujubes here, once the township has verified him."""

    __tablename__ = "sellers"
    __table_args__ = (Index("ix_sellers_township_code_status", "township_code", "status"),)

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[SellerKind] = mapped_column(Chosen(SellerKind))
    township_code: Mapped[str] = mapped_column(ForeignKey("townships.code"))
    contact_person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    created_at: Mapped[datetime]
    village_id: Mapped[int | None] = mapped_column(ForeignKey("villages.id"), default=None)
    status: Mapped[SellerStatus] = mapped_column(Chosen(SellerStatus), default=SellerStatus.APPLIED)
    licence_no: Mapped[str | None] = mapped_column(default=None)
    verified_at: Mapped[datetime | None] = mapped_column(default=None)
    verified_by: Mapped[str | None] = mapped_column(default=None)
    words: Mapped[str] = mapped_column(default="")

    @property
    def is_active(self) -> bool:
        """Whether its goods may be shown and sold now."""
        return self.status is SellerStatus.ACTIVE

    @property
    def public_words(self) -> str:
        """What a buyer reads under the name."""
        return public_words(self.kind, self.status)

    @property
    def licence_words(self) -> str:
        """What a buyer reads where others show a licence."""
        return licence_words(self.kind, self.licence_no)

    def become(self, new: SellerStatus) -> None:
        """Move along `MOVES`. Raises `IllegalMove`."""
        self.status = move(MOVES, self.status, new)


class Household(Base):
    """The farming household behind a seller."""

    __tablename__ = "households"

    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"), primary_key=True)
    head_name: Mapped[str]
    members: Mapped[int]


class Membership(Base):
    """That a person acts for a seller, until it ends."""

    __tablename__ = "seller_memberships"
    __table_args__ = (
        Index(
            "uq_seller_memberships_open",
            "seller_id",
            "person_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    since: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(default=None)


class StatusChange(Base):
    """One step in a seller's life: who moved it, from where to where, when and why."""

    __tablename__ = "seller_status_changes"

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"), index=True)
    at: Mapped[datetime]
    by: Mapped[str]
    new: Mapped[SellerStatus] = mapped_column(Chosen(SellerStatus))
    because: Mapped[str]
    old: Mapped[SellerStatus | None] = mapped_column(Chosen(SellerStatus), default=None)


class SellerChange(Base):
    """What a verified seller's own people want changed about it: as it was then, as it shall be, and what became of it.

    The seller itself stays as it is until its township has agreed.
    """

    __tablename__ = "seller_changes"
    __table_args__ = (
        Index(
            "uq_seller_changes_waiting",
            "seller_id",
            unique=True,
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index("ix_seller_changes_seller_id", "seller_id", "id"),
    )

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"))
    name: Mapped[str]
    licence_no: Mapped[str | None]
    words: Mapped[str]
    old_name: Mapped[str]
    old_licence_no: Mapped[str | None]
    old_words: Mapped[str]
    proposed_by: Mapped[str]
    proposed_at: Mapped[datetime]
    state: Mapped[ChangeState] = mapped_column(Chosen(ChangeState), default=ChangeState.WAITING)
    decided_at: Mapped[datetime | None] = mapped_column(default=None)
    decided_by: Mapped[str | None] = mapped_column(default=None)
    because: Mapped[str | None] = mapped_column(default=None)

    @property
    def differences(self) -> list[tuple[str, str, str]]:
        """(what, as it was, as it shall be) for each part that changes; an empty value is ""."""
        parts = (
            ("店名", self.old_name, self.name),
            ("许可证号", self.old_licence_no or "", self.licence_no or ""),
            ("介绍", self.old_words, self.words),
        )
        return [part for part in parts if part[1] != part[2]]

    def become(self, new: ChangeState) -> None:
        """Move along `CHANGE_MOVES`. Raises `IllegalMove`."""
        self.state = move(CHANGE_MOVES, self.state, new)


class ResidentId(Base):
    """A person's resident ID, sealed, kept under his own consent; the keyed hash holds it unique."""

    __tablename__ = "resident_ids"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    id_index: Mapped[str] = mapped_column(unique=True)
    id_sealed: Mapped[bytes] = mapped_column(repr=False)
    consent_id: Mapped[int] = mapped_column(ForeignKey("consents.id"))
    stored_at: Mapped[datetime]
