"""No phone, ID, password, token or code lies in the database in clear."""

from sqlalchemy import inspect, text

from app.kernel.db import Database, session, transaction
from app.people.accounts import service as accounts
from app.people.growers import identity, resident_ids
from tests.people.cast import PASSWORD, a_seller, an_official, code_now, enrol, enter, signed_in_viewer, step_up

ID = "14112519550203001" + resident_ids.check_sign("14112519550203001")
PHONE = "13700000001"


def dump() -> str:
    """Every text and blob of every table, as the characters that its bytes are."""
    current = session()
    cells: list[str] = []
    for table in inspect(current.connection()).get_table_names():
        for row in current.execute(text(f'SELECT * FROM "{table}"')):
            for cell in row:
                cells.append(bytes(cell).decode("latin-1") if isinstance(cell, bytes | memoryview) else str(cell))
    return "\n".join(cells)


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
    with transaction():
        accounts.begin_try("13912345678", known_token=None)

    stored = dump()

    assert "王家枣园" in stored
    for clear in (PHONE, "13912345678", "13900000009", ID, ID[:-1], ID[6:14], PASSWORD, token, secret, codes[0]):
        assert clear not in stored
        assert clear.replace("-", "") not in stored
