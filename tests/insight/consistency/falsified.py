"""One planted error for each check, as somebody at the database's console would make it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import delete, select, update

from app.audit import service as audit
from app.kernel import clock
from app.kernel.db import database, session, transaction
from app.kernel.events import OutboxRow
from app.kernel.money import Money
from app.kernel.permissions import COUNTY
from app.ledger.books import service as books
from app.ledger.books.movements import CNY, Hold, Place, Post, Role
from app.office.payouts.accounts import paid_out
from app.office.payouts.models import BankReturn, Payout, PayoutFile
from app.office.payouts.states import PayoutState, Purpose
from app.people.accounts.models import Person, RoleGrant
from app.people.accounts.states import Role as Office
from app.people.growers import changes
from app.people.growers.changes import Wanted
from app.people.messages import sending
from app.people.messages.sending import Gateways
from app.people.purse.states import Bank
from app.trade.addresses import service as addresses
from app.trade.addresses.queries import Place as AddressPlace
from app.trade.catalog import media
from app.trade.complaints import photos as complaint_photos
from app.trade.complaints import service as complaints
from app.trade.complaints.states import Kind
from app.trade.invoices import service as invoices
from app.trade.invoices.service import Asked, Document
from app.trade.invoices.states import TitleKind
from app.trade.lots.models import Lot
from app.trade.orders import service as orders
from app.trade.orders.models import Order
from app.trade.payments.models import PayPage, PayPageState
from app.trade.processing.states import Step
from app.trade.recalls.models import Recall, RecallLot
from app.trade.recalls.states import Level
from app.trade.returns.models import Return, ReturnLine
from app.trade.returns.states import ReturnState, Why
from app.trade.stock.accounts import MONEY_IN, ORDER_RECEIVED, PAYMENT_FEE
from tests.cast import MENGMEN, a_viewer, answer, shop_of, sql
from tests.insight.consistency.world import LOOSE, SOLD_GRAMS, YEAR_END, World
from tests.ledger.cast import UNDO, bank, bare_tables, lay_open, made, post, sold, stock
from tests.people.messages.mailing import confirmed
from tests.people.phone_codes.coding import ask, code_of, enter, phone_of
from tests.trade.intakes.cast import a_buyer, a_point, accepted, delivered, graded, posted
from tests.trade.processing.cast import loose_lot, run
from tests.trade.recalls import cast as recalling

Plant = Callable[[World], str]


@dataclass(frozen=True, slots=True)
class Falsification:
    """Which check must turn red, the error, which names the row, and what else is red by the error's own nature."""

    code: str
    plant: Plant
    also: frozenset[str] = field(default_factory=frozenset)


def _account(place: Place) -> int:
    return answer(
        "SELECT a.id FROM ledger_accounts a JOIN ledger_commodities c ON c.id = a.commodity_id "
        "WHERE c.code = :code AND role = :role AND subject = :subject",
        code=place.goods.code,
        role=place.role.name,
        subject=place.subject,
    )


def _transfer(debit: Place, credit: Place, amount: int) -> None:
    """A transfer of the newest event that nobody allowed, with counters that follow it."""
    lay_open()
    sql(
        "INSERT INTO ledger_transfers (id, event_id, commodity_id, debit_id, credit_id, amount, phase, effective_on) "
        "SELECT 900001, id, 1, :debit, :credit, :amount, 'P', effective_on FROM ledger_events "
        "ORDER BY id DESC LIMIT 1",
        debit=_account(debit),
        credit=_account(credit),
        amount=amount,
    )
    sql("UPDATE ledger_accounts SET dr = dr + :n WHERE id = :id", id=_account(debit), n=amount)
    sql("UPDATE ledger_accounts SET cr = cr + :n WHERE id = :id", id=_account(credit), n=amount)


