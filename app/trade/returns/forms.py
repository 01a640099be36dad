"""What buyers, sellers and officials send about returns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import gettext as _
from wtforms import RadioField, SelectField

from app.kernel.money import Money
from app.trade.orders.forms import ShipForm
from app.trade.orders.models import OrderLine
from app.trade.returns.goods import Coming
from app.trade.returns.service import Seen, Wanted, may_be_sold_again
from app.trade.returns.states import Why
from app.web.fields import Form, MoneyField, OnceForm, WholeField, WordsField, options
from app.web.words import later as _l

_KINDS = {
    "no_reason": (Why.NO_REASON, True, "不想要了，退货（七日无理由）"),
    "quality_goods": (Why.QUALITY, True, "质量有问题，退货退款"),
    "quality_money": (Why.QUALITY, False, "质量有问题，不退货，退一部分钱"),
    "short_weight": (Why.SHORT_WEIGHT, False, "斤两不足，不退货，退差的钱"),
}


class AskForm(OnceForm):
    """What is wrong, which pieces come back or how much is asked, and words."""

    kind = RadioField(_l("怎么了"), validate_choice=True)
    amount = MoneyField(
        _l("不退货的，退多少钱"), required=False, render_kw={"inputmode": "decimal", "autocomplete": "off"}
    )
    note = WordsField(_l("说说怎么回事"), most=200, required=False, render_kw={"autocomplete": "off"})

    @property
    def counts(self) -> dict[int, WholeField]:
        """Order line id → how many of its pieces come back."""
        return {int(one.name.removeprefix("pieces_")): one for one in self if isinstance(one, WholeField)}

    def wanted(self) -> Wanted:
        """What the buyer asks. An amount counts only where no goods come back, pieces only where they do."""
        why, with_goods, _words = _KINDS[self.kind.data]
        note = self.note.data or ""
        if not with_goods:
            return Wanted(why, amount=self.amount.data or Money(0), note=note)
        return Wanted(why, {number: one.data for number, one in self.counts.items() if one.data}, note=note)


def ask_form(lines: Sequence[OrderLine], *, without_reason: bool, is_sent: bool = False) -> AskForm:
    """A field for each line; the law's seven days are offered only while they last for any of them."""
    fields: dict[str, Any] = {
        f"pieces_{line.id}": WholeField(
            line.title,
            least=0,
            most=line.pieces,
            required=False,
            may_be_nothing=True,
            render_kw={"inputmode": "numeric", "autocomplete": "off"},
        )
        for line in lines
    }
    shaped: type[AskForm] = type("AskForm", (AskForm,), fields)
    form = shaped() if is_sent else shaped(formdata=None)
    form.kind.choices = options(
        (key, _l(words)) for key, (why, _goods, words) in _KINDS.items() if without_reason or why is not Why.NO_REASON
    )
    return form


class ParcelForm(ShipForm):
    """With whom and under which number it was sent back."""


class NothingForm(Form):
    """A button that needs only the token."""


class RefuseForm(Form):
    """Why the seller does not agree."""

    because = WordsField(_l("为什么不同意"), most=200, render_kw={"autocomplete": "off"})


class DecideForm(Form):
    """Which way the official decides, and why; where no goods come back, on how much."""

    decision = SelectField(_l("决定"))
    amount = MoneyField(_l("退多少钱"), required=False, render_kw={"inputmode": "decimal", "autocomplete": "off"})
    because = WordsField(_l("理由"), most=200, render_kw={"autocomplete": "off"})

    def fill(self, *, with_goods: bool) -> None:
        """Offer the two ways; the amount has a place only where no goods come back."""
        agrees = _l("同意退货退款") if with_goods else _l("同意退钱")
        self.decision.choices = options((("agree", agrees), ("reject", _l("不退"))))
        if with_goods:
            del self.amount


class InspectForm(Form):
    """What somebody saw who looked at every piece."""

    words = WordsField(_l("说明"), most=200, required=False, render_kw={"autocomplete": "off"})

    @property
    def parts(self) -> list[tuple[WholeField, WholeField | None]]:
        """For each line how many can be sold again, and how many are not taken where that may be."""
        counts = [one for one in self if isinstance(one, WholeField)]
        sound = {one.name.removeprefix("sound_"): one for one in counts if one.name.startswith("sound_")}
        away = {one.name.removeprefix("sent_away_"): one for one in counts if one.name.startswith("sent_away_")}
        return [(one, away.get(number)) for number, one in sound.items()]

    def seen(self) -> dict[int, Seen]:
        """Return line id → what was seen."""
        return {
            int(sound.name.removeprefix("sound_")): Seen(sound.data or 0, (away.data or 0) if away is not None else 0)
            for sound, away in self.parts
        }


def inspect_form(lines: Iterable[Coming], *, may_refuse: bool, is_sent: bool = False) -> InspectForm:
    """Fields for each line that came back."""
    fields: dict[str, Any] = {}
    for one in lines:
        most = one.of.pieces if may_be_sold_again(one.line) else 0
        fields[f"sound_{one.of.id}"] = _count(one.line.title, most=max(most, 0), all_of=one.of.pieces)
        if may_refuse:
            fields[f"sent_away_{one.of.id}"] = _count(
                _("其中不收、退还买家的"), most=one.of.pieces, all_of=one.of.pieces
            )
    shaped: type[InspectForm] = type("InspectForm", (InspectForm,), fields)
    return shaped() if is_sent else shaped(formdata=None)


def _count(label: str, *, most: int, all_of: int) -> WholeField:
    field: WholeField = WholeField(
        label,
        least=0,
        most=all_of,
        default=0,
        may_be_nothing=True,
        render_kw={"inputmode": "numeric", "autocomplete": "off", **({"readonly": True} if most == 0 else {})},
    )
    return field
