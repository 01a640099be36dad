"""Households of a township by table: each waits to be verified, as if it had applied itself.

A list verifies nobody: that stays the act of an official for one seller, with his reason. A resident ID comes in only
with the paper on which its person has consented, and is kept as `people.growers` keeps all of them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.gateways.sheets import Cell
from app.kernel import clock
from app.kernel.db import session
from app.kernel.errors import BadValue, Conflict
from app.kernel.permissions import Viewer
from app.office.imports import cells
from app.office.imports.errors import RowTwice
from app.office.imports.kinds import Column, Line
from app.office.imports.permissions import IMPORTS_USE
from app.office.imports.states import Outcome
from app.people.accounts import many as people
from app.people.accounts import phones
from app.people.accounts import queries as accounts
from app.people.accounts.models import Person
from app.people.growers import identity, many, resident_ids, said
from app.people.growers.errors import AlreadyApplied, ResidentIdTaken, TooYoung
from app.people.growers.identity import ADULT_ENOUGH
from app.people.growers.many import Listed, OnPaper
from app.people.growers.models import Household, Seller
from app.people.growers.service import MOST_MEMBERS
from app.people.growers.states import SellerKind, SellerStatus
from app.people.townships import queries as townships

_MASKED_PHONE = re.compile(r"1[0-9]{2}\*{4}[0-9]{4}", re.ASCII)
_MASKED_ID = re.compile(r"[0-9]{4}\*{10}[0-9]{3}[0-9X]", re.ASCII)
_SHOP = "{head}家"
_OVER = (SellerStatus.CLOSED, SellerStatus.REFUSED)


class PhoneMasked(BadValue):
    """A masked number names nobody."""

    code = "phone_masked"
    sentence = "电话要写全 11 位；只有带“登记号”的行可以保留打星号的电话。"


class PhoneKept(Conflict):
    """A number belongs to a person, who alone changes it."""

    code = "phone_kept"
    sentence = "这个登记号的电话不是这一个。电话由本人登录后改，不能用表格改。"


class UnknownSeller(BadValue):
    """No household of this township has that registration."""

    code = "unknown_household"
    sentence = "本乡镇没有这个登记号。新农户请把“登记号”留空。"


class UnknownVillage(BadValue):
    """Not in the list of the township's villages."""

    code = "unknown_village"
    sentence = "本乡镇的名单里没有“{village}”这个村，请照名单写，或者留空。"


class ElsewhereAlready(Conflict):
    """The person's household is registered in another township."""

    code = "household_elsewhere"
    sentence = "这个电话已经在别的乡镇登记过农户。"


class VerifiedAlready(Conflict):
    """What a township has verified is changed by its own procedure, not by a list."""

    code = "household_verified"
    sentence = "这一户已经核实过，资料和表格里不一样。要改请走“改资料”，表格不能改已核实的卖家。"


class PaperMissing(BadValue):
    """No resident ID without the consent on paper. Source: 个人信息保护法 art. 29."""

    code = "consent_paper_missing"
    sentence = "填了身份证号，就要填本人签过字的同意书编号；没有同意书的，身份证号请留空。"


class OtherResidentId(Conflict):
    """Another ID is kept for the person."""

    code = "other_resident_id"
    sentence = "这个人已经存过另一个身份证号，要改请本人来办。"


def _phone(cell: Cell) -> str:
    text = unicodedata.normalize("NFKC", cells.exact(cell)).strip()
    return text if _MASKED_PHONE.fullmatch(text) else phones.parse(cell.text)


def _resident_id(cell: Cell) -> str:
    text = unicodedata.normalize("NFKC", cells.exact(cell)).strip().upper()
    if _MASKED_ID.fullmatch(text):
        return text
    number = resident_ids.parse(cell.text, today=clock.today())
    if resident_ids.age(number, today=clock.today()) < ADULT_ENOUGH:
        raise TooYoung()
    return number


def _slug(cell: Cell) -> str:
    return cells.words(60)(cell).lower()


COLUMNS = (
    Column("head", "户主姓名", cells.words(said.MOST_NAME), ("姓名", "户主"), required=True, example="示例：王满仓"),
    Column(
        "phone", "电话", _phone, ("手机", "手机号", "联系电话"), required=True, secret=True,
        hint="户主本人的手机，11 位。它就是以后登录用的号。", example="13800000000",
    ),
    Column(
        "members", "家庭人口", cells.whole(1, MOST_MEMBERS), ("人口", "人数"), required=True, hint="1 到 30 的整数。",
        example="4",
    ),
    Column("village", "村", cells.words(30), ("村名", "行政村"), hint="照本乡镇的村名单写，可以留空。"),
    Column("name", "卖家名称", cells.words(said.MOST_NAME, least=2), ("店名",),
           hint="店里显示的名称，留空就叫“某某家”。"),
    Column(
        "resident_id", "身份证号", _resident_id, ("身份证", "身份证号码", "公民身份号码"), secret=True,
        hint="可以留空。填的话，整列先设为“文本”格式，并填同意书编号。",
    ),
    Column("paper", "同意书编号", cells.words(40), ("同意书",), hint="本人签过字的同意书的编号或签字日期。"),
    Column("slug", "登记号", _slug, hint="导出的表里才有，新农户留空。"),
)  # fmt: skip