def _event(*, day: str | None = None, reverses: int | None = None) -> str:
    """An event of this month without transfers."""
    lay_open()
    sql(
        "INSERT INTO ledger_events (id, kind, effective_on, recorded_at, period_id, idem_key, actor, request_id, "
        "subject, reverses_id) SELECT 900001, 'raw', coalesce(CAST(:day AS {day}), effective_on), recorded_at, "
        "period_id, 'raw', 'x', '', '', CAST(:reverses AS INTEGER) FROM ledger_events ORDER BY id DESC LIMIT 1".format(
            day="TEXT" if session().get_bind().dialect.name == "sqlite" else "DATE"
        ),
        day=day,
        reverses=reverses,
    )
    return "event 900001"


def between_commodities(world: World) -> str:
    _transfer(sold(), bank(), 7)
    return f"commodity {CNY.code}"


def counters_by_hand(world: World) -> str:
    sql("UPDATE ledger_accounts SET dr = dr + 1 WHERE id = :id", id=_account(sold()))
    sql("UPDATE ledger_accounts SET cr = cr + 1 WHERE id = :id", id=_account(made()))
    return f"account {_account(made())}"


def hold_without_end(world: World) -> str:
    hold = answer("SELECT max(transfer_id) FROM ledger_open_holds WHERE expires_at IS NOT NULL")
    sql("UPDATE ledger_open_holds SET expires_at = NULL WHERE transfer_id = :hold", hold=hold)
    return f"open hold {hold}"


def reversal_that_is_no_mirror(world: World) -> str:
    return _event(reverses=answer("SELECT min(id) FROM ledger_events"))


def below_the_floor(world: World) -> str:
    _transfer(sold(), stock(), 1000)
    return f"account {_account(stock())}"


def outside_its_period(world: World) -> str:
    return _event(day="2025-11-30")


def sealed_event_changed(world: World) -> str:
    lay_open()
    sql("UPDATE ledger_events SET actor = 'somebody else' WHERE id = (SELECT min(id) FROM ledger_events)")
    return f"seal {YEAR_END}"


def value_without_grams(world: World) -> str:
    post(Post(SOLD_GRAMS, LOOSE, 5000))
    return f"lot {LOOSE.subject}"


def daily_sum_of_nobodys_figure(world: World) -> str:
    sql("UPDATE ledger_daily SET dr = dr + 1 WHERE role = 'fund'")
    return "fund of no township on 2025-12-20 of test.ordered"


def reversal_that_the_figure_does_not_count(world: World) -> str:
    fund = Place(CNY, Role("fund"))
    with transaction():
        event = books.record(ORDER_RECEIVED, [Post(bank(), fund, 9)], by="x", subject="x", key="raw").event_id
    with transaction():
        reversal = books.reverse(UNDO, event, by="x", key="raw back").event_id
    return f"event {reversal}"


def daily_sum_of_a_figure(world: World) -> str:
    sql("UPDATE ledger_daily SET dr = dr + 1 WHERE role = 'loose'")
    return "figure stock_on_hand"


def heavier_pack(world: World) -> str:
    sql("UPDATE packs SET net = net + 1")
    return f"pack {world.pack.id} lot {answer('SELECT lot_id FROM packed_lots')}"


def lighter_lot(world: World) -> str:
    sql("UPDATE lots SET weight_in = weight_in - 1")
    with transaction() as current:
        return f"lot {current.connection().exec_driver_sql('SELECT code FROM lots').scalar_one()}"


def marked_alone(world: World) -> str:
    """A recall that stops the lot in words, and leaves its pieces in the stock."""
    lot = recalling.lot_of(world.pack)
    with transaction() as current:
        recall = Recall(
            number="Z1",
            lot_id=lot.id,
            seller_id=lot.seller_id,
            township_code=lot.township_code,
            level=Level.FIRST,
            because="示例",
            made_by_id=world.grower.person_id,
            made_at=clock.now(),
            by_seller=True,
        )
        current.add(recall)
        current.flush()
        current.add(RecallLot(recall_id=recall.id, lot_id=lot.id))
        marked = current.get_one(Lot, lot.id)
        marked.recalled_at, marked.recall_id = clock.now(), recall.id
    return f"lot {lot.code}"


