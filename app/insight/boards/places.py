"""The places of a board: the townships of the present, and what their codes were before."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from app.kernel.db import session
from app.kernel.errors import NotFound
from app.people.townships import queries as townships
from app.people.townships.models import Township

NOWHERE = "other"


@dataclass(frozen=True, slots=True)
class Place:
    """A township of the present, or what is booked under no known code (`NOWHERE`)."""

    code: str
    name: str

    @property
    def is_township(self) -> bool:
        """Whether it has a page of its own."""
        return self.code != NOWHERE


@dataclass(frozen=True, slots=True)
class Places:
    """All codes that ever were: what each is called, and under which one it is counted now."""

    names: dict[str, str]
    now_under: dict[str, str]

    @classmethod
    def read(cls) -> Places:
        """As they stand in the database."""
        names = session().execute(select(Township.code, Township.name).order_by(Township.code))
        return cls(dict(names.all()), townships.present_codes())

    def present(self) -> list[Place]:
        """Those of the present, in the order of their codes."""
        return [Place(code, name) for code, name in self.names.items() if self.now_under[code] == code]

    def now(self, code: str) -> Place:
        """The place under which a code is counted now. Raises `NotFound` when it never was one."""
        if code not in self.now_under:
            raise NotFound()
        present = self.now_under[code]
        return Place(present, self.names[present])

    def codes(self, place: Place) -> frozenset[str]:
        """The codes that count under the place."""
        return frozenset(code for code, present in self.now_under.items() if present == place.code)

    def folded(self, parts: dict[str, int]) -> dict[str, int]:
        """Amounts by code as the books have it → by code of the present, or `NOWHERE`."""
        folded: dict[str, int] = {}
        for code, amount in parts.items():
            place = self.now_under.get(code, NOWHERE)
            folded[place] = folded.get(place, 0) + amount
        return folded
