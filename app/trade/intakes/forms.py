"""What buyers, growers and officials send about purchase points and deliveries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_wtf.file import FileField
from wtforms import BooleanField, DateField, HiddenField, RadioField, SelectField
from wtforms.validators import Optional

from app.kernel.money import Money
from app.kernel.numbers import fixed_point
from app.kernel.weight import Weight
from app.trade.intakes.errors import BadScaleText
from app.trade.intakes.prices import Posted
from app.trade.intakes.service import Grading, Part
from app.trade.intakes.states import Presence, ScaleUnit, Way
from app.web.fields import Choices, Form, MoneyField, OnceForm, WholeField, WordsField, options
from app.web.fields import _Parsed as Parsed
from app.web.words import later as _l

MOST_PRICE = Money(100_000)
MOST_PAID = Money(10**10)
ROWS = 8
_NUMBER = {"inputmode": "decimal", "autocomplete": "off"}
_WORDS = {"autocomplete": "off"}
_MOST_THOUSANDTHS = 10**9


class ScaleField(Parsed):
    """A weight as a scale shows it; `data` is thousandths of the unit that the form names."""

    def parse(self, text: str) -> int:
        """Raises `BadValue`."""
        return fixed_point(text, decimals=3, most=_MOST_THOUSANDTHS)


class ShareField(Parsed):
    """Per cent with one decimal; `data` is per mille, at most 1000."""

    def parse(self, text: str) -> int:
        """Raises `BadValue`."""
        return fixed_point(text, decimals=1, most=1000)


def weight_of(thousandths: int, unit: ScaleUnit) -> Weight:
    """The grams of so many thousandths of a unit. Raises `BadScaleText` for a third decimal of a jin."""
    if unit is ScaleUnit.JIN and thousandths % 10:
        raise BadScaleText()
    return Weight(thousandths * unit.grams // 1000)


class PointForm(OnceForm):
    """Where the buyer wants to buy."""

    name = WordsField(_l("收购点叫什么"), most=30, render_kw=_WORDS)
    township = SelectField(_l("在哪个乡镇"), widget=Choices())
    place = WordsField(_l("具体在哪里"), most=60, render_kw=_WORDS)


class PriceListForm(OnceForm):
    """The lines of a price list; rows without a price are left out."""

    since = DateField(_l("从哪天起"), validators=[Optional()])
    note = WordsField(_l("备注"), most=100, required=False, render_kw=_WORDS)

    @property
    def rows(self) -> list[tuple[Any, Any, Any, Any]]:
        """Variety, grade, price and size of each row."""
        return [tuple(self[f"{name}_{n}"] for name in ("variety", "grade", "price", "size")) for n in range(ROWS)]  # type: ignore[misc]

    def posted(self) -> list[Posted]:
        """The rows that have a price."""
        return [
            Posted(variety.data, grade.data, price.data, size.data or "")
            for variety, grade, price, size in self.rows
            if price.data is not None
        ]


def price_list_form(
    varieties: Sequence[tuple[str, str]],
    grades: Sequence[tuple[str, str]],
    *,
    before: Sequence[Posted] = (),
    is_sent: bool = False,
) -> PriceListForm:
    """Eight rows, filled with what is in force."""
    fields: dict[str, Any] = {}
    for n in range(ROWS):
        old = before[n] if n < len(before) else None
        fields[f"variety_{n}"] = SelectField(
            _l("品种"), choices=options(varieties), widget=Choices(), default=old.variety_key if old else None
        )
        fields[f"grade_{n}"] = SelectField(
            _l("等级"), choices=options(grades), widget=Choices(), default=old.grade_key if old else None
        )
        fields[f"price_{n}"] = MoneyField(
            _l("一斤多少钱"),
            required=False,
            at_most=MOST_PRICE,
            default=old.per_jin if old else None,
            render_kw=_NUMBER,
        )
        fields[f"size_{n}"] = WordsField(
            _l("规格"), most=30, required=False, default=old.size if old else "", render_kw=_WORDS
        )
    shaped: type[PriceListForm] = type("PriceListForm", (PriceListForm,), fields)
    return shaped() if is_sent else shaped(formdata=None)


class FindGrowerForm(Form):
    """Which grower; sent by GET, so without a token."""

    class Meta(Form.Meta):
        """A search changes nothing."""

        csrf = False

    q = WordsField(_l("枣农的店名，或户主姓名"), most=30, required=False, render_kw=_WORDS)


class DeliveryForm(OnceForm):
    """Who brought what, and what the ticket says."""

    grower = HiddenField(default="")
    outside_name = WordsField(_l("姓名"), most=30, required=False, render_kw=_WORDS)
    outside_place = WordsField(_l("哪里来的"), most=40, required=False, render_kw=_WORDS)
    is_member = BooleanField(_l("是本社社员"))
    variety = SelectField(_l("什么枣"), widget=Choices())
    village = WordsField(_l("哪个村的"), most=20, render_kw=_WORDS)
    harvest_year = WholeField(_l("哪年摘的"), least=2000, most=2100, render_kw={"inputmode": "numeric"})
    ticket = WordsField(_l("磅单号"), most=30, render_kw=_WORDS)
    unit = RadioField(
        _l("磅单上写的是"), choices=options((one.value, _l(one.words)) for one in ScaleUnit), default=ScaleUnit.KG.value
    )
    gross = ScaleField(_l("毛重"), render_kw=_NUMBER)
    tare = ScaleField(_l("皮重"), may_be_nothing=True, render_kw=_NUMBER)

    def weights(self) -> tuple[Weight, Weight, ScaleUnit]:
        """Gross, tare and the unit. Raises `BadScaleText`."""
        unit = ScaleUnit(self.unit.data)
        return weight_of(self.gross.data, unit), weight_of(self.tare.data, unit), unit


class GradingForm(OnceForm):
    """Who stands by, and what each grade weighs."""

    presence = RadioField(
        _l("谁在场"), choices=options((one.value, _l(one.words)) for one in Presence), validate_choice=False
    )
    present_name = WordsField(_l("在场人姓名"), most=30, required=False, render_kw=_WORDS)
    moisture = ShareField(_l("含水"), required=False, may_be_nothing=True, render_kw=_NUMBER)
    defects = ShareField(_l("残次"), required=False, may_be_nothing=True, render_kw=_NUMBER)
    impurities = ScaleField(_l("扣杂"), required=False, may_be_nothing=True, render_kw=_NUMBER)
    returned = ScaleField(_l("退回给枣农"), required=False, may_be_nothing=True, render_kw=_NUMBER)
    note = WordsField(_l("说明"), most=100, required=False, render_kw=_WORDS)

    @property
    def grades(self) -> list[tuple[str, Any, Any, Any]]:
        """Grade, weight, another price, and why, for each grade that was posted."""
        keys = [one.name.removeprefix("weight_") for one in self if one.name.startswith("weight_")]
        return [(key, self[f"weight_{key}"], self[f"price_{key}"], self[f"because_{key}"]) for key in keys]

    def grading(self, unit: ScaleUnit) -> Grading:
        """What was found. Raises `BadScaleText`."""
        parts = [
            Part(key, weight_of(weight.data, unit), price.data, because.data or "")
            for key, weight, price, because in self.grades
            if weight.data
        ]
        return Grading(
            next((one for one in Presence if one.value == self.presence.data), None),
            self.present_name.data or "",
            parts,
            impurities=weight_of(self.impurities.data or 0, unit),
            returned=weight_of(self.returned.data or 0, unit),
            moisture=self.moisture.data,
            defects=self.defects.data,
            note=self.note.data or "",
        )


def grading_form(posted: Mapping[str, str], *, is_sent: bool = False, **before: Any) -> GradingForm:
    """A weight for each posted grade, by key → name; another price and why only where somebody opens them."""
    fields: dict[str, Any] = {}
    for key, name in posted.items():
        fields[f"weight_{key}"] = ScaleField(name, required=False, may_be_nothing=True, render_kw=_NUMBER)
        fields[f"price_{key}"] = MoneyField(_l("改成一斤"), required=False, at_most=MOST_PRICE, render_kw=_NUMBER)
        fields[f"because_{key}"] = WordsField(_l("为什么高于牌价"), most=60, required=False, render_kw=_WORDS)
    shaped: type[GradingForm] = type("GradingForm", (GradingForm,), fields)
    return shaped() if is_sent else shaped(formdata=None, **before)


class ButtonForm(OnceForm):
    """A button that is pressed once."""


class RefusalForm(OnceForm):
    """Why the fruit is not taken."""

    because = WordsField(_l("为什么不收"), most=100, render_kw=_WORDS)


class StoreForm(OnceForm):
    """Where the fruit lies."""

    place = WordsField(_l("库位"), most=40, render_kw=_WORDS)


class PaymentForm(OnceForm):
    """What was paid, and how."""

    amount = MoneyField(_l("付了多少"), at_most=MOST_PAID, render_kw=_NUMBER)
    way = RadioField(_l("怎么付的"), choices=options((one.value, _l(one.words)) for one in Way), default=Way.CASH.value)
    reference = WordsField(_l("凭证号"), most=60, required=False, render_kw=_WORDS)


class ObjectionForm(OnceForm):
    """What the grower does not agree with."""

    words = WordsField(_l("哪里不对"), most=300, render_kw=_WORDS)


class AnswerForm(OnceForm):
    """What the buyer answers."""

    words = WordsField(_l("答复"), most=300, render_kw=_WORDS)


class CertificateForm(OnceForm):
    """What a certificate needs that the lot does not say itself."""

    product = WordsField(_l("产品名称"), most=30, render_kw=_WORDS)
    grower = WordsField(_l("生产者"), most=40, render_kw=_WORDS)
    place = WordsField(_l("产地"), most=60, render_kw=_WORDS)
    contact = WordsField(_l("联系方式"), most=40, render_kw=_WORDS)


class CertificateFileForm(OnceForm):
    """A photo or PDF of a certificate that came with the fruit."""

    number = WordsField(_l("合格证编号"), most=40, required=False, render_kw=_WORDS)
    file = FileField(
        _l("照片或 PDF"), render_kw={"accept": "image/jpeg,image/png,image/webp,image/heic,application/pdf"}
    )