def child_let_go(world: World) -> str:
    parent = recalling.loose_lot(world.grower)
    child = recalling.made_of(parent, world.grower)
    recalling.recall_it(recalling.fresh_lot(parent), by=world.grower)
    sql("UPDATE lots SET recalled_at = NULL, recall_id = NULL WHERE id = :id", id=child.id)
    return f"lot {child.code}"


def lifted_by_hand(world: World) -> str:
    lot = recalling.loose_lot(world.grower)
    recalling.recall_it(recalling.fresh_lot(lot), by=world.grower)
    sql("UPDATE recalls SET state = 'lifted', ended_at = made_at")
    return f"lot {lot.code}"


def blocked_and_heavier(world: World) -> str:
    lot = recalling.lot_of(world.pack)
    recalling.recall_it(lot, by=world.grower)
    sql("UPDATE packs SET net = net + 1 WHERE id = :id", id=world.pack.id)
    return f"pack {world.pack.id} lot {lot.id}"


def line_priced_otherwise(world: World) -> str:
    sql("UPDATE order_lines SET price = price + 1 WHERE order_id = :order", order=world.on_road.id)
    return f"order {world.on_road.number}"


def called_off_by_hand(world: World) -> str:
    sql("UPDATE orders SET state = 'cancelled' WHERE id = :order", order=world.placed.id)
    return f"order {world.placed.number}"


def arrived_by_hand(world: World) -> str:
    sql("UPDATE orders SET state = 'received' WHERE id = :order", order=world.on_road.id)
    return f"order {world.on_road.number}"


def no_longer_paid(world: World) -> str:
    sql("UPDATE orders SET paid_at = NULL WHERE id = :order", order=world.paid.id)
    return f"order {world.paid.number}"


def went_back_past_the_books(world: World) -> str:
    sql("UPDATE refunds SET state = 'sent', reference = 'R1' WHERE payment_id = :payment", payment=world.due.id)
    return f"order {world.off.number}"


def nobody_sends_it_back(world: World) -> str:
    sql("UPDATE payments SET state = 'confirmed' WHERE id = :payment", payment=world.due.id)
    return f"order {world.off.number}"


def set_aside_for_nothing(world: World) -> str:
    sql("UPDATE orders SET given_back = 1 WHERE id = :order", order=world.paid.id)
    return f"order {world.paid.number}"


def courier_owes_for_nothing(world: World) -> str:
    owes = orders.with_courier(world.on_road)
    with transaction():
        till = Place(CNY, MONEY_IN, "raw", owes.township)
        books.record(PAYMENT_FEE, [Post(owes, till, 7)], by="x", subject="x", key="raw")
    return f"{owes.party} in {owes.township}"


def came_back_past_the_books(world: World) -> str:
    return f"return {_return_of_one(world, counted=1)}"


def sent_back_uncounted(world: World) -> str:
    _return_of_one(world, counted=0, state=ReturnState.ASKED)
    return f"order line {_line_of(world.on_road)}"


def _line_of(order: Order) -> int:
    return answer("SELECT min(id) FROM order_lines WHERE order_id = :order", order=order.id)


def _return_of_one(world: World, *, counted: int, state: ReturnState = ReturnState.ARRIVED) -> str:
    order, line = world.on_road, _line_of(world.on_road)
    with transaction() as current:
        found = Return(
            number="T-raw",
            order_id=order.id,
            buyer_id=order.buyer_id,
            seller_id=order.seller_id,
            township_code=order.township_code,
            why=Why.QUALITY,
            with_goods=True,
            amount=None,
            note="",
            asked_at=clock.now(),
            state=state,
        )
        found.lines = [ReturnLine(return_id=0, order_line_id=line, pieces=1, first=0)]
        current.add(found)
    sql("UPDATE order_lines SET asked_back = :n WHERE order_id = :order", n=counted, order=order.id)
    return found.number


def page_for_nothing(world: World) -> str:
    with transaction() as current:
        moment = clock.now()
        current.add(
            PayPage(
                reference="P-raw",
                checkout="G-raw",
                buyer_id=world.buyer.person_id,
                amount=Money(100),
                made_at=moment,
                open_until=moment,
                hold_until=moment + timedelta(hours=1),
                state=PayPageState.ENDED,
            )
        )
    return "page P-raw"


