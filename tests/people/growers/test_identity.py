"""Resident IDs: kept only under a consent of their own, one account each, opened by the township for a reason."""

from datetime import date

import pytest
from sqlalchemy import select, update

from app.kernel import clock
from app.kernel.crypto import Undecipherable
from app.kernel.db import Database, session, transaction
from app.kernel.errors import Forbidden, NotFound
from app.kernel.permissions import Viewer
from app.people.accounts import queries as accounts_queries
from app.people.accounts import service as accounts
from app.people.accounts.errors import ConsentMissing, NotSteppedUp, ReasonMissing
from app.people.accounts.models import Consent, Disclosure
from app.people.accounts.states import Purpose, Role
from app.people.growers import identity, resident_ids
from app.people.growers.errors import BadResidentId, ResidentIdTaken, TooYoung
from app.people.growers.models import ResidentId, Seller
from tests.people.cast import (
    SANJIAO,
    a_person,
    a_seller,
    an_official,
    enter,
    signed_in_viewer,
    viewer_for,
)

ID = "14112519550203001" + resident_ids.check_sign("14112519550203001")


def keep(by: Viewer, number: str = ID, version: str = "id-2026-01") -> None:
    with transaction():
        identity.keep_resident_id(number, consent_version=version, by=by)


@pytest.fixture
def seller(people: Database) -> Seller:
    """A verified household."""
    return a_seller()


@pytest.fixture
def grower(seller: Seller) -> Viewer:
    """Its contact, signed in."""
    return signed_in_viewer(enter("13700000001"))


def unmask(seller: Seller, by: Viewer, because: str = "核对贷款资料") -> str:
    with transaction():
        return identity.unmask_resident_id(seller.id, by=by, because=because)


def test_an_id_is_kept_with_its_consent_and_shown_masked(grower: Viewer) -> None:
    keep(grower)

    assert identity.masked_resident_id(grower.person_id) == f"1411**********{ID[-4:]}"
    consent = accounts_queries.consent_of(grower.person_id, Purpose.RESIDENT_ID)
    assert consent is not None
    assert consent.text_version == "id-2026-01"


def test_without_consent_nothing_is_kept(grower: Viewer) -> None:
    with pytest.raises(ConsentMissing):
        keep(grower, version="")
    assert session().scalars(select(ResidentId)).all() == []


def test_a_false_id_leaves_neither_row_nor_consent(grower: Viewer) -> None:
    with pytest.raises(BadResidentId):
        keep(grower, "141125195502030012")
    assert accounts_queries.consent_of(grower.person_id, Purpose.RESIDENT_ID) is None


def test_a_child_s_id_is_refused(grower: Viewer) -> None:
    born = date(clock.today().year - 10, 1, 1)
    first = f"141125{born:%Y%m%d}001"

    with pytest.raises(TooYoung):
        keep(grower, first + resident_ids.check_sign(first))


def test_one_id_belongs_to_one_account(grower: Viewer) -> None:
    keep(grower)
    a_person()

    with pytest.raises(ResidentIdTaken):
        keep(signed_in_viewer(enter()))


def test_a_mistyped_id_can_be_replaced_by_its_owner(grower: Viewer) -> None:
    keep(grower)
    first = "14112519550203002"

    keep(grower, first + resident_ids.check_sign(first))

    assert len(session().scalars(select(ResidentId)).all()) == 1


def test_a_withdrawn_consent_stops_every_use(seller: Seller, grower: Viewer) -> None:
    keep(grower)
    with transaction():
        assert accounts.withdraw_consent(Purpose.RESIDENT_ID, by=grower) == 1

    assert identity.masked_resident_id(grower.person_id) is None
    with pytest.raises(NotFound):
        unmask(seller, an_official(phone="13900000009"))
    assert session().scalars(select(Consent.withdrawn_at).where(Consent.purpose == Purpose.RESIDENT_ID)).one()


def test_the_township_opens_an_id_for_a_reason_and_on_record(seller: Seller, grower: Viewer) -> None:
    keep(grower)

    assert unmask(seller, an_official(phone="13900000009")) == ID

    row = session().scalars(select(Disclosure)).one()
    assert (row.person_id, row.field, row.because) == (grower.person_id, "resident_id", "核对贷款资料")


def test_the_township_opens_its_seller_s_number(seller: Seller) -> None:
    with transaction():
        phone = identity.unmask_contact(seller.id, by=an_official_in_place(), because="通知来开会")

    assert phone == "13700000001"


def an_official_in_place() -> Viewer:
    official = accounts_queries.by_phone("13900000002")
    assert official is not None
    return viewer_for(official, (Role.TOWNSHIP, "township:141125107"))


def test_another_township_opens_nothing(seller: Seller, grower: Viewer) -> None:
    keep(grower)
    stranger = an_official(SANJIAO, phone="13900000009")

    with pytest.raises(NotFound):
        unmask(seller, stranger)
    with pytest.raises(NotFound), transaction():
        identity.unmask_contact(seller.id, by=stranger, because="核对贷款资料")


def test_opening_needs_the_second_factor_and_a_reason(seller: Seller, grower: Viewer) -> None:
    keep(grower)

    with pytest.raises(NotSteppedUp):
        unmask(seller, an_official(phone="13900000009", stepped_up=False))
    with pytest.raises(ReasonMissing):
        unmask(seller, an_official(phone="13900000010"), "看看")


def test_auditor_and_administrator_open_no_id(seller: Seller, grower: Viewer) -> None:
    keep(grower)

    for phone, role in (("13900000011", Role.AUDITOR), ("13900000012", Role.ADMIN)):
        with pytest.raises((NotFound, Forbidden)):
            unmask(seller, viewer_for(a_person(phone, "某人"), (role, "county")))


def test_a_sealed_id_moved_to_another_person_does_not_open(seller: Seller, grower: Viewer) -> None:
    keep(grower)
    other = a_person()
    first = "14112519550203002"
    keep(signed_in_viewer(enter()), first + resident_ids.check_sign(first))
    sealed = session().scalars(select(ResidentId.id_sealed).where(ResidentId.person_id == grower.person_id)).one()
    with transaction() as current:
        current.execute(update(ResidentId).where(ResidentId.person_id == other.id).values(id_sealed=sealed))

    session().expire_all()
    with pytest.raises(Undecipherable):
        identity.masked_resident_id(other.id)
