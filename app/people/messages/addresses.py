"""Mail addresses: one spelling, and nothing that could be more than an address."""

from __future__ import annotations

import re
import unicodedata

from app.people.messages.errors import BadAddress

MOST = 254
_NAME = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*", re.ASCII | re.IGNORECASE)
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)


def parse(text: str) -> str:
    """The address as it is written to: the domain in small ASCII letters; full-width signs may be typed.

    One @, a name of at most 64 signs without quotation marks, a domain of two parts or more, 254 signs in all; no
    control sign, no space inside. Raises `BadAddress`. Source: RFC 5321 4.1.2 and 4.5.3.1, RFC 5890.
    """
    typed = unicodedata.normalize("NFKC", text.strip(" \u3000"))
    name, at, domain = typed.partition("@")
    if not at or len(name) > 64 or _NAME.fullmatch(name) is None:
        raise BadAddress(field="address")
    address = f"{name}@{_ascii(domain)}"
    if len(address) > MOST:
        raise BadAddress(field="address")
    return address


def _ascii(domain: str) -> str:
    if len(domain) > MOST:
        raise BadAddress(field="address")
    try:
        written = domain.lower().encode("idna").decode("ascii").lower()
    except UnicodeError as error:
        raise BadAddress(field="address") from error
    labels = written.split(".")
    if len(labels) < 2 or labels[-1].isdigit() or not all(_LABEL.fullmatch(one) for one in labels):
        raise BadAddress(field="address")
    return written
