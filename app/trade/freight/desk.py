"""The county's freight table."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.kernel import clock
from app.kernel.db import transaction
from app.kernel.errors import DomainError
from app.trade.freight import service
from app.trade.freight.forms import RateForm
from app.trade.freight.permissions import FREIGHT_EDIT
from app.web.fields import refuse
from app.web.guards import require, viewer

bp = Blueprint("freight", __name__, url_prefix="/desk/freight")


@bp.get("")
@require(FREIGHT_EDIT)
def index() -> ResponseReturnValue:
    """Every rate, and a form for a new one."""
    return _page(RateForm(valid_from=clock.today()))


def _page(form: RateForm, *, status: int = 200) -> ResponseReturnValue:
    html = render_template("trade/freight/index.html", form=form, rates=service.rates(), zones=service.ZONES)
    return html, status


@bp.post("")
@require(FREIGHT_EDIT)
def set_rate() -> ResponseReturnValue:
    """A new rate from a day on."""
    form = RateForm()
    if not form.validate_on_submit():
        return _page(form, status=422)
    try:
        with transaction():
            service.set_rate(
                form.zone.data,
                first_kg=form.first_kg.data,
                next_kg=form.next_kg.data,
                free_from=form.free_from.data,
                valid_from=form.valid_from.data or clock.today(),
                by=viewer().actor,
            )
    except DomainError as error:
        refuse(form, error)
        return _page(form, status=error.status)
    flash(_("运费已改，从生效那天起按新价。"), "good")
    return redirect(url_for("freight.index"), 303)
