"""The county's office in the demo winter: accounts are verified, months are settled, banks are told and answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from random import Random
from typing import Final

from app.demo import plan
from app.demo.cast import BY, CONSENT, Cast
from app.demo.diary import Diary
from app.demo.market import Shop
from app.kernel import clock
from app.kernel.money import Money
from app.kernel.permissions import Viewer
from app.office.approvals import service as approvals
from app.office.approvals.service import Verdict
from app.office.payouts import answers, files, returns
from app.office.payouts import queries as payouts
from app.office.payouts.models import Payout, PayoutFile
from app.office.payouts.returns import Slip
from app.office.payouts.states import Outcome
from app.people.growers.states import SellerKind
from app.people.purse import service as purse
from app.people.purse.service import Given
from app.people.purse.states import Bank
from app.trade.corrections import service as corrections
from app.trade.corrections.service import Wanted
from app.trade.payments import service as payments
from app.trade.payments.permissions import PAYMENTS_CONFIRM
from app.trade.settlements import queries as settlements
from app.trade.settlements import service

_BANKS: Final = (Bank.RURAL, Bank.RURAL, Bank.RURAL, Bank.POSTAL, Bank.AGRICULTURAL)
_SILENT: Final = Bank.POSTAL
"""The bank that has not answered for the last month that was paid."""
_CORRECTS_ON: Final = date(2026, 1, 20)
_CORRECTED: Final = Money(3_000)


class CountyOffice:
    """What two county officials and the townships' officials do with the sellers' money."""

    def __init__(self, cast: Cast, diary: Diary, *, chance: Random) -> None:
        self.cast = cast
        self.diary = diary
        self.chance = chance
        self._accounts = 0

    def prepare(self) -> None:
        """Each month of the winter is settled on the third day of the next."""
        first = date(plan.FIRST_ORDER.year, plan.FIRST_ORDER.month, 1)
        ends = [day for day in _month_ends(first) if day + timedelta(days=4) <= plan.LAST_DAY]
        for day in ends:
            is_last, is_paid_last = day == ends[-1], day == ends[-2]
            moment = plan.moment(day + timedelta(days=3), self.chance, hours=(9, 11))
            self.diary.enter(moment, partial(self._settle, day, waits=is_last, silent=is_paid_last))

    def meet(self, shop: Shop) -> None:
        """A seller whom the township has verified says where to pay him; one of ten has not got round to it."""
        if shop.applicant.is_played or self.chance.random() < 0.9:
            day = clock.today() + timedelta(days=self.chance.randint(1, 5))
            self.diary.enter(plan.moment(day, self.chance, hours=(9, 17)), partial(self._give, shop))
        if shop.applicant.is_played and shop.seller.kind is SellerKind.COOP:
            self.diary.enter(plan.moment(_CORRECTS_ON, self.chance, hours=(9, 17)), partial(self._correct, shop))

    def _correct(self, shop: Shop) -> None:
        """One official finds that too little was booked, another lets the rest into the books on the next day."""
        wanted = Wanted(shop.seller.slug, _CORRECTED, "一批枣过磅时少记了三斤，货款补给卖家（示例数据）")
        proposed = corrections.propose(wanted, link="/desk/corrections/{number}", by=self.cast.county)
        verdict = Verdict(True, approvals.fingerprint(corrections.payload(proposed)), "查过过磅单（示例数据）")
        tomorrow = plan.moment(clock.today() + timedelta(days=1), self.chance, hours=(9, 17))
        self.diary.enter(tomorrow, partial(corrections.decide, proposed.number, verdict, by=self.cast.second))

    def _give(self, shop: Shop) -> None:
        self._accounts += 1
        is_household = shop.seller.kind is SellerKind.HOUSEHOLD
        holder = shop.applicant.person.name if is_household else shop.seller.name
        given = Given(shop.seller.id, holder, self.chance.choice(_BANKS), f"{self._accounts:015d}")
        account = purse.give(given, consent_version=CONSENT, by=shop.viewer)
        official = self.cast.officials[shop.seller.township_code]
        day = clock.today() + timedelta(days=1)
        verify = partial(purse.verify, account.id, by=official, because="看过存折原件（示例数据）")
        self.diary.enter(plan.moment(day, self.chance, hours=(9, 17)), verify)

    def _settle(self, day: date, *, waits: bool, silent: bool) -> None:
        """One official makes it, another lets it go; the last month waits for that other one, whom a visitor plays."""
        maker, second = self.cast.county, self.cast.second
        self._take_from_couriers(by=maker)
        number = service.begin(through=day, by=maker).number
        self._work()
        service.submit(number, link=f"/desk/settlements/{number}", by=maker)
        if waits:
            return
        over = approvals.fingerprint(service.payload(settlements.settlement(number)))
        service.decide(number, Verdict(True, over, "逐户核对过（示例数据）"), by=second)
        self._work()
        self._pay(by=maker, silent=silent)

    def _take_from_couriers(self, *, by: Viewer) -> None:
        """What couriers took up to the last days is handed over, all of one morning under one reference.

        All but the newest, so that an official finds something to ask for.
        """
        before = clock.now() - timedelta(days=6)
        for payment, order in payments.with_couriers(by, PAYMENTS_CONFIRM)[:-1]:
            if payment.confirmed_at < before:
                reference = f"示例代收{clock.today():%Y%m%d}"
                payments.handed_over(order, reference=reference, amount=payment.amount, by=by.actor)

    def _work(self) -> None:
        while service.go_on(by=BY):
            pass

    def _pay(self, *, by: Viewer, silent: bool) -> None:
        for waiting in payouts.waiting_by_bank():
            file = files.make(waiting.bank, waiting.bank_name, by=by)
            if file is None:
                continue
            files.download(file.number, because="", by=by)
            if not (silent and file.bank is _SILENT):
                tomorrow = plan.moment(clock.today() + timedelta(days=1), self.chance, hours=(9, 17))
                self.diary.enter(tomorrow, partial(self._hear, file, by=by))

    def _hear(self, file: PayoutFile, *, by: Viewer) -> None:
        lines = [self._line(one) for one in payouts.payouts_of(file)]
        data = _answer(lines)
        returns.take(returns.read(data, Slip()), bank=file.bank, bank_name=file.bank_name, by=by)

    def _line(self, one: Payout) -> str:
        if self.chance.random() < 0.02:
            return f"{one.number},{one.tail},{one.amount},{Outcome.REFUSED.words},,户名不符（示例数据）"
        return f"{one.number},{one.tail},{one.amount},{Outcome.DONE.words},示例{one.number},"


def _month_ends(first: date) -> list[date]:
    ends = []
    while first <= plan.LAST_DAY:
        following = (first + timedelta(days=32)).replace(day=1)
        ends.append(following - timedelta(days=1))
        first = following
    return ends


def _answer(lines: Sequence[str]) -> bytes:
    return "\r\n".join([",".join(answers.COLUMNS), *lines, ""]).encode()