def file_of_nothing(world: World) -> str:
    with transaction() as current:
        current.add(
            PayoutFile(
                number="W-raw",
                bank=Bank.RURAL,
                bank_name="",
                count=1,
                total=Money(1),
                sha256="0" * 64,
                made_at=clock.now(),
                made_by="x",
            )
        )
    return "payout file W-raw"


def kept_for_no_payout(world: World) -> str:
    hold = post(Hold(Place(CNY, Role("fund")), paid_out(Bank.RURAL, ""), 9, None)).transfers[0]
    return f"open hold {hold}"


def withheld_past_the_books(world: World) -> str:
    with transaction() as current:
        current.add(
            Payout(
                number="F-raw",
                subject="raw",
                purpose=Purpose.SETTLEMENT,
                seller_id=world.purse.seller_id,
                account_id=world.purse.id,
                holder=world.purse.holder,
                bank=Bank.RURAL,
                bank_name="",
                tail=world.purse.tail,
                amount=Money(1),
                words="x",
                hold_id=900001,
                registered_at=clock.now(),
                registered_by="x",
                state=PayoutState.WITHHELD,
                ended_at=clock.now(),
            )
        )
    return "payout F-raw"


def answer_without_its_lines(world: World) -> str:
    with transaction() as current:
        current.add(
            BankReturn(
                number="H-raw",
                bank=Bank.RURAL,
                bank_name="",
                sha256="0" * 64,
                uploaded_at=clock.now(),
                uploaded_by="x",
                lines=1,
            )
        )
    return "bank return H-raw"


def picture_gone(world: World) -> str:
    media.store().delete(world.photo.key("full"))
    return f"photo {world.photo.stem}"


def book_without_a_default(world: World) -> str:
    with transaction():
        addresses.keep(AddressPlace("李晓月", "13812345678", "14", "桃园路四十七号"), by=world.buyer)
    sql("UPDATE addresses SET is_default = (1 = 0)")
    return f"person {world.buyer.person_id}"


def judged_before_it_came(world: World) -> str:
    sql(
        "INSERT INTO reviews "
        "(id, number, order_line_id, pack_id, seller_id, buyer_id, township_code, at, stars, words, is_sample) "
        "SELECT 900001, 'RAW', l.id, l.pack_id, o.seller_id, o.buyer_id, o.township_code, o.placed_at, 5, '', "
        f"{'0' if session().get_bind().dialect.name == 'sqlite' else 'false'} "
        "FROM orders o JOIN order_lines l ON l.order_id = o.id WHERE o.number = :number",
        number=world.on_road.number,
    )
    return "review RAW"


def complaint_settled_by_hand(world: World) -> str:
    with transaction():
        one = complaints.make(world.on_road.number, Kind.NOT_ARRIVED, "等了十天", by=world.buyer)
    sql("UPDATE complaints SET state = 'settled', ended_at = made_at")
    return f"complaint {one.number}"


def proof_gone(world: World) -> str:
    stored = complaint_photos.Stored("nowhere", 1, 1, "0" * 64)
    with transaction():
        complaints.make(world.on_road.number, Kind.SPOILT, "坏了", pictures=[stored], by=world.buyer)
    return "photo nowhere"


def _taken_in(world: World) -> str:
    """The number of a delivery of the grower's that a co-op took in."""
    buyer = a_buyer()
    point = a_point(buyer)
    posted(point, by=buyer)
    return accepted(graded(delivered(point, world.grower, by=buyer), by=buyer), by=buyer).number


def gram_weighed_that_is_in_no_grade(world: World) -> str:
    number = _taken_in(world)
    sql("UPDATE intakes SET impurities = impurities + 1")
    return f"intake {number}"


def fruit_that_costs_a_fen_more(world: World) -> str:
    number = _taken_in(world)
    sql("UPDATE intake_lines SET amount = amount + 1")
    return f"intake {number}"


