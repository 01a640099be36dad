"""What sellers send about loose fruit and processing, and officials about the mark of origin."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from wtforms import BooleanField, DateField, SelectField
from wtforms.validators import InputRequired

from app.kernel.errors import BadValue
from app.kernel.numbers import fixed_point
from app.kernel.weight import GRAMS_PER_JIN, Weight, decimal_text
from app.trade.catalog.mark import Authorisation
from app.trade.processing.service import Coming, Going, Wanted
from app.trade.processing.states import LOSSES, MOST_PARTS, SPOILT, Step
from app.trade.stock.forms import MOST_NET, MOST_PRICE
from app.web.fields import Choices, JinField, MoneyField, OnceForm, WholeField, WordsField, options
from app.web.words import later as _l

MOST_WEIGHT = Weight(100_000_000)
_NEEDED = _l("请填写这一项。")
_OFF = {"autocomplete": "off"}
_NUMBER = {"inputmode": "decimal", **_OFF}


class NotWholeGrams(BadValue):
    """Jin that are not whole grams."""

    code = "not_whole_grams"
    sentence = "斤数要正好到克，例如 12.5 或 0.666。"


class GramField(JinField):
    """Jin to the gram, with at most three decimals; `data` is Weight."""

    def parse(self, text: str) -> Weight:
        """Raises `BadValue`, also where the third decimal is odd, which would be half a gram."""
        thousandths = fixed_point(text, decimals=3, most=10**12)
        if thousandths % 2:
            raise NotWholeGrams()
        return Weight(thousandths // 2)

    def show(self, value: Weight) -> str:
        """Grams as jin."""
        return decimal_text(value.grams, GRAMS_PER_JIN)


class RunForm(OnceForm):
    """The part of a run that has one place: its day and its loss. `run_form` adds the rows."""

    done_on = DateField(_l("哪天做的"), validators=[InputRequired(_NEEDED)])
    loss = GramField(_l("损耗"), at_most=MOST_WEIGHT, may_be_nothing=True, render_kw=_NUMBER)
    because = SelectField(
        _l("损耗的原因"), choices=options([("", _l("没有损耗")), *((why, _l(why)) for why in LOSSES)]), default=""
    )

    going: int = 1
    coming: int = 1

    def rows_in(self) -> list[tuple[Any, Any]]:
        """For each row of what went in, its fields: lot and weight."""
        return [(self[f"lot_{n}"], self[f"used_{n}"]) for n in range(self.going)]

    def rows_out(self) -> list[dict[str, Any]]:
        """For each row of what came out, its fields by name."""
        names = ("grade", "made", "product", "best_before", "place")
        return [{name: self[f"{name}_{n}"] for name in names} for n in range(self.coming)]

    def filled(self) -> tuple[list[int], list[int]]:
        """(rows of what went in, rows of what came out) in which something was written."""
        going = [n for n, (lot, used) in enumerate(self.rows_in()) if lot.data or used.data is not None]
        coming = [n for n, row in enumerate(self.rows_out()) if row["made"].data is not None]
        return going, coming

    def wanted(self, step: Step) -> Wanted:
        """As the service takes it; its rows are those of `filled`."""
        going, coming = self.filled()
        ins, outs = self.rows_in(), self.rows_out()
        return Wanted(
            step=step,
            done_on=_given(self.done_on),
            inputs=[Going(ins[n][0].data, ins[n][1].data) for n in going],
            outputs=[_coming(outs[n]) for n in coming],
            loss=self.loss.data,
            because=self.because.data or "",
        )


def _given(field: DateField) -> date:
    day = field.data
    assert day is not None
    return day


def _coming(row: dict[str, Any]) -> Coming:
    return Coming(
        grade_key=row["grade"].data,
        weight=row["made"].data,
        product_key=row["product"].data or None,
        best_before=row["best_before"].data,
        store_place=row["place"].data or "",
    )


def run_form(
    *,
    going: int,
    coming: int,
    lots: Sequence[tuple[str, str]],
    grades: Sequence[tuple[str, str]],
    products: Sequence[tuple[str, str]],
) -> type[RunForm]:
    """The form of a run with so many rows, and what can be chosen in each."""
    fields: dict[str, Any] = {"going": going, "coming": coming}
    for n in range(going):
        fields[f"lot_{n}"] = _select(_l("哪批枣"), [("", _l("请选一批")), *lots])
        fields[f"used_{n}"] = GramField(_l("投多少"), required=False, at_most=MOST_WEIGHT, render_kw=_NUMBER)
    for n in range(coming):
        fields[f"grade_{n}"] = _select(_l("等级"), grades)
        fields[f"made_{n}"] = GramField(_l("出多少"), required=n == 0, at_most=MOST_WEIGHT, render_kw=_NUMBER)
        fields[f"product_{n}"] = _select(_l("成了什么"), [("", _l("还是原来的")), *products])
        fields[f"best_before_{n}"] = OptionalDay(_l("保质到"))
        fields[f"place_{n}"] = WordsField(_l("放在哪里"), most=40, required=False, render_kw=_OFF)
    return type("ShapedRunForm", (RunForm,), fields)


def _select(label: Any, pairs: Iterable[tuple[str, Any]]) -> SelectField:
    return SelectField(label, choices=options(pairs), widget=Choices())


class OptionalDay(DateField):
    """A day, or nothing."""

    required = False

    def process_formdata(self, valuelist: list[str]) -> None:
        """Nothing typed is no day; anything else must be one."""
        if valuelist and valuelist[0].strip():
            super().process_formdata(valuelist)


def rows_asked(text: str, *, least: int, most: int) -> int:
    """How many rows the page had, within what the step allows."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 3 else least
    return max(least, min(number, most, MOST_PARTS))


