"""A mail goes once per call, within a time in all, never in clear over a foreign line, never with a line too many."""

import ipaddress
import ssl
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.gateways import mail
from app.gateways.mail import Letter, LogMail, MailRefused, MailUnsure, SmtpMail, masked
from tests.fakes.smtp_server import SENDER, URL_PASSWORD, Fault, SmtpServer

AT = datetime(2026, 11, 24, 1, 2, 3, tzinfo=UTC)
LETTER = Letter(
    to="wang@example.com",
    subject="柳林红枣：您有新消息",
    body="订单 D7K2M 的货款到了。\n\n.这一行以点开头\n打开看：https://zao.example/orders\n",
    reference="R-1_a",
    at=AT,
)
FOR_GOOD = (Fault.NO_SUCH_BOX, Fault.SPAM)


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    with SmtpServer() as server:
        yield server


@pytest.fixture
def secure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A certificate for 127.0.0.1 that this process trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "fake")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2090, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "fake.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    return context


def test_the_mail_stands_there_as_it_was_written(server: SmtpServer) -> None:
    SmtpMail(server.url).send(LETTER)

    (taken,) = server.taken
    assert (taken.sender, taken.to, taken.signed_in) == (SENDER, [LETTER.to], True)
    message = taken.message
    assert message["Subject"] == LETTER.subject
    assert message["To"] == LETTER.to
    assert message["From"] == f"柳林红枣 <{SENDER}>"
    assert message["Message-ID"] == "<R-1_a@zao.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert parsedate_to_datetime(message["Date"]) == AT
    assert message.get_content_type() == "text/plain"
    assert taken.body.replace("\r\n", "\n") == LETTER.body
    assert taken.raw.isascii()


def test_the_same_mail_sent_again_is_the_same_byte_for_byte(server: SmtpServer) -> None:
    gateway = SmtpMail(server.url)
    gateway.send(LETTER)
    gateway.send(LETTER)

    first, second = server.taken
    assert first.raw == second.raw


@pytest.mark.parametrize(
    "fault", [one for one in Fault if one not in (*FOR_GOOD, Fault.LATE)], ids=lambda one: one.name
)
def test_whatever_does_not_say_taken_is_to_be_sent_again(server: SmtpServer, fault: Fault) -> None:
    server.faults.append(fault)

    with pytest.raises(MailUnsure) as said:
        SmtpMail(server.url).send(LETTER)

    assert server.tried == 1
    assert LETTER.to not in str(said.value)


@pytest.mark.parametrize("fault", FOR_GOOD, ids=lambda one: one.name)
def test_a_refusal_for_good_is_told_apart_and_names_no_address(server: SmtpServer, fault: Fault) -> None:
    server.faults.append(fault)

    with pytest.raises(MailRefused, match=r"^answered 55[04]$"):
        SmtpMail(server.url).send(LETTER)


def test_a_wrong_password_is_no_refusal_of_the_mail(server: SmtpServer) -> None:
    with pytest.raises(MailUnsure, match="SMTPAuthenticationError 535"):
        SmtpMail(server.url.replace(URL_PASSWORD, "other")).send(LETTER)


def test_nobody_there_is_silence() -> None:
    with pytest.raises(MailUnsure, match="ConnectionRefusedError"):
        SmtpMail("smtp://127.0.0.1:1?from=a@b.example").send(LETTER)


def test_a_server_that_drips_is_left_after_the_time_in_all(server: SmtpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "CALL_SECONDS", 1.0)
    server.faults.append(Fault.LATE)
    gateway = SmtpMail(server.url)
    begun = time.monotonic()

    with pytest.raises(MailUnsure, match="no answer in time"):
        gateway.send(LETTER)

    assert time.monotonic() - begun < 4
    gateway.send(LETTER)
    assert len(server.taken) == 2


def test_over_tls_the_certificate_is_checked_and_the_mail_goes(secure: ssl.SSLContext) -> None:
    with SmtpServer(tls=secure, at_once=True) as server:
        SmtpMail(server.url).send(LETTER)

        assert server.taken[0].was_tls


def test_a_foreign_line_is_encrypted_before_the_password_is_said(
    secure: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "_is_here", lambda host: False)
    with SmtpServer(tls=secure) as server:
        SmtpMail(server.url).send(LETTER)

        assert (server.taken[0].was_tls, server.taken[0].signed_in) == (True, True)


def test_a_foreign_server_without_encryption_gets_nothing(server: SmtpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "_is_here", lambda host: False)

    with pytest.raises(MailUnsure, match="SMTPNotSupportedError"):
        SmtpMail(server.url).send(LETTER)

    assert (server.tried, server.taken) == (0, [])


def test_a_certificate_that_nobody_knows_is_not_believed(
    secure: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with SmtpServer(tls=secure, at_once=True) as server:
        with pytest.raises(MailUnsure, match="SSLCertVerificationError"):
            SmtpMail(server.url).send(LETTER)

        assert server.tried == 0


@pytest.mark.parametrize(
    "letter",
    [
        replace(LETTER, to="wang@example.com\r\nBcc: all@example.com"),
        replace(LETTER, to="wang@example.com\nBcc: all@example.com"),
        replace(LETTER, to="wang@example.com, li@example.com"),
        replace(LETTER, subject="消息\r\nBcc: all@example.com"),
        replace(LETTER, subject="消息\n\n正文"),
        replace(LETTER, reference="R\r\nBcc: all@example.com"),
    ],
    ids=range(6),
)
def test_nothing_with_a_second_line_or_address_leaves_the_house(server: SmtpServer, letter: Letter) -> None:
    with pytest.raises(MailRefused, match="not a mail"):
        SmtpMail(server.url).send(letter)

    assert server.tried == 0


def test_a_body_cannot_end_the_mail_or_begin_another(server: SmtpServer) -> None:
    body = "第一行\r\n.\r\nMAIL FROM:<x@y.example>\r\nSubject: x\r\n"
    SmtpMail(server.url).send(replace(LETTER, body=body))

    (taken,) = server.taken
    assert server.tried == 1
    assert "MAIL FROM:<x@y.example>" in taken.body


def test_without_a_server_the_log_has_the_mail_masked(capsys: pytest.CaptureFixture[str]) -> None:
    LogMail().send(replace(LETTER, body="确认码：482913"))

    said = "".join(capsys.readouterr())
    assert LETTER.to not in said
    assert "482913" not in said


def test_others_see_the_first_letter_and_the_domain() -> None:
    assert masked("li@example.com") == "l***@example.com"
    assert masked("l@example.com") == "l***@example.com"
    assert timedelta(seconds=mail.CALL_SECONDS) < timedelta(seconds=60)