@dataclass(slots=True)
class _Known:
    """What is known of the households and people that a chunk of lines speaks of."""

    persons: dict[str, int]
    sellers: dict[int, list[Seller]]
    by_slug: dict[str, Seller]
    households: dict[int, Household]
    contacts: dict[int, Person]
    ids: dict[str, int]
    villages: dict[str, int]
    lineage: frozenset[str]


class GrowersKind:
    """Households of one township."""

    key = "growers"
    words = "农户登记"
    hint = "一行一户。写入后都是“待核实”，还要一户一户核实。"
    permission = IMPORTS_USE
    columns: tuple[Column, ...] = COLUMNS
    most_rows = 100_000
    summed: tuple[str, ...] = ("members",)

    def scopes(self, viewer: Viewer) -> list[tuple[str, str]]:
        """The townships in which the viewer may register households."""
        codes = viewer.townships(IMPORTS_USE)
        mine = None if codes is None else townships.lineages(codes)
        return [(f"township:{one.code}", one.name) for one in townships.present() if mine is None or one.code in mine]

    def check(self, lines: Sequence[Line], scope: str) -> None:
        """A household is new, waits and says something else now, or is as it was; a verified one changes nothing."""
        known = _look_up(lines, scope.removeprefix("township:"))
        ids: dict[str, int] = {}
        for line in lines:
            try:
                _judge(line, known, scope.removeprefix("township:"))
                if line.found.new_id and ids.setdefault(line.found.new_id, line.number) != line.number:
                    raise _CellError("身份证号", RowTwice(row=ids[line.found.new_id]))
            except _CellError as wrong:
                line.refuse(wrong.column, wrong.error)

    def apply(self, lines: Sequence[Line], scope: str, *, by: str, because: str) -> None:
        """New households wait for the township; those that wait already say what the list says."""
        new = [line for line in lines if line.found.person_id == 0]
        made = people.enlist([(line.values["phone"], line.values["head"]) for line in new], by=by, because=because)
        for line, person_id in zip(new, made, strict=True):
            line.found.person_id = person_id
        listed = [(line.found.seller_id, line.found.listed()) for line in lines]
        many.register([one for known, one in listed if known is None], by=by, because=because)
        amended = [(line.found.seller_id, line.found.listed()) for line in lines if line.found.is_amended]
        many.amend(amended, by=by, because=because)
        on_paper = [
            OnPaper(line.found.person_id, line.found.new_id, line.values["paper"])
            for line in lines
            if line.found.new_id
        ]
        many.keep_resident_ids(on_paper, by=by, because=because)

    def export(self, scope: str) -> Iterator[Sequence[str]]:
        """The township's households that were not refused or closed, numbers masked."""
        lineage = townships.lineage(scope.removeprefix("township:"))
        statement = (
            select(Seller, Household, Person)
            .join(Household, Household.seller_id == Seller.id)
            .join(Person, Person.id == Seller.contact_person_id)
            .where(Seller.township_code.in_(lineage), Seller.status.not_in(_OVER), Seller.kind == SellerKind.HOUSEHOLD)
            .order_by(Seller.id)
            .execution_options(yield_per=500)
        )
        villages = {one.id: one.name for one in townships.villages_of(scope.removeprefix("township:"))}
        for seller, household, person in session().execute(statement):
            yield (
                household.head_name,
                accounts.masked_phone(person),
                str(household.members),
                villages.get(seller.village_id or 0, ""),
                seller.name,
                "",
                "",
                seller.slug,
            )


class _CellError(Exception):
    def __init__(self, column: str, error: BadValue | Conflict) -> None:
        super().__init__(column)
        self.column = column
        self.error = error


@dataclass(slots=True)
class _Found:
    """What a line is about, once it is known: person 0 is to be made."""

    person_id: int
    seller_id: int | None
    name: str
    head: str
    members: int
    township_code: str
    village_id: int | None
    is_amended: bool = False
    new_id: str = ""

    def listed(self) -> Listed:
        """The household as the list has it."""
        return Listed(self.person_id, self.name, self.township_code, self.village_id, self.head, self.members)