def board_changed_afterwards(world: World) -> str:
    number = _taken_in(world)
    sql("UPDATE price_list_lines SET per_jin = per_jin - 1")
    return f"intake {number}"


def certificate_gone(world: World) -> str:
    sql("UPDATE lots SET certificate_key = 'certificates/nowhere.json', certificate_sha256 = '0' WHERE id = 1")
    return f"lot {session().scalars(select(Lot.code).where(Lot.id == 1)).one()}"


def invoice_over_more_than_was_paid(world: World) -> str:
    number = _issued(world)
    sql("UPDATE invoices SET paid = paid + 100, amount = amount + 100")
    return f"invoice {number}"


def title_of_something_else(world: World) -> str:
    number = _issued(world)
    sql("UPDATE invoices SET title_sealed = tax_no_sealed")
    return f"invoice {number}"


def _issued(world: World) -> str:
    with transaction():
        asked = Asked(TitleKind.FIRM, "某某商贸有限公司", "91350100M000100Y43")
        number = invoices.ask(world.paid.number, asked, by=world.buyer).number
    with transaction():
        invoices.issue(number, Document("24997000000012345678", clock.today()), by=world.grower)
    return number


def two_hats(world: World) -> str:
    with transaction() as current:
        for role in (Office.ADMIN, Office.COUNTY):
            current.add(
                RoleGrant(
                    person_id=world.buyer.person_id, role=role, scope=COUNTY, granted_by="x", granted_at=clock.now()
                )
            )
    return f"person {world.buyer.person_id}"


def acting_without_a_mandate(world: World) -> str:
    with transaction() as current:
        grant = RoleGrant(
            person_id=world.buyer.person_id,
            role=Office.AGENT,
            scope=f"seller:{shop_of(world.grower).id}",
            granted_by="x",
            granted_at=clock.now(),
        )
        current.add(grant)
        current.flush()
        return f"role {grant.id}"


def _mandate_on_paper(world: World) -> int:
    sql(
        "INSERT INTO agents (person_id, township_code, named_by, named_at, until, because) SELECT id, :code, 'x',"
        " created_at, :day, 'x' FROM people WHERE id = :person",
        code=MENGMEN,
        day="2099-01-01",
        person=world.buyer.person_id,
    )
    sql(
        "INSERT INTO mandates (agent_id, seller_id, way, text_version, recorded_by, recorded_at, expires_on, state,"
        " paper_stem, paper_sha256) SELECT id, :seller, 'on_paper', 'x', 'x', named_at, until, 'waiting', 'x', 'x'"
        " FROM agents",
        seller=shop_of(world.grower).id,
    )
    return answer("SELECT id FROM mandates")


def paper_of_a_mandate_gone(world: World) -> str:
    return f"mandate {_mandate_on_paper(world)}"


def done_in_a_name_without_a_mandate(world: World) -> str:
    actor = f"person:{world.buyer.person_id} for seller:{shop_of(world.grower).id}"
    with transaction():
        audit.note("packs.repriced", "pack:x", by=actor)
    return f"audit row {answer('SELECT max(id) FROM audit_rows')}"


def number_of_another(world: World) -> str:
    other = select(Person.phone_sealed).where(Person.id == world.grower.person_id).scalar_subquery()
    with transaction() as current:
        current.execute(update(Person).where(Person.id == world.buyer.person_id).values(phone_sealed=other))
    return f"person {world.buyer.person_id}"


def consent_taken_back_by_hand(world: World) -> str:
    sending.use(Gateways(unless=lambda: True), on=database())
    confirmed(world.buyer)
    sql("UPDATE consents SET withdrawn_at = given_at WHERE purpose = 'mail'")
    return f"mail address {answer('SELECT id FROM mail_addresses')}"


def code_given_to_another_sign_in(world: World) -> str:
    phone = phone_of(world.buyer.person_id)
    enter(code_of(ask(phone)), phone)
    sql("UPDATE sign_ins SET way = 'password'")
    return f"phone code {answer('SELECT id FROM phone_codes')}"


