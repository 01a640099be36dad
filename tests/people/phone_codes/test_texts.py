"""The text with a code is made when it goes: to the number's owner alone, while the code is expected, kept nowhere."""

from collections.abc import Iterator

import pytest

from app.gateways import sms
from app.gateways.sms import HttpSms
from app.kernel.db import Database, transaction
from app.people.accounts import service as accounts
from app.people.accounts.models import Person
from app.people.messages import queue, sending, service, short
from app.people.messages.sending import Gateways
from app.people.messages.service import signs
from app.people.messages.states import TextState, Way
from tests.fakes.sms_server import Fault, SmsServer
from tests.people.cast import PHONE, a_person, an_admin, at, later
from tests.people.phone_codes.coding import ask, code_of, enter, texts, work
from tests.people.test_nothing_in_clear import found_in_database


@pytest.fixture
def provider(people: Database) -> Iterator[SmsServer]:
    """A provider that the database's texts go through."""
    with SmsServer() as server:
        sending.use(Gateways(sms=HttpSms(server.url)), on=people)
        yield server
        sending.use(None, on=people)


@pytest.fixture
def li(people: Database) -> Person:
    return a_person()


def test_the_code_reaches_the_phone(provider: SmsServer, li: Person) -> None:
    code = code_of(ask())

    assert work() == 1

    assert [(one.to, one.words) for one in provider.taken] == [(PHONE, short.SIGN_IN_CODE.format(code=code))]
    assert [one.state for one in texts()] == [TextState.SENT]


def test_the_text_fits_into_one_part_beside_a_signature() -> None:
    assert signs(short.SIGN_IN_CODE.format(code="000000")) <= short.MOST


def test_an_unknown_number_gets_no_text(provider: SmsServer, li: Person) -> None:
    ask("13911112222")

    assert work() == 0
    assert (texts(), provider.asked) == ([], [])


def test_somebody_who_was_disabled_gets_no_text(provider: SmsServer, li: Person) -> None:
    admin = an_admin()
    with transaction():
        accounts.disable(li.id, by=admin, because="账号被盗用")
    ask()

    assert work() == 0
    assert (texts(), provider.asked) == ([], [])


def test_a_text_whose_code_was_used_or_overtaken_or_is_too_old_does_not_go(provider: SmsServer, li: Person) -> None:
    provider.faults.extend([Fault.NOT_TAKEN])
    code = code_of(ask())
    work()
    with at(later(seconds=61)):
        ask()
        assert work() == 1
    assert code not in "".join(one.words for one in provider.taken)
    assert [one.state for one in texts()] == [TextState.GIVEN_UP, TextState.SENT]

    with at(later(seconds=122)):
        request = ask()
        enter(code_of(request))
        assert work() == 0
    with at(later(seconds=183)):
        ask()
    with at(later(seconds=500)):
        assert work() == 0
    assert len(texts()) == 2


def test_a_text_that_goes_again_says_the_same_code(provider: SmsServer, li: Person) -> None:
    provider.faults.append(Fault.NOT_TAKEN)
    code = code_of(ask())
    assert work() == 0
    with at(later(seconds=16)):
        assert work() == 1

    assert [code in one.words for one in provider.asked] == [True, True]
    assert len(provider.taken) == 1


def test_codes_take_nothing_from_the_texts_that_a_person_gets_on_a_day(people: Database, li: Person) -> None:
    day = later(days=1).replace(hour=4)
    for number in range(3):
        with at(day.replace(minute=2 * number)):
            ask()
            work()
    with at(day.replace(minute=10)):
        for _ in range(queue.MOST_A_DAY):
            with transaction():
                service.text([li.id], "订单发货了。")
        ask()
        assert work() == queue.MOST_A_DAY + 1


def test_no_code_of_six_digits_that_is_still_expected_lies_anywhere_in_the_database(
    provider: SmsServer, li: Person
) -> None:
    provider.faults.append(Fault.NOT_TAKEN)
    live = code_of(ask())
    unknown = code_of(ask("13911112222"))
    work()

    assert found_in_database(live) == []
    assert found_in_database(unknown) == []
    assert "登录验证码" in {one.words for one in texts()}


def test_looking_for_a_code_finds_one_that_lies_there(people: Database, li: Person) -> None:
    code = code_of(ask())
    with transaction():
        service.text([li.id], f"验证码{code}。")

    assert found_in_database(code) == ["outgoing_texts"]


def test_without_a_provider_the_log_tells_of_the_text_and_hides_the_code(
    people: Database, li: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(sms.log, "info", lambda event, **told: said.append(f"{event} {told}"))
    code = code_of(ask())

    assert work() == 1

    assert "登录验证码****" in said[0]
    assert not any(code in one or PHONE in one for one in said)
    assert not sending.is_connected(Way.TEXT)
