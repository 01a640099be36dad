"""Who confirmed a mail address gets his messages there too, once to his eyes, and nobody else gets anything."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from app.gateways.mail import SmtpMail
from app.gateways.sms import HttpSms
from app.kernel import clock
from app.kernel.crypto import Undecipherable
from app.kernel.db import Database, session, transaction
from app.kernel.errors import NotFound
from app.kernel.permissions import Viewer
from app.people.accounts.models import Consent, Person
from app.people.accounts.states import Purpose
from app.people.messages import mail, queries, queue, sending, service
from app.people.messages.errors import BadMailCode, NoMailHere, TooManyMailCodes, TooManyMailGuesses
from app.people.messages.letters import Site
from app.people.messages.sending import Gateways
from app.people.messages.states import TextState, Way
from tests.fakes.sms_server import SmsServer
from tests.fakes.smtp_server import Fault, SmtpServer
from tests.people.cast import a_person, at, later, viewer_for
from tests.people.messages.mailing import (
    ADDRESS,
    ask,
    carry,
    code_for,
    code_in,
    confirmed,
    guess,
    mailboxes,
    mails,
    wrong_for,
)
from tests.people.test_nothing_in_clear import dump

WORDS = "订单 D7K2M-9QX4T-PW3HA 发货了。"
SITE = Site("https://zao.example")


@pytest.fixture
def server(people: Database) -> Iterator[SmtpServer]:
    """A mail server that the database's mails go through."""
    with SmtpServer() as server:
        sending.use(Gateways(mail=SmtpMail(server.url), site=SITE), on=people)
        yield server
        sending.use(None, on=people)


@pytest.fixture
def li(people: Database) -> Viewer:
    return viewer_for(a_person())


def tell(*people: Viewer, words: str = WORDS) -> None:
    with transaction():
        service.tell([one.person_id for one in people], words, link="/orders/D7K2M-9QX4T-PW3HA")


def test_what_is_told_is_also_mailed_with_the_way_there_and_the_way_out(server: SmtpServer, li: Viewer) -> None:
    confirmed(li)
    carry()
    tell(li)

    assert carry() == 1

    taken = server.taken[-1]
    assert (taken.to, taken.message["Subject"]) == ([ADDRESS], "柳林红枣：您有新消息")
    assert WORDS in taken.body
    assert "https://zao.example/orders/D7K2M-9QX4T-PW3HA\n" in taken.body.replace("\r\n", "\n")
    assert "https://zao.example/me/mail" in taken.body
    assert li.name not in taken.body
    assert (mails()[-1].state, carry()) == (TextState.SENT, 0)


def test_before_it_is_confirmed_an_address_gets_nothing_but_its_code(server: SmtpServer, li: Viewer) -> None:
    ask(li)
    tell(li)

    assert carry() == 1

    (taken,) = server.taken
    assert taken.message["Subject"] == "柳林红枣：邮箱确认码"
    guess(li, code_in(server))
    assert queries.mailed_among([li.person_id]) == {li.person_id}


def test_only_who_has_an_address_gets_mail_and_each_his_own(server: SmtpServer, li: Viewer) -> None:
    wang = viewer_for(a_person("13700000001", "王枣林"))
    qian = viewer_for(a_person("13700000002", "钱"))
    confirmed(li)
    confirmed(wang, "wang@example.com")
    carry()
    tell(li, wang, qian)

    assert carry() == 2
    assert [one.to for one in server.taken[-2:]] == [[ADDRESS], ["wang@example.com"]]


def test_an_act_that_fails_mails_nothing(server: SmtpServer, li: Viewer) -> None:
    confirmed(li)
    before = len(mails())

    def tell_and_break() -> None:
        service.tell([li.person_id], WORDS, link="/orders")
        raise RuntimeError

    with pytest.raises(RuntimeError), transaction():
        tell_and_break()

    assert len(mails()) == before


@pytest.mark.parametrize("fault", [Fault.SILENT, Fault.NOT_NOW, Fault.FULL, Fault.GOODBYE], ids=lambda one: one.name)
def test_after_silence_it_goes_again_as_the_very_same_mail(server: SmtpServer, li: Viewer, fault: Fault) -> None:
    confirmed(li)
    carry()
    tell(li)
    server.taken.clear()
    server.faults.append(fault)

    assert carry() == 0
    assert [one.state for one in mails()][-1] is TextState.FAILED
    with at(later(seconds=16)):
        assert carry() == 1

    assert len({one.raw for one in server.taken}) == 1
    assert {one.message["Message-ID"] for one in server.taken} == {f"<{mails()[-1].reference}@zao.example>"}


