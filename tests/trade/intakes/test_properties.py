"""Whatever is weighed and however it is graded: no gram and no fen is lost."""

from __future__ import annotations

from fractions import Fraction
from random import Random

from hypothesis import given
from hypothesis import strategies as some

from app.kernel.money import Money
from app.kernel.permissions import Viewer
from app.kernel.weight import Weight
from app.trade.intakes import pricing, queries
from app.trade.intakes.models import PurchasePoint
from app.trade.intakes.service import Grading, Part
from app.trade.intakes.states import Presence
from tests.cast import answer
from tests.trade.intakes.cast import FIRST, UNGRADED, accepted, delivered, fresh, graded, said

grams = some.integers(1, 100_000_000)
fen = some.integers(1, 100_000)


@given(grams, fen)
def test_a_line_costs_weight_by_price_to_half_a_fen(weight: int, price: int) -> None:
    exact = Fraction(weight * price, 500)

    assert -Fraction(1, 2) < pricing.amount(Weight(weight), Money(price)).fen - exact <= Fraction(1, 2)


@given(grams, grams, fen)
def test_more_fruit_never_costs_less(one: int, other: int, price: int) -> None:
    less, more = sorted((one, other))

    assert pricing.amount(Weight(less), Money(price)) <= pricing.amount(Weight(more), Money(price))


def _parts(net: int, luck: Random) -> tuple[int, int, int, int]:
    """The net weight in four parts, the first above nothing."""
    cuts = sorted(luck.randint(1, net) for _ in range(3))
    return cuts[0], cuts[1] - cuts[0], cuts[2] - cuts[1], net - cuts[2]


def test_of_any_deliveries_every_gram_and_fen_is_in_the_books(he: Viewer, wang: Viewer, point: PurchasePoint) -> None:
    luck = Random(20161124)
    kept = cost = 0
    for _ in range(8):
        tare = luck.randint(0, 5_000_000)
        net = luck.randint(1, 20_000_000)
        intake = delivered(point, wang, by=he, ticket=said(gross=tare + net, tare=tare))
        first, rest, impurities, returned = _parts(net, luck)
        better = Money(luck.randint(350, 900))
        parts = [Part(FIRST, Weight(first), better, "个头大"), *([Part(UNGRADED, Weight(rest))] if rest else [])]
        what = Grading(Presence.SELF, "王枣林", parts, impurities=Weight(impurities), returned=Weight(returned))
        accepted(graded(intake, by=he, what=what), by=he)
        kept += first + rest
        cost += pricing.amount(Weight(first), better).fen + pricing.amount(Weight(rest), Money(200)).fen
        assert sum(line.weight.grams for line in queries.lines_of(fresh(intake))) + impurities + returned == net

    assert answer("SELECT sum(weight_in) FROM lots") == kept
    assert answer("SELECT sum(dr - cr) FROM ledger_accounts WHERE role = 'loose'") == kept
    assert answer("SELECT sum(cr - dr) FROM ledger_accounts WHERE role = 'owed_for_fruit'") == cost
    assert answer("SELECT sum(total) FROM intakes") == cost
