"""Codes of six digits, made anew from a row's key and the vault's, and nowhere kept; here that of a mail address."""

from __future__ import annotations

import hmac
import unicodedata
from datetime import timedelta

from app.kernel import clock
from app.people.accounts.sealing import vault
from app.people.messages.models import MailAddress

LIVE_FOR = timedelta(minutes=15)


def of(mailbox: MailAddress) -> str | None:
    """The code that is expected back now; None when none is, or no longer."""
    if mailbox.code_key is None or mailbox.code_until is None or mailbox.code_until <= clock.now():
        return None
    return six_digits(f"{mailbox.person_id}:{mailbox.code_key}", field="mail_addresses.code")


def fits(mailbox: MailAddress, typed: str) -> bool:
    """Whether what was typed, in digits of any width, is the code that is expected."""
    return is_same(typed, of(mailbox))


def six_digits(seed: str, *, field: str) -> str:
    """The code that belongs to the seed, for who has the vault."""
    return f"{int(vault().blind_index(seed, field=field), 16) % 1_000_000:06d}"


def is_same(typed: str, expected: str | None) -> bool:
    """Whether what was typed, in digits of any width and with blanks between, is the expected code, if there is one."""
    given = "".join(unicodedata.normalize("NFKC", typed).split())
    return expected is not None and hmac.compare_digest(given.encode(errors="replace"), expected.encode())
