"""Roles: granted by somebody else, with reasons, kept apart where they must be, in force at the next request."""

import pytest
from sqlalchemy import select

from app.audit.models import AuditRow
from app.kernel.db import Database, session, transaction
from app.kernel.errors import Forbidden, NotFound
from app.people.accounts import queries
from app.people.accounts import service as accounts
from app.people.accounts.errors import AlreadyHeld, BadScope, NotSteppedUp, ReasonMissing, RolesExclude, SelfGrant
from app.people.accounts.states import Role
from tests.people.cast import MENGMEN, a_person, an_admin, at, enter, later, signed_in_viewer, viewer_for

HERE = f"township:{MENGMEN}"


def give(person_id: int, role: Role, scope: str = "county") -> int:
    with transaction():
        return accounts.appoint(person_id, role, scope, by="test", because="任命").id


def test_a_granted_role_counts_from_the_next_request(people: Database) -> None:
    person, admin = a_person(), an_admin()
    token = enter()
    assert not signed_in_viewer(token).is_staff

    with transaction():
        accounts.grant(person.id, Role.TOWNSHIP, HERE, by=admin, because="新近到任")

    assert ("township_official", HERE) in {(grant.role, grant.scope) for grant in signed_in_viewer(token).grants}


def test_a_revoked_role_is_gone_at_the_next_request(people: Database) -> None:
    person, admin = a_person(), an_admin()
    grant_id = give(person.id, Role.COUNTY)
    token = enter()

    with transaction():
        accounts.revoke(grant_id, by=admin, because="调离本县")

    assert not signed_in_viewer(token).is_staff


def test_granting_is_on_record_with_its_reason(people: Database) -> None:
    person, admin = a_person(), an_admin()

    with transaction():
        accounts.grant(person.id, Role.AUDITOR, "county", by=admin, because="审计局委派")

    row = session().scalars(select(AuditRow).where(AuditRow.act == "people.grant")).one()
    assert (row.actor, row.thing, row.because) == (admin.actor, f"person:{person.id}", "审计局委派")


def test_nobody_grants_to_himself_or_takes_from_himself(people: Database) -> None:
    person = a_person()
    grant_id = give(person.id, Role.ADMIN)
    admin = viewer_for(person, (Role.ADMIN, "county"))

    with pytest.raises(SelfGrant), transaction():
        accounts.grant(person.id, Role.COUNTY, "county", by=admin, because="给我自己")
    with pytest.raises(SelfGrant), transaction():
        accounts.revoke(grant_id, by=admin, because="给我自己")


def test_who_may_not_grant_is_refused(people: Database) -> None:
    person, other = a_person(), a_person("13800005678", "钱")

    for viewer in (viewer_for(other), viewer_for(other, (Role.COUNTY, "county"))):
        with pytest.raises(Forbidden), transaction():
            accounts.grant(person.id, Role.COUNTY, "county", by=viewer, because="想当然吧")


def test_granting_needs_the_second_factor(people: Database) -> None:
    person, other = a_person(), a_person("13800005678", "钱")
    admin = viewer_for(other, (Role.ADMIN, "county"), stepped_up=False)

    with pytest.raises(NotSteppedUp), transaction():
        accounts.grant(person.id, Role.COUNTY, "county", by=admin, because="新近到任")


@pytest.mark.parametrize("because", ["", "   ", "太短", "长" * 201, "\u200b\u200b\u200b\u200b"])
def test_a_grant_without_a_reason_is_refused(people: Database, because: str) -> None:
    person, admin = a_person(), an_admin()

    with pytest.raises(ReasonMissing), transaction():
        accounts.grant(person.id, Role.COUNTY, "county", by=admin, because=because)


@pytest.mark.parametrize("other", [Role.TOWNSHIP, Role.COUNTY, Role.ADMIN])
@pytest.mark.parametrize("auditor_first", [True, False])
def test_an_auditor_holds_no_other_staff_role(people: Database, other: Role, auditor_first: bool) -> None:
    person = a_person()
    roles = [(Role.AUDITOR, "county"), (other, HERE if other is Role.TOWNSHIP else "county")]
    first, second = roles if auditor_first else reversed(roles)
    give(person.id, *first)

    with pytest.raises(RolesExclude):
        give(person.id, *second)


