"""A text waits beside what it tells, is short, and nobody gets more than ten on one day."""

import pytest
from sqlalchemy import select

from app.kernel.db import Database, session, transaction
from app.people.messages import service
from app.people.messages.models import OutgoingText
from app.people.messages.states import TextState
from tests.people.cast import a_person, at, later

WORDS = "订单 D7K2M-9QX4T-PW3HA 的货款到了，请装箱发货。"


def texts() -> list[OutgoingText]:
    session().rollback()
    return list(session().scalars(select(OutgoingText).order_by(OutgoingText.id)))


def write(person: int, words: str = WORDS, *, times: int = 1) -> None:
    with transaction():
        for _ in range(times):
            service.text([person], words)


def test_each_person_s_text_waits_under_a_name_of_its_own(people: Database) -> None:
    li, wang = a_person(), a_person("13700000001", "王枣林")

    with transaction():
        service.text([wang.id, li.id, li.id], WORDS)

    found = texts()
    assert [(one.person_id, one.words, one.state) for one in found] == [
        (li.id, WORDS, TextState.WAITING),
        (wang.id, WORDS, TextState.WAITING),
    ]
    assert len({one.reference for one in found}) == 2


def test_an_act_that_fails_sends_no_text(people: Database) -> None:
    li = a_person()

    def write_and_break() -> None:
        service.text([li.id], WORDS)
        raise RuntimeError

    with pytest.raises(RuntimeError), transaction():
        write_and_break()

    assert texts() == []


@pytest.mark.parametrize(
    ("words", "length"),
    [("枣" * 71, 71), ("", 0), (" \n\0", 0), ("𠮷" * 36, 72)],
    ids=["long", "none", "blank", "rare"],
)
def test_what_does_not_fit_into_one_text_is_refused_with_its_length(people: Database, words: str, length: int) -> None:
    li = a_person()

    with pytest.raises(ValueError, match=str(length)), transaction():
        service.text([li.id], words)


def test_seventy_signs_fit(people: Database) -> None:
    write(a_person().id, "枣" * 70)

    assert len(texts()) == 1


def test_a_text_is_one_line_without_control_signs(people: Database) -> None:
    write(a_person().id, "请装箱\r\nTo: 13900000000\0\u202e发货")

    (found,) = texts()
    assert found.words == "请装箱 To: 13900000000发货"


def test_the_eleventh_text_of_a_day_is_held_back_and_the_next_day_s_first_is_not(people: Database) -> None:
    li, wang = a_person(), a_person("13700000001", "王枣林")
    with at(later(days=1).replace(hour=4)):
        write(li.id, times=12)
        write(wang.id)
    with at(later(days=2).replace(hour=4)):
        write(li.id)

    states = [one.state for one in texts()]
    assert states == [TextState.WAITING] * 10 + [TextState.HELD_BACK] * 2 + [TextState.WAITING] * 2
