"""What browsers send about agents, mandates and what was done under them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flask_babel import gettext
from flask_wtf.file import FileField
from wtforms import BooleanField, RadioField, SelectField

from app.people.agents.errors import BadPlace, ConsentNeeded
from app.people.agents.mandates import LENGTHS, Wish
from app.people.agents.queries import NamedAgent
from app.people.agents.states import Way
from app.people.agents.wording import CURRENT
from app.people.growers.models import Seller
from app.people.townships import queries as townships
from app.people.townships.models import Township
from app.web.fields import Form, OnceForm, WordsField, options, refuse
from app.web.words import later as _

_PHONE = {"inputmode": "tel", "autocomplete": "off", "maxlength": "20"}
_LENGTHS = {90: "三个月", 180: "半年", 365: "一年"}


def _lengths() -> list[tuple[str, str]]:
    return [(str(days), gettext(_LENGTHS[days])) for days in LENGTHS]


class NameForm(OnceForm):
    """Whom a township lets act for its growers."""

    phone = WordsField(_("他的手机号（先要在这里注册过）"), most=40, render_kw=_PHONE)
    place = SelectField(_("管哪里"))
    days = SelectField(_("做多久"))
    because = WordsField(_("为什么指定他"), most=200, render_kw={"autocomplete": "off"})

    def fill(self, places: Iterable[Township]) -> None:
        """Offer the official's townships, each as a whole and by its known villages."""
        offered = [("", gettext("请选择"))]
        for one in places:
            offered.append((f"{one.code}:", gettext("%(township)s 全镇", township=one.name)))
            offered += [(f"{one.code}:{at.id}", f"{one.name} {at.name}") for at in townships.villages_of(one.code)]
        self.place.choices = options(offered)
        self.days.choices = options(_lengths())

    def where(self) -> tuple[str, int | None]:
        """The township and the village, if one was chosen. Raises `BadPlace`."""
        code, _colon, village = (self.place.data or "").partition(":")
        if not code:
            raise BadPlace(field="place")
        return code, int(village) if village else None


class AskForm(OnceForm):
    """For whom an agent would act, for how long, and how the grower shall agree."""

    phone = WordsField(_("枣农的手机号"), most=40, render_kw=_PHONE)
    days = SelectField(_("代办多久"))
    way = RadioField(_("他怎么答应"), default=Way.BY_PHONE_CODE.value)
    photo = FileField(_("委托书照片"), render_kw={"accept": "image/jpeg,image/png,image/webp,image/heic"})

    def fill(self) -> None:
        """Offer the lengths and the two ways."""
        self.days.choices = options(_lengths())
        self.way.choices = options(
            [
                (Way.BY_PHONE_CODE.value, gettext("给他手机发验证码，他念给我")),
                (Way.ON_PAPER.value, gettext("他在委托书上签了字，我拍照")),
            ]
        )

    def wish(self) -> Wish:
        """What was filled in."""
        return Wish(self.phone.data or "", int(self.days.data))


class CodeForm(Form):
    """The code that the grower read from his phone."""

    code = WordsField(
        _("枣农手机上的六位验证码"),
        most=20,
        render_kw={"inputmode": "numeric", "autocomplete": "off", "maxlength": "12"},
    )


class GiveForm(OnceForm):
    """Whom a grower lets act for him, and for how long."""

    who = RadioField(_("让谁替我代办"))
    days = SelectField(_("代办多久"))
    consent = BooleanField(_("上面的话我看明白了，我同意"))

    def fill(self, serving: Sequence[tuple[Seller, NamedAgent]], *, is_one_shop: bool) -> None:
        """Offer the agents of the sellers' places; with the shop's name, where he has more than one."""
        self.who.choices = options(
            (
                f"{seller.id}:{one.agent.id}",
                gettext("%(name)s（%(place)s）", name=one.name, place=one.village or one.township)
                + ("" if is_one_shop else f" · {seller.name}"),
            )
            for seller, one in serving
        )
        self.days.choices = options(_lengths())

    def chosen(self) -> tuple[int, int]:
        """Seller and agent."""
        seller_id, _colon, agent_id = (self.who.data or "0:0").partition(":")
        return int(seller_id), int(agent_id)

    def consent_version(self) -> str:
        """The version of the wording, if the tick was set; else empty, and the field says so."""
        if self.consent.data:
            return CURRENT.version
        refuse(self, ConsentNeeded(field="consent"))
        return ""


class NothingForm(Form):
    """A button that needs no words."""


class ReasonForm(Form):
    """Why an official decides so."""

    because = WordsField(_("原因"), most=200, render_kw={"autocomplete": "off"})


class ObjectForm(Form):
    """What was not right."""

    words = WordsField(_("哪里不对"), most=200, render_kw={"autocomplete": "off"})


class AnswerForm(Form):
    """What the township found."""

    answer = WordsField(_("核对的结果"), most=200, render_kw={"autocomplete": "off"})
