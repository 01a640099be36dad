"""What the forms of loose fruit and processing offer to whoever opens them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from flask_babel import gettext as _

from app.kernel import clock
from app.kernel.errors import DomainError
from app.kernel.once import Request
from app.kernel.permissions import Viewer
from app.people.growers import queries as growers
from app.people.growers.models import Seller
from app.trade.catalog import queries as catalog
from app.trade.catalog.errors import SellerNotActive
from app.trade.catalog.models import UNGRADED, Pack
from app.trade.catalog.service import Description
from app.trade.lots import queries as lots
from app.trade.lots.models import Lot
from app.trade.lots.service import Harvest
from app.trade.processing.errors import NotLoose
from app.trade.processing.forms import FillForm, NewPackForm, OwnLotForm, RunForm, rows_asked, run_form
from app.trade.processing.permissions import PROCESSING_MAKE
from app.trade.processing.queries import LooseLot
from app.trade.processing.service import MIXED, Wanted
from app.trade.processing.states import Step
from app.trade.stock import listing
from app.web import filters
from app.web.fields import options

KEEPS_DAYS = 360
"""How long dried fruit keeps unless its seller says another day. Source: `products.csv`."""


def step_named(text: str) -> Step | None:
    """The step with this name, if there is one."""
    return next((step for step in Step if step.value == text), None)


def seller_of(who: Viewer) -> Seller:
    """The first verified seller for whom he works. Raises `SellerNotActive` when there is none."""
    mine = who.sellers(PROCESSING_MAKE)
    active = [seller for seller in growers.of_viewer(who) if seller.is_active and seller.id in mine]
    if not active:
        raise SellerNotActive()
    return active[0]


def seller_for(who: Viewer, wanted: Wanted) -> Seller:
    """The seller whose fruit goes into the run. Raises `NotLoose` when it is none of his."""
    code = wanted.inputs[0].lot_code if wanted.inputs else ""
    try:
        return growers.seller(lots.lot_of(who, code, may=PROCESSING_MAKE).seller_id)
    except DomainError as error:
        raise NotLoose(field="lot_0") from error


def run_form_of(step: Step, found: Sequence[LooseLot], *, asked: Mapping[str, str], more: str = "") -> type[RunForm]:
    """The form of a step, with as many rows as the page had, and one more of what goes `in` or comes `out`."""
    going = rows_asked(asked.get("rows_in", ""), least=step.least_inputs, most=step.most_inputs) + (more == "in")
    usual = 2 if step is Step.SORT and "rows_out" not in asked else 1
    coming = rows_asked(asked.get("rows_out", ""), least=usual, most=step.most_outputs) + (more == "out")
    return run_form(
        going=min(going, step.most_inputs),
        coming=min(coming, step.most_outputs),
        lots=[(one.lot.code, _lot_words(one)) for one in found if one.is_usable],
        grades=grade_choices(),
        products=catalog.products(),
    )


def _lot_words(one: LooseLot) -> str:
    return _(
        "%(variety)s %(grade)s %(weight)s，保质到%(day)s（%(code)s）",
        variety=one.variety_name,
        grade=_(one.grade_name),
        weight=filters.weight(one.loose),
        day=filters.day(one.lot.best_before),
        code=one.lot.code[:4],
    )


def at_rows(form: RunForm, do: Callable[[Request], object]) -> Callable[[Request], None]:
    """The act, whose refusals name the rows of the page, not those that were filled in."""
    going, coming = form.filled()

    def act(asked: Request) -> None:
        try:
            do(asked)
        except DomainError as error:
            name, _sign, number = (error.field or "").rpartition("_")
            rows = going if name in ("lot", "used") else coming
            if number.isdigit() and int(number) < len(rows):
                error.field = f"{name}_{rows[int(number)]}"
            raise

    return act


def grade_choices() -> list[tuple[str, str]]:
    """The grades by which fruit may be graded today, ungraded first."""
    found = catalog.grades_in_force(clock.today())
    plain = [(one.key, str(_(one.name))) for one in found if not one.standard]
    return plain + [
        (one.key, _("%(grade)s（%(standard)s）", grade=one.name, standard=f"{one.category} {one.standard}"))
        for one in found
        if one.standard
    ]


def own_lot_form(seller: Seller) -> OwnLotForm:
    """The form of fruit from his own trees, with what is likely filled in."""
    today = clock.today()
    form = OwnLotForm(
        formdata=None,
        grade=UNGRADED,
        village=lots.newest_village(seller.id),
        harvest_year=today.year if today.month >= 9 else today.year - 1,
        best_before=today + timedelta(days=KEEPS_DAYS),
    )
    give_fruit(form)
    return form


def give_fruit(form: OwnLotForm) -> None:
    """Let the form know the varieties and the grades of today; nobody grows a mixture."""
    form.variety.choices = options((key, name) for key, name in catalog.varieties() if key != MIXED)
    form.grade.choices = options(grade_choices())


def harvest_of(form: OwnLotForm) -> Harvest:
    """What the form says of the fruit."""
    day = form.best_before.data
    assert day is not None
    return Harvest(
        village_name=form.village.data or "",
        variety_key=form.variety.data,
        grade_key=form.grade.data,
        year=form.harvest_year.data,
        best_before=day,
    )


def give_packs(form: FillForm, packs: Sequence[Pack]) -> None:
    """Let the form know into which packs the fruit may go."""
    form.pack.choices = options((pack.slug, _pack_words(pack)) for pack in packs)


def _pack_words(pack: Pack) -> str:
    words = f"{pack.title} · {filters.weight(pack.net)}"
    return _("%(pack)s · 用地理标志", pack=words) if pack.bears_mark else words


def description_of(form: NewPackForm, lot: Lot) -> Description:
    """What the form says of a new pack of the lot's fruit."""
    title = form.title.data or listing.title_of(lot.variety_key, lot.grade_key, form.net.data)
    return Description(
        variety_key=lot.variety_key,
        grade_key=lot.grade_key,
        product_key=form.product.data,
        net=form.net.data,
        price=form.price.data,
        title=title,
        bears_mark=bool(form.bears_mark.data),
    )
