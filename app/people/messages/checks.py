"""Proving that every mail address is sealed for its owner, under a consent that stands."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from app.kernel.checks import Check, Finding
from app.kernel.crypto import Undecipherable
from app.kernel.db import session
from app.people.accounts.models import Consent
from app.people.accounts.states import Purpose
from app.people.messages import addresses, queries
from app.people.messages.errors import BadAddress
from app.people.messages.models import MailAddress


def _addresses_are_their_owners() -> Iterator[Finding]:
    rows = select(MailAddress, Consent).join(Consent, Consent.id == MailAddress.consent_id)
    for mailbox, consent in session().execute(rows.execution_options(yield_per=1000)):
        if not _opens(mailbox):
            yield Finding(f"mail address {mailbox.id}", "the sealed address does not open or is none")
        if (consent.person_id, consent.purpose) != (mailbox.person_id, Purpose.MAIL) or consent.withdrawn_at:
            yield Finding(f"mail address {mailbox.id}", "is kept without a consent that stands")


def _opens(mailbox: MailAddress) -> bool:
    try:
        address = queries.address_in(mailbox)
        return addresses.parse(address) == address
    except (Undecipherable, BadAddress):
        return False


CHECKS = (Check("P3", "每个邮箱都加密保存、能打开，本人的同意还在", _addresses_are_their_owners),)
