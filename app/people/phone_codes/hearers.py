"""What follows from asking: a text to the number's owner, if it has one.

Heard afterwards, so that asking does the same, and takes as long, for a number that nobody has.
"""

from __future__ import annotations

from app.kernel.db import session
from app.people.accounts import queries as accounts
from app.people.messages import queue, short
from app.people.messages.carried import Maker
from app.people.messages.states import Carries
from app.people.phone_codes import codes, queries
from app.people.phone_codes.events import CodeAsked
from app.people.phone_codes.models import PhoneCode

MAKER = Maker(short.SIGN_IN_CODE, queries.codes_of)


def text_code(fact: CodeAsked) -> None:
    """A text with the code waits for the person with that number; nothing for nobody, nor for who was disabled."""
    row = session().get(PhoneCode, fact.code_id)
    if row is None or codes.of(row) is None:
        return
    person = accounts.by_index(row.phone_index)
    if person is not None and person.disabled_at is None:
        queue.put_carrying(Carries.SIGN_IN_CODE, row.id, person.id, short.SIGN_IN_CODE_NAME)
