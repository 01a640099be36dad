"""Orders of one seller that arrived, settled by two officials, for the pages of statements."""

from __future__ import annotations

from collections.abc import Sequence

from app.kernel import clock, ids
from app.kernel.db import session, transaction
from app.kernel.permissions import COUNTY, Grant, Viewer
from app.office.approvals import service as approvals
from app.office.approvals.service import Verdict
from app.people.accounts.states import Role
from app.policy import POLICY
from app.trade.orders import queries as orders_queries
from app.trade.orders import service as orders
from app.trade.payments import service as payments
from app.trade.payments.permissions import PAYMENTS_CONFIRM
from app.trade.payments.service import BANK_TRANSFER, Notice
from app.trade.settlements import service
from app.trade.settlements.models import Settlement, Statement
from app.trade.settlements.states import SettlementState


def deliver(number: str, *, buyer: Viewer, seller: Viewer, official: int) -> None:
    """An order is paid, packed, shipped and received."""
    county = _official(official)
    with transaction():
        order = orders_queries.order_in_scope(county, number, PAYMENTS_CONFIRM, lock=True)
        payments.confirm(order, Notice(BANK_TRANSFER, ids.code(), order.total), by=county.actor)
    with transaction():
        orders.pack(number, by=seller)
    with transaction():
        orders.ship(number, courier="中国邮政", tracking="示例", by=seller)
    with transaction():
        orders.receive(number, by=buyer)


def settle(*, officials: Sequence[int]) -> Statement:
    """What was delivered stands in a statement that is closed; the newest one."""
    maker, second = (_official(one) for one in officials)
    today = clock.today()
    with transaction():
        number = service.begin(through=today, by=maker).number
    until(number, SettlementState.MADE)
    with transaction():
        service.submit(number, link="/", by=maker)
    over = approvals.fingerprint(service.payload(settlement_of(number)))
    with transaction():
        service.decide(number, Verdict(True, over), by=second)
    until(number, SettlementState.CLOSED)
    return session().query(Statement).filter_by(settlement_id=settlement_of(number).id).one()


def _official(person_id: int) -> Viewer:
    grant = Grant(Role.COUNTY.value, COUNTY)
    return Viewer.of(person_id=person_id, name="孙主任", grants=[grant], policy=POLICY)


def settlement_of(number: str) -> Settlement:
    """The settlement as it is in the database now."""
    session().expire_all()
    return session().query(Settlement).filter_by(number=number).one()


def until(number: str, state: SettlementState) -> None:
    """The worker comes by until it is in that state."""
    while settlement_of(number).state is not state:
        with transaction():
            service.go_on(by="test")
