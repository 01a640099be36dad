"""A provider of texts is asked once per call, within a time in all, and believed only when it says our id."""

import time
from collections.abc import Iterator

import pytest

from app.gateways import sms
from app.gateways.sms import HttpSms, LogSms, TextRefused, TextUnsure, without_codes
from tests.fakes.sms_server import Fault, SmsServer, Text

PHONE = "13700000001"
WORDS = "订单 D7K2M-9QX4T-PW3HA 发货了。"


@pytest.fixture
def server() -> Iterator[SmsServer]:
    with SmsServer() as server:
        yield server


def send(url: str, reference: str = "R1") -> None:
    HttpSms(url).send(to=PHONE, words=WORDS, reference=reference)


def test_the_provider_gets_number_words_and_id_under_the_token(server: SmsServer) -> None:
    send(server.url)

    assert server.taken == [Text("R1", PHONE, WORDS)]


@pytest.mark.parametrize(
    "fault", [one for one in Fault if one not in (Fault.REFUSED, Fault.LATE)], ids=lambda f: f.name
)
def test_an_answer_that_does_not_say_our_id_is_no_answer(server: SmsServer, fault: Fault) -> None:
    server.faults.append(fault)

    with pytest.raises(TextUnsure):
        send(server.url)

    assert len(server.asked) == 1


def test_a_refusal_is_told_apart_from_silence(server: SmsServer) -> None:
    server.faults.append(Fault.REFUSED)

    with pytest.raises(TextRefused, match="422"):
        send(server.url)


def test_a_wrong_token_is_no_refusal_of_the_text(server: SmsServer) -> None:
    with pytest.raises(TextUnsure, match="401"):
        send(server.url.replace(server.token, "another"))


def test_nobody_there_is_silence() -> None:
    with pytest.raises(TextUnsure, match="ConnectionRefusedError"):
        send("http://token@127.0.0.1:1/")


def test_an_answer_that_drips_is_given_up_in_time(server: SmsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sms, "CALL_SECONDS", 0.4)
    server.faults.append(Fault.LATE)
    gateway = HttpSms(server.url)
    began = time.monotonic()

    with pytest.raises(TextUnsure, match="in time"):
        gateway.send(to=PHONE, words=WORDS, reference="R1")

    assert time.monotonic() - began < 2
    gateway.send(to=PHONE, words=WORDS, reference="R1")
    assert server.taken == [Text("R1", PHONE, WORDS)]


def test_what_went_wrong_names_no_number_and_no_token(server: SmsServer) -> None:
    for fault in (Fault.NOT_TAKEN, Fault.HTML, Fault.ELSEWHERE, Fault.BROKEN):
        server.faults.append(fault)
        with pytest.raises(TextUnsure) as caught:
            send(server.url)
        assert PHONE not in str(caught.value)
        assert server.token not in str(caught.value)


def test_the_log_hides_the_number_and_every_code(capsys: pytest.CaptureFixture[str]) -> None:
    LogSms().send(to=PHONE, words="验证码 482913，五分钟内有效", reference="R1")

    said = "".join(capsys.readouterr())
    assert PHONE not in said
    assert "482913" not in said


@pytest.mark.parametrize(
    ("words", "shown"),
    [("验证码 482913", "验证码 ****"), ("退 68.00 元", "退 68.00 元"), ("尾号1234", "尾号****"), ("", "")],
)
def test_only_long_runs_of_digits_are_hidden(words: str, shown: str) -> None:
    assert without_codes(words) == shown
