"""What growers are told, and how short it is."""

from __future__ import annotations

from app.kernel.db import transaction
from app.kernel.money import Money
from app.kernel.permissions import Viewer
from app.kernel.weight import Weight
from app.people.messages import service as messages
from app.people.messages.short import MOST
from app.trade.intakes.events import IntakeAccepted
from app.trade.intakes.hearers import tell_grower_of_intake, text_of
from app.trade.intakes.models import Intake
from tests.cast import answer, shop_of


def test_a_text_about_the_largest_delivery_fits() -> None:
    words = text_of("YAAAAA-BBBBB-CCCCC", weight=Weight(99_999_995), amount=Money(9_999_999_999))

    assert messages.signs(words) <= MOST
    assert "YAAAAA-BBBBB-CCCCC" in words


def test_a_text_says_how_long_one_can_object() -> None:
    assert "七天内" in text_of("YAAAAA-BBBBB-CCCCC", weight=Weight(850_000), amount=Money(520_000))


def test_the_grower_is_told_in_his_inbox_and_by_text(priced: Intake, wang: Viewer) -> None:
    with transaction():
        tell_grower_of_intake(IntakeAccepted(priced.number, priced.seller_id, shop_of(wang).id, 850_000, 520_000))

    told = "SELECT count(*) FROM messages WHERE person_id = :person AND words LIKE '您交的枣收下了%'"
    assert answer(told, person=wang.person_id) == 1


def test_nobody_is_told_of_fruit_from_elsewhere(priced: Intake) -> None:
    before = answer("SELECT count(*) FROM messages")
    with transaction():
        tell_grower_of_intake(IntakeAccepted(priced.number, priced.seller_id, 0, 850_000, 520_000))

    assert answer("SELECT count(*) FROM messages") == before