def suspended_by_hand(world: World) -> str:
    sql("UPDATE sellers SET status = 'suspended'")
    return f"seller {shop_of(world.grower).id}"


def licence_written_in_by_hand(world: World) -> str:
    shop = shop_of(world.grower)
    number, scope, wanted = shop.id, f"township:{shop.township_code}", Wanted("枣林深处", None, "")
    official = a_viewer("赵文书", (Office.TOWNSHIP, scope))
    with transaction():
        change = changes.propose(number, wanted, by=world.grower)
    with transaction():
        changes.approve(change.id, by=official, because="不重名，可以改")
    sql("UPDATE sellers SET licence_no = 'SC10114112500018' WHERE id = :number", number=number)
    return f"seller {number}"


def member_without_the_role(world: World) -> str:
    with transaction() as current:
        current.execute(delete(RoleGrant).where(RoleGrant.role == Office.SELLER))
    return f"seller {shop_of(world.grower).id}"


def consent_gone_behind_an_account(world: World) -> str:
    sql("UPDATE consents SET withdrawn_at = given_at WHERE id = :consent", consent=world.purse.consent_id)
    return f"bank account {world.purse.id}"


def another_number_shown(world: World) -> str:
    sql("UPDATE bank_accounts SET tail = '0000'")
    return f"bank account {world.purse.id}"


def entry_worth_more(world: World) -> str:
    sql("UPDATE statements SET sales = sales + 1, closing = closing + 1")
    return f"statement {world.statement.number}"


def entry_of_another_worth(world: World) -> str:
    sql("UPDATE statement_entries SET amount = amount + 1 WHERE line = 'sales'")
    return f"transfer {answer('SELECT min(transfer_id) FROM statement_entries')}"


def begun_with_more(world: World) -> str:
    sql("UPDATE statements SET brought = brought + 1, closing = closing + 1")
    return f"statement {world.statement.number}"


def paid_less_than_it_says(world: World) -> str:
    sql("UPDATE statements SET pays = pays - 1")
    return f"statement {world.statement.number}"


def approved_by_nobody(world: World) -> str:
    bare_tables("approval_decisions")
    sql("DELETE FROM approval_decisions")
    return f"approval {answer('SELECT min(id) FROM approvals')}"


def audit_row_changed(world: World) -> str:
    bare_tables("audit_rows", "audit_links")
    first = answer("SELECT min(id) FROM audit_rows")
    sql("UPDATE audit_rows SET actor = 'somebody else' WHERE id = :row", row=first)
    return f"audit row {first}"


def act_without_a_name(world: World) -> str:
    with transaction():
        audit.note("", "order:1", by="x")
    return f"audit row {answer('SELECT max(id) FROM audit_rows')}"


def follow_up_given_up(world: World) -> str:
    with transaction() as current:
        moment = clock.now()
        row = OutboxRow(
            job="orders.raw", payload="{}", request_id="", created_at=moment, run_after=moment, dead_at=moment
        )
        current.add(row)
        current.flush()
        return f"outbox {row.id} orders.raw"


def made_of_less(world: World) -> str:
    lot = loose_lot(world.grower, 1_000)
    number = run(world.grower, Step.SORT, [(lot, None)], [900], loss=100).number
    sql("UPDATE processing_outputs SET made = made - 1")
    return f"run {number}"


def without_its_sources(world: World) -> str:
    lot = loose_lot(world.grower, 1_000)
    run(world.grower, Step.WASH, [(lot, None)], [1_000])
    sql("DELETE FROM lot_sources WHERE parent_id = :lot", lot=lot.id)
    return f"lot {lot.id}"


def grown_by_nobody_here(world: World) -> str:
    lot = loose_lot(world.grower, 1_000)
    sql("UPDATE lots SET grower_id = NULL WHERE id = :lot", lot=lot.id)
    return f"lot {lot.id}"