def _look_up(lines: Sequence[Line], township_code: str) -> _Known:
    current = session()
    phones_given = {line.values["phone"] for line in lines if "*" not in line.values["phone"]}
    persons = people.ids_by_phone(phones_given)
    slugs = {line.values["slug"] for line in lines if line.says("slug")}
    by_slug = {one.slug: one for one in current.scalars(select(Seller).where(Seller.slug.in_(slugs)))} if slugs else {}
    asked = {*persons.values(), *(one.contact_person_id for one in by_slug.values())}
    sellers: dict[int, list[Seller]] = {}
    for seller in current.scalars(select(Seller).where(Seller.contact_person_id.in_(asked))) if asked else ():
        sellers.setdefault(seller.contact_person_id, []).append(seller)
    seller_ids = [one.id for several in sellers.values() for one in several]
    households = current.scalars(select(Household).where(Household.seller_id.in_(seller_ids))) if seller_ids else ()
    contact_ids = {one.contact_person_id for one in by_slug.values()}
    contacts = current.scalars(select(Person).where(Person.id.in_(contact_ids))) if contact_ids else ()
    given = {line.values["resident_id"] for line in lines if line.says("resident_id")}
    indices = {many.resident_id_index(number) for number in given if "*" not in number}
    return _Known(
        persons=persons,
        sellers=sellers,
        by_slug=by_slug,
        households={one.seller_id: one for one in households},
        contacts={one.id: one for one in contacts},
        ids=many.persons_with(indices, asked) if given else {},
        villages={one.name: one.id for one in townships.villages_of(township_code)},
        lineage=townships.lineage(township_code),
    )


def _judge(line: Line, known: _Known, township_code: str) -> None:
    values = line.values
    seller, person_id = _household(line, known)
    village_id = None
    if line.says("village"):
        village_id = known.villages.get(values["village"])
        if village_id is None:
            raise _CellError("村", UnknownVillage(village=values["village"][:20]))
    found = _Found(
        person_id=person_id,
        seller_id=None if seller is None else seller.id,
        name=values.get("name") or (seller.name if seller is not None else _SHOP.format(head=values["head"][:30])),
        head=values["head"],
        members=values["members"],
        township_code=township_code,
        village_id=village_id if line.says("village") or seller is None else seller.village_id,
    )
    line.found = found
    line.key = f"seller:{seller.id}" if seller is not None else f"phone:{values['phone']}"
    found.is_amended = seller is not None and _differs(found, seller, known.households.get(seller.id))
    if found.is_amended and seller is not None and seller.status is not SellerStatus.APPLIED:
        raise _CellError("", VerifiedAlready())
    found.new_id = _new_id(line, known, person_id)
    if seller is None:
        line.outcome = Outcome.MADE
    elif found.is_amended or found.new_id:
        line.outcome = Outcome.CHANGED


def _household(line: Line, known: _Known) -> tuple[Seller | None, int]:
    """The household that the line is about, None for a new one, and its contact, 0 for a new one."""
    phone = line.values["phone"]
    if line.says("slug"):
        seller = known.by_slug.get(line.values["slug"])
        if seller is None or seller.township_code not in known.lineage or seller.kind is not SellerKind.HOUSEHOLD:
            raise _CellError("登记号", UnknownSeller())
        contact = known.contacts[seller.contact_person_id]
        same = accounts.masked_phone(contact) == phone if "*" in phone else known.persons.get(phone) == contact.id
        if not same:
            raise _CellError("电话", PhoneKept())
        return seller, contact.id
    if "*" in phone:
        raise _CellError("电话", PhoneMasked())
    person_id = known.persons.get(phone, 0)
    theirs = known.sellers.get(person_id, [])
    households = [one for one in theirs if one.kind is SellerKind.HOUSEHOLD and one.status not in _OVER]
    if not households:
        if any(one.status is SellerStatus.APPLIED for one in theirs):
            raise _CellError("电话", AlreadyApplied())
        return None, person_id
    if households[0].township_code not in known.lineage:
        raise _CellError("电话", ElsewhereAlready())
    return households[0], person_id


def _differs(found: _Found, seller: Seller, household: Household | None) -> bool:
    there = (seller.name, seller.village_id, *((household.head_name, household.members) if household else ("", 0)))
    return there != (found.name, found.village_id, found.head, found.members)


def _new_id(line: Line, known: _Known, person_id: int) -> str:
    """The ID that is to be kept; empty where none is given or it is kept already."""
    number: str = line.values.get("resident_id", "")
    if not number:
        return ""
    if "*" in number:
        kept = identity.masked_resident_id(person_id) if person_id else None
        if kept != number:
            raise _CellError("身份证号", OtherResidentId())
        return ""
    if not line.says("paper"):
        raise _CellError("同意书编号", PaperMissing())
    owner = known.ids.get(many.resident_id_index(number))
    if owner is not None and owner != person_id:
        raise _CellError("身份证号", ResidentIdTaken())
    if owner is None and person_id and person_id in known.ids.values():
        raise _CellError("身份证号", OtherResidentId())
    return "" if owner else number


GROWERS = GrowersKind()
