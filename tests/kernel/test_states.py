"""States and their moves."""

from __future__ import annotations

import pytest

from app.kernel.states import IllegalMove, State, move


class Parcel(State):
    PACKED = "packed"
    SENT = "sent"
    LOST = "lost"


MOVES = {Parcel.PACKED: frozenset({Parcel.SENT}), Parcel.SENT: frozenset({Parcel.LOST})}


def test_an_allowed_move_gives_the_new_state() -> None:
    assert move(MOVES, Parcel.PACKED, Parcel.SENT) is Parcel.SENT


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (Parcel.PACKED, Parcel.LOST),
        (Parcel.SENT, Parcel.PACKED),
        (Parcel.PACKED, Parcel.PACKED),
        (Parcel.LOST, Parcel.SENT),
    ],
)
def test_any_other_move_is_refused(old: Parcel, new: Parcel) -> None:
    with pytest.raises(IllegalMove):
        move(MOVES, old, new)


def test_a_state_is_stored_under_its_value() -> None:
    assert str(Parcel.PACKED) == "packed"
