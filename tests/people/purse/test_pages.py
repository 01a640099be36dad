"""A grower's purse and the township's desk for accounts, through their pages; whatever is typed, it is no fault."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.kernel.db import Database, session, transaction
from app.people.accounts import service as accounts
from app.people.accounts.models import Consent, Disclosure
from app.people.accounts.states import Purpose, Role
from app.people.growers import service as growers
from app.people.growers.models import Membership, Seller
from app.people.growers.service import Application
from app.people.growers.states import SellerKind
from app.people.purse.models import BankAccount
from app.people.purse.states import AccountState
from config import Settings
from tests.people.cast import MENGMEN, SANJIAO, a_person, an_applicant
from tests.people.purse.purses import GROWER, GROWER_PHONE, NUMBER, OTHER
from tests.people.shell import an_app, come_in, csrf, post
from tests.people.test_hostile_values import HOSTILE

COOP = Application(kind=SellerKind.COOP, name="黄河红枣合作社", township_code=MENGMEN)
APPLICATION = {
    "kind": "household",
    "name": "赵家枣园",
    "township_code": MENGMEN,
    "head_name": "赵乡镇",
    "members": "2",
    "request_key": "key-1",
}
MASKED = f"****{NUMBER[-4:]}"


@pytest.fixture
def app(people: Database, settings: Settings) -> Flask:
    """The pages."""
    return an_app(people, settings)


@pytest.fixture
def seller(people: Database) -> Seller:
    return an_applicant(name=GROWER)


@pytest.fixture
def grower(app: Flask, seller: Seller) -> FlaskClient:
    client = app.test_client()
    come_in(client, GROWER_PHONE)
    return client


def client_of(app: Flask, role: Role, scope: str, phone: str) -> FlaskClient:
    person = a_person(phone, "赵乡镇")
    with transaction():
        accounts.appoint(person.id, role, scope, by="test", because="任命")
    client = app.test_client()
    assert come_in(client, phone).status_code == 303
    return client


@pytest.fixture
def official(app: Flask) -> FlaskClient:
    return client_of(app, Role.TOWNSHIP, f"township:{MENGMEN}", "13900000002")


def filled(seller: Seller, **changed: str) -> dict[str, str]:
    good = {"seller_id": str(seller.id), "holder": GROWER, "bank": "rural", "bank_name": "", "number": NUMBER}
    return {**good, "consent": "y", **changed}


def kept() -> list[BankAccount]:
    session().rollback()
    session().expire_all()
    return list(session().scalars(select(BankAccount).order_by(BankAccount.id)))


def given(grower: FlaskClient, seller: Seller, number: str = NUMBER) -> int:
    """The number of the account that now waits."""
    assert post(grower, "/grower/purse", filled(seller, number=number)).status_code == 303
    return kept()[-1].id


def test_an_account_is_given_and_shown_masked(grower: FlaskClient, seller: Seller) -> None:
    page = grower.get("/grower/purse").text
    assert "卖枣的钱打到这个账号" in page
    assert f'value="{GROWER}"' in page

    answer = post(grower, "/grower/purse", filled(seller, number=f" {NUMBER[:6]} {NUMBER[6:]}"))

    assert (answer.status_code, answer.headers["Location"]) == (303, "/grower/purse")
    shown = grower.get("/grower/purse")
    assert MASKED in shown.text
    assert "待核实" in shown.text
    assert NUMBER not in shown.text
    assert shown.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"number": "123"}, "number"),
        ({"number": NUMBER[:-1] + str((int(NUMBER[-1]) + 1) % 10)}, "number"),
        ({"number": ""}, "number"),
        ({"holder": "王二小"}, "holder"),
        ({"holder": ""}, "holder"),
        ({"bank": ""}, "bank"),
        ({"bank": "moon"}, "bank"),
        ({"bank": "other"}, "bank_name"),
        ({"consent": ""}, "consent"),
        ({"seller_id": "x"}, "seller_id"),
        ({"seller_id": "999999"}, "seller_id"),
    ],
)
def test_what_does_not_fit_is_refused_at_its_field(
    grower: FlaskClient, seller: Seller, changed: dict[str, str], field: str
) -> None:
    answer = post(grower, "/grower/purse", filled(seller, **changed))

    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert kept() == []


def test_without_the_tick_nothing_is_kept(grower: FlaskClient, seller: Seller) -> None:
    data = filled(seller)
    del data["consent"]

    assert post(grower, "/grower/purse", data).status_code == 422
    assert kept() == []


def test_five_taps_make_one_account(grower: FlaskClient, seller: Seller) -> None:
    token = csrf(grower)

    answers = [grower.post("/grower/purse", data={"csrf_token": token, **filled(seller)}).status_code for _ in range(5)]

    assert answers == [303] * 5
    assert len(kept()) == 1


def test_a_number_of_another_seller_is_refused_in_words(app: Flask, grower: FlaskClient, seller: Seller) -> None:
    other = an_applicant(phone="13700000002", name=GROWER)
    neighbour = app.test_client()
    come_in(neighbour, "13700000002")
    given(grower, seller)

    answer = post(neighbour, "/grower/purse", filled(other))

    assert answer.status_code == 409
    assert "这个账号已登记在别家名下，请到乡镇核实。" in answer.text


def test_another_s_seller_cannot_be_named_in_the_form(app: Flask, grower: FlaskClient, seller: Seller) -> None:
    a_person(name=GROWER)
    stranger = app.test_client()
    come_in(stranger)

    assert post(stranger, "/grower/purse", filled(seller)).status_code == 422
    assert "先登记卖枣" in stranger.get("/grower/purse").text
    assert kept() == []


def test_who_acts_for_two_sellers_chooses(grower: FlaskClient, seller: Seller) -> None:
    head = a_person(name="社长")
    with transaction():
        coop = growers.apply(COOP, person_id=head.id, by="test")
        session().add(Membership(seller_id=coop.id, person_id=seller.contact_person_id, since=coop.created_at))

    page = grower.get("/grower/purse").text
    assert '<select id="seller_id"' in page

    assert post(grower, "/grower/purse", filled(coop, holder=COOP.name)).status_code == 303
    assert [(one.seller_id, one.holder) for one in kept()] == [(coop.id, COOP.name)]


def test_withdrawing_deletes_and_says_so(grower: FlaskClient, seller: Seller) -> None:
    given(grower, seller)

    assert post(grower, "/grower/purse/withdrawal").status_code == 303

    page = grower.get("/grower/purse").text
    assert MASKED not in page
    assert "还没有登记收款账号" in page
    assert "收回同意，删除账号" not in page
    session().rollback()
    consents = session().scalars(select(Consent.withdrawn_at).where(Consent.purpose == Purpose.BANK_ACCOUNT)).all()
    assert None not in consents


def test_the_queue_counts_and_leads_to_the_account(official: FlaskClient, grower: FlaskClient, seller: Seller) -> None:
    account = given(grower, seller)

    page = official.get("/desk/accounts").text

    assert '待核实&nbsp;<b class="count">1</b>' in page
    assert f"/desk/accounts/{account}" in page
    assert MASKED in page


def test_the_seller_s_page_shows_his_accounts_masked(
    official: FlaskClient, grower: FlaskClient, seller: Seller
) -> None:
    assert "还没有登记收款账号" in official.get(f"/desk/growers/{seller.id}").text
    account = given(grower, seller)

    page = official.get(f"/desk/growers/{seller.id}").text

    assert f"/desk/accounts/{account}" in page
    assert MASKED in page
    assert NUMBER not in page


def test_the_official_compares_verifies_and_the_grower_sees_it(
    official: FlaskClient, grower: FlaskClient, seller: Seller
) -> None:
    page = f"/desk/accounts/{given(grower, seller)}"

    assert post(official, f"{page}/verification", {"because": "看过存折原件"}).status_code == 303

    assert kept()[0].state is AccountState.VERIFIED
    assert "已核实" in grower.get("/grower/purse").text
    assert "看过存折原件" in official.get(page).text
    assert "verification" not in official.get(page).text
    given(grower, seller, OTHER)
    assert "新账号核实以前，钱还打到原来的账号" in grower.get("/grower/purse").text


def test_giving_the_account_in_force_again_says_that_it_is(
    official: FlaskClient, grower: FlaskClient, seller: Seller
) -> None:
    post(official, f"/desk/accounts/{given(grower, seller)}/verification", {"because": "看过存折原件"})

    post(grower, "/grower/purse", filled(seller))

    assert "这个账号已经核实、正在用" in grower.get("/grower/purse").text
    assert len(kept()) == 1


def test_the_grower_reads_why_his_account_was_refused(
    official: FlaskClient, grower: FlaskClient, seller: Seller
) -> None:
    post(official, f"/desk/accounts/{given(grower, seller)}/refusal", {"because": "存折是别人的"})

    page = grower.get("/grower/purse").text
    assert "原因：存折是别人的" in page
    given(grower, seller, OTHER)
    assert "存折是别人的" not in grower.get("/grower/purse").text


def test_a_decision_without_reason_or_too_late_is_refused(
    official: FlaskClient, grower: FlaskClient, seller: Seller
) -> None:
    page = f"/desk/accounts/{given(grower, seller)}"

    for act in ("verification", "refusal", "number"):
        for because in ("", "好"):
            answer = post(official, f"{page}/{act}", {"because": because})
            assert answer.status_code == 422
            assert f'id="{act}-because-error"' in answer.text
    assert post(official, f"{page}/refusal", {"because": "户名对不上"}).status_code == 303
    assert post(official, f"{page}/verification", {"because": "看过存折原件"}).status_code == 409
    assert post(official, f"{page}/number", {"because": "再核对一遍"}).status_code == 404
    assert post(official, f"{page}/coronation", {"because": "再核对一遍"}).status_code in (404, 405)


def test_another_township_s_account_looks_like_none(app: Flask, grower: FlaskClient, seller: Seller) -> None:
    stranger = client_of(app, Role.TOWNSHIP, f"township:{SANJIAO}", "13900000003")
    account = given(grower, seller)

    assert MASKED not in stranger.get("/desk/accounts").text
    for page in (f"/desk/accounts/{account}", "/desk/accounts/999999"):
        assert stranger.get(page).status_code == 404
        for act in ("verification", "refusal", "number"):
            assert post(stranger, f"{page}/{act}", {"because": "看过存折原件"}).status_code == 404
    assert kept()[0].state is AccountState.WAITING


def test_county_and_auditor_read_masked_and_do_not_decide_or_open(
    app: Flask, grower: FlaskClient, seller: Seller
) -> None:
    account = given(grower, seller)

    for role, phone in ((Role.COUNTY, "13900000003"), (Role.AUDITOR, "13900000004")):
        client = client_of(app, role, "county", phone)
        page = client.get(f"/desk/accounts/{account}").text
        assert MASKED in page
        assert "verification" not in page
        for act in ("verification", "refusal", "number"):
            answer = post(client, f"/desk/accounts/{account}/{act}", {"because": "看过存折原件"})
            assert answer.status_code == 403


def test_growers_and_administrators_do_not_enter_the_desk(app: Flask, grower: FlaskClient, seller: Seller) -> None:
    account = given(grower, seller)
    admin = client_of(app, Role.ADMIN, "county", "13900000003")

    for client in (grower, admin):
        assert client.get("/desk/accounts").status_code == 403
        assert client.get(f"/desk/accounts/{account}").status_code == 403
        for act in ("verification", "number"):
            answer = post(client, f"/desk/accounts/{account}/{act}", {"because": "看过存折原件"})
            assert answer.status_code == 403


def test_an_official_sees_that_his_own_account_is_not_his_to_verify(official: FlaskClient) -> None:
    post(official, "/grower/apply", APPLICATION)
    (own,) = session().scalars(select(Seller)).all()
    assert post(official, "/grower/purse", filled(own, holder="赵乡镇")).status_code == 303
    page = f"/desk/accounts/{kept()[0].id}"

    assert "请由另一位干部来核实" in official.get(page).text
    assert "verification" not in official.get(page).text
    assert post(official, f"{page}/verification", {"because": "自己看过了"}).status_code == 403
    assert kept()[0].state is AccountState.WAITING


def test_the_official_opens_the_number_once_and_on_record(
    official: FlaskClient, grower: FlaskClient, seller: Seller
) -> None:
    page = f"/desk/accounts/{given(grower, seller)}"

    opened = post(official, f"{page}/number", {"because": "核对存折号码"})

    assert NUMBER in opened.text
    assert opened.headers["Cache-Control"] == "no-store"
    assert NUMBER not in official.get(page).text
    session().rollback()
    assert session().scalars(select(Disclosure.field)).all() == ["bank_account"]


def test_no_page_shows_a_number_in_full(official: FlaskClient, grower: FlaskClient, seller: Seller) -> None:
    account = given(grower, seller)
    shown = [grower.get(path).text for path in ("/grower/purse", "/me", "/me/messages", "/grower/apply")]
    desk = ("/desk/accounts", f"/desk/accounts/{account}", f"/desk/growers/{seller.id}", "/desk/growers")
    shown += [official.get(path).text for path in desk]

    assert [NUMBER in page or NUMBER[:-4] in page for page in shown] == [False] * len(shown)


@pytest.mark.parametrize("query", [{"state": "x"}, {"state": "\0"}, {"after": "x"}, {"after": "W10"}])
def test_a_made_up_place_in_the_queue_is_no_fault(official: FlaskClient, query: dict[str, str]) -> None:
    assert official.get("/desk/accounts", query_string=query).status_code in (200, 422)


@pytest.mark.parametrize("field", ["seller_id", "holder", "bank", "bank_name", "number"])
def test_a_hostile_value_is_refused_in_words(grower: FlaskClient, seller: Seller, field: str) -> None:
    token = csrf(grower)

    for value in HOSTILE:
        data = filled(seller, bank="other", bank_name="示例村镇银行", csrf_token=token)
        answer = grower.post("/grower/purse", data={**data, field: value})

        assert answer.status_code in ((303, 422) if field == "bank_name" else (422,)), value[:40]
        assert "<script>alert" not in answer.text
    assert field == "bank_name" or kept() == []


@pytest.mark.parametrize("act", ["verification", "refusal", "number"])
def test_a_hostile_reason_is_no_fault(official: FlaskClient, grower: FlaskClient, seller: Seller, act: str) -> None:
    page = f"/desk/accounts/{given(grower, seller)}"
    token = csrf(official)

    for value in HOSTILE:
        answer = official.post(f"{page}/{act}", data={"csrf_token": token, "because": value})
        assert answer.status_code < 500, value[:40]
    assert "<script>alert" not in official.get(page).text


def test_empty_forms_are_refused_in_words(official: FlaskClient, grower: FlaskClient, seller: Seller) -> None:
    assert post(grower, "/grower/purse").status_code == 422
    page = f"/desk/accounts/{given(grower, seller)}"

    assert [post(official, f"{page}/{act}").status_code for act in ("verification", "refusal", "number")] == [422] * 3
    assert session().scalars(select(func.count()).select_from(Disclosure)).one() == 0
