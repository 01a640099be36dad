"""A seller's bank account: given by its own people under consent, compared by its township, replaced, withdrawn."""

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from app.audit.models import AuditRow
from app.kernel.crypto import Undecipherable
from app.kernel.db import Database, session, transaction
from app.kernel.errors import Forbidden, NotFound
from app.kernel.permissions import Viewer
from app.kernel.states import IllegalMove
from app.people.accounts import queries as accounts_queries
from app.people.accounts.errors import ConsentMissing, NotSteppedUp, ReasonMissing, TooManyDisclosures
from app.people.accounts.models import Disclosure, Person
from app.people.accounts.states import Purpose, Role
from app.people.growers import service as growers
from app.people.growers.errors import OwnMatter
from app.people.growers.models import Seller
from app.people.growers.service import Application
from app.people.growers.states import SellerKind
from app.people.messages.models import Message
from app.people.purse import queries, service
from app.people.purse.errors import (
    AccountTaken,
    BadAccountNumber,
    BadBank,
    HolderNotOwn,
    HolderNotSeller,
    MistypedCard,
    NotPayable,
)
from app.people.purse.models import BankAccount
from app.people.purse.states import AccountState, Bank, Ending
from tests.people.cast import MENGMEN, SANJIAO, a_person, a_seller, an_applicant, an_official, enter, viewer_for
from tests.people.cast import signed_in_viewer as signed_in
from tests.people.purse.purses import GROWER, GROWER_PHONE, NUMBER, OTHER, anew, give, refuse, verify, withdraw

COOP = Application(kind=SellerKind.COOP, name="黄河红枣（示例）合作社", township_code=MENGMEN)


@pytest.fixture
def seller(people: Database) -> Seller:
    """A household that waits to be verified; its person is called as its account must be."""
    return an_applicant(name=GROWER)


@pytest.fixture
def grower(seller: Seller) -> Viewer:
    return signed_in(enter(GROWER_PHONE))


@pytest.fixture
def official(people: Database) -> Viewer:
    return an_official(phone="13900000009")


def rows() -> int:
    session().rollback()
    return session().scalars(select(func.count()).select_from(BankAccount)).one()


def payable(seller: Seller) -> BankAccount | None:
    session().rollback()
    session().expire_all()
    return queries.payable_account(seller.id)


def test_an_account_waits_masked_under_a_consent_of_its_own(seller: Seller, grower: Viewer) -> None:
    account = give(seller.id, grower)

    assert (account.state, account.masked, account.bank_words) == (
        AccountState.WAITING, f"****{NUMBER[-4:]}", "农村信用社/农商行",
    )  # fmt: skip
    assert queries.number_of(account) == NUMBER
    consent = accounts_queries.consent_of(grower.person_id, Purpose.BANK_ACCOUNT)
    assert consent is not None
    assert (consent.id, consent.text_version) == (account.consent_id, "bank-1")
    assert payable(seller) is None


def test_without_consent_nothing_is_kept(seller: Seller, grower: Viewer) -> None:
    with pytest.raises(ConsentMissing):
        give(seller.id, grower, version="")
    assert rows() == 0


