"""A seller's life: applied, verified by its own township, suspended, resumed, closed; each step on record."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.kernel import clock, events
from app.kernel.db import Database, session, transaction
from app.kernel.errors import DomainError, NotFound
from app.kernel.events import Fact
from app.kernel.permissions import Viewer
from app.kernel.states import IllegalMove
from app.people.accounts.errors import ReasonMissing
from app.people.accounts.states import Role
from app.people.growers import queries
from app.people.growers import service as growers
from app.people.growers.errors import (
    AlreadyApplied,
    BadSellerName,
    BadTownship,
    HouseholdMissing,
    LicenceMissing,
    OwnMatter,
    WordsTooLong,
)
from app.people.growers.events import SellerSuspended, SellerVerified
from app.people.growers.models import Seller, StatusChange
from app.people.growers.permissions import GROWERS_READ, GROWERS_VERIFY
from app.people.growers.service import Application
from app.people.growers.states import SellerKind, SellerStatus
from app.people.townships import queries as townships
from tests.people.cast import (
    HOUSEHOLD,
    MENGMEN,
    SANJIAO,
    a_person,
    a_seller,
    an_applicant,
    an_official,
    at,
    enter,
    later,
    signed_in_viewer,
    viewer_for,
)

PROCESSOR = Application(
    kind=SellerKind.PROCESSOR, name="黄河红枣加工厂", township_code=MENGMEN, licence_no="SC10114112500018"
)
Decision = Callable[..., Seller]


def decide(decision: Decision, seller: Seller, by: Viewer, because: str = "上门看过枣园") -> Seller:
    with transaction():
        return decision(seller.id, by=by, because=because)


@pytest.fixture
def facts() -> Iterator[list[Fact]]:
    """What is told while the test runs."""
    heard: list[Fact] = []
    for kind in (SellerVerified, SellerSuspended):
        events.hear_now(kind, heard.append)
    yield heard
    for kind in (SellerVerified, SellerSuspended):
        events._now[kind].remove(heard.append)


def test_an_application_waits_and_may_not_sell(people: Database) -> None:
    seller = an_applicant()

    assert seller.status is SellerStatus.APPLIED
    assert not seller.is_active
    assert seller.public_words == "自产农户·乡镇正在核实"
    household = queries.household_of(seller.id)
    assert household is not None
    assert (household.head_name, household.members) == ("王枣林", 4)


def test_the_public_name_is_readable_and_cannot_be_guessed(people: Database) -> None:
    one, other = an_applicant(), an_applicant(phone="13700000002")

    assert one.slug.startswith("wang-jia-zao-yuan-")
    assert one.slug != other.slug
    assert queries.by_slug(one.slug).id == one.id


def test_the_official_of_the_township_verifies(people: Database, facts: list[Fact]) -> None:
    seller = an_applicant()
    official = an_official()

    decide(growers.verify, seller, official)

    found = queries.seller(seller.id)
    assert (found.status, found.verified_by) == (SellerStatus.ACTIVE, official.actor)
    assert found.public_words == "自产农户·乡镇已核实"
    assert facts == [SellerVerified(seller_id=seller.id, township=MENGMEN)]


def test_the_people_of_a_verified_seller_sell_from_the_next_request(people: Database) -> None:
    seller = an_applicant()
    token = enter("13700000001")
    assert not signed_in_viewer(token).is_seller

    decide(growers.verify, seller, an_official())

    assert signed_in_viewer(token).seller_ids == {seller.id}


@pytest.mark.parametrize("decision", [growers.verify, growers.refuse, growers.suspend, growers.close, growers.resume])
def test_the_official_of_another_township_does_not_find_the_seller(people: Database, decision: Decision) -> None:
    seller = an_applicant()

    with pytest.raises(NotFound):
        decide(decision, seller, an_official(SANJIAO))


def test_a_county_reader_does_not_verify(people: Database) -> None:
    seller = an_applicant()
    reader = viewer_for(a_person("13900000003", "孙县"), (Role.COUNTY, "county"))

    assert queries.seller_in_scope(seller.id, reader, GROWERS_READ).id == seller.id
    with pytest.raises(NotFound):
        decide(growers.verify, seller, reader)


def test_nobody_decides_about_himself(people: Database) -> None:
    seller = an_applicant()
    person = queries.people_of(seller.id)[0]

    with pytest.raises(OwnMatter):
        decide(growers.verify, seller, viewer_for(person, (Role.TOWNSHIP, f"township:{MENGMEN}")))


def test_a_refused_application_can_be_made_anew(people: Database) -> None:
    seller = an_applicant()
    decide(growers.refuse, seller, an_official(), "枣园不在本乡")

    with transaction():
        again = growers.apply(HOUSEHOLD, person_id=seller.contact_person_id, by="test")

    assert again.status is SellerStatus.APPLIED
    assert queries.seller(seller.id).status is SellerStatus.REFUSED


def test_a_person_applies_once_at_a_time(people: Database) -> None:
    seller = an_applicant()

    with pytest.raises(AlreadyApplied), transaction():
        growers.apply(replace(PROCESSOR), person_id=seller.contact_person_id, by="test")


def test_a_person_has_one_household_and_may_have_a_firm(people: Database) -> None:
    seller = a_seller()

    with pytest.raises(AlreadyApplied), transaction():
        growers.apply(HOUSEHOLD, person_id=seller.contact_person_id, by="test")
    with transaction():
        firm = growers.apply(PROCESSOR, person_id=seller.contact_person_id, by="test")
    assert firm.status is SellerStatus.APPLIED


def test_suspending_tells_and_keeps_the_role_for_open_orders(people: Database, facts: list[Fact]) -> None:
    official = an_official()
    seller = a_seller(by=official)
    token = enter("13700000001")

    decide(growers.suspend, seller, official, "抽检不合格")

    assert not queries.seller(seller.id).is_active
    assert facts[-1] == SellerSuspended(seller_id=seller.id)
    assert signed_in_viewer(token).is_seller


def test_every_step_is_kept_with_who_and_why(people: Database) -> None:
    official = an_official()
    seller = a_seller(by=official)
    decide(growers.suspend, seller, official, "抽检不合格")
    decide(growers.resume, seller, official, "复检已合格")
    decide(growers.close, seller, official, "本人要求停业")

    steps = [(step.old, step.new, step.because) for step in queries.history_of(seller.id)]

    assert steps == [
        (None, SellerStatus.APPLIED, "申请"),
        (SellerStatus.APPLIED, SellerStatus.ACTIVE, "上门看过枣园"),
        (SellerStatus.ACTIVE, SellerStatus.SUSPENDED, "抽检不合格"),
        (SellerStatus.SUSPENDED, SellerStatus.ACTIVE, "复检已合格"),
        (SellerStatus.ACTIVE, SellerStatus.CLOSED, "本人要求停业"),
    ]


@pytest.mark.parametrize("decision", [growers.verify, growers.refuse, growers.suspend, growers.resume, growers.close])
def test_a_closed_seller_stays_closed(people: Database, decision: Decision) -> None:
    official = an_official()
    seller = a_seller(by=official)
    decide(growers.close, seller, official)

    with pytest.raises(IllegalMove):
        decide(decision, seller, official)


@pytest.mark.parametrize("decision", [growers.verify, growers.refuse, growers.resume])
def test_an_active_seller_is_not_verified_refused_or_resumed(people: Database, decision: Decision) -> None:
    official = an_official()
    seller = a_seller(by=official)

    with pytest.raises(IllegalMove):
        decide(decision, seller, official)


def test_a_suspended_seller_is_not_verified_anew(people: Database) -> None:
    official = an_official()
    seller = a_seller(by=official)
    decide(growers.suspend, seller, official)

    with pytest.raises(IllegalMove):
        decide(growers.verify, seller, official)


@pytest.mark.parametrize("because", ["", "好的", "\u200b" * 8])
def test_a_decision_without_a_reason_is_refused(people: Database, because: str) -> None:
    seller = an_applicant()

    with pytest.raises(ReasonMissing):
        decide(growers.verify, seller, an_official(), because)
    assert queries.seller(seller.id).status is SellerStatus.APPLIED


@pytest.mark.parametrize(
    ("application", "error"),
    [
        (replace(HOUSEHOLD, name=""), BadSellerName),
        (replace(HOUSEHOLD, name="王"), BadSellerName),
        (replace(HOUSEHOLD, name="枣" * 41), BadSellerName),
        (replace(HOUSEHOLD, name="12345"), BadSellerName),
        (replace(HOUSEHOLD, name="\u202e\u200b"), BadSellerName),
        (replace(HOUSEHOLD, township_code="141125202"), BadTownship),
        (replace(HOUSEHOLD, township_code="141124105"), BadTownship),
        (replace(HOUSEHOLD, township_code="三交镇"), BadTownship),
        (replace(HOUSEHOLD, village_id=2**62), BadTownship),
        (replace(HOUSEHOLD, head_name=""), HouseholdMissing),
        (replace(HOUSEHOLD, members=None), HouseholdMissing),
        (replace(HOUSEHOLD, members=0), HouseholdMissing),
        (replace(HOUSEHOLD, members=31), HouseholdMissing),
        (replace(HOUSEHOLD, words="甜" * 301), WordsTooLong),
        (replace(PROCESSOR, licence_no=None), LicenceMissing),
        (replace(PROCESSOR, licence_no="  "), LicenceMissing),
        (replace(PROCESSOR, licence_no="9" * 41), LicenceMissing),
    ],
)
def test_what_cannot_be_true_is_refused(people: Database, application: Application, error: type[DomainError]) -> None:
    person = a_person()

    with pytest.raises(error), transaction():
        growers.apply(application, person_id=person.id, by="test")
    assert session().scalars(select(Seller)).all() == []


def test_a_village_of_another_township_is_refused(people: Database) -> None:
    person = a_person()
    elsewhere = townships.villages_of("141125204")[0]

    with pytest.raises(BadTownship), transaction():
        growers.apply(replace(HOUSEHOLD, village_id=elsewhere.id), person_id=person.id, by="test")


def test_the_database_itself_refuses_an_active_seller_whom_nobody_verified(people: Database) -> None:
    seller = an_applicant()

    with pytest.raises(IntegrityError), transaction() as current:
        current.execute(update(Seller).where(Seller.id == seller.id).values(status=SellerStatus.ACTIVE))


def test_the_steps_cannot_be_altered_or_deleted(people: Database) -> None:
    an_applicant()

    with pytest.raises(DBAPIError), transaction() as current:
        current.execute(update(StatusChange).values(because="别的"))
    with pytest.raises(DBAPIError), transaction() as current:
        current.execute(delete(StatusChange))


def test_an_official_reads_and_counts_his_own_township_only(people: Database) -> None:
    here = an_applicant()
    an_applicant(replace(HOUSEHOLD, township_code=SANJIAO, name="张家枣园"), phone="13700000002")
    official = an_official()

    assert [seller.id for seller in queries.in_scope(official, GROWERS_VERIFY)] == [here.id]
    assert queries.count_in_scope(official, GROWERS_VERIFY)[SellerStatus.APPLIED] == 1
    page = queries.page_in_scope(official, GROWERS_VERIFY, status=SellerStatus.APPLIED, cursor=None)
    assert [seller.id for seller in page.items] == [here.id]
    assert queries.in_scope(official, GROWERS_VERIFY, status=SellerStatus.ACTIVE) == []


def test_who_holds_no_right_reads_no_seller(people: Database) -> None:
    an_applicant()
    nobody = viewer_for(a_person())

    assert queries.in_scope(nobody, GROWERS_READ) == []


def test_an_official_of_a_renamed_township_sees_sellers_under_the_old_code(people: Database) -> None:
    seller = an_applicant()
    with transaction() as current:
        current.execute(update(Seller).where(Seller.id == seller.id).values(township_code="141125202"))

    assert [one.id for one in queries.in_scope(an_official("141125108"), GROWERS_READ)] == [seller.id]


def test_a_viewer_finds_his_sellers_in_every_state(people: Database) -> None:
    seller = an_applicant()
    mine = signed_in_viewer(enter("13700000001"))

    assert [one.id for one in queries.of_viewer(mine)] == [seller.id]
    assert queries.of_viewer(viewer_for(a_person())) == []


def test_another_member_of_an_active_seller_may_sell(people: Database) -> None:
    official = an_official()
    seller = a_seller(replace(PROCESSOR, name="枣农合作社", kind=SellerKind.COOP), by=official)
    person = a_person()

    with transaction():
        growers.add_member(seller.id, person.id, by=official, because="合作社换了经办人")

    assert signed_in_viewer(enter()).seller_ids == {seller.id}
    with pytest.raises(AlreadyApplied), transaction():
        growers.add_member(seller.id, person.id, by=official, because="合作社换了经办人")


def test_the_register_counts_who_was_verified_and_not_closed_by_that_day(people: Database) -> None:
    official = an_official()
    monday = clock.start_of(date(2026, 1, 5)) + timedelta(hours=10)
    with at(monday):
        seller = a_seller(by=official)
        an_applicant(phone="13700000002")
    with at(monday + timedelta(days=2)):
        decide(growers.suspend, seller, official)
    with at(monday + timedelta(days=4)):
        decide(growers.close, seller, official)

    counts = [queries.count_by_township(date(2026, 1, day))[MENGMEN] for day in (4, 5, 7, 8, 9)]

    assert counts == [0, 1, 1, 1, 0]


def test_the_register_names_every_present_township(people: Database) -> None:
    assert list(queries.count_by_township(later().date())) == [place.code for place in townships.present()]


def test_the_register_counts_a_retired_code_under_its_successor(people: Database) -> None:
    seller = a_seller()
    with transaction() as current:
        current.execute(update(Seller).where(Seller.id == seller.id).values(township_code="141125203"))

    counts = queries.count_by_township(clock.day_of(later(days=1)))

    assert counts["141125109"] == 1
    assert "141125203" not in counts
