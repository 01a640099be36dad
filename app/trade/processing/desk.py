"""The seller's loose fruit and his runs of processing; the officials' look at runs; the county's desk of the mark."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.kernel import clock, once
from app.kernel.db import transaction
from app.kernel.errors import DomainError, NotFound
from app.people.growers import queries as growers
from app.people.townships import queries as townships
from app.trade.catalog import mark
from app.trade.catalog import queries as catalog
from app.trade.processing import offering, queries, service
from app.trade.processing.forms import (
    EndForm,
    FillForm,
    LoseForm,
    MarkUserForm,
    NewPackForm,
    OwnLotForm,
    RunForm,
    UndoForm,
)
from app.trade.processing.permissions import MARK_GRANT, MARK_READ, PROCESSING_MAKE, PROCESSING_READ
from app.trade.processing.states import Step
from app.web.fields import OnceForm, options, refuse
from app.web.guards import require, viewer
from app.web.pager import links

lots = Blueprint("grower_lots", __name__, url_prefix="/grower/lots")
runs = Blueprint("grower_processing", __name__, url_prefix="/grower/processing")
official = Blueprint("processing_desk", __name__, url_prefix="/desk/processing")
marks = Blueprint("mark_desk", __name__, url_prefix="/desk/mark")


def _done_once(form: OnceForm, act: str, about: str, do: Callable[[once.Request], object]) -> DomainError | None:
    """Do it in a transaction, once for a form; a refusal with a place is put there and given back, others fly."""
    asked = once.Request.of(
        actor=viewer().actor, key=form.request_key.data or "", act=act, content=[("about", about), *form.content()]
    )
    try:
        with transaction():
            if once.earlier_answer(asked, answer=about) is None:
                do(asked)
    except (NotFound, once.StillRunning):
        raise
    except DomainError as error:
        refuse(form, error)
        return error
    return None


@lots.get("")
@require(PROCESSING_MAKE)
def index() -> ResponseReturnValue:
    """What lies loose in his store, the first to go bad first."""
    found = queries.loose_lots(viewer())
    return render_template(
        "trade/processing/lots.html", lots=found, several=len({one.lot.seller_id for one in found}) > 1
    )


@lots.get("/new")
@require(PROCESSING_MAKE)
def new_lot() -> ResponseReturnValue:
    """Fruit of his own trees that he has brought in."""
    return _new_lot(offering.own_lot_form(offering.seller_of(viewer())))


def _new_lot(form: OwnLotForm, *, status: int = 200) -> ResponseReturnValue:
    return render_template("trade/processing/new_lot.html", form=form, seller=offering.seller_of(viewer())), status


@lots.post("/new")
@require(PROCESSING_MAKE)
def take_in() -> ResponseReturnValue:
    """The fruit lies loose as a lot of its own."""
    seller = offering.seller_of(viewer())
    form = OwnLotForm()
    offering.give_fruit(form)
    if not form.validate_on_submit():
        return _new_lot(form, status=422)

    def do(asked: once.Request) -> None:
        service.take_in_own(
            seller, offering.harvest_of(form), weight=form.weight.data, place=form.place.data or "", by=viewer().actor
        )

    error = _done_once(form, "lots.new", seller.slug, do)
    if error is not None:
        return _new_lot(form, status=error.status)
    flash(_("已入库，可以分选、烘干，或者直接装箱。"), "good")
    return redirect(url_for("grower_lots.index"), 303)


@lots.get("/<code>")
@require(PROCESSING_MAKE)
def show_lot(code: str) -> ResponseReturnValue:
    """One lot of his: what lies loose, and what he may do with it."""
    return _lot_page(code)


def _lot_page(code: str, *, status: int = 200, **given: OnceForm) -> ResponseReturnValue:
    found = queries.loose_lot(viewer(), code)
    packs = queries.packs_for(found.lot)
    forms: dict[str, Any] = {
        "lose_form": LoseForm(formdata=None),
        "fill_form": FillForm(formdata=None),
        "new_form": NewPackForm(formdata=None),
        **given,
    }
    offering.give_packs(forms["fill_form"], packs)
    forms["new_form"].product.choices = options(catalog.products())
    html = render_template(
        "trade/processing/lot.html",
        found=found,
        packs=packs,
        runs=queries.runs_with(found.lot),
        local=service.local_left(found.lot),
        may_mark=mark.authorisation_of(found.lot.seller_id) is not None,
        steps=[step for step in Step if step is not Step.MIX],
        **forms,
    )
    return html, status


@lots.post("/<code>/losses")
@require(PROCESSING_MAKE)
def lose(code: str) -> ResponseReturnValue:
    """Some of it, or all, is gone."""
    form = LoseForm()
    if not form.validate_on_submit():
        return _lot_page(code, status=422, lose_form=form)

    def do(asked: once.Request) -> None:
        service.lose(code, form.weight.data, because=form.because.data, key=asked.key, by=viewer())

    error = _done_once(form, "lots.lose", code, do)
    if error is not None:
        return _lot_page(code, status=error.status, lose_form=form)
    flash(_("损耗已记下。"), "good")
    return redirect(url_for("grower_lots.show_lot", code=code), 303)


@lots.post("/<code>/packs")
@require(PROCESSING_MAKE)
def fill(code: str) -> ResponseReturnValue:
    """Pieces of one of his packs are filled from it."""
    form = FillForm()
    offering.give_packs(form, queries.packs_for(queries.loose_lot(viewer(), code).lot))
    if not form.validate_on_submit():
        return _lot_page(code, status=422, fill_form=form)

    def do(asked: once.Request) -> None:
        service.fill(code, form.pack.data, pieces=form.pieces.data, key=asked.key, by=viewer())

    error = _done_once(form, "lots.fill", code, do)
    if error is not None:
        return _lot_page(code, status=error.status, fill_form=form)
    flash(_("已装箱，买家现在就能买。剩下的还散放着。"), "good")
    return redirect(url_for("grower_lots.show_lot", code=code), 303)


@lots.post("/<code>/packs/new")
@require(PROCESSING_MAKE)
def fill_new(code: str) -> ResponseReturnValue:
    """A pack that is new on the shelf, filled from it at once."""
    lot = queries.loose_lot(viewer(), code).lot
    form = NewPackForm()
    form.product.choices = options(catalog.products())
    if not form.validate_on_submit():
        return _lot_page(code, status=422, new_form=form)
    said = offering.description_of(form, lot)

    def do(asked: once.Request) -> None:
        service.fill_new(code, said, pieces=form.pieces.data, key=asked.key, by=viewer())

    error = _done_once(form, "lots.fill_new", code, do)
    if error is not None:
        return _lot_page(code, status=error.status, new_form=form)
    flash(_("已上架，买家现在就能看到。"), "good")
    return redirect(url_for("grower_lots.show_lot", code=code), 303)


@runs.get("", endpoint="index")
@require(PROCESSING_MAKE)
def all_runs() -> ResponseReturnValue:
    """What he can do to loose fruit, and what he has done."""
    page = queries.page_of_seller(viewer(), cursor=request.args.get("after"))
    return render_template(
        "trade/processing/runs.html", rows=page.items, page=links(page.next_cursor), steps=list(Step)
    )


@runs.get("/new")
@require(PROCESSING_MAKE)
def new() -> ResponseReturnValue:
    """The sheet of one step, `?step=`; `?lot=` is chosen already."""
    step = offering.step_named(request.args.get("step", ""))
    if step is None:
        return redirect(url_for("grower_processing.index"), 303)
    found = queries.loose_lots(viewer())
    shape = offering.run_form_of(step, found, asked=request.args)
    form = shape(done_on=clock.today(), lot_0=request.args.get("lot", ""))
    return _sheet(step, form)


def _sheet(step: Step, form: RunForm, *, status: int = 200) -> ResponseReturnValue:
    return render_template("trade/processing/new.html", step=step, form=form), status


@runs.post("/new")
@require(PROCESSING_MAKE)
def create() -> ResponseReturnValue:
    """The step is in the books, or, by the button for it, the sheet has one row more."""
    step = offering.step_named(request.args.get("step", ""))
    if step is None:
        raise NotFound()
    more = request.args.get("more", "")
    form = offering.run_form_of(step, queries.loose_lots(viewer()), asked=request.form, more=more)()
    if more:
        return _sheet(step, form)
    if not form.validate_on_submit():
        return _sheet(step, form, status=422)
    number = ""

    def do(asked: once.Request) -> None:
        nonlocal number
        wanted = form.wanted(step)
        seller = offering.seller_for(viewer(), wanted)
        number = service.make(seller, wanted, by=viewer().actor).number

    error = _done_once(form, "processing.make", step.value, offering.at_rows(form, do))
    if error is not None:
        return _sheet(step, form, status=error.status)
    flash(_("加工单已入账。"), "good")
    if not number:
        return redirect(url_for("grower_processing.index"), 303)
    return redirect(url_for("grower_processing.show", number=number), 303)


@runs.get("/<number>")
@require(PROCESSING_MAKE)
def show(number: str) -> ResponseReturnValue:
    """One run: what went in, what came out, and how to take it back."""
    return _run_page(number, UndoForm(formdata=None))


def _run_page(number: str, form: UndoForm, *, status: int = 200) -> ResponseReturnValue:
    run = queries.run_of(viewer(), number)
    inputs, outputs = queries.parts_of(run)
    seller = growers.seller(run.seller_id)
    html = render_template(
        "trade/processing/run.html", run=run, inputs=inputs, outputs=outputs, seller=seller, undo_form=form
    )
    return html, status


@runs.post("/<number>/undoing")
@require(PROCESSING_MAKE)
def undo(number: str) -> ResponseReturnValue:
    """The run was a mistake."""
    form = UndoForm()
    if not form.validate_on_submit():
        return _run_page(number, form, status=422)

    def do(asked: once.Request) -> None:
        service.undo(number, because=form.because.data or "", by=viewer())

    error = _done_once(form, "processing.undo", number, do)
    if error is not None:
        return _run_page(number, form, status=error.status)
    flash(_("加工单已撤销，投进去的枣又在散枣里了。"), "good")
    return redirect(url_for("grower_processing.show", number=number), 303)


@official.get("", endpoint="index")
@require(PROCESSING_READ)
def in_scope() -> ResponseReturnValue:
    """The runs of his townships."""
    page = queries.page_in_scope(viewer(), cursor=request.args.get("after"))
    return render_template("trade/processing/desk_runs.html", rows=page.items, page=links(page.next_cursor))


@official.get("/<number>", endpoint="show")
@require(PROCESSING_READ)
def show_in_scope(number: str) -> ResponseReturnValue:
    """One run of his townships."""
    run = queries.run_in_scope(viewer(), number)
    inputs, outputs = queries.parts_of(run)
    return render_template(
        "trade/processing/desk_run.html",
        run=run,
        inputs=inputs,
        outputs=outputs,
        seller=growers.seller(run.seller_id),
        township=townships.name_of(run.township_code),
    )


@marks.get("", endpoint="index")
@require(MARK_READ)
def authorisations() -> ResponseReturnValue:
    """Who may use the mark, and who might."""
    return _mark_page(MarkUserForm(formdata=None, valid_from=clock.today()))


def _mark_page(form: MarkUserForm, *, end_form: EndForm | None = None, status: int = 200) -> ResponseReturnValue:
    html = render_template(
        "trade/processing/mark_desk.html",
        rows=mark.listed(),
        name=mark.NAME,
        number=mark.NUMBER,
        form=form if viewer().may(MARK_GRANT) else None,
        end_form=end_form or EndForm(formdata=None),
    )
    return html, status


@marks.post("")
@require(MARK_GRANT)
def authorise() -> ResponseReturnValue:
    """A seller may use the mark."""
    form = MarkUserForm()
    if not form.validate_on_submit():
        return _mark_page(form, status=422)

    def do(asked: once.Request) -> None:
        mark.record(mark.seller_called(form.seller.data or "").id, form.authorisation(), by=viewer())

    error = _done_once(form, "mark.authorise", "mark", do)
    if error is not None:
        return _mark_page(form, status=error.status)
    flash(_("已登记，这个卖家上架时可以用标了。"), "good")
    return redirect(url_for("mark_desk.index"), 303)


@marks.post("/<int:user_id>/end")
@require(MARK_GRANT)
def end(user_id: int) -> ResponseReturnValue:
    """An authorisation ends before its day."""
    form = EndForm()
    blank = MarkUserForm(formdata=None, valid_from=clock.today())
    if not form.validate_on_submit():
        return _mark_page(blank, end_form=form, status=422)

    def do(asked: once.Request) -> None:
        mark.end(user_id, because=form.because.data or "", by=viewer())

    error = _done_once(form, "mark.end", str(user_id), do)
    if error is not None:
        return _mark_page(blank, end_form=form, status=error.status)
    flash(_("已终止，不能再用标装箱。"), "good")
    return redirect(url_for("mark_desk.index"), 303)
