"""One code that is typed many times at once, with real threads, on both databases; beside it the door unguarded."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.kernel.db import Database, transaction
from app.kernel.permissions import Viewer
from app.people.accounts import sealing
from app.people.phone_codes import service
from app.people.phone_codes.service import Asker, Guess
from tests.cast import answer, findings
from tests.people.phone_codes.coding import HERE, ask, code_of, phone_of
from tests.races import naive_sign_ins
from tests.races.crowd import Act, Crowd, crowd_in, meeting, tally

pytestmark = [pytest.mark.durable, pytest.mark.timeout(120)]


@pytest.fixture
def crowd(county: Database, database_url: str) -> Iterator[Crowd]:
    """Run acts together on the same database, each thread in a unit of work of its own."""
    room = Database(database_url, pool_size=24)
    sealing.use(sealing.vault(), on=room)
    yield crowd_in(room)
    room.dispose()


def entering(guess: Guess, code: str) -> Act:
    def run() -> object:
        with transaction():
            return service.sign_in(guess, code, device="", address="", old_token=None)

    return run


def test_a_right_code_that_is_typed_eight_times_at_once_opens_one_sign_in(crowd: Crowd, li: Viewer) -> None:
    phone = phone_of(li.person_id)
    code = code_of(ask(phone))
    with transaction():
        guess = service.begin_guess(service.index_of(phone), by=HERE)

    outcomes = crowd([entering(guess, code)] * 8)

    assert tally(outcomes) == {"BadPhoneCode": 7, "done": 1}
    assert answer("SELECT count(*) FROM sign_ins WHERE way = 'code'") == 1
    assert findings() == {}


@pytest.mark.corrupts
def test_a_door_that_looks_before_it_opens_lets_everybody_in_by_one_code(crowd: Crowd, li: Viewer) -> None:
    phone = phone_of(li.person_id)
    code, index = code_of(ask(phone)), service.index_of(phone)
    met = meeting(4)

    outcomes = crowd([lambda: naive_sign_ins.look_then_enter(index, code, between=met)] * 4)

    assert tally(outcomes) == {"done": 4}
    assert answer("SELECT count(*) FROM sign_ins WHERE way = 'code'") == 4
    assert "P4" in findings()


def test_one_number_for_which_eight_ask_at_once_has_one_code(crowd: Crowd, li: Viewer) -> None:
    index = service.index_of(phone_of(li.person_id))

    def asking(number: int) -> Act:
        def run() -> None:
            with transaction():
                service.ask(index, by=Asker(f"192.0.2.{number}", None))

        return run

    outcomes = crowd([asking(number) for number in range(8)])

    assert tally(outcomes) == {"TooSoon": 7, "done": 1}
    assert answer("SELECT count(*) FROM phone_codes") == 1


def test_guesses_that_come_at_once_are_all_counted(crowd: Crowd, li: Viewer) -> None:
    index = service.index_of(phone_of(li.person_id))

    def guessing() -> object:
        with transaction():
            return service.begin_guess(index, by=HERE)

    assert tally(crowd([guessing] * 8)) == {"TooManyPhoneGuesses": 3, "done": 5}