def test_a_mail_leased_by_a_worker_that_died_goes_again_when_the_lease_is_over(server: SmtpServer, li: Viewer) -> None:
    confirmed(li)
    carry()
    tell(li)
    session().rollback()
    dead = sending._lease(Way.MAIL)
    assert dead is not None
    dead.send()

    assert carry() == 0
    with at(later(seconds=61)):
        assert carry() == 1
    assert server.taken[-1].raw == server.taken[-2].raw


def test_a_refusal_for_good_is_given_up_at_once_and_the_next_one_goes(server: SmtpServer, li: Viewer) -> None:
    confirmed(li)
    carry()
    tell(li)
    tell(li, words="第二条")
    server.faults.append(Fault.NO_SUCH_BOX)

    assert carry() == 1

    first, second = mails()[-2:]
    assert (first.state, first.last_error, first.tries) == (TextState.GIVEN_UP, "answered 550", 1)
    assert second.state is TextState.SENT


def test_a_silent_mail_server_does_not_hold_up_the_texts(people: Database, li: Viewer) -> None:
    with SmtpServer() as server, SmsServer() as phones:
        sending.use(Gateways(sms=HttpSms(phones.url), mail=SmtpMail(server.url)), on=people)
        server.faults.append(Fault.GOODBYE)
        ask(li)
        with transaction():
            service.text([li.person_id], WORDS)
        assert carry() == 0
        assert sending.send_due(Way.TEXT) == 1
        sending.use(None, on=people)


def test_the_eleventh_mail_of_a_day_is_held_back_and_a_code_never_is(server: SmtpServer, li: Viewer) -> None:
    with at(later(days=1).replace(hour=4)):
        confirmed(li)
        for _ in range(queue.MOST_A_DAY + 1):
            tell(li)
        ask(li)

    states = [one.state for one in mails()]
    assert states[-2:] == [TextState.HELD_BACK, TextState.WAITING]
    assert states.count(TextState.HELD_BACK) == 2


def test_another_address_gets_nothing_until_it_is_confirmed_and_the_old_one_nothing_more(
    server: SmtpServer, li: Viewer
) -> None:
    confirmed(li)
    carry()
    server.taken.clear()
    tell(li)
    ask(li, "other@example.com")

    carry()

    (taken,) = server.taken
    assert (taken.to, taken.message["Subject"]) == (["other@example.com"], "柳林红枣：邮箱确认码")
    assert mails()[-2].last_error == "the address is not confirmed"


def test_a_removed_address_is_gone_with_its_consent_and_what_waited_goes_nowhere(
    server: SmtpServer, li: Viewer
) -> None:
    confirmed(li)
    carry()
    server.taken.clear()
    tell(li)

    with transaction():
        mail.remove(by=li)

    assert mailboxes() == []
    standing = select(func.count()).where(Consent.purpose == Purpose.MAIL, Consent.withdrawn_at.is_(None))
    assert session().scalars(standing).one() == 0
    assert carry() == 0
    assert (server.taken, mails()[-1].last_error) == ([], "the address was removed")
    with pytest.raises(NotFound), transaction():
        mail.remove(by=li)


def test_a_closed_account_gets_no_mail(server: SmtpServer, li: Viewer) -> None:
    confirmed(li)
    carry()
    tell(li)
    with transaction():
        session().get_one(Person, li.person_id).disabled_at = clock.now()

    assert carry() == 0
    assert mails()[-1].last_error == "the account is closed"


def test_the_code_is_the_owner_s_and_serves_once_for_a_quarter_of_an_hour(server: SmtpServer, li: Viewer) -> None:
    wang = viewer_for(a_person("13700000001", "王枣林"))
    ask(li)
    ask(wang, "wang@example.com")
    code = code_for(li)
    if code != code_for(wang):
        with pytest.raises(BadMailCode):
            guess(wang, code)
    nobody = viewer_for(a_person("13700000002", "钱"))
    with pytest.raises(BadMailCode):
        guess(nobody, code)
    with at(later(minutes=15)), pytest.raises(BadMailCode):
        guess(li, code)

    guess(li, f" {code[:3]} {code[3:]} ".translate(str.maketrans("0123456789", "０１２３４５６７８９")))

    with pytest.raises(BadMailCode):
        guess(li, code)


