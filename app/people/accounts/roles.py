"""Who may be given which role, and taking it away again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from app.audit import service as audit
from app.kernel import clock
from app.kernel.db import locked, session
from app.kernel.errors import Forbidden, NotFound
from app.kernel.permissions import COUNTY, Viewer
from app.people.accounts import queries, wording
from app.people.accounts.errors import AlreadyHeld, BadScope, NotSteppedUp, RolesExclude, SelfGrant
from app.people.accounts.models import RoleGrant
from app.people.accounts.permissions import PEOPLE_GRANT
from app.people.accounts.states import STAFF, Role, exclude_each_other
from app.people.townships import queries as townships


def grant(person_id: int, role: Role, scope: str, *, by: Viewer, because: str) -> RoleGrant:
    """Give a person a staff role; it counts from his next request.

    Raises `SelfGrant`, `Forbidden`, `NotSteppedUp`, `ReasonMissing`, and as `appoint` does. The seller's role is
    given by verifying a seller, never here.
    """
    _refuse_unless_granter(by, over=person_id)
    if role not in STAFF:
        raise BadScope(field="role")
    return appoint(person_id, role, scope, by=by.actor, because=wording.reason(because))


def appoint(
    person_id: int, role: Role, scope: str, *, by: str, because: str, ends_at: datetime | None = None
) -> RoleGrant:
    """Give a person a role on behalf of the house: the command line, or a rule that has been met.

    With `ends_at` it is over by itself at that moment.

    Raises `NotFound`, `BadScope`, `RolesExclude` (who audits does nothing else, who administers approves nothing)
    and `AlreadyHeld`.
    """
    person = queries.person(person_id, lock=True)
    _check_scope(role, scope)
    for held in queries.grants_of(person_id):
        if exclude_each_other(held.role, role):
            raise RolesExclude(field="role", held=held.role.words, wanted=role.words)
        if (held.role, held.scope) == (role, scope):
            raise AlreadyHeld(field="role")
    _put_away_what_is_over(person.id, role, scope, by=by)
    given = RoleGrant(
        person_id=person.id, role=role, scope=scope, granted_by=by, granted_at=clock.now(), ends_at=ends_at
    )
    session().add(given)
    session().flush()
    audit.note("people.grant", f"person:{person.id}", by=by, because=because, role=role.value, scope=scope)
    return given


def revoke(grant_id: int, *, by: Viewer, because: str) -> None:
    """End a staff role; the person's next request no longer has it.

    Raises `NotFound`, `SelfGrant`, `Forbidden`, `NotSteppedUp`, `ReasonMissing`.
    """
    found = session().scalars(locked(select(RoleGrant).where(RoleGrant.id == grant_id))).one_or_none()
    if found is None or found.ended_at is not None or found.role not in STAFF:
        raise NotFound()
    _refuse_unless_granter(by, over=found.person_id)
    end(found, by=by.actor, because=wording.reason(because))


def end(found: RoleGrant, *, by: str, because: str) -> None:
    """End a role on behalf of the house."""
    found.ended_at = clock.now()
    audit.note(
        "people.revoke",
        f"person:{found.person_id}",
        by=by,
        because=because,
        role=found.role.value,
        scope=found.scope,
    )


def _put_away_what_is_over(person_id: int, role: Role, scope: str, *, by: str) -> None:
    """A role that was over by itself is ended, so that the same may be given anew."""
    over = select(RoleGrant).where(
        RoleGrant.person_id == person_id, RoleGrant.role == role, RoleGrant.scope == scope, RoleGrant.ended_at.is_(None)
    )
    for one in session().scalars(locked(over)).all():
        end(one, by=by, because="已经到期")
    session().flush()


def _refuse_unless_granter(by: Viewer, *, over: int) -> None:
    if not by.may(PEOPLE_GRANT):
        raise Forbidden()
    if by.person_id == over:
        raise SelfGrant()
    if not by.is_stepped_up:
        raise NotSteppedUp()


def _check_scope(role: Role, scope: str) -> None:
    kind, _, name = scope.partition(":")
    if role is Role.TOWNSHIP:
        is_fitting = kind == "township" and any(place.code == name for place in townships.present())
    elif role in (Role.SELLER, Role.AGENT):
        is_fitting = kind == "seller" and name.isascii() and name.isdigit()
    else:
        is_fitting = role is not Role.BUYER and scope == COUNTY
    if not is_fitting:
        raise BadScope(field="scope")
