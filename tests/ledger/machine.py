"""A model of the books in a few lines of Python, and a machine that does the same to both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from app.kernel import clock
from app.kernel.db import Database, session, steady, transaction
from app.kernel.errors import DomainError
from app.ledger.books import queries, replay, seals, service
from app.ledger.books.checks import CHECKS
from app.ledger.books.errors import AlreadyReversed, FloorBroken, HoldGone, PeriodClosed
from app.ledger.books.models import Floor
from app.ledger.books.movements import Balance, Hold, Movement, Place, Post, Settle, Void
from app.ledger.books.seals import NotYet
from tests.ledger.cast import BOXES, LIMIT, MADE, ORDER, UNDO, a_key, sold, stock

PLACES = (stock("A"), stock("B"), sold("A"), sold("B"), Place(BOXES, MADE), Place(BOXES, LIMIT))
BEGINNING = datetime(2026, 1, 27, 4, tzinfo=UTC)


@dataclass
class ModelHold:
    debit: Place
    credit: Place
    amount: int
    until: datetime | None
    event: int
    end: str = ""


@dataclass
class ModelEvent:
    day: date
    posted: list[tuple[Place, Place, int]] = field(default_factory=list)
    holds: list[int] = field(default_factory=list)
    is_reversed: bool = False


@dataclass
class Model:
    """What the books should be, with nothing but additions."""

    counters: dict[Place, list[int]] = field(default_factory=lambda: {place: [0, 0, 0, 0] for place in PLACES})
    holds: dict[int, ModelHold] = field(default_factory=dict)
    events: dict[int, ModelEvent] = field(default_factory=dict)
    seals: list[tuple[date, int]] = field(default_factory=list)
    closed: set[tuple[int, int]] = field(default_factory=set)
    fed: int = 0

    def move(self, debit: Place, credit: Place, posted: int, held: int) -> None:
        self.counters[debit][0] += posted
        self.counters[credit][1] += posted
        self.counters[debit][2] += held
        self.counters[credit][3] += held

    def is_sound(self) -> bool:
        return all(
            (place.role.floor is not Floor.DEBIT or cr + cr_held <= dr)
            and (place.role.floor is not Floor.CREDIT or dr + dr_held <= cr)
            for place, (dr, cr, dr_held, cr_held) in self.counters.items()
        )

    def open_holds(self) -> list[int]:
        return [number for number, hold in self.holds.items() if not hold.end]

    def end_hold(self, number: int, end: str, posted: int = 0) -> None:
        hold = self.holds[number]
        hold.end = end
        self.move(hold.debit, hold.credit, posted, -hold.amount)


Fresh = Callable[[], AbstractContextManager[str]]


class Books(RuleBasedStateMachine):
    """Does each act to the books and to the model, which must agree on the answer and on every balance."""

    outcomes: Counter[str]
    fresh: Fresh

    def __init__(self) -> None:
        super().__init__()
        self.until_the_end = ExitStack()
        self.model = Model()
        self.moment = BEGINNING

    @initialize()
    def open_the_books(self) -> None:
        self.database = Database(self.until_the_end.enter_context(type(self).fresh()), pool_size=2)
        self.until_the_end.callback(self.database.dispose)
        self.until_the_end.enter_context(self.database.unit_of_work())

    def expect(self, wanted: type[DomainError] | None, act: Callable[[], Any]) -> Any:
        """The act's answer, if none is refused; otherwise exactly that refusal."""
        self.moment += timedelta(seconds=1)
        refused: DomainError | None = None
        answer = None
        try:
            with clock.pinned(self.moment), transaction():
                answer = act()
        except DomainError as error:
            refused = error
        got = type(refused) if refused else None
        assert got is wanted, f"{got} instead of {wanted}"
        type(self).outcomes[got.__name__ if got else "done"] += 1
        return answer

    def today(self) -> date:
        return clock.day_of(self.moment + timedelta(seconds=1))

    def refusal(self, trial: Model, day: date) -> type[DomainError] | None:
        if not trial.is_sound():
            return FloorBroken
        return PeriodClosed if (day.year, day.month) in self.model.closed else None

    def record(self, movements: list[Movement], day: date, wanted: type[DomainError] | None) -> Any:
        return self.expect(
            wanted, lambda: service.record(ORDER, movements, by="x", subject="machine", key=a_key(), on=day)
        )

    amounts = st.integers(1, 40)
    ago = st.sampled_from([0, 0, 0, 1, 27, 31, 40])
    pairs = st.permutations(PLACES).map(lambda places: (places[0], places[1]))

    @rule(legs=st.lists(st.tuples(pairs, amounts), min_size=1, max_size=3), ago=ago)
    def post(self, legs: list[tuple[tuple[Place, Place], int]], ago: int) -> None:
        day = self.today() - timedelta(days=ago)
        before = {place: list(counters) for place, counters in self.model.counters.items()}
        posted = [(debit, credit, amount) for (debit, credit), amount in legs]
        for debit, credit, amount in posted:
            self.model.move(debit, credit, amount, 0)
        wanted = self.refusal(self.model, day)
        recorded = self.record([Post(*leg) for leg in posted], day, wanted)
        if recorded is None:
            self.model.counters = before
        else:
            self.model.events[recorded.event_id] = ModelEvent(day, posted)

    @rule(amount=st.integers(20, 200))
    def stock_up(self, amount: int) -> None:
        legs = [(stock("A"), Place(BOXES, MADE), amount), (Place(BOXES, MADE), Place(BOXES, LIMIT), amount)]
        recorded = self.record([Post(*leg) for leg in legs], self.today(), None)
        for leg in legs:
            self.model.move(*leg, 0)
        self.model.events[recorded.event_id] = ModelEvent(self.today(), legs)

    @rule(pair=pairs, amount=amounts, minutes=st.sampled_from([None, None, 1, 30, 600]), instead=st.booleans())
    def hold(self, pair: tuple[Place, Place], amount: int, minutes: int | None, instead: bool) -> None:
        """Hold; or, in one event, give the oldest open hold up and hold instead of it."""
        until = None if minutes is None else self.moment + timedelta(minutes=minutes)
        old = self.model.open_holds()[:1] if instead else []
        before = {place: list(counters) for place, counters in self.model.counters.items()}
        for number in old:
            self.model.end_hold(number, "V")
        self.model.move(*pair, 0, amount)
        movements: list[Movement] = [*(Void(number) for number in old), Hold(*pair, amount, until)]
        recorded = self.record(movements, self.today(), self.refusal(self.model, self.today()))
        if recorded is None:
            self.model.counters = before
            for number in old:
                self.model.holds[number].end = ""
            return
        number = recorded.transfers[-1]
        self.model.events[recorded.event_id] = ModelEvent(self.today(), holds=[number])
        self.model.holds[number] = ModelHold(*pair, amount, until, recorded.event_id)

    @precondition(lambda self: self.model.holds)
    @rule(data=st.data(), part=st.none() | st.integers(1, 40))
    def settle(self, data: st.DataObject, part: int | None) -> None:
        number = data.draw(st.sampled_from(list(self.model.holds)))
        hold = self.model.holds[number]
        amount = hold.amount if part is None else min(part, hold.amount)
        is_over = hold.until is not None and hold.until <= self.moment + timedelta(seconds=1)
        wanted = HoldGone if hold.end or is_over else None
        recorded = self.record([Settle(number, amount)], self.today(), wanted)
        if recorded is not None:
            self.model.end_hold(number, "S", amount)
            legs = [(hold.debit, hold.credit, amount)]
            self.model.events[recorded.event_id] = ModelEvent(self.today(), legs)

    @precondition(lambda self: self.model.holds)
    @rule(data=st.data())
    def void(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(list(self.model.holds)))
        recorded = self.record([Void(number)], self.today(), HoldGone if self.model.holds[number].end else None)
        if recorded is not None:
            self.model.end_hold(number, "V")
            self.model.events[recorded.event_id] = ModelEvent(self.today())

    @precondition(lambda self: self.model.open_holds())
    @rule()
    def expire(self) -> None:
        def sweep() -> list[int]:
            over = [hold.transfer_id for hold in queries.expired_holds(limit=1000)]
            if over:
                event = service.record(ORDER, [Void(hold) for hold in over], by="x", subject="sweep", key=a_key())
                self.model.events[event.event_id] = ModelEvent(self.today())
            return over

        moment = self.moment + timedelta(seconds=1)
        mine = [n for n in self.model.open_holds() if (until := self.model.holds[n].until) and until <= moment]
        assert self.expect(None, sweep) == mine
        for number in mine:
            self.model.end_hold(number, "V")

    @precondition(lambda self: self.model.events)
    @rule(data=st.data())
    def reverse(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(list(self.model.events)))
        event, today = self.model.events[number], self.today()
        before = {place: list(counters) for place, counters in self.model.counters.items()}
        ends = {hold: self.model.holds[hold].end for hold in event.holds}
        mirror = [(credit, debit, amount) for debit, credit, amount in event.posted]
        wanted: type[DomainError] | None = AlreadyReversed
        if not event.is_reversed and "S" not in ends.values():
            for hold, end in ends.items():
                if not end:
                    self.model.end_hold(hold, "V")
            for leg in mirror:
                self.model.move(*leg, 0)
            wanted = None if self.model.is_sound() else FloorBroken
        recorded = self.expect(wanted, lambda: service.reverse(UNDO, number, by="x", key=a_key()))
        if recorded is None:
            self.model.counters = before
            for hold, end in ends.items():
                self.model.holds[hold].end = end
        else:
            event.is_reversed = True
            self.model.events[recorded.event_id] = ModelEvent(today, mirror)

    @rule(hours=st.sampled_from([1, 12, 24, 24 * 9]))
    def wait(self, hours: int) -> None:
        self.moment += timedelta(hours=hours)

    @rule(ago=st.sampled_from([1, 1, 1, 1, 0, 3]))
    def seal(self, ago: int) -> None:
        day = self.today() - timedelta(days=ago)
        newest = self.model.seals[-1][0] if self.model.seals else date.min
        is_there = day in {sealed for sealed, _ in self.model.seals}
        wanted = NotYet if not is_there and (ago == 0 or day < newest) else None
        if self.expect(wanted, lambda: seals.seal(day)) is not None and not is_there:
            self.model.seals.append((day, max(self.model.events, default=0)))

    @rule(ago=st.sampled_from([31, 31, 31, 62, 20, 0]), sealed_first=st.booleans())
    def close(self, ago: int, sealed_first: bool) -> None:
        if sealed_first:
            self.seal(1)
        day = self.today() - timedelta(days=ago)
        month = (day.year, day.month)
        next_month = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
        newest, sealed_upto = self.model.seals[-1] if self.model.seals else (date.min, 0)
        late = [
            number
            for number, event in self.model.events.items()
            if (event.day.year, event.day.month) == month and number > sealed_upto
        ]
        is_ready = newest >= next_month - timedelta(days=1) and not late
        wanted = None if is_ready or month in self.model.closed else NotYet
        if self.expect(wanted, lambda: seals.close_period(day)) is not None:
            self.model.closed.add(month)

    @rule(at_most=st.sampled_from([3, 1000]))
    def feed(self, at_most: int) -> None:
        new = sorted(number for number in self.model.events if number > self.model.fed)[:at_most]
        assert self.expect(None, lambda: seals.feed_daily(at_most=at_most)) == len(new)
        self.model.fed = max([self.model.fed, *new])

    @invariant()
    def every_balance_is_the_models(self) -> None:
        if hasattr(self, "database"):
            found = queries.balances(PLACES)
            session().rollback()
            assert found == {place: Balance(*counters) for place, counters in self.model.counters.items()}

    def teardown(self) -> None:
        with self.until_the_end:
            if not hasattr(self, "database"):
                return
            assert [finding for check in CHECKS for finding in check.find()] == []
            self._replay()

    def _replay(self) -> None:
        with TemporaryDirectory() as folder:
            target = Database(f"sqlite:///{Path(folder) / 'replay.db'}")
            replay.make_tables(target)
            with steady():
                replay.replay_into(target)
                assert replay.first_difference(target) is None
            target.dispose()