def test_a_new_code_makes_the_old_one_worthless(server: SmtpServer, li: Viewer) -> None:
    ask(li)
    old = code_for(li)
    ask(li)

    if old != code_for(li):
        with pytest.raises(BadMailCode):
            guess(li, old)
    guess(li, code_for(li))


def test_after_five_wrong_guesses_the_right_one_is_not_looked_at(server: SmtpServer, li: Viewer) -> None:
    ask(li)
    for _ in range(5):
        with pytest.raises(BadMailCode):
            guess(li, wrong_for(li))

    with pytest.raises(TooManyMailGuesses):
        guess(li, code_for(li))

    assert mailboxes()[0].confirmed_at is None


def test_one_person_asks_for_three_codes_an_hour(server: SmtpServer, li: Viewer) -> None:
    for number in range(3):
        ask(li, f"li{number}@example.com")

    with pytest.raises(TooManyMailCodes):
        ask(li, "li9@example.com")


def test_many_people_cannot_flood_one_address(server: SmtpServer, li: Viewer) -> None:
    for number, address in enumerate((ADDRESS, "LI@Example.com", ADDRESS)):
        ask(viewer_for(a_person(f"1370000010{number}", "某人")), address)

    with pytest.raises(TooManyMailCodes):
        ask(li)


def test_where_there_is_no_mail_no_address_is_kept(people: Database, li: Viewer) -> None:
    with pytest.raises(NoMailHere):
        ask(li)

    assert (mailboxes(), mails()) == ([], [])


def test_a_code_that_nobody_waits_for_any_more_is_not_mailed(server: SmtpServer, li: Viewer) -> None:
    ask(li)

    with at(later(minutes=16)):
        assert carry() == 0

    assert (server.taken, mails()[0].last_error) == ([], "the code is used or too old")


def test_neither_address_nor_code_nor_password_lies_in_the_database_in_clear(server: SmtpServer, li: Viewer) -> None:
    ask(li, "jujube.grower@example.com")
    code = code_for(li)
    server.faults.append(Fault.NO_SUCH_BOX)
    carry()
    stored = dump()
    for clear in ("jujube.grower", "example.com", code, "p@ss word"):
        assert clear not in stored
    guess(li, code)
    tell(li)
    server.faults.append(Fault.SPAM)
    carry()

    stored = dump()
    assert WORDS in stored
    for clear in ("jujube.grower", "example.com", "p@ss word"):
        assert clear not in stored


def test_a_sealed_address_opens_for_its_owner_alone(server: SmtpServer, li: Viewer) -> None:
    wang = viewer_for(a_person("13700000001", "王枣林"))
    confirmed(li)
    ask(wang, "wang@example.com")
    first, second = mailboxes()
    session().expunge_all()
    first.address_sealed = second.address_sealed

    with pytest.raises(Undecipherable):
        queries.address_in(first)


def test_nothing_leaves_a_county_of_examples_whatever_is_connected(
    people: Database, li: Viewer, capsys: pytest.CaptureFixture[str]
) -> None:
    with SmtpServer() as server, SmsServer() as phones:
        out = Gateways(sms=HttpSms(phones.url), mail=SmtpMail(server.url), site=SITE)
        sending.use(replace(out, unless=lambda: True), on=people)
        confirmed(li)
        tell(li)
        with transaction():
            service.text([li.person_id], WORDS)

        session().rollback()
        assert (sending.send_due(Way.MAIL), sending.send_due(Way.TEXT)) == (1, 1)
        assert not sending.is_connected(Way.MAIL)
        assert not sending.is_connected(Way.TEXT)
        assert (server.tried, server.taken, phones.asked) == (0, [], [])
        assert ADDRESS not in "".join(capsys.readouterr())

        sending.use(out, on=people)
        tell(li)
        assert carry() == 1
        assert len(server.taken) == 1
        sending.use(None, on=people)
