"""What a verified seller's people want changed waits for the township; till then the seller stays as it is."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select

from app.kernel.db import Database, session, transaction
from app.kernel.errors import DomainError, NotFound
from app.kernel.permissions import Viewer
from app.kernel.states import IllegalMove
from app.people.accounts import queries as accounts
from app.people.accounts.errors import ReasonMissing
from app.people.accounts.states import Role
from app.people.growers import changes, queries
from app.people.growers import service as growers
from app.people.growers.changes import Wanted
from app.people.growers.errors import (
    AlreadyApplied,
    BadSellerName,
    LicenceKept,
    LicenceMissing,
    NothingChanged,
    NotVerifiedYet,
    OwnMatter,
    WordsTooLong,
)
from app.people.growers.models import Membership, Seller, SellerChange
from app.people.growers.service import Application
from app.people.growers.states import ChangeState, SellerKind, SellerStatus
from app.people.messages import queries as inbox
from tests.people.cast import (
    HOUSEHOLD,
    MENGMEN,
    SANJIAO,
    a_person,
    a_seller,
    an_applicant,
    an_official,
    enter,
    signed_in_viewer,
    viewer_for,
)

Decide = Callable[..., SellerChange]
WANG = "13700000001"
OTHER_NAME = Wanted("枣林深处", None, "黄河边的木枣")
PROCESSOR = Application(
    kind=SellerKind.PROCESSOR, name="黄河红枣加工厂", township_code=MENGMEN, licence_no="SC10114112500018"
)


@pytest.fixture
def official(people: Database) -> Viewer:
    return an_official()


@pytest.fixture
def seller(official: Viewer) -> Seller:
    return a_seller(by=official)


@pytest.fixture
def wang(seller: Seller) -> Viewer:
    return signed_in_viewer(enter(WANG))


def propose(seller: Seller, by: Viewer, wanted: Wanted = OTHER_NAME) -> SellerChange:
    with transaction():
        return changes.propose(seller.id, wanted, by=by)


def now(seller: Seller) -> tuple[str, str | None, str]:
    session().rollback()
    session().expire_all()
    found = queries.seller(seller.id)
    return found.name, found.licence_no, found.words


def states() -> list[ChangeState]:
    session().rollback()
    session().expire_all()
    return list(session().scalars(select(SellerChange.state).order_by(SellerChange.id)))


def newest_to(who: Viewer) -> str:
    return inbox.page_of(who, cursor=None).items[0].words


def test_what_is_wanted_waits_and_the_seller_stays_as_it_is(seller: Seller, wang: Viewer) -> None:
    change = propose(seller, wang)

    assert now(seller) == ("王家枣园", None, "")
    assert change.differences == [("店名", "王家枣园", "枣林深处"), ("介绍", "", "黄河边的木枣")]
    assert states() == [ChangeState.WAITING]


def test_when_the_township_agrees_it_is_so_and_the_address_stays(
    seller: Seller, wang: Viewer, official: Viewer
) -> None:
    slug = seller.slug
    change = propose(seller, wang, replace(OTHER_NAME, licence_no="XZF14112500012"))
    with transaction():
        changes.approve(change.id, by=official, because="看过证件原件")

    assert now(seller) == ("枣林深处", "XZF14112500012", "黄河边的木枣")
    assert queries.by_slug(slug).id == seller.id
    assert newest_to(wang) == "“枣林深处”要改的资料，乡镇同意了，买家现在看到的就是新的。原因：看过证件原件"


def test_when_it_does_not_all_stays_and_the_reason_is_told(seller: Seller, wang: Viewer, official: Viewer) -> None:
    change = propose(seller, wang)
    with transaction():
        changes.refuse(change.id, by=official, because="和邻村重名")

    assert now(seller) == ("王家枣园", None, "")
    assert newest_to(wang) == "“王家枣园”要改的资料，乡镇没有同意，还是原来的。原因：和邻村重名"
    assert propose(seller, wang).state is ChangeState.WAITING


def test_the_same_once_more_changes_nothing_and_another_takes_its_place(seller: Seller, wang: Viewer) -> None:
    first = propose(seller, wang)
    assert propose(seller, wang).id == first.id

    assert propose(seller, wang, replace(OTHER_NAME, name="枣林之家")).id != first.id
    assert states() == [ChangeState.WITHDRAWN, ChangeState.WAITING]


def test_what_the_official_saw_is_what_he_decides(seller: Seller, wang: Viewer, official: Viewer) -> None:
    seen = propose(seller, wang)
    propose(seller, wang, replace(OTHER_NAME, name="枣林之家"))

    with pytest.raises(IllegalMove), transaction():
        changes.approve(seen.id, by=official, because="看过证件原件")
    assert now(seller) == ("王家枣园", None, "")


def test_it_can_be_taken_back(seller: Seller, wang: Viewer) -> None:
    propose(seller, wang)
    with transaction():
        changes.withdraw(seller.id, by=wang)

    assert states() == [ChangeState.WITHDRAWN]
    with pytest.raises(NotFound), transaction():
        changes.withdraw(seller.id, by=wang)


@pytest.mark.parametrize("decide", [changes.approve, changes.refuse])
def test_nobody_decides_about_his_own_household(seller: Seller, wang: Viewer, official: Viewer, decide: Decide) -> None:
    change = propose(seller, wang)
    other = an_official(phone="13900000008")
    with transaction():
        growers.add_member(seller.id, other.person_id, by=official, because="一家人，帮着卖枣")

    with pytest.raises(OwnMatter), transaction():
        decide(change.id, by=other, because="看过证件原件")


def test_nobody_decides_about_what_he_proposed_even_when_he_left_the_household(
    seller: Seller, wang: Viewer, official: Viewer
) -> None:
    change = propose(seller, wang)
    both = viewer_for(accounts.person(wang.person_id), (Role.TOWNSHIP, f"township:{MENGMEN}"))
    with transaction() as current:
        for one in current.scalars(select(Membership)):
            one.ended_at = one.since

    with pytest.raises(OwnMatter), transaction():
        changes.approve(change.id, by=both, because="看过证件原件")


def test_the_official_of_another_township_does_not_find_it(seller: Seller, wang: Viewer) -> None:
    change = propose(seller, wang)
    neighbour = an_official(SANJIAO, phone="13900000008")

    with pytest.raises(NotFound), transaction():
        changes.approve(change.id, by=neighbour, because="看过证件原件")


def test_a_decision_needs_a_reason(seller: Seller, wang: Viewer, official: Viewer) -> None:
    change = propose(seller, wang)

    with pytest.raises(ReasonMissing), transaction():
        changes.approve(change.id, by=official, because="好")


def test_a_stranger_proposes_nothing(seller: Seller, people: Database) -> None:
    stranger = viewer_for(a_person("13700000009"))

    with pytest.raises(NotFound):
        propose(seller, stranger)


@pytest.mark.parametrize(
    ("wanted", "refusal"),
    [
        (Wanted("王家枣园", None, ""), NothingChanged),
        (Wanted(" 王家枣园​ ", None, " "), NothingChanged),
        (Wanted("1", None, ""), BadSellerName),
        (Wanted("名" * 41, None, ""), BadSellerName),
        (Wanted("枣林深处", "9" * 41, ""), LicenceMissing),
        (Wanted("枣林深处", None, "甜" * 301), WordsTooLong),
    ],
)
def test_what_cannot_be_is_refused_at_once(
    seller: Seller, wang: Viewer, wanted: Wanted, refusal: type[DomainError]
) -> None:
    with pytest.raises(refusal):
        propose(seller, wang, wanted)
    assert states() == []


def test_a_licence_that_was_verified_is_replaced_but_not_struck_out(people: Database, official: Viewer) -> None:
    seller = a_seller(replace(HOUSEHOLD, licence_no="XZF1"), by=official)

    with pytest.raises(LicenceKept):
        propose(seller, signed_in_viewer(enter(WANG)), OTHER_NAME)


def test_a_processor_is_neither_verified_nor_left_without_a_licence(people: Database, official: Viewer) -> None:
    with pytest.raises(LicenceMissing):
        an_applicant(replace(PROCESSOR, licence_no=""), phone="13700000002")
    seller = a_seller(PROCESSOR, by=official)

    with pytest.raises(LicenceMissing):
        propose(seller, signed_in_viewer(enter(WANG)), Wanted("黄河红枣加工厂", "无", "有证"))


def test_before_it_is_verified_nothing_is_proposed_and_after_it_is_closed_nothing_waits(
    people: Database, official: Viewer
) -> None:
    seller = an_applicant()
    wang = signed_in_viewer(enter(WANG))
    with pytest.raises(NotVerifiedYet):
        propose(seller, wang)
    with transaction():
        growers.verify(seller.id, by=official, because="上门看过枣园")
    propose(seller, wang)

    with transaction():
        growers.close(seller.id, by=official, because="不再种枣")

    assert states() == [ChangeState.WITHDRAWN]
    with pytest.raises(NotVerifiedYet):
        propose(seller, wang)


def test_who_was_refused_may_apply_again_and_who_waits_or_sells_may_not(people: Database, official: Viewer) -> None:
    first = an_applicant()
    person = first.contact_person_id
    with transaction():
        growers.refuse(first.id, by=official, because="没有找到枣园")

    with transaction():
        second = growers.apply(HOUSEHOLD, person_id=person, by=f"person:{person}")
    with pytest.raises(AlreadyApplied), transaction():
        growers.apply(HOUSEHOLD, person_id=person, by=f"person:{person}")
    with transaction():
        growers.verify(second.id, by=official, because="这次看到枣园了")

    assert [one.status for one in queries.of_viewer(signed_in_viewer(enter(WANG)))] == [
        SellerStatus.REFUSED,
        SellerStatus.ACTIVE,
    ]