@pytest.mark.parametrize(
    ("number", "refusal"),
    [("123", BadAccountNumber), (NUMBER[:-1] + str((int(NUMBER[-1]) + 1) % 10), MistypedCard)],
)
def test_a_false_number_leaves_neither_row_nor_consent(
    seller: Seller, grower: Viewer, number: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        give(seller.id, grower, number)

    assert rows() == 0
    assert accounts_queries.consent_of(grower.person_id, Purpose.BANK_ACCOUNT) is None


@pytest.mark.parametrize("holder", ["", "王二小", "王家枣园", "王枣林二"])
def test_a_household_is_paid_in_its_person_s_own_name_alone(seller: Seller, grower: Viewer, holder: str) -> None:
    with pytest.raises(HolderNotOwn, match=GROWER):
        give(seller.id, grower, holder=holder)
    assert rows() == 0


def test_blanks_and_width_do_not_make_another_name(seller: Seller, grower: Viewer) -> None:
    assert give(seller.id, grower, holder=" 王　枣 林").holder == GROWER


def test_a_co_op_is_paid_in_its_registered_name_alone(people: Database) -> None:
    coop = an_applicant(COOP, name=GROWER)
    person = signed_in(enter(GROWER_PHONE))

    with pytest.raises(HolderNotSeller):
        give(coop.id, person, holder=GROWER)
    assert give(coop.id, person, holder="黄河红枣(示例)合作社").holder == COOP.name


def test_another_bank_needs_its_name(seller: Seller, grower: Viewer) -> None:
    for name in ("", "行", "12345", "长" * 41):
        with pytest.raises(BadBank):
            give(seller.id, grower, bank=Bank.OTHER, bank_name=name)

    assert give(seller.id, grower, bank=Bank.OTHER, bank_name="示例村镇银行").bank_words == "示例村镇银行"


def test_who_does_not_act_for_the_seller_finds_none(seller: Seller) -> None:
    with pytest.raises(NotFound):
        give(seller.id, signed_in_stranger())
    with pytest.raises(NotFound):
        give(999_999, signed_in_stranger())


def signed_in_stranger() -> Viewer:
    person = accounts_queries.by_phone("13800001234") or a_person(name="外人")
    return viewer_for(person)


def test_a_refused_seller_is_paid_nowhere(seller: Seller, grower: Viewer, official: Viewer) -> None:
    with transaction():
        growers.refuse(seller.id, by=official, because="枣园不在本乡")

    with pytest.raises(NotFound):
        give(seller.id, grower)


def test_a_number_of_another_seller_is_refused_and_leaves_what_waits(seller: Seller, grower: Viewer) -> None:
    give(seller.id, grower)
    other = an_applicant(phone="13700000002", name=GROWER)
    its_person = signed_in(enter("13700000002"))
    waiting = give(other.id, its_person, OTHER)

    with pytest.raises(AccountTaken):
        give(other.id, its_person, NUMBER)

    assert anew(waiting).state is AccountState.WAITING


def test_a_second_tap_changes_nothing(seller: Seller, grower: Viewer) -> None:
    first = give(seller.id, grower)

    assert give(seller.id, grower).id == first.id
    assert rows() == 1


def test_another_number_takes_the_place_of_the_one_that_waits(seller: Seller, grower: Viewer) -> None:
    first = give(seller.id, grower)

    second = give(seller.id, grower, OTHER)

    first = anew(first)
    assert (first.state, first.ending, first.number_sealed, first.number_index) == (
        AccountState.ENDED, Ending.REPLACED, None, None,
    )  # fmt: skip
    assert (first.tail, anew(second).state) == (NUMBER[-4:], AccountState.WAITING)


def test_a_corrected_bank_takes_the_place_of_the_one_that_waits(seller: Seller, grower: Viewer) -> None:
    give(seller.id, grower)

    assert give(seller.id, grower, bank=Bank.POSTAL).bank is Bank.POSTAL
    assert rows() == 2


def test_the_township_verifies_and_the_seller_can_be_paid(seller: Seller, grower: Viewer, official: Viewer) -> None:
    account = verify(give(seller.id, grower), official)

    found = payable(seller)
    assert found is not None
    assert (found.id, found.state, found.decided_by, found.because) == (
        account.id, AccountState.VERIFIED, official.actor, "看过存折原件",
    )  # fmt: skip


def test_until_the_new_account_is_verified_the_old_one_stays(seller: Seller, grower: Viewer, official: Viewer) -> None:
    old = verify(give(seller.id, grower), official)
    new = give(seller.id, grower, OTHER)
    still = payable(seller)
    assert still is not None
    assert still.id == old.id

    verify(anew(new), official)

    now = payable(seller)
    assert now is not None
    assert now.id == new.id
    assert (anew(old).state, anew(old).ending, anew(old).number_sealed) == (
        AccountState.ENDED, Ending.REPLACED, None,
    )  # fmt: skip


def test_giving_the_account_in_force_again_drops_the_one_that_waits(
    seller: Seller, grower: Viewer, official: Viewer
) -> None:
    old = verify(give(seller.id, grower), official)
    new = give(seller.id, grower, OTHER)

    assert give(seller.id, grower).id == old.id

    assert (anew(old).state, anew(new).state) == (AccountState.VERIFIED, AccountState.ENDED)


def test_a_refused_account_loses_its_number_and_keeps_the_reason(
    seller: Seller, grower: Viewer, official: Viewer
) -> None:
    refused = anew(refuse(give(seller.id, grower), official))

    assert (refused.state, refused.because, refused.number_sealed, refused.number_index) == (
        AccountState.REFUSED, "户名对不上", None, None,
    )  # fmt: skip
    assert give(seller.id, grower).state is AccountState.WAITING


def test_a_decision_is_taken_once(seller: Seller, grower: Viewer, official: Viewer) -> None:
    account = verify(give(seller.id, grower), official)

    for act in (verify, refuse):
        with pytest.raises(IllegalMove):
            act(account, official)
    assert anew(account).state is AccountState.VERIFIED


def test_what_the_official_did_not_see_he_does_not_verify(seller: Seller, grower: Viewer, official: Viewer) -> None:
    seen = give(seller.id, grower)
    give(seller.id, grower, OTHER)

    with pytest.raises(IllegalMove):
        verify(seen, official)
    assert payable(seller) is None


def test_a_decision_needs_a_reason_and_the_second_factor(seller: Seller, grower: Viewer, official: Viewer) -> None:
    account = give(seller.id, grower)

    for act in (verify, refuse):
        with pytest.raises(ReasonMissing):
            act(account, official, "好")
    with pytest.raises(NotSteppedUp):
        verify(account, an_official(phone="13900000010", stepped_up=False))
    assert anew(account).state is AccountState.WAITING


def test_another_township_finds_nothing_to_decide_or_open(seller: Seller, grower: Viewer) -> None:
    account = give(seller.id, grower)
    stranger = an_official(SANJIAO, phone="13900000010")

    for act in (verify, refuse):
        with pytest.raises(NotFound):
            act(account, stranger)
    with pytest.raises(NotFound):
        unmask(account, stranger)


def test_nobody_verifies_what_he_entered_or_where_he_acts(seller: Seller, grower: Viewer, official: Viewer) -> None:
    as_official = ((Role.TOWNSHIP, f"township:{MENGMEN}"),)
    owner = session().get_one(Person, grower.person_id)
    colleague = a_person("13900000011", "同家人")
    account = give(seller.id, grower)
    with transaction():
        growers.add_member(seller.id, colleague.id, by=official, because="儿子一起卖")

    for insider in (viewer_for(owner, *as_official), viewer_for(colleague, *as_official)):
        for act in (verify, refuse):
            with pytest.raises(OwnMatter):
                act(account, insider)


def test_an_account_entered_by_who_has_left_is_still_not_his_to_verify(seller: Seller, grower: Viewer) -> None:
    account = give(seller.id, grower)
    agent = an_official(phone="13900000010")
    with transaction() as current:
        current.execute(update(BankAccount).where(BankAccount.id == account.id).values(entered_by=agent.actor))

    with pytest.raises(OwnMatter):
        verify(account, agent)


def test_the_database_itself_refuses_one_who_verifies_his_own(seller: Seller, grower: Viewer) -> None:
    account = give(seller.id, grower)

    with pytest.raises(IntegrityError), transaction() as current:
        current.execute(
            update(BankAccount)
            .where(BankAccount.id == account.id)
            .values(
                state=AccountState.VERIFIED, decided_by=grower.actor, because="自己看过", decided_at=account.entered_at
            )
        )
    session().rollback()


def test_the_database_itself_refuses_a_second_account_in_force(
    seller: Seller, grower: Viewer, official: Viewer
) -> None:
    verify(give(seller.id, grower), official)
    second = give(seller.id, grower, OTHER)

    with pytest.raises(IntegrityError), transaction() as current:
        current.execute(
            update(BankAccount)
            .where(BankAccount.id == second.id)
            .values(state=AccountState.VERIFIED, decided_by="person:0", because="绕过去", decided_at=second.entered_at)
        )
    session().rollback()


def test_a_withdrawn_consent_ends_every_use_and_deletes_the_number(
    seller: Seller, grower: Viewer, official: Viewer
) -> None:
    in_force = verify(give(seller.id, grower), official)
    waiting = give(seller.id, grower, OTHER)

    assert withdraw(grower) == 2

    for account in (anew(in_force), anew(waiting)):
        assert (account.state, account.ending) == (AccountState.ENDED, Ending.WITHDRAWN)
        assert (account.number_sealed, account.number_index) == (None, None)
        assert len(account.tail) == 4
    assert payable(seller) is None
    assert accounts_queries.consent_of(grower.person_id, Purpose.BANK_ACCOUNT) is None
    with pytest.raises(NotFound):
        unmask(in_force, official)
    with pytest.raises(NotPayable):
        open_it(in_force)
    assert withdraw(grower) == 0


def test_one_takes_back_only_his_own_accounts(seller: Seller, grower: Viewer, official: Viewer) -> None:
    account = verify(give(seller.id, grower), official)
    son = a_person(name="王小枣")
    with transaction():
        growers.add_member(seller.id, son.id, by=official, because="儿子一起卖")

    assert withdraw(signed_in(enter())) == 0
    assert anew(account).state is AccountState.VERIFIED


def test_a_withdrawn_number_may_be_given_again(seller: Seller, grower: Viewer, official: Viewer) -> None:
    verify(give(seller.id, grower), official)
    withdraw(grower)

    assert give(seller.id, grower).state is AccountState.WAITING


def unmask(account: BankAccount, by: Viewer, because: str = "核对存折号码") -> str:
    with transaction():
        return service.unmask_number(account.id, by=by, because=because)


def open_it(account: BankAccount) -> str:
    with transaction():
        return service.open_number(account, by="person:7", because="九月货款")


def test_the_township_opens_a_number_for_a_reason_and_on_record(
    seller: Seller, grower: Viewer, official: Viewer
) -> None:
    account = give(seller.id, grower)

    assert unmask(account, official) == NUMBER

    row = session().scalars(select(Disclosure)).one()
    assert (row.viewer_id, row.person_id, row.field, row.because) == (
        official.person_id, grower.person_id, "bank_account", "核对存折号码",
    )  # fmt: skip


def test_opening_needs_reason_factor_and_right_and_has_its_limit(
    seller: Seller, grower: Viewer, official: Viewer
) -> None:
    account = give(seller.id, grower)

    with pytest.raises(ReasonMissing):
        unmask(account, official, "看看")
    with pytest.raises(NotSteppedUp):
        unmask(account, an_official(phone="13900000010", stepped_up=False))
    for phone, role in (("13900000011", Role.AUDITOR), ("13900000012", Role.ADMIN), ("13900000013", Role.COUNTY)):
        with pytest.raises((NotFound, Forbidden)):
            unmask(account, viewer_for(a_person(phone, "某人"), (role, "county")))
    for _ in range(30):
        unmask(account, official)
    with pytest.raises(TooManyDisclosures):
        unmask(account, official)


def test_the_bank_s_file_gets_the_number_on_record(seller: Seller, grower: Viewer, official: Viewer) -> None:
    account = verify(give(seller.id, grower), official)

    assert open_it(account) == NUMBER

    row = session().scalars(select(AuditRow).where(AuditRow.act == "purse.open_number")).one()
    assert (row.thing, row.actor, row.because) == (f"bank_account:{account.id}", "person:7", "九月货款")


def test_an_account_that_waits_or_was_replaced_is_in_no_bank_file(
    seller: Seller, grower: Viewer, official: Viewer
) -> None:
    old = give(seller.id, grower)
    with pytest.raises(NotPayable):
        open_it(old)
    verify(anew(old), official)
    verify(give(seller.id, grower, OTHER), official)

    with pytest.raises(NotPayable):
        open_it(old)


@pytest.mark.corrupts
def test_a_sealed_number_moved_to_another_row_does_not_open(seller: Seller, grower: Viewer, official: Viewer) -> None:
    old = verify(give(seller.id, grower), official)
    sealed = give(seller.id, grower, OTHER).number_sealed
    with transaction() as current:
        current.execute(update(BankAccount).where(BankAccount.id == old.id).values(number_sealed=sealed))

    with pytest.raises(Undecipherable):
        queries.number_of(anew(old))


def test_everybody_who_acts_for_the_seller_hears_of_every_change(
    seller: Seller, grower: Viewer, official: Viewer
) -> None:
    other = a_person(name="王小枣")
    with transaction():
        growers.add_member(seller.id, other.id, by=official, because="儿子一起卖")

    refuse(give(seller.id, grower), official)
    verify(give(seller.id, grower, OTHER), official)
    withdraw(grower)

    session().rollback()
    for person_id in (grower.person_id, other.id):
        said = session().scalars(select(Message.words).where(Message.person_id == person_id).order_by(Message.id)).all()
        assert [OTHER[-4:] in words for words in said] == [False, False, True, True, True]
        assert "登记了新的收款账号" in said[0]
        assert "原因：户名对不上" in said[1]
        assert "核实好了（看过存折原件）" in said[3]
        assert "收回了同意" in said[4]
        assert not any(NUMBER in words or OTHER in words for words in said)


def test_every_act_leaves_its_row_in_the_audit(seller: Seller, grower: Viewer, official: Viewer) -> None:
    verify(give(seller.id, grower), official)
    refuse(give(seller.id, grower, OTHER), official)
    withdraw(grower)

    acts = session().scalars(select(AuditRow.act).where(AuditRow.act.startswith("purse.")).order_by(AuditRow.id)).all()
    assert acts == ["purse.give", "purse.verify", "purse.give", "purse.refuse", "purse.end"]


def test_a_verified_household_is_found_through_its_official_alone(people: Database, official: Viewer) -> None:
    seller = a_seller(phone=GROWER_PHONE, by=official)
    grower = signed_in(enter(GROWER_PHONE))
    give(seller.id, grower)

    here = queries.page_in_scope(official, state=AccountState.WAITING, cursor=None)
    there = queries.page_in_scope(an_official(SANJIAO, phone="13900000010"), state=AccountState.WAITING, cursor=None)

    assert [(row.seller, row.account.masked) for row in here.items] == [("王家枣园", f"****{NUMBER[-4:]}")]
    assert there.items == []
    assert queries.count_in_scope(official)[AccountState.WAITING] == 1
