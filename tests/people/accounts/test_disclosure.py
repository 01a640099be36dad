"""Opening a number: only where it is one's business, for a reason, on record, thirty times a day."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import DBAPIError

from app.audit.models import AuditRow
from app.kernel import clock
from app.kernel.crypto import Undecipherable
from app.kernel.db import Database, session, transaction
from app.kernel.errors import Forbidden, NotFound
from app.kernel.permissions import Viewer
from app.people.accounts import queries
from app.people.accounts import service as accounts
from app.people.accounts.errors import NotSteppedUp, ReasonMissing, TooManyDisclosures
from app.people.accounts.models import Disclosure, Person
from app.people.accounts.states import Role
from tests.people.cast import MENGMEN, PHONE, a_person, an_admin, at, viewer_for


def a_county_official(*, stepped_up: bool = True) -> Viewer:
    return viewer_for(a_person("13900000003", "孙县"), (Role.COUNTY, "county"), stepped_up=stepped_up)


def unmask(person: Person, by: Viewer, because: str = "核对收货纠纷") -> str:
    with transaction():
        return accounts.unmask_phone(person.id, by=by, because=because)


def rows() -> int:
    return session().scalars(select(func.count()).select_from(Disclosure)).one()


def test_a_number_is_opened_with_its_row_on_record(people: Database) -> None:
    person, official = a_person(), a_county_official()

    assert unmask(person, official) == PHONE

    row = session().scalars(select(Disclosure)).one()
    assert (row.viewer_id, row.person_id, row.field, row.because) == (
        official.person_id,
        person.id,
        "phone",
        "核对收货纠纷",
    )
    assert session().scalars(select(AuditRow).where(AuditRow.act == "people.unmask")).one().actor == official.actor


def test_without_a_reason_nothing_is_opened(people: Database) -> None:
    person, official = a_person(), a_county_official()

    with pytest.raises(ReasonMissing):
        unmask(person, official, "看看")
    assert rows() == 0


def test_without_the_second_factor_nothing_is_opened(people: Database) -> None:
    person = a_person()

    with pytest.raises(NotSteppedUp):
        unmask(person, a_county_official(stepped_up=False))


def test_buyers_and_administrators_open_no_number(people: Database) -> None:
    person = a_person()

    for viewer in (viewer_for(person), an_admin()):
        with pytest.raises(Forbidden):
            unmask(person, viewer)


def test_a_township_official_does_not_find_people_without_a_seller_of_his(people: Database) -> None:
    person = a_person()
    official = viewer_for(a_person("13900000002", "赵"), (Role.TOWNSHIP, f"township:{MENGMEN}"))

    with pytest.raises(NotFound):
        unmask(person, official)


def test_the_thirty_first_of_a_day_is_refused_and_the_next_day_begins_anew(people: Database) -> None:
    person, official = a_person(), a_county_official()
    noon = clock.start_of(clock.today()) + timedelta(hours=12)
    with at(noon):
        for _ in range(30):
            unmask(person, official)
        with pytest.raises(TooManyDisclosures):
            unmask(person, official)

    with at(noon + timedelta(hours=12)):
        assert unmask(person, official) == PHONE


def test_the_record_cannot_be_altered_or_deleted(people: Database) -> None:
    person, official = a_person(), a_county_official()
    unmask(person, official)

    with pytest.raises(DBAPIError), transaction() as current:
        current.execute(update(Disclosure).values(because="没看过"))
    with pytest.raises(DBAPIError), transaction() as current:
        current.execute(delete(Disclosure))
    assert rows() == 1


@pytest.mark.corrupts
def test_a_sealed_number_moved_to_another_person_does_not_open(people: Database) -> None:
    one, other = a_person(), a_person("13800005678", "钱")
    with transaction() as current:
        current.execute(update(Person).where(Person.id == other.id).values(phone_sealed=one.phone_sealed))

    session().expire_all()
    with pytest.raises(Undecipherable):
        queries.phone_of(queries.person(other.id))


def test_a_sealed_number_does_not_open_as_another_field(people: Database) -> None:
    one = a_person()
    with transaction() as current:
        current.execute(update(Person).where(Person.id == one.id).values(totp_sealed=one.phone_sealed))

    session().expire_all()
    with pytest.raises(Undecipherable):
        accounts.waiting_secret(by=viewer_for(one))
