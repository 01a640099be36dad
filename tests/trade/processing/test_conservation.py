"""Whatever is sorted, mixed, packed, lost and taken back: forward and backward the grams are the same."""

from __future__ import annotations

from collections import defaultdict

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.kernel.db import session, transaction
from app.kernel.permissions import Viewer
from app.ledger.figures import Scope, Span
from app.trade.catalog import mark
from app.trade.catalog.models import Pack
from app.trade.lots.models import Lot, LotSource
from app.trade.lots.states import LotOrigin
from app.trade.processing import service
from app.trade.processing.errors import RunUsed
from app.trade.processing.figures import LOCAL_IN, LOCAL_LEFT, LOCAL_LOST, MARKED_WEIGHT, PROCESSING_LOSS
from app.trade.processing.models import Run, RunInput, RunOutput
from app.trade.processing.states import RunState, Step
from app.trade.stock.errors import MarkShort
from app.trade.stock.figures import RECEIVED_WEIGHT, STOCK_ON_HAND
from tests.cast import findings, shop_of, today
from tests.trade.processing.cast import authorised, loose, loose_lot, made_by, marked_pack, right, run

GRAMS = st.integers(1, 20_000)
NET = 37


def standing() -> dict[int, int]:
    """Lot → grams of it that other lots are made of or that were lost on the way, by the rows."""
    gone: dict[int, int] = defaultdict(int)
    for source in session().scalars(select(LotSource)):
        gone[source.parent_id] += source.grams.grams
    lost = select(RunInput).join(Run, Run.id == RunInput.run_id).where(Run.state == RunState.DONE)
    for row in session().scalars(lost):
        gone[row.lot_id] += row.lost.grams
    return gone


class Mill:
    """Random acts of one seller on his loose fruit."""

    def __init__(self, grower: Viewer, data: st.DataObject, packs: dict[tuple[str, str], Pack]) -> None:
        self.grower, self.data, self.packs = grower, data, packs
        self.lots: list[Lot] = []
        self.runs: list[Run] = []
        self.packed: dict[int, int] = defaultdict(int)

    def there(self) -> list[tuple[Lot, int]]:
        """What lies loose."""
        return [(lot, grams) for lot in self.lots if (grams := loose(lot))]

    def take_in(self) -> None:
        """Own fruit, or fruit from outside."""
        origin = self.data.draw(st.sampled_from([LotOrigin.OWN, LotOrigin.OUTSIDE]))
        variety = self.data.draw(st.sampled_from(["muzao", "tanzao"]))
        self.lots.append(loose_lot(self.grower, self.data.draw(GRAMS), variety=variety, came_from=origin))

    def process(self) -> None:
        """Some of some lots becomes other lots, and some of it is lost."""
        there = self.there()
        if not there:
            return
        many = self.data.draw(st.integers(1, min(3, len(there))))
        chosen = self.data.draw(st.permutations(there))[:many]
        going = [(lot, self.data.draw(st.integers(1, grams))) for lot, grams in chosen]
        left, parts = sum(grams for _lot, grams in going), []
        for _ in range(1 if many > 1 else self.data.draw(st.integers(1, 3))):
            if left:
                parts.append(self.data.draw(st.integers(1, left)))
                left -= parts[-1]
        done = run(self.grower, Step.MIX if many > 1 else Step.SORT, going, parts, loss=left)
        self.runs.append(done)
        self.lots += made_by(done)

    def take_back(self) -> None:
        """The newest run that stands was a mistake, if nothing of it was used."""
        if self.runs:
            number = self.runs.pop().number
            try:
                with transaction():
                    service.undo(number, because="秤看错了", by=self.grower)
            except RunUsed:
                session().rollback()

    def pack(self) -> None:
        """Pieces under the mark, as many as the fruit is enough for."""
        for lot, grams in self.there():
            pack = self.packs.get((lot.variety_key, lot.grade_key))
            if pack is not None and grams >= NET:
                pieces = self.data.draw(st.integers(1, min(grams // NET, 50)))
                try:
                    with transaction():
                        service.fill(lot.code, pack.slug, pieces=pieces, key=f"at {grams}", by=self.grower)
                except MarkShort:
                    assert right(lot) < pieces * NET
                    return
                self.packed[lot.id] += pieces * NET
                return


def conserved(mill: Mill) -> None:
    """Backward a lot is all of its sources; forward it lies loose, is packed, or went on; the mark never outgrows."""
    session().rollback()
    gone = standing()
    mistakes = select(RunOutput.lot_id).join(Run, Run.id == RunOutput.run_id).where(Run.state == RunState.UNDONE)
    undone = set(session().scalars(mistakes))
    came: dict[int, int] = defaultdict(int)
    for source in session().scalars(select(LotSource)):
        came[source.child_id] += source.grams.grams
    for lot in mill.lots:
        if lot.id in undone:
            assert (loose(lot), right(lot), came[lot.id]) == (0, 0, 0)
            continue
        if lot.origin is LotOrigin.MADE:
            assert came[lot.id] == lot.weight_in.grams
        assert loose(lot) + mill.packed[lot.id] + gone[lot.id] == lot.weight_in.grams
        assert 0 <= right(lot) <= loose(lot)
    scope = Scope(Span(None, today()))
    assert RECEIVED_WEIGHT.total(scope) == STOCK_ON_HAND.total(scope) + PROCESSING_LOSS.total(scope)
    balance = [one.total(scope) for one in (LOCAL_IN, MARKED_WEIGHT, LOCAL_LOST, LOCAL_LEFT)]
    assert balance[0] == sum(balance[1:])
    assert balance[1] <= balance[0]


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_gram_is_won_or_lost_on_the_way(wang: Viewer, qian: Viewer, data: st.DataObject) -> None:
    session().rollback()
    if mark.authorisation_of(shop_of(wang).id) is None:
        authorised(wang, by=qian)
    pack = marked_pack(wang, net=NET)
    mill = Mill(wang, data, {(pack.variety_key, pack.grade_key): pack})
    mill.take_in()
    mill.take_in()

    for _ in range(10):
        getattr(mill, data.draw(st.sampled_from(["take_in", "process", "process", "process", "pack", "take_back"])))()

    conserved(mill)
    assert findings() == {}
