"""The code that confirms a mail address: six digits, made anew from the row's key and the vault's, and nowhere kept."""

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
    made = vault().blind_index(f"{mailbox.person_id}:{mailbox.code_key}", field="mail_addresses.code")
    return f"{int(made, 16) % 1_000_000:06d}"


def fits(mailbox: MailAddress, typed: str) -> bool:
    """Whether what was typed, in digits of any width, is the code that is expected."""
    expected = of(mailbox)
    given = "".join(unicodedata.normalize("NFKC", typed).split())
    return expected is not None and hmac.compare_digest(given.encode(errors="replace"), expected.encode())