def marked_by_hand(world: World) -> str:
    lot = answer("SELECT min(lot_id) FROM packed_lots WHERE pack_id = :pack", pack=world.pack.id)
    sql("UPDATE packs SET bears_mark = (1 = 1) WHERE id = :pack", pack=world.pack.id)
    return f"pack {world.pack.id} lot {lot}"


FALSIFICATIONS = (
    Falsification("I1", between_commodities),
    Falsification("I2", counters_by_hand),
    Falsification("I3", hold_without_end),
    Falsification("I4", reversal_that_is_no_mirror),
    Falsification("I5", below_the_floor),
    Falsification("I6", outside_its_period),
    Falsification("I7", sealed_event_changed),
    Falsification("I8", value_without_grams),
    Falsification("D1", daily_sum_of_nobodys_figure),
    Falsification("F1", reversal_that_the_figure_does_not_count),
    # A figure is the daily sums, so it is wrong only where they are.
    Falsification("F2", daily_sum_of_a_figure, also=frozenset({"D1"})),
    Falsification("V3", heavier_pack),
    Falsification("V3-in", lighter_lot),
    Falsification("B16", made_of_less),
    Falsification("B16-lots", without_its_sources),
    Falsification("B16-local", grown_by_nobody_here),
    Falsification("B16-mark", marked_by_hand),
    Falsification("V3-road", arrived_by_hand),
    Falsification("M45-free", marked_alone),
    Falsification("M45-line", child_let_go),
    Falsification("M45-by", lifted_by_hand),
    # What is held of the pack lies in the stock, and weighs otherwise too.
    Falsification("V3-blocked", blocked_and_heavier, also=frozenset({"V3"})),
    Falsification("M17", line_priced_otherwise),
    Falsification("V4", called_off_by_hand),
    Falsification("V5", no_longer_paid),
    Falsification("V5-ledger", went_back_past_the_books),
    Falsification("V5-courier", courier_owes_for_nothing),
    Falsification("V5-pages", page_for_nothing),
    Falsification("V6", nobody_sends_it_back),
    Falsification("V6-given", set_aside_for_nothing),
    Falsification("V3-returned", came_back_past_the_books),
    Falsification("V6-returns", sent_back_uncounted),
    Falsification("M18", entry_worth_more),
    # What is worth another amount no longer adds up either.
    Falsification("M18-books", entry_of_another_worth, also=frozenset({"M18"})),
    Falsification("M18-carried", begun_with_more),
    Falsification("V9-statements", paid_less_than_it_says),
    Falsification("V12", approved_by_nobody),
    Falsification("V9-files", file_of_nothing),
    Falsification("V9-holds", kept_for_no_payout),
    Falsification("V9-ends", withheld_past_the_books),
    Falsification("V9-answers", answer_without_its_lines),
    Falsification("V12-bank", consent_gone_behind_an_account),
    Falsification("V13", audit_row_changed),
    Falsification("V13-act", act_without_a_name),
    Falsification("V14", follow_up_given_up),
    Falsification("V15", picture_gone),
    Falsification("V15-certificates", certificate_gone),
    Falsification("V3-intakes", gram_weighed_that_is_in_no_grade),
    Falsification("V4-intakes", fruit_that_costs_a_fen_more),
    Falsification("V4-posted", board_changed_afterwards),
    Falsification("V16-bank", another_number_shown),
    Falsification("B1", book_without_a_default),
    Falsification("B2", invoice_over_more_than_was_paid),
    Falsification("B4", complaint_settled_by_hand),
    Falsification("B5", proof_gone),
    Falsification("B6", judged_before_it_came),
    Falsification("B3", title_of_something_else),
    Falsification("P1", two_hats),
    Falsification("A1", acting_without_a_mandate),
    Falsification("A2", paper_of_a_mandate_gone),
    Falsification("A3", done_in_a_name_without_a_mandate),
    Falsification("P2", number_of_another),
    Falsification("P3", consent_taken_back_by_hand),
    Falsification("P4", code_given_to_another_sign_in),
    Falsification("G1", suspended_by_hand),
    Falsification("G2", member_without_the_role),
    Falsification("G3", licence_written_in_by_hand),
)
