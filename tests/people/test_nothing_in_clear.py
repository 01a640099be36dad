"""No phone, ID, password, token or code lies in the database in clear."""

import re

from sqlalchemy import inspect, text

from app.kernel.db import Database, session, transaction
from app.people.accounts import service as accounts
from app.people.growers import identity, resident_ids
from app.people.purse import service as purse
from tests.people.cast import PASSWORD, a_seller, an_official, code_now, enrol, enter, signed_in_viewer, step_up
from tests.people.phone_codes.coding import ask, code_of, work
from tests.people.purse.purses import NUMBER, OTHER, give, refuse, verify, withdraw

ID = "14112519550203001" + resident_ids.check_sign("14112519550203001")
PHONE = "13700000001"


def found_in_database(code: str) -> list[str]:
    """The tables in which the code stands by itself, not as part of a longer number, a hash or a token."""
    alone = re.compile(rf"(?<![0-9A-Za-z]){code}(?![0-9A-Za-z])")
    current = session()
    return [
        table
        for table in inspect(current.connection()).get_table_names()
        for row in current.execute(text(f'SELECT * FROM "{table}"'))
        if any(alone.search(_signs_of(cell)) for cell in row)
    ]


def dump() -> str:
    """Every text and blob of every table, as the characters that its bytes are."""
    current = session()
    cells: list[str] = []
    for table in inspect(current.connection()).get_table_names():
        for row in current.execute(text(f'SELECT * FROM "{table}"')):
            for cell in row:
                cells.append(_signs_of(cell))
    return "\n".join(cells)


def _signs_of(cell: object) -> str:
    return bytes(cell).decode("latin-1") if isinstance(cell, bytes | memoryview) else str(cell)


def test_nothing_secret_is_stored_in_clear(people: Database) -> None:
    seller = a_seller(phone=PHONE)
    token = enter(PHONE)
    grower = signed_in_viewer(token)
    secret, codes = enrol(grower)
    step_up(grower, code_now(secret, steps=1))
    with transaction():
        identity.keep_resident_id(ID, consent_version="1", by=grower)
    official = an_official(phone="13900000009")
    with transaction():
        identity.unmask_resident_id(seller.id, by=official, because="核对贷款资料")
    account = give(seller.id, grower, NUMBER)
    with transaction():
        purse.unmask_number(account.id, by=official, because="核对存折号码")
    verify(account, official)
    with transaction():
        purse.open_number(account, by="person:1", because="九月货款")
    refuse(give(seller.id, grower, OTHER), official)
    give(seller.id, grower, OTHER)
    with transaction():
        accounts.begin_try("13912345678", known_token=None)
    expected = [code_of(ask(PHONE)), code_of(ask("13912345678"))]
    work()

    assert [found_in_database(code) for code in expected] == [[], []]
    _nothing_is_clear_in(dump(), PASSWORD, token, secret, codes[0])
    assert withdraw(grower) == 2
    _nothing_is_clear_in(dump(), PASSWORD, token, secret, codes[0])


def _nothing_is_clear_in(stored: str, *secrets: str) -> None:
    assert "王家枣园" in stored
    assert NUMBER[-4:] in stored
    numbers = (NUMBER, OTHER, NUMBER[:-4], OTHER[:-4], PHONE, "13912345678", "13900000009", ID, ID[:-1], ID[6:14])
    for clear in (*numbers, *secrets):
        assert clear not in stored
        assert clear.replace("-", "") not in stored
