"""Acting in a seller's name: by its own people, or by an agent whose mandate is good at this very moment."""

from __future__ import annotations

from sqlalchemy import select

from app.kernel.db import locked, session
from app.kernel.permissions import Viewer
from app.people.accounts import queries as accounts
from app.people.accounts.models import RoleGrant
from app.people.accounts.states import Role
from app.people.agents.errors import MandateOver


def in_name_of(seller_id: int, *, by: Viewer) -> str:
    """How records name the viewer in what he does for this seller, in the transaction of the act.

    An agent's right is looked at anew and held to the end of the transaction, so that a withdrawal at the same moment
    comes before the act, which then is refused, or after it. Raises `MandateOver`.
    """
    if seller_id in by.agent_for:
        held = select(RoleGrant).where(
            RoleGrant.person_id == by.person_id,
            RoleGrant.role == Role.AGENT,
            RoleGrant.scope == f"seller:{seller_id}",
            accounts.is_held(),
        )
        if session().scalars(locked(held)).first() is None:
            raise MandateOver()
    return by.acting_for(seller_id)