@pytest.mark.parametrize("approving", [Role.TOWNSHIP, Role.COUNTY])
def test_an_administrator_approves_nothing(people: Database, approving: Role) -> None:
    person = a_person()
    give(person.id, Role.ADMIN)

    with pytest.raises(RolesExclude):
        give(person.id, approving, HERE if approving is Role.TOWNSHIP else "county")


def test_township_and_county_may_be_one_person(people: Database) -> None:
    person = a_person()
    give(person.id, Role.TOWNSHIP, HERE)

    assert give(person.id, Role.COUNTY)


def test_an_auditor_may_sell_his_own_jujubes(people: Database) -> None:
    person = a_person()
    give(person.id, Role.AUDITOR)

    assert give(person.id, Role.SELLER, "seller:1")


def test_the_same_role_is_not_held_twice(people: Database) -> None:
    person = a_person()
    give(person.id, Role.COUNTY)

    with pytest.raises(AlreadyHeld):
        give(person.id, Role.COUNTY)


def test_a_role_can_be_given_again_after_it_ended(people: Database) -> None:
    person, admin = a_person(), an_admin()
    grant_id = give(person.id, Role.COUNTY)
    with transaction():
        accounts.revoke(grant_id, by=admin, because="调离本县")

    assert give(person.id, Role.COUNTY)


@pytest.mark.parametrize(
    ("role", "scope"),
    [
        (Role.TOWNSHIP, "county"),
        (Role.TOWNSHIP, "township:141125202"),
        (Role.TOWNSHIP, "township:141124105"),
        (Role.TOWNSHIP, "township:"),
        (Role.COUNTY, HERE),
        (Role.ADMIN, "own"),
        (Role.BUYER, "own"),
        (Role.SELLER, "county"),
        (Role.SELLER, "seller:x"),
        (Role.SELLER, "seller:١"),
    ],
)
def test_a_scope_that_does_not_fit_the_role_is_refused(people: Database, role: Role, scope: str) -> None:
    person = a_person()

    with pytest.raises(BadScope):
        give(person.id, role, scope)


def test_the_seller_s_role_is_not_granted_at_the_desk(people: Database) -> None:
    person, admin = a_person(), an_admin()

    with pytest.raises(BadScope), transaction():
        accounts.grant(person.id, Role.SELLER, "seller:1", by=admin, because="帮个忙吧")


def test_unknown_people_and_grants_are_not_found(people: Database) -> None:
    admin = an_admin()

    with pytest.raises(NotFound), transaction():
        accounts.grant(987654, Role.COUNTY, "county", by=admin, because="新近到任")
    with pytest.raises(NotFound), transaction():
        accounts.revoke(987654, by=admin, because="调离本县")


def test_everybody_holds_the_buyer_s_role_for_himself(people: Database) -> None:
    a_person()

    assert [(grant.role, grant.scope) for grant in signed_in_viewer(enter()).grants] == [("buyer", "own")]
    assert queries.EVERYBODY.scope == "own"


def act_for(person_id: int, *, days: int = 30) -> int:
    moment = later(days=days)
    with transaction():
        return accounts.appoint(person_id, Role.AGENT, "seller:12", by="test", because="枣农委托", ends_at=moment).id


@pytest.mark.corrupts
def test_a_role_with_an_end_is_over_at_that_moment_without_anybody_doing_anything(people: Database) -> None:
    person = a_person()
    act_for(person.id)

    with at(later(days=29)):
        assert signed_in_viewer(enter()).agent_for == {12}
    with at(later(days=31)):
        assert not signed_in_viewer(enter()).seller_ids


@pytest.mark.corrupts
def test_a_role_that_was_over_by_itself_may_be_given_anew(people: Database) -> None:
    person = a_person()
    act_for(person.id)

    with at(later(days=31)):
        act_for(person.id)

        assert [one.scope for one in queries.grants_of(person.id)] == ["seller:12"]


@pytest.mark.corrupts
def test_who_acts_for_growers_verifies_none_while_his_role_lasts(people: Database) -> None:
    person = a_person()
    act_for(person.id)

    with pytest.raises(RolesExclude):
        give(person.id, Role.TOWNSHIP, HERE)
