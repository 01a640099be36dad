"""What a permission is, and who is asking; the slices name their permissions, `policy.py` gives them to roles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

COUNTY = "county"
OWN = "own"
AGENT = "agent"
"""The role of who acts in a seller's name without being one of its people."""


@dataclass(frozen=True, slots=True)
class Permission:
    """A right to one kind of act, such as `orders.cancel`, with the words that people read."""

    key: str
    words: str
    needs_step_up: bool = False

    def __str__(self) -> str:
        return self.key


Policy = Mapping[str, frozenset[Permission]]
"""Role → the permissions that it gives."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A role held within a scope: `county`, `township:141125105`, `seller:12`, or `own` for what is the person's."""

    role: str
    scope: str


@dataclass(frozen=True, slots=True)
class Viewer:
    """The signed-in person who asks, with the rights he has at this moment."""

    person_id: int
    name: str
    grants: tuple[Grant, ...]
    rights: Mapping[str, frozenset[str]] = field(repr=False)
    sign_in_id: int = 0
    is_stepped_up: bool = True

    @classmethod
    def of(
        cls,
        *,
        person_id: int,
        name: str,
        grants: Iterable[Grant],
        policy: Policy,
        sign_in_id: int = 0,
        is_stepped_up: bool = True,
    ) -> Viewer:
        """Work out the rights that the grants give under the policy."""
        held = tuple(grants)
        rights: dict[str, set[str]] = {}
        for grant in held:
            for permission in policy.get(grant.role, frozenset()):
                rights.setdefault(permission.key, set()).add(grant.scope)
        frozen = {key: frozenset(scopes) for key, scopes in rights.items()}
        return cls(person_id, name, held, frozen, sign_in_id, is_stepped_up)

    @property
    def actor(self) -> str:
        """How ledger and audit name him."""
        return f"person:{self.person_id}"

    def acting_for(self, seller_id: int) -> str:
        """How ledger and audit name him in what he does for this seller, to be given as `by`.

        `person:7` for one of its own people, and for whoever has no part in it; `person:7 for seller:12` for one who
        acts only as its agent, so that a record always has both names.
        """
        return f"{self.actor} for seller:{seller_id}" if seller_id in self.agent_for else self.actor

    @property
    def is_staff(self) -> bool:
        """Whether he holds any role beyond buying and selling for himself."""
        return any(grant.scope != OWN and not grant.scope.startswith("seller:") for grant in self.grants)

    @property
    def is_seller(self) -> bool:
        """Whether he sells for somebody."""
        return bool(self.seller_ids)

    @property
    def seller_ids(self) -> frozenset[int]:
        """The sellers for whom he holds any role, as one of their people or as their agent."""
        return frozenset(_numbers(grant.scope for grant in self.grants))

    @property
    def own_seller_ids(self) -> frozenset[int]:
        """The sellers of which he is one of the people: whose money is his business."""
        return frozenset(_numbers(grant.scope for grant in self.grants if grant.role != AGENT))

    @property
    def agent_for(self) -> frozenset[int]:
        """The sellers for whom he acts only as an agent."""
        return self.seller_ids - self.own_seller_ids

    def may(self, permission: Permission) -> bool:
        """Whether he holds the permission in any scope."""
        return permission.key in self.rights

    def townships(self, permission: Permission) -> frozenset[str] | None:
        """The township codes within which he holds it; None: the whole county."""
        scopes = self.rights.get(permission.key, frozenset())
        if COUNTY in scopes:
            return None
        return frozenset(scope.removeprefix("township:") for scope in scopes if scope.startswith("township:"))

    def sellers(self, permission: Permission) -> frozenset[int]:
        """The ids of the sellers for whom he holds it."""
        return frozenset(_numbers(self.rights.get(permission.key, frozenset())))


def _numbers(scopes: Iterable[str]) -> Iterable[int]:
    return (int(scope.removeprefix("seller:")) for scope in scopes if scope.startswith("seller:"))
