"""The words in which slices tell the books what moved."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from app.ledger.books.models import CommodityKind, Floor, Unit


@dataclass(frozen=True, slots=True)
class Goods:
    """A commodity by its code."""

    code: str
    kind: CommodityKind
    unit: Unit


CNY = Goods("CNY", CommodityKind.MONEY, Unit.FEN)


@dataclass(frozen=True, slots=True)
class Role:
    """What an account is for, and which side of it may never outgrow the other."""

    name: str
    floor: Floor = Floor.NONE


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of event, with the words that a board shows."""

    name: str
    words: str


@dataclass(frozen=True, slots=True)
class Place:
    """An account by its identity. `subject` is a loan, lot@place, claim or order."""

    goods: Goods
    role: Role
    party: str = ""
    township: str = ""
    programme: str = ""
    subject: str = ""

    @property
    def identity(self) -> tuple[str, str, str, str, str, str]:
        """The order in which accounts are born."""
        return (self.goods.code, self.role.name, self.party, self.township, self.programme, self.subject)


@dataclass(frozen=True, slots=True)
class Post:
    """Move `amount` from `credit` to `debit`, for good."""

    debit: Place
    credit: Place
    amount: int


@dataclass(frozen=True, slots=True)
class Hold:
    """Keep `amount` of `credit` for `debit` until `until`; None: until settled or given up."""

    debit: Place
    credit: Place
    amount: int
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Settle:
    """Make an open hold a posting of `amount`; None: all of it. The rest, if any, becomes free."""

    hold: int
    amount: int | None = None


@dataclass(frozen=True, slots=True)
class Void:
    """Give an open hold up."""

    hold: int


Movement = Post | Hold | Settle | Void


@dataclass(frozen=True, slots=True)
class Act:
    """One of several events that are written at once; see `record` for what its fields mean."""

    kind: Kind
    movements: tuple[Movement, ...]
    subject: str
    key: str


@dataclass(frozen=True, slots=True)
class Undo:
    """One of several events that are written at once: the mirror of an earlier one; see `reverse`."""

    kind: Kind
    event_id: int
    key: str


@dataclass(frozen=True, slots=True)
class Balance:
    """The counters of an account, in the commodity's unit."""

    dr: int = 0
    cr: int = 0
    dr_held: int = 0
    cr_held: int = 0

    @property
    def net(self) -> int:
        """Debits less credits."""
        return self.dr - self.cr

    @property
    def free(self) -> int:
        """What a floor on the debit side still lets out."""
        return self.dr - self.cr - self.cr_held


@dataclass(frozen=True, slots=True)
class Recorded:
    """What an act put into the books: the event, and its transfers in the order of the movements."""

    event_id: int
    transfers: list[int] = field(default_factory=list)
