"""Mails: a server asked over SMTP, or, where the county has none, a line in the log.

No call is made inside a transaction. A mail carries the name that we gave it as its Message-ID, so that one that goes
again after a silence is the same mail to whoever reads it.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from ipaddress import ip_address
from typing import Final, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from app.kernel.db import let_go
from app.kernel.logs import get_logger

CALL_SECONDS: Final = 20.0
SENDER: Final = "柳林红枣"
_PORTS: Final = {"smtp": 587, "smtps": 465}
log = get_logger("mail")


class MailUnsure(Exception):
    """The server did not take the mail, or did not say so; to be sent again under the same name."""


class MailRefused(Exception):
    """The server will not take this mail for this address, ever."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One plain mail. `reference` names it for ever, `at` is when it was written."""

    to: str
    subject: str
    body: str
    reference: str
    at: datetime


class Mail(Protocol):
    """A way to mailboxes."""

    def send(self, letter: Letter) -> None:
        """Afterwards the mail is with whoever carries it. Raises `MailUnsure`, `MailRefused`."""


class LogMail:
    """No server: the log says that there was a mail, to whom only masked, and nothing of what it said."""

    def send(self, letter: Letter) -> None:
        """The log has the mail's subject."""
        log.info("mail", to=masked(letter.to), reference=letter.reference, subject=letter.subject)


class SmtpMail:
    """A server at an address such as `smtps://user:password@mail.example?from=a@b.example`, as `config` has checked it.

    Twenty seconds in all, however slowly its answers drip. Over `smtp` the line is encrypted by STARTTLS before
    anything is said, or nothing is said; only a server on this machine is spoken to in clear.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host = parts.hostname or ""
        self._port = parts.port or _PORTS[parts.scheme]
        self._is_tls = parts.scheme == "smtps"
        self._is_near = _is_here(self._host)
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._sender = parse_qs(parts.query)["from"][0]
        self._domain = self._sender.rpartition("@")[2]
        self._calls = _threads()

    def send(self, letter: Letter) -> None:
        """The server has the mail. Raises `MailUnsure`, and `MailRefused` when the address or the mail is not taken."""
        try:
            message = self._written(letter)
        except (ValueError, HeaderParseError) as error:
            raise MailRefused("not a mail") from error
        let_go()
        connection = self._line()
        waiting = self._calls.submit(self._speak, connection, message, letter.to)
        try:
            waiting.result(timeout=CALL_SECONDS)
        except TookTooLong as error:
            if not waiting.cancel():
                _cut(connection)
                self._calls = _threads()
            raise MailUnsure("no answer in time") from error
        except smtplib.SMTPRecipientsRefused as error:
            raise _verdict(min(code for code, _ in error.recipients.values())) from error
        except smtplib.SMTPDataError as error:
            raise _verdict(error.smtp_code) from error
        except smtplib.SMTPResponseException as error:
            # Of the sender, the sign-in or the greeting: our own setting, no fault of the mail.
            raise MailUnsure(f"{type(error).__name__} {error.smtp_code}") from error
        except (OSError, ValueError) as error:
            raise MailUnsure(type(error).__name__) from error

    def _written(self, letter: Letter) -> EmailMessage:
        """The mail as it stands on the wire. Raises `ValueError` for an address or a subject of more than one line."""
        message = EmailMessage(policy=SMTP)
        message["From"] = Address(SENDER, addr_spec=self._sender)
        message["To"] = Address(addr_spec=letter.to)
        message["Subject"] = letter.subject
        message["Date"] = format_datetime(letter.at)
        message["Message-ID"] = f"<{letter.reference}@{self._domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.body, cte="base64")
        return message

    def _line(self) -> smtplib.SMTP:
        """A line that is not yet open, so that it can be cut at any moment after."""
        if self._is_tls:
            secure = ssl.create_default_context()
            line: smtplib.SMTP = smtplib.SMTP_SSL(local_hostname=self._domain, timeout=CALL_SECONDS, context=secure)
        else:
            line = smtplib.SMTP(local_hostname=self._domain, timeout=CALL_SECONDS)
        # Opened later, it does not learn by itself whose certificate to expect.
        line._host = self._host  # type: ignore[attr-defined]
        return line

    def _speak(self, connection: smtplib.SMTP, message: EmailMessage, to: str) -> None:
        try:
            connection.connect(self._host, self._port)
            if not (self._is_tls or self._is_near):
                connection.starttls(context=ssl.create_default_context())
            if self._user:
                connection.login(self._user, self._password)
            connection.send_message(message, self._sender, [to])
            # It is taken: nobody waits for what is said at parting.
            with suppress(OSError):
                connection.putcmd("quit")
        finally:
            connection.close()


def masked(address: str) -> str:
    """What others see of a mail address: l***@example.com."""
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}***@{domain}"


def _verdict(code: int) -> MailUnsure | MailRefused:
    """What the server's answer means for this mail; its words are left out, as they may name the address."""
    return MailRefused(f"answered {code}") if 500 <= code < 600 else MailUnsure(f"answered {code}")


def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=2, thread_name_prefix="mail")


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _cut(connection: smtplib.SMTP) -> None:
    """Whoever still listens to the drip stops."""
    if connection.sock is not None:
        with suppress(OSError):
            connection.sock.shutdown(socket.SHUT_RDWR)
