"""People, their roles, their open sign-ins, what they agreed to, and who looked at their numbers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Chosen
from app.people.accounts.states import Purpose, Role, SignInWay


class Person(Base):
    """Somebody who can sign in: by a mobile number, kept sealed, and a password."""

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    phone_index: Mapped[str] = mapped_column(unique=True)
    phone_sealed: Mapped[bytes] = mapped_column(repr=False)
    name: Mapped[str]
    password_hash: Mapped[str] = mapped_column(repr=False)
    password_changed_at: Mapped[datetime]
    created_at: Mapped[datetime]
    password_expires_at: Mapped[datetime | None] = mapped_column(default=None)
    disabled_at: Mapped[datetime | None] = mapped_column(default=None)
    totp_sealed: Mapped[bytes | None] = mapped_column(default=None, repr=False)
    totp_enrolled_at: Mapped[datetime | None] = mapped_column(default=None)
    totp_last_step: Mapped[int | None] = mapped_column(default=None)
    recovery_hashes: Mapped[str] = mapped_column(default="", repr=False)

    @property
    def actor(self) -> str:
        """How ledger and audit name the person."""
        return f"person:{self.id}"

    @property
    def is_enrolled(self) -> bool:
        """Whether a second factor is in force."""
        return self.totp_enrolled_at is not None

    @property
    def has_temporary_password(self) -> bool:
        """Whether the password was given by somebody else and waits to be changed."""
        return self.password_expires_at is not None

    def spend(self, recovery_hash: str) -> bool:
        """Use up a recovery code; whether it was there to be used."""
        left = self.recovery_hashes.split()
        if recovery_hash not in left:
            return False
        left.remove(recovery_hash)
        self.recovery_hashes = " ".join(left)
        return True


class RoleGrant(Base):
    """A role that a person holds, or held, within a scope; one with an end of its own is over then by itself."""

    __tablename__ = "role_grants"
    __table_args__ = (
        Index(
            "uq_role_grants_open",
            "person_id",
            "role",
            "scope",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_role_grants_scope", "scope"),
    )

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    role: Mapped[Role] = mapped_column(Chosen(Role))
    scope: Mapped[str]
    granted_by: Mapped[str]
    granted_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    ends_at: Mapped[datetime | None] = mapped_column(default=None)


class SignIn(Base):
    """One open or ended sign-in on one device; the cookie holds a token, the row its digest."""

    __tablename__ = "sign_ins"

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    token_digest: Mapped[str] = mapped_column(unique=True, repr=False)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    device: Mapped[str]
    address: Mapped[str]
    way: Mapped[SignInWay] = mapped_column(Chosen(SignInWay), default=SignInWay.PASSWORD)
    stepped_up_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)


class Attempt(Base):
    """One counted try at a secret. `subject` is a keyed hash or a person's id, never a number in clear."""

    __tablename__ = "attempts"
    __table_args__ = (Index("ix_attempts_subject", "kind", "subject", "at"), Index("ix_attempts_at", "at"))

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    kind: Mapped[str]
    subject: Mapped[str]
    at: Mapped[datetime]


class Consent(Base):
    """That a person agreed to a purpose, in which wording, when, and when he took it back."""

    __tablename__ = "consents"

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    purpose: Mapped[Purpose] = mapped_column(Chosen(Purpose))
    text_version: Mapped[str]
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None] = mapped_column(default=None)


class Disclosure(Base):
    """That somebody opened a masked value: who, whose, which field, why, when."""

    __tablename__ = "disclosures"
    __table_args__ = (Index("ix_disclosures_viewer_id", "viewer_id", "at"),)

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    viewer_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    field: Mapped[str]
    because: Mapped[str]
    at: Mapped[datetime]
