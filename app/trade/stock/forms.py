"""What buyers and sellers send to the shelf."""

from __future__ import annotations

from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, RadioField, SelectField

from app.kernel.money import Money
from app.kernel.weight import Weight
from app.trade.catalog.queries import Sort
from app.web.fields import (
    Choices,
    Form,
    JinField,
    MoneyField,
    OnceForm,
    ParagraphsField,
    WholeField,
    WordsField,
    options,
)
from app.web.words import later as _l

MOST_NET = Weight(1_000_000)
MOST_PRICE = Money(10_000_000)
_NUMBER = {"inputmode": "decimal", "autocomplete": "off"}
# `data-shrink`: a browser that can makes a large picture smaller before it goes over the line.
_PHOTO = {"accept": "image/jpeg,image/png,image/webp,image/heic", "data-shrink": True}


class ShelfForm(Form):
    """What a buyer looks for; sent by GET, so without a token."""

    class Meta(Form.Meta):
        """A search changes nothing."""

        csrf = False

    q = WordsField(_l("找什么枣"), most=60, required=False)
    sort = SelectField(
        _l("排序"),
        choices=options((one.value, _l(one.words)) for one in Sort),
        default=Sort.BEST.value,
        widget=Choices(),
    )
    township = SelectField(_l("乡镇"), default="", widget=Choices())
    variety = SelectField(_l("品种"), default="", widget=Choices())
    grade = SelectField(_l("等级"), default="", widget=Choices())
    seller = WordsField(_l("卖家"), most=30, required=False)
    low = MoneyField(_l("最低价"), required=False, may_be_nothing=True, render_kw=_NUMBER)
    high = MoneyField(_l("最高价"), required=False, may_be_nothing=True, render_kw=_NUMBER)


class PiecesForm(Form):
    """How many pieces go into the basket."""

    pieces = WholeField(
        _l("件数"), least=1, most=999, default=1, render_kw={"inputmode": "numeric", "autocomplete": "off"}
    )


class ListingForm(OnceForm):
    """A grower lists fruit: what it is, how much, for how much.

    `seller` names for whom, where somebody lists for several; `again` the pack whose kind he sells once more.
    """

    seller = HiddenField()
    again = HiddenField()
    variety = RadioField(_l("什么枣"), invalid_choice_message=_l("请点选一样。"))  # type: ignore[call-arg]
    grade = SelectField(_l("等级"))
    product = SelectField(_l("种类"))
    net = JinField(_l("一件几斤"), at_most=MOST_NET, render_kw=_NUMBER)
    pieces = WholeField(_l("有几件"), least=1, most=100_000, render_kw={"inputmode": "numeric", "autocomplete": "off"})
    price = MoneyField(_l("一件多少钱"), at_most=MOST_PRICE, render_kw=_NUMBER)
    village = WordsField(_l("哪个村的"), most=20)
    harvest_year = WholeField(_l("哪年摘的"), least=2000, most=2100, render_kw={"inputmode": "numeric"})
    title = WordsField(_l("商品名"), most=30, required=False)
    words = ParagraphsField(_l("说几句"), most=800, required=False)
    bears_mark = BooleanField(_l("这批带“柳林红枣”地理标志"))
    photo = FileField(_l("照片"), render_kw=_PHOTO)


class PriceForm(Form):
    """Another price from now on; `version` says which state of the pack the seller saw."""

    price = MoneyField(_l("新价钱"), at_most=MOST_PRICE, render_kw=_NUMBER)
    version = WholeField("", least=1, most=10**9)


class MoreForm(OnceForm):
    """More of the same fruit has been packed."""

    pieces = WholeField(
        _l("再加几件"), least=1, most=100_000, render_kw={"inputmode": "numeric", "autocomplete": "off"}
    )
    village = WordsField(_l("哪个村的"), most=20)
    harvest_year = WholeField(_l("哪年摘的"), least=2000, most=2100, render_kw={"inputmode": "numeric"})


class LessForm(OnceForm):
    """Pieces leave the store unsold."""

    pieces = WholeField(
        _l("取回几件"), least=1, most=100_000, render_kw={"inputmode": "numeric", "autocomplete": "off"}
    )
    because = SelectField(_l("为什么"), choices=options((why, _l(why)) for why in ("自家留用", "坏了", "另外卖了")))


class PhotoForm(Form):
    """A new picture of a pack."""

    photo = FileField(_l("照片"), render_kw=_PHOTO)


class NothingForm(Form):
    """A button that needs only the token."""
