"""To which bank account a seller is paid."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Chosen
from app.kernel.states import move
from app.people.purse import numbers
from app.people.purse.states import MOVES, AccountState, Bank, Ending


class BankAccount(Base):
    """An account that a person gave for a seller, sealed under his own consent while it is of use.

    Once refused or ended the row keeps the last four digits alone.
    """

    __tablename__ = "bank_accounts"
    __table_args__ = (
        *(
            Index(
                f"uq_bank_accounts_{state.value}",
                "seller_id",
                unique=True,
                sqlite_where=text(f"state = '{state.value}'"),
                postgresql_where=text(f"state = '{state.value}'"),
            )
            for state in (AccountState.WAITING, AccountState.VERIFIED)
        ),
        Index("ix_bank_accounts_state", "state", "id"),
    )

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    holder: Mapped[str]
    bank: Mapped[Bank] = mapped_column(Chosen(Bank))
    bank_name: Mapped[str]
    tail: Mapped[str]
    number_index: Mapped[str | None] = mapped_column(unique=True, repr=False)
    consent_id: Mapped[int] = mapped_column(ForeignKey("consents.id"))
    entered_by: Mapped[str]
    entered_at: Mapped[datetime]
    number_sealed: Mapped[bytes | None] = mapped_column(default=b"", repr=False)
    state: Mapped[AccountState] = mapped_column(Chosen(AccountState), default=AccountState.WAITING)
    decided_at: Mapped[datetime | None] = mapped_column(default=None)
    decided_by: Mapped[str | None] = mapped_column(default=None)
    because: Mapped[str | None] = mapped_column(default=None)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    ending: Mapped[Ending | None] = mapped_column(Chosen(Ending), default=None)

    @property
    def masked(self) -> str:
        """****1234."""
        return numbers.masked(self.tail)

    @property
    def bank_words(self) -> str:
        """The bank as people read it."""
        return self.bank_name or self.bank.words

    def decide(self, new: AccountState, *, by: str, because: str, at: datetime) -> None:
        """Verified or refused, with the reason; a refused one loses its number. Raises `IllegalMove`."""
        self.state = move(MOVES, self.state, new)
        self.decided_by, self.because, self.decided_at = by, because, at
        if new is AccountState.REFUSED:
            self._forget_number()

    def end(self, ending: Ending, *, at: datetime) -> None:
        """Used no more from now on; the number is gone. Raises `IllegalMove`."""
        self.state = move(MOVES, self.state, AccountState.ENDED)
        self.ending, self.ended_at = ending, at
        self._forget_number()

    def _forget_number(self) -> None:
        self.number_index = self.number_sealed = None
