"""A seller's door to the certificates of his lots: write one and print it, or keep what came with the fruit."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.gateways.images import renditions
from app.kernel import once
from app.kernel.db import transaction
from app.kernel.errors import DomainError
from app.people.accounts import uploads
from app.people.growers import queries as growers
from app.people.townships import queries as townships
from app.trade.intakes import queries
from app.trade.intakes.forms import CertificateFileForm, CertificateForm
from app.trade.intakes.pages import all_grades, grade_words
from app.trade.intakes.points import asked
from app.trade.lots import certificates
from app.trade.lots import queries as lots
from app.trade.lots.certificates import BadCertificateFile, Kept
from app.trade.lots.models import Lot
from app.trade.stock.permissions import STOCK_EDIT
from app.web.fields import OnceForm, refuse
from app.web.guards import require, viewer

bp = Blueprint("certificates", __name__, url_prefix="/grower/certificates")


def _lot(code: str) -> Lot:
    return lots.lot_of(viewer(), code, may=STOCK_EDIT)


@bp.get("/<code>")
@require(STOCK_EDIT)
def show(code: str) -> ResponseReturnValue:
    """The certificate of one lot of his, in two copies to print, and ways to give it another."""
    return _page(_lot(code))


def _page(
    lot: Lot,
    form: CertificateForm | None = None,
    file_form: CertificateFileForm | None = None,
    *,
    status: int = 200,
) -> ResponseReturnValue:
    variety = queries.variety_name(lot.variety_key)
    grower = growers.seller(lot.grower_id or lot.seller_id)
    known = {"product": variety, "grower": grower.name, "place": _place(lot)}
    said = certificates.certificate_of(lot)
    html = render_template(
        "trade/intakes/certificate.html",
        lot=lot,
        variety=variety,
        grade=grade_words(all_grades()[lot.grade_key]),
        said=said,
        has_file=lot.certificate_key is not None and said is None,
        form=form or CertificateForm(formdata=None, **known),
        file_form=file_form or CertificateFileForm(formdata=None),
    )
    return html, status


def _place(lot: Lot) -> str:
    return f"{townships.name_of(lot.township_code)}{lot.village_name}"


@bp.post("/<code>")
@require(STOCK_EDIT)
def write(code: str) -> ResponseReturnValue:
    """A certificate is written, to be printed and signed."""
    form = CertificateForm()
    lot = _lot(code)
    if not form.validate_on_submit():
        return _page(lot, form, status=422)
    kept = certificates.written(
        lot,
        product=form.product.data or "",
        grower=form.grower.data or "",
        place=form.place.data or "",
        contact=form.contact.data or "",
    )
    _give(code, kept, form)
    flash(_("合格证开好了，打印两份，签字。"), "good")
    return redirect(url_for("certificates.show", code=code), 303)


@bp.post("/<code>/file")
@require(STOCK_EDIT)
def upload(code: str) -> ResponseReturnValue:
    """A certificate that came with the fruit is kept, where only he and officials see it."""
    form = CertificateFileForm()
    lot = _lot(code)
    if not form.validate_on_submit():
        return _page(lot, None, form, status=422)
    try:
        kept = _sent(form)
    except DomainError as error:
        error.field = "file"
        refuse(form, error)
        return _page(lot, None, form, status=error.status)
    _give(code, kept, form)
    flash(_("合格证存好了。"), "good")
    return redirect(url_for("certificates.show", code=code), 303)


def _sent(form: CertificateFileForm) -> Kept:
    file = form.file.data
    if file is None or not getattr(file, "filename", ""):
        raise BadCertificateFile()
    data = file.read(certificates.MOST_BYTES * 3)
    uploads.count(data, by=viewer())
    number = form.number.data or ""
    if data.startswith(b"%PDF-"):
        return certificates.sent_as_pdf(data, number=number)
    return certificates.photographed(renditions(data), number=number)


def _give(code: str, kept: Kept, form: OnceForm) -> None:
    """The lot gets what was stored, once; the file goes again when somebody was first, or a rule refuses."""
    is_new = False
    try:
        with transaction():
            is_new = once.earlier_answer(asked(form, "certificates.give", code), answer=code) is None
            if is_new:
                (lot,) = lots.locked_lots([_lot(code).id])
                certificates.give(lot, kept, by=viewer().acting_for(lot.seller_id))
    except BaseException:
        certificates.discard(kept)
        raise
    if not is_new:
        certificates.discard(kept)


@bp.get("/<code>/file")
@require(STOCK_EDIT)
def file(code: str) -> ResponseReturnValue:
    """The photo or PDF that came, for him alone."""
    data, kind = certificates.file_of(_lot(code))
    answer = Response(data, mimetype=kind)
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["Content-Disposition"] = "attachment; filename=certificate" + (
        ".pdf" if kind == "application/pdf" else ".jpg"
    )
    return answer
