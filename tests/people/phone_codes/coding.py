"""Short ways to a code, and in with it."""

from sqlalchemy import select

from app.kernel import events
from app.kernel.db import session, transaction
from app.people.accounts import queries as accounts
from app.people.messages import sending
from app.people.messages.models import OutgoingText
from app.people.messages.states import Carries
from app.people.phone_codes import codes, service
from app.people.phone_codes.models import PhoneCode
from app.people.phone_codes.service import Asker, Entered
from tests.people.cast import PHONE

HERE = Asker("127.0.0.1", None)


def ask(phone: str = PHONE, *, by: Asker = HERE) -> int:
    """Ask for a code, as the page does; the request."""
    with transaction():
        service.ask(service.index_of(phone), by=by)
    return requests()[-1].id


def enter(typed: str, phone: str = PHONE, *, by: Asker = HERE, old_token: str | None = None) -> Entered:
    """Type a code, as the page does. Raises as the service does."""
    with transaction():
        guess = service.begin_guess(service.index_of(phone), by=by)
    with transaction():
        return service.sign_in(guess, typed, device="安卓手机", address=by.address, old_token=old_token)


def code_of(request_id: int) -> str:
    """The code of a request that is still expected."""
    session().rollback()
    session().expire_all()
    made = codes.of(session().get_one(PhoneCode, request_id))
    assert made is not None
    return made


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def requests() -> list[PhoneCode]:
    session().rollback()
    session().expire_all()
    return list(session().scalars(select(PhoneCode).order_by(PhoneCode.id)))


def work() -> int:
    """The worker carries out what follows, and sends the texts that wait; how many went."""
    session().rollback()
    while True:
        with transaction():
            row = events.claim()
        if row is None:
            break
        with transaction():
            events.carry_out(row)
    return sending.send_due()


def texts() -> list[OutgoingText]:
    session().rollback()
    session().expire_all()
    return list(
        session().scalars(
            select(OutgoingText).where(OutgoingText.carries == Carries.SIGN_IN_CODE).order_by(OutgoingText.id)
        )
    )


def phone_of(person_id: int) -> str:
    return accounts.phone_of(accounts.person(person_id))
