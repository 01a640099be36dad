"""A text that waits reaches its phone at least once and is seen once, however its provider fails."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import select

from app.gateways.sms import HttpSms
from app.kernel import clock
from app.kernel.db import Database, session, transaction
from app.people.accounts.models import Person
from app.people.messages import queue, sending, service
from app.people.messages.models import OutgoingText
from app.people.messages.sending import Gateways
from app.people.messages.states import TextState, Way
from tests.fakes.sms_server import Fault, SmsServer, Text
from tests.people.cast import PHONE, a_person, at, later
from tests.people.test_nothing_in_clear import dump
from tests.races.crowd import tally, together

WORDS = "订单 D7K2M-9QX4T-PW3HA 发货了。"


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


def write(*people: Person, words: str = WORDS) -> None:
    with transaction():
        service.text([one.id for one in people], words)


def texts() -> list[OutgoingText]:
    session().rollback()
    return list(session().scalars(select(OutgoingText).order_by(OutgoingText.id)))


def work() -> int:
    """One pass of the worker."""
    session().rollback()
    return sending.send_due()


@contextmanager
def after(**span: int) -> Iterator[None]:
    with at(later(**span)):
        yield


def test_a_text_reaches_the_phone_under_its_own_name(provider: SmsServer, li: Person) -> None:
    write(li)

    assert work() == 1

    (row,) = texts()
    assert provider.taken == [Text(row.reference, PHONE, WORDS)]
    assert (row.state, row.sent_at is not None, row.leased_until) == (TextState.SENT, True, None)
    assert work() == 0
    assert len(provider.asked) == 1


@pytest.mark.parametrize(
    "fault",
    [Fault.NOT_TAKEN, Fault.TAKEN, Fault.SILENT, Fault.HTML, Fault.FLOOD, Fault.ELSEWHERE, Fault.BROKEN],
    ids=lambda one: one.name,
)
def test_after_silence_it_goes_again_under_the_same_name_and_is_seen_once(
    provider: SmsServer, li: Person, fault: Fault
) -> None:
    provider.faults.append(fault)
    write(li)

    assert work() == 0
    (row,) = texts()
    assert (row.state, row.tries) == (TextState.FAILED, 1)
    assert work() == 0
    with after(seconds=16):
        assert work() == 1

    assert [one.state for one in texts()] == [TextState.SENT]
    assert len(provider.asked) == 2
    assert provider.taken == [Text(row.reference, PHONE, WORDS)]


def test_a_text_that_its_provider_will_not_take_is_given_up_and_the_next_one_goes(
    provider: SmsServer, li: Person
) -> None:
    provider.faults.append(Fault.REFUSED)
    write(li)
    write(li, words="第二条")

    assert work() == 1

    first, second = texts()
    assert (first.state, first.last_error) == (TextState.GIVEN_UP, "answered 422")
    assert second.state is TextState.SENT


def test_after_eight_tries_it_is_given_up_with_the_last_error(provider: SmsServer, li: Person) -> None:
    provider.faults.extend([Fault.NOT_TAKEN] * 9)
    write(li)
    for _ in range(9):
        session().rollback()
        (row,) = texts()
        with at(row.run_after):
            sending.send_due()

    (row,) = texts()
    assert (row.state, row.tries, row.last_error) == (TextState.GIVEN_UP, 8, "answered 500")
    assert len(provider.asked) == 8


def test_one_silence_ends_the_pass_so_that_nobody_waits_for_it_twice(provider: SmsServer, li: Person) -> None:
    provider.faults.append(Fault.NOT_TAKEN)
    for _ in range(3):
        write(li)

    assert work() == 0
    assert len(provider.asked) == 1
    assert work() == 2


def test_a_text_leased_by_a_worker_that_died_goes_again_when_the_lease_is_over(provider: SmsServer, li: Person) -> None:
    write(li)
    session().rollback()
    assert sending._lease() is not None

    assert work() == 0
    with after(seconds=61):
        assert work() == 1


def test_a_worker_that_dies_at_every_try_does_not_kill_for_ever(provider: SmsServer, li: Person) -> None:
    write(li)
    for number in range(1, 10):
        with after(minutes=2 * number):
            sending._lease()

    (row,) = texts()
    assert (row.state, row.last_error) == (TextState.GIVEN_UP, "the worker died at every attempt")


def test_a_late_answer_does_not_undo_what_another_worker_has_done(provider: SmsServer, li: Person) -> None:
    write(li)
    session().rollback()
    slow = sending._lease()
    assert slow is not None
    with after(seconds=61):
        assert work() == 1

    sending._failed(slow, because="no answer in time", for_good=True)

    assert [one.state for one in texts()] == [TextState.SENT]


def test_many_workers_send_each_text_once(people: Database, provider: SmsServer, li: Person) -> None:
    for number in range(9):
        write(li, words=f"第{number}条")

    def work_beside_others() -> int:
        with people.unit_of_work():
            return sending.send_due()

    assert tally(together([work_beside_others] * 4)) == {"done": 4}
    assert sorted(one.words for one in provider.asked) == [f"第{number}条" for number in range(9)]
    assert {one.state for one in texts()} == {TextState.SENT}


def test_what_is_held_back_is_not_sent(provider: SmsServer, li: Person) -> None:
    with at(later(days=1).replace(hour=4)):
        for _ in range(queue.MOST_A_DAY + 1):
            write(li)
        assert work() == queue.MOST_A_DAY


def test_a_text_from_a_restored_backup_is_not_sent_days_later(provider: SmsServer, li: Person) -> None:
    write(li)

    with after(days=2):
        assert work() == 0

    (row,) = texts()
    assert (row.state, row.last_error, provider.asked) == (TextState.GIVEN_UP, "too old", [])


def test_a_closed_account_gets_no_text(provider: SmsServer, li: Person) -> None:
    write(li)
    with transaction():
        session().get_one(Person, li.id).disabled_at = clock.now()

    assert work() == 0
    assert [one.state for one in texts()] == [TextState.GIVEN_UP]
    assert provider.asked == []


def test_nothing_in_the_database_holds_the_number_in_clear(provider: SmsServer, li: Person) -> None:
    provider.faults.append(Fault.BROKEN)
    write(li)
    write(li, words="第二条")
    work()
    with after(minutes=1):
        work()

    stored = dump()
    assert "第二条" in stored
    assert PHONE not in stored
    assert provider.token not in stored


def test_without_a_provider_the_text_is_in_the_log_and_nothing_is_asked(
    people: Database, li: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    write(li)

    assert work() == 1
    assert not sending.is_connected(Way.TEXT)
    assert [one.state for one in texts()] == [TextState.SENT]
    assert PHONE not in "".join(capsys.readouterr())


def test_nothing_is_locked_or_open_while_the_provider_is_asked(
    provider: SmsServer, li: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(li)
    seen: list[bool] = []

    def send(self: HttpSms, **named: str) -> None:
        seen.append(session().in_transaction())

    monkeypatch.setattr(HttpSms, "send", send)
    work()

    assert seen == [False]
