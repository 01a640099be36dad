"""The roles that a person may hold, and which of them never go together."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What somebody is to the county's book. Everybody buys; every other role is granted."""

    BUYER = "buyer"
    SELLER = "seller"
    AGENT = "agent"
    TOWNSHIP = "township_official"
    COUNTY = "county_official"
    AUDITOR = "auditor"
    ADMIN = "administrator"

    @property
    def words(self) -> str:
        """What people read."""
        return _WORDS[self]


_WORDS: dict[Role, str] = {
    Role.BUYER: "买家",
    Role.SELLER: "卖家",
    Role.AGENT: "代办员",
    Role.TOWNSHIP: "乡镇干部",
    Role.COUNTY: "县干部",
    Role.AUDITOR: "督查·审计",
    Role.ADMIN: "系统管理员",
}

STAFF = frozenset({Role.TOWNSHIP, Role.COUNTY, Role.AUDITOR, Role.ADMIN})
APPROVING = frozenset({Role.TOWNSHIP, Role.COUNTY})

EXCLUDES: dict[Role, frozenset[Role]] = {
    Role.AUDITOR: STAFF - {Role.AUDITOR},
    Role.ADMIN: APPROVING | {Role.AUDITOR},
    Role.AGENT: STAFF,
}
"""Who audits does nothing else; who administers approves nothing; who acts for growers verifies nobody.

Source: GB/T 22239-2019 8.1.4.2 d.
"""


def exclude_each_other(one: Role, other: Role) -> bool:
    """Whether no one may hold both."""
    return other in EXCLUDES.get(one, frozenset()) or one in EXCLUDES.get(other, frozenset())


class SignInWay(StrEnum):
    """By what somebody proved who he is when he came in."""

    PASSWORD = "password"
    CODE = "code"


class Purpose(StrEnum):
    """For what a person has agreed that data about him are kept."""

    ACCOUNT = "account"
    RESIDENT_ID = "resident_id"
    PAYMENT_ABROAD = "payment_abroad"
    BANK_ACCOUNT = "bank_account"
    MAIL = "mail"