class OwnLotForm(OnceForm):
    """Fruit of his own trees that lies loose in his store."""

    variety = SelectField(_l("品种"), widget=Choices())
    grade = SelectField(_l("等级"), widget=Choices())
    weight = GramField(_l("有多少"), at_most=MOST_WEIGHT, render_kw=_NUMBER)
    village = WordsField(_l("哪个村的"), most=20)
    harvest_year = WholeField(_l("哪年摘的"), least=2000, most=2100, render_kw={"inputmode": "numeric"})
    best_before = DateField(_l("保质到"), validators=[InputRequired(_NEEDED)])
    place = WordsField(_l("放在哪里"), most=40, required=False, render_kw=_OFF)


class LoseForm(OnceForm):
    """Loose fruit that is gone."""

    weight = GramField(_l("少了多少"), required=False, at_most=MOST_WEIGHT, render_kw=_NUMBER)
    because = SelectField(_l("为什么"), choices=options((why, _l(why)) for why in SPOILT))


class FillForm(OnceForm):
    """Pieces of a pack are filled from a loose lot."""

    pack = SelectField(_l("装成哪一种"), widget=Choices())
    pieces = WholeField(_l("装几件"), least=1, most=100_000, render_kw={"inputmode": "numeric", **_OFF})


class NewPackForm(OnceForm):
    """A pack that is new on the shelf, filled from a loose lot at once; its fruit is that of the lot."""

    product = _select(_l("种类"), [])
    net = JinField(_l("一件几斤"), at_most=MOST_NET, render_kw=_NUMBER)
    price = MoneyField(_l("一件多少钱"), at_most=MOST_PRICE, render_kw=_NUMBER)
    pieces = WholeField(_l("装几件"), least=1, most=100_000, render_kw={"inputmode": "numeric", **_OFF})
    title = WordsField(_l("商品名"), most=30, required=False)
    bears_mark = BooleanField(_l("带“柳林红枣”地理标志"))


class UndoForm(OnceForm):
    """Why a run is taken back."""

    because = WordsField(_l("为什么撤销"), most=200, render_kw=_OFF)


class MarkUserForm(OnceForm):
    """Whom the county lets use the mark, under which number, for how long."""

    seller = WordsField(_l("卖家"), most=60, render_kw=_OFF)
    number = WordsField(_l("授权号"), most=40, render_kw=_OFF)
    valid_from = DateField(_l("从哪天起"), validators=[InputRequired(_NEEDED)])
    valid_to = DateField(_l("到哪天止"), validators=[InputRequired(_NEEDED)])

    def authorisation(self) -> Authorisation:
        """As the register takes it."""
        return Authorisation(self.number.data or "", _given(self.valid_from), _given(self.valid_to))


class EndForm(OnceForm):
    """Why an authorisation ends before its day."""

    because = WordsField(_l("为什么终止"), most=200, render_kw=_OFF)
